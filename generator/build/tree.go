package build

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gongzhi/generator/folder"
	"gongzhi/generator/output"
)

// A tree is what stands in the output before a build.
type tree struct {
	exists bool
	mode   fs.FileMode
	files  []entry  // everything that is not a folder, without what is ours at the root
	dirs   []string // every folder but the root, parents before children
	empty  []string // those of them that hold nothing
	wrote  map[string]bool
	list   []byte // the manifest as it stands there
}

type entry struct {
	path    string
	regular bool
}

// maxList is how large a list of files, or of steps, may be.
const maxList = 1 << 30

// readTree lists a folder. One that does not exist is an empty tree.
func readTree(root string) (tree, error) {
	var t tree
	info, err := os.Stat(root)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, output.Failed("打开", root, err)
	}
	t.exists, t.mode = true, info.Mode().Perm()
	if err := t.read(root, ""); err != nil {
		return t, err
	}
	t.list, err = folder.ReadFile(filepath.Join(root, output.Manifest), maxList)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t, output.Failed("读取", filepath.Join(root, output.Manifest), err)
	}
	paths, _ := output.ParseManifest(t.list)
	t.wrote = make(map[string]bool, len(paths))
	for _, p := range paths {
		t.wrote[p] = true
	}
	return t, nil
}

func (t *tree) read(root, dir string) error {
	name := root
	if dir != "" {
		name = native(root, dir)
	}
	list, err := os.ReadDir(name)
	if err != nil {
		return output.Failed("读取", name, err)
	}
	if len(list) == 0 && dir != "" {
		t.empty = append(t.empty, dir)
	}
	for _, e := range list {
		if dir == "" && strings.HasPrefix(e.Name(), output.Own) {
			continue
		}
		p := path.Join(dir, e.Name())
		if !e.IsDir() {
			t.files = append(t.files, entry{p, e.Type().IsRegular()})
			continue
		}
		t.dirs = append(t.dirs, p)
		if err := t.read(root, p); err != nil {
			return err
		}
	}
	return nil
}

// A plan is what has to be done so that the old tree becomes the site.
type plan struct {
	changed   []*file // new or different
	removed   []string
	kept      []entry
	keptDirs  []string // empty folders of others
	list      []byte   // the new manifest
	listStays bool
}

func (p *plan) empty() bool { return len(p.changed)+len(p.removed) == 0 && p.listStays }

// named are the kept files that are worth a word.
func (p *plan) named() []string {
	var names []string
	for _, e := range p.kept {
		if !usual(e.path) {
			names = append(names, e.path)
		}
	}
	for _, d := range p.keptDirs {
		if !usual(d + "/") {
			names = append(names, d+"/")
		}
	}
	slices.Sort(names)
	return names
}

// usual reports whether a file is one that hosts, version control or desktops put into such a folder.
func usual(p string) bool {
	first, _, below := strings.Cut(p, "/")
	switch first {
	case ".git", ".well-known":
		return true
	case "CNAME":
		return !below
	}
	switch path.Base(p) {
	case ".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini":
		return true
	}
	return false
}

// plan compares the old tree with the site. Where the site needs the place of a file that no build wrote,
// that is an error, and all such are named.
func (w *Writer) plan(old tree) (*plan, error) {
	paths := make([]string, len(w.files))
	for i, f := range w.files {
		paths[i] = f.path
	}
	p := &plan{list: output.FormatManifest(paths)}
	p.listStays = bytes.Equal(p.list, old.list)
	for _, f := range w.files {
		if f.changed {
			p.changed = append(p.changed, f)
		}
	}
	var clash []string
	for _, e := range old.files {
		f := w.named[e.path]
		switch {
		case f != nil && e.regular && (old.wrote[e.path] || !f.changed):
		case f != nil:
			clash = append(clash, e.path)
		case e.regular && old.wrote[e.path]:
			p.removed = append(p.removed, e.path)
		case w.blocks(e.path):
			clash = append(clash, e.path)
		default:
			p.kept = append(p.kept, e)
		}
	}
	if len(old.empty) > 0 {
		wrote := make(map[string]bool)
		for f := range old.wrote {
			for d := path.Dir(f); d != "." && !wrote[d]; d = path.Dir(d) {
				wrote[d] = true
			}
		}
		for _, d := range old.empty {
			if w.dirs[d] == nil && !wrote[d] && !w.blocks(d) {
				p.keptDirs = append(p.keptDirs, d)
			}
		}
	}
	return p, foreign(w.opt.Output, clash)
}

// blocks reports whether a file or an empty folder stands where the site has a folder, or lies in a
// folder where the site has a file.
func (w *Writer) blocks(p string) bool {
	if w.dirs[p] != nil {
		return true
	}
	for ; p != "."; p = path.Dir(p) {
		if w.named[p] != nil {
			return true
		}
	}
	return false
}

// foreign names files in the way, the first few of them if there are many.
func foreign(output string, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	const most = 10
	n := len(paths)
	slices.Sort(paths)
	text := strings.Join(paths[:min(n, most)], "\n  ")
	if n > most {
		text += fmt.Sprintf("\n  …… 共 %d 个", n)
	}
	return fmt.Errorf("输出文件夹 %s 里有不是本程序写的文件，网站要用同样的名字，为免丢失没有覆盖：\n  %s\n请移走这些文件，或者换一个输出文件夹", output, text)
}
