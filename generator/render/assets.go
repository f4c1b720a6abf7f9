package render

import (
	"bytes"
	"io/fs"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
)

// routeAsset lays out what a file of the archive is published as: itself, where its records are. What is made of it
// besides is laid out here as well; none of it is made before it is asked for.
func (g *Generation) routeAsset(l *layout, a content.Asset) {
	l.add(strings.TrimPrefix(a.Path, "content/"), route{origin: a.Path, pos: diag.Pos{Path: a.Path}, make: func(b *bytes.Buffer) error {
		src, err := fs.ReadFile(g.source, a.File)
		b.Write(src)
		return err
	}})
}
