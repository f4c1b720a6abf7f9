package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image/gif"
	"io"

	"golang.org/x/image/webp"
)

// riffChunks calls f for each chunk of a WebP file (RFC 9649, section 2.3) with the place and length of its data.
func riffChunks(r io.ReaderAt, f func(kind string, at, n int64) error) error {
	var b [12]byte
	if _, err := r.ReadAt(b[:], 0); err != nil {
		return err
	}
	end := int64(binary.LittleEndian.Uint32(b[4:])) + 8
	return riffWithin(r, 12, end, f)
}

func riffWithin(r io.ReaderAt, at, end int64, f func(kind string, at, n int64) error) error {
	var b [8]byte
	for steps := 0; at+8 <= end; steps++ {
		if _, err := r.ReadAt(b[:], at); err != nil {
			return err
		}
		n := int64(binary.LittleEndian.Uint32(b[4:]))
		if steps > 100_000 || at+8+n > end {
			return errBroken
		}
		if err := f(string(b[:4]), at+8, n); err != nil {
			return err
		}
		at += 8 + n + n&1
	}
	return nil
}

func (i *Info) readWebP(r io.ReaderAt) error {
	data := false
	err := riffChunks(r, func(kind string, at, n int64) error {
		switch kind {
		case "VP8X":
			var b [10]byte
			if n < 10 {
				return errBroken
			}
			if _, err := r.ReadAt(b[:], at); err != nil {
				return err
			}
			i.Alpha = b[0]&0x10 != 0
			i.Animated = b[0]&0x02 != 0
			i.Width = 1 + int(uint32(b[4])|uint32(b[5])<<8|uint32(b[6])<<16)
			i.Height = 1 + int(uint32(b[7])|uint32(b[8])<<8|uint32(b[9])<<16)
		case "ICCP":
			i.Profile = true
		case "EXIF":
			b := make([]byte, min(n, 1<<16))
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			i.Orientation = exifOrientation(bytes.TrimPrefix(b, exifHead))
		case "VP8 ", "VP8L", "ANMF":
			data = true
			i.Alpha = i.Alpha || kind == "VP8L"
		}
		return nil
	})
	if err == nil && !data {
		err = errBroken
	}
	if err != nil || i.Animated {
		i.Orientation = 1
		return err
	}
	c, err := webp.DecodeConfig(io.LimitReader(section(r, 0, i.Size), 8<<20))
	if err != nil {
		return err
	}
	i.Width, i.Height = c.Width, c.Height
	return nil
}

func profileWebP(r io.ReaderAt) ([]byte, error) {
	var profile []byte
	err := riffChunks(r, func(kind string, at, n int64) error {
		if kind == "ICCP" && n <= maxProfile {
			profile = make([]byte, n)
			_, err := r.ReadAt(profile, at)
			return err
		}
		return nil
	})
	return profile, err
}

// stripWebP copies the chunks that have to do with pixels and colours.
func stripWebP(w io.Writer, r io.ReaderAt) error {
	type piece struct {
		head []byte
		at   int64
		n    int64
	}
	var pieces []piece
	total := int64(4)
	add := func(kind string, at, n int64) {
		h := make([]byte, 8)
		copy(h, kind)
		binary.LittleEndian.PutUint32(h[4:], uint32(n))
		pieces = append(pieces, piece{h, at, n})
		total += 8 + n + n&1
	}
	err := riffChunks(r, func(kind string, at, n int64) error {
		switch kind {
		case "VP8X":
			b := make([]byte, n)
			if n < 10 {
				return errBroken
			}
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			h := []byte("VP8X\x0a\x00\x00\x00")
			b[0] &^= 0x08 | 0x04 // neither EXIF nor XMP
			pieces = append(pieces, piece{append(h, b[:10]...), 0, 0})
			total += 18
		case "ANMF": // a frame holds chunks of its own
			if n < 16 {
				return errBroken
			}
			b := make([]byte, 16)
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			frame := len(pieces)
			before := total
			pieces = append(pieces, piece{head: nil})
			total += 8 + 16
			err := riffWithin(r, at+16, at+n, func(kind string, at, n int64) error {
				if kind == "ALPH" || kind == "VP8 " || kind == "VP8L" {
					add(kind, at, n)
				}
				return nil
			})
			if err != nil {
				return err
			}
			h := make([]byte, 8, 24)
			copy(h, "ANMF")
			binary.LittleEndian.PutUint32(h[4:], uint32(total-before-8))
			pieces[frame].head = append(h, b...)
		case "ICCP", "ANIM", "ALPH", "VP8 ", "VP8L":
			add(kind, at, n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	h := []byte("RIFF\x00\x00\x00\x00WEBP")
	binary.LittleEndian.PutUint32(h[4:], uint32(total))
	out.Write(h)
	for _, p := range pieces {
		out.Write(p.head)
		if n, err := io.Copy(out, section(r, p.at, p.n)); err != nil || n < p.n {
			return errBroken
		}
		if p.n&1 == 1 {
			out.WriteByte(0)
		}
	}
	return out.Flush()
}

// gifBlocks walks through a GIF file (89a, section 12 and on) and copies to w, if it is not nil, what has to do with
// pixels and timing. It gives the number of frames.
func gifBlocks(w io.Writer, r io.Reader) (frames int, alpha bool, err error) {
	g := &gifWalk{in: bufio.NewReaderSize(r, 1<<16), out: bufio.NewWriter(io.Discard)}
	if w != nil {
		g.out = bufio.NewWriterSize(w, 1<<16)
	}
	err = g.all()
	return g.frames, g.alpha, err
}

// gifWalk is a walk through a GIF file.
type gifWalk struct {
	in     *bufio.Reader
	out    *bufio.Writer
	frames int
	alpha  bool
}

func (g *gifWalk) all() error {
	h, err := g.take(13, true)
	if err != nil {
		return err
	}
	if err := g.colours(h[10]); err != nil {
		return err
	}
	for {
		b, err := g.take(1, false)
		if err != nil {
			return err
		}
		switch b[0] {
		case 0x3b:
			g.out.WriteByte(0x3b)
			return g.out.Flush()
		case 0x2c:
			g.out.WriteByte(0x2c)
			err = g.frame()
		case 0x21:
			err = g.extension()
		default:
			err = errBroken
		}
		if err != nil {
			return err
		}
	}
}

// take reads n bytes.
func (g *gifWalk) take(n int, keep bool) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(g.in, b); err != nil {
		return nil, err
	}
	if keep {
		g.out.Write(b)
	}
	return b, nil
}

// blocks reads blocks up to the empty one.
func (g *gifWalk) blocks(keep bool) error {
	for {
		n, err := g.take(1, keep)
		if err != nil || n[0] == 0 {
			return err
		}
		if _, err := g.take(int(n[0]), keep); err != nil {
			return err
		}
	}
}

// colours reads the table of colours that flags announce.
func (g *gifWalk) colours(flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	_, err := g.take(3<<(flags&7+1), true)
	return err
}

func (g *gifWalk) frame() error {
	d, err := g.take(9, true)
	if err != nil {
		return err
	}
	if err := g.colours(d[8]); err != nil {
		return err
	}
	if _, err := g.take(1, true); err != nil {
		return err
	}
	if err := g.blocks(true); err != nil {
		return err
	}
	g.frames++
	return nil
}

// extension keeps what says how frames are shown and how often, and leaves out all else.
func (g *gifWalk) extension() error {
	kind, err := g.take(1, false)
	if err != nil {
		return err
	}
	switch kind[0] {
	case 0xf9:
		g.out.Write([]byte{0x21, 0xf9})
		n, err := g.take(1, true)
		if err != nil {
			return err
		}
		b, err := g.take(int(n[0]), true)
		if err != nil {
			return err
		}
		g.alpha = g.alpha || len(b) > 0 && b[0]&1 != 0
		return g.blocks(true)
	case 0xff:
		n, err := g.take(1, false)
		if err != nil {
			return err
		}
		name, err := g.take(int(n[0]), false)
		if err != nil {
			return err
		}
		keep := string(name) == "NETSCAPE2.0" || string(name) == "ANIMEXTS1.0"
		if keep {
			g.out.Write([]byte{0x21, 0xff, n[0]})
			g.out.Write(name)
		}
		return g.blocks(keep)
	}
	return g.blocks(false)
}

func (i *Info) readGIF(r io.ReaderAt) error {
	c, err := gif.DecodeConfig(section(r, 0, min(i.Size, 1<<16)))
	if err != nil {
		return err
	}
	i.Width, i.Height = c.Width, c.Height
	frames, alpha, err := gifBlocks(nil, section(r, 0, i.Size))
	if err != nil || frames == 0 {
		return errBroken
	}
	i.Animated, i.Alpha, i.Palette = frames > 1, alpha, true
	return nil
}
