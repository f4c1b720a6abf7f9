//go:build unix

package build

import "syscall"

const errBusy = syscall.EBUSY
