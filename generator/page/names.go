package page

import (
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

func initials(names []site.Name) []byte {
	var l []byte
	for _, n := range names {
		if len(l) == 0 || l[len(l)-1] != n.Initial {
			l = append(l, n.Initial)
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

func initialID(c byte) string {
	if c == '#' {
		return "other"
	}
	return string(c)
}

func initialLabel(c byte) string {
	if c == '#' {
		return "其他"
	}
	return string(c)
}

// firstNames is how many names of each initial stand on the landing page of a long index.
const firstNames = 12

// names makes the index of names, whole (only == 0), or page i of n of one initial of it. Where there are too many for one
// page, the whole is some names of each initial.
func names(s *site.Site, only byte, i, n int) *NamesPage {
	names := s.Names()
	split := len(names) > namesLimit
	root := Link{Text: "人名索引", URL: s.Href("/names/")}
	title, url := "人名索引", "/names/"
	var crumbs []Link
	if only != 0 {
		title, url = "人名索引："+initialLabel(only), "/names/"+strings.ToLower(initialID(only))+"/"
		crumbs = []Link{root}
	}
	first := url
	if i > 1 {
		title += fmt.Sprintf("（第 %d 页）", i)
		url = pageURL(first, i)
	}
	p := NamesPage{Page: frame(s, "names", title, url, root.URL, crumbs...), Count: len(names)}
	p.Lede = "人物与授予记录等处出现的姓名，按拼音排列。同名的人分列；没有小传的，列出见于何处。"
	counts := map[byte]int{}
	for _, n := range names {
		c := n.Initial
		counts[c]++
		switch {
		case split && only == 0 && counts[c] > firstNames, split && only != 0 && (c != only || (counts[c]-1)/namesLimit+1 != i):
			continue
		}
		if k := len(p.Groups); k == 0 || p.Groups[k-1].ID != initialID(c) {
			p.Groups = append(p.Groups, NameGroup{Label: initialLabel(c), ID: initialID(c)})
		}
		x := nameOf(s, n)
		gr := &p.Groups[len(p.Groups)-1]
		gr.Names = append(gr.Names, x)
	}
	for _, c := range initials(names) {
		l := Link{Text: initialLabel(c), URL: "#" + initialID(c), Count: counts[c], Current: c == only}
		if split {
			l.URL = s.Href("/names/" + strings.ToLower(initialID(c)) + "/")
		}
		p.Initials = append(p.Initials, l)
	}
	if split && only == 0 {
		allOf(p.Groups, p.Initials)
	}
	p.Pager = pager(s, i, n, func(i int) string { return pageURL(first, i) })
	p.Orders = switches(s, "/names/", "拼音", "", "pinyin")
	p.Head = viewHead(s, title, p.Lede, url)
	return &p
}

// nameOf is one name of the index with what tells it from others.
func nameOf(s *site.Site, n site.Name) Name {
	x := Name{Text: n.Text, Same: n.Same}
	if n.Person == nil {
		x.Note = n.Unit
		for _, r := range n.In[:min(len(n.In), relationLimit)] {
			x.Refs = append(x.Refs, Link{Text: r.Title, URL: s.Href(r.URL)})
		}
		return x
	}
	x.URL = s.Href(n.Person.URL)
	about := []string{}
	if l := n.Person.Life(); l != "" {
		about = append(about, l)
	}
	if v := n.Person.Role(content.Unit); v != nil {
		about = append(about, n.Person.Display(v))
	} else if v := n.Person.Role(content.Posts); v != nil && len(v.Items) > 0 {
		about = append(about, strings.Join(strings.FieldsFunc(n.Person.Display(&v.Items[0]), func(r rune) bool { return r == '，' }), " "))
	}
	if v := n.Person.Role(content.NativePlace); v != nil && n.Same && len(about) < 2 {
		about = append(about, n.Person.Display(v)+"人")
	}
	x.Note = strings.Join(about, "，")
	return x
}

// allOf leads from the first names of each group to all of it.
func allOf(groups []NameGroup, links []Link) {
	for k := range groups {
		for _, l := range links {
			if l.Text == groups[k].Label && l.Count > firstNames {
				groups[k].More = &Link{Text: fmt.Sprintf("%s：全部 %d 人", l.Text, l.Count), URL: l.URL}
			}
		}
	}
}
