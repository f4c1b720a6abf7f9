package docx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// maxEntries is how many files a package may hold; a manuscript has a few dozen and one for each picture.
const maxEntries = 20_000

// MaxPicture is the greatest size of a picture that is taken over.
const MaxPicture = 64 << 20

// rel is a relationship of a part.
type rel struct {
	kind, target string // kind is the last word of its type: image, hyperlink, …
	external     bool
}

// partName is the canonical form of a part's name: OPC compares without case, and some programs write \.
func partName(s string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(s, `\`, "/")), "/"))
}

// open reads the package's table. An error is a *FormatError where the file is no .docx.
func (r *reader) open(in io.ReaderAt, size int64) error {
	if f := Sniff(in, size); f != Docx {
		return &FormatError{f}
	}
	z, err := openZip(in, size)
	if err != nil {
		return damaged(err)
	}
	if len(z.File) > maxEntries {
		return fmt.Errorf("文件里的零件超过 %d 个：这不是正常的 Word 文稿，没有读", maxEntries)
	}
	r.doc.files = make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		if name := partName(f.Name); r.doc.files[name] == nil {
			r.doc.files[name] = f
		} else if !strings.HasSuffix(f.Name, "/") {
			r.remark("duplicate-part", 0, "文件里有两个 %s，只读了第一个：请在 Word 里打开核对，另存一份", name)
		}
	}
	return nil
}

// maxTable is how many bytes the table of a package may have. zip.NewReader keeps all of it, whatever it holds.
const maxTable = 8 << 20

// openZip is zip.NewReader for a package whose table is of a bounded size.
func openZip(in io.ReaderAt, size int64) (*zip.Reader, error) {
	t := &table{ReaderAt: in, left: maxTable}
	z, err := zip.NewReader(t, size)
	t.open = true
	return z, err
}

// table is a package of which, until it is open, only so much can be read.
type table struct {
	io.ReaderAt
	left int
	open bool
}

func (t *table) ReadAt(p []byte, at int64) (int, error) {
	if !t.open {
		if t.left -= len(p); t.left < 0 {
			return 0, fmt.Errorf("里面的零件太多")
		}
	}
	return t.ReaderAt.ReadAt(p, at)
}

// damaged says that a file can't be read to its end.
func damaged(err error) error {
	return fmt.Errorf("文件已损坏，读不完整（%w）：请在 Word 或 WPS 里打开，能打开就另存一份再导入", err)
}

// part parses a part of the file; nil and no error if there is none of that name.
func (r *reader) part(name string) (*node, error) {
	f := r.doc.files[name]
	if f == nil {
		return nil, nil
	}
	r.parsed[name] = true
	h, err := f.Open()
	if err != nil {
		return nil, damaged(fmt.Errorf("%s：%w", name, err))
	}
	defer h.Close()
	n, err := parse(io.LimitReader(h, r.bytes), &r.budget)
	r.bytes -= int64(min(f.UncompressedSize64, maxPart))
	switch {
	case errors.Is(err, errDeep), errors.Is(err, errLarge), errors.Is(err, errDTD):
		return nil, fmt.Errorf("%s %w：这不是正常的 Word 文稿，没有读", name, err)
	case err != nil && r.bytes <= 0:
		return nil, fmt.Errorf("%s %w：这不是正常的 Word 文稿，没有读", name, errLarge)
	case err != nil:
		return nil, damaged(fmt.Errorf("%s：%w", name, err))
	}
	return n, nil
}

// aside parses a part without which the text can be read. What is wrong with it is a remark.
func (r *reader) aside(name string) *node {
	n, err := r.part(name)
	if err != nil {
		r.remark("part", 0, "%v", err)
	}
	return n
}

// relations reads the relationships of a part, once.
func (r *reader) relations(part string) map[string]rel {
	if m, ok := r.rels[part]; ok {
		return m
	}
	m := map[string]rel{}
	r.rels[part] = m
	dir, base := path.Split(part)
	root := r.aside(dir + "_rels/" + base + ".rels")
	if root == nil {
		return m
	}
	for _, n := range root.kids {
		if !strings.HasSuffix(n.name, "Relationship") {
			continue
		}
		x := rel{kind: path.Base(n.get("Type")), target: n.get("Target"), external: strings.EqualFold(n.get("TargetMode"), "External")}
		if !x.external {
			if t := strings.ReplaceAll(x.target, `\`, "/"); strings.HasPrefix(t, "/") {
				x.target = partName(t)
			} else {
				x.target = partName(dir + t)
			}
		}
		if id := n.get("Id"); id != "" {
			m[id] = x
		}
	}
	return m
}

// byKind finds the targets of a kind of relationship, in the order of their ids.
func (r *reader) byKind(part, kind string) []string {
	var out []string
	m := r.relations(part)
	for _, id := range sortedKeys(m) {
		if x := m[id]; x.kind == kind && !x.external {
			out = append(out, x.target)
		}
	}
	return out
}

// main finds the part that holds the text.
func (r *reader) main() string {
	for _, name := range r.byKind("", "officeDocument") {
		if r.doc.files[name] != nil {
			return name
		}
	}
	if types := r.aside("[content_types].xml"); types != nil {
		for _, n := range types.kids {
			if strings.HasSuffix(n.get("ContentType"), ".main+xml") && strings.Contains(n.get("ContentType"), "word") {
				if name := partName(n.get("PartName")); r.doc.files[name] != nil {
					return name
				}
			}
		}
	}
	return "word/document.xml"
}

// Picture gives the bytes of a picture.
func (d *Document) Picture(i int) ([]byte, error) {
	p := d.Pictures[i]
	if p.data != nil {
		return p.data, nil
	}
	f := d.files[p.Part]
	if f == nil {
		return nil, fmt.Errorf("没有图片 %s", p.Part)
	}
	h, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	defer h.Close()
	b := bytes.NewBuffer(make([]byte, 0, min(f.UncompressedSize64, MaxPicture)+bytes.MinRead)) // no second copy while it grows
	if _, err := b.ReadFrom(io.LimitReader(h, MaxPicture+1)); err != nil {
		return nil, damaged(err)
	}
	if b.Len() > MaxPicture {
		return nil, fmt.Errorf("图片 %s 超过 %d MB：请在 Word 里压缩图片", p.Part, MaxPicture>>20)
	}
	return b.Bytes(), nil
}

// NewPicture gives a document a picture that is to be written, and its index.
func (d *Document) NewPicture(data []byte) int {
	d.Pictures = append(d.Pictures, Picture{Ext: pictureExt(data), Size: int64(len(data)), data: data})
	return len(d.Pictures) - 1
}

// pictureExt tells a picture's format by its first bytes; "" if it is none that can be used.
func pictureExt(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return ".png"
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return ".jpg"
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return ".gif"
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return ".webp"
	case len(b) >= 18 && string(b[:2]) == "BM":
		return ".bmp"
	case bytes.HasPrefix(b, []byte("II*\x00")), bytes.HasPrefix(b, []byte("MM\x00*")):
		return ".tif"
	}
	return ""
}
