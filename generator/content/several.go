package content

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
)

// separators are what people write between several values. Only ； divides a cell; the others stand in names too.
const separators = "、，,；;"

// parts divides a text at the separators that stand outside of brackets and quotation marks, not between numbers (三、四车间)
// and, a comma, not between words of another language.
func parts(s string) []string {
	if !strings.ContainsAny(s, separators) {
		return []string{s}
	}
	var all []string
	depth, from := 0, 0
	for i, r := range s {
		switch r {
		case '（', '(', '《', '〈', '“', '「', '『', '【', '[':
			depth++
		case '）', ')', '》', '〉', '”', '」', '』', '】', ']':
			depth = max(0, depth-1)
		case '、', '，', ',', '；', ';':
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if depth > 0 || figure(before) && figure(after) || r == ',' && !han.IsHan(before) && after == ' ' {
				continue
			}
			all = append(all, strings.TrimSpace(s[from:i]))
			from = i + utf8.RuneLen(r)
		}
	}
	all = append(all, strings.TrimSpace(s[from:]))
	filled := all[:0]
	for _, part := range all {
		if part != "" {
			filled = append(filled, part)
		}
	}
	return filled
}

func figure(r rune) bool {
	return unicode.IsDigit(r) || strings.ContainsRune("〇一二三四五六七八九十", r)
}

// several says that a value looks like more than one, and reports whether it did. What stands in double quotes is one: in a
// table, the cell's text has them. single tells that the field has one value only.
func (d *decoder) several(f *Field, n *yaml.Node, text string, single bool) bool {
	switch f.Type {
	case Term, RefType, Enum, Text:
	default:
		return false
	}
	if f.Role == Reviewed { // sentences
		return false
	}
	if single && f.Type != RefType || !d.csv && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return false
	}
	if t, ok := JustText(text); ok || len(t) > 2 && t[0] == '"' && t[len(t)-1] == '"' {
		return false
	}
	all := parts(text)
	if len(all) < 2 {
		return false
	}
	for i, p := range all {
		if quoted, ok := strings.CutPrefix(p, "“"); ok {
			if quoted, ok = strings.CutSuffix(quoted, "”"); ok {
				all[i] = quoted
			}
		}
	}
	how := "请分开写：文件里写成列表 [" + strings.Join(all, ", ") + "]，表格里用分号隔开，写成 " + strings.Join(all, "；")
	if single {
		how = "这里只写一个，请分成 " + strconv.Itoa(len(all)) + " 条（表格里一行一个）"
	}
	d.errorf(n, "value/several", "字段%s里像是有 %d 个值：%s。%s。确是一个值，请加双引号，写成 \"%s\"。", f, len(all), text, how, text)
	return true
}

// unquoted takes off the double quotes by which a cell says that its text is one value.
func unquoted(s string) string {
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' && strings.ContainsAny(s, separators) {
		return s[1 : len(s)-1]
	}
	return s
}

// unfold gives back to a scalar the line breaks that YAML has made spaces of: between Chinese characters a line break is
// nothing, and a space would stay.
func (d *decoder) unfold(n *yaml.Node) string {
	s := n.Value
	if d.csv || n.Style&yaml.LiteralStyle != 0 || strings.IndexByte(s, ' ') < 0 {
		return s
	}
	var at *cursor
	from := 0
	var b []byte
	for i := 1; i < len(s)-1; i++ {
		if s[i] != ' ' {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+1:])
		if markdown.Spaced(before, after) {
			continue
		}
		if at == nil {
			at = d.cursor(n)
			at.skip("")
		}
		at.skip(s[from:i])
		if from = i; at.broke() {
			if b == nil {
				b = []byte(s)
			}
			b[i] = '\n'
		}
	}
	if b == nil {
		return s
	}
	return string(b)
}

// broke reports whether the white space that a cursor has just passed holds a line break.
func (c *cursor) broke() bool {
	for at := c.at; at > 0; {
		r, size := utf8.DecodeLastRune(c.text[:at])
		switch {
		case r == '\n':
			return true
		case !unicode.IsSpace(r) && r != '\\':
			return false
		}
		at -= size
	}
	return false
}

// spreadsheetFault are what a spreadsheet writes where it has no value.
var (
	spreadsheetFault   = regexp.MustCompile(`^#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$`)
	spreadsheetFormula = regexp.MustCompile(`^(?:=[-+(A-Za-z0-9$"'@].*|@[A-Z]{2,}\b.*|\+[A-Z]{1,3}[0-9]+.*)$`)
	spreadsheetLong    = regexp.MustCompile(`^[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{2,}$`)
	spreadsheetWide    = regexp.MustCompile(`^#{2,}$`)
)

// spreadsheet says what a cell holds that a spreadsheet put there and nobody wrote; "" if it is none of it.
func spreadsheet(cell string) string {
	if cell == "" || cell[0] != '#' && cell[0] != '=' && cell[0] != '@' && cell[0] != '+' && (cell[0] < '0' || cell[0] > '9') {
		return ""
	}
	switch {
	case spreadsheetFault.MatchString(cell), spreadsheetWide.MatchString(cell):
		return "“" + cell + "”是表格软件里出错的格子：请回到原来的表格改正，再导出"
	case spreadsheetFormula.MatchString(cell):
		return "“" + cell + "”是公式，不是值：请在表格软件里把这一格粘贴为数值，再导出"
	case spreadsheetLong.MatchString(cell):
		return "“" + cell + "”是表格软件缩写过的长数字，后面几位已经丢了：请把这一列设成文本，照原件重新填写"
	}
	return ""
}

// Marks that say no name: for a value that stands above, and for one that nobody knows.
var (
	ditto  = []string{"同上", "同前", "〃", "″", "”", "''", "\"", "同左"}
	nobody = []string{"不详", "未知", "不明", "待定", "待查", "待考", "待补", "暂缺", "空缺", "缺", "无", "/", "\\", "—", "——", "-", "--", "－", "…", "……", "?", "？", "略"}
)

// notAName says what stands in place of a name, and reports whether something did.
func (d *decoder) notAName(f *Field, n *yaml.Node, text string) bool {
	word := strings.Join(strings.Fields(text), "")
	switch {
	case slices.Contains(ditto, word) && d.csv && f.Type != Markdown:
		d.errorf(n, "value/ditto", "字段%s：“%s”要看上面一格才知道：请把上面的字照写出来。", f, text)
	case slices.Contains(nobody, word) && (f.Type == RefType && f.Open || f.Type == Term):
		how := "不知道或没有，就让它空着"
		if f.Required {
			how = "不知道是谁，这一条就先不要写"
		}
		d.errorf(n, "value/nobody", "字段%s：“%s”不是名称，会当作一个叫“%s”的%s：%s。确是名称，请在前面加感叹号，写成 !%s。", f, text, text, f.Label, how, text)
	default:
		return false
	}
	return true
}

var (
	numberedName = regexp.MustCompile(`^(?:[0-9]{1,4}\s*[.、．)）]|[（(][0-9]{1,4}[）)]|[①-⑳*※#＊△▲★☆●■◆·+@-])\s*`)
	markedName   = regexp.MustCompile(`(?:[①-⑳*※＊△▲★☆。，；,;.]|\[[0-9]+\])+$`)
	titledName   = regexp.MustCompile(`(?:同志|先生|女士|老师|师傅)$`)
	severalMore  = regexp.MustCompile(`等(?:[0-9]+|[一二两三四五六七八九十百]+)?(?:人|名|位|同志)?$`)
	genderBehind = regexp.MustCompile(`[\s　]+(?:男|女)$`)
)

// aboutName warns of what stands beside the name of a person and would be taken for a part of it: a number, a mark of a note, a form of
// address, a gender; and of names that were not all written out. Two names with a space between them are two values.
func (d *decoder) aboutName(f *Field, n *yaml.Node, text string) {
	if !f.Names {
		return
	}
	if _, just := JustText(text); just {
		return
	}
	for _, mark := range []struct {
		re   *regexp.Regexp
		what string
	}{
		{severalMore, "像是说还有别人：请一人写一条，没有写出名字的不要写在姓名里"},
		{numberedName, "像是编号或记号，会当作姓名的一部分：请删去"},
		{markedName, "像是注的记号，会当作姓名的一部分：请删去，要说的写在附注里"},
		{titledName, "是称呼，会当作姓名的一部分：请删去"},
		{genderBehind, "像是性别，会当作姓名的一部分：请写进“性别”，或写在括号里"},
	} {
		found := mark.re.FindString(text)
		if name := strings.Replace(text, found, "", 1); found != "" && han.MayBePerson(name) {
			d.warnf(n, "name/mark", "字段%s：“%s”里的“%s”%s。", f, text, strings.TrimSpace(found), mark.what)
			return
		}
	}
	if note := han.ReadName(text).Note; strings.Contains(note, "撤销") || strings.Contains(note, "取消") {
		d.warnf(n, "name/revoked", "字段%s：姓名后面注着“%s”，但这一条仍算作现有的荣誉：请写进“撤销”（表格里的列是“撤销.撤销时间”“撤销.原因”）。", f, note)
	}
	if names := strings.Fields(text); len(names) > 1 && !slices.ContainsFunc(names, func(s string) bool {
		return utf8.RuneCountInString(s) < 2 || !han.MayBePerson(s)
	}) {
		if surname, _ := han.SplitName(strings.Join(names[:2], "")); surname != names[0] {
			d.warnf(n, "name/several", "字段%s：“%s”像是 %d 个人：请一人写一条。是一个人，就去掉中间的空格，少数民族姓名写间隔号“·”。", f, text, len(names))
		}
	}
}

// notAValue says what stands where a value should: what a spreadsheet wrote, or a number for a name.
func (d *decoder) notAValue(f *Field, n *yaml.Node, v *Value) bool {
	if d.csv {
		if t := v.Text; len(t) > 1 && t[0] == '\'' && t[len(t)-1] != '\'' && f.Type != Text && f.Type != Markdown {
			d.errorf(n, "csv/spreadsheet", "字段%s：“%s”前面的 ' 是表格软件里“文本格式”的记号，不是内容：请删去。", f, t)
			return true
		}
		if fault := spreadsheet(v.Text); fault != "" && f.Type != Markdown {
			d.errorf(n, "csv/spreadsheet", "字段%s：%s。", f, fault)
			return true
		}
		v.Text = unquoted(v.Text)
	}
	if d.notAName(f, n, v.Text) {
		return true
	}
	d.aboutName(f, n, v.Text)
	if f.Type == RefType && f.Open && strings.Trim(v.Text, "0123456789.-") == "" {
		d.errorf(n, "value/number", "字段%s：“%s”是数字，不是名称。请核对这一格是不是填错了列；确是名称，请在前面加感叹号，写成 !%s。", f, v.Text, v.Text)
		return true
	}
	return false
}
