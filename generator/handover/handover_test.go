package handover

import (
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func makePackage(t *testing.T, bagit bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "包")
	w, err := Create(dir, About{Title: "测试", Organizer: "测试厂\n二行", BagIt: bagit})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Record{
		{Path: "people/甲测", Source: "content/people/甲测.md", Line: 1, Page: []byte("<html>"), Entry: Entry{Title: "甲测 <&>", Date: "1950"}, Fields: []Field{{"title", "姓名", "甲测 \x01"}}},
		{Path: "conferrals/行", Source: "content/conferrals/a.csv", Line: 3},
	} {
		if err := w.Record(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []string{"content/people/甲测.md", "content/conferrals/a.csv", "content/100%.txt"} {
		if err := w.Put(Sources+"/"+p, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, dir string) map[string]string {
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		m[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPackage(t *testing.T) {
	for _, bagit := range []bool{false, true} {
		dir := makePackage(t, bagit)
		files := read(t, dir)
		if !maps.Equal(files, read(t, makePackage(t, bagit))) {
			t.Error("two packages of the same differ")
		}
		if wrong, n, err := Verify(dir); err != nil || len(wrong) > 0 || n != 2 {
			t.Errorf("%q, %d, %v", wrong, n, err)
		}
		for p, text := range files {
			if strings.HasSuffix(strings.ToLower(p), ".xml") {
				if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil {
					t.Errorf("%s: %v", p, err)
				}
			}
		}
		// Whatever is changed, lost or added is found.
		for p := range files {
			name := filepath.Join(dir, filepath.FromSlash(p))
			for what, harm := range map[string]func() error{
				"changed": func() error { return os.WriteFile(name, []byte(files[p]+" "), 0o644) },
				"lost":    func() error { return os.Remove(name) },
			} {
				if err := harm(); err != nil {
					t.Fatal(err)
				}
				if wrong, _, err := Verify(dir); err == nil && len(wrong) == 0 {
					t.Errorf("%s %s is not found", what, p)
				}
				if err := os.WriteFile(name, []byte(files[p]), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		more := filepath.Join(dir, "多.txt")
		if err := os.WriteFile(more, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if wrong, _, err := Verify(dir); err != nil || len(wrong) != 1 {
			t.Errorf("a file too many: %q, %v", wrong, err)
		}
	}
}

// TestForeign: a package that somebody else made names and holds what it likes. Nothing outside of it is read, nothing waits, and what is
// wrong is told in a few lines.
func TestForeign(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("秘密"), 0o644); err != nil {
		t.Fatal(err)
	}
	sum := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	const inside = Sources + "/content/people/x.md"
	for name, c := range map[string]struct {
		harm func(dir string) (line string, err error) // of the manifest
		want string
	}{
		"a link": {func(dir string) (string, error) {
			return sum("秘密") + "  " + inside, os.Symlink(secret, filepath.Join(dir, filepath.FromSlash(inside)))
		}, "不是普通文件"},
		"a folder that is a link": {func(dir string) (string, error) {
			return sum("秘密") + "  " + Sources + "/out/secret", os.Symlink(filepath.Dir(secret), filepath.Join(dir, filepath.FromSlash(Sources), "out"))
		}, "缺少 " + Sources + "/out/secret"},
		"a path out of it": {func(string) (string, error) { return sum("秘密") + "  ../" + filepath.Base(secret), nil }, "看不懂"},
		"two sums":         {func(string) (string, error) { return sum("甲") + "  " + Readme, nil }, "另一个校验码"},
		"thousands that lack": {func(string) (string, error) {
			var lines []string
			for i := range 5000 {
				lines = append(lines, fmt.Sprintf("%s  无/%d", sum(""), i))
			}
			return strings.Join(lines, "\n"), nil
		}, "超过 1000 处"},
		"no end of a value": {func(dir string) (string, error) {
			return "", os.WriteFile(filepath.Join(dir, Catalog), []byte("<a><文件><题名>"+strings.Repeat("甲", 1<<20)), 0o644)
		}, "长得不像目录"},
		"no end of depth": {func(dir string) (string, error) {
			return "", os.WriteFile(filepath.Join(dir, Catalog), []byte(strings.Repeat("<a>", 1000)), 0o644)
		}, "不是正确的 XML"},
		"no end of depth and of length": {func(dir string) (string, error) {
			return "", os.WriteFile(filepath.Join(dir, Catalog), []byte(strings.Repeat("<a>", 1<<20)), 0o644)
		}, "长得不像目录"},
		"no catalogue": {func(dir string) (string, error) { return "", os.WriteFile(filepath.Join(dir, Catalog), nil, 0o644) }, "不是正确的 XML"},
	} {
		dir := makePackage(t, false)
		line, err := c.harm(dir)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(dir, filepath.FromSlash(sums)), os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = fmt.Fprintln(f, line)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		wrong, _, err := Verify(dir)
		if err != nil || !strings.Contains(strings.Join(wrong, "\n"), c.want) || len(wrong) > mostFaults+1 {
			t.Errorf("%s: %d faults, %.500q, %v", name, len(wrong), wrong, err)
		}
		to := filepath.Join(t.TempDir(), "new")
		if n, err := Restore(dir, to); err == nil || n > 0 {
			t.Errorf("%s: %d files are restored", name, n)
		}
		if _, err := os.Lstat(to); err == nil {
			t.Errorf("%s: something is restored", name)
		}
	}
}
