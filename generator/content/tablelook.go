package content

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/diag"
)

// Tables come from spreadsheets, where merged cells, totals, titles and empty columns are at home. What is nothing is passed
// over; what may be something is asked about, and never filled in or dropped unseen.

// hasID reports that a row names the column of ids, which a header must.
func hasID(row []string) bool {
	return slices.ContainsFunc(row, func(h string) bool { return fieldName(h) == "id" || fieldName(h) == "编号" })
}

// titleRows looks for the header below the first row: how many rows stand above it, and where it begins.
func titleRows(s *sheet, texts func() []string) (n, at int) {
	for n = 1; n <= 5; n++ {
		if more, fault := s.next(); !more || fault != nil {
			return 0, 0
		}
		if hasID(texts()) {
			return n, s.begin
		}
	}
	return 0, 0
}

// edge makes a row as long as the header where only empty cells are too many, or too few below a header that is empty too.
func edge(row []string, columns []column) []string {
	for len(row) > len(columns) && strings.TrimSpace(row[len(row)-1]) == "" {
		row = row[:len(row)-1]
	}
	for len(row) < len(columns) && !slices.ContainsFunc(columns[len(row):], func(c column) bool { return c.header != "" }) {
		row = append(row, "")
	}
	return row
}

var totals = []string{"合计", "总计", "小计", "共计", "总数", "合计数", "总合计"}

// totalOf gives the word for a sum that one of a row's first cells consists of, or "".
func totalOf(row []string) string {
	for _, cell := range row[:min(len(row), 4)] {
		cell = strings.TrimRight(strings.Join(strings.Fields(cell), ""), "：:")
		if slices.Contains(totals, cell) {
			return cell
		}
	}
	return ""
}

// columnLook is what is noticed about a column while its rows are read.
type columnLook struct {
	line, col int // of its header
	said      bool

	rows, filled int
	last         string          // the cell that was filled last
	values       map[string]bool // of the filled cells
	again        bool            // a value came twice
	top          bool            // the first row is filled
	blank        [2]int          // place of the first blank cell below a filled one
	above        string          // and what stands above it

	october [][2]int // places of 1998.1
	dotted  []string // what stands there
	settled bool     // another cell shows that zeros at the end are kept
}

var (
	mayBeOctober = regexp.MustCompile(`^[12][0-9]{3}\.1$`)
	zeroKept     = regexp.MustCompile(`^[12][0-9]{3}\.(10|0[1-9])$`)
)

// see notes a cell.
func (l *columnLook) see(c *column, row []string, i int, place func() (line, col int)) {
	f := c.field
	if c.part != nil {
		f = c.part
	}
	if c.use != useField || f == nil {
		return
	}
	cell := strings.TrimSpace(row[i])
	l.rows++
	if f.Type == DateType {
		switch {
		case mayBeOctober.MatchString(cell):
			line, col := place()
			l.october, l.dotted = append(l.october, [2]int{line, col}), append(l.dotted, cell)
		case zeroKept.MatchString(cell):
			l.settled = true
		}
	}
	switch f.Type {
	case RefType, Term, Enum, DateType, Text:
	default:
		return
	}
	if cell == "" {
		if l.filled > 0 && l.blank[0] == 0 {
			line, col := place()
			l.blank, l.above = [2]int{line, col}, l.last
		}
		return
	}
	if l.rows == 1 {
		l.top = true
	}
	l.filled++
	l.last = cell
	if l.again || l.rows > 8 && 2*l.filled > l.rows {
		l.again, l.values = true, nil // no merged column
		return
	}
	if l.values == nil {
		l.values = map[string]bool{}
	}
	// A value that another cell of its row has in it belongs to that row: 洪城杯, and a title with 洪城杯.
	l.again = l.values[cell] || slices.ContainsFunc(row, func(other string) bool { return len(other) > len(cell) && strings.Contains(other, cell) })
	l.values[cell] = true
}

// doubts are the questions that a column raises once all of it is known.
func (l *columnLook) doubts(path string, c *column, schema *Schema) (list diag.List) {
	if !l.settled {
		for i, at := range l.october {
			year := l.dotted[i][:4]
			list = append(list, diag.Warningf(diag.Pos{Path: path, Line: at[0], Col: at[1]}, "csv/october",
				"“%s”可能是1月，也可能是10月：表格软件会把 %s.10 末尾的 0 去掉。请核对原件，写成 %s-01 或 %s-10。", l.dotted[i], year, year, year))
		}
	}
	if l.merged(c, schema) {
		list = append(list, diag.Warningf(diag.Pos{Path: path, Line: l.blank[0], Col: l.blank[1]}, "csv/merged",
			"“%s”这一列像是合并过单元格：%d 行里只有 %d 行有值，这一格是空的，上面是“%s”。空格子不会自动补上：和上面相同，请逐行填写；确是没有，请留空。", c.header, l.rows, l.filled, l.above))
	}
	return list
}

// merged reports that a column looks as merged cells do when they are taken apart: a value in the first row of each block, each
// another one, and nothing below it. Many columns are as sparse by nature, so only those are asked about by which lists are
// divided: what search is narrowed by, what has pages of its own, and the parts of a roll.
func (l *columnLook) merged(c *column, schema *Schema) bool {
	f := c.field
	if !l.top || l.again || l.blank[0] == 0 || l.rows < 4 || 2*l.filled > l.rows || c.part != nil || f.Required {
		return false
	}
	if r := schema.Roll; r != nil && (f == r.Unit || f == r.Date) {
		return true
	}
	return f.Facet || f.Browse
}

// nearName is diag.Nearest, but for a name that another one contains that one: 序号 is 名单序号 rather than 称号.
func nearName(name string, known []string) string {
	best := ""
	if utf8.RuneCountInString(name) >= 2 {
		for _, k := range known {
			if k != name && strings.Contains(k, name) && (best == "" || len(k) < len(best)) {
				best = k
			}
		}
	}
	if best != "" {
		return best
	}
	return diag.Nearest(name, known)
}
