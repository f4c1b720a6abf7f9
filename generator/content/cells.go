package content

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// cell is where one cell of a table stands in the text, its quotes included.
type cell struct {
	start, end int
	quoted     bool
	doubled    bool // it has quotes written twice
}

// text gives what a cell holds. row is the text of its row, which begins at from.
func (c *cell) text(row string, from int) string {
	if !c.quoted {
		return row[c.start-from : c.end-from]
	}
	s := row[c.start-from+1 : c.end-from-1]
	if c.doubled {
		s = strings.ReplaceAll(s, `""`, `"`)
	}
	return s
}

// sheet divides the text of a table (RFC 4180, with any of three delimiters) into rows and cells. A row costs
// nothing but its own bytes: cells are found when the row is asked for.
type sheet struct {
	name  string
	text  []byte
	comma byte

	at    int // where the next row begins
	begin int // where the present one does
	end   int // and where its line break is
	cells []cell

	header []string // of an indexed sheet: NFC, trimmed
	starts []uint32 // and where its rows begin
}

// delimiter is what stands between the cells of a table: a comma, a tab or a semicolon, as its first line has it.
func delimiter(name string, text []byte) byte {
	if n := sepLine(text); n > 0 {
		return text[len("sep=")]
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	switch comma := bytes.IndexByte(first, ',') >= 0; {
	case strings.EqualFold(path.Ext(name), ".tsv") || !comma && bytes.IndexByte(first, '\t') >= 0:
		return '\t'
	case !comma && bytes.IndexByte(first, ';') >= 0:
		return ';'
	}
	return ','
}

// sepLine is the length of a first line sep=; by which Excel is told the delimiter, 0 if there is none.
func sepLine(text []byte) int {
	const mark = "sep="
	if len(text) < len(mark)+2 || !bytes.EqualFold(text[:len(mark)], []byte(mark)) || text[len(mark)] >= 0x80 || text[len(mark)] == '"' || text[len(mark)] == '\n' || text[len(mark)+1] != '\n' {
		return 0
	}
	return len(mark) + 2
}

// quoteFault is a row that can't be divided into cells.
type quoteFault struct {
	at     int  // the quote that is open, or stands where none may be
	stop   int  // where reading stopped
	bare   bool // it stands in the middle of a cell without quotes
	beyond bool // the fault goes over several lines, so that what follows can't be told apart from it
}

// next reads a row: false at the end. Behind a fault that does not go beyond its line it can go on.
func (s *sheet) next() (bool, *quoteFault) {
	text := s.text
	if s.at == 0 {
		s.at = sepLine(text)
	}
	for s.at < len(text) && text[s.at] == '\n' {
		s.at++
	}
	s.begin, s.cells = s.at, s.cells[:0]
	if s.at >= len(text) {
		return false, nil
	}
	for at := s.at; ; {
		c := cell{start: at}
		if at < len(text) && text[at] == '"' {
			c.quoted = true
			for at++; ; {
				i := bytes.IndexByte(text[at:], '"')
				if i < 0 {
					last := bytes.TrimRight(text, "\n")
					s.at = len(text)
					return true, &quoteFault{at: c.start, stop: len(last), beyond: bytes.IndexByte(text[s.begin:len(last)], '\n') >= 0}
				}
				at += i + 1
				if at < len(text) && text[at] == '"' {
					c.doubled = true
					at++
					continue
				}
				break
			}
			if at < len(text) && text[at] != s.comma && text[at] != '\n' {
				s.at = min(lineEnd(text, at)+1, len(text))
				return true, &quoteFault{at: c.start, stop: at, beyond: bytes.IndexByte(text[s.begin:at], '\n') >= 0}
			}
		} else {
			for at < len(text) && text[at] != s.comma && text[at] != '\n' {
				if text[at] == '"' {
					s.at = min(lineEnd(text, at)+1, len(text))
					return true, &quoteFault{at: at, stop: at, bare: true}
				}
				at++
			}
		}
		c.end = at
		s.cells = append(s.cells, c)
		if at >= len(text) || text[at] == '\n' {
			s.end, s.at = at, min(at+1, len(text))
			return true, nil
		}
		at++
	}
}

// say puts a fault into words.
func (f *quoteFault) say(name string, in *lines) diag.Message {
	line, col := in.position(f.at)
	at := diag.Pos{Path: name, Line: line, Col: col}
	switch {
	case f.bare:
		return diag.Errorf(at, "csv/quote", "单元格中间有双引号。含双引号的单元格要整个用双引号括起来，里面的双引号写成两个。")
	case !f.beyond:
		return diag.Errorf(at, "csv/quote", "从这里开始的双引号没有配对。含双引号的单元格要整个用双引号括起来，里面的双引号写成两个。")
	}
	last, _ := in.position(f.stop)
	return diag.Errorf(at, "csv/quote", "从这里开始的双引号没有配对，一直错到第 %d 行。单元格里的双引号要写成两个。", last)
}

// row goes to an indexed row.
func (s *sheet) row(i int) {
	s.at = int(s.starts[i])
	s.next()
}

// index finds the rows, and says why that can't be done.
func (s *sheet) index() (faults diag.List) {
	if len(s.text) > maxCSV {
		return diag.List{diag.Errorf(diag.Pos{Path: s.name, Line: 1, Col: 1}, "file/size", "文件太大了（最多 %d MB）。", maxCSV>>20)}
	}
	for n := 0; ; n++ {
		ok, fault := s.next()
		if fault != nil {
			return append(faults, fault.say(s.name, newLines(s.text)))
		}
		if !ok {
			break
		}
		if n > 0 {
			s.starts = append(s.starts, uint32(s.begin))
			continue
		}
		row := string(s.text[s.begin:s.end])
		for i := range s.cells {
			s.header = append(s.header, norm.NFC.String(strings.TrimSpace(s.cells[i].text(row, s.begin))))
		}
	}
	if s.header == nil {
		return diag.List{diag.Errorf(diag.Pos{Path: s.name, Line: 1, Col: 1}, "csv/empty", "表格是空的。第一行写字段名，如“编号,姓名,出处.史料”。")}
	}
	return nil
}

// Rows is how many rows a table has below its header. Blank lines are not rows; rows of empty cells are.
func (d *Document) Rows() int {
	if d.table == nil {
		return 0
	}
	return len(d.table.starts)
}

// Columns are the names of a table's columns as its header has them.
func (d *Document) Columns() []string {
	if d.table == nil {
		return nil
	}
	return slices.Clone(d.table.header)
}

// Column finds a column by its name or, where a schema is known, another name of the same field; -1 if there is none.
func (d *Document) Column(name string) int {
	if d.table == nil {
		return -1
	}
	name = norm.NFC.String(strings.TrimSpace(name))
	if i := slices.Index(d.table.header, name); i >= 0 {
		return i
	}
	want := column{header: name}
	if name == "" || !want.known(d.schema) {
		return -1
	}
	for i, h := range d.table.header {
		if have := (column{header: h}); h != "" && have.known(d.schema) {
			if have.header = want.header; have == want {
				return i
			}
		}
	}
	return -1
}

// known settles what a header means, if it means something.
func (c *column) known(schema *Schema) bool {
	switch fieldName(c.header) {
	case "id", "编号":
		c.use = useID
		return true
	case "body", "正文":
		c.use = useBody
		return true
	}
	return schema != nil && c.find(schema) == ""
}

// Row gives the texts of a row's cells, as they stand in the file with quotes undone.
func (d *Document) Row(i int) []string {
	if d.table == nil || i < 0 || i >= len(d.table.starts) {
		return nil
	}
	s := d.table
	s.row(i)
	row := string(s.text[s.begin:s.end])
	texts := make([]string, len(s.cells))
	for k := range s.cells {
		texts[k] = s.cells[k].text(row, s.begin)
	}
	return texts
}

// RowLine is the line of the file in which a row begins.
func (d *Document) RowLine(i int) int {
	line, _ := lineCol(d.text, int(d.table.starts[i]))
	return line
}

// batch is what edits of a table come to.
type batch struct {
	cells    map[int]map[int]string // row, column: text
	removed  map[int]bool
	inserted map[int][][]string // before row
	renamed  map[int]string
	added    []string // columns
}

func (d *Document) applyTable(edits []Edit) error {
	if err := d.editable(true); err != nil {
		return err
	}
	b := &batch{cells: map[int]map[int]string{}, removed: map[int]bool{}, inserted: map[int][][]string{}, renamed: map[int]string{}}
	for _, e := range edits {
		if e, ok := e.(AddColumn); ok {
			if err := e.add(d, b); err != nil {
				return err
			}
		}
	}
	for _, e := range edits {
		if _, ok := e.(AddColumn); !ok {
			if err := e.(tableEdit).add(d, b); err != nil {
				return err
			}
		}
	}
	return b.apply(d)
}

// column is the number of a column that an edit names.
func (b *batch) column(d *Document, name string) (int, error) {
	if i := slices.Index(b.added, name); i >= 0 {
		return len(d.table.header) + i, nil
	}
	i := d.Column(name)
	if i < 0 {
		return -1, d.refuse(0, "edit/column", "文件没有改动：表里没有“%s”这一列。", name)
	}
	again := 0
	for _, h := range d.table.header {
		if h == d.table.header[i] {
			again++
		}
	}
	if again > 1 {
		return -1, d.refuse(0, "edit/column", "文件没有改动：有 %d 列都叫“%s”，不知道要改哪一列。请先给其余的改名。", again, d.table.header[i])
	}
	return i, nil
}

// row checks the number of a row.
func (b *batch) row(d *Document, i, last int) error {
	if i < 0 || i > last {
		return d.refuse(0, "edit/row", "文件没有改动：没有第 %d 行记录，表里共有 %d 行。", i+1, d.Rows())
	}
	return nil
}

// cellText is a text as a cell can hold it.
func cellText(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func (e SetCell) add(d *Document, b *batch) error {
	if err := b.row(d, e.Row, d.Rows()-1); err != nil {
		return err
	}
	i, err := b.column(d, e.Column)
	if err != nil {
		return err
	}
	if b.cells[e.Row] == nil {
		b.cells[e.Row] = map[int]string{}
	}
	b.cells[e.Row][i] = cellText(e.Text)
	return nil
}

func (e InsertRow) add(d *Document, b *batch) error {
	if err := b.row(d, e.Row, d.Rows()); err != nil {
		return err
	}
	row := make([]string, len(d.table.header)+len(b.added))
	for _, name := range slices.Sorted(maps.Keys(e.Cells)) {
		i, err := b.column(d, name)
		if err != nil {
			return err
		}
		row[i] = cellText(e.Cells[name])
	}
	if blank(row) {
		return d.refuse(0, "edit/row", "文件没有改动：要加的一行是空的。")
	}
	b.inserted[e.Row] = append(b.inserted[e.Row], row)
	return nil
}

func (e RemoveRow) add(d *Document, b *batch) error {
	if err := b.row(d, e.Row, d.Rows()-1); err != nil {
		return err
	}
	b.removed[e.Row] = true
	return nil
}

func (e RenameColumn) add(d *Document, b *batch) error {
	i, err := b.column(d, e.Column)
	if err != nil {
		return err
	}
	if name := strings.TrimSpace(e.New); name == "" || norm.NFC.String(name) != e.New {
		return d.refuse(0, "edit/column", "文件没有改动：“%s”不能作列名。", e.New)
	}
	b.renamed[i] = e.New
	return nil
}

func (e AddColumn) add(d *Document, b *batch) error {
	if name := strings.TrimSpace(e.Column); name == "" || norm.NFC.String(name) != e.Column {
		return d.refuse(0, "edit/column", "文件没有改动：“%s”不能作列名。", e.Column)
	}
	if d.Column(e.Column) >= 0 || slices.Contains(b.added, e.Column) {
		return d.refuse(0, "edit/column", "文件没有改动：表里已有“%s”这一列。", e.Column)
	}
	b.added = append(b.added, e.Column)
	return nil
}

func (SetCell) apply(*Document) error      { return errTogether }
func (InsertRow) apply(*Document) error    { return errTogether }
func (RemoveRow) apply(*Document) error    { return errTogether }
func (RenameColumn) apply(*Document) error { return errTogether }
func (AddColumn) apply(*Document) error    { return errTogether }

var errTogether = fmt.Errorf("content: edits of a table are done together")

// written is a text as it stands in the table.
func (s *sheet) written(text string, quote bool) string {
	if quote || strings.ContainsAny(text, "\"\n") || strings.IndexByte(text, s.comma) >= 0 || strings.TrimSpace(text) != text {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

// quotesAll reports whether every cell of the present row is in quotes, as some programs write them.
func (s *sheet) quotesAll() bool {
	return !slices.ContainsFunc(s.cells, func(c cell) bool { return !c.quoted })
}

// line is a new row as it stands in the table.
func (s *sheet) line(row []string, all bool) string {
	var b strings.Builder
	for i, text := range row {
		if i > 0 {
			b.WriteByte(s.comma)
		}
		b.WriteString(s.written(text, all || len(row) == 1 && text == ""))
	}
	return b.String()
}

// apply puts the edits into the text, reads it again, and compares all rows.
func (b *batch) apply(d *Document) error {
	p := &splicing{b: b, d: d, s: d.table, last: len(d.table.starts) - 1}
	p.head()
	p.findTail()
	for _, i := range b.touched(len(p.s.starts)) {
		if i > p.last {
			p.behind(i)
			continue
		}
		p.s.row(i)
		p.before(i)
		if b.removed[i] {
			p.remove(i)
			continue
		}
		if err := p.cells(i); err != nil {
			return err
		}
	}
	if len(p.splices) == 0 {
		return nil
	}
	n := d.spliced(p.splices)
	if len(n.faults) > 0 {
		return d.refuse(p.splices[0].start, "edit/refused", "文件没有改动：改了以后就读不出来了（%s）。请手工修改。", strings.TrimRight(n.faults[0].Text, "。"))
	}
	if at, ok := b.same(d, n); !ok {
		return d.refuse(at, "edit/refused", "文件没有改动：改了以后读出来的不只是要改的那些格。请手工修改。")
	}
	*d = *n
	return nil
}

// touched gives the rows at which something is to be done, in order; that behind the last is one.
func (b *batch) touched(rows int) []int {
	at := map[int]bool{}
	for i := range b.cells {
		at[i] = true
	}
	for i := range b.removed {
		at[i] = true
	}
	for i := range b.inserted {
		at[i] = true
	}
	if len(b.added) > 0 {
		for i := range rows {
			at[i] = true
		}
	}
	return slices.Sorted(maps.Keys(at))
}

// splicing is the state of turning edits into splices of the text, from the header to the end. s is at the row in hand.
type splicing struct {
	b         *batch
	d         *Document
	s         *sheet
	splices   []splice
	headerEnd int
	all       bool // the header, or the last row, has quotes around every cell
	last      int  // the last row
	tail      int  // the rows from here on go, and nothing comes in their place
}

func (p *splicing) put(start, end int, text string) {
	p.splices = append(p.splices, splice{start, end, text})
}

// head renames and adds columns.
func (p *splicing) head() {
	s, b := p.s, p.b
	s.at = 0
	s.next()
	p.headerEnd, p.all = s.end, s.quotesAll()
	for _, i := range slices.Sorted(maps.Keys(b.renamed)) {
		c := s.cells[i]
		p.put(c.start, c.end, s.written(b.renamed[i], c.quoted))
	}
	for _, name := range b.added {
		p.put(s.end, s.end, string(s.comma)+s.written(name, p.all))
	}
}

// findTail finds the rows at the end that go, where nothing comes in their place: the line break before them goes with them, so
// that a file without one at its end has none afterwards.
func (p *splicing) findTail() {
	s, b := p.s, p.b
	p.tail = len(s.starts)
	if len(b.inserted[p.tail]) == 0 && len(s.text) > 0 && s.text[len(s.text)-1] != '\n' {
		for p.tail > 0 && b.removed[p.tail-1] && len(b.inserted[p.tail-1]) == 0 {
			p.tail--
		}
	}
}

// behind puts rows behind the last one, i-1.
func (p *splicing) behind(i int) {
	if p.b.removed[p.last] {
		return // put before the last row, which goes
	}
	at := p.headerEnd
	if i > 0 {
		p.s.row(i - 1)
		at = p.s.end
		if p.d.Rows() > 0 {
			p.all = p.s.quotesAll()
		}
	}
	for _, row := range p.b.inserted[i] {
		p.put(at, at, "\n"+p.s.line(row, p.all))
	}
}

// before puts rows before row i.
func (p *splicing) before(i int) {
	s, b := p.s, p.b
	rows := b.inserted[i]
	if i == p.last && b.removed[i] {
		rows = slices.Concat(rows, b.inserted[i+1])
	}
	for k, row := range rows {
		line := s.line(row, s.quotesAll())
		if ends := i == p.last && s.end == len(s.text) || i+1 == p.tail && p.tail <= p.last; k+1 < len(rows) || !b.removed[i] || !ends {
			line += "\n" // but at the end of a file without one
		}
		p.put(s.begin, s.begin, line)
	}
}

// remove takes row i out; the rows of the tail go together, with the first of them.
func (p *splicing) remove(i int) {
	s := p.s
	switch {
	case i < p.tail:
		p.put(s.begin, min(s.end+1, len(s.text)), "")
	case i == p.tail:
		from := p.headerEnd
		switch {
		case i > 0 && p.b.removed[i-1]: // with its line break, and something has come in its place
			from = s.begin
		case i > 0:
			s.row(i - 1)
			from = s.end
		}
		p.put(from, len(s.text), "")
	}
}

// cells writes the cells of row i that change, and those of new columns.
func (p *splicing) cells(i int) error {
	s, b := p.s, p.b
	if len(s.cells) > len(s.header) && len(b.added) > 0 {
		return p.d.refuse(s.begin, "edit/row", "文件没有改动：这一行比表头多出几格，不能加列。请先改好这一行。")
	}
	texts := b.cells[i]
	for _, k := range slices.Sorted(maps.Keys(texts)) {
		if k >= len(s.header) {
			continue
		}
		if k >= len(s.cells) {
			return p.d.refuse(s.begin, "edit/row", "文件没有改动：这一行只有 %d 格，没有“%s”这一格。请先补上逗号。", len(s.cells), s.header[k])
		}
		c := s.cells[k]
		if c.text(string(s.text[s.begin:s.end]), s.begin) == texts[k] {
			continue
		}
		p.put(c.start, c.end, s.written(texts[k], c.quoted || len(s.cells) == 1 && texts[k] == ""))
	}
	if len(b.added) > 0 {
		more := strings.Repeat(string(s.comma), len(s.header)-len(s.cells))
		for k := range b.added {
			more += string(s.comma) + s.written(texts[len(s.header)+k], false)
		}
		p.put(s.end, s.end, more)
	}
	return nil
}

// same compares the table after the edits with what it must be; at is where it is not.
func (b *batch) same(d, n *Document) (at int, ok bool) {
	old, now := d.table, n.table
	if now.comma != old.comma {
		return 0, false
	}
	want := slices.Clone(old.header)
	for i, name := range b.renamed {
		want[i] = name
	}
	if !slices.Equal(append(want, b.added...), now.header) {
		return 0, false
	}
	k := 0
	// match compares the next row of the new table.
	match := func(row []string) bool {
		k++
		return k <= n.Rows() && slices.Equal(row, n.Row(k-1))
	}
	width := len(old.header)
	for i := range old.starts {
		for _, row := range b.inserted[i] {
			if !match(row) {
				return int(old.starts[i]), false
			}
		}
		if b.removed[i] {
			continue
		}
		row := d.Row(i)
		if len(b.added) > 0 {
			row = append(row, make([]string, max(0, width+len(b.added)-len(row)))...)
		}
		for c, text := range b.cells[i] {
			row[c] = text
		}
		if !match(row) {
			return int(old.starts[i]), false
		}
	}
	for _, row := range b.inserted[len(old.starts)] {
		if !match(row) {
			return len(d.text), false
		}
	}
	return 0, k == n.Rows()
}
