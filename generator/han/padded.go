package han

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Padded finds in a text the names of two characters that are written as wide as those of three, as lists do it: 甲　测, each
// character alone between what is none. It gives them without the space. What is no name may be among them: 上　下.
func Padded(text []byte) (names []string) {
	for at := 0; at < len(text); {
		i := bytes.IndexAny(text[at:], " \u3000\u00a0\u2003")
		if i < 0 {
			return names
		}
		from := at + i
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
