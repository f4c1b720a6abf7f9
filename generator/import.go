package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"gongzhi/generator/desk"
	"gongzhi/generator/folder"
	"gongzhi/generator/grid"
	"gongzhi/generator/plan"
	"gongzhi/generator/site"
)

var importCommand = &command{
	name: "import", args: "类目 文件… [--round 批次] [--sheet 工作表] [--map 文件] [--fill 列] [--people] [--draft] [--from html] [--json]；或 --apply N、--undo N",
	short: "导入名单、登记表、Word 文稿：先做方案，看过再执行",
	long: `
读 .xlsx、.csv、.txt（名单、大事记、制表符分开的表）、.docx 里的名单和表格，做成一个方案：哪些
新增，哪些更改，哪些不变，哪些要人来定，哪些用不了。这一步不改内容，只在 .gongzhi/plans/ 里写下
方案和一个工作簿。看过工作簿、在“待定”表里选定以后，再执行：

  gongzhi import conferrals 通知.txt --round 2005-laomo
  gongzhi import --apply 1
  gongzhi import --undo 1

文件写 - 时，从标准输入读（粘贴以后按 Ctrl+D，Windows 上是 Ctrl+Z 再回车）。

  --round 批次    这份名单属于哪一批（rounds 里的编号）；还没有的，照名单新建
  --sheet 工作表  电子表格有几张工作表时，写明哪一张
  --map 文件      表头和字段的对应，一行一个，如“所在单位=时任单位”；“列名=-”表示不要这一列
  --fill 列       这一列的空格照上面一格填；可写几次
  --people        同时给名单上的人各建一条人物记录；已有同名的要人来定
  --apply N       执行方案 N：重新推算一遍，和方案不同就不执行
  --undo N        撤销方案 N：恢复原来的文件；后来改过的，不撤销
  --source 文件夹  放着 site.yaml 和 content/ 的文件夹
  --json          在标准输出写一个 JSON 对象

同一行认作哪一条记录，先看编号，再看批次和名单序号，再看批次、姓名和单位；从不只凭姓名。空格子不改
原来的值；要删去原来的值，写“（删除）”。身份证号、电话、住址这些列不会带入。
` + manuscriptHelp,
	run: runImport,
}

// many is a flag that may be given several times.
type many []string

func (m *many) String() string     { return strings.Join(*m, ",") }
func (m *many) Set(s string) error { *m = append(*m, s); return nil }

func runImport(c *call) int {
	var src source
	src.flags(c, true)
	var opt desk.Options
	var fill many
	c.flags.StringVar(&opt.Round, "round", "", "")
	c.flags.StringVar(&opt.Sheet, "sheet", "", "")
	c.flags.BoolVar(&opt.People, "people", false, "")
	c.flags.Var(&fill, "fill", "")
	mapFile := c.flags.String("map", "", "")
	papers := manuscriptFlags(c)
	apply := c.flags.Int("apply", 0, "")
	undo := c.flags.Int("undo", 0, "")
	rest, code, ok := c.parse(1000)
	if !ok {
		return code
	}
	switch {
	case *apply != 0 && *undo != 0:
		return c.wrong("--apply 和 --undo 只能写一个。")
	case (*apply != 0 || *undo != 0) && len(rest) > 0:
		return c.wrong("--apply、--undo 后面不写类目和文件。")
	case *apply < 0 || *undo < 0:
		return c.wrong("方案的号数是正整数。")
	case papers.from != "" && papers.from != "html":
		return c.wrong("--from 后面只能写 html。")
	case *apply == 0 && *undo == 0 && papers.from != "" && len(rest) == 1:
		rest = append(rest, "-")
	case *apply == 0 && *undo == 0 && len(rest) < 2:
		return c.wrong("要写类目和文件，如 gongzhi import conferrals 名单.xlsx。")
	}
	if !src.check(c) {
		return failed
	}
	debug.SetGCPercent(30) // a list of 100,000 rows is many small things, most of which stay
	if *apply > 0 {
		return c.applyPlan(src, *apply)
	}
	if *undo > 0 {
		return c.undoPlan(src, *undo)
	}
	if papers.wanted(src, rest) {
		return c.importManuscripts(src, papers, rest)
	}
	opt.Collection, opt.Fill = rest[0], fill
	var inputs []plan.Input
	for _, name := range rest[1:] {
		in, err := readInput(name)
		if err != nil {
			return c.planFailed(src, err)
		}
		inputs = append(inputs, in)
	}
	settings, err := siteSettings(src.dir)
	if err != nil {
		return c.planFailed(src, err)
	}
	now := time.Now()
	if t, err := clock(""); err == nil {
		now = t
	}
	opt.Day, opt.Zone = now.In(settings.Zone).Format("2006-01-02"), settings.Zone
	s, err := plan.At(src.dir)
	if err != nil {
		return c.planFailed(src, err)
	}
	defer s.Close()
	look := desk.Look(inputs)
	if *mapFile != "" {
		if opt.Map, err = readMap(*mapFile); err != nil {
			return c.planFailed(src, err)
		}
	} else if b, err := s.Recall("map-" + look); err == nil {
		if json.Unmarshal(b, &opt.Map) == nil && len(opt.Map) > 0 && !src.json {
			fmt.Fprintln(c.stdout, "表头和上次的一样，沿用上次的对应（--map）。")
		}
	}
	d, err := desk.Import(folder.NewSite(src.dir), inputs, opt)
	if err != nil {
		return c.planFailed(src, err)
	}
	p, err := s.Save(d)
	if err != nil {
		return c.planFailed(src, err)
	}
	if *mapFile != "" {
		if b, err := json.Marshal(opt.Map); err == nil {
			if err := s.Remember("map-"+look, b); err != nil {
				return c.planFailed(src, err)
			}
		}
	}
	book, err := desk.Book(p)
	if err != nil {
		return c.planFailed(src, err)
	}
	if err := s.Attach(p.N, bookName, book); err != nil {
		return c.planFailed(src, err)
	}
	if src.json {
		return c.planJSON(p)
	}
	for _, n := range p.Notes {
		fmt.Fprintln(c.stdout, n)
	}
	fmt.Fprintf(c.stdout, "\n方案 %d：%s。\n", p.N, planCounts(&p.Draft))
	shown := 0
	for _, r := range p.Rows {
		if r.Action != plan.Undecided && r.Action != plan.Refused {
			continue
		}
		if shown++; shown > 10 {
			fmt.Fprintf(c.stdout, "  …另有 %d 行，见工作簿\n", p.Count(plan.Undecided)+p.Count(plan.Refused)-10)
			break
		}
		fmt.Fprintf(c.stdout, "  %s %s：%s\n", map[plan.Action]string{plan.Undecided: "待定", plan.Refused: "退回"}[r.Action], r.Place, r.Reason)
	}
	fmt.Fprintf(c.stdout, "内容还没有改。请看：%s\n", s.Path(p.N, bookName))
	if len(p.Files) > 0 || p.Count(plan.Undecided) > 0 {
		fmt.Fprintf(c.stdout, "看过以后执行：gongzhi import --apply %d\n", p.N)
	}
	return done
}

const bookName = "方案.xlsx"

// deriveImport makes the draft of an import again.
func deriveImport(s *plan.Store, src source, p *plan.Plan) (plan.Draft, error) {
	return importAgain(s, src, p, nil)
}

// decideImport works in what people chose in the workbook.
func decideImport(s *plan.Store, src source, p *plan.Plan, d plan.Draft) (plan.Draft, error) {
	if p.Count(plan.Undecided) == 0 {
		return d, nil
	}
	book, err := s.Attached(p.N, bookName)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	} else if err != nil {
		return d, err
	}
	answers, err := desk.Answers(book, p)
	if err != nil || len(answers) == 0 {
		return d, err
	}
	return importAgain(s, src, p, answers)
}

func importAgain(s *plan.Store, src source, p *plan.Plan, answers map[string]string) (plan.Draft, error) {
	var opt desk.Options
	if err := json.Unmarshal(p.Args, &opt); err != nil {
		return plan.Draft{}, err
	}
	settings, err := siteSettings(src.dir)
	if err != nil {
		return plan.Draft{}, err
	}
	opt.Zone, opt.Answers = settings.Zone, answers
	var inputs []plan.Input
	for _, in := range p.Inputs {
		if in.Bytes, err = s.Input(in); err != nil {
			return plan.Draft{}, err
		}
		inputs = append(inputs, in)
	}
	return desk.Import(folder.NewSite(src.dir), inputs, opt)
}

// siteSettings reads site.yaml.
func siteSettings(dir string) (*site.Settings, error) {
	b, err := folder.ReadFile(filepath.Join(dir, "site.yaml"), site.MaxSettings)
	if err != nil {
		return nil, err
	}
	settings, diags := site.ReadSettings(b)
	if diags.Errors() > 0 {
		return nil, fmt.Errorf("site.yaml 有错误：%s", diags[0].Text)
	}
	return settings, nil
}

var mapLine = regexp.MustCompile(`^\s*([^=:：\t]+?)\s*[=:：\t]\s*(.*?)\s*$`)

// readMap reads which columns are which fields.
func readMap(name string) (map[string]string, error) {
	b, err := folder.ReadFile(name, grid.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("读不了“%s”：%w", name, err)
	}
	text, _, err := grid.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s：%w", name, err)
	}
	m := map[string]string{}
	for i, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		x := mapLine.FindStringSubmatch(l)
		if x == nil {
			return nil, fmt.Errorf("%s 第 %d 行“%s”看不懂。请写成“列名=字段”", name, i+1, l)
		}
		m[grid.Name(x[1])] = x[2]
	}
	return m, nil
}

func readLimited(r io.Reader) ([]byte, error) { return readUpTo(r, grid.MaxBytes) }

func readUpTo(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("超过 %d MB，太大了", most>>20)
	}
	return b, err
}

func baseName(name string) string { return filepath.Base(name) }

func absPath(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}
