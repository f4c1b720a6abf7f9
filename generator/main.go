// Command gongzhi turns a folder of Markdown and CSV records into a static history site, and previews it
// while one writes. This package is commands, flags and exit codes; the work is done by the packages below.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	_ "time/tzdata" // so that Asia/Shanghai is known on every system
)

// Exit codes.
const (
	done   = 0 // done, warnings allowed
	failed = 1 // the content has errors, or the work failed
	usage  = 2 // the command was called wrongly

	interrupted = 130 // by Ctrl-C, as shells count it
)

// command is one word that the program understands.
type command struct {
	name  string
	args  string // what stands behind it in the help
	short string
	long  string
	// answers: what it writes on standard output is what it is for, so that it has failed if that can't be written.
	answers bool
	run     func(c *call) int
}

// call is one run of a command.
type call struct {
	ctx    context.Context
	flags  *flag.FlagSet
	args   []string
	stdout *screen
	stderr *screen
	cmd    *command
	answer bool // what stands on stdout is what the command was for
}

var commands = []*command{buildCommand, serveCommand, checkCommand, publishCommand, handoverCommand, searchCommand, newCommand, importCommand, renameCommand, withdrawCommand, mergeCommand, splitCommand, exportCommand, coverageCommand, gapsCommand, initCommand, themeCommand, schemaCommand}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Who closes the other end of a pipe has read enough; a build must not die of it half way.
	signal.Ignore(syscall.SIGPIPE)
	over := make(chan struct{})
	go abandon(ctx, over)
	restore := prepareConsole()
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	restore()
	close(over)
	stop()
	os.Exit(code)
}

// patience is how long a command may take to end by itself when it is interrupted.
const patience = 300 * time.Millisecond

// settling is above zero while what stands in the output is being exchanged: that is finished first.
var settling atomic.Int32

// abandon ends the program when it is interrupted and the command is busy reading or computing. Nothing is lost by it:
// what a command writes it writes beside the old, and the next one clears away what is left over.
func abandon(ctx context.Context, over <-chan struct{}) {
	select {
	case <-over:
		return
	case <-ctx.Done():
	}
	for {
		select {
		case <-over:
			return
		case <-time.After(patience):
		}
		if settling.Load() == 0 {
			fmt.Fprintln(os.Stderr, "中断了。")
			os.Exit(interrupted)
		}
	}
}

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	stdout, stderr := &screen{to: out}, &screen{to: errs}
	if len(args) == 0 {
		help(stderr)
		return usage
	}
	name := args[0]
	switch name {
	case "help", "-h", "--help", "帮助":
		if len(args) > 1 {
			if c := find(args[1]); c != nil {
				c.help(stdout)
				return done
			}
			fmt.Fprintf(stderr, "没有“%s”这个命令。\n", args[1])
			return usage
		}
		help(stdout)
		return done
	case "version", "-v", "--version":
		return printVersion(args[1:], stdout, stderr)
	}
	cmd := find(name)
	if cmd == nil {
		fmt.Fprintf(stderr, "没有“%s”这个命令。\n\n", name)
		help(stderr)
		return usage
	}
	c := &call{ctx: ctx, flags: flag.NewFlagSet(name, flag.ContinueOnError), args: args[1:], stdout: stdout, stderr: stderr, cmd: cmd, answer: cmd.answers}
	c.flags.SetOutput(io.Discard)
	code := cmd.run(c)
	if err := c.stdout.lost(); err != nil && c.answer {
		c.fail("回答没有写完：%v。看看磁盘是不是满了。", err)
		code = max(code, failed)
	}
	return code
}

func find(name string) *command {
	i := slices.IndexFunc(commands, func(c *command) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return commands[i]
}

// parse reads the flags, which may stand before and behind the other arguments, and gives the latter; what stands behind
// -- is none, even with a hyphen. ok is false when the command ends here, with the exit code that it should have.
func (c *call) parse(most int) (rest []string, code int, ok bool) {
	args := c.args
	for {
		if err := c.flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			c.cmd.help(c.stdout)
			return nil, done, false
		} else if err != nil {
			return nil, c.wrong("%s", flagError(err)), false
		}
		flags := args[:len(args)-c.flags.NArg()]
		args = c.flags.Args()
		if len(flags) > 0 && flags[len(flags)-1] == "--" {
			rest = append(rest, args...)
			break
		}
		if len(args) == 0 {
			break
		}
		rest, args = append(rest, args[0]), args[1:]
	}
	if len(rest) > most {
		return nil, c.wrong("多了参数“%s”。", rest[most]), false
	}
	return rest, 0, true
}

// flagError puts the flag package's complaints into Chinese.
func flagError(err error) string {
	s := err.Error()
	for _, k := range []struct{ has, say string }{
		{"flag provided but not defined: -", "没有这个选项：--"},
		{"flag needs an argument: -", "这个选项后面要跟一个值：--"},
	} {
		if rest, ok := strings.CutPrefix(s, k.has); ok {
			return k.say + rest + "。"
		}
	}
	if name, rest, ok := strings.Cut(strings.TrimPrefix(s, "invalid boolean value "), " for -"); ok {
		s = "invalid value " + name + " for flag -" + rest
	}
	if name, rest, ok := strings.Cut(strings.TrimPrefix(s, "invalid value "), " for flag -"); ok {
		flag, _, _ := strings.Cut(rest, ":")
		return fmt.Sprintf("选项 --%s 的值 %s 不对。", flag, name)
	}
	return s
}

// wrong says that the command was called wrongly.
func (c *call) wrong(format string, args ...any) int {
	fmt.Fprintf(c.stderr, format+"\n用法：gongzhi %s %s\n用 gongzhi help %s 看说明。\n", append(args, c.cmd.name, c.cmd.args, c.cmd.name)...)
	return usage
}

// fail says that the work failed.
func (c *call) fail(format string, args ...any) int {
	fmt.Fprintf(c.stderr, "错误: "+format+"\n", args...)
	return failed
}

func help(w io.Writer) {
	fmt.Fprintf(w, "工志：把一个文件夹的 Markdown 与表格做成可检索的史料网站。\n\n用法：gongzhi 命令 [选项]\n\n命令：\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.short)
	}
	fmt.Fprintf(w, "  %-8s %s\n  %-8s %s\n\n", "help", "看一个命令的说明，如 gongzhi help build", "version", "看版本")
	fmt.Fprintf(w, "第一次用：gongzhi init 我的网站，再进入这个文件夹，运行 gongzhi serve。\n")
}

func (c *command) help(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n用法：gongzhi %s %s\n\n%s\n", c.short, c.name, c.args, strings.TrimSpace(c.long))
}
