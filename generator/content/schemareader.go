package content

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

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
