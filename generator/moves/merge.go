package moves

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
	"gongzhi/generator/plan"
	"gongzhi/generator/site"
)

// MergeCommand is the word by which plans of Merge are known.
const MergeCommand = "merge"

// MergeArgs are what Merge needs to be done again.
type MergeArgs struct {
	Keep string   `json:"keep"` // collection/id of the record that stays
	Gone string   `json:"gone"` // of the one that goes into it
	Take []string `json:"take"` // for fields in which they differ: 字段=保留 or 字段=并入
}

// merging is the work of one Merge.
type merging struct {
	*change
	keep, gone *site.Record
	doc        *content.Document // of keep
	own        plan.Row          // what becomes of keep
	asks       []plan.Row        // what has to be answered first
	taken      map[*content.Field]string
	lost       []string // values that are not chosen, for the remark
}

// The answers of MergeArgs.Take.
const (
	takeKept = "保留"
	takeGone = "并入"
)

// Merge makes the draft of making one record of two that are one person: what refers to the second one refers to the first then, its
// address leads there, and its fields go there. Lists are joined. A field in which the two differ is a row to be decided, until
// Take says which of the values stands; the other one goes into the remark. As long as one is open the draft changes no file.
func Merge(source fs.FS, args MergeArgs, read func(fs.FS) (Archive, error)) (plan.Draft, error) {
	var none plan.Draft
	before, err := read(source)
	if err != nil {
		return none, err
	}
	d, kept, err := merged(source, before, args, read, false)
	if err == nil && !kept {
		// Where a name alone stands, it no longer says who is meant: the id does.
		d, kept, err = merged(source, before, args, read, true)
	}
	if err == nil && !kept {
		err = fmt.Errorf("合并以后，指到这两条记录的有几处不再指得到，所以没有做方案。请先把只写姓名的地方改成编号")
	}
	if err != nil {
		return none, err
	}
	return d, nil
}

// merged is Merge; ids is whether names that stand in fields are written as ids. kept is whether all that led to either leads to
// the one then.
func merged(source fs.FS, before Archive, args MergeArgs, read func(fs.FS) (Archive, error), ids bool) (d plan.Draft, kept bool, err error) {
	m, err := newMerging(source, before, args)
	if err != nil {
		return d, false, err
	}
	apart := func(p site.Pointer) bool { return p.From != m.keep.Own() && p.From != m.gone.Own() }
	leading := before.Site.Pointing(m.keep)
	var others, twice []site.Pointer // what leads to the second one, but what the two say of each other; lists that have both
	for _, p := range before.Site.Pointing(m.gone) {
		if p.Ref == nil && p.Value.Field.Many && apart(p) && slices.ContainsFunc(leading, func(k site.Pointer) bool {
			return k.Ref == nil && k.From == p.From && k.Value.Field == p.Value.Field
		}) {
			twice = append(twice, p)
		} else if apart(p) || p.Ref != nil && p.From == m.keep.Own() {
			others = append(others, p)
		}
	}
	want := len(others)
	for _, p := range leading {
		if apart(p) {
			want++
		}
	}
	differ := m.gone.Record.Title != m.keep.Record.Title
	m.always, m.label, m.ids = differ, differ, ids
	drop, err := m.once(twice)
	if err != nil {
		return d, false, err
	}
	if err := m.references(others); err != nil {
		return d, false, err
	}
	if err := drop(); err != nil {
		return d, false, err
	}
	if err := m.partings(); err != nil {
		return d, false, err
	}
	if err := m.fields(); err != nil {
		return d, false, err
	}
	if len(m.asks) > 0 {
		return m.draft(args, nil), true, nil
	}
	files, err := m.ends()
	if err != nil {
		return d, false, err
	}
	after, err := read(overlay(source, files))
	if err != nil {
		return d, false, err
	}
	if bad, ok := newError(before, after, strings.NewReplacer(m.key+"/"+m.oldID, m.key+"/"+m.newID)); ok {
		if !ids {
			return d, false, nil // a name that nobody is found by any longer
		}
		return d, false, fmt.Errorf("合并以后会有新的错误，所以没有做方案。请先改好这里：%s", bad)
	}
	to, err := find(after.Site, m.key+"/"+m.newID)
	if err != nil {
		return d, false, fmt.Errorf("合并以后读不到这条记录：%w", err)
	}
	return m.draft(args, files), len(after.Site.Pointing(to)) >= want, nil
}

// once makes lists that name both records name the first alone. The places are found before anything is edited; what it gives
// does it.
func (m *merging) once(twice []site.Pointer) (func() error, error) {
	var all []func() error
	for _, p := range twice {
		d, err := m.change.doc(p.From)
		if err != nil {
			return nil, err
		}
		line, col := int(p.Value.Line), int(p.Value.Col)
		if !d.IsTable() {
			at, text, ok := d.PathAt(line, col)
			if !ok {
				return nil, fmt.Errorf("%s:%d:%d: 这里两条都写了，可是程序改不了这种写法。请先删去并入的一条", p.From.Path, line, col)
			}
			all = append(all, func() error {
				m.row(p.From, at.String(), text, "")
				return d.Apply(content.RemoveField{Path: at})
			})
			continue
		}
		row, column, _, ok := d.CellAt(line, col)
		if !ok {
			return nil, fmt.Errorf("%s:%d:%d: 这里两条都写了，可是程序找不到这一格。请先删去并入的一条", p.From.Path, line, col)
		}
		all = append(all, func() error {
			old := d.Row(row)[slices.Index(d.Columns(), column)]
			var rest []string
			for _, item := range strings.FieldsFunc(old, func(r rune) bool { return strings.ContainsRune("；;\n", r) }) {
				if strings.TrimSpace(item) != p.Value.Text {
					rest = append(rest, strings.TrimSpace(item))
				}
			}
			after := strings.Join(rest, "；")
			m.row(p.From, column, old, after)
			return d.Apply(content.SetCell{Row: row, Column: column, Text: after})
		})
	}
	slices.Reverse(all) // the last first, so that the numbers of the others stay
	return func() error {
		for _, f := range all {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// newMerging finds the two records and refuses what can't be one.
func newMerging(source fs.FS, before Archive, args MergeArgs) (*merging, error) {
	keep, err := find(before.Site, args.Keep)
	if err != nil {
		return nil, err
	}
	gone, err := find(before.Site, args.Gone)
	if err != nil {
		return nil, err
	}
	switch {
	case keep == gone:
		return nil, fmt.Errorf("两个都是 %s/%s，没有可合并的", keep.Schema.Key, keep.ID)
	case keep.Schema != gone.Schema:
		return nil, fmt.Errorf("%s是%s，%s是%s，不同类目的记录不能合并", keep.Title, keep.Schema.Label, gone.Title, gone.Schema.Label)
	case keep.Schema.Rows:
		return nil, fmt.Errorf("%s没有自己的网页，不用合并：请在表格里删去一行", keep.Schema.Label)
	case keep.Row:
		return nil, fmt.Errorf("%s:%d: 留下的一条要是文件，这一条是表格里的一行。请把两条换个次序，或先用 gongzhi new 把它建成文件", keep.Path, keep.Line)
	}
	for _, pair := range [][2]*site.Record{{keep, gone}, {gone, keep}} {
		if v := pair[0].Role(content.NotSameAs); v != nil {
			var bad error
			v.Each(func(v *content.Value) {
				if pair[0].Target(v) == pair[1] {
					pos := pair[0].At(v)
					bad = fmt.Errorf("%s:%d:%d: 这里写明两条不是同一人。确是同一人，请先删去这一项", pos.Path, pos.Line, pos.Col)
				}
			})
			if bad != nil {
				return nil, bad
			}
		}
	}
	m := &merging{keep: keep, gone: gone, taken: map[*content.Field]string{}}
	m.change = &change{source: source, before: before, docs: map[string]*content.Document{}, olds: map[string][]byte{}, oldID: gone.ID, newID: keep.ID, key: keep.Schema.Key}
	for _, t := range args.Take {
		name, answer, ok := strings.Cut(t, "=")
		f := keep.Schema.Field(strings.TrimSpace(name))
		switch answer = strings.TrimSpace(answer); {
		case !ok || answer != takeKept && answer != takeGone:
			return nil, fmt.Errorf("“%s”要写成 字段=%s 或 字段=%s", t, takeKept, takeGone)
		case f == nil && name == "正文":
			return nil, fmt.Errorf("正文不用选：两篇都留下")
		case f == nil:
			return nil, fmt.Errorf("%s没有“%s”这个字段", keep.Schema.Label, name)
		}
		m.taken[f] = answer
	}
	if m.doc, err = m.change.doc(keep.Own()); err != nil {
		return nil, err
	}
	m.own = plan.Row{File: keep.Path, Action: plan.Update, ID: m.key + "/" + m.newID, Reason: "并入 " + m.key + "/" + m.oldID}
	return m, nil
}

// partings takes out what the first record says of the second: that they are, or may be, the same.
func (m *merging) partings() error {
	for _, role := range []content.Role{content.SameAs, content.MaybeSame} {
		v := m.keep.Role(role)
		if v == nil {
			continue
		}
		n, i := 0, -1
		v.Each(func(x *content.Value) {
			if m.keep.Target(x) == m.gone {
				i = n
			}
			n++
		})
		if i < 0 {
			continue
		}
		p := content.At(v.Field.Key, i)
		if n == 1 {
			p = content.At(v.Field.Key)
		}
		if err := m.doc.Apply(content.RemoveField{Path: p}); err != nil {
			return err
		}
		m.own.Changes = append(m.own.Changes, plan.Change{Field: v.Field.Label, Old: m.key + "/" + m.oldID})
	}
	return nil
}

// fields brings what the second record says into the first.
func (m *merging) fields() error {
	if m.gone.Record.Title != m.keep.Record.Title {
		if err := m.otherName(); err != nil {
			return err
		}
	}
	for i := range m.gone.Own().Values {
		v := &m.gone.Own().Values[i]
		switch v.Field.Role {
		case content.OldURLs, content.SameAs, content.MaybeSame, content.Remark:
			continue
		}
		if v.Field == m.gone.Schema.Fields[0] {
			continue
		}
		if err := m.field(v); err != nil {
			return err
		}
	}
	for i := range m.gone.Own().Values {
		v := &m.gone.Own().Values[i]
		if role := v.Field.Role; role == content.SameAs || role == content.MaybeSame {
			if err := m.list(v, m.ownValue(v.Field), func(x *content.Value) bool { return m.gone.Target(x) == m.keep }); err != nil {
				return err
			}
		}
	}
	if err := m.remark(); err != nil {
		return err
	}
	return m.body()
}

// ownValue is what the first record's file says for a field.
func (m *merging) ownValue(f *content.Field) *content.Value {
	for i := range m.keep.Own().Values {
		if v := &m.keep.Own().Values[i]; v.Field == f {
			return v
		}
	}
	return nil
}

// otherName keeps the second record's title among the names of the first, so that it is found by it.
func (m *merging) otherName() error {
	f := m.keep.Schema.Role(content.OtherNames)
	if f == nil {
		m.lost = append(m.lost, "题名“"+m.gone.Record.Title+"”")
		return nil
	}
	have, n := false, 0
	if v := m.ownValue(f); v != nil {
		v.Each(func(x *content.Value) {
			have = have || han.ReadName(x.Text).Key == han.ReadName(m.gone.Record.Title).Key
			n++
		})
	}
	if have || han.ReadName(m.keep.Record.Title).Key == han.ReadName(m.gone.Record.Title).Key {
		return nil
	}
	m.own.Changes = append(m.own.Changes, plan.Change{Field: f.Label, New: m.gone.Record.Title})
	if n == 0 {
		return m.doc.Apply(content.SetField{Path: content.At(f.Key), Value: []string{m.gone.Record.Title}})
	}
	return m.doc.Apply(content.SetField{Path: content.At(f.Key, n), Value: m.gone.Record.Title})
}

// field brings one value of the second record into the first.
func (m *merging) field(v *content.Value) error {
	f, own := v.Field, m.ownValue(v.Field)
	switch {
	case own == nil:
		m.own.Changes = append(m.own.Changes, plan.Change{Field: f.Label, New: m.gone.Display(v)})
		return m.doc.Apply(content.SetField{Path: content.At(f.Key), Value: written(v)})
	case f.Many:
		return m.list(v, own, func(*content.Value) bool { return false })
	case same(m.keep, own, m.gone, v):
		return nil
	}
	old, other := m.keep.Display(own), m.gone.Display(v)
	if old == "" || other == "" {
		old, other = own.Text, v.Text
	}
	switch m.taken[f] {
	case takeKept:
		m.lost = append(m.lost, f.Label+"作“"+other+"”")
		return nil
	case takeGone:
		m.lost = append(m.lost, f.Label+"原作“"+old+"”")
		m.own.Changes = append(m.own.Changes, plan.Change{Field: f.Label, Old: old, New: other})
		return m.doc.Apply(content.SetField{Path: content.At(f.Key), Value: written(v)})
	}
	m.asks = append(m.asks, plan.Row{
		File: m.gone.Path, Action: plan.Undecided, ID: m.key + "/" + m.newID,
		Reason:  fmt.Sprintf("%s不一样：加上 --take %s=%s 或 --take %s=%s，重新做方案；没有取的一个会写进附注", f.Label, f.Label, takeKept, f.Label, takeGone),
		Changes: []plan.Change{{Field: f.Label, Old: old, New: other}},
	})
	return nil
}

// list adds the items that are not there yet, but those to leave out.
func (m *merging) list(v, own *content.Value, leave func(*content.Value) bool) error {
	n := 0
	if own != nil {
		own.Each(func(*content.Value) { n++ })
	}
	var err error
	v.Each(func(x *content.Value) {
		have := leave(x)
		if own != nil {
			own.Each(func(y *content.Value) { have = have || same(m.keep, y, m.gone, x) })
		}
		if have || err != nil {
			return
		}
		m.own.Changes = append(m.own.Changes, plan.Change{Field: v.Field.Label, New: m.gone.Display(x)})
		if n == 0 {
			err = m.doc.Apply(content.SetField{Path: content.At(v.Field.Key), Value: []any{written(x)}})
		} else {
			err = m.doc.Apply(content.SetField{Path: content.At(v.Field.Key, n), Value: written(x)})
		}
		n++
	})
	return err
}

// same reports whether two values say the same thing.
func same(ra *site.Record, a *content.Value, rb *site.Record, b *content.Value) bool {
	if a.Text == b.Text && len(a.Parts) == len(b.Parts) && len(a.Items) == len(b.Items) {
		for i := range a.Parts {
			if a.Parts[i].Field != b.Parts[i].Field || !same(ra, &a.Parts[i], rb, &b.Parts[i]) {
				return false
			}
		}
		return true
	}
	if a.Field.Type == content.RefType && ra.Target(a) != nil {
		return ra.Target(a) == rb.Target(b)
	}
	return a.Date != nil && b.Date != nil && a.Date.String() == b.Date.String() && a.Text != "" && b.Text != ""
}

// written gives a value as it is written into front matter.
func written(v *content.Value) any {
	switch {
	case v.Items != nil:
		list := []any{}
		for i := range v.Items {
			list = append(list, written(&v.Items[i]))
		}
		return list
	case len(v.Parts) > 0:
		var members []content.Member
		for i := range v.Parts {
			members = append(members, content.Member{Key: v.Parts[i].Field.Key, Value: written(&v.Parts[i])})
		}
		return members
	}
	switch v.Field.Type {
	case content.Text, content.Markdown, content.Enum, content.Term, content.RefType, content.URL, content.PathType, content.Image, content.FileType:
		return v.Text
	}
	return content.Bare(v.Text)
}

// remark joins the remarks, and adds the values that were not chosen.
func (m *merging) remark() error {
	f := m.keep.Schema.Role(content.Remark)
	var parts []string
	var old string
	if f != nil {
		if v := m.ownValue(f); v != nil {
			old = v.Text
			parts = append(parts, strings.TrimRight(old, "\n"))
		}
		for i := range m.gone.Own().Values {
			if v := &m.gone.Own().Values[i]; v.Field == f && strings.TrimSpace(v.Text) != strings.TrimSpace(old) {
				parts = append(parts, strings.TrimRight(v.Text, "\n"))
			}
		}
	}
	if len(m.lost) > 0 {
		if f == nil {
			return fmt.Errorf("%s的模式里没有附注（role: remark），没有取的值（%s）无处可留。请先手工改成一样", m.keep.Schema.Label, strings.Join(m.lost, "，"))
		}
		parts = append(parts, "由另一条记录（"+m.key+"/"+m.oldID+"）并入，那里"+strings.Join(m.lost, "，")+"。")
	}
	text := strings.Join(parts, "\n\n")
	if text == strings.TrimRight(old, "\n") {
		return nil
	}
	m.own.Changes = append(m.own.Changes, plan.Change{Field: f.Label, Old: old, New: text})
	return m.doc.Apply(content.SetField{Path: content.At(f.Key), Value: text})
}

// body puts the second text behind the first.
func (m *merging) body() error {
	r := m.gone.Own()
	if path.Dir(r.Path) != path.Dir(m.keep.Path) {
		if at, ok := relative(r); ok {
			return fmt.Errorf("%s:%d:%d: 这条记录用相对路径指到“%s”，并到别的文件夹里就找不到了。请先把它改成以 / 开头的路径", r.Path, at.Pos.Line, at.Pos.Col, at.Target)
		}
	}
	if r.Row {
		return nil
	}
	d, err := m.change.doc(r)
	if err != nil {
		return err
	}
	text, own := strings.TrimSpace(d.Body()), strings.TrimRight(m.doc.Body(), "\n")
	if text == "" || strings.Contains(own, text) {
		return nil
	}
	m.own.Changes = append(m.own.Changes, plan.Change{Field: "正文", New: text})
	if strings.TrimSpace(own) != "" {
		text = own + "\n\n" + text
	}
	return m.doc.Apply(content.SetBody{Text: text + "\n"})
}

// ends takes the second record away and leaves its addresses with the first.
func (m *merging) ends() ([]plan.File, error) {
	r := m.gone.Own()
	base := path.Base(r.Path)
	if !r.Row && strings.EqualFold(strings.TrimSuffix(base, path.Ext(base)), "index") && !strings.HasSuffix(strings.ToLower(m.oldID), "index") {
		return nil, fmt.Errorf("%s 和它的附件放在一个文件夹里。请先把附件移到 %s 旁边，文件移出来改名", r.Path, m.keep.Path)
	}
	f := m.keep.Schema.Role(content.OldURLs)
	if f == nil {
		return nil, fmt.Errorf("%s的模式里没有旧网址这个字段", m.keep.Schema.Label)
	}
	addresses := []string{"/" + m.key + "/" + m.oldID + "/"}
	for i := range r.Values {
		if v := &r.Values[i]; v.Field == f {
			v.Each(func(x *content.Value) { addresses = append(addresses, x.Text) })
		}
	}
	n := 0
	if v := m.ownValue(f); v != nil {
		v.Each(func(*content.Value) { n++ })
	}
	for i, a := range addresses {
		m.own.Changes = append(m.own.Changes, plan.Change{Field: f.Label, New: a})
		edit := content.SetField{Path: content.At(f.Key, n+i), Value: a}
		if n+i == 0 {
			edit = content.SetField{Path: content.At(f.Key), Value: []string{a}}
		}
		if err := m.doc.Apply(edit); err != nil {
			return nil, err
		}
	}
	if r.Row {
		d, err := m.change.doc(r)
		if err != nil {
			return nil, err
		}
		row, _, _, ok := d.CellAt(r.Line, 1)
		if !ok {
			return nil, fmt.Errorf("%s:%d: 找不到这一行", r.Path, r.Line)
		}
		if err := d.Apply(content.RemoveRow{Row: row}); err != nil {
			return nil, err
		}
		return m.files(m.keep, m.keep.Path), nil
	}
	if _, err := m.change.doc(r); err != nil {
		return nil, err
	}
	files := slices.DeleteFunc(m.files(m.keep, m.keep.Path), func(f plan.File) bool { return f.Path == r.Path })
	files = append(files, plan.File{Path: r.Path, Before: plan.Digest(m.olds[r.Path]), Delete: true})
	slices.SortFunc(files, func(a, b plan.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// draft is what comes of it.
func (m *merging) draft(args MergeArgs, files []plan.File) plan.Draft {
	args.Keep, args.Gone = m.key+"/"+m.newID, m.key+"/"+m.oldID
	kept, _ := json.Marshal(args) // of strings alone
	rows := m.asks
	if len(m.asks) == 0 {
		m.first(m.own)
		rows = append(m.rows, plan.Row{File: m.gone.Path, Action: plan.Update, ID: m.key + "/" + m.oldID, Reason: "并入以后没有这条记录，网址转到 " + m.key + "/" + m.newID, Changes: []plan.Change{}})
	}
	for i := range rows {
		rows[i].Row = i + 1
	}
	return plan.Draft{Command: MergeCommand, Args: kept, Rows: rows, Files: files}
}
