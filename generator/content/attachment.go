package content

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"

	"gongzhi/generator/pdf"
)

// FileKind is a kind of file that a record may have beside it.
type FileKind struct {
	Label  string // PDF, Word 文档
	Media  string // its media type
	Office bool   // of an office program: often a list or a text that ought to be records; published only if a record says so

	begins func(head []byte) bool // whether a file that begins with head is one; of a picture package picture knows it
}

// fileKinds are the kinds by the ending of the name, in lower case.
var fileKinds = map[string]*FileKind{}

// headSize is how much of a file its kind is known by.
const headSize = 4096

func init() {
	add := func(k FileKind, endings ...string) {
		for _, e := range endings {
			fileKinds[e] = &k
		}
	}
	const office = "application/vnd.openxmlformats-officedocument."
	zip, ole := begin("PK\x03\x04"), begin("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for ending, media := range map[string]string{".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".gif": "gif", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".svg": "svg+xml", ".heic": "heic", ".heif": "heif", ".avif": "avif"} {
		add(FileKind{Label: "图片", Media: "image/" + media}, ending)
	}
	add(FileKind{Label: "PDF", Media: "application/pdf", begins: func(head []byte) bool { return bytes.Contains(head[:min(1024, len(head))], []byte("%PDF-")) }}, ".pdf")
	add(FileKind{Label: "OFD 版式文件", Media: "application/ofd", begins: zip}, ".ofd")
	add(FileKind{Label: "录音", Media: "audio/mpeg", begins: mpeg}, ".mp3")
	add(FileKind{Label: "录音", Media: "audio/mp4", begins: brand()}, ".m4a")
	add(FileKind{Label: "录音", Media: "audio/wav", begins: riff("WAVE")}, ".wav")
	add(FileKind{Label: "录音", Media: "audio/ogg", begins: begin("OggS")}, ".ogg")
	add(FileKind{Label: "录音", Media: "audio/flac", begins: begin("fLaC")}, ".flac")
	add(FileKind{Label: "录像", Media: "video/mp4", begins: brand()}, ".mp4")
	add(FileKind{Label: "录像", Media: "video/webm", begins: begin("\x1aE\xdf\xa3")}, ".webm")
	add(FileKind{Label: "Word 文档", Media: office + "wordprocessingml.document", Office: true, begins: zip}, ".docx")
	add(FileKind{Label: "Word 文档", Media: "application/msword", Office: true, begins: ole}, ".doc")
	add(FileKind{Label: "WPS 文档", Media: "application/vnd.ms-works", Office: true, begins: ole}, ".wps")
	add(FileKind{Label: "Excel 表格", Media: office + "spreadsheetml.sheet", Office: true, begins: zip}, ".xlsx")
	add(FileKind{Label: "Excel 表格", Media: "application/vnd.ms-excel", Office: true, begins: ole}, ".xls")
	add(FileKind{Label: "幻灯片", Media: office + "presentationml.presentation", Office: true, begins: zip}, ".pptx")
	add(FileKind{Label: "幻灯片", Media: "application/vnd.ms-powerpoint", Office: true, begins: ole}, ".ppt")
}

func begin(with string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(with)) }
}

func riff(kind string) func([]byte) bool {
	return func(head []byte) bool {
		return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == kind
	}
}

// brand is an ISO base media file (ISO/IEC 14496-12) of one of the brands; none given is any.
func brand(of ...string) func([]byte) bool {
	return func(head []byte) bool {
		if len(head) < 12 || string(head[4:8]) != "ftyp" {
			return false
		}
		for _, b := range of {
			if string(head[8:12]) == b {
				return true
			}
		}
		return len(of) == 0
	}
}

// mpeg is a tag, or a frame somewhere at the beginning: recorders put other things before it.
func mpeg(head []byte) bool {
	if bytes.HasPrefix(head, []byte("ID3")) {
		return true
	}
	for i := 0; i+1 < len(head); i++ {
		if head[i] == 0xff && head[i+1]&0xe6 == 0xe2 {
			return true
		}
	}
	return false
}

// KindOf gives the kind of a file by its name, or nil if no record can have one beside it.
func KindOf(name string) *FileKind { return fileKinds[strings.ToLower(path.Ext(name))] }

// Kind is the kind of the asset.
func (a *Asset) Kind() *FileKind { return KindOf(a.Path) }

// examine looks into a file that is no image for what a record says of it.
func (l *loader) examine(a *Asset) error {
	h, err := l.source.Open(a.File)
	if err != nil {
		return err
	}
	defer h.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(h, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	k := a.Kind()
	if a.Broken = !k.begins(head[:n]); a.Broken {
		return nil
	}
	if r, ok := h.(interface {
		fs.File
		io.ReaderAt
	}); ok && k.Media == "application/pdf" {
		a.Pages, _ = pdf.Pages(r, a.Size)
	}
	return nil
}
