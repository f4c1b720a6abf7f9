package render

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
)

// staticDir is the folder beside content/ whose files are published as they are, at the root of the site: CNAME, the files by
// which search engines and offices of registration know a site's owner, pictures at the addresses they had before.
const staticDir = "static"

// dotted are the names with a dot in front that belong to a published site.
var dotted = []string{".well-known", ".nojekyll", ".htaccess"}

// NotStatic reports whether a file or folder of this name in static/ is left by a program and not published.
func NotStatic(name string) bool {
	return strings.HasPrefix(name, ".") && !slices.Contains(dotted, name) || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "~$") ||
		strings.EqualFold(name, "Thumbs.db") || strings.EqualFold(name, "desktop.ini")
}

// routeStatic lays out the files of static/. A link is not followed: what it leads to is not the site's.
func (g *Generation) routeStatic(l *layout) {
	warn := func(p, text string) {
		l.diags = append(l.diags, diag.Warningf(diag.Pos{Path: p}, "file/static", "%s", text))
	}
	err := fs.WalkDir(g.source, staticDir, func(p string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			warn(p, "读不了："+err.Error())
			return nil
		case p == staticDir:
			return nil
		case NotStatic(e.Name()):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			warn(p, "不是普通文件（符号链接也不行），没有发布。请把文件复制进来。")
			return nil
		}
		to := norm.NFC.String(strings.TrimPrefix(p, staticDir+"/"))
		l.add(to, route{origin: p, pos: diag.Pos{Path: p}, source: p})
		return nil
	})
	if err != nil {
		warn(staticDir, "读不了："+err.Error())
	}
}
