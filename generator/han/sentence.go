package han

import (
	"strings"
	"unicode"
)

// closers gives the closing mark of every opening one whose inside must not be torn apart.
var closers = map[rune]rune{
	'《': '》', '〈': '〉', '“': '”', '‘': '’', '「': '」', '『': '』', '（': '）', '(': ')',
	'【': '】', '〔': '〕', '〖': '〗', '［': '］', '[': ']',
}

// SentenceEnd shortens s to at most max characters. The result ends after a sentence (。！？；…, with the quotation marks that
// close there) if one ends after a third of max; else after a clause, or if there is none at any character, and then with …
// in place of what is missing. It never ends between the marks of a pair (《》 “” 「」 （）), inside a character with its
// combining marks, or inside a Latin word or number. If one pair alone is longer than max, it is cut and closed again.
// White space at both ends is dropped. A max below 1 gives "".
func SentenceEnd(s string, max int) string {
	s = strings.TrimSpace(s)
	if max < 1 {
		return ""
	}
	// A pair is looked for a little beyond the limit; longer ones are taken for a mark that nobody closed.
	size := 3*max + 64
	var near [512]rune // enough for an excerpt, and not from the heap: every record has one
	window := near[:0]
	for _, r := range s {
		if window = append(window, r); len(window) == size {
			break
		}
	}
	if len(window) <= max {
		return s
	}
	var nearEnd [len(near)]int
	end := pairs(window, nearEnd[:])

	var sentence, clause, anywhere, pair int // how many characters each cut would keep
	pairEnd := 0
	for i := 0; i < max; i++ {
		if end[i] > i { // an opening mark: go on behind its pair
			if end[i] >= max {
				pair, pairEnd = i, end[i]
				break
			}
			i = end[i]
		}
		keep := i + 1
		if !separable(window[i], window[keep]) {
			continue
		}
		last := window[i]
		for k := i; k > 0 && isCloser(last); k-- {
			last = window[k-1]
		}
		switch {
		case isSentenceEnd(window, i, last):
			sentence = keep
		case isClauseEnd(window[i]):
			if keep-1 > 0 {
				clause = keep - 1
			}
		}
		if keep < max {
			anywhere = keep
		}
	}
	third := max / 3
	switch {
	case sentence > third:
		return string(window[:sentence])
	case clause > third:
		return strings.TrimRightFunc(string(window[:clause]), unicode.IsSpace) + "…"
	case pairEnd > 0 && pair <= third && max-pair >= 4:
		keep := max - 2
		for keep > pair+1 && !separable(window[keep-1], window[keep]) {
			keep--
		}
		return string(window[:keep]) + "…" + string(window[pairEnd])
	case anywhere > 0:
		return strings.TrimRightFunc(string(window[:anywhere]), unicode.IsSpace) + "…"
	}
	return "…"
}

// pairs returns for every opening mark the index of its closing one, and 0 elsewhere. Pairs inside a pair count with it; a mark
// without its partner counts as an ordinary character. The result is in end, which is all zero, if that is long enough.
func pairs(text []rune, end []int) []int {
	if len(end) < len(text) {
		end = make([]int, len(text))
	}
	open := make([]int, 0, 16)
	for i, r := range text {
		if isHanLetter(r) { // most are
			continue
		}
		if closers[r] != 0 {
			open = append(open, i)
			continue
		}
		if !isCloser(r) {
			continue
		}
		for k := len(open) - 1; k >= 0; k-- {
			if closers[text[open[k]]] == r {
				end[open[k]] = i
				open = open[:k]
				break
			}
		}
	}
	return end
}

func isCloser(r rune) bool {
	switch r {
	case '》', '〉', '”', '’', '」', '』', '）', ')', '】', '〕', '〗', '］', ']':
		return true
	}
	return false
}

func isClauseEnd(r rune) bool {
	switch r {
	case '，', '、', '：', ',', ':', '—':
		return true
	}
	return false
}

func isFullStop(r rune) bool {
	switch r {
	case '。', '！', '？', '；', '…', '!', '?', ';', '．':
		return true
	}
	return false
}

// isHanLetter reports whether r is a common Chinese character, which no rule here is about.
func isHanLetter(r rune) bool { return 0x4E00 <= r && r <= 0x9FFF }

// isSentenceEnd reports whether a sentence ends at text[i], whose last mark before closing ones is last.
func isSentenceEnd(text []rune, i int, last rune) bool {
	if isFullStop(last) {
		// A mark that closes belongs to the sentence, and so does a second … or ！.
		next := text[i+1]
		return !isFullStop(next) && !(isCloser(next) && closes(text, i+1))
	}
	return last == '.' && unicode.IsSpace(text[i+1])
}

// closes reports whether the closing mark at text[i] has an opening one before it.
func closes(text []rune, i int) bool {
	for k := i - 1; k >= 0; k-- {
		if closers[text[k]] == text[i] {
			return true
		}
	}
	return false
}

// separable reports whether a text may be cut between a and b.
func separable(a, b rune) bool {
	if isHanLetter(b) {
		return a != 0x200D
	}
	if unicode.In(b, unicode.Mn, unicode.Me, unicode.Mc) || b == 0x200D || a == 0x200D {
		return false
	}
	if b >= 0x1F3FB && b <= 0x1F3FF || b >= 0x1F1E6 && b <= 0x1F1FF && a >= 0x1F1E6 && a <= 0x1F1FF { // skin tones, flags
		return false
	}
	if b >= 0xE0020 && b <= 0xE007F { // tags of flags
		return false
	}
	if isWordRune(a) && isWordRune(b) {
		return false
	}
	return !(a == '…' && b == '…' || a == '—' && b == '—')
}

// isWordRune reports whether r is part of a Latin word or number, such as 3.5% or G-60.
func isWordRune(r rune) bool {
	return r < 0x2000 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '%' || r == '-' || r == '\'')
}

// partners are the marks that stand in pairs, in Chinese: not ’, which is an apostrophe too, nor （, which a ) may close.
var partners = map[rune]rune{'”': '“', '》': '《', '〉': '〈', '」': '「', '』': '『', '】': '【', '〕': '〔'}

// Unpaired gives the first mark of a text that opens and is not closed, or closes and was not opened, or 0.
func Unpaired(s string) rune {
	var open []rune
	for _, r := range s {
		switch r {
		case '“', '《', '〈', '「', '『', '【', '〔':
			open = append(open, r)
		default:
			if first := partners[r]; first != 0 {
				if len(open) == 0 || open[len(open)-1] != first {
					return r
				}
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) > 0 {
		return open[0]
	}
	return 0
}
