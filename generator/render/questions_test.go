package render_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"gongzhi/generator/search"
)

// TestQuestions asks what readers ask: testdata/questions.txt. The pages that answer must be among the first three. The browser's tests ask
// some of the same, and compare all answers with those that this test writes down.
func TestQuestions(t *testing.T) {
	index := sampleIndex(t)
	data, err := os.ReadFile("testdata/questions.txt")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	type answer struct {
		Query   string   `json:"q"`
		Want    []string `json:"want"`
		URLs    []string `json:"urls"`
		Instead string   `json:"instead"`
		Among   []string `json:"among"`
		Offers  []string `json:"offers"`
	}
	var all []answer
	for line := range strings.Lines(string(data)) {
		query, pages, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		asked++
		r, err := index.Search(query, search.Query{})
		if err != nil {
			t.Fatal(err)
		}
		a := answer{Query: query, Want: strings.Fields(pages), URLs: []string{}, Instead: r.Instead, Among: append([]string{}, r.Among...), Offers: []string{}}
		for _, h := range slices.Concat(r.Best, r.Hits, r.Related) {
			a.URLs = append(a.URLs, h.URL)
		}
		for _, o := range r.Offers {
			a.Offers = append(a.Offers, o.Query)
			if there, err := index.Search(o.Query, search.Query{}); err != nil || there.Total == 0 {
				t.Errorf("%q: %q is offered and has no results, %v", query, o.Query, err)
			}
		}
		all = append(all, a)
		first := a.URLs[:min(3, len(a.URLs))]
		for _, page := range a.Want {
			if !slices.Contains(first, page) {
				t.Errorf("%q: %s is not among the first three: %v", query, page, first)
			}
		}
	}
	if asked < 110 {
		t.Errorf("%d questions, want 110", asked)
	}
	if *questions != "" {
		writeJSON(t, *questions, all)
	}
}

var indexed = sync.OnceValues(func() (*search.Index, error) {
	g, err := rendered()
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{} // read once: a query opens some of them again
	for _, p := range g.Paths() {
		if name, ok := strings.CutPrefix(p, "search/"); ok {
			b, err := g.File(nil, p)
			if err != nil {
				return nil, err
			}
			files[name] = &fstest.MapFile{Data: b}
		}
	}
	return search.Open(files)
})

// sampleIndex is the search index of the sample archive, made once.
func sampleIndex(t *testing.T) *search.Index {
	t.Helper()
	index, err := indexed()
	if err != nil {
		t.Fatal(err)
	}
	return index
}
