package render_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi"
	"gongzhi/generator/render"
)

var (
	titleElement = regexp.MustCompile(`<title>(.*?)</title>`)
	descriptions = regexp.MustCompile(`<meta name="description" content="(.*?)">`)
	linkedData   = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)
	isoDate      = regexp.MustCompile(`^\d{4}(-\d\d(-\d\d(T.*)?)?)?$`)
)

// TestMachines goes through all pages of the sample archive: each has a title and a description of its own, a picture to be shared with,
// and data that other programs can read.
func TestMachines(t *testing.T) {
	g := theSample(t)
	titles, abouts := map[string]string{}, map[string]string{}
	own := func(kind string, of map[string]string, text, page string) {
		if first, ok := of[text]; ok {
			t.Errorf("%s %q of %s is that of %s", kind, text, page, first)
		}
		of[text] = page
	}
	for _, p := range g.Pages() {
		if !strings.HasSuffix(p, "index.html") {
			continue
		}
		b, err := g.File(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		if strings.Contains(page, `http-equiv="refresh"`) {
			continue
		}
		about := descriptions.FindStringSubmatch(page)
		if about == nil || len([]rune(about[1])) < 8 {
			t.Errorf("%s: description %q", p, about)
			continue
		}
		own("title", titles, titleElement.FindStringSubmatch(page)[1], p)
		own("description", abouts, about[1], p)
		for _, want := range []string{`property="og:description"`, `property="og:image" content="https://`, `itemprop="image"`, `rel="canonical"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", p, want)
			}
		}
		for _, data := range linkedData.FindAllStringSubmatch(page, -1) {
			var v any
			if err := json.Unmarshal([]byte(data[1]), &v); err != nil {
				t.Errorf("%s: %v", p, err)
			}
			datesIn(t, p, v)
		}
	}
}

// datesIn finds what schema.org wants to be a date, and is none.
func datesIn(t *testing.T, page string, v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			datesIn(t, page, x)
		}
	case map[string]any:
		for key, x := range v {
			if s, ok := x.(string); ok && (strings.HasSuffix(key, "Date") || strings.HasPrefix(key, "date")) && !isoDate.MatchString(s) {
				t.Errorf("%s: %s is %q", page, key, s)
			}
			datesIn(t, page, x)
		}
	}
}

func small(t *testing.T, files map[string]string) *render.Generation {
	t.Helper()
	source := fstest.MapFS{"site.yaml": {Data: []byte("title: 测试馆\nbaseURL: https://test.example/a/\norganizer: 测试市总工会\n")}}
	for name, text := range files {
		source[name] = &fstest.MapFile{Data: []byte(text)}
	}
	g, err := render.New(render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if g.Diags.Errors() > 0 {
		t.Fatal(g.Diags)
	}
	return g
}

// graphs is the linked data of a page, the first node of each type.
func graphs(t *testing.T, g *render.Generation, page string) map[string]map[string]any {
	t.Helper()
	b, err := g.File(nil, page)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	for _, data := range linkedData.FindAllSubmatch(b, -1) {
		var v struct {
			Graph []map[string]any `json:"@graph"`
		}
		if err := json.Unmarshal(data[1], &v); err != nil {
			t.Fatal(err)
		}
		for _, node := range v.Graph {
			if kind := node["@type"].(string); found[kind] == nil {
				found[kind] = node
			}
		}
	}
	return found
}

func TestLinkedData(t *testing.T) {
	g := small(t, map[string]string{
		"content/events/a.md":      "---\ntitle: 测试大会\ndate: 1958-05-01/1958-05-07\nplace: 测试市\n---\n文\n",
		"content/events/b.md":      "---\ntitle: 测试会议\ndate: 1958~/1960\n---\n文\n",
		"content/people/z.md":      "---\ntitle: 张测试\nbirth: 1900~\nnative_place: 测试县\n---\n文\n",
		"content/honors/h.md":      "---\ntitle: 测试奖章\nlevel: 其他\nshort: [测奖]\n---\n文\n",
		"content/conferrals/c.csv": "id,recipient,honor,date\nc1,people/z,honors/h,1959\n",
		"content/reports/r.md":     "---\ntitle: 测试报道\ndate: 2019-03-04\nauthor: [李测甲, 测试日报社]\nsource: 测试日报\nmodified: 2021-02-03\n---\n正文，见[[张测试]]。\n",
		"content/statistics/s.csv": "id,topic,indicator,value,date,scope\ns1,测试题,会员数,3,2001,测试市\n",
	})
	event := graphs(t, g, "events/a/index.html")["Event"]
	if event["startDate"] != "1958-05-01" || event["endDate"] != "1958-05-07" || event["location"].(map[string]any)["@type"] != "Place" {
		t.Errorf("event %v", event)
	}
	if event := graphs(t, g, "events/b/index.html")["Event"]; event["startDate"] != nil || event["endDate"] != "1960" {
		t.Errorf("event of uncertain beginning %v", event)
	}
	person := graphs(t, g, "people/z/index.html")["Person"]
	credential, _ := person["hasCredential"].([]any)
	if person["birthPlace"] != nil || person["birthDate"] != nil || len(credential) != 1 || credential[0].(map[string]any)["dateCreated"] != "1959" || person["award"].([]any)[0] != "测试奖章 1959年" {
		t.Errorf("person %v", person)
	}
	honour := graphs(t, g, "honors/h/index.html")["DefinedTerm"]
	if honour["inDefinedTermSet"] == nil || honour["alternateName"] != "测奖" {
		t.Errorf("honour %v", honour)
	}
	article := graphs(t, g, "reports/r/index.html")["NewsArticle"]
	authors, _ := article["author"].([]any)
	if len(authors) != 2 || authors[0].(map[string]any)["@type"] != "Person" || authors[1].(map[string]any)["@type"] != "Organization" ||
		article["datePublished"] != "2019-03-04" || article["dateModified"] != "2021-02-03" || article["headline"] != "测试报道" || article["publisher"].(map[string]any)["name"] != "测试日报" {
		t.Errorf("article %v", article)
	}
	if list := graphs(t, g, "people/index.html"); list["ItemList"]["numberOfItems"] != 1.0 || list["BreadcrumbList"] == nil {
		t.Errorf("list %v", list)
	}
	if data := graphs(t, g, "statistics/index.html")["Dataset"]; data["description"] == nil || data["distribution"] == nil {
		t.Errorf("dataset %v", data)
	}
}

// TestFeedsAndSitemap reads them as a program does that knows their formats and nothing else.
func TestFeedsAndSitemap(t *testing.T) {
	g := small(t, map[string]string{
		"content/reports/r.md":  "---\ntitle: 测试报道\ndate: 2019-03-04\nmodified: 2021-02-03\n---\n见[[张测试]]和[外面](https://out.example/)。<br>\n",
		"content/reports/q.md":  "---\ntitle: 又一篇\ndate: 2018\n---\n正文 < & >\n",
		"content/people/z.md":   "---\ntitle: 张测试\nbirth: 1900\n---\n文\n",
		"content/events/e.md":   "---\ntitle: 测试大会\ndate: 1958-05-01\n---\n文\n",
		"content/sources/no.md": "---\ntitle: 无日期\ntype: 报纸\n---\n文\n",
	})
	read := func(p string, into any) {
		t.Helper()
		b, err := g.File(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(b, into); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
	}
	type feed struct {
		ID      string    `xml:"http://www.w3.org/2005/Atom id"`
		Title   string    `xml:"http://www.w3.org/2005/Atom title"`
		Updated time.Time `xml:"http://www.w3.org/2005/Atom updated"`
		Entries []struct {
			ID        string     `xml:"http://www.w3.org/2005/Atom id"`
			Updated   time.Time  `xml:"http://www.w3.org/2005/Atom updated"`
			Published *time.Time `xml:"http://www.w3.org/2005/Atom published"`
			Content   struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:"http://www.w3.org/2005/Atom content"`
		} `xml:"http://www.w3.org/2005/Atom entry"`
	}
	var all, reports, events feed
	read("feed.xml", &all)
	read("reports/feed.xml", &reports)
	read("events/feed.xml", &events)
	if len(all.Entries) != 2 || len(reports.Entries) != 2 || len(events.Entries) != 1 || all.ID == reports.ID || reports.Title != "测试馆：报道" {
		t.Fatalf("feeds %+v %+v %+v", all, reports, events)
	}
	first := reports.Entries[0]
	if first.Updated.Format("2006-01-02") != "2021-02-03" || first.Published.Format("2006-01-02") != "2019-03-04" || first.Content.Type != "html" ||
		!strings.Contains(first.Content.Text, `<a href="https://test.example/a/people/z/">张测试</a>`) {
		t.Errorf("entry %+v", first)
	}
	if g.Has("people/feed.xml") || g.Has("sources/feed.xml") {
		t.Error("a feed of births, or of what has no day")
	}
	var sitemap struct {
		URLs []struct {
			Loc     string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 loc"`
			Lastmod string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 lastmod"`
		} `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 url"`
	}
	read("sitemap.xml", &sitemap)
	said := map[string]string{}
	for _, u := range sitemap.URLs {
		said[strings.TrimPrefix(u.Loc, "https://test.example/a")] = u.Lastmod
	}
	for p, want := range map[string]string{"/reports/r/": "2021-02-03", "/reports/q/": "2018", "/people/z/": "", "/events/e/": ""} {
		if got, ok := said[p]; !ok || got != want {
			t.Errorf("%s: lastmod %q, want %q", p, got, want)
		}
	}
}

func TestIcons(t *testing.T) {
	own := small(t, map[string]string{"content/people/z.md": "---\ntitle: 张测试\n---\n文\n", "static/favicon.ico": "mine", "static/icon-512.png": "mine"})
	for _, name := range []string{"favicon.ico", "icon-512.png"} {
		if b, err := own.File(nil, name); err != nil || string(b) != "mine" {
			t.Errorf("%s of static/: %q, %v", name, b, err)
		}
	}
	g := small(t, map[string]string{"content/people/z.md": "---\ntitle: 张测试\n---\n文\n"})
	for name, size := range map[string]int{"icon-192.png": 192, "icon-512.png": 512, "apple-touch-icon.png": 180, "favicon.ico": 32} {
		b, err := g.File(nil, name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "favicon.ico" {
			b = b[22:]
		}
		if c, err := png.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != size || c.Height != size {
			t.Errorf("%s: %v %v", name, c, err)
		}
	}
}

func TestCitations(t *testing.T) {
	g := small(t, map[string]string{"content/reports/r.md": "---\ntitle: 测试报道_100%\ndate: 2019-03-04\nauthor: [李测甲, 测试日报社]\n---\n文\n"})
	b, err := g.File(nil, "reports/r/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"李测甲、测试日报社. 测试报道_100%[EB/OL]//测试馆. (2019-03-04)[查阅日期]. https://test.example/a/reports/r/.",
		"@online{reports-r,\n  title = {测试报道\\_100\\%},\n  author = {{李测甲} and {测试日报社}},\n  date = {2019-03-04},\n  organization = {测试市总工会},",
		"TY  - ELEC\nTI  - 测试报道_100%\nAU  - 李测甲\nAU  - 测试日报社\nPY  - 2019\nDA  - 2019/03/04\nT2  - 测试馆\nPB  - 测试市总工会\nLA  - zh\nUR  - https://test.example/a/reports/r/\nER  - ",
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s", want)
		}
	}
}
