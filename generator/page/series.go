package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/site"
)

// series makes the list of topics of statistics (only == nil) or the tables and charts of one.
func series(s *site.Site, only *site.Topic) *SeriesPage {
	root := Link{Text: "统计", URL: s.Href("/series/")}
	title, url := "统计", "/series/"
	var crumbs []Link
	if only != nil {
		title, url = only.Title, "/series/"+only.Slug+"/"
		crumbs = []Link{root}
	}
	p := SeriesPage{Page: frame(s, "series", title, url, root.URL, crumbs...)}
	topics := s.Series()
	link := func(i int) Link {
		return Link{Text: topics[i].Title, URL: s.Href("/series/" + topics[i].Slug + "/"), Count: topics[i].Count}
	}
	if only == nil {
		for i, t := range topics {
			p.Cards = append(p.Cards, topicCard(s, t))
			p.Topics = append(p.Topics, link(i))
		}
	} else {
		p.Topics = beside(len(topics), slices.Index(topics, only), root, link)
	}
	p.Lede = "数字照原文写法存录；“约”“余”“多”等字不去掉，时期与范围分别注明。"
	if only != nil {
		p.Lede = ""
		var nb notebook
		var single site.Indicator
		for i, x := range only.Indicators {
			if len(x.Records) == 1 {
				single.Records = append(single.Records, x.Records[0])
			} else {
				p.Indicators = append(p.Indicators, indicator(s, &nb, x, i))
			}
		}
		if len(single.Records) > 0 {
			// One number needs no heading of its own.
			single.Title = "其他指标"
			if len(p.Indicators) == 0 {
				single.Title = only.Title
			}
			p.Indicators = append(p.Indicators, indicator(s, &nb, &single, len(only.Indicators)))
		}
		p.Notes = nb.notes
	}
	p.Head = viewHead(s, title, "统计数据的表与图。", url)
	return &p
}

// topicCard is a topic with one figure that speaks for it: the last one of its longest series, or else of its first indicator.
func topicCard(s *site.Site, t *site.Topic) TopicCard {
	c := TopicCard{Link: Link{Text: t.Title, URL: s.Href("/series/" + t.Slug + "/"), Count: t.Count}}
	var best drawn
	for _, x := range t.Indicators {
		if len(x.Records) < 2 {
			continue
		}
		records := slices.Clone(x.Records)
		slices.SortStableFunc(records, func(a, b *site.Record) int { return a.Day.Compare(b.Day) })
		if l := charts(records); len(l) > 0 && len(l[0].points) > len(best.points) {
			best = l[0]
			c.Indicator = x.Title
		}
	}
	if n := len(best.points); n > 0 {
		c.Scope, c.Value, c.When = best.scope, best.points[n-1].printed, best.points[n-1].when
		c.Chart = chart("", "", best.points, false)
		return c
	}
	for _, x := range t.Indicators {
		for _, r := range x.Records {
			if v := r.Value(r.Schema.Series.Value); v != nil && c.Value == "" {
				c.Indicator, c.Scope, c.Value, c.When = x.Title, seriesField(seriesScope).of(r), v.Text, r.Day.Display()
			}
		}
	}
	return c
}

// seriesField is one of the fields that a series is made of. Each collection has its own.
type seriesField func(x *content.Series) *content.Field

func seriesIndicator(x *content.Series) *content.Field { return x.Indicator }
func seriesDate(x *content.Series) *content.Field      { return x.Date }
func seriesValue(x *content.Series) *content.Field     { return x.Value }
func seriesScope(x *content.Series) *content.Field     { return x.Scope }
func seriesNature(x *content.Series) *content.Field    { return x.Nature }

// of is the text of a record's value.
func (f seriesField) of(r *site.Record) string { return r.Display(r.Value(f(r.Schema.Series))) }

func indicator(s *site.Site, nb *notebook, x *site.Indicator, i int) Indicator {
	out := Indicator{Label: x.Title, ID: fmt.Sprintf("i%d", i+1)}
	records := slices.Clone(x.Records)
	mixed := slices.ContainsFunc(records, func(r *site.Record) bool { return seriesField(seriesIndicator).of(r) != x.Title })
	var columns []seriesField
	scope := "" // of all values
	dated := -1 // the column of the dates
	add := func(f seriesField) {
		columns = append(columns, f)
		out.Columns = append(out.Columns, f(records[0].Schema.Series).Label)
	}
	if !mixed {
		slices.SortStableFunc(records, func(a, b *site.Record) int { return a.Day.Compare(b.Day) })
	}
	for i, f := range []seriesField{seriesIndicator, seriesDate, seriesValue, seriesScope, seriesNature} {
		if f(records[0].Schema.Series) == nil || i == 0 && !mixed {
			continue
		}
		first := f.of(records[0])
		same := !slices.ContainsFunc(records, func(r *site.Record) bool { return f.of(r) != first })
		switch {
		case same && first == "":
		case same && i == 3 && !mixed:
			scope, out.Label = first, out.Label+"（"+first+"）" // the scope is said once, above
		default:
			if i == 1 {
				dated = len(columns)
			}
			add(f)
		}
	}
	for _, r := range records {
		e := entry(s, r)
		for k, column := range columns {
			if f := column(r.Schema.Series); f != nil {
				e.Cells = append(e.Cells, cells(s, r, false, []*content.Field{f})...)
			} else { // another collection, which has no such field
				e.Cells = append(e.Cells, Cell{Label: out.Columns[k]})
			}
		}
		e.ID = r.Anchor()
		if n := nb.gather(s, r); n > 0 {
			e.Marks = []int{n}
		}
		if v := r.Value(r.Schema.Series.Printed); v != nil && dated >= 0 {
			if c := &e.Cells[dated]; c.HTML == "" {
				c.HTML = template.HTML(esc(v.Text))
			} else {
				c.HTML += template.HTML(`<span class="printed">（原文：` + esc(v.Text) + `）</span>`)
			}
		}
		out.Rows = append(out.Rows, e)
	}
	if mixed {
		return out
	}
	for k, d := range charts(records) {
		c := Chart{Scope: d.scope, SVG: chart(fmt.Sprintf("%s-%d", out.ID, k), x.Title+d.scope, d.points, true)}
		if d.scope == scope {
			c.Scope = ""
		}
		if last := d.points[len(d.points)-1]; c.SVG != "" {
			c.Value, c.When = last.printed, last.when
			out.Charts = append(out.Charts, c)
		}
	}
	if len(out.Charts) > 0 {
		out.Chart = out.Charts[0].SVG
	}
	return out
}

// drawn is the values that stand in one chart: of one scope, nature and kind of unit, each with a figure and a date of its own.
type drawn struct {
	scope  string
	points []point
}

// sameUnits are units that count the same: newspapers write 8.8万家 and 1.3万个 of the same thing.
var sameUnits = map[string]string{
	"名": "人", "位": "人", "家": "个", "所": "个", "处": "个", "座": "个", "间": "个", "㎡": "平方米", "m²": "平方米", "公斤": "千克", "千米": "公里", "人民币元": "元",
}

func unitOf(unit string) string {
	if u, ok := sameUnits[unit]; ok {
		return u
	}
	return unit
}

// charts are the series among the values of one indicator. A figure without a unit belongs to those of its scope, if they
// have but one.
func charts(records []*site.Record) []drawn {
	type key struct{ scope, nature, unit string }
	series := map[key]*drawn{}
	var order []key
	natures := map[*site.Record]string{}
	units := map[[2]string]map[string]bool{} // of a scope and nature
	usable := make([]*site.Record, 0, len(records))
	for _, r := range records {
		v := r.Value(r.Schema.Series.Value)
		if v == nil || v.Quantity == nil || !v.Quantity.HasValue() || r.Day.IsZero() || r.Day.OpenStart() || !math.IsNaN(v.Quantity.High) {
			continue
		}
		nature := seriesField(seriesNature).of(r)
		if computed := r.Schema.Series.Computed; nature != "" && nature == computed {
			nature = natureOf(records, r)
		}
		natures[r] = nature
		usable = append(usable, r)
		at := [2]string{seriesField(seriesScope).of(r), nature}
		if units[at] == nil {
			units[at] = map[string]bool{}
		}
		if v.Quantity.Unit != "" && !strings.HasPrefix(v.Quantity.Unit, "%") { // a share never lacks its sign
			units[at][unitOf(v.Quantity.Unit)] = true
		}
	}
	for _, r := range usable {
		v := r.Value(r.Schema.Series.Value)
		k := key{seriesField(seriesScope).of(r), natures[r], unitOf(v.Quantity.Unit)}
		if all := units[[2]string{k.scope, k.nature}]; k.unit == "" && len(all) == 1 {
			for u := range all {
				k.unit = u
			}
		}
		p := point{label: chartLabel(r.Day), at: yearOf(r.Day), value: v.Quantity.Value, printed: v.Text, when: r.Day.Display()}
		if natures[r] != seriesField(seriesNature).of(r) {
			p.printed += "（" + r.Schema.Series.Computed + "）"
		}
		d := series[k]
		if d == nil {
			d = &drawn{scope: k.scope}
			series[k] = d
			order = append(order, k)
		}
		if n := len(d.points); n > 0 && d.points[n-1].label == p.label && r.Day.Precision() <= dates.Month {
			p.label = fmt.Sprintf("%d年%d月", r.Day.Lower()/10000, r.Day.Lower()/100%100) // two in one year: say which
		}
		d.points = append(d.points, p)
	}
	var l []drawn
	for _, k := range order {
		if d := series[k]; len(d.points) > 1 {
			d.points = d.points[max(0, len(d.points)-maxPoints):]
			l = append(l, *d)
		}
	}
	slices.SortStableFunc(l, func(a, b drawn) int { return len(b.points) - len(a.points) })
	return l[:min(len(l), maxCharts)]
}

// yearOf is a date on a line of years: the middle of what it may be.
func yearOf(d dates.Date) float64 {
	at := func(day int32) float64 {
		return float64(day/10000) + (float64(day/100%100)-1)/12 + float64(day%100)/372
	}
	if d.OpenEnd() {
		return at(d.Lower())
	}
	if d.Interval() {
		return at(d.Upper()) // what is counted over some years is known at their end
	}
	return (at(d.Lower()) + at(d.Upper())) / 2
}

// natureOf is what the records around a computed value are: it stands in their chart, marked as computed.
func natureOf(records []*site.Record, of *site.Record) string {
	for _, r := range records {
		if n := seriesField(seriesNature).of(r); r != of && n != r.Schema.Series.Computed {
			return n
		}
	}
	return ""
}

// How many points of a chart can still be told apart, of more the last are drawn; and how many charts an indicator has.
const (
	maxPoints = 60
	maxCharts = 6
)

func chartLabel(d dates.Date) string {
	from, to := d.Years()
	if from == to {
		return fmt.Sprint(from)
	}
	return d.Display()
}
