package site

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
)

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
// what has only a year at the year's end (是年), what has only a decade at the decade's end;
// what has no date at all at the very end (年月不详).
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
			e := Entry{Day: r.Day, Text: r.Expand(rule.Text), Record: r, Place: r.Display(r.Role(content.Place)), Honored: c.Roll != nil}
			if rule.Group != nil {
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
		var held []*Record
		for _, r := range e.Group {
			if r.Revoked() == "" {
				held = append(held, r)
			}
		}
		ended := len(e.Group) - len(held)
		if len(held) == 1 { // the one that the line tells of; the others stand below it
			e.Record = held[0]
			e.Text = e.Record.Expand(e.Record.Schema.Chronicle.Text)
		}
		if len(e.Group) == 1 {
			e.Group = nil
		} else if len(held) > 1 {
			roll := e.Record.Schema.Roll
			first := held[0].Title
			if roll != nil {
				first = held[0].Display(held[0].Value(roll.Who))
			}
			e.Text = held[0].expand(e.Record.Schema.Chronicle.Many, map[string]string{"first": first, "n": strconv.Itoa(len(held))})
		}
		switch was := e.Record.Revoked(); {
		case len(held) > 0 && ended > 0:
			e.Text += fmt.Sprintf("（另有 %d 个后来撤销）", ended)
		case ended > 1:
			e.Text += fmt.Sprintf("（等 %d 个，后来都已撤销）", ended)
		case was != "":
			e.Text += "（" + was + "）"
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(chronicleKey(a.Day), chronicleKey(b.Day)), cmp.Compare(a.Day.Precision(), b.Day.Precision()), strings.Compare(a.Record.URL, b.Record.URL))
	})
	return entries
}

// HasChronicle reports whether the chronicle has a line, without making it: every page says so in its navigation, few
// show it.
func (s *Site) HasChronicle() bool {
	return s.Known("HasChronicle", func() bool {
		return s.any(func(r *Record) bool { return r.Schema.Chronicle != nil && chronicled(r, r.Schema.Chronicle) })
	})
}

// Undated is the ID of what stands behind all decades: lines whose date nobody knows.
const Undated = "undated"

// Decade is ten years of the chronicle, or what is Undated.
type Decade struct {
	ID, Label string // 1950s, 20世纪50年代
	Entries   []Entry
}

// Decades gives the chronicle by decades.
func (s *Site) Decades() []Decade { return s.decades() }

func (s *Site) makeDecades() []Decade {
	var l []Decade
	last := 0
	for _, e := range s.Chronicle() {
		if e.Day.IsZero() {
			if len(l) == 0 || l[len(l)-1].ID != Undated {
				l = append(l, Decade{ID: Undated, Label: "年月不详"})
			}
			l[len(l)-1].Entries = append(l[len(l)-1].Entries, e)
			continue
		}
		year, _ := e.Year()
		if from := year / 10 * 10; len(l) == 0 || from != last {
			last = from
			l = append(l, Decade{ID: fmt.Sprintf("%ds", from), Label: DecadeLabel(from)})
		}
		l[len(l)-1].Entries = append(l[len(l)-1].Entries, e)
	}
	return l
}

// DecadeLabel names the decade of a year as histories do: 20世纪50年代; its first ten years are 初.
func DecadeLabel(year int) string {
	from := year / 10 * 10
	century := from/100 + 1
	if from%100 == 0 {
		return fmt.Sprintf("%d世纪初", century)
	}
	return fmt.Sprintf("%d世纪%d年代", century, from%100)
}

// YearDay is what happened on one day of the year.
type YearDay struct {
	Month, Day int
	Entries    []Entry
}

// Days gives the lines of the chronicle that are known to the day, by day of the year.
func (s *Site) Days() []YearDay { return s.days() }

func (s *Site) makeDays() []YearDay {
	byDay := map[int]*YearDay{}
	for _, e := range s.Chronicle() {
		if m, d, ok := e.Day.MonthDay(); ok {
			x := byDay[m*100+d]
			if x == nil {
				x = &YearDay{Month: m, Day: d}
				byDay[m*100+d] = x
			}
			x.Entries = append(x.Entries, e)
		}
	}
	var l []YearDay
	for _, x := range byDay {
		l = append(l, *x)
	}
	slices.SortFunc(l, func(a, b YearDay) int { return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Day, b.Day)) })
	return l
}

// chronicled reports whether a record of a collection with such a rule has a line in the chronicle.
func chronicled(r *Record, rule *content.Chronicle) bool {
	if r.Day.IsZero() && !rule.Undated || r.Day.OpenStart() {
		return false
	}
	v := r.Value(rule.If)
	return rule.If == nil || v == nil || v.Bool()
}

// chronicleKey is the day at which a date stands in the chronicle: the day itself, or the end of what it is
// known to; none stands at the end of all. Of a span it is the beginning, or the end of that when it is known to the decade alone.
func chronicleKey(d dates.Date) int32 {
	if d.IsZero() {
		return math.MaxInt32
	}
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
// known of it, and then it is the last of these. One without a date has no year.
func (e *Entry) Year() (year int, whole bool) {
	if e.Day.IsZero() {
		return 0, false
	}
	return int(chronicleKey(e.Day) / 1_00_00), e.Day.Precision() <= dates.Year
}
