package preview

import (
	"fmt"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
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
// behind it.
func TestPlaces(t *testing.T) {
	l := &comers{}
	many := func(host string, n int) {
		for i := range n {
			l.from = append(l.from, fmt.Sprintf(host, 1000+i))
		}
	}
	p := newPlaces(l)
	accept := func() (n int, last net.Conn) {
		for {
			c, err := p.Accept()
			if err != nil {
				return n, last
			}
			n, last = n+1, c
		}
	}
	many("192.0.2.7:%d", 600)
	n, last := accept()
	if n != connectionsHost {
		t.Errorf("one machine has %d places", n)
	}
	many("192.0.2.8:%d", 3)
	many("[::ffff:192.0.2.7]:%d", 2) // the first one, written otherwise
	if n, _ := accept(); n != 3 {
		t.Errorf("another machine has %d places, want 3", n)
	}
	for i := range 10 {
		many(fmt.Sprintf("[2001:db8::%x]:%%d", i), 100) // one network, so one machine perhaps
	}
	if n, _ := accept(); n != connectionsHost {
		t.Errorf("a network of IPv6 has %d places", n)
	}
	for i := range 10 {
		many(fmt.Sprintf("198.51.100.%d:%%d", i), 60)
	}
	if n, _ := accept(); n != connectionsOther-2*connectionsHost-3 {
		t.Errorf("others have %d places", n)
	}
	many("127.0.0.1:%d", 300)
	many("[::1]:%d", 300)
	if n, _ := accept(); n != connections {
		t.Errorf("this machine has %d places", n)
	}
	last.Close()
	last.Close() // twice is once
	many("192.0.2.7:%d", 5)
	if n, _ := accept(); n != 1 {
		t.Errorf("%d places become free with one connection that is closed", n)
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
