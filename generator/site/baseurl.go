package site

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"gongzhi/generator/diag"
)

// ReadBaseURL reads the address that a site is published at: http or https, a host, perhaps a port and a path, and nothing
// else. It returns it in the form that stands in pages (a host with Chinese characters in its ASCII form, a slash at
// the end), or says in Chinese what is wrong with it.
func ReadBaseURL(s string) (base, fault string) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", "读不懂"
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return "", "缺少开头的 https:// 或域名"
	case u.User != nil:
		return "", "网址里不能有用户名和密码"
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return "", "网址里不能有 ? 和 #"
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if ip := strings.Trim(u.Host, "[]"); strings.Contains(ip, ":") && strings.HasPrefix(u.Host, "[") {
		host, err = "["+u.Hostname()+"]", nil
	}
	if err != nil || host == "" || strings.HasPrefix(host, ".") || strings.Contains(host, "..") || strings.ContainsAny(host, "_ ") {
		return "", fmt.Sprintf("域名“%s”不对", u.Hostname())
	}
	if p := u.Port(); p != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return "", fmt.Sprintf("端口“%s”不对，要在 1 和 65535 之间", p)
		}
		host += ":" + p
	}
	p := strings.TrimSuffix(u.EscapedPath(), "/")
	for i, seg := range strings.Split(strings.TrimPrefix(p, "/"), "/") {
		plain, err := url.PathUnescape(seg)
		switch {
		case seg == "" && (i > 0 || p != ""):
			return "", "路径里有两个连着的斜线（//），去掉一个"
		case err != nil || plain == "." || plain == ".." || strings.ContainsAny(plain, "\\\"<>`{}|^") || strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return "", fmt.Sprintf("路径里的“%s”不能用", plain)
		}
	}
	if strings.HasSuffix(u.EscapedPath(), "//") {
		return "", "路径里有两个连着的斜线（//），去掉一个"
	}
	return u.Scheme + "://" + host + p + "/", ""
}

// WebAddress gives an address on the web as it stands in a page for machines: a host with Chinese characters in its ASCII form,
// and what no address may hold percent-encoded, once. What can't be read as one stays.
func WebAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil && host != "" && !strings.HasPrefix(u.Host, "[") {
		if p := u.Port(); p != "" {
			host += ":" + p
		}
		u.Host = host
	}
	var q strings.Builder
	for _, b := range []byte(u.RawQuery) {
		if b <= ' ' || b >= 0x7f || strings.IndexByte("\"<>\\^`{|}'", b) >= 0 {
			fmt.Fprintf(&q, "%%%02X", b)
		} else {
			q.WriteByte(b)
		}
	}
	u.RawQuery = q.String()
	return u.String()
}

// Unaddressed warns of a site that is to be published and does not say where: its feed, its sitemap and what search
// engines read would lead to the reader's own machine.
func (s *Settings) Unaddressed() (l diag.List) {
	if !s.Addressed {
		l = append(l, diag.Warningf(diag.Pos{Path: "site.yaml"}, "settings/no-base-url", "没有写 baseURL，订阅源、站点地图和给搜索引擎的网址都会指到 %s。发布前请写上发布后的网址，如 baseURL: https://example.org/，或用 --base-url。", s.BaseURL))
	}
	return l
}

// SetBaseURL replaces the base URL. One that is wrong is left out, and said.
func (s *Settings) SetBaseURL(address string) (fault string) {
	base, fault := ReadBaseURL(address)
	if fault != "" {
		return fault
	}
	s.BaseURL, s.Base, s.Addressed = base, "/", true
	if _, p, ok := strings.Cut(strings.SplitN(base, "://", 2)[1], "/"); ok {
		s.Base = "/" + p
	}
	return ""
}
