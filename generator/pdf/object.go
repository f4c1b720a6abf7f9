package pdf

import (
	"bytes"
	"strconv"
)

// The objects of a file (ISO 32000-1, 7.3). What is neither number, name, dictionary, list nor reference is nil: nothing
// that counts pages stands in it.
type (
	dict      map[string]any
	name      string
	reference int // to an object, by its number
)

// parser reads objects out of bytes. It never goes back and never fails: what it does not understand is nil.
type parser struct {
	b []byte
	i int
}

// space passes over blanks and comments.
func (p *parser) space() {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case 0, '\t', '\n', '\f', '\r', ' ':
			p.i++
		case '%':
			for p.i < len(p.b) && p.b[p.i] != '\n' && p.b[p.i] != '\r' {
				p.i++
			}
		default:
			return
		}
	}
}

// word passes over a keyword, if it comes next.
func (p *parser) word(w string) bool {
	p.space()
	if !bytes.HasPrefix(p.b[p.i:], []byte(w)) {
		return false
	}
	p.i += len(w)
	return true
}

// head passes over the beginning of an object, 12 0 obj.
func (p *parser) head() bool {
	_, ok := p.integer()
	_, also := p.integer()
	return ok && also && p.word("obj")
}

func (p *parser) integer() (int, bool) {
	p.space()
	n, err := strconv.Atoi(string(p.token()))
	return n, err == nil
}

// token is the run of regular characters that comes next.
func (p *parser) token() []byte {
	from := p.i
	for p.i < len(p.b) && !bytes.ContainsRune([]byte("\x00\t\n\f\r ()<>[]{}/%"), rune(p.b[p.i])) {
		p.i++
	}
	return p.b[from:p.i]
}

// value reads an object, or a reference to one.
func (p *parser) value(depth int) any {
	p.space()
	if depth > maxDepth {
		p.i = len(p.b) // nobody nests that deep
	}
	if p.i >= len(p.b) {
		return nil
	}
	switch c := p.b[p.i]; {
	case bytes.HasPrefix(p.b[p.i:], []byte("<<")):
		p.i += 2
		return p.dict(depth)
	case c == '[':
		p.i++
		return p.list(depth)
	case c == '/':
		p.i++
		return name(p.token())
	case c == '(':
		p.literal()
		return nil
	case c == '<':
		if end := bytes.IndexByte(p.b[p.i:], '>'); end >= 0 {
			p.i += end + 1
		} else {
			p.i = len(p.b)
		}
		return nil
	}
	from := p.i
	token := p.token()
	n, err := strconv.Atoi(string(token))
	if err != nil {
		if p.i == from {
			p.i++ // a bracket that nothing opened
		}
		return nil
	}
	after := p.i // 12 0 R
	if _, ok := p.integer(); ok && n >= 0 {
		if p.space(); string(p.token()) == "R" {
			return reference(n)
		}
	}
	p.i = after
	return n
}

func (p *parser) dict(depth int) dict {
	d := dict{}
	for {
		p.space()
		switch {
		case p.i >= len(p.b) || p.word(">>"):
			return d
		case p.b[p.i] != '/':
			p.value(depth + 1) // not a key
			continue
		}
		p.i++
		key := string(p.token())
		d[key] = p.value(depth + 1)
	}
}

func (p *parser) list(depth int) []any {
	l := []any{}
	for {
		p.space()
		if p.i >= len(p.b) {
			return l
		}
		if p.b[p.i] == ']' {
			p.i++
			return l
		}
		l = append(l, p.value(depth+1))
	}
}

// literal passes over a string in brackets, which may hold more of them.
func (p *parser) literal() {
	open := 0
	for ; p.i < len(p.b); p.i++ {
		switch p.b[p.i] {
		case '\\':
			p.i++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				p.i++
				return
			}
		}
	}
}
