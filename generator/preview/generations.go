package preview

import (
	"context"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/folder"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
	"gongzhi/generator/spool"
)

// state is one moment of the preview. A request gets one and sees nothing else. It is immutable but for
// what is computed from it when first asked for.
type state struct {
	number int                // 1, 2, …
	covers uint64             // every change noticed up to this count is in it
	gen    *render.Generation // the newest
	err    error              // why there is none newer, where no message can say; gen is then the one before
	edited string             // URL of the record just edited, if it was one alone
	assets []string           // URLs of images and documents whose files changed
	files  []string           // files that were noticed to have changed

	check func() diag.List // all messages, with the lines they speak of

	mu       sync.Mutex
	variants []variant
}

// variant is the same files seen otherwise: without what is not published, on a day.
type variant struct {
	at  time.Time // zero: now
	gen *render.Generation
}

// variantLimit bounds the days that are kept; each holds a join of all records.
const variantLimit = 3

// errors are the messages that stop a build.
func (s *state) errors() diag.List {
	all := s.check()
	return slices.DeleteFunc(slices.Clone(all), func(m diag.Message) bool { return m.Severity != diag.Error })
}

// maker makes states: one after the other, in one goroutine.
type maker struct {
	source folder.Site
	theme  fs.FS
	dirty  *dirty

	mu       sync.Mutex
	current  *state
	next     chan struct{} // closed when current is replaced
	texts    *spool.Spool  // holds the texts of the records, if not nil
	full     func(error)   // is told that the temporary folder takes no more
	pictures string        // folder that keeps what is made of pictures
	timer    *time.Timer   // for the moment at which a record's time comes or is over
	longest  time.Duration // what the timer is set to at most: clocks are put right, machines sleep
}

// quiet is how long no change must be noticed before a generation is made, so that a save in several steps
// and a checkout of many files are one change. While a request is waiting, it is shorter: the reader's
// page is better made twice than late.
const (
	quiet        = 15 * time.Millisecond
	quietAwaited = 4 * time.Millisecond
	// With changes coming without end, one is made all the same after a while.
	patience        = 2 * time.Second
	patienceAwaited = 300 * time.Millisecond
)

func newMaker(source folder.Site, theme fs.FS) *maker {
	return &maker{source: source, theme: theme, dirty: newDirty(), next: make(chan struct{}), longest: 24 * time.Hour}
}

// state gives the current state.
func (m *maker) state() *state {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current
}

// wait gives the state now, and a channel that is closed when there is a newer one.
func (m *maker) wait() (*state, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current, m.next
}

// fresh gives a state that has every change noticed up to now.
func (m *maker) fresh(ctx context.Context) *state {
	want := m.dirty.count()
	s, next := m.wait()
	if s.covers >= want {
		return s
	}
	defer m.dirty.await()()
	for s.covers < want {
		select {
		case <-next:
			s, next = m.wait()
		case <-ctx.Done():
			return s
		}
	}
	return s
}

// make makes the next state out of the files that may have changed; changed nil looks at all. It gives nil if
// nothing has changed in truth.
func (m *maker) make(changed map[string]bool, covers uint64) *state {
	before := m.state()
	if changed == nil && before != nil {
		// Sizes and times can lie. Every file is read, which costs a fraction of understanding it.
		changed = map[string]bool{}
		for p := range look(m.source.Dir()) {
			changed[p] = true
		}
	}
	if before != nil {
		m.awaitSaved(changed)
	}
	opt := render.Options{Source: m.source, Theme: m.theme, Now: time.Now(), Unpublished: true, LastGood: true, Lazy: true, Changed: changed, Pictures: m.pictures, Full: m.full}
	next := &state{number: 1, covers: covers}
	if before != nil {
		opt.Previous, next.number = before.gen, before.number+1
	} else {
		opt.Spool = m.texts // of the archive as it is found; what is edited stays in memory, so that the file does not grow
	}
	g, err := render.New(opt)
	switch {
	case err != nil && (before == nil || before.gen == nil):
		next.err, next.check = err, func() diag.List { return nil }
	case err != nil:
		next.gen, next.err, next.check = before.gen, err, before.check
	case before != nil && before.err == nil && before.gen != nil && same(before.gen, g) && !changesAssets(g, changed):
		m.publish(&state{number: before.number, covers: covers, gen: before.gen, edited: before.edited, assets: before.assets, check: before.check})
		m.schedule(before.gen) // a moment that is far off comes in several steps
		return nil
	default:
		next.gen = g
		next.check = m.withLines(g.Diags)
		if before != nil && before.gen != nil {
			next.edited = edited(before.gen, g)
			next.assets = changedAssets(g, changed)
		}
	}
	for p := range changed {
		if path.Ext(p) != "" {
			next.files = append(next.files, p)
		}
	}
	slices.Sort(next.files)
	m.publish(next)
	m.schedule(g)
	return next
}

// awaitSaved gives settings that have just been emptied a moment to be filled again: that is how programs save, and an empty
// file of settings has no fault, so it would stand for the last good one as long as the next has one.
func (m *maker) awaitSaved(changed map[string]bool) {
	until := time.Now().Add(100 * time.Millisecond)
	for p := range changed {
		for path.Ext(p) == ".yaml" && time.Now().Before(until) {
			if info, err := fs.Stat(m.source, p); err != nil || info.Size() > 0 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// withLines gives messages with the lines they speak of, read when they are first asked for.
func (m *maker) withLines(l diag.List) func() diag.List {
	return sync.OnceValue(func() diag.List {
		return l.WithSource(func(path string) ([]byte, error) { return readLimited(m.source, path) })
	})
}

// idle is how long nothing must have changed before what no page waits for is done.
const idle = 500 * time.Millisecond

// complete lays out the whole site of each state that lasts a while, and makes known what is found wrong with
// that. It takes a second for a hundred thousand records, and hardly ever finds anything.
func (m *maker) complete(ctx context.Context) {
	var done *render.Generation
	for {
		s, next := m.wait()
		var ring <-chan time.Time
		if s.gen != nil && s.gen != done {
			ring = time.After(idle)
		}
		select {
		case <-ctx.Done():
			return
		case <-next:
		case <-ring:
			done = s.gen
			more := s.gen.Complete()
			if len(more) == 0 {
				continue
			}
			all := append(slices.Clone(s.gen.Diags), more...)
			all.Sort()
			m.mu.Lock()
			if m.current == s {
				m.replace(&state{number: s.number, covers: s.covers, gen: s.gen, err: s.err, edited: s.edited, assets: s.assets, files: s.files, check: m.withLines(all)})
			}
			m.mu.Unlock()
		}
	}
}

func (m *maker) publish(s *state) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.replace(s)
}

func (m *maker) replace(s *state) {
	m.current = s
	close(m.next)
	m.next = make(chan struct{})
}

// run makes a state for each change until ctx is done. told is called after each with what it took.
func (m *maker) run(ctx context.Context, told func(before, after *state, took time.Duration)) {
	for {
		changed, covers, ok := m.dirty.take(ctx)
		if !ok {
			return
		}
		before, began := m.state(), time.Now()
		if after := m.make(changed, covers); after != nil {
			told(before, after, time.Since(began))
		}
	}
}

// schedule has a new state made when the next record's time comes or is over.
func (m *maker) schedule(g *render.Generation) {
	if m.timer != nil {
		m.timer.Stop()
	}
	if g == nil {
		return
	}
	now := time.Now()
	var next time.Time
	for _, r := range g.Set.Records {
		for _, t := range []*time.Time{r.Publish, r.Expiry} {
			if t != nil && t.After(now) && (next.IsZero() || t.Before(next)) {
				next = *t
			}
		}
	}
	if !next.IsZero() {
		m.timer = time.AfterFunc(min(next.Sub(now)+10*time.Millisecond, m.longest), func() { m.dirty.add() })
	}
}

// same reports whether two generations show the same. A file that was touched or saved without a change
// makes no news.
func same(a, b *render.Generation) bool {
	if len(a.Set.Records) != len(b.Set.Records) || len(a.Diags) != len(b.Diags) || a.Theme != b.Theme && a.Theme.Digest != b.Theme.Digest {
		return false
	}
	statuses := func(g *render.Generation) (l []site.Status) {
		for _, r := range g.Site.Hidden {
			l = append(l, r.Status)
		}
		return l
	}
	return slices.Equal(a.Set.Records, b.Set.Records) && slices.Equal(a.Set.Schemas, b.Set.Schemas) && slices.Equal(a.Set.Assets, b.Set.Assets) &&
		slices.Equal(a.Diags, b.Diags) && sameSettings(*a.Settings, *b.Settings) && slices.Equal(statuses(a), statuses(b))
}

// sameSettings compares what site.yaml says; a time zone is the same by its name.
func sameSettings(a, b site.Settings) bool {
	a.Zone, b.Zone = nil, nil
	return reflect.DeepEqual(a, b)
}

// changesAssets reports whether one of the changed files is published as it is: its bytes are not in the
// generation.
func changesAssets(g *render.Generation, changed map[string]bool) bool {
	return len(changedAssets(g, changed)) > 0
}

func changedAssets(g *render.Generation, changed map[string]bool) (urls []string) {
	for p := range changed {
		if to, ok := strings.CutPrefix(p, "static/"); ok {
			urls = append(urls, g.Site.Href("/"+to))
		}
		if a, ok := g.Set.Asset(p); ok {
			urls = append(urls, g.Site.Href(a.Path[len("content"):]))
		}
	}
	slices.Sort(urls)
	return urls
}

// edited gives the URL of the one record that differs between two generations, or "".
func edited(a, b *render.Generation) string {
	_, fresh := differ(a.Set.Records, b.Set.Records)
	if len(fresh) != 1 {
		return ""
	}
	if at := b.Site.Of(fresh[0]); at != nil {
		return b.Site.Href(at.URL)
	}
	return ""
}

// differ gives the records that only a has and those that only b has. Mostly they are few, and close together.
func differ(a, b []*content.Record) (gone, fresh []*content.Record) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	old := make(map[*content.Record]bool, len(a))
	for _, r := range a {
		old[r] = true
	}
	for _, r := range b {
		if old[r] {
			delete(old, r)
		} else {
			fresh = append(fresh, r)
		}
	}
	for _, r := range a {
		if old[r] {
			gone = append(gone, r)
		}
	}
	return gone, fresh
}

// view gives the generation that a request asks for: with drafts and all, or as readers see it at a time
// (zero: now).
func (m *maker) view(s *state, hidden bool, at time.Time) (*render.Generation, error) {
	if s.gen == nil {
		return nil, s.err
	}
	if hidden {
		return s.gen, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.variants {
		if v.at.Equal(at) {
			return v.gen, nil
		}
	}
	now := at
	if at.IsZero() {
		now = time.Now()
	}
	g, err := render.New(render.Options{Source: m.source, Theme: m.theme, Now: now, LastGood: true, Lazy: true, Previous: s.gen, Changed: map[string]bool{}, Pictures: m.pictures, Full: m.full})
	if err != nil {
		return nil, err
	}
	if len(s.variants) >= variantLimit {
		s.variants = s.variants[1:]
	}
	s.variants = append(s.variants, variant{at, g})
	return g, nil
}

// readLimited reads a file for the lines that messages speak of.
func readLimited(source fs.FS, path string) ([]byte, error) {
	const most = 8 << 20
	return folder.Read(source, path, most)
}
