package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What a guide asks to type is typed, as it stands there, in a new site with the sample archive; the commands of one guide
// one after another in one folder. Before the first of them, a guide's reader has done what prepare does.
func TestGuides(t *testing.T) {
	nothing := func(t *testing.T, dir string) {}
	for name, prepare := range map[string]func(t *testing.T, dir string){
		"../README.md":       nothing,
		"../README.en.md":    nothing,
		"../docs/guide.md":   manuscriptAtHand,
		"../docs/import.md":  noticeAtHand,
		"../docs/publish.md": serverAtHand,
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			program, err := exec.LookPath("gongzhi")
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if !strings.HasPrefix(filepath.Base(name), "README") { // where the first command makes the site
				typed(t, dir, "gongzhi init .")
			}
			prepare(t, dir)
			commands := commandsOf(string(text))
			if len(commands) < 2 {
				t.Fatalf("found only %q", commands)
			}
			for _, c := range commands {
				switch {
				case c == "go build -o gongzhi ./generator": // this test's own program has been built so
					if err := os.Symlink(program, filepath.Join(dir, "gongzhi")); err != nil {
						t.Fatal(err)
					}
					continue
				case strings.HasPrefix(c, "go run "), strings.HasPrefix(c, "make "): // what runs this test, and its neighbours
					continue
				case strings.HasSuffix(c, " --save-secret"): // asks for a password, and no machine that tests has a keyring to put it into
					continue
				}
				if cd := regexp.MustCompile(`(?:^|&& )cd (\S+)$`).FindStringSubmatch(c); cd != nil {
					if c, _, _ = strings.Cut(c, " && cd "); !strings.HasPrefix(c, "cd ") {
						typed(t, dir, c)
					}
					dir = filepath.Join(dir, cd[1])
					continue
				}
				typed(t, dir, c)
			}
		})
	}
}

// commandsOf gives the commands in the blocks of code of a guide, without the remarks beside them.
func commandsOf(guide string) []string {
	var l []string
	for i, block := range regexp.MustCompile("(?m)^ *```.*\n").Split(guide, -1) {
		if i%2 == 0 {
			continue
		}
		for _, line := range strings.Split(block, "\n") {
			line = regexp.MustCompile(`(\s+#|\s{3,}).*$`).ReplaceAllString(strings.TrimSpace(line), "")
			if regexp.MustCompile(`^((\.{1,2}/)?gongzhi|go|make|cd) `).MatchString(line) {
				l = append(l, line)
			}
		}
	}
	return l
}

// typed runs a command in a folder; it must end well, but for the preview, which must show a page until it is told to end.
func typed(t *testing.T, dir, command string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	serves := strings.HasSuffix(command, "gongzhi serve")
	if serves {
		command += " --port 0"
	}
	words := strings.Fields(command)
	program := words[0]
	if strings.Contains(program, "/") {
		program = filepath.Join(dir, program)
	}
	cmd := exec.CommandContext(ctx, program, words[1:]...)
	cmd.Dir = dir
	if !serves {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
		return
	}
	said, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		write.Close()
		ended <- err
	}()
	var text bytes.Buffer
	address := regexp.MustCompile(`http://[0-9a-z.:\[\]]+/`)
	b := make([]byte, 4096)
	for {
		n, err := said.Read(b)
		text.Write(b[:n])
		if at := address.FindString(text.String()); at != "" {
			go io.Copy(io.Discard, said)
			response, err := http.Get(at)
			if err != nil {
				t.Errorf("%s: %v", command, err)
				break
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", command, response.Status)
			}
			break
		}
		if err != nil {
			t.Errorf("%s names no address:\n%s", command, &text)
			return
		}
	}
	cmd.Process.Signal(os.Interrupt)
	var exit *exec.ExitError
	if err := <-ended; err != nil && !(errors.As(err, &exit) && exit.ExitCode() == interrupted) {
		t.Errorf("%s: %v", command, err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func manuscriptAtHand(t *testing.T, dir string) {
	record := filepath.Join(dir, "content/reports/shouxian-ceshi.md")
	write(t, record, "---\ntitle: 测试厂的五一\ndate: 2026-05-01\n---\n\n测试厂开了会。\n")
	typed(t, dir, "gongzhi export reports/shouxian-ceshi --format docx --output 稿件.docx")
	if err := os.Remove(record); err != nil {
		t.Fatal(err)
	}
}

func noticeAtHand(t *testing.T, dir string) {
	write(t, filepath.Join(dir, "通知.txt"), "2005年全国劳动模范名单（测试）\n测试市（2名）\n甲　测（女，回族）　某测试厂班长\n乙　测　某测试厂工人\n")
}

func serverAtHand(t *testing.T, dir string) {
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(dir, "服务器"))))
	t.Cleanup(server.Close)
	write(t, filepath.Join(dir, "site.yaml"), "title: 测试站\nbaseURL: "+server.URL+"/\npublish:\n  - name: 官网\n    kind: folder\n    path: 服务器\n")
	write(t, filepath.Join(dir, "content/reports/shouxian-ceshi.md"), "---\ntitle: 测试厂的五一\ndate: 2025-05-01\n---\n\n测试厂开了会。\n")
	typed(t, dir, "gongzhi publish 官网") // the guide takes back a second version
	write(t, filepath.Join(dir, "content/reports/shouxian-ceshi.md"), "---\ntitle: 测试厂的五一\ndate: 2025-05-01\n---\n\n测试厂开了两次会。\n")
}
