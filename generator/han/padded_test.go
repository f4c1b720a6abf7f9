package han

import (
	"slices"
	"testing"
)

func TestPadded(t *testing.T) {
	for text, want := range map[string][]string{
		"甲　测、张测试、乙 测":   {"甲测", "乙测"},
		"甲  测（女）":       {"甲测"},
		"甲　测\n乙　测":      {"甲测", "乙测"},
		"第一章　总则":        nil,
		"甲 \n测":         nil,
		"一 abc 二":       nil,
		" 甲 ":           nil,
		"":              nil,
		"甲\u3000":       nil,
		"abc 甲\u2003测。": {"甲测"},
	} {
		if got := Padded([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
