package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed gives the packages that each of ours may import: the table of docs/architecture.md. Data flows one way, from
// content to site to render; main alone knows all of them.
func allowed(t *testing.T) map[string][]string {
	doc, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "\nAllowed imports")
	_, rest, _ = strings.Cut(rest, "```\n")
	table, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("docs/architecture.md has no table of allowed imports")
	}
	m := map[string][]string{}
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		m[words[0]] = words[1:]
	}
	return m
}

// TestFewImports: a package knows few others. Those that know one subject and nothing of archives (they import none but han
// and folder) are not counted, and render and main are there to bring the others together.
func TestFewImports(t *testing.T) {
	const most = 5
	table := allowed(t)
	subject := func(pkg string) bool {
		return !slices.ContainsFunc(table[pkg], func(p string) bool { return p != "han" && p != "folder" })
	}
	for pkg, imports := range table {
		if n := len(slices.DeleteFunc(slices.Clone(imports), subject)); n > most && pkg != "render" {
			t.Errorf("%s imports %d packages that are no subjects of their own, the most is %d", pkg, n, most)
		}
	}
}

// TestLayers: every import stands in the table, tests aside.
func TestLayers(t *testing.T) {
	const module = "gongzhi/generator/"
	table := allowed(t)
	err := filepath.WalkDir(".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() {
			if name == "testdata" || name == "node_modules" {
				return fs.SkipDir
			}
			if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types", "misc", "base", "shared"}, name) {
				t.Errorf("%s: a package is named after what it knows", p)
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		pkg, _, _ := strings.Cut(filepath.ToSlash(p), "/")
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		inner := strings.Contains(filepath.ToSlash(p), "/internal/")
		for _, i := range f.Imports {
			to, _ := strconv.Unquote(i.Path.Value)
			to, ours := strings.CutPrefix(to, module)
			if !ours || path.Dir(filepath.ToSlash(p)) == "." { // main may import all
				continue
			}
			to, rest, _ := strings.Cut(to, "/")
			list, known := table[pkg]
			switch {
			case to == pkg && (inner || strings.HasPrefix(rest, "internal")):
			case to == pkg && rest == "" && strings.Count(filepath.ToSlash(p), "/") > 1: // a kind of what the package above knows
			case !known && !inner:
				t.Errorf("%s: package %s is not in the table", p, pkg)
			case !slices.Contains(list, to):
				t.Errorf("%s imports %s", p, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range table {
		if !strings.Contains(string(doc), "\n  "+pkg+"/ ") {
			t.Errorf("docs/architecture.md does not say what %s is", pkg)
		}
		if _, err := os.Stat(pkg); err != nil {
			t.Errorf("the table has a package that is not there: %v", err)
		}
	}
}

// TestAtOnce: the packages that do several things at once are those that the Makefile has the race detector look at. This
// one waits for Ctrl-C beside its work, and no more.
func TestAtOnce(t *testing.T) {
	made, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^AT_ONCE = (.*)$`).FindSubmatch(made)
	if m == nil {
		t.Fatal("the Makefile has no list AT_ONCE")
	}
	found := map[string]bool{}
	err = filepath.WalkDir(".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			_, starts := n.(*ast.GoStmt)
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 1 {
				s, ok := call.Fun.(*ast.SelectorExpr)
				starts = ok && s.Sel.Name == "Go"
			}
			if dir := path.Dir(filepath.ToSlash(p)); starts && dir != "." {
				found[dir] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want, got := slices.Sorted(maps.Keys(found)), strings.Fields(string(m[1])); !slices.Equal(want, got) {
		t.Errorf("AT_ONCE is %q, the packages with goroutines are %q", got, want)
	}

	// The tests that it passes over in those packages, to run without it, are there.
	in := regexp.MustCompile(`(?m)^IN_TURN = (\^Test\(.*\)\$)\$$`).FindSubmatch(made)
	if in == nil {
		t.Fatal("the Makefile has no list IN_TURN")
	}
	inTurn, there := regexp.MustCompile(string(in[1])), map[string]bool{}
	for _, pkg := range strings.Fields(string(m[1])) {
		files, _ := filepath.Glob(pkg + "/*_test.go")
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(b, -1) {
				there[string(f[1])] = inTurn.Match(f[1])
			}
		}
	}
	maps.DeleteFunc(there, func(_ string, in bool) bool { return !in })
	if n := strings.Count(string(in[1]), "|") + 1; len(there) != n {
		t.Errorf("IN_TURN names %d tests, of which %v are there", n, there)
	}
}

// TestOneWayToOpen: what others may have put into a folder is opened by package folder alone, which refuses links, pipes and devices.
func TestOneWayToOpen(t *testing.T) {
	opened := regexp.MustCompile(`\bos\.DirFS\(`)
	err := filepath.WalkDir(".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return err
		}
		if pkg, _, _ := strings.Cut(filepath.ToSlash(p), "/"); pkg == "folder" || pkg == "bench" { // bench makes what it reads
			return nil
		}
		src, err := os.ReadFile(p)
		if opened.Match(src) {
			t.Errorf("%s opens a folder by os.DirFS", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDependencies: each module that we import has its reasons in docs/dependencies.md, with its version.
func TestDependencies(t *testing.T) {
	src, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	direct := 0
	for _, m := range regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+|\S+\.\S+) (v\S+)$`).FindAllStringSubmatch(string(src), -1) {
		direct++ // those that others need end in a comment
		if line := regexp.MustCompile("(?m)^.*`?" + regexp.QuoteMeta(m[1]) + "[`/].*" + regexp.QuoteMeta(m[2])).Find(doc); line == nil {
			t.Errorf("docs/dependencies.md does not say why %s %s", m[1], m[2])
		}
	}
	if direct == 0 {
		t.Error("no direct dependency found")
	}
}

// TestNoTraces: nothing of a machine's paths stands in what we publish.
func TestNoTraces(t *testing.T) {
	bad := regexp.MustCompile(`/` + `(work|root|home/\w+)/(main|shared|t|go)\b`)
	for _, top := range []string{".", "../themes", "../docs", "../content"} {
		err := filepath.WalkDir(top, func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(p)
			if m := bad.Find(b); m != nil {
				t.Errorf("%s: %s", p, m)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
