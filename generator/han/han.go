// Package han is what the program knows about Chinese text: which characters count as equal in a search, how names and words
// are read in pinyin, and where a sentence may be cut.
//
// Everything here is a pure function of its arguments and of tables that are part of the program.
package han

import "unicode"

// IsHan reports whether r is a Chinese character: a character of the Han script, so also 〇, 々, radicals, compatibility forms
// and the characters outside the Basic Multilingual Plane.
func IsHan(r rune) bool {
	switch {
	case r < 0x2E80:
		return r == '○' || r == '◯' // typed for 〇, to which they fold
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3400 && r <= 0x4DBF:
		return true
	case r >= 0xAC00 && r <= 0xF8FF, r >= 0xFB00 && r <= 0xFFFF: // Hangul, private use, forms
		return false
	}
	return unicode.Is(unicode.Han, r)
}
