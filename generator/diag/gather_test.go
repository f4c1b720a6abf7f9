package diag

import (
	"fmt"
	"strings"
	"testing"
)

// TestGather: what has one cause is said once, what has many stays, and nobody is handed a hundred thousand lines.
func TestGather(t *testing.T) {
	var l List
	for i := range 47 { // one record is gone, 47 refer to it
		l = append(l, Errorf(Pos{fmt.Sprintf("content/t/%d.csv", i%3), i + 2, 5}, "ref/unknown", "找不到“测试称号”。").Because("测试称号"))
	}
	for i := range 40 { // 40 files with a mistake each, of the same words
		l = append(l, Errorf(Pos{fmt.Sprintf("content/r/%02d.md", i), 3, 7}, "date", "没有这一天。"))
	}
	for i := range 900 { // a folder of another program
		l = append(l, Warningf(Pos{fmt.Sprintf("content/x/%03d.md", i), 9, 1}, "link", "链接 %d 找不到。", i))
	}
	l.Sort()
	before := fmt.Sprint(l)
	got := l.Gather()
	if fmt.Sprint(l) != before {
		t.Fatal("the list itself was changed")
	}
	count := map[string]int{}
	for _, m := range got {
		count[m.ID]++
	}
	if count["ref/unknown"] != 1 || count["date"] != 40 || count["link"] != cutTo+1 {
		t.Fatalf("%v", count)
	}
	text := fmt.Sprint(got)
	for _, want := range []string{
		"找不到“测试称号”。同样的共有 47 处：content/t/0.csv 第 2、5、8、11、14、17 行，等等。",
		"这一类（link）后面还有 887 条，没有一一列出",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not said in %s", want, text)
		}
	}
	at := func(path string, line int, cause string) Message {
		return Errorf(Pos{path, line, 1}, "x", "%s。", cause).Because(cause)
	}
	few := List{at("a.md", 1, "甲"), at("a.md", 2, "乙"), at("a.md", 7, "甲"), at("b.md", 4, "甲"), at("b.md", 5, "甲"), at("b.md", 6, "乙"), at("b.md", 7, "乙")}
	if got := few.Gather(); len(got) != 4 || got[0].Text != "甲。同样的共有 4 处：a.md 第 1、7 行，b.md 第 4、5 行。" || got[3].Text != "乙。" {
		t.Errorf("%v", got)
	}
	if got := List(nil).Gather(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
