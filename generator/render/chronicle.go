package render

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/dates"
	"gongzhi/generator/site"
)

// decade is ten years of the chronicle.
type decade struct {
	id, label string
	from      int
	entries   []site.Entry
}

func decades(entries []site.Entry) []decade {
	var l []decade
	for _, e := range entries {
		year, _ := e.Year()
		from := year / 10 * 10
		if n := len(l); n == 0 || l[n-1].from != from {
			l = append(l, decade{id: fmt.Sprintf("%ds", from), label: decadeLabel(from), from: from})
		}
		l[len(l)-1].entries = append(l[len(l)-1].entries, e)
	}
	return l
}

// decadeLabel names a decade as histories do: 20世纪50年代; its first ten years are 初.
func decadeLabel(from int) string {
	century := from/100 + 1
	if from%100 == 0 {
		return fmt.Sprintf("%d世纪初", century)
	}
	return fmt.Sprintf("%d世纪%d年代", century, from%100)
}

// decadeLinks leads to each decade, on one page or several.
func (g *Generation) decadeLinks() []Link {
	entries := g.Site.Chronicle()
	var l []Link
	for _, d := range g.ages() {
		url := "/chronicle/#d" + d.id
		if len(entries) > chronicleLimit {
			url = "/chronicle/" + d.id + "/"
		}
		l = append(l, Link{Text: d.label, URL: g.Site.Href(url), Count: len(d.entries)})
	}
	return l
}

// chronicle makes 大事记, whole (only == ""), or one decade of it.
func (g *Generation) chronicle(b *bytes.Buffer, only string) error {
	root := g.Site.Href("/chronicle/")
	title, url := "大事记", "/chronicle/"
	var crumbs []Link
	all := g.ages()
	split := len(g.Site.Chronicle()) > chronicleLimit
	if only != "" {
		url += only + "/"
		crumbs = []Link{{Text: "大事记", URL: root}}
		all = slices.DeleteFunc(slices.Clone(all), func(d decade) bool { return d.id != only })
		title = "大事记：" + all[0].label
	}
	frame, err := g.frame("chronicle", title, url, root, crumbs...)
	if err != nil {
		return err
	}
	p := ChroniclePage{Page: frame, Index: g.decadeLinks()}
	for i := range p.Index {
		p.Index[i].Current = only != "" && p.Index[i].URL == p.URL
	}
	if only == "" {
		p.Lede = fmt.Sprintf("由大事、授予记录、政策文献与竞赛合编，共 %d 条。只知到年的列于年末，作“是年”；只知到月的列于月末，作“是月”。", len(g.Site.Chronicle()))
	}
	if only != "" || !split {
		for _, d := range all {
			p.Decades = append(p.Decades, g.decade(d))
		}
	}
	p.Head = g.viewHead(title, "由大事、授予记录与政策文献合编的大事记。", url)
	return g.execute(b, "chronicle", &p, "")
}

func (g *Generation) decade(d decade) Decade {
	out := Decade{Label: d.label, ID: "d" + d.id}
	for _, e := range d.entries {
		year, known := e.Year()
		label, id := fmt.Sprintf("%d年", year), fmt.Sprintf("y%d", year)
		if !known {
			label, id = "年份不详", "y"+d.id
		}
		if n := len(out.Years); n == 0 || out.Years[n-1].ID != id {
			out.Years = append(out.Years, Year{Label: label, ID: id})
		}
		y := &out.Years[len(out.Years)-1]
		y.Items = append(y.Items, g.event(e))
	}
	return out
}

func (g *Generation) event(e site.Entry) Event {
	v := Event{Date: date(e.Day), Day: marginDay(e.Day), Text: e.Text, Place: e.Place, Honored: e.Honored, URL: g.Site.Href(e.Record.URL)}
	if e.Group != nil {
		rule := e.Record.Schema.Roll
		if rule != nil {
			v.URL = g.honor(e.Record, rule).URL
		}
		for i, r := range e.Group {
			if i == relationLimit {
				v.More = append(v.More, Link{Text: fmt.Sprintf("……共 %d %s", len(e.Group), r.Schema.Unit), URL: v.URL})
				break
			}
			l := Link{Text: r.Title, URL: g.Site.Href(r.URL)}
			if rule != nil {
				if w := r.Value(rule.Who); w != nil {
					l.Text = r.Display(w)
					if to := r.Target(w); to != nil {
						l.URL = g.Site.Href(to.URL)
					}
				}
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

// day is what happened on one day of the year.
type day struct {
	month, day int
	entries    []site.Entry
}

// makeDays gathers the lines of the chronicle that are known to the day.
func (g *Generation) makeDays() []day {
	byDay := map[int]*day{}
	for _, e := range g.Site.Chronicle() {
		if m, d, ok := e.Day.MonthDay(); ok {
			x := byDay[m*100+d]
			if x == nil {
				x = &day{month: m, day: d}
				byDay[m*100+d] = x
			}
			x.entries = append(x.entries, e)
		}
	}
	var l []day
	for _, x := range byDay {
		l = append(l, *x)
	}
	slices.SortFunc(l, func(a, b day) int { return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(a.day, b.day)) })
	return l
}

// daysPage makes /days/ (month 0) or one month of it.
func (g *Generation) daysPage(b *bytes.Buffer, month int) error {
	root := Link{Text: "历史上的今天", URL: g.Site.Href("/days/")}
	title, url := "历史上的今天", "/days/"
	var crumbs []Link
	if month > 0 {
		title, url = fmt.Sprintf("历史上的%d月", month), fmt.Sprintf("/days/%02d/", month)
		crumbs = []Link{root}
	}
	frame, err := g.frame("days", title, url, g.Site.Href("/chronicle/"), crumbs...)
	if err != nil {
		return err
	}
	p := DaysPage{Page: frame}
	counts := [13]int{}
	for _, d := range g.days() {
		counts[d.month] += len(d.entries)
		if d.month != month {
			continue
		}
		x := Day{Label: fmt.Sprintf("%d月%d日", d.month, d.day), ID: fmt.Sprintf("d%02d%02d", d.month, d.day)}
		for _, e := range d.entries {
			v := g.event(e)
			v.Day = fmt.Sprintf("%d年", e.Day.Lower()/10000)
			x.Items = append(x.Items, v)
		}
		p.Days = append(p.Days, x)
	}
	for m := 1; m <= 12; m++ {
		p.Months = append(p.Months, Link{Text: fmt.Sprintf("%d月", m), URL: g.Site.Href(fmt.Sprintf("/days/%02d/", m)), Count: counts[m], Current: m == month})
	}
	p.Lede = "只收日期确知到日的大事。"
	p.Head = g.viewHead(title, "大事记里日期确知到日的条目，按月日排列。", url)
	return g.execute(b, "days", &p, "")
}
