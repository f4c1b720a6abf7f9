package markdown

import (
	"bytes"
	"cmp"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// text writes the inlines of a block.
func (w *writer) text(block ast.Node) {
	w.atStart = true
	w.inlines(block)
}

func (w *writer) inlines(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.inline(n)
	}
}

// within writes what stands in an element. Of elements in each other that nobody can tell apart the inner ones are left out, their
// text stays: browsers keep no more than 512, of everything on a page.
func (w *writer) within(tag string, n ast.Node) {
	const most = 50
	w.spans++
	defer func() { w.spans-- }()
	if w.spans > most {
		w.inlines(n)
		return
	}
	w.write("<" + tag + ">")
	w.inlines(n)
	w.write("</" + tag + ">")
}

func (w *writer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		w.run(n)
		return
	case *ast.String:
		w.escape(n.Value)
	case *ast.Emphasis:
		tag := "em"
		if n.Level == 2 {
			tag = "strong"
		}
		w.within(tag, n)
	case *east.Strikethrough:
		w.within("del", n)
	case *ast.CodeSpan:
		w.write("<code>")
		w.codeSpan(n)
		w.write("</code>")
	case *ast.Link:
		w.link(n)
	case *ast.Image:
		w.image(n)
	case *ast.AutoLink:
		w.autoLink(n)
	case *wikiLink:
		w.wiki(n)
	case *noteMark:
		w.noteMark(n.note)
	case *east.TaskCheckBox:
		if n.IsChecked {
			w.write(`<input type="checkbox" checked disabled aria-label="已完成"> `)
		} else {
			w.write(`<input type="checkbox" disabled aria-label="未完成"> `)
		}
	case *lineBreak:
		w.write("<br>")
	case *inlineComment:
	default:
		w.inlines(n)
	}
	w.atStart = false
}

// run writes text with what ends it: nothing, a hard break, or a soft one. A soft break is a space, but
// none between Chinese characters.
func (w *writer) run(n *ast.Text) {
	segment := n.Segment
	value := segment.Value(w.source.text)
	if w.atStart { // 　　 at the start of a paragraph is what the theme's indent is for
		value = trimWide(value)
	}
	if n.IsRaw() {
		w.escape(value)
	} else {
		if bytes.IndexByte(value, '{') >= 0 || bytes.IndexByte(value, '=') >= 0 || bytes.IndexByte(value, '$') >= 0 {
			w.checkText(segment.Stop-len(value), value)
		}
		w.unescaped(value)
	}
	if len(value) > 0 {
		w.atStart = false
	}
	switch {
	case n.HardLineBreak():
		w.write("<br>\n")
		w.atStart = true
	case n.SoftLineBreak() && n.NextSibling() != nil:
		w.softBreak(n)
	}
}

// trimWide takes the spaces that people indent with off the start, also those written as entities.
func trimWide(b []byte) []byte {
	for {
		switch {
		case len(b) >= 3 && (b[0] == 0xe3 && b[1] == 0x80 && b[2] == 0x80 || b[0] == 0xe2 && b[1] == 0x80 && b[2] <= 0x8a):
			b = b[3:]
		case len(b) >= 2 && b[0] == 0xc2 && b[1] == 0xa0:
			b = b[2:]
		case len(b) >= 1 && (b[0] == ' ' || b[0] == '\t'):
			b = b[1:]
		case len(b) >= 1 && b[0] == '&':
			text, size := entity(b)
			if size == 0 || !isIndent(text) {
				return b
			}
			b = b[size:]
		default:
			return b
		}
	}
}

// lastRune is the last visible character written, or -1 at the start of a line or block.
func (w *writer) lastRune() rune {
	b := w.dst
	for len(b) > 0 && b[len(b)-1] == '>' {
		i := bytes.LastIndexByte(b, '<')
		if i < 0 {
			return -1
		}
		switch tag := b[i:]; {
		case bytes.HasPrefix(tag, closeSup): // the mark of a note stands for nothing
			b = b[:max(0, bytes.LastIndex(b, noteSup)-1)]
		case bytes.HasPrefix(tag, []byte("</")), bytes.HasPrefix(tag, []byte("<em")), bytes.HasPrefix(tag, []byte("<strong")), bytes.HasPrefix(tag, []byte("<a")):
			b = b[:i]
		case bytes.HasPrefix(tag, []byte("<img")), bytes.HasPrefix(tag, []byte("<input")):
			return 'x'
		default:
			return -1
		}
	}
	r, _ := utf8.DecodeLastRune(b)
	return r
}

// firstRune is the first character that an inline will show; 一 stands for what has none.
func (w *writer) firstRune(n ast.Node) rune {
	for n != nil {
		switch v := n.(type) {
		case *ast.Text:
			segment := v.Segment
			if value := trimWide(segment.Value(w.source.text)); len(value) > 0 {
				if value[0] == '\\' && len(value) > 1 {
					value = value[1:]
				}
				r, _ := utf8.DecodeRune(value)
				return r
			}
			n = n.NextSibling()
		case *ast.AutoLink:
			return 'x'
		case *wikiLink:
			segment := v.target
			if v.label.Len() > 0 {
				segment = v.label
			}
			r, _ := utf8.DecodeRune(segment.Value(w.source.text))
			return r
		case *ast.Image, *noteMark, *lineBreak:
			return '一'
		case *inlineComment:
			n = n.NextSibling()
		default:
			if n.FirstChild() == nil {
				return '一'
			}
			n = n.FirstChild()
		}
	}
	return '一'
}

func (w *writer) codeSpan(n *ast.CodeSpan) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		t, ok := c.(*ast.Text)
		if !ok {
			continue
		}
		segment := t.Segment
		value := segment.Value(w.source.text)
		if bytes.HasSuffix(value, []byte("\n")) {
			w.escape(value[:len(value)-1])
			w.dst = append(w.dst, ' ')
		} else {
			w.escape(value)
		}
	}
}

func (w *writer) link(n *ast.Link) {
	target := unescape(n.Destination)
	offset := w.offset(n.Destination, n)
	ok := w.open(target, offset, n)
	if ok && len(n.Title) > 0 {
		w.write(` title="`)
		w.dst = appendAttr(w.dst, unescape(n.Title))
		w.write(`"`)
	}
	if ok {
		w.write(">")
	}
	at := len(w.dst)
	outer := w.inLink
	w.inLink = outer || ok
	w.inlines(n)
	w.inLink = outer
	if len(w.dst) == at {
		w.warnf(max(n.Pos(), 0), "no-label", "链接没有文字：请在方括号里写上文字")
		w.literal(target)
	}
	if ok {
		w.write("</a>")
	}
}

// open begins an <a> for a target, if it may be linked to.
func (w *writer) open(target string, offset int, n ast.Node) bool {
	scheme, fault := checkTarget(target)
	if fault != "" {
		w.errorf(offset, "bad-link", "%s", fault)
		return false
	}
	if w.nested(offset) {
		return false
	}
	w.write("<a")
	if scheme != "" {
		w.write(` href="`)
		w.dst = appendURL(w.dst, target)
		w.write(`" rel="noopener"`)
		return true
	}
	w.ref(Link, target, offset)
	return true
}

// nested reports, and says, that a link stands within a link.
func (w *writer) nested(offset int) bool {
	if w.inLink {
		w.errorf(offset, "nested-link", "链接里不能再有链接：请分开写")
	}
	return w.inLink
}

// ref notes a target in the site; its attributes go where the HTML now ends.
func (w *writer) ref(kind Kind, target string, offset int) {
	target, fragment, _ := strings.Cut(target, "#")
	if f, err := url.PathUnescape(fragment); err == nil && utf8.ValidString(f) {
		fragment = f
	}
	w.refs = append(w.refs, Ref{Kind: kind, Target: drop(target), Fragment: drop(fragment), Pos: w.at(offset),
		Offset: len(w.dst), TitleOffset: -1, TitleEnd: -1})
}

// offset finds a piece of the source by its place in memory: goldmark keeps targets as slices of it. For an
// empty or copied piece it is that of the link.
func (w *writer) offset(piece []byte, n ast.Node) int {
	text := w.source.text
	if len(piece) > 0 {
		if i := cap(text) - cap(piece); i >= 0 && i < len(text) && &text[i] == &piece[0] {
			return i
		}
	}
	return max(n.Pos(), 0)
}

func (w *writer) image(n *ast.Image) {
	target := unescape(n.Destination)
	offset := w.offset(n.Destination, n)
	alt := withoutSize(w.plain(n))
	if strings.TrimSpace(alt) == "" {
		w.warnf(max(n.Pos(), 0), "no-alt", "图片没有替代文字：请在方括号里写明图上是什么，看不到图片的人要靠它")
	}
	w.picture(target, alt, unescape(n.Title), offset)
}

func (w *writer) picture(target, alt, title string, offset int) {
	scheme, fault := checkTarget(target)
	if fault == "" && (scheme == "mailto" || scheme == "tel") {
		fault = "图片地址不能是 " + scheme + ":"
	}
	if fault != "" {
		w.errorf(offset, "bad-image", "%s", fault)
		w.literal(alt)
		return
	}
	if scheme != "" {
		// The site's policy shows no pictures from elsewhere, and they would go away with their site.
		w.warnf(offset, "external-image", "外站图片不会显示，已改为链接：请把图片存进本站")
		w.external(target, cmp.Or(alt, "图片"))
		return
	}
	w.write("<img")
	w.ref(Image, target, offset)
	w.write(` alt="`)
	w.dst = appendAttr(w.dst, alt)
	if title != "" {
		w.write(`" title="`)
		w.dst = appendAttr(w.dst, title)
	}
	w.write(`" decoding="async">`)
}

func (w *writer) autoLink(n *ast.AutoLink) {
	target := string(n.URL(w.source.text))
	label := string(n.Label(w.source.text))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
		target = "mailto:" + target
	}
	scheme, fault := checkTarget(target)
	if fault != "" {
		w.errorf(max(n.Pos(), 0), "bad-link", "%s", fault)
	}
	if scheme == "" || fault != "" {
		w.literal(label)
		return
	}
	w.external(target, label)
}

// external writes a link that leads out of the site, or within a link its text.
func (w *writer) external(target, label string) {
	if w.inLink {
		w.literal(label)
		return
	}
	w.write(`<a href="`)
	w.dst = appendURL(w.dst, target)
	if strings.Contains(label, "://") || strings.HasPrefix(label, "www.") { // an address may be broken anywhere
		w.write(`" class="url`)
	}
	w.write(`" rel="noopener">`)
	w.literal(label)
	w.write("</a>")
}

func (w *writer) wiki(n *wikiLink) {
	target := string(n.target.Value(w.source.text))
	label := string(n.label.Value(w.source.text))
	offset := n.target.Start
	if n.image {
		label = withoutSize("|" + label)
		label = strings.TrimPrefix(label, "|")
		if label == "" {
			w.warnf(offset, "no-alt", "图片没有替代文字：请写成 ![[文件|图上是什么]]，看不到图片的人要靠它")
		}
		w.picture(target, label, "", offset)
		return
	}
	if w.nested(offset) {
		w.literal(cmp.Or(label, target))
		return
	}
	w.write("<a")
	w.ref(Wiki, target, offset)
	w.write(">")
	if label != "" {
		w.literal(label)
	} else {
		ref := &w.refs[len(w.refs)-1]
		ref.TitleOffset = len(w.dst)
		w.literal(strings.TrimSuffix(target, "#"+ref.Fragment))
		w.refs[len(w.refs)-1].TitleEnd = len(w.dst)
	}
	w.write("</a>")
}

// plain is the text of inlines without markup, for an alt attribute.
func (w *writer) plain(n ast.Node) string {
	at, refs, atStart := len(w.dst), len(w.refs), w.atStart
	said := len(w.messages)
	w.plainInlines(n)
	s := string(w.dst[at:])
	w.dst, w.refs, w.atStart, w.messages = w.dst[:at], w.refs[:refs], atStart, w.messages[:said]
	return drop(s)
}

func (w *writer) plainInlines(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			segment := n.Segment
			value := segment.Value(w.source.text)
			if n.IsRaw() {
				w.dst = append(w.dst, value...)
			} else {
				w.write(unescape(value))
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				if next := n.NextSibling(); next != nil && spaced(w.lastRune(), w.firstRune(next)) {
					w.dst = append(w.dst, ' ')
				}
			}
		case *ast.AutoLink:
			w.dst = append(w.dst, n.Label(w.source.text)...)
		case *wikiLink:
			segment := n.target
			if n.label.Len() > 0 {
				segment = n.label
			}
			w.dst = append(w.dst, segment.Value(w.source.text)...)
		default:
			w.plainInlines(n)
		}
	}
}

// unescape resolves Markdown's backslashes and HTML's entities, as in a link's target or title.
func unescape(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 && bytes.IndexByte(b, '&') < 0 {
		return string(b)
	}
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(b))))
}

// withoutSize takes the size off a text alternative, which other programs write there: 全景|300, |300x200.
func withoutSize(alt string) string {
	i := strings.LastIndexByte(alt, '|')
	if i < 0 {
		return alt
	}
	width, height, has := strings.Cut(strings.ToLower(strings.TrimSpace(alt[i+1:])), "x")
	if !isNumber(width) || has && !isNumber(height) {
		return alt
	}
	return strings.TrimSpace(alt[:i])
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= 5
}
