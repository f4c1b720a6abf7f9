package render_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// awkward are values as YAML writes them that no key is made for.
var awkward = []string{
	`null`, `~`, `""`, `" "`, `[]`, `{}`, `[[]]`, `[null]`, `{"": ""}`, `{a: {b: [1]}}`, `[甲, 甲]`, `&a [*a]`, `*a`, `!!binary aGk=`, `!!python/object:os.system x`, `!x y`, `!!map [a]`, `? a`, `- - - a`, `|`, ">-\n  甲\n  乙",
	`0`, `-1`, `1`, `1000`, `99999999999999999999`, `1e999`, `.nan`, `-.inf`, `0x7f`, `1:30`, `true`, `false`, `list`, `none`, `2026-13-45`, `1958~/19XX`, `9999999999`, `00:00`,
	`"\0"`, `"\x07\e[31m"`, `"\u202E反写\u2066"`, `"\uFEFF"`, `"\uFFFE"`, `"\uFFFF"`, `"\uD800"`, `"\u2028\u0085"`, `"\t\r\n"`, `"甲\r\nX-Header: 1"`, `"👨‍👩‍👧‍👦"`, `"ﷺ⓫㉊"`, `"e` + strings.Repeat("\u0301", 300) + `"`, `"\U000E0041"`,
	`"<script>alert(1)</script>"`, `"\"><img src=x onerror=alert(1)>"`, `"' onfocus=alert(1) x='"`, `"--></script><style>"`, `"]]>"`, `"&amp;&#0;&lt"`, `"{{.}}{{template \"base\"}}"`, `"{{"`, `"${x}"`, `"%s%d%!"`, `"*|#[](x)![[a]]"`,
	`"javascript:alert(1)"`, `"data:text/html,<b>"`, `"//evil.example/"`, `"\\\\evil\\a"`, `"/"`, `"."`, `".."`, `"../../etc/passwd"`, `"/etc/passwd"`, `'C:\Windows'`, `"CON"`, `"com5.txt"`, `"a/"`, `"a//b"`, `"a "`, `"%00%2e%2e%2f"`, `"%"`, `"?a=1#b"`, `"#"`,
	`"https://user:pw@example.org:99999/"`, `"http://[::1"`, `"http://例。测试/甲 乙"`, `"http://a` + strings.Repeat(".a", 300) + `/"`, `"HTTPS://EXAMPLE.org"`, `"ftp://example.org"`,
	`title`, `-title`, `"-"`, `people`, `shelf`, `人物`, `chronicle`, `id`, `编号`, `body`, `date`, `kind`, `a`, `甲`, `"{title}{title}"`, `"{kind}{made}"`, `"{"`, `"}"`, `"{}"`, `"{首`, `[title, -title, title]`, `[shelf, shelf, people, nowhere]`, `text`, `object`, `ref`, `name`, `born`,
	`"` + strings.Repeat("甲", 5000) + `"`, `"` + strings.Repeat("{title}", 300) + `"`, strings.Repeat("[", 60) + strings.Repeat("]", 60), `[` + strings.Repeat("甲,", 2000) + `]`, `"` + strings.Repeat("(a+)+", 20) + `"`,
	`[{key: a}, {key: a}]`, `[{key: title}]`, `[{key: a, type: object, fields: [{key: b, type: object, fields: [{key: c}]}]}]`, `[{key: b, type: ref, to: [shelf], inherit: [b]}]`, `{text: 甲, url: /}`, `[{to: people}, {to: people}]`, `{title: "{title}"}`,
}

// blanks are files of a small site, each with one place (@) where such a value goes: every key that site.yaml, a schema, a theme or a record of each
// type of field can have.
func blanks() (files []string, texts []string) {
	add := func(file, format string, args ...any) {
		files, texts = append(files, file), append(texts, fmt.Sprintf(format, args...))
	}
	row := regexp.MustCompile("(?m)^\\| `([a-zA-Z_]+)` \\|")
	for _, m := range row.FindAllStringSubmatch(site.DescribeSettings(), -1) {
		add("site.yaml", "%s: @\n", m[1])
	}
	for _, item := range []string{"@: 甲", "nav: [@]", "nav: [{to: @}]", "nav: [{url: 'https://example.org/', text: @}]", "nav: [{url: @, text: 甲}]", "links: [{text: @, url: 'https://example.org/'}]", "links: [{text: 甲, url: @}]", "links: [@]",
		"banner: {text: @}", "banner: {text: 甲, url: @}", "banner: {text: 甲, image: @}", "banner: {@: 甲}", "contact: [@]", "footer: [@]", "publish: [@]", "publish: [{@: 甲}]"} {
		add("site.yaml", "%s\n", item)
	}
	for _, kind := range site.TargetKinds {
		for _, key := range []string{"name", "kind", "path", "host", "port", "user", "hostKey", "key", "encoding", "security", "url", "endpoint", "region", "bucket", "prefix", "preset", "gzip", "connections", "maxDelete"} {
			add("site.yaml", "publish: [{name: 网, kind: %s, path: /srv/a, host: h.example, user: u, url: 'https://h.example/', bucket: b, endpoint: 'https://h.example/', region: r, %s: @}]\n", kind, key)
		}
	}
	add("themes/default/theme.yaml", "name: @\nversion: 1\napi: 1\n")
	add("themes/default/theme.yaml", "name: 甲\nversion: @\napi: 1\n")
	add("themes/default/theme.yaml", "name: 甲\nversion: 1\napi: @\n")
	add("themes/default/theme.yaml", "@\n")
	add("themes/default/labels/xx.yaml", "首页: @\n按{}浏览: @\n检索: @\n")
	add("themes/default/labels/xx.yaml", "@: a\n")
	add("themes/default/labels/xx.yaml", "@\n")
	words := content.Describe(nil)
	words = words[strings.Index(words, "### 整个文件"):strings.Index(words, "### 字段的类型")]
	for part := range strings.SplitSeq(words, "### ") {
		where, _, _ := strings.Cut(part, "\n")
		for _, m := range row.FindAllStringSubmatch(part, -1) {
			switch where {
			case "整个文件":
				add("content/shelf/_schema.yaml", "label: 器物\n%s: @\nFIELDS", m[1])
				add("content/people/_schema.yaml", "%s: @\n", m[1])
			case "title", "chronicle", "roll", "series":
				add("content/shelf/_schema.yaml", "label: 器物\n%s: {group: kind, date: made, who: refs, topic: kind, indicator: kind, value: size, text: '{title}', %s: @}\nFIELDS", where, m[1])
				add("content/shelf/_schema.yaml", "label: 器物\n%s: {%s: @}\nFIELDS", where, m[1])
			default:
				for _, typ := range []string{"text", "enum", "date", "ref", "object", "number", "term", "file"} {
					add("content/shelf/_schema.yaml", "label: 器物\nFIELDS  - {key: more, label: 另, type: %s, values: [甲], to: [shelf], fields: [{key: b}], %s: @}\n", typ, m[1])
				}
				add("content/shelf/_schema.yaml", "label: 器物\nFIELDS  - {key: more, label: 另, type: object, fields: [{key: part, label: 项, %s: @}]}\n", m[1])
			}
		}
	}
	add("content/shelf/_schema.yaml", "@\n")
	add("content/shelf/_schema.yaml", "@: 甲\nFIELDS")
	for _, key := range []string{"title", "kind", "made", "size", "refs", "many", "text", "when", "number", "yes", "part", "web", "path", "picture", "file", "draft", "aliases", "publishDate", "expiryDate", "updated", "tags", "note", "sources", "review", "@", "[@]"} {
		add("content/shelf/a.md", "---\ntitle: 测试锤\n%s: @\n---\n文\n", key)
		add("content/shelf/a.md", "---\ntitle: 测试锤\n%s: [@, @]\n---\n文\n", key)
	}
	add("content/shelf/a.md", "---\ntitle: 测试锤\npart: {b: @, c: @}\n---\n文\n")
	return files, texts
}

const blankFields = "fields:\n  - {key: kind, label: 种类, type: enum, values: [甲, 乙], browse: true, facet: true}\n  - {key: made, label: 年代, type: date, browse: true}\n  - {key: size, label: 尺寸, type: number}\n" +
	"  - {key: refs, label: 参见, type: ref, to: [shelf, people], open: true, many: true, inverse: 参见于}\n  - {key: many, label: 几个, type: term, many: true, browse: true}\n  - {key: text, label: 文, type: markdown}\n" +
	"  - {key: when, label: 何时, type: time}\n  - {key: number, label: 数, type: integer}\n  - {key: yes, label: 是, type: bool}\n  - {key: part, label: 分, type: object, many: true, fields: [{key: b, label: 项, type: ref, to: [shelf], open: true}, {key: c, label: 丙, type: date}]}\n" +
	"  - {key: web, label: 网, type: url}\n  - {key: path, label: 径, type: path}\n  - {key: picture, label: 图, type: image}\n  - {key: file, label: 档, type: file}\n"

// TestAwkwardValues puts values that no key is made for into every key that there is, one at a time: the site is made as it must be, or what is
// wrong is said at its place. GONGZHI_RUNS says how many of the pairs are tried.
func TestAwkwardValues(t *testing.T) {
	runs := 40
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = n
	}
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64); err == nil {
		seed = s
	}
	files, texts := blanks()
	t.Logf("GONGZHI_SEED=%d, %d of %d pairs", seed, runs, len(files)*len(awkward))
	whole := fstest.MapFS{
		"site.yaml":                  {Data: []byte("title: 测试\n")},
		"content/shelf/_schema.yaml": {Data: []byte("label: 器物\n" + blankFields)},
		"content/shelf/a.md":         {Data: []byte("---\ntitle: 测试锤\nkind: 甲\nmade: 1958\nrefs: [张测试, 某物]\nmany: [甲]\n---\n文\n")},
		"content/people/zhang.md":    {Data: []byte("---\ntitle: 张测试\n---\n文\n")},
	}
	first := pipeline(t, whole, nil)
	one := func(i, k int) {
		changed := maps.Clone(whole)
		text := strings.ReplaceAll(strings.ReplaceAll(texts[i], "FIELDS", blankFields), "@", awkward[k])
		changed[files[i]] = &fstest.MapFile{Data: []byte(text)}
		before := first
		if strings.HasPrefix(files[i], "themes/") {
			before = nil
			if strings.Contains(files[i], "labels") {
				changed["site.yaml"] = &fstest.MapFile{Data: []byte("language: xx\n")}
			}
		}
		t.Run(fmt.Sprintf("%d-%d", i, k), func(t *testing.T) {
			pipeline(t, changed, before)
			if t.Failed() {
				t.Logf("%s is\n%s", files[i], text)
			}
		})
	}
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range runs {
		one(rnd.IntN(len(files)), rnd.IntN(len(awkward)))
	}
}
