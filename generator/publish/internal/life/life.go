// Package life is what each kind of target has to go through in the tests: the life of a published site. It is given a
// way to a real server, and a way to see what that server holds.
package life

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
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
	s := map[string]string{
		style:                       fmt.Sprintf("/* %d */", version),
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
		text := fmt.Sprintf("<link href=%s> 记录 %d，%s", style, i, strings.Repeat("测试厂的张测试。", 40+i%7))
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
	state := State(t)
	run := func(v *publish.Version, opt publish.Options) (*publish.Report, error) {
		t.Helper()
		store := place.Open(t)
		defer store.Close()
		return publish.Run(t.Context(), store, state, v, opt)
	}
	must := func(v *publish.Version, opt publish.Options) *publish.Report {
		t.Helper()
		rep, err := run(v, opt)
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	whole := func() bool { s := place.Open(t); defer s.Close(); _, ok := s.(publish.Replacer); return ok }()
	opt := Quick("测试目标")
	one := Site(20, 1)
	v1 := Take(t, state, one)

	dry := opt
	dry.DryRun = true
	if rep := must(v1, dry); len(rep.Send) != len(one) {
		t.Errorf("a dry run would send %d files, want %d", len(rep.Send), len(one))
	}
	Same(t, place, nil)

	rep := must(v1, opt)
	if rep.Uploaded != len(one) || rep.Deleted != 0 {
		t.Errorf("first publish: %d sent, %d deleted; want %d and 0", rep.Uploaded, rep.Deleted, len(one))
	}
	Same(t, place, one)

	rep = must(v1, opt)
	if rep.Uploaded+rep.Deleted != 0 || rep.Requests != 1 || rep.Unchanged != len(one) {
		t.Errorf("unchanged: %+v; want one request", rep)
	}

	// Somebody else's file stays, all the time.
	const foreign = "CNAME"
	if !whole {
		plant(t, place, foreign, "example.org")
		if rep := must(v1, dry); !slices.Equal(rep.Foreign, []string{foreign}) {
			t.Errorf("foreign files: %q", rep.Foreign)
		}
	}
	other := func(m map[string]string) map[string]string {
		m = maps.Clone(m)
		if !whole {
			m[foreign] = "example.org"
		}
		return m
	}

	// An edit: one page, with as many bytes as before, and a new file.
	two := maps.Clone(one)
	edited := "people/甲测-3/index.html"
	two[edited] = strings.Replace(two[edited], "记录 3", "记録 3", 1)
	two["people/乙测/index.html"] = "新的"
	rep = must(Take(t, state, two), opt)
	if rep.Uploaded != 2 || rep.Deleted != 0 {
		t.Errorf("edit: %d sent, %d deleted; want 2 and 0", rep.Uploaded, rep.Deleted)
	}
	Same(t, place, other(two))

	// A deletion, with the folder.
	three := maps.Clone(two)
	delete(three, "people/乙测/index.html")
	delete(three, "reports/测试 1951/r1/index.html")
	rep = must(Take(t, state, three), opt)
	if rep.Uploaded != 0 || rep.Deleted != 2 {
		t.Errorf("deletion: %d sent, %d deleted; want 0 and 2", rep.Uploaded, rep.Deleted)
	}
	Same(t, place, other(three))

	// Back, and forth again.
	back := opt
	back.Rollback = true
	if rep = must(nil, back); rep.Uploaded != 2 {
		t.Errorf("rollback: %d sent, want 2", rep.Uploaded)
	}
	Same(t, place, other(two))
	must(nil, back)
	Same(t, place, other(three))

	// A new style changes every page; the old style and shard stay for a day.
	four := Site(20, 2)
	v4 := Take(t, state, four)
	must(v4, opt)
	kept := other(four)
	if !whole {
		for p, text := range three {
			if strings.HasPrefix(p, "assets/") || strings.HasSuffix(p, ".bin") {
				kept[p] = text
			}
		}
	}
	Same(t, place, kept)
	later := opt
	later.Now = func() time.Time { return time.Now().Add(25 * time.Hour) }
	must(v4, later)
	Same(t, place, other(four))
	if whole {
		return
	}

	// Interrupted: nothing is lost, and what has arrived is not sent again.
	five := Site(20, 3)
	v5 := Take(t, state, five)
	ctx, cancel := context.WithCancel(t.Context())
	cut := &cutting{Store: place.Open(t), left: 25, cancel: cancel}
	if _, err := publish.Run(ctx, cut, state, v5, opt); err == nil {
		t.Error("no error, though it was interrupted")
	}
	cut.Close()
	rep = must(v5, later)
	changed := 0
	for p, text := range five {
		if four[p] != text {
			changed++
		}
	}
	if most := changed - int(cut.put.Load()); rep.Uploaded > most || rep.Uploaded == 0 {
		t.Errorf("after an interruption %d of %d files were sent, want at most %d", rep.Uploaded, changed, most)
	}
	// The old style stays, as always.
	kept = other(five)
	for p, text := range four {
		if strings.HasPrefix(p, "assets/") || strings.HasSuffix(p, ".bin") {
			kept[p] = text
		}
	}
	Same(t, place, kept)

	// Where the site needs a name that is somebody else's, it is not taken.
	six := maps.Clone(five)
	six[foreign] = "ours"
	v6 := Take(t, state, six)
	if _, err := run(v6, later); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("another's file was not respected: %v", err)
	}
	Same(t, place, kept)
	over := later
	over.Overwrite = true
	must(v6, over)
	kept[foreign] = "ours"
	Same(t, place, kept)

	// Much less than before: a question.
	seven := Site(2, 3)
	seven[foreign] = "ours"
	v7 := Take(t, state, seven)
	if _, err := run(v7, later); err == nil || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("most of a site went without a question: %v", err)
	}
	Same(t, place, kept)
	asked := 0
	sure := later
	sure.Confirm = func(string) bool { asked++; return true }
	must(v7, sure)
	if asked != 1 {
		t.Errorf("%d questions, want 1", asked)
	}
	for p := range kept {
		if _, stays := seven[p]; !stays && !strings.HasPrefix(p, "assets/") && !strings.HasSuffix(p, ".bin") {
			delete(kept, p)
		}
	}
	maps.Copy(kept, seven)
	Same(t, place, kept)
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

func plant(t *testing.T, place Place, p, text string) {
	t.Helper()
	if place.Plant == nil {
		t.Fatal("a place needs Plant")
	}
	place.Plant(t, p, text)
}

// Same compares what a place holds with what it should.
func Same(t *testing.T, place Place, want map[string]string) {
	t.Helper()
	got := place.Look(t)
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
