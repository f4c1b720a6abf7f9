package site

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
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
	Slug    string   // its part of the URL
	Pos     diag.Pos // where it stands first
	Records []*Record
}

// Browse gives the fields to browse by that have any term.
func (s *Site) Browse() []*Browse { return s.terms() }

// Slug is a term's part of a URL: itself, with what a path can't hold replaced by a hyphen.
func Slug(term string) string {
	slug := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("/\\:*?\"<>|#%&'", r) {
			return '-'
		}
		return r
	}, strings.TrimSpace(term))
	slug = strings.Trim(slug, ".-")
	if content.CheckID(slug) != "" || strings.EqualFold(slug, "index.html") || strings.EqualFold(slug, "page") {
		// Empty, too long, or a name that a file or another page has.
		sum := sha256.Sum256([]byte(term))
		for len(slug) > 100 {
			_, n := utf8.DecodeLastRuneInString(slug)
			slug = slug[:len(slug)-n]
		}
		slug = strings.TrimLeft(slug+"-"+hex.EncodeToString(sum[:4]), "-")
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
	add := func(key, label string, common bool, text string, r *Record, v *content.Value) {
		b := index[key]
		if b == nil {
			b = &Browse{Key: key, Label: label, Common: common}
			index[key], terms[key] = b, map[string]*Term{}
			all = append(all, b)
		}
		t := terms[key][text]
		if t == nil {
			t = &Term{Text: text, Slug: Slug(text), Pos: r.At(v)}
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
					r.browsed(v, func(text string, v *content.Value) { add("year", "年份", false, text, r, v) })
				} else {
					r.browsed(v, func(text string, v *content.Value) { add(f.Key, f.Label, f.Common, text, r, v) })
				}
			}
		}
	}
	for _, b := range all {
		if b.Key == "year" {
			slices.SortFunc(b.Terms, func(x, y *Term) int { return cmp.Compare(len(x.Text), len(y.Text))*2 + strings.Compare(x.Text, y.Text) })
			continue
		}
		keys := make(map[*Term]string, len(b.Terms)) // made once: each is compared many times
		for _, t := range b.Terms {
			keys[t] = han.NameKey(t.Text)
		}
		slices.SortFunc(b.Terms, func(x, y *Term) int {
			return cmp.Or(cmp.Compare(len(y.Records), len(x.Records)), strings.Compare(keys[x], keys[y]), strings.Compare(x.Text, y.Text))
		})
	}
	// The years come last: they are the longest list.
	slices.SortStableFunc(all, func(a, b *Browse) int {
		return cmp.Compare(slices.Index([]string{"region", "industry", "tags", "year"}, a.Key)&7, slices.Index([]string{"region", "industry", "tags", "year"}, b.Key)&7)
	})
	return all
}

// browsed calls add for each term that a value of a field to browse by puts its record under.
func (r *Record) browsed(v *content.Value, add func(text string, v *content.Value)) {
	v.Each(func(v *content.Value) {
		if v.Field.Type != content.DateType {
			add(r.Display(v), v)
			return
		}
		from, to := YearSpan(*v.Date)
		for y := from; y <= to && y > 0; y++ {
			add(strconv.Itoa(y), v)
		}
	})
}

// YearSpan gives the years under which a date is listed: each that it may fall in if they are few, else
// the first. An open interval has the year at its known end only. 0, 0 for no date and for one that is known to
// the century alone.
func YearSpan(d dates.Date) (from, to int) {
	if d.IsZero() {
		return 0, 0
	}
	from, to = d.Years()
	switch {
	case d.Precision() == dates.Century:
		return 0, 0
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
				v := r.Value(rule.Group)
				key := r.Day.String() + "\x00" + r.Display(v)
				if v != nil && r.Target(v) != nil {
					key = r.Day.String() + "\x00" + r.Target(v).URL // two may have the same title
				}
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
			first := e.Record.Title
			if roll != nil {
				first = e.Record.Display(e.Record.Value(roll.Who))
			}
			e.Text = e.Record.expand(e.Record.Schema.Chronicle.Many, map[string]string{"first": first, "n": strconv.Itoa(len(e.Group))})
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
	return rule.If == "" || v == nil || v.Bool()
}

// chronicleKey is the day at which a date stands in the chronicle: the day itself, or the end of what it is
// known to. Of a span it is the beginning, or the end of that when it is known to the decade alone.
func chronicleKey(d dates.Date) int32 {
	decade := int32(d.Decade())
	named, _ := d.Years()
	switch p := d.Precision(); {
	case p <= dates.Day:
		return d.Lower()
	case p == dates.Century:
		return (decade/100*100+99)*1_00_00 + 12_31
	case p == dates.Decade:
		return (decade+9)*1_00_00 + 12_31
	case d.Interval():
		return d.Lower()
	case p == dates.Season: // a winter ends in the next year
		return min(d.Upper(), int32(named)*1_00_00+12_31)
	}
	return d.Upper()
}

// Year is the year of the chronicle that the entry stands in; Whole is false when only a decade or a century is
// known of it, and then it is the last of these.
func (e *Entry) Year() (year int, whole bool) {
	return int(chronicleKey(e.Day) / 1_00_00), e.Day.Precision() <= dates.Year
}

// RollOf is the roll of one honour.
type RollOf struct {
	Honor *Record // nil if the honour has no record
	Title string
	Slug  string
	Pos   diag.Pos // where it is given first
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
	type rolled struct { // two honours may have the same title
		honor *Record
		title string
	}
	index := map[rolled]*RollOf{}
	type rollDay struct {
		roll *RollOf
		day  string
	}
	years := map[rollDay]int{}
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
			to := r.Target(v)
			honor := rolled{to, title}
			roll := index[honor]
			if roll == nil {
				roll = &RollOf{Title: title, Slug: Slug(title), Pos: r.At(v), Honor: to}
				if to != nil {
					roll.Slug = Slug(to.ID)
				}
				index[honor] = roll
				all = append(all, roll)
			}
			var day dates.Date
			if d := r.Value(rule.Date); d != nil && d.Date != nil {
				day = *d.Date
			}
			roll.Count++
			at := rollDay{roll, day.String()}
			i, ok := years[at]
			if !ok {
				i = len(roll.Years)
				years[at] = i
				roll.Years = append(roll.Years, RollYear{Day: day})
			}
			roll.Years[i].Records = append(roll.Years[i].Records, r)
		}
	}
	type key struct {
		place float64
		name  string
	}
	keys := map[*Record]key{} // made once: each is compared many times
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
			for _, r := range roll.Years[i].Records {
				rule := r.Schema.Roll
				place, _ := r.sortText(rule.Order)
				keys[r] = key{place, han.NameKey(r.Display(r.Value(rule.Who)))}
			}
			slices.SortStableFunc(roll.Years[i].Records, func(a, b *Record) int {
				x, y := keys[a], keys[b]
				return cmp.Or(cmp.Compare(x.place, y.place), strings.Compare(x.name, y.name), strings.Compare(a.ID, b.ID))
			})
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
// Records of the same name are two entries, and so are a record and the text; the places where a name stands
// as text are gathered under one.
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
	Pos        diag.Pos // where it stands first
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
				t = &Topic{Title: topic, Slug: Slug(topic), Pos: r.Pos()}
				if v := r.Value(rule.Topic); v != nil {
					t.Pos = r.At(v)
				}
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
						r.browsed(v, func(string, *content.Value) { has = true })
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
