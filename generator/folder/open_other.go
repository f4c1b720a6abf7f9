//go:build !linux

package folder

import "os"

// beneath opens what is at a path below a folder, through no symbolic link.
func beneath(dir, rest string) (*os.File, error) { return beneathRoot(dir, rest) }
