package build

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongzhi/generator/folder"
	"gongzhi/generator/output"
)

// taken is the file that marks a tree as one that was the site: it is written into the output right before that is moved
// away, and says when. A new tree that has none has never been the site.
const taken = output.Own + "taken"

// markTaken marks the output. Where it can't be, all that is lost is to tell old trees apart should the machine stop now.
func (w *Writer) markTaken() {
	_ = os.WriteFile(filepath.Join(w.out, taken), strconv.AppendInt(nil, time.Now().UnixNano(), 10), fileMode)
}

// leftover is a tree of an earlier build beside the output, or in it.
type leftover struct {
	name    string
	old     bool  // it was moved away by a rename
	when    int64 // that its mark says, or 0
	foreign bool  // it holds what nobody else has
	touched time.Time
}

// recover finishes or takes back what a stopped build left half done, and returns the folders that
// can be removed, and those that hold files of others. The lock is held, so whatever is there has no living owner.
func (w *Writer) recover() (dead, spared []string, err error) {
	var all []leftover
	for _, prefix := range []string{output.Beside(w.out), output.Within(w.out)} {
		dir, base := filepath.Split(prefix)
		list, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return nil, nil, output.Failed("读取", dir, err)
		}
		for _, e := range list {
			rest, ours := strings.CutPrefix(e.Name(), base)
			old := strings.HasPrefix(rest, "old-")
			if ours && e.IsDir() && (old || strings.HasPrefix(rest, "new-")) {
				all = append(all, inspect(filepath.Join(dir, e.Name()), old))
			}
		}
	}
	if all, err = w.restore(all); err != nil {
		return nil, nil, err
	}
	for _, l := range all {
		if b, err := folder.ReadFile(filepath.Join(l.name, journal), maxList); err == nil && !l.old {
			if steps, ok := parseJournal(b); ok {
				if err := w.replay(l.name, steps); err != nil {
					return nil, nil, err
				}
			}
		}
		// A new tree that never was the site has nothing of others but links to what the site has.
		if (l.old || l.when > 0) && w.foreignIn(l.name) {
			spared = append(spared, l.name)
		} else {
			dead = append(dead, l.name)
		}
	}
	os.Remove(filepath.Join(w.out, taken)) // of a build that was stopped right before it moved the output
	return dead, spared, nil
}

func inspect(name string, old bool) leftover {
	l := leftover{name: name, old: old}
	if b, err := folder.ReadFile(filepath.Join(name, taken), 100); err == nil {
		l.when, _ = strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	}
	if info, err := os.Stat(name); err == nil {
		l.touched = info.ModTime()
	}
	return l
}

// restore puts an old tree back in the place of an output that is missing: between two renames it is, and an empty folder may
// have been put there by hand. Of several it is the one that was moved away last; of those without a mark first one with
// files of others, then the one touched last. It returns the others.
func (w *Writer) restore(all []leftover) ([]leftover, error) {
	var olds []leftover
	for _, l := range all {
		if l.old {
			l.foreign = w.foreignIn(l.name)
			olds = append(olds, l)
		}
	}
	if len(olds) == 0 {
		return all, nil
	}
	os.Remove(w.out)
	if _, err := os.Lstat(w.out); !errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	rank := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	best := slices.MaxFunc(olds, func(a, b leftover) int {
		return cmp.Or(cmp.Compare(a.when, b.when), rank(a.foreign)-rank(b.foreign), a.touched.Compare(b.touched), strings.Compare(a.name, b.name))
	})
	w.touched = true
	if err := w.sys.rename(best.name, w.out); err != nil {
		return nil, output.Failed("恢复", w.out, err)
	}
	return slices.DeleteFunc(all, func(l leftover) bool { return l.name == best.name }), nil
}

// foreignIn reports whether a tree holds a file that no build wrote and that the output does not have too. What can't be
// looked at counts as one.
func (w *Writer) foreignIn(name string) bool {
	t, err := readTree(name)
	if err != nil {
		return true
	}
	for _, e := range t.files {
		if e.regular && t.wrote[e.path] || litter(e.path) {
			continue
		}
		here, there := native(name, e.path), native(w.out, e.path)
		a, err := os.Lstat(here)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		b, otherErr := os.Lstat(there)
		if err != nil || otherErr != nil || a.Mode().Type() != b.Mode().Type() {
			return true
		}
		switch {
		case os.SameFile(a, b):
		case a.Mode()&fs.ModeSymlink != 0:
			if x, err := os.Readlink(here); err != nil || func() bool { y, err := os.Readlink(there); return err != nil || x != y }() {
				return true
			}
		case !e.regular || a.Size() != b.Size() || !sameFiles(here, there):
			return true
		}
	}
	return false
}

// litter are files that desktops and version control leave, and nobody misses.
func litter(p string) bool {
	switch filepath.Base(p) {
	case ".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini":
		return true
	}
	return false
}

func sameFiles(a, b string) bool {
	const most = 64 << 20 // a larger one is kept rather than read
	x, err := folder.ReadFile(a, most)
	if err != nil {
		return false
	}
	y, err := folder.ReadFile(b, most)
	return err == nil && bytes.Equal(x, y)
}
