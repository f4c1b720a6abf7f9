package content_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/tools/txtar"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
)

var update = flag.Bool("update", false, "rewrite the sections named records in testdata")

// TestLoad reads each archive of testdata as the content of a site. What has to be said about it stands on the
// very line, as a YAML comment
//
//	title：甲   # want "regexp" "another"
//
// or, where a file has no comments or the column matters, in the section want as path:line:col: words. A message
// that nothing asks for fails. The section records, if there is one, is what comes out. Lines of the archive's
// comment turn a file into what no text file can hold: bom, crlf, cr, gbk, utf16le, utf16be, chomp PATH, and
// escape PATH, which makes characters out of \x00 and \u202e.
func TestLoad(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			site, wants := archive(t, a)
			set, err := content.Load(site, content.Options{Reserved: []string{"search"}})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, set.Diags, wants)
			for i := range a.Files {
				if a.Files[i].Name != "records" {
					continue
				}
				got := dump(set)
				if *update {
					a.Files[i].Data = []byte(got)
					if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
						t.Fatal(err)
					}
				} else if got != string(a.Files[i].Data) {
					t.Errorf("records are\n%s\nwant\n%s", got, a.Files[i].Data)
				}
			}
		})
	}
}

// want is a message that has to come.
type want struct {
	path      string
	line, col int // col 0: any
	words     *regexp.Regexp
	met       bool
}

var comment = regexp.MustCompile(`# want((?: "(?:[^"\\]|\\.)*")+)\s*$`)

func archive(t *testing.T, a *txtar.Archive) (fs.FS, []*want) {
	t.Helper()
	site, wants := fstest.MapFS{}, []*want(nil)
	for _, f := range a.Files {
		if f.Name == "records" {
			continue
		}
		if f.Name == "want" {
			for line := range strings.Lines(string(f.Data)) {
				part := strings.SplitN(strings.TrimSpace(line), ":", 4)
				if len(part) < 4 {
					t.Fatalf("not path:line:col: words: %q", line)
				}
				severity, words, _ := strings.Cut(strings.TrimSpace(part[3]), ": ")
				w := &want{path: part[0], words: regexp.MustCompile("^" + severity + ": .*" + regexp.QuoteMeta(words))}
				w.line, _ = strconv.Atoi(part[1])
				w.col, _ = strconv.Atoi(part[2])
				wants = append(wants, w)
			}
			continue
		}
		n := 0
		for line := range strings.Lines(string(f.Data)) {
			n++
			if m := comment.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
				for rest := strings.TrimSpace(m[1]); rest != ""; {
					q, err := strconv.QuotedPrefix(rest)
					if err != nil {
						t.Fatalf("%s:%d: %v", f.Name, n, err)
					}
					s, _ := strconv.Unquote(q)
					wants = append(wants, &want{path: f.Name, line: n, words: regexp.MustCompile(s)})
					rest = strings.TrimSpace(rest[len(q):])
				}
			}
		}
		site[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for line := range strings.Lines(string(a.Comment)) {
		word := strings.Fields(line)
		if len(word) != 2 || site[word[1]] == nil {
			continue
		}
		site[word[1]].Data = encode(t, word[0], site[word[1]].Data)
	}
	return site, wants
}

func encode(t *testing.T, how string, data []byte) []byte {
	t.Helper()
	s := string(data)
	switch how {
	case "bom":
		s = "\ufeff" + s
	case "crlf":
		s = strings.ReplaceAll(s, "\n", "\r\n")
	case "cr":
		s = strings.ReplaceAll(s, "\n", "\r")
	case "gbk":
		var err error
		if s, err = simplifiedchinese.GBK.NewEncoder().String(s); err != nil {
			t.Fatal(err)
		}
	case "utf16le", "utf16be":
		var b strings.Builder
		for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
			lo, hi := byte(u), byte(u>>8)
			if how == "utf16be" {
				lo, hi = hi, lo
			}
			b.WriteByte(lo)
			b.WriteByte(hi)
		}
		s = b.String()
	case "chomp":
		s = strings.TrimSuffix(s, "\n")
	case "escape":
		var err error
		s = strings.NewReplacer(`"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s)
		if s, err = strconv.Unquote(`"` + s + `"`); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("no encoding %q", how)
	}
	return []byte(s)
}

func compare(t *testing.T, diags diag.List, wants []*want) {
	t.Helper()
	diags.Sort()
next:
	for _, m := range diags {
		for _, w := range wants {
			if !w.met && w.path == m.Pos.Path && w.line == max(m.Pos.Line, 1) && (w.col == 0 || w.col == max(m.Pos.Col, 1)) && w.words.MatchString(m.Severity.String()+": "+m.Text) {
				w.met = true
				continue next
			}
		}
		t.Errorf("nobody wants: %s", m)
	}
	for _, w := range wants {
		if !w.met {
			t.Errorf("never came: %s:%d:%d: %s", w.path, w.line, w.col, w.words)
		}
	}
}

// dump writes records out, each with its place and its values.
func dump(set *content.Set) string {
	var b strings.Builder
	for _, r := range set.Records {
		fmt.Fprintf(&b, "%s/%s %s:%d\n", r.Schema.Key, r.ID, r.Path, r.Line)
		for i := range r.Values {
			fmt.Fprintf(&b, "\t%s: %s\n", r.Values[i].Field.Key, show(&r.Values[i]))
		}
		if len(r.Body.HTML) > 0 {
			fmt.Fprintf(&b, "\tbody: %s\n", strings.ReplaceAll(strings.TrimSpace(string(r.Body.HTML)), "\n", "⏎"))
		}
	}
	for _, a := range set.Assets {
		fmt.Fprintf(&b, "%s %d×%d\n", a.Path, a.Width, a.Height)
	}
	return b.String()
}

func show(v *content.Value) string {
	var l []string
	switch {
	case v.Items != nil:
		for i := range v.Items {
			l = append(l, show(&v.Items[i]))
		}
		return "[" + strings.Join(l, ", ") + "]"
	case v.Parts != nil:
		for i := range v.Parts {
			l = append(l, v.Parts[i].Field.Key+": "+show(&v.Parts[i]))
		}
		return "{" + strings.Join(l, ", ") + "}"
	case v.Moment != nil:
		return v.Moment.UTC().Format("2006-01-02T15:04Z")
	case v.Date != nil:
		return v.Date.String() + " (" + v.Date.Display() + ")"
	case v.Quantity != nil:
		return fmt.Sprintf("%s = %v %s%s", v.Quantity.Printed, v.Quantity.Value, v.Quantity.Qualifier, v.Quantity.Unit)
	case v.Body != nil:
		return strings.ReplaceAll(strings.TrimSpace(string(v.Body.HTML)), "\n", "⏎")
	}
	return strconv.Quote(v.Text)
}

// shuffled is a file system that gives the names of a folder in an order of its own.
type shuffled struct{ fstest.MapFS }

func (s shuffled) ReadDir(name string) ([]fs.DirEntry, error) {
	l, err := s.MapFS.ReadDir(name)
	slices.Reverse(l)
	return l, err
}
