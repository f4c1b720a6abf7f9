package main

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// startProfile writes where the processor's time goes to a file that `go tool pprof` reads, until the
// returned function is called.
func startProfile(name string) (stop func(), err error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("建不了 --profile 的文件：%w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("--profile：%w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
