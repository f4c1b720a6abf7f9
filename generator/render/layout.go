package render

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"gongzhi/generator/diag"
	"gongzhi/generator/feeds"
	"gongzhi/generator/output"
	"gongzhi/generator/page"
	"gongzhi/generator/site"
)

// layout is every path of the site but those of the search index.
type layout struct {
	routes map[string]route // of what is no record
	record func(path string) (route, bool)
	paths  []string // sorted
	diags  diag.List
}

// route makes the bytes of one path.
type route struct {
	make   func(b *bytes.Buffer) error
	source string // of what is published as it is: its file in the source; make is nil then
	origin string // what it comes from, for a message about a collision
	record *site.Record
	pos    diag.Pos // where that is written, if not in the record
}

// add claims a path of the site. Two things at one path is an error that names both.
func (l *layout) add(p string, r route) {
	if first, ok := l.at(p); ok {
		if r.pos.Path == "" { // blame what somebody has written
			r, first = first, r
		}
		l.diags = append(l.diags, diag.Errorf(r.pos, "url/collision", "网址 /%s 已经给了%s，%s不能再用。请改名。", strings.TrimSuffix(p, "index.html"), first.name(), r.name()))
		return
	}
	l.routes[p] = r
	l.paths = append(l.paths, p)
}

// name says what a route is, and where it comes from.
func (r route) name() string {
	switch {
	case r.pos.Path == "" || r.origin == r.pos.Path:
		return " " + r.origin
	case r.pos.Line > 0:
		return fmt.Sprintf("%s（%s:%d）", r.origin, r.pos.Path, r.pos.Line)
	}
	return r.origin + "（" + r.pos.Path + "）"
}

// at gives what has a path.
func (l *layout) at(p string) (route, bool) {
	r, ok := l.routes[p]
	if !ok && l.record != nil {
		r, ok = l.record(p)
	}
	return r, ok
}

// file claims a path for what is no record.
func (l *layout) file(p, origin string, make func(b *bytes.Buffer) error) {
	l.add(p, route{make: make, origin: origin})
}

// routeFixed lays out the lists and the files that every site has.
func (g *Generation) routeFixed(l *layout) {
	s := g.Site
	made := func(p, origin string, data func() (page.Data, error)) {
		l.file(p, origin, func(b *bytes.Buffer) error { return g.page(b, "", data) })
	}
	made("index.html", "首页", func() (page.Data, error) { return page.Home(s), nil })
	for _, c := range s.Collections {
		size := page.Size(s, c)
		n := (len(c.Records) + size - 1) / size
		for i := 1; i <= n; i++ {
			made(file(site.ListURL(c.Key, i)), c.Label+"的列表", func() (page.Data, error) { return page.List(s, c, i, n) })
		}
	}
	made("search/index.html", "检索页", func() (page.Data, error) { return page.Search(s), nil })
	made("404.html", "404 页", func() (page.Data, error) { return page.NotFound(s), nil })
	l.file("feed.xml", "订阅源", func(b *bytes.Buffer) error { return feeds.Atom(b, s, nil, g.fullText) })
	for _, c := range s.Collections {
		if page.HasFeed(s, c) {
			l.file(strings.TrimPrefix(page.FeedURL(c), "/"), c.Label+"的订阅源", func(b *bytes.Buffer) error { return feeds.Atom(b, s, c, g.fullText) })
		}
	}
	g.routeIcons(l)
	l.file("robots.txt", "robots.txt", func(b *bytes.Buffer) error { feeds.Robots(b, s); return nil })
	g.routeDownloads(l)
	for _, a := range g.Theme.Assets {
		l.file(a.Path, "主题的文件", func(b *bytes.Buffer) error { b.Write(a.Bytes); return nil })
	}
}

func (g *Generation) fullText(r *site.Record) ([]byte, error) { return page.FullText(g.Site, r) }

// file is the path of the file of a page below its URL, which has slashes at both ends.
func file(url string) string { return strings.TrimPrefix(url, "/") + "index.html" }

// layOut lays out every path of the site.
func (g *Generation) layOut() layout {
	n := len(g.Set.Records) + len(g.Set.Assets) + len(g.fixed)
	l := layout{routes: make(map[string]route, len(g.fixed)+len(g.Set.Assets)), paths: make([]string, 0, n+n/4)}
	for p, r := range g.fixed {
		l.add(p, r)
	}
	for _, c := range g.Site.Collections {
		if c.Rows {
			continue
		}
		for _, r := range c.Records {
			p := file(r.URL)
			if _, taken := l.routes[p]; taken {
				l.add(p, g.recordRoute(r))
			} else {
				l.paths = append(l.paths, p)
			}
		}
	}
	l.record = g.recordAt
	for i := range page.Views {
		if v := &page.Views[i]; v.Has(g.Site) {
			v.Pages(g.Site, func(r page.Route) {
				l.add(file(r.URL), route{origin: r.Origin, pos: r.Pos, make: func(b *bytes.Buffer) error {
					return g.execute(b, r.Data(), "")
				}})
			})
		}
	}
	for _, a := range g.Set.Assets {
		g.routeAsset(&l, a)
	}
	g.routeStatic(&l)
	gone := map[string]bool{} // pages that only say that something was withdrawn, or is elsewhere
	redirect := func(p string, a *site.Alias, url, title string) {
		gone[p] = true
		l.add(p, route{origin: "旧网址", pos: a.Pos, make: func(b *bytes.Buffer) error {
			feeds.Redirect(b, g.Site, url, title, g.info.Icon)
			return nil
		}})
	}
	for i := range g.Site.Aliases {
		a := &g.Site.Aliases[i]
		p := a.From
		if !a.IsFile() {
			p += "/index.html"
		}
		redirect(p, a, a.To.URL, a.To.Title)
	}
	g.movedRolls(&l, redirect)
	for _, r := range g.Site.Hidden {
		if r.Status != site.Withdrawn || r.Schema.Rows {
			continue
		}
		gone[file(r.Place())] = true
		l.add(file(r.Place()), route{origin: "撤下的记录", pos: r.Pos(), make: func(b *bytes.Buffer) error {
			feeds.Tombstone(b, g.Site, r, g.info.Icon)
			return nil
		}})
	}
	slices.Sort(l.paths)
	for _, f := range feeds.Sitemap(g.Site, slices.DeleteFunc(slices.Clone(l.paths), func(p string) bool { return gone[p] })) {
		l.file(f.Path, "站点地图", func(b *bytes.Buffer) error { f.Make(b); return nil })
	}
	slices.Sort(l.paths)
	l.collisions()
	for _, b := range g.Site.Browse() {
		for _, t := range b.Terms {
			for _, a := range t.Also {
				l.diags = append(l.diags, diag.Warningf(a.Pos, "term/case", "%s“%s”和“%s”（%s:%d）只有大小写不同，按同一个列出，写作“%s”。请统一写法。", b.Label, a.Text, t.Text, t.Pos.Path, t.Pos.Line, t.Text))
			}
		}
	}
	return l
}

// movedRolls leads from the pages of the roll of an honour that had another id, of which its old addresses tell, to where each is
// now: the roll, its years, regions, headings and other orders, and its table of years and regions.
func (g *Generation) movedRolls(l *layout, redirect func(p string, a *site.Alias, url, title string)) {
	var rolls map[*site.Record]*site.RollOf
	for i := range g.Site.Aliases {
		a := &g.Site.Aliases[i]
		old, ok := strings.CutPrefix(a.From, a.To.Schema.Key+"/")
		if !ok || a.IsFile() || !g.Site.IsHonors(a.To.Collection) {
			continue
		}
		if rolls == nil {
			rolls = map[*site.Record]*site.RollOf{}
			for _, r := range g.Site.Rolls() {
				rolls[r.Honor] = r
			}
		}
		r := rolls[a.To]
		if r == nil {
			continue
		}
		for _, view := range []string{"rolls/", "cross/"} {
			for _, p := range slices.Clone(l.paths) {
				rest, ok := strings.CutPrefix(p, view+r.Slug+"/")
				if !ok {
					continue
				}
				from := view + site.Slug(old) + "/" + rest
				if _, taken := l.routes[from]; !taken {
					redirect(from, a, "/"+strings.TrimSuffix(p, "index.html"), r.Title+"名册")
				}
			}
		}
	}
}

// collisions finds terms and other views whose paths differ in case alone, which are the same on many file
// systems, and files that would have to be a folder as well. Records were compared when they were joined, but for letters
// of which there are three, such as Σ, σ and ς.
func (l *layout) collisions() {
	seen := make(map[string]string, 64)
	odd := slices.ContainsFunc(l.paths, output.Odd)
	for _, p := range l.paths {
		r, other := l.routes[p]
		for i := len(p) - 1; i > 0; i-- {
			if p[i] != '/' || !strings.Contains(path.Base(p[:i]), ".") {
				continue // no file is without an extension
			}
			if first, ok := l.routes[p[:i]]; ok {
				if !other {
					r, _ = l.record(p)
				}
				if r.pos.Path == "" {
					r, first = first, r
				}
				l.diags = append(l.diags, diag.Errorf(r.pos, "url/collision", "网址 /%s 已经是一个文件（%s），%s不能放在它下面。请改名。", p[:i], strings.TrimSpace(first.name()), r.name()))
			}
		}
		if !other && !odd {
			continue
		}
		low := output.Fold(p)
		if first, ok := seen[low]; ok {
			a, more := l.routes[first]
			if !more {
				a, _ = l.record(first)
			}
			if !other {
				r, _ = l.record(p)
			}
			b := r
			if b.pos.Path == "" {
				a, b = b, a
			}
			l.diags = append(l.diags, diag.Errorf(b.pos, "url/collision", "%s和%s的网址只有大小写不同（/%s），在许多电脑上会互相覆盖。请统一写法。", strings.TrimSpace(b.name()), a.name(), strings.TrimSuffix(low, "index.html")))
		}
		seen[low] = p
	}
}
