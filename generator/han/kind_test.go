package han

import "testing"

func TestSameKind(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"全国劳动模范", "全国劳动模苑", true},
		{"全国劳动模范", "江西省劳动模范", false},
		{"全国劳动模范", "江西劳动模范", false},
		{"江西省劳动模范", "湖南省劳动模范", false},
		{"江西省劳动模范", "江西省劳模范", true},
		{"江西省劳动模范", "江西市劳动模范", false},
		{"全国五一劳动奖章", "全国五一劳动奖状", false},
		{"全国五一劳动奖章", "全国五一劳动奖璋", true},
		{"2015年测试表彰大会", "2010年测试表彰大会", false},
		{"测试工会第十四次代表大会", "测试工会第十五次代表大会", false},
		{"测试工会第十四次代表大会", "测试工会第十四次代表会", true},
		{"江苏省测试模范", "江西省测试模范", false},
		{"全国测试奖状", "全国测试模范", false},
		{"张测试", "张测式", true},
		{"测试厂", "测试公司", false},
		{"quanguo-laodong-mofan", "jiangxi-laodong-mofan", false},
		{"quanguo-laodong-mofan", "quanguo-laodong-mofam", true},
		{"quanguo-laodong-mofan", "quanguo-laodongmofan", true},
		{"zhang-ceshi", "zhang-ceshi-1950", false},
		{"laomo-1950", "laomo-1956", false},
		{"zhang-ceshi", "zahng-ceshi", true},
		{"zhang-ceshi", "zhao-ceshi", false},
	} {
		if got := SameKind(c.a, c.b); got != c.want {
			t.Errorf("SameKind(%s, %s) = %v", c.a, c.b, got)
		}
		if got := SameKind(c.b, c.a); got != c.want {
			t.Errorf("SameKind(%s, %s) = %v", c.b, c.a, got)
		}
	}
}

func TestUnpaired(t *testing.T) {
	for text, want := range map[string]rune{
		"": 0, "“高炉卫士”探索不息": 0, "《“三师一室”的两种解释》": 0, "〔1950〕5号": 0, "it’s（一)": 0,
		"“高炉卫士探索不息": '“', "高炉卫士”探索不息": '”', "《甲》乙》": '》', "“甲《乙”丙》": '”', "甲“乙“": '“',
	} {
		if got := Unpaired(text); got != want {
			t.Errorf("Unpaired(%q) = %q, want %q", text, got, want)
		}
	}
}
