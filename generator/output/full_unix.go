//go:build unix

package output

import "syscall"

var errFull error = syscall.EDQUOT
