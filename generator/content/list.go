package content

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// collection is a folder of content/ with all those below it, in the order of their paths, each before its own.
type collection struct {
	schema  *Schema
	folders []*folder
}

// list finds every file of the archive. What was found in a folder before, and stands as it stood, is in it already; the
// jobs are for all others.
func (l *loader) list() (collections []collection, jobs []job, err error) {
	top, err := fs.ReadDir(l.source, "content")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, fmt.Errorf("读不了 content 文件夹：%w", err)
	}
	sortEntries(top)
	l.edited = make(map[string]bool, len(l.opt.Changed))
	for p := range l.opt.Changed {
		l.edited[path.Dir(p)] = true
	}
	var names []string
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
				l.warn(p, "file/outside", "记录要放在类目的文件夹里，如 content/reports/；这个文件没有用上。要照原样发布的（CNAME、验证文件等），放进 content 旁边的 static 文件夹。")
			}
			continue
		}
		if bad := CheckID(norm.NFC.String(name)); bad != "" {
			l.fail(p, "collection/name", "类目的文件夹名不能用：%s", bad)
			continue
		}
		names = append(names, name)
	}
	for _, c := range l.named(names) {
		if schema := l.schema(c.key, c.folders); schema != nil {
			w := walk{loader: l, in: collection{schema: schema}, jobs: jobs}
			for _, name := range c.folders {
				w.folder("content/" + name)
			}
			collections, jobs = append(collections, w.in), w.jobs
		}
	}
	return collections, jobs, nil
}

// named is a collection with the folders of content/ that bear one of its names.
type named struct {
	key     string
	folders []string // as the file system has them
}

// named finds the collection of each folder: the one that ships with the program whose key, label or other name it
// bears, unless a _schema.yaml in it says that it extends another or none; one of its own, if it has a _schema.yaml; or the one whose _schema.yaml, in another folder, gives that name.
func (l *loader) named(folders []string) (all []named) {
	add := func(key, folder string) {
		i := slices.IndexFunc(all, func(c named) bool { return c.key == key })
		if i < 0 {
			i, all = len(all), append(all, named{key: key})
		}
		all[i].folders = append(all[i].folders, folder)
	}
	var others []string
	given := map[string][]string{} // keys, by the names that files give
	for _, folder := range folders {
		name := norm.NFC.String(folder)
		key, shipped := builtinNames()[name]
		own, extends, ok := l.headOf(folder)
		switch {
		case shipped && (key == name || !ok || extends == "" || extends == key):
		case ok:
			key = name
		default:
			others = append(others, folder)
			continue
		}
		add(key, folder)
		for _, name := range own {
			if !slices.Contains(given[name], key) {
				given[name] = append(given[name], key)
			}
		}
	}
	for _, folder := range others {
		name := norm.NFC.String(folder)
		if keys := given[name]; len(keys) == 1 { // a name that two give is neither's
			name = keys[0]
		}
		add(name, folder)
	}
	return all
}

// headOf gives the names that the _schema.yaml of a folder gives its collection, and what it extends; ok is false if
// there is none. What is wrong with it is said when it is read for good.
func (l *loader) headOf(folder string) (names []string, extends string, ok bool) {
	file := "content/" + folder + "/_schema.yaml"
	info, err := fs.Lstat(l.source, file)
	if err != nil {
		return nil, "", false
	}
	if !info.Mode().IsRegular() {
		return nil, "", true
	}
	src, err := readAll(l.source, file, 4096, maxFile, new(bytes.Buffer))
	if err != nil {
		return nil, "", true
	}
	text, _ := DecodeText(file, src)
	root, _ := ParseYAML(file, text, 1)
	if root == nil {
		return nil, "", true
	}
	r := newSchemaReader(file)
	for _, key := range []string{"label", "also"} {
		if v := pair(root, key); v != nil {
			names = append(names, r.list(v)...)
		}
	}
	if v := pair(root, "extends"); v != nil {
		extends = r.text(v)
	}
	return names, extends, true
}

// builtinNames are the keys, labels and other names of the shipped collections, with their keys.
var builtinNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, s := range Builtin() {
		for _, name := range append([]string{s.Key, s.Label}, s.Also...) {
			if names[name] != "" {
				panic("two collections are called " + name)
			}
			names[name] = s.Key
		}
	}
	return names
})

// schema finds the schema of a collection, which stands in one of its folders or ships with the program. It is read
// anew each time: it is small, and all else depends on it.
func (l *loader) schema(name string, folders []string) *Schema {
	file, ok := l.schemaFile(folders)
	if !ok {
		return nil
	}
	var names []string // of the folders, for a message and for the hash: they say where records are
	for _, folder := range folders {
		names = append(names, norm.NFC.String(folder))
	}
	mark := ""
	if !slices.Equal(names, []string{name}) {
		mark = strings.Join(names, "/")
	}
	if slices.Contains(l.opt.Reserved, strings.ToLower(name)) {
		l.fail("content/"+names[0], "collection/reserved", "类目不能叫“%s”，这个网址另有用处。请给文件夹改名。", name)
		return nil
	}
	info, err := fs.Lstat(l.source, file)
	if err == nil && !info.Mode().IsRegular() {
		l.fail(file, "file/special", "这不是普通文件（符号链接也不行）。请把模式写成一个文件。")
		return nil
	}
	var src []byte
	if err == nil {
		src, err = readAll(l.source, file, 4096, maxFile, new(bytes.Buffer))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return l.builtinSchema(name, names, mark)
	} else if err != nil {
		l.fail(file, "file/unreadable", "读不了这个文件：%v", reason(err))
		return nil
	}
	return l.ownSchema(name, file, src, names, mark)
}

// schemaFile gives where the folders of a collection have its schema, or might have it. ok is false if two of them have one, which is said.
func (l *loader) schemaFile(folders []string) (file string, ok bool) {
	found := ""
	for _, folder := range folders {
		own := "content/" + folder + "/_schema.yaml"
		if _, err := fs.Lstat(l.source, own); err != nil {
			continue
		}
		if found != "" {
			l.fail(own, "collection/two-schemas", "“%s”和“%s”是同一个类目的文件夹，各有一个 _schema.yaml。请留一个，另一个合进去。", path.Dir(found), path.Dir(own))
			return "", false
		}
		found = own
	}
	if found == "" {
		return "content/" + folders[0] + "/_schema.yaml", true
	}
	return found, true
}

// builtinSchema gives the schema of that name that ships with the program. names are those of the collection's folders, and mark
// tells folders apart in its hash.
func (l *loader) builtinSchema(name string, names []string, mark string) *Schema {
	if s, ok := builtinSchema(name); ok {
		s.Folders, s.hash = names, s.hash+mark
		if old := l.schemaBefore(name, s.hash); old != nil {
			return old // so that reused records and new ones have the same schema
		}
		return s
	}
	var known, labels []string
	for _, s := range Builtin() {
		known = append(known, s.Key)
		labels = append(append(labels, s.Label), s.Also...)
	}
	hint := "自带的类目有：" + strings.Join(known, "、") + "。"
	if near := diag.Nearest(name, slices.Concat(known, labels)); near != "" {
		hint = "是不是“" + near + "”？"
	}
	l.fail("content/"+names[0], "collection/no-schema", "程序没有自带“%s”这个类目，文件夹里也没有 _schema.yaml。%s要新设类目，请写一个 _schema.yaml。", name, hint)
	return nil
}

// ownSchema reads a schema of the archive. With faults, a preview goes on with the last one that had none.
func (l *loader) ownSchema(name, file string, src []byte, names []string, mark string) *Schema {
	h := hash(src) + mark
	if old := l.schemaBefore(name, h); old != nil {
		l.set.Diags = append(l.set.Diags, old.diags...)
		return old
	}
	var before *Schema
	if p := l.opt.Previous; p != nil && l.opt.LastGood {
		for _, old := range p.Schemas {
			if old.Key == name {
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
	s.Folders, s.hash = names, h
	diags = append(diags, more...)
	l.set.Diags = append(l.set.Diags, diags...)
	if diags.Errors() > 0 {
		return before
	}
	s.diags = diags
	return s
}

// schemaBefore gives the collection's schema of the set before, if its hash was this.
func (l *loader) schemaBefore(name, hash string) *Schema {
	if l.opt.Previous != nil {
		for _, old := range l.opt.Previous.Schemas {
			if old.Key == name && old.hash == hash {
				return old
			}
		}
	}
	return nil
}

// sortEntries puts entries into the order of their names, whatever order the file system gave.
func sortEntries(entries []fs.DirEntry) {
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
}

// walk goes through the folders of a collection.
type walk struct {
	*loader
	in   collection
	jobs []job
}

// folder enters a folder and those below it.
func (w *walk) folder(p string) {
	d := w.folderBefore(p, w.in.schema)
	if d == nil {
		d = new(folder)
		entries, err := fs.ReadDir(w.source, p)
		if errors.Is(err, fs.ErrNotExist) {
			return // gone since its parent was read
		} else if err != nil {
			d.diags = diag.List{diag.Errorf(diag.Pos{Path: p}, "file/unreadable", "读不了这个文件夹：%v", reason(err))}
		}
		sortEntries(entries)
		w.enter(d, p, entries)
	} else if w.edited[p] || !slices.Contains(w.opt.Previous.Schemas, w.in.schema) {
		before := d // its files are the same, what is in them may be not
		d = &folder{files: make([]*file, len(before.files)), subdirs: before.subdirs, diags: before.diags}
		for i, f := range before.files {
			w.jobs = append(w.jobs, job{path: f.path, schema: w.in.schema, before: f, into: d, at: i})
		}
	}
	w.set.folders[p] = d
	w.in.folders = append(w.in.folders, d)
	for _, sub := range d.subdirs {
		w.folder(sub)
	}
}

// enter sorts the entries of a folder into files to look at, folders, and what has no business there.
func (w *walk) enter(d *folder, p string, entries []fs.DirEntry) {
	before := w.filesBefore(p)
	warn := func(p, id, text string) { d.diags = append(d.diags, diag.Warningf(diag.Pos{Path: p}, id, "%s", text)) }
	for _, e := range entries {
		name := e.Name()
		full := p + "/" + name
		if strings.EqualFold(name, "_index.md") || strings.EqualFold(name, "index.md") && strings.Count(p, "/") == 1 {
			warn(full, "file/index", "这是别的程序给栏目写说明用的文件，这里没有用上：栏目的说明写在 _schema.yaml 的 about 里。不用的请删去；是一篇文章的，请改个文件名。")
			continue
		}
		if ignored(name) || name == "_schema.yaml" {
			continue
		}
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			warn(full, "file/symlink", "不跟随符号链接，已跳过。请把文件复制进来。")
		case e.IsDir():
			d.subdirs = append(d.subdirs, full)
		case !e.Type().IsRegular():
			warn(full, "file/special", "不是普通文件，已跳过。")
		case isAsset(name) && CheckID(norm.NFC.String(name)) != "":
			d.diags = append(d.diags, diag.Errorf(diag.Pos{Path: norm.NFC.String(full)}, "asset/name", "文件名不能用：%s", CheckID(norm.NFC.String(name))))
		case isRecordFile(name) || isAsset(name):
			w.jobs = append(w.jobs, job{path: full, entry: e, schema: w.in.schema, before: before[full], into: d, at: len(d.files)})
			d.files = append(d.files, nil)
		default:
			warn(full, "file/unknown", "不认识的文件，不会发布。记录用 .md 或 .csv，附件用图片、PDF、OFD、录音、录像或 Word、Excel 等办公文档。")
		}
	}
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
