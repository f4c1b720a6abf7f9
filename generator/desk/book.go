package desk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"gongzhi/generator/plan"
)

// Names of the sheets of a plan's workbook.
const (
	sheetAbout     = "说明"
	sheetCreate    = "新增"
	sheetUpdate    = "更改"
	sheetUnchanged = "不变"
	sheetUndecided = "待定"
	sheetRefused   = "退回"
	sheetChoices   = "选项"
)

// Book makes a workbook of a plan for people: what is new, what changes (old and new, cell by cell), what stays, what
// they have to decide, with a list to choose from, and what goes back to the office in its own columns with the reason.
// All cells are texts, so that nothing in them is ever computed.
func Book(p *plan.Plan) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8E4DA"}}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return nil, err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return nil, err
	}
	choose, err := f.NewStyle(&excelize.Style{NumFmt: 49, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF6CC"}}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return nil, err
	}
	sheet := func(name string, widths []float64, rows func(yield func(...string) bool)) error {
		if _, err := f.NewSheet(name); err != nil {
			return err
		}
		w, err := f.NewStreamWriter(name)
		if err != nil {
			return err
		}
		for i, x := range widths {
			if err := w.SetColWidth(i+1, i+1, x); err != nil {
				return err
			}
		}
		if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return err
		}
		n := 0
		var fault error
		rows(func(cells ...string) bool {
			n++
			style := text
			if n == 1 {
				style = head
			}
			row := make([]any, len(cells))
			for i, c := range cells {
				if len([]rune(c)) > 32000 {
					c = string([]rune(c)[:32000])
				}
				row[i] = excelize.Cell{StyleID: style, Value: c}
			}
			fault = w.SetRow(fmt.Sprintf("A%d", n), row)
			return fault == nil && n < 1_048_000
		})
		if fault != nil {
			return fault
		}
		return w.Flush()
	}
	about := func(yield func(...string) bool) {
		yield("方案 "+fmt.Sprint(p.N), "")
		for _, x := range []struct {
			name, say string
			a         plan.Action
		}{{sheetCreate, "会新建这些记录", plan.Create}, {sheetUpdate, "会改这些字段，一行一处", plan.Update}, {sheetUnchanged, "和现有的相同，不动", plan.Unchanged},
			{sheetUndecided, "请在黄色的“选择”一列选定，保存，再执行；空着或选“以后再说”的，这次不写", plan.Undecided}, {sheetRefused, "用不了，可交回提供名单的人改正", plan.Refused}} {
			yield(x.name, fmt.Sprintf("%d 行。%s", p.Count(x.a), x.say))
		}
		yield("执行", fmt.Sprintf("gongzhi import --apply %d", p.N))
		yield("撤销", fmt.Sprintf("gongzhi import --undo %d", p.N))
		for _, n := range p.Notes {
			yield("", n)
		}
		for _, e := range p.Files {
			yield("文件", map[string]string{"create": "新建 ", "replace": "改 ", "delete": "删去 "}[e.Kind]+e.Path)
		}
	}
	if err := sheet(sheetAbout, []float64{12, 110}, about); err != nil {
		return nil, err
	}
	var fields []string // of new records, in the order in which they come
	seen := map[string]bool{}
	for _, r := range p.Rows {
		if r.Action == plan.Create {
			for _, c := range r.Changes {
				if !seen[c.Field] {
					seen[c.Field] = true
					fields = append(fields, c.Field)
				}
			}
		}
	}
	err = sheet(sheetCreate, []float64{24, 30, 16, 16, 20, 20}, func(yield func(...string) bool) {
		yield(append([]string{"位置", "编号"}, fields...)...)
		cells := make([]string, 2+len(fields))
		for _, r := range p.Rows {
			if r.Action != plan.Create {
				continue
			}
			clear(cells)
			cells[0], cells[1] = r.Place, r.ID
			for _, c := range r.Changes {
				cells[2+slices.Index(fields, c.Field)] = c.New
			}
			if !yield(cells...) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	err = sheet(sheetUpdate, []float64{24, 30, 16, 40, 40}, func(yield func(...string) bool) {
		yield("位置", "编号", "字段", "原来", "现在")
		for _, r := range p.Rows {
			if r.Action == plan.Update {
				for _, c := range r.Changes {
					if !yield(r.Place, r.ID, c.Field, c.Old, c.New) {
						return
					}
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	err = sheet(sheetUnchanged, []float64{24, 40}, func(yield func(...string) bool) {
		yield("位置", "编号")
		for _, r := range p.Rows {
			if r.Action == plan.Unchanged && !yield(r.Place, r.ID) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	var own []string // the office's columns
	ownSeen := map[string]bool{}
	for _, r := range p.Rows {
		for _, c := range r.Cells {
			if !ownSeen[c.Column] {
				ownSeen[c.Column] = true
				own = append(own, c.Column)
			}
		}
	}
	ownCells := func(r plan.Row) []string {
		cells := make([]string, len(own))
		for _, c := range r.Cells {
			cells[slices.Index(own, c.Column)] = c.Text
		}
		return cells
	}
	err = sheet(sheetUndecided, []float64{8, 24, 60, 40, 16, 16}, func(yield func(...string) bool) {
		yield(append([]string{"键", "位置", "问题", "选择"}, own...)...)
		for _, r := range p.Rows {
			if r.Action == plan.Undecided {
				for _, a := range r.Asks {
					if !yield(append([]string{a.Key, r.Place, a.Text, ""}, ownCells(r)...)...) {
						return
					}
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	err = sheet(sheetRefused, []float64{16, 16, 16, 16, 20, 20}, func(yield func(...string) bool) {
		yield(append(append([]string{}, own...), "问题", "位置")...)
		for _, r := range p.Rows {
			if r.Action == plan.Refused && !yield(append(ownCells(r), r.Reason, r.Place)...) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if p.Count(plan.Undecided) > 0 {
		n := 1
		err = sheet(sheetChoices, nil, func(yield func(...string) bool) {
			yield("各行可选的答案，供“待定”表的下拉框使用")
			for _, r := range p.Rows {
				if r.Action == plan.Undecided {
					for _, a := range r.Asks {
						if !yield(a.Choices...) {
							return
						}
					}
				}
			}
		})
		if err != nil {
			return nil, err
		}
		for _, r := range p.Rows {
			if r.Action != plan.Undecided {
				continue
			}
			for _, a := range r.Asks {
				n++
				if n > 20_000 { // more than anybody picks from lists
					break
				}
				last, err := excelize.ColumnNumberToName(len(a.Choices))
				if err != nil {
					return nil, err
				}
				v := excelize.NewDataValidation(true)
				v.Sqref = fmt.Sprintf("D%d", n)
				v.SetSqrefDropList(fmt.Sprintf("'%s'!$A$%d:$%s$%d", sheetChoices, n, last, n))
				v.SetError(excelize.DataValidationErrorStyleStop, "请从列表里选", "只能选列表里的一项，或空着。")
				if err := f.AddDataValidation(sheetUndecided, v); err != nil {
					return nil, err
				}
			}
		}
		if err := f.SetColVisible(sheetUndecided, "A", false); err != nil {
			return nil, err
		}
		if err := f.SetCellStyle(sheetUndecided, "D2", fmt.Sprintf("D%d", n), choose); err != nil {
			return nil, err
		}
		if err := f.SetSheetVisible(sheetChoices, false); err != nil {
			return nil, err
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return nil, err
	}
	if i, err := f.GetSheetIndex(sheetAbout); err == nil {
		f.SetActiveSheet(i)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Answers reads what people chose in a plan's workbook. What is not one of the choices is an error that names the cell.
func Answers(book []byte, p *plan.Plan) (map[string]string, error) {
	f, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{UnzipSizeLimit: 1 << 30})
	if err != nil {
		return nil, fmt.Errorf("方案 %d 的工作簿打不开，可能正在保存或已损坏：%w", p.N, err)
	}
	defer f.Close()
	rows, err := f.Rows(sheetUndecided)
	if err != nil {
		return nil, fmt.Errorf("方案 %d 的工作簿里没有“%s”这张表。请不要给表改名", p.N, sheetUndecided)
	}
	defer rows.Close()
	choices := map[string][]string{}
	for _, r := range p.Rows {
		for _, a := range r.Asks {
			choices[a.Key] = a.Choices
		}
	}
	answers := map[string]string{}
	key, choice := -1, -1
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		if n == 1 {
			key, choice = slices.Index(cells, "键"), slices.Index(cells, "选择")
			if key < 0 || choice < 0 {
				return nil, fmt.Errorf("方案 %d 的“%s”表里没有“键”“选择”两列。请不要改第一行", p.N, sheetUndecided)
			}
			continue
		}
		if key >= len(cells) || choice >= len(cells) {
			continue
		}
		k, a := strings.TrimSpace(cells[key]), strings.TrimSpace(cells[choice])
		if a == "" {
			continue
		}
		allowed, ok := choices[k]
		if !ok {
			return nil, fmt.Errorf("方案 %d 的“%s”表第 %d 行对不上方案里的问题。请不要改隐藏的“键”列", p.N, sheetUndecided, n)
		}
		if !slices.Contains(allowed, a) {
			return nil, fmt.Errorf("方案 %d 的“%s”表第 %d 行写的是“%s”，只能选：%s", p.N, sheetUndecided, n, a, strings.Join(allowed, "、"))
		}
		answers[k] = a
	}
	return answers, rows.Error()
}
