package page

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// What a front page has room for.
const (
	homeReports  = 3   // beside the lead
	homeHoldings = 4   // figures
	homeDoors    = 4   // ways in
	homeLinks    = 5   // of each
	homeBars     = 16  // decades in even steps; of more, only those that have something
	homeDay      = 3   // lines of a day
	homePeople   = 366 // among whom one a day is chosen
)

// Home makes the front page.
func Home(s *site.Site) *HomePage {
	p := HomePage{Page: frame(s, "home", "", "/", ""), DaysURL: ""}
	p.Lede = s.Settings.Description
	homeLead(s, &p)
	for _, c := range s.Collections {
		if c.Imprint {
			continue
		}
		p.Numbers = append(p.Numbers, Link{Text: c.Label, URL: s.Href(site.ListURL(c.Key, 1)), Count: len(c.Records), Note: c.Unit})
		if sec := homeSection(s, c); !c.Feed && len(sec.Entries) > 0 {
			p.Sections = append(p.Sections, sec)
		}
	}
	for _, r := range s.Rolls() {
		p.Rolls = append(p.Rolls, rollLink(s, r))
	}
	p.Rolls = p.Rolls[:min(12, len(p.Rolls))]
	p.Decades = decadeLinks(s)
	if s.HasChronicle() {
		p.ChronicleURL = s.Href("/chronicle/")
		p.Bars, p.Undated = decadeBars(s)
	}
	homeDays(s, &p)
	homePerson(s, &p)
	// The fields that every record may have; the others are on the page that the navigation calls 分类浏览.
	for i, set := range termSets(s, 14) {
		if s.Browse()[i].Common {
			p.Terms = append(p.Terms, set)
		}
	}
	p.Ear = p.Day != nil || p.Person != nil
	p.Holdings = holdings(s)
	p.Doors = doors(s, &p)
	p.Head = homeHead(s)
	return &p
}

// homeLead puts the newest report at the head of the front page and the next ones below it. Without reports another
// record leads: one with a picture, if there is one among the first of its collection.
func homeLead(s *site.Site, p *HomePage) {
	records := leaders(s)
	for i, r := range records[:min(1+homeReports, len(records))] {
		e := entry(s, r)
		e.Summary = r.Summary()
		sizes := inBrief
		if i == 0 {
			sizes = inLead
		}
		e.Image = leading(s, r, sizes, i > 0)
		if r.Schema.Title.Name {
			e.Date.Text = r.Life()
		}
		if i > 0 {
			p.Reports = append(p.Reports, e)
			continue
		}
		p.Lead = &e
		if e.Image == nil {
			p.Plate = plate(r.Title)
		}
	}
}

// leaders are the records that may lead, the first one first.
func leaders(s *site.Site) []*site.Record {
	if own := s.RecordAt(s.Settings.Lead); own != nil {
		rest := newest(s)
		return append([]*site.Record{own}, slices.DeleteFunc(slices.Clone(rest), func(r *site.Record) bool { return r == own })...)
	}
	return newest(s)
}

// newest are those that lead by themselves.
func newest(s *site.Site) []*site.Record {
	for _, c := range s.Collections {
		if c.Feed {
			return c.Records[:min(1+homeReports, len(c.Records))]
		}
	}
	for _, c := range s.Collections {
		if c.Rows || c.Imprint {
			continue
		}
		first := c.Records[:min(50, len(c.Records))]
		at := max(0, slices.IndexFunc(first, func(r *site.Record) bool { _, _, ok := s.Lead(r); return ok }))
		return first[at : at+1]
	}
	return nil
}

// plate is how a title is set where there is no picture: upright if it is short and Chinese.
func plate(title string) string {
	letters := 0
	for _, r := range title {
		if r < unicode.MaxLatin1 && unicode.IsLetter(r) {
			letters++
		}
	}
	switch n := utf8.RuneCountInString(title); {
	case letters > 3 || n > 16:
		return "wide"
	case n > 7:
		return "tall two"
	}
	return "tall"
}

func homeSection(s *site.Site, c *site.Collection) Group {
	sec := Group{Label: c.Label, URL: s.Href(site.ListURL(c.Key, 1)), Count: len(c.Records)}
	if c.Rows {
		return sec
	}
	for _, r := range spread(c.Records, 6) {
		e := entry(s, r)
		if c.Title.Name {
			e.Date.Text = r.Life()
		}
		for _, f := range c.Shown(nil) {
			if v := r.Value(f); v != nil && !kinds[f.Type].facts {
				e.Meta = append(e.Meta, r.Display(v))
				break
			}
		}
		sec.Entries = append(sec.Entries, e)
	}
	return sec
}

// holdings are the figures that say what the archive holds: people, honours given, events, reports, values of statistics;
// then what there is most of.
func holdings(s *site.Site) []Holding {
	var l []Holding
	take := func(c *site.Collection, note string) {
		l = append(l, Holding{Label: c.Label, URL: s.Href(site.ListURL(c.Key, 1)), Number: len(c.Records), Unit: c.Unit, Note: note})
	}
	var rest []*site.Collection
	for _, which := range []func(c *site.Collection) bool{
		func(c *site.Collection) bool { return c.Title.Name },
		func(c *site.Collection) bool { return c.Roll != nil },
		func(c *site.Collection) bool { return c.Feed },
		func(c *site.Collection) bool { return c.Series != nil },
	} {
		for _, c := range s.Collections {
			if which(c) && len(l) < homeHoldings {
				note := ""
				if c.Roll != nil {
					note = fmt.Sprintf("%d 种荣誉", len(s.Rolls()))
				}
				take(c, note)
				break
			}
		}
		if len(l) == 2 && s.HasChronicle() {
			l = append(l, chronicled(s))
		}
	}
	if len(l) < 2 && s.HasChronicle() {
		l = append(l, chronicled(s))
	}
	for _, c := range s.Collections {
		if !slices.ContainsFunc(l, func(h Holding) bool { return h.Label == c.Label }) {
			rest = append(rest, c)
		}
	}
	slices.SortStableFunc(rest, func(a, b *site.Collection) int { return len(b.Records) - len(a.Records) })
	for _, c := range rest {
		if len(l) >= homeHoldings {
			break
		}
		take(c, "")
	}
	if len(l) < 2 {
		return nil // one figure is what the directory says
	}
	return l[:min(homeHoldings, len(l))]
}

// chronicled is the figure of the chronicle, with the years that it spans.
func chronicled(s *site.Site) Holding {
	entries := s.Chronicle()
	h := Holding{Label: "大事记", URL: s.Href("/chronicle/"), Number: len(entries), Unit: "条"}
	from, to := 0, 0
	for i := range entries {
		if y, ok := entries[i].Year(); ok {
			if from == 0 {
				from = y
			}
			to = max(to, y)
		}
	}
	if to > from {
		h.Note = fmt.Sprintf("%d—%d年", from, to)
	}
	return h
}

// decadeBars draws how much of the chronicle is of which decade, and leads there. Empty decades have their place too, so that
// the distance is the time, unless there were too many.
func decadeBars(s *site.Site) (bars []Bar, undated *Link) {
	links := decadeLinks(s)
	top, last := 0, 0
	for _, d := range s.Decades() {
		top = max(top, len(d.Entries))
	}
	span := 0
	if d := s.Decades(); len(d) > 0 {
		first, _ := d[0].Entries[0].Year()
		for _, x := range d {
			if y, _ := x.Entries[0].Year(); x.ID != site.Undated {
				span = y/10 - first/10 + 1
			}
		}
	}
	for i, d := range s.Decades() {
		if d.ID == site.Undated {
			undated = &Link{Text: d.Label, URL: links[i].URL, Count: len(d.Entries)}
			continue
		}
		year, _ := d.Entries[0].Year()
		from := floorTen(year)
		for span <= homeBars && last != 0 && from > last+10 {
			last += 10
			bars = append(bars, Bar{Text: fmt.Sprint(last), Unit: "年代", Top: 100})
		}
		last = from
		b := Bar{Text: fmt.Sprint(from), Unit: "年代", URL: links[i].URL, Count: len(d.Entries), Height: max(2, 100*len(d.Entries)/top)}
		b.Top = 100 - b.Height
		bars = append(bars, b)
	}
	return bars, undated
}

func floorTen(year int) int { return year / 10 * 10 }

// homeDays says which days have something, and shows the one of which most is told: what the script puts there is of the day
// on which the page is read.
func homeDays(s *site.Site, p *HomePage) {
	days := s.Days()
	if len(days) == 0 {
		return
	}
	p.DaysURL = s.Href("/days/")
	ids := make([]string, len(days))
	most := &days[0]
	for i := range days {
		ids[i] = fmt.Sprintf("%02d%02d", days[i].Month, days[i].Day)
		if len(days[i].Entries) > len(most.Entries) {
			most = &days[i]
		}
	}
	p.Days = strings.Join(ids, " ")
	d := dayOf(s, most)
	d.Items = d.Items[:min(homeDay, len(d.Items))]
	p.Day = &d
}

// homePerson chooses the people of whom one a day is shown, and shows one.
func homePerson(s *site.Site, p *HomePage) {
	for _, c := range s.Collections {
		if !c.Title.Name || c.Rows {
			continue
		}
		told := make([]*site.Record, 0, len(c.Records))
		for _, r := range c.Records {
			if r.Status == site.Published && (p.Lead == nil || p.Lead.URL != s.Href(r.URL)) && r.Summary() != "" {
				told = append(told, r)
			}
		}
		if len(told) == 0 {
			return
		}
		told = spread(told, homePeople)
		p.PeopleURL = s.Href(site.ListURL(c.Key, 1))
		urls := make([]string, len(told))
		for i, r := range told {
			urls[i] = strings.Trim(strings.TrimPrefix(s.Href(r.URL), p.PeopleURL), "/")
		}
		p.People = strings.Join(urls, " ")
		r := told[len(told)/2]
		e := entry(s, r)
		e.Date, e.Summary, e.Image = Date{Text: r.Life()}, r.Summary(), leading(s, r, inThumb, true)
		e.Meta = facts(r)
		p.Person = &e
		return
	}
}

// facts are what tells who a person is, in a line: where they worked, as what.
func facts(r *site.Record) []string {
	var l []string
	for _, f := range r.Collection.Shown(nil) {
		v := r.Value(f)
		if v == nil {
			continue
		}
		if v.Items != nil {
			v = &v.Items[0]
		}
		l = append(l, r.Display(v))
	}
	if v := r.Role(content.Posts); v != nil && len(v.Items) > 0 && len(l) == 0 {
		l = append(l, strings.Join(strings.FieldsFunc(r.Display(&v.Items[0]), func(r rune) bool { return r == '，' }), " "))
	}
	return l
}

// doors are the ways in: the views, then the collections of which most can be read.
func doors(s *site.Site, p *HomePage) []Door {
	var l []Door
	view := func(name, say string, links []Link) {
		if i := slices.IndexFunc(Views, func(v View) bool { return v.Name == name }); Views[i].Has(s) {
			l = append(l, Door{Title: Views[i].Label, URL: s.Href("/" + name + "/"), Say: say, Links: links[:min(homeLinks, len(links))]})
		}
	}
	var people, topics, terms []Link
	for _, c := range s.Collections {
		if c.Title.Name && !c.Rows {
			for _, r := range spread(c.Records, homeLinks) {
				people = append(people, Link{Text: r.Title, URL: s.Href(r.URL)})
			}
			break
		}
	}
	for _, t := range s.Series() {
		topics = append(topics, Link{Text: t.Title, URL: s.Href("/series/" + t.Slug + "/"), Count: t.Count})
	}
	slices.SortStableFunc(topics, func(a, b Link) int { return b.Count - a.Count })
	var fields []string
	for _, b := range s.Browse() {
		fields = append(fields, b.Label)
		if len(terms) == 0 && b.Common {
			terms = termSet(s, b, homeLinks).Terms
		}
	}
	view("names", "小传与名单上的每一个姓名，按拼音排列。", people)
	view("rolls", "谁在哪一年得到哪一种荣誉，照名单的次序。", p.Rolls)
	view("series", "报刊与文献里的数字，有表有图，注明出处。", topics)
	view("browse", "按"+strings.Join(fields[:min(4, len(fields))], "、")+"翻检。", terms)
	for _, c := range s.Collections {
		if len(l) >= homeDoors {
			break
		}
		if c.Rows || c.Title.Name {
			continue
		}
		d := Door{Title: c.Label, URL: s.Href(site.ListURL(c.Key, 1)), Say: c.About}
		for _, r := range spread(c.Records, 3) {
			d.Links = append(d.Links, Link{Text: r.Title, URL: s.Href(r.URL)})
		}
		l = append(l, d)
	}
	return l
}

// dayOf is a day of the year with what happened on it.
func dayOf(s *site.Site, d *site.YearDay) Day {
	x := Day{Label: fmt.Sprintf("%d月%d日", d.Month, d.Day), ID: fmt.Sprintf("d%02d%02d", d.Month, d.Day)}
	for _, e := range d.Entries {
		v := event(s, e)
		v.Day = fmt.Sprintf("%d年", e.Day.Lower()/10000)
		x.Items = append(x.Items, v)
	}
	return x
}
