package search

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"

	"gongzhi/generator/han"
)

// stream packs a bit stream written as text; blanks are for the eye.
func stream(text string) []byte {
	text = strings.ReplaceAll(text, " ", "")
	for len(text)%8 != 0 {
		text += "0"
	}
	var out []byte
	for i := 0; i < len(text); i += 8 {
		var b byte
		for _, c := range text[i : i+8] {
			b = b<<1 | byte(c-'0')
		}
		out = append(out, b)
	}
	return out
}

func pack(t *testing.T, text string, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

// The index of three tiny records, put together by hand from docs/search-format.md, byte by byte.
func TestHandAssembledIndex(t *testing.T) {
	fsys := index(t, Options{Facets: []Field{{"type", "类型", false}}},
		Document{URL: "/a/", Title: "工会", Type: "报道", Sort: 0, Facets: []Facet{{"type", "报道"}}},                                         // document 2: no date
		Document{URL: "/b/", Title: "会", Type: "报道", Date: "1958", Sort: 19580101, Body: []byte("工会"), Facets: []Facet{{"type", "报道"}}}, // document 1
		Document{URL: "/c/", Title: "甲", Type: "人物", Date: "1960", Sort: 19600101, Fields: []string{"工会"}, Summary: "工会"},               // document 0
	)
	// Units, with 0 for a break:
	//   0  甲 0 工 会 0     title part 2, field part 5
	//   1  会 0 工 会       title part 2, field part 2
	//   2  工 会 0          title part 3
	// N = 3, mean length 4: positionBits is the largest k with 2^k * 23 <= (4+2) * 16, so 2. One shard, as there is little.
	//
	// Rice parameters: 4 entries below 2^32: 4 * 2^k * 23 <= 2^36 gives k = 29; gaps of 3 values below 3 and of 1 value below 3: 3 * 16 = 48,
	// so 0 and 1 (1 * 2 * 23 = 46).
	entries := []struct {
		u1, u2 uint16
		bits   string
	}{
		// gamma 3 = 011; not own; documents 0 1 2: gaps 0 0 0; info: 0 level 00, field, not title; 1 level 0, plain body;
		// 2 level 00, not field, title, gamma 1 = 1: one occurrence there, which begins, not ends.
		{0, '工', "011 0  0 1 00 1 0  0 0  0 1 00 0 1 1 1 0"},
		// 0 field; 1 title, all of it; 2 title, ends.
		{0, '会', "011 0  0 1 00 1 0  0 1 00 0 1 1 1 1  0 1 00 0 1 1 0 1"},
		// gamma 1 = 1; document 0 with parameter 1: 0 0; title, begins and ends.
		{0, '甲', "1 0  0 0 1 00 0 1 1 1 1"},
		// Levels: tf 1, lengths 5 4 3 of mean 4: x = 2.2 / (1 + 1.2 (0.5 + 0.5 length/4)) is below 1.5. Positions, each gamma 1 and a Rice number
		// with parameter 2: 2 = 0 10, 2 = 0 10, 0 = 0 00.
		{'工', '会', "011 0  0 1 00 1 0  0 0  0 1 00 0 1 1 1 1  1 0 10  1 0 10  1 0 00"},
	}
	sort.Slice(entries, func(i, j int) bool { return key(entries[i].u1, entries[i].u2) < key(entries[j].u1, entries[j].u2) })
	shard := fmt.Sprintf("%024b ", len(entries))
	last := int64(-1)
	for _, e := range entries {
		k := int64(key(e.u1, e.u2))
		gap := k - last - 1
		shard += strings.Repeat("1", int(gap>>29)) + "0" + fmt.Sprintf("%029b ", gap&(1<<29-1)) + e.bits
		last = k
	}
	want := map[string][]byte{}
	sum := uint64(0)
	put := func(data []byte) uint64 {
		name := digest(data)
		want[fmt.Sprintf("%012x.bin", name)] = data
		sum += name
		return name
	}
	names := appendName(nil, put(stream(shard)))
	names = appendName(names, put(pack(t, `[["/c/","甲","人物","1960","工会"],["/b/","会","报道","1958",""],["/a/","工会","报道","",""]]`, 6)))
	// Documents 1 and 2 of 3: parameter 0 (2 * 2 * 23 > 48), gaps 1 and 0: 10 0.
	facet := put(pack(t, `[["报道",2,"`+base64.StdEncoding.EncodeToString(stream("10 0"))+`"]]`, 6))
	fold := put(pack(t, han.FoldTable(), 6))
	sounds := put(pack(t, han.SoundTable(), 6))
	order := put(pack(t, "\x01\x01", 6)) // two of the second rank have dates
	said, err := json.Marshal(asks)
	if err != nil {
		t.Fatal(err)
	}
	called, err := json.Marshal(folk)
	if err != nil {
		t.Fatal(err)
	}
	want["index.json"] = fmt.Appendf(nil, `{"format":2,"documents":3,"ranks":[[0,0],[3,2],[0,0]],"order":"%012x","shardBits":0,"positionBits":2,"cardsPerBlock":16,"names":%q,"facets":[{"key":"type","label":"类型","file":"%012x"}],"fold":"%012x","sounds":"%012x","asks":%s,"folk":%s,"people":[],"files":6,"sum":"%016x","source":"%s"`,
		order, base64.StdEncoding.EncodeToString(names), facet, fold, sounds, said, called, sum, SourceOf(fsys))
	want["index.json"] = fmt.Appendf(want["index.json"], `,"check":"%012x"}`+"\n", digest(want["index.json"]))

	for name, data := range want {
		f := fsys[name]
		if f == nil {
			t.Errorf("%s (%d bytes) is not written", name, len(data))
			if name == "index.json" || len(data) > 1000 {
				continue
			}
			t.Logf("want %x", data)
			continue
		}
		if !bytes.Equal(f.Data, data) {
			t.Errorf("%s:\n%s\nwant\n%s", name, f.Data, data)
		}
		delete(fsys, name)
	}
	for name, f := range fsys {
		if !strings.HasSuffix(name, ".js") {
			t.Errorf("%s is written, %d bytes: %x", name, len(f.Data), f.Data[:min(len(f.Data), 100)])
		}
	}
	var r root
	if err := json.Unmarshal(want["index.json"], &r); err != nil {
		t.Fatal(err)
	}
}

// The module that every searching visitor loads stays small.
func TestClientIsSmall(t *testing.T) {
	modules := map[string][]byte{}
	if err := Client(func(name string, data []byte) error { modules[name] = data; return nil }); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	w.Write(modules["search.js"])
	w.Close()
	if b.Len() > 12<<10 {
		t.Errorf("search.js takes %d bytes compressed, more than 12 KiB", b.Len())
	}
	for name, m := range modules {
		for _, word := range []string{"eval(", "new Function", "WebAssembly", "innerHTML", "http:", "https:"} {
			if bytes.Contains(m, []byte(word)) {
				t.Errorf("%s contains %s", name, word)
			}
		}
		if bytes.Contains(m, []byte("\n//")) || len(m) == 0 {
			t.Errorf("%s has comments, or nothing", name)
		}
	}
}
