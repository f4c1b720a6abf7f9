package render_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"gongzhi/generator/render"
)

// wild uses every type of field in every way that a schema of one's own may.
const wild = `-- site.yaml --
-- content/shelf/_schema.yaml --
label: 器物
sort: [kinds, -made, title]
list: SHELF
columns: [kinds, made, texts, parts, pictures, refs, sizes, web, yes]
schema_org: Thing
date: first
feed: true
pinyin: true
chronicle: {text: '{title}（{kinds}）', if: told, group: kinds, many: '{first}等{n}件'}
fields:
  - {key: first, label: 首见, type: date, browse: true, dc: date}
  - {key: told, label: 入大事记, type: bool}
  - {key: kinds, label: 种类, type: enum, values: [乙, 甲], many: true, browse: true, facet: true}
  - {key: made, label: 年代, type: date, many: true, browse: true, dc: date, schema_org: dateCreated}
  - {key: texts, label: 说明, type: markdown, many: true, dc: description}
  - {key: pictures, label: 图片, type: image, many: true, schema_org: image}
  - {key: refs, label: 参见, type: ref, to: [shelf, drawer], open: true, many: true, inverse: 参见于, schema_org: mentions}
  - {key: sizes, label: 尺寸, type: quantity, many: true, schema_org: size}
  - {key: numbers, label: 件数, type: integer, many: true}
  - {key: web, label: 网页, type: url, many: true, lead: true}
  - {key: yes, label: 是否, type: bool, many: true, lead: true}
  - {key: when, label: 何时, type: time, many: true}
  - {key: words, label: 词, type: term, many: true, browse: true, names: true}
  - {key: age, label: 年, type: text, browse: true}
  - key: parts
    label: 部件
    type: object
    many: true
    notes: true
    fields:
      - {key: source, label: 名, role: cited, type: ref, to: [shelf], open: true, inverse: 部件所属}
      - {key: about, label: 记, type: markdown}
      - {key: names, label: 人, type: text, many: true, names: true}
  - key: one
    label: 附件
    type: object
    fields:
      - {key: about, label: 记, type: markdown, many: true}
      - {key: date, label: 时, type: date, many: true}
-- content/drawer/_schema.yaml --
label: 抽屉
rows: true
fields:
  - {key: about, label: 记, type: markdown}
  - {key: in, label: 在, type: ref, to: [shelf], open: true, inverse: 内有}
-- content/shelf/a.md --
---
title: 锤
first: 1958
told: 是
kinds: [甲, 乙]
made: [1958, 1960/1962, 19XX, 195X~]
texts:
  - "## 标题\n\n见[[shelf/b]]与[抽屉](../drawer/d.csv#d1)。[^1]\n\n[^1]: 注。"
  - "## 标题\n\n见 ![图](a.png)。[^1]\n\n[^1]: 注。"
pictures: [a.png, /shelf/a.png]
refs: [shelf/b, d1, "!纯文字", 某物]
sizes: [12.5厘米, 数十件]
numbers: [1, 2]
web: [https://example.org/a, https://example.org/b]
yes: [是, 否]
when: [2018-05-01, "2018-05-01 08:30"]
words: [张测试, 甲 乙]
age: 一九五八
parts:
  - b
  - {source: 部件一, about: "## 标题\n\n[[shelf/b]][^1]\n\n[^1]: 注。", names: [李测试]}
one: {about: ["## 标题\n\n[[shelf/a]]", "二"], date: [1958, 1959]}
---
## 标题
-- content/shelf/b.md --
---
title: 钳
first: 1958
kinds: 甲
---
-- content/shelf/c.md --
---
title: 锯
---
-- content/drawer/d.csv --
编号,题名,记,在,正文
d1,一格,"## 标题

[[shelf/a]][^1]

[^1]: 注。",a,"## 标题

![图](/shelf/a.png)"
d2,二格,"## 标题",b,"## 标题"
d 3,三格,,,
`

// TestSchemaOfOnesOwn: whatever a schema that has no fault asks for can be shown, and searched, in each kind of list.
func TestSchemaOfOnesOwn(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 7, 5))); err != nil {
		t.Fatal(err)
	}
	for _, style := range []string{"entries", "table", "roll", "photos"} {
		source := fstest.MapFS{"content/shelf/a.png": {Data: picture.Bytes()}}
		for _, f := range txtar.Parse([]byte(strings.ReplaceAll(wild, "SHELF", style))).Files {
			source[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		g := generate(t, source, render.Options{})
		all := files(t, g)
		pages := crawl(t, g, all)
		feeds(t, all)
		text := at(t, pages, "/shelf/a/")
		for _, want := range []string{"约20世纪50年代", "12.5厘米", "部件一", "李测试", "纯文字", "一格"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %s", style, want, text)
			}
		}
		if drawer := at(t, pages, "/drawer/"); !strings.Contains(drawer, "三格") || !strings.Contains(drawer, "标题") || !pages["drawer/index.html"].ids["r-d\u00a03"] {
			t.Errorf("%s: drawer: %s", style, drawer)
		}
	}
}
