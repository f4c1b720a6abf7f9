package content

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/han"
)

// lines is a file's text with the offsets at which its lines begin, to find where the characters of a
// value stand: a value is not what the file holds (white space is folded, quotes are doubled, block
// scalars are indented), but its visible characters are, in the same order.
type lines struct {
	text   []byte
	starts []int
}

func newLines(text []byte) *lines {
	l := &lines{text: text, starts: make([]int, 1, 1+bytes.Count(text, []byte("\n")))}
	for i, c := range text {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// offset is where a line and column (1-based, in characters) are in the text.
func (l *lines) offset(line, col int) int {
	if line < 1 || line > len(l.starts) {
		return len(l.text)
	}
	at := l.starts[line-1]
	for ; col > 1 && at < len(l.text) && l.text[at] != '\n'; col-- {
		_, n := utf8.DecodeRune(l.text[at:])
		at += n
	}
	return at
}

// position is the line and column (1-based, in characters) of an offset in the text.
func (l *lines) position(at int) (line, col int) {
	line, found := slices.BinarySearch(l.starts, at)
	if found {
		line++
	}
	return line, 1 + utf8.RuneCount(l.text[l.starts[line-1]:at])
}

// cursor walks through the characters of a scalar as they stand in the file.
type cursor struct {
	text                 []byte
	at, line, col        int
	double, single, cell bool
}

// scalar gives a cursor before a scalar. cell says that it is a cell of a table: then its node stands at its
// first character, and its style tells whether it is in quotes.
func (l *lines) scalar(n *yaml.Node, cell bool) *cursor {
	c := &cursor{text: l.text, line: n.Line, col: n.Column, cell: cell}
	c.double = n.Style&yaml.DoubleQuotedStyle != 0
	c.single = n.Style&yaml.SingleQuotedStyle != 0 && !cell
	switch {
	case cell:
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		c.line, c.col = n.Line+1, 1
	case c.double || c.single:
		c.col++
	}
	c.at = l.offset(c.line, c.col)
	return c
}

// skip passes over as many visible characters as a part of the value has, and over the white space behind
// them.
func (c *cursor) skip(part string) {
	need := 0
	for _, r := range part {
		if counted(r) {
			need++
		}
	}
	for c.at < len(c.text) {
		r, size := utf8.DecodeRune(c.text[c.at:])
		width, count := 1, counted(r) // characters of the file that stand for one of the value
		rest := c.text[c.at+size:]
		switch {
		case r == '"' && c.double && c.cell, r == '\'' && c.single:
			if len(rest) == 0 || rune(rest[0]) != r {
				return // the closing quote
			}
			width, size = 2, 2
		case r == '"' && c.double:
			return
		case r == '\\' && c.double && !c.cell && len(rest) > 0 && rest[0] != '\n':
			width = 2
			switch rest[0] {
			case 'n', 't', 'r', 'v', 'f', 'e', 'a', 'b', '0', ' ', '\t', '_', 'N', 'L', 'P':
				count = false
			case 'x':
				width = 4
			case 'u':
				width = 6
			case 'U':
				width = 10
			}
			size = min(width, len(c.text)-c.at)
		case r == '\\' && c.double && !c.cell:
			count = false // the line goes on
		}
		if count {
			if need == 0 {
				return
			}
			need--
		}
		c.at += size
		if c.col += width; r == '\n' {
			c.line, c.col = c.line+1, 1
		}
	}
}

// counted tells the characters that a value has as its file has them from white space, which may differ, and from what
// clean may take out.
func counted(r rune) bool { return !unicode.IsSpace(r) && han.Sight(r) == han.Visible }

// offsetIn is the byte offset of a line and column (1-based, in characters) of a value's text.
func offsetIn(text string, line, col int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	for ; col > 1 && at < len(text) && text[at] != '\n'; col-- {
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	return at
}
