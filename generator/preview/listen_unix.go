//go:build !windows

package preview

import "syscall"

// What the system says of a port or an address that can't be had.
const (
	errBusy      = syscall.EADDRINUSE
	errForbidden = syscall.EACCES
	errElsewhere = syscall.EADDRNOTAVAIL
)
