//go:build unix

package preview

import (
	"strings"
	"syscall"
	"testing"
)

// TestLimits: where the system has no watch left to give, polling takes over, and one line says so.
func TestLimits(t *testing.T) {
	w := newWatched(t)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	none := was
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	how := watch(t.Context(), w.dir, w.m.dirty, 0, w.say)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	if said := w.lines(); how != "每隔 700ms 查看" || !strings.Contains(said, "上限") || strings.Count(said, "\n") != 0 {
		t.Errorf("%s, said:\n%s", how, said)
	}
	w.run(t.Context())
	w.write("content/reports/a.md", record("甲", "照样看到"))
	w.shows("reports/a/index.html", "照样看到")
}
