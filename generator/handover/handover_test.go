package handover

import (
	"encoding/xml"
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
