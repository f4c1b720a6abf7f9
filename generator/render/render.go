// Package render makes the published site: a value, an fs.FS whose files are computed when they are
// asked for.
//
// New runs the three stages (read, join, render) over a source folder, given the previous result, and
// returns a Generation: one consistent state of the site. `build` copies it to a folder, `serve` answers
// requests from it, tests walk it; there is no second way to make a page. A Generation is immutable, and any
// number of its files can be computed at the same time. Its bytes depend on the source, the theme and the
// program's version, and on the clock only through publishDate and expiryDate.
package render

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/site"
	"gongzhi/generator/theme"
)

// Options say what to make a generation of.
type Options struct {
	Source   fs.FS // holds site.yaml, content/ and, if wanted, themes/
	Theme    fs.FS // the default theme
	Now      time.Time
	Hidden   bool   // keep drafts and records whose time has not come or is over, marked as such
	BaseURL  string // instead of the one in site.yaml, if not empty
	Previous *Generation
	Changed  map[string]bool // see content.Options
}

// Generation is one state of the site.
type Generation struct {
	Settings *site.Settings
	Set      *content.Set
	Site     *site.Site
	Theme    *theme.Theme
	Diags    diag.List // of all stages, sorted; with an error among them nothing is to be published

	info   *SiteInfo
	routes map[string]route
	paths  []string
	source fs.FS
	hidden bool

	chromes sync.Map // section → *chrome
	search  func() (map[string][]byte, error)
	terms   map[string]map[string]string // field → term → URL, of those with a page
}

// route makes the bytes of one path.
type route struct {
	make   func(b *bytes.Buffer) error
	origin string // what it comes from, for a message about a collision
	record *site.Record
}

// New makes a generation. The error is for what no message can say, such as a source folder that is not
// there; what is wrong with the files is in Diags.
func New(opt Options) (*Generation, error) {
	if _, err := fs.Stat(opt.Source, "."); err != nil {
		return nil, err
	}
	g := &Generation{source: opt.Source, hidden: opt.Hidden}
	var settingsDiags, themeDiags diag.List
	src, err := fs.ReadFile(opt.Source, "site.yaml")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("读不了 site.yaml：%w", err)
	}
	g.Settings, settingsDiags = site.ReadSettings(src)
	if opt.BaseURL != "" {
		g.Settings.SetBaseURL(opt.BaseURL)
	}
	loaded := content.Options{Zone: g.Settings.Zone}
	if p := opt.Previous; p != nil && p.Settings.ZoneName == g.Settings.ZoneName {
		loaded.Previous, loaded.Changed = p.Set, opt.Changed
	}
	if g.Set, err = content.Load(opt.Source, loaded); err != nil {
		return nil, err
	}
	g.Site = site.Join(g.Set, g.Settings, site.Options{Now: opt.Now, Hidden: opt.Hidden})
	g.Theme, themeDiags = loadTheme(opt, g.Settings.Theme)
	g.Diags = slices.Concat(settingsDiags, g.Set.Diags, g.Site.Diags, themeDiags)
	if themeDiags.Errors() == 0 {
		g.makeInfo()
		g.route()
	}
	g.Diags.Sort()
	return g, nil
}

// loadTheme reads the theme anew, or takes the previous one if none of its files may have changed.
func loadTheme(opt Options, name string) (*theme.Theme, diag.List) {
	if p := opt.Previous; p != nil && opt.Changed != nil && p.Settings.Theme == name && p.Theme.Digest != "" {
		changed := false
		for c := range opt.Changed {
			changed = changed || strings.HasPrefix(c, "themes")
		}
		if !changed {
			return p.Theme, nil
		}
	}
	overlay, err := fs.Sub(opt.Source, "themes/"+name)
	if err == nil {
		if _, err = fs.Stat(overlay, "."); err != nil {
			overlay = nil
			if name != "default" {
				t, diags := theme.Load(opt.Theme, nil, name)
				return t, append(diags, diag.Errorf(diag.Pos{Path: "site.yaml"}, "theme/none", "没有 themes/%s 这个主题文件夹。", name))
			}
		}
	}
	return theme.Load(opt.Theme, overlay, name)
}

// Paths lists every file of the site, sorted. To know those of the search index it is made.
func (g *Generation) Paths() []string {
	all := append(slices.Clone(g.paths), g.searchNames()...)
	slices.Sort(all)
	return all
}

// File appends the bytes of the file at path to dst.
func (g *Generation) File(dst []byte, path string) ([]byte, error) {
	r, ok := g.routes[path]
	if !ok {
		if strings.HasPrefix(path, "search/") {
			files, err := g.search()
			if err != nil {
				return nil, err
			}
			if f, ok := files[strings.TrimPrefix(path, "search/")]; ok {
				return append(dst, f...), nil
			}
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	b := bytes.NewBuffer(dst)
	if err := r.make(b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Record gives the record that a path shows, or nil.
func (g *Generation) Record(path string) *site.Record { return g.routes[path].record }

// Has reports whether there is a file at path.
func (g *Generation) Has(path string) bool {
	_, ok := g.routes[path]
	return ok
}

// add claims a path of the site. Two things at one path is an error that names both; names that differ
// in case alone are the same on many file systems.
func (g *Generation) add(p, origin string, record *site.Record, make func(b *bytes.Buffer) error) {
	if first, ok := g.routes[p]; ok {
		at := diag.Pos{Path: origin}
		if record != nil {
			at = record.Pos()
		}
		g.Diags = append(g.Diags, diag.Errorf(at, "url/collision", "网址 /%s 已经给了 %s，%s 不能再用。请改名。", strings.TrimSuffix(p, "index.html"), first.origin, origin))
		return
	}
	g.routes[p] = route{make, origin, record}
	g.paths = append(g.paths, p)
}

// page claims the path of a page below its URL (a path with slashes at both ends).
func (g *Generation) page(url, origin string, make func(b *bytes.Buffer) error) {
	g.add(strings.TrimPrefix(url, "/")+"index.html", origin, nil, make)
}

// execute makes a page with the template of its kind.
func (g *Generation) execute(b *bytes.Buffer, kind string, data any, about string) error {
	return g.Theme.Execute(b, kind, "base", data, about)
}

// chrome is the parts of a page that are the same on all pages of a section.
type chrome struct {
	header, footer template.HTML
	err            error
}

// frame fills what every page has. url is the page's path on the site, section that of the navigation
// entry it belongs to.
func (g *Generation) frame(kind, title, url, section string, crumbs ...Link) (Page, error) {
	p := Page{Site: g.info, Kind: kind, Title: title, URL: g.Site.Href(url), Section: section}
	if kind != "home" {
		p.Crumbs = append([]Link{{Text: "首页", URL: g.info.Home}}, crumbs...)
	}
	key := section
	if kind == "home" {
		key = "home"
	}
	v, ok := g.chromes.Load(key)
	if !ok {
		c := &chrome{}
		bare := p
		bare.Title, bare.URL, bare.Crumbs = "", "", nil
		if kind != "home" {
			bare.Kind = "page"
		}
		var b bytes.Buffer
		if c.err = g.Theme.Execute(&b, kind, "header", bare, ""); c.err == nil {
			c.header = template.HTML(b.String())
			b.Reset()
			c.err = g.Theme.Execute(&b, kind, "footer", bare, "")
			c.footer = template.HTML(b.String())
		}
		v, _ = g.chromes.LoadOrStore(key, c)
	}
	c := v.(*chrome)
	p.Header, p.Footer = c.header, c.footer
	return p, c.err
}

// makeInfo fills what all pages share.
func (g *Generation) makeInfo() {
	s := g.Settings
	href := g.Site.Href
	g.info = &SiteInfo{
		Title: s.Title, Subtitle: s.Subtitle, Description: s.Description, Base: s.Base, Home: s.Base,
		Search: href("/search/"), Style: href("/" + g.Theme.Style), Script: href("/" + g.Theme.Script), Icon: href("/" + g.Theme.Icon), Feed: href("/feed.xml"),
		Organizer: s.Organizer, Contact: s.Contact, ICP: s.ICP, Police: s.Police, PoliceURL: s.PoliceURL, Copyright: s.Copyright,
	}
	for _, c := range g.Site.Collections {
		g.info.Nav = append(g.info.Nav, Link{Text: c.Label, URL: href(site.ListURL(c.Key, 1)), Count: len(c.Records), Note: c.Unit})
		g.info.Records += len(c.Records)
	}
	view := func(text, url string, is bool) {
		if is {
			g.info.Views = append(g.info.Views, Link{Text: text, URL: href(url)})
		}
	}
	view("大事记", "/chronicle/", len(g.Site.Chronicle()) > 0)
	view("荣誉名册", "/rolls/", len(g.Site.Rolls()) > 0)
	view("人名索引", "/names/", len(g.Site.Names()) > 0)
	view("统计", "/series/", len(g.Site.Series()) > 0)
	view("分类浏览", "/browse/", len(g.Site.Browse()) > 0)
}

// route lays out every path of the site.
func (g *Generation) route() {
	g.routes = make(map[string]route, 2*len(g.Set.Records)+100)
	g.terms = map[string]map[string]string{}
	for _, b := range g.Site.Browse() {
		m := make(map[string]string, len(b.Terms))
		for _, t := range b.Terms {
			m[t.Text] = g.Site.Href("/browse/" + b.Key + "/" + t.Slug + "/")
		}
		g.terms[b.Key] = m
	}
	g.page("/", "首页", g.home)
	for _, c := range g.Site.Collections {
		size := g.pageSize(c)
		n := (len(c.Records) + size - 1) / size
		for i := 1; i <= n; i++ {
			g.page(site.ListURL(c.Key, i), c.Label+"的列表", func(b *bytes.Buffer) error { return g.list(b, c, i, n) })
		}
		if c.Rows {
			continue
		}
		for _, r := range c.Records {
			g.add(strings.TrimPrefix(r.URL, "/")+"index.html", r.Path, r, func(b *bytes.Buffer) error { return g.record(b, r) })
		}
	}
	g.routeViews()
	g.page("/search/", "检索页", g.searchPage)
	g.add("404.html", "404 页", nil, g.notFound)
	g.add("feed.xml", "订阅源", nil, g.feed)
	g.routeSitemap()
	g.add("robots.txt", "robots.txt", nil, g.robots)
	for _, a := range g.Theme.Assets {
		g.add(a.Path, "主题的文件", nil, func(b *bytes.Buffer) error { b.Write(a.Bytes); return nil })
	}
	for _, a := range g.Set.Assets {
		g.add(strings.TrimPrefix(a.Path, "content/"), a.Path, nil, func(b *bytes.Buffer) error {
			src, err := fs.ReadFile(g.source, a.Path)
			b.Write(src)
			return err
		})
	}
	for _, a := range g.Site.Aliases {
		p := a.From
		if ext := path.Ext(p); ext != ".html" && ext != ".htm" {
			p += "/index.html"
		}
		g.add(p, a.Pos.Path, nil, func(b *bytes.Buffer) error { return g.redirect(b, a.To) })
	}
	g.routeSearch()
	g.caseCollisions()
	slices.Sort(g.paths)
}

// caseCollisions finds terms and other views whose paths differ in case alone; records were checked when
// they were joined.
func (g *Generation) caseCollisions() {
	seen := make(map[string]string, 64)
	for _, p := range g.paths {
		if g.routes[p].record != nil {
			continue
		}
		low := strings.ToLower(p)
		if first, ok := seen[low]; ok {
			g.Diags = append(g.Diags, diag.Errorf(diag.Pos{Path: g.routes[p].origin}, "url/collision", "网址 /%s 和 /%s 只有大小写不同，在许多电脑上会互相覆盖。请统一写法。", p, first))
		}
		seen[low] = p
	}
}

// Open gives the file or folder at name, as an fs.FS does.
func (g *Generation) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	b, err := g.File(nil, name)
	if err == nil {
		return &openFile{Reader: bytes.NewReader(b), info: fileInfo{path.Base(name), int64(len(b)), 0o444}}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	entries := g.dir(name)
	if entries == nil {
		return nil, err
	}
	return &openDir{info: fileInfo{path.Base(name), 0, fs.ModeDir | 0o555}, entries: entries}, nil
}

// dir lists what is directly below a folder, or gives nil if there is no such folder.
func (g *Generation) dir(name string) []fs.DirEntry {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var entries []fs.DirEntry
	paths := g.paths
	if name == "search" {
		paths = append([]string{"search/index.html"}, g.searchNames()...)
		slices.Sort(paths)
	}
	at, _ := slices.BinarySearch(paths, prefix)
	for at < len(paths) && strings.HasPrefix(paths[at], prefix) {
		rest := paths[at][len(prefix):]
		if first, _, deeper := strings.Cut(rest, "/"); deeper {
			entries = append(entries, fs.FileInfoToDirEntry(fileInfo{first, 0, fs.ModeDir | 0o555}))
			for at < len(paths) && strings.HasPrefix(paths[at], prefix+first+"/") {
				at++
			}
			continue
		}
		entries = append(entries, dirEntry{fileInfo{rest, -1, 0o444}, g, paths[at]})
		at++
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries
}

// Records counts the records of the site.
func (g *Generation) Records() int {
	n := 0
	for _, c := range g.Site.Collections {
		n += len(c.Records)
	}
	return n
}

// HiddenCount counts the records that are not published at this moment.
func (g *Generation) HiddenCount() int { return len(g.Site.Hidden) }

// HiddenReasons says why they are not, as in 草稿 2，待发布 1.
func (g *Generation) HiddenReasons() string {
	counts := map[site.Status]int{}
	for _, r := range g.Site.Hidden {
		counts[r.Status]++
	}
	var l []string
	for _, s := range []site.Status{site.Draft, site.Waiting, site.Expired} {
		if counts[s] > 0 {
			l = append(l, fmt.Sprintf("%s %d", s, counts[s]))
		}
	}
	return strings.Join(l, "，")
}

// Faults are the messages of the templates that failed, taken out of a joined error of File.
func Faults(err error) diag.List {
	var l diag.List
	var walk func(error)
	walk = func(err error) {
		var f *theme.Fault
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range many.Unwrap() {
				walk(e)
			}
		} else if errors.As(err, &f) {
			l = append(l, f.Message)
		} else if one := errors.Unwrap(err); one != nil {
			walk(one)
		}
	}
	walk(err)
	return l
}
