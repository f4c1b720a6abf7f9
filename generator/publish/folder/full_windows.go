package folder

import (
	"errors"

	"golang.org/x/sys/windows"
)

// full reports whether there is no room: Windows has several words for it.
func full(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) || errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}
