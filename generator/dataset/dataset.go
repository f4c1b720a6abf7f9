// Package dataset gives the records of a collection to other programs: as a table, as JSON, with a description of
// its columns (Frictionless Data, https://datapackage.org). A table that came from here and is brought in again
// unchanged changes nothing: its columns are the fields, its cells what the records' files say.
package dataset

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
)

// Slot is a place of a record that a column of a table is about: a field, or a part of the n-th object of one.
type Slot struct {
	Field, Part *content.Field
	Number      int // 1 unless the field has several objects
}

// Label is the column's name for people: 出处2.史料.
func (s Slot) Label() string { return s.name(func(f *content.Field) string { return f.Label }) }

// Key is its name in files of the site: sources2.source.
func (s Slot) Key() string { return s.name(func(f *content.Field) string { return f.Key }) }

func (s Slot) name(of func(*content.Field) string) string {
	n := of(s.Field)
	if s.Number > 1 {
		n += strconv.Itoa(s.Number)
	}
	if s.Part != nil {
		n += "." + of(s.Part)
	}
	return n
}

// Compare puts slots into the order of their schema, objects after each other.
func (s Slot) Compare(o Slot) int {
	return slices.Compare(s.order(), o.order())
}

func (s Slot) order() []int {
	if s.Field == nil {
		return []int{1 << 20}
	}
	k := []int{s.Field.Ordinal, s.Number, 0}
	if s.Part != nil {
		k[2] = s.Part.Ordinal + 1
	}
	return k
}

// Find finds a slot by the name of a column, with keys, labels or other names: 出处.史料, sources2.source.
func Find(schema *content.Schema, name string) (Slot, bool) {
	base, sub, dotted := strings.Cut(strings.ReplaceAll(name, "．", "."), ".")
	s := Slot{Field: schema.Field(base), Number: 1}
	if stem := strings.TrimRight(base, "0123456789"); s.Field == nil && stem != base {
		if n, err := strconv.Atoi(base[len(stem):]); err == nil && n >= 1 && n <= 999 {
			s.Field, s.Number = schema.Field(stem), n
		}
	}
	if s.Field == nil {
		return s, false
	}
	if dotted {
		if s.Part = s.Field.Field(sub); s.Part == nil || s.Number > 1 && !s.Field.Many {
			return s, false
		}
	} else if s.Number > 1 || s.Field.Type == content.Object {
		return s, false
	}
	return s, true
}

// Text is what a record's own file says in a slot, as a cell of a table would; "" if nothing.
func (s Slot) Text(r *content.Record) string {
	if v := s.Value(r); v != nil {
		return Flat(v)
	}
	return ""
}

// Value is the record's own value in a slot, or nil.
func (s Slot) Value(r *content.Record) *content.Value { return s.in(r.Own()) }

func (s Slot) in(r *content.Record) *content.Value {
	v := r.Value(s.Field)
	if v == nil || s.Part == nil {
		return v
	}
	n := 0
	var found *content.Value
	v.Each(func(v *content.Value) {
		if n++; n == s.Number {
			for i := range v.Parts {
				if v.Parts[i].Field == s.Part {
					found = &v.Parts[i]
				}
			}
		}
	})
	return found
}

// Flat writes a value, or the values of a list, as one text.
func Flat(v *content.Value) string {
	if v.Items == nil {
		return v.Text
	}
	var parts []string
	for i := range v.Items {
		parts = append(parts, v.Items[i].Text)
	}
	return strings.Join(parts, "；")
}

// Column is a column of a table of records.
type Column struct {
	Name  string // in the header, for people
	Slot  Slot   // what it is about; its Field is nil for the id, the body and names of references
	Of    *Slot  // a column that only repeats in words what another one refers to
	ID    bool
	Body  bool
	Title string // of its meaning, for the description
}

// NameSuffix ends the header of a column that repeats in words what the one before it refers to.
const NameSuffix = "（名称）"

// Table is the records of a collection as a table.
type Table struct {
	Schema  *content.Schema
	Columns []Column
	Records []*content.Record
	name    func(r *content.Record, v *content.Value) string
	body    func(r *content.Record) string
	whole   bool
	skip    func(f *content.Field) bool
}

// of is the record as the table gives it.
func (t *Table) of(r *content.Record) *content.Record {
	if t.whole {
		return r
	}
	return r.Own()
}

// Options say what a table needs to know beside the records.
type Options struct {
	// Name gives the title of the record that a reference leads to, or "".
	Name func(r *content.Record, v *content.Value) string
	// Body gives the text below a record's fields, as its file has it. Nil leaves bodies out.
	Body func(r *content.Record) string
	// Whole gives what records inherit too, not only what their own files say; Skip leaves fields out. Both are for
	// readers: what is brought in again needs the record as it is.
	Whole bool
	Skip  func(f *content.Field) bool
}

// New makes a table of records, which all are of the schema. It has the columns that any of them fills.
func New(schema *content.Schema, records []*content.Record, opt Options) *Table {
	t := &Table{Schema: schema, Records: records, name: opt.Name, body: opt.Body, whole: opt.Whole, skip: opt.Skip}
	if t.skip == nil {
		t.skip = func(*content.Field) bool { return false }
	}
	used := map[Slot]bool{}
	named := map[Slot]bool{}
	body := false
	for _, r := range records {
		own := t.of(r)
		for i := range own.Values {
			v := &own.Values[i]
			if t.skip(v.Field) {
				continue
			}
			n := 0
			if v.Field.Type != content.Object {
				s := Slot{Field: v.Field, Number: 1}
				used[s] = true
				if v.Field.Type == content.RefType && t.nameOf(r, v) != "" {
					named[s] = true
				}
				continue
			}
			v.Each(func(v *content.Value) {
				n++
				for k := range v.Parts {
					p := &v.Parts[k]
					s := Slot{v.Field, p.Field, n}
					used[s] = true
					if p.Field.Type == content.RefType && t.nameOf(r, p) != "" {
						named[s] = true
					}
				}
			})
		}
		body = body || t.body != nil && t.body(r) != ""
	}
	var slots []Slot
	for s := range used {
		slots = append(slots, s)
	}
	slices.SortFunc(slots, Slot.Compare)
	t.Columns = []Column{{Name: "编号", ID: true, Title: "记录的编号，也是网址的一部分"}}
	for _, s := range slots {
		help := s.Field.Help
		if s.Part != nil {
			help = s.Part.Help
		}
		t.Columns = append(t.Columns, Column{Name: s.Label(), Slot: s, Title: help})
		if named[s] {
			t.Columns = append(t.Columns, Column{Name: s.Label() + NameSuffix, Of: &s, Title: "“" + s.Label() + "”所指记录的名称，只供阅读，导入时不用"})
		}
	}
	if body {
		t.Columns = append(t.Columns, Column{Name: "正文", Body: true, Title: "正文，Markdown"})
	}
	return t
}

// nameOf is what a reference leads to, in words; "" if it says so itself.
func (t *Table) nameOf(r *content.Record, v *content.Value) string {
	if t.name == nil {
		return ""
	}
	var parts []string
	said := true
	v.Each(func(v *content.Value) {
		n := t.name(r, v)
		parts = append(parts, n)
		said = said && (n == "" || n == v.Text)
	})
	if said {
		return ""
	}
	return strings.Join(parts, "；")
}

// Cell is the text of a column for a record.
func (t *Table) Cell(r *content.Record, c Column) string {
	switch {
	case c.ID:
		return r.ID
	case c.Body:
		return t.body(r)
	case c.Of != nil:
		if v := c.Of.in(t.of(r)); v != nil {
			return t.nameOf(r, v)
		}
		return ""
	}
	v := c.Slot.in(t.of(r))
	if v == nil {
		return ""
	}
	if v.Date != nil && v.Items == nil {
		return v.Date.String()
	}
	return Flat(v)
}

// Inert makes a text one that no spreadsheet computes, by an apostrophe before what begins as a formula does.
func Inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r'", rune(s[0])) && s != "-" {
		return "'" + s
	}
	return s
}

// Active undoes Inert.
func Active(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(s[1])) {
		return s[1:]
	}
	return s
}

// CSV is the table as comma-separated text with a byte order mark, so that spreadsheets know its encoding, and cells
// that none of them computes.
func (t *Table) CSV() []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	row := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		row[i] = c.Name
	}
	w.Write(row)
	for _, r := range t.Records {
		for i, c := range t.Columns {
			row[i] = Inert(t.Cell(r, c))
		}
		w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

// JSON is the records as a list of objects, by the keys of fields: texts, lists of texts, objects. Dates are EDTF.
func (t *Table) JSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("[")
	for i, r := range t.Records {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		members := []member{{"id", r.ID}}
		own := t.of(r)
		for k := range own.Values {
			if t.skip(own.Values[k].Field) {
				continue
			}
			members = append(members, member{own.Values[k].Field.Key, t.plain(r, &own.Values[k])})
		}
		if t.body != nil {
			if text := t.body(r); text != "" {
				members = append(members, member{"body", text})
			}
		}
		if err := writeObject(&b, members); err != nil {
			return nil, err
		}
	}
	b.WriteString("\n]\n")
	return b.Bytes(), nil
}

type member struct {
	key   string
	value any
}

func writeObject(b *bytes.Buffer, members []member) error {
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteString(", ")
		}
		if err := writeJSON(b, m.key); err != nil {
			return err
		}
		b.WriteString(": ")
		if err := writeValue(b, m.value); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeValue(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case []member:
		return writeObject(b, v)
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := writeValue(b, x); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	return writeJSON(b, v)
}

func writeJSON(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1)
	return nil
}

// plain is a value for JSON.
func (t *Table) plain(r *content.Record, v *content.Value) any {
	if v.Items != nil {
		list := []any{}
		for i := range v.Items {
			list = append(list, t.plain(r, &v.Items[i]))
		}
		return list
	}
	switch {
	case len(v.Parts) > 0:
		members := []member{}
		for i := range v.Parts {
			members = append(members, member{v.Parts[i].Field.Key, t.plain(r, &v.Parts[i])})
		}
		return members
	case v.Date != nil:
		return v.Date.String()
	case v.Field.Type == content.Integer:
		if n, err := strconv.Atoi(v.Text); err == nil {
			return n
		}
	case v.Field.Type == content.Bool:
		return v.Bool()
	case v.Field.Type == content.RefType && t.name != nil:
		if n := t.name(r, v); n != "" && n != v.Text {
			return []member{{"ref", v.Text}, {"name", n}}
		}
		text, _ := content.JustText(v.Text)
		return text
	}
	return v.Text
}

// Described is a table for which a package is written, and the path of its CSV file beside it.
type Described struct {
	Table *Table
	CSV   string
	JSON  string
}

// Package is datapackage.json: what the tables are, and what each column means.
func Package(name, title, homepage string, tables []Described) ([]byte, error) {
	type object = []member
	var resources []any
	for _, d := range tables {
		var fields []any
		for _, c := range d.Table.Columns {
			f := object{{"name", c.Name}, {"type", "string"}}
			s := c.Slot.Field
			if c.Slot.Part != nil {
				s = c.Slot.Part
			}
			if c.Title != "" {
				f = append(f, member{"description", c.Title})
			}
			if c.ID {
				f = append(f, member{"constraints", object{{"required", true}, {"unique", true}}})
			} else if s != nil {
				if s.Type == content.Integer && !s.Many {
					f[1].value = "integer"
				}
				limits := object{}
				if s.Required && c.Slot.Part == nil && !inherited(d.Table.Schema, s) {
					limits = append(limits, member{"required", true})
				}
				if s.Type == content.Enum && !s.Many {
					values := []any{}
					for _, v := range s.Values {
						values = append(values, v)
					}
					limits = append(limits, member{"enum", values})
				}
				if len(limits) > 0 {
					f = append(f, member{"constraints", limits})
				}
			}
			fields = append(fields, f)
		}
		resources = append(resources, object{{"name", d.Table.Schema.Key}, {"title", d.Table.Schema.Label}, {"description", d.Table.Schema.About}, {"path", d.CSV},
			{"profile", "tabular-data-resource"}, {"format", "csv"}, {"mediatype", "text/csv"}, {"encoding", "utf-8"},
			{"schema", object{{"fields", fields}, {"primaryKey", "编号"}, {"missingValues", []any{""}}}}})
	}
	p := object{{"profile", "tabular-data-package"}, {"name", name}, {"title", title}}
	if homepage != "" {
		p = append(p, member{"homepage", homepage})
	}
	p = append(p, member{"resources", resources})
	var b bytes.Buffer
	if err := writeObject(&b, p); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// inherited reports whether a field may be empty because another record fills it.
func inherited(s *content.Schema, f *content.Field) bool {
	return slices.ContainsFunc(s.Fields, func(by *content.Field) bool { return slices.Contains(by.Inherit, f) })
}
