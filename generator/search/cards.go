package search

import (
	"bytes"
	"encoding/json"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"

	"gongzhi/generator/han"
)

// bestCards are the cards of the documents that a query for the gram alone shows first.
func (p *packer) bestCards(g gram) []byte {
	var byScore [maxPoints][]uint32
	first, second := uint32(p.ranks[0][0]), uint32(p.ranks[0][0]+p.ranks[1][0]) // documents are numbered by rank
	for i, doc := range p.docIDs {
		rank := 0
		if doc >= second {
			rank = 2
		} else if doc >= first {
			rank = 1
		}
		score := points(p.info[i], rank)
		if best := byScore[score]; len(best) < cardsOfGram {
			byScore[score] = append(best, doc)
		}
	}
	u1, u2 := gramOf(g.key)
	needle := string(rune(u2))
	if u1 > wordStart {
		needle = string(rune(u1)) + needle
	}
	out := []byte{'['}
	for score, n := len(byScore)-1, 0; score > 0 && n < cardsOfGram; score-- {
		for _, doc := range byScore[score] {
			if n++; n > cardsOfGram {
				break
			}
			if n > 1 {
				out = append(out, ',')
			}
			d := p.docs[doc]
			out = append(strconv.AppendUint(append(out, '['), uint64(doc), 10), ',')
			out = append(d.summary.appendWindow(append(out, d.head...), needle), ']')
		}
	}
	return p.pack(append(out, ']'))
}

// deflater compresses, with one buffer.
type deflater struct {
	deflate *flate.Writer
	packed  bytes.Buffer
}

func newDeflater(level int) deflater {
	w, _ := flate.NewWriter(nil, level) // the levels are ours
	return deflater{deflate: w}
}

// pack gives the data compressed; it is good until the next call.
func (z *deflater) pack(data []byte) []byte {
	z.packed.Reset()
	z.deflate.Reset(&z.packed)
	z.deflate.Write(data)
	z.deflate.Close()
	return z.packed.Bytes()
}

// Lengths in characters of what a card shows of a summary.
const (
	summaryLength = 120
	windowLength  = 36
)

// summary is a document's, with what is asked of it for each of the many words whose cards show it.
type summary struct {
	text   string
	length int  // in characters
	plain  bool // as JSON it is itself between quotes
	han    bool // no character of it folds to another Chinese one: a needle of those stands in it as it is or not at all
}

func newSummary(text string) summary {
	s := summary{text: text, length: utf8.RuneCountInString(text), plain: isPlainJSON(text), han: true}
	for _, r := range text {
		if f := han.Fold(r); f != r && han.IsHan(f) {
			s.han = false
			break
		}
	}
	return s
}

// appendWindow appends, as a JSON string, about windowLength characters of the summary around the needle, given folded.
func (s *summary) appendWindow(out []byte, needle string) []byte {
	if s.length <= windowLength+8 {
		return s.appendJSON(out, "", s.text, "")
	}
	folded := s.text
	i := strings.Index(folded, needle) // as it is written, nearly always
	if i < 0 && !(s.han && !strings.ContainsFunc(needle, func(r rune) bool { return !han.IsHan(r) })) {
		folded = han.FoldString(s.text)
		i = strings.Index(folded, needle)
	}
	from, before, after := 0, "", ""
	if i > 0 {
		if at := utf8.RuneCountInString(folded[:i]); at > windowLength-12 {
			from, before = at-16, "…"
		}
	}
	to := min(s.length, from+windowLength)
	if to < s.length {
		after = "…"
	}
	part := s.text[runeIndex(s.text, from):]
	return s.appendJSON(out, before, part[:runeIndex(part, to-from)], after)
}

// appendJSON appends a part of the summary and what stands around it as a JSON string.
func (s *summary) appendJSON(out []byte, before, part, after string) []byte {
	if s.plain {
		return append(append(append(append(append(out, '"'), before...), part...), after...), '"')
	}
	return appendJSON(out, before+part+after)
}

// runeIndex is where the n-th character of s begins.
func runeIndex(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// cardHead is what all cards of a document begin with: address, title, kind and date, as JSON.
func cardHead(doc *Document) string {
	var out []byte
	for _, s := range [...]string{doc.URL, doc.Title, doc.Type, doc.Date} {
		out = append(appendJSON(out, s), ',')
	}
	return string(out)
}

// appendJSON appends s as a JSON string; most strings need no escape.
func appendJSON(out []byte, s string) []byte {
	if isPlainJSON(s) {
		return append(append(append(out, '"'), s...), '"')
	}
	quoted, _ := json.Marshal(s) // a string can't fail
	return append(out, quoted...)
}

// isPlainJSON tells whether s is written in JSON as it is.
func isPlainJSON(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '&' || c == '>' {
			return false
		}
	}
	return utf8.ValidString(s)
}

// cards writes the blocks of cards.
func (e *encoder) cards() {
	blocks := (e.total + cardsPerBlock - 1) / cardsPerBlock
	first := len(e.names)
	e.names = append(e.names, make([]uint64, blocks)...)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), blocks) {
		wg.Go(func() {
			z := newDeflater(6)
			var out []byte
			for {
				b := int(next.Add(1)) - 1
				if b >= blocks || e.failed() {
					return
				}
				out = append(out[:0], '[')
				for i := b * cardsPerBlock; i < min(e.total, (b+1)*cardsPerBlock); i++ {
					if len(out) > 1 {
						out = append(out, ',')
					}
					d := e.docs[i]
					out = append(append(out, '['), d.head...)
					out = append(appendJSON(out, han.SentenceEnd(d.summary.text, summaryLength)), ']')
				}
				e.names[first+b] = e.file(z.pack(append(out, ']')))
			}
		})
	}
	wg.Wait()
}

// facet lists the values of a facet with their documents: section 8.
func (e *encoder) facet(key string) [][3]any {
	byValue := map[string][]uint32{}
	for doc, d := range e.docs {
		for _, f := range d.facets {
			if f.Key != key || f.Value == "" {
				continue
			}
			if docs := byValue[f.Value]; len(docs) == 0 || docs[len(docs)-1] != uint32(doc) {
				byValue[f.Value] = append(docs, uint32(doc))
			}
		}
	}
	values := make([]string, 0, len(byValue))
	for v := range byValue {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int {
		if x, y := len(byValue[a]), len(byValue[b]); x != y {
			return y - x
		}
		return strings.Compare(a, b)
	})
	list := make([][3]any, 0, len(values))
	for _, v := range values {
		docs := byValue[v]
		var w bitWriter
		k := riceBits(len(docs), e.total)
		last := int64(-1)
		for _, doc := range docs {
			w.rice(uint32(int64(doc)-last-1), k)
			last = int64(doc)
		}
		list = append(list, [3]any{v, len(docs), base64Of(w.bytes())})
	}
	return list
}
