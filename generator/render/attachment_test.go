package render_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
	"gongzhi/generator/output"
	"gongzhi/generator/render"
)

// scan is a PDF file of as many pages as it says.
func scan(pages int) []byte {
	objects := []string{"<< /Pages 2 0 R >>", fmt.Sprintf("<< /Count %d >>", pages)}
	b := "%PDF-1.4\n"
	table := ""
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", len(b))
		b += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	return []byte(b + fmt.Sprintf("xref\n1 2\n%strailer\n<< /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table, len(b)))
}

// TestAttachments: a file beside a record is copied, and its page says what it is, to people and to machines.
func TestAttachments(t *testing.T) {
	source := fstest.MapFS{
		"site.yaml":                  {Data: []byte("baseURL: https://example.org/档案/\n")},
		"content/policies/a.md":      {Data: []byte("---\ntitle: 测试方案\ndate: 2020\nattachments: [扫描件 一.pdf, 会场.mp3, 原件.docx]\n---\n")},
		"content/policies/b.md":      {Data: []byte("---\ntitle: 另一方案\ndate: 2021\nattachments: /policies/会场.mp3\n---\n")},
		"content/policies/扫描件 一.pdf": {Data: scan(12)},
		"content/policies/会场.mp3":    {Data: append([]byte("ID3"), make([]byte, 3_400_000)...)},
		"content/policies/原件.docx":   {Data: []byte("PK\x03\x04" + strings.Repeat("x", 2000))},
	}
	g := generate(t, source, render.Options{})
	all := files(t, g)
	pages := crawl(t, g, all)
	page := string(all["policies/a/index.html"])
	for _, want := range []string{
		`>扫描件 一.pdf</a>（PDF，12 页，`, `>会场.mp3</a>（录音，3.4 MB）`, `>原件.docx</a>（Word 文档，3 KB）`,
		`href="/%E6%A1%A3%E6%A1%88/policies/%E6%89%AB%E6%8F%8F%E4%BB%B6%20%E4%B8%80.pdf"`,
		`"associatedMedia":[{"@type":"MediaObject","name":"扫描件 一.pdf","contentUrl":"https://example.org/`, `"encodingFormat":"application/pdf"`,
		`"encodingFormat":"audio/mpeg","contentSize":"3400003"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if text := at(t, pages, "/policies/b/"); !strings.Contains(text, "会场.mp3（录音，3.4 MB）") {
		t.Errorf("one file alone: %s", text)
	}
	for _, name := range []string{"扫描件 一.pdf", "会场.mp3", "原件.docx"} {
		if string(all["policies/"+name]) != string(source["content/policies/"+name].Data) {
			t.Errorf("%s is not copied", name)
		}
	}
	a := g.Site.At("/policies/a/")
	if got := strings.Join(a.Texts(nil, a.Value(a.Schema.Field("附件"))), "|"); got != "扫描件 一.pdf|会场.mp3|原件.docx" {
		t.Errorf("searched: %s", got)
	}
}

// TestMediaTypes: what a file is said to be in structured data is what it is served as.
func TestMediaTypes(t *testing.T) {
	for _, name := range strings.Fields("a.jpg a.jpeg a.png a.gif a.webp a.avif a.pdf a.ofd a.mp3 a.m4a a.wav a.ogg a.flac a.mp4 a.webm a.docx a.doc a.wps a.xlsx a.xls a.pptx a.ppt A.PDF") {
		k := content.KindOf(name)
		if k == nil {
			t.Errorf("%s can't stand beside a record", name)
		} else if served := output.MediaType(name); served != k.Media {
			t.Errorf("%s is served as %s and said to be %s", name, served, k.Media)
		}
	}
}

// TestTermCounts: the page of a term says how many records of each collection have it, on each of its pages.
func TestTermCounts(t *testing.T) {
	source := fstest.MapFS{"site.yaml": {Data: []byte("pageSize: 1\n")}}
	for i := range 60 {
		source[fmt.Sprintf("content/reports/r%d.md", i)] = &fstest.MapFile{Data: []byte("---\ntitle: 测试\ndate: 2020\ntags: [慰问]\n---\n")}
	}
	source["content/events/e.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 测试会\ndate: 2020\ntags: [慰问]\n---\n")}
	g := generate(t, source, render.Options{})
	all := files(t, g)
	for path, want := range map[string][]string{
		"browse/tags/慰问/index.html":        {">报道</a><span class=\"n\">60</span></h2>"},
		"browse/tags/慰问/page/2/index.html": {">报道</a><span class=\"n\">60</span></h2>", ">大事</a><span class=\"n\">1</span></h2>"},
	} {
		for _, w := range want {
			if !strings.Contains(string(all[path]), w) {
				i := strings.Index(string(all[path]), ">报道</a>")
				t.Errorf("%s: no %q; …%s…", path, w, string(all[path])[max(0, i-100):min(len(all[path]), i+200)])
			}
		}
	}
}
