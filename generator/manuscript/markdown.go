// Package manuscript turns texts from word processors into bodies of records and back: Word files (see docx) and HTML from a
// clipboard into Markdown of this program's dialect, and a record into a Word file for review. It proposes what of a
// manuscript is its title, its author and so on; it decides nothing.
package manuscript

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/docx"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
)

// Message is something to know about a place of a manuscript.
type Message struct {
	At   int // paragraph, 0 for the whole
	Text string
}

// Text is a body in Markdown.
type Text struct {
	Body     string
	Pictures []int // those that it shows, as indices of the document's, in order
	Messages []Message
}

// Markdown writes blocks and the notes that they refer to. name gives the file name of a picture; nil names them by
// their index. Each block is read again by the markdown package and compared, so that it says the same words in the same
// way, or a message says what was given up.
func Markdown(d *docx.Document, blocks []docx.Block, name func(i int) string) Text {
	if name == nil {
		name = func(i int) string { return strconv.Itoa(i) }
	}
	w := &writer{doc: d, name: name, notes: map[int]int{}, pictures: map[int]bool{}}
	blocks = w.tidy(blocks)
	w.shift(blocks)
	var parts []string
	add := func(unit []docx.Block) {
		if s := w.checked(unit); s != "" {
			parts = append(parts, s)
		}
	}
	for i := 0; i < len(blocks); {
		n := listLength(blocks[i:])
		if n == 0 {
			n = 1
		} else if len(parts) > 0 && i > 0 && w.wasList {
			parts = append(parts, "<!-- -->") // two lists, not one
		}
		add(blocks[i : i+n])
		w.wasList = listLength(blocks[i:]) > 0
		i += n
	}
	w.wasList = false
	for k := 0; k < len(w.order); k++ { // notes may refer to notes
		parts = append(parts, w.note(k))
	}
	t := Text{Body: strings.Join(parts, "\n\n"), Messages: w.messages}
	if t.Body != "" {
		t.Body += "\n"
	}
	t.Pictures = w.shown
	return t
}

type writer struct {
	doc      *docx.Document
	name     func(i int) string
	base     int         // level of the highest headings
	notes    map[int]int // index of a note → its number
	order    []int
	pictures map[int]bool
	shown    []int
	messages []Message
	wasList  bool

	plainMarks bool // emphasis is left out
	gaps       bool // comments divide marks
	everything bool // all punctuation is escaped
	dry        bool
	own        bool // the document was made from a body of ours

	boxes                  int
	raisedSaid, anchorSaid bool
	anchorIDs              map[string]string
}

func (w *writer) say(at int, format string, args ...any) {
	if !w.dry {
		w.messages = append(w.messages, Message{at, fmt.Sprintf(format, args...)})
	}
}

// shift finds the level that headings begin with.
func (w *writer) shift(blocks []docx.Block) {
	w.base = 9
	docx.Walk(blocks, func(p *docx.Paragraph) {
		switch p.Role {
		case docx.Heading:
			w.base = min(w.base, p.Level)
		case docx.Title:
			w.base = 1
		}
	})
}

// checked writes some blocks that belong together in the most natural way that is read again as the same.
func (w *writer) checked(unit []docx.Block) string {
	at := 0
	docx.Walk(unit, func(p *docx.Paragraph) {
		if at == 0 {
			at = p.At
		}
	})
	lines := w.blocks(unit)
	text := strings.Join(lines, "\n")
	if simple(unit) {
		return text
	}
	want := shapeOf(w.doc, unit, w.name)
	try := func() (string, bool) {
		w.dry = true
		s := strings.Join(w.blocks(unit), "\n")
		w.dry = false
		return s, w.readsAs(s, want)
	}
	if w.readsAs(text, want) {
		return text
	}
	w.gaps = true
	s, ok := try()
	w.gaps = false
	if ok {
		return s
	}
	w.everything = true
	s, ok = try()
	if !ok {
		w.gaps = true
		s, ok = try()
		w.gaps = false
	}
	w.everything = false
	if ok {
		return s
	}
	w.plainMarks, w.everything = true, true
	s, _ = try()
	w.plainMarks, w.everything = false, false
	if plainShape(w.back(s)) == plainShape(want) {
		w.say(at, "这里的加粗、着重或排法没有办法照样写成 Markdown，文字不变：请核对")
		return s
	}
	w.say(at, "这里转换以后和原稿不完全一样：请对照原稿核对")
	return text
}

// readsAs converts Markdown and compares what it says with what was meant.
func (w *writer) readsAs(text, want string) bool { return w.back(text) == want }

func (w *writer) back(text string) string {
	var b strings.Builder
	b.WriteString(text)
	defined := map[int]bool{}
	for _, rest := range strings.Split(text, "[^")[1:] { // those that it speaks of, not all of a book's
		label, _, _ := strings.Cut(rest, "]")
		if n, err := strconv.Atoi(label); err == nil && n >= 1 && n <= len(w.order) && !defined[n] {
			defined[n] = true
			fmt.Fprintf(&b, "\n\n[^%d]: x", n)
		}
	}
	body, _ := markdown.Convert("", []byte(b.String()), 1)
	d := fromBody(&body)
	for i := range d.Notes {
		d.Notes[i].Blocks = nil
	}
	return shapeOf(d, d.Blocks, nil)
}

// simple reports that blocks are a paragraph of Chinese characters and their punctuation, which can't be misread.
func simple(unit []docx.Block) bool {
	if len(unit) != 1 {
		return false
	}
	p, ok := unit[0].(*docx.Paragraph)
	if !ok || p.Item != nil || p.Role != docx.Body {
		return false
	}
	first := true
	for _, s := range p.Spans {
		if s.Kind != docx.Text || s.Marks&^docx.Underline != 0 || s.Link != "" {
			return false
		}
		for _, r := range s.Text {
			switch {
			case r >= 0x4e00 && r <= 0x9fff, r == '，', r == '。', r == '、', r == '；', r == '：', r == '“', r == '”', r == '《', r == '》', r == '！', r == '？':
			case !first && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '（' || r == '）'):
			default:
				return false
			}
			first = false
		}
	}
	return !first
}

// blocks writes blocks as lines, with an empty line between each two.
func (w *writer) blocks(blocks []docx.Block) []string {
	var out []string
	put := func(lines []string) {
		if len(lines) == 0 {
			return
		}
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, lines...)
	}
	for i := 0; i < len(blocks); {
		if n := listLength(blocks[i:]); n > 0 {
			if i > 0 && listLength(blocks[i-1:i]) > 0 {
				put([]string{"<!-- -->"})
			}
			put(w.list(blocks[i : i+n]))
			i += n
			continue
		}
		put(w.block(blocks[i]))
		i++
	}
	return out
}

func prefixed(lines []string, first, rest string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		p := rest
		if i == 0 {
			p = first
		}
		if l == "" {
			p = strings.TrimRight(p, " ")
		}
		out[i] = p + l
	}
	return out
}

func (w *writer) block(b docx.Block) []string {
	switch b := b.(type) {
	case *docx.Paragraph:
		return w.paragraph(b)
	case *docx.Table:
		return w.table(b)
	case *docx.Group:
		kind, arg, _ := strings.Cut(b.Kind, " ")
		switch kind {
		case "quote":
			return prefixed(w.blocks(b.Blocks), "> ", "> ")
		case "callout":
			var title string
			rest := b.Blocks
			if p, ok := first(rest); ok {
				title, rest = w.line(p.Spans, inHeading), rest[1:]
			}
			lines := []string{strings.TrimRight("[!NOTE] "+title, " ")}
			if inner := w.blocks(rest); len(inner) > 0 {
				lines = append(append(lines, ""), inner...)
			}
			return prefixed(lines, "> ", "> ")
		case "code":
			if p, ok := first(b.Blocks); ok && len(b.Blocks) == 1 {
				return w.code(p, arg)
			}
		case "dl":
			var out []string
			for i, x := range b.Blocks {
				if g, ok := x.(*docx.Group); ok && strings.HasPrefix(g.Kind, "dd") {
					lines := prefixed(w.blocks(g.Blocks), ":   ", "    ")
					if g.Kind == "dd loose" {
						out = append(out, "")
					}
					out = append(out, lines...)
				} else if p, ok := x.(*docx.Paragraph); ok {
					if i > 0 {
						if _, wasGroup := b.Blocks[i-1].(*docx.Group); wasGroup {
							out = append(out, "")
						}
					}
					out = append(out, w.line(p.Spans, inHeading))
				}
			}
			return out
		}
		return w.blocks(b.Blocks)
	}
	return nil
}

func first(blocks []docx.Block) (*docx.Paragraph, bool) {
	if len(blocks) == 0 {
		return nil, false
	}
	p, ok := blocks[0].(*docx.Paragraph)
	return p, ok
}

func (w *writer) paragraph(p *docx.Paragraph) []string {
	switch p.Role {
	case docx.Rule:
		if len(p.Spans) == 0 {
			return []string{"---"}
		}
	case docx.Preformatted:
		return w.code(p, "")
	case docx.Heading, docx.Title, docx.Subtitle:
		level := p.Level
		switch p.Role {
		case docx.Title:
			level = 1
		case docx.Subtitle:
			level = w.base
		}
		text := w.line(p.Spans, inHeading)
		if text == "" {
			return nil
		}
		if strings.HasSuffix(text, "#") && !strings.HasSuffix(text, `\#`) {
			text = text[:len(text)-1] + `\#`
		}
		if w.plainMarks && strings.HasSuffix(text, "}") { // an id, wherever a heading ends so
			return []string{text}
		}
		return []string{strings.Repeat("#", min(6, max(0, level-w.base)+2)) + " " + text}
	}
	if s, ok := w.figure(p); ok {
		return []string{s}
	}
	text := w.line(p.Spans, inText)
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// figure writes a paragraph that is one picture.
func (w *writer) figure(p *docx.Paragraph) (string, bool) {
	if len(p.Spans) != 1 || p.Spans[0].Kind != docx.PictureOf || p.Spans[0].Link != "" {
		return "", false
	}
	return w.picture(&p.Spans[0], true), true
}

func (w *writer) picture(s *docx.Span, titled bool) string {
	if !w.pictures[s.Index] {
		w.pictures[s.Index] = true
		w.shown = append(w.shown, s.Index)
	}
	var b strings.Builder
	b.WriteString("![")
	b.WriteString(w.escape(spaces(s.Alt), false, false))
	b.WriteString("](")
	b.WriteString(destination(w.name(s.Index)))
	if title := spaces(s.Caption); title != "" && titled {
		b.WriteString(` "` + titleEscape(title) + `"`)
	}
	b.WriteString(")")
	return b.String()
}

func titleEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "%%", `%\%`).Replace(s)
}

// spaces makes one space of each run of line breaks and the like.
func spaces(s string) string {
	return strings.Join(strings.FieldsFunc(clean(s), func(r rune) bool { return r == '\n' || r == '\t' || r == '\r' || r == ' ' }), " ")
}

// destination writes the target of a link.
func destination(s string) string {
	s = strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(clean(s))
	if s == "" || strings.ContainsAny(s, " ()<>\\&*_[]`%") {
		return "<" + strings.NewReplacer("<", "%3C", ">", "%3E", `\`, `\\`, "&", "&amp;", "%%", `%\%`).Replace(s) + ">"
	}
	return s
}

func (w *writer) code(p *docx.Paragraph, language string) []string {
	text := strings.TrimRight(clean(p.Plain()), "\n")
	fence := "```"
	if strings.Contains(text, fence) {
		fence = "~~~"
	}
	for strings.Contains(text, fence) {
		fence += "~"
	}
	lines := []string{fence + language}
	lines = append(lines, strings.Split(text, "\n")...)
	return append(lines, fence)
}

// listLength counts the blocks at the start that make a list in Markdown.
func listLength(blocks []docx.Block) int {
	for i, b := range blocks {
		switch b := b.(type) {
		case *docx.Paragraph:
			if !listed(b) || i == 0 && b.Item.More {
				return i
			}
			if i > 0 && !b.Item.More && !sameList(blocks[:i], b) {
				return i
			}
		case *docx.Group:
			if i == 0 || !strings.HasPrefix(b.Kind, "more ") {
				return i
			}
		default:
			return i
		}
	}
	return len(blocks)
}

// listed reports that a paragraph is an item, or part of one, of a list as Markdown has them.
func listed(p *docx.Paragraph) bool {
	return p.Item != nil && (p.Role == docx.Body || p.Role == docx.Caption) && (p.Item.Bullet || p.Item.Plain || p.Item.More)
}

// sameList tells whether an item goes on with the list of those before it: it is deeper than the first one, or of the
// same list, or of the same kind and counts on.
func sameList(before []docx.Block, p *docx.Paragraph) bool {
	top, ok := before[0].(*docx.Paragraph)
	if !ok {
		return false
	}
	if p.Item.Depth > top.Item.Depth {
		return true
	}
	if p.Item.Depth < top.Item.Depth {
		return false
	}
	if p.Item.List != top.Item.List || p.Item.Bullet != top.Item.Bullet || p.Item.Loose != top.Item.Loose {
		return false
	}
	if p.Item.Bullet {
		return true
	}
	last := top.Item.Value
	for _, b := range before {
		if q, ok := b.(*docx.Paragraph); ok && q.Item.Depth == top.Item.Depth && !q.Item.More {
			last = q.Item.Value
		}
	}
	return p.Item.Value > last
}

// list writes a list and the lists in it.
func (w *writer) list(blocks []docx.Block) []string {
	depth := blocks[0].(*docx.Paragraph).Item.Depth
	loose := false
	for _, b := range blocks {
		if p, ok := b.(*docx.Paragraph); ok && p.Item.Depth == depth && (p.Item.Loose || p.Item.More) {
			loose = true
		}
		if _, ok := b.(*docx.Group); ok {
			loose = true
		}
	}
	var out []string
	for i := 0; i < len(blocks); {
		p := blocks[i].(*docx.Paragraph)
		marker := "- "
		if !p.Item.Bullet {
			marker = strconv.Itoa(p.Item.Value) + ". "
		}
		switch p.Item.Task {
		case docx.Open:
			marker += "[ ] "
		case docx.Done:
			marker += "[x] "
		}
		indent := strings.Repeat(" ", strings.IndexByte(marker, ' ')+1)
		var lines []string
		if s, ok := w.figure(p); ok {
			lines = []string{s}
		} else {
			lines = strings.Split(w.line(p.Spans, inText), "\n")
		}
		i++
		for i < len(blocks) { // what else belongs to this item
			if g, ok := blocks[i].(*docx.Group); ok {
				lines = append(append(lines, ""), w.blocks(g.Blocks)...)
				i++
				continue
			}
			q := blocks[i].(*docx.Paragraph)
			if q.Item.More && q.Item.Depth <= depth || q.Item.More && i == 1 {
				r := *q
				r.Item = nil
				lines = append(append(lines, ""), w.block(&r)...)
				i++
				continue
			}
			if q.Item.Depth <= depth {
				break
			}
			n := 1
			for i+n < len(blocks) {
				if next, ok := blocks[i+n].(*docx.Paragraph); ok && next.Item.Depth <= depth {
					break
				}
				n++
			}
			for inner := blocks[i : i+n]; len(inner) > 0; {
				k := max(1, listLength(inner))
				if _, ok := inner[0].(*docx.Paragraph); !ok {
					inner = inner[k:]
					continue
				}
				if loose {
					lines = append(lines, "")
				} else if it := inner[0].(*docx.Paragraph).Item; &inner[0] != &blocks[i] || !it.Bullet && it.Value != 1 { // or it would be text
					lines = append(lines, "<!-- -->")
				}
				lines = append(lines, w.list(inner[:k])...)
				inner = inner[k:]
			}
			i += n
		}
		if loose && len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, prefixed(lines, marker, indent)...)
	}
	return out
}

// table writes a table whose cells were made lines.
func (w *writer) table(t *docx.Table) []string {
	var out []string
	aligns := columnAligns(t)
	for i, r := range t.Rows {
		cells := make([]string, t.Columns)
		for j := range min(len(r.Cells), t.Columns) {
			if p, ok := first(r.Cells[j].Blocks); ok {
				cells[j] = w.line(p.Spans, inTable)
			}
		}
		out = append(out, "| "+strings.Join(cells, " | ")+" |")
		if i == 0 {
			rule := make([]string, t.Columns)
			for j := range rule {
				rule[j] = [...]string{docx.Unset: "---", docx.Start: "---", docx.Center: ":-:", docx.End: "--:"}[aligns[j]]
			}
			out = append(out, "|"+strings.Join(rule, "|")+"|")
		}
	}
	return out
}

// columnAligns finds how the cells of each column below the head are placed, if they agree.
func columnAligns(t *docx.Table) []docx.Align {
	out := make([]docx.Align, t.Columns)
	for j := range out {
		known := false
		for i, r := range t.Rows {
			if j >= len(r.Cells) || i == 0 && len(t.Rows) > 1 {
				continue
			}
			p, ok := first(r.Cells[j].Blocks)
			if !ok {
				continue
			}
			if known && out[j] != p.Align {
				out[j] = docx.Unset
				break
			}
			out[j], known = p.Align, true
		}
	}
	return out
}

// unbold takes bold off where all is bold, as in the head of a table, which is bold anyway.
func unbold(spans []docx.Span) []docx.Span {
	for _, s := range spans {
		if s.Kind == docx.Text && s.Marks&docx.Bold == 0 && strings.TrimSpace(s.Text) != "" {
			return spans
		}
	}
	out := make([]docx.Span, len(spans))
	for i, s := range spans {
		s.Marks &^= docx.Bold
		out[i] = s
	}
	return out
}

// note writes the k-th note.
func (w *writer) note(k int) string {
	n := w.doc.Notes[w.order[k]]
	label := fmt.Sprintf("[^%d]: ", k+1)
	lines := w.blocks(w.tidy(n.Blocks))
	if len(lines) == 0 {
		return label + "（空）"
	}
	return strings.Join(prefixed(lines, label, "    "), "\n")
}

// where a line of text stands.
const (
	inText = iota
	inHeading
	inTable
)

// clean takes out of a text what nobody sees, but for joiners, which families of emoji need.
func clean(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' && s[i] != '\n' && s[i] != '\t' || s[i] >= 0x7f {
			return strings.Map(func(r rune) rune {
				if han.Hidden(r) {
					return -1
				}
				return r
			}, s)
		}
	}
	return s
}

// isSpace knows what counts as white space at the edge of a text.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r == 0x3000 }

func isWide(r rune) bool {
	return han.IsHan(r) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r == '“' || r == '”' || r == '—' || r == '…'
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}
