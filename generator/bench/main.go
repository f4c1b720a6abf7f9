// Command bench measures this program beside the ones that people would otherwise use.
//
//	go run ./generator/bench corpus DIR N      write a site's source folder with N made-up records
//	go run ./generator/bench compare DIR [N…]  install Hugo and Pagefind into DIR, build sites of N records
//	                                           (1000 10000) with each, and print the table of docs/performance.md
//	go run ./generator/bench photos DIR [N]    the same with a site of N (40) photographs of twelve megapixels,
//	                                           beside Hugo, and a scan of 300 MB
//
// compare and photos need Go, npm and the network for the installation, and Linux or another Unix. Both sides get the same
// records and make the same kinds of pages: records, lists, pages of terms, a feed, a sitemap. This program makes
// its search index as part of a build; Hugo has none, Pagefind makes one of Hugo's pages.
package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The versions that the comparison is made with.
const (
	hugoVersion     = "v0.165.0"
	pagefindVersion = "1.6.0"
)

// Beyond these numbers of records a program is not run: it takes minutes and gigabytes.
const (
	hugoLimit     = 100_000
	pagefindLimit = 10_000
)

// hugoSite is Hugo's settings and templates: a line "-- name --", then the file.
//
//go:embed hugo.txt
var hugoSite string

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 || !slices.Contains([]string{"corpus", "compare", "photos"}, args[0]) || args[0] == "corpus" && len(args) != 3 {
		return fmt.Errorf("usage: bench corpus DIR N | bench compare DIR [N…] | bench photos DIR [N]")
	}
	var sizes []int
	for _, a := range args[2:] {
		n, err := strconv.Atoi(a)
		if err != nil || n <= 0 {
			return fmt.Errorf("%q is no number", a)
		}
		sizes = append(sizes, n)
	}
	if args[0] == "corpus" {
		return writeSite(args[1], sizes[0])
	}
	dir, err := filepath.Abs(args[1])
	if err != nil {
		return err
	}
	if args[0] == "photos" {
		return comparePhotos(dir, append(sizes, photos)[0])
	}
	return compare(dir, sizes)
}

func compare(dir string, sizes []int) error {
	if sizes == nil {
		sizes = []int{1000, 10000}
	}
	if err := install(dir); err != nil {
		return err
	}
	if err := installPagefind(dir); err != nil {
		return err
	}
	fmt.Printf("%s，Pagefind %s。\n", machine(dir), pagefindVersion)
	fmt.Printf("\n| 记录 | 程序 | 用时 | 内存峰值 | 文件 | 大小 |\n|--:|---|--:|--:|--:|--:|\n")
	for _, n := range sizes {
		if err := compareSize(dir, n); err != nil {
			return err
		}
	}
	return nil
}

// install puts gongzhi and hugo below dir, the latter if it is not there yet.
func install(dir string) error {
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	if err := command(".", "go", "build", "-trimpath", "-o", filepath.Join(bin, "gongzhi"), "./generator").Run(); err != nil {
		return fmt.Errorf("building ourselves: %w", err)
	}
	if _, err := os.Stat(filepath.Join(bin, "hugo")); err != nil {
		c := command(dir, "go", "install", "github.com/gohugoio/hugo@"+hugoVersion)
		c.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=-mod=mod", "CGO_ENABLED=0")
		if err := c.Run(); err != nil {
			return fmt.Errorf("installing Hugo: %w", err)
		}
	}
	return nil
}

// installPagefind puts pagefind below dir, if it is not there yet.
func installPagefind(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "node_modules/.bin/pagefind")); err != nil {
		if err := command(dir, "npm", "install", "--prefix", dir, "--no-fund", "--no-audit", "--loglevel=error", "pagefind@"+pagefindVersion).Run(); err != nil {
			return fmt.Errorf("installing Pagefind: %w", err)
		}
	}
	return nil
}

func command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir, c.Stderr = dir, os.Stderr
	return c
}

// machine names what the figures depend on.
func machine(dir string) string {
	model, memory := "", ""
	if src, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, model, _ = strings.Cut(string(src), "model name")
		model, _, _ = strings.Cut(model, "\n")
		model = strings.Trim(model, " \t:")
	}
	if src, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kb int
		if _, err := fmt.Sscanf(string(src), "MemTotal: %d kB", &kb); err == nil {
			memory = fmt.Sprintf("，内存 %.0f GB", float64(kb)/1e6)
		}
	}
	version := func(name string, args ...string) string {
		out, err := exec.Command(name, args...).Output()
		if err != nil {
			return "?"
		}
		return strings.TrimSpace(string(out))
	}
	hugo, _, _ := strings.Cut(strings.TrimPrefix(version(filepath.Join(dir, "bin/hugo"), "version"), "hugo "), " ")
	return fmt.Sprintf("%s，%d 核%s，%s/%s，%s；Hugo %s", cmp.Or(model, "处理器不详"), runtime.NumCPU(), memory, runtime.GOOS, runtime.GOARCH, runtime.Version(), hugo)
}

// result is what one run took.
type result struct {
	seconds, megabytes float64
	processor          float64 // seconds of it, of the program and the system
}

// compareSize prints the rows for n records. Each figure is the median of three runs, of one above 10,000 records.
func compareSize(dir string, n int) error {
	work, err := os.MkdirTemp(dir, "run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	source, ours, theirs := filepath.Join(work, "site"), filepath.Join(work, "ours"), filepath.Join(work, "theirs")
	if err := writeSite(source, n); err != nil {
		return err
	}
	if err := unpack(work, hugoSite); err != nil {
		return err
	}
	gongzhi := []string{filepath.Join(dir, "bin/gongzhi"), "build", "--source", source, "--output", ours}
	hugo := []string{filepath.Join(dir, "bin/hugo"), "--quiet", "--noBuildLock", "-s", filepath.Join(work, "hugo"), "-c", filepath.Join(source, "content"), "-d", theirs}
	pagefind := []string{filepath.Join(dir, "node_modules/.bin/pagefind"), "--site", theirs, "--force-language", "zh-cn", "--silent"}
	runs := 3
	if n > 10_000 {
		runs = 1
	}
	var first, again, peer, index []result
	for range runs {
		for _, step := range []struct {
			results *[]result
			fresh   string // removed before
			argv    []string
			limit   int
		}{{&first, ours, gongzhi, n}, {&again, "", gongzhi, n}, {&peer, theirs, hugo, hugoLimit}, {&index, "", pagefind, pagefindLimit}} {
			if n > step.limit {
				continue
			}
			if step.fresh != "" {
				if err := os.RemoveAll(step.fresh); err != nil {
					return err
				}
			}
			r, err := measure(step.argv)
			if err != nil {
				return err
			}
			*step.results = append(*step.results, r)
		}
	}
	row := func(name string, results []result, out string) {
		if len(results) == 0 {
			return
		}
		r := median(results)
		files, size := "", ""
		if out != "" {
			k, bytes := count(out)
			files, size = fmt.Sprint(k), fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
		}
		fmt.Printf("| %d | %s | %.2f 秒 | %.0f MB | %s | %s |\n", n, name, r.seconds, r.megabytes, files, size)
	}
	row("工志，含检索", first, ours)
	row("工志，没有改动", again, "")
	row("Hugo，无检索", peer, theirs)
	row("Pagefind，给 Hugo 的网站做检索", index, "")
	return nil
}

// unpack writes Hugo's settings and templates: each a line "-- name --", then the file.
func unpack(work, site string) error {
	for _, part := range strings.Split("\n"+site, "\n-- ")[1:] {
		name, text, _ := strings.Cut(part, " --\n")
		file := filepath.Join(work, "hugo", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// measure runs a program and gives the time by the clock, that of the processors, and the peak memory of its largest process.
func measure(argv []string) (result, error) {
	c := command("", argv[0], argv[1:]...)
	began := time.Now()
	if err := c.Run(); err != nil {
		return result{}, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	return result{time.Since(began).Seconds(), peak(c.ProcessState), (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()}, nil
}

func median(results []result) result {
	slices.SortFunc(results, func(a, b result) int { return cmp.Compare(a.seconds, b.seconds) })
	return results[len(results)/2]
}

func count(dir string) (files int, bytes int64) {
	err := fs.WalkDir(os.DirFS(dir), ".", func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			files, bytes = files+1, bytes+info.Size()
		}
		return err
	})
	if err != nil {
		return 0, 0
	}
	return files, bytes
}
