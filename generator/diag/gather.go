package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Limits of what is printed one by one; all of it stands in the JSON form.
const (
	alike    = 50 // messages of the same words
	ofOneID  = 60 // messages of one rule
	cutTo    = 12 // what is left of a rule that has more
	named    = 6  // places that a gathered message names
	together = 4  // messages of one cause
)

// Gather returns the list as people want to read it. Messages of one Cause, which are mended at one place, become one
// that says how often and where. So do very many of the same words. Of a rule with more messages than anybody
// reads the first stay, and one says how many more there are. The list must be sorted; what is returned is sorted too,
// and l is unchanged.
func (l List) Gather() List {
	type key struct {
		severity Severity
		id, text string
		cause    bool
	}
	keyOf := func(m Message) key {
		if m.Cause != "" {
			return key{m.Severity, m.ID, m.Cause, true}
		}
		return key{m.Severity, m.ID, m.Text, false}
	}
	same := map[key][]Pos{}
	for _, m := range l {
		k := keyOf(m)
		same[k] = append(same[k], m.Pos)
	}
	out := make(List, 0, len(l))
	said := map[key]bool{}
	for _, m := range l {
		k := keyOf(m)
		if n := len(same[k]); n > alike || k.cause && n >= together {
			if said[k] {
				continue
			}
			said[k] = true
			m.Text += fmt.Sprintf("同样的共有 %d 处：%s。", n, listPlaces(same[k]))
		}
		out = append(out, m)
	}
	return out.cut()
}

// cut leaves out what exceeds ofOneID, rule by rule.
func (l List) cut() List {
	type rule struct {
		severity Severity
		id       string
	}
	count := map[rule]int{}
	for _, m := range l {
		count[rule{m.Severity, m.ID}]++
	}
	seen := map[rule]int{}
	out := l[:0:0]
	for _, m := range l {
		k := rule{m.Severity, m.ID}
		seen[k]++
		switch n := count[k]; {
		case n <= ofOneID || seen[k] <= cutTo:
			out = append(out, m)
		case seen[k] == cutTo+1:
			m.Text += fmt.Sprintf("这一类（%s）后面还有 %d 条，没有一一列出：改好这些再查；要看全部，用 --json。", m.ID, n-cutTo-1)
			out = append(out, m)
		}
	}
	return out
}

// listPlaces names the first of the places, the lines of one file together: a.csv 第 3、4 行，b.md 第 2 行，等。
func listPlaces(places []Pos) string {
	var b strings.Builder
	var path string
	some := slices.Clone(places)
	slices.SortStableFunc(some, func(a, b Pos) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	shown := some[:min(named, len(some))]
	for i, p := range shown {
		switch {
		case p.Path == path:
			fmt.Fprintf(&b, "、%d", max(p.Line, 1))
		default:
			if i > 0 {
				b.WriteString(" 行，")
			}
			fmt.Fprintf(&b, "%s 第 %d", oneLine(p.Path), max(p.Line, 1))
			path = p.Path
		}
	}
	b.WriteString(" 行")
	if len(some) > len(shown) {
		b.WriteString("，等等")
	}
	return b.String()
}
