package han

import (
	"strings"
	"unicode"
)

// The words that tell things of one look apart. Of each class the first word that a name has counts; those that mean
// the same stand together.
var (
	levelWords = [][]string{{"全国", "国家", "中央", "quanguo", "guojia"}, {"自治区", "省"}, {"市"}, {"自治县", "县"}, {"区"}, {"乡"}, {"镇"}, {"街道"}, {"厂"}, {"公司"}}
	kindWords  = [][]string{{"奖状"}, {"奖章"}, {"奖牌"}, {"证书"}, {"先锋号"}, {"标兵岗"}, {"标兵"}, {"能手"}, {"工匠"}, {"劳动模范", "劳模", "模范"}, {"先进工作者"}, {"先进生产者"}, {"先进集体"}, {"先进个人"}, {"集体"}, {"班组"}}
)

// SameKind reports whether two names that are near in writing may be two writings of one thing. They may not if they
// say another level (全国、省、市) or another place of it, another kind (奖章、奖状), or another number, year or ordinal: those
// differences are what the names are for. Ids of letters may not either if one of their words is another word.
func SameKind(a, b string) bool {
	a, b = FoldString(a), FoldString(b)
	if numbersOf(a) != numbersOf(b) {
		return false
	}
	if isASCII(a) && isASCII(b) {
		return sameWords(a, b)
	}
	la, pa := wordOf(a, levelWords)
	lb, pb := wordOf(b, levelWords)
	if la >= 0 && lb >= 0 && (la != lb || la > 0 && !samePlace(a[:pa], b[:pb])) {
		return false
	}
	if (la == 0) != (lb == 0) {
		return false // 全国劳动模范, 江西劳动模范
	}
	ka, _ := wordOf(a, kindWords)
	kb, _ := wordOf(b, kindWords)
	return ka < 0 || kb < 0 || ka == kb
}

// samePlace compares what stands before 省, 市 …: of short names one character is all the difference.
func samePlace(a, b string) bool {
	return a == b || len([]rune(a)) >= 4 && len([]rune(b)) >= 4 && nearlyEqual(a, b)
}

// wordOf gives the class of the first word of a list that s has, and where it stands; -1 without.
func wordOf(s string, list [][]string) (class, at int) {
	class, at = -1, len(s)
	for i, words := range list {
		for _, w := range words {
			if p := strings.Index(s, w); p >= 0 && p < at {
				class, at = i, p
			}
		}
	}
	return class, at
}

// numbersOf gives the numbers of a name, one after another, in digits.
func numbersOf(s string) string {
	var b strings.Builder
	inside := false
	for _, r := range s {
		d := -1
		switch {
		case r >= '0' && r <= '9':
			d = int(r - '0')
		case strings.ContainsRune("〇零一二三四五六七八九十百", r):
			d = strings.IndexRune("〇零一二三四五六七八九十百", r)
		}
		if d < 0 {
			if inside {
				b.WriteByte(' ')
			}
			inside = false
			continue
		}
		inside = true
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// sameWords compares ids: word by word, each at most slightly different, or all letters but for one.
func sameWords(a, b string) bool {
	cut := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	wa, wb := strings.FieldsFunc(a, cut), strings.FieldsFunc(b, cut)
	if len(wa) != len(wb) {
		return nearlyEqual(strings.Join(wa, ""), strings.Join(wb, ""))
	}
	for i := range wa {
		if !nearlyEqual(wa[i], wb[i]) {
			return false
		}
	}
	return true
}

// nearlyEqual reports whether one character, or in a word of eight and more two, was left out, put in or exchanged, or two
// neighbours were.
func nearlyEqual(a, b string) bool {
	x, y := []rune(a), []rune(b)
	limit := 1
	if min(len(x), len(y)) >= 8 {
		limit = 2
	}
	return apart(x, y, limit) <= limit
}

// apart is the least number of such changes between two words, or more than limit.
func apart(x, y []rune, limit int) int {
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	if len(x) == 0 || len(y) == 0 {
		return max(len(x), len(y))
	}
	if limit == 0 {
		return 1
	}
	best := min(apart(x[1:], y[1:], limit-1), apart(x[1:], y, limit-1), apart(x, y[1:], limit-1))
	if len(x) > 1 && len(y) > 1 && x[0] == y[1] && x[1] == y[0] {
		best = min(best, apart(x[2:], y[2:], limit-1))
	}
	return best + 1
}
