// Package spool holds the bytes of a large site: the first ones in memory, the rest in a temporary file.
//
// A build holds the converted text of every record from the moment it is read until its page is written. That is
// more than the whole source, and each is read twice. What does not fit goes to a file that is removed from its
// folder at once where the system allows it, so that it is gone with the process, however that ends.
package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
)

// Spool is a growing set of byte strings. Its methods may be called from several goroutines.
type Spool struct {
	memory int

	mu     sync.RWMutex
	blocks []block
	file   *os.File
	size   int64 // of the file
	err    error // of the file; every later Put returns it
}

// block is a stretch of the contents. Only the last one grows.
type block struct {
	bytes []byte // nil once it is in the file
	at    int64  // where it is there
}

// blockSize is how much is written to the file at once. A byte string that is larger has a block of its own.
const blockSize = 1 << 20

// Span is the place of a byte string in a Spool. The zero Span is that of the empty string.
type Span struct{ block, from, to int32 }

// Len is the length of the byte string.
func (s Span) Len() int { return int(s.to - s.from) }

// New returns an empty Spool that holds up to about the given number of bytes in memory. It makes no file
// before there are more.
func New(memory int) *Spool { return &Spool{memory: memory} }

// Put adds a copy of b, which must be shorter than 2 GB. It fails when the temporary file can't be made or
// written.
func (s *Spool) Put(b []byte) (Span, error) {
	if len(b) == 0 {
		return Span{}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.blocks) - 1
	if last < 0 || len(s.blocks[last].bytes)+len(b) > cap(s.blocks[last].bytes) {
		var next []byte
		if len(s.blocks)*blockSize >= s.memory && last >= 0 {
			if s.err != nil {
				return Span{}, s.err
			}
			next, s.err = s.write(&s.blocks[last])
			if s.err != nil {
				return Span{}, s.err
			}
		}
		if cap(next) < max(len(b), blockSize) {
			next = make([]byte, 0, max(len(b), blockSize))
		}
		s.blocks = append(s.blocks, block{bytes: next[:0]})
		last++
	}
	k := &s.blocks[last]
	from := len(k.bytes)
	k.bytes = append(k.bytes, b...)
	return Span{int32(last), int32(from), int32(len(k.bytes))}, nil
}

// write moves a block to the file and gives its memory back.
func (s *Spool) write(k *block) ([]byte, error) {
	if s.file == nil {
		file, err := os.CreateTemp("", "gongzhi-*")
		if err != nil {
			return nil, Failed(err)
		}
		s.file = file
		os.Remove(file.Name()) // fails on Windows; then Close does it
	}
	if _, err := s.file.WriteAt(k.bytes, s.size); err != nil {
		return nil, Failed(err)
	}
	free := k.bytes
	k.bytes, k.at = nil, s.size
	s.size += int64(len(free))
	return free, nil
}

// Failed puts into words that the folder for temporary files takes none, or no more, and what to do about it. The text is the same for
// every file there; err is what the system says.
func Failed(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err // without the name of a file that nobody has seen
	}
	variable := "TMPDIR"
	if runtime.GOOS == "windows" {
		variable = "TMP"
	}
	what, advice := "里写不了文件", "看看所在的磁盘是不是正常"
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, full):
		what, advice = "的磁盘已满", "腾出空间"
	case errors.Is(err, fs.ErrNotExist):
		what, advice = "不在", "建好它"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		what, advice = "不让写", "改它的权限"
	}
	return fmt.Errorf("临时文件夹 %s %s：请%s，或用环境变量 %s 换一个文件夹（%w）", os.TempDir(), what, advice, variable, err)
}

// Append appends the byte string at a place that Put returned.
func (s *Spool) Append(dst []byte, at Span) ([]byte, error) {
	if at.Len() == 0 {
		return dst, nil
	}
	s.mu.RLock()
	k := s.blocks[at.block]
	if k.bytes != nil { // copied under the lock, since the memory is used again
		dst = append(dst, k.bytes[at.from:at.to]...)
	}
	s.mu.RUnlock()
	if k.bytes != nil {
		return dst, nil
	}
	n := len(dst)
	dst = slices.Grow(dst, at.Len())[:n+at.Len()]
	if _, err := s.file.ReadAt(dst[n:], k.at+int64(at.from)); err != nil {
		return nil, fmt.Errorf("读不了临时文件：%w", err)
	}
	return dst, nil
}

// Close removes the temporary file. The Spool can't be used afterwards.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	os.Remove(s.file.Name())
	s.file, s.err = nil, os.ErrClosed
	return err
}
