package theme

import (
	"bytes"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"
)

// small is the least that a complete theme has.
func small() fstest.MapFS {
	site := fstest.MapFS{
		"theme.yaml":            {Data: []byte("name: 小\nversion: 1.0.0\napi: 1\n")},
		"templates/base.html":   {Data: []byte(`{{define "base"}}<p>{{template "main" .}}</p>{{template "footer" .}}{{end}}`)},
		"templates/header.html": {Data: []byte(`{{define "header"}}头{{end}}`)},
		"templates/footer.html": {Data: []byte(`{{define "footer"}}尾{{end}}`)},
		"templates/parts.html":  {Data: []byte(`{{define "part"}}{{.}}{{end}}`)},
		"assets/style.css":      {Data: []byte("p{}")},
		"assets/site.js":        {Data: []byte("1")},
		"assets/icon.svg":       {Data: []byte("<svg/>")},
		"assets/deep/a.txt":     {Data: []byte("a")},
		"assets/.hidden":        {Data: []byte("x")},
		"assets/a.txt~":         {Data: []byte("x")},
		"assets/link":           {Mode: fs.ModeSymlink, Data: []byte("/etc/passwd")},
	}
	for _, kind := range Kinds {
		site["templates/"+kind+".html"] = &fstest.MapFile{Data: []byte(`{{define "main"}}` + kind + ` {{template "part" .Text}}{{end}}`)}
	}
	return site
}

type data struct{ Text string }

func execute(t *testing.T, th *Theme, kind string, d any) string {
	t.Helper()
	var b bytes.Buffer
	if err := th.Execute(&b, kind, "base", d, "content/a.md"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLoad(t *testing.T) {
	th, diags := Load(small(), nil, "default", Language{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for _, kind := range Kinds {
		if got, want := execute(t, th, kind, data{"<b>"}), "<p>"+kind+" &lt;b&gt;</p>尾"; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	var paths []string
	for _, a := range th.Assets {
		paths = append(paths, a.Path)
	}
	if got := strings.Join(paths, " "); got != "assets/deep/a.txt "+th.Icon+" "+th.Script+" "+th.Style {
		t.Errorf("assets: %s", got)
	}
	if !strings.HasPrefix(th.Style, "assets/style.") || len(th.Style) != len("assets/style.12345678.css") {
		t.Errorf("style: %s", th.Style)
	}
}

// TestOverlay: a site's theme replaces what it has, file by file, and its bytes change the names and the digest.
func TestOverlay(t *testing.T) {
	plain, _ := Load(small(), nil, "default", Language{})
	again, _ := Load(small(), fstest.MapFS{}, "default", Language{})
	if plain.Digest != again.Digest || plain.Style != again.Style {
		t.Error("the same theme has another digest")
	}
	over, diags := Load(small(), fstest.MapFS{
		"templates/footer.html": {Data: []byte(`{{define "footer"}}脚{{end}}`)},
		"assets/style.css":      {Data: []byte("p{color:red}")},
		"assets/own.txt":        {Data: []byte("own")},
	}, "mine", Language{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if got := execute(t, over, "home", data{"x"}); got != "<p>home x</p>脚" {
		t.Errorf("home: %q", got)
	}
	if over.Style == plain.Style || over.Script != plain.Script || over.Digest == plain.Digest || len(over.Assets) != len(plain.Assets)+1 {
		t.Errorf("style %s and %s, script %s and %s", plain.Style, over.Style, plain.Script, over.Script)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		overlay fstest.MapFS
		want    []string
	}{
		"syntax":   {fstest.MapFS{"templates/record.html": {Data: []byte("{{define \"main\"}}\n{{if}}\n{{end}}")}}, []string{"themes/mine/templates/record.html:2:1: 错误: 模板出错："}},
		"function": {fstest.MapFS{"templates/list.html": {Data: []byte("{{define \"main\"}}{{upper .Text}}{{end}}")}}, []string{"themes/mine/templates/list.html:1:1: 错误: 模板出错：function \"upper\" not defined"}},
		"shared":   {fstest.MapFS{"templates/parts.html": {Data: []byte("{{define \"part\"}}{{end")}}, []string{"themes/mine/templates/parts.html:1:1: 错误: 模板出错："}},
		"api":      {fstest.MapFS{"theme.yaml": {Data: []byte("api: 2\n")}}, []string{"themes/mine/theme.yaml:1:1: 错误: 这个主题是为模板接口第 2 版写的"}},
		"yaml":     {fstest.MapFS{"theme.yaml": {Data: []byte("a: [\n")}}, []string{"themes/mine/theme.yaml:1:1: 错误: theme.yaml 读不出来"}},
		"base":     {fstest.MapFS{"templates/base.html": {Data: []byte("")}}, []string{"themes/mine/templates/base.html:1:1: 错误: base.html 里没有"}},
		"large":    {fstest.MapFS{"templates/list.html": {Data: make([]byte, maxTemplate+1)}}, []string{"themes/mine/templates/list.html:1:1: 错误: 读不了主题文件：文件太大了"}},
		"two":      {fstest.MapFS{"templates/list.html": {Data: []byte("{{if}}")}, "templates/term.html": {Data: []byte("{{if}}")}}, []string{"themes/mine/templates/list.html:1:1: 错误", "themes/mine/templates/term.html:1:1: 错误"}},
	} {
		_, diags := Load(small(), c.overlay, "mine", Language{})
		var got []string
		for _, m := range diags {
			got = append(got, m.String())
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for i := range got {
			if !strings.HasPrefix(got[i], c.want[i]) {
				t.Errorf("%s: %q, want %q", name, got[i], c.want[i])
			}
		}
	}
	missing := small()
	maps.DeleteFunc(missing, func(name string, _ *fstest.MapFile) bool { return name == "templates/term.html" })
	if _, diags := Load(missing, nil, "default", Language{}); len(diags) != 1 || diags[0].Pos.Path != "themes/default/templates/term.html" {
		t.Errorf("a missing template: %v", diags)
	}
}

// TestFaultPlaces: what fails while a page is made is told with the template's line and column in characters, and
// with the record.
func TestFaultPlaces(t *testing.T) {
	th, diags := Load(small(), fstest.MapFS{"templates/record.html": {Data: []byte("{{define \"main\"}}\n中文{{.Nothing}}{{end}}")}}, "mine", Language{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	var b bytes.Buffer
	err := th.Execute(&b, "record", "base", data{}, "content/a.md")
	fault, ok := err.(*Fault)
	if !ok {
		t.Fatalf("%v", err)
	}
	if m := fault.Message; m.Pos.Path != "themes/mine/templates/record.html" || m.Pos.Line != 2 || m.Pos.Col != 5 || !strings.Contains(m.Text, "（正在生成 content/a.md 的页面）") || !strings.Contains(m.Text, "Nothing") {
		t.Errorf("%v", m)
	}
	if err := th.Execute(&b, "nothing", "base", data{}, ""); err == nil {
		t.Error("a kind without a template")
	}
}

// TestEndless: a template that calls itself or never ends fails with its place, and the next page is made as ever.
func TestEndless(t *testing.T) {
	for text, want := range map[string]string{
		`{{define "main"}}甲{{template "self" .}}{{end}}{{define "self"}}` + "\n  乙{{template \"self\" .}}{{end}}":                         "templates/record.html:2:15:",
		`{{define "main"}}{{range $i := 2000000000}}{{end}}{{end}}`:                                                                       "templates/record.html:1:26:",
		`{{define "main"}}{{range .Many}}{{range $.Many}}` + "\n" + `{{range $.Many}}{{range $.Many}}{{end}}{{end}}{{end}}{{end}}{{end}}`: "templates/record.html:2:",
		`{{define "main"}}{{$x := "甲"}}{{range $i := 60}}` + "\n" + `{{$x = print $x $x}}{{end}}{{end}}`:                                  "templates/record.html:2:8: 错误: 模板出错（正在生成 content/a.md 的页面）：这一页太大了",
		`{{define "main"}}{{$x := "甲"}}{{range $i := 20}}{{$x = print $x $x}}{{end}}` + strings.Repeat("{{$x}}\n", 10000) + `{{end}}`:     "这一页太大了",
		`{{define "main"}}{{range .Many}}{{template "main" $}}{{end}}{{end}}`:                                                             "templates/record.html:1:44: 错误: 模板出错（正在生成 content/a.md 的页面）：模板一层层调用得太深",
		`{{define "main"}}{{$x := "&"}}{{range $i := 60}}{{$x = html $x $x}}{{end}}{{end}}`:                                               "这一页太大了",
		`{{define "main"}}{{$x := "%"}}{{range $i := 60}}{{$x = urlquery $x $x}}{{end}}{{end}}`:                                           "这一页太大了",
		`{{define "main"}}{{$x := "\\"}}{{range $i := 60}}{{$x = js $x}}{{end}}{{end}}`:                                                   "这一页太大了",
		`{{define "main"}}{{$x := "甲"}}{{range $i := 60}}{{$x = printf "%[1]s%[1]s" $x}}{{end}}{{end}}`:                                   "这一页太大了",
		`{{define "main"}}{{range $i := 900}}{{printf "%0999999d" $i}}{{end}}{{end}}`:                                                     "这一页太大了",
		`{{define "main"}}{{range .Many}}{{range $.Many}}` + "\n" + strings.Repeat("甲", 1000) + `{{end}}{{end}}{{end}}`:                   "templates/record.html:1:41: 错误: 模板出错（正在生成 content/a.md 的页面）：这一页太大了",
		`{{define "main"}}<a title="{{range $i := 2000000000}}x{{end}}">甲</a>{{end}}`:                                                     "templates/record.html:1:",
	} {
		th, diags := Load(small(), fstest.MapFS{"templates/record.html": {Data: []byte(text)}}, "测试", Language{})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		many := struct {
			Text string
			Many []int
		}{"甲", make([]int, 300)}
		var b bytes.Buffer
		err := th.Execute(&b, "record", "base", many, "content/a.md")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "content/a.md") || strings.Contains(err.Error(), tick) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
		if got := execute(t, th, "list", data{"甲"}); got != "<p>list 甲</p>尾" {
			t.Errorf("the next page: %q", got)
		}
	}
}

// A label with places says all texts that have something there; what stands there is put through the labels too.
func TestSentences(t *testing.T) {
	th := &Theme{labels: map[string]string{"地区": "region", "按{}浏览": "by {}", "{}（第 {} 页）": "{} ({})", "已著录 {}": "recorded {}", "已著录 {} / {}": "{1}", "共 {} 条": "{} in all"}}
	th.sentences = sentences(th.labels)
	for text, want := range map[string]string{
		"按地区浏览": "by region", "按甲浏览": "by 甲", "按浏览": "按浏览", "按地区浏览全部": "按地区浏览全部",
		"按地区浏览（第 2 页）": "by region (2)", "甲（第 12 页）": "甲 (12)", "甲（第  页）": "甲（第  页）",
		"已著录 3": "recorded 3", "共 1 条": "1 in all", "共 1 条，共 2 条": "1 条，共 2 in all", "地区": "region", "": "", "乙": "乙",
		"地区、地区": "region, region", "地区、乙": "地区、乙",
	} {
		if got := th.Label(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	said, err := th.Spoken([][]byte{[]byte("x('地区', '乙', `地区`, '已著录 {}')")}, []string{"共 {} 条", "丙"})
	if want := `{"共 {} 条":"{} in all","地区":"region","已著录 {}":"recorded {}"}`; err != nil || string(said) != want {
		t.Errorf("%s, %v, want %s", said, err, want)
	}
}

// TestLabelsAreText: a label is no part of the template's language, whatever characters it has.
func TestLabelsAreText(t *testing.T) {
	labels := map[string]string{"检索": "{{", "首页": "<b>{"}
	text := translated("<p title=\"检索\">首页{{.Title}}检索</p>", labels)
	page, err := template.New("").Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var b strings.Builder
	if err := page.Execute(&b, struct{ Title string }{"题"}); err != nil {
		t.Fatal(err)
	}
	if want := "<p title=\"&#123;&#123;\">&lt;b&gt;&#123;题&#123;&#123;</p>"; b.String() != want {
		t.Errorf("%s, want %s", &b, want)
	}
}

// TestMalformed: a theme.yaml, or labels, that can't be read are told where, and in Chinese.
func TestMalformed(t *testing.T) {
	look := func(file, src string, language Language, line int, want string) {
		t.Helper()
		_, diags := Load(small(), fstest.MapFS{file: {Data: []byte(src)}}, "default", language)
		for _, m := range diags {
			if strings.Contains(m.Text, want) && m.Pos.Path == "themes/default/"+file && m.Pos.Line == line && !strings.Contains(m.Text, "yaml: ") {
				return
			}
		}
		t.Errorf("%s of %.20q: %v, want %s in line %d", file, src, diags, want, line)
	}
	for _, c := range []struct {
		src, want string
		line      int
	}{
		{"name: 甲\nname: 乙\n", "写了两次", 2}, {"name: 甲\napi: 很多\n", "不是要的那一种", 2}, {"name: \x00\n", "控制字符", 1}, {"name: \xff\xff\n", "UTF-8", 1},
		{"a: " + strings.Repeat("[", 20000), "套得太深", 1}, {"a: [\n", "不合 YAML", 1}, {"\tname: 甲\n", "不合 YAML", 1}, {"- 甲\n", "不是要的那一种", 1},
		{"a: *b\n", "别名", 1},
	} {
		look("theme.yaml", c.src, Language{}, c.line, c.want)
	}
	look("labels/xx.yaml", "甲: A\n甲: B\n", Language{Name: "xx"}, 2, "写了两次")
	look("labels/xx.yaml", "甲: [A]\n", Language{Name: "xx"}, 1, "不是要的那一种")
}
