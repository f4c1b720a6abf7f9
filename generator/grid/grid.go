// Package grid reads lists as they come to an archive's desk: spreadsheets, comma- and tab-separated text in any of
// the encodings that Chinese programs write, and the lines of a printed notice. All of them become a Table: columns,
// rows of cells with their place, what was left out and why, and what a person should be asked. It changes no
// value and decides nothing that the paper does not say.
package grid

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// Flag is something about a cell that its text does not show.
type Flag uint8

// The flags.
const (
	Number  Flag = 1 << iota // a spreadsheet holds a number there, not a text
	Date                     // a number that the spreadsheet shows as a date
	Formula                  // it was computed
	Fault                    // it shows an error of the spreadsheet, such as #REF!
	Filled                   // it is part of a merged cell whose text stands further up
)

// Cell is one cell: what is shown, what is stored where that differs, and its flags.
type Cell struct {
	Text  string
	Raw   string // as stored, if it differs from Text
	Flags Flag
}

// Has reports whether a flag is set.
func (c Cell) Has(f Flag) bool { return c.Flags&f != 0 }

// Row is one row of a table.
type Row struct {
	No     int    // its line in a text, its row in a sheet; 1-based
	Cells  []Cell // as many as there are columns
	Group  string // the headings that it stands under, joined by “／”
	Hidden bool   // the spreadsheet does not show it
	Bad    string // why it can't be used, for people
	Doubt  string // what a person has to look at before it is used
	Text   string // the printed line of a notice
}

// Column is one column.
type Column struct {
	Name   string // its header as printed, without blanks inside
	Letter string // A, B; of a text, its number
	Hidden bool
}

// Left is a row or line that is no record, and what it is.
type Left struct {
	No   int
	Kind string // 标题、说明、合计、脚注、空行、落款、正文
	Text string
}

// Ask is a question about a whole column.
type Ask struct {
	Column int
	Kind   string // merged: blank cells under filled ones
	Text   string
	Rows   []int // the rows in question
}

// Head is a heading of a notice, with the number that it declares.
type Head struct {
	No       int
	Text     string // without the number
	Path     string // with those above it
	Declared int    // -1 if it says none
	Found    int
}

// Table is what was read.
type Table struct {
	File    string // its name, for people
	Sheet   string
	Format  string // 电子表格、文本表格、名单、大事记
	Charset string // of a text: UTF-8, UTF-16, GB18030
	Columns []Column
	Rows    []Row
	Left    []Left
	Asks    []Ask
	Heads   []Head
	Notes   []string // what else people should know
}

// Place names a row for people.
func (t *Table) Place(no int) string {
	switch {
	case t.Sheet != "":
		return fmt.Sprintf("%s“%s”第%d行", t.File, t.Sheet, no)
	default:
		return fmt.Sprintf("%s第%d行", t.File, no)
	}
}

// Options steer Read.
type Options struct {
	Sheet string // of a spreadsheet with several
	// Known tells whether a word is the header of a column that means something.
	Known func(string) bool
	// Fills tells whether blank cells of a column, by its header, may stand for the cell above: a region or a class
	// may, a remark may not.
	Fills func(string) bool
}

// Limits: what is larger is no list of people. They keep memory bounded.
const (
	MaxBytes = 64 << 20
	MaxRows  = 200_000
	maxWidth = 200
	headRows = 20 // the header stands among the first of them
)

// Read reads a list. The name tells what it may be, its bytes decide. The error is a sentence for people.
func Read(name string, b []byte, opt Options) (*Table, error) {
	base := path.Base(strings.ReplaceAll(name, "\\", "/"))
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("%s：文件有 %d MB，太大了（最多 %d MB）", base, len(b)>>20, MaxBytes>>20)
	}
	if opt.Known == nil {
		opt.Known = func(string) bool { return false }
	}
	if opt.Fills == nil {
		opt.Fills = func(string) bool { return false }
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, fmt.Errorf("%s：文件是空的", base)
	}
	kind := sniff(b)
	switch kind {
	case "ole", "rtf", "pdf", "image", "doc", "ods", "zip", "html", "xlsm", "xlsb", "bad-zip", "encrypted":
		return nil, fmt.Errorf("%s：%s", base, refusals[kind])
	case "xlsx":
		t, err := readXLSX(b, opt)
		if err != nil {
			return nil, fmt.Errorf("%s：%w", base, err)
		}
		t.File = base
		return t, nil
	case "docx":
		return nil, fmt.Errorf("%s：这是 Word 文件，要先读出里面的文字和表格", base)
	}
	text, charset, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s：%w", base, err)
	}
	t, err := FromText(text, opt)
	if err != nil {
		return nil, fmt.Errorf("%s：%w", base, err)
	}
	t.File, t.Charset = base, charset
	if want := strings.ToLower(path.Ext(base)); want == ".xlsx" || want == ".xls" || want == ".docx" {
		t.Notes = append(t.Notes, fmt.Sprintf("文件名是 %s，里面其实是文字（%s），照文字读了", want, charset))
	}
	return t, nil
}

var refusals = map[string]string{
	"ole":       "这是旧格式（.xls、.doc、.wps、.et）的文件，读不了。请用 Excel 或 WPS 打开，另存为 .xlsx 或 .docx",
	"encrypted": "文件加了密码，读不了。请用 Excel 或 WPS 打开，去掉密码，另存为 .xlsx",
	"xlsm":      "这是带宏的工作簿，不读。请用 Excel 或 WPS 打开，另存为不带宏的 .xlsx",
	"xlsb":      "这是二进制工作簿（.xlsb），读不了。请另存为 .xlsx",
	"ods":       "这是 OpenDocument 表格（.ods），读不了。请另存为 .xlsx",
	"rtf":       "这是 RTF 文件，读不了。请用 Word 或 WPS 打开，另存为 .docx 或纯文本 .txt",
	"pdf":       "这是 PDF，里面不一定有文字。请把名单复制出来，用“gongzhi import 类目 -”粘贴，或存为 .txt",
	"image":     "这是图片，读不出文字。请先识别成文字并校对，再存为 .txt 或 .xlsx",
	"html":      "这是网页，不是表格。请在浏览器里选中名单复制，粘贴到 Excel 或记事本再保存",
	"zip":       "这是压缩包。请先解压，再分别导入里面的文件",
	"bad-zip":   "文件不完整或已损坏，打不开。请重新拷贝一份，或用 Excel 打开后另存",
}

// Kind tells by the first bytes what a file is: xlsx, docx, text, or one of those that Read refuses.
func Kind(b []byte) string { return sniff(b) }

func sniff(b []byte) string {
	has := func(p string) bool { return bytes.HasPrefix(b, []byte(p)) }
	switch {
	case has("PK\x03\x04"), has("PK\x05\x06"):
		return sniffZip(b)
	case has("\xD0\xCF\x11\xE0"):
		wide := func(s string) []byte {
			var w []byte
			for i := range len(s) {
				w = append(w, s[i], 0)
			}
			return w
		}
		if bytes.Contains(b, wide("EncryptedPackage")) {
			return "encrypted"
		}
		return "ole"
	case has("{\\rtf"):
		return "rtf"
	case has("%PDF"):
		return "pdf"
	case has("\x89PNG"), has("\xFF\xD8\xFF"), has("GIF8"), has("RIFF"), has("BM") && len(b) > 6 && b[5] == 0:
		return "image"
	case has("7z\xBC\xAF"), has("Rar!"), has("\x1f\x8b"):
		return "zip"
	}
	head := strings.ToLower(string(bytes.TrimSpace(b[:min(len(b), 256)])))
	if strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html") {
		return "html"
	}
	return "text"
}

// Decode finds out how a text is encoded, strictly, and gives it as UTF-8 in NFC with plain line ends.
func Decode(b []byte) (text, charset string, err error) {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		b, charset = b[3:], "UTF-8（带 BOM）"
		if !utf8.Valid(b) {
			return "", "", fmt.Errorf("开头的标记说是 UTF-8，里面却不是。请用记事本打开，另存为 UTF-8")
		}
	case bytes.HasPrefix(b, []byte("\xFF\xFE")), bytes.HasPrefix(b, []byte("\xFE\xFF")):
		charset = "UTF-16"
		b, err = xunicode.UTF16(xunicode.LittleEndian, xunicode.ExpectBOM).NewDecoder().Bytes(b)
		if err != nil {
			return "", "", fmt.Errorf("按 UTF-16 读不出来。请用记事本打开，另存为 UTF-8")
		}
	case bytes.IndexByte(b[:min(len(b), 4096)], 0) >= 0:
		var odd, even int
		for i, c := range b[:min(len(b), 4096)] {
			if c == 0 && i%2 == 0 {
				even++
			} else if c == 0 {
				odd++
			}
		}
		end := xunicode.LittleEndian
		if even > odd {
			end = xunicode.BigEndian
		}
		if b, err = xunicode.UTF16(end, xunicode.IgnoreBOM).NewDecoder().Bytes(b); err != nil || bytes.IndexByte(b, 0) >= 0 || !readable(b) {
			return "", "", fmt.Errorf("这不是文字，也不是认识的表格。请看是不是选错了文件")
		}
		charset = "UTF-16（没有 BOM）"
	case utf8.Valid(b):
		charset = "UTF-8"
	default:
		out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
		if err != nil || bytes.Contains(out, []byte("\uFFFD")) || !readable(out) {
			return "", "", fmt.Errorf("既不是 UTF-8、UTF-16，也不是 GB18030（GBK），读不出来。请用 Excel 或记事本打开，另存为 UTF-8")
		}
		b, charset = out, "GB18030（GBK）"
	}
	if !readable(b) {
		return "", "", fmt.Errorf("这不是文字，也不是认识的表格。请看是不是选错了文件")
	}
	return norm.NFC.String(strings.ReplaceAll(strings.ReplaceAll(string(b), "\r\n", "\n"), "\r", "\n")), charset, nil
}

// readable reports whether a text has no more control characters than a text has.
func readable(b []byte) bool {
	bad := 0
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		i += n
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' && r != '\f' || r >= 0xE000 && r <= 0xF8FF {
			bad++
		}
	}
	return bad*100 <= len(b)
}

// Name is a header as it is compared: without blanks, remarks in brackets kept.
func Name(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u3000' || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, norm.NFC.String(s))
}

// words are headers that lists have, whatever the collection: they help to find the header row.
var words = map[string]bool{}

func init() {
	for _, w := range strings.Fields("序号 编号 姓名 名称 性别 民族 出生年月 出生日期 年龄 籍贯 单位 工作单位 所在单位 时任单位 职务 岗位 职称 工种 政治面貌 文化程度 学历 地区 所属地区 地市 市县 荣誉称号 称号 获奖名称 授予时间 获奖时间 表彰时间 年度 年份 时间 日期 备注 身份证号 身份证号码 联系电话 电话 手机 推荐单位 题名 标题 事项 类别 来源 出处") {
		words[w] = true
	}
}

var (
	totalRow = regexp.MustCompile(`^(合计|总计|小计|共计|总数|累计|总人数|合计人数)[:：]?`)
	footRow  = regexp.MustCompile(`^(注|备注|说明|附注|填表|制表|审核|填报|联系人|经办|单位负责人|数据来源|来源|★|※|\*)`)
	digits   = regexp.MustCompile(`\d+`)
	headLine = regexp.MustCompile(`^(.*?)[（(【]\s*共?\s*(\d{1,6})\s*(名|人|个|位|家|项)\s*[)）】]\s*[:：]?$`)
)

// assemble makes a table out of raw rows: it finds the header and tells records from all else.
func assemble(t *Table, raw []Row, opt Options) error {
	head, best := -1, 0
	known := func(s string) bool { s = Name(s); return s != "" && (words[s] || opt.Known(s)) }
	for i := range min(len(raw), headRows) {
		n, filled := 0, 0
		for _, c := range raw[i].Cells {
			if s := Name(c.Text); s != "" {
				filled++
				if known(s) {
					n++
				}
			}
		}
		if n > best && (n >= 2 || n == 1 && filled == 1) && n*2 >= filled {
			head, best = i, n
		}
		if best >= 2 && i > head+3 {
			break
		}
	}
	if head < 0 {
		return fmt.Errorf("前 %d 行里没有找到表头。表头要写字段名，如“序号、姓名、性别、单位”；没有表头的名单，请在最上面加一行", min(len(raw), headRows))
	}
	h := raw[head].Cells
	width := 0
	for i, c := range h {
		if Name(c.Text) != "" {
			width = i + 1
		}
	}
	if width > maxWidth {
		return fmt.Errorf("表头有 %d 列，最多 %d 列。这是名单吗？", width, maxWidth)
	}
	if head+1 < len(raw) { // a second header row
		n, other := 0, 0
		for _, c := range raw[head+1].Cells {
			if s := Name(c.Text); s != "" && known(s) {
				n++
			} else if s != "" && !c.Has(Filled) {
				other++
			}
		}
		if n >= 1 && other == 0 || n >= 3 && n > other {
			return fmt.Errorf("表头有两行（第 %d、%d 行），看不出哪一列是什么。请并成一行再导入", raw[head].No, raw[head+1].No)
		}
	}
	for i := range width {
		col := Column{Name: Name(h[i].Text), Letter: letter(i)}
		if i < len(t.Columns) {
			col.Hidden = t.Columns[i].Hidden
		}
		if col.Name == "" {
			col.Name = ""
		}
		for j := range i {
			if col.Name != "" && t.Columns[j].Name == col.Name {
				return fmt.Errorf("表头里“%s”有两列（%s 和 %s）。请改名或删去一列", col.Name, letter(j), letter(i))
			}
		}
		if i < len(t.Columns) {
			t.Columns[i] = col
		} else {
			t.Columns = append(t.Columns, col)
		}
	}
	t.Columns = t.Columns[:width]
	leave := func(r Row, kind string) {
		t.Left = append(t.Left, Left{r.No, kind, join(r.Cells)})
	}
	for _, r := range raw[:head] {
		if filled(r.Cells) > 0 {
			leave(r, "标题")
		}
	}
	numberCol := -1
	for i, c := range t.Columns {
		if c.Name == "序号" || c.Name == "名单序号" {
			numberCol = i
		}
	}
	blanks, group, since := 0, "", 0
	body := raw[head+1:]
	lastFull := -1
	for i, r := range body {
		if filled(r.Cells) > 1 {
			lastFull = i
		}
	}
	for i, r := range body {
		first, n := "", 0
		firstAt := -1
		for j, c := range r.Cells {
			if s := strings.TrimSpace(c.Text); s != "" && !c.Has(Filled) {
				if n == 0 {
					first, firstAt = s, j
				}
				n++
			}
		}
		switch {
		case n == 0:
			blanks++
			continue
		case totalRow.MatchString(Name(first)):
			leave(r, "合计")
			small := strings.HasPrefix(Name(first), "小计")
			have := len(t.Rows)
			if small {
				have, since = len(t.Rows)-since, len(t.Rows)
			}
			for _, c := range r.Cells[firstAt+1:] {
				if s := strings.TrimSpace(c.Text); c.Has(Fault) || s == "" {
					continue
				} else if d := digits.FindString(s); d != "" {
					if k, _ := strconv.Atoi(d); k != have {
						t.Notes = append(t.Notes, fmt.Sprintf("%s写着“%s”，实际有 %d 行", t.rowName(r.No), join(r.Cells), have))
					}
					break
				}
			}
			continue
		case n == 1 && numberCol >= 0 && firstAt == numberCol && len(digits.FindString(first)) == len(first):
			leave(r, "空行")
			continue
		case n == 1 && headLine.MatchString(first), n == 1 && spans(r.Cells, firstAt) && i < lastFull:
			m := headLine.FindStringSubmatch(first)
			hd := Head{No: r.No, Text: first, Declared: -1}
			if m != nil {
				hd.Text = strings.TrimSpace(m[1])
				hd.Declared, _ = strconv.Atoi(m[2])
			}
			hd.Path = hd.Text
			group = hd.Text
			t.Heads = append(t.Heads, hd)
			continue
		case i > lastFull && n == 1 && (len(t.Columns) > 1 && (footRow.MatchString(first) || utf8.RuneCountInString(first) > 12 || firstAt != 0)):
			leave(r, "脚注")
			continue
		case same(r.Cells, h):
			leave(r, "重复的表头")
			continue
		}
		if extra := r.Cells[min(width, len(r.Cells)):]; filled(extra) > 0 {
			r.Bad = fmt.Sprintf("这一行有 %d 格，表头只有 %d 格，多出来的是“%s”。请看是不是多了分隔的逗号", len(r.Cells), width, join(extra))
		}
		if short := len(r.Cells); short < width && t.Format == "文本表格" && r.Bad == "" {
			r.Bad = fmt.Sprintf("这一行只有 %d 格，表头有 %d 格。请看是不是少了分隔的逗号", short, width)
		}
		for len(r.Cells) < width {
			r.Cells = append(r.Cells, Cell{})
		}
		all := r.Cells
		r.Cells = r.Cells[:width]
		for j, c := range r.Cells {
			s := strings.TrimSpace(c.Text)
			switch {
			case c.Has(Fault):
				r.Bad = fmt.Sprintf("“%s”一格是表格软件的错误“%s”。请改正原表", t.Columns[j].Name, s)
			case strings.HasPrefix(s, "=") && len(s) > 1 && !c.Has(Formula):
				r.Bad = fmt.Sprintf("“%s”一格是公式“%s”，没有结果。请填上结果", t.Columns[j].Name, clip(s, 30))
			case c.Has(Formula) && s == "":
				r.Bad = fmt.Sprintf("“%s”一格是公式，文件里没有存下结果。请用 Excel 打开，保存一次", t.Columns[j].Name)
			}
		}
		if r.Bad != "" {
			r.Text = join(all)
		}
		if group != "" {
			r.Group = group
			t.Heads[len(t.Heads)-1].Found++
		}
		t.Rows = append(t.Rows, r)
	}
	if blanks > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("表里有 %d 个空行，没有用", blanks))
	}
	if len(t.Rows) == 0 {
		return fmt.Errorf("第 %d 行像是表头，下面却没有一行记录", raw[head].No)
	}
	for _, hd := range t.Heads {
		if hd.Declared >= 0 && hd.Declared != hd.Found {
			t.Notes = append(t.Notes, countNote(hd))
		}
	}
	t.looksMerged(opt)
	return nil
}

func countNote(h Head) string {
	return fmt.Sprintf("第%d行“%s”写着 %d 名，下面有 %d 名", h.No, h.Text, h.Declared, h.Found)
}

func (t *Table) rowName(no int) string { return fmt.Sprintf("第%d行", no) }

// looksMerged asks about columns whose blank cells may stand for the cell above: the first row is filled, most are
// not, and no text stands twice.
func (t *Table) looksMerged(opt Options) {
	for j, c := range t.Columns {
		if c.Name == "" || !opt.Fills(c.Name) || len(t.Rows) < 3 || strings.TrimSpace(t.Rows[0].Cells[j].Text) == "" {
			continue
		}
		seen := map[string]bool{}
		var blank []int
		twice := false
		for _, r := range t.Rows {
			s := strings.TrimSpace(r.Cells[j].Text)
			switch {
			case r.Cells[j].Has(Filled):
			case s == "":
				blank = append(blank, r.No)
			default:
				twice = twice || seen[s]
				seen[s] = true
			}
		}
		if twice || len(blank)*2 < len(t.Rows) {
			continue
		}
		t.Asks = append(t.Asks, Ask{j, "merged", fmt.Sprintf("“%s”列有 %d 格是空的，像是合并过的单元格（如第%d行“%s”以下）。照上面一格填，还是空着？", c.Name, len(blank), t.Rows[0].No, strings.TrimSpace(t.Rows[0].Cells[j].Text)), blank})
	}
}

// Fill puts the text above into the blank cells of a question's column.
func (t *Table) Fill(a Ask) {
	last := ""
	for i := range t.Rows {
		c := &t.Rows[i].Cells[a.Column]
		if s := strings.TrimSpace(c.Text); s != "" {
			last = c.Text
		} else if slices.Contains(a.Rows, t.Rows[i].No) {
			c.Text, c.Flags = last, c.Flags|Filled
		}
	}
}

// spans reports whether a cell is merged with all to the right of it that the row has.
func spans(cells []Cell, at int) bool {
	n := 0
	for _, c := range cells[at+1:] {
		if !c.Has(Filled) {
			return false
		}
		n++
	}
	return n > 0
}

func filled(cells []Cell) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c.Text) != "" && !c.Has(Filled) {
			n++
		}
	}
	return n
}

func same(a, b []Cell) bool {
	n := 0
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = Name(a[i].Text)
		}
		if i < len(b) {
			y = Name(b[i].Text)
		}
		if x != y {
			return false
		}
		if x != "" {
			n++
		}
	}
	return n > 1
}

func join(cells []Cell) string {
	var parts []string
	for _, c := range cells {
		if s := strings.TrimSpace(c.Text); s != "" && !c.Has(Filled) {
			parts = append(parts, s)
		}
	}
	return clip(strings.Join(parts, " | "), 200)
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}

// letter names a column as spreadsheets do.
func letter(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}

// Assemble makes a table of cells that somebody else has read, such as those of a table in a Word file: it finds the
// header and tells records from all else, as Read does.
func Assemble(t *Table, rows []Row, opt Options) error {
	if opt.Known == nil {
		opt.Known = func(string) bool { return false }
	}
	if opt.Fills == nil {
		opt.Fills = func(string) bool { return false }
	}
	return assemble(t, rows, opt)
}
