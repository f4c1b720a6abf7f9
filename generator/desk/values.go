package desk

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/grid"
	"gongzhi/generator/han"
	"gongzhi/generator/plan"
)

// rows makes items of a table's rows.
func (m *importer) rows(t *grid.Table) error {
	columns := m.columnsOf(t)
	hasID := slices.ContainsFunc(columns, func(c column) bool { return c.use == idColumn })
	for _, a := range t.Asks {
		if hasID {
			break // a copy of the collection, whose blanks are blanks
		}
		name := t.Columns[a.Column].Name
		key := t.File + " " + t.Sheet + " 列 " + name
		answer := m.opt.Answers[key]
		switch {
		case slices.Contains(m.opt.Fill, name), answer == fill:
			t.Fill(a)
			m.note("%s：“%s”列的空格按上面一格填", t.File, name)
		case answer == blank:
		default:
			m.draft.Rows = append(m.draft.Rows, plan.Row{File: t.File, Place: t.File + "“" + name + "”列", Action: plan.Undecided, Reason: a.Text,
				Asks: []plan.Ask{{Key: key, Text: a.Text, Choices: []string{later, fill, blank}}}})
		}
	}
	tens := map[int]bool{} // columns that show a month as .10 somewhere, so that .1 is January
	for i := range t.Columns {
		for _, r := range t.Rows {
			if strings.HasSuffix(strings.TrimSpace(r.Cells[i].Text), ".10") {
				tens[i] = true
				break
			}
		}
	}
	used := false
	for _, c := range columns {
		used = used || c.use == fieldColumn
	}
	if !used {
		return fmt.Errorf("%s：没有一列对得上“%s”的字段。可以用的字段见 gongzhi schema %s，或用 --map 写明", t.File, m.schema.Label, m.schema.Key)
	}
	m.ditto(t, columns)
	for i := range t.Rows {
		r := &t.Rows[i]
		it := &item{file: t.File, table: t, row: r, columns: columns, values: map[slot]string{}, ordinal: i + 1, bad: r.Bad}
		m.items = append(m.items, it)
		if it.bad != "" {
			continue
		}
		for k, c := range columns {
			cell := r.Cells[k]
			cell.Text = dataset.Active(cell.Text)
			text := strings.TrimSpace(cell.Text)
			if text == "" || c.use != fieldColumn && c.use != idColumn && c.use != bodyColumn {
				continue
			}
			if found := content.FindPersonal([]byte(text)); len(found) > 0 {
				it.fail("“%s”一格里有%s，不能写进内容。请删去再导入", c.name, found[0].What)
				continue
			}
			switch c.use {
			case idColumn:
				if bad := content.CheckID(text); bad != "" {
					it.fail("“%s”一格：%s", c.name, bad)
				}
				it.values[slot{}] = text
			case bodyColumn:
				it.values[bodySlot] = strings.ReplaceAll(cell.Text, "\r\n", "\n")
			default:
				m.value(it, c, cell, tens[k])
			}
		}
		if r.Group != "" {
			m.grouped(it, r.Group)
		}
		if r.Hidden {
			m.confirm(it, "hidden", "这一行在表里是隐藏的，要不要收？")
		}
		if r.Doubt != "" {
			m.confirm(it, "doubt", r.Doubt+"。要不要收？")
		}
		m.identify(it)
	}
	return nil
}

// ditto writes out what 同上 and 〃 stand for, the cell above, and says so.
func (m *importer) ditto(t *grid.Table, columns []column) {
	for k, c := range columns {
		above, n := "", 0
		for i := range t.Rows {
			r := &t.Rows[i]
			switch text := strings.Join(strings.Fields(r.Cells[k].Text), ""); text {
			case "同上", "同前", "〃", "″":
				if above == "" {
					r.Bad = fmt.Sprintf("“%s”一格写着“%s”，而上面没有可以照写的", c.name, text)
					continue
				}
				r.Cells[k].Text = above
				n++
			default:
				above = strings.TrimSpace(r.Cells[k].Text)
			}
		}
		if n > 0 {
			m.note("%s：“%s”列的“同上”照上面一格写出，共 %d 格", t.File, c.name, n)
		}
	}
}

// bodySlot holds the text below the fields.
var bodySlot = slot{Number: -1}

func (it *item) fail(format string, args ...any) {
	if it.bad == "" {
		it.bad = fmt.Sprintf(format, args...)
	}
}

// confirm asks whether to take a row.
func (m *importer) confirm(it *item, what, text string) {
	key := it.rowKey(what)
	it.ask(key, text, later, take, leave)
	if m.opt.Answers[key] == leave {
		it.fail("按决定不收：%s", text)
	}
}

// grouped sets what the headings above a row say: the group as printed, its region, its honour.
func (m *importer) grouped(it *item, group string) {
	if s, ok := dataset.Find(m.schema, "group"); ok && it.values[s] == "" {
		it.values[s] = group
	}
	if roll := m.schema.Roll; roll != nil {
		s := slot{Field: roll.Group, Number: 1}
		if it.values[s] == "" {
			for _, part := range strings.Split(group, "／") {
				if r := m.index.resolve(part, roll.Group.To); r != nil {
					it.values[s] = r.Schema.Key + "/" + r.ID
				}
			}
		}
	}
}

// identify finds what a row is known by.
func (m *importer) identify(it *item) {
	var who slot
	if roll := m.schema.Roll; roll != nil {
		who = slot{Field: roll.Who, Number: 1}
		if roll.Unit != nil {
			it.unit = han.ReadName(it.values[slot{Field: roll.Unit, Number: 1}]).Key
		}
		if roll.Order != nil {
			it.number, _ = strconv.Atoi(it.values[slot{Field: roll.Order, Number: 1}])
		}
	} else {
		who = slot{Field: m.schema.Fields[0], Number: 1}
	}
	text := it.values[who]
	named := m.schema.Roll != nil || m.schema.Title.Name
	if text == "" {
		if it.values[slot{}] == "" && it.bad == "" {
			it.fail("“%s”是空的", who.Field.Label)
		}
		return
	}
	if named {
		if t := strings.TrimSpace(text); regexp.MustCompile(`^[\d.\-—/]+$`).MatchString(t) {
			it.fail("“%s”写的是“%s”，不是名称", who.Field.Label, t)
			return
		}
		if several(text) {
			it.fail("一格里有几个名字：“%s”。请一人一行；是一个人，间隔处写“·”", clip(text, 30))
			return
		}
	}
	if who.Field.Type == content.RefType && m.isReference(text, who.Field) {
		if r := m.index.resolve(text, who.Field.To); r != nil {
			it.name = han.ReadName(r.Title)
		}
		return
	}
	plain, _ := content.JustText(text)
	it.name = han.ReadName(plain)
}

// several tells several names in one cell from a name that has a separator in it.
func several(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、，,;；/\n", r) })
	if len(parts) < 2 {
		parts = strings.Fields(s) // 甲测试 乙测试, but 欧阳 测试 and 甲　测
		if surname, _ := han.SplitName(strings.Join(parts[:min(2, len(parts))], "")); len(parts) < 2 || surname == parts[0] {
			return false
		}
	}
	for _, p := range parts {
		n := 0
		for _, r := range han.ReadName(p).Text {
			if !han.IsHan(r) && r != '·' {
				return false
			}
			n++
		}
		if n < 2 || n > 4 {
			return false
		}
	}
	return true
}

// isReference reports whether a text names a record by its id, rather than by a name.
func (m *importer) isReference(text string, f *content.Field) bool {
	low := strings.ToLower(text)
	if r := m.index.all[low]; r != nil && slices.Contains(f.To, r.Schema.Key) {
		return true
	}
	for _, to := range f.To {
		if m.index.all[to+"/"+low] != nil {
			return true
		}
	}
	return false
}

var (
	nothing  = regexp.MustCompile(`^(不详|未详|不明|待查|待考|未知|无|/|—+|-+|－+|\?+|？+|暂无|空)$`)
	serial   = regexp.MustCompile(`^[1-5]\d{4}$`)
	january  = regexp.MustCompile(`^(1[89]|20)\d\d\.1$`)
	wordOnly = regexp.MustCompile(`^[a-z0-9_]+([-/][a-z0-9_]+)+$`)
)

// value reads one cell.
func (m *importer) value(it *item, c column, cell grid.Cell, tens bool) {
	f := c.slot.Field
	if c.slot.Part != nil {
		f = c.slot.Part
	}
	text := strings.TrimSpace(strings.ReplaceAll(cell.Text, "\r\n", "\n"))
	if text == remove {
		it.values[c.slot] = remove
		return
	}
	set := func(s string) { it.values[c.slot] = s }
	if f.Many && c.slot.Part == nil || f.Many {
		set(strings.Join(split(text), "；"))
		return
	}
	switch f.Type {
	case content.DateType:
		m.dateValue(it, c, cell, text, tens)
	case content.Enum:
		if nothing.MatchString(text) && !slices.Contains(f.Values, text) {
			return
		}
		if !slices.Contains(f.Values, text) {
			it.fail("“%s”写的是“%s”，只能是 %s", c.name, clip(text, 20), strings.Join(f.Values, "、"))
			return
		}
		set(text)
	case content.Integer:
		digits := strings.TrimSuffix(han.FoldString(text), ".0")
		if _, err := strconv.Atoi(digits); err != nil {
			it.fail("“%s”写的是“%s”，应当是整数", c.name, clip(text, 20))
			return
		}
		set(digits)
	case content.RefType:
		m.refValue(it, c, f, text)
	case content.Text, content.Term:
		if nothing.MatchString(text) && c.slot.Field.Ordinal > 0 && text != "无" {
			return
		}
		set(strings.ReplaceAll(text, "\n", " ")) // blanks stay as printed
	default:
		set(text)
	}
}

func split(s string) []string {
	var list []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return r == '；' || r == ';' || r == '\n' }) {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// dateValue reads a date as it is shown. What may be a date in disguise is a question.
func (m *importer) dateValue(it *item, c column, cell grid.Cell, text string, tens bool) {
	if nothing.MatchString(text) {
		return
	}
	key := it.rowKey(c.slot.Key())
	answer := m.opt.Answers[key]
	choose := func(question string, choices ...string) {
		it.ask(key, question, append(append([]string{later}, choices...), noDate)...)
		if slices.Contains(choices, answer) {
			it.values[c.slot] = answer
		}
	}
	folded := han.FoldString(text)
	switch {
	case serial.MatchString(folded) && !cell.Has(grid.Date):
		n, _ := strconv.Atoi(folded)
		day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
		day4 := time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
		choose(fmt.Sprintf("“%s”写的是 %s，像是表格软件存日期的数。是哪一天？", c.name, text), day.Format("2006-01-02"), day.Format("2006-01"), day4.Format("2006-01-02"))
		return
	case january.MatchString(folded) && (cell.Has(grid.Number) || !tens):
		year := folded[:4]
		choose(fmt.Sprintf("“%s”写的是 %s，可能是 1 月，也可能是 10 月（末尾的 0 被表格软件去掉了）。是哪一个？", c.name, text), year+"-01", year+"-10")
		return
	}
	if i := strings.IndexAny(text, " T"); i > 0 && strings.HasSuffix(text, "00:00:00") {
		text = text[:i]
	}
	d, err := dates.Parse(text)
	if err != nil {
		it.fail("“%s”一格：%v", c.name, err)
		return
	}
	it.values[c.slot] = d.String()
}

// refValue reads a reference. A name alone never leads to a person.
func (m *importer) refValue(it *item, c column, f *content.Field, text string) {
	set := func(s string) { it.values[c.slot] = s }
	if plain, marked := content.JustText(text); marked {
		set("!" + plain)
		return
	}
	if m.isReference(text, f) {
		set(text)
		return
	}
	if m.schema.Roll != nil && c.slot.Field == m.schema.Roll.Who {
		set(text) // see decide
		return
	}
	if m.namesPeople(f) {
		set(text) // see people
		return
	}
	r := m.index.resolve(text, f.To)
	switch {
	case r != nil && f.Open && han.FoldString(r.Title) == han.FoldString(text):
		set(text)
	case r != nil:
		set(r.Schema.Key + "/" + r.ID)
	case f.Open:
		if wordOnly.MatchString(text) {
			set("!" + text)
		} else {
			set(text)
		}
	default:
		hint := m.hint(text, f.To)
		it.fail("“%s”写的“%s”还没有记录。%s请先建好它（gongzhi new %s %s），再导入", c.name, clip(text, 30), hint, f.To[0], clip(text, 30))
	}
}

// mostHints is for how many unknown names what was meant is looked for, which means comparing with all there are.
const mostHints = 200

// targets are the records that references of one kind may lead to.
type targets struct {
	titles []string
	keys   map[string]int    // how many have a name, as it is compared
	hints  map[string]string // of the unknown names met so far
}

// hint says what a name that nothing has may have been meant for, or that several have it.
func (m *importer) hint(text string, to []string) string {
	kind := strings.Join(to, " ")
	t := m.targets[kind]
	if t == nil {
		t = &targets{keys: map[string]int{}, hints: map[string]string{}}
		for _, r := range m.set.Records {
			if slices.Contains(to, r.Schema.Key) {
				t.titles = append(t.titles, r.Title)
				t.keys[han.ReadName(r.Title).Key]++
			}
		}
		if m.targets == nil {
			m.targets = map[string]*targets{}
		}
		m.targets[kind] = t
	}
	if n := t.keys[han.ReadName(text).Key]; n > 1 {
		return fmt.Sprintf("有 %d 条记录叫这个名称，请改写编号。", n)
	}
	hint, known := t.hints[text]
	if !known && len(t.hints) < mostHints {
		if near := diag.NearestOf(text, t.titles, func(title string) bool { return han.SameKind(text, title) }); near != "" {
			hint = "是不是“" + near + "”？"
		}
		t.hints[text] = hint
	}
	return hint
}

// namesPeople reports whether a reference may lead to a person.
func (m *importer) namesPeople(f *content.Field) bool {
	return slices.ContainsFunc(f.To, m.isPeople)
}

func (m *importer) isPeople(key string) bool {
	s := m.schemaOf(key)
	return s != nil && s.Title.Name
}

// person gives what stands in a field for somebody of whom a list says the name: the record that people have
// chosen, or the name, marked as nothing but a name.
func (m *importer) person(it *item, s slot, f *content.Field, name han.Name, text string) string {
	found := m.index.named(name.Key, f.To)
	if len(found) == 0 {
		return "!" + name.Text
	}
	if only := found[0]; len(found) == 1 && !only.Schema.Title.Name {
		return text // a unit is known by its name
	}
	choices := []string{later}
	for _, r := range found {
		choices = append(choices, m.describe(r))
	}
	key := it.rowKey(s.Key())
	if f.Many {
		key += " " + name.Text
	}
	it.ask(key, fmt.Sprintf("已有叫“%s”的记录。这里说的是不是同一个人？", name.Text), append(choices, another)...)
	for _, r := range found {
		if m.opt.Answers[key] == m.describe(r) {
			return r.Schema.Key + "/" + r.ID
		}
	}
	return "!" + name.Text
}

// people settles, for all fields but the recipient, who is meant by names of people. What the record says already
// stays as it is.
func (m *importer) people(it *item) {
	for _, s := range it.slots() {
		f := s.Field
		if s.Part != nil {
			f = s.Part
		}
		now := it.values[s]
		if f == nil || f.Type != content.RefType || now == remove || !m.namesPeople(f) || m.schema.Roll != nil && s.Field == m.schema.Roll.Who {
			continue
		}
		old := map[string]bool{}
		if it.match != nil {
			for _, x := range split(s.Text(it.match)) {
				old[squeeze(x)] = true
			}
		}
		list := []string{now}
		if f.Many {
			list = split(now)
		}
		for i, x := range list {
			if _, marked := content.JustText(x); marked || old[squeeze(x)] || m.isReference(x, f) {
				continue
			}
			list[i] = m.person(it, s, f, han.ReadName(x), x)
		}
		it.values[s] = strings.Join(list, "；")
	}
}

// describe names a record so that it can be told from its namesakes.
func (m *importer) describe(r *content.Record) string {
	s := "就是 " + r.Schema.Key + "/" + r.ID
	var more []string
	if d := r.Date(); !d.IsZero() {
		more = append(more, d.Display()+"生")
	}
	for _, role := range []content.Role{content.NativePlace, content.Unit} {
		if v := r.Role(role); v != nil {
			v.Each(func(v *content.Value) {
				if t, _ := content.JustText(v.Text); len(more) < 3 {
					if to := m.index.resolve(t, v.Field.To); to != nil {
						t = to.Title
					}
					more = append(more, t)
				}
			})
		}
	}
	if len(more) > 0 {
		s += "（" + strings.Join(more, "，") + "）"
	}
	return strings.NewReplacer(",", "，", `"`, "”").Replace(s)
}
