package render

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/page"
	"gongzhi/generator/site"
)

// Gone names the records that stood in the site as it was last published and are no more: an address that people may have
// written down must not vanish unseen. published are the paths of that site, read gives the bytes of one. What
// still speaks of such a record, by its name, is named too. Records that are not published at this moment (drafts) are
// there.
func (g *Generation) Gone(published []string, read func(path string) ([]byte, error)) diag.List {
	var l diag.List
	for _, p := range published {
		key, rest, ok := strings.Cut(p, "/")
		if !ok || slices.Contains(page.Reserved(), key) {
			continue
		}
		folder, ok := strings.CutSuffix(rest, "index.html")
		list := ok && (folder == "" || strings.HasPrefix(folder, "page/"))
		switch {
		case !ok:
		case list:
			if schema := g.schemaOf(key); schema != nil && schema.Rows {
				l = append(l, g.rowsGone(schema, p, read)...)
			}
		case !g.Has(p) && !g.hiddenAt("/"+key+"/"+folder):
			name := heading(read, p)
			id := key + "/" + strings.TrimSuffix(folder, "/")
			at := "content/" + id + ".md"
			if schema := g.schemaOf(key); schema != nil {
				at = schema.Folder() + "/" + strings.TrimSuffix(folder, "/") + ".md"
			}
			l = append(l, diag.Warningf(diag.Pos{Path: at}, "record/gone",
				"上次生成的网站里有%s（/%s/），现在没有了。改了文件名的，在现在的记录里写 aliases: [/%s/]，旧网址就转过去；要撤下的，先放回来，再用 gongzhi withdraw %s，留下一页说明。%s",
				quoted(name), id, id, id, g.stillNamed(name)))
		}
	}
	return l
}

func (g *Generation) schemaOf(key string) *content.Schema {
	for _, s := range g.Set.Schemas {
		if s.Key == key {
			return s
		}
	}
	return content.FindSchema(nil, key)
}

// hiddenAt reports whether a record that is not published would stand at a URL.
func (g *Generation) hiddenAt(url string) bool {
	return slices.ContainsFunc(g.Site.Hidden, func(r *site.Record) bool { return r.Place() == url })
}

var (
	rowID   = regexp.MustCompile(` id="r-([^":]*)"`)
	titled  = regexp.MustCompile(`(?s)<(?:h1|title)[^>]*>(.*?)</(?:h1|title)>`)
	element = regexp.MustCompile(`<[^>]*>`)
)

// rowsGone finds the rows of a page of a list that there are no more.
func (g *Generation) rowsGone(schema *content.Schema, p string, read func(path string) ([]byte, error)) diag.List {
	b, err := read(p)
	if err != nil {
		return nil
	}
	var l diag.List
	for _, m := range rowID.FindAllSubmatch(b, -1) {
		id := strings.ReplaceAll(html.UnescapeString(string(m[1])), "\u00a0", " ")
		if g.Site.Find(schema.Key+"/"+id) == nil && !g.hiddenAt("/"+schema.Key+"/#r-"+id) {
			l = append(l, diag.Warningf(diag.Pos{Path: schema.Folder()}, "record/gone", "上次生成的网站里有%s“%s”（/%s/#r-%s），现在没有了。是误删的请放回来；改了编号的，请检查别处写着旧编号的地方。", schema.Label, id, schema.Key, id))
		}
	}
	return l
}

// heading is the title of a page that was published: its heading, or what its theme has instead.
func heading(read func(path string) ([]byte, error), p string) string {
	b, err := read(p)
	if err != nil {
		return ""
	}
	if i := bytes.Index(b, []byte("<main")); i >= 0 {
		b = b[i:]
	}
	m := titled.FindSubmatch(b)
	if m == nil {
		return ""
	}
	return html.UnescapeString(strings.TrimSpace(element.ReplaceAllString(string(m[1]), "")))
}

func quoted(name string) string {
	if name == "" {
		return "一条记录"
	}
	return "“" + name + "”"
}

// stillNamed says where the name of a record that is gone stands as text.
func (g *Generation) stillNamed(name string) string {
	places := g.Site.Unlinked(name)
	if len(places) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("写着这个名字的地方现在只是文字：")
	for i, p := range places[:min(5, len(places))] {
		if i > 0 {
			b.WriteString("、")
		}
		fmt.Fprintf(&b, "%s:%d", p.Path, p.Line)
	}
	if len(places) > 5 {
		fmt.Fprintf(&b, " 等 %d 处", len(places))
	}
	b.WriteString("。")
	return b.String()
}
