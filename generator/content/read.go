package content

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// read does the jobs on all processors.
func (l *loader) read(jobs []job) {
	workers := min(runtime.GOMAXPROCS(0), len(jobs))
	var wg sync.WaitGroup
	next := make(chan []job, workers)
	for range workers {
		wg.Go(func() {
			var buf bytes.Buffer
			for batch := range next {
				for _, j := range batch {
					if l.full.Load() != nil {
						break
					}
					j.into.files[j.at] = l.look(j, &buf)
				}
			}
		})
	}
	for len(jobs) > 0 {
		n := min(16, len(jobs))
		next <- jobs[:n]
		jobs = jobs[n:]
	}
	close(next)
	wg.Wait()
}

// look gives what a file yields: what it yielded before, if it is the same. The buffer is for its bytes.
func (l *loader) look(j job, buf *bytes.Buffer) (f *file) {
	f = &file{path: j.path, schema: j.schema.hash, read: time.Now()}
	fail := func(id, format string, args ...any) *file {
		f.read = time.Time{} // look again next time
		f.diags = diag.List{diag.Errorf(diag.Pos{Path: norm.NFC.String(j.path)}, id, format, args...)}
		return f
	}
	if l.opt.LastGood {
		defer func() {
			if f.diags.Errors() > 0 && f.good == nil {
				f.good = j.before.lastGood(f.schema)
			}
		}()
	}
	// What breaks on one file is that file's fault; the others are read all the same.
	defer func() {
		if p := recover(); p != nil {
			f = fail("file/panic", "程序处理这个文件时出错：%v。请把文件发给开发者。", p)
		}
	}()
	info, err := stat(l.source, j)
	if errors.Is(err, fs.ErrNotExist) {
		return f // deleted since the folder was read: as if it had never been
	} else if err != nil {
		return fail("file/unreadable", "读不了这个文件：%v", reason(err))
	}
	if !info.Mode().IsRegular() {
		return f
	}
	if l.unchanged(j, f.schema, info) {
		return j.before
	}
	f.size, f.mtime = info.Size(), info.ModTime()
	csv := strings.EqualFold(path.Ext(j.path), ".csv") || strings.EqualFold(path.Ext(j.path), ".tsv")
	limit := int64(maxFile)
	switch {
	case isAsset(j.path):
		f.asset = &Asset{Path: "content/" + j.schema.Key + "/" + below(norm.NFC.String(j.path)), File: j.path, Size: f.size}
		return l.image(f, j.path)
	case csv:
		limit = maxCSV
	}
	if f.size > limit {
		return fail("file/size", "文件有 %.1f MB，太大了（最多 %d MB）。图片和附件请另存为文件再链接。", float64(f.size)/(1<<20), limit>>20)
	}
	src, err := readAll(l.source, j.path, f.size, limit, buf)
	if err == errTooLarge {
		return fail("file/size", "文件太大了（最多 %d MB）。", limit>>20)
	} else if errors.Is(err, fs.ErrNotExist) {
		return f
	} else if err != nil {
		return fail("file/unreadable", "读不了这个文件：%v", reason(err))
	}
	if !l.opt.Once {
		f.content = hash(src)
	}
	if same := f.again(j.before); same != nil {
		return same
	}
	if csv {
		f.records, f.diags = readTable(j.path, src, j.schema, l.opt.Zone)
	} else {
		f.records, f.diags = readMarkdown(j.path, src, j.schema, l.opt.Zone)
	}
	if l.opt.Spool != nil {
		for _, r := range f.records {
			err := r.putAside(l.opt.Spool)
			switch {
			case err != nil && l.opt.Once:
				l.full.CompareAndSwap(nil, &err)
				return f
			case err != nil && l.opt.Full != nil:
				l.opt.Full(err)
			}
		}
	}
	return f
}

func stat(source fs.FS, j job) (fs.FileInfo, error) {
	if j.entry != nil {
		return j.entry.Info()
	}
	return fs.Lstat(source, j.path)
}

// readAll gives the bytes of a file, of which size is the probable number, in buf.
func readAll(source fs.FS, p string, size, limit int64, buf *bytes.Buffer) ([]byte, error) {
	h, err := source.Open(p)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	buf.Reset()
	buf.Grow(int(min(size, limit)) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(h, limit+1)); err != nil {
		return nil, err
	}
	if int64(buf.Len()) > limit {
		return nil, errTooLarge
	}
	return buf.Bytes(), nil
}

// reason is an error without the path, which the message already names.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		switch {
		case errors.Is(pe.Err, fs.ErrPermission):
			return errors.New("没有权限")
		case errors.Is(pe.Err, fs.ErrNotExist):
			return errors.New("文件不见了")
		}
		return pe.Err
	}
	return err
}
