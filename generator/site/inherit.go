package site

import (
	"strings"

	"gongzhi/generator/content"
)

// inherit fills the empty fields of records from the record that they name for that: a conferral's honour and date
// from its round. It comes before references are resolved, so the record is looked up by its id, or by a title that
// only one has.
func (j *joiner) inherit() {
	by := map[*content.Schema][]*content.Field{}
	for _, c := range j.Collections {
		for _, f := range c.Fields {
			if len(f.Inherit) > 0 {
				by[c.Schema] = append(by[c.Schema], f)
			}
		}
	}
	if len(by) == 0 {
		return
	}
	find := func(name string, to []string) *Record {
		low := strings.ToLower(name)
		if strings.Contains(name, "/") {
			low = strings.ToLower(j.Set.Canonical(name))
		}
		for _, p := range append([]string{""}, to...) {
			key := low
			if p != "" {
				key = p + "/" + low
			}
			if r := j.keyed(key); r != nil {
				return r
			}
			if r := j.hidden[key]; r != nil {
				return r
			}
		}
		var one *Record
		for _, r := range j.titled(name) {
			for _, p := range to {
				if r.Schema.Key == p {
					if one != nil {
						return nil
					}
					one = r
				}
			}
		}
		return one
	}
	for _, rec := range j.all {
		for _, f := range by[rec.Schema] {
			v := rec.Value(f)
			if v == nil || v.Items != nil {
				continue
			}
			from := find(v.Text, f.To)
			if from == nil || from == rec {
				continue // said when references are resolved
			}
			rec.Record = rec.Record.Inherit(from.Record.Own(), f)
			rec.Day = rec.Date()
			for _, need := range f.Inherit {
				if need.Required && rec.Value(need) == nil {
					j.errorf(rec.At(v), "schema/required", "缺少必填的字段%s：这里没有写，%s“%s”里也没有。", need, f.Label, from.Title)
				}
			}
		}
	}
}
