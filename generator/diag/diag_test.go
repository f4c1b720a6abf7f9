package diag

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSort(t *testing.T) {
	random := seeded(t)
	want := List{
		Errorf(Pos{"a.md", 0, 0}, "x", "整个文件"),
		Errorf(Pos{"a.md", 2, 1}, "x", "甲"),
		Errorf(Pos{"a.md", 2, 3}, "x", "甲"),
		Warningf(Pos{"a.md", 2, 3}, "x", "甲"),
		Warningf(Pos{"a.md", 2, 3}, "y", "乙"),
		Warningf(Pos{"a.md", 2, 3}, "y", "甲"),
		Errorf(Pos{"a.md", 10, 1}, "x", "甲"),
		Errorf(Pos{"b.md", 1, 1}, "x", "甲"),
	}
	for range 20 {
		l := append(List{}, want...)
		l = append(l, want[random.IntN(len(want))], want[random.IntN(len(want))])
		random.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
		l.Sort()
		if len(l) != len(want) {
			t.Fatalf("repetitions stay: %v", l)
		}
		for i := range l {
			if l[i] != want[i] {
				t.Fatalf("%d is %v, want %v", i, l[i], want[i])
			}
		}
		if l.Errors() != 5 || l.Warnings() != 3 {
			t.Fatalf("%d errors, %d warnings", l.Errors(), l.Warnings())
		}
	}
}

func TestPrint(t *testing.T) {
	l := List{
		Errorf(Pos{"content/a.md", 0, 0}, "x", "整个文件"),
		{Pos: Pos{"content/a.md", 3, 4}, Text: "第一行\n第二行\x1b[31m", Source: "甲：bc\t\u202e丁\x1b"},
		{Pos: Pos{"content/\x1b[2Ja\n.md", 1, 99}, Severity: Warning, Text: "列在行外", Source: "甲"},
		{Pos: Pos{"a.md", 1, 50}, Text: "长行", Source: strings.Repeat("长", 49) + "x" + strings.Repeat("行", 50)},
	}
	var b strings.Builder
	if err := l.Print(&b); err != nil {
		t.Fatal(err)
	}
	want := `content/a.md:1:1: 错误: 整个文件
content/a.md:3:4: 错误: 第一行 第二行 [31m
    甲：bc  丁 
    　　 ^
content/ [2Ja .md:1:99: 警告: 列在行外
    甲
    　^
a.md:1:50: 错误: 长行
    …` + strings.Repeat("长", 30) + "x" + strings.Repeat("行", 29) + "…\n     " + strings.Repeat("　", 30) + "^\n"
	if b.String() != want {
		t.Errorf("got\n%q\nwant\n%q", b.String(), want)
	}
	if err := l.Print(full{}); err == nil {
		t.Error("a full disk is no success")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWithSource(t *testing.T) {
	reads := 0
	l := List{
		Errorf(Pos{"a.md", 2, 1}, "x", "甲"), Errorf(Pos{"a.md", 1, 1}, "x", "甲"), Errorf(Pos{"a.md", 99, 1}, "x", "甲"),
		Errorf(Pos{"a.md", 0, 0}, "x", "甲"), Errorf(Pos{"gone.md", 1, 1}, "x", "甲"), Errorf(Pos{"gbk.md", 1, 1}, "x", "甲"),
	}
	got := l.WithSource(func(path string) ([]byte, error) {
		reads++
		switch path {
		case "a.md":
			return []byte("\ufeff第一行\r\n第二行"), nil
		case "gbk.md":
			return []byte("\xc0\xcd"), nil
		}
		return nil, errors.New("gone")
	})
	for i, want := range []string{"第二行", "第一行", "", "", "", ""} {
		if got[i].Source != want {
			t.Errorf("%d: source %q, want %q", i, got[i].Source, want)
		}
	}
	if reads != 3 {
		t.Errorf("read %d times, want each file once", reads)
	}
	if l[0].Source != "" {
		t.Error("the list itself was changed")
	}
}

func TestNearest(t *testing.T) {
	words := []string{"title", "date", "标题", "出生日期", "Region", "tags"}
	for s, want := range map[string]string{"titel": "title", "tile": "title", "data": "date", "出生日其": "出生日期", "region": "Region", "regoin": "Region", "标提": "标题", "tag": "tags", "xyz": "", "": "", "abcdefgh": ""} {
		if got := Nearest(s, words); got != want {
			t.Errorf("%q is near %q, want %q", s, got, want)
		}
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("甲乙丙", 2)
	f.Add(strings.Repeat("长", 200), 150)
	f.Fuzz(func(t *testing.T, s string, col int) {
		line, caret := Excerpt(s, col)
		if strings.ContainsAny(line, "\n\r\x1b") || strings.Trim(caret, " 　") != "^" || utf8.RuneCountInString(line) > excerptWidth+2 {
			t.Errorf("%q %d: %q %q", s, col, line, caret)
		}
	})
}

// seeded gives random numbers that can be had again: the seed is printed, and GONGZHI_SEED sets it.
func seeded(t testing.TB) *rand.Rand {
	seed, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("GONGZHI_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// TestLongText: who quotes something very long has its ends said, as whole characters, however many bytes are none.
func TestLongText(t *testing.T) {
	for _, quoted := range []string{strings.Repeat("甲测", 9000), strings.Repeat("a甲", 9000), strings.Repeat("\x80", 70000), strings.Repeat("x", 70000)} {
		for _, m := range []Message{Errorf(Pos{}, "a/b", "现在是“%s”，请改。", quoted), Warningf(Pos{}, "a/b", "现在是“%s”，请改。", quoted)} {
			if len(m.Text) > 3200 || !strings.HasPrefix(m.Text, "现在是“") || !strings.HasSuffix(m.Text, "”，请改。") || !strings.Contains(m.Text, "……（中间略去 ") {
				t.Errorf("%d bytes: %.60s", len(m.Text), m.Text)
			}
			if utf8.ValidString(quoted) && !utf8.ValidString(m.Text) {
				t.Errorf("a character is cut: %q", m.Text)
			}
		}
	}
	if short := strings.Repeat("甲", 1900); Errorf(Pos{}, "a/b", "%s", short).Text != short {
		t.Error("what can be read is shortened")
	}
}
