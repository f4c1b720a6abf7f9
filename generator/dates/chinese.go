package dates

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/han"
)

// parseTyped reads what people type and EDTF does not know: the Chinese forms, dates with slashes, dots or
// one-digit months, and dates in square brackets, by which DA/T 18 marks an inferred date.
func parseTyped(s string) (Date, error) {
	if body := strings.TrimRight(s, "～〜∼ 　"); body != s && body != "" && strings.ContainsAny(s[len(body):], "～〜∼") {
		if d, err := Parse(body); err == nil && d.Precision() > Minute && !d.Interval() {
			return Date{}, fmt.Errorf("“%s”后面的“～”可以是两种意思：从那时起，请写 %s/..；大约在那时，请写 %s~（半角的 ~）", s, d.String(), d.String())
		}
	}
	t := normalise(s)
	if stop := strings.TrimRight(t, "。,;."); !strings.HasSuffix(t, "..") {
		t = stop
	}
	if t == "" {
		return Date{}, errSyntax
	}
	switch t {
	case "不详", "未知", "不明", "待考", "待查", "无", "年代不详", "日期不详", "时间不详", "-", "—", "?":
		return Date{}, fmt.Errorf("“%s”不是日期：不知道就留空，或删去这一项", s)
	}
	t = unknownDay.ReplaceAllString(t, "")
	if d, err := parseTwice(t); err != errSyntax {
		return d, err
	}
	if lunar(t) {
		return Date{}, fmt.Errorf("“%s”是农历：请换算成公历，原来的写法可放在正文里", s)
	}
	t, weekday := cutWeekday(t)
	if left, right, ok := strings.Cut(strings.Replace(strings.NewReplacer("(一说", "一说", ")", "").Replace(t), "一说", "或", 1), "或"); ok && left != "" && right != "" {
		if a, err := parseQualified(completeYear(left, right)); err == nil {
			return Date{}, fmt.Errorf("“%s”有两种可能，这里只能写一种：写存疑的 %s，或写起止，另一种说法放在附注或正文里", s, strings.TrimRight(a.edtf, "?~%")+"?")
		}
	}
	whole, fraction, point := strings.Cut(t, ".") // behind the point is the time of day
	if serial := digits(whole); len(whole) == 5 && isDigits(whole) && (!point || isDigits(fraction)) && serial > 1 && serial < 60000 {
		day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, serial).Format("2006-01-02")
		return Date{}, fmt.Errorf("“%s”像是表格软件里日期的内部序号，按通行的 1900 年制是 %s：请核对后写成日期", s, day)
	}
	if iso := englishMonth(t); iso != "" {
		return Date{}, fmt.Errorf("“%s”像是表格软件改写过的日期：请核对原件后写成 %s 这样", s, iso)
	}
	if inner, ok := bracketed(t); ok {
		d, err := parseTyped(inner)
		if err == errSyntax {
			d, err = parseEDTF(inner)
		}
		if err != nil {
			return Date{}, err
		}
		return qualify(d, uncertain)
	}
	d, err := parseSpan(t)
	if err == errSyntax {
		d, err = parseQualified(t)
	}
	if err == nil && weekday >= 0 {
		if d.prec > Day || d.Interval() {
			return Date{}, errSyntax
		}
		if day := d.Start(time.UTC); int(day.Weekday()) != weekday {
			return Date{}, fmt.Errorf("“%s”对不上：%s是星期%c，请核对日期和星期", s, pointChinese(d.edtf[:10]), []rune(weekdays)[day.Weekday()])
		}
	}
	return d, err
}

const weekdays = "日一二三四五六"

// cutWeekday takes a day of the week out of a date, with its brackets; it is -1 if there is none.
func cutWeekday(t string) (rest string, weekday int) {
	for _, word := range [...]string{"星期", "礼拜", "周"} {
		i := strings.Index(t, word)
		if i < 0 {
			continue
		}
		r, size := utf8.DecodeRuneInString(t[i+len(word):])
		if r == '天' {
			r = '日'
		}
		day := strings.IndexRune(weekdays, r)
		if day < 0 {
			continue
		}
		before, after := t[:i], t[i+len(word)+size:]
		if strings.HasSuffix(before, "(") && strings.HasPrefix(after, ")") {
			before, after = before[:len(before)-1], after[1:]
		}
		if after != "" && isDigit(after[0]) && before != "" {
			after = " " + after // a time of day
		}
		return strings.TrimSuffix(before, ",") + after, day / len("日")
	}
	return t, -1
}

// completeYear gives the left of 1953年或1954年, and of 1953或1954年, the unit of the right.
func completeYear(left, right string) string {
	if !hasUnit(left) && strings.HasSuffix(right, "年") {
		return left + "年"
	}
	return left
}

// englishMonth reads Sep-98 and 16-Sep-98, which spreadsheets make of dates, as far as they can be read.
func englishMonth(t string) string {
	parts := strings.Split(strings.ToLower(t), "-")
	for i, p := range parts {
		at := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", p)
		if len(p) != 3 || at < 0 || at%3 != 0 || len(parts) < 2 || len(parts) > 3 {
			continue
		}
		m := at/3 + 1
		year := "19XX"
		if last := parts[len(parts)-1]; i < len(parts)-1 && isDigits(last) && (len(last) == 2 || len(last) == 4) {
			year = last
			if len(last) == 2 {
				year = "19" + last
			}
		}
		return fmt.Sprintf("%s-%02d", year, m)
	}
	return ""
}

// normalise brings the many ways to write the same sign together: half-width forms, one dash, no space.
func normalise(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch {
		case strings.ContainsRune("×✕□_*", r): // what could not be read, or is to be filled in
			r = 'X'
		case r == '·' || r == '•' || r == '．':
			r = '.'
		case strings.ContainsRune("–—―─−‑‒", r):
			r = '-'
		case r == '〜' || r == '∼':
			r = '~'
		case r == '○' || r == '◯' || r == '零':
			r = '〇'
		case strings.ContainsRune("OoОοΟо", r):
			if last, _ := utf8.DecodeLastRuneInString(b.String()); han.Digit(last) >= 0 { // 二OO八
				r = '〇'
			}
		case strings.ContainsRune(traditional, r):
			r = []rune(simplified)[runeIndex(traditional, r)]
		case r == '〔' || r == '【':
			r = '['
		case r == '〕' || r == '】':
			r = ']'
		case unicode.IsSpace(r):
			if n := b.Len(); n > 0 && isDigit(b.String()[n-1]) {
				r = ' ' // divides day and time; dropped below where it divides nothing
			} else {
				continue
			}
		case unicode.IsControl(r):
			return ""
		}
		b.WriteRune(r)
	}
	t := strings.NewReplacer("--", "-", "?月", "X月", "?日", "X日").Replace(b.String())
	t = openDigit.ReplaceAllString(t, "${1}X年")
	if i := strings.IndexByte(t, ' '); i >= 0 && (len(t) == i+1 || !isDigit(t[i+1]) || !strings.Contains(t[i:], ":")) {
		t = strings.ReplaceAll(t, " ", "")
	}
	return t
}

var (
	openDigit  = regexp.MustCompile(`([0-9]{3})\?年`)
	unknownDay = regexp.MustCompile(`\(?(?:具体)?(?:月份|月日|日期|时间|月|日)(?:不详|不明|待考|待查)\)?$`)
)

// Characters that dates are written with in traditional script and on documents of value, and the common ones for them.
const traditional, simplified = "號紀約後詳從來開間國華齊週禮壹贰貳叁參肆伍陆陸柒捌玖拾", "号纪约后详从来开间国华齐周礼一二二三三四五六六七八九十"

func runeIndex(s string, r rune) int {
	return utf8.RuneCountInString(s[:strings.IndexRune(s, r)])
}

func bracketed(t string) (string, bool) {
	if len(t) > 2 && t[0] == '[' && t[len(t)-1] == ']' {
		return t[1 : len(t)-1], true
	}
	return "", false
}

// qualify adds a doubt to the whole of a date.
func qualify(d Date, f flags) (Date, error) {
	if f == 0 {
		return d, nil
	}
	if d.prec == Minute {
		return Date{}, errors.New("写到时刻的日期不能再标“约”或“存疑”")
	}
	if d.Interval() {
		left, right, _ := strings.Cut(d.edtf, "/")
		d.edtf = mark(left, f) + "/" + mark(right, f)
	} else {
		d.edtf = mark(d.edtf, f)
	}
	d.flags |= f
	return d, nil
}

func mark(edtf string, f flags) string {
	if edtf == "" || edtf == ".." {
		return edtf
	}
	body := strings.TrimRight(edtf, "?~%")
	switch edtf[len(body):] {
	case "?":
		f |= uncertain
	case "~":
		f |= approx
	case "%":
		f |= uncertain | approx
	}
	return body + [...]string{"", "?", "~", "%"}[f&(uncertain|approx)]
}

// Words that say how sure a date is, before and behind it. The longer ones stand before those they contain.
var (
	approxBefore    = []string{"大约在", "大约", "大概", "约在", "约"}
	approxAfter     = []string{"(约)", "约", "前后", "左右", "上下", "~"}
	uncertainBefore = []string{"可能是", "可能", "疑为", "推定为", "推定", "疑"}
	uncertainAfter  = []string{"(存疑)", "(疑)", "(待考)", "(待核)", "(待核实)", "(待查)", "(待定)", "(推定)", "(?)", "[存疑]", "[待考]", "[待核]", "[待查]", "[?]", "存疑", "?"}
)

// strip takes the words of doubt off both ends.
func strip(t string) (string, flags) {
	var f flags
	for {
		before := len(t)
		cut := func(words []string, f1 flags, trim func(string, string) (string, bool)) {
			for _, w := range words {
				if rest, ok := trim(t, w); ok {
					t, f = rest, f|f1
				}
			}
		}
		cut(approxBefore, approx, strings.CutPrefix)
		cut(uncertainBefore, uncertain, strings.CutPrefix)
		cut(approxAfter, approx, strings.CutSuffix)
		cut(uncertainAfter, uncertain, strings.CutSuffix)
		cut([]string{"%"}, approx|uncertain, strings.CutSuffix)
		if len(t) == before {
			return t, f
		}
	}
}

func parseQualified(t string) (Date, error) {
	body, f := strip(t)
	if f != 0 {
		if inner, ok := bracketed(body); ok {
			body, f = inner, f|uncertain
		}
	}
	d, err := parseSingle(body)
	if err != nil {
		return Date{}, err
	}
	return qualify(d, f)
}

// parseSingle reads one date without words of doubt.
func parseSingle(t string) (Date, error) {
	for _, word := range [...]string{"截至", "截止到", "截止", "公元", "中华"} { // 截至2017年底 is a point in time
		t = strings.TrimPrefix(t, word)
	}
	if t == "" {
		return Date{}, errSyntax
	}
	if d, err := parseEDTF(t); err != errSyntax {
		return d, err
	}
	if d, err := parseNumeric(t); err != errSyntax {
		return d, err
	}
	if d, err := parseEra(t); err != errSyntax {
		return d, err
	}
	return parseCalendar(t)
}

// parseNumeric reads 2024/5/1, 2024.5.1, 2024-5-1, 1958.5, 1958/5, 20240501, 1950s and any of the full
// dates followed by a time.
func parseNumeric(t string) (Date, error) {
	if year, rest, ok := strings.Cut(t, "."); ok && yearDigits(year) != "" && !isDigits(year) { // 一九五八.五.一
		t = yearDigits(year)
		for part := range strings.SplitSeq(rest, ".") {
			n, ok := number(part)
			if !ok {
				return Date{}, errSyntax
			}
			t += "." + strconv.Itoa(n)
		}
	}
	if strings.IndexFunc(t, func(r rune) bool { return r > 0x7e }) >= 0 {
		return Date{}, errSyntax
	}
	if len(t) == 8 && isDigits(t) {
		return parsePoint(t[:4] + "-" + t[4:6] + "-" + t[6:])
	}
	if len(t) == 5 && t[4] == 's' && t[3] == '0' && isDigits(t[:4]) {
		return parsePoint(t[:3] + "X")
	}
	day, clock, hasClock := strings.Cut(t, " ")
	if !hasClock {
		day, clock, hasClock = strings.Cut(t, "T")
	}
	if hasClock {
		clock = cleanClock(strings.ReplaceAll(clock, " ", ""))
	}
	var parts []string
	for _, sep := range [...]string{"/", ".", "-"} {
		if parts = strings.Split(day, sep); len(parts) > 1 {
			break
		}
	}
	if len(parts) < 2 || len(parts) > 3 || len(parts[0]) != 4 || hasClock && len(parts) != 3 {
		return Date{}, errSyntax
	}
	for i, p := range parts {
		if !isDigits(p) || i > 0 && len(p) > 2 {
			return Date{}, errSyntax
		}
		parts[i] = pad(p)
	}
	iso := strings.Join(parts, "-")
	if hasClock {
		if len(clock) > 1 && clock[1] == ':' {
			clock = "0" + clock
		}
		iso += "T" + clock
	}
	return parsePoint(iso)
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}
