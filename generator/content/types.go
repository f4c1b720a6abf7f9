package content

import (
	"fmt"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
	"gongzhi/generator/quantity"
)

// Type is the type of a field. Go code knows types; collections are data.
type Type uint8

// The field types that a schema can name. What each stage knows of a type stands in that stage's table, a row a type:
// kinds here, and those of the packages site and page. A type that lacks a row stops the program at its start.
const (
	Text     Type = iota // a line of text
	Markdown             // text with markup, converted like a body
	Enum                 // one of Values
	Term                 // a free term; with Browse each term has a page
	DateType             // an EDTF date or a Chinese form of one
	Time                 // a moment: a date, or a date and a time in the site's zone
	Number               // a number with unit and qualifier; the printed form is kept
	Integer              // a whole number
	Bool                 // true or false, 是 or 否
	RefType              // a record of the collections in To
	Object               // several values under the names in Fields
	URL                  // an address on the web, http or https
	PathType             // a path on this site
	Image                // an image file beside the record
	FileType             // any file that is kept beside the record: a scan, a sound, an original
	TypeCount
)

// Control is how a form lets a value be typed.
type Control string

// The controls.
const (
	Line    Control = "line"   // a line of text
	Lines   Control = "lines"  // a text of several
	Choice  Control = "choice" // one of Values
	Check   Control = "check"  // yes or no
	Figure  Control = "figure" // a whole number
	Picker  Control = "record" // a record, or a text where the field is open
	Group   Control = "group"  // a control for each part
	Address Control = "url"
	Upload  Control = "file" // a file beside the record
)

// kind is what this package knows of a type.
type kind struct {
	name     string // in a schema
	label    string // 文字
	typed    string // how a value is written in a Markdown file, for docs/schema.md
	cell     string // how in a cell of a table, where that differs
	searched bool   // its text is searched, unless the schema says otherwise
	wide     bool   // too much for a column of a table that nobody chose
	traits   Traits // what a record with such a value may have
	needs    string // what a field of the type must say, in Chinese
	control  Control
	// decode checks v.Text, which is not empty, and fills in the rest of v. It reports what is wrong itself.
	decode func(d *decoder, f *Field, n *yaml.Node, v *Value) bool
	// schema is one value in JSON Schema.
	schema func(f *Field) map[string]any
	// example shows in a new record how a value is written.
	example func(f *Field) string
	// initial is what a new record has for a required field.
	initial func(f *Field, now time.Time) string
}

// kinds is the table of the types. It is filled in when the program starts, because an object's decode comes back to it.
var kinds [TypeCount]kind

func init() {
	kinds = ByType(map[Type]kind{
		Text: {name: "text", label: "文字", typed: "一行文字。", searched: true, control: Line,
			decode: asItIs, schema: scalarSchema, example: noExample, initial: nothing},
		Markdown: {name: "markdown", label: "长文", typed: "可以用 Markdown。", searched: true, wide: true, traits: HasLinks, control: Lines,
			decode: decodeMarkdown, schema: scalarSchema, example: noExample, initial: nothing},
		Enum: {name: "enum", label: "选项", needs: "用 values 列出可用的值", typed: "只能用列出的值。", searched: true, control: Choice,
			decode:  decodeEnum,
			schema:  func(f *Field) map[string]any { return map[string]any{"enum": f.Values} },
			example: func(f *Field) string { return strings.Join(f.Values, " / ") }, initial: nothing},
		Term: {name: "term", label: "用语", typed: "自由填写；有“浏览”的，每个用语有一页。", searched: true, control: Line,
			decode: asItIs, schema: scalarSchema, example: noExample, initial: nothing},
		DateType: {name: "date", label: "日期", searched: true, control: Line,
			typed:  "EDTF（ISO 8601-2）：`1958` `1958-05` `1958-05-01` `1958~`（约）`1958?`（存疑）`195X`（五十年代）`1956/1959` `1983/..`（起）；也认 1958年5月、一九五八年、五十年代、民国36年等写法。只写确知的部分。",
			decode: decodeDate, schema: scalarSchema, example: is("1958-05"),
			initial: func(_ *Field, now time.Time) string { return now.Format(time.DateOnly) }},
		Time: {name: "time", label: "时间", typed: "`2026-05-01` 或 `2026-05-01 08:30`，不写时区的按 site.yaml 的 timezone。", control: Line,
			decode: decodeTime, schema: scalarSchema, example: is("2026-05-01 08:30"), initial: nothing},
		Number: {name: "quantity", label: "数量", typed: "照原文写数字、约数词和单位：1.3万多项、约5.4亿元、90%以上、数十项。", searched: true, control: Line,
			decode: decodeQuantity, schema: scalarSchema, example: is("约1.3万人"), initial: nothing},
		Integer: {name: "integer", label: "整数", typed: "如 12。", control: Figure,
			decode:  decodeInteger,
			schema:  func(*Field) map[string]any { return map[string]any{"type": "integer"} },
			example: is("1"), initial: nothing},
		Bool: {name: "bool", label: "是否", typed: "true、false，或 是、否。", control: Check,
			decode:  decodeBool,
			schema:  func(*Field) map[string]any { return map[string]any{"enum": []any{true, false, "是", "否"}} },
			example: is("true"), initial: nothing},
		RefType: {name: "ref", label: "记录", needs: "用 to 写明指向哪些类目", searched: true, traits: HasRefs, control: Picker,
			typed:  "另一条记录：`类目/编号`、`编号`，或独一无二的题名。写明“可为文字”的，没有记录时就是文字；前面加感叹号（\"!王测试\"）表示只是文字，不去找记录。",
			decode: asItIs, schema: scalarSchema, example: noExample, initial: nothing},
		Object: {name: "object", label: "分项", needs: "用 fields 写明它的各项", searched: true, wide: true, control: Group,
			typed: "几项写在一起：`{source: 史料, quote: 引文}`", cell: "`出处.史料`、`出处.引文`，第二组写 `出处2.史料`",
			decode: decodeObject, schema: objectSchema, example: objectExample, initial: nothing},
		URL: {name: "url", label: "网址", typed: "以 http:// 或 https:// 开头。", control: Address,
			decode: decodeURL, schema: scalarSchema, example: is("https://…"), initial: nothing},
		PathType: {name: "path", label: "路径", typed: "本站的路径，以 / 开头。", control: Line,
			decode: decodePath, schema: scalarSchema, example: is("/old/1.html"), initial: nothing},
		Image: {name: "image", label: "图片", typed: "图片文件的路径，从这个记录的文件算起。", traits: HasFiles, control: Upload,
			decode: asItIs, schema: scalarSchema, example: is("图片.jpg"), initial: nothing},
		FileType: {name: "file", label: "附件", searched: true, traits: HasFiles, control: Upload,
			typed:  "放在旁边的文件的路径，从这个记录的文件算起：PDF、OFD、录音、录像、图片、Word、Excel 等。页面上写出种类、大小和 PDF 的页数。",
			decode: asItIs, schema: scalarSchema, example: is("扫描件.pdf"), initial: nothing},
	})
}

// ByType makes the table of a stage out of its rows. A type without a row, or a row without one of its functions, is a
// fault of the program: it panics, at the start.
func ByType[Row any](rows map[Type]Row) (table [TypeCount]Row) {
	for t := range TypeCount {
		row, ok := rows[t]
		if !ok {
			panic(fmt.Sprintf("field type %d has no row in a table of %T", t, row))
		}
		v := reflect.ValueOf(row)
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Func && f.IsNil() {
				panic(fmt.Sprintf("field type %d has no %s in a table of %T", t, v.Type().Field(i).Name, row))
			}
		}
		table[t] = row
	}
	return table
}

// String is the type as a schema writes it.
func (t Type) String() string { return kinds[t].name }

// Label is the type's name in Chinese.
func (t Type) Label() string { return kinds[t].label }

// Control is how a form lets a value of the type be typed.
func (t Type) Control() Control { return kinds[t].control }

// Example shows how a value of the field is written, or gives "".
func (f *Field) Example() string { return kinds[f.Type].example(f) }

// Initial is what a new record has for the field if it is required, or "".
func (f *Field) Initial(now time.Time) string { return kinds[f.Type].initial(f, now) }

func typeNames(l []Type) string {
	var names []string
	for _, t := range l {
		names = append(names, t.String())
	}
	return strings.Join(names, "、")
}

func asItIs(*decoder, *Field, *yaml.Node, *Value) bool { return true }

func scalarSchema(*Field) map[string]any { return map[string]any{"type": []string{"string", "number"}} }

func nothing(*Field, time.Time) string { return "" }

func noExample(*Field) string { return "" }

func is(example string) func(*Field) string { return func(*Field) string { return example } }

// How many values of a field a message lists, and how many a wrong one is compared with: thousands of wrong ones must not cost what
// their number times that of the right ones does.
const listedValues, comparedValues = 40, 400

func decodeEnum(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	if slices.Contains(f.Values, v.Text) {
		return true
	}
	hint := "可以用：" + strings.Join(f.Values[:min(len(f.Values), listedValues)], "、")
	if n := len(f.Values); n > listedValues {
		hint += fmt.Sprintf("等 %d 个", n)
	}
	if near := diag.NearestOf(v.Text, f.Values[:min(len(f.Values), comparedValues)], func(c string) bool { return han.SameKind(v.Text, c) }); near != "" {
		hint = "是不是“" + near + "”？" + hint
	}
	d.errorf(n, "value/enum", "字段%s没有“%s”这个值。%s。", f, v.Text, hint)
	return false
}

func decodeDate(d *decoder, _ *Field, n *yaml.Node, v *Value) bool {
	if v.Date = d.known[v.Text]; v.Date != nil {
		return true
	}
	date, err := dates.Parse(v.Text)
	if err != nil {
		d.errorf(n, "value/date", "%v", err)
		return false
	}
	date = date.In(d.zone)
	if v.Date = &date; d.known != nil {
		d.known[v.Text] = v.Date
	}
	return true
}

func decodeTime(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	date, err := dates.Parse(v.Text)
	if err != nil || date.Interval() {
		d.errorf(n, "value/time", "字段%s要写一个时间，如 2026-05-01 或 2026-05-01 08:30。", f)
		return false
	}
	t := date.Start(d.zone)
	v.Rare, v.Date = &Rare{Moment: &t}, &date
	return true
}

func decodeQuantity(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	q, err := quantity.Parse(v.Text)
	if err != nil {
		d.errorf(n, "value/quantity", "字段%s：%v", f, err)
		return false
	}
	v.Rare = &Rare{Quantity: &q}
	return true
}

func decodeInteger(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	v.Text = strings.TrimSuffix(han.FoldString(v.Text), ".0") // １２, and 12.0 as spreadsheets have it
	if _, err := strconv.Atoi(v.Text); err != nil {
		d.errorf(n, "value/integer", "字段%s要写整数，如 12；现在是“%s”。", f, v.Text)
		return false
	}
	return true
}

func decodeBool(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	_, ok := parseBool(v.Text)
	if !ok {
		d.errorf(n, "value/bool", "字段%s要写 true 或 false（是、否也行）；现在是“%s”。", f, v.Text)
	}
	return ok
}

func decodeURL(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	u, err := url.Parse(v.Text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		d.errorf(n, "value/url", "字段%s要写完整的网址，以 http:// 或 https:// 开头；现在是“%s”。", f, v.Text)
		return false
	}
	return true
}

func decodePath(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	if !strings.HasPrefix(v.Text, "/") || strings.HasPrefix(v.Text, "//") || strings.ContainsAny(v.Text, "\\?#:*\"<>|") || slices.Contains(strings.Split(v.Text, "/"), "..") || path.Clean(v.Text) == "/" {
		d.errorf(n, "value/path", "字段%s要写本站的路径，以 / 开头，不含“..”和 ? # : * 等符号，如 /old/1.html；现在是“%s”。", f, v.Text)
		return false
	}
	return true
}

func decodeMarkdown(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	// Several texts on one page must not have the same ids in them.
	prefix := f.Key
	if d.prefix != "" {
		prefix = d.prefix + ":" + f.Key
	}
	if d.texts++; d.texts > 1 {
		prefix += ":" + strconv.Itoa(d.texts)
	}
	convert := markdown.ConvertPart
	if d.csv {
		convert = markdown.ConvertCell
	}
	body, diags := convert(prefix, []byte(v.Text), func(l, c int) diag.Pos {
		place := d.cursor(n)
		place.skip(v.Text[:offsetIn(v.Text, l, c)])
		return diag.Pos{Path: d.path, Line: place.line, Col: place.col}
	})
	d.diags = append(d.diags, diags...)
	v.Rare = &Rare{Body: &body}
	return true
}

// decodeObject reads the parts of an object. A scalar stands for the first of them: sources: [press-012].
func decodeObject(d *decoder, f *Field, n *yaml.Node, v *Value) bool {
	if n.Kind != yaml.ScalarNode {
		v.Rare = &Rare{Parts: d.values(n, "“"+f.Label+"”里", f.Field, f.Fields, true)}
		return len(v.Parts) > 0
	}
	if key, _, ok := strings.Cut(n.Value, "："); ok && f.Field(key) != nil && !d.csv {
		d.errorf(n, "yaml/wide-colon", "“%s”后面是全角冒号“：”。请改成半角冒号加一个空格，写作“%s: …”。", key, key)
		return false
	}
	part, ok := d.value(f.Fields[0], n)
	if ok {
		v.Rare = &Rare{Parts: []Value{part}}
	}
	return ok
}

func objectSchema(f *Field) map[string]any {
	parts := map[string]any{}
	for _, p := range f.Fields {
		parts[p.Key], parts[p.Label] = property(p), property(p)
	}
	return map[string]any{"anyOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "object", "properties": parts, "additionalProperties": false}}}
}

func objectExample(f *Field) string {
	var parts []string
	for _, p := range f.Fields[:min(3, len(f.Fields))] {
		parts = append(parts, p.Key+": "+p.Label)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
