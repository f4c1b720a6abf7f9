package content

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/width"
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
	before    = `约|大约|近|将近|逾|超过|超|不足|不到|至少|最多|上|数`
	scale     = `万亿|千万|百万|十万|亿|万|千|百|十`
	qualified = regexp.MustCompile(`^(` + before + `)?\s*([+-]?[0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:%?\s*[-—~～至到]\s*([0-9][0-9,]*(?:\.[0-9]+)?))?\s*(` + scale + `)?\s*(余|多|来|左右|上下)?\s*(` + scale + `)?\s*(余|多|来)?\s*(%|‰)?\s*([^0-9%‰]*?)\s*(以上|以下|以内|左右|上下)?$`)
	vague     = regexp.MustCompile(`^(数|上|几|近|约)?(十|百|千|万|亿)+(余|多)?([^0-9]*)$`)
	scales    = map[string]float64{"": 1, "十": 10, "百": 100, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
)

// ParseQuantity reads a number as it is printed in Chinese newspapers: figures with 十百千万亿,
// qualifiers before or after, per cent signs and a unit. The error says what is accepted, in Chinese.
func ParseQuantity(s string) (Quantity, error) {
	q := Quantity{Printed: strings.TrimSpace(s), Value: math.NaN(), High: math.NaN()}
	text := chineseFigures(strings.TrimSpace(width.Fold.String(q.Printed)))
	if m := qualified.FindStringSubmatch(text); m != nil {
		factor := scales[m[4]] * scales[m[6]]
		v, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", ""), 64)
		if err != nil {
			return q, fmt.Errorf("数字“%s”太长，读不出来。", q.Printed)
		}
		q.Value = exact(v, factor)
		if m[3] != "" {
			if h, err := strconv.ParseFloat(strings.ReplaceAll(m[3], ",", ""), 64); err == nil {
				q.High = exact(h, factor)
			}
		}
		q.Unit = m[8] + m[9]
		for _, w := range []string{m[1], m[5], m[7], m[10]} {
			q.Qualifier += w
		}
		return q, nil
	}
	if m := vague.FindStringSubmatch(text); m != nil {
		q.Qualifier, q.Unit = strings.TrimSuffix(text, m[4]), m[4]
		return q, nil
	}
	return q, fmt.Errorf("“%s”里读不出数字。照原文写数字和单位即可，如“1.3万多项”“约5.4亿元”“90%%以上”“数十项”。", q.Printed)
}

var figures = regexp.MustCompile(`^(约|近|逾|不足)?([一二两三四五六七八九〇零百千十]+)`)

// chineseFigures turns a number written in Chinese at the beginning of a text into figures: 一项 is 1项,
// 二十三家 is 23家. 数十, 上百 and 几千 are no numbers and stay, as does a bare 十 or 百 before 余 or 多.
func chineseFigures(s string) string {
	m := figures.FindStringSubmatch(s)
	if m == nil || !strings.ContainsAny(m[2], "一二两三四五六七八九") {
		return s
	}
	digits := map[rune]int{'〇': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	total, digit, positional := 0, 0, !strings.ContainsAny(m[2], "十百千")
	for _, r := range m[2] {
		switch r {
		case '十', '百', '千':
			unit := map[rune]int{'十': 10, '百': 100, '千': 1000}[r]
			total, digit = total+max(digit, 1)*unit, 0
		default:
			if positional {
				digit = digit*10 + digits[r]
			} else {
				digit = digits[r]
			}
		}
	}
	return m[1] + strconv.Itoa(total+digit) + s[len(m[0]):]
}

// exact multiplies without the noise of binary fractions: 1.3 × 10000 is 13000.
func exact(v, factor float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v*factor, 'g', 15, 64), 64)
	return r
}
