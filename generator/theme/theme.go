// Package theme reads the templates and assets that pages are made with.
//
// A theme is a folder with theme.yaml (name, version, api), templates/ and assets/. The one that ships
// with the program is complete; a folder themes/NAME beside content/ lies over it file by file, so that a
// site changes one template or one style sheet and keeps the rest. Templates are Go's html/template; each
// kind of page has one file, which is parsed together with base.html, header.html, footer.html and
// parts.html, and is executed as "base". They receive the structs of package page and call no functions
// beyond the built-in ones.
//
// A Theme is immutable. Style sheet and script get the digest of their bytes into their names, so that
// browsers keep them for ever and never show an old one.
package theme

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/diag"
	"gongzhi/generator/folder"
)

// API is the version of the structs that templates receive. It changes when a field is renamed or
// taken away, so that a theme made for another version is refused instead of failing page by page.
const API = 1

// Kinds are the kinds of pages, each with a template file of that name.
var Kinds = []string{"home", "list", "record", "chronicle", "rolls", "roll", "names", "browse", "term", "series", "days", "search", "notfound", "zoom"}

// shared are the files parsed together with each kind's.
var shared = []string{"base", "header", "footer", "parts"}

// Asset is a file of assets/ with the path it is published at.
type Asset struct {
	Path  string // without a leading slash: assets/style.1a2b3c4d.css
	Bytes []byte
}

// Theme is a parsed theme.
type Theme struct {
	Assets []Asset
	Style  string // path of style.css
	Script string // path of site.js
	Icon   string // path of icon.svg
	Extra  string // path of extra.css, which adds to style.css; empty if there is none
	Digest string // of every file in it

	kinds map[string]kind
	where map[string]string // template file → path for messages
	texts map[string]string // template file → its text

	labels    map[string]string // of the interface, if it is in another language than the templates
	sentences []sentence        // those of them with places for values
}

// How large a template or theme.yaml may be, one file of assets/, and all of those together: they are held in memory.
const (
	maxTemplate = 1 << 20
	maxAsset    = 32 << 20
	maxAssets   = 256 << 20
)

// reason is an error without the path, which the message already names.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// malformed says where a file is no YAML, or not what is wanted of it, and in which way; format has the place for that.
func malformed(file, id, format string, src []byte, err error) diag.Message {
	line := 1
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	say := "不合 YAML 的写法，要一行一项，写作“键: 值”，用空格缩进"
	for _, k := range [...]struct{ has, say string }{
		{"already defined", "同一个键写了两次"}, {"cannot unmarshal", "这里的值不是要的那一种，如该写数的写了字"}, {"control characters", "有不能用的控制字符"},
		{"invalid", "编码不是 UTF-8"}, {"exceeded max depth", "一层套一层，套得太深"}, {"alias", "别名（*）不能用"}, {"anchor", "别名（*）不能用"},
	} {
		if strings.Contains(err.Error(), k.has) {
			say = k.say
			break
		}
	}
	return diag.Errorf(diag.Pos{Path: file, Line: min(max(line, 1), 1+bytes.Count(src, []byte("\n"))), Col: 1}, id, format, say)
}

// characters counts those in the first n bytes of a line: html/template tells columns in bytes.
func characters(text string, line, n int) int {
	for ; line > 1; line-- {
		_, text, _ = strings.Cut(text, "\n")
	}
	return utf8.RuneCountInString(text[:min(n, len(text))])
}

// Load parses the theme of folder name that lies over the default one, with its interface in a language; overlay may be nil. With errors in
// the list the theme must not be used.
func Load(base, overlay fs.FS, name string, language Language) (*Theme, diag.List) {
	t := &Theme{kinds: map[string]kind{}, where: map[string]string{}, texts: map[string]string{}}
	var diags diag.List
	read := func(file string) []byte {
		if overlay != nil {
			src, err := folder.Read(overlay, file, maxTemplate)
			if err == nil {
				t.where[path.Base(file)] = "themes/" + name + "/" + file
				return src
			}
			if !errors.Is(err, fs.ErrNotExist) {
				diags = append(diags, diag.Errorf(diag.Pos{Path: "themes/" + name + "/" + file}, "theme/unreadable", "读不了主题文件：%v", reason(err)))
			}
		}
		src, err := folder.Read(base, file, maxTemplate)
		t.where[path.Base(file)] = "themes/default/" + file
		if err != nil {
			diags = append(diags, diag.Errorf(diag.Pos{Path: "themes/default/" + file}, "theme/missing", "主题缺少文件：%v", err))
		}
		return src
	}
	digest := sha256.New()
	var about struct {
		Name, Version string
		API           int
	}
	src := read("theme.yaml")
	digest.Write(src)
	if err := yaml.Unmarshal(src, &about); err != nil {
		diags = append(diags, malformed(t.where["theme.yaml"], "theme/yaml", "theme.yaml 读不出来：%s。", src, err))
	} else if about.API != API {
		diags = append(diags, diag.Errorf(diag.Pos{Path: t.where["theme.yaml"]}, "theme/api", "这个主题是为模板接口第 %d 版写的，程序用第 %d 版。请换用相配的主题，或按 docs/theme.md 改过后把 api 写成 %d。", about.API, API, API))
	}
	texts := map[string]string{}
	var faults diag.List
	t.labels, faults = language.labels(base, overlay, name)
	diags = append(diags, faults...)
	t.sentences = sentences(t.labels)
	for _, label := range slices.Sorted(maps.Keys(t.labels)) {
		fmt.Fprintf(digest, "%s %s\n", label, t.labels[label])
	}
	for _, file := range append(slices.Clone(shared), Kinds...) {
		src := read("templates/" + file + ".html")
		digest.Write(src)
		texts[file] = translated(string(src), t.labels)
		t.texts[file+".html"] = texts[file]
	}
	if len(diags) > 0 {
		return t, diags
	}
	for _, kind := range Kinds {
		set := template.New(kind)
		for _, file := range append(slices.Clone(shared), kind) {
			if _, err := set.New(file + ".html").Parse(texts[file]); err != nil {
				diags = append(diags, t.fault(err, ""))
			}
		}
		if set.Lookup("base") == nil && len(diags) == 0 {
			diags = append(diags, diag.Errorf(diag.Pos{Path: t.where["base.html"]}, "theme/base", "base.html 里没有 {{define \"base\"}}。"))
		}
		k, err := newKind(set)
		if err != nil {
			diags = append(diags, t.fault(err, ""))
		}
		t.kinds[kind] = k
	}
	diags = append(diags, t.assets(base, overlay, name)...)
	for _, a := range t.Assets {
		fmt.Fprintf(digest, "%s %d\n", a.Path, len(a.Bytes))
		digest.Write(a.Bytes)
	}
	t.Digest = hex.EncodeToString(digest.Sum(nil))
	diags.Sort()
	return t, diags
}

func (t *Theme) assets(base, overlay fs.FS, name string) (diags diag.List) {
	files := map[string][]byte{}
	room := int64(maxAssets)
	for i, fsys := range []fs.FS{base, overlay} {
		if fsys == nil {
			continue
		}
		err := fs.WalkDir(fsys, "assets", func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return err
			}
			if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") {
				return nil
			}
			src, err := folder.Read(fsys, p, min(maxAsset, room))
			if errors.Is(err, folder.ErrTooLarge) || errors.Is(err, folder.ErrSpecial) {
				diags = append(diags, diag.Errorf(diag.Pos{Path: "themes/" + name + "/" + p}, "theme/unreadable", "读不了主题文件：%v", reason(err)))
				return nil
			}
			if errors.Is(err, fs.ErrNotExist) { // gone meanwhile, or a link to nothing
				return nil
			}
			if err == nil {
				files[p] = src
				room -= int64(len(src))
			}
			return err
		})
		if err != nil {
			folder := [...]string{"themes/default", "themes/" + name}[i]
			diags = append(diags, diag.Errorf(diag.Pos{Path: folder + "/assets"}, "theme/unreadable", "读不了主题的文件：%v", err))
		}
	}
	for p, src := range files {
		out := p
		switch p {
		case "assets/style.css", "assets/site.js", "assets/icon.svg", "assets/extra.css":
			sum := sha256.Sum256(src)
			ext := path.Ext(p)
			out = strings.TrimSuffix(p, ext) + "." + hex.EncodeToString(sum[:4]) + ext
			switch {
			case p == "assets/extra.css":
				t.Extra = out
			case ext == ".css":
				t.Style = out
			case ext == ".js":
				t.Script = out
			default:
				t.Icon = out
			}
		}
		t.Assets = append(t.Assets, Asset{out, src})
	}
	slices.SortFunc(t.Assets, func(a, b Asset) int { return strings.Compare(a.Path, b.Path) })
	return diags
}

// Execute makes a page of a kind. about names the content file that the page shows, for a message; it may
// be empty.
func (t *Theme) Execute(b *bytes.Buffer, kind, name string, data any, about string) error {
	k, ok := t.kinds[kind]
	if !ok {
		return fmt.Errorf("theme: no template for pages of kind %q", kind)
	}
	if name == "base" && k.fast.Execute(b, data) {
		return nil
	}
	c, err := k.slow.get()
	if err != nil {
		return err
	}
	c.page, c.before = b, b.Len()
	if err := c.set.ExecuteTemplate(b, name, data); err != nil {
		return &Fault{t.fault(err, about)}
	}
	c.page = nil
	k.slow.pool.Put(c)
	return nil
}

// Fault is a failure of a template, with its position.
type Fault struct{ Message diag.Message }

func (f *Fault) Error() string { return f.Message.String() }

// templateError finds the position in an error of html/template, which has it nowhere but in its text.
var templateError = regexp.MustCompile(`(?s)(?:html/template|template): ?([\w-]+\.html):(\d+)(?::(\d+))?: (.*)`)

func (t *Theme) fault(err error, about string) diag.Message {
	pos, text := diag.Pos{Path: t.where["base.html"], Line: 1, Col: 1}, err.Error()
	if m := templateError.FindStringSubmatch(text); m != nil {
		if w := t.where[m[1]]; w != "" {
			pos.Path = w
		}
		pos.Line, _ = strconv.Atoi(m[2])
		if n, err := strconv.Atoi(m[3]); err == nil {
			pos.Col = 1 + characters(t.texts[m[1]], pos.Line, n)
		}
		text = m[4]
	}
	if _, own, ok := strings.Cut(text, "error calling _"); ok { // one of limit.go
		_, text, _ = strings.Cut(own, ": ")
	} else if _, own, ok := strings.Cut(text, ": "+tooMuch); ok {
		text = tooMuch + own
	}
	if about != "" {
		about = "（正在生成 " + about + " 的页面）"
	}
	return diag.Errorf(pos, "theme/template", "模板出错%s：%s", about, text)
}

// Compiled reports whether pages of a kind are made by compiled templates. It is known once one has been made.
func (t *Theme) Compiled(kind string) bool {
	return t.kinds[kind].fast != nil && t.kinds[kind].fast.Compiled()
}
