package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"sync"

	"golang.org/x/image/vector"

	"gongzhi/generator/page"
	"gongzhi/generator/theme"
)

// The icons of a site beside the theme's icon.svg, for browsers, telephones and messengers that want pixels: the same mark, drawn here, so
// that it has the site's colour.

// routeIcons lays out the icons, and the file by which a telephone puts the site on its screen.
// What stands in static/ takes the place of one of them.
func (g *Generation) routeIcons(l *layout) {
	if a := g.colourSheet(); a != nil {
		for _, a := range []theme.Asset{*a, g.coloured()} {
			if a.Path != g.Theme.Icon {
				l.file(a.Path, "网站的颜色", func(b *bytes.Buffer) error { b.Write(a.Bytes); return nil })
			}
		}
	}
	add := func(name, origin string, make func(b *bytes.Buffer) error) {
		if _, err := fs.Stat(g.source, staticDir+"/"+name); err != nil {
			l.file(name, origin, make)
		}
	}
	for name, size := range map[string]int{"icon-192.png": 192, "icon-512.png": 512, "apple-touch-icon.png": 180} {
		add(name, "网站的图标", func(b *bytes.Buffer) error { return g.icon(b, size) })
	}
	add("favicon.ico", "网站的图标", func(b *bytes.Buffer) error {
		var small bytes.Buffer
		if err := g.icon(&small, 32); err != nil {
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

// themeRed is the colour of the default theme that a site's own takes the place of.
const themeRed = "#a8201a"

// styles are the style sheets of a site beside the theme's: its colour, then what its theme adds.
func (g *Generation) styles() (urls []string) {
	if a := g.colourSheet(); a != nil {
		urls = append(urls, g.Site.Href("/"+a.Path))
	}
	if g.Theme.Extra != "" {
		urls = append(urls, g.Site.Href("/"+g.Theme.Extra))
	}
	return urls
}

// named is a file that has a digest of its bytes in its name.
func named(name, ext string, src []byte) theme.Asset {
	sum := sha256.Sum256(src)
	return theme.Asset{Path: "assets/" + name + "." + hex.EncodeToString(sum[:4]) + ext, Bytes: src}
}

// colourSheet sets the site's colour where the theme has its red; nil if it has none.
func (g *Generation) colourSheet() *theme.Asset {
	set := g.Settings
	if set.Accent == "" {
		return nil
	}
	a := named("colour", ".css", []byte(":root{--red:"+set.Accent+"}\n@media (prefers-color-scheme:dark){:root{--red:"+set.AccentDark+"}}\n@media print{:root{--red:#000}}\n"))
	return &a
}

// coloured is the theme's icon in the site's colour.
func (g *Generation) coloured() theme.Asset {
	for _, a := range g.Theme.Assets {
		if a.Path == g.Theme.Icon {
			return named("icon", ".svg", bytes.ReplaceAll(a.Bytes, []byte(themeRed), []byte(g.Settings.Accent)))
		}
	}
	return theme.Asset{Path: g.Theme.Icon}
}

// icons are those that were drawn, by colour and size: a preview is asked for them after every save. An editor who tries colours
// makes a few.
var icons sync.Map

// icon writes the mark of a site: a ribbon on paper, as PNG.
func (g *Generation) icon(to *bytes.Buffer, size int) error {
	ink := color.RGBA{0xa8, 0x20, 0x1a, 0xff}
	if c := g.Settings.Accent; c != "" {
		if rgb, err := hex.DecodeString(c[1:]); err == nil && len(rgb) == 3 {
			ink = color.RGBA{rgb[0], rgb[1], rgb[2], 0xff}
		}
	}
	type key struct {
		ink  color.RGBA
		size int
	}
	made, ok := icons.Load(key{ink, size})
	if !ok {
		var b bytes.Buffer
		if err := png.Encode(&b, ribbon(ink, size)); err != nil {
			return err
		}
		made, _ = icons.LoadOrStore(key{ink, size}, b.Bytes())
	}
	to.Write(made.([]byte))
	return nil
}

// ribbon draws the mark in as many colours as there are between paper and ink, so that few bytes are to be packed.
func ribbon(ink color.RGBA, size int) image.Image {
	mask := image.NewAlpha(image.Rect(0, 0, size, size))
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
	z.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	var number [256]uint8 // of each shade in the palette
	var shades color.Palette
	for a := range number {
		if !bytes.Contains(mask.Pix, []byte{byte(a)}) {
			continue
		}
		mix := func(paper, ink uint8) uint8 { return uint8((int(paper)*(255-a) + int(ink)*a + 127) / 255) }
		number[a] = uint8(len(shades))
		shades = append(shades, color.RGBA{mix(0xf8, ink.R), mix(0xf5, ink.G), mix(0xee, ink.B), 0xff})
	}
	for i, a := range mask.Pix {
		mask.Pix[i] = number[a]
	}
	return &image.Paletted{Pix: mask.Pix, Stride: mask.Stride, Rect: mask.Rect, Palette: shades}
}
