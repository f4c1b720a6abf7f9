package desk

import (
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
)

// index finds records of a site by what rows of lists say.
type index struct {
	set      *content.Set
	schema   *content.Schema
	listed   bool // the collection's records are entries of lists: who got what
	by       *content.Field
	all      map[string]*content.Record   // by collection/id, lower case
	titles   map[string][]*content.Record // by the key of the title, and of short and other names
	byID     map[string]*content.Record
	byName   map[string][]*content.Record
	byNumber map[position]*content.Record
}

type position struct {
	round  string
	number int
}

func newIndex(set *content.Set, schema *content.Schema) *index {
	x := &index{set: set, schema: schema, listed: schema.Roll != nil, all: map[string]*content.Record{}, titles: map[string][]*content.Record{},
		byID: map[string]*content.Record{}, byName: map[string][]*content.Record{}, byNumber: map[position]*content.Record{}}
	for _, f := range schema.Fields {
		if len(f.Inherit) > 0 {
			x.by = f
		}
	}
	for _, r := range set.Records {
		x.all[r.Key()] = r
		if !r.Schema.Rows {
			names := []string{r.Title}
			for i := range r.Values {
				if v := &r.Values[i]; v.Field.Role == content.OtherNames {
					v.Each(func(v *content.Value) { names = append(names, v.Text) })
				}
			}
			for _, n := range names {
				if k := han.ReadName(n).Key; k != "" && !slices.Contains(x.titles[k], r) {
					x.titles[k] = append(x.titles[k], r)
				}
			}
		}
	}
	for _, r := range set.Records {
		if r.Schema.Key != schema.Key {
			continue
		}
		x.byID[strings.ToLower(r.ID)] = r
		if k := x.nameOf(r).Key; k != "" {
			x.byName[k] = append(x.byName[k], r)
		}
		if n := x.number(r); n > 0 {
			x.byNumber[position{x.round(r), n}] = r
		}
	}
	return x
}

// resolve finds the record that a reference leads to: by id, or by a title that one has alone.
func (x *index) resolve(name string, to []string) *content.Record {
	low := strings.ToLower(strings.TrimSpace(name))
	if r := x.all[low]; r != nil && slices.Contains(to, r.Schema.Key) {
		return r
	}
	for _, c := range to {
		if r := x.all[c+"/"+low]; r != nil {
			return r
		}
	}
	var found *content.Record
	for _, r := range x.titles[han.ReadName(name).Key] {
		if slices.Contains(to, r.Schema.Key) {
			if found != nil {
				return nil
			}
			found = r
		}
	}
	return found
}

// key names what a reference leads to: the record's key, or the text as it stands.
func (x *index) key(name string, to []string) string {
	if r := x.resolve(name, to); r != nil {
		return r.Key()
	}
	return name
}

// named finds the records of collections that have a name, or that name among others.
func (x *index) named(key string, to []string) []*content.Record {
	var list []*content.Record
	for _, r := range x.titles[key] {
		if slices.Contains(to, r.Schema.Key) {
			list = append(list, r)
		}
	}
	return list
}

// nameOf is who a record is about: the recipient of a conferral, else its title.
func (x *index) nameOf(r *content.Record) han.Name {
	if !x.listed {
		return han.ReadName(r.Title)
	}
	v := r.Value(x.schema.Roll.Who)
	if v == nil {
		return han.Name{}
	}
	text, plain := content.JustText(v.Text)
	if !plain {
		if to := x.resolve(text, v.Field.To); to != nil {
			return han.ReadName(to.Title)
		}
	}
	return han.ReadName(text)
}

func (x *index) unit(r *content.Record) string {
	if x.listed && x.schema.Roll.Unit != nil {
		if v := r.Value(x.schema.Roll.Unit); v != nil {
			return han.ReadName(v.Text).Key
		}
	}
	return ""
}

// round is the key of the record's round, or "".
func (x *index) round(r *content.Record) string {
	if x.by != nil {
		if v := r.Value(x.by); v != nil {
			if to := x.resolve(v.Text, x.by.To); to != nil {
				return to.Key()
			}
		}
	}
	return ""
}

func (x *index) number(r *content.Record) int {
	if x.listed && x.schema.Roll.Order != nil {
		if v := r.Value(x.schema.Roll.Order); v != nil {
			n, _ := strconv.Atoi(v.Text)
			return n
		}
	}
	return 0
}

// honor gives the key of a record's honour and its date, its round's where it has none of its own.
func (x *index) honor(r *content.Record) (honor, date string) {
	roll := x.schema.Roll
	full := r
	if k := x.round(r); k != "" {
		full = r.Inherit(x.all[k], x.by)
	}
	if v := full.Value(roll.Group); v != nil {
		honor = x.key(v.Text, roll.Group.To)
	}
	if v := full.Value(roll.Date); v != nil && v.Date != nil {
		date = v.Date.String()
	}
	return honor, date
}
