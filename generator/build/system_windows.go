package build

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

const openFlags = 0

func exchange(a, b string) error { return errNoExchange }

// rename tries again for a moment: a virus scanner or an indexer opens fresh files and lets go of them
// soon.
func rename(from, to string) error {
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		err := os.Rename(from, to)
		if err == nil || wait > time.Second || !errors.Is(err, windows.ERROR_ACCESS_DENIED) && !errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
			return err
		}
		time.Sleep(wait)
	}
}

// held reports whether a program has a file or folder open so that it can't be renamed, as a console has the one that it is
// in. Unless that goes on longer than rename waits, nobody is told.
func held(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// A folder's entries are flushed by the file system's own journal, and a whole volume only by an administrator.
func flush(dir string) error    { return nil }
func flushDir(dir string) error { return nil }

func isMountPoint(dir string) bool { return false } // a rename says so
