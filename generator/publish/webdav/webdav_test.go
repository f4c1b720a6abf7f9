package webdav

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/webdav"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/life"
)

// serve is a real WebDAV server with a password.
func serve(t *testing.T, wrap func(h http.Handler) http.Handler) (dir string, opt Options) {
	dir = filepath.Join(t.TempDir(), "网站")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	dav := &webdav.Handler{Prefix: "/dav/网站", FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS()}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, p, _ := r.BasicAuth(); u != "张测试" || p != "口令" {
			w.Header().Set("WWW-Authenticate", "Basic")
			w.WriteHeader(401)
			return
		}
		if r.Header.Get("Depth") == "infinity" && r.Method == "PROPFIND" {
			w.WriteHeader(403)
			return
		}
		dav.ServeHTTP(w, r)
	})
	if wrap != nil {
		h = wrap(h)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return dir, Options{URL: srv.URL + "/dav/网站", User: "张测试", Secret: "口令"}
}

func open(t *testing.T, opt Options) *Store {
	s, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLife(t *testing.T) {
	dir, opt := serve(t, nil)
	life.Run(t, life.Place{
		Open:  func(t *testing.T) publish.Store { return open(t, opt) },
		Look:  func(t *testing.T) map[string]string { return life.LookDir(t, dir) },
		Plant: func(t *testing.T, p, text string) { life.PlantDir(t, dir, p, text) },
	})
}

// TestWords: what goes wrong is said in words, at the first request.
func TestWords(t *testing.T) {
	status := 0
	_, opt := serve(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status != 0 && r.Method != "GET" && r.Method != "PROPFIND" {
				w.WriteHeader(status)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	for _, tt := range []struct {
		name   string
		set    func(o *Options)
		status int
		kind   publish.Kind
	}{
		{"wrong password", func(o *Options) { o.Secret = "x" }, 0, publish.Login},
		{"no room", func(o *Options) {}, 507, publish.Full},
		{"not allowed", func(o *Options) {}, 403, publish.Denied},
		{"busy", func(o *Options) {}, 503, publish.Temporary},
		{"no such folder", func(o *Options) { o.URL += "/没有/" }, 0, publish.Address},
	} {
		o := opt
		tt.set(&o)
		status = tt.status
		state := life.State(t)
		_, err := publish.Run(t.Context(), open(t, o), state, life.Take(t, state, life.Site(1, 1)), life.Quick("a"))
		var e *publish.Error
		if !errors.As(err, &e) || e.Kind != tt.kind {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := Open(Options{URL: "dav.example.org"}); err == nil {
		t.Error("an address without a scheme was taken")
	}
}

// TestElsewhere: a server that sends elsewhere is not followed, and what it says of the place is repeated only if it is an address; headers
// without end are read to a certain point.
func TestElsewhere(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, to, _ := r.BasicAuth() // where each case sends
		if to == "endless" {
			to = "http://" + strings.Repeat("a", 1<<20)
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	for to, want := range map[string]string{other.URL + "/": "改成“" + other.URL + "/”", "file:///etc/passwd": "核对地址", "http://" + strings.Repeat("a", 4000): "核对地址", "endless": "exceeded"} {
		o := Options{URL: server.URL + "/dav/", User: "张测试", Secret: to}
		state := life.State(t)
		_, err := publish.Run(t.Context(), open(t, o), state, life.Take(t, state, life.Site(1, 1)), life.Quick("a"))
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 1000 {
			t.Errorf("%.40s: %.300v", to, err)
		}
	}
	if asked > 0 {
		t.Errorf("another server was asked %d times", asked)
	}
}

// TestCutOff: a server that breaks off in the middle of files never shows half of one.
func TestCutOff(t *testing.T) {
	var n atomic.Int64
	dir, opt := serve(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "PUT" && n.Add(1)%5 == 0 {
				r.Body = http.MaxBytesReader(w, r.Body, 100)
				h.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			}
			h.ServeHTTP(w, r)
		})
	})
	site := life.Site(30, 1)
	state := life.State(t)
	if _, err := publish.Run(t.Context(), open(t, opt), state, life.Take(t, state, site), life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	got := life.LookDir(t, dir)
	for p, text := range site {
		if got[p] != text {
			t.Errorf("%s: %.40q", p, got[p])
		}
	}
	for p := range got {
		if strings.HasPrefix(p, publish.TempDir) {
			t.Errorf("%s was left", p)
		}
	}
}

func TestLarge(t *testing.T) {
	_, opt := serve(t, nil)
	life.Large(t, func(t *testing.T) publish.Store { return open(t, opt) })
}
