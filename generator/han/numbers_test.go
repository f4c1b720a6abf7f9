package han

import (
	"slices"
	"testing"
)

func TestNaturalOrder(t *testing.T) {
	for _, want := range [][]string{
		{"测试工程第1期", "测试工程第2期", "测试工程第10期", "测试工程第１１期", "测试工程第100期"},
		{"第一届", "第二届", "第三届", "第九届", "第十届", "第十一届", "第二十届", "第二十一届", "第一百零三届"},
		{"2018年", "2018年9月", "2018年10月", "2019年"},
		{"一九五八年", "一九六〇年"},
		{"条例（一）", "条例（二）", "条例（十）"},
		{"A2", "A10"},
	} {
		got := slices.Clone(want)
		slices.Reverse(got)
		slices.SortFunc(got, func(a, b string) int {
			if NameKey(a) < NameKey(b) {
				return -1
			}
			return 1
		})
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if NameKey("第二届") == NameKey("第2届") || NameKey("007") == NameKey("7") {
		t.Error("different names have one key")
	}
}
