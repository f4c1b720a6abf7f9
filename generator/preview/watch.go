package preview

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watcher notes what may have changed below the source. Notices of the system are hints: each marks a path
// and the folder it is in, a new or moved folder marks all below it, and lost notices mark everything. That
// nothing stays unnoticed even so, an audit compares snapshots from time to time; if it finds what no notice
// told of, the system's notices are not to be trusted here, and polling takes over.
type watcher struct {
	source string
	dirty  *dirty
	say    func(format string, args ...any)
	rest   time.Duration // between audits, at least

	w       *fsnotify.Watcher
	probed  chan struct{} // closed when the notice of the probe came
	probe   string        // path of the probe
	heardMu sync.Mutex
	heard   map[string]bool // what notices told of since the last audit; nil: all
	earlier map[string]bool // and between the last two: what changed during the last one is found by this one
}

// Intervals of looking by ourselves.
const (
	pollInterval = 700 * time.Millisecond // where the system is no help
	auditPause   = 10 * time.Second       // at least; a hundred times as long as a look takes
	probePause   = time.Second            // how long the notice of the probe may take
)

// watch begins to watch and returns when everything from then on is noted. It goes on until ctx is done.
// how says by what means, in Chinese.
func watch(ctx context.Context, source string, d *dirty, interval time.Duration, say func(format string, args ...any)) (how string) {
	w := &watcher{source: source, dirty: d, say: say, rest: auditPause, heard: map[string]bool{}, earlier: map[string]bool{}, probed: make(chan struct{})}
	if interval > 0 {
		w.poll(ctx, interval)
		return "每隔 " + interval.String() + " 查看"
	}
	if kind := noNotices(filepath.Join(source, "content")); kind != "" {
		say("内容放在%s上，那里的改动系统不会通知，改为每隔 %s 查看一次。", kind, pollInterval)
		w.poll(ctx, pollInterval)
		return "每隔 " + pollInterval.String() + " 查看"
	}
	if err := w.begin(); err != nil {
		say("系统的文件通知用不上（%s），改为每隔 %s 查看一次。", whyNot(err), pollInterval)
		w.poll(ctx, pollInterval)
		return "每隔 " + pollInterval.String() + " 查看"
	}
	w.trust(ctx)
	return "系统通知"
}

// trust listens to the notices until ctx is done, or until the notices are found not to be trusted; then it polls.
func (w *watcher) trust(ctx context.Context) {
	say := w.say
	deaf := make(chan string, 1)
	stopped, stop := context.WithCancel(ctx)
	go w.listen(stopped, deaf)
	go w.audit(stopped, deaf)
	go func() {
		select {
		case <-ctx.Done():
			stop()
		case why := <-deaf:
			stop()
			say("系统的文件通知靠不住（%s），改为每隔 %s 查看一次。", why, pollInterval)
			w.poll(ctx, pollInterval)
			w.dirty.all()
		}
		if err := w.w.Close(); err != nil {
			say("%v", err)
		}
	}()
}

// whyNot is a failure to watch in Chinese.
func whyNot(err error) string {
	switch {
	case strings.Contains(err.Error(), "no space left"):
		return "监视的文件夹数到了系统的上限"
	case strings.Contains(err.Error(), "too many open files"), strings.Contains(err.Error(), "file descriptor"):
		return "打开的文件数到了系统的上限"
	}
	return err.Error()
}

func (w *watcher) poll(ctx context.Context, interval time.Duration) {
	s := look(w.source)
	go poll(ctx.Done(), w.source, interval, s, w.dirty)
}

// begin sets up the watches: the source folder itself, and every folder of content/ and themes/.
func (w *watcher) begin() (err error) {
	if w.w, err = fsnotify.NewWatcher(); err != nil {
		return err
	}
	if err := w.addAll(); err != nil {
		return errors.Join(err, w.w.Close())
	}
	// A hidden file, removed at once, shows whether notices come. Where none can be written, the audit must do.
	if f, err := os.CreateTemp(filepath.Join(w.source, "content"), ".gongzhi-probe-*"); err == nil {
		w.probe = f.Name()
		return errors.Join(f.Close(), os.Remove(f.Name()))
	}
	return nil
}

func (w *watcher) addAll() error {
	if err := w.w.Add(w.source); err != nil {
		return err
	}
	for _, name := range roots[1:] {
		if err := w.addTree(name, nil); err != nil {
			return err
		}
	}
	return nil
}

// addTree watches a folder and all below it. The watch comes before the listing, so that what is made
// meanwhile is either told of or listed. found is called for all there is, if not nil.
func (w *watcher) addTree(p string, found func(p string)) error {
	full := filepath.Join(w.source, filepath.FromSlash(p))
	info, err := os.Stat(full)
	if err != nil || !info.IsDir() {
		return nil // gone again, or no folder
	}
	if err := w.w.Add(full); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(full)
	if err != nil {
		return nil // gone again, or not to be read: Load says so
	}
	for _, e := range entries {
		q := p + "/" + e.Name()
		if ignored(q) {
			continue
		}
		if found != nil {
			found(q)
		}
		// A theme may hold links; a build follows them, so they are watched too. Depth bounds loops.
		link := e.Type()&os.ModeSymlink != 0 && strings.HasPrefix(q, "themes/")
		if (e.IsDir() || link) && strings.Count(q, "/") < 64 {
			if err := w.addTree(q, found); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeTree forgets the watches at and below a path, which would go on under their old names.
func (w *watcher) removeTree(p string) {
	full := filepath.Join(w.source, filepath.FromSlash(p))
	for _, name := range w.w.WatchList() {
		if name == full || strings.HasPrefix(name, full+string(filepath.Separator)) {
			// It may be gone by itself: the folder was removed.
			if err := w.w.Remove(name); err != nil && !errors.Is(err, fsnotify.ErrNonExistentWatch) {
				w.say("%v", err)
			}
		}
	}
}

// listen takes the notices until ctx is done. It never waits for anything else, so that the queue of the system
// does not run over.
func (w *watcher) listen(ctx context.Context, deaf chan<- string) {
	fail := func(err error) {
		select {
		case deaf <- whyNot(err):
		default:
		}
	}
	lost := time.NewTicker(200 * time.Millisecond)
	defer lost.Stop()
	gone := false // the source folder itself was removed
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-w.w.Events:
			if !ok {
				return
			}
			p, err := filepath.Rel(w.source, e.Name)
			if err != nil {
				continue
			}
			p = filepath.ToSlash(p)
			if e.Name == w.probe {
				select {
				case <-w.probed:
				default:
					close(w.probed)
				}
				continue
			}
			if p == "." {
				gone = gone || e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)
				continue
			}
			if ignored(p) {
				continue
			}
			if err := w.event(p, e.Op); err != nil {
				fail(err)
			}
		case err, ok := <-w.w.Errors:
			if !ok {
				return
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				w.say("文件通知出错（%v），全部重新查看。", err)
			}
			if err := w.again(); err != nil {
				fail(err)
			}
		case <-lost.C:
			if _, err := os.Stat(w.source); gone && err == nil {
				gone = false
				if err := w.again(); err != nil {
					fail(err)
				}
			}
		}
	}
}

// again sets up the watches anew and has everything looked at: notices were lost.
func (w *watcher) again() error {
	for _, name := range w.w.WatchList() {
		if err := w.w.Remove(name); err != nil && !errors.Is(err, fsnotify.ErrNonExistentWatch) {
			return err
		}
	}
	err := w.addAll()
	w.hear()
	w.dirty.all()
	return err
}

// event notes what one notice tells.
func (w *watcher) event(p string, op fsnotify.Op) error {
	paths := []string{p, parent(p)}
	var err error
	if op.Has(fsnotify.Create) || op.Has(fsnotify.Remove) || op.Has(fsnotify.Rename) {
		if p != "site.yaml" {
			if op.Has(fsnotify.Remove) || op.Has(fsnotify.Rename) {
				w.removeTree(p)
			}
			err = w.addTree(p, func(q string) { paths = append(paths, q) })
		}
	}
	w.dirty.add(paths...)
	w.hear(append(paths, p+"/")...) // of a folder that went, one notice tells for all below it
	return err
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i > 0 {
		return p[:i]
	}
	return p
}

// hear remembers for the audit what was told of; nothing is everything.
func (w *watcher) hear(paths ...string) {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	if len(paths) == 0 {
		w.heard = nil
	}
	if w.heard == nil {
		return
	}
	for _, p := range paths {
		w.heard[p] = true
	}
}

// toldOf reports whether notices told of a path, or that a folder that it is in came or went.
func toldOf(heard map[string]bool, p string) bool {
	for q := p; q != ""; q = q[:max(strings.LastIndexByte(q, '/'), 0)] {
		if heard[q+"/"] {
			return true
		}
	}
	return heard[p]
}

// audit finds what no notice told of.
func (w *watcher) audit(ctx context.Context, deaf chan<- string) {
	fail := func(why string) {
		select {
		case deaf <- why:
		default:
		}
	}
	sleep := func(d time.Duration) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(d):
			return true
		}
	}
	if w.probe != "" {
		select {
		case <-ctx.Done():
			return
		case <-w.probed:
		case <-time.After(probePause):
			fail("试写一个文件，没有收到通知")
			return
		}
	}
	before := look(w.source)
	pause := w.rest
	for sleep(pause) {
		began := time.Now()
		now := look(w.source)
		pause = max(w.rest, 100*time.Since(began))
		changed := before.diff(now)
		if !sleep(500 * time.Millisecond) { // notices of what happened during the look are still coming
			return
		}
		w.heardMu.Lock()
		heard, earlier := w.heard, w.earlier
		w.heard, w.earlier = map[string]bool{}, heard
		w.heardMu.Unlock()
		if before["."] != now["."] { // the source is another folder now, and the watches are on the old one
			if err := w.again(); err != nil {
				fail(whyNot(err))
				return
			}
		} else if heard != nil && earlier != nil {
			for _, p := range changed {
				if !toldOf(heard, p) && !toldOf(earlier, p) {
					w.dirty.add(changed...)
					fail("没有通知 " + p + " 的改动")
					return
				}
			}
		}
		before = now
	}
}
