package preview

import (
	"context"
	"sync"
	"time"
)

// dirty gathers what may have changed since the last generation was begun. The watcher adds to it and never
// waits; the maker takes all at once when it has been quiet for a moment.
type dirty struct {
	mu      sync.Mutex
	paths   map[string]bool // files and folders relative to the source; nil: all
	n       uint64          // changes noticed so far
	taken   uint64          // of them, those that were handed out
	first   time.Time
	last    time.Time
	waiting int // requests that wait for a generation
	wake    chan struct{}
}

func newDirty() *dirty {
	return &dirty{paths: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// add notes that these files and folders may have changed; nothing may have by itself, but the time has.
func (d *dirty) add(paths ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.paths != nil {
		for _, p := range paths {
			d.paths[p] = true
		}
	}
	d.note()
}

// all notes that anything may have changed.
func (d *dirty) all() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.paths = nil
	d.note()
}

func (d *dirty) note() {
	d.last = time.Now()
	if d.n == d.taken {
		d.first = d.last
	}
	d.n++
	d.poke()
}

func (d *dirty) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// count is how many changes were noticed so far.
func (d *dirty) count() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.n
}

// await says that a request waits; the function that it gives, that it does no more.
func (d *dirty) await() (done func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting++
	d.poke()
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.waiting--
	}
}

// take waits for changes and for a quiet moment after them, and hands them out. ok is false when ctx is done.
func (d *dirty) take(ctx context.Context) (paths map[string]bool, covers uint64, ok bool) {
	for {
		d.mu.Lock()
		var pause time.Duration = -1
		if d.n != d.taken {
			need, most := quiet, patience
			if d.waiting > 0 {
				need, most = quietAwaited, patienceAwaited
			}
			now := time.Now()
			pause = min(need-now.Sub(d.last), most-now.Sub(d.first))
			if pause <= 0 {
				paths, d.paths, d.taken = d.paths, map[string]bool{}, d.n
				covers = d.n
				d.mu.Unlock()
				return paths, covers, true
			}
		}
		d.mu.Unlock()
		var ring <-chan time.Time
		if pause > 0 {
			ring = time.After(pause)
		}
		select {
		case <-ctx.Done():
			return nil, 0, false
		case <-ring:
		case <-d.wake:
		}
	}
}
