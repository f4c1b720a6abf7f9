package han

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// numbered writes the numbers of a text with as many digits, so that they sort by their size: those in digits, those in
// Chinese behind 第 or between brackets, and years (一九五八年).
func numbered(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return r >= '0' && r <= '9' || r >= '０' && r <= '９' || r == '第' || r == '（' || r == '(' || r == '年'
	}) < 0 {
		return s
	}
	var b strings.Builder
	last := rune(0)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		n, length := 0, 0
		if d := Fold(r); d >= '0' && d <= '9' {
			n, length = arabic(s[i:])
		} else if value, size := chinese(s[i:]); size > 0 && (last == '第' || last == '（' || last == '(' || size == 4*len("一") && strings.HasPrefix(s[i+size:], "年")) {
			n, length = value, size
		}
		if length == 0 {
			b.WriteString(s[i : i+size])
			last = r
			i += size
			continue
		}
		fmt.Fprintf(&b, "%09d", n)
		last = '0'
		i += length
	}
	return b.String()
}

// arabic reads the digits that a text begins with; a number of more than nine is none.
func arabic(s string) (n, length int) {
	count := 0
	for length < len(s) {
		r, size := utf8.DecodeRuneInString(s[length:])
		d := Fold(r)
		if d < '0' || d > '9' {
			break
		}
		if count++; count > 9 {
			return 0, 0
		}
		n = n*10 + int(d-'0')
		length += size
	}
	return n, length
}

// chinese reads the number in Chinese that a text begins with: 十一, 二十, 一百零三, 一九五八.
func chinese(s string) (n, length int) {
	total, digit, positional := 0, -1, true
	for length < len(s) {
		r, size := utf8.DecodeRuneInString(s[length:])
		if d := strings.IndexRune("〇一二三四五六七八九", r); d >= 0 || r == '零' {
			d = max(d, 0) / len("〇")
			if digit >= 0 && positional {
				total = total*10 + d
			} else if positional {
				total = d
			}
			digit = d
		} else if unit := map[rune]int{'十': 10, '百': 100, '千': 1000}[r]; unit > 0 {
			if positional {
				total, positional = 0, false
			}
			total += max(digit, 0) * unit
			if digit < 0 {
				total += unit
			}
			digit = 0
		} else {
			break
		}
		if length += size; length > 30 {
			return 0, 0
		}
	}
	if !positional {
		total += max(digit, 0)
	}
	return total, length
}
