// Package picture knows image files: what they are, how they lie, what they say beside their pixels, and how to make
// of them what can be published. It knows nothing of sites.
//
// Inspect reads a file's headers, whatever its size, with little memory. Make gives smaller pictures of it, upright, in
// sRGB and without a word of metadata. Strip gives the file itself without its metadata, its pixels untouched. A Store
// keeps what was made, and believes nothing that it keeps.
//
// Formats: JPEG (ITU-T T.81), PNG (W3C Recommendation, third edition), GIF (89a), WebP (RFC 9649), TIFF (6.0), and of
// SVG the part that can do nothing but be seen. HEIC and AVIF are recognised only.
package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"path"
	"strings"
)

// Format is what a file's bytes say that it is.
type Format string

// The formats.
const (
	JPEG Format = "JPEG"
	PNG  Format = "PNG"
	GIF  Format = "GIF"
	WebP Format = "WebP"
	TIFF Format = "TIFF"
	SVG  Format = "SVG"
	HEIC Format = "HEIC"
	AVIF Format = "AVIF"
)

// Info is what the headers of a picture tell.
type Info struct {
	Format        Format
	Width, Height int   // as it is to be seen, upright
	Size          int64 // of the file
	Orientation   int   // 1 to 8, as in Exif: 1 is upright
	Animated      bool
	Alpha         bool // it may be transparent in places
	Palette       bool // it has few colours
	Profile       bool // it has a colour profile
	Ink           bool // CMYK
	Deep          bool // more than 8 bits a sample
	Progressive   bool
}

// Fault is what is wrong with a picture, in words for whoever put it there.
type Fault struct {
	ID   string // image/…
	Text string
}

func (f *Fault) Error() string { return f.Text }

func fault(id, format string, args ...any) error { return &Fault{id, fmt.Sprintf(format, args...)} }

var errBroken = fault("image/broken", "这个图片打不开：文件已经损坏，或没有传完整。请换一份完好的。")

// broken is the fault of a file that ends too early or breaks the rules of its format.
func broken(err error) error {
	var f *Fault
	if errors.As(err, &f) {
		return err
	}
	return errBroken
}

// What is beyond these is refused: a few bytes can claim gigabytes.
const (
	maxSide     = 100_000
	maxPixels   = 100_000_000   // of what is decoded whole
	maxStreamed = 2_000_000_000 // of what is read row by row
	maxProfile  = 4 << 20
)

// Known reports whether a file of this name is taken for a picture.
func Known(name string) bool { return byExtension(name) != "" }

func byExtension(name string) Format {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg":
		return JPEG
	case ".png":
		return PNG
	case ".gif":
		return GIF
	case ".webp":
		return WebP
	case ".tif", ".tiff":
		return TIFF
	case ".svg":
		return SVG
	case ".heic", ".heif":
		return HEIC
	case ".avif":
		return AVIF
	}
	return ""
}

// Fits reports whether the extension of a name is one of the format's.
func (f Format) Fits(name string) bool { return byExtension(name) == f }

// Extension is the usual one of a format, with its dot.
func (f Format) Extension() string {
	switch f {
	case JPEG:
		return ".jpg"
	case TIFF:
		return ".tif"
	}
	return "." + strings.ToLower(string(f))
}

// sniff tells a format by its first bytes.
func sniff(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return GIF
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")), bytes.HasPrefix(head, []byte("II+\x00")), bytes.HasPrefix(head, []byte("MM\x00+")):
		return TIFF
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		brands := head[8:min(len(head), int(min(binary.BigEndian.Uint32(head), 256)))]
		for len(brands) >= 4 {
			switch string(brands[:4]) {
			case "avif", "avis":
				return AVIF
			case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
				if bytes.Contains(brands, []byte("avif")) {
					return AVIF
				}
				return HEIC
			}
			brands = brands[4:]
		}
	default:
		text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
		if bytes.HasPrefix(text, []byte("<svg")) || bytes.HasPrefix(text, []byte("<?xml")) || bytes.HasPrefix(text, []byte("<!--")) || bytes.HasPrefix(text, []byte("<!DOCTYPE svg")) {
			return SVG
		}
	}
	return ""
}

// Inspect reads the headers of a picture of size bytes. The error is a *Fault, or that of reading.
func Inspect(r io.ReaderAt, size int64) (Info, error) {
	head := make([]byte, 256)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return Info{}, err
	}
	head = head[:min(int64(n), size)]
	i := Info{Format: sniff(head), Size: size, Orientation: 1}
	switch i.Format {
	case JPEG:
		err = i.readJPEG(r)
	case PNG:
		err = i.readPNG(r)
	case GIF:
		err = i.readGIF(r)
	case WebP:
		err = i.readWebP(r)
	case TIFF:
		err = i.readTIFF(r)
	case SVG:
		err = i.readSVG(r)
	case HEIC:
		return i, fault("image/heic", "这是 HEIC 图片，浏览器大多不能显示。请在手机或看图程序里另存（导出）为 JPEG；iPhone 可在“设置、相机、格式”里选“兼容性最佳”，以后拍的就是 JPEG。")
	case AVIF:
		return i, fault("image/avif", "这是 AVIF 图片，程序还不能去掉它夹带的拍摄地点等信息。请另存为 JPEG 或 PNG。")
	default:
		if len(head) == 0 {
			return i, fault("image/broken", "这个图片是空的。")
		}
		return i, fault("image/broken", "这个图片打不开：内容和扩展名不符，或已经损坏。")
	}
	if err != nil {
		return i, broken(err)
	}
	if i.Orientation >= 5 {
		i.Width, i.Height = i.Height, i.Width
	}
	pixels := int64(i.Width) * int64(i.Height)
	switch {
	case i.Format == SVG:
	case i.Width <= 0 || i.Height <= 0:
		return i, errBroken
	case i.Width > maxSide || i.Height > maxSide || pixels > maxStreamed || i.Memory() > maxMemory:
		return i, fault("image/huge", "图片有 %d×%d 像素，太大了。请缩小后再放进来；大幅的地图、报纸可以存成 TIFF。", i.Width, i.Height)
	}
	return i, nil
}

// maxMemory is the most that one picture may take while it is made smaller.
const maxMemory = 400 << 20

// Memory estimates how many bytes it takes to decode the picture.
func (i Info) Memory() int64 {
	px := int64(i.Width) * int64(i.Height)
	wide := int64(max(i.Width, i.Height))
	switch {
	case i.Animated, i.Format == SVG:
		return i.Size
	case i.Format == JPEG && i.Progressive:
		return px * 3 / 2 * 5
	case i.Format == JPEG && i.Ink:
		return px * 8
	case i.Format == JPEG:
		return px * 3
	case i.Format == TIFF && i.Orientation == 1:
		return wide * 4 * 600
	case i.Format == PNG && i.Orientation == 1 && !i.Progressive:
		return wide * 8 * 64
	case i.Deep:
		return px * 9
	}
	return px * 5
}

// section is a part of a file as a reader of its own.
func section(r io.ReaderAt, from, n int64) *io.SectionReader { return io.NewSectionReader(r, from, n) }

// exifOrientation finds the orientation in a block of Exif, which is a TIFF file of its own; 1 if there is none.
func exifOrientation(b []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(b) < 8 {
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at < 8 || at+2 > int64(len(b)) {
		return 1
	}
	n := int64(order.Uint16(b[at:]))
	for k := range n {
		e := at + 2 + 12*k
		if e+12 > int64(len(b)) {
			return 1
		}
		if order.Uint16(b[e:]) == 0x0112 {
			o := int(order.Uint16(b[e+8:]))
			if order.Uint16(b[e+2:]) == 4 {
				o = int(order.Uint32(b[e+8:]))
			}
			if o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}

// bounds is the size of the picture as it lies in the file.
func (i Info) bounds() image.Point {
	if i.Orientation >= 5 {
		return image.Pt(i.Height, i.Width)
	}
	return image.Pt(i.Width, i.Height)
}
