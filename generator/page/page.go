// Package page makes what pages say out of a site: for each kind of page the struct that its template receives, the
// elements of its head included, and the table of the views, which are the pages that gather records of all
// collections.
//
// Everything here is a function of a site. Paths, templates and bytes are the business of package render.
package page

import (
	"strings"
	"unicode/utf8"

	"gongzhi/generator/site"
)

// Info gives what all pages of a site share, but for the addresses of the theme's files.
func Info(s *site.Site) *SiteInfo {
	set := s.Settings
	in := &SiteInfo{
		Title: set.Title, Subtitle: set.Subtitle, LongTitle: longTitle(set), Description: set.Description, Base: set.Base, Home: set.Base,
		Search: s.Href("/search/"), Feed: s.Href("/feed.xml"), Nav: collections(s), Views: navigation(s),
		Organizer: set.Organizer, Contact: set.Contact, ICP: set.ICP, Police: set.Police, PoliceURL: set.PoliceURL, Copyright: set.Copyright,
	}
	if own := ownNavigation(s); own != nil {
		in.Nav, in.Views = own, nil
	}
	in.Pages, in.Footer = pages(s), set.Footer
	for _, l := range set.Links {
		in.Links = append(in.Links, Link{Text: l.Text, URL: l.URL})
	}
	if set.Logo != "" {
		in.Logo = s.Href("/" + set.Logo)
	}
	in.Banner = Banner{Text: set.Banner.Text, URL: set.Banner.URL}
	if strings.HasPrefix(in.Banner.URL, "/") {
		in.Banner.URL = s.Href(in.Banner.URL)
	}
	if set.Banner.Image != "" {
		in.Banner.Image = s.Href("/" + set.Banner.Image)
	}
	for _, c := range s.Collections {
		in.Records += len(c.Records)
	}
	return in
}

// longTitle reports whether a title is set smaller, to leave room for what stands beside it.
func longTitle(set *site.Settings) bool {
	most := 10
	if set.Subtitle != "" {
		most = 8
	}
	if set.Logo != "" {
		most -= 2
	}
	return utf8.RuneCountInString(set.Title) > most
}

// Every page has the navigation and the foot: what stands there is bounded, or a site would grow with the square of its collections.
const (
	navLimit     = 24 // collections; of more, the last place leads to all of them on the front page
	imprintLimit = 12 // records of a collection that speaks of the site itself; of more, the last place leads to its list
)

// collections leads to the lists.
func collections(s *site.Site) []Link {
	var l []Link
	for _, c := range s.Collections {
		if c.Imprint {
			continue
		}
		l = append(l, Link{Text: c.Label, URL: s.Href(site.ListURL(c.Key, 1)), Count: len(c.Records), Note: c.Unit})
	}
	if len(l) > navLimit {
		l = append(l[:navLimit-1], Link{Text: "全部类目", URL: s.Settings.Base + "#_all"})
	}
	return l
}

// frame gives what every page has. url is the page's path on the site, section that of the navigation entry it belongs
// to.
func frame(s *site.Site, kind, title, url, section string, crumbs ...Link) Page {
	p := Page{Kind: kind, Title: title, URL: s.Href(url), Section: section}
	if kind != "home" {
		p.Crumbs = append([]Link{{Text: "首页", URL: s.Settings.Base}}, crumbs...)
	}
	return p
}
