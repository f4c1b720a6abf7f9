package preview

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gongzhi"
	"gongzhi/generator/render"
	"time"
)

// told is the first thing that a tab showing path is told.
func (r *running) told(t *testing.T, path, query string) news {
	t.Helper()
	res, err := http.Get("http://" + r.addr + "/_preview/events?path=" + url.QueryEscape(path) + query)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var n news
			if err := json.Unmarshal([]byte(data), &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("%s: nothing is told: %v", path, lines.Err())
	return news{}
}

// TestOneTag: a page differs from the published one by one script element, and everything else not at all.
func TestOneTag(t *testing.T) {
	r := start(t, Options{}, nil)
	g, err := render.New(render.Options{Source: os.DirFS(r.dir), Theme: gongzhi.DefaultTheme(), Now: time.Now(), Unpublished: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range g.Paths() {
		want, err := g.File(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		status, got, h := r.ask(t, "/"+escapePath(strings.TrimSuffix(p, "index.html")))
		if status != 200 || h.Get("Cache-Control") != "no-store" || h.Get("Content-Type") == "application/octet-stream" && !strings.HasSuffix(p, ".bin") {
			t.Errorf("%s: %d %v", p, status, h)
		}
		if filepath.Ext(p) == ".html" {
			if n := strings.Count(got, "/_preview/"); n != 1 {
				t.Errorf("%s names the preview %d times", p, n)
			}
			got = string(untag([]byte(got)))
		}
		if got != string(want) {
			t.Errorf("%s: %s", p, firstDifference([]byte(got), want))
		}
	}
	if entries, err := os.ReadDir(r.dir); err != nil || len(entries) != 4 {
		t.Errorf("the preview wrote into the source: %v %v", entries, err)
	}
}

// TestBase: a site that will stand below a path is previewed below it.
func TestBase(t *testing.T) {
	r := start(t, Options{}, map[string]string{"site.yaml": "title: 工志\nbaseURL: https://example.org/档案/\n"})
	base := "/" + escapePath("档案")
	for target, want := range map[string]string{"/": base + "/", base: base + "/", base + "/reports": base + "/reports/", base + "/reports/a?x=1": base + "/reports/a/?x=1"} {
		if status, _, h := r.ask(t, target); status != 302 || h.Get("Location") != want {
			t.Errorf("%s: %d to %s, want %s", target, status, h.Get("Location"), want)
		}
	}
	for target, want := range map[string]int{base + "/reports/a/": 200, base + "/": 200, "/reports/a/": 404, base + "x/": 404} {
		if status, body, _ := r.ask(t, target); status != want || !strings.Contains(body, own) {
			t.Errorf("%s: %d, want %d", target, status, want)
		}
	}
}

// TestTemplateFault: a template that fails on a page is told there, with its place; other pages are fine.
func TestTemplateFault(t *testing.T) {
	src, err := os.ReadFile("../../themes/default/templates/record.html")
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(src), ">{{.Title}}</h1>", ">{{if eq .Title \"甲\"}}{{index .Notes 99}}{{end}}{{.Title}}</h1>", 1)
	if bad == string(src) {
		t.Fatal("record.html has another heading now")
	}
	r := start(t, Options{}, map[string]string{"themes/default/templates/record.html": bad})
	status, body, _ := r.ask(t, "/reports/a/")
	if status != 500 || !strings.Contains(body, own) {
		t.Errorf("%d\n%s", status, body)
	}
	n := r.told(t, "/reports/a/", "")
	if len(n.Errors) != 1 || !strings.HasPrefix(n.Errors[0].Where, "themes/default/templates/record.html:") {
		t.Errorf("told: %+v", n.Errors)
	}
	draft := "/reports/" + escapePath("草稿") + "/"
	if status, _, _ := r.ask(t, draft); status != 200 {
		t.Errorf("another page: %d", status)
	}
	if n := r.told(t, "/reports/草稿/", ""); len(n.Errors) != 0 || n.Status != "草稿" {
		t.Errorf("told of another page: %+v", n)
	}
}

// TestTold: what a tab is told of its page.
func TestTold(t *testing.T) {
	r := start(t, Options{}, map[string]string{
		"content/reports/坏.md":   "---\ntitle: 坏\ndate: 1958\ntagz: [一]\n---\n\n正文\n",
		"content/reports/没完.md":  "---\ntitle: 没完\n",
		"content/x/_schema.yaml": "label: 甲\nunit: 个\nfeilds: []\n",
	})
	n := r.told(t, "/reports/坏/", "")
	if len(n.Errors) != 1 || n.Errors[0].Where != "content/reports/坏.md:4:1" || n.Errors[0].Mark != "t" || n.Errors[0].After != "agz: [一]" || n.Total < 3 || len(n.Others) != n.Total-1 {
		t.Errorf("a record with a fault: %+v", n)
	}
	if !strings.HasPrefix(n.Errors[0].Open, "vscode://file/") || !strings.HasSuffix(n.Errors[0].Open, "/content/reports/"+escapePath("坏")+".md:4:1") {
		t.Errorf("opens %s", n.Errors[0].Open)
	}
	if n := r.told(t, "/reports/没完/", ""); len(n.Errors) != 1 {
		t.Errorf("a record that never was without fault: %+v", n)
	}
	if n := r.told(t, "/x/", ""); len(n.Errors) == 0 {
		t.Errorf("the list of a collection whose schema has a fault: %+v", n)
	}
	if n := r.told(t, "/reports/a/", "&page=0123456789abcdef"); n.Do != "reload" {
		t.Errorf("a tab with an old page is to %q", n.Do)
	}
	_, body, _ := r.ask(t, "/reports/a/")
	_, rest, _ := strings.Cut(body, "client.js?")
	query, _, _ := strings.Cut(rest, `"`)
	query = "&" + strings.ReplaceAll(query, "&amp;", "&")
	if n := r.told(t, "/reports/a/", query); n.Do != "" || len(n.Errors) != 0 || n.Path != "content/reports/a.md" {
		t.Errorf("a tab with the page as it is: %+v", n)
	}
	style, _, _ := strings.Cut(query, "&style=")
	if n := r.told(t, "/reports/a/", style+"&style=assets%2Fstyle.00000000.css"); n.Do != "style" || !strings.HasPrefix(n.To, "/assets/style.") {
		t.Errorf("a tab with another style is to %q %q", n.Do, n.To)
	}
}

// TestEditors: a pattern can't be made to run a script.
func TestEditors(t *testing.T) {
	for editor, want := range map[string]string{
		"vscode": "vscode://file/", "none": "", "javascript:alert(1)//{path}": "", "JavaScript:x": "", "data:text/html,{path}": "", "my://{path}?l={line}": "my:///",
	} {
		r := start(t, Options{}, map[string]string{"site.yaml": "editor: '" + editor + "'\n"})
		n := r.told(t, "/reports/a/", "")
		if want == "" && n.Open != "" || !strings.HasPrefix(n.Open, want) {
			t.Errorf("editor: %s opens %q", editor, n.Open)
		}
		r.stop()
	}
}

// TestCode: the QR code on the terminal has its quiet zone, and as many columns as two lines of modules need.
func TestCode(t *testing.T) {
	text, err := code("http://192.168.1.2:1313/?token=ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		l = strings.TrimSuffix(strings.TrimPrefix(l, "\x1b[30;107m"), "\x1b[0m")
		if n := len([]rune(l)); n != 2*len(lines)-1 && n != 2*len(lines) {
			t.Errorf("line %d has %d modules, of %d lines", i, n, len(lines))
		}
		if (i < 2 || i >= len(lines)-2) && strings.TrimSpace(l) != "" || !strings.HasPrefix(l, "    ") {
			t.Errorf("line %d is no quiet zone: %q", i, l)
		}
	}
}
