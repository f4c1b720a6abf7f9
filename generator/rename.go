package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"gongzhi"
	"gongzhi/generator/folder"
	"gongzhi/generator/moves"
	"gongzhi/generator/plan"
	"gongzhi/generator/render"
)

var renameCommand = &command{
	name: "rename", args: "类目/编号 新编号 [--source 文件夹] [--json]；或 --apply N、--undo N",
	short: "给一条记录改编号（网址），指到它的地方一起改：先做方案，看过再执行",
	long: `
改一条记录的编号，也就是文件名、表格里的编号和网址。别的记录里写着这个编号的字段、正文里指到它的
链接，都一起改，只动那几个字；旧网址记进“旧网址”，访问时转到新的页面。这一步不改内容，只在
.gongzhi/plans/ 里写下方案。看过以后再执行：

  gongzhi rename people/zhang-ceshi zhang-ceshi-1950
  gongzhi rename --apply 1
  gongzhi rename --undo 1

写题名的地方（如 [[张测试]]）不用改，也不会改。改了会出错的，不做方案，并说明是哪一处。

  --apply N       执行方案 N：重新推算一遍，和方案不同就不执行
  --undo N        撤销方案 N：恢复原来的文件；后来改过的，不撤销
  --source 文件夹  放着 site.yaml 和 content/ 的文件夹
  --json          在标准输出写一个 JSON 对象`,
	run: runRename,
}

func runRename(c *call) int {
	return c.planned(2, "要写记录和新编号，如 gongzhi rename people/zhang-ceshi zhang-ceshi-1950。", func(src source, rest []string) (plan.Draft, error) {
		return moves.Rename(folder.NewSite(src.dir), moves.Args{From: rest[0], To: rest[1]}, readArchive)
	})
}

var withdrawCommand = &command{
	name: "withdraw", args: "类目/编号 [--reason 原因] [--source 文件夹] [--json]；或 --apply N、--undo N",
	short: "撤下一条记录，网址上留一页说明：先做方案，看过再执行",
	long: `
在记录里写上撤下的日期。它不再列在网站里，也搜不到；原来的网址上留一页，写明是什么、什么时候撤下的。
记录还在 content/ 里，编号不会再给别的记录用；指到它的地方只显示名称，方案里一一列出。这一步不改
内容，看过方案再执行：

  gongzhi withdraw reports/2020/ceshi
  gongzhi withdraw --apply 1
  gongzhi withdraw --undo 1

要恢复，撤销方案，或删去“撤下”这个字段。

  --reason 原因   写在留下的那一页上，如 --reason 与事实不符，待核
  --apply N       执行方案 N：重新推算一遍，和方案不同就不执行
  --undo N        撤销方案 N：恢复原来的文件；后来改过的，不撤销
  --source 文件夹  放着 site.yaml 和 content/ 的文件夹
  --json          在标准输出写一个 JSON 对象`,
	run: runWithdraw,
}

func runWithdraw(c *call) int {
	reason := c.flags.String("reason", "", "")
	return c.planned(1, "要写记录，如 gongzhi withdraw reports/2020/ceshi。", func(src source, rest []string) (plan.Draft, error) {
		settings, err := siteSettings(src.dir)
		if err != nil {
			return plan.Draft{}, err
		}
		now, err := clock("")
		if err != nil {
			return plan.Draft{}, err
		}
		return moves.Withdraw(folder.NewSite(src.dir), moves.WithdrawArgs{Record: rest[0], Day: now.In(settings.Zone).Format("2006-01-02"), Reason: plain(*reason)}, readArchive)
	})
}

// again makes the draft of a plan a second time, by what moves has for it.
func again[A any](move func(fs.FS, A, func(fs.FS) (moves.Archive, error)) (plan.Draft, error)) func(*plan.Store, source, *plan.Plan) (plan.Draft, error) {
	return func(_ *plan.Store, src source, p *plan.Plan) (plan.Draft, error) {
		var args A
		if err := json.Unmarshal(p.Args, &args); err != nil {
			return plan.Draft{}, err
		}
		return move(folder.NewSite(src.dir), args, readArchive)
	}
}

// planned runs a command whose work is a plan: it makes one of n arguments, applies one or undoes one.
func (c *call) planned(n int, lacking string, draft func(src source, rest []string) (plan.Draft, error)) int {
	var src source
	src.flags(c, true)
	apply := c.flags.Int("apply", 0, "")
	undo := c.flags.Int("undo", 0, "")
	rest, code, ok := c.parse(n)
	if !ok {
		return code
	}
	switch {
	case *apply != 0 && *undo != 0:
		return c.wrong("--apply 和 --undo 只能写一个。")
	case (*apply != 0 || *undo != 0) && len(rest) > 0:
		return c.wrong("--apply、--undo 后面不写记录。")
	case *apply < 0 || *undo < 0:
		return c.wrong("方案的号数是正整数。")
	case *apply == 0 && *undo == 0 && len(rest) != n:
		return c.wrong("%s", lacking)
	}
	if !src.check(c) {
		return failed
	}
	switch {
	case *apply > 0:
		return c.applyPlan(src, *apply)
	case *undo > 0:
		return c.undoPlan(src, *undo)
	}
	d, err := draft(src, rest)
	if err != nil {
		return c.planFailed(src, err)
	}
	return c.savePlan(src, d)
}

// savePlan puts a draft away and shows it.
func (c *call) savePlan(src source, d plan.Draft) int {
	s, err := plan.At(src.dir)
	if err != nil {
		return c.planFailed(src, err)
	}
	defer s.Close()
	p, err := s.Save(d)
	if err != nil {
		return c.planFailed(src, err)
	}
	if src.json {
		return c.planJSON(p)
	}
	fmt.Fprintf(c.stdout, "方案 %d：更改 %d 条记录，%d 个文件。\n", p.N, p.Count(plan.Update), len(p.Files))
	shown := 0
	if n := p.Count(plan.Undecided); n > 0 {
		fmt.Fprintf(c.stdout, "有 %d 处待定，定了才有方案可以执行：\n", n)
		for _, r := range p.Rows {
			fmt.Fprintf(c.stdout, "  %s：%s → %s　%s\n", r.Changes[0].Field, orNothing(r.Changes[0].Old), orNothing(r.Changes[0].New), r.Reason)
		}
		return done
	}
	for _, r := range p.Rows {
		for _, ch := range r.Changes {
			if shown++; shown <= 20 {
				fmt.Fprintf(c.stdout, "  %s %s：%s → %s\n", r.ID, ch.Field, orNothing(ch.Old), orNothing(ch.New))
			}
		}
	}
	if n := p.Count(plan.Unchanged); n > 0 {
		what := map[string]string{moves.SplitCommand: "仍指原来的一条"}[d.Command]
		if what == "" {
			what = "以后只显示名称"
		}
		fmt.Fprintf(c.stdout, "  指到它的记录有 %d 条，%s：\n", n, what)
		for _, r := range p.Rows {
			if shown++; r.Action == plan.Unchanged && shown <= 20 {
				fmt.Fprintf(c.stdout, "    %s（%s）\n", r.ID, r.File)
			}
		}
	}
	if shown > 20 {
		fmt.Fprintf(c.stdout, "  …另有 %d 处\n", shown-20)
	}
	printEntries(c, p.Files)
	fmt.Fprintf(c.stdout, "内容还没有改。看过以后执行：gongzhi %s --apply %d\n", d.Command, p.N)
	return done
}

func orNothing(s string) string {
	if s == "" {
		return "（空）"
	}
	s = strings.ReplaceAll(s, "\n", "⏎")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// readArchive reads an archive with everything that is not published.
func readArchive(source fs.FS) (moves.Archive, error) {
	g, err := render.New(render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: time.Now(), Unpublished: true})
	if err != nil {
		return moves.Archive{}, err
	}
	return moves.Archive{Site: g.Site, Diags: g.Diags}, nil
}
