package page

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/site"
)

func coveragePages(s *site.Site, add func(Route)) {
	add(Route{URL: "/coverage/", Origin: "著录情况", Data: func() Data { return coverage(s) }})
}

// hasCoverage reports whether a round says how many were announced.
func hasCoverage(s *site.Site) bool {
	return slices.ContainsFunc(s.Collections, func(c *site.Collection) bool {
		return c.Schema.Role(content.Official) != nil && slices.ContainsFunc(c.Records, func(r *site.Record) bool { return r.Role(content.Official) != nil })
	})
}

// coverage makes the page that compares what is recorded with what was announced: a table for each honour, a row for
// each round, region and class.
func coverage(s *site.Site) *SeriesPage {
	p := SeriesPage{Page: frame(s, "series", "著录情况", "/coverage/", s.Href("/rolls/"), Link{Text: "荣誉名册", URL: s.Href("/rolls/")})}
	known, recorded, unknown := 0, 0, 0
	rest := Indicator{Label: "公布人数不详的荣誉", ID: "i0", Columns: []string{"荣誉", "批次（年）", "已著录"}}
	for i, c := range s.Coverage() {
		if !slices.ContainsFunc(c.Rounds, func(r site.Covered) bool { return r.Official >= 0 }) {
			n := 0
			for _, r := range c.Rounds {
				n += r.Recorded
			}
			unknown += len(c.Rounds)
			cells := []template.HTML{template.HTML(template.HTMLEscapeString(c.Roll.Title)), template.HTML(strconv.Itoa(len(c.Rounds))), template.HTML(strconv.Itoa(n))}
			if c.Roll.Slug != "" {
				cells[0] = template.HTML(link(s.Href(rollURL(c.Roll, "", 1)), c.Roll.Title))
			}
			var e Entry
			for i, h := range cells {
				e.Cells = append(e.Cells, Cell{Label: rest.Columns[i], HTML: h, Number: i > 0})
			}
			rest.Rows = append(rest.Rows, e)
			continue
		}
		x := Indicator{Label: c.Roll.Title, ID: fmt.Sprintf("i%d", i+1), Columns: []string{"批次", "授予时间", "已著录", "公布", "情况"}}
		for _, r := range c.Rounds {
			day, name := "年份未核到", template.HTML("未分批")
			if !r.Day.IsZero() {
				day = r.Day.Display()
			}
			if r.Round != nil {
				name = template.HTML(`<a href="` + template.HTMLEscapeString(s.Href(r.Round.URL)) + `">` + template.HTMLEscapeString(r.Title) + `</a>`)
			}
			x.Rows = append(x.Rows, coverageRow(x.Columns, day, name, r.Recorded, r.Official))
			for _, part := range r.Parts {
				x.Rows = append(x.Rows, coverageRow(x.Columns, "", template.HTML("　"+template.HTMLEscapeString(part.Label)), part.Recorded, part.Official))
			}
			if r.Official < 0 {
				unknown++
			} else {
				known, recorded = known+r.Official, recorded+r.Recorded
			}
		}
		p.Indicators = append(p.Indicators, x)
		p.Topics = append(p.Topics, Link{Text: x.Label, URL: "#" + x.ID})
	}
	if len(rest.Rows) > 0 {
		p.Indicators = append(p.Indicators, rest)
		p.Topics = append(p.Topics, Link{Text: rest.Label, URL: "#" + rest.ID})
	}
	p.Lede = fmt.Sprintf("公布过人数的各批，已著录 %d / %d；另有 %d 批（年）公布人数不详。缺的名单，盼知情者按页尾的联系方式提供。", recorded, known, unknown)
	p.Head = viewHead(s, "著录情况", p.Lede, "/coverage/")
	return &p
}

func coverageRow(columns []string, day string, name template.HTML, recorded, official int) Entry {
	announced := "不详"
	if official >= 0 {
		announced = strconv.Itoa(official)
	}
	cells := []template.HTML{name, template.HTML(template.HTMLEscapeString(day)), template.HTML(strconv.Itoa(recorded)), template.HTML(announced), template.HTML(covered(recorded, official))}
	var e Entry
	for i, h := range cells {
		e.Cells = append(e.Cells, Cell{Label: columns[i], HTML: h, Number: i == 2 || i == 3})
	}
	return e
}

// covered says in a word how complete a record is.
func covered(recorded, official int) string {
	switch {
	case official < 0:
		return "公布人数不详"
	case recorded > official:
		return fmt.Sprintf("多出 %d，待核", recorded-official)
	case recorded == official:
		return "齐全"
	case recorded == 0:
		return "尚未著录"
	}
	return fmt.Sprintf("缺 %d", official-recorded)
}

// coveredYears gives the times at which an honour was given, in their order: those of its roll, and those of rounds of which
// nobody is recorded yet.
func coveredYears(s *site.Site, r *site.RollOf) []rollDay {
	var l []rollDay
	index := map[string]int{}
	at := func(day dates.Date) *rollDay {
		i, ok := index[day.String()]
		if !ok {
			i = len(l)
			index[day.String()] = i
			l = append(l, rollDay{day: day})
		}
		return &l[i]
	}
	for _, y := range r.Years {
		at(y.Day).records = y.Records
	}
	for _, c := range s.Coverage() {
		if c.Roll != r {
			continue
		}
		for _, x := range c.Rounds {
			d := at(x.Day)
			d.rounds = append(d.rounds, x)
		}
	}
	slices.SortStableFunc(l, func(a, b rollDay) int {
		if az, bz := a.day.IsZero(), b.day.IsZero(); az != bz {
			if az {
				return 1
			}
			return -1
		}
		return a.day.Compare(b.day)
	})
	return l
}
