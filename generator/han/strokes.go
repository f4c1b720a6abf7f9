package han

import (
	_ "embed"
	"strings"
	"sync"
)

//go:generate sh -c "go run ./internal/stroketable -unihan ${UNIHAN:?the folder of Unihan_*.txt} -order ${CNCHAR_ORDER:?cnchar.order.min.js of the npm package cnchar-order} > strokes.tmp && mv strokes.tmp strokes.txt"

// strokeTable has the characters by their numbers of strokes and, in each, in the order of GF 3003—1999 (横竖撇点折).
//
//go:embed strokes.txt
var strokeTable string

// stroked is where a character stands in that order.
type stroked struct {
	place uint16 // among all, from 1
	count uint8
}

var strokesOf = sync.OnceValue(func() map[rune]stroked {
	m := make(map[rune]stroked, 20000)
	for line := range strings.Lines(strokeTable) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		number, chars, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		n := 0
		for _, c := range number {
			n = 10*n + int(c-'0')
		}
		for _, r := range chars {
			m[r] = stroked{uint16(len(m) + 1), uint8(n)}
		}
	}
	return m
})

func strokes(r rune) stroked {
	if s, ok := strokesOf()[r]; ok {
		return s
	}
	return strokesOf()[Fold(r)]
}

// Strokes gives the number of strokes of a character, a traditional one as its simplified form, or 0 if that is not known.
func Strokes(r rune) int { return int(strokes(r).count) }

// SurnameStrokeKey returns a key whose byte order is that of lists 按姓氏笔画 (the CPPCC's, the party's): character by
// character, by strokes and their order; names of one surname with a given name of one character come first, as if there were a blank
// between. Letters stand behind all characters, dots and blanks between parts of a name do not count.
func SurnameStrokeKey(name string) string {
	surname, given := SplitName(name)
	if surname == "" {
		return NameStrokeKey(name)
	}
	blank := ""
	if len([]rune(given)) == 1 {
		blank = "\x00\x00"
	}
	// What stands behind a surname of one character comes before that of a longer one that begins with it.
	return strokeKey(surname) + "\x00\x00" + blank + strokeKey(given) + "\x00\x00" + name
}

// NameStrokeKey returns a key whose byte order is that of lists 按姓名笔画 (the people's congresses'): character by character, by
// strokes and their order, and nothing else.
func NameStrokeKey(name string) string { return strokeKey(name) + "\x00\x00" + name }

func strokeKey(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch p := strokes(r).place; {
		case p > 0:
			b.WriteByte(byte(p >> 8))
			b.WriteByte(byte(p))
		case IsHan(r):
			b.WriteString("\xfe\xfe" + string(r))
		case strings.ContainsRune("·• 　", r):
		default:
			b.WriteString("\xff" + string(Fold(r)))
		}
	}
	return b.String()
}

// FirstStrokes is under how many strokes a list in the order of strokes files a name: those of its first character, 0 if it
// has none.
func FirstStrokes(name string) int {
	for _, r := range strings.TrimSpace(name) {
		return Strokes(r)
	}
	return 0
}
