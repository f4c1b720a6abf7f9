// Package offline turns a site, while it is being written, into an edition that opens from a folder: from a disk, a stick
// or a share, by a double click, without a server.
//
// What differs from the published site, and why: a browser gives a page from a folder no fetch, no module and no folder's
// index. So links are relative and name their file; the search index is the same files as scripts, which are allowed;
// the passages of hits, which are read from the pages otherwise, come from scripts as well. The search itself is the same
// program and gives the same answers.
package offline

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"

	"gongzhi/generator/search"
)

// Sink is what the edition is written to.
type Sink interface {
	Files(paths []string, source func(path string) (fs.File, error), content func(dst []byte, path string) ([]byte, error)) error
	Put(path string, data []byte) error
}

// Edition takes the files of a site and gives those of its offline edition to a Sink.
type Edition struct {
	to   Sink
	base string // path of the site's address

	mu    sync.Mutex
	paths map[string]bool
	texts map[string][]byte // of pages that search may find: path → packed, quickly
	long  []string

	recent []indexFile // the newest files of the index
}

// indexFile is a file of the search index.
type indexFile struct {
	name string
	data []byte
}

// recentFiles is how many pages of names come with the root of the index, which every first query reads: one script instead of
// four, and one turn less. The index writes them last, before its root.
const recentFiles = 64

// New makes an edition of a site whose links begin with base, such as "/" or "/archive/".
func New(to Sink, base string) *Edition {
	return &Edition{to: to, base: base, paths: map[string]bool{}, texts: map[string][]byte{}}
}

// Old says that nothing of an earlier edition can be kept as it is.
func (e *Edition) Old() fs.FS { return nil }

// Keep can't be, as Old says.
func (e *Edition) Keep(string, int64) error { return errors.ErrUnsupported }

// Files takes the pages.
func (e *Edition) Files(paths []string, source func(path string) (fs.File, error), content func(dst []byte, path string) ([]byte, error)) error {
	e.mu.Lock()
	for _, p := range paths {
		e.see(p)
	}
	e.mu.Unlock()
	asIs := func(p string) (fs.File, error) {
		if ext := path.Ext(p); source == nil || ext == ".html" || ext == ".css" {
			return nil, nil
		}
		return source(p)
	}
	return e.to.Files(paths, asIs, func(dst []byte, p string) ([]byte, error) {
		b, err := content(nil, p)
		if err != nil {
			return nil, err
		}
		switch path.Ext(p) {
		case ".html":
			page := e.page(dst, p, b)
			if text, ok := searched(p, page[len(dst):]); ok {
				packed, err := pack(text, flate.BestSpeed)
				if err != nil {
					return nil, err
				}
				e.mu.Lock()
				e.texts[p] = packed
				e.mu.Unlock()
			}
			return page, nil
		case ".css":
			return e.style(dst, p, b), nil
		}
		return append(dst, b...), nil
	})
}

// LongPath is the length in characters above which a path is named: Windows takes 260 with the folder that it lies in.
const LongPath = 200

func (e *Edition) see(p string) {
	e.paths[p] = true
	if utf8.RuneCountInString(p) > LongPath {
		e.long = append(e.long, p)
	}
}

// Long lists the paths that some systems will not take, sorted.
func (e *Edition) Long() []string {
	slices.Sort(e.long)
	return e.long
}

// Put takes a file of the search: its index becomes scripts, its modules go into one.
func (e *Edition) Put(p string, data []byte) error {
	name, ok := strings.CutPrefix(p, "search/")
	if !ok {
		e.mu.Lock()
		e.see(p)
		e.mu.Unlock()
		return e.to.Put(p, data)
	}
	switch path.Ext(name) {
	case ".js":
		return nil
	case ".json":
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.script(indexFile{name, data}, e.pages(data)...)
	case ".bin":
		e.mu.Lock()
		e.recent = append(e.recent, indexFile{name, bytes.Clone(data)})
		if len(e.recent) > recentFiles {
			e.recent = e.recent[1:]
		}
		e.mu.Unlock()
		return e.script(indexFile{name, data})
	}
	return e.to.Put(p, data)
}

// pages gives those of the newest files that are pages of names, as a root says.
func (e *Edition) pages(root []byte) []indexFile {
	var r struct{ Pages []byte }
	if json.Unmarshal(root, &r) != nil {
		return nil
	}
	names := hex.EncodeToString(r.Pages)
	return slices.DeleteFunc(e.recent, func(f indexFile) bool {
		at := strings.Index(names, strings.TrimSuffix(f.name, ".bin"))
		return at < 0 || at%(len(f.name)-len(".bin")) != 0
	})
}

// script writes a file that gives a file of the index to the reader, and others with it.
func (e *Edition) script(f indexFile, more ...indexFile) error {
	var b []byte
	for _, g := range append([]indexFile{f}, more...) {
		b = append(b, "gongzhiOffline.put('"...)
		b = append(b, g.name...)
		b = append(b, "','"...)
		b = base64.StdEncoding.AppendEncode(b, g.data)
		b = append(b, "')\n"...)
	}
	return e.to.Put("search/"+f.name+".js", b)
}

// pagesPerShard is how many pages' texts are in one script: ten hits may want ten of them.
const pagesPerShard = 12

// Close writes what is known only when all else has been taken: the texts and the program.
func (e *Edition) Close() error {
	shards := max(1, (len(e.texts)+pagesPerShard-1)/pagesPerShard)
	lists := make([][]string, shards)
	for _, p := range slices.Sorted(maps.Keys(e.texts)) {
		n := shardOf(p, shards)
		lists[n] = append(lists[n], p)
	}
	for i, list := range lists {
		packed, err := e.shard(list)
		if err != nil {
			return err
		}
		if err := e.script(indexFile{fmt.Sprint("text-", i), packed}); err != nil {
			return err
		}
	}
	loader, engine, err := search.Classic()
	if err != nil {
		return err
	}
	loader = bytes.Replace(loader, []byte("SHARDS"), fmt.Append(nil, shards), 1)
	for name, b := range map[string][]byte{"offline.js": loader, "engine.js": engine, "unzip.css": []byte(".unzip{display:none}\n")} {
		if err := e.to.Put("search/"+name, b); err != nil {
			return err
		}
	}
	e.texts = nil
	return nil
}

// shard packs the texts of pages as one, since pages have much in common: as a JSON object by their paths.
func (e *Edition) shard(paths []string) ([]byte, error) {
	texts := make(map[string]string, len(paths))
	for _, p := range paths {
		b, err := io.ReadAll(flate.NewReader(bytes.NewReader(e.texts[p])))
		if err != nil {
			return nil, err
		}
		texts[p] = string(b)
	}
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	if err := w.Encode(texts); err != nil {
		return nil, err
	}
	return pack(b.Bytes(), 6)
}

// shardOf says in which script the text of a page is. search/client/offline.js has the same function.
func shardOf(p string, shards int) int {
	h := fnv.New32a()
	h.Write([]byte(p))
	return int(h.Sum32() % uint32(shards))
}

// searched gives the part of a page that passages are taken from: its main element. Pages that only lead to others are
// not asked for.
func searched(p string, b []byte) ([]byte, bool) {
	switch top, _, _ := strings.Cut(p, "/"); top {
	case "browse", "names", "rolls", "series", "chronicle", "search", "index.html", "404.html":
		return nil, false
	}
	from := bytes.Index(b, []byte("<main"))
	to := bytes.LastIndex(b, []byte("</main>"))
	if from < 0 || to < from {
		return nil, false
	}
	return b[from : to+len("</main>")], true
}

// packers are kept for each level of compression, since one takes a megabyte.
var packers [10]sync.Pool

func pack(b []byte, level int) ([]byte, error) {
	var out bytes.Buffer
	w, _ := packers[level].Get().(*flate.Writer)
	if w == nil {
		var err error
		if w, err = flate.NewWriter(nil, level); err != nil {
			return nil, err
		}
	}
	defer packers[level].Put(w)
	w.Reset(&out)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Paths lists the site's own files, sorted.
func (e *Edition) Paths() []string { return slices.Sorted(maps.Keys(e.paths)) }
