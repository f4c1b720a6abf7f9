package picture

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Plan says what is made of a picture, before any of it is decoded.
type Plan struct {
	Sizes []Size // from narrow to wide; the last one stands at the picture's own address
	// Whole: the last one is the file itself, without its metadata.
	Whole     bool
	Extension string // of all of them, with its dot
	Card      bool   // and a card
}

// Size is the size of one of the pictures made of a picture.
type Size struct{ Width, Height int }

// String is the size as in 960x720.
func (s Size) String() string { return strconv.Itoa(s.Width) + "x" + strconv.Itoa(s.Height) }

// The widths of what is made, each about half as wide again as the one before. The last is twice
// the width of the theme's widest column.
var widths = []int{480, 800, 1200, Widest}

// Widest is the greatest width of what pages show.
const Widest = 1920

// small is so few bytes that a picture no wider than the widest is published as it is, if it lies upright.
const small = 300 << 10

// Plan decides what to make of a picture. full: at its own address stands the whole picture, whatever its size.
func (i Info) Plan(full bool) Plan {
	p := Plan{Extension: i.published()}
	whole := Size{i.Width, i.Height}
	if i.Animated || i.Format == SVG {
		return Plan{Sizes: []Size{whole}, Whole: true, Extension: p.Extension}
	}
	kept := i.Format != TIFF && i.Orientation == 1 && !i.Ink && !i.Deep && i.Format.Extension() == p.Extension
	widest := min(i.Width, Widest)
	if full {
		widest = i.Width
	}
	p.Whole = kept && (full || widest == i.Width && i.Size <= small)
	for _, w := range widths {
		// One that is hardly narrower than the next is not worth its bytes.
		if w*5 <= widest*4 {
			p.Sizes = append(p.Sizes, Size{w, max((i.Height*w+i.Width/2)/i.Width, 1)})
		}
	}
	if widest == i.Width {
		p.Sizes = append(p.Sizes, whole)
	} else {
		p.Sizes = append(p.Sizes, Size{widest, max((i.Height*widest+i.Width/2)/i.Width, 1)})
	}
	return p
}

// published is the extension of what is made of the picture: JPEG but for what may be transparent, and for drawings.
func (i Info) published() string {
	switch {
	case i.Animated, i.Format == SVG:
		return i.Format.Extension()
	case i.Alpha, i.Palette:
		return ".png"
	case i.Format == PNG && (i.Size <= small || i.Size*4 < int64(i.Width)*int64(i.Height)*3):
		return ".png" // fewer than six bits a pixel: no photograph
	}
	return ".jpg"
}

// Address is the name under which a picture of this name is published: with the extension of what it becomes.
func (p Plan) Address(name string) string {
	ext := path.Ext(name)
	if strings.EqualFold(ext, p.Extension) || p.Extension == ".jpg" && JPEG.Fits(name) {
		return name
	}
	return strings.TrimSuffix(name, ext) + p.Extension
}

// String names the plan for a Store: with all that its results depend on but the source.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "v1 catmull-rom quality %d", quality)
	for _, s := range p.Sizes {
		b.WriteString(" " + s.String())
	}
	if p.Card {
		b.WriteString(" card")
	}
	b.WriteString(" " + p.Extension + " whole " + strconv.FormatBool(p.Whole))
	return b.String()
}

// quality of JPEG. At twice the pixels of the place that it fills, what is lost below 80 is not seen.
const quality = 80

// Make makes everything that a plan says, calling done for each size from the widest to the narrowest.
func Make(r io.ReaderAt, i Info, p Plan, done func(k int, b []byte) error) error {
	last := len(p.Sizes) - 1
	if p.Whole {
		var b bytes.Buffer
		if err := Strip(&b, r, i); err != nil {
			return err
		}
		if i.Animated || i.Format == SVG {
			return done(0, b.Bytes())
		}
		if err := done(last, b.Bytes()); err != nil {
			return err
		}
		if last == 0 && !p.Card {
			return Verify(r, i) // it must be sound, all the same
		}
		if last > 0 && !(p.Card && p.Sizes[last-1].Width < CardWidth) {
			last--
		}
	}
	px, err := open(r, i)
	if err != nil {
		return err
	}
	c, err := px.canvas(i, p.Sizes[last])
	if err != nil {
		return err
	}
	if p.Card {
		b, err := c.card().jpeg(quality)
		if err != nil {
			return err
		}
		if err := done(Card, b); err != nil {
			return err
		}
	}
	for k := last; k >= 0; k-- {
		if p.Whole && k == len(p.Sizes)-1 {
			continue // that is the file itself
		}
		c = c.scaled(p.Sizes[k].Width, p.Sizes[k].Height)
		var b []byte
		if p.Extension == ".png" {
			b, err = c.png()
		} else {
			b, err = c.jpeg(quality)
		}
		if err != nil {
			return err
		}
		// What would have more bytes than the file itself is that, where it can be.
		if !p.Whole && k == last && int64(len(b)) > i.Size && i.Format.Extension() == p.Extension && i.Orientation == 1 && !i.Ink && !i.Deep && p.Sizes[k] == (Size{i.Width, i.Height}) {
			var own bytes.Buffer
			if err := Strip(&own, r, i); err == nil && own.Len() < len(b) {
				b = own.Bytes()
			}
		}
		if err := done(k, b); err != nil {
			return err
		}
	}
	return nil
}

// canvas decodes the picture at a size, upright and in sRGB.
func (p *pixels) canvas(i Info, s Size) (*canvas, error) {
	w, h := s.Width, s.Height
	if i.Orientation >= 5 {
		w, h = h, w
	}
	c, err := p.small(w, h)
	if err != nil {
		return nil, err
	}
	return c.turned(i.Orientation).inSRGB(p.profile), nil
}

// Strip copies a picture without a word of its metadata, its pixels and its colour profile untouched. One of a format
// that browsers don't show, or that does not lie upright, can't be stripped: it has to be made anew.
func Strip(w io.Writer, r io.ReaderAt, i Info) error {
	whole := section(r, 0, i.Size)
	var err error
	switch i.Format {
	case JPEG:
		err = stripJPEG(w, whole)
	case PNG:
		err = stripPNG(w, r)
	case GIF:
		_, _, err = gifBlocks(w, whole)
	case WebP:
		err = stripWebP(w, r)
	case SVG:
		err = cleanSVG(w, whole)
	default:
		return fmt.Errorf("picture: %s is never published as it is", i.Format)
	}
	if err != nil {
		return broken(err)
	}
	return nil
}

// Verify decodes a picture and throws away what it gives: all of it must be there.
func Verify(r io.ReaderAt, i Info) error {
	if i.Format == SVG || i.Animated {
		return Strip(io.Discard, r, i)
	}
	p, err := open(r, i)
	if err != nil || p.stream == nil {
		return err
	}
	for range p.h {
		if _, err := p.stream.next(); err != nil {
			return broken(err)
		}
	}
	return nil
}

// The size of a card: what social networks and messengers show of a page.
const (
	CardWidth  = 1200
	CardHeight = 630
)

// Card stands for the card among what Make makes, which is no size of the picture.
const Card = -1

// HasCard reports whether a card can be made of the picture without enlarging it.
func (i Info) HasCard() bool {
	return i.Width >= CardWidth && i.Height >= CardHeight && i.published() == ".jpg"
}

// card cuts a card out of a picture: its middle, or of an upright one a little above, where faces are.
func (c *canvas) card() *canvas {
	w, h := c.size()
	sw, sh := CardWidth, (h*CardWidth+w/2)/w
	if sh < CardHeight {
		sw, sh = (w*CardHeight+h/2)/h, CardHeight
	}
	small := c.scaled(sw, sh)
	x, y := (sw-CardWidth)/2&^1, (sh-CardHeight)*2/5&^1
	d := &canvas{kind: c.kind}
	for k, p := range small.planes {
		cut := plane{w: CardWidth, h: CardHeight, channels: p.channels, stride: p.stride}
		px, py := x, y
		if c.kind == luma && k > 0 {
			cut.w, cut.h, px, py = (CardWidth+1)/2, (CardHeight+1)/2, x/2, y/2
		}
		cut.pix = p.pix[py*p.stride+px*p.channels:]
		d.planes = append(d.planes, cut)
	}
	return d
}
