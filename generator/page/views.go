package page

import (
	"fmt"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/site"
)

// Limits beyond which a view is divided into several pages, so that none grows without end.
const (
	chronicleLimit = 350 // lines; then each decade has a page, or several
	groupLimit     = 24  // names of those who received an honour together, in the chronicle
	namesLimit     = 600 // names; then each initial has a page, or several
)

// View is a way into the records of all collections: pages below one name, which no collection can have.
type View struct {
	Name  string // of the folder that its pages stand in
	Label string // 大事记
	Nav   bool   // it stands in the navigation
	From  string // what the link from a collection's list says, if not the label
	// Has reports whether the view is not empty. Every page asks, in its navigation: it is told without making the view.
	Has func(s *site.Site) bool
	// Of reports whether a collection's list leads to the view; nil: none does.
	Of func(s *site.Site, c *site.Collection) bool
	// Pages gives its pages to add, the first one first. It is called only if the view is not empty.
	Pages func(s *site.Site, add func(Route))
}

// Route is a page of a view.
type Route struct {
	URL    string   // path on the site, with slashes at both ends
	Origin string   // what it comes from, for a message: 大事记, 荣誉“…”的名册
	Pos    diag.Pos // where that is written, if somebody has written it
	Split  bool     // it is there only because all does not go on one page: no link may count on it
	Data   func() Data
}

// Views is the table of the views, in the order of the navigation. A new one is a row here, the struct of its page in
// data.go, and a template.
var Views = []View{
	{
		Name: "chronicle", Label: "大事记", Nav: true, Has: (*site.Site).HasChronicle, Pages: chroniclePages,
		Of: func(s *site.Site, c *site.Collection) bool { return c.Chronicle != nil && s.HasChronicle() },
	},
	{Name: "days", Label: "历史上的今天", Has: func(s *site.Site) bool { return len(s.Days()) > 0 }, Pages: daysPages},
	{
		Name: "rolls", Label: "荣誉名册", Nav: true, Has: (*site.Site).HasRolls, Pages: rollsPages,
		Of: func(s *site.Site, c *site.Collection) bool {
			return (c.Roll != nil || s.IsHonors(c)) && s.HasRolls()
		},
	},
	{
		Name: "coverage", Label: "著录情况", Has: hasCoverage, Pages: coveragePages,
		Of: func(s *site.Site, c *site.Collection) bool {
			return hasCoverage(s) && (c.Roll != nil || s.IsHonors(c) || c.Schema.Role(content.Official) != nil)
		},
	},
	{
		Name: "cross", Label: "荣誉、年份与地区", Has: HasCross, Pages: crossPages,
		Of: func(s *site.Site, c *site.Collection) bool { return (c.Roll != nil || s.IsHonors(c)) && HasCross(s) },
	},
	{
		Name: "names", Label: "人名索引", Nav: true, Has: (*site.Site).HasNames, Pages: namesPages,
		Of: func(_ *site.Site, c *site.Collection) bool { return c.Title.Name },
	},
	{
		Name: "series", Label: "统计", Nav: true, From: "统计图表", Has: (*site.Site).HasSeries, Pages: seriesPages,
		Of: func(_ *site.Site, c *site.Collection) bool { return c.Series != nil },
	},
	{
		Name: "doubts", Label: "存疑", Has: func(s *site.Site) bool { return len(s.Doubts()) > 0 }, Pages: doubtsPages,
		Of: func(s *site.Site, c *site.Collection) bool {
			return (c.Title.Name || c.Series != nil || c.Roll != nil) && len(s.Doubts()) > 0
		},
	},
	{Name: "browse", Label: "分类浏览", Nav: true, Has: (*site.Site).HasBrowse, Pages: browsePages},
}

// Files are the paths of what every site has at its top beside index.html: pages of their own kind, and what machines
// read.
var Files = []string{"404.html", "apple-touch-icon.png", "favicon.ico", "feed.xml", "icon-192.png", "icon-512.png", "robots.txt", "site.webmanifest", "sitemap.xml"}

// Reserved gives the names at the top of a site that are taken: no collection and no old URL can have them.
func Reserved() []string {
	names := []string{
		"index.html", "search",
		"assets",   // of the theme
		"data",     // collections for other programs
		"images",   // people expect a folder of pictures there, not a collection
		"page",     // further pages of a list
		"_preview", // of the preview
	}
	names = append(names, Files...)
	for i := range Views {
		names = append(names, Views[i].Name)
	}
	return names
}

// Paths gives what a link may lead to beside records and lists, as paths without slashes at the ends.
func Paths(s *site.Site) map[string]bool {
	paths := map[string]bool{"search": true}
	for _, f := range Files {
		paths[f] = true
	}
	for i := range Views {
		if v := &Views[i]; v.Has(s) {
			v.Pages(s, func(r Route) {
				if !r.Split {
					paths[strings.Trim(r.URL, "/")] = true
				}
			})
		}
	}
	return paths
}

// navigation leads to the views.
func navigation(s *site.Site) []Link {
	var l []Link
	for i := range Views {
		if v := &Views[i]; v.Nav && v.Has(s) {
			l = append(l, Link{Text: v.Label, URL: s.Href("/" + v.Name + "/")})
		}
	}
	return l
}

// viewsOf gives the other ways into a collection's records.
func viewsOf(s *site.Site, c *site.Collection) []Link {
	var l []Link
	for i := range Views {
		v := &Views[i]
		if v.Of == nil || !v.Of(s, c) {
			continue
		}
		text := v.From
		if text == "" {
			text = v.Label
		}
		l = append(l, Link{Text: text, URL: s.Href("/" + v.Name + "/")})
	}
	if Downloads(c) {
		l = append(l, Link{Text: "下载表格（CSV）", URL: s.Href("/data/" + c.Key + ".csv")}, Link{Text: "下载数据（JSON）", URL: s.Href("/data/" + c.Key + ".json")})
	}
	return l
}

// Downloads reports whether a collection stands below data/ as files for other programs. Very large ones do not: who
// wants them asks for a copy (gongzhi export).
func Downloads(c *site.Collection) bool { return len(c.Records) <= 20_000 }

func chroniclePages(s *site.Site, add func(Route)) {
	kinds := chronicleKinds(s)
	for _, c := range append([]*site.Collection{nil}, kinds...) {
		all := decadesOf(s, c)
		split := lines(all) > chronicleLimit
		add(Route{URL: chronicleURL(c, "", 1), Origin: "大事记", Split: c != nil, Data: func() Data { return chronicle(s, c, all, kinds) }})
		for k := range all {
			if !split {
				break
			}
			n := (len(all[k].Entries) + chronicleLimit - 1) / chronicleLimit
			for i := 1; i <= n; i++ {
				add(Route{URL: chronicleURL(c, all[k].ID, i), Origin: "大事记", Split: true, Data: func() Data { return chronicleDecade(s, c, all, k, kinds, i, n) }})
			}
		}
	}
}

func daysPages(s *site.Site, add func(Route)) {
	add(Route{URL: "/days/", Origin: "历史上的今天", Data: func() Data { return days(s, 0) }})
	for m := 1; m <= 12; m++ {
		add(Route{URL: fmt.Sprintf("/days/%02d/", m), Origin: "历史上的今天", Data: func() Data { return days(s, m) }})
	}
}

func rollsPages(s *site.Site, add func(Route)) {
	add(Route{URL: "/rolls/", Origin: "荣誉名册", Data: func() Data { return rolls(s) }})
	for _, r := range s.Rolls() {
		rollPages(s, r, add)
	}
}

func namesPages(s *site.Site, add func(Route)) {
	add(Route{URL: "/names/", Origin: "人名索引", Data: func() Data { return names(s, 0, 1, 1) }})
	if all := s.Names(); len(all) > namesLimit {
		for _, c := range initials(all) {
			count := 0
			for i := range all {
				count += boolInt(all[i].Initial == c)
			}
			n := (count + namesLimit - 1) / namesLimit
			for i := 1; i <= n; i++ {
				add(Route{URL: pageURL("/names/"+strings.ToLower(initialID(c))+"/", i), Origin: "人名索引", Split: true, Data: func() Data { return names(s, c, i, n) }})
			}
		}
	}
	orderedNames(s, add)
}

// pageURL is the path of page i of what begins at a URL.
func pageURL(url string, i int) string {
	if i > 1 {
		url += fmt.Sprintf("page/%d/", i)
	}
	return url
}

func seriesPages(s *site.Site, add func(Route)) {
	add(Route{URL: "/series/", Origin: "统计", Data: func() Data { return series(s, nil) }})
	for _, t := range s.Series() {
		add(Route{URL: "/series/" + t.Slug + "/", Origin: "统计主题“" + t.Title + "”", Pos: t.Pos, Data: func() Data { return series(s, t) }})
	}
}

func browsePages(s *site.Site, add func(Route)) {
	add(Route{URL: "/browse/", Origin: "分类浏览", Data: func() Data { return browse(s, nil) }})
	size := s.RowsPerPage()
	for _, f := range s.Browse() {
		add(Route{URL: "/browse/" + f.Key + "/", Origin: f.Label, Data: func() Data { return browse(s, f) }})
		for _, t := range f.Terms {
			n := (len(t.Records) + size - 1) / size
			for i := 1; i <= n; i++ {
				add(Route{URL: termURL(f, t, i), Origin: f.Label + "“" + t.Text + "”", Pos: t.Pos, Split: i > 1, Data: func() Data { return term(s, f, t, i, n) }})
			}
		}
	}
}
