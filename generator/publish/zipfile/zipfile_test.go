package zipfile

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/life"
)

func TestLife(t *testing.T) {
	name := filepath.Join(t.TempDir(), "网站.zip")
	life.Run(t, life.Place{
		Open: func(t *testing.T) publish.Store {
			s, err := Open(name)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Look: func(t *testing.T) map[string]string {
			m := map[string]string{}
			z, err := zip.OpenReader(name)
			if os.IsNotExist(err) {
				return m
			}
			if err != nil {
				t.Fatal(err)
			}
			defer z.Close()
			for _, f := range z.File {
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(r)
				r.Close()
				if err != nil {
					t.Fatal(err)
				}
				m[f.Name] = string(b)
			}
			return m
		},
	})
}

// TestSameBytes: the same site, published to two zips, gives the same file.
func TestSameBytes(t *testing.T) {
	var got [2]string
	for i := range got {
		name := filepath.Join(t.TempDir(), "a.zip")
		s, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		state := life.State(t)
		if _, err := publish.Run(t.Context(), s, state, life.Take(t, state, life.Site(5, 1)), life.Quick("zip")); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got[i] = string(b)
	}
	if got[0] != got[1] {
		t.Error("two zips of one site differ")
	}
}

// TestOthersZip: a zip that is not ours, or no zip at all, stays as it is.
func TestOthersZip(t *testing.T) {
	dir := t.TempDir()
	no := filepath.Join(dir, "no.zip")
	if err := os.WriteFile(no, []byte("不是 zip"), 0o644); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.zip")
	f, err := os.Create(other)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	if _, err := z.Create("会议.docx"); err != nil {
		t.Fatal(err)
	}
	z.Close()
	f.Close()
	for _, name := range []string{no, other} {
		before, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		state := life.State(t)
		if _, err := publish.Run(t.Context(), s, state, life.Take(t, state, life.Site(2, 1)), life.Quick("zip")); err == nil {
			t.Errorf("%s was taken", name)
		}
		if after, _ := os.ReadFile(name); string(after) != string(before) {
			t.Errorf("%s was changed", name)
		}
	}
}
