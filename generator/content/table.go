package content

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

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

// readTable reads the rows of a CSV file (comma, semicolon or tab, found from the header) as records.
func readTable(p string, src []byte, schema *Schema, zone *time.Location) ([]*Record, diag.List) {
	name := norm.NFC.String(p)
	text, diags := DecodeText(name, src)
	if text == nil {
		return nil, diags
	}
	fail := func(line, col int, id, format string, args ...any) {
		diags = append(diags, diag.Errorf(diag.Pos{Path: name, Line: line, Col: col}, id, format, args...))
	}
	lines := bytes.Split(text, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	switch first := lines[0]; {
	case path.Ext(p) == ".tsv" || bytes.ContainsRune(first, '\t') && !bytes.ContainsRune(first, ','):
		r.Comma = '\t'
	case bytes.ContainsRune(first, ';') && !bytes.ContainsRune(first, ','):
		r.Comma = ';'
	}
	// pos is where a cell stands, its column in characters.
	pos := func(i int) (int, int) {
		line, col := r.FieldPos(i)
		if line <= len(lines) && col-1 <= len(lines[line-1]) {
			col = 1 + utf8.RuneCount(lines[line-1][:col-1])
		}
		return line, col
	}
	syntax := func(err error) {
		var pe *csv.ParseError
		if !errors.As(err, &pe) {
			fail(1, 1, "csv/syntax", "表格读不出来：%v", err)
			return
		}
		col := 1
		if pe.Line <= len(lines) && pe.Column-1 <= len(lines[pe.Line-1]) && pe.Column > 0 {
			col = 1 + utf8.RuneCount(lines[pe.Line-1][:pe.Column-1])
		}
		switch {
		case errors.Is(pe.Err, csv.ErrQuote) && pe.StartLine != pe.Line:
			fail(pe.StartLine, 1, "csv/quote", "从这一行开始的双引号没有配对，一直错到第 %d 行。单元格里的双引号要写成两个。", pe.Line)
		case errors.Is(pe.Err, csv.ErrQuote), errors.Is(pe.Err, csv.ErrBareQuote):
			fail(pe.Line, col, "csv/quote", "双引号没有配对。含双引号的单元格要整个用双引号括起来，里面的双引号写成两个。")
		default:
			fail(pe.Line, col, "csv/syntax", "表格读不出来：%v", pe.Err)
		}
	}
	header, err := r.Read()
	if err == io.EOF {
		fail(1, 1, "csv/empty", "表格是空的。第一行写字段名，如“编号,姓名,出处.史料”。")
		return nil, diags
	} else if err != nil {
		syntax(err)
		return nil, diags
	}
	columns, idColumn := make([]column, len(header)), -1
	seen := map[column]int{}
	for i, h := range header {
		c := column{header: norm.NFC.String(strings.TrimSpace(h))}
		line, col := pos(i)
		if bad := c.find(schema); bad != "" {
			fail(line, col, "schema/unknown-field", "%s", bad)
		}
		if c.use != useNothing {
			key := c
			key.header = ""
			if first, ok := seen[key]; ok {
				fail(line, col, "csv/duplicate-header", "“%s”和第 %d 列“%s”是同一个字段。请删去一列。", c.header, first+1, columns[first].header)
				c.use = useNothing
			}
			seen[key] = i
		}
		if c.use == useID {
			idColumn = i
		}
		columns[i] = c
	}
	if idColumn < 0 {
		fail(1, 1, "csv/no-id", "表格缺少“编号”（id）列。每一行要有一个不重复的编号，它也是网址的一部分。")
		return nil, diags
	}
	var records []*Record
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			// What follows an unbalanced quote can't be told apart from it.
			syntax(err)
			break
		}
		if blank(row) {
			continue
		}
		line, _ := pos(0)
		if len(row) != len(header) {
			fail(line, 1, "csv/ragged", "这一行有 %d 格，表头有 %d 格。请检查是否多了或少了逗号；含逗号的单元格要用双引号括起来。", len(row), len(header))
			continue
		}
		rec := &Record{Schema: schema, Path: name, Line: line, Row: true, ID: norm.NFC.String(strings.TrimSpace(row[idColumn])), Body: &markdown.Body{}}
		if bad := CheckID(rec.ID); bad != "" {
			l, c := pos(idColumn)
			fail(l, c, "record/id", "%s", bad)
			continue
		}
		d := &decoder{path: name, zone: zone, csv: true}
		root := &yaml.Node{Kind: yaml.MappingNode, Line: line, Column: 1}
		objects := map[string]*yaml.Node{}
		for i, cell := range row {
			c := columns[i]
			if c.use == useNothing || c.use == useID || strings.TrimSpace(cell) == "" {
				continue
			}
			l, col := pos(i)
			// Quoted, so that 0012 stays 0012 and "null" is a word.
			value := &yaml.Node{Kind: yaml.ScalarNode, Value: cell, Style: yaml.DoubleQuotedStyle, Line: l, Column: col}
			switch {
			case c.use == useBody:
				body, more := markdown.ConvertPart("", []byte(cell), func(bl, bc int) diag.Pos {
					if bl == 1 {
						bc += col - 1
					}
					return diag.Pos{Path: name, Line: l + bl - 1, Col: bc}
				})
				rec.Body = &body
				d.diags = append(d.diags, more...)
			case c.part == nil:
				root.Content = append(root.Content, scalar(c.field.Key, value), value)
			default:
				key := c.field.Key + strconv.Itoa(c.number)
				o := objects[key]
				if o == nil {
					o = &yaml.Node{Kind: yaml.MappingNode, Line: l, Column: col}
					objects[key] = o
					if !c.field.Many {
						root.Content = append(root.Content, scalar(c.field.Key, value), o)
					} else {
						list := objects[c.field.Key]
						if list == nil {
							list = &yaml.Node{Kind: yaml.SequenceNode, Line: l, Column: col}
							objects[c.field.Key] = list
							root.Content = append(root.Content, scalar(c.field.Key, value), list)
						}
						list.Content = append(list.Content, o)
					}
				}
				o.Content = append(o.Content, scalar(c.part.Key, value), value)
			}
		}
		rec.Values = d.values(root, schema.Label, schema.Field, nil, schema.Fields, true)
		rec.finish()
		diags = append(diags, d.diags...)
		records = append(records, rec)
	}
	return records, diags
}

func scalar(s string, at *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s, Line: at.Line, Column: at.Column}
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
		if near := diag.Nearest(c.header, known); near != "" {
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
	} else if c.number > 1 {
		return "“" + c.header + "”后面的数字只用于有分项的字段，如“出处2.史料”。"
	}
	c.use, c.field = useField, f
	return ""
}
