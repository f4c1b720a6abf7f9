package search

import (
	"slices"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/han"
)

// wordStart is the unit before a run of letters. A unit of 0 stands for a break in the arrays of this package; it is never
// indexed.
const wordStart = 1

// Units of pinyin. Text can't contain them: private-use characters are breaks.
const (
	syllableStart = 0xE000 // + letter: the first letter of a syllable
	syllableRest  = 0xE020 // + letter: each further one
	initialLetter = 0xE040 // + letter: the initials of a title
)

// kind is what a folded character is to the index, docs/search-format.md section 2.
type kind uint8

const (
	isBreak kind = iota
	isIgnored
	isLetter
	isSign
)

// kinds lists the ranges of the kinds; what is in none is a break. The browser's search.js has the same list. What is ignored is
// not han's set of invisible characters: it is part of the format, and the texts come here without those.
var kinds = []struct {
	first, last rune
	kind        kind
}{
	{'0', '9', isLetter}, {'a', 'z', isLetter}, {0xAA, 0xAA, isLetter}, {0xAD, 0xAD, isIgnored}, {0xB0, 0xB0, isLetter}, {0xB2, 0xB3, isLetter}, {0xB5, 0xB5, isLetter},
	{0xB9, 0xBA, isLetter}, {0xDF, 0xF6, isLetter}, {0xF8, 0x2FF, isLetter}, {0x300, 0x36F, isIgnored}, {0x370, 0x52F, isLetter},
	{0x530, 0x1DFF, isSign}, {0x1E00, 0x1FFF, isLetter}, {0x200B, 0x200D, isIgnored}, {0x2060, 0x2060, isIgnored}, {0x2E80, 0x2FDF, isSign},
	{0x3005, 0x3007, isSign}, {0x3021, 0x3029, isSign}, {0x3041, 0x30FA, isSign}, {0x30FC, 0x312F, isSign}, {0x31A0, 0x31BF, isSign},
	{0x31F0, 0x31FF, isSign}, {0x3400, 0x4DBF, isSign}, {0x4E00, 0x9FFF, isSign}, {0xA000, 0xD7FF, isSign}, {0xF900, 0xFAFF, isSign},
	{0xFE00, 0xFE0F, isIgnored}, {0xFEFF, 0xFEFF, isIgnored}, {0x20000, 0x3FFFF, isSign}, {0xE0100, 0xE01EF, isIgnored},
}

func kindOf(r rune) kind {
	lo, hi := 0, len(kinds)
	for lo < hi {
		if m := (lo + hi) / 2; kinds[m].last < r {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(kinds) && kinds[lo].first <= r {
		return kinds[lo].kind
	}
	return isBreak
}

// foldedUnits says for every character of the Basic Multilingual Plane what becomes of it: a unit, or one of the two below.
var foldedUnits = sync.OnceValue(func() *[1 << 16]uint16 {
	table := new([1 << 16]uint16)
	for r := rune(0); r < 1<<16; r++ {
		f := han.Fold(r)
		switch k := kindOf(f); {
		case f >= 1<<16 || isComposed(r):
			table[r] = unitSlow
		case k == isIgnored:
			table[r] = unitIgnored
		case k != isBreak:
			table[r] = uint16(f)
		}
	}
	return table
})

const (
	unitIgnored = 0xFFFF
	unitSlow    = 0xFFFE // folds to a character beyond the plane, or stands for several
)

// isComposed reports whether a character is another way to write one or several others: Ⅱ, ①, ㎡, ℃. They are what
// Unicode's compatibility decomposition makes of them.
func isComposed(r rune) bool {
	return r >= 0x2100 && r <= 0x214F || r >= 0x2160 && r <= 0x217F || r >= 0x2460 && r <= 0x24FF || r >= 0x3200 && r <= 0x33FF
}

func isDigit(u uint16) bool { return u >= '0' && u <= '9' }

func isLetterUnit(u uint16) bool {
	return u < 0x530 && u > wordStart || u >= 0x1E00 && u < 0x2000
}

// appendUnits appends the units of text to units, breaks as 0, never two of them in a row nor one at the very beginning. So an index
// into the result is a position.
func appendUnits(units []uint16, text []byte) []uint16 {
	table := foldedUnits()
	letters := len(units) > 0 && isLetterUnit(units[len(units)-1])
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		switch {
		case r < utf8.RuneSelf:
		case r >= 0xE1 && r <= 0xEC && i+2 < len(text) && text[i+1]&0xC0 == 0x80 && text[i+2]&0xC0 == 0x80: // most of Chinese
			r, n = r&0xF<<12|rune(text[i+1]&0x3F)<<6|rune(text[i+2]&0x3F), 3
		default:
			r, n = utf8.DecodeRune(text[i:])
		}
		i += n
		var u uint16
		if r < 1<<16 {
			u = table[r]
		} else {
			u = unitSlow
		}
		switch {
		case u == 0:
			letters = false
			units = appendBreak(units)
		case u < 0x2000 && isLetterUnit(u):
			if !letters || isDigit(units[len(units)-1]) && !isDigit(u) { // 25m² is 25 and m²
				units = append(units, wordStart)
				letters = true
			}
			units = append(units, u)
		case u < unitSlow:
			letters = false
			units = append(units, u)
		case u == unitSlow:
			f := han.Fold(r)
			if isComposed(r) && !norm.NFKC.IsNormalString(string(r)) { // of ⓫ and ℗ nothing else is made
				from := len(units)
				units = appendUnits(units, norm.NFKC.AppendString(nil, string(r)))
				if letters && len(units) > from && isLetterUnit(units[from]) { // ⅡⅡ, AⅡ: it begins a word of its own
					units = slices.Insert(units, from, wordStart)
				}
				letters = len(units) > 0 && isLetterUnit(units[len(units)-1])
				continue
			}
			switch kindOf(f) {
			case isIgnored:
			case isSign:
				letters = false
				if f >= 1<<16 {
					f -= 1 << 16
					units = append(units, 0xD800|uint16(f>>10), 0xDC00|uint16(f&0x3FF))
				} else {
					units = append(units, uint16(f))
				}
			default:
				letters = false
				units = appendBreak(units)
			}
		}
	}
	return units
}

func appendBreak(units []uint16) []uint16 {
	if n := len(units); n > 0 && units[n-1] != 0 {
		return append(units, 0)
	}
	return units
}

// appendPinyin appends the spelling and the initials of syllables, each followed by a break, and returns where each run begins and ends.
// Syllables that are not spelt with a to z are breaks.
func appendPinyin(units []uint16, syllables []string) (all []uint16, runs [2][2]int) {
	spelt := func(s string) bool {
		for i := range len(s) {
			if s[i] < 'a' || s[i] > 'z' {
				return false
			}
		}
		return s != ""
	}
	for run := range 2 {
		units = appendBreak(units)
		runs[run][0] = len(units)
		for _, s := range syllables {
			if !spelt(s) {
				units = appendBreak(units)
				continue
			}
			if run == 1 {
				units = append(units, initialLetter+uint16(s[0]-'a'))
				continue
			}
			for i := range len(s) {
				base := uint16(syllableRest)
				if i == 0 {
					base = syllableStart
				}
				units = append(units, base+uint16(s[i]-'a'))
			}
		}
		runs[run][1] = len(units)
		units = appendBreak(units)
	}
	return units, runs
}

// isSingle reports whether a unit alone is a gram: a sign of the plane.
func isSingle(u uint16) bool {
	return u >= 0x530 && !(u >= 0x1E00 && u < 0x2000) && !(u >= 0xD800 && u < 0xF900)
}

// key spreads grams evenly over 32 bits; gramOf is its inverse.
func key(u1, u2 uint16) uint32 {
	g := uint32(u1)<<16 | uint32(u2)
	return (g ^ g>>16) * keyFactor
}

func gramOf(key uint32) (u1, u2 uint16) {
	g := key * keyInverse
	g ^= g >> 16
	return uint16(g >> 16), uint16(g)
}

const (
	keyFactor  = 0x9E3779B1
	keyInverse = 0x0E8B2F51 // keyFactor * keyInverse = 1 mod 2^32; see TestKey
)
