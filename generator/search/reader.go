package search

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/han"
)

// Index reads an index that Writer wrote. It keeps nothing but the root and the list of names, so it may be used by several goroutines and
// is opened again after a new publish.
type Index struct {
	fsys  fs.FS
	root  root
	names []byte // of shards and card blocks, or
	pages []byte // of the pages of names
}

// maxFile is more than any file of an index has; a longer one is damage.
const maxFile = 64 << 20

// Open reads the root of an index; fsys is the folder /search/. Errors of this package's reader say which file is missing or damaged.
func Open(fsys fs.FS) (*Index, error) {
	data, err := readFile(fsys, rootName)
	if err != nil {
		return nil, err
	}
	x := &Index{fsys: fsys}
	if err := json.Unmarshal(data, &x.root); err != nil {
		return nil, damaged(rootName, err)
	}
	r := &x.root
	if r.Format != formatNumber {
		return nil, fmt.Errorf("%s 的格式是 %d，这个程序只认识 %d", rootName, r.Format, formatNumber)
	}
	if !checked(data) {
		return nil, damaged(rootName, errDamaged)
	}
	if r.Documents < 0 || r.Documents > maxDocuments || !r.ranked() || r.ShardBits < 0 || r.ShardBits > 24 ||
		r.PositionBits < 0 || r.PositionBits > 24 || r.CardsPerBlock < 1 || r.CardsPerBlock > 1<<16 {
		return nil, damaged(rootName, errors.New("numbers out of range"))
	}
	if x.names, err = base64.StdEncoding.DecodeString(r.Names); err == nil {
		x.pages, err = base64.StdEncoding.DecodeString(r.Pages)
	}
	if err != nil {
		return nil, damaged(rootName, err)
	}
	return x, nil
}

// ranked reports whether the ranks of a root are those of its documents.
func (r *root) ranked() bool {
	sum := 0
	for _, size := range r.Ranks {
		if size[0] < 0 || size[1] < 0 || size[1] > size[0] || size[0] > maxDocuments {
			return false
		}
		sum += size[0]
	}
	return len(r.Ranks) == int(ranks) && sum == r.Documents
}

// rank is that of a document: 0 comes first.
func (x *Index) rank(doc uint32) int {
	for k, size := range x.root.Ranks {
		if doc < uint32(size[0]) {
			return k
		}
		doc -= uint32(size[0])
	}
	return len(x.root.Ranks) - 1
}

// byDate numbers the documents by their dates, newest first and those without a date last, and says how many have one.
func (x *Index) byDate() (place []int, dated int, err error) {
	data, err := x.named(x.root.Order)
	if err != nil {
		return nil, 0, err
	}
	order, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), maxDocuments+1))
	if err != nil {
		return nil, 0, damaged(x.root.Order, err)
	}
	var next, last [ranks]int
	place = make([]int, x.root.Documents)
	for k, from := 0, 0; k < len(next); k++ {
		next[k], last[k] = from, from+x.root.Ranks[k][1]
		from += x.root.Ranks[k][0]
	}
	for _, k := range order {
		if int(k) >= len(next) || next[k] == last[k] {
			return nil, 0, damaged(x.root.Order, errDamaged)
		}
		place[next[k]] = dated
		next[k]++
		dated++
	}
	all := dated
	for k, from := 0, 0; k < len(next); k++ {
		if next[k] != last[k] {
			return nil, 0, damaged(x.root.Order, errDamaged)
		}
		from += x.root.Ranks[k][0]
		for doc := last[k]; doc < from; doc++ {
			place[doc] = all
			all++
		}
	}
	return place, dated, nil
}

// named reads a file by the name that the root has for it.
func (x *Index) named(name string) ([]byte, error) {
	b, err := hex.DecodeString(name)
	if err != nil || len(b) != nameSize {
		return nil, damaged(rootName, errDamaged)
	}
	return x.file(readName(b))
}

func damaged(name string, err error) error {
	return fmt.Errorf("搜索索引的 %s 已损坏，请重新构建：%w", name, err)
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("读不了搜索索引的 %s：%w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("读不了搜索索引的 %s：%w", name, err)
	}
	if len(data) > maxFile {
		return nil, damaged(name, errors.New("too long"))
	}
	return data, nil
}

// file reads a file and checks that it is what its name says.
func (x *Index) file(name uint64) ([]byte, error) {
	data, err := readFile(x.fsys, fileName(name))
	if err == nil && digest(data) != name {
		err = damaged(fileName(name), errDamaged)
	}
	return data, err
}

// numbered reads shard or card block number i.
func (x *Index) numbered(i int) ([]byte, error) {
	names, at := x.names, i*nameSize
	if len(names) == 0 {
		page := i / namesPerPage * nameSize
		if page+nameSize > len(x.pages) {
			return nil, damaged(rootName, errDamaged)
		}
		var err error
		if names, err = x.file(readName(x.pages[page:])); err != nil {
			return nil, err
		}
		at = i % namesPerPage * nameSize
	}
	if at+nameSize > len(names) {
		return nil, damaged(rootName, errDamaged)
	}
	return x.file(readName(names[at:]))
}

// postings are the documents of a gram, ascending, with flags<<2 | level of each.
type postings struct {
	docs      []uint32
	info      []uint8
	positions [][]uint32 // of a bigram
	places    [][]uint8  // where those of the first positions stand that are in the title part
}

// gram reads the postings of a gram; without any, none are in the index.
func (x *Index) gram(u1, u2 uint16) (postings, error) {
	k, low := key(u1, u2), 32-x.root.ShardBits
	number := 0
	if x.root.ShardBits > 0 {
		number = int(k >> low)
	}
	data, err := x.numbered(number)
	if err != nil {
		return postings{}, err
	}
	p, err := x.inShard(data, k, number, low)
	if errors.Is(err, errDamaged) {
		err = damaged(fmt.Sprintf("第 %d 分片", number), err)
	}
	return p, err
}

func (x *Index) inShard(data []byte, want uint32, number, low int) (postings, error) {
	r := &bitReader{data: data}
	entries := int(r.bits(24))
	k := riceBits(entries, 1<<low)
	rest := int64(-1)
	for range entries {
		rest += 1 + int64(r.rice(k))
		df := r.gamma()
		if r.bad || rest >= 1<<low || df > uint32(x.root.Documents) {
			return postings{}, errDamaged
		}
		this := uint32(uint64(number)<<low | uint64(rest))
		if r.bit() == 1 {
			name := uint64(r.bits(24))<<24 | uint64(r.bits(24))
			if this == want {
				if r.bad {
					return postings{}, errDamaged
				}
				return x.ownFile(name, int(df), want)
			}
			continue
		}
		if df >= cardFrequency {
			if n := r.gamma(); n > 1 {
				r.take(int(n - 1)) // cards: the blocks have them too
			}
			if r.bad {
				return postings{}, errDamaged
			}
		}
		p, err := x.documents(r, int(df))
		if err != nil {
			return postings{}, err
		}
		if u1, _ := gramOf(this); u1 != 0 {
			if p.positions, err = x.positions(r, int(df)); err != nil {
				return postings{}, err
			}
		}
		if this == want {
			return p, nil
		}
		if this > want {
			break
		}
	}
	return postings{}, nil
}

func (x *Index) documents(r *bitReader, df int) (postings, error) {
	k := riceBits(df, x.root.Documents)
	p := postings{docs: make([]uint32, 0, df), info: make([]uint8, 0, df)}
	doc := int64(-1)
	for range df {
		doc += 1 + int64(r.rice(k))
		info, places := uint8(0), []uint8(nil)
		if r.bit() == 1 {
			v := uint8(r.bits(4))
			flags := v & 3
			if flags&flagTitle != 0 {
				n := r.gamma()
				if n > titlePlaces {
					return postings{}, errDamaged
				}
				for range n {
					t := uint8(r.bits(2))
					f := t&2<<1 | t&1<<3
					places = append(places, f)
					flags = where(flags, f)
				}
			}
			info = flags<<2 | v>>2
		}
		if r.bad || doc >= int64(x.root.Documents) {
			return postings{}, errDamaged
		}
		p.docs, p.info, p.places = append(p.docs, uint32(doc)), append(p.info, info), append(p.places, places)
	}
	return p, nil
}

func (x *Index) positions(r *bitReader, df int) ([][]uint32, error) {
	all := make([][]uint32, 0, df)
	for range df {
		tf := r.gamma()
		if r.bad || tf > maxUnits {
			return nil, errDamaged
		}
		var of []uint32
		k, p := x.root.PositionBits, int64(-1)
		for range tf {
			p += 1 + int64(r.rice(k))
			if r.bad || p >= maxUnits {
				return nil, errDamaged
			}
			of = append(of, uint32(p))
			k = max(0, x.root.PositionBits-1)
		}
		all = append(all, of)
	}
	return all, nil
}

func (x *Index) ownFile(name uint64, df int, k uint32) (postings, error) {
	data, err := x.file(name)
	if err != nil {
		return postings{}, err
	}
	if len(data) < 12 {
		return postings{}, damaged(fileName(name), errDamaged)
	}
	d, c, n := uint64(binary.BigEndian.Uint32(data)), uint64(binary.BigEndian.Uint32(data[4:])), uint64(binary.BigEndian.Uint32(data[8:]))
	end, apart := 12+d+c, n == 1<<32-1
	if apart {
		n = nameSize
	}
	if end+n != uint64(len(data)) {
		return postings{}, damaged(fileName(name), errDamaged)
	}
	p, err := x.documents(&bitReader{data: data[12 : 12+d]}, df)
	if err != nil {
		return postings{}, damaged(fileName(name), err)
	}
	places := data[end:]
	if apart {
		name = readName(places)
		if places, err = x.file(name); err != nil {
			return postings{}, err
		}
	}
	if u1, _ := gramOf(k); u1 != 0 {
		if p.positions, err = x.positions(&bitReader{data: places}, df); err != nil {
			return postings{}, damaged(fileName(name), err)
		}
	}
	return p, nil
}

// unpack undoes deflate and JSON.
func unpack(data []byte, v any) error {
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), maxFile))
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}

// card is what results show of a document.
type card struct{ url, title, typ, date, summary string }

// cardBlocks are the blocks of cards that a query has read.
type cardBlocks map[int][][5]string

func (x *Index) card(doc uint32, read cardBlocks) (card, error) {
	block := int(doc) / x.root.CardsPerBlock
	cards, ok := read[block]
	if !ok {
		data, err := x.numbered(1<<x.root.ShardBits + block)
		if err != nil {
			return card{}, err
		}
		if err := unpack(data, &cards); err != nil {
			return card{}, damaged("结果卡片", err)
		}
		read[block] = cards
	}
	i := int(doc) % x.root.CardsPerBlock
	if i >= len(cards) {
		return card{}, damaged("结果卡片", errDamaged)
	}
	c := cards[i]
	return card{c[0], c[1], c[2], c[3], c[4]}, nil
}

// facetValue is a value of a facet and its documents.
type facetValue struct {
	value string
	docs  []uint32
}

func (x *Index) facet(key string) (values []facetValue, field Field, err error) {
	for _, f := range x.root.Facets {
		if f.Key != key {
			continue
		}
		field = Field{Key: f.Key, Label: f.Label, Range: f.Range}
		data, err := x.named(f.File)
		if err != nil {
			return nil, field, err
		}
		var raw [][3]json.RawMessage
		if err := unpack(data, &raw); err != nil {
			return nil, field, damaged(f.File, err)
		}
		for _, row := range raw {
			var v facetValue
			var df int
			var bits []byte
			if json.Unmarshal(row[0], &v.value) != nil || json.Unmarshal(row[1], &df) != nil || json.Unmarshal(row[2], &bits) != nil ||
				df < 1 || df > x.root.Documents {
				return nil, field, damaged(f.File, errDamaged)
			}
			r := &bitReader{data: bits}
			k, doc := riceBits(df, x.root.Documents), int64(-1)
			for range df {
				if doc += 1 + int64(r.rice(k)); r.bad || doc >= int64(x.root.Documents) {
					return nil, field, damaged(f.File, errDamaged)
				}
				v.docs = append(v.docs, uint32(doc))
			}
			values = append(values, v)
		}
		return values, field, nil
	}
	return nil, field, fmt.Errorf("没有名为 %q 的筛选项", key)
}

// Fields returns the facets of the index.
func (x *Index) Fields() []Field {
	var fields []Field
	for _, f := range x.root.Facets {
		fields = append(fields, Field{Key: f.Key, Label: f.Label, Range: f.Range})
	}
	return fields
}

// Documents returns how many documents the index has.
func (x *Index) Documents() int { return x.root.Documents }

// mark writes text with the needles, given folded, between the marks of the terminal or of HTML.
func mark(text string, needles []string, before, after string, escape func(string) string) string {
	var folded string
	at, owner := make([]int, 0, len(text)), make([]int, 0, len(text)) // the byte of each character of text; the character of each one of folded
	{
		var low strings.Builder
		for i, r := range text {
			at = append(at, i)
			out := han.FoldString(string(r))
			if isComposed(r) {
				out = han.FoldString(norm.NFKC.String(string(r)))
			}
			for range utf8.RuneCountInString(out) {
				owner = append(owner, len(at)-1)
			}
			low.WriteString(out)
		}
		folded = low.String()
	}
	at = append(at, len(text))
	marked := make([]bool, len(at))
	for _, n := range needles {
		for from := 0; ; {
			i := strings.Index(folded[from:], n)
			if n == "" || i < 0 {
				break
			}
			start := utf8.RuneCountInString(folded[:from+i])
			for k := range utf8.RuneCountInString(n) {
				marked[owner[start+k]] = true
			}
			from += i + len(n)
		}
	}
	var b strings.Builder
	for i := 0; i+1 < len(at); {
		j := i + 1
		for j+1 < len(at) && marked[j] == marked[i] {
			j++
		}
		part := escape(text[at[i]:at[j]])
		if marked[i] {
			part = before + part + after
		}
		b.WriteString(part)
		i = j
	}
	return b.String()
}
