package spool

import "syscall"

// full is what the system says when there is no room on a disk: ERROR_DISK_FULL.
const full = syscall.Errno(112)
