package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// utf8Page is the number of the code page of UTF-8.
const utf8Page = 65001

// prepareConsole lets a console show what is written to it in UTF-8, with the colours of a QR code, and gives how to put it
// back as it was. A console that can't do that, or output that goes to a file, stays as it is: a file gets the same bytes as
// on every system.
func prepareConsole() (restore func()) {
	var undo []func()
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		h := windows.Handle(f.Fd())
		var mode uint32
		if windows.GetConsoleMode(h, &mode) != nil {
			continue // no console
		}
		if windows.SetConsoleMode(h, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil {
			undo = append(undo, func() { _ = windows.SetConsoleMode(h, mode) }) // it is on its way out
		}
	}
	if page, err := windows.GetConsoleOutputCP(); err == nil && page != utf8Page && len(undo) > 0 && windows.SetConsoleOutputCP(utf8Page) == nil {
		undo = append(undo, func() { _ = windows.SetConsoleOutputCP(page) })
	}
	return func() {
		for _, f := range undo {
			f()
		}
	}
}
