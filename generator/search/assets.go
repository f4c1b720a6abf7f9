package search

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

//go:embed client/search.js client/near.js client/ui.js client/highlight.js client/offline.js
var clientFiles embed.FS

// Client gives the browser's part of the search to emit: the modules search.js, near.js, ui.js and highlight.js, as published,
// without comments, blank lines and indentation. They are written so that no line of them needs these.
func Client(emit func(name string, data []byte) error) error {
	for _, name := range []string{"highlight.js", "near.js", "search.js", "ui.js"} {
		out, err := clientFile(name)
		if err != nil {
			return err
		}
		if err := emit(name, out); err != nil {
			return err
		}
	}
	return nil
}

func clientFile(name string) ([]byte, error) {
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
	return out, nil
}

var (
	exported   = regexp.MustCompile(`(?m)^export ((?:async )?(?:function|class|const) (\w+))`)
	imported   = regexp.MustCompile(`(?m)^import (\{[^}]*\}) from '\./(\w+)\.js';$`)
	dynamic    = regexp.MustCompile(`import\('\./(\w+)\.js'\)`)
	moduleWord = regexp.MustCompile(`(?m)^(?:import|export)\b|\bimport(?:\(|\.meta)`)
)

// Classic gives the same program for an edition that opens from a folder, where browsers load no modules: loader is
// client/offline.js, with SHARDS to be replaced, and engine the modules as functions that give their exports.
func Classic() (loader, engine []byte, err error) {
	if loader, err = clientFile("offline.js"); err != nil {
		return nil, nil, err
	}
	out := bytes.NewBufferString("gongzhiOffline.modules = (() => {\n'use strict';\nconst made = {}, once = (name, make) => () => made[name] ??= make();\nconst modules = {};\n")
	for _, name := range []string{"search", "near", "highlight", "ui"} {
		source, err := clientFile(name + ".js")
		if err != nil {
			return nil, nil, err
		}
		var names []string
		for _, m := range exported.FindAllSubmatch(source, -1) {
			names = append(names, string(m[2]))
		}
		source = exported.ReplaceAll(source, []byte("$1"))
		source = imported.ReplaceAll(source, []byte("const $1 = modules.$2();"))
		source = dynamic.ReplaceAll(source, []byte("Promise.resolve().then(modules.$1)"))
		source = bytes.ReplaceAll(source, []byte("import.meta.url"), []byte("gongzhiOffline.here"))
		if word := moduleWord.Find(source); word != nil {
			return nil, nil, fmt.Errorf("client/%s.js: %s can't be said outside a module", name, word)
		}
		fmt.Fprintf(out, "modules.%s = once('%s', () => {\n%sreturn { %s };\n});\n", name, name, source, strings.Join(names, ", "))
	}
	out.WriteString("return modules;\n})();\n")
	return loader, out.Bytes(), nil
}
