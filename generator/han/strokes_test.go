package han

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

// tgh is the property kTGH of Unihan 15.0 (Unicode License v3): the three levels of the table, one a line.
//
//go:embed testdata/tgh.txt
var tgh string

// In each number of strokes, the characters of each level of 《通用规范汉字表》 (2013) stand in the order of the table.
func TestStrokeOrderIsTheTables(t *testing.T) {
	levels := strings.Fields(tgh)
	if len(levels) != 3 {
		t.Fatalf("%d levels", len(levels))
	}
	for i, level := range levels {
		chars := []rune(level)
		if want := []int{3500, 3000, 1605}[i]; len(chars) != want {
			t.Fatalf("level %d has %d characters, want %d", i+1, len(chars), want)
		}
		inversions := 0
		for k := 1; k < len(chars); k++ {
			a, b := strokes(chars[k-1]), strokes(chars[k])
			if a.count == 0 || b.count == 0 || b.count < a.count || b.place <= a.place {
				inversions++
				t.Errorf("level %d: %c (%d, %d) stands before %c (%d, %d)", i+1, chars[k-1], a.count, a.place, chars[k], b.count, b.place)
			}
		}
	}
}

func TestStrokes(t *testing.T) {
	for r, want := range map[rune]int{'一': 1, '丁': 2, '王': 4, '张': 7, '張': 7, '饶': 9, '曾': 12, '瞿': 18, 'a': 0, '·': 0} {
		if got := Strokes(r); got != want {
			t.Errorf("%c has %d strokes, want %d", r, got, want)
		}
	}
}

// The two orders of official lists differ in names of one surname, one with a given name of one character.
func TestNamesInTheOrderOfStrokes(t *testing.T) {
	names := strings.Fields("丁测试 王测 王测试 王一测 文测试 田富 田大利 欧甲测 欧阳测 林测试 单测试 洪测试 饶测试 曾测试 阿依测·买买提 John")
	bySurname := slices.SortedFunc(slices.Values(names), func(a, b string) int {
		return strings.Compare(SurnameStrokeKey(a), SurnameStrokeKey(b))
	})
	if got, want := strings.Join(bySurname, " "), "丁测试 王测 王一测 王测试 文测试 田富 田大利 阿依测·买买提 林测试 欧甲测 欧阳测 单测试 饶测试 洪测试 曾测试 John"; got != want {
		t.Errorf("按姓氏笔画 %s\nwant %s", got, want)
	}
	byName := slices.SortedFunc(slices.Values(names), func(a, b string) int {
		return strings.Compare(NameStrokeKey(a), NameStrokeKey(b))
	})
	if got, want := strings.Join(byName, " "), "丁测试 王一测 王测 王测试 文测试 田大利 田富 阿依测·买买提 林测试 欧甲测 欧阳测 单测试 饶测试 洪测试 曾测试 John"; got != want {
		t.Errorf("按姓名笔画 %s\nwant %s", got, want)
	}
}

// Three lists as they were published 按姓氏笔画: the Political Bureaus elected in 2012, 2017 and 2022 (新华社, 2012-11-15, 2017-10-25, 2022-10-23).
func TestPublishedLists(t *testing.T) {
	for _, list := range []string{
		"习近平 马凯 王岐山 王沪宁 刘云山 刘延东 刘奇葆 许其亮 孙春兰 孙政才 李克强 李建国 李源潮 汪洋 张春贤 张高丽 张德江 范长龙 孟建柱 赵乐际 胡春华 俞正声 栗战书 郭金龙 韩正",
		"丁薛祥 习近平 王晨 王沪宁 刘鹤 许其亮 孙春兰 李希 李强 李克强 李鸿忠 杨洁篪 杨晓渡 汪洋 张又侠 陈希 陈全国 陈敏尔 赵乐际 胡春华 栗战书 郭声琨 黄坤明 蔡奇",
		"丁薛祥 习近平 马兴瑞 王毅 王沪宁 尹力 石泰峰 刘国中 李希 李强 李干杰 李书磊 李鸿忠 何卫东 何立峰 张又侠 张国清 陈文清 陈吉宁 陈敏尔 赵乐际 袁家军 黄坤明 蔡奇",
	} {
		names := strings.Fields(list)
		got := slices.SortedFunc(slices.Values(names), func(a, b string) int {
			return strings.Compare(SurnameStrokeKey(a), SurnameStrokeKey(b))
		})
		if strings.Join(got, " ") != list {
			t.Errorf("%s\nwant %s", strings.Join(got, " "), list)
		}
	}
}
