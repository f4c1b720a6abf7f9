package dataset_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"

	"gongzhi/generator/dataset"
)

// A workbook reads back, by a library of another hand, as the rows that were written: numbers as numbers, all else as text.
func TestXLSX(t *testing.T) {
	rows := [][]string{{"荣誉", "年份", "数"}, {"测试<奖章>&", "1959", "3"}, {"=1+1", "年份未核到", "0012"}, {" 前后有空 ", "", "-5"}}
	for i := range 30 {
		rows[0] = append(rows[0], fmt.Sprint("列", i))
	}
	b, err := dataset.XLSX("表 & 名", rows)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if list := f.GetSheetList(); len(list) != 1 || list[0] != "表 & 名" {
		t.Fatalf("sheets %q", list)
	}
	for i, row := range rows {
		for k, want := range row {
			at, _ := excelize.CoordinatesToCellName(k+1, i+1)
			if got, err := f.GetCellValue("表 & 名", at); err != nil || got != want {
				t.Errorf("%s: %q, %v, want %q", at, got, err, want)
			}
			if formula, _ := f.GetCellFormula("表 & 名", at); formula != "" {
				t.Errorf("%s is a formula", at)
			}
		}
	}
	for at, number := range map[string]bool{"B2": true, "C2": true, "C3": false, "C4": true, "A3": false} {
		kind, _ := f.GetCellType("表 & 名", at)
		if isNumber := kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber; isNumber != number {
			t.Errorf("%s has type %v", at, kind)
		}
	}
	again, err := dataset.XLSX("表 & 名", rows)
	if err != nil || !bytes.Equal(b, again) {
		t.Error("the same rows gave other bytes")
	}
}
