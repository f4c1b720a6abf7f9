package site

import (
	"fmt"
	"strings"

	"gongzhi/generator/content"
)

// Doubt is something of which the archive does not know what is right.
type Doubt struct {
	Record *Record
	Value  *content.Value // the value in question, or nil
	Text   string         // what is not known
	Others []*Record      // who or what it may be
}

// Doubts are those of one kind.
type Doubts struct {
	Label, About string
	Settled      bool // looked at; they stay as they are
	List         []Doubt
}

// Doubts gives all that is open, by kinds; kinds without any are left out.
func (s *Site) Doubts() []Doubts { return s.doubts() }

func (s *Site) makeDoubts() []Doubts {
	names := Doubts{Label: "没有定是谁", About: "只写着姓名，同名的不止一人，或资料和人物不合，先只作文字。"}
	for _, u := range s.Undecided {
		names.List = append(names.List, Doubt{u.Record, u.Value, "“" + u.Value.Text + "”：" + u.Reason, u.Candidates})
	}
	maybe := Doubts{Label: "可能是同一人", About: "两条记录像是同一人，还不能定。"}
	differ := Doubts{Label: "各说不一", About: "两种材料说法不同，并列在这里；采用的一说注明。"}
	weak := Doubts{Label: "出处存疑", About: "根据的材料可信度存疑。"}
	for _, c := range s.Collections {
		for _, r := range c.Records {
			if v := r.Role(content.MaybeSame); v != nil {
				v.Each(func(v *content.Value) {
					if to := r.Target(v); to != nil {
						maybe.List = append(maybe.List, Doubt{r, v, "可能和另一条说的是同一人", []*Record{to}})
					}
				})
			}
			for _, v := range r.Variants() {
				differ.List = append(differ.List, Doubt{r, v.Value, v.String(), nil})
			}
			r.notes(func(note *content.Value) {
				if p := note.Part(content.CitedTrust); p != nil && p.Text == "存疑" {
					weak.List = append(weak.List, Doubt{r, p, r.sourceName(note) + "：存疑", nil})
				}
			})
		}
	}
	figures := Doubts{Label: "数字和时间不合", About: "按材料照录，算起来不合，还没有核定。"}
	seen := Doubts{Label: "数字和时间不合，已核", Settled: true, About: "算起来不合，看过以后照录的，写明缘由。"}
	for _, f := range s.Findings() {
		d := Doubt{f.Record, f.Value, f.Text, nil}
		if f.Reason == "" {
			figures.List = append(figures.List, d)
		} else {
			d.Text += "已核：" + strings.TrimRight(f.Reason, "。") + "。"
			seen.List = append(seen.List, d)
		}
	}
	over := Doubts{Label: "著录多于公布", About: "著录的人数比公布的多：或有重复、误入，或公布的数目不全。", List: s.overCounts()}
	var all []Doubts
	for _, d := range []Doubts{names, maybe, differ, weak, over, figures, seen} {
		if len(d.List) > 0 {
			all = append(all, d)
		}
	}
	return all
}

// overCounts gives the rounds, and regions and classes of them, of which more are recorded than were announced.
func (s *Site) overCounts() []Doubt {
	var list []Doubt
	for _, r := range s.coveredRounds() {
		add := func(label string, official, recorded int) {
			if official >= 0 && recorded > official {
				list = append(list, Doubt{r.Round, r.Round.Role(content.Official), fmt.Sprintf("%s公布 %d，已著录 %d，多出 %d", label, official, recorded, recorded-official), nil})
			}
		}
		add("", r.Official, r.Recorded)
		for _, part := range r.Parts {
			add(part.Label+"：", part.Official, part.Recorded)
		}
	}
	return list
}

// Variant is one more thing that is said of a field: the record has one, a source has another.
type Variant struct {
	Field  *content.Field
	Value  *content.Value // what the record has, nil if nothing
	Taken  string         // the same, as it is shown
	Other  string         // what the source has
	Source string         // its name
	Cited  *content.Value // the source as the record has it
}

// String sets the two side by side.
func (v Variant) String() string {
	taken := "没有采用哪一说"
	if v.Taken != "" {
		taken = v.Taken + "（采用）"
	}
	return v.Field.Label + "：" + taken + "；" + v.Source + "作" + v.Other
}

// Variants gives what sources say otherwise than the record does.
func (r *Record) Variants() []Variant {
	var all []Variant
	r.notes(func(note *content.Value) {
		says, about := note.Part(content.CitedSays), note.Part(content.CitedFor)
		if says == nil || about == nil {
			return
		}
		f := r.Schema.Field(about.Text)
		if f == nil {
			return
		}
		x := Variant{Field: f, Value: r.Value(f), Other: says.Text, Source: r.sourceName(note), Cited: note.Part(content.Cited)}
		if x.Value != nil {
			x.Taken = r.Display(x.Value)
		}
		all = append(all, x)
	})
	return all
}

// notes calls f for each source of a record.
func (r *Record) notes(f func(note *content.Value)) {
	for i := range r.Values {
		if v := &r.Values[i]; v.Field.Notes {
			v.Each(f)
		}
	}
}

// sourceName is what a source of a record is called.
func (r *Record) sourceName(note *content.Value) string {
	if p := note.Part(content.Cited); p != nil {
		if t, _ := content.JustText(r.Name(p)); t != "" {
			return t
		}
	}
	return "另一材料"
}
