package search

import (
	"bytes"
	"embed"
	"io/fs"
)

//go:embed client/search.js client/ui.js client/highlight.js
var clientFiles embed.FS

// clientModules are the browser's part, as published: without comments, blank lines and indentation. The modules are written so that no
// line of them needs these.
func clientModules() (map[string][]byte, error) {
	modules := make(map[string][]byte)
	for _, name := range []string{"search.js", "ui.js", "highlight.js"} {
		source, err := fs.ReadFile(clientFiles, "client/"+name)
		if err != nil {
			return nil, err
		}
		var out []byte
		for line := range bytes.Lines(source) {
			if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
				out = append(append(out, line...), '\n')
			}
		}
		modules[name] = out
	}
	return modules, nil
}
