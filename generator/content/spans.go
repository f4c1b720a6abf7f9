package content

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The library tells where a node begins and not where it ends. A span is found by reading on from its beginning
// by the rules of YAML 1.1 (https://yaml.org/spec/1.1/), and compared with the library's value where that is
// easily done. Where a span can't be found, nothing is edited.

// spanned is a node and the bytes that it takes up. Comments, blanks and line breaks behind it are not its own.
type spanned struct {
	node    *yaml.Node
	start   int  // its first byte: that of its anchor or tag, if it has one
	inner   int  // its first byte behind these
	end     int  // behind its last byte
	flow    bool // it stands between brackets
	entries []entry
}

// entry is a pair of a mapping or an item of a sequence.
type entry struct {
	at    int // its first byte: the key's, or the dash of an item, or the ? of a key that has one
	mark  int // the colon or the dash; -1 where there is none
	key   *spanned
	value *spanned
}

// end is behind the last byte of the entry.
func (e *entry) end() int { return max(e.value.end, e.mark+1, e.at) }

var errSpan = errors.New("span not found")

// tracer finds the spans of the nodes of a text.
type tracer struct {
	text   []byte
	starts []int // of the lines
}

// trace gives the spans of a tree that the library made of text.
func trace(root *yaml.Node, text []byte) (*spanned, error) {
	if bytes.Contains(text, []byte("\u0085")) || bytes.Contains(text, []byte("\u2028")) || bytes.Contains(text, []byte("\u2029")) || bytes.Contains(text, []byte("\n\ufeff")) {
		return nil, errSpan // they are line breaks, or nothing, to YAML, and to nobody else
	}
	t := &tracer{text: text, starts: newLines(text).starts}
	return t.node(root, 0, -1, false)
}

// column is how many characters stand before a place in its line.
func (t *tracer) column(at int) int {
	return utf8.RuneCount(t.text[lineBegin(t.text, at):at])
}

// lineBegin is where the line of a place begins, lineEnd where its line break is or the text ends.
func lineBegin(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }

func lineEnd(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

func blankByte(c byte) bool { return c == ' ' || c == '\t' }

// blankAt reports whether a blank, a line break or the end is at a place.
func blankAt(text []byte, at int) bool {
	return at >= len(text) || blankByte(text[at]) || text[at] == '\n'
}

// space passes over blanks, line breaks and comments.
func space(text []byte, at int) int {
	for at < len(text) {
		switch c := text[at]; {
		case blankByte(c) || c == '\n':
			at++
		case c == '#' && (at == 0 || blankAt(text, at-1)):
			at = lineEnd(text, at)
		default:
			return at
		}
	}
	return at
}

// node finds the span of a node that begins at from or behind it. indent is the column of the block collection
// around it, -1 if there is none.
func (t *tracer) node(n *yaml.Node, from, indent int, flow bool) (*spanned, error) {
	s := &spanned{node: n, start: from, inner: from, end: from, flow: flow}
	tagged := n.Style&yaml.TaggedStyle != 0
	empty := n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	if empty && n.Anchor == "" && !tagged {
		return s, nil
	}
	if n.Line < 1 || n.Line > len(t.starts) {
		return nil, errSpan
	}
	s.start = t.starts[n.Line-1]
	for range n.Column - 1 {
		if s.start >= len(t.text) || t.text[s.start] == '\n' {
			return nil, errSpan
		}
		_, size := utf8.DecodeRune(t.text[s.start:])
		s.start += size
	}
	if s.start < from || space(t.text, from) != s.start || s.start >= len(t.text) {
		return nil, errSpan
	}
	s.inner, s.end = s.start, s.start
	// The tag ! alone is nowhere in the node.
	for anchor, tag := n.Anchor != "", tagged || n.Kind == yaml.ScalarNode; s.inner < len(t.text) && (anchor && t.text[s.inner] == '&' || tag && t.text[s.inner] == '!'); {
		if t.text[s.inner] == '&' {
			anchor = false
		} else {
			tag = false
		}
		for s.inner < len(t.text) && !blankAt(t.text, s.inner) && !(flow && bytes.IndexByte([]byte(",[]{}"), t.text[s.inner]) >= 0) {
			s.inner++
		}
		s.end = s.inner
		s.inner = space(t.text, s.inner)
	}
	if empty {
		s.inner = s.end
		return s, nil
	}
	if s.inner >= len(t.text) {
		return nil, errSpan
	}
	var err error
	switch n.Kind {
	case yaml.AliasNode:
		s.end = s.inner + 1 + len(n.Value)
		if s.end > len(t.text) || string(t.text[s.inner:s.end]) != "*"+n.Value {
			return nil, errSpan
		}
	case yaml.ScalarNode:
		s.end, err = t.scalar(n, s.inner, indent, flow)
	case yaml.SequenceNode:
		if t.text[s.inner] == '[' {
			err = t.between(s, ']')
			break
		}
		err = t.dashes(s)
	case yaml.MappingNode:
		if t.text[s.inner] == '{' && n.Style&yaml.FlowStyle != 0 {
			err = t.between(s, '}')
			break
		}
		err = t.pairs(s, flow)
	default:
		err = errSpan
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// dashes finds the items of a block sequence.
func (t *tracer) dashes(s *spanned) error {
	at := s.inner
	for _, c := range s.node.Content {
		if at = space(t.text, at); at >= len(t.text) || t.text[at] != '-' || !blankAt(t.text, at+1) {
			return errSpan
		}
		v, err := t.node(c, at+1, t.column(at), false)
		if err != nil {
			return err
		}
		s.entries = append(s.entries, entry{at: at, mark: at, value: v})
		at = max(at+1, v.end)
	}
	s.end = at
	return nil
}

// pairs finds those of a block mapping, or the one pair of [key: value].
func (t *tracer) pairs(s *spanned, flow bool) error {
	at := s.inner
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		e, err := t.pair(s.node.Content[i], s.node.Content[i+1], at, flow)
		if err != nil {
			return err
		}
		s.entries = append(s.entries, e)
		at = e.end()
	}
	s.end = at
	return nil
}

func (t *tracer) pair(key, value *yaml.Node, at int, flow bool) (e entry, err error) {
	e.at, e.mark = space(t.text, at), -1
	at = e.at
	if at+1 < len(t.text) && t.text[at] == '?' && blankAt(t.text, at+1) {
		at++
	}
	if e.key, err = t.node(key, at, t.column(e.at), flow); err != nil {
		return e, err
	}
	if at = space(t.text, e.key.end); at < len(t.text) && t.text[at] == ':' {
		e.mark = at
		at++
	} else {
		at = e.key.end
	}
	e.value, err = t.node(value, at, t.column(e.at), flow)
	if e.mark < 0 && err == nil && e.value.end != at {
		err = errSpan
	}
	return e, err
}

// between finds what stands in brackets.
func (t *tracer) between(s *spanned, closing byte) error {
	at := s.inner + 1
	content := s.node.Content
	for len(content) > 0 {
		var e entry
		var err error
		if closing == '}' {
			if len(content) < 2 {
				return errSpan
			}
			e, err = t.pair(content[0], content[1], at, true)
			content = content[2:]
		} else {
			e.at, e.mark = space(t.text, at), -1
			e.value, err = t.node(content[0], e.at, -1, true)
			content = content[1:]
		}
		if err != nil {
			return err
		}
		s.entries = append(s.entries, e)
		if at = space(t.text, e.end()); at < len(t.text) && t.text[at] == ',' {
			at++
		}
	}
	if at = space(t.text, at); at >= len(t.text) || t.text[at] != closing {
		return errSpan
	}
	s.end = at + 1
	return nil
}

// scalar gives the end of a scalar.
func (t *tracer) scalar(n *yaml.Node, at, indent int, flow bool) (int, error) {
	text := t.text
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		if text[at] != '"' {
			return 0, errSpan
		}
		for at++; at < len(text); at++ {
			if text[at] == '\\' {
				at++
			} else if text[at] == '"' {
				return at + 1, nil
			}
		}
		return 0, errSpan
	case n.Style&yaml.SingleQuotedStyle != 0:
		if text[at] != '\'' {
			return 0, errSpan
		}
		for at++; at < len(text); at++ {
			if text[at] != '\'' {
				continue
			}
			if at+1 < len(text) && text[at+1] == '\'' {
				at++
				continue
			}
			return at + 1, nil
		}
		return 0, errSpan
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		if text[at] != '|' && text[at] != '>' {
			return 0, errSpan
		}
		_, end := blockScalar(text, at, indent)
		return end, nil
	}
	end, value := plain(text, at, indent, flow)
	if value != n.Value {
		return 0, errSpan
	}
	return end, nil
}

// blockScalar gives where the text of a block scalar begins (the line below | or >) and where it ends, which is
// behind its last line, or behind blank lines where they count.
func blockScalar(text []byte, at, indent int) (begin, end int) {
	head := lineEnd(text, at)
	explicit, keep := 0, false
	for i := at + 1; i < head && !blankByte(text[i]); i++ {
		switch c := text[i]; {
		case c >= '1' && c <= '9':
			explicit = int(c - '0')
		case c == '+':
			keep = true
		}
	}
	outer := max(indent, 0)
	need := outer + explicit
	end = at + 1
	for end < head && !blankAt(text, end) {
		end++
	}
	begin = min(head+1, len(text))
	for at := begin; at < len(text); {
		stop := lineEnd(text, at)
		line := text[at:stop]
		spaces := len(line) - len(bytes.TrimLeft(line, " "))
		switch {
		case spaces == len(line) && (explicit == 0 && need == outer || spaces <= need):
			if keep {
				end = stop
			}
		default:
			if explicit == 0 && need == outer {
				need = max(spaces, indent+1, 1)
			}
			if spaces < need {
				return begin, end
			}
			end = stop
		}
		at = stop + 1
	}
	return begin, end
}

// plain gives the end of a scalar without quotes, and its value with line breaks folded.
func plain(text []byte, at, indent int, flow bool) (end int, value string) {
	var b strings.Builder
	end = at
	breaks := 0  // since the last character
	blanks := at // where the blanks before this place begin
	for at < len(text) {
		if column := at - lineBegin(text, at); column == 0 && (bytes.HasPrefix(text[at:], []byte("---")) || bytes.HasPrefix(text[at:], []byte("..."))) && blankAt(text, at+3) {
			break
		}
		if text[at] == '#' {
			break
		}
		word := at
		for !blankAt(text, at) {
			if text[at] == ':' && blankAt(text, at+1) || flow && bytes.IndexByte([]byte(",?[]{}"), text[at]) >= 0 {
				break
			}
			at++
		}
		if at > word {
			switch {
			case breaks == 1:
				b.WriteByte(' ')
			case breaks > 1:
				b.WriteString(strings.Repeat("\n", breaks-1))
			default:
				b.Write(text[blanks:word])
			}
			b.Write(text[word:at])
			end = at
		}
		if !blankAt(text, at) || at >= len(text) {
			break
		}
		breaks, blanks = 0, at
		for at < len(text) && blankAt(text, at) {
			if text[at] == '\n' {
				breaks++
			}
			at++
		}
		if !flow && breaks > 0 && at < len(text) && utf8.RuneCount(text[lineBegin(text, at):at]) <= indent {
			break
		}
	}
	return end, b.String()
}
