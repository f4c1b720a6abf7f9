package manuscript

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"gongzhi/generator/docx"
	"gongzhi/generator/markdown"
)

// MaxHTML is the greatest size of HTML that is read.
const MaxHTML = 32 << 20

// maxHTMLDepth is how deep elements may be in each other; deeper ones count as text of those around them.
const maxHTMLDepth = 300

// FromHTML reads HTML as it lies on a clipboard: from Word, WPS, LibreOffice, a web page or a WeChat article. An error is a
// sentence that says what to do, and means that it is no page that anybody wrote. What is left out is in the document's
// Left and Remarks. Pictures that stand in it as data are the document's, others are named in remarks.
func FromHTML(src string) (*docx.Document, error) {
	src = fragment(src)
	if !affordable(src) {
		return nil, errTree
	}
	r, err := readHTML(src, false)
	if err != nil {
		return nil, err
	}
	r.doc.Paragraphs = r.para
	return r.doc, nil
}

// readHTML reads HTML, our own or that of others. What is deeper than the parser takes is an error.
func readHTML(src string, own bool) (*htmlReader, error) {
	r := &htmlReader{doc: &docx.Document{}, own: own, noteIDs: map[string]int{}, lists: map[string]int{}, seen: map[string]bool{}}
	root, err := html.Parse(strings.NewReader(src))
	if err != nil {
		return nil, errTree
	}
	r.findNotes(root)
	out := &blockWriter{r: r}
	r.children(root, out, style{}, 0)
	out.flush()
	r.doc.Blocks = out.blocks
	return r, nil
}

// fragment takes what was marked as copied out of the clipboard's frame, and the frame's own header off.
func fragment(src string) string {
	if strings.HasPrefix(src, "Version:") {
		if i := strings.IndexByte(src, '<'); i >= 0 {
			src = src[i:]
		}
	}
	return src
}

// fromBody reads HTML that the markdown package made. Links keep their targets as they were written.
func fromBody(b *markdown.Body) *docx.Document {
	return bodyDocument(b, func(ref *markdown.Ref, target string) (string, string) { return target, "" })
}

// bodyDocument reads a converted body. link gives for a link into the site where it leads and what it is called.
func bodyDocument(b *markdown.Body, link func(ref *markdown.Ref, target string) (url, title string)) *docx.Document {
	text := b.Render(nil, func(i int) markdown.Resolved {
		ref := &b.Refs[i]
		target := ref.Target
		if ref.Fragment != "" {
			target += "#" + ref.Fragment
		}
		switch {
		case ref.Kind == markdown.Image:
			return markdown.Resolved{URL: target}
		case ref.Kind == markdown.Wiki && ref.TitleOffset >= 0:
			target = "[[" + target + "]]"
		case ref.Kind == markdown.Wiki:
			target = "[[" + target
		}
		url, title := link(ref, target)
		return markdown.Resolved{URL: url, Title: title}
	})
	r, err := readHTML(string(text), true)
	if err != nil {
		panic(err) // quotes, lists and emphasis are bounded where they are converted
	}
	return r.doc
}

type htmlReader struct {
	doc     *docx.Document
	own     bool // the HTML is ours
	para    int
	noteIDs map[string]int // id of a note's element → its index
	lists   map[string]int
	nextL   int
	seen    map[string]bool
	noNotes bool
}

// style is what elements around a text say of it.
type style struct {
	marks   docx.Marks
	link    string
	tip     string
	pre     bool
	align   docx.Align
	heading int
	quote   bool
	depth   int // of lists
	inCell  bool
}

// blockWriter gathers blocks.
type blockWriter struct {
	r      *htmlReader
	blocks []docx.Block
	p      *docx.Paragraph // that is being written
	item   *docx.Item      // of the next paragraph
	more   bool            // further paragraphs belong to the item
	depth  int
	inItem bool
}

func (o *blockWriter) para(st style) *docx.Paragraph {
	if o.p == nil {
		o.r.para++
		o.p = &docx.Paragraph{At: o.r.para, Align: st.align}
		switch {
		case st.heading > 0:
			o.p.Role, o.p.Level = docx.Heading, st.heading
		case st.pre:
			o.p.Role = docx.Preformatted
		case st.quote:
			o.p.Role = docx.Quote
		}
		if o.item != nil {
			o.p.Item = o.item
			o.item = nil
			o.more = true
		} else if o.inItem && o.more {
			o.p.Item = &docx.Item{Depth: o.depth, More: true}
		}
	}
	return o.p
}

// flush ends the paragraph.
func (o *blockWriter) flush() {
	p := o.p
	o.p = nil
	if p == nil {
		return
	}
	spans := p.Spans
	if p.Role != docx.Preformatted {
		spans = collapse(spans)
	}
	for _, s := range spans {
		if s.Kind == docx.Text && strings.TrimFunc(s.Text, isSpace) != "" || s.Kind != docx.Text && s.Kind != docx.Break && s.Kind != docx.Anchor {
			p.Spans = spans
			p.Bold = true
			for _, s := range spans {
				if s.Kind == docx.Text && s.Marks&docx.Bold == 0 && strings.TrimFunc(s.Text, isSpace) != "" {
					p.Bold = false
				}
			}
			o.blocks = append(o.blocks, p)
			return
		}
	}
	if p.Item != nil && !p.Item.More { // an item that begins with something else
		o.item, o.more = p.Item, false
	}
}

// collapse makes one space of each run of white space across spans.
func collapse(spans []docx.Span) []docx.Span {
	var out []docx.Span
	space := true
	for _, s := range spans {
		if s.Kind != docx.Text {
			if s.Kind == docx.Break {
				space = true
			} else if s.Kind != docx.Anchor {
				space = false
			}
			out = append(out, s)
			continue
		}
		if s.Marks&docx.Code != 0 {
			space = false
			out = append(out, s)
			continue
		}
		var b strings.Builder
		for _, r := range s.Text {
			if r == ' ' {
				if !space {
					b.WriteByte(' ')
				}
				space = true
				continue
			}
			space = false
			b.WriteRune(r)
		}
		if s.Text = b.String(); s.Text != "" {
			out = append(out, s)
		}
	}
	return out
}

// foldLines turns the white space of HTML into spaces; a line break between two Chinese characters is none.
func foldLines(s string) string {
	if !strings.ContainsAny(s, "\n\r\t\f") {
		return s
	}
	s = strings.ReplaceAll(s, "\r", "")
	var b strings.Builder
	for i := 0; i < len(s); {
		switch s[i] {
		case '\n', '\t', '\f', ' ':
			j := i
			line := false
			for j < len(s) && (s[j] == '\n' || s[j] == '\t' || s[j] == '\f' || s[j] == ' ') {
				line = line || s[j] == '\n'
				j++
			}
			if !(line && i > 0 && j < len(s) && isWide(lastRune(b.String())) && isWide(firstRune(s[j:]))) {
				b.WriteByte(' ')
			}
			i = j
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

func attrOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	for _, c := range strings.Fields(attrOf(n, "class")) {
		if strings.EqualFold(c, class) {
			return true
		}
	}
	return false
}

// css gives the declarations of a style attribute.
func css(n *html.Node) map[string]string {
	s := attrOf(n, "style")
	if s == "" {
		return nil
	}
	m := map[string]string{}
	for _, d := range strings.Split(s, ";") {
		if k, v, ok := strings.Cut(d, ":"); ok {
			m[strings.ToLower(strings.TrimSpace(k))] = strings.ToLower(strings.Join(strings.Fields(v), " "))
		}
	}
	return m
}

// findNotes finds the elements that hold notes, ours and Word's.
func (r *htmlReader) findNotes(n *html.Node) {
	if n.Type == html.ElementNode {
		if r.own && n.DataAtom == atom.Section && hasClass(n, "footnotes") {
			for ol := n.FirstChild; ol != nil; ol = ol.NextSibling {
				if ol.DataAtom != atom.Ol {
					continue
				}
				for li := ol.FirstChild; li != nil; li = li.NextSibling {
					if li.DataAtom == atom.Li {
						r.addNote(attrOf(li, "id"), li, false)
					}
				}
			}
			return
		}
		if m := strings.ReplaceAll(strings.ToLower(attrOf(n, "style")), " ", ""); n.DataAtom == atom.Div && (strings.Contains(m, "mso-element:footnote") || strings.Contains(m, "mso-element:endnote")) && !strings.Contains(m, "-list") {
			if id := attrOf(n, "id"); id != "" {
				r.addNote("_"+id, n, strings.Contains(m, "endnote"))
			}
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.findNotes(c)
	}
}

func (r *htmlReader) addNote(id string, n *html.Node, end bool) {
	if _, ok := r.noteIDs[id]; ok || id == "" {
		return
	}
	r.noteIDs[id] = len(r.doc.Notes)
	r.doc.Notes = append(r.doc.Notes, docx.Note{End: end})
	i := len(r.doc.Notes) - 1
	out := &blockWriter{r: r}
	r.noNotes = !r.own
	r.children(n, out, style{}, 1)
	r.noNotes = false
	out.flush()
	r.doc.Notes[i].Blocks = out.blocks
}

func (r *htmlReader) remark(id, text string) {
	r.doc.Remarks = append(r.doc.Remarks, docx.Remark{ID: id, At: r.para, Text: text})
}

func (r *htmlReader) once(id, text string) {
	if !r.seen[id] {
		r.seen[id] = true
		r.remark(id, text)
	}
}

func (r *htmlReader) children(n *html.Node, o *blockWriter, st style, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.node(c, o, st, depth+1)
	}
}

// visibleText is the text below a node.
func visibleText(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.DataAtom == atom.Script || n.DataAtom == atom.Style {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.TrimSpace(foldLines(b.String()))
}

var msoList = regexp.MustCompile(`mso-list:\s*(l\d+)\s+level(\d+)`)

// node reads a node and what is below it.
func (r *htmlReader) node(n *html.Node, o *blockWriter, st style, depth int) {
	switch n.Type {
	case html.TextNode:
		r.text(n.Data, o, st)
		return
	case html.ElementNode:
	case html.DocumentNode:
		r.children(n, o, st, depth)
		return
	default:
		return
	}
	if depth > maxHTMLDepth {
		r.text(visibleText(n), o, st)
		r.once("deep", "网页的标记套得太深，深处只取了文字")
		return
	}
	c := css(n)
	if r.concealed(n, c) {
		if t := visibleText(n); t != "" {
			r.doc.Left = append(r.doc.Left, docx.Left{Why: docx.Hidden, Text: t, At: r.para})
		}
		return
	}
	st = r.styled(n, c, st)
	switch {
	case r.own && r.ownElement(n, o, st, depth):
	case !r.own && (r.noteLink(n, o, st) || r.readNote(n)):
	case r.element(n, c, o, st, depth):
	case printedNumber(n, c):
	case isBlock(n.DataAtom):
		r.block(n, o, st, depth)
	default:
		r.children(n, o, st, depth)
	}
}

// concealed tells whether a program shows nothing of an element. The sections of other programs' pages are read though they
// say that they are invisible: many stay so until a script has run.
func (r *htmlReader) concealed(n *html.Node, c map[string]string) bool {
	switch {
	case c["display"] == "none", c["mso-hide"] == "all":
		return true
	case c["visibility"] == "hidden":
		return !r.own && n.DataAtom != atom.Section && n.DataAtom != atom.Div
	}
	return false
}

// element reads an element that is more than what is below it. It tells whether it is one, and read.
func (r *htmlReader) element(n *html.Node, c map[string]string, o *blockWriter, st style, depth int) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Meta, atom.Link, atom.Template, atom.Rp:
	case atom.Noscript:
		r.children(n, o, st, depth)
	case atom.Br:
		if c["page-break-before"] != "" {
			o.flush()
			break
		}
		o.para(st).Spans = append(o.para(st).Spans, docx.Span{Kind: docx.Break})
	case atom.Img:
		r.image(n, o, st)
	case atom.Hr:
		if !r.own && strings.Contains(attrOf(n, "width"), "33%") || c["mso-element"] != "" {
			break // Word's line above the notes
		}
		o.flush()
		r.para++
		o.blocks = append(o.blocks, &docx.Paragraph{At: r.para, Role: docx.Rule})
	case atom.Table:
		r.table(n, o, st, depth)
	case atom.Ul, atom.Ol, atom.Menu, atom.Dir:
		r.list(n, o, st, depth)
	case atom.Pre:
		r.preformatted(n, o)
	case atom.Ruby:
		r.ruby(n, o, st)
	case atom.Input:
		r.checkbox(n, o, st)
	case atom.Textarea, atom.Select, atom.Button:
		if t := visibleText(n); t != "" {
			r.text(t, o, st)
		}
	case atom.Iframe, atom.Video, atom.Audio, atom.Object, atom.Embed, atom.Svg, atom.Canvas, atom.Math:
		if src := attrOf(n, "src"); src != "" {
			r.remark("media", "这里有嵌入的内容（"+clip(src, 200)+"），没有带过来：请存成文件再放进来")
		}
		return n.DataAtom == atom.Iframe // what is inside the others is for those who can't see them
	default:
		return false
	}
	return true
}

// ownElement reads an element that means more on our own pages than elsewhere. It tells whether it is one, and read.
func (r *htmlReader) ownElement(n *html.Node, o *blockWriter, st style, depth int) bool {
	switch n.DataAtom {
	case atom.Dl:
		r.definitions(n, o, st, depth)
	case atom.Figure:
		r.figure(n, o, st)
	case atom.Blockquote, atom.Aside:
		r.group(n, o, st, depth)
	case atom.Sup:
		if !hasClass(n, "fnref") {
			return false
		}
		r.ownNote(n, o, st)
	case atom.A:
		return hasClass(n, "back")
	case atom.Section:
		return hasClass(n, "footnotes")
	default:
		return false
	}
	return true
}

// checkbox reads a box that is ticked or not.
func (r *htmlReader) checkbox(n *html.Node, o *blockWriter, st style) {
	if r.own || strings.ToLower(attrOf(n, "type")) != "checkbox" {
		return
	}
	mark := "☐"
	for _, a := range n.Attr {
		if a.Key == "checked" {
			mark = "☑"
		}
	}
	r.text(mark, o, st)
}

// noteLink reads a link to a note as its mark, and the link back from a note as nothing.
func (r *htmlReader) noteLink(n *html.Node, o *blockWriter, st style) bool {
	if n.DataAtom != atom.A {
		return false
	}
	id, local := strings.CutPrefix(attrOf(n, "href"), "#")
	if r.noNotes {
		return strings.HasPrefix(id, "_ftnref") || strings.HasPrefix(id, "_ednref")
	}
	i, ok := r.noteIDs[id]
	if !ok || !local || id == "" {
		return false
	}
	p := o.para(st)
	p.Spans = append(p.Spans, docx.Span{Kind: docx.NoteMark, Index: i})
	return true
}

// readNote tells whether an element is the text of a note of Word's, which has been read where its mark is.
func (r *htmlReader) readNote(n *html.Node) bool {
	m := strings.ReplaceAll(strings.ToLower(attrOf(n, "style")), " ", "")
	if n.DataAtom != atom.Div || strings.Contains(m, "-list") || !strings.Contains(m, "mso-element:footnote") && !strings.Contains(m, "mso-element:endnote") {
		return false
	}
	_, read := r.noteIDs["_"+attrOf(n, "id")]
	return read
}

// printedNumber tells whether an element is the number of an item that Word prints, which the paragraph has taken.
func printedNumber(n *html.Node, c map[string]string) bool {
	return c["mso-list"] == "ignore" ||
		!msoList.MatchString(c["mso-list"]+" ") && strings.Contains(strings.ToLower(attrOf(n, "style")), "mso-list:ignore")
}

// block reads an element that stands below what is before it.
func (r *htmlReader) block(n *html.Node, o *blockWriter, st style, depth int) {
	o.flush()
	if m := msoList.FindStringSubmatch(strings.ToLower(attrOf(n, "style"))); m != nil {
		o.item = r.msoItem(n, m)
		o.more = false
	}
	wasIn := o.inItem
	r.children(n, o, st, depth)
	o.flush()
	if o.item != nil && !o.inItem {
		o.item = nil
	}
	o.inItem = wasIn
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Nav, atom.Blockquote, atom.Figure,
		atom.Figcaption, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Address, atom.Body, atom.Html, atom.Center, atom.Form, atom.Fieldset, atom.Details, atom.Summary, atom.Tr, atom.Td, atom.Th, atom.Caption:
		return true
	}
	return false
}

// styled adds what an element says to the style.
func (r *htmlReader) styled(n *html.Node, c map[string]string, st style) style {
	switch n.DataAtom {
	case atom.B, atom.Strong:
		st.marks |= docx.Bold
	case atom.I, atom.Em, atom.Cite, atom.Dfn:
		st.marks |= docx.Italic
	case atom.S, atom.Strike, atom.Del:
		st.marks |= docx.Strike
	case atom.U, atom.Ins:
		st.marks |= docx.Underline
	case atom.Sup:
		st.marks |= docx.Super
	case atom.Sub:
		st.marks |= docx.Sub
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		st.marks |= docx.Code
	case atom.A:
		if href := strings.TrimSpace(attrOf(n, "href")); href != "" {
			st.link, st.tip = href, attrOf(n, "title")
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		st.heading = int(n.Data[1] - '0')
	case atom.Blockquote:
		st.quote = true
	case atom.Center:
		st.align = docx.Center
	case atom.Th:
		if !r.own {
			st.marks |= docx.Bold
		}
	}
	if r.own {
		return st
	}
	return declared(n, c, st)
}

// declared adds what the CSS of an element says to the style.
func declared(n *html.Node, c map[string]string, st style) style {
	switch w := c["font-weight"]; {
	case w == "bold" || w == "bolder" || len(w) == 3 && w >= "600" && w <= "900":
		st.marks |= docx.Bold
	case w == "normal" || w == "400":
		st.marks &^= docx.Bold
	}
	switch c["font-style"] {
	case "italic", "oblique":
		st.marks |= docx.Italic
	case "normal":
		st.marks &^= docx.Italic
	}
	for _, k := range []string{"text-decoration", "text-decoration-line"} {
		if strings.Contains(c[k], "line-through") {
			st.marks |= docx.Strike
		}
	}
	for _, k := range []string{"text-emphasis", "-webkit-text-emphasis", "mso-text-emphasis", "text-emphasis-style"} {
		if v := c[k]; v != "" && v != "none" {
			st.marks |= docx.Dots
		}
	}
	switch c["vertical-align"] {
	case "super":
		st.marks |= docx.Super
	case "sub":
		st.marks |= docx.Sub
	}
	align := c["text-align"]
	if align == "" {
		align = strings.ToLower(attrOf(n, "align"))
	}
	if n.DataAtom != atom.Table && n.DataAtom != atom.Img {
		switch align {
		case "center":
			st.align = docx.Center
		case "right", "end":
			st.align = docx.End
		case "left", "start", "justify":
			st.align = docx.Unset
		}
	}
	if strings.HasPrefix(c["white-space"], "pre") && n.DataAtom != atom.Span {
		st.pre = false
	}
	return st
}

func (r *htmlReader) text(s string, o *blockWriter, st style) {
	if !st.pre {
		if s = foldLines(s); s == "" || s == " " && o.p == nil {
			return
		}
	}
	if st.marks&docx.Code == 0 {
		s = strings.ReplaceAll(s, "\u00a0", map[bool]string{true: "\u00a0", false: " "}[r.own])
	}
	p := o.para(st)
	if k := len(p.Spans) - 1; k >= 0 && p.Spans[k].Kind == docx.Text && p.Spans[k].Marks == st.marks && p.Spans[k].Link == st.link && !strings.HasPrefix(st.link, "[[") && len(p.Spans[k].Text) < 32<<10 {
		p.Spans[k].Text += s
		return
	}
	p.Spans = append(p.Spans, docx.Span{Text: s, Marks: st.marks, Link: st.link, Tip: st.tip})
}

func (r *htmlReader) ownNote(n *html.Node, o *blockWriter, st style) {
	if a := n.FirstChild; a != nil && a.DataAtom == atom.A {
		if i, ok := r.noteIDs[strings.TrimPrefix(attrOf(a, "href"), "#")]; ok {
			p := o.para(st)
			p.Spans = append(p.Spans, docx.Span{Kind: docx.NoteMark, Index: i, Marks: st.marks, Link: st.link, Tip: st.tip})
			return
		}
		i, err := strconv.Atoi(strings.TrimPrefix(attrOf(a, "href"), "#fn_"))
		if err == nil { // within a note, before the later ones are known
			p := o.para(st)
			p.Spans = append(p.Spans, docx.Span{Kind: docx.NoteMark, Index: i - 1, Marks: st.marks})
		}
		return
	}
	if t := strings.Trim(visibleText(n), "[]"); t != "" { // in a link
		if i, err := strconv.Atoi(t); err == nil {
			p := o.para(st)
			p.Spans = append(p.Spans, docx.Span{Kind: docx.NoteMark, Index: i - 1, Marks: st.marks, Link: st.link, Tip: st.tip})
		}
	}
}

func (r *htmlReader) ruby(n *html.Node, o *blockWriter, st style) {
	var base, reading strings.Builder
	var walk func(*html.Node, bool)
	walk = func(n *html.Node, rt bool) {
		if n.DataAtom == atom.Rp {
			return
		}
		if n.Type == html.TextNode {
			if rt {
				reading.WriteString(n.Data)
			} else {
				base.WriteString(n.Data)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, rt || n.DataAtom == atom.Rt || c.DataAtom == atom.Rt)
		}
	}
	walk(n, false)
	p := o.para(st)
	p.Spans = append(p.Spans, docx.Span{Kind: docx.Ruby, Text: strings.TrimSpace(foldLines(base.String())), Reading: strings.TrimSpace(foldLines(reading.String())), Marks: st.marks, Link: st.link, Tip: st.tip})
}

func (r *htmlReader) image(n *html.Node, o *blockWriter, st style) {
	src := strings.TrimSpace(attrOf(n, "src"))
	if d := strings.TrimSpace(attrOf(n, "data-src")); d != "" && (!strings.HasPrefix(src, "data:image/") || strings.HasPrefix(src, "data:image/svg") || len(src) < 200) {
		src = d // what stands in src is a place for it, until it is scrolled to
	}
	span := docx.Span{Kind: docx.PictureOf, Alt: attrOf(n, "alt"), Caption: attrOf(n, "title"), Marks: st.marks, Link: st.link, Tip: st.tip}
	if r.own {
		span.Name = src
		for i := range r.doc.Pictures {
			if r.doc.Pictures[i].Part == src {
				span.Index = i
				p := o.para(st)
				p.Spans = append(p.Spans, span)
				return
			}
		}
		r.doc.Pictures = append(r.doc.Pictures, docx.Picture{Part: src})
		span.Index = len(r.doc.Pictures) - 1
		p := o.para(st)
		p.Spans = append(p.Spans, span)
		return
	}
	if rest, ok := strings.CutPrefix(src, "data:"); ok {
		head, data, _ := strings.Cut(rest, ",")
		if strings.HasSuffix(strings.ToLower(head), ";base64") {
			if b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), "")); err == nil && len(b) > 0 {
				if i := r.doc.NewPicture(b); r.doc.Pictures[i].Ext != "" {
					span.Index = i
					p := o.para(st)
					p.Spans = append(p.Spans, span)
					return
				}
				r.doc.Pictures = r.doc.Pictures[:len(r.doc.Pictures)-1]
			}
		}
		if len(data) > 200 { // not the empty picture that stands for one that is loaded later
			r.remark("picture-format", "这里有一张网页不能显示的图片，没有带过来：请另存为 PNG 或 JPG 再放进来")
		}
		return
	}
	low := strings.ToLower(src)
	switch {
	case src == "":
	case strings.HasPrefix(low, "file:") || strings.Contains(low, "ksohtml") || strings.Contains(low, "msohtmlclip") || !strings.Contains(low, "://"):
		r.remark("local-picture", "这里有一张图片在本机的临时文件夹里（"+clip(src, 120)+"），浏览器读不到，没有带过来：请把文稿存成 .docx，用 gongzhi import 导入，图片会一起带来")
	default:
		r.remark("external-picture", "这里有一张别处的图片（"+clip(src, 200)+"），没有带过来：请先保存图片，再放进来")
	}
}

func clip(s string, n int) string {
	if q := []rune(s); len(q) > n {
		return string(q[:n]) + "…"
	}
	return s
}

// figure reads our own <figure>.
func (r *htmlReader) figure(n *html.Node, o *blockWriter, st style) {
	o.flush()
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.DataAtom {
		case atom.A: // to the picture in full
			if c.FirstChild != nil && c.FirstChild.DataAtom == atom.Img {
				r.image(c.FirstChild, o, st)
			}
		case atom.Img:
			r.image(c, o, st)
		case atom.Figcaption:
			if o.p != nil && len(o.p.Spans) > 0 {
				o.p.Spans[len(o.p.Spans)-1].Caption = visibleText(c)
			}
		default:
			r.node(c, o, st, 1)
		}
	}
	o.flush()
}

// group reads our own quotations and notes in boxes.
func (r *htmlReader) group(n *html.Node, o *blockWriter, st style, depth int) {
	o.flush()
	st.quote = false
	inner := &blockWriter{r: r}
	r.children(n, inner, st, depth)
	inner.flush()
	kind := "quote"
	if n.DataAtom == atom.Aside {
		kind = "callout"
	}
	o.put(&docx.Group{Kind: kind, Blocks: inner.blocks})
}

// put adds a block that is no paragraph; in an item it is part of that.
func (o *blockWriter) put(b docx.Block) {
	if o.inItem {
		b = &docx.Group{Kind: "more " + strconv.Itoa(o.depth), Blocks: []docx.Block{b}}
	}
	o.blocks = append(o.blocks, b)
}

func (r *htmlReader) preformatted(n *html.Node, o *blockWriter) {
	o.flush()
	inner := &blockWriter{r: r}
	in := style{pre: true}
	language := ""
	if c := n.FirstChild; c != nil && c.DataAtom == atom.Code {
		language = strings.TrimPrefix(attrOf(c, "class"), "language-")
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			r.text(n.Data, inner, in)
		}
		if n.DataAtom == atom.Br {
			r.text("\n", inner, in)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	inner.flush()
	if !r.own && len(inner.blocks) == 1 && !strings.Contains(strings.TrimSpace(inner.blocks[0].(*docx.Paragraph).Plain()), "\n") {
		p := inner.blocks[0].(*docx.Paragraph)
		p.Role = docx.Body
		o.put(p)
		return
	}
	if len(inner.blocks) > 0 {
		if r.own {
			o.put(&docx.Group{Kind: strings.TrimSpace("code " + language), Blocks: inner.blocks})
			return
		}
		o.put(inner.blocks[0])
	}
}

func (r *htmlReader) definitions(n *html.Node, o *blockWriter, st style, depth int) {
	o.flush()
	g := &docx.Group{Kind: "dl"}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		inner := &blockWriter{r: r}
		switch c.DataAtom {
		case atom.Dt:
			r.children(c, inner, st, depth+1)
			inner.flush()
			g.Blocks = append(g.Blocks, inner.blocks...)
		case atom.Dd:
			loose := false
			for k := c.FirstChild; k != nil; k = k.NextSibling {
				loose = loose || k.DataAtom == atom.P
			}
			r.children(c, inner, st, depth+1)
			inner.flush()
			kind := "dd"
			if loose {
				kind = "dd loose"
			}
			g.Blocks = append(g.Blocks, &docx.Group{Kind: kind, Blocks: inner.blocks})
		}
	}
	o.put(g)
}

// list reads <ul> and <ol>.
func (r *htmlReader) list(n *html.Node, o *blockWriter, st style, depth int) {
	o.flush()
	r.nextL++
	id := r.nextL
	bullet := n.DataAtom != atom.Ol
	value := 1
	if v, err := strconv.Atoi(attrOf(n, "start")); err == nil && v >= 0 && v < 1_000_000_000 {
		value = v
	}
	loose := false
	for li := n.FirstChild; li != nil; li = li.NextSibling {
		if r.own && li.DataAtom == atom.Li {
			for c := li.FirstChild; c != nil; c = c.NextSibling {
				loose = loose || c.DataAtom == atom.P
			}
		}
	}
	outer := *o
	for li := n.FirstChild; li != nil; li = li.NextSibling {
		if li.Type == html.TextNode && strings.TrimSpace(li.Data) == "" || li.Type == html.CommentNode {
			continue
		}
		if li.DataAtom == atom.Ul || li.DataAtom == atom.Ol { // a list right in a list, as Word and old editors write it
			st2 := st
			st2.depth++
			o.inItem, o.depth = true, st2.depth
			r.list(li, o, st2, depth+1)
			continue
		}
		if v, err := strconv.Atoi(attrOf(li, "value")); err == nil && v >= 0 && v < 1_000_000_000 {
			value = v
		}
		item := &docx.Item{List: id, Depth: st.depth, Bullet: bullet, Value: value, Loose: loose}
		if bullet {
			item.Number = "•"
		} else {
			item.Number, item.Plain = strconv.Itoa(value)+".", true
		}
		if r.own && hasClass(li, "task") {
			item.Task = docx.Open
			if hasChecked(li, 0) {
				item.Task = docx.Done
			}
		}
		o.item, o.more, o.inItem, o.depth = item, false, true, st.depth
		in := st
		in.depth++
		in.quote = false
		r.itemChildren(li, o, in, depth+1)
		o.flush()
		o.item = nil
		value++
	}
	o.item, o.more, o.inItem, o.depth = outer.item, outer.more, outer.inItem, outer.depth
	if o.inItem {
		o.item, o.more = nil, true
	}
}

func (r *htmlReader) itemChildren(li *html.Node, o *blockWriter, st style, depth int) {
	at := o.depth
	if li.DataAtom != atom.Li {
		r.node(li, o, st, depth)
		return
	}
	for c := li.FirstChild; c != nil; c = c.NextSibling {
		o.depth, o.inItem = at, true
		r.node(c, o, st, depth+1)
	}
}

func hasChecked(n *html.Node, depth int) bool {
	if n.DataAtom == atom.Input {
		for _, a := range n.Attr {
			if a.Key == "checked" {
				return true
			}
		}
		return false
	}
	for c := n.FirstChild; c != nil && depth < 5; c = c.NextSibling {
		if c.DataAtom != atom.Ul && c.DataAtom != atom.Ol && hasChecked(c, depth+1) {
			return true
		}
	}
	return false
}

// msoItem reads the place in a list that Word writes into a paragraph's style, and the number that it prints.
func (r *htmlReader) msoItem(n *html.Node, m []string) *docx.Item {
	number := ""
	var find func(*html.Node, int) bool
	find = func(k *html.Node, depth int) bool {
		if k.Type == html.ElementNode && strings.Contains(strings.ReplaceAll(strings.ToLower(attrOf(k, "style")), " ", ""), "mso-list:ignore") {
			number = strings.Trim(visibleText(k), " \u00a0\u3000")
			return true
		}
		for c := k.FirstChild; c != nil && depth < 20; c = c.NextSibling {
			if find(c, depth+1) {
				return true
			}
		}
		return false
	}
	if !find(n, 0) || number == "" {
		return nil
	}
	level, _ := strconv.Atoi(m[2])
	id, ok := r.lists[m[1]]
	if !ok {
		r.nextL++
		id = r.nextL
		r.lists[m[1]] = id
	}
	item := &docx.Item{List: id, Depth: min(max(level-1, 0), 8), Number: number}
	switch v, err := strconv.Atoi(strings.TrimSuffix(number, ".")); {
	case err == nil && strings.HasSuffix(number, ".") && v >= 0 && v < 1_000_000_000:
		item.Plain, item.Value = true, v
	case len([]rune(number)) == 1 && !strings.ContainsAny(number, "0123456789一二三四五六七八九十①②③④⑤⑥⑦⑧⑨⑩甲乙丙丁"):
		item.Bullet = true
	}
	return item
}

// table reads a table; the grid is filled.
func (r *htmlReader) table(n *html.Node, o *blockWriter, st style, depth int) {
	o.flush()
	in := &tableReader{r: r, t: &docx.Table{At: r.para + 1}, depth: depth}
	in.part(n, false, 0)
	t := in.t
	for _, b := range in.caption {
		o.put(b)
	}
	if t.Merged > 0 {
		r.remark("merged", "表格里有 "+strconv.Itoa(t.Merged)+" 处合并的单元格，内容只写在第一格，其余留空：请核对")
	}
	if len(t.Rows) > 0 && t.Columns <= maxColumns {
		o.put(t)
	} else if len(t.Rows) > 0 {
		r.remark("wide-table", "表格超过 63 列，改成了逐格的段落：请改用 CSV 文件")
		for _, row := range t.Rows {
			for _, c := range row.Cells {
				o.blocks = append(o.blocks, c.Blocks...)
			}
		}
	}
}

const maxColumns = 63 // as many as Word has

// A tableReader reads one table.
type tableReader struct {
	r       *htmlReader
	t       *docx.Table
	depth   int   // of the table in the page
	held    []int // rows that a cell above still covers, by column
	caption []docx.Block
}

// part reads the rows below an element, whatever it is.
func (in *tableReader) part(n *html.Node, head bool, depth int) {
	if depth > 20 {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Tr:
			in.row(c, head)
		case atom.Caption:
			inner := &blockWriter{r: in.r}
			in.r.children(c, inner, style{}, in.depth+1)
			inner.flush()
			in.caption = append(in.caption, inner.blocks...)
		default:
			in.part(c, head || c.DataAtom == atom.Thead, depth+1)
		}
	}
}

// row reads a row: its cells stand where those of the rows above leave room.
func (in *tableReader) row(tr *html.Node, head bool) {
	out := docx.Row{Header: head}
	col := 0
	covered := func() {
		for col < len(in.held) && in.held[col] > 0 {
			in.held[col]--
			out.Cells = append(out.Cells, docx.Cell{Covered: true})
			col++
		}
	}
	for c := tr.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
			continue
		}
		covered()
		cols, _ := strconv.Atoi(attrOf(c, "colspan"))
		rows, _ := strconv.Atoi(attrOf(c, "rowspan"))
		cols, rows = min(max(cols, 1), maxColumns), min(max(rows, 1), 1000)
		if cols > 1 || rows > 1 {
			in.t.Merged++
		}
		out.Cells = append(out.Cells, docx.Cell{Blocks: in.cell(c)})
		for k := range cols {
			if k > 0 {
				out.Cells = append(out.Cells, docx.Cell{Covered: true})
			}
			for len(in.held) <= col {
				in.held = append(in.held, 0)
			}
			in.held[col] = rows - 1
			col++
		}
	}
	for col < len(in.held) {
		if in.held[col] == 0 {
			col++
		}
		covered()
	}
	if len(out.Cells) > 0 {
		in.t.Rows = append(in.t.Rows, out)
		in.t.Columns = max(in.t.Columns, len(out.Cells))
	}
}

// cell reads what stands in a cell.
func (in *tableReader) cell(c *html.Node) []docx.Block {
	inner := &blockWriter{r: in.r}
	st := style{inCell: true}
	if in.r.own {
		switch {
		case hasClass(c, "center"):
			st.align = docx.Center
		case hasClass(c, "right"):
			st.align = docx.End
		}
	} else {
		st = in.r.styled(c, css(c), st)
		if c.DataAtom == atom.Th {
			st.marks &^= docx.Bold
		}
	}
	in.r.children(c, inner, st, in.depth+2)
	inner.flush()
	return inner.blocks
}
