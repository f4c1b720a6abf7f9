// Package dates understands the dates of an archive: EDTF (ISO 8601-2:2019, levels 0 and 1) and the
// forms that people type in Chinese. A date is a value without a time zone; what is known of it is kept
// and nothing is added, so 1958 never becomes 1 January 1958.
package dates

import (
	"errors"
	"time"
)

// Precision is the unit a date is known to. The zero value belongs to the zero Date.
type Precision uint8

// From the finest to the coarsest.
const (
	Minute  Precision = iota + 1 // a day and a time of day
	Day                          // 1958-05-01
	Month                        // 1958-05, 1958-05-XX
	Season                       // 1958-21
	Year                         // 1958, 1958-XX
	Decade                       // 195X
	Century                      // 19XX
)

// Date is a point or a span of time known to some precision. It is immutable, small and comparable; the
// zero value means that no date is given. Two dates written differently are not ==; use Same.
type Date struct {
	edtf, text   string
	lower, upper int32 // yyyymmdd of the first and last day that it may be; 0 and 99991231 when open
	prec         Precision
	flags        flags
}

type flags uint8

const (
	uncertain flags = 1 << iota
	approx
	interval
	openStart
	openEnd
	unknownStart
	unknownEnd
)

// Parse reads a date. The error says in Chinese why s is none and which forms are accepted; it names no
// position. Space around s is ignored. An empty s is the zero Date.
func Parse(s string) (Date, error) { return Date{}, errors.New("todo") }

// IsZero reports that no date is given.
func (d Date) IsZero() bool { return d.edtf == "" }

// String is the canonical EDTF.
func (d Date) String() string { return d.edtf }

// Text is the date as it was typed.
func (d Date) Text() string { return d.text }

// Display is what a reader sees: the typed text if that was Chinese, else Chinese().
func (d Date) Display() string { return d.text }

// Chinese writes the date out: 1958年5月1日, 约1958年, 1958年？, 20世纪50年代, 1983—1992年, 1983年起, 1958年春.
func (d Date) Chinese() string { return d.text }

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

// OpenEnd reports 1983/.. and 1983/: no last day is known.
func (d Date) OpenEnd() bool { return d.flags&(openEnd|unknownEnd) != 0 }

// Lower is the first day that the date may be, as yyyymmdd; 0 if it is open.
func (d Date) Lower() int32 { return d.lower }

// Upper is the last day that the date may be, as yyyymmdd; 99991231 if it is open.
func (d Date) Upper() int32 { return d.upper }

// SortKey orders dates by their beginning: yyyymmdd with zeros for what is not known, so that 1958
// comes before 1958-01 and that before 1958-01-01. A date with an open start is where it ends.
func (d Date) SortKey() int32 { return d.lower }

// Compare orders by SortKey, then the wider before the narrower, then by time of day. The zero Date is last.
func (d Date) Compare(o Date) int { return 0 }

// Years are the first and last year it may fall in. An open end adds none: 1983/.. is (1983, 1983).
func (d Date) Years() (from, to int) { return }

// Decade is the first year of the decade that it begins in: 1950.
func (d Date) Decade() int { return 0 }

// MonthDay gives month and day of a date known to the day and without doubt.
func (d Date) MonthDay() (month, day int, ok bool) { return }

// ISO is what may stand in HTML's <time datetime>: 1958, 1958-05, 1958-05-01, 2018-05-01T08:30. It is
// empty for intervals, decades and centuries, which HTML cannot say.
func (d Date) ISO() string { return "" }

// Start is the first instant that the date may be, in loc; the zero Time if that is open.
func (d Date) Start(loc *time.Location) time.Time { return time.Time{} }
