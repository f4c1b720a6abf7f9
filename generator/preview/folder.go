package preview

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// folder is the source folder as a file system that lets nothing below content/ be read through a symbolic
// link. content.Load passes links over when it lists a folder; here a file that is replaced by a link
// between the listing and the reading is refused too. content/ itself may be a link, as may a theme: the
// owner of the site made those.
//
// Every file is opened by its path anew, so that a folder that is removed and made again is found.
type folder struct {
	fs.FS // os.DirFS
	dir   string
}

func newFolder(dir string) folder { return folder{os.DirFS(dir), dir} }

// Open opens a file or folder.
func (f folder) Open(name string) (fs.File, error) {
	for _, top := range []string{"content", "static"} {
		if rest, ok := strings.CutPrefix(name, top+"/"); ok && fs.ValidPath(name) {
			return os.OpenInRoot(filepath.Join(f.dir, top), filepath.FromSlash(rest))
		}
	}
	return f.FS.Open(name)
}

// Stat, Lstat, ReadLink and ReadDir tell of names alone.

// Stat implements fs.StatFS.
func (f folder) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }

// Lstat implements fs.ReadLinkFS.
func (f folder) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(f.FS, name) }

// ReadLink implements fs.ReadLinkFS.
func (f folder) ReadLink(name string) (string, error) { return fs.ReadLink(f.FS, name) }

// ReadDir implements fs.ReadDirFS.
func (f folder) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.FS, name) }
