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
	"slices"
	"strings"
	"sync"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/folder"
	"gongzhi/generator/page"
	"gongzhi/generator/search"
	"gongzhi/generator/site"
	"gongzhi/generator/spool"
	"gongzhi/generator/theme"
)

// Options say what to make a generation of.
type Options struct {
	Source      fs.FS // holds site.yaml, content/ and, if wanted, themes/
	Theme       fs.FS // the default theme
	Now         time.Time
	Unpublished bool   // show drafts and records whose time has not come or is over, marked as such
	BaseURL     string // instead of the one in site.yaml, if not empty
	Previous    *Generation
	Changed     map[string]bool // see content.Options
	// LastGood lets what was last without fault stand for a file that has one: a record, a schema, site.yaml, the
	// theme. The faults are in Diags all the same.
	LastGood bool
	// Lazy leaves the layout of the views to the first who asks for one of their pages, so that a record's
	// page is there at once. What laying them out finds wrong is then not in Diags but told by Complete.
	Lazy bool
	// Spool, if not nil, takes what would fill the memory: the text of the records. It must be open as long as the
	// Generation is used. A preview has one for its first generation; what it reads later stays in memory.
	Spool *spool.Spool
	// Full, if not nil, is told that the folder for temporary files takes no more, as often as that is noticed and from several goroutines.
	// What does not fit there stays in memory then; without Full, or with Once, it is an error.
	Full func(err error)
	// Once says that the Generation is Previous to no other.
	Once bool
	// Pictures is the folder that keeps what is made of pictures from one run to the next; none if it is empty.
	Pictures string
	// Look has pictures looked through to the end, for what is wrong with them, and not made: their files are empty.
	Look bool
	// Observe, if not nil, is told of each page that a template of a kind has made, from several goroutines.
	Observe func(kind string, took time.Duration)
}

// Generation is one state of the site.
type Generation struct {
	Settings *site.Settings
	Set      *content.Set
	Site     *site.Site
	Theme    *theme.Theme
	Diags    diag.List // of all stages, sorted; with an error among them nothing is to be published

	info       *page.SiteInfo
	source     fs.FS
	themeDiags diag.List
	spool      *spool.Spool

	fixed    map[string]route // what is known without looking at the records one by one
	complete func() layout

	images  *images
	look    bool
	chromes sync.Map // section → *chrome
	scratch sync.Pool
	search  func() (map[string][]byte, error) // the files of the search index, if they are asked for one by one
	observe func(kind string, took time.Duration)
	full    func(err error)
}

// New makes a generation. The error is for what no message can say, such as a source folder that is not
// there; what is wrong with the files is in Diags.
func New(opt Options) (*Generation, error) {
	if _, err := fs.Stat(opt.Source, "."); err != nil {
		return nil, err
	}
	g := &Generation{look: opt.Look, source: opt.Source, spool: opt.Spool, observe: opt.Observe, full: opt.Full}
	src, err := folder.Read(opt.Source, "site.yaml", site.MaxSettings)
	var settingsDiags diag.List
	g.Settings, settingsDiags = site.ReadSettings(src)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		if p := (*fs.PathError)(nil); errors.As(err, &p) {
			err = p.Err
		}
		settingsDiags = diag.List{diag.Errorf(diag.Pos{Path: "site.yaml", Line: 1, Col: 1}, "file/unreadable", "读不了：%v", err)}
	}
	if opt.LastGood && opt.Previous != nil && settingsDiags.Errors() > 0 {
		g.Settings = opt.Previous.Settings
	} else if opt.BaseURL != "" {
		g.Settings.SetBaseURL(opt.BaseURL)
	}
	reserved := page.Reserved()
	loaded := content.Options{Zone: g.Settings.Zone, Reserved: reserved, LastGood: opt.LastGood, Spool: opt.Spool, Full: opt.Full, Once: opt.Once}
	if p := opt.Previous; p != nil && p.Settings.ZoneName == g.Settings.ZoneName {
		loaded.Previous, loaded.Changed = p.Set, opt.Changed
	}
	if g.Set, err = content.Load(opt.Source, loaded); err != nil {
		return nil, err
	}
	joined := site.Options{Now: opt.Now, Unpublished: opt.Unpublished, Reserved: reserved, Pages: page.Paths}
	if opt.Previous != nil {
		joined.Previous = opt.Previous.Site
	}
	g.Site = site.Join(g.Set, g.Settings, joined)
	g.Theme, g.themeDiags = loadTheme(opt, g.Settings)
	usable := g.themeDiags.Errors() == 0
	if p := opt.Previous; !usable && opt.LastGood && p != nil && p.info != nil {
		g.Theme, usable = p.Theme, true
	}
	g.Diags = slices.Concat(settingsDiags, page.CheckSettings(g.Site, opt.Source), g.Set.Diags, g.Site.Diags, g.themeDiags)
	if opt.Previous != nil && opt.Previous.images.dir == opt.Pictures {
		g.images = opt.Previous.images
	} else {
		g.images = newImages(opt.Pictures)
	}
	g.complete = func() layout { return layout{} }
	g.search = func() (map[string][]byte, error) { return nil, nil }
	if usable {
		g.info = g.makeInfo()
		g.fixed = map[string]route{}
		g.routeFixed(&layout{routes: g.fixed})
		g.complete = sync.OnceValue(g.layOut)
		g.search = sync.OnceValues(g.makeSearch)
		if !opt.Lazy {
			g.Diags = append(g.Diags, g.Complete()...)
		}
	}
	g.Diags.Sort()
	return g, nil
}

// Complete lays out every path of the site, if that was not done yet, and gives what is wrong among them:
// two things at one path.
func (g *Generation) Complete() diag.List { return g.complete().diags }

// loadTheme reads the theme anew, or takes the previous one if none of its files may have changed.
func loadTheme(opt Options, set *site.Settings) (*theme.Theme, diag.List) {
	name, language := set.Theme, theme.Language{Name: set.Language, Pos: set.At("language")}
	if p := opt.Previous; p != nil && opt.Changed != nil && p.Settings.Theme == name && p.Settings.Language == set.Language {
		changed := false
		for c := range opt.Changed {
			changed = changed || strings.HasPrefix(c, "themes")
		}
		if !changed {
			return p.Theme, p.themeDiags
		}
	}
	overlay, err := fs.Sub(opt.Source, "themes/"+name)
	if err == nil {
		if _, err = fs.Stat(overlay, "."); err != nil {
			overlay = nil
			if name != "default" {
				t, diags := theme.Load(opt.Theme, nil, set.Theme, language)
				return t, append(diags, diag.Errorf(set.At("theme"), "theme/none", "没有 themes/%s 这个主题文件夹。", name))
			}
		}
	}
	return theme.Load(opt.Theme, overlay, name, language)
}

// Pages lists every file of the site but those of the search index, sorted.
func (g *Generation) Pages() []string { return g.complete().paths }

// Paths lists every file of the site, sorted. To know those of the search index it is made, and held.
func (g *Generation) Paths() []string {
	all := append(slices.Clone(g.complete().paths), g.searchNames()...)
	slices.Sort(all)
	return all
}

// File appends the bytes of the file at path to dst.
func (g *Generation) File(dst []byte, path string) ([]byte, error) {
	r, ok := g.find(path)
	if !ok {
		if strings.HasPrefix(path, "search/") {
			files, err := g.search()
			if err != nil {
				return nil, err
			}
			if f, ok := files[path]; ok {
				return append(dst, f...), nil
			}
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	b := bytes.NewBuffer(dst)
	if r.source != "" {
		f, err := g.open(r)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if _, err := b.ReadFrom(f); err != nil {
			return nil, r.unreadable(err)
		}
	} else if err := r.make(b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Source opens the file at path if it is one of the source, published as it is; else it gives nil. Such a file can be of any
// size: whoever wants its bytes reads them a part at a time.
func (g *Generation) Source(path string) (fs.File, error) {
	r, ok := g.find(path)
	if !ok || r.source == "" {
		return nil, nil
	}
	return g.open(r)
}

func (g *Generation) open(r route) (fs.File, error) {
	f, err := g.source.Open(r.source)
	if err != nil {
		return nil, r.unreadable(err)
	}
	return f, nil
}

// unreadable says that a file of the source can't be published.
func (r route) unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &theme.Fault{Message: diag.Errorf(r.pos, "file/gone", "这个文件在生成的时候不见了。请看是不是刚被移走或改名，再生成一次。")}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		err = errors.New("没有权限")
	}
	return &theme.Fault{Message: diag.Errorf(r.pos, "file/unreadable", "读不了这个文件：%v", err)}
}

// Record gives the record that a path shows, or nil.
func (g *Generation) Record(path string) *site.Record {
	r, _ := g.find(path)
	return r.record
}

// Has reports whether there is a file at path, those of the search index aside.
func (g *Generation) Has(path string) bool {
	_, ok := g.find(path)
	return ok
}

// find gives what makes the file at path. Only a path that is neither a record's nor always there needs the
// whole layout.
func (g *Generation) find(path string) (route, bool) {
	if r, ok := g.fixed[path]; ok {
		return r, true
	}
	if r, ok := g.recordAt(path); ok && g.fixed != nil {
		return r, true
	}
	r, ok := g.complete().routes[path]
	return r, ok
}

// recordAt gives what makes a record's page. These routes are not kept: there are as many as records.
func (g *Generation) recordAt(path string) (route, bool) {
	if url, ok := strings.CutSuffix(path, "index.html"); ok {
		if r := g.Site.At("/" + url); r != nil {
			return g.recordRoute(r), true
		}
	}
	return route{}, false
}

func (g *Generation) recordRoute(r *site.Record) route {
	return route{origin: r.Path, record: r, pos: r.Pos(), make: func(b *bytes.Buffer) error {
		tmp, ok := g.scratch.Get().(*page.Scratch)
		if !ok {
			tmp = new(page.Scratch)
		}
		defer g.scratch.Put(tmp)
		return g.page(b, r.Path, func() (page.Data, error) { return page.Record(g.Site, r, tmp) })
	}}
}

// page makes a page of its data, if there is no error. about names the content file that it shows, for a message.
func (g *Generation) page(b *bytes.Buffer, about string, data func() (page.Data, error)) error {
	d, err := data()
	if err != nil {
		return err
	}
	return g.execute(b, d, about)
}

// execute makes a page of its data with the template of its kind.
func (g *Generation) execute(b *bytes.Buffer, data page.Data, about string) error {
	p := data.Common()
	p.Site = g.info
	c := g.chrome(p)
	if c.err != nil {
		return c.err
	}
	p.Header, p.Footer = c.header, c.footer
	page.Finish(g.Site, data)
	if g.Theme.Labelled() {
		page.Say(data, g.Theme.Label)
	}
	if g.observe != nil {
		began := time.Now()
		defer func() { g.observe(p.Kind, time.Since(began)) }()
	}
	return g.Theme.Execute(b, p.Kind, "base", data, about)
}

// chrome is the parts of a page that are the same on all pages of a section.
type chrome struct {
	header, footer template.HTML
	err            error
}

// chrome gives those of a page.
func (g *Generation) chrome(p *page.Page) *chrome {
	key := p.Section
	if p.Kind == "home" {
		key = "home"
	}
	if v, ok := g.chromes.Load(key); ok {
		return v.(*chrome)
	}
	c := &chrome{}
	bare := page.Page{Site: g.info, Kind: "page", Section: p.Section}
	if p.Kind == "home" {
		bare.Kind = "home"
	}
	var b bytes.Buffer
	if c.err = g.Theme.Execute(&b, p.Kind, "header", bare, ""); c.err == nil {
		c.header = template.HTML(b.String())
		b.Reset()
		c.err = g.Theme.Execute(&b, p.Kind, "footer", bare, "")
		c.footer = template.HTML(b.String())
	}
	v, _ := g.chromes.LoadOrStore(key, c)
	return v.(*chrome)
}

// makeInfo fills what all pages share.
func (g *Generation) makeInfo() *page.SiteInfo {
	in := page.Info(g.Site)
	in.Style, in.Script, in.Icon = g.Site.Href("/"+g.Theme.Style), g.Site.Href("/"+g.Theme.Script), g.Site.Href("/"+g.Theme.Icon)
	in.Styles = g.styles()
	for _, links := range [][]page.Link{in.Nav, in.Views} {
		for i := range links {
			links[i].Text = g.Theme.Label(links[i].Text)
		}
	}
	if g.Theme.Labelled() {
		in.Say = g.said()
	}
	if g.Settings.Accent != "" {
		in.Icon = g.Site.Href("/" + g.coloured().Path)
	}
	return in
}

// said is what the scripts of pages say in the language of the interface.
func (g *Generation) said() template.HTML {
	var scripts [][]byte
	for _, a := range g.Theme.Assets {
		if a.Path == g.Theme.Script {
			scripts = append(scripts, a.Bytes)
		}
	}
	if script, err := viewer.ReadFile("viewer/viewer.js"); err == nil {
		scripts = append(scripts, script)
	}
	err := search.Client(func(_ string, data []byte) error { scripts = append(scripts, data); return nil })
	var texts []string
	for _, f := range facets(g.Site) {
		texts = append(texts, f.Label)
	}
	for _, c := range g.Site.Collections {
		texts = append(texts, c.Label)
	}
	said, fault := g.Theme.Spoken(scripts, texts)
	if err != nil || fault != nil {
		return "" // the client is embedded, and texts are JSON always
	}
	return template.HTML(`<script type="application/json" id="_say">` + string(said) + `</script>`)
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
	for _, s := range []site.Status{site.Draft, site.Waiting, site.Expired, site.Withdrawn} {
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
