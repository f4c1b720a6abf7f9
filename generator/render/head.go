package render

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// What stands in <head>: the elements that Chinese institutional sites are asked for (国办发〔2017〕47号
// 《政府网站发展指引》, table of meta tags), Dublin Core, Open Graph and schema.org's JSON-LD, the last two from the
// mapping in the collection's schema.

type head struct{ strings.Builder }

func (h *head) meta(name, value string) {
	if value != "" {
		h.WriteString(`<meta name="` + name + `" content="` + esc(value) + "\">\n")
	}
}

func (h *head) property(name, value string) {
	if value != "" {
		h.WriteString(`<meta property="` + name + `" content="` + esc(value) + "\">\n")
	}
}

func (g *Generation) common(h *head, title, description, path string) {
	u := g.absolute(path)
	h.meta("description", description)
	h.WriteString(`<link rel="canonical" href="` + esc(u) + "\">\n")
	h.property("og:title", title)
	h.property("og:site_name", g.Settings.Title)
	h.property("og:url", u)
	h.property("og:locale", "zh_CN")
	h.meta("SiteName", g.Settings.Title)
	if b, err := url.Parse(g.Settings.BaseURL); err == nil {
		h.meta("SiteDomain", b.Host)
	}
	h.meta("SiteIDCode", g.Settings.SiteID)
}

func (g *Generation) homeHead() template.HTML {
	var h head
	g.common(&h, g.Settings.Title, g.Settings.Description, "/")
	h.property("og:type", "website")
	h.script(`{"@context":"https://schema.org","@type":"WebSite","name":` + quote(g.Settings.Title) + `,"url":` + quote(g.Settings.BaseURL) + `,"inLanguage":"zh-Hans","potentialAction":{"@type":"SearchAction","target":` + quote(g.absolute("/search/")+"?q={q}") + `,"query-input":"required name=q"}}`)
	return template.HTML(h.String())
}

func (g *Generation) listHead(c *site.Collection, path string, i int) template.HTML {
	var h head
	g.common(&h, c.Label, c.About, path)
	h.property("og:type", "website")
	h.meta("ColumnName", c.Label)
	h.meta("ColumnDescription", c.About)
	h.meta("ColumnKeywords", c.Label)
	h.meta("ColumnType", map[bool]string{true: "工作动态", false: "概况信息"}[c.Feed])
	return template.HTML(h.String())
}

func (g *Generation) viewHead(title, description, path string) template.HTML {
	var h head
	g.common(&h, title, description, path)
	h.property("og:type", "website")
	return template.HTML(h.String())
}

// recordHead says what a record is, to machines.
func (g *Generation) recordHead(r *site.Record, p *RecordPage) template.HTML {
	var h head
	h.Grow(2048)
	about := summary(r)
	if about == "" {
		about = r.Title
	}
	g.common(&h, r.Title, about, r.URL)
	s := r.Schema
	if r.Status != site.Published {
		h.meta("robots", "noindex")
	}
	if s.Feed {
		h.property("og:type", "article")
		h.meta("ArticleTitle", r.Title)
		if iso := r.Day.ISO(); iso != "" {
			h.meta("PubDate", strings.Replace(iso, "T", " ", 1))
		}
		h.meta("ContentSource", r.Text("source"))
		h.meta("Author", r.Display(r.Value("author")))
		h.meta("Keywords", r.Display(r.Value("tags")))
	} else if s.Title.Name {
		h.property("og:type", "profile")
	} else {
		h.property("og:type", "article")
	}
	if p.Image != nil && p.Image.URL != "" {
		h.property("og:image", g.origin()+p.Image.URL)
	}
	h.meta("DC.title", r.Title)
	h.meta("DC.language", "zh-Hans")
	h.meta("DC.type", s.Label)
	for i := range r.Values {
		v := &r.Values[i]
		if dc := v.Field.DC; dc != "" && dc != "title" {
			text := r.Display(v)
			if v.Date != nil {
				text = v.Date.String()
			}
			h.meta("DC."+dc, text)
		}
	}
	if s.Type != "" {
		h.script(g.jsonLD(r, p, about))
	}
	return template.HTML(h.String())
}

// origin is the base URL without its path.
func (g *Generation) origin() string {
	return strings.TrimSuffix(g.Settings.BaseURL, g.Settings.Base)
}

// script writes a block of data, which no browser runs. Its JSON has < > & escaped.
func (h *head) script(data string) {
	h.WriteString(`<script type="application/ld+json">` + data + "</script>\n")
}

// quote is a string as JSON that is safe inside a script element.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// jsonLD describes a record in schema.org's terms, by its schema's mapping, with the way to it from the
// home page.
func (g *Generation) jsonLD(r *site.Record, p *RecordPage, about string) string {
	var b strings.Builder
	s := r.Schema
	b.WriteString(`{"@context":"https://schema.org","@graph":[{"@type":` + quote(s.Type) + `,"@id":` + quote(g.absolute(r.URL)) + `,"url":` + quote(g.absolute(r.URL)) + `,"inLanguage":"zh-Hans"`)
	name := s.Fields[0].SchemaOrg
	if name == "" {
		name = "name"
	}
	b.WriteString(`,` + quote(name) + `:` + quote(r.Title))
	done := map[string]bool{name: true, "url": true}
	for i := range r.Values {
		v := &r.Values[i]
		prop := v.Field.SchemaOrg
		if prop == "" || done[prop] || v.Field.Index == 0 {
			continue
		}
		done[prop] = true
		var values []string
		v.Each(func(v *content.Value) {
			switch v.Field.Type {
			case content.DateType:
				if iso := v.Date.ISO(); iso != "" {
					values = append(values, quote(iso))
				} else {
					values = append(values, quote(v.Date.String()))
				}
			case content.RefType:
				if to := r.Target(v); to != nil && !to.Schema.Rows {
					t := to.Schema.Type
					if t == "" {
						t = "Thing"
					}
					values = append(values, `{"@type":`+quote(t)+`,"@id":`+quote(g.absolute(to.URL))+`,"name":`+quote(to.Title)+`}`)
					return
				}
				values = append(values, quote(r.Display(v)))
			case content.Image:
				if a, ok := g.Site.ImageOf(r, v); ok {
					values = append(values, quote(g.absolute(strings.TrimPrefix(a.Path, "content"))))
				}
			default:
				values = append(values, quote(r.Display(v)))
			}
		})
		switch {
		case len(values) == 0:
		case len(values) == 1:
			b.WriteString(`,` + quote(prop) + `:` + values[0])
		default:
			b.WriteString(`,` + quote(prop) + `:[` + strings.Join(values, ",") + `]`)
		}
	}
	if !done["description"] {
		b.WriteString(`,"description":` + quote(about))
	}
	if len(p.Honors) > 0 {
		var awards []string
		for _, h := range p.Honors {
			awards = append(awards, quote(strings.TrimSpace(h.Text+" "+h.Note)))
		}
		b.WriteString(`,"award":[` + strings.Join(awards, ",") + `]`)
	}
	b.WriteString(`},{"@type":"BreadcrumbList","itemListElement":[`)
	fmt.Fprintf(&b, `{"@type":"ListItem","position":1,"name":%s,"item":%s},`, quote(g.Settings.Title), quote(g.Settings.BaseURL))
	fmt.Fprintf(&b, `{"@type":"ListItem","position":2,"name":%s,"item":%s},`, quote(s.Label), quote(g.absolute(site.ListURL(s.Key, 1))))
	fmt.Fprintf(&b, `{"@type":"ListItem","position":3,"name":%s}]}]}`, quote(r.Title))
	return b.String()
}
