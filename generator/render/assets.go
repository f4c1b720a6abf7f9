package render

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"sync"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/picture"
	"gongzhi/generator/site"
	"gongzhi/generator/theme"
)

// routeAsset lays out what a file of the archive is published as, if it is: itself, or, of a picture, several sizes
// without its metadata. None of them is made before it is asked for.
func (g *Generation) routeAsset(l *layout, a content.Asset) {
	if !g.Site.Shows(a) {
		return
	}
	pos := diag.Pos{Path: a.Path}
	i := g.Site.Published(a)
	switch {
	case i != nil:
		for k, p := range i.Paths {
			l.add(strings.TrimPrefix(p, "/"), route{origin: a.Path, pos: pos, make: func(b *bytes.Buffer) error { return g.image(b, i, i.Plan.Sizes[k].String()) }})
		}
		if i.Card != "" {
			l.add(strings.TrimPrefix(i.Card, "/"), route{origin: a.Path, pos: pos, make: func(b *bytes.Buffer) error { return g.image(b, i, cardName) }})
		}
	case a.Picture != nil: // one with a fault: nothing of it is published
	default:
		l.add(strings.TrimPrefix(a.Path, "content/"), route{origin: a.Path, pos: pos, make: func(b *bytes.Buffer) error {
			src, err := fs.ReadFile(g.source, a.File)
			b.Write(src)
			return err
		}})
	}
}

// images is what was made of pictures, by picture and plan; it is handed on from one generation to the next.
type images struct {
	dir   string
	store *picture.Store
	made  sync.Map // imageKey → *making
	room  *room
}

type imageKey struct {
	picture *content.Picture
	plan    string
}

// making is the pictures of one picture, made once.
type making struct {
	mu   sync.Mutex
	made *picture.Made
	err  error
}

func newImages(dir string) *images {
	x := &images{dir: dir, room: newRoom(imageMemory)}
	if dir != "" {
		x.store = picture.NewStore(dir)
	}
	return x
}

// imageMemory is about how many bytes all pictures that are made smaller at one time may take. One that needs more is
// made when no other is.
const imageMemory = 160 << 20

// inMemory is how large a file may be that is read into memory to be made smaller.
const inMemory = 64 << 20

// cardName is the name of the card among what was made of a picture.
const cardName = "card"

// image appends what was made of a picture under a name.
func (g *Generation) image(b *bytes.Buffer, i *site.Image, name string) error {
	m := g.making(i)
	for again := range 2 {
		made, err := g.make(m, i, again > 0)
		if err != nil || g.look {
			return err
		}
		got, err := made.Get(name)
		if err == nil {
			b.Write(got)
			return nil
		} else if !errors.Is(err, picture.ErrLost) {
			return err
		}
	}
	return fault(i, "image/store", "缩小的图片刚写好就变了。请看 .gongzhi/pictures 所在的磁盘有没有毛病。")
}

func (g *Generation) making(i *site.Image) *making {
	v, _ := g.images.made.LoadOrStore(imageKey{i.Asset.Picture, i.Plan.String()}, &making{})
	return v.(*making)
}

func fault(i *site.Image, id, text string) error {
	return &theme.Fault{Message: diag.Errorf(diag.Pos{Path: i.Asset.Path}, id, "%s", text)}
}

// make makes the sizes of a picture, or finds them made; anew, whatever is there.
func (g *Generation) make(m *making, i *site.Image, anew bool) (*picture.Made, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil || m.made != nil && !anew {
		return m.made, m.err
	}
	if g.look {
		m.err = g.images.verify(i)
	} else {
		m.made, m.err = g.images.make(i, anew)
	}
	var f *picture.Fault
	switch {
	case m.err == nil:
	case errors.As(m.err, &f):
		m.err = fault(i, f.ID, f.Text)
	default:
		err := m.err
		m.err = nil // perhaps next time
		return nil, fault(i, "file/unreadable", "读不了这个图片："+err.Error())
	}
	return m.made, m.err
}

func (x *images) make(i *site.Image, anew bool) (*picture.Made, error) {
	p := i.Asset.Picture
	src, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r, digest, err := picture.Read(src, p.Size, inMemory)
	if err != nil {
		return nil, err
	}
	plan := i.Plan.String()
	if !anew {
		if made := x.store.Find(digest, plan); made != nil {
			return made, nil
		}
	}
	release := x.room.enter(p.Memory())
	defer release()
	k := x.store.Begin()
	if err := picture.Make(r, p.Info, i.Plan, func(n int, b []byte) error {
		name := cardName
		if n != picture.Card {
			name = i.Plan.Sizes[n].String()
		}
		k.Put(name, b)
		return nil
	}); err != nil {
		return nil, err
	}
	if _, again, err := picture.Read(src, p.Size, 0); p.Size > inMemory && (err != nil || again != digest) {
		return nil, &picture.Fault{ID: "image/changed", Text: "这个图片在生成的时候变了。请再生成一次。"}
	}
	return k.End(digest, plan), nil
}

// verify finds out whether a picture can be decoded, making nothing. One that was made before is sound.
func (x *images) verify(i *site.Image) error {
	p := i.Asset.Picture
	src, err := p.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	r, digest, err := picture.Read(src, p.Size, inMemory)
	if err != nil || x.store.Find(digest, i.Plan.String()) != nil {
		return err
	}
	defer x.room.enter(p.Memory())()
	return picture.Verify(r, p.Info)
}

// makeImages makes what is not made yet of the site's pictures, on all processors. What is wrong with one of them is
// said by whoever asks for it.
func (g *Generation) makeImages(ctx context.Context) {
	all := g.Site.Images()
	next := make(chan *site.Image)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(all)) {
		wg.Go(func() {
			for i := range next {
				// Its error is remembered, or comes again.
				_, _ = g.make(g.making(i), i, false)
			}
		})
	}
	for _, i := range all {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
}

// room lets several in at a time as long as they have room together.
type room struct {
	mu   sync.Mutex
	gone *sync.Cond
	left int64
	all  int64
}

func newRoom(n int64) *room {
	r := &room{left: n, all: n}
	r.gone = sync.NewCond(&r.mu)
	return r
}

// enter waits until there is room for n, or nobody else is there, and gives how to leave.
func (r *room) enter(n int64) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.left < n && r.left < r.all {
		r.gone.Wait()
	}
	r.left -= n
	return func() {
		r.mu.Lock()
		r.left += n
		r.mu.Unlock()
		r.gone.Broadcast()
	}
}
