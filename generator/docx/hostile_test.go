package docx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const bare = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>%s</w:body></w:document>`

func file(parts ...string) []byte {
	a := &txtar.Archive{}
	for i := 0; i < len(parts); i += 2 {
		a.Files = append(a.Files, txtar.File{Name: parts[i], Data: []byte(parts[i+1])})
	}
	return pack(a)
}

func text(body string) []byte { return file("word/document.xml", fmt.Sprintf(bare, body)) }

// TestBombs: what is made to fill the memory or the stack is refused with a sentence, and costs little.
func TestBombs(t *testing.T) {
	deep := func(n int, open, close string) string {
		return strings.Repeat(open, n) + `<w:r><w:t>底</w:t></w:r>` + strings.Repeat(close, n)
	}
	cases := map[string][]byte{
		"nesting":    text(deep(100_000, "<w:p>", "</w:p>")),
		"entities":   file("word/document.xml", `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`+fmt.Sprintf(bare, `<w:p><w:r><w:t>&b;</w:t></w:r></w:p>`)),
		"undeclared": text(`<w:p><w:r><w:t>&b;</w:t></w:r></w:p>`),
		"elements":   text(strings.Repeat(`<w:p><w:r><w:t>字</w:t></w:r></w:p>`, 310_000)),
		"cut":        text(`<w:p><w:r><w:t>字`)[:],
		"forms in forms": text(`<w:p><w:r xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">` + strings.Repeat(`<mc:AlternateContent><mc:Choice><w:drawing>`, 60) + strings.Repeat(`<w:t>字</w:t>`, 20_000) +
			strings.Repeat(`</w:drawing></mc:Choice><mc:Fallback><w:t>别</w:t></mc:Fallback></mc:AlternateContent>`, 60) + `</w:r></w:p>`),
	}
	var big bytes.Buffer
	z := zip.NewWriter(&big)
	w, _ := z.Create("word/document.xml")
	io.WriteString(w, `<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>`)
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	for range 200 {
		w.Write(chunk)
	}
	io.WriteString(w, `</w:t></w:r></w:p></w:body></w:document>`)
	z.Close()
	cases["zip bomb"] = big.Bytes()
	for name, b := range cases {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d, err := Read(bytes.NewReader(b), int64(len(b)))
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: read %d blocks", name, len(d.Blocks))
		} else if s := err.Error(); !strings.Contains(s, "文稿") && !strings.Contains(s, "另存") {
			t.Errorf("%s: %s does not say what to do", name, s)
		}
		if n := (after.Sys - min(before.Sys, after.Sys)) >> 20; n > 300 {
			t.Errorf("%s took %d MB", name, n)
		}
	}
	// Depth that a reader can still take is taken.
	b := text(deep(60, "<w:ins>", "</w:ins>"))
	if d := conserved(t, "deep", b); len(d.Blocks) != 1 {
		t.Errorf("%d blocks", len(d.Blocks))
	}
}

// TestWide: a table may not claim more columns than Word has, and one row of many cells is no bomb.
func TestWide(t *testing.T) {
	b := text(`<w:tbl>` + strings.Repeat(`<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p><w:r><w:t>格</w:t></w:r></w:p></w:tc></w:tr>`, 100) + `</w:tbl>`)
	d := conserved(t, "wide", b)
	if tb := d.Blocks[0].(*Table); tb.Columns > maxColumns || len(tb.Rows) != 100 {
		t.Errorf("%d columns, %d rows", tb.Columns, len(tb.Rows))
	}
}

// TestLongNumber: what a list prints before each item does not grow without end.
func TestLongNumber(t *testing.T) {
	b := file("word/document.xml", fmt.Sprintf(bare, strings.Repeat(`<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>项</w:t></w:r></w:p>`, 50)),
		"word/numbering.xml", `<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1000"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="`+
			strings.Repeat("%1x", 100_000)+`"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>`)
	d := conserved(t, "long number", b)
	for _, x := range d.Blocks {
		if n := len(x.(*Paragraph).Item.Number); n > 40*maxLevelText {
			t.Fatalf("a number of %d bytes", n)
		}
	}
}

// TestQuadratic: what is copied at each step, if done naively, is bounded.
func TestQuadratic(t *testing.T) {
	conserved(t, "deletions", text(`<w:p>`+strings.Repeat(`<w:del><w:r><w:delText>删</w:delText></w:r></w:del>`, 15_000)+`</w:p>`))
	conserved(t, "runs", text(`<w:p>`+strings.Repeat(`<w:r><w:t>字</w:t></w:r>`, 20_000)+`</w:p>`))
	conserved(t, "comments", text(`<w:p><w:r><w:t>`+strings.Repeat(`字<!-- -->`, 3_000)+`</w:t></w:r></w:p>`))
	conserved(t, "fields", text(`<w:p>`+strings.Repeat(`<w:r><w:fldChar w:fldCharType="begin"/></w:r>`, 3_000)+`<w:r><w:t>字</w:t></w:r></w:p>`))
}

// TestOutside: what a file wants to fetch is named and not fetched; macros are named.
func TestOutside(t *testing.T) {
	b := file("word/document.xml", fmt.Sprintf(bare, `<w:p><w:r><w:t>字</w:t></w:r></w:p>`), "word/vbaProject.bin", "x",
		"word/_rels/settings.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://x/attachedTemplate" Target="http://evil.example.cn/t.dotm" TargetMode="External"/></Relationships>`,
		"word/_rels/document.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="b" Type="http://x/oleObject" Target="file:///c:/x" TargetMode="External"/><Relationship Id="c" Type="http://x/header" Target="../../../../etc/passwd"/></Relationships>`)
	d := conserved(t, "outside", b)
	var said []string
	for _, r := range d.Remarks {
		said = append(said, r.ID+" "+r.Text)
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"macro", "evil.example.cn", "oleObject"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing is said of %s:\n%s", want, all)
		}
	}
}

// TestRemarksEnd: what is wrong in more places than are listed is said to be so.
func TestRemarksEnd(t *testing.T) {
	b := text(`<w:p>` + strings.Repeat(`<w:r><w:t>字</w:t><w:footnoteReference w:id="7"/></w:r>`, maxRemarks+20) + `</w:p>`)
	d := conserved(t, "remarks", b)
	if n := len(d.Remarks); n != maxRemarks+1 || !strings.Contains(d.Remarks[n-1].Text, "另有 20 处") {
		t.Errorf("%d remarks, the last is %v", n, d.Remarks[n-1])
	}
}

// TestSniff: what is no .docx is told by its bytes, with what to do.
func TestSniff(t *testing.T) {
	wide := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			b.WriteByte(c)
			b.WriteByte(0)
		}
		return b.String() + "\x00\x00"
	}
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	for want, src := range map[Format]string{
		Doc: ole + wide("WordDocument"), Encrypted: ole + wide("EncryptedPackage"), Xls: ole + wide("Workbook"), Ppt: ole + wide("PowerPoint Document"), OLE: ole,
		RTF: `{\rtf1\ansi`, PDF: "%PDF-1.7\n", HTML: "<html xmlns:w=\"x\"><head>", MHTML: "MIME-Version: 1.0\nContent-Type: multipart/related", Archive: "Rar!\x1a\x07", Image: "\x89PNG\r\n\x1a\n",
		PlainText: "一段文字，没有别的。", Empty: "", FlatXML: `<?xml version="1.0"?><?mso-application progid="Word.Document"?>`, Unknown: "\x00\x01\x02\xfe",
		Xlsx: string(file("[Content_Types].xml", "x", "xl/workbook.xml", "x")), Pptx: string(file("ppt/presentation.xml", "x")), Odt: string(file("mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "x")),
		Ofd: string(file("OFD.xml", "x")), Zip: string(file("a.txt", "x")),
	} {
		_, err := Read(strings.NewReader(src), int64(len(src)))
		var f *FormatError
		if !errors.As(err, &f) || f.Format != want {
			t.Errorf("%s: %v", want, err)
		} else if f.Format.Advice() == "" {
			t.Errorf("%s has no advice", want)
		}
	}
}

// TestFormatNumber: lists count as they are printed.
func TestFormatNumber(t *testing.T) {
	for _, x := range []struct {
		n      int
		format string
		want   string
	}{
		{1, "chineseCounting", "一"}, {10, "chineseCountingThousand", "十"}, {11, "chineseCounting", "十一"}, {20, "chineseCounting", "二十"}, {105, "chineseCountingThousand", "一百零五"},
		{110, "chineseCountingThousand", "一百一十"}, {1010, "chineseCountingThousand", "一千零一十"}, {10, "chineseLegalSimplified", "壹拾"}, {12, "chineseLegalSimplified", "壹拾贰"},
		{3, "ideographTraditional", "丙"}, {12, "ideographZodiac", "亥"}, {61, "ideographTraditional", "61"}, {8, "decimalEnclosedCircleChinese", "⑧"}, {21, "decimalEnclosedCircle", "㉑"},
		{4, "upperRoman", "IV"}, {1994, "lowerRoman", "mcmxciv"}, {27, "upperLetter", "AA"}, {2, "decimalZero", "02"}, {2, "decimalEnclosedParen", "⑵"}, {30, "ideographDigital", "三〇"},
		{5, "numberInDash", "-5-"}, {12, "decimalFullWidth", "１２"}, {-1, "upperRoman", "-1"}, {0, "upperLetter", "0"}, {1 << 40, "chineseCounting", "1099511627776"},
	} {
		if got := formatNumber(x.n, x.format); got != x.want {
			t.Errorf("%d %s is %s, not %s", x.n, x.format, got, x.want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var s strings.Builder
	for range 1200 {
		s.WriteString(`<w:p><w:r><w:rPr><w:rFonts w:hint="eastAsia"/><w:sz w:val="32"/></w:rPr><w:t>` + strings.Repeat("测试厂工会在车间开展劳动竞赛，", 8) + `</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>加粗</w:t></w:r></w:p>`)
	}
	f := text(s.String())
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(bytes.NewReader(f), int64(len(f))); err != nil {
			b.Fatal(err)
		}
	}
}
