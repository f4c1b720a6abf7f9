package content

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a schema can say, each word once: how it is read, where it may stand, and how docs/schema.md tells of it.

// word is one key of a mapping in a schema. T is what the mapping becomes.
type word[T any] struct {
	key   string
	form  string // how its value is written, in Chinese
	help  string
	types []Type // of a field: those that it may have; nil is all
	part  bool   // of a field: it may stand at a part of an object
	read  func(r *schemaReader, v *yaml.Node, into T)
}

const (
	aText   = "文字"
	aBool   = "true 或 false"
	aNumber = "整数"
	aList   = "列表"
	aKey    = "字段的 key"
)

// schemaWords are the words of a whole schema.
var schemaWords = []word[*Schema]{
	{key: "extends", form: "自带类目的 key，或 none", help: "在哪个自带类目的模式上改：只写要改的，没写的照旧，字段按 key 对上。文件夹名是自带类目的，不写就是它自己；none 表示从头写",
		read: func(*schemaReader, *yaml.Node, *Schema) {}}, // see extend
	{key: "label", form: aText, help: "类目的名称", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Label = r.text(v) }},
	{key: "also", form: aList, help: "类目的文件夹还可以叫什么；叫 label 的不用写", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Also = r.list(v) }},
	{key: "unit", form: aText, help: "量词，如“位”“篇”", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Unit = r.text(v) }},
	{key: "order", form: aNumber, help: "在导航里的先后，小的在前", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Position = r.int(v) }},
	{key: "about", form: aText, help: "列表标题下的一句话", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.About = r.text(v) }},
	{key: "rows", form: aBool, help: "记录太小，没有自己的页面，都列在类目的表里", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Rows = r.bool(v) }},
	{key: "sort", form: aList + "，如 [-date, title]", help: "依次按哪些字段排序；前面加减号是倒序", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		s.Sort = nil
		for _, key := range r.list(v) {
			r.field(v, "sort", strings.TrimPrefix(key, "-"), false, nil, func(f *Field) {
				s.Sort = append(s.Sort, Order{f, strings.HasPrefix(key, "-")})
			})
		}
	}},
	{key: "list", form: "entries、table、roll 或 photos", help: "列表的样子：条目、表格、名录、图片", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		s.List = r.oneOf(v, "entries", "table", "roll", "photos")
	}},
	{key: "columns", form: aList, help: "列表里显示哪些字段；rows: true 的不写时是前六个", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		s.Columns = nil
		for _, key := range r.list(v) {
			r.field(v, "columns", key, false, nil, func(f *Field) { s.Columns = append(s.Columns, f) })
		}
	}},
	{key: "schema_org", form: aText, help: "schema.org 的类型，如 Person", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Type = r.vocabulary(v) }},
	{key: "title", form: "见下", help: "题名怎样写", read: func(r *schemaReader, v *yaml.Node, s *Schema) { mapping(r, v, s, titleWords) }},
	{key: "date", form: aKey, help: "哪个字段是记录的日期（排序、年份、大事记用它）；不写时是叫 date 的日期字段", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		r.field(v, "date", r.text(v), true, []Type{DateType}, func(f *Field) { s.Date = f })
	}},
	{key: "pinyin", form: aBool, help: "题名可以用拼音检索", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Pinyin = r.bool(v) }},
	{key: "imprint", form: aBool, help: "记录说的是网站自己（关于本站、版权说明）：各条列在页脚，类目不进导航和首页", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Imprint = r.bool(v) }},
	{key: "find", form: "first 或 last", help: "检索时，同样的词先列（first：有名称的，如人物、荣誉、组织）还是后列（last：史料、表里的行）；不写在中间，rows: true 的后列", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		s.Find = r.oneOf(v, "first", "last")
	}},
	{key: "feed", form: aBool, help: "记录进订阅源，首页先列它们", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Feed = r.bool(v) }},
	{key: "chronicle", form: "见下", help: "记录怎样进大事记；空着就不进", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		s.Chronicle = nil
		if !isNull(v) {
			s.Chronicle = &Chronicle{}
			mapping(r, v, s.Chronicle, chronicleWords)
		}
	}},
	{key: "roll", form: "见下", help: "荣誉名册由哪些字段做成；空着就没有", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		s.Roll = nil
		if !isNull(v) {
			s.Roll = &Roll{}
			mapping(r, v, s.Roll, rollWords)
		}
	}},
	{key: "series", form: "见下", help: "统计的表和图由哪些字段做成；空着就没有", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		s.Series = nil
		if !isNull(v) {
			s.Series = &Series{}
			mapping(r, v, s.Series, seriesWords)
		}
	}},
	{key: "fields", form: aList, help: "字段，一项一个；顺序就是显示的顺序", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Fields = append(s.Fields, r.fields(v, false)...) }},
}

// titleWords are those of a schema's title. The title is the first of its fields.
var titleWords = []word[*Schema]{
	{key: "label", form: aText, help: "题名在这个类目里叫什么，如“姓名”", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Fields[0].Label = r.text(v) }},
	{key: "also", form: aList, help: "还可以叫什么", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Fields[0].Also = r.list(v) }},
	{key: "name", form: aBool, help: "题名是人名：进人名索引，按姓氏读音排", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Title.Name = r.bool(v) }},
	{key: "compose", form: "文字，如 {recipient}获{honor}", help: "没有写题名时怎样拼成；花括号里是字段的 key", read: func(r *schemaReader, v *yaml.Node, s *Schema) {
		r.pattern(v, "title", nil, &s.Title.Compose)
	}},
	{key: "schema_org", form: aText, help: "schema.org 的属性，不写是 name", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Fields[0].SchemaOrg = r.vocabulary(v) }},
	{key: "help", form: aText, help: "怎样填写", read: func(r *schemaReader, v *yaml.Node, s *Schema) { s.Fields[0].Help = r.text(v) }},
}

// chronicleWords, rollWords and seriesWords are those of the views.
var (
	chronicleWords = []word[*Chronicle]{
		{key: "text", form: "文字，如 '{title}'", help: "一条记录写成怎样一行", read: func(r *schemaReader, v *yaml.Node, c *Chronicle) { r.pattern(v, "chronicle", nil, &c.Text) }},
		{key: "if", form: aKey, help: "是否字段；写了“否”的不进", read: func(r *schemaReader, v *yaml.Node, c *Chronicle) {
			r.field(v, "chronicle", r.text(v), true, []Type{Bool}, func(f *Field) { c.If = f })
		}},
		{key: "group", form: aKey, help: "同一天里这个字段相同的合成一行", read: func(r *schemaReader, v *yaml.Node, c *Chronicle) {
			r.field(v, "chronicle", r.text(v), false, nil, func(f *Field) { c.Group = f })
		}},
		{key: "many", form: "文字，如 {first}等{n}人获{honor}", help: "合成的一行；{first} 是第一个，{n} 是几个", read: func(r *schemaReader, v *yaml.Node, c *Chronicle) {
			r.pattern(v, "chronicle", []string{"first", "n"}, &c.Many)
		}},
		{key: "undated", form: aBool, help: "没有写日期的也进，列在最后的“年月不详”；不写就不进", read: func(r *schemaReader, v *yaml.Node, c *Chronicle) { c.Undated = r.bool(v) }},
	}
	rollWords = []word[*Roll]{
		{key: "group", form: aKey, help: "荣誉：每一种有一份名册", read: func(r *schemaReader, v *yaml.Node, x *Roll) { r.viewField(v, "roll", nil, &x.Group) }},
		{key: "date", form: aKey, help: "授予的时间", read: func(r *schemaReader, v *yaml.Node, x *Roll) { r.viewField(v, "roll", []Type{DateType}, &x.Date) }},
		{key: "who", form: aKey, help: "获得者", read: func(r *schemaReader, v *yaml.Node, x *Roll) { r.viewField(v, "roll", nil, &x.Who) }},
		{key: "unit", form: aKey, help: "获得者当时的单位", read: func(r *schemaReader, v *yaml.Node, x *Roll) { r.viewField(v, "roll", nil, &x.Unit) }},
		{key: "post", form: aKey, help: "获得者当时的职务", read: func(r *schemaReader, v *yaml.Node, x *Roll) { r.viewField(v, "roll", nil, &x.Post) }},
		{key: "order", form: aKey, help: "名单上的序号", read: func(r *schemaReader, v *yaml.Node, x *Roll) {
			r.viewField(v, "roll", []Type{Integer, Number}, &x.Order)
		}},
	}
	seriesWords = []word[*Series]{
		{key: "topic", form: aKey, help: "主题：每个有一页", read: func(r *schemaReader, v *yaml.Node, x *Series) { r.viewField(v, "series", nil, &x.Topic) }},
		{key: "indicator", form: aKey, help: "指标：每个有一张表", read: func(r *schemaReader, v *yaml.Node, x *Series) { r.viewField(v, "series", nil, &x.Indicator) }},
		{key: "value", form: aKey, help: "数值", read: func(r *schemaReader, v *yaml.Node, x *Series) { r.viewField(v, "series", []Type{Number}, &x.Value) }},
		{key: "date", form: aKey, help: "时期", read: func(r *schemaReader, v *yaml.Node, x *Series) { r.viewField(v, "series", []Type{DateType}, &x.Date) }},
		{key: "printed", form: aKey, help: "原文所写的时期", read: func(r *schemaReader, v *yaml.Node, x *Series) { r.viewField(v, "series", nil, &x.Printed) }},
		{key: "scope", form: aKey, help: "范围", read: func(r *schemaReader, v *yaml.Node, x *Series) { r.viewField(v, "series", nil, &x.Scope) }},
		{key: "nature", form: aKey, help: "性质：性质相同的才画在一张图里", read: func(r *schemaReader, v *yaml.Node, x *Series) { r.viewField(v, "series", nil, &x.Nature) }},
		{key: "computed", form: aText, help: "哪一种性质是推算的：和前后的画在一起，另加注明", read: func(r *schemaReader, v *yaml.Node, x *Series) { x.Computed = r.text(v) }},
	}
)

// fieldWords are those of one field.
var fieldWords = []word[*Field]{
	{key: "key", form: "字母、数字、下划线", help: "记录里写的英文键，不能和别的字段相同", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Key = r.text(v) }},
	{key: "label", form: aText, help: "名称，记录里也可以写它", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Label = r.text(v) }},
	{key: "also", form: aList, help: "记录里还可以写的名称", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Also = r.list(v) }},
	{key: "type", form: "见“字段的类型”", help: "值是什么，不写是 text", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Type = r.typ(v) }},
	{key: "role", form: "见“字段的角色”", help: "程序把它当什么用", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Role = r.role(v) }},
	{key: "help", form: aText, help: "怎样填写，new 建的文件里有它", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Help = r.text(v) }},
	{key: "required", form: aBool, help: "必填", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Required = r.bool(v) }},
	{key: "wanted", form: aBool, help: "尽量填写：缺了不算错，check 会数", read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Wanted = r.bool(v) }},
	{key: "many", form: aBool + "，或 list", help: "可以有几个值；list 表示只有一个也要写方括号", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) {
		f.Listed = v.Kind == yaml.ScalarNode && v.Value == "list"
		f.Many = f.Listed || r.bool(v)
	}},
	{key: "values", form: aList, help: "可用的值，排序也照这个顺序", types: []Type{Enum}, part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Values = r.list(v) }},
	{key: "to", form: aList, help: "可以指向哪些类目", types: []Type{RefType}, part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.To = r.list(v) }},
	{key: "open", form: aBool, help: "没有那条记录时可以是文字", types: []Type{RefType}, part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Open = r.bool(v) }},
	{key: "inverse", form: aText, help: "在对方的页面上，指向它的记录列在这个名称下；不写就不列", types: []Type{RefType}, part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Inverse = r.text(v) }},
	{key: "inherit", form: aList, help: "这些字段在记录里空着时，用它指向的记录里同名字段的值", types: []Type{RefType}, read: func(r *schemaReader, v *yaml.Node, f *Field) {
		for _, key := range r.list(v) {
			r.field(v, "inherit", key, false, nil, func(g *Field) { f.Inherit = append(f.Inherit, g) })
		}
	}},
	{key: "fields", form: aList, help: "分项有哪几项；只有一层", types: []Type{Object}, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Fields = r.fields(v, true) }},
	{key: "facet", form: aBool, help: "检索结果可以按它筛选", types: []Type{Text, Term, Enum, RefType, Bool, Integer, Number}, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Facet = r.bool(v) }},
	{key: "browse", form: aBool, help: "每个用语有一页，列出有它的记录；日期是每年一页", types: []Type{Text, Term, Enum, DateType}, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Browse = r.bool(v) }},
	{key: "hide", form: aBool, help: "不列在记录的表里", read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Hide = r.bool(v) }},
	{key: "lead", form: aBool, help: "写在标题下的一行里，不在表里", read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Lead = r.bool(v) }},
	{key: "names", form: aBool, help: "里面是人名，进人名索引", types: []Type{Text, Term, RefType}, part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Names = r.bool(v) }},
	{key: "notes", form: aBool, help: "里面是出处，显示为编号的注", types: []Type{Object}, read: func(r *schemaReader, v *yaml.Node, f *Field) { f.Notes = r.bool(v) }},
	{key: "search", form: "text 或 none", help: "能不能检索到它的文字；不写时看类型", part: true, read: func(r *schemaReader, v *yaml.Node, f *Field) {
		f.Search = r.oneOf(v, "text", "none") == "text"
		r.searchSaid = true
	}},
	{key: "dc", form: "Dublin Core 的元素", help: "写进网页的元数据", read: func(r *schemaReader, v *yaml.Node, f *Field) { f.DC = r.vocabulary(v) }},
	{key: "schema_org", form: "schema.org 的属性", help: "写进网页的结构化数据", read: func(r *schemaReader, v *yaml.Node, f *Field) { f.SchemaOrg = r.vocabulary(v) }},
}

// keysOf lists the keys of words.
func keysOf[T any](words []word[T]) []string {
	l := make([]string, len(words))
	for i := range words {
		l[i] = words[i].key
	}
	return l
}

// mapping reads a mapping word by word; what is no word is a fault.
func mapping[T any](r *schemaReader, n *yaml.Node, into T, words []word[T]) {
	r.pairs(n, func(k, v *yaml.Node) {
		i := slices.IndexFunc(words, func(w word[T]) bool { return w.key == k.Value })
		if i < 0 {
			r.unknown(k, keysOf(words))
			return
		}
		words[i].read(r, v, into)
	})
}
