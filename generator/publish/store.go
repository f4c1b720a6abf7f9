package publish

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"gongzhi/generator/output"
)

// A Store is a place that files are sent to: a folder, a server, a bucket. Paths are slash-separated, valid by
// fs.ValidPath, and relative to the place. All methods may be called from several goroutines, as many as Traits allows.
// Their errors are of type *Error where the cause is known; a file that is not there is fs.ErrNotExist.
type Store interface {
	// Traits says what the place can do. It is asked once, before anything else.
	Traits() Traits
	// Get writes a whole file to w, however large it is.
	Get(ctx context.Context, path string, w io.Writer) error
	// Put writes a file, with the folders above it. A reader sees the old bytes or the new ones, if Traits.Atomic says so.
	Put(ctx context.Context, o *Object) error
	// Stat tells what stands at a path. What is there and can't be a file of ours, such as a folder or a link that leads nowhere,
	// has the size -1.
	Stat(ctx context.Context, path string) (Info, error)
	// Delete removes a file. One that is not there is no error.
	Delete(ctx context.Context, path string) error
	// Prune removes a folder if it is empty; a place without folders does nothing. Its failure means nothing.
	Prune(ctx context.Context, dir string) error
	// List calls each for every file below a folder, "." for all, in any order, maybe from several goroutines. A folder that
	// is not there has none.
	List(ctx context.Context, dir string, each func(Info)) error
	// Close ends the connections.
	Close() error
}

// A Replacer is a Store that is written as a whole, such as a zip.
type Replacer interface {
	// Replace makes the place hold exactly these files, in this order, or leaves it as it was.
	Replace(ctx context.Context, files []*Object) error
}

// Traits are what a kind of place can do.
type Traits struct {
	Parallel int  // how many requests at once are good
	Headers  bool // it keeps the content type and the cache header of a file
	Atomic   bool // Put is all or nothing, for readers and when it is cut off
	Temp     bool // it needs TempDir
	Flat     bool // List takes a thousand files with each request; other places need one or more for each folder
}

// TempDir is a folder at the target for files that are on their way: where a place has no other means to make a file
// appear whole, it is written here and then renamed.
const TempDir = output.Own + "sending"

// Temp is the path of a file on its way. It depends on the path alone, so that a second try takes the place of the first.
func Temp(path string) string {
	h := sha256.Sum256([]byte(path))
	return TempDir + "/" + hex.EncodeToString(h[:12])
}

// Info is what stands at a path.
type Info struct {
	Path string
	Size int64
	MD5  []byte // nil: not known
}

// An Object is a file to be sent.
type Object struct {
	Path     string
	Size     int64
	Type     string // content type
	Cache    string // cache header
	Encoding string // content encoding, or empty
	open     func() (io.ReadSeekCloser, error)
	settle   func() error // finds out Size, if it is not known
}

// NewObject makes an object that is read from open, which may be called more than once.
func NewObject(path string, size int64, open func() (io.ReadSeekCloser, error)) *Object {
	return &Object{Path: path, Size: size, open: open}
}

// objectOf makes an object of bytes at hand.
func objectOf(path string, b []byte) *Object {
	return NewObject(path, int64(len(b)), func() (io.ReadSeekCloser, error) { return nopCloser{bytes.NewReader(b)}, nil })
}

// Open gives the bytes of the object, from the beginning. The caller closes it.
func (o *Object) Open() (io.ReadSeekCloser, error) { return o.open() }

// watched is the object, of whose reading moved is told.
func (o *Object) watched(moved func()) *Object {
	w := *o
	w.open = func() (io.ReadSeekCloser, error) {
		r, err := o.open()
		return moving{r, moved}, err
	}
	return &w
}

type moving struct {
	io.ReadSeekCloser
	moved func()
}

func (m moving) Read(b []byte) (int, error) {
	n, err := m.ReadSeekCloser.Read(b)
	m.moved()
	return n, err
}

// MD5 computes the MD5 of the object's bytes: what object storage calls an entity tag, not a proof of anything.
func (o *Object) MD5() ([]byte, error) {
	r, err := o.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	h := md5.New()
	if _, err := io.Copy(h, r); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// Kind is what went wrong, as far as it decides what to do next.
type Kind uint8

// The kinds of failure.
const (
	Unknown   Kind = iota
	Temporary      // busy, cut off, too slow: worth another try
	Login          // the name or the secret is wrong
	Denied         // logged in, and not allowed to
	Clock          // this machine's clock is wrong
	Address        // host, bucket, region or folder is wrong
	HostKey        // the server is not the one it was, or is not known yet
	Full           // no room: disk, quota
	Refused        // the server will not take this file, whatever one does
)

// Error is a failure of a store whose cause is known.
type Error struct {
	Kind  Kind
	Text  string        // what is wrong and what to do, in Chinese, without a full stop
	After time.Duration // the server said when to come again
	Err   error         // what the library said
}

// Error is the Chinese sentence, with the library's words behind it.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return fmt.Sprintf("%s（%v）", e.Text, e.Err)
}

// Unwrap gives what the library said.
func (e *Error) Unwrap() error { return e.Err }

// fatal reports whether there is no sense in going on with other files.
func fatal(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case Login, Clock, Address, HostKey, Full:
		return true
	}
	return false
}

// temporary reports whether another try may help. What nobody has named is taken for temporary, so that an unknown
// hiccup does not end a publish.
func temporary(err error) bool {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind == Temporary || e.Kind == Unknown
	}
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errChanged)
}
