package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gongzhi/generator/content"
)

// TestNoKeys: Go code asks a schema for roles and types, never for the key or label of a field, and no collection is
// told from others by its key.
func TestNoKeys(t *testing.T) {
	dirs, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	others := map[string]bool{"content": true, "manuscript": true, "docx": true, "grid": true} // read schemas, HTML, other programs' files
	for _, d := range dirs {
		pattern := d.Name()
		if d.IsDir() {
			pattern += "/*.go"
		}
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			looked++
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Field" && len(n.Args) == 1 && isString(n.Args[0]) {
						t.Errorf("%s: a field is asked for by its key", set.Position(n.Pos()))
					}
				case *ast.BinaryExpr:
					for _, x := range [][2]ast.Expr{{n.X, n.Y}, {n.Y, n.X}} {
						s, ok := x[0].(*ast.SelectorExpr)
						if !ok || !isString(x[1]) || (n.Op != token.EQL && n.Op != token.NEQ) {
							continue
						}
						if s.Sel.Name == "Key" && !others[d.Name()] {
							t.Errorf("%s: compared with the key of a field or a collection", set.Position(n.Pos()))
						}
					}
				}
				return true
			})
		}
	}
	if looked < 50 {
		t.Fatalf("looked at %d files", looked)
	}
}

func isString(e ast.Expr) bool {
	l, ok := e.(*ast.BasicLit)
	return ok && l.Kind == token.STRING && l.Value != `""`
}

// TestSchemaDocumented: docs/schema.md is what `gongzhi schema` prints: make generate writes it.
func TestSchemaDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := content.Describe(content.Builtin()); string(doc) != want {
		t.Error("docs/schema.md is not current: write it anew with go run ./generator schema > docs/schema.md")
	}
}
