package search

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// Numbers of the format, docs/search-format.md.
const (
	formatNumber  = 2
	cardsPerBlock = 16
	namesPerPage  = 1024
	nameSize      = 6
	namesInRoot   = 2560
	cardFrequency = 128     // a gram in fewer documents has no cards of its own
	cardShare     = 200     // … nor one in fewer than 1/200 of them
	singleShare   = 4       // … nor a single sign in fewer than 1/4: few ask for one
	ownSize       = 4 << 10 // bytes above which a gram has a file of its own
	apartSize     = 16 << 10
	cardsOfGram   = 10
	titlePlaces   = 12       // occurrences of a gram in the title part that are told apart
	shardSize     = 12 << 10 // bytes aimed at
)

// rootName is the one file of the index whose name is fixed.
const rootName = "index.json"

// The facets that say of what kind a document is, and of which years.
const typeFacet, yearFacet = "type", "year"

// root is the file index.json.
type root struct {
	Format        int         `json:"format"`
	Documents     int         `json:"documents"`
	Ranks         [][2]int    `json:"ranks"` // how many documents of each there are, and how many of them have a date
	Order         string      `json:"order"` // the file with the ranks of all documents with a date, newest first
	ShardBits     int         `json:"shardBits"`
	PositionBits  int         `json:"positionBits"`
	CardsPerBlock int         `json:"cardsPerBlock"`
	Names         string      `json:"names,omitempty"`
	Pages         string      `json:"pages,omitempty"`
	Facets        []rootFacet `json:"facets"`
	Fold          string      `json:"fold"`
	Sounds        string      `json:"sounds"`
	Asks          []string    `json:"asks"`
	Folk          []string    `json:"folk"`
	People        []string    `json:"people"` // the values of the facet type that are people
	Files         int         `json:"files"`  // how many others with a HASH.bin name there are
	Sum           string      `json:"sum"`    // of their names, as numbers, modulo 2^64
	Source        string      `json:"source"` // the digest of the documents
}

type rootFacet struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Range bool   `json:"range,omitempty"`
	File  string `json:"file"`
}

// digest is the name of a file, section 3. It tells damage, not malice: who can change a file can change the root.
func digest(data []byte) uint64 {
	a, b := uint32(0x9E3779B9), uint32(0x85EBCA6B)
	mix := func(w uint32) {
		a = (a ^ w) * 0x2C1B3C6D
		a ^= a >> 15
		b = (b ^ w) * 0x5BD1E995
		b ^= b >> 15
	}
	for ; len(data) >= 4; data = data[4:] {
		mix(binary.BigEndian.Uint32(data))
	}
	for _, x := range data {
		mix(256 | uint32(x))
	}
	a ^= a >> 16
	a *= 0x7FEB352D
	a ^= a >> 15
	return uint64(a)<<16 | uint64(b&0xFFFF)
}

func fileName(name uint64) string { return fmt.Sprintf("%012x.bin", name) }

func appendName(b []byte, name uint64) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, uint16(name>>32)), uint32(name))
}

func readName(b []byte) uint64 {
	return uint64(binary.BigEndian.Uint16(b))<<32 | uint64(binary.BigEndian.Uint32(b[2:]))
}

// riceBits is the parameter for the gaps of x values below y.
func riceBits(x, y int) int {
	k := 0
	for k < 30 && (uint64(x)<<(k+1))*23 <= uint64(y)*16 {
		k++
	}
	return k
}

// bitWriter appends numbers to a bit stream.
type bitWriter struct {
	out  []byte
	acc  uint64 // the low n bits are pending
	n    int
	size int // bits written
}

func (w *bitWriter) reset() { w.out, w.acc, w.n, w.size = w.out[:0], 0, 0, 0 }

// bits writes the low n ≤ 32 bits of v.
func (w *bitWriter) bits(v uint32, n int) {
	w.acc = w.acc<<n | uint64(v)&(1<<n-1)
	w.n += n
	w.size += n
	if w.n >= 32 {
		w.n -= 32
		w.out = binary.BigEndian.AppendUint32(w.out, uint32(w.acc>>w.n))
	}
}

func (w *bitWriter) rice(v uint32, k int) {
	q := int(v >> k)
	if q+1+k <= 32 {
		w.bits((1<<q-1)<<(k+1)|v&(1<<k-1), q+1+k)
		return
	}
	for ; q > 31; q -= 31 {
		w.bits(1<<31-1, 31)
	}
	w.bits(1<<(q+1)-2, q+1)
	w.bits(v&(1<<k-1), k)
}

func (w *bitWriter) gamma(v uint32) {
	n := bits.Len32(v)
	if n <= 16 {
		w.bits(v, 2*n-1)
		return
	}
	w.bits(0, n-1)
	w.bits(v, n)
}

// align pads with zeros to a whole byte.
func (w *bitWriter) align() {
	if rest := w.size % 8; rest > 0 {
		w.bits(0, 8-rest)
	}
}

// stream appends what another writer holds.
func (w *bitWriter) stream(o *bitWriter) {
	for i := 0; i+4 <= len(o.out); i += 4 {
		w.bits(binary.BigEndian.Uint32(o.out[i:]), 32)
	}
	if o.n > 0 {
		w.bits(uint32(o.acc), o.n)
	}
}

// bytes closes the stream with zeros up to a whole byte. The writer must be reset before it is used again.
func (w *bitWriter) bytes() []byte {
	for w.n > 0 {
		if w.n >= 8 {
			w.out = append(w.out, byte(w.acc>>(w.n-8)))
			w.n -= 8
		} else {
			w.out = append(w.out, byte(w.acc<<(8-w.n)))
			w.n = 0
		}
	}
	return w.out
}

// bitReader reads a bit stream. Past its end it yields ones and remembers the damage, so that callers test once.
type bitReader struct {
	data []byte
	at   int // bits read
	bad  bool
}

var errDamaged = errors.New("search: the index file is damaged")

func (r *bitReader) bit() uint32 {
	i := r.at >> 3
	if i >= len(r.data) {
		r.bad = true
		return 1
	}
	b := uint32(r.data[i]>>(7-r.at&7)) & 1
	r.at++
	return b
}

func (r *bitReader) bits(n int) uint32 {
	var v uint32
	for n > 0 {
		i := r.at >> 3
		if i >= len(r.data) {
			r.bad = true
			return 0
		}
		free := 8 - r.at&7
		take := min(n, free)
		v = v<<take | uint32(r.data[i])>>(free-take)&(1<<take-1)
		r.at += take
		n -= take
	}
	return v
}

func (r *bitReader) rice(k int) uint32 {
	q := uint32(0)
	for r.bit() == 1 {
		if q++; r.bad || q > 1<<20 {
			r.bad = true
			return 0
		}
	}
	if uint64(q)<<k > 1<<32-1 {
		r.bad = true
		return 0
	}
	return q<<k | r.bits(k)
}

// take reads n whole bytes from the next byte's beginning.
func (r *bitReader) take(n int) []byte {
	from := (r.at + 7) / 8
	if n < 0 || n > len(r.data)-from {
		r.bad = true
		return nil
	}
	r.at = (from + n) * 8
	return r.data[from : from+n]
}

func (r *bitReader) gamma() uint32 {
	n := 0
	for r.bit() == 0 {
		if n++; r.bad || n > 31 {
			r.bad = true
			return 1
		}
	}
	return 1<<n | r.bits(n)
}

func base64Of(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
