package dates

import (
	"errors"
	"fmt"
	"slices"
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
	switch body := strings.TrimRight(edtf, "?~%"); edtf[len(body):] {
	case "?":
		f |= uncertain
	case "~":
		f |= approx
	case "%":
		f |= uncertain | approx
		fallthrough
	default:
		edtf = body
	}
	return strings.TrimRight(edtf, "?~%") + [...]string{"", "?", "~", "%"}[f&(uncertain|approx)]
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

// parseSpan reads what has two ends, or one and a word for the other.
func parseSpan(t string) (Date, error) {
	body, f := strip(t)
	for _, w := range [...]string{"以来", "以后", "之后", "开始", "至今", "到今", "-今", "-至今", "-现在", "起"} {
		if rest, ok := strings.CutSuffix(body, w); ok {
			rest = strings.TrimSuffix(strings.TrimPrefix(rest, "自"), "-")
			a, err := parseQualified(rest)
			if err != nil {
				return Date{}, err
			}
			return joined("", "..", a, Date{}, f)
		}
	}
	for _, w := range [...]string{"以前", "之前", "为止", "止"} {
		if rest, ok := strings.CutSuffix(body, w); ok {
			rest = strings.TrimPrefix(rest, "到")
			b, err := parseQualified(rest)
			if err != nil {
				return Date{}, err
			}
			return joined("..", "", Date{}, b, f)
		}
	}
	// The words of doubt are left to the ends here, since they may belong to one of them.
	from := strings.TrimPrefix(strings.TrimPrefix(t, "自"), "从")
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
		// Without a Chinese unit only four-digit years are an interval: 1983-1992. The rest is EDTF's.
		if len(bareLeft) != 4 || len(bareRight) != 4 || !isDigits(bareLeft) || !isDigits(bareRight) {
			return Date{}, errSyntax
		}
	}
	if last, _ := utf8.DecodeLastRuneInString(bareLeft); isDigit(byte(min(last, 127))) || hanDigit(last) >= 0 || last == '十' {
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
	b, err := parseSingle(bareRight)
	if err != nil {
		b, err = parseSingle(complete(bareLeft, bareRight))
	}
	if err != nil {
		return Date{}, err
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
	if !ok || len(r) != 2 || hanDigit(r[0]) < 1 || hanDigit(r[1]) != hanDigit(r[0])+1 {
		return Date{}, errSyntax
	}
	if first < 0 {
		first = 1900
	}
	return parseEDTF(fmt.Sprintf("%03dX/%03dX", first/10+hanDigit(r[0]), first/10+hanDigit(r[1])))
}

var seasons = []string{"春", "夏", "秋", "冬"}

// parseCalendar reads year, month and day with their Chinese units, the year also of the Republic (民国).
func parseCalendar(t string) (Date, error) {
	i := strings.Index(t, "年")
	if i < 0 {
		return Date{}, errSyntax
	}
	name, rest := t[:i], t[i+len("年"):]
	year := ""
	if r, ok := strings.CutPrefix(name, "民国"); ok {
		n, ok := number(r)
		if r == "元" {
			n, ok = 1, true
		}
		if !ok || n < 1 || n > 38 {
			return Date{}, fmt.Errorf("“%s”看不懂：民国纪年可写元年到38年，其余请写公元年份", t)
		}
		year = fmt.Sprintf("%04d", 1911+n)
	} else if year = yearDigits(name); year == "" {
		if n, ok := number(name); ok && n < 100 {
			return Date{}, fmt.Errorf("“%s”的年份要写四位数字，如 19%02d年", t, n)
		}
		return Date{}, errSyntax
	}
	if rest = strings.TrimSuffix(rest, "间"); rest == "" {
		return parsePoint(year)
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
	case "某月某日":
		return parsePoint(year + "-XX-XX")
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
	i = strings.Index(rest, "月")
	if i < 0 {
		return Date{}, errSyntax
	}
	month, ok := number(rest[:i])
	if !ok || month > 99 {
		return Date{}, errSyntax
	}
	date := fmt.Sprintf("%s-%02d", year, month)
	if month > 12 { // 24月 is not the season 24
		return Date{}, impossible(t, fmt.Sprintf("一年没有%d月", month))
	}
	rest = strings.TrimPrefix(rest[i+len("月"):], "份")
	switch rest {
	case "", "上旬", "中旬", "下旬", "初", "底", "末", "中", "间", "上半月", "下半月":
		return parsePoint(date)
	case "某日":
		return parsePoint(date + "-XX")
	}
	i = strings.IndexAny(rest, "日号")
	if i < 0 {
		return Date{}, errSyntax
	}
	for _, part := range [...]string{"上午", "中午", "下午", "凌晨", "清晨", "晚上", "夜", "晨", "晚"} {
		rest = strings.TrimSuffix(rest, part)
	}
	day, ok := number(rest[:i])
	if !ok || day > 99 {
		return Date{}, errSyntax
	}
	_, size := utf8.DecodeRuneInString(rest[i:])
	date = fmt.Sprintf("%s-%02d", date, day)
	if clock := rest[i+size:]; clock != "" {
		clock, ok := clockDigits(clock)
		if !ok {
			return Date{}, errSyntax
		}
		date += "T" + clock
	}
	return parsePoint(date)
}

// clockDigits reads 8:30, 08:30:00, 8时30分 and 8时.
func clockDigits(s string) (string, bool) {
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

const hanDigits = "〇一二三四五六七八九"

// yearDigits gives the four digits of a year written 1958 or 一九五八, else "".
func yearDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if i := hanDigit(r); i >= 0 {
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

func hanDigit(r rune) int {
	if r == '两' {
		return 2
	}
	i := strings.IndexRune(hanDigits, r)
	if i < 0 {
		return -1
	}
	return i / len("〇")
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
			t := hanDigit(r)
			if t < 1 || size != len(tens) {
				return 0, false
			}
			n = t * 10
		}
		if ones != "" {
			r, size := utf8.DecodeRuneInString(ones)
			o := hanDigit(r)
			if o < 1 || size != len(ones) {
				return 0, false
			}
			n += o
		}
		return n, true
	}
	n := 0
	for _, r := range s {
		i := hanDigit(r)
		if i < 0 {
			return 0, false
		}
		n = n*10 + i
	}
	return n, n <= 9999
}
