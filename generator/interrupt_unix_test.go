//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupted: Ctrl-C ends a check and a build while they read, with the status that shells expect, and leaves the
// published site as it was. How soon is not measured here; that they end long before they would be done is.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "content/reports"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "site.yaml"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("测试的**正文**，没有[意义](#无)。\n\n", 4000)
	for i := range 400 {
		p := filepath.Join(dir, "content/reports", fmt.Sprintf("r%05d.md", i))
		text := fmt.Sprintf("---\ntitle: 测试%d\ndate: 2020\n---\n## 无\n\n%s", i, body)
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"check", "build"} {
		cmd := exec.Command(os.Args[0], command, "--source", dir)
		cmd.Args[0] = "gongzhi" // as TestMain knows the program
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond) // it reads
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		// On a busy machine the signal may come before the program listens for it; a shell says 130 then too.
		died := cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() == syscall.SIGINT
		if code := cmd.ProcessState.ExitCode(); code != interrupted && !died {
			t.Errorf("%s: exit status %d, want %d\n%s", command, code, interrupted, &out)
		}
		if strings.Contains(out.String(), "检查了") || strings.Contains(out.String(), "已生成") {
			t.Errorf("%s went on to its end: %s", command, &out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "public/index.html")); err == nil {
		t.Error("half a site")
	}
}

// TestInterruptedPublish: a run that waits for a busy server ends with 130 too, and says so in Chinese.
func TestInterruptedPublish(t *testing.T) {
	asked := make(chan bool, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "300")
		w.WriteHeader(http.StatusServiceUnavailable)
		select {
		case asked <- true:
		default:
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "site.yaml"), []byte("baseURL: https://example.org/\npublish:\n  - {name: a, kind: webdav, user: u, url: "+server.URL+"/}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "publish", "--source", dir)
	cmd.Args[0] = "gongzhi"
	cmd.Env = append(os.Environ(), "GONGZHI_SECRET_A=x")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != interrupted || !strings.Contains(out.String(), "中断了") || strings.Contains(out.String(), "canceled") {
		t.Errorf("%v\n%s", err, &out)
	}
}
