package preview

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// comers is a listener to whom machines come in a given order.
type comers struct {
	net.Listener
	from []string
}

type comer struct {
	net.Conn
	from   net.Addr
	closed bool
}

func (c *comer) RemoteAddr() net.Addr { return c.from }
func (c *comer) Close() error         { c.closed = true; return nil }

func (l *comers) Accept() (net.Conn, error) {
	if len(l.from) == 0 {
		return nil, net.ErrClosed
	}
	c := &comer{from: net.TCPAddrFromAddrPort(netip.MustParseAddrPort(l.from[0]))}
	l.from = l.from[1:]
	return c, nil
}

// TestPlaces: one machine that opens connections without end gets its share, and neither others nor this machine itself are
// behind it; of its own, those that ask for nothing give way to new ones, the oldest first.
func TestPlaces(t *testing.T) {
	l := &comers{}
	many := func(host string, n int) {
		for i := range n {
			l.from = append(l.from, fmt.Sprintf(host, 1000+i))
		}
	}
	p := newPlaces(l)
	var all []*placed
	// come lets those in who stand outside, and tells how many there are then; busy ones ask at once, and are being answered.
	come := func(busy bool) (open int) {
		for {
			c, err := p.Accept()
			if err != nil {
				break
			}
			all = append(all, c.(*placed))
			if p.state(c, http.StateNew); busy {
				p.state(c, http.StateActive)
			}
		}
		for _, c := range all {
			if !c.Conn.(*comer).closed {
				open++
			}
		}
		return open
	}
	want := func(what string, open, want int) {
		t.Helper()
		if open != want {
			t.Errorf("%s: %d connections are open, want %d", what, open, want)
		}
	}
	many("192.0.2.7:%d", 600)
	want("a machine that asks for nothing", come(false), connectionsHost)
	if !all[600-connectionsHost-1].Conn.(*comer).closed || all[600-connectionsHost].Conn.(*comer).closed {
		t.Error("it is not the oldest that give way")
	}
	p.state(all[599-connectionsHost/2], http.StateActive)
	many("192.0.2.7:%d", 2*connectionsHost)
	want("one of them is being answered", come(true), connectionsHost)
	if all[599-connectionsHost/2].Conn.(*comer).closed || len(all) != 600+connectionsHost-1 {
		t.Error("one that is being answered gave way, or none did")
	}
	many("192.0.2.8:%d", 3)
	many("[::ffff:192.0.2.7]:%d", 2) // the first one, written otherwise
	want("another machine", come(false), connectionsHost+3)
	for i := range 10 {
		many(fmt.Sprintf("[2001:db8::%x]:%%d", i), 100) // one network, so one machine perhaps
	}
	want("a network of IPv6", come(true), 2*connectionsHost+3)
	for i := range 10 {
		many(fmt.Sprintf("198.51.100.%d:%%d", i), 60)
	}
	want("many others", come(true), connectionsOther)
	p.state(all[len(all)-1], http.StateIdle)
	many("203.0.113.1:%d", 2)
	want("one more other", come(true), connectionsOther)
	many("127.0.0.1:%d", 300)
	many("[::1]:%d", 300)
	want("this machine", come(true), connectionsOther+connections)
	last := all[len(all)-1]
	last.Close()
	last.Close() // twice is once
	p.state(last, http.StateIdle)
	many("127.0.0.1:%d", 5)
	want("one that has gone", come(true), connectionsOther+connections)
	if len(p.quiet) != 0 {
		t.Errorf("%d wait for a request", len(p.quiet))
	}
}

// TestHalfOpen: hundreds of connections of this machine on which nothing, or half of a question, has come, keep nobody out.
func TestHalfOpen(t *testing.T) {
	r := start(t, Options{}, nil)
	for i := range connections + 50 {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%3 > 0 {
			if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: local"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if status, _, _ := r.ask(t, "/reports/a/"); status != 200 {
		t.Errorf("status %d", status)
	}
}

// TestEndlessBody: what somebody sends without end is not waited for; the answer comes and the connection ends.
func TestEndlessBody(t *testing.T) {
	r := start(t, Options{}, nil)
	var sent []net.Conn
	for _, method := range []string{"POST", "GET"} {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, method+" / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\nx"); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, c)
	}
	for _, c := range sent {
		if err := c.SetReadDeadline(time.Now().Add(9 * time.Second)); err != nil { // the server's usual patience is 10 s
			t.Fatal(err)
		}
		if b, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 ") {
			t.Errorf("%v, %.60q", err, b)
		}
	}
}

// TestBroken: an answer on which the program itself fails is told on the terminal.
func TestBroken(t *testing.T) {
	said := ""
	s := &server{guard: newGuard("127.0.0.1", 1313, addresses), say: func(format string, args ...any) { said += fmt.Sprintf(format, args...) }}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/甲/", nil)) // there is no maker
	if w.Code != 500 || !strings.Contains(w.Body.String(), "程序出错") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(said, "做 /甲/ 时程序出错") || !strings.Contains(said, "goroutine") {
		t.Errorf("said: %s", said)
	}
}

// TestCookieOfPort: two previews on one machine do not overwrite each other's token.
func TestCookieOfPort(t *testing.T) {
	names := map[string]bool{}
	for _, port := range []int{1313, 1314} {
		g := newGuard("0.0.0.0", port, addresses)
		w := httptest.NewRecorder()
		if !g.admit(w, httptest.NewRequest("GET", "http://localhost/?token="+g.token, nil)) {
			t.Error("the token is not taken")
		}
		for _, c := range w.Result().Cookies() {
			names[c.Name] = true
		}
	}
	if len(names) != 2 {
		t.Errorf("cookies: %v", names)
	}
}
