package build

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"gongzhi/generator/output"
)

// errCannotSwap says that the output cannot be renamed where it stands.
var errCannotSwap = errors.New("the output cannot be renamed")

// swap completes the new tree and lets it take the place of the old one. It returns errCannotSwap, with
// nothing done to the old tree, if the system does not let the output be renamed.
func (w *Writer) swap(old tree, p *plan, res *Result) error {
	if err := w.makeStage(); err != nil {
		return err
	}
	stage := *w.stage.Load()
	if err := w.carry(stage, old, p); err != nil {
		return err
	}
	if err := w.create(native(stage, output.Manifest), p.list); err != nil {
		return err
	}
	if old.exists && old.mode != dirMode {
		if err := os.Chmod(stage, old.mode); err != nil {
			return output.Failed("设置权限", stage, err)
		}
	}
	if old.exists {
		if err := w.sys.flush(stage); err != nil {
			return output.Failed("写入", stage, err)
		}
	}
	if w.ctx.Err() != nil {
		return interrupted(w.ctx)
	}
	gone, err := w.trade(stage, old.exists)
	if err != nil {
		return err
	}
	w.stage.Store(nil) // it is the site now
	if !old.exists {
		return nil
	}
	if err := w.sys.flushDir(filepath.Dir(w.out)); err != nil {
		return output.Failed("写入", filepath.Dir(w.out), err)
	}
	if w.discard(gone, old, p) != nil {
		res.Leftover = gone
	}
	return nil
}

// trade puts the new tree in the place of the old one and tells where the old one is then.
func (w *Writer) trade(stage string, exists bool) (gone string, err error) {
	if !exists {
		err := output.Failed("写入", w.out, w.sys.rename(stage, w.out))
		w.touched = err == nil
		return "", err
	}
	w.markTaken()
	defer func() {
		if err != nil {
			os.Remove(filepath.Join(w.out, taken))
		}
	}()
	err = w.sys.exchange(stage, w.out)
	if errors.Is(err, errNoExchange) {
		gone = w.prefix + "old" + stage[len(w.prefix+"new"):]
		if err = w.sys.rename(w.out, gone); err == nil {
			err = w.sys.rename(stage, w.out)
			if err != nil {
				back := w.sys.rename(gone, w.out)
				if w.touched = back != nil; !w.touched && (held(err) || errors.Is(err, fs.ErrPermission)) {
					return "", errCannotSwap
				}
				// The next build will try that again.
				return "", output.Failed("替换", w.out, errors.Join(err, back))
			}
		}
	} else {
		gone = stage
	}
	switch {
	case err == nil:
		w.touched = true
		return gone, nil
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EXDEV), errors.Is(err, fs.ErrPermission), held(err):
		return "", errCannotSwap
	}
	return "", output.Failed("替换", w.out, err)
}

// carry takes over into the new tree what stays: the unchanged files of the site and all that is not ours.
func (w *Writer) carry(stage string, old tree, p *plan) error {
	err := w.parallel(len(w.files), func() func(i int) error {
		return func(i int) error {
			f := w.files[i]
			if f.changed {
				return nil
			}
			if err := w.makeDir(f.dir); err != nil {
				return err
			}
			return w.link(native(w.out, f.path), native(stage, f.path))
		}
	})
	if err != nil {
		return err
	}
	// Folders of others keep their modes, which may be meant to shut somebody out.
	made := make(map[string]bool)
	var folder func(d string) error
	folder = func(d string) error {
		if d == "." || made[d] {
			return nil
		}
		made[d] = true
		if ours, ok := w.dirs[d]; ok {
			return w.makeDir(ours)
		}
		if err := folder(path.Dir(d)); err != nil {
			return err
		}
		info, err := os.Stat(native(w.out, d))
		if err != nil {
			return output.Failed("读取", native(w.out, d), err)
		}
		if err := w.mkdir(native(stage, d)); err != nil {
			return err
		}
		if m := info.Mode().Perm(); m != dirMode {
			return output.Failed("设置权限", native(stage, d), os.Chmod(native(stage, d), m))
		}
		return nil
	}
	for _, e := range p.kept {
		if w.ctx.Err() != nil {
			return interrupted(w.ctx)
		}
		if err := folder(path.Dir(e.path)); err != nil {
			return err
		}
		from, to := native(w.out, e.path), native(stage, e.path)
		if target, err := os.Readlink(from); err == nil && !e.regular {
			if err := os.Symlink(target, to); err != nil {
				return output.Failed("写入", to, err)
			}
		} else if err := w.link(from, to); err != nil {
			return err
		}
	}
	for _, d := range p.keptDirs {
		if err := folder(d); err != nil {
			return err
		}
	}
	return nil
}

// link makes a hard link or, where there are none, or none to a file of somebody else, a copy.
func (w *Writer) link(from, to string) error {
	err := w.sys.link(from, to)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrExist) && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, fs.ErrNotExist) {
		err = w.sys.copyFile(from, to)
	}
	return output.Failed("写入", to, err)
}

// discard removes the old tree, which stands at gone now. It removes by name what it knows: our files,
// and files of others whose link in the new tree is the same file. What another program (git, a server)
// has put there or replaced in the meantime is moved into the new tree.
func (w *Writer) discard(gone string, old tree, p *plan) error {
	rescue := func(f string) error {
		from, to := native(gone, f), native(w.out, f)
		a, err := os.Lstat(from)
		if err != nil {
			return nil // it went away by itself
		}
		if b, err := os.Lstat(to); err == nil && (os.SameFile(a, b) || a.Mode().Type() == fs.ModeSymlink) {
			return w.sys.remove(from)
		}
		os.MkdirAll(filepath.Dir(to), dirMode)
		return w.sys.rename(from, to)
	}
	keep := make(map[string]bool, len(p.kept))
	for _, e := range p.kept {
		keep[e.path] = true
		if err := rescue(e.path); err != nil {
			return err
		}
	}
	err := w.parallel(len(old.files), func() func(i int) error {
		return func(i int) error {
			if f := old.files[i].path; !keep[f] {
				return w.sys.remove(native(gone, f))
			}
			return nil
		}
	})
	if err != nil {
		return err
	}
	if err := w.sys.remove(native(gone, output.Manifest)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	os.Remove(native(gone, taken))
	for _, d := range slices.Backward(old.dirs) {
		w.sys.remove(native(gone, d)) // one that is not empty is looked at below
	}
	if w.sys.remove(gone) == nil {
		return nil
	}
	late, err := readTree(gone)
	if err != nil {
		return err
	}
	for _, e := range late.files {
		if w.named[e.path] == nil {
			if err := rescue(e.path); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(gone)
}
