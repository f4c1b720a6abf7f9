package picture

import (
	"bytes"
	"fmt"
	"io"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
)

// inSRGB turns the colours of a picture into those of sRGB, in which it is published. A profile that can't be read is
// passed over, as browsers do; Doubt says so.
func (c *canvas) inSRGB(profile []byte) *canvas {
	plain := c
	if c.kind == ink {
		plain = c.fromInk()
	}
	if profile == nil {
		return plain
	}
	channels := 3
	switch c.kind {
	case ink:
		channels = 4
	case gray:
		channels = 1
	}
	t, of, err := toSRGB(profile)
	if err != nil || t == nil || of != channels {
		return plain
	}
	return c.through(t, channels)
}

// toSRGB gives the transformation of a profile's colours into those of sRGB and how many channels they have; nil if they are those of
// sRGB already.
func toSRGB(profile []byte) (t *icc.Pipeline, channels int, err error) {
	defer func() {
		if x := recover(); x != nil { // hostile ones bring the library down
			t, err = nil, fmt.Errorf("picture: a profile: %v", x)
		}
	}()
	p, err := icc.DecodeProfile(bytes.NewReader(profile))
	if err != nil {
		return nil, 0, err
	}
	switch p.Header.DataColorSpace {
	case icc.ColorSpaceRGB:
		channels = 3
	case icc.ColorSpaceCMYK:
		channels = 4
	case icc.ColorSpaceGray:
		channels = 1
	default:
		return nil, 0, fmt.Errorf("picture: a profile of %v", p.Header.DataColorSpace)
	}
	if p.IsSRGB() {
		return nil, channels, nil
	}
	t, err = p.CreateTransformerToSRGB(p.Header.RenderingIntent, true, channels, true, false, true)
	return t, channels, err
}

// Doubt says why the colours of a picture, though it can be published, can't be told for certain: a *Fault, nil if they can.
func Doubt(r io.ReaderAt, i Info) error {
	if !i.Profile {
		if i.Ink {
			return fault("image/ink", "这是印刷用的 CMYK 图片，没有写明用的什么油墨（颜色描述文件），颜色只能大致换算，和印出来的会有差别。请从原件另存一份 sRGB 的。")
		}
		return nil
	}
	profile, err := profileOf(r, i)
	if err == nil && profile != nil {
		var channels int
		if _, channels, err = toSRGB(profile); err == nil && (channels == 4) == i.Ink {
			return nil
		}
	}
	return fault("image/profile", "图片里的颜色描述文件（ICC）读不了，或不是给这种图片的，已经略过，颜色可能不准。请用看图程序另存一份 sRGB 的。")
}

// profileOf is the colour profile of a picture, nil if it has none.
func profileOf(r io.ReaderAt, i Info) ([]byte, error) {
	switch i.Format {
	case JPEG:
		return profileJPEG(r)
	case PNG:
		return profilePNG(r)
	case WebP:
		return profileWebP(r)
	case TIFF:
		return profileTIFF(r)
	}
	return nil, nil
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
