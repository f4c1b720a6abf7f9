package han

import (
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestIsHan(t *testing.T) {
	for _, r := range "工〇々龥𠮷𬞟⼀⺟劳○豈" {
		if !IsHan(r) {
			t.Errorf("IsHan(%c) = false", r)
		}
	}
	for _, r := range "a1，。《ーあ가　－·é😀\u0301①" {
		if IsHan(r) {
			t.Errorf("IsHan(%c) = true", r)
		}
	}
}

func TestFoldString(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"ＡＢＣａｂｃ１２３％", "abcabc123%"},
		{"Éclair ÀÉ Ǖ Straße", "eclair ae u straße"},
		{"ΑΒΓ ЖЯ", "αβγ жя"},
		{"勞動模範孟泰", "劳动模范孟泰"},
		{"先進生產者大會", "先进生产者大会"},
		{"由於後來裏面裡邊", "由于后来里面里边"},
		{"乾坤乾隆著作沈阳瞭望藉口夥", "乾坤乾隆著作沈阳瞭望藉口夥"},
		{"戶户戸爲為羣峯強强", "户户户为为群峰强强"},
		{"⼯⼚⼈⾦", "工厂人金"},
		{"豈\uFA0C", "岂兀"},
		{"二○一八年〇", "二〇一八年〇"},
		{"國広沢黒図", "国广泽黑图"},
		{"𩶘䶮龑", "䲞䶮䶮"},
		{"姪徧氷", "侄遍冰"},
		{"　", " "},
		{"干后面发复台", "干后面发复台"},
	} {
		if got := FoldString(c.in); got != c.want {
			t.Errorf("FoldString(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// Every character of simplified text must come out as it went in: 6,763 of them, those of GB 2312, were kept by the generator,
// here the ones that are also a traditional form of something else.
func TestFoldKeepsSimplified(t *testing.T) {
	for _, r := range "乾吒夥徵拚捱摺榘薹袷醣麴麽著着干折拼曲烟么征了借藉瞭覆沈谷斗里余丑只面松准御" {
		if Fold(r) != r {
			t.Errorf("Fold(%c) = %c", r, Fold(r))
		}
	}
}

func TestFoldIsIdempotentAndOneToOne(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if f := Fold(r); Fold(f) != f {
			t.Errorf("Fold(%U) = %U, whose fold is %U", r, f, Fold(f))
		} else if f != r && !utf8.ValidRune(f) {
			t.Errorf("Fold(%U) = %U is no character", r, f)
		} else if IsHan(r) && !IsHan(f) {
			t.Errorf("Fold(%U) = %U leaves the Han script", r, f)
		}
	}
}

func TestFoldTableIsComplete(t *testing.T) {
	n := 0
	for line := range strings.Lines(FoldTable()) {
		if line[0] == '#' {
			continue
		}
		runes := []rune(strings.TrimSuffix(line, "\n"))
		for _, r := range runes[1:] {
			n++
			if Fold(r) != runes[0] {
				t.Errorf("Fold(%c) = %c, the table says %c", r, Fold(r), runes[0])
			}
		}
	}
	if n < 5000 {
		t.Errorf("the table has %d folds, want at least 5000", n)
	}
}

func TestSyllables(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"孟泰", "meng tai"},
		{"劳动模范", "lao dong mo fan"},
		{"勞動模範", "lao dong mo fan"},
		{"重庆市工会", "chong qing shi gong hui"},
		{"中国工商银行行长", "zhong guo gong shang yin hang hang zhang"},
		{"厂长班长，长江长征", "chang zhang ban zhang chang jiang chang zheng"},
		{"1205钻井队", "1205 zuan jing dui"},
		{"G60 科创走廊", "g60 ke chuang zou lang"},
		{"女儿绿旅", "nv er lv lv"},
		{"《音乐》——快乐", "yin yue kuai le"},
		{"", ""},
		{"。！", ""},
	} {
		if got := strings.Join(Syllables(c.in), " "); got != c.want {
			t.Errorf("Syllables(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNameSyllables(t *testing.T) {
	for _, c := range []struct{ in, surname, want string }{
		{"孟泰", "孟", "meng tai"},
		{"曾测试", "曾", "zeng ce shi"},
		{"单测试", "单", "shan ce shi"},
		{"單測試", "單", "shan ce shi"},
		{"张测焘", "张", "zhang ce tao"},
		{"解放军", "解", "xie fang jun"},
		{"仇甲", "仇", "qiu jia"},
		{"区甲", "区", "ou jia"},
		{"查甲", "查", "zha jia"},
		{"任长行", "任", "ren chang xing"},
		{"朴甲", "朴", "piao jia"},
		{"盖甲", "盖", "ge jia"},
		{"尉甲", "尉", "wei jia"},
		{"尉迟甲", "尉迟", "yu chi jia"},
		{"万俟甲", "万俟", "mo qi jia"},
		{"萬俟甲", "萬俟", "mo qi jia"},
		{"乐甲", "乐", "yue jia"},
		{"翟甲", "翟", "zhai jia"},
		{"冼甲", "冼", "xian jia"},
		{"缪甲", "缪", "miao jia"},
		{"召甲", "召", "shao jia"},
		{"欧阳测试", "欧阳", "ou yang ce shi"},
		{"长孙甲", "长孙", "zhang sun jia"},
		{"阿依古丽·买买提", "", "a yi gu li mai mai ti"},
		{"吕甲", "吕", "lv jia"},
		{"甲", "", "jia"},
		{"John Doe", "", "john doe"},
		{"", "", ""},
	} {
		surname, given := SplitName(c.in)
		if surname != c.surname || surname+given != c.in {
			t.Errorf("SplitName(%q) = %q, %q", c.in, surname, given)
		}
		if got := strings.Join(NameSyllables(c.in), " "); got != c.want {
			t.Errorf("NameSyllables(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestInitial(t *testing.T) {
	for name, want := range map[string]byte{
		"曾测试": 'Z', "单测试": 'S', "欧阳甲": 'O', "Éva": 'E', "1205队": '#', "": '#', "《甲》": '#', "张测试": 'Z', "あ": '#', "安": 'A',
	} {
		if got := Initial(name); got != want {
			t.Errorf("Initial(%q) = %c, want %c", name, got, want)
		}
	}
}

func TestNameKeyOrder(t *testing.T) {
	want := []string{"安甲", "曹乙", "陈甲", "单测", "解甲", "解乙", "曾甲", "查甲", "张甲", "张乙", "章甲", "章乙", "赵甲", "1205队"}
	got := slices.Clone(want)
	slices.Reverse(got)
	sort.Slice(got, func(i, j int) bool { return NameKey(got[i]) < NameKey(got[j]) })
	if !slices.Equal(got, want) {
		t.Errorf("order = %v\nwant    %v", got, want)
	}
}

func TestSentenceEnd(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"工会成立。大家都来了。", 20, "工会成立。大家都来了。"},
		{"工会成立。大家都来了，一起开会。", 10, "工会成立。"},
		{"工会。大家都来了一起开会，然后各自回去工作，没有人说话。", 18, "工会。大家都来了一起开会…"},
		{"他说：“我们来了。”然后大家一起走进会场坐下。", 14, "他说：“我们来了。”"},
		{"他说：“我们来了。然后大家一起走进会场坐下。”完", 12, "他说：“我们来了。然…”"},
		{"学习《关于劳模工作的若干意见》的通知下发了", 10, "学习《关于劳模工…》"},
		{"《关于进一步加强和改进新时代劳模工作的若干意见》", 12, "《关于进一步加强和改…》"},
		{"一二三四五六七八九十", 5, "一二三四…"},
		{"一二三 hello world", 8, "一二三…"},
		{"增长了3.5%的人都来了", 6, "增长了…"},
		{"e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301…"},
		{"真的吗？！是的……不知道啊大家都说好", 10, "真的吗？！是的……"},
		{"  空白  ", 10, "空白"},
		{"没有合上的“引号在这里继续下去很长很长。然后呢", 20, "没有合上的“引号在这里继续下去很长很长。"},
		{"一家👨‍👩‍👧三口人都是劳模", 4, "一家…"},
		{"任何", 0, ""},
	} {
		if got := SentenceEnd(c.in, c.max); got != c.want {
			t.Errorf("SentenceEnd(%q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("勞動ＡＢ𠮷\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := FoldString(s)
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(s) {
			t.Errorf("FoldString(%q) = %q has another number of characters", s, got)
		}
		if FoldString(got) != got {
			t.Errorf("FoldString(%q) = %q is not folded", s, got)
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add("万俟测试")
	f.Add("é\xff·")
	f.Fuzz(func(t *testing.T, s string) {
		surname, given := SplitName(s)
		if surname+given != strings.TrimSpace(s) {
			t.Errorf("SplitName(%q) = %q, %q", s, surname, given)
		}
		for _, syllable := range NameSyllables(s) {
			if syllable == "" {
				t.Errorf("NameSyllables(%q) has an empty syllable", s)
			}
		}
		if c := Initial(s); c != '#' && (c < 'A' || c > 'Z') {
			t.Errorf("Initial(%q) = %c", s, c)
		}
		if other := s + "甲"; NameKey(s) == NameKey(other) && strings.TrimSpace(s) != strings.TrimSpace(other) {
			t.Errorf("NameKey does not tell %q from %q", s, other)
		}
	})
}

func FuzzSentenceEnd(f *testing.F) {
	f.Add("他说：“我们来了。”然后《关于》e\u0301。", 9)
	f.Add("（（（", 2)
	f.Add("《一二三四五六七八九十》", 6)
	f.Fuzz(func(t *testing.T, s string, max int) {
		max %= 200
		got := SentenceEnd(s, max)
		if n := utf8.RuneCountInString(got); n > max && max > 0 {
			t.Errorf("SentenceEnd(%q, %d) = %q has %d characters", s, max, got, n)
		}
		text := strings.ToValidUTF8(strings.TrimSpace(s), "")
		if utf8.ValidString(s) && max > 0 && utf8.RuneCountInString(text) <= max && got != text {
			t.Errorf("SentenceEnd(%q, %d) = %q, want all of it", s, max, got)
		}
		body := strings.TrimRight(got, "…》〉”’」』）)】〕〗］]")
		if utf8.ValidString(s) && !strings.HasPrefix(text, body) {
			t.Errorf("SentenceEnd(%q, %d) = %q is no beginning of it", s, max, got)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	text := strings.Repeat("工会改革是一项长期任务，勞動模範孟泰。", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		n := 0
		for _, r := range text {
			n += int(Fold(r))
		}
		if n == 0 {
			b.Fatal()
		}
	}
}
