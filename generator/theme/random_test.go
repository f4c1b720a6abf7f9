package theme

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"
)

// node is what random templates are executed with: it has every kind of value that the data of pages have, and itself.
type node struct {
	Text  string
	Count int
	On    bool
	Up    *node
	None  *node
	Many  []node
	Words []string
	Map   map[string]int
	Any   any
}

func (n *node) Method(s string) string { return s + n.Text }

// author writes templates at random.
type author struct{ *rand.Rand }

const variables = "{{$v0 := .}}{{$v1 := 1}}{{$v2 := `甲`}}"

func (a *author) one(of ...string) string { return of[a.IntN(len(of))] }

func (a *author) value(deep int) string {
	if deep <= 0 {
		return a.one(".", "$", ".Text", "$.Text", ".Count", ".On", ".None", ".Up", ".Many", ".Words", ".Map", ".Any", ".Missing", "1", "-1", "9223372036854775807", "1e9", "0x1p-2", "true", `"甲"`, `"\\"`, "`<`", "'x'", "$v"+strconv.Itoa(a.IntN(3)), ".Up.Up.Text", ".None.Text", `"%[1]s%[1]s"`, `"%99999d"`)
	}
	v := func() string { return a.value(deep - 1 - a.IntN(2)) }
	switch a.IntN(8) {
	case 0:
		return "(" + a.one("print", "println", "js", "html", "urlquery", "len", "not", "and", "or", "eq", "lt", "index", "slice", "call", "printf", ".Method", "$.Method") + " " + v() + " " + v() + ")"
	case 1:
		return "(" + a.one("print", "js", "html", "len", "not", "printf", ".Up.Method", "urlquery") + " " + v() + ")"
	case 2:
		return "(" + v() + " | " + a.one("print", "js", "html", "len", "not", "printf \"%q\"", "urlquery") + ")"
	case 3:
		return "(printf " + v() + " " + v() + " " + v() + ")"
	case 4:
		return "(" + v() + ")" + a.one(".Text", ".Many", ".Up", ".Missing")
	}
	return v()
}

func (a *author) text() string {
	if a.IntN(12) > 0 { // most of what is unfinished is refused before it is executed
		return a.one("甲", "\n", "<p>乙</p>", strings.Repeat("文", 2000), "}}", "'")
	}
	return a.one("甲", "\n", "<p>", "</p>", "<a href=\"", "\">", "<script>", "</script>", "<style>", "<!--", "-->", " title=", "&amp;", strings.Repeat("文", 2000), "{", "}}", "javascript:", "'")
}

func (a *author) list(deep int) string {
	var b strings.Builder
	for range 1 + a.IntN(4) {
		b.WriteString(a.node(deep))
	}
	return b.String()
}

func (a *author) node(deep int) string {
	v := a.value(a.IntN(3))
	if deep <= 0 {
		return a.one(a.text(), "{{"+v+"}}", "{{- "+v+" -}}", "{{/* "+a.text()+" */}}")
	}
	inner := func() string { return a.list(deep - 1 - a.IntN(2)) }
	x := "$v" + strconv.Itoa(a.IntN(3))
	switch a.IntN(60) % 13 { // the last is seldom
	case 0:
		return "{{if " + v + "}}" + inner() + "{{else}}" + inner() + "{{end}}"
	case 1:
		return "{{with " + v + "}}" + inner() + "{{else}}" + inner() + "{{end}}"
	case 2:
		return "{{range " + v + "}}" + inner() + a.one("", "{{break}}", "{{continue}}") + "{{else}}" + inner() + "{{end}}"
	case 3:
		return "{{range $k, " + x + " := " + v + "}}" + inner() + "{{" + x + "}}{{end}}"
	case 4:
		return "{{range 2000000000}}" + inner() + "{{end}}"
	case 5:
		return "{{template \"" + a.one("main", "one", "two", "footer", "nothing", "base") + "\" " + a.one("", ".", "$", v) + "}}"
	case 6:
		return "{{" + x + " := " + v + "}}"
	case 7:
		return "{{range 40}}{{" + x + " = " + a.one("print", "js", "printf \"%s%s\"", "html") + " " + x + " " + x + "}}{{end}}"
	case 12:
		if a.IntN(4) > 0 {
			return a.text()
		}
		return a.one("{{if", "{{end}}", "{{", "{{else}}", "{{define \"one\"}}", "{{block \"b\" .}}"+inner()+"{{end}}", "{{"+strings.Repeat("(", 200), "\x00", "\xff")
	}
	return a.text() + inner()
}

// TestRandomTemplates: whatever a template is, it is refused at a place that it has, or its page is made, or an error says where
// in which template, and the next page is made as ever. GONGZHI_RUNS says how many.
func TestRandomTemplates(t *testing.T) {
	runs := 60
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = n
	}
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("GONGZHI_SEED=%d, the first of %d", seed, runs)
	defer func(n int) { maxTurns = n }(maxTurns)
	maxTurns = 5000
	up := &node{Text: "上<&\"", Count: 3, On: true}
	up.Up = up
	page := &node{Text: "张测试", Count: 7, Up: up, Many: []node{*up, *up, {}}, Words: []string{"一", "", "<b>"}, Map: map[string]int{"甲": 1}, Any: up}
	made, refused, failed := 0, 0, 0
	for run := range runs {
		a := &author{rand.New(rand.NewPCG(seed+uint64(run), 0))}
		files := fstest.MapFS{"templates/record.html": {Data: []byte("{{define \"main\"}}" + variables + a.list(4) + "{{end}}\n{{define \"one\"}}\n" + variables + a.list(2) + "{{end}}")}}
		if a.IntN(4) == 0 {
			files["templates/parts.html"] = &fstest.MapFile{Data: []byte("{{define \"part\"}}{{.}}{{end}}{{define \"two\"}}" + variables + a.list(3) + "{{end}}")}
		}
		src := string(files["templates/record.html"].Data)
		in := func(path string, line, col int) error {
			var text string
			if f, own := files[strings.TrimPrefix(path, "themes/测试/")]; own {
				text = string(f.Data)
			} else if f := small()[strings.TrimPrefix(path, "themes/default/")]; f != nil {
				text = string(f.Data)
			} else {
				return fmt.Errorf("there is no template %s", path)
			}
			lines := strings.Split(text, "\n")
			if line < 1 || line > len(lines) || col < 1 || col > 1+utf8.RuneCountInString(lines[line-1]) {
				return fmt.Errorf("%s has no %d:%d", path, line, col)
			}
			return nil
		}
		th, diags := Load(small(), files, "测试", Language{})
		if len(diags) > 0 {
			refused++
			for _, m := range diags {
				if err := in(m.Pos.Path, m.Pos.Line, m.Pos.Col); err != nil || m.Text == "" {
					t.Errorf("GONGZHI_SEED=%d: %v: %v\n%s", seed+uint64(run), m, err, src)
				}
			}
			continue
		}
		var b bytes.Buffer
		err := th.Execute(&b, "record", "base", page, "content/a.md")
		switch fault, ok := err.(*Fault); {
		case err != nil && !ok:
			t.Errorf("GONGZHI_SEED=%d: %v\n%s", seed+uint64(run), err, src)
		case ok:
			failed++
			m := fault.Message
			if err := in(m.Pos.Path, m.Pos.Line, m.Pos.Col); err != nil || !strings.Contains(m.Text, "content/a.md") || strings.Contains(m.Text, tick) {
				t.Errorf("GONGZHI_SEED=%d: %v: %v\n%s", seed+uint64(run), m, err, src)
			}
		default:
			made++
		}
		if b.Len() > maxBytes+1<<20 {
			t.Errorf("GONGZHI_SEED=%d: a page of %d bytes\n%s", seed+uint64(run), b.Len(), src)
		}
		if got := execute(t, th, "list", data{"甲"}); got != "<p>list 甲</p>尾" {
			t.Errorf("GONGZHI_SEED=%d: the next page is %q\n%s", seed+uint64(run), got, src)
		}
	}
	t.Logf("%d made, %d refused, %d failed", made, refused, failed)
}
