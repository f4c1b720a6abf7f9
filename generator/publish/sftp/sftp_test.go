package sftp

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/life"
)

// server is a real SSH server with a folder.
type server struct {
	dir      string
	addr     *net.TCPAddr
	keys     []ssh.Signer
	client   ssh.Signer // the key that logs in
	conns    sync.Map
	accepted atomic.Int64
}

const testPassword = "测试口令"

func serve(t testing.TB, dir string) *server {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "web"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := &server{dir: dir}
	_, host, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	older, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, user, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []any{host, older} {
		signer, err := ssh.NewSignerFromKey(k)
		if err != nil {
			t.Fatal(err)
		}
		s.keys = append(s.keys, signer)
	}
	if s.client, err = ssh.NewSignerFromKey(user); err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(user, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "id"), pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	if block, err = ssh.MarshalPrivateKeyWithPassphrase(user, "", []byte(testPassword)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "id-secret"), pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	conf := &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
			if c.User() == "web" && string(p) == testPassword {
				return nil, nil
			}
			return nil, errors.New("no")
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
			if c.User() == "web" && slices.Equal(k.Marshal(), s.client.PublicKey().Marshal()) {
				return nil, nil
			}
			return nil, errors.New("no")
		},
	}
	for _, k := range s.keys {
		conf.AddHostKey(k)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().(*net.TCPAddr)
	t.Cleanup(func() { l.Close(); s.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.accepted.Add(1)
			s.conns.Store(c, true)
			go s.handle(c, conf)
		}
	}()
	return s
}

// cut breaks all connections.
func (s *server) cut() {
	s.conns.Range(func(c, _ any) bool { c.(net.Conn).Close(); s.conns.Delete(c); return true })
}

func (s *server) handle(raw net.Conn, conf *ssh.ServerConfig) {
	_, chans, reqs, err := ssh.NewServerConn(raw, conf)
	if err != nil {
		raw.Close()
		return
	}
	go ssh.DiscardRequests(reqs)
	for c := range chans {
		if c.ChannelType() != "session" {
			_ = c.Reject(ssh.UnknownChannelType, "")
			continue
		}
		ch, reqs, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range reqs {
				_ = r.Reply(r.Type == "subsystem" && string(r.Payload[4:]) == "sftp", nil)
			}
		}()
		go func() {
			defer ch.Close()
			srv, err := sftp.NewServer(ch, sftp.WithServerWorkingDirectory(s.dir))
			if err == nil {
				_ = srv.Serve()
			}
		}()
	}
}

func (s *server) options() Options {
	return Options{Host: "127.0.0.1", Port: s.addr.Port, User: "web", Path: path.Join(filepath.ToSlash(s.dir), "web/网站"), Secret: testPassword,
		HostKey: ssh.FingerprintSHA256(s.keys[0].PublicKey()), KnownHosts: []string{}, Parallel: 16}
}

func open(t testing.TB, opt Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLife(t *testing.T) {
	s := serve(t, t.TempDir())
	web := filepath.Join(s.dir, "web", "网站")
	life.Run(t, life.Place{
		Open:  func(t *testing.T) publish.Store { return open(t, s.options()) },
		Look:  func(t *testing.T) map[string]string { return life.LookDir(t, web) },
		Plant: func(t *testing.T, p, text string) { life.PlantDir(t, web, p, text) },
	})
}

// TestKeyFile: what is no file with a key is told; a pipe is not waited for, and a device not read to an end that it has not.
func TestKeyFile(t *testing.T) {
	for name, want := range map[string]string{"/dev/zero": "不是普通文件", t.TempDir(): "不是普通文件", "sftp_test.go": "不是 OpenSSH 的私钥", "none": "读不到私钥文件"} {
		if _, err := readKey(name, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHostKey: the server must be the one that it was, whichever of its keys that was found out by; and one that was
// never met is asked about.
func TestHostKey(t *testing.T) {
	s := serve(t, t.TempDir())
	for _, k := range s.keys {
		opt := s.options()
		opt.HostKey = ssh.FingerprintSHA256(k.PublicKey())
		open(t, opt).Close()
	}
	line := func(k ssh.PublicKey) string {
		return fmt.Sprintf("[127.0.0.1]:%d %s", s.addr.Port, ssh.MarshalAuthorizedKey(k))
	}
	known := filepath.Join(s.dir, "known_hosts")
	for _, tt := range []struct {
		name  string
		set   func(o *Options)
		known string
		want  string // in the error; empty: it connects
	}{
		{"another fingerprint", func(o *Options) { o.HostKey = "SHA256:abc" }, "", "公钥变了"},
		{"known", func(o *Options) {}, line(s.keys[0].PublicKey()), ""},
		{"known by an older kind of key", func(o *Options) {}, line(s.keys[1].PublicKey()), ""},
		{"known as another", func(o *Options) {}, line(s.client.PublicKey()), "公钥变了"},
		{"never met", func(o *Options) {}, "", "hostKey: SHA256:"},
		{"never met, trusted", func(o *Options) { o.Trust = func(string, string) bool { return true } }, "", ""},
		{"never met, not trusted", func(o *Options) { o.Trust = func(string, string) bool { return false } }, "", "第一次连接"},
	} {
		opt := s.options()
		opt.HostKey = ""
		tt.set(&opt)
		if err := os.WriteFile(known, []byte(tt.known), 0o644); err != nil {
			t.Fatal(err)
		}
		opt.KnownHosts = []string{known}
		c, err := Open(t.Context(), opt)
		if err == nil {
			c.Close()
		}
		var e *publish.Error
		if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &e) || e.Kind != publish.HostKey || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestLogin: the ways to log in, and what is said when none is right.
func TestLogin(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("USERPROFILE", os.Getenv("HOME"))
	s := serve(t, t.TempDir())
	for _, tt := range []struct {
		name string
		set  func(o *Options)
		ok   bool
	}{
		{"password", func(o *Options) {}, true},
		{"key", func(o *Options) { o.Secret, o.KeyFile = "", filepath.Join(s.dir, "id") }, true},
		{"key with a passphrase", func(o *Options) { o.KeyFile = filepath.Join(s.dir, "id-secret") }, true},
		{"wrong password", func(o *Options) { o.Secret = "x" }, false},
		{"wrong user", func(o *Options) { o.User = "x" }, false},
		{"nothing", func(o *Options) { o.Secret = "" }, false},
		{"no such key", func(o *Options) { o.KeyFile = filepath.Join(s.dir, "no") }, false},
		{"passphrase missing", func(o *Options) { o.Secret, o.KeyFile = "", filepath.Join(s.dir, "id-secret") }, false},
		{"not a key", func(o *Options) { o.KeyFile = "sftp_test.go" }, false},
	} {
		opt := s.options()
		tt.set(&opt)
		c, err := Open(t.Context(), opt)
		if err == nil {
			c.Close()
		}
		var e *publish.Error
		if tt.ok && err != nil || !tt.ok && (!errors.As(err, &e) || e.Kind != publish.Login) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestBroken: the connection breaks again and again, and the site is complete all the same.
func TestBroken(t *testing.T) {
	s := serve(t, t.TempDir())
	store := open(t, s.options())
	defer store.Close()
	state := life.State(t)
	site := life.Site(60, 1)
	var puts atomic.Int64
	cutting := &hooked{Store: store, put: func() {
		if n := puts.Add(1); n%40 == 0 {
			s.cut()
		}
	}}
	opt := life.Quick("a")
	opt.Tries = 50
	if _, err := publish.Run(t.Context(), cutting, state, life.Take(t, state, site), opt); err != nil {
		t.Fatal(err)
	}
	if s.accepted.Load() < 3 {
		t.Errorf("%d connections: it never broke", s.accepted.Load())
	}
	got := life.LookDir(t, filepath.Join(s.dir, "web", "网站"))
	for p, text := range site {
		if got[p] != text {
			t.Errorf("%s: %.40q", p, got[p])
		}
	}
}

type hooked struct {
	publish.Store
	put func()
}

func (h *hooked) Put(ctx context.Context, o *publish.Object) error {
	h.put()
	return h.Store.Put(ctx, o)
}

// TestWrongPlace: a folder that is not there is said at once, in words.
func TestWrongPlace(t *testing.T) {
	s := serve(t, t.TempDir())
	for where, want := range map[string]publish.Kind{"no/such/folder": publish.Address, "id/web": publish.Unknown} {
		opt := s.options()
		opt.Path = path.Join(filepath.ToSlash(s.dir), where)
		store := open(t, opt)
		state := life.State(t)
		quick := life.Quick("a")
		quick.Tries = 2
		_, err := publish.Run(t.Context(), store, state, life.Take(t, state, life.Site(1, 1)), quick)
		store.Close()
		var e *publish.Error
		if err == nil || want != publish.Unknown && (!errors.As(err, &e) || e.Kind != want) {
			t.Errorf("%s: %v", where, err)
		}
	}
	opt := s.options()
	opt.Host = "127.0.0.1"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	opt.Port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	var e *publish.Error
	if _, err := Open(t.Context(), opt); !errors.As(err, &e) || !strings.Contains(err.Error(), "拒绝连接") {
		t.Errorf("nobody listens: %v", err)
	}
}

// TestStalled: a server that does not answer is given up on in time.
func TestStalled(t *testing.T) {
	s := serve(t, t.TempDir())
	opt := s.options()
	var stalled atomic.Bool
	opt.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &stalling{Conn: c, stalled: &stalled, closed: make(chan struct{})}, err
	}
	store := open(t, opt)
	defer store.Close()
	stalled.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := store.Get(ctx, "x", io.Discard); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a stalled server: %v", err)
	}
	stalled.Store(false)
	if err := store.Get(t.Context(), "x", io.Discard); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("afterwards: %v", err)
	}
}

type stalling struct {
	net.Conn
	stalled *atomic.Bool
	once    sync.Once
	closed  chan struct{}
}

func (s *stalling) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if s.stalled.Load() {
		<-s.closed
		return 0, io.EOF
	}
	return n, err
}

func (s *stalling) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

// distant gives a connection both of whose ways take a while: what is written arrives later, in order, and as much at
// once as ever.
func distant(c net.Conn, each time.Duration) net.Conn {
	d := &delayed{Conn: c, out: make(chan packet, 1<<16), in: make(chan packet, 1<<16)}
	go func() {
		for p := range d.out {
			time.Sleep(time.Until(p.at))
			if _, err := c.Write(p.b); err != nil {
				return
			}
		}
	}()
	go func() {
		for {
			b := make([]byte, 64<<10)
			n, err := c.Read(b)
			d.in <- packet{b[:n], time.Now().Add(each), err}
			if err != nil {
				return
			}
		}
	}()
	d.each = each
	return d
}

type packet struct {
	b   []byte
	at  time.Time
	err error
}

type delayed struct {
	net.Conn
	out, in chan packet
	rest    []byte
	each    time.Duration
}

func (d *delayed) Write(b []byte) (int, error) {
	d.out <- packet{b: slices.Clone(b), at: time.Now().Add(d.each)}
	return len(b), nil
}

func (d *delayed) Read(b []byte) (int, error) {
	if len(d.rest) == 0 {
		p := <-d.in
		time.Sleep(time.Until(p.at))
		if p.err != nil {
			return 0, p.err
		}
		d.rest = p.b
	}
	n := copy(b, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// BenchmarkDistant publishes 3,000 files of 8 KB to a server that is 40 ms away, there and back.
func BenchmarkDistant(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := serve(b, b.TempDir())
		opt := s.options()
		opt.Parallel = 0
		opt.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return distant(c, 20*time.Millisecond), nil
		}
		src := b.TempDir()
		var files []string
		for i := range 3000 {
			p := fmt.Sprintf("people/甲测-%d/index.html", i)
			name := filepath.Join(src, filepath.FromSlash(p))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(strings.Repeat(fmt.Sprintf("%08d", i), 1024)), 0o644); err != nil {
				b.Fatal(err)
			}
			files = append(files, p)
		}
		state, err := publish.OpenState(b.Context(), b.TempDir(), nil)
		if err != nil {
			b.Fatal(err)
		}
		v, err := state.Take(b.Context(), src, files)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		store := open(b, opt)
		rep, err := publish.Run(b.Context(), store, state, v, publish.Options{Target: "a", Host: "测试"})
		store.Close()
		if err != nil || rep.Uploaded != 3000 {
			b.Fatal(rep.Uploaded, err)
		}
	}
}

func TestLarge(t *testing.T) {
	s := serve(t, t.TempDir())
	life.Large(t, func(t *testing.T) publish.Store { return open(t, s.options()) })
}

// TestFull: a disk without room is named as such, at the first file.
func TestFull(t *testing.T) {
	s := serve(t, t.TempDir())
	web := filepath.Join(s.dir, "web", "网站")
	if err := os.MkdirAll(filepath.Join(web, publish.TempDir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", filepath.Join(web, filepath.FromSlash(publish.Temp(publish.Control)))); err != nil {
		t.Fatal(err)
	}
	store := open(t, s.options())
	defer store.Close()
	state := life.State(t)
	rep, err := publish.Run(t.Context(), store, state, life.Take(t, state, life.Site(2, 1)), life.Quick("a"))
	var e *publish.Error
	if !errors.As(err, &e) || e.Kind != publish.Full || rep.Uploaded > 0 {
		t.Errorf("%d sent, %v", rep.Uploaded, err)
	}
}

// TestLinks: a link that leads nowhere is somebody's, and not nothing; of one that leads to a file the file counts.
func TestLinks(t *testing.T) {
	s := serve(t, t.TempDir())
	web := filepath.Join(s.dir, "web", "网站")
	if err := os.MkdirAll(filepath.Join(web, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	life.PlantDir(t, web, "file", "12345")
	for name, to := range map[string]string{"nowhere": "none", "good": "file"} {
		if err := os.Symlink(to, filepath.Join(web, name)); err != nil {
			t.Fatal(err)
		}
	}
	store := open(t, s.options())
	defer store.Close()
	for p, want := range map[string]int64{"nowhere": -1, "good": 5, "a": -1} {
		if i, err := store.Stat(t.Context(), p); err != nil || i.Size != want {
			t.Errorf("%s: %d bytes, %v; want %d", p, i.Size, err, want)
		}
	}
	if _, err := store.Stat(t.Context(), "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}
