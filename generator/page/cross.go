package page

import (
	"fmt"
	"html/template"
	"slices"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

func crossPages(s *site.Site, add func(Route)) {
	add(Route{URL: "/cross/", Origin: "交叉表", Data: func() Data { return cross(s) }})
	for _, r := range s.Rolls() {
		add(Route{URL: "/cross/" + r.Slug + "/", Origin: "荣誉“" + r.Title + "”的交叉表", Pos: r.Pos, Data: func() Data { return crossOf(s, r) }})
	}
}

// crossRegions is how many regions a table has columns for; the others stand together.
const crossRegions = 12

const otherRegions = "其他地区"

// cross makes the table honour × year × region: a section for each honour, a row for each year, a column for each region,
// each number a link to the records that it counts.
func cross(s *site.Site) *SeriesPage {
	root := Link{Text: "荣誉名册", URL: s.Href("/rolls/")}
	p := SeriesPage{Page: frame(s, "series", "荣誉、年份与地区", "/cross/", root.URL, root)}
	once := Indicator{Label: "只著录一个年份的", ID: "once", Columns: []string{"荣誉", "年份", "合计", "地区"}}
	for i, r := range s.Rolls() {
		cells := cellsOf(s, r)
		if len(cells) == 0 {
			continue
		}
		id := fmt.Sprintf("i%d", i+1)
		p.Topics = append(p.Topics, Link{Text: r.Title, URL: "#" + id, Count: r.Count})
		if cells[0].Year == cells[len(cells)-1].Year {
			row := onceRow(s, r, once.Columns, cells)
			row.ID = id
			once.Rows = append(once.Rows, row)
			continue
		}
		regions := site.CrossRegions(cells)
		rest := false
		if len(regions) > crossRegions {
			regions, rest = regions[:crossRegions], true
		}
		x := Indicator{Label: r.Title, ID: id, Even: true, Columns: append([]string{"年份", "合计"}, regions...)}
		if rest {
			x.Columns = append(x.Columns, otherRegions)
		}
		for from := 0; from < len(cells); {
			to := from
			for to < len(cells) && cells[to].Year == cells[from].Year {
				to++
			}
			x.Rows = append(x.Rows, crossRow(s, r, x.Columns, cells[from:to]))
			from = to
		}
		p.Indicators = append(p.Indicators, x)
	}
	if len(once.Rows) > 0 {
		p.Indicators = append(p.Indicators, once)
	}
	p.Lede = "各种荣誉历年授予各地的人（个）数，按已著录的授予记录统计，撤销的不计；地区照授予记录所写，写几处的取第一处。点数目看名单。"
	p.Downloads = []Link{{Text: "下载表格（XLSX）", URL: s.Href("/data/cross.xlsx")}, {Text: "下载数据（CSV）", URL: s.Href("/data/cross.csv")}}
	p.Head = viewHead(s, "荣誉、年份与地区", p.Lede, "/cross/")
	return &p
}

func cellsOf(s *site.Site, r *site.RollOf) []site.CrossCell {
	var l []site.CrossCell
	for _, c := range s.Cross() {
		if c.Roll == r {
			l = append(l, c)
		}
	}
	return l
}

// crossLink is a number that leads to the records it counts, on the page of their honour.
func crossLink(s *site.Site, r *site.RollOf, n int, fragment string) template.HTML {
	if n == 0 {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<a href="%s#%s">%d</a>`, esc(s.Href("/cross/"+r.Slug+"/")), esc(fragment), n))
}

// onceRow is an honour of which one year is recorded: a table of its own would have one row.
func onceRow(s *site.Site, r *site.RollOf, columns []string, cells []site.CrossCell) Entry {
	total, year := 0, cells[0].Year
	var regions template.HTML
	for i, c := range cells {
		if i > 0 {
			regions += "、"
		}
		total += len(c.Records)
		regions += template.HTML(esc(c.Region)+" ") + crossLink(s, r, len(c.Records), crossID(year, c.Region))
	}
	return Entry{Cells: []Cell{
		{Label: columns[0], HTML: template.HTML(esc(r.Title))},
		{Label: columns[1], HTML: template.HTML(esc(year)), Number: true},
		{Label: columns[2], HTML: crossLink(s, r, total, crossID(year, "")), Number: true},
		{Label: columns[3], HTML: regions},
	}}
}

// crossRow is one year of an honour.
func crossRow(s *site.Site, r *site.RollOf, columns []string, cells []site.CrossCell) Entry {
	total, other, first := 0, 0, ""
	by := map[string]site.CrossCell{}
	for _, c := range cells {
		total += len(c.Records)
		by[c.Region] = c
		if !slices.Contains(columns[2:], c.Region) {
			other += len(c.Records)
			if first == "" {
				first = c.Region
			}
		}
	}
	number := func(n int, fragment string) template.HTML { return crossLink(s, r, n, fragment) }
	year := cells[0].Year
	e := Entry{Cells: []Cell{{Label: columns[0], HTML: template.HTML(esc(year))}, {Label: columns[1], HTML: number(total, crossID(year, "")), Number: true}}}
	for _, region := range columns[2:] {
		h := number(len(by[region].Records), crossID(year, region))
		if region == otherRegions {
			h = number(other, crossID(year, first))
		}
		e.Cells = append(e.Cells, Cell{Label: region, HTML: h, Number: true})
	}
	return e
}

// crossID is where the records of a cell stand on the page of their honour.
func crossID(year, region string) string {
	if region == "" {
		return "y" + site.Slug(year)
	}
	return "y" + site.Slug(year) + "-" + site.Slug(region)
}

// crossOf makes the lists that the numbers of one honour lead to.
func crossOf(s *site.Site, r *site.RollOf) *SeriesPage {
	root := Link{Text: "荣誉名册", URL: s.Href("/rolls/")}
	url := "/cross/" + r.Slug + "/"
	p := SeriesPage{Page: frame(s, "series", r.Title, url, root.URL, root, Link{Text: "荣誉、年份与地区", URL: s.Href("/cross/")})}
	last := ""
	for _, c := range cellsOf(s, r) {
		if c.Year != last {
			last = c.Year
			label := c.Year
			if label[0] >= '0' && label[0] <= '9' && len(label) == 4 {
				label += "年"
			}
			p.Indicators = append(p.Indicators, Indicator{Label: label, ID: crossID(c.Year, ""), Columns: []string{"地区", "数目", "获得者"}})
			p.Topics = append(p.Topics, Link{Text: label, URL: "#" + crossID(c.Year, "")})
		}
		x := &p.Indicators[len(p.Indicators)-1]
		names := ""
		for i, rec := range c.Records {
			if i > 0 {
				names += "、"
			}
			names += recipient(s, rec)
		}
		x.Rows = append(x.Rows, Entry{ID: crossID(c.Year, c.Region), Cells: []Cell{
			{Label: "地区", HTML: template.HTML(esc(c.Region))},
			{Label: "数目", HTML: template.HTML(fmt.Sprint(len(c.Records))), Number: true},
			{Label: "获得者", HTML: template.HTML(names)},
		}})
	}
	p.Lede = "历年各地的获得者，按已著录的授予记录，撤销的不计。"
	p.Head = viewHead(s, r.Title+"：年份与地区", p.Lede, url)
	return &p
}

// recipient is who a conferral is to, linked to the profile, or else to the record of the conferral.
func recipient(s *site.Site, rec *site.Record) string {
	v := rec.Value(rec.Schema.Roll.Who)
	if v == nil {
		return linkTo(s, rec)
	}
	to := rec.Target(v)
	if to == nil {
		to = rec
	}
	return `<a href="` + esc(s.Href(to.URL)) + `">` + esc(rec.Display(v)) + `</a>`
}

// HasCross reports whether a conferral names a region: else the table would say no more than the rolls.
func HasCross(s *site.Site) bool {
	return s.Known("cross", func() bool {
		return s.HasRolls() && slices.ContainsFunc(s.Collections, func(c *site.Collection) bool {
			return c.Roll != nil && slices.ContainsFunc(c.Records, func(r *site.Record) bool { return r.Role(content.Region) != nil })
		})
	})
}
