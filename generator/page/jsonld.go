package page

import (
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/han"
	"gongzhi/generator/site"
)

// Terms of schema.org (https://schema.org/, release 29): which type a property may have is written there, and a value that can't be
// said in it is left out rather than said wrongly.

// written are the types of works: what has a language, a day of publication, a period that it is about.
var written = []string{"NewsArticle", "Article", "CreativeWork", "Photograph", "Legislation", "Dataset", "Book"}

// jsonLD describes a record in schema.org's terms, by its schema's mapping, with the way to it from the
// home page.
func jsonLD(s *site.Site, h *head, r *site.Record, p *RecordPage, about string) {
	schema := r.Schema
	url := quote(s.Absolute(r.URL))
	h.add(`{"@context":"https://schema.org","@graph":[{"@type":`, quote(schema.Type), `,"@id":`, url, `,"url":`, url)
	work := slices.Contains(written, schema.Type)
	if work || schema.Type == "Event" {
		h.add(`,"inLanguage":"zh-Hans"`)
	}
	name := schema.Fields[0].SchemaOrg
	if name == "" {
		name = "name"
	}
	h.add(`,`, quote(name), `:`, quote(r.Title))
	done := map[string]bool{name: true, "url": true}
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.SchemaOrg == "" || v.Field.Ordinal == 0 {
			continue
		}
		for _, x := range properties(s, r, v, work) {
			if !done[x[0]] && x[1] != "" {
				done[x[0]] = true
				h.add(`,`, quote(x[0]), `:`, x[1])
			}
		}
	}
	if !done["description"] {
		h.add(`,"description":`, quote(about))
	}
	if schema.Feed {
		article(s, h, r, done)
	}
	awards(s, h, p)
	if s.IsHonors(r.Collection) {
		h.add(`,"inDefinedTermSet":{"@type":"DefinedTermSet","@id":`, quote(s.Absolute(site.ListURL(schema.Key, 1))), `,"name":`, quote(schema.Label), `}`)
	}
	h.add(`},`)
	breadcrumbs(s, h, p.Crumbs, r.Title)
	h.add(`]}`)
}

// properties are what a value says: mostly one property, with its value as JSON.
func properties(s *site.Site, r *site.Record, v *content.Value, work bool) [][2]string {
	prop := v.Field.SchemaOrg
	var values []string
	add := func(json string) {
		if json != "" {
			values = append(values, json)
		}
	}
	var more [][2]string
	v.Each(func(v *content.Value) {
		switch {
		case v.Date != nil:
			from, to, single := ends(*v.Date)
			switch {
			case single != "":
				add(quote(single))
			case prop == "startDate":
				if from != "" {
					add(quote(from))
				}
				if to != "" {
					more = append(more, [2]string{"endDate", quote(to)})
				}
			case work && from != "" && to != "":
				more = append(more, [2]string{"temporalCoverage", quote(from + "/" + to)})
			}
		case prop == "author" || prop == "creator" || prop == "editor":
			add(agent(s, r, v))
		case prop == "publisher" || prop == "organizer" || prop == "affiliation" || prop == "parentOrganization":
			if t := thing(s, r, v); t != "" && t[0] == '"' {
				add(`{"@type":"Organization","name":` + quote(r.Display(v)) + `}`)
			} else {
				add(t)
			}
		case prop == "location" || prop == "contentLocation":
			add(`{"@type":"Place","name":` + quote(r.Display(v)) + `}`)
		default:
			add(kinds[v.Field.Type].json(s, r, v))
		}
	})
	switch len(values) {
	case 0:
		return more
	case 1:
		return append([][2]string{{prop, values[0]}}, more...)
	}
	return append([][2]string{{prop, "[" + strings.Join(values, ",") + "]"}}, more...)
}

// agent is who made something: a person or an organization, as the text is written.
func agent(s *site.Site, r *site.Record, v *content.Value) string {
	if to := r.Target(v); to != nil {
		return thing(s, r, v)
	}
	name := r.Display(v)
	if name == "" {
		return ""
	}
	kind := "Organization"
	if han.MayBePerson(name) {
		kind = "Person"
	}
	return `{"@type":"` + kind + `","name":` + quote(name) + `}`
}

// exactDay is a date of schema.org: ISO 8601, nothing approximate, no season.
var exactDay = regexp.MustCompile(`^\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?$`)

// ends gives the ends of an interval, or the single date that a date is; empty is what can't be said exactly.
func ends(d dates.Date) (from, to, single string) {
	exact := func(s string) string {
		if exactDay.MatchString(s) {
			return s
		}
		return ""
	}
	if a, b, ok := strings.Cut(d.String(), "/"); ok {
		return exact(a), exact(b), ""
	}
	if d.Approx() || d.Uncertain() {
		return "", "", ""
	}
	return "", "", d.ISO()
}

// article is what a report has beside its fields.
func article(s *site.Site, h *head, r *site.Record, done map[string]bool) {
	h.add(`,"mainEntityOfPage":`, quote(s.Absolute(r.URL)))
	if card, _, _ := cardOf(s, r); card != "" && !done["image"] {
		h.add(`,"image":`, quote(s.Absolute(card)))
	}
	if !done["publisher"] {
		h.add(`,"publisher":`, publisher(s))
	}
	if !done["author"] {
		h.add(`,"author":`, publisher(s))
	}
	if day := r.Modified().ISO(); day != "" {
		h.add(`,"dateModified":`, quote(day))
	}
	if r.Body.Chars > 0 {
		h.add(`,"wordCount":`, strconv.Itoa(r.Body.Chars))
	}
}

// absolute is the whole address of what a page links to.
func absolute(s *site.Site, href string) string {
	return strings.TrimSuffix(s.Settings.BaseURL, "/") + "/" + strings.TrimPrefix(href, s.Settings.Base)
}

// publisher is who makes the site.
func publisher(s *site.Site) string {
	name := s.Settings.Organizer
	if name == "" {
		name = s.Settings.Title
	}
	return `{"@type":"Organization","name":` + quote(name) + `,"url":` + quote(s.Settings.BaseURL) + `}`
}

// awards are the honours that somebody was given: as text, which is what award takes, and each as a thing with its year and its page.
func awards(s *site.Site, h *head, p *RecordPage) {
	if len(p.Honors) == 0 {
		return
	}
	var texts, things []string
	for _, l := range p.Honors {
		texts = append(texts, quote(strings.TrimSpace(l.Text+" "+l.Note)))
		x := `{"@type":"EducationalOccupationalCredential","credentialCategory":"荣誉称号","name":` + quote(l.Text)
		if l.ISO != "" {
			x += `,"dateCreated":` + quote(l.ISO)
		}
		if l.URL != "" {
			x += `,"url":` + quote(absolute(s, l.URL))
		}
		things = append(things, x+"}")
	}
	h.add(`,"award":[`, strings.Join(texts, ","), `]`)
	if p.Person { // organizations have the property too
		h.add(`,"hasCredential":[`, strings.Join(things, ","), `]`)
	}
}

// breadcrumbs is the way from the home page to a page.
func breadcrumbs(s *site.Site, h *head, crumbs []Link, title string) {
	h.add(`{"@type":"BreadcrumbList","itemListElement":[`)
	for i, c := range crumbs {
		name := c.Text
		if i == 0 {
			name = s.Settings.Title
		}
		h.add(`{"@type":"ListItem","position":`, strconv.Itoa(i+1), `,"name":`, quote(name), `,"item":`, quote(absolute(s, c.URL)), `},`)
	}
	h.add(`{"@type":"ListItem","position":`, strconv.Itoa(len(crumbs)+1), `,"name":`, quote(title), `}]}`)
}

// Finish completes what machines are told of a page by what it has: the way to it, the list that it is, the data that it shows. It is called
// once, when all else of the page is there.
func Finish(s *site.Site, d Data) {
	p := d.Common()
	if p.Tab == "" && p.Kind != "home" {
		p.Tab = tab(p.Title, p.URL, p.Crumbs)
	}
	if p.Kind == "record" || p.Kind == "home" || p.Kind == "notfound" || p.Head == "" {
		return
	}
	var h head
	h.bytes = append(h.bytes, p.Head...)
	h.add(openScript, `{"@context":"https://schema.org","@graph":[`)
	address := absolute(s, p.URL)
	switch d := d.(type) {
	case *ListPage:
		if c := d.seriesOf; c != nil {
			dataset(s, &h, d.Title, d.Lede, address, nil, c)
		} else {
			var all []Entry
			for _, g := range d.Groups {
				all = append(all, g.Entries...)
			}
			itemList(s, &h, d.Title, address, all)
		}
	case *RollPage:
		var all []Entry
		for _, y := range d.Years {
			all = append(all, y.Names...)
		}
		itemList(s, &h, p.Title, address, all)
	case *SeriesPage:
		if len(d.Indicators) > 0 {
			var names []string
			for _, x := range d.Indicators {
				names = append(names, x.Label)
			}
			dataset(s, &h, p.Title, "", address, names, nil)
		}
	}
	breadcrumbs(s, &h, p.Crumbs, p.Title)
	h.add(`]}`, closeScript)
	p.Head = template.HTML(h.bytes)
}

// itemListLimit is how many entries of a list machines are told of.
const itemListLimit = 50

func itemList(s *site.Site, h *head, name, address string, all []Entry) {
	h.add(`{"@type":"ItemList","@id":`, quote(address+"#_main"), `,"name":`, quote(name), `,"numberOfItems":`, strconv.Itoa(len(all)), `,"itemListElement":[`)
	n := 0
	for _, e := range all {
		if e.URL == "" || n == itemListLimit {
			continue
		}
		if n++; n > 1 {
			h.add(`,`)
		}
		h.add(`{"@type":"ListItem","position":`, strconv.Itoa(n), `,"name":`, quote(e.Title), `,"url":`, quote(absolute(s, e.URL)), `}`)
	}
	h.add(`]},`)
}

func dataset(s *site.Site, h *head, name, about, address string, measured []string, c *site.Collection) {
	if about == "" {
		about = name + "的统计数据：" + strings.Join(measured, "、") + "，各注时期、范围与出处。"
	}
	h.add(`{"@type":"Dataset","@id":`, quote(address+"#_main"), `,"name":`, quote(name), `,"description":`, quote(about), `,"url":`, quote(address), `,"inLanguage":"zh-Hans","isAccessibleForFree":true,"creator":`, publisher(s))
	if len(measured) > 0 {
		h.add(`,"variableMeasured":[`)
		for i, m := range measured {
			if i > 0 {
				h.add(`,`)
			}
			h.add(quote(m))
		}
		h.add(`]`)
	}
	if c != nil && Downloads(c) {
		h.add(`,"distribution":[{"@type":"DataDownload","encodingFormat":"text/csv","contentUrl":`, quote(s.Absolute("/data/"+c.Key+".csv")),
			`},{"@type":"DataDownload","encodingFormat":"application/json","contentUrl":`, quote(s.Absolute("/data/"+c.Key+".json")), `}]`)
	}
	h.add(`},`)
}
