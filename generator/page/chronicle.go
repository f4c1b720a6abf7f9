package page

import (
	"fmt"
	"slices"
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

// chronicle makes 大事记, whole (only == ""), or one decade of it.
func chronicle(s *site.Site, only string) *ChroniclePage {
	root := s.Href("/chronicle/")
	title, url := "大事记", "/chronicle/"
	var crumbs []Link
	all := s.Decades()
	split := len(s.Chronicle()) > chronicleLimit
	if only != "" {
		url += only + "/"
		crumbs = []Link{{Text: "大事记", URL: root}}
		all = slices.DeleteFunc(slices.Clone(all), func(d site.Decade) bool { return d.ID != only })
		title = "大事记：" + all[0].Label
	}
	p := ChroniclePage{Page: frame(s, "chronicle", title, url, root, crumbs...), Index: decadeLinks(s)}
	for i := range p.Index {
		p.Index[i].Current = only != "" && p.Index[i].URL == p.URL
	}
	if only == "" {
		p.Lede = fmt.Sprintf("由大事、授予记录、政策文献与竞赛合编，共 %d 条。只知到年的列于年末，作“是年”；只知到月的列于月末，作“是月”。", len(s.Chronicle()))
	}
	if only != "" || !split {
		for _, d := range all {
			p.Decades = append(p.Decades, decade(s, d))
		}
	}
	p.Head = viewHead(s, title, "由大事、授予记录与政策文献合编的大事记。", url)
	return &p
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
	return out
}

func event(s *site.Site, e site.Entry) Event {
	v := Event{Date: date(e.Day), Day: marginDay(e.Day), Text: e.Text, Place: e.Place, Honored: e.Honored, URL: s.Href(e.Record.URL)}
	if e.Group != nil {
		rule := e.Record.Schema.Roll
		if rule != nil {
			v.URL = honor(s, e.Record, rule).URL
		}
		for i, r := range e.Group {
			if i == relationLimit {
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
