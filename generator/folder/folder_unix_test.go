//go:build unix

package folder

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// site makes a source folder in which there is one of everything, and a secret outside it.
func site(t *testing.T) (dir string) {
	dir, err := os.MkdirTemp("", "f") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"s/content/reports/sub", "s/static", "s/themes/x", "out"} {
		must(os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	for p, text := range map[string]string{"out/secret": "秘密", "s/content/reports/sub/a.md": "甲", "s/themes/x/theme.yaml": "乙", "s/site.yaml": "丙"} {
		must(os.WriteFile(filepath.Join(dir, p), []byte(text), 0o644))
	}
	for _, in := range []string{"s/content/reports", "s/static", "s/themes/x", "s"} {
		in = filepath.Join(dir, in)
		must(syscall.Mkfifo(in+"/pipe", 0o644))
		must(os.Symlink("/dev/zero", in+"/zero"))
		must(os.Symlink(filepath.Join(dir, "out/secret"), in+"/secret"))
		must(os.Symlink(filepath.Join(dir, "out"), in+"/out"))
		l, err := net.Listen("unix", in+"/socket")
		must(err)
		t.Cleanup(func() { l.Close() })
	}
	must(os.Symlink("sub/a.md", filepath.Join(dir, "s/content/reports/within.md")))
	return filepath.Join(dir, "s")
}

func TestRegularFilesOnly(t *testing.T) {
	dir := site(t)
	s := NewSite(dir)
	for p, want := range map[string]error{
		"content/reports/sub/a.md": nil, "content/reports/pipe": ErrSpecial, "content/reports/socket": ErrSpecial,
		"content/reports/zero": ErrLink, "content/reports/secret": ErrLink, "content/reports/out/secret": ErrLink, "content/reports/within.md": ErrLink,
		"static/pipe": ErrSpecial, "static/zero": ErrLink, "static/secret": ErrLink, "static/out/secret": ErrLink,
		"themes/x/theme.yaml": nil, "themes/x/pipe": ErrSpecial, "themes/x/zero": ErrSpecial, "themes/x/socket": ErrSpecial, "themes/x/secret": nil,
		"site.yaml": nil, "pipe": ErrSpecial, "zero": ErrSpecial,
		"content/../out/secret": fs.ErrInvalid, "content/reports/none": fs.ErrNotExist, "content/reports/sub/a.md/x": syscall.ENOTDIR,
	} {
		_, err := Read(s, p, 100)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", p, err, want)
		}
		if err != nil && strings.Contains(err.Error(), dir) {
			t.Errorf("%s: the path of the machine stands in: %v", p, err)
		}
	}
	// The way for systems that have no call for it gives the same.
	for _, p := range []string{"pipe", "zero", "secret", "out/secret", "within.md", "socket"} {
		f, err := beneathRoot(filepath.Join(dir, "content/reports"), p)
		if f, err := checked(f, err, true); err == nil {
			f.Close()
			t.Errorf("%s is opened", p)
		}
	}
	f, err := beneathRoot(filepath.Join(dir, "content"), "reports/sub/a.md")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, p := range []string{"pipe", "zero", "socket", "content"} {
		if _, err := ReadFile(filepath.Join(dir, p), 100); !errors.Is(err, ErrSpecial) {
			t.Errorf("%s: %v", p, err)
		}
		if f, err := Published(dir).Open(p); p != "content" && !errors.Is(err, ErrSpecial) {
			t.Errorf("%s: %v %v", p, f, err)
		}
	}
}

func TestLimit(t *testing.T) {
	p := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(p, make([]byte, 100), 0o644); err != nil {
		t.Fatal(err)
	}
	if b, err := ReadFile(p, 100); err != nil || len(b) != 100 {
		t.Errorf("%d %v", len(b), err)
	}
	if _, err := ReadFile(p, 99); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	// One that tells no size, as those of /proc, is read to its end and no further than the limit.
	if b, err := ReadFile("/proc/self/status", 1<<20); err != nil && !errors.Is(err, fs.ErrNotExist) || err == nil && len(b) == 0 {
		t.Errorf("%d %v", len(b), err)
	}
}

// TestSwapped: a file that becomes a link out of the site, again and again while it is read, never gives what is there.
func TestSwapped(t *testing.T) {
	dir := site(t)
	top := filepath.Join(dir, "content/reports/sub")
	stop := make(chan struct{})
	var swapping sync.WaitGroup
	swapping.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			os.Symlink(filepath.Join(dir, "../out/secret"), top+"/.new")
			os.Rename(top+"/.new", top+"/a.md")
			os.WriteFile(top+"/.new", []byte("甲"), 0o644)
			os.Rename(top+"/.new", top+"/a.md")
		}
	})
	read := map[string]func() (fs.File, error){
		"openat2": func() (fs.File, error) { return NewSite(dir).Open("content/reports/sub/a.md") },
		"root": func() (fs.File, error) {
			return beneathRoot(filepath.Join(dir, "content"), filepath.FromSlash("reports/sub/a.md"))
		},
	}
	got := 0
	for name, open := range read {
		for range 2000 {
			f, err := open()
			if err != nil {
				continue
			}
			b, _ := io.ReadAll(f)
			f.Close()
			if string(b) != "甲" && len(b) > 0 {
				t.Errorf("%s: %s", name, b)
			}
			got += len(b)
		}
	}
	close(stop)
	swapping.Wait()
	if got == 0 {
		t.Error("the file was never read")
	}
}
