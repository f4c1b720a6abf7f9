package dates

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/han"
)

// parseSpan reads what has two ends, or one and a word for the other.
func parseSpan(t string) (Date, error) {
	body, f := strip(t)
	for _, w := range [...]string{"以来", "以后", "之后", "开始", "至今", "到今", "-今", "-至今", "-现在", "起", "后"} {
		if rest, ok := strings.CutSuffix(body, w); ok {
			rest = strings.TrimSuffix(strings.TrimPrefix(rest, "自"), "-")
			a, err := parseQualified(rest)
			if err != nil {
				return Date{}, err
			}
			return joined("", "..", a, Date{}, f)
		}
	}
	for _, w := range [...]string{"以前", "之前", "为止", "止", "前"} {
		if rest, ok := strings.CutSuffix(body, w); ok {
			rest = strings.TrimPrefix(rest, "到")
			b, err := parseQualified(rest)
			if err != nil {
				return Date{}, err
			}
			return joined("..", "", Date{}, b, f)
		}
	}
	for _, w := range [...]string{"不早于", "始于", "自"} {
		if rest, ok := strings.CutPrefix(body, w); ok {
			if a, err := parseQualified(rest); err == nil {
				return joined("", "..", a, Date{}, f)
			}
		}
	}
	for _, w := range [...]string{"不晚于", "不迟于", "至迟", "最迟", "最晚"} {
		if rest, ok := strings.CutPrefix(body, w); ok {
			if b, err := parseQualified(rest); err == nil {
				return joined("..", "", Date{}, b, f)
			}
		}
	}
	// The words of doubt are left to the ends here, since they may belong to one of them.
	from := strings.TrimPrefix(strings.TrimPrefix(t, "自"), "从")
	for _, w := range [...]string{"间", "期间", "度"} { // 1958—1962年间, 2005—2006年度
		if rest, ok := strings.CutSuffix(from, w); ok && strings.HasSuffix(rest, "年") {
			from = rest
		}
	}
	for _, sep := range [...]string{"至", "到", "-", "~", "/"} {
		for at := 0; ; {
			i := strings.Index(from[at:], sep)
			if i < 0 {
				break
			}
			i += at
			at = i + len(sep)
			left, right := from[:i], from[at:]
			if left == "" || right == "" {
				continue
			}
			d, err := parseEnds(left, right)
			if err == errSyntax {
				continue
			}
			if err != nil {
				return Date{}, err
			}
			return d, nil
		}
	}
	return Date{}, errSyntax
}

func joined(left, right string, a, b Date, f flags) (Date, error) {
	if a.prec == Minute || b.prec == Minute {
		return Date{}, errors.New("起止只写到日，不写时刻")
	}
	if a.Interval() {
		a, _ = parsePoint(strings.Split(a.edtf, "/")[0])
	}
	if b.Interval() {
		b, _ = parsePoint(strings.Split(b.edtf, "/")[1])
	}
	d, err := span(left, right, a, b)
	if err != nil {
		return Date{}, err
	}
	return qualify(d, f)
}

// parseEnds reads both ends of an interval, of which either may leave out what the other says:
// 1983-1992年, 1958年5月-8月, 1958年5月1日-7日.
func parseEnds(left, right string) (Date, error) {
	if left == "不详" || right == "不详" {
		if left == right {
			return Date{}, errSyntax
		}
		known := left
		if left == "不详" {
			known = right
		}
		d, err := parseQualified(known)
		if err != nil {
			return Date{}, err
		}
		if left == "不详" {
			return joined("", "", Date{}, d, 0)
		}
		return joined("", "", d, Date{}, 0)
	}
	bareLeft, leftFlags := strip(left)
	bareRight, rightFlags := strip(right)
	if !hasUnit(bareLeft) && !hasUnit(bareRight) {
		// Without a Chinese unit only what begins with four-digit years is an interval: 1983-1992, 1958.5-1959.6,
		// 1958-05-01至1958-05-03. The rest is EDTF's.
		if len(bareLeft) < 4 || len(bareRight) < 4 || !isDigits(bareLeft[:4]) || !isDigits(bareRight[:4]) {
			return Date{}, errSyntax
		}
	}
	if last, _ := utf8.DecodeLastRuneInString(bareLeft); isDigit(byte(min(last, 127))) || han.Digit(last) >= 0 || last == '十' {
		// 1983-1992年, 20世纪50-60年代, 1958年5-8月: the left borrows the unit of the right, and a word of
		// doubt on either side is meant for both.
		if strings.HasSuffix(bareRight, "年代") {
			bareLeft += "年代"
		} else if _, size := utf8.DecodeLastRuneInString(bareRight); hasUnit(bareRight) {
			bareLeft += bareRight[len(bareRight)-size:]
		}
		rightFlags |= leftFlags
		leftFlags = rightFlags
	}
	a, err := parseSingle(bareLeft)
	if err != nil {
		return Date{}, err
	}
	bareRight = relativeEnd(a, bareRight)
	b, err := parseSingle(bareRight)
	if err != nil {
		if b, err = parseSingle(complete(bareLeft, bareRight)); err == nil && b.upper < a.lower {
			return Date{}, fmt.Errorf("起止颠倒：结束 %s 早于开始 %s；跨年的，结束也要写上年份", b.edtf, a.edtf)
		}
	}
	if err != nil {
		return Date{}, err
	}
	if (a.Interval() || b.Interval()) && !hasUnit(bareLeft) && !hasUnit(bareRight) {
		return Date{}, errSyntax // three ends
	}
	if a, err = qualify(a, leftFlags); err != nil {
		return Date{}, err
	}
	if b, err = qualify(b, rightFlags); err != nil {
		return Date{}, err
	}
	return joined("", "", a, b, 0)
}

func hasUnit(s string) bool { return strings.ContainsAny(s, "年月日号世纪代s") }

// complete puts the larger units of left before right: 1958年5月 and 8月 give 1958年8月.
func complete(left, right string) string {
	for _, units := range [...][2]string{{"日号", "月"}, {"月", "年"}, {"年", "世纪"}} {
		first := strings.IndexAny(right, "世年月日号")
		if first < 0 {
			return right
		}
		r, _ := utf8.DecodeRuneInString(right[first:])
		if !strings.ContainsRune(units[0], r) {
			continue
		}
		if i := strings.Index(left, units[1]); i >= 0 {
			return left[:i+len(units[1])] + right
		}
		if units[0] == "年" && len(left) >= 4 && first == 2 && isDigits(right[:2]) && isDigits(left[:4]) {
			return left[:2] + right // 1983年-92年
		}
	}
	return right
}
