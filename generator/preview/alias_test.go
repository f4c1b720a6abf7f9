package preview

import (
	"strings"
	"testing"
)

// TestAliases: old addresses that were copied from a browser are answered in a preview as the published site answers them.
func TestAliases(t *testing.T) {
	r := start(t, Options{}, map[string]string{
		"content/reports/old.md": "---\ntitle: 测试旧文\ndate: 1958\naliases: [/2018/09/%E5%8A%B3%E6%A8%A1.html, /a%20b/d.html, /art/2018/art_123.shtml, /list.PHP, /旧栏目/]\n---\n",
	})
	for _, p := range []string{"/2018/09/%E5%8A%B3%E6%A8%A1.html", "/a%20b/d.html", "/art/2018/art_123.shtml", "/list.PHP", "/%E6%97%A7%E6%A0%8F%E7%9B%AE/"} {
		status, body, header := r.ask(t, p)
		if kind := header.Get("Content-Type"); status != 200 || kind != "text/html; charset=utf-8" || !strings.Contains(body, `url=/reports/old/`) {
			t.Errorf("%s: %d, %s\n%s", p, status, kind, body)
		}
	}
}
