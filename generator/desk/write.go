package desk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/grid"
	"gongzhi/generator/han"
	"gongzhi/generator/plan"
)

// decide settles what becomes of each row: who is meant, whether it is new, what changes.
func (m *importer) decide() {
	for _, it := range m.items {
		if it.bad != "" {
			continue
		}
		if roll := m.schema.Roll; roll != nil {
			m.recipient(it, slot{Field: roll.Who, Number: 1})
		}
		m.people(it)
		if m.by != nil && (m.round != nil || m.newRound != "") {
			s := slot{Field: m.by, Number: 1}
			if it.values[s] == "" {
				it.values[s] = m.batch
			}
			m.inherited(it)
		}
		if it.match == nil {
			m.naming(it)
		}
	}
}

// inherited leaves out what the round says already.
func (m *importer) inherited(it *item) {
	for _, f := range m.by.Inherit {
		s := slot{Field: f, Number: 1}
		if it.values[s] == "" {
			continue
		}
		said := ""
		if m.round != nil {
			if theirs := m.round.Schema.Field(f.Key); theirs != nil {
				said = slot{Field: theirs, Number: 1}.Text(m.round)
			}
		} else {
			said = m.roundSays[f.Key]
		}
		if said != "" && m.same(s, said, it.values[s]) {
			delete(it.values, s)
		}
	}
}

// recipient settles who got something. A record that is matched keeps the one it has, if the name is the same.
func (m *importer) recipient(it *item, s slot) {
	text := it.values[s]
	if _, marked := content.JustText(text); text == "" || marked || m.isReference(text, s.Field) {
		return
	}
	if it.match != nil && m.index.nameOf(it.match).Key == it.name.Key {
		delete(it.values, s)
		return
	}
	it.values[s] = m.person(it, s, s.Field, it.name, text)
}

// naming gives a new record its id: from the batch and the place in the list, never from a name.
func (m *importer) naming(it *item) {
	if id := it.values[slot{}]; id != "" {
		it.id = id
		return
	}
	n := it.number
	if n == 0 || m.numbersTwice() {
		n = it.ordinal
	}
	id := fmt.Sprintf("%s-%03d", m.batch, n)
	for k := 2; m.taken[strings.ToLower(id)]; k++ {
		id = fmt.Sprintf("%s-%03d-%d", m.batch, n, k)
	}
	it.id = id
	m.taken[strings.ToLower(id)] = true
}

// numbersTwice reports whether the numbers of the list begin anew under each heading.
func (m *importer) numbersTwice() bool {
	if m.twice == 0 {
		m.twice = 1
		seen := map[int]bool{}
		for _, it := range m.items {
			if it.bad == "" && it.number > 0 {
				if seen[it.number] {
					m.twice = 2
				}
				seen[it.number] = true
			}
		}
	}
	return m.twice == 2
}

// write makes the rows of the plan and the bytes of the files.
func (m *importer) write() error {
	for round := 0; ; round++ {
		m.edits, m.fresh = map[string][]content.Edit{}, nil
		var created []*item
		rows := m.draft.Rows[:len(m.draft.Rows):len(m.draft.Rows)]
		for _, it := range m.items {
			it.settle(m)
			rows = append(rows, it.out)
			switch it.out.Action {
			case plan.Create:
				created = append(created, it)
			case plan.Update:
				if err := m.update(it); err != nil {
					return err
				}
			}
		}
		if err := m.create(created); err != nil {
			return err
		}
		files, again, err := m.files(created)
		if err != nil {
			return err
		}
		if again && round < 5 {
			continue
		}
		m.draft.Rows = rows
		m.draft.Files = files
		return m.journal()
	}
}

// settle makes the plan's row.
func (it *item) settle(m *importer) {
	id := it.id
	it.out = plan.Row{Row: it.row.No, File: it.file, Place: it.table.Place(it.row.No)}
	if it.match != nil {
		id = it.match.ID
	}
	open := slices.DeleteFunc(slices.Clone(it.asks), func(a plan.Ask) bool {
		answer := m.opt.Answers[a.Key]
		return answer != "" && answer != later && slices.Contains(a.Choices, answer)
	})
	switch {
	case it.bad != "":
		it.out.Action, it.out.Reason = plan.Refused, it.bad
		it.out.Cells = it.cells()
		return
	case len(open) > 0:
		it.out.Action, it.out.Asks = plan.Undecided, open
		for i, a := range open {
			if i > 0 {
				it.out.Reason += "；"
			}
			it.out.Reason += a.Text
		}
		it.out.Cells = it.cells()
		return
	}
	if id != "" {
		it.out.ID = m.schema.Key + "/" + id
	}
	if it.match == nil {
		it.out.Action, it.out.Reason = plan.Create, "新的记录"
		for _, s := range it.slots() {
			if v := it.values[s]; v != remove && v != "" {
				it.out.Changes = append(it.out.Changes, plan.Change{Field: slotName(s), New: v})
			}
		}
		return
	}
	it.out.Action, it.out.Reason = plan.Unchanged, "和现有的记录相同"
	for _, s := range it.slots() {
		old, now := "", it.values[s]
		if s == bodySlot {
			old = m.body(it.match)
		} else {
			old = s.Text(it.match)
		}
		if now == remove {
			now = ""
		} else if now == "" {
			continue
		}
		if !m.same(s, old, now) {
			it.out.Changes = append(it.out.Changes, plan.Change{Field: slotName(s), Old: old, New: now})
		}
	}
	if n := len(it.out.Changes); n > 0 {
		it.out.Action, it.out.Reason = plan.Update, fmt.Sprintf("有 %d 项不同", n)
	}
}

func slotName(s slot) string {
	if s == bodySlot {
		return "正文"
	}
	return s.Label()
}

// slots are those of an item, in the order of the schema.
func (it *item) slots() []slot {
	list := make([]slot, 0, len(it.values))
	for s := range it.values {
		if s != (slot{}) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, slot.Compare)
	return list
}

// cells are the office's own words, without columns that are not to be kept.
func (it *item) cells() []plan.Cell {
	var list []plan.Cell
	for k, c := range it.row.Cells {
		if k < len(it.columns) && it.columns[k].use != personalColumn && it.table.Columns[k].Name != "" {
			text := strings.TrimSpace(c.Text)
			if len(content.FindPersonal([]byte(text))) > 0 {
				text = "（个人信息，略）"
			}
			list = append(list, plan.Cell{Column: it.table.Columns[k].Name, Text: text})
		}
	}
	if len(it.row.Text) > 0 && it.table.Format == "名单" && it.bad != "" {
		list = []plan.Cell{{Column: "原文", Text: it.row.Text}}
	}
	return list
}

// same compares what a record says with what a list says.
func (m *importer) same(s slot, old, now string) bool {
	if old == now {
		return true
	}
	if s == bodySlot {
		return strings.TrimSpace(old) == strings.TrimSpace(now)
	}
	f := s.Field
	if s.Part != nil {
		f = s.Part
	}
	if f.Many {
		a, b := split(old), split(now)
		return slices.EqualFunc(a, b, func(a, b string) bool { return m.sameOne(f, a, b) })
	}
	return m.sameOne(f, old, now)
}

func (m *importer) sameOne(f *content.Field, old, now string) bool {
	old, now = squeeze(old), squeeze(now)
	if old == now {
		return true
	}
	switch f.Type {
	case content.DateType:
		a, err1 := dates.Parse(old)
		b, err2 := dates.Parse(now)
		return err1 == nil && err2 == nil && a.Same(b)
	case content.RefType:
		a, b := m.index.resolve(old, f.To), m.index.resolve(now, f.To)
		return a != nil && a == b
	case content.Integer:
		a, err1 := strconv.Atoi(han.FoldString(old))
		b, err2 := strconv.Atoi(now)
		return err1 == nil && err2 == nil && a == b
	case content.Bool:
		yes := func(s string) bool { return s == "true" || s == "是" || s == "TRUE" }
		return old != "" && yes(old) == yes(now)
	}
	return false
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// document opens a file of the site for edits.
func (m *importer) document(p string, schema *content.Schema) (*content.Document, error) {
	if d := m.docs[p]; d != nil {
		return d, nil
	}
	b, err := fs.ReadFile(m.source, p)
	if err != nil {
		return nil, err
	}
	d := content.ParseDocument(p, b, schema)
	if f := d.Faults(); len(f) > 0 {
		return nil, fmt.Errorf("%s 现在有错误，先改好它再导入：%s", p, f[0].Text)
	}
	m.docs[p] = d
	return d, nil
}

// body is the text below a record's fields.
func (m *importer) body(r *content.Record) string {
	d, err := m.document(r.Path, r.Schema)
	if err != nil {
		return ""
	}
	if !r.Row {
		return strings.TrimSpace(d.Body())
	}
	if i, col := m.rowOf(d, r), d.Column("body"); i >= 0 && col >= 0 {
		if row := d.Row(i); col < len(row) {
			return strings.TrimSpace(row[col])
		}
	}
	return ""
}

// rowOf finds a record's row in its table.
func (m *importer) rowOf(d *content.Document, r *content.Record) int {
	if m.lines == nil {
		m.lines = map[*content.Document]map[int]int{}
	}
	lines := m.lines[d]
	if lines == nil {
		lines = make(map[int]int, d.Rows())
		for i := range d.Rows() {
			lines[d.RowLine(i)] = i
		}
		m.lines[d] = lines
	}
	if i, ok := lines[r.Line]; ok {
		return i
	}
	return -1
}

// update edits a record where it stands.
func (m *importer) update(it *item) error {
	r := it.match
	d, err := m.document(r.Path, r.Schema)
	if err != nil {
		return err
	}
	for _, s := range it.slots() {
		now := it.values[s]
		old := ""
		if s == bodySlot {
			old = m.body(r)
		} else {
			old = s.Text(r)
		}
		if now == remove {
			now = ""
		} else if now == "" {
			continue
		}
		if m.same(s, old, now) {
			continue
		}
		if r.Row {
			row := m.rowOf(d, r)
			if row < 0 {
				return fmt.Errorf("在 %s 里找不到 %s 这一行", r.Path, r.ID)
			}
			name := "body"
			if s != bodySlot {
				name = s.Key()
			}
			if d.Column(name) < 0 && !slices.ContainsFunc(m.edits[r.Path], func(e content.Edit) bool { a, ok := e.(content.AddColumn); return ok && a.Column == name }) {
				m.edits[r.Path] = append(m.edits[r.Path], content.AddColumn{Column: name})
			}
			m.edits[r.Path] = append(m.edits[r.Path], content.SetCell{Row: row, Column: name, Text: now})
			continue
		}
		if s == bodySlot {
			m.edits[r.Path] = append(m.edits[r.Path], content.SetBody{Text: "\n" + strings.TrimSpace(now) + "\n"})
			continue
		}
		at := content.At(s.Field.Key)
		f := s.Field
		if s.Part != nil {
			if s.Field.Many {
				at = content.At(s.Field.Key, s.Number-1, s.Part.Key)
			} else {
				at = content.At(s.Field.Key, s.Part.Key)
			}
			f = s.Part
		}
		if now == "" {
			m.edits[r.Path] = append(m.edits[r.Path], content.RemoveField{Path: at})
			continue
		}
		m.edits[r.Path] = append(m.edits[r.Path], content.SetField{Path: at, Value: written(f, now)})
	}
	return nil
}

// written is a value as front matter has it.
func written(f *content.Field, text string) any {
	if f.Many {
		list := split(text)
		return list
	}
	switch f.Type {
	case content.Integer:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	case content.Bool:
		return text == "true" || text == "是" || strings.EqualFold(text, "true")
	case content.DateType, content.Number:
		return content.Bare(text)
	}
	return text
}

// create makes new records: rows of the batch's table, or files of their own where people asked for profiles.
func (m *importer) create(items []*item) error {
	if m.roundFile != nil {
		m.fresh = append(m.fresh, *m.roundFile)
	}
	if len(items) == 0 {
		return nil
	}
	if m.opt.People && m.schema.Roll != nil {
		for _, it := range items {
			if err := m.profile(it); err != nil {
				return err
			}
		}
	}
	if m.schema.Title.Name { // people have files of their own
		for _, it := range items {
			f, err := m.file(m.schema, m.newID(it), it.values)
			if err != nil {
				return err
			}
			it.path = f.Path
			m.fresh = append(m.fresh, f)
		}
		return nil
	}
	name := m.schema.Folder() + "/" + m.batch + ".csv"
	for _, it := range items {
		it.path = name
	}
	switch _, err := fs.Stat(m.source, name); {
	case err == nil:
		return m.addRows(name, items)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return m.newTable(name, items)
}

// newID is what stands as the id of a new record: without its collection.
func (m *importer) newID(it *item) string { return strings.TrimPrefix(it.out.ID, m.schema.Key+"/") }

// columnOf is the name of the column that a new table has for a slot.
func columnOf(s slot) string {
	if s == bodySlot {
		return "body"
	}
	return s.Key()
}

// addRows puts rows at the end of the batch's table, and columns that it lacks.
func (m *importer) addRows(name string, items []*item) error {
	d, err := m.document(name, m.schema)
	if err != nil {
		return err
	}
	idName := "id"
	if i := d.Column("id"); i >= 0 {
		idName = d.Columns()[i]
	}
	missing := map[string]bool{}
	for _, it := range items {
		cells := map[string]string{idName: m.newID(it)}
		for _, s := range it.slots() {
			v := it.values[s]
			if v == "" || v == remove {
				continue
			}
			key := columnOf(s)
			if i := d.Column(key); i >= 0 {
				key = d.Columns()[i]
			} else if !missing[key] {
				missing[key] = true
				m.edits[name] = append(m.edits[name], content.AddColumn{Column: key})
			}
			cells[key] = v
		}
		m.edits[name] = append(m.edits[name], content.InsertRow{Row: d.Rows(), Cells: cells})
	}
	return nil
}

// newTable makes the batch's table.
func (m *importer) newTable(name string, items []*item) error {
	used := map[slot]bool{}
	for _, it := range items {
		for s, v := range it.values {
			if v != "" && v != remove && s != (slot{}) {
				used[s] = true
			}
		}
	}
	columns := slices.SortedFunc(maps.Keys(used), slot.Compare)
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	head := []string{"id"}
	for _, s := range columns {
		head = append(head, columnOf(s))
	}
	w.Write(head)
	row := make([]string, len(head))
	for _, it := range items {
		row[0] = m.newID(it)
		for i, s := range columns {
			v := it.values[s]
			if v == remove {
				v = ""
			}
			row[i+1] = v
		}
		w.Write(row)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	m.fresh = append(m.fresh, plan.File{Path: name, After: b.Bytes()})
	return nil
}

// profile makes a person's own record, and lets the row lead to it.
func (m *importer) profile(it *item) error {
	roll := m.schema.Roll
	who := slot{Field: roll.Who, Number: 1}
	if m.isReference(it.values[who], roll.Who) {
		return nil
	}
	var schema *content.Schema
	for _, to := range roll.Who.To {
		if m.isPeople(to) {
			schema = m.schemaOf(to)
		}
	}
	if schema == nil || it.name.Text == "" {
		return nil
	}
	id := strings.Replace(strings.TrimPrefix(it.out.ID, m.schema.Key+"/"), m.batch+"-", m.batch+"/", 1)
	if m.index.all[strings.ToLower(schema.Key+"/"+id)] != nil {
		return fmt.Errorf("%s/%s 已经有了，不能新建同一编号的人物。请换一个批次编号", schema.Key, id)
	}
	values := map[slot]string{{Field: schema.Fields[0], Number: 1}: it.name.Text}
	for _, f := range schema.Fields[1:] {
		s := slot{Field: f, Number: 1}
		mine := m.schema.Field(f.Key)
		switch {
		case f.Role == content.Unit && roll.Unit != nil:
			values[s] = it.values[slot{Field: roll.Unit, Number: 1}]
		case mine != nil && mine.Type == f.Type && f.Type != content.Object && (f.Role == content.Gender || f.Role == content.Ethnicity || f.Role == content.Region):
			values[s] = it.values[slot{Field: mine, Number: 1}]
		}
	}
	f, err := m.file(schema, id, values)
	if err != nil {
		return err
	}
	it.values[who] = schema.Key + "/" + id
	for i, c := range it.out.Changes {
		if c.Field == who.Label() {
			it.out.Changes[i].New = it.values[who]
		}
	}
	m.fresh = append(m.fresh, f)
	m.profiles++
	return nil
}

// file makes a record that is a Markdown file.
func (m *importer) file(schema *content.Schema, id string, values map[slot]string) (plan.File, error) {
	p := schema.Folder() + "/" + id + ".md"
	if _, err := fs.Stat(m.source, p); err == nil {
		return plan.File{}, fmt.Errorf("%s 已经有了，不能新建同一编号的记录", p)
	}
	var slots []slot
	for s, v := range values {
		if v != "" && v != remove && s.Field != nil {
			slots = append(slots, s)
		}
	}
	slices.SortFunc(slots, slot.Compare)
	d := content.ParseDocument(p, []byte("---\n---\n"), schema)
	var edits []content.Edit
	for _, s := range slots {
		at, f := content.At(s.Field.Key), s.Field
		if s.Part != nil {
			f = s.Part
			if at = content.At(s.Field.Key, s.Part.Key); s.Field.Many {
				at = content.At(s.Field.Key, s.Number-1, s.Part.Key)
			}
		}
		edits = append(edits, content.SetField{Path: at, Value: written(f, values[s])})
	}
	if body := values[bodySlot]; body != "" {
		edits = append(edits, content.SetBody{Text: "\n" + strings.TrimSpace(body) + "\n"})
	}
	if err := d.Apply(edits...); err != nil {
		return plan.File{}, err
	}
	return plan.File{Path: p, After: slices.Clone(d.Bytes())}, nil
}

// files applies the edits and has the house's own reader judge what comes of them. A row that it does not accept is
// refused; then all is done again without it.
func (m *importer) files(created []*item) ([]plan.File, bool, error) {
	list := slices.Clone(m.fresh)
	var paths []string
	for p := range m.edits {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		old := m.docs[p]
		before := slices.Clone(old.Bytes())
		d := content.ParseDocument(p, before, m.schema)
		if err := d.Apply(m.edits[p]...); err != nil {
			return nil, false, err
		}
		if bytes.Equal(before, d.Bytes()) {
			continue
		}
		list = append(list, plan.File{Path: p, Before: plan.Digest(before), After: slices.Clone(d.Bytes())})
	}
	slices.SortFunc(list, func(a, b plan.File) int { return strings.Compare(a.Path, b.Path) })
	again := false
	for _, part := range m.parts(list) {
		bad, err := m.judge(part)
		if err != nil {
			return nil, false, err
		}
		again = again || bad
	}
	return list, again, nil
}

// parts divides what is judged: the rows of a large new table are judged some thousands at a time, since reading all of
// them at once would take more memory than all else.
func (m *importer) parts(list []plan.File) [][]plan.File {
	const large = 1 << 20
	var parts [][]plan.File
	var rest []plan.File
	for _, f := range list {
		if len(f.After) < large || f.Before != "" || !strings.HasSuffix(f.Path, ".csv") {
			rest = append(rest, f)
			continue
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(f.After, []byte("\ufeff"))))
		head, err := r.Read()
		if err != nil {
			rest = append(rest, f)
			continue
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		cut := func() {
			if w.Flush(); b.Len() > 0 {
				parts = append(parts, []plan.File{{Path: f.Path, After: bytes.Clone(b.Bytes())}})
			}
			b.Reset()
		}
		for n := 0; ; n++ {
			row, err := r.Read()
			if err != nil {
				break
			}
			if n%5000 == 0 {
				cut()
				w.Write(head)
			}
			w.Write(row)
		}
		cut()
	}
	if len(rest) > 0 {
		parts = append(parts, rest)
	}
	return parts
}

// judge has files read by the house's own reader. again says that it did not accept a row.
func (m *importer) judge(list []plan.File) (again bool, err error) {
	overlay := fstest.MapFS{}
	for _, f := range list {
		overlay[f.Path] = &fstest.MapFile{Data: f.After}
		own := path.Join(path.Dir(f.Path), "_schema.yaml")
		if parts := strings.Split(f.Path, "/"); len(parts) > 2 {
			own = "content/" + parts[1] + "/_schema.yaml"
		}
		if b, err := fs.ReadFile(m.source, own); err == nil {
			overlay[own] = &fstest.MapFile{Data: b}
		}
	}
	set, err := content.Load(overlay, content.Options{Zone: m.opt.Zone})
	if err != nil {
		return false, err
	}
	if set.Diags.Errors() == 0 {
		return false, nil
	}
	byID := map[string]*item{}
	for _, it := range m.items {
		if it.out.Action == plan.Create || it.out.Action == plan.Update {
			byID[strings.TrimPrefix(it.out.ID, m.schema.Key+"/")] = it
		}
	}
	owner := map[string]map[int]*item{}
	for _, r := range set.Records {
		if it := byID[r.ID]; it != nil && r.Schema.Key == m.schema.Key {
			if owner[r.Path] == nil {
				owner[r.Path] = map[int]*item{}
			}
			owner[r.Path][r.Line] = it
		}
	}
	for _, d := range set.Diags {
		if d.Severity != diag.Error {
			continue
		}
		var it *item
		at := 0
		for line, x := range owner[d.Pos.Path] {
			if line <= d.Pos.Line && line > at {
				at, it = line, x
			}
		}
		if it == nil {
			return false, fmt.Errorf("%s：%s", d.Pos.Path, d.Text)
		}
		if it.bad == "" {
			it.bad, again = d.Text, true
		}
	}
	return again, nil
}

// journal records in content/ what was brought in, if anything is.
func (m *importer) journal() error {
	d := &m.draft
	if m.profiles > 0 {
		m.note("新建 %d 个人物的记录（--people）", m.profiles)
	}
	if len(d.Files) == 0 {
		return nil
	}
	var b bytes.Buffer
	before := ""
	if old, err := fs.ReadFile(m.source, Journal); err == nil {
		before = plan.Digest(old)
		b.Write(old)
		if n := len(old); n > 0 && old[n-1] != '\n' {
			b.WriteByte('\n')
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		b.WriteString("\ufeff日期,类目,批次,文件,摘要,行数,新增,更改,不变,待定,退回\n")
	} else {
		return err
	}
	w := csv.NewWriter(&b)
	var names, sums []string
	for _, in := range d.Inputs {
		names = append(names, in.Name)
		sum := in.Digest
		if in.Bytes != nil {
			sum = plan.Digest(in.Bytes)
		}
		sums = append(sums, "sha256:"+sum)
	}
	w.Write([]string{m.opt.Day, m.schema.Key, m.batch, strings.Join(names, "；"), strings.Join(sums, "；"), strconv.Itoa(len(m.items)),
		strconv.Itoa(d.Count(plan.Create)), strconv.Itoa(d.Count(plan.Update)), strconv.Itoa(d.Count(plan.Unchanged)), strconv.Itoa(d.Count(plan.Undecided)), strconv.Itoa(d.Count(plan.Refused))})
	w.Flush()
	d.Files = append(d.Files, plan.File{Path: Journal, Before: before, After: b.Bytes()})
	return w.Error()
}

var (
	docNo    = regexp.MustCompile(`[\p{Han}]{2,10}[〔\[［(（](\d{4})[〕\]］)）]\s*\d+\s*号`)
	decision = regexp.MustCompile(`(决定|通报|通知|公告|名单)$`)
	issuer   = regexp.MustCompile(`^(.{2,40}?)关于`)
	signed   = regexp.MustCompile(`^[〇○零一二三四五六七八九十\d]{2,4}年.{1,4}月.{1,4}日$`)
)

// makeRound proposes a new round from what the notice says of itself: its title, number, date and official counts.
func (m *importer) makeRound(id string, tables []*grid.Table) error {
	schema := m.schemaOf(m.by.To[0])
	if schema == nil {
		return fmt.Errorf("没有“%s”这个类目，不能新建批次", m.by.To[0])
	}
	m.roundSays = map[string]string{}
	values := map[slot]string{}
	set := func(key, v string) {
		if f := schema.Field(key); f != nil && v != "" {
			values[slot{Field: f, Number: 1}] = v
			m.roundSays[f.Key] = v
		}
	}
	says := readNotice(tables)
	var honor *content.Record
	if roll := m.schema.Roll; roll != nil {
		if honor = m.honorOf(roll, says, tables); honor == nil {
			return fmt.Errorf("还没有“%s”这个批次，从名单里也看不出授予的是哪一种荣誉。请先建好荣誉，再建批次：gongzhi new %s %s", id, schema.Key, id)
		}
		if f := schema.Field(roll.Group.Key); f != nil {
			set(f.Key, honor.Schema.Key+"/"+honor.ID)
		}
	}
	name := says.title
	if name == "" {
		name = id
		if honor != nil && says.date != "" {
			name = says.date[:4] + "年" + honor.Title
		}
	}
	values[slot{Field: schema.Fields[0], Number: 1}] = name
	set("date", says.date)
	if x := issuer.FindStringSubmatch(says.title); x != nil {
		set("grantor", strings.Join(strings.Fields(strings.ReplaceAll(x[1], "、", "；")), "；"))
	}
	set("document", says.title)
	set("doc_no", says.number)
	counts := m.official(schema, says.heads, honor, values)
	f, err := m.file(schema, id, values)
	if err != nil {
		return err
	}
	m.roundFile = &f
	var said []string
	for _, s := range slots(values) {
		if s.Part == nil {
			said = append(said, s.Label()+"“"+values[s]+"”")
		}
	}
	if counts > 0 {
		said = append(said, fmt.Sprintf("公布人数 %d 条", counts))
	}
	m.note("新建批次 %s/%s：%s。请核对", schema.Key, id, strings.Join(said, "，"))
	if len(says.date) == 4 {
		m.note("批次的授予时间 %s 取自发文字号，没有看到成文日期", says.date)
	}
	return nil
}

// notice is what a notice says of itself.
type notice struct {
	title, number, date string
	heads               []grid.Head
}

func readNotice(tables []*grid.Table) (n notice) {
	for _, t := range tables {
		n.heads = append(n.heads, t.Heads...)
		for _, l := range t.Left {
			s := strings.TrimSpace(l.Text)
			if x := docNo.FindStringSubmatch(s); x != nil && n.number == "" {
				n.number = x[0]
				if n.date == "" {
					n.date = x[1]
				}
			}
			if decision.MatchString(s) && n.title == "" && len([]rune(s)) <= 60 {
				n.title = s
			}
			if l.Kind == "落款" && signed.MatchString(s) {
				if d, err := dates.Parse(s); err == nil {
					n.date = d.String()
				}
			}
		}
	}
	return n
}

// honorOf finds the honour that is given: named by a heading, by a column that says the same in every row, or in the text,
// where the longest name is it. nil: none of them.
func (m *importer) honorOf(roll *content.Roll, says notice, tables []*grid.Table) *content.Record {
	for _, h := range says.heads {
		if r := m.index.resolve(h.Text, roll.Group.To); r != nil {
			return r
		}
	}
	honors := map[string]bool{}
	for _, t := range tables {
		for k, c := range t.Columns {
			if x := m.find(c.Name); x.use == fieldColumn && x.slot.Field == roll.Group {
				for _, r := range t.Rows {
					if s := strings.TrimSpace(r.Cells[k].Text); s != "" {
						honors[s] = true
					}
				}
			}
		}
	}
	if len(honors) == 1 {
		for s := range honors {
			if r := m.index.resolve(s, roll.Group.To); r != nil {
				return r
			}
		}
	}
	var honor *content.Record
	best := ""
	for _, t := range tables {
		for _, l := range t.Left {
			for _, r := range m.set.Records {
				if slices.Contains(roll.Group.To, r.Schema.Key) && len(r.Title) > len(best) && len([]rune(r.Title)) >= 4 && strings.Contains(l.Text, r.Title) {
					best, honor = r.Title, r
				}
			}
		}
	}
	return honor
}

func slots(values map[slot]string) []slot {
	it := item{values: values}
	return it.slots()
}

// official puts the numbers of the headings into the round.
func (m *importer) official(schema *content.Schema, heads []grid.Head, honor *content.Record, values map[slot]string) int {
	f := schema.Role(content.Official)
	if f == nil || f.Part(content.OfficialCount) == nil || f.Part(content.OfficialRegion) == nil || f.Part(content.OfficialClass) == nil {
		return 0
	}
	n := 0
	for _, h := range heads {
		if h.Declared < 0 || n >= 900 {
			continue
		}
		n++
		put := func(part content.Role, v string) {
			if v != "" {
				values[slot{Field: f, Part: f.Part(part), Number: n}] = v
			}
		}
		put(content.OfficialCount, strconv.Itoa(h.Declared))
		switch {
		case honor != nil && m.index.resolve(h.Text, []string{honor.Schema.Key}) == honor:
		case regionName.MatchString(h.Text):
			put(content.OfficialRegion, h.Text)
		default:
			put(content.OfficialClass, h.Text)
		}
	}
	return n
}

var regionName = regexp.MustCompile(`^[^，、；／]{1,10}(省|市|州|盟|区|县|旗|地区)$`)
