package search

import (
	"math/bits"
	"slices"
)

// sorter brings the postings of a bucket together and into their order. It is used by one goroutine.
type sorter struct {
	writer          *Writer
	place           []uint32 // of documents in the index
	total           int      // of documents
	postings, other []posting
	counts          []uint32
}

// bucket gives a bucket's postings in order of gram, document in the index, and position. They are good until the next
// call.
func (s *sorter) bucket(b int) ([]posting, error) {
	postings, err := s.writer.spill.read(s.postings[:0], b)
	if err != nil {
		return nil, err
	}
	for _, l := range s.writer.lanes {
		postings = l.take(postings, b)
	}
	for i, p := range postings {
		postings[i] = p.in(s.place[p.document()])
	}
	s.other = slices.Grow(s.other[:0], len(postings))[:len(postings)]
	// Postings of one document stand together and in order of position, so a stable sort by document and then by key is enough.
	docBits := bits.Len(uint(s.total))
	from, to := postings, s.other
	width := docBits
	if width > maxPass {
		width = (docBits + 1) / 2
	}
	for at := 0; at < docBits; at += width {
		s.pass(to, from, documentAt+at, min(width, docBits-at))
		from, to = to, from
	}
	for _, at := range []int{restAt, restAt + 12} {
		s.pass(to, from, at, 12)
		from, to = to, from
	}
	s.postings, s.other = from, to
	return from, nil
}

// maxPass is how many bits one pass sorts by; 2^20 documents need two.
const maxPass = 14

// pass is one pass of a radix sort by n bits.
func (s *sorter) pass(to, from []posting, at, n int) {
	if s.counts == nil {
		s.counts = make([]uint32, 1<<maxPass)
	}
	counts := s.counts[:1<<n]
	clear(counts)
	mask := posting(1)<<n - 1
	for _, p := range from {
		counts[p>>at&mask]++
	}
	sum := uint32(0)
	for i, c := range counts {
		counts[i] = sum
		sum += c
	}
	for _, p := range from {
		d := p >> at & mask
		to[counts[d]] = p
		counts[d]++
	}
}
