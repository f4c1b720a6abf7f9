package dates

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseTyped reads what people type and EDTF does not know: the Chinese forms, dates with slashes, dots or
// one-digit months, and dates in square brackets, by which DA/T 18 marks an inferred date.
func parseTyped(s string) (Date, error) {
	t := normalise(s)
	if t == "" {
		return Date{}, errSyntax
	}
	switch t {
	case "不详", "未知", "不明", "待考", "待查", "无", "年代不详", "日期不详", "时间不详", "-", "—", "?":
		return Date{}, fmt.Errorf("“%s”不是日期：不知道就留空，或删去这一项", s)
	}
	for _, word := range [...]string{"农历", "阴历", "旧历", "夏历", "正月", "腊月", "冬月"} {
		if strings.Contains(t, word) {
			return Date{}, fmt.Errorf("“%s”是农历：请换算成公历，原来的写法可放在正文里", s)
		}
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
	return d, err
}

// normalise brings the many ways to write the same sign together: half-width forms, one dash, no space.
func normalise(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case strings.ContainsRune("–—―─−‑‒", r):
			r = '-'
		case r == '〜' || r == '∼':
			r = '~'
		case r == '○' || r == '◯' || r == '零':
			r = '〇'
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
	t := strings.ReplaceAll(b.String(), "--", "-")
	if i := strings.IndexByte(t, ' '); i >= 0 && (len(t) == i+1 || !isDigit(t[i+1]) || !strings.Contains(t[i:], ":")) {
		t = strings.ReplaceAll(t, " ", "")
	}
	return t
}

// Traditional characters that dates are written with, and their simplified forms.
const traditional, simplified = "號紀約後詳從來開間", "号纪约后详从来开间"

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
	approxAfter     = []string{"前后", "左右", "上下", "~"}
	uncertainBefore = []string{"可能是", "可能", "疑为", "推定为", "推定", "疑"}
	uncertainAfter  = []string{"(存疑)", "(疑)", "(待考)", "(推定)", "(?)", "存疑", "?"}
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
	for _, word := range [...]string{"截至", "截止到", "截止", "公元"} { // 截至2017年底 is a point in time
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
