package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongzhi"
	"gongzhi/generator/folder"
	"gongzhi/generator/handover"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
)

var handoverCommand = &command{
	name: "handover", args: "[--all | --year 年份] [--output 文件夹] [--bagit] [--source 文件夹] | --verify 文件夹 | --restore 文件夹 --output 文件夹",
	short: "做成移交给档案馆的包，检查和恢复它",
	long: `
按《电子档案移交与接收办法》（档发〔2012〕7号）的样式做一个文件夹：说明文件.TXT、文件目录.XML、电子档案/、其他/。
每条记录有源文件、网页和元数据，每个文件有校验码。同样的内容，每次做出来一个字节也不差。

  --all             全部已发布的记录，连同网站的设置、主题和图片，可以恢复成原来的网站
  --year 年份       只要日期在这一年的记录，连同它们用到的图片和附件；没有收入的文件列在 其他/未收入.txt
  --output 文件夹   放到哪里，要是新的或空的；默认是“移交”加年份
  --bagit           同时做成 BagIt 包（RFC 8493），档案系统和 bagit 工具可以直接检查
  --verify 文件夹   检查一个包：少了、多了、变了什么
  --restore 文件夹  把一个包里的源文件恢复成网站的文件夹（--output）
  --source 文件夹   放着 site.yaml 和 content/ 的文件夹`,
	run: runHandover,
}

func runHandover(c *call) int {
	var src source
	src.flags(c, false)
	all := c.flags.Bool("all", false, "")
	year := c.flags.String("year", "", "")
	output := c.flags.String("output", "", "")
	bagit := c.flags.Bool("bagit", false, "")
	verify := c.flags.String("verify", "", "")
	restore := c.flags.String("restore", "", "")
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	switch {
	case *verify != "":
		return c.verifyHandover(*verify)
	case *restore != "":
		if *output == "" {
			return c.wrong("--restore 要用 --output 写明恢复到哪个文件夹。")
		}
		n, err := handover.Restore(*restore, *output)
		if err != nil {
			return c.fail("%v。", err)
		}
		fmt.Fprintf(c.stdout, "已恢复 %d 个文件到 %s。\n", n, *output)
		return done
	case *all == (*year != ""):
		return c.wrong("请写明 --all（全部）或 --year 年份。")
	}
	y := 0
	if *year != "" {
		var err error
		if y, err = strconv.Atoi(*year); err != nil || y < 1 || y > 9999 {
			return c.wrong("--year 要写公历年份，如 --year 2025。")
		}
	}
	if !src.check(c) {
		return failed
	}
	out := *output
	if out == "" {
		out = filepath.Join(src.dir, "移交"+*year)
	}
	if err := apart(out, src.dir); err != nil {
		return c.fail("%v", err)
	}
	n, code, err := c.makeHandover(src, out, y, *bagit)
	if err != nil {
		return c.fail("%v。", err)
	}
	if code == done {
		fmt.Fprintf(c.stdout, "已做成 %s：%d 件。检查：gongzhi handover --verify %s\n", out, n, out)
	}
	return code
}

func (c *call) verifyHandover(dir string) int {
	wrong, n, err := handover.Verify(dir)
	if err != nil {
		return c.fail("%v。", err)
	}
	for _, w := range wrong {
		fmt.Fprintf(c.stderr, "错误: %s。\n", w)
	}
	if len(wrong) > 0 {
		fmt.Fprintf(c.stderr, "%s 有 %d 处不对。\n", dir, len(wrong))
		return failed
	}
	fmt.Fprintf(c.stdout, "%s 完整无误：%d 件，每个文件都和校验码相符。\n", dir, n)
	return done
}

func (c *call) makeHandover(src source, out string, year int, bagit bool) (n, code int, err error) {
	now, err := clock("")
	if err != nil {
		return 0, failed, err
	}
	g, err := render.New(render.Options{Source: folder.NewSite(src.dir), Theme: gongzhi.DefaultTheme(), Now: now})
	if err != nil {
		return 0, failed, err
	}
	if g.Diags.Errors() > 0 {
		c.report(g.Diags, source{dir: src.dir})
		fmt.Fprintf(c.stderr, "内容有 %d 个错误，没有做移交的包。\n", g.Diags.Errors())
		return 0, failed, nil
	}
	set := g.Site.Settings
	scope := "全部已发布的记录"
	if year > 0 {
		scope = fmt.Sprintf("日期在 %d 年的记录", year)
	}
	w, err := handover.Create(out, handover.About{Title: set.Title, Organizer: set.Organizer, Program: "工志 " + version(), Scope: scope, BagIt: bagit})
	if err != nil {
		return 0, failed, err
	}
	needed := map[string]bool{}
	for _, collection := range g.Site.Collections {
		records := slices.Clone(collection.Records)
		slices.SortFunc(records, func(a, b *site.Record) int { return strings.Compare(a.ID, b.ID) })
		for _, r := range records {
			if year > 0 && !inYear(r, year, set.Zone) {
				continue
			}
			needed[r.Path] = true
			for _, a := range g.Site.FilesOf(r) {
				needed[a.Path] = true
			}
			record, err := handoverRecord(g, collection, r)
			if err == nil {
				err = w.Record(record)
			}
			if err != nil {
				return n, failed, err
			}
			n++
		}
	}
	if n == 0 {
		return 0, failed, fmt.Errorf("没有%s，什么也没有做", scope)
	}
	if err := handSources(w, folder.NewSite(src.dir), year, needed); err != nil {
		return n, failed, err
	}
	return n, done, w.Close()
}

// handSources puts the files of the archive into a package: all of them, or of a year those that its records come from, show or
// lead to; it says which others there are.
func handSources(w *handover.Writer, source fs.FS, year int, needed map[string]bool) error {
	return fs.WalkDir(source, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		top, _, _ := strings.Cut(p, "/")
		keep := top == "content" || top == "themes" && year == 0 || p == "site.yaml"
		if e.IsDir() {
			if p != "." && !keep || strings.HasPrefix(e.Name(), ".") && p != "." {
				return fs.SkipDir
			}
			return nil
		}
		if !keep || strings.HasPrefix(e.Name(), ".") || !e.Type().IsRegular() {
			return nil
		}
		if year > 0 && !needed[p] && p != "site.yaml" && e.Name() != "_schema.yaml" {
			w.Leave(p, "这一年的记录没有用到")
			return nil
		}
		f, err := source.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		return w.Copy(handover.Sources+"/"+p, f)
	})
}

// inYear reports whether a record's date begins in a year.
func inYear(r *site.Record, year int, zone *time.Location) bool {
	d := r.Date()
	return !d.IsZero() && d.Start(zone).In(zone).Year() == year
}

// handoverRecord is a record as the package has it. A page that can't be made is an error: the package would lack it without a word.
func handoverRecord(g *render.Generation, c *site.Collection, r *site.Record) (handover.Record, error) {
	out := handover.Record{Path: c.Key + "/" + r.ID, Source: r.Path, Line: r.Line}
	out.Title, out.Creator, out.Date = r.Title, r.Author(), r.Date().String()
	for i := range r.Values {
		v := &r.Values[i]
		text := r.Display(v)
		if text == "" {
			text = strings.Join(r.Texts(nil, v), "；")
		}
		out.Fields = append(out.Fields, handover.Field{Key: v.Field.Key, Label: v.Field.Label, Text: text})
		switch v.Field.Key {
		case "archive_no":
			out.Archive = text
		case "creator", "issuer":
			if out.Creator == "" {
				out.Creator = text
			}
		}
	}
	if p := strings.TrimPrefix(r.URL, "/") + "index.html"; g.Has(p) && !strings.Contains(r.URL, "#") {
		page, err := g.File(nil, p)
		if err != nil {
			return out, fmt.Errorf("%s 的页面没有做成，移交的包不完整，没有用处：%w", p, err)
		}
		out.Page = page
	}
	return out, nil
}
