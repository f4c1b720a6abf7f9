//go:build !windows

package main

import "errors"

func hold(string) error { return errors.New("a folder can't be held here") }
