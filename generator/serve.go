package main

import (
	"fmt"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"gongzhi"
	"gongzhi/generator/preview"
	"gongzhi/generator/spool"
)

var serveCommand = &command{
	name: "serve", args: "[--source 文件夹] [--port 端口] [--bind 地址] [--poll 间隔] [--no-open]",
	short: "预览网站，保存后马上看到",
	long: `
在自己的电脑上预览网站；改了文件，打开着的网页马上更新。不改任何文件（缩小的图片存在 .gongzhi/pictures），按 Ctrl-C 结束。
草稿和未到发布时间的记录也看得到，带着标记。总览在 /_preview/。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --port 端口       默认 1313；已被占用时用后面空着的一个
  --bind 地址       默认 127.0.0.1，只有本机能看；0.0.0.0 让同一网络里的手机和电脑也能看，
                    草稿要凭终端里印出的网址（带口令）才看得到
  --poll 间隔       不靠系统通知，每隔一段时间（如 700ms）自己查看有没有改动
  --no-open         不自动打开浏览器`,
	run: runServe,
}

func runServe(c *call) int {
	var src source
	src.flags(c, false)
	port := c.flags.Int("port", 1313, "")
	bind := c.flags.String("bind", "127.0.0.1", "")
	poll := c.flags.Duration("poll", 0, "")
	noOpen := c.flags.Bool("no-open", false, "")
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	switch {
	case *port < 0 || *port > 65535:
		return c.wrong("--port 要写 0 到 65535 的数。")
	case *poll < 0 || *poll > 0 && poll.Milliseconds() < 10:
		return c.wrong("--poll 要写 10ms 以上的间隔，如 700ms。")
	case strings.TrimSpace(*bind) == "":
		return c.wrong("--bind 要写地址，如 127.0.0.1。")
	}
	if !src.check(c) {
		return failed
	}
	var mu sync.Mutex
	texts := spool.New(inMemory)
	defer texts.Close()
	opt := preview.Options{Source: src.dir, Texts: texts, Theme: gongzhi.DefaultTheme(), Bind: *bind, Port: *port, Poll: *poll, Pictures: pictures(src.dir), Say: func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		if _, err := fmt.Fprintf(c.stdout, format+"\n", args...); err != nil {
			return
		}
	}}
	opt.Draw = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		_ = c.stdout.raw([]byte(text + "\n")) // as with Say, nobody may be reading
	}
	if !*noOpen {
		opt.Ready = preview.OpenBrowser
	}
	// Nobody may be reading what we say (serve | head): pages are still looked at.
	signal.Ignore(syscall.SIGPIPE)
	if err := preview.Run(c.ctx, opt); err != nil {
		return c.fail("%v", err)
	}
	return done
}
