package render

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/page"
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
	pos := a.Pos()
	i := g.Site.Published(a)
	switch {
	case i != nil:
		for k, p := range i.Paths {
			l.add(strings.TrimPrefix(p, "/"), route{origin: pos.Path, pos: pos, make: func(b *bytes.Buffer) error { return g.image(b, i, i.Plan.Sizes[k].String()) }})
		}
		if i.Card != "" {
			l.add(strings.TrimPrefix(i.Card, "/"), route{origin: pos.Path, pos: pos, make: func(b *bytes.Buffer) error { return g.image(b, i, cardName) }})
		}
		g.routeZoom(l, a, pos)
	case a.Picture != nil: // one with a fault: nothing of it is published
	default:
		l.add(strings.TrimPrefix(a.Path, "content/"), route{origin: pos.Path, pos: pos, source: a.File})
	}
}

//go:embed viewer/openseadragon.min.js viewer/openseadragon.LICENSE.txt viewer/viewer.js
var viewer embed.FS

// viewerFiles are what the pages need on which pictures can be looked at closely, and no other page.
var viewerFiles = []string{"openseadragon.min.js", "viewer.js", "openseadragon.LICENSE.txt"}

const viewerFolder = "/images/viewer/"

// routeZoom lays out the tiles of a picture that can be looked at closely, with its page and what IIIF wants to know.
func (g *Generation) routeZoom(l *layout, a content.Asset, pos diag.Pos) {
	folder, _ := g.Site.ZoomOf(a)
	if folder == "" {
		return
	}
	base := strings.TrimPrefix(folder, "/")
	add := func(name string, make func(b *bytes.Buffer) error) {
		l.add(base+name, route{origin: pos.Path, pos: pos, make: make})
	}
	for _, name := range a.Picture.Pyramid().Tiles() {
		add(name, func(b *bytes.Buffer) error { return g.tile(b, a, name) })
	}
	add("info.json", func(b *bytes.Buffer) error { b.Write(page.ImageService(g.Site, a)); return nil })
	add("manifest.json", func(b *bytes.Buffer) error { b.Write(page.Manifest(g.Site, a)); return nil })
	add("index.html", func(b *bytes.Buffer) error {
		return g.execute(b, page.Zoom(g.Site, a, []string{viewerFolder + viewerFiles[0], viewerFolder + viewerFiles[1]}), "")
	})
	for _, name := range viewerFiles {
		p := strings.TrimPrefix(viewerFolder, "/") + name
		if _, there := l.routes[p]; !there {
			l.file(p, "看图的程序", func(b *bytes.Buffer) error {
				src, err := viewer.ReadFile("viewer/" + name)
				b.Write(src)
				return err
			})
		}
	}
}

// tile appends one of the tiles of a picture; when the first is asked for, all are made.
func (g *Generation) tile(b *bytes.Buffer, a content.Asset, name string) error {
	plan := a.Picture.Pyramid().String()
	v, _ := g.images.made.LoadOrStore(imageKey{a.Picture, plan}, &making{})
	m := v.(*making)
	for again := range 2 {
		made, err := g.makeOf(m, a, plan, again > 0, func(r io.ReaderAt, put func(string, []byte)) error {
			return picture.MakeTiles(r, a.Picture.Info, func(name string, b []byte) error {
				put(name, b)
				return nil
			})
		})
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
	return fault(a, "image/store", "缩小的图片刚写好就变了。请看 .gongzhi/pictures 所在的磁盘有没有毛病。")
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
	return fault(i.Asset, "image/store", "缩小的图片刚写好就变了。请看 .gongzhi/pictures 所在的磁盘有没有毛病。")
}

func (g *Generation) making(i *site.Image) *making {
	v, _ := g.images.made.LoadOrStore(imageKey{i.Asset.Picture, i.Plan.String()}, &making{})
	return v.(*making)
}

func fault(a content.Asset, id, text string) error {
	return &theme.Fault{Message: diag.Errorf(a.Pos(), id, "%s", text)}
}

// make makes the sizes of a picture, or finds them made; anew, whatever is there.
func (g *Generation) make(m *making, i *site.Image, anew bool) (*picture.Made, error) {
	return g.makeOf(m, i.Asset, i.Plan.String(), anew, func(r io.ReaderAt, put func(string, []byte)) error {
		return picture.Make(r, i.Asset.Picture.Info, i.Plan, func(n int, b []byte) error {
			name := cardName
			if n != picture.Card {
				name = i.Plan.Sizes[n].String()
			}
			put(name, b)
			return nil
		})
	})
}

// makeOf makes of a picture what a plan names by a function, or finds it made.
func (g *Generation) makeOf(m *making, a content.Asset, plan string, anew bool, do func(r io.ReaderAt, put func(string, []byte)) error) (*picture.Made, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil || m.made != nil && !anew {
		return m.made, m.err
	}
	if g.look {
		m.err = g.images.verify(a.Picture, plan)
		m.made = &picture.Made{}
	} else {
		m.made, m.err = g.images.make(a.Picture, plan, anew, do)
	}
	var f *picture.Fault
	switch {
	case m.err == nil:
	case errors.As(m.err, &f):
		m.err = fault(a, f.ID, f.Text)
	default:
		err := m.err
		m.err, m.made = nil, nil // perhaps next time
		return nil, fault(a, "file/unreadable", "读不了这个图片："+err.Error())
	}
	return m.made, m.err
}

func (x *images) make(p *content.Picture, plan string, anew bool, do func(r io.ReaderAt, put func(string, []byte)) error) (*picture.Made, error) {
	src, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r, digest, err := picture.Read(src, p.Size, inMemory)
	if err != nil {
		return nil, err
	}
	if !anew {
		if made := x.store.Find(digest, plan); made != nil {
			return made, nil
		}
	}
	release := x.room.enter(p.Memory())
	defer release()
	k := x.store.Begin()
	if err := do(r, k.Put); err != nil {
		return nil, err
	}
	if p.Size > inMemory {
		if _, again, err := picture.Read(src, p.Size, 0); err != nil || again != digest {
			return nil, &picture.Fault{ID: "image/changed", Text: "这个图片在生成的时候变了。请再生成一次。"}
		}
	}
	return k.End(digest, plan), nil
}

// verify finds out whether a picture can be decoded, making nothing. One that was made before is sound.
func (x *images) verify(p *content.Picture, plan string) error {
	src, err := p.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	r, digest, err := picture.Read(src, p.Size, inMemory)
	if err != nil || x.store.Find(digest, plan) != nil {
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
