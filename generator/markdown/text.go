package markdown

import (
	"bytes"
)

// Text is AppendText to a new slice.
func Text(html []byte) []byte { return AppendText(make([]byte, 0, len(html)), html) }

// AppendText appends the visible text of HTML made by this package (before or after Render): blocks, cells,
// list items and <br> are separated by one newline, other markup is removed and entities are decoded. The
// marks and return links of footnotes are left out, and so is what only attributes hold, such as alt.
func AppendText(dst, html []byte) []byte {
	start := len(dst)
	for len(html) > 0 {
		i := bytes.IndexByte(html, '<')
		if i < 0 {
			i = len(html)
		}
		dst = appendDecoded(dst, html[:i], start)
		html = html[i:]
		end := bytes.IndexByte(html, '>')
		if end < 0 {
			break
		}
		tag := html[1:end]
		html = html[end+1:]
		switch kindOf(tag) {
		case blockTag:
			if n := len(dst); n > start && dst[n-1] != '\n' {
				dst = append(dst, '\n')
			}
		case skippedTag:
			closing := closeSup
			if tag[0] == 'a' {
				closing = closeA
			}
			if i := bytes.Index(html, closing); i >= 0 {
				html = html[i+len(closing):]
			} else {
				html = nil
			}
		}
	}
	for len(dst) > start && dst[len(dst)-1] == '\n' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

var (
	closeSup = []byte("</sup>")
	closeA   = []byte("</a>")
	noteSup  = []byte(`sup class="fnref"`)
	backLink = []byte(`class="back"`)
)

const (
	inlineTag = iota
	blockTag
	skippedTag
)

// kindOf tells what a tag does to the text around it. What follows < is never empty in our HTML.
func kindOf(tag []byte) int {
	if len(tag) == 0 {
		return inlineTag
	}
	if tag[0] == '/' {
		tag = tag[1:]
	}
	name := tag
	if i := bytes.IndexByte(tag, ' '); i >= 0 {
		name = tag[:i]
	}
	switch string(name) {
	case "a":
		if bytes.Contains(tag, backLink) {
			return skippedTag
		}
		return inlineTag
	case "sup":
		if bytes.HasPrefix(tag, noteSup) {
			return skippedTag
		}
		return inlineTag
	case "strong", "em", "del", "code", "img", "input":
		return inlineTag
	}
	return blockTag
}

// appendDecoded appends text with the four entities that this package writes decoded. White space vanishes
// at the start and after a newline.
func appendDecoded(dst, text []byte, start int) []byte {
	for len(text) > 0 && (text[0] == '\n' || text[0] == ' ') && (len(dst) == start || dst[len(dst)-1] == '\n') {
		text = text[1:]
	}
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		switch {
		case bytes.HasPrefix(text, []byte("&lt;")):
			dst, text = append(dst, '<'), text[4:]
		case bytes.HasPrefix(text, []byte("&gt;")):
			dst, text = append(dst, '>'), text[4:]
		case bytes.HasPrefix(text, []byte("&amp;")):
			dst, text = append(dst, '&'), text[5:]
		case bytes.HasPrefix(text, []byte("&quot;")):
			dst, text = append(dst, '"'), text[6:]
		default:
			dst, text = append(dst, '&'), text[1:]
		}
	}
}
