package output

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Error is a failure of the disk: what was being done to which file, and what the reader can do.
type Error struct {
	Op   string // 写入, 建立文件夹 …
	Path string
	Err  error
}

func (e *Error) Unwrap() error { return e.Err }

// Error gives one line in Chinese, with the system's own words at the end for whoever looks after the
// machine.
func (e *Error) Error() string {
	advice := "请检查磁盘后再试"
	for _, k := range known {
		if errors.Is(e.Err, k.err) {
			advice = k.advice
			break
		}
	}
	return "无法" + e.Op + " " + e.Path + "：" + advice + "（" + cause(e.Err) + "）"
}

var known = []struct {
	err    error
	advice string
}{
	{syscall.ENOSPC, "磁盘已满，请腾出空间后再试"},
	{errFull, "磁盘已满或配额已用完，请腾出空间后再试"},
	{syscall.EMFILE, "同时打开的文件太多，请提高上限（ulimit -n）后再试"},
	{syscall.ENFILE, "系统同时打开的文件太多，请关闭一些程序后再试"},
	{syscall.EROFS, "这个磁盘是只读的，请换一个输出文件夹"},
	{syscall.EIO, "磁盘读写出错，请检查磁盘"},
	{syscall.ENAMETOOLONG, "名字太长，一级名字最多 255 字节（约 85 个汉字）"},
	{fs.ErrPermission, "没有权限，请检查文件夹的所有者和权限"},
	{fs.ErrExist, "那里已有同名的文件（有的磁盘不分大小写）"},
	{fs.ErrNotExist, "它在生成期间被别的程序删除了，请再试一次"},
}

// ErrStopped is what a call returns that was to write a file when nothing will be published any more, because of an error
// that another call returns.
var ErrStopped = errors.New("nothing will be published")

// Failed wraps an error of the disk; it leaves one that is wrapped already.
func Failed(op, path string, err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &Error{Op: op, Path: path, Err: err}
}

// cause strips the call and the path that package os puts before the reason: the line names them already.
func cause(err error) string {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return err.Error()
}
