package markdown

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"

	"gongzhi/generator/han"
)

// ownLine reports that a line of a paragraph is not what Markdown takes it for, the rest of the line before it, but one that
// its author began: it has a typed indent, or the mark of an outline (一、 （一） 1. 1、 第一条 •). So a text as word processors
// leave it on the clipboard keeps its paragraphs. The lines before and behind it decide where a mark may also be the middle
// of a sentence (一要, 1958年).
func ownLine(before, prev, line, next []byte, outer bool) bool {
	switch indent := indentOf(line); {
	case indent == wideIndent:
		return true
	case indent == plainIndent && outer && hasHan(line):
		return true
	case bytes.IndexByte(line, '\t') > 0 && bytes.IndexByte(prev, '\t') > 0: // rows of a table that could not be made one
		return true
	case rule(prev), gapped(line) && gapped(prev), listed(line) && listed(prev) && (listed(before) || listed(next)), commas(line) > 1 && commas(line) == commas(prev):
		return true
	}
	switch kind := markOf(line); kind {
	case noMark:
		return false
	case sureMark:
		return true
	case labelMark:
		return markOf(prev) == kind || markOf(next) == kind
	default:
		return endsSentence(prev) || markOf(prev) == kind || markOf(next) == kind
	}
}

// gapped reports a line whose words are set apart as columns are: by two spaces, or one of Chinese width.
func gapped(line []byte) bool {
	line = bytes.Trim(line, " \t\r　")
	return bytes.Contains(line, []byte("  ")) || bytes.Contains(line, []byte("　"))
}

// listed reports a line that holds a name or a term and nothing else: nobody breaks a text after so little.
func listed(line []byte) bool {
	n := 0
	for _, r := range string(bytes.Trim(line, " \t\r　")) {
		if n++; n > 8 || !han.IsHan(r) && r != '·' && r != ' ' {
			return false
		}
	}
	return n > 1
}

// commas counts the commas of another script in a line of Chinese, as a table saved for programs has them.
func commas(line []byte) int {
	if !hasHan(line) {
		return 0
	}
	return bytes.Count(line, []byte{','})
}

// enumerated reports that a line begins with the mark of an outline.
func enumerated(line []byte) bool { return markOf(line) != noMark }

const (
	noIndent    = iota
	plainIndent // four columns of spaces
	wideIndent  // two characters of Chinese width
)

func indentOf(line []byte) int {
	wide, plain := 0, 0
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		switch r {
		case ' ':
			plain++
		case '\t':
			plain += 4
		case '>': // of the quote that it is in
			plain = 0
		case 0x3000, 0x2003, 0x2001: // ideographic space, em space, em quad
			wide += 2
		case 0x2002, 0x2000, 0xa0: // en space, en quad, no-break space
			wide++
		default:
			if r == '&' {
				if text, n := entity(line[i:]); n > 0 && isIndent(text) {
					wide++
					if text == "\u3000" || text == "\u2003" {
						wide++
					}
					i += n
					continue
				}
			}
			switch {
			case wide >= 2:
				return wideIndent
			case plain >= 4:
				return plainIndent
			}
			return noIndent
		}
		i += size
	}
	return noIndent
}

// isIndent reports that a text is nothing but spaces that people indent with.
func isIndent(s string) bool {
	for _, r := range s {
		switch r {
		case ' ', '\t', 0xa0, 0x3000:
		default:
			if r < 0x2000 || r > 0x200a {
				return false
			}
		}
	}
	return s != ""
}

// kinds of marks at the start of a line. The weak ones are told apart, since one settles another of its kind.
const (
	noMark   = iota
	sureMark // 一、 （一） 1. 1、 第一条 • ①
	yearMark // 1958年
	wordMark // 一要 二是
	letterMark
	romanMark  // II.
	latinMark  // 14. The number
	dashMark   // -甲, － 甲
	numberMark // [1] as in a list of notes
	labelMark  // 姓　名：
)

// markOf finds the mark at the start of a line, behind its indent, the sign of a quote and signs of emphasis.
func markOf(line []byte) int {
	line = bytes.TrimLeft(line, " \t>*_　")
	if len(line) == 0 {
		return noMark
	}
	if line[0] == '-' || line[0] == '+' || bytes.HasPrefix(line, []byte("－")) {
		if r, _ := utf8.DecodeRune(bytes.TrimLeft(line, "-+－ ")); han.IsHan(r) {
			return dashMark
		}
	}
	if rule(line) {
		return sureMark
	}
	if noteNumber.Match(line) {
		return numberMark
	}
	if c := line[0]; c < utf8.RuneSelf && (c < '0' || c > '9') && c != '(' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
		return noMark
	}
	r, size := utf8.DecodeRune(line)
	switch {
	case r >= '0' && r <= '9':
		return digitMark(line)
	case r == '(' || r == '（':
		inner := line[size:]
		n := ordinal(inner)
		if n == 0 {
			for n < len(inner) && n < 3 && inner[n] >= '0' && inner[n] <= '9' {
				n++
			}
		}
		if n > 0 {
			if c, _ := utf8.DecodeRune(inner[n:]); c == ')' || c == '）' {
				return sureMark
			}
		}
	case r == '第':
		if n := ordinal(line[size:]); n > 0 {
			rest := line[size+n:]
			if c, m := utf8.DecodeRune(rest); c == '条' || c == '章' || c == '节' || c == '款' || c == '项' || c == '编' {
				if c, _ := utf8.DecodeRune(rest[m:]); c == ' ' || c == 0x3000 || c == 0x2003 || c == '\t' || c == utf8.RuneError || c == '\n' {
					return sureMark
				}
			}
		}
	case r >= 0x2460 && r <= 0x2473 || r >= 0x2474 && r <= 0x249b || r >= 0x3220 && r <= 0x3229 || // ① ⑴ ⒈ ㈠
		r == '•' || r == '●' || r == '○' || r == '■' || r == '□' || r == '◆' || r == '◇' || r == '★' || r == '☆' || r == '▲' || r == '△' || r == '※' || r == '➤' || r == '➢' || r == '▪' || r == '▫' || r == '►' || r == '▶' || r == '◎' ||
		r == '☐' || r == '☑' || r == '☒' || r == '✓' || r == '✔' || r == '｜' || r >= 0x2500 && r <= 0x257f || r == '\uf06c' || r == '\uf0d8':
		return sureMark
	case r == '·' && bytes.HasPrefix(line[size:], []byte(" ")):
		return sureMark
	case r >= 0x2160 && r <= 0x216b || r == 'I' || r == 'V' || r == 'X':
		rest := bytes.TrimLeft(line, "IVXⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ")
		if c, n := utf8.DecodeRune(rest); (c == '.' || c == '、' || c == '．') && hasHan(rest[n:]) {
			return romanMark
		}
	case r >= 'A' && r <= 'H' || r >= 'a' && r <= 'h':
		if len(line) > 2 && (line[1] == '.' || line[1] == ')') && line[2] != '.' {
			return letterMark
		}
		if c, _ := utf8.DecodeRune(line[1:]); c == '、' || c == '．' || c == '）' {
			return letterMark
		}
	case han.IsHan(r):
		n := ordinal(line)
		if n == 0 {
			return labelOf(line)
		}
		switch c, m := utf8.DecodeRune(line[n:]); c {
		case '、':
			if ordinal(line[n+m:]) == 0 { // 二、三月
				return sureMark
			}
		case '要', '是':
			return wordMark
		}
	}
	return noMark
}

var noteNumber = regexp.MustCompile(`^(?:\[[0-9]{1,3}\]|［[0-9０-９]{1,3}］|〔[0-9]{1,2}〕)`)

// rule reports a line that somebody drew: －－－, ——, ＝＝＝.
func rule(line []byte) bool {
	line = bytes.TrimSpace(line)
	return utf8.RuneCount(line) > 1 && line[0] >= utf8.RuneSelf && len(bytes.TrimLeft(line, "－—–＝＊～…─━═·＿")) == 0
}

// labelOf finds a label of two to six characters and its colon: 姓　名：张测试.
func labelOf(line []byte) int {
	n := 0
	for _, r := range string(line[:min(len(line), 40)]) {
		switch {
		case (r == '：' || r == ':') && n > 1:
			return labelMark
		case r == ' ' || r == 0x3000:
		case n == 6 || !han.IsHan(r):
			return noMark
		default:
			n++
		}
	}
	return noMark
}

// digitMark is markOf of a line that begins with a digit: 1. 1、 1) 1．, not 1.5 and 3、4月; and 1958年.
func digitMark(line []byte) int {
	n := 0
	for n < len(line) && line[n] >= '0' && line[n] <= '9' {
		n++
	}
	c, size := utf8.DecodeRune(line[n:])
	next, _ := utf8.DecodeRune(line[min(n+size, len(line)):])
	digit := next >= '0' && next <= '9'
	switch {
	case c == '年' && n == 4:
		return yearMark
	case n > 4:
	case c == '.' || c == '．':
		if n == 4 && next != ' ' && next != 0x3000 || digit || next == utf8.RuneError {
			return noMark
		}
		if !hasHan(line) {
			return latinMark
		}
		return sureMark
	case c == '、' || c == ')' || c == '）':
		if digit || n == 4 && c != '、' {
			return noMark
		}
		return sureMark
	}
	return noMark
}

// ordinal is the length of a number in Chinese characters at the start of a line.
func ordinal(line []byte) int {
	n := 0
	for n < len(line) && n < 15 {
		switch r, size := utf8.DecodeRune(line[n:]); r {
		case '一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百', '〇', '零':
			n += size
		default:
			return n
		}
	}
	return n
}

// endsSentence reports that a line ends where a sentence or a part of one does.
func endsSentence(line []byte) bool {
	r, _ := utf8.DecodeLastRune(bytes.TrimRight(line, " \t\n　"))
	switch r {
	case '。', '；', '：', '！', '？', '”', '…', ';', ':':
		return true
	}
	return false
}

// softBreak writes what a line break in a text stands for.
func (w *writer) softBreak(n *ast.Text) {
	text := w.source.text
	_, prev := w.line(max(n.Segment.Stop-1, 0))
	var before []byte
	if prev > 1 {
		_, start := w.line(prev - 1)
		before = bytes.TrimRight(text[start:prev], "\r\n")
	}
	if i := bytes.IndexByte(text[n.Segment.Stop:], '\n'); i >= 0 {
		line, next, _ := bytes.Cut(text[n.Segment.Stop+i+1:], []byte{'\n'})
		if end := bytes.IndexByte(next, '\n'); end >= 0 {
			next = next[:end]
		}
		block := n.Parent()
		for block != nil && block.Type() == ast.TypeInline {
			block = block.Parent()
		}
		if block != nil && (block.Kind() == ast.KindParagraph || block.Kind() == ast.KindTextBlock) &&
			ownLine(before, text[prev:n.Segment.Stop], line, next, block.Parent().Kind() == ast.KindDocument) {
			if n.Parent().Kind() == ast.KindParagraph {
				w.write("</p>\n<p>")
			} else {
				w.write("<br>\n")
			}
			w.atStart = true
			return
		}
	}
	if w.breaks {
		w.write("<br>\n")
	} else if last := w.lastRune(); last >= 0 && spaced(last, w.firstRune(n.NextSibling())) {
		w.dst = append(w.dst, ' ')
	}
	w.atStart = true
}
