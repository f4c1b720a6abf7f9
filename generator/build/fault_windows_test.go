package build

import "golang.org/x/sys/windows"

const errBusy = windows.ERROR_ACCESS_DENIED
