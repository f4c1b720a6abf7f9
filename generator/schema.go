package main

import (
	"fmt"
	"os"
	"path/filepath"

	"gongzhi/generator/content"
	"gongzhi/generator/folder"
	"gongzhi/generator/page"
)

//go:generate sh -c "go run . schema > ../docs/schema.md"

var schemaCommand = &command{
	name: "schema", args: "[--source 文件夹] [--json 类目]",
	short: "列出类目与字段",
	long: `
列出各类目有哪些字段、怎样填写。在网站的文件夹里运行，会连同自己的 _schema.yaml 一起列出。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --json 类目       写出这个类目的 JSON Schema，给编辑器补全用
  --yaml 类目       写出这个类目自带的 _schema.yaml，照它修改`,
	answers: true,
	run:     runSchema,
}

func runSchema(c *call) int {
	dir := c.flags.String("source", ".", "")
	asJSON := c.flags.String("json", "", "")
	asYAML := c.flags.String("yaml", "", "")
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	if info, err := os.Stat(*dir); err != nil || !info.IsDir() {
		return c.fail("没有 %s 这个文件夹。", *dir)
	}
	// Where there is no content/, what ships with the program is all there is.
	schemas, diags, err := content.Schemas(folder.NewSite(filepath.Clean(*dir)), page.Reserved())
	if err != nil {
		return c.fail("%v", err)
	}
	if len(diags) > 0 {
		c.report(diags, source{dir: filepath.Clean(*dir)})
	}
	if diags.Errors() > 0 {
		return failed
	}
	switch {
	case *asYAML != "":
		src, ok := content.BuiltinSource(*asYAML)
		if !ok {
			return c.wrong("程序没有自带“%s”这个类目。", *asYAML)
		}
		fmt.Fprintf(c.stdout, "# 放进 content/%s/_schema.yaml。要删去自带的字段，去掉下一行的井号；只改几处的，留下要改的就行。\n# extends: none\n%s", *asYAML, src)
	case *asJSON != "":
		s := content.FindSchema(schemas, *asJSON)
		if s == nil {
			return c.wrong("没有“%s”这个类目。", *asJSON)
		}
		src, err := content.JSONSchema(s)
		if err != nil {
			return c.fail("%v", err)
		}
		fmt.Fprintf(c.stdout, "%s\n", src)
	default:
		fmt.Fprint(c.stdout, content.Describe(schemas))
	}
	return done
}
