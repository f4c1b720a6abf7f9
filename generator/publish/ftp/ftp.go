// Package ftp publishes over FTP and FTPS: what hosting companies of counties still offer, some of them with names in GBK.
package ftp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jlaffaye/ftp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/wire"
)

// Options say where to and as whom.
type Options struct {
	Host, User, Secret, Path string
	Port                     int         // 0: 21, or 990 with implicit TLS
	Security                 string      // tls (AUTH TLS, also if empty), implicit, none
	GBK                      bool        // the server's names are in GBK
	Parallel                 int         // connections; 0: 4
	TLS                      *tls.Config // nil: a usual one
	Patience                 time.Duration
}

// Store is a folder on a server.
type Store struct {
	opt  Options
	root string
	free chan *connection // of as many as there may be; nil stands for one not yet made
	dirs wire.Folders
}

type connection struct {
	*ftp.ServerConn
	mu      sync.Mutex
	conns   []net.Conn
	listing bool // the next connection for data brings a list
}

// list is what is in a folder. The library keeps all of it, so there is an end to what it is given.
func (c *connection) list(name string) ([]*ftp.Entry, error) {
	set := func(on bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.listing = on
	}
	set(true)
	defer set(false)
	return c.ServerConn.List(name)
}

// mostList is how many bytes a list of one folder may have: a million files.
const mostList = 128 << 20

// finite is a connection that brings so many bytes and no more.
type finite struct {
	net.Conn
	left int
}

func (c *finite) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, publish.ErrListing
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

var _ publish.Store = (*Store)(nil)

// Open connects to the server once, so that what is wrong is known.
func Open(ctx context.Context, opt Options) (*Store, error) {
	if opt.Port == 0 {
		opt.Port = 21
		if opt.Security == "implicit" {
			opt.Port = 990
		}
	}
	if opt.Parallel == 0 {
		opt.Parallel = 4
	}
	if opt.Patience == 0 {
		opt.Patience = time.Minute
	}
	if opt.TLS == nil {
		opt.TLS = &tls.Config{ServerName: opt.Host}
	}
	opt.TLS = opt.TLS.Clone()
	// Servers want the data connection to resume the session of the control connection; with TLS 1.3 the ticket comes too
	// late for that.
	opt.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	opt.TLS.MaxVersion = tls.VersionTLS12
	s := &Store{opt: opt, root: path.Join("/", opt.Path), free: make(chan *connection, opt.Parallel)}
	if !strings.HasPrefix(opt.Path, "/") {
		s.root = path.Clean(cmp.Or(opt.Path, "."))
	}
	for range opt.Parallel - 1 {
		s.free <- nil
	}
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	s.free <- c
	return s, nil
}

// Traits says how many connections there are. What is renamed into place is whole.
func (s *Store) Traits() publish.Traits {
	return publish.Traits{Parallel: s.opt.Parallel, Atomic: true, Temp: true}
}

func (s *Store) connect(ctx context.Context) (*connection, error) {
	c := &connection{}
	addr := net.JoinHostPort(s.opt.Host, strconv.Itoa(s.opt.Port))
	control := true
	dial := func(network, address string) (net.Conn, error) {
		if _, port, err := net.SplitHostPort(address); err == nil && !control {
			address = net.JoinHostPort(s.opt.Host, port) // whatever host the server names: files are given to nobody else
		}
		raw, err := net.DialTimeout(network, address, 20*time.Second)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.conns = append(c.conns[:min(len(c.conns), 1)], raw) // the control connection, and the last for data
		list := c.listing
		c.mu.Unlock()
		conn := net.Conn(impatient{raw, s.opt.Patience})
		if list && !control {
			conn = &finite{conn, mostList}
		}
		// The library wraps the control connection after AUTH TLS, and leaves the others to whoever dials.
		if s.opt.Security == "implicit" || s.opt.Security != "none" && !control {
			conn = tls.Client(conn, s.opt.TLS)
		}
		control = false
		return conn, nil
	}
	opts := []ftp.DialOption{ftp.DialWithDialFunc(dial), ftp.DialWithForceListHidden(true), ftp.DialWithDisabledUTF8(s.opt.GBK)}
	switch s.opt.Security {
	case "none":
	case "implicit":
		opts = append(opts, ftp.DialWithTLS(s.opt.TLS))
	default:
		opts = append(opts, ftp.DialWithExplicitTLS(s.opt.TLS))
	}
	stop := context.AfterFunc(ctx, c.cut)
	defer stop()
	server, err := ftp.Dial(addr, opts...)
	if err != nil {
		var code *textproto.Error
		if errors.As(err, &code) && code.Code >= 500 && s.opt.Security != "none" {
			return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("“%s”不会加密（FTPS），没有把密码明着送过去。请先问能不能开通 FTPS 或 SFTP；实在不能，在 site.yaml 的这个目标里写 security: none", s.opt.Host), Err: err}
		}
		return nil, wire.Known(s.opt.Host, err)
	}
	c.ServerConn = server
	if err := server.Login(s.text(s.opt.User), s.text(s.opt.Secret)); err != nil {
		c.cut()
		var code *textproto.Error
		if errors.As(err, &code) && code.Code == ftp.StatusNotLoggedIn {
			return nil, &publish.Error{Kind: publish.Login, Text: fmt.Sprintf("“%s”不接受用户“%s”的登录：名字或密码不对", s.opt.Host, s.opt.User), Err: err}
		}
		return nil, s.known(err)
	}
	return c, nil
}

// cut breaks off what is under way.
func (c *connection) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, raw := range c.conns {
		raw.Close()
	}
}

// impatient is a connection that gives up when nothing moves.
type impatient struct {
	net.Conn
	limit time.Duration
}

func (c impatient) Read(b []byte) (int, error) {
	_ = c.Conn.SetReadDeadline(time.Now().Add(c.limit)) // one that can't be set fails at once when it is read
	return c.Conn.Read(b)
}

func (c impatient) Write(b []byte) (int, error) {
	_ = c.Conn.SetWriteDeadline(time.Now().Add(c.limit))
	return c.Conn.Write(b)
}

// do makes a request on a connection that is free.
func (s *Store) do(ctx context.Context, f func(c *connection) error) error {
	var c *connection
	select {
	case c = <-s.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	if c == nil {
		var err error
		if c, err = s.connect(ctx); err != nil {
			s.free <- nil
			return err
		}
	}
	stop := context.AfterFunc(ctx, c.cut)
	err := f(c)
	if !stop() || broken(err) {
		c.cut()
		s.free <- nil
	} else {
		s.free <- c
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.known(err)
}

// broken reports whether a connection can't be used any longer: any error but an answer of the server.
func broken(err error) bool {
	var code *textproto.Error
	if errors.As(err, &code) {
		return code.Code == ftp.StatusNotAvailable
	}
	var named *publish.Error
	return err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &named)
}

// known puts a server's answers into words (RFC 959, section 4.2).
func (s *Store) known(err error) error {
	var code *textproto.Error
	if !errors.As(err, &code) {
		return wire.Known(s.opt.Host, err)
	}
	text := strings.ToLower(code.Msg)
	switch {
	case code.Code == 452 || code.Code == 552 || strings.Contains(text, "quota") || strings.Contains(text, "disk full") || strings.Contains(text, "no space") ||
		strings.Contains(text, "writing to local file"): // so says vsftpd
		return &publish.Error{Kind: publish.Full, Text: "服务器的空间满了，或者超出了配额：请先腾出空间", Err: err}
	case code.Code == 530:
		return &publish.Error{Kind: publish.Login, Text: "服务器不再承认登录", Err: err}
	case code.Code == 550 && (strings.Contains(text, "denied") || strings.Contains(text, "permission") || strings.Contains(text, "not permitted") || strings.Contains(text, "read-only")) || code.Code == 532:
		return &publish.Error{Kind: publish.Denied, Text: fmt.Sprintf("用户“%s”没有权限写到这里：请管理员检查文件夹的权限", s.opt.User), Err: err}
	case code.Code == 550 || code.Code == 551: // some say 551
		return fs.ErrNotExist
	case code.Code == 553:
		return &publish.Error{Kind: publish.Refused, Text: "服务器不收这个文件名；名字里有汉字时，试试在 site.yaml 的这个目标里写 encoding: gbk", Err: err}
	case code.Code == 522 || code.Code == 425 && s.opt.Security != "none":
		return &publish.Error{Kind: publish.Temporary, Text: "数据连接没有建立：请检查防火墙放行了被动模式的端口", Err: err}
	case code.Code >= 400 && code.Code < 500:
		return &publish.Error{Kind: publish.Temporary, Text: "服务器忙", Err: err}
	}
	return &publish.Error{Kind: publish.Unknown, Text: "服务器没有做到", Err: err}
}

// text is a name as the server writes it. What GBK does not have stays, and the server refuses it.
func (s *Store) text(p string) string {
	if !s.opt.GBK {
		return p
	}
	if t, err := simplifiedchinese.GBK.NewEncoder().String(p); err == nil {
		return t
	}
	return p
}

func (s *Store) name(p string) string { return s.text(path.Join(s.root, p)) }

// Get reads a file.
func (s *Store) Get(ctx context.Context, p string, w io.Writer) error {
	return s.do(ctx, func(c *connection) error {
		r, err := c.Retr(s.name(p))
		if err != nil {
			return err
		}
		_, err = io.Copy(w, r)
		return cmp.Or(err, r.Close())
	})
}

// Stat asks for a file's size. Where the server does not say it, by SIZE that is, the folder is listed.
func (s *Store) Stat(ctx context.Context, p string) (i publish.Info, err error) {
	err = s.do(ctx, func(c *connection) error {
		n, err := c.FileSize(s.name(p))
		i = publish.Info{Path: p, Size: n}
		var code *textproto.Error
		if !errors.As(err, &code) || broken(err) || code.Code == ftp.StatusFileUnavailable {
			return err
		}
		list, err := c.list(s.name(path.Dir(p)))
		if err != nil {
			return err
		}
		for _, e := range list {
			if e.Name == s.text(path.Base(p)) && e.Type != ftp.EntryTypeFolder {
				i.Size = int64(e.Size)
				return nil
			}
		}
		return fs.ErrNotExist
	})
	return i, err
}

// Put writes to TempDir and renames.
func (s *Store) Put(ctx context.Context, o *publish.Object) error {
	if s.opt.GBK {
		if _, err := simplifiedchinese.GBK.NewEncoder().String(o.Path); err != nil {
			return &publish.Error{Kind: publish.Refused, Text: "名字里有 GBK 没有的字，这台服务器存不下：请给记录换一个文件名，或者换用 UTF-8 的目标", Err: errors.New(o.Path)}
		}
	}
	err := s.do(ctx, func(c *connection) error {
		temp := publish.Temp(o.Path)
		for _, p := range []string{temp, o.Path} {
			if err := s.mkdir(c, path.Dir(p)); err != nil {
				return err
			}
		}
		r, err := o.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		if err := c.Stor(s.name(temp), r); err != nil {
			return err
		}
		// The end of a connection is all that tells the server where a file ends, so one that was cut off is whole to it.
		if n, err := c.FileSize(s.name(temp)); err == nil && n != o.Size {
			return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("只收到 %d 字节，应当有 %d：可能超出了配额，也可能连接中途断了", n, o.Size)}
		} else if broken(err) {
			return err
		}
		err = c.Rename(s.name(temp), s.name(o.Path))
		if err == nil || broken(err) {
			return err
		}
		// Some servers rename to no name that is taken.
		if e := c.Delete(s.name(o.Path)); e != nil {
			return err
		}
		return c.Rename(s.name(temp), s.name(o.Path))
	})
	if errors.Is(err, fs.ErrNotExist) {
		s.dirs.Doubt() // somebody has removed a folder since: the next try makes it again
		return &publish.Error{Kind: publish.Temporary, Text: "服务器说没有这个文件夹，或者不能写", Err: errors.New(o.Path)}
	}
	return err
}

// mkdir makes a folder and those above it, each asked for once. Servers answer alike when it is there already and when it
// can't be made, so a folder that is not made is looked for.
func (s *Store) mkdir(c *connection, dir string) error {
	return s.dirs.Make(dir, func() error {
		if dir != "." {
			if err := s.mkdir(c, path.Dir(dir)); err != nil {
				return err
			}
		}
		err := c.MakeDir(s.name(dir))
		if err == nil || broken(err) {
			return err
		}
		here, e := c.CurrentDir()
		if e != nil {
			return e
		}
		if e := c.ChangeDir(s.name(dir)); e != nil {
			if dir == "." {
				return &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("服务器上没有 %s 这个文件夹，也不能建立它：请检查 path", s.root), Err: err}
			}
			return err
		}
		return c.ChangeDir(here)
	})
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, p string) error {
	err := s.do(ctx, func(c *connection) error { return c.ServerConn.Delete(s.name(p)) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Prune removes a folder if it is empty: servers remove no other. To be sure it is looked at before.
func (s *Store) Prune(ctx context.Context, dir string) error {
	return s.do(ctx, func(c *connection) error {
		list, err := c.list(s.name(dir))
		if err != nil {
			return err
		}
		for _, e := range list {
			if e.Name != "." && e.Name != ".." {
				return nil
			}
		}
		s.dirs.Forget(dir)
		return c.RemoveDir(s.name(dir))
	})
}

// List walks the folders.
func (s *Store) List(ctx context.Context, dir string, each func(publish.Info)) error {
	return wire.Walk(dir, s.opt.Parallel, func(d string) (below []string, err error) {
		err = s.do(ctx, func(c *connection) error {
			below, err = s.folder(c, d, each)
			return err
		})
		return below, err
	})
}

// folder lists one folder, and gives those in it.
func (s *Store) folder(c *connection, dir string, each func(publish.Info)) (below []string, err error) {
	list, err := c.list(s.name(dir))
	var code *textproto.Error
	if errors.As(err, &code) && (code.Code == ftp.StatusFileUnavailable || code.Code == ftp.StatusFileActionIgnored) {
		return nil, nil
	}
	for _, e := range list {
		name := e.Name
		if s.opt.GBK {
			if t, err := simplifiedchinese.GBK.NewDecoder().String(name); err == nil {
				name = t
			}
		}
		if name == "." || name == ".." || name == "" || strings.ContainsRune(name, '/') {
			continue
		}
		p := path.Join(dir, name)
		if e.Type == ftp.EntryTypeFolder {
			below = append(below, p)
			continue
		}
		each(publish.Info{Path: p, Size: int64(e.Size)})
	}
	return below, err
}

// Close ends the connections.
func (s *Store) Close() error {
	for range s.opt.Parallel {
		if c := <-s.free; c != nil {
			c.Quit()
		}
	}
	return nil
}
