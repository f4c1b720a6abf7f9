package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"

	"gongzhi"
	"gongzhi/generator/build"
	"gongzhi/generator/folder"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
	"gongzhi/generator/spool"
)

var checkCommand = &command{
	name: "check", args: "[--source 文件夹] [--json]",
	short: "检查内容，什么也不写",
	long: `
说出 build 会报告的全部问题；再看有没有可疑的地方（同名的人、生卒颠倒、授予早于设立），
把每一页都做一遍看模板有没有错，数一数还缺什么。不写任何文件。
有错误时退出码是 1，只有警告时是 0。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --json            在标准输出写一个 JSON 对象，列出全部消息`,
	answers: true,
	run:     runCheck,
}

func runCheck(c *call) int {
	var src source
	src.flags(c, true)
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	now, err := clock("")
	if err != nil {
		return c.fail("%v", err)
	}
	if !src.check(c) {
		return failed
	}
	unused, tuned := room()
	defer runtime.KeepAlive(&unused)
	aside := spool.New(inMemory)
	defer aside.Close()
	g, err := render.New(render.Options{Source: folder.NewSite(src.dir), Theme: gongzhi.DefaultTheme(), Now: now, Pictures: pictures(src.dir), Look: true, Spool: aside, Once: true})
	if err != nil {
		src.fail(c, "%v", err)
		return failed
	}
	diags := slices.Concat(g.Diags, g.Site.Review(), gone(g, filepath.Join(src.dir, "public")), g.Settings.Unaddressed())
	diags.Sort()
	if diags.Errors() == 0 {
		if tuned {
			debug.SetGCPercent(garbagePercent)
		}
		if err := build.Rehearse(c.ctx, func(w *build.Writer) error { return g.Write(w) }); err != nil {
			faults := render.Faults(err)
			if len(faults) == 0 {
				return c.fail("%v", err)
			}
			diags = append(diags, faults...)
			diags.Sort()
		}
	}
	c.report(diags, src)
	to := c.stdout
	if src.json {
		to = c.stderr
	}
	fmt.Fprintf(to, "检查了 %d 条记录：%d 个错误，%d 个警告。\n", g.Records(), diags.Errors(), diags.Warnings())
	if gaps := g.Site.Gaps(); len(gaps) > 0 {
		fmt.Fprintf(to, "还没有填的（不算错误）：%s。\n", site.GapText(gaps))
	}
	switch {
	case c.ctx.Err() != nil:
		return interrupted
	case diags.Errors() > 0:
		return failed
	}
	return done
}
