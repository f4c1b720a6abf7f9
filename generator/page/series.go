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

func indicator(s *site.Site, nb *notebook, x *site.Indicator, i int) Indicator {
	out := Indicator{Label: x.Title, ID: fmt.Sprintf("i%d", i+1)}
	records := slices.Clone(x.Records)
	rule := records[0].Schema.Series
	mixed := slices.ContainsFunc(records, func(r *site.Record) bool { return r.Display(r.Value(rule.Indicator)) != x.Title })
	keys := []string{rule.Date, rule.Value, rule.Scope, rule.Nature}
	if mixed {
		keys = append([]string{rule.Indicator}, keys...)
	} else {
		slices.SortStableFunc(records, func(a, b *site.Record) int { return a.Day.Compare(b.Day) })
	}
	var fields []*content.Field
	for _, key := range keys {
		f := records[0].Schema.Field(key)
		if key == "" || f == nil {
			continue
		}
		first := records[0].Display(records[0].Value(key))
		same := !slices.ContainsFunc(records, func(r *site.Record) bool { return r.Display(r.Value(key)) != first })
		switch {
		case same && first == "":
		case same && key == rule.Scope && !mixed:
			out.Label += "（" + first + "）" // said once, above
		default:
			fields = append(fields, f)
			out.Columns = append(out.Columns, f.Label)
		}
	}
	for _, r := range records {
		e := entry(s, r)
		e.Cells = cells(s, r, false, fields)
		e.ID = r.Anchor()
		e.Marks, _ = nb.add(s, r)
		if i := slices.IndexFunc(fields, func(f *content.Field) bool { return f.Key == rule.Date }); i >= 0 {
			if v := r.Value(rule.Printed); v != nil && e.Cells[i].HTML == "" {
				e.Cells[i].HTML = template.HTML(esc(v.Text))
			} else if v != nil {
				e.Cells[i].HTML += template.HTML(`<span class="printed">（原文：` + esc(v.Text) + `）</span>`)
			}
		}
		out.Rows = append(out.Rows, e)
	}
	if !mixed {
		out.Chart = template.HTML(chart(out.ID, x.Title, points(records, rule)))
	}
	return out
}

// points are the values that can stand in one chart: of one unit and scope, each with a figure and a date
// of its own. Of several such series the longest is drawn; a single point is none.
func points(records []*site.Record, rule *content.Series) []point {
	series := map[string][]point{}
	var order []string
	for _, r := range records {
		v := r.Value(rule.Value)
		if v == nil || v.Quantity == nil || !v.Quantity.HasValue() || r.Day.IsZero() || !math.IsNaN(v.Quantity.High) {
			continue
		}
		nature := r.Display(r.Value(rule.Nature))
		p := point{label: chartLabel(r.Day), value: v.Quantity.Value, printed: v.Text}
		if nature == "推算" {
			nature, p.printed = natureOf(records, rule, r), v.Text+"（推算）"
		}
		key := v.Quantity.Unit + "\x00" + r.Display(r.Value(rule.Scope)) + "\x00" + nature
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
func natureOf(records []*site.Record, rule *content.Series, of *site.Record) string {
	for _, r := range records {
		if n := r.Display(r.Value(rule.Nature)); r != of && n != "推算" {
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
