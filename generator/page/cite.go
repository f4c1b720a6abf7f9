package page

import (
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/markdown"
	"gongzhi/generator/site"
)

// cite is how to cite the page, after GB/T 7714—2015 (electronic resource, without the day of access,
// which only the reader knows).
func cite(s *site.Site, r *site.Record) string {
	var b strings.Builder
	if a := r.Author(); a != "" {
		b.WriteString(a + ". ")
	}
	b.WriteString(r.Title + "[EB/OL]//" + s.Settings.Title + ". ")
	if iso := cited(r); iso != "" {
		b.WriteString("(" + iso + ")")
	}
	b.WriteString("[查阅日期]. " + s.Absolute(r.URL) + ".")
	return b.String()
}

// cited is the day of a page's publication or last change, or "".
func cited(r *site.Record) string {
	iso := r.Modified().ISO()
	day, _, _ := strings.Cut(iso, "T")
	return day
}

// cites are the same in the forms of BibTeX (an entry of the kind that biblatex calls online) and RIS.
func cites(s *site.Site, r *site.Record) []Cite {
	var authors []string
	if v := r.Role(content.Author); v != nil {
		v.Each(func(v *content.Value) {
			if a := r.Display(v); a != "" {
				authors = append(authors, a)
			}
		})
	}
	url, day, by := s.Absolute(r.URL), cited(r), s.Settings.Organizer
	var bib, ris strings.Builder
	bib.WriteString("@online{" + bibKey(r) + ",\n")
	field := func(name, value string) {
		if value != "" {
			bib.WriteString("  " + name + " = {" + value + "},\n")
		}
	}
	tag := func(name, value string) {
		if value = strings.Join(strings.Fields(value), " "); value != "" {
			ris.WriteString(name + "  - " + value + "\n")
		}
	}
	field("title", bibText(r.Title))
	for i := range authors { // each is one name, whatever it is written with
		authors[i] = "{" + bibText(authors[i]) + "}"
	}
	field("author", strings.Join(authors, " and "))
	field("date", day)
	field("organization", bibText(by))
	field("maintitle", bibText(s.Settings.Title))
	field("langid", "chinese")
	field("url", url)
	bib.WriteString("}")

	ris.WriteString("TY  - ELEC\n")
	tag("TI", r.Title)
	if v := r.Role(content.Author); v != nil {
		v.Each(func(v *content.Value) { tag("AU", r.Display(v)) })
	}
	if day != "" {
		tag("PY", day[:4])
		tag("DA", strings.ReplaceAll(day, "-", "/"))
	}
	tag("T2", s.Settings.Title)
	tag("PB", by)
	tag("LA", "zh")
	tag("UR", url)
	ris.WriteString("ER  - ")
	return []Cite{{"BibTeX", bib.String()}, {"RIS", ris.String()}}
}

// bibKey is what an entry is called: letters, digits and hyphens of its address.
func bibKey(r *site.Record) string {
	key := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-':
			return c
		case c == '/' || c == '_' || c == '.':
			return '-'
		}
		return -1
	}, r.Collection.Key+"-"+r.ID)
	return strings.Trim(key, "-")
}

var bibEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `%`, `\%`, `#`, `\#`, `&`, `\&`, `$`, `\$`, `_`, `\_`, `~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`)

func bibText(s string) string { return bibEscapes.Replace(strings.Join(strings.Fields(s), " ")) }

// FullText is the body of a record for a feed: all its addresses whole.
func FullText(s *site.Site, r *site.Record) ([]byte, error) {
	html, err := r.AppendBody(nil)
	if err != nil || len(r.Body.Refs) == 0 {
		return html, err
	}
	links := r.Links(r.Body)
	whole := markdown.Body{HTML: html, Refs: r.Body.Refs}
	return whole.Render(nil, func(i int) markdown.Resolved {
		to := links[i]
		if to.Picture != "" {
			to = inBody(s, &r.Body.Refs[i], to)
			to.URL, to.Sources, to.Sizes = absolute(s, to.URL), "", ""
		}
		if strings.HasPrefix(to.URL, "/") {
			to.URL = strings.TrimSuffix(s.Settings.BaseURL, "/") + to.URL
		} else if strings.HasPrefix(to.URL, "#") {
			to.URL = s.Absolute(r.URL) + to.URL
		}
		return to
	}), nil
}

// HasFeed reports whether a collection has a feed of its own: one of its records has a day that it is news of.
func HasFeed(s *site.Site, c *site.Collection) bool {
	return !c.Rows && s.Known("feed of "+c.Key, func() bool {
		return slices.ContainsFunc(c.Records, func(r *site.Record) bool { return !r.News().IsZero() })
	})
}

// FeedURL is where that is.
func FeedURL(c *site.Collection) string { return "/" + c.Key + "/feed.xml" }
