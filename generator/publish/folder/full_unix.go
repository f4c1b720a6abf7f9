//go:build unix

package folder

import (
	"errors"
	"syscall"
)

// full reports whether the quota is used up.
func full(err error) bool { return errors.Is(err, syscall.EDQUOT) }
