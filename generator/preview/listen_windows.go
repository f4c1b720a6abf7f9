package preview

import "syscall"

// What the system says of a port or an address that can't be had: WSAEADDRINUSE, WSAEACCES, WSAEADDRNOTAVAIL of
// winsock2.h, which the constants of package syscall that have those names are not.
const (
	errBusy      = syscall.Errno(10048)
	errForbidden = syscall.Errno(10013)
	errElsewhere = syscall.Errno(10049)
)
