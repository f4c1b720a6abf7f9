package docx

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// recordNamespace marks the part in which Write keeps a record's front matter.
const recordNamespace = "https://gongzhi.example/docx/record"

// Read reads a file. The reader must stay readable as long as pictures are asked for. An error means that the
// text could not be read as a whole, and nothing of it is given: a *FormatError says that the file is something else.
func Read(in io.ReaderAt, size int64) (*Document, error) {
	r := &reader{doc: &Document{}, budget: maxNodes, bytes: 2 * maxPart, rels: map[string]map[string]rel{},
		notes: map[string]int{}, noteNodes: map[string]*node{}, pictures: map[string]int{}, commentAt: map[string]int{}, noteParts: map[bool]string{}, seen: map[string]bool{}, parsed: map[string]bool{}}
	if err := r.open(in, size); err != nil {
		return nil, err
	}
	main := r.main()
	root, err := r.part(main)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, damaged(fmt.Errorf("没有 %s", main))
	}
	body := root.child("w:body")
	if body == nil {
		if body = root; root.name != "w:document" {
			return nil, &FormatError{Unknown}
		}
	}
	r.properties()
	dir := main[:strings.LastIndexByte(main, '/')+1]
	one := func(kind, usual string) *node {
		for _, name := range append(r.byKind(main, kind), dir+usual) {
			if n := r.aside(name); n != nil {
				return n
			}
		}
		return nil
	}
	r.styles = readStyles(one("styles", "styles.xml"), strings.Contains(strings.ToLower(r.doc.Properties.Application), "wps"))
	r.numbering = readNumbering(one("numbering", "numbering.xml"), r.styles)
	for _, kind := range []string{"footnotes", "endnotes"} {
		name := dir + kind + ".xml"
		if l := r.byKind(main, kind); len(l) > 0 {
			name = l[0]
		}
		r.noteParts[kind == "endnotes"] = name
		if n := r.aside(name); n != nil {
			for _, k := range n.kids {
				if id := kind[:1] + k.get("w:id"); (k.name == "w:footnote" || k.name == "w:endnote") && r.noteNodes[id] == nil {
					r.noteNodes[id] = k
				} else {
					r.leave(Unplaced, k)
				}
			}
		}
	}

	s := &story{part: main, counts: true}
	r.doc.Blocks = r.blocks(body, s)
	r.doc.Blocks = append(r.doc.Blocks, s.finish(r)...)
	for _, k := range root.kids {
		if k != body && body != root {
			r.leave(Placeholder, k)
		}
	}
	r.doc.Paragraphs = r.para

	for _, id := range sortedKeys(r.noteNodes) { // separators, and what nothing refers to
		r.leave(Unplaced, r.noteNodes[id])
	}
	r.around(main, one)
	r.outside()
	if r.unsaid > 0 {
		r.doc.Remarks = append(r.doc.Remarks, Remark{"unsaid", 0, fmt.Sprintf("要提醒的超过 %d 处，另有 %d 处没有列出：这不像正常的文稿，请在 Word 里从头核对", maxRemarks, r.unsaid)})
	}
	return r.doc, nil
}

type reader struct {
	doc       *Document
	budget    int
	bytes     int64
	rels      map[string]map[string]rel
	styles    *styles
	numbering *numbering
	para      int
	notes     map[string]int   // f1, e2 → index in doc.Notes
	noteNodes map[string]*node // those that nothing has referred to yet
	noteParts map[bool]string  // by whether they are endnotes
	pictures  map[string]int
	commentAt map[string]int
	parsed    map[string]bool
	seen      map[string]bool // remarks that are made once
	openNotes int
	unsaid    int // remarks that were one too many
}

// maxRemarks is how many remarks are made of one file.
const maxRemarks = 5000

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (r *reader) remark(id string, at int, format string, args ...any) {
	if len(r.doc.Remarks) >= maxRemarks {
		r.unsaid++
		return
	}
	r.doc.Remarks = append(r.doc.Remarks, Remark{id, at, fmt.Sprintf(format, args...)})
}

// once makes a remark the first time.
func (r *reader) once(id string, at int, format string, args ...any) {
	if !r.seen[id] {
		r.seen[id] = true
		r.remark(id, at, format, args...)
	}
}

// maxJoined is how long a text may grow by joining, since each piece copies it.
const maxJoined = 32 << 10

// shown are the elements whose characters are seen.
var shown = []string{"w:t", "a:t", "m:t", "w:delText"}

// leave lists the text below a node as left out, if there is any.
func (r *reader) leave(why Why, n *node) {
	var b strings.Builder
	r.gather(n, &b)
	r.left(why, b.String())
}

func (r *reader) left(why Why, text string) {
	if text == "" {
		return
	}
	l := &r.doc.Left
	if k := len(*l); k > 0 && (*l)[k-1].Why == why && (*l)[k-1].At == r.para && why != Comment && len((*l)[k-1].Text) < maxJoined {
		(*l)[k-1].Text += text
		return
	}
	*l = append(*l, Left{why, text, r.para})
}

// gather collects text without doubling what stands in two forms.
func (r *reader) gather(n *node, b *strings.Builder) {
	switch n.name {
	case "w:t", "a:t", "m:t", "w:delText":
		b.WriteString(n.text)
	case "mc:AlternateContent":
		chosen, rest := r.choose(n)
		if chosen != nil {
			r.gather(chosen, b)
		}
		for _, s := range rest {
			b.WriteString(s)
		}
		return
	case "w:tab", "w:br", "w:cr":
		b.WriteByte(' ')
	case "v:textpath":
		b.WriteString(n.get("string"))
	}
	for _, k := range n.kids {
		r.gather(k, b)
	}
	if n.name == "w:p" && b.Len() > 0 && !strings.HasSuffix(b.String()[max(0, b.Len()-1):], "\n") {
		b.WriteByte('\n')
	}
}

// choose takes of several forms of a drawing the first that holds something, and gives the words that only others hold.
func (r *reader) choose(n *node) (chosen *node, rest []string) {
	full := func(k *node) bool {
		return k.speaks() || k.has("a:blip", "v:imagedata", "v:textpath", "dgm:relIds", "c:chart", "w:footnoteReference", "w:endnoteReference", "w:fldChar", "w:instrText")
	}
	var taken *node
	for _, k := range n.kids {
		if taken == nil && full(k) {
			taken, chosen = k, k
			if k.name != "mc:Choice" && k.name != "mc:Fallback" {
				chosen = &node{kids: []*node{k}}
			}
		}
	}
	if chosen == nil {
		return nil, nil
	}
	have := map[string]int{}
	for _, s := range chosen.texts(shown...) {
		have[s]++
	}
	most := map[string]int{}
	for _, k := range n.kids {
		if k == taken {
			continue
		}
		here := map[string]int{}
		for _, s := range k.texts(shown...) {
			if here[s]++; here[s] > have[s]+most[s] {
				most[s]++
				rest = append(rest, s)
			}
		}
	}
	return chosen, rest
}

// story is a run of text with its own fields: the main text, a note, a text box.
type story struct {
	part    string
	counts  bool // its paragraphs are numbered
	box     bool
	fields  []*field
	carried *builder // of a paragraph whose mark was deleted
	aside   []Why    // containers whose text is left out
	loose   *builder // text outside paragraphs
}

// field is a complex field that has begun.
type field struct {
	code   strings.Builder
	result bool // past its separator
	shown  bool // its result has text
	link   string
	toc    bool
	note   int // index of the note that a NOTEREF repeats, -1 if none
	begin  *node
}

// builder makes one paragraph.
type builder struct {
	p     *Paragraph
	boxes []Block // what is anchored in it
	link  string
	tip   string
	style *style
	toc   bool
}

// hidden tells whether text at this place is left out, and why.
func (s *story) hidden() (Why, bool) {
	if len(s.aside) > 0 {
		return s.aside[len(s.aside)-1], true
	}
	for i := range s.fields {
		if s.fields[i].note >= 0 {
			return NoteNumber, true
		}
		if !s.fields[i].result {
			return FieldCode, true
		}
		if s.fields[i].toc {
			return Contents, true
		}
	}
	return 0, false
}

func (s *story) finish(r *reader) []Block {
	var out []Block
	for _, b := range []*builder{s.carried, s.loose} {
		if b != nil {
			out = append(out, b.done()...)
		}
	}
	s.carried, s.loose = nil, nil
	return out
}

// done gives the paragraph, if it holds something, and what is anchored in it.
func (b *builder) done() []Block {
	p := b.p
	var out []Block
	if len(p.Spans) > 0 || p.Role == Rule {
		for _, s := range p.Spans {
			if s.Kind == Text && strings.TrimSpace(s.Text) != "" || s.Kind != Text && s.Kind != Break && s.Kind != Tab && s.Kind != Anchor || p.Role == Preformatted || p.Role == Rule {
				out = append(out, p)
				break
			}
		}
		if out == nil && p.Role == Rule {
			out = append(out, p)
		}
	}
	if len(out) > 0 {
		p.Bold = true
		for _, s := range p.Spans {
			if s.Kind == Text && s.Marks&Bold == 0 && strings.TrimSpace(s.Text) != "" {
				p.Bold = false
			}
		}
	}
	return append(out, b.boxes...)
}

// blocks reads the blocks in a container.
func (r *reader) blocks(n *node, s *story) []Block {
	var out []Block
	flush := func() {
		if s.loose != nil {
			out = append(out, s.loose.done()...)
			s.loose = nil
		}
	}
	for _, k := range n.kids {
		switch k.name {
		case "w:p":
			flush()
			out = append(out, r.paragraph(k, s)...)
		case "w:tbl":
			flush()
			out = append(out, r.table(k, s)...)
		case "w:sdt":
			flush()
			out = append(out, r.control(k, s)...)
		case "w:sdtPr", "w:sdtEndPr", "w:tcPr", "w:tblPr", "w:tblGrid", "w:trPr", "w:sectPr", "w:customXmlPr", "w:tblPrEx", "w:background":
			r.leave(Placeholder, k)
		case "w:del", "w:moveFrom":
			flush()
			s.aside = append(s.aside, map[string]Why{"w:del": Deleted, "w:moveFrom": Moved}[k.name])
			out = append(out, r.blocks(k, s)...)
			s.aside = s.aside[:len(s.aside)-1]
		case "mc:AlternateContent":
			chosen, rest := r.choose(k)
			for _, t := range rest {
				r.left(Alternative, t)
			}
			if chosen != nil {
				flush()
				out = append(out, r.blocks(chosen, s)...)
			}
		case "w:altChunk":
			r.leave(Placeholder, k)
			x := r.relations(s.part)[k.get("r:id")]
			r.remark("alt-chunk", r.para, "这里嵌着另一份文件（%s），里面的文字没有带过来：请在 Word 里打开后另存一次，再导入", cmp.Or(x.target, "未命名"))
		case "w:subDoc":
			r.leave(Placeholder, k)
			r.remark("sub-document", r.para, "这里引用了子文档，没有带过来：请在 Word 里展开子文档，另存为一份再导入")
		case "w:bookmarkStart", "w:r", "w:t", "w:hyperlink", "w:fldSimple", "w:drawing", "w:pict", "w:object", "w:fldChar", "w:instrText", "m:oMath", "m:oMathPara", "m:r", "a:t", "m:t", "w:delText", "v:textpath", "w:ruby",
			"w:footnoteReference", "w:endnoteReference", "w:sym":
			if s.loose == nil {
				s.loose = r.begin(nil, s)
			}
			r.inline(k, s, s.loose, nil)
		default: // ins, moveTo, customXml, smartTag and what nobody knows: their contents count
			out = append(out, r.blocks(k, s)...)
		}
	}
	flush()
	return out
}

// control reads a content control among blocks.
func (r *reader) control(n *node, s *story) []Block {
	pr := n.child("w:sdtPr")
	why, aside, kind := r.controlKind(pr)
	if aside {
		s.aside = append(s.aside, why)
		defer func() { s.aside = s.aside[:len(s.aside)-1] }()
	}
	out := r.blocks(n, s)
	if kind != "" {
		return []Block{&Group{kind, out}}
	}
	return out
}

// controlKind reads what a content control is for.
func (r *reader) controlKind(pr *node) (why Why, aside bool, kind string) {
	if pr == nil {
		return
	}
	if on, set := pr.on("w:showingPlcHdr"); set && on {
		return Placeholder, true, ""
	}
	for _, k := range pr.kids {
		if k.name == "w:docPartObj" || k.name == "w:docPartList" {
			if g := strings.ToLower(k.val("w:docPartGallery")); g == "table of contents" || g == "目录" {
				return Contents, true, ""
			}
		}
	}
	kind, ok := strings.CutPrefix(pr.val("w:tag"), "gongzhi:")
	if !ok {
		kind = ""
	}
	return 0, false, kind
}

// begin opens a paragraph with the properties of pPr.
func (r *reader) begin(pr *node, s *story) *builder {
	if s.counts {
		r.para++
	}
	id := ""
	if pr != nil {
		id = pr.val("w:pStyle")
	}
	st, guessed := r.styles.paragraph(id)
	p := &Paragraph{At: r.para, Role: st.role, Level: st.level, Guessed: guessed, Style: cmp.Or(st.name, st.id), Align: st.align, Size: st.size, Box: s.box}
	b := &builder{p: p, style: st, toc: st.isTOC}
	if st.role == Body && st.outline > 0 {
		p.Role, p.Level = Heading, st.outline
	}
	ref := st.num
	if pr != nil {
		if o := outlineOf(pr); o > 0 && p.Role == Body {
			p.Role, p.Level = Heading, o
		}
		p.Align = cmp.Or(alignOf(pr), p.Align)
		if own := numOf(pr); own != nil {
			if own.id == "" && ref != nil {
				own.id = ref.id
			}
			ref = own
		}
	}
	if guessed {
		r.once("numeric-style", p.At, "文件没有写明样式的名称，按样式编号认作标题：请核对各级标题")
	}
	if _, off := s.hidden(); !off {
		p.Item = r.numbering.next(ref, st.id)
		switch {
		case p.Item == nil:
		case p.Style == "Gongzhi Loose":
			p.Item.Loose = true
		}
	}
	if depth, ok := strings.CutPrefix(p.Style, "Gongzhi Continue "); ok {
		d, _ := strconv.Atoi(depth)
		p.Item = &Item{Depth: max(0, d-1), More: true}
	}
	return b
}

func (r *reader) paragraph(n *node, s *story) []Block {
	pr := n.child("w:pPr")
	b := r.begin(pr, s)
	if c := s.carried; c != nil { // the mark between the two was deleted
		s.carried = nil
		b.p.Spans, b.boxes = c.p.Spans, c.boxes
		b.p.At = c.p.At
	}
	r.inlines(n, s, b, nil)
	if pr != nil {
		if mark := pr.child("w:rPr"); mark != nil && (mark.child("w:del") != nil || mark.child("w:moveFrom") != nil) {
			s.carried = b
			return nil
		}
	}
	return b.done()
}

// inlines reads what stands in a paragraph or a part of one. run is the properties of the present run.
func (r *reader) inlines(n *node, s *story, b *builder, run *node) {
	for _, k := range n.kids {
		r.inline(k, s, b, run)
	}
}

// inline reads one element of a paragraph. One piece: the elements that Word has there, each with the line or two that read it.
func (r *reader) inline(k *node, s *story, b *builder, run *node) {
	switch k.name {
	case "w:r":
		r.inlines(k, s, b, k.child("w:rPr"))
	case "w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:ctrlPr", "w:smartTagPr", "w:customXmlPr", "w:rubyPr", "m:rPr", "m:ctrlPr", "m:oMathParaPr", "w:fldData", "w:ffData":
		if k.has("w:t") {
			r.leave(Placeholder, k)
		}
	case "w:t", "a:t", "m:t":
		r.run(k, s, b, run)
		r.inlines(k, s, b, run)
	case "w:delText":
		r.left(Deleted, k.text)
		r.inlines(k, s, b, run)
	case "w:del", "w:moveFrom":
		s.aside = append(s.aside, map[string]Why{"w:del": Deleted, "w:moveFrom": Moved}[k.name])
		r.inlines(k, s, b, run)
		s.aside = s.aside[:len(s.aside)-1]
	case "w:br":
		if t := k.get("w:type"); t == "" || t == "textWrapping" {
			r.add(s, b, run, Span{Kind: Break})
		} else if len(b.p.Spans) > 0 { // a page or a column ends within the paragraph
			r.add(s, b, run, Span{Kind: Break})
		}
		r.inlines(k, s, b, run)
	case "w:cr":
		r.add(s, b, run, Span{Kind: Break})
		r.inlines(k, s, b, run)
	case "w:tab", "w:ptab":
		r.add(s, b, run, Span{Kind: Tab})
		r.inlines(k, s, b, run)
	case "w:noBreakHyphen":
		r.add(s, b, run, Span{Text: "-"})
		r.inlines(k, s, b, run)
	case "w:sym":
		if run != nil && b.p.Item != nil {
			if st := r.styles.character(run.val("w:rStyle")); st != nil && st.name == "Gongzhi Task" {
				b.p.Item.Task = Open
				if strings.EqualFold(k.get("w:char"), "F0FE") {
					b.p.Item.Task = Done
				}
				return
			}
		}
		r.symbol(k.get("w:font"), k.get("w:char"), s, b, run)
		r.inlines(k, s, b, run)
	case "w:hyperlink":
		r.hyperlink(k, s, b, run)
	case "w:fldSimple":
		r.simpleField(k, s, b, run)
	case "w:fldChar":
		r.fieldChar(k, s, b, run)
		r.inlines(k, s, b, run)
	case "w:instrText", "w:delInstrText":
		if i := len(s.fields) - 1; i >= 0 && !s.fields[i].result && s.fields[i].code.Len() < 1<<16 {
			s.fields[i].code.WriteString(k.text)
		}
		r.inlines(k, s, b, run)
	case "w:ruby":
		r.ruby(k, s, b, run)
	case "w:sdt":
		why, aside, _ := r.controlKind(k.child("w:sdtPr"))
		if aside {
			s.aside = append(s.aside, why)
		}
		r.inlines(k, s, b, run)
		if aside {
			s.aside = s.aside[:len(s.aside)-1]
		}
	case "mc:AlternateContent":
		chosen, rest := r.choose(k)
		for _, t := range rest {
			r.left(Alternative, t)
		}
		if chosen != nil {
			r.inlines(chosen, s, b, run)
		}
	case "w:drawing", "w:pict", "w:object":
		r.drawing(k, s, b, run, label{})
	case "w:txbxContent", "w:p", "w:tbl":
		r.box(k, s, b)
	case "w:footnoteReference", "w:endnoteReference":
		r.note(k, s, b, run)
		r.inlines(k, s, b, run)
	case "w:commentReference":
		r.commentAt[k.get("w:id")] = r.para
		r.inlines(k, s, b, run)
	case "w:bookmarkStart":
		if name := k.get("w:name"); name != "" && name != "_GoBack" {
			b.p.Spans = append(b.p.Spans, Span{Kind: Anchor, Text: name})
		}
		r.inlines(k, s, b, run)
	case "m:oMath", "m:oMathPara":
		if k.has("m:t") {
			r.once("formula", r.para, "公式只带来了其中的文字，排法会丢：请核对，必要时把公式存成图片")
		}
		r.inlines(k, s, b, run)
	case "v:textpath":
		if t := k.get("string"); t != "" {
			r.boxText(t, s, b)
		}
		r.inlines(k, s, b, run)
	default:
		r.inlines(k, s, b, run)
	}
}

// run reads the text of one w:t.
func (r *reader) run(k *node, s *story, b *builder, run *node) {
	t := k.text
	if k.name == "w:t" && k.get("xml:space") != "preserve" {
		t = strings.Trim(t, " \t\r\n")
	}
	if strings.ContainsAny(t, "\r\n") {
		t = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(t)
	}
	for i, part := range strings.Split(t, "\t") {
		if i > 0 {
			r.add(s, b, run, Span{Kind: Tab})
		}
		if part != "" {
			r.add(s, b, run, Span{Text: part})
		}
	}
}

// add puts a span into the paragraph, or its text among what is left out.
func (r *reader) add(s *story, b *builder, run *node, span Span) {
	why, off := s.hidden()
	marks, vanish, size := r.format(b, run)
	switch {
	case off:
	case b.toc:
		why, off = Contents, true
	case vanish:
		why, off = Hidden, true
	}
	if off {
		switch span.Kind {
		case Text, Ruby:
			r.left(why, span.Text+span.Reading)
		case Tab:
			if l := r.doc.Left; len(l) > 0 && l[len(l)-1].At == r.para && l[len(l)-1].Why == why {
				r.left(why, " ")
			}
		case PictureOf:
			r.remark("picture-left", r.para, "%s里有一张图片，没有带过来", why)
		}
		return
	}
	for i := range s.fields {
		s.fields[i].shown = true
		if s.fields[i].link != "" {
			span.Link = s.fields[i].link
		}
	}
	span.Marks |= marks
	if b.link != "" {
		span.Link, span.Tip = b.link, b.tip
	}
	if span.Kind == Text {
		b.p.Size = max(b.p.Size, size)
	}
	if k := len(b.p.Spans) - 1; k >= 0 && span.Kind == Text {
		if last := &b.p.Spans[k]; last.Kind == Text && last.Marks == span.Marks && last.Link == span.Link && last.Tip == span.Tip && len(last.Text) < maxJoined {
			last.Text += span.Text
			return
		}
	}
	b.p.Spans = append(b.p.Spans, span)
}

// format works out how a run is set, by its own properties, its style and its paragraph's.
func (r *reader) format(b *builder, run *node) (marks Marks, vanish bool, size int) {
	var own style
	own.runs(run)
	var char *style
	if run != nil {
		char = r.styles.character(run.val("w:rStyle"))
	}
	chain := []*style{&own}
	if char != nil {
		chain = append(chain, char)
		if char.name == "Gongzhi Code Char" {
			marks |= Code
		}
	}
	chain = append(chain, b.style)
	pick := func(get func(*style) *bool) bool {
		for _, s := range chain {
			if v := get(s); v != nil {
				return *v
			}
		}
		return false
	}
	if pick(func(s *style) *bool { return s.bold }) {
		marks |= Bold
	}
	if pick(func(s *style) *bool { return s.italic }) {
		marks |= Italic
	}
	if pick(func(s *style) *bool { return s.strike }) {
		marks |= Strike
	}
	if pick(func(s *style) *bool { return s.dots }) {
		marks |= Dots
	}
	if pick(func(s *style) *bool { return s.underline }) {
		marks |= Underline
	}
	vert := own.vert
	for _, s := range chain[1:] {
		vert = cmp.Or(vert, s.vert)
		size = cmp.Or(size, s.size)
	}
	switch vert {
	case "superscript":
		marks |= Super
	case "subscript":
		marks |= Sub
	}
	return marks, pick(func(s *style) *bool { return s.vanish }), cmp.Or(own.size, size)
}

func (r *reader) hyperlink(k *node, s *story, b *builder, run *node) {
	link, tip := b.link, b.tip
	if x, ok := r.relations(s.part)[k.get("r:id")]; ok && k.get("r:id") != "" {
		b.link = x.target
		if a := k.get("w:anchor"); a != "" && !strings.Contains(b.link, "#") {
			b.link += "#" + a
		}
	} else if a := k.get("w:anchor"); a != "" {
		b.link = "#" + a
	}
	b.tip = k.get("w:tooltip")
	r.inlines(k, s, b, run)
	b.link, b.tip = link, tip
}

func (r *reader) simpleField(k *node, s *story, b *builder, run *node) {
	f := &field{note: -1, result: true, begin: k}
	f.code.WriteString(k.get("w:instr"))
	r.openField(f)
	s.fields = append(s.fields, f)
	depth := len(s.fields)
	r.inlines(k, s, b, run)
	if len(s.fields) >= depth {
		s.fields = s.fields[:depth-1]
	}
}

// openField reads the code of a field whose result begins.
func (r *reader) openField(f *field) {
	words := fieldWords(f.code.String())
	if len(words) == 0 {
		return
	}
	switch strings.ToUpper(words[0]) {
	case "HYPERLINK":
		for i := 1; i < len(words); i++ {
			switch w := words[i]; {
			case strings.EqualFold(w, `\l`) && i+1 < len(words):
				f.link += "#" + words[i+1]
				i++
			case strings.HasPrefix(w, `\`):
				if (strings.EqualFold(w, `\o`) || strings.EqualFold(w, `\t`)) && i+1 < len(words) {
					i++
				}
			default:
				f.link = w + f.link
			}
		}
	case "TOC":
		f.toc = true
	case "NOTEREF":
		if len(words) > 1 {
			if i, ok := r.notes["b"+words[1]]; ok {
				f.note = i
			}
		}
	}
}

// fieldWords splits a field's code at spaces, and at quotation marks of both kinds.
func fieldWords(code string) []string {
	var out []string
	var b strings.Builder
	quoted, any := false, false
	for _, c := range code {
		switch {
		case c == '"' || c == '“' || c == '”':
			quoted, any = !quoted, true
		case !quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\u00a0'):
			if b.Len() > 0 || any {
				out = append(out, b.String())
				b.Reset()
				any = false
			}
		default:
			b.WriteRune(c)
		}
	}
	if b.Len() > 0 || any {
		out = append(out, b.String())
	}
	return out
}

func (r *reader) fieldChar(k *node, s *story, b *builder, run *node) {
	switch k.get("w:fldCharType") {
	case "begin":
		if len(s.fields) < 100 {
			s.fields = append(s.fields, &field{note: -1, begin: k})
		}
	case "separate":
		if i := len(s.fields) - 1; i >= 0 && !s.fields[i].result {
			f := s.fields[i]
			f.result = true
			r.openField(f)
		}
	case "end":
		i := len(s.fields) - 1
		if i < 0 {
			return
		}
		f := s.fields[i]
		s.fields = s.fields[:i]
		if f.note >= 0 {
			r.add(s, b, run, Span{Kind: NoteMark, Index: f.note})
			return
		}
		if !f.shown {
			r.fieldWithoutResult(f, s, b, run)
		}
	}
}

// fieldWithoutResult shows fields that Word draws from their code.
func (r *reader) fieldWithoutResult(f *field, s *story, b *builder, run *node) {
	words := fieldWords(f.code.String())
	if len(words) == 0 {
		return
	}
	switch strings.ToUpper(words[0]) {
	case "EQ":
		_, code, _ := strings.Cut(f.code.String(), words[0])
		if t := equation(code); t.Text != "" {
			r.add(s, b, run, t)
		}
	case "SYMBOL":
		if len(words) > 1 {
			font := ""
			for i, w := range words {
				if strings.EqualFold(w, `\f`) && i+1 < len(words) {
					font = words[i+1]
				}
			}
			code := words[1]
			if n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToLower(code), "0x"), map[bool]int{true: 16, false: 10}[strings.HasPrefix(strings.ToLower(code), "0x")], 20); err == nil {
				r.symbol(font, strconv.FormatUint(n, 16), s, b, run)
			}
		}
	case "FORMCHECKBOX":
		box := "☐"
		if f.begin != nil {
			if data := f.begin.child("w:ffData"); data != nil {
				if c := data.child("w:checkBox"); c != nil {
					on, set := c.on("w:checked")
					if !set {
						on, _ = c.on("w:default")
					}
					if on {
						box = "☑"
					}
				}
			}
		}
		r.add(s, b, run, Span{Text: box})
	case "FORMDROPDOWN":
		if f.begin == nil {
			return
		}
		data := f.begin.child("w:ffData")
		if l := data.child("w:ddList"); l != nil {
			var entries []string
			for _, e := range l.kids {
				if e.name == "w:listEntry" {
					entries = append(entries, e.get("w:val"))
				}
			}
			i, _ := strconv.Atoi(cmp.Or(l.val("w:result"), l.val("w:default")))
			if i >= 0 && i < len(entries) {
				r.add(s, b, run, Span{Text: entries[i]})
			}
		}
	}
}

// equation reads the EQ fields that Chinese Word makes: characters in circles and readings above words.
func equation(code string) Span {
	var args []string
	var b strings.Builder
	depth := 0
	for _, c := range code {
		switch {
		case c == '(':
			depth++
			b.Reset()
		case (c == ',' || c == ';' || c == ')' || c == '，') && depth > 0:
			if t := strings.TrimSpace(b.String()); t != "" && !strings.HasPrefix(t, `\`) {
				args = append(args, t)
			}
			b.Reset()
			if c == ')' {
				depth--
			}
		case depth > 0:
			b.WriteRune(c)
		}
	}
	switch {
	case len(args) == 2 && strings.Contains(code, `\ac`) && strings.ContainsAny(args[0], "○〇◯"):
		if n, err := strconv.Atoi(args[1]); err == nil && n >= 1 && n <= 50 {
			return Span{Text: formatNumber(n, "decimalEnclosedCircle")}
		}
		return Span{Text: "○" + args[1]}
	case len(args) == 2 && strings.Contains(code, `\up`):
		return Span{Kind: Ruby, Text: args[1], Reading: args[0]}
	}
	return Span{Text: strings.Join(args, " ")}
}

func (r *reader) ruby(k *node, s *story, b *builder, run *node) {
	// Each side is read on its own, so that deletions and hidden text within are seen to.
	side := func(name string) string {
		var out strings.Builder
		for _, n := range k.kids {
			if n.name == name {
				in := &builder{p: &Paragraph{}, style: b.style, toc: b.toc}
				r.inlines(n, s, in, run)
				out.WriteString(in.p.Plain())
				b.boxes = append(b.boxes, in.boxes...)
			}
		}
		return out.String()
	}
	reading := side("w:rt")
	base := &builder{p: &Paragraph{}, style: b.style, toc: b.toc, link: b.link, tip: b.tip}
	for _, n := range k.kids {
		if n.name != "w:rt" {
			r.inline(n, s, base, run)
		}
	}
	b.boxes = append(b.boxes, base.boxes...)
	if reading == "" {
		b.p.Spans = append(b.p.Spans, base.p.Spans...)
		return
	}
	span := Span{Kind: Ruby, Text: base.p.Plain(), Reading: reading, Link: b.link, Tip: b.tip}
	for _, x := range base.p.Spans {
		switch x.Kind {
		case Text:
			span.Marks |= x.Marks
		case PictureOf, NoteMark, Anchor:
			b.p.Spans = append(b.p.Spans, x)
		}
	}
	b.p.Spans = append(b.p.Spans, span)
}

// note reads the note that a reference leads to, the first time.
func (r *reader) note(k *node, s *story, b *builder, run *node) {
	end := k.name == "w:endnoteReference"
	id := map[bool]string{false: "f", true: "e"}[end] + k.get("w:id")
	if _, off := s.hidden(); off || b.toc {
		return
	}
	if _, vanish, _ := r.format(b, run); vanish {
		return
	}
	i, known := r.notes[id]
	if !known {
		n := r.noteNodes[id]
		if n == nil || r.openNotes > 20 {
			r.remark("missing-note", r.para, "这里的注释在文件里找不到内容：请在 Word 里核对")
			return
		}
		delete(r.noteNodes, id)
		i = len(r.doc.Notes)
		r.notes[id] = i
		r.doc.Notes = append(r.doc.Notes, Note{End: end})
		r.openNotes++
		inner := &story{part: r.noteParts[end]}
		blocks := r.blocks(n, inner)
		blocks = append(blocks, inner.finish(r)...)
		r.doc.Notes[i].Blocks = blocks
		r.openNotes--
	}
	r.add(s, b, run, Span{Kind: NoteMark, Index: i})
	if l := len(b.p.Spans); l > 1 && b.p.Spans[l-2].Kind == Anchor {
		r.notes["b"+b.p.Spans[l-2].Text] = i
	}
}

// box reads a text box: its blocks stand behind the paragraph that it is anchored in.
func (r *reader) box(k *node, s *story, b *builder) {
	inner := &story{part: s.part, box: true, aside: slices.Clone(s.aside)}
	if why, off := s.hidden(); off && len(s.aside) == 0 {
		inner.aside = append(inner.aside, why)
	}
	if b.toc && len(inner.aside) == 0 {
		inner.aside = append(inner.aside, Contents)
	}
	root := k
	if k.name != "w:txbxContent" {
		root = &node{kids: []*node{k}}
	}
	blocks := r.blocks(root, inner)
	b.boxes = append(b.boxes, append(blocks, inner.finish(r)...)...)
}

func (r *reader) boxText(text string, s *story, b *builder) {
	if why, off := s.hidden(); off {
		r.left(why, text)
		return
	}
	b.boxes = append(b.boxes, &Paragraph{At: r.para, Box: true, Spans: []Span{{Text: text}}})
}

// label is what a drawing says of itself.
type label struct{ alt, title, name string }

// drawing reads pictures, shapes and what else is drawn. One piece: the elements that a drawing has, each with what it says.
func (r *reader) drawing(n *node, s *story, b *builder, run *node, l label) {
	for _, k := range n.kids {
		switch k.name {
		case "wp:inline", "wp:anchor":
			in := l
			if d := k.child("wp:docPr"); d != nil {
				in.alt, in.title = cmp.Or(d.get("descr"), l.alt), cmp.Or(d.get("title"), l.title)
			}
			r.drawing(k, s, b, run, in)
		case "pic:pic":
			in := l
			if nv := k.child("pic:nvPicPr"); nv != nil {
				if c := nv.child("pic:cNvPr"); c != nil {
					in.alt, in.title, in.name = cmp.Or(l.alt, c.get("descr")), cmp.Or(l.title, c.get("title")), c.get("name")
				}
			}
			r.drawing(k, s, b, run, in)
			if c := k.child("pic:blipFill"); c != nil {
				if src := c.child("a:srcRect"); src != nil && (src.get("l")+src.get("t")+src.get("r")+src.get("b")) != "" && strings.Trim(src.get("l")+src.get("t")+src.get("r")+src.get("b"), "0") != "" {
					r.once("cropped", r.para, "有图片在 Word 里裁剪过，带过来的是没有裁剪的原图：请核对，要裁剪的请先“压缩图片 → 删除裁剪区域”")
				}
			}
		case "a:blip":
			if id := k.get("r:embed"); id != "" {
				r.picture(id, s, b, run, l)
			} else if id := k.get("r:link"); id != "" {
				r.picture(id, s, b, run, l)
			}
			r.drawing(k, s, b, run, l)
		case "v:imagedata":
			l.title = cmp.Or(l.title, k.get("o:title"))
			if id := cmp.Or(k.get("r:id"), k.get("r:embed"), k.get("o:relid"), k.get("r:pict"), k.get("r:href")); id != "" {
				in := l
				if in.alt == "" {
					in.alt, in.title = in.title, ""
				}
				r.picture(id, s, b, run, in)
			}
			r.drawing(k, s, b, run, l)
		case "v:shape", "v:rect", "v:roundrect", "v:oval", "v:group":
			in := l
			in.alt = cmp.Or(k.get("alt"), l.alt)
			r.drawing(k, s, b, run, in)
		case "v:shapetype", "w:sdtPr", "w:pPr", "w:rPr":
			if k.has("w:t") {
				r.leave(Placeholder, k)
			}
		case "v:textpath":
			if t := k.get("string"); t != "" {
				r.boxText(t, s, b)
			}
			r.drawing(k, s, b, run, l)
		case "w:txbxContent", "w:p", "w:tbl":
			r.box(k, s, b)
		case "mc:AlternateContent":
			chosen, rest := r.choose(k)
			for _, t := range rest {
				r.left(Alternative, t)
			}
			if chosen != nil {
				r.drawing(chosen, s, b, run, l)
			}
		case "c:chart":
			r.chart(k, s)
			r.drawing(k, s, b, run, l)
		case "dgm:relIds":
			r.diagram(k, s, b)
			r.drawing(k, s, b, run, l)
		case "o:OLEObject":
			r.remark("embedded", r.para, "这里嵌着一个对象（%s），只带来了它的预览图：请在 Word 里打开它，把内容放进正文或另存为附件", cmp.Or(k.get("ProgID"), "未命名"))
			r.drawing(k, s, b, run, l)
		case "w:control":
			r.remark("control", r.para, "这里有一个控件，没有带过来")
			r.drawing(k, s, b, run, l)
		case "w:t", "a:t", "m:t", "w:delText", "w:r", "w:drawing", "w:pict", "w:object", "w:fldChar", "w:instrText", "w:footnoteReference", "w:endnoteReference", "w:hyperlink", "w:ruby", "w:del", "w:moveFrom", "w:sdt", "w:fldSimple":
			in := &builder{p: &Paragraph{At: r.para, Box: true}, style: b.style, toc: b.toc}
			r.inline(k, s, in, run)
			b.boxes = append(b.boxes, in.done()...)
		default:
			r.drawing(k, s, b, run, l)
		}
	}
}

// picture shows a picture that a relationship leads to.
func (r *reader) picture(id string, s *story, b *builder, run *node, l label) {
	x, ok := r.relations(s.part)[id]
	f := r.doc.files[x.target]
	switch {
	case ok && x.external:
		r.remark("external-picture", r.para, "图片不在文件里，而是链接到 %s，没有带过来：请在 Word 里把图片插入文件再导入", clip(x.target, 300))
		return
	case !ok || f == nil:
		r.remark("missing-picture", r.para, "图片的数据不在文件里：请在 Word 里重新插入")
		return
	}
	i, known := r.pictures[x.target]
	if !known {
		h, err := f.Open()
		if err != nil {
			r.remark("broken-picture", r.para, "图片 %s 读不出来：请在 Word 里重新插入", x.target)
			return
		}
		head := make([]byte, 64)
		n, _ := io.ReadFull(h, head)
		h.Close()
		ext := pictureExt(head[:n])
		if ext == "" {
			r.remark("picture-format", r.para, "图片 %s 是网页不能显示的格式（如 EMF、WMF 矢量图），没有带过来：请在 Word 里右键“另存为图片”，选 PNG，再插入", x.target)
			return
		}
		i = len(r.doc.Pictures)
		r.pictures[x.target] = i
		r.doc.Pictures = append(r.doc.Pictures, Picture{Part: x.target, Ext: ext, Size: int64(min(f.UncompressedSize64, 1<<40))})
	}
	r.add(s, b, run, Span{Kind: PictureOf, Index: i, Alt: strings.TrimSpace(l.alt), Caption: strings.TrimSpace(l.title), Name: l.name})
}

func clip(s string, n int) string {
	if q := []rune(s); len(q) > n {
		return string(q[:n]) + "…"
	}
	return s
}

// chart lists the words of a chart, which is no text of a page.
func (r *reader) chart(k *node, s *story) {
	x := r.relations(s.part)[k.get("r:id")]
	r.remark("chart", r.para, "这里有一张图表，没有带过来：请在 Word 里把图表复制后“选择性粘贴”为图片（PNG），再导入")
	if r.seen["part "+x.target] {
		return
	}
	r.seen["part "+x.target] = true
	if n := r.aside(x.target); n != nil {
		r.left(Chart, strings.Join(n.texts("a:t", "c:v", "w:t"), " "))
	}
}

// diagram takes the words of a SmartArt drawing as paragraphs.
func (r *reader) diagram(k *node, s *story, b *builder) {
	x := r.relations(s.part)[k.get("r:dm")]
	if r.seen["part "+x.target] {
		return
	}
	r.seen["part "+x.target] = true
	n := r.aside(x.target)
	if n == nil {
		return
	}
	r.remark("diagram", r.para, "这里有一张 SmartArt 图，只带来了其中的文字：要保留图样，请把它另存为图片再插入")
	var walk func(*node)
	walk = func(n *node) {
		if n.name == "a:p" {
			if t := strings.Join(n.texts("a:t", "w:t"), ""); t != "" {
				r.boxText(t, s, b)
			}
			return
		}
		if (n.name == "a:t" || n.name == "w:t") && n.text != "" {
			r.boxText(n.text, s, b)
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(n)
}

// table reads a table. The grid is filled, so that columns stand under each other.
func (r *reader) table(n *node, s *story) []Block {
	t := &Table{At: r.para + 1, Box: s.box}
	var after []Block
	r.rows(n, s, t, &after)
	for i := range t.Rows {
		t.Columns = max(t.Columns, len(t.Rows[i].Cells))
	}
	if t.Merged > 0 {
		r.remark("merged", t.At, "表格里有 %d 处合并的单元格，内容只写在第一格，其余留空：请核对", t.Merged)
	}
	out := after
	for i := range t.Rows {
		for j := range t.Rows[i].Cells {
			if len(t.Rows[i].Cells[j].Blocks) > 0 {
				return append([]Block{t}, out...)
			}
		}
	}
	return out
}

func (r *reader) rows(n *node, s *story, t *Table, after *[]Block) {
	for _, k := range n.kids {
		switch k.name {
		case "w:tr":
			r.row(k, s, t)
		case "w:tblPr", "w:tblGrid", "w:sdtPr", "w:sdtEndPr", "w:customXmlPr":
			r.leave(Placeholder, k)
		case "w:p", "w:tbl", "w:r", "w:t", "w:tc", "m:r", "m:t", "a:t", "w:delText", "w:hyperlink", "w:fldSimple", "w:drawing", "w:pict", "w:object", "w:ruby", "w:fldChar", "w:footnoteReference", "w:endnoteReference":
			*after = append(*after, r.blocks(&node{kids: []*node{k}}, s)...)
		case "w:del", "w:moveFrom":
			s.aside = append(s.aside, Deleted)
			r.rows(k, s, t, after)
			s.aside = s.aside[:len(s.aside)-1]
		case "mc:AlternateContent":
			chosen, rest := r.choose(k)
			for _, x := range rest {
				r.left(Alternative, x)
			}
			if chosen != nil {
				r.rows(chosen, s, t, after)
			}
		default:
			r.rows(k, s, t, after)
		}
	}
}

// maxColumns is Word's own limit.
const maxColumns = 63

func (r *reader) row(n *node, s *story, t *Table) {
	pr := n.child("w:trPr")
	row := Row{}
	if pr != nil {
		row.Header, _ = pr.on("w:tblHeader")
		if pr.child("w:del") != nil {
			s.aside = append(s.aside, Deleted)
			defer func() { s.aside = s.aside[:len(s.aside)-1] }()
		}
		before, _ := strconv.Atoi(pr.val("w:gridBefore"))
		for range min(max(before, 0), maxColumns) {
			row.Cells = append(row.Cells, Cell{Covered: true})
		}
	}
	var cells func(*node)
	cells = func(n *node) {
		for _, k := range n.kids {
			switch k.name {
			case "w:tc":
				r.cell(k, s, t, &row)
			case "w:trPr", "w:tblPrEx", "w:sdtPr", "w:sdtEndPr":
				r.leave(Placeholder, k)
			case "w:p", "w:r", "w:t", "w:tbl", "w:tr", "m:r", "m:t", "a:t", "w:delText", "w:hyperlink", "w:fldSimple", "w:drawing", "w:pict", "w:object", "w:ruby", "w:fldChar", "w:footnoteReference", "w:endnoteReference":
				row.Cells = append(row.Cells, Cell{Blocks: r.blocks(&node{kids: []*node{k}}, s)})
			case "mc:AlternateContent":
				chosen, rest := r.choose(k)
				for _, x := range rest {
					r.left(Alternative, x)
				}
				if chosen != nil {
					cells(chosen)
				}
			default:
				cells(k)
			}
		}
	}
	cells(n)
	if _, off := s.hidden(); off && len(s.aside) > 0 {
		for i := range row.Cells { // a deleted row is no empty one
			if len(row.Cells[i].Blocks) > 0 {
				t.Rows = append(t.Rows, row)
				return
			}
		}
		return
	}
	t.Rows = append(t.Rows, row)
}

func (r *reader) cell(n *node, s *story, t *Table, row *Row) {
	span, covered := 1, false
	if pr := n.child("w:tcPr"); pr != nil {
		if v, err := strconv.Atoi(pr.val("w:gridSpan")); err == nil {
			span = min(max(v, 1), maxColumns)
		}
		if m := pr.child("w:vMerge"); m != nil {
			switch m.get("w:val") {
			case "restart":
				t.Merged++
			default:
				covered = true
			}
		}
		if m := pr.child("w:hMerge"); m != nil {
			switch m.get("w:val") {
			case "restart":
				t.Merged++
			default:
				covered = true
			}
		}
		if span > 1 && !covered {
			t.Merged++
		}
	}
	inner := r.blocks(n, s)
	if c := s.carried; c != nil { // a deletion does not join cells
		s.carried = nil
		inner = append(inner, c.done()...)
	}
	row.Cells = append(row.Cells, Cell{Blocks: inner, Covered: covered})
	for range span - 1 {
		row.Cells = append(row.Cells, Cell{Covered: true})
	}
}

// around reads what stands around the text: headers, footers, comments, and what a file should not have.
func (r *reader) around(main string, one func(kind, usual string) *node) {
	r.para = 0
	said := map[string]bool{}
	for _, k := range []struct {
		kind string
		why  Why
	}{{"header", Header}, {"footer", Footer}} {
		for _, name := range r.byKind(main, k.kind) {
			if n := r.aside(name); n != nil {
				var b strings.Builder
				r.gather(n, &b)
				if t := strings.TrimRight(b.String(), "\n"); t != "" {
					r.doc.Left = append(r.doc.Left, Left{k.why, t, 0})
				}
			}
		}
	}
	if n := one("comments", "comments.xml"); n != nil {
		for _, c := range n.kids {
			var b strings.Builder
			r.gather(c, &b)
			if t := strings.TrimRight(b.String(), "\n"); t != "" {
				r.doc.Left = append(r.doc.Left, Left{Comment, t, r.commentAt[c.get("w:id")]})
			}
		}
	}
	for _, name := range sortedKeys(r.doc.files) {
		switch {
		case strings.HasSuffix(name, "vbaproject.bin"):
			r.once("macro", 0, "文件里有宏，没有读也没有运行")
		case strings.Contains(name, "/activex/"):
			r.once("activex", 0, "文件里有 ActiveX 控件，没有读")
		case strings.HasSuffix(name, ".xml") && !r.parsed[name] && strings.HasPrefix(name, "word/") && textPart(name):
			if n := r.aside(name); n != nil { // nothing leads to it, or only what was left out
				r.leave(Unplaced, n)
			}
		case strings.Contains(name, "/embeddings/"):
			said[name] = true
		case strings.HasPrefix(name, "customxml/item") && strings.HasSuffix(name, ".xml") && !strings.Contains(name, "props") && r.doc.Record == nil:
			if f := r.doc.files[name]; f.UncompressedSize64 < 4<<20 {
				if n := r.aside(name); n != nil && n.name == "gz:record" && n.text != "" {
					r.doc.Record = []byte(n.text)
				}
			}
		}
	}
	if len(said) > 0 {
		r.remark("embeddings", 0, "文件里嵌着 %d 个别的文件（如 Excel 表），没有带过来：请在 Word 里打开它们，另存为附件", len(said))
	}
	sort.SliceStable(r.doc.Left, func(i, j int) bool { return r.doc.Left[i].At < r.doc.Left[j].At })
}

// textPart tells whether a part is of a kind that holds text.
func textPart(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	for _, kind := range []string{"document", "header", "footer", "footnotes", "endnotes", "chart", "data"} {
		if strings.HasPrefix(base, kind) {
			return !strings.Contains(name, "glossary")
		}
	}
	return false
}

// outside names what the file wants to fetch from elsewhere. Nothing of it is fetched.
func (r *reader) outside() {
	for _, part := range sortedKeys(r.rels) {
		m := r.rels[part]
		for _, id := range sortedKeys(m) {
			if x := m[id]; x.external && x.kind != "hyperlink" && x.kind != "image" {
				r.remark("external", 0, "文件引用了外面的内容（%s：%s），没有去取", x.kind, clip(x.target, 300))
			}
		}
	}
	for _, name := range []string{"word/settings.xml", "word/webSettings.xml"} {
		for _, x := range r.relations(name) {
			if x.external {
				r.once("external-template", 0, "文件引用了外面的模板（%s），没有去取", clip(x.target, 300))
			}
		}
	}
}

func (r *reader) properties() {
	p := &r.doc.Properties
	for _, name := range append(r.byKind("", "core-properties"), "docprops/core.xml") {
		if n := r.aside(name); n != nil {
			for _, k := range n.kids {
				_, local, _ := strings.Cut(k.name, ":")
				t := strings.TrimSpace(k.text)
				switch local {
				case "title":
					p.Title = t
				case "subject":
					p.Subject = t
				case "creator":
					p.Author = t
				case "keywords":
					p.Keywords = t
				case "created":
					p.Created = t
				case "modified":
					p.Modified = t
				}
			}
			break
		}
	}
	for _, name := range append(r.byKind("", "extended-properties"), "docprops/app.xml") {
		if n := r.aside(name); n != nil {
			for _, k := range n.kids {
				switch strings.TrimPrefix(k.name, "ep:") {
				case "Application":
					p.Application = strings.TrimSpace(k.text)
				case "Company":
					p.Company = strings.TrimSpace(k.text)
				}
			}
			break
		}
	}
}

// symbols are characters of the fonts that Word draws them from, by code.
var symbols = map[string]map[rune]string{
	"wingdings": {0x22: "✂", 0x28: "☎", 0x2a: "✉", 0x36: "⌛", 0x46: "☞", 0x4a: "☺", 0x6c: "●", 0x6d: "❍", 0x6e: "■", 0x6f: "□", 0x70: "◻", 0x71: "❑", 0x72: "❒", 0x73: "⬧",
		0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "⌧", 0x7a: "⌘", 0x7d: "❞", 0x80: "⓪", 0x81: "①", 0x82: "②", 0x83: "③", 0x84: "④", 0x85: "⑤", 0x86: "⑥", 0x87: "⑦", 0x88: "⑧",
		0x89: "⑨", 0x8a: "⑩", 0x8c: "❶", 0x8d: "❷", 0x8e: "❸", 0x8f: "❹", 0x90: "❺", 0x91: "❻", 0x92: "❼", 0x93: "❽", 0x94: "❾", 0x95: "❿", 0x9e: "·", 0x9f: "•", 0xa1: "○", 0xa2: "⭕",
		0xa7: "▪", 0xa8: "□", 0xaa: "✦", 0xab: "★", 0xac: "✶", 0xb2: "✧", 0xb6: "☆", 0xd8: "➢", 0xdc: "➲", 0xdf: "←", 0xe0: "→", 0xe1: "↑", 0xe2: "↓", 0xe8: "➔", 0xf0: "⇨",
		0xfb: "✗", 0xfc: "✓", 0xfd: "☒", 0xfe: "☑"},
	"wingdings 2": {0x4f: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0x98: "◉", 0x99: "◎", 0xa3: "□", 0xa2: "■", 0x2a: "□"},
	"symbol": {0x22: "∀", 0x2a: "∗", 0x2d: "−", 0x41: "Α", 0x42: "Β", 0x44: "Δ", 0x46: "Φ", 0x47: "Γ", 0x4c: "Λ", 0x50: "Π", 0x51: "Θ", 0x53: "Σ", 0x57: "Ω", 0x58: "Ξ", 0x59: "Ψ",
		0x61: "α", 0x62: "β", 0x63: "χ", 0x64: "δ", 0x65: "ε", 0x66: "φ", 0x67: "γ", 0x68: "η", 0x69: "ι", 0x6a: "ϕ", 0x6b: "κ", 0x6c: "λ", 0x6d: "μ", 0x6e: "ν", 0x6f: "ο", 0x70: "π",
		0x71: "θ", 0x72: "ρ", 0x73: "σ", 0x74: "τ", 0x75: "υ", 0x77: "ω", 0x78: "ξ", 0x79: "ψ", 0x7a: "ζ", 0x7e: "∼", 0xa3: "≤", 0xa5: "∞", 0xab: "↔", 0xac: "←", 0xad: "↑", 0xae: "→",
		0xaf: "↓", 0xb0: "°", 0xb1: "±", 0xb3: "≥", 0xb4: "×", 0xb7: "•", 0xb8: "÷", 0xb9: "≠", 0xba: "≡", 0xbb: "≈", 0xbc: "…", 0xc5: "⊕", 0xc7: "∩", 0xc8: "∪", 0xce: "∈", 0xd6: "√",
		0xde: "⇒", 0xe5: "∑", 0xf2: "∫"},
}

// symbol shows a character of a symbol font. What has no counterpart is 〓, the sign of a missing type, and said.
func (r *reader) symbol(font, char string, s *story, b *builder, run *node) {
	n, err := strconv.ParseUint(strings.TrimPrefix(char, "0x"), 16, 21)
	if err != nil {
		return
	}
	c := rune(n)
	if t, ok := symbols[strings.ToLower(font)]; ok {
		code := c
		if c >= 0xf000 && c <= 0xf0ff {
			code = c - 0xf000
		}
		if u := t[code]; u != "" {
			r.add(s, b, run, Span{Text: u})
			return
		}
	} else if c >= ' ' && (c < 0xe000 || c > 0xf8ff) && (c < 0xd800 || c > 0xdfff) && c != 0x7f && c != 0xfffe && c != 0xffff {
		r.add(s, b, run, Span{Text: string(c)})
		return
	}
	r.remark("symbol", r.para, "有一个符号（字体 %s，编码 %s）没有对应的文字，写成了“〓”：请改成合适的符号", clip(font, 40), clip(char, 10))
	r.add(s, b, run, Span{Text: "〓"})
}
