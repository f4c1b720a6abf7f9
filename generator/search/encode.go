package search

import (
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/flate"

	"gongzhi/generator/han"
)

// Files writes the index: emit gets every file's name below /search/ and its content (the index and the browser's
// modules search.js, ui.js and highlight.js), from several goroutines, in no certain order but "index.json"
// last. It must not keep the content. If emit returns an error, so does Files. The Writer is spent then.
func (w *Writer) Files(emit func(name string, data []byte) error) error {
	defer w.spill.close()
	e := &encoder{w: w, emit: emit, written: make(map[uint64]bool)}
	e.docs, e.place, e.ranks, e.dates = w.order()
	e.total = len(e.docs)
	e.measure()

	if e.err == nil {
		e.shards()
	}
	if e.err == nil {
		e.cards()
	}
	if e.err == nil {
		e.err = Client(emit)
	}
	if e.err == nil {
		e.finish()
	}
	return e.err
}

// encoder is one run of Files.
type encoder struct {
	w     *Writer
	docs  []*docMeta
	sizes []docSize // of docs, close together: they are asked for a hundred million times
	place []uint32
	ranks [ranks][2]int
	dates []byte
	total int

	shardBits    int
	positionBits int
	meanLength   float64
	names        []uint64 // of shards, then card blocks
	written      map[uint64]bool

	mu   sync.Mutex
	emit func(string, []byte) error
	err  error
}

type docSize struct{ fieldPart, n uint32 }

// file hands a file on and returns its name.
func (e *encoder) file(data []byte) uint64 {
	name := digest(data)
	e.mu.Lock()
	known := e.written[name]
	e.written[name] = true
	e.mu.Unlock()
	if !known {
		e.put(fileName(name), data)
	}
	return name
}

func (e *encoder) put(name string, data []byte) {
	if e.failed() {
		return
	}
	if err := e.emit(name, data); err != nil {
		e.fail(err)
	}
}

func (e *encoder) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
}

func (e *encoder) failed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err != nil
}

// measure chooses the parameters from the size of the whole.
func (e *encoder) measure() {
	units := 0
	for _, d := range e.docs {
		units += int(d.n)
		e.sizes = append(e.sizes, docSize{d.fieldPart, d.n})
	}
	e.meanLength = float64(units) / float64(max(1, e.total))
	e.positionBits = riceBits(1, int(e.meanLength)+2)
	records := int64(e.w.spill.size / 8)
	for _, l := range e.w.lanes {
		records += int64(l.size())
	}
	const bytesPerRecord = 1.0 // in shards, by experience
	for e.shardBits < 20 && float64(records)*bytesPerRecord > float64(shardSize)*float64(int(1)<<e.shardBits) {
		e.shardBits++
	}
}

// shards sorts the postings and writes shards and the files of frequent grams.
func (e *encoder) shards() {
	e.names = make([]uint64, 1<<e.shardBits)
	// A piece of work is a bucket with all its shards, or a shard with all its buckets.
	pieces := min(buckets, 1<<e.shardBits)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), pieces) {
		wg.Go(func() {
			p := &packer{encoder: e, sorter: sorter{writer: e.w, place: e.place, total: e.total}, deflater: newDeflater(flate.BestSpeed)}
			for {
				piece := int(next.Add(1)) - 1
				if piece >= pieces || e.failed() {
					return
				}
				if err := p.piece(piece, pieces); err != nil {
					e.fail(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// people lists the types of documents that are people, if there is a facet of types to find them by.
func (e *encoder) people() []string {
	if !slices.ContainsFunc(e.w.options.Facets, func(f Field) bool { return f.Key == typeFacet }) {
		return []string{}
	}
	types := slices.AppendSeq([]string{}, maps.Keys(e.w.people))
	slices.Sort(types)
	return types
}

// finish writes facets, the fold table, the list of names and the root.
func (e *encoder) finish() {
	r := root{
		Format: formatNumber, Documents: e.total, Ranks: e.ranks[:], ShardBits: e.shardBits, PositionBits: e.positionBits,
		CardsPerBlock: cardsPerBlock, Facets: []rootFacet{}, Asks: asks, Folk: folk, People: e.people(),
	}
	z := newDeflater(6)
	for _, f := range e.w.options.Facets {
		data, err := json.Marshal(e.facet(f.Key))
		if err != nil {
			e.fail(err)
			return
		}
		name := e.file(z.pack(data))
		r.Facets = append(r.Facets, rootFacet{Key: f.Key, Label: f.Label, Range: f.Range, File: fmt.Sprintf("%012x", name)})
	}
	r.Fold = fmt.Sprintf("%012x", e.file(z.pack([]byte(han.FoldTable()))))
	r.Sounds = fmt.Sprintf("%012x", e.file(z.pack([]byte(han.SoundTable()))))
	r.Order = fmt.Sprintf("%012x", e.file(z.pack(e.dates)))

	var names []byte
	for _, n := range e.names {
		names = appendName(names, n)
	}
	if len(e.names) <= namesInRoot {
		r.Names = base64Of(names)
	} else {
		var pages []byte
		for page := range slices.Chunk(names, namesPerPage*nameSize) {
			pages = appendName(pages, e.file(page))
		}
		r.Pages = base64Of(pages)
	}
	var sum uint64
	for name := range e.written {
		sum += name
	}
	r.Files, r.Sum, r.Source = len(e.written), fmt.Sprintf("%016x", sum), e.w.source.Sum()
	data, err := json.Marshal(r)
	if err != nil {
		e.fail(err)
		return
	}
	e.put(rootName, appendCheck(data[:len(data)-1]))
}
