package search

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// filesVersions are the files of one index, as a sum, by encodingVersion. A change of what the same documents give
// needs a new version, or a build would take an older program's index for its own.
var filesVersions = map[int]string{
	6: "0031c7c971a72d82",
}

func TestEncodingVersion(t *testing.T) {
	docs := corpus(rand.New(rand.NewPCG(11, 12)), 600)
	for i := range docs {
		docs[i].Pinyin, docs[i].Name = i%3 == 0, i%6 == 0
		docs[i].Summary = strings.Repeat("測試甲乙丙丁戊己庚辛", i%9)
		docs[i].Body = append(docs[i].Body, "\n各处都有的话，Everywhere 1958，25m²Ⅱ①"...)
	}
	fsys := index(t, Options{Facets: []Field{{Key: "year", Label: "年份", Range: true}}}, docs...)
	r, _ := readRoot(fsys)
	if r.Files < 10 {
		t.Fatalf("an index of %d files shows little", r.Files)
	}
	if want := filesVersions[encodingVersion]; r.Sum != want {
		t.Errorf("the files of an index are others than those of encodingVersion %d: raise it and note %q here", encodingVersion, r.Sum)
	}
}

// Whatever a document gives to the index is part of the digest.
func TestSourceHoldsAll(t *testing.T) {
	sum := func(options Options, docs ...Document) string {
		s := NewSource(options)
		for i, d := range docs {
			s.Add(i, d)
		}
		return s.Sum()
	}
	full := Document{
		URL: "/a/", Title: "甲", Type: "人物", Date: "1958", Sort: 19580101, Summary: "乙", Fields: []string{"丙", "丁"},
		Body: []byte("戊"), Facets: []Facet{{"year", "1958"}},
	}
	seen := map[string]string{}
	distinct := func(what, sum string) {
		if first := seen[sum]; first != "" {
			t.Errorf("%s and %s have one digest", first, what)
		}
		seen[sum] = what
	}
	distinct("the document", sum(Options{}, full))
	distinct("none", sum(Options{}))
	distinct("twice", sum(Options{}, full, full))
	distinct("a facet of the site", sum(Options{Facets: []Field{{Key: "year"}}}, full))
	distinct("its label", sum(Options{Facets: []Field{{Key: "year", Label: "年"}}}, full))
	distinct("its kind", sum(Options{Facets: []Field{{Key: "year", Range: true}}}, full))
	distinct("moved end", sum(Options{}, func(d Document) Document { d.URL, d.Title = "/a", "/甲"; return d }(full)))
	distinct("one field", sum(Options{}, func(d Document) Document { d.Fields = []string{"丙丁"}; return d }(full)))
	for i := range reflect.TypeOf(full).NumField() {
		d := full
		f := reflect.ValueOf(&d).Elem().Field(i)
		name := reflect.TypeOf(full).Field(i).Name
		switch v := f.Addr().Interface().(type) {
		case *string:
			*v += "x"
		case *int32:
			*v++
		case *bool:
			*v = true
		case *[]string:
			*v = append(slices.Clone(*v), "")
		case *Rank:
			*v = Row
		case *[]byte:
			*v = append(slices.Clone(*v), 'x')
		case *[]Facet:
			*v = append(slices.Clone(*v), Facet{})
		default:
			t.Fatalf("%s: say how to change it", name)
		}
		distinct(name, sum(Options{}, d))
	}
}

func TestWhole(t *testing.T) {
	random := seeded(t)
	docs := corpus(rand.New(rand.NewPCG(7, 8)), 300)
	fsys := index(t, Options{}, docs...)
	src := SourceOf(fsys)
	s := NewSource(Options{})
	for i, d := range docs {
		s.Add(i, d)
	}
	if src == "" || s.Sum() != src {
		t.Fatalf("the root names %q, the documents %q", src, s.Sum())
	}
	var want []string
	for name := range fsys {
		if !strings.HasSuffix(name, ".js") {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	var got []string
	for _, f := range Whole(fsys, src) {
		got = append(got, f.Name)
		if f.Size != int64(len(fsys[f.Name].Data)) {
			t.Errorf("%s has %d bytes, not %d", f.Name, len(fsys[f.Name].Data), f.Size)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Fatalf("%d files, want %d", len(got), len(want))
	}
	if Whole(fsys, strings.Repeat("0", len(src))) != nil {
		t.Error("the index of other documents is taken")
	}
	other := index(t, Options{}, docs[:1]...)
	harm := func(what string, f func(fstest.MapFS)) {
		copied := maps.Clone(fsys)
		f(copied)
		if Whole(copied, src) != nil {
			t.Errorf("an index is taken for whole although %s", what)
		}
	}
	for _, name := range want {
		harm(name+" is missing", func(c fstest.MapFS) { delete(c, name) })
		data := fsys[name].Data
		for range 3 {
			i, bit := random.IntN(len(data)), random.IntN(8)
			harm(fmt.Sprintf("bit %d of byte %d of %s is another", bit, i, name), func(c fstest.MapFS) {
				b := slices.Clone(data)
				b[i] ^= 1 << bit
				c[name] = &fstest.MapFile{Data: b}
			})
		}
		harm(name+" is cut", func(c fstest.MapFS) { c[name] = &fstest.MapFile{Data: data[:len(data)-1]} })
	}
	for name, f := range other {
		if fsys[name] == nil {
			harm("a file is too many", func(c fstest.MapFS) { c[name] = f })
			for _, old := range want {
				if old != rootName {
					harm("a file is there for another", func(c fstest.MapFS) { delete(c, old); c[name] = f })
					break
				}
			}
		}
	}
	harm("its root is another's", func(c fstest.MapFS) { c[rootName] = other[rootName] })
}
