package page

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/markdown"
	"gongzhi/generator/site"
)

func esc(s string) string { return html.EscapeString(s) }

func date(d dates.Date) Date {
	if d.IsZero() {
		return Date{}
	}
	return Date{Text: d.Display(), ISO: d.ISO()}
}

func dateHTML(d dates.Date) string {
	if iso := d.ISO(); iso != "" {
		return `<time datetime="` + iso + `">` + esc(d.Display()) + `</time>`
	}
	return esc(d.Display())
}

// value is a value as HTML: references and terms are links, lists are joined or listed.
func value(s *site.Site, r *site.Record, v *content.Value) string {
	if v == nil {
		return ""
	}
	if v.Items == nil {
		return scalar(s, r, v)
	}
	parts := make([]string, len(v.Items))
	for i := range v.Items {
		parts[i] = scalar(s, r, &v.Items[i])
	}
	if kinds[v.Field.Type].lines && len(parts) > 1 {
		return `<ul class="values"><li>` + strings.Join(parts, "</li><li>") + `</li></ul>`
	}
	return strings.Join(parts, "、")
}

func link(url, text string) string {
	return `<a href="` + esc(url) + `">` + esc(text) + `</a>`
}

// body is the text of a field with its links in place.
func body(s *site.Site, r *site.Record, b *markdown.Body) []byte {
	if b == nil {
		return nil
	}
	return resolve(s, r, b, b.HTML)
}

// resolve puts the links into the HTML of one of a record's texts.
func resolve(s *site.Site, r *site.Record, b *markdown.Body, html []byte) []byte {
	if len(b.Refs) == 0 {
		return html
	}
	links := r.Links(b)
	whole := markdown.Body{HTML: html, Refs: b.Refs}
	return whole.Render(make([]byte, 0, len(html)+64*len(b.Refs)), func(i int) markdown.Resolved {
		to := links[i]
		switch {
		case to.Picture != "":
			to = inBody(s, &b.Refs[i], to)
		case strings.HasPrefix(to.URL, "/"):
			to.URL = s.Settings.Base + to.URL[1:]
		}
		return to
	})
}

// cells are a record's values for columns; with a title, it comes first and is the link to the record.
func cells(s *site.Site, r *site.Record, title bool, fields []*content.Field) []Cell {
	cells := make([]Cell, 0, len(fields)+1)
	if title {
		cells = append(cells, Cell{Label: r.Schema.Fields[0].Label, HTML: template.HTML(link(s.Href(r.URL), r.Title))})
	}
	for _, f := range fields {
		v := r.Value(f)
		c := Cell{Label: f.Label, Number: kinds[f.Type].number}
		if v != nil {
			c.HTML = cellHTML(s, r, v)
		}
		cells = append(cells, c)
	}
	if was := r.Revoked(); was != "" {
		i := slices.IndexFunc(cells, func(c Cell) bool { return c.HTML != "" })
		if roll := r.Schema.Roll; roll != nil {
			for k, f := range fields {
				if (f == roll.Group || f == roll.Who) && cells[len(cells)-len(fields)+k].HTML != "" {
					i = len(cells) - len(fields) + k
				}
			}
		}
		if i >= 0 {
			cells[i].HTML += template.HTML(` <span class="revoked">` + esc(was) + `</span>`)
		}
	}
	return cells
}

// entry is a record in a list.
func entry(s *site.Site, r *site.Record) Entry {
	e := Entry{URL: s.Href(r.URL), Title: r.Title, Person: r.Schema.Title.Name, Type: r.Schema.Label, Date: date(r.Day), Draft: r.Status != site.Published}
	if r.Schema.Rows {
		e.ID = r.Anchor()
	}
	return e
}

// notebook numbers the notes of a page. A source that several records cite in the same words is one note.
type notebook struct {
	notes  []Note
	number map[string]int // by what the note says
}

// add takes in a record's sources and gives their numbers: those for the record as a whole or for a field
// that it doesn't have, all of them in order, and those that are for a field of the schema.
func (nb *notebook) add(s *site.Site, r *site.Record) (all []int, marks map[*content.Field][]int) {
	for i := range r.Values {
		v := &r.Values[i]
		if !v.Field.Notes {
			continue
		}
		v.Each(func(v *content.Value) {
			n := Note{HTML: template.HTML(note(s, r, v))}
			var field *content.Field
			if p := v.Part(content.CitedFor); p != nil {
				n.For = p.Text
				if field = r.Schema.Field(p.Text); field != nil {
					n.For = field.Label
				}
			}
			number := nb.say(n.For, n.HTML)
			if field != nil {
				if marks == nil {
					marks = map[*content.Field][]int{}
				}
				marks[field] = append(marks[field], number)
			}
			if !slices.Contains(all, number) {
				all = append(all, number)
			}
		})
	}
	return all, marks
}

// gather takes in a record's sources as one note, and gives its number; 0 if it has none.
func (nb *notebook) gather(s *site.Site, r *site.Record) int {
	var b strings.Builder
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Notes {
			v.Each(func(v *content.Value) {
				if p := v.Part(content.CitedFor); p != nil {
					label := p.Text
					if f := r.Schema.Field(p.Text); f != nil {
						label = f.Label
					}
					b.WriteString("<b>" + esc(label) + "</b>　")
				}
				b.WriteString(note(s, r, v))
			})
		}
	}
	return nb.say("", template.HTML(b.String()))
}

// say gives the number of a note, a new one if it is not there yet; 0 for one that says nothing.
func (nb *notebook) say(about string, text template.HTML) int {
	if text == "" {
		return 0
	}
	key := about + "\x00" + string(text)
	number, ok := nb.number[key]
	if !ok {
		number = len(nb.notes) + 1
		nb.notes = append(nb.notes, Note{Number: number, For: about, HTML: text})
		if nb.number == nil {
			nb.number = map[string]int{}
		}
		nb.number[key] = number
	}
	return number
}

// rest is what a row says beyond the columns of its table, since it has no page of its own.
func rest(s *site.Site, r *site.Record, shown []*content.Field) (template.HTML, error) {
	var lines, texts []string
	for i := range r.Values {
		v := &r.Values[i]
		switch f := v.Field; {
		case f.Hide && f.Ordinal > 0, f.Notes, slices.Contains(shown, f):
		case kinds[f.Type].text:
			texts = append(texts, value(s, r, v))
		default:
			lines = append(lines, esc(f.Label)+"："+value(s, r, v))
		}
	}
	text, err := r.AppendBody(nil)
	if err != nil {
		return "", err
	}
	if len(text) > 0 {
		texts = append(texts, string(resolve(s, r, r.Body, text)))
	}
	html := strings.Join(lines, "；")
	if html != "" {
		html += "。"
	}
	return template.HTML(html + strings.Join(texts, "")), nil
}

// note is one source as a line: the source and where it was published, the page, the words, how far to trust it.
func note(s *site.Site, r *site.Record, v *content.Value) string {
	var b strings.Builder
	if from := v.Part(content.Cited); from != nil {
		b.WriteString(value(s, r, from))
		if to := r.Target(from); to != nil {
			var about []string
			for _, f := range []*content.Field{to.Schema.Role(content.Publisher), to.Schema.Role(content.Issue), to.Schema.Date} {
				if p := to.Value(f); p != nil {
					about = append(about, esc(to.Display(p)))
				}
			}
			if len(about) > 0 {
				b.WriteString("，" + strings.Join(about, "，"))
			}
		}
	}
	if p := v.Part(content.CitedPage); p != nil {
		b.WriteString("，" + esc(p.Text))
	}
	if p := v.Part(content.CitedWords); p != nil {
		b.WriteString("：<q>" + esc(p.Text) + "</q>")
	}
	if p := v.Part(content.CitedTrust); p != nil {
		b.WriteString("（" + esc(p.Text) + "）")
	}
	if p := v.Part(content.CitedNote); p != nil {
		b.WriteString("。" + esc(p.Text))
	}
	for i := range v.Parts { // a schema of one's own may ask for more
		p := &v.Parts[i]
		if !slices.Contains([]content.Role{content.Cited, content.CitedFor, content.CitedPage, content.CitedWords, content.CitedTrust, content.CitedNote}, p.Field.Role) {
			b.WriteString("；" + esc(p.Field.Label) + "：" + value(s, r, p))
		}
	}
	if s := b.String(); s != "" && !strings.HasSuffix(s, "。") && !strings.HasSuffix(s, "）") {
		b.WriteString("。")
	}
	return b.String()
}

// pager leads through n pages; url gives the address of page i.
func pager(s *site.Site, i, n int, url func(i int) string) Pager {
	p := Pager{Number: i, Total: n}
	if n <= 1 {
		return p
	}
	if i > 1 {
		p.Prev = s.Href(url(i - 1))
	}
	if i < n {
		p.Next = s.Href(url(i + 1))
	}
	shown := slices.DeleteFunc([]int{1, i - 2, i - 1, i, i + 1, i + 2, n}, func(k int) bool { return k < 1 || k > n })
	slices.Sort(shown)
	before := 0
	for _, k := range slices.Compact(shown) {
		if before > 0 && k > before+1 {
			p.Pages = append(p.Pages, Link{})
		}
		p.Pages = append(p.Pages, Link{Text: fmt.Sprint(k), URL: s.Href(url(k)), Current: k == i})
		before = k
	}
	return p
}

// Where pages of one kind lead to each other.
const (
	besideAll  = 200 // to so many, to all
	besideNext = 10  // of more, to those before and those behind the present one
)

// beside leads from one of n pages to the others of its kind: to all, or where there are very many, so that the pages would grow
// with the square of their number, to those next to it and to the page that lists them. at is which of them it is, or -1.
func beside(n, at int, list Link, page func(int) Link) []Link {
	from, to := 0, n
	if n > besideAll {
		from, to = max(0, at-besideNext), min(n, at+besideNext+1)
		if at < 0 {
			from, to = 0, 0
		}
	}
	var l []Link
	for i := from; i < to; i++ {
		x := page(i)
		x.Current = i == at
		l = append(l, x)
	}
	if to-from < n {
		list.Count = n
		l = append(l, list)
	}
	return l
}
