package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gongzhi"
)

var themeCommand = &command{
	name: "theme", args: "[名称 [文件…]] [--source 文件夹]",
	short: "把自带主题的文件放到 themes 里，好改",
	long: `
不带名称，列出自带主题有哪些文件。带名称，把它们放到 themes/名称/ 里；只要几个文件时，写在后面。
已经有的文件不动。自己的主题只放要改的文件就行，其余的照用自带的；只加几条样式，不用放文件，
新建 themes/名称/assets/extra.css，写在里面。

例：gongzhi theme default templates/footer.html
    gongzhi theme 我的主题`,
	run: runTheme,
}

func runTheme(c *call) int {
	var src source
	src.flags(c, false)
	words, code, ok := c.parse(100)
	if !ok {
		return code
	}
	var all []string
	err := fs.WalkDir(gongzhi.DefaultTheme(), ".", func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, p)
		}
		return err
	})
	if err != nil {
		return c.fail("%v", err)
	}
	if len(words) == 0 {
		for _, p := range all {
			fmt.Fprintln(c.stdout, p)
		}
		return done
	}
	name, wanted := words[0], words[1:]
	if name != path.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `\:`) {
		return c.wrong("主题的名称要能做文件夹名，如 default；现在是“%s”。", name)
	}
	if len(wanted) == 0 {
		wanted = all
	}
	for _, p := range wanted {
		if !slices.Contains(all, p) {
			return c.fail("自带的主题里没有“%s”。gongzhi theme 列出所有文件。", p)
		}
	}
	if !src.check(c) {
		return failed
	}
	put, kept := 0, 0
	for _, p := range wanted {
		done, err := putThemeFile(filepath.Join(src.dir, "themes", name), p)
		switch {
		case err != nil:
			return c.fail("写不了 themes/%s/%s：%v", name, p, err)
		case done:
			put++
		default:
			kept++
		}
	}
	fmt.Fprintf(c.stdout, "themes/%s 里放了 %d 个文件", name, put)
	if kept > 0 {
		fmt.Fprintf(c.stdout, "，%d 个已经有，没有动", kept)
	}
	fmt.Fprintln(c.stdout, "。")
	if name != "default" {
		fmt.Fprintf(c.stdout, "要用它，在 site.yaml 里写 theme: %s\n", name)
	}
	return done
}

// putThemeFile puts a file of the default theme into a folder, if there is none of its name.
func putThemeFile(dir, p string) (put bool, err error) {
	data, err := fs.ReadFile(gongzhi.DefaultTheme(), p)
	if err != nil {
		return false, err
	}
	file := filepath.Join(dir, filepath.FromSlash(p))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return false, err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	return true, errors.Join(err, f.Close())
}
