package site

import (
	"gongzhi/generator/content"
	"gongzhi/generator/dates"
)

// Modified is when what a record says was last changed, as far as it says so itself: the field for it, else the last correction, else, of what is
// published by its date, that. The zero date if nothing says.
func (r *Record) Modified() dates.Date {
	if v := r.Role(content.Modified); v != nil && v.Date != nil {
		return *v.Date
	}
	var last dates.Date
	if v := r.Role(content.Corrections); v != nil {
		v.Each(func(c *content.Value) {
			for i := range c.Parts {
				if d := c.Parts[i].Date; d != nil && (last.IsZero() || d.Compare(last) > 0) {
					last = *d
				}
			}
		})
	}
	if last.IsZero() && r.Collection.Feed {
		return r.Day
	}
	return last
}

// News is the date under which a feed has a record: of a person only when what is said of them was changed, since a birth is no news.
func (r *Record) News() dates.Date {
	if d := r.Modified(); !d.IsZero() || r.Schema.Title.Name {
		return d
	}
	return r.Day
}

// SharesTitle reports whether another record of the collection has the same title.
func (s *Site) SharesTitle(r *Record) bool {
	for _, other := range s.titled(r.Record.Title) {
		if other != r && other.Collection == r.Collection && other.Title == r.Title {
			return true
		}
	}
	return false
}
