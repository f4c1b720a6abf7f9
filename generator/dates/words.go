package dates

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// parseTwice reads a date written in two calendars, 民国三十六年（1947年）, 1958年5月1日（农历三月十三）, 1958年（戊戌年）: the one that
// is understood, if the other does not contradict it. The error is errSyntax where the brackets hold something else.
func parseTwice(t string) (Date, error) {
	outer, inner, ok := strings.Cut(strings.TrimSuffix(t, ")"), "(")
	if !ok || !strings.HasSuffix(t, ")") || outer == "" || inner == "" {
		return Date{}, errSyntax
	}
	a, errA := parsePlain(outer)
	b, errB := parsePlain(inner)
	switch {
	case errA != nil && errB != nil:
		return Date{}, errSyntax
	case errA == nil && errB == nil:
		if a.lower <= b.lower && b.upper <= a.upper {
			return b, nil
		}
		if b.lower <= a.lower && a.upper <= b.upper {
			return a, nil
		}
		return Date{}, fmt.Errorf("“%s”里的两种写法对不上：%s是 %s，%s是 %s，请核对", t, outer, a.edtf, inner, b.edtf)
	case errA != nil:
		a, outer, inner = b, inner, outer
	}
	if name := cycle(inner); name != "" {
		if from, to := a.Years(); from == to && cycleName(from) != name {
			return Date{}, fmt.Errorf("“%s”里的两种写法对不上：%d年是%s年，请核对", t, from, cycleName(from))
		}
		return a, nil
	}
	if lunar(inner) || reignYear(inner) > 0 {
		return a, nil
	}
	return Date{}, errSyntax
}

// parsePlain reads a date without brackets and of this calendar.
func parsePlain(t string) (Date, error) {
	if lunar(t) || strings.ContainsAny(t, "()") {
		return Date{}, errSyntax
	}
	d, err := parseSpan(t)
	if err == errSyntax {
		d, err = parseQualified(t)
	}
	return d, err
}

// lunar reports words of the calendar that months and feasts went by.
func lunar(t string) bool {
	for _, word := range [...]string{"农历", "阴历", "旧历", "夏历", "正月", "腊月", "冬月", "闰", "春节", "除夕", "元宵", "端午", "中秋", "重阳"} {
		if strings.Contains(t, word) {
			return true
		}
	}
	return false
}

const stems, branches = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"

// cycle is the name of a year in the cycle of sixty at the beginning of a text, 戊戌; else "".
func cycle(t string) string {
	r := []rune(t)
	if len(r) < 2 || !strings.ContainsRune(stems, r[0]) || !strings.ContainsRune(branches, r[1]) {
		return ""
	}
	return string(r[:2])
}

func cycleName(year int) string {
	return string([]rune(stems)[(year+56)%10]) + string([]rune(branches)[(year+56)%12])
}

// Eras that sources of the last two hundred years count by, with the year before their first.
var eras = []struct {
	name   string
	before int
}{{"道光", 1820}, {"咸丰", 1850}, {"同治", 1861}, {"光绪", 1874}, {"宣统", 1908}, {"康德", 1933}, {"大正", 1911}, {"昭和", 1925}}

// reignYear is about the year that 光绪三十四年 names; 0 if a text does not begin so.
func reignYear(t string) int {
	t = strings.TrimPrefix(strings.TrimPrefix(t, "清"), "伪满")
	for _, era := range eras {
		if rest, ok := strings.CutPrefix(t, era.name); ok {
			name, _, _ := strings.Cut(rest, "年")
			n, ok := number(name)
			if name == "元" {
				n, ok = 1, true
			}
			if ok && n > 0 && n < 65 {
				return era.before + n
			}
		}
	}
	return 0
}

// Feasts of a fixed day, and what may follow their names.
var (
	feasts = []struct {
		name       string
		month, day int
	}{{"元旦", 1, 1}, {"三八", 3, 8}, {"五一", 5, 1}, {"五四", 5, 4}, {"六一", 6, 1}, {"七一", 7, 1}, {"八一", 8, 1}, {"国庆", 10, 1}}
	feastTails = []string{"国际劳动节", "劳动节", "国际劳动妇女节", "国际妇女节", "妇女节", "青年节", "国际儿童节", "儿童节", "建党节", "建军节", "节"}
)

// parseFeast reads 五一, 国庆节, “五一”国际劳动节 behind a year; the eve (前夕) is about in the month of the day before.
func parseFeast(year, rest string) (Date, error) {
	rest = strings.NewReplacer("“", "", "”", "", "\"", "").Replace(rest)
	for _, f := range feasts {
		tail, ok := strings.CutPrefix(rest, f.name)
		if !ok {
			continue
		}
		for _, w := range feastTails {
			if after, ok := strings.CutPrefix(tail, w); ok {
				tail = after
				break
			}
		}
		switch {
		case f.name == "国庆" && year < "1950":
			return Date{}, fmt.Errorf("“%s年%s”：1949 年以前的国庆不是10月1日，请写出月和日", year, rest)
		case tail == "" || tail == "当天" || tail == "当日":
			return parsePoint(fmt.Sprintf("%s-%02d-%02d", year, f.month, f.day))
		case tail == "期间":
			return parsePoint(fmt.Sprintf("%s-%02d-%02d~", year, f.month, f.day))
		case tail == "前夕" && f.day > 1:
			return parsePoint(fmt.Sprintf("%s-%02d~", year, f.month))
		case tail == "前夕" && f.month > 1:
			return parsePoint(fmt.Sprintf("%s-%02d~", year, f.month-1))
		}
	}
	return Date{}, errSyntax
}

// relativeEnd writes the end of an interval out that speaks of its beginning: 次年1月2日, 同月5日.
func relativeEnd(a Date, right string) string {
	year, month := int(a.upper/1_00_00), int(a.upper/100%100)
	for i, words := range [...][]string{{"同年", "当年", "是年", "本年"}, {"次年", "翌年", "第二年"}} {
		for _, w := range words {
			if rest, ok := strings.CutPrefix(right, w); ok {
				return fmt.Sprintf("%04d年%s", year+i, rest)
			}
		}
	}
	for _, w := range [...]string{"同月", "当月", "是月", "本月"} {
		if rest, ok := strings.CutPrefix(right, w); ok && a.prec <= Month {
			return fmt.Sprintf("%04d年%d月%s", year, month, rest)
		}
	}
	return right
}

var (
	relative  = regexp.MustCompile(`^(同|次|翌|是|当|本|上|去|今|前|第二)(年|月|日|天)|^(同上|〃|″|"|同前)$`)
	yearLast  = regexp.MustCompile(`^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})$`)
	yearMonth = regexp.MustCompile(`^(1[89]|20)[0-9]{2}(0[1-9]|1[0-2])$`)
	noYear    = regexp.MustCompile(`^(某年|[?X]*年|年不详)?([0-9]{1,2}|[一二三四五六七八九十]{1,3})月`)
)

// explain says why a text is no date, as far as that can be seen, and what to write instead.
func explain(s string) error {
	t := normalise(s)
	if t == "" {
		return notADate(s)
	}
	switch {
	case relative.MatchString(t):
		return fmt.Errorf("“%s”要看别处才知道是哪一天：请把年月日写出来", s)
	case yearLast.MatchString(t):
		return fmt.Errorf("“%s”分不清年、月、日：请把年份写在最前面，如 1958-05-01", s)
	case yearMonth.MatchString(t):
		return fmt.Errorf("看不懂日期“%s”：若是%s年%d月，请写 %s-%s", s, t[:4], digits(t[4:]), t[:4], t[4:])
	case noYear.MatchString(t):
		return fmt.Errorf("“%s”没有年份：请补上，如 1958年5月1日；年份不详就留空，原来的写法放在附注或正文里", s)
	}
	if year := reignYear(t); year > 0 {
		return fmt.Errorf("“%s”是年号纪年，大致是公元%d年：请核对后写 %d，原来的写法放在附注或正文里", s, year, year)
	}
	if name := cycle(t); name != "" && strings.Contains(t, "年") {
		for year := 1840; year < 1900; year++ {
			if cycleName(year) == name {
				return fmt.Errorf("“%s”是干支纪年，可能是 %d、%d 或 %d年：请核对后写公元年份，原来的写法放在附注或正文里", s, year, year+60, year+120)
			}
		}
	}
	if parts := strings.FieldsFunc(t, func(r rune) bool { return strings.ContainsRune("、,;和及", r) }); len(parts) > 1 {
		if d, err := parsePlain(parts[0]); err == nil {
			return fmt.Errorf("“%s”里有几个日期，这里只写一个：连着的写起止，如 %s/…；不连着的，分成几条记录", s, strings.TrimRight(d.edtf, "?~%"))
		}
		if d, err := parsePlain(parts[0] + "年"); err == nil {
			return fmt.Errorf("“%s”里有几个日期，这里只写一个：连着的写起止，如 %s/…；不连着的，分成几条记录", s, d.edtf)
		}
	}
	for i := len(t) - 1; i >= 4; i-- { // 1958年5月卒, 2005年8月（补授）
		if !utf8.RuneStart(t[i]) || strings.ContainsAny(t[i:], "0123456789廿卅十〇一二两三四五六七八九") || strings.IndexFunc(t[i:], isHan) < 0 {
			continue
		}
		if d, err := parsePlain(t[:i]); err == nil && !d.Interval() {
			return fmt.Errorf("“%s”里读得懂的只有“%s”：请写 %s，知道得更确切就写确切的；其余的“%s”放在附注或正文里", s, t[:i], d.edtf, t[i:])
		}
	}
	return notADate(s)
}
