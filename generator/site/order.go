package site

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/content"
)

// order sorts each collection as its schema asks, the record's id deciding among equals, and gives rows
// their place in the list.
func (j *joiner) order(before *Site) {
	slices.SortStableFunc(j.Collections, func(a, b *Collection) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), strings.Compare(a.Key, b.Key))
	})
	for _, c := range j.Collections {
		if before == nil || !j.resort(c, before) {
			sortRecords(c.Records, c.Schema)
		}
		for i, r := range c.Records {
			if i > 0 {
				r.Prev = c.Records[i-1]
			}
			if i+1 < len(c.Records) {
				r.Next = c.Records[i+1]
			}
			if c.Rows {
				r.URL = ListURL(c.Key, i/j.RowsPerPage()+1) + "#" + r.Anchor()
			}
		}
	}
}

// Anchor is the id of a row in the list that shows it. An id in HTML holds no space; a no-break space does as
// well, and different records keep different ids.
func (r *Record) Anchor() string { return "r-" + strings.ReplaceAll(r.ID, " ", "\u00a0") }

// RowsPerPage is how many rows without pages of their own stand on a page of a list.
func (s *Site) RowsPerPage() int { return max(50, s.Settings.PageSize) }

// ListURL is the path of page n (1-based) of a collection's list.
func ListURL(key string, n int) string {
	if n <= 1 {
		return "/" + key + "/"
	}
	return fmt.Sprintf("/%s/page/%d/", key, n)
}

// sortKey is a record with what it is sorted by, made ready once.
type sortKey struct {
	text []string
	num  []float64
	rec  *Record
}

func sortRecords(records []*Record, schema *content.Schema) {
	orders := schema.Sort
	keys := make([]sortKey, len(records))
	texts := make([]string, len(records)*len(orders))
	nums := make([]float64, len(records)*len(orders))
	for i, r := range records {
		k := &keys[i]
		k.text, k.num = texts[i*len(orders):(i+1)*len(orders)], nums[i*len(orders):(i+1)*len(orders)]
		k.fill(r)
	}
	slices.SortFunc(keys, func(a, b sortKey) int { return a.compare(&b) })
	for i := range keys {
		records[i] = keys[i].rec
	}
}

// fill makes the key of a record, into slices as long as its schema's sort order.
func (k *sortKey) fill(r *Record) {
	k.rec = r
	for n, o := range r.Schema.Sort {
		k.text[n], k.num[n] = r.sortValue(o)
	}
}

// compare is the order of two records of one collection. Different records are never equal.
func (k *sortKey) compare(b *sortKey) int {
	for n, o := range k.rec.Schema.Sort {
		c := cmp.Compare(k.num[n], b.num[n])
		if c == 0 {
			c = strings.Compare(k.text[n], b.text[n])
		} else if k.num[n] == last || b.num[n] == last {
			return c // what is missing comes last either way
		}
		if o.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Or(strings.Compare(k.rec.ID, b.rec.ID), strings.Compare(k.rec.Path, b.rec.Path))
}

// fewRecords is how many records of a collection may be new for the order of the others to be of use.
const fewRecords = 100

// same gives the place of a record of the site before, if it is shown and as it was.
func (j *joiner) same(r *Record, before *Site) *Record {
	if j.register != before.register {
		return j.Of(r.Record)
	}
	if now := &j.records[r.number]; now.shown() && (now.Record == r.Record || now.Own() == r.Record) {
		return now
	}
	return nil
}

// resort sorts a collection out of the order in which its records stood before: those that are the same still
// stand in it, since what they are sorted by depends on nothing else, and the others are put in their places.
// It gives false if that does not hold, or is not worth it.
func (j *joiner) resort(c *Collection, site *Site) bool {
	before := site.collection(c.Schema)
	if before == nil || slices.ContainsFunc(c.Schema.Sort, func(o content.Order) bool {
		if o.Field.Ordinal == 0 {
			return c.Schema.Title.Compose != nil // may be made of other records' titles
		}
		return !kinds[o.Field.Type].alone
	}) {
		return false
	}
	old := make([]*Record, 0, len(c.Records))
	for _, r := range before.Records {
		if now := j.same(r, site); now != nil {
			now.ordered = true
			old = append(old, now)
		}
	}
	var fresh []*Record
	for _, r := range c.Records {
		if !r.ordered {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) > fewRecords {
		return false
	}
	sortRecords(fresh, c.Schema)
	n := len(c.Schema.Sort)
	key := func() *sortKey { return &sortKey{text: make([]string, n), num: make([]float64, n)} }
	a, b := key(), key()
	all := c.Records[:0]
	for _, r := range fresh {
		b.fill(r)
		at, _ := slices.BinarySearchFunc(old, b, func(r *Record, b *sortKey) int {
			a.fill(r)
			return a.compare(b)
		})
		all = append(append(all, old[:at]...), r)
		old = old[at:]
	}
	c.Records = append(all, old...)
	return true
}

func (r *Record) sortValue(o content.Order) (string, float64) {
	if o.Field.Ordinal == 0 { // the title
		return r.NameKey(), 0
	}
	v := r.Value(o.Field)
	if v != nil && v.Items != nil {
		v = &v.Items[0] // of several, the first
	}
	if v == nil {
		return "", last
	}
	return kinds[v.Field.Type].order(r, v)
}
