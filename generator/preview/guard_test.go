package preview

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gongzhi"
	"gongzhi/generator/folder"
)

// running is a preview of a small site on a real socket.
type running struct {
	dir  string
	addr string // 127.0.0.1:port
	url  string // without the slash at the end
	stop func()
	mu   sync.Mutex
	said []string
}

func (r *running) lines() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.said, "\n")
}

const secret = "只有作者知道的草稿"

// start runs a preview as the command does.
func start(t *testing.T, opt Options, files map[string]string) *running {
	t.Helper()
	r := &running{dir: t.TempDir()}
	all := map[string]string{
		"site.yaml":               "title: 工志\nbaseURL: https://example.org/\n",
		"content/reports/a.md":    "---\ntitle: 甲\ndate: 1958-05-01\n---\n\n正文，见[附件](fig.pdf)。\n",
		"content/reports/草稿.md":   "---\ntitle: 未定稿\ndate: 1958-05-02\ndraft: true\n---\n\n" + secret + "。\n",
		"content/.git/config":     "秘密",
		"content/reports/.env":    "秘密",
		"themes/default/.git/x":   "秘密",
		"secret.txt":              "秘密",
		"content/reports/fig.pdf": "%PDF-1.4 0123456789",
	}
	for p, text := range files {
		all[p] = text
	}
	for p, text := range all {
		full := filepath.Join(r.dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if opt.Bind == "" {
		opt.Bind = "127.0.0.1"
	}
	opt.Source, opt.Theme = r.dir, gongzhi.DefaultTheme()
	ready := make(chan string, 1)
	opt.Ready = func(url string) { ready <- url }
	opt.Say = func(format string, args ...any) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.said = append(r.said, fmt.Sprintf(format, args...))
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, opt) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the preview ended with: %v", err)
		}
	})
	select {
	case home := <-ready:
		r.url = strings.TrimSuffix(home, "/")
		u, err := url.Parse(home)
		if err != nil {
			t.Fatal(err)
		}
		r.addr = net.JoinHostPort("127.0.0.1", u.Port())
	case err := <-ended:
		t.Fatalf("the preview did not begin: %v", err)
	}
	t.Cleanup(r.stop)
	return r
}

// ask sends a request as it is, byte by byte, and gives the answer.
func (r *running) ask(t *testing.T, target string, headers ...string) (status int, body string, header http.Header) {
	t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	text := "GET " + target + " HTTP/1.1\r\nConnection: close\r\n"
	host := false
	for _, h := range headers {
		host = host || strings.HasPrefix(h, "Host:")
		text += h + "\r\n"
	}
	if !host {
		text += "Host: localhost\r\n"
	}
	if _, err := io.WriteString(c, text+"\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return res.StatusCode, string(b), res.Header
}

// TestHosts: a page elsewhere that gives its own name our address is not answered.
func TestHosts(t *testing.T) {
	r := start(t, Options{}, nil)
	_, port, _ := net.SplitHostPort(r.addr)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:" + port: 200, "LOCALHOST": 200, "127.0.0.1:" + port: 200, "127.9.9.9": 200, "[::1]:" + port: 200, "a.localhost": 200, "localhost.": 200,
		"evil.example": 403, "evil.example:" + port: 403, "1.2.3.4": 403, "localhost.evil.example": 403, "127.0.0.1.nip.io": 403, "xlocalhost": 403, "[::ffff:1.2.3.4]": 403,
	} {
		for _, target := range []string{"/reports/a/", "/_preview/", "/_preview/events?path=/"} {
			if target == "/_preview/events?path=/" && want == 200 {
				continue // it would not end
			}
			status, body, h := r.ask(t, target, "Host: "+host)
			if status != want || want == 403 && strings.Contains(body, "甲") {
				t.Errorf("Host: %s, %s: %d, want %d: %s", host, target, status, want, body)
			}
			if h.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("Host: %s, %s: other origins may read this", host, target)
			}
		}
	}
	if status, _, _ := r.ask(t, "/reports/a/", "Host: evil.example", "X-Forwarded-Host: localhost"); status != 403 {
		t.Errorf("X-Forwarded-Host is believed: %d", status)
	}
}

// TestOrigins: what a page elsewhere makes a browser ask for is refused, following a link is not.
func TestOrigins(t *testing.T) {
	r := start(t, Options{}, nil)
	for _, c := range []struct {
		target  string
		headers []string
		want    int
	}{
		{"/reports/a/", []string{"Origin: http://localhost"}, 200},
		{"/reports/a/", []string{"Origin: http://evil.example"}, 403},
		{"/reports/a/", []string{"Origin: http://1.2.3.4"}, 403},
		{"/reports/a/", []string{"Origin: null"}, 403},
		{"/reports/a/", []string{"Origin: http://localhost:9999"}, 403},
		{"/reports/a/", []string{"Origin: https://localhost"}, 403},
		{"/_preview/events?path=/", []string{"Origin: http://evil.example"}, 403},
		{"/_preview/events?path=/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"}, 403},
		{"/_preview/client.js", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"}, 403},
		{"/_preview/client.js", []string{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"}, 403},
		{"/_preview/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"/reports/a/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200},
		{"/reports/a/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, 403},
		{"/reports/fig.pdf", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"}, 403},
		{"/reports/a/", []string{"Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200},
	} {
		if status, _, _ := r.ask(t, c.target, c.headers...); status != c.want {
			t.Errorf("%s with %v: %d, want %d", c.target, c.headers, status, c.want)
		}
	}
}

// TestPaths: nothing but files of the site is ever sent.
func TestPaths(t *testing.T) {
	r := start(t, Options{}, nil)
	outside := filepath.Join(t.TempDir(), "outside.pdf")
	if err := os.WriteFile(outside, []byte("秘密"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(r.dir, "content/reports/link.pdf")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(r.dir, "content/reports/linked")); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{
		"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cetc%5cpasswd", "/%00", "/reports/a%00.md", "//etc/passwd", "/.git/config", "/reports/.env", "/x/..%2f..%2fsecret.txt",
		"/secret.txt", "/site.yaml", "/content/reports/a.md", "/reports/a.md", "/themes/default/theme.yaml", "/reports/link.pdf", "/reports/linked/outside.pdf", "/reports/a/../../secret.txt",
		"/%252e%252e/secret.txt", "/reports\\a", "/_preview/../secret.txt", "/_preview/dashboard.html", "/_preview/%2e%2e/x", "/assets/../site.yaml", "/./site.yaml", "/%c0%ae%c0%ae/secret.txt",
	} {
		status, body, _ := r.ask(t, target)
		if status != 400 && status != 404 || strings.Contains(body, "秘密") || strings.Contains(body, "root:") || strings.Contains(body, "baseURL") {
			t.Errorf("%s: %d\n%.200s", target, status, body)
		}
	}
	// A file that becomes a link after it was listed.
	p := filepath.Join(r.dir, "content/reports/fig.pdf")
	f := folder.NewSite(r.dir)
	if err := os.Remove(p); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, p); err != nil {
		t.Fatal(err)
	}
	if h, err := f.Open("content/reports/fig.pdf"); err == nil {
		h.Close()
		t.Error("a link out of the content was followed")
	}
}

// TestMethods: a preview has nothing to change.
func TestMethods(t *testing.T) {
	r := start(t, Options{}, nil)
	for _, m := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		req, err := http.NewRequest(m, r.url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 405 {
			t.Errorf("%s: %d", m, res.StatusCode)
		}
	}
}

// TestManyTabs: tabs beyond the limit are told to come back; those before go on, and all that is held for a
// thousand of them is bounded.
func TestManyTabs(t *testing.T) {
	r := start(t, Options{}, nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ok, busy, refused := 0, 0, 0
	for range 1000 {
		c, err := net.DialTimeout("tcp", r.addr, time.Second)
		if err != nil {
			refused++
			continue
		}
		defer c.Close()
		if ok+busy >= connections {
			continue // is let go, or was, by chance, given the place of one that has gone
		}
		if _, err := io.WriteString(c, "GET /_preview/events?path=/ HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 16)
		if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, line); err != nil {
			t.Fatalf("after %d tabs: %v", ok+busy, err)
		}
		switch {
		case strings.Contains(string(line), " 200 "):
			ok++
		case strings.Contains(string(line), " 503 "):
			busy++
		default:
			t.Fatalf("%q", line)
		}
	}
	if ok != tabLimit || busy == 0 {
		t.Errorf("%d tabs listen and %d were told to come back, want %d and more than none", ok, busy, tabLimit)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("a thousand tabs cost %d MiB", grown>>20)
	}
}

// TestAbuse: slow and outsized requests are cut off, and wild ranges answered within bounds.
func TestAbuse(t *testing.T) {
	r := start(t, Options{}, nil)
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("x", 1<<20)); err != nil && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(c); err == nil && !strings.Contains(string(b), " 431 ") {
		t.Errorf("1 MB of header: %.100q", b)
	}
	slow, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := io.WriteString(slow, "GET / HTTP/1.1\r\nHo"); err != nil {
		t.Fatal(err)
	}
	if err := slow.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(slow); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("half a request holds a connection for ever")
	}
	ranges := "bytes=0-" + strings.Repeat(",0-", 2000)
	if _, body, _ := r.ask(t, "/reports/fig.pdf", "Range: "+ranges); len(body) > 1<<10 {
		t.Errorf("%d bytes of a file of 19", len(body))
	}
	if status, body, _ := r.ask(t, "/reports/fig.pdf", "Range: bytes=5-7"); status != 206 || body != "1.4" {
		t.Errorf("a range: %d %q", status, body)
	}
}

// TestBind: others in the network see what is published, and all of it only with the token.
func TestBind(t *testing.T) {
	r := start(t, Options{Bind: "0.0.0.0"}, nil)
	said := r.lines()
	if !strings.Contains(said, "同一网络") || !strings.Contains(r.url, "localhost") {
		t.Errorf("nothing is said about others being able to see it:\n%s", said)
	}
	var own netip.Addr
	for _, a := range addresses() {
		if a.Is4() && !a.IsLoopback() {
			own = a
		}
	}
	if !own.IsValid() {
		t.Fatal("this machine has no address but its own loop: the test needs one")
	}
	r.addr = own.String() + r.addr[strings.LastIndexByte(r.addr, ':'):]
	draft := "/reports/" + escapePath("草稿") + "/"
	host := "Host: " + r.addr
	if status, body, _ := r.ask(t, "/reports/a/", host); status != 200 || strings.Contains(body, "_preview") {
		t.Errorf("a published page: %d\n%s", status, body)
	}
	if status, body, _ := r.ask(t, draft, host); status != 404 || strings.Contains(body, secret) {
		t.Errorf("a draft without the token: %d", status)
	}
	for _, p := range []string{"/", "/reports/", "/sitemap.xml", "/feed.xml", "/search/search.js", draft + "?at=2999-01-01"} {
		if _, body, _ := r.ask(t, p, host); strings.Contains(body, "未定稿") || strings.Contains(body, escapePath("草稿")) {
			t.Errorf("%s tells of a draft", p)
		}
	}
	for _, p := range []string{"/_preview/", "/_preview/events?path=/", "/_preview/client.js"} {
		if status, _, _ := r.ask(t, p, host); status != 404 {
			t.Errorf("%s without the token: %d", p, status)
		}
	}
	if status, _, h := r.ask(t, draft+"?token=wrong", host); status != 302 || h.Get("Set-Cookie") != "" {
		t.Errorf("a wrong token: %d %s", status, h.Get("Set-Cookie"))
	}
	_, rest, ok := strings.Cut(said, "token=")
	if !ok {
		t.Fatalf("no address with a token is told:\n%s", said)
	}
	token, _, _ := strings.Cut(rest, "\n")
	status, _, h := r.ask(t, draft+"?token="+token, host)
	if status != 302 || h.Get("Location") != draft || !strings.Contains(h.Get("Set-Cookie"), "HttpOnly") {
		t.Fatalf("the token: %d, %s, %s", status, h.Get("Location"), h.Get("Set-Cookie"))
	}
	key, _, _ := strings.Cut(h.Get("Set-Cookie"), ";")
	if status, body, _ := r.ask(t, draft, host, "Cookie: "+key); status != 200 || !strings.Contains(body, secret) {
		t.Errorf("a draft with the token: %d", status)
	}
}

// TestPorts: a busy port is passed over and said; ending takes less than two seconds, even with tabs open.
func TestPorts(t *testing.T) {
	first := start(t, Options{Port: 0}, nil)
	var port int
	if _, err := fmt.Sscanf(first.addr[strings.LastIndexByte(first.addr, ':')+1:], "%d", &port); err != nil {
		t.Fatal(err)
	}
	second := start(t, Options{Port: port}, nil)
	if second.addr == first.addr || !strings.Contains(second.lines(), fmt.Sprintf("端口 %d 已被", port)) {
		t.Errorf("the second preview is at %s:\n%s", second.addr, second.lines())
	}
	c, err := net.Dial("tcp", second.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /_preview/events?path=/ HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { second.stop(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * time.Second):
		t.Error("the preview does not end within two seconds")
	}
	if _, err := net.DialTimeout("tcp", second.addr, time.Second); err == nil {
		t.Error("it still answers")
	}
}

// TestLoops: a machine without IPv4 is served too.
func TestLoops(t *testing.T) {
	r := start(t, Options{Bind: "::1"}, nil)
	res, err := http.Get(r.url + "/reports/a/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || !strings.Contains(r.url, "[::1]") {
		t.Errorf("%s: %d", r.url, res.StatusCode)
	}
}
