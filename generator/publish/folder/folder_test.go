package folder

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/life"
)

func TestLife(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "网站")
	life.Run(t, life.Place{
		Open: func(t *testing.T) publish.Store {
			s, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Look:  func(t *testing.T) map[string]string { return life.LookDir(t, dir) },
		Plant: func(t *testing.T, p, text string) { life.PlantDir(t, dir, p, text) },
	})
}

func TestWrongPlace(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"no/such", "file", "file/below"} {
		_, err := Open(filepath.Join(dir, name))
		var e *publish.Error
		if !errors.As(err, &e) || e.Kind != publish.Address {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLarge(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "网站")
	life.Large(t, func(t *testing.T) publish.Store {
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// TestInTheWay: what somebody else has put where the site needs a name, as a link or a folder, is neither written over nor written through.
func TestInTheWay(t *testing.T) {
	site := life.Site(2, 1)
	for name, put := range map[string]func(t *testing.T, dir string) error{
		"a link that leads nowhere": func(_ *testing.T, dir string) error { return os.Symlink("nowhere", filepath.Join(dir, "index.html")) },
		"a link to a folder with a file of that name": func(t *testing.T, dir string) error {
			other := t.TempDir()
			life.PlantDir(t, other, "index.html", "别人的")
			return os.Symlink(other, filepath.Join(dir, "people"))
		},
		"a folder":                    func(_ *testing.T, dir string) error { return os.Mkdir(filepath.Join(dir, "index.html"), 0o755) },
		"a file in place of a folder": func(t *testing.T, dir string) error { life.PlantDir(t, dir, "people", "别人的"); return nil },
	} {
		for _, overwrite := range []bool{false, true} {
			dir := t.TempDir()
			if err := put(t, dir); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			state := life.State(t)
			opt := life.Quick("a")
			opt.Overwrite = overwrite
			_, err = publish.Run(t.Context(), s, state, life.Take(t, state, site), opt)
			var e *publish.Error
			stands := strings.Contains(name, "folder") && !strings.Contains(name, "link") && overwrite // and that can't be changed
			switch {
			case !overwrite && err == nil:
				t.Errorf("%s: no error", name)
			case overwrite && (err != nil) != stands:
				t.Errorf("%s, to be replaced: %v", name, err)
			case stands && (!errors.As(err, &e) || e.Kind != publish.Refused || !strings.Contains(err.Error(), "先移走它")):
				t.Errorf("%s: %v", name, err)
			}
			if got, err := os.ReadFile(filepath.Join(dir, "people", "index.html")); strings.Contains(name, "of that name") && !overwrite && (err != nil || string(got) != "别人的") {
				t.Errorf("%s: another's file was written over", name)
			}
		}
	}
}
