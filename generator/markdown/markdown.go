// Package markdown turns the body of a record into HTML that is safe to publish and right in Chinese.
//
// The language is CommonMark with GFM tables, ~~strikethrough~~, task lists and bare http(s) URLs, PHP
// Markdown Extra's footnotes and definition lists, and [[links]] to records. It differs from these where
// Chinese wants it (see emphasis.go and inline.go) and in that HTML is shown as text, comments aside.
// What a link leads to is not known here: each is given as a Ref with its position, and its URL is put in
// when the page is rendered.
//
// The HTML uses no attribute that a policy without inline styles and scripts forbids. Its classes are
// table (around a table, to scroll), num, center and right (cells), task (list items), fnref, footnotes
// and back (footnotes). Ids of headings have letters, digits and hyphens, and those of footnotes one
// underscore (fn_1, fnref_1), so that a page can have ids of its own that begin with an underscore.
package markdown

import (
	"bytes"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"gongzhi/generator/diag"
	"gongzhi/generator/han"
)

// Body is a converted text. It is immutable and may be shared.
type Body struct {
	HTML     []byte    // safe HTML; the URLs of Refs are left out, see Render
	Refs     []Ref     // links and images that lead into the site, in order of Offset
	Headings []Heading // in order of appearance
	Chars    int       // 字数: Han characters, Latin words and numbers; punctuation is not counted
	Excerpt  string    // first sentences of the first paragraphs as plain text, at most 120 characters
}

// Heading is a heading of the text. Levels start at 2, since a page's title is its only h1, and never skip
// one on the way down, whatever the levels in the source.
type Heading struct {
	Level int    // 2 to 6
	ID    string // unique in the text, keeps Han
	Text  string // plain text
}

// Kind tells how a Ref was written.
type Kind uint8

const (
	// Link is [label](target), [label][reference] or [label](#fragment).
	Link Kind = iota
	// Image is ![alt](target) or ![[target|alt]].
	Image
	// Wiki is [[target]] or [[target|label]]: a record's path or its title.
	Wiki
	// Enlarge is a link around an image that stands alone, to the image itself.
	Enlarge
)

// Ref is a link or an image whose target lies in the site. External links are checked and written by
// Convert and are none.
type Ref struct {
	Kind Kind
	// Target is what was written, without #fragment: escapes and entities of Markdown are resolved, percent-encoding
	// and ?query are kept. It is empty for a place on the same page.
	Target   string
	Fragment string   // percent-decoded, without #
	Pos      diag.Pos // of the target; in a reference-style link, that of the definition's target
	// Among is true of an image that stands in a row with others.
	Among bool
	// Offset is where in HTML the attributes go: href="…" of a link; src="…", width and height of an image.
	Offset int
	// TitleOffset and TitleEnd enclose, in a [[target]] without label, the text that Render replaces by the
	// target's title. Otherwise both are -1.
	TitleOffset, TitleEnd int
}

// Resolved is what a Ref turned out to be.
type Resolved struct {
	URL           string // not yet escaped for HTML; empty leaves the attribute out
	Title         string // of the target, for a Ref with a TitleOffset; empty leaves the text as it is
	Width, Height int    // of an image, in pixels; 0 if unknown
	Picture       string // what the image is, for whoever resolves it further; not written
	Sources       string // the attribute srcset of an image, or empty
	Sizes         string // its attribute sizes
	Eager         bool   // the image is on the first screen
}

// excerptChars is the greatest length of an Excerpt.
const excerptChars = 120

// Convert turns a body into HTML. path and firstLine (1-based, the line in the file of src's first line)
// are for positions. All that is wrong is in the list; the Body is usable even then, and empty if a limit of
// size was passed.
func Convert(path string, src []byte, firstLine int) (Body, diag.List) {
	return convert("", src, true, false, func(line, col int) diag.Pos {
		return diag.Pos{Path: path, Line: firstLine + line - 1, Col: col}
	})
}

// ConvertPart converts a text that is not the only one on its page or not lines of a file, such as a field
// or a CSV cell: prefix and a colon, which no other id has, begin every id in it (no prefix, no colon), and pos maps a line and column of
// src (both 1-based, columns in characters) to the place in the file. Messages come without their line.
func ConvertPart(prefix string, src []byte, pos func(line, col int) diag.Pos) (Body, diag.List) {
	return convert(prefix, src, false, false, pos)
}

// ConvertCell is ConvertPart for a cell of a table: a line break in it is one that somebody typed, and stays.
func ConvertCell(prefix string, src []byte, pos func(line, col int) diag.Pos) (Body, diag.List) {
	return convert(prefix, src, false, true, pos)
}

// buffers are reused, since a site has thousands of bodies.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func convert(prefix string, src []byte, quote, breaks bool, pos func(line, col int) diag.Pos) (Body, diag.List) {
	s := &source{pos: pos, quote: quote}
	if !s.scan(src) {
		return Body{}, s.messages
	}
	state := &state{source: s, fuel: maxWork}
	pc := parser.NewContext()
	pc.Set(stateKey, state)
	root := syntax().Parse(text.NewReader(s.text), parser.WithContext(pc))

	buf := buffers.Get().(*[]byte)
	w := &writer{source: s, notes: state.notes, numbers: state.numbers, tabbed: state.tabbed, breaks: breaks, dst: (*buf)[:0], prefix: prefix}
	w.document(root)
	state.report()

	b := Body{HTML: bytes.Clone(w.dst), Refs: w.refs, Headings: w.headings}
	plain := AppendText(w.dst[:0], b.HTML)
	b.Chars = countChars(plain)
	plain = slices.Grow(plain, 4*excerptBytes)
	b.Excerpt = w.excerptOf(b.HTML, plain)
	if cap(plain) <= maxBytes {
		*buf = plain
		buffers.Put(buf)
	}
	return b, s.messages
}

// excerptOf takes the first paragraphs, or if there are none the beginning of the text. plain is a buffer.
func (w *writer) excerptOf(html, plain []byte) string {
	start := len(plain)
	for _, p := range w.paragraphs {
		if len(plain) > start {
			plain = append(plain, '\n')
		}
		plain = AppendText(plain, html[p[0]:min(p[1], p[0]+excerptBytes)])
		if len(plain)-start > excerptBytes {
			break
		}
	}
	if len(plain) == start {
		plain = AppendText(plain, html[:min(len(html), excerptBytes)])
	}
	plain = plain[start:]
	b := plain[len(plain):]
	for line := range bytes.Lines(plain) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if len(b) > 0 {
			last, _ := utf8.DecodeLastRune(b)
			first, _ := utf8.DecodeRune(line)
			if spaced(last, first) || han.IsHan(last) && han.IsHan(first) { // 姓名：甲测 单位：测试厂, which stood on two lines
				b = append(b, ' ')
			}
		}
		b = append(b, line...)
	}
	n, end := 0, 0
	for end < len(b) && n < excerptChars+40 { // SentenceEnd need not see more
		r, size := utf8.DecodeRune(b[end:])
		if r == utf8.RuneError && size == 1 {
			break // a character was cut
		}
		end += size
		n++
	}
	return han.SentenceEnd(string(b[:end]), excerptChars)
}

// excerptBytes is more than enough for an excerpt, in HTML and as text.
const excerptBytes = 1200

// Render appends the HTML with every Ref resolved and escaped.
func (b *Body) Render(dst []byte, resolve func(i int) Resolved) []byte {
	from := 0
	for i, ref := range b.Refs {
		r := resolve(i)
		dst = append(dst, b.HTML[from:ref.Offset]...)
		from = ref.Offset
		if r.URL != "" {
			if ref.Kind == Image {
				dst = append(dst, ` src="`...)
			} else {
				dst = append(dst, ` href="`...)
			}
			dst = appendAttr(dst, r.URL)
			dst = append(dst, '"')
		}
		if ref.Kind == Image && r.Width > 0 && r.Height > 0 {
			dst = appendInt(append(dst, ` width="`...), r.Width)
			dst = appendInt(append(dst, `" height="`...), r.Height)
			dst = append(dst, '"')
		}
		if ref.Kind == Image {
			if r.Sources != "" {
				dst = appendAttr(append(dst, ` srcset="`...), r.Sources)
				dst = appendAttr(append(dst, `" sizes="`...), r.Sizes)
				dst = append(dst, '"')
			}
			if r.Eager {
				dst = append(dst, ` fetchpriority="high"`...)
			} else {
				dst = append(dst, ` loading="lazy"`...)
			}
		}
		if ref.TitleOffset >= 0 && r.Title != "" {
			dst = append(dst, b.HTML[from:ref.TitleOffset]...)
			dst = appendText(dst, r.Title)
			from = ref.TitleEnd
		}
	}
	return append(dst, b.HTML[from:]...)
}
