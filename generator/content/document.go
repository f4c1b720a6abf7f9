package content

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// Document is one record file, Markdown with front matter or a table, that can be read and edited. The model is
// how golang.org/x/mod/modfile keeps a go.mod file while it edits it.
//
// An edit changes the bytes of what it names and no others: comments, blank lines, order, quotes, indentation,
// brackets or dashes, line breaks, a byte order mark, the delimiter of a table and a missing line break at the end
// stay. Nothing is ever written anew from parsed values: new bytes are put in the place of old ones. Then the whole
// file is parsed again; unless it holds exactly the intended value, and everything else as before, the edit is
// refused and the document is as it was.
//
// A Document is not safe for use by several goroutines at once.
type Document struct {
	name   string  // in messages
	file   string  // on the disk; empty if it is not from there
	disk   []byte  // what stands there
	schema *Schema // by which names of fields are known, or nil

	src     []byte    // the bytes
	text    []byte    // the same with LF and without byte order mark
	newline string    // the first line break of the file, or LF
	faults  diag.List // why it can't be edited
	diags   diag.List // what readers say about its form

	// Of a Markdown file.
	block    []byte     // the front matter
	blockAt  int        // where it begins in text; -1 if there is none
	blockEnd int        // where the line behind it begins
	body     []byte     // the rest of text
	bodyAt   int        // where it begins in text
	bodyLine int        // and in which line
	root     *yaml.Node // of the front matter as the library gives it, its first line being 1; nil if it holds nothing

	// Of a table.
	table *sheet
}

// EditError says why an edit was refused: where, and what to do.
type EditError struct {
	diag.Message
	cause error
}

// Error gives the message on one line.
func (e *EditError) Error() string { return e.Message.String() }

// Unwrap gives ErrChanged, the system's error, or nil.
func (e *EditError) Unwrap() error { return e.cause }

// ParseDocument reads the bytes of a record file. name is its path below the site's folder: it tells a table
// (.csv, .tsv) from Markdown and stands in messages. schema says by which other names a field is known (its label
// and those in also); it may be nil. The bytes are kept and must not be changed.
//
// A file that can't be read is given all the same: Faults says what is wrong with it, and every edit is refused.
func ParseDocument(name string, src []byte, schema *Schema) *Document {
	d := openDocument(norm.NFC.String(name), src)
	d.schema = schema
	if len(d.faults) > 0 {
		return d
	}
	if d.table != nil {
		d.faults = append(d.faults, d.table.index()...)
		return d
	}
	if d.divide(); d.blockAt < 0 {
		return d
	}
	root, diags := parseNodes(d.name, d.block, 2)
	d.root, d.faults = root, append(d.faults, diags...)
	return d
}

// openDocument does what has to be done before a file's form is looked at.
func openDocument(name string, src []byte) *Document {
	d := &Document{name: name, src: src, newline: "\n", blockAt: -1, bodyLine: 1}
	if i := bytes.IndexAny(src, "\r\n"); i >= 0 && src[i] == '\r' {
		if d.newline = "\r"; i+1 < len(src) && src[i+1] == '\n' {
			d.newline = "\r\n"
		}
	}
	d.text, d.diags = DecodeText(name, src)
	if d.text == nil {
		d.faults = slices.DeleteFunc(slices.Clone(d.diags), func(m diag.Message) bool { return m.Severity == diag.Warning })
	}
	if d.newline == "\r" && bytes.IndexByte(src, '\n') < 0 {
		// No reader takes it, but what it means is plain.
		if text, _ := DecodeText(name, bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))); text != nil {
			d.text, d.faults = text, nil
		}
	}
	if len(d.text) == len(src) && len(src) > 0 && &d.text[0] == &src[0] {
		// The file itself, as nearly always.
	} else if plain := bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")); d.text != nil && (!utf8.Valid(src) || len(d.text) != len(plain)-bytes.Count(plain, []byte("\r\n"))) {
		d.faults = diag.List{diag.Errorf(diag.Pos{Path: name, Line: 1, Col: 1}, "file/encoding", "只能改 UTF-8 编码的文件，不能改 GBK 等编码的。请用编辑器“另存为”，编码选 UTF-8。")}
	}
	if isTable(name) {
		d.table = &sheet{name: name, text: d.text}
		d.table.comma = delimiter(name, d.text)
	}
	return d
}

func isTable(name string) bool {
	return strings.EqualFold(path.Ext(name), ".csv") || strings.EqualFold(path.Ext(name), ".tsv")
}

// divide finds front matter and body. What it has to say about them is in diags; a file without front matter
// is one that a field can be added to.
func (d *Document) divide() {
	block, body, bodyLine, diags := splitFrontMatter(d.name, d.text)
	d.diags = append(d.diags, diags...)
	if diags.Errors() == 0 {
		d.blockAt = 1 + bytes.IndexByte(d.text, '\n')
		d.blockEnd = d.blockAt + len(block)
		d.block, d.body, d.bodyLine = block, body, bodyLine
		d.bodyAt = len(d.text) - len(body)
		return
	}
	for _, m := range diags {
		if m.ID != "front/missing" && m.ID != "front/empty" {
			d.faults = append(d.faults, m)
		}
	}
	d.body = d.text
}

// Name is the path that the document was given.
func (d *Document) Name() string { return d.name }

// Bytes are the file as it is now. They must not be changed.
func (d *Document) Bytes() []byte { return d.src }

// Faults are what makes the document one that can't be edited; none if it can.
func (d *Document) Faults() diag.List { return d.faults }

// IsTable reports whether the document is a table.
func (d *Document) IsTable() bool { return d.table != nil }

// Body is the text below the front matter, with LF at the end of its lines.
func (d *Document) Body() string { return string(d.body) }

// Path says where a value stands in front matter: names of fields (strings) and numbers of list items (ints,
// the first is 0). A value that stands alone where a list is meant is item 0.
type Path []any

// At makes a path: At("sources", 0, "quote").
func At(steps ...any) Path { return steps }

// String gives the path as messages do: sources[1].quote, items counted from 1.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch s := s.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", s+1)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, s)
		}
	}
	return b.String()
}

// Edit is a change to a document.
type Edit interface{ apply(d *Document) error }

// An edit of a table is done together with its neighbours, so that a thousand of them cost one pass.
type tableEdit interface {
	add(d *Document, b *batch) error
}

// SetField gives a field of front matter a value: a string, a Bare, an int, a bool, a []string, a []any, a []Member, or
// nil for nothing. A string is written so that it is read as text, with quotes where YAML needs them; where the schema
// says that the field is a date, a number or yes or no, or where the old value is one without quotes, it is written like a Bare. A field that is not there is added, with the objects and lists around it; the number behind the
// last item of a list adds one. A file without front matter gets one.
type SetField struct {
	Path  Path
	Value any
}

// InsertItem puts a new item into a list of front matter; the path's last step is the number it will have.
type InsertItem struct {
	Path  Path
	Value any
}

// RemoveField takes out a field or an item of a list, with the comment on its line.
type RemoveField struct{ Path Path }

// SetBody replaces the text below the front matter.
type SetBody struct{ Text string }

// SetCell gives a cell of a table a text. Row 0 is the first below the header.
type SetCell struct {
	Row    int
	Column string
	Text   string
}

// InsertRow puts a row before a row, or behind the last one if Row is the number of rows. Cells are texts by the
// names of columns; columns that are not named stay empty.
type InsertRow struct {
	Row   int
	Cells map[string]string
}

// RemoveRow takes out a row.
type RemoveRow struct{ Row int }

// RenameColumn gives a column another name.
type RenameColumn struct{ Column, New string }

// AddColumn adds a column behind the last one, empty in every row.
type AddColumn struct{ Column string }

// Apply does edits, all or none. Those of front matter and body are done one after the other, each on what those
// before it have left. Those of a table are done together: their rows are numbered as they were before the
// first, rows that are put in one place stand there in the order of the edits, of two texts for a cell the last
// stays; a column that is renamed or added is known to them by its old name, or its own. An error is an
// *EditError, or says that the edit is one for another kind of file.
func (d *Document) Apply(edits ...Edit) error {
	before := *d
	for len(edits) > 0 {
		n := 1
		var err error
		if _, ok := edits[0].(tableEdit); ok {
			for n < len(edits) {
				if _, ok := edits[n].(tableEdit); !ok {
					break
				}
				n++
			}
			err = d.applyTable(edits[:n])
		} else {
			err = edits[0].apply(d)
		}
		if err != nil {
			*d = before
			return err
		}
		edits = edits[n:]
	}
	return nil
}

// refuse makes the error of an edit at a place of the text.
func (d *Document) refuse(at int, id, format string, args ...any) error {
	line, col := 1, 1
	if d.text != nil {
		line, col = lineCol(d.text, min(max(at, 0), len(d.text)))
	}
	return &EditError{Message: diag.Errorf(diag.Pos{Path: d.name, Line: line, Col: col}, id, format, args...)}
}

// editable says why a document can't be edited, if so.
func (d *Document) editable(table bool) error {
	if len(d.faults) > 0 {
		m := d.faults[0]
		m.Text = "文件没有改动，因为它现在读不出来：" + m.Text
		return &EditError{Message: m}
	}
	if table != (d.table != nil) {
		if table {
			return d.refuse(0, "edit/kind", "文件没有改动：这是 Markdown 文件，没有行和列。")
		}
		return d.refuse(0, "edit/kind", "文件没有改动：这是表格，没有字段和正文，只有行和列。")
	}
	return nil
}

// splice is bytes of the text and those that are to stand in their place.
type splice struct {
	start, end int
	text       string
}

// spliced gives the document that comes of splices, parsed.
func (d *Document) spliced(splices []splice) *Document {
	slices.SortStableFunc(splices, func(a, b splice) int { return a.start - b.start })
	size := len(d.src)
	for _, s := range splices {
		size += len(s.text)
	}
	out := make([]byte, 0, size)
	src, at := 0, 0 // the same place in the bytes and in the text
	if bytes.HasPrefix(d.src, []byte("\xef\xbb\xbf")) {
		src = 3
		out = append(out, d.src[:3]...)
	}
	crlf := bytes.Contains(d.src, []byte("\r\n"))
	// move goes on to a place of the text, and keeps the bytes up to it or not.
	move := func(to int, keep bool) {
		from := src
		if !crlf {
			src, at = src+to-at, to
		}
		for ; at < to; at++ {
			if d.src[src] == '\r' && d.src[src+1] == '\n' {
				src++
			}
			src++
		}
		if keep {
			out = append(out, d.src[from:src]...)
		}
	}
	for _, s := range splices {
		if s.start < at || s.end < s.start {
			return &Document{name: d.name, faults: diag.List{diag.Errorf(diag.Pos{Path: d.name}, "edit/refused", "几处改动互相重叠。")}}
		}
		move(s.start, true)
		if d.newline == "\n" {
			out = append(out, s.text...)
		} else {
			out = append(out, strings.ReplaceAll(s.text, "\n", d.newline)...)
		}
		move(s.end, false)
	}
	out = append(out, d.src[src:]...)
	n := ParseDocument(d.name, out, d.schema)
	n.file, n.disk = d.file, d.disk
	return n
}

// replace makes the document another one, if it holds what it must: root as front matter, and body.
func (d *Document) replace(splices []splice, root *yaml.Node, body []byte, at int) error {
	n := d.spliced(splices)
	if len(n.faults) > 0 {
		return d.refuse(at, "edit/refused", "文件没有改动：改了以后就读不出来了（%s）。请手工修改。", strings.TrimRight(n.faults[0].Text, "。"))
	}
	if !bytes.Equal(n.body, body) {
		return d.refuse(at, "edit/refused", "文件没有改动：改了以后正文会跟着变。请手工修改。")
	}
	if !sameTree(root, n.root) {
		return d.refuse(at, "edit/refused", "文件没有改动：改了以后读出来的不只是要改的那个值。请手工修改。")
	}
	*d = *n
	return nil
}

// sameTree compares what two trees hold. A node of want without a tag may have any.
func sameTree(want, got *yaml.Node) bool {
	if want == nil || got == nil {
		return want == got || want == nil && len(got.Content) == 0 && got.Kind != yaml.ScalarNode || got == nil && len(want.Content) == 0 && want.Kind == yaml.MappingNode
	}
	if want.Kind == yaml.ScalarNode && want.Tag == "!!null" && want.Anchor == got.Anchor {
		return got.Kind == yaml.ScalarNode && got.ShortTag() == "!!null" // null, ~ or nothing
	}
	if want.Kind != got.Kind || want.Value != got.Value || want.Anchor != got.Anchor || len(want.Content) != len(got.Content) {
		return false
	}
	if want.Tag != "" && want.ShortTag() != got.ShortTag() {
		return false
	}
	for i := range want.Content {
		if !sameTree(want.Content[i], got.Content[i]) {
			return false
		}
	}
	return true
}
