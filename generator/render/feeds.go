package render

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"gongzhi/generator/dates"
	"gongzhi/generator/site"
)

// Limits of the sitemap protocol (sitemaps.org): URLs in one file.
const sitemapLimit = 50000

// text escapes for XML; characters that XML can't hold become U+FFFD.
func text(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return b.String()
}

// feedTime is a record's date as Atom wants one: the beginning of its day in the site's zone. Atom has no
// form for a date that is known only to the year; the feed shows such a record with the year's first day.
func (g *Generation) feedTime(d dates.Date) string {
	t := d.Start(g.Settings.Zone)
	if t.IsZero() {
		t = time.Date(1970, 1, 1, 0, 0, 0, 0, g.Settings.Zone)
	}
	return t.Format(time.RFC3339)
}

// feed makes the Atom feed (RFC 4287) of the collections that ask for it. Its time is that of its newest
// entry, since a build never looks at the clock.
func (g *Generation) feed(b *bytes.Buffer) error {
	var records []*site.Record
	for _, c := range g.Site.Collections {
		if c.Feed {
			records = append(records, c.Records...)
		}
	}
	slices.SortStableFunc(records, func(a, b *site.Record) int {
		if a.Day.IsZero() || b.Day.IsZero() {
			return a.Day.Compare(b.Day) // without a date last
		}
		return b.Day.Compare(a.Day)
	})
	records = records[:min(g.Settings.FeedSize, len(records))]
	b.WriteString(xml.Header)
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-Hans">` + "\n")
	fmt.Fprintf(b, "<title>%s</title>\n", text(g.Settings.Title))
	if g.Settings.Subtitle != "" {
		fmt.Fprintf(b, "<subtitle>%s</subtitle>\n", text(g.Settings.Subtitle))
	}
	fmt.Fprintf(b, `<link href="%s"/>`+"\n"+`<link rel="self" type="application/atom+xml" href="%s"/>`+"\n<id>%s</id>\n", text(g.Settings.BaseURL), text(g.absolute("/feed.xml")), text(g.Settings.BaseURL))
	updated := "1970-01-01T00:00:00Z"
	if len(records) > 0 {
		updated = g.feedTime(records[0].Day)
	}
	fmt.Fprintf(b, "<updated>%s</updated>\n", updated)
	author := g.Settings.Organizer
	if author == "" {
		author = g.Settings.Title
	}
	fmt.Fprintf(b, "<author><name>%s</name></author>\n", text(author))
	for _, r := range records {
		u := g.absolute(r.URL)
		fmt.Fprintf(b, "<entry>\n<title>%s</title>\n<link href=\"%s\"/>\n<id>%s</id>\n<updated>%s</updated>\n", text(r.Title), text(u), text(u), g.feedTime(r.Day))
		if v := r.Value("author"); v != nil {
			fmt.Fprintf(b, "<author><name>%s</name></author>\n", text(r.Display(v)))
		}
		if s := summary(r); s != "" {
			fmt.Fprintf(b, "<summary>%s</summary>\n", text(s))
		}
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
	return nil
}

// sitemapURLs are the pages that a search engine should know: all but further pages of lists, redirects
// and the search page.
func (l *layout) sitemapURLs() []string {
	urls := make([]string, 0, len(l.paths))
	for _, p := range l.paths {
		if !strings.HasSuffix(p, "index.html") || p == "search/index.html" || strings.Contains(p, "/page/") {
			continue
		}
		urls = append(urls, "/"+strings.TrimSuffix(p, "index.html"))
	}
	return urls
}

// routeSitemap lays out sitemap.xml, and its parts when there are more URLs than one file may hold.
func (g *Generation) routeSitemap(l *layout) {
	slices.Sort(l.paths)
	urls := l.sitemapURLs()
	one := func(urls []string) func(b *bytes.Buffer) error {
		return func(b *bytes.Buffer) error {
			b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
			for _, u := range urls {
				b.WriteString("<url><loc>" + text(g.absolute(u)) + "</loc></url>\n")
			}
			b.WriteString("</urlset>\n")
			return nil
		}
	}
	if len(urls) <= sitemapLimit {
		l.file("sitemap.xml", "站点地图", one(urls))
		return
	}
	var parts []string
	for part := range slices.Chunk(urls, sitemapLimit) {
		name := fmt.Sprintf("sitemap-%d.xml", len(parts)+1)
		parts = append(parts, name)
		l.file(name, "站点地图", one(part))
	}
	l.file("sitemap.xml", "站点地图", func(b *bytes.Buffer) error {
		b.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
		for _, p := range parts {
			b.WriteString("<sitemap><loc>" + text(g.absolute("/"+p)) + "</loc></sitemap>\n")
		}
		b.WriteString("</sitemapindex>\n")
		return nil
	})
}

func (g *Generation) robots(b *bytes.Buffer) error {
	fmt.Fprintf(b, "User-agent: *\nAllow: /\n\nSitemap: %s\n", g.absolute("/sitemap.xml"))
	return nil
}

// redirect makes the page at an old URL: it leads on without a script, and says where.
func (g *Generation) redirect(b *bytes.Buffer, to *site.Record) error {
	u := esc(g.Site.Href(to.URL))
	// Without the icon browsers ask for /favicon.ico, which is not there.
	fmt.Fprintf(b, "<!doctype html>\n<html lang=\"zh-Hans\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n<meta http-equiv=\"refresh\" content=\"0; url=%s\">\n<link rel=\"canonical\" href=\"%s\">\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n<meta name=\"robots\" content=\"noindex\">\n</head>\n<body>\n<p>这一页已经移到：<a href=\"%s\">%s</a></p>\n</body>\n</html>\n",
		esc(to.Title), u, esc(g.absolute(to.URL)), esc(g.info.Icon), u, esc(to.Title))
	return nil
}
