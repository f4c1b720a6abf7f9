package render_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"gongzhi/generator/render"
)

// TestRolls: a roll says when, on which occasion and to how many of how many it was given, in which unit and post; what counted
// as the same that year is named; a region and a heading of the list have pages of their own; levels stand as the schema has them.
func TestRolls(t *testing.T) {
	var c strings.Builder
	c.WriteString("-- content/honors/b.md --\n---\ntitle: 乙号\nlevel: 市厅级\nweight: 1\nequivalent_to: [a]\n---\n-- content/honors/a.md --\n---\ntitle: 甲号\nlevel: 国家级\nweight: 2\n---\n")
	c.WriteString("-- content/rounds/r.csv --\n编号,名称,荣誉,授予时间,颁授机关,公布人数.人数,公布人数2.人数,公布人数2.地区,公布人数3.人数,公布人数3.类别\nr1,甲号第一批,a,1950,测试机关,40,4,测试省0,6,工业\nr2,甲号第二批,a,1960,测试机关,30,,,,\nr3,丁号第一批,d,1970,测试机关,7,7,测试省0,,\n")
	c.WriteString("-- content/honors/d.md --\n---\ntitle: 丁号\nlevel: 市厅级\n---\n")
	c.WriteString("-- content/conferrals/c.csv --\n编号,批次,荣誉,获得者,授予时间,时任单位,时任职务,地区,名单分组,史料1.史料,史料2.史料\n")
	for i := range 10 {
		fmt.Fprintf(&c, "c%d,r1,,测%c,,测试厂,测工,测试省%d,%s／%d,测甲报,测乙报\n", i, '甲'+i, i%2, [...]string{"工业", "农业"}[i/5], i)
	}
	c.WriteString("x1,,b,测别,1959,,,测试省1,,,\nx2,,b,测另,1950,,,测试省9,,,\n")
	c2 := strings.Replace(c.String(), "史料1.史料,史料2.史料", "出处.史料,出处2.史料", 1)
	g := generate(t, archive(t, c2), render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	page, err := url.PathUnescape(strings.ReplaceAll(string(all["rolls/a/index.html"]), "%;", "%25;"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"公布 40，已著录 10", "公布 30，已著录 0", "获得者尚未著录", "甲号第一批</a>", "测试机关",
		"<span>测试厂</span><span>测工</span>", `href="/rolls/b/#y1950">乙号</a><span class="n">1</span>`, `id="y1959"`,
		`href="/rolls/a/region/测试省0/"`, `href="/rolls/a/group/工业/"`,
		"<dt>测试省0</dt><dd>公布 4，已著录 5，多出 1，待核</dd>", "<dt>工业</dt><dd>公布 6，已著录 5</dd>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the roll does not have %s", want)
		}
	}
	if n := strings.Count(page, `<sup class="mark">`); n != 10 {
		t.Errorf("%d marks, want one a name", n)
	}
	if n := strings.Count(page, `id="_n`); n != 1+1 { // the note, and the heading of the notes
		t.Errorf("%d notes, want one for all who have the same sources\n%s", n, page)
	}
	for path, wants := range map[string][]string{
		"honors/a/index.html": {"<dt>测试省0</dt><dd>公布 4，已著录 5，多出 1，待核</dd>", "<dt>工业</dt><dd>公布 6，已著录 5</dd>", "按地区", `/rolls/a/group/`},
		"honors/d/index.html": {"公布 7，已著录 0", "<dt>测试省0</dt><dd>公布 7，已著录 0</dd>", `href="/rounds/r3/"`}, // of whom nobody is recorded
		"doubts/index.html":   {"著录多于公布", "测试省0：公布 4，已著录 5，多出 1"},
	} {
		for _, want := range wants {
			if !strings.Contains(string(all[path]), want) {
				t.Errorf("%s does not have %s", path, want)
			}
		}
	}
	if bytes.Contains(all["doubts/index.html"], []byte("工业：公布")) {
		t.Error("a class of which not all are recorded is a doubt")
	}
	region := all["rolls/a/region/测试省1/index.html"]
	if n := bytes.Count(region, []byte(`id="r-c`)); n != 5 {
		t.Errorf("%d of a region, want 5", n)
	}
	if bytes.Contains(region, []byte("测另")) {
		t.Error("somebody of another honour and region is on the page of a region")
	}
	index := string(all["rolls/index.html"])
	if a, b := strings.Index(index, "国家级"), strings.Index(index, "市厅级"); a < 0 || a > b {
		t.Error("the levels are not in the order of the schema")
	}
}

// TestLongRoll: a roll of thousands has a landing page with something of each year, and pages of each year that end.
func TestLongRoll(t *testing.T) {
	var c strings.Builder
	c.WriteString("-- content/honors/a.md --\n---\ntitle: 甲号\nlevel: 国家级\n---\n-- content/conferrals/c.csv --\n编号,荣誉,获得者,授予时间,时任单位\n")
	for i := range 1500 {
		fmt.Fprintf(&c, "c%d,a,测%d,%d,测试厂\n", i, i, 1950+i%3*10)
	}
	g := generate(t, archive(t, c.String()), render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	landing := all["rolls/a/index.html"]
	for _, want := range []string{`href="/rolls/a/1950/">这一年全部 500 位（个）`, `href="/rolls/a/1970/"`, `href="#y1960"`} {
		if !bytes.Contains(landing, []byte(want)) {
			t.Errorf("the landing page does not have %s", want)
		}
	}
	names := map[string]bool{}
	for p, b := range all {
		if strings.HasPrefix(p, "rolls/") && len(b) > 150_000 {
			t.Errorf("%s has %d bytes", p, len(b))
		}
		if strings.HasPrefix(p, "rolls/a/19") {
			for _, x := range bytes.Split(b, []byte(`id="r-`))[1:] {
				id, _, _ := bytes.Cut(x, []byte(`"`))
				names[string(id)] = true
			}
		}
	}
	if len(names) != 1500 {
		t.Errorf("%d of 1500 are on the pages of the years", len(names))
	}
}

// TestGrowth: what a site takes grows with its records, not with the square of their number: nothing leads from each of very
// many pages to all the others.
func TestGrowth(t *testing.T) {
	size := func(n int) (bytes int) {
		var c strings.Builder
		c.WriteString("-- content/honors/a.md --\n---\ntitle: 甲号\nlevel: 国家级\n---\n-- content/conferrals/c.csv --\n编号,荣誉,获得者,授予时间,时任单位,地区,名单分组,主题词\n")
		for i := range n {
			fmt.Fprintf(&c, "c%d,a,测%c%c,%d-%02d-%02d,测试%d厂,测试%d省,测试%d组,测试%d词\n", i, '甲'+i/40, '乙'+i%40, 1900+i/300, i/25%12+1, i%25+1, i, i, i, i)
		}
		g := generate(t, archive(t, c.String()), render.Options{})
		all := files(t, g)
		for _, b := range all {
			bytes += len(b)
		}
		part := string(all[fmt.Sprintf("rolls/a/region/测试%d省/index.html", n/2)])
		if links := strings.Count(part, "/region/"); links < 15 || n > 400 && links > 60 {
			t.Errorf("the page of one of %d regions leads to %d", n, links)
		}
		if !strings.Contains(part, fmt.Sprintf(`href="/rolls/a/">甲号<span class="n">%d</span>`, n)) {
			t.Error("the page of one of many regions does not lead to the others")
		}
		return bytes
	}
	small, large := size(250), size(500)
	if large > small*23/10 {
		t.Errorf("%d bytes of 250 records, %d of 500", small, large)
	}
}

// TestCrowds: hundreds of one name, and rows of predecessors that no unit has, cost what their number costs, and nobody is taken
// for another.
func TestCrowds(t *testing.T) {
	var c strings.Builder
	c.WriteString("-- content/honors/a.md --\n---\ntitle: 甲号\nlevel: 国家级\n---\n-- content/people/p.csv --\n编号,姓名\n")
	for i := range 501 {
		fmt.Fprintf(&c, "p%d,张测试\n", i)
	}
	c.WriteString("-- content/organizations/o.csv --\n编号,名称,类型,前身\no0,测试0厂,企业,\n")
	for i := 1; i < 150; i++ {
		fmt.Fprintf(&c, "o%d,测试%d厂,企业,o%d\n", i, i, i-1)
	}
	c.WriteString("-- content/conferrals/c.csv --\n编号,荣誉,获得者,授予时间,时任单位\nc1,a,张测试,1950,\nc2,a,people/p7,1951,\nc3,a,李测试,1952,o0\n")
	g := generate(t, archive(t, c.String()), render.Options{})
	if len(g.Site.Undecided) != 1 || !strings.Contains(g.Site.Undecided[0].Reason, "501 位") || len(g.Site.Undecided[0].Candidates) > 50 {
		t.Errorf("%d are undecided: %.200v", len(g.Site.Undecided), g.Site.Undecided)
	}
	for path, want := range map[string]bool{"people/p7/index.html": true, "organizations/o50/index.html": true, "organizations/o149/index.html": false} {
		b, err := g.File(nil, path)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(b, []byte("甲号")); got != want {
			t.Errorf("%s has the honour: %v", path, got)
		}
	}
}
