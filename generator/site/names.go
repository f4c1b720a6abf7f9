package site

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
)

// Name is one name of the index: a record of a person, or a name that stands in a record as text.
// Records of the same name are two entries, and so are a record and the text; the places where a name stands
// as text are gathered under one.
type Name struct {
	Text    string
	Key     string // for sorting
	Initial byte   // of its reading; # if it has none
	Same    bool   // another entry has the same name
	Person  *Record
	In      []*Record // where a name without a record of its own stands
}

// Names gives all names of people in the archive, by pinyin.
func (s *Site) Names() []Name { return s.names() }

func (s *Site) makeNames() []Name {
	var all []Name
	loose := map[string]int{}
	note := func(r *Record, text string) {
		i, ok := loose[text]
		if !ok {
			i = len(all)
			loose[text] = i
			all = append(all, Name{Text: text, Key: han.NameKey(text)})
		}
		if n := len(all[i].In); n == 0 || all[i].In[n-1] != r {
			all[i].In = append(all[i].In, r)
		}
	}
	for _, c := range s.Collections {
		hasNames := hasNames(c)
		if !c.Title.Name && !hasNames {
			continue
		}
		for _, r := range c.Records {
			if c.Title.Name {
				all = append(all, Name{Text: r.Title, Key: r.NameKey(), Person: r})
			}
			if hasNames {
				r.looseNames(func(text string) { note(r, text) })
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Name) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Text, b.Text))
	})
	count := make(map[string]int, len(all))
	for i := range all {
		count[all[i].Text]++
	}
	for i := range all {
		all[i].Initial, all[i].Same = han.Initial(all[i].Key), count[all[i].Text] > 1
	}
	return all
}

// HasNames reports whether the index of names has an entry, without making it.
func (s *Site) HasNames() bool {
	for _, c := range s.Collections {
		has, loose := false, !c.Title.Name && hasNames(c)
		for _, r := range c.Records {
			if loose {
				r.looseNames(func(string) { has = true })
			}
			if has || c.Title.Name {
				return true
			}
		}
	}
	return false
}

func hasNames(c *Collection) bool {
	return slices.ContainsFunc(c.Fields, func(f *content.Field) bool {
		return f.Names || slices.ContainsFunc(f.Fields, func(g *content.Field) bool { return g.Names })
	})
}

// looseNames calls note for each name of a person that stands in the record as text.
func (r *Record) looseNames(note func(text string)) {
	one := func(v *content.Value) {
		if r.Target(v) != nil {
			return
		}
		if text, _ := content.JustText(v.Text); looksLikeName(text) {
			note(text)
		}
	}
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Names {
			v.Each(one)
		} else if v.Field.Fields != nil {
			v.Each(func(o *content.Value) {
				for k := range o.Parts {
					if o.Parts[k].Field.Names {
						o.Parts[k].Each(one)
					}
				}
			})
		}
	}
}

// NameKey sorts a person's name by its reading: the one that the record gives, or the usual one.
func (r *Record) NameKey() string {
	if p := r.Text(content.Reading); p != "" {
		return strings.ToLower(strings.ReplaceAll(p, "'", " ")) + "\x00" + r.Title
	}
	if r.Title == r.Record.Title {
		return r.TitleKey()
	}
	return han.NameKey(r.Title)
}

// Initial is the first letter of the reading that a person's name is sorted by; # if it has none.
func (r *Record) Initial() byte { return han.Initial(r.NameKey()) }

// looksLikeName keeps collectives out of the index of people: a name has two to four Han characters,
// or a middle dot. A longer text without one is taken for a unit.
func looksLikeName(s string) bool {
	if strings.ContainsAny(s, "·•") {
		return true
	}
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 4 {
		return false
	}
	for _, r := range s {
		if !han.IsHan(r) {
			return false
		}
	}
	return !strings.HasSuffix(s, "县") && !strings.HasSuffix(s, "市") && !strings.HasSuffix(s, "区") && !strings.HasSuffix(s, "省") && !strings.HasSuffix(s, "队") && !strings.HasSuffix(s, "组") && !strings.HasSuffix(s, "厂")
}
