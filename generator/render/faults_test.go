package render_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi"
	"gongzhi/generator/build"
	"gongzhi/generator/diag"
	"gongzhi/generator/render"
	"gongzhi/generator/spool"
)

// A row's text that can't be read back is an error of its list, and of the index: neither is made without it.
func TestLostText(t *testing.T) {
	long := strings.Repeat(strings.Repeat("甲", 5000)+"\n\n", 40) // three are more than a block of the spool: the first one goes to the file
	table := "id,topic,indicator,value,date,body\n"
	for i := range 3 {
		table += fmt.Sprintf("s%d,测试,测试指标%d,1人,1958,\"%s\"\n", i, i, long)
	}
	texts := spool.New(0)
	g := generate(t, fstest.MapFS{"site.yaml": {Data: []byte("title: 测试\n")}, "content/statistics/a.csv": {Data: []byte(table)}}, render.Options{Spool: texts})
	const list = "statistics/index.html"
	if b, err := g.File(nil, list); err != nil || len(b) < len(long) {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if err := texts.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := g.File(nil, list); err == nil {
		t.Errorf("a list of %d bytes is made although texts are lost", len(b))
	}
	if err := g.Write(sink{put: func(path string, _ []byte) { t.Errorf("%s is written", path) }}); err == nil {
		t.Error("an index is made although texts are lost")
	}
}

// What a sink refuses because of another error is no error of its own.
func TestWriteStops(t *testing.T) {
	g := generate(t, archive(t, oneReport), render.Options{})
	broken := errors.New("the disk is full")
	if err := g.Write(stopped{broken}); !errors.Is(err, broken) || strings.Contains(err.Error(), "nothing will be") {
		t.Error(err)
	}
}

// A family of emoji stays one in a title, a field and a text; beside Chinese the same joiner is taken out of names.
func TestJoinersStay(t *testing.T) {
	const family = "👨‍👩‍👧"
	g := generate(t, archive(t, "-- content/reports/a.md --\n---\ntitle: 测试"+family+"甲\ndate: 2018\nsource: 测试\u200d报\nsummary: "+family+"\n---\n正文"+family+"。\n"), render.Options{})
	b, err := g.File(nil, "reports/a/index.html")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	if !strings.Contains(page, "<title>测试"+family+"甲") || !strings.Contains(page, "正文"+family) || strings.Count(page, family) < 4 {
		t.Errorf("the family has fallen apart: %s", page)
	}
	if strings.Contains(page, "测试\u200d报") || !strings.Contains(page, "测试报") {
		t.Error("a name with a joiner in it is another name")
	}
}

// What the check lets pass as an old URL the disk can hold, and what not is said with its place.
func TestHostileAliases(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 9))
	aliases := []string{
		"/.git/x", "/.GIT/config", "/.gongzhi-manifest", "/.gongzhi-manifest/x", "/a/.gongzhi-x", "/" + strings.Repeat("长", 100), "/" + strings.Repeat("x", 300) + "/b.html", "/a/" + strings.Repeat("b", 241),
		"/con", "/a/nul.html", "/a./b", "/a /b", "/ a", "/a\u200bb", "/a\tb", "/.", "/./a", "/a//b", "/a/b/", "/old/%E5%8A%B3.html", "/a&b", "/it's", "/x/index.html", "/x.html/index.html", "/search/a", "/_preview", "/page",
		"/" + strings.Repeat("深/", 60), "/wp/b.php", "/a.htm", "/A/B", "/a.b.c/d",
	}
	signs := []rune("ab./-_ 工~!@$^()[]{}+=,;%&'😀\u200d\u00ad\u202e\u0301\u007f\ufeff.")
	for range 40 {
		s := "/"
		for range 1 + random.IntN(12) {
			s += string(signs[random.IntN(len(signs))])
		}
		aliases = append(aliases, s)
	}
	accepted := fstest.MapFS{"site.yaml": {Data: []byte("title: 测试\n")}}
	refused := 0
	for i, a := range aliases {
		name := fmt.Sprintf("content/reports/r%d.md", i)
		one := &fstest.MapFile{Data: fmt.Appendf(nil, "---\ntitle: 测试%d\ndate: 2018\naliases:\n  - %q\n---\n", i, a)}
		accepted[name] = one
		g, err := render.New(render.Options{Source: accepted, Theme: gongzhi.DefaultTheme(), Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		if g.Diags.Errors() == 0 {
			continue
		}
		delete(accepted, name)
		refused++
		for _, m := range g.Diags {
			if m.Severity == diag.Error && (m.Pos.Path != name || m.Pos.Line != 5 && m.Pos.Line != 1) {
				t.Errorf("%q: %s", a, m)
			}
		}
	}
	t.Logf("%d of %d refused", refused, len(aliases))
	g := generate(t, accepted, render.Options{})
	if _, err := build.Write(t.Context(), build.Options{Output: filepath.Join(t.TempDir(), "public")}, func(w *build.Writer) error { return g.Write(w) }); err != nil {
		t.Error(err)
	}
}
