// Package pdf counts the pages of a PDF file without reading it whole: from the end of the file to the table of its
// objects, from there to the root of the page tree, which says how many there are (ISO 32000-1, 7.5 and 7.7). Files are
// what people have: whatever is broken, encrypted or larger than the limits yields no count, and no error, since the
// file may well open in a reader that repairs it.
package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"strconv"
)

// Limits of what is read of a file, so that no file takes long.
const (
	maxSections = 64       // parts of the table of objects, one for each time the file was saved
	maxObject   = 1 << 18  // bytes of an object outside streams
	maxPacked   = 16 << 20 // bytes of a compressed stream
	maxUnpacked = 64 << 20 // bytes of all streams, unpacked
	maxNested   = 4        // streams that are needed to read a stream
	maxDepth    = 32       // objects inside objects
	maxPages    = 1 << 20
)

// Pages counts the pages of a PDF file of a size; ok is false when the file does not tell.
func Pages(r io.ReaderAt, size int64) (n int, ok bool) {
	f := &file{r: r, size: size, streams: map[int]objects{}}
	if err := f.sections(); err != nil {
		return 0, false
	}
	root, _ := f.value(f.root, 0).(dict)
	pages, _ := f.value(root["Pages"], 0).(dict)
	n, ok = f.value(pages["Count"], 0).(int)
	return n, ok && n > 0 && n <= maxPages
}

var errBroken = errors.New("not a PDF file that can be read")

// file is a PDF file with what is known of it so far.
type file struct {
	r        io.ReaderAt
	size     int64
	root     any     // the catalogue, or what refers to it
	tables   []table // the newest first
	streams  map[int]objects
	unpacked int64 // bytes so far
	nested   int   // streams being read
}

// table is a run of entries of the table of objects: in the file as text, or unpacked from a stream.
type table struct {
	first, count int
	at           int64  // of the text
	rows         []byte // of the stream
	widths       [3]int
}

// objects is an unpacked object stream: pairs of a number and a place, and what is at the places.
type objects struct{ index, values []byte }

// entry says where an object is: at a place in the file, or in an object stream.
type entry struct {
	at     int64
	stream int // 0: none
}

// read gives up to n bytes from a place on.
func (f *file) read(at int64, n int64) []byte {
	if at < 0 || at >= f.size {
		return nil
	}
	b := make([]byte, min(n, f.size-at))
	got, err := f.r.ReadAt(b, at)
	if err != nil && err != io.EOF {
		return nil
	}
	return b[:got]
}

// sections reads all parts of the table of objects, from the newest back.
func (f *file) sections() error {
	const tail = 2048
	end := f.read(max(0, f.size-tail), tail)
	i := bytes.LastIndex(end, []byte("startxref"))
	if i < 0 {
		return errBroken
	}
	p := parser{b: end[i+len("startxref"):]}
	at, ok := p.value(0).(int)
	seen := map[int64]bool{}
	for ok && len(seen) < maxSections && !seen[int64(at)] {
		seen[int64(at)] = true
		d, err := f.section(int64(at))
		if err != nil {
			return err
		}
		if f.root == nil {
			f.root = d["Root"]
		}
		if extra, also := d["XRefStm"].(int); also && !seen[int64(extra)] {
			seen[int64(extra)] = true
			if _, err := f.section(int64(extra)); err != nil {
				return err
			}
		}
		at, ok = d["Prev"].(int)
	}
	if f.root == nil {
		return errBroken
	}
	return nil
}

// section reads one part of the table, and gives its trailer.
func (f *file) section(at int64) (dict, error) {
	head := f.read(at, 64)
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \r\n\t"), []byte("xref")) {
		return f.streamSection(at)
	}
	at += int64(bytes.Index(head, []byte("xref")) + len("xref"))
	for range 4096 { // runs of entries
		p := parser{b: f.read(at, 64)}
		first, ok := p.value(0).(int)
		count, also := p.value(0).(int)
		if !ok || !also {
			break
		}
		p.space()
		t := table{first: first, count: count, at: at + int64(p.i)}
		if first < 0 || count < 0 || int64(count) > f.size || t.at+int64(count)*20 > f.size {
			return nil, errBroken
		}
		f.tables = append(f.tables, t)
		at = t.at + int64(count)*20
	}
	p := parser{b: f.read(at, maxObject)}
	if !p.word("trailer") {
		return nil, errBroken
	}
	d, ok := p.value(0).(dict)
	if !ok {
		return nil, errBroken
	}
	return d, nil
}

// streamSection reads a part of the table that is a stream.
func (f *file) streamSection(at int64) (dict, error) {
	d, rows, err := f.stream(at)
	if err != nil {
		return nil, err
	}
	widths, ok := d["W"].([]any)
	t := table{rows: rows}
	if !ok || len(widths) != 3 {
		return nil, errBroken
	}
	width := 0
	for i := range widths {
		n, ok := widths[i].(int)
		if !ok || n < 0 || n > 8 {
			return nil, errBroken
		}
		t.widths[i] = n
		width += n
	}
	if width == 0 {
		return nil, errBroken
	}
	index, _ := d["Index"].([]any)
	if size, ok := d["Size"].(int); ok && len(index) < 2 {
		index = []any{0, size}
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, ok := index[i].(int)
		count, also := index[i+1].(int)
		if !ok || !also || first < 0 || count < 0 {
			return nil, errBroken
		}
		count = min(count, len(t.rows)/width)
		f.tables = append(f.tables, table{first: first, count: count, rows: t.rows[:count*width], widths: t.widths})
		t.rows = t.rows[count*width:]
	}
	return d, nil
}

// find gives where an object is.
func (f *file) find(n int) (entry, bool) {
	for i := range f.tables {
		t := &f.tables[i]
		k := n - t.first
		if k < 0 || k >= t.count {
			continue
		}
		if t.rows == nil {
			row := f.read(t.at+int64(k)*20, 20)
			if len(row) < 18 || row[17] != 'n' {
				continue
			}
			at, err := strconv.ParseInt(string(row[:10]), 10, 64)
			return entry{at: at}, err == nil
		}
		row := t.rows[k*(t.widths[0]+t.widths[1]+t.widths[2]):]
		kind, row := 1, row
		if w := t.widths[0]; w > 0 {
			kind, row = number(row[:w]), row[w:]
		}
		place := number(row[:t.widths[1]])
		switch kind {
		case 1:
			return entry{at: int64(place)}, true
		case 2:
			return entry{stream: place}, place > 0
		}
	}
	return entry{}, false
}

func number(b []byte) int {
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}

// value follows references.
func (f *file) value(v any, depth int) any {
	ref, ok := v.(reference)
	if !ok || depth > maxDepth {
		return v
	}
	e, ok := f.find(int(ref))
	if !ok {
		return nil
	}
	if e.stream > 0 {
		return f.value(f.packed(e.stream, int(ref)), depth+1)
	}
	p := parser{b: f.read(e.at, maxObject)}
	if !p.head() {
		return nil
	}
	return f.value(p.value(0), depth+1)
}

// packed gives an object of an object stream.
func (f *file) packed(stream, n int) any {
	all, ok := f.streams[stream]
	if !ok {
		e, found := f.find(stream)
		if !found || e.stream > 0 {
			return nil
		}
		d, b, err := f.stream(e.at)
		first, ok := d["First"].(int)
		if err != nil || !ok || first < 0 || first > len(b) {
			return nil
		}
		all = objects{b[:first], b[first:]}
		f.streams[stream] = all
	}
	p := parser{b: all.index}
	for {
		number, ok := p.value(0).(int)
		at, also := p.value(0).(int)
		if !ok || !also || at < 0 || at > len(all.values) {
			return nil
		}
		if number == n {
			q := parser{b: all.values[at:]}
			return q.value(0)
		}
	}
}

// stream gives the dictionary and the unpacked bytes of the stream object at a place.
func (f *file) stream(at int64) (dict, []byte, error) {
	if f.nested++; f.nested > maxNested {
		return nil, nil, errBroken
	}
	defer func() { f.nested-- }()
	p := parser{b: f.read(at, maxObject)}
	if !p.head() {
		return nil, nil, errBroken
	}
	d, ok := p.value(0).(dict)
	if !ok || !p.word("stream") {
		return nil, nil, errBroken
	}
	if p.i < len(p.b) && p.b[p.i] == '\r' {
		p.i++
	}
	if p.i < len(p.b) && p.b[p.i] == '\n' {
		p.i++
	}
	length, ok := f.value(d["Length"], 0).(int)
	if !ok || length < 0 || length > maxPacked {
		return nil, nil, errBroken
	}
	b := f.read(at+int64(p.i), int64(length))
	filter := d["Filter"]
	if list, ok := filter.([]any); ok && len(list) == 1 {
		filter = list[0]
	}
	switch filter {
	case nil:
		return d, b, nil
	case name("FlateDecode"):
	default:
		return nil, nil, errBroken
	}
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, nil, errBroken
	}
	b, err = io.ReadAll(io.LimitReader(z, maxUnpacked-f.unpacked))
	f.unpacked += int64(len(b))
	if err != nil && len(b) == 0 {
		return nil, nil, errBroken
	}
	parms := d["DecodeParms"]
	if list, ok := parms.([]any); ok && len(list) == 1 {
		parms = list[0]
	}
	if q, ok := parms.(dict); ok {
		if b, ok = unpredict(b, q); !ok {
			return nil, nil, errBroken
		}
	}
	return d, b, nil
}

// unpredict undoes the PNG filters, which each row of a stream begins with (RFC 2083, 6).
func unpredict(b []byte, parms dict) ([]byte, bool) {
	predictor, _ := parms["Predictor"].(int)
	if predictor < 2 {
		return b, true
	}
	columns, ok := parms["Columns"].(int)
	if !ok {
		columns = 1
	}
	if colors, ok := parms["Colors"].(int); predictor < 10 || ok && colors != 1 || columns < 1 || columns > 1<<16 {
		return nil, false
	}
	out := make([]byte, 0, len(b))
	above := make([]byte, columns)
	for len(b) > columns {
		filter, row := b[0], b[1:columns+1]
		b = b[columns+1:]
		for i := range row {
			var left, corner byte
			if i > 0 {
				left, corner = row[i-1], above[i-1]
			}
			switch filter {
			case 0:
			case 1:
				row[i] += left
			case 2:
				row[i] += above[i]
			case 3:
				row[i] += byte((int(left) + int(above[i])) / 2)
			case 4:
				row[i] += paeth(left, above[i], corner)
			default:
				return nil, false
			}
		}
		above = row
		out = append(out, row...)
	}
	return out, true
}

func paeth(left, above, corner byte) byte {
	p := int(left) + int(above) - int(corner)
	a, b, c := abs(p-int(left)), abs(p-int(above)), abs(p-int(corner))
	switch {
	case a <= b && a <= c:
		return left
	case b <= c:
		return above
	}
	return corner
}

func abs(n int) int { return max(n, -n) }
