// Command release makes what people download: for each system an archive with the program, its licences and the guides as
// HTML, and the sums of all archives. The same commit and version give the same bytes.
//
//	go run ./generator/release -version v1.0.0 -output dist [-only windows/amd64]
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"io"
	"log"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"gongzhi/generator/licenses"
)

var systems = []string{"windows/amd64", "windows/arm64", "darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64"}

func main() {
	log.SetFlags(0)
	name := flag.String("version", "", "the version, as v1.2.3")
	out := flag.String("output", "dist", "the folder to write to")
	only := flag.String("only", "", "one system alone, as windows/amd64")
	flag.Parse()
	if !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(*name) {
		log.Fatal("say which version: make release VERSION=v1.2.3")
	}
	if err := release(*name, *out, *only); err != nil {
		log.Fatal(err)
	}
}

// A file of an archive.
type file struct {
	name string
	data []byte
	mode int64
}

// release writes the archives of the systems, or of one alone, and the sums of all into out. It is called in the folder of
// the module.
func release(name, out, only string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	common, err := documents()
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, s := range systems {
		if only != "" && s != only {
			continue
		}
		goos, arch, _ := strings.Cut(s, "/")
		program, err := build(name, goos, arch)
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		top := fmt.Sprintf("gongzhi-%s-%s-%s", name, goos, arch)
		exe := "gongzhi"
		if goos == "windows" {
			exe += ".exe"
		}
		files := append([]file{{exe, program, 0o755}}, common...)
		var b []byte
		if goos == "linux" {
			top += ".tar.gz"
			b, err = tarball(strings.TrimSuffix(top, ".tar.gz"), files)
		} else { // what opens by a double click
			top += ".zip"
			b, err = zipped(strings.TrimSuffix(top, ".zip"), files)
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, top), b, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(b), top)
		fmt.Println(top, len(b))
	}
	list := filepath.Join(out, "SHA256SUMS")
	if err := os.WriteFile(list, sums.Bytes(), 0o644); err != nil {
		return err
	}
	if key := os.Getenv("RELEASE_KEY"); key != "" {
		cmd := exec.Command("ssh-keygen", "-Y", "sign", "-n", "gongzhi", "-f", key, list)
		cmd.Stderr = os.Stderr
		return cmd.Run()
	}
	return nil
}

func build(name, goos, arch string) ([]byte, error) {
	if goos == "windows" {
		object := filepath.Join("generator", "rsrc_windows_"+arch+".syso")
		if err := resources(object, name, arch); err != nil {
			return nil, err
		}
		defer os.Remove(object)
	}
	dir, err := os.MkdirTemp("", "gongzhi-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	to := filepath.Join(dir, "gongzhi")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.release="+name+" -X main.commit="+commit(), "-o", to, "./generator")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(to)
}

func commit() string {
	b, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// resources makes the icon, the version information and the manifest that Windows shows.
func resources(to, name, arch string) error {
	var rs winres.ResourceSet
	var pictures []image.Image
	for _, size := range []int{16, 24, 32, 48, 64, 256} {
		pictures = append(pictures, icon(size))
	}
	i, err := winres.NewIconFromImages(pictures)
	if err != nil {
		return err
	}
	if err := rs.SetIcon(winres.Name("APPICON"), i); err != nil {
		return err
	}
	var info version.Info
	info.SetFileVersion(strings.TrimPrefix(name, "v"))
	info.SetProductVersion(strings.TrimPrefix(name, "v"))
	const chinese = 0x804
	for key, text := range map[string]string{version.ProductName: "工志", version.FileDescription: "工志：史料网站生成程序", version.OriginalFilename: "gongzhi.exe", version.LegalCopyright: "Apache-2.0"} {
		if err := info.Set(chinese, key, text); err != nil {
			return err
		}
	}
	rs.SetVersionInfo(info)
	rs.SetManifest(winres.AppManifest{ExecutionLevel: winres.AsInvoker, LongPathAware: true, UseCommonControlsV6: true})
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	return rs.WriteObject(f, map[string]winres.Arch{"amd64": winres.ArchAMD64, "arm64": winres.ArchARM64}[arch])
}

// icon draws 工 in white on red: three strokes.
func icon(n int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, n, n))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.NRGBA{0x9e, 0x1b, 0x1e, 0xff}), image.Point{}, draw.Src)
	stroke := func(x0, y0, x1, y1 int) {
		draw.Draw(m, image.Rect(x0*n/32, y0*n/32, x1*n/32, y1*n/32), image.White, image.Point{}, draw.Src)
	}
	stroke(7, 7, 25, 11)
	stroke(14, 11, 18, 22)
	stroke(5, 22, 27, 26)
	return m
}

// documents are the files that every archive has: the licences, and README, the changes and the guides as pages that
// open from the folder, with their pictures.
func documents() ([]file, error) {
	license, err := os.ReadFile("LICENSE")
	if err != nil {
		return nil, err
	}
	files := []file{{"LICENSE", license, 0o644}, {"许可.txt", []byte(licenses.Text()), 0o644}}
	sources := []string{"README.md", "README.en.md", "CHANGELOG.md"}
	for _, pattern := range []string{"docs/*.md", "docs/images/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	names := map[string]string{}
	for _, s := range sources {
		s = filepath.ToSlash(s)
		names[s] = strings.TrimSuffix(s, ".md")
		if names[s] != s {
			names[s] += ".html"
		}
	}
	names["README.md"] = "先看这里.html"
	for _, s := range sources {
		s = filepath.ToSlash(s)
		data, err := os.ReadFile(s)
		if err != nil {
			return nil, err
		}
		if path.Ext(s) == ".md" {
			if data, err = document(data, path.Dir(s), names); err != nil {
				return nil, fmt.Errorf("%s: %w", s, err)
			}
		}
		files = append(files, file{names[s], data, 0o644})
	}
	return files, nil
}

const head = `<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title><style>
body{max-width:42em;margin:2em auto;padding:0 1em;font-family:"Noto Serif CJK SC","Songti SC",SimSun,serif;line-height:1.8;color:#222}
h1,h2,h3{font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;line-height:1.4}
img{max-width:100%%}a{color:#9e1b1e}table{border-collapse:collapse;display:block;overflow-x:auto}td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left}
pre{overflow:auto;background:#f4f1ea;padding:1em}code{font-size:.9em}
</style></head><body>
`

// document makes a page of a guide that stands in dir. A link to another file of the archive leads to it there; one to
// what only the sources have becomes its text.
func document(src []byte, dir string, names map[string]string) ([]byte, error) {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()), goldmark.WithRendererOptions(html.WithUnsafe()))
	md.Parser().AddOptions(parser.WithASTTransformers(util.Prioritized(links{dir, names}, 1000)))
	var b bytes.Buffer
	title, _, _ := strings.Cut(strings.TrimPrefix(string(src), "# "), "\n")
	fmt.Fprintf(&b, head, template.HTMLEscapeString(title))
	ids := parser.NewContext(parser.WithIDs(&anchors{used: map[string]bool{}}))
	if err := md.Convert(src, &b, parser.WithContext(ids)); err != nil {
		return nil, err
	}
	b.WriteString("</body></html>\n")
	return b.Bytes(), nil
}

type links struct {
	dir   string
	names map[string]string
}

func (l links) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var foreign []ast.Node
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		var to *[]byte
		switch n := n.(type) {
		case *ast.Link:
			to = &n.Destination
		case *ast.Image:
			to = &n.Destination
		}
		if !entering || to == nil {
			return ast.WalkContinue, nil
		}
		u, err := url.Parse(string(*to))
		if err != nil || u.Scheme != "" || u.Path == "" {
			return ast.WalkContinue, nil
		}
		name, ok := l.names[path.Join(l.dir, u.Path)]
		if !ok {
			foreign = append(foreign, n)
			return ast.WalkContinue, nil
		}
		if l.dir != "." {
			name = path.Join("..", name)
		}
		*to = []byte((&url.URL{Path: name, Fragment: u.Fragment}).String())
		return ast.WalkContinue, nil
	})
	for _, n := range foreign {
		for c := n.FirstChild(); c != nil; c = n.FirstChild() {
			n.Parent().InsertBefore(n.Parent(), n, c)
		}
		n.Parent().RemoveChild(n.Parent(), n)
	}
}

// anchors gives headings the ids that links of our guides go to: their words, lower case, with hyphens between.
type anchors struct{ used map[string]bool }

func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	id := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.TrimSpace(string(value)))
	free := id
	for i := 1; a.used[free]; i++ {
		free = fmt.Sprintf("%s-%d", id, i)
	}
	a.used[free] = true
	return []byte(free)
}

func (a *anchors) Put(value []byte) { a.used[string(value)] = true }

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func tarball(top string, files []file) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	t := tar.NewWriter(z)
	for _, f := range files {
		if err := t.WriteHeader(&tar.Header{Name: top + "/" + f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: epoch, Format: tar.FormatPAX}); err != nil {
			return nil, err
		}
		if _, err := t.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

func zipped(top string, files []file) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: top + "/" + f.name, Method: zip.Deflate, Modified: epoch}
		h.SetMode(os.FileMode(f.mode))
		w, err := z.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(w, bytes.NewReader(f.data)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}
