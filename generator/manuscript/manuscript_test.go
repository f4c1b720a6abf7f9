package manuscript

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/tools/txtar"

	"gongzhi/generator/diag"
	"gongzhi/generator/docx"
	"gongzhi/generator/markdown"
)

// runs is how many made-up cases a property looks at.
func runs(few int) int {
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil && n > 0 {
		return n
	}
	return few
}

// fixtures gives the Word files of the docx package.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	names, _ := filepath.Glob("../docx/testdata/*.*")
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".txtar" {
			var buf bytes.Buffer
			z := zip.NewWriter(&buf)
			for _, f := range txtar.Parse(b).Files {
				w, _ := z.Create(f.Name)
				if strings.HasSuffix(f.Name, ".png") {
					f.Data = []byte("\x89PNG\r\n\x1a\n\n")
				}
				w.Write(bytes.TrimSuffix(f.Data, []byte("\n")))
			}
			z.Close()
			b = buf.Bytes()
		}
		out[strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))] = b
	}
	if len(out) < 40 {
		t.Fatalf("only %d fixtures", len(out))
	}
	return out
}

func read(t testing.TB, name string, file []byte) *docx.Document {
	t.Helper()
	d, err := docx.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

// report shows a conversion: the body, then what is said.
func report(d *docx.Document, text Text) string {
	var b strings.Builder
	b.WriteString(text.Body)
	b.WriteString("====\n")
	for _, m := range text.Messages {
		fmt.Fprintf(&b, "%d %s\n", m.At, m.Text)
	}
	for _, l := range d.Left {
		fmt.Fprintf(&b, "%d %s：%s\n", l.At, l.Why, strings.ReplaceAll(l.Text, "\n", "⏎"))
	}
	for _, r := range d.Remarks {
		fmt.Fprintf(&b, "%d %s\n", r.At, r.Text)
	}
	return b.String()
}

// TestGolden: what each fixture becomes. -update writes the files anew.
func TestGolden(t *testing.T) {
	for name, file := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			d := read(t, name, file)
			text := Markdown(d, d.Blocks, nil)
			got := report(d, text)
			golden := filepath.Join("testdata", name+".txt")
			if os.Getenv("GONGZHI_UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			body, messages := markdown.Convert(name+".md", []byte(text.Body), 1)
			for _, m := range messages {
				if m.Severity == diag.Error {
					t.Errorf("the Markdown has an error: %v", m)
				}
			}
			conserved(t, d, &body, text)
		})
	}
}

// TestPasted: what HTML from Word, WPS, a WeChat article and a page becomes.
func TestPasted(t *testing.T) {
	names, _ := filepath.Glob("testdata/paste/*.html")
	if len(names) < 4 {
		t.Fatal(names)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := FromHTML(string(b))
		if err != nil {
			t.Fatal(err)
		}
		text := Markdown(d, d.Blocks, nil)
		got := report(d, text)
		golden := strings.TrimSuffix(name, ".html") + ".txt"
		if os.Getenv("GONGZHI_UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		body, _ := markdown.Convert("x.md", []byte(text.Body), 1)
		conserved(t, d, &body, text)
	}
}

// FuzzHTML: whatever is pasted, it is read, and the page says what was read.
func FuzzHTML(f *testing.F) {
	names, _ := filepath.Glob("testdata/paste/*.html")
	for _, name := range names {
		b, _ := os.ReadFile(name)
		f.Add(string(b))
	}
	f.Add("<ul><li><ul><ol><li>x</ul><table><tr><td rowspan=9><td colspan=9><tr><td>y</table><pre>a<br>b</pre><ruby>c<rt>d</ruby>")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<16 {
			return
		}
		d, err := FromHTML(src)
		if err != nil {
			return
		}
		text := Markdown(d, d.Blocks, nil)
		markdown.Convert("x.md", []byte(text.Body), 1)
	})
}

// TestPageBombs: a page that is no article is refused, with what to do, before its tree is made; one that is deep and can
// be read loses no text.
func TestPageBombs(t *testing.T) {
	many := strings.Repeat
	distinct := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, src := range map[string]string{
		"deep":                 "<p>头</p>" + many("<div>", 600) + "深" + many("</div>", 600),
		"tags":                 many("<br>", 1<<19),
		"ends":                 many("</p>", 1<<19),
		"opened again":         "<p>" + distinct("<b id=%d>", 400) + many("<p>字", 1<<19),
		"in a cell":            "<table><td>" + distinct("<b id=%d></b", 10) + distinct("<b id=%d>", 400) + many("<p>字", 1<<19),
		"ended out of reach":   distinct("<div><b id=%d><table></b></table></div>", 400) + many("<p>字", 1<<19),
		"ended beyond blocks":  distinct("<b id=%d>"+many("<div>", 20)+"</b>"+many("</div>", 20), 400) + many("<p>字", 1<<19),
		"attributes":           "<p" + distinct(" a%d", 1<<19) + ">" + many("<p a>字", 1<<18),
		"attributes of a body": distinct("<body a%d>字", 1<<17),
		"links left open":      distinct("<a><b id=%d>", 1<<18),
	} {
		if _, err := FromHTML(src); err == nil {
			t.Errorf("%s: read", name)
		} else if !strings.Contains(err.Error(), "Word") {
			t.Errorf("%s: %v does not say what to do", name, err)
		}
	}
	deep := many("<div>", 320)
	for name, src := range map[string]string{
		"text": deep + "深处", "code": deep[:290*5] + "<pre>" + many("<span>", 30) + "深处</pre>", "ruby": "<ruby>" + many("<span>", 320) + "深处<rt>x</ruby>",
		"sloppy": many("<p><font color=red>字<b>字", 5000) + "深处",
	} {
		d, err := FromHTML("<p>头</p>" + src)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if text := Markdown(d, d.Blocks, nil); !strings.Contains(text.Body, "深处") {
			t.Errorf("%s: lost, %.200s", name, text.Body)
		}
	}
}

// count counts characters but for white space, each in its plainest form.
func count(into map[rune]int, s string, by int) {
	for _, r := range norm.NFKC.String(clean(s)) {
		if !unicode.IsSpace(r) {
			into[r] += by
		}
	}
}

// conserved fails unless the words of a document stand in its record or in what is said of it.
func conserved(t testing.TB, d *docx.Document, body *markdown.Body, text Text) {
	t.Helper()
	have := map[rune]int{}
	count(have, string(markdown.Text(body.HTML)), 1)
	need := map[rune]int{}
	visit := func(p *docx.Paragraph) {
		for _, s := range p.Spans {
			if s.Kind == docx.Text || s.Kind == docx.Ruby {
				count(need, s.Text+s.Reading, 1)
			}
		}
	}
	docx.Walk(d.Blocks, visit)
	for _, n := range d.Notes {
		docx.Walk(n.Blocks, visit)
	}
	for r, n := range need {
		if have[r] < n {
			t.Errorf("%q stands %d times in the manuscript and %d times on the page", r, n, have[r])
		}
	}
	for _, m := range text.Messages {
		if strings.Contains(m.Text, "不完全一样") {
			t.Errorf("%d %s", m.At, m.Text)
		}
	}
}

// words are made to be misread.
var words = []string{"测试厂", "竞赛", "　", " ", "*", "**", "_", "__", "`", "[", "]", "(", ")", "![", "](x)", "<b>", "</b>", "<!--", "-->", "&amp;", "&#65;", "~~", "~", "|", "\\", "#", "# ", "- ", "+ ", "> ", "1. ", "1) ", "1958. ",
	"---", "===", "```", "~~~", ": ", ":::", "[^1]", "[[", "]]", "http://a.cn/x_y*z", "https://", "www.a.cn", "a@b.cn", "%%", "==", "$$", "{#id}", "{.c}", "{{x}}", "{% x %}", "[TOC]", "[x] ", "\"", "'", "“", "”", "。", "，", "（一）", "一、",
	"1、", "①", "3*4", "30厘米*20厘米", "a_b_c", "!", "=", "^", "　　", "|---|", "a|b", "2026年", "第一条 ", "x\u00a0y", "★", "・", "é", "𠮷", "\u200b", "1959. 10. 26", "Ａ", "．", "<https://a.cn>", "\t", ".", "12"}

func phrase(rng *rand.Rand) string {
	var b strings.Builder
	for range 1 + rng.IntN(5) {
		b.WriteString(words[rng.IntN(len(words))])
	}
	return b.String()
}

func madeSpans(rng *rand.Rand, d *docx.Document, plain bool) []docx.Span {
	var spans []docx.Span
	for range 1 + rng.IntN(4) {
		s := docx.Span{Text: phrase(rng)}
		if !plain {
			for _, m := range []docx.Marks{docx.Bold, docx.Dots, docx.Strike, docx.Italic, docx.Underline} {
				if rng.IntN(6) == 0 {
					s.Marks |= m
				}
			}
			switch rng.IntN(14) {
			case 0:
				s.Link = "https://www.example.cn/a?b=" + strconv.Itoa(rng.IntN(3))
			case 1:
				s = docx.Span{Kind: docx.Break}
			case 2:
				s = docx.Span{Kind: docx.Ruby, Text: "测", Reading: "cè"}
			case 3:
				if len(d.Notes) > 0 {
					s = docx.Span{Kind: docx.NoteMark, Index: rng.IntN(len(d.Notes))}
				}
			}
		}
		spans = append(spans, s)
	}
	return spans
}

func madeDocument(rng *rand.Rand) *docx.Document {
	d := &docx.Document{}
	at := 0
	para := func() *docx.Paragraph {
		at++
		return &docx.Paragraph{At: at, Spans: madeSpans(rng, d, false)}
	}
	for range rng.IntN(3) {
		p := para()
		d.Notes = append(d.Notes, docx.Note{Blocks: []docx.Block{p}})
	}
	list := 0
	for range 1 + rng.IntN(6) {
		p := para()
		switch rng.IntN(8) {
		case 0:
			p.Role, p.Level = docx.Heading, 1+rng.IntN(3)
		case 1:
			list++
			depth := 0
			for k := range 1 + rng.IntN(5) {
				if k > 0 {
					p = para()
				}
				p.Item = &docx.Item{List: list, Depth: depth, Bullet: list%2 == 0, Number: strconv.Itoa(k+1) + ".", Value: k + 1, Plain: true}
				d.Blocks = append(d.Blocks, p)
				depth = rng.IntN(depth + 2)
			}
			continue
		case 2:
			t := &docx.Table{At: at, Columns: 2 + rng.IntN(3)}
			for range 1 + rng.IntN(3) {
				row := docx.Row{}
				for range t.Columns {
					row.Cells = append(row.Cells, docx.Cell{Blocks: []docx.Block{para()}})
				}
				t.Rows = append(t.Rows, row)
			}
			d.Blocks = append(d.Blocks, t)
			continue
		case 3:
			p.Role = docx.Quote
		case 5:
			code := func() string { return strings.NewReplacer("~~~", "~", "%%", "%").Replace(phrase(rng)) } // %% hides text in code that holds fences
			p.Role, p.Spans = docx.Preformatted, []docx.Span{{Text: code() + "x"}, {Kind: docx.Break}, {Text: "  " + code() + "y"}}
		case 4:
			p.Item = &docx.Item{List: 99, Number: "（一）", Value: 1}
		}
		d.Blocks = append(d.Blocks, p)
	}
	return d
}

// TestWordsAreTheSame: whatever stands in a document, the page that the Markdown makes says the same words in order.
func TestWordsAreTheSame(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 13))
	given, n := 0, runs(150)
	for i := range n {
		d := madeDocument(rng)
		text := Markdown(d, d.Blocks, nil)
		body, messages := markdown.Convert("x.md", []byte(text.Body), 1)
		for _, m := range messages {
			if m.Severity == diag.Error {
				t.Errorf("seed %d, run %d: %v\n%s", seed, i, m, text.Body)
			}
		}
		w := &writer{doc: d, notes: map[int]int{}, pictures: map[int]bool{}, dry: true}
		tidied := w.tidy(d.Blocks)
		back := fromBody(&body)
		for k := range back.Notes {
			back.Notes[k].Blocks = nil
		}
		if a, b := plainShape(shapeOf(d, tidied, nil)), plainShape(shapeOf(back, back.Blocks, nil)); flat(a) != flat(b) {
			t.Fatalf("seed %d, run %d:\nmeant %s\nsays  %s\nMarkdown\n%s", seed, i, a, b, text.Body)
		}
		for _, m := range text.Messages {
			if strings.Contains(m.Text, "不完全一样") {
				t.Fatalf("seed %d, run %d: %s\n%s", seed, i, m.Text, text.Body)
			}
			if strings.Contains(m.Text, "没有办法照样") {
				given++
			}
		}
	}
	if given > n {
		t.Errorf("emphasis was given up %d times in %d texts", given, n)
	}
	t.Logf("emphasis given up %d times in %d texts", given, n)
}

// flat leaves out what depends on where lists begin and end.
func flat(s string) string {
	return strings.NewReplacer("quoted ", "", "quote(", "", ")", "", "(", "", " ", "", "\u00a0", "", "　", "").Replace(s)
}

// TestSeventeen: a small file shaped as WPS writes it has 17 pieces of text, of which converters lose three or four
// without a word: those in boxes and the reading of a character. Each stands here once, on the page or in what is said.
func TestSeventeen(t *testing.T) {
	pieces := []string{"一、正文标题", "第二段", "框前", "框内甲", "框后", "旧框内", "测", "cè", "后", "格一", "格二", "有注", "插入", "链接", "控件", "域果", "注文"}
	d := read(t, "wps-seventeen", fixtures(t)["wps-seventeen"])
	text := Markdown(d, d.Blocks, nil)
	body, _ := markdown.Convert("x.md", []byte(text.Body), 1)
	page := string(markdown.Text(body.HTML))
	var said strings.Builder
	for _, l := range d.Left {
		said.WriteString(l.Text + "\n")
	}
	kept := 0
	rest := map[rune]int{} // what is on the page but for the pieces
	count(rest, page, 1)
	for _, p := range pieces {
		switch {
		case strings.Contains(page, p):
			count(rest, p, -1)
			kept++
		case strings.Contains(said.String(), p):
			kept++
		default:
			t.Errorf("%q is lost", p)
		}
	}
	if kept != 17 || len(pieces) != 17 {
		t.Errorf("%d of 17 pieces kept", kept)
	}
	for r, n := range rest {
		if unicode.Is(unicode.Han, r) && n != 0 {
			t.Errorf("%q stands %d times more on the page than in the file\n%s", r, n, page)
		}
	}
}

// TestSourceAndDate: a line below the title that is an office and a day, without labels, is source and date; a line
// that only ends with a day stays what it is.
func TestSourceAndDate(t *testing.T) {
	for _, x := range []struct{ line, source, date, subtitle string }{
		{"测试报 2026年5月1日", "测试报", "2026-05-01", ""},
		{"2026年5月1日　测试厂工会", "测试厂工会", "2026-05-01", ""},
		{"测试厂宣传部 | 2026-05-01", "测试厂宣传部", "2026-05-01", ""},
		{"一车间竞赛侧记 2026年5月1日", "", "2026-05-01", "一车间竞赛侧记 2026年5月1日"},
		{"——走进测试厂 2026年5月1日", "", "2026-05-01", "走进测试厂 2026年5月1日"},
		{"测试厂的2026年", "", "", "测试厂的2026年"},
	} {
		d := &docx.Document{Blocks: []docx.Block{
			&docx.Paragraph{At: 1, Align: docx.Center, Bold: true, Spans: []docx.Span{{Text: "测试厂开展竞赛"}}},
			&docx.Paragraph{At: 2, Align: docx.Center, Spans: []docx.Span{{Text: x.line}}},
			&docx.Paragraph{At: 3, Spans: []docx.Span{{Text: "测试厂开展竞赛，一百二十名职工参加。"}}},
		}}
		p := Propose(d, "x.docx")
		if p.Title.Text != "测试厂开展竞赛" || p.Source.Text != x.source || p.Date.Text != x.date || p.Subtitle.Text != x.subtitle || len(p.Body) != 1 {
			t.Errorf("%s: source %q, date %q, subtitle %q, %d blocks", x.line, p.Source.Text, p.Date.Text, p.Subtitle.Text, len(p.Body))
		}
	}
}
