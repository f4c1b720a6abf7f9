package look

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

var site = map[string]string{
	"index.html": "<html>首页", "404.html": "<html>没有", "people/index.html": "<html>人物", "people/甲测/index.html": "<html>甲测",
	"assets/style.a1b2c3d4.css": "a{}", "search/search.js": "export {}", "search/index.json": "{}", "search/abc000000001.bin": "\x00\x01", "feed.xml": "<feed/>",
}

// good serves the site as it should be.
func good(w http.ResponseWriter, r *http.Request) {
	p := strings.TrimPrefix(r.URL.Path, "/")
	if p == "" || strings.HasSuffix(p, "/") {
		p += "index.html"
	}
	text, ok := site[p]
	if _, dir := site[p+"/index.html"]; dir {
		http.Redirect(w, r, "/"+p+"/", http.StatusMovedPermanently)
		return
	}
	types := map[string]string{"css": "text/css", "js": "text/javascript", "json": "application/json", "bin": "application/octet-stream", "xml": "application/xml"}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if t := types[p[strings.LastIndex(p, ".")+1:]]; t != "" {
		w.Header().Set("Content-Type", t)
	}
	if !ok {
		w.WriteHeader(404)
		text = site["404.html"]
	}
	_, _ = w.Write([]byte(text))
}

// TestLook: each thing that servers do wrong is found, alone, and a good server gets no word.
func TestLook(t *testing.T) {
	for _, tt := range []struct {
		name string
		sub  string // of baseURL
		want string
		h    func(w http.ResponseWriter, r *http.Request)
	}{
		{name: "good", h: good},
		{name: "forced download", want: "download", h: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Disposition", "attachment")
			w.Header().Set("X-Oss-Force-Download", "true")
			good(w, r)
		}},
		{name: "no index", want: "index", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/") {
				w.WriteHeader(403)
				return
			}
			good(w, r)
		}},
		{name: "no index in folders", want: "sub-index", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/") && r.URL.Path != "/" {
				w.WriteHeader(404)
				_, _ = w.Write([]byte(site["404.html"]))
				return
			}
			good(w, r)
		}},
		{name: "Han not known", want: "han", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "甲") {
				r.URL.Path = "/no"
			}
			good(w, r)
		}},
		{name: "no slash", want: "slash", h: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/people/甲测" {
				r.URL.Path = "/no"
			}
			good(w, r)
		}},
		{name: "wrong type", want: "type", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".js") {
				w.Header().Set("Content-Type", "text/plain")
				_, _ = w.Write([]byte(site["search/search.js"]))
				return
			}
			good(w, r)
		}},
		{name: "GBK", want: "charset", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/") && r.URL.Path == "/" {
				w.Header().Set("Content-Type", "text/html; charset=gbk")
				_, _ = w.Write([]byte(site["index.html"]))
				return
			}
			good(w, r)
		}},
		{name: "IIS without .bin", want: "extension", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".bin") {
				w.WriteHeader(404)
				return
			}
			good(w, r)
		}},
		{name: "no page for 404", want: "404", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "no-such") {
				http.NotFound(w, r)
				return
			}
			good(w, r)
		}},
		{name: "404 as 200", want: "soft-404", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "no-such") {
				r.URL.Path = "/404.html"
			}
			good(w, r)
		}},
		{name: "another site", want: "stale", h: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<html>旧的"))
				return
			}
			good(w, r)
		}},
		{name: "rewritten", want: "changed", h: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".css") {
				w.Header().Set("Content-Type", "text/css")
				_, _ = w.Write([]byte("a{}/**/"))
				return
			}
			good(w, r)
		}},
		{name: "case", want: "case", h: func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = strings.ToLower(r.URL.Path)
			good(w, r)
		}},
		{name: "at the root", sub: "archive/", want: "sub-path", h: func(w http.ResponseWriter, r *http.Request) { good(w, r) }},
		{name: "nothing", want: "not-there", h: http.NotFound},
		{name: "private", want: "private", h: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }},
		{name: "broken", want: "server", h: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(502) }},
		{name: "elsewhere", want: "redirect", h: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/index.html", http.StatusFound)
				return
			}
			good(w, r)
		}},
	} {
		srv := httptest.NewServer(http.HandlerFunc(tt.h))
		var paths []string
		for p := range site {
			paths = append(paths, p)
		}
		slices.Sort(paths)
		found, err := Look(t.Context(), Options{BaseURL: srv.URL + "/" + tt.sub, Paths: paths, Same: func(p string, b []byte) bool { return site[p] == string(b) }})
		srv.Close()
		var got []string
		for _, f := range found {
			got = append(got, f.ID)
		}
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, %v; want %s\n%+v", tt.name, got, err, tt.want, found)
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(good))
	srv.Close()
	if _, err := Look(t.Context(), Options{BaseURL: srv.URL + "/"}); err == nil || !strings.Contains(Words(err), "拒绝连接") {
		t.Errorf("nobody there: %v", err)
	}
}
