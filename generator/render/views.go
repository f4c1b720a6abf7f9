package render

import (
	"bytes"
	"fmt"
	"strings"
)

// Limits beyond which a view is divided into several pages, so that none grows without end.
const (
	chronicleLimit = 1500 // lines; then each decade has a page
	namesLimit     = 3000 // names; then each initial has a page
)

// routeViews lays out the pages that gather records from all collections.
func (g *Generation) routeViews(l *layout) {
	s := g.Site
	if entries := s.Chronicle(); len(entries) > 0 {
		l.page("/chronicle/", "大事记", func(b *bytes.Buffer) error { return g.chronicle(b, "") })
		if len(entries) > chronicleLimit {
			for _, d := range g.ages() {
				l.page("/chronicle/"+d.id+"/", "大事记", func(b *bytes.Buffer) error { return g.chronicle(b, d.id) })
			}
		}
		if days := g.days(); len(days) > 0 {
			l.page("/days/", "历史上的今天", func(b *bytes.Buffer) error { return g.daysPage(b, 0) })
			for m := 1; m <= 12; m++ {
				l.page(fmt.Sprintf("/days/%02d/", m), "历史上的今天", func(b *bytes.Buffer) error { return g.daysPage(b, m) })
			}
		}
	}
	if rolls := s.Rolls(); len(rolls) > 0 {
		l.page("/rolls/", "荣誉名册", g.rollsPage)
		for _, r := range rolls {
			l.written("/rolls/"+r.Slug+"/", "荣誉“"+r.Title+"”的名册", r.Pos, func(b *bytes.Buffer) error { return g.rollPage(b, r) })
		}
	}
	if names := s.Names(); len(names) > 0 {
		l.page("/names/", "人名索引", func(b *bytes.Buffer) error { return g.namesPage(b, 0) })
		if len(names) > namesLimit {
			for _, c := range initials(g.index()) {
				l.page("/names/"+strings.ToLower(initialID(c))+"/", "人名索引", func(b *bytes.Buffer) error { return g.namesPage(b, c) })
			}
		}
	}
	if topics := s.Series(); len(topics) > 0 {
		l.page("/series/", "统计", func(b *bytes.Buffer) error { return g.seriesPage(b, nil) })
		for _, t := range topics {
			l.written("/series/"+t.Slug+"/", "统计主题“"+t.Title+"”", t.Pos, func(b *bytes.Buffer) error { return g.seriesPage(b, t) })
		}
	}
	if all := s.Browse(); len(all) > 0 {
		l.page("/browse/", "分类浏览", func(b *bytes.Buffer) error { return g.browse(b, nil) })
		size := s.RowsPerPage()
		for _, f := range all {
			l.page("/browse/"+f.Key+"/", f.Label, func(b *bytes.Buffer) error { return g.browse(b, f) })
			for _, t := range f.Terms {
				n := (len(t.Records) + size - 1) / size
				for i := 1; i <= n; i++ {
					url := "/browse/" + f.Key + "/" + t.Slug + "/"
					if i > 1 {
						url += fmt.Sprintf("page/%d/", i)
					}
					l.written(url, f.Label+"“"+t.Text+"”", t.Pos, func(b *bytes.Buffer) error { return g.term(b, f, t, i, n) })
				}
			}
		}
	}
}
