//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestLargeFile: a film is published whole, and what is allocated for it is a small part of it, the first time and again.
func TestLargeFile(t *testing.T) {
	const size = 200 << 20
	dir := t.TempDir()
	for p, text := range map[string]string{
		"site.yaml":              "baseURL: https://example.org/\n",
		"content/reports/a.md":   "---\ntitle: 甲\ndate: 2020\n---\n\n见[录像](v.mp4)。\n",
		"content/reports/v.mp4":  "\x00\x00\x00\x18ftypmp42",
		"static/archive/old.zip": "PK",
	} {
		p = filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []string{"content/reports/v.mp4", "static/archive/old.zip"} {
		if err := os.Truncate(filepath.Join(dir, p), size); err != nil { // with nothing in it for the disk
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"build"}, {"check"}, {"build", "--base-url", "https://example.net/"}} {
		var out bytes.Buffer
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		code := run(context.Background(), append(args, "--source", dir), &out, &out)
		runtime.ReadMemStats(&after)
		if code != done {
			t.Fatalf("%v: %d\n%s", args, code, &out)
		}
		// A build sets 96 MB aside, untouched.
		if took := after.TotalAlloc - before.TotalAlloc; took > garbageMemory+size/2 {
			t.Errorf("%v allocates %d MB", args, took>>20)
		}
	}
	for _, p := range []string{"reports/v.mp4", "archive/old.zip"} {
		info, err := os.Stat(filepath.Join(dir, "public", p))
		if err != nil || info.Size() != size {
			t.Errorf("%s: %v, %v", p, info, err)
		}
	}
}

// TestLargeHandedOn: what hands a film on, in a package, a zip or a folder, or takes it back, allocates a small part of it.
func TestLargeHandedOn(t *testing.T) {
	const size = 64 << 20
	dir := t.TempDir()
	at := func(p string) string { return filepath.Join(dir, p) }
	for p, text := range map[string]string{
		"site/site.yaml":             "baseURL: https://example.org/\npublish:\n  - {name: 甲, kind: folder, path: ../published}\n  - {name: 乙, kind: zip, path: ../published.zip}\n",
		"site/content/reports/a.md":  "---\ntitle: 甲\ndate: 2020\n---\n\n见[录像](v.mp4)。\n",
		"site/content/reports/v.mp4": "\x00\x00\x00\x18ftypmp42",
	} {
		if err := os.MkdirAll(filepath.Dir(at(p)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(p), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(at("site/content/reports/v.mp4"), size); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOGC", "100") // so that a build sets no memory aside
	for _, args := range [][]string{
		{"build", "--offline", "--output", at("edition.zip"), "--source", at("site")},
		{"build", "--source", at("site")},
		{"publish", "甲", "--source", at("site"), "--yes", "--no-look"},
		{"publish", "乙", "--source", at("site"), "--yes", "--no-look"},
		{"handover", "--all", "--output", at("package"), "--source", at("site")},
		{"handover", "--verify", at("package")},
		{"handover", "--restore", at("package"), "--output", at("restored")},
	} {
		var out bytes.Buffer
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		code := run(context.Background(), args, &out, &out)
		runtime.ReadMemStats(&after)
		if code != done {
			t.Fatalf("%v: %d\n%s", args, code, &out)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > size/2 {
			t.Errorf("%v allocates %d MB", args, took>>20)
		}
	}
	for _, p := range []string{"published/reports/v.mp4", "restored/content/reports/v.mp4"} {
		if info, err := os.Stat(at(p)); err != nil || info.Size() != size {
			t.Errorf("%s: %v, %v", p, info, err)
		}
	}
	z, err := zip.OpenReader(at("edition.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if first := z.File[0].Name; first != "index.html" {
		t.Errorf("the edition begins with %s, not with the page that says how to open it", first)
	}
}
