package wire

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestWalk: each folder of a tree is listed once, by many at once or one alone; after an error no more are.
func TestWalk(t *testing.T) {
	for _, n := range []int{1, 3, 16} {
		var mu sync.Mutex
		seen := map[string]int{}
		list := func(d string) (below []string, err error) {
			mu.Lock()
			seen[d]++
			mu.Unlock()
			if strings.Count(d, "/") == 3 {
				return nil, nil
			}
			for i := range 4 {
				below = append(below, path.Join(d, fmt.Sprint(i)))
			}
			return below, nil
		}
		if err := Walk("top", n, list); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 1+4+16+64 || slices.Max(slices.Collect(maps.Values(seen))) != 1 {
			t.Errorf("%d at once: %d folders were listed, want 85, each once", n, len(seen))
		}
		wrong := errors.New("wrong")
		clear(seen)
		err := Walk("top", n, func(d string) ([]string, error) {
			below, _ := list(d)
			if d == "top/1" {
				return below, wrong
			}
			return below, nil
		})
		if !errors.Is(err, wrong) || len(seen) > 84 {
			t.Errorf("%d at once: %v, after %d folders", n, err, len(seen))
		}
	}
}
