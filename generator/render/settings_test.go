package render_test

import (
	"testing"
	"testing/fstest"
	"time"

	"gongzhi"
	"gongzhi/generator/render"
)

// TestUnreadableSettings: a site.yaml that can't be read is told at its place, as any other fault.
func TestUnreadableSettings(t *testing.T) {
	src := fstest.MapFS{"site.yaml": {Data: make([]byte, 2<<20)}, "content/reports/a.md": {Data: []byte("---\ntitle: 甲测\ndate: 2026-01-01\n---\n正文。\n")}}
	g, err := render.New(render.Options{Source: src, Theme: gongzhi.DefaultTheme(), Now: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range g.Diags {
		if m.String() == "site.yaml:1:1: 错误: 读不了：文件太大了（最多 1 MB）" {
			return
		}
	}
	t.Errorf("not told: %v", g.Diags)
}
