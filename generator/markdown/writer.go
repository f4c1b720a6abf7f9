package markdown

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// writer makes HTML of one text. It does what goldmark's renderer does, in one walk that also collects
// links, headings and notes with their places in the HTML.
type writer struct {
	*source
	dst        []byte
	prefix     string
	refs       []Ref
	headings   []Heading
	levels     []int             // of the headings that the present one is under, as written
	ids        map[string]int    // the next number to try for an id in use
	notes      map[string]*note  // by label
	numbers    map[ast.Node]int  // of list items, as typed
	tabbed     map[ast.Node]bool // rows whose cells tabs divide
	allNotes   []*note           // as they stand in the text
	used       []*note           // as they are referred to
	tables     int
	paragraphs [][2]int // where in dst the first paragraphs are
	atStart    bool     // nothing of the paragraph's text has been written
	inLink     bool     // links cannot hold links
	spans      int      // emphasis in each other
	foreign    []foreignUse
	breaks     bool // line breaks stay
}

func (w *writer) write(s string) { w.dst = append(w.dst, s...) }

// newline keeps the HTML readable; between blocks it has no meaning.
func (w *writer) newline() { w.dst = append(w.dst, '\n') }

func (w *writer) document(root ast.Node) {
	w.blocks(root)
	w.endnotes()
	w.reportForeign()
}

func (w *writer) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n)
	}
}

func (w *writer) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		w.paragraph(n)
	case *ast.TextBlock:
		w.text(n)
		if n.NextSibling() != nil {
			w.newline()
		}
	case *ast.Heading:
		w.heading(n)
	case *ast.List:
		w.list(n)
	case *ast.Blockquote:
		if w.callout(n) {
			return
		}
		w.write("<blockquote>\n")
		w.blocks(n)
		w.write("</blockquote>\n")
	case *ast.FencedCodeBlock:
		language := n.Language(w.source.text)
		if n.Info != nil {
			w.checkInfo(n.Info.Segment)
		}
		w.code(n, language)
	case *ast.CodeBlock:
		w.code(n, nil)
	case *ast.ThematicBreak:
		w.write("<hr>\n")
	case *east.Table:
		w.table(n)
	case *east.DefinitionList:
		w.write("<dl>\n")
		w.blocks(n)
		w.write("</dl>\n")
	case *east.DefinitionTerm:
		w.write("<dt>")
		w.text(n)
		w.write("</dt>\n")
	case *east.DefinitionDescription:
		w.write("<dd>")
		if !n.IsTight {
			w.newline()
		}
		w.blocks(n)
		w.write("</dd>\n")
	case *note:
		w.allNotes = append(w.allNotes, n)
	case *comment, *ast.LinkReferenceDefinition:
	default:
		w.blocks(n)
	}
}

func (w *writer) paragraph(n *ast.Paragraph) {
	if images := w.alone(n); images != nil {
		w.figures(n, images)
		return
	}
	start := len(w.dst)
	w.write("<p>")
	empty := len(w.dst)
	w.text(n)
	if len(w.dst) == empty { // a comment alone
		w.dst = w.dst[:start]
		return
	}
	w.write("</p>\n")
	if n.Parent().Kind() == ast.KindDocument {
		if k := len(w.paragraphs); k == 0 || w.paragraphs[k-1][1]-w.paragraphs[0][0] < excerptBytes {
			w.paragraphs = append(w.paragraphs, [2]int{start, len(w.dst)})
		}
	}
	w.checkLines(n)
}

// alone gives the images of a paragraph that holds nothing else.
func (w *writer) alone(n ast.Node) []ast.Node {
	if n == nil || n.Kind() != ast.KindParagraph {
		return nil
	}
	var images []ast.Node
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Image:
			images = append(images, c)
		case *wikiLink:
			if !c.image {
				return nil
			}
			images = append(images, c)
		case *lineBreak:
		case *ast.Text:
			if strings.Trim(string(c.Segment.Value(w.source.text)), " \t\u3000") != "" {
				return nil
			}
		default:
			return nil
		}
	}
	return images
}

// figures writes images that stand alone. Several that follow one another, in one paragraph or in several, are a set.
func (w *writer) figures(n *ast.Paragraph, images []ast.Node) {
	follows, goesOn := w.alone(n.PreviousSibling()) != nil, w.alone(n.NextSibling()) != nil
	among := follows || goesOn || len(images) > 1
	if among && !follows {
		w.write("<div class=\"gallery\">\n")
	}
	for _, image := range images {
		w.figure(image, among)
	}
	if among && !goesOn {
		w.write("</div>\n")
	}
}

func (w *writer) figure(n ast.Node, among bool) {
	at := len(w.refs)
	w.write("<figure>")
	var caption []byte
	switch n := n.(type) {
	case *ast.Image:
		caption, n.Title = n.Title, nil
		w.enlarged(w.offset(n.Destination, n), unescape(n.Destination), w.plain(n), func() { w.image(n) })
	case *wikiLink:
		label := string(n.label.Value(w.source.text))
		w.enlarged(n.target.Start, string(n.target.Value(w.source.text)), label, func() { w.wiki(n) })
	}
	for i := range w.refs[at:] {
		w.refs[at+i].Among = among
	}
	if len(caption) > 0 {
		w.write("<figcaption>")
		w.literal(unescape(caption))
		w.write("</figcaption>")
	}
	w.write("</figure>\n")
}

// enlarged writes an image as a link to itself, if it is one of the site and says what it shows.
func (w *writer) enlarged(offset int, target, alt string, image func()) {
	scheme, fault := checkTarget(target)
	if fault != "" || scheme != "" || strings.TrimSpace(alt) == "" || w.inLink {
		image()
		return
	}
	w.write("<a")
	w.ref(Enlarge, target, offset)
	w.write(">")
	image()
	w.write("</a>")
}

// heading writes a heading at the level that its place gives it: one below the nearest heading before it
// that was written with fewer #. So the smallest is 2 and none is skipped, as WCAG's techniques want.
func (w *writer) heading(n *ast.Heading) {
	for len(w.levels) > 0 && w.levels[len(w.levels)-1] >= n.Level {
		w.levels = w.levels[:len(w.levels)-1]
	}
	level := min(len(w.levels)+2, 6)
	w.levels = append(w.levels, n.Level)

	at := len(w.dst)
	foreign := slices.Clone(w.foreign)
	w.text(n)
	inner, own := headingID(bytes.Clone(w.dst[at:]))
	w.dst = w.dst[:at]
	if own != "" {
		w.foreign = foreign // {#id} is understood here
	}
	plain := string(bytes.ReplaceAll(Text(inner), []byte("\n"), []byte(" ")))
	if plain == "" && !bytes.Contains(inner, []byte("<img")) {
		w.levels = w.levels[:len(w.levels)-1]
		w.warnf(max(n.Pos(), 0), "empty-heading", "标题是空的，已略去：请写上文字，或删去 #")
		return
	}
	id := w.id(plain, own)
	w.checkBar(n)
	w.headings = append(w.headings, Heading{Level: level, ID: id, Text: plain})

	tag := byte('0' + level)
	w.dst = append(w.dst, "<h"...)
	w.dst = append(w.dst, tag)
	w.write(` id="`)
	w.dst = appendAttr(w.dst, id)
	w.write(`">`)
	shift := len(w.dst) - at
	for i := len(w.refs) - 1; i >= 0 && w.refs[i].Offset >= at; i-- {
		w.refs[i].Offset += shift
		if w.refs[i].TitleOffset >= 0 {
			w.refs[i].TitleOffset += shift
			w.refs[i].TitleEnd += shift
		}
	}
	w.dst = append(w.dst, inner...)
	w.dst = append(w.dst, "</h"...)
	w.dst = append(w.dst, tag)
	w.write(">\n")
}

func isTask(item ast.Node) bool {
	first := item.FirstChild()
	if first == nil || first.FirstChild() == nil {
		return false
	}
	return first.FirstChild().Kind() == east.KindTaskCheckBox
}

// code writes a block of code. It can be scrolled, so the keyboard must reach it.
func (w *writer) code(n ast.Node, language []byte) {
	w.write(`<pre tabindex="0"><code`)
	if name := languageName(language); name != "" {
		w.write(` class="language-` + name + `"`)
	}
	w.write(">")
	lines := n.Lines()
	for i := range lines.Len() {
		line := lines.At(i)
		w.escape(line.Value(w.source.text))
	}
	w.write("</code></pre>\n")
}

// checkInfo says what of the words behind ``` is left out: all but the name of a language.
func (w *writer) checkInfo(info text.Segment) {
	value := info.Value(w.source.text)
	name := languageName(value)
	if rest := bytes.TrimSpace(value[len(name):]); bytes.IndexFunc(rest, func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }) >= 0 {
		w.warnf(info.Start, "code-info", "代码块开头的“%s”不会显示：那里只能写一种语言的名称，如 sh；要说明，请写在代码块前面", shorten(string(rest)))
	}
}

// languageName keeps of an info string what can be a language.
func languageName(info []byte) string {
	i := 0
	for i < len(info) && i < 30 && (isAlnum(info[i]) || bytes.IndexByte([]byte("+-#_."), info[i]) >= 0) {
		i++
	}
	return string(info[:i])
}

// table writes a table in a box that scrolls sideways on narrow screens, and so must take the focus and
// have a name, each its own.
func (w *writer) table(n *east.Table) {
	w.tables++
	name := "表格"
	if w.tables > 1 {
		name += " " + strconv.Itoa(w.tables)
	}
	w.write(`<div class="table" tabindex="0" role="region" aria-label="` + name + `">` + "<table>\n")
	inBody := false
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		if row.Kind() == east.KindTableHeader {
			w.write("<thead>\n")
			w.row(row, true)
			w.write("</thead>\n")
			continue
		}
		if !inBody {
			w.write("<tbody>\n")
			inBody = true
		}
		w.row(row, false)
	}
	if inBody {
		w.write("</tbody>\n")
	}
	w.write("</table></div>\n")
}

func (w *writer) row(row ast.Node, header bool) {
	if !header {
		w.checkCells(row)
	}
	w.write("<tr>")
	for n := row.FirstChild(); n != nil; n = n.NextSibling() {
		cell := n.(*east.TableCell)
		tag := "td"
		if header && cell.FirstChild() != nil {
			tag = "th"
		}
		w.write("<" + tag)
		if tag == "th" {
			w.write(` scope="col"`)
		}
		class := ""
		switch {
		case cell.Alignment == east.AlignCenter:
			class = "center"
		case cell.Alignment == east.AlignRight:
			class = "right"
		case cell.Alignment == east.AlignNone && !header && w.isNumber(cell):
			class = "num"
		}
		if class != "" {
			w.write(` class="` + class + `"`)
		}
		w.write(">")
		w.text(cell)
		w.write("</" + tag + ">")
	}
	w.write("</tr>\n")
}

// checkCells reports cells beyond those of the header, which GFM drops.
func (w *writer) checkCells(row ast.Node) {
	if w.tabbed[row] {
		return
	}
	line := w.source.text[row.Pos():]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(line), []byte("|")), []byte("|"))
	cells := 1
	for i, c := range line {
		if c == '|' && (i == 0 || line[i-1] != '\\') {
			cells++
		}
	}
	if cells > row.ChildCount() {
		w.errorf(row.Pos(), "extra-cells", `表格这一行有 %d 格，表头只有 %d 格，多出的显示不了：请补齐表头；文字里的竖线写成 \|`, cells, row.ChildCount())
	}
}

// isNumber reports that a cell holds figures and nothing else but the signs and the 万 and 亿 that go with them.
func (w *writer) isNumber(cell *east.TableCell) bool {
	if cell.Lines() == nil || cell.Lines().Len() == 0 {
		return false
	}
	line := cell.Lines().At(0)
	digits := false
	for _, r := range string(line.Value(w.source.text)) {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case bytes.ContainsRune([]byte(" ,.%‰+-−–—~()（）/:万亿"), r):
		default:
			return false
		}
	}
	return digits
}

// endnotes writes the notes in the order of the first reference to each, and then those without one.
func (w *writer) endnotes() {
	written := 0
	if len(w.used) > 0 || len(w.allNotes) > 0 {
		w.write(`<section class="footnotes" role="doc-endnotes" aria-label="注释">` + "\n<ol>\n")
		for ; written < len(w.used); written++ { // notes refer to notes: used grows
			w.endnote(w.used[written])
		}
		for i := 0; i < len(w.allNotes); i++ { // and hold notes
			if n := w.allNotes[i]; n.number == 0 {
				w.warnf(n.offset, "unused-note", "注释 [^%s] 没有被引用，已排在注释末尾：请在正文里写上 [^%s]", n.label, n.label)
				n.number = len(w.used) + 1
				w.used = append(w.used, n)
				for ; written < len(w.used); written++ {
					w.endnote(w.used[written])
				}
			}
		}
		w.write("</ol>\n</section>\n")
	}
}

func (w *writer) endnote(n *note) {
	number := strconv.Itoa(n.number)
	w.write(`<li id="` + w.prefixed("fn_"+number) + `">`)
	// The links back stand at the end of the last paragraph, if the note ends with one.
	last, _ := n.LastChild().(*ast.Paragraph)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c == ast.Node(last) {
			break
		}
		w.block(c)
	}
	if last != nil {
		w.write("<p>")
		w.text(last)
	}
	for i := 1; i <= n.refs; i++ {
		w.write(`<a href="#` + w.noteRef(n, i) + `" class="back" role="doc-backlink" aria-label="返回正文`)
		if n.refs > 1 {
			w.write(" " + strconv.Itoa(i))
		}
		w.write(`">↩</a>`)
	}
	if last != nil {
		w.write("</p>\n")
	}
	w.write("</li>\n")
}

// noteRef is the id of the i-th reference to a note.
func (w *writer) noteRef(n *note, i int) string {
	id := "fnref_" + strconv.Itoa(n.number)
	if i > 1 {
		id += "-" + strconv.Itoa(i)
	}
	return w.prefixed(id)
}

func (w *writer) noteMark(n *note) {
	if n.number == 0 {
		w.used = append(w.used, n)
		n.number = len(w.used)
	}
	n.refs++
	number := strconv.Itoa(n.number)
	w.write(`<sup class="fnref" id="` + w.noteRef(n, n.refs) + `">`)
	if w.inLink {
		w.write("[" + number + "]")
	} else {
		w.write(`<a href="#` + w.prefixed("fn_"+number) + `" role="doc-noteref">[` + number + `]</a>`)
	}
	w.write("</sup>")
}

func (w *writer) prefixed(id string) string {
	if w.prefix == "" {
		return id
	}
	return w.prefix + ":" + id
}

// checkBar says that a line of --- or - made a heading of the text above it, which hardly anybody means.
func (w *writer) checkBar(n *ast.Heading) {
	lines := n.Lines()
	if lines.Len() == 0 {
		return
	}
	last := lines.At(lines.Len() - 1)
	i := bytes.IndexByte(w.source.text[last.Start:], '\n')
	if i < 0 {
		return
	}
	offset := last.Start + i + 1
	bar := bytes.TrimLeft(w.restOfLine(offset), " \t>")
	if len(bytes.TrimRight(bar, "- \t")) > 0 || len(bar) == 0 || bytes.HasPrefix(bytes.TrimLeft(w.lineOf(last.Start), " \t>"), []byte("#")) {
		return
	}
	if first := lines.At(0); w.source.text[first.Start] == '|' {
		w.warnf(offset, "table-head", "这里像是表格，但表头下面的一行没有写全，表头成了标题：请写成 |---|---|，每格一个 ---")
		return
	}
	w.warnf(offset, "setext", "%s 紧跟在文字下面，那行文字成了标题：要分隔线，请在它前面空一行；要标题，请写成“## 标题”", bytes.TrimRight(bar[:min(len(bar), 10)], " \t"))
}
