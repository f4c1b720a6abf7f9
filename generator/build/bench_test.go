package build

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkWrite measures what publishing costs when the content is ready: a site of 10,000 records and
// 3,500 list pages of 3.4 KB each. BUILD_BENCH_DIR names a folder on the file system to measure;
// without it that is the memory of the machine, and the figures are those of the program alone.
func BenchmarkWrite(b *testing.B) {
	const records, lists = 10_000, 3_500
	page := bytes.Repeat([]byte("劳动模范"), 280)
	s := site{}
	for i := range records {
		s[fmt.Sprintf("reports/%d/r%05d/index.html", 1950+i%70, i)] = fmt.Sprint(i, string(page))
	}
	for i := range lists {
		s[fmt.Sprintf("reports/page/%d/index.html", i)] = fmt.Sprint(i, string(page))
	}
	one := maps.Clone(s)
	one["reports/page/1/index.html"] = "changed"
	tenth := maps.Clone(s)
	for i := range lists {
		tenth[fmt.Sprintf("reports/page/%d/index.html", i)] += "."
	}
	place := func(b *testing.B) string {
		dir := os.Getenv("BUILD_BENCH_DIR")
		if dir == "" {
			return filepath.Join(scratch(b), "public")
		}
		dir, err := os.MkdirTemp(dir, "bench-")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { os.RemoveAll(dir) })
		return filepath.Join(dir, "public")
	}
	run := func(b *testing.B, s site, out string, inPlace bool) {
		b.Helper()
		if _, err := Write(b.Context(), Options{Output: out, InPlace: inPlace}, fill(s.paths(), s.file)); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			out := place(b)
			run(b, s, out, false)
		}
	})
	for _, c := range []struct {
		name    string
		then    site
		inPlace bool
	}{{"unchanged", s, false}, {"one changed", one, false}, {"quarter changed", tenth, false}, {"quarter changed in place", tenth, true}} {
		b.Run(c.name, func(b *testing.B) {
			out := place(b)
			run(b, s, out, false)
			next, other := c.then, s
			for b.Loop() {
				run(b, next, out, c.inPlace)
				next, other = other, next
			}
		})
	}
}
