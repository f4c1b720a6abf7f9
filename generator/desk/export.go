package desk

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"gongzhi/generator/dataset"
)

// Workbook is a table of records as .xlsx. All cells are texts, so that ids, dates and what looks like a formula stay
// as they are; the columns that only repeat what an id means are grey, and are not read when it is brought in again.
func Workbook(t *dataset.Table) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return '-'
		}
		return r
	}, t.Schema.Label)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	style := func(s excelize.Style) int {
		id, _ := f.NewStyle(&s)
		return id
	}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	head := style(excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8E4DA"}}, Alignment: top})
	text := style(excelize.Style{NumFmt: 49, Alignment: top})
	grey := style(excelize.Style{NumFmt: 49, Font: &excelize.Font{Color: "808080"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F3F3F3"}}, Alignment: top})
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, c := range t.Columns {
		width := 16.0
		if c.ID || c.Of != nil {
			width = 28
		}
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return nil, err
	}
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		row[i] = excelize.Cell{StyleID: head, Value: c.Name}
	}
	if err := w.SetRow("A1", row); err != nil {
		return nil, err
	}
	for n, r := range t.Records {
		for i, c := range t.Columns {
			cell := t.Cell(r, c)
			if len([]rune(cell)) > excelize.TotalCellChars {
				return nil, fmt.Errorf("%s 的“%s”超过 %d 字，电子表格放不下。请用 --format csv 或 json", r.ID, c.Name, excelize.TotalCellChars)
			}
			s := text
			if c.Of != nil {
				s = grey
			}
			row[i] = excelize.Cell{StyleID: s, Value: cell}
			if cell == "" {
				row[i] = nil
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", n+2), row); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
