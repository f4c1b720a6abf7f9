package search

import (
	"bytes"
	"embed"
	"io/fs"
)

//go:embed client/search.js client/ui.js client/highlight.js
var clientFiles embed.FS

// Client gives the browser's part of the search to emit: the modules search.js, ui.js and highlight.js, as published,
// without comments, blank lines and indentation. They are written so that no line of them needs these.
func Client(emit func(name string, data []byte) error) error {
	for _, name := range []string{"highlight.js", "search.js", "ui.js"} {
		source, err := fs.ReadFile(clientFiles, "client/"+name)
		if err != nil {
			return err
		}
		var out []byte
		for line := range bytes.Lines(source) {
			if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
				out = append(append(out, line...), '\n')
			}
		}
		if err := emit(name, out); err != nil {
			return err
		}
	}
	return nil
}
