package main

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A build over the output of an earlier one, which keeps what it finds right, gives what a build into an empty place
// gives, whatever became of that output.
func TestRebuildEqualsBuild(t *testing.T) {
	random := seeded(t)
	root := t.TempDir()
	source, out := filepath.Join(root, "source"), filepath.Join(root, "out")
	copySource(t, source, func([]string) {})
	build := func(out string) map[string]string {
		t.Helper()
		cmd := exec.Command("gongzhi", "build", "--source", source, "--output", out, "--clock", "2026-05-01")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return digests(t, out)
	}
	want := build(out)
	bins, err := filepath.Glob(filepath.Join(out, "search", "*.bin"))
	if err != nil || len(bins) < 50 {
		t.Fatalf("%d files of the index, %v", len(bins), err)
	}
	any := func() string { return bins[random.IntN(len(bins))] }
	spoil := func(name string, f func([]byte) []byte) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f(b), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	index, page := filepath.Join(out, "search", "index.json"), filepath.Join(out, "index.html")
	flip := func(b []byte) []byte { b[random.IntN(len(b))] ^= 1; return b }
	for _, c := range []struct {
		name string
		harm func()
	}{
		{"nothing", func() {}},
		{"a bit of the index and a page", func() { spoil(any(), flip); spoil(page, flip) }},
		{"a file of the index emptied, and its program", func() {
			spoil(any(), func([]byte) []byte { return nil })
			spoil(filepath.Join(out, "search", "search.js"), flip)
		}},
		{"a file of the index removed", func() { os.Remove(any()) }},
		{"a bit of its root", func() { spoil(index, flip) }},
		{"its root removed", func() { os.Remove(index) }},
	} {
		c.harm()
		if got := build(out); !maps.Equal(got, want) {
			t.Errorf("after harm to %s the site is another", c.name)
		}
	}

	record := filepath.Join(source, "content/people/meng-tai.md")
	changes := []func([]byte) []byte{
		func(b []byte) []byte { return append(b, "\n重建测试甲。\n"...) },
		func(b []byte) []byte {
			return bytes.Replace(b, []byte("重建测试甲"), []byte("重建测试乙"), 1)
		},
		func(b []byte) []byte {
			return bytes.Replace(b, []byte("title:"), []byte("summary: 重建测试丙。\ntitle:"), 1)
		},
	}
	for i, change := range changes {
		spoil(record, change)
		fresh := filepath.Join(root, "fresh"+string(rune('a'+i)))
		got, want := build(out), build(fresh)
		if !maps.Equal(got, want) {
			var differ []string
			for p := range want {
				if got[p] != want[p] {
					differ = append(differ, p)
				}
			}
			slices.Sort(differ)
			t.Errorf("after change %d a rebuild is not a build: %s", i, strings.Join(differ, " "))
		}
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
