package page

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// What stands in <head>: the elements that Chinese institutional sites are asked for (国办发〔2017〕47号
// 《政府网站发展指引》, table of meta tags), Dublin Core, Open Graph and schema.org's JSON-LD, the last two from the
// mapping in the collection's schema.

type head struct{ bytes []byte }

// add writes parts one after the other, without making one string of them first.
func (h *head) add(parts ...string) {
	for _, p := range parts {
		h.bytes = append(h.bytes, p...)
	}
}

func (h *head) meta(name, value string) {
	if value != "" {
		h.add(`<meta name="`, esc(name), `" content="`, esc(value), "\">\n")
	}
}

func (h *head) property(name, value string) {
	if value != "" {
		h.add(`<meta property="`, esc(name), `" content="`, esc(value), "\">\n")
	}
}

func common(s *site.Site, h *head, title, description, path string) {
	u := s.Absolute(path)
	h.meta("description", description)
	h.add(`<meta itemprop="name" content="`, esc(title), "\">\n") // what WeChat shows of a shared page
	if description != "" {
		h.add(`<meta itemprop="description" content="`, esc(description), "\">\n")
	}
	h.add(`<link rel="canonical" href="`, esc(u), "\">\n")
	h.property("og:title", title)
	h.property("og:description", description)
	h.property("og:site_name", s.Settings.Title)
	h.property("og:url", u)
	h.property("og:locale", "zh_CN")
	h.meta("SiteName", s.Settings.Title)
	if b, err := url.Parse(s.Settings.BaseURL); err == nil {
		h.meta("SiteDomain", b.Host)
	}
	h.meta("SiteIDCode", s.Settings.SiteID)
}

// shareImage is the picture that goes with a shared page.
func (h *head) shareImage(address string, width, height int, large bool) {
	h.property("og:image", address)
	h.property("og:image:width", strconv.Itoa(width))
	h.property("og:image:height", strconv.Itoa(height))
	h.add(`<meta itemprop="image" content="`, esc(address), "\">\n")
	h.meta("twitter:card", map[bool]string{true: "summary_large_image", false: "summary"}[large])
}

// SquareIcon is the site's icon as shared pages show it that have no picture of their own: WeChat wants 300 pixels at least.
const (
	SquareIcon     = "/icon-512.png"
	squareIconSize = 512
)

func siteCard(s *site.Site, h *head) {
	h.shareImage(s.Absolute(SquareIcon), squareIconSize, squareIconSize, false)
}

func homeHead(s *site.Site) template.HTML {
	var h head
	common(s, &h, s.Settings.Title, homeDescription(s), "/")
	h.property("og:type", "website")
	siteCard(s, &h)
	about := ""
	if s.Settings.Description != "" {
		about = `,"description":` + quote(s.Settings.Description)
	}
	h.script(`{"@context":"https://schema.org","@type":"WebSite","@id":` + quote(s.Settings.BaseURL) + `,"name":` + quote(s.Settings.Title) + about + `,"publisher":` + publisher(s) + `,"url":` + quote(s.Settings.BaseURL) + `,"inLanguage":"zh-Hans","potentialAction":{"@type":"SearchAction","target":` + quote(s.Absolute("/search/")+"?q={q}") + `,"query-input":"required name=q"}}`)
	return template.HTML(h.bytes)
}

func listHead(s *site.Site, c *site.Collection, path string, i int) template.HTML {
	var h head
	title, about := c.Label, strings.TrimSuffix(c.About, "。")
	if about == "" {
		about = c.Label
	}
	about += fmt.Sprintf("，共 %d %s", len(c.Records), c.Unit)
	if i > 1 {
		title = fmt.Sprintf("%s（第 %d 页）", title, i)
		about += fmt.Sprintf("，第 %d 页", i)
	}
	common(s, &h, title, about+"。", path)
	h.property("og:type", "website")
	siteCard(s, &h)
	if HasFeed(s, c) {
		h.add(`<link rel="alternate" type="application/atom+xml" title="`, esc(c.Label), `" href="`, esc(s.Href(FeedURL(c))), "\">\n")
	}
	h.meta("ColumnName", c.Label)
	h.meta("ColumnDescription", c.About)
	h.meta("ColumnKeywords", c.Label)
	h.meta("ColumnType", map[bool]string{true: "工作动态", false: "概况信息"}[c.Feed])
	return template.HTML(h.bytes)
}

func viewHead(s *site.Site, title, description, path string) template.HTML {
	var h head
	common(s, &h, title, distinct(s, title, description, path), path)
	h.property("og:type", "website")
	siteCard(s, &h)
	return template.HTML(h.bytes)
}

// recordHead says what a record is, to machines.
func recordHead(s *site.Site, h *head, r *site.Record, p *RecordPage) {
	about := describe(s, r, p)
	common(s, h, r.Title, about, r.URL)
	schema := r.Schema
	if r.Status != site.Published {
		h.meta("robots", "noindex")
	}
	if schema.Feed {
		h.property("og:type", "article")
		h.meta("ArticleTitle", r.Title)
		if iso := r.Day.ISO(); iso != "" {
			h.meta("PubDate", strings.Replace(iso, "T", " ", 1))
			h.property("article:published_time", iso)
		}
		h.property("article:author", r.Author())
		h.meta("ContentSource", r.Display(r.Role(content.Publisher)))
		h.meta("Author", r.Author())
		h.meta("Keywords", r.Display(r.Role(content.Tags)))
	} else if schema.Title.Name {
		h.property("og:type", "profile")
	} else {
		h.property("og:type", "article")
	}
	if iso := r.Modified().ISO(); iso != "" {
		h.property("article:modified_time", iso)
	}
	if card, w, high := cardOf(s, r); card != "" {
		h.shareImage(s.Absolute(card), w, high, true)
		alt := r.Text(content.Alt)
		if alt == "" {
			alt = r.Title
		}
		h.property("og:image:alt", alt)
	} else {
		siteCard(s, h)
	}
	h.meta("DC.title", r.Title)
	h.meta("DC.language", "zh-Hans")
	h.meta("DC.type", schema.Label)
	for i := range r.Values {
		v := &r.Values[i]
		if dc := v.Field.DC; dc != "" && dc != "title" {
			text := r.Display(v)
			if v.Items == nil {
				text = kinds[v.Field.Type].dc(s, r, v)
			}
			h.meta("DC."+dc, text)
		}
	}
	if schema.Type != "" {
		h.add(openScript)
		jsonLD(s, h, r, p, about)
		h.add(closeScript)
	}
}

// A block of data, which no browser runs. Its JSON has < > & escaped.
const (
	openScript  = `<script type="application/ld+json">`
	closeScript = "</script>\n"
)

func (h *head) script(data string) { h.add(openScript, data, closeScript) }

// quote is a string as JSON that is safe inside a script element.
func quote(s string) string {
	plain := utf8.ValidString(s) && !strings.Contains(s, "\u2028") && !strings.Contains(s, "\u2029")
	for i := 0; plain && i < len(s); i++ {
		c := s[i]
		plain = c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	if plain {
		return `"` + s + `"`
	}
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}
