package site

import (
	"sync"

	"gongzhi/generator/content"
)

// register finds records by what is theirs alone, as numbers: their places in Set.Records, hidden ones included. An edit
// changes neither ids nor titles as a rule, so the next site has the same one; what it says depends on nothing else.
type register struct {
	ids    map[string]int32 // by collection/id, lower case; of records that share one the first
	titles func() map[string][]int32
}

func newRegister(records []*content.Record) *register {
	g := &register{ids: make(map[string]int32, len(records))}
	for i, r := range records {
		if _, ok := g.ids[r.Key()]; !ok {
			g.ids[r.Key()] = int32(i)
		}
	}
	g.titles = sync.OnceValue(func() map[string][]int32 {
		m, numbers := make(map[string][]int32, len(records)), make([]int32, len(records))
		for i, r := range records {
			numbers[i] = int32(i)
			if r.Title == "" || r.Schema.Rows {
				continue
			}
			if others, ok := m[r.Title]; ok {
				m[r.Title] = append(others, int32(i))
			} else {
				m[r.Title] = numbers[i : i+1 : i+1] // most titles are of one: no list of its own
			}
		}
		return m
	})
	return g
}

// alike reports whether the register of some records is that of others too.
func alike(a, b []*content.Record) bool {
	if len(a) != len(b) {
		return false
	}
	for i, r := range a {
		if o := b[i]; r != o && (r.Key() != o.Key() || r.Title != o.Title || r.Schema.Rows != o.Schema.Rows) {
			return false
		}
	}
	return true
}

// keyed gives the record of a collection/id in lower case that is shown, or nil.
func (s *Site) keyed(key string) *Record {
	if i, ok := s.register.ids[key]; ok && s.records[i].shown() {
		return &s.records[i]
	}
	return nil
}

// titled gives the shown records whose own title that is.
func (s *Site) titled(title string) []*Record {
	var found []*Record
	for _, i := range s.register.titles()[title] {
		if r := &s.records[i]; r.shown() {
			found = append(found, r)
		}
	}
	return found
}

// shown reports whether the record has a place on the site.
func (r *Record) shown() bool { return r.Collection != nil }
