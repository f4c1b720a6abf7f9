package content

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// loader makes a Set in three steps: it lists the files there are, takes over what is as it was before, and reads the
// rest.
type loader struct {
	source fs.FS
	opt    Options
	set    *Set
	edited map[string]bool       // folders in which something has changed, of Options.Changed
	full   atomic.Pointer[error] // why a text could not be put aside: the same for all
}

// folder is one folder as it was found: what a later Load can take over without looking.
type folder struct {
	files   []*file  // of records and assets
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
	good    []*Record // with Options.LastGood and a fault in the file: what it last yielded without one
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

// job is a file whose place in its folder is still empty.
type job struct {
	path   string
	entry  fs.DirEntry // nil: the folder was not read again
	schema *Schema
	before *file // what it was before, or nil
	into   *folder
	at     int // in its files
}

func (l *loader) load() (*Set, error) {
	collections, jobs, err := l.list()
	if err != nil {
		return nil, err
	}
	l.read(l.reuse(jobs))
	if err := l.full.Load(); err != nil {
		return nil, *err
	}
	l.gather(collections)
	return l.set, nil
}

// gather puts what the files yielded into the set: records by collection, path and row.
func (l *loader) gather(collections []collection) {
	slices.SortStableFunc(collections, func(a, b collection) int {
		if a.schema.Position != b.schema.Position {
			return a.schema.Position - b.schema.Position
		}
		return strings.Compare(a.schema.Key, b.schema.Key)
	})
	n := 0
	for _, c := range collections {
		for _, d := range c.folders {
			for _, f := range d.files {
				n += len(f.shown())
			}
		}
	}
	s := l.set
	s.Records = make([]*Record, 0, n)
	for _, c := range collections {
		s.Schemas = append(s.Schemas, c.schema)
		for _, d := range c.folders {
			for _, f := range d.files {
				s.Records = append(s.Records, f.shown()...)
				s.Diags = append(s.Diags, f.diags...)
				if f.asset != nil {
					s.Assets = append(s.Assets, *f.asset)
				}
			}
			s.Diags = append(s.Diags, d.diags...)
		}
	}
	if l.opt.Once {
		s.folders = nil
	}
	slices.SortFunc(s.Assets, func(a, b Asset) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.File, b.File))
	})
	for i := 1; i < len(s.Assets); i++ {
		if a, first := &s.Assets[i], &s.Assets[i-1]; a.Path == first.Path {
			s.Diags = append(s.Diags, diag.Errorf(a.Pos(), "asset/duplicate", "和 %s 会占用同一个网址：两个文件夹是同一个类目的。请给其中一个改名。", first.Pos().Path))
		}
	}
	s.Assets = slices.CompactFunc(s.Assets, func(a, b Asset) bool { return a.Path == b.Path })
}

func (l *loader) warn(p, id, format string, args ...any) {
	l.set.Diags = append(l.set.Diags, diag.Warningf(diag.Pos{Path: p}, id, format, args...))
}

func (l *loader) fail(p, id, format string, args ...any) {
	l.set.Diags = append(l.set.Diags, diag.Errorf(diag.Pos{Path: p}, id, format, args...))
}

// Schemas gives the schemas of a site's collections without reading any record, and those that ship with the program
// and that the site does not have, in the order of the navigation; and what is wrong with its own.
func Schemas(source fs.FS, reserved []string) ([]*Schema, diag.List, error) {
	top, err := fs.ReadDir(source, "content")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("读不了 content 文件夹：%w", err)
	}
	l := &loader{source: source, opt: Options{Reserved: reserved}, set: &Set{}}
	sortEntries(top)
	all := Builtin()
	var names []string
	for _, e := range top {
		if !e.IsDir() || ignored(e.Name()) || CheckID(norm.NFC.String(e.Name())) != "" {
			continue
		}
		names = append(names, e.Name())
	}
	for _, c := range l.named(names) {
		s := l.schema(c.key, c.folders)
		if s == nil {
			continue
		}
		all = append(slices.DeleteFunc(all, func(b *Schema) bool { return b.Key == s.Key }), s)
	}
	slices.SortStableFunc(all, func(a, b *Schema) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), strings.Compare(a.Key, b.Key))
	})
	return all, l.set.Diags, nil
}
