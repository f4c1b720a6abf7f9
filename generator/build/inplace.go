package build

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"gongzhi/generator/output"
)

// The journal of an update in place stands in the new tree. Once it is there the update has begun, and
// will be finished, by this build or the next one.
const (
	journal     = output.Own + "journal"
	journalHead = "gongzhi journal 1\n"
	journalTail = "end\n"
)

// A step of an update in place: "put" renames a file of the new tree over the old one, "del" removes one.
type step struct{ verb, path string }

// inPlace brings the output up to date file by file. keep tells that the new tree has to stay, as the work
// began and could not be finished.
func (w *Writer) inPlace(p *plan) (keep bool, err error) {
	if err := w.makeStage(); err != nil {
		return false, err
	}
	stage := *w.stage.Load()
	// After an attempt to swap the manifest is there already.
	if err := w.create(native(stage, output.Manifest), p.list); err != nil && !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	steps := w.steps(p)
	draft := native(stage, journal+"-draft")
	if err := w.create(draft, formatJournal(steps)); err != nil {
		return false, err
	}
	if err := w.sys.flush(stage); err != nil {
		return false, output.Failed("写入", stage, err)
	}
	if w.ctx.Err() != nil {
		return false, interrupted(w.ctx)
	}
	if err := w.sys.rename(draft, native(stage, journal)); err != nil {
		return false, output.Failed("写入", draft, err)
	}
	if err := w.replay(stage, steps); err != nil {
		return true, err
	}
	return false, nil
}

// steps puts the work into an order in which a reader who comes in between misses least: first what is
// in the way, then assets, then pages from the depth up, so that lists follow what they name, the output.Manifest,
// and what goes away last.
func (w *Writer) steps(p *plan) []step {
	var steps, last []step
	fold := make(map[string]bool)
	if len(p.removed) > 0 {
		for _, f := range w.files {
			fold[output.Fold(f.path)] = true
		}
	}
	for _, f := range p.removed {
		switch {
		case w.blocks(f):
			steps = append(steps, step{"del", f})
		case fold[output.Fold(f)]:
			// Where case is ignored this is the new file itself under its old name. It may stay elsewhere, too.
		default:
			last = append(last, step{"del", f})
		}
	}
	put := slices.Clone(p.changed)
	slices.SortStableFunc(put, func(a, b *file) int { return output.Order(a.path, b.path) })
	for _, f := range put {
		steps = append(steps, step{"put", f.path})
	}
	return append(append(steps, step{"put", output.Manifest}), last...)
}

// replay does the steps. Those that were done before are passed over, so it may be called again.
func (w *Writer) replay(stage string, steps []step) error {
	w.touched = true
	straight := map[string]bool{".": true}
	for _, s := range steps {
		to := native(w.out, s.path)
		if link := w.linked(path.Dir(s.path), straight); link != "" {
			return fmt.Errorf("%w：%s 现在是链接，没有顺着它去改别处的文件，请移走它", errHalf, link)
		}
		var err error
		if s.verb == "del" {
			info, gone := os.Lstat(to)
			if gone != nil || info.IsDir() {
				continue // done before; a folder of that name is the new site's
			}
			err = w.sys.remove(to)
			for d := path.Dir(s.path); err == nil && d != "."; d = path.Dir(d) {
				if os.Remove(native(w.out, d)) != nil {
					break // not empty
				}
			}
		} else {
			err = w.putInPlace(native(stage, s.path), to)
		}
		if err != nil {
			return fmt.Errorf("%w：%w", errHalf, output.Failed("更新", to, err))
		}
	}
	if err := w.sys.flush(w.out); err != nil {
		return fmt.Errorf("%w：%w", errHalf, output.Failed("写入", w.out, err))
	}
	return nil
}

// linked gives the link on the way to a folder of the output, if there is one: what was a folder when the steps were written down may be a
// link to anywhere when they are taken. straight are folders without, and is added to.
func (w *Writer) linked(dir string, straight map[string]bool) string {
	if straight[dir] {
		return ""
	}
	if link := w.linked(path.Dir(dir), straight); link != "" {
		return link
	}
	name := native(w.out, dir)
	info, err := os.Lstat(name)
	if err == nil && info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
		return name
	}
	straight[dir] = err == nil && info.IsDir()
	return ""
}

var errHalf = errors.New("网站只更新了一部分，排除问题后再生成一次，会接着完成")

func (w *Writer) putInPlace(from, to string) error {
	if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		return nil // done before
	}
	if err := w.mkdirAll(filepath.Dir(to)); err != nil {
		return err
	}
	if info, err := os.Lstat(to); err == nil && info.IsDir() {
		if err := removeEmpty(to); err != nil {
			return err
		}
	}
	err := w.sys.rename(from, to)
	if errors.Is(err, syscall.EXDEV) { // the new tree is beside an output that is mounted unnoticed
		part := output.Within(w.out) + "part"
		os.Remove(part)
		if err = w.sys.copyFile(from, part); err == nil {
			if err = w.sys.rename(part, to); err == nil {
				err = w.sys.remove(from)
			}
		}
	}
	return err
}

// mkdirAll makes a folder of the output and those above it.
func (w *Writer) mkdirAll(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(name); parent != name {
		if err := w.mkdirAll(parent); err != nil {
			return err
		}
	}
	return w.mkdir(name)
}

// removeEmpty removes a folder in which there are only folders.
func removeEmpty(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.IsDir() {
			if err := removeEmpty(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(dir)
}

func formatJournal(steps []step) []byte {
	var b bytes.Buffer
	b.WriteString(journalHead)
	for _, s := range steps {
		b.WriteString(s.verb + " " + s.path + "\n")
	}
	b.WriteString(journalTail)
	return b.Bytes()
}

// parseJournal refuses what formatJournal can't have written: the steps remove files.
func parseJournal(b []byte) ([]step, bool) {
	b, ok := bytes.CutPrefix(b, []byte(journalHead))
	b, whole := bytes.CutSuffix(b, []byte(journalTail))
	if !ok || !whole {
		return nil, false
	}
	var steps []step
	for line := range strings.Lines(string(b)) {
		verb, p, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if verb != "put" && verb != "del" || !fs.ValidPath(p) || p == "." {
			return nil, false
		}
		steps = append(steps, step{verb, p})
	}
	return steps, true
}
