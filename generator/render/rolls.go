package render

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"gongzhi/generator/site"
)

// rollsPage makes the list of honours that have a roll.
func (g *Generation) rollsPage(b *bytes.Buffer) error {
	url := g.Site.Href("/rolls/")
	frame, err := g.frame("rolls", "荣誉名册", "/rolls/", url)
	if err != nil {
		return err
	}
	p := RollsPage{Page: frame}
	p.Lede = "按荣誉称号与授予年份编列。名次照名单原来的顺序；没有名单顺序的，按姓名读音。"
	for _, r := range g.Site.Rolls() {
		label := "其他"
		if r.Honor != nil {
			if v := r.Honor.Value("level"); v != nil {
				label = v.Text
			}
		}
		i := slices.IndexFunc(p.Groups, func(x RollGroup) bool { return x.Label == label })
		if i < 0 {
			i = len(p.Groups)
			p.Groups = append(p.Groups, RollGroup{Label: label})
		}
		p.Groups[i].Rolls = append(p.Groups[i].Rolls, g.rollLink(r))
	}
	p.Head = g.viewHead("荣誉名册", p.Lede, "/rolls/")
	return g.execute(b, "rolls", &p, "")
}

// rollLink leads to a roll; its note is the years from the first to the last.
func (g *Generation) rollLink(r *site.RollOf) Link {
	l := Link{Text: r.Title, URL: g.Site.Href("/rolls/" + r.Slug + "/"), Count: r.Count}
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

// rollPage makes the roll of one honour.
func (g *Generation) rollPage(b *bytes.Buffer, r *site.RollOf) error {
	root := Link{Text: "荣誉名册", URL: g.Site.Href("/rolls/")}
	url := "/rolls/" + r.Slug + "/"
	frame, err := g.frame("roll", r.Title, url, root.URL, root)
	if err != nil {
		return err
	}
	p := RollPage{Page: frame, Honor: Link{Text: r.Title}, Count: r.Count}
	if h := r.Honor; h != nil {
		p.Honor.URL = g.Site.Href(h.URL)
		p.Lede = summary(h)
		for _, key := range []string{"level", "grantors", "since", "interval"} {
			if v := h.Value(key); v != nil {
				p.About = append(p.About, Labeled{v.Field.Label, template.HTML(g.value(h, v)), nil})
			}
		}
	}
	var nb notebook
	for i, y := range r.Years {
		x := RollYear{Label: "年份未核到", ID: fmt.Sprintf("y%d", i)}
		if !y.Day.IsZero() {
			x.Label, x.ID = y.Day.Display(), "y"+strings.ReplaceAll(y.Day.String(), "/", "_")
		}
		for _, rec := range y.Records {
			rule := rec.Schema.Roll
			e := Entry{Title: rec.Title, ID: rec.Anchor()}
			if v := rec.Value(rule.Who); v != nil {
				e.Title = rec.Display(v)
				if to := rec.Target(v); to != nil {
					e.URL, e.Person = g.Site.Href(to.URL), to.Schema.Title.Name
				}
			}
			if v := rec.Value(rule.Unit); v != nil {
				e.Meta = append(e.Meta, rec.Display(v))
			} else if v := rec.Value(rule.Who); v != nil {
				// Where the list gives no unit, that of the profile tells who is meant.
				if to := rec.Target(v); to != nil {
					if u := to.Value("unit"); u != nil {
						e.Meta = append(e.Meta, to.Display(u))
					}
				}
			}
			e.Marks, _ = nb.add(g, rec)
			x.Names = append(x.Names, e)
		}
		p.Years = append(p.Years, x)
	}
	p.Notes = nb.notes
	p.Head = g.viewHead(r.Title+"名册", fmt.Sprintf("%s获得者名册，已著录 %d 条。", r.Title, r.Count), url)
	return g.execute(b, "roll", &p, "")
}
