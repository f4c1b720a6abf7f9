package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// kind is what pages know of a field type. Its functions are given single values, never lists.
type kind struct {
	// html is a value on a page.
	html func(s *site.Site, r *site.Record, v *content.Value) string
	// cell is a value in a table, where room is short.
	cell func(s *site.Site, r *site.Record, v *content.Value) string
	// json is a value in JSON-LD, or "" for none.
	json func(s *site.Site, r *site.Record, v *content.Value) string
	// dc is a value in a meta element of Dublin Core.
	dc func(s *site.Site, r *site.Record, v *content.Value) string
	// heading is what stands above the records of a value in a list that is sorted by it; v may be nil.
	heading func(c *site.Collection, v *content.Value) string

	lines    bool // several values are a list, not joined by 、
	number   bool // never parted at the end of a line in a table
	picture  bool // stands beside the table, as the picture of the record
	text     bool // a text of its own, which can't stand in a line
	facts    bool // several facts: too much where one is said of a record
	prose    bool // in an object, it follows the first part after a colon
	switches bool // one that is set puts its record first in the list, under its label
}

// kinds is the table of the types. It is filled in when the program starts, because that of an object comes back to it.
var kinds [content.TypeCount]kind

func init() {
	text := kind{html: itsText, cell: scalar, json: displayed, dc: plain, heading: noHeading}
	with := func(change func(k *kind)) kind {
		k := text
		change(&k)
		return k
	}
	kinds = content.ByType(map[content.Type]kind{
		content.Text:     with(func(k *kind) { k.html, k.prose = itsTerm, true }),
		content.Term:     with(func(k *kind) { k.html, k.heading = itsTerm, itself }),
		content.Enum:     with(func(k *kind) { k.html, k.heading = itsTerm, itself }),
		content.Number:   with(func(k *kind) { k.number = true }),
		content.Integer:  with(func(k *kind) { k.number = true }),
		content.Bool:     with(func(k *kind) { k.html, k.switches = display, true }),
		content.DateType: with(func(k *kind) { k.html, k.json, k.dc, k.heading, k.number = itsDate, isoDate, edtf, itsYear, true }),
		content.Time:     with(func(k *kind) { k.html, k.dc = itsDate, edtf }),
		content.URL:      with(func(k *kind) { k.html, k.lines = webLink, true }),
		content.PathType: text,
		content.Markdown: with(func(k *kind) { k.html, k.text = itsBody, true }),
		content.RefType:  with(func(k *kind) { k.html, k.json = recordLink, thing }),
		content.Object:   with(func(k *kind) { k.html, k.cell, k.lines, k.facts = object, firstPart, true, true }),
		content.Image:    with(func(k *kind) { k.json, k.picture = imageAddress, true }),
		content.FileType: with(func(k *kind) { k.html, k.json, k.dc, k.lines = fileLink, mediaObject, fileAddress, true }),
	})
}

// scalar is a single value as HTML.
func scalar(s *site.Site, r *site.Record, v *content.Value) string {
	return kinds[v.Field.Type].html(s, r, v)
}

func itsText(_ *site.Site, _ *site.Record, v *content.Value) string { return esc(v.Text) }

func display(_ *site.Site, r *site.Record, v *content.Value) string { return esc(r.Display(v)) }

// itsTerm links a term to its page. A part of an object is no term.
func itsTerm(s *site.Site, r *site.Record, v *content.Value) string {
	if f := v.Field; f.Browse && r.Schema.Fields[f.Ordinal] == f {
		return link(s.Href("/browse/"+f.Key+"/"+s.TermSlug(f.Key, v.Text)+"/"), v.Text)
	}
	return esc(v.Text)
}

func itsDate(_ *site.Site, _ *site.Record, v *content.Value) string { return dateHTML(*v.Date) }

func webLink(_ *site.Site, _ *site.Record, v *content.Value) string {
	return `<a href="` + esc(site.WebAddress(v.Text)) + `" rel="noopener">` + esc(v.Text) + `</a>`
}

func itsBody(s *site.Site, r *site.Record, v *content.Value) string {
	return string(body(s, r, v.Body))
}

func recordLink(s *site.Site, r *site.Record, v *content.Value) string {
	if to := r.Target(v); to != nil {
		return link(s.Href(to.URL), to.Title)
	}
	return esc(r.Name(v))
}

// object is an object as one line: its first part, then texts after colons, then the rest in brackets.
func object(s *site.Site, r *site.Record, v *content.Value) string {
	var head strings.Builder
	var rest []string
	for i := range v.Parts {
		p := &v.Parts[i]
		h := value(s, r, p)
		switch {
		case i == 0:
			head.WriteString(h)
		case kinds[p.Field.Type].prose && len(rest) == 0 && p.Field.Role != content.Aside:
			head.WriteString("：" + h)
		default:
			rest = append(rest, h)
		}
	}
	if len(rest) > 0 {
		head.WriteString("（" + strings.Join(rest, "，") + "）")
	}
	return head.String()
}

func firstPart(s *site.Site, r *site.Record, v *content.Value) string {
	if len(v.Parts) == 0 {
		return ""
	}
	return value(s, r, &v.Parts[0])
}

func displayed(_ *site.Site, r *site.Record, v *content.Value) string { return quote(r.Display(v)) }

func isoDate(_ *site.Site, _ *site.Record, v *content.Value) string {
	if iso := v.Date.ISO(); iso != "" {
		return quote(iso)
	}
	return quote(v.Date.String())
}

// thing is the record that a reference leads to, or the text that it is.
func thing(s *site.Site, r *site.Record, v *content.Value) string {
	if site.IsFile(v) {
		return imageAddress(s, r, v)
	}
	to := r.Target(v)
	if to == nil || to.Schema.Rows {
		return quote(r.Display(v))
	}
	t := to.Schema.Type
	if t == "" {
		t = "Thing"
	}
	return `{"@type":` + quote(t) + `,"@id":` + quote(s.Absolute(to.URL)) + `,"name":` + quote(to.Title) + `}`
}

func imageAddress(s *site.Site, r *site.Record, v *content.Value) string {
	a, ok := s.FileOf(r, v)
	if !ok {
		return ""
	}
	return quote(s.Absolute(s.AssetPath(a)))
}

// fileLink leads to a file, and says what it is: 扫描件.pdf（PDF，12 页，3.4 MB）.
func fileLink(s *site.Site, r *site.Record, v *content.Value) string {
	a, ok := s.FileOf(r, v)
	if !ok {
		return esc(r.Display(v))
	}
	about := a.Kind().Label
	if a.Pages > 0 {
		about += fmt.Sprintf("，%d 页", a.Pages)
	}
	if a.Picture == nil { // what is published of a picture has another size
		about += "，" + fileSize(a.Size)
	}
	return link(s.Href(s.AssetPath(a)), r.Display(v)) + "（" + about + "）"
}

// fileSize is a number of bytes as people say it.
func fileSize(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d 字节", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d KB", (n+999)/1000)
	case n < 10_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// mediaObject is a file in schema.org's terms.
func mediaObject(s *site.Site, r *site.Record, v *content.Value) string {
	a, ok := s.FileOf(r, v)
	if !ok {
		return ""
	}
	if a.Picture != nil {
		return `{"@type":"ImageObject","name":` + quote(r.Display(v)) + `,"contentUrl":` + quote(s.Absolute(s.AssetPath(a))) + `}`
	}
	return `{"@type":"MediaObject","name":` + quote(r.Display(v)) + `,"contentUrl":` + quote(s.Absolute(strings.TrimPrefix(a.Path, "content"))) +
		`,"encodingFormat":` + quote(a.Kind().Media) + `,"contentSize":` + quote(strconv.FormatInt(a.Size, 10)) + `}`
}

func fileAddress(s *site.Site, r *site.Record, v *content.Value) string {
	a, ok := s.FileOf(r, v)
	if !ok {
		return r.Display(v)
	}
	return s.Absolute(s.AssetPath(a))
}

func plain(_ *site.Site, r *site.Record, v *content.Value) string { return r.Display(v) }

func edtf(_ *site.Site, _ *site.Record, v *content.Value) string { return v.Date.String() }

func noHeading(*site.Collection, *content.Value) string { return "" }

func itself(_ *site.Collection, v *content.Value) string {
	if v == nil {
		return "未分类"
	}
	return v.Text
}

// undivided is how many rows of a table are read without a heading for each decade.
const undivided = 20

func itsYear(c *site.Collection, v *content.Value) string {
	if c.List == "table" && len(c.Records) <= undivided {
		return ""
	}
	if v == nil {
		return "时间不详"
	}
	from, _ := site.YearSpan(*v.Date)
	if from == 0 {
		return v.Date.Display()
	}
	if c.List == "table" { // a line each: a year has few
		return site.DecadeLabel(from)
	}
	return strconv.Itoa(from) + "年"
}

// pictureOf is the picture of a record: its last field that is one; nil for none.
func pictureOf(s *site.Site, r *site.Record, sizes string) *Figure {
	var f *Figure
	for i := range r.Values {
		if v := &r.Values[i]; kinds[v.Field.Type].picture {
			if x := figure(s, r, v, sizes); x != nil {
				f = x
			}
		}
	}
	return f
}

// cellHTML is a value, of which there may be several, in a cell of a table.
func cellHTML(s *site.Site, r *site.Record, v *content.Value) template.HTML {
	k := &kinds[v.Field.Type]
	if v.Items == nil || !k.facts {
		return template.HTML(value(s, r, v))
	}
	firsts := make([]string, len(v.Items))
	for i := range v.Items {
		firsts[i] = k.cell(s, r, &v.Items[i])
	}
	return template.HTML(strings.Join(firsts, "、"))
}
