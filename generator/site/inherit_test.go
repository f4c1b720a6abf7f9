package site

import (
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
)

// TestInherit: a conferral has from its round what it does not say itself; one edit of the round changes all of them.
func TestInherit(t *testing.T) {
	files := fstest.MapFS{
		"content/honors/h.md":         {Data: []byte("---\ntitle: 测试奖\nlevel: 其他\n---\n")},
		"content/honors/g.md":         {Data: []byte("---\ntitle: 别的奖\nlevel: 其他\n---\n")},
		"content/rounds/r.md":         {Data: []byte("---\ntitle: 第一批\nhonor: h\ndate: 2005-04\ngrantor: [甲会, 乙会]\n---\n")},
		"content/rounds/bare.csv":     {Data: []byte("id,title,honor\nbare,没有时间的,h\n")},
		"content/conferrals/list.csv": {Data: []byte("id,round,honor,recipient,date,grantor\n1,r,,!张测试,,\n2,第一批,g,!李测试,2006,\n3,bare,,!王测试,,丙会\n4,,h,!赵测试,,\n")},
	}
	load := func() *Site {
		set, err := content.Load(files, content.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := Join(set, DefaultSettings(), Options{})
		for _, d := range append(set.Diags, s.Diags...) {
			t.Errorf("%s", d)
		}
		return s
	}
	show := func(s *Site) string {
		var b strings.Builder
		for _, id := range []string{"1", "2", "3", "4"} {
			r := s.keyed("conferrals/" + id)
			f := r.Schema.Field
			b.WriteString(id + " " + r.Title + " " + r.Day.String())
			if v := r.Value(f("grantor")); v != nil {
				v.Each(func(v *content.Value) { b.WriteString(" " + v.Text) })
			}
			if v := r.Value(f("honor")); v == nil || r.Target(v) == nil {
				t.Errorf("%s has no honour", id)
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	if got, want := show(load()), "1 张测试获测试奖 2005-04 甲会 乙会\n2 李测试获别的奖 2006 甲会 乙会\n3 王测试获测试奖  丙会\n4 赵测试获测试奖 \n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	files["content/rounds/r.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 第一批\nhonor: h\ndate: 2005-05\n---\n")}
	if got, want := show(load()), "1 张测试获测试奖 2005-05\n2 李测试获别的奖 2006\n3 王测试获测试奖  丙会\n4 赵测试获测试奖 \n"; got != want {
		t.Errorf("after the edit\n%swant\n%s", got, want)
	}
	s := load()
	own := s.keyed("conferrals/1").Own()
	if at := s.Of(own); at == nil || len(own.Values) != 2 || len(at.Values) != 4 {
		t.Errorf("its own values are %d, those on the site %v", len(own.Values), at)
	}
	files["content/conferrals/list.csv"] = &fstest.MapFile{Data: []byte("id,round,honor,recipient\n1,,,!张测试\n2,没有这一批,,!张测试\n")}
	set, err := content.Load(files, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := append(set.Diags, Join(set, DefaultSettings(), Options{}).Diags...)
	var ids []string
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	if got := strings.Join(ids, " "); got != "schema/required ref/unknown" {
		t.Errorf("the messages are %v", all)
	}
}
