// Package intake makes records of manuscripts: Word files and what is pasted. It reads them, proposes what goes into
// which field, and gives a draft for package plan; it writes nothing. The way back, a record as a Word file, is Export.
package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // formats that a picture may have
	_ "image/jpeg"
	"image/png"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/docx"
	"gongzhi/generator/manuscript"
	"gongzhi/generator/markdown"
	"gongzhi/generator/plan"
)

// Command names the drafts of this package.
const Command = "manuscript"

// Options say what is wanted. They are the Args of the draft, and derive it again.
type Options struct {
	Collection string
	Draft      bool     `json:",omitempty"` // records are not to be published yet
	Keep       bool     `json:",omitempty"` // the original goes beside the record
	HTML       bool     `json:",omitempty"` // inputs are HTML from a clipboard
	Again      bool     `json:",omitempty"` // files that were imported before are imported once more
	Set        []string `json:",omitempty"` // 字段=值, for all files
	Mention    []string `json:",omitempty"` // records that the texts are to name
	Day        string   `json:",omitempty"` // that the draft was made, for pasted texts

	Site string                    `json:"-"` // the site's address, for links in a manuscript that leaves it
	Zone *time.Location            `json:"-"`
	Slug func(title string) string `json:"-"` // the name of a file for a title
	// Done gives the records that a file of that digest was made into before.
	Done func(digest string) (ids []string, plan int) `json:"-"`
}

// Limits of one import. A year's manuscripts of an office are far below.
const (
	MaxFile  = 200 << 20
	MaxTotal = 1 << 30
	MaxFiles = 5000
)

// Manuscripts makes a draft of manuscripts. An error means that nothing can be said, such as of a collection that is not
// there; what is wrong with one file is in its row.
func Manuscripts(source fs.FS, inputs []plan.Input, opt Options) (plan.Draft, error) {
	set, err := content.Load(source, content.Options{Zone: opt.Zone})
	if err != nil {
		return plan.Draft{}, err
	}
	schema := content.FindSchema(set.Schemas, opt.Collection)
	switch {
	case schema == nil:
		return plan.Draft{}, fmt.Errorf("没有“%s”这个类目", opt.Collection)
	case schema.Rows:
		return plan.Draft{}, fmt.Errorf("“%s”的记录是表格里的行，没有正文，不能从文稿导入：请导入名单或表格，或改选有正文的类目，如报道", schema.Label)
	}
	args, err := json.Marshal(opt)
	if err != nil {
		return plan.Draft{}, err
	}
	r := &reader{source: source, set: set, schema: schema, opt: opt, taken: map[string]bool{}, digests: map[string]string{}}
	for _, x := range set.Records {
		if x.Schema.Key == schema.Key {
			r.taken[strings.ToLower(x.ID)] = true
		}
	}
	r.years = yearFolders(set, schema)
	if err := r.settings(); err != nil {
		return plan.Draft{}, err
	}
	r.draft = plan.Draft{Command: Command, Args: args, Inputs: inputs}
	r.room = maxSwell
	for i := range inputs {
		r.room += len(inputs[i].Bytes)
	}
	for i := range inputs {
		r.one(i, &inputs[i])
	}
	return r.draft, nil
}

type reader struct {
	source  fs.FS
	set     *content.Set
	schema  *content.Schema
	opt     Options
	taken   map[string]bool   // ids in use, in small letters
	digests map[string]string // of the files of this draft → their names
	years   bool              // records stand in folders of years
	fixed   []content.Edit    // what --set and --mention say
	fixedOn map[*content.Field]bool
	draft   plan.Draft
	room    int // bytes that pictures may still take: a file of a megabyte can hold gigabytes of empty ones
}

// maxSwell is by how many bytes pictures may be larger than the files that they come from. Photographs are as large in them.
const maxSwell = 100 << 20

// yearFolders tells whether most records of a collection stand in folders named after years.
func yearFolders(set *content.Set, schema *content.Schema) bool {
	in, all := 0, 0
	for _, r := range set.Records {
		if r.Schema.Key != schema.Key {
			continue
		}
		all++
		if year.MatchString(r.ID) {
			in++
		}
	}
	return in*2 > all
}

var year = regexp.MustCompile(`^\d{4}/`)

// settings reads --set and --mention.
func (r *reader) settings() error {
	r.fixedOn = map[*content.Field]bool{}
	for _, s := range r.opt.Set {
		name, value, ok := strings.Cut(s, "=")
		f := r.schema.Field(strings.TrimSpace(name))
		if !ok || f == nil {
			return fmt.Errorf("--set “%s”看不懂：要写成 字段=值，字段见 gongzhi schema %s", s, r.schema.Key)
		}
		r.fixedOn[f] = true
		r.fixed = append(r.fixed, content.SetField{Path: content.At(f.Key), Value: fieldValue(f, strings.TrimSpace(value))})
	}
	if len(r.opt.Mention) == 0 {
		return nil
	}
	f := mentions(r.schema)
	if f == nil {
		return fmt.Errorf("“%s”没有可以写提到的记录的字段，--mention 用不上", r.schema.Label)
	}
	for _, id := range r.opt.Mention {
		if !slices.ContainsFunc(r.set.Records, func(x *content.Record) bool { return x.Key() == strings.ToLower(id) }) {
			return fmt.Errorf("--mention “%s”：没有这条记录，要写成 people/编号 这样", id)
		}
	}
	r.fixedOn[f] = true
	r.fixed = append(r.fixed, content.SetField{Path: content.At(f.Key), Value: slices.Clone(r.opt.Mention)})
	return nil
}

// shownSetting is a value that the command line gives, for people.
func shownSetting(v any) string {
	if l, ok := v.([]string); ok {
		return strings.Join(l, "、")
	}
	return fmt.Sprint(v)
}

// mentions is the field that lists the records that a text names.
func mentions(s *content.Schema) *content.Field {
	for _, f := range s.Fields {
		if f.Type == content.RefType && f.Many && len(f.To) > 1 && slices.Contains(f.To, "people") {
			return f
		}
	}
	return nil
}

// fieldValue makes of a text what a field is written as.
func fieldValue(f *content.Field, value string) any {
	if f.Many && f.Listed || f.Many && strings.ContainsAny(value, "；;") {
		var list []string
		for _, v := range strings.FieldsFunc(value, func(r rune) bool { return r == '；' || r == ';' }) {
			if v = strings.TrimSpace(v); v != "" {
				list = append(list, v)
			}
		}
		return list
	}
	switch f.Type {
	case content.DateType, content.Time, content.Integer, content.Bool:
		return content.Bare(value)
	}
	return value
}

func (r *reader) note(in *plan.Input, at int, format string, args ...any) {
	r.draft.Notes = append(r.draft.Notes, fmt.Sprintf("%s:%d:1: 警告: ", in.Name, max(at, 1))+fmt.Sprintf(format, args...))
}

// one adds what becomes of one file.
func (r *reader) one(i int, in *plan.Input) {
	row := plan.Row{Row: i + 1, File: in.Name, Place: in.Name}
	defer func() { r.draft.Rows = append(r.draft.Rows, row) }()
	digest := in.Digest
	if in.Bytes != nil {
		digest = plan.Digest(in.Bytes)
	}
	if first, ok := r.digests[digest]; ok {
		row.Action, row.Reason = plan.Unchanged, "和“"+first+"”是同一个文件，不再导入"
		return
	}
	r.digests[digest] = in.Name
	if r.opt.Done != nil && !r.opt.Again {
		if ids, n := r.opt.Done(digest); len(ids) > 0 {
			row.Action, row.ID = plan.Unchanged, ids[0]
			row.Reason = fmt.Sprintf("这个文件在方案 %d 里导入过（%s），不再导入；要再导入一次，加 --again", n, ids[0])
			return
		}
	}
	d, err := r.read(in)
	if err != nil {
		row.Action, row.Reason = plan.Refused, err.Error()
		return
	}
	if d.Record != nil {
		r.back(d, in, &row)
		return
	}
	p := manuscript.Propose(d, in.Name)
	r.enter(d, p, in, &row)
}

// read reads a file as the manuscript that it is, or gives an error that says what to do.
func (r *reader) read(in *plan.Input) (*docx.Document, error) {
	if r.opt.HTML {
		if len(in.Bytes) > manuscript.MaxHTML {
			return nil, fmt.Errorf("粘贴的内容超过 %d MB：请分几次粘贴", manuscript.MaxHTML>>20)
		}
		text := strings.ToValidUTF8(string(in.Bytes), "�")
		if strings.TrimSpace(text) == "" {
			return nil, errors.New("没有内容：请先复制文稿，再粘贴")
		}
		return manuscript.FromHTML(text)
	}
	if len(in.Bytes) > MaxFile {
		return nil, fmt.Errorf("文件超过 %d MB：请在 Word 里压缩图片（图片格式 → 压缩图片），另存一份再导入", MaxFile>>20)
	}
	return docx.Read(bytes.NewReader(in.Bytes), int64(len(in.Bytes)))
}

// usable drops the pictures that no page could show, and says so. It gives the bytes and endings of the others.
func (r *reader) usable(d *docx.Document, blocks []docx.Block, in *plan.Input) map[int]asset {
	found := map[int]asset{}
	bad := map[int]bool{}
	check := func(p *docx.Paragraph) {
		keep := p.Spans[:0:0]
		for _, s := range p.Spans {
			if s.Kind != docx.PictureOf {
				keep = append(keep, s)
				continue
			}
			if _, known := found[s.Index]; !known && !bad[s.Index] {
				a, err := load(d, s.Index)
				if err == nil && len(a.data) > r.room {
					err = fmt.Errorf("图片解开后比文稿大得多，这一张没有带过来：请在 Word 里重新插入")
				}
				if err != nil {
					bad[s.Index] = true
					r.note(in, p.At, "%v", err)
				} else {
					found[s.Index] = a
					r.room -= len(a.data)
				}
			}
			if !bad[s.Index] {
				keep = append(keep, s)
			}
		}
		p.Spans = keep
	}
	docx.Walk(blocks, check)
	for _, n := range d.Notes {
		docx.Walk(n.Blocks, check)
	}
	return found
}

type asset struct {
	data []byte
	ext  string
}

// load gives a picture in a format that browsers show.
func load(d *docx.Document, i int) (asset, error) {
	b, err := d.Picture(i)
	if err != nil {
		return asset{}, err
	}
	ext := d.Pictures[i].Ext
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	switch {
	case err != nil || c.Width <= 0 || c.Height <= 0:
		return asset{}, fmt.Errorf("有一张图片打不开，没有带过来：请在 Word 里重新插入")
	case int64(c.Width)*int64(c.Height) > 100_000_000:
		return asset{}, fmt.Errorf("有一张图片有 %d×%d 像素，太大了，没有带过来：请缩小到一亿像素以内", c.Width, c.Height)
	case ext != ".bmp" && ext != ".tif":
		return asset{b, ext}, nil
	case int64(c.Width)*int64(c.Height) > 25_000_000:
		return asset{}, fmt.Errorf("有一张 %s 图片太大，没有带过来：请另存为 JPG 或 PNG 再插入", strings.ToUpper(ext[1:]))
	}
	m, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return asset{}, fmt.Errorf("有一张图片打不开，没有带过来：请在 Word 里重新插入")
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		return asset{}, err
	}
	return asset{out.Bytes(), ".png"}, nil
}

// enter makes a new record of a manuscript.
func (r *reader) enter(d *docx.Document, p manuscript.Proposal, in *plan.Input, row *plan.Row) {
	pictures := r.usable(d, p.Body, in)
	title := strings.TrimSpace(norm.NFC.String(p.Title.Text))
	for _, e := range r.fixed {
		if s, ok := e.(content.SetField); ok && r.schema.Field(s.Path[0].(string)) == r.schema.Fields[0] {
			title, _ = s.Value.(string)
		}
	}
	day := p.Date.Text
	if day == "" {
		day = r.opt.Day
	}
	id := r.newID(title, day, in.Name)
	if id == "" {
		row.Action, row.Reason = plan.Refused, "没有标题，也取不出文件名：请在文稿开头写上标题，或用 --set 标题=…"
		return
	}
	base := r.schema.Folder() + "/" + id
	names := map[int]string{}
	name := func(i int) string {
		if names[i] == "" {
			names[i] = fmt.Sprintf("%s-%d%s", path.Base(base), len(names)+1, pictures[i].ext)
		}
		return names[i]
	}
	text := manuscript.Markdown(d, p.Body, name)
	file, changes, err := r.file(base+".md", title, p, text.Body, in)
	if err != nil {
		row.Action, row.Reason = plan.Refused, err.Error()
		return
	}
	r.taken[strings.ToLower(id)] = true
	row.Action, row.ID, row.Changes = plan.Create, r.schema.Key+"/"+id, changes
	r.draft.Files = append(r.draft.Files, plan.File{Path: base + ".md", After: file})
	for _, i := range text.Pictures {
		r.draft.Files = append(r.draft.Files, plan.File{Path: path.Dir(base) + "/" + names[i], After: pictures[i].data})
	}
	if r.opt.Keep && !r.opt.HTML {
		r.draft.Files = append(r.draft.Files, plan.File{Path: base + ".docx", After: in.Bytes})
	}
	r.said(d, text.Messages, p.Taken, in)
	row.Reason = r.summary(d, p, text)
	r.named(text.Body, in)
	r.checked(base+".md", file, in)
}

// newID names a record after its title, in the folder of its year where the others stand in such.
func (r *reader) newID(title, date, fileName string) string {
	slug := ""
	if r.opt.Slug != nil {
		slug = r.opt.Slug(title)
		if slug == "" {
			slug = r.opt.Slug(strings.TrimSuffix(path.Base(fileName), path.Ext(fileName)))
		}
	}
	if slug == "" {
		return ""
	}
	if r.years && len(date) >= 4 && year.MatchString(date[:4]+"/") {
		slug = date[:4] + "/" + slug
	}
	id := slug
	for n := 2; r.taken[strings.ToLower(id)] || r.there(id); n++ {
		id = fmt.Sprintf("%s-%d", slug, n)
	}
	return id
}

func (r *reader) there(id string) bool {
	for _, ext := range []string{".md", ".docx", "-1.png", "-1.jpg", "-1.gif", "-1.webp"} {
		if _, err := fs.Stat(r.source, r.schema.Folder()+"/"+id+ext); err == nil {
			return true
		}
	}
	return false
}

// file writes a record's file. The changes are its fields, with how each is known.
func (r *reader) file(name, title string, p manuscript.Proposal, body string, in *plan.Input) ([]byte, []plan.Change, error) {
	doc := content.ParseDocument(name, []byte("---\n---\n"), r.schema)
	var edits []content.Edit
	var changes []plan.Change
	put := func(f *content.Field, value any, shown, why string) {
		if f == nil || r.fixedOn[f] || shown == "" {
			return
		}
		edits = append(edits, content.SetField{Path: content.At(f.Key), Value: value})
		if why != "" {
			shown += "（建议：" + why + "）"
		}
		changes = append(changes, plan.Change{Field: f.Label, New: shown})
	}
	role, field := r.schema.Role, r.schema.Field
	put(r.schema.Fields[0], title, title, p.Title.Why)
	if f := role(content.LeadTitle); f != nil || p.Lead.Text == "" {
		put(f, p.Lead.Text, p.Lead.Text, p.Lead.Why)
	}
	put(role(content.Subtitle), p.Subtitle.Text, p.Subtitle.Text, p.Subtitle.Why)
	if f := r.schema.Date; f != nil {
		date, why := p.Date.Text, p.Date.Why
		if date == "" && r.opt.Day != "" && !r.fixedOn[f] {
			date, why = r.opt.Day, "文稿里没有日期，写的是导入的这一天"
			r.note(in, 1, "文稿和文件属性里都没有日期，暂写导入的这一天 %s：不对就加 --set %s=… 重做方案", date, f.Label)
		}
		if date == "" && f.Required && !r.fixedOn[f] {
			return nil, nil, fmt.Errorf("文稿和文件属性里都没有日期，而“%s”必填：请加 --set %s=2026-05-01 这样的选项", f.Label, f.Label)
		}
		put(f, content.Bare(date), date, why)
	}
	put(role(content.Publisher), p.Source.Text, p.Source.Text, p.Source.Why)
	if f := role(content.Author); f != nil && len(p.Authors) > 0 {
		var names []string
		for _, a := range p.Authors {
			names = append(names, a.Text)
		}
		if f.Many {
			put(f, names, strings.Join(names, "、"), p.Authors[0].Why)
		} else {
			put(f, strings.Join(names, "、"), strings.Join(names, "、"), p.Authors[0].Why)
		}
	}
	put(field("责任编辑"), p.Editor.Text, p.Editor.Text, p.Editor.Why)
	put(field("审核"), p.Reviewer.Text, p.Reviewer.Text, p.Reviewer.Why)
	put(role(content.Summary), p.Summary.Text, p.Summary.Text, p.Summary.Why)
	for _, e := range r.fixed {
		edits = append(edits, e)
		if s, ok := e.(content.SetField); ok {
			changes = append(changes, plan.Change{Field: r.schema.Field(s.Path.String()).Label, New: shownSetting(s.Value)})
		}
	}
	if r.opt.Keep && !r.opt.HTML {
		if f := attachments(r.schema); f != nil {
			base := path.Base(strings.TrimSuffix(name, ".md")) + ".docx"
			if f.Many {
				put(f, []string{base}, base, "")
			} else {
				put(f, base, base, "")
			}
		}
	}
	if r.opt.Draft {
		if f := role(content.DraftFlag); f != nil {
			put(f, true, "true", "")
		}
	}
	edits = append(edits, content.SetBody{Text: "\n" + body})
	if err := doc.Apply(edits...); err != nil {
		return nil, nil, fmt.Errorf("写不成记录：%w", err)
	}
	return doc.Bytes(), changes, nil
}

// attachments is the field for files beside a record.
func attachments(s *content.Schema) *content.Field {
	for _, f := range s.Fields {
		if f.Type == content.FileType {
			return f
		}
	}
	return nil
}

// said puts into the notes what the person has to know, in the order of the manuscript. Text that was left out stands there
// whole, so that nothing of a manuscript is only in the manuscript.
func (r *reader) said(d *docx.Document, messages, taken []manuscript.Message, in *plan.Input) {
	type said struct {
		at   int
		text string
	}
	var all []said
	for _, m := range messages {
		all = append(all, said{m.At, m.Text})
	}
	for _, m := range d.Remarks {
		all = append(all, said{m.At, m.Text})
	}
	for _, l := range d.Left {
		all = append(all, said{l.At, fmt.Sprintf("没有带过来（%s）：“%s”", l.Why, strings.ReplaceAll(strings.TrimSpace(l.Text), "\n", " ⏎ "))})
	}
	for _, m := range taken {
		all = append(all, said{m.At, fmt.Sprintf("这一行写进了字段，不在正文里：“%s”", m.Text)})
	}
	slices.SortStableFunc(all, func(a, b said) int { return a.at - b.at })
	for _, s := range all {
		r.note(in, s.at, "%s", s.text)
	}
}

// summary is one sentence about a manuscript.
func (r *reader) summary(d *docx.Document, p manuscript.Proposal, text manuscript.Text) string {
	var parts []string
	if n := len(text.Pictures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d 张图", n))
	}
	tables := 0
	for _, b := range p.Body {
		if _, ok := b.(*docx.Table); ok {
			tables++
		}
	}
	if tables > 0 {
		parts = append(parts, fmt.Sprintf("%d 个表", tables))
	}
	if n := len(d.Notes); n > 0 {
		parts = append(parts, fmt.Sprintf("%d 条注", n))
	}
	body, _ := markdown.Convert("", []byte(text.Body), 1)
	parts = append([]string{fmt.Sprintf("%d 字", body.Chars)}, parts...)
	return strings.Join(parts, "，")
}

// named lists the records that a text seems to name. Whether they are the same persons is for people to say.
func (r *reader) named(body string, in *plan.Input) {
	f := mentions(r.schema)
	if f == nil || r.fixedOn[f] {
		return
	}
	plain := strings.NewReplacer("　", "", "*", "", "\\", "").Replace(body)
	count := map[string]int{}
	for _, x := range r.set.Records {
		count[x.Title]++
	}
	// Titles by their first two characters: the text is passed once, however many records there are.
	wanted := map[string][]*content.Record{}
	for _, x := range r.set.Records {
		n := utf8.RuneCountInString(x.Title)
		if slices.Contains(f.To, x.Schema.Key) && !x.Row && (n >= 4 || n >= 2 && x.Schema.Title.Name) {
			wanted[pair(x.Title)] = append(wanted[pair(x.Title)], x)
		}
	}
	stands := map[*content.Record]bool{}
	for i := range plain {
		start := pair(plain[i:])
		still := wanted[start][:0]
		for _, x := range wanted[start] {
			if strings.HasPrefix(plain[i:], x.Title) {
				stands[x] = true
			} else {
				still = append(still, x)
			}
		}
		if len(still) < len(wanted[start]) {
			wanted[start] = still
		}
	}
	var found []string
	for _, x := range r.set.Records {
		if !stands[x] {
			continue
		}
		s := x.Title + "（" + x.Key()
		if count[x.Title] > 1 {
			s += "，有同名的"
		}
		if found = append(found, s+"）"); len(found) == 40 {
			break
		}
	}
	if len(found) > 0 {
		r.note(in, 1, "文中提到的名称和这些记录相同，没有自动相连：%s。确认是同一个，执行前重做方案并加 --mention 编号（可写几次），或以后写进“%s”", strings.Join(found, "、"), f.Label)
	}
}

// pair is the first two characters of a text.
func pair(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	_, m := utf8.DecodeRuneInString(s[n:])
	return s[:n+m]
}

// checked says what the program would say of the new file.
func (r *reader) checked(name string, file []byte, in *plan.Input) {
	doc := content.ParseDocument(name, file, r.schema)
	_, messages := markdown.Convert(name, []byte(doc.Body()), 1)
	for _, m := range messages {
		if m.Severity == diag.Error {
			r.note(in, 1, "写成的记录会报错：%s（%s）", m.Text, m.Source)
		}
	}
}
