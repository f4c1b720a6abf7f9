package desk

import (
	"bytes"
	"fmt"
	"iter"
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
	b := &book{file: excelize.NewFile()}
	defer b.file.Close()
	b.style()
	b.sheet(sheetAbout, []float64{12, 110}, about(p))
	b.sheet(sheetCreate, []float64{24, 30, 16, 16, 20, 20}, created(p))
	b.sheet(sheetUpdate, []float64{24, 30, 16, 40, 40}, updated(p))
	b.sheet(sheetUnchanged, []float64{24, 40}, unchanged(p))
	own := columns(p)
	b.sheet(sheetUndecided, []float64{8, 24, 60, 40, 16, 16}, undecided(p, own))
	b.sheet(sheetRefused, []float64{16, 16, 16, 16, 20, 20}, refused(p, own))
	if p.Count(plan.Undecided) > 0 {
		b.sheet(sheetChoices, nil, choices(p))
		b.lists(p)
	}
	return b.bytes()
}

// book is a workbook while it is written. After a fault its methods do nothing.
type book struct {
	file               *excelize.File
	head, text, choose int // styles
	err                error
}

// lines calls yield for each line of a sheet, the head of its columns first, until that is false.
type lines func(yield func(...string) bool)

func (b *book) try(f func() error) {
	if b.err == nil {
		b.err = f()
	}
}

func (b *book) style() {
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	for _, x := range []struct {
		to    *int
		style excelize.Style
	}{
		{&b.head, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: fill("E8E4DA"), Alignment: top}},
		{&b.text, excelize.Style{NumFmt: 49, Alignment: top}},
		{&b.choose, excelize.Style{NumFmt: 49, Fill: fill("FFF6CC"), Alignment: top}},
	} {
		b.try(func() (err error) { *x.to, err = b.file.NewStyle(&x.style); return err })
	}
}

// What a spreadsheet takes: rows of a sheet, a little less than 1,048,576, and characters of a cell, a little less than 32,767.
const (
	mostRows  = 1_048_000
	mostChars = 32_000
)

func (b *book) sheet(name string, widths []float64, all lines) {
	b.try(func() error {
		if _, err := b.file.NewSheet(name); err != nil {
			return err
		}
		w, err := b.file.NewStreamWriter(name)
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
		all(func(cells ...string) bool {
			n++
			style := b.text
			if n == 1 {
				style = b.head
			}
			row := make([]any, len(cells))
			for i, c := range cells {
				if len(c) > mostChars && len([]rune(c)) > mostChars {
					c = string([]rune(c)[:mostChars])
				}
				row[i] = excelize.Cell{StyleID: style, Value: c}
			}
			fault = w.SetRow(fmt.Sprintf("A%d", n), row)
			return fault == nil && n < mostRows
		})
		if fault != nil {
			return fault
		}
		return w.Flush()
	})
}

func about(p *plan.Plan) lines {
	return func(yield func(...string) bool) {
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
}

func created(p *plan.Plan) lines {
	var fields []string // in the order in which they come
	at := map[string]int{}
	for r := range rowsOf(p, plan.Create) {
		for _, c := range r.Changes {
			if _, ok := at[c.Field]; !ok {
				at[c.Field] = len(fields)
				fields = append(fields, c.Field)
			}
		}
	}
	return func(yield func(...string) bool) {
		yield(append([]string{"位置", "编号"}, fields...)...)
		cells := make([]string, 2+len(fields))
		for r := range rowsOf(p, plan.Create) {
			clear(cells)
			cells[0], cells[1] = r.Place, r.ID
			for _, c := range r.Changes {
				cells[2+at[c.Field]] = c.New
			}
			if !yield(cells...) {
				return
			}
		}
	}
}

func updated(p *plan.Plan) lines {
	return func(yield func(...string) bool) {
		yield("位置", "编号", "字段", "原来", "现在")
		for r := range rowsOf(p, plan.Update) {
			for _, c := range r.Changes {
				if !yield(r.Place, r.ID, c.Field, c.Old, c.New) {
					return
				}
			}
		}
	}
}

func unchanged(p *plan.Plan) lines {
	return func(yield func(...string) bool) {
		yield("位置", "编号")
		for r := range rowsOf(p, plan.Unchanged) {
			if !yield(r.Place, r.ID) {
				return
			}
		}
	}
}

// columns lists the office's own columns, in the order in which they come.
func columns(p *plan.Plan) []string {
	var own []string
	seen := map[string]bool{}
	for _, r := range p.Rows {
		for _, c := range r.Cells {
			if !seen[c.Column] {
				seen[c.Column] = true
				own = append(own, c.Column)
			}
		}
	}
	return own
}

// cellsOf gives the cells of a row under the office's own columns.
func cellsOf(r plan.Row, own []string) []string {
	cells := make([]string, len(own))
	for _, c := range r.Cells {
		cells[slices.Index(own, c.Column)] = c.Text
	}
	return cells
}

func undecided(p *plan.Plan, own []string) lines {
	return func(yield func(...string) bool) {
		yield(append([]string{"键", "位置", "问题", "选择"}, own...)...)
		for r := range rowsOf(p, plan.Undecided) {
			for _, a := range r.Asks {
				if !yield(append([]string{a.Key, r.Place, a.Text, ""}, cellsOf(r, own)...)...) {
					return
				}
			}
		}
	}
}

func refused(p *plan.Plan, own []string) lines {
	return func(yield func(...string) bool) {
		yield(append(slices.Clone(own), "问题", "位置")...)
		for r := range rowsOf(p, plan.Refused) {
			if !yield(append(cellsOf(r, own), r.Reason, r.Place)...) {
				return
			}
		}
	}
}

// choices are what can be answered, a line a question, in the lines in which the questions stand.
func choices(p *plan.Plan) lines {
	return func(yield func(...string) bool) {
		yield("各行可选的答案，供“待定”表的下拉框使用")
		for r := range rowsOf(p, plan.Undecided) {
			for _, a := range r.Asks {
				if !yield(a.Choices...) {
					return
				}
			}
		}
	}
}

// mostLists is how many questions have a list to choose from: more than anybody picks from lists.
const mostLists = 20_000

// lists gives each question its list to choose from.
func (b *book) lists(p *plan.Plan) {
	n := 1
	for r := range rowsOf(p, plan.Undecided) {
		for _, a := range r.Asks {
			if n++; n > mostLists {
				break
			}
			b.try(func() error {
				last, err := excelize.ColumnNumberToName(len(a.Choices))
				if err != nil {
					return err
				}
				v := excelize.NewDataValidation(true)
				v.Sqref = fmt.Sprintf("D%d", n)
				v.SetSqrefDropList(fmt.Sprintf("'%s'!$A$%d:$%s$%d", sheetChoices, n, last, n))
				v.SetError(excelize.DataValidationErrorStyleStop, "请从列表里选", "只能选列表里的一项，或空着。")
				return b.file.AddDataValidation(sheetUndecided, v)
			})
		}
	}
	b.try(func() error { return b.file.SetColVisible(sheetUndecided, "A", false) })
	b.try(func() error { return b.file.SetCellStyle(sheetUndecided, "D2", fmt.Sprintf("D%d", n), b.choose) })
	b.try(func() error { return b.file.SetSheetVisible(sheetChoices, false) })
}

func (b *book) bytes() ([]byte, error) {
	b.try(func() error { return b.file.DeleteSheet("Sheet1") })
	var out bytes.Buffer
	b.try(func() error {
		if i, err := b.file.GetSheetIndex(sheetAbout); err == nil {
			b.file.SetActiveSheet(i)
		}
		return b.file.Write(&out)
	})
	return out.Bytes(), b.err
}

// rowsOf gives the rows of a plan with which the same is done.
func rowsOf(p *plan.Plan, a plan.Action) iter.Seq[plan.Row] {
	return func(yield func(plan.Row) bool) {
		for _, r := range p.Rows {
			if r.Action == a && !yield(r) {
				return
			}
		}
	}
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
