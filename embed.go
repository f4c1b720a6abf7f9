// Package gongzhi holds the files that ship inside the program: the default theme and the sample
// archive. go:embed cannot climb out of its folder, so they are embedded here, at the root.
package gongzhi

import (
	"embed"
	"io/fs"
)

//go:embed all:themes/default
var themes embed.FS

//go:embed content
var sample embed.FS

// Sample is the sample archive: content/ with its records.
func Sample() fs.FS { return sample }

// DefaultTheme is the theme that ships with the program: theme.yaml, templates/ and assets/.
func DefaultTheme() fs.FS {
	sub, err := fs.Sub(themes, "themes/default")
	if err != nil {
		panic(err) // the path is a constant
	}
	return sub
}
