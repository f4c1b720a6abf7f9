// Package build writes a site, computed on demand, to a folder: all of it or nothing.
package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// Options say where the site goes and how.
type Options struct {
	// Output is the folder to replace. It is made if it is missing; a symbolic link is followed.
	Output string
	// Source is the site's source folder. Output may not be, contain or stand above it, nor lie in its
	// content/ or themes/.
	Source string
	// Workers is how many goroutines call file; 0 means GOMAXPROCS.
	Workers int
	// InPlace replaces file by file instead of swapping folders (see the package comment).
	InPlace bool
	// Progress, if not nil, is told now and then how many files are done. It is never called by two
	// goroutines at once.
	Progress func(done, total int)
	// Wait, if not nil, is called once when another build holds Output; holder says who, in Chinese.
	Wait func(holder string)
	// LockTimeout is how long to wait for that other build; 0 means two minutes.
	LockTimeout time.Duration
}

// Result counts what was done.
type Result struct {
	Files     int      // files of the site, the manifest not counted
	Bytes     int64    // their total size
	Unchanged int      // files whose bytes were the same as before; their times stay
	Written   int      // files that are new or changed
	Removed   int      // files of an earlier build that the site no longer has
	Kept      []string // files in Output that no build wrote, kept as they were: slash paths, sorted
	Leftover  string   // the old tree, if it could not be removed altogether; the next build tries again
}

// Write makes Output hold exactly the files of paths, each with the bytes that file returns.
//
// file appends the bytes of a path to dst and returns the result, as append does; it may also return
// a slice of its own, which is only read, until the next call by the same goroutine. It is called from
// several goroutines, once for each path, in about the order of paths.
func Write(ctx context.Context, paths []string, file func(dst []byte, path string) ([]byte, error), opt Options) (Result, error) {
	res := Result{Files: len(paths)}
	var buf []byte
	var errs []error
	for _, p := range paths {
		b, err := file(buf[:0], p)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		name := filepath.Join(opt.Output, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return res, err
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			return res, err
		}
		res.Written++
		res.Bytes += int64(len(b))
	}
	return res, errors.Join(errs...)
}
