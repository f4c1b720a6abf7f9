package picture

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/jpeg"
	"io"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// tags is the first directory of a TIFF file (TIFF 6.0, section 2), as far as it has to do with pixels.
type tags struct {
	r     io.ReaderAt
	order binary.ByteOrder
	at    map[uint16]entry
}

type entry struct {
	kind  uint16
	count int64
	at    int64 // of the values
}

const (
	tWidth, tHeight, tBits, tCompression, tPhotometric = 256, 257, 258, 259, 262
	tFillOrder, tStrips, tOrientation, tSamples        = 266, 273, 274, 277
	tRows, tStripBytes, tPlanar, tT4                   = 278, 279, 284, 292
	tPredictor, tColours, tTileW, tTileH               = 317, 320, 322, 323
	tTiles, tTileBytes, tExtra, tFormat                = 324, 325, 338, 339
	tTables, tProfile                                  = 347, 34675
)

var errTIFF = fault("image/tiff", "这种 TIFF 程序读不了（分层、浮点、大文件格式或少见的压缩）。请用看图程序另存为普通的 TIFF（不压缩或 LZW）或 JPEG。")

func readTags(r io.ReaderAt) (*tags, error) {
	var b [12]byte
	if _, err := r.ReadAt(b[:8], 0); err != nil {
		return nil, err
	}
	t := &tags{r: r, order: binary.LittleEndian, at: map[uint16]entry{}}
	if b[0] == 'M' {
		t.order = binary.BigEndian
	}
	if t.order.Uint16(b[2:]) != 42 {
		return nil, errTIFF
	}
	at := int64(t.order.Uint32(b[4:]))
	if _, err := r.ReadAt(b[:2], at); err != nil {
		return nil, err
	}
	n := int64(t.order.Uint16(b[:]))
	dir := make([]byte, 12*n)
	if _, err := r.ReadAt(dir, at+2); err != nil {
		return nil, err
	}
	for k := range n {
		e := dir[12*k:]
		x := entry{kind: t.order.Uint16(e[2:]), count: int64(t.order.Uint32(e[4:])), at: at + 2 + 12*k + 8}
		if x.count*x.size() > 4 {
			x.at = int64(t.order.Uint32(e[8:]))
		}
		t.at[t.order.Uint16(e)] = x
	}
	return t, nil
}

func (e entry) size() int64 {
	switch e.kind {
	case 3, 8:
		return 2
	case 4, 9, 11:
		return 4
	case 5, 10, 12:
		return 8
	}
	return 1
}

// numbers are the values of a tag, nil if there are none.
func (t *tags) numbers(tag uint16) ([]int64, error) {
	e, ok := t.at[tag]
	if !ok {
		return nil, nil
	}
	if e.count > 4<<20 || e.kind != 1 && e.kind != 3 && e.kind != 4 {
		return nil, errBroken
	}
	b := make([]byte, e.count*e.size())
	if _, err := t.r.ReadAt(b, e.at); err != nil {
		return nil, err
	}
	v := make([]int64, e.count)
	for i := range v {
		switch e.kind {
		case 1:
			v[i] = int64(b[i])
		case 3:
			v[i] = int64(t.order.Uint16(b[2*i:]))
		case 4:
			v[i] = int64(t.order.Uint32(b[4*i:]))
		}
	}
	return v, nil
}

// number is the first value of a tag, or what stands for it where there is none or it is damaged.
func (t *tags) number(tag uint16, otherwise int64) int64 {
	e, ok := t.at[tag]
	if !ok || e.count < 1 {
		return otherwise
	}
	e.count = 1
	one := tags{r: t.r, order: t.order, at: map[uint16]entry{tag: e}}
	if v, err := one.numbers(tag); err == nil && len(v) == 1 {
		return v[0]
	}
	return otherwise
}

func (i *Info) readTIFF(r io.ReaderAt) error {
	t, err := readTags(r)
	if err != nil {
		return err
	}
	p, err := t.layout()
	if err != nil {
		return err
	}
	i.Width, i.Height = p.w, p.h
	if o := int(t.number(tOrientation, 1)); o >= 1 && o <= 8 {
		i.Orientation = o
	}
	i.Ink = p.photometric == 5
	i.Alpha = p.channels == 4 && !i.Ink
	i.Deep = p.bits == 16
	_, i.Profile = t.at[tProfile]
	return nil
}

func profileTIFF(r io.ReaderAt) ([]byte, error) {
	t, err := readTags(r)
	if err != nil {
		return nil, err
	}
	e, ok := t.at[tProfile]
	if !ok || e.count > maxProfile {
		return nil, nil
	}
	b := make([]byte, e.count)
	_, err = r.ReadAt(b, e.at)
	return b, err
}

// layoutTIFF is how the pixels of a TIFF lie in it.
type layoutTIFF struct {
	*tags
	w, h                     int
	bits, samples            int
	photometric, compression int64
	predictor                int64
	channels                 int // of the rows that it gives: 1, 3 or 4
	colours                  []int64
	tileW, tileH             int // of a tile; a strip is as wide as the picture
	offsets, sizes           []int64
	associated               bool // colours have alpha multiplied in
}

// layout says how a picture lies in its file, or refuses what tiffRows can't decode.
func (t *tags) layout() (*layoutTIFF, error) {
	p := &layoutTIFF{tags: t}
	w, h := t.number(tWidth, 0), t.number(tHeight, 0)
	if w <= 0 || h <= 0 {
		return nil, errBroken
	}
	if w > 1<<30 || h > 1<<30 {
		return nil, fault("image/huge", "图片说自己有 %d×%d 像素，程序不会照办。请换一份。", w, h)
	}
	p.w, p.h = int(w), int(h)
	p.samples = int(t.number(tSamples, 1))
	p.photometric = t.number(tPhotometric, 1)
	p.compression = t.number(tCompression, 1)
	p.predictor = t.number(tPredictor, 1)
	for _, read := range []func() error{p.readBits, p.readColours, p.checkCompression, p.readTiles} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// readBits reads how many bits a sample has: of all the same number.
func (p *layoutTIFF) readBits() error {
	bits, err := p.tags.numbers(tBits)
	if err != nil {
		return err
	}
	p.bits = 1
	for k, b := range bits {
		if k > 0 && b != bits[0] {
			return errTIFF
		}
		p.bits = int(b)
	}
	if p.samples < 1 || p.samples > 8 || p.tags.number(tFormat, 1) != 1 || p.tags.number(tPlanar, 1) != 1 && p.samples > 1 || p.predictor > 2 {
		return errTIFF
	}
	switch p.bits {
	case 8, 16:
		return nil
	case 1, 4:
		if p.samples == 1 && p.predictor == 1 {
			return nil
		}
	}
	return errTIFF
}

// readColours reads what the samples of a pixel mean.
func (p *layoutTIFF) readColours() (err error) {
	need := 1
	switch p.photometric {
	case 0, 1:
		p.channels = 1
	case 2:
		p.channels, need = 3, 3
	case 3:
		p.channels = 3
		if p.colours, err = p.tags.numbers(tColours); err != nil {
			return err
		}
		if len(p.colours) < 3<<p.bits || p.bits > 8 {
			return errBroken
		}
	case 5:
		p.channels, need = 4, 4
	case 6:
		if p.compression != 7 {
			return errTIFF
		}
		p.channels, need = 3, 3
	default:
		return errTIFF
	}
	if p.samples < need {
		return errBroken
	}
	if extra := p.tags.number(tExtra, 0); p.photometric == 2 && p.samples == 4 && (extra == 1 || extra == 2) {
		p.channels, p.associated = 4, extra == 1
	}
	return nil
}

func (p *layoutTIFF) checkCompression() error {
	switch p.compression {
	case 1, 5, 8, 32946, 32773:
		return nil
	case 3, 4:
		if p.bits != 1 {
			return errBroken
		}
		return nil
	case 7:
		if p.bits == 8 && p.photometric != 5 && p.channels != 4 {
			return nil
		}
	}
	return errTIFF
}

// readTiles reads where the pixels are, in strips or in tiles.
func (p *layoutTIFF) readTiles() (err error) {
	t := p.tags
	p.tileW, p.tileH = p.w, int(min(t.number(tRows, int64(p.h)), int64(p.h)))
	offsets, sizes := uint16(tStrips), uint16(tStripBytes)
	if _, ok := t.at[tTiles]; ok {
		offsets, sizes = tTiles, tTileBytes
		tw, th := t.number(tTileW, 0), t.number(tTileH, 0)
		if tw <= 0 || th <= 0 || tw > 1<<16 || th > 1<<14 || p.bits < 8 && tw%8 != 0 {
			return errBroken
		}
		p.tileW, p.tileH = int(tw), int(th)
	}
	if p.tileH <= 0 {
		return errBroken
	}
	if p.offsets, err = t.numbers(offsets); err != nil {
		return err
	}
	if p.sizes, err = t.numbers(sizes); err != nil {
		return err
	}
	across, down := (p.w+p.tileW-1)/p.tileW, (p.h+p.tileH-1)/p.tileH
	if len(p.offsets) < across*down || len(p.sizes) < across*down {
		return errBroken
	}
	if int64(across)*int64(p.tileW)*int64(p.tileH)*int64(p.samples*p.bits)/8 > 200<<20 && (across > 1 || p.compression == 7) {
		return errTIFF // a row of tiles is held in memory
	}
	return nil
}

// tiffRows decodes a TIFF row by row, into 8 bits a sample: gray, RGB, RGB and alpha multiplied in, or CMYK.
func tiffRows(r io.ReaderAt) (*rowSource, error) {
	t, err := readTags(r)
	if err != nil {
		return nil, err
	}
	p, err := t.layout()
	if err != nil {
		return nil, err
	}
	next := p.stripRows()
	if p.tileW != p.w || p.compression == 7 {
		next = p.tileRows()
	}
	out := make([]byte, p.w*p.channels)
	return &rowSource{w: p.w, h: p.h, channels: p.channels, ink: p.photometric == 5, next: func() ([]byte, error) {
		raw, err := next()
		if err != nil {
			return nil, err
		}
		if p.compression == 7 {
			return raw, nil
		}
		p.samplesTo(out, raw)
		return out, nil
	}}, nil
}

// open gives the unpacked bytes of a strip or tile.
func (p *layoutTIFF) open(k, rows int) (io.Reader, error) {
	r := bufio.NewReaderSize(section(p.r, p.offsets[k], p.sizes[k]), 1<<16)
	switch p.compression {
	case 3, 4:
		order := ccitt.MSB
		if p.number(tFillOrder, 1) == 2 {
			order = ccitt.LSB
		}
		form := ccitt.Group4
		if p.compression == 3 {
			if p.number(tT4, 0)&1 != 0 {
				return nil, errTIFF
			}
			form = ccitt.Group3
		}
		return ccitt.NewReader(r, order, form, p.tileW, rows, &ccitt.Options{Invert: p.photometric == 0}), nil
	case 5:
		return lzw.NewReader(r, lzw.MSB, 8), nil
	case 8, 32946:
		return zlib.NewReader(r)
	case 32773:
		return &packBits{r: r}, nil
	}
	return r, nil
}

func (p *layoutTIFF) stride() int { return (p.tileW*p.samples*p.bits + 7) / 8 }

// stripRows gives the rows of strips, however tall they are, one after the other.
func (p *layoutTIFF) stripRows() func() ([]byte, error) {
	row := make([]byte, p.stride())
	var strip io.Reader
	y := 0
	return func() ([]byte, error) {
		if y%p.tileH == 0 {
			k := y / p.tileH
			var err error
			if strip, err = p.open(k, min(p.tileH, p.h-y)); err != nil {
				return nil, err
			}
		}
		if _, err := io.ReadFull(strip, row); err != nil {
			return nil, err
		}
		p.predict(row)
		y++
		return row, nil
	}
}

// tileRows gives rows across tiles, of which one row is held.
func (p *layoutTIFF) tileRows() func() ([]byte, error) {
	across := (p.w + p.tileW - 1) / p.tileW
	width := p.stride()
	if p.compression == 7 {
		width = p.tileW * p.channels
	}
	total := across * width
	held := make([]byte, total*p.tileH)
	one := make([]byte, width*p.tileH)
	y := 0
	return func() ([]byte, error) {
		if y%p.tileH == 0 {
			for x := range across {
				k := y/p.tileH*across + x
				if p.compression == 7 {
					if err := p.jpegTile(one, k, width); err != nil {
						return nil, err
					}
				} else {
					r, err := p.open(k, p.tileH)
					if err != nil {
						return nil, err
					}
					n, err := io.ReadFull(r, one)
					if err != nil && !(err == io.ErrUnexpectedEOF && n >= width*min(p.tileH, p.h-y)) {
						return nil, err
					}
				}
				for ty := range p.tileH {
					row := one[ty*width : (ty+1)*width]
					if p.compression != 7 {
						p.predict(row)
					}
					copy(held[ty*total+x*width:], row)
				}
			}
		}
		at := y % p.tileH * total
		y++
		return held[at : at+total], nil
	}
}

// jpegTile decodes a tile that is a JPEG without its tables (TIFF Technical Note 2).
func (p *layoutTIFF) jpegTile(dst []byte, k, width int) error {
	if p.sizes[k] > 64<<20 {
		return errTIFF
	}
	body := make([]byte, p.sizes[k])
	if _, err := p.r.ReadAt(body, p.offsets[k]); err != nil {
		return err
	}
	if len(body) < 4 || body[0] != 0xff || body[1] != mSOI {
		return errBroken
	}
	whole := []byte{0xff, mSOI}
	if p.photometric != 6 && p.channels == 3 {
		whole = append(whole, 0xff, mAPP+14, 0, 14)
		whole = append(whole, "Adobe\x00\x64\x00\x00\x00\x00\x00"...)
	}
	if e, ok := p.at[tTables]; ok && e.count > 4 && e.count < 1<<16 {
		tables := make([]byte, e.count)
		if _, err := p.r.ReadAt(tables, e.at); err != nil {
			return err
		}
		whole = append(whole, bytes.TrimSuffix(tables[2:], []byte{0xff, mEOI})...)
	}
	whole = append(whole, body[2:]...)
	c, err := jpeg.DecodeConfig(bytes.NewReader(whole))
	if err != nil || c.Width > p.tileW || c.Height > p.tileH {
		return errBroken
	}
	img, err := jpeg.Decode(bytes.NewReader(whole))
	if err != nil {
		return err
	}
	clear(dst)
	src, err := fromImage(img)
	if err != nil {
		return err
	}
	rows := src.rows()
	if rows.channels != p.channels {
		return errBroken
	}
	for y := range rows.h {
		row, err := rows.next()
		if err != nil {
			return err
		}
		copy(dst[y*width:(y+1)*width], row)
	}
	return nil
}

// predict undoes the differences between neighbours (TIFF 6.0, section 14).
func (p *layoutTIFF) predict(row []byte) {
	if p.predictor != 2 {
		return
	}
	if p.bits == 8 {
		for i := p.samples; i < len(row); i++ {
			row[i] += row[i-p.samples]
		}
		return
	}
	step := 2 * p.samples
	for i := step; i+1 < len(row); i += 2 {
		p.order.PutUint16(row[i:], p.order.Uint16(row[i:])+p.order.Uint16(row[i-step:]))
	}
}

// samplesTo turns a row of the file into samples of 8 bits.
func (p *layoutTIFF) samplesTo(out, row []byte) {
	if p.bits == 8 && p.samples == p.channels && (p.photometric == 2 || p.photometric == 1 || p.photometric == 5) && (p.channels != 4 || p.photometric == 5 || p.associated) {
		copy(out, row)
		return
	}
	at := func(i int) uint32 {
		switch p.bits {
		case 8:
			return uint32(row[i])
		case 16:
			return uint32(p.order.Uint16(row[2*i:]))
		case 4:
			return uint32(row[i/2]>>(4-4*(i%2))) & 15
		}
		return uint32(row[i/8]>>(7-i%8)) & 1
	}
	to8 := func(v uint32) byte {
		switch p.bits {
		case 8:
			return byte(v)
		case 16:
			return byte((v*255 + 32767) / 65535)
		case 4:
			return byte(v * 17)
		}
		return byte(v * 255)
	}
	n := 1 << p.bits
	for x := range p.w {
		s := x * p.samples
		switch p.photometric {
		case 0:
			out[x] = 255 - to8(at(s))
		case 1:
			out[x] = to8(at(s))
		case 3:
			v := int(at(s))
			for c := range 3 {
				out[3*x+c] = byte(p.colours[c*n+v] >> 8)
			}
		case 5:
			for c := range 4 {
				out[4*x+c] = to8(at(s + c))
			}
		default:
			if p.channels == 3 {
				for c := range 3 {
					out[3*x+c] = to8(at(s + c))
				}
			} else if p.associated {
				for c := range 4 {
					out[4*x+c] = to8(at(s + c))
				}
			} else {
				put(out[4*x:], to8(at(s)), to8(at(s+1)), to8(at(s+2)), to8(at(s+3)))
			}
		}
	}
}

// packBits unpacks runs (TIFF 6.0, section 9).
type packBits struct {
	r    *bufio.Reader
	left int
	same bool
	b    byte
}

func (p *packBits) Read(dst []byte) (int, error) {
	for n := range dst {
		for p.left == 0 {
			c, err := p.r.ReadByte()
			if err != nil {
				return n, err
			}
			switch v := int(int8(c)); {
			case v >= 0:
				p.left, p.same = v+1, false
			case v > -128:
				p.left, p.same = 1-v, true
				if p.b, err = p.r.ReadByte(); err != nil {
					return n, err
				}
			}
		}
		p.left--
		if p.same {
			dst[n] = p.b
			continue
		}
		b, err := p.r.ReadByte()
		if err != nil {
			return n, err
		}
		dst[n] = b
	}
	return len(dst), nil
}

// rowSource is a picture that is decoded row by row.
type rowSource struct {
	w, h     int
	channels int  // 1 gray, 3 RGB, 4 RGB and alpha multiplied in, or CMYK
	ink      bool // CMYK: 255 is full ink
	next     func() ([]byte, error)
}

var _ image.Image = (*image.YCbCr)(nil)
