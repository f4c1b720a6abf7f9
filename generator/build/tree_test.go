package build

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gongzhi/generator/output"
)

func TestFilesOfOthersAreKept(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			out := filepath.Join(scratch(t), "public")
			publish(t, first, out)
			foreign := site{
				".git/HEAD": "ref", ".git/objects/ab/cd": "blob", ".gitkeep": "", "CNAME": "example.org",
				".well-known/security.txt": "x", "reports/.gitkeep": "",
				"stats/2024.csv": "1,2", "reports/1958/r1/photo.jpg": "JPEG", "robots-old.txt": "*",
			}
			put(t, out, foreign)
			if err := os.Symlink("../elsewhere", filepath.Join(out, "link")); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(out, "uploads/new"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Join(out, "uploads"), 0o700); err != nil {
				t.Fatal(err)
			}
			res, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out, InPlace: way.inPlace}, way.sys())
			if err != nil {
				t.Fatal(err)
			}
			want := maps.Clone(second)
			maps.Copy(want, foreign)
			want["link"], want["uploads/new/"] = "-> ../elsewhere", ""
			wantTree(t, out, want)
			wantClean(t, out)
			named := []string{"link", "reports/1958/r1/photo.jpg", "robots-old.txt", "stats/2024.csv", "uploads/new/"}
			if !slices.Equal(res.Foreign, named) {
				t.Errorf("named %q, not %q", res.Foreign, named)
			}
			if info, err := os.Stat(filepath.Join(out, "uploads")); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("a closed folder was opened: %v %v", info.Mode(), err)
			}
		})
	}
}

func TestFilesOfOthersAreNotOverwritten(t *testing.T) {
	for _, test := range []struct {
		name  string
		there site
		names []string // in the error; none: the build succeeds
	}{
		{"other bytes", site{"index.html": "我的首页", "404.html": "没有"}, []string{"index.html"}},
		{"same bytes", site{"index.html": "首页", "404.html": "没有"}, nil},
		{"file where a folder goes", site{"people": "x"}, []string{"people"}},
		{"folder where a file goes", site{"feed.xml/x": "x", "feed.xml/y": "y"}, []string{"feed.xml/x", "feed.xml/y"}},
		{"own git", site{".git/HEAD": "x", "CNAME": "x"}, nil},
	} {
		for _, way := range ways {
			t.Run(test.name+"/"+way.name, func(t *testing.T) {
				out := filepath.Join(scratch(t), "public")
				put(t, out, test.there)
				_, err := writeSite(t.Context(), first.paths(), first.file, Options{Output: out, InPlace: way.inPlace}, way.sys())
				wantClean(t, out)
				if len(test.names) == 0 {
					if err != nil {
						t.Fatal(err)
					}
					want := maps.Clone(test.there)
					maps.Copy(want, first)
					wantTree(t, out, want)
					return
				}
				wantTree(t, out, test.there)
				for _, name := range test.names {
					if err == nil || !strings.Contains(err.Error(), "\n  "+name+"\n") {
						t.Errorf("%q is not named: %v", name, err)
					}
				}
			})
		}
	}
}

// A link in the place of one of our folders leads out of the output: nothing is written through it.
func TestLinkInTheWay(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			dir := scratch(t)
			out := filepath.Join(dir, "public")
			publish(t, first, out)
			if err := os.Rename(filepath.Join(out, "people"), filepath.Join(dir, "outside")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("../outside", filepath.Join(out, "people")); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, dir)
			_, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out, InPlace: way.inPlace}, way.sys())
			if err == nil || !strings.Contains(err.Error(), "\n  people\n") {
				t.Errorf("no error names it: %v", err)
			}
			wantTree(t, dir, before)
		})
	}
}

func TestLostOrDamagedManifestLosesNothing(t *testing.T) {
	const manifestHead, manifestTail = "gongzhi manifest 1\n", "end\n"
	for name, list := range map[string]string{
		"gone": "", "cut short": manifestHead + " index.html\n", "not ours": "hello",
		"leads out": manifestHead + " ../secret\n" + manifestTail, "names git": manifestHead + " .git/HEAD\n" + manifestTail,
	} {
		t.Run(name, func(t *testing.T) {
			dir := scratch(t)
			out := filepath.Join(dir, "public")
			put(t, dir, site{"secret": "x"})
			publish(t, first, out)
			put(t, out, site{".git/HEAD": "x"})
			if list == "" {
				os.Remove(filepath.Join(out, output.Manifest))
			} else if err := os.WriteFile(filepath.Join(out, output.Manifest), []byte(list), 0o644); err != nil {
				t.Fatal(err)
			}
			less := maps.Clone(first)
			delete(less, "assets/a.css")
			res := publish(t, less, out)
			if !slices.Equal(res.Foreign, []string{"assets/a.css"}) {
				t.Errorf("kept %q", res.Foreign)
			}
			want := maps.Clone(first)
			want[".git/HEAD"] = "x"
			wantTree(t, out, want)
			if b, err := os.ReadFile(filepath.Join(dir, "secret")); err != nil || string(b) != "x" {
				t.Error("a file outside was touched")
			}
		})
	}
}
