package intake

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"gongzhi/generator/docx"
	"gongzhi/generator/plan"
)

// noise is a picture that does not get small when it is packed, as photographs don't.
func noise(seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range m.Pix {
		m.Pix[i] = byte(rng.Uint32())
	}
	m.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// long makes a Word file of so many pages of 12 paragraphs.
func long(b *testing.B, pages, pictures int, seed uint64) []byte {
	d := &docx.Document{Record: nil, Properties: docx.Properties{Created: "2026-05-01T00:00:00Z"}}
	at := 0
	for page := range pages {
		for range 12 {
			at++
			d.Blocks = append(d.Blocks, &docx.Paragraph{At: at, Spans: []docx.Span{{Text: strings.Repeat("测试厂工会在车间开展劳动竞赛，", 5)}, {Text: "*强调*", Marks: docx.Bold}, {Text: fmt.Sprint("第", at, "段。")}}})
		}
		if len(d.Pictures) < pictures && page*pictures/pages >= len(d.Pictures) {
			i := d.NewPicture(noise(seed + uint64(page)))
			d.Blocks = append(d.Blocks, &docx.Paragraph{Spans: []docx.Span{{Kind: docx.PictureOf, Index: i, Alt: "测试图片"}}})
		}
	}
	var out bytes.Buffer
	if err := docx.Write(&out, d); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func bench(b *testing.B, inputs []plan.Input) {
	source := site()
	b.ReportAllocs()
	for b.Loop() {
		d, err := Manuscripts(source, inputs, options())
		if err != nil {
			b.Fatal(err)
		}
		if d.Count(plan.Refused) > 0 {
			b.Fatal(d.Rows)
		}
	}
}

// BenchmarkLong: a manuscript of 100 pages with 60 pictures.
func BenchmarkLong(b *testing.B) {
	bench(b, []plan.Input{{Name: "长.docx", Bytes: long(b, 100, 60, 1)}})
}

// BenchmarkFolder: 200 manuscripts of three pages with a picture.
func BenchmarkFolder(b *testing.B) {
	var inputs []plan.Input
	for i := range 200 {
		inputs = append(inputs, plan.Input{Name: fmt.Sprintf("稿%d.docx", i), Bytes: long(b, 3, 1, uint64(i)*100)})
	}
	bench(b, inputs)
}
