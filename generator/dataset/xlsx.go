package dataset

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
)

// number is a text that a cell may hold as a number without losing anything.
var number = regexp.MustCompile(`^(?:0|-?[1-9][0-9]{0,14})$`)

// XLSX writes rows as a workbook of one sheet (ECMA-376, with the texts in the cells): whole numbers as numbers, all else as text,
// never as a formula. The first row is the header and stays in sight. The same rows give the same bytes.
func XLSX(sheet string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	var data strings.Builder
	data.WriteString(xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`)
	for i, row := range rows {
		fmt.Fprintf(&data, `<row r="%d">`, i+1)
		for k, cell := range row {
			at := fmt.Sprintf("%s%d", letters(k), i+1)
			if i > 0 && number.MatchString(cell) {
				fmt.Fprintf(&data, `<c r="%s"><v>%s</v></c>`, at, cell)
				continue
			}
			fmt.Fprintf(&data, `<c r="%s" t="inlineStr"><is><t xml:space="preserve">`, at)
			if err := xml.EscapeText(&data, []byte(cell)); err != nil {
				return nil, err
			}
			data.WriteString(`</t></is></c>`)
		}
		data.WriteString(`</row>`)
	}
	data.WriteString(`</sheetData></worksheet>`)
	var name strings.Builder
	if err := xml.EscapeText(&name, []byte(sheet)); err != nil {
		return nil, err
	}
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="` + name.String() + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", data.String()},
	} {
		w, err := z.Create(part[0])
		if err != nil {
			return nil, err
		}
		text := part[1]
		if !strings.HasPrefix(text, xml.Header) {
			text = xml.Header + text
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// letters names a column: A, Z, AA.
func letters(k int) string {
	s := ""
	for k++; k > 0; k = (k - 1) / 26 {
		s = string(rune('A'+(k-1)%26)) + s
	}
	return s
}
