package picture

import (
	"bytes"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
)

// inSRGB turns the colours of a picture into those of sRGB, in which it is published. A profile that can't be read is
// passed over, as browsers do.
func (c *canvas) inSRGB(profile []byte) (d *canvas) {
	plain := c
	if c.kind == ink {
		plain = c.fromInk()
	}
	if profile == nil {
		return plain
	}
	defer func() {
		if recover() != nil {
			d = plain
		}
	}()
	p, err := icc.DecodeProfile(bytes.NewReader(profile))
	if err != nil || p.IsSRGB() {
		return plain
	}
	channels := 3
	switch c.kind {
	case ink:
		channels = 4
	case gray:
		channels = 1
	}
	switch space := p.Header.DataColorSpace; {
	case space == icc.ColorSpaceRGB && channels == 3, space == icc.ColorSpaceCMYK && channels == 4, space == icc.ColorSpaceGray && channels == 1:
	default:
		return plain
	}
	t, err := p.CreateTransformerToSRGB(p.Header.RenderingIntent, true, channels, true, false, true)
	if err != nil {
		return plain
	}
	return c.through(t, channels)
}

// through puts every pixel through a transformation of colours, by a table of its results at some steps of each
// channel, between which it is as good as linear.
func (c *canvas) through(t *icc.Pipeline, channels int) *canvas {
	src := c
	if c.kind == luma {
		src = c.inRGB()
	}
	table := newLattice(t, channels)
	w, h := src.size()
	to := 3
	d := &canvas{kind: rgb}
	if src.kind == rgba {
		to, d.kind = 4, rgba
	}
	q := newPlane(w, h, to)
	d.planes = []plane{q}
	from := src.planes[0].channels
	var in, last [4]byte
	rgb := table.at(in)
	for y := range h {
		row, dst := src.planes[0].row(y), q.row(y)
		for x := range w {
			px := row[x*from : x*from+from]
			a := byte(255)
			copy(in[:channels], px)
			if src.kind == rgba {
				a = px[3]
				in[0], in[1], in[2] = unmul(px[0], a), unmul(px[1], a), unmul(px[2], a)
			}
			if in != last { // neighbours are often the same
				rgb, last = table.at(in), in
			}
			if to == 4 {
				put(dst[4*x:], rgb[0], rgb[1], rgb[2], a)
			} else {
				o := dst[3*x : 3*x+3 : 3*x+3]
				o[0], o[1], o[2] = rgb[0], rgb[1], rgb[2]
			}
		}
	}
	return d
}

// lattice is the results of a transformation at n steps of each channel.
type lattice struct {
	channels, n int
	values      [][3]int32 // 1<<14 is full
	cell        [256]int32 // of a sample, and how far it is into it, of 1<<8
	part        [256]int32
}

func newLattice(t *icc.Pipeline, channels int) *lattice {
	l := &lattice{channels: channels, n: [5]int{0, 256, 0, 33, 17}[channels]}
	size := 1
	for range channels {
		size *= l.n
	}
	l.values = make([][3]int32, size)
	in, out := make([]float64, max(channels, 3)), make([]float64, max(channels, 3))
	for k := range l.values {
		rest := k
		for ch := channels - 1; ch >= 0; ch-- {
			in[ch] = float64(rest%l.n) / float64(l.n-1)
			rest /= l.n
		}
		if channels == 3 {
			out[0], out[1], out[2] = t.Transform(in[0], in[1], in[2])
		} else {
			t.TransformGeneral(out, in)
		}
		for ch := range 3 {
			l.values[k][ch] = int32(min(max(out[ch], 0), 1)*(1<<14) + 0.5)
		}
	}
	for v := range 256 {
		at := v * (l.n - 1) * 256 / 255
		cell := min(at/256, l.n-2)
		l.cell[v], l.part[v] = int32(cell), int32(at-cell*256)
	}
	return l
}

// at gives the colour for a sample of each channel.
func (l *lattice) at(in [4]byte) [3]byte {
	var sum [3]int64
	base := int32(0)
	for ch := range l.channels {
		base = base*int32(l.n) + l.cell[in[ch]]
	}
	for corner := range 1 << l.channels {
		weight, at, step := int64(1), base, int32(1)
		for ch := l.channels - 1; ch >= 0; ch-- {
			part := int64(l.part[in[ch]])
			if corner>>ch&1 == 1 {
				weight *= part
				at += step
			} else {
				weight *= 256 - part
			}
			step *= int32(l.n)
		}
		if weight == 0 {
			continue
		}
		v := &l.values[at]
		for k := range sum {
			sum[k] += weight * int64(v[k])
		}
	}
	shift := 8*l.channels + 14
	var rgb [3]byte
	for k := range rgb {
		rgb[k] = byte((sum[k]*255 + 1<<(shift-1)) >> shift)
	}
	return rgb
}

func unmul(v, a byte) byte {
	if a == 0 || a == 255 {
		return v
	}
	return byte(min((uint32(v)*255+uint32(a)/2)/uint32(a), 255))
}

// inRGB turns luma and colour into RGB.
func (c *canvas) inRGB() *canvas {
	w, h := c.size()
	p := &pixels{w: w, h: h, planes: c.planes, extents: [][2]float64{{float64(w), float64(h)}, {float64(w) / 2, float64(h) / 2}, {float64(w) / 2, float64(h) / 2}}}
	rows := p.rows()
	q := newPlane(w, h, 3)
	for y := range h {
		row, err := rows.next()
		if err != nil {
			break
		}
		copy(q.row(y), row)
	}
	return &canvas{kind: rgb, planes: []plane{q}}
}

// fromInk turns CMYK without a profile into RGB.
func (c *canvas) fromInk() *canvas {
	w, h := c.size()
	q := newPlane(w, h, 3)
	for y := range h {
		row, dst := c.planes[0].row(y), q.row(y)
		for x := range w {
			k := 255 - uint32(row[4*x+3])
			for i := range 3 {
				dst[3*x+i] = byte(((255-uint32(row[4*x+i]))*k + 127) / 255)
			}
		}
	}
	return &canvas{kind: rgb, planes: []plane{q}}
}
