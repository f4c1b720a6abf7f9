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

// apart says why a command can't write to a place: it is the site's own files that stand there.
func apart(name, source string) error {
	if err := output.Apart(name, source); err != nil {
		return fmt.Errorf("不能写到 %s：%w；请换一个地方", name, err)
	}
	return nil
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

// inMemory is how many bytes of texts a build holds in memory, about those of 2,500 records. The rest goes to a
// temporary file.
const inMemory = 8 << 20

// How much a build may allocate from one garbage collection to the next once everything is read, and most memory is
// in use: per cent of what is, and so much as if these bytes were in use too. So a small site is hardly ever
// collected, and a large one has not half its memory filled with garbage.
const (
	garbagePercent = 45
	garbageMemory  = 96 << 20
)

// room sets bytes aside that nobody touches, for which no memory is taken, unless the environment says how memory is to be used.
func room() (unused []byte, tuned bool) {
	if tuned = os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == ""; tuned {
		unused = make([]byte, garbageMemory)
	}
	return unused, tuned
}

// building is what the flags of build say, and what comes of them.
type building struct {
	src                      source
	output, baseURL, profile string
	drafts, inPlace, offline bool
	now                      time.Time
	out, zip                 string // the folder to write to, and the archive to pack it into, if any
	stats                    *stats // if wanted
	line                     *progress
	tuned                    bool // nobody has said how memory is to be used
	edition                  *offline.Edition
}

func runBuild(c *call) int {
	var b building
	b.src.flags(c, true)
	c.flags.StringVar(&b.output, "output", "", "")
	c.flags.StringVar(&b.baseURL, "base-url", "", "")
	c.flags.BoolVar(&b.drafts, "drafts", false, "")
	at := c.flags.String("clock", "", "")
	c.flags.BoolVar(&b.inPlace, "in-place", false, "")
	c.flags.StringVar(&b.profile, "profile", "", "")
	withStats := c.flags.Bool("stats", false, "")
	c.flags.BoolVar(&b.offline, "offline", false, "")
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	if b.baseURL != "" {
		if _, fault := site.ReadBaseURL(b.baseURL); fault != "" {
			return c.wrong("--base-url 要写完整的网址，如 https://example.org/：%s。", fault)
		}
	}
	var err error
	if b.now, err = clock(*at); err != nil {
		return c.wrong("--clock：%v", err)
	}
	if !b.src.check(c) {
		return failed
	}
	if b.profile != "" {
		if err := apart(b.profile, b.src.dir); err != nil {
			return c.fail("%v", err)
		}
		stop, err := startProfile(b.profile)
		if err != nil {
			return c.fail("%v", err)
		}
		defer stop()
	}
	if *withStats {
		b.stats = &stats{kinds: map[string]*kindStats{}}
	}
	b.out = b.output
	if b.out == "" {
		b.out = filepath.Join(b.src.dir, map[bool]string{false: "public", true: "offline"}[b.offline])
	}
	if b.offline && strings.EqualFold(filepath.Ext(b.out), ".zip") {
		b.zip = b.out
		if err := apart(b.zip, b.src.dir); err != nil {
			return c.fail("%v", err)
		}
		aside, err := os.MkdirTemp(filepath.Dir(b.out), ".gongzhi-offline-")
		if err != nil {
			return c.fail("%v", err)
		}
		defer os.RemoveAll(aside)
		b.out = filepath.Join(aside, "site")
	}
	return b.run(c)
}

// run reads the site, writes it, and says what came of it.
func (b *building) run(c *call) int {
	began := time.Now()
	unused, tuned := room()
	defer runtime.KeepAlive(&unused)
	b.tuned = tuned
	aside := spool.New(inMemory)
	defer aside.Close()
	b.line = newProgress(c.stderr)
	defer b.line.end()
	g, code := b.read(c, aside)
	if g == nil {
		return code
	}
	res, err := b.write(c, g)
	if err != nil {
		return b.unwritten(c, g, err)
	}
	if b.zip != "" {
		if err := zipFolder(b.zip, b.out); err != nil {
			return c.fail("%v", err)
		}
		b.out = b.zip
	}
	b.tell(c, g, res, time.Since(began))
	return done
}

// read gives the site, unless something is wrong with it; then everything that is has been said.
func (b *building) read(c *call, aside *spool.Spool) (*render.Generation, int) {
	opt := render.Options{Source: folder.NewSite(b.src.dir), Theme: gongzhi.DefaultTheme(), Now: b.now, Unpublished: b.drafts, BaseURL: b.baseURL,
		Spool: aside, Once: true, Pictures: pictures(b.src.dir)}
	if b.stats != nil {
		opt.Observe = b.stats.observe
	}
	b.line.say("正在读取记录……")
	g, err := render.New(opt)
	if err != nil {
		b.line.end()
		b.src.fail(c, "%v", err)
		return nil, failed
	}
	g.Diags = append(g.Diags, gone(g, b.out)...)
	if !b.offline { // which is read without an address
		g.Diags = append(g.Diags, g.Settings.Unaddressed()...)
	}
	g.Diags.Sort()
	if g.Diags.Errors() > 0 {
		b.line.end()
		c.report(g.Diags, b.src)
		fmt.Fprintf(c.stderr, "有 %d 个错误%s，网站没有改动。\n", g.Diags.Errors(), warnings(g.Diags))
		return nil, failed
	}
	if b.tuned {
		debug.SetGCPercent(garbagePercent)
	}
	return g, done
}

func (b *building) write(c *call, g *render.Generation) (build.Result, error) {
	b.line.say("正在生成……")
	defer b.line.end()
	defer settling.Store(0)
	opt := build.Options{Output: b.out, Source: b.src.dir, InPlace: b.inPlace || g.Settings.InPlace}
	opt.Progress = func(done, total int) {
		b.line.pages(done, total)
		if done == total {
			settling.Store(1)
		}
	}
	opt.Wait = func(holder string) {
		fmt.Fprintf(c.stderr, "%s正在生成同一个网站，等它结束……\n", holder)
	}
	return build.Write(c.ctx, opt, func(w *build.Writer) error {
		switch {
		case b.offline:
			b.edition = offline.New(w, g.Site.Settings.Base)
			return errors.Join(g.Write(b.edition), b.edition.Close())
		case b.stats != nil:
			return g.Write(watched{w, b.stats})
		}
		return g.Write(w)
	})
}

// unwritten says why nothing was written.
func (b *building) unwritten(c *call, g *render.Generation, err error) int {
	if c.ctx.Err() != nil {
		fmt.Fprintln(c.stderr, "中断了，网站没有改动。")
		return interrupted
	}
	faults := render.Faults(err)
	diags := append(g.Diags, faults...)
	diags.Sort()
	c.report(diags, b.src)
	if len(faults) == 0 {
		return c.fail("%v", err)
	}
	fmt.Fprintf(c.stderr, "有 %d 个错误，网站没有改动。\n", diags.Errors())
	return failed
}

// tell says what was written.
func (b *building) tell(c *call, g *render.Generation, res build.Result, took time.Duration) {
	if b.edition != nil {
		if long := b.edition.Long(); len(long) > 0 {
			fmt.Fprintf(c.stderr, "警告: 有 %d 个文件的路径超过 %d 个字，复制到 Windows 的深层文件夹里会放不下，请缩短记录的文件名：%s\n", len(long), offline.LongPath, some(long, 3))
		}
	}
	c.report(g.Diags, b.src)
	to := c.stdout
	if b.src.json {
		to = c.stderr
	}
	fmt.Fprintf(to, "已生成 %s：%d 条记录，%d 个文件，%s，用时 %.2f 秒（每秒 %.0f 页）", b.out, g.Records(), res.Files, bytesText(res.Bytes), took.Seconds(), float64(res.Files)/max(took.Seconds(), 0.001))
	if res.Unchanged > 0 {
		fmt.Fprintf(to, "；%d 个没有变化", res.Unchanged)
	}
	if w := warnings(g.Diags); w != "" {
		fmt.Fprint(to, w)
	}
	if hidden := g.HiddenCount(); hidden > 0 && !b.drafts {
		fmt.Fprintf(to, "；%d 条不发布（%s）", hidden, g.HiddenReasons())
	}
	fmt.Fprintln(to, "。")
	for _, name := range res.Spared {
		fmt.Fprintf(c.stderr, "%s 是以前生成时换下来的网站，里面有不是程序生成的文件，现在的网站里没有，所以没有删去。请看过以后移走或自己删去。\n", name)
	}
	if n := len(res.Foreign); n > 0 {
		fmt.Fprintf(c.stderr, "%s里有 %d 个文件不是程序生成的，原样保留：%s\n", b.out, n, strings.Join(res.Foreign[:min(n, 5)], "、"))
	}
	if b.stats != nil {
		b.stats.print(c.stderr, g)
	}
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
