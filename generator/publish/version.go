package publish

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// State is what this machine remembers of what it published: the bytes of the present and of the former version of
// each target. A file is a hard link to the one that the build wrote, where the file system has such, so that it costs
// no room as long as the site has it, and a later build can't change it while it is being sent.
type State struct {
	dir  string
	lock *flock.Flock
}

// OpenState opens or makes the folder, and makes sure that one run uses it at a time. wait, if not nil, is called when
// another one does; OpenState waits for it until ctx ends.
func OpenState(ctx context.Context, dir string, wait func()) (*State, error) {
	if err := os.MkdirAll(filepath.Join(dir, "objects"), 0o755); err != nil {
		return nil, fmt.Errorf("不能建立文件夹 %s，发布时要在那里放上一版的文件：%w", dir, err)
	}
	s := &State{dir: dir, lock: flock.New(filepath.Join(dir, "lock"))}
	ok, err := s.lock.TryLock()
	if !ok && err == nil {
		if wait != nil {
			wait()
		}
		ok, err = s.lock.TryLockContext(ctx, lockPause)
	}
	if !ok && err != nil && ctx.Err() == nil {
		// A file system without locks: the target still says who writes to it.
		return s, nil
	}
	return s, ctx.Err()
}

// Close lets others use the folder.
func (s *State) Close() error { return s.lock.Unlock() }

func (s *State) object(sum Sum) string {
	name := hex.EncodeToString(sum[:])
	return filepath.Join(s.dir, "objects", name[:2], name[2:])
}

// A Version is one state of a site: its files by path, and where their bytes are.
type Version struct {
	files map[string]entry
	open  func(e entry) (io.ReadSeekCloser, error) // an unpacked file
}

// Packing says how a target gets compressed files.
type Packing uint8

// The ways of packing.
const (
	Plain    Packing = iota
	Siblings         // index.html.gz beside index.html, for gzip_static of nginx and the like
	Stored           // only the compressed bytes, with the header Content-Encoding
)

// Len is how many files the version has.
func (v *Version) Len() int { return len(v.files) }

// Take makes a version of the files of a built site. files are their paths below dir. The bytes are those at this
// moment: nothing that is done to dir later changes the version.
func (s *State) Take(ctx context.Context, dir string, files []string) (*Version, error) {
	v := &Version{files: make(map[string]entry, len(files)), open: s.open}
	var mu sync.Mutex
	var next int
	var failed error
	var wg sync.WaitGroup
	made := [256]sync.Once{}
	for range max(2, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			buf := make([]byte, 64<<10)
			h := sha256.New()
			for {
				mu.Lock()
				i := next
				next++
				stop := failed != nil || i >= len(files) || ctx.Err() != nil
				mu.Unlock()
				if stop {
					return
				}
				e, err := s.take(dir, files[i], h, buf, &made)
				mu.Lock()
				if err != nil {
					failed = cmp.Or(failed, err)
				} else {
					v.files[e.path] = e
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return v, cmp.Or(failed, ctx.Err())
}

func (s *State) take(dir, p string, h hash.Hash, buf []byte, made *[256]sync.Once) (entry, error) {
	if !validPath(p) {
		return entry{}, fmt.Errorf("%q 不能作为网站里的路径", p)
	}
	name := filepath.Join(dir, filepath.FromSlash(p))
	f, err := os.Open(name)
	if err != nil {
		return entry{}, err
	}
	defer f.Close()
	h.Reset()
	n, err := io.CopyBuffer(h, onlyReader{f}, buf)
	if err != nil {
		return entry{}, err
	}
	e := entry{path: p, size: n}
	var sum [sha256.Size]byte
	copy(e.sum[:], h.Sum(sum[:0]))
	to := s.object(e.sum)
	if info, err := os.Lstat(to); err == nil && info.Size() == n {
		return e, nil
	}
	made[e.sum[0]].Do(func() { err = os.MkdirAll(filepath.Dir(to), 0o755) })
	if err == nil {
		err = keep(name, to, f)
	}
	return e, err
}

// onlyReader hides other methods of a file, so that the buffer is used.
type onlyReader struct{ io.Reader }

// keep puts the bytes of a file into the pool: as a link, or as a copy where that can't be.
func keep(from, to string, f *os.File) error {
	if err := os.Link(from, to); err == nil || errors.Is(err, fs.ErrExist) {
		a, e1 := f.Stat()
		b, e2 := os.Stat(to)
		if e1 == nil && e2 == nil && a.Size() == b.Size() {
			return nil
		}
		os.Remove(to)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	t, err := os.CreateTemp(filepath.Dir(to), "new-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	err = cmp.Or(err, t.Close())
	if err == nil {
		err = os.Rename(t.Name(), to)
	}
	if err != nil {
		os.Remove(t.Name())
	}
	return err
}

// prepare gives the version as one kind of target wants it: with headers, and packed.
func (v *Version) prepare(t Traits, pack Packing) *Version {
	out := &Version{files: make(map[string]entry, len(v.files)), open: v.open}
	for p, e := range v.files {
		encoding := ""
		if worthPacking(e) {
			switch pack {
			case Siblings:
				if _, taken := v.files[p+".gz"]; !taken && len(path.Base(p)+".gz") <= longestName {
					gz := entry{path: p + ".gz", sum: packedSum(e.sum), size: -1}
					if t.Headers {
						gz.head = headOf(gz.path, "")
					}
					out.files[gz.path] = gz
				}
			case Stored:
				e.sum, e.size, encoding = packedSum(e.sum), -1, "gzip"
			}
		}
		if t.Headers {
			e.head = headOf(p, encoding)
		}
		out.files[p] = e
	}
	return out
}

const leastPacked = 1 << 10 // bytes below which packing gains nothing

func worthPacking(e entry) bool { return e.size >= leastPacked && packable(e.path) }

// longestName is how many bytes a name may have in a folder, on nearly all systems.
const longestName = 255

// packedSum names the packed form of a file by the file: packing it gives the same bytes each time.
func packedSum(s Sum) Sum {
	h := sha256.Sum256(append([]byte("gzip "), s[:]...))
	return Sum(h[:16])
}

// errChanged is a file whose bytes are not those that its name says.
var errChanged = errors.New("文件在发布的时候变了")

// object makes what is sent. from is the version of unpacked files that v was prepared from.
func (v *Version) object(e entry, from *Version) *Object {
	o := &Object{Path: e.path, Size: e.size, Type: TypeFor(e.path), Cache: cacheFor(e.path)}
	base, packed := from.files[e.path], false
	if base.path == "" {
		base, packed = from.files[strings.TrimSuffix(e.path, ".gz")], true
	} else if base.sum != e.sum {
		packed, o.Encoding = true, "gzip"
	}
	if !packed {
		o.open = func() (io.ReadSeekCloser, error) { return v.open(base) }
		return o
	}
	o.Size = -1
	if base.size > mostHeld {
		o.open = func() (io.ReadSeekCloser, error) {
			f, err := v.open(base)
			if err != nil {
				return nil, err
			}
			return newPacker(f), nil
		}
		o.settle = func() error {
			if o.Size >= 0 {
				return nil
			}
			f, err := o.open()
			if err != nil {
				return err
			}
			defer f.Close()
			o.Size, err = io.Copy(io.Discard, f)
			return err
		}
		return o
	}
	var once sync.Once
	var data []byte
	var err error
	get := func() ([]byte, error) {
		once.Do(func() { data, err = v.packFile(base) })
		return data, err
	}
	o.open = func() (io.ReadSeekCloser, error) {
		data, err := get()
		return nopCloser{bytes.NewReader(data)}, err
	}
	o.settle = func() error {
		data, err := get()
		o.Size = int64(len(data))
		return err
	}
	return o
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// mostHeld is the size of a file up to which its packed form is kept in the memory while it is sent. A larger one is packed anew each
// time that it is read.
const mostHeld = 1 << 20

// packers are the compressors that are idle: one takes most of a megabyte. As many work at once as there are processors.
var packers = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(nil, gzip.BestCompression); return z }}

var packing = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))

// packFile is gzip without a name and a time, so that it depends on the bytes alone.
func (v *Version) packFile(e entry) ([]byte, error) {
	packing <- struct{}{}
	defer func() { <-packing }()
	f, err := v.open(e)
	if err != nil {
		return nil, err
	}
	p := newPacker(f)
	defer p.Close()
	return io.ReadAll(p)
}

// packer is a file while it is packed.
type packer struct {
	f    io.ReadSeekCloser
	z    *gzip.Writer
	out  bytes.Buffer
	in   []byte
	over bool
}

func newPacker(f io.ReadSeekCloser) *packer {
	p := &packer{f: f, z: packers.Get().(*gzip.Writer), in: make([]byte, 32<<10)}
	p.z.Reset(&p.out)
	return p
}

func (p *packer) Read(b []byte) (int, error) {
	for p.out.Len() == 0 && !p.over {
		n, err := p.f.Read(p.in)
		if n > 0 {
			if _, err := p.z.Write(p.in[:n]); err != nil {
				return 0, err
			}
		}
		if err == io.EOF {
			p.over = true
			err = p.z.Close()
		}
		if err != nil {
			return 0, err
		}
	}
	return p.out.Read(b)
}

func (p *packer) Seek(offset int64, whence int) (int64, error) {
	if _, err := p.f.Seek(offset, whence); err != nil { // to the beginning, or not at all
		return 0, err
	}
	p.out.Reset()
	p.z.Reset(&p.out)
	p.over = false
	return 0, nil
}

// Close closes the file.
func (p *packer) Close() error {
	if p.z != nil {
		packers.Put(p.z)
		p.z = nil
	}
	return p.f.Close()
}

// checked is a file that is read to its end only if its bytes are what they should be.
type checked struct {
	f    *os.File // not embedded: its other methods would pass the bytes by
	want entry
	h    hash.Hash
	n    int64
}

func (s *State) open(e entry) (io.ReadSeekCloser, error) {
	f, err := os.Open(s.object(e.sum))
	if err != nil {
		return nil, err
	}
	return &checked{f: f, want: e, h: sha256.New()}, nil
}

func (c *checked) Read(b []byte) (int, error) {
	n, err := c.f.Read(b)
	c.h.Write(b[:n])
	c.n += int64(n)
	if c.n > c.want.size || (err == io.EOF || c.n == c.want.size) && (c.n != c.want.size || !bytes.HasPrefix(c.h.Sum(nil), c.want.sum[:])) {
		return 0, errChanged
	}
	return n, err
}

func (c *checked) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	c.h.Reset()
	c.n = 0
	return c.f.Seek(0, io.SeekStart)
}

// Close closes the file.
func (c *checked) Close() error { return c.f.Close() }

// list is the name of a file about a target. One whose name takes too long when it is written out is named by its sum.
func (s *State) list(target, which string) string {
	name := url.PathEscape(target)
	if len(name) > 200 {
		sum := sha256.Sum256([]byte(target))
		name = name[:100] + "-" + hex.EncodeToString(sum[:8])
	}
	return filepath.Join(s.dir, name+"."+which)
}

// remembered gives a version that was published to a target: "now" or "before". It is nil if this machine knows of none.
func (s *State) remembered(target, which string) *Version { return s.recall(s.list(target, which)) }

func (s *State) recall(name string) *Version {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	m, err := decodeManifest(b)
	if err != nil {
		return nil
	}
	return &Version{files: m.settled, open: s.open}
}

// remember notes that a version is what a target has now, and forgets the bytes that no version needs any longer.
func (s *State) remember(target string, v *Version) error {
	now := s.remembered(target, "now")
	if now != nil && maps.Equal(now.files, v.files) {
		return nil
	}
	if now != nil {
		if err := os.Rename(s.list(target, "now"), s.list(target, "before")); err != nil {
			return err
		}
	}
	m := newManifest()
	m.run, m.host, m.settled = "-", "-", v.files
	name := s.list(target, "now")
	if err := os.WriteFile(name+".new", m.encode(), 0o644); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	return s.forget()
}

func (s *State) forget() error {
	used := map[Sum]bool{}
	list, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if which := filepath.Ext(e.Name()); which != ".now" && which != ".before" {
			continue
		}
		v := s.recall(filepath.Join(s.dir, e.Name()))
		if v == nil {
			return nil // better too many bytes than too few
		}
		for _, e := range v.files {
			used[e.sum] = true
		}
	}
	dirs, err := os.ReadDir(filepath.Join(s.dir, "objects"))
	if err != nil {
		return err
	}
	for _, d := range dirs {
		objects, err := os.ReadDir(filepath.Join(s.dir, "objects", d.Name()))
		if err != nil {
			continue
		}
		for _, o := range objects {
			sum, err := hex.DecodeString(d.Name() + o.Name())
			if err != nil || len(sum) != len(Sum{}) || !used[Sum(sum)] {
				os.Remove(filepath.Join(s.dir, "objects", d.Name(), o.Name()))
			}
		}
	}
	return nil
}

// Paths lists the files of the version, sorted.
func (v *Version) Paths() []string { return slices.Sorted(maps.Keys(v.files)) }

// Same reports whether these are the bytes of a file of the version.
func (v *Version) Same(path string, body []byte) bool {
	h := sha256.Sum256(body)
	e, ok := v.files[path]
	return ok && e.sum == Sum(h[:16])
}

// Seen is when a target was last brought up to date from this machine; the zero time means never.
func (s *State) Seen(target string) time.Time {
	b, err := os.ReadFile(s.list(target, "seen"))
	if err != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(b)))
	if err != nil {
		return time.Time{}
	}
	return t
}

func (s *State) see(target string, now time.Time) error {
	return os.WriteFile(s.list(target, "seen"), []byte(now.Format(time.RFC3339Nano)+"\n"), 0o644)
}

// HostKey is the fingerprint that a server had when somebody said that it was the right one, or empty.
func (s *State) HostKey(address string) string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "hosts")) // one that can't be read means that somebody is asked
	for line := range strings.Lines(string(b)) {
		if key, ok := strings.CutPrefix(strings.TrimSpace(line), address+" "); ok {
			return key
		}
	}
	return ""
}

// Pin remembers the fingerprint of a server.
func (s *State) Pin(address, fingerprint string) error {
	f, err := os.OpenFile(filepath.Join(s.dir, "hosts"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s\n", address, fingerprint)
	return cmp.Or(err, f.Close())
}
