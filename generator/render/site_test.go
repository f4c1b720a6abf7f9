package render_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi"
	"gongzhi/generator/content"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
)

const oneReport = `-- content/reports/a.md --
---
title: 甲
date: 2018-05-01
---
正文。
`

func TestSmallestSite(t *testing.T) {
	g := generate(t, archive(t, oneReport), render.Options{})
	all := files(t, g)
	pages := crawl(t, g, all)
	var got []string
	for p := range all {
		if !strings.HasPrefix(p, "assets/") && !strings.HasPrefix(p, "search/") {
			got = append(got, p)
		}
	}
	slices.Sort(got)
	want := "404.html apple-touch-icon.png browse/index.html browse/year/2018/index.html browse/year/index.html data/datapackage.json data/reports.csv data/reports.json favicon.ico feed.xml icon-192.png icon-512.png index.html reports/a/index.html reports/feed.xml reports/index.html robots.txt site.webmanifest sitemap.xml"
	if strings.Join(got, " ") != want {
		t.Errorf("files: %s\nwant:  %s", strings.Join(got, " "), want)
	}
	if home := at(t, pages, "/"); !strings.Contains(home, "甲") || strings.Contains(home, "大事记") || strings.Contains(home, "荣誉名册") || strings.Contains(home, "历史上的今天") {
		t.Errorf("home: %s", home)
	}
	if text := at(t, pages, "/reports/a/"); !strings.Contains(text, "正文。") || !strings.Contains(text, "2018年5月1日") {
		t.Errorf("report: %s", text)
	}
	empty := generate(t, archive(t, ""), render.Options{})
	crawl(t, empty, files(t, empty))
}

func TestSampleArchive(t *testing.T) {
	g := generate(t, sample(), render.Options{})
	for _, m := range g.Diags {
		t.Errorf("%s", m)
	}
	all := files(t, g)
	pages := crawl(t, g, all)
	for _, s := range content.Builtin() {
		if pages[s.Key+"/index.html"] == nil {
			t.Errorf("no page of %s", s.Label)
		}
	}
	for _, view := range []string{"chronicle", "rolls", "names", "series", "browse", "days", "search"} {
		if pages[view+"/index.html"] == nil {
			t.Errorf("no page /%s/", view)
		}
	}
	feeds(t, all)

	// Nothing that a record says is lost: each value stands on the record's page, or, for a row, on its list.
	for _, c := range g.Site.Collections {
		for _, r := range c.Records {
			file := strings.TrimPrefix(strings.Split(r.URL, "#")[0], "/") + "index.html"
			text := squeeze(pages[file].text)
			for i := range r.Values {
				v := &r.Values[i]
				if v.Field.Hide || v.Field.Notes || v.Field.Type == content.Markdown || v.Field.Type == content.Image {
					continue
				}
				says(t, r, v, text)
			}
			if c.Rows {
				continue
			}
			if plain := squeeze(r.Title); !strings.Contains(text, plain) {
				t.Errorf("%s: title %q is not on %s", r.Path, r.Title, file)
			}
		}
	}
}

func says(t *testing.T, r *site.Record, v *content.Value, text string) {
	t.Helper()
	v.Each(func(v *content.Value) {
		if v.Parts != nil {
			for i := range v.Parts {
				says(t, r, &v.Parts[i], text)
			}
			return
		}
		if want := squeeze(r.Display(v)); !strings.Contains(text, want) {
			t.Errorf("%s:%d: %s %q is not on its page %s", r.Path, v.Line, v.Field.Label, r.Display(v), r.URL)
		}
	})
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// feeds parses every XML file.
func feeds(t *testing.T, all map[string][]byte) {
	t.Helper()
	for p, b := range all {
		if !strings.HasSuffix(p, ".xml") && !strings.HasSuffix(p, ".svg") {
			continue
		}
		d := xml.NewDecoder(bytes.NewReader(b))
		for {
			_, err := d.Token()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%s: %v", p, err)
				break
			}
		}
	}
}

// reversed gives the entries of a folder in the wrong order.
type reversed struct{ fs.FS }

func (r reversed) ReadDir(name string) ([]fs.DirEntry, error) {
	l, err := fs.ReadDir(r.FS, name)
	slices.Reverse(l)
	return l, err
}

func (r reversed) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(r.FS, name) }
func (r reversed) ReadLink(name string) (string, error)   { return fs.ReadLink(r.FS, name) }

// TestSameBytes: neither the order of files, the number of processors, the time zone nor the clock changes a byte.
func TestSameBytes(t *testing.T) {
	want := files(t, generate(t, sample(), render.Options{}))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	zone := time.Local
	time.Local = time.FixedZone("far", -11*3600)
	defer func() { time.Local = zone }()
	g := generate(t, reversed{sample()}, render.Options{Now: noon.AddDate(7, 1, 3)})
	got := files(t, g)
	same(t, got, want)
	runtime.GOMAXPROCS(4)
	again := generate(t, sample(), render.Options{Previous: g})
	same(t, files(t, again), want)
	same(t, files(t, generate(t, sample(), render.Options{Previous: again, Changed: map[string]bool{}})), want)
}

func same(t *testing.T, got, want map[string][]byte) {
	t.Helper()
	for p := range maps.Keys(want) {
		if !bytes.Equal(got[p], want[p]) {
			t.Errorf("%s differs", p)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

func TestBasePath(t *testing.T) {
	g := generate(t, archive(t, strings.Replace(hostile, "javascript&colon;alert(1)", "/reports/x/", 1)), render.Options{BaseURL: "https://example.org/史 料/archive"})
	all := files(t, g)
	crawl(t, g, all)
	for p, b := range all {
		if strings.HasSuffix(p, ".html") && !bytes.Contains(b, []byte("/%E5%8F%B2%20%E6%96%99/archive/")) {
			t.Errorf("%s has no base path", p)
		}
	}
	if !bytes.Contains(all["sitemap.xml"], []byte("<loc>https://example.org/%E5%8F%B2%20%E6%96%99/archive/reports/x/</loc>")) {
		t.Errorf("sitemap: %s", all["sitemap.xml"])
	}
	if !bytes.Contains(all["robots.txt"], []byte("Sitemap: https://example.org/%E5%8F%B2%20%E6%96%99/archive/sitemap.xml")) {
		t.Errorf("robots: %s", all["robots.txt"])
	}
	g = generate(t, sample(), render.Options{BaseURL: "http://localhost:8080/archive/"})
	crawl(t, g, files(t, g))
}

// hostile has everywhere what would be script if it were not escaped, and headings that are called as the parts of the
// page are.
const hostile = `-- site.yaml --
title: '</title><script>alert(1)</script>'
subtitle: '<img src=x onerror=alert(1)>'
description: '"><svg/onload=alert(1)>'
organizer: '<b>&amp;'
contact: ['<iframe srcdoc=x>', '{{.Site}}']
icp: '"><script>'
police: '<style>@import x'
copyright: '{{template "x"}}'
baseURL: https://example.org/
-- content/reports/x.md --
---
title: '</script><img src=x onerror=alert(1)>]]>{{.Title}}'
date: 2018-05-01
author: ['"onmouseover="alert(1)', "<!--"]
source: '</dd><script>alert(1)</script>'
summary: '<base href=//evil.example>&lt;script&gt;'
tags: ['</script><img onerror>', 'a"b''c', '{{.}}', '-->', "甲\\u2028乙"]
region: ['<svg/onload=alert(1)>']
lead_title: '<h1>'
subtitle: '</h1>'
note: '<script>alert(1)</script> [a](javascript&colon;alert(1))'
column: '<form action=x>'
sources:
  - {source: '<script>alert(1)</script>', for: '</li><script>', page: '<', quote: '"&<>', note: "]]>"}
---
## Main
## notes
## n1
## index
## tools
## card
## cite
## remark
## _main
## Main

<script>alert(1)</script> <img src=x onerror=alert(1)> <svg/onload=alert(1)> <iframe srcdoc="x"></iframe> <base href=x> <meta http-equiv=refresh>
[乙](../people/y.md) {{.Site}} &lt;script&gt;
-- content/people/y.md --
---
title: '<script>alert(1)</script>'
other_names: ['</script>']
birth: 1958
unit: ['<img src=x onerror=alert(1)>']
positions: [{position: '<script>', organization: '"><script>'}]
---
-- content/honors/h.md --
---
title: '<script>alert("h")</script>'
level: 国际
---
-- content/conferrals/c.csv --
编号,荣誉,获得者,授予时间,时任单位,颁奖词,出处.史料,出处.引文
"a b",h,"!=cmd|'/c calc'!A1",1958,"<script>alert(1)</script>","</td><script>","!=HYPERLINK(""x"")","<q>"
a/b,h,<b>某</b>,1958-05-01,</table>,,,
a-b,h,people/y,1958-05-01,,,,
-- content/statistics/s.csv --
编号,主题,指标,数值,时期,原文时期,出处.史料
s1,<t>,</script><i>,10项,1958,<p>,"<script>"
s2,<t>,</script><i>,20项,1959,<p>,"<script>"
s3,<t>,</script><i>,30项,1960,<p>,"<script>"
-- content/events/e.csv --
编号,事项,时间,地点
e1,<script>alert(1)</script>,1958-05-01,<img src=x onerror=alert(1)>
-- content/photos/p.md --
---
title: '<img>'
alt: '"><script>alert(1)</script>'
caption_printed: '</figcaption><script>alert(1)</script>'
---
`

func TestHostileText(t *testing.T) {
	source := archive(t, strings.ReplaceAll(hostile, `\\u2028`, `\u2028`))
	opt := render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: noon}
	g, err := render.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	var errors []string
	for _, m := range g.Diags {
		if m.Severity == 0 {
			errors = append(errors, m.String())
		}
	}
	if len(errors) != 1 || !strings.Contains(errors[0], "javascript") {
		t.Errorf("errors: %q", errors)
	}
	all := files(t, g)
	crawl(t, g, all)
	feeds(t, all)
	for p, b := range all {
		if strings.HasPrefix(p, "assets/") || strings.HasSuffix(p, ".js") {
			continue
		}
		low := bytes.ToLower(b)
		for _, bad := range []string{"<script>alert", "<img src=x", "<svg/onload", "<iframe", "<base ", "<meta http-equiv=refresh", "onmouseover=\"alert", "<style", "javascript:"} {
			if bytes.Contains(low, []byte(bad)) && (strings.HasSuffix(p, ".html") || strings.HasSuffix(p, ".xml")) {
				i := bytes.Index(low, []byte(bad))
				t.Errorf("%s: …%q…", p, b[max(0, i-60):min(len(b), i+60)])
			}
		}
	}
}

func TestFS(t *testing.T) {
	g := generate(t, archive(t, oneReport+"-- content/reports/sub/b.md --\n---\ntitle: 乙\ndate: 1958-05-01\naliases: [/old/a.html, /旧]\n---\n"), render.Options{})
	if err := fstest.TestFS(g, "index.html", "reports/a/index.html", "reports/sub/b/index.html", "old/a.html", "旧/index.html", "search/index.html", "feed.xml"); err != nil {
		t.Error(err)
	}
	for _, p := range []string{"nowhere", "reports/a/nowhere", "../x", "/index.html", "reports/a/index.html/"} {
		if _, err := fs.ReadFile(g, p); err == nil {
			t.Errorf("%s can be read", p)
		}
	}
}

// TestKindsAlone: one kind of record is a site of its own, without pages that have nothing in them.
func TestKindsAlone(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		has  string // views of the navigation
	}{
		"statistics":  {"-- content/statistics/s.csv --\n编号,主题,指标,数值,时期\ns1,组织,会员,10人,1958\ns2,组织,会员,20人,1959\ns3,服务,站点,5个,\n", "统计 分类浏览"},
		"initiatives": {"-- content/initiatives/a.md --\n---\ntitle: 甲品牌\nkind: 工程\n---\n正文。\n", ""},
		"people":      {"-- content/people/a.md --\n---\ntitle: 张测试\n---\n", "人名索引"},
		"events":      {"-- content/events/e.csv --\n编号,事项,时间\ne1,甲,1958\n", "大事记 分类浏览"},
		"rows":        {"-- content/shelf/_schema.yaml --\nlabel: 器物\nrows: true\n-- content/shelf/s.csv --\n编号,题名\ns1,锤\n", ""},
	} {
		g := generate(t, archive(t, c.text), render.Options{})
		pages := crawl(t, g, files(t, g))
		home := at(t, pages, "/")
		for _, view := range []string{"大事记", "荣誉名册", "人名索引", "统计", "分类浏览"} {
			has := pages[map[string]string{"大事记": "chronicle", "荣誉名册": "rolls", "人名索引": "names", "统计": "series", "分类浏览": "browse"}[view]+"/index.html"] != nil
			if want := slices.Contains(strings.Fields(c.has), view); has != want {
				t.Errorf("%s: view %s: %v, want %v\n%s", name, view, has, want, home)
			}
		}
	}
}

func TestAliases(t *testing.T) {
	g := generate(t, archive(t, oneReport+"-- content/reports/b.md --\n---\ntitle: 乙\ndate: 2018\naliases: [/old/b.html, /旧 页/, /a.b/c, /wp/b.php]\n---\n"), render.Options{BaseURL: "https://example.org/x/"})
	all := files(t, g)
	crawl(t, g, all)
	for _, p := range []string{"old/b.html", "旧 页/index.html", "a.b/c/index.html", "wp/b.php"} {
		for _, want := range []string{`content="0; url=/x/reports/b/"`, `<link rel="canonical" href="https://example.org/x/reports/b/">`, `<a href="/x/reports/b/">乙</a>`} {
			if !bytes.Contains(all[p], []byte(want)) {
				t.Errorf("%s: no %s in %s", p, want, all[p])
			}
		}
	}
	if bytes.Contains(all["sitemap.xml"], []byte("old")) {
		t.Error("an old address is in the sitemap")
	}
}

// TestTermsApart: terms that differ have addresses of their own by themselves; those that differ in case alone are one, and
// that is said.
func TestTermsApart(t *testing.T) {
	g := generate(t, archive(t, "-- content/reports/a.md --\n---\ntitle: 甲\ndate: 2018\ntags: [a b, C, 100]\n---\n-- content/reports/b.md --\n---\ntitle: 乙\ndate: 2018\ntags: [a-b, C#, 100%, PLC]\n---\n-- content/reports/c.md --\n---\ntitle: 丙\ndate: 2018\ntags: [plc]\n---\n"), render.Options{})
	crawl(t, g, files(t, g))
	pages := 0
	for p := range files(t, g) {
		if strings.HasPrefix(p, "browse/tags/") && strings.Count(p, "/") == 3 {
			pages++
		}
	}
	if pages != 7 {
		t.Errorf("%d terms have pages, want 7", pages)
	}
	if len(g.Diags) != 1 || !strings.Contains(fmt.Sprint(g.Diags), "只有大小写不同，按同一个列出，写作“") {
		t.Errorf("said: %v", g.Diags)
	}
}

// TestCollisions: two things at one address are named both, with their places.
func TestCollisions(t *testing.T) {
	const front = "---\ntitle: 甲\ndate: 2018\n"
	for _, c := range []struct{ text, want string }{
		{"-- content/honors/a.md --\n---\ntitle: 甲号\nlevel: 国际\n---\n-- content/conferrals/c.csv --\n编号,荣誉,获得者\nc1,a,测试甲\n-- content/honors/b/c.md --\n---\ntitle: 乙号\nlevel: 国际\n---\n-- content/honors/b-c.md --\n---\ntitle: 丙号\nlevel: 国际\n---\n-- content/conferrals/d.csv --\n编号,荣誉,获得者\nc2,b/c,测试甲\nc3,b-c,测试甲\n",
			"/rolls/b-c/"},
		{"-- content/reports/a.md --\n" + front + "aliases: [/old/a.html]\n---\n-- content/reports/b.md --\n" + front + "aliases: [/old/a.html/b]\n---\n",
			"content/reports/b.md:4:11: 错误: 网址 /old/a.html 已经是一个文件（旧网址（content/reports/a.md:4）），旧网址（content/reports/b.md:4）不能放在它下面"},
		{"-- content/reports/ΟΔΟΣ.md --\n" + front + "---\n-- content/reports/οδος.md --\n" + front + "---\n", "content/reports/οδος.md:1:1: 错误: content/reports/οδος.md和 content/reports/ΟΔΟΣ.md的网址只有大小写不同（/reports/οδοσ/）"},
		{"-- content/reports/sa.md --\n" + front + "---\n[甲](ſb.pdf) [乙](sb.pdf)\n-- content/reports/ſb.pdf --\n%PDF\n-- content/reports/sb.pdf --\n%PDF\n", "sb.pdf的网址只有大小写不同（/reports/sb.pdf）"},
		{"-- content/reports/甲\u2028乙.md --\n" + front + "---\n", "content/reports/甲 乙.md:1:1: 错误: 文件名不能用"},
		{"-- content/reports/a.md --\n" + front + "aliases: [/feed.xml/x]\n---\n", "content/reports/a.md:4:11: 错误: 网址 /feed.xml 已经是一个文件（订阅源）"},
		{"-- content/reports/x.pdf.md --\n" + front + "---\n[甲](/reports/x.pdf)\n-- content/reports/x.pdf --\n%PDF\n", "错误: 网址 /reports/x.pdf 已经是一个文件（content/reports/x.pdf）"},
		{"-- content/reports/index.html.md --\n" + front + "---\n", "content/reports/index.html.md:1:1: 错误: 网址 /reports/index.html 已经是一个文件"},
		{"-- content/reports/a.md --\n" + front + "aliases: [/browse/year/2018/, /browse/year/2018/page/2/]\n---\n", "content/reports/a.md:4:11: 错误: 网址 /browse/year/2018/ 已经给了年份“2018”（content/reports/a.md:3），旧网址（content/reports/a.md:4）不能再用"},
	} {
		g, err := render.New(render.Options{Source: archive(t, c.text), Theme: gongzhi.DefaultTheme(), Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for _, m := range g.Diags {
			fmt.Fprintln(&said, m)
		}
		if !strings.Contains(said.String(), c.want) || g.Diags.Errors() != 1 {
			t.Errorf("want %s\nsaid %s", c.want, said.String())
		}
	}
}

// TestHidden: not one file knows of what is not published.
func TestHidden(t *testing.T) {
	source := archive(t, oneReport+`-- content/people/a.md --
---
title: 秘密甲
draft: true
tags: [秘密词]
---
秘密文。
-- content/people/b.md --
---
title: 秘密乙
publishDate: 2026-05-01 20:01
region: 秘密地
---
-- content/people/c.md --
---
title: 秘密丙
expiryDate: 2026-05-01 20:00
trade: 秘密业
---
-- content/events/e.csv --
编号,事项,时间,草稿
e1,秘密事,1958-05-01,是
`)
	g := generate(t, source, render.Options{})
	for p, b := range files(t, g) {
		if strings.Contains(p, "秘密") || bytes.Contains(b, []byte("秘密")) || strings.HasPrefix(p, "people") || strings.HasPrefix(p, "events") {
			t.Errorf("%s knows what is hidden", p)
		}
	}
	if g.HiddenCount() != 4 || g.HiddenReasons() != "草稿 2，待发布 1，已过期 1" {
		t.Errorf("%d hidden: %s", g.HiddenCount(), g.HiddenReasons())
	}
	later := generate(t, source, render.Options{Now: noon.Add(2 * time.Minute)})
	if !later.Has("people/b/index.html") || later.Has("people/c/index.html") || later.Has("people/a/index.html") {
		t.Error("the clock is not looked at")
	}
	earlier := generate(t, source, render.Options{Now: noon.Add(-time.Minute)})
	if earlier.Has("people/b/index.html") || !earlier.Has("people/c/index.html") {
		t.Error("the clock is not looked at")
	}
	preview := generate(t, source, render.Options{Unpublished: true})
	pages := crawl(t, preview, files(t, preview))
	if !strings.Contains(at(t, pages, "/people/a/"), "草稿") {
		t.Error("a draft is not marked as such")
	}
}

func TestFeed(t *testing.T) {
	var text strings.Builder
	for i := range 40 {
		fmt.Fprintf(&text, "-- content/reports/r%02d.md --\n---\ntitle: 第%02d篇 & <甲>\ndate: 2018-%02d-%02d\nauthor: [测试甲, 测试乙]\n---\n正文\x0b第%d篇。\n", i, i, 1+i%12, 1+i%28, i)
	}
	text.WriteString("-- content/reports/approx.md --\n---\ntitle: 约\ndate: 2019~\n---\n")
	g := generate(t, archive(t, "-- site.yaml --\nfeedSize: 5\nbaseURL: https://example.org/a/\n"+text.String()), render.Options{})
	b, err := g.File(nil, "feed.xml")
	if err != nil {
		t.Fatal(err)
	}
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Updated string   `xml:"updated"`
		Entries []struct {
			Title   string `xml:"title"`
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
			Summary string `xml:"summary"`
			Author  struct {
				Name string `xml:"name"`
			} `xml:"author"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(b, &feed); err != nil {
		t.Fatal(err)
	}
	if len(feed.Entries) != 5 || feed.Entries[0].Title != "约" || feed.Updated != "2019-01-01T00:00:00+08:00" || feed.ID != "https://example.org/a/" {
		t.Errorf("feed: %+v", feed)
	}
	for i, e := range feed.Entries {
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || !strings.HasPrefix(e.ID, "https://example.org/a/reports/") || i > 0 && e.Updated > feed.Entries[i-1].Updated {
			t.Errorf("entry: %+v %v", e, err)
		}
	}
}

// TestManyToOne: what thousands refer to has pages that end, and that lead to the rest.
func TestManyToOne(t *testing.T) {
	var c strings.Builder
	c.WriteString("-- content/honors/h.md --\n---\ntitle: 某号\nlevel: 国际\n---\n-- content/sources/s.md --\n---\ntitle: 史料一\ntype: 报纸\n---\n-- content/organizations/o.md --\n---\ntitle: 甲厂\n---\n-- content/conferrals/c.csv --\n编号,荣誉,获得者,授予时间,出处.史料\n")
	for i := range 2000 {
		fmt.Fprintf(&c, "c%d,h,甲厂,%d,s\n", i, 1900+i%100)
	}
	g := generate(t, archive(t, c.String()), render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	for p, limit := range map[string]int{"honors/h/index.html": 60_000, "rolls/h/index.html": 150_000, "rolls/h/1999/index.html": 50_000, "sources/s/index.html": 100_000, "organizations/o/index.html": 250_000, "index.html": 50_000, "conferrals/index.html": 50_000} {
		if len(all[p]) > limit {
			t.Errorf("%s has %d bytes", p, len(all[p]))
		}
	}
	if !bytes.Contains(all["honors/h/index.html"], []byte(`<a href="/rolls/h/">共 2000 条`)) {
		t.Error("the honour's page does not lead to its roll")
	}
}

// TestThemeFaults: a template that fails on a page names itself and the record, and the other pages are made.
func TestThemeFaults(t *testing.T) {
	record, err := fs.ReadFile(gongzhi.DefaultTheme(), "templates/record.html")
	if err != nil {
		t.Fatal(err)
	}
	source := fstest.MapFS{
		"site.yaml":                            {},
		"content/reports/a.md":                 {Data: []byte("---\ntitle: 甲\ndate: 2018\n---\n")},
		"content/reports/b.md":                 {Data: []byte("---\ntitle: 乙\ndate: 2018\nnote: 附注\n---\n")},
		"themes/default/templates/record.html": {Data: bytes.Replace(record, []byte(`{{with .Remark}}`), []byte(`{{with .Remark}}中文{{$.Image.URL}}`), 1)},
	}
	g := generate(t, source, render.Options{})
	if _, err := g.File(nil, "reports/a/index.html"); err != nil {
		t.Errorf("the page that is all right: %v", err)
	}
	_, err = g.File(nil, "reports/b/index.html")
	faults := render.Faults(err)
	if len(faults) != 1 || faults[0].Pos.Path != "themes/default/templates/record.html" || !strings.Contains(faults[0].Text, "content/reports/b.md") {
		t.Fatalf("faults: %v (%v)", faults, err)
	}
	data := source["themes/default/templates/record.html"].Data
	line := strings.Split(string(data), "\n")[faults[0].Pos.Line-1]
	if col := faults[0].Pos.Col; !strings.HasPrefix(string([]rune(line)[col-1:]), "Image") && !strings.HasPrefix(string([]rune(line)[col-1:]), ".Image") && !strings.HasPrefix(string([]rune(line)[col-1:]), "$.Image") {
		t.Errorf("column %d of %q", col, line)
	}
	source["themes/default/templates/record.html"].Data = []byte(`{{define "main"}}{{.Nothing}}{{end}}`)
	g = generate(t, source, render.Options{})
	if _, err = g.File(nil, "reports/a/index.html"); len(render.Faults(err)) != 1 {
		t.Errorf("no fault: %v", err)
	}
	source["themes/default/templates/record.html"].Data = []byte("{{define \"main\"}}\n{{if}}{{end}}")
	g, err = render.New(render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: noon})
	if err != nil || g.Diags.Errors() == 0 || g.Diags[0].Pos.Path != "themes/default/templates/record.html" || g.Diags[0].Pos.Line != 2 {
		t.Errorf("a template that can't be parsed: %v %v", err, g.Diags)
	}
	if _, err := g.File(nil, "index.html"); err == nil {
		t.Error("a page without a theme")
	}
}

func TestNoSource(t *testing.T) {
	if _, err := render.New(render.Options{Source: os.DirFS(t.TempDir() + "/nowhere"), Theme: gongzhi.DefaultTheme(), Now: noon}); err == nil {
		t.Error("a folder that is not there is no site")
	}
}
