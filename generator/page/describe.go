package page

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
	"gongzhi/generator/site"
)

// Lengths in characters of what search engines and messengers are told of a page.
const (
	shortAbout = 16
	longAbout  = 120
)

// describe says what a page of a record is about: its summary; if it has none, or a few words only, what its fields say.
func describe(s *site.Site, r *site.Record, p *RecordPage) string {
	about := r.Summary()
	if utf8.RuneCountInString(about) >= shortAbout {
		if !strings.Contains(about, r.Title) { // several may have the same
			return r.Title + "：" + about
		}
		return about
	}
	var b strings.Builder
	b.WriteString(r.Title)
	if life := r.Life(); p.Person && life != "" {
		b.WriteString("（" + life + "）")
	}
	if about = strings.TrimSuffix(about, "。"); about != "" && about != r.Title {
		b.WriteString("，" + about)
	}
	if len(p.Honors) > 0 {
		var got []string
		for _, l := range p.Honors[:min(3, len(p.Honors))] {
			got = append(got, l.Text)
		}
		b.WriteString("，获" + strings.Join(got, "、"))
		if n := len(p.Honors); n > 3 {
			b.WriteString("等 " + strconv.Itoa(n) + " 项荣誉")
		}
	}
	said := b.String() // without labels: what a field is called changes nothing else
	for i := range r.Values {
		v := &r.Values[i]
		f := v.Field
		if f.Ordinal == 0 || f.Hide || f.Notes || f.Role == content.Summary || kinds[f.Type].text || kinds[f.Type].picture || kinds[f.Type].facts || f.Type == content.URL || f.Type == content.FileType {
			continue
		}
		if p.Person && (f.Role == content.Born || f.Role == content.Died) {
			continue
		}
		text := r.Display(v)
		if text == "" || utf8.RuneCountInString(text) > 40 || strings.Contains(said, text) {
			continue
		}
		if utf8.RuneCountInString(said)+utf8.RuneCountInString(text) > longAbout-40 {
			break
		}
		said += text
		b.WriteString("；" + f.Label + "：" + text)
	}
	b.WriteString("。" + s.Settings.Title + "的" + r.Collection.Label + "记录。")
	return b.String()
}

// homeDescription is the site's own, or what it holds.
func homeDescription(s *site.Site) string {
	if s.Settings.Description != "" {
		return s.Settings.Description
	}
	var l []string
	for _, c := range s.Collections {
		l = append(l, c.Label+" "+strconv.Itoa(len(c.Records))+" "+c.Unit)
	}
	return han.SentenceEnd(s.Settings.Title+"："+strings.Join(l, "，")+"。", longAbout)
}

// distinct makes the description of a page that gathers records its own: with what it gathers, and which page it is.
func distinct(_ *site.Site, title, description, path string) string {
	if n := pageNumber(path); n != "" {
		description = strings.TrimSuffix(description, "。") + "，第 " + n + " 页。"
	}
	if description == "" || !strings.Contains(description, title) {
		return title + "：" + description
	}
	return description
}

// pageNumber is the number of a further page of a list, or "".
func pageNumber(path string) string {
	path = strings.TrimSuffix(path, "/")
	i := strings.LastIndexByte(path, '/')
	if i < 0 || !strings.HasSuffix(path[:i], "/page") {
		return ""
	}
	return path[i+1:]
}

// tab is the title of a page among all others: what it is called, which page of it, and what it belongs to.
func tab(title, path string, crumbs []Link) string {
	if n := pageNumber(path); n != "" && !strings.Contains(title, "第 "+n+" 页") {
		title += "（第 " + n + " 页）"
	}
	if len(crumbs) > 1 { // the first is the home page
		title += " - " + crumbs[len(crumbs)-1].Text
	}
	return title
}
