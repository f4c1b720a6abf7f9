package render

import (
	"bytes"
	"slices"
	"strings"

	"gongzhi/generator/han"
	"gongzhi/generator/site"
)

// indexed is a name of the index under its initial.
type indexed struct {
	site.Name
	initial byte
	same    bool // there is another entry of that name
}

func (g *Generation) makeIndex() []indexed {
	names := g.Site.Names()
	count := make(map[string]int, len(names))
	for _, n := range names {
		count[n.Text]++
	}
	l := make([]indexed, len(names))
	for i, n := range names {
		l[i] = indexed{n, han.Initial(n.Key), count[n.Text] > 1}
	}
	return l
}

func initials(names []indexed) []byte {
	var l []byte
	for _, n := range names {
		if len(l) == 0 || l[len(l)-1] != n.initial {
			l = append(l, n.initial)
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

// namesPage makes the index of names, whole (only == 0), or one initial of it.
func (g *Generation) namesPage(b *bytes.Buffer, only byte) error {
	names := g.index()
	split := len(names) > namesLimit
	root := Link{Text: "人名索引", URL: g.Site.Href("/names/")}
	title, url := "人名索引", "/names/"
	var crumbs []Link
	if only != 0 {
		title, url = "人名索引："+initialLabel(only), "/names/"+strings.ToLower(initialID(only))+"/"
		crumbs = []Link{root}
	}
	frame, err := g.frame("names", title, url, root.URL, crumbs...)
	if err != nil {
		return err
	}
	p := NamesPage{Page: frame, Count: len(names)}
	p.Lede = "人物与授予记录等处出现的姓名，按拼音排列。同名的人分列；没有小传的，列出见于何处。"
	counts := map[byte]int{}
	for _, n := range names {
		c := n.initial
		counts[c]++
		if split && c != only {
			continue
		}
		if k := len(p.Groups); k == 0 || p.Groups[k-1].ID != initialID(c) {
			p.Groups = append(p.Groups, NameGroup{Label: initialLabel(c), ID: initialID(c)})
		}
		x := Name{Text: n.Text, Same: n.same}
		if n.Person != nil {
			x.URL = g.Site.Href(n.Person.URL)
			about := []string{}
			if l := life(n.Person); l != "" {
				about = append(about, l)
			}
			if v := n.Person.Value("unit"); v != nil {
				about = append(about, n.Person.Display(v))
			} else if v := n.Person.Value("positions"); v != nil && len(v.Items) > 0 {
				about = append(about, strings.Join(strings.FieldsFunc(n.Person.Display(&v.Items[0]), func(r rune) bool { return r == '，' }), " "))
			}
			x.Note = strings.Join(about, "，")
		} else {
			for _, r := range n.In[:min(len(n.In), relationLimit)] {
				x.Refs = append(x.Refs, Link{Text: r.Title, URL: g.Site.Href(r.URL)})
			}
		}
		gr := &p.Groups[len(p.Groups)-1]
		gr.Names = append(gr.Names, x)
	}
	for _, c := range initials(names) {
		l := Link{Text: initialLabel(c), URL: "#" + initialID(c), Count: counts[c], Current: c == only}
		if split {
			l.URL = g.Site.Href("/names/" + strings.ToLower(initialID(c)) + "/")
		}
		p.Initials = append(p.Initials, l)
	}
	p.Head = g.viewHead(title, p.Lede, url)
	return g.execute(b, "names", &p, "")
}
