package search

import (
	"encoding/json"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

var damagedFile = flag.String("damaged", "", "write damaged indexes and what the reader answers to this file, as JSON")

// verdict is what a reader says to a query. An index that is damaged is told instead.
type verdict struct {
	Damaged bool     `json:"damaged"`
	Total   int      `json:"total"`
	URLs    []string `json:"urls"`
}

// ill is an index with the files that a disk, a copy or a wrong hand has changed: null is one that is missing.
type ill struct {
	What     string            `json:"what"`
	Files    map[string][]byte `json:"files"`
	Verdicts []verdict         `json:"verdicts"`
}

var illQueries = []string{"工会改革", "工", "职工", "第12号", "nosuch", "会员大会"}

func ask(fsys fstest.MapFS) (list []verdict) {
	for _, query := range illQueries {
		v := verdict{Damaged: true, URLs: []string{}}
		if x, err := Open(fsys); err == nil {
			if r, err := x.Search(query, Query{}); err == nil {
				v = verdict{Total: r.Total, URLs: []string{}}
				for _, h := range r.Hits {
					v.URLs = append(v.URLs, h.URL)
				}
			}
		}
		list = append(list, v)
	}
	return list
}

// harm changes one or two files of an index.
func harm(rnd *rand.Rand, fsys fstest.MapFS) ill {
	names := slices.Sorted(maps.Keys(fsys))
	name := names[rnd.IntN(len(names))]
	if rnd.IntN(2) == 0 {
		name = rootName // whose bytes no other file vouches for
	}
	data := slices.Clone(fsys[name].Data)
	x := ill{Files: map[string][]byte{}}
	switch rnd.IntN(4) {
	case 0:
		for range 1 + rnd.IntN(3) {
			data[rnd.IntN(len(data))] ^= 1 << rnd.IntN(8)
		}
		x.What, x.Files[name] = "bits of "+name, data
	case 1:
		x.What, x.Files[name] = "the end of "+name, data[:rnd.IntN(len(data))]
	case 2:
		other := names[rnd.IntN(len(names))]
		x.What, x.Files[name], x.Files[other] = name+" and "+other+" exchanged", fsys[other].Data, data
	case 3:
		x.What, x.Files[name] = name+" is missing", nil
	}
	return x
}

// TestDamagedIndexes harms an index in many ways: the reader gives the answers of the whole one, or says that it is damaged; only
// where the root is still one that can be read it may be that of another index. The browser's program is asked the same
// (client/damaged.test.mjs). GONGZHI_RUNS says how often.
func TestDamagedIndexes(t *testing.T) {
	runs := 20
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = n
	}
	rnd := seeded(t)
	whole := index(t, Options{Facets: []Field{{Key: "year"}}}, corpus(rand.New(rand.NewPCG(7, 8)), 40)...)
	maps.DeleteFunc(whole, func(name string, _ *fstest.MapFile) bool { return strings.HasSuffix(name, ".js") })
	right := ask(whole)
	all := []ill{{What: "nothing", Files: map[string][]byte{}, Verdicts: right}}
	for range runs {
		x := harm(rnd, whole)
		fsys := maps.Clone(whole)
		for name, data := range x.Files {
			if fsys[name] = (&fstest.MapFile{Data: data}); data == nil {
				delete(fsys, name)
			}
		}
		x.Verdicts = ask(fsys)
		for i, v := range x.Verdicts {
			if _, root := x.Files[rootName]; !root && !v.Damaged && (v.Total != right[i].Total || !slices.Equal(v.URLs, right[i].URLs)) {
				t.Errorf("%s: %q has %d hits %v, want %d %v", x.What, illQueries[i], v.Total, v.URLs, right[i].Total, right[i].URLs)
			}
		}
		all = append(all, x)
	}
	if *damagedFile == "" {
		return
	}
	b, err := json.Marshal(map[string]any{"queries": illQueries, "whole": asBytes(whole), "cases": all})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*damagedFile, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func asBytes(fsys fstest.MapFS) map[string][]byte {
	m := map[string][]byte{}
	for name, f := range fsys {
		m[name] = f.Data
	}
	return m
}
