package page

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// Size is how many records a page of a collection's list shows: lines of a table are short.
func Size(s *site.Site, c *site.Collection) int {
	if c.List == "entries" && !c.Rows {
		return s.Settings.PageSize
	}
	return s.RowsPerPage()
}

// List makes page i of n of a collection's list.
func List(s *site.Site, c *site.Collection, i, n int) (*ListPage, error) {
	url := site.ListURL(c.Key, i)
	first := s.Href(site.ListURL(c.Key, 1))
	title := c.Label
	var crumbs []Link
	if i > 1 {
		title = fmt.Sprintf("%s（第 %d 页）", c.Label, i)
		crumbs = []Link{{Text: c.Label, URL: first}}
	}
	p := ListPage{Page: frame(s, "list", title, url, first, crumbs...), Style: c.List, Count: len(c.Records), Unit: c.Unit}
	p.Lede = c.About
	size := Size(s, c)
	records := c.Records[(i-1)*size : min(i*size, len(c.Records))]
	fields := c.Shown(nil)
	if c.List == "table" {
		if !c.Rows {
			p.Columns = append(p.Columns, c.Fields[0].Label)
		}
		for _, f := range fields {
			p.Columns = append(p.Columns, f.Label)
		}
	}
	shown := fields
	if len(c.Sort) > 0 {
		shown = append(slices.Clone(fields), c.Sort[0].Field) // stands above its rows
	}
	var nb notebook
	for at, r := range records {
		label := groupLabel(c, r)
		if len(p.Groups) == 0 || p.Groups[len(p.Groups)-1].Label != label {
			p.Groups = append(p.Groups, Group{Label: label, ID: groupID(label, n)})
		}
		e := entry(s, r)
		switch c.List {
		case "table":
			e.Cells = cells(s, r, !c.Rows, fields)
			if c.Rows {
				if n := nb.gather(s, r); n > 0 {
					e.Marks = []int{n}
				}
				more, err := rest(s, r, shown)
				if err != nil {
					return nil, err
				}
				if n := nb.say("", more); n > 0 {
					e.Marks = append(e.Marks, n)
				}
			}
		case "roll":
			e.Cells = slices.DeleteFunc(cells(s, r, false, fields), func(c Cell) bool { return c.HTML == "" })
			e.Date.Text = r.Life()
		case "photos":
			if e.Image = pictureOf(s, r, inList); e.Image == nil {
				e.Image = &Figure{Alt: r.Text(content.Alt)}
			}
			e.Image.Lazy = at >= 4
		default:
			e.Summary = r.Summary()
			e.Image = leading(s, r, inThumb, at > 4)
			for _, f := range fields {
				if v := r.Value(f); v != nil {
					e.Meta = append(e.Meta, r.Display(v))
				}
			}
		}
		gr := &p.Groups[len(p.Groups)-1]
		gr.Entries = append(gr.Entries, e)
	}
	p.Notes = nb.notes
	p.Pager = pager(s, i, n, func(i int) string { return site.ListURL(c.Key, i) })
	p.Views = viewsOf(s, c)
	if i == 1 && n > longList {
		p.Jump, p.ByDecade = listJump(s, c, size)
		p.Worded = slices.ContainsFunc(p.Jump, func(l Link) bool { return utf8.RuneCountInString(l.Text) > 6 })
	}
	if c.Series != nil {
		p.seriesOf = c
	}
	p.Head = listHead(s, c, url, i)
	return &p, nil
}

// A list of more pages than longList says on its first page where each year or letter begins; where that would be more than maxJumps, each decade.
const longList, maxJumps = 3, 26

// groupID is where a heading of a list of n pages is led to.
func groupID(label string, n int) string {
	if n <= longList || label == "" {
		return ""
	}
	return "_" + label
}

// listJump leads to the headings of a list, on whatever page they are.
func listJump(s *site.Site, c *site.Collection, size int) (all []Link, byDecade bool) {
	var decades []Link
	label, decade := "", ""
	for i, r := range c.Records {
		if this := groupLabel(c, r); this != label {
			label = this
			if label == "" {
				continue
			}
			to := Link{Text: label, URL: s.Href(site.ListURL(c.Key, i/size+1)) + "#_" + label}
			all = append(all, to)
			if year, ok := strings.CutSuffix(label, "年"); ok && len(year) == 4 {
				to.Text = year[:3] + "0年代"
			}
			if to.Text != decade {
				decade = to.Text
				decades = append(decades, to)
			}
		}
		if label != "" {
			all[len(all)-1].Count++
			decades[len(decades)-1].Count++
		}
	}
	if byDecade = len(all) > maxJumps; byDecade {
		all = decades
	}
	if len(all) < 2 || len(all) > 2*maxJumps {
		return nil, false
	}
	return all, byDecade
}

// groupLabel is the heading that a record stands under in its list: by what the list is sorted by first.
func groupLabel(c *site.Collection, r *site.Record) string {
	if len(c.Sort) == 0 {
		return ""
	}
	f := c.Sort[0].Field
	if kinds[f.Type].switches && len(c.Sort) > 1 {
		if r.Value(f) != nil {
			return f.Label
		}
		f = c.Sort[1].Field
	}
	if f.Ordinal == 0 { // the title
		if !c.Title.Name {
			return ""
		}
		return string(r.Initial())
	}
	v := r.Value(f)
	if v != nil && v.Items != nil {
		v = &v.Items[0]
	}
	return kinds[f.Type].heading(c, v)
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
func termSets(s *site.Site, limit int) []TermSet {
	var sets []TermSet
	for _, b := range s.Browse() {
		sets = append(sets, termSet(s, b, limit))
	}
	return sets
}

// termSet gives one field; limit 0 is all its terms.
func termSet(s *site.Site, b *site.Browse, limit int) TermSet {
	set := TermSet{Label: b.Label, URL: s.Href("/browse/" + b.Key + "/")}
	for i, t := range b.Terms {
		if limit > 0 && i == limit && !b.Years {
			set.More = true
			break
		}
		set.Terms = append(set.Terms, Link{Text: t.Text, URL: s.Href("/browse/" + b.Key + "/" + t.Slug + "/"), Count: len(t.Records)})
	}
	return set
}

// browse makes /browse/ (only == nil) or the page of one field.
func browse(s *site.Site, only *site.Browse) *BrowsePage {
	root := Link{Text: "分类浏览", URL: s.Href("/browse/")}
	if only == nil {
		p := BrowsePage{Page: frame(s, "browse", "分类浏览", "/browse/", root.URL), Sets: termSets(s, 40)}
		p.Lede = "按地区、行业、主题词、年份等翻检全部记录。"
		p.Head = viewHead(s, "分类浏览", p.Lede, "/browse/")
		return &p
	}
	url := "/browse/" + only.Key + "/"
	p := BrowsePage{Page: frame(s, "browse", "按"+only.Label+"浏览", url, root.URL, root)}
	p.Sets = []TermSet{termSet(s, only, 0)}
	p.Head = viewHead(s, p.Title, "按"+only.Label+"浏览全部记录。", url)
	return &p
}

// termURL is the path of page i of a term.
func termURL(field *site.Browse, t *site.Term, i int) string {
	u := "/browse/" + field.Key + "/" + t.Slug + "/"
	if i > 1 {
		u += fmt.Sprintf("page/%d/", i)
	}
	return u
}

// term makes page i of n of the records that have a term.
func term(s *site.Site, field *site.Browse, t *site.Term, i, n int) *TermPage {
	pages := func(i int) string { return termURL(field, t, i) }
	root := Link{Text: "分类浏览", URL: s.Href("/browse/")}
	up := Link{Text: field.Label, URL: s.Href("/browse/" + field.Key + "/")}
	title := t.Text
	if field.Years {
		title += "年"
	}
	if i > 1 {
		title = fmt.Sprintf("%s（第 %d 页）", title, i)
	}
	p := TermPage{Page: frame(s, "term", title, pages(i), root.URL, root, up), Field: up, Count: len(t.Records)}
	size := s.RowsPerPage()
	for _, r := range t.Records[(i-1)*size : min(i*size, len(t.Records))] {
		if k := len(p.Groups); k == 0 || p.Groups[k-1].Label != r.Schema.Label {
			of := slices.IndexFunc(t.Counts, func(n site.TermCount) bool { return n.Of == r.Collection })
			p.Groups = append(p.Groups, Group{Label: r.Schema.Label, URL: s.Href(site.ListURL(r.Schema.Key, 1)), Count: t.Counts[of].Count})
		}
		e := entry(s, r)
		e.ID = ""
		if r.Schema.Title.Name {
			e.Date.Text = r.Life()
		}
		gr := &p.Groups[len(p.Groups)-1]
		gr.Entries = append(gr.Entries, e)
	}
	p.Pager = pager(s, i, n, pages)
	p.Head = viewHead(s, title, field.Label+"为“"+t.Text+"”的记录，共 "+strconv.Itoa(len(t.Records))+" 条。", pages(i))
	return &p
}

// Search makes the search page.
func Search(s *site.Site) *SearchPage {
	p := SearchPage{Page: frame(s, "search", "检索", "/search/", ""), Browse: slices.Concat(navigation(s), collections(s))}
	if s.HasChronicle() {
		p.Decades = decadeLinks(s)
		for i, d := range s.Decades() {
			p.Decades[i].Note = yearsOf(d)
		}
	}
	p.Head = viewHead(s, "检索", "检索全部记录：人名、单位、年份、文中任何一段文字。", "/search/")
	return &p
}

// NotFound makes what is shown where there is no page.
func NotFound(s *site.Site) *NotFoundPage {
	p := NotFoundPage{Page: frame(s, "notfound", "没有这一页", "/404.html", "")}
	p.Head = template.HTML(`<meta name="robots" content="noindex">` + "\n" + `<meta name="description" content="没有这一页：网址可能写错，记录也可能已经改名或撤下。">`)
	return &p
}
