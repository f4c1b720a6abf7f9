package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"gongzhi/generator/licenses"
)

// release and commit are the version of a released program and what it was built from, set when it is built (make release).
var release, commit string

// version is what the program was built from.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// printVersion says which program this is, or under which licences its parts stand.
func printVersion(args []string, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 0:
	case len(args) == 1 && args[0] == "--licenses":
		fmt.Fprint(stdout, licenses.Text())
		return done
	default:
		fmt.Fprintf(stderr, "version 后面只能写 --licenses（列出用到的程序库的许可）。\n")
		return usage
	}
	commit := cmp.Or(commit, "未知")
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				commit = s.Value[:min(len(s.Value), 12)]
			case "vcs.modified":
				if s.Value == "true" {
					commit += "（有改动）"
				}
			}
		}
	}
	fmt.Fprintf(stdout, "工志 %s\n提交 %s\n%s %s/%s\n许可：gongzhi version --licenses\n", version(), commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return done
}
