package site

import (
	"gongzhi/generator/diag"
)

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

// HasSeries reports whether there is a topic, without making any.
func (s *Site) HasSeries() bool {
	return s.Known("HasSeries", func() bool { return s.any(func(r *Record) bool { return r.Schema.Series != nil }) })
}

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
