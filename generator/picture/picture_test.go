package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff/lzw"
)

// The marks that tests plant where metadata can stand.
const mark = "MARKE-N28.6820-E115.8579-SN0042"

// sample is a picture of four fields of colour that looks different however it lies.
func sample(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{byte(40 + x*150/w), byte(60 + y*130/h), 90, 255}
			switch {
			case x < w/4 && y < h/4:
				c = color.NRGBA{220, 30, 30, 255}
			case x >= w/2 && y < h/3:
				c = color.NRGBA{30, 170, 60, 255}
			case x < w/3 && y >= h*2/3:
				c = color.NRGBA{40, 60, 210, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// lying is the picture as it lies in a file that says orientation o, by the table of Exif (2.32, section 4.6.5).
func lying(m *image.NRGBA, o int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	lw, lh := w, h
	if o >= 5 {
		lw, lh = h, w
	}
	l := image.NewNRGBA(image.Rect(0, 0, lw, lh))
	for y := range lh {
		for x := range lw {
			// The 0th row and the 0th column of the file are at these sides of the picture.
			var px, py int
			switch o {
			case 1: // top, left
				px, py = x, y
			case 2: // top, right
				px, py = w-1-x, y
			case 3: // bottom, right
				px, py = w-1-x, h-1-y
			case 4: // bottom, left
				px, py = x, h-1-y
			case 5: // left, top
				px, py = y, x
			case 6: // right, top
				px, py = w-1-y, x
			case 7: // right, bottom
				px, py = w-1-y, h-1-x
			case 8: // left, bottom
				px, py = y, h-1-x
			}
			l.SetNRGBA(x, y, m.NRGBAAt(px, py))
		}
	}
	return l
}

// exif is a block of Exif with an orientation, the place, and a thumbnail's directory with a mark.
func exif(o int) []byte {
	le := binary.LittleEndian
	var b []byte
	b = append(b, "II*\x00\x08\x00\x00\x00"...)
	entries := []struct {
		tag, kind uint16
		count     uint32
		value     []byte
	}{
		{0x010e, 2, 0, []byte("画面：测试厂 " + mark)},
		{0x010f, 2, 0, []byte("Maker " + mark)},
		{0x0112, 3, 1, []byte{byte(o), 0, 0, 0}},
		{0x013b, 2, 0, []byte("张测试")},
		{0x8298, 2, 0, []byte("版权 测试厂工会")},
		{0x8825, 4, 1, nil},
	}
	at := len(b) + 2 + 12*len(entries) + 4
	var tail []byte
	b = le.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = le.AppendUint16(b, e.tag)
		b = le.AppendUint16(b, e.kind)
		switch {
		case e.tag == 0x8825:
			b = le.AppendUint32(b, 1)
			b = le.AppendUint32(b, uint32(at+len(tail)))
			tail = le.AppendUint16(tail, 1)
			tail = le.AppendUint16(tail, 2) // GPSLatitude
			tail = le.AppendUint16(tail, 5)
			tail = le.AppendUint32(tail, 3)
			tail = le.AppendUint32(tail, uint32(at+len(tail)+8))
			tail = le.AppendUint32(tail, 0)
			for _, v := range []uint32{28, 1, 40, 1, 55, 1} {
				tail = le.AppendUint32(tail, v)
			}
			tail = append(tail, mark...)
		case e.count > 0:
			b = le.AppendUint32(b, e.count)
			b = append(b, e.value...)
		default:
			b = le.AppendUint32(b, uint32(len(e.value)+1))
			b = le.AppendUint32(b, uint32(at+len(tail)))
			tail = append(tail, e.value...)
			tail = append(tail, 0)
		}
	}
	b = le.AppendUint32(b, 0)
	return append(b, tail...)
}

func xmp() string {
	return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">版权所有 甲测 ` + mark + `</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>`
}

func segment(m byte, body string) []byte {
	b := []byte{0xff, m, 0, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(len(body)+2))
	return append(b, body...)
}

// marked puts a mark into every kind of segment of a JPEG, and behind its end.
func marked(src []byte, o int) []byte {
	var b []byte
	b = append(b, src[:2]...)
	b = append(b, segment(mAPP, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x01\x01"+mark[:3])...)
	b = append(b, segment(mAPP, "JFXX\x00\x10"+mark)...)
	b = append(b, segment(mAPP+1, "Exif\x00\x00"+string(exif(o)))...)
	b = append(b, segment(mAPP+1, "http://ns.adobe.com/xap/1.0/\x00"+xmp())...)
	b = append(b, segment(mAPP+1, "http://ns.adobe.com/xmp/extension/\x00"+mark)...)
	b = append(b, segment(mAPP+2, "MPF\x00"+mark)...)
	b = append(b, segment(mAPP+13, "Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x2c\x1c\x02\x50\x00\x09"+"甲测三"+"\x1c\x02\x78\x00\x18"+mark[:24])...)
	for m := byte(mAPP + 3); m <= mAPP+15; m++ {
		if m != mAPP+13 && m != mAPP+14 {
			b = append(b, segment(m, mark)...)
		}
	}
	b = append(b, segment(mCOM, mark)...)
	b = append(b, src[2:]...)
	return append(b, "\x00\x00\x00\x18ftypmp42"+mark...)
}

func encodeJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func inspect(t testing.TB, src []byte) Info {
	t.Helper()
	i, err := Inspect(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// made makes everything of a picture.
func made(t testing.TB, src []byte, full bool) (Plan, [][]byte) {
	t.Helper()
	i := inspect(t, src)
	p := i.Plan(full)
	all := make([][]byte, len(p.Sizes))
	err := Make(bytes.NewReader(src), i, p, func(k int, b []byte) error {
		all[k] = bytes.Clone(b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for k, b := range all {
		c, _, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil && p.Extension != ".svg" {
			t.Fatalf("%v: %v", p.Sizes[k], err)
		}
		if p.Extension != ".svg" && (c.Width != p.Sizes[k].Width || c.Height != p.Sizes[k].Height) {
			t.Errorf("is %d×%d, should be %v", c.Width, c.Height, p.Sizes[k])
		}
	}
	return p, all
}

// differ is the mean difference of two pictures' samples, and the greatest within the fields.
func differ(t testing.TB, got []byte, want image.Image) float64 {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Size() != want.Bounds().Size() {
		t.Fatalf("size %v, should be %v", m.Bounds().Size(), want.Bounds().Size())
	}
	sum, n := 0.0, 0.0
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			r, g, b, a := m.At(x, y).RGBA()
			wr, wg, wb, wa := want.At(x, y).RGBA()
			for _, d := range [4]float64{float64(r) - float64(wr), float64(g) - float64(wg), float64(b) - float64(wb), float64(a) - float64(wa)} {
				sum += math.Abs(d) / 257
				n++
			}
		}
	}
	return sum / n
}

func TestOrientations(t *testing.T) {
	want := sample(96, 64)
	for o := 1; o <= 8; o++ {
		l := lying(want, o)
		src := marked(encodeJPEG(t, l), o)
		i := inspect(t, src)
		if i.Width != 96 || i.Height != 64 || i.Orientation != o {
			t.Errorf("%d: %+v", o, i)
		}
		_, all := made(t, src, false)
		if d := differ(t, all[len(all)-1], want); d > 3 {
			t.Errorf("JPEG %d: differs by %.1f", o, d)
		}
		p := encodePNG(t, l)
		p = slices.Concat(p[:33], chunk("eXIf", exif(o)), p[33:])
		_, all = made(t, p, true)
		if d := differ(t, all[len(all)-1], want); d > 0.5 {
			t.Errorf("PNG %d: differs by %.1f", o, d)
		}
		_, all = made(t, tiffOf(l, tiffKind{orientation: o}), true)
		if d := differ(t, all[len(all)-1], want); d > 3 {
			t.Errorf("TIFF %d: differs by %.1f", o, d)
		}
	}
}

func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, kind...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func deflated(s string) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil || z.Close() != nil {
		panic("zlib")
	}
	return b.Bytes()
}

func riff(kind string, data []byte) []byte {
	b := append([]byte(kind), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(data)))
	b = append(b, data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// oneWebP is a lossless WebP of one pixel.
var oneWebP = []byte("VP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

func webpOf(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), append(body, mark...)...)
}

// TestNoMetadata: whatever stood beside the pixels is in nothing that is made, and the pixels are.
func TestNoMetadata(t *testing.T) {
	m := sample(96, 64)
	vp8x := riff("VP8X", []byte{0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	p := encodePNG(t, m)
	markedPNG := slices.Concat(p[:33], chunk("tEXt", []byte("Comment\x00"+mark)), chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmp())), chunk("zTXt", append([]byte("Comment\x00\x00"), deflated(mark)...)),
		chunk("eXIf", exif(1)), chunk("tIME", []byte(mark[:7])), chunk("prVt", []byte(mark)), chunk("sPLT", []byte(mark)), p[33:], []byte(mark))
	var g bytes.Buffer
	pal := image.NewPaletted(m.Rect, palette.WebSafe)
	draw.Draw(pal, m.Rect, m, image.Point{}, draw.Src)
	if err := gif.EncodeAll(&g, &gif.GIF{Image: []*image.Paletted{pal, pal}, Delay: []int{9, 9}}); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(g.Bytes(), []byte("\x21\xf9"))
	gifBytes := slices.Concat(g.Bytes()[:at], []byte("\x21\xfe"+string(rune(len(mark)))+mark+"\x00"), []byte("\x21\xff\x0bXMP DataXMP"+string(rune(len(mark)))+mark+"\x00"), g.Bytes()[at:], []byte(mark))
	for name, src := range map[string][]byte{
		"a.jpg":  marked(encodeJPEG(t, m), 1),
		"b.jpg":  marked(encodeJPEG(t, m), 6),
		"c.png":  markedPNG,
		"d.gif":  gifBytes,
		"e.webp": webpOf(vp8x, oneWebP, riff("EXIF", exif(1)), riff("XMP ", []byte(xmp())), riff("ABCD", []byte(mark))),
		"f.tif":  tiffOf(m, tiffKind{orientation: 1, note: mark}),
		"g.svg":  []byte(`<?xml version="1.0"?><!-- ` + mark + ` --><svg xmlns="http://www.w3.org/2000/svg" xmlns:i="urn:i" width="20" height="10" i:v="` + mark + `"><metadata>` + mark + `</metadata><i:grid x="` + mark + `"/><path data-x="` + mark + `" d="M0 0h20v10z"/></svg>`),
	} {
		if !bytes.Contains(src, []byte(mark)) {
			t.Fatalf("%s: nothing was planted", name)
		}
		for _, full := range []bool{false, true} {
			_, all := made(t, src, full)
			for _, b := range all {
				for n := 0; n+8 <= len(mark); n += 4 {
					if bytes.Contains(b, []byte(mark[n:n+8])) {
						t.Errorf("%s: %q is in what is made", name, mark[n:n+8])
					}
				}
				for _, s := range []string{"Exif", "xmp", "8BIM", "MPF", "ftyp", "\x1c\x00\x00\x00\x01\x00\x00\x00\x28"} {
					if bytes.Contains(b, []byte(s)) {
						t.Errorf("%s: %q is in what is made", name, s)
					}
				}
			}
			switch name {
			case "a.jpg", "b.jpg", "c.png":
			case "d.gif":
				again, err := gif.DecodeAll(bytes.NewReader(all[0]))
				if err != nil || len(again.Image) != 2 || again.LoopCount != 0 || again.Delay[1] != 9 {
					t.Errorf("the GIF does not move any more: %v", err)
				}
			}
		}
	}
}

func TestCredits(t *testing.T) {
	src := marked(encodeJPEG(t, sample(96, 64)), 6)
	c := Credits(bytes.NewReader(src), inspect(t, src))
	if c.Creator != "甲测三" || !strings.HasPrefix(c.Copyright, "版权所有 甲测") || c.Caption != mark[:24] || !c.Located {
		t.Errorf("%+v", c)
	}
}

// tiffKind says how tiffOf writes.
type tiffKind struct {
	orientation      int
	compression      int
	deep, tiled, big bool
	predictor        int
	gray, ink        bool
	note             string
	profile          []byte
}

// tiffOf writes a TIFF with all that can stand in one.
func tiffOf(m *image.NRGBA, k tiffKind) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	if k.big {
		order = binary.BigEndian
	}
	u16 := func(b []byte, v int) []byte {
		o := make([]byte, 2)
		order.PutUint16(o, uint16(v))
		return append(b, o...)
	}
	u32 := func(b []byte, v int) []byte {
		o := make([]byte, 4)
		order.PutUint32(o, uint32(v))
		return append(b, o...)
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	samples, photometric, bits := 3, 2, 8
	if k.gray {
		samples, photometric = 1, 1
	}
	if k.ink {
		samples, photometric = 4, 5
	}
	if k.deep {
		bits = 16
	}
	if k.compression == 0 {
		k.compression = 1
	}
	tw, th := w, 10
	if k.tiled {
		tw, th = 32, 16
	}
	var pieces [][]byte
	for y0 := 0; y0 < h; y0 += th {
		for x0 := 0; x0 < w; x0 += tw {
			var raw []byte
			rows := th
			if !k.tiled {
				rows = min(th, h-y0)
			}
			for y := y0; y < y0+rows; y++ {
				row := make([]int, 0, tw*samples)
				for x := x0; x < x0+tw; x++ {
					c := m.NRGBAAt(min(x, w-1), min(y, h-1))
					switch {
					case k.gray:
						row = append(row, int(color.GrayModel.Convert(c).(color.Gray).Y))
					case k.ink:
						row = append(row, 255-int(c.R), 255-int(c.G), 255-int(c.B), 0)
					default:
						row = append(row, int(c.R), int(c.G), int(c.B))
					}
				}
				if k.deep {
					for i := range row {
						row[i] *= 257
					}
				}
				if k.predictor == 2 {
					for i := len(row) - 1; i >= samples; i-- {
						row[i] -= row[i-samples]
					}
				}
				for _, v := range row {
					if k.deep {
						raw = u16(raw, v)
					} else {
						raw = append(raw, byte(v))
					}
				}
			}
			var z bytes.Buffer
			switch k.compression {
			case 5:
				raw = lzwOf(raw)
			case 8:
				e := zlib.NewWriter(&z)
				if _, err := e.Write(raw); err != nil || e.Close() != nil {
					panic("zlib")
				}
				raw = z.Bytes()
			case 32773:
				for len(raw) > 0 {
					n := min(len(raw), 128)
					if n > 2 && raw[0] == raw[1] && raw[1] == raw[2] {
						n = 2
						for n < min(len(raw), 128) && raw[n] == raw[0] {
							n++
						}
						z.Write([]byte{byte(1 - n), raw[0]})
					} else {
						z.WriteByte(byte(n - 1))
						z.Write(raw[:n])
					}
					raw = raw[n:]
				}
				raw = z.Bytes()
			}
			pieces = append(pieces, raw)
		}
	}
	b := []byte("II*\x00\x00\x00\x00\x00")
	if k.big {
		b = []byte("MM\x00*\x00\x00\x00\x00")
	}
	var offsets, sizes []int
	for _, p := range pieces {
		offsets, sizes = append(offsets, len(b)), append(sizes, len(p))
		b = append(b, p...)
	}
	b = append(b, k.note...)
	var extra []byte
	type e struct {
		tag, kind int
		values    []int
		text      string
	}
	list := []e{{256, 4, []int{w}, ""}, {257, 4, []int{h}, ""}, {258, 3, slices.Repeat([]int{bits}, samples), ""}, {259, 3, []int{k.compression}, ""}, {262, 3, []int{photometric}, ""}, {270, 2, nil, k.note + "\x00\x00\x00\x00"}}
	if k.tiled {
		list = append(list, e{274, 3, []int{max(k.orientation, 1)}, ""}, e{277, 3, []int{samples}, ""}, e{317, 3, []int{max(k.predictor, 1)}, ""}, e{322, 4, []int{tw}, ""}, e{323, 4, []int{th}, ""}, e{324, 4, offsets, ""}, e{325, 4, sizes, ""})
	} else {
		list = append(list, e{273, 4, offsets, ""}, e{274, 3, []int{max(k.orientation, 1)}, ""}, e{277, 3, []int{samples}, ""}, e{278, 4, []int{th}, ""}, e{279, 4, sizes, ""}, e{317, 3, []int{max(k.predictor, 1)}, ""})
	}
	if k.profile != nil {
		list = append(list, e{34675, 7, nil, string(k.profile)})
	}
	dir := len(b)
	order.PutUint32(b[4:], uint32(dir))
	after := dir + 2 + 12*len(list) + 4
	b = u16(b, len(list))
	for _, x := range list {
		var v []byte
		n := len(x.values)
		for _, y := range x.values {
			if x.kind == 3 {
				v = u16(v, y)
			} else {
				v = u32(v, y)
			}
		}
		if x.text != "" {
			v, n = []byte(x.text), len(x.text)
		}
		b = u16(b, x.tag)
		b = u16(b, x.kind)
		b = u32(b, n)
		if len(v) <= 4 {
			b = append(b, append(v, 0, 0, 0, 0)[:4]...)
		} else {
			b = u32(b, after+len(extra))
			extra = append(extra, v...)
		}
	}
	b = u32(b, 0)
	return append(b, extra...)
}

// lzwOf packs bytes by codes alone that stand for one byte each, clearing the table before it grows.
func lzwOf(raw []byte) []byte {
	var b []byte
	acc, n := 0, 0
	put := func(code int) {
		acc, n = acc<<9|code, n+9
		for n >= 8 {
			b = append(b, byte(acc>>(n-8)))
			n -= 8
		}
	}
	for i, v := range raw {
		if i%200 == 0 {
			put(256)
		}
		put(int(v))
	}
	put(257)
	return append(b, byte(acc<<(8-n)))
}

func TestTIFF(t *testing.T) {
	m := sample(97, 61)
	gray := image.NewGray(m.Rect)
	draw.Draw(gray, m.Rect, m, image.Point{}, draw.Src)
	if got, err := readAllOf(lzw.NewReader(bytes.NewReader(lzwOf([]byte("abcabc"))), lzw.MSB, 8)); err != nil || got != "abcabc" {
		t.Fatalf("the test's own LZW is wrong: %q %v", got, err)
	}
	for _, k := range []tiffKind{
		{}, {big: true}, {compression: 5}, {compression: 5, predictor: 2}, {compression: 8, predictor: 2, deep: true}, {compression: 32773}, {deep: true, big: true, predictor: 2},
		{tiled: true}, {tiled: true, compression: 8, predictor: 2, big: true}, {tiled: true, compression: 5, deep: true}, {gray: true}, {gray: true, deep: true, compression: 8}, {ink: true}, {ink: true, tiled: true, compression: 32773},
	} {
		src := tiffOf(m, k)
		_, all := made(t, src, false)
		var want image.Image = m
		if k.gray {
			want = gray
		}
		if d := differ(t, all[len(all)-1], want); d > 4 {
			t.Errorf("%+v: differs by %.1f", k, d)
		}
	}
}

func readAllOf(r interface{ Read([]byte) (int, error) }) (string, error) {
	var b bytes.Buffer
	_, err := b.ReadFrom(r)
	return b.String(), err
}

// TestDepths: gray, palettes, 1 to 16 bits and transparency come out as they went in.
func TestDepths(t *testing.T) {
	m := sample(64, 48)
	for y := range 48 {
		for x := range 20 {
			c := m.NRGBAAt(x, y)
			c.A = byte(x * 12)
			m.SetNRGBA(x, y, c)
		}
	}
	opaque := sample(64, 48)
	deep := image.NewNRGBA64(m.Rect)
	draw.Draw(deep, m.Rect, m, image.Point{}, draw.Src)
	gray := image.NewGray16(m.Rect)
	draw.Draw(gray, m.Rect, opaque, image.Point{}, draw.Src)
	two := image.NewPaletted(m.Rect, color.Palette{color.White, color.Black})
	draw.Draw(two, m.Rect, opaque, image.Point{}, draw.Src)
	few := image.NewPaletted(m.Rect, append(palette.WebSafe[:15:15], color.NRGBA{9, 200, 9, 90}))
	draw.Draw(few, m.Rect, opaque, image.Point{}, draw.Src)
	for name, img := range map[string]image.Image{"alpha": m, "deep": deep, "gray": gray, "two": two, "few": few, "opaque": opaque} {
		src := encodePNG(t, img)
		i := inspect(t, src)
		p, err := open(bytes.NewReader(src), i)
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.canvas(i, Size{64, 48})
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.png()
		if err != nil {
			t.Fatal(err)
		}
		if d := differ(t, b, img); d > 0.6 {
			t.Errorf("%s: differs by %.2f", name, d)
		}
	}
}

// TestTransparentEdges: what is transparent lends no colour to what is not.
func TestTransparentEdges(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 600, 600))
	for y := range 600 {
		for x := range 600 {
			m.SetNRGBA(x, y, color.NRGBA{0, 255, 0, 0}) // green that nobody sees
			if (x-300)*(x-300)+(y-300)*(y-300) < 200*200 {
				m.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 255})
			}
		}
	}
	p, all := made(t, encodePNG(t, m), false)
	if p.Extension != ".png" || len(all) != 2 {
		t.Fatalf("%+v", p)
	}
	small, err := png.Decode(bytes.NewReader(all[0]))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 480 {
		for x := range 480 {
			if c := color.NRGBAModel.Convert(small.At(x, y)).(color.NRGBA); c.A > 30 && c.G > 40 {
				t.Fatalf("%d,%d is %v", x, y, c)
			}
		}
	}
}

// TestProfile: a picture whose profile exchanges red and blue comes out in the right colours, as JPEG and PNG
// (ICC.1:2022, a matrix profile of three components); TestInk has it as TIFF.
func TestProfile(t *testing.T) {
	want := sample(96, 64)
	swapped := image.NewNRGBA(want.Rect)
	for i := 0; i < len(want.Pix); i += 4 {
		swapped.Pix[i], swapped.Pix[i+1], swapped.Pix[i+2], swapped.Pix[i+3] = want.Pix[i+2], want.Pix[i+1], want.Pix[i], 255
	}
	profile := exchanging()
	j := encodeJPEG(t, swapped)
	// In two parts, in the wrong order of nothing but their numbers.
	half := len(profile) / 2
	j = slices.Concat(j[:2], segment(mAPP+2, string(iccHead)+"\x01\x02"+string(profile[:half])), segment(mAPP+2, string(iccHead)+"\x02\x02"+string(profile[half:])), j[2:])
	i := inspect(t, j)
	p, err := open(bytes.NewReader(j), i)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.canvas(i, Size{96, 64})
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.png()
	if err != nil {
		t.Fatal(err)
	}
	if d := differ(t, b, want); d > 3 {
		t.Errorf("JPEG: differs by %.1f", d)
	}
	pn := encodePNG(t, swapped)
	pn = slices.Concat(pn[:33], chunk("iCCP", append([]byte("x\x00\x00"), deflated(string(profile))...)), pn[33:])
	i = inspect(t, pn)
	if p, err = open(bytes.NewReader(pn), i); err != nil {
		t.Fatal(err)
	}
	if c, err = p.canvas(i, Size{96, 64}); err != nil {
		t.Fatal(err)
	}
	if b, err = c.png(); err != nil {
		t.Fatal(err)
	}
	if d := differ(t, b, want); d > 1 {
		t.Errorf("PNG: differs by %.1f", d)
	}
}

// exchanging is a profile in which the first channel is sRGB's blue and the third its red.
func exchanging() []byte {
	be := binary.BigEndian
	fixed := func(v float64) []byte { return be.AppendUint32(nil, uint32(int32(math.Round(v*65536)))) }
	xyz := func(x, y, z float64) []byte {
		return slices.Concat([]byte("XYZ \x00\x00\x00\x00"), fixed(x), fixed(y), fixed(z))
	}
	curve := slices.Concat([]byte("para\x00\x00\x00\x00\x00\x03\x00\x00"), fixed(2.4), fixed(1/1.055), fixed(0.055/1.055), fixed(1/12.92), fixed(0.04045))
	text := slices.Concat([]byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS\x00\x00\x00\x02\x00\x00\x00\x1c\x00x\x00\x00"))
	red, green, blue := xyz(0.4360747, 0.2225045, 0.0139322), xyz(0.3850649, 0.7168786, 0.0971045), xyz(0.1430804, 0.0606169, 0.7141733)
	return profileOfTags(0x04300000, "mntrRGB XYZ ", []profileTag{{"desc", text}, {"cprt", text}, {"wtpt", xyz(0.9642, 1, 0.8249)}, {"rXYZ", blue}, {"gXYZ", green}, {"bXYZ", red}, {"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve}})
}

type profileTag struct {
	name string
	data []byte
}

// profileOfTags writes a profile (ICC.1:2022, section 7); kind is its class, its colours and those that it leads to.
func profileOfTags(version uint32, kind string, tags []profileTag) []byte {
	be := binary.BigEndian
	var table, data []byte
	at := 128 + 4 + 12*len(tags)
	table = be.AppendUint32(table, uint32(len(tags)))
	for _, x := range tags {
		table = append(table, x.name...)
		table = be.AppendUint32(table, uint32(at+len(data)))
		table = be.AppendUint32(table, uint32(len(x.data)))
		data = append(data, x.data...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	head := make([]byte, 128)
	be.PutUint32(head, uint32(at+len(data)))
	be.PutUint32(head[8:], version)
	copy(head[12:], kind)
	copy(head[36:], "acsp")
	copy(head[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d") // D50
	return slices.Concat(head, table, data)
}

// TestScaling: flat fields stay what they are, nothing shifts, and detail that the size can hold is kept.
func TestScaling(t *testing.T) {
	for _, c := range [][4]int{{97, 61, 40, 25}, {1000, 3, 480, 1}, {3, 1000, 1, 480}, {500, 400, 499, 399}, {2000, 10, 1, 1}, {7, 20, 19, 60}, {267, 200, 800, 600}} {
		p := newPlane(c[0], c[1], 1)
		for i := range p.pix {
			p.pix[i] = 77
		}
		q := p.scaled(c[2], c[3], float64(c[0]), float64(c[1]))
		for i, v := range q.pix {
			if v != 77 {
				t.Fatalf("%v: sample %d is %d", c, i, v)
			}
		}
	}
	// A slope stays the same slope: its middle stays in the middle.
	p := newPlane(1000, 100, 3)
	for y := range 100 {
		for x := range 1000 {
			for ch := range 3 {
				p.pix[y*p.stride+3*x+ch] = byte(20 + x/5)
			}
		}
	}
	q := p.scaled(250, 25, 1000, 100)
	for x := 5; x < 245; x++ {
		want := 20 + (float64(x)+0.5)*4/5
		if d := float64(q.pix[10*q.stride+3*x]) - want; math.Abs(d) > 1 {
			t.Fatalf("column %d is %d, should be %.1f", x, q.pix[10*q.stride+3*x], want)
		}
	}
	// Stripes of eight samples become stripes of two, still black and white.
	for y := range 100 {
		for x := range 1000 {
			for ch := range 3 {
				p.pix[y*p.stride+3*x+ch] = byte(x / 8 % 2 * 255)
			}
		}
	}
	q = p.scaled(250, 25, 1000, 100)
	for x := 8; x < 240; x++ {
		v := q.pix[10*q.stride+3*x]
		if want := x / 2 % 2 * 255; math.Abs(float64(v)-float64(want)) > 40 {
			t.Fatalf("column %d is %d, should be about %d", x, v, want)
		}
	}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		i    Info
		full bool
		want string
	}{
		{Info{Format: JPEG, Width: 4032, Height: 3024, Size: 9 << 20, Orientation: 1}, false, "480x360 800x600 1200x900 1920x1440 .jpg whole false"},
		{Info{Format: JPEG, Width: 4032, Height: 3024, Size: 9 << 20, Orientation: 1}, true, "480x360 800x600 1200x900 1920x1440 4032x3024 .jpg whole true"},
		{Info{Format: JPEG, Width: 3024, Height: 4032, Size: 9 << 20, Orientation: 6}, true, "480x640 800x1067 1200x1600 1920x2560 3024x4032 .jpg whole false"},
		{Info{Format: JPEG, Width: 500, Height: 400, Size: 90 << 10, Orientation: 1}, false, "500x400 .jpg whole true"},
		{Info{Format: JPEG, Width: 1000, Height: 10, Size: 90 << 10, Orientation: 1}, false, "480x5 800x8 1000x10 .jpg whole true"},
		{Info{Format: TIFF, Width: 900, Height: 600, Size: 1 << 20, Orientation: 1}, true, "480x320 900x600 .jpg whole false"},
		{Info{Format: PNG, Width: 900, Height: 600, Size: 1 << 20, Orientation: 1}, false, "480x320 900x600 .jpg whole false"},
		{Info{Format: PNG, Width: 900, Height: 600, Size: 50 << 10, Orientation: 1}, false, "480x320 900x600 .png whole true"},
		{Info{Format: GIF, Width: 900, Height: 600, Size: 9 << 20, Orientation: 1, Animated: true}, false, "900x600 .gif whole true"},
	} {
		if got := c.i.Plan(c.full).String(); !strings.HasSuffix(got, " "+c.want) {
			t.Errorf("%+v: %s, should be %s", c.i, got, c.want)
		}
	}
	p := Plan{Extension: ".jpg"}
	for name, want := range map[string]string{"a/b.JPG": "a/b.JPG", "b.jpeg": "b.jpeg", "c.tif": "c.jpg", "c.png": "c.jpg"} {
		if got := p.Address(name); got != want {
			t.Errorf("%s → %s, should be %s", name, got, want)
		}
	}
}

// TestHostile: what lies about itself, or is not whole, is an error in words and takes no memory.
func TestHostile(t *testing.T) {
	whole := encodeJPEG(t, sample(300, 200))
	huge := bytes.Clone(whole)
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(huge[at+5:], 65500)
	binary.BigEndian.PutUint16(huge[at+7:], 65500)
	bomb := encodePNG(t, sample(10, 10))
	binary.BigEndian.PutUint32(bomb[16:], 100_000)
	binary.BigEndian.PutUint32(bomb[20:], 100_000)
	var arith = bytes.Clone(whole)
	arith[at+1] = 0xc9
	for name, c := range map[string]struct {
		src []byte
		id  string
	}{
		"empty":     {nil, "image/broken"},
		"html":      {[]byte("<!DOCTYPE html><script>alert(1)</script>"), "image/broken"},
		"huge":      {huge, "image/huge"},
		"bomb":      {bomb, "image/huge"},
		"arith":     {arith, "image/coding"},
		"heic":      {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + mark), "image/heic"},
		"avif":      {[]byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif" + mark), "image/avif"},
		"head":      {whole[:30], "image/broken"},
		"scriptsvg": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>`), "image/svg"},
		"onload":    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"/>`), "image/svg"},
		"hidden":    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><metadata><script>1</script></metadata></svg>`), "image/svg"},
		"entity":    {[]byte(`<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&a;</text></svg>`), "image/svg"},
		"href":      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><use xlink:href="https://example.org/a.svg#x"/></svg>`), "image/svg"},
		"css":       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><style>@import "https://example.org/";</style></svg>`), "image/svg"},
		"url":       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect fill="url( 'https://example.org/x')"/></svg>`), "image/svg"},
		"image":     {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="data:image/png;base64,AA"/></svg>`), "image/svg"},
		"foreign":   {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g><foreignObject/></g></svg>`), "image/svg"},
	} {
		_, err := Inspect(bytes.NewReader(c.src), int64(len(c.src)))
		var f *Fault
		if !errors.As(err, &f) || f.ID != c.id {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Cut anywhere, nothing is made; the headers may be whole.
	big := tiffOf(sample(300, 200), tiffKind{compression: 8})
	for name, src := range map[string][]byte{"jpg": whole, "png": encodePNG(t, sample(300, 200)), "tif": append([]byte{}, big...)} {
		for _, n := range []int{40, len(src) / 3, len(src) / 2, len(src) - 20} {
			cut := src[:n]
			i, err := Inspect(bytes.NewReader(cut), int64(n))
			if err == nil {
				err = Make(bytes.NewReader(cut), i, Plan{Sizes: []Size{{30, 20}}, Extension: ".jpg"}, func(int, []byte) error { return nil })
			}
			var f *Fault
			if !errors.As(err, &f) {
				t.Errorf("%s cut at %d: %v", name, n, err)
			}
		}
	}
}

// TestLongMetadata: more than a megabyte of it before the size.
func TestLongMetadata(t *testing.T) {
	src := encodeJPEG(t, sample(300, 200))
	long := segment(mAPP+1, "Exif\x00\x00"+strings.Repeat("x", 65000))
	src = slices.Concat(src[:2], bytes.Repeat(long, 40), src[2:])
	if i := inspect(t, src); i.Width != 300 || i.Height != 200 {
		t.Errorf("%+v", i)
	}
	made(t, src, false)
}

// TestStore: what is damaged, cut, exchanged or gone is not taken for what was made.
func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pictures")
	s := NewStore(dir)
	source, plan := Sum([]byte("源")), "plan of a test"
	keep := func() {
		k := s.Begin()
		k.Put("480.jpg", []byte("small"))
		k.Put("960.jpg", []byte("larger"))
		k.End(source, plan)
	}
	check := func(want bool, what string) {
		t.Helper()
		m := s.Find(source, plan)
		ok := m != nil
		if ok {
			a, err1 := m.Get("480.jpg")
			b, err2 := m.Get("960.jpg")
			ok = err1 == nil && err2 == nil
			if ok && (string(a) != "small" || string(b) != "larger") {
				t.Fatalf("%s: wrong bytes were believed: %q %q", what, a, b)
			}
		}
		if ok != want {
			t.Errorf("%s: found is %v", what, ok)
		}
	}
	check(false, "nothing")
	keep()
	check(true, "kept")
	if s.Find(Sum([]byte("别的")), plan) != nil || s.Find(source, "another plan") != nil {
		t.Error("something else is found")
	}
	var files []string
	if err := filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && e.Name() != ".gitignore" {
			files = append(files, p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 {
		t.Fatalf("files: %v", files)
	}
	for _, p := range files {
		whole, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for n := range whole {
			b := bytes.Clone(whole)
			b[n] ^= 1
			if err := os.WriteFile(p, b, 0o644); err != nil {
				t.Fatal(err)
			}
			check(false, fmt.Sprintf("byte %d of %s", n, filepath.Base(p)))
		}
		for _, n := range []int{0, 1, len(whole) - 1} {
			if err := os.WriteFile(p, whole[:n], 0o644); err != nil {
				t.Fatal(err)
			}
			check(false, "cut")
		}
		if err := os.Remove(p); err != nil {
			t.Fatal(err)
		}
		check(false, "removed")
		keep()
		check(true, "made again")
	}
	// The list of another source does not pass for this one's.
	k := s.Begin()
	k.Put("480.jpg", []byte("other"))
	k.Put("960.jpg", []byte("others"))
	k.End(Sum([]byte("别的")), plan)
	b, err := os.ReadFile(s.list(Sum([]byte("别的")), plan))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.list(source, plan), b, 0o644); err != nil {
		t.Fatal(err)
	}
	check(false, "another's list")
	// Where nothing can be written, it is held.
	block := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(block, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	h := NewStore(filepath.Join(block, "pictures")).Begin()
	h.Put("a", []byte("b"))
	if got, err := h.End(source, plan).Get("a"); err != nil || string(got) != "b" {
		t.Errorf("held: %q %v", got, err)
	}
}

// FuzzInspect: no bytes bring it down, and what is made of them is a picture.
func FuzzInspect(f *testing.F) {
	m := sample(20, 12)
	f.Add(marked(encodeJPEG(f, m), 3))
	f.Add(encodePNG(f, m))
	f.Add(tiffOf(m, tiffKind{compression: 5, tiled: true}))
	f.Add(tiffOf(m, tiffKind{compression: 32773, deep: true}))
	f.Add(webpOf(oneWebP))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0"/></svg>`))
	f.Fuzz(func(t *testing.T, src []byte) {
		r := bytes.NewReader(src)
		i, err := Inspect(r, r.Size())
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("no words for %v", err)
			}
			return
		}
		Credits(r, i)
		if i.Width*i.Height > 1<<20 {
			return
		}
		if err := Make(r, i, i.Plan(len(src)%2 == 0), func(_ int, b []byte) error {
			if bytes.Contains(b, []byte(mark)) {
				t.Error("a mark is in what is made")
			}
			return nil
		}); err != nil {
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("no words for %v", err)
			}
		}
	})
}

// TestTiles: the tiles of every size, put together again, are the picture at that size, and their names are those that
// were announced.
func TestTiles(t *testing.T) {
	m := sample(1300, 777)
	for name, src := range map[string][]byte{"jpeg": marked(encodeJPEG(t, lying(m, 6)), 6), "tiff": tiffOf(m, tiffKind{compression: 8}), "tiled": tiffOf(m, tiffKind{tiled: true})} {
		i := inspect(t, src)
		p := i.Pyramid()
		want := map[string]bool{}
		for _, n := range p.Tiles() {
			want[n] = true
		}
		if len(want) != 3*2+2*1+1 || !want["1024,512,276,265/276,265/0/default.jpg"] || !want["0,0,1024,777/512,389/0/default.jpg"] || !want["full/325,195/0/default.jpg"] {
			t.Errorf("%s: %v", name, p.Tiles())
		}
		whole := image.NewRGBA(m.Rect)
		err := MakeTiles(bytes.NewReader(src), i, func(n string, b []byte) error {
			if !want[n] {
				t.Errorf("%s: %s was not announced, or came twice", name, n)
			}
			delete(want, n)
			tile, err := jpeg.Decode(bytes.NewReader(b))
			if err != nil {
				return err
			}
			var x, y, w, h, tw, th int
			if k, _ := fmt.Sscanf(n, "%d,%d,%d,%d/%d,%d/", &x, &y, &w, &h, &tw, &th); k == 6 && w == tw {
				draw.Draw(whole, image.Rect(x, y, x+w, y+h), tile, image.Point{}, draw.Src)
			}
			if bytes.Contains(b, []byte(mark[:12])) {
				t.Errorf("%s: a tile has metadata", name)
			}
			return nil
		})
		if err != nil || len(want) > 0 {
			t.Errorf("%s: %v, missing %v", name, err, want)
		}
		if d := differ(t, encodePNG(t, whole), m); d > 4 {
			t.Errorf("%s: differs by %.1f", name, d)
		}
	}
}

// TestCard: a card is cut out of the middle, and there is none where it would have to be enlarged.
func TestCard(t *testing.T) {
	src := encodeJPEG(t, sample(1500, 1500))
	i := inspect(t, src)
	p := i.Plan(false)
	p.Card = i.HasCard()
	found := false
	if err := Make(bytes.NewReader(src), i, p, func(k int, b []byte) error {
		if k == Card {
			found = true
			if c, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != CardWidth || c.Height != CardHeight {
				t.Errorf("%+v %v", c, err)
			}
		}
		return nil
	}); err != nil || !found {
		t.Errorf("no card: %v", err)
	}
	if i.Width = 1100; i.HasCard() {
		t.Error("a card would be enlarged")
	}
}
