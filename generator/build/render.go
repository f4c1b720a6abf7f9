package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A writer is one call of Write.
type writer struct {
	ctx     context.Context
	opt     Options
	sys     system
	workers int

	paths []string
	files map[string]int32 // path → its place in paths
	dirs  []dir            // every folder above a path, parents first; the root is not among them
	dirOf []int32          // path → its folder in dirs, -1 for the root
	named map[string]int32 // folder → its place in dirs

	out    string // the folder to replace, real and absolute
	beside bool   // the work is done beside out, not in it
	prefix string // what every file and folder of ours at work begins with

	stage   atomic.Pointer[string] // the new tree, once there is something to put into it
	staging sync.Mutex
	touched bool // the output is no longer what it was
	strict  bool // the umask takes more than the group's right to write: modes are set after creation

	changed []bool // path → it is in the new tree because its bytes are new
	bytes   atomic.Int64
	open    chan struct{} // limits the files open at once, below any usual limit of the system
}

type dir struct {
	path   string
	parent int32
	made   atomic.Bool
}

const maxOpen = 16

// index checks the paths and finds their folders.
func (w *writer) index() error {
	var errs []error
	bad := func(p, why string) {
		errs = append(errs, fmt.Errorf("网站里的路径 %q 不能写成文件：%s", p, why))
	}
	w.files = make(map[string]int32, len(w.paths))
	w.named = make(map[string]int32)
	w.dirOf = make([]int32, len(w.paths))
	var parents []int32
	var names []string
	var folder func(name string) int32
	folder = func(name string) int32 {
		if name == "." {
			return -1
		}
		i, ok := w.named[name]
		if !ok {
			up := folder(path.Dir(name))
			i = int32(len(names))
			names, parents = append(names, name), append(parents, up)
			w.named[name] = i
		}
		return i
	}
	for i, p := range w.paths {
		if _, err := filepath.Localize(p); err != nil || p == "." || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			bad(p, "路径或名字不合规则")
			continue
		}
		if first, _, _ := strings.Cut(p, "/"); first == ".git" || strings.HasPrefix(first, ownPrefix) {
			bad(p, "这个名字另有用途")
			continue
		}
		if _, ok := w.files[p]; ok {
			bad(p, "它出现了两次")
			continue
		}
		w.files[p] = int32(i)
		w.dirOf[i] = folder(path.Dir(p))
	}
	for _, name := range names {
		if _, ok := w.files[name]; ok {
			bad(name, "它既是文件又是文件夹")
		}
	}
	w.dirs = make([]dir, len(names))
	for i := range names {
		w.dirs[i].path, w.dirs[i].parent = names[i], parents[i]
	}
	w.changed = make([]bool, len(w.paths))
	w.open = make(chan struct{}, maxOpen)
	return errors.Join(errs...)
}

// render computes every file and puts those that differ from the old ones into the new tree.
func (w *writer) render(file Func) error {
	var done atomic.Int64
	stop := w.progress(&done)
	defer stop()

	var mu sync.Mutex
	var failed atomic.Bool
	errs := make(map[int]error)

	err := w.parallel(len(w.paths), func() func(i int) error {
		var buf []byte
		cmp := make([]byte, 32<<10)
		return func(i int) error {
			defer done.Add(1)
			b, err := call(file, buf[:0], w.paths[i])
			if err != nil {
				failed.Store(true)
				mu.Lock()
				errs[i] = err
				mu.Unlock()
				return nil // so that all errors are found
			}
			w.bytes.Add(int64(len(b)))
			if !failed.Load() {
				w.open <- struct{}{}
				err = w.put(i, b, cmp)
				<-w.open
			}
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
	for i := range w.paths {
		if e, ok := errs[i]; ok {
			all = append(all, e)
		}
	}
	return errors.Join(all...)
}

// call turns a panic of one page into an error that names it.
func call(file Func, dst []byte, path string) (b []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("生成 %s 时程序出错：%v\n%s", path, v, debug.Stack())
		}
	}()
	return file(dst, path)
}

// put writes a file to the new tree unless the old one has the same bytes.
func (w *writer) put(i int, b, cmp []byte) error {
	if same(native(w.out, w.paths[i]), b, cmp) {
		return nil
	}
	if err := w.makeStage(); err != nil {
		return err
	}
	if err := w.makeDir(w.dirOf[i]); err != nil {
		return err
	}
	w.changed[i] = true
	return w.create(native(*w.stage.Load(), w.paths[i]), b)
}

// same reports whether the file has exactly these bytes. One that can't be read has not.
func same(name string, want, buf []byte) bool {
	f, err := os.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return false
	}
	defer f.Close()
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
func (w *writer) makeStage() error {
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
		err := w.sys.mkdirRoot(name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return failed("建立文件夹", name, err)
		}
		info, err := os.Stat(name)
		if err != nil {
			return failed("建立文件夹", name, err)
		}
		w.strict = info.Mode().Perm()&dirMode != dirMode
		w.stage.Store(&name)
		if w.strict {
			return failed("设置权限", name, os.Chmod(name, dirMode))
		}
		return nil
	}
}

// makeDir makes a folder of the site in the new tree, and those above it, each once.
func (w *writer) makeDir(i int32) error {
	if i < 0 || w.dirs[i].made.Load() {
		return nil
	}
	d := &w.dirs[i]
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
func (w *writer) mkdir(name string) error {
	err := w.sys.mkdir(name)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil && w.strict {
		err = os.Chmod(name, dirMode)
	}
	return failed("建立文件夹", name, err)
}

// create makes a file with the mode that is due.
func (w *writer) create(name string, data []byte) error {
	err := w.sys.create(name, data, fileMode)
	if err == nil && w.strict {
		err = os.Chmod(name, fileMode)
	}
	return failed("写入", name, err)
}

// parallel calls a function for 0 … n-1 from several goroutines until one call fails or the context
// ends. Each goroutine gets its function from worker.
func (w *writer) parallel(n int, worker func() func(i int) error) error {
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
func (w *writer) progress(done *atomic.Int64) (stop func()) {
	if w.opt.Progress == nil {
		return func() {}
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				w.opt.Progress(int(done.Load()), len(w.paths))
			case <-quit:
				w.opt.Progress(int(done.Load()), len(w.paths))
				return
			}
		}
	}()
	return func() { close(quit); <-over }
}
