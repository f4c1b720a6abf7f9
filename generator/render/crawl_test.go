package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/tools/txtar"

	"gongzhi"
	"gongzhi/generator/render"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// archive gives the files of a txtar text as a source folder, with an empty site.yaml if it has none.
func archive(t *testing.T, text string) fs.FS {
	t.Helper()
	a := txtar.Parse([]byte("-- site.yaml --\n" + text))
	if strings.HasPrefix(text, "-- site.yaml") {
		a = txtar.Parse([]byte(text))
	}
	source, err := txtar.FS(a)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// generate makes a generation, which must be without errors.
func generate(t *testing.T, source fs.FS, opt render.Options) *render.Generation {
	t.Helper()
	opt.Source, opt.Theme = source, gongzhi.DefaultTheme()
	if opt.Now.IsZero() {
		opt.Now = noon
	}
	g, err := render.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range g.Diags {
		if m.Severity == 0 {
			t.Errorf("%s", m)
		}
	}
	return g
}

func sample() fs.FS { return os.DirFS("../..") }

// files computes every file of the site.
func files(t *testing.T, g *render.Generation) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	paths := make(chan string)
	for range 4 {
		wg.Go(func() {
			for p := range paths {
				b, err := g.File(nil, p)
				mu.Lock()
				if err != nil {
					t.Errorf("%s: %v", p, err)
				}
				all[p] = b
				mu.Unlock()
			}
		})
	}
	for _, p := range g.Paths() {
		paths <- p
	}
	close(paths)
	wg.Wait()
	return all
}

// page is what crawling keeps of a page.
type page struct {
	ids   map[string]bool
	links []link
	text  string
}

type link struct{ from, attr, to string }

// crawl reads every page as a browser without scripts would and reports what no page may have: an id twice, an
// element that is not closed, script or style in it, and a link that leads nowhere.
func crawl(t *testing.T, g *render.Generation, all map[string][]byte) map[string]*page {
	t.Helper()
	pages := map[string]*page{}
	for p, b := range all {
		if strings.HasSuffix(p, ".html") {
			pages[p] = read(t, p, b)
		}
	}
	base, err := url.Parse(g.Settings.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	for from, p := range pages {
		here := base.ResolveReference(&url.URL{Path: strings.TrimSuffix(from, "index.html")})
		for _, l := range p.links {
			u, err := url.Parse(l.to)
			if err != nil {
				t.Errorf("%s: %s %q: %v", from, l.attr, l.to, err)
				continue
			}
			switch u.Scheme {
			case "":
			case "http", "https":
			case "mailto", "tel":
				continue
			default:
				t.Errorf("%s: %s %q", from, l.attr, l.to)
			}
			u = here.ResolveReference(u)
			if u.Host != base.Host {
				continue
			}
			target, inside := strings.CutPrefix(u.Path, base.Path)
			if !inside {
				t.Errorf("%s: %s %q leads out of %s", from, l.attr, l.to, base.Path)
				continue
			}
			if target == "" || strings.HasSuffix(target, "/") {
				target += "index.html"
			}
			if all[target] == nil {
				t.Errorf("%s: %s %q: there is no %s", from, l.attr, l.to, target)
				continue
			}
			if f := u.Fragment; f != "" && pages[target] != nil && !pages[target].ids[f] {
				t.Errorf("%s: %s %q: no id %q in %s", from, l.attr, l.to, f, target)
			}
		}
	}
	return pages
}

var void = map[string]bool{"area": true, "base": true, "br": true, "col": true, "hr": true, "img": true, "input": true, "link": true, "meta": true, "source": true, "wbr": true}

func read(t testing.TB, name string, b []byte) *page {
	t.Helper()
	fault := func(format string, args ...any) { t.Errorf("%s: %s", name, fmt.Sprintf(format, args...)) }
	p := &page{ids: map[string]bool{}}
	var text strings.Builder
	var open []string
	h1, title := 0, ""
	z := html.NewTokenizer(bytes.NewReader(b))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if z.Err() != io.EOF {
				fault("%v", z.Err())
			}
			break
		}
		tok := z.Token()
		switch kind {
		case html.TextToken:
			in := ""
			if len(open) > 0 {
				in = open[len(open)-1]
			}
			switch in {
			case "script":
				var v any
				if err := json.Unmarshal([]byte(tok.Data), &v); err != nil {
					fault("JSON-LD: %v in %s", err, tok.Data)
				}
			case "title":
				if title == "" {
					title = tok.Data
				}
			}
			text.WriteString(tok.Data)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				fault("</%s> closes %v", tok.Data, open)
				return p
			}
			open = open[:len(open)-1]
		case html.StartTagToken, html.SelfClosingTagToken:
			if kind == html.StartTagToken && !void[tok.Data] {
				open = append(open, tok.Data)
			}
			attr := map[string]string{}
			for _, a := range tok.Attr {
				if _, twice := attr[a.Key]; twice {
					fault("<%s> has %s twice", tok.Data, a.Key)
				}
				attr[a.Key] = a.Val
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style":
					fault("<%s %s=%q>", tok.Data, a.Key, a.Val)
				case a.Key == "id":
					if p.ids[a.Val] {
						fault("id %q stands there twice", a.Val)
					}
					if a.Val == "" || strings.ContainsAny(a.Val, " \t\n") {
						fault("id %q", a.Val)
					}
					p.ids[a.Val] = true
				case a.Key == "href" || a.Key == "src" || a.Key == "action":
					if a.Val == "" {
						fault("<%s %s> is empty", tok.Data, a.Key)
					}
					p.links = append(p.links, link{name, tok.Data + " " + a.Key, a.Val})
				}
			}
			switch tok.Data {
			case "h1":
				h1++
			case "style", "iframe", "object", "embed", "base":
				fault("<%s>", tok.Data)
			case "script":
				if attr["src"] == "" && attr["type"] != "application/ld+json" && attr["type"] != "application/json" { // both are read as JSON above
					fault("a script in the page")
				}
			case "img":
				if _, ok := attr["alt"]; !ok {
					fault("<img src=%q> without alt", attr["src"])
				}
			case "meta":
				if strings.EqualFold(attr["http-equiv"], "refresh") {
					_, to, _ := strings.Cut(attr["content"], "url=")
					p.links = append(p.links, link{name, "refresh", to})
					h1++ // such a page needs no heading
				}
			}
		}
	}
	if len(open) > 0 {
		fault("not closed: %v", open)
	}
	if h1 != 1 {
		fault("%d h1", h1)
	}
	if strings.TrimSpace(title) == "" {
		fault("no title")
	}
	if !strings.HasPrefix(string(b), "<!doctype html>\n<html lang=\"zh-Hans\"") {
		fault("begins with %.40q", b)
	}
	p.text = text.String()
	return p
}

// at gives the text of a page by its path on the site.
func at(t *testing.T, pages map[string]*page, url string) string {
	t.Helper()
	p := pages[path.Join(strings.TrimPrefix(url, "/"), "index.html")]
	if p == nil {
		t.Fatalf("no page %s", url)
	}
	return p.text
}
