package search

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
)

// An index says in its root what it was made from, as a digest, and its files have names made from their bytes.
// So a build can tell that the index it is about to make stands there already, every bit of it. Nothing is
// remembered elsewhere, no time or size is trusted, and a damaged index is made anew.

// encodingVersion changes whenever the same documents give other files: it is part of the digest. A test tells
// when that is so.
const encodingVersion = 6

// Source is the digest of what an index is made from. Add may be called from several goroutines, in any order.
type Source struct {
	facets  []Field
	scratch sync.Pool
	mu      sync.Mutex
	sums    map[int][sha256.Size]byte
}

// NewSource returns the Source of an index without documents.
func NewSource(options Options) *Source {
	return &Source{facets: options.Facets, sums: make(map[int][sha256.Size]byte)}
}

// Add takes document n, as Writer.Add does.
func (s *Source) Add(n int, doc Document) {
	buf, _ := s.scratch.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	*buf = doc.append((*buf)[:0])
	sum := sha256.Sum256(*buf)
	s.scratch.Put(buf)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums[n] = sum
}

// Sum is the digest, in hexadecimal.
func (s *Source) Sum() string {
	b := fmt.Appendf(nil, "gongzhi search index %d.%d %d\n", formatNumber, encodingVersion, len(s.sums))
	b = appendStrings(appendStrings(b, asks...), folk...)
	for _, f := range s.facets {
		b = appendStrings(b, f.Key, f.Label, fmt.Sprint(f.Range))
	}
	for n, left := 0, len(s.sums); left > 0; n++ {
		if sum, ok := s.sums[n]; ok {
			b = append(binary.AppendUvarint(b, uint64(n)), sum[:]...)
			left--
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// append writes all of a document so that no two documents give the same bytes.
func (d *Document) append(b []byte) []byte {
	b = appendStrings(b, d.URL, d.Title, d.Type, d.Date, d.Summary)
	b = binary.AppendVarint(b, int64(d.Sort))
	b = binary.AppendUvarint(b, uint64(len(d.Fields)))
	b = appendStrings(b, d.Fields...)
	b = binary.AppendUvarint(b, uint64(len(d.Facets)))
	for _, f := range d.Facets {
		b = appendStrings(b, f.Key, f.Value)
	}
	var flags byte
	if d.Pinyin {
		flags |= 1
	}
	if d.Name {
		flags |= 2
	}
	b = appendStrings(append(b, flags, byte(d.Rank)), d.Also...)
	return append(append(b, 0xFF), d.Body...)
}

func appendStrings(b []byte, list ...string) []byte {
	for _, s := range list {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

// File is a file of an index: its name below /search/ and its size in bytes.
type File struct {
	Name string
	Size int64
}

// SourceOf gives the digest of what the index in a folder was made from, or "" if there is none that is whole at
// its root.
func SourceOf(fsys fs.FS) string {
	r, _ := readRoot(fsys)
	return r.Source
}

// readRoot reads a root whose bytes are as they were written.
func readRoot(fsys fs.FS) (r root, size int64) {
	data, err := readFile(fsys, rootName)
	if err != nil {
		return root{}, 0
	}
	if !checked(data) || json.Unmarshal(data, &r) != nil || r.Format != formatNumber {
		return root{}, 0
	}
	return r, int64(len(data))
}

// checked reports whether a root ends with the digest of itself.
func checked(data []byte) bool {
	at := bytes.LastIndex(data, []byte(rootCheck))
	return at >= 0 && bytes.Equal(data, appendCheck(bytes.Clone(data[:at])))
}

// rootCheck begins the last key of the root: the digest of all before it.
const rootCheck = `,"check":"`

// appendCheck ends a root that lacks its closing brace.
func appendCheck(data []byte) []byte {
	return fmt.Appendf(data, rootCheck+"%012x\"}\n", digest(data))
}

// Whole lists the files of the index in a folder, those of the browser's program aside, if it was made from source
// and every one is there with the bytes that it was written with. Otherwise it returns nil.
func Whole(fsys fs.FS, source string) []File {
	r, size := readRoot(fsys)
	if r.Source == "" || r.Source != source {
		return nil
	}
	list, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil
	}
	files := []File{{rootName, size}}
	for _, e := range list {
		if name, err := nameOf(e.Name()); err == nil && e.Type().IsRegular() {
			files = append(files, File{Name: fileName(name)})
		}
	}
	if len(files)-1 != r.Files {
		return nil
	}
	var next atomic.Int64
	var sum atomic.Uint64
	var harmed atomic.Bool
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) // the root is known
				if i >= len(files) || harmed.Load() {
					return
				}
				data, err := fs.ReadFile(fsys, files[i].Name)
				if err != nil || fileName(digest(data)) != files[i].Name {
					harmed.Store(true)
					return
				}
				files[i].Size = int64(len(data))
				sum.Add(digest(data))
			}
		})
	}
	wg.Wait()
	if harmed.Load() || fmt.Sprintf("%016x", sum.Load()) != r.Sum {
		return nil
	}
	return files
}

// nameOf undoes fileName.
func nameOf(file string) (uint64, error) {
	var name uint64
	if _, err := fmt.Sscanf(file, "%012x.bin", &name); err != nil || fileName(name) != file {
		return 0, fmt.Errorf("%q is no file of an index", file)
	}
	return name, nil
}
