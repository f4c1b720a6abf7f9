package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"gongzhi/generator/intake"
	"gongzhi/generator/moves"
	"gongzhi/generator/plan"
)

// planner is a command whose work is a plan: how a draft is derived again from what the plan keeps, and how the
// answers that people gave are worked in, if it asks.
type planner struct {
	derive func(s *plan.Store, src source, p *plan.Plan) (plan.Draft, error)
	decide func(s *plan.Store, src source, p *plan.Plan, d plan.Draft) (plan.Draft, error)
}

// planners are they, by plan.Draft.Command.
var planners = map[string]planner{"import": {deriveImport, decideImport}, intake.Command: {derive: deriveManuscripts}, moves.Command: {derive: again(moves.Rename)}, moves.WithdrawCommand: {derive: again(moves.Withdraw)},
	moves.MergeCommand: {derive: again(moves.Merge)}, moves.SplitCommand: {derive: again(moves.Split)}}

// applyPlan does plan n, or nothing.
func (c *call) applyPlan(src source, n int) int {
	s, err := plan.At(src.dir)
	if err != nil {
		return c.planFailed(src, err)
	}
	defer s.Close()
	p, err := s.Load(n)
	if err != nil {
		return c.planFailed(src, err)
	}
	by, ok := planners[p.Command]
	if !ok {
		return c.planFailed(src, fmt.Errorf("方案 %d 是“%s”做的，这个版本的程序不会执行", n, p.Command))
	}
	var decide func(*plan.Plan, plan.Draft) (plan.Draft, error)
	var final plan.Draft
	decided := false
	if by.decide != nil {
		decide = func(p *plan.Plan, d plan.Draft) (plan.Draft, error) {
			d, err := by.decide(s, src, p, d)
			final, decided = d, true
			return d, err
		}
	}
	res, err := s.Apply(n, func(p *plan.Plan) (plan.Draft, error) { return by.derive(s, src, p) }, decide)
	if err != nil {
		return c.planFailed(src, err)
	}
	if decided {
		res.Plan.Draft = final
	}
	res.Plan.Files = res.Files
	if src.json {
		return c.planJSON(res.Plan)
	}
	if len(res.Files) == 0 {
		fmt.Fprintf(c.stdout, "方案 %d 没有要写的，什么也没有改。\n", n)
		return done
	}
	fmt.Fprintf(c.stdout, "已执行方案 %d：%s。\n", n, planCounts(&res.Plan.Draft))
	printEntries(c, res.Files)
	fmt.Fprintf(c.stdout, "要撤销：gongzhi %s --undo %d\n", c.cmd.name, n)
	return done
}

// undoPlan puts back what plan n wrote.
func (c *call) undoPlan(src source, n int) int {
	s, err := plan.At(src.dir)
	if err != nil {
		return c.planFailed(src, err)
	}
	defer s.Close()
	res, err := s.Undo(n)
	if err != nil {
		return c.planFailed(src, err)
	}
	res.Plan.Files = res.Files
	if src.json {
		return c.planJSON(res.Plan)
	}
	fmt.Fprintf(c.stdout, "已撤销方案 %d，%d 个文件恢复原样。\n", n, len(res.Files))
	return done
}

func printEntries(c *call, files []plan.Entry) {
	for i, e := range files {
		if i == 10 {
			fmt.Fprintf(c.stdout, "  …另有 %d 个文件\n", len(files)-i)
			break
		}
		fmt.Fprintf(c.stdout, "  %s %s\n", map[string]string{"create": "新建", "replace": "改写", "delete": "删去"}[e.Kind], e.Path)
	}
}

// planCounts says in words what becomes of the rows.
func planCounts(d *plan.Draft) string {
	var parts []string
	for _, x := range []struct {
		a    plan.Action
		name string
	}{{plan.Create, "新增"}, {plan.Update, "更改"}, {plan.Unchanged, "不变"}, {plan.Undecided, "待定"}, {plan.Refused, "退回"}} {
		parts = append(parts, fmt.Sprintf("%s %d", x.name, d.Count(x.a)))
	}
	return strings.Join(parts, "，")
}

func (c *call) planFailed(src source, err error) int {
	text := err.Error()
	if errors.Is(err, fs.ErrPermission) {
		text = "没有权限：" + text
	}
	if src.json {
		c.fail("%s。", text)
		b, _ := json.Marshal(map[string]any{"error": text, "messages": []any{}})
		c.answer = true
		fmt.Fprintf(c.stdout, "%s\n", b)
		return failed
	}
	return c.fail("%s。", strings.TrimRight(text, "。"))
}

func (c *call) planJSON(p *plan.Plan) int {
	c.answer = true
	e := json.NewEncoder(c.stdout)
	e.SetEscapeHTML(false)
	if err := e.Encode(p.Report()); err != nil {
		return c.fail("%v", err)
	}
	return done
}

// readInput reads a file that the command line names; “-” is standard input.
func readInput(name string) (plan.Input, error) {
	if name == "-" {
		b, err := readLimited(os.Stdin)
		return plan.Input{Name: "粘贴的文字.txt", Bytes: b}, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return plan.Input{}, fmt.Errorf("读不了“%s”：%w", name, err)
	}
	if !info.Mode().IsRegular() {
		return plan.Input{}, fmt.Errorf("“%s”不是普通文件", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return plan.Input{}, fmt.Errorf("读不了“%s”：%w", name, err)
	}
	defer f.Close()
	b, err := readLimited(f)
	if err != nil {
		return plan.Input{}, fmt.Errorf("读不了“%s”：%w", name, err)
	}
	return plan.Input{Name: baseName(name), Path: absPath(name), Bytes: b}, nil
}
