//go:build unix && !linux && !darwin

package build

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func exchange(a, b string) error { return errNoExchange }

func flush(dir string) error {
	unix.Sync()
	return flushDir(dir)
}

func isMountPoint(dir string) bool { return otherDevice(dir, syscall.Lstat) }
