package han

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestReadName(t *testing.T) {
	for s, want := range map[string]Name{
		"张测试":                 {"张测试", "", "张测试"},
		"张　测":                 {"张测", "", "张测"},
		" 王 　测 ":              {"王测", "", "王测"},
		"甲测（女，回族）":            {"甲测", "女，回族", "甲测"},
		"甲　测 ( 女 )":           {"甲测", "女", "甲测"},
		"甲测[女]":               {"甲测", "女", "甲测"},
		"測試·買買提":              {"測試·買買提", "", "测试·买买提"},
		"测试•买买提":              {"测试·买买提", "", "测试·买买提"},
		"测试・买买提":              {"测试·买买提", "", "测试·买买提"},
		"测试．买买提":              {"测试·买买提", "", "测试·买买提"},
		"测试.买买提":              {"测试·买买提", "", "测试·买买提"},
		"测试 · 买买提（维吾尔族）":      {"测试·买买提", "维吾尔族", "测试·买买提"},
		"趙測試":                 {"趙測試", "", "赵测试"},
		"测试厂（一分厂）":            {"测试厂（一分厂）", "", "测试厂(一分厂)"},
		"测试机床厂(一分厂)":          {"测试机床厂（一分厂）", "", "测试机床厂(一分厂)"},
		"测试（江西）有限公司":          {"测试（江西）有限公司", "", "测试(江西)有限公司"},
		"John  Smith-Test":    {"John Smith-Test", "", "john smith-test"},
		"Ｔｅｓｔ\u200b J. Smith": {"Ｔｅｓｔ J. Smith", "", "test j. smith"},
		"（女）":                 {"（女）", "", "(女)"},
		"　":                   {},
		"":                    {},
	} {
		if got := ReadName(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// TestWritings: five thousand names, each in every writing that lists have, are read as one name, and no two names as the
// same.
func TestWritings(t *testing.T) {
	const seed = 20261126
	t.Log("seed", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	chars := []rune("测试甲乙丙丁戊己庚辛壬癸建国志华伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英")
	keys := map[string]string{}
	for range 5000 {
		n := 2 + rnd.IntN(3)
		name := make([]rune, 0, 8)
		for range n {
			name = append(name, chars[rnd.IntN(len(chars))])
		}
		dotted := rnd.IntN(4) == 0
		if dotted {
			name = append(append(name[:2:2], '·'), name[1:]...)
		}
		text := string(name)
		writings := []string{text, " " + text + "　", text + "（女，回族）", text + "(男)", text + " [ 满族 ]"}
		for _, pad := range []string{"　", " ", "  ", "\u00a0", "\u2003"} {
			writings = append(writings, string(name[:1])+pad+string(name[1:]))
		}
		if dotted {
			for _, dot := range []string{"•", "・", "．", "‧", ".", " · ", "･"} {
				writings = append(writings, strings.Replace(text, "·", dot, 1))
			}
		}
		for _, w := range writings {
			got := ReadName(w)
			if got.Text != text {
				t.Fatalf("%q is read as %q, want %q", w, got.Text, text)
			}
			if other, ok := keys[got.Key]; ok && other != text {
				t.Fatalf("%q and %q have the same key", other, text)
			}
			keys[got.Key] = text
		}
	}
}
