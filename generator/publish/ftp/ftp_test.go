package ftp

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"goftp.io/server/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/life"
)

// disk is a server's folder. With gbk the names on the wire are GBK, and those in the folder are not.
type disk struct {
	dir  string
	gbk  bool
	full *atomic.Bool // it keeps the first bytes of a file and says that it has them all
}

func (d disk) name(p string) (string, error) {
	if d.gbk {
		if utf8.ValidString(p) && len(p) != len([]rune(p)) {
			return "", errors.New("550 not GBK")
		}
		t, err := simplifiedchinese.GBK.NewDecoder().String(p)
		if err != nil {
			return "", err
		}
		p = t
	}
	return filepath.Join(d.dir, filepath.FromSlash(p)), nil
}

type info struct {
	os.FileInfo
	name string
}

func (i info) Name() string { return i.name }

func init() { log.SetOutput(io.Discard) } // the server's own chatter

func (d disk) Stat(_ *server.Context, p string) (os.FileInfo, error) {
	n, err := d.name(p)
	if err != nil {
		return nil, err
	}
	return os.Stat(n)
}

func (d disk) ListDir(_ *server.Context, p string, each func(os.FileInfo) error) error {
	n, err := d.name(p)
	if err != nil {
		return err
	}
	list, err := os.ReadDir(n)
	if err != nil {
		return err
	}
	for _, e := range list {
		i, err := e.Info()
		if err != nil {
			return err
		}
		name := e.Name()
		if d.gbk {
			if name, err = simplifiedchinese.GBK.NewEncoder().String(name); err != nil {
				return err
			}
		}
		if err := each(info{i, name}); err != nil {
			return err
		}
	}
	return nil
}

func (d disk) DeleteDir(_ *server.Context, p string) error {
	n, err := d.name(p)
	if err != nil {
		return err
	}
	return os.Remove(n)
}

func (d disk) DeleteFile(c *server.Context, p string) error { return d.DeleteDir(c, p) }

func (d disk) Rename(_ *server.Context, from, to string) error {
	a, err := d.name(from)
	b, err2 := d.name(to)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if _, err := os.Stat(b); err == nil {
		return errors.New("the name is taken") // as on servers of Microsoft
	}
	return os.Rename(a, b)
}

func (d disk) MakeDir(_ *server.Context, p string) error {
	n, err := d.name(p)
	if err != nil {
		return err
	}
	return os.Mkdir(n, 0o755)
}

func (d disk) GetFile(_ *server.Context, p string, offset int64) (int64, io.ReadCloser, error) {
	n, err := d.name(p)
	if err != nil {
		return 0, nil, err
	}
	f, err := os.Open(n)
	if err != nil {
		return 0, nil, err
	}
	i, err := f.Stat()
	if err != nil || i.IsDir() {
		f.Close()
		return 0, nil, errors.New("no file")
	}
	return i.Size(), f, nil
}

func (d disk) PutFile(_ *server.Context, p string, r io.Reader, _ int64) (int64, error) {
	n, err := d.name(p)
	if err != nil {
		return 0, err
	}
	f, err := os.Create(n)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if d.full.Load() {
		r = io.LimitReader(r, 100)
	}
	return io.Copy(f, r)
}

// full is whether the servers are.
var full atomic.Bool

// serve is a real FTP server.
func serve(t *testing.T, security string, gbk bool) (dir string, opt Options) {
	t.Helper()
	dir = t.TempDir()
	cert, pool := certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	so := &server.Options{Driver: disk{dir, gbk, &full}, Auth: &server.SimpleAuth{Name: "web", Password: "口令"}, Perm: server.NewSimplePerm("web", "web"),
		Hostname: "127.0.0.1", Port: port, Logger: new(server.DiscardLogger)}
	if security != "none" {
		so.TLS, so.ExplicitFTPS, so.TLSConfig = true, true, &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	if gbk { // such a server knows nothing of UTF-8
		so.Auth = &server.SimpleAuth{Name: "web", Password: gbkText(t, "口令")}
	}
	srv, err := server.NewServer(so)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.ListenAndServe() }()
	t.Cleanup(func() { _ = srv.Shutdown() })
	for {
		c, err := net.Dial("tcp", l.Addr().String())
		if err == nil {
			c.Close()
			break
		}
		time.Sleep(time.Millisecond)
	}
	return filepath.Join(dir, "网站"), Options{Host: "127.0.0.1", Port: port, User: "web", Secret: "口令", Path: "/网站", Security: security, GBK: gbk, TLS: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}}
}

func gbkText(t *testing.T, s string) string {
	g, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ceshi"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func open(t *testing.T, opt Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLife(t *testing.T) {
	for name, tt := range map[string]struct {
		security string
		gbk      bool
	}{"plain": {"none", false}, "GBK": {"none", true}, "TLS": {"tls", false}} {
		t.Run(name, func(t *testing.T) {
			dir, opt := serve(t, tt.security, tt.gbk)
			life.Run(t, life.Place{
				Open:  func(t *testing.T) publish.Store { return open(t, opt) },
				Look:  func(t *testing.T) map[string]string { return life.LookDir(t, dir) },
				Plant: func(t *testing.T, p, text string) { life.PlantDir(t, dir, p, text) },
			})
		})
	}
}

// TestWords: what goes wrong is said in words, and no password goes over an open line unasked.
func TestWords(t *testing.T) {
	_, opt := serve(t, "none", false)
	for _, tt := range []struct {
		name string
		set  func(o *Options)
		kind publish.Kind
	}{
		{"no TLS", func(o *Options) { o.Security = "" }, publish.Address},
		{"wrong password", func(o *Options) { o.Secret = "x" }, publish.Login},
		{"no such host", func(o *Options) { o.Host = "ceshi.invalid" }, publish.Address},
	} {
		o := opt
		tt.set(&o)
		_, err := Open(t.Context(), o)
		var e *publish.Error
		if !errors.As(err, &e) || e.Kind != tt.kind {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	_, opt = serve(t, "tls", false)
	opt.TLS = nil
	var e *publish.Error
	if _, err := Open(t.Context(), opt); !errors.As(err, &e) || e.Kind != publish.Address {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
}

// TestOtherHost: a server that names another host for the data is asked for them itself: nobody else gets a file, or is called at all.
func TestOtherHost(t *testing.T) {
	dir, opt := serve(t, "none", false)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var named atomic.Int32
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(opt.Port)))
			if err != nil {
				client.Close()
				return
			}
			go copyLines(server, client, func(s string) string { return strings.Replace(s, "EPSV", "NONE", 1) }) // which has no host
			go copyLines(client, server, func(s string) string {
				if strings.HasPrefix(s, "227 ") {
					named.Add(1)
				}
				return strings.Replace(s, "(127,0,0,1,", "(127,0,0,2,", 1)
			})
		}
	}()
	other := opt
	other.Port = l.Addr().(*net.TCPAddr).Port
	state := life.State(t)
	if _, err := publish.Run(t.Context(), open(t, other), state, life.Take(t, state, life.Site(2, 1)), life.Quick("a")); err != nil {
		t.Error(err)
	}
	if n := len(life.LookDir(t, dir)); n < 10 || named.Load() < 10 {
		t.Errorf("%d files arrived, another host was named %d times", n, named.Load())
	}
}

// copyLines passes on what one side of a connection says, each line changed, until it has no more to say.
func copyLines(to, from net.Conn, change func(string) string) {
	defer to.Close()
	for in := bufio.NewReader(from); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if _, err := io.WriteString(to, change(line)); err != nil {
			return
		}
	}
}

func TestLarge(t *testing.T) {
	_, opt := serve(t, "tls", false)
	life.Large(t, func(t *testing.T) publish.Store { return open(t, opt) })
}

// TestNotKept: a file of which the server has only the beginning does not take the place of the old one; a name that the server can't write is
// refused beforehand.
func TestNotKept(t *testing.T) {
	dir, opt := serve(t, "none", true)
	state := life.State(t)
	site := life.Site(2, 1)
	if _, err := publish.Run(t.Context(), open(t, opt), state, life.Take(t, state, site), life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	before := life.LookDir(t, dir)
	site["people/甲测-1/index.html"] += "改了"
	full.Store(true)
	defer full.Store(false)
	o := publish.NewObject("people/甲测-1/index.html", 200, func() (io.ReadSeekCloser, error) { return text{strings.NewReader(strings.Repeat("a", 200))}, nil })
	if err := open(t, opt).Put(t.Context(), o); err == nil || !strings.Contains(err.Error(), "只收到 100 字节") {
		t.Errorf("half a file: %v", err)
	}
	full.Store(false)
	if got := life.LookDir(t, dir)["people/甲测-1/index.html"]; got != before["people/甲测-1/index.html"] {
		t.Errorf("the page is %.40q", got)
	}
	site["people/𬭊测/index.html"] = "新的"
	var e *publish.Error
	if _, err := publish.Run(t.Context(), open(t, opt), state, life.Take(t, state, site), life.Quick("a")); !errors.As(err, &e) || e.Kind != publish.Refused || !strings.Contains(err.Error(), "𬭊测") {
		t.Errorf("a name that GBK does not have: %v", err)
	}
}

type text struct{ *strings.Reader }

func (text) Close() error { return nil }
