package search

import (
	"slices"
	"strings"
	"testing"
)

// TestPhraseInTitle compares where a phrase is said to stand in a title with the title itself: short words of few characters, so that
// their pairs stand everywhere.
func TestPhraseInTitle(t *testing.T) {
	random := seeded(t)
	alphabet := []rune("工会人")
	word := func(n int) string {
		var b strings.Builder
		for range 1 + random.IntN(n) {
			b.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		return b.String()
	}
	docs := make([]Document, 60)
	for i := range docs {
		d := Document{URL: "/" + string(rune('一'+i)) + "/", Title: word(8), Body: []byte(word(12))}
		for range random.IntN(3) {
			d.Also = append(d.Also, word(4))
		}
		if random.IntN(3) == 0 {
			d.Fields = []string{word(9)}
		}
		docs[i] = d
	}
	x := open(t, index(t, Options{}, docs...))
	for range 200 {
		q := word(5)
		r, err := x.Search(q, Query{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		classes := map[string]int{}
		for _, h := range r.Hits {
			classes[h.URL] = h.Why[0].Class
		}
		for _, d := range docs {
			names := append([]string{d.Title}, d.Also...)
			text := strings.Join(append(append(slices.Clone(names), d.Fields...), string(d.Body)), "\n")
			want := 0
			switch {
			case slices.Contains(names, q):
				want = 5
			case slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, q) || strings.HasSuffix(n, q) }):
				want = 4
			case slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, q) }):
				want = 3
			case strings.Contains(text, q):
				want = 2 // or in the body alone
			}
			if got := classes[d.URL]; got != want && (want != 2 || got != 1) {
				t.Fatalf("%q in %q, other names %q: class %d, want %d", q, d.Title, d.Also, got, want)
			}
		}
	}
}

func TestNearby(t *testing.T) {
	docs := []Document{
		{URL: "/p/", Title: "孟泰", Type: "人物", Pinyin: true, Name: true, Rank: Name, Body: []byte("炼铁工人。")},
		{URL: "/h/", Title: "全国劳动模范", Also: []string{"全国劳模"}, Pinyin: true, Rank: Name},
		{URL: "/v/", Title: "爱心驿站（南昌）", Rank: Name},
		{URL: "/s/", Title: "孟泰简介", Rank: Row},
		{URL: "/r/", Title: "学习孟泰", Body: []byte("荣誉属于人民。"), Sort: 19590101},
		{URL: "/q/", Title: "甲与乙", Body: []byte("荣誉室。爱心驿站在江西。")},
	}
	for i, d := range docs {
		docs[i].Facets = []Facet{{"type", d.Type}}
	}
	docs[4].Facets = append(docs[4].Facets, Facet{"year", "1959"})
	docs[0].Fields = []string{"女", "鞍山", "丰润人"}
	docs[4].Fields = []string{"首届测试大会", "第三次测试代表大会", "抚顺市和抚顺县有劳模"}
	x := open(t, index(t, Options{Facets: []Field{{Key: "type"}, {Key: "year", Range: true}}}, docs...))
	for _, c := range []struct{ query, best, hits, related, instead, offers string }{
		{query: "孟泰", hits: "/p/ /r/ /s/"},
		{query: "全国劳模", hits: "/h/"},
		{query: "孟泰 荣誉", best: "/p/", hits: "/r/"},
		{query: "孟泰是谁", related: "/p/ /r/ /s/", instead: "孟泰"},
		{query: "南昌爱心驿站", related: "/v/ /q/", offers: "南昌 爱心驿站"},
		{query: "孟太", related: "/p/", offers: "孟泰"},
		{query: "孟秦", related: "/p/", offers: "孟泰"},
		{query: "全国劳动摸范", related: "/h/", offers: "全国劳动模范"},
		{query: "鞍山籍劳模", related: "/p/", instead: "鞍山"},
		{query: "鞍山职工有谁", related: "/p/", instead: "鞍山"},
		{query: "丰润县劳模", related: "/p/", instead: "丰润"},
		{query: "抚顺县劳模", related: "/r/", instead: "抚顺县 劳模"}, // 抚顺 would be the city as well
		{query: "第一届测试大会", related: "/r/", instead: "首届测试大会"},
		{query: "第一次测试大会是什么", related: "/r/", instead: "首届测试大会"},
		{query: "测试三大", related: "/r/", instead: "测试 第三次 大会"},
		{query: "第三届测试代表大会", related: "/r/", instead: "第三次测试代表大会"},
		{query: "女工人", related: "/p/", instead: "女"},
		{query: "炼师傅", related: "/p/"}, // a sign in a text is no field
		{query: "全国劳模是什么", related: "/h/", instead: "全国劳模"},
		{query: "1959年发生了什么", related: "/r/", instead: "1959年"},
		{query: "学习1959年", related: "/r/", instead: "学习 1959年"},
		{query: "孟泰1959年代", related: "/p/ /r/ /s/", offers: "孟泰"},
		{query: "的", related: ""},
		{query: "什么 的 了", related: ""},
		{query: "xyzzy", related: ""},
		{query: "乙abc孟泰", related: "/p/ /r/ /s/", offers: "孟泰"},
	} {
		r, err := x.Search(c.query, Query{})
		if err != nil {
			t.Fatal(err)
		}
		urls := func(hits []Hit) string {
			var list []string
			for _, h := range hits {
				list = append(list, h.URL)
			}
			return strings.Join(list, " ")
		}
		var offers []string
		for _, o := range r.Offers {
			offers = append(offers, o.Query)
		}
		if urls(r.Best) != c.best || urls(r.Hits) != c.hits || urls(r.Related) != c.related || r.Instead != c.instead || strings.Join(offers, " ") != c.offers {
			t.Errorf("%q: best %s, hits %s, related %s, instead %s, offers %s\nwant %+v", c.query, urls(r.Best), urls(r.Hits), urls(r.Related), r.Instead, offers, c)
		}
	}
	filtered, err := x.Search("孟泰", Query{Filters: map[string][]string{"type": {"报道"}}})
	if err != nil || filtered.Total != 0 || filtered.Unfiltered != 3 || len(filtered.Related) != 0 {
		t.Errorf("with a filter: %+v, %v", filtered, err)
	}
}
