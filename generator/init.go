package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"gongzhi"
)

var initCommand = &command{
	name: "init", args: "文件夹 [--empty]",
	short: "新建一个自己的网站",
	long: `
在一个空的（或还没有的）文件夹里放好 site.yaml 和样本档案，马上就能预览和生成。
先看样本怎么写，再换成自己的记录。

  --empty   不要样本档案，只要 site.yaml 和一篇说明

例：gongzhi init 我的网站
    cd 我的网站
    gongzhi serve`,
	run: runInit,
}

const starterSettings = `# 网站的设置。每一项都可以不写；全部设置见 docs/settings.md。
title: 我的工会史料
subtitle:
description:
# 发布后的网址，发布前请改好
baseURL: https://example.org/
# organizer: 主办单位
# contact: [电话：…, 地址：…, 邮编：…]
# icp: 备案号
`

const starterReport = `---
title: 第一篇报道
date: 2026-01-01
source: 本站
tags: [使用说明]
summary: 这是一篇说明，看过可以删去。
---

这个网站还是空的。记录放在 content 文件夹里，一个类目一个文件夹：

- content/reports/ 报道，content/people/ 人物，content/events/ 大事……
- 一条记录是一个 Markdown 文件：开头两行 --- 之间写字段，下面写正文。
- 也可以用表格：content/people/名单.csv，第一行写“编号,姓名,性别,出生”，下面一人一行。

新建一条记录：

` + "```" + `
gongzhi new people 张测试
` + "```" + `

保存以后，预览里马上看得到。写错了，会说明是哪个文件的哪一行。
`

func runInit(c *call) int {
	empty := c.flags.Bool("empty", false, "")
	rest, code, ok := c.parse(1)
	if !ok {
		return code
	}
	if len(rest) == 0 {
		return c.wrong("要写新文件夹的名称，如 gongzhi init 我的网站。")
	}
	dir := rest[0]
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return c.fail("“%s”里已经有文件。请换一个空的或还没有的文件夹。", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c.fail("用不了“%s”：%v", dir, err)
	}
	files := map[string][]byte{"site.yaml": []byte(starterSettings), "content/reports/2026/first.md": []byte(starterReport), ".gitignore": []byte("/public/\n/.gongzhi/\n")}
	if !*empty {
		delete(files, "content/reports/2026/first.md")
		err := fs.WalkDir(gongzhi.Sample(), "content", func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			files[p], err = fs.ReadFile(gongzhi.Sample(), p)
			return err
		})
		if err != nil {
			return c.fail("%v", err)
		}
	}
	for name, src := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return c.fail("建不了文件夹：%v", err)
		}
		if err := os.WriteFile(file, src, 0o644); err != nil {
			return c.fail("写不了 %s：%v", path.Base(name), err)
		}
	}
	fmt.Fprintf(c.stdout, "已在 %s 放好 %d 个文件。接下来：\n\n  cd %s\n  gongzhi serve\n\n先把 site.yaml 里的 title 改成自己的名称。\n", dir, len(files), dir)
	return done
}
