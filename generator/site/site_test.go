package site_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math/rand/v2"
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
	"gongzhi/generator/page"
	"gongzhi/generator/site"
)

var update = flag.Bool("update", false, "rewrite the sections named site in testdata")

// TestJoin joins each archive of testdata. The section want lists every message, as path:line:col: words; the
// section site is what comes out, those parts of it that a line of the archive's comment names after "show:".
// A line "clock: TIME" sets the clock, "hidden" keeps what is not to be published, and "image: PATH" makes an image.
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
					opt.Unpublished = true
				case "clock":
					if opt.Now, err = time.Parse(time.RFC3339, strings.TrimSpace(value)); err != nil {
						t.Fatal(err)
					}
				}
			}
			source := fstest.MapFS{}
			for line := range strings.Lines(string(a.Comment)) {
				if word := strings.Fields(line); len(word) == 2 && word[0] == "image:" {
					var b bytes.Buffer
					if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 7, 5))); err != nil {
						t.Fatal(err)
					}
					source[word[1]] = &fstest.MapFile{Data: b.Bytes()}
				}
			}
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
	set, err := content.Load(source, content.Options{Zone: settings.Zone, Reserved: page.Reserved()})
	if err != nil {
		t.Fatal(err)
	}
	opt.Reserved, opt.Pages = page.Reserved(), page.Paths
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
					bodies := []*content.Value{{Rare: &content.Rare{Body: r.Body}}}
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
						b.WriteString(" " + c.Display(c.Value(c.Schema.Roll.Who)))
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
			for _, v := range page.Views {
				if v.Nav {
					fmt.Fprintf(&b, "%s %v\n", v.Name, v.Has(s))
				}
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

// TestNormalization: a name typed on a Mac (decomposed) and one typed elsewhere are the same.
func TestNormalization(t *testing.T) {
	const good = "---\ntitle: 甲\ndate: 2018\n---\n"
	source := fstest.MapFS{
		"content/reports/e\u0301.md": {Data: []byte(good)},
		"content/reports/\u00e9.md":  {Data: []byte(good)},
		"content/reports/a.md":       {Data: []byte(good + "[[reports/e\u0301]] [一](\u00e9.md) [二](e%CC%81.md)\n")},
	}
	s := join(t, source, site.Options{})
	compare(t, s.Diags, "content/reports/\u00e9.md:1:1: 错误: 的记录重复")
	for i, to := range s.At("/reports/a/").Links(s.At("/reports/a/").Body) {
		if to.URL != "/reports/%C3%A9/" {
			t.Errorf("link %d leads to %q", i, to.URL)
		}
	}
}

func TestSlug(t *testing.T) {
	long := strings.Repeat("长", 100)
	seen := map[string]string{}
	for _, term := range []string{"江西", "a b", "甲/乙", "C#", "90%", "..", "", "。", "con", "NUL", "com5", "lpt9.x", "COM¹", "CONIN$", "aux.tar.gz", "index.html", "page", "c\u3000d", "乙\u00a0丙", long + "一", long + "二", "-", "--", "\u2028", ".hidden", "x.", "<script>", "'"} {
		slug := site.Slug(term)
		if bad := content.CheckID(slug); bad != "" || strings.Contains(slug, "/") || strings.EqualFold(slug, "index.html") {
			t.Errorf("%q becomes %q: %s", term, slug, bad)
		}
		if other, ok := seen[slug]; ok {
			t.Errorf("%q and %q both become %q", other, term, slug)
		}
		seen[slug] = term
	}
	for term, want := range map[string]string{"江西": "江西", "a b": "a-b", "甲/乙": "甲-乙", "2018": "2018"} {
		if got := site.Slug(term); got != want {
			t.Errorf("%q becomes %q, want %q", term, got, want)
		}
	}
}

// TestTermSlug: what a link to a term says without gathering the terms is what they are called once they are, whichever of
// them stands first.
func TestTermSlug(t *testing.T) {
	terms := []string{"甲", "甲/乙", "甲-乙", "甲#", "C", "C#", "c", "Ⅷ", "ⅷ", "ß", "ẞ", "K", "\u212a", "İ", "i", "Σ", "ς", "page", "1958年", "①", "Ⓐ", "ⓐ"}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 30 {
		source := fstest.MapFS{}
		random.Shuffle(len(terms), func(i, k int) { terms[i], terms[k] = terms[k], terms[i] })
		for i, term := range terms[:1+random.IntN(len(terms))] {
			source[fmt.Sprintf("content/reports/r%02d.md", i)] = &fstest.MapFile{Data: []byte("---\ntitle: 甲测\ndate: 2018\ntags: ['" + term + "']\n---\n")}
		}
		s := join(t, source, site.Options{})
		for _, b := range s.Browse() {
			for _, x := range b.Terms {
				for _, writing := range append(x.Also, site.TermWriting{Text: x.Text}) {
					if got := s.TermSlug(b.Key, writing.Text); got != x.Slug {
						t.Errorf("%s/%s is linked as %q and stands at %q", b.Key, writing.Text, got, x.Slug)
					}
				}
			}
		}
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"", ""},
		{"# nothing\n", ""},
		{"title: 甲\nbaseURL: https://example.org/a\npageSize: 5\ncontact: [电话, 地址]\n", ""},
		{"titel: 甲\n", "site.yaml:1:1: 错误: 是不是“title”？"},
		{"title：甲\n", "site.yaml:1:6: 错误: 全角冒号"},
		{"- 甲\n", "site.yaml:1:1: 错误: 一行一项"},
		{"甲\n", "site.yaml:1:1: 错误: 一行一项"},
		{"title: [甲]\n", "site.yaml:1:8: 错误: 应当是一个值"},
		{"baseURL: example.org\n", "site.yaml:1:10: 错误: 要写完整的网址"},
		{"baseURL: https://example.org/?a\n", "site.yaml:1:10: 错误: 要写完整的网址"},
		{"baseURL: [https://example.org/]\n", "site.yaml:1:10: 错误: 应当是一个值"},
		{"timezone: Asia/Peking\n", "site.yaml:1:11: 错误: 没有“Asia/Peking”这个时区"},
		{"timezone: Local\n", "site.yaml:1:11: 错误: 没有“Local”这个时区"},
		{"pageSize: 0\nfeedSize: 多\n", "site.yaml:1:11: 错误: 要写 1 到 1000 的整数\nsite.yaml:2:11: 错误: 要写 1 到 1000 的整数"},
		{"theme: ../x\n", "site.yaml:1:8: 错误: 文件夹名"},
		{"contact: {a: 1}\n", "site.yaml:1:10: 错误: 应当是列表"},
		{"contact: [[a]]\n", "site.yaml:1:11: 错误: 应当是一个值"},
		{"policeURL: javascript:1\n", "site.yaml:1:12: 错误: http"},
		{"accent: \"#1f4e79\"\nlogo: static/a.svg\nbanner: 一句话\nnav: [people, {to: 大事记, text: 大事}, {url: 'https://a.example/', text: 外}]\nlinks: [{text: 甲, url: 'https://a.example/'}]\nfooter: [一, 二]\nlead: people/z\n", ""},
		{"accent: \"#e8a0a0\"\n", "site.yaml:1:9: 错误: 对比度是 1.94"},
		{"accent: 红\n", "site.yaml:1:9: 错误: 六位十六进制"},
		{"logo: ../secret.png\n", "site.yaml:1:7: 错误: static 文件夹"},
		{"nav: people\n", "site.yaml:1:6: 错误: nav 应当是列表"},
		{"nav:\n  - {url: 'javascript:1', text: 甲}\n  - {url: 'https://a.example/'}\n  - {too: x}\n", "site.yaml:2:5: 错误: http\nsite.yaml:3:5: 错误: 也要写 text\nsite.yaml:4:6: 错误: 没有“too”\nsite.yaml:4:5: 错误: 没有写通到哪里"},
		{"links: [{text: 甲, url: /x}, 乙]\n", "site.yaml:1:9: 错误: http\nsite.yaml:1:29: 错误: links 的一项"},
		{"banner: {url: 'https://a.example/'}\n", "site.yaml:1:9: 错误: banner 要写 text"},
		{"title: 甲\ntitle: 乙\n", "site.yaml:2:1: 错误: 写了两次"},
		{"\xff\xfet", "site.yaml:1:1: 错误: UTF-16"},
		{"\xff\xfe#\x00", "site.yaml:1:1: 警告: 文件是 UTF-16 编码"},
	} {
		s, diags := site.ReadSettings([]byte(c.src))
		compare(t, diags, c.want)
		if s.Title == "" || s.Zone == nil || s.PageSize < 1 || s.FeedSize < 1 || !strings.HasSuffix(s.BaseURL, "/") || !strings.HasSuffix(s.Base, "/") {
			t.Errorf("%q: not usable: %+v", c.src, s)
		}
	}
	s, _ := site.ReadSettings([]byte("baseURL: https://example.org/\u53f2/a b\n"))
	if s.Base != "/%E5%8F%B2/a%20b/" {
		t.Errorf("base path %q", s.Base)
	}
}

// TestSettingsDocumented: docs/settings.md has the table of all settings as it is.
func TestSettingsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	want := site.DescribeSettings()
	if *update {
		table := regexp.MustCompile(`(?m)^\| 项 \|(.*\n\|)*.*\n`)
		if err := os.WriteFile("../../docs/settings.md", table.ReplaceAllLiteral(doc, []byte(want)), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !strings.Contains(string(doc), want) {
		t.Errorf("docs/settings.md should have the table (go test -run Settings -update writes it)\n%s", want)
	}
}
