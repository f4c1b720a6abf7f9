package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// relationLimit is how many records a relation shows on a page; the rest are counted.
const relationLimit = 200

// Scratch is the buffers of a record's page. Its text and its head are most of what is made for it, and not needed any
// more when it is written: then the buffers serve for the next one.
type Scratch struct {
	body []byte
	head head
}

// Record makes the page of one record. It is to be used before tmp is used again.
func Record(s *site.Site, r *site.Record, tmp *Scratch) (*RecordPage, error) {
	c := r.Collection
	list := s.Href(site.ListURL(c.Key, 1))
	p := RecordPage{Page: frame(s, "record", r.Title, r.URL, list, Link{Text: c.Label, URL: list}), Person: c.Title.Name, Type: c.Label, Draft: r.Status != site.Published}
	p.Lede = r.Text(content.Summary)
	if p.Life, p.Facts = when(r); p.Person {
		p.Life, p.Facts = r.Life(), facts(r)
	}
	p.LeadTitle, p.Subtitle = r.Text(content.LeadTitle), r.Text(content.Subtitle)
	var err error
	if tmp.body, err = r.AppendBody(tmp.body[:0]); err != nil {
		return nil, err
	}
	p.Body = template.HTML(resolve(s, r, r.Body, tmp.body))
	if len(r.Body.Headings) >= 3 {
		for _, h := range r.Body.Headings {
			if h.Level <= 3 {
				p.Contents = append(p.Contents, Heading{h.Level, h.ID, h.Text})
			}
		}
	}
	var nb notebook
	_, marks := nb.add(s, r)
	depicted := p.fields(s, r, marks)
	p.picture(s, r, depicted)
	if c.Feed && r.Body.Chars > 0 {
		p.Dateline = append(p.Dateline, Labeled{"字数", template.HTML(fmt.Sprint(r.Body.Chars)), nil})
	}
	relations(s, &p, r, course(s, &p, r, &nb))
	p.Notes = nb.notes
	peers(s, &p, r)
	if r.Prev != nil {
		p.Prev = &Link{Text: r.Prev.Title, URL: s.Href(r.Prev.URL), Note: c.Unit}
	}
	if r.Next != nil {
		p.Next = &Link{Text: r.Next.Title, URL: s.Href(r.Next.URL), Note: c.Unit}
	}
	if p.Life != "" {
		p.Tab = r.Title + "（" + p.Life + "） - " + c.Label
	}
	if s.SharesTitle(r) {
		p.Tab = r.Title + "（" + r.ID + "） - " + c.Label
	}
	if !c.Imprint {
		p.Cite, p.Cites = cite(s, r), cites(s, r)
	}
	tmp.head.bytes = tmp.head.bytes[:0]
	recordHead(s, &tmp.head, r, &p)
	p.Head = template.HTML(tmp.head.bytes)
	return &p, nil
}

// fields puts the values of a record where its page has them, and gives who is in its picture.
func (p *RecordPage) fields(s *site.Site, r *site.Record, marks map[*content.Field][]int) (depicted []template.HTML) {
	for i := range r.Values {
		v := &r.Values[i]
		f := v.Field
		switch {
		case f.Role == content.Remark:
			p.Remark = template.HTML(body(s, r, v.Body))
		case f.Notes || f.Hide || f.Ordinal == 0:
		case kinds[f.Type].picture:
			if x := figure(s, r, v, inText); x != nil {
				p.Image = x
			}
			if len(v.Items) > 1 { // the first is shown, and all are there
				p.Fields = append(p.Fields, Labeled{f.Label, template.HTML(value(s, r, v)), marks[f]})
			}
		case f.Role == content.Depicted:
			v.Each(func(v *content.Value) { depicted = append(depicted, template.HTML(depictedOne(s, r, v))) })
		case f.Lead:
			p.Dateline = append(p.Dateline, Labeled{f.Label, template.HTML(value(s, r, v)), nil})
		default:
			if x, ok := compared(s, r, v, marks[f]); ok {
				p.Compared = append(p.Compared, x)
				continue
			}
			p.Fields = append(p.Fields, Labeled{f.Label, template.HTML(value(s, r, v) + variants(s, r, f)), marks[f]})
		}
	}
	return depicted
}

// picture settles the picture of a page: its own, with who is in it, or a portrait.
func (p *RecordPage) picture(s *site.Site, r *site.Record, depicted []template.HTML) {
	if r.Collection.List == "photos" && p.Image == nil {
		p.Image = &Figure{Alt: r.Text(content.Alt), Caption: template.HTML(esc(r.Text(content.Caption)))}
	}
	if p.Image != nil {
		p.Image.People = depicted
	}
	portrait := r.Role(content.Portrait)
	if portrait == nil {
		return
	}
	if site.IsFile(portrait) {
		if x := figure(s, r, portrait, inText); x != nil {
			p.Image = x
		}
	} else if to := r.Target(portrait); to != nil {
		if x := pictureOf(s, to, inText); x != nil {
			p.Image = x
		}
	}
}

// relations shows who refers to the record, and puts the honours it was given under its title.
func relations(s *site.Site, p *RecordPage, r *site.Record, told map[*site.Relation]bool) {
	years := honorYears(s, r)
	for i := range r.Inverse {
		rel := &r.Inverse[i]
		x := Relation{Label: rel.Label}
		if years != nil && rel.Outer == nil && (rel.Schema.Roll != nil && rel.Field == rel.Schema.Roll.Group || rel.Schema.Role(content.Official) != nil) {
			p.Honored = true
			if years.Label == "" { // once, for what was given and on which occasions
				years.Label = "历次授予"
				p.Relations = append(p.Relations, *years)
			}
			continue
		}
		cited := rel.Outer != nil && rel.Outer.Notes
		if cited {
			x.Label = rel.Label + "：" + rel.Schema.Label
		}
		var fields []*content.Field
		if !cited && rel.Schema.List == "table" {
			fields = rel.Schema.Shown(rel.Field)
			if !rel.Schema.Rows {
				x.Columns = append(x.Columns, rel.Schema.Fields[0].Label)
			}
			for _, f := range fields {
				x.Columns = append(x.Columns, f.Label)
			}
		}
		for i, from := range rel.Records {
			if i == relationLimit {
				x.More = &Link{Text: fmt.Sprintf("共 %d %s，这里只列前 %d %s", len(rel.Records), rel.Schema.Unit, relationLimit, rel.Schema.Unit), URL: s.Href(site.ListURL(rel.Schema.Key, 1))}
				if rule := rel.Schema.Roll; rule != nil && rel.Field == rule.Group {
					x.More.URL = s.Href("/rolls/" + site.Slug(r.ID) + "/")
				}
				break
			}
			e := entry(s, from)
			e.ID = ""
			if len(x.Columns) > 0 {
				e.Cells = cells(s, from, !rel.Schema.Rows, fields)
				if rel.Schema.Rows && len(e.Cells) > 0 {
					rowLink(&e)
				}
			}
			x.Entries = append(x.Entries, e)
		}
		dropEmpty(&x)
		if rule := rel.Schema.Roll; rule != nil && rel.Field == rule.Who {
			p.Honored, x.conferred = true, true
			for _, from := range rel.Records[:min(len(rel.Records), relationLimit)] {
				if from.Revoked() != "" {
					continue // the table below says so
				}
				p.Honors = append(p.Honors, honor(s, from, rule))
			}
		}
		if rule := rel.Schema.Roll; rule != nil && rel.Field == rule.Group {
			p.Honored = true // it is an honour
		}
		if !told[rel] {
			p.Relations = append(p.Relations, x)
		}
	}
	// What was conferred stands first.
	slices.SortStableFunc(p.Relations, func(a, b Relation) int {
		return boolInt(b.conferred) - boolInt(a.conferred)
	})
}

// honorYears is when an honour was given: with how many were announced and recorded. nil if the record is none that has a roll.
func honorYears(s *site.Site, r *site.Record) *Relation {
	if !s.IsHonors(r.Collection) {
		return nil
	}
	for _, roll := range s.Rolls() {
		if roll.Honor != r {
			continue
		}
		url := s.Href(rollURL(roll, "", 1))
		x := Relation{conferred: true, More: &Link{Text: fmt.Sprintf("共 %d 条，见“%s”的名册", roll.Count+roll.Ended, roll.Title), URL: url}}
		for _, d := range coveredYears(s, roll) {
			y := rollYear(s, &d)
			y.URL, y.Rounds = url+"#"+y.ID, nil
			if y.Covered == "" {
				y.Covered = fmt.Sprintf("已著录 %d", len(d.records))
			}
			x.Years = append(x.Years, y)
		}
		x.By = rollBy(s, roll, "")
		return &x
	}
	for _, c := range s.Coverage() { // nobody is recorded yet, so there is no roll, but it is known how many there are to be
		if c.Roll.Honor != r {
			continue
		}
		x := Relation{conferred: true}
		for _, round := range c.Rounds {
			d := rollDay{day: round.Day, rounds: []site.Covered{round}}
			y := rollYear(s, &d)
			y.URL, y.Rounds = s.Href(round.Round.URL), nil
			if y.Covered == "" {
				y.Covered = "已著录 0"
			}
			x.Years = append(x.Years, y)
		}
		return &x
	}
	return nil
}

// dropEmpty takes out the columns in which no record has a value.
func dropEmpty(x *Relation) {
	for c := len(x.Columns) - 1; c >= 0; c-- {
		if slices.ContainsFunc(x.Entries, func(e Entry) bool { return e.Cells[c].HTML != "" }) {
			continue
		}
		x.Columns = slices.Delete(x.Columns, c, c+1)
		for i := range x.Entries {
			x.Entries[i].Cells = slices.Delete(x.Entries[i].Cells, c, c+1)
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rowLink makes the first cell that has no link of its own lead to the row.
func rowLink(e *Entry) {
	for i := range e.Cells {
		if h := string(e.Cells[i].HTML); h != "" && !strings.Contains(h, "<a ") {
			e.Cells[i].HTML = template.HTML(`<a href="` + esc(e.URL) + `">` + h + `</a>`)
			return
		}
	}
}

// honor is one conferral as it stands under the name of who received it.
func honor(s *site.Site, r *site.Record, rule *content.Roll) Link {
	l := Link{}
	if v := r.Value(rule.Group); v != nil {
		l.Text = r.Display(v)
		slug := site.Slug(l.Text)
		if to := r.Target(v); to != nil {
			slug = site.Slug(to.ID)
		}
		l.URL = s.Href("/rolls/" + slug + "/")
	}
	if v := r.Value(rule.Date); v != nil {
		l.Note = v.Date.Display()
		_, _, l.ISO = ends(*v.Date)
	}
	return l
}
