package dates

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/han"
)

// parseEra reads centuries and decades: 20世纪, 20世纪50年代, 二十世纪五十年代, 上世纪80年代, 1950年代, 五十年代.
// The last means the twentieth century, which is what a modern archive speaks of; for 00, 10 and 20 it is
// not clear which, so the century is asked for. A part of a decade (五十年代初) is the decade.
func parseEra(t string) (Date, error) {
	rest := t
	first := -1 // the first year of the century
	if i := strings.Index(t, "世纪"); i >= 0 {
		switch name := t[:i]; name {
		case "上":
			first = 1900
		case "本":
			first = 2000
		default:
			n, ok := number(name)
			if !ok || n < 1 || n > 100 {
				return Date{}, errSyntax
			}
			first = (n - 1) * 100
		}
		rest = t[i+len("世纪"):]
	}
	for _, part := range [...]string{"初期", "中期", "后期", "末期", "早期", "晚期", "前期", "中叶", "初", "末", "中"} {
		if r, ok := strings.CutSuffix(rest, part); ok && (strings.HasSuffix(r, "年代") || r == "" && first >= 0) {
			rest = r
			break
		}
	}
	if rest == "" && first >= 0 {
		return parsePoint(fmt.Sprintf("%02dXX", first/100))
	}
	name, ok := strings.CutSuffix(rest, "年代")
	if !ok {
		return Date{}, errSyntax
	}
	if d, err := twoDecades(name, first); err != errSyntax {
		return d, err
	}
	n, ok := number(name)
	switch {
	case name == "00" || name == "〇〇":
		n, ok = 0, true
	case !ok:
		return Date{}, errSyntax
	}
	if n%10 != 0 || n > 90 && first >= 0 {
		return Date{}, errSyntax
	}
	if n >= 1000 && n <= 9990 && first < 0 {
		return parsePoint(fmt.Sprintf("%03dX", n/10))
	}
	if n > 90 {
		return Date{}, errSyntax
	}
	if first < 0 {
		if n < 30 {
			return Date{}, fmt.Errorf("“%s”不知是哪个世纪：请写 20世纪%d年代 或 21世纪%d年代", t, n, n)
		}
		first = 1900
	}
	return parsePoint(fmt.Sprintf("%03dX", (first+n)/10))
}

// twoDecades reads 五六十, which is the fifties and sixties.
func twoDecades(name string, first int) (Date, error) {
	body, ok := strings.CutSuffix(name, "十")
	r := []rune(body)
	if !ok || len(r) != 2 || han.Digit(r[0]) < 1 || han.Digit(r[1]) != han.Digit(r[0])+1 {
		return Date{}, errSyntax
	}
	if first < 0 {
		first = 1900
	}
	return parseEDTF(fmt.Sprintf("%03dX/%03dX", first/10+han.Digit(r[0]), first/10+han.Digit(r[1])))
}

var seasons = []string{"春", "夏", "秋", "冬"}

// parseCalendar reads year, month and day with their Chinese units, the year also of the Republic (民国).
func parseCalendar(t string) (Date, error) {
	name, rest, ok := strings.Cut(t, "年")
	if !ok {
		return Date{}, errSyntax
	}
	year, err := calendarYear(t, name)
	if err != nil {
		return Date{}, err
	}
	if rest = strings.TrimSuffix(rest, "间"); rest == "" || rest == "度" || rest == "全年" {
		return parsePoint(year)
	}
	if d, err := parseFeast(year, rest); err != errSyntax {
		return d, err
	}
	if i := slices.Index(seasons, strings.TrimSuffix(strings.TrimSuffix(rest, "天"), "季")); i >= 0 {
		return parsePoint(fmt.Sprintf("%s-%d", year, 21+i))
	}
	switch rest {
	case "初", "年初":
		return parsePoint(year + "-01~")
	case "底", "末", "年底", "年末", "岁末":
		return parsePoint(year + "-12~")
	case "中", "年中":
		return parsePoint(year)
	case "某月":
		return parsePoint(year + "-XX")
	case "某月某日", "月日":
		return parsePoint(year + "-XX-XX")
	case "前三季度":
		return parseEDTF(year + "-01/" + year + "-09")
	case "上半年":
		return parseEDTF(year + "-01/" + year + "-06")
	case "下半年":
		return parseEDTF(year + "-07/" + year + "-12")
	}
	if q, ok := strings.CutSuffix(rest, "季度"); ok {
		n, ok := number(strings.TrimPrefix(q, "第"))
		if !ok || n < 1 || n > 4 {
			return Date{}, errSyntax
		}
		return parseEDTF(fmt.Sprintf("%s-%02d/%s-%02d", year, n*3-2, year, n*3))
	}
	return calendarMonth(t, year, rest)
}

// calendarYear reads what stands before 年, into four digits.
func calendarYear(t, name string) (string, error) {
	if r, ok := strings.CutPrefix(name, "民国"); ok {
		n, ok := number(r)
		if r == "元" {
			n, ok = 1, true
		}
		if !ok || n < 1 || n > 38 {
			return "", fmt.Errorf("“%s”看不懂：民国纪年可写元年到38年，其余请写公元年份", t)
		}
		return fmt.Sprintf("%04d", 1911+n), nil
	}
	known := strings.TrimRight(name, "Xx") // 195X, 19XX
	if open := len(name) - len(known); open <= 2 {
		if year := yearDigits(known + "00"[:open]); year != "" {
			return year[:4-open] + "XX"[:open], nil
		}
	}
	name = strings.TrimLeft(name, "'’‘")
	if n, ok := number(name); ok && n < 100 {
		return "", fmt.Errorf("“%s”的年份要写四位数字，如 19%02d年", t, n)
	}
	return "", errSyntax
}

// calendarMonth reads a month, with what stands behind it.
func calendarMonth(t, year, rest string) (Date, error) {
	name, rest, found := strings.Cut(rest, "月")
	if !found {
		return Date{}, errSyntax
	}
	if isOpen(name) && (rest == "" || rest == "日" || rest != "" && isOpen(strings.TrimSuffix(rest, "日"))) {
		if rest == "" {
			return parsePoint(year + "-XX")
		}
		return parsePoint(year + "-XX-XX")
	}
	month, ok := number(name)
	if name == "元" {
		month, ok = 1, true
	}
	if !ok || month > 99 {
		return Date{}, errSyntax
	}
	if month > 12 { // 24月 is not the season 24
		return Date{}, impossible(t, fmt.Sprintf("一年没有%d月", month))
	}
	date := fmt.Sprintf("%s-%02d", year, month)
	rest = strings.TrimPrefix(rest, "份")
	switch rest {
	case "", "上旬", "中旬", "下旬", "初", "底", "末", "中", "间", "上半月", "下半月":
		return parsePoint(date)
	case "某日", "日", "X日", "XX日", "x日", "xx日":
		return parsePoint(date + "-XX")
	}
	i := strings.IndexAny(rest, "日号")
	if i < 0 {
		return Date{}, errSyntax
	}
	day, ok := number(rest[:i])
	if !ok || day > 99 {
		return Date{}, errSyntax
	}
	_, size := utf8.DecodeRuneInString(rest[i:])
	date = fmt.Sprintf("%s-%02d", date, day)
	if clock := cutPart(strings.TrimSpace(rest[i+size:])); clock != "" {
		clock, ok := clockDigits(clock)
		if !ok {
			return Date{}, errSyntax
		}
		date += "T" + clock
	}
	return parsePoint(date)
}

// isOpen reports a month or a day that could not be read: X, XX.
func isOpen(s string) bool { return s == "X" || s == "XX" || s == "x" || s == "xx" }

// cutPart takes a part of the day that stands alone off: 上午, 晚. Before a time it decides what the time is.
func cutPart(s string) string {
	switch s {
	case "上午", "中午", "下午", "凌晨", "清晨", "晚上", "夜", "晨", "晚":
		return ""
	}
	return s
}

// partsOfDay are the words that a time may begin with, and the hours of which it may be one then: 下午3时 is 15:00, 中午1点 13:00. What is in
// none, as 晚上12点 (of which day?) and 晚上1点, is not read.
var partsOfDay = []struct {
	word     string
	from, to int
}{{"上午", 0, 12}, {"凌晨", 0, 6}, {"清晨", 3, 9}, {"早上", 3, 11}, {"早晨", 3, 11}, {"晨", 3, 11}, {"中午", 11, 14}, {"下午", 12, 23}, {"傍晚", 16, 20}, {"晚上", 17, 23}, {"晚", 17, 23}}

// clockDigits reads 8:30, 08:30:00, 8时30分, 8时, 9点半 and 下午3时.
func clockDigits(s string) (string, bool) {
	for _, part := range partsOfDay {
		rest, ok := strings.CutPrefix(s, part.word)
		if !ok {
			continue
		}
		clock, ok := clockOf(rest)
		if !ok {
			return "", false
		}
		hour := digits(clock[:2])
		if hour < part.from {
			hour += 12
		}
		return fmt.Sprintf("%02d", hour) + clock[2:], hour >= part.from && hour <= part.to
	}
	return clockOf(s)
}

func clockOf(s string) (string, bool) {
	s = strings.NewReplacer("点半", ":30", "时半", ":30").Replace(s)
	s = strings.NewReplacer("点", ":", "时", ":", "分", "").Replace(s)
	hour, minute, ok := strings.Cut(s, ":")
	if !ok || !isDigits(hour) || len(hour) > 2 {
		return "", false
	}
	if minute == "" {
		minute = "00"
	}
	s = pad(hour) + ":" + minute
	return s, isTime(s)
}

// yearDigits gives the four digits of a year written 1958 or 一九五八, else "".
func yearDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if i := han.Digit(r); i >= 0 {
			b.WriteByte(byte('0' + i))
		} else {
			return ""
		}
	}
	if b.Len() != 4 {
		return ""
	}
	return b.String()
}

// number reads a number up to four digits as people write one in dates: 5, 05, 五, 十二, 二十, 廿一, 卅, 1950.
func number(s string) (int, bool) {
	if s == "" || len(s) > 16 {
		return 0, false
	}
	if isDigits(s) {
		return digits(s), len(s) <= 4
	}
	s = strings.NewReplacer("廿", "二十", "卅", "三十").Replace(s)
	if tens, ones, ok := strings.Cut(s, "十"); ok {
		n := 10
		if tens != "" {
			r, size := utf8.DecodeRuneInString(tens)
			t := han.Digit(r)
			if t < 1 || size != len(tens) {
				return 0, false
			}
			n = t * 10
		}
		if ones != "" {
			r, size := utf8.DecodeRuneInString(ones)
			o := han.Digit(r)
			if o < 1 || size != len(ones) {
				return 0, false
			}
			n += o
		}
		return n, true
	}
	n := 0
	for _, r := range s {
		i := han.Digit(r)
		if i < 0 {
			return 0, false
		}
		n = n*10 + i
	}
	return n, n <= 9999
}
