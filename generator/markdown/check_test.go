package markdown

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"gongzhi/generator/han"
)

// allowed are the elements and attributes that a body may hold.
var allowed = map[string]string{
	"p": "class", "em": "", "strong": "", "del": "", "code": "class", "pre": "tabindex", "blockquote": "", "hr": "", "br": "",
	"h2": "id", "h3": "id", "h4": "id", "h5": "id", "h6": "id", "ul": "", "ol": "start", "li": "id class value",
	"dl": "", "dt": "", "dd": "", "table": "", "thead": "", "tbody": "", "tr": "", "th": "scope class", "td": "class",
	"div": "class tabindex role aria-label", "section": "class role aria-label", "figure": "", "figcaption": "",
	"a": "href title rel class role aria-label", "img": "src alt title loading decoding width height", "sup": "class id",
	"input": "type checked disabled aria-label", "aside": "class role",
}

// check is what holds of every body, whatever the text.
func check(t *testing.T, src []byte, b Body) {
	t.Helper()
	if !utf8.Valid(b.HTML) {
		t.Fatalf("not UTF-8: %q", src)
	}
	last := 0
	for _, r := range b.Refs {
		if r.Offset < last || r.Offset > len(b.HTML) || !bytes.HasSuffix(b.HTML[:r.Offset], []byte("<a")) && !bytes.HasSuffix(b.HTML[:r.Offset], []byte("<img")) {
			t.Fatalf("offset %d of %+v in %q", r.Offset, r, b.HTML)
		}
		if r.TitleOffset >= 0 && (r.TitleOffset < r.Offset || r.TitleEnd < r.TitleOffset || r.TitleEnd > len(b.HTML)) {
			t.Fatalf("title of %+v in %q", r, b.HTML)
		}
		if r.Pos.Line < 1 || r.Pos.Col < 1 || r.Pos.Line > 1+bytes.Count(src, []byte("\n")) {
			t.Fatalf("position of %+v", r)
		}
		last = r.Offset
	}
	page := b.Render(nil, func(i int) Resolved {
		return Resolved{URL: `/x/"><script>`, Title: "<题>&", Width: 3, Height: 4}
	})
	ids := map[string]bool{}
	level := 1
	var open []string
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind == html.CommentToken || kind == html.DoctypeToken {
			t.Fatalf("%q gives %q", src, tokens.Raw())
		}
		if kind == html.TextToken {
			continue
		}
		token := tokens.Token()
		if kind == html.EndTagToken {
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%q: </%s> in %v: %q", src, token.Data, open, page)
			}
			open = open[:len(open)-1]
			continue
		}
		if token.Data == "a" && slices.Contains(open, "a") {
			t.Fatalf("%q: a link in a link: %q", src, page)
		}
		if token.Data != "img" && token.Data != "br" && token.Data != "hr" && token.Data != "input" {
			open = append(open, token.Data)
		}
		attrs, ok := allowed[token.Data]
		if !ok {
			t.Fatalf("%q gives <%s>: %q", src, token.Data, page)
		}
		if len(token.Data) == 2 && token.Data[0] == 'h' && token.Data != "hr" {
			if n := int(token.Data[1] - '0'); n > level+1 {
				t.Fatalf("%q: from h%d to h%d", src, level, n)
			} else {
				level = n
			}
		}
		for _, a := range token.Attr {
			if !strings.Contains(" "+attrs+" ", " "+a.Key+" ") {
				t.Fatalf("%q gives <%s %s>", src, token.Data, a.Key)
			}
			switch a.Key {
			case "id":
				if ids[a.Val] || a.Val == "" || strings.ContainsAny(a.Val, " \t\n") {
					t.Fatalf("%q gives id %q", src, a.Val)
				}
				ids[a.Val] = true
			case "href", "src":
				v := strings.ToLower(a.Val)
				if !strings.HasPrefix(v, "/x/") && !strings.HasPrefix(v, "#") && !strings.HasPrefix(v, "http://") &&
					!strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "mailto:") && !strings.HasPrefix(v, "tel:") {
					t.Fatalf("%q gives %s=%q", src, a.Key, a.Val)
				}
			}
		}
	}
	if len(open) > 0 {
		t.Fatalf("%q: %v not closed", src, open)
	}
	text := Text(page)
	if !utf8.Valid(text) || bytes.Contains(text, []byte("\n\n")) && !bytes.Contains(b.HTML, []byte("<pre")) {
		t.Fatalf("text of %q: %q", src, text)
	}
	for _, r := range string(text) + b.Excerpt {
		if unwanted(r) != han.Visible || r < ' ' && r != '\n' && r != '\t' {
			t.Fatalf("%q: %U in the text", src, r)
		}
	}
	if want := visible(page); string(text) != want {
		t.Fatalf("%q: text\n%q\na browser shows\n%q", src, text, want)
	}
	if n := utf8.RuneCountInString(b.Excerpt); n > excerptChars {
		t.Fatalf("an excerpt of %d characters", n)
	}
	if strings.Contains(b.Excerpt, "\n") {
		t.Fatalf("excerpt %q", b.Excerpt)
	}
}

// visible is Text done the slow way, with an HTML parser.
func visible(page []byte) string {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	newline := func() {
		if n := b.Len(); n > 0 && b.String()[n-1] != '\n' {
			b.WriteByte('\n')
		}
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		class := ""
		for _, a := range n.Attr {
			if a.Key == "class" {
				class = a.Val
			}
		}
		if class == "fnref" || class == "back" {
			return
		}
		block := n.Type == html.ElementNode
		switch n.Data {
		case "a", "em", "strong", "del", "code", "sup", "img", "input":
			block = false
		}
		if block {
			newline()
		}
		if n.Type == html.TextNode {
			s := n.Data
			if b.Len() == 0 || b.String()[b.Len()-1] == '\n' {
				s = strings.TrimLeft(s, " \n")
			}
			b.WriteString(s)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if block {
			newline()
		}
	}
	walk(root)
	return strings.TrimRight(b.String(), "\n")
}
