package grid

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"gongzhi/generator/docx"
)

// ReadAll reads a list that may hold several tables: a Word file has lines and tables. All else has one.
func ReadAll(name string, b []byte, opt Options) ([]*Table, error) {
	if len(b) <= MaxBytes && sniff(b) == "docx" {
		return readDOCX(path.Base(strings.ReplaceAll(name, "\\", "/")), b, opt)
	}
	t, err := Read(name, b, opt)
	if err != nil {
		return nil, err
	}
	return []*Table{t}, nil
}

// readDOCX makes a table of the lines of a Word file, if they are a list, and one of each table that has a header.
func readDOCX(base string, b []byte, opt Options) ([]*Table, error) {
	d, err := docx.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("%s：%w", base, err)
	}
	in := &wordFile{base: base, opt: opt}
	in.blocks(d.Blocks)
	tables, notes := in.tables, in.notes
	for _, l := range d.Left {
		notes = append(notes, fmt.Sprintf("%s，没有用：%s", l.Why, clip(strings.TrimSpace(l.Text), 60)))
	}
	if slices.ContainsFunc(in.lines, func(l string) bool { return strings.TrimSpace(l) != "" }) {
		t, err := FromText(strings.Join(in.lines, "\n"), opt)
		switch {
		case err == nil:
			t.File = base
			tables = append([]*Table{t}, tables...)
		case len(tables) == 0:
			return nil, fmt.Errorf("%s：%w", base, err)
		default:
			for i, l := range in.lines {
				if s := strings.TrimSpace(l); s != "" {
					tables[0].Left = append(tables[0].Left, Left{i + 1, "正文", clip(s, 200)})
				}
			}
		}
	}
	if len(tables) == 0 {
		if len(notes) > 0 {
			return nil, fmt.Errorf("%s：%s", base, notes[0])
		}
		return nil, fmt.Errorf("%s：里面没有名单，也没有有表头的表格", base)
	}
	tables[0].Notes = append(tables[0].Notes, notes...)
	return tables, nil
}

// wordFile is what is read from a Word file.
type wordFile struct {
	base   string
	opt    Options
	tables []*Table
	lines  []string // each in the place of its paragraph
	notes  []string
}

func (in *wordFile) blocks(blocks []docx.Block) {
	for _, x := range blocks {
		switch x := x.(type) {
		case *docx.Paragraph:
			for _, l := range strings.Split(plain(x), "\n") {
				for len(in.lines) < x.At-1 {
					in.lines = append(in.lines, "")
				}
				in.lines = append(in.lines, l)
			}
		case *docx.Group:
			in.blocks(x.Blocks)
		case *docx.Table:
			t := &Table{File: in.base, Format: "Word 表格", Sheet: fmt.Sprintf("表%d", len(in.tables)+1)}
			if err := Assemble(t, tableRows(x), in.opt); err != nil {
				in.notes = append(in.notes, fmt.Sprintf("第 %d 个表格没有用：%v", len(in.tables)+1, err))
				continue
			}
			in.tables = append(in.tables, t)
		}
	}
}

// tableRows gives the rows of a table; a cell that others are joined to has its text in all rows that it spans.
func tableRows(x *docx.Table) []Row {
	var rows []Row
	for i, r := range x.Rows {
		row := Row{No: i + 1}
		for k, c := range r.Cells {
			cell := Cell{}
			if c.Covered {
				cell.Flags = Filled
				if i > 0 && k < len(rows[i-1].Cells) && (k == 0 || !r.Cells[k-1].Covered && !wide(x, i-1, k)) {
					cell.Text = rows[i-1].Cells[k].Text // down a column: the same text
				}
			} else {
				cell.Text = cellText(c.Blocks)
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// wide reports whether a cell of a row belongs to one that spans columns there.
func wide(x *docx.Table, row, col int) bool {
	return row >= 0 && col < len(x.Rows[row].Cells) && x.Rows[row].Cells[col].Covered && col > 0 && x.Rows[row].Cells[col-1].Covered
}

func plain(p *docx.Paragraph) string {
	var b strings.Builder
	for _, s := range p.Spans {
		switch s.Kind {
		case docx.Text, docx.Ruby:
			b.WriteString(s.Text)
		case docx.Tab:
			b.WriteByte('\t')
		case docx.Break:
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func cellText(blocks []docx.Block) string {
	var parts []string
	docx.Walk(blocks, func(p *docx.Paragraph) { parts = append(parts, strings.TrimSpace(plain(p))) })
	return strings.TrimSpace(strings.Join(parts, "\n"))
}
