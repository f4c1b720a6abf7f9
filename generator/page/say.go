package page

import (
	"reflect"
	"slices"
	"strings"
)

// What of a page's data is text of the interface, by the names of its fields; all else is what records say, and stays as it is.
var (
	spoken      = []string{"Label", "Unit", "Lede", "Say", "Columns"}
	spokenLinks = []string{"Views", "Orders", "Kinds", "Downloads", "Browse", "Crumbs"}
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
	default:
		p.Title = label(p.Title)
	}
	say(reflect.ValueOf(data).Elem(), label)
}

func say(v reflect.Value, label func(string) string) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if !v.Type().Field(i).IsExported() {
			continue
		}
		links, isLinks := f.Interface().([]Link)
		switch {
		case isLinks && slices.Contains(spokenLinks, name):
			for j := range links {
				links[j].Text = label(links[j].Text)
			}
		case isLinks:
		case f.Kind() == reflect.String && slices.Contains(spoken, name):
			f.SetString(phrase(f.String(), label))
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
