package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gongzhi"
	"gongzhi/generator/content"
	"gongzhi/generator/folder"
	"gongzhi/generator/intake"
	"gongzhi/generator/markdown"
	"gongzhi/generator/plan"
	"gongzhi/generator/render"
)

const manuscriptHelp = `
Word 文稿（.docx）导入有作者字段的类目，如报道，每份文稿成为一条记录；也可以写文件夹，里面的文稿都导入：

  gongzhi import reports 稿件.docx
  gongzhi import reports 五月来稿/ --draft
  gongzhi import --apply 2

标题、引题、副题、日期、来源、作者从文稿里取，作为建议列在方案里，每一项写明是怎么看出来的；没有带过来
的文字（修订中删去的、隐藏的、批注、页眉页脚）也逐条列出，文稿里的字不在记录里，就在方案里。

  --draft          写成草稿，先不发布
  --set 字段=值     这一次导入的文稿都写上，如 --set 来源=测试报；可写几次，优先于建议
  --mention 编号    文中提到的就是这条记录，如 people/编号；可写几次
  --keep-original  把原文稿也放在记录旁边，作为附件
  --again          导入过的文件再导入一次
  --manuscript     别的有正文的类目也按文稿导入
  --from html      从标准输入读 Word、WPS、网页或微信文章复制来的 HTML，如
                   gongzhi import reports --from html < 粘贴.html

.doc、.wps、.rtf、.pdf 和加了密码的文件不能读，方案里会写明怎样另存。用 gongzhi export 导出送审的文稿改好后，
再导入就是改原来的那条记录。`

// manuscripts are the flags of import that speak of manuscripts.
type manuscripts struct {
	from                         string
	draft, keep, again, explicit bool
	set, mention                 many
}

func manuscriptFlags(c *call) *manuscripts {
	m := &manuscripts{}
	c.flags.StringVar(&m.from, "from", "", "")
	c.flags.BoolVar(&m.draft, "draft", false, "")
	c.flags.BoolVar(&m.keep, "keep-original", false, "")
	c.flags.BoolVar(&m.again, "again", false, "")
	c.flags.BoolVar(&m.explicit, "manuscript", false, "")
	c.flags.Var(&m.set, "set", "")
	c.flags.Var(&m.mention, "mention", "")
	return m
}

// wanted tells whether files are manuscripts, not lists: they are pasted HTML or folders, or no tables or plain texts
// and for a collection whose records have authors.
func (m *manuscripts) wanted(src source, rest []string) bool {
	if m.from != "" || m.explicit {
		return true
	}
	lists := false
	for _, name := range rest[1:] {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return true
		}
		switch strings.ToLower(filepath.Ext(name)) {
		case ".xlsx", ".xls", ".csv", ".tsv", ".txt", "":
			lists = true
		}
	}
	if lists {
		return false
	}
	set, err := content.Load(schemasOnly{folder.NewSite(src.dir)}, content.Options{})
	if err != nil {
		return false
	}
	schema := content.FindSchema(set.Schemas, rest[0])
	return schema != nil && !schema.Rows && schema.Role(content.Author) != nil
}

// schemasOnly is a source in which collections are empty but for their schemas.
type schemasOnly struct{ fs.FS }

func (s schemasOnly) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(s.FS, name)
	if strings.Count(name, "/") < 1 {
		return entries, err
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() != "_schema.yaml" }), err
}

// importManuscripts makes the plan of an import of manuscripts.
func (c *call) importManuscripts(src source, m *manuscripts, rest []string) int {
	inputs, err := manuscriptInputs(rest[1:], m.from != "")
	if err != nil {
		return c.planFailed(src, err)
	}
	opt := intake.Options{Collection: rest[0], Draft: m.draft, Keep: m.keep, HTML: m.from != "", Again: m.again, Set: m.set, Mention: m.mention}
	s, err := plan.At(src.dir)
	if err != nil {
		return c.planFailed(src, err)
	}
	defer s.Close()
	settings, err := siteSettings(src.dir)
	if err != nil {
		return c.planFailed(src, err)
	}
	opt.Day = time.Now().In(settings.Zone).Format("2006-01-02")
	d, err := draftManuscripts(s, src, opt, inputs, 0)
	if err != nil {
		return c.planFailed(src, err)
	}
	p, err := s.Save(d)
	if err != nil {
		return c.planFailed(src, err)
	}
	if src.json {
		return c.planJSON(p)
	}
	c.showManuscripts(p)
	return done
}

// deriveManuscripts makes the draft of an import of manuscripts again.
func deriveManuscripts(s *plan.Store, src source, p *plan.Plan) (plan.Draft, error) {
	var opt intake.Options
	if err := json.Unmarshal(p.Args, &opt); err != nil {
		return plan.Draft{}, err
	}
	inputs := slices.Clone(p.Inputs)
	for i := range inputs {
		b, err := s.Input(inputs[i])
		if err != nil {
			return plan.Draft{}, err
		}
		inputs[i].Bytes = b
	}
	return draftManuscripts(s, src, opt, inputs, p.N)
}

// draftManuscripts makes the draft; self is the plan's own number, if it has one.
func draftManuscripts(s *plan.Store, src source, opt intake.Options, inputs []plan.Input, self int) (plan.Draft, error) {
	settings, err := siteSettings(src.dir)
	if err != nil {
		return plan.Draft{}, err
	}
	before, err := importedBefore(s, self)
	if err != nil {
		return plan.Draft{}, err
	}
	opt.Zone = settings.Zone
	opt.Slug = func(title string) string { return slug(title, false) }
	opt.Done = func(digest string) ([]string, int) { return before[digest].ids, before[digest].plan }
	opt.Site = settings.BaseURL
	return intake.Manuscripts(folder.NewSite(src.dir), inputs, opt)
}

type imported struct {
	ids  []string
	plan int
}

// importedBefore gives by digest the manuscripts that plans which stand have brought in.
func importedBefore(s *plan.Store, self int) (map[string]imported, error) {
	m := map[string]imported{}
	numbers, err := s.List()
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		if n == self {
			continue
		}
		p, err := s.Load(n)
		if err != nil || p.Command != intake.Command || p.State != plan.Applied {
			continue // one that can't be read says so where it is asked for
		}
		for _, r := range p.Rows {
			if r.Action == plan.Create && r.Row >= 1 && r.Row <= len(p.Inputs) {
				m[p.Inputs[r.Row-1].Digest] = imported{[]string{r.ID}, n}
			}
		}
	}
	return m, nil
}

// manuscriptInputs reads the files that are named, and those in folders.
func manuscriptInputs(names []string, html bool) ([]plan.Input, error) {
	var files []string
	for _, name := range names {
		info, err := os.Stat(name)
		if name == "-" || err != nil || !info.IsDir() {
			files = append(files, name)
			continue
		}
		err = filepath.WalkDir(name, func(p string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			base := e.Name()
			if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") {
				if e.IsDir() && p != name {
					return fs.SkipDir
				}
				return nil
			}
			switch strings.ToLower(filepath.Ext(base)) {
			case ".docx", ".docm", ".doc", ".wps", ".wpt", ".rtf", ".odt", ".pdf", ".uof", ".uot":
				if e.Type().IsRegular() {
					files = append(files, p)
				}
			}
			if len(files) > intake.MaxFiles {
				return fmt.Errorf("“%s”里的文稿超过 %d 份：请分成几个文件夹", name, intake.MaxFiles)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("文件夹里没有 Word 文稿（.docx）")
	}
	var inputs []plan.Input
	total := 0
	for _, name := range files {
		var in plan.Input
		if name == "-" {
			b, err := readUpTo(os.Stdin, intake.MaxFile)
			if err != nil {
				return nil, fmt.Errorf("读不了标准输入：%w", err)
			}
			in = plan.Input{Name: "粘贴的内容", Bytes: b}
			if html {
				in.Name += ".html"
			}
		} else {
			info, err := os.Stat(name)
			if err != nil {
				return nil, fmt.Errorf("读不了“%s”：%w", name, err)
			}
			if !info.Mode().IsRegular() {
				return nil, fmt.Errorf("“%s”不是普通文件", name)
			}
			f, err := os.Open(name)
			if err != nil {
				return nil, fmt.Errorf("读不了“%s”：%w", name, err)
			}
			b, err := readUpTo(f, intake.MaxFile)
			f.Close()
			if err != nil {
				return nil, fmt.Errorf("读不了“%s”：%w", name, err)
			}
			in = plan.Input{Name: filepath.ToSlash(baseName(name)), Path: absPath(name), Bytes: b}
		}
		if total += len(in.Bytes); total > intake.MaxTotal {
			return nil, fmt.Errorf("这些文稿合起来超过 %d MB：请分几次导入", intake.MaxTotal>>20)
		}
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// showManuscripts prints a plan: of one manuscript all fields, of several a table; then what is to be looked at.
func (c *call) showManuscripts(p *plan.Plan) {
	if len(p.Rows) == 1 && len(p.Rows[0].Changes) > 0 {
		r := p.Rows[0]
		fmt.Fprintf(c.stdout, "%s → %s（%s）\n", r.File, r.ID, r.Reason)
		for _, x := range r.Changes {
			if x.Old != "" {
				fmt.Fprintf(c.stdout, "  %s：%s → %s\n", x.Field, x.Old, x.New)
			} else {
				fmt.Fprintf(c.stdout, "  %s：%s\n", x.Field, x.New)
			}
		}
	} else {
		remarks := map[string]int{}
		for _, n := range p.Notes {
			name, _, _ := strings.Cut(n, ":")
			remarks[name]++
		}
		table := [][]string{{"文稿", "处理", "记录", "标题", "日期", "提醒", "说明"}}
		for _, r := range p.Rows {
			title, date := "", ""
			for i, x := range r.Changes {
				value, _, _ := strings.Cut(x.New, "（建议：")
				if i == 0 {
					title = value
				} else if strings.Contains(x.Field, "日期") || x.Field == "时间" {
					date = value
				}
			}
			n := ""
			if remarks[r.File] > 0 {
				n = fmt.Sprint(remarks[r.File])
			}
			table = append(table, []string{r.File, actionNames[r.Action], r.ID, shortenTo(title, 24), date, n, r.Reason})
		}
		printTable(c, table)
	}
	if len(p.Notes) > 0 {
		fmt.Fprintln(c.stdout, "\n请看（冒号后的数字是第几段）：")
		for _, n := range p.Notes {
			fmt.Fprintln(c.stdout, n)
		}
	}
	fmt.Fprintf(c.stdout, "\n方案 %d：%s。内容还没有改。\n", p.N, planCounts(&p.Draft))
	if len(p.Files) > 0 {
		fmt.Fprintf(c.stdout, "看过以后执行：gongzhi import --apply %d\n", p.N)
	}
}

var actionNames = map[plan.Action]string{plan.Create: "新增", plan.Update: "更改", plan.Unchanged: "不变", plan.Undecided: "待定", plan.Refused: "退回"}

func shortenTo(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// printTable prints rows in columns; a Chinese character is as wide as two others.
func printTable(c *call, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, s := range r {
			width[i] = max(width[i], columns(s))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, s := range r {
			b.WriteString(s)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", width[i]-columns(s)+2))
			}
		}
		fmt.Fprintln(c.stdout, strings.TrimRight(b.String(), " "))
	}
}

func columns(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x2e80 {
			n++
		}
	}
	return n
}

// exportManuscript writes a record as a Word file for review.
func (c *call) exportManuscript(src source, key, output string) int {
	g, err := render.New(render.Options{Source: folder.NewSite(src.dir), Theme: gongzhi.DefaultTheme(), Now: time.Now(), Unpublished: true})
	if err != nil {
		return c.fail("%v。", err)
	}
	i := slices.IndexFunc(g.Set.Records, func(r *content.Record) bool { return strings.EqualFold(r.Key(), key) })
	if i < 0 {
		return c.fail("没有“%s”这条记录：要写成 类目/编号，如 reports/2018/biaoti。", key)
	}
	r := g.Set.Records[i]
	var links []markdown.Resolved
	if at := g.Site.Of(r); at != nil {
		links = at.Links(r.Body)
	}
	file, notes, err := intake.Export(folder.NewSite(src.dir), g.Set, r, links)
	if err != nil {
		return c.fail("%v。", err)
	}
	for _, n := range notes {
		fmt.Fprintf(c.stderr, "%s:1:1: 警告: %s。\n", r.Path, n)
	}
	if output == "-" {
		if err := c.stdout.raw(file); err != nil {
			return c.fail("%v。", err)
		}
		return done
	}
	if output == "" {
		output = strings.ReplaceAll(r.ID, "/", "-") + ".docx"
	}
	if err := apart(output, src.dir); err != nil {
		return c.fail("%v", err)
	}
	if err := writeFile(output, file); err != nil {
		return c.fail("%v。", err)
	}
	fmt.Fprintf(c.stdout, "已写成 %s。改好后导入：gongzhi import %s %s\n", output, r.Schema.Key, output)
	return done
}

const exportDocxHelp = `
把一条有正文的记录写成 Word 文稿（.docx），照送审稿的版式：标题、日期来源作者、正文、表格、脚注、图片、出处。
在 Word 或 WPS 里改好（标题、正文、表格、图片、脚注都可以改，修订也行），再导入，改的就是原来那条记录；
没有改的，导入后方案是空的：

  gongzhi export reports/2018/biaoti --format docx
  gongzhi import reports 2018-biaoti.docx
  gongzhi import --apply 1`
