package site

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/han"
)

// Browse is a field to browse by, over all collections that have it.
type Browse struct {
	Key    string // region; "year" for dates
	Label  string
	Common bool // every collection has the field
	Terms  []*Term
}

// Term is one value of such a field with the records that have it, by collection and in its order.
type Term struct {
	Text    string
	Slug    string // its part of the URL
	Records []*Record
}

// Browse gives the fields to browse by that have any term.
func (s *Site) Browse() []*Browse { return s.terms() }

// Slug is a term's part of a URL: itself, with what a path can't hold replaced by a hyphen.
func Slug(term string) string {
	slug := strings.Map(func(r rune) rune {
		if r <= ' ' || strings.ContainsRune("/\\:*?\"<>|#%&'", r) || r == '　' {
			return '-'
		}
		return r
	}, strings.TrimSpace(term))
	if slug = strings.Trim(slug, ".-"); slug == "" || len(slug) > 200 {
		slug = fmt.Sprintf("t%x", []byte(term[:min(len(term), 60)]))
	}
	return slug
}

// maxYears is the longest span of years under each of which a record is listed; of a longer one only the
// first year is.
const maxYears = 10

func (s *Site) makeTerms() []*Browse {
	var all []*Browse
	index := map[string]*Browse{}
	terms := map[string]map[string]*Term{}
	add := func(key, label string, common bool, text string, r *Record) {
		b := index[key]
		if b == nil {
			b = &Browse{Key: key, Label: label, Common: common}
			index[key], terms[key] = b, map[string]*Term{}
			all = append(all, b)
		}
		t := terms[key][text]
		if t == nil {
			t = &Term{Text: text, Slug: Slug(text)}
			terms[key][text] = t
			b.Terms = append(b.Terms, t)
		}
		if n := len(t.Records); n == 0 || t.Records[n-1] != r {
			t.Records = append(t.Records, r)
		}
	}
	for _, c := range s.Collections {
		for _, r := range c.Records {
			for i := range r.Values {
				v := &r.Values[i]
				f := v.Field
				if !f.Browse {
					continue
				}
				if f.Type == content.DateType {
					r.browsed(v, func(text string) { add("year", "年份", false, text, r) })
				} else {
					r.browsed(v, func(text string) { add(f.Key, f.Label, f.Common, text, r) })
				}
			}
		}
	}
	for _, b := range all {
		if b.Key == "year" {
			slices.SortFunc(b.Terms, func(x, y *Term) int { return cmp.Compare(len(x.Text), len(y.Text))*2 + strings.Compare(x.Text, y.Text) })
			continue
		}
		slices.SortFunc(b.Terms, func(x, y *Term) int {
			return cmp.Or(cmp.Compare(len(y.Records), len(x.Records)), strings.Compare(han.NameKey(x.Text), han.NameKey(y.Text)), strings.Compare(x.Text, y.Text))
		})
	}
	// The years come last: they are the longest list.
	slices.SortStableFunc(all, func(a, b *Browse) int {
		return cmp.Compare(slices.Index([]string{"region", "industry", "tags", "year"}, a.Key)&7, slices.Index([]string{"region", "industry", "tags", "year"}, b.Key)&7)
	})
	return all
}

// browsed calls add for each term that a value of a field to browse by puts its record under.
func (r *Record) browsed(v *content.Value, add func(text string)) {
	if v.Field.Type != content.DateType {
		v.Each(func(v *content.Value) { add(r.Display(v)) })
		return
	}
	from, to := YearSpan(*v.Date)
	for y := from; y <= to && y > 0; y++ {
		add(strconv.Itoa(y))
	}
}

// YearSpan gives the years under which a date is listed: each that it may fall in if they are few, else
// the first. An open interval has the year at its known end only. 0, 0 for no date.
func YearSpan(d dates.Date) (from, to int) {
	if d.IsZero() {
		return 0, 0
	}
	from, to = d.Years()
	switch {
	case d.OpenStart():
		return to, to
	case d.OpenEnd() || to-from >= maxYears:
		return from, from
	}
	return from, to
}

// Entry is a line of the chronicle.
type Entry struct {
	Day     dates.Date
	Text    string
	Record  *Record   // what it leads to
	Group   []*Record // of several put together; else nil
	Place   string
	Honored bool // it tells of an honour
}

// Chronicle gives the lines of 大事记 in their order: by day; what has only a month at the month's end (是月),
// what has only a year at the year's end (是年), what has only a decade at the decade's end.
func (s *Site) Chronicle() []Entry { return s.chronicle() }

func (s *Site) makeChronicle() []Entry {
	var entries []Entry
	for _, c := range s.Collections {
		rule := c.Chronicle
		if rule == nil {
			continue
		}
		groups := map[string]int{}
		for _, r := range c.Records {
			if !chronicled(r, rule) {
				continue
			}
			e := Entry{Day: r.Day, Text: r.Expand(rule.Text), Record: r, Place: r.Display(r.Value("place")), Honored: c.Roll != nil}
			if rule.Group != "" {
				key := r.Day.String() + "\x00" + r.Display(r.Value(rule.Group))
				if i, ok := groups[key]; ok {
					entries[i].Group = append(entries[i].Group, r)
					continue
				}
				groups[key] = len(entries)
				e.Group = []*Record{r}
			}
			entries = append(entries, e)
		}
	}
	for i := range entries {
		e := &entries[i]
		if len(e.Group) == 1 {
			e.Group = nil
		} else if len(e.Group) > 1 {
			roll := e.Record.Schema.Roll
			pattern := e.Record.Schema.Chronicle.Many
			if roll != nil {
				pattern = strings.ReplaceAll(pattern, "{first}", e.Record.Display(e.Record.Value(roll.Who)))
			}
			pattern = strings.ReplaceAll(pattern, "{n}", strconv.Itoa(len(e.Group)))
			e.Text = e.Record.Expand(pattern)
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(chronicleKey(a.Day), chronicleKey(b.Day)), cmp.Compare(a.Day.Precision(), b.Day.Precision()), strings.Compare(a.Record.URL, b.Record.URL))
	})
	return entries
}

// chronicled reports whether a record of a collection with such a rule has a line in the chronicle.
func chronicled(r *Record, rule *content.Chronicle) bool {
	if r.Day.IsZero() || r.Day.OpenStart() {
		return false
	}
	v := r.Value(rule.If)
	return rule.If == "" || v == nil || v.Text != "false" && v.Text != "否" && v.Text != "no"
}

func chronicleKey(d dates.Date) int32 {
	if d.Interval() || d.Precision() <= dates.Day {
		return d.Lower()
	}
	return d.Upper()
}

// RollOf is the roll of one honour.
type RollOf struct {
	Honor *Record // nil if the honour has no record
	Title string
	Slug  string
	Years []RollYear
	Count int
}

// RollYear is those who received it at one time, in the order of the official list where there is one.
type RollYear struct {
	Day     dates.Date // zero: not known
	Records []*Record  // the conferrals
}

// Rolls gives the rolls, in the order of the honours.
func (s *Site) Rolls() []*RollOf { return s.rolls() }

func (s *Site) makeRolls() []*RollOf {
	var all []*RollOf
	index := map[string]*RollOf{}
	for _, c := range s.Collections {
		rule := c.Roll
		if rule == nil {
			continue
		}
		for _, r := range c.Records {
			v := r.Value(rule.Group)
			if v == nil {
				continue
			}
			title := r.Display(v)
			roll := index[title]
			if roll == nil {
				roll = &RollOf{Title: title, Slug: Slug(title)}
				if to := r.Target(v); to != nil {
					roll.Honor, roll.Slug = to, Slug(to.ID)
				}
				index[title] = roll
				all = append(all, roll)
			}
			var day dates.Date
			if d := r.Value(rule.Date); d != nil && d.Date != nil {
				day = *d.Date
			}
			roll.Count++
			i := slices.IndexFunc(roll.Years, func(y RollYear) bool { return y.Day.Same(day) })
			if i < 0 {
				i = len(roll.Years)
				roll.Years = append(roll.Years, RollYear{Day: day})
			}
			roll.Years[i].Records = append(roll.Years[i].Records, r)
		}
		for _, roll := range all {
			slices.SortStableFunc(roll.Years, func(a, b RollYear) int {
				if az, bz := a.Day.IsZero(), b.Day.IsZero(); az != bz {
					if az {
						return 1
					}
					return -1
				}
				return a.Day.Compare(b.Day)
			})
			for i := range roll.Years {
				slices.SortStableFunc(roll.Years[i].Records, func(a, b *Record) int {
					x, _ := a.sortText(rule.Order)
					y, _ := b.sortText(rule.Order)
					return cmp.Or(cmp.Compare(x, y), strings.Compare(han.NameKey(a.Display(a.Value(rule.Who))), han.NameKey(b.Display(b.Value(rule.Who)))), strings.Compare(a.ID, b.ID))
				})
			}
		}
	}
	place := map[*Record]int{}
	for _, c := range s.Collections {
		for i, r := range c.Records {
			if c.Key == "honors" {
				place[r] = i + 1
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *RollOf) int {
		x, y := place[a.Honor], place[b.Honor]
		if x == 0 {
			x = 1 << 30
		}
		if y == 0 {
			y = 1 << 30
		}
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a.Title, b.Title))
	})
	return all
}

// sortText is a number field as a number; last if missing.
func (r *Record) sortText(key string) (float64, bool) {
	v := r.Value(key)
	if v == nil {
		return last, false
	}
	n, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		return last, false
	}
	return n, true
}

// Name is one name of the index: a record of a person, or a name that stands in a record as text.
// The same text twice is two people, or one who is not yet known to be the same; they are never merged.
type Name struct {
	Text   string
	Key    string // for sorting
	Person *Record
	In     []*Record // where a name without a record of its own stands
}

// Names gives all names of people in the archive, by pinyin.
func (s *Site) Names() []Name { return s.names() }

func (s *Site) makeNames() []Name {
	var all []Name
	loose := map[string]int{}
	note := func(r *Record, text string) {
		i, ok := loose[text]
		if !ok {
			i = len(all)
			loose[text] = i
			all = append(all, Name{Text: text, Key: han.NameKey(text)})
		}
		if n := len(all[i].In); n == 0 || all[i].In[n-1] != r {
			all[i].In = append(all[i].In, r)
		}
	}
	for _, c := range s.Collections {
		hasNames := hasNames(c)
		if !c.Title.Name && !hasNames {
			continue
		}
		for _, r := range c.Records {
			if c.Title.Name {
				all = append(all, Name{Text: r.Title, Key: r.NameKey(), Person: r})
			}
			if hasNames {
				r.looseNames(func(text string) { note(r, text) })
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Name) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Text, b.Text))
	})
	return all
}

func hasNames(c *Collection) bool {
	return slices.ContainsFunc(c.Fields, func(f *content.Field) bool {
		return f.Names || slices.ContainsFunc(f.Fields, func(g *content.Field) bool { return g.Names })
	})
}

// looseNames calls note for each name of a person that stands in the record as text.
func (r *Record) looseNames(note func(text string)) {
	one := func(v *content.Value) {
		if r.Target(v) != nil {
			return
		}
		if text, _ := content.JustText(v.Text); looksLikeName(text) {
			note(text)
		}
	}
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Names {
			v.Each(one)
		} else if v.Field.Fields != nil {
			v.Each(func(o *content.Value) {
				for k := range o.Parts {
					if o.Parts[k].Field.Names {
						o.Parts[k].Each(one)
					}
				}
			})
		}
	}
}

// NameKey sorts a person's name by its reading: the one that the record gives, or the usual one.
func (r *Record) NameKey() string {
	if p := r.Text("pinyin"); p != "" {
		return strings.ToLower(strings.ReplaceAll(p, "'", " ")) + "\x00" + r.Title
	}
	if r.Title == r.Record.Title {
		return r.TitleKey()
	}
	return han.NameKey(r.Title)
}

// looksLikeName keeps collectives out of the index of people: a name has two to four Han characters,
// or a middle dot. A longer text without one is taken for a unit.
func looksLikeName(s string) bool {
	if strings.ContainsAny(s, "·•") {
		return true
	}
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 4 {
		return false
	}
	for _, r := range s {
		if !han.IsHan(r) {
			return false
		}
	}
	return !strings.HasSuffix(s, "县") && !strings.HasSuffix(s, "市") && !strings.HasSuffix(s, "区") && !strings.HasSuffix(s, "省") && !strings.HasSuffix(s, "队") && !strings.HasSuffix(s, "组") && !strings.HasSuffix(s, "厂")
}

// Topic is the indicators of one topic of statistics.
type Topic struct {
	Title      string
	Slug       string
	Indicators []*Indicator
	Count      int // values
}

// Indicator is the values of one indicator.
type Indicator struct {
	Title   string
	Records []*Record // in the collection's order
}

// Series gives the topics of statistics.
func (s *Site) Series() []*Topic { return s.series() }

func (s *Site) makeSeries() []*Topic {
	var topics []*Topic
	byTopic := map[string]*Topic{}
	byIndicator := map[string]*Indicator{}
	for _, c := range s.Collections {
		rule := c.Series
		if rule == nil {
			continue
		}
		for _, r := range c.Records {
			topic, indicator := r.Display(r.Value(rule.Topic)), r.Display(r.Value(rule.Indicator))
			t := byTopic[topic]
			if t == nil {
				t = &Topic{Title: topic, Slug: Slug(topic)}
				byTopic[topic] = t
				topics = append(topics, t)
			}
			x := byIndicator[topic+"\x00"+indicator]
			if x == nil {
				x = &Indicator{Title: indicator}
				byIndicator[topic+"\x00"+indicator] = x
				t.Indicators = append(t.Indicators, x)
			}
			x.Records = append(x.Records, r)
			t.Count++
		}
	}
	return topics
}

// HasView reports whether one of the views (chronicle, rolls, names, series, browse) is not empty, without
// making it: every page says so in its navigation, few show it.
func (s *Site) HasView(name string) bool {
	for _, c := range s.Collections {
		for _, r := range c.Records {
			has := false
			switch name {
			case "chronicle":
				if c.Chronicle == nil {
					break
				}
				has = chronicled(r, c.Chronicle)
			case "rolls":
				has = c.Roll != nil && r.Value(c.Roll.Group) != nil
			case "names":
				if has = c.Title.Name; !has && hasNames(c) {
					r.looseNames(func(string) { has = true })
				}
			case "series":
				has = c.Series != nil
			case "browse":
				for i := range r.Values {
					if v := &r.Values[i]; v.Field.Browse {
						r.browsed(v, func(string) { has = true })
					}
				}
			}
			if has {
				return true
			}
		}
	}
	return false
}
