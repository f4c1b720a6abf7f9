package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gongzhi": main})
}

// TestScript runs the scripts of testdata/script with the real program. Beside the commands of testscript they have
//
//	code N COMMAND…   run a command that must end with exit code N
//	messages FILE N   FILE is the one JSON object of --json, with N messages
//	tree DIR          print the names of all files below a folder
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LC_ALL", "")
			env.Setenv("SOURCE_DATE_EPOCH", "")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": func(ts *testscript.TestScript, neg bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				got := 0
				if e, ok := err.(interface{ ExitCode() int }); ok {
					got = e.ExitCode()
				} else if err != nil {
					ts.Fatalf("%v", err)
				}
				if want := args[0]; want != strconv.Itoa(got) {
					ts.Fatalf("%s ends with %d, want %s", strings.Join(args[1:], " "), got, want)
				}
			},
			"messages": func(ts *testscript.TestScript, neg bool, args []string) {
				var out struct {
					Messages []struct {
						Path, Severity, ID, Text string
						Line, Column             int
					}
				}
				d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
				d.DisallowUnknownFields()
				if err := d.Decode(&out); err != nil {
					ts.Fatalf("%v", err)
				}
				if d.More() {
					ts.Fatalf("more than one object")
				}
				if out.Messages == nil || args[1] != strconv.Itoa(len(out.Messages)) {
					ts.Fatalf("%d messages, want %s", len(out.Messages), args[1])
				}
				for _, m := range out.Messages {
					if m.Path == "" || m.Line < 1 || m.Column < 1 || m.Severity != "error" && m.Severity != "warning" || m.ID == "" || m.Text == "" || filepath.IsAbs(m.Path) {
						ts.Fatalf("message %+v", m)
					}
				}
			},
			"tree": func(ts *testscript.TestScript, neg bool, args []string) {
				top := ts.MkAbs(args[0])
				var b strings.Builder
				err := filepath.WalkDir(top, func(p string, e os.DirEntry, err error) error {
					if err == nil && !e.IsDir() {
						rel, _ := filepath.Rel(top, p)
						b.WriteString(filepath.ToSlash(rel) + "\n")
					}
					return err
				})
				ts.Check(err)
				ts.Check(os.WriteFile(ts.MkAbs("tree.txt"), []byte(b.String()), 0o644))
			},
		},
	})
}
