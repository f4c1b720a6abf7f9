package folder

import (
	"errors"
	"os"
	"path/filepath"
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
