package manuscript

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/docx"
)

// tipPrefix begins the screen tip of a link that leads into the site: what follows is the target as the record has it.
const tipPrefix = "工志："

// decode resolves percent-encoding, for comparing.
func decode(s string) string {
	if u, err := url.PathUnescape(s); err == nil && utf8.ValidString(u) {
		return u
	}
	return s
}

// tidy makes blocks of a word processor such as Markdown has: numbers that are no Markdown list become text, captions join
// their pictures, cells become lines, frames of one cell their contents. The blocks given are not changed.
func (w *writer) tidy(blocks []docx.Block) []docx.Block {
	var out []docx.Block
	for i := 0; i < len(blocks); {
		switch b := blocks[i].(type) {
		case *docx.Paragraph:
			made, read := w.tidyParagraph(b, blocks[i+1:])
			out = append(out, made...)
			i += read
		case *docx.Group:
			out = append(out, w.tidyGroup(b)...)
		case *docx.Table:
			out = append(out, w.tidyTable(b)...)
		}
		i++
	}
	nest(out)
	return quotes(out)
}

// tidyParagraph makes blocks of a paragraph, and tells how many of the next ones it has taken.
func (w *writer) tidyParagraph(b *docx.Paragraph, next []docx.Block) (made []docx.Block, read int) {
	p := *b
	p.Spans = w.spans(b)
	if p.Role == docx.Preformatted {
		for _, n := range next { // each line is a paragraph in some programs
			q, ok := n.(*docx.Paragraph)
			if !ok || q.Role != docx.Preformatted || w.doc.Record != nil {
				break
			}
			p.Spans = append(append(p.Spans, docx.Span{Kind: docx.Break}), q.Spans...)
			read++
		}
		return []docx.Block{&docx.Group{Kind: "code", Blocks: []docx.Block{&p}}}, read
	}
	if p.Role == docx.Heading || p.Role == docx.Title || p.Role == docx.Subtitle {
		p.Spans = unbold(p.Spans)
		if strings.TrimFunc(clean(p.Plain()), isSpace) == "" { // a picture or the mark of a note alone is no heading
			p.Role = docx.Body
		}
	}
	if it := p.Item; it != nil && !it.More && !listed(&p) {
		p.Spans = append([]docx.Span{{Text: printed(it), Marks: commonMarks(p.Spans)}}, p.Spans...)
		p.Item = nil
	}
	if p.Box {
		w.boxes++
		if w.boxes == 1 {
			w.say(p.At, "文本框或图形里的文字，放在了它所在段落的后面：请核对位置")
		}
	}
	p.Box = false
	if pictures := onlyPictures(p.Spans); len(pictures) > 0 && p.Item == nil && p.Role != docx.Heading {
		if len(next) > 0 && w.caption(&pictures[len(pictures)-1], next[0]) {
			read = 1
		}
		for k := range pictures {
			q := p
			q.Spans = pictures[k : k+1]
			made = append(made, &q)
		}
		return made, read
	}
	if len(canonical(p.Spans, inText)) == 0 && p.Role != docx.Rule {
		return nil, 0
	}
	return []docx.Block{&p}, 0
}

// printed is the number of an item as the text of its paragraph begins with it.
func printed(it *docx.Item) string {
	number := it.Number
	if it.Bullet {
		number = "•"
	}
	if !isWide(lastRune(number)) && !circled(lastRune(number)) {
		number += " "
	}
	return number
}

// caption gives a picture the words of the block below it, if they are its caption and it has no other.
func (w *writer) caption(picture *docx.Span, below docx.Block) bool {
	c, ok := below.(*docx.Paragraph)
	manuscript := w.doc.Record == nil
	if !ok || manuscript && !isCaption(c) || !manuscript && c.Role != docx.Caption {
		return false
	}
	caption := spaces(numbered(c) + c.Plain())
	if picture.Caption != "" && picture.Caption != caption {
		return false
	}
	picture.Caption = caption
	if picture.Alt == "" && manuscript {
		picture.Alt = caption
	}
	return true
}

// tidyGroup makes blocks of a group: itself, or what is in it where Markdown has no such group.
func (w *writer) tidyGroup(b *docx.Group) []docx.Block {
	g := *b
	kind, _, _ := strings.Cut(g.Kind, " ")
	if kind == "code" && len(g.Blocks) == 1 {
		if p, ok := g.Blocks[0].(*docx.Paragraph); ok && p.Role == docx.Preformatted {
			return []docx.Block{&g}
		}
	}
	g.Blocks = w.tidy(b.Blocks)
	if !groupKinds[kind] {
		return g.Blocks
	}
	return []docx.Block{&g}
}

// quotes puts paragraphs that are quotations by their style together.
func quotes(blocks []docx.Block) []docx.Block {
	var out []docx.Block
	var g *docx.Group
	for _, b := range blocks {
		p, ok := b.(*docx.Paragraph)
		if !ok || p.Role != docx.Quote || p.Item != nil {
			out, g = append(out, b), nil
			continue
		}
		if g == nil {
			g = &docx.Group{Kind: "quote"}
			out = append(out, g)
		}
		q := *p
		q.Role = docx.Body
		g.Blocks = append(g.Blocks, &q)
	}
	return out
}

// nest makes the depths of items those of the lists that they really are in: no level is left out.
func nest(blocks []docx.Block) {
	var open []int // the depths of the lists that are open
	for i, b := range blocks {
		g, isGroup := b.(*docx.Group)
		p, isParagraph := b.(*docx.Paragraph)
		switch {
		case isGroup && strings.HasPrefix(g.Kind, "more ") && len(open) > 0:
			continue
		case !isParagraph || !listed(p):
			open = open[:0]
			continue
		}
		item := *p.Item
		for len(open) > 0 && open[len(open)-1] > item.Depth {
			open = open[:len(open)-1]
		}
		if !item.More && (len(open) == 0 || open[len(open)-1] < item.Depth) {
			open = append(open, item.Depth)
		}
		if len(open) == 0 { // nothing that it could be more of
			q := *p
			q.Item = nil
			blocks[i] = &q
			continue
		}
		item.Depth = len(open) - 1
		q := *p
		q.Item = &item
		blocks[i] = &q
	}
}

var groupKinds = map[string]bool{"quote": true, "callout": true, "code": true, "dl": true, "dd": true, "more": true}

func circled(r rune) bool { return r >= 0x2460 && r <= 0x24ff || r >= 0x3220 && r <= 0x32ff }

func numbered(p *docx.Paragraph) string {
	if p.Item != nil && !p.Item.Bullet {
		return p.Item.Number + " "
	}
	return ""
}

// commonMarks are the marks that all text has.
func commonMarks(spans []docx.Span) docx.Marks {
	m := docx.Bold | docx.Italic | docx.Dots
	any := false
	for _, s := range spans {
		if s.Kind == docx.Text && strings.TrimSpace(s.Text) != "" {
			m &= s.Marks
			any = true
		}
	}
	if !any {
		return 0
	}
	return m
}

// onlyPictures gives the pictures of a paragraph that holds nothing else.
func onlyPictures(spans []docx.Span) []docx.Span {
	var out []docx.Span
	for _, s := range spans {
		switch {
		case s.Kind == docx.PictureOf && s.Link == "":
			s.Marks = 0
			out = append(out, s)
		case s.Kind == docx.Break, s.Kind == docx.Tab, s.Kind == docx.Anchor, s.Kind == docx.Text && strings.TrimFunc(clean(s.Text), isSpace) == "":
		default:
			return nil
		}
	}
	return out
}

var captionStart = regexp.MustCompile(`^(?:图|照片|图片)\s*[0-9０-９一二三四五六七八九十]+`)

// isCaption reports that a paragraph below a picture is its caption: by its style, or by its number.
func isCaption(p *docx.Paragraph) bool {
	for _, s := range p.Spans {
		if s.Kind != docx.Text && s.Kind != docx.Anchor && s.Kind != docx.Tab || s.Link != "" {
			return false
		}
	}
	text := strings.TrimFunc(p.Plain(), isSpace)
	if n := utf8.RuneCountInString(text); n == 0 || n > 120 {
		return false
	}
	return p.Role == docx.Caption || p.Role == docx.Body && captionStart.MatchString(text) && !strings.HasSuffix(text, "。")
}

// autoAlt is what Word appends to descriptions that it makes up itself.
var autoAlt = regexp.MustCompile(`(?s)\s*(?:描述已自动生成|AI 生成的内容可能不正确。|Description automatically generated|AI-generated content may be incorrect\.)\s*$`)

var fileName = regexp.MustCompile(`(?i)^(?:[a-z]:[\\/].*|.*[\\/].*|[^\s，。]*)\.(?:jpe?g|png|gif|bmp|tiff?|webp|emf|wmf)$|^(?:图片|图像|picture|image|IMG)[\s_]*\d*$|^descript$`)

// spans looks after what a paragraph's spans refer to.
func (w *writer) spans(p *docx.Paragraph) []docx.Span {
	out := make([]docx.Span, 0, len(p.Spans))
	for _, s := range p.Spans {
		if s.Kind == docx.PictureOf && w.doc.Record == nil && !w.own {
			alt := autoAlt.ReplaceAllString(s.Alt, "")
			if fileName.MatchString(strings.TrimSpace(alt)) {
				alt = ""
			}
			s.Alt = spaces(alt)
			if s.Caption = spaces(s.Caption); fileName.MatchString(s.Caption) {
				s.Caption = ""
			}
		}
		if s.Marks&(docx.Super|docx.Sub) != 0 && s.Kind == docx.Text && strings.TrimFunc(s.Text, isSpace) != "" && raised(s.Text, s.Marks) == s.Text && !w.raisedSaid {
			w.raisedSaid = true
			w.say(p.At, "上标、下标“%s”按普通文字写出（数字的上下标写成 ² ₂ 这样的字符）：请核对", clip(s.Text, 20))
		}
		if s.Link != "" && !w.own {
			w.target(p, &s)
		}
		out = append(out, s)
	}
	return out
}

// target decides where a link may lead.
func (w *writer) target(p *docx.Paragraph, s *docx.Span) {
	if t, ok := strings.CutPrefix(s.Tip, tipPrefix); ok {
		t, title, _ := strings.Cut(t, " "+titleMark)
		s.Link, s.Tip = t, title
		if full, shown, ok := strings.Cut(t, "]]="); ok { // [[记录]] shows the record's title: kept if nobody changed it
			if s.Text == shown {
				s.Link = full + "]]"
				s.Text = strings.TrimPrefix(full, "[[")
			} else {
				s.Link = full
			}
		}
		return
	}
	if strings.HasPrefix(s.Link, "#") {
		if text, ok := w.anchors()[s.Link[1:]]; ok {
			s.Link, s.Tip = "#"+text, ""
			return
		}
		if s.Kind == docx.Text && strings.TrimFunc(s.Text, isSpace) != "" && !w.anchorSaid {
			w.anchorSaid = true
			w.say(p.At, "文内的链接“%s”指向的地方不是标题，只留下文字", clip(s.Text, 40))
		}
		s.Link, s.Tip = "", ""
		return
	}
	link := clean(strings.TrimSpace(s.Link))
	low := strings.ToLower(link)
	switch {
	case strings.HasPrefix(low, "http://"), strings.HasPrefix(low, "https://"):
		host := link[strings.Index(link, "//")+2:]
		if i := strings.IndexAny(host, "/?#"); i >= 0 {
			host = host[:i]
		}
		if host != "" && !strings.ContainsAny(host, ` "'<>%^{}|\`+"`") {
			s.Link = link
			return
		}
	case strings.HasPrefix(low, "mailto:") && len(link) > 7, strings.HasPrefix(low, "tel:") && len(link) > 4:
		s.Link = link
		return
	}
	if s.Kind == docx.Text && strings.TrimFunc(s.Text, isSpace) != "" {
		w.say(p.At, "“%s”的链接“%s”网页上不能用，只留下文字", clip(s.Text, 40), clip(s.Link, 200))
	}
	s.Link, s.Tip = "", ""
}

// anchors gives the ids of headings by the bookmarks in them.
func (w *writer) anchors() map[string]string {
	if w.anchorIDs == nil {
		w.anchorIDs = map[string]string{}
		docx.Walk(w.doc.Blocks, func(p *docx.Paragraph) {
			if p.Role != docx.Heading {
				return
			}
			for _, s := range p.Spans {
				if s.Kind == docx.Anchor {
					w.anchorIDs[s.Text] = headingID(p)
				}
			}
		})
	}
	return w.anchorIDs
}

// headingID is the id that a heading gets, should its text be the only one.
func headingID(p *docx.Paragraph) string {
	text := p.Plain()
	if p.Item != nil && !p.Item.Bullet {
		text = p.Item.Number + text
	}
	return slugOf(text)
}

func (w *writer) tidyTable(t *docx.Table) []docx.Block {
	if t.Columns == 1 && len(t.Rows) == 1 { // a frame around text
		var out []docx.Block
		for _, c := range t.Rows[0].Cells {
			out = append(out, w.tidy(c.Blocks)...)
		}
		return out
	}
	n := &docx.Table{At: t.At, Columns: t.Columns, Merged: t.Merged}
	var moved []docx.Block
	for i, r := range t.Rows {
		row := docx.Row{Header: r.Header}
		for _, c := range r.Cells {
			cell := docx.Cell{Covered: c.Covered}
			if p := w.oneLine(w.tidy(c.Blocks), i == 0, &moved); p != nil {
				if len(c.Blocks) > 0 {
					if q, ok := c.Blocks[0].(*docx.Paragraph); ok {
						p.Align = q.Align
					}
				}
				cell.Blocks = []docx.Block{p}
			}
			row.Cells = append(row.Cells, cell)
		}
		n.Rows = append(n.Rows, row)
	}
	if len(moved) > 0 {
		w.say(t.At, "表格的格子里还有表格，已移到这个表格的后面：请核对")
	}
	return append([]docx.Block{n}, moved...)
}

// oneLine makes one paragraph of a cell's blocks. Tables in it are moved out.
func (w *writer) oneLine(blocks []docx.Block, head bool, moved *[]docx.Block) *docx.Paragraph {
	var out *docx.Paragraph
	add := func(p *docx.Paragraph) {
		spans := p.Spans
		if head && w.doc.Record == nil && !w.own {
			spans = unbold(spans)
		}
		if it := p.Item; it != nil && !it.More {
			number := it.Number + " "
			if it.Bullet {
				number = "• "
			}
			spans = append([]docx.Span{{Text: number, Marks: commonMarks(spans)}}, spans...)
		}
		if out == nil {
			out = &docx.Paragraph{At: p.At}
		} else {
			out.Spans = append(out.Spans, docx.Span{Kind: docx.Break})
		}
		out.Spans = append(out.Spans, spans...)
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case *docx.Paragraph:
			add(b)
		case *docx.Table:
			*moved = append(*moved, b)
		case *docx.Group:
			if p := w.oneLine(b.Blocks, head, moved); p != nil {
				add(p)
			}
		}
	}
	return out
}
