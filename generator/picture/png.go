package picture

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

const pngHead = "\x89PNG\r\n\x1a\n"

// chunks calls f for each chunk of a PNG file with the place and length of its data, up to the end or to io.EOF of f.
func chunks(r io.ReaderAt, f func(kind string, at, n int64) error) error {
	var b [8]byte
	at := int64(8)
	for steps := 0; steps < 1_000_000; steps++ {
		if _, err := r.ReadAt(b[:], at); err != nil {
			return err
		}
		kind, n := string(b[4:]), int64(binary.BigEndian.Uint32(b[:]))
		if n > 1<<31-1 {
			return errBroken
		}
		if err := f(kind, at+8, n); err != nil {
			return err
		}
		if kind == "IEND" {
			return nil
		}
		at += 12 + n
	}
	return errBroken
}

// pngHeader is the chunk IHDR.
type pngHeader struct {
	w, h        int
	depth, kind byte
	interlaced  bool
}

func (i *Info) readPNG(r io.ReaderAt) error {
	first, data := true, false
	err := chunks(r, func(kind string, at, n int64) error {
		if first {
			var b [13]byte
			if _, err := r.ReadAt(b[:], at); err != nil {
				return err
			}
			if kind != "IHDR" || n != 13 {
				return errBroken
			}
			w, h := binary.BigEndian.Uint32(b[:]), binary.BigEndian.Uint32(b[4:])
			if w > 1<<30 || h > 1<<30 {
				return fault("image/huge", "图片说自己有 %d×%d 像素，程序不会照办。请换一份。", w, h)
			}
			i.Width, i.Height = int(w), int(h)
			i.Deep = b[8] == 16
			i.Alpha = b[9] == 4 || b[9] == 6
			i.Palette = b[9] == 3
			i.Progressive = b[12] != 0
			first = false
		}
		switch kind {
		case "tRNS":
			i.Alpha = true
		case "acTL":
			i.Animated = true
		case "iCCP":
			i.Profile = true
		case "IDAT":
			data = true
		case "eXIf":
			b := make([]byte, min(n, 1<<16))
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			i.Orientation = exifOrientation(b)
		}
		return nil
	})
	if err == nil && !data {
		err = errBroken
	}
	return err
}

// profilePNG is the colour profile, or nil.
func profilePNG(r io.ReaderAt) ([]byte, error) {
	var profile []byte
	err := chunks(r, func(kind string, at, n int64) error {
		if kind != "iCCP" || n > maxProfile {
			return nil
		}
		b := make([]byte, n)
		if _, err := r.ReadAt(b, at); err != nil {
			return err
		}
		name := bytes.IndexByte(b, 0)
		if name < 0 || name+2 > len(b) {
			return errBroken
		}
		z, err := zlib.NewReader(bytes.NewReader(b[name+2:]))
		if err != nil {
			return errBroken
		}
		profile, err = io.ReadAll(io.LimitReader(z, maxProfile))
		return err
	})
	return profile, err
}

// stripPNG copies the chunks that have to do with pixels and colours, up to the end of the picture.
func stripPNG(w io.Writer, r io.ReaderAt) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString(pngHead)
	err := chunks(r, func(kind string, at, n int64) error {
		switch kind {
		case "IHDR", "PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "cICP", "sBIT", "bKGD", "IDAT", "IEND", "acTL", "fcTL", "fdAT":
			var b [8]byte
			binary.BigEndian.PutUint32(b[:], uint32(n))
			copy(b[4:], kind)
			out.Write(b[:])
			_, err := io.Copy(out, section(r, at, n+4))
			return err
		case "iCCP": // its name is free text
			if n > maxProfile {
				return nil
			}
			b := make([]byte, n)
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			_, rest, ok := bytes.Cut(b, []byte{0})
			if !ok {
				return errBroken
			}
			writeChunk(out, "iCCP", append([]byte("icc\x00"), rest...))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func writeChunk(out *bufio.Writer, kind string, data []byte) {
	var b [8]byte
	binary.BigEndian.PutUint32(b[:], uint32(len(data)))
	copy(b[4:], kind)
	out.Write(b[:])
	out.Write(data)
	sum := crc32.Update(crc32.ChecksumIEEE(b[4:]), crc32.IEEETable, data)
	binary.BigEndian.PutUint32(b[:], sum)
	out.Write(b[:4])
}

// idat reads the data of the chunks IDAT one after the other.
type idat struct {
	r    io.ReaderAt
	at   int64 // of the next chunk's header
	left int64
	pos  int64
}

func (d *idat) Read(p []byte) (int, error) {
	for d.left == 0 {
		var b [8]byte
		if _, err := d.r.ReadAt(b[:], d.at); err != nil {
			return 0, err
		}
		n := int64(binary.BigEndian.Uint32(b[:]))
		if string(b[4:]) == "IEND" {
			return 0, io.EOF
		}
		if string(b[4:]) == "IDAT" {
			d.left, d.pos = n, d.at+8
		}
		d.at += 12 + n
	}
	n, err := d.r.ReadAt(p[:min(int64(len(p)), d.left)], d.pos)
	d.left -= int64(n)
	d.pos += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// pngRows decodes a PNG that is not interlaced row by row, into 8 bits a sample: gray, RGB, or RGB and alpha
// multiplied in.
func pngRows(r io.ReaderAt) (*rowSource, error) {
	var h pngHeader
	var palette, trns []byte
	err := chunks(r, func(kind string, at, n int64) error {
		switch kind {
		case "IHDR":
			var b [13]byte
			if _, err := r.ReadAt(b[:], at); err != nil {
				return err
			}
			h = pngHeader{int(binary.BigEndian.Uint32(b[:])), int(binary.BigEndian.Uint32(b[4:])), b[8], b[9], b[12] != 0}
		case "PLTE", "tRNS":
			b := make([]byte, min(n, 768))
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			if kind == "PLTE" {
				palette = b
			} else {
				trns = b
			}
		case "IDAT":
			return io.EOF
		}
		return nil
	})
	if err != nil && err != io.EOF {
		return nil, err
	}
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[h.kind]
	okDepth := h.depth == 8 || h.depth == 16 && h.kind != 3 || (h.depth == 1 || h.depth == 2 || h.depth == 4) && (h.kind == 0 || h.kind == 3)
	if samples == 0 || !okDepth || h.kind == 3 && len(palette) < 3 {
		return nil, errBroken
	}
	z, err := zlib.NewReader(bufio.NewReaderSize(&idat{r: r, at: 8}, 1<<16))
	if err != nil {
		return nil, err
	}
	bits := samples * int(h.depth)
	stride := (h.w*bits + 7) / 8
	step := max(bits/8, 1)
	now, before := make([]byte, stride+1), make([]byte, stride+1)
	channels := 3
	switch {
	case h.kind == 4 || h.kind == 6 || trns != nil:
		channels = 4
	case h.kind == 0:
		channels = 1
	}
	out := make([]byte, h.w*channels)
	return &rowSource{w: h.w, h: h.h, channels: channels, next: func() ([]byte, error) {
		if _, err := io.ReadFull(z, now); err != nil {
			return nil, err
		}
		if !unfilter(now[0], now[1:], before[1:], step) {
			return nil, errBroken
		}
		h.samples(out, now[1:], palette, trns, channels)
		now, before = before, now
		return out, nil
	}}, nil
}

// unfilter undoes the filter of a row (PNG, section 9).
func unfilter(kind byte, row, up []byte, step int) bool {
	switch kind {
	case 0:
	case 1:
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
	case 2:
		for i := range row {
			row[i] += up[i]
		}
	case 3:
		for i := range min(step, len(row)) {
			row[i] += up[i] / 2
		}
		for i := step; i < len(row); i++ {
			row[i] += byte((int(row[i-step]) + int(up[i])) / 2)
		}
	case 4:
		for i := range min(step, len(row)) {
			row[i] += up[i]
		}
		for i := step; i < len(row); i++ {
			a, b, c := int(row[i-step]), int(up[i]), int(up[i-step])
			pa, pb, pc := b-c, a-c, a+b-2*c
			if pa < 0 {
				pa = -pa
			}
			if pb < 0 {
				pb = -pb
			}
			if pc < 0 {
				pc = -pc
			}
			switch {
			case pa <= pb && pa <= pc:
				row[i] += byte(a)
			case pb <= pc:
				row[i] += byte(b)
			default:
				row[i] += byte(c)
			}
		}
	default:
		return false
	}
	return true
}

// samples turns a row of the file into samples of 8 bits. One piece: the kinds of pixels that PNG has, each with its loop over
// a row.
func (h *pngHeader) samples(out, row, palette, trns []byte, channels int) {
	at := func(i int) uint32 { // the i-th sample, unscaled
		switch h.depth {
		case 16:
			return uint32(binary.BigEndian.Uint16(row[2*i:]))
		case 8:
			return uint32(row[i])
		}
		d := int(h.depth)
		return uint32(row[i*d/8]>>(8-d-i*d%8)) & (1<<d - 1)
	}
	to8 := func(v uint32) byte {
		switch h.depth {
		case 16:
			return byte((v*255 + 32767) / 65535)
		case 8:
			return byte(v)
		}
		return byte(v * 255 / (1<<h.depth - 1))
	}
	switch h.kind {
	case 0:
		key := uint32(1 << 31)
		if len(trns) >= 2 {
			key = uint32(binary.BigEndian.Uint16(trns))
		}
		for x := range h.w {
			v := at(x)
			g := to8(v)
			if channels == 1 {
				out[x] = g
				continue
			}
			a := byte(255)
			if v == key {
				a = 0
			}
			put(out[4*x:], g, g, g, a)
		}
	case 2:
		if h.depth == 8 && channels == 3 {
			copy(out, row)
			return
		}
		var key [3]uint32
		keyed := len(trns) >= 6
		if keyed {
			for k := range key {
				key[k] = uint32(binary.BigEndian.Uint16(trns[2*k:]))
			}
		}
		for x := range h.w {
			r, g, b := at(3*x), at(3*x+1), at(3*x+2)
			if channels == 3 {
				out[3*x], out[3*x+1], out[3*x+2] = to8(r), to8(g), to8(b)
				continue
			}
			a := byte(255)
			if keyed && [3]uint32{r, g, b} == key {
				a = 0
			}
			put(out[4*x:], to8(r), to8(g), to8(b), a)
		}
	case 3:
		for x := range h.w {
			v := int(at(x))
			var r, g, b byte
			if 3*v+2 < len(palette) {
				r, g, b = palette[3*v], palette[3*v+1], palette[3*v+2]
			}
			if channels == 3 {
				out[3*x], out[3*x+1], out[3*x+2] = r, g, b
				continue
			}
			a := byte(255)
			if v < len(trns) {
				a = trns[v]
			}
			put(out[4*x:], r, g, b, a)
		}
	case 4:
		for x := range h.w {
			g := to8(at(2 * x))
			put(out[4*x:], g, g, g, to8(at(2*x+1)))
		}
	case 6:
		for x := range h.w {
			put(out[4*x:], to8(at(4*x)), to8(at(4*x+1)), to8(at(4*x+2)), to8(at(4*x+3)))
		}
	}
}

// put writes a pixel with its alpha multiplied in, so that what is transparent adds no colour to its neighbours.
func put(out []byte, r, g, b, a byte) {
	out = out[:4:4]
	if a != 255 {
		r, g, b = mul(r, a), mul(g, a), mul(b, a)
	}
	out[0], out[1], out[2], out[3] = r, g, b, a
}

func mul(v, a byte) byte { return byte((uint32(v)*uint32(a) + 127) / 255) }
