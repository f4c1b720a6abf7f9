// Package markdown turns the body of a record into HTML that is safe to publish and right in Chinese.
//
// It is CommonMark with GFM tables, strikethrough, task lists and autolinks, footnotes and definition
// lists, and [[links]] to records. What a link leads to is not known here: each is given as a Ref with its
// position, and its URL is put in when the page is rendered.
package markdown

import "gongzhi/generator/diag"

// Body is a converted text. It is immutable and may be shared.
type Body struct {
	HTML     []byte    // safe HTML; the URLs of Refs are left out, see Render
	Refs     []Ref     // links and images that lead into the site, in order of Offset
	Headings []Heading // in order of appearance
	Chars    int       // 字数: Han characters, Latin words and numbers; punctuation is not counted
	Excerpt  string    // first sentences as plain text, at most 120 characters
}

// Heading is a heading of the text. The smallest level in use becomes 2 and none is skipped below, since a
// page's title is its only h1.
type Heading struct {
	Level int    // 2 to 6
	ID    string // unique in the text, keeps Han
	Text  string // plain text
}

// Kind tells how a Ref was written.
type Kind uint8

const (
	Link  Kind = iota // [label](target), [label][ref], [label](#fragment)
	Image             // ![alt](target)
	Wiki              // [[target]] or [[target|label]]: a record's path or its title
)

// Ref is a link or an image whose target lies in the site. External links are checked and written by
// Convert and are none.
type Ref struct {
	Kind     Kind
	Target   string   // as written (percent-encoding kept), without #fragment; empty for a place on the same page
	Fragment string   // percent-decoded, without #
	Pos      diag.Pos // of the target; in a reference-style link, that of the definition's target
	Offset   int      // where in HTML the href (or src, width and height) attribute goes
	// TitleOffset is where the target's title goes as text, in a [[target]] without label; else -1.
	TitleOffset int
}

// Resolved is what a Ref turned out to be.
type Resolved struct {
	URL           string // unescaped; empty leaves the attribute out
	Title         string // for a Ref with a TitleOffset, its text; empty gives the target as written
	Width, Height int    // of an image in pixels, 0 if unknown
}

// Convert turns a body into HTML. path and firstLine (1-based, the line in the file of src's first line)
// are for positions. All that is wrong is in the list; the Body is usable even then.
func Convert(path string, src []byte, firstLine int) (Body, diag.List) {
	return ConvertPart("", src, func(line, col int) diag.Pos {
		return diag.Pos{Path: path, Line: firstLine + line - 1, Col: col}
	})
}

// ConvertPart converts a text that is not the only one on its page or not in a file of its own, such as a
// field or a CSV cell: prefix (may be empty) begins every id in it, and pos maps a line and column of src
// (both 1-based, columns in characters) to the place in the file.
func ConvertPart(prefix string, src []byte, pos func(line, col int) diag.Pos) (Body, diag.List) {
	return Body{}, nil
}

// Render appends the HTML with every Ref resolved, escaping URLs and titles.
func (b *Body) Render(dst []byte, resolve func(i int) Resolved) []byte {
	return append(dst, b.HTML...)
}

// Text is the visible text of HTML made by this package: blocks, cells, list items and <br> are
// separated by one newline, markup is removed and entities are decoded. The marks and return links of
// footnotes are left out.
func Text(html []byte) []byte { return nil }
