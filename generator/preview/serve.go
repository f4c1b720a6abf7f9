package preview

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/output"
	"gongzhi/generator/render"
)

//go:embed client.js client.css dashboard.html
var files embed.FS

// own is where the preview's own pages are. No record can be there: names that begin with an underscore are
// no content.
const own = "/_preview/"

// policy is the one that a published site works under; a preview under it shows what a reader will see.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"

// server answers requests from states.
type server struct {
	maker  *maker
	guard  *guard
	tabs   chan struct{} // a place for each tab that listens
	source string        // absolute path, for links into an editor
	say    func(format string, args ...any)
	run    string // tells this run of the program from others
	done   <-chan struct{}
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

// ServeHTTP answers one request from one state.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.broken(w, r)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", policy)
	if r.ContentLength != 0 { // nobody reads it, and nobody waits for its end for long
		h.Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second)) // if it can't be, the usual one holds
	}
	if status, why := s.guard.refuse(r); why != "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintln(w, why)
		return
	}
	if s.guard.admit(w, r) {
		return
	}
	trusted := s.guard.trusted(r)
	if strings.HasPrefix(r.URL.Path, own) {
		if !trusted {
			http.NotFound(w, r)
			return
		}
		s.own(w, r)
		return
	}
	v, to, err := s.view(r, trusted)
	switch {
	case to != "":
		redirect(w, to)
	case err != nil:
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintln(w, err)
	default:
		s.page(w, r, v)
	}
}

// broken tells of an answer on which the program itself failed: to who asked, and on the terminal.
func (s *server) broken(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	if s.say != nil {
		s.say("做 %s 时程序出错：%v。请把下面的文字发给开发者。\n%s", r.URL.Path, p, debug.Stack())
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Del("Content-Length")
	w.WriteHeader(http.StatusInternalServerError) // too late if some of the answer has gone
	fmt.Fprintln(w, "做这一页时程序出错，终端里有说明。")
}

// view is what a request sees: a state, and how.
type view struct {
	state   *state
	gen     *render.Generation // nil if the site cannot be made at all
	at      string             // the day asked for, or ""
	trusted bool
}

// view finds what a request sees. A day asked for stays: a link on a page of that day leads to the other
// page on that day, and what the page loads is of that day too.
func (s *server) view(r *http.Request, trusted bool) (v view, to string, err error) {
	v = view{trusted: trusted}
	q := r.URL.Query()
	if q.Has("at") {
		v.at = q.Get("at")
		if v.at == "" { // leaving the day
			q.Del("at")
			return v, (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String(), nil
		}
	} else if from, e := url.Parse(r.Referer()); e == nil && from.Host == r.Host && !strings.HasPrefix(from.Path, own) {
		if v.at = from.Query().Get("at"); v.at != "" && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
			q.Set("at", v.at)
			return v, (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String(), nil
		}
	}
	v.state = s.maker.fresh(r.Context())
	v.gen, err = s.generation(v.state, v.at, trusted)
	if err != nil && v.at != "" && v.state.gen != nil {
		return v, "", err
	}
	return v, "", nil
}

// generation gives what a day, or the preview as it is, shows.
func (s *server) generation(st *state, at string, trusted bool) (*render.Generation, error) {
	if at == "" || !trusted {
		return s.maker.view(st, trusted, time.Time{})
	}
	if st.gen == nil {
		return nil, st.err
	}
	d, err := dates.Parse(at)
	if err != nil || d.IsZero() {
		return nil, fmt.Errorf("at= 后面要写日期，如 2026-05-01；现在是“%s”。", at)
	}
	return s.maker.view(st, false, d.Start(st.gen.Settings.Zone))
}

// locate gives the file of the site that a path shows; to is where a path without its slash at the end leads.
func locate(g *render.Generation, p string) (file, to string) {
	base, err := url.PathUnescape(g.Settings.Base)
	if err != nil {
		base = g.Settings.Base
	}
	rest, ok := strings.CutPrefix(p, base)
	if !ok {
		if p == "/" || p+"/" == base {
			return "", g.Settings.Base
		}
		return "", "" // no file has no name
	}
	switch {
	case rest == "" || strings.HasSuffix(rest, "/"):
		return rest + "index.html", ""
	case path.Ext(rest) == "" && g.Has(rest+"/index.html"):
		return "", (&url.URL{Path: p + "/"}).String()
	}
	return rest, ""
}

// page answers with a file of the site.
func (s *server) page(w http.ResponseWriter, r *http.Request, v view) {
	if v.gen == nil {
		s.write(w, r, http.StatusInternalServerError, "x.html", s.tag(bare("网站还做不出来", v.state.err), bare("网站还做不出来", v.state.err), v))
		return
	}
	file, to := locate(v.gen, r.URL.Path)
	if to != "" {
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		redirect(w, to)
		return
	}
	if path.Ext(file) != ".html" {
		if f, err := v.gen.Source(file); err == nil && f != nil {
			defer f.Close()
			if s.stream(w, r, file, f) {
				return
			}
		}
	}
	b, status, err := s.bytes(v, file)
	name := file
	if status == http.StatusNotFound {
		name = "404.html"
	}
	if err != nil {
		name, b = "x.html", bare("这一页做不出来", err)
	}
	if path.Ext(name) == ".html" && v.trusted {
		b = s.tag(b, s.mix(b, file, v.state), v)
	}
	s.write(w, r, status, name, b)
}

// stream answers from an open file itself, however large, and reports whether it could.
func (s *server) stream(w http.ResponseWriter, r *http.Request, name string, f fs.File) bool {
	info, err := f.Stat()
	from, ok := f.(io.ReadSeeker)
	if err != nil || !ok {
		return false
	}
	// Who looks at a film on a phone reads it slowly.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute + time.Duration(info.Size()/(100<<10))*time.Second)) // if it can't be, the usual one holds
	w.Header().Set("Content-Type", output.MediaType(name))
	http.ServeContent(w, r, "", time.Time{}, from)
	return true
}

// bytes gives a file of the site, or its 404 page.
func (s *server) bytes(v view, file string) (b []byte, status int, err error) {
	status = http.StatusOK
	b, err = v.gen.File(nil, file)
	if errors.Is(err, fs.ErrNotExist) {
		status = http.StatusNotFound
		b, err = v.gen.File(nil, "404.html")
	}
	if err != nil {
		status = http.StatusInternalServerError
	}
	return b, status, err
}

// bare is a page for when there is no other.
func bare(title string, err error) []byte {
	why := ""
	if err != nil {
		why = err.Error()
	}
	return []byte("<!doctype html>\n<html lang=\"zh-Hans\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + title + "</title>\n</head>\n<body>\n<h1>" + title + "</h1>\n<p>" + html.EscapeString(why) + "</p>\n</body>\n</html>\n")
}

// tag adds the one script to a page by which it differs from the published one. The address of the script says
// what the page is, so that its tab can ask, even of another run of the program, whether it is still the same.
// known is what its digest is made of.
func (s *server) tag(b, known []byte, v view) []byte {
	style := ""
	if v.gen != nil {
		style = v.gen.Theme.Style
	}
	tag := []byte(`<script src="` + own + `client.js?page=` + digest(known, style) + `&amp;style=` + url.QueryEscape(style) + "\"></script>\n")
	if i := bytes.LastIndex(b, []byte("</body>")); i >= 0 {
		return bytes.Join([][]byte{b[:i], b[i:]}, tag)
	}
	return append(b, tag...)
}

// digest tells pages apart by all but the name of their style sheet, which changes with every edit of it.
func digest(b []byte, style string) string {
	if style != "" {
		b = bytes.ReplaceAll(b, []byte(style), []byte("style.css"))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func (s *server) write(w http.ResponseWriter, r *http.Request, status int, name string, b []byte) {
	h := w.Header()
	h.Set("Content-Type", output.MediaType(name))
	h.Set("Content-Length", fmt.Sprint(len(b)))
	if status == http.StatusOK && path.Ext(name) != ".html" {
		// Audio and video are sought in; the standard library bounds the ranges that it answers.
		h.Del("Content-Length")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
		return
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		if _, err := w.Write(b); err != nil {
			return // the reader has gone
		}
	}
}

// own answers for the preview's own pages.
func (s *server) own(w http.ResponseWriter, r *http.Request) {
	switch name := strings.TrimPrefix(r.URL.Path, own); name {
	case "":
		s.dashboard(w, r)
	case "events":
		s.events(w, r)
	case "client.js", "client.css":
		b, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		s.write(w, r, http.StatusOK, name, b)
	default:
		http.NotFound(w, r)
	}
}

// faults are the messages of a page that can't be made.
func faults(err error) diag.List {
	l := render.Faults(err)
	if len(l) == 0 && err != nil {
		l = diag.List{diag.Errorf(diag.Pos{}, "preview/page", "%v", err)}
	}
	return l
}
