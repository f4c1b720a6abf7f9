package build

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// besidePrefix and withinPrefix begin the names of what a build needs while it works: beside the output,
// or in it where that is not possible.
func besidePrefix(out string) string {
	return filepath.Join(filepath.Dir(out), "."+filepath.Base(out)+ownPrefix)
}
func withinPrefix(out string) string { return filepath.Join(out, ownPrefix) }

// claim decides where the work is done and takes the lock there.
func (w *Writer) claim() (unlock func(), err error) {
	_, err = os.Stat(w.out)
	exists := err == nil
	w.beside = !w.opt.InPlace && !(exists && isMountPoint(w.out))
	if err := os.MkdirAll(filepath.Dir(w.out), dirMode); err != nil {
		return nil, failed("建立文件夹", filepath.Dir(w.out), err)
	}
	unlock, err = w.lock(besidePrefix(w.out) + "lock")
	if exists && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		w.beside = false
		unlock, err = w.lock(withinPrefix(w.out) + "lock")
	}
	if err != nil {
		return nil, err
	}
	w.prefix = besidePrefix(w.out)
	if !w.beside {
		w.prefix = withinPrefix(w.out)
		if err := os.MkdirAll(w.out, dirMode); err != nil {
			unlock()
			return nil, failed("建立文件夹", w.out, err)
		}
	}
	return unlock, nil
}

// lock waits for its turn and leaves a note for those who come later.
func (w *Writer) lock(name string) (unlock func(), err error) {
	limit := w.opt.LockTimeout
	if limit == 0 {
		limit = 2 * time.Minute
	}
	start := time.Now()
	told := false
	for {
		l := flock.New(name, flock.SetPermissions(fileMode))
		ok, err := l.TryLock()
		switch {
		case err != nil && unlockable(err) && filepath.Dir(name) != filepath.Clean(os.TempDir()):
			// At least the builds of this machine shall not meet.
			name = filepath.Join(os.TempDir(), fmt.Sprintf("gongzhi-%x-lock", sha256.Sum256([]byte(w.out))))
			continue
		case err != nil:
			return nil, failed("锁定", name, err)
		case ok && current(l, name):
			sign(name)
			return func() { release(l, name) }, nil
		case ok:
			// The holder before removed the file after we had opened it: that lock is of no use.
			l.Unlock()
			continue
		}
		who := holder(name)
		if time.Since(start) > limit {
			return nil, fmt.Errorf("输出文件夹 %s 正被另一个生成使用（%s），等了 %s 还没有结束：请等它结束，或者先停止它", w.opt.Output, who, limit.Round(time.Second))
		}
		if !told && w.opt.Wait != nil {
			w.opt.Wait(who)
		}
		told = true
		select {
		case <-w.ctx.Done():
			return nil, interrupted(w.ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// unlockable reports whether the file system has no locks at all.
func unlockable(err error) bool {
	return errors.Is(err, syscall.ENOSYS) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK)
}

// current reports whether the locked file is still the one of that name.
func current(l *flock.Flock, name string) bool {
	a, err := l.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(name)
	return err == nil && os.SameFile(a, b)
}

func release(l *flock.Flock, name string) {
	if runtime.GOOS == "windows" { // an open file cannot be removed, and a removed one cannot be opened
		l.Unlock()
		os.Remove(name)
		return
	}
	os.Remove(name)
	l.Unlock()
}

// The note of the holder starts at the second byte: Windows lets nobody read the first one, which is
// what is locked.
func sign(name string) {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	host, _ := os.Hostname()
	f.WriteAt(fmt.Appendf(nil, "进程 %d，电脑 %s，%s 开始\n", os.Getpid(), host, time.Now().Format("15:04:05")), 1)
}

func holder(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return "刚刚结束"
	}
	defer f.Close()
	b := make([]byte, 300)
	n, _ := f.ReadAt(b, 1)
	if note, _, ok := strings.Cut(string(b[:n]), "\n"); ok {
		return note
	}
	return "另一个进程"
}
