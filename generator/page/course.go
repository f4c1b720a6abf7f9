package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/site"
)

// peerLimit is how many of those who belong together are named on a page.
const peerLimit = 12

// step is an entry of a chronology with what it stands by.
type step struct {
	Step
	day dates.Date
	end bool // nothing comes after it
}

// key is where it stands.
func (x *step) key() int32 {
	if x.end {
		return x.day.Upper()
	}
	return x.day.SortKey()
}

// course makes the chronology of a record: birth and death, posts, honours, events it took part in. It says which relations
// are in it, so that they are not shown again.
func course(s *site.Site, p *RecordPage, r *site.Record, nb *notebook) (in map[*site.Relation]bool) {
	in = map[*site.Relation]bool{}
	var steps []step
	own := func(role content.Role, text string) {
		v := r.Role(role)
		if v == nil || v.Date == nil {
			return
		}
		steps = append(steps, step{Step: Step{HTML: template.HTML(esc(text))}, day: *v.Date, end: role == content.Died || role == content.Ended})
	}
	if r.Schema.Title.Name {
		born := "出生"
		if v := r.Role(content.NativePlace); v != nil {
			born = "出生，籍贯" + r.Display(v)
		}
		own(content.Born, born)
	}
	if v := r.Value(r.Schema.Date); v != nil && r.Schema.Role(content.Ended) != nil && v.Date != nil {
		steps = append(steps, step{Step: Step{HTML: template.HTML(esc(v.Field.Label))}, day: *v.Date})
	}
	steps = append(steps, posts(s, r)...)
	for i := range r.Inverse {
		rel := &r.Inverse[i]
		rule := rel.Schema.Roll
		switch {
		case rule != nil && rel.Field == rule.Who:
			for _, from := range rel.Records[:min(len(rel.Records), relationLimit)] {
				steps = append(steps, conferred(s, from, rule, nb))
			}
			in[rel] = len(rel.Records) <= relationLimit
		case rule == nil && rel.Schema.Chronicle != nil && !(rel.Outer != nil && rel.Outer.Notes) && len(rel.Records) <= relationLimit:
			dated := true
			for _, from := range rel.Records {
				dated = dated && !from.Day.IsZero()
			}
			if !dated {
				continue
			}
			for _, from := range rel.Records {
				x := step{Step: Step{HTML: template.HTML(link(s.Href(from.URL), from.Title))}, day: from.Day}
				if v := from.Role(content.Place); v != nil {
					x.More = append(x.More, template.HTML(esc(from.Display(v))))
				}
				steps = append(steps, x)
			}
			in[rel] = true
		}
	}
	if r.Schema.Title.Name {
		own(content.Died, "逝世")
	} else if v := r.Role(content.Ended); v != nil {
		own(content.Ended, v.Field.Label)
	}
	slices.SortStableFunc(steps, func(a, b step) int {
		if az, bz := a.day.IsZero(), b.day.IsZero(); az || bz {
			return boolInt(az) - boolInt(bz)
		}
		if a.end != b.end {
			return cmp.Compare(a.key(), b.key())
		}
		return a.day.Compare(b.day)
	})
	for _, x := range steps {
		if !x.day.IsZero() {
			x.Date = x.day.Display()
		}
		p.Course = append(p.Course, x.Step)
	}
	if len(in) == 0 && len(steps) < 3 {
		p.Course = nil // the two dates stand elsewhere
	}
	p.Line = lifeLine(r, steps)
	return in
}

// when says, under the title of what is no person, when and where it was; of what came into being and ceased to be, both.
func when(r *site.Record) (date string, where []string) {
	if r.Schema.Feed || r.Schema.Title.Name {
		return "", nil
	}
	if r.Schema.Role(content.Ended) == nil {
		date = r.Day.Display()
	} else {
		var l []string
		for _, v := range []*content.Value{r.Value(r.Schema.Date), r.Role(content.Ended)} {
			if v != nil && v.Date != nil {
				l = append(l, v.Date.Display()+v.Field.Label)
			}
		}
		date = strings.Join(l, "，")
	}
	for _, role := range []content.Role{content.Place, content.Publisher, content.Issue} {
		if v := r.Role(role); v != nil {
			where = append(where, r.Display(v))
		}
	}
	return date, where
}

// compared is a field whose several values are texts that are to be read beside each other, such as definitions; ok is false
// if it is none.
func compared(s *site.Site, r *site.Record, v *content.Value, marks []int) (c Compared, ok bool) {
	f := v.Field
	if f.Type != content.Object || len(v.Items) < 2 || len(f.Fields) == 0 || f.Fields[0].Type != content.Text || !f.Fields[0].Required {
		return c, false
	}
	c = Compared{Label: f.Label, Marks: marks}
	v.Each(func(v *content.Value) {
		var card Card
		for i := range v.Parts {
			p := &v.Parts[i]
			html := template.HTML(value(s, r, p))
			switch {
			case p.Field == f.Fields[0]:
				card.Head = html
			case p.Field.Type == content.RefType && v.Parts[0].Field == f.Fields[0] && r.Display(p) == v.Parts[0].Text:
				card.Head = html // the same words, and they lead there
			case p.Field.Type == content.Text && p.Field.Role == content.NoRole:
				card.Texts = append(card.Texts, html)
			default:
				card.Facts = append(card.Facts, html)
			}
		}
		c.Cards = append(c.Cards, card)
	})
	return c, true
}

// posts are those of a person's posts that have a date.
func posts(s *site.Site, r *site.Record) []step {
	v := r.Role(content.Posts)
	if v == nil {
		return nil
	}
	var l []step
	v.Each(func(v *content.Value) {
		var day dates.Date
		var parts []string
		for i := range v.Parts {
			if p := &v.Parts[i]; p.Date != nil {
				day = *p.Date
			} else {
				parts = append(parts, value(s, r, p))
			}
		}
		if !day.IsZero() && len(parts) > 0 {
			l = append(l, step{Step: Step{HTML: template.HTML(strings.Join(parts, "　"))}, day: day})
		}
	})
	return l
}

// conferred is an honour that was given, as an entry: which, on which occasion, by whom, and where that is from.
func conferred(s *site.Site, from *site.Record, rule *content.Roll, nb *notebook) step {
	l := honor(s, from, rule)
	x := step{Step: Step{HTML: template.HTML(link(l.URL, l.Text)), Honored: true, Revoked: from.Revoked(), ID: from.Anchor(), URL: s.Href(from.URL)}}
	if l.URL == "" {
		x.HTML = template.HTML(esc(from.Title))
	}
	if v := from.Value(rule.Date); v != nil && v.Date != nil {
		x.day = *v.Date
	}
	for _, f := range from.Schema.Fields {
		if f == rule.Group || f == rule.Who || f == rule.Unit || f.Type != content.RefType || len(f.Inherit) > 0 || f.Notes {
			continue
		}
		if v := from.Value(f); v != nil {
			x.More = append(x.More, template.HTML(value(s, from, v)))
		}
	}
	if _, year, ok := s.Given(from); ok && len(year.Records) > 1 && l.URL != "" {
		x.More = append(x.More, template.HTML(link(l.URL+"#y"+daySlug(year.Day), fmt.Sprintf("同批 %d 位（个）", len(year.Records)))))
	}
	if n := nb.gather(s, from); n > 0 {
		x.Marks = []int{n}
	}
	return x
}

// lifeLine draws the years of a life, or of what has a beginning and an end; nil if one of its ends is not known.
func lifeLine(r *site.Record, steps []step) *LifeLine {
	year := func(role content.Role) int {
		v := r.Role(role)
		if v == nil || v.Date == nil || v.Date.OpenStart() || v.Date.OpenEnd() {
			return 0
		}
		from, to := v.Date.Years()
		if from != to {
			return 0
		}
		return from
	}
	from, to := year(content.Born), year(content.Died)
	if !r.Schema.Title.Name || from == 0 {
		return nil
	}
	type mark struct {
		year    int
		honored bool
	}
	var marks []mark
	last := to
	for _, x := range steps {
		if x.day.IsZero() || x.day.OpenStart() || x.day.OpenEnd() || x.day.Precision() > dates.Year {
			continue
		}
		y, _ := x.day.Years()
		if y > from && (to == 0 || y < to) && (len(marks) == 0 || marks[len(marks)-1].year != y || x.Honored) {
			marks = append(marks, mark{y, x.Honored})
		}
		last = max(last, y)
	}
	if len(marks) == 0 || last <= from {
		return nil
	}
	l := &LifeLine{From: strconv.Itoa(from), To: strconv.Itoa(last), Open: to == 0, Says: fmt.Sprintf("%d年生", from)}
	span := last - from
	if l.Open {
		span += max(2, span/12) // it goes on
	}
	room := -100
	for _, m := range marks {
		t := Tick{X: 1000 * (m.year - from) / span, Honored: m.honored}
		if t.X-room >= 75 && t.X <= 930 && t.X >= 70 {
			t.Text, room = strconv.Itoa(m.year), t.X
		}
		l.Ticks = append(l.Ticks, t)
		word := "事"
		if m.honored {
			word = "受表彰"
		}
		l.Says += fmt.Sprintf("，%d年%s", m.year, word)
	}
	if to != 0 {
		l.Says += fmt.Sprintf("，%d年逝世", to)
	}
	return l
}

// peers are the others of the same unit, and those who were honoured at the same time.
func peers(s *site.Site, p *RecordPage, r *site.Record) {
	if !r.Schema.Title.Name {
		return
	}
	add := func(label, url string, others []*site.Record) {
		g := Group{Label: label, URL: url, Count: len(others)}
		for _, x := range others[:min(len(others), peerLimit)] {
			g.Entries = append(g.Entries, Entry{Title: x.Title, URL: s.Href(x.URL), Person: true})
		}
		p.Peers = append(p.Peers, g)
	}
	s.SameUnit(r, func(unit string, others []*site.Record) { add("同单位："+unit, "", others) })
	seen := map[*site.RollYear]bool{}
	for _, rel := range r.Inverse {
		rule := rel.Schema.Roll
		if rule == nil || rel.Field != rule.Who {
			continue
		}
		for _, from := range rel.Records[:min(len(rel.Records), peerLimit)] {
			roll, year, ok := s.Given(from)
			if !ok || seen[year] || year.Day.IsZero() {
				continue
			}
			seen[year] = true
			var others []*site.Record
			known := map[*site.Record]bool{r: true}
			for _, x := range year.Records {
				to := x.Target(x.Value(x.Schema.Roll.Who))
				if to != nil && !known[to] {
					known[to] = true
					others = append(others, to)
				}
				if len(others) > peerLimit {
					break
				}
			}
			if len(others) == 0 {
				continue
			}
			add("同批："+year.Day.Display()+roll.Title, s.Href(rollURL(roll, "", 1))+"#y"+daySlug(year.Day), others)
			p.Peers[len(p.Peers)-1].Count = len(year.Records) - 1
		}
	}
}
