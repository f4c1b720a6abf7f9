package site_test

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
	"time"

	"golang.org/x/tools/txtar"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/site"
)

var update = flag.Bool("update", false, "rewrite the sections named site in testdata")

// TestJoin joins each archive of testdata. The section want lists every message, as path:line:col: words; the
// section site is what comes out, those parts of it that the first line of the archive's comment names after
// "show:". A line "clock: TIME" sets the clock, and "hidden" keeps what is not to be published.
func TestJoin(t *testing.T) {
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
			var opt site.Options
			var show []string
			for line := range strings.Lines(string(a.Comment)) {
				key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
				switch key {
				case "show":
					show = strings.Fields(value)
				case "hidden":
					opt.Hidden = true
				case "clock":
					if opt.Now, err = time.Parse(time.RFC3339, strings.TrimSpace(value)); err != nil {
						t.Fatal(err)
					}
				}
			}
			source := fstest.MapFS{}
			var want, golden string
			for _, f := range a.Files {
				switch f.Name {
				case "want":
					want = string(f.Data)
				case "site":
					golden = string(f.Data)
				default:
					source[f.Name] = &fstest.MapFile{Data: f.Data}
				}
			}
			s := join(t, source, opt)
			compare(t, slices.Concat(s.Set.Diags, s.Diags), want)
			got := dump(s, show)
			if *update {
				for i := range a.Files {
					if a.Files[i].Name == "site" {
						a.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != golden {
				t.Errorf("the site is\n%s\nwant\n%s", got, golden)
			}
		})
	}
}

func join(t *testing.T, source fs.FS, opt site.Options) *site.Site {
	t.Helper()
	settings := site.DefaultSettings()
	if src, err := fs.ReadFile(source, "site.yaml"); err == nil {
		var diags diag.List
		if settings, diags = site.ReadSettings(src); len(diags) > 0 {
			t.Fatal(diags)
		}
	}
	set, err := content.Load(source, content.Options{Zone: settings.Zone})
	if err != nil {
		t.Fatal(err)
	}
	return site.Join(set, settings, opt)
}

var wanted = regexp.MustCompile(`^(.+?:\d+:\d+): (错误|警告): (.*)$`)

func compare(t *testing.T, diags diag.List, want string) {
	t.Helper()
	diags.Sort()
	lines := strings.Split(strings.TrimSpace(want), "\n")
	if want == "" {
		lines = nil
	}
	met := make([]bool, len(lines))
next:
	for _, m := range diags {
		for i, l := range lines {
			w := wanted.FindStringSubmatch(l)
			if w == nil {
				t.Fatalf("not path:line:col: 错误: words: %q", l)
			}
			if !met[i] && strings.HasPrefix(m.String(), w[1]+": "+w[2]+": ") && strings.Contains(m.Text, w[3]) {
				met[i] = true
				continue next
			}
		}
		t.Errorf("nobody wants: %s", m)
	}
	for i, l := range lines {
		if !met[i] {
			t.Errorf("never came: %s", l)
		}
	}
}

func name(r *site.Record) string {
	if r == nil {
		return "–"
	}
	return r.Schema.Key + "/" + r.ID
}

func dump(s *site.Site, show []string) string {
	var b strings.Builder
	for _, what := range show {
		fmt.Fprintf(&b, "[%s]\n", what)
		switch what {
		case "records":
			for _, c := range s.Collections {
				for _, r := range c.Records {
					fmt.Fprintf(&b, "%s %s %s", name(r), r.Title, r.URL)
					if r.Status != site.Published {
						fmt.Fprintf(&b, " (%s)", r.Status)
					}
					b.WriteString("\n")
				}
			}
			for _, r := range s.Hidden {
				fmt.Fprintf(&b, "hidden: %s (%s)\n", r.ID, r.Status)
			}
		case "relations":
			for _, c := range s.Collections {
				for _, r := range c.Records {
					for i := range r.Values {
						targets(&b, r, &r.Values[i], "")
					}
					for _, rel := range r.Inverse {
						var l []string
						for _, from := range rel.Records {
							l = append(l, name(from))
						}
						fmt.Fprintf(&b, "%s ← %s: %s\n", name(r), rel.Label, strings.Join(l, " "))
					}
				}
			}
		case "links":
			for _, c := range s.Collections {
				for _, r := range c.Records {
					bodies := []*content.Value{{Body: r.Body}}
					for i := range r.Values {
						r.Values[i].Each(func(v *content.Value) {
							bodies = append(bodies, v)
							for k := range v.Parts {
								bodies = append(bodies, &v.Parts[k])
							}
						})
					}
					for _, v := range bodies {
						if v.Body == nil {
							continue
						}
						for i, to := range r.Links(v.Body) {
							ref := v.Body.Refs[i]
							fmt.Fprintf(&b, "%s %s#%s → %q %s %d×%d\n", name(r), ref.Target, ref.Fragment, to.URL, to.Title, to.Width, to.Height)
						}
					}
				}
			}
		case "chronicle":
			for _, e := range s.Chronicle() {
				year, known := e.Year()
				place := strconv.Itoa(year)
				if !known {
					place = "–" + place
				}
				fmt.Fprintf(&b, "%s %s %s → %s", place, e.Day.Display(), e.Text, e.Record.URL)
				for _, r := range e.Group {
					b.WriteString(" +" + r.ID)
				}
				b.WriteString("\n")
			}
		case "rolls":
			for _, r := range s.Rolls() {
				fmt.Fprintf(&b, "%s %s %s %d\n", r.Slug, r.Title, name(r.Honor), r.Count)
				for _, y := range r.Years {
					fmt.Fprintf(&b, "\t%s:", y.Day.Display())
					for _, c := range y.Records {
						b.WriteString(" " + c.Display(c.Value("recipient")))
					}
					b.WriteString("\n")
				}
			}
		case "names":
			for _, n := range s.Names() {
				fmt.Fprintf(&b, "%s %s", n.Text, name(n.Person))
				for _, r := range n.In {
					b.WriteString(" " + name(r))
				}
				b.WriteString("\n")
			}
		case "browse":
			for _, f := range s.Browse() {
				fmt.Fprintf(&b, "%s %s\n", f.Key, f.Label)
				for _, term := range f.Terms {
					fmt.Fprintf(&b, "\t%s [%s] %s:%d:%d", term.Text, term.Slug, filepath.Base(term.Pos.Path), term.Pos.Line, term.Pos.Col)
					for _, r := range term.Records {
						b.WriteString(" " + r.ID)
					}
					b.WriteString("\n")
				}
			}
		case "series":
			for _, topic := range s.Series() {
				fmt.Fprintf(&b, "%s [%s] %d\n", topic.Title, topic.Slug, topic.Count)
				for _, x := range topic.Indicators {
					fmt.Fprintf(&b, "\t%s:", x.Title)
					for _, r := range x.Records {
						b.WriteString(" " + r.ID)
					}
					b.WriteString("\n")
				}
			}
		case "aliases":
			for _, a := range s.Aliases {
				fmt.Fprintf(&b, "%s → %s\n", a.From, a.To.URL)
			}
		case "views":
			for _, v := range []string{"chronicle", "rolls", "names", "series", "browse"} {
				fmt.Fprintf(&b, "%s %v\n", v, s.HasView(v))
			}
		}
	}
	return b.String()
}

func targets(b *strings.Builder, r *site.Record, v *content.Value, outer string) {
	v.Each(func(v *content.Value) {
		if v.Field.Type == content.RefType {
			to := "“" + r.Display(v) + "”"
			if x := r.Target(v); x != nil {
				to = name(x)
			}
			fmt.Fprintf(b, "%s %s%s → %s\n", name(r), outer, v.Field.Key, to)
		}
		for i := range v.Parts {
			targets(b, r, &v.Parts[i], v.Field.Key+".")
		}
	})
}
