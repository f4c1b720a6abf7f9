package site

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
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
			s.proved(r, warn)
			s.untimely(r, warn)
		}
	}
	for _, r := range s.Hidden {
		if on, off := r.Role(content.PublishOn), r.Role(content.ExpireOn); on != nil && off != nil && r.Publish != nil && r.Expiry != nil && !r.Publish.Before(*r.Expiry) {
			warn(r, off, "review/never", "%s不晚于%s：这条记录永远不会发布。", off.Field.Label, on.Field.Label)
		}
	}
	s.circles(warn)
	s.reviewFigures(warn)
	for _, roll := range s.Rolls() {
		for _, y := range roll.Years {
			twice(roll, y.Records, warn)
		}
	}
	l = append(l, s.reviewPictures()...)
	l.Sort()
	return l
}

type warner func(r *Record, v *content.Value, id, format string, args ...any)

// circles warns of records that come back to themselves by a relation that has a direction: 上级, 前身, 前称, 取代.
func (s *Site) circles(warn warner) {
	for _, c := range s.Collections {
		for _, f := range c.Fields {
			if f.Type != content.RefType || !slices.Equal(f.To, []string{c.Key}) || f.Inverse == f.Label || f.Role == content.NotSameAs {
				continue
			}
			done := map[*Record]bool{}
			for _, first := range c.Records {
				var path []*Record
				for at := first; at != nil && !done[at]; { // the first of several is enough: each of a circle is met
					done[at] = true
					path = append(path, at)
					v := at.Value(f)
					if v == nil {
						break
					}
					var next *Record
					v.Each(func(one *content.Value) {
						to := at.Target(one)
						if to == nil || next != nil {
							return
						}
						if !done[to] { // it can't be on the path
							next = to
							return
						}
						if i := slices.Index(path, to); i >= 0 {
							names := ""
							for k, r := range path[i:] {
								if k == 10 {
									names += "……→"
									break
								}
								names += r.Title + "→"
							}
							warn(at, one, "review/circle", "“%s”绕回了自己：%s%s。请改正其中一处。", f.Label, names, to.Title)
						}
					})
					at = next
				}
			}
		}
	}
}

// untimely warns of a birth, a death or an honour that is yet to come, or lies before anything that an archive of workers can speak of:
// a digit is wrong.
func (s *Site) untimely(r *Record, warn warner) {
	if s.now.IsZero() {
		return
	}
	today := int32(s.now.Year()*1_00_00 + int(s.now.Month())*1_00 + s.now.Day())
	look := func(v *content.Value) {
		switch {
		case v == nil || v.Date == nil || v.Date.IsZero():
		case v.Date.Lower() > today:
			warn(r, v, "review/future", "%s（%s）还没有到：请核对年份。", v.Field.Label, v.Date.Display())
		case v.Date.Upper() < 1700_00_00:
			warn(r, v, "review/ancient", "%s（%s）太早了：请核对年份，是不是写错了一个数字。", v.Field.Label, v.Date.Display())
		}
	}
	look(r.Role(content.Born))
	look(r.Role(content.Died))
	if roll := r.Schema.Roll; roll != nil {
		look(r.Value(roll.Date))
	}
}

// proved warns of a source that says it proves a field which there is not.
func (s *Site) proved(r *Record, warn warner) {
	for i := range r.Values {
		v := &r.Values[i]
		if !v.Field.Notes {
			continue
		}
		v.Each(func(note *content.Value) {
			for k := range note.Parts {
				p := &note.Parts[k]
				if p.Field.Role != content.CitedFor {
					continue
				}
				for _, name := range strings.FieldsFunc(p.Text, func(r rune) bool { return strings.ContainsRune("、，,；;和及与 ", r) }) {
					if r.Schema.Field(name) != nil || name == "正文" || name == "body" || r.Schema.Field(p.Text) != nil ||
						slices.ContainsFunc(r.Inverse, func(rel Relation) bool { return rel.Label == name }) {
						continue
					}
					hint := "请写字段名，如“" + r.Schema.Fields[min(1, len(r.Schema.Fields)-1)].Label + "”；说明性的话写在“说明”里。"
					if near := diag.Nearest(name, r.Schema.Names()); near != "" {
						hint = "是不是“" + near + "”？"
					}
					warn(r, p, "review/proves", "%s“%s”不是%s的字段。%s", p.Field.Label, name, r.Schema.Label, hint)
				}
			}
		})
	}
}

// twice warns of conferrals of one honour at one time that are the same, or whose numbers on the list are.
func twice(roll *RollOf, records []*Record, warn warner) {
	who, numbers := map[string]*Record{}, map[string]*Record{}
	for _, r := range records {
		rule := r.Schema.Roll
		v := r.Value(rule.Who)
		if v == nil {
			continue
		}
		key := han.ReadName(r.Display(v)).Key + "\x00" + r.Display(r.Value(rule.Unit)) + "\x00" + r.Record.Title
		if to := r.Target(v); to != nil {
			key = to.URL + "\x00" + r.Record.Title
		}
		first, n := who[key], r.Value(rule.Order)
		if first != nil && n != nil && r.Target(v) == nil {
			if m := first.Value(rule.Order); m != nil && m.Text != n.Text {
				first = nil // a list that prints a name twice, under two numbers, means two
			}
		}
		if first != nil {
			warn(r, v, "review/twice", "“%s”获“%s”和 %s:%d 的是同一条：荣誉、获得者、时间都相同。请删去一条，或补写能分清的时任单位、时间。", r.Display(v), roll.Title, first.Path, first.Line)
		} else {
			who[key] = r
		}
		if n != nil {
			at := n.Text
			if first := numbers[at]; first != nil {
				warn(r, n, "review/list-number", "%s %s 在同一份名单里用了两次：%s:%d 也是。", n.Field.Label, n.Text, first.Path, first.Line)
			} else {
				numbers[at] = r
			}
		}
	}
	inFile := slices.Clone(records)
	slices.SortStableFunc(inFile, func(a, b *Record) int { return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line)) })
	for i, r := range inFile[1:] {
		before := inFile[i]
		a, b := before.Value(before.Schema.Roll.Order), r.Value(r.Schema.Roll.Order)
		if a == nil || b == nil || before.Path != r.Path {
			continue
		}
		x, _ := before.sortText(a.Field)
		y, _ := r.sortText(b.Field)
		if y < x {
			warn(r, b, "review/list-order", "%s %s 排在 %s 后面。名单的顺序是不是乱了，或抄错了数字？", b.Field.Label, b.Text, a.Text)
		}
	}
}

// aboutIdentity are the fields that say who is who.
var aboutIdentity = []content.Role{content.SameAs, content.NotSameAs, content.MaybeSame}

// homonyms warns of a person who shares a name with another when neither record says whether they are the
// same.
func (s *Site) homonyms(r *Record, warn func(*Record, *content.Value, string, string, ...any)) {
	same := s.byName()[han.ReadName(r.Title).Key]
	if len(same) < 2 {
		return
	}
	for _, other := range same {
		if other == r || other.Collection != r.Collection {
			continue
		}
		said := slices.ContainsFunc(append(slices.Clone(r.refs), other.refs...), func(x ref) bool {
			return slices.Contains(aboutIdentity, x.value.Field.Role) && (x.to == other || x.to == r)
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
		if c.Imprint {
			continue // what speaks of the site itself
		}
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
