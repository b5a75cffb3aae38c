package main

import (
	"os"
	"path/filepath"
	"syscall"
)

const prefix = "drillmaster-controlplane-"

// newFolder makes a folder that is this process's for as long as it lives, and removes those of
// keepers that were killed: a lock says which are still somebody's.
func newFolder() (string, error) {
	old, err := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	if err != nil {
		return "", err
	}
	for _, folder := range old {
		if lockFolder(folder, 0) == nil {
			os.RemoveAll(folder)
		}
	}
	folder, err := os.MkdirTemp("", prefix)
	if err != nil {
		return "", err
	}
	return folder, lockFolder(folder, os.O_CREATE)
}

// lockFolder leaves its file open, and with that the lock closed, until the process ends.
func lockFolder(folder string, flags int) error {
	lock, err := syscall.Open(filepath.Join(folder, "lock"), flags|syscall.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	return syscall.Flock(lock, syscall.LOCK_EX|syscall.LOCK_NB)
}
