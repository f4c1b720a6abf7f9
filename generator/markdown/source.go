package markdown

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/diag"
	"gongzhi/generator/han"
)

// Limits of a text. They are far above what people write and keep any text below two seconds and a few
// times its own size: goldmark's cost grows with the square of some of these counts (yuin/goldmark#588,
// #589 and others), so they are counted before it sees the text.
const (
	maxBytes      = 1 << 20
	maxLine       = 64 << 10 // bytes
	maxColumns    = 100
	maxCells      = 50_000 // of all tables
	maxDepth      = 100    // of quotes and lists in each other
	maxNotes      = 2_000
	maxNoteMarks  = 10_000 // [^x] in all
	maxReferences = 5_000  // [x]: lines
	maxMessages   = 1_000  // said about one text
)

// source is a text with its place in a file, and what there is to say about it.
type source struct {
	text     []byte // as parsed: LF only, no control characters, every offset as in the original's lines
	pos      func(line, col int) diag.Pos
	quote    bool  // whether messages carry the line they speak of
	lines    []int // offsets of line starts, made when first needed
	messages diag.List
	dirty    bool // it holds characters that must not reach the page, see unwanted
}

// at gives line and column of an offset.
func (s *source) at(offset int) diag.Pos {
	line, start := s.line(offset)
	return s.pos(line+1, utf8.RuneCount(s.text[start:min(offset, len(s.text))])+1)
}

// line gives the number of the line (from 0) that holds an offset, and where it starts.
func (s *source) line(offset int) (n, start int) {
	if s.lines == nil {
		s.lines = make([]int, 1, 2+bytes.Count(s.text, []byte{'\n'}))
		for i := 0; ; {
			j := bytes.IndexByte(s.text[i:], '\n')
			if j < 0 {
				break
			}
			i += j + 1
			s.lines = append(s.lines, i)
		}
	}
	n = sort.SearchInts(s.lines, offset+1) - 1
	return n, s.lines[n]
}

// lineOf is the line that holds an offset.
func (s *source) lineOf(offset int) []byte {
	_, start := s.line(offset)
	line := s.text[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return line
}

func (s *source) say(offset int, m func(diag.Pos, string, string, ...any) diag.Message, id, format string, args ...any) {
	if len(s.messages) == maxMessages {
		return // nobody reads more, and a text made for it must not fill the memory
	}
	message := m(s.at(offset), "markdown/"+id, format, args...)
	if s.quote {
		line := s.lineOf(offset)
		message.Source = string(line[:min(len(line), 4096)])
	}
	s.messages = append(s.messages, message)
}

func (s *source) errorf(offset int, id, format string, args ...any) {
	s.say(offset, diag.Errorf, id, format, args...)
}

func (s *source) warnf(offset int, id, format string, args ...any) {
	s.say(offset, diag.Warningf, id, format, args...)
}

// scan readies the text for the parser and reports whether it is within the limits. Whatever it replaces it
// replaces by as many bytes, so that offsets stay true; only CR before LF is taken out.
func (s *source) scan(src []byte) bool {
	if len(src) > maxBytes {
		s.text = src[:0]
		s.errorf(0, "too-long", "正文有 %d KB，超过上限 1 MB：请分成几篇", len(src)>>10)
		return false
	}
	s.text = src
	if bytes.IndexByte(src, '\r') >= 0 {
		s.text = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	}
	if !utf8.Valid(s.text) {
		s.text = bytes.Clone(s.text)
		for i := 0; i < len(s.text); {
			r, size := utf8.DecodeRune(s.text[i:])
			if r == utf8.RuneError && size == 1 {
				if s.messages == nil {
					s.errorf(i, "not-utf8", "这里不是 UTF-8 文字：请把文件另存为 UTF-8 编码")
				}
				s.text[i] = '?'
			}
			i += size
		}
	}
	if !s.scanLines() || !s.scanCharacters() {
		return false
	}
	s.hidePrivate()
	return true
}

// scanLines checks what can be counted line by line.
func (s *source) scanLines() bool {
	cells, columns, notes, references, fullWidth := 0, 0, 0, 0, false
	for start := 0; start < len(s.text); {
		end := len(s.text)
		if i := bytes.IndexByte(s.text[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := s.text[start:end]
		if len(line) > maxLine {
			s.errorf(start, "long-line", "这一行有 %d KB，超过上限 64 KB：请分成几段", len(line)>>10)
			return false
		}
		trimmed := bytes.TrimLeft(line, " \t")
		switch first := firstByte(trimmed); first {
		case 0:
			columns = 0
		case '[':
			if i := bytes.Index(trimmed, []byte("]:")); i > 0 {
				if trimmed[1] == '^' {
					notes++
				} else {
					references++
				}
			}
		case 0xe3, 0xc2: // U+3000 or U+00A0: a line of nothing else looks blank and must be so
			if len(bytes.Trim(line, " \t　\u00a0")) == 0 {
				fullWidth = true
				columns = 0
			}
		case '>', '-', '+', '*', ':', '|', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			if s.depth(line, len(line)-len(trimmed)) > maxDepth {
				s.errorf(start, "deep", "引用和列表套了 %d 层以上：请减少层次", maxDepth)
				return false
			}
			if n := delimiterColumns(trimmed); n > 0 {
				columns = n
			}
		}
		if columns > maxColumns {
			s.errorf(start, "wide-table", "表格有 %d 列，超过上限 %d 列", columns, maxColumns)
			return false
		}
		if cells += columns; cells > maxCells {
			s.errorf(start, "big-table", "表格超过 %d 格：这么大的表请放在 CSV 文件里", maxCells)
			return false
		}
		switch {
		case notes > maxNotes:
			s.errorf(start, "many-notes", "注释超过 %d 条：请分成几篇", maxNotes)
			return false
		case references > maxReferences:
			s.errorf(start, "many-references", "链接定义超过 %d 条：请分成几篇", maxReferences)
			return false
		}
		start = end + 1
	}
	if n := bytes.Count(s.text, []byte("[^")); n > maxNoteMarks {
		s.errorf(bytes.Index(s.text, []byte("[^")), "many-notes", "注释标记有 %d 处，超过上限 %d 处：请分成几篇", n, maxNoteMarks)
		return false
	}
	if fullWidth {
		s.blankLines()
	}
	return true
}

func firstByte(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// blankLines makes lines of full-width or no-break spaces blank in Markdown's eyes.
func (s *source) blankLines() {
	s.text = bytes.Clone(s.text)
	for line := range bytes.Lines(s.text) {
		if len(bytes.Trim(line, " \t　\u00a0\n")) == 0 {
			for i := range line {
				if line[i] != '\n' {
					line[i] = ' '
				}
			}
		}
	}
}

// depth is an upper bound of the containers that a line with such an indent and markers can be in.
func (s *source) depth(line []byte, indent int) int {
	n := indent / 2
	if rest := bytes.Trim(line, " \t-*"); len(rest) == 0 {
		return n // a rule, such as - - - -
	}
	for i := indent; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ' || c == '\t':
		case c == '>' || c == '-' || c == '+' || c == '*' || c == ':':
			if c != '>' && i+1 < len(line) && line[i+1] != ' ' && line[i+1] != '\t' {
				return n
			}
			n++
		case c >= '0' && c <= '9':
			j := i
			for j < len(line) && line[j] >= '0' && line[j] <= '9' {
				j++
			}
			if j-i > 9 || j+1 >= len(line) || line[j] != '.' && line[j] != ')' || line[j+1] != ' ' && line[j+1] != '\t' {
				return n
			}
			n++
			i = j
		default:
			return n
		}
	}
	return n
}

// delimiterColumns counts the columns of a line that may stand below a table's header, also inside lists
// and quotes; 0 if it is none.
func delimiterColumns(line []byte) int {
	line = bytes.TrimRight(line, " \t")
	pipes := 0
	for _, c := range line {
		switch c {
		case '|':
			pipes++
		case '-', ':', ' ', '\t', '>', '*', '+', '.', ')':
		default:
			if c < '0' || c > '9' || pipes > 0 {
				return 0
			}
		}
	}
	if pipes == 0 || bytes.IndexByte(line, '-') < 0 {
		return 0
	}
	columns := pipes + 1
	if line[len(line)-1] == '|' {
		columns--
	}
	if line[0] == '|' {
		columns--
	}
	return max(columns, 1)
}

// scanCharacters looks for characters that nobody sees or that turn text around. C0 controls become a
// space here; the others are left out when the page is written.
func (s *source) scanCharacters() bool {
	cloned := false
	bidi, zero, control := -1, -1, -1
	zeros := 0
	text := s.text
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			if !cloned {
				s.text, cloned = bytes.Clone(text), true
				text = s.text
			}
			if c == 0 {
				s.errorf(i, "nul", "文中有空字符（NUL），文件可能已损坏：请删去")
			} else if control < 0 {
				control = i
			}
			text[i] = ' '
		case c < 0xc2 || c >= 0xe3 && c != 0xef:
		case c == 0xe2 && i+2 < len(text) && (text[i+1] == 0x80 && (text[i+2] >= 0x8b && text[i+2] <= 0x8f || text[i+2] >= 0xa8 && text[i+2] <= 0xae) ||
			text[i+1] == 0x81 && text[i+2] >= 0xa0 && text[i+2] <= 0xa9),
			c == 0xef && i+2 < len(text) && (text[i+1] == 0xbb || text[i+1] == 0xbf),
			c == 0xc2 || c == 0xcd || c == 0xd8: // the first bytes of all that unwanted knows
			r, _ := utf8.DecodeRune(text[i:])
			switch unwanted(r) {
			case han.Direction:
				if bidi < 0 {
					bidi = i
				}
				s.dirty = true
			case han.Widthless:
				if zeros++; zero < 0 {
					zero = i
				}
				s.dirty = true
			case han.Control:
				s.dirty = true
			}
		}
	}
	if control >= 0 {
		s.warnf(control, "control", "文中有控制字符，已换成空格：请删去（常来自 Word 或网页的粘贴）")
	}
	if bidi >= 0 {
		s.warnf(bidi, "bidi", "文中有改变文字方向的控制字符（U+202E 之类），已去掉：请删去")
	}
	if zeros > 20 {
		s.warnf(zero, "zero-width", "文中有 %d 个零宽字符，已去掉：请删去（常来自网页的粘贴）", zeros)
	}
	return true
}

// unwanted classifies characters that are left out of pages: they are invisible, break searches, turn text around, or are
// not allowed in XML. Those of ASCII are spaces already where it is asked.
func unwanted(r rune) han.Invisible {
	if k := han.Sight(r); r >= 0x80 && k != han.Joiner {
		return k
	}
	return han.Visible
}

// drop takes unwanted characters out.
func drop(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return unwanted(r) != han.Visible }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unwanted(r) != han.Visible {
			return -1
		}
		return r
	}, s)
}
