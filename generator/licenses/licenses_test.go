package licenses

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestComplete: each module that a released program contains has its text, with the version that is used, and nothing else
// has one.
func TestComplete(t *testing.T) {
	out, err := exec.Command("go", "run", "./internal/collect").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(out); got != Text() {
		t.Errorf("licenses.txt is out of date: run go generate ./generator/licenses")
	}
	if names := Names(); len(names) < 20 || !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "github.com/yuin/goldmark v") }) {
		t.Errorf("%d texts", len(names))
	}
}
