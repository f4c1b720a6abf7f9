package build

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// mkdirRoot makes a folder in a part of the disk where few others are.
//
// ext4 makes a file near its folder, and a folder near the one above it: a site would come to lie where the
// last one was that stood beside it. Without a journal (cloud machines have such disks) it does not reuse
// what was deleted in the last minutes, and passes over all of it again for each file it makes:
// a build that follows a removed site takes three times as long. Only folders in one marked as the top of a hierarchy
// (chattr +T) are spread over the disk, by their names. So some begin in such a folder, under names that were not
// used before, and one becomes the root that took little time to make, as did those that lie behind it: there least is
// passed over. Other file systems refuse the mark, and nothing is different there. Source of the rules: fs/ext4/ialloc.c
// in Linux.
func mkdirRoot(name string) error {
	top := name + "-top"
	if mkdir(top) != nil || setTop(top) != nil {
		os.Remove(top)
		return mkdir(name)
	}
	tries := makeTries(top, 8)
	if crowded(tries) {
		tries = append(tries, makeTries(top, 40)...)
	}
	err := errors.ErrUnsupported
	if len(tries) > 0 {
		best := filepath.Join(top, roomiest(tries).name)
		err = unix.Renameat2(unix.AT_FDCWD, best, unix.AT_FDCWD, name, unix.RENAME_NOREPLACE)
	}
	os.RemoveAll(top)
	if err != nil {
		return mkdir(name)
	}
	return nil
}

// try is a folder that was made to see how long it takes. The number of its inode is its place on the disk.
type try struct {
	name  string
	inode uint64
	took  time.Duration
}

func makeTries(top string, n int) (tries []try) {
	for range n {
		name := strconv.FormatUint(rand.Uint64(), 36)
		dir := filepath.Join(top, name)
		began := time.Now()
		err := mkdir(dir)
		took := time.Since(began)
		var st unix.Stat_t
		if err != nil || unix.Lstat(dir, &st) != nil {
			break
		}
		tries = append(tries, try{name, st.Ino, took})
	}
	return tries
}

// slow is the time from which on a folder took unusually long to make.
func slow(tries []try) time.Duration {
	least := time.Hour
	for _, t := range tries {
		least = min(least, t.took)
	}
	return max(5*least, 50*time.Microsecond)
}

func crowded(tries []try) bool {
	limit := slow(tries)
	return slices.ContainsFunc(tries, func(t try) bool { return t.took >= limit })
}

// roomiest gives the folder with the longest way to a slow one behind it; none is slow itself if that can be.
func roomiest(tries []try) try {
	limit := slow(tries)
	slices.SortFunc(tries, func(a, b try) int { return cmp.Compare(a.inode, b.inode) })
	best, longest, next := tries[0], uint64(0), uint64(math.MaxUint64)
	for _, t := range slices.Backward(tries) {
		if t.took >= limit {
			next = t.inode
		} else if way := next - t.inode; way > longest {
			best, longest = t, way
		}
	}
	return best
}

// setTop marks a folder as the top of a hierarchy.
func setTop(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	fd := int(f.Fd())
	flags, err := unix.IoctlGetInt(fd, unix.FS_IOC_GETFLAGS)
	if err != nil {
		return err
	}
	return unix.IoctlSetPointerInt(fd, unix.FS_IOC_SETFLAGS, flags|fsTop)
}

const fsTop = 0x20000 // FS_TOPDIR_FL of linux/fs.h

func exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP):
		return errNoExchange
	}
	return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
}

func flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	switch err := unix.Syncfs(int(f.Fd())); {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM): // gVisor, or a container's filter
		unix.Sync()
		return flushDir(dir)
	case err != nil:
		return &os.PathError{Op: "syncfs", Path: dir, Err: err}
	}
	return nil
}

// isMountPoint reports whether something is mounted at dir. Comparing devices does not find a folder that
// is bound from the same file system, which is how containers see theirs.
func isMountPoint(dir string) bool {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, dir, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_TYPE, &st)
	if err == nil && st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
	}
	return otherDevice(dir, syscall.Lstat)
}
