package search

import (
	"bytes"
	"cmp"
	"compress/flate"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/han"
)

// What is offered when nothing is exactly as it was asked for, docs/search-format.md section 10. The browser's near.js is the twin.

// asks are what questions are asked with, longer ones first. They stand in the root of the index, so that both readers know the same ones.
var asks = longerFirst(
	"是什么时候", "是怎么样", "是怎么", "是怎样", "是如何", "是哪些", "是哪一", "是哪", "是多少", "什么时候", "什么地方", "什么时间", "是什么意思", "是什么", "什么是", "叫什么", "为什么", "什么叫", "什么",
	"怎么样", "怎么", "怎样", "如何", "有哪些", "哪些", "哪几个", "哪几位", "哪几", "哪一年", "哪年", "哪里", "哪个", "哪位", "哪家", "在哪", "是谁", "谁是", "有谁", "谁", "有多少", "多少", "几个", "有几",
	"何时", "何地", "何人", "何为", "请问", "介绍一下", "关于", "的意思", "的", "了", "吗", "呢", "有没有", "是不是", "是否",
	"是哪一年", "是哪年", "是哪一届", "哪一届", "是哪里人", "哪里人", "哪儿人", "在哪里", "在哪儿", "哪儿", "哪些人", "有哪些人", "都有哪些", "都有谁", "有多少人", "多少人", "有多少家", "多少家", "有几家", "几家",
	"应该找谁", "该找谁", "找谁", "怎么办", "怎么回事", "发生了什么", "发生过什么", "发生什么", "有什么大事", "有什么事", "有什么", "什么事", "什么样", "是做什么的", "是干什么的", "啥时候", "是啥", "啥", "咋样", "咋",
	"名单", "名录", "我想看看", "我想看", "我想知道", "我想了解", "我想查", "想知道", "帮我找", "帮我查", "查一下", "找一下", "被评为", "评为", "获得过", "得过", "上的", "里的", "开的", "成立的", "时候", "同志", "可不可以", "可以", "能不能",
)

// folk are what people are called by in a question that also says what they have in common: 铁路职工, 江西籍劳模.
var folk = longerFirst("劳动模范", "模范人物", "先进人物", "先进个人", "老师傅", "老劳模", "劳模", "英模", "人物", "名人", "职工", "工人", "女工", "师傅", "籍", "人")

// ways are other ways to write what a query says, tried in turn: the first of meetings is 第一届, 第一次, 首届 or 首次, others are 届 or 次, and 工会七大 is
// the seventh.
var ways = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`第一[届次]`), "首届"},
	{regexp.MustCompile(`第一[届次]|首届`), "首次"},
	{regexp.MustCompile(`首[届次]`), "第一届"},
	{regexp.MustCompile(`首[届次]|第一届`), "第一次"},
	{regexp.MustCompile(`第([一二三四五六七八九十百]+)届`), "第${1}次"},
	{regexp.MustCompile(`第([一二三四五六七八九十百]+)次`), "第${1}届"},
	{regexp.MustCompile(`([一二三四五六七八九十]+)大$`), " 第${1}次 大会"},
}

// places are what the name of a place ends in.
const places = "省市县区"

func longerFirst(list ...string) []string {
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// Offer is a query that has results.
type Offer struct {
	Query string
	Why   string // "sound": it sounds alike; "near": one character is another; "part": it is a part of what was asked for
}

const (
	maxOffers     = 6
	maxNearUnits  = 24 // of a word that is looked at for near ones
	maxCandidates = 6  // titles that are compared with a word, for each character that may be another
	wholePoints   = 20 // points of a whole title
)

// nearby looks for answers to a query without hits.
type nearby struct {
	*Index
	read  cardBlocks
	sets  map[string][]bool
	limit int

	related []uint32
	ahead   int // how many of related, the first, stand there for what they are called
	instead string
	among   []string // the types that related was looked for in
	marks   []string // what is marked in the related
	offers  []Offer
	sounds  map[rune][]string
}

// find takes the words and what each of them has found.
func (n *nearby) find(words [][]uint16, lists []postings) (err error) {
	asked := withoutAsks(words)
	others := len(asked) > 0 && text(asked) != text(words)
	if others {
		words = asked
		if lists, err = n.lists(words); err != nil {
			return err
		}
	}
	found, parts, err := n.people(words, lists)
	if found || err != nil {
		return err
	}
	if others && n.all(words, lists) {
		return nil
	}
	for _, other := range append(otherwise(words), parts) {
		if len(other) == 0 {
			continue
		}
		if lists, err := n.lists(other); err != nil || n.all(other, lists) {
			return err
		}
	}
	return n.scattered(words, lists)
}

// all takes the documents with all words, and reports whether there are any.
func (n *nearby) all(words [][]uint16, lists []postings) bool {
	docs, scores := n.match(lists)
	if len(docs) == 0 {
		return false
	}
	n.instead, n.marks = text(words), needles(words)
	if len(words) > 1 {
		for _, doc := range n.best(lists, docs) {
			if passes(doc, n.sets, "") && len(n.related) < n.limit {
				n.related = append(n.related, doc)
			}
		}
		n.ahead = len(n.related)
	}
	n.rank(docs, scores)
	return true
}

// otherwise gives words as they may be written too.
func otherwise(words [][]uint16) (others [][][]uint16) {
	for _, way := range ways {
		var other [][]uint16
		for _, w := range words {
			other = append(other, split(appendUnits(nil, []byte(way.from.ReplaceAllString(needle(w), way.to))))...)
		}
		if text(other) != text(words) {
			others = append(others, other)
		}
	}
	return others
}

// scattered takes each word, or what is near it, and ranks what holds some of them.
func (n *nearby) scattered(words [][]uint16, lists []postings) error {
	var pieces [][]uint16
	var found []postings
	for i, w := range words {
		if len(lists[i].docs) > 0 {
			pieces, found = append(pieces, w), append(found, lists[i])
			if len(words) > 1 {
				n.offer(needle(w), "part")
			}
			continue
		}
		list, err := n.other(w)
		if err != nil {
			return err
		}
		if len(list.docs) > 0 {
			pieces, found = append(pieces, w), append(found, list)
			continue
		}
		cut, of, err := n.cut(w)
		if err != nil {
			return err
		}
		for _, piece := range cut {
			if len(piece) > 1 {
				n.offer(needle(piece), "part")
			}
		}
		pieces, found = append(pieces, cut...), append(found, of...)
	}
	n.marks = append(n.marks, needles(pieces)...)
	n.sum(pieces, found)
	return nil
}

// lists finds the documents with each word; a year is in those of that year too.
func (n *nearby) lists(words [][]uint16) (lists []postings, err error) {
	lists = make([]postings, len(words))
	for i, w := range words {
		if lists[i], err = n.word(w); err != nil {
			return nil, err
		}
		if year := strings.TrimSuffix(needle(w), "年"); isYear(year) && n.hasFacet(yearFacet) {
			set, err := n.filter(yearFacet, []string{year, year})
			if err != nil {
				return nil, err
			}
			var dated postings
			for doc, in := range set {
				if in {
					dated.docs, dated.info = append(dated.docs, uint32(doc)), append(dated.info, flagField<<2|3)
				}
			}
			lists[i] = union(lists[i], dated)
		}
	}
	return lists, nil
}

func (n *nearby) hasFacet(key string) bool {
	return slices.ContainsFunc(n.root.Facets, func(f rootFacet) bool { return f.Key == key })
}

// people looks for those who have in common what words say that end in what people are called by, and reports whether there are any. What is
// itself a title is asked for as such: 全国劳模. A page with all of it in its title comes first. parts are the words cut so, if any was.
func (n *nearby) people(words [][]uint16, lists []postings) (found bool, parts [][]uint16, err error) {
	var rest [][]uint16
	cut := false
	for i, w := range words {
		t, last := needle(w), ""
		for k := 0; k < len(folk) && !isWhole(lists[i]); k++ {
			shorter, ok := strings.CutSuffix(t, folk[k])
			if !ok || len(folk[k]) == len("人") && utf8.RuneCountInString(shorter) == 1 {
				continue
			}
			if last == "" {
				last = folk[k]
				parts = append(parts, split(appendUnits(nil, []byte(shorter+" "+last)))...)
			}
			t, cut, k = shorter, true, -1
		}
		if last == "" {
			parts = append(parts, w)
		}
		rest = append(rest, split(appendUnits(nil, []byte(t)))...)
	}
	if !cut || len(rest) == 0 {
		return false, nil, nil
	}
	if len(n.root.People) == 0 || !n.hasFacet(typeFacet) {
		return false, parts, nil
	}
	set, err := n.filter(typeFacet, n.root.People)
	if err != nil {
		return false, nil, err
	}
	if found, err = n.those(rest, parts, set); found || err != nil {
		return found, nil, err
	}
	bare, err := n.bare(rest)
	if err == nil && text(bare) != text(rest) {
		found, err = n.those(bare, parts, set)
	}
	return found, parts, err
}

// bare takes 县 and the like from the names of places of three signs and more, 进贤县, but not where the index knows another place of that name: 南昌县.
func (n *nearby) bare(words [][]uint16) (all [][]uint16, err error) {
	for _, w := range words {
		last := string(rune(w[len(w)-1]))
		known := len(w) < 3 || !strings.Contains(places, last)
		for _, other := range places {
			if known || string(other) == last {
				continue
			}
			list, err := n.phrase(append(slices.Clone(w[:len(w)-1]), uint16(other)))
			if err != nil {
				return nil, err
			}
			known = len(list.docs) > 0
		}
		if !known {
			w = w[:len(w)-1]
		}
		all = append(all, w)
	}
	return all, nil
}

// those takes the people of a set who have all words, and reports whether there are any.
func (n *nearby) those(rest, parts [][]uint16, set []bool) (found bool, err error) {
	lists, err := n.lists(rest)
	if err != nil {
		return false, err
	}
	for i, w := range rest {
		if len(w) == 1 { // 女: what a field says; 当 in a text says nothing
			lists[i] = inFields(lists[i])
		}
	}
	var docs []uint32
	var scores []int
	all, of := n.match(lists)
	for i, doc := range all {
		if set[doc] {
			docs, scores = append(docs, doc), append(scores, of[i])
		}
	}
	if len(docs) == 0 {
		return false, nil
	}
	n.instead, n.among, n.marks = text(rest), n.root.People, needles(rest)
	if n.related, err = n.titled(parts, set); err != nil {
		return false, err
	}
	n.ahead = len(n.related)
	n.rank(docs, scores)
	return true, nil
}

func inFields(list postings) (in postings) {
	for i, doc := range list.docs {
		if list.info[i]>>2&(flagField|flagTitle) != 0 {
			in.docs, in.info = append(in.docs, doc), append(in.info, list.info[i])
		}
	}
	return in
}

// titled finds the first pages, no rows of tables and none of a set, that have all words in their titles.
func (n *nearby) titled(words [][]uint16, but []bool) (pages []uint32, err error) {
	lists, err := n.lists(words)
	if err != nil {
		return nil, err
	}
	docs, _ := n.match(lists)
	for _, doc := range docs {
		in := !but[doc] && n.Index.rank(doc) < len(n.root.Ranks)-1 && passes(doc, n.sets, "") && len(pages) < min(bestPages, n.limit)
		for _, list := range lists {
			k, _ := slices.BinarySearch(list.docs, doc)
			in = in && list.info[k]>>2&flagTitle != 0
		}
		if in {
			pages = append(pages, doc)
		}
	}
	return pages, nil
}

func isYear(t string) bool {
	return len(t) == 4 && strings.Trim(t, "0123456789") == "" && (t[:2] == "18" || t[:2] == "19" || t[:2] == "20")
}

// yearForm is a number, with what makes it a date.
var yearForm = regexp.MustCompile(`[0-9]+(?:年(?:[0-9]{1,2}月(?:[0-9]{1,2}日)?)?)?代?`)

// apart sets the years in a text apart as words of their own: 1978年, 1956, 1950年9月25日; not the 1950年代.
func apart(t string) string {
	return yearForm.ReplaceAllStringFunc(t, func(m string) string {
		if digits := len(m) - len(strings.TrimLeft(m, "0123456789")); !isYear(m[:digits]) || strings.HasSuffix(m, "代") {
			return m
		}
		return " " + m + " "
	})
}

// withoutAsks takes what questions are asked with out of words, and sets years apart.
func withoutAsks(words [][]uint16) (rest [][]uint16) {
	for _, w := range words {
		t := needle(w)
		if w[0] == wordStart && len(w) > 1 && !isDigit(w[1]) || strings.ContainsFunc(t, func(r rune) bool { return r >= utf8.RuneSelf && r < 0x530 }) {
			rest = append(rest, w)
			continue
		}
		for _, ask := range asks {
			t = strings.ReplaceAll(t, ask, " ")
		}
		rest = append(rest, split(appendUnits(nil, []byte(apart(t))))...)
	}
	return rest
}

func text(words [][]uint16) string { return strings.Join(needles(words), " ") }

func needles(words [][]uint16) (list []string) {
	for _, w := range words {
		list = append(list, needle(w))
	}
	return list
}

func (n *nearby) offer(query, why string) {
	if len(n.offers) < maxOffers && !slices.ContainsFunc(n.offers, func(o Offer) bool { return o.Query == query }) {
		n.offers = append(n.offers, Offer{query, why})
	}
}

// rank keeps the best of documents, given ascending.
func (n *nearby) rank(docs []uint32, scores []int) {
	order := make([]int, 0, len(docs))
	for i, doc := range docs {
		if passes(doc, n.sets, "") {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return scores[b] - scores[a] })
	for _, i := range order[:max(0, min(len(order), n.limit-len(n.related)))] {
		n.related = append(n.related, docs[i])
	}
}

// sum ranks the documents that hold some of the pieces: what is called like one of them, or holds half of the characters.
func (n *nearby) sum(pieces [][]uint16, found []postings) {
	type sum struct {
		score, units int
		whole        bool
	}
	all, sums := 0, map[uint32]sum{}
	for i, list := range found {
		all += len(pieces[i])
		for k, doc := range list.docs {
			s, p := sums[doc], points(list.info[k], n.Index.rank(doc))
			sums[doc] = sum{s.score + n.weight(len(list.docs))*p, s.units + len(pieces[i]), s.whole || p >= wholePoints}
		}
	}
	var docs []uint32
	for doc, s := range sums {
		if s.whole || 2*s.units >= all {
			docs = append(docs, doc)
		}
	}
	slices.Sort(docs)
	scores := make([]int, len(docs))
	for i, doc := range docs {
		scores[i] = sums[doc].score * sums[doc].units
	}
	n.rank(docs, scores)
}

// other finds the titles that a word without documents may have meant: such as sound alike, or have one other character.
func (n *nearby) other(word []uint16) (postings, error) {
	list, err := n.alike(word)
	if err != nil || len(list.docs) > 0 {
		return list, err
	}
	return n.oneOff(word)
}

// isHanWord reports whether all units of a word are signs of the plane, and there are at least two.
func isHanWord(word []uint16) bool {
	return len(word) > 1 && len(word) <= maxNearUnits && !slices.ContainsFunc(word, func(u uint16) bool { return !isSingle(u) })
}

// alike finds the titles that sound like a word.
func (n *nearby) alike(word []uint16) (all postings, err error) {
	if !isHanWord(word) {
		return all, nil
	}
	if n.sounds == nil {
		if err := n.readSounds(); err != nil {
			return all, err
		}
	}
	ways := [][]uint16{nil}
	for _, u := range word {
		var next [][]uint16
		for _, way := range ways {
			for _, syllable := range n.sounds[rune(u)] {
				spelt := slices.Clone(way)
				for i := range len(syllable) {
					base := uint16(syllableRest)
					if i == 0 {
						base = syllableStart
					}
					spelt = append(spelt, base+uint16(syllable[i]-'a'))
				}
				next = append(next, spelt)
			}
		}
		ways = next[:min(len(next), maxSpellings)]
	}
	for _, way := range ways {
		p, err := n.phrase(way)
		if err != nil {
			return all, err
		}
		all = union(all, p)
	}
	best := nearby{Index: n.Index, limit: 3}
	best.rank(n.match([]postings{all}))
	for _, doc := range best.related {
		c, err := n.card(doc, n.read)
		if err != nil {
			return all, err
		}
		n.offer(c.title, "sound")
	}
	return all, nil
}

func (n *nearby) readSounds() error {
	data, err := n.named(n.root.Sounds)
	if err != nil {
		return err
	}
	table, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), maxFile))
	if err != nil {
		return damaged(n.root.Sounds, err)
	}
	n.sounds = map[rune][]string{}
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSuffix(line, "\n")
		syllable := strings.TrimRight(line, strings.TrimLeft(line, "abcdefghijklmnopqrstuvwxyz"))
		for _, r := range line[len(syllable):] {
			n.sounds[r] = append(n.sounds[r], syllable)
		}
	}
	return nil
}

// oneOff finds the titles in which a word stands with one other character.
func (n *nearby) oneOff(word []uint16) (all postings, err error) {
	if !isHanWord(word) || len(word) > 12 {
		return all, nil
	}
	seen := map[uint32]bool{}
	for i := range word {
		list, err := n.around(word[:i], word[i+1:])
		if err != nil {
			return all, err
		}
		near := nearby{Index: n.Index, limit: maxCandidates}
		near.rank(n.match([]postings{list}))
		for _, doc := range near.related {
			if seen[doc] {
				continue
			}
			seen[doc] = true
			c, err := n.card(doc, n.read)
			if err != nil {
				return all, err
			}
			meant, ok := standsNear(c.title, word)
			if !ok {
				continue
			}
			n.offer(meant, "near")
			k, _ := slices.BinarySearch(list.docs, doc)
			all = union(all, postings{docs: []uint32{doc}, info: []uint8{list.info[k]}})
		}
	}
	return all, nil
}

// around finds the documents with both parts in their titles; one of them may be empty.
func (n *nearby) around(before, after []uint16) (postings, error) {
	var lists []postings
	for _, part := range [][]uint16{before, after} {
		if len(part) == 0 {
			continue
		}
		list, err := n.phrase(part)
		if err != nil {
			return postings{}, err
		}
		var titled postings
		for i, doc := range list.docs {
			if list.info[i]>>2&flagTitle != 0 {
				titled.docs, titled.info = append(titled.docs, doc), append(titled.info, list.info[i])
			}
		}
		lists = append(lists, titled)
	}
	both := lists[0]
	if len(lists) > 1 {
		both = postings{}
		for i, doc := range lists[0].docs {
			if _, ok := slices.BinarySearch(lists[1].docs, doc); ok {
				both.docs, both.info = append(both.docs, doc), append(both.info, lists[0].info[i])
			}
		}
	}
	return both, nil
}

// standsNear finds the place of a title that differs from a word in one character. Of two characters, the title must have no more; if it is the first or the
// last one that differs, the place must begin or end there: 法律援助找 is not 法律援助律师.
func standsNear(title string, word []uint16) (string, bool) {
	original, folded := []rune(title), []rune(han.FoldString(title))
	if len(folded) != len(original) || len(word) == 2 && len(folded) != 2 {
		return "", false
	}
	for at := 0; at+len(word) <= len(folded); at++ {
		others := 0
		for i, u := range word {
			if r := folded[at+i]; r != rune(u) {
				others++
				if kindOf(r) != isSign {
					others = len(word)
				}
			}
		}
		inside := func(at int) bool { return at >= 0 && at < len(folded) && kindOf(folded[at]) == isSign }
		end := at + len(word)
		if folded[at] != rune(word[0]) && inside(at-1) || folded[end-1] != rune(word[len(word)-1]) && inside(end) {
			continue
		}
		if others == 1 {
			return string(original[at : at+len(word)]), true
		}
	}
	return "", false
}

// cut cuts a word without documents into pieces that have some, from its left and from its right, and takes the way with fewer pieces. A
// piece is the longest that is a whole title, or else the longest. Single characters count only if there is nothing longer.
func (n *nearby) cut(word []uint16) (pieces [][]uint16, found []postings, err error) {
	word = word[:min(len(word), maxNearUnits)]
	tokens := tokensOf(word)
	type way struct {
		pieces [][]uint16
		found  []postings
		long   int // units in pieces of more than one token
	}
	var best way
	for right := range 2 {
		var this way
		for left := tokens; len(left) > 0; {
			piece, list, size, err := n.piece(left, right == 1)
			if err != nil {
				return nil, nil, err
			}
			if len(list.docs) > 0 {
				this.pieces, this.found = append(this.pieces, piece), append(this.found, list)
				if size > 1 || len(piece) > 1 {
					this.long += len(piece)
				}
			}
			if right == 1 {
				left = left[:len(left)-size]
			} else {
				left = left[size:]
			}
		}
		if right == 1 {
			slices.Reverse(this.pieces)
			slices.Reverse(this.found)
		}
		if c := cmp.Compare(this.long, best.long); right == 0 || c > 0 || c == 0 && len(this.pieces) < len(best.pieces) {
			best = this
		}
	}
	for i, piece := range best.pieces {
		if len(piece) > 1 || best.long == 0 {
			pieces, found = append(pieces, piece), append(found, best.found[i])
		}
	}
	return pieces, found, nil
}

// piece takes a piece from one end of tokens and says of how many it is.
func (n *nearby) piece(tokens [][]uint16, fromRight bool) (piece []uint16, list postings, size int, err error) {
	size = 1
	for k := 1; k <= len(tokens); k++ {
		this := slices.Concat(tokens[:k]...)
		if fromRight {
			this = slices.Concat(tokens[len(tokens)-k:]...)
		}
		p, err := n.phrase(this)
		if err != nil {
			return nil, postings{}, 0, err
		}
		if len(p.docs) == 0 && k > 1 {
			break
		}
		if k <= 2 || isWhole(p) || !isWhole(list) {
			piece, list, size = this, p, k
		}
	}
	return piece, list, size, nil
}

func isWhole(p postings) bool {
	return slices.ContainsFunc(p.info, func(info uint8) bool { return class(info>>2) == 5 })
}

// tokensOf cuts a word into signs and runs of letters.
func tokensOf(word []uint16) (tokens [][]uint16) {
	for i := 0; i < len(word); {
		j := i + 1
		if word[i] == wordStart {
			for j < len(word) && isLetterUnit(word[j]) {
				j++
			}
		} else if word[i]&0xFC00 == 0xD800 && j < len(word) { // a character of two units
			j++
		}
		tokens = append(tokens, word[i:j])
		i = j
	}
	return tokens
}
