package content

import (
	"fmt"
	"strings"
)

// Describe gives schemas as Markdown in Chinese: what docs/schema.md holds, and what the command
// `schema` prints for a site with schemas of its own.
func Describe(schemas []*Schema) string {
	var b strings.Builder
	b.WriteString("# 类目与字段\n\n本页由 `gongzhi schema` 生成，请不要手改；要改字段，改 `_schema.yaml`。\n\n")
	b.WriteString("一条记录是一个 Markdown 文件，或表格（CSV）里的一行。字段名可以写英文键，也可以写中文名；表格另有 `编号`（id）列，必填，和可选的 `正文`（body）列。\n\n")
	b.WriteString("| 类目 | 文件夹 | 说明 |\n|---|---|---|\n")
	for _, s := range schemas {
		fmt.Fprintf(&b, "| [%s](#%s) | `content/%s/` | %s |\n", s.Label, s.Label, s.Key, s.About)
	}
	b.WriteString("\n## 各类目共有的字段\n\n")
	table(&b, commonFields())
	for _, s := range schemas {
		fmt.Fprintf(&b, "\n## %s\n\n`content/%s/`　%s", s.Label, s.Key, s.About)
		if s.Rows {
			b.WriteString("没有单独的页面，列在类目的表里。")
		}
		b.WriteString("\n\n")
		var own []*Field
		for _, f := range s.Fields {
			if !f.Common {
				own = append(own, f)
			}
		}
		table(&b, own)
		if s.Title.Compose != nil {
			fmt.Fprintf(&b, "\n不写%s时，用“%s”拼成。\n", s.Fields[0].Label, s.Title.Compose)
		}
	}
	b.WriteString("\n## 值的写法\n\n| 类型 | 写法 |\n|---|---|\n")
	for t := range TypeCount {
		k := &kinds[t]
		typed := k.typed
		if k.cell != "" {
			typed += "；表格里写成 " + k.cell + "。"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", k.label, typed)
	}
	b.WriteString("\n可以写几个值的字段，用方括号：[甲, 乙]；表格里用分号“；”隔开。\n")
	describeWords(&b)
	return b.String()
}

func table(b *strings.Builder, fields []*Field) {
	b.WriteString("| 字段 | 键 | 类型 | 说明 |\n|---|---|---|---|\n")
	for _, f := range fields {
		row(b, f, "")
		for _, p := range f.Fields {
			row(b, p, f.Key+".")
		}
	}
}

func row(b *strings.Builder, f *Field, outer string) {
	var notes []string
	if f.Required {
		notes = append(notes, "**必填**")
	}
	if f.Wanted {
		notes = append(notes, "尽量填写")
	}
	if f.Many {
		notes = append(notes, "可以有几个")
	}
	if len(f.Values) > 0 {
		notes = append(notes, "可用："+strings.Join(f.Values, "、"))
	}
	if len(f.To) > 0 {
		to := "指向 " + strings.Join(f.To, "、")
		if f.Open {
			to += "，可为文字"
		}
		notes = append(notes, to)
	}
	if f.Inverse != "" {
		notes = append(notes, "对方页面上叫“"+f.Inverse+"”")
	}
	if len(f.Also) > 0 {
		notes = append(notes, "也可写作："+strings.Join(f.Also, "、"))
	}
	if f.Help != "" {
		notes = append(notes, strings.TrimRight(f.Help, "。"))
	}
	label := f.Label
	if outer != "" {
		label = "　" + label
	}
	text := strings.Join(notes, "；")
	if text != "" {
		text += "。"
	}
	fmt.Fprintf(b, "| %s | `%s%s` | %s | %s |\n", label, outer, f.Key, f.Type.Label(), text)
}
