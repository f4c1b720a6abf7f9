// Package grid reads lists as they come to an archive's desk: spreadsheets, comma- and tab-separated text in any of
// the encodings that Chinese programs write, and the lines of a printed notice. All of them become a Table: columns,
// rows of cells with their place, what was left out and why, and what a person should be asked. It changes no
// value and decides nothing that the paper does not say.
package grid

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/han"
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

// knows reports whether a word heads a column, as the caller says.
func (o Options) knows(word string) bool { return o.Known != nil && o.Known(word) }

// fills reports whether blank cells of a column may stand for the cell above, as the caller says.
func (o Options) fills(column string) bool { return o.Fills != nil && o.Fills(column) }

// Limits: what is larger is no list of people. They keep memory bounded.
const (
	MaxBytes = 64 << 20
	MaxRows  = 200_000
	maxCells = 2_000_000
	maxText  = 100_000 // bytes of a line, and of a cell of several lines
	maxWidth = 200
	headRows = 20 // the header stands among the first of them
)

// Read reads a list. The name tells what it may be, its bytes decide. The error is a sentence for people.
func Read(name string, b []byte, opt Options) (*Table, error) {
	base := path.Base(strings.ReplaceAll(name, "\\", "/"))
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("%s：文件有 %d MB，太大了（最多 %d MB）", base, len(b)>>20, MaxBytes>>20)
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
		if err != nil || bytes.Contains(b, []byte("\uFFFD")) { // half a character, or half a pair
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

// Name is a header as it is compared: without blanks and what nobody sees, remarks in brackets kept.
func Name(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || han.Sight(r) != han.Visible {
			return -1
		}
		return r
	}, norm.NFC.String(s))
}
