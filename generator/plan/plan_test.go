package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tree reads all files of a site but those of the desk, with their modes, and the folders too.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		rel = filepath.ToSlash(rel)
		if rel == Dir {
			return fs.SkipDir
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if e.IsDir() {
			got[rel+"/"] = info.Mode().String()
			return nil
		}
		b, err := os.ReadFile(p)
		got[rel] = info.Mode().String() + " " + string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"site.yaml": "", "content/people/a.md": "甲测\r\n", "content/people/b.md": "乙测", "content/conferrals/x.csv": "编号\n1\n", "content/people/photo.png": "\x89PNG\x00\xff",
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// change is a draft of all three kinds, made from what the disk holds.
func change(dir string) func(*Plan) (Draft, error) {
	return func(*Plan) (Draft, error) {
		before := func(p string) string {
			b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p)))
			if err != nil {
				return ""
			}
			return Digest(b)
		}
		return Draft{
			Command: "import", Args: json.RawMessage(`{"collection":"people"}`),
			Inputs: []Input{{Name: "名单.txt", Bytes: []byte("甲测\n")}},
			Rows:   []Row{{Row: 1, Action: Create, ID: "people/c"}, {Row: 2, Action: Undecided, Reason: "同名", Asks: []Ask{{Key: "2", Text: "哪一个？", Choices: []string{"以后再说", "是这一个"}}}}},
			Files: []File{
				{Path: "content/people/a.md", Before: before("content/people/a.md"), After: []byte("甲测改\n")},
				{Path: "content/people/b.md", Before: before("content/people/b.md"), Delete: true},
				{Path: "content/people/2005/new/c.md", Before: before("content/people/2005/new/c.md"), After: []byte("丙测\n")},
				{Path: "content/rounds/r.csv", Before: before("content/rounds/r.csv"), After: []byte{}},
				{Path: "content/people/photo.png", Before: before("content/people/photo.png"), After: []byte("\x89PNG\x00\x00\xff\xfe")},
			},
		}, nil
	}
}

func save(t *testing.T, dir string) (*Store, *Plan) {
	t.Helper()
	s, err := At(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d, _ := change(dir)(nil)
	p, err := s.Save(d)
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("the tree is\n%q\nwant\n%q", got, want)
	}
}

func TestApplyUndo(t *testing.T) {
	dir := site(t)
	before := tree(t, dir)
	s, p := save(t, dir)
	same(t, tree(t, dir), before)
	if p.N != 1 || p.State != Open || p.Count(Create) != 1 || p.Count(Undecided) != 1 || len(p.Files) != 5 {
		t.Errorf("the plan is %+v", p)
	}
	if ignore, err := os.ReadFile(filepath.Join(dir, Dir, ".gitignore")); err != nil || string(ignore) != "*\n" {
		t.Errorf(".gitignore: %q, %v", ignore, err)
	}
	if _, err := s.Undo(1); err == nil || !strings.Contains(err.Error(), "没有执行过") {
		t.Errorf("undo of what was not done: %v", err)
	}
	if _, err := s.Apply(1, change(dir), nil); err != nil {
		t.Fatal(err)
	}
	after := tree(t, dir)
	want := maps.Clone(before)
	mode := func(p, text string) string {
		m, _, _ := strings.Cut(before[p], " ")
		return m + " " + text
	}
	want["content/people/a.md"] = mode("content/people/a.md", "甲测改\n")
	want["content/people/photo.png"] = mode("content/people/photo.png", "\x89PNG\x00\x00\xff\xfe")
	delete(want, "content/people/b.md")
	for _, p := range []string{"content/people/2005/", "content/people/2005/new/", "content/rounds/"} {
		want[p] = before["content/people/"]
	}
	want["content/people/2005/new/c.md"] = "-rw-r--r-- 丙测\n"
	want["content/rounds/r.csv"] = "-rw-r--r-- "
	same(t, after, want)
	if _, err := s.Apply(1, change(dir), nil); err == nil || !strings.Contains(err.Error(), "已经执行过") {
		t.Errorf("applied twice: %v", err)
	}
	if _, err := s.Undo(1); err != nil {
		t.Fatal(err)
	}
	same(t, tree(t, dir), before)
	if _, err := s.Apply(1, change(dir), nil); err != nil { // once more
		t.Fatal(err)
	}
	same(t, tree(t, dir), after)
	if _, err := s.Undo(1); err != nil {
		t.Fatal(err)
	}
	same(t, tree(t, dir), before)
}

// TestDiffers: whatever changed since the plan was made, nothing is written, and it is said what.
func TestDiffers(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(dir string, d *Draft)
		says string
	}{
		{"a file", func(dir string, d *Draft) { d.Files[0].Before = Digest(nil) }, "content/people/a.md 改过了"},
		{"other bytes", func(dir string, d *Draft) { d.Files[0].After = []byte("x") }, "会写成别的内容"},
		{"a row", func(dir string, d *Draft) { d.Rows[1].Reason = "另一个" }, "第 2 行"},
		{"more rows", func(dir string, d *Draft) { d.Rows = d.Rows[:1] }, "现在有 1 行"},
		{"the input", func(dir string, d *Draft) { d.Inputs[0].Bytes = []byte("乙测\n") }, "“名单.txt”改过了"},
		{"a file less", func(dir string, d *Draft) { d.Files = d.Files[1:] }, "不再要改"},
		{"a file more", func(dir string, d *Draft) { d.Files = append(d.Files, File{Path: "content/z.md", After: []byte("z")}) }, "多了一个"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := site(t)
			s, _ := save(t, dir)
			before := tree(t, dir)
			_, err := s.Apply(1, func(p *Plan) (Draft, error) {
				d, err := change(dir)(p)
				c.do(dir, &d)
				return d, err
			}, nil)
			var differs *Differs
			if !errors.As(err, &differs) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v", err)
			}
			same(t, tree(t, dir), before)
		})
	}
	t.Run("on the disk alone", func(t *testing.T) { // what was derived is the same, the file is not
		dir := site(t)
		d, _ := change(dir)(nil)
		s, _ := save(t, dir)
		if err := os.WriteFile(filepath.Join(dir, "content/people/b.md"), []byte("后来改的"), 0o644); err != nil {
			t.Fatal(err)
		}
		before := tree(t, dir)
		_, err := s.Apply(1, func(*Plan) (Draft, error) { return d, nil }, nil)
		var differs *Differs
		if !errors.As(err, &differs) {
			t.Errorf("the error is %v", err)
		}
		same(t, tree(t, dir), before)
	})
}

// TestTouched: an undo loses nothing that was written since.
func TestTouched(t *testing.T) {
	for p, text := range map[string]string{"content/people/a.md": "甲测又改", "content/people/b.md": "新的乙测", "content/people/2005/new/c.md": ""} {
		t.Run(p, func(t *testing.T) {
			dir := site(t)
			s, _ := save(t, dir)
			if _, err := s.Apply(1, change(dir), nil); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(p)), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			_, err := s.Undo(1)
			var touched *Touched
			if !errors.As(err, &touched) || !slices.Equal(touched.Paths, []string{p}) {
				t.Errorf("the error is %v", err)
			}
			same(t, tree(t, dir), before)
		})
	}
}

// TestDecided: what people answered is done on top of what was shown.
func TestDecided(t *testing.T) {
	dir := site(t)
	s, _ := save(t, dir)
	_, err := s.Apply(1, change(dir), func(_ *Plan, d Draft) (Draft, error) {
		d.Files = []File{{Path: "content/people/d.md", After: []byte("丁测")}}
		return d, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got["content/people/d.md"] != "-rw-r--r-- 丁测" || !strings.HasSuffix(got["content/people/a.md"], "甲测\r\n") {
		t.Errorf("the tree is %q", got)
	}
}

func TestDraftsRefused(t *testing.T) {
	dir := site(t)
	s, err := At(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, p := range []string{"../x", "/etc/x", "a/../../x", "a/./b", "", ".", ".gongzhi/plans/1/plan.json", `a\b`} {
		if _, err := s.Save(Draft{Files: []File{{Path: p, After: []byte("x")}}}); err == nil {
			t.Errorf("a plan may write %q", p)
		}
	}
	if _, err := s.Save(Draft{Files: []File{{Path: "x"}, {Path: "x"}}}); err == nil {
		t.Error("a plan may write a file twice")
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "content", "out")); err != nil {
		t.Fatal(err)
	}
	d := Draft{Files: []File{{Path: "content/out/x.md", After: []byte("x")}}}
	if _, err := s.Save(d); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(1, func(*Plan) (Draft, error) { return d, nil }, nil); err == nil {
		t.Error("a link leads outside")
	}
	if left, _ := os.ReadDir(outside); len(left) > 0 {
		t.Errorf("%v was written outside", left)
	}
}

func TestInputs(t *testing.T) {
	dir := site(t)
	s, _ := save(t, dir)
	file := filepath.Join(t.TempDir(), "表.csv")
	if err := os.WriteFile(file, []byte("甲"), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := s.Save(Draft{Inputs: []Input{{Name: "表.csv", Path: file, Bytes: []byte("甲")}}})
	if err != nil || p.N != 2 {
		t.Fatal(p, err)
	}
	if b, err := s.Input(p.Inputs[0]); err != nil || string(b) != "甲" {
		t.Errorf("%q, %v", b, err)
	}
	if err := os.WriteFile(file, []byte("乙"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Input(p.Inputs[0]); err == nil || !strings.Contains(err.Error(), "改过了") {
		t.Errorf("a changed input: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Input(p.Inputs[0]); err != nil || string(b) != "甲" {
		t.Errorf("the copy: %q, %v", b, err)
	}
	if _, err := s.Load(7); err == nil || !strings.Contains(err.Error(), "1、2") {
		t.Errorf("no such plan: %v", err)
	}
}

type stopped struct{ at string }

// TestStops: the machine stops at each change of the disk, one after the other, of an apply and of an undo. The next
// command finds the tree as it was or as it shall be.
func TestStops(t *testing.T) {
	for _, undo := range []bool{false, true} {
		for at := 0; ; at++ {
			dir := site(t)
			s, _ := save(t, dir)
			before := tree(t, dir)
			if _, err := s.Apply(1, change(dir), nil); err != nil {
				t.Fatal(err)
			}
			after := tree(t, dir)
			do := func() { s.Undo(1) }
			if !undo {
				if _, err := s.Undo(1); err != nil {
					t.Fatal(err)
				}
				do = func() { s.Apply(1, change(dir), nil) }
			}
			n, stop := 0, ""
			s.step = func(what string) {
				if n == at {
					stop = what
					panic(stopped{what})
				}
				n++
			}
			func() {
				defer func() {
					if p := recover(); p != nil {
						if _, ok := p.(stopped); !ok {
							panic(p)
						}
					}
				}()
				do()
			}()
			if stop == "" {
				if at < 10 {
					t.Errorf("only %d steps", at)
				}
				break
			}
			if _, err := Recover(dir); err != nil {
				t.Fatalf("undo %v, stopped at %s: %v", undo, stop, err)
			}
			got := tree(t, dir)
			if !maps.Equal(got, before) && !maps.Equal(got, after) {
				t.Errorf("undo %v, stopped at %s: the tree is %q", undo, stop, got)
			}
			// And the plan's state says which.
			s2, err := At(dir)
			if err != nil {
				t.Fatal(err)
			}
			p, err := s2.Load(1)
			if err != nil {
				t.Fatal(err)
			}
			if (p.State == Applied) != maps.Equal(got, after) {
				t.Errorf("undo %v, stopped at %s: the plan is %s", undo, stop, p.State)
			}
			s2.Close()
		}
	}
}

// TestFails: a file that can't be replaced lets the rest go back.
func TestFails(t *testing.T) {
	dir := site(t)
	s, _ := save(t, dir)
	before := tree(t, dir)
	s.step = func(what string) {
		if what == "rename content/people/photo.png" { // in its way, a folder that is not empty
			p := filepath.Join(dir, "content", "people", "photo.png")
			os.Remove(p)
			os.MkdirAll(filepath.Join(p, "x"), 0o755)
		}
	}
	if _, err := s.Apply(1, change(dir), nil); err == nil {
		t.Fatal("no error")
	}
	s.step = func(string) {}
	if err := os.RemoveAll(filepath.Join(dir, "content", "people", "photo.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := Recover(dir); err != nil {
		t.Fatal(err)
	}
	got := tree(t, dir)
	delete(got, "content/people/photo.png")
	delete(before, "content/people/photo.png")
	same(t, got, before)
}

// TestKilled: the same with a real process and a real kill, at random moments. GONGZHI_RUNS sets how often.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("PLAN_TEST_DIR"); dir != "" {
		s, err := At(dir)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("begin")
		if os.Getenv("PLAN_TEST_UNDO") != "" {
			_, err = s.Undo(1)
		} else {
			_, err = s.Apply(1, many(dir), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	runs := 6
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	dir := site(t)
	for i := range 60 {
		if err := os.WriteFile(filepath.Join(dir, "content", "people", fmt.Sprintf("p%d.md", i)), []byte(fmt.Sprintf("甲测 %d\n", i)), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	s, err := At(dir)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := many(dir)(nil)
	if _, err := s.Save(d); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	start := time.Now()
	if _, err := s.Apply(1, many(dir), nil); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	after := tree(t, dir)
	s.Close()
	whole, none := 0, 0
	for range runs {
		undo := maps.Equal(tree(t, dir), after)
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "PLAN_TEST_DIR="+dir)
		if undo {
			cmd.Env = append(cmd.Env, "PLAN_TEST_UNDO=1")
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var b [6]byte
		for n := 0; n < len(b); {
			k, err := out.Read(b[n:])
			if n += k; err != nil {
				break
			}
		}
		time.Sleep(time.Duration(rnd.Int64N(int64(took) * 5 / 4)))
		cmd.Process.Kill()
		cmd.Wait()
		if _, err := Recover(dir); err != nil {
			t.Fatal(err)
		}
		got := tree(t, dir)
		switch {
		case maps.Equal(got, before) && !undo, maps.Equal(got, after) && undo:
			none++
		case maps.Equal(got, before), maps.Equal(got, after):
			whole++
		default:
			t.Fatalf("the tree is neither: %d files, before %d, after %d", len(got), len(before), len(after))
		}
	}
	t.Logf("%d runs: %d done, %d as before", runs, whole, none)
}

// many changes, removes and adds files of a hundred.
func many(dir string) func(*Plan) (Draft, error) {
	return func(*Plan) (Draft, error) {
		var d Draft
		for i := range 60 {
			name := fmt.Sprintf("content/people/p%d.md", i)
			b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				return d, err
			}
			f := File{Path: name, Before: Digest(b), After: bytes.ToUpper(append(b, "改过\n"...))}
			if i%3 == 0 {
				f.After, f.Delete = nil, true
				d.Files = append(d.Files, File{Path: fmt.Sprintf("content/people/neu/p%d.md", i), After: b})
			}
			d.Files = append(d.Files, f)
		}
		return d, nil
	}
}
