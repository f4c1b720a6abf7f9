//go:build !windows

package main

// prepareConsole has nothing to do where terminals are.
func prepareConsole() (restore func()) { return func() {} }
