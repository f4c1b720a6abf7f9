package render

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
	"gongzhi/generator/site"
)

// pageSize is how many records a page of a collection's list shows: lines of a table are short.
func (g *Generation) pageSize(c *site.Collection) int {
	if c.List == "entries" && !c.Rows {
		return g.Settings.PageSize
	}
	return g.Site.RowsPerPage()
}

// list makes page i of n of a collection's list.
func (g *Generation) list(b *bytes.Buffer, c *site.Collection, i, n int) error {
	url := site.ListURL(c.Key, i)
	first := g.Site.Href(site.ListURL(c.Key, 1))
	title := c.Label
	var crumbs []Link
	if i > 1 {
		title = fmt.Sprintf("%s（第 %d 页）", c.Label, i)
		crumbs = []Link{{Text: c.Label, URL: first}}
	}
	frame, err := g.frame("list", title, url, first, crumbs...)
	if err != nil {
		return err
	}
	p := ListPage{Page: frame, Style: c.List, Count: len(c.Records), Unit: c.Unit}
	p.Lede = c.About
	size := g.pageSize(c)
	records := c.Records[(i-1)*size : min(i*size, len(c.Records))]
	fields := columns(c.Schema, nil)
	if c.List == "table" {
		if !c.Rows {
			p.Columns = append(p.Columns, c.Fields[0].Label)
		}
		for _, f := range fields {
			p.Columns = append(p.Columns, f.Label)
		}
	}
	shown := fields
	if len(c.Sort) > 0 && c.Field(c.Sort[0].Field) != nil {
		shown = append(slices.Clone(fields), c.Field(c.Sort[0].Field)) // stands above its rows
	}
	var nb notebook
	for _, r := range records {
		label := groupLabel(c, r)
		if len(p.Groups) == 0 || p.Groups[len(p.Groups)-1].Label != label {
			p.Groups = append(p.Groups, Group{Label: label})
		}
		e := g.entry(r)
		switch c.List {
		case "table":
			e.Cells = g.cells(r, !c.Rows, fields)
			if c.Rows {
				e.Marks, _ = nb.add(g, r)
				if n := nb.say("", g.rest(r, shown)); n > 0 {
					e.Marks = append(e.Marks, n)
				}
			}
		case "roll":
			e.Cells = g.cells(r, false, fields)
			e.Date.Text = life(r)
		case "photos":
			e.Image = &Figure{Alt: r.Text("alt")}
			for k := range r.Values {
				if r.Values[k].Field.Type == content.Image {
					if f := g.figure(r, &r.Values[k]); f != nil {
						e.Image = f
					}
				}
			}
		default:
			e.Summary = summary(r)
			for _, f := range fields {
				if v := value(r, f); v != nil {
					e.Meta = append(e.Meta, r.Display(v))
				}
			}
		}
		gr := &p.Groups[len(p.Groups)-1]
		gr.Entries = append(gr.Entries, e)
	}
	p.Notes = nb.notes
	p.Pager = g.pager(i, n, func(i int) string { return site.ListURL(c.Key, i) })
	p.Views = g.viewsOf(c)
	p.Head = g.listHead(c, url, i)
	return g.execute(b, "list", &p, "")
}

// life is the years of a person's life as they stand behind a name: 1898—1967.
func life(r *site.Record) string {
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

// groupLabel is the heading that a record stands under in its list: by what the list is sorted by first.
func groupLabel(c *site.Collection, r *site.Record) string {
	if len(c.Sort) == 0 {
		return ""
	}
	key := c.Sort[0].Field
	if f := c.Field(key); f != nil && f.Type == content.Bool && len(c.Sort) > 1 {
		if v := value(r, f); v != nil {
			return f.Label
		}
		key = c.Sort[1].Field
	}
	if key == "title" {
		if !c.Title.Name {
			return ""
		}
		return string(han.Initial(r.NameKey()))
	}
	f := c.Field(key)
	if f == nil {
		return ""
	}
	switch f.Type {
	case content.DateType:
		if c.List == "table" {
			return ""
		}
		v := value(r, f)
		if v == nil {
			return "时间不详"
		}
		from, _ := site.YearSpan(*v.Date)
		if from == 0 {
			return v.Date.Display()
		}
		return strconv.Itoa(from) + "年"
	case content.Enum, content.Term:
		if v := value(r, f); v != nil {
			return v.Text
		}
		return "未分类"
	}
	return ""
}

// viewsOf gives the other ways into a collection's records.
func (g *Generation) viewsOf(c *site.Collection) []Link {
	var l []Link
	add := func(text, url string, is bool) {
		if is {
			l = append(l, Link{Text: text, URL: g.Site.Href(url)})
		}
	}
	add("大事记", "/chronicle/", c.Schema.Chronicle != nil && len(g.Site.Chronicle()) > 0)
	add("荣誉名册", "/rolls/", (c.Schema.Roll != nil || c.Key == "honors") && len(g.Site.Rolls()) > 0)
	add("人名索引", "/names/", c.Title.Name)
	add("统计图表", "/series/", c.Schema.Series != nil)
	return l
}

// home makes the front page.
func (g *Generation) home(b *bytes.Buffer) error {
	frame, err := g.frame("home", "", "/", "")
	if err != nil {
		return err
	}
	p := HomePage{Page: frame, DaysURL: ""}
	p.Lede = g.Settings.Description
	for _, c := range g.Site.Collections {
		p.Numbers = append(p.Numbers, Link{Text: c.Label, URL: g.Site.Href(site.ListURL(c.Key, 1)), Count: len(c.Records), Note: c.Unit})
		if c.Feed && p.Lead == nil {
			for i, r := range c.Records[:min(7, len(c.Records))] {
				e := g.entry(r)
				e.Summary = summary(r)
				if i == 0 {
					p.Lead = &e
				} else {
					p.Reports = append(p.Reports, e)
				}
			}
			continue
		}
		s := Group{Label: c.Label, URL: g.Site.Href(site.ListURL(c.Key, 1)), Count: len(c.Records)}
		if !c.Rows {
			for _, r := range spread(c.Records, 6) {
				e := g.entry(r)
				if c.Title.Name {
					e.Date.Text = life(r)
				}
				for _, f := range columns(c.Schema, nil) {
					if v := value(r, f); v != nil && f.Type != content.Object {
						e.Meta = append(e.Meta, r.Display(v))
						break
					}
				}
				s.Entries = append(s.Entries, e)
			}
		}
		if len(s.Entries) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	for _, r := range g.Site.Rolls() {
		p.Rolls = append(p.Rolls, g.rollLink(r))
	}
	p.Rolls = p.Rolls[:min(12, len(p.Rolls))]
	p.Decades = g.decadeLinks()
	if len(g.days()) > 0 {
		p.DaysURL = g.Site.Href("/days/")
	}
	// The fields that every record may have; the others are on the page that the navigation calls 分类浏览.
	for i, set := range g.termSets(14) {
		if g.Site.Browse()[i].Common {
			p.Terms = append(p.Terms, set)
		}
	}
	p.Head = g.homeHead()
	return g.execute(b, "home", &p, "")
}

// spread picks n records evenly, so that a front page shows more than the first letter of a list.
func spread(records []*site.Record, n int) []*site.Record {
	if len(records) <= n {
		return records
	}
	picked := make([]*site.Record, n)
	for i := range picked {
		picked[i] = records[i*len(records)/n]
	}
	return picked
}

// termSets gives each field to browse by with its first terms.
func (g *Generation) termSets(limit int) []TermSet {
	var sets []TermSet
	for _, b := range g.Site.Browse() {
		sets = append(sets, g.termSet(b, limit))
	}
	return sets
}

// termSet gives one field; limit 0 is all its terms.
func (g *Generation) termSet(b *site.Browse, limit int) TermSet {
	s := TermSet{Label: b.Label, URL: g.Site.Href("/browse/" + b.Key + "/")}
	for i, t := range b.Terms {
		if limit > 0 && i == limit && b.Key != "year" {
			s.More = true
			break
		}
		s.Terms = append(s.Terms, Link{Text: t.Text, URL: g.Site.Href("/browse/" + b.Key + "/" + t.Slug + "/"), Count: len(t.Records)})
	}
	return s
}

// browse makes /browse/ (only == nil) or the page of one field.
func (g *Generation) browse(b *bytes.Buffer, only *site.Browse) error {
	root := Link{Text: "分类浏览", URL: g.Site.Href("/browse/")}
	if only == nil {
		frame, err := g.frame("browse", "分类浏览", "/browse/", root.URL)
		if err != nil {
			return err
		}
		p := BrowsePage{Page: frame, Sets: g.termSets(40)}
		p.Lede = "按地区、行业、主题词、年份等翻检全部记录。"
		p.Head = g.viewHead("分类浏览", p.Lede, "/browse/")
		return g.execute(b, "browse", &p, "")
	}
	url := "/browse/" + only.Key + "/"
	frame, err := g.frame("browse", "按"+only.Label+"浏览", url, root.URL, root)
	if err != nil {
		return err
	}
	p := BrowsePage{Page: frame}
	p.Sets = []TermSet{g.termSet(only, 0)}
	p.Head = g.viewHead(p.Title, "按"+only.Label+"浏览全部记录。", url)
	return g.execute(b, "browse", &p, "")
}

// term makes page i of n of the records that have a term.
func (g *Generation) term(b *bytes.Buffer, field *site.Browse, t *site.Term, i, n int) error {
	pages := func(i int) string {
		u := "/browse/" + field.Key + "/" + t.Slug + "/"
		if i > 1 {
			u += fmt.Sprintf("page/%d/", i)
		}
		return u
	}
	root := Link{Text: "分类浏览", URL: g.Site.Href("/browse/")}
	up := Link{Text: field.Label, URL: g.Site.Href("/browse/" + field.Key + "/")}
	title := t.Text
	if field.Key == "year" {
		title += "年"
	}
	if i > 1 {
		title = fmt.Sprintf("%s（第 %d 页）", title, i)
	}
	frame, err := g.frame("term", title, pages(i), root.URL, root, up)
	if err != nil {
		return err
	}
	p := TermPage{Page: frame, Field: up, Count: len(t.Records)}
	size := g.Site.RowsPerPage()
	for _, r := range t.Records[(i-1)*size : min(i*size, len(t.Records))] {
		if k := len(p.Groups); k == 0 || p.Groups[k-1].Label != r.Schema.Label {
			p.Groups = append(p.Groups, Group{Label: r.Schema.Label, URL: g.Site.Href(site.ListURL(r.Schema.Key, 1))})
		}
		e := g.entry(r)
		e.ID = ""
		if r.Schema.Title.Name {
			e.Date.Text = life(r)
		}
		gr := &p.Groups[len(p.Groups)-1]
		gr.Entries = append(gr.Entries, e)
	}
	p.Pager = g.pager(i, n, pages)
	p.Head = g.viewHead(title, field.Label+"为“"+t.Text+"”的记录，共 "+strconv.Itoa(len(t.Records))+" 条。", pages(i))
	return g.execute(b, "term", &p, "")
}

func (g *Generation) searchPage(b *bytes.Buffer) error {
	frame, err := g.frame("search", "检索", "/search/", "")
	if err != nil {
		return err
	}
	p := SearchPage{Page: frame, Browse: slices.Concat(g.info.Views, g.info.Nav)}
	p.Head = g.viewHead("检索", "检索全部记录：人名、单位、年份、文中任何一段文字。", "/search/")
	return g.execute(b, "search", &p, "")
}

func (g *Generation) notFound(b *bytes.Buffer) error {
	frame, err := g.frame("notfound", "没有这一页", "/404.html", "")
	if err != nil {
		return err
	}
	p := NotFoundPage{Page: frame}
	p.Head = template.HTML(`<meta name="robots" content="noindex">`)
	return g.execute(b, "notfound", &p, "")
}
