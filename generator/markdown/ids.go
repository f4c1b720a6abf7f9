package markdown

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/han"
)

// maxID is the greatest length of an id in characters; a heading that is a paragraph needs no more.
const maxID = 60

// id makes the id of a heading: its letters and digits in lower case, hyphens for all between them. Han is
// kept, since people read and share it. The second of the same text gets -1, the third -2. An id that its author gave the
// heading is used, as far as ids can be like it, with its capitals.
func (w *writer) id(heading, own string) string {
	var b strings.Builder
	gap, n := false, 0
	lower := unicode.ToLower
	if own != "" {
		heading, lower = own, func(r rune) rune { return r }
	}
	for _, r := range heading {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '〇' || unicode.IsMark(r):
			if gap && n > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(lower(r))
			n++
		default:
			gap = true
		}
		if n >= maxID {
			break
		}
	}
	base := b.String()
	if base == "" {
		base = "section"
	}
	base = w.prefixed(base)
	if w.ids == nil {
		w.ids = map[string]int{}
	}
	next, taken := w.ids[base]
	if !taken {
		w.ids[base] = 1
		return base
	}
	for ; ; next++ {
		id := base + "-" + strconv.Itoa(next)
		if _, taken := w.ids[id]; !taken {
			w.ids[base] = next + 1
			w.ids[id] = 1
			return id
		}
	}
}

// countChars counts as Chinese editors do: each Han (or kana) character is one, and so is each run of
// other letters and digits (1.3, 12351, well-known); punctuation is not counted.
func countChars(text []byte) int {
	n := 0
	inWord := false
	for i := 0; i < len(text); {
		c := text[i]
		if c >= 0xe5 && c <= 0xe9 || c == 0xe4 && i+1 < len(text) && text[i+1] >= 0xb8 { // U+4E00 to U+9FFF is Han throughout
			n++
			i += 3
			inWord = false
			continue
		}
		if c < utf8.RuneSelf {
			i++
			switch {
			case isAlnum(c):
				if !inWord {
					n++
				}
				inWord = true
			case inWord && strings.IndexByte(".,'-_@/:%", c) >= 0 && i < len(text) && isAlnum(text[i]): // within a word
			default:
				inWord = false
			}
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		switch {
		case r >= 0x3001 && r <= 0x3003, r >= 0x3008 && r <= 0x3011, r >= 0xff01 && r <= 0xff0f, r >= 0xff1a && r <= 0xff20:
			inWord = false // the usual punctuation: nothing that is asked below
		case han.IsHan(r) || r >= 0x3041 && r <= 0x30ff && r != '・':
			n++
			inWord = false
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if !inWord {
				n++
			}
			inWord = true
		case r == '’' && inWord:
		default:
			inWord = inWord && unicode.IsMark(r)
		}
	}
	return n
}
