package publish

import (
	"hash/fnv"
	"path"
	"strings"

	"gongzhi/generator/output"
)

// What is sent, in this order, each stage only after the one before is complete at the target. So a page is never there
// before what it is drawn with, and a list never before the pages that it leads to.
const (
	assets = iota // styles, scripts, pictures, shards of the search index: new names beside the old ones
	roots         // what names them: the root of the search index and its program
	leaves        // pages of records
	lists         // pages that lead to them
	fronts        // the home page, feeds, the map of the site
	stages
)

// stage says when a file is sent.
func stage(p string) int {
	top, rest, deep := strings.Cut(p, "/")
	switch {
	case top == "search" && deep && path.Ext(p) != ".html" && !immutable(p):
		return roots
	case path.Ext(p) == ".xml" || path.Ext(p) == ".txt" || !deep && path.Ext(p) == ".html":
		return fronts
	case path.Ext(p) != ".html":
		return assets
	}
	dir := path.Dir(rest)
	if dir == "." { // COLLECTION/index.html
		return lists
	}
	switch top {
	case "browse", "chronicle", "names", "rolls", "series", "days":
		return lists
	}
	if path.Base(path.Dir(dir)) == "page" || strings.HasPrefix(dir, "page/") {
		return lists
	}
	return leaves
}

// immutable reports whether a file is named after its bytes, so that a browser may keep it for good: it has eight or more
// hexadecimal digits as its name, or before its extension.
func immutable(p string) bool {
	name := strings.TrimSuffix(path.Base(p), ".gz")
	switch path.Ext(name) {
	case ".html", ".xml", ".txt", "":
		return false
	}
	name = strings.TrimSuffix(name, path.Ext(name))
	if i := strings.LastIndexAny(name, ".-"); i >= 0 {
		name = name[i+1:]
	}
	if len(name) < 8 {
		return false
	}
	digits := 0
	for _, c := range name {
		if !strings.ContainsRune("0123456789abcdef", c) {
			return false
		}
		if c <= '9' {
			digits++
		}
	}
	// A date such as 20180501 is no digest, and facade is a word.
	return len(name) >= 12 || digits > 0 && digits < len(name)
}

// cacheFor is the cache header of a file.
func cacheFor(p string) string {
	if immutable(p) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// TypeFor is the content type that a file of a site has to be served with.
func TypeFor(p string) string {
	if p == "feed.xml" {
		return "application/atom+xml; charset=utf-8"
	}
	return output.MediaType(p)
}

// packable reports whether a file gets much smaller by gzip.
func packable(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".html", ".css", ".js", ".mjs", ".json", ".xml", ".txt", ".csv", ".svg", ".vtt", ".webmanifest":
		return true
	}
	return false
}

// headOf is a digest of the headers that a file is sent with, so that a change of them alone is seen.
func headOf(p, encoding string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(TypeFor(p) + "\n" + cacheFor(p) + "\n" + encoding))
	return h.Sum32()
}
