// Package feeds makes what programs read of a site: the Atom feed, the sitemap, robots.txt, and the pages that lead from
// old URLs to new ones.
package feeds

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"gongzhi/generator/content"
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
func feedTime(zone *time.Location, d dates.Date) time.Time { return d.Start(zone) }

// updated is when a record last changed for its readers, as it says itself, and not before the day that it is of.
func updated(zone *time.Location, r *site.Record) time.Time {
	t, day := feedTime(zone, r.News()), feedTime(zone, r.Day)
	if day.After(t) && !r.Schema.Title.Name {
		return day
	}
	return t
}

// Atom makes a feed (RFC 4287): of one collection, or if c is nil of those that ask to be in the site's. Its time is that of its newest entry, since a build
// never looks at the clock. body gives the full text of a record as HTML with whole addresses.
func Atom(b *bytes.Buffer, s *site.Site, c *site.Collection, body func(r *site.Record) ([]byte, error)) error {
	set, zone := s.Settings, s.Settings.Zone
	title, self, home, subtitle := set.Title, "/feed.xml", set.BaseURL, set.Subtitle
	of := func(r *site.Record) dates.Date { return r.Day }
	if c != nil {
		title, self, home, subtitle = set.Title+"："+c.Label, "/"+c.Key+"/feed.xml", s.Absolute(site.ListURL(c.Key, 1)), c.About
		of = (*site.Record).News
	}
	var records []*site.Record
	for _, x := range s.Collections {
		if c == nil && !x.Feed || c != nil && x != c {
			continue
		}
		for _, r := range x.Records {
			if !of(r).Start(zone).IsZero() { // one without a day would need an invented one
				records = append(records, r)
			}
		}
	}
	slices.SortStableFunc(records, func(a, b *site.Record) int { return of(b).Compare(of(a)) })
	records = records[:min(set.FeedSize, len(records))]
	b.WriteString(xml.Header)
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-Hans">` + "\n")
	fmt.Fprintf(b, "<title>%s</title>\n", text(title))
	if subtitle != "" {
		fmt.Fprintf(b, "<subtitle>%s</subtitle>\n", text(subtitle))
	}
	fmt.Fprintf(b, `<link href="%s"/>`+"\n"+`<link rel="self" type="application/atom+xml" href="%s"/>`+"\n<id>%s</id>\n", text(home), text(s.Absolute(self)), text(home))
	newest := time.Unix(0, 0).UTC()
	for _, r := range records {
		if t := updated(zone, r); t.After(newest) || newest.Unix() == 0 {
			newest = t
		}
	}
	fmt.Fprintf(b, "<updated>%s</updated>\n", newest.Format(time.RFC3339))
	author := set.Organizer
	if author == "" {
		author = set.Title
	}
	fmt.Fprintf(b, "<author><name>%s</name></author>\n", text(author))
	for _, r := range records {
		u := s.Absolute(r.URL)
		fmt.Fprintf(b, "<entry>\n<title>%s</title>\n<link href=\"%s\"/>\n<id>%s</id>\n", text(r.Title), text(u), text(u))
		if r.Collection.Feed {
			fmt.Fprintf(b, "<published>%s</published>\n", feedTime(zone, r.Day).Format(time.RFC3339))
		}
		fmt.Fprintf(b, "<updated>%s</updated>\n", updated(zone, r).Format(time.RFC3339))
		if v := r.Role(content.Author); v != nil {
			v.Each(func(v *content.Value) {
				if author := r.Display(v); author != "" {
					fmt.Fprintf(b, "<author><name>%s</name></author>\n", text(author))
				}
			})
		}
		if about := r.Summary(); about != "" {
			fmt.Fprintf(b, "<summary>%s</summary>\n", text(about))
		}
		full, err := body(r)
		if err != nil {
			return err
		}
		if len(full) > 0 {
			fmt.Fprintf(b, "<content type=\"html\">%s</content>\n", text(string(full)))
		}
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
	return nil
}

// File is a file to be made.
type File struct {
	Path string
	Make func(b *bytes.Buffer)
}

// Sitemap gives sitemap.xml for all files of a site, which are sorted, and its parts when there are more URLs than one
// file may hold. A search engine should know all pages but further pages of lists, redirects and the search page.
func Sitemap(s *site.Site, paths []string) []File {
	urls := make([]string, 0, len(paths))
	for _, p := range paths {
		if u, ok := strings.CutSuffix(p, "index.html"); ok && u != "search/" && !strings.Contains(u, "/page/") {
			urls = append(urls, "/"+u)
		}
	}
	one := func(urls []string) func(b *bytes.Buffer) {
		return func(b *bytes.Buffer) {
			b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
			for _, u := range urls {
				b.WriteString("<url><loc>" + text(s.Absolute(u)) + "</loc>")
				if r := s.At(u); r != nil {
					if day := lastmod(r); day != "" {
						b.WriteString("<lastmod>" + day + "</lastmod>")
					}
				}
				b.WriteString("</url>\n")
			}
			b.WriteString("</urlset>\n")
		}
	}
	if len(urls) <= sitemapLimit {
		return []File{{"sitemap.xml", one(urls)}}
	}
	var files []File
	for part := range slices.Chunk(urls, sitemapLimit) {
		files = append(files, File{fmt.Sprintf("sitemap-%d.xml", len(files)+1), one(part)})
	}
	parts := files
	return append(files, File{"sitemap.xml", func(b *bytes.Buffer) {
		b.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
		for _, p := range parts {
			b.WriteString("<sitemap><loc>" + text(s.Absolute("/"+p.Path)) + "</loc></sitemap>\n")
		}
		b.WriteString("</sitemapindex>\n")
	}})
}

// lastmod is a record's last change in the form of a sitemap (W3C Datetime): a year, a month, a day; "" if it says none exactly.
func lastmod(r *site.Record) string {
	day, _, _ := strings.Cut(r.Modified().ISO(), "T")
	return day
}

// Robots makes robots.txt.
func Robots(b *bytes.Buffer, s *site.Site) {
	fmt.Fprintf(b, "User-agent: *\nAllow: /\n\nSitemap: %s\n", s.Absolute("/sitemap.xml"))
}

// Tombstone makes the page of a record that was withdrawn: it says what stood here and since when it does not. icon is
// the address of the site's icon.
func Tombstone(b *bytes.Buffer, s *site.Site, r *site.Record, icon string) {
	title, home := html.EscapeString(r.Title), html.EscapeString(s.Href("/"))
	why := ""
	if f := r.Schema.Role(content.WithdrawnWhy); f != nil && r.Value(f) != nil {
		why = "<p>原因：" + html.EscapeString(r.Display(r.Value(f))) + "</p>\n"
	}
	fmt.Fprintf(b, "<!doctype html>\n<html lang=\"zh-Hans\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s（已撤下）</title>\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n<meta name=\"robots\" content=\"noindex\">\n</head>\n<body>\n<h1>%s</h1>\n<p>这条%s已于%s撤下，这个网址不再另作他用。</p>\n%s<p><a href=\"%s\">%s</a></p>\n</body>\n</html>\n",
		title, html.EscapeString(icon), title, html.EscapeString(r.Schema.Label), html.EscapeString(r.Withdrawn.Chinese()), why, home, html.EscapeString(s.Settings.Title))
}

// Redirect makes the page at an old URL: it leads on to a path of the site without a script, and says what is there. icon is the address of the
// site's icon.
func Redirect(b *bytes.Buffer, s *site.Site, to, title, icon string) {
	u, title := html.EscapeString(s.Href(to)), html.EscapeString(title)
	// Without the icon browsers ask for /favicon.ico, which is not there.
	fmt.Fprintf(b, "<!doctype html>\n<html lang=\"zh-Hans\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n<meta http-equiv=\"refresh\" content=\"0; url=%s\">\n<link rel=\"canonical\" href=\"%s\">\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n<meta name=\"robots\" content=\"noindex\">\n</head>\n<body>\n<p>这一页已经移到：<a href=\"%s\">%s</a></p>\n</body>\n</html>\n",
		title, u, html.EscapeString(s.Absolute(to)), html.EscapeString(icon), u, title)
}
