package site_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// TestSuggestionsEnd: every reference and link that leads nowhere is said, and the comparing that finds suggestions
// ends after the first ones, whatever the number.
func TestSuggestionsEnd(t *testing.T) {
	const n = 3000
	var honors, conferrals, body strings.Builder
	honors.WriteString("编号,名称,级别\n")
	conferrals.WriteString("编号,荣誉,获得者\n")
	for i := range n {
		fmt.Fprintf(&honors, "h%d,测试荣誉第%d号,厂级\n", i, i)
		fmt.Fprintf(&conferrals, "c%d,测试荣誉第%d号的,测试厂\n", i, i)
		fmt.Fprintf(&body, "## 第%d节\n\n[甲](#第%d节的)\n\n", i, i)
	}
	set, err := content.Load(fstest.MapFS{
		"content/honors/h.csv":     {Data: []byte(honors.String())},
		"content/conferrals/c.csv": {Data: []byte(conferrals.String())},
		"content/reports/r.md":     {Data: []byte("---\ntitle: 测试\ndate: 1958\n---\n" + body.String())},
	}, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	said, suggested := map[string]int{}, map[string]int{}
	for _, m := range site.Join(set, site.DefaultSettings(), site.Options{}).Diags {
		said[m.ID]++
		if strings.Contains(m.Text, "是不是“") {
			suggested[m.ID]++
		}
	}
	if said["ref/unknown"] != n || said["link/fragment"] != n {
		t.Fatalf("said: %v, want %d of each", said, n)
	}
	if s := suggested["ref/unknown"]; s == 0 || s == n {
		t.Fatalf("%d of %d have a suggestion: the first must, the last must not", s, n)
	}
}
