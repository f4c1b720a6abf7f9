package build

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// old makes a tree of an earlier build beside the output, with files of others in it.
func old(t *testing.T, dir, name, taken string, foreign site) string {
	t.Helper()
	made := filepath.Join(dir, "made")
	publish(t, first, made)
	put(t, made, foreign)
	if taken != "" {
		put(t, made, site{".gongzhi-taken": taken})
	}
	to := filepath.Join(dir, name)
	if err := os.Rename(made, to); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestRecoverNewest: of several old trees beside a missing output the one that was moved away last becomes the output again,
// and none with files of others in it is deleted.
func TestRecoverNewest(t *testing.T) {
	precious := site{".git/HEAD": "precious", "CNAME": "example.org"}
	for name, c := range map[string]struct {
		taken  [3]string
		with   [3]site
		want   int
		spared []int
	}{
		"by their marks":           {[3]string{"300", "1000", "20"}, [3]site{nil, precious, nil}, 1, nil},
		"by their marks, others":   {[3]string{"3000", "1000", "20"}, [3]site{nil, precious, nil}, 0, []int{1}},
		"a mark before none":       {[3]string{"", "", "20"}, [3]site{nil, precious, nil}, 2, []int{1}},
		"without marks":            {[3]string{"", "", ""}, [3]site{nil, precious, nil}, 1, nil},
		"without marks, the first": {[3]string{"", "", ""}, [3]site{precious, nil, nil}, 0, nil},
		"all with files of others": {[3]string{"1", "2", "3"}, [3]site{{"a.csv": "1"}, {"b.csv": "2"}, {"c.csv": "3"}}, 2, []int{0, 1}},
		"the same files":           {[3]string{"1", "2", "3"}, [3]site{precious, precious, precious}, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := scratch(t)
			out := filepath.Join(dir, "public")
			var trees [3]string
			for i, n := range []string{"1000", "2000", "30"} {
				trees[i] = old(t, dir, ".public.gongzhi-old-"+n, c.taken[i], c.with[i])
			}
			res, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out}, quick())
			if err != nil {
				t.Fatal(err)
			}
			want := site{}
			for p, v := range c.with[c.want] {
				want[p] = v
			}
			for p, v := range second {
				want[p] = v
			}
			wantTree(t, out, want)
			var spared []string
			for _, i := range c.spared {
				spared = append(spared, trees[i])
			}
			slices.Sort(spared)
			slices.Sort(res.Spared)
			if !slices.Equal(res.Spared, spared) {
				t.Errorf("spared: %q, want %q", res.Spared, spared)
			}
			for i, tree := range trees {
				_, err := os.Stat(tree)
				if (err == nil) != slices.Contains(spared, tree) {
					t.Errorf("tree %d: %v", i, err)
				}
			}
			for _, tree := range spared {
				os.RemoveAll(tree)
			}
			wantClean(t, out)
		})
	}
}

// TestLateFileIsSpared: a build was killed right after the folders changed places, and another program had put a file into the
// old one meanwhile. It is nowhere else, so it stays, and is told of at every build until somebody has looked.
func TestLateFileIsSpared(t *testing.T) {
	dir := scratch(t)
	out := filepath.Join(dir, "public")
	publish(t, second, out)
	tree := old(t, dir, ".public.gongzhi-new-77", "5", site{"uploads/late.csv": "1"})
	for range 2 {
		res, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out}, quick())
		if err != nil || !slices.Equal(res.Spared, []string{tree}) {
			t.Errorf("%v, %v", res.Spared, err)
		}
	}
	put(t, out, site{"uploads/late.csv": "1"}) // somebody copies it
	if _, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out}, quick()); err != nil {
		t.Error(err)
	}
	wantClean(t, out)
}

// TestSwappedForLink: an update in place that was stopped is not finished through a link that stands where a folder was.
func TestSwappedForLink(t *testing.T) {
	dir := scratch(t)
	out := filepath.Join(dir, "public")
	publish(t, first, out)
	outside := site{"f": "precious", "h/i": "precious"}
	put(t, filepath.Join(dir, "outside"), outside)
	link := filepath.Join(out, "swapped")
	if err := os.Symlink(filepath.Join(dir, "outside"), link); err != nil {
		t.Fatal(err)
	}
	for _, s := range [][]step{{{"put", "swapped/new"}}, {{"put", "swapped/f"}}, {{"del", "swapped/h/i"}}, {{"del", "swapped/f"}}} {
		put(t, filepath.Join(dir, ".public.gongzhi-new-1"), site{journal: string(formatJournal(s)), s[0].path: "written"})
		_, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out}, quick())
		if !errors.Is(err, errHalf) || !strings.Contains(err.Error(), link) {
			t.Errorf("%v: %v", s, err)
		}
		wantTree(t, filepath.Join(dir, "outside"), outside)
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	publish(t, second, out)
	wantTree(t, out, second)
	wantClean(t, out)
}
