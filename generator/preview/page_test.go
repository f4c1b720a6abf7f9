package preview

import (
	"bytes"
	"net/url"
)

// untag takes the preview's script out of a page.
func untag(b []byte) []byte {
	from := bytes.LastIndex(b, []byte(`<script src="/_preview/client.js?`))
	if from < 0 {
		return b
	}
	tag := []byte("</script>\n")
	to := from + bytes.Index(b[from:], tag) + len(tag)
	return append(bytes.Clone(b[:from]), b[to:]...)
}

func escapePath(p string) string { return (&url.URL{Path: p}).EscapedPath() }
