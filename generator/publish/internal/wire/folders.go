package wire

import "sync"

// Folders knows which folders of a target were made, so that each is asked for once, however many need it at the same time. The
// zero Folders knows of none.
type Folders struct {
	mu   sync.Mutex
	made map[string]*making
}

type making struct {
	once sync.Once
	err  error
}

// Make has a folder made, unless it was; where somebody is at it, it waits. What has failed is tried again by the next who asks.
func (f *Folders) Make(dir string, do func() error) error {
	f.mu.Lock()
	m := f.made[dir]
	if m == nil {
		if f.made == nil {
			f.made = map[string]*making{}
		}
		m = &making{}
		f.made[dir] = m
	}
	f.mu.Unlock()
	m.once.Do(func() { m.err = do() })
	if m.err != nil {
		f.mu.Lock()
		if f.made[dir] == m {
			delete(f.made, dir)
		}
		f.mu.Unlock()
	}
	return m.err
}

// Forget says that a folder goes.
func (f *Folders) Forget(dir string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.made, dir)
}

// Doubt says that somebody else has removed a folder: all are asked for again.
func (f *Folders) Doubt() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.made)
}
