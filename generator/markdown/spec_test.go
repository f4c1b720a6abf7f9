package markdown

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Where this package differs from CommonMark 0.31.2 on purpose, by the number of the example. All examples
// of HTML blocks and Raw HTML do: HTML is text here.
var deviations = map[int]string{
	21: "HTML", 31: "HTML", 344: "HTML", 475: "HTML", 476: "HTML", 477: "HTML", 491: "HTML", 494: "HTML",
	524: "HTML", 536: "HTML", 201: "HTML", 642: "HTML", 643: "HTML",
	79:  "empty headings are left out",
	308: "comments leave nothing behind", 309: "comments leave nothing behind",
	24: "only letters, digits and +-#_. name a language", 34: "only letters, digits and +-#_. name a language", 144: "only letters, digits and +-#_. name a language",
	200: "empty target", 485: "empty target", 486: "empty target", 487: "empty target", 567: "empty target",
	484: "a link without text shows its target",
	202: "a backslash in a path", 502: "a backslash in a path", 346: "no such host",
	500: "scheme", 596: "scheme", 598: "scheme", 599: "scheme", 601: "scheme",
	602: "bare URL", 608: "bare URL", 611: "bare URL",
	25: "a typed indent", 40: "a typed indent", 356: "a sign of multiplication",
	548: "wiki link", 559: "wiki link", 590: "wiki link",
}

// TestSpec runs the examples of the CommonMark specification that goldmark carries along.
func TestSpec(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var examples []struct {
		Markdown, HTML, Section string
		Example                 int
	}
	if err := json.Unmarshal(data, &examples); err != nil {
		t.Fatal(err)
	}
	if len(examples) < 600 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, e := range examples {
		if e.Section == "HTML blocks" || e.Section == "Raw HTML" {
			continue
		}
		b, _ := Convert("a.md", []byte(e.Markdown), 1)
		got, want := comparable(string(b.Render(nil, b.asWritten))), comparable(e.HTML)
		reason := deviations[e.Example]
		if got != want && reason == "" {
			t.Errorf("%d %s\n%s\ngot  %s\nwant %s", e.Example, e.Section, e.Markdown, got, want)
		}
		if got == want && reason != "" {
			t.Errorf("%d %s is listed as a deviation (%s) and is none", e.Example, e.Section, reason)
		}
	}
}

// asWritten resolves each Ref to its own target.
func (b *Body) asWritten(i int) Resolved {
	r := b.Refs[i]
	if r.Fragment != "" {
		return Resolved{URL: r.Target + "#" + r.Fragment}
	}
	return Resolved{URL: r.Target}
}

var differences = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(` (rel="noopener"|class="url"|loading="lazy"|decoding="async"|id="[^"]*"|tabindex="0"|title="")`), ""},
	{regexp.MustCompile(`<(/?)h[1-6]>`), "<${1}h>"},
	{regexp.MustCompile(`&quot;`), `"`},
	{regexp.MustCompile(` /?>`), ">"},
	{regexp.MustCompile(`<figure><a[^>]*>(<img[^>]*>)</a>`), "<figure>$1"},
	{regexp.MustCompile(`<figure>(<img[^>]*)><figcaption>(.*?)</figcaption></figure>`), `<figure>$1 title="$2"></figure>`},
	{regexp.MustCompile(`<figure>(<img[^>]*>)</figure>`), "<p>$1</p>"},
	{regexp.MustCompile(`\s+`), " "},
}

// comparable makes HTML of the specification and ours alike in what is no difference of Markdown: attributes that
// we add, the level of headings, white space between tags, and percent-encoding, which is the renderer's.
func comparable(html string) string {
	html = regexp.MustCompile(`(href|src)="[^"]*"`).ReplaceAllStringFunc(html, func(s string) string {
		if u, err := url.PathUnescape(s); err == nil {
			return u
		}
		return s
	})
	html = strings.NewReplacer("> ", ">", ">\n", ">", " <", "<", "\n<", "<").Replace(html)
	for _, d := range differences {
		html = d.re.ReplaceAllString(html, d.to)
	}
	return strings.TrimSpace(html)
}
