//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSpecialFiles: a pipe, a device or a link that leads to one, in the place of any file that the program reads, is
// told at once. That nothing hangs is seen by the test's end.
func TestSpecialFiles(t *testing.T) {
	for _, p := range []string{
		"site.yaml", "content/reports/a.md", "content/reports/a.pdf", "content/reports/a.jpg", "content/reports/_schema.yaml", "static/robots.txt",
		"themes/default/theme.yaml", "themes/default/templates/record.html", "themes/default/assets/style.css",
		"public/.gongzhi-manifest", "public/index.html", "public/search/x", "public/foreign",
	} {
		for kind, put := range map[string]func(string) error{
			"pipe":   func(p string) error { return syscall.Mkfifo(p, 0o644) },
			"device": func(p string) error { return os.Symlink("/dev/zero", p) },
		} {
			if strings.Contains(p, "content/") == (kind == "device") && p != "content/reports/a.md" {
				continue // links in content are another test's; elsewhere one kind is enough
			}
			dir := t.TempDir()
			for _, f := range []string{"site.yaml", "content/reports/b.md", "public/.keep"} {
				f = filepath.Join(dir, f)
				if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
					t.Fatal(err)
				}
				text := ""
				if filepath.Ext(f) == ".md" {
					text = "---\ntitle: 乙\ndate: 2020\nsource: 测试报\n---\n文\n"
				}
				if err := os.WriteFile(f, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			f := filepath.Join(dir, p)
			if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
				t.Fatal(err)
			}
			_ = os.Remove(f)
			if err := put(f); err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"check", "build"} {
				var out bytes.Buffer
				code := run(context.Background(), []string{command, "--source", dir}, &out, &out)
				if strings.HasPrefix(p, "public/") && command == "check" {
					continue // which only has to end
				}
				named := strings.Contains(out.String(), filepath.Base(p))
				said := strings.Contains(out.String(), "不是普通文件") || strings.Contains(out.String(), "符号链接") || strings.Contains(out.String(), "不是本程序写的文件") || strings.Contains(out.String(), "不是程序生成的")
				if code != done && code != failed || !named || !said {
					t.Errorf("%s: a %s as %s: %d\n%s", command, kind, p, code, &out)
				}
			}
		}
	}
}
