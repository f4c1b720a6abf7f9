package preview

import (
	"net"
	"net/netip"
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
// keep the editor's own browser out. Who finds none is let go at once.
type places struct {
	net.Listener

	mu    sync.Mutex
	taken map[netip.Addr]int // the zero address is this machine
	other int
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
		if p.take(host) {
			return &placed{Conn: c, leave: sync.OnceFunc(func() { p.leave(host) })}, nil
		}
		_ = c.Close() // it was not wanted
	}
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

func (p *places) leave(host netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if host.IsValid() {
		p.other--
	}
	if p.taken[host]--; p.taken[host] == 0 {
		delete(p.taken, host)
	}
}

// placed is a connection that has a place until it is closed.
type placed struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *placed) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
