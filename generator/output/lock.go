package output

import (
	"context"
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

	"gongzhi/generator/folder"
)

// Beside and Within begin the names of what somebody who changes a folder needs while at work: beside it, or in it
// where that is not possible.
func Beside(dir string) string { return filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+Own) }

// Within is the other one.
func Within(dir string) string { return filepath.Join(dir, Own) }

// LockOptions say how to wait for a lock.
type LockOptions struct {
	Timeout time.Duration       // 0: two minutes
	Wait    func(holder string) // if not nil, it is called once when somebody else holds the lock, and told who, in Chinese
	Name    string              // what the folder is called in a message; empty: its path
}

// Lock takes the lock of a folder, given by its real and absolute path: while it is held nobody else changes the folder.
// The folder need not exist. The lock stands beside it, or, and then within is true, in it, where nobody may write
// beside it; on a file system without locks in the system's folder for temporary files. The system drops it with its
// process, so a stale file means nothing.
func Lock(ctx context.Context, dir string, opt LockOptions) (unlock func(), within bool, err error) {
	_, err = os.Stat(dir)
	exists := err == nil
	unlock, err = lock(ctx, Beside(dir)+"lock", dir, opt)
	if exists && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		within = true
		unlock, err = lock(ctx, Within(dir)+"lock", dir, opt)
	}
	return unlock, within, err
}

// lock waits for its turn and leaves a note for those who come later.
func lock(ctx context.Context, name, dir string, opt LockOptions) (unlock func(), err error) {
	limit := opt.Timeout
	if limit == 0 {
		limit = 2 * time.Minute
	}
	if opt.Name == "" {
		opt.Name = dir
	}
	start := time.Now()
	told := false
	for {
		l := flock.New(name, flock.SetPermissions(0o644))
		ok, err := l.TryLock()
		switch {
		case err != nil && unlockable(err) && filepath.Dir(name) != filepath.Clean(os.TempDir()):
			// At least the builds of this machine shall not meet.
			name = filepath.Join(os.TempDir(), fmt.Sprintf("gongzhi-%x-lock", sha256.Sum256([]byte(dir))))
			continue
		case err != nil:
			return nil, Failed("锁定", name, err)
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
			return nil, fmt.Errorf("输出文件夹 %s 正被另一个生成使用（%s），等了 %s 还没有结束：请等它结束，或者先停止它", opt.Name, who, limit.Round(time.Second))
		}
		if !told && opt.Wait != nil {
			opt.Wait(who)
		}
		told = true
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
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
	f, err := folder.Open(name)
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
