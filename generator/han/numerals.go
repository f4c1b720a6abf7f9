package han

import "strings"

const digits = "零一二三四五六七八九"

// Digit is the value of a numeral from 零 to 九, 〇 and 两 among them; -1 for any other character.
func Digit(r rune) int {
	switch r {
	case '〇':
		return 0
	case '两':
		return 2
	}
	if i := strings.IndexRune(digits, r); i >= 0 {
		return i / len("零")
	}
	return -1
}

// Unit is the value of 十, 百, 千, 万 and 亿; 0 for any other character.
func Unit(r rune) float64 {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1e3
	case '万':
		return 1e4
	case '亿':
		return 1e8
	}
	return 0
}
