// Package site joins records into a site: it gives each a URL, resolves its references and shows them
// both ways, sorts the lists and finds the terms, years and names to browse by.
//
// Join is pure and always made anew: nothing in a Site outlives it, so nothing can be stale. What needs
// only one record belongs to package content; what needs two belongs here. The views that only some
// pages need (terms, chronicle, rolls, names, series, days) are computed when first asked for.
package site

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
)

// Record is a record in its place on the site. It is immutable once joined.
type Record struct {
	*content.Record
	Collection *Collection
	Title      string // as given, or composed by its schema
	URL        string // path on the site, unescaped: /people/meng-tai/, or /statistics/#s012 for a row
	Day        dates.Date
	Status     Status
	Prev, Next *Record    // in the collection's order
	Inverse    []Relation // who refers to it, by field

	refs    []ref
	targets map[*content.Value]*Record // refs again, of a record that has many
	links   []links
	ordered bool // it has its place from the order before
}

// Status tells why a record is not published; only a preview shows such records.
type Status uint8

// What a record's status can be.
const (
	Published Status = iota
	Draft            // draft: true
	Waiting          // its publishDate is not yet reached
	Expired          // its expiryDate has passed
)

// String is the status in Chinese.
func (s Status) String() string { return [...]string{"", "草稿", "待发布", "已过期"}[s] }

// ref is a value of a reference field and the record it leads to; nil when it stays text.
type ref struct {
	value  *content.Value
	to     *Record
	hidden *Record // what it would lead to if that were published
}

// links is what the links of a text lead to, in the order of its Refs.
type links struct {
	body *markdown.Body
	to   []markdown.Resolved
}

// Relation is the records that refer to one record through one field.
type Relation struct {
	Label   string
	Field   *content.Field // the reference field, or the part of an object that is one
	Outer   *content.Field // the object's field, or nil
	Schema  *content.Schema
	Records []*Record
}

// Collection is the records of one folder, in the order that its schema asks for.
type Collection struct {
	*content.Schema
	Records []*Record
}

// Site is a joined archive.
type Site struct {
	Settings    *Settings
	Collections []*Collection // those that are not empty, in the order of the navigation
	Set         *content.Set
	Hidden      []*Record // not published at this moment, with their status
	Aliases     []Alias
	Diags       diag.List // what joining found; that of reading is in Set.Diags

	byPath  map[string]*Record          // collection/id, lower case
	byTitle func() map[string][]*Record // of records with a title of their own

	terms     func() []*Browse
	chronicle func() []Entry
	rolls     func() []*RollOf
	names     func() []Name
	series    func() []*Topic
	views     func() map[string]bool // paths of their pages, without slashes at the ends
}

// Alias is an old URL that leads to a record.
type Alias struct {
	From string // path without the slash at the ends
	To   *Record
	Pos  diag.Pos
}

// Options steer Join.
type Options struct {
	Now    time.Time // for publishDate and expiryDate
	Hidden bool      // keep drafts, waiting and expired records, as a preview does
	// Previous is a site of much the same records. It makes sorting faster, and nothing else depends on it.
	Previous *Site
}

// Join makes a site of all records.
func Join(set *content.Set, settings *Settings, opt Options) *Site {
	s := &Site{Settings: settings, Set: set}
	s.terms = sync.OnceValue(s.makeTerms)
	s.chronicle = sync.OnceValue(s.makeChronicle)
	s.rolls = sync.OnceValue(s.makeRolls)
	s.names = sync.OnceValue(s.makeNames)
	s.series = sync.OnceValue(s.makeSeries)
	s.views = sync.OnceValue(s.makeViews)
	j := &joiner{Site: s, hidden: map[string]*Record{}, hiddenTitles: map[string][]*Record{}, suggested: map[string]string{}}
	j.place(opt)
	s.byTitle = sync.OnceValue(func() map[string][]*Record { return titled(j.all) })
	j.resolve()
	j.compose()
	j.order(opt.Previous)
	j.relate()
	j.link() // may ask for the views
	j.pictures()
	j.aliases()
	return s
}

// titled finds records by their own titles.
func titled(all []*Record) map[string][]*Record {
	m := make(map[string][]*Record, len(all))
	for _, r := range all {
		if t := r.Record.Title; t != "" && !r.Schema.Rows {
			m[t] = append(m[t], r)
		}
	}
	return m
}

// At gives the record whose page is at a path of the site, or nil.
func (s *Site) At(url string) *Record {
	if r := s.byPath[strings.ToLower(strings.Trim(url, "/"))]; r != nil && r.URL == url {
		return r
	}
	return nil
}

// Of gives the place of a record on the site, or nil if it is not shown.
func (s *Site) Of(r *content.Record) *Record {
	if at := s.byPath[r.Key()]; at != nil && at.Record == r {
		return at
	}
	return nil
}

func (s *Site) collection(schema *content.Schema) *Collection {
	for _, c := range s.Collections {
		if c.Schema == schema {
			return c
		}
	}
	return nil
}

// joiner is a Site while it is being made.
type joiner struct {
	*Site
	all    []*Record
	hidden map[string]*Record // collection/id of records that are not published

	hiddenTitles map[string][]*Record
	suggested    map[string]string // what suggest said
	effort       int               // names it compared
	images       map[string]string // path of an image by its name; made when one is missing
	imageNames   []string
}

func (j *joiner) errorf(pos diag.Pos, id, format string, args ...any) {
	j.Diags = append(j.Diags, diag.Errorf(pos, id, format, args...))
}

func (j *joiner) warnf(pos diag.Pos, id, format string, args ...any) {
	j.Diags = append(j.Diags, diag.Warningf(pos, id, format, args...))
}

// place makes the records of the site, finds collisions and leaves out what is not to be published.
func (j *joiner) place(opt Options) {
	n := len(j.Set.Records)
	j.byPath = make(map[string]*Record, n)
	records := make([]Record, n)
	j.all = make([]*Record, 0, n)
	var c *Collection
	for i, r := range j.Set.Records {
		rec := &records[i]
		rec.Record, rec.Title, rec.Day, rec.Status = r, r.Title, r.Date(), status(r, opt.Now)
		key := r.Key()
		first := j.byPath[key]
		if first == nil {
			first = j.hidden[key]
		}
		if first != nil {
			j.errorf(r.Pos(), "record/duplicate", "编号“%s”和 %s:%d 的记录重复（不分大小写），会占用同一个网址。请改一个。", r.ID, first.Path, first.Line)
			continue
		}
		if seg, _, _ := strings.Cut(r.ID, "/"); strings.EqualFold(seg, "page") {
			j.errorf(r.Pos(), "record/reserved", "编号不能是“page”，也不能以“page/”开头：这个网址用于列表的分页。请改名。")
			continue
		}
		if rec.Status != Published {
			j.Hidden = append(j.Hidden, rec)
			if !opt.Hidden {
				j.hidden[key] = rec
				if r.Title != "" {
					j.hiddenTitles[r.Title] = append(j.hiddenTitles[r.Title], rec)
				}
				continue
			}
		}
		if c == nil || c.Schema != r.Schema {
			c = nil
			for _, d := range j.Collections {
				if d.Schema == r.Schema {
					c = d
				}
			}
			if c == nil {
				c = &Collection{Schema: r.Schema}
				j.Collections = append(j.Collections, c)
			}
		}
		rec.Collection = c
		rec.URL = r.Place()
		c.Records = append(c.Records, rec)
		j.byPath[key] = rec
		j.all = append(j.all, rec)
	}
}

func status(r *content.Record, now time.Time) Status {
	switch {
	case r.Draft:
		return Draft
	case r.Publish != nil && now.Before(*r.Publish):
		return Waiting
	case r.Expiry != nil && !now.Before(*r.Expiry):
		return Expired
	}
	return Published
}

// resolve finds the records that reference fields lead to.
func (j *joiner) resolve() {
	for _, rec := range j.all {
		if !rec.Has(content.HasRefs) {
			continue
		}
		for i := range rec.Values {
			v := &rec.Values[i]
			if t := v.Field.Type; t != content.RefType && t != content.Object {
				continue
			}
			v.Each(func(v *content.Value) {
				if v.Field.Type == content.RefType {
					j.reference(rec, v)
				}
				for k := range v.Parts {
					if v.Parts[k].Field.Type == content.RefType {
						v.Parts[k].Each(func(p *content.Value) { j.reference(rec, p) })
					}
				}
			})
		}
		if len(rec.refs) > 20 {
			rec.targets = make(map[*content.Value]*Record, len(rec.refs))
			for _, x := range rec.refs {
				rec.targets[x.value] = x.to
			}
		}
	}
}

// idLike is what no name looks like: small letters and digits with a hyphen or a slash. In a field that may
// hold plain text such a value is a mistyped id, not a name.
var idLike = regexp.MustCompile(`^[a-z0-9_]+([-/][a-z0-9_]+)+$`)

// reference resolves one value: a collection/id, an id in one of the field's collections, or the title of
// exactly one record there.
func (j *joiner) reference(rec *Record, v *content.Value) {
	f := v.Field
	if _, text := content.JustText(v.Text); text && f.Open {
		return
	}
	pos := rec.At(v)
	name := v.Text
	low := strings.ToLower(name)
	found := func(key string) bool {
		if to := j.byPath[key]; to != nil && slices.Contains(f.To, to.Schema.Key) {
			rec.refs = append(rec.refs, ref{value: v, to: to})
			return true
		}
		if h := j.hidden[key]; h != nil && slices.Contains(f.To, h.Schema.Key) {
			j.warnf(pos, "ref/hidden", "字段%s指向的“%s”现在不发布（%s），页面上只显示名称。", f, name, h.Status)
			rec.refs = append(rec.refs, ref{value: v, hidden: h})
			return true
		}
		return false
	}
	if found(low) {
		return
	}
	for _, to := range f.To {
		if found(to + "/" + low) {
			return
		}
	}
	var titled []*Record
	for _, t := range j.byTitle()[name] {
		if slices.Contains(f.To, t.Schema.Key) {
			titled = append(titled, t)
		}
	}
	switch {
	case len(titled) == 1:
		rec.refs = append(rec.refs, ref{value: v, to: titled[0]})
	case len(titled) > 1:
		j.errorf(pos, "ref/ambiguous", "字段%s：有 %d 条记录都叫“%s”，分不清是哪一条。请写编号：%s。", f, len(titled), name, ids(titled))
	case f.Open && !idLike.MatchString(name):
	case f.Open:
		j.errorf(pos, "ref/unknown", "字段%s：“%s”像是编号，可是没有这条记录。%s如果它就是文字，请在前面加感叹号，写作 \"!%s\"。", f, name, j.suggest(name, f.To), name)
	default:
		if h := j.hiddenTitle(name, f.To); h != nil {
			j.warnf(pos, "ref/hidden", "字段%s指向的“%s”现在不发布（%s），页面上只显示名称。", f, name, h.Status)
			return
		}
		j.errorf(pos, "ref/unknown", "字段%s：找不到“%s”这条记录。%s", f, name, j.suggest(name, f.To))
	}
}

func (j *joiner) hiddenTitle(title string, to []string) *Record {
	for _, h := range j.hiddenTitles[title] {
		if to == nil || slices.Contains(to, h.Schema.Key) {
			return h
		}
	}
	return nil
}

func ids(records []*Record) string {
	var l []string
	for _, r := range records {
		l = append(l, r.Schema.Key+"/"+r.ID)
		if len(l) == 5 && len(records) > 5 {
			l = append(l, "……")
			break
		}
	}
	return strings.Join(l, "、")
}

// suggest names the record that an unknown name was most likely meant to be. To nil is any collection.
func (j *joiner) suggest(name string, to []string) string {
	// A path that is wrong at its beginning alone.
	for rest := name; ; {
		_, after, ok := strings.Cut(rest, "/")
		if !ok {
			break
		}
		if rest = after; j.byPath[strings.ToLower(rest)] != nil {
			return "是不是“" + rest + "”？从别的文件夹里指过去，用 ../ 一层层回到 content，或直接写 [[" + rest + "]]。"
		}
	}
	ask := name + "\x00" + strings.Join(to, " ")
	says, ok := j.suggested[ask]
	if !ok {
		says = j.compareNames(name, to)
		j.suggested[ask] = says
	}
	return says
}

// maxEffort bounds the names compared in one join: when a record that thousands refer to is gone, the first
// of them get a suggestion and the last must not take minutes.
const maxEffort = 3_000_000

func (j *joiner) compareNames(name string, to []string) string {
	var titles, keys []string
	for _, r := range j.all {
		if j.effort > maxEffort {
			break
		}
		if to == nil || slices.Contains(to, r.Schema.Key) {
			if r.Title != "" {
				titles = append(titles, r.Title)
			}
			keys = append(keys, r.Schema.Key+"/"+r.ID, r.ID)
		}
		if len(titles) > 20000 {
			break
		}
	}
	j.effort += len(titles) + len(keys)
	near := diag.Nearest(name, titles)
	if near == "" {
		near = diag.Nearest(name, keys)
	}
	if near == "" {
		folded := han.FoldString(name)
		for _, t := range titles {
			if len(folded) >= 6 && (strings.Contains(han.FoldString(t), folded) || strings.Contains(folded, han.FoldString(t))) {
				near = t
				break
			}
		}
	}
	if near != "" {
		return "是不是“" + near + "”？"
	}
	if to == nil {
		return "请检查名称或路径，或先建这条记录。"
	}
	var labels []string
	for _, t := range to {
		labels = append(labels, "content/"+t)
	}
	return "请先在 " + strings.Join(labels, " 或 ") + " 里建这条记录，或改正名称。"
}

// Target gives the record that a value of a reference field leads to, or nil if it stays text.
func (r *Record) Target(v *content.Value) *Record {
	if r.targets != nil {
		return r.targets[v]
	}
	for i := range r.refs {
		if r.refs[i].value == v {
			return r.refs[i].to
		}
	}
	return nil
}

// Name is what stands for a value of a reference field: the title of the record, even of one that is not
// published at this moment, or the text.
func (r *Record) Name(v *content.Value) string {
	if to := r.Target(v); to != nil {
		return to.Title
	}
	for i := range r.refs {
		if x := &r.refs[i]; x.value == v && x.hidden != nil && x.hidden.Title != "" {
			return x.hidden.Title
		}
	}
	t, _ := content.JustText(v.Text)
	return t
}

// Display is a value as text for people: titles of records, dates in Chinese, lists joined by 、.
func (r *Record) Display(v *content.Value) string {
	if v == nil {
		return ""
	}
	if v.Items != nil {
		var l []string
		for i := range v.Items {
			l = append(l, r.Display(&v.Items[i]))
		}
		return strings.Join(l, "、")
	}
	switch v.Field.Type {
	case content.RefType:
		return r.Name(v)
	case content.DateType:
		return v.Date.Display()
	case content.Object:
		var l []string
		for i := range v.Parts {
			l = append(l, r.Display(&v.Parts[i]))
		}
		return strings.Join(l, "，")
	case content.Bool:
		if v.Bool() {
			return "是"
		}
		return "否"
	}
	return v.Text
}

var unbracket = strings.NewReplacer("（）", "", "（，）", "", "（，", "（", "，）", "）")

// Expand fills a schema's pattern, {recipient}获{honor}, with the record's values.
func (r *Record) Expand(pattern string) string { return r.expand(pattern, nil) }

// expand is Expand with words of its own for some names.
func (r *Record) expand(pattern string, words map[string]string) string {
	if !strings.Contains(pattern, "{") {
		return pattern
	}
	var b strings.Builder
	for {
		text, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(text)
		if !ok {
			return unbracket.Replace(b.String()) // what stood in the brackets is not known
		}
		key, after, _ := strings.Cut(rest, "}")
		if word, ok := words[key]; ok {
			b.WriteString(word)
		} else if key == "title" {
			b.WriteString(r.Title)
		} else {
			b.WriteString(r.Display(r.Value(key)))
		}
		pattern = after
	}
}

// compose gives a title to records that have none of their own.
func (j *joiner) compose() {
	begun := map[*Record]bool{}
	var one func(r *Record)
	one = func(r *Record) {
		if r.Title != "" || begun[r] {
			return
		}
		begun[r] = true
		if p := r.Schema.Title.Compose; p != "" {
			for _, x := range r.refs {
				if x.to != nil {
					one(x.to) // its title may be part of this one
				}
			}
			r.Title = r.Expand(p)
		}
		if r.Title == "" {
			r.Title = r.ID
		}
	}
	for _, r := range j.all {
		one(r)
	}
}

// relate turns references round: each record learns who refers to it.
func (j *joiner) relate() {
	for _, c := range j.Collections {
		for _, rec := range c.Records {
			for _, x := range rec.refs {
				if x.to == nil {
					continue
				}
				f, outer := x.value.Field, (*content.Field)(nil)
				if c.Field(f.Key) != f {
					outer = outerField(c.Schema, f)
				}
				if f.Inverse == "" {
					continue
				}
				rel := (*Relation)(nil)
				for i := range x.to.Inverse {
					if y := &x.to.Inverse[i]; y.Label == f.Inverse && y.Schema == c.Schema {
						rel = y
					}
				}
				if rel == nil {
					x.to.Inverse = append(x.to.Inverse, Relation{Label: f.Inverse, Field: f, Outer: outer, Schema: c.Schema})
					rel = &x.to.Inverse[len(x.to.Inverse)-1]
				}
				if n := len(rel.Records); n == 0 || rel.Records[n-1] != rec {
					rel.Records = append(rel.Records, rec)
				}
			}
		}
	}
}

func outerField(s *content.Schema, part *content.Field) *content.Field {
	for _, f := range s.Fields {
		if slices.Contains(f.Fields, part) {
			return f
		}
	}
	return nil
}

// aliases collects old URLs and refuses those that something else has.
func (j *joiner) aliases() {
	taken := map[string]diag.Pos{}
	for _, r := range j.all {
		if !r.Has(content.HasAliases) {
			continue
		}
		v := r.Value("aliases")
		v.Each(func(a *content.Value) {
			from := strings.ToLower(strings.Trim(path.Clean(a.Text), "/"))
			key := strings.TrimSuffix(from, "/index.html")
			pos := r.At(a)
			if other := j.byPath[key]; other != nil && other != r {
				j.errorf(pos, "alias/taken", "旧网址“%s”现在是 %s 的网址。请删去这个旧网址，或给那条记录改名。", a.Text, other.Path)
				return
			} else if other == r {
				return // its own URL: nothing to redirect
			}
			if first, ok := taken[key]; ok {
				j.errorf(pos, "alias/duplicate", "旧网址“%s”在 %s:%d 已经用过。", a.Text, first.Path, first.Line)
				return
			}
			seg, _, nested := strings.Cut(key, "/")
			if slices.ContainsFunc(j.Collections, func(c *Collection) bool { return c.Key == key }) || !nested && slices.Contains([]string{"search", "chronicle", "rolls", "names", "browse", "series", "days", "feed.xml", "sitemap.xml", "robots.txt", "404.html", "index.html"}, key) || seg == "assets" || seg == "search" {
				j.errorf(pos, "alias/taken", "旧网址“%s”是网站自己的页面，不能用。", a.Text)
				return
			}
			taken[key] = pos
			j.Aliases = append(j.Aliases, Alias{From: strings.Trim(path.Clean(a.Text), "/"), To: r, Pos: pos})
		})
	}
}
