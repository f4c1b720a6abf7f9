package dates

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Forms names the accepted forms, for messages and guides.
const Forms = "1958、1958-05、1958-05-01、1958~（约）、1958?（存疑）、195X（五十年代）、1956/1959（起止）、1983/..（起），" +
	"或 1958年5月1日、约1958年、1958年春、20世纪50年代、1983—1992年"

// maxText is far longer than any date, in bytes.
const maxText = 200

// Parse reads a date. The error is a clause in Chinese that says why s is none and what may be written; it
// names no position. Space around s is ignored; an empty s is the zero Date.
func Parse(s string) (Date, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Date{}, nil
	}
	if len(s) > maxText || !utf8.ValidString(s) {
		return Date{}, notADate(s)
	}
	d, err := parseEDTF(s)
	if err == errSyntax {
		d, err = parseTyped(s)
	}
	if err == errSyntax {
		err = explain(s)
	}
	if err != nil {
		return Date{}, err
	}
	d.text = s
	return d, nil
}

// errSyntax says that the text is not of the form tried; another may fit.
var errSyntax = fmt.Errorf("syntax")

func notADate(s string) error {
	r := []rune(strings.ToValidUTF8(s, "�"))
	if len(r) > 30 {
		s = string(r[:30]) + "…"
	} else {
		s = string(r)
	}
	return fmt.Errorf("看不懂日期“%s”，可以写 %s", s, Forms)
}

func impossible(s, why string) error {
	return fmt.Errorf("没有“%s”这个日期：%s；只写确知的部分即可，如 1958、1958-05、1958-05-01 或 1958年5月1日", s, why)
}

// parseEDTF reads levels 0 and 1 of ISO 8601-2:2019, clause by clause as summarised in the Library of
// Congress' "Extended Date/Time Format Specification" of 2019: date, date and time, interval (level 0);
// qualification of a whole date, unspecified digits from the right, seasons, open and unknown ends
// (level 1). Left out are years beyond 9999 and before 1.
func parseEDTF(s string) (Date, error) {
	left, right, isInterval := strings.Cut(s, "/")
	if !isInterval {
		d, err := parsePoint(s)
		return d, err
	}
	a, err := parseEnd(left)
	if err != nil {
		return Date{}, err
	}
	b, err := parseEnd(right)
	if err != nil {
		return Date{}, err
	}
	return span(left, right, a, b)
}

// parseEnd reads one end of an interval; an open or unknown one is the zero Date.
func parseEnd(s string) (Date, error) {
	if s == "" || s == ".." {
		return Date{}, nil
	}
	d, err := parsePoint(s)
	if err == nil && d.prec == Minute {
		return Date{}, errSyntax // level 0 has no intervals of times
	}
	return d, err
}

// span joins two ends. left and right are their texts, of which only "" and ".." matter.
func span(left, right string, a, b Date) (Date, error) {
	d := Date{flags: interval | a.flags | b.flags, prec: max(a.prec, b.prec), lower: a.lower, upper: b.upper, key: a.key}
	if a.IsZero() && b.IsZero() {
		return Date{}, errSyntax
	}
	start, end := a.edtf, b.edtf
	if a.IsZero() {
		start = left
		d.key = b.key
		if left == "" {
			d.flags |= unknownStart
		} else {
			d.flags |= openStart
		}
	}
	if b.IsZero() {
		end = right
		d.upper = lastDay
		if right == "" {
			d.flags |= unknownEnd
		} else {
			d.flags |= openEnd
		}
	}
	if d.upper < d.lower {
		return Date{}, fmt.Errorf("起止颠倒：结束 %s 早于开始 %s", b.edtf, a.edtf)
	}
	d.edtf = start + "/" + end
	return d, nil
}

// parsePoint reads anything without a slash.
func parsePoint(s string) (Date, error) {
	body := s
	var f flags
	switch s[len(s)-1] {
	case '?':
		f = uncertain
	case '~':
		f = approx
	case '%':
		f = uncertain | approx
	}
	if f != 0 {
		body = s[:len(s)-1]
	}
	n := len(body)
	if n < 4 || !isDigit(body[0]) || !isDigit(body[1]) {
		return Date{}, errSyntax
	}
	if strings.IndexByte(body, 'x') >= 0 {
		return parsePoint(strings.ReplaceAll(s, "x", "X"))
	}
	if n > 10 {
		if f != 0 {
			return Date{}, errSyntax
		}
		return parseMinute(body)
	}
	if body[2] == 'X' || body[3] == 'X' {
		return parseYears(s, body, f)
	}
	if !isDigit(body[2]) || !isDigit(body[3]) || n != 4 && n != 7 && n != 10 || n > 4 && body[4] != '-' || n > 7 && body[7] != '-' {
		return Date{}, errSyntax
	}
	month, day := "", ""
	if n > 4 {
		if month = body[5:7]; !isDigits(month) && month != "XX" {
			return Date{}, errSyntax
		}
	}
	if n > 7 {
		if day = body[8:10]; !isDigits(day) && day != "XX" || month == "XX" && day != "XX" {
			return Date{}, errSyntax
		}
	}
	return parseDay(s, digits(body[:4]), month, day, f)
}

// parseMinute reads a day and a time of day, 1958-05-01T08:30.
func parseMinute(body string) (Date, error) {
	if body[10] != 'T' {
		return Date{}, errSyntax
	}
	d, err := parsePoint(body[:10])
	clock := cleanClock(body[11:])
	if err != nil || d.prec != Day || !isTime(clock) {
		return Date{}, cmpErr(err)
	}
	if isMidnight(clock) {
		return d, nil // what programs put behind a day, and no time of day
	}
	d.edtf, d.prec = body[:11]+clock, Minute
	return d, nil
}

// parseYears reads a century or a decade, 19XX and 195X.
func parseYears(s, body string, f flags) (Date, error) {
	if len(body) != 4 || body[3] != 'X' {
		return Date{}, errSyntax
	}
	from := digits(body[:2]) * 100
	width, prec := 99, Century
	if body[2] != 'X' {
		if !isDigit(body[2]) {
			return Date{}, errSyntax
		}
		from, width, prec = digits(body[:3])*10, 9, Decade
	}
	to := from + width
	from = max(from, 1)
	return Date{edtf: s, lower: ymd(from, 1, 1), upper: ymd(to, 12, 31), key: ymd(from, 0, 0), prec: prec, flags: f}, nil
}

// parseDay makes the date of a year with its month, or season, and day, where they are given.
func parseDay(s string, y int, month, day string, f flags) (Date, error) {
	if y == 0 {
		return Date{}, impossible(s, "没有公元0年")
	}
	d := Date{edtf: s, flags: f}
	if month == "" || month == "XX" {
		d.lower, d.upper, d.key, d.prec = ymd(y, 1, 1), ymd(y, 12, 31), ymd(y, 0, 0), Year
		return d, nil
	}
	m := digits(month)
	if m >= 21 && m <= 24 && day == "" {
		first := (m - 20) * 3 // March, June, September, December
		d.lower, d.key, d.prec = ymd(y, first, 1), ymd(y, first, 0), Season
		if m < 24 {
			d.upper = ymd(y, first+2, daysIn(y, first+2))
		} else {
			d.upper = min(ymd(y+1, 2, daysIn(y+1, 2)), lastDay)
		}
		return d, nil
	}
	if m > 12 && m > y%100 && day == "" {
		return Date{}, impossible(s, fmt.Sprintf("一年没有%d月；若是从%d年到%d年，请写 %d/%d", m, y, y/100*100+m, y, y/100*100+m))
	}
	if m < 1 || m > 12 {
		return Date{}, impossible(s, fmt.Sprintf("月份要在01到12之间，而这里是%s（季节写作 1958-21 春、22 夏、23 秋、24 冬）", month))
	}
	if day == "" || day == "XX" {
		d.lower, d.upper, d.key, d.prec = ymd(y, m, 1), ymd(y, m, daysIn(y, m)), ymd(y, m, 0), Month
		return d, nil
	}
	dd := digits(day)
	if last := daysIn(y, m); dd < 1 || dd > last {
		why := fmt.Sprintf("%d年%d月有%d天", y, m, last)
		if dd > last && last < 31 {
			why = fmt.Sprintf("%d年%d月只有%d天", y, m, last)
		}
		return Date{}, impossible(s, why)
	}
	d.lower = ymd(y, m, dd)
	d.upper, d.key, d.prec = d.lower, d.lower, Day
	return d, nil
}

// cmpErr keeps an error that explains, and says errSyntax where there is none.
func cmpErr(err error) error {
	if err != nil {
		return err
	}
	return errSyntax
}

// cleanClock takes fractions of a second off a time and brings its zone into the form of EDTF: +0800 and UTC, as other
// programs write them.
func cleanClock(s string) string {
	for _, utc := range [...]string{"UTC", "GMT", "z"} {
		if rest, ok := strings.CutSuffix(s, utc); ok {
			s = rest + "Z"
		}
	}
	if n := len(s) - 5; n > 0 && (s[n] == '+' || s[n] == '-') && isDigits(s[n+1:]) {
		s = s[:n+3] + ":" + s[n+3:]
	}
	if i := strings.IndexAny(s, ".,"); i == 8 || i == 7 && s[1] == ':' { // behind the seconds
		end := i + 1
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		if end > i+1 {
			s = s[:i] + s[end:]
		}
	}
	return s
}

// isMidnight reports a time of exactly 0:00.
func isMidnight(clock string) bool {
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock = clock[:i]
	}
	return clock == "00:00" || clock == "00:00:00"
}

// isTime accepts hh:mm, hh:mm:ss and either with Z, +hh:mm or +hh. ISO 8601-2 wants seconds at level 0;
// HTML and people do without.
func isTime(s string) bool {
	clock, zone := s, ""
	if i := strings.IndexAny(s, "Z+-"); i >= 0 {
		clock, zone = s[:i], s[i:]
	}
	if len(clock) != 5 && len(clock) != 8 || !inRange(clock[:2], 23) || clock[2] != ':' || !inRange(clock[3:5], 59) {
		return false
	}
	if len(clock) == 8 && (clock[5] != ':' || !inRange(clock[6:], 59)) {
		return false
	}
	switch {
	case zone == "" || zone == "Z":
		return true
	case len(zone) == 6:
		return inRange(zone[1:3], 14) && zone[3] == ':' && inRange(zone[4:], 59)
	}
	return false
}

func inRange(s string, most int) bool { return len(s) == 2 && isDigits(s) && digits(s) <= most }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func ymd(y, m, d int) int32 { return int32(y*1_00_00 + m*1_00 + d) }

// daysIn is the length of a month in the proleptic Gregorian calendar, which ISO 8601 uses throughout.
func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
