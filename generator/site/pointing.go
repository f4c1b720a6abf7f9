package site

import (
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/markdown"
)

// Pointer is one place at which a record speaks of another: a value of a reference field, or a link.
type Pointer struct {
	From  *content.Record // as its file has it
	Value *content.Value  // the value, or the Markdown field in which the link stands; nil for a link in the body
	Ref   *markdown.Ref   // the link, or nil
}

// Pointing finds every place that leads to a record, in the order of the files.
func (s *Site) Pointing(to *Record) []Pointer {
	var found []Pointer
	url := escape(to.URL)
	for _, c := range s.Collections {
		for _, r := range c.Records {
			own := r.Own()
			own.Each(func(v *content.Value) {
				for _, x := range r.refs {
					if y := x.value; (x.to == to || x.hidden == to) && (y == v || y.Field == v.Field && y.Line == v.Line && y.Col == v.Col && y.Text == v.Text) {
						found = append(found, Pointer{From: own, Value: v})
						break
					}
				}
			})
			for _, l := range r.links {
				var in *content.Value
				own.Each(func(v *content.Value) {
					if v.Body == l.body {
						in = v
					}
				})
				for i := range l.to {
					if u := l.to[i].URL; u == url || strings.HasPrefix(u, url+"#") {
						found = append(found, Pointer{From: own, Value: in, Ref: &l.body.Refs[i]})
					}
				}
			}
		}
	}
	return found
}
