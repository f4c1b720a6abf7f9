package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi/generator/output"
)

// A site is what a test publishes: path → bytes.
type site map[string]string

// maker appends the bytes of a file.
type maker = func(dst []byte, path string) ([]byte, error)

func (s site) paths() []string { return slices.Sorted(maps.Keys(s)) }

func (s site) file(dst []byte, path string) ([]byte, error) { return append(dst, s[path]...), nil }

// opened gives every third file open, as those of the source are.
func opened(content maker, p string) (fs.File, error) {
	if len(p)%3 != 0 {
		return nil, nil
	}
	b, err := call(content, nil, p)
	if err != nil {
		return nil, nil // which is told when it is made
	}
	return fstest.MapFS{"f": {Data: b}}.Open("f")
}

// fill gives most files to Files and the rest to Put, from two more goroutines, as a build does.
func fill(paths []string, content maker) func(*Writer) error {
	return func(w *Writer) error {
		some := len(paths) * 3 / 4
		var rest [2]error
		var wg sync.WaitGroup
		for k := range rest {
			wg.Go(func() {
				for i := some + k; i < len(paths) && rest[k] == nil; i += 2 {
					b, err := call(content, nil, paths[i])
					if err == nil {
						err = w.Put(paths[i], b)
					}
					if !errors.Is(err, output.ErrStopped) {
						rest[k] = err
					}
				}
			})
		}
		err := w.Files(paths[:some], func(p string) (fs.File, error) { return opened(content, p) }, content)
		wg.Wait()
		return errors.Join(err, rest[0], rest[1])
	}
}

func writeSite(ctx context.Context, paths []string, content maker, opt Options, sys system) (Result, error) {
	return write(ctx, opt, fill(paths, content), sys)
}

func (s site) size() (n int64) {
	for _, v := range s {
		n += int64(len(v))
	}
	return n
}

// scratch is a folder for outputs, in memory where the system has such a file system: tests make and
// remove many small trees.
func scratch(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "build-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// quick is the real disk without flushing it, which is only seen after a power cut.
func quick() system {
	s := disk
	s.flush = func(string) error { return nil }
	s.flushDir = s.flush
	return s
}

// swapless is a system that can't exchange folders.
func swapless() system {
	s := quick()
	s.exchange = func(a, b string) error { return errNoExchange }
	return s
}

// ways are the ways to publish, for what has to hold in all of them.
var ways = []struct {
	name    string
	sys     func() system
	inPlace bool
}{
	{"swap", quick, false},
	{"two renames", swapless, false},
	{"in place", quick, true},
	{"rename refused", func() system {
		s := quick()
		s.exchange = func(a, b string) error { return &os.LinkError{Op: "exchange", Old: a, New: b, Err: errBusy} }
		return s
	}, false},
	{"no hard links", func() system {
		s := quick()
		s.link = func(from, to string) error {
			return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
		}
		return s
	}, false},
}

func publish(t testing.TB, s site, out string) Result {
	t.Helper()
	res, err := writeSite(t.Context(), s.paths(), s.file, Options{Output: out}, quick())
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// snapshot reads a tree: files by their bytes, links by their target, folders without entries by a slash.
// What is ours but not the site's is left out.
func snapshot(t testing.TB, root string) site {
	t.Helper()
	got := site{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		p, _ := filepath.Rel(root, name)
		p = filepath.ToSlash(p)
		switch {
		case strings.HasPrefix(p, output.Own):
		case d.IsDir():
			if list, err := os.ReadDir(name); err != nil {
				return err
			} else if len(list) == 0 && p != "." {
				got[p+"/"] = ""
			}
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			got[p] = "-> " + target
			return err
		default:
			b, err := os.ReadFile(name)
			got[p] = string(b)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantTree(t testing.TB, root string, want site) {
	t.Helper()
	if diff := compare(snapshot(t, root), want); diff != "" {
		t.Fatalf("%s is not what it should be:\n%s", root, diff)
	}
}

func compare(got, want site) string {
	var b strings.Builder
	for _, p := range want.paths() {
		if v, ok := got[p]; !ok {
			fmt.Fprintf(&b, "missing   %s\n", p)
		} else if v != want[p] {
			fmt.Fprintf(&b, "different %s: %.40q, not %.40q\n", p, v, want[p])
		}
	}
	for _, p := range got.paths() {
		if _, ok := want[p]; !ok {
			fmt.Fprintf(&b, "too much  %s\n", p)
		}
	}
	return b.String()
}

// wantClean checks that a build left nothing of its own but the manifest.
func wantClean(t testing.TB, out string) {
	t.Helper()
	for _, dir := range []string{filepath.Dir(out), out} {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if strings.Contains(e.Name(), output.Own) && e.Name() != output.Manifest {
				t.Errorf("left behind: %s", filepath.Join(dir, e.Name()))
			}
		}
	}
}

func put(t testing.TB, root string, files site) {
	t.Helper()
	for p, v := range files {
		name := filepath.Join(root, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(v), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var first = site{
	"index.html": "首页", "404.html": "没有", "feed.xml": "<feed/>", "empty.txt": "",
	"people/index.html": "人物", "people/zhang-ceshi/index.html": "张测试", "people/li-ceshi/index.html": "李测试",
	"reports/1958/r1/index.html": "报道一", "reports/1958/r2/index.html": "报道二", "assets/a.css": "body{}",
}

// second is the next state of first: a file the same, some changed, one new, some gone, one that becomes
// a folder and a folder that becomes a file.
var second = site{
	"index.html": "首页，新", "404.html": "没有", "empty.txt": "", "feed.xml/index.html": "now a folder",
	"people/index.html": "人物，新", "people/zhang-ceshi/index.html": "张测试", "people/li-ceshi": "now a file",
	"reports/1958/r2/index.html": "报道二", "reports/1959/r3/index.html": "报道三", "assets/a.css": "body{margin:0}",
}

func TestBuildOverOlderSite(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			out := filepath.Join(scratch(t), "public")
			opt := Options{Output: out, InPlace: way.inPlace, Workers: 3}
			res, err := writeSite(t.Context(), first.paths(), first.file, opt, way.sys())
			if err != nil {
				t.Fatal(err)
			}
			wantTree(t, out, first)
			if want := (Result{Files: 10, Bytes: first.size(), Written: 10}); !reflect.DeepEqual(res, want) {
				t.Errorf("first build: %+v, not %+v", res, want)
			}
			past := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
			for p := range first {
				if err := os.Chtimes(filepath.Join(out, p), past, past); err != nil {
					t.Fatal(err)
				}
			}
			res, err = writeSite(t.Context(), second.paths(), second.file, opt, way.sys())
			if err != nil {
				t.Fatal(err)
			}
			wantTree(t, out, second)
			wantClean(t, out)
			if res.Files != 10 || res.Unchanged != 4 || res.Written != 6 || res.Removed != 3 || res.Leftover != "" {
				t.Errorf("second build: %+v", res)
			}
			for p, v := range second {
				info, err := os.Stat(filepath.Join(out, p))
				if err != nil {
					t.Fatal(err)
				}
				if old, ok := first[p]; info.ModTime().Equal(past) != (ok && old == v) {
					t.Errorf("%s: time %s does not tell whether it changed", p, info.ModTime())
				}
			}
		})
	}
}

func TestNothingChanged(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	publish(t, first, out)
	before, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	sys := quick()
	touch := func(op string) func(string, string) error {
		return func(a, b string) error { t.Errorf("%s %s %s", op, a, b); return nil }
	}
	sys.link, sys.rename, sys.exchange = touch("link"), touch("rename"), touch("exchange")
	sys.mkdir = func(a string) error { return touch("mkdir")(a, "") }
	sys.remove = sys.mkdir
	res, err := writeSite(t.Context(), first.paths(), first.file, Options{Output: out}, sys)
	if err != nil || res.Unchanged != len(first) || res.Written+res.Removed != 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	after, err := os.Stat(out)
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("the folder was touched: %v", err)
	}
	wantClean(t, out)
}

func TestDamagedFileIsRepaired(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	publish(t, first, out)
	name := filepath.Join(out, "people/index.html")
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	// Same size, same time: only the bytes tell.
	if err := os.WriteFile(name, []byte("\x00\x00\x00\x00\x00\x00"), 0o644); err != nil {
		t.Fatal(err)
	}
	os.Chtimes(name, info.ModTime(), info.ModTime())
	if res := publish(t, first, out); res.Written != 1 {
		t.Errorf("%+v", res)
	}
	wantTree(t, out, first)
}

func TestFailedPagesAreAllReportedAndNothingPublished(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	publish(t, first, out)
	bad := errors.New("people/index.html:3:1: 错误")
	_, err := writeSite(t.Context(), second.paths(), func(dst []byte, p string) ([]byte, error) {
		switch p {
		case "people/index.html":
			return nil, bad
		case "404.html":
			panic("nil page")
		case "reports/1959/r3/index.html":
			return nil, fmt.Errorf("another")
		}
		return second.file(dst, p)
	}, Options{Output: out, Workers: 4}, quick())
	if !errors.Is(err, bad) {
		t.Fatalf("lost: %v", err)
	}
	text := err.Error()
	a, b, c := strings.Index(text, "404.html 时程序出错：nil page"), strings.Index(text, bad.Error()), strings.Index(text, "another")
	if a < 0 || b < a || c < b {
		t.Errorf("not all errors, or not in the order of the paths:\n%s", text)
	}
	wantTree(t, out, first)
	wantClean(t, out)
}

func TestInterrupted(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			out := filepath.Join(scratch(t), "public")
			publish(t, first, out)
			for stop := range len(second) {
				ctx, cancel := context.WithCancel(t.Context())
				var n atomic.Int64
				_, err := writeSite(ctx, second.paths(), func(dst []byte, p string) ([]byte, error) {
					if int(n.Add(1)) > stop {
						cancel()
					}
					return second.file(dst, p)
				}, Options{Output: out, Workers: 2, InPlace: way.inPlace}, way.sys())
				cancel()
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "生成中断") {
					t.Fatalf("stopped at %d: %v", stop, err)
				}
				wantTree(t, out, first)
				wantClean(t, out)
			}
		})
	}
}

// The result of file may be memory of the caller's: it is neither written to nor kept.
func TestSharedBytesAreOnlyRead(t *testing.T) {
	shared := bytes.Repeat([]byte("共享"), 1000)
	want := string(shared)
	s := site{}
	for i := range 100 {
		s[fmt.Sprintf("p%02d", i)] = strings.Repeat("x", i*97)
		s[fmt.Sprintf("p%02d-asset", i)] = want
	}
	out := filepath.Join(scratch(t), "public")
	_, err := writeSite(t.Context(), s.paths(), func(dst []byte, p string) ([]byte, error) {
		if strings.HasSuffix(p, "asset") {
			return shared, nil
		}
		return s.file(dst, p)
	}, Options{Output: out, Workers: 4}, quick())
	if err != nil || string(shared) != want {
		t.Fatalf("shared bytes were changed: %v", err)
	}
	wantTree(t, out, s)
}

func TestSameBytesWhateverTheWorkers(t *testing.T) {
	random := seeded(t)
	dir := scratch(t)
	read := func(out string) site {
		s := snapshot(t, out)
		b, err := os.ReadFile(filepath.Join(out, output.Manifest))
		if err != nil {
			t.Fatal(err)
		}
		s[output.Manifest] = string(b)
		return s
	}
	var want site
	for _, workers := range []int{1, 2, 8, 100} {
		out := filepath.Join(dir, fmt.Sprint(workers))
		paths := first.paths()
		random.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		if _, err := writeSite(t.Context(), paths, first.file, Options{Output: out, Workers: workers}, quick()); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = read(out)
		}
		if diff := compare(read(out), want); diff != "" {
			t.Errorf("%d workers:\n%s", workers, diff)
		}
	}
}

func TestImpossiblePaths(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	s := site{
		"": "", ".": "", "/abs": "", "../up": "", "a/../b": "", "a//b": "", "a/": "", "nul\x00": "", "line\nbreak": "",
		".git/config": "", ".gongzhi-manifest": "", "folder": "", "folder/x": "",
	}
	_, err := writeSite(t.Context(), append(s.paths(), "index.html", "index.html"), s.file, Options{Output: out}, quick())
	if err == nil {
		t.Fatal("accepted")
	}
	delete(s, "folder/x") // the file is what is named
	for p := range s {
		if !strings.Contains(err.Error(), fmt.Sprintf("%q", p)) {
			t.Errorf("%q is not named in:\n%v", p, err)
		}
	}
	if !strings.Contains(err.Error(), `"index.html"`) {
		t.Error("the repetition is not named")
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("the output was touched")
	}
}

func TestProgressEndsAtTheTotal(t *testing.T) {
	var calls [][2]int
	var mu sync.Mutex
	s := site{}
	for i := range 30 {
		s[fmt.Sprint(i)] = "x"
	}
	opt := Options{Output: filepath.Join(scratch(t), "public"), Workers: 1, Progress: func(done, total int) {
		if !mu.TryLock() {
			t.Error("called by two at once")
			return
		}
		defer mu.Unlock()
		calls = append(calls, [2]int{done, total})
	}}
	_, err := Write(t.Context(), opt, fill(s.paths(), func(dst []byte, p string) ([]byte, error) {
		time.Sleep(10 * time.Millisecond)
		return s.file(dst, p)
	}))
	if err != nil || len(calls) == 0 || calls[len(calls)-1] != [2]int{30, 30} {
		t.Errorf("%v, %v", calls, err)
	}
	if !slices.IsSortedFunc(calls, func(a, b [2]int) int { return a[0] - b[0] }) {
		t.Errorf("goes back: %v", calls)
	}
}

// Any sequence of builds, in any way, with files of others put in between, leaves the site and those
// files, and nothing else.
func TestAnySequenceOfBuilds(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	names := []string{"a", "b", "c", "index.html"}
	random := func() site {
		s := site{}
		for range 1 + rnd.IntN(12) {
			p := names[rnd.IntN(len(names))]
			for range rnd.IntN(4) {
				p += "/" + names[rnd.IntN(len(names))]
			}
			for q := range s { // no path is a file and a folder
				if q == p || strings.HasPrefix(q, p+"/") || strings.HasPrefix(p, q+"/") {
					delete(s, q)
				}
			}
			s[p] = fmt.Sprint(rnd.IntN(3))
		}
		return s
	}
	for range 15 {
		out := filepath.Join(scratch(t), "public")
		foreign := site{}
		for range 30 {
			if rnd.IntN(3) == 0 {
				p := names[rnd.IntN(len(names))] + "/others-" + fmt.Sprint(rnd.IntN(4))
				name := filepath.Join(out, filepath.FromSlash(p))
				if os.MkdirAll(filepath.Dir(name), 0o755) == nil && os.WriteFile(name, []byte("其他"), 0o644) == nil {
					foreign[p] = "其他"
				}
			}
			s := random()
			clash := false
			for p := range s {
				for q := range foreign {
					clash = clash || strings.HasPrefix(q, p+"/")
				}
			}
			before := site{}
			if _, err := os.Stat(out); err == nil {
				before = snapshot(t, out)
			}
			way := ways[rnd.IntN(len(ways))]
			_, err := writeSite(t.Context(), s.paths(), s.file, Options{Output: out, InPlace: way.inPlace, Workers: 2}, way.sys())
			if clash != (err != nil) {
				t.Fatalf("%s: clash %v, error %v", way.name, clash, err)
			}
			if _, e := os.Stat(out); e != nil && err != nil {
				continue
			}
			want := before
			if err == nil {
				want = maps.Clone(s)
				maps.Copy(want, foreign)
			}
			wantTree(t, out, want)
			wantClean(t, out)
		}
	}
}

// TestRehearse: what a build would say of pages and paths is said, and nothing is written.
func TestRehearse(t *testing.T) {
	dir := scratch(t)
	t.Chdir(dir)
	if err := Rehearse(t.Context(), fill(first.paths(), first.file)); err != nil {
		t.Error(err)
	}
	err := Rehearse(t.Context(), func(w *Writer) error {
		if old := w.Old(); old != nil {
			t.Error("there is an old output")
		}
		return w.Files([]string{"a/index.html", "b/index.html", "c/../d"}, nil, func(dst []byte, p string) ([]byte, error) {
			if p == "b/index.html" {
				panic("甲")
			}
			return append(dst, p...), nil
		})
	})
	if err == nil || !strings.Contains(err.Error(), "b/index.html") || !strings.Contains(err.Error(), "甲") || !strings.Contains(err.Error(), "c/../d") {
		t.Errorf("a page that panics and a path that can't be: %v", err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("it has written %v, %v", list, err)
	}
}

// seeded gives random numbers that can be had again: the seed is printed, and GONGZHI_SEED sets it.
func seeded(t testing.TB) *rand.Rand {
	seed, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("GONGZHI_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
