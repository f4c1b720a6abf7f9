package page

import (
	"encoding/json"
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
	h.add(`<link rel="canonical" href="`, esc(u), "\">\n")
	h.property("og:title", title)
	h.property("og:site_name", s.Settings.Title)
	h.property("og:url", u)
	h.property("og:locale", "zh_CN")
	h.meta("SiteName", s.Settings.Title)
	if b, err := url.Parse(s.Settings.BaseURL); err == nil {
		h.meta("SiteDomain", b.Host)
	}
	h.meta("SiteIDCode", s.Settings.SiteID)
}

func homeHead(s *site.Site) template.HTML {
	var h head
	common(s, &h, s.Settings.Title, s.Settings.Description, "/")
	h.property("og:type", "website")
	h.script(`{"@context":"https://schema.org","@type":"WebSite","name":` + quote(s.Settings.Title) + `,"url":` + quote(s.Settings.BaseURL) + `,"inLanguage":"zh-Hans","potentialAction":{"@type":"SearchAction","target":` + quote(s.Absolute("/search/")+"?q={q}") + `,"query-input":"required name=q"}}`)
	return asHTML(h.bytes)
}

func listHead(s *site.Site, c *site.Collection, path string, i int) template.HTML {
	var h head
	common(s, &h, c.Label, c.About, path)
	h.property("og:type", "website")
	h.meta("ColumnName", c.Label)
	h.meta("ColumnDescription", c.About)
	h.meta("ColumnKeywords", c.Label)
	h.meta("ColumnType", map[bool]string{true: "工作动态", false: "概况信息"}[c.Feed])
	return asHTML(h.bytes)
}

func viewHead(s *site.Site, title, description, path string) template.HTML {
	var h head
	common(s, &h, title, description, path)
	h.property("og:type", "website")
	return asHTML(h.bytes)
}

// recordHead says what a record is, to machines.
func recordHead(s *site.Site, h *head, r *site.Record, p *RecordPage) {
	about := r.Summary()
	if about == "" {
		about = r.Title
	}
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
		}
		h.meta("ContentSource", r.Display(r.Role(content.Publisher)))
		h.meta("Author", r.Author())
		h.meta("Keywords", r.Display(r.Role(content.Tags)))
	} else if schema.Title.Name {
		h.property("og:type", "profile")
	} else {
		h.property("og:type", "article")
	}
	if card, w, wide := cardOf(s, r); card != "" {
		h.property("og:image", s.Absolute(card))
		h.property("og:image:width", strconv.Itoa(w))
		h.property("og:image:height", strconv.Itoa(wide))
		h.meta("twitter:card", "summary_large_image")
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

// jsonLD describes a record in schema.org's terms, by its schema's mapping, with the way to it from the
// home page.
func jsonLD(s *site.Site, h *head, r *site.Record, p *RecordPage, about string) {
	schema := r.Schema
	url := quote(s.Absolute(r.URL))
	h.add(`{"@context":"https://schema.org","@graph":[{"@type":`, quote(schema.Type), `,"@id":`, url, `,"url":`, url, `,"inLanguage":"zh-Hans"`)
	name := schema.Fields[0].SchemaOrg
	if name == "" {
		name = "name"
	}
	h.add(`,`, quote(name), `:`, quote(r.Title))
	done := map[string]bool{name: true, "url": true}
	var values []string
	for i := range r.Values {
		v := &r.Values[i]
		prop := v.Field.SchemaOrg
		if prop == "" || done[prop] || v.Field.Ordinal == 0 {
			continue
		}
		done[prop] = true
		values = values[:0]
		v.Each(func(v *content.Value) {
			if json := kinds[v.Field.Type].json(s, r, v); json != "" {
				values = append(values, json)
			}
		})
		switch {
		case len(values) == 0:
		case len(values) == 1:
			h.add(`,`, quote(prop), `:`, values[0])
		default:
			h.add(`,`, quote(prop), `:[`, strings.Join(values, ","), `]`)
		}
	}
	if !done["description"] {
		h.add(`,"description":`, quote(about))
	}
	if len(p.Honors) > 0 {
		values = values[:0]
		for _, l := range p.Honors {
			values = append(values, quote(strings.TrimSpace(l.Text+" "+l.Note)))
		}
		h.add(`,"award":[`, strings.Join(values, ","), `]`)
	}
	h.add(`},{"@type":"BreadcrumbList","itemListElement":[`,
		`{"@type":"ListItem","position":1,"name":`, quote(s.Settings.Title), `,"item":`, quote(s.Settings.BaseURL), `},`,
		`{"@type":"ListItem","position":2,"name":`, quote(schema.Label), `,"item":`, quote(s.Absolute(site.ListURL(schema.Key, 1))), `},`,
		`{"@type":"ListItem","position":3,"name":`, quote(r.Title), `}]}]}`)
}
