package render_test

import (
	"strings"
	"testing"

	"gongzhi/generator/render"
)

// TestSeriesFound: a series is found across spellings of its unit, and where a figure has none; what is of another scope or
// counts something else is not in it; distances on the axis are times; the landing page has a figure of each topic.
func TestSeriesFound(t *testing.T) {
	g := generate(t, archive(t, `-- content/statistics/s.csv --
编号,主题,指标,数值,时期,范围,性质
a1,组织,会员数,162万,1980,测试省,时点
a2,组织,会员数,871万名,2018-09,测试省,时点
a3,组织,会员数,300万人,1990,测试省,时点
b1,组织,会员数,10万人,1980,测试市,时点
b2,组织,会员数,20万位,2000,测试市,时点
c1,组织,会员数,83%,2001,测试省,时点
d1,服务,站点数,29家,2018,测试市,时点
`), render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	page := string(all["series/组织/index.html"])
	if n := strings.Count(page, `<svg class="chart"`); n != 2 {
		t.Fatalf("%d charts, want one for each scope\n%s", n, page)
	}
	for _, want := range []string{
		`<title id="i1-0-t">会员数测试省。1980：162万；1990：300万人；2018：871万名</title>`, `<title id="i1-1-t">会员数测试市。1980：10万人；2000：20万位</title>`,
		`<b>871万名</b><span class="n">2018年9月</span>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("not there: %s", want)
		}
	}
	landing := string(all["series/index.html"])
	for _, want := range []string{`<b>871万名</b>`, `<b>29家</b>`, `<svg class="chart"`} {
		if !strings.Contains(landing, want) {
			t.Errorf("the landing page does not have %s", want)
		}
	}
}
