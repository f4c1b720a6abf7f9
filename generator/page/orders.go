package page

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"gongzhi/generator/han"
	"gongzhi/generator/site"
)

// order is a way to put names one after another. Each has pages of its own, so that the switch needs no script.
type order struct {
	path, label string // the last part of the address; 姓氏笔画
	lede        string // how it goes, in a sentence
	key         func(name string) string
	strokes     bool // lists are parted by the strokes of the first character
}

const strokesRule = "先比笔画数，同笔画数的依笔顺，横竖撇点折为序（《通用规范汉字表》的次序）。"

// orders are the orders beside the usual one of a page: the list's own on a roll, pinyin in the index of names.
var orders = []order{
	{path: "pinyin", label: "拼音", lede: "按姓名读音排列。", key: han.NameKey},
	{path: "surname-strokes", label: "姓氏笔画", lede: "按姓氏笔画排列：" + strokesRule + "同姓的，单名在前。", key: han.SurnameStrokeKey, strokes: true},
	{path: "name-strokes", label: "姓名笔画", lede: "按姓名笔画排列：" + strokesRule, key: han.NameStrokeKey, strokes: true},
}

// switches leads from one order of a page at base to the others. usual is the label of the order at base; but is left out.
func switches(s *site.Site, base, usual, current, but string) []Link {
	l := []Link{{Text: usual, URL: s.Href(base), Current: current == ""}}
	for _, o := range orders {
		if o.path != but {
			l = append(l, Link{Text: o.label, URL: s.Href(base + o.path + "/"), Current: o.path == current})
		}
	}
	return l
}

// ordered reports whether a roll is long enough for more than one order: two names at one time.
func ordered(r *site.RollOf) bool {
	return slices.ContainsFunc(r.Years, func(y site.RollYear) bool { return len(y.Records) > 1 })
}

// sorted gives the lines of a roll, those of each time in an order.
func (o order) sorted(r *site.RollOf) []*site.Record {
	type keyed struct {
		*site.Record
		key string
	}
	var records []*site.Record
	for _, y := range r.Years {
		all := make([]keyed, len(y.Records))
		for i, rec := range y.Records {
			all[i] = keyed{rec, o.key(han.ReadName(rec.Display(rec.Value(rec.Schema.Roll.Who))).Text)}
		}
		slices.SortStableFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
		for _, k := range all {
			records = append(records, k.Record)
		}
	}
	return records
}

// rollIn makes page i of n of the roll of one honour in another order than its own, in which its lines are given.
func rollIn(s *site.Site, r *site.RollOf, o order, sorted []*site.Record, whole map[string]rollDay, i, n int) *RollPage {
	p := rollPart(s, r, o.path, o.label, sorted, whole, i, n)
	p.Lede = o.lede
	p.Orders = switches(s, rollURL(r, "", 1), "名单", o.path, "")
	p.Jump = nil
	for _, y := range p.Years {
		p.Jump = append(p.Jump, Link{Text: y.Label, URL: "#" + y.ID, Count: len(y.Names)})
	}
	title := r.Title + "（" + o.label + "）"
	if i > 1 {
		title += fmt.Sprintf("（第 %d 页）", i)
	}
	p.Title = title
	p.Head = viewHead(s, r.Title+"名册（"+o.label+"）", fmt.Sprintf("%s获得者名册，%s", r.Title, o.lede), rollURL(r, o.path, i))
	return p
}

// strokesID and strokesLabel name a group of names by the strokes of their first characters.
func strokesID(n int) string {
	if n == 0 {
		return "other"
	}
	return fmt.Sprint(n)
}

func strokesLabel(n int) string {
	if n == 0 {
		return "其他"
	}
	return fmt.Sprintf("%d画", n)
}

// inOrder gives the names of the index in an order.
func (o order) inOrder(names []site.Name) []site.Name {
	keys := make(map[string]string, len(names))
	for _, n := range names {
		if keys[n.Text] == "" {
			keys[n.Text] = o.key(n.Text)
		}
	}
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b site.Name) int { return strings.Compare(keys[a.Text], keys[b.Text]) })
	return names
}

// strokeGroups are the numbers of strokes that names begin with, 0 last.
func strokeGroups(names []site.Name) []int {
	var l []int
	for _, n := range names {
		if k := han.FirstStrokes(n.Text); !slices.Contains(l, k) {
			l = append(l, k)
		}
	}
	slices.SortFunc(l, func(a, b int) int {
		if a == 0 || b == 0 {
			return b - a
		}
		return a - b
	})
	return l
}

// namesIn makes the index of names in an order of strokes, whole (only < 0), or page i of n of the names that begin with a
// number of them.
func namesIn(s *site.Site, o order, sorted []site.Name, only, i, n int) *NamesPage {
	all := s.Names()
	split := len(all) > namesLimit
	base := "/names/" + o.path + "/"
	title, url := "人名索引（"+o.label+"）", base
	crumbs := []Link{{Text: "人名索引", URL: s.Href("/names/")}}
	if only >= 0 {
		title, url = "人名索引（"+o.label+"）："+strokesLabel(only), base+strokesID(only)+"/"
		crumbs = append(crumbs, Link{Text: o.label, URL: s.Href(base)})
	}
	first := url
	if i > 1 {
		title += fmt.Sprintf("（第 %d 页）", i)
		url = pageURL(first, i)
	}
	p := NamesPage{Page: frame(s, "names", title, url, s.Href("/names/"), crumbs...), Count: len(all)}
	p.Lede = o.lede
	p.Orders = switches(s, "/names/", "拼音", o.path, "pinyin")
	counts := map[int]int{}
	for _, n := range sorted {
		k := han.FirstStrokes(n.Text)
		counts[k]++
		if split && only < 0 && counts[k] > firstNames || split && only >= 0 && (k != only || (counts[k]-1)/namesLimit+1 != i) {
			continue
		}
		if g := len(p.Groups); g == 0 || p.Groups[g-1].ID != "s"+strokesID(k) {
			p.Groups = append(p.Groups, NameGroup{Label: strokesLabel(k), ID: "s" + strokesID(k)})
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Names = append(g.Names, nameOf(s, n))
	}
	for _, k := range strokeGroups(all) {
		l := Link{Text: strokesLabel(k), URL: "#s" + strokesID(k), Count: counts[k], Current: k == only}
		if split {
			l.URL = s.Href(base + strokesID(k) + "/")
		}
		p.Initials = append(p.Initials, l)
	}
	if split && only < 0 {
		allOf(p.Groups, p.Initials)
	}
	p.Pager = pager(s, i, n, func(i int) string { return pageURL(first, i) })
	p.Head = viewHead(s, title, p.Lede, url)
	return &p
}

// orderedNames adds the pages of the index of names in the orders of strokes.
func orderedNames(s *site.Site, add func(Route)) {
	for _, o := range orders {
		if !o.strokes {
			continue
		}
		sorted := sync.OnceValue(func() []site.Name { return o.inOrder(s.Names()) }) // once for all pages
		add(Route{URL: "/names/" + o.path + "/", Origin: "人名索引", Data: func() Data { return namesIn(s, o, sorted(), -1, 1, 1) }})
		if all := s.Names(); len(all) > namesLimit {
			counts := map[int]int{}
			for i := range all {
				counts[han.FirstStrokes(all[i].Text)]++
			}
			for _, k := range strokeGroups(all) {
				n := (counts[k] + namesLimit - 1) / namesLimit
				for i := 1; i <= n; i++ {
					add(Route{URL: pageURL("/names/"+o.path+"/"+strokesID(k)+"/", i), Origin: "人名索引", Split: true, Data: func() Data { return namesIn(s, o, sorted(), k, i, n) }})
				}
			}
		}
	}
}
