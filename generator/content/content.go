// Package content turns the files below content/ into records.
//
// A collection is a folder, and its schema is data: content/people/_schema.yaml says what a 人物 is,
// or, where a collection of that name ships with the program, the embedded schema does. A record is a
// Markdown file (front matter and a body) or one row of a CSV file; both are checked by the same schema
// and come out as the same type. A record's identity is its file's path in the collection, or its row's
// id, never its title.
//
// What a file yields depends on the file's bytes and its collection's schema alone. A Set is immutable,
// and Load reuses the records of a previous Set whose files and schemas are the same. What is wrong with
// the files is in Set.Diags, all of it; a record with a fault is still there, so that the stages after
// this one find their own faults in the same run.
package content

import (
	"io/fs"
	"slices"
	"strings"
	"time"

	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
	"gongzhi/generator/spool"
)

// Record is one record of the archive. It is immutable.
type Record struct {
	Schema  *Schema
	ID      string         // path below the collection without .md, or the row's id; NFC
	Path    string         // of its file, relative to the source folder
	Line    int            // where it begins in the file: 1, or the line of its row
	Title   string         // empty if its schema composes titles and the file gives none
	Values  []Value        // in the order of the schema's fields, those that are there
	Body    *markdown.Body // never nil; its HTML is given by AppendBody, since it may not be in memory
	Row     bool           // it comes from a CSV file
	Draft   bool
	traits  Traits
	Publish *time.Time // not before
	Expiry  *time.Time // not from then on

	Withdrawn *dates.Date // since when a page that says so stands in its place, or nil

	own        *Record // without what it inherits, if it does
	titleKey   string
	place, key string
	date       *dates.Date // that of one of its values
	aside      *aside      // where the body's HTML is, if not nil
}

// aside is a place in a spool.
type aside struct {
	in *spool.Spool
	at spool.Span
}

// AppendBody appends the body's HTML, in which the links are still to be resolved (see markdown.Body). The
// error is that of a temporary file.
func (r *Record) AppendBody(dst []byte) ([]byte, error) {
	if r.aside == nil {
		return append(dst, r.Body.HTML...), nil
	}
	return r.aside.in.Append(dst, r.aside.at)
}

// Place is its path on the site, /people/meng-tai/, should it have a page of its own.
func (r *Record) Place() string { return r.place }

// Key is what references find it by: collection/id in lower case.
func (r *Record) Key() string { return r.key }

// TitleKey is what the title sorts by: its reading. Where a collection is sorted by it, it is made once,
// when the record is read, because every join sorts all records.
func (r *Record) TitleKey() string {
	if r.titleKey == "" {
		return han.NameKey(r.Title)
	}
	return r.titleKey
}

// Value finds the value of a field of its schema, or gives nil. The field may be nil.
func (r *Record) Value(f *Field) *Value {
	for i := range r.Values {
		if r.Values[i].Field == f {
			return &r.Values[i]
		}
	}
	return nil
}

// Role finds the value of the field that has a role in its schema, or gives nil.
func (r *Record) Role(role Role) *Value {
	if f := r.Schema.Role(role); f != nil {
		return r.Value(f)
	}
	return nil
}

// Text gives the text of a scalar value in a role, or "".
func (r *Record) Text(role Role) string {
	if v := r.Role(role); v != nil {
		return v.Text
	}
	return ""
}

// Date gives the record's date: that of the field that its schema names. The zero Date if it has none.
func (r *Record) Date() dates.Date {
	if r.date == nil {
		return dates.Date{}
	}
	return *r.date
}

// Traits are kinds of values that a record has or not: most records lack most of them, and a join asks all
// records for each.
type Traits uint8

// The traits. One that is set may still turn out to be empty; one that is not set is certain.
const (
	HasRefs Traits = 1 << iota
	HasLinks
	HasFiles
	HasAliases
)

// Has reports whether the record may have values of a kind.
func (r *Record) Has(t Traits) bool { return r.traits&t != 0 }

// Pos is the record's place, for messages about the whole of it.
func (r *Record) Pos() diag.Pos { return diag.Pos{Path: r.Path, Line: r.Line, Col: 1} }

// At is the place of one of its values.
func (r *Record) At(v *Value) diag.Pos {
	return diag.Pos{Path: r.Path, Line: int(v.Line), Col: int(v.Col)}
}

// Set is all that content/ holds at one moment. It is immutable.
type Set struct {
	Schemas []*Schema // of the collections that have a folder, in the order of the navigation
	Records []*Record // by collection, then by path, then by row
	Assets  []Asset   // by path
	Diags   diag.List

	folders map[string]*folder // by their paths
	zone    *time.Location
}

// Key gives the key of the collection that a folder below content/, or a part of an address, means by any of its names;
// a name that is none's stays as it is.
func (s *Set) Key(name string) string {
	for _, called := range []func(x *Schema) bool{
		func(x *Schema) bool { return x.Key == name },
		func(x *Schema) bool { return slices.Contains(x.Folders, name) },
		func(x *Schema) bool { return x.Called(name) },
	} {
		if i := slices.IndexFunc(s.Schemas, called); i >= 0 {
			return s.Schemas[i].Key
		}
	}
	return name
}

// Canonical gives collection/… with the collection's key, whichever of its names is written. What is no path below a
// collection stays as it is.
func (s *Set) Canonical(p string) string {
	top, rest, deeper := strings.Cut(p, "/")
	if !deeper {
		return s.Key(top)
	}
	return s.Key(top) + "/" + rest
}

// Asset finds an asset by its path, under whichever name of its collection.
func (s *Set) Asset(path string) (Asset, bool) {
	if below, ok := strings.CutPrefix(path, "content/"); ok {
		path = "content/" + s.Canonical(below)
	}
	lo, hi := 0, len(s.Assets)
	for lo < hi {
		if m := (lo + hi) / 2; s.Assets[m].Path < path {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(s.Assets) && s.Assets[lo].Path == path {
		return s.Assets[lo], true
	}
	return Asset{}, false
}

// Options steer Load.
type Options struct {
	Zone *time.Location // for times without a zone; nil is UTC

	// Reserved are the names that no collection can have, in lower case: other pages of the site have them.
	Reserved []string

	// Previous lets records be reused: those of files whose size and times are the same and were not
	// fresh when they were read.
	Previous *Set
	// Changed, with Previous, names the files and folders (relative to the source, slash-separated)
	// that may have changed; all others are taken from Previous without looking. Nil looks at all.
	Changed map[string]bool
	// LastGood, with Previous, lets what a file or a schema last held without fault stand for it while it has one.
	// A preview wants that: half a sentence being typed must not take a record out of every list. The fault
	// is reported all the same.
	LastGood bool

	// Spool, if not nil, takes the HTML of the bodies. It must be open as long as the Set is used, or one that it is
	// Previous to. With Once, that something can't be put there is the error of Load; else it stays in memory, and Full is
	// told, if not nil, each time and from several goroutines.
	Spool *spool.Spool
	Full  func(err error)
	// Once says that the Set is Previous to no other, so that nothing need be kept for that.
	Once bool
}

// Load reads content/ below a source folder. A missing content/ is an empty Set. The error is for
// what no message can say, such as a folder that can't be read at all.
func Load(source fs.FS, opt Options) (*Set, error) {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	l := &loader{source: source, opt: opt, set: &Set{folders: map[string]*folder{}, zone: opt.Zone}}
	return l.load()
}
