package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"gongzhi"
	"gongzhi/generator/build"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/folder"
	"gongzhi/generator/offline"
	"gongzhi/generator/output"
	"gongzhi/generator/plan"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
	"gongzhi/generator/spool"
)

var buildCommand = &command{
	name: "build", args: "[--source 文件夹] [--output 文件夹] [--base-url 网址] [--drafts] [--clock 时间] [--in-place] [--offline] [--json] [--stats] [--profile 文件]",
	short: "生成网站",
	long: `
把 SOURCE（默认是当前文件夹）里的记录做成网站，写进 OUTPUT（默认是 SOURCE/public）。
内容有错误时什么也不写，原来的网站原样保留；所有错误一次列出。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --output 文件夹   网站写到哪里
  --base-url 网址   发布后的网址，代替 site.yaml 里的 baseURL
  --drafts          连草稿和未到发布时间的记录一起生成
  --clock 时间      当作现在是这个时间（如 2026-05-01），只影响 publishDate 和 expiryDate
  --in-place        在输出文件夹里逐个更新文件，不整个换掉文件夹；Docker 容器挂载着它时用，见 docs/servers.md
  --offline         离线版：双击文件夹里的 index.html 就能看、能检索，不用服务器，可以放进 U 盘、光盘、共享文件夹；
                    OUTPUT 默认是 SOURCE/offline，写成 文件名.zip 就打成一个压缩包
  --json            在标准输出写一个 JSON 对象，列出全部消息
  --stats           最后列出各模板用的时间、最大和最慢的文件
  --profile 文件    写出处理器时间的剖析，供 go tool pprof 查看

内存不够时可用环境变量 GOMEMLIMIT 设上限（如 GOMEMLIMIT=500MiB），会慢一些；
装不下的文字和索引写进临时文件夹（环境变量 TMPDIR）。`,
	run: runBuild,
}

// source is the flags that name a site's folder, shared by the commands that read one.
type source struct {
	dir  string
	json bool
}

func (s *source) flags(c *call, withJSON bool) {
	c.flags.StringVar(&s.dir, "source", ".", "")
	if withJSON {
		c.flags.BoolVar(&s.json, "json", false, "")
	}
}

// check makes sure that the folder is a site's, or says what to do.
func (s *source) check(c *call) (ok bool) {
	if info, err := os.Stat(s.dir); err != nil || !info.IsDir() {
		s.fail(c, "没有“%s”这个文件夹。请用 --source 写明 site.yaml 所在的文件夹。", s.dir)
		return false
	}
	info, err := os.Stat(filepath.Join(s.dir, "site.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		where := s.dir
		if where == "." {
			if wd, err := os.Getwd(); err == nil {
				where = wd
			}
		}
		s.fail(c, "“%s”里没有 site.yaml，不是工志的网站文件夹。\n  要新建一个网站：gongzhi init 文件夹名\n  网站在别处：    gongzhi %s --source 那个文件夹\n  就用这个文件夹：新建一个空的 site.yaml 即可。", where, c.cmd.name)
		return false
	}
	if err == nil && !info.Mode().IsRegular() {
		s.fail(c, "“%s”里的 site.yaml 不是普通文件。", s.dir)
		return false
	}
	said, err := plan.Recover(s.dir)
	if err != nil {
		s.fail(c, "%v", err)
		return false
	}
	if said != "" {
		fmt.Fprintf(c.stderr, "%s\n", said)
	}
	return true
}

// fail says that there is no site to read, as JSON too where that was asked for.
func (s *source) fail(c *call, format string, args ...any) {
	c.fail(format, args...)
	if s.json {
		c.writeJSON(diag.List{diag.Errorf(diag.Pos{Path: "site.yaml"}, "site/none", "%s", strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", ""))})
	}
}

// clock is what --clock says, or SOURCE_DATE_EPOCH, or the time now.
func clock(flag string) (time.Time, error) {
	if flag != "" {
		d, err := dates.Parse(flag)
		if err != nil {
			if t, err := time.Parse(time.RFC3339, flag); err == nil {
				return t, nil
			}
			return time.Time{}, err
		}
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			return time.Time{}, err
		}
		return d.Start(zone), nil
	}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("环境变量 SOURCE_DATE_EPOCH 应当是秒数，现在是“%s”", epoch)
		}
		return time.Unix(n, 0), nil
	}
	return time.Now(), nil
}

// inMemory is how many bytes of texts a build holds in memory, about those of 5,000 records. The rest goes to a
// temporary file.
const inMemory = 16 << 20

// How much a build may allocate from one garbage collection to the next once everything is read, and most memory is
// in use: per cent of what is, and so much as if these bytes were in use too. So a small site is hardly ever
// collected, and a large one has not half its memory filled with garbage.
const (
	garbagePercent = 50
	garbageMemory  = 96 << 20
)

func runBuild(c *call) int {
	var src source
	src.flags(c, true)
	output := c.flags.String("output", "", "")
	baseURL := c.flags.String("base-url", "", "")
	drafts := c.flags.Bool("drafts", false, "")
	at := c.flags.String("clock", "", "")
	inPlace := c.flags.Bool("in-place", false, "")
	profile := c.flags.String("profile", "", "")
	withStats := c.flags.Bool("stats", false, "")
	offlineEdition := c.flags.Bool("offline", false, "")
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	if *baseURL != "" {
		if _, fault := site.ReadBaseURL(*baseURL); fault != "" {
			return c.wrong("--base-url 要写完整的网址，如 https://example.org/：%s。", fault)
		}
	}
	now, err := clock(*at)
	if err != nil {
		return c.wrong("--clock：%v", err)
	}
	if !src.check(c) {
		return failed
	}
	if *profile != "" {
		stop, err := startProfile(*profile)
		if err != nil {
			return c.fail("%v", err)
		}
		defer stop()
	}
	out := *output
	if out == "" {
		out = filepath.Join(src.dir, map[bool]string{false: "public", true: "offline"}[*offlineEdition])
	}
	zipped := ""
	if *offlineEdition && strings.EqualFold(filepath.Ext(out), ".zip") {
		zipped = out
		aside, err := os.MkdirTemp(filepath.Dir(out), ".gongzhi-offline-")
		if err != nil {
			return c.fail("%v", err)
		}
		defer os.RemoveAll(aside)
		out = filepath.Join(aside, "site")
	}
	var edition *offline.Edition
	began := time.Now()
	tuned := os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == ""
	if tuned {
		unused := make([]byte, garbageMemory) // no memory is taken for bytes that nobody touches
		defer runtime.KeepAlive(&unused)
	}
	aside := spool.New(inMemory)
	defer aside.Close()
	opt := render.Options{Source: folder.NewSite(src.dir), Theme: gongzhi.DefaultTheme(), Now: now, Unpublished: *drafts, BaseURL: *baseURL, Spool: aside, Once: true, Pictures: pictures(src.dir)}
	var st *stats
	if *withStats {
		st = &stats{kinds: map[string]*kindStats{}}
		opt.Observe = st.observe
	}
	line := newProgress(c.stderr)
	defer line.end()
	line.say("正在读取记录……")
	g, err := render.New(opt)
	if err != nil {
		line.end()
		src.fail(c, "%v", err)
		return failed
	}
	g.Diags = append(g.Diags, gone(g, out)...)
	if !*offlineEdition { // which is read without an address
		g.Diags = append(g.Diags, g.Settings.Unaddressed()...)
	}
	g.Diags.Sort()
	if g.Diags.Errors() > 0 {
		line.end()
		c.report(g.Diags, src)
		fmt.Fprintf(c.stderr, "有 %d 个错误%s，网站没有改动。\n", g.Diags.Errors(), warnings(g.Diags))
		return failed
	}
	if tuned {
		debug.SetGCPercent(garbagePercent)
	}
	line.say("正在生成……")
	written := func(done, total int) {
		line.pages(done, total)
		if done == total {
			settling.Store(1)
		}
	}
	res, err := build.Write(c.ctx, build.Options{Output: out, Source: src.dir, InPlace: *inPlace || g.Settings.InPlace, Progress: written, Wait: func(holder string) {
		fmt.Fprintf(c.stderr, "%s正在生成同一个网站，等它结束……\n", holder)
	}}, func(w *build.Writer) error {
		if *offlineEdition {
			edition = offline.New(w, g.Site.Settings.Base)
			return errors.Join(g.Write(edition), edition.Close())
		}
		if st != nil {
			return g.Write(watched{w, st})
		}
		return g.Write(w)
	})
	settling.Store(0)
	line.end()
	if err != nil && c.ctx.Err() != nil {
		fmt.Fprintln(c.stderr, "中断了，网站没有改动。")
		return interrupted
	}
	if err != nil {
		diags := g.Diags
		diags = append(diags, render.Faults(err)...)
		diags.Sort()
		c.report(diags, src)
		if len(render.Faults(err)) == 0 {
			return c.fail("%v", err)
		}
		fmt.Fprintf(c.stderr, "有 %d 个错误，网站没有改动。\n", diags.Errors())
		return failed
	}
	if zipped != "" {
		if err := zipFolder(zipped, out); err != nil {
			return c.fail("%v", err)
		}
		out = zipped
	}
	if edition != nil {
		if long := edition.Long(); len(long) > 0 {
			fmt.Fprintf(c.stderr, "警告: 有 %d 个文件的路径超过 %d 个字，复制到 Windows 的深层文件夹里会放不下，请缩短记录的文件名：%s\n", len(long), offline.LongPath, some(long, 3))
		}
	}
	c.report(g.Diags, src)
	to := c.stdout
	if src.json {
		to = c.stderr
	}
	seconds := time.Since(began).Seconds()
	fmt.Fprintf(to, "已生成 %s：%d 条记录，%d 个文件，%s，用时 %.2f 秒（每秒 %.0f 页）", out, g.Records(), res.Files, bytesText(res.Bytes), seconds, float64(res.Files)/max(seconds, 0.001))
	if res.Unchanged > 0 {
		fmt.Fprintf(to, "；%d 个没有变化", res.Unchanged)
	}
	if w := warnings(g.Diags); w != "" {
		fmt.Fprint(to, w)
	}
	if hidden := g.HiddenCount(); hidden > 0 && !*drafts {
		fmt.Fprintf(to, "；%d 条不发布（%s）", hidden, g.HiddenReasons())
	}
	fmt.Fprintln(to, "。")
	for _, name := range res.Spared {
		fmt.Fprintf(c.stderr, "%s 是以前生成时换下来的网站，里面有不是程序生成的文件，现在的网站里没有，所以没有删去。请看过以后移走或自己删去。\n", name)
	}
	if n := len(res.Foreign); n > 0 {
		fmt.Fprintf(c.stderr, "%s里有 %d 个文件不是程序生成的，原样保留：%s\n", out, n, strings.Join(res.Foreign[:min(n, 5)], "、"))
	}
	if st != nil {
		st.print(c.stderr, g)
	}
	return done
}

// gone names the records that the site in out shows and that are no more.
func gone(g *render.Generation, out string) diag.List {
	published, err := output.Files(out)
	if err != nil { // nothing was published there
		return nil
	}
	return g.Gone(published, func(p string) ([]byte, error) {
		return folder.ReadFile(filepath.Join(out, filepath.FromSlash(p)), mostRead)
	})
}

// mostRead is how large a file may be of which lines are shown or titles are read.
const mostRead = 80 << 20

// pictures is where what is made of a site's pictures is kept.
func pictures(source string) string { return filepath.Join(source, ".gongzhi", "pictures") }

// zipFolder packs what was built.
func zipFolder(name, dir string) error {
	files, err := output.Files(dir)
	if err != nil {
		return err
	}
	return offline.Zip(name, dir, files)
}

func warnings(l diag.List) string {
	if n := l.Warnings(); n > 0 {
		return fmt.Sprintf("，%d 个警告", n)
	}
	return ""
}

func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f KB", float64(n)/1e3)
}

// report prints messages with their source lines, and as JSON where that was asked for.
func (c *call) report(diags diag.List, src source) {
	diags = diags.WithSource(func(path string) ([]byte, error) {
		return folder.Read(folder.NewSite(src.dir), path, mostRead)
	})
	// That nobody reads one of the two is no reason to keep it from the other.
	_ = diags.Gather().Print(c.stderr)
	if src.json {
		c.writeJSON(diags)
	}
}

func (c *call) writeJSON(diags diag.List) {
	c.answer = true
	type message struct {
		Path     string `json:"path"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Severity string `json:"severity"`
		ID       string `json:"id"`
		Text     string `json:"text"`
	}
	out := struct {
		Messages []message `json:"messages"`
	}{Messages: []message{}}
	for _, m := range diags {
		severity := "error"
		if m.Severity == diag.Warning {
			severity = "warning"
		}
		out.Messages = append(out.Messages, message{m.Pos.Path, max(m.Pos.Line, 1), max(m.Pos.Col, 1), severity, m.ID, m.Text})
	}
	enc := json.NewEncoder(c.stdout)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return
	}
}

// progress is a line that shows how far a build is, on a terminal and only when it takes longer than a second.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // nil: not a terminal
	began time.Time
	text  string // not yet shown
	timer *time.Timer
}

func newProgress(s *screen) *progress {
	p := &progress{began: time.Now()}
	if f, ok := s.to.(*os.File); ok && isTerminal(f) {
		p.w = f
		p.timer = time.AfterFunc(time.Second, func() { p.say("") })
	}
	return p
}

// say shows a text, or when the second is over the last one.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if text != "" {
		p.text = text
	}
	if p.w != nil && p.text != "" && time.Since(p.began) >= time.Second {
		fmt.Fprintf(p.w, "\r\x1b[K%s", p.text)
		p.text = ""
	}
}

// pages is what build.Options wants.
func (p *progress) pages(done, total int) {
	if done == total {
		p.say(fmt.Sprintf("已生成 %d 个文件，正在做检索索引、写入磁盘……", done))
		return
	}
	p.say(fmt.Sprintf("正在生成 %d / %d 个文件（%d%%）", done, total, done*100/max(total, 1)))
}

// end wipes the line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil {
		p.timer.Stop()
		if time.Since(p.began) >= time.Second {
			fmt.Fprint(p.w, "\r\x1b[K")
		}
		p.w = nil
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
