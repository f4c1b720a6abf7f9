package spool

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// pattern is n bytes that differ from those of any other k.
func pattern(k, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(k*31 + i*7 + i>>8)
	}
	return b
}

// What several goroutines put comes back whole, while others still put, on both sides of the limit.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	s := New(3 * blockSize)
	sizes := []int{0, 1, 100, 4000, blockSize - 1, blockSize, blockSize + 1, 3 * blockSize, 70_000}
	spans := make([]Span, 200)
	check := func(k int) {
		got, err := s.Append([]byte("before"), spans[k])
		if want := append([]byte("before"), pattern(k, sizes[k%len(sizes)])...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d: %d bytes, want %d; error %v", k, len(got), len(want), err)
		}
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for k := w; k < len(spans); k += 4 {
				var err error
				if spans[k], err = s.Put(pattern(k, sizes[k%len(sizes)])); err != nil {
					t.Error(err)
				}
				check(k)
				check(w) // by now in the file
			}
		})
	}
	wg.Wait()
	for k := range spans {
		check(k)
	}
	if s.file == nil {
		t.Error("everything was held in memory")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A small site makes no file.
func TestSpoolInMemory(t *testing.T) {
	s := New(2 * blockSize)
	for range 30 {
		if _, err := s.Put(pattern(1, blockSize/20)); err != nil {
			t.Fatal(err)
		}
	}
	if s.file != nil {
		t.Error("a file was made for 1.5 MB")
	}
}

// A temporary folder that can't be written is an error that says so, and not lost bytes.
func TestSpoolWithoutTemporaryFolder(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("TMPDIR", none)
	t.Setenv("TMP", none)
	s := New(blockSize)
	first, err := s.Put(pattern(1, blockSize))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Put(pattern(2, 1)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error %v", err)
		}
	}
	if got, err := s.Append(nil, first); err != nil || !bytes.Equal(got, pattern(1, blockSize)) {
		t.Errorf("what was put before is gone: %v", err)
	}
}
