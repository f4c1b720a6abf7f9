package grid

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"gongzhi/generator/xmllist"
)

// Bounds of a workbook: unpacked, and from which size on its parts are read from temporary files.
const (
	maxUnzipped = 512 << 20
	maxShown    = 128 << 20
	maxHeld     = 64 << 20 // by which parts that are neither sheets nor texts are larger unpacked: they are held in memory
	inMemory    = 8 << 20
	maxRatio    = 200 // unpacked to packed; a sheet of real rows has about 10
)

func sniffZip(b []byte) string {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return "bad-zip"
	}
	kind := "zip"
	for _, f := range z.File {
		switch {
		case f.Name == "xl/vbaProject.bin":
			return "xlsm"
		case f.Name == "xl/workbook.bin":
			return "xlsb"
		case f.Name == "xl/workbook.xml":
			kind = "xlsx"
		case f.Name == "word/document.xml":
			kind = "docx"
		case f.Name == "content.xml" && kind == "zip":
			kind = "ods"
		}
	}
	return kind
}

// bomb refuses archives that unpack to more than any list needs, by what they declare; archive/zip holds them to it.
func bomb(z *zip.Reader, size int) error {
	var sum, held uint64
	if len(z.File) > 10_000 {
		return fmt.Errorf("里面有 %d 个部件，不像一个工作簿", len(z.File))
	}
	for _, f := range z.File {
		if f.UncompressedSize64 > maxUnzipped {
			return errors.New("解开以后太大，可能是恶意构造的文件，不读")
		}
		sum += f.UncompressedSize64
		if name := strings.ToLower(f.Name); !strings.Contains(name, "worksheets/") && !strings.Contains(name, "sharedstrings") {
			held += max(f.UncompressedSize64, f.CompressedSize64) - f.CompressedSize64
		}
		if f.UncompressedSize64 > 1<<20 && f.UncompressedSize64 > maxRatio*max(f.CompressedSize64, 1) {
			return errors.New("压缩得异常厉害，可能是恶意构造的文件，不读")
		}
	}
	if sum > maxUnzipped || held > maxHeld {
		return errors.New("解开以后太大，可能是恶意构造的文件，不读")
	}
	return nil
}

func readXLSX(b []byte, opt Options) (*Table, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, errors.New(refusals["bad-zip"])
	}
	if err := bomb(z, len(b)); err != nil {
		return nil, err
	}
	texts, err := sharedTexts(z)
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: inMemory, CultureInfo: excelize.CultureNameZhCN})
	if err != nil {
		return nil, errors.New(refusals["bad-zip"])
	}
	defer f.Close()
	t := &Table{Format: "电子表格"}
	if err := odd(f); err != nil {
		return nil, err
	}
	if err := t.pick(z, f, opt.Sheet); err != nil {
		return nil, err
	}
	look, err := scan(z, t.Sheet, texts)
	if err != nil {
		return nil, err
	}
	raw, err := rowsOf(f, t.Sheet, look)
	if err != nil {
		return nil, err
	}
	if err := look.fill(raw); err != nil {
		return nil, err
	}
	t.hide(look.hiddenCols, raw)
	return t, assemble(t, raw, opt)
}

// Bounds of what no spreadsheet writes, and the library takes long for. A format has 255 characters at most where Excel wrote it.
const (
	maxSheets = 500
	maxFormat = 600
)

// odd refuses workbooks over those bounds.
func odd(f *excelize.File) error {
	if n := len(f.GetSheetList()); n > maxSheets {
		return fmt.Errorf("有 %d 张工作表，不像名单。请把要导入的一张另存为一个文件", n)
	}
	if f.Styles == nil || f.Styles.NumFmts == nil {
		return nil
	}
	for _, format := range f.Styles.NumFmts.NumFmt {
		if format != nil && len(format.FormatCode) > maxFormat {
			return errors.New("里面的数字格式长得不合常理，不读。请用 Excel 打开，把单元格格式改成“常规”或日期后另存")
		}
	}
	return nil
}

// pick finds the sheet to read: the one asked for, or the only one that is shown and holds something.
func (t *Table) pick(z *zip.Reader, f *excelize.File, want string) error {
	var shown, hidden []string
	for _, name := range f.GetSheetList() {
		if v, err := f.GetSheetVisible(name); err == nil && !v {
			hidden = append(hidden, name)
		} else {
			shown = append(shown, name)
		}
	}
	if want != "" {
		if !slices.Contains(shown, want) && !slices.Contains(hidden, want) {
			return fmt.Errorf("没有“%s”这张工作表。有的是：%s", want, strings.Join(append(shown, hidden...), "、"))
		}
		t.Sheet = want
		return nil
	}
	var full []string
	for _, name := range shown {
		if err := bounded(z, name); err != nil {
			return err
		}
		if n, _ := firstRows(f, name); n > 0 {
			full = append(full, name)
		}
	}
	switch len(full) {
	case 0:
		return errors.New("工作表都是空的（不算隐藏的）")
	case 1:
		t.Sheet = full[0]
	default:
		return fmt.Errorf("有 %d 张工作表：%s。请用 --sheet 写明导入哪一张", len(full), strings.Join(full, "、"))
	}
	for _, name := range hidden {
		t.Notes = append(t.Notes, fmt.Sprintf("工作表“%s”是隐藏的，没有读；要读，写 --sheet %s", name, name))
	}
	return nil
}

// Limits of what is still a list: cells of a row that a file may have, rows without anything after the last full one, beyond which
// empty rows are not kept, and cells that are joined.
const (
	widestRow = 2000
	ghostRows = 1000
	maxMerges = 1_00_000
)

// rowsOf reads the rows of a sheet as they are shown, with what is known of how they are stored.
func rowsOf(f *excelize.File, sheet string, look *scanned) ([]Row, error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return nil, errors.New(refusals["bad-zip"])
	}
	defer rows.Close()
	var raw []Row
	sum, text, full := 0, 0, 0 // cells, bytes, the last row with something in it
	for no := 1; rows.Next(); no++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, fmt.Errorf("第 %d 行读不出来，文件不正常。请用 Excel 打开后另存", no)
		}
		if n := len(cells); n > widestRow {
			return nil, fmt.Errorf("第 %d 行有 %d 列，不像名单", no, n)
		}
		n, info := len(cells), look.cells[no]
		for n > 0 && strings.TrimSpace(cells[n-1]) == "" && info.at(n-1) == (stored{}) {
			n--
		}
		if n > 0 {
			full = no
		} else if no > full+ghostRows {
			continue
		}
		if sum += n; sum > maxCells {
			return nil, errTooManyCells
		}
		for _, c := range cells[:n] { // many cells can have one text, which the file has once
			text += len(c)
		}
		if text > maxShown {
			return nil, fmt.Errorf("格子里的文字超过 %d MB，太多了。请分成几个文件", maxShown>>20)
		}
		r := Row{No: no, Hidden: rows.GetRowOpts().Hidden, Cells: make([]Cell, n)}
		for i := range r.Cells {
			r.Cells[i] = shownCell(cells[i], info.at(i))
		}
		if raw = append(raw, r); len(raw) > MaxRows {
			return nil, fmt.Errorf("超过 %d 行，太多了。请分成几个文件", MaxRows)
		}
	}
	if err := rows.Error(); err != nil {
		return nil, errors.New(refusals["bad-zip"])
	}
	return raw, nil
}

// shownCell is a cell with the text that a spreadsheet shows, but for large numbers: 3.6E+17 was never meant.
func shownCell(text string, at stored) Cell {
	c := Cell{Text: text, Flags: at.flags}
	if at.raw != "" && at.raw != c.Text {
		c.Raw = at.raw
	}
	if c.Has(Number) && at.raw != c.Text && strings.ContainsAny(c.Text, "年月日-/:") {
		c.Flags |= Date
	}
	if c.Has(Number) && !c.Has(Date) && strings.ContainsAny(c.Text, "eE") {
		if plain, ok := plainNumber(at.raw); ok {
			c.Text, c.Raw = plain, at.raw
		}
	}
	return c
}

// fill gives merged cells the text of the first of them where they are merged down a column. Merged across a row they
// are a title, and stay blank.
func (look *scanned) fill(raw []Row) error {
	byNo := map[int]int{}
	for i, r := range raw {
		byNo[r.No] = i
	}
	area := 0
	for _, m := range look.merges {
		i, ok := byNo[m.r1]
		if !ok || m.c1 >= len(raw[i].Cells) {
			continue
		}
		from := raw[i].Cells[m.c1]
		if area += max(m.r2-m.r1+1, 0) * max(m.c2-m.c1+1, 0); m.r2-m.r1 > MaxRows || m.c2-m.c1 > maxWidth || area > maxCells {
			return errors.New("合并的单元格大得不合常理，不读")
		}
		for r := m.r1; r <= m.r2; r++ {
			k, ok := byNo[r]
			if !ok {
				continue
			}
			for c := m.c1; c <= m.c2; c++ {
				if r == m.r1 && c == m.c1 {
					continue
				}
				for len(raw[k].Cells) <= c {
					raw[k].Cells = append(raw[k].Cells, Cell{})
				}
				if m.c1 == m.c2 {
					raw[k].Cells[c] = Cell{Text: from.Text, Raw: from.Raw, Flags: from.Flags | Filled}
				} else {
					raw[k].Cells[c] = Cell{Flags: Filled}
				}
			}
		}
	}
	return nil
}

// hide marks the hidden columns, if there are any.
func (t *Table) hide(hidden []bool, raw []Row) {
	if len(hidden) == 0 {
		return
	}
	width := len(hidden)
	for _, r := range raw {
		width = max(width, len(r.Cells))
	}
	t.Columns = make([]Column, width)
	for i, h := range hidden {
		t.Columns[i].Hidden = h
	}
}

// topRows is how many rows are looked at to find out whether a sheet holds anything.
const topRows = 50

// bounded refuses a sheet whose first rows hold a text that nobody wrote: the library would hold all of it.
func bounded(z *zip.Reader, sheet string) error {
	name, err := partOf(z, sheet)
	if err != nil {
		return err
	}
	h, err := z.Open(name)
	if err != nil {
		return errors.New(refusals["bad-zip"])
	}
	defer h.Close()
	from := &xmllist.Ration{From: h}
	d := xml.NewDecoder(from)
	for rows := 0; rows < 2*topRows; {
		from.Left = maxToken
		tok, err := d.RawToken()
		if errors.Is(err, xmllist.ErrElement) {
			return errToken
		}
		if err != nil { // the end, or what scan will say
			return nil
		}
		if e, ok := tok.(xml.EndElement); ok && e.Name.Local == "row" {
			rows++
		}
	}
	return nil
}

// firstRows counts the filled rows at the top of a sheet, a few of them.
func firstRows(f *excelize.File, name string) (int, error) {
	rows, err := f.Rows(name)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for k := 0; k < topRows && rows.Next(); k++ {
		cells, err := rows.Columns()
		if err != nil {
			return n, err
		}
		if slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			n++
		}
	}
	return n, nil
}

// plainNumber writes a number without an exponent.
func plainNumber(s string) (string, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "", false
	}
	return strconv.FormatFloat(v, 'f', -1, 64), true
}

// stored is what the file says of a cell beside its shown value.
type stored struct {
	raw   string
	flags Flag
}

// storedRow is those of a row that are not plain text, in the order of their columns.
type storedRow []struct {
	col int
	stored
}

func (r storedRow) at(col int) stored {
	for _, c := range r {
		if c.col == col {
			return c.stored
		}
	}
	return stored{}
}

type rect struct{ r1, c1, r2, c2 int }

type scanned struct {
	cells      map[int]storedRow
	merges     []rect
	hiddenCols []bool
}

// scan passes over a sheet's XML once for what reading values does not tell: merged and computed cells, hidden
// columns, which cells are numbers. Holding the sheet as a tree, as the library would, takes ten times the memory.
func scan(z *zip.Reader, sheet string, texts int) (*scanned, error) {
	name, err := partOf(z, sheet)
	if err != nil {
		return nil, err
	}
	h, err := z.Open(name)
	if err != nil {
		return nil, errors.New(refusals["bad-zip"])
	}
	defer h.Close()
	s := scanner{out: &scanned{cells: map[int]storedRow{}}, col: -1}
	from := &xmllist.Ration{From: h}
	d := xml.NewDecoder(from)
	var open []xml.Name // so that it is closed as it was opened: the library ends at a fault without a word
	for {
		from.Left = maxToken
		tok, err := d.RawToken()
		if err == io.EOF && len(open) == 0 {
			break
		} else if errors.Is(err, xmllist.ErrElement) {
			return nil, errToken
		} else if err != nil {
			return nil, errors.New(refusals["bad-zip"])
		}
		switch e := tok.(type) {
		case xml.StartElement:
			open = append(open, e.Name)
			err = s.begin(e)
		case xml.CharData:
			if s.inValue {
				s.value = append(s.value, e...)
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != e.Name {
				return nil, errors.New(refusals["bad-zip"])
			}
			open = open[:len(open)-1]
			switch e.Name.Local {
			case "v":
				s.inValue = false
			case "c":
				err = s.put()
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if s.shared > texts {
		return nil, errors.New(refusals["bad-zip"])
	}
	return s.out, nil
}

// maxToken is how many bytes of a sheet may be read for one text, attribute or comment: a cell holds 32,767 characters at most.
const maxToken = 1 << 20

var errToken = errors.New("里面有一段文字长得不合常理，不像名单，不读")

// sharedTexts counts the texts that cells refer to by their number: a cell that refers to one that there is not would be
// read as an empty one. The error is that of a text that is too long.
func sharedTexts(z *zip.Reader) (n int, err error) {
	for _, part := range z.File {
		if !strings.EqualFold(part.Name, "xl/sharedStrings.xml") {
			continue
		}
		h, err := part.Open()
		if err != nil {
			return 0, nil
		}
		defer h.Close()
		from := &xmllist.Ration{From: h}
		d := xml.NewDecoder(from)
		for {
			from.Left = maxToken
			tok, err := d.RawToken()
			if errors.Is(err, xmllist.ErrElement) {
				return 0, errToken
			}
			if err != nil {
				break
			}
			if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "si" {
				n++
			}
		}
	}
	return n, nil
}

// scanner is where scan is: at a cell of a row.
type scanner struct {
	out      *scanned
	row, col int
	rows     int // how many have something in them, up to the row counted
	counted  int
	cell     stored
	kind     string
	value    []byte
	inValue  bool
	valued   bool // the cell has a value, be it an empty one
	cells    int
	shared   int // how many shared texts there must be
}

func (s *scanner) begin(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		s.row++
		if n, err := strconv.Atoi(attr(e, "r")); err == nil {
			s.row = n
		}
		s.col = -1
		if s.row > 1_048_576 {
			return errors.New("行号超出了表格的范围，文件不正常")
		}
	case "c":
		s.col++
		if c, r, err := excelize.CellNameToCoordinates(attr(e, "r")); err == nil {
			s.col, s.row = c-1, r
		}
		s.cell, s.kind, s.value, s.valued = stored{}, attr(e, "t"), s.value[:0], false
	case "f":
		s.cell.flags |= Formula
	case "v":
		s.inValue, s.valued = true, true
	case "mergeCell":
		a, b, _ := strings.Cut(attr(e, "ref"), ":")
		c1, r1, err1 := excelize.CellNameToCoordinates(a)
		c2, r2, err2 := excelize.CellNameToCoordinates(b)
		if err1 == nil && err2 == nil && r2 >= r1 && c2 >= c1 {
			s.out.merges = append(s.out.merges, rect{r1, c1 - 1, r2, c2 - 1})
		}
		if len(s.out.merges) > maxMerges {
			return fmt.Errorf("合并的单元格超过 %d 万处，不像名单，不读", maxMerges/1_00_00)
		}
	case "col":
		if attr(e, "hidden") == "1" || attr(e, "hidden") == "true" {
			lo, _ := strconv.Atoi(attr(e, "min"))
			hi, _ := strconv.Atoi(attr(e, "max"))
			for i := max(lo, 1); i <= min(hi, maxWidth); i++ {
				for len(s.out.hiddenCols) < i {
					s.out.hiddenCols = append(s.out.hiddenCols, false)
				}
				s.out.hiddenCols[i-1] = true
			}
		}
	}
	return nil
}

// put keeps what the cell that ends here tells.
func (s *scanner) put() error {
	if s.valued && len(s.value) == 0 {
		s.cell.flags &^= Formula // what was computed is empty
	}
	if len(s.value) == 0 && s.kind != "inlineStr" && s.cell == (stored{}) {
		return nil // a cell with a look and nothing in it
	}
	switch s.kind {
	case "e":
		s.cell.flags |= Fault
	case "s":
		if len(s.value) > 0 {
			n, err := strconv.Atoi(strings.TrimSpace(string(s.value)))
			if err != nil || n < 0 {
				return errors.New(refusals["bad-zip"])
			}
			s.shared = max(s.shared, n+1)
		}
	case "", "n":
		if len(s.value) > 0 {
			s.cell.flags |= Number
			s.cell.raw = string(s.value)
		}
	}
	if s.row != s.counted {
		s.counted = s.row
		if s.rows++; s.rows > MaxRows+headRows {
			return fmt.Errorf("超过 %d 行，太多了。请分成几个文件", MaxRows)
		}
	}
	if s.cells++; s.cells > maxCells {
		return errTooManyCells
	}
	if s.cell != (stored{}) {
		s.out.cells[s.row] = append(s.out.cells[s.row], struct {
			col int
			stored
		}{s.col, s.cell})
	}
	return nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// partOf finds the part of the package that holds a sheet.
func partOf(z *zip.Reader, sheet string) (string, error) {
	read := func(name string) ([]byte, error) {
		h, err := z.Open(name)
		if err != nil {
			return nil, err
		}
		defer h.Close()
		return io.ReadAll(io.LimitReader(h, 4<<20))
	}
	fail := errors.New(refusals["bad-zip"])
	b, err := read("xl/workbook.xml")
	if err != nil {
		return "", fail
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			ID2  string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := xml.Unmarshal(b, &book); err != nil {
		return "", fail
	}
	b, err = read("xl/_rels/workbook.xml.rels")
	if err != nil {
		return "", fail
	}
	var rels struct {
		R []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := xml.Unmarshal(b, &rels); err != nil {
		return "", fail
	}
	for _, s := range book.Sheets {
		if s.Name != sheet {
			continue
		}
		for _, r := range rels.R {
			if r.ID == s.ID+s.ID2 {
				if strings.HasPrefix(r.Target, "/") {
					return path.Clean(r.Target)[1:], nil
				}
				return path.Join("xl", r.Target), nil
			}
		}
	}
	return "", fail
}
