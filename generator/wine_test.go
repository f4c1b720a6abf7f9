//go:build wine

package main

import (
	"bufio"
	"bytes"
	"context"
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

// wine is the program for Windows, as Wine runs it.
type wine struct {
	t   *testing.T
	top string
	exe string
	env []string
}

func newWine(t *testing.T) *wine {
	w := &wine{t: t, top: t.TempDir()}
	w.env = append(os.Environ(), "WINEPREFIX="+filepath.Join(w.top, "prefix"), "WINEDEBUG=-all", "HOME="+w.top, "LANG=C.UTF-8")
	w.exe = w.goBuild("gongzhi.exe", ".")
	dll := filepath.Join(w.top, "bcryptprimitives.dll")
	w.must(exec.Command("x86_64-w64-mingw32-gcc", "-shared", "-o", dll, "testdata/wine/bcryptprimitives.c", "-ladvapi32"))
	boot := exec.Command("wineboot", "-i")
	boot.Env = w.env
	w.must(boot)
	b, err := os.ReadFile(dll)
	if err == nil {
		err = os.WriteFile(filepath.Join(w.top, "prefix/drive_c/windows/system32/bcryptprimitives.dll"), b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end := exec.Command("wineserver", "-k") // of this prefix
		end.Env = w.env
		_ = end.Run()
	})
	return w
}

func (w *wine) must(c *exec.Cmd) {
	w.t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		w.t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
}

func (w *wine) goBuild(name, pkg string) string {
	w.t.Helper()
	to := filepath.Join(w.top, name)
	c := exec.Command("go", "build", "-o", to, pkg)
	c.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	w.must(c)
	return to
}

// command is the program in a folder.
func (w *wine) command(dir string, args ...string) *exec.Cmd {
	c := exec.Command("wine", append([]string{w.exe}, args...)...)
	c.Dir, c.Env = dir, w.env
	return c
}

// run runs it to its end.
func (w *wine) run(dir string, want int, args ...string) string {
	w.t.Helper()
	out, err := w.command(dir, args...).CombinedOutput()
	code := 0
	if e, ok := err.(*exec.ExitError); ok {
		code = e.ExitCode()
	} else if err != nil {
		w.t.Fatal(err)
	}
	if code != want {
		w.t.Fatalf("%v ends with %d, want %d:\n%s", args, code, want, out)
	}
	return string(out)
}

// files are those below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		all[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// until reads lines until one has a text.
func until(t *testing.T, lines *bufio.Scanner, text string) string {
	t.Helper()
	said := ""
	for lines.Scan() {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), text) {
			return lines.Text()
		}
	}
	t.Fatalf("%q never came:\n%s", text, said)
	return ""
}

// TestWindows: what the program does on Windows, as far as Wine is one.
func TestWindows(t *testing.T) {
	w := newWine(t)
	w.run(w.top, done, "init", "网站")
	dir := filepath.Join(w.top, "网站")
	long := strings.Repeat("长", 40)
	deep := filepath.Join(dir, "content/reports", long, long, long, long, "a.md")
	if err := os.MkdirAll(filepath.Dir(deep), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(p, text string) {
		t.Helper()
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(deep, "---\ntitle: 路径很长的记录\ndate: 2020\nsource: 测试报\n---\n\n正文。\n")
	write(filepath.Join(dir, "content/reports/utf16.csv"), string(utf16LE("编号,题名,日期\nu16,表里的一条,2019\n")))
	w.run(dir, done, "build", "--base-url", "https://example.org/")

	var out bytes.Buffer
	if code := run(context.Background(), []string{"build", "--source", dir, "--output", filepath.Join(w.top, "linux"), "--base-url", "https://example.org/"}, &out, &out); code != done {
		t.Fatal(out.String())
	}
	here, there := files(t, filepath.Join(w.top, "linux")), files(t, filepath.Join(dir, "public"))
	for _, p := range slices.Sorted(maps.Keys(here)) {
		if got, ok := there[p]; !ok || got != here[p] {
			t.Errorf("%s is not the same (there: %v)", p, ok)
		}
		delete(there, p)
	}
	for p := range there {
		t.Errorf("%s is there, and not here", p)
	}

	if said := w.run(dir, done, "build", "--base-url", "https://example.org/"); !strings.Contains(said, fmt.Sprintf("%d 个没有变化", len(here)-1)) {
		t.Errorf("a second build: %s", said)
	}

	hold := w.goBuild("hold.exe", "./testdata/wine/hold")
	h := exec.Command("wine", hold, "public")
	h.Dir, h.Env = dir, w.env
	in, err := h.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	told, err := h.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, bufio.NewScanner(told), "held")
	write(filepath.Join(dir, "content/reports/two.md"), "---\ntitle: 文件夹正用着的时候\ndate: 2020\nsource: 测试报\n---\n\n正文。\n")
	w.run(dir, done, "build", "--base-url", "https://example.org/")
	if page := files(t, filepath.Join(dir, "public"))["reports/two/index.html"]; !strings.Contains(page, "文件夹正用着的时候") {
		t.Error("a folder that is in use was not updated")
	}
	in.Close()
	if err := h.Wait(); err != nil {
		t.Error(err)
	}

	// Two at a time: one waits for the other.
	both := make(chan string, 2)
	for range 2 {
		go func() {
			out, err := w.command(dir, "build", "--base-url", "https://example.com/").CombinedOutput()
			both <- fmt.Sprintf("%s%v", out, err)
		}()
	}
	for range 2 {
		if said := <-both; !strings.HasSuffix(said, "<nil>") {
			t.Errorf("two builds at a time: %s", said)
		}
	}

	// A port that another has.
	serve := func() (*exec.Cmd, *bufio.Scanner) {
		c := w.command(dir, "serve", "--no-open", "--port", "18391", "--poll", "1s")
		told, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
		time.AfterFunc(2*time.Minute, func() { _ = c.Process.Kill() })
		return c, bufio.NewScanner(told)
	}
	_, first := serve()
	until(t, first, "预览：http://localhost:18391/")
	_, second := serve()
	until(t, second, "端口 18391 已被别的程序占用，改用 18392")
}

// utf16LE is a text as PowerShell's > writes it.
func utf16LE(text string) []byte {
	b := []byte{0xff, 0xfe}
	for _, r := range text {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}
