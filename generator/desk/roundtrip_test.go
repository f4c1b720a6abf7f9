package desk

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gongzhi"
	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/plan"
)

// sample puts the sample archive into a folder.
func sample(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, gongzhi.Sample()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// exported gives each collection of a site as a table.
func exported(t testing.TB, dir string) map[string]*dataset.Table {
	t.Helper()
	fsys := os.DirFS(dir)
	set, err := content.Load(fsys, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*dataset.Table{}
	for _, s := range set.Schemas {
		var records []*content.Record
		for _, r := range set.Records {
			if r.Schema == s {
				records = append(records, r)
			}
		}
		all[s.Key] = dataset.New(s, records, dataset.Options{Body: func(r *content.Record) string {
			b, err := fs.ReadFile(fsys, r.Path)
			if err != nil || r.Row {
				return ""
			}
			return strings.TrimSpace(content.ParseDocument(r.Path, b, r.Schema).Body())
		}})
	}
	return all
}

// TestRoundTrip: every collection of the sample archive goes out as CSV and as a workbook, and comes in again without a
// change; with three cells changed by other means, exactly these three change, and an undo leaves every byte as it was.
// The changes are tried with a few collections, with all if GONGZHI_RUNS is set.
func TestRoundTrip(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 2))
	dir := sample(t)
	before := files(t, dir)
	plans := 0
	all := exported(t, dir)
	keys := slices.Sorted(maps.Keys(all))
	rnd.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for i, key := range keys {
		table := all[key]
		few := i >= 2 && os.Getenv("GONGZHI_RUNS") == ""
		book, err := Workbook(table)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string][]byte{"out.csv": table.CSV(), "out.xlsx": book} {
			if few && (i+len(name))%2 == 0 {
				continue // in one of both forms
			}
			d := derive(t, dir, Options{Collection: key}, plan.Input{Name: name, Bytes: b})
			if got := counts(&d); got != fmt.Sprint(0, 0, len(table.Records), 0, 0) || len(d.Files) > 0 {
				t.Errorf("%s %s unchanged: %s", key, name, got)
				for _, r := range d.Rows {
					if r.Action != plan.Unchanged {
						t.Errorf("  %d %s %s %v", r.Row, r.Action, r.Reason, r.Changes)
					}
				}
				continue
			}
			if few {
				continue
			}
			type cell struct{ id, label string }
			want := map[cell]string{}
			var candidates []int
			for i, c := range table.Columns {
				f := c.Slot.Field
				if c.Slot.Part != nil {
					f = c.Slot.Part
				}
				if f != nil && (f.Type == content.Text || f.Type == content.Markdown) && !f.Many && f.Role != content.CitedFor {
					candidates = append(candidates, i)
				}
			}
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(table.CSV(), []byte("\ufeff")))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for tries := 0; len(want) < min(3, len(table.Records)) && tries < 10_000; tries++ {
				r, c := 1+rnd.IntN(len(rows)-1), candidates[rnd.IntN(len(candidates))]
				old := rows[r][c]
				if old == "" || strings.ContainsAny(old, "<>&\"'\n") || want[cell{rows[r][0], rows[0][c]}] != "" {
					continue
				}
				now := fmt.Sprintf("%s改%d", old, len(want))
				if name == "out.xlsx" {
					other, ok := replaceCell(t, b, old, now)
					if !ok { // not the only cell of that text
						continue
					}
					b = other
				}
				rows[r][c] = now
				want[cell{rows[r][0], rows[0][c]}] = now
			}
			if name == "out.csv" {
				var buf bytes.Buffer
				w := csv.NewWriter(&buf)
				w.UseCRLF = true
				w.WriteAll(rows)
				b = buf.Bytes()
			}
			in := plan.Input{Name: name, Bytes: b}
			p := apply(t, dir, Options{Collection: key}, nil, in)
			plans++
			got := map[cell]string{}
			for _, r := range p.Rows {
				for _, c := range r.Changes {
					got[cell{strings.TrimPrefix(r.ID, key+"/"), c.Field}] = c.New
				}
			}
			if !maps.Equal(got, want) || p.Count(plan.Create)+p.Count(plan.Refused)+p.Count(plan.Undecided) > 0 {
				t.Errorf("%s %s: the changes are %v, want %v", key, name, got, want)
			}
			again := derive(t, dir, Options{Collection: key}, in)
			if again.Count(plan.Unchanged) != len(table.Records) || len(again.Files) > 0 {
				t.Errorf("%s %s: applied, and again %s", key, name, counts(&again))
			}
			s, err := plan.At(dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Undo(plans); err != nil {
				t.Fatal(err)
			}
			s.Close()
		}
	}
	if after := files(t, dir); !maps.Equal(before, after) {
		t.Error("after all is undone, the archive is not what it was")
	}
}

// replaceCell changes the one cell of a workbook that has a text, in its XML.
func replaceCell(t *testing.T, book []byte, old, now string) ([]byte, bool) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	found := 0
	for _, f := range z.File {
		h, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(h)
		h.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(f.Name, "xl/worksheets/") || f.Name == "xl/sharedStrings.xml" {
			from := ">" + old + "</t>"
			found += bytes.Count(b, []byte(from))
			b = bytes.Replace(b, []byte(from), []byte(">"+now+"</t>"), 1)
		}
		x, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		x.Write(b)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), found == 1
}

// TestCellBytes: cells of a table with CRLF, quotes and line breaks are changed one by one through an import; every
// other byte stays. GONGZHI_RUNS sets how often.
func TestCellBytes(t *testing.T) {
	runs := 30
	if k, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = k
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 3))
	const name = "content/events/x.csv"
	src := "\ufeffid,title,\"date\",place,outcome\r\n" +
		"a,\"甲,测\",1950,\"某\r\n地\",\r\n" +
		"b,乙测 ,\"1951\",,\"引\"\"号\"\"\"\r\n\r\n" +
		"c,丙测,1952-05, 空格 ,\"多行\n文字\"\r\n" +
		"d,\"丁测\",1953,\"\",末行没有换行"
	dir := place(t, map[string]string{name: src})
	values := []string{"改过", "含,逗号", "含\"引号\"", "含；分号", "两行\n文字", "'撇号", "@甲", "长" + strings.Repeat("长", 300)}
	text := src
	for range runs {
		id := string("abcd"[rnd.IntN(4)])
		column := []string{"title", "place", "outcome"}[rnd.IntN(3)]
		now := values[rnd.IntN(len(values))]
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Write([]string{"编号", column})
		w.Write([]string{id, dataset.Inert(now)})
		w.Flush()
		d := derive(t, dir, Options{Collection: "events"}, plan.Input{Name: "x.csv", Bytes: b.Bytes()})
		at := slices.IndexFunc(d.Files, func(f plan.File) bool { return f.Path == name })
		if at < 0 {
			if len(d.Files) > 0 || d.Rows[0].Action != plan.Unchanged {
				t.Fatalf("%s.%s = %q: %v", id, column, now, d.Rows)
			}
			continue
		}
		after := string(d.Files[at].After)
		old, new := rawCells(text), rawCells(after)
		if len(old) != len(new) {
			t.Fatalf("%s.%s = %q: %d cells, before %d", id, column, now, len(new), len(old))
		}
		changed := 0
		for i := range old {
			if old[i] != new[i] {
				changed++
			}
		}
		if changed != 1 {
			t.Fatalf("%s.%s = %q: %d cells changed\n%q\n%q", id, column, now, changed, text, after)
		}
		text = after
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// rawCells cuts a table into its cells, quotes and all, and what stands between them.
func rawCells(s string) []string {
	var list []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == '\r' || c == '\n'):
			list = append(list, s[start:i], string(c))
			start = i + 1
		}
	}
	return append(list, s[start:])
}
