package grid

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// words are headers that lists have, whatever the collection: they help to find the header row.
var words = map[string]bool{}

func init() {
	for _, w := range strings.Fields("序号 编号 姓名 名称 性别 民族 出生年月 出生日期 年龄 籍贯 单位 工作单位 所在单位 时任单位 职务 岗位 职称 工种 政治面貌 文化程度 学历 地区 所属地区 地市 市县 荣誉称号 称号 获奖名称 授予时间 获奖时间 表彰时间 年度 年份 时间 日期 备注 身份证号 身份证号码 联系电话 电话 手机 推荐单位 题名 标题 事项 类别 来源 出处") {
		words[w] = true
	}
}

var (
	totalRow = regexp.MustCompile(`^(合计|总计|小计|共计|总数|累计|总人数|合计人数)[:：]?`)
	footRow  = regexp.MustCompile(`^(注|备注|说明|附注|填表|制表|审核|填报|联系人|经办|单位负责人|数据来源|来源|★|※|\*)`)
	digits   = regexp.MustCompile(`\d+`)
	headLine = regexp.MustCompile(`^(.*?)[（(【]\s*共?\s*(\d{1,6})\s*(名|人|个|位|家|项)\s*[)）】]\s*[:：]?$`)
)

// Assemble makes a table of cells that somebody else has read, such as those of a table in a Word file: it finds the
// header and tells records from all else, as Read does.
func Assemble(t *Table, rows []Row, opt Options) error {
	return assemble(t, rows, opt)
}

// assemble makes a table out of raw rows: it finds the header and tells records from all else.
func assemble(t *Table, raw []Row, opt Options) error {
	head, err := findHead(raw, func(s string) bool { return words[s] || opt.knows(s) })
	if err != nil {
		return err
	}
	if err := t.name(raw[head].Cells); err != nil {
		return err
	}
	for _, r := range raw[:head] {
		if filled(r.Cells) > 0 {
			t.leave(r, "标题")
		}
	}
	s := sorter{Table: t, head: raw[head].Cells, last: -1}
	s.number = slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == "序号" || c.Name == "名单序号" })
	body := raw[head+1:]
	for i, r := range body {
		if filled(r.Cells) > 1 {
			s.last = i
		}
	}
	for i, r := range body {
		s.take(i, r)
	}
	if s.blanks > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("表里有 %d 个空行，没有用", s.blanks))
	}
	if len(t.Rows) == 0 {
		return fmt.Errorf("第 %d 行像是表头，下面却没有一行记录", raw[head].No)
	}
	for _, hd := range t.Heads {
		if hd.Declared >= 0 && hd.Declared != hd.Found {
			t.Notes = append(t.Notes, countNote(hd))
		}
	}
	t.looksMerged(opt)
	return nil
}

// findHead gives the index of the row that names the columns: the first of those with the most known names. A second
// such row below it is an error.
func findHead(raw []Row, known func(name string) bool) (int, error) {
	head, best := -1, 0
	for i := range min(len(raw), headRows) {
		n, all := 0, 0
		for _, c := range raw[i].Cells {
			if s := Name(c.Text); s != "" {
				all++
				if known(s) {
					n++
				}
			}
		}
		if n > best && (n >= 2 || n == 1 && all == 1) && n*2 >= all {
			head, best = i, n
		}
		if best >= 2 && i > head+3 {
			break
		}
	}
	if head < 0 {
		return 0, fmt.Errorf("前 %d 行里没有找到表头。表头要写字段名，如“序号、姓名、性别、单位”；没有表头的名单，请在最上面加一行", min(len(raw), headRows))
	}
	if head+1 < len(raw) {
		n, other := 0, 0
		for _, c := range raw[head+1].Cells {
			if s := Name(c.Text); s != "" && known(s) {
				n++
			} else if s != "" && !c.Has(Filled) {
				other++
			}
		}
		if n >= 1 && other == 0 || n >= 3 && n > other {
			return 0, fmt.Errorf("表头有两行（第 %d、%d 行），看不出哪一列是什么。请并成一行再导入", raw[head].No, raw[head+1].No)
		}
	}
	return head, nil
}

// name makes the columns after the row that names them.
func (t *Table) name(head []Cell) error {
	width := 0
	for i, c := range head {
		if Name(c.Text) != "" {
			width = i + 1
		}
	}
	if width > maxWidth {
		return fmt.Errorf("表头有 %d 列，最多 %d 列。这是名单吗？", width, maxWidth)
	}
	columns := make([]Column, width)
	for i := range columns {
		col := Column{Name: Name(head[i].Text), Letter: letter(i)}
		if i < len(t.Columns) {
			col.Hidden = t.Columns[i].Hidden
		}
		if j := slices.IndexFunc(columns[:i], func(c Column) bool { return c.Name == col.Name }); j >= 0 && col.Name != "" {
			if n := i - j; i+n <= len(head)+1 && n > 1 && slices.EqualFunc(head[j:i], head[i:min(i+n, len(head))], func(a, b Cell) bool { return Name(a.Text) == Name(b.Text) }) {
				return fmt.Errorf("像是并排的两张表：%s 列和 %s 列的表头一样。请把右边的移到左边的下面，或分成两个文件", letter(j), letter(i))
			}
			return fmt.Errorf("表头里“%s”有两列（%s 和 %s）。请改名或删去一列", col.Name, letter(j), letter(i))
		}
		columns[i] = col
	}
	t.Columns = columns
	return nil
}

// leave names a row that is no record.
func (t *Table) leave(r Row, kind string) {
	t.Left = append(t.Left, Left{r.No, kind, join(r.Cells)})
}

// sorter tells the rows below the header apart.
type sorter struct {
	*Table
	head   []Cell
	number int    // the column of running numbers, or -1
	last   int    // the last row with more than one cell: what stands below it is no record, if there is a doubt
	blanks int    // rows without anything
	group  string // the heading that the rows stand under
	since  int    // rows before the last subtotal
}

// take finds out what the row i below the header is, and puts it where it belongs.
func (s *sorter) take(i int, r Row) {
	first, firstAt, n := "", -1, 0
	for j, c := range r.Cells {
		if x := strings.TrimSpace(c.Text); x != "" && !c.Has(Filled) {
			if n == 0 {
				first, firstAt = x, j
			}
			n++
		}
	}
	computed := slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Has(Formula) })
	switch {
	case n == 0 && !computed:
		s.blanks++
	case totalRow.MatchString(Name(first)):
		s.total(r, first, firstAt)
	case n == 1 && s.number >= 0 && firstAt == s.number && len(digits.FindString(first)) == len(first):
		s.leave(r, "空行")
	case n == 1 && headLine.MatchString(first), n == 1 && spans(r.Cells, firstAt) && i < s.last:
		s.heading(r, first)
	case i > s.last && n == 1 && (len(s.Columns) > 1 && (footRow.MatchString(first) || utf8.RuneCountInString(first) > 12 || firstAt != 0)):
		s.leave(r, "脚注")
	case same(r.Cells, s.head):
		s.leave(r, "重复的表头")
	default:
		s.record(r)
	}
}

// total compares what a row of totals says with the rows above it.
func (s *sorter) total(r Row, first string, at int) {
	s.leave(r, "合计")
	have := len(s.Rows)
	if strings.HasPrefix(Name(first), "小计") {
		have, s.since = len(s.Rows)-s.since, len(s.Rows)
	}
	for _, c := range r.Cells[at+1:] {
		text := strings.TrimSpace(c.Text)
		if c.Has(Fault) || text == "" {
			continue
		}
		if d := digits.FindString(text); d != "" {
			if k, _ := strconv.Atoi(d); k != have {
				s.Notes = append(s.Notes, fmt.Sprintf("%s写着“%s”，实际有 %d 行", s.rowName(r.No), join(r.Cells), have))
			}
			return
		}
	}
}

// heading begins a group: the rows below it, of which it may say the number.
func (s *sorter) heading(r Row, text string) {
	h := Head{No: r.No, Text: text, Declared: -1}
	if m := headLine.FindStringSubmatch(text); m != nil {
		h.Text = strings.TrimSpace(m[1])
		h.Declared, _ = strconv.Atoi(m[2])
	}
	h.Path = h.Text
	s.group = h.Text
	s.Heads = append(s.Heads, h)
}

// record takes a row with as many cells as there are columns, or says what is wrong with it.
func (s *sorter) record(r Row) {
	width := len(s.Columns)
	if extra := r.Cells[min(width, len(r.Cells)):]; filled(extra) > 0 {
		r.Bad = fmt.Sprintf("这一行有 %d 格，表头只有 %d 格，多出来的是“%s”。请看是不是多了分隔的逗号", len(r.Cells), width, join(extra))
	}
	if short := len(r.Cells); short < width && s.Format == "文本表格" && r.Bad == "" {
		r.Bad = fmt.Sprintf("这一行只有 %d 格，表头有 %d 格。请看是不是少了分隔的逗号", short, width)
	}
	for len(r.Cells) < width {
		r.Cells = append(r.Cells, Cell{})
	}
	all := r.Cells
	r.Cells = r.Cells[:width]
	for j, c := range r.Cells {
		text := strings.TrimSpace(c.Text)
		switch {
		case c.Has(Fault):
			r.Bad = fmt.Sprintf("“%s”一格是表格软件的错误“%s”。请改正原表", s.Columns[j].Name, text)
		case strings.HasPrefix(text, "=") && len(text) > 1 && !c.Has(Formula):
			r.Bad = fmt.Sprintf("“%s”一格是公式“%s”，没有结果。请填上结果", s.Columns[j].Name, clip(text, 30))
		case c.Has(Formula) && text == "":
			r.Bad = fmt.Sprintf("“%s”一格是公式，文件里没有存下结果。请用 Excel 打开，保存一次", s.Columns[j].Name)
		}
	}
	if r.Bad != "" {
		r.Text = join(all)
	}
	if s.group != "" {
		r.Group = s.group
		s.Heads[len(s.Heads)-1].Found++
	}
	s.Rows = append(s.Rows, r)
}

func countNote(h Head) string {
	return fmt.Sprintf("第%d行“%s”写着 %d 名，下面有 %d 名", h.No, h.Text, h.Declared, h.Found)
}

func (t *Table) rowName(no int) string { return fmt.Sprintf("第%d行", no) }

// looksMerged asks about columns whose blank cells may stand for the cell above: the first row is filled, most are
// not, and no text stands twice.
func (t *Table) looksMerged(opt Options) {
	for j, c := range t.Columns {
		if c.Name == "" || !opt.fills(c.Name) || len(t.Rows) < 3 || strings.TrimSpace(t.Rows[0].Cells[j].Text) == "" {
			continue
		}
		seen := map[string]bool{}
		var blank []int
		twice := false
		for _, r := range t.Rows {
			s := strings.TrimSpace(r.Cells[j].Text)
			switch {
			case r.Cells[j].Has(Filled):
			case s == "":
				blank = append(blank, r.No)
			default:
				twice = twice || seen[s]
				seen[s] = true
			}
		}
		if twice || len(blank)*2 < len(t.Rows) {
			continue
		}
		t.Asks = append(t.Asks, Ask{j, "merged", fmt.Sprintf("“%s”列有 %d 格是空的，像是合并过的单元格（如第%d行“%s”以下）。照上面一格填，还是空着？", c.Name, len(blank), t.Rows[0].No, strings.TrimSpace(t.Rows[0].Cells[j].Text)), blank})
	}
}

// Fill puts the text above into the blank cells of a question's column.
func (t *Table) Fill(a Ask) {
	last := ""
	for i := range t.Rows {
		c := &t.Rows[i].Cells[a.Column]
		if s := strings.TrimSpace(c.Text); s != "" {
			last = c.Text
		} else if slices.Contains(a.Rows, t.Rows[i].No) {
			c.Text, c.Flags = last, c.Flags|Filled
		}
	}
}

// spans reports whether a cell is merged with all to the right of it that the row has.
func spans(cells []Cell, at int) bool {
	n := 0
	for _, c := range cells[at+1:] {
		if !c.Has(Filled) {
			return false
		}
		n++
	}
	return n > 0
}

func filled(cells []Cell) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c.Text) != "" && !c.Has(Filled) {
			n++
		}
	}
	return n
}

func same(a, b []Cell) bool {
	n := 0
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = Name(a[i].Text)
		}
		if i < len(b) {
			y = Name(b[i].Text)
		}
		if x != y {
			return false
		}
		if x != "" {
			n++
		}
	}
	return n > 1
}

func join(cells []Cell) string {
	var parts []string
	for _, c := range cells {
		if s := strings.TrimSpace(c.Text); s != "" && !c.Has(Filled) {
			parts = append(parts, s)
		}
	}
	return clip(strings.Join(parts, " | "), 200)
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}

// letter names a column as spreadsheets do.
func letter(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}
