package site

import (
	"strconv"
	"strings"

	"gongzhi/generator/content"
)

// Display is a value as text for people: titles of records, dates in Chinese, lists joined by 、.
func (r *Record) Display(v *content.Value) string {
	if v == nil {
		return ""
	}
	if v.Items != nil {
		var l []string
		for i := range v.Items {
			l = append(l, r.Display(&v.Items[i]))
		}
		return strings.Join(l, "、")
	}
	switch v.Field.Type {
	case content.RefType:
		return r.Name(v)
	case content.DateType:
		return v.Date.Display()
	case content.Object:
		var l []string
		for i := range v.Parts {
			l = append(l, r.Display(&v.Parts[i]))
		}
		return strings.Join(l, "，")
	case content.Bool:
		if v.Bool() {
			return "是"
		}
		return "否"
	}
	return v.Text
}

var unbracket = strings.NewReplacer("（）", "", "（，）", "", "（，", "（", "，）", "）")

// Expand fills a schema's pattern, {recipient}获{honor}, with the record's values.
func (r *Record) Expand(pattern string) string { return r.expand(pattern, nil) }

// expand is Expand with words of its own for some names.
func (r *Record) expand(pattern string, words map[string]string) string {
	if !strings.Contains(pattern, "{") {
		return pattern
	}
	var b strings.Builder
	for {
		text, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(text)
		if !ok {
			return unbracket.Replace(b.String()) // what stood in the brackets is not known
		}
		key, after, _ := strings.Cut(rest, "}")
		if word, ok := words[key]; ok {
			b.WriteString(word)
		} else if key == "title" {
			b.WriteString(r.Title)
		} else {
			b.WriteString(r.Display(r.Value(key)))
		}
		pattern = after
	}
}

// compose gives a title to records that have none of their own.
func (j *joiner) compose() {
	begun := map[*Record]bool{}
	var one func(r *Record)
	one = func(r *Record) {
		if r.Title != "" || begun[r] {
			return
		}
		begun[r] = true
		if p := r.Schema.Title.Compose; p != "" {
			for _, x := range r.refs {
				if x.to != nil {
					one(x.to) // its title may be part of this one
				}
			}
			r.Title = r.Expand(p)
		}
		if r.Title == "" {
			r.Title = r.ID
		}
	}
	for _, r := range j.all {
		one(r)
	}
}

// Summary is what stands for the record in a list: its summary, or the beginning of its text.
func (r *Record) Summary() string {
	if s := r.Text("summary"); s != "" {
		return s
	}
	return r.Body.Excerpt
}

// Life is the years of a person's life as they stand behind a name: 1898—1967.
func (r *Record) Life() string {
	year := func(key string) string {
		v := r.Value(key)
		if v == nil || v.Date == nil {
			return ""
		}
		from, to := v.Date.Years()
		if from != to {
			return v.Date.Display()
		}
		s := strconv.Itoa(from)
		if v.Date.Approx() {
			s = "约" + s
		}
		if v.Date.Uncertain() {
			s += "？"
		}
		return s
	}
	birth, death := year("birth"), year("death")
	switch {
	case birth != "" && death != "":
		return birth + "—" + death
	case birth != "":
		return birth + "年生"
	case death != "":
		return death + "年逝世"
	}
	return ""
}

// ValueOf finds the record's value for a field, or gives nil.
func (r *Record) ValueOf(f *content.Field) *content.Value {
	for i := range r.Values {
		if r.Values[i].Field == f {
			return &r.Values[i]
		}
	}
	return nil
}
