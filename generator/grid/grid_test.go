package grid

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/tools/txtar"

	"gongzhi/generator/han"
)

var update = flag.Bool("update", false, "write the golden files")

var fills = Options{Fills: func(s string) bool { return s == "地区" }}

func read(t *testing.T, name string) *Table {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	table, err := Read(name, b, fills)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// truth is one of the people that the lists in testdata are made of.
type truth struct {
	No                               int
	Name, Eth, Region, Unit, Post, T string
	Title                            string
	Female                           bool
	Year, Mon                        int
}

func people(t *testing.T) []truth {
	t.Helper()
	b, err := os.ReadFile("testdata/people.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []truth
	if err := json.Unmarshal(b, &list); err != nil || len(list) != 300 {
		t.Fatal(len(list), err)
	}
	return list
}

func (t *Table) get(r Row, column string) string {
	for i, c := range t.Columns {
		if c.Name == column {
			return strings.TrimSpace(r.Cells[i].Text)
		}
	}
	return "no column " + column
}

// TestNotice: all 300 people as they are, every heading's number right, and the printed lines joined are the input.
func TestNotice(t *testing.T) {
	table := read(t, "tongzhi.txt")
	list := people(t)
	if len(table.Rows) != len(list) {
		t.Fatalf("%d rows, %d people", len(table.Rows), len(list))
	}
	for i, p := range list {
		r := table.Rows[i]
		gender := ""
		if p.Female {
			gender = "女"
		}
		got := []string{table.get(r, "序号"), table.get(r, "姓名"), table.get(r, "性别"), table.get(r, "民族"), table.get(r, "单位"), table.get(r, "职务"), table.get(r, "名单分组")}
		want := []string{fmt.Sprint(p.No), p.Name, gender, p.Eth, p.Unit, p.Post + p.Title, "江西省劳动模范／" + p.Region}
		if !slices.Equal(got, want) {
			t.Errorf("person %d is %q, want %q", p.No, got, want)
		}
	}
	if len(table.Heads) != 13 || slices.ContainsFunc(table.Heads, func(h Head) bool { return h.Declared != h.Found }) {
		t.Errorf("the headings are %v", table.Heads)
	}
	src, _ := os.ReadFile("testdata/tongzhi.txt")
	at := map[int]string{}
	for _, l := range table.Left {
		at[l.No] = l.Text
	}
	for _, r := range table.Rows {
		at[r.No] = r.Text
	}
	for _, h := range table.Heads {
		at[h.No] = fmt.Sprintf("%s（%d名）", h.Text, h.Declared)
	}
	for i, l := range strings.Split(string(src), "\n") {
		if strings.TrimSpace(l) != at[i+1] {
			t.Errorf("line %d is %q, kept is %q", i+1, l, at[i+1])
		}
	}
}

// TestOffice: three encodings of one table give the same rows; one question, about the column that looks merged.
func TestOffice(t *testing.T) {
	list := people(t)
	for name, charset := range map[string]string{"bangong-gbk.csv": "GB18030（GBK）", "bangong-utf16.txt": "UTF-16", "bangong-utf8bom.csv": "UTF-8（带 BOM）"} {
		table := read(t, name)
		if table.Charset != charset || len(table.Rows) != 60 || len(table.Columns) != 12 {
			t.Fatalf("%s: %s, %d rows, %d columns", name, table.Charset, len(table.Rows), len(table.Columns))
		}
		if len(table.Asks) != 1 || table.Columns[table.Asks[0].Column].Name != "地区" || len(table.Asks[0].Rows) != 57 {
			t.Fatalf("%s: the questions are %v", name, table.Asks)
		}
		if want := []Left{{1, "标题", "江西省劳动模范登记表（测试数据）"}, {63, "合计", "合计 | 60人"}}; !slices.Equal(table.Left, want) {
			t.Errorf("%s: left out are %v", name, table.Left)
		}
		if len(table.Notes) > 0 {
			t.Errorf("%s: notes %q", name, table.Notes)
		}
		table.Fill(table.Asks[0])
		for i, r := range table.Rows {
			p := list[i]
			got := []string{Name(table.get(r, "姓名")), table.get(r, "工作单位"), table.get(r, "职务"), table.get(r, "地区")}
			if want := []string{p.Name, p.Unit, p.Post, p.Region}; !slices.Equal(got, want) {
				t.Errorf("%s: row %d is %q, want %q", name, r.No, got, want)
			}
		}
	}
}

// TestWorkbook: what is merged is filled, hidden rows say so, dates are as shown in both calendars.
func TestWorkbook(t *testing.T) {
	list := people(t)
	for _, name := range []string{"mingce.xlsx", "mingce-1904.xlsx"} {
		table := read(t, name)
		if table.Sheet != "名册" || len(table.Rows) != 60 || len(table.Asks) != 0 {
			t.Fatalf("%s: sheet %s, %d rows, asks %v", name, table.Sheet, len(table.Rows), table.Asks)
		}
		for i, r := range table.Rows {
			p := list[i]
			got := []string{table.get(r, "姓名"), table.get(r, "工作单位"), table.get(r, "职务"), table.get(r, "地区")}
			if want := []string{p.Name, p.Unit, p.Post, p.Region}; !slices.Equal(got, want) {
				t.Errorf("%s: row %d is %q, want %q", name, r.No, got, want)
			}
			if r.Hidden != (r.No == 10 || r.No == 11) {
				t.Errorf("%s: row %d hidden %v", name, r.No, r.Hidden)
			}
			date := table.get(r, "授予时间")
			shown := []string{fmt.Sprint(p.Year), fmt.Sprintf("%d年%d月", p.Year, p.Mon), fmt.Sprintf("%d.%d", p.Year, p.Mon), fmt.Sprintf("%d.%02d", p.Year, p.Mon)}
			if !slices.Contains(shown, date) {
				t.Errorf("%s: row %d shows the date %q, want one of %q", name, r.No, date, shown)
			}
		}
		if !table.Columns[5].Hidden || table.Columns[4].Hidden {
			t.Errorf("%s: hidden columns %v", name, table.Columns)
		}
		if !slices.ContainsFunc(table.Notes, func(s string) bool { return strings.Contains(s, "隐藏的旧表") }) {
			t.Errorf("%s: nothing is said of the hidden sheet: %q", name, table.Notes)
		}
		if len(table.Left) != 2 || table.Left[1].Kind != "合计" {
			t.Errorf("%s: left out %v", name, table.Left)
		}
	}
}

// TestLines reads the cases of testdata/lines.txtar.
func TestLines(t *testing.T) {
	a, err := txtar.ParseFile("testdata/lines.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(a.Files); i += 2 {
		name := a.Files[i].Name
		table, err := Read(name, a.Files[i].Data, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := told(table)
		if *update {
			a.Files[i+1].Data = []byte(got)
		} else if want := string(a.Files[i+1].Data); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/lines.txtar", txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// told is what a table of a notice holds.
func told(table *Table) string {
	var b strings.Builder
	for _, r := range table.Rows {
		if r.Bad != "" {
			fmt.Fprintf(&b, "bad %d %s\n", r.No, r.Bad)
			continue
		}
		var parts []string
		columns := []string{"姓名", "性别", "民族", "单位", "职务", "附注"}
		first := r.Group
		if table.Format == "大事记" {
			first, columns = table.get(r, "时间"), []string{"事项", "原文时间", "附注"}
		}
		for _, c := range columns {
			parts = append(parts, table.get(r, c))
		}
		line := fmt.Sprintf("%d %s | %s", r.No, first, strings.Join(parts, " | "))
		fmt.Fprintln(&b, strings.TrimRight(strings.Join(strings.Fields(line), " "), " "))
		if r.Doubt != "" {
			fmt.Fprintf(&b, "doubt %d %s\n", r.No, r.Doubt)
		}
	}
	for _, l := range table.Left {
		fmt.Fprintf(&b, "left %d %s: %s\n", l.No, l.Kind, l.Text)
	}
	for _, n := range table.Notes {
		fmt.Fprintln(&b, "note", n)
	}
	return b.String()
}

// TestUnseen: what nobody sees in a notice changes nothing that is read from it.
func TestUnseen(t *testing.T) {
	a, err := txtar.ParseFile("testdata/lines.txtar")
	if err != nil {
		t.Fatal(err)
	}
	unseen := []string{"\u200b", "\u00ad", "\u2060", "\u200d", "\ufeff", "\u200e"}
	for i := 0; i+1 < len(a.Files); i += 2 {
		name, text := a.Files[i].Name, string(a.Files[i].Data)
		var b strings.Builder
		before, n := rune(0), 0
		for _, r := range text {
			if han.IsHan(before) && han.IsHan(r) {
				b.WriteString(unseen[n%len(unseen)])
				n++
			}
			b.WriteRune(r)
			before = r
		}
		table, err := Read(name, []byte(b.String()), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got, want := told(table), string(a.Files[i+1].Data); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// book makes a workbook whose cells are given row by row.
func book(t testing.TB, rows [][]any, more func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if more != nil {
		more(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func utf16le(s string) string {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return string(b)
}

// TestDamaged: files that are broken, hostile or something else get a sentence that says what to do, and take little
// memory.
func TestDamaged(t *testing.T) {
	good := book(t, [][]any{{"姓名", "单位"}, {"张测试", "测试厂"}}, nil)
	gbk, _ := simplifiedchinese.GB18030.NewEncoder().String("姓名,单位\n张测试,测试厂\n")
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, _ := z.Create("xl/workbook.xml")
		w.Write([]byte(`<workbook/>`))
		w, _ = z.Create("xl/worksheets/sheet1.xml")
		zero := make([]byte, 1<<20)
		for range 40 {
			w.Write(zero)
		}
		z.Close()
		return b.Bytes()
	}
	for _, c := range []struct {
		name string
		b    []byte
		says string
	}{
		{"empty.csv", nil, "空的"},
		{"blank.csv", []byte(" \n\r\n\t"), "空的"},
		{"old.xls", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600) + utf16le("Workbook")), "另存为 .xlsx"},
		{"secret.xlsx", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600) + utf16le("EncryptedPackage")), "加了密码"},
		{"macro.xlsm", pack(t, map[string]string{"xl/workbook.xml": "<workbook/>", "xl/vbaProject.bin": "x"}), "带宏"},
		{"macro-renamed.xlsx", pack(t, map[string]string{"xl/workbook.xml": "<workbook/>", "xl/vbaProject.bin": "x"}), "带宏"},
		{"binary.xlsb", pack(t, map[string]string{"xl/workbook.bin": "x"}), ".xlsb"},
		{"table.ods", pack(t, map[string]string{"content.xml": "<x/>", "mimetype": "x"}), ".ods"},
		{"some.zip", pack(t, map[string]string{"a.txt": "x"}), "解压"},
		{"half.xlsx", good[:len(good)/2], "损坏"},
		{"flipped.xlsx", flip(good), "损坏"},
		{"hollow.xlsx", pack(t, map[string]string{"xl/workbook.xml": "<workbook>"}), "损坏"},
		{"bomb.xlsx", bomb(), "恶意"},
		{"scan.pdf", []byte("%PDF-1.7\n"), "PDF"},
		{"photo.jpg", []byte("\xFF\xD8\xFF\xE0xxxx"), "图片"},
		{"photo.csv", []byte("\x89PNG\r\n\x1a\n"), "图片"},
		{"letter.rtf", []byte(`{\rtf1 x}`), "RTF"},
		{"page.xls", []byte("<html><body><table><tr><td>姓名</td></tr></table></body></html>"), "网页"},
		{"word.docx", pack(t, map[string]string{"word/document.xml": "<w/>"}), "Word"},
		{"noise.csv", []byte("\x00\x01\x02\xff\xfe\x80\x81\x82\x83\x84\x85\x00\x00\x01"), "不是文字"},
		{"koi8.csv", []byte("\xff\xff\xff\xff,\xff\xff\n"), "读不出来"},
		{"cut-gbk.csv", []byte(gbk[:len(gbk)-2]), "读不出来"},
		{"bom-lie.csv", []byte("\xEF\xBB\xBF" + gbk), "却不是"},
		{"no-header.csv", []byte("张测试,测试厂,1990\n李测试,测试厂,1991\n"), "没有找到表头"},
		{"no-header.xlsx", book(t, [][]any{{"张测试", "测试厂"}, {"李测试", "测试厂"}}, nil), "没有找到表头"},
		{"header-only.csv", []byte("姓名,单位\n"), "没有一行记录"},
		{"two-headers.xlsx", book(t, [][]any{{"姓名", "单位", "授予时间", ""}, {"", "", "年度", "日期"}, {"张测试", "测试厂", 1990, ""}}, nil), "表头有两行"},
		{"twice.csv", []byte("姓名,单位,姓名\n张测试,测试厂,李测试\n"), "有两列"},
		{"quote.csv", []byte("姓名,单位\n\"张测试,测试厂\n李测试,测试厂\n"), "双引号没有配对"},
		{"wide.csv", []byte("姓名,单位\n" + strings.Repeat("x,", 3000) + "\n"), "不像名单"},
		{"long.csv", []byte("姓名,单位\n" + strings.Repeat("张测试,测试厂\n", MaxRows+2000)), "太多了"},
		{"million.xlsx", million(t), "太多了"},
		{"long-cell.xlsx", sheet(t, `<row r="2"><c r="A2" t="str"><v>`+noise(2<<20)+`</v></c></row>`), "长得不合常理"},
		{"long-text.xlsx", sheet(t, strings.Repeat(`<row><c t="str"><v>x</v></c></row>`, 200), `<row><c t="inlineStr"><is><t>`+noise(2<<20)+`</t></is></c></row>`), "长得不合常理"},
		{"long-attribute.xlsx", sheet(t, `<row r="2" x="`+noise(2<<20)+`"/>`), "长得不合常理"},
		{"long-comment.xlsx", sheet(t, `<!-- <c>`+noise(2<<20)+`-->`), "长得不合常理"},
		{"merges.xlsx", sheet(t, `<row r="2"><c r="A2" t="str"><v>张测试</v></c></row></sheetData><mergeCells>`, joined(100_001), `</mergeCells><sheetData>`), "合并的单元格"},
		{"sheets.xlsx", book(t, [][]any{{"姓名", "单位"}, {"张测试", "测试厂"}}, func(f *excelize.File) {
			f.NewSheet("二")
			f.SetCellValue("二", "A1", "姓名")
		}), "--sheet"},
		{"hidden.xlsx", book(t, nil, func(f *excelize.File) {}), "空的"},
		{"one-line.csv", []byte("姓名,单位\n" + strings.Repeat(",", 30<<20)), "万字，不像名单"},
		{"one-cell.csv", []byte("姓名,单位\n\"" + strings.Repeat("张测试\n", 50_000) + "\",x\n"), "双引号里有"},
		{"many-cells.csv", []byte("姓名,单位\n" + strings.Repeat(strings.Repeat(",", 1900)+"\n", 1100)), "万格，太多了"},
		{"half-pair.txt", []byte("\xff\xfe\xd3\x59\x0d\x54\x09\x00\x00\xd8\x09\x00"), "按 UTF-16 读不出来"},
		{"entity.xlsx", sheet(t, "<row><c t=\"inlineStr\"><is><t>张测试</t></is></c></row><row><c t=\"inlineStr\"><is><t>李&b;</t></is></c></row>"), "损坏"},
		{"crossed.xlsx", sheet(t, "<row><c t=\"inlineStr\"><is><t>张测试</t></is></c></b></row><row><c t=\"inlineStr\"><is><t>李</t></is></c></row>"), "损坏"},
		{"no-such-text.xlsx", sheet(t, "<row><c t=\"s\"><v>7</v></c></row>"), "损坏"},
		{"far.xlsx", sheet(t, "<row><c r=\"ZZZZ2\"><v>1</v></c></row>"), "读不出来，文件不正常"},
		{"format.xlsx", book(t, [][]any{{"姓名", "单位"}, {"张测试", "测试厂"}}, func(f *excelize.File) {
			format := strings.Repeat("[h]", 100)
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				t.Fatal(err)
			}
			f.Styles.NumFmts.NumFmt[0].FormatCode = strings.Repeat("[h]", 50_000)
			f.SetCellStyle("Sheet1", "A2", "A2", style)
		}), "数字格式"},
		{"many-sheets.xlsx", manySheets(t, 20_000), "有 20000 张工作表"},
		{"same.xlsx", alike(t), "太多了"},
		{"junk.xlsx", pack(t, map[string]string{"xl/workbook.xml": "<workbook/>", "xl/theme.xml": strings.Repeat("\x00", 2<<20)}), "恶意"},
		{"merges.xlsx", sheet(t, strings.Repeat("<row><c t=\"inlineStr\"><is><t>张测试</t></is></c></row>", 2000), "</sheetData><mergeCells>", strings.Repeat(`<mergeCell ref="A2:A2001"/>`, 1500), "</mergeCells><sheetData>"), "大得不合常理"},
		{"prose.txt", []byte("这是一段话。\n没有名单。\n"), "一人一行"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(c.name, c.b, Options{})
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), c.name) {
				t.Errorf("the error is %v, want %q in it", err, c.says)
			}
			if used := int64(after.HeapSys) - int64(before.HeapSys); used > 250<<20 {
				t.Errorf("it took %d MB", used>>20)
			}
		})
	}
}

// TestGhosts: rows without anything, however many a program has left below a list, or between its rows, are no rows of it.
func TestGhosts(t *testing.T) {
	var ghosts []byte
	for i := 3; i < MaxRows+3000; i++ {
		ghosts = fmt.Appendf(ghosts, `<row r="%d"/>`, i)
	}
	const name = `<row r="%d"><c r="A%[1]d" t="inlineStr"><is><t>%s</t></is></c></row>`
	table, err := Read("x.xlsx", sheet(t, fmt.Sprintf(name, 2, "张测试"), string(ghosts), fmt.Sprintf(name, 1_048_576, "李测试")), Options{})
	if err != nil || len(table.Rows) != 2 || table.Rows[1].No != 1_048_576 {
		t.Errorf("%d rows, %v", len(table.Rows), err)
	}
}

func flip(b []byte) []byte {
	c := bytes.Clone(b)
	for i := range 40 {
		c[len(c)/3+i] ^= 0xff
	}
	return c
}

// million is a sheet of a million rows, packed small.
func million(t *testing.T) []byte {
	t.Helper()
	var some []byte
	for i := range 20_000 { // all different, since what packs too well is refused for that
		some = fmt.Appendf(some, `<row><c><v>%d</v></c></row>`, i*7919%1_048_573)
	}
	return sheet(t, slices.Repeat([]string{string(some)}, 50)...)
}

// noise is so many characters that do not pack well: what packs too well is refused for that.
func noise(n int) string {
	b := make([]byte, 0, n)
	for i := uint32(1); len(b) < n; i = i*1664525 + 1013904223 {
		b = append(b, 'a'+byte((i>>24)%26))
	}
	return string(b)
}

// joined says of so many pairs of cells that they are one.
func joined(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<mergeCell ref="A%d:B%d"/>`, i+3, i+3+i*7919%1000)
	}
	return b.String()
}

// manySheets is a workbook that names its one sheet so many times.
func manySheets(t *testing.T, n int) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(sheet(t)), int64(len(sheet(t))))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		b, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(b)
	}
	var sheets strings.Builder
	for i := range n {
		fmt.Fprintf(&sheets, `<sheet name="第%d页" sheetId="%d" r:id="rId1"/>`, i*7919%1_000_003, i+1)
	}
	parts["xl/workbook.xml"] = strings.Replace(parts["xl/workbook.xml"], `<sheet name="a" sheetId="1" r:id="rId1"/>`, sheets.String(), 1)
	return pack(t, parts)
}

// alike is a sheet whose cells all have one long text.
func alike(t *testing.T) []byte {
	t.Helper()
	var rows [][]any
	for range 1500 {
		rows = append(rows, []any{strings.Repeat("测", 32_000)})
	}
	return book(t, append([][]any{{"姓名", "单位"}}, rows...), nil)
}

// sheet is a workbook with one sheet of names and units, whose further rows are as given.
func sheet(t *testing.T, rows ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
	} {
		w, _ := z.Create(name)
		w.Write([]byte(text))
	}
	w, _ := z.Create("xl/worksheets/sheet1.xml")
	w.Write([]byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr"><is><t>单位</t></is></c></row>`))
	for _, some := range rows {
		w.Write([]byte(some))
	}
	w.Write([]byte(`</sheetData></worksheet>`))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCells: what a cell may be beside text.
func TestCells(t *testing.T) {
	b := book(t, [][]any{
		{"某登记表"},
		{"序号", "姓名", "单位", "授予时间"},
		{1, "张测试", "测试厂", 2005.1},
		{2, "李测试", "测试厂", "1998.10"},
		{3, "王测试", nil, 1990},
		{4},
		{},
		{"小计", 3},
		{5, "赵测试", "测试厂"},
		{"序号", "姓名", "单位", "授予时间"},
		{6, "钱测试", "=1+1"},
		{"合计", 7},
		{"注：本表为测试。"},
	}, func(f *excelize.File) {
		f.SetCellFormula("Sheet1", "C5", "C4")
		f.SetRowVisible("Sheet1", 9, false)
	})
	table, err := Read("x.xlsx", b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, r := range table.Rows {
		fmt.Fprintln(&got, r.No, r.Hidden, r.Bad, r.Cells[3].Has(Number), r.Cells[3].Text)
	}
	for _, l := range table.Left {
		fmt.Fprintln(&got, "left", l.No, l.Kind, l.Text)
	}
	for _, n := range table.Notes {
		fmt.Fprintln(&got, "note", n)
	}
	want := `3 false  true 2005.1
4 false  false 1998.10
5 false “单位”一格是公式，文件里没有存下结果。请用 Excel 打开，保存一次 true 1990
9 true  false 
11 false “单位”一格是公式“=1+1”，没有结果。请填上结果 false 
left 1 标题 某登记表
left 6 空行 4
left 8 合计 小计 | 3
left 10 重复的表头 序号 | 姓名 | 单位 | 授予时间
left 12 合计 合计 | 7
left 13 脚注 注：本表为测试。
note 第12行写着“合计 | 7”，实际有 5 行
note 表里有 1 个空行，没有用
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

// TestRagged: rows that are longer than the header, or shorter in a text, are not moved about.
func TestRagged(t *testing.T) {
	table, err := Read("x.csv", []byte("姓名,单位,职务\n张测试,测试厂,班长,多的\n李测试,测试厂\n王测试,#REF!,\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r := table.Rows; len(r) != 3 || !strings.Contains(r[0].Bad, "多的") || !strings.Contains(r[1].Bad, "只有 2 格") || !strings.Contains(r[2].Bad, "#REF!") {
		t.Errorf("the rows are %+v", r)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"姓名,单位\n张测试,测试厂\n", "姓名\t单位\n\"a\nb\"\tc\n", "某市（2名）\n张　测（女）　厂\n", "1949年\n5月　甲。\n是月　乙。\n", "\xff\xfe\x00", "PK\x03\x04"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := Read("x.csv", b, Options{Fills: func(string) bool { return true }})
		if err != nil {
			return
		}
		for _, r := range table.Rows {
			if len(r.Cells) != len(table.Columns) {
				t.Fatalf("row %d has %d cells of %d", r.No, len(r.Cells), len(table.Columns))
			}
		}
		for _, a := range table.Asks {
			table.Fill(a)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	rows := [][]any{{"序号", "姓名", "性别", "民族", "单位", "职务", "授予时间"}}
	for i := range 100_000 {
		rows = append(rows, []any{i + 1, fmt.Sprintf("测试%d", i), "男", "汉族", "测试厂", "班长", 2005})
	}
	f := excelize.NewFile()
	w, _ := f.NewStreamWriter("Sheet1")
	for i, r := range rows {
		w.SetRow(fmt.Sprintf("A%d", i+1), r)
	}
	w.Flush()
	var buf bytes.Buffer
	f.Write(&buf)
	f.Close()
	for b.Loop() {
		t, err := Read("x.xlsx", buf.Bytes(), Options{})
		if err != nil || len(t.Rows) != 100_000 {
			b.Fatal(len(t.Rows), err)
		}
	}
}

// TestWordList: a notice as a Word file, lines under headings with counts and a table with cells joined down a column, is read as
// its text would be: tables, deleted and hidden words, what is left out and named. No option is needed for it.
func TestWordList(t *testing.T) {
	par := func(text string) string { return `<w:p><w:r><w:t xml:space="preserve">` + text + `</w:t></w:r></w:p>` }
	cell := func(props, text string) string { return `<w:tc><w:tcPr>` + props + `</w:tcPr>` + par(text) + `</w:tc>` }
	document := xml.Header + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` +
		par("测试劳动模范名单") + par("甲市（2名）") + par("张　测（女，回族）　测试厂班长，高级工程师") +
		`<w:p><w:r><w:t>李</w:t></w:r><w:r><w:t>测试</w:t></w:r><w:r><w:tab/><w:t>测试二厂钳工</w:t></w:r><w:del><w:r><w:delText>删去的字</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏的字</w:t></w:r></w:p>` +
		par("乙市（2名）") + par("赵测试　测试三厂车工") +
		`<w:tbl><w:tr>` + cell("", "序号") + cell("", "地区") + cell("", "姓名") + cell("", "单位") + `</w:tr>` +
		`<w:tr>` + cell("", "1") + cell(`<w:vMerge w:val="restart"/>`, "丙市") + cell("", "王测试") + cell("", "测试四厂") + `</w:tr>` +
		`<w:tr>` + cell("", "2") + cell(`<w:vMerge/>`, "") + cell("", "孙测试") + cell("", "测试五厂") + `</w:tr></w:tbl>` +
		`</w:body></w:document>`
	b := pack(t, map[string]string{
		"[Content_Types].xml": xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"word/document.xml":   document,
	})
	tables, err := ReadAll("名单.docx", b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 2 {
		t.Fatalf("%d tables", len(tables))
	}
	text := func(t *Table) string {
		var s strings.Builder
		for _, r := range t.Rows {
			for i, c := range r.Cells {
				if c.Text != "" {
					fmt.Fprintf(&s, "%s=%s ", t.Columns[i].Name, strings.Join(strings.Fields(c.Text), " "))
				}
			}
			s.WriteString("\n")
		}
		return s.String()
	}
	list, table := text(tables[0]), text(tables[1])
	for _, want := range []string{"姓名=张测", "性别=女", "民族=回族", "名单原文=张 测（女，回族） 测试厂班长，高级工程师", "姓名=李测试", "单位=测试二厂", "姓名=赵测试", "名单分组=乙市"} {
		if !strings.Contains(list, want) {
			t.Errorf("lines lack %s:\n%s", want, list)
		}
	}
	if strings.Contains(list, "删去") || strings.Contains(list, "隐藏") {
		t.Errorf("deleted or hidden words are in:\n%s", list)
	}
	if len(tables[0].Rows) != 3 || len(tables[0].Heads) != 2 || tables[0].Heads[0].Declared != 2 || tables[0].Heads[0].Found != 2 || tables[0].Heads[1].Found != 1 {
		t.Errorf("%d rows, headings %+v", len(tables[0].Rows), tables[0].Heads)
	}
	if want := "序号=1 地区=丙市 姓名=王测试 单位=测试四厂 \n序号=2 地区=丙市 姓名=孙测试 单位=测试五厂 \n"; table != want {
		t.Errorf("table\n%s", table)
	}
	notes := strings.Join(tables[0].Notes, "\n")
	if !strings.Contains(notes, "删去的字") || !strings.Contains(notes, "隐藏的字") {
		t.Errorf("what was left out is not said: %s", notes)
	}
}

// TestUnsavedFormulas: rows that hold only formulas without results are refused rows, not empty ones; a formula whose result is
// empty is an empty cell.
func TestUnsavedFormulas(t *testing.T) {
	b := sheet(t, `<row><c t="inlineStr"><is><t>张测试</t></is></c><c t="str"><f>A1</f><v></v></c></row>`, `<row><c><f>A1</f></c><c><f>B1</f></c></row>`,
		`<row><c t="str"><f>A1</f><v></v></c></row>`, `<row><c t="inlineStr"><is><t>李测试</t></is></c><c t="inlineStr"><is><t>测试厂</t></is></c></row>`)
	table, err := Read("x.xlsx", b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range table.Rows {
		got = append(got, fmt.Sprint(r.No, r.Bad != ""))
	}
	if want := "[2 false 3 true 5 false]"; fmt.Sprint(got) != want {
		t.Errorf("the rows are %v, want %s; %v", got, want, table.Notes)
	}
}
