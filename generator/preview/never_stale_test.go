package preview

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi"
	"gongzhi/generator/folder"
	"gongzhi/generator/render"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "replay the steps of this seed (0: a new one)")
	stepsFlag = flag.Int("steps", 0, "steps of TestNeverStale; GONGZHI_RUNS, or 30, if 0")
)

// TestNeverStale changes an archive at random, on disk, under a running preview with a real watcher, and after
// each step compares everything that the preview serves, search index included, with what a first run on the
// same files serves. A file with a fault stands in that comparison as it was when it last had none, as the
// preview promises.
func TestNeverStale(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if *stepsFlag == 0 {
		*stepsFlag, _ = strconv.Atoi(cmp.Or(os.Getenv("GONGZHI_RUNS"), "20"))
	}
	t.Logf("replay with: go test ./generator/preview -run TestNeverStale -seed %d -steps %d", seed, *stepsFlag)
	a := newArchive(t, rand.New(rand.NewPCG(seed, 1)))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m := newMaker(folder.NewSite(a.dir), gongzhi.DefaultTheme())
	how := watch(ctx, a.dir, m.dirty, 0, func(format string, args ...any) { t.Logf(format, args...) })
	if how != "系统通知" {
		t.Fatalf("this machine does not tell of changes: %s", how)
	}
	m.make(nil, 0)
	go m.run(ctx, func(before, after *state, took time.Duration) {})
	web := httptest.NewServer(&server{maker: m, guard: newGuard("127.0.0.1", 0, addresses), tabs: make(chan struct{}, 1), source: a.dir, done: ctx.Done()})
	defer web.Close()
	for step := range *stepsFlag {
		what := a.step()
		a.sync(ctx, m, step)
		a.compare(m, web.URL, fmt.Sprintf("step %d (%s)", step, what))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// archive is a folder that is changed at random, and what it held when it last had no fault.
type archive struct {
	t     *testing.T
	r     *rand.Rand
	dir   string
	n     int
	good  map[string][]byte // of each file with a fault: what it last held without; nil if it never did
	theme map[string][]byte // all files below themes/ when the theme last had no fault, while it has one
}

func newArchive(t *testing.T, r *rand.Rand) *archive {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{t: t, r: r, dir: dir, good: map[string][]byte{}}
	a.write("site.yaml", "title: 工志\nbaseURL: https://example.org/\n")
	a.write("content/reports/marker.md", "---\ntitle: 记号\ndate: 2000\n---\n\n开始\n")
	a.write("content/honors/h1.md", "---\ntitle: 测试劳动模范\nlevel: 国家级\n---\n")
	a.write("content/conferrals/all.csv", "id,honor,recipient,date\nc1,h1,测试甲,1950\n")
	for range 12 {
		a.create()
	}
	for i := range 4 {
		a.write(fmt.Sprintf("content/people/p%d.md", i), fmt.Sprintf("---\ntitle: 测试%s\nregion: [江西]\n---\n\n生平。\n", string([]rune("甲乙丙丁")[i])))
	}
	return a
}

func (a *archive) full(p string) string { return filepath.Join(a.dir, filepath.FromSlash(p)) }

func (a *archive) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *archive) write(p, text string) {
	a.t.Helper()
	a.must(os.MkdirAll(filepath.Dir(a.full(p)), 0o755))
	a.must(os.WriteFile(a.full(p), []byte(text), 0o644))
}

// swap puts a file in another's place at once. os.WriteFile empties it first, and an empty site.yaml has no fault: it would be what is
// shown while the one that follows is broken.
func (a *archive) swap(p, text string) {
	a.t.Helper()
	a.must(os.MkdirAll(filepath.Dir(a.full(p)), 0o755))
	aside := a.full(p) + ".tmp~"
	a.must(os.WriteFile(aside, []byte(text), 0o644))
	a.must(os.Rename(aside, a.full(p)))
}

func (a *archive) read(p string) string {
	a.t.Helper()
	b, err := os.ReadFile(a.full(p))
	a.must(err)
	return string(b)
}

// files are those below a folder that a test may change.
func (a *archive) files(below, ext string) (l []string) {
	err := filepath.WalkDir(a.full(below), func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && path.Ext(p) == ext && !strings.HasPrefix(e.Name(), ".") && e.Name() != "marker.md" {
			rel, err := filepath.Rel(a.dir, p)
			l = append(l, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	a.must(err)
	return l
}

func (a *archive) folders(below string) (l []string) {
	a.must(filepath.WalkDir(a.full(below), func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && p != a.full(below) {
			rel, err := filepath.Rel(a.dir, p)
			l = append(l, filepath.ToSlash(rel))
			return err
		}
		return nil
	}))
	return l
}

func pick[T any](r *rand.Rand, l []T) T { return l[r.IntN(len(l))] }

// words are what texts are made of.
func (a *archive) words(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(pick(a.r, []string{"全国总工会", "劳动竞赛", "炉前工", "纺织厂", "技术革新", "江西", "创高产", "表彰大会", "测试甲", "先进"}))
	}
	return b.String()
}

// report is a record, mostly without fault: its link may lead nowhere after others were removed.
func (a *archive) report() string {
	a.n++
	head := fmt.Sprintf("---\ntitle: 报道%d%s\ndate: %d-05-%02d\nregion: [%s]\ntags: [%s]\n", a.n, a.words(1), 1950+a.r.IntN(60), 1+a.r.IntN(28), pick(a.r, []string{"江西", "南昌", "上海"}), a.words(1))
	switch a.r.IntN(8) {
	case 0:
		head += "draft: true\n"
	case 1:
		head += "publishDate: 2999-01-01\n"
	case 2:
		head += "expiryDate: 2001-01-01\n"
	case 3:
		head += fmt.Sprintf("aliases: [/old/%d]\n", a.n)
	}
	body := a.words(20) + "。\n\n## 小标题\n\n" + a.words(10) + "。\n"
	if a.r.IntN(3) == 0 {
		body += "\n见[[测试甲]]。\n"
	}
	return head + "---\n\n" + body
}

func (a *archive) create() string {
	p := fmt.Sprintf("content/reports/%s%d.md", pick(a.r, []string{"", "1950/", "1960/", "1960/5/", "1970/a/b/"}), a.r.IntN(1000))
	if _, ok := a.good[p]; !ok {
		a.write(p, a.report())
	}
	return "create " + p
}

// step changes something.
func (a *archive) step() string {
	a.t.Helper()
	reports := a.files("content/reports", ".md")
	if len(reports) < 8 {
		return a.create()
	}
	if len(reports) > 50 {
		// Not to grow without end.
		for range 20 {
			i := a.r.IntN(len(reports))
			a.must(os.Remove(a.full(reports[i])))
			a.forget(reports[i])
			reports = slices.Delete(reports, i, i+1)
		}
		return "remove many"
	}
	one := pick(a.r, reports)
	_, faulty := a.good[one]
	switch a.r.IntN(31) {
	case 0, 1, 2:
		return a.create()
	case 3, 4, 5, 6:
		if faulty {
			return a.mend(one)
		}
		a.write(one, a.report())
		return "edit " + one
	case 7:
		if faulty {
			return a.mend(one)
		}
		tmp := path.Dir(one) + "/.tmp" + path.Base(one)
		a.write(tmp, a.report())
		a.must(os.Rename(a.full(tmp), a.full(one)))
		return "save atomically " + one
	case 8:
		if faulty {
			return a.mend(one)
		}
		// The same size and the same times, another text.
		info, err := os.Stat(a.full(one))
		a.must(err)
		text := a.read(one)
		swapped := strings.NewReplacer("江西", "南昌", "南昌", "江西", "先进", "竞赛").Replace(text)
		other := a.full(path.Dir(one) + "/.other")
		a.must(os.WriteFile(other, []byte(swapped), 0o644))
		a.must(os.Chtimes(other, info.ModTime(), info.ModTime()))
		a.must(os.Rename(other, a.full(one)))
		return "replace alike " + one
	case 9, 10:
		a.must(os.Remove(a.full(one)))
		delete(a.good, one)
		return "remove " + one
	case 11, 12:
		to := fmt.Sprintf("content/reports/%s/r%d.md", pick(a.r, []string{"1950", "1960/5", "new"}), a.r.IntN(10000))
		a.must(os.MkdirAll(filepath.Dir(a.full(to)), 0o755))
		a.must(os.Rename(a.full(one), a.full(to)))
		a.forget(one)
		if faulty {
			a.good[to] = nil
		}
		return "rename " + one + " to " + to
	case 13:
		d := a.folders("content/reports")
		if len(d) == 0 {
			return "nothing"
		}
		from := pick(a.r, d)
		to := fmt.Sprintf("content/reports/m%d", a.r.IntN(100000))
		a.must(os.Rename(a.full(from), a.full(to)))
		for p := range maps.Clone(a.good) {
			if strings.HasPrefix(p, from+"/") {
				a.forget(p)
				a.good[to+strings.TrimPrefix(p, from)] = nil
			}
		}
		return "rename folder " + from + " to " + to
	case 14:
		d := a.folders("content/reports")
		if len(d) == 0 || a.r.IntN(2) == 0 {
			return "nothing"
		}
		gone := pick(a.r, d)
		a.must(os.RemoveAll(a.full(gone)))
		a.forget(gone)
		return "remove folder " + gone
	case 15:
		// A folder that comes with all that is in it, and one of that name that goes.
		from := a.full("staged")
		a.must(os.MkdirAll(filepath.Join(from, "x", "y"), 0o755))
		a.must(os.WriteFile(filepath.Join(from, "x", "y", "n.md"), []byte(a.report()), 0o644))
		a.must(os.WriteFile(filepath.Join(from, "m.md"), []byte(a.report()), 0o644))
		to := "content/reports/" + pick(a.r, []string{"moved", "1950"})
		if _, err := os.Stat(a.full(to)); err == nil {
			// In one move, which tells nothing of the files in it.
			a.n++
			a.must(os.Rename(a.full(to), a.full(fmt.Sprintf("gone%d", a.n))))
		}
		a.forget(to)
		a.must(os.Rename(from, a.full(to)))
		return "replace folder " + to
	case 16:
		// The faults of a fortnight: a field misspelt, no end of the front matter, an impossible date.
		if faulty {
			return a.mend(one)
		}
		text := a.read(one)
		a.good[one] = []byte(text)
		a.swap(one, pick(a.r, []string{strings.Replace(text, "tags:", "tagz:", 1), "---\ntitle: 没有结束\n", strings.Replace(text, "date: ", "date: 2024-02-31 # ", 1)}))
		return "break " + one
	case 17, 18:
		broken := slices.Sorted(maps.Keys(a.good))
		broken = slices.DeleteFunc(broken, func(p string) bool { return path.Ext(p) != ".md" })
		if len(broken) == 0 {
			return "nothing"
		}
		return a.mend(pick(a.r, broken))
	case 19, 20:
		p := "content/conferrals/all.csv"
		delete(a.good, p)
		var b strings.Builder
		b.WriteString("id,honor,recipient,date\n")
		for i := range 1 + a.r.IntN(6) {
			fmt.Fprintf(&b, "c%d,h1,%s,%d\n", i, pick(a.r, []string{"测试甲", "测试戊", "测试己"}), 1950+a.r.IntN(5))
		}
		a.write(p, b.String())
		return "edit " + p
	case 21:
		p := "content/conferrals/all.csv"
		if _, ok := a.good[p]; !ok {
			a.good[p] = []byte(a.read(p))
		}
		a.swap(p, "id,honor,recipient,date\nc1,h1,测试甲,1950,多出来的\n")
		return "break " + p
	case 22:
		delete(a.good, "site.yaml")
		a.write("site.yaml", fmt.Sprintf("title: 工志%d\nbaseURL: https://example.org/\npageSize: %d\n", a.r.IntN(3), 3+a.r.IntN(5)))
		return "edit site.yaml"
	case 23:
		if _, ok := a.good["site.yaml"]; !ok {
			a.good["site.yaml"] = []byte(a.read("site.yaml"))
		}
		a.swap("site.yaml", "title: 坏了\ntytle: 2\n")
		return "break site.yaml"
	case 24:
		a.write("themes/default/assets/style.css", fmt.Sprintf("body{margin:%dpx}\n", a.r.IntN(100)))
		return "edit the style"
	case 25:
		a.theme = nil
		a.write("themes/default/templates/footer.html", fmt.Sprintf("{{define \"footer\"}}<footer>脚%d</footer>{{end}}\n", a.r.IntN(100)))
		return "edit a template"
	case 26:
		if a.theme == nil {
			a.theme = a.disk("themes")
		}
		a.swap("themes/default/templates/footer.html", "{{define \"footer\"}}<footer>{{if}}</footer>{{end}}\n")
		return "break a template"
	case 27:
		p := "content/people/_schema.yaml"
		if a.r.IntN(4) == 0 {
			a.must(os.RemoveAll(a.full(p)))
			a.forget(p)
			return "remove " + p
		}
		a.forget(p)
		a.write(p, fmt.Sprintf("label: 人物%d\nunit: 位\nsort: [title]\nfields:\n  - {key: craft, label: 手艺, type: term, many: true, browse: true}\n", a.r.IntN(3)))
		return "edit " + p
	case 28:
		p := "content/people/" + pick(a.r, []string{"p0.md", "p1.md", "p2.md"})
		a.write(p, fmt.Sprintf("---\ntitle: 测试%s\nregion: [江西]\n---\n\n%s。\n", pick(a.r, []string{"甲", "乙", "庚"}), a.words(5)))
		return "edit " + p
	case 29:
		p := "content/reports/" + pick(a.r, []string{"a.txt", "a.pdf", "b.pdf", "1950/c.pdf"})
		if a.r.IntN(3) == 0 {
			a.must(os.RemoveAll(a.full(p)))
			return "remove " + p
		}
		a.write(p, a.words(3))
		return "write " + p
	default:
		// The content goes away, and comes back; a checkout of many files at once.
		if a.r.IntN(2) == 0 {
			a.must(os.Rename(a.full("content"), a.full("away")))
			time.Sleep(time.Duration(a.r.IntN(40)) * time.Millisecond)
			a.must(os.Rename(a.full("away"), a.full("content")))
			// What had a fault has no past now: it may have been read while the folder was away.
			for p := range maps.Clone(a.good) {
				if strings.HasPrefix(p, "content/") {
					a.mend(p)
				}
			}
			return "content away and back"
		}
		for _, p := range reports {
			if _, ok := a.good[p]; !ok && a.r.IntN(2) == 0 {
				a.write(p, a.report())
			}
		}
		for range 20 {
			a.create()
		}
		return "checkout"
	}
}

// mend gives a faulty file a new text without fault.
func (a *archive) mend(p string) string {
	delete(a.good, p)
	if path.Ext(p) == ".csv" {
		a.write(p, "id,honor,recipient,date\nc9,h1,测试甲,1950\n")
	} else {
		a.write(p, a.report())
	}
	return "mend " + p
}

// forget drops what is known of a path and of all below it, which is no more.
func (a *archive) forget(p string) {
	for q := range maps.Clone(a.good) {
		if q == p || strings.HasPrefix(q, p+"/") {
			delete(a.good, q)
		}
	}
}

// sync waits until the preview has read what was written: notices come in order, so when the marker is there
// everything before it is.
func (a *archive) sync(ctx context.Context, m *maker, step int) {
	a.t.Helper()
	mark := fmt.Sprintf("第%d步", step)
	a.write("content/reports/marker.md", "---\ntitle: 记号\ndate: 2000\n---\n\n"+mark+"\n")
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		st := m.fresh(ctx)
		if r := st.gen.Record("reports/marker/index.html"); r != nil && bytes.Contains(r.Body.HTML, []byte(mark)) {
			return
		}
		if ctx.Err() != nil {
			a.t.Fatalf("step %d was never noticed", step)
		}
		time.Sleep(time.Millisecond)
	}
}

// disk reads all files below some folders.
func (a *archive) disk(names ...string) map[string][]byte {
	all := map[string][]byte{}
	for _, name := range names {
		err := filepath.WalkDir(a.full(name), func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return nil // a site may have no themes
			}
			rel, err := filepath.Rel(a.dir, p)
			if err != nil {
				return err
			}
			all[filepath.ToSlash(rel)], err = os.ReadFile(p)
			return err
		})
		a.must(err)
	}
	return all
}

// compare makes a first generation of what is on disk, with the last good text for files that have a fault, and
// compares all files of it with those of the preview.
func (a *archive) compare(m *maker, url, what string) {
	a.t.Helper()
	all := a.disk("site.yaml", "content", "themes")
	for p, text := range a.good {
		if text != nil {
			all[p] = text
		}
	}
	if a.theme != nil {
		for p := range all {
			if strings.HasPrefix(p, "themes/") {
				delete(all, p)
			}
		}
		maps.Copy(all, a.theme)
	}
	source := fstest.MapFS{}
	for p, b := range all {
		source[p] = &fstest.MapFile{Data: b}
	}
	want, err := render.New(render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: time.Now(), Unpublished: true})
	a.must(err)
	got := m.fresh(a.t.Context()).gen
	if g, w := got.Paths(), want.Paths(); !slices.Equal(g, w) {
		a.t.Errorf("%s: paths differ:\nonly served: %v\nmissing: %v", what, without(g, w), without(w, g))
		return
	}
	bad := 0
	for i, p := range want.Paths() {
		w, err := want.File(nil, p)
		a.must(err)
		g, err := got.File(nil, p)
		a.must(err)
		if i%7 == a.r.IntN(7) && !strings.HasSuffix(p, "sitemap.xml") {
			g = a.fetch(url, p)
		}
		if !bytes.Equal(g, w) {
			if bad++; bad < 4 {
				a.t.Errorf("%s: %s differs:\n%s", what, p, firstDifference(g, w))
			}
		}
	}
}

// fetch gets a file over HTTP, without the preview's script.
func (a *archive) fetch(url, p string) []byte {
	a.t.Helper()
	res, err := http.Get(url + "/" + escapePath(strings.TrimSuffix(p, "index.html")))
	a.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	a.must(err)
	return untag(b)
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func firstDifference(a, b []byte) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s []byte) string { return string(s[max(0, i-80):min(len(s), i+120)]) }
	return "served: …" + cut(a) + "…\nfresh:  …" + cut(b) + "…"
}
