package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gongzhi/generator/output"
)

// target gives the real, absolute path of the folder to replace, or says why it may not be replaced.
// Nothing is touched. Folders are compared by identity, not by name, which sees through symbolic links
// and differences of case that a file system ignores.
func target(output, source string) (string, error) {
	if output == "" {
		return "", errors.New("没有指定输出文件夹")
	}
	out, err := realPath(output)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(out); err == nil && !info.IsDir() {
		return "", fmt.Errorf("输出位置 %s 是一个文件，不是文件夹：请换一个输出文件夹", output)
	}
	if filepath.Dir(out) == out {
		return "", fmt.Errorf("输出文件夹不能是 %s：那是整个磁盘", output)
	}
	if home, err := os.UserHomeDir(); err == nil && contains(out, home) {
		return "", fmt.Errorf("输出文件夹不能是 %s：那里有您的个人文件夹，里面的文件会被清除", output)
	}
	if source == "" {
		return out, nil
	}
	if contains(out, source) {
		return "", fmt.Errorf("输出文件夹不能是 %s：那里有网站的源文件；请换一个，例如 %s", output, filepath.Join(source, "public"))
	}
	base, err := realPath(source)
	if err != nil {
		return "", err
	}
	for _, name := range []string{"content", "static", "themes", ".gongzhi", ".git"} {
		dir := filepath.Join(source, name)
		inside, err := filepath.Rel(filepath.Join(base, name), out) // by name too: the folder may not be there yet
		if contains(out, dir) || contains(dir, out) || err == nil && filepath.IsLocal(inside) {
			return "", fmt.Errorf("输出文件夹不能是 %s：它和 %s 重叠，那里有网站的源文件；请换一个，例如 %s", output, dir, filepath.Join(source, "public"))
		}
	}
	return out, nil
}

// realPath makes a path absolute and resolves the symbolic links in the part of it that exists.
func realPath(path string) (string, error) {
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
			return "", output.Failed("打开", p, err)
		}
		if info, err := os.Lstat(p); err == nil {
			if info.Mode().Type() != fs.ModeSymlink {
				continue // another build has put it there since
			}
			return "", fmt.Errorf("%s 是一个符号链接，它指向的文件夹不存在：请建立那个文件夹，或者删除这个链接", p)
		}
		parent := filepath.Dir(p)
		if parent == p {
			return "", output.Failed("打开", p, err)
		}
		rest, p = filepath.Join(filepath.Base(p), rest), parent
	}
}

// contains reports whether inner is dir or lies in it. A folder that does not exist contains nothing.
func contains(dir, inner string) bool {
	d, err := os.Stat(dir)
	if err != nil {
		return false
	}
	p, err := realPath(inner)
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
