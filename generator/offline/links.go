package offline

import (
	"bytes"
	"net/url"
	"path"
	"strings"
)

const unzip = `<p class="unzip" style="margin:2em;padding:1em;border:3px solid #b00;font-size:1.4em"><strong>请先解压。</strong>这个网站装在压缩包里，直接打开只能看到这一页，没有样式，链接也打不开。请关掉它，在压缩包上点右键，选“全部解压缩”（或“解压到…”），再打开解压出来的文件夹里的 index.html。</p>`

// page rewrites the links of a page, and lets it load what replaces fetching.
func (e *Edition) page(dst []byte, p string, b []byte) []byte {
	up := strings.Repeat("../", strings.Count(p, "/"))
	loader := `<script src="` + up + `search/offline.js"></script>` + "\n"
	loaded := false
	for len(b) > 0 {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			break
		}
		dst = append(dst, b[:i]...)
		b = b[i:]
		if bytes.HasPrefix(b, []byte("<!--")) {
			end := bytes.Index(b, []byte("-->"))
			if end < 0 {
				break
			}
			dst = append(dst, b[:end+3]...)
			b = b[end+3:]
			continue
		}
		end := tagEnd(b)
		tag := b[:end]
		name := tagName(tag)
		if name == "meta" && bytes.Contains(tag, []byte(`http-equiv="Content-Security-Policy"`)) {
			b = b[end:] // it is for the web: a file has no origin, so nothing would be its own
			continue
		}
		if name == "script" && !loaded && bytes.Contains(tag, []byte(" src=")) {
			dst = append(dst, loader...)
			loaded = true
		}
		if name == "/head" && p == "index.html" {
			dst = append(dst, `<link rel="stylesheet" href="search/unzip.css">`+"\n"...)
		}
		dst = e.tag(dst, name, tag, up)
		if name == "body" && p == "index.html" {
			dst = append(dst, unzip...)
		}
		b = b[end:]
		if name == "script" || name == "style" || name == "textarea" || name == "title" {
			stop := bytes.Index(b, []byte("</"+name))
			if stop < 0 {
				break
			}
			dst = append(dst, b[:stop]...)
			b = b[stop:]
		}
	}
	return append(dst, b...)
}

// tagEnd is the length of the tag that b begins with; a > inside quotes does not end it.
func tagEnd(b []byte) int {
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return len(b)
}

func tagName(tag []byte) string {
	n := 1
	for n < len(tag) && (tag[n] == '/' && n == 1 || tag[n] >= 'a' && tag[n] <= 'z' || tag[n] >= 'A' && tag[n] <= 'Z' || tag[n] >= '0' && tag[n] <= '9') {
		n++
	}
	return strings.ToLower(string(tag[1:n]))
}

// tag rewrites the addresses in the attributes of a tag. Our pages quote every attribute with ".
func (e *Edition) tag(dst []byte, name string, tag []byte, up string) []byte {
	for {
		i := bytes.Index(tag, []byte(`="`))
		if i < 0 {
			return append(dst, tag...)
		}
		start := i
		for start > 0 && tag[start-1] != ' ' && tag[start-1] != '\n' {
			start--
		}
		key := string(tag[start:i])
		n := bytes.IndexByte(tag[i+2:], '"')
		if n < 0 {
			return append(dst, tag...)
		}
		value := string(tag[i+2 : i+2+n])
		dst = append(dst, tag[:i+2]...)
		switch key {
		case "href", "src", "action", "poster", "data":
			value = e.address(value, up)
		case "srcset":
			var list []string
			for part := range strings.SplitSeq(value, ", ") {
				where, size, _ := strings.Cut(strings.TrimSpace(part), " ")
				list = append(list, strings.TrimSpace(e.address(where, up)+" "+size))
			}
			value = strings.Join(list, ", ")
		case "content":
			if before, where, ok := strings.Cut(value, "url="); ok && name == "meta" && bytes.Contains(tag[:i], []byte("content")) {
				value = before + "url=" + e.address(where, up)
			}
		}
		dst = append(dst, value...)
		tag = tag[i+2+n:]
		dst = append(dst, '"')
		tag = tag[1:]
	}
}

// address turns an address of the site into one that is relative to a page, and names the file.
func (e *Edition) address(a, up string) string {
	rest, ok := strings.CutPrefix(a, e.base)
	if !ok || strings.HasPrefix(a, "//") {
		return a
	}
	end := strings.IndexAny(rest, "?#")
	if end < 0 {
		end = len(rest)
	}
	p, tail := rest[:end], rest[end:]
	switch {
	case p == "" || strings.HasSuffix(p, "/"):
		p += "index.html"
	case path.Ext(p) == "":
		if plain, err := url.PathUnescape(p); err == nil && !e.has(plain) && e.has(plain+"/index.html") {
			p += "/index.html"
		}
	}
	return up + p + tail
}

func (e *Edition) has(p string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.paths[p]
}

// style rewrites the addresses of a style sheet.
func (e *Edition) style(dst []byte, p string, b []byte) []byte {
	up := strings.Repeat("../", strings.Count(p, "/"))
	for _, q := range []string{`"`, `'`, ""} {
		b = bytes.ReplaceAll(b, []byte("url("+q+e.base), []byte("url("+q+up))
	}
	return append(dst, b...)
}
