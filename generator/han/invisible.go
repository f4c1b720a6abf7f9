package han

import (
	"strings"
	"unicode/utf8"
)

// Invisible is why a character that nobody sees is not wanted in a text.
type Invisible uint8

// The kinds of invisible characters.
const (
	Visible   Invisible = iota
	Control             // controls, separators of lines, marks of annotations, what is no character
	Direction           // it turns the text around it
	Widthless           // it has neither width nor meaning in Chinese: zero-width space, soft hyphen, byte order mark
	Joiner              // U+200C and U+200D: scripts and families of emoji need them, Chinese does not; see Joins
)

// Sight classifies a character. Spaces, tab and line feed are visible; so is a carriage return not. Sources: Unicode
// Standard Annex 9 (Bidi_Control), chapter 23.2 (format characters).
func Sight(r rune) Invisible {
	switch {
	case r < ' ':
		if r == '\t' || r == '\n' {
			return Visible
		}
		return Control
	case r < 0x7f:
		return Visible
	case r < 0xa0, r == 0x2028, r == 0x2029, r >= 0xfff9 && r <= 0xfffb, r == 0xfffe, r == 0xffff:
		return Control
	case r == 0x200c, r == 0x200d:
		return Joiner
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
		return Direction
	case r == 0x200b, r >= 0x2060 && r <= 0x2064, r == 0xfeff, r == 0xad, r == 0x034f:
		return Widthless
	}
	return Visible
}

// Hidden reports whether a character is to be taken out of texts: it is invisible and no joiner.
func Hidden(r rune) bool {
	k := Sight(r)
	return k != Visible && k != Joiner
}

// Joins reports whether a joiner between two characters has work to do. Beside Chinese, Latin letters, signs of either,
// spaces and the ends of a text (0) it is only in the way: a name with one in it is another name to a program.
func Joins(before, after rune) bool { return joined(before) && joined(after) }

func joined(r rune) bool {
	switch {
	case r < 0x0300, r >= 0x2000 && r <= 0x206f, r >= 0x2e80 && r <= 0x9fff, r >= 0xf900 && r <= 0xfaff, r >= 0xff00 && r <= 0xffef, r >= 0x20000 && r <= 0x3ffff:
		return false
	}
	return true
}

// Seen is a text without what nobody sees, but for joiners that have work to do, and how many characters of each kind are
// gone.
func Seen(s string) (text string, gone [Joiner + 1]int) {
	if !strings.ContainsFunc(s, func(r rune) bool { return Sight(r) != Visible }) {
		return s, gone
	}
	var b strings.Builder
	before := rune(0)
	for i, r := range s {
		k := Sight(r)
		if k == Joiner {
			if after, n := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):]); n > 0 && Joins(before, after) {
				k = Visible
			}
		}
		if k == Visible {
			b.WriteRune(r)
			before = r
		} else {
			gone[k]++
		}
	}
	return b.String(), gone
}
