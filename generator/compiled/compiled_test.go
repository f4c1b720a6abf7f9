package compiled

import (
	"bytes"
	"html/template"
	"reflect"
	"testing"
)

type inner struct {
	Text string
	HTML template.HTML
	N    int
	Up   *inner
}

type Embedded struct{ Title, URL string }

type page struct {
	Embedded
	On     bool
	One    inner
	None   *inner
	Some   *inner
	Many   []inner
	Ptrs   []*inner
	Words  []string
	Empty  []string
	Count  int
	Body   template.HTML
	Any    any
	secret string
}

func (page) Method() string { return "method" }

func testPage(s string) *page {
	in := inner{Text: s, HTML: template.HTML("<b>" + template.HTMLEscapeString(s) + "</b>"), N: -7, Up: &inner{Text: "up " + s}}
	return &page{
		Embedded: Embedded{s, "/a/" + s}, On: true, One: in, Some: &in, Many: []inner{in, {Text: "second"}}, Ptrs: []*inner{&in, &in},
		Words: []string{s, "", "last"}, Count: 3, Body: in.HTML, Any: s, secret: s,
	}
}

// texts have what the escapers look at.
var texts = []string{
	"", "张测试", `"Q" & 'A' <b>+</b>`, "a\x00b", "\xff\xfe", "javascript:alert(1)", "HTTP://x/?a=1&b=2#c+d", "/p/%E5%BC%A0/%zz/%4", "mailto:a@b", "a b\n\tc",
	"x:y/z", "/x:y", "[](){}!$*,;=?@~_-.|\\^`", "《\u3000》，\uFFFD\uFFF0\uFDD0", "&amp; &lt;", "//host", "#f",
}

func parsed(t testing.TB, src string) *template.Template {
	t.Helper()
	set, err := template.New("set").Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// compare executes a template in both ways. compiled tells whether the fast one was taken.
func compare(t testing.TB, src string, data any) (compiled bool) {
	t.Helper()
	var fast, slow bytes.Buffer
	fast.WriteString("before")
	compiled = New(parsed(t, src)).Execute(&fast, data)
	err := parsed(t, src).ExecuteTemplate(&slow, "base", data)
	if compiled && (err != nil || fast.String() != "before"+slow.String()) {
		t.Errorf("%s\n with %+v\ncompiled:      %q\nhtml/template: %q, error %v", src, data, fast.String()[6:], slow.String(), err)
	}
	if !compiled && fast.String() != "before" {
		t.Errorf("%s: %q is left behind", src, fast.String())
	}
	return compiled
}

const known = `{{define "base"}}<title>{{.Title}}</title><a class="k-{{.Title}}" href="{{.URL}}" title="{{.Title}}">{{.Title}}</a>
<a href="/x/{{.Title}}">{{.Count}}</a><a href="/x?q={{.Title}}&amp;n={{.Count}}">1</a><a href="#n{{.Title}}">2</a><a href="{{.Title}}">3</a><img src="{{.Title}}" width="{{.Count}}">
{{/* a comment */}}{{if .On}}on{{else}}off{{end}}{{if not .On}}1{{end}}{{if .Empty}}2{{else if eq .Count 3}}3{{end}}{{if .None}}4{{end}}{{if .Some}}5{{end}}{{if .One}}6{{end}}
{{with .Some}}{{.Text}}{{.HTML}}{{.N}}{{$.Title}}{{with .Up}}{{.Text}}{{end}}{{else}}none{{end}}{{with .None}}{{.Text}}{{else}}none{{end}}{{with .Words}}{{range .}}<i>{{.}}</i>{{end}}{{end}}
{{range .Many}}<li id="{{.Text}}">{{template "part" .}}{{$.Count}}</li>{{else}}empty{{end}}{{range .Ptrs}}{{.Text}}{{.Up.Text}}{{end}}{{range .Empty}}{{.}}{{else}}nothing{{end}}
{{template "words" .Words}}{{.Body}}{{len .Many}}{{if gt (len .Words) 2}}many{{end}}{{if lt .Count 2}}few{{end}}{{if ne .Title "张测试"}}other{{end}}{{if eq .Title $.One.Text}}same{{end}}{{.One.Up.Text -}}
 {{template "tree" .One}}{{end}}
{{define "part"}}{{.Text}}{{.HTML}}{{with $.Up}}{{.Text}}{{end}}{{end}}{{define "words"}}{{range .}}{{.}},{{end}}{{end}}
{{define "tree"}}{{.Text}}{{with .Up}}{{template "branch" .}}{{end}}{{end}}{{define "branch"}}({{.Text}}{{with .Up}}{{template "branch" .}}{{end}}){{end}}`

// What templates of a site are made of comes out as html/template has it, whatever the texts.
func TestCompiled(t *testing.T) {
	for _, s := range texts {
		if compiled := compare(t, known, testPage(s)); compiled != safeURL(s) {
			t.Errorf("%q: compiled is %v", s, compiled)
		}
	}
}

// The sources of an image, as html/template has them too.
func TestSrcset(t *testing.T) {
	const src = `{{define "base"}}<img src="/a" srcset="{{.Title}}" sizes="{{.Title}}">{{end}}`
	for s, want := range map[string]bool{
		"": true, "/a/张.webp 480w, /a/b&c.webp 960w,/c": true, " /a\t2x , ,": true, "https://example.invalid/a?x=1&y 2x": true, "javascript:x 1x": false, "/a 1.5x": false, "/a 张": false, "/a, javascript:b": false,
	} {
		if compiled := compare(t, src, testPage(s)); compiled != want {
			t.Errorf("%q: compiled is %v", s, compiled)
		}
	}
	for _, s := range texts {
		compare(t, src, testPage(s))
	}
}

func FuzzCompiled(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		compare(t, known, testPage(s))
		compare(t, `{{define "base"}}<img srcset="{{.Title}}">{{end}}`, testPage(s))
	})
}

// What is not known, and what fails, is left to html/template.
func TestNotCompiled(t *testing.T) {
	for _, body := range []string{
		`{{.Any}}`, `{{.Method}}`, `{{.None.Text}}`, `{{.Missing}}`, `{{.secret}}`, `{{printf "%s" .Title}}`, `{{$x := .Title}}{{$x}}`, `{{index .Words 1}}`,
		`{{range $i, $w := .Words}}{{$i}}{{end}}`, `{{range .Count}}x{{end}}`, `{{range .Words}}{{break}}{{end}}`, `{{template "none" .}}`, `{{.On}}`, `{{.Words}}`,
		`<a onclick="f({{.Title}})">`, `<style>a{color:{{.Title}}}</style>`, `<script>{{.Title}}</script>`, `<title>{{.Body}}</title>`, `<a title={{.Title}}>`, `<a title="{{.Body}}">`,
		`{{with .Any}}x{{end}}`, `{{if and .On .Title}}x{{end}}`, `{{.Title | len}}`, `{{if eq .Count "x"}}x{{end}}`, `<a href="{{.Body}}">`, `{{"text"}}{{1.5}}`,
	} {
		if compare(t, `{{define "base"}}a{{.Title}}`+body+`{{end}}`, testPage("x")) {
			t.Errorf("%s was compiled", body)
		}
	}
	p := New(parsed(t, known))
	if p.Execute(new(bytes.Buffer), nil) {
		t.Error("no data was taken")
	} else if !p.Execute(new(bytes.Buffer), testPage("x")) || p.Execute(new(bytes.Buffer), *testPage("x")) {
		t.Error("a program is for one type of data")
	}
	if p.data != reflect.TypeFor[*page]() {
		t.Error(p.data)
	}
}
