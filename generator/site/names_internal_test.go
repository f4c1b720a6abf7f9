package site

import (
	"fmt"
	"testing"
)

// TestApart: those of one name are told apart by their units, and of a name that thousands bear each is compared with some, not with all.
func TestApart(t *testing.T) {
	var all []*bearer
	put := func(unit string) {
		all = append(all, &bearer{in: []*Record{{}}, evidence: evidence{units: []string{unit}}})
	}
	for i := range 1200 {
		put(fmt.Sprintf("测试%d厂", i))
	}
	put("测试7厂")
	put("测试1100厂")
	out := apart(all)
	if len(out) != 1201 || len(out[7].in) != 2 || len(out[1100].in) != 1 {
		t.Errorf("%d of 1201; %d and %d records", len(out), len(out[7].in), len(out[1100].in))
	}
	twice := &Record{}
	one := func() *bearer { return &bearer{in: []*Record{twice}} }
	if out := apart([]*bearer{one(), one()}); len(out) != 1 || len(out[0].in) != 1 {
		t.Error("a record that names somebody twice stands twice")
	}
}
