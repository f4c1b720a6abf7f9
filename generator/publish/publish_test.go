package publish_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/life"
)

// memory is a target in memory. Its faults are those that a network has.
type memory struct {
	mu    sync.Mutex
	files map[string]string
	after func(files map[string]string) // is called after each change
	fault func(op, path string) fault
	puts  []string
	gone  []string
	// caseless is a target to which capitals don't count: a file keeps the name that it was made with.
	caseless bool
}

// name is the name that a file has there.
func (m *memory) name(p string) string {
	if m.caseless {
		for have := range m.files {
			if strings.EqualFold(have, p) {
				return have
			}
		}
	}
	return p
}

type fault int

const (
	none  fault = iota
	fails       // an error, and nothing has been done
	loses       // it has been done, and the answer is lost
	stall       // no answer at all
	dead        // the process is killed: nothing happens any longer
	lies        // nothing has been done, and the answer is that it has
)

var errDead = &publish.Error{Kind: publish.Address, Text: "killed"}

func (m *memory) do(ctx context.Context, op, path string, f func() error) error {
	kind := none
	m.mu.Lock()
	if m.fault != nil {
		kind = m.fault(op, path)
	}
	m.mu.Unlock()
	switch kind {
	case fails:
		return &publish.Error{Kind: publish.Temporary, Text: "服务器忙"}
	case stall:
		<-ctx.Done()
		return ctx.Err()
	case dead:
		return errDead
	case lies:
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	err := f()
	if kind == loses {
		return &publish.Error{Kind: publish.Temporary, Text: "连接断了"}
	}
	return err
}

func (m *memory) Traits() publish.Traits { return publish.Traits{Parallel: 8, Atomic: true} }

func (m *memory) Get(ctx context.Context, p string, w io.Writer) error {
	return m.do(ctx, "get", p, func() error {
		s, ok := m.files[m.name(p)]
		if !ok {
			return fs.ErrNotExist
		}
		_, err := io.WriteString(w, s)
		return err
	})
}

func (m *memory) Put(ctx context.Context, o *publish.Object) error {
	r, err := o.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return m.do(ctx, "put", o.Path, func() error {
		m.files[m.name(o.Path)] = string(b)
		m.puts = append(m.puts, o.Path)
		if m.after != nil {
			m.after(m.files)
		}
		return nil
	})
}

func (m *memory) Stat(ctx context.Context, p string) (i publish.Info, err error) {
	err = m.do(ctx, "stat", p, func() error {
		s, ok := m.files[m.name(p)]
		if !ok {
			return fs.ErrNotExist
		}
		i = publish.Info{Path: p, Size: int64(len(s))}
		return nil
	})
	return i, err
}

func (m *memory) Delete(ctx context.Context, p string) error {
	return m.do(ctx, "delete", p, func() error {
		delete(m.files, m.name(p))
		m.gone = append(m.gone, p)
		if m.after != nil {
			m.after(m.files)
		}
		return nil
	})
}

func (m *memory) List(ctx context.Context, dir string, each func(publish.Info)) error {
	return m.do(ctx, "list", dir, func() error {
		for p, s := range m.files {
			if dir == "." || strings.HasPrefix(p, dir+"/") {
				each(publish.Info{Path: p, Size: int64(len(s))})
			}
		}
		return nil
	})
}

func (m *memory) Prune(context.Context, string) error { return nil }
func (m *memory) Close() error                        { return nil }

func runs(n int) int {
	if k, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		return k
	}
	return n
}

// reader opens whatever is there after each change, and keeps it open: what a page was drawn with once must stay as long
// as somebody may look at it, the root of the index must never name what is not there, and what has a name of its own must
// have the bytes of that name: a shard of another version would answer a search wrongly.
type reader struct {
	t     *testing.T
	needs map[string]string // file → who needs it
	made  []map[string]string
}

var named = regexp.MustCompile(`assets/style\.[0-9a-f]+\.css|search/[0-9a-f]+\.bin|images/plate\.[0-9a-f]+\.svg`)

func (r *reader) look(files map[string]string) {
	for p, text := range files {
		if strings.HasSuffix(p, ".html") || strings.HasSuffix(p, ".json") {
			for _, n := range named.FindAllString(text, -1) {
				r.needs[n] = p
			}
		}
	}
	for n, p := range r.needs {
		switch text, ok := files[n]; {
		case !ok:
			r.t.Fatalf("%s is missing, which %s needs", n, p)
		case !slices.ContainsFunc(r.made, func(site map[string]string) bool { return site[n] == text && text != "" }):
			r.t.Fatalf("%s has other bytes than its name says: %.40q", n, text)
		}
	}
}

// TestKilled: publishes end at any moment, half of them at a server that fails, stalls and loses answers, while somebody
// reads. Then one comes through.
func TestKilled(t *testing.T) {
	for i := range runs(12) {
		seed := rand.Uint64()
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Logf("seed %d", seed)
			rnd := rand.New(rand.NewPCG(seed, 1))
			var mu sync.Mutex
			chance := func(n int) int { mu.Lock(); defer mu.Unlock(); return rnd.IntN(n) }
			opt := life.Quick("甲测")
			opt.Confirm = func(string) bool { return true }
			opt.Patience = 3 * time.Millisecond
			opt.Tries = 20
			r := &reader{t: t, needs: map[string]string{}}
			m := &memory{files: map[string]string{"CNAME": "example.org"}, after: r.look}
			var site map[string]string
			for round := range 5 {
				site = life.Site(10+chance(12), round)
				r.made = append(r.made, site)
				v := publish.InMemory(site)
				bad := chance(2) == 0
				left := chance(60)
				m.fault = func(string, string) fault {
					left--
					switch {
					case left < 0:
						return dead
					case bad && rnd.IntN(4) == 0:
						return []fault{fails, loses, stall}[rnd.IntN(3)]
					}
					return none
				}
				_, err := publish.Run(t.Context(), m, nil, v, opt)
				if left < 0 && err == nil {
					t.Fatal("no error, though it was killed")
				}
				if chance(3) == 0 {
					continue // the next edit comes before the next run
				}
				m.fault = nil
				before := maps.Clone(m.files)
				m.puts = nil
				if _, err := publish.Run(t.Context(), m, nil, v, opt); err != nil {
					t.Fatal(err)
				}
				needed, sent := 0, 0
				for p, text := range site {
					if before[p] != text || before[p] == "" {
						needed++
					}
				}
				for _, p := range m.puts {
					if p != publish.Control {
						sent++
					}
				}
				if sent > needed {
					t.Errorf("%d files were sent, though only %d were missing", sent, needed)
				}
				same(t, m.files, site)
			}
			m.fault = nil
			v := publish.InMemory(site)
			m.after = nil
			for day := range 2 { // what an interrupted run had brought stays for a day as well
				late := opt
				late.Now = func() time.Time { return time.Now().Add(time.Duration(day+1) * 48 * time.Hour) }
				if _, err := publish.Run(t.Context(), m, nil, v, late); err != nil {
					t.Fatal(err)
				}
			}
			same(t, m.files, site)
			if len(m.files) != len(site)+2 {
				t.Errorf("%d files are left, want %d", len(m.files), len(site)+2)
			}
		})
	}
}

// same: the target has the site, and of other files only some named after their bytes, and those of others.
func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for p, text := range want {
		if got[p] != text {
			t.Fatalf("%s: the target has %.40q, want %.40q", p, got[p], text)
		}
	}
	for p := range got {
		if _, ok := want[p]; !ok && p != publish.Control && p != "CNAME" && !named.MatchString(p) {
			t.Fatalf("%s was left", p)
		}
	}
}

func fresh(t *testing.T) (*memory, *publish.State, *publish.Version) {
	state := life.State(t)
	return &memory{files: map[string]string{}}, state, life.Take(t, state, life.Site(30, 1))
}

// TestOrder: what pages need comes first, lists after what they lead to, what the target says of itself at the end.
func TestOrder(t *testing.T) {
	m, state, v := fresh(t)
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	if m.puts[0] != publish.Control || m.puts[len(m.puts)-1] != publish.Control {
		t.Errorf("begins with %s and ends with %s", m.puts[0], m.puts[len(m.puts)-1])
	}
	at := func(p string) int {
		i := slices.Index(m.puts, p)
		if i < 0 {
			t.Fatalf("%s was not sent", p)
		}
		return i
	}
	chain := []string{"search/abc000000001.bin", "search/index.json", "reports/测试 1951/r1/index.html", "reports/page/2/index.html", "index.html"}
	for i := range len(chain) - 1 {
		if at(chain[i]) > at(chain[i+1]) {
			t.Errorf("%s is sent after %s", chain[i], chain[i+1])
		}
	}
	if at("photos/1.jpg") > at("people/甲测-1/index.html") {
		t.Error("a picture is sent after pages")
	}
	if at("people/甲测-29/index.html") > at("people/index.html") {
		t.Error("a list is sent before its pages")
	}
}

// TestErrorDeletesNothing: with one file that does not arrive nothing is deleted, and the target does not say that it has
// the new version.
func TestErrorDeletesNothing(t *testing.T) {
	m, state, v := fresh(t)
	opt := life.Quick("a")
	opt.Confirm = func(string) bool { return true }
	if _, err := publish.Run(t.Context(), m, state, v, opt); err != nil {
		t.Fatal(err)
	}
	site := life.Site(5, 2)
	m.fault = func(op, p string) fault {
		if op == "put" && p == "people/甲测-2/index.html" {
			return fails
		}
		return none
	}
	m.puts = nil
	rep, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt)
	if err == nil || !strings.Contains(err.Error(), "people/甲测-2/index.html") || len(rep.Errors) == 0 {
		t.Errorf("the error does not name the file: %v", err)
	}
	if len(m.gone) > 0 {
		t.Errorf("deleted: %q", m.gone)
	}
	if slices.Contains(m.puts, "people/index.html") {
		t.Error("a list was sent, though a page did not arrive")
	}
	m.fault = nil
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil {
		t.Fatal(err)
	}
	same(t, m.files, site)
}

// TestTries: a busy server is asked again when it wants to be; a wrong password is not tried twice.
func TestTries(t *testing.T) {
	m, state, v := fresh(t)
	var waits []time.Duration
	opt := life.Quick("a")
	opt.Pause = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
	busy := &answering{memory: m, err: &publish.Error{Kind: publish.Temporary, Text: "忙", After: 90 * time.Second}, times: 2}
	if _, err := publish.Run(t.Context(), busy, state, v, opt); err != nil {
		t.Fatal(err)
	}
	if len(waits) != 2 || waits[0] < 90*time.Second || waits[1] < 90*time.Second {
		t.Errorf("waited %v, want twice 90 s", waits)
	}
	m2, state, v := fresh(t)
	for kind, want := range map[publish.Kind]int{publish.Login: 1, publish.Denied: 1, publish.Clock: 1, publish.Unknown: 4, publish.Temporary: 4} {
		wrong := &answering{memory: m2, err: &publish.Error{Kind: kind, Text: "不行"}, times: 100}
		opt := life.Quick("a")
		opt.Tries = 4
		rep, err := publish.Run(t.Context(), wrong, state, v, opt)
		if err == nil || !strings.Contains(err.Error(), "不行") || rep.Requests != want {
			t.Errorf("kind %d: %d requests, want %d; %v", kind, rep.Requests, want, err)
		}
	}
}

type answering struct {
	*memory
	err   error
	times int
}

func (a *answering) Get(ctx context.Context, p string, w io.Writer) error {
	if a.times > 0 {
		a.times--
		return a.err
	}
	return a.memory.Get(ctx, p, w)
}

// TestTwoMachines: one that finds another at work asks; one that is overtaken says so, and deletes nothing.
func TestTwoMachines(t *testing.T) {
	m, state, v := fresh(t)
	left := 20
	m.fault = func(string, string) fault {
		if left--; left < 0 {
			return dead
		}
		return none
	}
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err == nil {
		t.Fatal("it was not killed")
	}
	m.fault = nil
	other := life.Quick("a")
	other.Host = "另一台"
	if _, err := publish.Run(t.Context(), m, state, v, other); err == nil || !strings.Contains(err.Error(), "测试") {
		t.Errorf("another machine went on without a question: %v", err)
	}
	other.Now = func() time.Time { return time.Now().Add(time.Hour) }
	if _, err := publish.Run(t.Context(), m, state, v, other); err != nil {
		t.Errorf("after an hour: %v", err)
	}

	site := life.Site(31, 3)
	once := false
	m.fault = func(op, p string) fault {
		if op == "put" && p == "index.html" && !once {
			once = true
			m.mu.Unlock()
			late := life.Quick("a")
			late.Host, late.Confirm = "第三台", func(string) bool { return true }
			s3 := life.State(t)
			if _, err := publish.Run(t.Context(), m, s3, life.Take(t, s3, life.Site(30, 4)), late); err != nil {
				t.Error(err)
			}
			m.mu.Lock()
			m.gone = nil
		}
		return none
	}
	_, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), life.Quick("a"))
	if err == nil || !strings.Contains(err.Error(), "第三台") || len(m.gone) > 0 {
		t.Errorf("overtaken by another machine: %v; deleted %q", err, m.gone)
	}
}

// TestControl: what a target says of itself is believed only if it can be ours; a path in it never leads elsewhere.
func TestControl(t *testing.T) {
	m, state, v := fresh(t)
	for _, text := range []string{"", "x", "<html>404</html>"} {
		m.files[publish.Control] = text
		if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err == nil || len(m.puts) > 0 {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestCopied: what was copied to the target by hand after a build is taken over, and old files of it are deleted.
func TestCopied(t *testing.T) {
	m, state, _ := fresh(t)
	site := life.Site(8, 1)
	old := maps.Clone(site)
	old["people/甲测-2/index.html"] += "旧"
	old["reports/旧/index.html"] = "旧"
	maps.Copy(m.files, old)
	list := "gongzhi manifest 1\n"
	for _, p := range slices.Sorted(maps.Keys(old)) {
		list += " " + p + "\n"
	}
	m.files[".gongzhi-manifest"] = list + "end\n"
	m.files["robots-verify.html"] = "别人的"
	rep, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), life.Quick("a"))
	if err != nil {
		t.Fatal(err)
	}
	if rep.Uploaded != 1 || rep.Deleted != 1 || !slices.Equal(rep.Foreign, []string{"robots-verify.html"}) {
		t.Errorf("%d sent, %d deleted, foreign %q; want 1, 1 and robots-verify.html", rep.Uploaded, rep.Deleted, rep.Foreign)
	}
	for p, text := range site {
		if m.files[p] != text {
			t.Errorf("%s: %.40q", p, m.files[p])
		}
	}
}

// TestPacked: siblings come and go with their files, and are what they say.
func TestPacked(t *testing.T) {
	m, state, _ := fresh(t)
	opt := life.Quick("a")
	opt.Packing = publish.Siblings
	opt.Confirm = func(string) bool { return true }
	site := life.Site(5, 1)
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil {
		t.Fatal(err)
	}
	page := "people/甲测-1/index.html"
	first := m.files[page+".gz"]
	if !strings.HasPrefix(first, "\x1f\x8b") || m.files["photos/1.jpg.gz"] != "" || m.files["404.html.gz"] != "" {
		t.Error("packed files are not as they should be")
	}
	m.puts = nil
	if rep, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil || len(m.puts) > 0 || rep.Requests != 1 {
		t.Errorf("unchanged: %v, %q", err, m.puts)
	}
	site[page] += "改了"
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil {
		t.Fatal(err)
	}
	if m.files[page+".gz"] == first || !slices.Contains(m.puts, page+".gz") {
		t.Error("the packed file is still the old one")
	}
	delete(site, page)
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.files[page+".gz"]; ok {
		t.Error("the packed file of a page that is gone is still there")
	}
}

// TestRollbackElsewhere: what was published from another machine can't be taken back here, and that is said.
func TestRollbackElsewhere(t *testing.T) {
	m, state, v := fresh(t)
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	back := life.Quick("a")
	back.Rollback = true
	if _, err := publish.Run(t.Context(), m, state, nil, back); err == nil || !strings.Contains(err.Error(), "只发布过一版") {
		t.Errorf("one version: %v", err)
	}
	there := life.State(t)
	if _, err := publish.Run(t.Context(), m, there, life.Take(t, there, life.Site(31, 2)), life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	m.puts = nil
	if _, err := publish.Run(t.Context(), m, state, nil, back); err == nil || len(m.puts) > 0 {
		t.Errorf("rolled back what another machine had published: %v", err)
	}
}

// TestInterruptedRollback: a publish that was cut off is taken back to the version that stood there before it.
func TestInterruptedRollback(t *testing.T) {
	m, state, v := fresh(t)
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(m.files)
	left := 40
	m.fault = func(string, string) fault {
		if left--; left < 0 {
			return dead
		}
		return none
	}
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, life.Site(30, 2)), life.Quick("a")); err == nil {
		t.Fatal("not killed")
	}
	m.fault = nil
	back := life.Quick("a")
	back.Rollback = true
	if _, err := publish.Run(t.Context(), m, state, nil, back); err != nil {
		t.Fatal(err)
	}
	for p, text := range before {
		if p != publish.Control && m.files[p] != text {
			t.Errorf("%s is not what it was", p)
		}
	}
}

// TestChangedMeanwhile: a file of the pool whose bytes are not what its name says is never sent.
func TestChangedMeanwhile(t *testing.T) {
	m, _, _ := fresh(t)
	dir := t.TempDir()
	state, err := publish.OpenState(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	v := life.Take(t, state, map[string]string{"index.html": "首页"})
	err = fs.WalkDir(os.DirFS(dir), "objects", func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			err = os.WriteFile(dir+"/"+p, []byte("坏的"), 0o644)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err == nil {
		t.Error("no error")
	}
	if _, ok := m.files["index.html"]; ok {
		t.Error("damaged bytes were sent")
	}
}

func ExampleError() {
	err := fmt.Errorf("发送 a.html：%w", &publish.Error{Kind: publish.Full, Text: "磁盘满了", Err: errors.New("552")})
	fmt.Println(err)
	// Output: 发送 a.html：磁盘满了（552）
}

// TestCapitals: a file whose name changes in its capitals alone is there afterwards, also where both names are those of one file; and goes when
// it is to go.
func TestCapitals(t *testing.T) {
	for _, caseless := range []bool{false, true} {
		m, state, _ := fresh(t)
		m.caseless = caseless
		opt := life.Quick("a")
		bring := func(site map[string]string) *publish.Report {
			t.Helper()
			rep, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt)
			if err != nil {
				t.Fatal(err)
			}
			for p, text := range site {
				if m.files[m.name(p)] != text {
					t.Fatalf("caseless %v: %s: %.40q, want %.40q", caseless, p, m.files[m.name(p)], text)
				}
			}
			return rep
		}
		site := life.Site(5, 1)
		site["people/Ce-Shi/index.html"] = "甲"
		bring(site)
		delete(site, "people/Ce-Shi/index.html")
		site["people/ce-shi/index.html"] = "乙"
		bring(site)
		want := len(site) + 1
		if len(m.files) != want {
			t.Errorf("caseless %v: %d files, want %d", caseless, len(m.files), want)
		}
		dry := opt
		dry.DryRun = true
		if rep, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), dry); err != nil || len(rep.Send)+len(rep.Remove)+len(rep.Foreign) > 0 {
			t.Errorf("caseless %v: afterwards %v would be sent, %v removed, %v are foreign; %v", caseless, rep.Send, rep.Remove, rep.Foreign, err)
		}
		delete(site, "people/ce-shi/index.html")
		if rep := bring(site); rep.Deleted != 1 || len(m.files) != want-1 {
			t.Errorf("caseless %v: %d deleted, %d files are left", caseless, rep.Deleted, len(m.files))
		}
	}
}

// TestLiar: of a server that says it has taken what it has not, the first file is missed, and if it keeps the small ones alone, the large one;
// nothing is deleted, and the next run sends what is missing.
func TestLiar(t *testing.T) {
	m, state, v := fresh(t)
	puts := 0
	m.fault = func(op, _ string) fault {
		if op == "put" {
			puts++
			return lies
		}
		return none
	}
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err == nil || !strings.Contains(err.Error(), "没有真的存下") || puts != 1 {
		t.Errorf("a server that keeps nothing: %d files sent, %v", puts, err)
	}
	m.fault = nil
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	site := life.Site(29, 1)
	site["photos/1.jpg"] = strings.Repeat("测", 90000)
	m.fault = func(op, p string) fault {
		if op == "put" && p == "photos/1.jpg" {
			return lies
		}
		return none
	}
	m.gone = nil
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), life.Quick("a")); err == nil || !strings.Contains(err.Error(), "photos/1.jpg") || len(m.gone) > 0 {
		t.Errorf("a server that is full: %v; deleted %q", err, m.gone)
	}
	m.fault = nil
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	same(t, m.files, site)
}

// slow is a target on a line that takes a while for each piece of a file, and of some files does not answer at all.
type slow struct {
	*memory
	piece time.Duration
	stuck map[string]int // how often a file gets no answer
	begun time.Time
	ended map[string]time.Duration // when a try was given up
}

func (s *slow) Put(ctx context.Context, o *publish.Object) error {
	r, err := o.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	for b := make([]byte, 2000); err == nil; _, err = r.Read(b) {
		time.Sleep(s.piece)
	}
	s.mu.Lock()
	stuck := s.stuck[o.Path] > 0
	s.stuck[o.Path]--
	s.mu.Unlock()
	if stuck {
		<-ctx.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended[o.Path] = time.Since(s.begun)
		return ctx.Err()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.memory.Put(ctx, o)
}

// TestPatience: on a slow line nothing is given up as long as something moves, however long a file takes; a server that no longer answers
// is, in minutes, however large the file.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		site := life.Site(3, 1)
		site["reports/v.mp4"] = strings.Repeat("测", 20000)
		s := &slow{memory: &memory{files: map[string]string{}}, piece: 50 * time.Second, stuck: map[string]int{}, ended: map[string]time.Duration{}, begun: time.Now()}
		opt := life.Quick("a")
		opt.Tries = 1
		if _, err := publish.Run(t.Context(), s, nil, publish.InMemory(site), opt); err != nil {
			t.Fatal(err)
		}
		same(t, s.files, site)
		if took := time.Since(s.begun); took < 20*time.Minute {
			t.Fatalf("it took %v: the line was not slow", took)
		}
		site["reports/v.mp4"] += "测"
		s.piece, s.stuck["reports/v.mp4"], s.begun = 0, 1, time.Now()
		opt.Tries = 2
		if _, err := publish.Run(t.Context(), s, nil, publish.InMemory(site), opt); err != nil {
			t.Fatal(err)
		}
		if after := s.ended["reports/v.mp4"]; after < time.Minute || after > 2*time.Minute {
			t.Errorf("a stalled server was given up after %v", after)
		}
		same(t, s.files, site)
	})
}

// TestLongNames: a target whose name is long, and files whose names are as long as can be.
func TestLongNames(t *testing.T) {
	m, state, _ := fresh(t)
	name := strings.Repeat("测", 82) + "甲.svg" // with .gz it would be too long
	site := life.Site(2, 1)
	site["images/"+name] = "<svg>" + strings.Repeat("甲", 2000)
	opt := life.Quick(strings.Repeat("官网", 16))
	opt.Packing = publish.Siblings
	for i := range 2 {
		if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil {
			t.Fatal(err)
		}
		if m.files["images/"+name] == "" || m.files["images/"+name+".gz"] != "" || m.files["people/甲测-0/index.html.gz"] == "" {
			t.Errorf("run %d: long names are not as they should be", i)
		}
		site["index.html"] += "改"
	}
	opt.Rollback = true
	if _, err := publish.Run(t.Context(), m, state, nil, opt); err != nil {
		t.Error(err)
	}
}

// TestPackedLarge: what is packed while it is sent is the same as what is packed at once, and is recognised.
func TestPackedLarge(t *testing.T) {
	m, state, _ := fresh(t)
	site := life.Site(2, 1)
	site["data/people.csv"] = strings.Repeat("1950,测试厂\n", 80000)
	opt := life.Quick("a")
	opt.Packing = publish.Siblings
	if _, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(strings.NewReader(m.files["data/people.csv.gz"]))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != site["data/people.csv"] {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	delete(m.files, publish.Control) // so that it is read back
	if rep, err := publish.Run(t.Context(), m, state, life.Take(t, state, site), opt); err != nil || rep.Uploaded > 0 {
		t.Errorf("sent again: %v, %v", rep.Send, err)
	}
}

// endless is a server that names files without end.
type endless struct {
	*memory
	more int // times that it names one and the same file
}

func (e *endless) List(ctx context.Context, _ string, each func(publish.Info)) error {
	for ctx.Err() == nil {
		e.more++
		each(publish.Info{Path: "a"})
	}
	return ctx.Err()
}

// TestEndlessList: of a server whose list has no end so much is read and no more, and nothing is sent.
func TestEndlessList(t *testing.T) {
	m, state, v := fresh(t)
	defer publish.Listed(1000)()
	e := &endless{memory: m}
	if _, err := publish.Run(t.Context(), e, state, v, life.Quick("a")); err == nil || !strings.Contains(err.Error(), "还没有完") || e.more > 2000 || len(m.puts) > 0 {
		t.Errorf("%v, after %d names and %d files", err, e.more, len(m.puts))
	}
}

// talkative gives more of a file than it says that there is.
type talkative struct {
	*memory
	given atomic.Int64
}

func (g *talkative) Get(ctx context.Context, p string, w io.Writer) error {
	if p == publish.Control {
		return g.memory.Get(ctx, p, w)
	}
	for b := make([]byte, 1000); ctx.Err() == nil; g.given.Add(int64(len(b))) {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// TestEndlessFile: a file that does not end when it is read back is another one than ours.
func TestEndlessFile(t *testing.T) {
	m, state, v := fresh(t)
	if _, err := publish.Run(t.Context(), m, state, v, life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	delete(m.files, publish.Control) // so that nothing is known of them
	g := &talkative{memory: m}
	rep, err := publish.Run(t.Context(), g, state, v, life.Quick("b"))
	if given, most := g.given.Load(), 1000*(2+len(m.files))*100; err == nil && rep.Unchanged > 0 || given > int64(most) {
		t.Errorf("%d are taken for ours, after %d bytes: %v", rep.Unchanged, given, err)
	}
}
