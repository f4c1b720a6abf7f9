// Package search makes the index in which a browser finds any run of characters of any record, without a server; reads
// such an index, as the browser's program does; and holds that program. The format is docs/search-format.md.
//
// Text becomes units (units.go), two neighbouring units a gram. A Writer takes documents and keeps a posting for each gram
// that stands in them (writer.go), in a temporary file where they are many. Then a sorter puts the postings of a bucket in
// order (sort.go), a packer makes shards of them (pack.go), which hold the documents and positions of each gram, and files
// of their own for frequent grams; cards are what results show (cards.go). Every file is named by its bytes, and the
// root says what the whole was made from (source.go), so that an index of the same documents is not made again. An Index
// reads all of that (reader.go) and answers queries (query.go).
package search

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"gongzhi/generator/han"
)

// Document is what one record gives to the index.
type Document struct {
	URL     string   // site-relative, "/people/meng-tai/" or "/statistics/#s012", without the base path
	Title   string   // found before everything else
	Type    string   // Chinese label of the collection, shown in results
	Date    string   // as shown, or ""
	Sort    int32    // the date's earliest day as yyyymmdd, 0 = none; newer documents stand first among equals
	Summary string   // shown in results; searched only if Fields or Body has it too
	Fields  []string // every visible text field's value, in order
	Body    []byte   // visible text, its blocks (paragraphs, cells, list items) separated by '\n'; not kept
	Pinyin  bool     // the title is found by its pinyin
	Name    bool     // the title is a person's name, read as one
	Also    []string // other names of what the title names: found as the title is
	Rank    Rank     // which documents come first among those with the same words
	Facets  []Facet
}

// Rank tells kinds of documents apart that hold the same words.
type Rank uint8

const (
	Text Rank = iota // what was written: reports, events
	Name             // what has a name: people, honours, organizations. They come first
	Row              // rows of tables, and sources. They come last
	ranks
)

// order is where documents of a rank stand in the index: 0 is first.
func (r Rank) order() int { return int(orderOfRanks[r]) }

var orderOfRanks = [ranks]uint8{Text: 1, Name: 0, Row: 2}

// Facet is a value by which results can be filtered and counted.
type Facet struct{ Key, Value string }

// Field is a facet of the site. Range says that its values are numbers (years), and filtered from … to.
type Field struct {
	Key, Label string
	Range      bool
}

// Options are the settings of a Writer. The zero value is usable.
type Options struct {
	Facets []Field // in the order shown; facets of documents with other keys are left out
	// Memory is how many bytes of postings may be held before they go to a temporary file; 0 means 256 MiB.
	Memory int64
	// TempDir is where that file is made; "" means the system's folder.
	TempDir string
	// Full, if not nil, is told why a temporary file takes no more. What it returns is the error of Add; if that is nil, all stays in
	// memory from then on.
	Full func(err error) error
}

// Limits of one index. A site beyond them gets an error, never a wrong answer.
const (
	maxDocuments = 1 << 20
	maxUnits     = 1 << 20
)

// Writer makes the index of a site. Add may be called from several goroutines, in any order; then Files once, or Close.
type Writer struct {
	options Options
	source  *Source
	idle    chan *lane // lanes not in use
	spill   spill

	mu     sync.Mutex
	lanes  []*lane
	meta   []docMeta       // by number
	people map[string]bool // the types of documents that are people
}

// docMeta is what the writer keeps of a document.
type docMeta struct {
	present                             bool
	rank                                Rank
	sort                                int32
	head                                string // of its cards
	summary                             summary
	facets                              []Facet
	titleUnits, titlePart, fieldPart, n uint32
	runs                                [2][2]int   // pinyin, as positions
	also                                [][2]uint32 // other names, as positions
}

// posting is one occurrence of a gram, made so that postings of one bucket sort as the index needs them: by the rest of
// the gram's key, then by document, then by position. A gram that is a single unit has one posting for a document, with
// flags in place of the position.
type posting uint64

const (
	restAt     = 40 // the low 24 bits of a key; the high ones are the bucket
	documentAt = 20
	flagsAt    = 16
	lowBits    = 1<<20 - 1 // of a document or a position

	buckets     = 256 // by the key's high 8 bits
	chunkLength = 2048

	flagTitle, flagField, flagBegins, flagEnds = 1, 2, 4, 8
	flagSeen, flagWhole                        = 16, 32
)

// at is the posting of a gram at a position of a document.
func at(key uint32, doc, position int) posting {
	return posting(key&0xFFFFFF)<<restAt | posting(doc)<<documentAt | posting(position)
}

// flagged is the posting of a single unit.
func flagged(key uint32, doc int, flags uint8) posting { return at(key, doc, int(flags)<<flagsAt) }

func (p posting) rest() uint32     { return uint32(p >> restAt) }
func (p posting) document() uint32 { return uint32(p>>documentAt) & lowBits }
func (p posting) position() uint32 { return uint32(p) & lowBits }
func (p posting) flags() uint8     { return uint8(p>>flagsAt) & 0xF }

// in is the posting with another number for its document.
func (p posting) in(doc uint32) posting {
	return p&^(lowBits<<documentAt) | posting(doc)<<documentAt
}

type chunk [chunkLength]posting

// lane is the part of the postings that one goroutine at a time appends to, so that none waits for another.
type lane struct {
	open   [buckets]*chunk // being filled, nil at first
	filled [buckets]int    // postings in it
	full   [buckets][]*chunk
	count  int // full chunks of all buckets
	free   []*chunk
	units  []uint16
	single [1 << 16]uint8 // of single units in the present document: flagSeen and flags
	seen   []uint16
}

// NewWriter returns an empty Writer.
func NewWriter(options Options) *Writer {
	if options.Memory == 0 {
		options.Memory = 256 << 20
	}
	return &Writer{options: options, source: NewSource(options), people: map[string]bool{}, idle: make(chan *lane, 64), spill: spill{dir: options.TempDir}}
}

// Add indexes document n, whose number (0, 1, 2 …) says its place among documents of equal date. The bytes of the index depend on the
// numbers, not on the order of calls. A number must not be used twice.
func (w *Writer) Add(n int, doc Document) error {
	if n < 0 || n >= maxDocuments {
		return fmt.Errorf("搜索索引最多收 %d 条记录", maxDocuments)
	}
	w.source.Add(n, doc)
	var l *lane
	select {
	case l = <-w.idle:
	default:
		l = new(lane)
		w.mu.Lock()
		w.lanes = append(w.lanes, l)
		w.mu.Unlock()
	}
	defer func() {
		select {
		case w.idle <- l:
		default: // 64 goroutines at once: the lane is kept in w.lanes, just not used again
		}
	}()

	m := docMeta{
		present: true, sort: doc.Sort, head: cardHead(&doc), summary: newSummary(doc.Summary), facets: doc.Facets, rank: doc.Rank,
	}
	u := appendUnits(l.units[:0], stringBytes(doc.Title))
	m.titleUnits = uint32(len(u))
	if k := len(u); k > 0 && u[k-1] == 0 {
		m.titleUnits--
	}
	if doc.Pinyin {
		syllables := han.Syllables
		if doc.Name {
			syllables = han.NameSyllables
		}
		u, m.runs = appendPinyin(u, syllables(doc.Title))
	}
	u = appendBreak(u)
	for _, name := range doc.Also {
		from := len(u)
		if u = appendUnits(u, stringBytes(name)); len(u) > from {
			to := len(u)
			if u[to-1] == 0 {
				to--
			}
			m.also = append(m.also, [2]uint32{uint32(from), uint32(to)})
		}
		u = appendBreak(u)
	}
	m.titlePart = uint32(len(u))
	for _, f := range doc.Fields {
		u = appendBreak(appendUnits(u, stringBytes(f)))
	}
	m.fieldPart = uint32(len(u))
	u = appendUnits(u, doc.Body)
	m.n = uint32(len(u))
	l.units = u
	if len(u) > maxUnits {
		return fmt.Errorf("%s：正文超过 %d 字，搜索索引收不下；请分成几条记录", doc.URL, maxUnits)
	}

	l.add(n, u, &m)
	w.mu.Lock()
	for len(w.meta) <= n {
		w.meta = append(w.meta, docMeta{})
	}
	if doc.Name {
		w.people[doc.Type] = true
	}
	twice := w.meta[n].present
	w.meta[n] = m
	lanes := len(w.lanes)
	w.mu.Unlock()
	if twice {
		return fmt.Errorf("search: document %d added twice", n)
	}
	if int64(l.count)*chunkLength*8 > w.options.Memory/int64(lanes) {
		return w.putAside(l)
	}
	return nil
}

// putAside moves the full chunks of a lane to the temporary files, as long as these take them.
func (w *Writer) putAside(l *lane) error {
	if w.spill.stays.Load() {
		return nil
	}
	err := w.spill.take(l)
	if err != nil && w.options.Full != nil {
		err = w.options.Full(err)
		w.spill.stays.Store(err == nil)
	}
	return err
}

// Close lets go of what an index holds that will not be written. It may be called after Files too.
func (w *Writer) Close() { w.spill.close() }

// stringBytes views s as bytes that nobody writes to.
func stringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// add appends the postings of a document.
func (l *lane) add(n int, u []uint16, m *docMeta) {
	for i, c := range u {
		if c == 0 {
			continue
		}
		if i+1 < len(u) && u[i+1] != 0 {
			k := key(c, u[i+1])
			l.put(k>>24, at(k, n, i))
		}
		if isSingle(c) {
			if l.single[c] == 0 {
				l.seen = append(l.seen, c)
				l.single[c] = flagSeen
			}
			if uint32(i) < m.fieldPart {
				f := m.flags(uint32(i), 1)
				if f&(flagBegins|flagEnds) == flagBegins|flagEnds {
					f |= flagWhole
				}
				l.single[c] |= f
			}
		}
	}
	for _, c := range l.seen {
		k := key(0, c)
		f := l.single[c]
		if f&(flagBegins|flagEnds) == flagBegins|flagEnds && f&flagWhole == 0 {
			f &^= flagEnds // two occurrences
		}
		l.put(k>>24, flagged(k, n, f&(flagTitle|flagField|flagBegins|flagEnds)))
		l.single[c] = 0
	}
	l.seen = l.seen[:0]
}

// flags says where an occurrence of a gram of the given length stands. The caller has seen that p is before the body.
func (m *docMeta) flags(p, length uint32) uint8 {
	if p >= m.titlePart {
		return flagField
	}
	f := uint8(flagTitle)
	if p == 0 || m.runs[0][1] > 0 && (int(p) == m.runs[0][0] || int(p) == m.runs[1][0]) {
		f |= flagBegins
	}
	if end := p + length; end == m.titleUnits || m.runs[0][1] > 0 && (int(end) == m.runs[0][1] || int(end) == m.runs[1][1]) {
		f |= flagEnds
	}
	for _, a := range m.also {
		if p == a[0] {
			f |= flagBegins
		}
		if p+length == a[1] {
			f |= flagEnds
		}
	}
	return f
}

func (l *lane) put(bucket uint32, p posting) {
	k := l.filled[bucket]
	c := l.open[bucket]
	if k == chunkLength || c == nil {
		c, k = l.next(bucket), 0
	}
	c[k] = p
	l.filled[bucket] = k + 1
}

// next opens a chunk of a bucket.
func (l *lane) next(bucket uint32) *chunk {
	if c := l.open[bucket]; c != nil {
		l.full[bucket] = append(l.full[bucket], c)
		l.count++
	}
	var c *chunk
	if k := len(l.free); k > 0 {
		c, l.free = l.free[k-1], l.free[:k-1]
	} else {
		c = new(chunk)
	}
	l.open[bucket] = c
	return c
}

// take appends a bucket's postings that are in memory and lets them go.
func (l *lane) take(postings []posting, bucket int) []posting {
	for _, c := range l.full[bucket] {
		postings = append(postings, c[:]...)
	}
	if c := l.open[bucket]; c != nil {
		postings = append(postings, c[:l.filled[bucket]]...)
	}
	l.full[bucket], l.open[bucket] = nil, nil
	return postings
}

// size counts the postings in memory.
func (l *lane) size() int {
	n := l.count * chunkLength
	for b, c := range l.open {
		if c != nil {
			n += l.filled[b]
		}
	}
	return n
}

// spill is the temporary files that take the postings of a large site. There are several, each for a range of buckets,
// so that one can go as soon as its buckets are read: what has not been written to the disk by then never is.
type spill struct {
	dir     string
	mu      sync.Mutex  // while postings are taken
	stays   atomic.Bool // what is not there yet stays in memory
	files   [spillFiles]spillFile
	size    int64            // of all
	chunks  [buckets][]int64 // their offsets
	closing sync.WaitGroup
}

type spillFile struct {
	file *os.File
	size int64
	read atomic.Int32 // buckets that were read
}

const (
	spillFiles     = 16
	bucketsPerFile = buckets / spillFiles
)

// take moves the full chunks of a lane to the files. With an error those that are not there stay in the lane.
func (s *spill) take(l *lane) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b, chunks := range l.full {
		f := &s.files[b/bucketsPerFile]
		for i, c := range chunks {
			l.full[b] = chunks[i:] // what is left if it ends here
			if f.file == nil {
				file, err := os.CreateTemp(s.dir, "gongzhi-search-*")
				if err != nil {
					return err
				}
				f.file = file
				os.Remove(file.Name()) // where the system allows it, the file is gone with the process, however that ends
			}
			data := unsafe.Slice((*byte)(unsafe.Pointer(c)), len(c)*8)
			if _, err := f.file.WriteAt(data, f.size); err != nil {
				return err
			}
			s.chunks[b] = append(s.chunks[b], f.size)
			f.size += int64(len(data))
			s.size += int64(len(data))
			l.count--
		}
		l.free = append(l.free, chunks...)
		l.full[b] = chunks[:0]
	}
	return nil
}

// read appends a bucket's postings. Each bucket is read once.
func (s *spill) read(postings []posting, bucket int) ([]posting, error) {
	f := &s.files[bucket/bucketsPerFile]
	for _, at := range s.chunks[bucket] {
		k := len(postings)
		postings = slices.Grow(postings, chunkLength)[:k+chunkLength]
		data := unsafe.Slice((*byte)(unsafe.Pointer(&postings[k])), chunkLength*8)
		if _, err := f.file.ReadAt(data, at); err != nil {
			return nil, fmt.Errorf("读不了搜索索引的临时文件：%w", err)
		}
	}
	if f.read.Add(1) == bucketsPerFile {
		s.closing.Go(f.close)
	}
	return postings, nil
}

func (f *spillFile) close() {
	if f.file != nil {
		f.file.Close()
		os.Remove(f.file.Name())
		f.file = nil
	}
}

func (s *spill) close() {
	s.closing.Wait()
	for i := range s.files {
		s.files[i].close()
	}
}

// order gives the documents their numbers in the index: by rank, in each newest first, those without a date last. It returns the documents in
// that order, for each number used in Add its place, how many documents of each rank there are and how many of them have a date,
// and the ranks of all documents with a date, newest first.
func (w *Writer) order() (docs []*docMeta, place []uint32, sizes [ranks][2]int, dates []byte) {
	numbers := make([]int, 0, len(w.meta))
	for n := range w.meta {
		if w.meta[n].present {
			numbers = append(numbers, n)
			k := w.meta[n].rank.order()
			sizes[k][0]++
			if w.meta[n].sort != 0 {
				sizes[k][1]++
			}
		}
	}
	newest := func(a, b int) int {
		x, y := w.meta[a].sort, w.meta[b].sort
		if (x == 0) != (y == 0) {
			if x == 0 {
				return 1
			}
			return -1
		}
		return cmp.Compare(y, x)
	}
	slices.SortStableFunc(numbers, func(a, b int) int {
		return cmp.Compare(w.meta[a].rank.order(), w.meta[b].rank.order())
	})
	byDate := slices.Clone(numbers)
	slices.SortStableFunc(byDate, newest)
	for _, n := range byDate {
		if w.meta[n].sort != 0 {
			dates = append(dates, byte(w.meta[n].rank.order()))
		}
	}
	from := 0
	for _, size := range sizes {
		slices.SortStableFunc(numbers[from:from+size[0]], newest)
		from += size[0]
	}
	place = make([]uint32, len(w.meta))
	for i, n := range numbers {
		docs = append(docs, &w.meta[n])
		place[n] = uint32(i)
	}
	return docs, place, sizes, dates
}
