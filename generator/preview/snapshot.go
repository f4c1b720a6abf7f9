package preview

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/render"
)

// stamp is what a file's or folder's entry says without reading it. Times alone do not tell: a file can be
// replaced by one of the same size and time (mv, tar, cp -p), but not with the same inode and change time.
type stamp struct {
	size   int64
	mtime  int64
	ctime  int64 // 0 where the system has none
	inode  uint64
	folder bool
}

// snapshot is the stamps of all that a site is made of, by path relative to the source. It is the truth that
// notices of changes are only hints of.
type snapshot map[string]stamp

// look takes a snapshot. Folders that can't be read are as if they were empty.
func look(source string) snapshot {
	s := snapshot{}
	if info, err := os.Stat(source); err == nil {
		s["."] = stampOf(info)
	}
	for _, name := range roots {
		info, err := os.Stat(filepath.Join(source, name)) // content/ may be a link
		if err != nil {
			continue
		}
		s[name] = stampOf(info)
		if info.IsDir() {
			s.below(source, name)
		}
	}
	return s
}

// roots are what is looked at in the source folder.
var roots = []string{"site.yaml", "content", "themes", "static"}

func (s snapshot) below(source, dir string) {
	entries, err := os.ReadDir(filepath.Join(source, filepath.FromSlash(dir)))
	if err != nil {
		return
	}
	for _, e := range entries {
		p := dir + "/" + e.Name()
		if ignored(p) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue
		}
		if info.Mode()&fs.ModeSymlink != 0 && strings.HasPrefix(p, "themes/") {
			// A build follows a theme's links.
			if info, err = os.Stat(filepath.Join(source, filepath.FromSlash(p))); err != nil {
				continue
			}
		}
		s[p] = stampOf(info)
		if info.IsDir() && strings.Count(p, "/") < 64 {
			s.below(source, p)
		}
	}
}

// diff lists what differs between two snapshots, and the folders that it is in.
func (s snapshot) diff(later snapshot) []string {
	var l []string
	note := func(p string) {
		l = append(l, p)
		if i := strings.LastIndexByte(p, '/'); i > 0 {
			l = append(l, p[:i])
		}
	}
	for p, a := range s {
		if b, ok := later[p]; (!ok || a != b) && p != "." {
			note(p)
		}
	}
	for p := range later {
		if _, ok := s[p]; !ok && p != "." {
			note(p)
		}
	}
	return l
}

func stampOf(info fs.FileInfo) stamp {
	s := stamp{folder: info.IsDir()}
	s.inode, s.ctime = identity(info)
	if !s.folder { // a folder's times tell nothing that its entries do not
		s.size, s.mtime = info.Size(), info.ModTime().UnixNano()
	} else {
		s.ctime = 0
	}
	return s
}

// ignored reports whether nothing at or below a path (relative to the source) is part of a site.
func ignored(p string) bool {
	top, rest, deeper := strings.Cut(p, "/")
	switch top {
	case "site.yaml":
		return deeper
	case "content":
		for deeper {
			var name string
			if name, rest, deeper = strings.Cut(rest, "/"); content.Ignored(name) {
				return true
			}
		}
		return false
	case "static":
		for deeper {
			var name string
			if name, rest, deeper = strings.Cut(rest, "/"); render.NotStatic(name) {
				return true
			}
		}
		return false
	case "themes":
		for deeper {
			var name string
			if name, rest, deeper = strings.Cut(rest, "/"); strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
				return true
			}
		}
		return false
	}
	return true
}

// poll looks at the files every interval, for ever, and notes what differs. It rests ten times as long as a look
// takes, so that a large archive on a slow disk does not keep the machine busy.
func poll(done <-chan struct{}, source string, interval time.Duration, s snapshot, d *dirty) {
	rest := interval
	for {
		select {
		case <-done:
			return
		case <-time.After(rest):
		}
		began := time.Now()
		later := look(source)
		if changed := s.diff(later); len(changed) > 0 {
			d.add(changed...)
		}
		s = later
		rest = max(interval, 10*time.Since(began))
	}
}
