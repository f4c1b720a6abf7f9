package content

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// schemaReader turns YAML nodes into a Schema and collects what is wrong with them.
type schemaReader struct {
	path  string
	nodes map[*Field]*yaml.Node // where fields are defined
	later []func(s *Schema)     // what can be said only when all fields are known
	diags diag.List

	one        func(n *yaml.Node, part bool) *Field // readField
	searchSaid bool                                 // the field being read has the word search
}

func newSchemaReader(path string) *schemaReader {
	r := &schemaReader{path: path, nodes: map[*Field]*yaml.Node{}}
	r.one = r.readField
	return r
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

// pairs calls f for each pair of a mapping.
func (r *schemaReader) pairs(n *yaml.Node, f func(k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.errorf(n, "schema/type", "这里应当是“名称: 值”的形式。")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i], n.Content[i+1])
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

func (r *schemaReader) oneOf(n *yaml.Node, values ...string) string {
	v := r.text(n)
	if !slices.Contains(values, v) {
		r.errorf(n, "schema/value", "“%s”不在可用的值里。可以用：%s", v, strings.Join(values, "、"))
		return values[0]
	}
	return v
}

func (r *schemaReader) typ(n *yaml.Node) Type {
	name := r.text(n)
	all := make([]string, TypeCount)
	for t := range TypeCount {
		if all[t] = t.String(); all[t] == name {
			return t
		}
	}
	r.errorf(n, "schema/type", "没有“%s”这种字段类型。可以用：%s", name, strings.Join(all, "、"))
	return Text
}

func (r *schemaReader) role(n *yaml.Node) Role {
	name := r.text(n)
	for i := range roles {
		if roles[i].name == name && i > 0 {
			return Role(i)
		}
	}
	hint := "可以用：" + strings.Join(roleNames(), "、")
	if near := diag.Nearest(name, roleNames()); near != "" {
		hint = "是不是“" + near + "”？"
	}
	r.errorf(n, "schema/role", "没有“%s”这种角色。%s", name, hint)
	return NoRole
}

// field resolves a field that a word names by its key, when all are known. types, if not nil, are those that it may
// have; single, that it must have one value.
func (r *schemaReader) field(n *yaml.Node, word, key string, single bool, types []Type, use func(f *Field)) {
	r.later = append(r.later, func(s *Schema) {
		f := s.Field(key)
		switch {
		case key == "":
		case f == nil:
			r.errorf(n, "schema/unknown-field", "%s 里写的字段“%s”没有在 fields 里定义。", word, key)
		case f.Key != key:
			r.errorf(n, "schema/unknown-field", "%s 里要写字段的 key：把“%s”改成“%s”。", word, key, f.Key)
		case single && f.Many || types != nil && !slices.Contains(types, f.Type):
			r.errorf(n, "schema/field-type", "%s 里写的字段“%s”应当是一个值，类型是 %s。", word, key, types[0])
		default:
			use(f)
		}
	})
}

// viewField resolves a field of a view. One that must have a type must have one value as well.
func (r *schemaReader) viewField(v *yaml.Node, word string, types []Type, into **Field) {
	r.field(v, word, r.text(v), types != nil, types, func(f *Field) { *into = f })
}

// parseSchema reads a _schema.yaml. With errors in the list the schema must not be used.
func parseSchema(key, file string, src []byte) (*Schema, diag.List) {
	r := newSchemaReader(file)
	s := &Schema{Key: key, Label: key, Unit: "条", Position: 500, List: "entries", hash: hash(src)}
	title := &Field{Key: "title", Label: "题名", Type: Text, Required: true, Search: true, DC: "title", SchemaOrg: "name", Hide: true}
	s.Fields = []*Field{title}
	root, diags := ParseYAML(file, src, 1)
	r.diags = append(r.diags, diags...)
	if root == nil {
		if len(diags) == 0 {
			r.diags = append(r.diags, diag.Errorf(diag.Pos{Path: file, Line: 1, Col: 1}, "schema/empty", "模式文件是空的。至少写 label 和 fields。"))
		}
		return s, r.diags
	}
	root, extended := r.extend(key, root)
	mapping(r, root, s, schemaWords)
	r.settleRows(s, root)
	for _, f := range s.Fields {
		for _, name := range append([]string{f.Key, f.Label}, f.Also...) {
			if n := r.nodes[f]; n != nil && slices.Contains([]string{"id", "编号", "body", "正文"}, fieldName(name)) {
				r.errorf(n, "schema/reserved", "字段不能叫“%s”：表格里它是编号或正文的列。", name)
			}
		}
	}
	for _, f := range commonFields() {
		g := *f
		s.Fields = append(s.Fields, &g)
	}
	s.byName = r.index(s.Fields, extended)
	if s.Title.Compose != nil {
		title.Required = false
	}
	for _, f := range r.later {
		f(s)
	}
	r.settleDate(s, root)
	r.settleRoles(s)
	return s, r.diags
}

// settleRows gives a collection whose records have no pages its table.
func (r *schemaReader) settleRows(s *Schema, root *yaml.Node) {
	if !s.Rows {
		return
	}
	if s.List != "table" {
		if n := pair(root, "list"); n != nil {
			r.errorf(n, "schema/rows", "没有自己页面的记录（rows: true）只能列成表格：写 list: table，或不写 list。")
		}
		s.List = "table"
	}
	if pair(root, "columns") == nil { // a row has no page, so its list shows what it says
		for _, f := range s.Fields {
			if !f.Hide && !kinds[f.Type].wide || f == s.Fields[0] && s.Title.Compose == nil {
				s.Columns = append(s.Columns, f)
			}
		}
		s.Columns = s.Columns[:min(6, len(s.Columns))]
	}
}

// settleDate finds the field that dates a record where the schema doesn't say which.
func (r *schemaReader) settleDate(s *Schema, root *yaml.Node) {
	if f := s.byName["date"]; pair(root, "date") == nil && f != nil && f.Type == DateType && !f.Many {
		s.Date = f
	}
}

// settleRoles finds the fields that have roles; a role is one field's.
func (r *schemaReader) settleRoles(s *Schema) {
	for _, f := range s.Fields {
		r.checkRole(f, false)
		if f.Role != NoRole {
			if first := s.roles[f.Role]; first != nil {
				r.errorf(r.at(f), "schema/role", "字段“%s”和“%s”都写了 role: %s。一个类目里一种角色只能给一个字段。", first.Label, f.Label, f.Role)
				continue
			}
			s.roles[f.Role] = f
		}
		for _, p := range f.Fields {
			r.checkRole(p, true)
			if p.Role != NoRole && p.Role != Aside && f.Part(p.Role) != p {
				r.errorf(r.at(p), "schema/role", "“%s”里有两项写了 role: %s。", f.Label, p.Role)
			}
		}
	}
}

func (r *schemaReader) checkRole(f *Field, part bool) {
	if f.Role == NoRole {
		return
	}
	row := &roles[f.Role]
	switch {
	case row.part != part && part:
		r.errorf(r.at(f), "schema/role", "角色 %s 只能给字段，不能给分项里的一项（“%s”）。", f.Role, f.Label)
	case row.part != part:
		r.errorf(r.at(f), "schema/role", "角色 %s 只能给分项里的一项，不能给字段“%s”。", f.Role, f.Label)
	case !slices.Contains(row.types, f.Type):
		r.errorf(r.at(f), "schema/role", "字段“%s”的角色是 %s，类型应当是 %s。", f.Label, f.Role, typeNames(row.types))
	case f.Many && !row.many:
		r.errorf(r.at(f), "schema/role", "字段“%s”的角色是 %s，应当只有一个值：去掉 many。", f.Label, f.Role)
	}
}

// at is where a field is defined; one that every record has is nowhere in this file.
func (r *schemaReader) at(f *Field) *yaml.Node {
	if n := r.nodes[f]; n != nil {
		return n
	}
	return &yaml.Node{Line: 1, Column: 1}
}

// pair finds the value of a key of a mapping, or gives nil.
func pair(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (r *schemaReader) fields(n *yaml.Node, parts bool) []*Field {
	if n.Kind != yaml.SequenceNode {
		r.errorf(n, "schema/type", "fields 应当是列表，每一项写一个字段。")
		return nil
	}
	var all []*Field
	for _, c := range n.Content {
		if f := r.one(c, parts); f != nil {
			all = append(all, f)
		}
	}
	return all
}

// readField reads a field, or a part of an object.
func (r *schemaReader) readField(n *yaml.Node, part bool) *Field {
	f := &Field{Type: Text}
	if n.Kind != yaml.MappingNode {
		r.errorf(n, "schema/type", "字段要写成 {key: …, label: …, type: …} 的形式。")
		return nil
	}
	r.searchSaid = false
	mapping(r, n, f, fieldWords)
	if f.Key == "" {
		r.errorf(n, "schema/key", "字段缺少 key。")
		return nil
	}
	if strings.ContainsFunc(f.Key, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		r.errorf(n, "schema/key", "字段的 key“%s”只能用字母、数字和下划线。", f.Key)
	}
	r.nodes[f] = n
	if f.Label == "" {
		f.Label = f.Key
	}
	r.suit(f, n, part)
	if !r.searchSaid {
		f.Search = kinds[f.Type].searched
	}
	f.traits = kinds[f.Type].traits
	for _, p := range f.Fields {
		f.traits |= p.traits
	}
	f.byName = r.index(f.Fields, false)
	return f
}

// suit checks that the words of a field suit its type and its place, so that none of them does nothing.
func (r *schemaReader) suit(f *Field, n *yaml.Node, part bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(fieldWords, func(w word[*Field]) bool { return w.key == k.Value })
		if at < 0 || v.Kind == yaml.ScalarNode && v.Value == "false" {
			continue
		}
		w := &fieldWords[at]
		switch {
		case part && f.Type == Object && w.key == "type":
			r.errorf(n, "schema/object", "“%s”是分项里的一项，又是 object：只支持一层。", f.Label)
		case part && !w.part && f.Type != Object:
			r.errorf(k, "schema/no-effect", "“%s”对分项里的一项（“%s”）不起作用，请删去。", w.key, f.Label)
		case w.types != nil && !slices.Contains(w.types, f.Type):
			r.errorf(k, "schema/no-effect", "“%s”对 %s 类型的字段（“%s”）不起作用，请删去；它用于 %s。", w.key, f.Type, f.Label, typeNames(w.types))
		}
	}
	if need := kinds[f.Type].needs; need != "" && len(f.Values)+len(f.To)+len(f.Fields) == 0 && (!part || f.Type != Object) {
		r.errorf(n, "schema/needs", "字段“%s”是 %s，要%s。", f.Label, f.Type, need)
	}
	if slices.Contains([]string{"type", "year"}, f.Key) && (f.Facet || f.Browse && f.Key == "year") {
		r.errorf(n, "schema/reserved", "“%s”在检索和分类浏览里是%s，不能再给字段“%s”用 facet 或 browse：去掉它们，或换一个 key。", f.Key, map[string]string{"type": "类目", "year": "年份"}[f.Key], f.Label)
	}
}

// index numbers fields and maps their names; a name that two fields claim is a fault.
func (r *schemaReader) index(fields []*Field, extended bool) map[string]*Field {
	if len(fields) == 0 {
		return nil
	}
	m := make(map[string]*Field, 3*len(fields))
	for i, f := range fields {
		f.Ordinal = i
	}
	claim := func(name string, f *Field, must bool) {
		name = fieldName(name)
		if g := m[name]; g != nil && g != f {
			if must {
				at := r.nodes[f]
				if at == nil {
					at = r.at(g) // a field that every record has
				}
				hint := ""
				if extended {
					hint = "这个文件是在自带的模式上改的，没有写到的字段仍在；要从头写，加一行 extends: none。"
				}
				r.errorf(at, "schema/duplicate", "字段“%s”和“%s”都叫“%s”，请给其中一个换个名字。%s", g.Label, f.Label, name, hint)
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

// commonFields are read before any schema, and copied into each.
var commonFields = sync.OnceValue(func() []*Field {
	const file = "schemas/_common.yaml"
	src, err := builtin.ReadFile(file)
	if err != nil {
		panic(err)
	}
	r := newSchemaReader(file)
	root, diags := ParseYAML(file, src, 1)
	r.diags = diags
	var fields []*Field
	if root != nil {
		fields = r.fields(pair(root, "fields"), false)
	}
	if len(r.diags) > 0 {
		panic(r.diags[0].String())
	}
	for _, f := range fields {
		f.Common = true
	}
	return fields
})

// vocabularyWord is what the names of Dublin Core and schema.org look like. They stand in the markup of pages.
var vocabularyWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.:-]{0,63}$`)

// vocabulary reads a name of Dublin Core or schema.org.
func (r *schemaReader) vocabulary(n *yaml.Node) string {
	s := r.text(n)
	if s != "" && !vocabularyWord.MatchString(s) {
		r.errorf(n, "schema/vocabulary", "“%s”不是 Dublin Core 或 schema.org 的名称，那里只有英文字母和数字，如 creator、birthDate。", s)
		return ""
	}
	return s
}
