package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The site depends on the source, the theme and the program alone. Everything else that a machine can have its own
// way is varied here, one thing at a time, and the sites are compared byte by byte.
func TestReproducible(t *testing.T) {
	root := t.TempDir()
	source := filepath.Join(root, "source")
	copySource(t, source, func(names []string) {})
	// One record that the clock hides, so that the clock is seen to be the one asked for.
	dated := "---\ntitle: 到时才发布\ndate: 2020-01-01\npublishDate: 2030-01-01 00:30\n---\n\n张测试。\n"
	if err := os.WriteFile(filepath.Join(source, "content/reports/dated.md"), []byte(dated), 0o644); err != nil {
		t.Fatal(err)
	}
	builds := 0
	// built builds with variables of the environment ("TZ=UTC") and flags ("--clock"), from a working directory.
	built := func(t *testing.T, dir, source string, variation ...string) map[string]string {
		t.Helper()
		builds++
		out := filepath.Join(root, fmt.Sprint("out", builds))
		args := []string{"build", "--source", source, "--output", out}
		env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + root, "SystemRoot=" + os.Getenv("SystemRoot")}
		for _, v := range variation {
			if strings.HasPrefix(v, "--") {
				args = append(args, strings.Fields(v)...)
			} else {
				env = append(env, v)
			}
		}
		cmd := exec.Command("gongzhi", args...)
		cmd.Env, cmd.Dir = env, dir
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", variation, err, text)
		}
		return digests(t, out)
	}
	want := built(t, root, source, "TZ=UTC", "LANG=C", "GOMAXPROCS=1", "--clock 2026-05-01")
	if len(want) < 500 || want["reports/dated/index.html"] != "" {
		t.Fatalf("%d files, or a record before its time", len(want))
	}
	same := func(name, dir, source string, variation ...string) {
		t.Run(name, func(t *testing.T) {
			got := built(t, dir, source, variation...)
			for _, p := range slices.Sorted(maps.Keys(want)) {
				if got[p] != want[p] {
					t.Errorf("%s differs or is missing", p)
				}
			}
			for _, p := range slices.Sorted(maps.Keys(got)) {
				if want[p] == "" {
					t.Errorf("%s should not be there", p)
				}
			}
		})
	}
	const clock = "--clock 2026-05-01"
	// Several things vary in each build, for a build takes its time; a difference is found by varying one after the other.
	for _, v := range [][]string{
		{"TZ=Asia/Shanghai", "LANG=zh_CN.UTF-8", "LC_ALL=zh_CN.UTF-8", "GOMAXPROCS=1", "--clock 1949-10-01"},
		{"TZ=America/Los_Angeles", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "GOMAXPROCS=2", "--clock 2029-12-31"},
		{"TZ=Pacific/Kiritimati", "LANG=de_DE.ISO-8859-1", "LC_ALL=de_DE.ISO-8859-1", "GOMAXPROCS=3", "SOURCE_DATE_EPOCH=0"},
		{"TZ=Asia/Kathmandu", "LANG=", "LC_ALL=", "GOMAXPROCS=16", "SOURCE_DATE_EPOCH=1893427199"},
		{"TZ=nonsense", "GOMEMLIMIT=20MiB", "GOGC=10", "--clock 2026-05-01T23:59:59+14:00"},
	} {
		same(strings.Join(v, ", "), root, source, v...)
	}
	same("the clock of today, working directory", source, ".")
	same("relative path", filepath.Join(source, "content"), "../../source", clock)
	t.Run("clock reached", func(t *testing.T) {
		a, b := built(t, root, source, "SOURCE_DATE_EPOCH=1893429000"), built(t, root, source, "TZ=UTC", "--clock 2030-01-01T00:30:00+08:00")
		if a["reports/dated/index.html"] == "" || !maps.Equal(a, b) {
			t.Error("a record whose time has come is not there, or one clock is not the other")
		}
	})

	elsewhere := filepath.Join(root, "别处 with a space", strings.Repeat("long", 20))
	copySource(t, elsewhere, slices.Reverse) // other places in the folders
	if err := os.WriteFile(filepath.Join(elsewhere, "content/reports/dated.md"), []byte(dated), 0o600); err != nil {
		t.Fatal(err)
	}
	when := time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := filepath.WalkDir(elsewhere, func(p string, _ fs.DirEntry, err error) error {
		when = when.Add(37 * time.Hour)
		if err == nil {
			err = os.Chtimes(p, when, when)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	same("another place, other order and times", root, elsewhere, clock)
}

// copySource copies the sample archive; order changes the order in which files are made.
func copySource(t *testing.T, to string, order func(names []string)) {
	t.Helper()
	files := []string{"../site.yaml"}
	if err := filepath.WalkDir("../content", func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files = append(files, p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	order(files)
	for _, p := range files {
		src, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(to, strings.TrimPrefix(p, ".."))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, src, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// digests gives for each file below a folder the digest of its bytes.
func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	if err := fs.WalkDir(os.DirFS(dir), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := os.ReadFile(filepath.Join(dir, p))
		all[p] = fmt.Sprintf("%x", sha256.Sum256(src))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
