package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Apart says why nothing may be written to a file or folder: a file of the site in source is there, or in it, or around it. Whatever a
// command writes (a site, a copy, a package) it asks first: no name that somebody types costs a record. Places are compared
// by identity, not by name, which sees through symbolic links and differences of case that a file system ignores. Without a source there
// is nothing to lose.
func Apart(name, source string) error {
	if source == "" {
		return nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil // /dev/stdout, a pipe
	}
	out, err := RealPath(name)
	if err != nil {
		return err
	}
	if Contains(out, source) {
		return errors.New("那里有网站的源文件")
	}
	base, err := RealPath(source)
	if err != nil {
		return err
	}
	for _, name := range []string{"content", "static", "themes", "site.yaml", ".gongzhi", ".git"} {
		dir := filepath.Join(source, name)
		inside, err := filepath.Rel(filepath.Join(base, name), out) // by name too: the folder may not be there yet
		if Contains(out, dir) || Contains(dir, out) || err == nil && filepath.IsLocal(inside) {
			return fmt.Errorf("它和 %s 重叠，那里有网站的源文件", dir)
		}
	}
	return nil
}

// RealPath makes a path absolute and resolves the symbolic links in the part of it that exists.
func RealPath(path string) (string, error) {
	p, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(p)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", Failed("打开", p, err)
		}
		if info, err := os.Lstat(p); err == nil {
			if info.Mode().Type() != fs.ModeSymlink {
				continue // another build has put it there since
			}
			return "", fmt.Errorf("%s 是一个符号链接，它指向的文件夹不存在：请建立那个文件夹，或者删除这个链接", p)
		}
		parent := filepath.Dir(p)
		if parent == p {
			return "", Failed("打开", p, err)
		}
		rest, p = filepath.Join(filepath.Base(p), rest), parent
	}
}

// Contains reports whether inner is dir or lies in it. A folder that does not exist contains nothing.
func Contains(dir, inner string) bool {
	d, err := os.Stat(dir)
	if err != nil {
		return false
	}
	p, err := RealPath(inner)
	if err != nil {
		return false
	}
	for {
		if i, err := os.Stat(p); err == nil && os.SameFile(d, i) {
			return true
		}
		parent := filepath.Dir(p)
		if parent == p {
			return false
		}
		p = parent
	}
}
