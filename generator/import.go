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

// importing is what the flags of import say.
type importing struct {
	src         source
	opt         desk.Options
	fill        many
	mapFile     string
	papers      *manuscripts
	apply, undo int
}

func runImport(c *call) int {
	var i importing
	i.src.flags(c, true)
	c.flags.StringVar(&i.opt.Round, "round", "", "")
	c.flags.StringVar(&i.opt.Sheet, "sheet", "", "")
	c.flags.BoolVar(&i.opt.People, "people", false, "")
	c.flags.Var(&i.fill, "fill", "")
	c.flags.StringVar(&i.mapFile, "map", "", "")
	i.papers = manuscriptFlags(c)
	c.flags.IntVar(&i.apply, "apply", 0, "")
	c.flags.IntVar(&i.undo, "undo", 0, "")
	rest, code, ok := c.parse(1000)
	if !ok {
		return code
	}
	planning := i.apply == 0 && i.undo == 0
	switch {
	case i.apply != 0 && i.undo != 0:
		return c.wrong("--apply 和 --undo 只能写一个。")
	case !planning && len(rest) > 0:
		return c.wrong("--apply、--undo 后面不写类目和文件。")
	case i.apply < 0 || i.undo < 0:
		return c.wrong("方案的号数是正整数。")
	case i.papers.from != "" && i.papers.from != "html":
		return c.wrong("--from 后面只能写 html。")
	case planning && i.papers.from != "" && len(rest) == 1:
		rest = append(rest, "-")
	case planning && len(rest) < 2:
		return c.wrong("要写类目和文件，如 gongzhi import conferrals 名单.xlsx。")
	}
	if !i.src.check(c) {
		return failed
	}
	debug.SetGCPercent(30) // a list of 100,000 rows is many small things, most of which stay
	switch {
	case i.apply > 0:
		return c.applyPlan(i.src, i.apply)
	case i.undo > 0:
		return c.undoPlan(i.src, i.undo)
	case i.papers.wanted(i.src, rest):
		return c.importManuscripts(i.src, i.papers, rest)
	}
	return c.importList(&i, rest[0], rest[1:])
}

// importList makes a plan of lists, and says where it is.
func (c *call) importList(i *importing, collection string, files []string) int {
	i.opt.Collection, i.opt.Fill = collection, i.fill
	var inputs []plan.Input
	for _, name := range files {
		in, err := readInput(name)
		if err != nil {
			return c.planFailed(i.src, err)
		}
		inputs = append(inputs, in)
	}
	settings, err := siteSettings(i.src.dir)
	if err != nil {
		return c.planFailed(i.src, err)
	}
	now := time.Now()
	if t, err := clock(""); err == nil {
		now = t
	}
	i.opt.Day, i.opt.Zone = now.In(settings.Zone).Format("2006-01-02"), settings.Zone
	s, err := plan.At(i.src.dir)
	if err != nil {
		return c.planFailed(i.src, err)
	}
	defer s.Close()
	p, err := c.planList(i, s, inputs)
	if err != nil {
		return c.planFailed(i.src, err)
	}
	if i.src.json {
		return c.planJSON(p)
	}
	c.tellPlan(p)
	fmt.Fprintf(c.stdout, "内容还没有改。请看：%s\n", s.Path(p.N, bookName))
	if len(p.Files) > 0 || p.Count(plan.Undecided) > 0 {
		fmt.Fprintf(c.stdout, "看过以后执行：gongzhi import --apply %d\n", p.N)
	}
	return done
}

// planList saves a plan of what the inputs hold, with a workbook, and what the user said of the columns, for the next
// list with the same head.
func (c *call) planList(i *importing, s *plan.Store, inputs []plan.Input) (*plan.Plan, error) {
	remembered := "map-" + desk.Look(inputs)
	if i.mapFile != "" {
		var err error
		if i.opt.Map, err = readMap(i.mapFile); err != nil {
			return nil, err
		}
	} else if b, err := s.Recall(remembered); err == nil {
		if json.Unmarshal(b, &i.opt.Map) == nil && len(i.opt.Map) > 0 && !i.src.json {
			fmt.Fprintln(c.stdout, "表头和上次的一样，沿用上次的对应（--map）。")
		}
	}
	d, err := desk.Import(folder.NewSite(i.src.dir), inputs, i.opt)
	if err != nil {
		return nil, err
	}
	p, err := s.Save(d)
	if err != nil {
		return nil, err
	}
	if i.mapFile != "" {
		if b, err := json.Marshal(i.opt.Map); err == nil {
			if err := s.Remember(remembered, b); err != nil {
				return nil, err
			}
		}
	}
	book, err := desk.Book(p)
	if err != nil {
		return nil, err
	}
	return p, s.Attach(p.N, bookName, book)
}

// mostTold is how many rows of a plan are told on the terminal; the others are in its workbook.
const mostTold = 10

// tellPlan says what a plan would do, and the first rows that it can't decide or use.
func (c *call) tellPlan(p *plan.Plan) {
	for _, n := range p.Notes {
		fmt.Fprintln(c.stdout, n)
	}
	fmt.Fprintf(c.stdout, "\n方案 %d：%s。\n", p.N, planCounts(&p.Draft))
	shown := 0
	for _, r := range p.Rows {
		if r.Action != plan.Undecided && r.Action != plan.Refused {
			continue
		}
		if shown++; shown > mostTold {
			fmt.Fprintf(c.stdout, "  …另有 %d 行，见工作簿\n", p.Count(plan.Undecided)+p.Count(plan.Refused)-mostTold)
			break
		}
		fmt.Fprintf(c.stdout, "  %s %s：%s\n", map[plan.Action]string{plan.Undecided: "待定", plan.Refused: "退回"}[r.Action], r.Place, r.Reason)
	}
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
