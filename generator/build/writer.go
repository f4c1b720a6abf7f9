package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gongzhi/generator/folder"
	"gongzhi/generator/output"
)

// A Writer takes the files of a site during a call of Write. Its methods may be called from several goroutines.
type Writer struct {
	ctx     context.Context
	opt     Options
	sys     system
	workers int

	mu    sync.Mutex // guards the site, until fill has returned
	files []*file
	named map[string]*file
	dirs  map[string]*dir // every folder above a file; the root is not among them
	wrong []error         // paths that can't be

	out    string // the folder to replace, real and absolute
	beside bool   // the work is done beside out, not in it
	prefix string // what every file and folder of ours at work begins with

	stage   atomic.Pointer[string] // the new tree, once there is something to put into it
	staging sync.Mutex
	touched bool // the output is no longer what it was
	strict  bool // the umask takes more than the group's right to write: modes are set after creation
	fresh   bool // there is no old tree to compare with
	dry     bool // nothing is written

	done, bytes atomic.Int64
	failed      atomic.Bool   // nothing will be published
	open        chan struct{} // limits the files open at once, below any usual limit of the system
}

type file struct {
	path    string
	dir     *dir // nil: the root
	changed bool // it is in the new tree because its bytes are new
}

type dir struct {
	path   string
	parent *dir
	made   atomic.Bool
}

const maxOpen = 16

func newWriter(ctx context.Context, opt Options, sys system) *Writer {
	w := &Writer{
		ctx: ctx, opt: opt, sys: sys, workers: opt.Workers,
		named: make(map[string]*file), dirs: make(map[string]*dir), open: make(chan struct{}, maxOpen),
	}
	if w.workers <= 0 {
		w.workers = runtime.GOMAXPROCS(0)
	}
	return w
}

// fill lets f give its files, and finds out whether they can be a site.
func (w *Writer) fill(f func(*Writer) error) error {
	_, err := os.Lstat(w.out)
	w.fresh = errors.Is(err, fs.ErrNotExist)
	stop := w.progress()
	err = f(w)
	stop()
	if w.ctx.Err() != nil {
		err = interrupted(w.ctx)
	}
	wrong := w.wrong
	for name := range w.dirs {
		if _, ok := w.named[name]; ok {
			wrong = append(wrong, impossible(name, "它既是文件又是文件夹"))
		}
	}
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(append([]error{err}, wrong...)...)
}

func impossible(p, why string) error {
	return fmt.Errorf("网站里的路径 %q 不能写成文件：%s", p, why)
}

// add takes a path into the site, with the folders above it. One that can't be is remembered, and nil returned.
func (w *Writer) add(p string) *file {
	w.mu.Lock()
	defer w.mu.Unlock()
	why := ""
	top, _, _ := strings.Cut(p, "/")
	if _, err := filepath.Localize(p); err != nil || p == "." || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		why = "路径或名字不合规则"
	} else if top == ".git" || strings.HasPrefix(top, output.Own) {
		why = "这个名字另有用途"
	} else if w.named[p] != nil {
		why = "它出现了两次"
	}
	if why != "" {
		w.wrong = append(w.wrong, impossible(p, why))
		w.failed.Store(true)
		return nil
	}
	f := &file{path: p, dir: w.folder(path.Dir(p))}
	w.files = append(w.files, f)
	w.named[p] = f
	return f
}

func (w *Writer) folder(name string) *dir {
	if name == "." {
		return nil
	}
	d := w.dirs[name]
	if d == nil {
		d = &dir{path: name, parent: w.folder(path.Dir(name))}
		w.dirs[name] = d
	}
	return d
}

// Files takes the files at paths, slash-separated and relative, none of them given before. source, if not nil, opens those
// that are a file already, which are copied a part at a time, and gives nil for others. content is called once for each of these, from several goroutines, in about that order. If calls of content fail, all of them are still made and
// their errors are joined in the order of paths; errors of the disk end the work at once.
func (w *Writer) Files(paths []string, source func(path string) (fs.File, error), content func(dst []byte, path string) ([]byte, error)) error {
	files := make([]*file, 0, len(paths))
	for _, p := range paths {
		if f := w.add(p); f != nil {
			files = append(files, f)
		}
	}
	var mu sync.Mutex
	errs := make(map[int]error)
	err := w.parallel(len(files), func() func(i int) error {
		var buf []byte
		cmp := make([]byte, 32<<10)
		failed := func(i int, err error) error {
			w.failed.Store(true)
			mu.Lock()
			errs[i] = err
			mu.Unlock()
			return nil // so that all errors are found
		}
		return func(i int) error {
			if source != nil {
				if from, err := source(files[i].path); err != nil {
					return failed(i, err)
				} else if from != nil {
					return w.copy(files[i], from, func() (fs.File, error) { return source(files[i].path) })
				}
			}
			b, err := call(content, buf[:0], files[i].path)
			if err != nil {
				return failed(i, err)
			}
			err = w.put(files[i], b, cmp)
			// The result may be a slice that belongs to the callee, so it is not taken as the next buffer.
			// The few very large files are not worth a buffer that stays.
			if len(b) > cap(buf) && len(b) < 1<<20 {
				buf = make([]byte, 0, len(b)+len(b)/4)
			}
			return err
		}
	})
	if err != nil {
		return err
	}
	all := make([]error, 0, len(errs))
	for _, i := range slices.Sorted(maps.Keys(errs)) {
		all = append(all, errs[i])
	}
	return errors.Join(all...)
}

// Put takes one file, with its bytes, which are not kept.
func (w *Writer) Put(path string, b []byte) error {
	f := w.add(path)
	if f == nil || w.failed.Load() || w.ctx.Err() != nil {
		return output.ErrStopped
	}
	return w.put(f, b, nil)
}

// Old is the output as it stands, or nil if there is none.
func (w *Writer) Old() fs.FS {
	if w.fresh {
		return nil
	}
	return folder.Published(w.out)
}

// Keep takes a file that the output has already, as it is; size is its size in bytes.
func (w *Writer) Keep(path string, size int64) error {
	if w.add(path) == nil || w.failed.Load() || w.ctx.Err() != nil {
		return output.ErrStopped
	}
	w.bytes.Add(size)
	w.done.Add(1)
	return nil
}

// call turns a panic of one page into an error that names it.
func call(content func(dst []byte, path string) ([]byte, error), dst []byte, path string) (b []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("生成 %s 时程序出错：%v\n%s", path, v, debug.Stack())
		}
	}()
	return content(dst, path)
}

// put writes a file to the new tree unless the old one has the same bytes. cmp is a buffer to compare with, or nil.
func (w *Writer) put(f *file, b, cmp []byte) (err error) {
	defer func() {
		w.done.Add(1)
		if err != nil {
			w.failed.Store(true)
		}
	}()
	w.bytes.Add(int64(len(b)))
	if w.failed.Load() || w.dry {
		return nil
	}
	w.open <- struct{}{}
	defer func() { <-w.open }()
	if !w.fresh && same(native(w.out, f.path), b, cmp) {
		return nil
	}
	if err := w.makeStage(); err != nil {
		return err
	}
	if err := w.makeDir(f.dir); err != nil {
		return err
	}
	f.changed = true
	return w.create(native(*w.stage.Load(), f.path), b)
}

// copy writes an open file to the new tree unless the old one has the same bytes, and closes it; it is opened again to be
// read a second time.
func (w *Writer) copy(f *file, from fs.File, again func() (fs.File, error)) (err error) {
	defer func() {
		w.done.Add(1)
		if err != nil {
			w.failed.Store(true)
		}
	}()
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return output.Failed("读取", f.path, err)
	}
	w.bytes.Add(info.Size())
	if w.failed.Load() || w.dry {
		return nil
	}
	w.open <- struct{}{}
	defer func() { <-w.open }()
	if !w.fresh {
		if alike, read := w.alike(native(w.out, f.path), from, info.Size()); alike || w.ctx.Err() != nil {
			return nil
		} else if read {
			second, err := again()
			if err != nil {
				return err
			}
			defer second.Close()
			from = second
		}
	}
	if err := w.makeStage(); err != nil {
		return err
	}
	if err := w.makeDir(f.dir); err != nil {
		return err
	}
	f.changed = true
	name := native(*w.stage.Load(), f.path)
	err = w.sys.pour(name, from, fileMode)
	if err == nil && w.strict {
		err = os.Chmod(name, fileMode)
	}
	return output.Failed("写入", name, err)
}

// alike reports whether a file of the old tree has the bytes of an open one of so many, and whether any of these were read.
func (w *Writer) alike(name string, from io.Reader, size int64) (alike, read bool) {
	f, err := os.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return false, false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() != size {
		return false, false
	}
	a, b := make([]byte, 64<<10), make([]byte, 64<<10)
	for w.ctx.Err() == nil {
		n, err := io.ReadFull(from, a)
		m, otherErr := io.ReadFull(f, b)
		if n != m || !bytes.Equal(a[:n], b[:m]) {
			return false, true
		}
		if err != nil || otherErr != nil {
			over := func(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
			return over(err) && over(otherErr), true
		}
	}
	return false, true
}

// same reports whether the file has exactly these bytes. One that can't be read has not.
func same(name string, want, buf []byte) bool {
	f, err := os.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(want)) {
		return false
	}
	if buf == nil {
		buf = make([]byte, min(len(want)+1, 32<<10))
	}
	for {
		n, err := f.Read(buf[:min(len(buf), len(want)+1)])
		if n > len(want) || !bytes.Equal(buf[:n], want[:n]) {
			return false
		}
		want = want[n:]
		if err != nil {
			return err == io.EOF && len(want) == 0
		}
	}
}

// makeStage makes the root of the new tree, once.
func (w *Writer) makeStage() error {
	if w.stage.Load() != nil {
		return nil
	}
	w.staging.Lock()
	defer w.staging.Unlock()
	if w.stage.Load() != nil {
		return nil
	}
	for n := 1; ; n++ {
		// A number that was used before stands for another machine's or container's process of that number.
		id := strconv.Itoa(os.Getpid())
		if n > 1 {
			id += "-" + strconv.Itoa(n)
		}
		if _, err := os.Lstat(w.prefix + "old-" + id); err == nil {
			continue
		}
		name := w.prefix + "new-" + id
		err := w.sys.mkdir(name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return output.Failed("建立文件夹", name, err)
		}
		info, err := os.Stat(name)
		if err != nil {
			return output.Failed("建立文件夹", name, err)
		}
		w.strict = info.Mode().Perm()&dirMode != dirMode
		w.stage.Store(&name)
		if w.strict {
			return output.Failed("设置权限", name, os.Chmod(name, dirMode))
		}
		return nil
	}
}

// makeDir makes a folder of the site in the new tree, and those above it, each once.
func (w *Writer) makeDir(d *dir) error {
	if d == nil || d.made.Load() {
		return nil
	}
	if err := w.makeDir(d.parent); err != nil {
		return err
	}
	if err := w.mkdir(native(*w.stage.Load(), d.path)); err != nil {
		return err
	}
	d.made.Store(true)
	return nil
}

// mkdir makes a folder with the mode that is due; one that exists is fine.
func (w *Writer) mkdir(name string) error {
	err := w.sys.mkdir(name)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil && w.strict {
		err = os.Chmod(name, dirMode)
	}
	return output.Failed("建立文件夹", name, err)
}

// create makes a file with the mode that is due.
func (w *Writer) create(name string, data []byte) error {
	err := w.sys.create(name, data, fileMode)
	if err == nil && w.strict {
		err = os.Chmod(name, fileMode)
	}
	return output.Failed("写入", name, err)
}

// parallel calls a function for 0 … n-1 from several goroutines until one call fails or the context
// ends. Each goroutine gets its function from worker.
func (w *Writer) parallel(n int, worker func() func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancelCause(w.ctx)
	defer cancel(nil)
	for range min(w.workers, n) {
		wg.Go(func() {
			f := worker()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	if w.ctx.Err() != nil {
		return interrupted(w.ctx)
	}
	return context.Cause(ctx)
}

// progress tells opt.Progress how far the work is until the returned function is called.
func (w *Writer) progress() (stop func()) {
	if w.opt.Progress == nil {
		return func() {}
	}
	tell := func() {
		w.mu.Lock()
		total := len(w.files)
		w.mu.Unlock()
		w.opt.Progress(min(int(w.done.Load()), total), total)
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				tell()
			case <-quit:
				tell()
				return
			}
		}
	}()
	return func() { close(quit); <-over }
}

// makeParents makes a folder and those above it, open to the web server whatever the umask; one that exists keeps its mode.
func makeParents(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(name); parent != name {
		if err := makeParents(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(name, dirMode); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err == nil && info.Mode().Perm()&dirMode != dirMode {
		err = os.Chmod(name, dirMode)
	}
	return err
}

// claim decides where the work is done and takes the lock there.
func (w *Writer) claim() (unlock func(), err error) {
	_, err = os.Stat(w.out)
	exists := err == nil
	w.beside = !w.opt.InPlace && !(exists && (isMountPoint(w.out) || isBound("/proc", w.out)))
	if err := makeParents(filepath.Dir(w.out)); err != nil {
		return nil, output.Failed("建立文件夹", filepath.Dir(w.out), err)
	}
	unlock, within, err := output.Lock(w.ctx, w.out, output.LockOptions{Timeout: w.opt.LockTimeout, Wait: w.opt.Wait, Name: w.opt.Output})
	if err != nil && w.ctx.Err() != nil {
		return nil, interrupted(w.ctx)
	} else if err != nil {
		return nil, err
	}
	w.beside = w.beside && !within
	w.prefix = output.Beside(w.out)
	if !w.beside {
		w.prefix = output.Within(w.out)
		if err := makeParents(w.out); err != nil {
			unlock()
			return nil, output.Failed("建立文件夹", w.out, err)
		}
	}
	return unlock, nil
}
