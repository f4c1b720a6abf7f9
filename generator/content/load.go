package content

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // to know the size of images
	_ "image/jpeg" // to know the size of images
	_ "image/png"  // to know the size of images
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	_ "golang.org/x/image/webp" // to know the size of images
	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// dir is one folder as it was found: what a later Load can take over without looking.
type dir struct {
	files   []*file
	subdirs []string // paths
	diags   diag.List
}

// file is what one file yielded. It is immutable once read.
type file struct {
	path    string
	size    int64
	mtime   time.Time
	read    time.Time // when; a file changed less than settle before that is read again
	schema  string    // hash of the schema it was checked by
	content string    // hash of its bytes

	records []*Record
	asset   *Asset
	diags   diag.List
	good    []*Record // with Options.Keep and a fault in the file: what it last yielded without one
}

// lastGood is what the file yielded when it was last without fault, if that was by the same schema.
func (f *file) lastGood(schema string) []*Record {
	if f == nil || f.schema != schema {
		return nil
	}
	if f.diags.Errors() == 0 {
		return f.records
	}
	return f.good
}

// shown are the records that stand for the file in the set.
func (f *file) shown() []*Record {
	if f.good != nil {
		return f.good
	}
	return f.records
}

// settle is the age at which a file's times can be trusted: file systems round them, so that a second
// change within the rounding would look like none.
const settle = 3 * time.Second

type loader struct {
	source fs.FS
	opt    Options
	set    *Set
	edited map[string]bool // folders in which something has changed, of Options.Changed
}

// job is a file to look at.
type job struct {
	path   string
	entry  fs.DirEntry
	schema *Schema
	prev   *file
	out    **file
	into   *dir // the folder as it is found now
}

// seat is where a file of the set stands: the result of a job, or an entry of a folder that is taken over.
type seat struct {
	file **file
	into *dir // to be entered there; nil if it stands there already
}

func (l *loader) load() (*Set, error) {
	top, err := fs.ReadDir(l.source, "content")
	if errors.Is(err, fs.ErrNotExist) {
		return l.set, nil
	} else if err != nil {
		return nil, fmt.Errorf("读不了 content 文件夹：%w", err)
	}
	sortEntries(top)
	var jobs []job
	var order []*file
	lists := map[*Schema][]seat{}
	var assets []seat
	l.edited = make(map[string]bool, len(l.opt.Changed))
	for p := range l.opt.Changed {
		l.edited[path.Dir(p)] = true
	}
	for _, e := range top {
		name, p := e.Name(), "content/"+norm.NFC.String(e.Name())
		if ignored(name) {
			continue
		}
		if !e.IsDir() {
			if stem, _, _ := strings.Cut(name, "."); strings.EqualFold(stem, "LICENSE") || strings.EqualFold(stem, "README") {
				continue
			}
			if e.Type()&fs.ModeSymlink != 0 {
				l.warn(p, "file/symlink", "不跟随符号链接，已跳过。请把文件复制进来。")
			} else {
				l.warn(p, "file/outside", "记录要放在类目的文件夹里，如 content/reports/；这个文件没有用上。")
			}
			continue
		}
		if bad := CheckID(norm.NFC.String(name)); bad != "" {
			l.set.Diags = append(l.set.Diags, diag.Errorf(diag.Pos{Path: p}, "collection/name", "类目的文件夹名不能用：%s", bad))
			continue
		}
		schema := l.schema(name)
		if schema == nil {
			continue
		}
		l.set.Schemas = append(l.set.Schemas, schema)
		if err := l.walk("content/"+name, schema, func(j job) {
			at := seat{j.out, j.into}
			if j.out == nil {
				j.out = new(*file)
				at.file = j.out
				jobs = append(jobs, j)
			}
			if isAsset(j.path) {
				assets = append(assets, at)
			} else {
				lists[schema] = append(lists[schema], at)
			}
		}); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(l.set.Schemas, func(a, b *Schema) int {
		if a.Position != b.Position {
			return a.Position - b.Position
		}
		return strings.Compare(a.Key, b.Key)
	})
	l.run(jobs)
	enter := func(at seat) {
		order = append(order, *at.file)
		if at.into != nil {
			at.into.files = append(at.into.files, *at.file)
		}
	}
	for _, s := range l.set.Schemas {
		for _, at := range lists[s] {
			enter(at)
		}
	}
	for _, at := range assets {
		enter(at)
	}
	n := 0
	for _, f := range order {
		n += len(f.shown())
	}
	l.set.Records = make([]*Record, 0, n)
	for _, f := range order {
		l.set.Records = append(l.set.Records, f.shown()...)
		l.set.Diags = append(l.set.Diags, f.diags...)
		if f.asset != nil {
			l.set.Assets = append(l.set.Assets, *f.asset)
		}
	}
	for _, d := range l.set.dirs {
		l.set.Diags = append(l.set.Diags, d.diags...)
	}
	if l.opt.Spool != nil {
		l.set.dirs = nil
	}
	slices.SortFunc(l.set.Assets, func(a, b Asset) int { return strings.Compare(a.Path, b.Path) })
	return l.set, nil
}

func (l *loader) warn(p, id, format string, args ...any) {
	l.set.Diags = append(l.set.Diags, diag.Warningf(diag.Pos{Path: p}, id, format, args...))
}

// schema finds the schema of a collection. It is read anew each time: it is small, and all else
// depends on it.
func (l *loader) schema(name string) *Schema {
	file := "content/" + name + "/_schema.yaml"
	name = norm.NFC.String(name)
	pos := diag.Pos{Path: "content/" + name}
	if slices.Contains(l.opt.Reserved, strings.ToLower(name)) {
		l.set.Diags = append(l.set.Diags, diag.Errorf(pos, "collection/reserved", "类目不能叫“%s”，这个网址另有用处。请给文件夹改名。", name))
		return nil
	}
	info, err := fs.Lstat(l.source, file)
	if err == nil && !info.Mode().IsRegular() {
		l.set.Diags = append(l.set.Diags, diag.Errorf(diag.Pos{Path: file}, "file/special", "这不是普通文件（符号链接也不行）。请把模式写成一个文件。"))
		return nil
	}
	var src []byte
	if err == nil {
		src, err = readAll(l.source, file, 4096, maxFile, new(bytes.Buffer))
	}
	if errors.Is(err, fs.ErrNotExist) {
		if s, ok := builtinSchema(name); ok {
			if p := l.opt.Previous; p != nil {
				for _, old := range p.Schemas {
					if old.Key == name && old.hash == s.hash {
						return old // so that reused records and new ones have the same schema
					}
				}
			}
			return s
		}
		var known []string
		for _, s := range Builtin() {
			known = append(known, s.Key)
		}
		hint := "自带的类目有：" + strings.Join(known, "、") + "。"
		if near := diag.Nearest(name, known); near != "" {
			hint = "是不是“" + near + "”？"
		}
		l.set.Diags = append(l.set.Diags, diag.Errorf(pos, "collection/no-schema", "程序没有自带“%s”这个类目，文件夹里也没有 _schema.yaml。%s要新设类目，请写一个 _schema.yaml。", name, hint))
		return nil
	} else if err != nil {
		l.set.Diags = append(l.set.Diags, diag.Errorf(diag.Pos{Path: file}, "file/unreadable", "读不了这个文件：%v", reason(err)))
		return nil
	}
	var before *Schema
	if p := l.opt.Previous; p != nil {
		h := hash(src)
		for _, old := range p.Schemas {
			if old.Key == name && old.hash == h {
				l.set.Diags = append(l.set.Diags, old.diags...)
				return old
			}
			if old.Key == name && l.opt.Keep {
				before = old
			}
		}
	}
	text, diags := DecodeText(file, src)
	if text == nil {
		l.set.Diags = append(l.set.Diags, diags...)
		return before
	}
	s, more := parseSchema(name, file, text)
	s.hash = hash(src)
	diags = append(diags, more...)
	l.set.Diags = append(l.set.Diags, diags...)
	if diags.Errors() > 0 {
		return before
	}
	s.diags = diags
	return s
}

// sortEntries puts entries into the order of their names, whatever order the file system gave.
func sortEntries(entries []fs.DirEntry) {
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
}

// walk calls visit for each file of a folder and those below it, in the order of their paths.
func (l *loader) walk(p string, schema *Schema, visit func(job)) error {
	prev := l.opt.Previous
	if prev != nil && l.opt.Changed != nil && !l.opt.Changed[p] {
		if d := prev.dirs[p]; d != nil {
			if !l.edited[p] && slices.Contains(prev.Schemas, schema) {
				l.set.dirs[p] = d
				for i, f := range d.files {
					visit(job{path: f.path, out: &d.files[i]})
				}
			} else {
				into := &dir{subdirs: d.subdirs, diags: d.diags}
				l.set.dirs[p] = into
				for _, f := range d.files {
					visit(job{path: f.path, schema: schema, prev: f, into: into})
				}
			}
			for _, sub := range d.subdirs {
				if err := l.walk(sub, schema, visit); err != nil {
					return err
				}
			}
			return nil
		}
	}
	entries, err := fs.ReadDir(l.source, p)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone since its parent was read
		}
		d := &dir{diags: diag.List{diag.Errorf(diag.Pos{Path: p}, "file/unreadable", "读不了这个文件夹：%v", reason(err))}}
		l.set.dirs[p] = d
		return nil
	}
	sortEntries(entries)
	old := map[string]*file{}
	if prev != nil && prev.dirs[p] != nil {
		for _, f := range prev.dirs[p].files {
			old[f.path] = f
		}
	}
	d := &dir{}
	l.set.dirs[p] = d
	for _, e := range entries {
		name := e.Name()
		full := p + "/" + name
		if ignored(name) || name == "_schema.yaml" {
			continue
		}
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			d.diags = append(d.diags, diag.Warningf(diag.Pos{Path: full}, "file/symlink", "不跟随符号链接，已跳过。请把文件复制进来。"))
		case e.IsDir():
			d.subdirs = append(d.subdirs, full)
		case !e.Type().IsRegular():
			d.diags = append(d.diags, diag.Warningf(diag.Pos{Path: full}, "file/special", "不是普通文件，已跳过。"))
		case isAsset(name) && CheckID(norm.NFC.String(name)) != "":
			d.diags = append(d.diags, diag.Errorf(diag.Pos{Path: norm.NFC.String(full)}, "asset/name", "文件名不能用：%s", CheckID(norm.NFC.String(name))))
		case isRecordFile(name) || isAsset(name):
			visit(job{path: full, entry: e, schema: schema, prev: old[full], into: d})
		default:
			d.diags = append(d.diags, diag.Warningf(diag.Pos{Path: full}, "file/unknown", "不认识的文件，不会发布。记录用 .md 或 .csv，附件用图片、PDF、音频或视频。"))
		}
	}
	for _, sub := range d.subdirs {
		if err := l.walk(sub, schema, visit); err != nil {
			return err
		}
	}
	return nil
}

// ignored are files that are nobody's content: hidden ones, editors' temporary files, and those that
// begin with an underscore, which is how a file is set aside.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") && name != "_schema.yaml" || strings.HasPrefix(name, "~$") || strings.HasPrefix(name, "#") ||
		strings.HasSuffix(name, "~") || name == "4913" || strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".bak") || strings.HasSuffix(name, ".crdownload") ||
		strings.EqualFold(name, "Thumbs.db") || strings.EqualFold(name, "desktop.ini")
}

// Ignored reports whether a file or folder of this name is never content, so that a watcher can pass
// over it too.
func Ignored(name string) bool { return ignored(name) }

func isRecordFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".csv", ".tsv":
		return true
	}
	return false
}

func isAsset(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".pdf", ".mp3", ".m4a", ".mp4", ".webm":
		return true
	}
	return false
}

// reason is an error without the path, which the message already names.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		switch {
		case errors.Is(pe.Err, fs.ErrPermission):
			return errors.New("没有权限")
		case errors.Is(pe.Err, fs.ErrNotExist):
			return errors.New("文件不见了")
		}
		return pe.Err
	}
	return err
}

// run looks at the files on all processors.
func (l *loader) run(jobs []job) {
	workers := min(runtime.GOMAXPROCS(0), len(jobs))
	var wg sync.WaitGroup
	next := make(chan []job, workers)
	for range workers {
		wg.Go(func() {
			var buf bytes.Buffer
			for batch := range next {
				for _, j := range batch {
					*j.out = l.look(j, &buf)
				}
			}
		})
	}
	for len(jobs) > 0 {
		n := min(16, len(jobs))
		next <- jobs[:n]
		jobs = jobs[n:]
	}
	close(next)
	wg.Wait()
}

// look gives what a file yields: what it yielded before, if it is the same. The buffer is for its bytes.
func (l *loader) look(j job, buf *bytes.Buffer) (f *file) {
	if j.prev != nil && l.opt.Changed != nil && j.prev.schema == j.schema.hash && !l.opt.Changed[j.path] {
		return j.prev
	}
	f = &file{path: j.path, schema: j.schema.hash, read: time.Now()}
	fail := func(id, format string, args ...any) *file {
		f.read = time.Time{} // look again next time
		f.diags = diag.List{diag.Errorf(diag.Pos{Path: norm.NFC.String(j.path)}, id, format, args...)}
		return f
	}
	if l.opt.Keep {
		defer func() {
			if f.diags.Errors() > 0 && f.good == nil {
				f.good = j.prev.lastGood(f.schema)
			}
		}()
	}
	// What breaks on one file is that file's fault; the others are read all the same.
	defer func() {
		if p := recover(); p != nil {
			f = fail("file/panic", "程序处理这个文件时出错：%v。请把文件发给开发者。", p)
		}
	}()
	info, err := stat(l.source, j)
	if errors.Is(err, fs.ErrNotExist) {
		return f // deleted since the folder was read: as if it had never been
	} else if err != nil {
		return fail("file/unreadable", "读不了这个文件：%v", reason(err))
	}
	if !info.Mode().IsRegular() {
		return f
	}
	f.size, f.mtime = info.Size(), info.ModTime()
	if p := j.prev; p != nil && !l.opt.Changed[j.path] && p.schema == f.schema && p.size == f.size && p.mtime.Equal(f.mtime) && p.read.Sub(p.mtime) > settle {
		return p
	}
	csv := strings.EqualFold(path.Ext(j.path), ".csv") || strings.EqualFold(path.Ext(j.path), ".tsv")
	limit := int64(maxFile)
	switch {
	case isAsset(j.path):
		f.asset = &Asset{Path: norm.NFC.String(j.path), File: j.path, Size: f.size}
		return l.image(f, j.path)
	case csv:
		limit = maxCSV
	}
	if f.size > limit {
		return fail("file/size", "文件有 %.1f MB，太大了（最多 %d MB）。图片和附件请另存为文件再链接。", float64(f.size)/(1<<20), limit>>20)
	}
	src, err := readAll(l.source, j.path, f.size, limit, buf)
	if err == errTooLarge {
		return fail("file/size", "文件太大了（最多 %d MB）。", limit>>20)
	} else if errors.Is(err, fs.ErrNotExist) {
		return f
	} else if err != nil {
		return fail("file/unreadable", "读不了这个文件：%v", reason(err))
	}
	if l.opt.Spool == nil {
		f.content = hash(src)
	}
	if p := j.prev; p != nil && p.schema == f.schema && p.content == f.content && p.asset == nil {
		same := *p
		same.size, same.mtime, same.read = f.size, f.mtime, f.read
		return &same
	}
	if csv {
		f.records, f.diags = readTable(j.path, src, j.schema, l.opt.Zone)
	} else {
		f.records, f.diags = readMarkdown(j.path, src, j.schema, l.opt.Zone)
	}
	if l.opt.Spool != nil {
		for _, r := range f.records {
			if err := r.putAside(l.opt.Spool); err != nil {
				return fail("file/spool", "%v。请看临时文件夹所在的磁盘是否还有空间，或用环境变量 TMPDIR 换一个。", err)
			}
		}
	}
	return f
}

func stat(source fs.FS, j job) (fs.FileInfo, error) {
	if j.entry != nil {
		return j.entry.Info()
	}
	return fs.Lstat(source, j.path)
}

// readAll gives the bytes of a file, of which size is the probable number, in buf.
func readAll(source fs.FS, p string, size, limit int64, buf *bytes.Buffer) ([]byte, error) {
	h, err := source.Open(p)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	buf.Reset()
	buf.Grow(int(min(size, limit)) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(h, limit+1)); err != nil {
		return nil, err
	}
	if int64(buf.Len()) > limit {
		return nil, errTooLarge
	}
	return buf.Bytes(), nil
}

// image reads the size of an image from its first bytes, never the image itself: a few bytes can claim
// gigabytes.
func (l *loader) image(f *file, p string) *file {
	switch strings.ToLower(path.Ext(p)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp":
	default:
		return f
	}
	pos := diag.Pos{Path: f.asset.Path}
	h, err := l.source.Open(p)
	if err != nil {
		f.asset = nil
		f.diags = append(f.diags, diag.Errorf(pos, "file/unreadable", "读不了这个文件：%v", reason(err)))
		return f
	}
	defer h.Close()
	c, _, err := image.DecodeConfig(io.LimitReader(h, 1<<20))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		f.asset = nil
		f.diags = append(f.diags, diag.Errorf(pos, "image/broken", "这个图片打不开：内容和扩展名不符，或已经损坏。"))
		return f
	}
	if int64(c.Width)*int64(c.Height) > 100_000_000 {
		f.diags = append(f.diags, diag.Errorf(pos, "image/huge", "图片有 %d×%d 像素，太大了。请缩小到一亿像素以内。", c.Width, c.Height))
	}
	f.asset.Width, f.asset.Height = c.Width, c.Height
	return f
}
