package markdown

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"gongzhi/generator/diag"
)

func TestRender(t *testing.T) {
	src := "[[people/a]] 和 [乙](b.md#甲) ![图](c.jpg) [[孟泰]] [丁](d.md)\n\n## 见 [[x]]"
	b, list := Convert("a.md", []byte(src), 1)
	if len(list) > 0 {
		t.Fatal(list)
	}
	got := string(b.Render([]byte("前"), func(i int) Resolved {
		switch r := b.Refs[i]; r.Target {
		case "people/a":
			return Resolved{URL: "/people/a/", Title: "甲 <&>"}
		case "b.md":
			return Resolved{URL: `/b/?x="1"&y#` + r.Fragment}
		case "c.jpg":
			return Resolved{URL: "/c.jpg", Width: 640, Height: 480, Sources: "/c-480.jpg 480w, /c.jpg 640w", Sizes: "40rem"}
		case "x":
			return Resolved{URL: "/x/", Title: "题"}
		case "d.md":
			return Resolved{}
		}
		return Resolved{URL: "/people/meng-tai/"}
	}))
	want := `前<p><a href="/people/a/">甲 &lt;&amp;&gt;</a> 和 <a href="/b/?x=&quot;1&quot;&amp;y#甲">乙</a> ` +
		`<img src="/c.jpg" width="640" height="480" srcset="/c-480.jpg 480w, /c.jpg 640w" sizes="40rem" loading="lazy" alt="图" decoding="async"> <a href="/people/meng-tai/">孟泰</a> <a>丁</a></p>` + "\n" +
		`<h2 id="见-x">见 <a href="/x/">题</a></h2>` + "\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConvertPart(t *testing.T) {
	pos := func(line, col int) diag.Pos { return diag.Pos{Path: "a.csv", Line: line + 7, Col: col + 100} }
	b, list := ConvertPart("note", []byte("文[^1]\n\n[坏](x:y) [好](a.md)\n\n# 题\n\n[^1]: 注"), pos)
	if len(list) != 1 || list[0].Pos != (diag.Pos{Path: "a.csv", Line: 10, Col: 105}) || list[0].Source != "" {
		t.Error(list)
	}
	if len(b.Refs) != 1 || b.Refs[0].Pos != (diag.Pos{Path: "a.csv", Line: 10, Col: 114}) {
		t.Error(b.Refs)
	}
	for _, want := range []string{`id="note:题"`, `id="note:fn_1"`, `href="#note:fn_1"`, `id="note:fnref_1"`, `href="#note:fnref_1"`} {
		if !bytes.Contains(b.HTML, []byte(want)) {
			t.Errorf("no %s in %s", want, b.HTML)
		}
	}
	if b.Headings[0].ID != "note:题" {
		t.Error(b.Headings)
	}
}

func TestFirstLine(t *testing.T) {
	b, list := Convert("c/a.md", []byte("[a](a.md)\n[b](x:y)"), 9)
	if b.Refs[0].Pos != (diag.Pos{Path: "c/a.md", Line: 9, Col: 5}) || list[0].Pos.Line != 10 || list[0].Source != "[b](x:y)" {
		t.Error(b.Refs, list)
	}
}

func TestChars(t *testing.T) {
	for src, want := range map[string]int{
		"":                            0,
		"全国劳动模范":                      6,
		"《工人日报》，1958年！":               6,
		"GB/T 9704 well-known don't":  4,
		"1.3万多项，2,900万人次，96.5%":       9,
		"**重点**[文字](a.md)![图](b.jpg)": 4,
		"# 题\n\n文[^1]\n\n[^1]: 注解":    4,
		"https://www.example.cn/a_b":  2,
		"〇一二々":                        4,
		"カタカナ":                        4,
		"café à":                      2,
		"𠀀字":                          2,
	} {
		if b, _ := Convert("a.md", []byte(src), 1); b.Chars != want {
			t.Errorf("%q: %d, want %d", src, b.Chars, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("这是一句十个字的话啊。", 20)
	for src, want := range map[string]string{
		"": "",
		"# 题\n\n第一段。\n\n> 引文\n\n第二段[^1]。\n\n- 列表\n\n[^1]: 注": "第一段。第二段。",
		"# 题\n\n- 只有\n- 列表":    "题 只有 列表",
		"English one.\n\nTwo.": "English one. Two.",
		long:                   strings.Repeat("这是一句十个字的话啊。", 10),
		"[[people/a|孟泰]]的*故事*，`a<b`。": "孟泰的故事，a<b。",
		"![图](a.jpg)\n\n　　正文。":        "正文。",
	} {
		if b, _ := Convert("a.md", []byte(src), 1); b.Excerpt != want {
			t.Errorf("%q: %q, want %q", src, b.Excerpt, want)
		}
	}
}

func TestText(t *testing.T) {
	for html, want := range map[string]string{
		"":                     "",
		"<p>一</p>\n<p>二</p>\n": "一\n二",
		"<ul>\n<li>一\n<ul>\n<li>二</li>\n</ul>\n</li>\n</ul>":                                        "一\n二",
		`<p>a &lt;b&gt; &amp;amp; &quot;<br>c</p>`:                                                  "a <b> &amp; \"\nc",
		`<p>文<sup class="fnref" id="fnref_1"><a href="#fn_1" role="doc-noteref">[1]</a></sup>字</p>`: "文字",
		`<p>注<a href="#fnref_1" class="back" role="doc-backlink" aria-label="返回正文">↩</a></p>`:       "注",
		"<p>cut <a href=\"x": "cut ",
	} {
		if got := string(Text([]byte(html))); got != want {
			t.Errorf("%q: %q, want %q", html, got, want)
		}
	}
	if got := string(AppendText([]byte("前\n"), []byte("<p>一</p>"))); got != "前\n一" {
		t.Errorf("%q", got)
	}
}

// The parser is one for all: under -race, and with the same result from every goroutine.
func TestConcurrent(t *testing.T) {
	want, _ := Convert("a.md", article, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got, _ := Convert("a.md", article, 1); !bytes.Equal(got.HTML, want.HTML) || len(got.Refs) != len(want.Refs) || got.Excerpt != want.Excerpt {
					t.Error("another result")
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzConvert(f *testing.F) {
	for _, u := range units {
		f.Add([]byte(u + u + "\n" + u))
	}
	f.Add(article)
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 20_000 {
			return
		}
		b, list := Convert("a.md", src, 1)
		check(t, src, b)
		for _, m := range list {
			if m.Text == "" || m.Pos.Line < 1 || m.Pos.Col < 1 {
				t.Fatalf("%q: %+v", src, m)
			}
		}
		again, _ := Convert("a.md", bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n")), 1)
		if !bytes.Contains(src, []byte("\r")) && !bytes.Equal(again.HTML, b.HTML) {
			t.Fatalf("%q: with CRLF\n%q\nwith LF\n%q", src, again.HTML, b.HTML)
		}
	})
}
