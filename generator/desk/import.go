// Package desk is where lists come in and go out: it makes a plan of what an office's table, a printed notice or a
// page of a chronicle would change in a collection, and copies of collections for other programs.
//
// Import decides nothing that the paper does not say. A row is matched to a record by its id, then by round and
// number in the list, then by round (or honour and date), name and unit; never by a name alone. What could be one
// thing or another is a question (plan.Undecided); what can't be used goes back (plan.Refused), with the office's own
// cells. A blank cell leaves what is there.
package desk

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/grid"
	"gongzhi/generator/han"
	"gongzhi/generator/plan"
)

// Options say how a list is brought in. All of them are kept with the plan, so that Apply derives the same.
type Options struct {
	Collection string            `json:"collection"`
	Round      string            `json:"round,omitempty"`
	Sheet      string            `json:"sheet,omitempty"`
	Map        map[string]string `json:"map,omitempty"`  // column: field; “-” leaves it out
	Fill       []string          `json:"fill,omitempty"` // columns whose blank cells stand for the cell above
	People     bool              `json:"people,omitempty"`
	Day        string            `json:"day"` // on which the plan was made, for the journal
	Zone       *time.Location    `json:"-"`

	// Answers are what people decided, by the keys of plan.Ask.
	Answers map[string]string `json:"-"`
}

// What people may answer.
const (
	later   = "以后再说"
	another = "另一个人"
	take    = "收入"
	leave   = "不收"
	fill    = "照上面一格填"
	blank   = "空着"
	noDate  = "不是日期，空着"
	remove  = "（删除）" // in a cell: what is there goes
)

// Journal is where it is recorded what was brought in.
const Journal = "content/_imports.csv"

// importer is one import while it is derived.
type importer struct {
	opt      Options
	source   fs.FS
	set      *content.Set
	schema   *content.Schema
	by       *content.Field      // names the round of a record; nil if the collection has none
	targets  map[string]*targets // by the collections that a reference may lead to
	round    *content.Record
	batch    string // begins the ids of new records
	draft    plan.Draft
	index    *index
	items    []*item
	docs     map[string]*content.Document
	edits    map[string][]content.Edit
	fresh    []plan.File
	taken    map[string]bool // ids of the collection in use, lower case
	schemas  map[string]*content.Schema
	lines    map[*content.Document]map[int]int
	twice    int // whether numbers of the list begin anew: 1 no, 2 yes
	profiles int // profiles made

	newRound  string // id of a round that is made
	roundFile *plan.File
	roundSays map[string]string
}

// item is one row on its way.
type item struct {
	file    string
	table   *grid.Table
	row     *grid.Row
	columns []column
	values  map[slot]string
	asks    []plan.Ask
	bad     string
	name    han.Name
	unit    string
	number  int // in the list; 0 if it has none
	ordinal int // place in the file
	match   *content.Record
	id      string // of a new record
	path    string // and its file
	out     plan.Row
}

type slot = dataset.Slot

// Import derives the plan of bringing lists into a collection. The same inputs, options and site give the same draft.
// The error is a sentence for people: the list can't be read, or not be brought in at all.
func Import(source fs.FS, inputs []plan.Input, opt Options) (plan.Draft, error) {
	m := &importer{opt: opt, source: source, docs: map[string]*content.Document{}, edits: map[string][]content.Edit{}, taken: map[string]bool{}}
	set, err := content.Load(source, content.Options{Zone: opt.Zone})
	if err != nil {
		return plan.Draft{}, err
	}
	m.set = set
	if m.schema = content.FindSchema(set.Schemas, opt.Collection); m.schema == nil {
		var known []string
		for _, s := range content.Builtin() {
			known = append(known, s.Key+" "+s.Label)
		}
		return plan.Draft{}, fmt.Errorf("没有“%s”这个类目。可以用：%s", opt.Collection, strings.Join(known, "、"))
	}
	args, err := json.Marshal(opt)
	if err != nil {
		return plan.Draft{}, err
	}
	m.draft = plan.Draft{Command: "import", Args: args, Inputs: inputs}
	for _, f := range m.schema.Fields {
		if len(f.Inherit) > 0 {
			m.by = f
		}
	}
	if opt.Round != "" && m.by == nil {
		return plan.Draft{}, fmt.Errorf("“%s”没有批次，不能写 --round", m.schema.Label)
	}
	m.index = newIndex(set, m.schema)
	for _, r := range set.Records {
		if r.Schema.Key == m.schema.Key {
			m.taken[strings.ToLower(r.ID)] = true
		}
	}
	var tables []*grid.Table
	for _, in := range inputs {
		more, err := m.read(in)
		if err != nil {
			return plan.Draft{}, err
		}
		tables = append(tables, more...)
	}
	if err := m.settleBatch(inputs, tables); err != nil {
		return plan.Draft{}, err
	}
	for _, t := range tables {
		if err := m.rows(t); err != nil {
			return plan.Draft{}, err
		}
	}
	m.matchAll()
	m.decide()
	if err := m.write(); err != nil {
		return plan.Draft{}, err
	}
	return m.draft, nil
}

// schemaOf finds the schema of a collection by its key or label, or gives nil. Reading the embedded ones takes long.
func (m *importer) schemaOf(name string) *content.Schema {
	if s, ok := m.schemas[name]; ok {
		return s
	}
	s := content.FindSchema(m.set.Schemas, name)
	if m.schemas == nil {
		m.schemas = map[string]*content.Schema{}
	}
	m.schemas[name] = s
	return s
}

func (m *importer) note(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(m.draft.Notes, s) {
		m.draft.Notes = append(m.draft.Notes, s)
	}
}

// read reads one input.
func (m *importer) read(in plan.Input) ([]*grid.Table, error) {
	opt := grid.Options{Sheet: m.opt.Sheet, Known: func(s string) bool { return m.find(s).use != unknownColumn }, Fills: m.fills}
	tables, err := grid.ReadAll(in.Name, in.Bytes, opt)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		what := t.Format
		if t.Charset != "" {
			what += "，" + t.Charset
		}
		if t.Sheet != "" {
			what += "，工作表“" + t.Sheet + "”"
		}
		m.note("%s：读作%s，%d 行", t.File, what, len(t.Rows))
		for _, n := range t.Notes {
			m.note("%s：%s", t.File, n)
		}
		for i, l := range t.Left {
			if i == 12 {
				m.note("%s：另有 %d 行不是记录，没有用", t.File, len(t.Left)-i)
				break
			}
			m.note("%s：第%d行是%s，没有用：%s", t.File, l.No, l.Kind, l.Text)
		}
	}
	return tables, nil
}

// fills tells whether blank cells of a column may stand for the cell above.
func (m *importer) fills(name string) bool {
	c := m.find(name)
	if c.use != fieldColumn || c.slot.Part != nil {
		return false
	}
	f := c.slot.Field
	if r := m.schema.Roll; r != nil && (f == r.Group || f == r.Unit || f == r.Date) {
		return true
	}
	return f.Role == content.Region || f.Role == content.Unit || f.Role == content.ListGroup
}

var notInID = regexp.MustCompile(`[\\:*?"<>|#%&'/\s]+`)

// settleBatch finds what begins the ids of new records: the round, or the file's name. A round that does not exist is
// made of what the notice says of itself.
func (m *importer) settleBatch(inputs []plan.Input, tables []*grid.Table) error {
	name := strings.TrimSuffix(path.Base(strings.ReplaceAll(inputs[0].Name, "\\", "/")), path.Ext(inputs[0].Name))
	m.batch = strings.Trim(notInID.ReplaceAllString(name, "-"), "-.")
	if m.opt.Round == "" {
		if m.batch == "" || content.CheckID(m.batch) != "" {
			m.batch = "list"
		}
		return nil
	}
	id := m.opt.Round
	to := m.by.To[0]
	if rest, ok := strings.CutPrefix(id, to+"/"); ok {
		id = rest
	}
	if r := m.index.resolve(m.opt.Round, m.by.To); r != nil {
		m.round, m.batch = r, r.ID
		return nil
	}
	if bad := content.CheckID(id); bad != "" {
		return fmt.Errorf("--round：%s", bad)
	}
	m.batch, m.newRound = id, id
	return m.makeRound(id, tables)
}

// matchAll finds the record of each row, by what identifies it.
func (m *importer) matchAll() {
	type key struct {
		round, name, unit string
	}
	numbers := map[int]int{}
	same := map[key]int{}
	for _, it := range m.items {
		if it.bad == "" {
			if it.number > 0 {
				numbers[it.number]++
			}
			same[key{m.roundOf(it), it.name.Key, it.unit}]++
		}
	}
	seen := map[key]int{}
	byRecord := map[*content.Record]*item{}
	for _, it := range m.items {
		if it.bad != "" {
			continue
		}
		id := it.values[slot{}]
		k := key{m.roundOf(it), it.name.Key, it.unit}
		nth := seen[k]
		seen[k]++
		if id != "" {
			it.match = m.index.byID[strings.ToLower(id)]
		} else {
			it.match = m.byPosition(it, numbers)
			if it.match == nil && it.name.Key != "" {
				m.byNameAndUnit(it, nth, same[k])
			}
		}
		if it.match != nil {
			if first := byRecord[it.match]; first != nil {
				it.ask(it.rowKey("same"), fmt.Sprintf("这一行和第%d行都对应 %s。这一行是另一条，还是不收？", first.row.No, it.match.ID), later, another, leave)
				switch m.opt.Answers[it.rowKey("same")] {
				case another:
					it.match = nil
				case leave:
					it.bad = "按决定不收：和第" + strconv.Itoa(first.row.No) + "行重复"
				}
				continue
			}
			byRecord[it.match] = it
		} else if nth > 0 && id == "" && (it.number == 0 || numbers[it.number] > 1) && it.name.Key != "" {
			it.ask(it.rowKey("twice"), "同一份名单里，前面已有同名、同单位的一行。是另一个人，还是重复了不收？", later, another, leave)
			if m.opt.Answers[it.rowKey("twice")] == leave {
				it.bad = "按决定不收：和前面的行重复"
			}
		}
	}
}

// rowKey names a question about a row.
func (it *item) rowKey(what string) string {
	return fmt.Sprintf("%s#%d.%d %s", it.file, it.row.No, it.ordinal, what)
}

func (it *item) ask(key, text string, choices ...string) {
	it.asks = append(it.asks, plan.Ask{Key: key, Text: text, Choices: choices})
}

// byPosition finds the record of the same round and number, if its name is the same; if not, that is a question.
func (m *importer) byPosition(it *item, numbers map[int]int) *content.Record {
	if it.number == 0 || numbers[it.number] > 1 || m.round == nil && m.opt.Round == "" {
		return nil
	}
	if m.round == nil {
		return nil
	}
	r := m.index.byNumber[position{m.round.Key(), it.number}]
	if r == nil {
		return nil
	}
	if it.name.Key == "" || m.index.nameOf(r).Key == it.name.Key {
		return r
	}
	key := it.rowKey("number")
	it.ask(key, fmt.Sprintf("这一批的第 %d 号已经是“%s”（%s），这里写“%s”。是改正姓名，还是另一条？", it.number, m.index.nameOf(r).Text, r.ID, it.name.Text), later, "改正姓名", "另一条")
	if m.opt.Answers[key] == "改正姓名" {
		return r
	}
	return nil
}

// byNameAndUnit finds the record of the same round, name and unit. One of the same round and name with another unit is
// a question.
func (m *importer) byNameAndUnit(it *item, nth, count int) {
	if !m.index.listed {
		m.byTitle(it)
		return
	}
	var exact, near []*content.Record
	for _, r := range m.index.byName[it.name.Key] {
		if !m.sameRound(it, r) {
			continue
		}
		if n := m.index.number(r); n > 0 && it.number > 0 && n != it.number && m.index.round(r) != "" {
			continue // the list itself tells them apart
		}
		if u := m.index.unit(r); u == it.unit {
			exact = append(exact, r)
		} else {
			near = append(near, r)
		}
	}
	switch {
	case len(exact) == 1 && count == 1:
		it.match = exact[0]
	case len(exact) == count && nth < len(exact):
		it.match = exact[nth] // as many here as there: in their order
	case len(exact) > 0:
		it.matchAsk(exact, "同一批里已有同名、同单位的记录")
	case len(near) > 0:
		it.matchAsk(near, "同一批里已有同名的记录，单位不同")
	}
	if a := m.opt.Answers[it.rowKey("match")]; a != "" {
		for _, r := range append(exact, near...) {
			if a == "就是 "+r.ID {
				it.match = r
			}
		}
	}
}

func (it *item) matchAsk(list []*content.Record, why string) {
	choices := []string{later}
	for _, r := range list {
		choices = append(choices, "就是 "+r.ID)
	}
	it.ask(it.rowKey("match"), why+"，是不是同一条？", append(choices, "另一条")...)
}

// byTitle is for collections without rounds: a record of the same title and date is the same; of the same title alone,
// it is a question.
func (m *importer) byTitle(it *item) {
	var exact, near []*content.Record
	for _, r := range m.index.byName[it.name.Key] {
		date := ""
		if f := m.schema.Date; f != nil {
			date = it.values[slot{Field: f, Number: 1}]
		}
		if date != "" && r.Date().String() == date && !m.schema.Title.Name {
			exact = append(exact, r)
		} else {
			near = append(near, r)
		}
	}
	if len(exact) == 1 {
		it.match = exact[0]
		return
	}
	if all := append(exact, near...); len(all) > 0 {
		it.matchAsk(all, "已有同名的记录")
		if a := m.opt.Answers[it.rowKey("match")]; a != "" {
			for _, r := range all {
				if a == "就是 "+r.ID {
					it.match = r
				}
			}
		}
	}
}

// roundOf is what makes rows comparable: the round, or honour and date.
func (m *importer) roundOf(it *item) string {
	if m.round != nil {
		return m.round.Key()
	}
	if r := m.schema.Roll; r != nil && m.opt.Round == "" {
		return it.values[slot{Field: r.Group, Number: 1}] + "@" + it.values[slot{Field: r.Date, Number: 1}]
	}
	return ""
}

func (m *importer) sameRound(it *item, r *content.Record) bool {
	if m.opt.Round != "" {
		return m.round != nil && m.index.round(r) == m.round.Key()
	}
	roll := m.schema.Roll
	honor, date := m.index.honor(r)
	return honor == m.index.key(it.values[slot{Field: roll.Group, Number: 1}], roll.Group.To) && date == it.values[slot{Field: roll.Date, Number: 1}]
}
