package folder

import (
	"io/fs"
	"os"
)

// beneathRoot is beneath where the system has no call for it. What a link leads to is refused by what the name is
// right after it was opened; one that is put back in that moment led to no place outside the folder.
func beneathRoot(dir, rest string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(rest, os.O_RDONLY|atOnce, 0)
	if err != nil {
		return nil, err
	}
	if info, err := root.Lstat(rest); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: rest, Err: ErrLink}
	}
	return f, nil
}
