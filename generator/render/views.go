package render

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/han"
	"gongzhi/generator/site"
)

// Limits beyond which a view is divided into several pages, so that none grows without end.
const (
	chronicleLimit = 1500 // lines; then each decade has a page
	namesLimit     = 3000 // names; then each initial has a page
)

// routeViews lays out the pages that gather records from all collections.
func (g *Generation) routeViews(l *layout) {
	s := g.Site
	if entries := s.Chronicle(); len(entries) > 0 {
		l.page("/chronicle/", "大事记", func(b *bytes.Buffer) error { return g.chronicle(b, "") })
		if len(entries) > chronicleLimit {
			for _, d := range g.ages() {
				l.page("/chronicle/"+d.id+"/", "大事记", func(b *bytes.Buffer) error { return g.chronicle(b, d.id) })
			}
		}
		if days := g.days(); len(days) > 0 {
			l.page("/days/", "历史上的今天", func(b *bytes.Buffer) error { return g.daysPage(b, 0) })
			for m := 1; m <= 12; m++ {
				l.page(fmt.Sprintf("/days/%02d/", m), "历史上的今天", func(b *bytes.Buffer) error { return g.daysPage(b, m) })
			}
		}
	}
	if rolls := s.Rolls(); len(rolls) > 0 {
		l.page("/rolls/", "荣誉名册", g.rollsPage)
		for _, r := range rolls {
			l.written("/rolls/"+r.Slug+"/", "荣誉“"+r.Title+"”的名册", r.Pos, func(b *bytes.Buffer) error { return g.rollPage(b, r) })
		}
	}
	if names := s.Names(); len(names) > 0 {
		l.page("/names/", "人名索引", func(b *bytes.Buffer) error { return g.namesPage(b, 0) })
		if len(names) > namesLimit {
			for _, c := range initials(g.index()) {
				l.page("/names/"+strings.ToLower(initialID(c))+"/", "人名索引", func(b *bytes.Buffer) error { return g.namesPage(b, c) })
			}
		}
	}
	if topics := s.Series(); len(topics) > 0 {
		l.page("/series/", "统计", func(b *bytes.Buffer) error { return g.seriesPage(b, nil) })
		for _, t := range topics {
			l.written("/series/"+t.Slug+"/", "统计主题“"+t.Title+"”", t.Pos, func(b *bytes.Buffer) error { return g.seriesPage(b, t) })
		}
	}
	if all := s.Browse(); len(all) > 0 {
		l.page("/browse/", "分类浏览", func(b *bytes.Buffer) error { return g.browse(b, nil) })
		size := s.RowsPerPage()
		for _, f := range all {
			l.page("/browse/"+f.Key+"/", f.Label, func(b *bytes.Buffer) error { return g.browse(b, f) })
			for _, t := range f.Terms {
				n := (len(t.Records) + size - 1) / size
				for i := 1; i <= n; i++ {
					url := "/browse/" + f.Key + "/" + t.Slug + "/"
					if i > 1 {
						url += fmt.Sprintf("page/%d/", i)
					}
					l.written(url, f.Label+"“"+t.Text+"”", t.Pos, func(b *bytes.Buffer) error { return g.term(b, f, t, i, n) })
				}
			}
		}
	}
}

// decade is ten years of the chronicle.
type decade struct {
	id, label string
	from      int
	entries   []site.Entry
}

func decades(entries []site.Entry) []decade {
	var l []decade
	for _, e := range entries {
		year, _ := e.Year()
		from := year / 10 * 10
		if n := len(l); n == 0 || l[n-1].from != from {
			l = append(l, decade{id: fmt.Sprintf("%ds", from), label: decadeLabel(from), from: from})
		}
		l[len(l)-1].entries = append(l[len(l)-1].entries, e)
	}
	return l
}

// decadeLabel names a decade as histories do: 20世纪50年代; its first ten years are 初.
func decadeLabel(from int) string {
	century := from/100 + 1
	if from%100 == 0 {
		return fmt.Sprintf("%d世纪初", century)
	}
	return fmt.Sprintf("%d世纪%d年代", century, from%100)
}

// decadeLinks leads to each decade, on one page or several.
func (g *Generation) decadeLinks() []Link {
	entries := g.Site.Chronicle()
	var l []Link
	for _, d := range g.ages() {
		url := "/chronicle/#d" + d.id
		if len(entries) > chronicleLimit {
			url = "/chronicle/" + d.id + "/"
		}
		l = append(l, Link{Text: d.label, URL: g.Site.Href(url), Count: len(d.entries)})
	}
	return l
}

// chronicle makes 大事记, whole (only == ""), or one decade of it.
func (g *Generation) chronicle(b *bytes.Buffer, only string) error {
	root := g.Site.Href("/chronicle/")
	title, url := "大事记", "/chronicle/"
	var crumbs []Link
	all := g.ages()
	split := len(g.Site.Chronicle()) > chronicleLimit
	if only != "" {
		url += only + "/"
		crumbs = []Link{{Text: "大事记", URL: root}}
		all = slices.DeleteFunc(slices.Clone(all), func(d decade) bool { return d.id != only })
		title = "大事记：" + all[0].label
	}
	frame, err := g.frame("chronicle", title, url, root, crumbs...)
	if err != nil {
		return err
	}
	p := ChroniclePage{Page: frame, Index: g.decadeLinks()}
	for i := range p.Index {
		p.Index[i].Current = only != "" && p.Index[i].URL == p.URL
	}
	if only == "" {
		p.Lede = fmt.Sprintf("由大事、授予记录、政策文献与竞赛合编，共 %d 条。只知到年的列于年末，作“是年”；只知到月的列于月末，作“是月”。", len(g.Site.Chronicle()))
	}
	if only != "" || !split {
		for _, d := range all {
			p.Decades = append(p.Decades, g.decade(d))
		}
	}
	p.Head = g.viewHead(title, "由大事、授予记录与政策文献合编的大事记。", url)
	return g.execute(b, "chronicle", &p, "")
}

func (g *Generation) decade(d decade) Decade {
	out := Decade{Label: d.label, ID: "d" + d.id}
	for _, e := range d.entries {
		year, known := e.Year()
		label, id := fmt.Sprintf("%d年", year), fmt.Sprintf("y%d", year)
		if !known {
			label, id = "年份不详", "y"+d.id
		}
		if n := len(out.Years); n == 0 || out.Years[n-1].ID != id {
			out.Years = append(out.Years, Year{Label: label, ID: id})
		}
		y := &out.Years[len(out.Years)-1]
		y.Items = append(y.Items, g.event(e))
	}
	return out
}

func (g *Generation) event(e site.Entry) Event {
	v := Event{Date: date(e.Day), Day: marginDay(e.Day), Text: e.Text, Place: e.Place, Honored: e.Honored, URL: g.Site.Href(e.Record.URL)}
	if e.Group != nil {
		rule := e.Record.Schema.Roll
		if rule != nil {
			v.URL = g.honor(e.Record, rule).URL
		}
		for i, r := range e.Group {
			if i == relationLimit {
				v.More = append(v.More, Link{Text: fmt.Sprintf("……共 %d %s", len(e.Group), r.Schema.Unit), URL: v.URL})
				break
			}
			l := Link{Text: r.Title, URL: g.Site.Href(r.URL)}
			if rule != nil {
				if w := r.Value(rule.Who); w != nil {
					l.Text = r.Display(w)
					if to := r.Target(w); to != nil {
						l.URL = g.Site.Href(to.URL)
					}
				}
			}
			v.More = append(v.More, l)
		}
	}
	return v
}

// marginDay is what hangs in the margin beside a line of the chronicle. Its year stands above already.
func marginDay(d dates.Date) string {
	about := ""
	if d.Approx() {
		about = "约"
	}
	end := ""
	if d.Uncertain() {
		end = "？"
	}
	if d.Interval() {
		from, to := d.Years()
		if from != to {
			return d.Display()
		}
		return about + strings.ReplaceAll(d.Display(), fmt.Sprintf("%d年", from), "") + end
	}
	switch d.Precision() {
	case dates.Minute, dates.Day:
		m, day, _ := d.MonthDay()
		return fmt.Sprintf("%s%d月%d日%s", about, m, day, end)
	case dates.Month:
		return fmt.Sprintf("%s%d月%s", about, d.Lower()/100%100, end)
	case dates.Season:
		return about + strings.ReplaceAll(d.Display(), fmt.Sprintf("%d年", d.Lower()/10000), "")
	case dates.Year:
		return about + "是年" + end
	}
	return d.Display()
}

// day is what happened on one day of the year.
type day struct {
	month, day int
	entries    []site.Entry
}

// makeDays gathers the lines of the chronicle that are known to the day.
func (g *Generation) makeDays() []day {
	byDay := map[int]*day{}
	for _, e := range g.Site.Chronicle() {
		if m, d, ok := e.Day.MonthDay(); ok {
			x := byDay[m*100+d]
			if x == nil {
				x = &day{month: m, day: d}
				byDay[m*100+d] = x
			}
			x.entries = append(x.entries, e)
		}
	}
	var l []day
	for _, x := range byDay {
		l = append(l, *x)
	}
	slices.SortFunc(l, func(a, b day) int { return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(a.day, b.day)) })
	return l
}

// daysPage makes /days/ (month 0) or one month of it.
func (g *Generation) daysPage(b *bytes.Buffer, month int) error {
	root := Link{Text: "历史上的今天", URL: g.Site.Href("/days/")}
	title, url := "历史上的今天", "/days/"
	var crumbs []Link
	if month > 0 {
		title, url = fmt.Sprintf("历史上的%d月", month), fmt.Sprintf("/days/%02d/", month)
		crumbs = []Link{root}
	}
	frame, err := g.frame("days", title, url, g.Site.Href("/chronicle/"), crumbs...)
	if err != nil {
		return err
	}
	p := DaysPage{Page: frame}
	counts := [13]int{}
	for _, d := range g.days() {
		counts[d.month] += len(d.entries)
		if d.month != month {
			continue
		}
		x := Day{Label: fmt.Sprintf("%d月%d日", d.month, d.day), ID: fmt.Sprintf("d%02d%02d", d.month, d.day)}
		for _, e := range d.entries {
			v := g.event(e)
			v.Day = fmt.Sprintf("%d年", e.Day.Lower()/10000)
			x.Items = append(x.Items, v)
		}
		p.Days = append(p.Days, x)
	}
	for m := 1; m <= 12; m++ {
		p.Months = append(p.Months, Link{Text: fmt.Sprintf("%d月", m), URL: g.Site.Href(fmt.Sprintf("/days/%02d/", m)), Count: counts[m], Current: m == month})
	}
	p.Lede = "只收日期确知到日的大事。"
	p.Head = g.viewHead(title, "大事记里日期确知到日的条目，按月日排列。", url)
	return g.execute(b, "days", &p, "")
}

// rollsPage makes the list of honours that have a roll.
func (g *Generation) rollsPage(b *bytes.Buffer) error {
	url := g.Site.Href("/rolls/")
	frame, err := g.frame("rolls", "荣誉名册", "/rolls/", url)
	if err != nil {
		return err
	}
	p := RollsPage{Page: frame}
	p.Lede = "按荣誉称号与授予年份编列。名次照名单原来的顺序；没有名单顺序的，按姓名读音。"
	for _, r := range g.Site.Rolls() {
		label := "其他"
		if r.Honor != nil {
			if v := r.Honor.Value("level"); v != nil {
				label = v.Text
			}
		}
		i := slices.IndexFunc(p.Groups, func(x RollGroup) bool { return x.Label == label })
		if i < 0 {
			i = len(p.Groups)
			p.Groups = append(p.Groups, RollGroup{Label: label})
		}
		p.Groups[i].Rolls = append(p.Groups[i].Rolls, g.rollLink(r))
	}
	p.Head = g.viewHead("荣誉名册", p.Lede, "/rolls/")
	return g.execute(b, "rolls", &p, "")
}

// rollLink leads to a roll; its note is the years from the first to the last.
func (g *Generation) rollLink(r *site.RollOf) Link {
	l := Link{Text: r.Title, URL: g.Site.Href("/rolls/" + r.Slug + "/"), Count: r.Count}
	var from, to int
	for _, y := range r.Years {
		if !y.Day.IsZero() {
			a, z := y.Day.Years()
			if from == 0 {
				from = a
			}
			to = max(to, z)
		}
	}
	switch {
	case from != 0 && from == to:
		l.Note = fmt.Sprintf("%d年", from)
	case from != 0:
		l.Note = fmt.Sprintf("%d—%d年", from, to)
	}
	return l
}

// rollPage makes the roll of one honour.
func (g *Generation) rollPage(b *bytes.Buffer, r *site.RollOf) error {
	root := Link{Text: "荣誉名册", URL: g.Site.Href("/rolls/")}
	url := "/rolls/" + r.Slug + "/"
	frame, err := g.frame("roll", r.Title, url, root.URL, root)
	if err != nil {
		return err
	}
	p := RollPage{Page: frame, Honor: Link{Text: r.Title}, Count: r.Count}
	if h := r.Honor; h != nil {
		p.Honor.URL = g.Site.Href(h.URL)
		p.Lede = summary(h)
		for _, key := range []string{"level", "grantors", "since", "interval"} {
			if v := h.Value(key); v != nil {
				p.About = append(p.About, Labeled{v.Field.Label, template.HTML(g.value(h, v)), nil})
			}
		}
	}
	var nb notebook
	for i, y := range r.Years {
		x := RollYear{Label: "年份未核到", ID: fmt.Sprintf("y%d", i)}
		if !y.Day.IsZero() {
			x.Label, x.ID = y.Day.Display(), "y"+strings.ReplaceAll(y.Day.String(), "/", "_")
		}
		for _, rec := range y.Records {
			rule := rec.Schema.Roll
			e := Entry{Title: rec.Title, ID: rec.Anchor()}
			if v := rec.Value(rule.Who); v != nil {
				e.Title = rec.Display(v)
				if to := rec.Target(v); to != nil {
					e.URL, e.Person = g.Site.Href(to.URL), to.Schema.Title.Name
				}
			}
			if v := rec.Value(rule.Unit); v != nil {
				e.Meta = append(e.Meta, rec.Display(v))
			} else if v := rec.Value(rule.Who); v != nil {
				// Where the list gives no unit, that of the profile tells who is meant.
				if to := rec.Target(v); to != nil {
					if u := to.Value("unit"); u != nil {
						e.Meta = append(e.Meta, to.Display(u))
					}
				}
			}
			e.Marks, _ = nb.add(g, rec)
			x.Names = append(x.Names, e)
		}
		p.Years = append(p.Years, x)
	}
	p.Notes = nb.notes
	p.Head = g.viewHead(r.Title+"名册", fmt.Sprintf("%s获得者名册，已著录 %d 条。", r.Title, r.Count), url)
	return g.execute(b, "roll", &p, "")
}

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

// seriesPage makes the list of topics of statistics (only == nil) or the tables and charts of one.
func (g *Generation) seriesPage(b *bytes.Buffer, only *site.Topic) error {
	root := Link{Text: "统计", URL: g.Site.Href("/series/")}
	title, url := "统计", "/series/"
	var crumbs []Link
	if only != nil {
		title, url = only.Title, "/series/"+only.Slug+"/"
		crumbs = []Link{root}
	}
	frame, err := g.frame("series", title, url, root.URL, crumbs...)
	if err != nil {
		return err
	}
	p := SeriesPage{Page: frame}
	for _, t := range g.Site.Series() {
		p.Topics = append(p.Topics, Link{Text: t.Title, URL: g.Site.Href("/series/" + t.Slug + "/"), Count: t.Count, Current: t == only})
	}
	p.Lede = "数字照原文写法存录；“约”“余”“多”等字不去掉，时期与范围分别注明。"
	if only != nil {
		p.Lede = ""
		var nb notebook
		var single site.Indicator
		for i, x := range only.Indicators {
			if len(x.Records) == 1 {
				single.Records = append(single.Records, x.Records[0])
			} else {
				p.Indicators = append(p.Indicators, g.indicator(&nb, x, i))
			}
		}
		if len(single.Records) > 0 {
			// One number needs no heading of its own.
			single.Title = "其他指标"
			if len(p.Indicators) == 0 {
				single.Title = only.Title
			}
			p.Indicators = append(p.Indicators, g.indicator(&nb, &single, len(only.Indicators)))
		}
		p.Notes = nb.notes
	}
	p.Head = g.viewHead(title, "统计数据的表与图。", url)
	return g.execute(b, "series", &p, "")
}

func (g *Generation) indicator(nb *notebook, x *site.Indicator, i int) Indicator {
	out := Indicator{Label: x.Title, ID: fmt.Sprintf("i%d", i+1)}
	records := slices.Clone(x.Records)
	rule := records[0].Schema.Series
	mixed := slices.ContainsFunc(records, func(r *site.Record) bool { return r.Display(r.Value(rule.Indicator)) != x.Title })
	keys := []string{rule.Date, rule.Value, rule.Scope, rule.Nature}
	if mixed {
		keys = append([]string{rule.Indicator}, keys...)
	} else {
		slices.SortStableFunc(records, func(a, b *site.Record) int { return a.Day.Compare(b.Day) })
	}
	var fields []*content.Field
	for _, key := range keys {
		f := records[0].Schema.Field(key)
		if key == "" || f == nil {
			continue
		}
		first := records[0].Display(records[0].Value(key))
		same := !slices.ContainsFunc(records, func(r *site.Record) bool { return r.Display(r.Value(key)) != first })
		switch {
		case same && first == "":
		case same && key == rule.Scope && !mixed:
			out.Label += "（" + first + "）" // said once, above
		default:
			fields = append(fields, f)
			out.Columns = append(out.Columns, f.Label)
		}
	}
	for _, r := range records {
		e := g.entry(r)
		e.Cells = g.cells(r, false, fields)
		e.ID = r.Anchor()
		e.Marks, _ = nb.add(g, r)
		if i := slices.IndexFunc(fields, func(f *content.Field) bool { return f.Key == rule.Date }); i >= 0 {
			if v := r.Value(rule.Printed); v != nil && e.Cells[i].HTML == "" {
				e.Cells[i].HTML = template.HTML(esc(v.Text))
			} else if v != nil {
				e.Cells[i].HTML += template.HTML(`<span class="printed">（原文：` + esc(v.Text) + `）</span>`)
			}
		}
		out.Rows = append(out.Rows, e)
	}
	if !mixed {
		out.Chart = template.HTML(chart(out.ID, x.Title, points(records, rule)))
	}
	return out
}

// points are the values that can stand in one chart: of one unit and scope, each with a figure and a date
// of its own. Of several such series the longest is drawn; a single point is none.
func points(records []*site.Record, rule *content.Series) []point {
	series := map[string][]point{}
	var order []string
	for _, r := range records {
		v := r.Value(rule.Value)
		if v == nil || v.Quantity == nil || !v.Quantity.HasValue() || r.Day.IsZero() || !math.IsNaN(v.Quantity.High) {
			continue
		}
		nature := r.Display(r.Value(rule.Nature))
		p := point{label: chartLabel(r.Day), value: v.Quantity.Value, printed: v.Text}
		if nature == "推算" {
			nature, p.printed = natureOf(records, rule, r), v.Text+"（推算）"
		}
		key := v.Quantity.Unit + "\x00" + r.Display(r.Value(rule.Scope)) + "\x00" + nature
		if s := series[key]; len(s) > 0 && s[len(s)-1].label == p.label && r.Day.Precision() <= dates.Month {
			p.label = fmt.Sprintf("%d年%d月", r.Day.Lower()/10000, r.Day.Lower()/100%100) // two in one year: say which
		}
		if series[key] == nil {
			order = append(order, key)
		}
		series[key] = append(series[key], p)
	}
	var best []point
	for _, key := range order {
		if len(series[key]) > len(best) {
			best = series[key]
		}
	}
	if len(best) < 2 {
		return nil
	}
	return best[max(0, len(best)-maxPoints):]
}

// natureOf is what the records around a computed value are: it stands in their chart, marked as computed.
func natureOf(records []*site.Record, rule *content.Series, of *site.Record) string {
	for _, r := range records {
		if n := r.Display(r.Value(rule.Nature)); r != of && n != "推算" {
			return n
		}
	}
	return ""
}

// maxPoints is how many bars of a chart can still be compared; of more the last are drawn.
const maxPoints = 60

func chartLabel(d dates.Date) string {
	from, to := d.Years()
	if from == to {
		return fmt.Sprint(from)
	}
	return d.Display()
}
