package picture

import (
	"bufio"
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// pixels is a picture as its decoder gives it: three planes of one channel each (luma and two of colour, of which
// the picture covers a part of their last samples), or rows of all channels.
type pixels struct {
	w, h    int // as it lies in the file
	planes  []plane
	extents [][2]float64
	stream  *rowSource
	profile []byte
}

// open decodes a picture, or begins to.
func open(r io.ReaderAt, i Info) (*pixels, error) {
	var p *pixels
	var err error
	var img image.Image
	whole := func() *bufio.Reader { return bufio.NewReaderSize(section(r, 0, i.Size), 1<<16) }
	switch i.Format {
	case JPEG:
		img, err = jpeg.Decode(whole())
	case PNG:
		if i.Progressive {
			img, err = png.Decode(whole())
			break
		}
		var rows *rowSource
		if rows, err = pngRows(r); err == nil {
			p = &pixels{w: rows.w, h: rows.h, stream: rows}
		}
	case GIF:
		img, err = gif.Decode(whole())
	case WebP:
		img, err = webp.Decode(whole())
	case TIFF:
		var rows *rowSource
		if rows, err = tiffRows(r); err == nil {
			p = &pixels{w: rows.w, h: rows.h, stream: rows}
		}
	}
	if err == nil && p == nil {
		p, err = fromImage(img)
	}
	if err != nil {
		return nil, broken(err)
	}
	if b := i.bounds(); p.w != b.X || p.h != b.Y {
		return nil, errBroken
	}
	if i.Profile {
		if p.profile, err = profileOf(r, i); err != nil {
			return nil, broken(err)
		}
	}
	return p, nil
}

// fromImage takes the samples of a decoded picture, copying none where that can be.
func fromImage(img image.Image) (*pixels, error) {
	b := img.Bounds()
	p := &pixels{w: b.Dx(), h: b.Dy()}
	switch m := img.(type) {
	case *image.YCbCr:
		cw, ch := (p.w+1)/2, (p.h+1)/2
		fx, fy := 2.0, 2.0
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio444:
			cw, ch, fx, fy = p.w, p.h, 1, 1
		case image.YCbCrSubsampleRatio422:
			ch, fy = p.h, 1
		case image.YCbCrSubsampleRatio440:
			cw, fx = p.w, 1
		case image.YCbCrSubsampleRatio411:
			cw, ch, fx, fy = (p.w+3)/4, p.h, 4, 1
		case image.YCbCrSubsampleRatio410:
			cw, fx = (p.w+3)/4, 4
		}
		p.planes = []plane{{p.w, p.h, 1, m.YStride, m.Y}, {cw, ch, 1, m.CStride, m.Cb}, {cw, ch, 1, m.CStride, m.Cr}}
		colour := [2]float64{float64(p.w) / fx, float64(p.h) / fy}
		p.extents = [][2]float64{{float64(p.w), float64(p.h)}, colour, colour}
	case *image.Gray:
		p.hold(plane{p.w, p.h, 1, m.Stride, m.Pix}, false)
	case *image.CMYK:
		// image/jpeg undoes the inversion that Adobe's files have.
		p.hold(plane{p.w, p.h, 4, m.Stride, m.Pix}, true)
	case *image.Paletted:
		q := newPlane(p.w, p.h, 4)
		var table [256][4]byte
		for k, c := range m.Palette {
			n := color.NRGBAModel.Convert(c).(color.NRGBA)
			put(table[k&255][:], n.R, n.G, n.B, n.A)
		}
		for y := range p.h {
			row := q.row(y)
			for x, v := range m.Pix[y*m.Stride : y*m.Stride+p.w] {
				copy(row[4*x:4*x+4], table[v][:])
			}
		}
		p.hold(q, false)
	default:
		q := image.NewRGBA(image.Rect(0, 0, p.w, p.h))
		draw.Draw(q, q.Bounds(), img, b.Min, draw.Src)
		p.hold(plane{p.w, p.h, 4, q.Stride, q.Pix}, false)
	}
	return p, nil
}

// hold makes one plane of all channels the picture.
func (p *pixels) hold(q plane, ink bool) {
	y := 0
	p.stream = &rowSource{w: q.w, h: q.h, channels: q.channels, ink: ink, next: func() ([]byte, error) {
		y++
		return q.row(y - 1), nil
	}}
}

// rows gives the picture row by row, in RGB where it is held in luma and colour.
func (p *pixels) rows() *rowSource {
	if p.stream != nil {
		return p.stream
	}
	out := make([]byte, p.w*3)
	fx, fy := 1, 1
	if p.extents[1][0] < p.extents[0][0] {
		fx = int(p.extents[0][0]/p.extents[1][0] + 0.5)
	}
	if p.extents[1][1] < p.extents[0][1] {
		fy = int(p.extents[0][1]/p.extents[1][1] + 0.5)
	}
	y := 0
	return &rowSource{w: p.w, h: p.h, channels: 3, next: func() ([]byte, error) {
		l, cb, cr := p.planes[0].row(y), p.planes[1].row(y/fy), p.planes[2].row(y/fy)
		for x := range p.w {
			out[3*x], out[3*x+1], out[3*x+2] = color.YCbCrToRGB(l[x], cb[x/fx], cr[x/fx])
		}
		y++
		return out, nil
	}}
}

// small makes the picture smaller, to w × h as it lies in the file. It can be asked once.
func (p *pixels) small(w, h int) (*canvas, error) {
	if p.stream == nil {
		c := &canvas{kind: luma}
		cw, ch := (w+1)/2, (h+1)/2
		c.planes = append(c.planes, p.planes[0].scaled(w, h, p.extents[0][0], p.extents[0][1]))
		// An odd width has half a sample of colour more than it needs.
		ex, ey := p.extents[1][0]*float64(2*cw)/float64(w), p.extents[1][1]*float64(2*ch)/float64(h)
		for _, q := range p.planes[1:] {
			c.planes = append(c.planes, q.scaled(cw, ch, ex, ey))
		}
		return c, nil
	}
	s := p.stream
	q := newPlane(w, h, s.channels)
	at := 0
	push := func(row []byte) { at += copy(q.pix[at:], row) }
	take := push
	if w != p.w || h != p.h {
		take = newScaler(s.channels, p.w, p.h, w, h, float64(p.w), float64(p.h), push).push
	}
	for range p.h {
		row, err := s.next()
		if err != nil {
			return nil, broken(err)
		}
		take(row)
	}
	c := &canvas{planes: []plane{q}}
	switch {
	case s.ink:
		c.kind = ink
	case s.channels == 1:
		c.kind = gray
	case s.channels == 3:
		c.kind = rgb
	default:
		c.kind = rgba
	}
	return c, nil
}

// canvas is a picture of few pixels, held in memory.
type canvas struct {
	kind   kind
	planes []plane
}

type kind int

const (
	luma kind = iota // Y, Cb and Cr, the latter at half the width and height
	gray
	rgb
	rgba // alpha multiplied in
	ink
)

func (c *canvas) size() (w, h int) { return c.planes[0].w, c.planes[0].h }

// turned puts the picture upright.
func (c *canvas) turned(orientation int) *canvas {
	d := &canvas{kind: c.kind}
	for _, p := range c.planes {
		d.planes = append(d.planes, p.turned(orientation))
	}
	return d
}

// scaled makes the picture smaller.
func (c *canvas) scaled(w, h int) *canvas {
	ow, oh := c.size()
	if w == ow && h == oh {
		return c
	}
	d := &canvas{kind: c.kind}
	for k, p := range c.planes {
		pw, ph := w, h
		ex, ey := float64(ow), float64(oh)
		if c.kind == luma && k > 0 {
			pw, ph = (w+1)/2, (h+1)/2
			ex, ey = float64(ow)/2*float64(2*pw)/float64(w), float64(oh)/2*float64(2*ph)/float64(h)
		}
		d.planes = append(d.planes, p.scaled(pw, ph, ex, ey))
	}
	return d
}

// image is the picture as encoders take it.
func (c *canvas) image() image.Image {
	w, h := c.size()
	r := image.Rect(0, 0, w, h)
	p := c.planes[0]
	switch c.kind {
	case luma:
		return &image.YCbCr{Y: p.pix, YStride: p.stride, Cb: c.planes[1].pix, Cr: c.planes[2].pix, CStride: c.planes[1].stride, SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: r}
	case gray:
		return &image.Gray{Pix: p.pix, Stride: p.stride, Rect: r}
	case rgba:
		return &image.RGBA{Pix: p.pix, Stride: p.stride, Rect: r}
	}
	m := image.NewRGBA(r)
	for y := range h {
		row := p.row(y)
		out := m.Pix[y*m.Stride:]
		for x := range w {
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = row[3*x], row[3*x+1], row[3*x+2], 255
		}
	}
	return m
}

// jpeg encodes the picture.
func (c *canvas) jpeg(quality int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, c.image(), &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// png encodes the picture without loss.
func (c *canvas) png() ([]byte, error) {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.DefaultCompression}
	err := enc.Encode(&b, c.image())
	return b.Bytes(), err
}
