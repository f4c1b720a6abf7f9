package content

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

//go:embed schemas/*.yaml
var builtin embed.FS

// Type is the type of a field. Go code knows types; collections are data.
type Type string

// The field types that a schema can name.
const (
	Text     Type = "text"     // a line of text
	Markdown Type = "markdown" // text with markup, converted like a body
	Enum     Type = "enum"     // one of Values
	Term     Type = "term"     // a free term; with Browse each term has a page
	DateType Type = "date"     // an EDTF date or a Chinese form of one
	Time     Type = "time"     // a moment: a date, or a date and a time in the site's zone
	Number   Type = "quantity" // a number with unit and qualifier; the printed form is kept
	Integer  Type = "integer"  // a whole number
	Bool     Type = "bool"     // true or false, 是 or 否
	RefType  Type = "ref"      // a record of the collections in To
	Object   Type = "object"   // several values under the names in Fields
	URL      Type = "url"      // an address on the web, http or https
	PathType Type = "path"     // a path on this site
	Image    Type = "image"    // an image file beside the record
)

var types = []Type{Text, Markdown, Enum, Term, DateType, Time, Number, Integer, Bool, RefType, Object, URL, PathType, Image}

// Field says what one value of a record is and how it is used.
type Field struct {
	Key       string
	Label     string
	Also      []string // other names that a file may use
	Type      Type
	Help      string // for docs/schema.md and the template of `new`
	Required  bool
	Wanted    bool // its absence is counted by `check`, not refused
	Many      bool // a list of values; one value alone may be written without brackets
	Listed    bool // many: list in a schema: brackets are a must
	Values    []string
	To        []string // collections that a reference may lead to
	Open      bool     // a name that is no record's stays text
	Inverse   string   // what the record referred to calls the list of those that refer to it
	Fields    []*Field // of an object
	Facet     bool     // search results can be narrowed by it
	Browse    bool     // its terms (of a date: its years) have pages
	Hide      bool     // not in the record's table
	Lead      bool     // stands in the line under the title
	Names     bool     // holds people's names: goes into the index of names
	Notes     bool     // holds sources: shown as numbered notes
	Search    string   // weight in search: strong, text or none; the default follows the type
	DC        string   // Dublin Core element
	SchemaOrg string   // schema.org property
	Index     int      // place in Schema.Fields, or in the Fields of its object
	Common    bool     // comes from _common.yaml

	byName map[string]*Field
}

// Order is one key of a sort order.
type Order struct {
	Field string
	Desc  bool
}

// TitleRule says what titles are in a collection.
type TitleRule struct {
	Name    bool   // they are names of people
	Compose string // pattern for records without one, such as {recipient}获{honor}
}

// Chronicle says how the records of a collection stand in 大事记.
type Chronicle struct {
	Text  string // pattern of one line
	If    string // boolean field that must not be false
	Group string // field whose equal values on the same date are put together
	Many  string // pattern of a group: {first} {n} and fields
}

// Roll names the fields that make the roll of an honour out of the records of a collection.
type Roll struct{ Group, Date, Who, Unit, Order string }

// Series names the fields that make tables and charts out of the records of a collection.
type Series struct{ Topic, Indicator, Value, Date, Printed, Scope, Nature string }

// Schema is what a collection's _schema.yaml says. It is never changed after it is read.
type Schema struct {
	Key       string // folder below content/
	Label     string // 人物
	Unit      string // measure word, 位
	About     string // a sentence under the heading of its list
	Position  int    // place in the navigation, smaller first
	Rows      bool   // records have no page of their own and stand in the list
	Sort      []Order
	List      string // entries, table, roll or photos
	Columns   []string
	Type      string // schema.org type
	Title     TitleRule
	Date      string // key of the field that dates a record, or empty
	Pinyin    bool   // titles are found by pinyin
	Feed      bool   // records stand in the Atom feed
	Chronicle *Chronicle
	Roll      *Roll
	Series    *Series
	Fields    []*Field // the title first, then its own, then those that every record has

	hash   string    // of the bytes it was read from
	diags  diag.List // warnings about it
	byName map[string]*Field
}

// Field finds a field by its key, label or another name, or gives nil.
func (s *Schema) Field(name string) *Field { return s.byName[fieldName(name)] }

// Field finds a field of an object.
func (f *Field) Field(name string) *Field { return f.byName[fieldName(name)] }

// Names gives all names that a file may use for the fields, keys first, for hints.
func (s *Schema) Names() []string { return names(s.Fields) }

func names(fields []*Field) []string {
	var keys, labels []string
	for _, f := range fields {
		keys = append(keys, f.Key)
		labels = append(append(labels, f.Label), f.Also...)
	}
	return append(keys, labels...)
}

// fieldName is the form in which names are compared: NFC, without spaces, ASCII letters small.
func fieldName(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c == ' ' || c >= 'A' && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(s)), ""))
}

// reserved are the first segments of URLs that are not collections.
var reserved = []string{"search", "chronicle", "rolls", "names", "browse", "series", "days", "page", "assets", "images", "_preview", "feed.xml", "sitemap.xml", "404.html", "robots.txt", "index.html"}

// Builtin gives the schemas that ship with the program, in the order of the navigation.
func Builtin() []*Schema {
	entries, _ := builtin.ReadDir("schemas")
	var all []*Schema
	for _, e := range entries {
		key := strings.TrimSuffix(e.Name(), ".yaml")
		if key == "_common" {
			continue
		}
		s, _ := builtinSchema(key)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *Schema) int { return a.Position - b.Position })
	return all
}

// FindSchema finds the schema of a collection by its key or Chinese label: one of those given (a site's
// own), else one that ships with the program, else nil.
func FindSchema(own []*Schema, name string) *Schema {
	for _, s := range append(slices.Clone(own), Builtin()...) {
		if s.Key == name || s.Label == name {
			return s
		}
	}
	return nil
}

// builtinSchema reads an embedded schema; ok is false if there is none of that name. A fault in
// one is a fault of the program and panics, in a test first.
func builtinSchema(key string) (*Schema, bool) {
	src, err := builtin.ReadFile("schemas/" + key + ".yaml")
	if err != nil {
		return nil, false
	}
	s, diags := parseSchema(key, "schemas/"+key+".yaml", src)
	if len(diags) > 0 {
		panic(diags[0].String())
	}
	return s, true
}

// BuiltinSource gives the text of an embedded schema, for people who want to start from it.
func BuiltinSource(key string) ([]byte, bool) {
	src, err := builtin.ReadFile("schemas/" + key + ".yaml")
	return src, err == nil
}

var commonFields = func() []*Field {
	src, err := builtin.ReadFile("schemas/_common.yaml")
	if err != nil {
		panic(err)
	}
	r := &schemaReader{path: "schemas/_common.yaml"}
	root, diags := ParseYAML(r.path, src, 1)
	r.diags = diags
	var fields []*Field
	if root != nil {
		r.mapping(root, func(key string, k, v *yaml.Node) {
			if key == "fields" {
				fields = r.fields(v)
			} else {
				r.unknown(k, []string{"fields"})
			}
		})
	}
	if len(r.diags) > 0 {
		panic(r.diags[0].String())
	}
	for _, f := range fields {
		f.Common = true
	}
	return fields
}()

// schemaReader turns YAML nodes into a Schema and collects what is wrong with them.
type schemaReader struct {
	path  string
	nodes map[*Field]*yaml.Node // where fields are defined
	diags diag.List
}

func (r *schemaReader) errorf(n *yaml.Node, id, format string, args ...any) {
	r.diags = append(r.diags, diag.Errorf(diag.Pos{Path: r.path, Line: n.Line, Col: n.Column}, id, format, args...))
}

func (r *schemaReader) unknown(k *yaml.Node, known []string) {
	hint := "可以用：" + strings.Join(known, "、")
	if near := diag.Nearest(k.Value, known); near != "" {
		hint = "是不是“" + near + "”？"
	}
	r.errorf(k, "schema/unknown-key", "模式里没有“%s”这一项。%s", k.Value, hint)
}

// mapping calls f for each pair of a mapping.
func (r *schemaReader) mapping(n *yaml.Node, f func(key string, k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.errorf(n, "schema/type", "这里应当是“名称: 值”的形式。")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i], n.Content[i+1])
	}
}

func (r *schemaReader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		r.errorf(n, "schema/type", "这里应当是一个值，不是列表或对象。")
		return ""
	}
	return norm.NFC.String(n.Value)
}

func (r *schemaReader) list(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{r.text(n)}
	}
	if n.Kind != yaml.SequenceNode {
		r.errorf(n, "schema/type", "这里应当是列表，如 [甲, 乙]。")
		return nil
	}
	var l []string
	for _, c := range n.Content {
		l = append(l, r.text(c))
	}
	return l
}

func (r *schemaReader) bool(n *yaml.Node) bool {
	b, ok := parseBool(r.text(n))
	if !ok {
		r.errorf(n, "schema/type", "这里应当写 true 或 false。")
	}
	return b
}

func (r *schemaReader) int(n *yaml.Node) int {
	i, err := strconv.Atoi(r.text(n))
	if err != nil {
		r.errorf(n, "schema/type", "这里应当是整数。")
	}
	return i
}

// parseSchema reads a _schema.yaml. With errors in the list the schema must not be used.
func parseSchema(key, file string, src []byte) (*Schema, diag.List) {
	r := &schemaReader{path: file}
	s := &Schema{Key: key, Label: key, Unit: "条", Position: 500, List: "entries", hash: hash(src)}
	title := &Field{Key: "title", Label: "题名", Type: Text, Required: true, Search: "title", DC: "title", SchemaOrg: "name", Hide: true}
	s.Fields = []*Field{title}
	root, diags := ParseYAML(file, src, 1)
	r.diags = append(r.diags, diags...)
	if root == nil {
		if len(diags) == 0 {
			r.diags = append(r.diags, diag.Errorf(diag.Pos{Path: file, Line: 1, Col: 1}, "schema/empty", "模式文件是空的。至少写 label 和 fields。"))
		}
		return s, r.diags
	}
	known := []string{"label", "unit", "order", "about", "rows", "sort", "list", "columns", "schema_org", "title", "date", "pinyin", "feed", "chronicle", "roll", "series", "fields"}
	nodes := map[string]*yaml.Node{}
	r.mapping(root, func(key string, k, v *yaml.Node) {
		nodes[key] = v
		switch key {
		case "label":
			s.Label = r.text(v)
		case "unit":
			s.Unit = r.text(v)
		case "order":
			s.Position = r.int(v)
		case "about":
			s.About = r.text(v)
		case "rows":
			s.Rows = r.bool(v)
		case "sort":
			for _, o := range r.list(v) {
				s.Sort = append(s.Sort, Order{strings.TrimPrefix(o, "-"), strings.HasPrefix(o, "-")})
			}
		case "list":
			s.List = r.oneOf(v, "entries", "table", "roll", "photos")
		case "columns":
			s.Columns = r.list(v)
		case "schema_org":
			s.Type = r.text(v)
		case "title":
			r.title(v, title, &s.Title)
		case "date":
			s.Date = r.text(v)
		case "pinyin":
			s.Pinyin = r.bool(v)
		case "feed":
			s.Feed = r.bool(v)
		case "chronicle":
			s.Chronicle = &Chronicle{}
			r.strings(v, map[string]*string{"text": &s.Chronicle.Text, "if": &s.Chronicle.If, "group": &s.Chronicle.Group, "many": &s.Chronicle.Many})
		case "roll":
			s.Roll = &Roll{}
			r.strings(v, map[string]*string{"group": &s.Roll.Group, "date": &s.Roll.Date, "who": &s.Roll.Who, "unit": &s.Roll.Unit, "order": &s.Roll.Order})
		case "series":
			s.Series = &Series{}
			r.strings(v, map[string]*string{"topic": &s.Series.Topic, "indicator": &s.Series.Indicator, "value": &s.Series.Value, "date": &s.Series.Date, "printed": &s.Series.Printed, "scope": &s.Series.Scope, "nature": &s.Series.Nature})
		case "fields":
			s.Fields = append(s.Fields, r.fields(v)...)
		default:
			r.unknown(k, known)
		}
	})
	if s.Rows && s.List != "table" {
		if n := nodes["list"]; n != nil {
			r.errorf(n, "schema/rows", "没有自己页面的记录（rows: true）只能列成表格：写 list: table，或不写 list。")
		}
		s.List = "table"
	}
	if s.Rows && nodes["columns"] == nil { // a row has no page, so its list shows what it says
		for _, f := range s.Fields {
			if !f.Hide && f.Type != Markdown && f.Type != Object || f == title && s.Title.Compose == "" {
				s.Columns = append(s.Columns, f.Key)
			}
		}
		s.Columns = s.Columns[:min(6, len(s.Columns))]
	}
	for _, f := range s.Fields {
		for _, name := range append([]string{f.Key, f.Label}, f.Also...) {
			if n := r.nodes[f]; n != nil && slices.Contains([]string{"id", "编号", "body", "正文"}, fieldName(name)) {
				r.errorf(n, "schema/reserved", "字段不能叫“%s”：表格里它是编号或正文的列。", name)
			}
		}
	}
	for _, f := range commonFields {
		g := *f
		s.Fields = append(s.Fields, &g)
	}
	s.byName = r.index(s.Fields)
	if s.Title.Compose != "" {
		title.Required = false
	}
	// The names of fields elsewhere in the schema must be fields.
	check := func(node string, keys ...string) {
		for _, k := range keys {
			n, f := nodes[node], s.Field(k)
			switch {
			case n == nil || k == "":
			case f == nil:
				r.errorf(n, "schema/unknown-field", "%s 里写的字段“%s”没有在 fields 里定义。", node, k)
			case f.Key != k:
				r.errorf(n, "schema/unknown-field", "%s 里要写字段的 key：把“%s”改成“%s”。", node, k, f.Key)
			}
		}
	}
	kind := func(node, key string, want ...Type) {
		if f := s.Field(key); nodes[node] != nil && f != nil && f.Key == key && (f.Many || !slices.Contains(want, f.Type)) {
			r.errorf(nodes[node], "schema/field-type", "%s 里写的字段“%s”应当是一个值，类型是 %s。", node, key, want[0])
		}
	}
	if s.Date == "" && s.byName["date"] != nil {
		s.Date = "date"
	}
	if f := s.Field(s.Date); nodes["date"] == nil && f != nil && (f.Type != DateType || f.Many) {
		s.Date = "" // a field of that name, but of another kind
	}
	check("date", s.Date)
	kind("date", s.Date, DateType)
	check("columns", s.Columns...)
	for _, o := range s.Sort {
		check("sort", o.Field)
	}
	if c := s.Chronicle; c != nil {
		check("chronicle", c.If, c.Group)
		check("chronicle", placeholders(c.Text)...)
		check("chronicle", slices.DeleteFunc(placeholders(c.Many), func(k string) bool { return k == "first" || k == "n" })...)
		kind("chronicle", c.If, Bool)
	}
	if c := s.Roll; c != nil {
		check("roll", c.Group, c.Date, c.Who, c.Unit, c.Order)
		kind("roll", c.Date, DateType)
		kind("roll", c.Order, Integer, Number)
	}
	if c := s.Series; c != nil {
		check("series", c.Topic, c.Indicator, c.Value, c.Date, c.Printed, c.Scope, c.Nature)
		kind("series", c.Value, Number)
		kind("series", c.Date, DateType)
	}
	check("title", placeholders(s.Title.Compose)...)
	return s, r.diags
}

// placeholders lists the field keys of a pattern such as {recipient}获{honor}.
func placeholders(pattern string) []string {
	var keys []string
	for {
		_, rest, ok := strings.Cut(pattern, "{")
		key, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return keys
		}
		keys, pattern = append(keys, key), after
	}
}

func (r *schemaReader) oneOf(n *yaml.Node, values ...string) string {
	v := r.text(n)
	if !slices.Contains(values, v) {
		r.errorf(n, "schema/value", "“%s”不在可用的值里。可以用：%s", v, strings.Join(values, "、"))
		return values[0]
	}
	return v
}

func (r *schemaReader) strings(n *yaml.Node, into map[string]*string) {
	var known []string
	for k := range into {
		known = append(known, k)
	}
	slices.Sort(known)
	r.mapping(n, func(key string, k, v *yaml.Node) {
		if p := into[key]; p != nil {
			*p = r.text(v)
		} else {
			r.unknown(k, known)
		}
	})
}

func (r *schemaReader) title(n *yaml.Node, f *Field, rule *TitleRule) {
	r.mapping(n, func(key string, k, v *yaml.Node) {
		switch key {
		case "label":
			f.Label = r.text(v)
		case "also":
			f.Also = r.list(v)
		case "name":
			rule.Name = r.bool(v)
		case "compose":
			rule.Compose = r.text(v)
		case "schema_org":
			f.SchemaOrg = r.text(v)
		case "help":
			f.Help = r.text(v)
		default:
			r.unknown(k, []string{"label", "also", "name", "compose", "schema_org", "help"})
		}
	})
}

func (r *schemaReader) fields(n *yaml.Node) []*Field {
	if n.Kind != yaml.SequenceNode {
		r.errorf(n, "schema/type", "fields 应当是列表，每一项写一个字段。")
		return nil
	}
	var all []*Field
	for _, c := range n.Content {
		if f := r.field(c); f != nil {
			all = append(all, f)
		}
	}
	return all
}

func (r *schemaReader) field(n *yaml.Node) *Field {
	known := []string{"key", "label", "also", "type", "help", "required", "wanted", "many", "values", "to", "open", "inverse", "fields", "facet", "browse", "hide", "lead", "names", "notes", "search", "dc", "schema_org"}
	f := &Field{Type: Text}
	if n.Kind != yaml.MappingNode {
		r.errorf(n, "schema/type", "字段要写成 {key: …, label: …, type: …} 的形式。")
		return nil
	}
	r.mapping(n, func(key string, k, v *yaml.Node) {
		switch key {
		case "key":
			f.Key = r.text(v)
		case "label":
			f.Label = r.text(v)
		case "also":
			f.Also = r.list(v)
		case "type":
			t := Type(r.text(v))
			if !slices.Contains(types, t) {
				var all []string
				for _, t := range types {
					all = append(all, string(t))
				}
				r.errorf(v, "schema/type", "没有“%s”这种字段类型。可以用：%s", t, strings.Join(all, "、"))
				t = Text
			}
			f.Type = t
		case "help":
			f.Help = r.text(v)
		case "required":
			f.Required = r.bool(v)
		case "wanted":
			f.Wanted = r.bool(v)
		case "many":
			f.Listed = v.Value == "list"
			f.Many = f.Listed || r.bool(v)
		case "values":
			f.Values = r.list(v)
		case "to":
			f.To = r.list(v)
		case "open":
			f.Open = r.bool(v)
		case "inverse":
			f.Inverse = r.text(v)
		case "fields":
			f.Fields = r.fields(v)
		case "facet":
			f.Facet = r.bool(v)
		case "browse":
			f.Browse = r.bool(v)
		case "hide":
			f.Hide = r.bool(v)
		case "lead":
			f.Lead = r.bool(v)
		case "names":
			f.Names = r.bool(v)
		case "notes":
			f.Notes = r.bool(v)
		case "search":
			f.Search = r.oneOf(v, "text", "strong", "none")
		case "dc":
			f.DC = r.text(v)
		case "schema_org":
			f.SchemaOrg = r.text(v)
		default:
			r.unknown(k, known)
		}
	})
	if f.Key == "" {
		r.errorf(n, "schema/key", "字段缺少 key。")
		return nil
	}
	if strings.ContainsFunc(f.Key, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		r.errorf(n, "schema/key", "字段的 key“%s”只能用字母、数字和下划线。", f.Key)
	}
	if r.nodes == nil {
		r.nodes = map[*Field]*yaml.Node{}
	}
	r.nodes[f] = n
	if f.Label == "" {
		f.Label = f.Key
	}
	if f.Type == Enum && len(f.Values) == 0 {
		r.errorf(n, "schema/enum", "字段“%s”是 enum，要用 values 列出可用的值。", f.Label)
	}
	if f.Type == RefType && len(f.To) == 0 {
		r.errorf(n, "schema/ref", "字段“%s”是 ref，要用 to 写明指向哪些类目。", f.Label)
	}
	if f.Type == Object && len(f.Fields) == 0 {
		r.errorf(n, "schema/object", "字段“%s”是 object，要用 fields 写明它的各项。", f.Label)
	}
	for _, g := range f.Fields {
		if g.Type == Object {
			r.errorf(n, "schema/object", "字段“%s”里的“%s”又是 object：只支持一层。", f.Label, g.Label)
		}
	}
	if f.Search == "" {
		switch f.Type {
		case Text, Term, RefType, Markdown, Enum, Object, Number, DateType:
			f.Search = "text"
		default:
			f.Search = "none"
		}
	}
	f.byName = r.index(f.Fields)
	return f
}

// index numbers fields and maps their names; a name that two fields claim is a fault.
func (r *schemaReader) index(fields []*Field) map[string]*Field {
	if len(fields) == 0 {
		return nil
	}
	m := make(map[string]*Field, 3*len(fields))
	for i, f := range fields {
		f.Index = i
	}
	claim := func(name string, f *Field, must bool) {
		name = fieldName(name)
		if g := m[name]; g != nil && g != f {
			if must {
				at := r.nodes[f]
				if at == nil {
					at = r.nodes[g] // a field that every record has
				}
				if at == nil {
					at = &yaml.Node{Line: 1, Column: 1}
				}
				r.errorf(at, "schema/duplicate", "字段“%s”和“%s”都叫“%s”，请给其中一个换个名字。", g.Label, f.Label, name)
			}
			return
		}
		m[name] = f
	}
	for _, f := range fields {
		claim(f.Key, f, true)
	}
	for _, f := range fields {
		claim(f.Label, f, !f.Common)
	}
	// Other names are a courtesy: the first field that asks for one gets it.
	for _, f := range fields {
		for _, a := range f.Also {
			claim(a, f, false)
		}
	}
	return m
}

// Searched says how a field's value is found: title, strong, text or none.
func (f *Field) Searched() string {
	if f.Search == "" {
		return "text"
	}
	return f.Search
}

// String names the field for a message.
func (f *Field) String() string { return fmt.Sprintf("“%s”（%s）", f.Label, f.Key) }
