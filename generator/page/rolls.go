package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/site"
)

// rolls makes the list of honours that have a roll.
func rolls(s *site.Site) *RollsPage {
	url := s.Href("/rolls/")
	p := RollsPage{Page: frame(s, "rolls", "荣誉名册", "/rolls/", url)}
	p.Lede = "按荣誉称号与授予年份编列。名次照名单原来的顺序；没有名单顺序的，按姓名读音。"
	places := map[string]int{} // of the levels, in the order of the schema
	for _, r := range s.Rolls() {
		label, place := "其他", 1000
		if r.Honor != nil {
			if v := r.Honor.Role(content.Level); v != nil {
				label, place = v.Text, slices.Index(v.Field.Values, v.Text)
			}
		}
		places[label] = place
		i := slices.IndexFunc(p.Groups, func(x RollGroup) bool { return x.Label == label })
		if i < 0 {
			i = len(p.Groups)
			p.Groups = append(p.Groups, RollGroup{Label: label})
		}
		p.Groups[i].Rolls = append(p.Groups[i].Rolls, rollLink(s, r))
	}
	slices.SortStableFunc(p.Groups, func(a, b RollGroup) int { return places[a.Label] - places[b.Label] })
	p.Head = viewHead(s, "荣誉名册", p.Lede, "/rolls/")
	return &p
}

// rollLink leads to a roll; its note is the years from the first to the last.
func rollLink(s *site.Site, r *site.RollOf) Link {
	l := Link{Text: r.Title, URL: s.Href("/rolls/" + r.Slug + "/"), Count: r.Count}
	var from, to int
	for _, y := range r.Years {
		if !y.Day.IsZero() {
			a, z := y.Day.Years()
			if from == 0 {
				from = a
			}
			to = max(to, z)
		}
	}
	switch {
	case from != 0 && from == to:
		l.Note = fmt.Sprintf("%d年", from)
	case from != 0:
		l.Note = fmt.Sprintf("%d—%d年", from, to)
	}
	return l
}

// Limits of the pages of a roll.
const (
	rollLimit = 240 // names on a page
	rollFirst = 8   // names that a landing page shows of each year
)

// rollURL is the path of page i of a roll, or of a part of it.
func rollURL(r *site.RollOf, part string, i int) string {
	url := "/rolls/" + r.Slug + "/"
	if part != "" {
		url += part + "/"
	}
	if i > 1 {
		url += fmt.Sprintf("page/%d/", i)
	}
	return url
}

// daySlug is a year of a roll as a part of a URL.
func daySlug(d dates.Date) string {
	if d.IsZero() {
		return site.Undated
	}
	return site.Slug(strings.ReplaceAll(d.String(), "/", "_"))
}

func dayLabel(d dates.Date) string {
	if d.IsZero() {
		return "年份未核到"
	}
	return d.Display()
}

// rollPages adds the pages of a roll: all of it, or where that is too much for one page each year; and its parts.
func rollPages(s *site.Site, r *site.RollOf, add func(Route)) {
	origin := "荣誉“" + r.Title + "”的名册"
	add(Route{URL: rollURL(r, "", 1), Origin: origin, Pos: r.Pos, Data: func() Data { return roll(s, r) }})
	whole := sync.OnceValue(func() map[string]rollDay { // for all pages once
		days := map[string]rollDay{}
		for _, d := range coveredYears(s, r) {
			days[d.day.String()] = d
		}
		return days
	})
	parts := func(part, label string, records []*site.Record) {
		n := (len(records) + rollLimit - 1) / rollLimit
		for i := 1; i <= n; i++ {
			add(Route{URL: rollURL(r, part, i), Origin: origin, Pos: r.Pos, Split: true, Data: func() Data { return rollPart(s, r, part, label, records, whole(), i, n) }})
		}
	}
	if r.Count+r.Ended > rollLimit {
		for _, y := range r.Years {
			parts(daySlug(y.Day), dayLabel(y.Day), y.Records)
		}
	}
	if ordered(r) {
		for _, o := range orders {
			n := (r.Count + r.Ended + rollLimit - 1) / rollLimit
			sorted := sync.OnceValue(func() []*site.Record { return o.sorted(r) }) // for all pages once
			for i := 1; i <= n; i++ {
				add(Route{URL: rollURL(r, o.path, i), Origin: origin, Pos: r.Pos, Split: i > 1, Data: func() Data { return rollIn(s, r, o, sorted(), whole(), i, n) }})
			}
		}
	}
	for _, b := range r.By {
		for _, t := range b.Terms {
			parts(b.Key+"/"+t.Slug, t.Text, t.Records)
		}
	}
}

// roll makes the roll of one honour: all, or what is worth a landing page where each year has a page of its own.
func roll(s *site.Site, r *site.RollOf) *RollPage {
	p, says := rollPage(s, r, "", ""), coveredYears(s, r)
	split := r.Count+r.Ended > rollLimit
	var nb notebook
	counts := map[string]int{}
	for i := range says {
		y := rollYear(s, &says[i])
		records := says[i].records
		if first := max(2, min(rollFirst, rollLimit/len(says))); split && len(records) > first {
			y.More = &Link{Text: fmt.Sprintf("这一年全部 %d 位（个）", len(records)), URL: s.Href(rollURL(r, daySlug(says[i].day), 1))}
			records = records[:first]
		}
		y.Names = rollNames(s, &nb, records)
		counts[y.ID] = len(says[i].records)
		p.Years = append(p.Years, y)
	}
	equalYears(s, r, p, nil)
	for _, y := range p.Years {
		p.Jump = append(p.Jump, Link{Text: y.Label, URL: "#" + y.ID, Count: counts[y.ID]})
	}
	p.Notes = nb.notes
	if ordered(r) {
		p.Orders = switches(s, rollURL(r, "", 1), "名单", "", "")
	}
	p.Head = viewHead(s, r.Title+"名册", fmt.Sprintf("%s获得者名册，已著录 %d 条。", r.Title, r.Count), rollURL(r, "", 1))
	return p
}

// rollPart makes page i of n of one year, region or heading of a roll; whole are its times.
func rollPart(s *site.Site, r *site.RollOf, part, label string, records []*site.Record, whole map[string]rollDay, i, n int) *RollPage {
	named := label
	if i > 1 {
		named += fmt.Sprintf("（第 %d 页）", i)
	}
	title := r.Title + "：" + named
	p := rollPage(s, r, part, title)
	p.URL, p.Part, p.Count = s.Href(rollURL(r, part, i)), named, len(records)
	var nb notebook
	byYear := len(whole) > 0 && !strings.Contains(part, "/")
	for _, rec := range records[(i-1)*rollLimit : min(i*rollLimit, len(records))] {
		day := dates.Date{}
		if v := rec.Value(rec.Schema.Roll.Date); v != nil && v.Date != nil {
			day = *v.Date
		}
		d := rollDay{day: day}
		if byYear {
			d = whole[day.String()]
		}
		y := rollYear(s, &d)
		if k := len(p.Years); k == 0 || p.Years[k-1].ID != y.ID {
			p.Years = append(p.Years, y)
		}
		last := &p.Years[len(p.Years)-1]
		last.Names = append(last.Names, rollNames(s, &nb, []*site.Record{rec})...)
	}
	if byYear {
		at := slices.IndexFunc(r.Years, func(y site.RollYear) bool { return daySlug(y.Day) == part })
		p.Jump = beside(len(r.Years), at, Link{Text: r.Title, URL: s.Href(rollURL(r, "", 1))}, func(i int) Link {
			y := r.Years[i]
			return Link{Text: dayLabel(y.Day), URL: s.Href(rollURL(r, daySlug(y.Day), 1)), Count: len(y.Records)}
		})
	} else {
		if i == 1 && n == 1 {
			equalYears(s, r, p, &part)
		}
		for _, y := range p.Years {
			p.Jump = append(p.Jump, Link{Text: y.Label, URL: "#" + y.ID, Count: len(y.Names)})
		}
	}
	p.Pager = pager(s, i, n, func(i int) string { return rollURL(r, part, i) })
	p.Notes = nb.notes
	p.Head = viewHead(s, title, fmt.Sprintf("%s获得者名册：%s，已著录 %d 条。", r.Title, label, len(records)), rollURL(r, part, i))
	return p
}

// rollPage is what all pages of a roll have.
func rollPage(s *site.Site, r *site.RollOf, part, title string) *RollPage {
	root := Link{Text: "荣誉名册", URL: s.Href("/rolls/")}
	crumbs := []Link{root}
	if part == "" {
		title = r.Title
	} else {
		crumbs = append(crumbs, Link{Text: r.Title, URL: s.Href(rollURL(r, "", 1))})
	}
	p := RollPage{Page: frame(s, "roll", title, rollURL(r, part, 1), root.URL, crumbs...), Honor: Link{Text: r.Title}, Count: r.Count}
	if h := r.Honor; h != nil {
		p.Honor.URL = s.Href(h.URL)
		if part == "" {
			p.Lede = h.Summary()
			for _, f := range []*content.Field{h.Schema.Role(content.Level), h.Schema.Role(content.Grantor), h.Schema.Date, h.Schema.Role(content.Interval)} {
				if v := h.Value(f); v != nil {
					p.About = append(p.About, Labeled{v.Field.Label, template.HTML(value(s, h, v)), nil})
				}
			}
		}
	}
	p.By = rollBy(s, r, part)
	return &p
}

// rollBy leads to the parts of a roll, each with how many are recorded; part is the one that the page is of.
func rollBy(s *site.Site, r *site.RollOf, part string) []TermSet {
	var sets []TermSet
	for _, b := range r.By {
		link := func(i int) Link {
			t := b.Terms[i]
			return Link{Text: t.Text, URL: s.Href(rollURL(r, b.Key+"/"+t.Slug, 1)), Count: len(t.Records)}
		}
		set := TermSet{Label: "按" + b.Label}
		if part == "" {
			for i := range b.Terms {
				set.Terms = append(set.Terms, link(i))
			}
		} else {
			slug, within := strings.CutPrefix(part, b.Key+"/")
			at := slices.IndexFunc(b.Terms, func(t *site.Term) bool { return within && t.Slug == slug })
			set.Terms = beside(len(b.Terms), at, Link{Text: r.Title, URL: s.Href(rollURL(r, "", 1))}, link)
		}
		sets = append(sets, set)
	}
	return sets
}

// rollDay is one time at which an honour was given: its rounds with what was announced, and who is recorded.
type rollDay struct {
	day     dates.Date
	records []*site.Record
	rounds  []site.Covered
}

// rollYear is such a time, without the names.
func rollYear(s *site.Site, d *rollDay) RollYear {
	y := RollYear{Label: dayLabel(d.day), ID: "y" + daySlug(d.day), Share: -1}
	official, recorded := 0, 0
	parted := 0
	for _, x := range d.rounds {
		if len(x.Parts) > 0 {
			parted++
		}
	}
	for _, x := range d.rounds {
		if x.Official > 0 {
			official, recorded = official+x.Official, recorded+x.Recorded
		}
		for _, part := range x.Parts {
			label := part.Label
			if parted > 1 {
				label = x.Title + "：" + label
			}
			y.Parts = append(y.Parts, Part{label, announced(part.Official, part.Recorded)})
		}
		if x.Round == nil {
			continue
		}
		round := Round{Title: x.Title, URL: s.Href(x.Round.URL)}
		for i := range x.Round.Values {
			v := &x.Round.Values[i]
			if v.Field.Type == content.RefType && !v.Field.Notes && !honors(s, x.Round, v) {
				round.Facts = append(round.Facts, Labeled{v.Field.Label, template.HTML(value(s, x.Round, v)), nil})
			}
		}
		y.Rounds = append(y.Rounds, round)
	}
	if official > 0 {
		y.Covered = announced(official, recorded)
		y.Share = min(100, 100*recorded/official)
	}
	return y
}

// announced sets how many are recorded beside how many were announced, and says if they are more.
func announced(official, recorded int) string {
	s := fmt.Sprintf("公布 %d，已著录 %d", official, recorded)
	if recorded > official {
		s += fmt.Sprintf("，多出 %d，待核", recorded-official)
	}
	return s
}

// honors reports whether a value says which honour a round is of.
func honors(s *site.Site, round *site.Record, v *content.Value) bool {
	to := round.Target(v)
	return v.Items == nil && to != nil && s.IsHonors(to.Collection)
}

// rollNames are lines of a roll, each with one note that holds all its sources.
func rollNames(s *site.Site, nb *notebook, records []*site.Record) []Entry {
	l := make([]Entry, 0, len(records))
	for _, rec := range records {
		rule := rec.Schema.Roll
		e := Entry{Title: rec.Title, ID: rec.Anchor(), Revoked: rec.Revoked()}
		who := rec.Value(rule.Who)
		var to *site.Record
		if who != nil {
			e.Title = rec.Display(who)
			if to = rec.Target(who); to != nil {
				e.URL, e.Person = s.Href(to.URL), to.Schema.Title.Name
			}
		}
		if v := rec.Value(rule.Unit); v != nil {
			e.Meta = append(e.Meta, rec.Display(v))
		} else if to != nil {
			// Where the list gives no unit, that of the profile tells who is meant.
			if u := to.Role(content.Unit); u != nil {
				e.Meta = append(e.Meta, to.Display(u))
			}
		}
		if v := rec.Value(rule.Post); v != nil {
			e.Meta = append(e.Meta, rec.Display(v))
		}
		if n := nb.gather(s, rec); n > 0 {
			e.Marks = []int{n}
		}
		l = append(l, e)
	}
	return l
}

// equalYears says, beside each year of a roll, which honour counts as the same and was given in it, and puts in the years in
// which only that was. part is the region or heading that the page is of.
func equalYears(s *site.Site, r *site.RollOf, p *RollPage, part *string) {
	added := false
	for _, x := range s.Equals(r) {
		url := s.Href(rollURL(x, "", 1))
		within := map[*site.Record]bool{}
		if part != nil {
			found := false
			for _, b := range x.By {
				for _, t := range b.Terms {
					if b.Key+"/"+t.Slug == *part {
						found, url = true, s.Href(rollURL(x, *part, 1))
						for _, rec := range t.Records {
							within[rec] = true
						}
					}
				}
			}
			if !found {
				continue
			}
		}
		for _, y := range x.Years {
			n := 0
			for _, rec := range y.Records {
				if part == nil || within[rec] {
					n++
				}
			}
			if n == 0 || y.Day.IsZero() {
				continue
			}
			d := rollDay{day: y.Day}
			year := rollYear(s, &d)
			l := Link{Text: x.Title, URL: url + "#" + year.ID, Count: n}
			i := slices.IndexFunc(p.Years, func(have RollYear) bool { return have.ID == year.ID })
			if i < 0 {
				added, year.Equal = true, []Link{l}
				p.Years = append(p.Years, year)
				continue
			}
			p.Years[i].Equal = append(p.Years[i].Equal, l)
		}
	}
	if added {
		slices.SortStableFunc(p.Years, func(a, b RollYear) int { return strings.Compare(a.ID, b.ID) })
	}
}
