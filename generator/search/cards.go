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
			out = append(append(out, '['), strconv.Itoa(int(doc))...)
			out = append(out, ',')
			out = append(appendCard(out, d, window(d.summary, needle)), ']')
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

// window cuts a summary to about windowLength characters around the needle, given folded.
func window(summary, needle string) string {
	if len(summary) <= windowLength { // bytes: surely short enough
		return summary
	}
	n := utf8.RuneCountInString(summary)
	if n <= windowLength+8 {
		return summary
	}
	folded := summary
	i := strings.Index(folded, needle) // as it is written, nearly always
	if i < 0 {
		folded = han.FoldString(summary)
		i = strings.Index(folded, needle)
	}
	from := 0
	if i > 0 {
		if at := utf8.RuneCountInString(folded[:i]); at > windowLength-12 {
			from = at - 16
		}
	}
	to := min(n, from+windowLength)
	out := summary[runeIndex(summary, from):]
	out = out[:runeIndex(out, to-from)]
	if from > 0 {
		out = "…" + out
	}
	if to < n {
		out += "…"
	}
	return out
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

// appendCard appends the members of a card as JSON.
func appendCard(out []byte, d *docMeta, summary string) []byte {
	for i, s := range [...]string{d.url, d.title, d.typ, d.date, summary} {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendJSON(out, s)
	}
	return out
}

// appendJSON appends s as a JSON string; most strings need no escape.
func appendJSON(out []byte, s string) []byte {
	plain := utf8.ValidString(s)
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' && s[i] != '<' && s[i] != '&' && s[i] != '>'
	}
	if plain {
		return append(append(append(out, '"'), s...), '"')
	}
	quoted, _ := json.Marshal(s) // a string can't fail
	return append(out, quoted...)
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
					out = append(appendCard(append(out, '['), e.docs[i], han.SentenceEnd(e.docs[i].summary, summaryLength)), ']')
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
