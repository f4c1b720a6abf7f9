package site

import "gongzhi/generator/content"

// peers is who worked or was honoured together: made once, when the page of the first person is asked for.
type peers struct {
	unit  map[string][]*Record // people by each of their units
	given map[*Record]given    // by conferral
}

type given struct {
	roll *RollOf
	year *RollYear
}

func (s *Site) makePeers() *peers {
	p := &peers{unit: map[string][]*Record{}, given: map[*Record]given{}}
	for _, c := range s.Collections {
		if !c.Title.Name || c.Rows {
			continue
		}
		for _, r := range c.Records {
			r.units(func(key, _ string) { p.unit[key] = append(p.unit[key], r) })
		}
	}
	for _, roll := range s.Rolls() {
		for i := range roll.Years {
			for _, r := range roll.Years[i].Records {
				p.given[r] = given{roll, &roll.Years[i]}
			}
		}
	}
	return p
}

// units gives the units that a person worked in: what they are compared by, and as they are written.
func (r *Record) units(f func(key, name string)) {
	v := r.Role(content.Unit)
	if v == nil {
		return
	}
	v.Each(func(v *content.Value) {
		name := r.Display(v)
		if to := r.Target(v); to != nil {
			f(to.URL, name)
		} else if name != "" {
			f(name, name)
		}
	})
}

// SameUnit gives, for each unit of a person, the others who worked in it.
func (s *Site) SameUnit(r *Record, f func(unit string, others []*Record)) {
	r.units(func(key, name string) {
		if all := s.peers().unit[key]; len(all) > 1 {
			others := make([]*Record, 0, len(all)-1)
			for _, x := range all {
				if x != r {
					others = append(others, x)
				}
			}
			f(name, others)
		}
	})
}

// Given finds the roll and the time on it at which something was conferred; ok is false if it is on none.
func (s *Site) Given(conferral *Record) (roll *RollOf, year *RollYear, ok bool) {
	g, ok := s.peers().given[conferral]
	return g.roll, g.year, ok
}
