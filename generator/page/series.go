package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"

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
	for _, t := range s.Series() {
		p.Topics = append(p.Topics, Link{Text: t.Title, URL: s.Href("/series/" + t.Slug + "/"), Count: t.Count, Current: t == only})
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
			out.Label += "（" + first + "）" // the scope is said once, above
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
		e.Marks, _ = nb.add(s, r)
		if v := r.Value(r.Schema.Series.Printed); v != nil && dated >= 0 {
			if c := &e.Cells[dated]; c.HTML == "" {
				c.HTML = template.HTML(esc(v.Text))
			} else {
				c.HTML += template.HTML(`<span class="printed">（原文：` + esc(v.Text) + `）</span>`)
			}
		}
		out.Rows = append(out.Rows, e)
	}
	if !mixed {
		out.Chart = template.HTML(chart(out.ID, x.Title, points(records)))
	}
	return out
}

// points are the values that can stand in one chart: of one unit and scope, each with a figure and a date
// of its own. Of several such series the longest is drawn; a single point is none.
func points(records []*site.Record) []point {
	series := map[string][]point{}
	var order []string
	for _, r := range records {
		rule := r.Schema.Series
		v := r.Value(rule.Value)
		if v == nil || v.Quantity == nil || !v.Quantity.HasValue() || r.Day.IsZero() || !math.IsNaN(v.Quantity.High) {
			continue
		}
		nature := seriesField(seriesNature).of(r)
		p := point{label: chartLabel(r.Day), value: v.Quantity.Value, printed: v.Text}
		if nature != "" && nature == rule.Computed {
			nature, p.printed = natureOf(records, r), v.Text+"（"+nature+"）"
		}
		key := v.Quantity.Unit + "\x00" + seriesField(seriesScope).of(r) + "\x00" + nature
		if s := series[key]; len(s) > 0 && s[len(s)-1].label == p.label && r.Day.Precision() <= dates.Month {
			p.label = fmt.Sprintf("%d年%d月", r.Day.Lower()/10000, r.Day.Lower()/100%100) // two in one year: say which
		}
		if series[key] == nil {
			order = append(order, key)
		}
		series[key] = append(series[key], p)
	}
	var best []point
	for _, key := range order {
		if len(series[key]) > len(best) {
			best = series[key]
		}
	}
	if len(best) < 2 {
		return nil
	}
	return best[max(0, len(best)-maxPoints):]
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

// maxPoints is how many bars of a chart can still be compared; of more the last are drawn.
const maxPoints = 60

func chartLabel(d dates.Date) string {
	from, to := d.Years()
	if from == to {
		return fmt.Sprint(from)
	}
	return d.Display()
}
