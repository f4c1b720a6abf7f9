package manuscript

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/docx"
	"gongzhi/generator/markdown"
)

// piece is a span as it is written.
type piece struct {
	docx.Span
	source string // Markdown of what is no text
}

// attribute is one way in which pieces are set off, in Markdown.
type attribute uint8

const (
	linked attribute = iota
	struck
	strong
	emphasized
	attributes
)

const emphasis = docx.Italic | docx.Dots

func (p *piece) has(a attribute, of *piece) bool {
	switch a {
	case linked:
		return p.Link != "" && (of == nil || p.Link == of.Link && p.Tip == of.Tip && !strings.HasPrefix(p.Link, "[["))
	case struck:
		return p.Marks&docx.Strike != 0
	case strong:
		return p.Marks&docx.Bold != 0
	default:
		return p.Marks&emphasis != 0
	}
}

// drop takes an attribute off.
func (p *piece) drop(a attribute) {
	switch a {
	case linked:
		p.Link, p.Tip = "", ""
	case struck:
		p.Marks &^= docx.Strike
	case strong:
		p.Marks &^= docx.Bold
	default:
		p.Marks &^= emphasis
	}
}

// line writes the spans of a paragraph. Its result has line breaks only where the text has.
func (w *writer) line(spans []docx.Span, where int) string {
	var pieces []piece
	for _, s := range canonical(spans, where) {
		p := piece{Span: s}
		switch s.Kind {
		case docx.PictureOf:
			p.source = w.picture(&s, true)
		case docx.NoteMark:
			p.source = "[^" + strconv.Itoa(w.noteNumber(s.Index)) + "]"
		case docx.Break:
			p.source = "\\\n"
			if where != inText || w.everything {
				p.source = "<br>"
			}
		}
		if w.plainMarks {
			p.Marks = 0
		}
		pieces = append(pieces, p)
	}
	var b strings.Builder
	w.pieces(&b, pieces, 0, where)
	return b.String()
}

func (w *writer) noteNumber(i int) int {
	if n := w.notes[i]; n > 0 {
		return n
	}
	w.order = append(w.order, i)
	w.notes[i] = len(w.order)
	return len(w.order)
}

// pieces writes pieces, those that share an attribute within one pair of its signs: the one that reaches furthest first.
func (w *writer) pieces(b *strings.Builder, pieces []piece, open uint8, where int) {
	for i := 0; i < len(pieces); {
		best, length := attributes, 0
		for a := range attributes {
			if open&(1<<a) != 0 || !pieces[i].has(a, nil) {
				continue
			}
			n := 1
			for i+n < len(pieces) && pieces[i+n].has(a, &pieces[i]) {
				n++
			}
			if n > length {
				best, length = a, n
			}
		}
		if best == attributes {
			w.piece(b, &pieces[i], where)
			i++
			continue
		}
		inner := pieces[i : i+length]
		if w.gaps && b.Len() > 0 && best != linked {
			if r := lastRune(b.String()); r == '*' || r == '~' || r == '_' {
				b.WriteString("<!-- -->")
			}
		}
		switch best {
		case linked:
			w.link(b, inner, open|1<<linked, where)
		case struck:
			b.WriteString("~~")
			w.pieces(b, inner, open|1<<struck, where)
			b.WriteString("~~")
		case strong:
			b.WriteString("**")
			w.pieces(b, inner, open|1<<strong, where)
			b.WriteString("**")
		case emphasized:
			b.WriteString("*")
			w.pieces(b, inner, open|1<<emphasized, where)
			b.WriteString("*")
		}
		i += length
	}
}

func (w *writer) link(b *strings.Builder, inner []piece, open uint8, where int) {
	target, tip := inner[0].Link, inner[0].Tip
	if wiki, ok := strings.CutPrefix(target, "[["); ok { // of our own
		b.WriteString("[[")
		b.WriteString(wiki)
		if strings.HasSuffix(wiki, "]]") {
			return
		}
		label := ""
		for i := range inner {
			label += inner[i].Text
		}
		if where == inTable {
			b.WriteString(`\`)
		}
		b.WriteString("|" + label + "]]")
		return
	}
	if len(inner) == 1 && inner[0].Kind == docx.Text && inner[0].Marks&(docx.Code|docx.Bold|docx.Strike|emphasis) == 0 && tip == "" && isAutoLink(target) && inner[0].Text == strings.TrimPrefix(target, "mailto:") {
		b.WriteString("<" + inner[0].Text + ">")
		return
	}
	b.WriteString("[")
	w.pieces(b, inner, open, where)
	b.WriteString("](")
	b.WriteString(destination(target))
	if tip != "" {
		b.WriteString(` "` + titleEscape(spaces(tip)) + `"`)
	}
	b.WriteString(")")
}

// isAutoLink reports that a target can stand between < and >, and be shown as it is.
func isAutoLink(s string) bool {
	if !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "mailto:") {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r == '<' || r == '>' || r >= 0x7f {
			return false
		}
	}
	return true
}

func (w *writer) piece(b *strings.Builder, p *piece, where int) {
	switch p.Kind {
	case docx.Text:
		if p.Marks&docx.Code != 0 {
			b.WriteString(codeSpan(p.Text, where))
			return
		}
		s := b.String()
		start := s == "" || s[len(s)-1] == '\n'
		b.WriteString(w.escape(p.Text, start && where == inText, where == inTable))
	default:
		b.WriteString(p.source)
	}
}

func codeSpan(s string, where int) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if where == inTable {
		s = strings.ReplaceAll(s, "|", `\|`)
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") && strings.TrimSpace(s) != "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// canonical brings spans into the form that can be written: breaks and tabs as what Markdown has for them, readings in
// brackets, raised figures as characters, no white space at edges, equal neighbours joined.
func canonical(spans []docx.Span, where int) []docx.Span {
	var out []docx.Span
	add := func(s docx.Span) { out = append(out, s) }
	for _, s := range spans {
		s.Marks &^= docx.Underline
		switch s.Kind {
		case docx.Anchor:
			continue
		case docx.Tab:
			s = docx.Span{Text: "　", Marks: s.Marks, Link: s.Link, Tip: s.Tip}
		case docx.Ruby:
			s.Text, s.Kind, s.Reading = s.Text+"（"+s.Reading+"）", docx.Text, ""
		case docx.PictureOf, docx.NoteMark, docx.Break:
			s.Marks &= docx.Bold | docx.Strike | emphasis
		}
		if s.Kind == docx.Text {
			s.Text = clean(s.Text)
			if s.Marks&(docx.Super|docx.Sub) != 0 {
				s.Text = raised(s.Text, s.Marks)
			}
			s.Marks &^= docx.Super | docx.Sub
			if s.Marks&docx.Code != 0 {
				s.Marks = docx.Code | s.Marks&(docx.Bold|docx.Strike|emphasis)
			}
			s.Text = strings.ReplaceAll(s.Text, "\t", "　")
			for i, part := range strings.Split(s.Text, "\n") {
				if i > 0 {
					add(docx.Span{Kind: docx.Break})
				}
				if part != "" {
					t := s
					t.Text = part
					add(t)
				}
			}
			continue
		}
		if s.Kind == docx.Break {
			s = docx.Span{Kind: docx.Break}
		}
		add(s)
	}
	out = collapse(join(out))
	// White space goes from the edges of lines, and out of what is set off at the edges of that.
	out = trimLines(out)
	for a := range attributes {
		out = trimAttribute(out, a)
	}
	return join(trimLines(trimLines(collapse(out))))
}

// join makes one of neighbouring texts that look the same, and leaves out empty ones.
func join(spans []docx.Span) []docx.Span {
	var out []docx.Span
	var b strings.Builder // of the last of out, once it is more than one text
	end := func() {
		if b.Len() > 0 {
			out[len(out)-1].Text = b.String()
			b.Reset()
		}
	}
	for _, s := range spans {
		k := len(out) - 1
		switch {
		case s.Kind == docx.Text && s.Text == "":
		case k >= 0 && s.Kind == docx.Text && out[k].Kind == docx.Text && sameMarks(&out[k], &s):
			if b.Len() == 0 {
				b.WriteString(out[k].Text)
			}
			b.WriteString(s.Text)
		default:
			end()
			out = append(out, s)
		}
	}
	end()
	return out
}

func sameMarks(a, b *docx.Span) bool {
	return unify(a.Marks) == unify(b.Marks) && a.Link == b.Link && a.Tip == b.Tip && !strings.HasPrefix(a.Link, "[[")
}

// unify makes one of the marks that Markdown writes in the same way.
func unify(m docx.Marks) docx.Marks {
	if m&emphasis != 0 {
		m = m&^emphasis | docx.Dots
	}
	return m
}

// trimLines takes white space off the beginning and end of each line, and breaks off those of the paragraph.
func trimLines(spans []docx.Span) []docx.Span {
	for len(spans) > 0 && (spans[0].Kind == docx.Break || spans[0].Kind == docx.Text && strings.TrimFunc(spans[0].Text, isSpace) == "") {
		spans = spans[1:]
	}
	for len(spans) > 0 {
		if s := &spans[len(spans)-1]; s.Kind == docx.Break || s.Kind == docx.Text && strings.TrimFunc(s.Text, isSpace) == "" {
			spans = spans[:len(spans)-1]
			continue
		}
		break
	}
	out := make([]docx.Span, 0, len(spans))
	for i, s := range spans {
		if s.Kind == docx.Text {
			if i == 0 || spans[i-1].Kind == docx.Break {
				s.Text = strings.TrimLeftFunc(s.Text, isSpace)
			}
			if i == len(spans)-1 || spans[i+1].Kind == docx.Break {
				s.Text = strings.TrimRightFunc(s.Text, isSpace)
			}
			if s.Text == "" {
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// trimAttribute moves white space out of the edges of what has an attribute.
func trimAttribute(spans []docx.Span, a attribute) []docx.Span {
	if !slices.ContainsFunc(spans, func(s docx.Span) bool { return (&piece{Span: s}).has(a, nil) }) {
		return spans
	}
	out := make([]docx.Span, 0, len(spans))
	for i := 0; i < len(spans); {
		p := piece{Span: spans[i]}
		if !p.has(a, nil) {
			out = append(out, spans[i])
			i++
			continue
		}
		n := 1
		for i+n < len(spans) {
			q := piece{Span: spans[i+n]}
			if !q.has(a, &p) {
				break
			}
			n++
		}
		run := spans[i : i+n]
		i += n
		without := func(s docx.Span) docx.Span {
			q := piece{Span: s}
			q.drop(a)
			return q.Span
		}
		var tail []docx.Span
		for len(run) > 0 { // from the left
			s := run[0]
			if s.Kind == docx.Break || s.Kind == docx.NoteMark && a != struck && a != linked {
				out = append(out, without(s))
				run = run[1:]
				continue
			}
			if s.Kind != docx.Text || s.Marks&docx.Code != 0 {
				break
			}
			rest := strings.TrimLeftFunc(s.Text, isSpace)
			if rest == s.Text {
				break
			}
			edge := s
			edge.Text = s.Text[:len(s.Text)-len(rest)]
			out = append(out, without(edge))
			if run = run[1:]; rest != "" {
				s.Text = rest
				run = append([]docx.Span{s}, run...)
				break
			}
		}
		for len(run) > 0 { // from the right
			s := run[len(run)-1]
			if s.Kind == docx.Break || s.Kind == docx.NoteMark && a != struck && a != linked {
				tail = append([]docx.Span{without(s)}, tail...)
				run = run[:len(run)-1]
				continue
			}
			if s.Kind != docx.Text || s.Marks&docx.Code != 0 {
				break
			}
			rest := strings.TrimRightFunc(s.Text, isSpace)
			if rest == s.Text {
				break
			}
			edge := s
			edge.Text = s.Text[len(rest):]
			tail = append([]docx.Span{without(edge)}, tail...)
			if run = run[:len(run)-1]; rest != "" {
				s.Text = rest
				run = append(run[:len(run):len(run)], s)
				break
			}
		}
		out = append(append(out, run...), tail...)
	}
	return out
}

// raised writes raised and lowered figures with the characters that Unicode has for them, if it has all.
func raised(s string, m docx.Marks) string {
	from, to := "0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ"
	if m&docx.Sub != 0 {
		from, to = "0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎"
	}
	f, t := []rune(from), []rune(to)
	var b strings.Builder
	for _, r := range s {
		found := false
		for i := range f {
			if f[i] == r {
				b.WriteRune(t[i])
				found = true
				break
			}
		}
		if !found {
			return s
		}
	}
	return b.String()
}

// escape writes text so that Markdown says the same. start tells that it begins a line.
func (w *writer) escape(s string, start, table bool) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); i++ {
		c := s[i]
		next := byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		if w.everything && c > ' ' && c < 0x7f && !isAlnum(c) {
			b.WriteByte('\\')
			b.WriteByte(c)
			continue
		}
		switch c {
		case '\\', '*', '_', '`', '[', ']', '<':
			b.WriteByte('\\')
		case '|':
			if table || start && i == 0 {
				b.WriteByte('\\')
			}
		case '&':
			if next == '#' || isAlnum(next) {
				b.WriteByte('\\')
			}
		case '~', '%':
			if next == c || i > 0 && s[i-1] == c || i == 0 || i == len(s)-1 {
				b.WriteByte('\\')
			}
		case '=':
			if next == c || i == 0 && start {
				b.WriteString("&#61;")
				continue
			}
		case '$':
			if next == c {
				b.WriteString("&#36;")
				continue
			}
		case '{':
			b.WriteString("&#123;")
			continue
		case ':':
			if strings.HasPrefix(s[i:], "://") || start && i == 0 {
				b.WriteByte('\\')
			}
		case '#', '>', '+', '-':
			if start && i == 0 {
				b.WriteByte('\\')
			}
		case '!':
			if i == len(s)-1 || next == '[' { // what follows may be a link
				b.WriteByte('\\')
			}
		case '.', ')':
			if start && i > 0 && i <= 9 && allDigits(s[:i]) {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// firstRune is the first character of a text.
func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// slugOf makes the id that the markdown package gives a heading.
func slugOf(heading string) string {
	body, _ := markdown.Convert("", []byte("# "+(&writer{}).escape(spaces(heading), false, false)), 1)
	if len(body.Headings) == 0 {
		return ""
	}
	return body.Headings[0].ID
}
