//go:build unix

package preview

import (
	"io/fs"
	"reflect"
	"syscall"
)

// identity gives a file's inode and the time of its last change of any kind, in nanoseconds.
func identity(info fs.FileInfo) (inode uint64, changed int64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	// The field is Ctim or Ctimespec, by system.
	v := reflect.ValueOf(st).Elem()
	t := v.FieldByName("Ctim")
	if !t.IsValid() {
		t = v.FieldByName("Ctimespec")
	}
	if t.IsValid() {
		if ts, ok := t.Interface().(syscall.Timespec); ok {
			changed = ts.Nano()
		}
	}
	return uint64(st.Ino), changed
}
