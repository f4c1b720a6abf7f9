package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"unicode/utf8"

	"gongzhi/generator/diag"
)

// screen is where a command says something to people, or answers a program, in text. Names of files and lines of records can
// hold anything; what would play tricks on a terminal becomes a space on the way.
type screen struct {
	to io.Writer

	mu   sync.Mutex
	rest []byte // the beginning of a character whose end comes with the next call
	err  error  // the first that was met
}

// Write implements io.Writer.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := string(append(s.rest, b...))
	s.rest = nil
	for i := max(0, len(text)-utf8.UTFMax+1); i < len(text); i++ {
		if utf8.RuneStart(text[i]) && !utf8.FullRuneInString(text[i:]) {
			text, s.rest = text[:i], []byte(text[i:])
			break
		}
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	_, err := io.WriteString(s.to, strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\ufeff' {
			return r
		}
		return diag.Harmless(r)
	}, text))
	return len(b), s.met(err)
}

// raw writes bytes as they are: a file that was asked for, a line that is drawn anew.
func (s *screen) raw(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.to.Write(b)
	return s.met(err)
}

func (s *screen) met(err error) error {
	if s.err == nil {
		s.err = err
	}
	return err
}

// lost is why not all that was said could be written. That nobody reads it, or nobody wants it, is no reason.
func (s *screen) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.err, syscall.EPIPE) || errors.Is(s.err, syscall.EBADF) || errors.Is(s.err, os.ErrClosed) {
		return nil
	}
	return s.err
}
