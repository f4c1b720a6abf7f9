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
	table(&b, commonFields)
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
	b.WriteString(`
## 值的写法

| 类型 | 写法 |
|---|---|
| 文字 | 一行文字。 |
| 长文 | 可以用 Markdown。 |
| 选项 | 只能用列出的值。 |
| 用语 | 自由填写；有“浏览”的，每个用语有一页。 |
| 日期 | EDTF（ISO 8601-2）：` + "`1958` `1958-05` `1958-05-01` `1958~`（约）`1958?`（存疑）`195X`（五十年代）`1956/1959` `1983/..`（起）" + `；也认 1958年5月、一九五八年、五十年代、民国36年等写法。只写确知的部分。 |
| 时间 | ` + "`2026-05-01` 或 `2026-05-01 08:30`" + `，不写时区的按 site.yaml 的 timezone。 |
| 数量 | 照原文写数字、约数词和单位：1.3万多项、约5.4亿元、90%以上、数十项。 |
| 整数 | 如 12。 |
| 是否 | true、false，或 是、否。 |
| 记录 | 另一条记录：` + "`类目/编号`、`编号`，或独一无二的题名。" + `写明“可为文字”的，没有记录时就是文字；前面加感叹号（"!王测试"）表示只是文字，不去找记录。 |
| 分项 | 几项写在一起：` + "`{source: 史料, quote: 引文}`" + `；表格里写成 ` + "`出处.史料`、`出处.引文`，第二组写 `出处2.史料`" + `。 |
| 网址 | 以 http:// 或 https:// 开头。 |
| 路径 | 本站的路径，以 / 开头。 |
| 图片 | 图片文件的路径，从这个记录的文件算起。 |

可以写几个值的字段，用方括号：[甲, 乙]；表格里用分号“；”隔开。
`)
	return b.String()
}

var typeNames = map[Type]string{Text: "文字", Markdown: "长文", Enum: "选项", Term: "用语", DateType: "日期", Time: "时间", Number: "数量", Integer: "整数", Bool: "是否", RefType: "记录", Object: "分项", URL: "网址", PathType: "路径", Image: "图片"}

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
	fmt.Fprintf(b, "| %s | `%s%s` | %s | %s |\n", label, outer, f.Key, typeNames[f.Type], text)
}
