package content

import (
	"fmt"
	"strings"
)

// describeWords tells, out of the tables, what a _schema.yaml can say.
func describeWords(b *strings.Builder) {
	b.WriteString(`
## 怎样写 _schema.yaml

类目文件夹里的 ` + "`_schema.yaml`" + ` 说明这个类目。文件夹名是自带类目的（如 ` + "`content/reports/`" + `），文件是在自带的模式上改：只写要改的，没写的照旧；
` + "`fields`" + ` 里的字段按 key 对上，只改写出来的几项，新的 key 加在后面；改了 label，原来的名称在记录里仍然能用。
要从头写，加一行 ` + "`extends: none`" + `；新类目要以某个自带类目为底，写 ` + "`extends: people`" + `。自带的全文用 ` + "`gongzhi schema --yaml 类目`" + ` 看。
写错的、不起作用的项，check 和 build 都会指出来，不会悄悄略过。

`)
	tell(b, "整个文件", schemaWords)
	tell(b, "title", titleWords)
	tell(b, "chronicle", chronicleWords)
	tell(b, "roll", rollWords)
	tell(b, "series", seriesWords)
	tell(b, "fields 的一项", fieldWords)
	b.WriteString("### 字段的类型\n\n| type | 名称 | 不写 search 时 |\n|---|---|---|\n")
	for t := range TypeCount {
		searched := "检索不到"
		if kinds[t].searched {
			searched = "能检索到"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", t, t.Label(), searched)
	}
	b.WriteString("\n各类型的值怎样写，见“值的写法”。\n\n### 字段的角色\n\n程序不认字段的名称，只认角色：哪个字段是出生，由 `role: born` 说。一个类目里一种角色只给一个字段。\n\n| role | 是什么 | 类型 | 给谁 |\n|---|---|---|---|\n")
	for i := NoRole + 1; i < roleCount; i++ {
		row := &roles[i]
		whose := "字段"
		if row.part {
			whose = "分项里的一项"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", i, row.help, typeNames(row.types), whose)
	}
}

// tell is a table of words.
func tell[T any](b *strings.Builder, title string, words []word[T]) {
	fmt.Fprintf(b, "### %s\n\n| 项 | 写什么 | 说明 |\n|---|---|---|\n", title)
	for _, w := range words {
		help := w.help
		if w.types != nil {
			help += "（用于 " + typeNames(w.types) + "）"
		}
		if w.part {
			help += "；分项里也可以写"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s。 |\n", w.key, w.form, help)
	}
	b.WriteString("\n")
}
