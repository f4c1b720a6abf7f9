package moves

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/plan"
)

// WithdrawCommand is the word by which plans of Withdraw are known.
const WithdrawCommand = "withdraw"

// WithdrawArgs are what Withdraw needs to be done again.
type WithdrawArgs struct {
	Record string `json:"record"` // collection/id
	Day    string `json:"day"`    // since when, 2026-05-01
	Reason string `json:"reason,omitempty"`
}

// Withdraw makes the draft of taking a record out of the site: the day is written into it, and its address says from then
// on what stood there and since when it does not. The record stays in the archive, so that its id is not given
// again. What refers to it shows its name; each such place is a row of the draft, which does not change.
func Withdraw(source fs.FS, args WithdrawArgs, read func(fs.FS) (Archive, error)) (plan.Draft, error) {
	var none plan.Draft
	before, err := read(source)
	if err != nil {
		return none, err
	}
	rec, err := find(before.Site, args.Record)
	if err != nil {
		return none, err
	}
	f := rec.Schema.Role(content.WithdrawnOn)
	if f == nil {
		return none, fmt.Errorf("%s的模式里没有“撤下”这个字段（role: withdrawn）", rec.Schema.Label)
	}
	c := &change{source: source, before: before, docs: map[string]*content.Document{}, olds: map[string][]byte{}, oldID: rec.ID, newID: rec.ID, key: rec.Schema.Key}
	r := rec.Own()
	d, err := c.doc(r)
	if err != nil {
		return none, err
	}
	values := []withdrawn{{f, args.Day}}
	if args.Reason != "" {
		why := rec.Schema.Role(content.WithdrawnWhy)
		if why == nil {
			return none, fmt.Errorf("%s的模式里没有“撤下原因”这个字段（role: withdrawn_why）", rec.Schema.Label)
		}
		values = append(values, withdrawn{why, args.Reason})
	}
	if err := c.withdraw(d, r, values); err != nil {
		return none, err
	}
	id := c.key + "/" + c.oldID
	c.rows = []plan.Row{{File: r.Path, Action: plan.Update, ID: id, Reason: "撤下", Changes: []plan.Change{}}}
	for _, v := range values {
		c.rows[0].Changes = append(c.rows[0].Changes, plan.Change{Field: v.field.Label, New: v.text})
	}
	for _, p := range before.Site.Pointing(rec) {
		other := p.From.Schema.Key + "/" + p.From.ID
		if !slices.ContainsFunc(c.rows, func(r plan.Row) bool { return r.ID == other }) {
			c.rows = append(c.rows, plan.Row{File: p.From.Path, Action: plan.Unchanged, ID: other, Reason: "指到撤下的记录，以后只显示名称", Changes: []plan.Change{}})
		}
	}
	files := c.files(rec, r.Path)
	after, err := read(overlay(source, files))
	if err != nil {
		return none, err
	}
	if m, ok := newError(before, after, strings.NewReplacer()); ok {
		return none, fmt.Errorf("撤下以后会有新的错误，所以没有做方案。请先改好这里：%s", m)
	}
	kept, err := json.Marshal(WithdrawArgs{Record: id, Day: args.Day, Reason: args.Reason})
	if err != nil {
		return none, err
	}
	for i := range c.rows {
		c.rows[i].Row = i + 1
	}
	return plan.Draft{Command: WithdrawCommand, Args: kept, Rows: c.rows, Files: files}, nil
}

// withdrawn is what is written into a record that is withdrawn.
type withdrawn struct {
	field *content.Field
	text  string
}

// withdraw writes it, into front matter or a row.
func (c *change) withdraw(d *content.Document, r *content.Record, values []withdrawn) error {
	if !r.Row {
		for _, v := range values {
			var text any = v.text
			if v.field.Type == content.DateType {
				text = content.Bare(v.text)
			}
			if err := d.Apply(content.SetField{Path: content.At(v.field.Key), Value: text}); err != nil {
				return err
			}
		}
		return nil
	}
	row, _, _, ok := d.CellAt(r.Line, 1)
	if !ok {
		return fmt.Errorf("%s:%d: 找不到这一行", r.Path, r.Line)
	}
	var edits []content.Edit
	for _, v := range values {
		name := v.field.Label
		if slices.Contains(d.Columns(), "id") {
			name = v.field.Key
		}
		if i := d.Column(v.field.Key); i >= 0 {
			name = d.Columns()[i]
		} else {
			edits = append(edits, content.AddColumn{Column: name})
		}
		edits = append(edits, content.SetCell{Row: row, Column: name, Text: v.text})
	}
	return d.Apply(edits...)
}
