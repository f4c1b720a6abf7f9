package main

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"gongzhi/generator/build"
	"gongzhi/generator/render"
)

// startProfile writes where the processor's time goes to a file that `go tool pprof` reads, until the
// returned function is called.
func startProfile(name string) (stop func(), err error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("建不了 --profile 的文件：%w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("--profile：%w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// stats gathers what --stats shows: which templates take the time, and which pages.
type stats struct {
	mu    sync.Mutex
	kinds map[string]*kindStats
	pages []pageStats
}

type kindStats struct {
	kind  string
	pages int
	took  time.Duration
}

type pageStats struct {
	path string
	size int
	took time.Duration
}

// shown is how many pages each list of --stats has.
const shown = 10

// observe is told of every template that is executed.
func (s *stats) observe(kind string, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kinds[kind]
	if k == nil {
		k = &kindStats{kind: kind}
		s.kinds[kind] = k
	}
	k.pages++
	k.took += took
}

// watched is a Writer with a clock: it measures every page on its way to the disk.
type watched struct {
	*build.Writer
	stats *stats
}

func (w watched) Files(paths []string, source func(path string) (fs.File, error), content func(dst []byte, path string) ([]byte, error)) error {
	return w.Writer.Files(paths, source, func(dst []byte, path string) ([]byte, error) {
		began := time.Now()
		b, err := content(dst, path)
		page := pageStats{path, len(b), time.Since(began)}
		w.stats.mu.Lock()
		defer w.stats.mu.Unlock()
		w.stats.pages = append(w.stats.pages, page)
		return b, err
	})
}

func (s *stats) print(w io.Writer, g *render.Generation) {
	fmt.Fprintf(w, "\n模板         页数    合计（毫秒）  每页（微秒）\n")
	for _, k := range slices.SortedFunc(maps.Values(s.kinds), func(a, b *kindStats) int {
		return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(a.kind, b.kind))
	}) {
		note := ""
		if !g.Theme.Compiled(k.kind) {
			note = "  用到了编译不了的写法，较慢"
		}
		fmt.Fprintf(w, "%-10s %6d %14.1f %13.1f%s\n", k.kind, k.pages, ms(k.took), 1000*ms(k.took)/float64(k.pages), note)
	}
	list := func(title string, compare func(a, b pageStats) int) {
		slices.SortFunc(s.pages, func(a, b pageStats) int { return cmp.Or(compare(b, a), cmp.Compare(a.path, b.path)) })
		fmt.Fprintf(w, "\n%s\n", title)
		for _, p := range s.pages[:min(shown, len(s.pages))] {
			fmt.Fprintf(w, "%9.1f KB %9.1f 毫秒  %s\n", float64(p.size)/1e3, ms(p.took), p.path)
		}
	}
	list("最大的文件", func(a, b pageStats) int { return cmp.Compare(a.size, b.size) })
	list("最慢的文件", func(a, b pageStats) int { return cmp.Compare(a.took, b.took) })
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
