package site

import (
	"html"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
)

var unbracket = strings.NewReplacer("（）", "", "（，）", "", "（，", "（", "，）", "）")

// Expand fills a schema's pattern, {recipient}获{honor}, with the record's values.
func (r *Record) Expand(p content.Pattern) string { return r.expand(p, nil) }

// expand is Expand with what the words of the pattern stand for.
func (r *Record) expand(p content.Pattern, words map[string]string) string {
	var b strings.Builder
	filled := false
	for _, x := range p {
		switch {
		case x.Field == nil && x.Word == "":
			b.WriteString(x.Text)
			continue
		case x.Word != "":
			b.WriteString(words[x.Word])
		case x.Field.Ordinal == 0:
			b.WriteString(r.Title)
		default:
			b.WriteString(r.Display(r.Value(x.Field)))
		}
		filled = true
	}
	if !filled {
		return b.String()
	}
	return unbracket.Replace(b.String()) // what stood in the brackets is not known
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
		if p := r.Schema.Title.Compose; p != nil {
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
		if r.Schema.Roll != nil && r.Revoked() != "" {
			r.Title += "（已撤销）"
		}
	}
	for _, r := range j.all {
		one(r)
	}
}

// Summary is what stands for the record in a list: its summary, or the beginning of its text.
func (r *Record) Summary() string {
	if s := r.Text(content.Summary); s != "" {
		return s
	}
	text, titled := r.Body.Excerpt, false
	if text == "" {
		return ""
	}
	links := r.Links(r.Body)
	for i, ref := range r.Body.Refs {
		if ref.TitleOffset >= 0 && i < len(links) && links[i].Title != "" && ref.Target != links[i].Title && strings.Contains(text, ref.Target) {
			text, titled = strings.Replace(text, ref.Target, links[i].Title, 1), true
		}
	}
	if titled {
		text = han.SentenceEnd(text, 120)
	}
	return text
}

// AppendBodyText appends the text of the body as a reader sees it, its blocks separated by '\n'. source is what AppendBody gave.
func (r *Record) AppendBodyText(dst, source []byte) []byte {
	return markdown.AppendText(dst, r.titled(r.Body, source))
}

// titled puts the titles of records into the links to them that have no other text, as a page shows them.
func (r *Record) titled(b *markdown.Body, source []byte) []byte {
	links, at := r.Links(b), 0
	var out []byte
	for i, ref := range b.Refs {
		if ref.TitleOffset >= at && ref.TitleEnd <= len(source) && i < len(links) && links[i].Title != "" {
			out = append(append(out, source[at:ref.TitleOffset]...), html.EscapeString(links[i].Title)...)
			at = ref.TitleEnd
		}
	}
	if at == 0 {
		return source
	}
	return append(out, source[at:]...)
}

// Author is who wrote the record, or "".
func (r *Record) Author() string { return r.Display(r.Role(content.Author)) }

// Life is the years of a person's life as they stand behind a name: 1898—1967.
func (r *Record) Life() string {
	year := func(role content.Role) string {
		v := r.Role(role)
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
	birth, death := year(content.Born), year(content.Died)
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
