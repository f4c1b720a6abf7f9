// Package quantity reads numbers as Chinese newspapers and archives print them: 约1.3万多项, 2—3名, 90%以上, 数十项.
package quantity

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"gongzhi/generator/han"
)

// Quantity is a number as an archive keeps it: the printed form is the record, the rest is what can
// be read from it. A printed form without a figure (数十项, 上百种) has no Value.
type Quantity struct {
	Printed   string  // 1.3万多项
	Value     float64 // 13000; NaN when the print gives no figure
	High      float64 // of a range such as 2-3名; NaN otherwise
	Qualifier string  // 约 余 多 近 逾 以上 以下 不足 …; empty means exact
	Unit      string  // 项, 人次, %, 万元 is 元 with the figure multiplied
}

// HasValue reports whether a figure could be read.
func (q *Quantity) HasValue() bool { return !math.IsNaN(q.Value) }

var (
	// What may stand before a figure and after it, longer words first.
	prefixes = []string{"大约", "将近", "超过", "不足", "不到", "不少于", "不低于", "至少", "最多", "最高", "最低", "累计", "平均", "人均", "户均", "年均", "每人", "每户", "每年", "每月", "每次", "约", "近", "逾", "超", "达", "各", "共", "第"}
	infixes  = []string{"余", "多", "来", "几"}
	suffixes = []string{"以上", "以下", "以内", "左右", "上下"}
	// A print that says how many without a figure. 十余 is not one, 数十 is.
	vague = regexp.MustCompile(`^((?:约|近|逾|超|达|共|各)?(?:半数以上|过半数?|半数|一半|[大多小]半|成[百千]上[百千万]|` +
		`[零〇一二两三四五六七八九十百千万亿0-9]+分之[零〇一二两三四五六七八九十百千万亿0-9]+|` + // 三分之一
		`[二三四五六七八九]?十[一二三四五六七八九]{2}|` + // 十七八
		`[数上几好成]?[一二两三四五六七八九]{0,2}[十百千万亿]+|若干|[一二两三四五六七八九]{2})[余多]?)(.*)$`)
	digits = regexp.MustCompile(`^[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:\.[0-9]+)?`)
	ranges = regexp.MustCompile(`^ *(?:--?|—{1,2}|–|~|至|到) *`)
)

// Parse reads a number as it is printed in Chinese newspapers: figures or Chinese numerals with
// 十百千万亿, a range, words before and after that qualify it, a per cent sign and a unit. The error says what is
// accepted, in Chinese.
func Parse(s string) (Quantity, error) {
	q := Quantity{Printed: strings.TrimSpace(s), Value: math.NaN(), High: math.NaN()}
	if len(q.Printed) > 200 {
		return q, unreadable(q.Printed)
	}
	text := plain(q.Printed)
	for {
		word := oneOf(prefixes, text)
		if word == "" {
			break
		}
		q.Qualifier += word
		text = strings.TrimSpace(text[len(word):])
	}
	parts := "" // 百分之, which says before the figure what % says behind it
	if parts = oneOf([]string{"百分之", "千分之"}, text); parts != "" {
		text = text[len(parts):]
	}
	f, rest, ok := readFigure(text)
	if parts != "" && ok {
		sign := "%"
		if parts == "千分之" {
			sign = "‰"
		}
		rest = sign + rest
	}
	if strings.HasPrefix(rest, "分之") || text == "一半" {
		ok = false
	}
	if rest = strings.TrimLeft(rest, " "); !ok {
		text = plain(q.Printed)
		if m := vague.FindStringSubmatch(text); m != nil && isUnit(m[2]) {
			q.Qualifier, q.Unit = m[1], strings.TrimSpace(m[2])
			return q, nil
		}
		return q, unreadable(q.Printed)
	}
	high, percent := f, leadingPercent(rest)
	if sep := ranges.FindString(rest[len(percent):]); sep != "" {
		h, after, ok := readFigure(rest[len(percent)+len(sep):])
		if !ok || percent != "" && leadingPercent(after) != percent {
			return q, unreadable(q.Printed)
		}
		if f.factor == 1 && f.value < h.value*h.factor && f.infix == "" {
			f.factor = h.factor // 5—6万元: both are 万
		}
		high, rest = h, after
		q.High = exact(h.value, h.factor)
	}
	q.Value = exact(f.value, f.factor)
	if math.IsInf(q.Value, 0) || math.IsInf(q.High, 0) {
		return q, fmt.Errorf("数字“%.20s……”太长，读不出来。", q.Printed)
	}
	q.Qualifier += high.infix
	percent = leadingPercent(rest)
	rest = strings.TrimSpace(rest[len(percent):])
	for _, w := range suffixes {
		if before, ok := strings.CutSuffix(rest, w); ok {
			q.Qualifier += w
			rest = strings.TrimSpace(before)
			break
		}
	}
	if !math.IsNaN(q.High) {
		q.High, rest = half(q.High, rest)
	} else {
		q.Value, rest = half(q.Value, rest)
	}
	if !isUnit(rest) {
		return q, unreadable(q.Printed)
	}
	if (f.short || high.short) && rest != "" {
		return q, fmt.Errorf("“%.60s”有两种读法：末一个数字可以是个位，也可以是前一位的十分之一。请写成数字，或写全，如“三千二百人”“三千零二人”。", q.Printed)
	}
	q.Unit = percent + rest
	return q, nil
}

// plain writes a number in half-width characters, a minus as - and 廿 as 二十.
func plain(printed string) string {
	s := strings.NewReplacer("−", "-", "廿", "二十", "卅", "三十").Replace(strings.TrimSpace(width.Fold.String(printed)))
	for _, minus := range []string{"负", "零下"} {
		if rest, ok := strings.CutPrefix(s, minus); ok {
			return "-" + rest
		}
	}
	return s
}

// half reads what stands behind a unit and belongs to the figure: 3个半, 一年半, 3个半月, 八成五.
func half(v float64, unit string) (float64, string) {
	if rest, ok := strings.CutPrefix(unit, "成"); ok {
		if r, n := utf8.DecodeRuneInString(rest); han.Digit(r) > 0 && n == len(rest) {
			return exact(v*10+float64(han.Digit(r)), 0.1), "成"
		}
	}
	if before, ok := strings.CutSuffix(unit, "半"); ok && before != "" {
		return v + math.Copysign(0.5, v), before
	}
	if rest, ok := strings.CutPrefix(unit, "个半"); ok {
		return v + math.Copysign(0.5, v), "个" + rest
	}
	return v, unit
}

func unreadable(printed string) error {
	return fmt.Errorf("“%.60s”里读不出数字。照原文写数字和单位即可，如“1.3万多项”“约5.4亿元”“90%%以上”“数十项”。", printed)
}

func oneOf(words []string, text string) string {
	i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(text, w) })
	if i < 0 {
		return ""
	}
	return words[i]
}

func leadingPercent(s string) string { return oneOf([]string{"%", "‰"}, s) }

// isUnit reports whether a text can be a unit: words, without figures and without further signs.
func isUnit(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return (!strings.ContainsRune(numerals, first) || strings.HasPrefix(s, "百分")) &&
		!strings.ContainsFunc(s, func(r rune) bool {
			return !unicode.IsLetter(r) && !strings.ContainsRune(" ()/·²³-℃℉°′″", r) && (r < 0x3371 || r > 0x33df) // ㎡ ㎞ ㎏ ㏄
		})
}

// figure is a number as it stands in a text.
type figure struct {
	value, factor float64
	infix         string // 余 in 150余万, 多 in 254万多
	short         bool   // the last digit stands for tenths of the unit before it: 一万二, 5万3
}

// readFigure reads the figure at the beginning of a text.
func readFigure(s string) (f figure, rest string, ok bool) {
	f.factor = 1
	rest = s
	if d := digits.FindString(s); d != "" {
		v, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "").Replace(d), 64)
		if err != nil && !math.IsInf(v, 0) {
			return f, s, false
		}
		f.value, rest = v, s[len(d):]
	} else {
		v, short, n, ok := chineseFigure(s)
		if !ok {
			return f, s, false
		}
		f.value, f.short, rest = v, short, s[n:]
		if f.value, rest, ok = decimals(f.value, rest); !ok {
			return f, s, false
		}
	}
	for { // 万, 余万, 万余, 百万
		t := strings.TrimLeft(rest, " ")
		if word := oneOf(infixes, t); word != "" && f.infix == "" {
			f.infix, rest = word, t[len(word):]
			continue
		}
		if factor, n := scale(t); factor > 0 && f.factor*factor <= 1e12 {
			f.factor, rest = f.factor*factor, t[n:]
			continue
		}
		if f.factor > 1 && f.infix == "" && t != "" && t[0] >= '0' && t[0] <= '9' { // 5万3千
			if more, after, ok := readFigure(t); ok && more.value*more.factor < f.factor {
				short := len(t)-len(after) == 1 // 5万3 is 53,000
				if short {
					more.factor = f.factor / 10
				}
				return figure{f.value*f.factor + more.value*more.factor, 1, more.infix, short}, after, true
			}
		}
		return f, rest, true
	}
}

// scale is the number that a text begins with the word for, and the word's length.
func scale(s string) (factor float64, n int) {
	r, n := utf8.DecodeRuneInString(s)
	if factor = han.Unit(r); factor == 0 {
		n = 0
	}
	return factor, n
}

// decimals reads what stands behind a Chinese 点: 五点五, 一点三万. A 点 without figures behind it is a unit.
func decimals(v float64, s string) (float64, string, bool) {
	rest, ok := strings.CutPrefix(s, "点")
	if !ok {
		return v, s, true
	}
	text := strconv.FormatFloat(v, 'f', -1, 64) + "."
	n := len(text)
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		d := han.Digit(r)
		if d < 0 || r == '两' {
			break
		}
		text, rest = text+strconv.Itoa(d), rest[size:]
	}
	if len(text) == n {
		return v, s, true
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, rest, err == nil
}

const numerals = "零〇一二两三四五六七八九十百千万亿"

// chineseFigure reads the number written in Chinese at the beginning of a text, 一万二千 or 一九五八, and tells how
// many bytes it takes, and whether its last digit is short for more, as in 一万二. A 万 or 亿 at its end is left, as it is behind
// figures; a bare one is 1 before it.
func chineseFigure(s string) (value float64, short bool, n int, ok bool) {
	run := s[:len(s)-len(strings.TrimLeft(s, numerals))]
	if run == "" {
		return 0, false, 0, false
	}
	if short := strings.TrimRight(run, "万亿"); !strings.ContainsAny(short, "万亿") {
		run = short
	}
	if run == "" {
		return 1, false, 0, true
	}
	positional := !strings.ContainsAny(run, "十百千万亿")
	if r := []rune(run); positional && len(r) == 2 && han.Digit(r[0]) > 0 && (han.Digit(r[1]) == han.Digit(r[0])+1 || run == "三五") {
		return 0, false, 0, false // 七八: about so many
	}
	var total, section, digit, unit float64
	digit, unit = -1, 1e4
	tenth := 1.0 // what a digit at the end stands for: in 一百五 the tens
	for rest := run; rest != ""; {
		factor, n := scale(rest)
		if factor > 0 {
			tenth = max(factor/10, 1)
		}
		switch {
		case factor >= 1e4:
			total += (section + max(digit, 0)) * factor
			section, digit, unit = 0, -1, 1e4
		case factor > 0:
			if factor >= unit { // 五十三百
				return 0, false, 0, false
			}
			if digit < 0 {
				digit = 1
			}
			section, digit, unit = section+digit*factor, -1, factor
		default:
			r, size := utf8.DecodeRuneInString(rest)
			n = size
			d := float64(han.Digit(r))
			switch {
			case positional:
				total = total*10 + d
			case d == 0:
				tenth = 1
			case d > 0 && digit > 0: // 二三十: about so many
				return 0, false, 0, false
			case d > 0:
				digit = d
			}
		}
		rest = rest[n:]
	}
	return total + section + max(digit, 0)*tenth, digit > 0 && tenth > 1, len(run), true
}

// exact multiplies without the noise of binary fractions: 1.3 × 10000 is 13000.
func exact(v, factor float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v*factor, 'g', 15, 64), 64)
	return r
}
