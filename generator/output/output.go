// Package output is what all who read or write a published folder have to agree on: the list of the files that builds
// wrote into it, the order in which files are written so that a reader who comes in between misses least, the types that
// they are served as, the lock under which the folder is changed, and the errors of its disk.
package output

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gongzhi/generator/folder"
)

const (
	// Own begins the name of every file and folder in an output that is ours but not the site's.
	Own = ".gongzhi-"
	// Manifest is the file at the root of an output that lists the files of the site.
	Manifest = Own + "manifest"
)

const (
	manifestHead = "gongzhi manifest 1\n"
	manifestTail = "end\n"
)

// FormatManifest lists the paths of a site: a line of version, then a path per line, sorted. The last line tells a whole
// list from one cut short; a path "end" cannot be confused with it, as every path is preceded by a space.
func FormatManifest(paths []string) []byte {
	paths = slices.Sorted(slices.Values(paths))
	b := make([]byte, 0, 32+64*len(paths))
	b = append(b, manifestHead...)
	for _, p := range paths {
		b = append(b, ' ')
		b = append(b, p...)
		b = append(b, '\n')
	}
	return append(b, manifestTail...)
}

// ParseManifest gives the paths of a list, in its order. One that is damaged counts as none, and ok is false: then files
// can be kept that should have gone, but none is lost.
func ParseManifest(b []byte) (paths []string, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte(manifestHead))
	b, whole := bytes.CutSuffix(b, []byte(manifestTail))
	if !ok || !whole {
		return nil, false
	}
	paths = make([]string, 0, bytes.Count(b, []byte("\n")))
	for line := range strings.Lines(string(b)) {
		p, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), " ")
		if !ok || !fs.ValidPath(p) || p == ".git" || strings.HasPrefix(p, ".git/") {
			return nil, false
		}
		paths = append(paths, p)
	}
	return paths, true
}

// Files gives the paths of the site that a build has written to dir, sorted. The error says, in Chinese, that there is
// none: no list, or a damaged one.
func Files(dir string) ([]string, error) {
	b, err := folder.ReadFile(filepath.Join(dir, Manifest), 1<<30)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("“%s”里没有生成好的网站。先运行 gongzhi build", dir)
	} else if err != nil {
		return nil, Failed("读取", filepath.Join(dir, Manifest), err)
	}
	paths, ok := ParseManifest(b)
	if !ok {
		return nil, fmt.Errorf("“%s”里的文件清单（%s）坏了。请再运行一次 gongzhi build", dir, Manifest)
	}
	return paths, nil
}

// Order compares two paths of a site by when they are to be written: first what pages need, then pages from the depth up,
// so that lists follow what they name, and the front page comes last. Sort by it stably.
func Order(a, b string) int { return cmp.Compare(rank(a), rank(b)) }

func rank(p string) int {
	if !strings.HasSuffix(p, ".html") {
		return -1 << 20
	}
	return -strings.Count(p, "/")
}

// MediaType is what a file of a site is served as. It goes by the name alone: what the system thinks of an extension
// differs from machine to machine.
func MediaType(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".html", ".htm", ".shtml", ".xhtml", ".php", ".asp", ".aspx", ".jsp": // the last ones are old addresses, each a page that leads on
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".xml":
		return "application/xml; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".json":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".avif":
		return "image/avif"
	case ".webp":
		return "image/webp"
	case ".mp3":
		return "audio/mpeg"
	case ".m4a":
		return "audio/mp4"
	case ".mp4":
		return "video/mp4"
	case ".webm":
		return "video/webm"
	case ".wav":
		return "audio/wav"
	case ".ogg":
		return "audio/ogg"
	case ".flac":
		return "audio/flac"
	case ".ofd":
		return "application/ofd"
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case ".doc":
		return "application/msword"
	case ".wps":
		return "application/vnd.ms-works"
	case ".xls":
		return "application/vnd.ms-excel"
	case ".ppt":
		return "application/vnd.ms-powerpoint"
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".vtt":
		return "text/vtt; charset=utf-8"
	case ".ico":
		return "image/vnd.microsoft.icon"
	case ".gz":
		return "application/gzip"
	case ".zip":
		return "application/zip"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".png", ".jpg", ".jpeg", ".gif", ".pdf", ".wasm":
		return mime.TypeByExtension(ext) // built into the standard library
	}
	return "application/octet-stream"
}
