package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"gongzhi"
	"gongzhi/generator/content"
	"gongzhi/generator/folder"
	"gongzhi/generator/han"
	"gongzhi/generator/render"
)

var newCommand = &command{
	name: "new", args: "类目 名称 [--source 文件夹] [--id 编号]",
	short: "新建一条记录",
	long: `
在 content/类目/ 里新建一个 Markdown 文件，把这个类目的字段都列好，等着填写。
文件名（也就是网址）默认取名称的拼音；已有同名文件时加上数字，不会覆盖。
已有同名的记录时会提醒：先看是不是同一个人、同一件事。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --id 编号         自己定文件名，可以带子文件夹，如 2026/wuyi-huiyi

例：gongzhi new people 张测试
    gongzhi new reports 测试报道的标题`,
	run: runNew,
}

func runNew(c *call) int {
	var src source
	src.flags(c, false)
	id := c.flags.String("id", "", "")
	rest, code, ok := c.parse(2)
	if !ok {
		return code
	}
	if len(rest) < 2 {
		return c.wrong("要写类目和名称，如 gongzhi new people 张测试。")
	}
	if !src.check(c) {
		return failed
	}
	collection, title := rest[0], plain(rest[1])
	if title == "" {
		return c.wrong("名称是空的。")
	}
	g, err := render.New(render.Options{Source: folder.NewSite(src.dir), Theme: gongzhi.DefaultTheme(), Now: time.Now(), Unpublished: true})
	if err != nil {
		return c.fail("%v", err)
	}
	schema := content.FindSchema(g.Set.Schemas, collection)
	if schema == nil {
		var known []string
		for _, s := range append(g.Set.Schemas, content.Builtin()...) {
			known = append(known, s.Key+" "+s.Label)
		}
		return c.wrong("没有“%s”这个类目。可以用：\n  %s", collection, strings.Join(unique(known), "\n  "))
	}
	now := time.Now().In(g.Settings.Zone)
	if *id == "" {
		*id = fileName(title, schema, now)
	}
	if bad := content.CheckID(*id); bad != "" {
		return c.wrong("--id：%s", bad)
	}
	for _, seg := range strings.Split(*id, "/") {
		if content.Ignored(seg) || content.Ignored(seg+".md") {
			return c.wrong("--id：“%s”这样的名称是放在一边不用的文件（以 _ 或 # 开头、以 ~ 或 .bak 结尾等），不会发布。请改名。", seg)
		}
	}
	for _, r := range g.Set.Records {
		if r.Schema.Key == schema.Key && r.Title == title {
			fmt.Fprintf(c.stderr, "提醒: 已有同名的记录 %s（第 %d 行）。若是同一个，请改那一条；若是同名的另一个，请在两条里互相写明。\n", r.Path, r.Line)
		}
	}
	text, err := template(schema, title, now)
	if err != nil {
		return c.fail("%v", err)
	}
	for n := 1; ; n++ {
		name := *id
		if n > 1 {
			name = fmt.Sprintf("%s-%d", *id, n)
		}
		file := filepath.Join(src.dir, filepath.FromSlash(schema.Folder()+"/"+name)+".md")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return c.fail("建不了文件夹：%v", err)
		}
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			return c.fail("写不了 %s：%v", file, err)
		}
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Close()); err != nil {
			return c.fail("写不了 %s：%v", file, err)
		}
		fmt.Fprintf(c.stdout, "已新建 %s\n", file)
		return done
	}
}

func unique(l []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range l {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// plain is a title on one line, without what nobody sees. Two signs of per cent would begin a remark that is not published.
func plain(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	s, _ = han.Seen(s)
	for strings.Contains(s, "%%") {
		s = strings.ReplaceAll(s, "%%", "%")
	}
	return strings.TrimSpace(norm.NFC.String(s))
}

// fileName makes a file name of a title: its slug; of a title without any letter the name of the collection and the day.
func fileName(title string, schema *content.Schema, now time.Time) string {
	s := slug(title, schema.Title.Name)
	switch {
	case s == "":
		return schema.Key + now.Format("-20060102")
	case content.CheckID(s) != "" || s == "page" || s == "index" || content.Ignored(s) || content.Ignored(s+".md"): // Windows has the name, or the list
		return schema.Key + "-" + s
	}
	return s
}

// slug is the pinyin of a title, syllables joined by hyphens, or "" if it has no letter.
func slug(title string, name bool) string {
	syllables := han.Syllables(title)
	if name {
		syllables = han.NameSyllables(title)
	}
	s := strings.ToLower(strings.Join(syllables, "-"))
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, s)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	const most = 80
	if s = strings.Trim(s, "-_"); len(s) > most {
		short := s[:most]
		if at := strings.LastIndexByte(s[:most+1], '-'); at > 0 { // no half syllable
			short = s[:at]
		}
		s = strings.TrimRight(short, "-_")
	}
	return s
}

// template lays out a schema's fields: those that must be filled in first, the others as comments.
func template(s *content.Schema, title string, now time.Time) (string, error) {
	var b strings.Builder
	b.WriteString("---\ntitle: x\n")
	for _, f := range s.Fields[1:] {
		if !f.Required {
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", f.Key, f.Initial(now))
	}
	b.WriteString("# 下面的字段要用时，去掉行首的 # 和空格再填写；不用的可以删去。## 是说明，说的是它下面的字段。\n")
	for _, f := range s.Fields[1:] {
		if f.Required {
			continue
		}
		// The help stands on a line of its own: behind the value it would become a part of what is typed in front of it.
		fmt.Fprintf(&b, "## %s\n# %s: %s\n", strings.TrimSpace(f.Label+"　"+f.Help), f.Key, example(f))
	}
	b.WriteString("---\n\n")
	d := content.ParseDocument("新记录.md", []byte(b.String()), s)
	if err := d.Apply(content.SetField{Path: content.At("title"), Value: title}); err != nil {
		return "", err
	}
	return string(d.Bytes()), nil
}

// example shows how a field's value is written.
func example(f *content.Field) string {
	e := f.Example()
	if f.Many {
		e = "[" + e + "]"
	}
	return e
}
