package desk

import (
	"encoding/json"
	"fmt"
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

	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/plan"
	"gongzhi/generator/site"
)

const day = "2026-05-01"

// place is a site in a folder, with an honour and whatever else is given.
func place(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"site.yaml": "",
		"content/honors/jiangxi-laodong-mofan.md": "---\ntitle: 江西省劳动模范\nlevel: 省部级\nshort: [江西省劳模]\n---\n",
	}
	maps.Copy(all, files)
	for p, text := range all {
		full := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func input(t testing.TB, name string) plan.Input {
	t.Helper()
	b, err := os.ReadFile("../grid/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Input{Name: name, Bytes: b}
}

func derive(t testing.TB, dir string, opt Options, in ...plan.Input) plan.Draft {
	t.Helper()
	opt.Day = day
	d, err := Import(os.DirFS(dir), in, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// apply plans, answers as told, and does it, through the store and the workbook, as the command does.
func apply(t testing.TB, dir string, opt Options, answer func(plan.Row, plan.Ask) string, in ...plan.Input) *plan.Plan {
	t.Helper()
	s, err := plan.At(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p, err := s.Save(derive(t, dir, opt, in...))
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{}
	for _, r := range p.Rows {
		for _, a := range r.Asks {
			if answer != nil {
				answers[a.Key] = answer(r, a)
			}
		}
	}
	_, err = s.Apply(p.N, func(*plan.Plan) (plan.Draft, error) { return derive(t, dir, opt, in...), nil }, func(p *plan.Plan, d plan.Draft) (plan.Draft, error) {
		opt := opt
		opt.Answers = answers
		return derive(t, dir, opt, in...), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		if e.IsDir() {
			if rel == plan.Dir {
				return fs.SkipDir
			}
			return nil
		}
		b, err := os.ReadFile(p)
		all[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// joined reads the site and fails on errors.
func joined(t testing.TB, dir string) *site.Site {
	t.Helper()
	set, err := content.Load(os.DirFS(dir), content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := site.Join(set, site.DefaultSettings(), site.Options{})
	for _, d := range append(slices.Clone(set.Diags), s.Diags...) {
		t.Errorf("%s", d)
	}
	return s
}

func get(s *site.Site, r *site.Record, key string) string {
	v := r.Value(r.Schema.Field(key))
	if v == nil {
		return ""
	}
	if v.Date != nil {
		return v.Date.String()
	}
	if v.Items == nil && v.Field.Type == content.RefType {
		if to := r.Target(v); to != nil {
			return to.Title
		}
		text, _ := content.JustText(v.Text)
		return text
	}
	return dataset.Flat(v)
}

func conferrals(s *site.Site) []*site.Record {
	for _, c := range s.Collections {
		if c.Key == "conferrals" {
			return c.Records
		}
	}
	return nil
}

type truth struct {
	No                            int
	Name, Eth, Region, Unit, Post string
	Title                         string
	Female                        bool
	Year, Mon                     int
}

func people(t testing.TB) []truth {
	t.Helper()
	var list []truth
	if err := json.Unmarshal(input(t, "people.json").Bytes, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func counts(d *plan.Draft) string {
	return fmt.Sprint(d.Count(plan.Create), d.Count(plan.Update), d.Count(plan.Unchanged), d.Count(plan.Undecided), d.Count(plan.Refused))
}

// TestNotice: from a notice to the archive in one step; all that the truth says is there, the printed lines whole, each
// person a record of their own, namesakes apart; a second time nothing is left to do; undone, the site is as it was.
func TestNotice(t *testing.T) {
	dir := place(t, nil)
	before := files(t, dir)
	opt := Options{Collection: "conferrals", Round: "2005-laomo", People: true}
	in := input(t, "tongzhi.txt")
	p := apply(t, dir, opt, nil, in)
	if got := counts(&p.Draft); got != "300 0 0 0 0" {
		t.Fatalf("the plan is %s", got)
	}
	s := joined(t, dir)
	rows := conferrals(s)
	list := people(t)
	if len(rows) != len(list) {
		t.Fatalf("%d conferrals, %d people", len(rows), len(list))
	}
	lines := map[string]bool{}
	for _, l := range strings.Split(string(in.Bytes), "\n") {
		lines[strings.TrimSpace(l)] = true
	}
	who := map[string]bool{}
	for _, r := range rows {
		n, _ := strconv.Atoi(get(s, r, "list_no"))
		x := list[n-1]
		gender := ""
		if x.Female {
			gender = "女"
		}
		region := x.Region
		if region == "省直机关" {
			region = ""
		}
		got := []string{get(s, r, "recipient"), get(s, r, "gender"), get(s, r, "ethnicity"), get(s, r, "unit_at_time"), get(s, r, "position_at_time"), get(s, r, "region"), get(s, r, "group"), get(s, r, "honor"), get(s, r, "date"), get(s, r, "grantor")}
		want := []string{x.Name, gender, x.Eth, x.Unit, x.Post + x.Title, region, "江西省劳动模范／" + x.Region, "江西省劳动模范", "2005", "江西省人民政府"}
		if !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", r.ID, got, want)
		}
		if !lines[get(s, r, "printed")] {
			t.Errorf("%s: the printed line %q is not one of the notice", r.ID, get(s, r, "printed"))
		}
		to := r.Target(r.Value(r.Schema.Field("recipient")))
		if to == nil || to.Schema.Key != "people" || who[to.ID] {
			t.Errorf("%s leads to %v", r.ID, to)
			continue
		}
		who[to.ID] = true
	}
	d := derive(t, dir, opt, in)
	if got := counts(&d); got != "0 0 300 0 0" || len(d.Files) != 0 {
		t.Errorf("a second time: %s, files %v", got, d.Files)
	}
	st, err := plan.At(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := st.Undo(1); err != nil {
		t.Fatal(err)
	}
	if after := files(t, dir); !maps.Equal(before, after) {
		t.Errorf("after the undo: %v", slices.Sorted(maps.Keys(after)))
	}
}

// TestFiveFiles: an office's table in five forms gives the same records; asked is what the paper leaves open: the
// column that looks merged, numbers that may be dates, hidden rows. Nothing of private persons comes in.
func TestFiveFiles(t *testing.T) {
	list := people(t)
	for _, c := range []struct {
		name  string
		plan  string
		asked map[string]int
	}{
		{"bangong-gbk.csv", "53 0 0 8 0", map[string]int{"列": 1, "date": 7}},
		{"bangong-utf16.txt", "53 0 0 8 0", map[string]int{"列": 1, "date": 7}},
		{"bangong-utf8bom.csv", "53 0 0 8 0", map[string]int{"列": 1, "date": 7}},
		{"mingce.xlsx", "58 0 0 2 0", map[string]int{"hidden": 2}},
		{"mingce-1904.xlsx", "58 0 0 2 0", map[string]int{"hidden": 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := place(t, nil)
			in := input(t, c.name)
			asked := map[string]int{}
			p := apply(t, dir, Options{Collection: "授予记录"}, func(r plan.Row, a plan.Ask) string {
				switch {
				case strings.Contains(a.Key, " 列 "):
					asked["列"]++
					return fill
				case strings.HasSuffix(a.Key, " date"):
					asked["date"]++
					return a.Choices[2] // the month
				case strings.HasSuffix(a.Key, " hidden"):
					asked["hidden"]++
					return take
				}
				t.Errorf("a question that was not expected: %v", a)
				return ""
			}, in)
			if got := counts(&p.Draft); got != c.plan || !maps.Equal(asked, c.asked) {
				t.Errorf("the plan is %s, asked %v", got, asked)
			}
			s := joined(t, dir)
			rows := conferrals(s)
			if len(rows) != 60 {
				t.Fatalf("%d records", len(rows))
			}
			by := map[string]*site.Record{}
			for _, r := range rows {
				by[r.ID[len(r.ID)-3:]] = r
			}
			for _, x := range list[:60] {
				r := by[fmt.Sprintf("%03d", x.No)]
				if r == nil {
					t.Errorf("no record of number %d", x.No)
					continue
				}
				gender, eth := "男", x.Eth
				if x.Female {
					gender = "女"
				}
				if eth == "" {
					eth = "汉族"
				}
				got := []string{get(s, r, "recipient"), get(s, r, "gender"), get(s, r, "ethnicity"), get(s, r, "unit_at_time"), get(s, r, "position_at_time"), get(s, r, "region"), get(s, r, "honor")}
				want := []string{x.Name, gender, eth, x.Unit, x.Post, x.Region, "江西省劳动模范"}
				if !slices.Equal(got, want) {
					t.Errorf("%s is %q, want %q", r.ID, got, want)
				}
				if date := get(s, r, "date"); strings.HasPrefix(c.name, "mingce") && date != fmt.Sprint(x.Year) && date != fmt.Sprintf("%d-%02d", x.Year, x.Mon) {
					t.Errorf("%s has the date %s, want %d-%02d", r.ID, date, x.Year, x.Mon)
				}
			}
			for p, text := range files(t, dir) {
				if strings.Contains(text, "36000019") || strings.Contains(text, "0791") {
					t.Errorf("%s holds numbers of private persons", p)
				}
			}
			if note := strings.Join(p.Notes, "\n"); !strings.Contains(note, "“身份证号”（60 格）、“联系电话”（60 格）") {
				t.Errorf("the notes do not say what was left out: %s", note)
			}
			d := derive(t, dir, Options{Collection: "conferrals", Fill: []string{"地区"}}, in)
			if d.Count(plan.Create)+d.Count(plan.Update)+d.Count(plan.Refused) > 0 || len(d.Files) > 0 {
				t.Errorf("a second time: %s, %v", counts(&d), d.Files)
			}
		})
	}
}

// TestNamesakes: of thousands of made-up people, many with one name, in several rounds, no two are ever made one, and
// whoever may be one of those that are there is a question. GONGZHI_RUNS times ten people.
func TestNamesakes(t *testing.T) {
	n := 100
	if k, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		n = 10 * k
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	type person struct{ name, unit string }
	all := make([]person, n)
	for i := range all {
		all[i] = person{"测" + string([]rune("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")[rnd.IntN(20)]) + string([]rune("一二三四五六七八九十")[rnd.IntN(10)]), fmt.Sprintf("测试%d厂", rnd.IntN(30))}
	}
	dir := place(t, nil)
	where := map[string]int{} // profile: person
	of := map[int]string{}
	for round := range 3 {
		var b strings.Builder
		b.WriteString("序号,姓名,单位\n")
		var here []int
		for i := range all {
			if round == 0 || rnd.IntN(4) == 0 {
				here = append(here, i)
				fmt.Fprintf(&b, "%d,%s,%s\n", len(here), all[i].name, all[i].unit)
			}
		}
		opt := Options{Collection: "conferrals", Round: fmt.Sprintf("r%d", round), People: true}
		roundFile := filepath.Join(dir, "content", "rounds", opt.Round+".md")
		if err := os.MkdirAll(filepath.Dir(roundFile), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(roundFile, []byte("---\ntitle: 第"+fmt.Sprint(round)+"批\nhonor: jiangxi-laodong-mofan\n---\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		for i := range of {
			known[all[i].name] = true
		}
		in := plan.Input{Name: "名单.csv", Bytes: []byte(b.String())}
		p := apply(t, dir, opt, func(r plan.Row, a plan.Ask) string {
			x := here[r.Row-2]
			if id := of[x]; id != "" {
				for _, c := range a.Choices {
					if c == "就是 "+id || strings.HasPrefix(c, "就是 "+id+"（") {
						return c
					}
				}
			}
			return another
		}, in)
		for _, r := range p.Rows {
			if doubt := known[all[here[r.Row-2]].name]; doubt != (r.Action == plan.Undecided) {
				t.Fatalf("round %d row %d (%s) is %s, known before: %v", round, r.Row, all[here[r.Row-2]].name, r.Action, doubt)
			}
		}
		s := joined(t, dir)
		seen := 0
		for _, r := range conferrals(s) {
			if get(s, r, "round") != "第"+fmt.Sprint(round)+"批" {
				continue
			}
			seen++
			k, _ := strconv.Atoi(get(s, r, "list_no"))
			x := here[k-1]
			to := r.Target(r.Value(r.Schema.Field("recipient")))
			if to == nil {
				t.Fatalf("%s leads to nobody", r.ID)
			}
			id := "people/" + to.ID
			if first, ok := where[id]; ok && first != x {
				t.Fatalf("%s is person %d and person %d", id, first, x)
			}
			if of[x] != "" && of[x] != id {
				t.Fatalf("person %d is %s and %s", x, of[x], id)
			}
			where[id], of[x] = x, id
		}
		if seen != len(here) {
			t.Fatalf("round %d: %d of %d are there", round, seen, len(here))
		}
		d := derive(t, dir, opt, in)
		if got := counts(&d); got != fmt.Sprint(0, 0, len(here), 0, 0) {
			t.Fatalf("round %d a second time: %s", round, got)
		}
	}
}
