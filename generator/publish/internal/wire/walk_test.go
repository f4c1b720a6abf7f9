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

// TestEndless: a server whose folders have no end, or lead out and round, is left.
func TestEndless(t *testing.T) {
	var mu sync.Mutex
	seen := 0
	for name, below := range map[string]func(d string) []string{
		"one in another": func(d string) []string { return []string{d + "/x"} },
		"round":          func(d string) []string { return []string{".", "..", d + "/..", "/etc", d + "/../..", ""} },
	} {
		seen = 0
		err := Walk("top", 4, func(d string) ([]string, error) {
			mu.Lock()
			defer mu.Unlock()
			seen++
			return below(d), nil
		})
		if (err == nil) != (name == "round") || seen > mostNested+2 {
			t.Errorf("%s: %v, after %d folders", name, err, seen)
		}
	}
}
