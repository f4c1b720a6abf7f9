package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/pe"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestRelease: the archive of this machine's system, made twice, is the same bytes; its program runs and says its version; its
// sum is right; each link of its pages leads to something.
func TestRelease(t *testing.T) {
	t.Chdir("../..")
	system := runtime.GOOS + "/" + runtime.GOARCH
	var first []byte
	for range 2 {
		dir := t.TempDir()
		if err := release("v0.0.1", dir, system); err != nil {
			t.Fatal(err)
		}
		sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		sum, name, _ := strings.Cut(strings.TrimSpace(string(sums)), "  ")
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != sum {
			t.Errorf("%s: sum %s, listed %s", name, got, sum)
		}
		if first == nil {
			first = b
		} else if !bytes.Equal(first, b) {
			t.Errorf("%s: two runs differ", name)
		}
	}
	files := unpack(t, first)
	program := ""
	for name, data := range files {
		if base := path.Base(name); base == "gongzhi" || base == "gongzhi.exe" {
			program = filepath.Join(t.TempDir(), base)
			if err := os.WriteFile(program, data, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, err := exec.Command(program, "version").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("v0.0.1")) {
		t.Errorf("version: %v\n%s", err, out)
	}
	link := regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	checked := 0
	for name, data := range files {
		if path.Ext(name) != ".html" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			u, err := url.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if u.Scheme != "" {
				continue
			}
			checked++
			to := name
			if u.Path != "" {
				to = path.Join(path.Dir(name), u.Path)
			}
			page, ok := files[to]
			if !ok {
				t.Errorf("%s: %s leads nowhere", name, m[1])
			} else if u.Fragment != "" && !bytes.Contains(page, []byte(`id="`+u.Fragment+`"`)) {
				t.Errorf("%s: %s has no such heading", name, m[1])
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d links found", checked)
	}
}

// TestResources: what Windows shows of the program is in a form that it can read.
func TestResources(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		object := filepath.Join(t.TempDir(), "x.syso")
		if err := resources(object, "v1.2.3", arch); err != nil {
			t.Fatal(err)
		}
		f, err := pe.Open(object)
		if err != nil {
			t.Fatal(err)
		}
		var data []byte
		for _, s := range f.Sections {
			if strings.HasPrefix(s.Name, ".rsrc") {
				if data, err = s.Data(); err != nil {
					t.Fatal(err)
				}
			}
		}
		f.Close()
		var utf16 []byte
		for _, r := range "1.2.3" {
			utf16 = append(utf16, byte(r), 0)
		}
		for what, want := range map[string][]byte{"version": utf16, "icon": []byte("\x89PNG"), "manifest": []byte("longPathAware")} {
			if !bytes.Contains(data, want) {
				t.Errorf("%s: no %s", arch, what)
			}
		}
	}
}

// unpack gives the files of an archive by their names below its one folder.
func unpack(t *testing.T, b []byte) map[string][]byte {
	files := map[string][]byte{}
	add := func(name string, r io.Reader) {
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ = strings.Cut(name, "/")
		files[name] = data
	}
	if z, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			add(f.Name, r)
		}
		return files
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		add(h.Name, r)
	}
}
