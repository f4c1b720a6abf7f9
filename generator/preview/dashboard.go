package preview

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/site"
)

// The overview at /_preview/: what an editor wants to know about the archive as a whole.

// listLimit is how many entries of one kind the overview shows at once.
const listLimit = 500

// overviewPage is what dashboard.html receives.
type overviewPage struct {
	Style    string
	Home     string
	Title    string
	Records  int
	Kinds    []overviewKind // those that are not empty
	Kind     overviewKind   // the one shown
	Colls    []overviewColl
	Coll     string
	Items    []overviewItem
	More     int
	AllClear bool
}

type overviewKind struct {
	Key, Label, About string
	Count             int
	URL               string
	Current           bool
}

type overviewColl struct {
	Key, Label, URL string
	Current         bool
}

// overviewItem is one line of a list: a record, or a message.
type overviewItem struct {
	Title, URL, Note, Coll string
	Message                *message
	Severity               string
}

// kinds are the lists of the overview, in their order.
var kinds = []struct {
	key, label, about string
}{
	{"error", "错误", "有一个错误，就什么也不会发布。"},
	{"link", "断链", "链接或引用找不到要去的地方。"},
	{"alt", "图片没有替代文字", "看不见图片的读者靠它知道图上是什么。"},
	{"warning", "其他警告", "可以发布，但最好看一看。"},
	{"draft", "草稿", "写着 draft: true，预览里看得到，不会发布。"},
	{"waiting", "待发布", "publishDate 还没有到。"},
	{"expired", "已过期", "expiryDate 已经过了。"},
	{"summary", "没有摘要", "列表和搜索引擎只好用正文的开头。"},
	{"name", "同名", "同一类目里名称相同的记录：是同一个人，还是同名的两个人？"},
}

func isLink(id string) bool {
	return strings.HasPrefix(id, "link/") || strings.HasPrefix(id, "ref/")
}

func isAlt(id string) bool { return strings.HasSuffix(id, "alt") }

// gather collects the overview of a state: by kind, its items.
func (s *server) gather(r *http.Request, st *state) map[string][]overviewItem {
	l := map[string][]overviewItem{}
	g := st.gen
	all := st.check()
	if st.err != nil {
		all = append(diag.List{diag.Errorf(diag.Pos{}, "preview/source", "%v", st.err)}, all...)
	}
	byPath := map[string]*site.Record{}
	if g != nil {
		for _, c := range g.Site.Collections {
			for _, rec := range c.Records {
				if !rec.Row {
					byPath[rec.Path] = rec
				}
			}
		}
	}
	for _, m := range all {
		shown := s.message(r, st, m)
		it := overviewItem{Message: &shown, Severity: m.Severity.String(), Coll: collectionOf(m.Pos.Path)}
		if g != nil {
			it.Coll = g.Set.Key(it.Coll)
		}
		if rec := byPath[m.Pos.Path]; rec != nil {
			it.Title, it.URL = rec.Title, g.Site.Href(rec.URL)
		}
		switch {
		case isLink(m.ID):
			l["link"] = append(l["link"], it)
		case isAlt(m.ID):
			l["alt"] = append(l["alt"], it)
		case m.Severity == diag.Warning:
			l["warning"] = append(l["warning"], it)
		}
		if m.Severity == diag.Error {
			l["error"] = append(l["error"], it)
		}
	}
	if g == nil {
		return l
	}
	item := func(rec *site.Record, note string) overviewItem {
		return overviewItem{Title: rec.Title, URL: g.Site.Href(rec.URL), Note: note, Coll: rec.Schema.Key}
	}
	for _, rec := range g.Site.Hidden {
		if rec.Collection == nil {
			continue
		}
		key := map[site.Status]string{site.Draft: "draft", site.Waiting: "waiting", site.Expired: "expired"}[rec.Status]
		_, when, _ := strings.Cut(statusText(rec, g), "：")
		l[key] = append(l[key], item(rec, when))
	}
	for _, c := range g.Site.Collections {
		named := map[string][]*site.Record{}
		for _, rec := range c.Records {
			if len(lacks(rec)) > 0 {
				l["summary"] = append(l["summary"], item(rec, rec.Day.Display()))
			}
			if !c.Rows && rec.Record.Title != "" {
				named[rec.Title] = append(named[rec.Title], rec)
			}
		}
		for _, rec := range c.Records {
			if same := named[rec.Title]; len(same) > 1 {
				note := rec.ID
				if t := rec.Display(rec.Role(content.Unit)); t != "" {
					note += "，" + t
				}
				l["name"] = append(l["name"], item(rec, note))
			}
		}
	}
	slices.SortStableFunc(l["name"], func(a, b overviewItem) int { return cmp.Compare(a.Title, b.Title) })
	return l
}

func collectionOf(p string) string {
	if rest, ok := strings.CutPrefix(p, "content/"); ok {
		c, _, _ := strings.Cut(rest, "/")
		return c
	}
	return ""
}

var parseOverview = sync.OnceValues(func() (*template.Template, error) { return template.ParseFS(files, "dashboard.html") })

// overview makes the page /_preview/.
func (s *server) overview(r *http.Request, st *state) ([]byte, error) {
	t, err := parseOverview()
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	if p, err := url.Parse(q.Get("path")); err == nil && strings.HasPrefix(p.Path, own) {
		q = p.Query() // a tab that shows this page asks
	}
	p := overviewPage{Title: "工志", Home: "/", Coll: q.Get("coll")}
	labels := map[string]string{}
	if g := st.gen; g != nil {
		p.Title, p.Home, p.Records = g.Settings.Title, g.Site.Href("/"), g.Records()
		p.Style = g.Site.Href("/" + g.Theme.Style)
		for _, c := range g.Set.Schemas {
			labels[c.Key] = c.Label
		}
	}
	all := s.gather(r, st)
	link := func(kind, coll string) string {
		v := url.Values{"kind": {kind}}
		if coll != "" {
			v.Set("coll", coll)
		}
		return own + "?" + v.Encode()
	}
	want := q.Get("kind")
	for _, k := range kinds {
		n := len(all[k.key])
		if n == 0 && k.key != want {
			continue
		}
		if want == "" {
			want = k.key
		}
		kind := overviewKind{k.key, k.label, k.about, n, link(k.key, ""), k.key == want}
		if kind.Current {
			p.Kind = kind
		}
		p.Kinds = append(p.Kinds, kind)
	}
	seen := map[string]bool{}
	for _, it := range all[p.Kind.Key] {
		if it.Coll != "" && !seen[it.Coll] {
			seen[it.Coll] = true
			label := cmp.Or(labels[it.Coll], it.Coll)
			p.Colls = append(p.Colls, overviewColl{it.Coll, label, link(p.Kind.Key, it.Coll), it.Coll == p.Coll})
		}
		if p.Coll == "" || it.Coll == p.Coll {
			if len(p.Items) == listLimit {
				p.More++
			} else {
				p.Items = append(p.Items, it)
			}
		}
	}
	p.AllClear = len(p.Kinds) == 0
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	return b.Bytes(), nil
}

func (s *server) dashboard(w http.ResponseWriter, r *http.Request) {
	st := s.maker.fresh(r.Context())
	b, err := s.overview(r, st)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.write(w, r, http.StatusOK, "index.html", s.tag(b, b, view{state: st}))
}
