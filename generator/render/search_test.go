package render_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gongzhi"
	"gongzhi/generator/content"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
	"gongzhi/generator/render"
	"gongzhi/generator/search"
)

var runs = regexp.MustCompile(`[\x{4e00}-\x{9fff}]{1,40}`)

// TestSearchSampleExactly asks for random runs of characters of the sample archive and compares the answers
// with a plain substring test over titles, texts and bodies.
func TestSearchSampleExactly(t *testing.T) {
	g, err := render.New(render.Options{Source: os.DirFS("../.."), Theme: gongzhi.DefaultTheme(), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(g, "search")
	if err != nil {
		t.Fatal(err)
	}
	index, err := search.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	// What a reader sees of a record, written down independently of how the index is fed: the scalars of its
	// file, the titles of what it refers to, its texts.
	texts := map[string]string{}
	var urls []string
	for _, c := range g.Site.Collections {
		for _, r := range c.Records {
			parts := []string{r.Title, string(markdown.Text(r.Body.HTML))}
			var add func(v *content.Value)
			add = func(v *content.Value) {
				if v.Field.Search == "none" {
					return
				}
				v.Each(func(v *content.Value) {
					for i := range v.Parts {
						add(&v.Parts[i])
					}
					switch {
					case v.Parts != nil, v.Date != nil:
					case v.Body != nil:
						parts = append(parts, string(markdown.Text(v.Body.HTML)))
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
	for range 1000 {
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
		got, err := index.Search(q, search.Query{Limit: 5000})
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, h := range got.Hits {
			have = append(have, h.URL)
		}
		slices.Sort(want)
		slices.Sort(have)
		if got.Total != len(want) || !slices.Equal(want, have) {
			t.Errorf("seed %d: %q: %d hits, want %d: %s", seed, q, got.Total, len(want), difference(have, want))
		}
	}
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
