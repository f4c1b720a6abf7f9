// Package dates understands the dates of an archive: EDTF (ISO 8601-2:2019, levels 0 and 1, years 0001 to
// 9999) and the forms that people type in Chinese. A date is a value without a time zone; what is known of
// it is kept and nothing is added, so 1958 never becomes 1 January 1958.
package dates

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Precision is the unit a date is known to. The zero value belongs to the zero Date.
type Precision uint8

// From the finest to the coarsest, so that they can be compared with <.
const (
	Minute  Precision = iota + 1 // a day and a time of day
	Day                          // 1958-05-01
	Month                        // 1958-05, 1958-05-XX
	Season                       // 1958-21
	Year                         // 1958, 1958-XX, 1958-XX-XX
	Decade                       // 195X
	Century                      // 19XX
)

// Date is a point or a span of time known to some precision. It is immutable, small and comparable; the
// zero value means that no date is given. The same date typed in two ways is not ==; use Same.
type Date struct {
	edtf, text   string
	lower, upper int32 // yyyymmdd of the first and last day that it may be; 0 and 99991231 when open
	key          int32 // see SortKey
	prec         Precision
	flags        flags
}

type flags uint8

const (
	uncertain flags = 1 << iota
	approx
	interval
	openStart    // ..
	openEnd      // ..
	unknownStart // nothing before the slash
	unknownEnd   // nothing behind it
)

// lastDay is the upper bound of what has no end.
const lastDay = 9999_12_31

// IsZero reports that no date is given.
func (d Date) IsZero() bool { return d.edtf == "" }

// String is the canonical EDTF: the upper-case X, two-digit months, ? before ~ as %. Parsing it gives the
// same date.
func (d Date) String() string { return d.edtf }

// Text is the date as it was typed, without the space around it.
func (d Date) Text() string { return d.text }

// Display is what a reader sees: the typed text if that is Chinese (一九五八年, 1958年5月上旬), since it may
// say more than EDTF can; else Chinese().
func (d Date) Display() string {
	if strings.IndexFunc(d.text, isHan) >= 0 && (d.prec == Minute || !strings.Contains(d.text, ":")) {
		return d.text
	}
	return d.Chinese()
}

func isHan(r rune) bool { return r >= 0x2e80 && (r == '〇' || unicode.Is(unicode.Han, r)) }

// Same reports that both are the same date, however they were typed.
func (d Date) Same(o Date) bool { return d.edtf == o.edtf }

// Precision is that of the date; of an interval, that of its coarser end.
func (d Date) Precision() Precision { return d.prec }

// Uncertain reports EDTF's ? or %, of either end of an interval: the source may be wrong.
func (d Date) Uncertain() bool { return d.flags&uncertain != 0 }

// Approx reports EDTF's ~ or %, of either end of an interval: an estimate.
func (d Date) Approx() bool { return d.flags&approx != 0 }

// Interval reports a span with two ends, one of which may be open or unknown.
func (d Date) Interval() bool { return d.flags&interval != 0 }

// OpenStart reports ../1949 and /1949: no first day is known.
func (d Date) OpenStart() bool { return d.flags&(openStart|unknownStart) != 0 }

// OpenEnd reports 1983/.. (it goes on) and 1983/ (when it ended is not known).
func (d Date) OpenEnd() bool { return d.flags&(openEnd|unknownEnd) != 0 }

// Lower is the first day that the date may be, as yyyymmdd; 0 if that is open. Seasons are those of
// meteorology: spring is March to May and winter December to February of the next year.
func (d Date) Lower() int32 { return d.lower }

// Upper is the last day that the date may be, as yyyymmdd; 99991231 if that is open.
func (d Date) Upper() int32 { return d.upper }

// SortKey orders dates by their beginning: yyyymmdd with zeros for what is not known, so that 1958
// comes before 1958-01 and that before 1958-01-01. A date with an open start stands where it ends.
func (d Date) SortKey() int32 { return d.key }

// Compare orders by SortKey, then the wider before the narrower (195X, 1950/1953, 1950), then by time of
// day. The zero Date comes last.
func (d Date) Compare(o Date) int {
	if d.IsZero() || o.IsZero() {
		return cmp.Compare(b2i(d.IsZero()), b2i(o.IsZero()))
	}
	return cmp.Or(cmp.Compare(d.key, o.key), cmp.Compare(o.upper, d.upper), strings.Compare(d.edtf, o.edtf))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Years are the first and last year it may fall in. An open end adds none: 1983/.. is (1983, 1983); and a
// winter belongs to the year it is named after.
func (d Date) Years() (from, to int) {
	if d.IsZero() {
		return 0, 0
	}
	from, to = int(d.lower/1_00_00), int(d.upper/1_00_00)
	if d.OpenStart() {
		from = int(d.key / 1_00_00)
	}
	if d.OpenEnd() {
		to = from
	} else if tail := d.edtf[strings.IndexByte(d.edtf, '/')+1:]; len(tail) > 6 && tail[4:7] == "-24" {
		to = digits(tail[:4])
	}
	return from, to
}

// Decade is the first year of the decade that it begins in: 1950. It is 0 for the zero Date.
func (d Date) Decade() int { return int(d.key/1_00_00) / 10 * 10 }

// MonthDay gives month and day of a date known to the day and without doubt.
func (d Date) MonthDay() (month, day int, ok bool) {
	if d.prec == 0 || d.prec > Day || d.flags != 0 {
		return 0, 0, false
	}
	return int(d.lower / 100 % 100), int(d.lower % 100), true
}

// ISO is what may stand in HTML's <time datetime>: 1958, 1958-05, 1958-05-01, 2018-05-01T08:30. Marks of
// doubt are left out, for HTML has none; the text beside it must say them. It is empty for intervals,
// decades and centuries, which HTML cannot say.
func (d Date) ISO() string {
	if d.prec >= Decade || d.Interval() {
		return ""
	}
	s := strings.TrimRight(d.edtf, "?~%")
	if d.prec == Season || d.prec == Year {
		return s[:min(4, len(s))]
	}
	return strings.TrimSuffix(s, "-XX")
}

// Start is the first instant that the date may be; loc is used unless a time of day with its own offset
// was given. It is the zero Time if the start is open.
func (d Date) Start(loc *time.Location) time.Time {
	if d.lower == 0 {
		return time.Time{}
	}
	if d.prec == Minute {
		for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
			if t, err := time.ParseInLocation(layout, d.edtf, loc); err == nil {
				return t
			}
		}
	}
	return time.Date(int(d.lower/1_00_00), time.Month(d.lower/100%100), int(d.lower%100), 0, 0, 0, 0, loc)
}

// In is the date as the clocks of a place have it: a time of day with an offset of its own becomes the local one, and with it
// the day; midnight there is no time of day. Other dates stay as they are.
func (d Date) In(loc *time.Location) Date {
	if d.prec != Minute || loc == nil || !strings.ContainsAny(d.edtf[11:], "Z+-") {
		return d
	}
	t := d.Start(loc).In(loc)
	layout := "2006-01-02T15:04:05"
	if t.Second() == 0 {
		layout = "2006-01-02T15:04"
	}
	local, err := parsePoint(t.Format(layout))
	if err != nil {
		return d // beyond the years that dates have
	}
	local.text = d.text
	return local
}

// digits reads ASCII digits; the caller has checked that there are only such.
func digits(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
