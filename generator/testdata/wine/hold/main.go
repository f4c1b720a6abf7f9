// Command hold holds a folder open, as a console does that is in it, until its input ends.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := hold(os.Args[1]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
