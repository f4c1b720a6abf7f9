package search

import (
	"fmt"
	"html"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Limits of a query; what lies beyond is left out, and Result.Ignored says so.
const (
	maxWords     = 16
	maxWordUnits = 64
	maxQuery     = 1 << 16 // bytes
	maxSpellings = 8
)

// Query are the settings of a search. The zero value asks for the first ten hits by relevance.
type Query struct {
	Filters map[string][]string // values by facet; for a range its first and last, "" for open
	Sort    string              // "relevance" or "", "-date" newest first, "date" oldest first
	Offset  int
	Limit   int // 0 means 10
	Facets  bool
}

// Result is the answer to a query.
type Result struct {
	Total      int
	Hits       []Hit
	Best       []Hit    // pages that are called like one of several words, though they lack another; not among Hits
	Related    []Hit    // looser ones, if Total is 0
	Instead    string   // the words that Related was found by, if they are others than those asked for
	Ahead      int      // how many of Related, the first, stand there for what they are called, though they are not among Among or lack a word of Instead
	Among      []string // the values of the facet type that Related was looked for in, if not all
	Offers     []Offer  // queries that have results, if Total is 0
	Unfiltered int      // how many hits there would be without filters
	Facets     map[string][]Count
	Words      []string // what was searched, folded
	Ignored    []string // what was beyond the limits of a query
}

// Count is how many hits have a value of a facet.
type Count struct {
	Value string
	Count int
}

// Hit is one document. Excerpt is HTML with <mark> as its only markup; it is taken from the summary, as pages are not at hand.
type Hit struct {
	URL, Title, Type, Date, Excerpt string
	Score                           int
	Why                             []Why // a word each
}

// Why explains a word's part in a hit's score: Weight * Points.
type Why struct {
	Word   string
	Class  int // 5 whole title or other name, 4 its beginning or end, 3 title, 2 field, 1 body
	Level  int // quantised BM25, 0 to 3
	Points int // of class, level and rank
	Weight int // rarity
	Count  int // documents with the word
}

// parse cuts a query into words.
func parse(query string) (words [][]uint16, ignored []string) {
	if len(query) > maxQuery {
		query = query[:maxQuery]
	}
	seen := map[string]bool{}
	for word := range slices.Values(split(appendUnits(nil, []byte(query)))) {
		if text := needle(word); !seen[text] {
			seen[text] = true
			words = append(words, word)
		}
	}
	for i, word := range words {
		if i >= maxWords {
			ignored = append(ignored, needle(word))
		} else if len(word) > maxWordUnits {
			ignored = append(ignored, needle(word[maxWordUnits:]))
			words[i] = word[:maxWordUnits]
		}
	}
	return words[:min(len(words), maxWords)], ignored
}

func split(units []uint16) (words [][]uint16) {
	for from, i := 0, 0; i <= len(units); i++ {
		if i == len(units) || units[i] == 0 {
			if i > from {
				words = append(words, units[from:i:i])
			}
			from = i + 1
		}
	}
	return words
}

// needle is the text of a word.
func needle(word []uint16) string {
	plain := make([]uint16, 0, len(word))
	for _, u := range word {
		if u != wordStart {
			plain = append(plain, u)
		}
	}
	return string(utf16.Decode(plain))
}

var finals = strings.Fields("a ai an ang ao e ei en eng er i ia ian iang iao ie in ing iong iu o ong ou u ua uai uan uang ue ui un uo v ve")

// spellings cuts letters into syllables of pinyin, the last of which may be cut short, in up to maxSpellings ways.
func spellings(letters string) (ways [][]uint16) {
	var cut func(at int, starts []int)
	cut = func(at int, starts []int) {
		if len(ways) == maxSpellings {
			return
		}
		if at == len(letters) {
			word := make([]uint16, len(letters))
			for i := range letters {
				word[i] = syllableRest + uint16(letters[i]-'a')
			}
			for _, i := range starts {
				word[i] = syllableStart + uint16(letters[i]-'a')
			}
			ways = append(ways, word)
			return
		}
		rest := letters[at:]
		initial := 0
		switch {
		case len(rest) > 1 && strings.IndexByte("zcs", rest[0]) >= 0 && rest[1] == 'h':
			initial = 2
		case strings.IndexByte("bpmfdtnlgkhjqxrzcsyw", rest[0]) >= 0:
			initial = 1
		}
		tail := rest[initial:]
		if initial == 0 && strings.IndexByte("aoe", rest[0]) < 0 {
			return // no syllable begins with i, u or v
		}
		here := append(slices.Clone(starts), at)
		for n := min(4, len(tail)); n > 0; n-- {
			if slices.Contains(finals, tail[:n]) {
				cut(at+initial+n, here)
			}
		}
		if len(tail) < 4 && !slices.Contains(finals, tail) && slices.ContainsFunc(finals, func(f string) bool { return strings.HasPrefix(f, tail) }) {
			cut(len(letters), here)
		}
	}
	cut(0, nil)
	return ways
}

// readings are the ways in which a word may stand in the index: itself, and as pinyin.
func readings(word []uint16) [][]uint16 {
	all := [][]uint16{word}
	if len(word) < 3 || len(word) > 25 || word[0] != wordStart {
		return all
	}
	letters := make([]byte, 0, 24)
	for _, u := range word[1:] {
		if u < 'a' || u > 'z' {
			return all
		}
		letters = append(letters, byte(u))
	}
	all = append(all, spellings(string(letters))...)
	if len(letters) <= 6 {
		initials := make([]uint16, len(letters))
		for i, l := range letters {
			initials[i] = initialLetter + uint16(l-'a')
		}
		all = append(all, initials)
	}
	return all
}

// word finds the documents with a word in any of its readings.
func (x *Index) word(word []uint16) (postings, error) {
	var all postings
	for _, reading := range readings(word) {
		p, err := x.phrase(reading)
		if err != nil {
			return postings{}, err
		}
		all = union(all, p)
	}
	return all, nil
}

func union(a, b postings) postings {
	if len(a.docs) == 0 {
		return b
	}
	var out postings
	for i, j := 0, 0; i < len(a.docs) || j < len(b.docs); {
		switch {
		case j == len(b.docs) || i < len(a.docs) && a.docs[i] < b.docs[j]:
			out.docs, out.info = append(out.docs, a.docs[i]), append(out.info, a.info[i])
			i++
		case i == len(a.docs) || b.docs[j] < a.docs[i]:
			out.docs, out.info = append(out.docs, b.docs[j]), append(out.info, b.info[j])
			j++
		default:
			info := a.info[i]
			if points(b.info[j], 1) > points(info, 1) {
				info = b.info[j]
			}
			out.docs, out.info = append(out.docs, a.docs[i]), append(out.info, info)
			i, j = i+1, j+1
		}
	}
	return out
}

// phrase finds the documents in which the units stand one after another.
func (x *Index) phrase(word []uint16) (postings, error) {
	if len(word) == 1 {
		return x.gram(0, word[0])
	}
	var offsets []uint32
	for i := 0; i+1 < len(word); i += 2 {
		offsets = append(offsets, uint32(i))
	}
	if len(word)%2 == 1 {
		offsets = append(offsets, uint32(len(word)-2))
	}
	lists := make([]postings, len(offsets))
	for j, i := range offsets {
		var err error
		if lists[j], err = x.gram(word[i], word[i+1]); err != nil || len(lists[j].docs) == 0 {
			return postings{}, err
		}
	}
	if len(lists) == 1 {
		return lists[0], nil
	}
	var out postings
	at := make([]int, len(lists))
	for i, doc := range lists[0].docs {
		at[0] = i
		inAll, place := true, uint8(0)
		for j := 1; j < len(lists); j++ {
			for at[j] < len(lists[j].docs) && lists[j].docs[at[j]] < doc {
				at[j]++
			}
			if at[j] == len(lists[j].docs) || lists[j].docs[at[j]] != doc {
				inAll = false
				break
			}
		}
		if !inAll {
			continue
		}
		found := false
		for n, p := range lists[0].positions[i] {
			inTitle := n < len(lists[0].places[i])
			if found && !inTitle {
				break
			}
			k, ok := 0, true
			for j := 1; j < len(lists) && ok; j++ {
				k, ok = slices.BinarySearch(lists[j].positions[at[j]], p+offsets[j])
			}
			if !ok {
				continue
			}
			found = true
			if inTitle {
				f := uint8(flagTitle) | lists[0].places[i][n]&flagBegins
				if ends := lists[len(lists)-1].places[at[len(lists)-1]]; k < len(ends) {
					f |= ends[k] & flagEnds
				}
				place = where(place, f)
			}
		}
		if !found {
			continue
		}
		field, level := uint8(flagField), uint8(3)
		for j := range lists {
			info := lists[j].info[at[j]]
			field &= info >> 2
			level = min(level, info&3)
		}
		out.docs, out.info = append(out.docs, doc), append(out.info, (place|field)<<2|level)
	}
	return out, nil
}

// Search answers a query as search.js does.
func (x *Index) Search(query string, q Query) (Result, error) {
	words, ignored := parse(query)
	result := Result{Ignored: ignored, Facets: map[string][]Count{}}
	lists := make([]postings, len(words))
	for i, word := range words {
		result.Words = append(result.Words, needle(word))
		var err error
		if lists[i], err = x.word(word); err != nil {
			return Result{}, err
		}
	}
	sets := map[string][]bool{}
	for key, wanted := range q.Filters {
		set, err := x.filter(key, wanted)
		if err != nil {
			return Result{}, err
		}
		if set != nil {
			sets[key] = set
		}
	}
	docs, scores := x.match(lists)
	result.Unfiltered = len(docs)
	if len(words) == 0 && len(sets) > 0 {
		for doc := range x.root.Documents {
			docs = append(docs, uint32(doc))
		}
		scores = make([]int, len(docs))
	}
	if q.Facets {
		for _, f := range x.root.Facets {
			counts, err := x.count(f.Key, docs, sets)
			if err != nil {
				return Result{}, err
			}
			result.Facets[f.Key] = counts
		}
	}
	order := make([]int, 0, len(docs))
	for i, doc := range docs {
		if passes(doc, sets, "") {
			order = append(order, i)
		}
	}
	result.Total = len(order)
	if err := x.sort(order, docs, scores, q.Sort); err != nil {
		return Result{}, err
	}
	if q.Limit == 0 {
		q.Limit = 10
	}
	from := min(max(0, q.Offset), len(order))
	read := cardBlocks{}
	for _, i := range order[from:min(len(order), from+max(0, q.Limit))] {
		hit, err := x.hit(docs[i], result.Words, read)
		if err != nil {
			return Result{}, err
		}
		hit.Score, hit.Why = scores[i], x.why(docs[i], result.Words, lists)
		result.Hits = append(result.Hits, hit)
	}
	var err error
	if result.Total == 0 && result.Unfiltered == 0 && len(words) > 0 {
		near := nearby{Index: x, read: read, sets: sets, limit: q.Limit}
		if err = near.find(words, lists); err == nil {
			result.Instead, result.Ahead, result.Among, result.Offers = near.instead, near.ahead, near.among, near.offers
			result.Related, err = x.hits(near.related, append(slices.Clone(near.marks), pieces(result.Words)...), read)
		}
	} else if len(words) > 1 && len(sets) == 0 && q.Offset == 0 && (q.Sort == "" || q.Sort == "relevance") {
		result.Best, err = x.hits(x.best(lists, docs), result.Words, read)
	}
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// sort puts the places of documents in docs, order, into the order that is asked for.
func (x *Index) sort(order []int, docs []uint32, scores []int, by string) error {
	switch by {
	case "", "relevance":
		slices.SortStableFunc(order, func(a, b int) int { return scores[b] - scores[a] })
	case "-date", "date":
		place, dated, err := x.byDate()
		if err != nil {
			return err
		}
		slices.SortFunc(order, func(a, b int) int { return place[docs[a]] - place[docs[b]] })
		if by == "date" {
			n, _ := slices.BinarySearchFunc(order, dated, func(i, dated int) int { return place[docs[i]] - dated })
			slices.Reverse(order[:n])
		}
	default:
		return fmt.Errorf("不认识的排序 %q：可用 relevance、date、-date", by)
	}
	return nil
}

// why says for each word where it is in a document, and what that counts.
func (x *Index) why(doc uint32, words []string, lists []postings) (all []Why) {
	for n, list := range lists {
		if k, ok := slices.BinarySearch(list.docs, doc); ok {
			info := list.info[k]
			all = append(all, Why{words[n], class(info >> 2), int(info & 3), points(info, x.rank(doc)), x.weight(len(list.docs)), len(list.docs)})
		}
	}
	return all
}

func (x *Index) hits(docs []uint32, words []string, read cardBlocks) (hits []Hit, err error) {
	for _, doc := range docs {
		hit, err := x.hit(doc, words, read)
		if err != nil {
			return nil, err
		}
		hits = append(hits, hit)
	}
	return hits, nil
}

// bestPages is how many pages stand before the hits.
const bestPages = 2

// best finds the documents with a name that is one of several words, though another word is not in them.
func (x *Index) best(lists []postings, hits []uint32) (best []uint32) {
	for _, list := range lists {
		for i, doc := range list.docs {
			if x.rank(doc) > 0 || len(best) == bestPages {
				break
			}
			if _, found := slices.BinarySearch(hits, doc); !found && class(list.info[i]>>2) == 5 && !slices.Contains(best, doc) {
				best = append(best, doc)
			}
		}
	}
	return best
}

func (x *Index) hit(doc uint32, words []string, read cardBlocks) (Hit, error) {
	c, err := x.card(doc, read)
	return Hit{
		URL: c.url, Title: c.title, Type: c.typ, Date: c.date,
		Excerpt: mark(c.summary, words, "<mark>", "</mark>", html.EscapeString),
	}, err
}

// weight is the rarity of a word that df documents have.
func (x *Index) weight(df int) int { return 1 + bits.Len(uint(x.root.Documents/max(1, df))) }

// match intersects the words and sums their scores.
func (x *Index) match(lists []postings) (docs []uint32, scores []int) {
	for n, list := range lists {
		weight := x.weight(len(list.docs))
		if n == 0 {
			docs = list.docs
			for i, info := range list.info {
				scores = append(scores, weight*points(info, x.rank(docs[i])))
			}
			continue
		}
		var both []uint32
		var sums []int
		for i, doc := range docs {
			if k, ok := slices.BinarySearch(list.docs, doc); ok {
				both, sums = append(both, doc), append(sums, scores[i]+weight*points(list.info[k], x.rank(doc)))
			}
		}
		docs, scores = both, sums
	}
	return docs, scores
}

// filter returns which documents have one of the values, or nil for no values.
func (x *Index) filter(key string, wanted []string) ([]bool, error) {
	if !slices.ContainsFunc(wanted, func(v string) bool { return v != "" }) {
		return nil, nil
	}
	values, field, err := x.facet(key)
	if err != nil {
		return nil, err
	}
	set := make([]bool, x.root.Documents)
	for _, v := range values {
		ok := slices.Contains(wanted, v.value)
		if field.Range {
			n, err := strconv.ParseFloat(v.value, 64)
			ok = err == nil
			if from, err := strconv.ParseFloat(wanted[0], 64); err == nil && n < from {
				ok = false
			}
			if len(wanted) > 1 {
				if to, err := strconv.ParseFloat(wanted[1], 64); err == nil && n > to {
					ok = false
				}
			}
		}
		if ok {
			for _, doc := range v.docs {
				set[doc] = true
			}
		}
	}
	return set, nil
}

func passes(doc uint32, sets map[string][]bool, but string) bool {
	for key, set := range sets {
		if key != but && !set[doc] {
			return false
		}
	}
	return true
}

// count counts a facet's values over docs; the facet's own filter does not count, so that its other values can be chosen.
func (x *Index) count(key string, docs []uint32, sets map[string][]bool) ([]Count, error) {
	values, _, err := x.facet(key)
	if err != nil {
		return nil, err
	}
	hit := make([]bool, x.root.Documents)
	for _, doc := range docs {
		hit[doc] = passes(doc, sets, key)
	}
	counts := []Count{}
	for _, v := range values {
		n := 0
		for _, doc := range v.docs {
			if hit[doc] {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, Count{v.value, n})
		}
	}
	slices.SortStableFunc(counts, func(a, b Count) int { return b.Count - a.Count })
	return counts, nil
}

// pieces are the pairs of neighbouring characters of words, which a looser hit may have.
func pieces(words []string) []string {
	var all []string
	for _, w := range words {
		r := []rune(w)
		if len(r) < 2 || kindOf(r[0]) == isLetter {
			all = append(all, w)
			continue
		}
		for i := range r[1:] {
			all = append(all, string(r[i:i+2]))
		}
	}
	return all
}
