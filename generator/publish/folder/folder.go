// Package folder publishes to a folder of this machine or of a share (a UNC path on Windows, a mount elsewhere).
package folder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"gongzhi/generator/publish"
)

// Store is a folder as a target.
type Store struct{ dir string }

var _ publish.Store = (*Store)(nil)

// Open takes a folder, which is made when the first file is put. Its parent must exist: a path with a slip would
// otherwise become a new tree somewhere.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		info, err := os.Stat(d)
		if err == nil && !info.IsDir() {
			return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("%s 不是文件夹", d)}
		}
		if err == nil {
			return &Store{dir}, nil
		}
		if errors.Is(err, syscall.ENOTDIR) {
			return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("%s 的上一级不是文件夹", d)}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, known(err)
		}
	}
	return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("没有 %s 这个文件夹：请检查路径；是网络上的文件夹时，先看能不能打开它", filepath.Dir(dir))}
}

// Traits says that a share answers slowly and takes several requests at once.
func (s *Store) Traits() publish.Traits { return publish.Traits{Parallel: 8, Atomic: true, Temp: true} }

func (s *Store) name(p string) string { return filepath.Join(s.dir, filepath.FromSlash(p)) }

// Get reads a file.
func (s *Store) Get(ctx context.Context, p string, w io.Writer) error {
	f, err := os.Open(s.name(p))
	if err != nil {
		return known(err)
	}
	defer f.Close()
	_, err = io.Copy(w, reader{ctx, f})
	return known(err)
}

// Stat asks for a file.
func (s *Store) Stat(_ context.Context, p string) (publish.Info, error) {
	info, err := os.Lstat(s.name(p))
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if to, e := os.Stat(s.name(p)); e == nil {
			info = to
		}
	}
	if err != nil {
		return publish.Info{}, known(err)
	}
	if !info.Mode().IsRegular() {
		return publish.Info{Path: p, Size: -1}, nil
	}
	return publish.Info{Path: p, Size: info.Size()}, nil
}

// Put writes the file beside its place and renames it.
func (s *Store) Put(ctx context.Context, o *publish.Object) error {
	r, err := o.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	temp := s.name(publish.Temp(o.Path))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(temp), 0o755); err != nil {
			return known(err)
		}
		f, err = os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	}
	if err != nil {
		return known(err)
	}
	_, err = io.Copy(f, reader{ctx, r})
	err = cmp.Or(err, f.Close())
	if err != nil {
		os.Remove(temp)
		return known(err)
	}
	to := s.name(o.Path)
	err = os.Rename(temp, to)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return known(err)
		}
		err = os.Rename(temp, to)
	}
	if info, e := os.Stat(to); err != nil && e == nil && info.IsDir() {
		return &publish.Error{Kind: publish.Refused, Text: fmt.Sprintf("目标里的 %s 是文件夹，网站要在那里放文件：请先移走它", to), Err: err}
	}
	if runtime.GOOS == "windows" && errors.Is(err, fs.ErrPermission) {
		// What a program has open can't be replaced there, and is said to be forbidden.
		return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("不能代替 %s：有程序正开着它，或者没有权限", to), Err: err}
	}
	return known(err)
}

// reader stops when the run does.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// Delete removes a file.
func (s *Store) Delete(_ context.Context, p string) error {
	err := os.Remove(s.name(p))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return known(err)
}

// Prune removes a folder if it is empty.
func (s *Store) Prune(_ context.Context, dir string) error { return os.Remove(s.name(dir)) }

// List walks the folder. What can't be read there is named, not passed over.
func (s *Store) List(ctx context.Context, dir string, each func(publish.Info)) error {
	err := filepath.WalkDir(s.name(dir), func(name string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return cmp.Or(ctx.Err(), err)
		}
		if e.IsDir() {
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		p, err := filepath.Rel(s.dir, name)
		if err == nil {
			each(publish.Info{Path: filepath.ToSlash(p), Size: info.Size()})
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return known(err)
}

// Close has nothing to do.
func (s *Store) Close() error { return nil }

// known puts the causes that people meet into words.
func known(err error) error {
	switch {
	case err == nil || errors.Is(err, fs.ErrNotExist):
		return err
	case errors.Is(err, syscall.ENOSPC) || full(err):
		return &publish.Error{Kind: publish.Full, Text: "目标的磁盘满了，或者超出了配额：请先腾出空间", Err: err}
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		return &publish.Error{Kind: publish.Denied, Text: "没有权限写到这里：请让管理员给当前用户写入的权限", Err: err}
	case errors.Is(err, syscall.ENOTDIR):
		return &publish.Error{Kind: publish.Refused, Text: "目标里有个文件占着网站文件夹的名字：请先移走它", Err: err}
	case strings.Contains(err.Error(), "file name too long") || errors.Is(err, syscall.ENAMETOOLONG):
		return &publish.Error{Kind: publish.Refused, Text: "路径太长，目标存不下：请缩短记录的文件名，或者把目标换到更短的路径", Err: err}
	}
	return err
}
