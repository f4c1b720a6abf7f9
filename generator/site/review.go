package site

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
)

// Review says what looks wrong without being forbidden, for `check`: dates that can't both be right, people
// who share a name without a word on who is who. It needs the joined site; Join itself refuses only what would
// mislead readers.
func (s *Site) Review() diag.List {
	var l diag.List
	warn := func(r *Record, v *content.Value, id, format string, args ...any) {
		pos := r.Pos()
		if v != nil {
			pos = r.At(v)
		}
		l = append(l, diag.Warningf(pos, id, format, args...))
	}
	for _, c := range s.Collections {
		for _, r := range c.Records {
			if c.Title.Name {
				birth, death := r.Role(content.Born), r.Role(content.Died)
				if birth != nil && death != nil && death.Date.Upper() < birth.Date.Lower() {
					warn(r, death, "review/death", "逝世（%s）早于出生（%s）。", death.Date.Display(), birth.Date.Display())
				}
				s.homonyms(r, warn)
			}
			if rule := c.Schema.Roll; rule != nil {
				honor, date := r.Value(rule.Group), r.Value(rule.Date)
				if honor == nil || date == nil || date.Date == nil {
					continue
				}
				to := r.Target(honor)
				if to == nil || to.Day.IsZero() || date.Date.OpenStart() {
					continue
				}
				if date.Date.Upper() < to.Day.Lower() {
					warn(r, date, "review/before-honor", "%s 授予“%s”，但这种荣誉的首次授予记为 %s（%s）。", date.Date.Display(), to.Title, to.Day.Display(), to.Path)
				}
			}
		}
	}
	l.Sort()
	return l
}

// homonyms warns of a person who shares a name with another when neither record says whether they are the
// same.
func (s *Site) homonyms(r *Record, warn func(*Record, *content.Value, string, string, ...any)) {
	same := s.byTitle()[r.Title]
	if len(same) < 2 {
		return
	}
	for _, other := range same {
		if other == r || other.Collection != r.Collection {
			continue
		}
		said := slices.ContainsFunc(append(slices.Clone(r.refs), other.refs...), func(x ref) bool {
			return (x.value.Field.Role == content.SameAs || x.value.Field.Role == content.NotSameAs) && (x.to == other || x.to == r)
		})
		if !said {
			hint := ""
			if same, not := r.Schema.Role(content.SameAs), r.Schema.Role(content.NotSameAs); same != nil && not != nil {
				hint = fmt.Sprintf("是同一人请合并或写 %s，不是请写 %s: [%s/%s]。", same.Key, not.Key, other.Schema.Key, other.ID)
			}
			warn(r, nil, "review/homonym", "还有一条%s也叫“%s”（%s）。%s", r.Schema.Label, r.Title, other.Path, hint)
			return
		}
	}
}

// Gap is how many records of a collection lack a field that is wanted.
type Gap struct {
	Collection *Collection
	Field      *content.Field
	Missing    int
}

// Gaps counts what is not yet known, by collection, the fields in the schema's order.
func (s *Site) Gaps() []Gap {
	var l []Gap
	for _, c := range s.Collections {
		for _, f := range c.Fields {
			if cited := f.Part(content.Cited); !f.Wanted || f.Notes && cited != nil && slices.Contains(cited.To, c.Key) {
				continue // a source needs no source
			}
			n := 0
			for _, r := range c.Records {
				if r.Value(f) == nil {
					n++
				}
			}
			if n > 0 {
				l = append(l, Gap{c, f, n})
			}
		}
	}
	slices.SortStableFunc(l, func(a, b Gap) int { return cmp.Compare(a.Collection.Position, b.Collection.Position) })
	return l
}

// GapText puts gaps into one line for people, as in 人物：出生 5、单位 2；图片：图片文件 8。
func GapText(gaps []Gap) string {
	var b strings.Builder
	for i, g := range gaps {
		switch {
		case i > 0 && gaps[i-1].Collection == g.Collection:
			b.WriteString("、")
		case i > 0:
			b.WriteString("；" + g.Collection.Label + "：")
		default:
			b.WriteString(g.Collection.Label + "：")
		}
		fmt.Fprintf(&b, "%s %d", g.Field.Label, g.Missing)
	}
	return b.String()
}
