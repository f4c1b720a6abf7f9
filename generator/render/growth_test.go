package render_test

import (
	"fmt"
	"strings"
	"testing"

	"gongzhi/generator/render"
)

// TestGrowthOfShapes: twice as much of something makes a site of twice the bytes, whatever it is there is much of.
func TestGrowthOfShapes(t *testing.T) {
	for name, make := range map[string]func(b *strings.Builder, i int){
		"collections": func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "-- content/c%d/_schema.yaml --\nlabel: 测试类目%d\nunit: 条\n-- content/c%d/r.md --\n---\ntitle: 测试记录%d\n---\n", i, i, i, i)
		},
		"pages of the site's own": func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "-- content/pages/p%d.md --\n---\ntitle: 测试说明%d\n---\n", i, i)
		},
	} {
		size := func(n int) (bytes int) {
			var b strings.Builder
			for i := range n {
				make(&b, i)
			}
			for _, f := range files(t, generate(t, archive(t, b.String()), render.Options{})) {
				bytes += len(f)
			}
			return bytes
		}
		none, one, two := size(1), size(60), size(120)
		if more, twice := one-none, two-none; twice > more*22/10 {
			t.Errorf("%s: %d bytes more for 60, %d for 120", name, more, twice)
		}
	}
}

// TestManyCollections: what does not stand on every page is one step away.
func TestManyCollections(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "-- content/c%d/_schema.yaml --\nlabel: 测试类目%d\nunit: 条\n-- content/c%d/r.md --\n---\ntitle: 测试记录%d\n---\n-- content/pages/p%d.md --\n---\ntitle: 测试说明%d\n---\n", i, i, i, i, i, i)
	}
	all := files(t, generate(t, archive(t, b.String()), render.Options{}))
	page, home, pages := string(all["c7/r/index.html"]), string(all["index.html"]), string(all["pages/index.html"])+string(all["pages/page/2/index.html"])
	if n := strings.Count(page, `">测试类目`); n > 60 || strings.Count(page, `href="/#_all">全部类目</a>`) != 2 || !strings.Contains(home, `id="_all"`) {
		t.Errorf("a page names %d collections", n)
	}
	if n := strings.Count(page, `">测试说明`); n > 12 || !strings.Contains(page, `href="/pages/">页面</a>`) {
		t.Errorf("a page names %d pages of the site's own", n)
	}
	for i := range 40 {
		if !strings.Contains(home, fmt.Sprintf(`href="/c%d/"`, i)) || !strings.Contains(pages, fmt.Sprintf(`href="/pages/p%d/"`, i)) {
			t.Errorf("%d is not where all are", i)
		}
	}
}
