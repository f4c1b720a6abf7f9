package site

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
)

// TestCoverage: numbers announced, recorded, over, and not known; by region and class; without a round too.
func TestCoverage(t *testing.T) {
	files := fstest.MapFS{
		"content/honors/h.md": {Data: []byte("---\ntitle: 测试奖\nlevel: 其他\n---\n")},
		"content/honors/g.md": {Data: []byte("---\ntitle: 空的奖\nlevel: 其他\n---\n")},
		"content/rounds/a.md": {Data: []byte("---\ntitle: 甲批\nhonor: h\ndate: 1990\nofficial:\n  - {count: 5, kind: 个人}\n  - {count: 2, kind: 集体}\n  - {count: 6, kind: 个人, note: 一说}\n  - {count: 3, region: 南测市}\n  - {count: 1, region: 北测市}\n  - {count: 2, class: 工业}\n---\n")},
		"content/rounds/b.md": {Data: []byte("---\ntitle: 乙批\nhonor: h\ndate: 1985\n---\n")},
		"content/rounds/c.md": {Data: []byte("---\ntitle: 丙批\nhonor: g\ndate: 2000\nofficial: [{count: 1}]\n---\n")},
		"content/conferrals/x.csv": {Data: []byte("id,round,honor,recipient,date,region,group\n" +
			"1,a,,!张测试,,南测市,个人／工业\n2,a,,!李测试,,南测,农业\n3,a,,!王测试,,,北测市\n4,a,,!赵测试,,北测市,\n5,b,,!钱测试,,,\n6,,h,!孙测试,1990,,\n7,,h,!周测试,,,\n")},
	}
	set, err := content.Load(files, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := Join(set, DefaultSettings(), Options{})
	if all := append(set.Diags, s.Diags...); all.Errors() > 0 {
		t.Error(all)
	}
	var b strings.Builder
	for _, c := range s.Coverage() {
		for _, r := range c.Rounds {
			fmt.Fprintf(&b, "%s %s %s %d/%d %v\n", c.Roll.Title, r.Day, r.Title, r.Recorded, r.Official, r.Parts)
		}
	}
	want := `测试奖 1985 乙批 1/-1 []
测试奖 1990  1/-1 []
测试奖 1990 甲批 4/7 [{南测市 3 2} {北测市 1 2} {工业 2 1}]
测试奖   1/-1 []
空的奖 2000 丙批 0/1 []
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if l, known := s.Lacking("地区"); !known || len(l) != 9 {
		t.Errorf("%d records lack a region, %v", len(l), known)
	}
	if _, known := s.Lacking("没有的字段"); known {
		t.Error("a field that there is not is known")
	}
}
