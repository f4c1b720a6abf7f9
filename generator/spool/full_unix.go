//go:build unix

package spool

import "syscall"

// full is what the system says when a quota is used up.
const full = syscall.EDQUOT
