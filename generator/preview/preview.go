// Package preview serves the site over HTTP while its source is being edited, and shows what was saved at
// once.
//
// The watcher notes what may have changed, the maker makes a new state of it (an immutable generation of
// package render with what is wrong in it), and every request and every open tab sees one state. A request that
// comes after a change was noticed waits for the state that has it. Nothing is written to disk.
//
// While a file has a fault, what it last held without one stands for it, and the fault is laid over the pages
// that have to do with that file; all other pages go on showing what was saved. So one broken file, which may
// be a colleague's, never freezes the preview, and half a sentence being typed never empties a list.
package preview

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"gongzhi/generator/folder"
	"gongzhi/generator/spool"
)

// Options say what to preview and how.
type Options struct {
	Source string        // folder that holds site.yaml and content/
	Theme  fs.FS         // the default theme
	Bind   string        // address or name to listen on
	Port   int           // first port to try; 0 is any
	Poll   time.Duration // look for changes by ourselves at this interval; 0: let the system tell
	// Pictures is the folder that keeps what is made of pictures; none if it is empty.
	Pictures string
	// Texts, if not nil, takes the texts of the records out of memory. It must be open until Run returns.
	Texts *spool.Spool
	// Say takes each line for the editor.
	Say func(format string, args ...any)
	// Draw is given a drawing for a terminal, with its colours. Say gets it if it is nil.
	Draw func(text string)
	// Ready is called with the preview's URL when it answers. May be nil.
	Ready func(url string)
}

// portsTried is how many ports are tried, one after the other.
const portsTried = 100

// Run previews until ctx is done. The error says in Chinese why it could not.
func Run(ctx context.Context, opt Options) error {
	source, err := filepath.Abs(opt.Source)
	if err != nil {
		return err
	}
	// The watches report the paths that they were set with; links on the way would only confuse them.
	if real, err := filepath.EvalSymlinks(source); err == nil {
		source = real
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	listener, err := listen(opt.Bind, opt.Port, opt.Say)
	if err != nil {
		return err
	}
	defer listener.Close()

	m := newMaker(folder.NewSite(source), opt.Theme)
	m.pictures, m.texts = opt.Pictures, opt.Texts
	var full sync.Once
	m.full = func(err error) { full.Do(func() { opt.Say("%v。预览照常，只是多占内存。", err) }) }
	how := watch(ctx, source, m.dirty, opt.Poll, opt.Say)
	first := m.make(nil, 0)
	if first.gen == nil {
		return first.err
	}
	addr := listener.Addr().(*net.TCPAddr)
	s := &server{maker: m, guard: newGuard(opt.Bind, addr.Port, addresses), say: opt.Say, tabs: make(chan struct{}, tabLimit), source: source, run: rand.Text(), done: ctx.Done()}
	places := newPlaces(listener)
	h := &http.Server{
		Handler: s, ConnState: places.state, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 60 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: quietLog(),
	}
	go func() {
		<-ctx.Done()
		// Requests under way get a moment; tabs that listen have ended with ctx.
		stop, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		if h.Shutdown(stop) != nil {
			if err := h.Close(); err != nil {
				opt.Say("%v", err)
			}
		}
	}()
	home := "http://" + net.JoinHostPort(nameOf(opt.Bind, addr), strconv.Itoa(addr.Port)) + first.gen.Settings.Base
	opt.Say("预览：%s", home)
	greet(opt, s, first, addr, how)
	if opt.Ready != nil {
		opt.Ready(home)
	}
	go m.complete(ctx)
	go m.run(ctx, func(before, after *state, took time.Duration) { opt.Say("%s", report(before, after, took)) })
	if err := h.Serve(places); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("预览停了：%w", err)
	}
	return nil
}

// listen opens the port, or the next free one.
func listen(bind string, port int, say func(format string, args ...any)) (net.Listener, error) {
	for n := port; n < port+portsTried && n < 65536; n++ {
		l, err := net.Listen("tcp", net.JoinHostPort(bind, strconv.Itoa(n)))
		switch {
		case err == nil:
			if n != port {
				say("端口 %d 已被别的程序占用，改用 %d。", port, l.Addr().(*net.TCPAddr).Port)
			}
			return l, nil
		case errors.Is(err, errBusy):
		case errors.Is(err, errElsewhere) && bind == "127.0.0.1":
			bind, n = "::1", n-1 // a machine without IPv4
		case errors.Is(err, errElsewhere):
			return nil, fmt.Errorf("这台电脑没有 %s 这个地址，请用 --bind 换一个，如 127.0.0.1", bind)
		case errors.Is(err, errForbidden) && n >= 1024: // Windows keeps ranges of ports for itself, and those that others have alone
		case errors.Is(err, errForbidden):
			return nil, fmt.Errorf("没有权限用端口 %d，请用 --port 换一个大于 1023 的", n)
		default:
			return nil, fmt.Errorf("不能在 %s 的端口 %d 上预览：%w", bind, n, err)
		}
	}
	return nil, fmt.Errorf("端口 %d 和后面的 %d 个都被占用，请用 --port 换一个", port, portsTried-1)
}

// nameOf is the name by which this machine's browser reaches the server.
func nameOf(bind string, addr *net.TCPAddr) string {
	if a, err := netip.ParseAddr(bind); err == nil && a.Is4() && (a.IsLoopback() || a.IsUnspecified()) && addr.IP.To4() != nil || addr.IP.IsUnspecified() {
		return "localhost"
	}
	return addr.IP.String()
}

// greet says at the start what an editor should know.
func greet(opt Options, s *server, first *state, addr *net.TCPAddr, how string) {
	g, say, draw := first.gen, opt.Say, opt.Draw
	if draw == nil {
		draw = func(text string) { say("%s", text) }
	}
	line := fmt.Sprintf("%d 条记录", g.Records())
	if n := g.HiddenCount(); n > 0 {
		line += fmt.Sprintf("，其中 %d 条不发布（%s）", n, g.HiddenReasons())
	}
	if n := g.Diags.Errors(); n > 0 {
		line += fmt.Sprintf("，%d 个错误", n)
	}
	say("%s。改动靠%s。总览：%s_preview/。按 Ctrl-C 结束。", line, how, "/")
	if s.guard.token == "" {
		return
	}
	say("注意：同一网络里的人都能打开预览。草稿和未发布的内容要带下面网址里的口令才看得到。")
	for _, a := range addresses() {
		if a.IsLoopback() || a.IsLinkLocalUnicast() || !addr.IP.IsUnspecified() && addr.IP.String() != a.String() {
			continue
		}
		u := url.URL{Scheme: "http", Host: net.JoinHostPort(a.String(), strconv.Itoa(addr.Port)), Path: g.Settings.Base, RawQuery: "token=" + s.guard.token}
		say("手机扫码，或打开：%s", u.String())
		if code, err := code(u.String()); err == nil {
			draw(code)
		}
		break
	}
}
