package site

import (
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
)

// Covered is how much of one award round is recorded, or of what was given in one year without a round.
type Covered struct {
	Round    *Record // nil if no round is recorded
	Title    string
	Day      dates.Date
	Official int // how many were announced; -1 if that is not known
	Recorded int
	Parts    []CoveredPart // by region and class, where numbers of them were announced
}

// CoveredPart is a region or a class of a round.
type CoveredPart struct {
	Label    string
	Official int
	Recorded int
}

// Coverage is how much is recorded of one honour.
type Coverage struct {
	Roll   *RollOf
	Rounds []Covered // in the order of their dates
}

// Coverage compares what is recorded with what was announced, for each honour that has a roll or a round.
func (s *Site) Coverage() []Coverage { return s.coverage() }

// coveredRounds gives the rounds that are of an honour, in the order of their records, without making a roll.
func (s *Site) coveredRounds() []Covered {
	byRound := map[*Record][]*Record{} // conferrals
	var rounds []*Record
	for _, c := range s.Collections {
		if c.Roll == nil {
			continue
		}
		for _, f := range c.Fields {
			if len(f.Inherit) == 0 {
				continue
			}
			for _, r := range c.Records {
				if v := r.Value(f); v != nil {
					if to := r.Target(v); to != nil {
						byRound[to] = append(byRound[to], r)
					}
				}
			}
			for _, d := range s.Collections {
				if slices.Contains(f.To, d.Key) {
					rounds = append(rounds, d.Records...)
				}
			}
		}
	}
	var list []Covered
	for _, round := range rounds {
		if s.honorOf(round) != nil {
			list = append(list, s.covered(round, byRound[round]))
		}
	}
	return list
}

func (s *Site) makeCoverage() []Coverage {
	var list []Coverage
	index := map[*Record]int{}
	for _, roll := range s.Rolls() {
		if roll.Honor != nil {
			index[roll.Honor] = len(list)
		}
		c := Coverage{Roll: roll}
		for _, y := range roll.Years {
			n := 0
			for _, r := range y.Records {
				if !s.inRound(r) {
					n++
				}
			}
			if n > 0 {
				c.Rounds = append(c.Rounds, Covered{Day: y.Day, Official: -1, Recorded: n})
			}
		}
		list = append(list, c)
	}
	for _, round := range s.coveredRounds() {
		honor := s.honorOf(round.Round)
		i, ok := index[honor]
		if !ok {
			i = len(list)
			index[honor] = i
			list = append(list, Coverage{Roll: &RollOf{Honor: honor, Title: honor.Title}})
		}
		list[i].Rounds = append(list[i].Rounds, round)
	}
	for i := range list {
		slices.SortStableFunc(list[i].Rounds, func(a, b Covered) int {
			if az, bz := a.Day.IsZero(), b.Day.IsZero(); az != bz {
				if az {
					return 1
				}
				return -1
			}
			return a.Day.Compare(b.Day)
		})
	}
	return slices.DeleteFunc(list, func(c Coverage) bool { return len(c.Rounds) == 0 })
}

// inRound reports whether a conferral names its round.
func (s *Site) inRound(r *Record) bool {
	for _, f := range r.Schema.Fields {
		if len(f.Inherit) > 0 {
			if v := r.Value(f); v != nil && r.Target(v) != nil {
				return true
			}
		}
	}
	return false
}

// honorOf is the honour that a round is of: the first reference of it that leads to one.
func (s *Site) honorOf(round *Record) *Record {
	for i := range round.Values {
		v := &round.Values[i]
		if v.Field.Type == content.RefType && v.Items == nil {
			if to := round.Target(v); to != nil && s.IsHonors(to.Collection) {
				return to
			}
		}
	}
	return nil
}

func (s *Site) covered(round *Record, records []*Record) Covered {
	c := Covered{Round: round, Title: round.Title, Day: round.Day, Official: -1, Recorded: len(records)}
	v := round.Role(content.Official)
	if v == nil {
		return c
	}
	kinds := map[string]bool{}
	v.Each(func(v *content.Value) {
		count, region, class, kind := -1, "", "", ""
		for i := range v.Parts {
			p := &v.Parts[i]
			switch p.Field.Role {
			case content.OfficialCount:
				count, _ = strconv.Atoi(p.Text)
			case content.OfficialRegion:
				region = p.Text
			case content.OfficialClass:
				class = p.Text
			default:
				if p.Field.Type == content.Enum {
					kind = p.Text
				}
			}
		}
		switch {
		case count < 0:
		case region == "" && class == "":
			if kinds[kind] {
				return // another source says another number; the first one is preferred
			}
			kinds[kind] = true
			c.Official = max(c.Official, 0) + count
		default:
			n := 0
			for _, r := range records {
				if (region == "" || hasRegion(r, region)) && (class == "" || hasClass(r, class)) {
					n++
				}
			}
			label := strings.Trim(region+"·"+class, "·")
			c.Parts = append(c.Parts, CoveredPart{label, count, n})
		}
	})
	return c
}

// hasRegion reports whether a record is of a region, with or without its last character (南昌、南昌市).
func hasRegion(r *Record, region string) bool {
	found := false
	if v := r.Role(content.Region); v != nil {
		v.Each(func(v *content.Value) { found = found || short(v.Text) == short(region) })
	}
	return found || hasClass(r, region)
}

func short(region string) string {
	for _, end := range []string{"省", "市", "县", "区"} {
		if s, ok := strings.CutSuffix(region, end); ok && len([]rune(s)) >= 2 {
			return s
		}
	}
	return region
}

// hasClass reports whether one of a record's texts is a heading of that name, alone or in a path of them (甲／乙).
func hasClass(r *Record, class string) bool {
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Type == content.Text && v.Items == nil && strings.Contains(v.Text, class) && slices.Contains(strings.Split(v.Text, "／"), class) {
			return true
		}
	}
	return false
}

// Lacking gives the records that have nothing in a field, of all collections that have it, in their order; known is
// false if none has a field of that name.
func (s *Site) Lacking(name string) (records []*Record, known bool) {
	for _, c := range s.Collections {
		f := c.Field(name)
		if f == nil {
			continue
		}
		known = true
		for _, r := range c.Records {
			if r.Value(f) == nil {
				records = append(records, r)
			}
		}
	}
	return records, known
}
