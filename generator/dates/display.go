package dates

import (
	"fmt"
	"strings"
)

// Chinese writes the date out from what EDTF says: 1958年5月1日, 约1958年, 1958年？, 20世纪50年代,
// 1983—1992年, 1983年起, 1949年以前, 1958年春, 1958年5月某日. Parsing it gives the same date. The dash is that
// of GB/T 15834 for spans of time.
func (d Date) Chinese() string {
	if d.IsZero() {
		return ""
	}
	if !d.Interval() {
		return pointChinese(d.edtf)
	}
	left, right, _ := strings.Cut(d.edtf, "/")
	switch {
	case right == "..":
		return pointChinese(left) + "起"
	case left == "..":
		return pointChinese(right) + "以前"
	case left == "":
		return "不详—" + pointChinese(right)
	case right == "":
		return pointChinese(left) + "—不详"
	}
	a, b := pointChinese(left), pointChinese(right)
	if d.flags&(uncertain|approx) == 0 && len(left) == len(right) && !strings.Contains(d.edtf, "X") {
		switch {
		case len(left) == 4: // 1983—1992年
			return left + "—" + b
		case len(left) == 7 && left[:4] == right[:4]: // 1958年5月—8月
			return a + "—" + b[len("1958年"):]
		case len(left) == 10 && left[:7] == right[:7]: // 1958年5月1日—7日
			return a + "—" + b[strings.Index(b, "月")+len("月"):]
		case len(left) == 10 && left[:4] == right[:4]: // 1958年5月1日—6月7日
			return a + "—" + b[len("1958年"):]
		}
	}
	return a + "—" + b
}

func pointChinese(s string) string {
	body := strings.TrimRight(s, "?~%")
	text := bareChinese(body)
	switch s[len(body):] {
	case "?":
		return text + "？"
	case "~":
		return "约" + text
	case "%":
		return "约" + text + "？"
	}
	return text
}

func bareChinese(s string) string {
	year := s[:4] + "年"
	switch {
	case len(s) == 4 && s[2] == 'X':
		return fmt.Sprintf("%d世纪", digits(s[:2])+1)
	case len(s) == 4 && s[3] == 'X':
		return fmt.Sprintf("%d世纪%c0年代", digits(s[:2])+1, s[2])
	case len(s) == 4:
		return year
	case len(s) == 7 && s[5] == '2':
		return year + seasons[s[6]-'1']
	}
	month := "某月"
	if s[5] != 'X' {
		month = fmt.Sprintf("%d月", digits(s[5:7]))
	}
	if len(s) == 7 {
		return year + month
	}
	day := "某日"
	if s[8] != 'X' {
		day = fmt.Sprintf("%d日", digits(s[8:10]))
	}
	if len(s) == 10 {
		return year + month + day
	}
	return year + month + day + " " + s[11:min(16, len(s))]
}
