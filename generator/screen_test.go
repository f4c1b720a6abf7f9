package main

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"syscall"
	"testing"
)

// TestScreen: nothing that plays tricks on a terminal passes, however the text is cut into writes, and everything else does.
func TestScreen(t *testing.T) {
	const text = "甲\x1b]0;pwned\x07\x1b[2J乙\t丙\r\n丁\u009b31m\u202e戊\x7f\xff\u2028庚\u2029辛己👩\u200d👧\ufeffé\n"
	const want = "甲 ]0;pwned  [2J乙\t丙\n丁 31m 戊 \ufffd 庚 辛己👩\u200d👧\ufeffé\n"
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		var got bytes.Buffer
		s := &screen{to: &got}
		for rest := text; rest != ""; {
			n := 1 + random.IntN(min(len(rest), 12))
			if n < len(rest) && rest[n-1] == '\r' { // which writers give together with \n
				n++
			}
			if _, err := s.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if got.String() != want {
			t.Fatalf("%q, want %q", got.String(), want)
		}
	}
	for err, lost := range map[error]bool{syscall.EPIPE: false, syscall.EBADF: false, fs.ErrClosed: false, syscall.ENOSPC: true} {
		s := &screen{to: failing{err}}
		s.Write([]byte("甲"))
		if got := s.lost(); (got != nil) != lost || lost && !errors.Is(got, err) {
			t.Errorf("%v: lost is %v", err, got)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
