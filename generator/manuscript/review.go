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
	var said []Message
	i := -1
	shown := map[string]string{}
	src := bodyDocument(v.Body, func(ref *markdown.Ref, target string) (string, string) {
		i = slices.IndexFunc(v.Body.Refs, func(x markdown.Ref) bool { return x.Offset == ref.Offset && x.Kind == ref.Kind })
		title := ""
		if i >= 0 && i < len(v.Link) {
			title = v.Link[i].Title
		}
		if strings.HasSuffix(target, "]]") {
			if title == "" {
				title = strings.TrimSuffix(strings.TrimPrefix(target, "[["), "]]")
			}
			shown[target] = title
			return target, title
		}
		return target, ""
	})
	d := &docx.Document{Notes: src.Notes, Record: v.Record, Properties: docx.Properties{Title: v.Title, Application: "Gongzhi"}}
	wikis := 0
	index := map[int]int{} // of pictures, there and here
	broken := map[int]bool{}
	spans := func(p *docx.Paragraph) {
		var out []docx.Span
		for _, s := range p.Spans {
			if s.Kind == docx.PictureOf {
				at, known := index[s.Index]
				if !known && !broken[s.Index] {
					data, err := v.Picture(s.Name)
					if err != nil {
						broken[s.Index] = true
						said = append(said, Message{0, fmt.Sprintf("图片 %s 没有放进文稿：%v", s.Name, err)})
					} else if at = d.NewPicture(data); d.Pictures[at].Ext == "" {
						broken[s.Index] = true
						d.Pictures = d.Pictures[:at]
						said = append(said, Message{0, fmt.Sprintf("图片 %s 是 Word 不能显示的格式，没有放进文稿", s.Name)})
					} else {
						index[s.Index] = at
					}
				}
				if broken[s.Index] {
					continue
				}
				s.Index = at
			}
			if s.Link != "" && !external(s.Link) {
				tip := s.Link
				if t, ok := shown[s.Link]; ok {
					tip += "=" + t
				}
				if s.Tip != "" {
					tip += " " + titleMark + s.Tip
				}
				s.Tip = tipPrefix + tip
				s.Link = "#_gongzhi"
				if strings.HasPrefix(tip, "[[") { // two of them are two, side by side
					wikis++
					s.Link += fmt.Sprint(wikis)
				}
			}
			out = append(out, s)
		}
		p.Spans = out
	}
	docx.Walk(src.Blocks, spans)
	for _, n := range d.Notes {
		docx.Walk(n.Blocks, spans)
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
	return d, said
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
