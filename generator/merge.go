package main

import (
	"strings"

	"gongzhi/generator/folder"
	"gongzhi/generator/moves"
	"gongzhi/generator/plan"
)

var mergeCommand = &command{
	name: "merge", args: "类目/留下的编号 类目/并入的编号 [--take 字段=保留|并入,…] [--source 文件夹] [--json]；或 --apply N、--undo N",
	short: "两条记录原来是同一人，并成一条：先做方案，看过再执行",
	long: `
把后一条记录并进前一条：指到后一条的字段和链接改指前一条，后一条的网址转到前一条，它的字段、正文都
并过来。能有几个值的字段合在一起；只能有一个值、两条写得不一样的，列为待定，要说取哪一个；没有取的
写进附注。这一步不改内容，只做方案：

  gongzhi merge people/zhang-ceshi people/zhang-ceshi-2
  gongzhi merge people/zhang-ceshi people/zhang-ceshi-2 --take 出生=保留,籍贯=并入
  gongzhi merge --apply 2
  gongzhi merge --undo 2

写明了不是同一人（not_same_as）的，不合并。

  --take 字段=…   不一样的字段取哪一个：保留（前一条的）、并入（后一条的），几个用逗号分开
  --apply N       执行方案 N：重新推算一遍，和方案不同就不执行
  --undo N        撤销方案 N：恢复原来的文件；后来改过的，不撤销
  --source 文件夹  放着 site.yaml 和 content/ 的文件夹
  --json          在标准输出写一个 JSON 对象`,
	run: runMerge,
}

func runMerge(c *call) int {
	take := c.flags.String("take", "", "")
	return c.planned(2, "要写两条记录：留下的和并入的，如 gongzhi merge people/zhang-ceshi people/zhang-ceshi-2。", func(src source, rest []string) (plan.Draft, error) {
		return moves.Merge(folder.NewSite(src.dir), moves.MergeArgs{Keep: rest[0], Gone: rest[1], Take: listed(*take)}, readArchive)
	})
}

var splitCommand = &command{
	name: "split", args: "类目/编号 新编号 [--move 类目/编号,…] [--field 字段,…] [--source 文件夹] [--json]；或 --apply N、--undo N",
	short: "一条记录原来是同名的两个人，拆成两条：先做方案，看过再执行",
	long: `
新建一条同名的记录，两条互相写明不是同一人。--move 里写的记录以后指到新的一条，其余仍指原来的一条；只
写着姓名的，一律写成编号，因为有了同名的两条，光写姓名就分不清了。--field 里写的字段移到新的一条，
正文和别的字段留在原来的一条。这一步不改内容，只做方案：

  gongzhi split people/zhang-ceshi zhang-ceshi-2 --move conferrals/x1,reports/2020/r --field 逝世,籍贯
  gongzhi split --apply 3
  gongzhi split --undo 3

  --move 记录,…   哪些记录说的是新的一条
  --field 字段,…  哪些字段属于新的一条
  --apply N       执行方案 N：重新推算一遍，和方案不同就不执行
  --undo N        撤销方案 N：恢复原来的文件；后来改过的，不撤销
  --source 文件夹  放着 site.yaml 和 content/ 的文件夹
  --json          在标准输出写一个 JSON 对象`,
	run: runSplit,
}

func runSplit(c *call) int {
	move, fields := c.flags.String("move", "", ""), c.flags.String("field", "", "")
	return c.planned(2, "要写记录和新编号，如 gongzhi split people/zhang-ceshi zhang-ceshi-2。", func(src source, rest []string) (plan.Draft, error) {
		return moves.Split(folder.NewSite(src.dir), moves.SplitArgs{From: rest[0], New: rest[1], Move: listed(*move), Fields: listed(*fields)}, readArchive)
	})
}

// listed parts a list of the command line at commas of either width.
func listed(s string) []string {
	var list []string
	for _, x := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' }) {
		if x = strings.TrimSpace(x); x != "" {
			list = append(list, x)
		}
	}
	return list
}
