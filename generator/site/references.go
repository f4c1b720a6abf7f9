package site

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
)

// resolve finds the records that reference fields lead to.
func (j *joiner) resolve() {
	for _, rec := range j.all {
		if !rec.Has(content.HasRefs) {
			continue
		}
		rec.each(func(v *content.Value) {
			if v.Field.Type == content.RefType {
				j.reference(rec, v)
			}
		})
	}
}

// index makes finding targets fast in records that have many.
func (j *joiner) index() {
	for _, rec := range j.all {
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
	if IsFile(v) {
		return
	}
	if text, marked := content.JustText(v.Text); marked && f.Open {
		if j.personal(f) {
			j.mention(rec, v, text, true)
		}
		return
	}
	pos := rec.At(v)
	name := v.Text
	low := strings.ToLower(name)
	if strings.Contains(name, "/") {
		low = strings.ToLower(j.Set.Canonical(name))
	}
	found := j.withPath(f, low)
	if found == nil {
		all := j.withIDIn(f, low)
		if len(all) > 1 {
			j.errorf(pos, "ref/ambiguous", "字段%s：有 %d 条记录的编号都是“%s”，分不清是哪一条。请连类目一起写：%s。", f, len(all), name, ids(all))
			return
		}
		if len(all) == 1 {
			found = all[0]
		}
	}
	switch {
	case found == nil:
	case j.hidden[found.Key()] == found:
		j.warnf(pos, "ref/hidden", "字段%s指向的“%s”现在不发布（%s），页面上只显示名称。", f, name, found.Status)
		rec.refs = append(rec.refs, ref{value: v, hidden: found})
		return
	default:
		rec.refs = append(rec.refs, ref{value: v, to: found})
		return
	}
	if j.personal(f) && !idLike.MatchString(name) {
		j.mention(rec, v, name, false)
		return
	}
	var titled []*Record
	for _, t := range j.titled(name) {
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
		if _, units := j.named(han.ReadName(name).Key, f.To); len(units) > 0 {
			rec.refs = append(rec.refs, ref{value: v})
			j.chooseUnit(rec, v, len(rec.refs)-1, units)
		}
	case f.Open:
		j.Diags = append(j.Diags, diag.Errorf(pos, "ref/unknown", "字段%s：“%s”像是编号，可是没有这条记录。%s如果它就是文字，请在前面加感叹号，写作 \"!%s\"。", f, name, j.suggest(name, f.To), name).Because(name))
	default:
		if h := j.hiddenTitle(name, f.To); h != nil {
			j.warnf(pos, "ref/hidden", "字段%s指向的“%s”现在不发布（%s），页面上只显示名称。", f, name, h.Status)
			return
		}
		j.Diags = append(j.Diags, diag.Errorf(pos, "ref/unknown", "字段%s：找不到“%s”这条记录。%s", f, name, j.suggest(name, f.To)).Because(name))
	}
}

// withPath finds the record of a collection/id, published or not, that a field may refer to.
func (j *joiner) withPath(f *content.Field, key string) *Record {
	r := j.keyed(key)
	if r == nil {
		r = j.hidden[key]
	}
	if r == nil || !slices.Contains(f.To, r.Schema.Key) {
		return nil
	}
	return r
}

// withIDIn finds the records of an id in the collections that a field may refer to.
func (j *joiner) withIDIn(f *content.Field, id string) []*Record {
	var all []*Record
	for _, to := range f.To {
		if r := j.withPath(f, to+"/"+id); r != nil && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
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
		if rest = after; j.keyed(strings.ToLower(rest)) != nil {
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

// maxEffort bounds the names compared in one join: when a record that thousands refer to is gone, or thousands of
// different ones, the first of them get a suggestion and the last must not take minutes.
const maxEffort = 3_000_000

// near names the candidate that a word was most likely meant to be, or gives "": also once maxEffort names have been
// compared.
func (j *joiner) near(word string, candidates []string) string {
	if j.effort > maxEffort {
		return ""
	}
	j.effort += len(candidates)
	return diag.NearestOf(word, candidates, func(c string) bool { return han.SameKind(word, c) })
}

// named are the names of the records in some collections.
type named struct{ titles, folded, keys, ids, spelt []string }

// namesIn gives what the records of collections are called, those of all for nil: the first twenty thousand. What rows are
// called is made of other names, and nobody means it.
func (j *joiner) namesIn(to []string) *named {
	key := strings.Join(to, " ")
	if n := j.namesOf[key]; n != nil {
		return n
	}
	n := &named{}
	for _, r := range j.all {
		if to != nil && !slices.Contains(to, r.Schema.Key) {
			continue
		}
		if r.Title != "" && !r.Schema.Rows {
			n.titles = append(n.titles, r.Title)
			n.folded = append(n.folded, han.FoldString(r.Title))
		}
		n.keys = append(n.keys, r.Schema.Key+"/"+r.ID)
		n.ids = append(n.ids, r.ID)
		spelt := ""
		if !r.Schema.Rows && len(r.Title) <= 60 {
			spelt = strings.Join(han.Syllables(r.Title), "")
		}
		n.spelt = append(n.spelt, spelt)
		if len(n.titles) > 20000 || len(n.keys) > 40000 {
			break
		}
	}
	if j.namesOf == nil {
		j.namesOf = map[string]*named{}
	}
	j.namesOf[key] = n
	return n
}

// nearID names the record that an id was most likely meant to be: one that is written nearly so, or whose title is spelt so.
func (j *joiner) nearID(name string, n *named) string {
	list := n.ids
	if strings.Contains(name, "/") {
		list = n.keys
	}
	if near := j.near(name, list); near != "" {
		return near
	}
	_, id, _ := strings.Cut("/"+name, "/")
	id = id[strings.LastIndexByte(id, '/')+1:]
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(id))
	if len(letters) < 6 || j.effort > maxEffort {
		return ""
	}
	j.effort += len(n.spelt)
	found := ""
	for i, s := range n.spelt {
		if s == letters {
			if found != "" {
				return ""
			}
			found = n.keys[i]
		}
	}
	return found
}

func (j *joiner) compareNames(name string, to []string) string {
	n := j.namesIn(to)
	near := ""
	if ext := path.Ext(name); len(ext) > 1 && len(ext) < 7 && idLike.MatchString(strings.TrimSuffix(name, ext)) {
		name = strings.TrimSuffix(name, ext)
	}
	if idLike.MatchString(name) {
		near = j.nearID(name, n)
	} else {
		near = j.near(name, n.titles)
	}
	if near == "" {
		folded := han.FoldString(name)
		for i, t := range n.folded {
			if j.effort > maxEffort {
				break
			}
			if short, long := min(len(t), len(folded)), max(len(t), len(folded)); short < 6 || short*2 < long {
				continue
			}
			if (strings.Contains(t, folded) || strings.Contains(folded, t)) && han.SameKind(t, folded) {
				near = n.titles[i]
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
		folder := "content/" + t
		if i := slices.IndexFunc(j.Set.Schemas, func(s *content.Schema) bool { return s.Key == t }); i >= 0 {
			folder = j.Set.Schemas[i].Folder()
		}
		labels = append(labels, folder)
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
	if v.Field.Names {
		return han.ReadName(t).String()
	}
	return t
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

// succeed shows on the page of a unit also those whom its predecessors can call theirs, under their names.
func (j *joiner) succeed() {
	type shown struct {
		to  *Record
		rel Relation
	}
	var all []shown
	for _, c := range j.Collections {
		f := c.Role(content.Predecessors)
		if f == nil {
			continue
		}
		for _, r := range c.Records {
			before := []*Record{r}
			for i := 0; i < len(before) && len(before) <= mostFamily; i++ {
				v := before[i].Role(content.Predecessors)
				if v == nil {
					continue
				}
				v.Each(func(v *content.Value) {
					if p := before[i].Target(v); p != nil && !slices.Contains(before, p) {
						before = append(before, p)
					}
				})
			}
			for _, p := range before[1:] {
				for _, rel := range p.Inverse {
					if rel.Schema.Roll != nil && rel.Schema.Roll.Unit == rel.Field {
						rel.Label += "（前身" + p.Title + "）"
						all = append(all, shown{r, rel})
					}
				}
			}
		}
	}
	for _, x := range all {
		x.to.Inverse = append(x.to.Inverse, x.rel)
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
