// Package webdav publishes over WebDAV (RFC 4918).
package webdav

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/wire"
	"gongzhi/generator/xmllist"
)

// Options say where to and as whom.
type Options struct {
	URL          string // of the folder
	User, Secret string
	Parallel     int          // requests at once; 0: 8
	Client       *http.Client // nil: a usual one
}

// Store is a folder on a server.
type Store struct {
	opt  Options
	base *url.URL // with a slash at the end
	dirs wire.Folders
}

var _ publish.Store = (*Store)(nil)

// Open takes the address of a folder; it makes no request.
func Open(opt Options) (*Store, error) {
	u, err := url.Parse(opt.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("WebDAV 的地址“%s”不对", opt.URL), Err: err}
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/"
	u.RawPath = ""
	if opt.Parallel == 0 {
		opt.Parallel = 8
	}
	if opt.Client == nil {
		opt.Client = wire.Client(opt.Parallel)
	}
	return &Store{opt: opt, base: u}, nil
}

// Traits says that what is moved into place is whole.
func (s *Store) Traits() publish.Traits {
	return publish.Traits{Parallel: s.opt.Parallel, Atomic: true, Temp: true}
}

func (s *Store) url(p string) string {
	u := *s.base
	if p != "." {
		u.Path += p
	}
	return u.String()
}

// request makes a request and gives the answer to every status below 300, 207 among them. The caller closes the body.
func (s *Store) request(ctx context.Context, method, p string, body io.ReadCloser, size int64, head http.Header) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url(p), nil)
	if err != nil {
		return nil, err
	}
	for k, v := range head {
		r.Header[k] = v
	}
	if body != nil {
		r.Body, r.ContentLength = body, size
		if size == 0 {
			body.Close()
			r.Body = http.NoBody
		}
	}
	if s.opt.User != "" {
		r.SetBasicAuth(s.opt.User, s.opt.Secret)
	}
	res, err := s.opt.Client.Do(r)
	if err != nil {
		return nil, wire.Known(s.base.Hostname(), err)
	}
	if res.StatusCode < 300 {
		return res, nil
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	switch res.StatusCode {
	case http.StatusNotFound:
		return nil, fs.ErrNotExist
	case http.StatusConflict:
		return nil, errParent
	case http.StatusMethodNotAllowed:
		return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("%s 不是 WebDAV 的文件夹：请检查 url", s.base), Err: errors.New(res.Status)}
	}
	return nil, wire.Status(res)
}

// errParent says that the folder above is missing.
var errParent = &publish.Error{Kind: publish.Temporary, Text: "上一级文件夹不见了"}

func (s *Store) simple(ctx context.Context, method, p string, head http.Header) error {
	res, err := s.request(ctx, method, p, nil, 0, head)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Get reads a file.
func (s *Store) Get(ctx context.Context, p string, w io.Writer) error {
	res, err := s.request(ctx, "GET", p, nil, 0, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(w, res.Body)
	return wire.Known(s.base.Hostname(), err)
}

// Stat asks for a file's size. HEAD would do, but some servers answer it with another length.
func (s *Store) Stat(ctx context.Context, p string) (publish.Info, error) {
	list, err := s.propfind(ctx, p, "0")
	if err != nil {
		return publish.Info{}, err
	}
	if len(list) != 1 || list[0].dir {
		return publish.Info{}, fs.ErrNotExist
	}
	return publish.Info{Path: p, Size: list[0].size}, nil
}

// Put writes to TempDir and moves: many servers show a file while it is being written.
func (s *Store) Put(ctx context.Context, o *publish.Object) error {
	temp := publish.Temp(o.Path)
	for _, p := range []string{temp, o.Path} {
		if err := s.mkdir(ctx, path.Dir(p)); err != nil {
			return err
		}
	}
	body, err := o.Open()
	if err != nil {
		return err
	}
	res, err := s.request(ctx, "PUT", temp, body, o.Size, http.Header{"Content-Type": {o.Type}})
	if err == nil {
		res.Body.Close()
		err = s.simple(ctx, "MOVE", temp, http.Header{"Destination": {s.url(o.Path)}, "Overwrite": {"T"}})
	}
	if err == errParent || errors.Is(err, fs.ErrNotExist) {
		s.dirs.Doubt() // somebody has removed a folder since: the next try makes it again
		return errParent
	}
	return err
}

// mkdir makes a folder and those above it, each asked for once.
func (s *Store) mkdir(ctx context.Context, dir string) error {
	if dir == "." {
		return nil
	}
	return s.dirs.Make(dir, func() error {
		if err := s.mkdir(ctx, path.Dir(dir)); err != nil {
			return err
		}
		err := s.simple(ctx, "MKCOL", dir+"/", nil)
		var e *publish.Error
		switch {
		case errors.As(err, &e) && e.Kind == publish.Address && e.Err != nil: // 405: something is there
			if list, look := s.propfind(ctx, dir+"/", "0"); look == nil && len(list) == 1 && list[0].dir {
				return nil
			}
		case err == errParent && path.Dir(dir) == ".":
			return &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("没有 %s 这个文件夹：请检查 url", s.base)}
		}
		return err
	})
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, p string) error {
	err := s.simple(ctx, "DELETE", p, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Prune removes a folder if it is empty. The protocol removes one with all that is in it, so it is looked at before;
// where somebody puts a file there between the two, it would be lost, so a folder with others' files above is never
// pruned by a race longer than these two requests.
func (s *Store) Prune(ctx context.Context, dir string) error {
	list, err := s.propfind(ctx, dir+"/", "1")
	if err != nil || len(list) != 1 {
		return err
	}
	s.dirs.Forget(dir)
	return s.simple(ctx, "DELETE", dir+"/", nil)
}

type item struct {
	path string
	dir  bool
	size int64
}

const propfindBody = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>`

// propfind lists what is at a path, and with depth 1 what is in it. The folder itself is among them.
func (s *Store) propfind(ctx context.Context, p, depth string) ([]item, error) {
	body := io.NopCloser(strings.NewReader(propfindBody))
	res, err := s.request(ctx, "PROPFIND", p, body, int64(len(propfindBody)), http.Header{"Depth": {depth}, "Content-Type": {"application/xml; charset=utf-8"}})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var list []item
	err = xmllist.Read(res.Body, mostElement, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "response" || e.Name.Space != "DAV:" {
			return d.Skip()
		}
		var a response
		if err := d.DecodeElement(&a, &e); err != nil {
			return err
		}
		i, ok, err := s.item(a)
		if ok {
			list = append(list, i)
		}
		if len(list) > publish.MostListed {
			return publish.ErrListing
		}
		return err
	})
	var named *publish.Error
	if err != nil && !errors.As(err, &named) {
		err = &publish.Error{Kind: publish.Temporary, Text: "服务器的文件列表读不懂", Err: err}
	}
	return list, err
}

// mostElement is how many bytes an answer may say of one file.
const mostElement = 64 << 10

// response is what an answer says of one file.
type response struct {
	Href  string `xml:"DAV: href"`
	Props []struct {
		Status string `xml:"DAV: status"`
		Prop   struct {
			Size int64 `xml:"DAV: getcontentlength"`
			Type struct {
				Collection *struct{} `xml:"DAV: collection"`
			} `xml:"DAV: resourcetype"`
		} `xml:"DAV: prop"`
	} `xml:"DAV: propstat"`
}

// item is what a response tells of, unless that is elsewhere.
func (s *Store) item(a response) (i item, ok bool, err error) {
	u, err := url.Parse(a.Href)
	if err != nil {
		return i, false, &publish.Error{Kind: publish.Refused, Text: fmt.Sprintf("服务器的文件列表里有读不懂的名字“%s”", a.Href), Err: err}
	}
	rel, ok := strings.CutPrefix(strings.TrimSuffix(u.Path, "/")+"/", s.base.Path)
	if i.path = cmp.Or(strings.TrimSuffix(rel, "/"), "."); !ok || !fs.ValidPath(i.path) {
		return i, false, nil
	}
	for _, ps := range a.Props {
		if strings.Contains(ps.Status, " 200") {
			i.size += ps.Prop.Size
			i.dir = i.dir || ps.Prop.Type.Collection != nil
		}
	}
	return i, true, nil
}

// List walks the folders: servers refuse to list all at once.
func (s *Store) List(ctx context.Context, dir string, each func(publish.Info)) error {
	return wire.Walk(dir, s.opt.Parallel, func(d string) (below []string, err error) {
		at := d + "/"
		if d == "." {
			at = ""
		}
		list, err := s.propfind(ctx, at, "1")
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		for _, i := range list {
			switch {
			case i.path == d || path.Dir(i.path) != d: // itself, and what a strange server adds
			case i.dir:
				below = append(below, i.path)
			default:
				each(publish.Info{Path: i.path, Size: i.size})
			}
		}
		return below, err
	})
}

// Close lets go of the connections.
func (s *Store) Close() error {
	s.opt.Client.CloseIdleConnections()
	return nil
}
