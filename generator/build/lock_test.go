package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSecondBuildWaits(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	working, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		var once sync.Once
		_, err := writeSite(t.Context(), first.paths(), func(dst []byte, p string) ([]byte, error) {
			once.Do(func() { close(working); <-release })
			return first.file(dst, p)
		}, Options{Output: out}, quick())
		if err != nil {
			t.Error(err)
		}
	})
	<-working
	calls := 0
	_, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out, Wait: func(holder string) {
		calls++
		if !strings.Contains(holder, fmt.Sprintf("进程 %d", os.Getpid())) {
			t.Errorf("the holder is %q", holder)
		}
		close(release)
	}}, quick())
	wg.Wait()
	if err != nil || calls != 1 {
		t.Fatalf("%d calls, %v", calls, err)
	}
	wantTree(t, out, second)
	wantClean(t, out)
}

func TestSecondBuildGivesUp(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	w := &Writer{ctx: t.Context(), out: out, sys: quick()}
	unlock, err := w.claim()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	called := func(dst []byte, p string) ([]byte, error) { t.Error("work was done without the lock"); return nil, nil }
	_, err = writeSite(t.Context(), first.paths(), called, Options{Output: out, LockTimeout: time.Millisecond}, quick())
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("进程 %d", os.Getpid())) || !strings.Contains(err.Error(), out) {
		t.Errorf("it does not say who holds it: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = writeSite(ctx, first.paths(), called, Options{Output: out, Wait: func(string) { cancel() }}, quick())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("waiting can't be interrupted: %v", err)
	}
}

// Many builds at once, each with its own bytes: they follow one another, and the last one stands whole.
func TestManyBuildsAtOnce(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			s := site{}
			for p := range first {
				s[p] = fmt.Sprint(i)
			}
			if _, err := writeSite(t.Context(), s.paths(), s.file, Options{Output: out, Workers: 2, InPlace: i%3 == 0}, quick()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantClean(t, out)
	got := snapshot(t, out)
	want := site{}
	for p := range first {
		want[p] = got["index.html"]
	}
	wantTree(t, out, want)
}

// A lock file that a killed build left holds nobody up.
func TestStaleLockFile(t *testing.T) {
	dir := scratch(t)
	put(t, dir, site{".public.gongzhi-lock": "\x00进程 1，电脑 a，00:00:00 开始\n"})
	out := filepath.Join(dir, "public")
	s := first
	_, err := writeSite(t.Context(), s.paths(), s.file, Options{Output: out, Wait: func(h string) { t.Error("waits for", h) }}, quick())
	if err != nil {
		t.Fatal(err)
	}
	wantClean(t, out)
}
