package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/desk"
	"gongzhi/generator/folder"
	"gongzhi/generator/output"
	"gongzhi/generator/site"
	"gongzhi/generator/spool"
)

var exportCommand = &command{
	name: "export", args: "类目[/编号] [--format xlsx|csv|json|docx] [--output 文件]",
	short: "把一个类目存成表格或 JSON，或把一条记录写成 Word 文稿",
	long: `
存成的表格第一列是编号，其余一列一个字段；指向别的记录的字段，旁边有一列灰色的名称，只供阅读。
所有格子都是文字，日期和编号不会走样。改过的表格可以再导入：

  gongzhi export people --output 人物.xlsx
  gongzhi import people 人物.xlsx

没有改动的，导入后方案是空的；改了哪一格，就只改哪一格。csv 带 BOM，Excel 能认出是 UTF-8。
` + exportDocxHelp + `

  --format 格式    xlsx、csv、json，一条记录也可以是 docx；不写时看输出文件的扩展名，都没有就是 xlsx
  --output 文件    写到哪里；不写是“类目.格式”，写 - 是标准输出
  --source 文件夹  放着 site.yaml 和 content/ 的文件夹`,
	answers: true,
	run:     runExport,
}

func runExport(c *call) int {
	var src source
	src.flags(c, false)
	format := c.flags.String("format", "", "")
	output := c.flags.String("output", "", "")
	rest, code, ok := c.parse(1)
	if !ok {
		return code
	}
	if len(rest) == 0 {
		return c.wrong("要写类目，如 gongzhi export people。")
	}
	if *format == "" {
		*format = strings.TrimPrefix(strings.ToLower(filepath.Ext(*output)), ".")
	}
	if *format == "" {
		*format = "xlsx"
	}
	switch *format {
	case "xlsx", "csv", "json", "docx":
	default:
		return c.wrong("没有“%s”这种格式。可以用 xlsx、csv、json、docx。", *format)
	}
	if !src.check(c) {
		return failed
	}
	if *format == "docx" {
		return c.exportManuscript(src, rest[0], *output)
	}
	return c.exportTable(src.dir, rest[0], *format, *output)
}

// exportTable writes the records of a collection, or one, as a table. to may be "-", or empty: then the file is called
// after what is in it.
func (c *call) exportTable(dir, what, format, to string) int {
	settings, err := siteSettings(dir)
	if err != nil {
		return c.fail("%v。", err)
	}
	fsys := folder.NewSite(dir)
	set, err := content.Load(fsys, content.Options{Zone: settings.Zone})
	if err != nil {
		return c.fail("%v。", err)
	}
	name, id, single := strings.Cut(what, "/")
	schema := content.FindSchema(set.Schemas, name)
	if schema == nil {
		return c.wrong("没有“%s”这个类目。", name)
	}
	var records []*content.Record
	for _, r := range set.Records {
		if r.Schema.Key == schema.Key && (!single || strings.EqualFold(r.ID, id)) {
			records = append(records, r)
		}
	}
	if single && len(records) == 0 {
		return c.fail("没有“%s”这条记录。", what)
	}
	t := dataset.New(schema, records, datasetOptions(fsys, set, settings))
	var b []byte
	switch format {
	case "xlsx":
		b, err = desk.Workbook(t)
	case "csv":
		b = t.CSV()
	case "json":
		b, err = t.JSON()
	}
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = spool.Failed(err) // a large workbook is put together in a temporary file
	}
	if err != nil {
		return c.fail("%v。", err)
	}
	if to == "-" {
		c.stdout.raw(b) // what is lost of it is told at the end
		return done
	}
	if to == "" {
		to = strings.ReplaceAll(what, "/", "-") + "." + format
	}
	if err := apart(to, dir); err != nil {
		return c.fail("%v", err)
	}
	if err := writeFile(to, b); err != nil {
		return c.fail("%v。", err)
	}
	fmt.Fprintf(c.stdout, "已把 %d 条%s写进 %s。\n", len(records), schema.Label, to)
	if n := set.Diags.Errors(); n > 0 {
		fmt.Fprintf(c.stderr, "内容里有 %d 个错误，读不出来的记录不在里面。请看 gongzhi check。\n", n)
	}
	return done
}

// writeFile writes a file whole or not at all: where the disk is full, what stood there stays. The error says what to do.
func writeFile(name string, b []byte) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // a device or a pipe has no name to exchange
		return output.Failed("写入", name, os.WriteFile(name, b, 0o644))
	}
	if to, err := filepath.EvalSymlinks(name); err == nil {
		name = to
	}
	if folder := filepath.Dir(name); !isFolder(folder) {
		return fmt.Errorf("写不了 %s：没有“%s”这个文件夹，请先建好", name, folder)
	}
	part := name + ".part"
	err := os.WriteFile(part, b, 0o644)
	if err == nil {
		err = os.Rename(part, name)
	}
	if err != nil {
		os.Remove(part)
	}
	return output.Failed("写入", name, err)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// datasetOptions are what tables of a site's records need to know.
func datasetOptions(fsys fs.FS, set *content.Set, settings *site.Settings) dataset.Options {
	joined := site.Join(set, settings, site.Options{Unpublished: true})
	docs := map[string]*content.Document{}
	lines := map[string]map[int]int{}
	return dataset.Options{
		Name: func(r *content.Record, v *content.Value) string {
			at := joined.Of(r)
			if at == nil {
				return ""
			}
			if to := at.Target(v); to != nil {
				return to.Title
			}
			return ""
		},
		Body: func(r *content.Record) string {
			d := docs[r.Path]
			if d == nil {
				b, err := fs.ReadFile(fsys, r.Path)
				if err != nil {
					return ""
				}
				d = content.ParseDocument(r.Path, b, r.Schema)
				docs[r.Path] = d
			}
			if !r.Row {
				return strings.TrimSpace(d.Body())
			}
			col := d.Column("body")
			if col < 0 {
				return ""
			}
			if lines[r.Path] == nil {
				m := map[int]int{}
				for i := range d.Rows() {
					m[d.RowLine(i)] = i
				}
				lines[r.Path] = m
			}
			if i, ok := lines[r.Path][r.Line]; ok {
				if row := d.Row(i); col < len(row) {
					return strings.TrimSpace(row[col])
				}
			}
			return ""
		},
	}
}
