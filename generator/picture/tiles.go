package picture

import (
	"fmt"
	"io"
)

// Deep zoom: a picture cut into square tiles, at full size and at each half of it, named as the IIIF Image API 3.0 names
// them at compliance level 0, so that viewers of that standard find them on a server that only sends files.

// TileSide is the side of a tile in pixels.
const TileSide = 512

// tileQuality is that of tiles: they are looked at closely.
const tileQuality = 82

// Pyramid is the sizes at which a picture is cut into tiles.
type Pyramid struct {
	Width, Height int
	Levels        []Size // from full size down to one tile
}

// Pyramid gives the sizes of a picture.
func (i Info) Pyramid() Pyramid {
	p := Pyramid{Width: i.Width, Height: i.Height}
	for w, h := i.Width, i.Height; ; w, h = (w+1)/2, (h+1)/2 {
		p.Levels = append(p.Levels, Size{w, h})
		if w < TileSide && h < TileSide {
			return p
		}
	}
}

// CanZoom reports whether a picture can be cut into tiles.
func (i Info) CanZoom() bool { return !i.Animated && i.Format != SVG && !i.Alpha }

// Tiles gives the name of every tile.
func (p Pyramid) Tiles() []string {
	var l []string
	for k, s := range p.Levels {
		for y := 0; y*TileSide < s.Height; y++ {
			for x := 0; x*TileSide < s.Width; x++ {
				l = append(l, p.name(k, x, y))
			}
		}
	}
	return l
}

// name is a tile's: region, size, rotation, quality and format.
func (p Pyramid) name(level, x, y int) string {
	s := p.Levels[level]
	w, h := min(TileSide, s.Width-x*TileSide), min(TileSide, s.Height-y*TileSide)
	side := TileSide << level
	region := fmt.Sprintf("%d,%d,%d,%d", x*side, y*side, min(side, p.Width-x*side), min(side, p.Height-y*side))
	if w == s.Width && h == s.Height {
		region = "full"
	}
	size := fmt.Sprintf("%d,%d", w, h)
	if level == 0 && region == "full" {
		size = "max"
	}
	return region + "/" + size + "/0/default.jpg"
}

// PlanTiles names what MakeTiles makes, for a Store.
func (p Pyramid) String() string {
	return fmt.Sprintf("v1 tiles %d quality %d %dx%d", TileSide, tileQuality, p.Width, p.Height)
}

// MakeTiles cuts a picture into tiles, row by row: of each size no more is held than a row of tiles.
func MakeTiles(r io.ReaderAt, i Info, done func(name string, b []byte) error) error {
	px, err := open(r, i)
	if err != nil {
		return err
	}
	rows := px.rows()
	kind := kindOf(rows)
	if i.Orientation > 1 {
		// It has to be held to be turned.
		q := newPlane(rows.w, rows.h, rows.channels)
		for y := range rows.h {
			row, err := rows.next()
			if err != nil {
				return broken(err)
			}
			copy(q.row(y), row)
		}
		q = q.turned(i.Orientation)
		var held pixels
		held.hold(q, rows.ink)
		rows = held.stream
	}
	p := i.Pyramid()
	channels := rows.channels
	t := &tiler{p: p, kind: kind, channels: channels, profile: px.profile, done: done}
	for k, s := range p.Levels {
		t.bands = append(t.bands, newPlane(s.Width, min(TileSide, s.Height), channels))
		t.filled = append(t.filled, 0)
		t.y = append(t.y, 0)
		t.pending = append(t.pending, nil)
		_ = k
	}
	for range rows.h {
		row, err := rows.next()
		if err != nil {
			return broken(err)
		}
		if err := t.push(0, row); err != nil {
			return err
		}
	}
	return t.finish()
}

// kindOf is how a canvas of such rows holds its pixels.
func kindOf(s *rowSource) kind {
	switch {
	case s.ink:
		return ink
	case s.channels == 1:
		return gray
	case s.channels == 3:
		return rgb
	}
	return rgba
}

// tiler takes rows of the full size and hands half of them on to the next.
type tiler struct {
	p        Pyramid
	kind     kind
	channels int
	profile  []byte
	bands    []plane  // of each level, a row of tiles
	filled   []int    // rows of it
	y        []int    // rows of tiles that are done
	pending  [][]byte // the row that waits for its neighbour below
	done     func(name string, b []byte) error
}

func (t *tiler) push(level int, row []byte) error {
	band := t.bands[level]
	copy(band.row(t.filled[level]), row)
	t.filled[level]++
	if t.filled[level] == band.h {
		if err := t.flush(level); err != nil {
			return err
		}
	}
	if level+1 == len(t.bands) {
		return nil
	}
	if t.pending[level] == nil {
		t.pending[level] = append(t.pending[level], row...)
		return nil
	}
	half := t.halve(level, t.pending[level], row)
	t.pending[level] = nil
	return t.push(level+1, half)
}

// halve gives a row of the next level out of two.
func (t *tiler) halve(level int, a, b []byte) []byte {
	n := t.channels
	w, half := t.p.Levels[level].Width, t.p.Levels[level+1].Width
	out := make([]byte, half*n)
	for x := range half {
		l, r := 2*x, min(2*x+1, w-1)
		for c := range n {
			out[x*n+c] = byte((int(a[l*n+c]) + int(a[r*n+c]) + int(b[l*n+c]) + int(b[r*n+c]) + 2) / 4)
		}
	}
	return out
}

// flush encodes the tiles of a row.
func (t *tiler) flush(level int) error {
	band, rows := t.bands[level], t.filled[level]
	for x := 0; x*TileSide < band.w; x++ {
		w := min(TileSide, band.w-x*TileSide)
		tile := plane{w: w, h: rows, channels: t.channels, stride: band.stride, pix: band.pix[x*TileSide*t.channels:]}
		c := (&canvas{kind: t.kind, planes: []plane{tile}}).inSRGB(t.profile)
		b, err := c.jpeg(tileQuality)
		if err != nil {
			return err
		}
		if err := t.done(t.p.name(level, x, t.y[level]), b); err != nil {
			return err
		}
	}
	t.filled[level] = 0
	t.y[level]++
	return nil
}

// finish gives what is left in each level.
func (t *tiler) finish() error {
	for level := range t.bands {
		if t.pending[level] != nil && level+1 < len(t.bands) {
			last := t.pending[level]
			t.pending[level] = nil
			if err := t.push(level+1, t.halve(level, last, last)); err != nil {
				return err
			}
		}
		if t.filled[level] > 0 {
			if err := t.flush(level); err != nil {
				return err
			}
		}
	}
	return nil
}
