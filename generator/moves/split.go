package moves

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/markdown"
	"gongzhi/generator/plan"
	"gongzhi/generator/site"
)

// SplitCommand is the word by which plans of Split are known.
const SplitCommand = "split"

// SplitArgs are what Split needs to be done again.
type SplitArgs struct {
	From   string   `json:"from"`   // collection/id of the record that turned out to be two
	New    string   `json:"new"`    // the id of the second one
	Move   []string `json:"move"`   // collection/id of the records that speak of the second one
	Fields []string `json:"fields"` // what of the first record belongs to the second one
}

// Split makes the draft of making two records of one: a new one of the same title, with the fields that are named, and the records
// that are named speak of it from then on. All others go on speaking of the first, by its id even where they had its name, since
// a name alone tells nobody any longer who is meant. Each says of the other that it is another person.
func Split(source fs.FS, args SplitArgs, read func(fs.FS) (Archive, error)) (plan.Draft, error) {
	var none plan.Draft
	c, rec, err := begin(source, args.From, read)
	if err != nil {
		return none, err
	}
	if rec.Schema.Rows || rec.Row {
		return none, fmt.Errorf("%s:%d: 要拆开的记录要是文件，这一条是表格里的一行。请直接在表格里加一行", rec.Path, rec.Line)
	}
	if c.newID, err = c.checkNew(rec, args.New); err != nil {
		return none, err
	}
	moved, err := c.moved(c.before.Site, rec, args.Move)
	if err != nil {
		return none, err
	}
	var theirs, ours []site.Pointer
	for _, p := range c.before.Site.Pointing(rec) {
		switch {
		case slices.Contains(moved, p.From):
			theirs = append(theirs, p)
		case p.From != rec.Own():
			ours = append(ours, p)
		}
	}
	for _, r := range moved {
		if !slices.ContainsFunc(theirs, func(p site.Pointer) bool { return p.From == r }) {
			return none, fmt.Errorf("%s/%s 没有指到 %s/%s，不能改指", r.Schema.Key, r.ID, c.key, c.oldID)
		}
	}
	c.always, c.ids = true, true
	if err := c.references(theirs); err != nil {
		return none, err
	}
	newID := c.newID
	c.newID = c.oldID
	if err := c.references(ours); err != nil {
		return none, err
	}
	c.newID = newID
	for i := range c.rows {
		c.rows[i].Reason = "说的是原来的一条，写成编号"
		if slices.ContainsFunc(moved, func(r *content.Record) bool { return r.Schema.Key+"/"+r.ID == c.rows[i].ID }) {
			c.rows[i].Reason = "说的是新的一条"
		}
	}
	file, err := c.second(rec, args.Fields)
	if err != nil {
		return none, err
	}
	for _, p := range ours {
		id := p.From.Schema.Key + "/" + p.From.ID
		if !slices.ContainsFunc(c.rows, func(r plan.Row) bool { return r.ID == id }) {
			c.rows = append(c.rows, plan.Row{File: p.From.Path, Action: plan.Unchanged, ID: id, Reason: "仍指原来的一条", Changes: []plan.Change{}})
		}
	}
	files := append(c.files(rec, rec.Path), file)
	slices.SortFunc(files, func(a, b plan.File) int { return strings.Compare(a.Path, b.Path) })
	if err := c.parted(files, map[string]int{c.oldID: len(ours), c.newID: len(theirs)}, read); err != nil {
		return none, err
	}
	kept, err := json.Marshal(SplitArgs{From: c.key + "/" + c.oldID, New: c.newID, Move: args.Move, Fields: args.Fields})
	if err != nil {
		return none, err
	}
	for i := range c.rows {
		c.rows[i].Row = i + 1
	}
	return plan.Draft{Command: SplitCommand, Args: kept, Rows: c.rows, Files: files}, nil
}

// parted reads the archive as it would be and refuses what would break something. want is how many places must lead to either.
func (c *change) parted(files []plan.File, want map[string]int, read func(fs.FS) (Archive, error)) error {
	after, err := read(overlay(c.source, files))
	if err != nil {
		return err
	}
	if bad, ok := newError(c.before, after, strings.NewReplacer()); ok {
		return fmt.Errorf("拆开以后会有新的错误，所以没有做方案。请先改好这里：%s", bad)
	}
	for id, n := range want {
		to, err := find(after.Site, c.key+"/"+id)
		if err != nil {
			return fmt.Errorf("拆开以后读不到记录：%w", err)
		}
		if now := len(after.Site.Pointing(to)); now < n {
			return fmt.Errorf("指到 %s/%s 的应有 %d 处，拆开以后只有 %d 处，所以没有做方案", c.key, id, n, now)
		}
	}
	return nil
}

// moved finds the records that are to speak of the second one.
func (c *change) moved(s *site.Site, rec *site.Record, names []string) ([]*content.Record, error) {
	var list []*content.Record
	for _, name := range names {
		r, err := find(s, name)
		if err != nil {
			return nil, err
		}
		if r == rec {
			return nil, fmt.Errorf("--move 里写的是要拆开的记录自己：%s", name)
		}
		list = append(list, r.Own())
	}
	return list, nil
}

// second makes the file of the second record, and takes from the first what belongs there.
func (c *change) second(rec *site.Record, names []string) (plan.File, error) {
	var none plan.File
	schema, own := rec.Schema, rec.Own()
	d, err := c.doc(own)
	if err != nil {
		return none, err
	}
	to := schema.Folder() + "/" + c.newID + path.Ext(rec.Path)
	fresh := content.ParseDocument(to, nil, schema)
	create := plan.Row{File: to, Action: plan.Create, ID: c.key + "/" + c.newID, Reason: "由 " + c.key + "/" + c.oldID + " 拆出", Changes: []plan.Change{{Field: schema.Fields[0].Label, New: rec.Record.Title}}}
	update := plan.Row{File: rec.Path, Action: plan.Update, ID: c.key + "/" + c.oldID, Reason: "拆成两条"}
	if err := fresh.Apply(content.SetField{Path: content.At("title"), Value: rec.Record.Title}); err != nil {
		return none, err
	}
	for _, name := range names {
		f := schema.Field(strings.TrimSpace(name))
		if f == nil {
			return none, fmt.Errorf("%s没有“%s”这个字段", schema.Label, name)
		}
		i := slices.IndexFunc(own.Values, func(v content.Value) bool { return v.Field == f })
		if i < 0 || f == schema.Fields[0] {
			return none, fmt.Errorf("%s:%d: 这条记录没有可以移走的“%s”", rec.Path, rec.Line, f.Label)
		}
		v := &own.Values[i]
		if err := fresh.Apply(content.SetField{Path: content.At(f.Key), Value: written(v)}); err != nil {
			return none, err
		}
		if err := d.Apply(content.RemoveField{Path: content.At(f.Key)}); err != nil {
			return none, err
		}
		create.Changes = append(create.Changes, plan.Change{Field: f.Label, New: rec.Display(v)})
		update.Changes = append(update.Changes, plan.Change{Field: f.Label, Old: rec.Display(v)})
	}
	if f := schema.Role(content.NotSameAs); f != nil {
		n := 0
		for i := range own.Values {
			if own.Values[i].Field == f {
				own.Values[i].Each(func(*content.Value) { n++ })
			}
		}
		edit := content.SetField{Path: content.At(f.Key), Value: []string{c.newID}}
		if n > 0 {
			edit = content.SetField{Path: content.At(f.Key, n), Value: c.newID}
		}
		if err := d.Apply(edit); err != nil {
			return none, err
		}
		if err := fresh.Apply(content.SetField{Path: content.At(f.Key), Value: []string{c.oldID}}); err != nil {
			return none, err
		}
		create.Changes = append(create.Changes, plan.Change{Field: f.Label, New: c.oldID})
		update.Changes = append(update.Changes, plan.Change{Field: f.Label, New: c.newID})
	}
	c.first(update)
	c.rows = append([]plan.Row{create}, c.rows...)
	return plan.File{Path: to, After: fresh.Bytes()}, nil
}

// named gives what is written for a reference by its name, when a name no longer says who is meant.
func (c *change) named(p site.Pointer, s swap) swap {
	if !c.always || s.old != s.new || p.Ref == nil && !c.ids {
		return s
	}
	id := c.key + "/" + c.newID
	if strings.EqualFold(strings.Trim(s.old, "/"), c.newID) || strings.EqualFold(strings.Trim(s.old, "/"), id) {
		return s
	}
	switch {
	case p.Ref == nil:
		return swap{s.old, id}
	case p.Ref.Kind != markdown.Wiki:
		return s
	case c.label && p.Ref.TitleOffset >= 0 && p.Ref.Fragment == "":
		return swap{s.old, id + "|" + s.old} // it goes on saying what it said
	}
	return swap{s.old, id}
}
