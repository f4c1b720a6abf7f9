package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gongzhi"
	"gongzhi/generator/build"
	"gongzhi/generator/content"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
	"gongzhi/generator/spool"
)

// Stages of a build, each on a corpus of BENCH_RECORDS records (1,000 if that is not set).

func records() int {
	if n, err := strconv.Atoi(os.Getenv("BENCH_RECORDS")); err == nil {
		return n
	}
	return 1000
}

var noon = time.Date(2026, 5, 1, 4, 0, 0, 0, time.UTC)

func source(b *testing.B) (dir string, options render.Options) {
	b.Helper()
	dir = b.TempDir()
	if err := writeSite(dir, records()); err != nil {
		b.Fatal(err)
	}
	return dir, render.Options{Source: os.DirFS(dir), Theme: gongzhi.DefaultTheme(), Now: noon}
}

// perRecord reports what one record costs.
func perRecord(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*records()), "µs/record")
}

func generation(b *testing.B, opt render.Options) *render.Generation {
	b.Helper()
	g, err := render.New(opt)
	if err != nil || g.Diags.Errors() > 0 {
		b.Fatal(err, g.Diags)
	}
	return g
}

func BenchmarkRead(b *testing.B) {
	_, opt := source(b)
	for b.Loop() {
		if _, err := content.Load(opt.Source, content.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	perRecord(b)
}

func BenchmarkJoin(b *testing.B) {
	_, opt := source(b)
	set, err := content.Load(opt.Source, content.Options{})
	if err != nil {
		b.Fatal(err)
	}
	settings, _ := site.ReadSettings(nil)
	for b.Loop() {
		site.Join(set, settings, site.Options{Now: noon})
	}
	perRecord(b)
}

func BenchmarkPages(b *testing.B) {
	_, opt := source(b)
	g := generation(b, opt)
	paths := g.Pages()
	var buf []byte
	for b.Loop() {
		for _, p := range paths {
			var err error
			if buf, err = g.File(buf[:0], p); err != nil {
				b.Fatal(err)
			}
		}
	}
	perRecord(b)
}

func BenchmarkSearchIndex(b *testing.B) {
	_, opt := source(b)
	for b.Loop() {
		b.StopTimer()
		g := generation(b, opt)
		b.StartTimer()
		if err := g.Write(indexOnly{}); err != nil {
			b.Fatal(err)
		}
	}
	perRecord(b)
}

// indexOnly takes an index and leaves the pages.
type indexOnly struct{}

func (indexOnly) Files([]string, func(string) (fs.File, error), func([]byte, string) ([]byte, error)) error {
	return nil
}
func (indexOnly) Put(string, []byte) error { return nil }
func (indexOnly) Old() fs.FS               { return nil }
func (indexOnly) Keep(string, int64) error { return nil }

// BenchmarkBuild is all of it, onto the file system of the temporary folder: the first time, and with nothing changed.
func BenchmarkBuild(b *testing.B) {
	dir, opt := source(b)
	write := func(b *testing.B, out string) {
		opt := opt
		opt.Spool = spool.New(16 << 20)
		defer opt.Spool.Close()
		g := generation(b, opt)
		_, err := build.Write(b.Context(), build.Options{Output: out, Source: dir}, func(w *build.Writer) error {
			return g.Write(w)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			write(b, filepath.Join(b.TempDir(), strconv.Itoa(n)))
		}
		perRecord(b)
	})
	b.Run("unchanged", func(b *testing.B) {
		out := filepath.Join(b.TempDir(), "public")
		write(b, out)
		for b.Loop() {
			write(b, out)
		}
		perRecord(b)
	})
}

// BenchmarkEdit is what a preview does after a file was saved: a new generation, and that record's page.
func BenchmarkEdit(b *testing.B) {
	dir, opt := source(b)
	opt.Unpublished, opt.LastGood, opt.Lazy = true, true, true
	g := generation(b, opt)
	r := g.Set.Records[len(g.Set.Records)/2]
	file := filepath.Join(dir, filepath.FromSlash(r.Path))
	src, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	page := strings.TrimPrefix(g.Site.Of(r).URL, "/") + "index.html"
	n := 0
	for b.Loop() {
		n++
		mark := []byte(fmt.Sprintf("\n第%d次修改\n", n))
		if err := os.WriteFile(file, append(src[:len(src):len(src)], mark...), 0o644); err != nil {
			b.Fatal(err)
		}
		opt.Previous, opt.Changed = g, map[string]bool{r.Path: true}
		g = generation(b, opt)
		if html, err := g.File(nil, page); err != nil || !bytes.Contains(html, bytes.TrimSpace(mark)) {
			b.Fatal("the edit is not on the page", err)
		}
	}
}

// The corpus is the same wherever it is written, so that figures can be compared, and has no fault.
func TestCorpus(t *testing.T) {
	dir := t.TempDir()
	if err := writeSite(dir, 400); err != nil {
		t.Fatal(err)
	}
	h, n := sha256.New(), 0
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := os.ReadFile(filepath.Join(dir, p))
		fmt.Fprintln(h, p, len(src))
		h.Write(src)
		n++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", h.Sum(nil)[:6]); n != 401 || sum != "84a543981f83" {
		t.Errorf("%d files, digest %s", n, sum)
	}
	g, err := render.New(render.Options{Source: os.DirFS(dir), Theme: gongzhi.DefaultTheme(), Now: noon})
	if err != nil || g.Diags.Errors() > 0 || g.Records() != 400 {
		t.Errorf("%v, %d records\n%v", err, g.Records(), g.Diags)
	}
}

// What goes to the temporary file comes back the same: a large site is no other site.
func TestSpooled(t *testing.T) {
	dir := t.TempDir()
	if err := writeSite(dir, 1500); err != nil {
		t.Fatal(err)
	}
	opt := render.Options{Source: os.DirFS(dir), Theme: gongzhi.DefaultTheme(), Now: noon}
	whole, err := render.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Spool = spool.New(0)
	defer opt.Spool.Close()
	apart, err := render.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	paths := whole.Paths()
	if strings.Join(paths, "\n") != strings.Join(apart.Paths(), "\n") {
		t.Fatal("the paths differ")
	}
	for _, p := range paths {
		a, err1 := whole.File(nil, p)
		b, err2 := apart.File(nil, p)
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %d bytes, from the file %d; %v, %v", p, len(a), len(b), err1, err2)
		}
	}
}
