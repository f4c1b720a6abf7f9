package page

import (
	"html/template"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// What of a page's data is text of the interface, by the names of its fields; all else is what records say, and stays as it is.
var (
	spoken      = []string{"Label", "Unit", "Lede", "Say", "Columns", "Covered", "Day"}
	spokenLinks = []string{"Views", "Orders", "Kinds", "Downloads", "Browse", "Crumbs", "Jump", "Decades", "Index", "Months", "Initials", "Field", "Link", "More"}
)

// Say puts the labels, units, headings of columns, and the titles of pages that are no record's through label, which knows some texts
// of the interface in another language and gives back those that it does not know. Data must not be shared with another page.
func Say(data Data, label func(string) string) {
	p := data.Common()
	switch d := data.(type) {
	case *RecordPage:
		d.Type = label(d.Type)
		for _, l := range []*Link{d.Prev, d.Next} {
			if l == nil {
				continue
			}
			if one := "一" + l.Note; label(one) != one { // 上一位
				l.Note = label(one)
			}
		}
	case *HomePage:
		for _, e := range []*Entry{d.Lead, d.Person} {
			if e != nil {
				e.Type = label(e.Type)
			}
		}
		for i := range d.Holdings {
			d.Holdings[i].Note = label(d.Holdings[i].Note)
		}
		for i := range d.Bars { // 1950年代
			if of := "…" + d.Bars[i].Unit; label(of) != of {
				d.Bars[i].Unit = label(of)
			}
		}
		for i := range d.Doors {
			d.Doors[i].Title = label(d.Doors[i].Title)
		}
		for i := range d.Numbers {
			d.Numbers[i].Text, d.Numbers[i].Note = label(d.Numbers[i].Text), label(d.Numbers[i].Note)
		}
	case *SeriesPage:
		p.Title = label(p.Title)
		for _, x := range d.Indicators {
			for _, row := range x.Rows {
				for i, c := range row.Cells {
					if c.Label == "情况" {
						row.Cells[i].HTML = template.HTML(label(string(c.HTML)))
					}
				}
			}
		}
	default:
		p.Title = label(p.Title)
	}
	if _, ok := data.(*RecordPage); !ok {
		tab := strings.Split(p.Tab, " - ")
		for i := range tab {
			tab[i] = label(tab[i])
		}
		p.Tab = strings.Join(tab, " - ")
	}
	say(reflect.ValueOf(data).Elem(), label)
}

func say(v reflect.Value, label func(string) string) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if !v.Type().Field(i).IsExported() {
			continue
		}
		links, isLinks := linksOf(f)
		switch {
		case isLinks && slices.Contains(spokenLinks, name):
			for _, l := range links {
				l.Text = label(l.Text)
			}
		case isLinks:
		case f.Kind() == reflect.String && slices.Contains(spoken, name):
			f.SetString(phrase(f.String(), label))
		case f.Type() == reflect.TypeFor[[]template.HTML]() && name == "More": // a link to those of the same round
			for j := range f.Len() {
				f.Index(j).SetString(linked.ReplaceAllStringFunc(f.Index(j).String(), func(s string) string { return ">" + label(s[1:len(s)-4]) + "</a>" }))
			}
		case f.Kind() == reflect.Slice && slices.Contains(spoken, name):
			for j := range f.Len() {
				f.Index(j).SetString(label(f.Index(j).String()))
			}
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			for j := range f.Len() {
				say(f.Index(j), label)
			}
		case f.Kind() == reflect.Struct:
			say(f, label)
		}
	}
}

// linksOf gives the links of a field that has one, may have one, or has a list of them.
func linksOf(f reflect.Value) (links []*Link, is bool) {
	switch x := f.Addr().Interface().(type) {
	case *Link:
		return []*Link{x}, true
	case **Link:
		if *x != nil {
			links = []*Link{*x}
		}
		return links, true
	case *[]Link:
		for i := range *x {
			links = append(links, &(*x)[i])
		}
		return links, true
	}
	return nil, false
}

// linked is what stands in a link.
var linked = regexp.MustCompile(`>[^<>]+</a>`)

// phrase is a label, or one with what it is about behind a colon: 引用本史料的记录：人物.
func phrase(text string, label func(string) string) string {
	if said := label(text); said != text {
		return said
	}
	before, after, found := strings.Cut(text, "：")
	if said := label(before); found && said != before {
		return said + ": " + label(after)
	}
	return text
}
