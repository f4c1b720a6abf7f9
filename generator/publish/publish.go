// Package publish brings a built site to where readers find it, safely.
//
// # What a run does
//
// A target holds one file of ours beside the site, Control: what stands there, as paths with sums. A run reads it, and
// compares it with the new version. If both are the same, that one request was all. Otherwise it writes down what it is
// about to send, sends it, writes down the new state, and only then deletes. Nothing is listed but the first time, and
// nothing is deleted that Control does not name; so files of others are safe.
//
// # Order
//
// First what pages need and what has a new name beside the old one (styles, pictures, shards of the search index), then
// what names those, then pages of records, then lists, then the home page. Each stage begins when the one before is
// complete at the target, and an error ends the run after its stage. So at all times, and if it ends anywhere, a reader
// sees old or new pages, whose style, pictures and search are there. Files whose name is a digest of their bytes stay for
// a day after they have left the site, for readers who have an old page open.
//
// # Interrupted
//
// The next run finds what was to be sent in Control and asks the target about those files alone: what has the new size, where
// no other candidate has it, or the new MD5, has arrived. Where this can't be decided the file is read back.
//
// # The version before
//
// State keeps the bytes of the two last versions of each target on this machine, as hard links to what the build wrote.
// Rolling back is publishing the one before.
package publish

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gongzhi/generator/output"
)

const lockPause = 200 * time.Millisecond

// Options say what a run does.
type Options struct {
	Target    string // its name
	Host      string // this machine, for the message that another one is at work
	Packing   Packing
	DryRun    bool // reads only
	Rollback  bool // the version before takes the place of the new one
	Overwrite bool // files of others that stand where the site needs their names are replaced
	// MaxDelete is how many files may leave the target without a question; 0 means a quarter of it, and 20 at least.
	MaxDelete int
	// Confirm asks a question that needs a yes. nil, or false, ends the run before anything is sent.
	Confirm func(question string) bool
	// Progress is told about ten times a second, never twice at once.
	Progress func(done, total int, bytes int64)
	// Patience is how long a request may take in which nothing moves; 0 means a minute.
	Patience time.Duration
	// Tries is how often a request is made before its error counts; 0 means 6.
	Tries int
	// Pause waits between tries, in tests without waiting; nil means that it really waits.
	Pause func(ctx context.Context, d time.Duration) error
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Report says what was done, or with DryRun what would be.
type Report struct {
	Uploaded, Deleted, Unchanged int
	Bytes                        int64 // sent
	Requests                     int   // to the target, tries included
	Resumed                      int   // files that an interrupted run had sent already
	Send, Remove                 []string
	Foreign                      []string // files of others, kept; known only when the target was listed
	Listed                       bool     // the target was listed
	Errors                       []error
	Version                      *Version // that was brought
	Before                       bool     // the target has a version before this one that Rollback can bring back
}

// Run brings a version to a target. The error, if any, stands in Report.Errors too, with those of single files.
func Run(ctx context.Context, store Store, state *State, v *Version, opt Options) (*Report, error) {
	r := &run{ctx: ctx, opt: opt, state: state, rep: &Report{}, now: time.Now(), began: time.Now(), traits: store.Traits()}
	r.store = store
	if opt.Now != nil {
		r.now = opt.Now()
	}
	if r.opt.Patience == 0 {
		r.opt.Patience = time.Minute
	}
	if r.opt.Tries == 0 {
		r.opt.Tries = 6
	}
	if r.opt.Pause == nil {
		r.opt.Pause = func(ctx context.Context, d time.Duration) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(d):
				return nil
			}
		}
	}
	err := r.run(v)
	r.rep.Requests = int(r.requests.Load())
	r.rep.Bytes = r.bytes.Load()
	r.rep.Uploaded = int(r.sent.Load())
	if err != nil && !slices.Contains(r.rep.Errors, err) {
		r.rep.Errors = append([]error{err}, r.rep.Errors...)
	}
	r.rep.Before = state != nil && state.remembered(opt.Target, "before") != nil
	return r.rep, err
}

type run struct {
	ctx    context.Context
	opt    Options
	store  Store
	traits Traits
	state  *State
	rep    *Report
	now    time.Time
	began  time.Time
	id     string

	plain, want *Version
	old         *manifest
	first       bool

	requests, bytes, sent atomic.Int64
	moved                 atomic.Int64 // when any bytes moved last, since began
	mu                    sync.Mutex
}

func (r *run) run(v *Version) error {
	if err := r.read(); err != nil {
		return err
	}
	if r.opt.Rollback {
		var err error
		if v, err = r.before(); err != nil {
			return err
		}
	}
	r.plain, r.rep.Version = v, v
	r.want = v.prepare(r.traits, r.opt.Packing)
	if replacer, ok := r.store.(Replacer); ok {
		return r.replace(replacer)
	}
	send, err := r.plan()
	if err != nil || r.opt.DryRun {
		return err
	}
	if len(send) == 0 && len(r.old.pending) == 0 && len(r.rep.Remove) == 0 && !r.first && maps.Equal(r.old.settled, r.want.files) {
		return r.remember()
	}
	return r.bring(send)
}

// read gets what the target says of itself.
func (r *run) read() error {
	b, err := r.fetch(Control)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.first, r.old = true, newManifest()
		return nil
	case err != nil && !errors.Is(err, errTooLong):
		return err
	}
	if r.old, err = decodeManifest(b); err != nil {
		return &Error{Kind: Unknown, Text: fmt.Sprintf("目标上的 %s 不是工志写的，或者坏了：请先看看目标的位置写对了没有；确实是这里，就删去它再发布一次（那一次会重新核对所有文件）", Control)}
	}
	return nil
}

// before is the version that a rollback brings.
func (r *run) before() (*Version, error) {
	now, before := r.state.remembered(r.opt.Target, "now"), r.state.remembered(r.opt.Target, "before")
	if now == nil || r.first {
		return nil, errors.New("还没有从这台电脑发布过，没有上一版可以退回")
	}
	if !maps.Equal(r.old.settled, now.prepare(r.traits, r.opt.Packing).files) {
		return nil, errors.New("目标上现在的版本不是从这台电脑发布的，这里没有它的上一版：请在发布它的电脑上退回，或者在这里改好内容再发布")
	}
	if len(r.old.pending) > 0 {
		return now, nil // the new version was never complete
	}
	if before == nil {
		return nil, errors.New("只发布过一版，没有上一版可以退回")
	}
	return before, nil
}

// plan finds out what has to be sent and what has to go, and asks where it must not decide.
func (r *run) plan() (send []entry, err error) {
	if len(r.old.pending) > 0 && r.old.host != r.opt.Host && r.now.Sub(r.old.time).Abs() < 30*time.Minute {
		q := fmt.Sprintf("电脑“%s”在 %s 开始向这里发布，还没有结束，可能正在进行。两边同时发布会互相覆盖。确定那边已经停止了吗？", r.old.host, r.old.time.In(r.now.Location()).Format("15:04"))
		if !r.confirm(q) {
			return nil, errors.New(strings.TrimSuffix(q, "确定那边已经停止了吗？") + "请等它结束；确定已经停止，加 --yes 再发布")
		}
	}
	if send, err = r.sending(); err != nil {
		return nil, err
	}
	for _, e := range send {
		r.rep.Send = append(r.rep.Send, e.path)
	}
	gone, leaving := r.leaving()
	for _, p := range slices.Sorted(maps.Keys(gone)) {
		if r.due(gone[p]) {
			r.rep.Remove = append(r.rep.Remove, p)
		}
	}
	most := r.opt.MaxDelete
	if most == 0 {
		most = max(20, len(r.old.settled)/4)
	}
	if leaving > most && !r.opt.DryRun {
		q := fmt.Sprintf("目标上的 %d 个文件里有 %d 个不再属于网站，发布后会删去。这比平常多：是不是少了内容，或者目标写错了？确定要删吗？", len(r.old.settled), leaving)
		if !r.confirm(q) {
			return nil, fmt.Errorf("%s什么也没有发送。确定要删，加 --yes 再发布；先看看是哪些，加 --dry-run", strings.TrimSuffix(q, "确定要删吗？"))
		}
	}
	return send, nil
}

// sending gives what the target lacks or has otherwise, in the order in which it is sent.
func (r *run) sending() (send []entry, err error) {
	listing, err := r.list()
	if err != nil {
		return nil, err
	}
	var unsure, fresh []entry
	for _, e := range sorted(r.want.files) {
		cur, settled := r.old.settled[e.path]
		if g, ok := r.old.gone[e.path]; ok && !settled {
			cur, settled = g.entry, true
		}
		switch {
		case len(r.old.pending[e.path]) > 0:
			unsure = append(unsure, e)
		case settled && cur == e:
			r.rep.Unchanged++
		case settled:
			send = append(send, e)
		default:
			fresh = append(fresh, e)
		}
	}
	// A new name: somebody else's file may stand there.
	missing, clash, err := r.settle(fresh, listing, false)
	if err != nil {
		return nil, err
	}
	if len(clash) > 0 && !r.opt.Overwrite {
		return nil, foreign(clash)
	}
	more, _, err := r.settle(unsure, listing, true)
	if err != nil {
		return nil, err
	}
	send = slices.Concat(send, missing, clash, more)
	slices.SortFunc(send, func(a, b entry) int {
		return cmp.Or(cmp.Compare(stage(a.path), stage(b.path)), output.Order(a.path, b.path), strings.Compare(a.path, b.path))
	})
	return send, nil
}

// leaving gives what is no longer of the site, with since when it is not, and how many files of the complete version are among them.
func (r *run) leaving() (gone map[string]goneEntry, settled int) {
	gone = map[string]goneEntry{}
	for _, g := range r.old.gone {
		if _, stays := r.want.files[g.path]; !stays {
			gone[g.path] = g
		}
	}
	leave := func(e entry) (leaves bool) {
		if _, stays := r.want.files[e.path]; stays {
			return false
		}
		if _, known := gone[e.path]; !known {
			gone[e.path] = goneEntry{e, r.now.Unix()}
		}
		return true
	}
	for _, e := range r.old.settled {
		if leave(e) {
			settled++
		}
	}
	for _, list := range r.old.pending {
		for _, e := range list {
			leave(e)
		}
	}
	return gone, settled
}

func (r *run) confirm(q string) bool { return r.opt.Confirm != nil && r.opt.Confirm(q) }

// graceTime is how long a file that is named after its bytes stays after it has left the site.
const graceTime = 24 * time.Hour

func (r *run) due(g goneEntry) bool {
	return !immutable(g.path) || r.now.Unix()-g.since >= int64(graceTime/time.Second)
}

// bring sends, says so, and deletes.
func (r *run) bring(send []entry) error {
	var id [8]byte
	rand.Read(id[:])
	r.id = hex.EncodeToString(id[:])
	next := &manifest{run: r.id, host: r.opt.Host, time: r.now, settled: r.old.settled, pending: map[string][]entry{}, gone: r.old.gone}
	for p, list := range r.old.pending {
		next.pending[p] = slices.Clone(list)
	}
	for _, e := range send {
		if !slices.Contains(next.pending[e.path], e) {
			next.pending[e.path] = append(next.pending[e.path], e)
		}
	}
	// Somebody else who has begun meanwhile would be overwritten: before it and after it that is looked at.
	for _, step := range []func() error{func() error { return r.control(next) }, r.alone, func() error { return r.send(send) }, func() error { return r.kept(send) }, r.alone} {
		if err := step(); err != nil {
			return err
		}
	}
	final := &manifest{run: r.id, host: r.opt.Host, time: r.now, settled: r.want.files, pending: map[string][]entry{}, gone: map[string]goneEntry{}}
	leave := func(e entry, since int64) {
		_, stays := r.want.files[e.path]
		_, known := final.gone[e.path]
		if !stays && !known {
			final.gone[e.path] = goneEntry{e, since}
		}
	}
	for _, g := range r.old.gone {
		leave(g.entry, g.since)
	}
	for _, e := range r.old.settled {
		leave(e, r.now.Unix())
	}
	for _, list := range r.old.pending {
		for _, e := range list {
			leave(e, r.now.Unix())
		}
	}
	if err := r.control(final); err != nil {
		return err
	}
	if err := r.remember(); err != nil {
		return fmt.Errorf("已经发布，但没能在这台电脑上记下这一版，以后不能退回它：%w", err)
	}
	err := r.clear(final)
	r.sweep()
	return err
}

// sweep removes what files that were on their way have left: of this run nothing, of one that was killed perhaps something.
func (r *run) sweep() {
	ctx, cancel := context.WithTimeout(r.ctx, r.opt.Patience)
	defer cancel()
	if len(r.old.pending) > 0 {
		var left []string
		var mu sync.Mutex
		r.requests.Add(1)
		err := r.store.List(ctx, TempDir, func(i Info) {
			mu.Lock()
			defer mu.Unlock()
			left = append(left, i.Path)
		})
		if err != nil {
			return
		}
		for _, p := range left {
			if strings.HasPrefix(p, TempDir+"/") {
				r.requests.Add(1)
				_ = r.store.Delete(ctx, p) // the next interrupted run sweeps again
			}
		}
	}
	if r.traits.Temp {
		r.requests.Add(1)
		_ = r.store.Prune(ctx, TempDir)
	}
}

// clear deletes what is due, and says so.
func (r *run) clear(m *manifest) error {
	var due []string
	for p, g := range m.gone {
		if r.due(g) {
			due = append(due, p)
		}
	}
	if len(due) == 0 {
		return nil
	}
	slices.Sort(due)
	stays, err := r.sameFile(due)
	if err != nil {
		return err
	}
	gone := len(due)
	due = slices.DeleteFunc(due, func(p string) bool { return stays[p] })
	for p := range stays {
		delete(m.gone, p)
	}
	err = r.each(len(due), func(i int) error {
		return r.try("删除 "+due[i], func(ctx context.Context) error {
			err := r.store.Delete(ctx, due[i])
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("新的版本已经发布，但旧的文件没有删完，下次发布时会接着删：%w", err)
	}
	r.rep.Deleted = gone
	held := map[string]bool{}
	for p := range r.want.files {
		for d := path.Dir(p); d != "." && !held[d]; d = path.Dir(d) {
			held[d] = true
		}
	}
	empty := map[string]bool{}
	for _, p := range due {
		delete(m.gone, p)
		for d := path.Dir(p); d != "." && !held[d]; d = path.Dir(d) {
			empty[d] = true
		}
	}
	deepest := slices.Collect(maps.Keys(empty))
	slices.SortFunc(deepest, func(a, b string) int {
		return cmp.Or(strings.Count(b, "/")-strings.Count(a, "/"), strings.Compare(a, b))
	})
	for _, d := range deepest {
		ctx, cancel := context.WithTimeout(r.ctx, r.opt.Patience)
		r.requests.Add(1)
		_ = r.store.Prune(ctx, d) // a folder that others use is not empty
		cancel()
	}
	return r.control(m)
}

// send sends stage by stage.
func (r *run) send(list []entry) error {
	total := len(list)
	stop := r.progress(total)
	defer stop()
	for len(list) > 0 {
		s := stage(list[0].path)
		n := slices.IndexFunc(list, func(e entry) bool { return stage(e.path) != s })
		if n < 0 {
			n = len(list)
		}
		now := list[:n]
		list = list[n:]
		err := r.each(len(now), func(i int) error {
			o := r.want.object(now[i], r.plain)
			if o.settle != nil {
				if err := o.settle(); err != nil {
					return err
				}
			}
			err := r.tryFor("发送 "+o.Path, o.Size, func(ctx context.Context, moved func()) error { return r.store.Put(ctx, o.watched(moved)) })
			if err == nil {
				r.sent.Add(1)
				r.bytes.Add(o.Size)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("没有发完，目标上的网站仍可使用；下次发布时会接着发：%w", err)
		}
	}
	return nil
}

func (r *run) progress(total int) (stop func()) {
	if r.opt.Progress == nil {
		return func() {}
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				r.opt.Progress(int(r.sent.Load()), total, r.bytes.Load())
			case <-quit:
				return
			}
		}
	}()
	return func() { close(quit); <-over }
}

// control writes down the state of the target.
func (r *run) control(m *manifest) error {
	b := m.encode()
	o := objectOf(Control, b)
	o.Type, o.Cache = "application/octet-stream", "no-store"
	return r.tryFor("写入发布记录", int64(len(b)), func(ctx context.Context, moved func()) error { return r.store.Put(ctx, o.watched(moved)) })
}

func (r *run) remember() error {
	if r.state == nil {
		return nil
	}
	return cmp.Or(r.state.remember(r.opt.Target, r.plain), r.state.see(r.opt.Target, r.now))
}

// replace writes a target that is written as a whole.
func (r *run) replace(to Replacer) error {
	leaving := 0
	for _, e := range sorted(r.want.files) {
		if r.old.settled[e.path] == e {
			r.rep.Unchanged++
		} else {
			r.rep.Send = append(r.rep.Send, e.path)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(r.old.settled)) {
		if _, stays := r.want.files[p]; !stays {
			leaving++
			r.rep.Remove = append(r.rep.Remove, p)
		}
	}
	if r.opt.DryRun {
		return nil
	}
	if len(r.rep.Send)+leaving > 0 || r.first {
		final := newManifest()
		final.run, final.host, final.settled = "-", "-", r.want.files
		final.time = time.Unix(0, 0) // so that the same version gives the same bytes
		list := sorted(r.want.files)
		objects := make([]*Object, 0, len(list)+1)
		for _, e := range list {
			o := r.want.object(e, r.plain)
			if o.settle != nil {
				if err := o.settle(); err != nil {
					return err
				}
			}
			objects = append(objects, o)
			r.bytes.Add(o.Size)
		}
		objects = append(objects, objectOf(Control, final.encode()))
		r.requests.Add(1)
		if err := to.Replace(r.ctx, objects); err != nil {
			r.bytes.Store(0)
			return err
		}
		r.sent.Store(int64(len(r.rep.Send)))
		r.rep.Deleted = leaving
	}
	return r.remember()
}

// each calls f for 0 … n-1, as many at once as the target likes. After an error that concerns all it stops, after others
// it goes on with the rest, but not for ever. The error is that of the lowest number.
func (r *run) each(n int, f func(i int) error) error {
	const most = 10 // errors of single files
	var next, count atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	errs := map[int]error{}
	var stopped atomic.Bool
	for range min(max(r.traits.Parallel, 1), n) {
		wg.Go(func() {
			for !stopped.Load() && r.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					mu.Lock()
					errs[i] = err
					mu.Unlock()
					if fatal(err) || count.Add(1) >= most {
						stopped.Store(true)
					}
				}
			}
		})
	}
	wg.Wait()
	if r.ctx.Err() != nil {
		return errors.New("发布中断了")
	}
	if len(errs) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(errs))
	r.mu.Lock()
	for _, k := range keys[1:] {
		r.rep.Errors = append(r.rep.Errors, errs[k])
	}
	r.mu.Unlock()
	for _, k := range keys {
		if fatal(errs[k]) {
			return errs[k]
		}
	}
	return errs[keys[0]]
}
