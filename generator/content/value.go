package content

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
	"gongzhi/generator/quantity"
)

// Value is what a record says for one field. It is immutable.
type Value struct {
	Field *Field
	Line  int32       // where it stands in the record's file
	Col   int32       // in characters
	Text  string      // a scalar as typed, NFC, trimmed
	Date  *dates.Date // of a date
	*Rare             // never nil
}

// Rare is what few values have. It stands apart because a large archive has a million of them.
type Rare struct {
	Items    []Value            // of a field that is Many: one each
	Moment   *time.Time         // of a time
	Quantity *quantity.Quantity // of a quantity
	Body     *markdown.Body     // of a markdown field
	Parts    []Value            // of an object: those that are there
}

var nothingRare = &Rare{}

// Part finds the part of an object that has a role, or gives nil.
func (v *Value) Part(role Role) *Value {
	for i := range v.Parts {
		if v.Parts[i].Field.Role == role {
			return &v.Parts[i]
		}
	}
	return nil
}

// Each calls f for the value, or for each item of a list.
func (v *Value) Each(f func(v *Value)) {
	if v.Items == nil {
		f(v)
		return
	}
	for i := range v.Items {
		f(&v.Items[i])
	}
}

// JustText reports whether a value of a reference field is marked as text, "!王某", and gives the
// text without the mark.
func JustText(s string) (string, bool) {
	if t, ok := strings.CutPrefix(s, "!"); ok {
		return t, true
	}
	if t, ok := strings.CutPrefix(s, "！"); ok {
		return t, true
	}
	return s, false
}

// Bool reads the value of a yes-or-no field.
func (v *Value) Bool() bool {
	b, _ := parseBool(v.Text)
	return b
}

// decoder turns YAML nodes (a CSV row is made into nodes too) into values and collects faults.
type decoder struct {
	path   string
	schema *Schema // of the record
	text   []byte  // of the file
	lines  *lines  // of text, made when first needed
	zone   *time.Location
	diags  diag.List
	csv    bool
	texts  int                    // Markdown fields so far
	known  map[string]*dates.Date // what dates of a table say, which are often the same; or nil

	prefix string // of ids in texts, where several records share a page
}

func (d *decoder) errorf(n *yaml.Node, id, format string, args ...any) {
	d.diags = append(d.diags, diag.Errorf(posOf(d.path, n), id, format, args...))
}

// cursor walks through a scalar in the file.
func (d *decoder) cursor(n *yaml.Node) *cursor {
	if d.lines == nil {
		d.lines = newLines(d.text)
	}
	return d.lines.scalar(n, d.csv)
}

func (d *decoder) warnf(n *yaml.Node, id, format string, args ...any) {
	d.diags = append(d.diags, diag.Warningf(posOf(d.path, n), id, format, args...))
}

// values decodes the pairs of a mapping by the fields of a schema or an object, in their order.
func (d *decoder) values(n *yaml.Node, of string, find func(string) *Field, fields []*Field, required bool) []Value {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "value/type", "这里应当是“字段: 值”的形式。")
		return nil
	}
	values := make([]Value, 0, len(n.Content)/2)
	seen := map[*Field]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		f := find(k.Value)
		if f == nil {
			if key, rest, ok := strings.Cut(k.Value, ":"); ok && find(key) != nil && isNull(v) {
				d.errorf(k, "yaml/colon-space", "“%s”的冒号后面缺一个空格，请写作“%s: %s”。", key, key, rest)
				continue
			}
			var whole *Schema // unless it is an object
			if d.schema != nil && len(fields) == len(d.schema.Fields) {
				whole = d.schema
			}
			hint := unknownField(k.Value, nearName(norm.NFC.String(k.Value), names(fields)), whole)
			d.diags = append(d.diags, diag.Errorf(posOf(d.path, k), "schema/unknown-field", "%s没有“%s”这个字段。%s", of, k.Value, hint).Because(of+k.Value))
			continue
		}
		if first := seen[f]; first != nil {
			d.errorf(k, "schema/duplicate-field", "“%s”和第 %d 行的“%s”是同一个字段，写了两次。请删去一个。", k.Value, first.Line, first.Value)
			continue
		}
		seen[f] = k
		if value, ok := d.value(f, v); ok {
			values = append(values, value)
		}
	}
	if required {
		for _, f := range fields {
			if f.Required && seen[f] == nil && !inherits(fields, f, seen) {
				d.errorf(n, "schema/required", "缺少必填的字段%s。", f)
			}
		}
	}
	slices.SortStableFunc(values, func(a, b Value) int { return a.Field.Ordinal - b.Field.Ordinal })
	return values
}

// inherits reports whether a field that is empty may be filled by the record that another one refers to.
func inherits(fields []*Field, f *Field, seen map[*Field]*yaml.Node) bool {
	return slices.ContainsFunc(fields, func(by *Field) bool { return seen[by] != nil && slices.Contains(by.Inherit, f) })
}

// value decodes one value; ok is false when there is nothing to keep, be it empty or wrong.
func (d *decoder) value(f *Field, n *yaml.Node) (Value, bool) {
	if isNull(n) {
		if f.Required {
			d.errorf(n, "schema/required", "必填的字段%s是空的。", f)
		}
		return Value{}, false
	}
	if !f.Many {
		if n.Kind == yaml.SequenceNode && f.Type == DateType && n.Style&yaml.FlowStyle != 0 && len(n.Content) == 1 && n.Content[0].Kind == yaml.ScalarNode {
			inner := *n.Content[0]
			inner.Value, inner.Column = "["+inner.Value+"]", n.Column // [1940], as archives mark an inferred date
			n = &inner
		}
		if n.Kind == yaml.SequenceNode {
			d.errorf(n, "value/single", "字段%s只能写一个值，这里是列表。", f)
			return Value{}, false
		}
		faults := d.diags.Errors()
		v, ok := d.one(f, n)
		if !ok && f.Required && d.diags.Errors() == faults {
			d.errorf(n, "schema/required", "必填的字段%s是空的。", f) // nothing is left of invisible characters
		}
		return v, ok
	}
	v := Value{Field: f, Line: int32(n.Line), Col: int32(n.Column), Rare: &Rare{}}
	switch n.Kind {
	case yaml.SequenceNode:
		v.Items = make([]Value, 0, len(n.Content))
		for _, c := range n.Content {
			if c.Kind == yaml.SequenceNode {
				d.errorf(c, "value/nested", "字段%s的列表里不能再套列表。", f)
			} else if isNull(c) {
				d.errorf(c, "value/empty", "字段%s的列表里有一项是空的。", f)
			} else if item, ok := d.one(f, c); ok {
				v.Items = append(v.Items, item)
			}
		}
	case yaml.MappingNode:
		if item, ok := d.one(f, n); ok { // a single object needs no list
			v.Items = append(v.Items, item)
		}
	default:
		if !d.csv {
			// One value needs no brackets.
			if f.Listed {
				d.errorf(n, "value/list", "字段%s要写成列表，如 [%s]；几项之间用半角逗号。", f, strings.Join(parts(n.Value), ", "))
				return Value{}, false
			}
			if item, ok := d.one(f, n); ok {
				v.Items = append(v.Items, item)
			}
			break
		}
		at, place := 0, d.cursor(n)
		for at < len(n.Value) {
			end, next := len(n.Value), len(n.Value)
			if i := strings.IndexAny(n.Value[at:], "；;\n"); i >= 0 && !(f.Type == Markdown && n.Value[at+i] == '\n') {
				_, size := utf8.DecodeRuneInString(n.Value[at+i:])
				end, next = at+i, at+i+size
			}
			if text := strings.TrimSpace(n.Value[at:end]); text != "" {
				c := &yaml.Node{Kind: yaml.ScalarNode, Value: text, Style: n.Style, Line: n.Line, Column: n.Column}
				place.skip("")
				c.Line, c.Column = place.line, place.col
				if item, ok := d.one(f, c); ok {
					v.Items = append(v.Items, item)
				}
			}
			place.skip(n.Value[at:next])
			at = next
		}
	}
	if len(v.Items) == 0 {
		return Value{}, false
	}
	return v, true
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 &&
		(n.Value == "" || n.Value == "~" || n.Value == "null") || n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) == ""
}

// one decodes a single value, or an item of a list.
func (d *decoder) one(f *Field, n *yaml.Node) (Value, bool) {
	v := Value{Field: f, Line: int32(n.Line), Col: int32(n.Column), Rare: nothingRare}
	k := &kinds[f.Type]
	if f.Type != Object {
		if n.Kind != yaml.ScalarNode {
			d.errorf(n, "value/scalar", "字段%s应当是一个值，不是列表或对象。", f)
			return v, false
		}
		if d.csv && !f.Many && f.Type == RefType && strings.Contains(strings.TrimSpace(n.Value), "\n") &&
			d.several(f, n, strings.Join(strings.Fields(strings.ReplaceAll(n.Value, "\n", "；")), ""), true) {
			return v, false
		}
		if v.Text = d.clean(f, n); v.Text == "" || d.several(f, n, v.Text, !f.Many) || d.notAValue(f, n, &v) {
			return v, false
		}
	}
	ok := k.decode(d, f, n, &v)
	return v, ok
}

// clean is a scalar's text in NFC without surrounding space, with characters that are dangerous or
// invisible reported and taken out.
func (d *decoder) clean(f *Field, n *yaml.Node) string {
	s := d.unfold(n)
	if strings.Contains(s, "%%") && f.Type != Markdown {
		rest, ok := markdown.StripPrivate(s)
		if !ok {
			d.errorf(n, "text/private", "字段%s：%%%% 之间的文字不发布，而这里的 %%%% 没有结束。请在不发布的文字后面加上 %%%%；要写百分号，请只写一个。", f)
		}
		s = rest
	}
	if i := strings.Index(s, "# "); i > 0 && !d.csv && n.Style == 0 && !unicode.IsSpace(rune(s[i-1])) {
		d.warnf(n, "yaml/comment", "字段%s的值里有“%s”：# 前面没有空格，所以它不是注释，成了值的一部分。是注释，请在 # 前加一个空格；是值，请把整个值用引号括起来。", f, s[i:])
	}
	ascii := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.TrimSpace(s)
	}
	if kinds[f.Type].control != Lines {
		s = joinLines(strings.ReplaceAll(strings.TrimSpace(s), "	", " "), d.csv)
	}
	s, gone := han.Seen(s)
	if gone[han.Direction] > 0 {
		d.warnf(n, "text/bidi", "字段%s里有改变文字方向的隐形字符，已删去。", f)
	}
	if gone[han.Control] > 0 {
		d.warnf(n, "text/control", "字段%s里有控制字符，已删去。", f)
	}
	if k := gone[han.Widthless] + gone[han.Joiner]; k > 0 {
		d.warnf(n, "text/invisible", "字段%s里有 %d 个看不见的零宽字符，已删去。", f, k)
	}
	if f == d.schema.Fields[0] { // the title
		if mark := han.Unpaired(s); mark != 0 {
			d.warnf(n, "text/unpaired", "字段%s里的 %c 没有配成一对：是不是漏了另一半？", f, mark)
		}
	}
	return strings.TrimSpace(norm.NFC.String(s))
}

// joinLines makes one line of several, as Markdown joins them: between Chinese characters, and marks that go with them, no
// space is put. In a cell a line break is one that somebody typed, and parts words.
func joinLines(s string, cell bool) string {
	if !strings.Contains(s, "\n") {
		return s
	}
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(b.String()); b.Len() > 0 {
			if after, _ := utf8.DecodeRuneInString(line); cell || markdown.Spaced(before, after) {
				b.WriteByte(' ')
			}
		}
		b.WriteString(line)
	}
	return b.String()
}
