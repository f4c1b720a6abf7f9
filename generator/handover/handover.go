// Package handover makes the package in which electronic records are given to an archive, and checks one.
//
// Its parts are those of the annex of 《电子档案移交与接收办法》 (档发〔2012〕7号): 说明文件.TXT, 文件目录.XML with one entry
// a record, the folders 电子档案 and 其他. Each record is there as its source, as the page that readers see, and as metadata.
// The sums of all files stand in 其他/校验码.txt, or, as a BagIt bag (RFC 8493), in the bag's own manifest.
//
// A package depends on the records, the theme and the program alone, so that the same archive gives the same bytes.
package handover

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The names of the annex, and ours below 其他.
const (
	Readme  = "说明文件.TXT"
	Catalog = "文件目录.XML"
	Records = "电子档案"
	Others  = "其他"
	Sources = Others + "/源文件" // what the archive is restored from
	sums    = Others + "/校验码.txt"
	left    = Others + "/未收入.txt"
)

// Entry is one record in 文件目录.XML; the names of its parts are those of the annex.
type Entry struct {
	XMLName xml.Name `xml:"文件"`
	Number  int      `xml:"顺序号"`
	Archive string   `xml:"档号"`
	Creator string   `xml:"责任者"`
	Title   string   `xml:"题名"`
	Date    string   `xml:"日期"`
	Secrecy string   `xml:"密级"`
	Name    string   `xml:"电子档案名称"`
	Note    string   `xml:"备注"`
}

// Field is one value of a record's metadata.
type Field struct {
	Key   string `xml:"键,attr"`
	Label string `xml:"名称,attr"`
	Text  string `xml:",chardata"`
}

// Record is one record to be given.
type Record struct {
	Entry
	Path   string // collection/id: its folder below 电子档案
	Source string // the file that it comes from, relative to the archive; that stands below 其他/源文件
	Line   int
	Page   []byte // of the published site; nil: it has none of its own
	Fields []Field
}

// About is what 说明文件.TXT says.
type About struct {
	Title, Organizer, Program, Scope string
	BagIt                            bool
	Left                             []string // what of the archive is not in the package, a line each
}

// Writer writes a package into an empty folder.
type Writer struct {
	dir   string // of the package's files: below data/ in a bag
	top   string
	about About
	seen  map[string]string // path → sum
	list  []Entry
	bytes int64
}

// Create begins a package in a folder that must be missing or empty.
func Create(dir string, about About) (*Writer, error) {
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(list) > 0 {
		return nil, fmt.Errorf("%s 不是空的：移交的包要放进一个新的文件夹", dir)
	}
	w := &Writer{dir: dir, top: dir, about: about, seen: map[string]string{}}
	if about.BagIt {
		w.dir = filepath.Join(dir, "data")
	}
	return w, os.MkdirAll(w.dir, 0o755)
}

// Leave says of a file of the archive that the package does not have it, and why.
func (w *Writer) Leave(p, why string) { w.about.Left = append(w.about.Left, p+"："+why) }

// Put writes one file.
func (w *Writer) Put(p string, data []byte) error { return w.Copy(p, bytes.NewReader(data)) }

// Copy writes one file of what is read, however much that is.
func (w *Writer) Copy(p string, from io.Reader) error {
	if !fs.ValidPath(p) || w.seen[p] != "" {
		return fmt.Errorf("移交包里不能有 %q，或者它出现了两次", p)
	}
	sum := sha256.New()
	n, err := create(filepath.Join(w.dir, filepath.FromSlash(p)), io.TeeReader(from, sum))
	if err != nil {
		return err
	}
	w.seen[p] = hex.EncodeToString(sum.Sum(nil))
	w.bytes += n
	return nil
}

// create writes a file and the folders above it.
func create(name string, from io.Reader) (int64, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // no two that a system takes for one
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, from)
	return n, cmp.Or(err, f.Close())
}

// Record writes one record: its page and its metadata.
func (w *Writer) Record(r Record) error {
	r.Number, r.Name, r.Secrecy = len(w.list)+1, Records+"/"+r.Path, "公开"
	w.list = append(w.list, r.Entry)
	meta := struct {
		XMLName xml.Name `xml:"元数据"`
		Path    string   `xml:"标识"`
		Source  string   `xml:"源文件"`
		Line    int      `xml:"行"`
		Entry   Entry
		Fields  []Field `xml:"著录>项"`
	}{Path: r.Path, Source: Sources + "/" + r.Source, Line: r.Line, Entry: r.Entry, Fields: r.Fields}
	b, err := marshal(meta)
	if err != nil {
		return err
	}
	if err := w.Put(r.Name+"/元数据.xml", b); err != nil {
		return err
	}
	if r.Page == nil {
		return nil
	}
	return w.Put(r.Name+"/页面.html", r.Page)
}

func marshal(v any) ([]byte, error) {
	b := bytes.NewBufferString(xml.Header)
	e := xml.NewEncoder(b)
	e.Indent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// Close writes the catalogue, the description and the sums.
func (w *Writer) Close() error {
	b, err := marshal(struct {
		XMLName xml.Name `xml:"文件目录"`
		List    []Entry
	}{List: w.list})
	if err != nil {
		return err
	}
	if err := w.Put(Catalog, b); err != nil {
		return err
	}
	missing := ""
	if len(w.about.Left) > 0 {
		missing = fmt.Sprintf("未收入：%d 个文件，见 %s。\n", len(w.about.Left), left)
		if err := w.Put(left, []byte(strings.Join(w.about.Left, "\r\n")+"\r\n")); err != nil {
			return err
		}
	}
	where := sums + "，每行一个文件：SHA-256、两个空格、路径"
	if w.about.BagIt {
		where = "上一级的 manifest-sha256.txt（BagIt，RFC 8493）"
	}
	text := fmt.Sprintf(`电子档案移交说明

依据：《电子档案移交与接收办法》（档发〔2012〕7号）
名称：%s
移交单位：%s
范围：%s
件数：%d
数据量：%d 字节（不含本文件和校验码）
密级：公开（都是网站上已经公布的）
生成程序：%s

内容
%s：一件一行的目录，XML，UTF-8。
%s/：每件一个文件夹，名称与目录里的“电子档案名称”相同；元数据.xml 是著录的各项，页面.html 是网站上的一页。
%s/：这些记录的源文件，Markdown 与 CSV，纯文本，UTF-8，用任何文本编辑器都能打开；它们用到的图片和附件。
%s校验码：%s。

检查：gongzhi handover --verify 这个文件夹
恢复：gongzhi handover --restore 这个文件夹 --output 新的网站文件夹

移交单位经办人：　　　　　　　　　日期：
接收单位经办人：　　　　　　　　　日期：
`, w.about.Title, w.about.Organizer, w.about.Scope, len(w.list), w.bytes, w.about.Program, Catalog, Records, Sources, missing, where)
	if err := w.Put(Readme, []byte(strings.ReplaceAll(text, "\n", "\r\n"))); err != nil {
		return err
	}
	var paths []string
	for p := range w.seen {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	if !w.about.BagIt {
		var b bytes.Buffer
		for _, p := range paths {
			fmt.Fprintf(&b, "%s  %s\n", w.seen[p], p)
		}
		return w.Put(sums, b.Bytes())
	}
	// Of the last file that was written, too.
	var manifest, tags bytes.Buffer
	for _, p := range paths {
		fmt.Fprintf(&manifest, "%s  data/%s\n", w.seen[p], escape(p))
	}
	info := fmt.Sprintf("External-Description: %s\nPayload-Oxum: %d.%d\n", oneLine(w.about.Title+" "+w.about.Scope), w.bytes, len(paths))
	if who := oneLine(w.about.Organizer); who != "" {
		info = "Source-Organization: " + who + "\n" + info
	}
	for _, f := range []struct{ name, text string }{
		{"bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
		{"bag-info.txt", info},
		{"manifest-sha256.txt", manifest.String()},
	} {
		if err := os.WriteFile(filepath.Join(w.top, f.name), []byte(f.text), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&tags, "%x  %s\n", sha256.Sum256([]byte(f.text)), f.name)
	}
	return os.WriteFile(filepath.Join(w.top, "tagmanifest-sha256.txt"), tags.Bytes(), 0o644)
}

// escape writes a path as a bag's manifest wants it.
func escape(p string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A", "\r", "%0D").Replace(p)
}

func unescape(p string) string {
	return strings.NewReplacer("%0A", "\n", "%0D", "\r", "%0a", "\n", "%0d", "\r", "%25", "%").Replace(p)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
