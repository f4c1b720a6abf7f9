// Package page makes what pages say out of a site: for each kind of page the struct that its template receives, the
// elements of its head included, and the table of the views, which are the pages that gather records of all
// collections.
//
// Everything here is a function of a site. Paths, templates and bytes are the business of package render.
package page

import (
	"unicode/utf8"

	"gongzhi/generator/site"
)

// Info gives what all pages of a site share, but for the addresses of the theme's files.
func Info(s *site.Site) *SiteInfo {
	set := s.Settings
	in := &SiteInfo{
		Title: set.Title, Subtitle: set.Subtitle, LongTitle: utf8.RuneCountInString(set.Title) > 10, Description: set.Description, Base: set.Base, Home: set.Base,
		Search: s.Href("/search/"), Feed: s.Href("/feed.xml"), Nav: collections(s), Views: navigation(s),
		Organizer: set.Organizer, Contact: set.Contact, ICP: set.ICP, Police: set.Police, PoliceURL: set.PoliceURL, Copyright: set.Copyright,
	}
	for _, c := range s.Collections {
		in.Records += len(c.Records)
	}
	return in
}

// collections leads to the lists.
func collections(s *site.Site) []Link {
	var l []Link
	for _, c := range s.Collections {
		l = append(l, Link{Text: c.Label, URL: s.Href(site.ListURL(c.Key, 1)), Count: len(c.Records), Note: c.Unit})
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
