// Package zipfile publishes to a zip: for those whose site is put on a server by somebody else.
package zipfile

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"gongzhi/generator/publish"
)

// Store is a zip as a target. It is written as a whole, and only if something has changed.
type Store struct{ name string }

var (
	_ publish.Store    = (*Store)(nil)
	_ publish.Replacer = (*Store)(nil)
)

// Open takes the name of a zip, which may not exist yet; its folder must.
func Open(name string) (*Store, error) {
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("没有 %s 这个文件夹：请检查路径", filepath.Dir(name))}
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("%s 不是文件", name)}
	}
	return &Store{name}, nil
}

// Traits says that one file is read at a time.
func (s *Store) Traits() publish.Traits { return publish.Traits{Parallel: 1, Atomic: true} }

// Get reads a file of the zip. One that is no zip is somebody else's.
func (s *Store) Get(_ context.Context, p string, w io.Writer) error {
	z, err := zip.OpenReader(s.name)
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil {
		return &publish.Error{Kind: publish.Refused, Text: fmt.Sprintf("%s 不是 zip 文件，或者坏了：请移走它，或者换一个文件名", s.name), Err: err}
	}
	defer z.Close()
	for _, f := range z.File {
		if f.Name == p {
			r, err := f.Open()
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(w, r)
			return err
		}
	}
	if len(z.File) > 0 {
		return &publish.Error{Kind: publish.Refused, Text: fmt.Sprintf("%s 不是工志写的，没有覆盖：请移走它，或者换一个文件名", s.name)}
	}
	return fs.ErrNotExist
}

// Replace writes a new zip beside the old one and renames it. Its bytes depend on the files alone.
func (s *Store) Replace(ctx context.Context, files []*publish.Object) error {
	f, err := os.CreateTemp(filepath.Dir(s.name), ".gongzhi-new-*.zip")
	if err != nil {
		return err
	}
	err = cmp.Or(write(ctx, f, files), f.Sync(), f.Close())
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), s.name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func write(ctx context.Context, w io.Writer, files []*publish.Object) error {
	z := zip.NewWriter(w)
	for _, o := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := add(z, o); err != nil {
			return fmt.Errorf("%s：%w", o.Path, err)
		}
	}
	return z.Close()
}

func add(z *zip.Writer, o *publish.Object) error {
	r, err := o.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	h := &zip.FileHeader{Name: o.Path, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(0o644)
	switch strings.ToLower(path.Ext(o.Path)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".avif", ".mp3", ".mp4", ".m4a", ".zip", ".gz", ".bin":
		h.Method = zip.Store // they don't get smaller
	}
	f, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return err
}

// The other methods are not used for a target that is written as a whole.

// Put can't be.
func (s *Store) Put(context.Context, *publish.Object) error { return errors.ErrUnsupported }

// Stat can't be.
func (s *Store) Stat(context.Context, string) (publish.Info, error) {
	return publish.Info{}, errors.ErrUnsupported
}

// Delete can't be.
func (s *Store) Delete(context.Context, string) error { return errors.ErrUnsupported }

// Prune has nothing to do.
func (s *Store) Prune(context.Context, string) error { return nil }

// List has nothing to name: what is in the zip is ours.
func (s *Store) List(context.Context, string, func(publish.Info)) error { return nil }

// Close has nothing to do.
func (s *Store) Close() error { return nil }
