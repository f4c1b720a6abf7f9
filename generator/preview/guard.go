package preview

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// A preview shows what is not published, to a browser that visits strangers' pages as well. So whatever comes
// over the network is not to be trusted: a page elsewhere can make a browser ask us for anything, and by
// giving its own name our address (DNS rebinding) can even read the answer. What a stranger's page cannot do
// is to ask under our name with our origin; this is what is checked here.

// guard decides who may see what.
type guard struct {
	hosts map[string]bool // names and addresses we go by, lower case, without port
	token string          // lets other machines see what is not published; empty when only this one can ask
	// cookie is the name of what holds the token in a browser that came with it once. The ports of a host share their
	// cookies (RFC 6265, 8.5), so the port is in the name: two previews on one machine keep each other's out.
	cookie string
}

// newGuard makes a guard for a server bound to an address and a port. A server that only its own machine reaches needs no token.
func newGuard(bind string, port int, machine func() []netip.Addr) *guard {
	g := &guard{hosts: map[string]bool{"localhost": true}, cookie: "gongzhi_preview_" + strconv.Itoa(port)}
	if bind != "" {
		g.hosts[strings.ToLower(bind)] = true
	}
	addr, err := netip.ParseAddr(bind)
	if err == nil && addr.IsLoopback() || strings.EqualFold(bind, "localhost") {
		return g
	}
	g.token = rand.Text()
	for _, a := range machine() {
		g.hosts[a.WithZone("").String()] = true
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		name = strings.ToLower(name)
		g.hosts[name], g.hosts[name+".local"] = true, true
	}
	return g
}

// addresses are those of this machine.
func addresses() (l []netip.Addr) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			l = append(l, p.Addr().Unmap())
		}
	}
	return l
}

// host reports whether a Host header names us.
func (g *guard) host(h string) bool {
	name := h
	if n, _, err := net.SplitHostPort(h); err == nil {
		name = n
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if g.hosts[name] || strings.HasSuffix(name, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && (a.IsLoopback() || g.hosts[a.Unmap().WithZone("").String()])
}

// refuse gives the reason why a request is not answered, or "".
func (g *guard) refuse(r *http.Request) (status int, why string) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return http.StatusMethodNotAllowed, "预览只能看，不能改。"
	case !g.host(r.Host):
		return http.StatusForbidden, "预览不回答名叫“" + r.Host + "”的网址。请用 http://localhost 加端口打开。"
	case !sameOrigin(r):
		return http.StatusForbidden, "别的网站不能读取预览。"
	case !validPath(r.URL):
		return http.StatusBadRequest, "网址不对。"
	}
	return 0, ""
}

// sameOrigin reports whether a request comes from a page of ours, or from a person who follows a link or types
// an address. A browser says where a request comes from in Sec-Fetch-Site, and in Origin when the answer could
// be read; other programs say nothing, and run on this machine with more rights than we guard.
func sameOrigin(r *http.Request) bool {
	for _, o := range r.Header.Values("Origin") {
		if !strings.EqualFold(o, "http://"+r.Host) {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" && !strings.HasPrefix(r.URL.Path, own)
}

// validPath refuses paths that no page has and that try to climb out. Nothing is looked up in the file system
// by a path of a request, so this is the second wall.
func validPath(u *url.URL) bool {
	p := u.Path
	if !strings.HasPrefix(p, "/") || strings.ContainsAny(p, "\\\x00") || len(p) > 4096 {
		return false
	}
	low := strings.ToLower(u.EscapedPath())
	if strings.Contains(low, "%2f") || strings.Contains(low, "%5c") || strings.Contains(low, "%00") || strings.Contains(p, "//") {
		return false
	}
	for seg := range strings.SplitSeq(p, "/") {
		if strings.HasPrefix(seg, ".") {
			return false // hidden files, and . and ..
		}
	}
	return true
}

// local reports whether a request comes from this machine.
func local(r *http.Request) bool {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && a.Addr().Unmap().IsLoopback()
}

// trusted reports whether who asks may see what is not published: this machine may, others with the token.
func (g *guard) trusted(r *http.Request) bool {
	if g.token == "" || local(r) {
		return true
	}
	c, err := r.Cookie(g.cookie)
	return err == nil && subtle.ConstantTimeCompare([]byte(c.Value), []byte(g.token)) == 1
}

// admit takes the token out of the address and into a cookie, so that it does not stay in the browser's
// history or go along in a copied link. It reports whether it answered.
func (g *guard) admit(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	t := q.Get("token")
	if g.token == "" || t == "" {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(t), []byte(g.token)) == 1 {
		http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	q.Del("token")
	to := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
	redirect(w, to.String())
	return true
}
