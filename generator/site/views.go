package site

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
)

// Browse is a field to browse by, over all collections that have it.
type Browse struct {
	Key    string // of the field; YearKey for dates
	Label  string
	Role   content.Role // of the field that asked for it first
	Years  bool         // its terms are years
	Common bool         // every collection has the field
	Terms  []*Term
}

// Term is one value of such a field with the records that have it, by collection and in its order.
type Term struct {
	Text    string
	Slug    string        // its part of the URL
	Pos     diag.Pos      // where it stands first
	Also    []TermWriting // other writings of it, which differ in case alone
	Records []*Record
	Counts  []TermCount // of the collections, in the order of the records
}

// TermCount is how many records of a collection have a term.
type TermCount struct {
	Of    *Collection
	Count int
}

// TermWriting is a term as it stands somewhere.
type TermWriting struct {
	Text string
	Pos  diag.Pos
}

// TermSlug is a term's part of the URL of its page: that of Slug, unless another term of the field has it.
func (s *Site) TermSlug(key, term string) string {
	// Most terms are written as their address keeps them, in characters without case: that address is theirs whatever other
	// terms there are, and they need not be gathered for one page.
	if slug := Slug(term); slug == term && !strings.ContainsFunc(term, func(r rune) bool {
		return !han.IsHan(r) && (unicode.SimpleFold(r) != r || unicode.ToLower(r) != r)
	}) {
		return slug
	}
	if slug, ok := s.slugs()[key+"/"+strings.ToLower(term)]; ok {
		return slug
	}
	return Slug(term)
}

// makeSlugs lists the terms whose part of the URL is not what Slug says.
func (s *Site) makeSlugs() map[string]string {
	m := map[string]string{}
	for _, b := range s.Browse() {
		for _, t := range b.Terms {
			if t.Slug != Slug(t.Text) {
				m[b.Key+"/"+strings.ToLower(t.Text)] = t.Slug
			} else {
				for _, a := range t.Also {
					m[b.Key+"/"+strings.ToLower(a.Text)] = t.Slug
				}
			}
		}
	}
	return m
}

// tellApart gives terms whose Slug is the same, as C and C#, each its own: the one that is written as its address keeps it.
func (b *Browse) tellApart() {
	seen := make(map[string]*Term, len(b.Terms))
	for _, t := range b.Terms {
		low := strings.ToLower(t.Slug)
		first := seen[low]
		if first == nil {
			seen[low] = t
			continue
		}
		if strings.EqualFold(t.Text, t.Slug) {
			seen[low], t = t, first
		}
		sum := sha256.Sum256([]byte(strings.ToLower(t.Text)))
		t.Slug += "-" + hex.EncodeToString(sum[:4])
	}
}

// YearKey is the key under which all dates to browse by stand. No field to browse by has it.
const YearKey = "year"

// Browse gives the fields to browse by that have any term.
func (s *Site) Browse() []*Browse { return s.terms() }

// Slug is a term's part of a URL: itself, with what a path can't hold replaced by a hyphen.
func Slug(term string) string {
	slug := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("/\\:*?\"<>|#%&'", r) {
			return '-'
		}
		return r
	}, strings.TrimSpace(term))
	slug = strings.Trim(slug, ".-")
	if content.CheckID(slug) != "" || strings.EqualFold(slug, "index.html") || strings.EqualFold(slug, "page") {
		// Empty, too long, or a name that a file or another page has.
		sum := sha256.Sum256([]byte(term))
		for len(slug) > 100 {
			_, n := utf8.DecodeLastRuneInString(slug)
			slug = slug[:len(slug)-n]
		}
		// A name that Windows has for a device is one whatever stands behind a dot.
		slug = strings.TrimLeft(strings.ReplaceAll(slug, ".", "-")+"-"+hex.EncodeToString(sum[:4]), "-")
	}
	return slug
}

// maxYears is the longest span of years under each of which a record is listed; of a longer one only the
// first year is.
const maxYears = 10

func (s *Site) makeTerms() []*Browse {
	var all []*Browse
	index := map[string]*Browse{}
	terms := map[string]map[string]*Term{}
	add := func(f *content.Field, text string, r *Record, v *content.Value) {
		key := f.Key
		if kinds[f.Type].years {
			key = YearKey
		}
		b := index[key]
		if b == nil {
			b = &Browse{Key: key, Label: f.Label, Role: f.Role, Common: f.Common}
			if kinds[f.Type].years {
				*b = Browse{Key: key, Label: "年份", Years: true}
			}
			index[key], terms[key] = b, map[string]*Term{}
			all = append(all, b)
		}
		same := strings.ToLower(text) // Linux and linux are one term
		t := terms[key][same]
		if t == nil {
			t = &Term{Text: text, Slug: Slug(text), Pos: r.At(v)}
			terms[key][same] = t
			b.Terms = append(b.Terms, t)
		} else if text != t.Text && !slices.ContainsFunc(t.Also, func(a TermWriting) bool { return a.Text == text }) {
			t.Also = append(t.Also, TermWriting{text, r.At(v)})
		}
		if n := len(t.Records); n == 0 || t.Records[n-1] != r {
			t.Records = append(t.Records, r)
			if k := len(t.Counts); k == 0 || t.Counts[k-1].Of != r.Collection {
				t.Counts = append(t.Counts, TermCount{Of: r.Collection})
			}
			t.Counts[len(t.Counts)-1].Count++
		}
	}
	for _, c := range s.Collections {
		for _, r := range c.Records {
			for i := range r.Values {
				v := &r.Values[i]
				f := v.Field
				if !f.Browse {
					continue
				}
				r.browsed(v, func(text string, v *content.Value) { add(f, text, r, v) })
			}
		}
	}
	for _, b := range all {
		b.tellApart()
		if b.Years {
			slices.SortFunc(b.Terms, func(x, y *Term) int { return cmp.Compare(len(x.Text), len(y.Text))*2 + strings.Compare(x.Text, y.Text) })
			continue
		}
		keys := make(map[*Term]string, len(b.Terms)) // made once: each is compared many times
		for _, t := range b.Terms {
			keys[t] = han.NameKey(t.Text)
		}
		slices.SortFunc(b.Terms, func(x, y *Term) int {
			return cmp.Or(cmp.Compare(len(y.Records), len(x.Records)), strings.Compare(keys[x], keys[y]), strings.Compare(x.Text, y.Text))
		})
	}
	slices.SortStableFunc(all, func(a, b *Browse) int { return cmp.Compare(a.order(), b.order()) })
	return all
}

// order puts what every record may have first, then the years, then what some collections have.
func (b *Browse) order() int {
	first := []content.Role{content.Region, content.Industry, content.Tags}
	if b.Years {
		return len(first)
	}
	if i := slices.Index(first, b.Role); i >= 0 {
		return i
	}
	return len(first) + 1
}

// browsed calls add for each term that a value of a field to browse by puts its record under.
func (r *Record) browsed(v *content.Value, add func(text string, v *content.Value)) {
	v.Each(func(v *content.Value) {
		kinds[v.Field.Type].terms(r, v, func(term string) { add(term, v) })
	})
}

// YearSpan gives the years under which a date is listed: each that it may fall in if they are few, else
// the first. An open interval has the year at its known end only. 0, 0 for no date and for one that is known to
// the century alone.
func YearSpan(d dates.Date) (from, to int) {
	if d.IsZero() {
		return 0, 0
	}
	from, to = d.Years()
	switch {
	case d.Precision() == dates.Century:
		return 0, 0
	case d.OpenStart():
		return to, to
	case d.OpenEnd() || to-from >= maxYears:
		return from, from
	}
	return from, to
}

// HasBrowse reports whether there is a field to browse by, without making any.
func (s *Site) HasBrowse() bool {
	return s.any(func(r *Record) bool {
		has := false
		for i := range r.Values {
			if v := &r.Values[i]; v.Field.Browse && !has {
				r.browsed(v, func(string, *content.Value) { has = true })
			}
		}
		return has
	})
}

// any reports whether something is so of any record.
func (s *Site) any(is func(r *Record) bool) bool {
	for _, c := range s.Collections {
		if slices.ContainsFunc(c.Records, is) {
			return true
		}
	}
	return false
}
