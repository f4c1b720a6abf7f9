package search

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"gongzhi/generator/han"
)

func FuzzUnits(f *testing.F) {
	f.Add("工会 1205队 é\u0301 𠮷\xff<b>")
	f.Fuzz(func(t *testing.T, s string) {
		u := appendUnits(nil, []byte(s))
		for i, c := range u {
			if c == 0 && (i == 0 || u[i-1] == 0) || c >= unitSlow || c >= syllableStart && c < 0xF900 {
				t.Fatalf("units of %q: %v", s, u)
			}
			if isLetterUnit(c) && (i == 0 || u[i-1] != wordStart && !isLetterUnit(u[i-1])) {
				t.Fatalf("units of %q: letter %d without word start: %v", s, i, u)
			}
		}
		folded := appendUnits(nil, []byte(han.FoldString(strings.ToValidUTF8(s, "\uFFFD"))))
		if got := appendUnits(nil, []byte(strings.ToValidUTF8(s, "\uFFFD"))); string(runesOf(got)) != string(runesOf(folded)) {
			t.Fatalf("%q: %v before folding, %v after", s, got, folded)
		}
	})
}

// TestEveryCharacter: whatever the character, it is made into units, and in the end.
func TestEveryCharacter(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		u := appendUnits(nil, []byte("甲"+string(r)+"乙"))
		if len(u) < 2 || u[0] != '甲' || u[len(u)-1] != '乙' {
			t.Fatalf("%U: %v", r, u)
		}
	}
	if got := appendUnits(nil, []byte("甲⓫乙Ⅻ℗")); string(runesOf(got)) != "甲\x00乙"+string(rune(wordStart))+"xii\x00" {
		t.Errorf("%v", got)
	}
}

func runesOf(units []uint16) (r []rune) {
	for _, u := range units {
		r = append(r, rune(u))
	}
	return r
}

// A document is found by any run of its own text.
func FuzzSearch(f *testing.F) {
	f.Add("鞍钢工人 孟泰", "钢工")
	f.Add("1205队\nA区", "05")
	f.Fuzz(func(t *testing.T, text, query string) {
		x := open(t, index(t, Options{}, Document{URL: "/a/", Title: "甲", Body: []byte(text)}, Document{URL: "/b/", Title: "乙乙", Pinyin: true}))
		result, err := x.Search(query, Query{Facets: true})
		if err != nil {
			t.Fatal(err)
		}
		words, ignored := parse(query)
		if len(words) != 1 || len(ignored) > 0 {
			return
		}
		n := needle(words[0])
		stands := strings.Contains(string(runesOf(append([]uint16{0}, appendUnits(nil, []byte(text))...))), string(runesOf(words[0])))
		found := false
		for _, h := range result.Hits {
			found = found || h.URL == "/a/"
		}
		if found != (stands || n == "甲") {
			t.Fatalf("%q in %q: found %v, stands there %v", query, text, found, stands)
		}
	})
}

// Bytes that are no index give an error or no hits: never a panic, never a long wait.
func FuzzDamagedShard(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0xFF, 0x80}, uint32(5))
	f.Add([]byte{}, uint32(0))
	f.Fuzz(func(t *testing.T, data []byte, want uint32) {
		x := &Index{fsys: fstest.MapFS{}, root: root{Documents: 1000, PositionBits: 9, CardsPerBlock: 32}}
		p, err := x.inShard(data, want, 0, 32)
		if err == nil && len(p.docs) > 1000 {
			t.Fatal("more documents than there are")
		}
	})
}
