// Package wire is what the targets share that are on another machine: what goes wrong between two, in words, and folders that are made
// once.
package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gongzhi/generator/publish"
)

// Known names the cause of a failed connection to a host, where it is one that people meet. An error that has been named
// already stays as it is.
func Known(host string, err error) error {
	var named *publish.Error
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case err == nil || errors.As(err, &named) || errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &dns) && dns.IsNotFound:
		return &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("没有“%s”这台服务器：请检查名字有没有写错，这台电脑能不能上网", host), Err: err}
	case errors.As(err, &dns):
		return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("查不到“%s”的地址：请检查这台电脑能不能上网", host), Err: err}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &publish.Error{Kind: publish.Clock, Text: fmt.Sprintf("“%s”的证书不在有效期内：请先看这台电脑的日期对不对；日期对，就请管理员更换证书", host), Err: err}
	case errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid):
		return &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("“%s”的证书不可信，为免密码泄露没有连接：请检查名字；服务器用的是自签的证书时，请管理员把签发它的证书装进这台电脑", host), Err: err}
	case errors.As(err, &record):
		return &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("“%s”的这个端口不讲 TLS：请检查端口，以及应当用 http 还是 https", host), Err: err}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("“%s”拒绝连接：请检查端口，看服务开着没有", host), Err: err}
	case errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH):
		return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("到不了“%s”：请检查网络", host), Err: err}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("“%s”没有回音：请检查网络和防火墙", host), Err: err}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
		return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("和“%s”的连接断了", host), Err: err}
	}
	return err
}

// Status names what a server has answered, by its code alone. The caller looks at the body first.
func Status(res *http.Response) *publish.Error {
	e := &publish.Error{Kind: publish.Unknown, After: After(res.Header.Get("Retry-After"), time.Now()), Err: errors.New(res.Status)}
	switch c := res.StatusCode; {
	case c == http.StatusUnauthorized:
		e.Kind, e.Text = publish.Login, "登录不成功：名字或密码不对"
	case c == http.StatusForbidden:
		e.Kind, e.Text = publish.Denied, "服务器不许这样做：请管理员检查这个用户的权限"
	case c == http.StatusRequestEntityTooLarge:
		e.Kind, e.Text = publish.Refused, "文件太大，服务器不收：请管理员放宽上传的大小"
	case c == http.StatusInsufficientStorage:
		e.Kind, e.Text = publish.Full, "服务器的空间满了，或者超出了配额：请先腾出空间"
	case c == http.StatusTooManyRequests || c == http.StatusServiceUnavailable || c == http.StatusLocked:
		e.Kind, e.Text = publish.Temporary, "服务器忙"
	case c >= 500:
		e.Kind, e.Text = publish.Temporary, "服务器出错"
	case c >= 300 && c < 400:
		e.Kind, e.Text = publish.Address, "服务器说地址变了，请到服务商那里核对地址"
		if to := res.Header.Get("Location"); len(to) < 500 && (strings.HasPrefix(to, "http://") || strings.HasPrefix(to, "https://")) {
			e.Text = "服务器说地址变了，请把地址改成“" + to + "”"
		}
	default:
		e.Kind, e.Text = publish.Refused, "服务器不收"
	}
	return e
}

// After reads the header Retry-After: seconds or a time.
func After(h string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(h)); err == nil && n > 0 && n < 1<<20 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(h); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}

// Client makes an HTTP client for many small requests to one host. It follows no redirect: what was meant for one server
// is not given to another.
func Client(parallel int) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = parallel, parallel, parallel
	t.ResponseHeaderTimeout = 0 // the run has its own limit
	t.DisableCompression = true // bytes are compared
	t.MaxResponseHeaderBytes = 256 << 10
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
