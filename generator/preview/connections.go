package preview

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
)

// How many connections are open at once: of this machine, of one other machine, of all others together. A browser
// needs a handful.
const (
	connections      = 512
	connectionsHost  = 64
	connectionsOther = 256
)

// places is a listener that has so many places for this machine and so many for others, so that nobody in the network can
// keep the editor's own browser out. Where there is none left, the connection gives way on which nothing has been asked for
// the longest time: of the same machine, or of any other one where all others together are too many. So hundreds of connections
// that say nothing, or half of something, keep nobody out either. Only if all are being answered, who comes is let go at once.
type places struct {
	net.Listener

	mu    sync.Mutex
	taken map[netip.Addr]int // the zero address is this machine
	other int
	quiet []*placed // those that wait for a request, the longest first
}

func newPlaces(l net.Listener) *places { return &places{Listener: l, taken: map[netip.Addr]int{}} }

// Accept implements net.Listener.
func (p *places) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := hostOf(c.RemoteAddr())
		if !p.take(host) {
			if old := p.givesWay(host); old != nil {
				_ = old.Close() // it waited for nothing
			}
			if !p.take(host) {
				_ = c.Close() // it was not wanted
				continue
			}
		}
		out := &placed{Conn: c, host: host}
		out.leave = sync.OnceFunc(func() { p.leave(out) })
		p.state(out, http.StateIdle)
		return out, nil
	}
}

// state is told by the server what it does with a connection; it is active as soon as the head of a request has come whole.
func (p *places) state(c net.Conn, s http.ConnState) {
	at, ok := c.(*placed)
	if !ok || s == http.StateNew {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(at)
	if s == http.StateIdle && !at.left {
		p.quiet = append(p.quiet, at)
	}
}

func (p *places) forget(c *placed) {
	if i := slices.Index(p.quiet, c); i >= 0 {
		p.quiet = slices.Delete(p.quiet, i, i+1)
	}
}

// givesWay is the connection that may end so that one of host has a place, or nil.
func (p *places) givesWay(host netip.Addr) *placed {
	p.mu.Lock()
	defer p.mu.Unlock()
	others := host.IsValid() && p.taken[host] < connectionsHost // all of them together are too many
	for _, c := range p.quiet {
		if c.host == host || others && c.host.IsValid() {
			return c
		}
	}
	return nil
}

// hostOf is the address of another machine, or the zero address for this one. What can't be read is another.
func hostOf(a net.Addr) netip.Addr {
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.IPv6Unspecified()
	}
	host := p.Addr().Unmap().WithZone("")
	switch {
	case host.IsLoopback():
		return netip.Addr{}
	case host.Is6(): // one machine has all of a /64
		if net, err := host.Prefix(64); err == nil {
			return net.Addr()
		}
	}
	return host
}

func (p *places) take(host netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.taken[host]
	if host.IsValid() {
		if n >= connectionsHost || p.other >= connectionsOther {
			return false
		}
		p.other++
	} else if n >= connections {
		return false
	}
	p.taken[host] = n + 1
	return true
}

func (p *places) leave(c *placed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(c)
	c.left = true
	if c.host.IsValid() {
		p.other--
	}
	if p.taken[c.host]--; p.taken[c.host] == 0 {
		delete(p.taken, c.host)
	}
}

// placed is a connection that has a place until it is closed.
type placed struct {
	net.Conn
	host  netip.Addr
	left  bool // its place; under the lock of places
	leave func()
}

// Close implements net.Conn.
func (c *placed) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
