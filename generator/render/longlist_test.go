package render_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// The first page of a long list leads to where each year begins, or with many years each decade, on whatever page that is; and says how many there are.
func TestLongList(t *testing.T) {
	for _, c := range []struct {
		records, span int
		links         int
		first         string
	}{{60, 3, 3, "2019年"}, {120, 40, 4, "2010年代"}, {20, 3, 0, ""}} {
		more := map[string]string{}
		for i := range c.records {
			more[fmt.Sprintf("content/reports/甲%d.md", i)] = fmt.Sprintf("---\ntitle: 测试报道%d\ndate: %d\n---\n文\n", i, 2019-i*c.span/c.records)
		}
		g := own(t, "baseURL: https://test.example/\npageSize: 10\n", more)
		if g.Diags.Errors() > 0 {
			t.Fatal(g.Diags)
		}
		b, err := g.File(nil, "reports/index.html")
		if err != nil {
			t.Fatal(err)
		}
		links := regexp.MustCompile(`<a href="/reports/([^"#]*)#([^"]+)">([^<]+)<span class="n">(\d+)</span>`).FindAllStringSubmatch(string(b), -1)
		if len(links) != c.links || c.links > 0 && links[0][3] != c.first {
			t.Fatalf("%+v: %q", c, links)
		}
		sum := 0
		for _, l := range links {
			var n int
			fmt.Sscan(l[4], &n)
			sum += n
			id, err := url.PathUnescape(html.UnescapeString(l[2]))
			if err != nil {
				t.Fatal(err)
			}
			page, err := g.File(nil, "reports/"+l[1]+"index.html")
			if err != nil || !strings.Contains(string(page), `<h2 id="`+id+`">`) {
				t.Errorf("%s leads to %s#%s, which is not there: %v", l[3], l[1], id, err)
			}
		}
		if links != nil && sum != c.records+1 { // and the one that the site has anyhow
			t.Errorf("%+v: the counts are %d together", c, sum)
		}
	}
}
