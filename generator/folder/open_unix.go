//go:build unix && !linux

package folder

import "syscall"

// atOnce makes opening a pipe wait for nobody.
const atOnce = syscall.O_NONBLOCK
