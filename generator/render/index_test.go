package render_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi"
	"gongzhi/generator/output"
	"gongzhi/generator/render"
)

// sink takes an index and leaves the pages.
type sink struct {
	old  fs.FS
	put  func(path string, data []byte)
	keep func(path string, size int64)
}

func (s sink) Files([]string, func(string) (fs.File, error), func([]byte, string) ([]byte, error)) error {
	return nil
}
func (s sink) Put(path string, data []byte) error { s.put(path, data); return nil }
func (s sink) Old() fs.FS                         { return s.old }
func (s sink) Keep(path string, size int64) error { s.keep(path, size); return nil }

// An index that stands there already is kept, and made anew as soon as one record says something else.
func TestIndexIsKept(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("site.yaml", "title: 测试\n")
	write("content/reports/a.md", "---\ntitle: 测试甲\ndate: 1958\n---\n\n正文甲。\n")
	write("content/reports/b.md", "---\ntitle: 测试乙\ndate: 1959\n---\n\n正文乙。\n")
	output := fstest.MapFS{}
	build := func() (kept, made []string) {
		g, err := render.New(render.Options{Source: os.DirFS(dir), Theme: gongzhi.DefaultTheme(), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		next := fstest.MapFS{}
		if err := g.Write(sink{old: output, keep: func(path string, size int64) {
			if size != int64(len(output[path].Data)) {
				t.Errorf("%s has not %d bytes", path, size)
			}
			kept = append(kept, path)
		}, put: func(path string, data []byte) {
			mu.Lock()
			defer mu.Unlock()
			made = append(made, path)
			next[path] = &fstest.MapFile{Data: bytes.Clone(data)}
		}}); err != nil {
			t.Fatal(err)
		}
		for _, p := range kept {
			next[p] = output[p]
		}
		output = next
		slices.Sort(made)
		return kept, made
	}
	program := []string{"search/highlight.js", "search/near.js", "search/search.js", "search/ui.js"}
	if kept, made := build(); kept != nil || len(made) < 6 {
		t.Fatalf("at first %d files are kept and %d made", len(kept), len(made))
	}
	whole := len(output)
	if kept, made := build(); !slices.Equal(made, program) || len(kept) != whole-len(program) {
		t.Errorf("with nothing changed: kept %v, made %v", kept, made)
	}
	for _, change := range []string{
		"---\ntitle: 测试乙\ndate: 1959\n---\n\n正文丙。\n",
		"---\ntitle: 测试丁\ndate: 1959\n---\n\n正文丙。\n",
		"---\ntitle: 测试丁\ndate: 1960\n---\n\n正文丙。\n",
		"---\ntitle: 测试丁\ndate: 1960\nsource: 测试报\n---\n\n正文丙。\n",
	} {
		write("content/reports/b.md", change)
		if kept, made := build(); kept != nil || !slices.Contains(made, "search/index.json") {
			t.Errorf("the index is kept although a record is now\n%s", change)
		}
	}
	for p := range output {
		if strings.HasSuffix(p, ".bin") {
			output[p].Data[0] ^= 1
			break
		}
	}
	if kept, _ := build(); kept != nil {
		t.Error("a damaged index is kept")
	}
}

// stopped is a sink that fails.
type stopped struct{ why error }

func (s stopped) Files([]string, func(string) (fs.File, error), func([]byte, string) ([]byte, error)) error {
	return s.why
}
func (s stopped) Put(string, []byte) error { return output.ErrStopped }
func (s stopped) Old() fs.FS               { return nil }
func (s stopped) Keep(string, int64) error { return output.ErrStopped }
