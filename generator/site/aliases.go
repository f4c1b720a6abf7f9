package site

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
)

// aliases collects old URLs and refuses those that something else has.
func (j *joiner) aliases(reserved []string) {
	taken := map[string]diag.Pos{}
	for _, r := range j.all {
		if !r.Has(content.HasAliases) {
			continue
		}
		v := r.Role(content.OldURLs)
		v.Each(func(a *content.Value) {
			from := aliasPath(a.Text)
			key := aliasKey(from)
			pos := r.At(a)
			if other := j.keyed(key); other != nil && other != r {
				j.errorf(pos, "alias/taken", "旧网址“%s”现在是 %s 的网址。请删去这个旧网址，或给那条记录改名。", a.Text, other.Path)
				return
			} else if other == r {
				return // its own URL: nothing to redirect
			}
			if first, ok := taken[key]; ok {
				j.errorf(pos, "alias/duplicate", "旧网址“%s”在 %s:%d 已经用过。", a.Text, first.Path, first.Line)
				return
			}
			if bad := content.CheckID(unsaid.Replace(key)); bad != "" {
				j.errorf(pos, "alias/impossible", "旧网址“%s”做不成网站里的文件，请删去这一项。%s", shorten(a.Text), bad)
				return
			}
			seg, _, nested := strings.Cut(key, "/")
			if slices.ContainsFunc(j.Collections, func(c *Collection) bool { return c.Key == key }) || !nested && slices.Contains(reserved, key) || seg == "assets" || seg == "search" {
				j.errorf(pos, "alias/taken", "旧网址“%s”是网站自己的页面，不能用。", a.Text)
				return
			}
			taken[key] = pos
			j.Aliases = append(j.Aliases, Alias{From: from, To: r, Pos: pos})
		})
	}
}

// unsaid takes out the signs that no record's address may have but an old one may.
var unsaid = strings.NewReplacer("%", "_", "&", "_", "'", "_")

// shorten keeps a text that may be very long to its beginning.
func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "……"
	}
	return s
}

// aliasPath is the path of an old URL without the slashes at its ends. One that was copied from a browser's address bar is
// decoded, once.
func aliasPath(typed string) string {
	if t, err := url.PathUnescape(typed); err == nil && utf8.ValidString(t) {
		typed = norm.NFC.String(t)
	}
	return strings.Trim(path.Clean(typed), "/")
}

// aliasKey is what old URLs are compared by.
func aliasKey(from string) string { return strings.TrimSuffix(strings.ToLower(from), "/index.html") }

// IsFile reports whether an old URL is that of a file, to be answered at exactly this path, and not of a folder.
func (a *Alias) IsFile() bool {
	switch strings.ToLower(path.Ext(a.From)) {
	case ".html", ".htm", ".shtml", ".xhtml", ".php", ".asp", ".aspx", ".jsp":
		return true
	}
	return false
}

// byAlias finds the record that has an old URL.
func (j *joiner) byAlias(p string) *Record {
	if j.oldURLs == nil {
		j.oldURLs = map[string]*Record{}
		for _, r := range j.all {
			if r.Has(content.HasAliases) {
				r.Role(content.OldURLs).Each(func(a *content.Value) {
					if key := aliasKey(aliasPath(a.Text)); j.oldURLs[key] == nil {
						j.oldURLs[key] = r
					}
				})
			}
		}
	}
	return j.oldURLs[aliasKey(p)]
}
