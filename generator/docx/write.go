package docx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	_ "image/gif" // formats whose size is needed
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"
)

// Write writes a document as a .docx that Word, WPS and LibreOffice open, laid out as manuscripts for review are: A4, body in
// 仿宋 三号 with an indent, titles centred. What Word has no means for stands in content controls, which it keeps. Read gives
// the same blocks again. The same document gives the same bytes.
func Write(w io.Writer, d *Document) error {
	x := &packer{doc: d, z: zip.NewWriter(w), links: map[string]string{}, bookmarks: map[int]bool{}, lists: map[int]*writtenList{}, media: map[int]string{}}
	x.referred = referredNotes(d)
	var body bytes.Buffer
	x.out = &body
	x.blocks(d.Blocks)
	main := x.rels
	x.rels, x.links, x.inNotes = nil, map[string]string{}, true
	var notes bytes.Buffer
	x.out = &notes
	for i, n := range d.Notes {
		fmt.Fprintf(x.out, `<w:footnote w:id="%d">`, i+1)
		x.note(n)
		x.out.WriteString(`</w:footnote>`)
	}
	noteRels := x.rels

	files := []struct{ name, text string }{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Default Extension="png" ContentType="image/png"/><Default Extension="jpg" ContentType="image/jpeg"/><Default Extension="gif" ContentType="image/gif"/><Default Extension="webp" ContentType="image/webp"/>` +
			contentType("/word/document.xml", "document.main") + contentType("/word/styles.xml", "styles") + contentType("/word/numbering.xml", "numbering") + contentType("/word/footnotes.xml", "footnotes") + contentType("/word/settings.xml", "settings") +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>` +
			`<Override PartName="/customXml/itemProps1.xml" ContentType="application/vnd.openxmlformats-officedocument.customXmlProperties+xml"/></Types>`},
		{"_rels/.rels", relations([]string{relation("rId1", "officeDocument", "word/document.xml", false),
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>`, relation("rId3", "extended-properties", "docProps/app.xml", false)})},
		{"docProps/core.xml", x.core()},
		{"docProps/app.xml", xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Gongzhi</Application></Properties>`},
		{"word/document.xml", xmlHead + `<w:document ` + namespaces + `><w:body>` + body.String() +
			`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>`},
		{"word/footnotes.xml", xmlHead + `<w:footnotes ` + namespaces + `><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>` + notes.String() + `</w:footnotes>`},
		{"word/styles.xml", styleSheet()},
		{"word/numbering.xml", x.numberingPart()},
		{"word/settings.xml", xmlHead + `<w:settings ` + namespaces + `><w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`},
		{"word/_rels/document.xml.rels", relations(append([]string{relation("rIdS", "styles", "styles.xml", false), relation("rIdN", "numbering", "numbering.xml", false), relation("rIdF", "footnotes", "footnotes.xml", false),
			relation("rIdT", "settings", "settings.xml", false), relation("rIdC", "customXml", "../customXml/item1.xml", false)}, main...))},
		{"word/_rels/footnotes.xml.rels", relations(noteRels)},
		{"customXml/item1.xml", xmlHead + `<gz:record xmlns:gz="` + recordNamespace + `">` + escaped(string(d.Record)) + `</gz:record>`},
		{"customXml/itemProps1.xml", xmlHead + `<ds:datastoreItem ds:itemID="{6B1F2C0E-3B7A-4C55-9A43-6D0F6F6E677A}" xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs><ds:schemaRef ds:uri="` + recordNamespace + `"/></ds:schemaRefs></ds:datastoreItem>`},
		{"customXml/_rels/item1.xml.rels", relations([]string{relation("rId1", "customXmlProps", "itemProps1.xml", false)})},
	}
	for _, f := range files {
		h, err := x.z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(h, f.text); err != nil {
			return err
		}
	}
	for i := range d.Pictures {
		name := x.media[i]
		if name == "" {
			continue
		}
		data, err := d.Picture(i)
		if err != nil {
			return err
		}
		h, err := x.z.CreateHeader(&zip.FileHeader{Name: "word/" + name, Method: zip.Store})
		if err != nil {
			return err
		}
		if _, err := h.Write(data); err != nil {
			return err
		}
	}
	return x.z.Close()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

const namespaces = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" ` +
	`xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"`

func contentType(part, kind string) string {
	return `<Override PartName="` + part + `" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.` + kind + `+xml"/>`
}

func relation(id, kind, target string, external bool) string {
	mode := ""
	if external {
		mode = ` TargetMode="External"`
	}
	return `<Relationship Id="` + id + `" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/` + kind + `" Target="` + escaped(target) + `"` + mode + `/>`
}

func relations(l []string) string {
	return xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + strings.Join(l, "") + `</Relationships>`
}

// escaped makes text fit for XML; characters that it can't hold are left out.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\n':
			b.WriteString("&#10;")
		case r == '\t':
			b.WriteString("&#9;")
		case r < ' ' || r == 0xfffe || r == 0xffff || r == 0xfffd && !strings.Contains(s, "\ufffd"):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// packer writes one file.
type packer struct {
	doc       *Document
	z         *zip.Writer
	out       *bytes.Buffer
	rels      []string
	links     map[string]string // target → id
	bookmarks map[int]bool      // notes that were referred to
	referred  map[int]int       // how often notes are referred to
	lists     map[int]*writtenList
	order     []*writtenList
	nums      int
	media     map[int]string
	inNotes   bool
	drawn     int
}

// writtenList is a list's definition and where its counters stand.
type writtenList struct {
	abstract int
	bullet   bool
	depth    int
	next     int
	nums     []string
	num      int
}

func referredNotes(d *Document) map[int]int {
	n := map[int]int{}
	visit := func(p *Paragraph) {
		for _, s := range p.Spans {
			if s.Kind == NoteMark {
				n[s.Index]++
			}
		}
	}
	Walk(d.Blocks, visit)
	return n
}

func (x *packer) blocks(blocks []Block) {
	for _, b := range blocks {
		switch b := b.(type) {
		case *Paragraph:
			x.paragraph(b, "")
		case *Table:
			x.table(b)
		case *Group:
			fmt.Fprintf(x.out, `<w:sdt><w:sdtPr><w:tag w:val="%s"/></w:sdtPr><w:sdtContent>`, escaped("gongzhi:"+b.Kind))
			x.blocks(b.Blocks)
			if len(b.Blocks) == 0 {
				x.out.WriteString(`<w:p/>`)
			}
			x.out.WriteString(`</w:sdtContent></w:sdt>`)
		}
	}
}

func (x *packer) note(n Note) {
	at := x.out.Len()
	x.blocks(n.Blocks)
	// Word wants the number in the first paragraph.
	const mark = `<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> </w:t></w:r>`
	text := x.out.String()[at:]
	i := strings.Index(text, "</w:pPr>")
	if i < 0 || !strings.HasPrefix(text, "<w:p>") {
		text = `<w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>` + mark + `</w:p>` + text
	} else {
		i += len("</w:pPr>")
		text = text[:i] + mark + text[i:]
	}
	x.out.Truncate(at)
	x.out.WriteString(text)
}

var roleStyles = map[Role]string{Title: "Title", Subtitle: "Subtitle", Caption: "Caption", Quote: "Quote", Preformatted: "HTMLPreformatted", Rule: "GongzhiRule"}

func (x *packer) paragraph(p *Paragraph, jc string) {
	style := roleStyles[p.Role]
	switch {
	case p.Role == Heading:
		style = fmt.Sprintf("Heading%d", min(max(p.Level, 1), 9))
	case p.Item != nil && p.Item.More:
		style = fmt.Sprintf("GongzhiContinue%d", min(p.Item.Depth, 8)+1)
	case p.Item != nil && p.Item.Loose:
		style = "GongzhiLoose"
	case p.Item != nil:
		style = "ListParagraph"
	case strings.HasPrefix(p.Style, "Gongzhi "):
		style = strings.ReplaceAll(p.Style, " ", "")
	case style == "" && x.inNotes:
		style = "FootnoteText"
	case style == "" && jc != "":
		style = "GongzhiCell"
	}
	x.out.WriteString("<w:p><w:pPr>")
	if style != "" {
		x.out.WriteString(`<w:pStyle w:val="` + style + `"/>`)
	}
	if p.Item != nil && !p.Item.More {
		fmt.Fprintf(x.out, `<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr>`, min(p.Item.Depth, levels-1), x.number(p.Item))
	}
	if jc == "" {
		jc = map[Align]string{Center: "center", End: "right"}[p.Align]
	}
	if jc != "" && jc != "none" {
		x.out.WriteString(`<w:jc w:val="` + jc + `"/>`)
	}
	x.out.WriteString("</w:pPr>")
	if p.Item != nil && p.Item.Task != NoTask {
		char := map[Task]string{Open: "F0A8", Done: "F0FE"}[p.Item.Task]
		x.out.WriteString(`<w:r><w:rPr><w:rStyle w:val="GongzhiTask"/></w:rPr><w:sym w:font="Wingdings" w:char="` + char + `"/></w:r>`)
	}
	for i := 0; i < len(p.Spans); {
		s := p.Spans[i]
		n := 1
		if s.Link == "" {
			x.span(&p.Spans[i])
			i++
			continue
		}
		for i+n < len(p.Spans) && p.Spans[i+n].Link == s.Link && p.Spans[i+n].Tip == s.Tip {
			n++
		}
		x.out.WriteString("<w:hyperlink")
		if s.Link[0] == '#' {
			x.out.WriteString(` w:anchor="` + escaped(s.Link[1:]) + `"`)
		} else {
			x.out.WriteString(` r:id="` + x.link(s.Link) + `"`)
		}
		if s.Tip != "" {
			x.out.WriteString(` w:tooltip="` + escaped(s.Tip) + `"`)
		}
		x.out.WriteString(">")
		for k := range n {
			x.span(&p.Spans[i+k])
		}
		x.out.WriteString("</w:hyperlink>")
		i += n
	}
	x.out.WriteString("</w:p>")
}

func (x *packer) relation(kind, target string, external bool) string {
	id := fmt.Sprintf("rId%d", len(x.rels)+100)
	x.rels = append(x.rels, relation(id, kind, target, external))
	return id
}

func (x *packer) link(target string) string {
	if x.links[target] == "" {
		x.links[target] = x.relation("hyperlink", target, true)
	}
	return x.links[target]
}

// number gives the numbering instance of an item: that of its list, or where the numbers jump one that begins there.
func (x *packer) number(it *Item) int {
	l := x.lists[it.List]
	if l == nil {
		l = &writtenList{abstract: len(x.order) + 1, bullet: it.Bullet, depth: it.Depth, next: 1}
		x.lists[it.List] = l
		x.order = append(x.order, l)
		x.nums++
		l.num = x.nums
		l.nums = append(l.nums, fmt.Sprintf(`<w:num w:numId="%d"><w:abstractNumId w:val="%d"/></w:num>`, l.num, l.abstract))
	}
	if !it.Bullet && it.Value != l.next {
		x.nums++
		l.num = x.nums
		l.nums = append(l.nums, fmt.Sprintf(`<w:num w:numId="%d"><w:abstractNumId w:val="%d"/><w:lvlOverride w:ilvl="%d"><w:startOverride w:val="%d"/></w:lvlOverride></w:num>`, l.num, l.abstract, min(it.Depth, levels-1), it.Value))
	}
	l.next = it.Value + 1
	return l.num
}

func (x *packer) numberingPart() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:numbering ` + namespaces + `>`)
	for _, l := range x.order {
		fmt.Fprintf(&b, `<w:abstractNum w:abstractNumId="%d"><w:multiLevelType w:val="hybridMultilevel"/>`, l.abstract)
		for i := range levels {
			format, text := "decimal", fmt.Sprintf("%%%d.", i+1)
			if l.bullet {
				format, text = "bullet", []string{"•", "◦", "▪"}[i%3]
			}
			fmt.Fprintf(&b, `<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="%d" w:hanging="480"/></w:pPr></w:lvl>`, i, format, text, 640+480*(i+1))
		}
		b.WriteString(`</w:abstractNum>`)
	}
	for _, l := range x.order {
		for _, n := range l.nums {
			b.WriteString(n)
		}
	}
	b.WriteString(`</w:numbering>`)
	return b.String()
}

func (x *packer) properties(m Marks, text string) string {
	var b strings.Builder
	if m&Code != 0 {
		b.WriteString(`<w:rStyle w:val="GongzhiCodeChar"/>`)
	}
	if m&Bold != 0 {
		b.WriteString(`<w:b/>`)
	}
	if m&(Italic|Dots) != 0 && !hasHan(text) {
		b.WriteString(`<w:i/>`)
	}
	if m&Strike != 0 {
		b.WriteString(`<w:strike/>`)
	}
	if m&(Italic|Dots) != 0 && hasHan(text) {
		b.WriteString(`<w:em w:val="dot"/>`)
	}
	if b.Len() == 0 {
		return ""
	}
	return "<w:rPr>" + b.String() + "</w:rPr>"
}

func hasHan(s string) bool {
	for _, r := range s {
		if r >= 0x2e80 {
			return true
		}
	}
	return false
}

func (x *packer) span(s *Span) {
	props := x.properties(s.Marks, s.Text)
	switch s.Kind {
	case Text:
		x.out.WriteString("<w:r>" + props)
		for i, line := range strings.Split(s.Text, "\n") {
			if i > 0 {
				x.out.WriteString("<w:br/>")
			}
			for k, part := range strings.Split(line, "\t") {
				if k > 0 {
					x.out.WriteString("<w:tab/>")
				}
				if part != "" {
					x.out.WriteString(`<w:t xml:space="preserve">` + escaped(part) + "</w:t>")
				}
			}
		}
		x.out.WriteString("</w:r>")
	case Break:
		x.out.WriteString("<w:r><w:br/></w:r>")
	case Tab:
		x.out.WriteString("<w:r><w:tab/></w:r>")
	case Ruby:
		x.out.WriteString("<w:r>" + props + "<w:ruby><w:rt><w:r><w:t>" + escaped(s.Reading) + "</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>" + escaped(s.Text) + "</w:t></w:r></w:rubyBase></w:ruby></w:r>")
	case NoteMark:
		x.noteMark(s)
	case PictureOf:
		x.picture(s)
	}
}

func (x *packer) noteMark(s *Span) {
	name := fmt.Sprintf("_gongzhi_note_%d", s.Index+1)
	props := strings.TrimSuffix(strings.TrimPrefix(x.properties(s.Marks, "注"), "<w:rPr>"), "</w:rPr>")
	switch {
	case x.inNotes && x.referred[s.Index] == 0: // Word has no notes in notes
		fmt.Fprintf(x.out, `<w:r><w:t>[注%d]</w:t></w:r>`, s.Index+1)
	case x.inNotes || x.bookmarks[s.Index]:
		fmt.Fprintf(x.out, `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> NOTEREF %s \h </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:t>%d</w:t></w:r><w:r><w:rPr>%s</w:rPr><w:fldChar w:fldCharType="end"/></w:r>`, name, s.Index+1, props)
	default:
		x.bookmarks[s.Index] = true
		more := x.referred[s.Index] > 1
		if more {
			fmt.Fprintf(x.out, `<w:bookmarkStart w:id="%d" w:name="%s"/>`, s.Index+1, name)
		}
		fmt.Fprintf(x.out, `<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/>%s</w:rPr><w:footnoteReference w:id="%d"/></w:r>`, props, s.Index+1)
		if more {
			fmt.Fprintf(x.out, `<w:bookmarkEnd w:id="%d"/>`, s.Index+1)
		}
	}
}

// widest is the width of the text, in EMU (914,400 to an inch).
const widest = 5_616_000

func (x *packer) picture(s *Span) {
	data, err := x.doc.Picture(s.Index)
	if err != nil {
		return
	}
	if x.media[s.Index] == "" {
		x.media[s.Index] = fmt.Sprintf("media/image%d%s", len(x.media)+1, x.doc.Pictures[s.Index].Ext)
	}
	id := x.relation("image", x.media[s.Index], false)
	w, h := widest, widest*3/4
	if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width > 0 && c.Height > 0 {
		w = min(widest, c.Width*9525)
		h = int(int64(w) * int64(c.Height) / int64(c.Width))
	}
	x.drawn++
	title := ""
	if s.Caption != "" {
		title = ` title="` + escaped(s.Caption) + `"`
	}
	fmt.Fprintf(x.out, `<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%d" cy="%d"/><wp:docPr id="%d" name="图片 %d" descr="%s"%s/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="%d" name="%s"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="%s"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`,
		w, h, x.drawn, x.drawn, escaped(s.Alt), title, x.drawn, escaped(s.Name), id, w, h)
}

func (x *packer) table(t *Table) {
	x.out.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/></w:tblPr><w:tblGrid>`)
	for range t.Columns {
		fmt.Fprintf(x.out, `<w:gridCol w:w="%d"/>`, 8844/max(1, t.Columns))
	}
	x.out.WriteString(`</w:tblGrid>`)
	for i, r := range t.Rows {
		x.out.WriteString("<w:tr>")
		if i == 0 {
			x.out.WriteString("<w:trPr><w:tblHeader/></w:trPr>")
		}
		for j := range t.Columns {
			x.out.WriteString("<w:tc><w:tcPr/>")
			wrote := false
			if j < len(r.Cells) {
				for _, b := range r.Cells[j].Blocks {
					if p, ok := b.(*Paragraph); ok {
						jc := map[Align]string{Center: "center", End: "right"}[p.Align]
						if jc == "" {
							jc = "none"
						}
						x.paragraph(p, jc)
						wrote = true
					} else {
						x.blocks([]Block{b})
						wrote = false
					}
				}
			}
			if !wrote {
				x.out.WriteString(`<w:p><w:pPr><w:pStyle w:val="GongzhiCell"/></w:pPr></w:p>`)
			}
			x.out.WriteString("</w:tc>")
		}
		x.out.WriteString("</w:tr>")
	}
	x.out.WriteString("</w:tbl>")
	if !x.inNotes {
		x.out.WriteString(`<w:p><w:pPr><w:pStyle w:val="GongzhiCell"/></w:pPr></w:p>`) // so that a table is not joined to the next one
	}
}

func (x *packer) core() string {
	p := x.doc.Properties
	var b strings.Builder
	b.WriteString(xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`)
	for _, k := range []struct{ name, text string }{{"dc:title", p.Title}, {"dc:creator", p.Author}, {"dc:subject", p.Subject}} {
		if k.text != "" {
			b.WriteString("<" + k.name + ">" + escaped(k.text) + "</" + k.name + ">")
		}
	}
	for _, k := range []struct{ name, text string }{{"dcterms:created", p.Created}, {"dcterms:modified", p.Modified}} {
		if k.text != "" {
			b.WriteString("<" + k.name + ` xsi:type="dcterms:W3CDTF">` + escaped(k.text) + "</" + k.name + ">")
		}
	}
	b.WriteString(`</cp:coreProperties>`)
	return b.String()
}

// styleSheet is styles.xml.
func styleSheet() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:styles ` + namespaces + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋_GB2312" w:cs="Times New Roman"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>`)
	style := func(id, name, based, ppr, rpr string) {
		kind, def := "paragraph", ""
		if strings.HasPrefix(based, "c") {
			kind, based = "character", ""
		}
		if id == "Normal" {
			def = ` w:default="1"`
		}
		b.WriteString(`<w:style w:type="` + kind + `"` + def + ` w:styleId="` + id + `"><w:name w:val="` + name + `"/>`)
		if based != "" {
			b.WriteString(`<w:basedOn w:val="` + based + `"/>`)
		}
		if kind == "paragraph" {
			b.WriteString(`<w:qFormat/>`)
		}
		if ppr != "" {
			b.WriteString(`<w:pPr>` + ppr + `</w:pPr>`)
		}
		if rpr != "" {
			b.WriteString(`<w:rPr>` + rpr + `</w:rPr>`)
		}
		b.WriteString(`</w:style>`)
	}
	font := func(name string) string { return `<w:rFonts w:eastAsia="` + name + `"/>` }
	const flat = `<w:ind w:firstLineChars="0" w:firstLine="0"/>`
	style("Normal", "Normal", "", `<w:spacing w:line="560" w:lineRule="atLeast"/><w:ind w:firstLineChars="200" w:firstLine="640"/><w:jc w:val="both"/>`, "")
	style("Title", "Title", "Normal", `<w:spacing w:before="240" w:after="120"/>`+flat+`<w:jc w:val="center"/>`, font("方正小标宋简体")+`<w:sz w:val="44"/>`)
	style("Subtitle", "Subtitle", "Normal", `<w:spacing w:after="120"/>`+flat+`<w:jc w:val="center"/>`, font("楷体_GB2312"))
	style("GongzhiLead", "Gongzhi Lead", "Normal", flat+`<w:jc w:val="center"/>`, font("楷体_GB2312"))
	style("GongzhiField", "Gongzhi Field", "Normal", flat+`<w:jc w:val="center"/>`, font("楷体_GB2312")+`<w:sz w:val="24"/>`)
	fonts := []string{"黑体", "楷体_GB2312", "仿宋_GB2312", "仿宋_GB2312", "仿宋_GB2312", "仿宋_GB2312", "仿宋_GB2312", "仿宋_GB2312", "仿宋_GB2312"}
	for i, f := range fonts {
		style(fmt.Sprintf("Heading%d", i+1), fmt.Sprintf("heading %d", i+1), "Normal", fmt.Sprintf(`<w:keepNext/><w:outlineLvl w:val="%d"/>`, i), font(f))
	}
	style("Caption", "caption", "Normal", flat+`<w:jc w:val="center"/>`, font("楷体_GB2312")+`<w:sz w:val="24"/>`)
	style("Quote", "Quote", "Normal", `<w:ind w:left="640" w:firstLineChars="200" w:firstLine="640"/>`, font("楷体_GB2312"))
	style("HTMLPreformatted", "HTML Preformatted", "Normal", flat+`<w:jc w:val="left"/>`, `<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/><w:sz w:val="21"/>`)
	style("GongzhiRule", "Gongzhi Rule", "Normal", `<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>`+flat, "")
	style("ListParagraph", "List Paragraph", "Normal", flat+`<w:contextualSpacing/>`, "")
	style("GongzhiLoose", "Gongzhi Loose", "Normal", `<w:spacing w:after="120"/>`+flat, "")
	for i := range levels {
		style(fmt.Sprintf("GongzhiContinue%d", i+1), fmt.Sprintf("Gongzhi Continue %d", i+1), "Normal", fmt.Sprintf(`<w:ind w:left="%d" w:firstLineChars="0" w:firstLine="0"/>`, 640+480*(i+1)), "")
	}
	style("GongzhiTerm", "Gongzhi Term", "Normal", flat, font("黑体"))
	style("GongzhiCell", "Gongzhi Cell", "Normal", `<w:spacing w:line="240" w:lineRule="auto"/>`+flat+`<w:jc w:val="left"/>`, `<w:sz w:val="24"/>`)
	style("FootnoteText", "footnote text", "Normal", `<w:spacing w:line="240" w:lineRule="auto"/>`+flat+`<w:jc w:val="left"/>`, `<w:sz w:val="18"/>`)
	style("FootnoteReference", "footnote reference", "c", "", `<w:vertAlign w:val="superscript"/>`)
	style("Hyperlink", "Hyperlink", "c", "", `<w:color w:val="0563C1"/><w:u w:val="single"/>`)
	style("GongzhiCodeChar", "Gongzhi Code Char", "c", "", `<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/>`)
	style("GongzhiTask", "Gongzhi Task", "c", "", "")
	b.WriteString(`<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="4" w:color="auto"/><w:left w:val="single" w:sz="4" w:color="auto"/><w:bottom w:val="single" w:sz="4" w:color="auto"/><w:right w:val="single" w:sz="4" w:color="auto"/><w:insideH w:val="single" w:sz="4" w:color="auto"/><w:insideV w:val="single" w:sz="4" w:color="auto"/></w:tblBorders></w:tblPr></w:style></w:styles>`)
	return b.String()
}
