package markdown

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

// Other programs have marks of their own. What they mean is not guessed: each kind that stands in a text is named once, with
// the number of its places. One is honoured: %%what stands between%% two signs was meant for nobody's eyes.

// hidePrivate blanks %%what is private%% out of a text, wherever it ends, and reports a mark without its end. Code
// keeps its signs. As many bytes stand there afterwards: spaces on lines that hold nothing else, characters that are left out
// of pages in the middle of one.
func (s *source) hidePrivate() {
	if bytes.Count(s.text, privateMark) == 0 {
		return
	}
	marks := s.privateMarks()
	if len(marks) == 0 {
		return
	}
	s.text = bytes.Clone(s.text)
	s.dirty = true
	for i := 0; i+1 < len(marks); i += 2 {
		from, to := marks[i], marks[i+1]+len(privateMark)
		for start := from; start < to; {
			end := to
			if j := bytes.IndexByte(s.text[start:to], '\n'); j >= 0 {
				end = start + j
			}
			s.blank(start, end)
			start = end + 1
		}
	}
	if len(marks)%2 == 1 {
		s.errorf(marks[len(marks)-1], "private", "%%%% 之间的文字不发布，而这个 %%%% 没有结束：请在不发布的文字后面加上 %%%%；要写百分号，请只写一个")
	}
}

var privateMark = []byte("%%")

// blank hides the bytes of one line.
func (s *source) blank(start, end int) {
	lineStart := bytes.LastIndexByte(s.text[:start], '\n') + 1
	lineEnd := len(s.text)
	if i := bytes.IndexByte(s.text[end:], '\n'); i >= 0 {
		lineEnd = end + i
	}
	b := s.text[start:end]
	if len(bytes.Trim(s.text[lineStart:start], " \t")) == 0 && len(bytes.Trim(s.text[end:lineEnd], " \t")) == 0 || len(b) < 2 {
		for i := range b {
			b[i] = ' '
		}
		return
	}
	for len(b) > 0 {
		if len(b) == 2 || len(b) == 4 {
			b = b[copy(b, "\u00ad"):]
		} else {
			b = b[copy(b, "\u2060"):]
		}
	}
}

// privateMarks finds the %% that stand outside of code.
func (s *source) privateMarks() []int {
	var marks []int
	fence := byte(0)
	for start := 0; start < len(s.text); {
		end := len(s.text)
		if i := bytes.IndexByte(s.text[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := s.text[start:end]
		switch trimmed := bytes.TrimLeft(line, " \t>"); {
		case len(marks)%2 == 0 && (bytes.HasPrefix(trimmed, []byte("```")) || bytes.HasPrefix(trimmed, []byte("~~~"))):
			if fence == 0 {
				fence = trimmed[0]
			} else if fence == trimmed[0] {
				fence = 0
			}
		case fence == 0 || len(marks)%2 == 1:
			for i := 0; i+1 < len(line); i++ {
				if line[i] == '`' && len(marks)%2 == 0 { // a span of code, if it ends on this line
					n := 1
					for i+n < len(line) && line[i+n] == '`' {
						n++
					}
					if j := bytes.Index(line[i+n:], line[i:i+n]); j >= 0 {
						i += n + j + n - 1
					} else {
						i += n - 1
					}
				} else if line[i] == '%' && line[i+1] == '%' {
					marks = append(marks, start+i)
					i++
				}
			}
		}
		start = end + 1
	}
	return marks
}

// StripPrivate takes %%what is private%% out of a text that is no Markdown, such as a title; ok is false if a mark has
// no end.
func StripPrivate(s string) (rest string, ok bool) {
	for {
		from := strings.Index(s, "%%")
		if from < 0 {
			return s, true
		}
		n := strings.Index(s[from+2:], "%%")
		if n < 0 {
			return s[:from], false
		}
		s = s[:from] + s[from+2+n+2:]
	}
}

// foreign is a mark of another program: how it is called in a message, and what to do.
type foreign struct{ name, advice string }

var (
	foreignAttributes = foreign{"大括号里的属性 {…}", "请删去，样式由本站的版式决定"}
	foreignTOC        = foreign{"[TOC]", "请删去，目录是自动生成的"}
	foreignContainer  = foreign{"容器 :::", "请改成引用，每行前面加 >"}
	foreignShortcode  = foreign{"短代码 {{…}}", "请改成 Markdown，图片写作 ![说明](文件)"}
	foreignLiquid     = foreign{"模板标签 {%…%}", "请改成 Markdown，图片写作 ![说明](文件)"}
	foreignHighlight  = foreign{"高亮 ==…==", "要强调请写 **…**"}
	foreignAnchor     = foreign{"空的锚点 []{…}", "请删去"}
	foreignMath       = foreign{"公式 $$…$$", "请改成文字或图片"}
)

// foreignUse counts a kind of mark.
type foreignUse struct {
	foreign
	at, count int
}

func (w *writer) noteForeign(offset int, f foreign) {
	for i := range w.foreign {
		if w.foreign[i].foreign == f {
			w.foreign[i].count++
			return
		}
	}
	w.foreign = append(w.foreign, foreignUse{f, offset, 1})
}

func (w *writer) reportForeign() {
	for _, f := range w.foreign {
		times := ""
		if f.count > 1 {
			times = "（本文共 " + string(appendInt(nil, f.count)) + " 处）"
		}
		w.warnf(f.at, "foreign", "“%s”是别的程序的写法，这里不认，已按文字显示%s：%s", f.name, times, f.advice)
	}
}

// attributes are what pandoc and others write in braces: {width="5.7in"}, {.underline}, {#_Toc123 .anchor}.
var attributes = regexp.MustCompile(`^\{\s*(?:[#.][^\s{}]+|[\w-]+=(?:"[^"\n]*"|[^\s{}"]+))(?:\s+(?:[#.][^\s{}]+|[\w-]+=(?:"[^"\n]*"|[^\s{}"]+)))*\s*\}`)

// checkText looks for marks of other programs in a piece of text that stands at an offset of the source.
func (w *writer) checkText(offset int, value []byte) {
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '{':
			rest := w.restOfLine(offset + i)
			switch {
			case bytes.HasPrefix(rest, []byte("{{")) && bytes.Contains(rest, []byte("}}")):
				w.noteForeign(offset+i, foreignShortcode)
				i++
			case bytes.HasPrefix(rest, []byte("{%")) && bytes.Contains(rest, []byte("%}")):
				w.noteForeign(offset+i, foreignLiquid)
			case len(rest) < 500 && attributes.Match(rest):
				if before := w.source.text[:offset+i]; bytes.HasSuffix(before, []byte("[]")) {
					w.noteForeign(offset+i-2, foreignAnchor)
				} else {
					w.noteForeign(offset+i, foreignAttributes)
				}
			}
		case '=':
			rest := w.restOfLine(offset + i)
			n := 0
			for n < len(rest) && rest[n] == '=' {
				n++
			}
			if n == 2 && len(rest) > 2 && rest[2] != ' ' {
				if j := bytes.Index(rest[2:], []byte("==")); j > 0 && rest[1+j] != ' ' {
					w.noteForeign(offset+i, foreignHighlight)
					i += 2 + j + 1
				}
			}
			i += max(0, n-1)
		case '$':
			if rest := w.restOfLine(offset + i); bytes.HasPrefix(rest, []byte("$$")) {
				if j := bytes.Index(rest[2:], []byte("$$")); j > 0 {
					w.noteForeign(offset+i, foreignMath)
					i += j + 3
				}
			}
		}
	}
}

func (w *writer) restOfLine(offset int) []byte {
	rest := w.source.text[offset:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// fullWidthSigns are what an input method makes of the signs that begin a line, and what they were meant for.
var fullWidthSigns = map[string]struct{ sign, what string }{
	"＞ ": {">", "引文"}, "－ ": {"-", "列表"}, "＊ ": {"*", "列表"}, "＋ ": {"+", "列表"}, "｜": {"|", "表格"}, "＊＊": {"**", "加粗"},
}

// checkLines looks at the beginnings of a paragraph's lines for what other programs mean something by, or Markdown
// would if it were written a little otherwise.
func (w *writer) checkLines(n ast.Node) {
	lines := n.Lines()
	dashes := 0
	for i := range lines.Len() {
		offset := lines.At(i).Start
		line := w.restOfLine(offset)
		if len(line) == 0 {
			continue
		}
		switch line[0] {
		case '#':
			rest := bytes.TrimLeft(line[:min(len(line), 16)], "#")
			if hasHan(rest[:min(len(rest), 3)]) {
				w.warnf(offset, "heading-space", "这里像是标题，但 # 后面没有空格，已按文字显示：请在 # 后加一个空格")
			}
		case '[':
			if trimmed := bytes.TrimSpace(line); bytes.EqualFold(trimmed, []byte("[toc]")) || bytes.EqualFold(trimmed, []byte("[[toc]]")) {
				w.noteForeign(offset, foreignTOC)
			}
		case ':':
			if bytes.HasPrefix(line, []byte(":::")) && len(bytes.Trim(line, ": \t")) > 0 {
				w.noteForeign(offset, foreignContainer)
			}
		case 0xef:
			if bytes.HasPrefix(line, []byte("＃")) {
				w.warnf(offset, "heading-space", "这里像是标题，但 ＃ 是全角的，已按文字显示：请改用半角的 #，后面加一个空格")
			}
			for sign, half := range fullWidthSigns {
				if bytes.HasPrefix(line, []byte(sign)) {
					w.warnf(offset, "full-width", "这里像是%s，但 %s 是全角的，已按文字显示：请改用半角的 %s", half.what, strings.TrimSpace(sign), half.sign)
				}
			}
		case '-':
			if hasHan(line[1:min(len(line), 4)]) {
				if dashes++; dashes == 2 || i > 0 && dashes == 1 && n.Kind() == ast.KindTextBlock {
					w.warnf(offset, "list-space", "这里像是列表，但 - 后面没有空格，已按文字显示：请在 - 后加一个空格")
				}
			}
		case '|':
			if i == 0 && lines.Len() > 1 && bytes.Count(line, []byte{'|'}) > 1 {
				w.warnf(offset, "table-head", "这里像是表格，但表头下面没有 |---|---| 这样的一行，或格数不一样，已按文字显示：请在表头下面写上，每格一个 ---")
			}
		}
	}
}

// headingID takes {#id} off the end of a heading: what is left of its HTML, and the id, or "".
func headingID(inner []byte) (rest []byte, id string) {
	if !bytes.HasSuffix(inner, []byte("}")) {
		return inner, ""
	}
	i := bytes.LastIndex(inner, []byte("{#"))
	if i < 0 {
		return inner, ""
	}
	id = string(inner[i+2 : len(inner)-1])
	for _, r := range id {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !strings.ContainsRune("-_.:", r) {
			return inner, ""
		}
	}
	if id == "" || utf8.RuneCountInString(id) > maxID {
		return inner, ""
	}
	return bytes.TrimRight(inner[:i], " \t"), id
}

// callouts are the kinds of > [!NOTE], as they are called here.
var callouts = map[string]string{
	"NOTE": "注", "INFO": "说明", "TIP": "提示", "HINT": "提示", "IMPORTANT": "重要", "WARNING": "注意", "CAUTION": "警告", "DANGER": "警告",
	"EXAMPLE": "例", "QUOTE": "引文", "ABSTRACT": "摘要", "SUMMARY": "摘要", "QUESTION": "问", "TODO": "待办", "SUCCESS": "完成", "BUG": "问题",
}

var calloutMark = regexp.MustCompile(`^\[!([A-Za-z]+)\][-+]?[ \t]*`)

// callout writes a quote that begins with [!NOTE] as the note that it is in other programs, and reports whether n is one.
func (w *writer) callout(n *ast.Blockquote) bool {
	p, ok := n.FirstChild().(*ast.Paragraph)
	if !ok || p.Lines().Len() == 0 {
		return false
	}
	first := p.Lines().At(0)
	m := calloutMark.FindSubmatch(w.restOfLine(first.Start))
	if m == nil || callouts[strings.ToUpper(string(m[1]))] == "" {
		return false
	}
	kind := strings.ToUpper(string(m[1]))
	// The mark is taken off the inlines: those of the first line that end before the title begins.
	end := first.Start + len(m[0])
	var title []ast.Node
	for c := p.FirstChild(); c != nil; {
		next := c.NextSibling()
		t, isText := c.(*ast.Text)
		if isText && t.Segment.Start < end {
			t.Segment.Start = min(end, t.Segment.Stop)
		}
		p.RemoveChild(p, c)
		title = append(title, c)
		if isText && (t.SoftLineBreak() || t.HardLineBreak()) {
			t.SetSoftLineBreak(false)
			t.SetHardLineBreak(false)
			break
		}
		c = next
	}
	w.write(`<aside class="callout" role="note">` + "\n" + `<p class="callout-title">`)
	at := len(w.dst)
	w.atStart = true
	for _, c := range title {
		w.inline(c)
	}
	if len(bytes.TrimSpace(w.dst[at:])) == 0 {
		w.dst = append(w.dst[:at], callouts[kind]...)
	}
	w.write("</p>\n")
	if p.FirstChild() == nil {
		n.RemoveChild(n, p)
	}
	w.blocks(n)
	w.write("</aside>\n")
	return true
}
