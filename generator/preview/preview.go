// Package preview serves a generation of the site over HTTP while its source is being edited.
package preview

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"gongzhi/generator/render"
)

// Options say what to preview and where.
type Options struct {
	Source string // folder that holds site.yaml and content/
	Theme  fs.FS  // the default theme
	Bind   string
	Port   int
	Say    func(format string, args ...any) // one line to the editor
}

// Run serves until ctx is done.
func Run(ctx context.Context, opt Options) error {
	s := &server{opt: opt}
	if err := s.look(); err != nil {
		return err
	}
	var l net.Listener
	var err error
	for i := range 20 {
		l, err = net.Listen("tcp", net.JoinHostPort(opt.Bind, strconv.Itoa(opt.Port+i)))
		if err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	opt.Say("预览：http://%s%s", l.Addr(), s.gen.Settings.Base)
	h := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		h.Close()
	}()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type server struct {
	opt Options
	mu  sync.Mutex
	gen *render.Generation
	at  time.Time
}

// look makes the newest generation.
func (s *server) look() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gen != nil && time.Since(s.at) < 200*time.Millisecond {
		return nil
	}
	g, err := render.New(render.Options{Source: os.DirFS(s.opt.Source), Theme: s.opt.Theme, Now: time.Now(), Hidden: true, Previous: s.gen})
	if err != nil {
		return err
	}
	if s.gen == nil || len(g.Diags) != len(s.gen.Diags) {
		for _, m := range g.Diags {
			s.opt.Say("%s", m)
		}
	}
	s.gen, s.at = g, time.Now()
	return nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.look(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	g := s.gen
	s.mu.Unlock()
	p, ok := strings.CutPrefix(r.URL.Path, g.Settings.Base)
	if !ok {
		http.Redirect(w, r, g.Settings.Base, http.StatusFound)
		return
	}
	if p == "" || strings.HasSuffix(p, "/") {
		p += "index.html"
	} else if !g.Has(p) && g.Has(p+"/index.html") {
		http.Redirect(w, r, r.URL.EscapedPath()+"/", http.StatusFound)
		return
	}
	b, err := g.File(nil, p)
	if errors.Is(err, fs.ErrNotExist) {
		w.WriteHeader(http.StatusNotFound)
		b, err = g.File(nil, "404.html")
	}
	if err != nil {
		http.Error(w, fmt.Sprint(err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if t := types[path.Ext(p)]; t != "" {
		w.Header().Set("Content-Type", t)
	}
	w.Write(b)
}

var types = map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".xml": "application/xml; charset=utf-8", ".json": "application/json", ".wasm": "application/wasm"}
