// Package look opens a published site as a reader would, and says in plain Chinese what the server does wrong.
package look

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/wire"
)

// A Finding is one thing that is not as it should be.
type Finding struct {
	ID   string `json:"id"`   // stable name, also the anchor in docs/servers.md
	Text string `json:"text"` // what is wrong and what to do
}

// Options say what to look at.
type Options struct {
	BaseURL string
	Paths   []string                             // the files of the site
	Same    func(path string, body []byte) bool  // whether these are the bytes of a file
	Client  *http.Client                         // nil: a usual one
	Pause   func(context.Context, time.Duration) // before a second look at what may still be old; nil: not at all
}

// Local reports whether an address is one that nobody else can open, so that there is nothing to look at.
func Local(baseURL string) bool {
	u, err := url.Parse(baseURL)
	return err != nil || u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".invalid") || slices.Contains([]string{"example.org", "example.com", "www.example.org"}, u.Hostname())
}

type looker struct {
	ctx  context.Context
	opt  Options
	base *url.URL
	out  []Finding
}

type answer struct {
	*http.Response
	body []byte
	hops []string
}

// Look fetches one file of each kind.
func Look(ctx context.Context, opt Options) ([]Finding, error) {
	base, err := url.Parse(opt.BaseURL)
	if err != nil {
		return nil, err
	}
	if opt.Client == nil {
		opt.Client = wire.Client(4)
	}
	l := &looker{ctx: ctx, opt: opt, base: base}
	home, err := l.get(base, "")
	if err != nil {
		return nil, err
	}
	if !l.home(home) {
		return l.out, nil // what follows would say the same again
	}
	l.page()
	for _, kind := range []string{".css", ".js", ".json", ".bin", ".svg", ".jpg", ".png", ".webp", ".xml", ".pdf", ".mp4"} {
		i := slices.IndexFunc(opt.Paths, func(p string) bool { return path.Ext(p) == kind })
		if i >= 0 {
			l.file(opt.Paths[i])
		}
	}
	l.missing()
	l.https()
	return l.out, nil
}

func (l *looker) find(id, format string, args ...any) {
	if !slices.ContainsFunc(l.out, func(f Finding) bool { return f.ID == id }) {
		l.out = append(l.out, Finding{id, fmt.Sprintf(format, args...)})
	}
}

// get opens an address below base, and follows redirects, which it counts.
func (l *looker) get(base *url.URL, p string) (*answer, error) {
	u := *base
	u.Path += p
	a := &answer{}
	for range 6 {
		r, err := http.NewRequestWithContext(l.ctx, "GET", u.String(), nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Cache-Control", "no-cache")
		r.Header.Set("User-Agent", "Mozilla/5.0 (gongzhi publish)")
		res, err := l.opt.Client.Do(r)
		if err != nil {
			return nil, wire.Known(u.Hostname(), err)
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, 32<<20))
		res.Body.Close()
		if err != nil {
			return nil, wire.Known(u.Hostname(), err)
		}
		a.Response, a.body = res, body
		where := res.Header.Get("Location")
		if res.StatusCode/100 != 3 || where == "" {
			return a, nil
		}
		next, err := u.Parse(where)
		if err != nil {
			return a, nil
		}
		a.hops = append(a.hops, next.String())
		u = *next
	}
	return a, nil
}

func (a *answer) media() string {
	t, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		return a.Header.Get("Content-Type")
	}
	return t
}

func (l *looker) home(a *answer) bool {
	where := l.base.String()
	if len(a.hops) > 0 {
		last := a.hops[len(a.hops)-1]
		if strings.HasPrefix(last, "https:") && l.base.Scheme == "http" {
			l.find("https", "%s 转到了 %s。请把 site.yaml 的 baseURL 改成 https:// 开头的，再发布一次。", where, last)
		} else if last != where {
			l.find("redirect", "%s 转到了 %s。请检查 baseURL 写得对不对，或者服务器的跳转设置。", where, last)
		}
	}
	switch {
	case a.StatusCode == http.StatusOK:
	case a.StatusCode == http.StatusUnauthorized:
		l.find("private", "打开 %s 要登录。网站要给所有人看时，请取消登录的要求。", where)
		return false
	case a.StatusCode == http.StatusForbidden || a.StatusCode == http.StatusNotFound:
		if direct, err := l.get(l.base, "index.html"); err == nil && direct.StatusCode == http.StatusOK {
			l.find("index", "打开 %s 得到 %d，而 index.html 打得开：服务器没有把 index.html 设为默认首页。", where, a.StatusCode)
			return false
		}
		if l.base.Path != "/" {
			root := *l.base
			root.Path = "/"
			if r, err := l.get(&root, ""); err == nil && r.StatusCode == http.StatusOK && l.opt.Same("index.html", r.body) {
				l.find("sub-path", "baseURL 写的是子目录 %s，网站却放在了域名的根上。请把发布的位置改到子目录，或者把 baseURL 改成 %s，再发布一次。", l.base.Path, root.String())
				return false
			}
		}
		if a.StatusCode == http.StatusForbidden {
			l.find("private", "打开 %s 得到 403：服务器不许读。对象存储要把权限设为“公共读”；nginx、Apache 要让它的用户读得到这些文件。", where)
		} else {
			l.find("not-there", "%s 上没有网站（404）。请检查 baseURL、域名的解析，以及发布的位置是不是服务器的网站文件夹。", where)
		}
		return false
	default:
		l.find("server", "打开 %s 得到 %s。请管理员看服务器的日志。", where, a.Status)
		return false
	}
	l.download(a, "网页")
	if a.media() != "text/html" {
		l.find("type", "首页的类型是“%s”，应当是 text/html，浏览器不会把它当网页显示。请检查服务器的类型（MIME）设置。", a.Header.Get("Content-Type"))
	} else if cs := strings.ToLower(a.Header.Get("Content-Type")); strings.Contains(cs, "charset") && !strings.Contains(cs, "utf-8") {
		l.find("charset", "服务器说网页的编码是“%s”，应当是 utf-8，汉字会成乱码。", a.Header.Get("Content-Type"))
	}
	if !l.opt.Same("index.html", a.body) {
		if bytes.Contains(a.body, []byte("<html")) && l.opt.Pause != nil {
			l.opt.Pause(l.ctx, 2*time.Second)
			if again, err := l.get(l.base, "?gongzhi"); err == nil && l.opt.Same("index.html", again.body) {
				return true
			}
		}
		l.find("stale", "%s 显示的不是刚发布的首页：可能是 CDN 或服务器的缓存还没有更新，也可能域名指着别的地方，或者有东西改写了网页。", where)
	}
	return true
}

// download says that a browser will save what it should show.
func (l *looker) download(a *answer, what string) {
	force := a.Header.Get("X-Oss-Force-Download") == "true" || a.Header.Get("X-Cos-Force-Download") == "true"
	if d := strings.ToLower(a.Header.Get("Content-Disposition")); strings.HasPrefix(d, "attachment") || force {
		l.find("download", "打开%s会变成下载。对象存储的默认域名都是这样，请绑定自己的、备过案的域名，把 baseURL 改成它。", what)
	}
}

// page opens a page in a folder, with Han in its address if there is one.
func (l *looker) page() {
	best := ""
	for _, p := range l.opt.Paths {
		dir, ok := strings.CutSuffix(p, "/index.html")
		if !ok {
			continue
		}
		han := strings.ContainsFunc(dir, func(r rune) bool { return r > unicode.MaxASCII })
		if best == "" || han {
			best = dir
		}
		if han {
			break
		}
	}
	if best == "" {
		return
	}
	a, err := l.get(l.base, best+"/")
	if err != nil {
		l.find("server", "打开 %s/ 时%v。", best, err)
		return
	}
	u := *l.base
	u.Path += best + "/"
	if a.StatusCode != http.StatusOK || !l.opt.Same(best+"/index.html", a.body) && !bytes.Contains(a.body, []byte("<html")) {
		direct, err := l.get(l.base, best+"/index.html")
		switch {
		case err == nil && direct.StatusCode == http.StatusOK:
			l.find("sub-index", "首页打得开，%s 却打不开（%d）：服务器没有给子文件夹设默认首页。", u.String(), a.StatusCode)
		case strings.ContainsFunc(best, func(r rune) bool { return r > unicode.MaxASCII }):
			l.find("han", "%s 打不开（%d）：文件已经送到，服务器却认不得地址里的汉字。FTP 目标请试 encoding: gbk 或 utf-8；IIS、nginx 请按 UTF-8 存放文件名。", u.String(), a.StatusCode)
		default:
			l.find("not-there", "%s 打不开（%d），文件却已经送到：请检查发布的位置是不是服务器的网站文件夹。", u.String(), a.StatusCode)
		}
		return
	}
	if upper := strings.ToUpper(best); upper != best {
		if c, err := l.get(l.base, upper+"/"); err == nil && c.StatusCode == http.StatusOK && l.opt.Same(best+"/index.html", c.body) {
			l.find("case", "这台服务器不分大小写，同一页有几个地址。网站能用；只是别处的链接写错大小写时看不出来，换到分大小写的服务器就会断。")
		}
	}
	if s, err := l.get(l.base, best); err == nil && s.StatusCode != http.StatusOK {
		l.find("slash", "%s 打得开，不带最后的斜线就打不开（%d）。站内的链接都带斜线，只有手敲的地址会遇到；能设跳转就设一个。", u.String(), s.StatusCode)
	}
}

// types are what browsers accept for an extension; they refuse a script or a style of another type.
var types = map[string][]string{
	".css": {"text/css"}, ".js": {"text/javascript", "application/javascript", "application/x-javascript"}, ".svg": {"image/svg+xml"},
	".jpg": {"image/jpeg"}, ".png": {"image/png"}, ".webp": {"image/webp"}, ".xml": {"application/xml", "text/xml", "application/atom+xml"},
	".pdf": {"application/pdf"}, ".mp4": {"video/mp4"},
}

var names = map[string]string{".css": "样式", ".js": "脚本", ".json": "检索的目录", ".bin": "检索的索引", ".svg": "图标", ".jpg": "图片", ".png": "图片", ".webp": "图片",
	".xml": "订阅源和网站地图", ".pdf": "PDF", ".mp4": "视频"}

func (l *looker) file(p string) {
	ext := path.Ext(p)
	a, err := l.get(l.base, p)
	switch {
	case err != nil:
		l.find("server", "打开 %s 时%v。", p, err)
	case a.StatusCode == http.StatusNotFound && (ext == ".bin" || ext == ".json" || ext == ".webp" || ext == ".svg"):
		l.find("extension", "%s（%s）得到 404，文件却已经送到：IIS 不给没有登记的扩展名，请为 %s 添加类型 %s。", names[ext], p, ext, publish.TypeFor(p))
	case a.StatusCode != http.StatusOK:
		l.find("file", "%s（%s）打不开：%s。", names[ext], p, a.Status)
	default:
		if ext != ".pdf" {
			l.download(a, names[ext])
		}
		if want := types[ext]; want != nil && !slices.Contains(want, a.media()) {
			l.find("type", "%s（%s）的类型是“%s”，应当是 %s，浏览器会不用它。请检查服务器的类型（MIME）设置。", names[ext], p, a.Header.Get("Content-Type"), want[0])
		} else if !l.opt.Same(p, a.body) {
			l.find("changed", "%s（%s）的内容和送去的不一样：有缓存还没有更新，或者服务器、CDN 改写了它（请关掉“页面优化”“压缩合并”一类的功能）。", names[ext], p)
		}
	}
}

// missing opens an address that is not there.
func (l *looker) missing() {
	const p = "gongzhi-no-such-page/"
	a, err := l.get(l.base, p)
	switch {
	case err != nil:
	case a.StatusCode == http.StatusOK:
		l.find("soft-404", "没有的网址也回答 200，搜索引擎会当成真的网页收录。请把 404 页设成状态码 404。")
	case !l.opt.Same("404.html", a.body):
		l.find("404", "没有的网址（得到 %d）显示的不是网站的 404 页。请把错误页设为 404.html。", a.StatusCode)
	}
}

func (l *looker) https() {
	u := *l.base
	if u.Scheme == "https" {
		u.Scheme, u.Host = "http", u.Hostname()
		a, err := l.get(&u, "")
		if err == nil && a.StatusCode == http.StatusOK && !slices.ContainsFunc(a.hops, func(h string) bool { return strings.HasPrefix(h, "https:") }) {
			l.find("https", "%s 用 http 打开时没有转到 https。请在服务器上设置跳转。", u.String())
		}
		return
	}
	u.Scheme, u.Host = "https", u.Hostname()
	if a, err := l.get(&u, ""); err == nil && a.StatusCode == http.StatusOK && l.opt.Same("index.html", a.body) {
		l.find("https", "网站用 https 也打得开。请把 site.yaml 的 baseURL 改成 %s，再发布一次。", u.String())
	}
}

// Words puts the error of Look into a sentence.
func Words(err error) string {
	var e *publish.Error
	if errors.As(err, &e) {
		return "网站的网址打不开：" + e.Text
	}
	return "网站的网址打不开：" + err.Error()
}
