package render_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi"
	"gongzhi/generator/diag"
	"gongzhi/generator/render"
)

const planted = "MARKE-N28.6820-E115.8579-SN0042"

// photo is a JPEG that lies on its side, whose metadata say where it was taken.
func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{byte(x * 255 / w), byte(y * 255 / h), byte(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00" + planted
	seg := func(marker byte, s string) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(s)+2)), s...)
	}
	return bytes.Join([][]byte{b.Bytes()[:2], seg(0xe1, exif), seg(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+planted), seg(0xed, "Photoshop 3.0\x00"+planted), seg(0xfe, planted), b.Bytes()[2:], []byte(planted)}, nil)
}

func drawing(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), planted...)
}

func pictured(t testing.TB) fstest.MapFS {
	p := photo(t, 1400, 900)
	return fstest.MapFS{
		"site.yaml":                       {Data: []byte("baseURL: https://example.org/a/\n")},
		"content/reports/2026/a.md":       {Data: []byte("---\ntitle: 甲\ndate: 2026-05-01\n---\n![会场里的人](<会 场.jpg> \"说明\")\n\n![图样](t.png)\n\n见[附件](f.pdf)。\n")},
		"content/reports/2026/会 场.jpg":    {Data: p},
		"content/reports/2026/t.png":      {Data: drawing(t)},
		"content/reports/2026/f.pdf":      {Data: []byte("%PDF-1.4")},
		"content/reports/2026/nobody.jpg": {Data: p},
		"content/reports/2026/nobody.pdf": {Data: []byte("%PDF-1.4")},
		"content/reports/d.md":            {Data: []byte("---\ntitle: 乙\ndate: 2026-05-01\ndraft: true\n---\n![草稿的图](d.jpg)\n")},
		"content/reports/d.jpg":           {Data: p},
		"content/reports/w.md":            {Data: []byte("---\ntitle: 丙\ndate: 2026-05-01\npublishDate: 2999-01-01\nimage: w.jpg\nimage_alt: 会场\n---\n[附](w.pdf)\n")},
		"content/reports/w.jpg":           {Data: p},
		"content/reports/w.pdf":           {Data: []byte("%PDF-1.4")},
		"content/people/z.md":             {Data: []byte("---\ntitle: 张测试\nportrait: z.jpg\n---\n")},
		"content/people/z.jpg":            {Data: p},
		"content/people/x.heic":           {Data: []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + planted)},
	}
}

// TestPictures: pictures are published small, upright and without a word of their metadata, and only those that a
// published page shows.
func TestPictures(t *testing.T) {
	g := generate(t, pictured(t), render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	for p, b := range all {
		if bytes.Contains(b, []byte(planted[:12])) || bytes.Contains(b, []byte(planted[20:])) {
			t.Errorf("%s has metadata of its source", p)
		}
	}
	sizes := map[string][2]int{"reports/2026/会 场.jpg": {900, 1400}, "images/reports/2026/会 场-480.jpg": {480, 747}, "people/z.jpg": {900, 1400}, "images/people/z-480.jpg": {480, 747}, "reports/2026/t.png": {40, 30}}
	for p, want := range sizes {
		c, _, err := image.DecodeConfig(bytes.NewReader(all[p]))
		if err != nil || c.Width != want[0] || c.Height != want[1] {
			t.Errorf("%s is %d×%d: %v", p, c.Width, c.Height, err)
		}
	}
	if all["reports/2026/f.pdf"] == nil {
		t.Error("the attachment is not there")
	}
	page := string(all["reports/2026/a/index.html"])
	for _, want := range []string{
		`<div class="gallery">`, `<a href="/a/reports/2026/%E4%BC%9A%20%E5%9C%BA.jpg">`, `width="900" height="1400"`, `alt="会场里的人"`, `<figcaption>说明</figcaption>`,
		`srcset="/a/images/reports/2026/%E4%BC%9A%20%E5%9C%BA-480.jpg 480w, /a/reports/2026/%E4%BC%9A%20%E5%9C%BA.jpg 900w" sizes="`,
		`<meta property="og:image" content="https://example.org/a/reports/2026/%E4%BC%9A%20%E5%9C%BA.jpg">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	if !strings.Contains(string(all["people/z/index.html"]), `alt="张测试的照片"`) {
		t.Error("the portrait does not say whose it is")
	}
	hidden := []string{"reports/2026/nobody.jpg", "reports/2026/nobody.pdf", "reports/d.jpg", "reports/w.jpg", "reports/w.pdf", "people/x.heic", "images/reports/d-480.jpg"}
	for _, p := range hidden {
		if _, ok := all[p]; ok {
			t.Errorf("%s is published", p)
		}
	}
	said := ""
	for _, m := range g.Diags {
		said += m.String() + "\n"
	}
	if !strings.Contains(said, "content/people/x.heic:1:1: 警告: 这是 HEIC 图片") {
		t.Error(said)
	}
	preview := generate(t, pictured(t), render.Options{Unpublished: true})
	for _, p := range []string{"reports/d.jpg", "reports/w.jpg", "reports/w.pdf", "images/reports/d-480.jpg"} {
		if !preview.Has(p) {
			t.Errorf("a preview that shows drafts has no %s", p)
		}
	}
}

// TestFullPictures: the whole picture stands behind the small ones where the settings say so.
func TestFullPictures(t *testing.T) {
	source := pictured(t)
	source["site.yaml"] = &fstest.MapFile{Data: []byte("pictures: full\n")}
	source["content/reports/2026/会 场.jpg"] = &fstest.MapFile{Data: bytes.Replace(photo(t, 2400, 300), []byte("\x12\x01\x03\x00\x01\x00\x00\x00\x06"), []byte("\x12\x01\x03\x00\x01\x00\x00\x00\x01"), 1)}
	all := files(t, generate(t, source, render.Options{}))
	got := all["reports/2026/会 场.jpg"]
	c, _, err := image.DecodeConfig(bytes.NewReader(got))
	if err != nil || c.Width != 2400 || bytes.Contains(got, []byte(planted[:12])) {
		t.Errorf("%d wide, %v", c.Width, err)
	}
	if page := string(all["reports/2026/a/index.html"]); strings.Contains(page, "2400w") || !strings.Contains(page, "-1920.jpg 1920w") {
		t.Error("pages choose the whole picture")
	}
}

// TestPictureStore: what was made is used again if it is what it was, and made again if it is not.
func TestPictureStore(t *testing.T) {
	source := pictured(t)
	dir := filepath.Join(t.TempDir(), "pictures")
	want := files(t, generate(t, source, render.Options{Pictures: dir}))
	kept := func() map[string]os.FileInfo {
		m := map[string]os.FileInfo{}
		if err := filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				m[p], err = e.Info()
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := kept()
	same(t, files(t, generate(t, source, render.Options{Pictures: dir})), want)
	for p, info := range kept() {
		if first[p] == nil || !os.SameFile(first[p], info) {
			t.Errorf("%s was made again", p)
		}
	}
	for p, info := range first {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > 0 && filepath.Base(p) != ".gitignore" {
			b[len(b)/2] ^= 0x20
			if err := os.WriteFile(p, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	same(t, files(t, generate(t, source, render.Options{Pictures: dir})), want)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	same(t, files(t, generate(t, source, render.Options{Pictures: dir})), want)
}

// TestBrokenPictures: what can't be shown is an error where it lies, if a page shows it.
func TestBrokenPictures(t *testing.T) {
	source := pictured(t)
	source["content/reports/2026/t.png"] = &fstest.MapFile{Data: []byte("<html>")}
	g, err := render.New(render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range g.Diags {
		if m.Severity == diag.Error && m.Pos.Path != "content/reports/2026/t.png" {
			t.Error(m)
		}
	}
	if g.Diags.Errors() != 1 {
		t.Errorf("%v", g.Diags)
	}
	source = pictured(t)
	cut := source["content/reports/2026/会 场.jpg"].Data
	source["content/reports/2026/会 场.jpg"] = &fstest.MapFile{Data: cut[:len(cut)*2/3]}
	if g, err = render.New(render.Options{Source: source, Theme: gongzhi.DefaultTheme(), Now: noon}); err != nil {
		t.Fatal(err)
	}
	_, err = g.File(nil, "images/reports/2026/会 场-480.jpg")
	if faults := render.Faults(err); len(faults) != 1 || faults[0].Pos.Path != "content/reports/2026/会 场.jpg" {
		t.Errorf("%v", err)
	}
}
