package search

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/flate"

	"gongzhi/generator/han"
)

// Files writes the index: emit gets every file's name below /search/ and its content (the index and the browser's
// modules search.js, ui.js and highlight.js), from several goroutines, in no certain order but "index.json"
// last. It must not keep the content. If emit returns an error, so does Files. The Writer is spent then.
func (w *Writer) Files(emit func(name string, data []byte) error) error {
	defer w.spill.close()
	e := &encoder{w: w, emit: emit, written: make(map[uint64]bool)}
	e.docs, e.place, e.dated = w.order()
	e.total = len(e.docs)
	e.measure()

	if e.err == nil {
		e.shards()
	}
	if e.err == nil {
		e.cards()
	}
	if e.err == nil {
		e.err = Client(emit)
	}
	if e.err == nil {
		e.finish()
	}
	return e.err
}

// encoder is one run of Files.
type encoder struct {
	w     *Writer
	docs  []*docMeta
	sizes []docSize // of docs, close together: they are asked for a hundred million times
	place []uint32
	dated int
	total int

	shardBits    int
	positionBits int
	meanLength   float64
	names        []uint64 // of shards, then card blocks
	written      map[uint64]bool

	mu   sync.Mutex
	emit func(string, []byte) error
	err  error
}

type docSize struct{ fieldPart, n uint32 }

// file hands a file on and returns its name.
func (e *encoder) file(data []byte) uint64 {
	name := digest(data)
	e.mu.Lock()
	known := e.written[name]
	e.written[name] = true
	e.mu.Unlock()
	if !known {
		e.put(fileName(name), data)
	}
	return name
}

func (e *encoder) put(name string, data []byte) {
	if e.failed() {
		return
	}
	if err := e.emit(name, data); err != nil {
		e.fail(err)
	}
}

func (e *encoder) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
}

func (e *encoder) failed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err != nil
}

// measure chooses the parameters from the size of the whole.
func (e *encoder) measure() {
	units := 0
	for _, d := range e.docs {
		units += int(d.n)
		e.sizes = append(e.sizes, docSize{d.fieldPart, d.n})
	}
	e.meanLength = float64(units) / float64(max(1, e.total))
	e.positionBits = riceBits(1, int(e.meanLength)+2)
	records := int64(e.w.spill.size / 8)
	for _, l := range e.w.lanes {
		records += int64(l.size())
	}
	const bytesPerRecord = 1.0 // in shards, by experience
	for e.shardBits < 20 && float64(records)*bytesPerRecord > float64(shardSize)*float64(int(1)<<e.shardBits) {
		e.shardBits++
	}
}

// shards sorts the records and writes shards and the files of frequent grams.
func (e *encoder) shards() {
	e.names = make([]uint64, 1<<e.shardBits)
	// A piece of work is a bucket with all its shards, or a shard with all its buckets.
	pieces := min(buckets, 1<<e.shardBits)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), pieces) {
		wg.Go(func() {
			s := &sorter{encoder: e}
			s.deflate, _ = flate.NewWriter(nil, flate.BestSpeed)
			for {
				piece := int(next.Add(1)) - 1
				if piece >= pieces || e.failed() {
					return
				}
				if err := s.piece(piece, pieces); err != nil {
					e.fail(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// sorter is a worker of shards with its buffers.
type sorter struct {
	*encoder
	records, other []record
	counts         []uint32
	shard          bitWriter // entries of the present shard, without its header
	docBits        bitWriter
	posBits        bitWriter
	grams          []gram
	docIDs         []uint32
	info           []uint8 // of the present gram's documents
	starts         []uint32
	deflate        *flate.Writer
	packed         bytes.Buffer
}

// gram is a run of equal keys in records.
type gram struct {
	key      uint32
	from, to uint32
}

func (s *sorter) piece(piece, pieces int) error {
	perPiece := buckets / pieces
	perBucket := 1 << s.shardBits / pieces // shards of the piece
	s.grams = s.grams[:0]
	var all []record
	for b := piece * perPiece; b < (piece+1)*perPiece; b++ {
		records, err := s.bucket(b)
		if err != nil {
			return err
		}
		base := len(all)
		if perPiece > 1 {
			all = append(all, records...)
		} else {
			all = records
		}
		for i := 0; i < len(records); {
			rem := records[i] >> 40
			j := i + 1
			for j < len(records) && records[j]>>40 == rem {
				j++
			}
			s.grams = append(s.grams, gram{uint32(b)<<24 | uint32(rem), uint32(base + i), uint32(base + j)})
			i = j
		}
	}
	grams := s.grams
	for k := range perBucket {
		number := piece*perBucket + k
		end := len(grams)
		if s.shardBits > 0 {
			end = 0
			for end < len(grams) && int(grams[end].key>>(32-s.shardBits)) == number {
				end++
			}
		}
		s.writeShard(number, grams[:end], all)
		grams = grams[end:]
	}
	return nil
}

// bucket returns a bucket's records in order of gram, document in the index, and position.
func (s *sorter) bucket(b int) ([]record, error) {
	records, err := s.w.spill.read(s.records[:0], b)
	if err != nil {
		return nil, err
	}
	for _, l := range s.w.lanes {
		records = l.take(records, b)
	}
	for i, r := range records {
		records[i] = r&^(0xFFFFF<<20) | uint64(s.place[r>>20&0xFFFFF])<<20
	}
	s.other = slices.Grow(s.other[:0], len(records))[:len(records)]
	// Records of one document stand together and in order of position, so a stable sort by document and then by key is enough.
	docBits := bits.Len(uint(s.total))
	from, to := records, s.other
	width := docBits
	if width > maxPass {
		width = (docBits + 1) / 2
	}
	for at := 0; at < docBits; at += width {
		s.pass(to, from, 20+at, min(width, docBits-at))
		from, to = to, from
	}
	for _, at := range []int{40, 52} {
		s.pass(to, from, at, 12)
		from, to = to, from
	}
	s.records, s.other = from, to
	return from, nil
}

// maxPass is how many bits one pass sorts by; 2^20 documents need two.
const maxPass = 14

// pass is one pass of a radix sort by n bits.
func (s *sorter) pass(to, from []record, at, n int) {
	if s.counts == nil {
		s.counts = make([]uint32, 1<<maxPass)
	}
	counts := s.counts[:1<<n]
	clear(counts)
	mask := uint64(1)<<n - 1
	for _, r := range from {
		counts[r>>at&mask]++
	}
	sum := uint32(0)
	for i, c := range counts {
		counts[i] = sum
		sum += c
	}
	for _, r := range from {
		d := r >> at & mask
		to[counts[d]] = r
		counts[d]++
	}
}

func (s *sorter) writeShard(number int, grams []gram, records []record) {
	w := &s.shard
	w.reset()
	w.bits(uint32(len(grams)), 24)
	low := 32 - s.shardBits
	k := riceBits(len(grams), 1<<low)
	last := int64(-1)
	for _, g := range grams {
		rest := int64(g.key)
		if s.shardBits > 0 {
			rest &= 1<<low - 1
		}
		w.rice(uint32(rest-last-1), k)
		last = rest
		s.writeGram(w, g, records[g.from:g.to])
	}
	s.names[number] = s.file(w.bytes())
}

func (s *sorter) writeGram(w *bitWriter, g gram, records []record) {
	u1, _ := gramOf(g.key)
	single := u1 == 0
	df := s.documents(records, single)
	w.gamma(uint32(df))
	if df < cardFrequency && len(records) < 512 { // surely small: nearly all grams are
		w.bits(0, 1)
		s.writeDocuments(w)
		if !single {
			s.writePositions(w, records)
		}
		return
	}
	s.docBits.reset()
	s.posBits.reset()
	s.writeDocuments(&s.docBits)
	if !single {
		s.writePositions(&s.posBits, records)
	}
	var cards []byte
	if df >= cardFrequency && df*cardShare >= s.total && (!single || df*singleShare >= s.total) {
		cards = s.bestCards(g)
	}
	if s.docBits.size+s.posBits.size+8*len(cards) > 8*ownSize {
		w.bits(1, 1)
		if cards == nil {
			cards = s.bestCards(g)
		}
		name := s.ownFile(cards)
		w.bits(uint32(name>>24), 24)
		w.bits(uint32(name), 24)
		return
	}
	w.bits(0, 1)
	if df >= cardFrequency {
		w.gamma(uint32(len(cards) + 1))
		if cards != nil {
			w.align()
			for _, b := range cards {
				w.bits(uint32(b), 8)
			}
		}
	}
	w.stream(&s.docBits)
	w.stream(&s.posBits)
}

// documents finds the documents of a gram and what the ranking needs to know of each; it returns their number.
func (s *sorter) documents(records []record, single bool) int {
	s.docIDs, s.info, s.starts = s.docIDs[:0], s.info[:0], s.starts[:0]
	for i := 0; i < len(records); {
		doc := uint32(records[i] >> 20 & 0xFFFFF)
		size := s.sizes[doc]
		var flags uint8
		tf, j := 0, i
		if single {
			flags, j = uint8(records[i]>>16&0xF), i+1
		} else {
			for ; j < len(records) && uint32(records[j]>>20&0xFFFFF) == doc; j++ {
				if p := uint32(records[j] & 0xFFFFF); p < size.fieldPart {
					flags |= s.docs[doc].flags(p, 2)
				}
			}
			tf = j - i
		}
		s.docIDs = append(s.docIDs, doc)
		s.starts = append(s.starts, uint32(i))
		info := flags << 2
		if !single {
			info |= s.level(tf, size.n)
		}
		s.info = append(s.info, info)
		i = j
	}
	s.starts = append(s.starts, uint32(len(records)))
	return len(s.docIDs)
}

// level is the quantised BM25 of a frequency: section 6. The frequency that reaches a step is x(K)/(2.2-x) with K the length's part.
func (s *sorter) level(tf int, n uint32) uint8 {
	if tf == 1 {
		return 0 // K is 0.6 at least
	}
	k := 1.2 * (0.5 + 0.5*float64(n)/s.meanLength)
	x := float64(tf) * 2.2
	y := float64(tf) + k
	switch {
	case x < 1.5*y:
		return 0
	case x < 1.8*y:
		return 1
	case x < 2*y:
		return 2
	}
	return 3
}

func (s *sorter) writeDocuments(w *bitWriter) {
	k := riceBits(len(s.docIDs), s.total)
	last := int64(-1)
	for i, doc := range s.docIDs {
		w.rice(uint32(int64(doc)-last-1), k)
		last = int64(doc)
		info := s.info[i]
		if info == 0 {
			w.bits(0, 1)
			continue
		}
		flags := info >> 2
		w.bits(1<<4|uint32(info&3)<<2|uint32(flags&flagField)|uint32(flags&flagTitle), 5)
		if flags&flagTitle != 0 {
			w.bits(uint32(flags&flagBegins)>>1|uint32(flags&flagEnds)>>3, 2)
		}
	}
}

func (s *sorter) writePositions(w *bitWriter, records []record) {
	next := max(0, s.positionBits-1)
	for i := range s.docIDs {
		k := s.positionBits
		run := records[s.starts[i]:s.starts[i+1]]
		w.gamma(uint32(len(run)))
		last := int64(-1)
		for _, r := range run {
			p := int64(r & 0xFFFFF)
			w.rice(uint32(p-last-1), k)
			last, k = p, next
		}
	}
}

// ownFile writes the file of a frequent gram, whose documents and positions are in the sorter's buffers.
func (s *sorter) ownFile(cards []byte) uint64 {
	documents, positions := s.docBits.bytes(), s.posBits.bytes()
	out := make([]byte, 12, 12+len(documents)+len(cards)+min(len(positions), apartSize))
	binary.BigEndian.PutUint32(out, uint32(len(documents)))
	binary.BigEndian.PutUint32(out[4:], uint32(len(cards)))
	out = append(append(out, documents...), cards...)
	if len(positions) > apartSize {
		binary.BigEndian.PutUint32(out[8:], 1<<32-1)
		out = appendName(out, s.file(positions))
	} else {
		binary.BigEndian.PutUint32(out[8:], uint32(len(positions)))
		out = append(out, positions...)
	}
	return s.file(out)
}

// class ranks where a word stands, section 9: body 1, field 2, title 3, its beginning 4, all of it 5.
func class(flags uint8) int {
	switch {
	case flags&(flagBegins|flagEnds) == flagBegins|flagEnds:
		return 5
	case flags&flagBegins != 0:
		return 4
	case flags&flagTitle != 0:
		return 3
	case flags&flagField != 0:
		return 2
	}
	return 1
}

// finish writes facets, the fold table, the list of names and the root.
func (e *encoder) finish() {
	r := root{
		Format: formatNumber, Documents: e.total, Dated: e.dated, ShardBits: e.shardBits, PositionBits: e.positionBits,
		CardsPerBlock: cardsPerBlock, Facets: []rootFacet{},
	}
	s := &sorter{encoder: e}
	s.deflate, _ = flate.NewWriter(nil, 6)
	for _, f := range e.w.options.Facets {
		data, err := json.Marshal(e.facet(f.Key))
		if err != nil {
			e.fail(err)
			return
		}
		name := s.file(s.pack(data))
		r.Facets = append(r.Facets, rootFacet{Key: f.Key, Label: f.Label, Range: f.Range, File: fmt.Sprintf("%012x", name)})
	}
	r.Fold = fmt.Sprintf("%012x", s.file(s.pack([]byte(han.FoldTable()))))

	var names []byte
	for _, n := range e.names {
		names = appendName(names, n)
	}
	if len(e.names) <= pagesInRoot*namesPerPage {
		r.Names = base64Of(names)
	} else {
		var pages []byte
		for page := range slices.Chunk(names, namesPerPage*nameSize) {
			pages = appendName(pages, e.file(page))
		}
		r.Pages = base64Of(pages)
	}
	var sum uint64
	for name := range e.written {
		sum += name
	}
	r.Files, r.Sum, r.Source = len(e.written), fmt.Sprintf("%016x", sum), e.w.source.Sum()
	data, err := json.Marshal(r)
	if err != nil {
		e.fail(err)
		return
	}
	e.put(rootName, appendCheck(data[:len(data)-1]))
}
