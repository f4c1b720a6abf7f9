package han

import (
	"unicode"
	"unicode/utf8"
)

// Padded finds in a text the names of two characters that are written as wide as those of three, as lists do it: 甲　测, each
// character alone between what is none. It gives them without the space. What is no name may be among them: 上　下.
func Padded(text []byte) (names []string) {
	for at := 0; at < len(text); {
		from := nextPad(text, at)
		if from < 0 {
			return names
		}
		end := from
		for end < len(text) {
			r, size := utf8.DecodeRune(text[end:])
			if r == '\n' || !unicode.IsSpace(r) {
				break
			}
			end += size
		}
		at = max(end, from+1)
		first, n := utf8.DecodeLastRune(text[:from])
		second, m := utf8.DecodeRune(text[end:])
		if !IsHan(first) || !IsHan(second) {
			continue
		}
		before, _ := utf8.DecodeLastRune(text[:from-n])
		after, _ := utf8.DecodeRune(text[end+m:])
		if !IsHan(before) && !IsHan(after) {
			names = append(names, string(first)+string(second))
		}
	}
	return names
}

// nextPad finds the next space that pads names, from at on, or gives -1. It compares bytes, since it sees every text of an
// archive: a space, or the beginning of U+00A0, U+2003 or U+3000.
func nextPad(text []byte, at int) int {
	for i := at; i < len(text); i++ {
		switch c := text[i]; {
		case c > 0xe3 && c < 0xf0: // most of the text: characters of three bytes
			if i+2 < len(text) && text[i+2] >= 0x80 {
				i += 2
			}
		case c == ' ':
			return i
		case c == 0xc2:
			if i+1 < len(text) && text[i+1] == 0xa0 {
				return i
			}
		case c == 0xe2:
			if i+2 < len(text) && text[i+1] == 0x80 && text[i+2] == 0x83 {
				return i
			}
		case c == 0xe3:
			if i+2 < len(text) && text[i+1] == 0x80 && text[i+2] == 0x80 {
				return i
			}
		}
	}
	return -1
}
