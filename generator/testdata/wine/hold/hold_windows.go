package main

import "syscall"

func hold(dir string) error {
	name, err := syscall.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	_, err = syscall.CreateFile(name, syscall.GENERIC_READ, syscall.FILE_SHARE_READ|syscall.FILE_SHARE_WRITE, nil, syscall.OPEN_EXISTING, syscall.FILE_FLAG_BACKUP_SEMANTICS, 0)
	return err
}
