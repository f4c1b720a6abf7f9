package docx

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// Format is what a file is, whatever its name says.
type Format string

// The formats that are told apart.
const (
	Docx      Format = "docx"
	Xlsx      Format = "xlsx"
	Pptx      Format = "pptx"
	Odt       Format = "odt"
	Epub      Format = "epub"
	Ofd       Format = "ofd"
	Pages     Format = "pages"
	Zip       Format = "zip"
	Doc       Format = "doc"
	Xls       Format = "xls"
	Ppt       Format = "ppt"
	Encrypted Format = "encrypted"
	OLE       Format = "ole"
	RTF       Format = "rtf"
	PDF       Format = "pdf"
	HTML      Format = "html"
	MHTML     Format = "mhtml"
	FlatXML   Format = "flatxml" // Word's XML in one file, or 标文通
	Archive   Format = "archive" // rar, 7z, gzip
	Image     Format = "image"
	PlainText Format = "text"
	Empty     Format = "empty"
	Unknown   Format = "unknown"
)

var advice = map[Format]string{
	Xlsx:      "这是 Excel 表格（.xlsx），不是 Word 文稿：名单和表格请导入到用表格的类目，文稿请选对文件",
	Pptx:      "这是演示文稿（.pptx）：请在 PowerPoint 或 WPS 演示里把文字另存到 Word 文稿（.docx）",
	Odt:       "这是 OpenDocument 文稿（.odt）：请用 LibreOffice 或 WPS 打开，另存为“Word 文档（.docx）”",
	Epub:      "这是电子书（.epub）：请把要用的文字复制到 Word 文稿里，存成 .docx",
	Ofd:       "这是版式文件（.ofd），里面没有段落：请找排版前的 Word 或 WPS 文稿，存成 .docx",
	Pages:     "这是苹果 Pages 文稿：请在 Pages 里用“文件 → 导出为 → Word”存成 .docx",
	Zip:       "这是压缩包，里面不是 Word 文稿：请先解压",
	Doc:       "这是旧格式的 Word 或 WPS 文稿（.doc、.wps）：请用 Word 或 WPS 打开，选“文件 → 另存为”，类型选“Word 文档（.docx）”",
	Xls:       "这是旧格式的 Excel 表格（.xls）：请打开后另存为 .xlsx",
	Ppt:       "这是旧格式的演示文稿（.ppt）：请把文字另存到 Word 文稿（.docx）",
	Encrypted: "文件加了密码：请在 Word 或 WPS 里打开，选“文件 → 信息（或文档加密）”，去掉密码后再存一次",
	OLE:       "这是旧格式的 Office 文件：请用 Word 或 WPS 打开，另存为“Word 文档（.docx）”",
	RTF:       "这是 RTF 文稿（.rtf）：请用 Word 或 WPS 打开，另存为“Word 文档（.docx）”",
	PDF:       "这是 PDF：里面只有版面，没有段落。请找排版前的 Word 或 WPS 文稿；只有 PDF 时，可以在 Word 里打开 PDF，核对后存成 .docx",
	HTML:      "这是网页（HTML），只是名字像 Word 文稿：请用 Word 或 WPS 打开，另存为“Word 文档（.docx）”；或用 --from html 从标准输入读",
	MHTML:     "这是单个文件的网页（.mht）：请用 Word 或 WPS 打开，另存为“Word 文档（.docx）”",
	FlatXML:   "这是写成一个 XML 的文稿（Word XML 或标文通 .uof）：请用 Word 或 WPS 打开，另存为“Word 文档（.docx）”",
	Archive:   "这是压缩文件：请先解压，再选里面的 .docx",
	Image:     "这是图片：请选 Word 文稿（.docx）",
	PlainText: "这是纯文本，不是 Word 文稿：请用 Word 或 WPS 打开，另存为“Word 文档（.docx）”，或直接存成 .md 记录",
	Empty:     "文件是空的：多半是复制没有完成，请重新复制",
	Unknown:   "认不出这是什么文件，或已经损坏：请用 Word 或 WPS 打开看看，另存为“Word 文档（.docx）”",
}

// Advice is a sentence that says what the file is and what to do with it; empty for Docx.
func (f Format) Advice() string { return advice[f] }

// FormatError is the error of a file that is no .docx.
type FormatError struct{ Format Format }

func (e *FormatError) Error() string { return e.Format.Advice() }

// Sniff tells a file's format by its bytes: the first ones, and what names a container holds.
func Sniff(r io.ReaderAt, size int64) Format {
	if size == 0 {
		return Empty
	}
	head := make([]byte, min(size, 4096))
	n, _ := r.ReadAt(head, 0)
	head = head[:n]
	starts := func(s ...string) bool {
		for _, s := range s {
			if bytes.HasPrefix(head, []byte(s)) {
				return true
			}
		}
		return false
	}
	switch {
	case starts("PK\x03\x04", "PK\x05\x06", "PK\x07\x08"):
		z, err := openZip(r, size)
		if err != nil {
			return Unknown
		}
		return sniffZip(z)
	case starts("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return sniffOLE(r, size)
	case starts(`{\rtf`, "\xef\xbb\xbf{\\rtf"):
		return RTF
	case starts("%PDF"):
		return PDF
	case starts("Rar!", "7z\xbc\xaf\x27\x1c", "\x1f\x8b", "BZh", "\xfd7zXZ"):
		return Archive
	case starts("\x89PNG", "\xff\xd8\xff", "GIF8", "BM", "II*\x00", "MM\x00*") || starts("RIFF") && bytes.Contains(head[:min(len(head), 16)], []byte("WEBP")):
		return Image
	}
	text := strings.ToLower(string(bytes.TrimLeft(bytes.ToValidUTF8(head, nil), "\ufeff \t\r\n")))
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case strings.HasPrefix(text, "mime-version:") || has("\nmime-version:") || strings.HasPrefix(text, "from: <saved by"):
		return MHTML
	case strings.HasPrefix(text, "<?xml") && (has("word.document") || has("<w:worddocument") || has("<pkg:package") || has("uof")):
		return FlatXML
	case strings.HasPrefix(text, "<!doctype html") || strings.HasPrefix(text, "<html") || has("<html") || strings.HasPrefix(text, "<head") || strings.HasPrefix(text, "<meta"):
		return HTML
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return PlainText
	}
	if bytes.IndexByte(head, 0) < 0 && len(head) > 0 {
		for i := 0; i < 4 && len(head) > 0; i++ { // a character may be cut at the end
			if utf8.Valid(head) {
				return PlainText
			}
			head = head[:len(head)-1]
		}
	}
	return Unknown
}

func sniffZip(z *zip.Reader) Format {
	format := Zip
	for i, f := range z.File {
		if i > maxEntries {
			break
		}
		switch name := partName(f.Name); {
		case name == "word/document.xml" || strings.HasPrefix(name, "word/") && strings.HasSuffix(name, ".xml"):
			return Docx
		case name == "xl/workbook.xml" || name == "xl/workbook.bin":
			return Xlsx
		case name == "ppt/presentation.xml":
			return Pptx
		case name == "ofd.xml":
			return Ofd
		case name == "index/document.iwa":
			return Pages
		case name == "meta-inf/container.xml" && format == Zip:
			format = Epub
		case name == "content.xml" && format == Zip:
			format = Odt
		case name == "[content_types].xml" && format == Zip:
			format = Docx // with a main part of an unusual name, perhaps
		}
	}
	return format
}

// sniffOLE looks for the names of streams. They stand in directory sectors, in UTF-16.
func sniffOLE(r io.ReaderAt, size int64) Format {
	const window = 4 << 20
	b := make([]byte, min(size, window))
	n, _ := r.ReadAt(b, 0)
	b = b[:n]
	if size > window {
		tail := make([]byte, min(size-window, window))
		n, _ := r.ReadAt(tail, size-int64(len(tail)))
		b = append(b, tail[:n]...)
	}
	for _, k := range []struct {
		name   string
		format Format
	}{{"EncryptedPackage", Encrypted}, {"WordDocument", Doc}, {"Workbook", Xls}, {"PowerPoint Document", Ppt}, {"Book", Xls}} {
		wide := make([]byte, 0, 2*len(k.name))
		for _, c := range []byte(k.name) {
			wide = append(wide, c, 0)
		}
		if bytes.Contains(b, append(wide, 0, 0)) {
			return k.format
		}
	}
	return OLE
}
