package markdown

import (
	"fmt"
	"strings"
	"testing"
)

func rep(s string, n int) string { return strings.Repeat(s, n) }

// units are repeated to make texts that cost some parsers of Markdown the square of their length.
var units = []string{
	"> ", "- ", "* ", "1. ", "[](", "[a](<b", "[", "![", "]", "*", "_", "**a ", "*a_ ", "*a **b ", "a**b", "`", "<", "<a ",
	"<!--", "[[", "[[a]", "[a][", "[a]", "[^", "[^1]", "~~", "~~a ", "&", "&amp", "&#", "\\", "(", "http://a", "http://a)",
	":", "|", "|a", "#", "# a", "    ", "\t", "- a", "+ ", "a\n: b", ": a", "=", "-", "---", "```", "~~~", "a](", "[a](b)",
	"[a](b", "![a](b)", "*a*", "***a*b**", "[a]: b", "<br>", "<b>", "　", "中*文", "**中。**", "\"", "[a](\"", "[a](b \"",
	"[a](b '", "-\t", ">\t", "1)", "a|b", "a\n---", "[x](((((", "<a@b", "<http:", "!", "![[", "[[a|", "\u200b", "\u202e",
	"- [ ] a", "`a``b", "``` `` `",
}

// TestRepeated converts 60 KB of each unit, as long lines of one paragraph and as short lines. What a square
// costs shows as a test that does not end; the size of the result is bounded too.
func TestRepeated(t *testing.T) {
	const size = 60_000
	for _, u := range units {
		line := rep(u, 2000/len(u)+1) + "\n"
		for shape, src := range map[string]string{
			"paragraph": rep(line, size/len(line)) + "x",
			"lines":     rep(u+"\n", size/(len(u)+1)) + "x",
			"blocks":    rep(u+"\n\n", size/(len(u)+2)) + "x",
		} {
			b, _ := Convert("a.md", []byte(src), 1)
			if len(b.HTML) > 16*len(src) {
				t.Errorf("%d %q as %s give %d KB of HTML", size/len(u), u, shape, len(b.HTML)>>10)
			}
		}
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestLimits passes each limit and looks for the message, its line, and an empty body; and stays just within it.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name, src, id string
		line          int
	}{
		{"bytes", rep("字字字\n", maxBytes/10+1), "too-long", 1},
		{"line", "一\n" + rep("字", maxLine/3+1), "long-line", 2},
		{"ten megabytes", rep("字", 10<<20/3), "too-long", 1},
		{"columns", "一\n\n" + rep("|a", 4000) + "\n" + rep("|-", 4000) + "\n" + rep("|a\n", 4000), "wide-table", 4},
		{"columns in a quote", "> " + rep("|a", 101) + "\n> " + rep("|-", 101) + "\n", "wide-table", 2},
		{"cells", rep("|a", 100) + "\n" + rep("|-", 100) + "\n" + rep("|a\n", 501), "big-table", 502},
		{"cells in a list", "- " + rep("|a", 100) + "\n  " + rep("|-", 100) + "\n" + rep("  |a\n", 501), "big-table", 502},
		{"quotes", rep("> ", 101) + "x", "deep", 1},
		{"lists", rep("- ", 101) + "x", "deep", 1},
		{"numbers", rep("1. ", 101) + "x", "deep", 1},
		{"indents", rep(" ", 202) + "- x", "deep", 1},
		{"fifty thousand quotes", "> " + rep(">", 50_000), "deep", 1},
		{"notes", numbered("[^%d]: x\n", 2001), "many-notes", 2001},
		{"twenty thousand notes", numbered("[^%d] ", 5000) + numbered("\n\n[^%d]: x", 20_000), "many-notes", 4003},
		{"marks", "一\n" + rep("[^1]\n", 10_001), "many-notes", 2},
		{"references", numbered("[%d]: x\n", 5001), "many-references", 5001},
	} {
		b, list := Convert("a.md", []byte(c.src), 1)
		if len(list) != 1 || list[0].ID != "markdown/"+c.id || list[0].Pos.Line != c.line || b.HTML != nil {
			t.Errorf("%s: %d bytes and %v; want %s in line %d", c.name, len(b.HTML), list, c.id, c.line)
		}
	}
	for name, src := range map[string]string{
		"columns":  rep("|a", 100) + "\n" + rep("|-", 100) + "\n|a\n",
		"cells":    rep("|a", 100) + "\n" + rep("|-", 100) + "\n" + rep("|a\n", 499),
		"quotes":   rep("> ", 100) + "x",
		"rule":     rep("- ", 200),
		"notes":    numbered("[^%d]", 2000) + "\n" + numbered("\n[^%d]: x\n", 2000),
		"line":     rep("字", maxLine/3),
		"headings": rep("# 劳动\n", 20_000),
		"links":    rep("[[孟泰]]、", 3000),
		"strong":   rep("**重点。**后文，", 2500),
	} {
		b, list := Convert("a.md", []byte(src), 1)
		if len(list) > 0 || len(b.HTML) < len(src)/2 && name != "rule" {
			t.Errorf("%s: %d bytes and %v", name, len(b.HTML), list)
		}
	}
}

// What is too intricate is said once and converted as text, none of it lost.
func TestTooIntricate(t *testing.T) {
	for _, unit := range []string{"[](", "*a_ "} {
		src := rep(rep(unit, 600)+"\n", 400)
		b, list := Convert("a.md", []byte(src), 1)
		n := 0
		for _, m := range list {
			if m.ID == "markdown/too-complex" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q: said %d times", unit, n)
		}
		if got, want := strings.Count(string(Text(b.HTML)), unit[:1]), strings.Count(src, unit[:1]); got < want/2 {
			t.Errorf("%q: %d of %d are left", unit, got, want)
		}
	}
}

// TestDeepSpans: of emphasis in each other more than anybody can see, the text stays.
func TestDeepSpans(t *testing.T) {
	for _, src := range []string{rep("_", 1128) + "W" + rep("_", 1128), rep("*甲 ", 600) + rep("乙* ", 600), rep("~~**", 400) + "甲" + rep("**~~", 400)} {
		b, list := Convert("a.md", []byte(src), 1)
		html := string(b.HTML)
		open, deepest := 0, 0
		for _, tag := range strings.Split(html, "<")[1:] {
			if open++; tag[0] == '/' {
				open -= 2
			}
			deepest = max(deepest, open)
		}
		if len(list) > 0 || open != 0 || deepest > 60 {
			t.Errorf("%.20q: %d elements in each other, %v", src, deepest, list)
		}
		for _, c := range "W甲乙" {
			if got, want := strings.Count(html, string(c)), strings.Count(src, string(c)); got != want {
				t.Errorf("%.20q: %d of %d %c are left", src, got, want, c)
			}
		}
	}
}
