package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

func doubtsPages(s *site.Site, add func(Route)) {
	add(Route{URL: "/doubts/", Origin: "存疑", Data: func() Data { return doubts(s) }})
}

// doubtsLimit is how many doubts of one kind the page shows.
const doubtsLimit = 500

// doubts makes the page of all that is open: a table for each kind, a row for each doubt with a link to where it stands.
func doubts(s *site.Site) *SeriesPage {
	p := SeriesPage{Page: frame(s, "series", "存疑", "/doubts/", "")}
	n := 0
	for i, d := range s.Doubts() {
		x := Indicator{Label: d.Label, ID: fmt.Sprintf("i%d", i+1), Columns: []string{"记录", "疑处", "可能是"}}
		if !slices.ContainsFunc(d.List, func(d site.Doubt) bool { return len(d.Others) > 0 }) {
			x.Columns = x.Columns[:2]
		}
		if !d.Settled {
			n += len(d.List)
		}
		for _, one := range d.List[:min(len(d.List), doubtsLimit)] {
			var others []string
			for _, o := range one.Others {
				others = append(others, linkTo(s, o))
			}
			cells := []string{linkTo(s, one.Record), esc(one.Text), strings.Join(others, "、")}
			var e Entry
			for k, h := range cells[:len(x.Columns)] {
				e.Cells = append(e.Cells, Cell{Label: x.Columns[k], HTML: template.HTML(h)})
			}
			x.Rows = append(x.Rows, e)
		}
		if rest := len(d.List) - doubtsLimit; rest > 0 {
			x.Rows = append(x.Rows, Entry{Cells: append([]Cell{{Label: "记录", HTML: template.HTML(fmt.Sprintf("另有 %d 处", rest))}}, make([]Cell, len(x.Columns)-1)...)})
		}
		p.Indicators = append(p.Indicators, x)
		p.Topics = append(p.Topics, Link{Text: d.Label, URL: "#" + x.ID, Count: len(d.List)})
	}
	p.Lede = fmt.Sprintf("本站还不能定的 %d 处：是谁、哪一说、数目对不对。知情者请按页尾的联系方式告知。", n)
	p.Head = viewHead(s, "存疑", p.Lede, "/doubts/")
	return &p
}

// linkTo is a record as a link.
func linkTo(s *site.Site, r *site.Record) string {
	return `<a href="` + esc(s.Href(r.URL)) + `">` + esc(r.Title) + `</a>`
}

// variants shows, behind the value of a field, what sources say otherwise.
func variants(s *site.Site, r *site.Record, f *content.Field) string {
	var b strings.Builder
	for _, v := range r.Variants() {
		if v.Field != f {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("（采用）")
		}
		source := esc(v.Source)
		if to := r.Target(v.Cited); to != nil {
			source = linkTo(s, to)
		}
		b.WriteString("<br>" + source + "作" + esc(v.Other))
	}
	return b.String()
}
