package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/dates"
	"gongzhi/generator/site"
)

// decadeLinks leads to each decade, on one page or several.
func decadeLinks(s *site.Site) []Link {
	entries := s.Chronicle()
	var l []Link
	for _, d := range s.Decades() {
		url := "/chronicle/#d" + d.ID
		if len(entries) > chronicleLimit {
			url = "/chronicle/" + d.ID + "/"
		}
		l = append(l, Link{Text: d.Label, URL: s.Href(url), Count: len(d.Entries)})
	}
	return l
}

// yearsOf names the years of a decade, each once: "1956 1959".
func yearsOf(d site.Decade) string {
	var years []string
	for _, e := range d.Entries {
		if year, known := e.Year(); known && d.ID != site.Undated {
			if text := strconv.Itoa(year); len(years) == 0 || years[len(years)-1] != text {
				years = append(years, text)
			}
		}
	}
	return strings.Join(years, " ")
}

// chronicleKinds are the collections that make the chronicle, if there are several.
func chronicleKinds(s *site.Site) []*site.Collection {
	var l []*site.Collection
	has := map[*site.Collection]bool{}
	for i := range s.Chronicle() {
		c := s.Chronicle()[i].Record.Collection
		if !has[c] {
			has[c] = true
			l = append(l, c)
		}
	}
	if len(l) < 2 {
		return nil
	}
	slices.SortStableFunc(l, func(a, b *site.Collection) int { return a.Position - b.Position })
	return l
}

// decadesOf gives the decades of the chronicle, of all (c == nil) or of one kind of record.
func decadesOf(s *site.Site, c *site.Collection) []site.Decade {
	if c == nil {
		return s.Decades()
	}
	var l []site.Decade
	for _, d := range s.Decades() {
		own := site.Decade{ID: d.ID, Label: d.Label}
		for _, e := range d.Entries {
			if e.Record.Collection == c {
				own.Entries = append(own.Entries, e)
			}
		}
		if len(own.Entries) > 0 {
			l = append(l, own)
		}
	}
	return l
}

func lines(all []site.Decade) int {
	n := 0
	for _, d := range all {
		n += len(d.Entries)
	}
	return n
}

// chronicleURL is the path of page i of the chronicle, of one kind of record or of one decade.
func chronicleURL(c *site.Collection, decade string, i int) string {
	url := "/chronicle/"
	if c != nil {
		url += "of/" + c.Key + "/"
	}
	if decade != "" {
		url += decade + "/"
	}
	if i > 1 {
		url += fmt.Sprintf("page/%d/", i)
	}
	return url
}

// chronicle makes 大事记, of all or of one kind of record; where it is too much for one page, what matters most of each decade.
func chronicle(s *site.Site, c *site.Collection, all []site.Decade, kinds []*site.Collection) *ChroniclePage {
	p := chroniclePage(s, c, all, kinds, "", "")
	p.Lede = fmt.Sprintf("共 %d 条。只知到年的列于年末，作“是年”；只知到月的列于月末；日期下的短线是它在一年里可能的时候。", lines(all))
	if c == nil && len(kinds) > 0 {
		labels := make([]string, len(kinds))
		for i, c := range kinds {
			labels[i] = c.Label
		}
		p.Lede = "由" + strings.Join(labels, "、") + "合编，" + p.Lede
	}
	split := lines(all) > chronicleLimit
	for _, d := range all {
		if !split {
			p.Decades = append(p.Decades, decade(s, d))
			continue
		}
		first := d
		first.Entries = foremost(d.Entries, max(3, min(8, chronicleLimit/len(all)/2)))
		x := decade(s, first)
		x.Jump = nil
		if len(first.Entries) < len(d.Entries) {
			x.More = &Link{Text: fmt.Sprintf("%s全部 %d 条", d.Label, len(d.Entries)), URL: s.Href(chronicleURL(c, d.ID, 1))}
		}
		p.Decades = append(p.Decades, x)
	}
	p.Head = viewHead(s, p.Title, p.Lede, chronicleURL(c, "", 1))
	return p
}

// chronicleDecade makes page i of n of decade k.
func chronicleDecade(s *site.Site, c *site.Collection, all []site.Decade, k int, kinds []*site.Collection, i, n int) *ChroniclePage {
	d := all[k]
	title := "：" + d.Label
	if i > 1 {
		title += fmt.Sprintf("（第 %d 页）", i)
	}
	p := chroniclePage(s, c, all, kinds, d.ID, title)
	p.URL = s.Href(chronicleURL(c, d.ID, i))
	part := d
	part.Entries = d.Entries[(i-1)*chronicleLimit : min(i*chronicleLimit, len(d.Entries))]
	p.Decades = []Decade{decade(s, part)}
	p.Pager = pager(s, i, n, func(i int) string { return chronicleURL(c, d.ID, i) })
	p.Head = viewHead(s, p.Title, fmt.Sprintf("%s的大事记，共 %d 条。", d.Label, len(d.Entries)), chronicleURL(c, d.ID, i))
	return p
}

// chroniclePage is what all pages of the chronicle have.
func chroniclePage(s *site.Site, c *site.Collection, all []site.Decade, kinds []*site.Collection, only, suffix string) *ChroniclePage {
	root := Link{Text: "大事记", URL: s.Href("/chronicle/")}
	title := root.Text
	var crumbs []Link
	if c != nil {
		title += "：" + c.Label
		crumbs = append(crumbs, root)
	}
	if only != "" {
		crumbs = append(crumbs, Link{Text: title, URL: s.Href(chronicleURL(c, "", 1))})
		if c != nil {
			crumbs = crumbs[len(crumbs)-2:]
		}
	}
	p := ChroniclePage{Page: frame(s, "chronicle", title+suffix, chronicleURL(c, only, 1), root.URL, crumbs...)}
	split := lines(all) > chronicleLimit
	counts, most := map[int]int{}, 0
	for _, d := range all {
		for i := range d.Entries {
			if y, ok := d.Entries[i].Year(); ok {
				counts[y]++
				most = max(most, counts[y])
			}
		}
	}
	for _, d := range all {
		url := chronicleURL(c, "", 1) + "#d" + d.ID
		if split {
			url = chronicleURL(c, d.ID, 1)
		}
		r := Rail{Link: Link{Text: d.Label, URL: s.Href(url), Count: len(d.Entries), Current: d.ID == only}}
		if year, _ := d.Entries[0].Year(); d.ID != site.Undated {
			var b strings.Builder
			for k := range 10 {
				if n := counts[floorTen(year)+k]; n > 0 {
					h := max(2, 24*n/most)
					fmt.Fprintf(&b, "M%d 24v-%dh8v%dz", k*10, h, h)
				}
			}
			r.Path = b.String()
		}
		p.Rail = append(p.Rail, r)
		p.Index = append(p.Index, r.Link)
	}
	if len(kinds) > 0 {
		p.Kinds = append(p.Kinds, Link{Text: "全部", URL: root.URL, Current: c == nil})
		for _, x := range kinds {
			p.Kinds = append(p.Kinds, Link{Text: x.Label, URL: s.Href(chronicleURL(x, "", 1)), Current: x == c})
		}
	}
	return &p
}

// foremost picks n lines that matter most, in their order.
func foremost(entries []site.Entry, n int) []site.Entry {
	var l []site.Entry
	for _, w := range []string{"big", "", "small"} {
		var same []site.Entry
		for i := range entries {
			if weight(&entries[i]) == w {
				same = append(same, entries[i])
			}
		}
		// Of more than there is room for, some from all over the decade.
		for k, room := 0, min(n-len(l), len(same)); k < room; k++ {
			l = append(l, same[k*len(same)/room])
		}
	}
	slices.SortStableFunc(l, func(a, b site.Entry) int { return a.Day.Compare(b.Day) })
	return l
}

// weighty is from how many records that speak of one it stands out in the chronicle.
const weighty = 5

// weight tells what many records speak of, and what was given to many, from what was given to one.
func weight(e *site.Entry) string {
	if len(e.Group) >= weighty {
		return "big"
	}
	if e.Honored {
		return "small"
	}
	n := 0
	for i := range e.Record.Inverse {
		n += len(e.Record.Inverse[i].Records)
	}
	if n >= weighty {
		return "big"
	}
	return ""
}

// span is the place of a date in its year; nil if it is known to the day (or to a few weeks of days), or its year is not.
func span(e *site.Entry) *Span {
	year, known := e.Year()
	d := e.Day
	exact := d.Precision() <= dates.Day && !d.Approx() && !d.Uncertain() && (!d.Interval() || d.Upper()-d.Lower() < 2_00)
	if !known || exact || d.OpenStart() {
		return nil
	}
	ordinal := func(day int32) int {
		switch y := int(day / 10000); {
		case y < year:
			return 0
		case y > year:
			return 366
		}
		return (int(day/100%100)-1)*305/10 + int(day%100)
	}
	from, to := ordinal(d.Lower()), ordinal(d.Upper())
	from = max(0, from-1)
	x := &Span{X: from, Width: max(4, to-from), About: d.Approx() || d.Uncertain()}
	x.Width = min(x.Width, 366-x.X)
	return x
}

func decade(s *site.Site, d site.Decade) Decade {
	out := Decade{Label: d.Label, ID: "d" + d.ID}
	for _, e := range d.Entries {
		year, known := e.Year()
		label, id := fmt.Sprintf("%d年", year), fmt.Sprintf("y%d", year)
		switch {
		case d.ID == site.Undated:
			label, id = "", "y"+d.ID // the heading of all says it
		case !known:
			label, id = "年份不详", "y"+d.ID
		}
		if n := len(out.Years); n == 0 || out.Years[n-1].ID != id {
			out.Years = append(out.Years, Year{Label: label, ID: id})
		}
		y := &out.Years[len(out.Years)-1]
		y.Items = append(y.Items, event(s, e))
	}
	if len(out.Years) > 2 {
		for _, y := range out.Years {
			out.Jump = append(out.Jump, Link{Text: y.Label, URL: "#" + y.ID, Count: len(y.Items)})
		}
	}
	return out
}

func event(s *site.Site, e site.Entry) Event {
	v := Event{Date: date(e.Day), Day: marginDay(e.Day), Text: e.Text, Place: e.Place, Honored: e.Honored, URL: s.Href(e.Record.URL), Weight: weight(&e), Span: span(&e)}
	if e.Group != nil {
		rule := e.Record.Schema.Roll
		if rule != nil {
			v.URL = honor(s, e.Record, rule).URL
		}
		for i, r := range e.Group {
			if i == groupLimit {
				v.More = append(v.More, Link{Text: fmt.Sprintf("……共 %d %s", len(e.Group), r.Schema.Unit), URL: v.URL})
				break
			}
			l := Link{Text: r.Title, URL: s.Href(r.URL)}
			if rule != nil {
				if w := r.Value(rule.Who); w != nil {
					l.Text = r.Display(w)
					if to := r.Target(w); to != nil {
						l.URL = s.Href(to.URL)
					}
				}
			}
			if was := r.Revoked(); was != "" {
				l.Text += "（" + was + "）"
			}
			v.More = append(v.More, l)
		}
	}
	return v
}

// marginDay is what hangs in the margin beside a line of the chronicle. Its year stands above already.
func marginDay(d dates.Date) string {
	about := ""
	if d.Approx() {
		about = "约"
	}
	if d.IsZero() {
		return "" // the heading says so
	}
	end := ""
	if d.Uncertain() {
		end = "？"
	}
	if d.Interval() {
		from, to := d.Years()
		if from != to {
			return d.Display()
		}
		return about + strings.ReplaceAll(d.Display(), fmt.Sprintf("%d年", from), "") + end
	}
	switch d.Precision() {
	case dates.Minute, dates.Day:
		m, day, _ := d.MonthDay()
		return fmt.Sprintf("%s%d月%d日%s", about, m, day, end)
	case dates.Month:
		return fmt.Sprintf("%s%d月%s", about, d.Lower()/100%100, end)
	case dates.Season:
		return about + strings.ReplaceAll(d.Display(), fmt.Sprintf("%d年", d.Lower()/10000), "")
	case dates.Year:
		return about + "是年" + end
	}
	return d.Display()
}

// days makes /days/ (month 0) or one month of it.
func days(s *site.Site, month int) *DaysPage {
	root := Link{Text: "历史上的今天", URL: s.Href("/days/")}
	title, url := "历史上的今天", "/days/"
	var crumbs []Link
	if month > 0 {
		title, url = fmt.Sprintf("历史上的%d月", month), fmt.Sprintf("/days/%02d/", month)
		crumbs = []Link{root}
	}
	p := DaysPage{Page: frame(s, "days", title, url, s.Href("/chronicle/"), crumbs...)}
	counts := [13]int{}
	for _, d := range s.Days() {
		counts[d.Month] += len(d.Entries)
		if d.Month != month {
			continue
		}
		p.Days = append(p.Days, dayOf(s, &d))
	}
	for m := 1; m <= 12; m++ {
		p.Months = append(p.Months, Link{Text: fmt.Sprintf("%d月", m), URL: s.Href(fmt.Sprintf("/days/%02d/", m)), Count: counts[m], Current: m == month})
	}
	p.Lede = "只收日期确知到日的大事。"
	p.Head = viewHead(s, title, "大事记里日期确知到日的条目，按月日排列。", url)
	return &p
}
