package markdown

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/util"

	"gongzhi/generator/han"
)

// special marks the bytes that cannot go into HTML text as they are, or that mean something in Markdown.
var special = [256]bool{'&': true, '<': true, '>': true, '\\': true}

// unescaped writes Markdown text: backslash escapes and entities are resolved, the result is escaped for HTML.
func (w *writer) unescaped(b []byte) {
	if w.dirty {
		b = []byte(drop(string(b)))
	}
	from := 0
	for i := 0; i < len(b); i++ {
		if !special[b[i]] {
			continue
		}
		w.dst = append(w.dst, b[from:i]...)
		from = i + 1
		switch b[i] {
		case '<':
			w.write("&lt;")
		case '>':
			w.write("&gt;")
		case '&':
			if text, size := entity(b[i:]); size > 0 {
				w.dst = appendText(w.dst, drop(text))
				i += size - 1
				from = i + 1
			} else {
				w.write("&amp;")
			}
		case '\\':
			if i+1 < len(b) && util.IsPunct(b[i+1]) {
				i++
				w.dst = appendText(w.dst, string(b[i:i+1]))
				from = i + 1
			} else {
				w.dst = append(w.dst, '\\')
			}
		}
	}
	w.dst = append(w.dst, b[from:]...)
}

// entity reads an entity at the start of b: its text and its length in b, which is 0 if there is none.
func entity(b []byte) (text string, size int) {
	end := 1
	for end < len(b) && end < 40 && (isAlnum(b[end]) || b[end] == '#' && end == 1) {
		end++
	}
	if end >= len(b) || b[end] != ';' || end == 1 {
		return "", 0
	}
	name := string(b[1:end])
	if name[0] != '#' {
		e, ok := util.LookUpHTML5EntityByName(name)
		if !ok {
			return "", 0
		}
		return string(e.Characters), end + 1
	}
	digits, base, most := name[1:], 10, 7
	if len(digits) > 0 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base, most = digits[1:], 16, 6
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || len(digits) > most {
		return "", 0
	}
	r := rune(n)
	if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || !utf8.ValidRune(r) {
		r = utf8.RuneError
	}
	return string(r), end + 1
}

// literal writes text that may hold characters from entities.
func (w *writer) literal(s string) { w.dst = appendText(w.dst, drop(s)) }

// escape writes a piece of the source as it is, such as code.
func (w *writer) escape(b []byte) {
	if w.dirty {
		w.literal(string(b))
		return
	}
	w.dst = appendText(w.dst, string(b))
}

// appendText appends s escaped for HTML text.
func appendText(dst []byte, s string) []byte { return appendEscaped(dst, s, false) }

func appendEscaped(dst []byte, s string, quotes bool) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var e string
		switch s[i] {
		case '<':
			e = "&lt;"
		case '>':
			e = "&gt;"
		case '&':
			e = "&amp;"
		case '"':
			if !quotes {
				continue
			}
			e = "&quot;"
		default:
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = append(dst, e...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}

// appendAttr appends s escaped for an attribute in double quotes, without characters that a page must not hold.
func appendAttr(dst []byte, s string) []byte { return appendEscaped(dst, drop(s), true) }

func appendInt(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }

// appendURL appends an absolute URL for an attribute, percent-encoding what RFC 3986 does not allow in one. The host is
// left alone: it has its own encoding.
func appendURL(dst []byte, target string) []byte {
	host := 0
	if i := strings.Index(target, "://"); i >= 0 {
		host = len(target)
		if j := strings.IndexAny(target[i+3:], "/?#"); j >= 0 {
			host = i + 3 + j
		}
	}
	return appendAttr(append(dst, target[:host]...), string(util.URLEscape([]byte(target[host:]), false)))
}

// schemes that may be linked to.
var schemes = [...]string{"https", "http", "mailto", "tel"}

// checkTarget gives the scheme of a link that leads out of the site, "" for one that stays, and a sentence
// about what is wrong with it, if anything is.
func checkTarget(target string) (scheme, fault string) {
	switch {
	case target == "":
		return "", "链接没有地址：请在圆括号里写上地址"
	case strings.IndexFunc(target, func(r rune) bool { return r < ' ' || r == 0x7f || unwanted(r) != han.Visible || r == utf8.RuneError }) >= 0:
		return "", "链接地址里有看不见的控制字符：请重新输入"
	case strings.HasPrefix(strings.TrimLeft(target, " "), "//"):
		return "", "链接地址以 // 开头：外站请写全 https://，本站请只用一个 /"
	}
	i := strings.IndexAny(target, ":/?#")
	if i < 0 || target[i] != ':' {
		if strings.Contains(target, `\`) { // browsers take it for /, so /\host leads out of the site
			return "", `链接地址里有 \：请改用 /`
		}
		return "", ""
	}
	name := strings.ToLower(target[:i])
	for _, s := range schemes {
		if name == s {
			scheme = s
		}
	}
	if scheme == "" {
		return "", "链接地址不能以 “" + shorten(target[:i+1]) + "” 开头：只可用 https、http、mailto、tel，或本站的路径"
	}
	rest := target[i+1:]
	if scheme == "http" || scheme == "https" {
		host, ok := strings.CutPrefix(rest, "//")
		if j := strings.IndexAny(host, "/?#"); j >= 0 {
			host = host[:j]
		}
		if !ok || host == "" || strings.ContainsAny(host, ` "'<>%^{}|\`+"`") {
			return "", "网址不完整或写错了：要像 https://www.example.cn/ 这样"
		}
	} else if rest == "" {
		return "", "链接地址不完整：" + scheme + ": 后面是空的"
	}
	return scheme, ""
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}
