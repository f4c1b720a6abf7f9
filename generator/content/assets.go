package content

import (
	"errors"
	"io"
	"io/fs"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
	"gongzhi/generator/picture"
)

// Asset is a file beside the records: a picture, a document, a recording.
type Asset struct {
	Path          string // content/, the key of its collection, and the path below; NFC
	File          string // its path relative to the source folder, as the file system has it
	Size          int64
	Width, Height int      // of a picture in pixels, upright; else 0
	Picture       *Picture // nil if it is none
	Pages         int      // of a PDF that tells, else 0
	Broken        bool     // its bytes are not what its name says
}

// Pos is where a message finds the file.
func (a *Asset) Pos() diag.Pos { return diag.Pos{Path: norm.NFC.String(a.File)} }

// Picture is a picture of the archive, as far as its headers tell.
type Picture struct {
	picture.Info
	Fault *picture.Fault // why it can't be published

	source fs.FS
	file   string
}

// File is an open file that can be read anywhere.
type File interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// Open opens the picture's file.
func (p *Picture) Open() (File, error) {
	h, err := p.source.Open(p.file)
	if err != nil {
		return nil, err
	}
	if info, err := h.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, h.Close(), fs.ErrInvalid)
	}
	f, ok := h.(File)
	if !ok {
		return nil, errors.Join(h.Close(), errors.New("the file system can't read at a place"))
	}
	return f, nil
}

// isAsset reports whether a file of this name stands beside records.
func isAsset(name string) bool { return KindOf(name) != nil }

// image reads the headers of a picture, never the picture itself: a few bytes can claim gigabytes. What is wrong with
// it is said by whoever shows it.
func (l *loader) image(f *file, p string) *file {
	if !picture.Known(p) {
		if err := l.examine(f.asset); err != nil {
			f.asset = nil
			f.diags = append(f.diags, diag.Errorf(diag.Pos{Path: f.path}, "file/unreadable", "读不了这个文件：%v", reason(err)))
		}
		return f
	}
	pic := &Picture{source: l.source, file: p}
	h, err := pic.Open()
	if err != nil {
		f.asset = nil
		f.diags = append(f.diags, diag.Errorf(diag.Pos{Path: f.path}, "file/unreadable", "读不了这个文件：%v", reason(err)))
		return f
	}
	pic.Info, err = picture.Inspect(h, f.size)
	if err := errors.Join(err, h.Close()); err != nil && !errors.As(err, &pic.Fault) {
		pic.Fault = &picture.Fault{ID: "file/unreadable", Text: "读不了这个文件：" + reason(err).Error()}
	}
	f.asset.Picture = pic
	if pic.Fault == nil {
		f.asset.Width, f.asset.Height = pic.Width, pic.Height
	}
	return f
}

// Digest is that of the file's bytes.
func (p *Picture) Digest() (picture.Digest, error) {
	h, err := p.Open()
	if err != nil {
		return picture.Digest{}, err
	}
	defer h.Close()
	_, d, err := picture.Read(h, p.Size, 0)
	return d, err
}

// Credits is what the picture's metadata say about who made it. What can't be read says nothing.
func (p *Picture) Credits() picture.Credit {
	h, err := p.Open()
	if err != nil {
		return picture.Credit{}
	}
	defer h.Close()
	return picture.Credits(h, p.Info)
}

// Doubt is what of the picture's colours can't be told for certain; nil if nothing is.
func (p *Picture) Doubt() *picture.Fault {
	h, err := p.Open()
	if err != nil {
		return nil
	}
	defer h.Close()
	var f *picture.Fault
	errors.As(picture.Doubt(h, p.Info), &f)
	return f
}
