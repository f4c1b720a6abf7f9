package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// rolls makes the list of honours that have a roll.
func rolls(s *site.Site) *RollsPage {
	url := s.Href("/rolls/")
	p := RollsPage{Page: frame(s, "rolls", "荣誉名册", "/rolls/", url)}
	p.Lede = "按荣誉称号与授予年份编列。名次照名单原来的顺序；没有名单顺序的，按姓名读音。"
	for _, r := range s.Rolls() {
		label := "其他"
		if r.Honor != nil {
			if v := r.Honor.Role(content.Level); v != nil {
				label = v.Text
			}
		}
		i := slices.IndexFunc(p.Groups, func(x RollGroup) bool { return x.Label == label })
		if i < 0 {
			i = len(p.Groups)
			p.Groups = append(p.Groups, RollGroup{Label: label})
		}
		p.Groups[i].Rolls = append(p.Groups[i].Rolls, rollLink(s, r))
	}
	p.Head = viewHead(s, "荣誉名册", p.Lede, "/rolls/")
	return &p
}

// rollLink leads to a roll; its note is the years from the first to the last.
func rollLink(s *site.Site, r *site.RollOf) Link {
	l := Link{Text: r.Title, URL: s.Href("/rolls/" + r.Slug + "/"), Count: r.Count}
	var from, to int
	for _, y := range r.Years {
		if !y.Day.IsZero() {
			a, z := y.Day.Years()
			if from == 0 {
				from = a
			}
			to = max(to, z)
		}
	}
	switch {
	case from != 0 && from == to:
		l.Note = fmt.Sprintf("%d年", from)
	case from != 0:
		l.Note = fmt.Sprintf("%d—%d年", from, to)
	}
	return l
}

// roll makes the roll of one honour.
func roll(s *site.Site, r *site.RollOf) *RollPage {
	root := Link{Text: "荣誉名册", URL: s.Href("/rolls/")}
	url := "/rolls/" + r.Slug + "/"
	p := RollPage{Page: frame(s, "roll", r.Title, url, root.URL, root), Honor: Link{Text: r.Title}, Count: r.Count}
	if h := r.Honor; h != nil {
		p.Honor.URL = s.Href(h.URL)
		p.Lede = h.Summary()
		for _, f := range []*content.Field{h.Schema.Role(content.Level), h.Schema.Role(content.Grantor), h.Schema.Date, h.Schema.Role(content.Interval)} {
			if v := h.Value(f); v != nil {
				p.About = append(p.About, Labeled{v.Field.Label, template.HTML(value(s, h, v)), nil})
			}
		}
	}
	var nb notebook
	says := coveredYears(s, r)
	for i, y := range r.Years {
		x := RollYear{Label: "年份未核到", ID: fmt.Sprintf("y%d", i)}
		if !y.Day.IsZero() {
			x.Label, x.ID = y.Day.Display(), "y"+strings.ReplaceAll(y.Day.String(), "/", "_")
		}
		x.Covered = says[y.Day.String()]
		for _, rec := range y.Records {
			rule := rec.Schema.Roll
			e := Entry{Title: rec.Title, ID: rec.Anchor()}
			if v := rec.Value(rule.Who); v != nil {
				e.Title = rec.Display(v)
				if to := rec.Target(v); to != nil {
					e.URL, e.Person = s.Href(to.URL), to.Schema.Title.Name
				}
			}
			if v := rec.Value(rule.Unit); v != nil {
				e.Meta = append(e.Meta, rec.Display(v))
			} else if v := rec.Value(rule.Who); v != nil {
				// Where the list gives no unit, that of the profile tells who is meant.
				if to := rec.Target(v); to != nil {
					if u := to.Role(content.Unit); u != nil {
						e.Meta = append(e.Meta, to.Display(u))
					}
				}
			}
			e.Revoked = rec.Revoked()
			e.Marks, _ = nb.add(s, rec)
			x.Names = append(x.Names, e)
		}
		p.Years = append(p.Years, x)
	}
	p.Notes = nb.notes
	if ordered(r) {
		p.Orders = switches(s, url, "名单", "", "")
	}
	p.Head = viewHead(s, r.Title+"名册", fmt.Sprintf("%s获得者名册，已著录 %d 条。", r.Title, r.Count), url)
	return &p
}
