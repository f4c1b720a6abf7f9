package render

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io/fs"

	"golang.org/x/image/vector"

	"gongzhi/generator/page"
)

// The icons of a site beside the theme's icon.svg, for browsers, telephones and messengers that want pixels: the same mark, drawn here, so
// that it has the site's colour.

// routeIcons lays out the icons, and the file by which a telephone puts the site on its screen.
// What stands in static/ takes the place of one of them.
func (g *Generation) routeIcons(l *layout) {
	add := func(name, origin string, make func(b *bytes.Buffer) error) {
		if _, err := fs.Stat(g.source, staticDir+"/"+name); err != nil {
			l.file(name, origin, make)
		}
	}
	for name, size := range map[string]int{"icon-192.png": 192, "icon-512.png": 512, "apple-touch-icon.png": 180} {
		add(name, "网站的图标", func(b *bytes.Buffer) error { return png.Encode(b, g.icon(size)) })
	}
	add("favicon.ico", "网站的图标", func(b *bytes.Buffer) error {
		var small bytes.Buffer
		if err := png.Encode(&small, g.icon(32)); err != nil {
			return err
		}
		// An ICO file: its header, one entry, the picture as PNG.
		out := binary.LittleEndian.AppendUint16(nil, 0)
		for _, n := range []uint16{1, 1} {
			out = binary.LittleEndian.AppendUint16(out, n)
		}
		out = append(out, 32, 32, 0, 0)
		for _, n := range []uint16{1, 32} {
			out = binary.LittleEndian.AppendUint16(out, n)
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(small.Len()))
		out = binary.LittleEndian.AppendUint32(out, 22)
		b.Write(append(out, small.Bytes()...))
		return nil
	})
	add("site.webmanifest", "网站的说明", func(b *bytes.Buffer) error {
		type icon struct {
			Src   string `json:"src"`
			Sizes string `json:"sizes"`
			Type  string `json:"type"`
		}
		href := g.Site.Href
		out, err := json.MarshalIndent(map[string]any{
			"name": g.Settings.Title, "start_url": href("/"), "scope": href("/"), "display": "browser", "lang": "zh-Hans",
			"background_color": "#f8f5ee", "theme_color": "#f8f5ee",
			"icons": []icon{{href("/icon-192.png"), "192x192", "image/png"}, {href(page.SquareIcon), "512x512", "image/png"}},
		}, "", "  ")
		b.Write(append(out, '\n'))
		return err
	})
}

// icon draws the mark of a site: a ribbon on paper.
func (g *Generation) icon(size int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	paper := color.RGBA{0xf8, 0xf5, 0xee, 0xff}
	for i := 0; i < len(out.Pix); i += 4 {
		copy(out.Pix[i:], []byte{paper.R, paper.G, paper.B, paper.A})
	}
	z := vector.NewRasterizer(size, size)
	unit := float32(size) / 40 // the mark is 32 wide, and has a margin
	for i, p := range [][2]float32{{4, 3}, {28, 3}, {28, 29}, {16, 13}, {4, 29}} {
		x, y := (p[0]+4)*unit, (p[1]+4)*unit
		if i == 0 {
			z.MoveTo(x, y)
		} else {
			z.LineTo(x, y)
		}
	}
	z.ClosePath()
	z.Draw(out, out.Bounds(), image.NewUniform(color.RGBA{0xa8, 0x20, 0x1a, 0xff}), image.Point{})
	return out
}
