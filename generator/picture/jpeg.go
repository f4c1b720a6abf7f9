package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	mSOI = 0xd8
	mEOI = 0xd9
	mSOS = 0xda
	mAPP = 0xe0
	mCOM = 0xfe
)

// segments calls f for each marker segment of a JPEG file before its first scan, with the place and length of what
// the segment holds. There may be more than a megabyte of them, so none is read that nobody asks for.
func segments(r io.ReaderAt, f func(marker byte, at, n int64) error) error {
	var b [4]byte
	at := int64(2)
	for steps := 0; steps < 100_000; steps++ {
		if _, err := r.ReadAt(b[:], at); err != nil {
			return err
		}
		if b[0] != 0xff {
			return errBroken
		}
		m := b[1]
		switch {
		case m == 0xff: // a fill byte
			at++
			continue
		case m == 0 || m == mSOI || m == mEOI:
			return errBroken
		case m >= 0xd0 && m <= 0xd7 || m == 1:
			at += 2
			continue
		}
		n := int64(binary.BigEndian.Uint16(b[2:]))
		if n < 2 {
			return errBroken
		}
		if err := f(m, at+4, n-2); err != nil {
			return err
		}
		if m == mSOS {
			return nil
		}
		at += 2 + n
	}
	return errBroken
}

func isFrame(m byte) bool {
	return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc
}

var (
	exifHead = []byte("Exif\x00\x00")
	iccHead  = []byte("ICC_PROFILE\x00")
)

func (i *Info) readJPEG(r io.ReaderAt) error {
	framed, adobe := false, false
	err := segments(r, func(m byte, at, n int64) error {
		switch {
		case isFrame(m):
			var b [6]byte
			if _, err := r.ReadAt(b[:], at); err != nil {
				return err
			}
			framed = true
			i.Progressive = m == 0xc2
			i.Deep = b[0] > 8
			i.Height, i.Width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
			i.Ink = b[5] == 4
			if m > 0xc2 || i.Deep || b[5] != 1 && b[5] != 3 && b[5] != 4 {
				return fault("image/coding", "这种 JPEG（无损、算术编码或 12 位）浏览器不能显示。请用看图程序另存为普通的 JPEG。")
			}
		case m == mAPP+1 && n > 6 && i.Orientation == 1:
			b := make([]byte, n)
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			if rest, ok := bytes.CutPrefix(b, exifHead); ok {
				i.Orientation = exifOrientation(rest)
			}
		case m == mAPP+2 && n > 14:
			b := make([]byte, 12)
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			i.Profile = i.Profile || bytes.Equal(b, iccHead)
		case m == mAPP+14 && n >= 12:
			b := make([]byte, 5)
			if _, err := r.ReadAt(b, at); err != nil {
				return err
			}
			adobe = adobe || string(b) == "Adobe"
		}
		return nil
	})
	switch {
	case err == nil && !framed:
		err = errBroken
	case err == nil && i.Ink && !adobe:
		err = fault("image/coding", "这是四色的 JPEG，却没有写明是哪四色。请用看图程序另存为普通的（RGB）JPEG。")
	}
	return err
}

// profileJPEG puts the colour profile together, which may be in several segments; nil if there is none.
func profileJPEG(r io.ReaderAt) ([]byte, error) {
	parts := map[byte][]byte{}
	total := int64(0)
	err := segments(r, func(m byte, at, n int64) error {
		if m != mAPP+2 || n <= 14 {
			return nil
		}
		b := make([]byte, n)
		if _, err := r.ReadAt(b, at); err != nil {
			return err
		}
		if bytes.HasPrefix(b, iccHead) {
			if total += n; total > maxProfile {
				return fault("image/profile", "图片里的颜色描述文件太大了。请另存一份。")
			}
			parts[b[12]] = b[14:]
		}
		return nil
	})
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	var all []byte
	for k := byte(1); parts[k] != nil; k++ {
		all = append(all, parts[k]...)
		if k == 255 {
			break
		}
	}
	return all, nil
}

// stripJPEG copies what a decoder needs, and the colour profile. What follows the end of the picture, where phones put
// films and second pictures, stays behind.
func stripJPEG(w io.Writer, r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<16)
	out := bufio.NewWriterSize(w, 1<<16)
	var two [2]byte
	if _, err := io.ReadFull(in, two[:]); err != nil {
		return err
	}
	out.Write(two[:])
	begun := false                 // a marker's first byte is read
	read := func() (byte, error) { // the next marker
		b := byte(0xff)
		var err error
		if !begun {
			b, err = in.ReadByte()
		}
		begun = false
		if err != nil {
			return 0, err
		}
		if b != 0xff {
			return 0, errBroken
		}
		for b == 0xff {
			if b, err = in.ReadByte(); err != nil {
				return 0, err
			}
		}
		return b, nil
	}
	m, err := read()
	for ; err == nil; m, err = read() {
		if m == mEOI {
			out.Write([]byte{0xff, mEOI})
			return out.Flush()
		}
		if m >= 0xd0 && m <= 0xd7 || m == 1 {
			continue
		}
		if m == 0 || m == mSOI {
			return errBroken
		}
		if _, err := io.ReadFull(in, two[:]); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint16(two[:])) - 2
		if n < 0 {
			return errBroken
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(in, body); err != nil {
			return err
		}
		switch {
		case m == mAPP && bytes.HasPrefix(body, []byte("JFIF\x00")) && n >= 14:
			body = append(body[:12:12], 0, 0) // without its thumbnail
		case m == mAPP+14 && bytes.HasPrefix(body, []byte("Adobe")) && n >= 12:
			body = append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), body[11])
		case m == mAPP+2 && bytes.HasPrefix(body, iccHead):
		case m >= mAPP && m <= mAPP+15, m == mCOM, m >= 0xf0 && m <= 0xfd:
			continue
		case isFrame(m), m == 0xc4, m == 0xcc, m == 0xdb, m == 0xdc, m == 0xdd, m == mSOS:
		default:
			continue
		}
		binary.BigEndian.PutUint16(two[:], uint16(len(body)+2))
		out.Write([]byte{0xff, m})
		out.Write(two[:])
		out.Write(body)
		if m == mSOS {
			if err := copyScan(out, in); err != nil {
				return err
			}
			begun = true
		}
	}
	return err
}

// copyScan copies entropy-coded data up to the marker that ends it, whose first byte is read.
func copyScan(out *bufio.Writer, in *bufio.Reader) error {
	for {
		chunk, err := in.ReadSlice(0xff)
		if err == bufio.ErrBufferFull {
			out.Write(chunk)
			continue
		} else if err != nil {
			return err
		}
		out.Write(chunk[:len(chunk)-1])
		b, err := in.Peek(1)
		if err != nil {
			return err
		}
		switch {
		case b[0] == 0 || b[0] >= 0xd0 && b[0] <= 0xd7:
			out.Write([]byte{0xff, b[0]})
			in.Discard(1)
		case b[0] == 0xff: // a fill byte before a marker
		default:
			return nil
		}
	}
}
