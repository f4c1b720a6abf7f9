package preview

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gongzhi"
	"gongzhi/generator/folder"
)

// watched is a small site with a maker and what was said.
type watched struct {
	t    *testing.T
	dir  string
	m    *maker
	mu   sync.Mutex
	said []string
	made int
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{t: t, dir: dir, m: newMaker(folder.NewSite(dir), gongzhi.DefaultTheme())}
	w.write("site.yaml", "")
	w.write("content/reports/a.md", "---\ntitle: 甲\ndate: 1958\n---\n\n开始\n")
	return w
}

func (w *watched) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *watched) lines() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.said, "\n")
}

func (w *watched) write(p, text string) {
	w.t.Helper()
	full := filepath.Join(w.dir, filepath.FromSlash(p))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// run makes states as the preview does.
func (w *watched) run(ctx context.Context) {
	w.m.make(nil, 0)
	go w.m.run(ctx, func(before, after *state, took time.Duration) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.made++
	})
}

// shows waits until a record's page has a text.
func (w *watched) shows(file, text string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for {
		if b, err := w.m.fresh(ctx).gen.File(nil, file); err == nil && strings.Contains(string(b), text) {
			return
		}
		if ctx.Err() != nil {
			w.t.Fatalf("%s never showed %q; said:\n%s", file, text, w.lines())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func record(title, body string) string {
	return "---\ntitle: " + title + "\ndate: 1958\n---\n\n" + body + "\n"
}

// TestPoll: without the system's help changes are found too, even those that leave size and time as they were.
func TestPoll(t *testing.T) {
	w := newWatched(t)
	if how := watch(t.Context(), w.dir, w.m.dirty, 20*time.Millisecond, w.say); how != "每隔 20ms 查看" {
		t.Error(how)
	}
	w.run(t.Context())
	w.write("content/reports/x/y/b.md", record("乙", "新的文件夹"))
	w.shows("reports/x/y/b/index.html", "新的文件夹")
	full := filepath.Join(w.dir, "content/reports/a.md")
	info, err := os.Stat(full)
	if err != nil {
		t.Fatal(err)
	}
	w.write("content/reports/a.md", "---\ntitle: 甲\ndate: 1958\n---\n\n结束\n")
	if err := os.Chtimes(full, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	w.shows("reports/a/index.html", "结束")
	if err := os.Rename(filepath.Join(w.dir, "content/reports/x"), filepath.Join(w.dir, "content/reports/z")); err != nil {
		t.Fatal(err)
	}
	w.shows("reports/z/y/b/index.html", "新的文件夹")
	if w.m.state().gen.Has("reports/x/y/b/index.html") {
		t.Error("the old address is still there")
	}
}

// TestDeaf: a watcher that is not told of a change finds it by itself, says so, and goes over to polling.
func TestDeaf(t *testing.T) {
	w := newWatched(t)
	x := &watcher{source: w.dir, dirty: w.m.dirty, say: w.say, rest: 20 * time.Millisecond, heard: map[string]bool{}, earlier: map[string]bool{}, probed: make(chan struct{})}
	if err := x.begin(); err != nil {
		t.Fatal(err)
	}
	if err := x.w.Remove(filepath.Join(w.dir, "content", "reports")); err != nil {
		t.Fatal(err)
	}
	x.trust(t.Context())
	w.run(t.Context())
	w.write("content/reports/a.md", record("甲", "没有人通知"))
	w.shows("reports/a/index.html", "没有人通知")
	w.write("content/reports/a.md", record("甲", "还是没有人通知"))
	w.shows("reports/a/index.html", "还是没有人通知")
	if said := w.lines(); strings.Count(said, "靠不住") != 1 {
		t.Errorf("said:\n%s", said)
	}
}

// TestProbe: where notices never come, the probe shows it.
func TestProbe(t *testing.T) {
	w := newWatched(t)
	x := &watcher{source: w.dir, dirty: w.m.dirty, say: w.say, rest: time.Hour, heard: map[string]bool{}, earlier: map[string]bool{}, probed: make(chan struct{})}
	if err := x.begin(); err != nil {
		t.Fatal(err)
	}
	x.probe += "-其他" // as if the notice of it got lost
	x.trust(t.Context())
	w.run(t.Context())
	w.write("content/reports/a.md", record("甲", "改了"))
	w.shows("reports/a/index.html", "改了")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !strings.Contains(w.lines(), "没有收到通知") {
		if ctx.Err() != nil {
			t.Fatal("nothing is said")
		}
		time.Sleep(10 * time.Millisecond)
	}
	left, err := filepath.Glob(filepath.Join(w.dir, "content", ".gongzhi-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestRoots: the content, and even the whole source folder, may go and come back; content/ may be a link.
func TestRoots(t *testing.T) {
	w := newWatched(t)
	store := filepath.Join(w.dir, "store")
	if err := os.Rename(filepath.Join(w.dir, "content"), store); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(store, filepath.Join(w.dir, "content")); err != nil {
		t.Fatal(err)
	}
	if how := watch(t.Context(), w.dir, w.m.dirty, 0, w.say); how != "系统通知" {
		t.Fatal(how)
	}
	w.run(t.Context())
	w.write("content/reports/a.md", record("甲", "在链接后面"))
	w.shows("reports/a/index.html", "在链接后面")
	if err := os.Remove(filepath.Join(w.dir, "content")); err != nil {
		t.Fatal(err)
	}
	w.write("content/reports/a.md", record("甲", "现在是文件夹"))
	w.shows("reports/a/index.html", "现在是文件夹")
	w.write("content/reports/a.md", record("甲", "又改了"))
	w.shows("reports/a/index.html", "又改了")
	away := w.dir + "-away"
	if err := os.Rename(w.dir, away); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(away); err != nil {
			t.Error(err)
		}
	})
	w.write("site.yaml", "title: 另一个\n")
	w.write("content/reports/a.md", record("甲", "另一个文件夹"))
	w.shows("reports/a/index.html", "另一个文件夹")
	w.write("content/reports/a.md", record("甲", "另一个文件夹里又改了"))
	w.shows("reports/a/index.html", "另一个文件夹里又改了")
}

// TestCheckout: thousands of files at once are a handful of states, and nothing is missed even where the
// system's queue runs over.
func TestCheckout(t *testing.T) {
	const files = 10000
	w := newWatched(t)
	for i := range files {
		w.write(fmt.Sprintf("content/reports/%d/%d.md", i%50, i), record(fmt.Sprintf("报道%d", i), "旧"))
	}
	if how := watch(t.Context(), w.dir, w.m.dirty, 0, w.say); how != "系统通知" {
		t.Fatal(how)
	}
	w.run(t.Context())
	for i := range files {
		w.write(fmt.Sprintf("content/reports/%d/%d.md", i%50, i), record(fmt.Sprintf("报道%d", i), "新"))
	}
	w.write("content/reports/a.md", record("甲", "最后"))
	w.shows("reports/a/index.html", "最后")
	g := w.m.fresh(t.Context()).gen
	for _, r := range g.Set.Records {
		if strings.Contains(string(r.Body.HTML), "旧") {
			t.Fatalf("%s is as it was", r.Path)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(g.Set.Records) != files+1 || w.made > files/100 {
		t.Errorf("%d records, %d states", len(g.Set.Records), w.made)
	}
}

// TestOverflow: when notices were lost, everything is looked at.
func TestOverflow(t *testing.T) {
	w := newWatched(t)
	x := &watcher{source: w.dir, dirty: w.m.dirty, say: w.say, rest: time.Hour, heard: map[string]bool{}, earlier: map[string]bool{}, probed: make(chan struct{})}
	if err := x.begin(); err != nil {
		t.Fatal(err)
	}
	w.m.make(nil, 0)
	// Nobody takes the notices: these are lost.
	for _, name := range x.w.WatchList() {
		if err := x.w.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	w.write("content/reports/a.md", record("甲", "没有听到的"))
	w.write("content/reports/new/b.md", record("乙", "没有听到的"))
	if err := x.again(); err != nil {
		t.Fatal(err)
	}
	x.trust(t.Context())
	go w.m.run(t.Context(), func(before, after *state, took time.Duration) {})
	w.shows("reports/a/index.html", "没有听到的")
	w.shows("reports/new/b/index.html", "没有听到的")
	w.write("content/reports/new/b.md", record("乙", "听到的"))
	w.shows("reports/new/b/index.html", "听到的")
}

// TestTouch: what changes nothing makes no news.
func TestTouch(t *testing.T) {
	w := newWatched(t)
	before := w.m.make(nil, 0)
	now := time.Now()
	if err := os.Chtimes(filepath.Join(w.dir, "content/reports/a.md"), now, now); err != nil {
		t.Fatal(err)
	}
	if next := w.m.make(map[string]bool{"content/reports/a.md": true, "content/reports": true, "site.yaml": true, "themes": true}, 1); next != nil {
		t.Errorf("a touched file made state %d", next.number)
	}
	if now := w.m.state(); now.number != before.number || now.covers != 1 {
		t.Errorf("state %d covers %d", now.number, now.covers)
	}
}

// TestHalfSaved: settings that are found empty because they are just being saved do not become the last good ones.
func TestHalfSaved(t *testing.T) {
	w := newWatched(t)
	w.write("site.yaml", "title: 测试站\nbaseURL: https://example.org/\n")
	w.m.make(nil, 0)
	w.write("site.yaml", "")
	go func() {
		time.Sleep(20 * time.Millisecond)
		os.WriteFile(filepath.Join(w.dir, "site.yaml"), []byte("title: [\n"), 0o644)
	}()
	w.m.make(map[string]bool{"site.yaml": true}, 1)
	if got := w.m.state().gen.Settings.Title; got != "测试站" || len(w.m.state().errors()) == 0 {
		t.Errorf("the title is %q, errors %v", got, w.m.state().errors())
	}
	w.write("site.yaml", "")
	w.m.make(map[string]bool{"site.yaml": true}, 2)
	if got := w.m.state().gen.Settings.Title; got == "测试站" {
		t.Error("emptied for good, and not believed")
	}
}

// TestTime: a record whose time comes is shown as published without anything being saved, also when that is so far off
// that the clock is looked at several times before.
func TestTime(t *testing.T) {
	for _, longest := range []time.Duration{24 * time.Hour, 50 * time.Millisecond} {
		t.Run(longest.String(), func(t *testing.T) {
			t.Parallel()
			w := newWatched(t)
			w.m.longest = longest
			timeComes(t, w)
		})
	}
}

func timeComes(t *testing.T, w *watched) {
	soon := time.Now().Add(3 * time.Second)
	w.write("content/reports/a.md", "---\ntitle: 甲\ndate: 1958\npublishDate: "+soon.UTC().Format("2006-01-02T15:04:05Z07:00")+"\n---\n\n正文\n")
	w.run(t.Context())
	if n := len(w.m.state().gen.Site.Hidden); n != 1 {
		t.Fatalf("%d records wait: %v", n, w.m.state().gen.Diags)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(w.m.fresh(ctx).gen.Site.Hidden) > 0 {
		if ctx.Err() != nil {
			t.Fatal("its time came and nothing happened")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestComplete: what only the layout of the whole site finds wrong is told too, a moment later.
func TestComplete(t *testing.T) {
	w := newWatched(t)
	w.write("content/reports/a.md", "---\ntitle: 甲\ndate: 1958\naliases: [/browse/year/1958/]\n---\n\n正文\n")
	w.write("content/reports/b.md", "---\ntitle: 乙\ndate: 1958\n---\n\n正文\n")
	w.run(t.Context())
	go w.m.complete(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(w.m.fresh(ctx).errors()) == 0 {
		if ctx.Err() != nil {
			t.Fatal("two things at one address, and nothing is said")
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.write("content/reports/b.md", "---\ntitle: 乙\ndate: 1958\ntags: [c]\n---\n\n正文\n")
	w.m.make(map[string]bool{"content/reports/b.md": true}, 1)
	if l := w.m.state().errors(); len(l) > 0 {
		t.Errorf("mended, and still told: %v", l)
	}
}
