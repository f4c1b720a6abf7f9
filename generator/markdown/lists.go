package markdown

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// lists is goldmark's parser of lists, which differs in two things: 1959. 10. 26 is a date and no list in a list in a
// list, and the marker may stand behind a tab where a quote or another list has taken the columns before it.
type lists struct{ parser.BlockParser }

func (l lists) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	untab(reader)
	if line, _ := reader.PeekLine(); isDottedDate(bytes.TrimLeft(line, " ")) {
		return nil, parser.NoChildren
	}
	return l.BlockParser.Open(parent, reader, pc)
}

func (l lists) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	untab(reader)
	line, _ := reader.PeekLine()
	if last, ok := node.LastChild().(*ast.ListItem); ok && isDottedDate(bytes.TrimLeft(line, " ")) {
		if indent, _ := util.IndentWidth(line, reader.LineOffset()); indent < last.Offset {
			return parser.Close
		}
	}
	return l.BlockParser.Continue(node, reader, pc)
}

// listItems is goldmark's parser of list items; it also keeps the number that was typed, which CommonMark drops
// except for the first.
type listItems struct{ parser.BlockParser }

func (l listItems) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	n, state := l.BlockParser.Open(parent, reader, pc)
	if n == nil || !parent.(*ast.List).IsOrdered() {
		return n, state
	}
	line = bytes.TrimLeft(line, " ")
	end := 0
	for end < len(line) && line[end] >= '0' && line[end] <= '9' {
		end++
	}
	number, _ := strconv.Atoi(string(line[:end]))
	s := stateOf(pc)
	if s.numbers == nil {
		s.numbers = map[ast.Node]int{}
	}
	s.numbers[n] = number
	return n, state
}

// untab turns the tabs that indent what is left of a line into as many spaces as they stand for there.
func untab(reader text.Reader) {
	line, _ := reader.PeekLine()
	if reader.LineOffset() == 0 || len(line) == 0 || line[0] != ' ' && line[0] != '\t' {
		return
	}
	if width, pos := util.IndentWidth(line, reader.LineOffset()); bytes.IndexByte(line[:pos], '\t') >= 0 {
		reader.AdvanceAndSetPadding(pos, width)
	}
}

// isDottedDate reports that a line begins with year, month and day, or year and month, with dots and spaces
// between them: 1959. 10. 26 or 1959. 10.
func isDottedDate(line []byte) bool {
	if len(line) < 8 || line[4] != '.' || line[5] != ' ' {
		return false
	}
	for _, c := range line[:4] {
		if c < '0' || c > '9' {
			return false
		}
	}
	rest := bytes.TrimLeft(line[5:], " ")
	i := 0
	for i < len(rest) && i < 3 && rest[i] >= '0' && rest[i] <= '9' {
		i++
	}
	return i > 0 && i < 3 && i < len(rest) && rest[i] == '.'
}

// list writes a list. Numbers stand as they were typed: 1950. 1956. 1960. are no 1950, 1951, 1952. Only items that all have
// the same number are counted, as people let Markdown do who write 1. before each. Where numbers go back, another list
// begins, though CommonMark joins what only blank lines divide.
func (w *writer) list(n *ast.List) {
	if !n.IsOrdered() {
		w.write("<ul>\n")
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			w.write("<li")
			w.item(item)
		}
		w.write("</ul>\n")
		return
	}
	for first := n.FirstChild(); first != nil; {
		end, same := first.NextSibling(), first.NextSibling() != nil
		for last := w.numbers[first]; end != nil; end = end.NextSibling() {
			number := w.numbers[end]
			if number < last || number == 1 && last > 1 {
				break
			}
			same = same && number == last
			last = number
		}
		w.numbered(first, end, same && first.NextSibling() != end)
		first = end
	}
}

// numbered writes the items from first to before end, which count up from the first one's number if they are counted, and else
// have their own.
func (w *writer) numbered(first, end ast.Node, counted bool) {
	next := w.numbers[first]
	w.write("<ol")
	if next != 1 {
		w.write(` start="` + strconv.Itoa(next) + `"`)
	}
	w.write(">\n")
	for item := first; item != end; item = item.NextSibling() {
		w.write("<li")
		if number := w.numbers[item]; number != next && !counted {
			w.write(` value="` + strconv.Itoa(number) + `"`)
			next = number
		}
		w.item(item)
		next++
	}
	w.write("</ol>\n")
}

// item writes a list item behind its <li.
func (w *writer) item(item ast.Node) {
	if isTask(item) {
		w.write(` class="task"`)
	}
	w.write(">")
	if first := item.FirstChild(); first != nil && first.Kind() != ast.KindTextBlock {
		w.newline()
	}
	w.blocks(item)
	w.write("</li>\n")
}
