package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"gongzhi"
	"gongzhi/generator/folder"
	"gongzhi/generator/render"
	"gongzhi/generator/search"
)

var searchCommand = &command{
	name: "search", args: "词语 [--source 文件夹 | --site 文件夹] [--limit 条数] [--offset 从第几条起] [--sort 顺序] [--explain] [--json]",
	short: "在命令行里检索",
	long: `
用网站的检索文件回答，和网页上查到的一样。几个词用空格隔开，都要有。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹：用现在的内容检索，不必先生成
  --site 文件夹     已经生成好的网站，如 public
  --limit 条数      默认 10
  --offset 条数     跳过前面几条
  --sort 顺序       relevance 相关（默认）、-date 从新到旧、date 从旧到新
  --explain         说明每条为什么排在这里
  --json            输出 JSON`,
	answers: true,
	run:     runSearch,
}

func runSearch(c *call) int {
	var src source
	src.flags(c, true)
	built := c.flags.String("site", "", "")
	limit := c.flags.Int("limit", 10, "")
	offset := c.flags.Int("offset", 0, "")
	order := c.flags.String("sort", "relevance", "")
	explain := c.flags.Bool("explain", false, "")
	words, code, ok := c.parse(100)
	if !ok {
		return code
	}
	if len(words) == 0 {
		return c.wrong("要写检索的词语，如 gongzhi search 孟泰。")
	}
	if *order != "relevance" && *order != "date" && *order != "-date" {
		return c.wrong("--sort 只能是 relevance、date 或 -date。")
	}
	if *limit < 1 || *offset < 0 {
		return c.wrong("--limit 至少是 1，--offset 不能是负数。")
	}
	files, code, ok := c.searchFiles(&src, *built)
	if !ok {
		return code
	}
	index, err := search.Open(files)
	if err != nil {
		return c.fail("检索文件读不了：%v", err)
	}
	result, err := index.Search(strings.Join(words, " "), search.Query{Limit: *limit, Offset: *offset, Sort: *order})
	if err != nil {
		return c.fail("检索文件读不了：%v", err)
	}
	if src.json {
		enc := json.NewEncoder(c.stdout)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(result); err != nil {
			return failed
		}
		return done
	}
	c.printResult(strings.Join(words, " "), &result, *offset, *explain)
	return done
}

// searchFiles gives the search files of a site that is built, or else of the archive as it is now. Where ok is false, why is said and
// code is how the command ends.
func (c *call) searchFiles(src *source, built string) (files fs.FS, code int, ok bool) {
	if built != "" {
		files = folder.Published(filepath.Join(built, "search"))
		if _, err := fs.Stat(files, "."); err != nil {
			return nil, c.fail("“%s”里没有 search 文件夹，不是生成好的网站。先运行 gongzhi build。", built), false
		}
		return files, 0, true
	}
	if !src.check(c) {
		return nil, failed, false
	}
	g, err := render.New(render.Options{Source: folder.NewSite(src.dir), Theme: gongzhi.DefaultTheme(), Now: time.Now()})
	if err != nil {
		return nil, c.fail("%v", err), false
	}
	if files, err = fs.Sub(g, "search"); err != nil {
		return nil, c.fail("%v", err), false
	}
	return files, 0, true
}

// printResult says what was found, for people.
func (c *call) printResult(query string, result *search.Result, offset int, explain bool) {
	best, hits := result.Best, result.Hits
	switch {
	case result.Total > 0:
		fmt.Fprintf(c.stdout, "“%s”有 %d 条。\n", query, result.Total)
	case len(result.Among) > 0:
		fmt.Fprintf(c.stdout, "没有原样写着“%s”的。这是%s中“%s”的结果：\n", query, strings.Join(result.Among, "、"), result.Instead)
		best, hits = result.Related[:result.Ahead], result.Related[result.Ahead:]
	case result.Instead != "":
		fmt.Fprintf(c.stdout, "没有原样写着“%s”的。这是“%s”的结果：\n", query, result.Instead)
		best, hits = result.Related[:result.Ahead], result.Related[result.Ahead:]
	case len(result.Related) > 0:
		fmt.Fprintf(c.stdout, "没有“%s”。相近的有：\n", query)
		hits = result.Related
	default:
		fmt.Fprintf(c.stdout, "没有“%s”。\n", query)
	}
	for _, h := range best {
		fmt.Fprintf(c.stdout, "     另见 %s　%s\n     %s\n", h.Title, h.Type, h.URL)
	}
	if len(result.Offers) > 0 {
		var offers []string
		for _, o := range result.Offers {
			offers = append(offers, "“"+o.Query+"”")
		}
		fmt.Fprintf(c.stdout, "可以试试：%s\n", strings.Join(offers, "、"))
	}
	for i, h := range hits {
		fmt.Fprintf(c.stdout, "%3d  %s　%s　%s\n     %s\n", offset+i+1, h.Title, h.Type, h.Date, h.URL)
		if explain {
			c.explainHit(&h)
		}
	}
}

// explainHit says why a page stands where it does.
func (c *call) explainHit(h *search.Hit) {
	for _, w := range h.Why {
		class := [...]string{"", "正文", "字段", "题名", "题名一端", "名称全同"}
		name := ""
		if w.Class < len(class) {
			name = class[w.Class]
		}
		fmt.Fprintf(c.stdout, "     %s：在%s，密度 %d/3，计 %d 分，权重 %d，共 %d 条含此词\n", w.Word, name, w.Level, w.Points, w.Weight, w.Count)
	}
	fmt.Fprintf(c.stdout, "     得分 %d\n", h.Score)
}
