package main

import (
	"fmt"

	"gongzhi"
	"gongzhi/generator/preview"
)

var serveCommand = &command{
	name: "serve", args: "[--source 文件夹] [--port 端口] [--bind 地址] [--poll 间隔] [--no-open]",
	short: "预览网站，保存后马上看到",
	long: `
在自己的电脑上预览网站；改了文件，打开着的网页马上更新。不写任何文件，按 Ctrl-C 结束。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --port 端口       默认 1313；已被占用时用后面空着的一个
  --bind 地址       默认 127.0.0.1，只有本机能看
  --poll 间隔       不靠系统通知，每隔一段时间（如 700ms）自己查看有没有改动
  --no-open         不自动打开浏览器`,
	run: runServe,
}

func runServe(c *call) int {
	var src source
	src.flags(c, false)
	port := c.flags.Int("port", 1313, "")
	bind := c.flags.String("bind", "127.0.0.1", "")
	c.flags.Duration("poll", 0, "")
	c.flags.Bool("no-open", false, "")
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	if !src.check(c) {
		return failed
	}
	err := preview.Run(c.ctx, preview.Options{Source: src.dir, Theme: gongzhi.DefaultTheme(), Bind: *bind, Port: *port,
		Say: func(format string, args ...any) { fmt.Fprintf(c.stdout, format+"\n", args...) }})
	if err != nil {
		return c.fail("%v", err)
	}
	return done
}
