// Package licenses holds the licence texts of all that the program contains. The file is made by internal/collect, and a
// test says when it is out of date.
package licenses

import (
	_ "embed"
	"strings"
)

//go:generate go run ./internal/collect licenses.txt

//go:embed licenses.txt
var text string

// Text is all of them, one after another, each under the name and version of what it belongs to.
func Text() string { return text }

// Head begins the line above each text.
const Head = "==== "

// Names lists what the texts belong to, as "module version".
func Names() []string {
	var list []string
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, Head); ok {
			list = append(list, strings.TrimSpace(name))
		}
	}
	return list
}
