package manuscript

import (
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/docx"
	"gongzhi/generator/markdown"
)

// Styles of the paragraphs that stand around a text for review.
const (
	LeadStyle  = "Gongzhi Lead"
	FieldStyle = "Gongzhi Field"
	// SourcesGroup holds what a record says of its sources: to be read, not to be changed.
	SourcesGroup = "sources"
)

// Review is a record's text for review in a word processor.
type Review struct {
	Lead, Title, Subtitle string
	Fields                []string // lines such as 来源：测试报
	Sources               []string
	Body                  *markdown.Body
	// Link gives for each of the body's Refs where it leads and, of a [[link]] without words of its own, what it shows.
	Link []markdown.Resolved
	// Picture gives the bytes of a picture by its target, or an error.
	Picture func(target string) ([]byte, error)
	Record  []byte // what is to come back unchanged
}

// Document makes the Word document of a record. Messages say what can't be in it.
func (v *Review) Document() (*docx.Document, []Message) {
	shown := map[string]string{}
	src := bodyDocument(v.Body, func(ref *markdown.Ref, target string) (string, string) { return v.wikilink(ref, target, shown) })
	d := &docx.Document{Notes: src.Notes, Record: v.Record, Properties: docx.Properties{Title: v.Title, Application: "Gongzhi"}}
	in := &reviewed{v: v, d: d, shown: shown, index: map[int]int{}, broken: map[int]bool{}}
	docx.Walk(src.Blocks, in.paragraph)
	for _, n := range d.Notes {
		docx.Walk(n.Blocks, in.paragraph)
	}
	put := func(text, style string, role docx.Role) {
		if text != "" {
			d.Blocks = append(d.Blocks, &docx.Paragraph{Role: role, Style: style, Spans: []docx.Span{{Text: text}}})
		}
	}
	put(v.Lead, LeadStyle, docx.Body)
	put(v.Title, "", docx.Title)
	put(v.Subtitle, "", docx.Subtitle)
	put(strings.Join(v.Fields, "　"), FieldStyle, docx.Body)
	d.Blocks = append(d.Blocks, lowered(src.Blocks)...)
	for i := range d.Notes {
		d.Notes[i].Blocks = lowered(d.Notes[i].Blocks)
	}
	if len(v.Sources) > 0 {
		g := &docx.Group{Kind: SourcesGroup, Blocks: []docx.Block{&docx.Paragraph{Style: FieldStyle, Spans: []docx.Span{{Text: "出处（只供审阅，在这里改动不会写回记录）"}}}}}
		for i, s := range v.Sources {
			g.Blocks = append(g.Blocks, &docx.Paragraph{Style: "Gongzhi Cell", Spans: []docx.Span{{Text: fmt.Sprintf("%d. %s", i+1, s)}}})
		}
		d.Blocks = append(d.Blocks, g)
	}
	return d, in.said
}

// wikilink gives the target of a link as the record has it and, of a [[link]], the words that stand for it, which it remembers in shown.
func (v *Review) wikilink(ref *markdown.Ref, target string, shown map[string]string) (string, string) {
	if !strings.HasSuffix(target, "]]") {
		return target, ""
	}
	title := ""
	if i := slices.IndexFunc(v.Body.Refs, func(x markdown.Ref) bool { return x.Offset == ref.Offset && x.Kind == ref.Kind }); i >= 0 && i < len(v.Link) {
		title = v.Link[i].Title
	}
	if title == "" {
		title = strings.TrimSuffix(strings.TrimPrefix(target, "[["), "]]")
	}
	shown[target] = title
	return target, title
}

// reviewed is the state of making a Word document of a record.
type reviewed struct {
	v      *Review
	d      *docx.Document
	shown  map[string]string // of [[links]], what they show
	wikis  int
	index  map[int]int // of pictures, there and here
	broken map[int]bool
	said   []Message
}

// paragraph gives a paragraph the pictures of the document, and links that come back as they were.
func (in *reviewed) paragraph(p *docx.Paragraph) {
	var out []docx.Span
	for _, s := range p.Spans {
		if s.Kind == docx.PictureOf {
			at, ok := in.picture(s)
			if !ok {
				continue
			}
			s.Index = at
		}
		if s.Link != "" && !external(s.Link) {
			s.Link, s.Tip = in.link(s)
		}
		out = append(out, s)
	}
	p.Spans = out
}

// picture puts a picture into the document, once. ok is false where it can't be there, which is said.
func (in *reviewed) picture(s docx.Span) (at int, ok bool) {
	if at, ok = in.index[s.Index]; ok || in.broken[s.Index] {
		return at, ok
	}
	data, err := in.v.Picture(s.Name)
	if err != nil {
		in.broken[s.Index] = true
		in.said = append(in.said, Message{0, fmt.Sprintf("图片 %s 没有放进文稿：%v", s.Name, err)})
		return 0, false
	}
	at = in.d.NewPicture(data)
	if in.d.Pictures[at].Ext == "" {
		in.broken[s.Index] = true
		in.d.Pictures = in.d.Pictures[:at]
		in.said = append(in.said, Message{0, fmt.Sprintf("图片 %s 是 Word 不能显示的格式，没有放进文稿", s.Name)})
		return 0, false
	}
	in.index[s.Index] = at
	return at, true
}

// link gives a link into the site the form in which it survives a word processor: its target in the screen tip.
func (in *reviewed) link(s docx.Span) (link, tip string) {
	tip = s.Link
	if t, ok := in.shown[s.Link]; ok {
		tip += "=" + t
	}
	if s.Tip != "" {
		tip += " " + titleMark + s.Tip
	}
	link = "#_gongzhi"
	if strings.HasPrefix(tip, "[[") { // two of them are two, side by side
		in.wikis++
		link += fmt.Sprint(in.wikis)
	}
	return link, tipPrefix + tip
}

// titleMark stands in a screen tip before the title of a link.
const titleMark = "｜题："

func external(link string) bool {
	for _, scheme := range []string{"http://", "https://", "mailto:", "tel:"} {
		if len(link) > len(scheme) && strings.EqualFold(link[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// lowered makes headings begin with the first level, and captions paragraphs of their own.
func lowered(blocks []docx.Block) []docx.Block {
	var out []docx.Block
	for _, b := range blocks {
		switch b := b.(type) {
		case *docx.Paragraph:
			if b.Role == docx.Heading {
				b.Level = max(1, b.Level-1)
			}
			if len(b.Spans) == 1 && b.Spans[0].Kind == docx.PictureOf && b.Spans[0].Caption != "" && b.Item == nil && b.Spans[0].Link == "" {
				caption := b.Spans[0].Caption
				b.Spans[0].Caption = ""
				out = append(out, b, &docx.Paragraph{Role: docx.Caption, Spans: []docx.Span{{Text: caption}}})
				continue
			}
		case *docx.Group:
			b.Blocks = lowered(b.Blocks)
		}
		out = append(out, b)
	}
	return out
}

// Returned is a text that comes back from review.
type Returned struct {
	Lead, Title, Subtitle string
	Sources               []string
	Body                  []docx.Block
}

// Return takes apart a document that Review made and people may have changed.
func Return(d *docx.Document) Returned {
	var r Returned
	var lead []string
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case *docx.Paragraph:
			text, ok := lineOf(b)
			switch {
			case b.Style == LeadStyle && ok && r.Title == "":
				lead = append(lead, text)
				continue
			case b.Role == docx.Title && ok && r.Title == "":
				r.Title = text
				continue
			case b.Role == docx.Subtitle && ok && r.Subtitle == "" && r.Title != "" && len(r.Body) == 0:
				r.Subtitle = text
				continue
			case b.Style == FieldStyle && len(r.Body) == 0:
				continue
			}
		case *docx.Group:
			if b.Kind == SourcesGroup {
				docx.Walk(b.Blocks, func(p *docx.Paragraph) { r.Sources = append(r.Sources, p.Plain()) })
				continue
			}
		}
		r.Body = append(r.Body, b)
	}
	r.Lead = strings.Join(lead, "　")
	return r
}

// Same reports that two bodies say the same in the same way, however their Markdown is written.
func Same(a, b *markdown.Body) bool {
	if string(a.HTML) == string(b.HTML) && slices.EqualFunc(a.Refs, b.Refs, func(x, y markdown.Ref) bool {
		return x.Kind == y.Kind && decode(x.Target) == decode(y.Target) && x.Fragment == y.Fragment && (x.TitleOffset < 0) == (y.TitleOffset < 0)
	}) {
		return true
	}
	return fullShape(a) == fullShape(b)
}

func fullShape(b *markdown.Body) string {
	d := fromBody(b)
	var s strings.Builder
	for _, h := range b.Headings {
		fmt.Fprintf(&s, "%d %s\n", h.Level, h.ID)
	}
	s.WriteString(shapeOf(d, d.Blocks, nil))
	for _, n := range d.Notes {
		s.WriteString("[^]\n" + shapeOf(d, n.Blocks, nil))
	}
	return s.String()
}
