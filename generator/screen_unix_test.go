//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNamesOnTerminal: a file's name, whatever it holds, reaches the terminal without what would command it.
func TestNamesOnTerminal(t *testing.T) {
	dir := t.TempDir()
	const bad = "x\x1b]0;pwned\x07\x1b[2J.txt"
	for _, p := range []string{"site.yaml", "content/reports/" + bad, "public/" + bad, "static/" + bad + "~", "content/" + bad} {
		p = filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"build"}, {"check"}, {"new", "reports", bad}, {"new", bad, bad}, {"search", bad}, {"export", bad}, {"rename", bad, bad}, {"schema", "--json", bad}, {"import", bad, bad}, {bad}} {
		var out bytes.Buffer
		run(context.Background(), append(args, "--source", dir), &out, &out)
		if strings.ContainsAny(out.String(), "\x1b\x07") {
			t.Errorf("%q: %q", args, out.String())
		}
		if out.Len() == 0 {
			t.Errorf("%q says nothing", args)
		}
	}
}
