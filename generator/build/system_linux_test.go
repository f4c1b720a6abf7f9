package build

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRoomiest(t *testing.T) {
	const fast, slow = 10 * time.Microsecond, 900 * time.Microsecond
	for _, c := range []struct {
		tries []try
		want  string
	}{
		{[]try{{"a", 5, fast}}, "a"},
		{[]try{{"a", 900, slow}, {"b", 100, fast}, {"c", 500, fast}}, "b"},
		{[]try{{"a", 300, slow}, {"b", 100, fast}, {"c", 400, fast}, {"d", 1200, slow}}, "c"},
		{[]try{{"a", 300, slow}, {"b", 100, fast}, {"c", 250, fast}, {"d", 200, slow}}, "b"},
	} {
		if got := roomiest(c.tries); got.name != c.want {
			t.Errorf("%v: %s, want %s", c.tries, got.name, c.want)
		}
	}
}

// The root of a new tree is an empty folder like any other, and nothing else is left.
func TestMkdirRoot(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "new")
	if err := mkdirRoot(name); err != nil {
		t.Fatal(err)
	}
	if err := mkdirRoot(name); !os.IsExist(err) {
		t.Errorf("a folder is made where one is: %v", err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 || list[0].Name() != "new" {
		t.Errorf("%v, %v", list, err)
	}
	if inside, err := os.ReadDir(name); err != nil || len(inside) != 0 {
		t.Errorf("%v, %v", inside, err)
	}
}
