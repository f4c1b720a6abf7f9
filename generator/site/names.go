package site

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
)

// Name is one name of the index: a record of a person, or a name that stands in records as text. Records of the same
// name are two entries, and so are a record and the text. The places where a name stands as text are gathered under
// one as long as nothing keeps them apart: another unit, gender or ethnicity.
type Name struct {
	Text    string
	Key     string // for sorting
	Initial byte   // of its reading; # if it has none
	Same    bool   // another entry has the same name
	Person  *Record
	In      []*Record // where a name without a record of its own stands
	Unit    string    // of such a name, as one of the records has it
}

// Names gives all names of people in the archive, by pinyin.
func (s *Site) Names() []Name { return s.names() }

func (s *Site) makeNames() []Name {
	var all []Name
	loose := map[string][]*bearer{}
	var keys []string // of loose, in the order of the records
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
				s.looseNames(r, func(v *content.Value, n han.Name) {
					if loose[n.Key] == nil {
						keys = append(keys, n.Key)
					}
					b := &bearer{name: n, in: []*Record{r}, evidence: s.said(r, v, n)}
					if len(b.units) > 0 {
						b.unit = r.Display(r.Value(r.Schema.Roll.Unit))
					}
					loose[n.Key] = append(loose[n.Key], b)
				})
			}
		}
	}
	for _, key := range keys {
		for _, b := range apart(loose[key]) {
			all = append(all, Name{Text: b.name.Text, Key: han.NameKey(b.name.Text), In: b.in, Unit: b.unit})
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

// bearer is somebody who bears a name that stands as text, with the records that speak of them.
type bearer struct {
	name han.Name
	in   []*Record
	unit string
	evidence
}

// apart gathers those who may be one and the same: those of one unit, and those whose unit nobody wrote. What the records
// say of them must not differ. Of a name that more bear than anybody could tell apart, later ones are only compared with the first.
func apart(all []*bearer) []*bearer {
	const compared = 1000
	var out []*bearer
	for _, b := range all {
		i := slices.IndexFunc(out[:min(len(out), compared)], func(o *bearer) bool {
			unit := len(o.units) == 0 && len(b.units) == 0 || o.together(b.evidence)
			return unit && !differ(o.gender, b.gender) && !differ(o.ethnicity, b.ethnicity)
		})
		if i < 0 {
			out = append(out, b)
			continue
		}
		o := out[i]
		o.gender, o.ethnicity = cmp.Or(o.gender, b.gender), cmp.Or(o.ethnicity, b.ethnicity)
		for _, r := range b.in {
			if o.in[len(o.in)-1] != r { // names come record by record
				o.in = append(o.in, r)
			}
		}
	}
	return out
}

// HasNames reports whether the index of names has an entry, without making it.
func (s *Site) HasNames() bool {
	for _, c := range s.Collections {
		has, loose := false, !c.Title.Name && hasNames(c)
		for _, r := range c.Records {
			if loose {
				s.looseNames(r, func(*content.Value, han.Name) { has = true })
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

// looseNames calls note for each name of a person that stands in the record as text. The name of a unit, be it a short one,
// is none.
func (s *Site) looseNames(r *Record, note func(v *content.Value, n han.Name)) {
	one := func(v *content.Value) {
		if r.Target(v) != nil {
			return
		}
		text, _ := content.JustText(v.Text)
		n := han.ReadName(text)
		if looksLikeName(n.Text) && !slices.ContainsFunc(s.byName()[n.Key], func(r *Record) bool { return !r.Schema.Title.Name }) {
			note(v, n)
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

// nobody are words that stand for people without a name, of whom each is another one.
var nobody = []string{"佚名", "无名氏", "不详", "全体职工", "全体会员", "本站", "集体", "本报讯"}

// looksLikeName keeps collectives out of the index of people: a name has two to four Han characters,
// or a middle dot. A longer text without one is taken for a unit.
func looksLikeName(s string) bool {
	if strings.ContainsAny(s, "·•") {
		return true
	}
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 4 || slices.Contains(nobody, s) {
		return false
	}
	for _, r := range s {
		if !han.IsHan(r) {
			return false
		}
	}
	return !strings.HasSuffix(s, "县") && !strings.HasSuffix(s, "市") && !strings.HasSuffix(s, "区") && !strings.HasSuffix(s, "省") && !strings.HasSuffix(s, "队") && !strings.HasSuffix(s, "组") && !strings.HasSuffix(s, "厂")
}
