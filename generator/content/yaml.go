package content

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/adrg/frontmatter"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"gongzhi/generator/diag"
)

// Limits on what an editor's file may hold. A larger one is a mistake (an exported log, a pasted
// image) and gets a message instead of minutes of work.
const (
	maxFile  = 1 << 20  // bytes of a Markdown record
	maxCSV   = 64 << 20 // bytes of a table
	maxFront = 64 << 10 // bytes of front matter
	maxDepth = 20       // nesting of YAML
)

func hash(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// DecodeText checks that a file is the kind of text this program reads and returns it with LF line
// breaks and without a byte order mark.
func DecodeText(file string, src []byte) ([]byte, diag.List) {
	var diags diag.List
	at := diag.Pos{Path: file, Line: 1, Col: 1}
	switch {
	case bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(src)
		if err != nil || len(src)%2 != 0 || bytes.Contains(text, []byte("\ufffd")) {
			return nil, diag.List{diag.Errorf(at, "file/utf16", "文件是 UTF-16 编码，又有读不出的地方。请用编辑器“另存为”，编码选 UTF-8。")}
		}
		src = text
		diags = append(diags, diag.Warningf(at, "file/encoding", "文件是 UTF-16 编码（Excel 的“Unicode 文本”、PowerShell 的 > 写出的就是），已按这种编码读。请用编辑器“另存为”，编码选 UTF-8，以后改起来才不会乱码。"))
	case bytes.HasPrefix(src, []byte("\xef\xbb\xbf")):
		src = src[3:]
		diags = append(diags, diag.Warningf(at, "file/bom", "文件开头有 UTF-8 字节顺序标记（BOM），已忽略。保存时选“UTF-8 无 BOM”更好。"))
	}
	if kind := fileKind(src); kind != "" {
		return nil, append(diags, diag.Errorf(at, "file/kind", "这其实是%s，只是扩展名写成了 %s，里面的内容读不出来。请用原来的软件打开，另存为 UTF-8 编码的文本（表格存为 CSV）；表格也可以改回扩展名，用 gongzhi import 导入。", kind, path.Ext(file)))
	}
	if !utf8.Valid(src) {
		line, col := badUTF8(src)
		if text := decodeGBK(src); text != nil {
			diags = append(diags, diag.Warningf(at, "file/encoding", "文件是 GBK（GB18030）编码，已按这种编码读。请用编辑器“另存为”，编码选 UTF-8，以后改起来才不会乱码。"))
			src = text
		} else {
			return nil, append(diags, diag.Errorf(diag.Pos{Path: file, Line: line, Col: col}, "file/encoding", "文件不是 UTF-8 编码，也不是 GBK。请用编辑器“另存为”，编码选 UTF-8。"))
		}
	}
	if i := bytes.IndexByte(src, 0); i >= 0 {
		line, col := lineCol(src, i)
		return nil, append(diags, diag.Errorf(diag.Pos{Path: file, Line: line, Col: col}, "file/nul", "文件里有空字符（NUL），可能不是文本文件，或已经损坏。"))
	}
	if bytes.IndexByte(src, '\r') >= 0 {
		src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
		if i := bytes.IndexByte(src, '\r'); i >= 0 {
			line, col := lineCol(src, i)
			return nil, append(diags, diag.Errorf(diag.Pos{Path: file, Line: line, Col: col}, "file/cr", "文件用单独的回车（CR）换行，是很旧的 Mac 格式。请另存为 LF 或 CRLF 换行。"))
		}
	}
	return src, diags
}

// fileKind names what a file is that has the extension of a text and the first bytes of something else; "" if it may be a text.
func fileKind(src []byte) string {
	for _, k := range [...]struct{ start, kind string }{
		{"PK\x03\x04", "Excel、Word 或压缩文件（.xlsx、.docx、.zip）"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧式的 Excel 或 Word 文件（.xls、.doc）"},
		{"%PDF-", "PDF 文件"},
		{"{\\rtf", "RTF 文件"},
		{"\x89PNG\r\n", "PNG 图片"},
		{"\xff\xd8\xff", "JPEG 图片"},
		{"GIF8", "GIF 图片"},
		{"\x1f\x8b", "压缩文件（.gz）"},
	} {
		if bytes.HasPrefix(src, []byte(k.start)) {
			return k.kind
		}
	}
	return ""
}

// decodeGBK gives a text in GB18030 as UTF-8, or nil if it is none: every byte must be right, and what is beyond ASCII must be
// what Chinese texts are made of. Other old encodings hardly ever come out so.
func decodeGBK(src []byte) []byte {
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(src)
	if err != nil {
		return nil
	}
	common, other := 0, 0
	for _, r := range string(text) {
		switch {
		case r < 0x80:
		case r == utf8.RuneError || r < 0xa0 || r >= 0xe000 && r <= 0xf8ff:
			return nil
		case r >= 0x4e00 && r <= 0x9fff || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r >= 0x2010 && r <= 0x203b || r == 0xb7:
			common++
		default:
			other++
		}
	}
	if common == 0 || other*10 > common {
		return nil
	}
	return text
}

func badUTF8(src []byte) (line, col int) {
	line, col = 1, 1
	for len(src) > 0 {
		r, n := utf8.DecodeRune(src)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
		src = src[n:]
	}
	return line, col
}

// lineCol is the 1-based line and column (in characters) of a byte offset.
func lineCol(src []byte, offset int) (line, col int) {
	before := src[:offset]
	line = 1 + bytes.Count(before, []byte("\n"))
	return line, 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

// indentedFence stands for an indented --- while the library reads a block that has one: it would take it for
// the block's end. The characters are private ones, which no text has.
const indentedFence = "\ue000\ue001\ue000"

// captured is the front matter format of this program: what stands between the --- lines, as it is. It is
// decoded elsewhere, into nodes that know their places.
var captured = frontmatter.NewFormat("---", "---", func(block []byte, into any) error {
	*into.(*[]byte) = block
	return nil
})

// lineReaders are what the library reads through; without one it makes a buffer for each record.
var lineReaders = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// splitFrontMatter divides a text into the YAML between its --- lines and the body. The block begins at the
// file's second line, the body at bodyLine. Where the block ends is found here first, since the library says
// nothing of a block without end; it is given the block alone, so that bodies are not copied.
func splitFrontMatter(file string, src []byte) (block []byte, body []byte, bodyLine int, diags diag.List) {
	at := func(line, col int) diag.Pos { return diag.Pos{Path: file, Line: line, Col: col} }
	first, rest, _ := bytes.Cut(src, []byte("\n"))
	if trimmed := bytes.TrimRight(first, " \t"); string(trimmed) != "---" {
		switch s := string(bytes.TrimSpace(first)); {
		case s == "+++" || strings.HasPrefix(s, "{") || s == ";;;" || strings.HasPrefix(s, "---"):
			diags = append(diags, diag.Errorf(at(1, 1), "front/format", "记录的开头只认 YAML：第一行写三个减号 ---，下面每行写“字段: 值”，再用一行 --- 结束。"))
		case len(bytes.TrimSpace(src)) == 0:
			diags = append(diags, diag.Errorf(at(1, 1), "front/empty", "文件是空的。第一行写 ---，下面写“title: 标题”，再写一行 ---，然后是正文。"))
		default:
			diags = append(diags, diag.Errorf(at(1, 1), "front/missing", "文件没有以 --- 开头。记录要先写字段：第一行 ---，下面每行“字段: 值”，再一行 ---，然后是正文。"))
		}
		return nil, nil, 0, diags
	}
	// An indented --- is not the end: it may be text of a block scalar.
	end, bodyLine, indented := -1, 3, false
	for off := len(first) + 1; off < len(src); bodyLine++ {
		line, after, _ := bytes.Cut(src[off:], []byte("\n"))
		if string(bytes.TrimRight(line, " \t")) == "---" {
			end, body = off, after
			break
		}
		indented = indented || string(bytes.TrimSpace(line)) == "---"
		off += len(line) + 1
	}
	if end < 0 {
		m := diag.Errorf(at(1, 1), "front/unclosed", "开头的字段没有结束：找不到单独成行的 ---（要顶格写，只有三个减号）。")
		for i, l := range bytes.Split(rest, []byte("\n")) {
			if t := strings.TrimSpace(string(l)); t == "..." || len(t) >= 3 && strings.Trim(t, "-") == "" || t == "———" || t == "——" {
				m = diag.Errorf(at(i+2, 1), "front/unclosed", "开头的字段没有结束：这一行应当是顶格的 ---，现在是“%s”。", t)
				break
			}
		}
		return nil, nil, 0, append(diags, m)
	}
	if end-len(first) > maxFront {
		return nil, nil, 0, append(diags, diag.Errorf(at(1, 1), "front/size", "开头的字段超过 64 KB。长文字请写在正文里。"))
	}
	head := src[:end+len("---")]
	if indented {
		if bytes.Contains(head, []byte(indentedFence)) {
			return nil, nil, 0, append(diags, diag.Errorf(at(1, 1), "front/format", "开头的字段里有缩进的 --- ，又有私用区的字符 U+E000，分辨不了。请删去后者。"))
		}
		lines := bytes.Split(bytes.Clone(head), []byte("\n"))
		for i, l := range lines[1 : len(lines)-1] {
			if string(bytes.TrimSpace(l)) == "---" {
				lines[i+1] = bytes.Replace(l, []byte("---"), []byte(indentedFence), 1)
			}
		}
		head = bytes.Join(lines, []byte("\n"))
	}
	r := lineReaders.Get().(*bufio.Reader)
	defer lineReaders.Put(r)
	r.Reset(bytes.NewReader(head))
	if _, err := frontmatter.MustParse(r, &block, captured); err != nil {
		return nil, nil, 0, append(diags, diag.Errorf(at(1, 1), "front/format", "开头的字段读不出来：%v", err))
	}
	if indented {
		block = bytes.ReplaceAll(block, []byte(indentedFence), []byte("---"))
	}
	return block, body, bodyLine, diags
}

var (
	doubtInBrackets = regexp.MustCompile(`:\s*(\[[0-9][^\[\],]*\?\])\s*$`)
	quotedPart      = regexp.MustCompile(`^(\s*(?:- )*(?:[\p{L}\p{N}_]+: +)?)(?:"(?:[^"\\]|\\.)*"|'[^']*')\s*([^\s#,:\]}])`)
	gluedColon      = regexp.MustCompile(`^(\s*(?:- )*)([\p{L}_][\p{L}\p{N}_]*):([^\s/:].*)$`)
	wideColon       = regexp.MustCompile(`^([\p{L}\p{N}_]+)：`)
	yamlErrors      = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
)

// ParseYAML parses a block that begins at line firstLine of the file and returns its root node, or
// nil for an empty block or one with faults. Of a key that stands there twice the second is reported and
// taken out. Lines of the nodes are lines of the file. Anchors,
// aliases and tags are refused: records have no use for them, and they are how YAML is made to hang.
func ParseYAML(file string, src []byte, firstLine int) (*yaml.Node, diag.List) {
	root, diags := parseNodes(file, src, firstLine)
	if root == nil {
		return nil, diags
	}
	return checkNodes(file, root, src, firstLine)
}

// parseNodes gives the root node of a block as the library has it, or nil for an empty block or one that can't be
// parsed. Lines of the nodes are those of the block.
func parseNodes(file string, src []byte, firstLine int) (*yaml.Node, diag.List) {
	var diags diag.List
	var tabs diag.List // only a fault where the library finds one: inside a block scalar they are text
	line := firstLine
	for rest := src; len(rest) > 0; line++ {
		var l []byte
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		pos := diag.Pos{Path: file, Line: line, Col: 1}
		if trimmed := bytes.TrimLeft(l, " "); len(trimmed) > 0 && trimmed[0] == '\t' {
			pos.Col = len(l) - len(trimmed) + 1
			tabs = append(tabs, diag.Errorf(pos, "yaml/tab", "行首用了制表符（Tab）缩进。请改用空格，一般两个。"))
		} else if !bytes.Contains(l, []byte("：")) {
			continue
		} else if m := wideColon.FindSubmatch(l); m != nil {
			pos.Col = utf8.RuneCount(m[1]) + 1
			diags = append(diags, diag.Errorf(pos, "yaml/wide-colon", "“%s”后面是全角冒号“：”。请改成半角冒号加一个空格，写作“%s: …”。", m[1], m[1]))
		}
	}
	if len(diags) > 0 {
		return nil, diags
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		if len(tabs) > 0 {
			return nil, tabs
		}
		if at := tooDeep(src); at >= 0 && strings.Contains(err.Error(), "exceeded max depth") {
			l, c := lineCol(src, at)
			return nil, diag.List{diag.Errorf(diag.Pos{Path: file, Line: firstLine + l - 1, Col: c}, "yaml/depth", "括号套了超过 %d 层。", maxDepth)}
		}
		return nil, diag.List{yamlError(file, src, err, firstLine)}
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	if starts := libraryLines(src); starts != nil {
		toTextLines(doc.Content[0], starts)
	}
	return doc.Content[0], nil
}

// libraryLines gives where in src each line begins that the library counts: to YAML 1.1 the characters U+0085, U+2028 and
// U+2029, which come with text from Word and web pages, break a line too, and to nobody else. It is nil if there is none.
func libraryLines(src []byte) []diag.Pos {
	if !bytes.Contains(src, []byte("\u0085")) && !bytes.Contains(src, []byte("\u2028")) && !bytes.Contains(src, []byte("\u2029")) {
		return nil
	}
	at := diag.Pos{Line: 1, Col: 1}
	starts := []diag.Pos{at}
	for _, r := range string(src) {
		at.Col++
		switch r {
		case '\n':
			at = diag.Pos{Line: at.Line + 1, Col: 1}
			fallthrough
		case '\u0085', '\u2028', '\u2029':
			starts = append(starts, at)
		}
	}
	return starts
}

// toTextLines moves nodes from the places that the library tells to those in the text.
func toTextLines(n *yaml.Node, starts []diag.Pos) {
	if n.Line > 0 {
		start := starts[min(n.Line, len(starts))-1]
		n.Line, n.Column = start.Line, start.Col+n.Column-1
	}
	for _, c := range n.Content {
		toTextLines(c, starts)
	}
}

// checkNodes is the second half of ParseYAML: it moves the nodes to the lines of the file and reports what
// records may not hold.
func checkNodes(file string, root *yaml.Node, src []byte, firstLine int) (*yaml.Node, diag.List) {
	var diags diag.List
	endLine, endCol := lineCol(src, len(src))
	checkNode(file, root, firstLine-1, 0, diag.Pos{Line: firstLine + endLine - 1, Col: endCol}, &diags)
	if slices.ContainsFunc(diags, func(m diag.Message) bool { return m.ID != "yaml/duplicate" }) {
		return nil, diags
	}
	return root, diags
}

// yamlError puts the library's complaint into Chinese. It is the one place where a position comes
// out of an error's text, because the library gives it nowhere else.
func yamlError(file string, src []byte, err error, firstLine int) diag.Message {
	text, line := faultLine(src, err)
	col := 1
	start := lineStart(src, line)
	l, _, _ := bytes.Cut(src[start:], []byte("\n"))
	if key, value, ok := bytes.Cut(l, []byte(": ")); ok {
		at := len(l) - len(bytes.TrimLeft(value, " "))
		switch {
		case strings.Contains(text, "mapping values are not allowed"):
			if i := bytes.Index(append(slices.Clip(value), ' '), []byte(": ")); i >= 0 {
				col = 1 + utf8.RuneCount(l[:len(key)+2+i])
			}
		case strings.Contains(text, "cannot start any token"), strings.Contains(text, "unexpected end of stream"),
			strings.Contains(text, "alphabetic or numeric"), strings.Contains(text, "block sequence entries"):
			col = 1 + utf8.RuneCount(l[:at])
		}
	}
	if m := doubtInBrackets.FindSubmatchIndex(l); m != nil {
		return diag.Errorf(diag.Pos{Path: file, Line: firstLine + line - 1, Col: 1 + utf8.RuneCount(l[:m[2]])}, "yaml/syntax", "方括号里不能有问号：存疑的日期请去掉方括号，写作 %s。", l[m[2]+1:m[3]-1])
	}
	if at, say := quoteOrColon(src, line); say != "" {
		l, c := lineCol(src, at)
		return diag.Errorf(diag.Pos{Path: file, Line: firstLine + l - 1, Col: c}, "yaml/syntax", "%s", say)
	}
	say := "这里不合 YAML 的写法。请看看引号、括号、冒号和缩进；值里有特别的符号时，把整个值用单引号括起来。"
	for _, k := range []struct{ has, say string }{
		{"mapping values are not allowed", "一行里有两个“: ”。值里面有冒号时，请把整个值用引号括起来，如 title: \"甲: 乙\"。"},
		{"could not find expected ':'", "这一行（或上一行）缺少半角冒号，应写作“字段: 值”。"},
		{"did not find expected key", "缩进不齐，或引号没有配对。"},
		{"found unexpected end of stream", "引号或括号没有配对，一直到末尾也没有结束。"},
		{"did not find expected ',' or ']'", "方括号列表没有结束，或各项之间不是半角逗号。应写作 [甲, 乙]。"},
		{"did not find expected ',' or '}'", "花括号没有结束，或各项之间不是半角逗号。应写作 {甲: 1, 乙: 2}。"},
		{"did not find expected node content", "这里缺少值，或括号没有结束、多了逗号。"},
		{"found character that cannot start any token", "值不能以这个符号（如 @ 或 `）开头。请把整个值用引号括起来。"},
		{"did not find expected alphabetic or numeric character", "值以 * 或 & 开头时，请把整个值用引号括起来。"},
		{"found unknown escape character", "双引号里的反斜杠会被当作转义。请改用单引号。"},
		{"unknown anchor", "值以 * 开头时，请把整个值用引号括起来。"},
		{"document contains excessive aliasing", "不支持 YAML 的锚点（&）与别名（*）。"},
		{"exceeded max depth", "括号或缩进套得太深。"},
		{"control characters are not allowed", "有不可见的控制字符，请删去。"},
		{"found duplicate", "同一个字段写了两次。"},
		{"block sequence entries are not allowed", "列表的“- ”不能和字段写在同一行。请换行缩进，或写作 [甲, 乙]。"},
		{"did not find expected '-' indicator", "列表的各项没有对齐，每一项都要以“- ”开头并且缩进相同。"},
		{"hexdecimal number", escapedNumber}, {"Unicode character escape code", escapedNumber}, {"low surrogate", escapedNumber},
		{"tab character", "缩进用了制表符（Tab）。请改用空格，一般两个。"},
		{"comment or line break", "| 或 > 后面不能再写别的，文字从下一行写起；值以它们开头时，请用引号括起来。"},
		{"indentation indicator", "| 或 > 后面的数字不对，请去掉。"},
		{"tag", startsWithSign}, {"expected '!'", startsWithSign}, {"expected whitespace", startsWithSign}, {"expected '>'", startsWithSign},
		{"<document start>", "值以 % 开头时，或有单独一行的 ---、... 时，请把整个值用引号括起来。"}, {"document indicator", "引号里有单独一行的 --- 或 ...。请删去，或缩进。"},
		{"directive", "值以 % 开头时，请把整个值用引号括起来。"}, {"version", "值以 % 开头时，请把整个值用引号括起来。"},
		{"mapping keys are not allowed", "“? ”不能写在这里。值以问号开头时，请用引号括起来。"},
		{"octet", "有不是 UTF-8 的字符，请把文件存为 UTF-8。"}, {"invalid", "有不能用的字符，请删去。"},
	} {
		if strings.Contains(text, k.has) {
			say = k.say
			break
		}
	}
	return diag.Errorf(diag.Pos{Path: file, Line: firstLine + line - 1, Col: col}, "yaml/syntax", "%s", say)
}

const (
	escapedNumber  = `双引号里的反斜杠会被当作转义，\x、\u 后面要是字符的编号。请改用单引号。`
	startsWithSign = "值以 ! 开头时，请把整个值用引号括起来。"
)

// quoteOrColon looks at the line where the library stopped, and at the one before it, for the two faults that its words
// don't tell: a value of which only the beginning is in quotes, and a colon without the space behind it.
func quoteOrColon(src []byte, line int) (at int, say string) {
	for _, n := range [...]int{line, line - 1, line + 1} {
		if n < 1 {
			continue
		}
		start := lineStart(src, n)
		l, _, _ := bytes.Cut(src[start:], []byte("\n"))
		if m := quotedPart.FindSubmatchIndex(l); m != nil {
			value := strings.TrimSpace(string(l[m[3]:]))
			other := "“" + strings.NewReplacer("'", "", `"`, "").Replace(string(l[m[3]:m[4]])) + "”" + string(l[m[4]:])
			return start + m[3], "引号只括住了值的前一半。请把引号换成中文的，写作 " + other + "；或把整个值再用一层引号括起来，写作 '" + strings.ReplaceAll(value, "'", "''") + "'。"
		}
		if m := gluedColon.FindSubmatchIndex(l); m != nil {
			return start + m[5], fmt.Sprintf("冒号后面缺一个空格，应写作“%s: %s”。", l[m[4]:m[5]], l[m[6]:m[7]])
		}
	}
	return 0, ""
}

// faultLine finds the line of src (1-based) at which the library stopped, and its words. It tells the
// line before for some faults, where the whole construct began for others, and none for the first line.
// So: a fault of the scanner is told where it is once no line is the first; one of the parser, which reads
// on to the end of a block, is where a text that ends there has the same fault and a shorter one has not.
func faultLine(src []byte, err error) (text string, line int) {
	fault := func(src []byte) (text string, line int) {
		var doc yaml.Node
		err := yaml.Unmarshal(append([]byte("#\n"), src...), &doc)
		if err == nil {
			return "", 0
		}
		m := yamlErrors.FindStringSubmatch(strings.Split(err.Error(), "\n")[0])
		if m == nil {
			return err.Error(), 0
		}
		line, _ = strconv.Atoi(m[1])
		return m[2], line - 1
	}
	last := 1 + bytes.Count(bytes.TrimSuffix(src, []byte("\n")), []byte("\n"))
	text, line = fault(src)
	if text == "" {
		return err.Error(), 1
	}
	for _, parser := range []string{"did not find expected", "control characters", "invalid"} {
		if strings.Contains(text, parser) && !strings.Contains(text, "alphabetic or numeric") {
			upTo := func(n int) []byte { return src[:lineStart(src, n+1)] }
			line = 1 + sort.Search(last-1, func(i int) bool {
				t, _ := fault(upTo(i + 1))
				return t == text
			})
			return text, min(max(line, 1), last)
		}
	}
	if starts := libraryLines(src); starts != nil {
		line = starts[min(max(line, 1), len(starts))-1].Line
	}
	return text, min(max(line, 1), last)
}

// lineStart is the offset of a line (1-based); the length of src if it has fewer.
func lineStart(src []byte, line int) int {
	at := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(src[at:], '\n')
		if i < 0 {
			return len(src)
		}
		at += i + 1
	}
	return at
}

// checkNode moves a node's lines to those of the file and reports what records may not hold.
func checkNode(file string, n *yaml.Node, shift, depth int, last diag.Pos, diags *diag.List) {
	if n.Line += shift; n.Line > last.Line { // what is missing at the end, by the library one line below it
		n.Line, n.Column = last.Line, last.Col
	}
	pos := diag.Pos{Path: file, Line: n.Line, Col: n.Column}
	if depth > maxDepth {
		*diags = append(*diags, diag.Errorf(pos, "yaml/depth", "套了超过 %d 层。", maxDepth))
		return
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		*diags = append(*diags, diag.Errorf(pos, "yaml/alias", "不支持 YAML 的锚点（&）与别名（*）。值以这些符号开头时，请用引号括起来。"))
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		*diags = append(*diags, diag.Errorf(pos, "yaml/tag", "不支持 YAML 的类型标记“%s”。值以感叹号开头时，请用引号括起来。", n.Tag))
		return
	}
	var lines map[string]int
	if n.Kind == yaml.MappingNode {
		lines = make(map[string]int, len(n.Content)/2)
	}
	var again []int
	for i, c := range n.Content {
		checkNode(file, c, shift, depth+1, last, diags)
		if lines != nil && i%2 == 0 && c.Kind == yaml.ScalarNode {
			if first, ok := lines[c.Value]; ok {
				*diags = append(*diags, diag.Errorf(diag.Pos{Path: file, Line: c.Line, Col: c.Column}, "yaml/duplicate",
					"“%s”写了两次：第 %d 行已经有了。请删去一个。", c.Value, first))
				again = append(again, i)
			} else {
				lines[c.Value] = c.Line
			}
		}
	}
	for _, i := range slices.Backward(again) {
		n.Content = slices.Delete(n.Content, i, i+2)
	}
}

// parseBool reads the words that people write for yes and no.
func parseBool(s string) (b, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "on", "1", "是", "有":
		return true, true
	case "false", "no", "n", "off", "0", "否", "无":
		return false, true
	}
	return false, false
}

// posOf is where a scalar's text begins, for things that report positions inside it.
func posOf(file string, n *yaml.Node) diag.Pos {
	return diag.Pos{Path: file, Line: n.Line, Col: n.Column}
}

var errTooLarge = fmt.Errorf("too large")

// tooDeep is where [ and { are nested too deeply for a text that the parser has refused for that, or -1. Those in quotes
// count too, so that nobody else may ask.
func tooDeep(src []byte) int {
	depth := 0
	for i, c := range src {
		switch c {
		case '[', '{':
			if depth++; depth > maxDepth {
				return i
			}
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return -1
}
