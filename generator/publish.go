package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"gongzhi"
	"gongzhi/generator/diag"
	"gongzhi/generator/folder"
	"gongzhi/generator/output"
	"gongzhi/generator/publish"
	local "gongzhi/generator/publish/folder"
	"gongzhi/generator/publish/ftp"
	"gongzhi/generator/publish/look"
	"gongzhi/generator/publish/s3"
	"gongzhi/generator/publish/secret"
	"gongzhi/generator/publish/sftp"
	"gongzhi/generator/publish/webdav"
	"gongzhi/generator/publish/zipfile"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
)

var publishCommand = &command{
	name: "publish", args: "[目标] [--source 文件夹] [--dry-run] [--rollback] [--yes] [--overwrite] [--json]",
	short: "把网站发布到服务器、对象存储或文件夹",
	long: `
先生成网站，再把改动的文件送到 site.yaml 的 publish 里写着的一个目标。只有一个目标时可以不写它的名字。
先送图片、样式和检索索引，再送页面，最后删去网站不再有的文件；中途断了，读者看到的网站照样完整，再运行一次就接着发。
目标里不是工志发布的文件，一个也不动。发布后按 baseURL 打开网站看一看，服务器的设置有不对的就说出来。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --dry-run         只看要发什么、删什么，不动目标
  --rollback        退回上一版（再退回一次，就回到现在这一版）
  --yes             要删的文件比平常多时，不再询问
  --overwrite       网站要用的名字被别的文件占着时，用网站的文件代替它
  --no-look         发布后不去看网站的网址
  --at-due          只在有记录的 publishDate、expiryDate 到了时间后才发布，供定时任务用
  --schedule        显示定时任务怎么写（cron 和 Windows 的计划任务），不发布
  --save-secret     把这个目标的密码（对象存储是 AccessKey Secret）存进系统的钥匙串，不发布
  --forget-secret   从钥匙串里删去它
  --json            在标准输出写一个 JSON 对象

密码也可以放在环境变量 GONGZHI_SECRET_名字 里（目标的名字用大写，字母、数字以外的字写成 _）。`,
	run: runPublish,
}

func runPublish(c *call) int {
	var src source
	src.flags(c, true)
	dryRun := c.flags.Bool("dry-run", false, "")
	rollback := c.flags.Bool("rollback", false, "")
	yes := c.flags.Bool("yes", false, "")
	overwrite := c.flags.Bool("overwrite", false, "")
	noLook := c.flags.Bool("no-look", false, "")
	atDue := c.flags.Bool("at-due", false, "")
	schedule := c.flags.Bool("schedule", false, "")
	saveSecret := c.flags.Bool("save-secret", false, "")
	forgetSecret := c.flags.Bool("forget-secret", false, "")
	rest, code, ok := c.parse(1)
	if !ok {
		return code
	}
	if !src.check(c) {
		return failed
	}
	p := &publishing{call: c, src: src}
	if code, ok := p.settings(rest); !ok {
		return code
	}
	p.atDue, p.noLook = *atDue, *noLook
	if *schedule {
		return p.schedule()
	}
	if *saveSecret {
		return p.saveSecret()
	}
	if *forgetSecret {
		if err := secret.Forget(c.ctx, p.target.Name); err != nil {
			return c.fail("%v。", err)
		}
		fmt.Fprintf(c.stdout, "系统的钥匙串里不再有“%s”的密码。\n", p.target.Name)
		return done
	}
	p.opt = publish.Options{Target: p.target.Name, DryRun: *dryRun, Rollback: *rollback, Overwrite: *overwrite, MaxDelete: p.target.MaxDelete}
	now, err := clock("")
	if err != nil {
		return c.fail("%v。", err)
	}
	p.opt.Now = func() time.Time { return now }
	p.opt.Confirm = func(q string) bool { return *yes || !src.json && ask(c, q) }
	return p.run()
}

// publishing is one run of the command.
type publishing struct {
	*call
	src    source
	site   *site.Settings
	target site.Target
	opt    publish.Options
	atDue  bool
	noLook bool
	found  []look.Finding
}

// settings reads site.yaml and finds the target.
func (p *publishing) settings(rest []string) (code int, ok bool) {
	b, err := folder.ReadFile(filepath.Join(p.src.dir, "site.yaml"), site.MaxSettings)
	if err != nil {
		return p.fail("%v", err), false
	}
	s, diags := site.ReadSettings(b)
	if diags.Errors() > 0 {
		diags.Sort()
		p.report(diags, source{dir: p.src.dir})
		return p.give("", nil, []error{errors.New("site.yaml 有错误")}), false
	}
	p.site = s
	if len(s.Targets) == 0 {
		return p.fail("site.yaml 里还没有写发布到哪里。例如发布到一个文件夹：\n\npublish:\n  - name: 官网\n    kind: folder\n    path: D:\\网站\n\n服务器、对象存储的写法见 docs/publish.md。"), false
	}
	var names []string
	for _, t := range s.Targets {
		names = append(names, t.Name)
	}
	switch {
	case len(rest) == 0 && len(s.Targets) == 1:
		p.target = s.Targets[0]
	case len(rest) == 0:
		return p.wrong("site.yaml 里有 %d 个发布目标，请写明发布到哪一个：%s。", len(names), strings.Join(names, "、")), false
	default:
		i := slices.Index(names, rest[0])
		if i < 0 {
			hint := "有：" + strings.Join(names, "、")
			if near := diag.Nearest(rest[0], names); near != "" {
				hint = "是不是“" + near + "”？"
			}
			return p.wrong("没有“%s”这个发布目标。%s", rest[0], hint), false
		}
		p.target = s.Targets[i]
	}
	return done, true
}

func (p *publishing) run() int {
	out := filepath.Join(p.src.dir, "public")
	if p.atDue {
		due, err := p.due(out)
		if err != nil {
			return p.give(p.target.Name, nil, []error{err})
		}
		if !due {
			return p.give(p.target.Name, &publish.Report{}, nil)
		}
	}
	if !p.opt.Rollback {
		quiet := &call{ctx: p.ctx, flags: flag.NewFlagSet("build", flag.ContinueOnError), args: []string{"--source", p.src.dir, "--output", out}, stdout: p.stdout, stderr: p.stderr, cmd: buildCommand}
		quiet.flags.SetOutput(io.Discard)
		if p.src.json {
			quiet.stdout = p.stderr
		}
		if code := runBuild(quiet); code != done {
			return p.give(p.target.Name, nil, []error{errors.New("网站没有生成，什么也没有发布")})
		}
	}
	rep, err := p.bring(out)
	if err == nil {
		p.look(rep)
	}
	if err != nil && rep == nil {
		return p.give(p.target.Name, nil, []error{err})
	}
	return p.give(p.target.Name, rep, rep.Errors)
}

// state opens what this machine remembers of the targets of an output.
func (p *publishing) state(out string) (state *publish.State, abs string, err error) {
	abs, err = filepath.Abs(out)
	if err != nil {
		return nil, "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	state, err = publish.OpenState(p.ctx, output.Beside(abs)+"published", func() {
		fmt.Fprintln(p.stderr, "另一个进程正在发布同一个网站，等它结束……")
	})
	return state, abs, err
}

// due reports whether the time of a publishDate or an expiryDate has come since the target was last brought up to date.
func (p *publishing) due(out string) (bool, error) {
	state, _, err := p.state(out)
	if err != nil {
		return false, err
	}
	last := state.Seen(p.target.Name)
	state.Close()
	if last.IsZero() {
		return false, errors.New("还没有从这台电脑发布过这个目标：请先自己发布一次，再让它按时发布")
	}
	now, err := clock("")
	if err != nil {
		return false, err
	}
	g, err := render.New(render.Options{Source: folder.NewSite(p.src.dir), Theme: gongzhi.DefaultTheme(), Now: now})
	if err != nil {
		return false, err
	}
	came := func(t *time.Time) bool { return t != nil && t.After(last) && !t.After(now) }
	for _, r := range g.Set.Records {
		if came(r.Publish) || came(r.Expiry) {
			return true, nil
		}
	}
	return false, nil
}

// schedule prints what makes the system publish by itself.
func (p *publishing) schedule() int {
	program, err := os.Executable()
	if err != nil {
		program = "gongzhi"
	}
	dir, err := filepath.Abs(p.src.dir)
	if err != nil {
		return p.fail("%v", err)
	}
	fmt.Fprintf(p.stdout, `让系统每十分钟看一次：有记录的 publishDate 或 expiryDate 到了时间，就生成并发布到“%[1]s”；没有到的，什么也不做。
内容里有改了一半的文件时，它们会一起发布；所以请在另一份、只放定稿的文件夹上设置。

Linux、macOS：运行 crontab -e，加一行（整行照抄）

*/10 * * * * %[2]s publish %[3]s --source %[4]s --at-due

Windows：在命令提示符里运行（整行照抄）

schtasks /Create /TN "gongzhi %[1]s" /SC MINUTE /MO 10 /TR "\"%[5]s\" publish \"%[1]s\" --source \"%[6]s\" --at-due"

密码要在钥匙串里（--save-secret），或者在那个任务的环境变量里；cron 读不到桌面的钥匙串，请用密钥文件（key）。
`, p.target.Name, shellQuote(program), shellQuote(p.target.Name), shellQuote(dir), program, dir)
	return done
}

// shellQuote writes an argument for sh, and for cron, to which a per cent sign is the end of the line.
func shellQuote(s string) string {
	return strings.ReplaceAll("'"+strings.ReplaceAll(s, "'", `'\''`)+"'", "%", `\%`)
}

// lookTime is how long looking at the published site may take.
const lookTime = time.Minute

// look opens the site as a reader would.
func (p *publishing) look(rep *publish.Report) {
	if p.noLook || p.opt.DryRun || p.target.Kind == "zip" || rep.Uploaded+rep.Deleted == 0 || rep.Version == nil || look.Local(p.site.BaseURL) {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, lookTime)
	defer cancel()
	found, err := look.Look(ctx, look.Options{BaseURL: p.site.BaseURL, Paths: rep.Version.Paths(), Same: rep.Version.Same, Pause: func(ctx context.Context, d time.Duration) {
		select {
		case <-ctx.Done():
		case <-time.After(d):
		}
	}})
	if err != nil {
		found = append(found, look.Finding{ID: "not-there", Text: look.Words(err) + "。"})
	}
	p.found = found
}

// bring takes what was built to the target.
func (p *publishing) bring(out string) (*publish.Report, error) {
	state, abs, err := p.state(out)
	if err != nil {
		return nil, err
	}
	defer state.Close()
	var v *publish.Version
	if !p.opt.Rollback {
		if v, err = take(p.ctx, state, abs); err != nil {
			return nil, err
		}
	}
	store, err := p.open(state)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	p.opt.Host, _ = os.Hostname()
	if p.target.Gzip {
		p.opt.Packing = publish.Siblings
		if p.target.Kind == "s3" {
			p.opt.Packing = publish.Stored
		}
	}
	line := newProgress(p.stderr)
	defer line.end()
	line.say("正在核对 " + p.target.String() + " ……")
	p.opt.Progress = func(done, total int, bytes int64) {
		line.say(fmt.Sprintf("正在发送 %d / %d 个文件，%s", done, total, bytesText(bytes)))
	}
	return publish.Run(p.ctx, store, state, v, p.opt)
}

// take makes a version of what was built, under the lock of the output.
func take(ctx context.Context, state *publish.State, out string) (*publish.Version, error) {
	unlock, _, err := output.Lock(ctx, out, output.LockOptions{})
	if err != nil {
		return nil, err
	}
	defer unlock()
	files, err := output.Files(out)
	if err != nil {
		return nil, err
	}
	return state.Take(ctx, out, files)
}

// open connects to the target. Relative paths are those of the site's folder.
func (p *publishing) open(state *publish.State) (publish.Store, error) {
	t := p.target
	switch t.Kind {
	case "folder", "zip":
		to := below(p.src.dir, t.Path)
		if err := apart(to, p.src.dir); err != nil {
			return nil, err
		}
		if t.Kind == "zip" {
			return zipfile.Open(to)
		}
		return local.Open(to)
	}
	password, missing := secret.Find(p.ctx, site.SecretVariable(t.Name), t.Name)
	store, err := p.connect(state, password)
	if err != nil && password == "" {
		var e *publish.Error
		if errors.As(err, &e) && e.Kind == publish.Login {
			err = fmt.Errorf("%w。存入密码：gongzhi publish %s --save-secret；或者放进环境变量 %s", err, t.Name, site.SecretVariable(t.Name))
			if missing != nil {
				err = fmt.Errorf("%w（读不了系统的钥匙串：%v）", err, missing)
			}
		}
	}
	return store, err
}

func (p *publishing) connect(state *publish.State, password string) (publish.Store, error) {
	t := p.target
	switch t.Kind {
	case "sftp":
		address := net.JoinHostPort(t.Host, strconv.Itoa(cmp.Or(t.Port, 22)))
		key := t.Key
		if key != "" && !strings.HasPrefix(key, "~") {
			key = below(p.src.dir, key)
		}
		return sftp.Open(p.ctx, sftp.Options{Host: t.Host, Port: t.Port, User: t.User, Path: t.Path, Parallel: t.Connections, KeyFile: key, Secret: password,
			HostKey: cmp.Or(t.HostKey, state.HostKey(address)),
			Trust: func(host, fingerprint string) bool {
				if p.src.json || !ask(p.call, fmt.Sprintf("第一次连接“%s”，它的公钥指纹是 %s。请向管理员核对。是它吗？", host, fingerprint)) {
					return false
				}
				if err := state.Pin(address, fingerprint); err != nil {
					fmt.Fprintf(p.stderr, "没能记住这个指纹，下次还会问：%v\n", err)
				}
				return true
			}})
	case "ftp":
		return ftp.Open(p.ctx, ftp.Options{Host: t.Host, Port: t.Port, User: t.User, Path: t.Path, Parallel: t.Connections, Secret: password, Security: t.Security, GBK: t.Encoding == "gbk"})
	case "webdav":
		return webdav.Open(webdav.Options{URL: t.URL, User: t.User, Secret: password, Parallel: t.Connections})
	case "s3":
		return s3.Open(s3.Options{Preset: t.Preset, Endpoint: t.Endpoint, Region: t.Region, Bucket: t.Bucket, Prefix: t.Prefix, ID: t.User, Secret: password, Parallel: t.Connections})
	}
	return nil, fmt.Errorf("还不能发布到 %s", t.Kind)
}

// saveSecret puts the target's password into the keyring, from the terminal or from a pipe.
func (p *publishing) saveSecret() int {
	var b []byte
	var err error
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		fmt.Fprintf(p.stderr, "“%s”的密码（输入时不显示）：", p.target.Name)
		b, err = term.ReadPassword(fd)
		fmt.Fprintln(p.stderr)
	} else {
		b, err = bufio.NewReader(os.Stdin).ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		return p.fail("读不到密码：%v", err)
	}
	text := strings.TrimRight(string(b), "\r\n")
	if text == "" {
		return p.fail("密码是空的，没有存。")
	}
	if err := secret.Save(p.ctx, p.target.Name, text); err != nil {
		return p.fail("%v。这台电脑没有钥匙串时，把密码放进环境变量 %s。", err, site.SecretVariable(p.target.Name))
	}
	fmt.Fprintf(p.stdout, "已把“%s”的密码存进系统的钥匙串。\n", p.target.Name)
	return done
}

func below(dir, name string) string {
	if filepath.IsAbs(name) || strings.HasPrefix(name, `\\`) {
		return name
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// give says what was done.
func (p *publishing) give(target string, rep *publish.Report, errs []error) int {
	if p.src.json {
		out := struct {
			Target    string         `json:"target"`
			Uploaded  int            `json:"uploaded"`
			Deleted   int            `json:"deleted"`
			Unchanged int            `json:"unchanged"`
			Bytes     int64          `json:"bytes"`
			Requests  int            `json:"requests"`
			Resumed   int            `json:"resumed"`
			DryRun    bool           `json:"dryRun"`
			Send      []string       `json:"send,omitempty"`
			Remove    []string       `json:"remove,omitempty"`
			Foreign   []string       `json:"foreign,omitempty"`
			Findings  []look.Finding `json:"findings,omitempty"`
			Errors    []string       `json:"errors"`
		}{Target: target, Errors: []string{}, DryRun: p.opt.DryRun, Findings: p.found}
		if rep != nil {
			out.Uploaded, out.Deleted, out.Unchanged, out.Bytes, out.Requests = rep.Uploaded, rep.Deleted, rep.Unchanged, rep.Bytes, rep.Requests
			out.Resumed, out.Foreign = rep.Resumed, rep.Foreign
			if p.opt.DryRun {
				out.Send, out.Remove = rep.Send, rep.Remove
			}
		}
		for _, err := range errs {
			out.Errors = append(out.Errors, err.Error())
		}
		p.answer = true
		enc := json.NewEncoder(p.stdout)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(out)
	}
	if rep != nil && rep.Version != nil {
		p.tell(rep, len(errs) > 0)
	}
	for _, f := range p.found {
		fmt.Fprintf(p.stderr, "提醒: %s（docs/servers.md#%s）\n", f.Text, f.ID)
	}
	if len(errs) > 0 && p.ctx.Err() != nil {
		fmt.Fprintln(p.stderr, "中断了，再发布一次会接着做。")
		return interrupted
	}
	for _, err := range errs {
		p.fail("%v。", strings.TrimSuffix(err.Error(), "。"))
	}
	if len(errs) > 0 {
		return failed
	}
	return done
}

// tell says it in words.
func (p *publishing) tell(rep *publish.Report, broken bool) {
	to := p.stdout
	if p.src.json {
		to = p.stderr
	}
	if n := len(rep.Foreign); n > 0 {
		fmt.Fprintf(p.stderr, "目标里有 %d 个文件不是工志发布的，原样保留：%s\n", n, some(rep.Foreign, 5))
	}
	if broken {
		return
	}
	if p.opt.DryRun {
		for _, f := range rep.Send {
			fmt.Fprintln(to, "发送 "+f)
		}
		for _, f := range rep.Remove {
			fmt.Fprintln(to, "删除 "+f)
		}
		fmt.Fprintf(to, "要发送 %d 个文件，删除 %d 个，%d 个没有变化；这次只是看看，目标没有改动。\n", len(rep.Send), len(rep.Remove), rep.Unchanged)
		return
	}
	if rep.Uploaded+rep.Deleted == 0 {
		fmt.Fprintf(to, "%s（%s）已经是最新的，%d 个文件都没有变化。\n", p.target.Name, p.target, rep.Unchanged)
		return
	}
	verb := "已发布到 "
	if p.opt.Rollback {
		verb = "已退回上一版："
	}
	fmt.Fprintf(to, "%s%s（%s）：发送 %d 个文件，%s；删除 %d 个；%d 个没有变化", verb, p.target.Name, p.target, rep.Uploaded, bytesText(rep.Bytes), rep.Deleted, rep.Unchanged)
	if rep.Resumed > 0 {
		fmt.Fprintf(to, "，其中 %d 个上次中断前已经送到", rep.Resumed)
	}
	fmt.Fprintln(to, "。")
	if rep.Before && !p.opt.Rollback {
		fmt.Fprintf(to, "有问题时，用 gongzhi publish %s --rollback 退回上一版。\n", p.target.Name)
	}
}

func some(list []string, n int) string {
	text := strings.Join(list[:min(n, len(list))], "、")
	if len(list) > n {
		text += " ……"
	}
	return text
}

// ask puts a question to somebody at a terminal. Where nobody sits the answer is no.
func ask(c *call, question string) bool {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return false
	}
	fmt.Fprintf(c.stderr, "%s输入 y 表示确定：", question)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "是", "好", "确定":
		return true
	}
	return false
}
