// Package life is what each kind of target has to go through in the tests: the life of a published site. It is given a
// way to a real server, and a way to see what that server holds.
package life

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gongzhi/generator/publish"
)

// A Place is a target under test.
type Place struct {
	Open func(t *testing.T) publish.Store     // a new connection
	Look func(t *testing.T) map[string]string // all files there, without Control; nil: by the store itself
	// Plant puts a file of somebody else there. nil: by the store itself.
	Plant func(t *testing.T, path, text string)
}

// Site is a small made-up site: n records, each with a page, in a version that its pages, style and index name.
func Site(n, version int) map[string]string {
	style := fmt.Sprintf("assets/style.%08x.css", 0xa0000000+version)
	shard := fmt.Sprintf("search/%012x.bin", 0xabc000000000+version)
	picture := fmt.Sprintf("images/plate.%08x.svg", 0xb0000000+version)
	s := map[string]string{
		style:                       fmt.Sprintf("/* %d */", version),
		picture:                     fmt.Sprintf("<svg><!-- %d --></svg>", version),
		shard:                       strings.Repeat(fmt.Sprintf("shard %d ", version), 300),
		"search/index.json":         fmt.Sprintf(`{"shard":%q,"documents":%d}`, shard, n),
		"search/search.js":          "export {}",
		"search/index.html":         "<link href=" + style + "> 检索",
		"index.html":                "<link href=" + style + "> 首页",
		"404.html":                  "<link href=" + style + "> 没有",
		"feed.xml":                  "<feed/>",
		"photos/1.jpg":              "\xff\xd8" + strings.Repeat("测", 4000),
		"reports/index.html":        "<link href=" + style + "> 列表",
		"reports/page/2/index.html": "<link href=" + style + "> 列表二",
		"people/index.html":         "<link href=" + style + "> 人物",
		"empty.txt":                 "",
	}
	for i := range n {
		text := fmt.Sprintf("<link href=%s> <img src=%s> 记录 %d，%s", style, picture, i, strings.Repeat("测试厂的张测试。", 40+i%7))
		s[fmt.Sprintf("reports/测试 %d/r%d/index.html", 1950+i%5, i)] = text
		s[fmt.Sprintf("people/甲测-%d/index.html", i)] = text
	}
	return s
}

// Take makes a version of a site.
func Take(t *testing.T, s *publish.State, files map[string]string) *publish.Version {
	t.Helper()
	dir := t.TempDir()
	for p, text := range files {
		name := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	v, err := s.Take(t.Context(), dir, slices.Collect(maps.Keys(files)))
	if err != nil {
		t.Fatal(err)
	}
	// What becomes of the folder does not matter any longer.
	for p := range files {
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(p))); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// State opens a new State.
func State(t *testing.T) *publish.State {
	t.Helper()
	s, err := publish.OpenState(t.Context(), filepath.Join(t.TempDir(), "state"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Quick is a run that waits for nothing.
func Quick(target string) publish.Options {
	return publish.Options{Target: target, Host: "测试", Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

// Run is the life of a site at a place.
func Run(t *testing.T, place Place) {
	l := &life{t: t, place: place, state: State(t), opt: Quick("测试目标")}
	store := place.Open(t)
	_, l.whole = store.(publish.Replacer)
	store.Close()
	l.first()
	l.edits()
	if !l.whole {
		l.interrupted()
		l.taken()
		l.shrinks()
	}
}

// A life goes through its versions in turn. What stands at the target is, between two steps, the version now, the files kept
// beside it, and that of somebody else.
type life struct {
	t     *testing.T
	place Place
	state *publish.State
	whole bool // the place takes a site as one piece
	opt   publish.Options
	later publish.Options // a day on
	now   map[string]string
	kept  map[string]string
}

// theirs is a file of somebody else, which stays all the time.
const theirs = "CNAME"

func (l *life) run(v *publish.Version, opt publish.Options) (*publish.Report, error) {
	l.t.Helper()
	store := l.place.Open(l.t)
	defer store.Close()
	return publish.Run(l.t.Context(), store, l.state, v, opt)
}

func (l *life) must(v *publish.Version, opt publish.Options) *publish.Report {
	l.t.Helper()
	rep, err := l.run(v, opt)
	if err != nil {
		l.t.Fatal(err)
	}
	return rep
}

// same compares the target with files of ours and, where others may have any, theirs.
func (l *life) same(files map[string]string) {
	l.t.Helper()
	files = maps.Clone(files)
	if !l.whole {
		files[theirs] = "example.org"
	}
	Same(l.t, l.place, files)
}

// named adds to the files those of a version before that are named after their bytes.
func named(files, before map[string]string) map[string]string {
	files = maps.Clone(files)
	for p, text := range before {
		if isNamed(p) {
			files[p] = text
		}
	}
	return files
}

func isNamed(p string) bool {
	return strings.HasPrefix(p, "assets/") || strings.HasPrefix(p, "images/") || strings.HasSuffix(p, ".bin")
}

// first publishes a site, and again without a change.
func (l *life) first() {
	t := l.t
	l.now = Site(20, 1)
	v := Take(t, l.state, l.now)
	dry := l.opt
	dry.DryRun = true
	if rep := l.must(v, dry); len(rep.Send) != len(l.now) {
		t.Errorf("a dry run would send %d files, want %d", len(rep.Send), len(l.now))
	}
	Same(t, l.place, nil)
	rep := l.must(v, l.opt)
	if rep.Uploaded != len(l.now) || rep.Deleted != 0 {
		t.Errorf("first publish: %d sent, %d deleted; want %d and 0", rep.Uploaded, rep.Deleted, len(l.now))
	}
	Same(t, l.place, l.now)
	rep = l.must(v, l.opt)
	if rep.Uploaded+rep.Deleted != 0 || rep.Requests != 1 || rep.Unchanged != len(l.now) {
		t.Errorf("unchanged: %+v; want one request", rep)
	}
	if !l.whole {
		plant(t, l.place, theirs, "example.org")
		if rep := l.must(v, dry); !slices.Equal(rep.Foreign, []string{theirs}) {
			t.Errorf("foreign files: %q", rep.Foreign)
		}
	}
}

// edits changes a page, takes pages away, goes back and forth, and changes the style of all.
func (l *life) edits() {
	t := l.t
	two := maps.Clone(l.now) // one page with as many bytes as before, and a new file
	edited := "people/甲测-3/index.html"
	two[edited] = strings.Replace(two[edited], "记录 3", "记録 3", 1)
	two["people/乙测/index.html"] = "新的"
	if rep := l.must(Take(t, l.state, two), l.opt); rep.Uploaded != 2 || rep.Deleted != 0 {
		t.Errorf("edit: %d sent, %d deleted; want 2 and 0", rep.Uploaded, rep.Deleted)
	}
	l.same(two)

	three := maps.Clone(two) // a deletion, with the folder
	delete(three, "people/乙测/index.html")
	delete(three, "reports/测试 1951/r1/index.html")
	if rep := l.must(Take(t, l.state, three), l.opt); rep.Uploaded != 0 || rep.Deleted != 2 {
		t.Errorf("deletion: %d sent, %d deleted; want 0 and 2", rep.Uploaded, rep.Deleted)
	}
	l.same(three)

	back := l.opt
	back.Rollback = true
	if rep := l.must(nil, back); rep.Uploaded != 2 {
		t.Errorf("rollback: %d sent, want 2", rep.Uploaded)
	}
	l.same(two)
	l.must(nil, back)
	l.same(three)

	// A new style changes every page; the old style and shard stay for a day.
	l.now = Site(20, 2)
	v := Take(t, l.state, l.now)
	l.must(v, l.opt)
	if l.whole {
		l.same(l.now)
	} else {
		l.same(named(l.now, three))
	}
	l.later = l.opt
	l.later.Now = func() time.Time { return time.Now().Add(25 * time.Hour) }
	l.must(v, l.later)
	l.same(l.now)
}

// interrupted: nothing is lost, and what has arrived is not sent again.
func (l *life) interrupted() {
	t, four := l.t, l.now
	l.now = Site(20, 3)
	v := Take(t, l.state, l.now)
	ctx, cancel := context.WithCancel(t.Context())
	cut := &cutting{Store: l.place.Open(t), left: 25, cancel: cancel}
	if _, err := publish.Run(ctx, cut, l.state, v, l.opt); err == nil {
		t.Error("no error, though it was interrupted")
	}
	cut.Close()
	rep := l.must(v, l.later)
	changed := 0
	for p, text := range l.now {
		if four[p] != text {
			changed++
		}
	}
	if most := changed - int(cut.put.Load()); rep.Uploaded > most || rep.Uploaded == 0 {
		t.Errorf("after an interruption %d of %d files were sent, want at most %d", rep.Uploaded, changed, most)
	}
	l.kept = named(l.now, four) // the old style stays, as always
	l.same(l.kept)
}

// taken: where the site needs a name that is somebody else's, it is not taken but when told to.
func (l *life) taken() {
	l.now = maps.Clone(l.now)
	l.now[theirs] = "ours"
	v := Take(l.t, l.state, l.now)
	if _, err := l.run(v, l.later); err == nil || !strings.Contains(err.Error(), theirs) {
		l.t.Errorf("another's file was not respected: %v", err)
	}
	l.same(l.kept)
	over := l.later
	over.Overwrite = true
	l.must(v, over)
	l.kept[theirs] = "ours"
	Same(l.t, l.place, l.kept)
}

// shrinks: much less than before is a question.
func (l *life) shrinks() {
	t := l.t
	l.now = Site(2, 3)
	l.now[theirs] = "ours"
	v := Take(t, l.state, l.now)
	if _, err := l.run(v, l.later); err == nil || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("most of a site went without a question: %v", err)
	}
	Same(t, l.place, l.kept)
	asked := 0
	sure := l.later
	sure.Confirm = func(string) bool { asked++; return true }
	l.must(v, sure)
	if asked != 1 {
		t.Errorf("%d questions, want 1", asked)
	}
	for p := range l.kept {
		if _, stays := l.now[p]; !stays && !isNamed(p) {
			delete(l.kept, p)
		}
	}
	maps.Copy(l.kept, l.now)
	Same(t, l.place, l.kept)
}

// cutting ends a run after some files.
type cutting struct {
	publish.Store
	left   int64
	cancel func()
	put    atomic.Int64 // files of the site that have arrived
}

func (c *cutting) Put(ctx context.Context, o *publish.Object) error {
	if atomic.AddInt64(&c.left, -1) < 0 {
		c.cancel()
		return errors.New("cut off")
	}
	err := c.Store.Put(ctx, o)
	if err == nil && o.Path != publish.Control {
		c.put.Add(1)
	}
	return err
}

// Large publishes a film, and then again to a target that does not say what stands there, so that it is read back: the memory never holds
// more than a part of it.
func Large(t *testing.T, open func(t *testing.T) publish.Store) {
	const size, most = 32 << 20, 16 << 20
	state, dir := State(t), t.TempDir()
	for p, n := range map[string]int64{"index.html": 100, "reports/v.mp4": size} {
		name := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("甲"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, n); err != nil { // with nothing in it for the disk
			t.Fatal(err)
		}
	}
	v, err := state.Take(t.Context(), dir, []string{"index.html", "reports/v.mp4"})
	if err != nil {
		t.Fatal(err)
	}
	peak := Peak(t)
	for i := range 2 {
		store := open(t)
		sent := 2
		if i == 1 && !store.Traits().Headers { // those can't be read back
			sent = 0
		}
		rep, err := publish.Run(t.Context(), store, state, v, Quick("录像"))
		if err != nil {
			t.Fatal(err)
		}
		if rep.Uploaded != sent {
			t.Errorf("run %d: %d sent, want %d", i, rep.Uploaded, sent)
		}
		if err := store.Delete(t.Context(), publish.Control); err != nil {
			t.Fatal(err)
		}
		store.Close()
	}
	took := peak()
	t.Logf("%.1f MB of memory", float64(took)/(1<<20))
	if took > most {
		t.Errorf("%d MB of memory for a film of %d MB", took>>20, size>>20)
	}
}

// Peak measures until its result is called, which gives by how many bytes what is in use has grown at most.
func Peak(t *testing.T) func() int64 {
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	runtime.GC()
	before := inUse()
	var most atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ctx.Err() == nil {
			most.Store(max(most.Load(), inUse()-before))
			time.Sleep(2 * time.Millisecond)
		}
	}()
	return func() int64 { stop(); <-over; return most.Load() }
}

func plant(t *testing.T, place Place, p, text string) {
	t.Helper()
	if place.Plant != nil {
		place.Plant(t, p, text)
		return
	}
	store := place.Open(t)
	defer store.Close()
	o := publish.NewObject(p, int64(len(text)), func() (io.ReadSeekCloser, error) { return memory{strings.NewReader(text)}, nil })
	if err := store.Put(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

type memory struct{ *strings.Reader }

func (memory) Close() error { return nil }

// look reads all that a place holds.
func look(t *testing.T, place Place) map[string]string {
	t.Helper()
	if place.Look != nil {
		return place.Look(t)
	}
	store := place.Open(t)
	defer store.Close()
	var mu sync.Mutex
	var names []string
	if err := store.List(t.Context(), ".", func(i publish.Info) { mu.Lock(); names = append(names, i.Path); mu.Unlock() }); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		var b strings.Builder
		if err := store.Get(t.Context(), name, &b); err != nil {
			t.Fatal(err)
		}
		files[name] = b.String()
	}
	return files
}

// Same compares what a place holds with what it should.
func Same(t *testing.T, place Place, want map[string]string) {
	t.Helper()
	got := look(t, place)
	for p := range got {
		if p == publish.Control {
			continue
		}
		if w, ok := want[p]; !ok {
			t.Errorf("the target has %s, which should not be there", p)
		} else if w != got[p] {
			t.Errorf("the target has other bytes in %s: %.60q, want %.60q", p, got[p], w)
		}
	}
	for p := range want {
		if _, ok := got[p]; !ok {
			t.Errorf("the target lacks %s", p)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// LookDir reads a folder, and fails if it has one that is empty.
func LookDir(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) {
				return nil
			}
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		if e.IsDir() {
			if list, err := os.ReadDir(name); err == nil && len(list) == 0 && rel != "." {
				t.Errorf("the empty folder %s was left", rel)
			}
			return nil
		}
		b, err := os.ReadFile(name)
		m[path.Clean(filepath.ToSlash(rel))] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// PlantDir writes a file into a folder.
func PlantDir(t *testing.T, dir, p, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(p)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
