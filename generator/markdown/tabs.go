package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// tabTables turns lines with the same number of tabs, which is what a spreadsheet leaves on the clipboard, into a table
// whose first row is the head. Lines without a tab before and behind them stay paragraphs.
type tabTables struct{}

func (tabTables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, source := node.Lines(), reader.Source()
	first, end, tabs, different := tabbed(lines, source)
	if first < 0 || end-first < 2 && different == nil {
		return
	}
	if line := fullLine(source, lines.At(first)); enumerated(source[line.Start:line.Stop]) {
		return // 1. and a tab, as Word numbers its paragraphs
	}
	if takenBelow(source, lines.At(lines.Len()-1).Stop) {
		return
	}
	state := stateOf(pc)
	if different != nil {
		state.source.warnf(different.Start, "tab-table", "这几行像是从表格软件粘贴来的，但各行的制表符不一样多，没有当作表格：请补齐各行的格子，或在 Markdown 里写成表格")
		return
	}
	if tabs+1 > maxColumns || state.cells+(tabs+1)*(end-first) > maxCells {
		return
	}
	state.cells += (tabs + 1) * (end - first)
	table := east.NewTable()
	table.Alignments = make([]east.Alignment, tabs+1)
	for i := range table.Alignments {
		table.Alignments[i] = east.AlignNone
	}
	table.SetPos(lines.At(first).Start)
	if state.tabbed == nil {
		state.tabbed = map[ast.Node]bool{}
	}
	for i := first; i < end; i++ {
		var row ast.Node = tabRow(source, fullLine(source, lines.At(i)), table.Alignments)
		if i == first {
			row = east.NewTableHeader(row.(*east.TableRow))
		}
		state.tabbed[row] = true
		table.AppendChild(table, row)
	}
	parent := node.Parent()
	if end < lines.Len() {
		behind := ast.NewParagraph()
		for i := end; i < lines.Len(); i++ {
			behind.Lines().Append(lines.At(i))
		}
		parent.InsertAfter(parent, node, behind)
	}
	parent.InsertAfter(parent, node, table)
	if first == 0 {
		parent.RemoveChild(parent, node)
		return
	}
	lines.SetSliced(0, first)
	last := lines.At(first - 1)
	lines.Set(first-1, last.TrimRightSpace(source))
}

// tabbed finds the lines of a paragraph that have tabs: from first to end, each as many. different is one that has not.
func tabbed(lines *text.Segments, source []byte) (first, end, tabs int, different *text.Segment) {
	first, end = -1, lines.Len()
	for i := range lines.Len() {
		line := fullLine(source, lines.At(i))
		n := bytes.Count(source[line.Start:line.Stop], []byte{'\t'})
		switch {
		case n > 0 && first < 0:
			first, tabs = i, n
		case first >= 0 && n == 0:
			end = min(end, i)
		case n > 0 && (n != tabs || i > end):
			different = &line
		}
	}
	return first, end, tabs, different
}

// tabRow makes a row of a line: a cell between two tabs.
func tabRow(source []byte, line text.Segment, alignments []east.Alignment) *east.TableRow {
	row := east.NewTableRow(alignments)
	row.SetPos(line.Start)
	for at, more := line.Start, true; more; {
		stop := line.Stop
		if j := bytes.IndexByte(source[at:line.Stop], '\t'); j >= 0 {
			stop = at + j
		} else {
			more = false
		}
		cell := east.NewTableCell()
		cell.SetPos(at)
		inner := text.NewSegment(at, stop)
		inner = inner.TrimLeftSpace(source)
		cell.Lines().Append(inner.TrimRightSpace(source))
		row.AppendChild(row, cell)
		at = stop + 1
	}
	return row
}

// fullLine gives back to a line of a paragraph the tabs at its start, which are cells without text, and takes the line
// break from it.
func fullLine(source []byte, s text.Segment) text.Segment {
	start := s.Start
	for start > 0 && source[start-1] == '\t' {
		start--
	}
	if start == 0 || source[start-1] == '\n' {
		s.Start = start
	}
	if s.Stop > s.Start && source[s.Stop-1] == '\n' {
		s.Stop--
	}
	for s.Stop < len(source) && source[s.Stop] == '\t' {
		s.Stop++
	}
	return s
}

// takenBelow reports that what follows a paragraph makes it a heading or the terms of definitions.
func takenBelow(source []byte, stop int) bool {
	rest := source[stop:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 && (stop == 0 || source[stop-1] != '\n') {
		rest = rest[i+1:]
	}
	rest = bytes.TrimLeft(rest, " \t>")
	if len(rest) > 0 && (rest[0] == '-' || rest[0] == '=') {
		return true
	}
	rest = bytes.TrimLeft(rest, " \t>\n")
	return len(rest) > 0 && rest[0] == ':'
}

// pipeTables is goldmark's maker of tables. It is kept from a table below lines of text that the line behind it makes a
// heading or terms: the parser would put those behind the table.
type pipeTables struct{ parser.ParagraphTransformer }

func (p pipeTables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, source := node.Lines(), reader.Source()
	if lines.Len() < 2 {
		return
	}
	if second := lines.At(1); delimiterColumns(second.Value(source)) == 0 && takenBelow(source, lines.At(lines.Len()-1).Stop) {
		return
	}
	p.ParagraphTransformer.Transform(node, reader, pc)
}
