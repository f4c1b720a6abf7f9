package site

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
)

// RollOf is the roll of one honour.
type RollOf struct {
	Honor *Record // nil if the honour has no record
	Title string
	Slug  string
	Pos   diag.Pos // where it is given first
	Years []RollYear
	Count int       // of what is held
	Ended int       // of what was revoked
	By    []*Browse // the same by region and by heading of the list; those that part it
}

// RollYear is those who received it at one time, in the order of the official list where there is one.
type RollYear struct {
	Day     dates.Date // zero: not known
	Records []*Record  // the conferrals
}

// Rolls gives the rolls, in the order of the honours.
func (s *Site) Rolls() []*RollOf { return s.rolls() }

// HasRolls reports whether there is a roll, without making any.
func (s *Site) HasRolls() bool {
	return s.Known("HasRolls", func() bool {
		return s.any(func(r *Record) bool { return r.Schema.Roll != nil && r.Value(r.Schema.Roll.Group) != nil })
	})
}

func (s *Site) makeRolls() []*RollOf {
	all := s.gatherRolls()
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
	for _, roll := range all {
		roll.part()
	}
	place := map[*Record]int{}
	for _, c := range s.Collections {
		if s.IsHonors(c) {
			for _, r := range c.Records {
				place[r] = len(place) + 1
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

// gatherRolls puts each conferral into the roll of its honour, below its day. Nothing is in order yet.
func (s *Site) gatherRolls() (all []*RollOf) {
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
			if r.Revoked() == "" {
				roll.Count++
			} else {
				roll.Ended++
			}
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
	return all
}

// partedRoll is from how many lines on a roll is looked through by its parts.
const partedRoll = 8

// part gathers the lines of a roll by region and by heading of the list: what is in one page to be read need not be parted.
func (roll *RollOf) part() {
	if roll.Count+roll.Ended < partedRoll {
		return
	}
	for _, role := range []content.Role{content.Region, content.ListGroup} {
		var b *Browse
		index := map[string]*Term{}
		for _, y := range roll.Years {
			for _, r := range y.Records {
				v := r.Role(role)
				if v == nil && role == content.Region { // where the list says none, that of the profile
					if to := r.Target(r.Value(r.Schema.Roll.Who)); to != nil {
						v = to.Role(role)
					}
				}
				if v == nil {
					continue
				}
				if b == nil {
					b = &Browse{Key: v.Field.Key, Label: v.Field.Label, Role: role}
				}
				seen := map[string]bool{}
				v.Each(func(v *content.Value) {
					text := v.Text
					if role == content.ListGroup {
						text, _, _ = strings.Cut(text, "／")
					}
					if text == "" || seen[text] {
						return
					}
					seen[text] = true
					t := index[text]
					if t == nil {
						t = &Term{Text: text, Slug: Slug(text), Pos: r.At(v)}
						index[text] = t
						b.Terms = append(b.Terms, t)
					}
					t.Records = append(t.Records, r)
				})
			}
		}
		if b == nil || len(b.Terms) < 2 {
			continue
		}
		b.tellApart()
		slices.SortStableFunc(b.Terms, func(x, y *Term) int { return len(y.Records) - len(x.Records) })
		roll.By = append(roll.By, b)
	}
}

// Equals gives the rolls of the honours that are said to be the same as that of a roll, or what it was before or after.
func (s *Site) Equals(roll *RollOf) []*RollOf {
	if roll.Honor == nil {
		return nil
	}
	var honors []*Record
	add := func(r *Record) {
		if r != nil && r != roll.Honor && !slices.Contains(honors, r) {
			honors = append(honors, r)
		}
	}
	for i := range roll.Honor.Values {
		if v := &roll.Honor.Values[i]; v.Field.Type == content.RefType {
			v.Each(func(v *content.Value) {
				if to := roll.Honor.Target(v); to != nil && to.Collection == roll.Honor.Collection {
					add(to)
				}
			})
		}
	}
	for _, rel := range roll.Honor.Inverse {
		if rel.Schema == roll.Honor.Schema && rel.Outer == nil {
			for _, r := range rel.Records {
				add(r)
			}
		}
	}
	if len(honors) == 0 {
		return nil
	}
	var l []*RollOf
	for _, x := range s.Rolls() {
		if slices.Contains(honors, x.Honor) {
			l = append(l, x)
		}
	}
	return l
}

// IsHonors reports whether the records of a collection are what rolls are of.
func (s *Site) IsHonors(c *Collection) bool {
	return slices.ContainsFunc(s.Collections, func(d *Collection) bool {
		return d.Roll != nil && d.Roll.Group != nil && slices.Contains(d.Roll.Group.To, c.Key)
	})
}

// sortText is a number field as a number; last if missing.
func (r *Record) sortText(f *content.Field) (float64, bool) {
	v := r.Value(f)
	if v == nil {
		return last, false
	}
	n, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		return last, false
	}
	return n, true
}
