package moves_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/moves"
	"gongzhi/generator/page"
	"gongzhi/generator/plan"
	"gongzhi/generator/site"
)

func read(source fs.FS) (moves.Archive, error) {
	set, err := content.Load(source, content.Options{Reserved: page.Reserved()})
	if err != nil {
		return moves.Archive{}, err
	}
	joined := site.Join(set, site.DefaultSettings(), site.Options{Now: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Unpublished: true, Reserved: page.Reserved(), Pages: page.Paths})
	return moves.Archive{Site: joined, Diags: slices.Concat(set.Diags, joined.Diags)}, nil
}

// after gives the files of an archive as a draft leaves them.
func after(source fstest.MapFS, d plan.Draft) fstest.MapFS {
	now := fstest.MapFS{}
	for p, f := range source {
		now[p] = f
	}
	for _, f := range d.Files {
		if f.Delete {
			delete(now, f.Path)
		} else {
			now[f.Path] = &fstest.MapFile{Data: f.After}
		}
	}
	return now
}

var aliases = regexp.MustCompile(`(?m)^aliases: .*\n`)

// sample is the sample archive.
func sample(t *testing.T) fstest.MapFS {
	t.Helper()
	source := fstest.MapFS{}
	root := os.DirFS("../..")
	for _, top := range []string{"content", "site.yaml"} {
		err := fs.WalkDir(root, top, func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := fs.ReadFile(root, p)
			source[p] = &fstest.MapFile{Data: b}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return source
}

// TestMergedAndSplit: two people of the sample archive who are made one lose nothing that was said of either, and nothing speaks
// of the second any longer but the old addresses; a person who is made two keeps all but what was moved.
func TestMergedAndSplit(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("GONGZHI_SEED=%d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	source := sample(t)
	a, err := read(source)
	if err != nil {
		t.Fatal(err)
	}
	var people []*content.Record
	for _, r := range a.Site.Set.Records {
		if r.Schema.Key == "people" && !r.Row {
			people = append(people, r)
		}
	}
	n := 2
	if k, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		n = k
	}
	for range n {
		keep, gone := people[rnd.IntN(len(people))], people[rnd.IntN(len(people))]
		if keep == gone {
			continue
		}
		name := "people/" + keep.ID + " + people/" + gone.ID
		args := moves.MergeArgs{Keep: "people/" + keep.ID, Gone: "people/" + gone.ID}
		d, err := moves.Merge(source, args, read)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range d.Rows {
			if r.Action == plan.Undecided {
				args.Take = append(args.Take, r.Changes[0].Field+"="+[]string{"保留", "并入"}[rnd.IntN(2)])
			}
		}
		if len(args.Take) > 0 && len(d.Files) > 0 {
			t.Fatalf("%s: %d questions, and %d files change", name, len(args.Take), len(d.Files))
		}
		if d, err = moves.Merge(source, args, read); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		then := after(source, d)
		if then[gone.Path] != nil || len(then) != len(source)-1 {
			t.Fatalf("%s: %d files, there were %d", name, len(then), len(source))
		}
		spoken := regexp.MustCompile(`(^|[^/\pL\pN-])people/` + regexp.QuoteMeta(gone.ID) + `($|[^\pL\pN-])`)
		for p, f := range then {
			if strings.HasSuffix(p, ".md") && p != keep.Path && spoken.Match(f.Data) {
				t.Fatalf("%s: %s still speaks of the second", name, p)
			}
		}
		nothingLost(t, name, source, keep, gone, string(then[keep.Path].Data))
		two, err := moves.Split(source, moves.SplitArgs{From: "people/" + keep.ID, New: "ceshi-er"}, read)
		if err != nil {
			t.Fatalf("people/%s: %v", keep.ID, err)
		}
		if then := after(source, two); then["content/people/ceshi-er.md"] == nil || len(then) != len(source)+1 {
			t.Fatalf("people/%s: %d files, there were %d", keep.ID, len(then), len(source))
		}
	}
}

// nothingLost wants all that was said of two people in the text of the one that is left.
func nothingLost(t *testing.T, name string, source fstest.MapFS, keep, gone *content.Record, now string) {
	t.Helper()
	for _, r := range []*content.Record{keep, gone} {
		r.Each(func(v *content.Value) {
			if v.Field.Type == content.Markdown || v.Text == "" {
				return // written with the indentation of its place
			}
			said := v.Text
			if v.Date != nil {
				said = v.Date.Display() // the one that does not stand is told in words
			}
			if !strings.Contains(now, v.Text) && !strings.Contains(now, said) && !strings.Contains(said, gone.ID) {
				t.Errorf("%s: %s %q is lost:\n%s", name, v.Field.Label, v.Text, now)
			}
		})
	}
	for _, text := range strings.Split(string(source[gone.Path].Data), "\n---\n")[1:] {
		if !strings.Contains(now, strings.TrimSpace(text)) {
			t.Errorf("%s: the second text is lost", name)
		}
	}
}

// TestThereAndBack: a record of the sample archive that is renamed and renamed back leaves every byte of every file as it
// was, but for its old addresses; and between the two nothing speaks of its old id but these.
func TestThereAndBack(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("GONGZHI_SEED=%d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	source := sample(t)
	a, err := read(source)
	if err != nil {
		t.Fatal(err)
	}
	n := 3
	if k, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		n = k
	}
	referred := 0
	for range n {
		rec := a.Site.Set.Records[rnd.IntN(len(a.Site.Set.Records))]
		name := rec.Schema.Key + "/" + rec.ID
		to := "ceshi-" + strconv.Itoa(rnd.IntN(1000))
		if i := strings.LastIndexByte(rec.ID, '/'); i >= 0 {
			to = rec.ID[:i+1] + to
		}
		there, err := moves.Rename(source, moves.Args{From: name, To: to}, read)
		if err != nil {
			t.Fatalf("%s to %s: %v", name, to, err)
		}
		referred += len(there.Rows) - 1
		then := after(source, there)
		spoken := regexp.MustCompile(`(^|[^/\pL\pN-])` + regexp.QuoteMeta(name) + `($|[^\pL\pN-])`)
		for p, f := range then {
			if at := spoken.FindIndex(aliases.ReplaceAll(f.Data, nil)); strings.HasSuffix(p, ".md") && at != nil {
				t.Fatalf("%s renamed to %s: %s still speaks of it", name, to, p)
			}
		}
		back, err := moves.Rename(then, moves.Args{From: rec.Schema.Key + "/" + to, To: rec.ID}, read)
		if err != nil {
			t.Fatalf("%s/%s back to %s: %v", rec.Schema.Key, to, name, err)
		}
		again := after(then, back)
		for p, f := range source {
			have := again[p]
			if have == nil || string(aliases.ReplaceAll(have.Data, nil)) != string(aliases.ReplaceAll(f.Data, nil)) {
				if p == rec.Path && rec.Row && !rec.Schema.Rows {
					continue // a column of addresses has come
				}
				t.Fatalf("%s renamed to %s and back: %s is not what it was", name, to, p)
			}
		}
		if len(again) != len(source) {
			t.Fatalf("%d files, there were %d", len(again), len(source))
		}
	}
	t.Logf("%d records renamed, %d others changed with them", n, referred)
}

// TestRefused: what would break something is not planned, and said.
func TestRefused(t *testing.T) {
	source := fstest.MapFS{
		"content/people/a.md":         {Data: []byte("---\ntitle: 测试甲\n---\n见[另一条](b.md)。\n")},
		"content/people/b.md":         {Data: []byte("---\ntitle: 测试乙\n---\n")},
		"content/people/sub/c.md":     {Data: []byte("---\ntitle: 测试丙\n---\n")},
		"content/honors/h.md":         {Data: []byte("---\ntitle: 测试奖章\nlevel: 其他\n---\n")},
		"content/conferrals/t.csv":    {Data: []byte("id,honor,recipient\nx,h,people/a\n")},
		"content/reports/2020/r.md":   {Data: []byte("---\ntitle: 测试\ndate: 2020\n---\n见[名册](/rolls/h/)。\n")},
		"content/reports/2020/bad.md": {Data: []byte("---\ntitle: 有错的\n---\n")},
	}
	for _, c := range []struct{ from, to, words string }{
		{"people/z", "y", "没有编号是“z”的记录"},
		{"z/a", "y", "没有“z”这个类目"},
		{"people", "y", "要写“类目/编号”"},
		{"people/a", "b", "已经有编号是“b”的记录"},
		{"people/a", "a", "本来就是"},
		{"people/a", "a:b", "不能作编号"},
		{"people/a", "sub/a", "相对路径"},
		{"honors/h", "g", "rolls/h"},
	} {
		if _, err := moves.Rename(source, moves.Args{From: c.from, To: c.to}, read); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s to %s: %v, want %q", c.from, c.to, err, c.words)
		}
	}
	d, err := moves.Rename(source, moves.Args{From: "人物/A", To: "新/甲"}, read)
	if err == nil {
		t.Errorf("a relative link, but %v", d.Files)
	}
	if d, err = moves.Rename(source, moves.Args{From: "人物/SUB/c", To: filepath.ToSlash("人物/丙")}, read); err != nil || len(d.Files) != 2 || d.Files[1].Path != "content/people/丙.md" {
		t.Errorf("%v, %v", err, d.Files)
	}
}
