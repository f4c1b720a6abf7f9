package manuscript

import (
	"fmt"
	"strings"

	"gongzhi/generator/docx"
)

// shapeOf describes what blocks say and how, as text: equal shapes read the same. Levels of headings and numbers of notes
// are left out, since they depend on what stands around.
func shapeOf(d *docx.Document, blocks []docx.Block, name func(i int) string) string {
	s := &shaper{doc: d, name: name, notes: map[int]int{}}
	s.blocks(blocks)
	return s.b.String()
}

type shaper struct {
	b     strings.Builder
	doc   *docx.Document
	name  func(i int) string
	notes map[int]int
}

func (s *shaper) blocks(blocks []docx.Block) {
	for _, b := range blocks {
		switch b := b.(type) {
		case *docx.Paragraph:
			s.paragraph(b)
		case *docx.Table:
			aligns := columnAligns(b)
			for _, a := range aligns {
				fmt.Fprintf(&s.b, "%d", map[docx.Align]int{docx.Center: 1, docx.End: 2}[a])
			}
			s.b.WriteString("{\n")
			for _, r := range b.Rows {
				for j := range b.Columns {
					s.b.WriteString("|")
					if j < len(r.Cells) {
						if p, ok := first(r.Cells[j].Blocks); ok {
							s.spans(p.Spans)
						}
					}
				}
				s.b.WriteString("\n")
			}
			s.b.WriteString("}\n")
		case *docx.Group:
			kind := b.Kind
			if strings.HasPrefix(kind, "more ") {
				kind = "more"
			}
			fmt.Fprintf(&s.b, "%s(\n", kind)
			s.blocks(b.Blocks)
			s.b.WriteString(")\n")
		}
	}
}

func (s *shaper) paragraph(p *docx.Paragraph) {
	switch p.Role {
	case docx.Heading, docx.Title, docx.Subtitle:
		s.b.WriteString("# ")
	case docx.Rule:
		if len(p.Spans) == 0 {
			s.b.WriteString("---\n")
			return
		}
	case docx.Preformatted:
		fmt.Fprintf(&s.b, "code(\n%q\n)\n", strings.ReplaceAll(strings.TrimRight(clean(p.Plain()), "\n"), "<", "‹"))
		return
	}
	if i := p.Item; i != nil {
		switch {
		case i.More:
			s.b.WriteString("+ ")
		case i.Bullet:
			fmt.Fprintf(&s.b, "%d- ", i.Depth)
		default:
			fmt.Fprintf(&s.b, "%d%d. ", i.Depth, i.Value)
		}
		fmt.Fprintf(&s.b, "%d ", i.Task)
	}
	s.spans(p.Spans)
	s.b.WriteString("\n")
}

func (s *shaper) spans(spans []docx.Span) {
	for _, x := range canonical(spans, inText) {
		fmt.Fprintf(&s.b, "<%d %q>", unify(x.Marks), linkShape(x.Link, x.Tip))
		switch x.Kind {
		case docx.Text:
			s.b.WriteString(strings.ReplaceAll(x.Text, "<", "‹")) // < begins what is said of it
		case docx.Break:
			s.b.WriteString("⏎")
		case docx.PictureOf:
			name := x.Name
			if s.name != nil {
				name = s.name(x.Index)
			}
			s.b.WriteString(strings.ReplaceAll(fmt.Sprintf("[%q %q %q]", name, spaces(x.Alt), spaces(x.Caption)), "<", "‹"))
		case docx.NoteMark:
			n, ok := s.notes[x.Index]
			if !ok {
				n = len(s.notes) + 1
				s.notes[x.Index] = n
			}
			fmt.Fprintf(&s.b, "[^%d]", n)
		}
	}
}

// linkShape is where a link leads, however it is written.
func linkShape(link, tip string) string {
	if link == "" {
		return ""
	}
	return decode(link) + " " + tip
}

// plainShape is a shape without what marks and links say.
func plainShape(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		j := strings.Index(s[i:], "\">")
		if j < 0 {
			break
		}
		s = s[i+j+2:]
	}
	b.WriteString(s)
	return strings.NewReplacer("# ", "", "\n", "").Replace(b.String())
}
