package markdown

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"gongzhi/generator/diag"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden converts each x.md of testdata/*.txtar and compares with x.html, which holds the HTML and, behind a
// line, whatever else there is: the references (line:column, kind, target, #fragment) and the messages.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) < 5 {
		t.Fatal(archives, err)
	}
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, f := range a.Files {
			want[f.Name] = string(f.Data)
		}
		out := txtar.Archive{Comment: a.Comment}
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".md")
			if !ok {
				continue
			}
			got := describe(t, f.Data)
			out.Files = append(out.Files, f, txtar.File{Name: name + ".html", Data: []byte(got)})
			if !*update && got != want[name+".html"] {
				t.Errorf("%s %s\n%s\ngot\n%s\nwant\n%s", path, name, f.Data, got, want[name+".html"])
			}
		}
		if *update {
			if err := os.WriteFile(path, txtar.Format(&out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// describe writes down all that a conversion gives. In the source ⟨U+200B⟩ stands for that character and \r
// at the end of a line for a carriage return, since editors would not keep them.
func describe(t *testing.T, src []byte) string {
	for r := range 0x110000 {
		if code := fmt.Sprintf("⟨U+%04X⟩", r); bytes.Contains(src, []byte("⟨U+")) && bytes.Contains(src, []byte(code)) {
			src = bytes.ReplaceAll(src, []byte(code), []byte(string(rune(r))))
		}
		if r > 0xffff {
			break
		}
	}
	src = bytes.ReplaceAll(src, []byte("⏎\n"), []byte("\r\n"))
	body, list := Convert("a.md", src, 1)
	check(t, src, body)
	var b strings.Builder
	b.Write(body.HTML)
	if n := b.Len(); n > 0 && b.String()[n-1] != '\n' {
		b.WriteByte('\n')
	}
	list.Sort()
	if len(body.Refs)+len(list) > 0 {
		b.WriteString("----\n")
	}
	for _, r := range body.Refs {
		fmt.Fprintf(&b, "%d:%d %s %s", r.Pos.Line, r.Pos.Col, [...]string{"link", "image", "wiki", "enlarge"}[r.Kind], r.Target)
		if r.Fragment != "" {
			b.WriteString(" #" + r.Fragment)
		}
		b.WriteByte('\n')
	}
	for _, m := range list {
		fmt.Fprintf(&b, "%d:%d %s %s: %s\n", m.Pos.Line, m.Pos.Col, m.Severity, strings.TrimPrefix(m.ID, "markdown/"), m.Text)
		if m.Severity == diag.Error && m.Source == "" {
			t.Errorf("no source line: %v", m)
		}
	}
	return b.String()
}
