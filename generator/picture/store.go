package picture

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Store keeps what was made of pictures, in a folder that may be thrown away at any time. A file in it is named by
// the digest of its bytes. A list, one for each source and plan, says which files they became, and bears the digests
// of the source, the plan and itself. Nothing of it is believed: what does not have the digest that it should have is
// as good as lost, and made again.
type Store struct {
	dir  string
	once sync.Once
	bad  error // the folder can't be made
}

// NewStore keeps things in a folder, which is made when it is first needed.
func NewStore(dir string) *Store { return &Store{dir: dir} }

// Digest is that of a source or of something made of one.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Sum is the digest of bytes.
func Sum(b []byte) Digest { return sha256.Sum256(b) }

// Read gives a picture's bytes for reading at any place, with their digest. A file of at most limit bytes is read once, so
// that what is made of it is of the bytes that have that digest.
func Read(src io.ReaderAt, size, limit int64) (io.ReaderAt, Digest, error) {
	if size <= limit {
		b := make([]byte, size)
		if n, err := src.ReadAt(b, 0); int64(n) < size {
			if err == nil || err == io.EOF {
				err = errBroken
			}
			return nil, Digest{}, err
		}
		return bytes.NewReader(b), Sum(b), nil
	}
	h := sha256.New()
	if n, err := io.Copy(h, section(src, 0, size)); err != nil || n < size {
		return nil, Digest{}, errors.Join(err, errBroken)
	}
	return src, Digest(h.Sum(nil)), nil
}

const listHead = "gongzhi pictures 1"

// item is a line of a list: a name within what was made, and the digest of its bytes.
type item struct {
	name   string
	digest Digest
	size   int64
}

// Made is what a source became by a plan.
type Made struct {
	store *Store
	items map[string]item
	held  map[string][]byte // where nothing could be kept
}

// Names are the names of everything that was made, in no order.
func (m *Made) Names() []string {
	l := make([]string, 0, len(m.items))
	for n := range m.items {
		l = append(l, n)
	}
	return l
}

// ErrLost says that something that was made is not there any more, or not what it was.
var ErrLost = errors.New("picture: lost")

// Get gives the bytes of something that was made; ErrLost if they are gone or not what they were.
func (m *Made) Get(name string) ([]byte, error) {
	it, ok := m.items[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	if b, ok := m.held[name]; ok {
		return b, nil
	}
	b, err := os.ReadFile(m.store.file(it.digest))
	if err != nil || Sum(b) != it.digest {
		return nil, ErrLost
	}
	return b, nil
}

func (s *Store) file(d Digest) string {
	n := d.String()
	return filepath.Join(s.dir, n[:2], n)
}

func (s *Store) list(source Digest, plan string) string {
	n := Sum([]byte(source.String() + "\n" + plan)).String()
	return filepath.Join(s.dir, n[:2], n+".list")
}

// Find gives what a source was made into before, if every file of it is still there. Their bytes are verified when they
// are asked for.
func (s *Store) Find(source Digest, plan string) *Made {
	if s == nil {
		return nil
	}
	b, err := os.ReadFile(s.list(source, plan))
	if err != nil {
		return nil
	}
	body, sum, ok := bytes.Cut(b, []byte("sum "))
	if !ok || string(sum) != Sum(body).String()+"\n" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	if len(lines) < 4 || lines[0] != listHead || lines[1] != "source "+source.String() || lines[2] != "plan "+plan {
		return nil
	}
	m := &Made{store: s, items: make(map[string]item, len(lines)-3)}
	for _, l := range lines[3:] {
		var it item
		var hexed string
		if n, err := fmt.Sscanf(l, "%s %d %s", &hexed, &it.size, &it.name); err != nil || n != 3 {
			return nil
		}
		d, err := hex.DecodeString(hexed)
		if err != nil || len(d) != len(it.digest) {
			return nil
		}
		copy(it.digest[:], d)
		if info, err := os.Stat(s.file(it.digest)); err != nil || info.Size() != it.size {
			return nil
		}
		m.items[it.name] = it
	}
	return m
}

// Keeper takes what is made of one source.
type Keeper struct {
	store *Store
	made  *Made
	order []item
}

// Begin begins to take what is made. Without a store, or where nothing can be written, it is held in memory.
func (s *Store) Begin() *Keeper {
	return &Keeper{store: s, made: &Made{store: s, items: map[string]item{}, held: map[string][]byte{}}}
}

// Put takes bytes under a name without spaces.
func (k *Keeper) Put(name string, b []byte) {
	it := item{name, Sum(b), int64(len(b))}
	k.made.items[name] = it
	k.order = append(k.order, it)
	if k.store == nil || k.store.write(k.store.file(it.digest), b) != nil {
		k.made.held[name] = bytes.Clone(b)
	}
}

// End writes the list and gives what was made.
func (k *Keeper) End(source Digest, plan string) *Made {
	if k.store == nil || len(k.made.held) > 0 {
		return k.made
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nsource %s\nplan %s\n", listHead, source, plan)
	for _, it := range k.order {
		fmt.Fprintf(&b, "%s %d %s\n", it.digest, it.size, it.name)
	}
	fmt.Fprintf(&b, "sum %s\n", Sum(b.Bytes()))
	// Without its list, all of it is made again next time; nothing worse.
	_ = k.store.write(k.store.list(source, plan), b.Bytes())
	return k.made
}

// write puts a file in place whole or not at all.
func (s *Store) write(p string, b []byte) error {
	s.once.Do(func() {
		if s.bad = os.MkdirAll(s.dir, 0o755); s.bad == nil {
			ignore := filepath.Join(s.dir, ".gitignore")
			if _, err := os.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
				s.bad = os.WriteFile(ignore, []byte("# 缩小的图片，可以随时删去，程序会重新做\n*\n"), 0o644)
			}
		}
	})
	if s.bad != nil {
		return s.bad
	}
	if old, err := os.Stat(p); err == nil && old.Size() == int64(len(b)) && !strings.HasSuffix(p, ".list") {
		if have, err := os.ReadFile(p); err == nil && bytes.Equal(have, b) {
			return nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(p), ".new-*")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	_, err = w.Write(b)
	err = errors.Join(err, w.Flush(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), p)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
