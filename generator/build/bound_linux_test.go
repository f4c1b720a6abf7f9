package build

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBound: what a container or a service has mounted of the output, or of a folder in it, is seen in its mount table.
func TestBound(t *testing.T) {
	top := t.TempDir()
	out, proc := filepath.Join(top, "我的 网站", "public"), filepath.Join(top, "proc")
	for _, d := range []string{filepath.Join(out, "search"), out + "-old", filepath.Join(proc, "self"), filepath.Join(proc, "7"), filepath.Join(proc, "8")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	own, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	device, inside, ok := onDevice(own, out)
	if !ok || !strings.HasSuffix(inside, "/public") {
		t.Fatalf("%s is %q on %q", out, inside, device)
	}
	escaped := func(s string) string { return strings.NewReplacer(" ", `\040`, `\`, `\134`).Replace(s) }
	put := func(name string, table []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(proc, name, "mountinfo"), table, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("self", own)
	put("7", own)
	first, _, _ := bytes.Cut(own, []byte("\n"))
	for _, c := range []struct {
		device, root string
		want         bool
	}{
		{device, inside, true},
		{device, inside + "/search", true},
		{device, inside + "-old", false},
		{device, filepath.Dir(inside), false}, // there the new folder is found under its name
		{"0:0", inside, false},
		{device, "/", false},
	} {
		line := fmt.Sprintf("\n99999 99998 %s %s /usr/share/nginx/html ro - ext4 /dev/x rw\n", c.device, escaped(c.root))
		put("8", append([]byte("99998 1 0:0 / / rw - overlay overlay rw"), line...))
		if got := isBound(proc, out); got != c.want {
			t.Errorf("%s mounted: %v, want %v", c.root, got, c.want)
		}
	}
	// A table that was looked at is not read again for each process that shares it.
	put("8", append(bytes.Clone(first), fmt.Sprintf("\n99999 1 %s %s /x rw - ext4 /dev/x rw\n", device, escaped(inside))...))
	if isBound(proc, out) {
		t.Error("the table of one namespace is read twice")
	}
	if isBound(filepath.Join(top, "none"), out) {
		t.Error("bound without a mount table")
	}
}
