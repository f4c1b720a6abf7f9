package search

import (
	"encoding/binary"
)

// packer writes the shards of the grams that its sorter has put in order. It is used by one goroutine.
type packer struct {
	*encoder
	deflater
	sorter  sorter
	shard   bitWriter // entries of the present shard, without its header
	docBits bitWriter
	posBits bitWriter
	grams   []gram
	docIDs  []uint32
	info    []uint8 // of the present gram's documents
	starts  []uint32
	places  []uint8  // flags of the occurrences in title parts, one document's after the other's
	placeAt []uint32 // where those of each document begin, and the end
}

// gram is a run of postings with one key.
type gram struct {
	key      uint32
	from, to uint32
}

func (p *packer) piece(piece, pieces int) error {
	perPiece := buckets / pieces
	perBucket := 1 << p.shardBits / pieces // shards of the piece
	p.grams = p.grams[:0]
	var all []posting
	for b := piece * perPiece; b < (piece+1)*perPiece; b++ {
		postings, err := p.sorter.bucket(b)
		if err != nil {
			return err
		}
		base := len(all)
		if perPiece > 1 {
			all = append(all, postings...)
		} else {
			all = postings
		}
		for i := 0; i < len(postings); {
			rest := postings[i].rest()
			j := i + 1
			for j < len(postings) && postings[j].rest() == rest {
				j++
			}
			p.grams = append(p.grams, gram{uint32(b)<<24 | rest, uint32(base + i), uint32(base + j)})
			i = j
		}
	}
	grams := p.grams
	for k := range perBucket {
		number := piece*perBucket + k
		end := len(grams)
		if p.shardBits > 0 {
			end = 0
			for end < len(grams) && int(grams[end].key>>(32-p.shardBits)) == number {
				end++
			}
		}
		p.writeShard(number, grams[:end], all)
		grams = grams[end:]
	}
	return nil
}

func (p *packer) writeShard(number int, grams []gram, postings []posting) {
	w := &p.shard
	w.reset()
	w.bits(uint32(len(grams)), 24)
	low := 32 - p.shardBits
	k := riceBits(len(grams), 1<<low)
	last := int64(-1)
	for _, g := range grams {
		rest := int64(g.key)
		if p.shardBits > 0 {
			rest &= 1<<low - 1
		}
		w.rice(uint32(rest-last-1), k)
		last = rest
		p.writeGram(w, g, postings[g.from:g.to])
	}
	p.names[number] = p.file(w.bytes())
}

func (p *packer) writeGram(w *bitWriter, g gram, postings []posting) {
	u1, _ := gramOf(g.key)
	single := u1 == 0
	df := p.documents(postings, single)
	w.gamma(uint32(df))
	if df < cardFrequency && len(postings) < 512 { // surely small: nearly all grams are
		w.bits(0, 1)
		p.writeDocuments(w)
		if !single {
			p.writePositions(w, postings)
		}
		return
	}
	p.docBits.reset()
	p.posBits.reset()
	p.writeDocuments(&p.docBits)
	if !single {
		p.writePositions(&p.posBits, postings)
	}
	var cards []byte
	if df >= cardFrequency && df*cardShare >= p.total && (!single || df*singleShare >= p.total) {
		cards = p.bestCards(g)
	}
	if p.docBits.size+p.posBits.size+8*len(cards) > 8*ownSize {
		w.bits(1, 1)
		if cards == nil {
			cards = p.bestCards(g)
		}
		name := p.ownFile(cards)
		w.bits(uint32(name>>24), 24)
		w.bits(uint32(name), 24)
		return
	}
	w.bits(0, 1)
	if df >= cardFrequency {
		w.gamma(uint32(len(cards) + 1))
		if cards != nil {
			w.align()
			for _, b := range cards {
				w.bits(uint32(b), 8)
			}
		}
	}
	w.stream(&p.docBits)
	w.stream(&p.posBits)
}

// documents finds the documents of a gram and what the ranking needs to know of each; it returns their number.
func (p *packer) documents(postings []posting, single bool) int {
	p.docIDs, p.info, p.starts, p.places, p.placeAt = p.docIDs[:0], p.info[:0], p.starts[:0], p.places[:0], append(p.placeAt[:0], 0)
	for i := 0; i < len(postings); {
		doc := postings[i].document()
		size := p.sizes[doc]
		var flags uint8
		tf, j := 0, i
		if single {
			flags, j = postings[i].flags(), i+1
			if flags&flagTitle != 0 {
				p.places = append(p.places, flags)
			}
		} else {
			for ; j < len(postings) && postings[j].document() == doc; j++ {
				if at := postings[j].position(); at < size.fieldPart {
					f := p.docs[doc].flags(at, 2)
					flags = where(flags, f)
					if f&flagTitle != 0 && len(p.places)-int(p.placeAt[len(p.docIDs)]) < titlePlaces {
						p.places = append(p.places, f)
					}
				}
			}
			tf = j - i
		}
		p.docIDs = append(p.docIDs, doc)
		p.placeAt = append(p.placeAt, uint32(len(p.places)))
		p.starts = append(p.starts, uint32(i))
		info := flags << 2
		if !single {
			info |= p.level(tf, size.n)
		}
		p.info = append(p.info, info)
		i = j
	}
	p.starts = append(p.starts, uint32(len(postings)))
	return len(p.docIDs)
}

// level is the quantised BM25 of a frequency: section 6. The frequency that reaches a step is x(K)/(2.2-x) with K the length's part.
func (p *packer) level(tf int, n uint32) uint8 {
	if tf == 1 {
		return 0 // K is 0.6 at least
	}
	k := 1.2 * (0.5 + 0.5*float64(n)/p.meanLength)
	x := float64(tf) * 2.2
	y := float64(tf) + k
	switch {
	case x < 1.5*y:
		return 0
	case x < 1.8*y:
		return 1
	case x < 2*y:
		return 2
	}
	return 3
}

func (p *packer) writeDocuments(w *bitWriter) {
	k := riceBits(len(p.docIDs), p.total)
	last := int64(-1)
	for i, doc := range p.docIDs {
		w.rice(uint32(int64(doc)-last-1), k)
		last = int64(doc)
		info := p.info[i]
		if info == 0 {
			w.bits(0, 1)
			continue
		}
		flags := info >> 2
		w.bits(1<<4|uint32(info&3)<<2|uint32(flags&flagField)|uint32(flags&flagTitle), 5)
		if flags&flagTitle != 0 {
			places := p.places[p.placeAt[i]:p.placeAt[i+1]]
			w.gamma(uint32(len(places)))
			for _, f := range places {
				w.bits(uint32(f&flagBegins)>>1|uint32(f&flagEnds)>>3, 2)
			}
		}
	}
}

func (p *packer) writePositions(w *bitWriter, postings []posting) {
	next := max(0, p.positionBits-1)
	for i := range p.docIDs {
		k := p.positionBits
		run := postings[p.starts[i]:p.starts[i+1]]
		w.gamma(uint32(len(run)))
		last := int64(-1)
		for _, x := range run {
			at := int64(x.position())
			w.rice(uint32(at-last-1), k)
			last, k = at, next
		}
	}
}

// ownFile writes the file of a frequent gram, whose documents and positions are in the packer's buffers.
func (p *packer) ownFile(cards []byte) uint64 {
	documents, positions := p.docBits.bytes(), p.posBits.bytes()
	out := make([]byte, 12, 12+len(documents)+len(cards)+min(len(positions), apartSize))
	binary.BigEndian.PutUint32(out, uint32(len(documents)))
	binary.BigEndian.PutUint32(out[4:], uint32(len(cards)))
	out = append(append(out, documents...), cards...)
	if len(positions) > apartSize {
		binary.BigEndian.PutUint32(out[8:], 1<<32-1)
		out = appendName(out, p.file(positions))
	} else {
		binary.BigEndian.PutUint32(out[8:], uint32(len(positions)))
		out = append(out, positions...)
	}
	return p.file(out)
}

// where joins what is known of the occurrences of a word in a document with one more of them. Begins and ends together mean that one of
// them does both.
func where(all, f uint8) uint8 {
	const both = flagBegins | flagEnds
	switch {
	case all&both == both || f&both == 0:
		return all | f&^both
	case f&both == both:
		return all | f
	case all&flagBegins != 0 || f&flagBegins != 0:
		return (all|f)&^flagEnds | flagBegins
	}
	return all | f
}

// points is what a word adds to the score of a document, section 9: more than 0, less than maxPoints.
func points(info uint8, rank int) int {
	class, level := class(info>>2), int(info&3)
	switch {
	case class == 5:
		return [ranks]int{23, 22, 20}[rank]
	case class < 3:
		return 4*class + level
	case rank == 0:
		return 15 + class
	case rank == 2:
		return 7 + class
	case class == 4:
		return 16 + min(level, 1)
	}
	return 12 + level
}

const maxPoints = 24

// class tells where a word stands, section 9: body 1, field 2, title 3, its beginning or end 4, all of it 5.
func class(flags uint8) int {
	switch {
	case flags&(flagBegins|flagEnds) == flagBegins|flagEnds:
		return 5
	case flags&(flagBegins|flagEnds) != 0:
		return 4
	case flags&flagTitle != 0:
		return 3
	case flags&flagField != 0:
		return 2
	}
	return 1
}
