package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"sync/atomic"
	"time"
)

// mostFetched is how many bytes a file of ours at a target may have that is read into the memory.
const mostFetched = 64 << 20

// fetch reads a file that we keep there for ourselves.
func (r *run) fetch(p string) ([]byte, error) {
	var b bytes.Buffer
	err := r.try("读取发布记录", func(ctx context.Context) error {
		b.Reset()
		return r.store.Get(ctx, p, &atMost{&b, mostFetched})
	})
	return b.Bytes(), err
}

// atMost takes so many bytes and no more.
type atMost struct {
	w    io.Writer
	left int64
}

var errTooLong = &Error{Kind: Refused, Text: "太大了，不是工志写的"}

func (a *atMost) Write(b []byte) (int, error) {
	if int64(len(b)) > a.left {
		return 0, errTooLong
	}
	a.left -= int64(len(b))
	return a.w.Write(b)
}

// try makes a small request.
func (r *run) try(what string, f func(ctx context.Context) error) error {
	return r.tryFor(what, 0, func(ctx context.Context, _ func()) error { return f(ctx) })
}

// settling is how many bytes a second a server takes in at least when all have arrived: it may sum them, or copy them to another disk.
const settling = 4 << 20

// tryFor makes a request until it succeeds, or it makes no sense to go on. size is how many bytes it moves; f calls moved when some have.
//
// A request is given up when for Options.Patience nothing has moved, neither of its own nor of any other: on a slow line sixty files
// share what there is, and each waits long for its turn. One that does not move for ten times as long is given up even if others do.
func (r *run) tryFor(what string, size int64, f func(ctx context.Context, moved func()) error) error {
	var err error
	for n := range r.opt.Tries {
		ctx, cancel := context.WithCancelCause(r.ctx)
		limit := r.opt.Patience + time.Duration(size/settling)*time.Second
		var own atomic.Int64 // when it moved last, on the clock of the run
		own.Store(r.elapsed())
		go r.watch(ctx, cancel, limit, &own)
		r.requests.Add(1)
		err = f(ctx, func() {
			at := r.elapsed()
			own.Store(at)
			r.moved.Store(at)
		})
		if err != nil && context.Cause(ctx) == errStalled && r.ctx.Err() == nil {
			err = &Error{Kind: Temporary, Text: fmt.Sprintf("等了 %s 没有回音", limit.Round(time.Second))}
		}
		cancel(nil)
		if err == nil || errors.Is(err, fs.ErrNotExist) || !temporary(err) || r.ctx.Err() != nil {
			break
		}
		if n == r.opt.Tries-1 {
			err = fmt.Errorf("试了 %d 次：%w", r.opt.Tries, err)
			break
		}
		if e := r.opt.Pause(r.ctx, pause(n, err)); e != nil {
			return e
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s：%w", what, err)
	}
	return err
}

// elapsed is how long the run has been going on, in nanoseconds of a clock that nobody sets.
func (r *run) elapsed() int64 { return int64(time.Since(r.began)) }

// watch ends a request that has stalled.
func (r *run) watch(ctx context.Context, cancel context.CancelCauseFunc, limit time.Duration, own *atomic.Int64) {
	for {
		now := time.Duration(r.elapsed())
		mine := time.Duration(own.Load())
		left := min(max(mine, time.Duration(r.moved.Load()))+limit, mine+10*limit) - now
		if left <= 0 {
			cancel(errStalled)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(left):
		}
	}
}

var errStalled = errors.New("stalled")

const (
	firstPause = 500 * time.Millisecond
	mostPause  = 30 * time.Second
	mostAfter  = 5 * time.Minute
)

// pause is how long to wait before try n+2: twice as long each time, half of it by chance, so that many don't come back
// together; and as long as the server asked for.
func pause(n int, err error) time.Duration {
	d := min(firstPause<<min(n, 20), mostPause)
	d = d/2 + mathrand.N(d)
	var e *Error
	if errors.As(err, &e) && e.After > 0 {
		d = max(d, min(e.After, mostAfter))
	}
	return d
}
