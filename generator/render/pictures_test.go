package render_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
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
	"gongzhi/generator/picture"
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
	chunk := func(kind, data string) []byte {
		c := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind+data...)
		return binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write([]byte(planted)); err != nil || z.Close() != nil {
		t.Fatal("zlib")
	}
	p := b.Bytes()
	return bytes.Join([][]byte{p[:33], chunk("tEXt", "Comment\x00"+planted), chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+planted), chunk("zTXt", "Comment\x00\x00"+packed.String()),
		chunk("eXIf", "II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"+planted), chunk("tIME", planted[:7]), chunk("prVt", planted), p[33:], []byte(planted)}, nil)
}

// scanned is a TIFF with a mark in every place that TIFF has for words: its description, maker, model, software, artist and rights, XMP, IPTC,
// Photoshop's, Exif with a note of the maker's, the place, a second directory with a thumbnail, and between the pixels.
func scanned(w, h int) []byte {
	le := binary.LittleEndian
	pixels := make([]byte, w*h)
	for i := range pixels {
		pixels[i] = byte(i % w * 200 / w)
	}
	b := append([]byte("II*\x00\x00\x00\x00\x00"), pixels...)
	words := len(b)
	b = append(b, planted+"\x00"...)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	directory := func(next int, entries [][4]int) int {
		at := len(b)
		b = le.AppendUint16(b, uint16(len(entries)))
		for _, e := range entries {
			b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
			b = le.AppendUint32(le.AppendUint32(b, uint32(e[2])), uint32(e[3]))
		}
		b = le.AppendUint32(b, uint32(next))
		return at
	}
	n := len(planted) + 1
	exif := directory(0, [][4]int{{37500, 7, n, words}, {42033, 2, n, words}}) // the maker's note, the serial number
	place := directory(0, [][4]int{{27, 7, n, words}})
	small := directory(0, [][4]int{{256, 4, 1, 4}, {257, 4, 1, 4}, {258, 3, 1, 8}, {259, 3, 1, 1}, {262, 3, 1, 1}, {273, 4, 1, words}, {278, 4, 1, 4}, {279, 4, 1, 16}})
	main := directory(small, [][4]int{{256, 4, 1, w}, {257, 4, 1, h}, {258, 3, 1, 8}, {259, 3, 1, 1}, {262, 3, 1, 1}, {270, 2, n, words}, {271, 2, n, words}, {272, 2, n, words}, {273, 4, 1, 8}, {278, 4, 1, h}, {279, 4, 1, w * h},
		{305, 2, n, words}, {315, 2, n, words}, {700, 1, n, words}, {33432, 2, n, words}, {33723, 7, n, words}, {34377, 1, n, words}, {34665, 4, 1, exif}, {34853, 4, 1, place}})
	le.PutUint32(b[4:], uint32(main))
	return append(b, planted...)
}

// webP is a lossless one of one pixel with a mark in every chunk that holds words.
func webP() []byte {
	body := "WEBP"
	for _, c := range [][2]string{{"VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00"}, {"VP8L", "\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07"}, {"EXIF", "II*\x00\x08\x00\x00\x00\x00\x00" + planted}, {"XMP ", planted}, {"ABCD", planted}} {
		body += c[0] + string(binary.LittleEndian.AppendUint32(nil, uint32(len(c[1])))) + c[1]
		if len(c[1])%2 == 1 {
			body += "\x00"
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body+planted...)
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
		"content/photos/map.md":           {Data: []byte("---\ntitle: 测试地图\nfile: map.tif\nalt: 由暗到亮\nzoom: true\n---\n")},
		"content/photos/map.tif":          {Data: scanned(1300, 700)},
		"content/photos/dot.md":           {Data: []byte("---\ntitle: 测试点\nfile: dot.webp\nalt: 一个点\n---\n")},
		"content/photos/dot.webp":         {Data: webP()},
		"content/people/x.heic":           {Data: []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + planted)},
	}
}

// TestPictures: pictures are published small, upright and without a word of their metadata, and only those that a
// published page shows.
func TestPictures(t *testing.T) {
	g := generate(t, pictured(t), render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	for p, f := range pictured(t) {
		if picture.Known(p) && !bytes.Contains(f.Data, []byte(planted)) {
			t.Errorf("nothing is planted in %s", p)
		}
	}
	for p, b := range all {
		for n := 0; n+8 <= len(planted); n += 4 {
			if bytes.Contains(b, []byte(planted[n:n+8])) {
				t.Errorf("%s has metadata of its source", p)
			}
		}
	}
	for _, p := range []string{"photos/map.jpg", "images/photos/map.tif-480.jpg", "images/photos/map.tif-zoom/1024,512,276,188/276,188/0/default.jpg", "photos/dot.png"} {
		if all[p] == nil {
			t.Errorf("%s is not published", p)
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

// TestReviewedPictures: what `check` says of pictures that can be published all the same, each at its place, and nothing of those
// that are well.
func TestReviewedPictures(t *testing.T) {
	encoded := func(w, h int, tint byte) []byte {
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				m.Set(x, y, color.RGBA{tint, byte(x * 7), byte(y * 5), 255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 400, 400))
	clear.Pix[3] = 9
	var glass bytes.Buffer
	if err := png.Encode(&glass, clear); err != nil {
		t.Fatal(err)
	}
	well := encoded(400, 300, 1)
	iptc := "Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x1a\x1c\x02\x50\x00\x06甲测\x1c\x02\x74\x00\x0c测试厂工"
	credited := encoded(400, 300, 7)
	icc := "ICC_PROFILE\x00\x01\x01这不是颜色描述文件"
	credited = bytes.Join([][]byte{credited[:2], append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe2}, uint16(len(icc)+2)), icc...), append(binary.BigEndian.AppendUint16([]byte{0xff, 0xed}, uint16(len(iptc)+2)), iptc...), credited[2:]}, nil)
	record := func(front, body string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\ntitle: 测试" + body[:3] + "\ndate: 2026-05-01\n" + front + "---\n" + body)}
	}
	g := generate(t, fstest.MapFS{
		"site.yaml":                    {Data: []byte("baseURL: https://example.org/\n")},
		"content/reports/well.md":      record("image: well.jpg\nimage_alt: 会场里的人在鼓掌\n", "甲"),
		"content/reports/well.jpg":     {Data: well},
		"content/reports/again.jpg":    {Data: well},
		"content/reports/tiny.jpg":     {Data: encoded(310, 200, 2)},
		"content/reports/scan.png":     {Data: encoded(400, 300, 3)},
		"content/reports/large.jpg":    {Data: append(encoded(400, 300, 4), make([]byte, 41<<20)...)},
		"content/reports/unused.jpg":   {Data: encoded(400, 300, 5)},
		"content/reports/a.md":         record("image: tiny.jpg\nimage_alt: IMG_2034.jpg\n", "乙\n\n![图片3](scan.png)\n\n![会场门口的横幅](tiny.jpg)\n\n![同一个会场](again.jpg)\n\n![很大的会场](large.jpg)\n"),
		"content/reports/none.md":      record("image: well.jpg\n", "丙"),
		"content/photos/p.md":          {Data: []byte("---\ntitle: 测试图片\nfile: p.jpg\nalt: 车间里的机器\n---\n")},
		"content/photos/p.jpg":         {Data: credited},
		"content/photos/glass.md":      {Data: []byte("---\ntitle: 测试玻璃\nfile: glass.png\nalt: 玻璃板\nzoom: true\n---\n")},
		"content/photos/glass.png":     {Data: glass.Bytes()},
		"content/photos/unwritten.md":  {Data: []byte("---\ntitle: 待征集的测试图片\nalt: 车间\n---\n")},
		"content/photos/unwritten.txt": {Data: []byte("不是图片")},
	}, render.Options{})
	got := map[string]string{}
	for _, m := range append(g.Diags, g.Site.Review()...) {
		if strings.HasPrefix(m.ID, "image/") {
			if m.Severity != diag.Warning {
				t.Errorf("not a warning: %v", m)
			}
			key := fmt.Sprintf("%s:%d:%d %s", m.Pos.Path, m.Pos.Line, m.Pos.Col, m.ID)
			if got[key] != "" && m.ID != "image/credit" {
				t.Errorf("twice: %v", m)
			}
			got[key] += m.Text
		}
	}
	for _, want := range [][2]string{
		{"content/reports/a.md:4:8 image/tiny", "310×200"},
		{"content/reports/a.md:5:12 image/alt-useless", "IMG_2034.jpg"},
		{"content/reports/a.md:9:8 image/alt-useless", "图片3"},
		{"content/reports/a.md:11:12 image/tiny", "310×200"},
		{"content/reports/none.md:4:8 image/alt", "image_alt"},
		{"content/reports/scan.png:0:0 image/extension", ".jpg"},
		{"content/reports/large.jpg:0:0 image/large", "41 MB"},
		{"content/reports/unused.jpg:0:0 image/unused", "删去"},
		{"content/reports/well.jpg:0:0 image/duplicate", "content/reports/again.jpg"},
		{"content/photos/p.md:3:7 image/credit", "甲测"},
		{"content/photos/p.jpg:0:0 image/profile", "ICC"},
		{"content/photos/glass.md:5:7 image/zoom", "透明"},
	} {
		if !strings.Contains(got[want[0]], want[1]) {
			t.Errorf("nothing of %s at %s, but %q", want[1], want[0], got[want[0]])
		}
		delete(got, want[0])
	}
	for at, text := range got {
		t.Errorf("%s: %s", at, text)
	}
}

// TestScans: the scan of a source is looked at closely as a photo of the holdings is, and both descriptions are what IIIF wants:
// tiles of which each is where it should be, absolute addresses, and the links that lead there.
func TestScans(t *testing.T) {
	source := pictured(t)
	source["content/sources/paper.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 测试日报\ntype: 报纸\nfile: paper.jpg\nalt: 头版，字很小\nzoom: true\n---\n")}
	source["content/sources/paper.jpg"] = &fstest.MapFile{Data: photo(t, 1300, 800)} // lies on its side
	g := generate(t, source, render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	if page := string(all["sources/paper/index.html"]); !strings.Contains(page, `href="/a/images/sources/paper.jpg-zoom/"`) {
		t.Error("the page of the source does not lead to its scan")
	}
	const base, folder = "https://example.org/a/images/sources/paper.jpg-zoom", "images/sources/paper.jpg-zoom/"
	var info struct {
		Context  string `json:"@context"`
		ID       string
		Type     string
		Protocol string
		Profile  string
		Width    int
		Height   int
		Tiles    []struct {
			Width        int
			Height       int
			ScaleFactors []int
		}
		Sizes []struct{ Width, Height int }
	}
	if err := json.Unmarshal(all[folder+"info.json"], &info); err != nil {
		t.Fatal(err)
	}
	if info.Context != "http://iiif.io/api/image/3/context.json" || info.ID != base || info.Type != "ImageService3" || info.Protocol != "http://iiif.io/api/image" || info.Profile != "level0" || info.Width != 800 || info.Height != 1300 || len(info.Tiles) != 1 {
		t.Errorf("%+v", info)
	}
	// Every request that a client makes by the Image API 3.0 (section 4.7, canonical form) for these tiles is answered.
	for _, factor := range info.Tiles[0].ScaleFactors {
		side := info.Tiles[0].Width * factor
		for y := 0; y < info.Height; y += side {
			for x := 0; x < info.Width; x += side {
				w, h := min(side, info.Width-x), min(side, info.Height-y)
				region, tw, th := fmt.Sprintf("%d,%d,%d,%d", x, y, w, h), (w+factor-1)/factor, (h+factor-1)/factor
				if w == info.Width && h == info.Height {
					region = "full"
				}
				b := all[folder+fmt.Sprintf("%s/%d,%d/0/default.jpg", region, tw, th)]
				c, err := jpeg.DecodeConfig(bytes.NewReader(b))
				if err != nil || c.Width != tw || c.Height != th {
					t.Errorf("%s/%d,%d: %d×%d %v", region, tw, th, c.Width, c.Height, err)
				}
			}
		}
	}
	for _, size := range info.Sizes {
		if all[folder+fmt.Sprintf("full/%d,%d/0/default.jpg", size.Width, size.Height)] == nil {
			t.Errorf("there is no whole picture of %v", size)
		}
	}
	if len(info.Sizes) == 0 {
		t.Error("no whole picture is offered")
	}
	type painted struct {
		ID, Type, Format string
		Width, Height    int
		Service          []struct{ ID, Type, Profile string }
	}
	var manifest struct {
		Context string `json:"@context"`
		ID      string
		Type    string
		Label   map[string][]string
		Items   []struct { // canvases
			ID, Type      string
			Width, Height int
			Items         []struct { // pages
				ID, Type string
				Items    []struct { // annotations
					ID, Type, Motivation, Target string
					Body                         painted
				}
			}
		}
	}
	if err := json.Unmarshal(all[folder+"manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	// What the Presentation API 3.0 requires of each (its table of requirements, sections 3 and 5).
	if manifest.Context != "http://iiif.io/api/presentation/3/context.json" || manifest.ID != base+"/manifest.json" || manifest.Type != "Manifest" || manifest.Label["zh-Hans"][0] != "测试日报" || len(manifest.Items) != 1 {
		t.Fatalf("%+v", manifest)
	}
	canvas := manifest.Items[0]
	if canvas.Type != "Canvas" || canvas.Width != 800 || canvas.Height != 1300 || len(canvas.Items) != 1 || canvas.Items[0].Type != "AnnotationPage" || len(canvas.Items[0].Items) != 1 {
		t.Fatalf("%+v", canvas)
	}
	note := canvas.Items[0].Items[0]
	if note.Type != "Annotation" || note.Motivation != "painting" || note.Target != canvas.ID || note.Body.Type != "Image" || note.Body.Format != "image/jpeg" || len(note.Body.Service) != 1 || note.Body.Service[0].ID != base {
		t.Errorf("%+v", note)
	}
	if all[strings.TrimPrefix(note.Body.ID, "https://example.org/a/")] == nil {
		t.Errorf("%s is not there", note.Body.ID)
	}
	for p, b := range all {
		if strings.HasPrefix(p, folder) && bytes.Contains(b, []byte(planted[:12])) {
			t.Errorf("%s has metadata of its source", p)
		}
	}
}
