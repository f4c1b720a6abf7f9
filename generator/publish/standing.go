package publish

// What stands at the target: asked for before it is changed, and afterwards.

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"gongzhi/generator/output"
)

// mostAsked is up to how many new names are asked about one by one; more are listed.
const mostAsked = 300

// list lists the target where that is needed: the first time, with very many new names, with names that differ from old ones by
// capitals alone, and for somebody who wants to know beforehand. It is nil otherwise.
func (r *run) list() (map[string]Info, error) {
	asked, cased := 0, len(r.twins()) > 0
	for p := range r.want.files {
		_, settled := r.old.settled[p]
		_, gone := r.old.gone[p]
		if !settled && !gone {
			asked++
		}
	}
	most := mostAsked
	if !r.traits.Flat {
		most = max(most, len(r.old.settled)/2)
	}
	if !r.first && !r.opt.DryRun && !cased && asked <= most {
		return nil, nil
	}
	all, err := r.listing()
	if err != nil {
		return nil, err
	}
	r.rep.Listed = true
	adopted, err := r.adopt(all)
	if err != nil {
		return nil, err
	}
	// Where capitals don't count, a file may stand there under the name that it had before.
	ours := map[string]bool{}
	for p := range r.want.files {
		ours[folded(p)] = true
	}
	for p := range all {
		_, settled := r.old.settled[p]
		_, gone := r.old.gone[p]
		if !settled && !gone && len(r.old.pending[p]) == 0 && !adopted[p] && p != Control && !strings.HasPrefix(p, TempDir+"/") && !ours[folded(p)] {
			r.rep.Foreign = append(r.rep.Foreign, p)
		}
	}
	slices.Sort(r.rep.Foreign)
	return all, nil
}

// MostListed is how many files a target may have, or a server may name, even if it names one again and again.
const MostListed = 2_000_000

var mostListed = MostListed // a test has less patience

// ErrListing is a list of files that does not end.
var ErrListing = &Error{Kind: Refused, Text: fmt.Sprintf("服务器列出的文件超过 %d 个还没有完：服务器不正常，或者这不是放网站的地方", MostListed)}

// listing asks for all that stands at the target.
func (r *run) listing() (all map[string]Info, err error) {
	err = r.tryFor("列出目标里的文件", 0, func(ctx context.Context, moved func()) error {
		all = map[string]Info{}
		ctx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		var mu sync.Mutex
		n := 0
		err := r.store.List(ctx, ".", func(i Info) {
			moved()
			mu.Lock()
			defer mu.Unlock()
			if n++; n > mostListed {
				stop(ErrListing)
				return
			}
			all[i.Path] = i
		})
		if n > mostListed {
			return ErrListing
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return all, err
}

// folded is what remains of a path where capitals don't count.
func folded(p string) string { return strings.ToLower(p) }

// twins are the files of ours at the target that are no longer of the site, where the site has one whose name differs by capitals
// alone: old path → new path. On a server of Microsoft or Apple both are one file, and deleting the one would delete the other.
func (r *run) twins() map[string]string {
	names := map[string]string{}
	for p := range r.want.files {
		names[folded(p)] = p
	}
	twins := map[string]string{}
	look := func(p string) {
		if now, ok := names[folded(p)]; ok && now != p {
			if _, stays := r.want.files[p]; !stays {
				twins[p] = now
			}
		}
	}
	for p := range r.old.settled {
		look(p)
	}
	for p := range r.old.pending {
		look(p)
	}
	for p := range r.old.gone {
		look(p)
	}
	return twins
}

// adopt takes what was copied to the target by hand: the list that a build puts into its output says which files are
// the site's. They are taken for ours, and looked at one by one.
func (r *run) adopt(all map[string]Info) (map[string]bool, error) {
	if _, ok := all[output.Manifest]; !ok || !r.first {
		return nil, nil
	}
	b, err := r.fetch(output.Manifest)
	if err != nil {
		return nil, err
	}
	adopted := map[string]bool{output.Manifest: true}
	paths, _ := output.ParseManifest(b) // a damaged one says nothing
	for _, p := range paths {
		if _, there := all[p]; there && validPath(p) {
			adopted[p] = true
			r.old.pending[p] = []entry{{path: p, size: all[p].Size}}
		}
	}
	return adopted, nil
}

// settle finds out which of some files stand at the target already. missing are those that have to be sent. other are
// those in whose place something else stands, which is ours if mine says so.
func (r *run) settle(list []entry, listing map[string]Info, mine bool) (missing, other []entry, err error) {
	var mu sync.Mutex
	err = r.each(len(list), func(i int) error {
		e := list[i]
		info, there := listing[e.path]
		if listing == nil || !there && behindLink(listing, e.path) {
			err := r.try("查看 "+e.path, func(ctx context.Context) (err error) {
				info, err = r.store.Stat(ctx, e.path)
				return err
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			there = err == nil
		}
		same := false
		if there {
			var err error
			if same, err = r.arrived(e, info, mine); err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case same:
			r.rep.Unchanged++
			if mine {
				r.rep.Resumed++
			}
		case there && !mine && !r.equal(e, info):
			other = append(other, e)
		default:
			missing = append(missing, e)
		}
		return nil
	})
	return missing, other, err
}

// behindLink reports whether one of the folders of a path was listed as a file: a link that is not followed in a listing.
func behindLink(listing map[string]Info, p string) bool {
	for d := path.Dir(p); d != "."; d = path.Dir(d) {
		if _, ok := listing[d]; ok {
			return true
		}
	}
	return false
}

// arrived reports whether what stands at the target is what is wanted.
func (r *run) arrived(e entry, info Info, mine bool) (bool, error) {
	o := r.want.object(e, r.plain)
	if o.settle != nil {
		if err := o.settle(); err != nil {
			return false, err
		}
	}
	if info.Size != o.Size {
		return false, nil
	}
	// Where headers belong to a file, a change of them alone can't be seen: it is sent again.
	if r.traits.Headers {
		for _, c := range r.candidates(e.path) {
			if c.sum == (Sum{}) || c.sum == e.sum && c.head != e.head {
				return false, nil
			}
		}
		if !mine {
			return false, nil
		}
	}
	if info.MD5 != nil {
		want, err := o.MD5()
		return err == nil && string(want) == string(info.MD5), err
	}
	if mine && r.traits.Atomic {
		alone := true
		for _, c := range r.candidates(e.path) {
			if c.sum != e.sum && (c.size == o.Size || c.size < 0) {
				alone = false
			}
		}
		if alone {
			return true, nil
		}
	}
	// The target does not say. What has a sum at hand is not read here once more.
	sum := md5.New()
	if o.Encoding == "" && e.size >= 0 {
		sum = sha256.New()
	}
	err := r.tryFor("读回 "+e.path, o.Size, func(ctx context.Context, moved func()) error {
		sum.Reset()
		return r.store.Get(ctx, e.path, &atMost{movedTo{sum, moved}, o.Size})
	})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errTooLong) { // more than it said that there is
		return false, nil
	}
	if err != nil {
		return false, err
	}
	got := sum.Sum(nil)
	if len(got) == sha256.Size {
		return bytes.HasPrefix(got, e.sum[:]), nil
	}
	want, err := o.MD5()
	return err == nil && bytes.Equal(got, want), err
}

// movedTo tells of what is written.
type movedTo struct {
	io.Writer
	moved func()
}

func (m movedTo) Write(b []byte) (int, error) {
	m.moved()
	return m.Writer.Write(b)
}

// equal reports whether the target says that the bytes are the same, whatever the headers are.
func (r *run) equal(e entry, info Info) bool {
	if info.MD5 == nil {
		return false
	}
	want, err := r.want.object(e, r.plain).MD5()
	return err == nil && bytes.Equal(want, info.MD5)
}

// candidates are what may stand at a path.
func (r *run) candidates(p string) []entry {
	list := slices.Clone(r.old.pending[p])
	if e, ok := r.old.settled[p]; ok {
		list = append(list, e)
	}
	if g, ok := r.old.gone[p]; ok {
		list = append(list, g.entry)
	}
	return list
}

// foreign names files of others that are in the way.
func foreign(list []entry) error {
	var names []string
	for _, e := range list {
		names = append(names, e.path)
	}
	slices.Sort(names)
	n := len(names)
	text := strings.Join(names[:min(n, 10)], "\n  ")
	if n > 10 {
		text += fmt.Sprintf("\n  …… 共 %d 个", n)
	}
	return fmt.Errorf("目标里有不是工志发布的文件，网站要用同样的名字，为免丢失没有覆盖，什么也没有发送：\n  %s\n请先移走它们；确定可以用网站的文件代替，加 --overwrite 再发布", text)
}

// sameFile gives those of some old paths that are, on a server to which capitals don't count, the file of a new path.
func (r *run) sameFile(due []string) (map[string]bool, error) {
	twins := r.twins()
	if !slices.ContainsFunc(due, func(p string) bool { return twins[p] != "" }) {
		return nil, nil
	}
	all, err := r.listing()
	if err != nil {
		return nil, err
	}
	same := map[string]bool{}
	for _, p := range due {
		_, old := all[p]
		_, now := all[twins[p]]
		if twins[p] != "" && (!old || !now) {
			same[p] = true
		}
	}
	return same, nil
}

// alone makes sure that nobody has begun to publish to the same place, and that what is sent there is kept at all.
func (r *run) alone() error {
	b, err := r.fetch(Control)
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{Kind: Refused, Text: "服务器说收下了发布记录，读回来却没有：它没有真的存下文件（可能超出了配额，也可能前面的防火墙拦下了），或者有人正在删这里的文件。没有删除任何文件"}
	}
	if err != nil {
		return err
	}
	m, err := decodeManifest(b)
	if err != nil {
		return &Error{Kind: Refused, Text: "刚写好的发布记录读回来是坏的：服务器没有照原样存下文件，或者有别的程序在改它。没有删除任何文件"}
	}
	if m.run != r.id {
		return fmt.Errorf("有别人（电脑“%s”）同时在向这里发布，这一次停下了，没有删除任何文件：请等那边结束，再发布一次", m.host)
	}
	return nil
}

// kept makes sure that what was sent is there, or says who else has been at work.
func (r *run) kept(sent []entry) error {
	err := r.sample(sent)
	if err != nil {
		return cmp.Or(r.alone(), err)
	}
	return nil
}

// mostSampled is how many of the files that were sent are asked about afterwards.
const mostSampled = 16

// sample asks the target about some of the files that it has said it took, the largest among them: a server that is full, or a
// firewall before it, may say so and keep nothing or half.
func (r *run) sample(sent []entry) error {
	if len(sent) == 0 {
		return nil
	}
	largest := slices.MaxFunc(sent, func(a, b entry) int { return cmp.Compare(a.size, b.size) })
	list := []entry{largest}
	for i := range min(len(sent), mostSampled-1) {
		list = append(list, sent[i*len(sent)/min(len(sent), mostSampled-1)])
	}
	return r.each(len(list), func(i int) error {
		o := r.want.object(list[i], r.plain)
		if o.settle != nil {
			if err := o.settle(); err != nil {
				return err
			}
		}
		return r.try("核对 "+o.Path, func(ctx context.Context) error {
			info, err := r.store.Stat(ctx, o.Path)
			if errors.Is(err, fs.ErrNotExist) {
				info.Size = 0
			} else if err != nil {
				return err
			}
			if err != nil && o.Size == 0 || info.Size != o.Size {
				return &Error{Kind: Temporary, Text: fmt.Sprintf("服务器说收下了，却没有完整地存下：应当有 %d 字节，那里有 %d。可能超出了配额，也可能前面的防火墙拦下了；没有删除任何文件", o.Size, info.Size)}
			}
			return nil
		})
	})
}
