package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// inkJPEG writes a JPEG of four components in flat fields of 8 by 8 pixels (ITU-T T.81, baseline): the samples of each field as they stand in
// the file. before are segments that stand before the picture.
func inkJPEG(w, h int, fields func(x, y int) [4]byte, before ...[]byte) []byte {
	b := []byte{0xff, mSOI}
	for _, s := range before {
		b = append(b, s...)
	}
	table := make([]byte, 65)
	for i := range table[1:] {
		table[1+i] = 8 // so that a field of one value is one whole number
	}
	frame := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0}
	// Codes of four bits for how long a difference is, one bit for the end of a field.
	dc := append([]byte{0, 0, 0, 0, 12}, make([]byte, 12)...)
	for i := range byte(12) {
		dc = append(dc, i)
	}
	ac := append(append([]byte{0x10, 1}, make([]byte, 15)...), 0)
	scan := []byte{4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0}
	b = slices.Concat(b, segment(0xdb, string(table)), segment(0xc0, string(frame)), segment(0xc4, string(dc)), segment(0xc4, string(ac)), segment(mSOS, string(scan)))
	var acc, n uint32
	put := func(v, bits uint32) {
		acc, n = acc<<bits|v&(1<<bits-1), n+bits
		for ; n >= 8; n -= 8 {
			c := byte(acc >> (n - 8))
			if b = append(b, c); c == 0xff {
				b = append(b, 0)
			}
		}
	}
	var last [4]int
	for y := range h / 8 {
		for x := range w / 8 {
			for c, v := range fields(x, y) {
				d := int(v) - 128 - last[c]
				last[c] += d
				size := uint32(0)
				for k := max(d, -d); k > 0; k >>= 1 {
					size++
				}
				if d < 0 {
					d += 1<<size - 1
				}
				put(size, 4)
				put(uint32(d), size)
				put(0, 1)
			}
		}
	}
	put(127, 7)
	return append(b, 0xff, mEOI)
}

// adobe is the segment that says that four components are inks, inverted, as Adobe's programs write them.
func adobe(transform byte) []byte {
	return segment(mAPP+14, "Adobe\x00\x64\x00\x00\x00\x00"+string([]byte{transform}))
}

// tableProfile is a profile of four inks of which only the first is seen, and is grey (ICC.1:2022, lut8Type): what is as light as L* says of
// how much of it there is.
func tableProfile() []byte {
	be := binary.BigEndian
	lut := append([]byte("mft1\x00\x00\x00\x00"), 4, 3, 2, 0)
	for i := range 9 {
		lut = be.AppendUint32(lut, map[bool]uint32{true: 1 << 16}[i%4 == 0])
	}
	straight := make([]byte, 256)
	for i := range straight {
		straight[i] = byte(i)
	}
	for range 4 {
		lut = append(lut, straight...)
	}
	for corner := range 16 {
		lut = append(lut, map[bool]byte{true: 0, false: 255}[corner >= 8], 128, 128)
	}
	for range 3 {
		lut = append(lut, straight...)
	}
	text := []byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS\x00\x00\x00\x02\x00\x00\x00\x1c\x00x\x00\x00")
	white := []byte("XYZ \x00\x00\x00\x00\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d")
	p := profileOfTags(0x04300000, "prtrCMYKLab ", []profileTag{{"desc", text}, {"cprt", text}, {"wtpt", white}, {"A2B0", lut}, {"A2B1", lut}, {"A2B2", lut}})
	return p
}

// TestInk: pictures in printing inks come out as they would be seen: JPEG as Adobe's programs write it, and TIFF, without a profile and by
// their profile; what is not certain of their colours is said.
func TestInk(t *testing.T) {
	inks := func(x, y int) color.CMYK {
		return color.CMYK{byte(x * 20), byte(y * 30), byte(255 - x*20), byte(y * 8)}
	}
	plainly := image.NewNRGBA(image.Rect(0, 0, 96, 64))
	byProfile := image.NewNRGBA(plainly.Rect)
	for y := range 64 {
		for x := range 96 {
			c := inks(x/8, y/8)
			mix := func(v byte) byte { return byte((255 - int(v)) * (255 - int(c.K)) / 255) }
			plainly.SetNRGBA(x, y, color.NRGBA{mix(c.C), mix(c.M), mix(c.Y), 255})
			lightness := 100 * (1 - float64(c.C)/255)
			Y := math.Pow((lightness+16)/116, 3)
			if lightness < 8 {
				Y = lightness * 27 / 24389
			}
			v := byte(unlight(Y) + 0.5)
			byProfile.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	inverted := func(x, y int) [4]byte {
		c := inks(x, y)
		return [4]byte{255 - c.C, 255 - c.M, 255 - c.Y, 255 - c.K}
	}
	profile := tableProfile()
	jpegProfile := segment(mAPP+2, string(iccHead)+"\x01\x01"+string(profile))
	flat := image.NewNRGBA(plainly.Rect) // tiffOf takes the opposite of red for cyan, and no black
	for y := range 64 {
		for x := range 96 {
			c := inks(x/8, y/8)
			flat.SetNRGBA(x, y, color.NRGBA{255 - c.C, 255 - c.M, 255 - c.Y, 255})
		}
	}
	garbage := segment(mAPP+2, string(iccHead)+"\x01\x01"+string(bytes.Repeat([]byte{7}, 200)))
	for name, c := range map[string]struct {
		src   []byte
		want  image.Image
		doubt string
	}{
		"jpeg":                     {inkJPEG(96, 64, inverted, adobe(0)), plainly, "image/ink"},
		"jpeg with a profile":      {inkJPEG(96, 64, inverted, adobe(0), jpegProfile), byProfile, ""},
		"tiff":                     {tiffOf(flat, tiffKind{ink: true}), flat, "image/ink"},
		"tiff with a profile":      {tiffOf(flat, tiffKind{ink: true, profile: profile}), byProfile, ""},
		"deep tiff with a profile": {tiffOf(flat, tiffKind{ink: true, deep: true, compression: 8, profile: profile}), byProfile, ""},
		"another's profile":        {inkJPEG(96, 64, inverted, adobe(0), segment(mAPP+2, string(iccHead)+"\x01\x01"+string(exchanging()))), plainly, "image/profile"},
		"a damaged profile":        {inkJPEG(96, 64, inverted, adobe(0), garbage), plainly, "image/profile"},
		"a profile of inks":        {slices.Concat(encodeJPEG(t, plainly)[:2], jpegProfile, encodeJPEG(t, plainly)[2:]), plainly, "image/profile"},
		"a good profile":           {tiffOf(plainly, tiffKind{profile: exchanging()}), exchanged(plainly), ""},
		"half a profile":           {slices.Concat(encodeJPEG(t, plainly)[:2], segment(mAPP+2, string(iccHead)+"\x01\x02"+string(exchanging()[:200])), encodeJPEG(t, plainly)[2:]), plainly, "image/profile"},
	} {
		i := inspect(t, c.src)
		_, all := made(t, c.src, false)
		if d := differ(t, all[len(all)-1], c.want); d > 4 {
			t.Errorf("%s: differs by %.1f", name, d)
		}
		id := ""
		var f *Fault
		if errors.As(Doubt(bytes.NewReader(c.src), i), &f) {
			id = f.ID
		}
		if id != c.doubt {
			t.Errorf("%s: the doubt is %q, should be %q", name, id, c.doubt)
		}
	}
	unsaid := inkJPEG(96, 64, inverted)
	var f *Fault
	if _, err := Inspect(bytes.NewReader(unsaid), int64(len(unsaid))); !errors.As(err, &f) || f.ID != "image/coding" {
		t.Errorf("four components of no name: %v", err)
	}
}

// exchanged is a picture with red and blue exchanged.
func exchanged(m *image.NRGBA) *image.NRGBA {
	o := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		o.Pix[i], o.Pix[i+1], o.Pix[i+2], o.Pix[i+3] = m.Pix[i+2], m.Pix[i+1], m.Pix[i], m.Pix[i+3]
	}
	return o
}
