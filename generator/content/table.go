package content

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/markdown"
)

// column is what one column of a table holds.
type column struct {
	header string
	use    int    // useID, useBody, useField or useNothing
	field  *Field // for useField
	part   *Field // of an object, or nil
	number int    // which of several objects: 出处.史料 is 1, 出处2.史料 is 2
}

const (
	useNothing = iota
	useID
	useBody
	useField
)

// maxColumns is far more than a schema has fields; a wider table is something else.
const maxColumns = 500

// maxRows is what a table may have: more are an export of something else, and would fill the memory.
const maxRows = 1_000_000

// maxFaults is how many errors of a table are told: with more the whole of it is meant otherwise, and a million would fill the memory and
// help nobody.
const maxFaults = 10_000

// noBody is that of rows without one. Nobody changes it.
var noBody = &markdown.Body{}

// nodePool gives the nodes that a row is decoded from. They are used again for the next row.
type nodePool struct {
	nodes []yaml.Node
	used  int
}

func (p *nodePool) node(kind yaml.Kind, text string, line, col int) *yaml.Node {
	if p.used == len(p.nodes) {
		return &yaml.Node{Kind: kind, Value: text, Line: line, Column: col}
	}
	at := &p.nodes[p.used]
	p.used++
	*at = yaml.Node{Kind: kind, Value: text, Line: line, Column: col, Content: at.Content[:0]}
	return at
}

// scalar is a key beside a value.
func (p *nodePool) scalar(s string, at *yaml.Node) *yaml.Node {
	return p.node(yaml.ScalarNode, s, at.Line, at.Column)
}

// readTable reads the rows of a CSV file (comma, semicolon or tab, found from the header) as records.
func readTable(p string, src []byte, schema *Schema, zone *time.Location) ([]*Record, diag.List) {
	name := norm.NFC.String(p)
	doc := openDocument(name, src)
	t := &tableReader{name: name, text: doc.text, sheet: doc.table, diags: doc.diags, schema: schema, zone: zone}
	if t.diags.Errors() > 0 {
		return nil, t.diags
	}
	// Excel writes the mark and needs it to know its own file again.
	t.diags = slices.DeleteFunc(t.diags, func(m diag.Message) bool { return m.ID == "file/bom" })
	if n := bytes.Count(bytes.TrimRight(t.text, "\n"), []byte("\n")); n > maxRows { // below the header
		t.fail(1, 1, "csv/rows", "表格有约 %d 行，最多 %d 行。这是记录的表格吗？请只留下要发布的行，或按年份、类别分成几个网站。", n, maxRows)
		return nil, t.diags
	}
	t.lines = newLines(t.text)
	header, ok := t.header()
	if !ok || !t.head(header) {
		return nil, t.diags
	}
	t.pool = &nodePool{nodes: make([]yaml.Node, 4*len(t.columns)+1)}
	t.known = map[string]*dates.Date{}
	var records []*Record
	for counted, errors := 0, 0; ; {
		errors, counted = errors+t.diags[counted:].Errors(), len(t.diags)
		if errors >= maxFaults {
			line, _ := t.lines.position(t.sheet.begin)
			t.fail(line, 1, "csv/faults", "到这一行为止，这个表格里已经有 %d 处错误，后面的没有再看。请先看看是不是列对错了、格式整个不对，改好再检查一次。", errors)
			break
		}
		more, fault := t.sheet.next()
		if !more {
			break
		}
		if fault != nil {
			t.diags = append(t.diags, fault.say(name, t.lines))
			if fault.beyond {
				break // what follows can't be told apart from it
			}
			continue
		}
		line, _ := t.lines.position(t.sheet.begin)
		if row, ok := t.cells(line); ok {
			if rec := t.record(line, row); rec != nil {
				records = append(records, rec)
			}
		}
	}
	for i := range t.looks {
		t.diags = append(t.diags, t.looks[i].doubts(name, &t.columns[i], schema)...)
	}
	return records, append(t.diags, personal(name, t.text, records)...)
}

// tableReader reads a table row by row.
type tableReader struct {
	name   string
	text   []byte
	lines  *lines
	sheet  *sheet // at the row in hand
	schema *Schema
	zone   *time.Location
	diags  diag.List

	columns []column
	id      int // the column of ids
	looks   []columnLook
	row     []string
	pool    *nodePool
	known   map[string]*dates.Date
}

func (t *tableReader) fail(line, col int, id, format string, args ...any) {
	t.diags = append(t.diags, diag.Errorf(diag.Pos{Path: t.name, Line: line, Col: col}, id, format, args...))
}

// pos is where the text of a cell begins, its column in characters, and whether it is in quotes.
func (t *tableReader) pos(i int) (line, col int, quoted bool) {
	c := t.sheet.cells[i]
	at := c.start
	if c.quoted {
		at++
	}
	for at < c.end && t.text[at] == ' ' {
		at++
	}
	line, col = t.lines.position(at)
	return line, col, c.quoted
}

// texts gives the cells of the row, until the next is read.
func (t *tableReader) texts() []string {
	whole := string(t.text[t.sheet.begin:t.sheet.end])
	t.row = t.row[:0]
	for i := range t.sheet.cells {
		t.row = append(t.row, t.sheet.cells[i].text(whole, t.sheet.begin))
	}
	return t.row
}

// header reads the first row, which must be the header. ok is false where it is not, which is said.
func (t *tableReader) header() (header []string, ok bool) {
	switch more, fault := t.sheet.next(); {
	case fault != nil:
		t.diags = append(t.diags, fault.say(t.name, t.lines))
		return nil, false
	case !more:
		t.fail(1, 1, "csv/empty", "表格是空的。第一行写字段名，如“编号,姓名,出处.史料”。")
		return nil, false
	}
	header = t.texts()
	if len(header) > maxColumns {
		t.fail(1, 1, "csv/columns", "表头有 %d 格，最多 %d 格。这是记录的表格吗？", len(header), maxColumns)
		return nil, false
	}
	if !hasID(header) {
		first, _, _ := strings.Cut(strings.TrimSpace(strings.Join(header, "")), "\n")
		if n, at := titleRows(t.sheet, t.texts); n > 0 {
			line, col := t.lines.position(at)
			t.fail(line, col, "csv/title-row", "表头在第 %d 行，上面还有 %d 行（“%s”）。表格的第一行要是字段名：请删去表头上面的行，标题可写进说明或文件名。", line, n, first)
			return nil, false
		}
		t.sheet.at = 0
		t.sheet.next()
		header = t.texts()
	}
	return header, true
}

// head settles what each column holds. It is false where there is no column of ids.
func (t *tableReader) head(header []string) bool {
	t.columns, t.looks, t.id = make([]column, len(header)), make([]columnLook, len(header)), -1
	whole := map[*Field]bool{} // object fields: whether they have a column of their own, or one for each part
	seen := map[column]int{}
	beside := false // another table begins
	for i, h := range header {
		c := column{header: norm.NFC.String(strings.TrimSpace(h))}
		line, col, _ := t.pos(i)
		t.looks[i].line, t.looks[i].col = line, col
		if c.header == "" { // nothing, if the whole column is
			t.columns[i] = c
			continue
		}
		if bad := c.find(t.schema); bad != "" {
			t.fail(line, col, "schema/unknown-field", "%s", bad)
		}
		if c.use == useField && c.field.Type == Object {
			if w, ok := whole[c.field]; ok && w != (c.part == nil) {
				t.fail(line, col, "csv/duplicate-header", "“%s”已有一列，又有写明分项的列（如“%s.%s”）。请只用一种。", c.field.Label, c.field.Label, c.field.Fields[0].Label)
				c.use = useNothing
			} else {
				whole[c.field] = c.part == nil
			}
		}
		if c.use != useNothing {
			key := c
			key.header = ""
			if first, ok := seen[key]; ok {
				switch {
				case c.use == useID:
					beside = true
					t.fail(line, col, "csv/duplicate-header", "“%s”又是一列，像是并排的两张表：请把右边的一张移到左边的下面，不要另写表头。", c.header)
				case !beside:
					t.fail(line, col, "csv/duplicate-header", "“%s”和第 %d 列“%s”是同一个字段。请删去一列。", c.header, first+1, t.columns[first].header)
				}
				c.use = useNothing
			}
			seen[key] = i
		}
		if c.use == useID {
			t.id = i
		}
		t.columns[i] = c
	}
	if t.id < 0 {
		t.fail(1, 1, "csv/no-id", "表格缺少“编号”（id）列。每一行要有一个不重复的编号，它也是网址的一部分。")
	}
	return t.id >= 0
}

// cells gives the cells of a row that may be a record.
func (t *tableReader) cells(line int) (row []string, ok bool) {
	row = t.texts()
	if blank(row) {
		return nil, false
	}
	row = edge(row, t.columns)
	if len(row) != len(t.columns) {
		t.fail(line, 1, "csv/ragged", "这一行有 %d 格，表头有 %d 格。请检查是否多了或少了逗号；含逗号的单元格要用双引号括起来。", len(row), len(t.columns))
		return nil, false
	}
	for i, c := range t.columns {
		if look := &t.looks[i]; c.header == "" && strings.TrimSpace(row[i]) != "" && !look.said {
			look.said = true
			t.fail(look.line, look.col, "csv/no-header", "表头有一格是空的，而第 %d 行这一列有内容（“%s”）。请写上字段名，或删去这一列。", line, strings.TrimSpace(row[i]))
		}
	}
	if cell := norm.NFC.String(strings.TrimSpace(row[t.id])); cell == t.columns[t.id].header && hasID(row) {
		t.fail(line, 1, "csv/header-again", "这一行又是表头（续表常有）：请删去这一行。")
		return nil, false
	}
	if word := totalOf(row); word != "" {
		t.fail(line, 1, "csv/total", "这一行像是“%s”，不是一条记录。请删去这一行，数目可写进说明。", word)
		return nil, false
	}
	for i := range t.columns {
		t.looks[i].see(&t.columns[i], row, i, func() (int, int) { l, c, _ := t.pos(i); return l, c })
	}
	return row, true
}

// record makes a record of a row.
func (t *tableReader) record(line int, row []string) *Record {
	rec := &Record{Schema: t.schema, Path: t.name, Line: line, Row: true, ID: norm.NFC.String(strings.TrimSpace(row[t.id])), Body: noBody}
	if bad := CheckID(rec.ID); bad != "" {
		l, c, _ := t.pos(t.id)
		t.fail(l, c, "record/id", "%s", bad)
		return nil
	}
	d := &decoder{path: t.name, schema: t.schema, text: t.text, lines: t.lines, zone: t.zone, csv: true, known: t.known, prefix: t.schema.prefix(rec.ID)}
	t.pool.used = 0
	root := rowNode{pool: t.pool, Node: t.pool.node(yaml.MappingNode, "", line, 1)}
	for i, cell := range row {
		c := &t.columns[i]
		if c.use == useNothing || c.use == useID || strings.TrimSpace(cell) == "" {
			continue
		}
		l, col, quoted := t.pos(i)
		// Quoted one way or the other, so that 0012 stays 0012 and "null" is a word.
		value := t.pool.node(yaml.ScalarNode, cell, l, col)
		if value.Style = yaml.SingleQuotedStyle; quoted {
			value.Style = yaml.DoubleQuotedStyle
		}
		if c.use == useBody {
			body, more := markdown.ConvertCell(d.prefix, []byte(cell), func(bl, bc int) diag.Pos {
				place := d.cursor(value)
				place.skip(cell[:offsetIn(cell, bl, bc)])
				return diag.Pos{Path: t.name, Line: place.line, Col: place.col}
			})
			rec.Body = &body
			d.diags = append(d.diags, more...)
			continue
		}
		root.put(c, value)
	}
	rec.Values = d.values(root.Node, t.schema.Label, t.schema.Field, t.schema.Fields, true)
	rec.finish()
	t.diags = append(t.diags, d.diags...)
	return rec
}

// rowNode is the mapping that front matter would have in the place of a row.
type rowNode struct {
	*yaml.Node
	pool    *nodePool
	objects map[slot]*yaml.Node // made for the first
}

// put gives the mapping the value of a cell, in its object where the column is a part of one.
func (n *rowNode) put(c *column, value *yaml.Node) {
	if c.part == nil {
		n.Content = append(n.Content, n.pool.scalar(c.field.Key, value), value)
		return
	}
	key := slot{c.field, c.number}
	o := n.objects[key]
	if o == nil {
		if n.objects == nil {
			n.objects = map[slot]*yaml.Node{}
		}
		o = n.pool.node(yaml.MappingNode, "", value.Line, value.Column)
		n.objects[key] = o
		if !c.field.Many {
			n.Content = append(n.Content, n.pool.scalar(c.field.Key, value), o)
		} else {
			list := n.objects[slot{c.field, 0}]
			if list == nil {
				list = n.pool.node(yaml.SequenceNode, "", value.Line, value.Column)
				n.objects[slot{c.field, 0}] = list
				n.Content = append(n.Content, n.pool.scalar(c.field.Key, value), list)
			}
			list.Content = append(list.Content, o)
		}
	}
	o.Content = append(o.Content, n.pool.scalar(c.part.Key, value), value)
}

// slot is a place for an object in a row: 出处 is 1, 出处2 is 2, and 0 is the list of them.
type slot struct {
	field  *Field
	number int
}

func blank(row []string) bool {
	for _, c := range row {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// find settles what a header means; bad is what to say when it means nothing.
func (c *column) find(schema *Schema) (bad string) {
	switch fieldName(c.header) {
	case "id", "编号":
		c.use = useID
		return ""
	case "body", "正文":
		c.use = useBody
		return ""
	case "":
		return "表头有一格是空的。请写上字段名，或删去这一列。"
	}
	base, sub, dotted := strings.Cut(strings.ReplaceAll(c.header, "．", "."), ".")
	f := schema.Field(base)
	c.number = 1
	if stem := strings.TrimRight(base, "0123456789"); f == nil && stem != base {
		if n, err := strconv.Atoi(base[len(stem):]); err == nil && n >= 1 && n <= 999 {
			f, c.number = schema.Field(stem), n
		}
	}
	if f == nil {
		known := append(schema.Names(), "编号", "正文")
		hint := "可以用的字段见 docs/schema.md。"
		if near := nearName(c.header, known); near != "" {
			hint = "是不是“" + near + "”？"
		}
		return schema.Label + "没有“" + c.header + "”这个字段。" + hint
	}
	if dotted {
		part := f.Field(sub)
		if part == nil {
			hint := ""
			if near := diag.Nearest(sub, names(f.Fields)); near != "" {
				hint = "是不是“" + base + "." + near + "”？"
			}
			return "字段" + f.String() + "里没有“" + sub + "”这一项。" + hint
		}
		c.part = part
		if c.number > 1 && !f.Many {
			return "字段" + f.String() + "只有一个，不能写“" + base + "”。"
		}
	} else if c.number > 1 {
		return "“" + c.header + "”后面的数字只用于有分项的字段，如“出处2.史料”。"
	}
	c.use, c.field = useField, f
	return ""
}
