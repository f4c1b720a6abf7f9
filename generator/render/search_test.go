package render_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gongzhi"
	"gongzhi/generator/content"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
	"gongzhi/generator/render"
	"gongzhi/generator/search"
	"gongzhi/generator/site"
)

// The browser's tests ask the same questions: they let this test write them down.
var (
	answers   = flag.String("answers", "", "write the queries with their answers to this file, as JSON")
	questions = flag.String("questions", "", "write the readers' questions with their answers to this file, as JSON")
)

var runs = regexp.MustCompile(`[\x{4e00}-\x{9fff}]{1,40}`)

// TestSearchSampleExactly asks for random runs of characters of the sample archive and compares the answers
// with a plain substring test over titles, texts and bodies.
func TestSearchSampleExactly(t *testing.T) {
	g, index := theSample(t), sampleIndex(t)
	// What a reader sees of a record, written down independently of how the index is fed: the scalars of its
	// file, the titles of what it refers to, its texts.
	texts := map[string]string{}
	var urls []string
	for _, c := range g.Site.Collections {
		for _, r := range c.Records {
			parts := []string{r.Title, shown(r, r.Body)}
			var add func(v *content.Value)
			add = func(v *content.Value) {
				if !v.Field.Search {
					return
				}
				v.Each(func(v *content.Value) {
					for i := range v.Parts {
						add(&v.Parts[i])
					}
					switch {
					case v.Parts != nil, v.Date != nil:
					case v.Body != nil:
						parts = append(parts, shown(r, v.Body))
					default:
						parts = append(parts, r.Display(v))
					}
				})
			}
			for i := range r.Values {
				if r.Values[i].Field.Key != "title" {
					add(&r.Values[i])
				}
			}
			texts[r.URL] = han.FoldString(strings.Join(parts, "\n"))
			urls = append(urls, r.URL)
		}
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	type answer struct {
		Query string   `json:"q"`
		URLs  []string `json:"urls"`
	}
	var all []answer
	count, _ := strconv.Atoi(cmp.Or(os.Getenv("GONGZHI_RUNS"), "100"))
	for i := range count {
		found := runs.FindAllString(texts[urls[rnd.IntN(len(urls))]], -1)
		if len(found) == 0 {
			continue
		}
		run := []rune(found[rnd.IntN(len(found))])
		n := 1 + rnd.IntN(min(8, len(run)))
		at := rnd.IntN(len(run) - n + 1)
		q := string(run[at : at+n])
		var want []string
		for _, u := range urls {
			if strings.Contains(texts[u], q) {
				want = append(want, u)
			}
		}
		all = append(all, answer{q, want})
		// All of the many answers to a common run are looked at now and then: their cards take long to read.
		limit := 100
		if i%20 == 0 {
			limit = len(urls)
		}
		got, err := index.Search(q, search.Query{Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, h := range got.Hits {
			have = append(have, h.URL)
		}
		slices.Sort(want)
		slices.Sort(have)
		right := slices.Equal(want, have)
		if len(want) > limit {
			right = len(have) == limit && len(slices.Compact(have)) == limit && !slices.ContainsFunc(have, func(u string) bool { return !slices.Contains(want, u) })
		}
		if got.Total != len(want) || !right {
			t.Errorf("seed %d: %q: %d hits, want %d: %s", seed, q, got.Total, len(want), difference(have, want))
		}
	}
	if *answers != "" {
		writeJSON(t, *answers, all)
	}
}

func writeJSON(t *testing.T, file string, all any) {
	t.Helper()
	b, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(file, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

var rendered = sync.OnceValues(func() (*render.Generation, error) {
	return render.New(render.Options{Source: os.DirFS("../.."), Theme: gongzhi.DefaultTheme(), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
})

// theSample is the sample archive, rendered once for all tests that only ask it.
func theSample(t *testing.T) *render.Generation {
	t.Helper()
	g, err := rendered()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// shown is the text of a body with the titles that its links show.
func shown(r *site.Record, b *markdown.Body) string {
	links := r.Links(b)
	return string(markdown.Text(b.Render(nil, func(i int) markdown.Resolved { return links[i] })))
}

func difference(a, b []string) string {
	var l []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			l = append(l, "+"+x)
		}
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			l = append(l, "-"+x)
		}
	}
	return fmt.Sprint(l[:min(5, len(l))])
}
