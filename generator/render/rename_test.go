package render_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
)

// mark stands behind every renamed key and label. No text of the sample archive has it.
const mark = "ʠ"

// renamed is a shipped schema in which every key and label is another. The old names are still understood in records,
// so that the same records do; what the program shows and how it finds a field is new.
func renamed(t *testing.T, collection string) []byte {
	t.Helper()
	src, ok := content.BuiltinSource(collection)
	if !ok {
		t.Fatalf("no schema of %s", collection)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	root := doc.Content[0]
	own := map[string]bool{}
	each(root, func(key string, v *yaml.Node) {
		if key == "fields" {
			for _, f := range v.Content {
				each(f, func(key string, v *yaml.Node) {
					if key == "key" {
						own[v.Value] = true
					}
				})
			}
		}
	})
	rename := func(n *yaml.Node) {
		bare := strings.TrimPrefix(n.Value, "-")
		if own[bare] {
			n.Value += mark
		}
	}
	braces := regexp.MustCompile(`\{\w+\}`)
	each(root, func(key string, v *yaml.Node) {
		switch key {
		case "label":
			v.Value += mark
		case "sort", "columns":
			for _, n := range v.Content {
				rename(n)
			}
		case "date":
			rename(v)
		case "title", "chronicle", "roll", "series":
			if key == "title" {
				renameField(v)
			}
			each(v, func(word string, n *yaml.Node) {
				if braces.MatchString(n.Value) {
					n.Value = braces.ReplaceAllStringFunc(n.Value, func(s string) string {
						if own[s[1:len(s)-1]] {
							return s[:len(s)-1] + mark + "}"
						}
						return s
					})
				} else if key != "title" && word != "computed" {
					rename(n)
				}
			})
		case "fields":
			for _, f := range v.Content {
				renameField(f)
				each(f, func(key string, v *yaml.Node) {
					if key == "inherit" {
						for _, n := range v.Content {
							rename(n)
						}
					}
				})
			}
		}
	})
	out, err := yaml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte("extends: none\n"), out...)
}

// renameField gives a field, or the title, other names, under which the old ones are still known.
func renameField(f *yaml.Node) {
	var old []string
	var also *yaml.Node
	each(f, func(key string, v *yaml.Node) {
		switch key {
		case "key", "label":
			old = append(old, v.Value)
			v.Value += mark
		case "inverse":
			v.Value += mark
		case "also":
			also = v
		case "fields":
			for _, p := range v.Content {
				renameField(p)
			}
		}
	})
	if also == nil {
		also = &yaml.Node{Kind: yaml.SequenceNode}
		f.Content = append(f.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "also"}, also)
	}
	for _, name := range old {
		also.Content = append(also.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name})
	}
}

func each(n *yaml.Node, f func(key string, v *yaml.Node)) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i+1])
	}
}

// TestRenamedSchemas: no Go code knows the keys and labels of shipped collections. A site whose schemas rename them all
// is the same, names aside.
func TestRenamedSchemas(t *testing.T) {
	source := fstest.MapFS{}
	root := os.DirFS("../..")
	for _, top := range []string{"content", "site.yaml"} {
		err := fs.WalkDir(root, top, func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := fs.ReadFile(root, p)
			source[p] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := generate(t, source, render.Options{})
	for _, s := range content.Builtin() {
		if _, err := fs.Stat(source, "content/"+s.Key); err == nil {
			source["content/"+s.Key+"/_schema.yaml"] = &fstest.MapFile{Data: renamed(t, s.Key)}
		}
	}
	got := generate(t, source, render.Options{})
	plain := strings.NewReplacer(mark, "", "%CA%A0", "")
	paths := map[string]string{} // of the renamed site, by those without the mark
	for _, p := range got.Pages() {
		paths[plain.Replace(p)] = p
	}
	if len(paths) != len(want.Pages()) {
		t.Errorf("%d pages, want %d", len(paths), len(want.Pages()))
	}
	marked, faults := 0, 0
	for _, p := range want.Pages() {
		if _, ok := paths[p]; !ok {
			t.Errorf("no page %s", p)
			continue
		}
		a, err := want.File(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		b, err := got.File(nil, paths[p])
		if err != nil {
			t.Fatal(err)
		}
		marked += strings.Count(string(b), mark)
		if p == "sitemap.xml" { // whose order is that of the addresses
			a, b = sorted(a), sorted([]byte(plain.Replace(string(b))))
		}
		if s := plain.Replace(string(b)); s != string(a) && faults < 10 {
			faults++
			t.Errorf("%s: %s", p, parting(string(a), s))
		}
	}
	if a, b := site.GapText(want.Site.Gaps()), plain.Replace(site.GapText(got.Site.Gaps())); a != b {
		t.Errorf("what is missing: %s\n%s", a, b)
	}
	review := func(g *render.Generation) diag.List {
		return slices.DeleteFunc(g.Site.Review(), func(m diag.Message) bool {
			return strings.Contains(m.Text, "所证字段") // the sample names relations there, by their old names
		})
	}
	if a, b := review(want), review(got); len(a) != len(b) {
		t.Errorf("to review: %v\nwant %v", b, a)
	}
	if marked < 1000 {
		t.Errorf("the new names stand on the pages %d times: they are not used", marked)
	}
}

func sorted(text []byte) []byte {
	lines := bytes.SplitAfter(text, []byte("<url>"))
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, nil)
}

// parting shows where two texts part.
func parting(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, i-60):min(len(s), i+80)] }
	return fmt.Sprintf("\n\t%q\n\t%q", cut(a), cut(b))
}
