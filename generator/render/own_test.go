package render_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
)

const ownSettings = `title: 测试馆
baseURL: https://test.example/a/
accent: "#1f4e79"
logo: logo.svg
banner: {text: 试运行, url: /pages/about/}
lead: people/z
nav:
  - {to: people, text: 劳模人物}
  - 大事记
  - pages/about
  - {url: "https://out.example/", text: 外面}
links: [{text: 友站, url: "https://friend.example/"}]
footer: [页脚的话]
`

func own(t *testing.T, settings string, more map[string]string) *render.Generation {
	t.Helper()
	source := fstest.MapFS{
		"site.yaml":               {Data: []byte(settings)},
		"static/logo.svg":         {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		"content/people/z.md":     {Data: []byte("---\ntitle: 张测试\n---\n某人。\n")},
		"content/reports/r.md":    {Data: []byte("---\ntitle: 测试报道\ndate: 2019\n---\n文\n")},
		"content/events/e.md":     {Data: []byte("---\ntitle: 测试大会\ndate: 1958\n---\n文\n")},
		"content/pages/about.md":  {Data: []byte("---\ntitle: 关于本站\n---\n本站说明。\n")},
		"themes/default/assets/x": {Data: []byte("x")},
	}
	for name, text := range more {
		source[name] = &fstest.MapFile{Data: []byte(text)}
	}
	g, err := render.New(render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A site is made one's own in site.yaml: no template is written for it.
func TestOwn(t *testing.T) {
	g := own(t, ownSettings, map[string]string{"themes/default/assets/extra.css": "body{letter-spacing:.1em}"})
	if g.Diags.Errors() > 0 {
		t.Fatal(g.Diags)
	}
	b, err := g.File(nil, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	home := string(b)
	at := 0
	for _, want := range []string{
		`href="/a/assets/style.`, `href="/a/assets/colour.`, `href="/a/assets/extra.`, // each can change the one before
		`<a href="/a/pages/about/">试运行</a>`, `<img class="logo" src="/a/logo.svg" alt="">`,
		`href="/a/people/">劳模人物</a>`, `href="/a/chronicle/">大事记</a>`, `href="/a/pages/about/">关于本站</a>`, `href="https://out.example/">外面</a>`,
		`<h2><a href="/a/people/z/">张测试</a></h2>`, // leads
		`<a href="https://friend.example/" rel="noopener">友站</a>`, `<a href="/a/pages/about/">关于本站</a>`, `<p>页脚的话</p>`,
	} {
		i := strings.Index(home[at:], want)
		if i < 0 {
			t.Fatalf("no %s behind the one before it in %s", want, home)
		}
		at += i
	}
	if nav := home[strings.Index(home, `aria-label="栏目"`):strings.Index(home, "</header>")]; strings.Contains(nav, "/reports/") || strings.Contains(nav, "views") {
		t.Errorf("navigation %s", nav)
	}
	if !g.Has("reports/index.html") || !g.Has("pages/about/index.html") {
		t.Error("what is not in the navigation is not there")
	}
	sheet := ""
	for _, p := range g.Pages() {
		if strings.HasPrefix(p, "assets/colour.") {
			b, _ := g.File(nil, p)
			sheet = string(b)
		}
	}
	if !strings.Contains(sheet, "--red:#1f4e79") || !strings.Contains(sheet, "prefers-color-scheme:dark") {
		t.Errorf("colour %q", sheet)
	}
	if c := site.Contrast(g.Settings.AccentDark, "#171512"); c < site.MinContrast {
		t.Errorf("%s has a contrast of %.2f on dark paper", g.Settings.AccentDark, c)
	}
}

// What site.yaml speaks of and is not there is said where it is written.
func TestOwnFaults(t *testing.T) {
	g := own(t, "baseURL: https://test.example/\nlogo: none.svg\nlead: people/none\nnav:\n  - peopel\n  - chronicle\n  - statistics\n", map[string]string{"content/statistics/_schema.yaml": "about: 空着\n"})
	said := ""
	for _, m := range g.Diags {
		if m.Pos.Path == "site.yaml" {
			said += m.String() + "\n"
		}
	}
	for _, want := range []string{"site.yaml:2:7: 错误: 没有 static/none.svg", "site.yaml:3:7: 错误: 没有“people/none”", "site.yaml:5:5: 错误: 导航里的“peopel”不知道通到哪里。是不是“people”？"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %s in %s", want, said)
		}
	}
	if strings.Contains(said, "statistics") || strings.Contains(said, "chronicle”") {
		t.Errorf("said too much: %s", said)
	}
}
