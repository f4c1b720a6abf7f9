package render

import (
	"bytes"
	"io/fs"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gongzhi/generator/content"
	"gongzhi/generator/markdown"
	"gongzhi/generator/search"
	"gongzhi/generator/site"
)

// searchNames lists the paths of the index, sorted. If the index can't be made, its browser module stands
// for all, so that asking for it says why.
func (g *Generation) searchNames() []string {
	files, err := g.search()
	if err != nil {
		return []string{"search/search.js"}
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// postingsMemory is how many bytes of postings the index holds in memory while it is made, those of about 3,000
// records. The rest goes to a temporary file.
const postingsMemory = 32 << 20

// makeSearch makes the files below /search/ and holds them. They are one value, made when the first of them is
// asked for: a preview never pays for it on the way to a page.
func (g *Generation) makeSearch() (map[string][]byte, error) {
	var mu sync.Mutex
	files := map[string][]byte{}
	x, err := g.Index(nil)
	if err == nil {
		err = x.Write(func(path string, data []byte) error {
			mu.Lock()
			defer mu.Unlock()
			files[path] = bytes.Clone(data)
			return nil
		})
	}
	return files, err
}

// Old is the output of an earlier build.
type Old struct {
	FS   fs.FS                               // nil: there is none
	Keep func(path string, size int64) error // is told of files there that need not be made again
}

// Index is a search index that has read all it is made from, and is not yet made.
type Index struct {
	writer *search.Writer
	old    *Old
	kept   []search.File // of old; then there is no writer
}

// Write makes the index and gives its files to put, from several goroutines. put must not keep the data. The index is
// spent then.
func (x *Index) Write(put func(path string, data []byte) error) error {
	emit := func(name string, data []byte) error { return put("search/"+name, data) }
	if x.writer != nil {
		return x.writer.Files(emit)
	}
	for _, f := range x.kept {
		if err := x.old.Keep("search/"+f.Name, f.Size); err != nil {
			return err
		}
	}
	return search.Client(emit)
}

// Index reads the texts of all records into a search index. If old, which may be nil, has an index of the same
// documents, and it is whole, that will be kept.
func (g *Generation) Index(old *Old) (*Index, error) {
	fields, labels := []search.Field{{Key: "type", Label: "类目"}}, map[string]bool{"type": true}
	facet := func(key, label string, isRange bool) {
		if !labels[key] {
			labels[key] = true
			fields = append(fields, search.Field{Key: key, Label: label, Range: isRange})
		}
	}
	facet(site.YearKey, "年份", true)
	var all []*site.Record
	for _, c := range g.Site.Collections {
		all = append(all, c.Records...)
	}
	first := func(field func(c *site.Collection) *content.Field) {
		for _, c := range g.Site.Collections {
			if f := field(c); f != nil && f.Facet {
				facet(f.Key, f.Label, false)
			}
		}
	}
	first(func(c *site.Collection) *content.Field { return c.Role(content.Region) })
	first(func(c *site.Collection) *content.Field { return c.Role(content.Industry) })
	first(func(c *site.Collection) *content.Field {
		if c.Roll == nil {
			return nil
		}
		return c.Roll.Group
	})
	first(func(c *site.Collection) *content.Field { return c.Role(content.Tags) })
	for _, c := range g.Site.Collections {
		for _, f := range c.Fields {
			if f.Facet {
				facet(f.Key, f.Label, false)
			}
		}
	}
	opt := search.Options{Facets: fields, Memory: postingsMemory}
	if old != nil && old.FS != nil {
		if there, err := fs.Sub(old.FS, "search"); err == nil && search.SourceOf(there) != "" {
			src := search.NewSource(opt)
			err := documents(all, func(n int, d search.Document) error { src.Add(n, d); return nil })
			if err != nil {
				return nil, err
			}
			if files := search.Whole(there, src.Sum()); files != nil {
				return &Index{old: old, kept: files}, nil
			}
		}
	}
	w := search.NewWriter(opt)
	return &Index{writer: w}, documents(all, w.Add)
}

// documents gives what all records give to the index to add, from several goroutines.
func documents(all []*site.Record, add func(n int, d search.Document) error) error {
	var wg sync.WaitGroup
	var failed error
	var once sync.Once
	workers := runtime.GOMAXPROCS(0)
	for k := range workers {
		wg.Go(func() {
			var html, text []byte
			for n := k; n < len(all); n += workers {
				var err error
				if html, err = all[n].AppendBody(html[:0]); err == nil {
					text = markdown.AppendText(text[:0], html)
					err = add(n, document(all[n], text))
				}
				if err != nil {
					once.Do(func() { failed = err })
					return
				}
			}
		})
	}
	wg.Wait()
	return failed
}

// document is what a record gives to the index: all of its text that a reader sees. body is that of its body.
func document(r *site.Record, body []byte) search.Document {
	d := search.Document{
		URL: r.URL, Title: r.Title, Type: r.Schema.Label, Date: r.Day.Display(), Sort: r.Day.SortKey(), Summary: r.Summary(),
		Body: body, Pinyin: r.Schema.Pinyin, Name: r.Schema.Title.Name,
	}
	if r.Schema.Title.Name && !r.Day.IsZero() {
		d.Date, d.Sort = r.Life(), 0 // a birth is no date to sort news by
	}
	d.Facets = append(d.Facets, search.Facet{Key: "type", Value: r.Schema.Label})
	if from, to := site.YearSpan(r.Day); from > 0 && !r.Schema.Title.Name {
		for y := from; y <= to; y++ {
			d.Facets = append(d.Facets, search.Facet{Key: site.YearKey, Value: strconv.Itoa(y)})
		}
	}
	for i := range r.Values {
		v := &r.Values[i]
		f := v.Field
		if f.Facet {
			v.Each(func(v *content.Value) { d.Facets = append(d.Facets, search.Facet{Key: f.Key, Value: r.Display(v)}) })
		}
		if f.Search && f.Index != 0 {
			d.Fields = r.Texts(d.Fields, v)
		}
	}
	// Who was given an honour is found by it.
	for _, rel := range r.Inverse {
		if rule := rel.Schema.Roll; rule != nil && rel.Field == rule.Who {
			seen := map[string]bool{}
			for _, from := range rel.Records {
				if from.Revoked() != "" {
					continue
				}
				if t := from.Display(from.Value(rule.Group)); t != "" && !seen[t] {
					seen[t] = true
					d.Facets = append(d.Facets, search.Facet{Key: rule.Group.Key, Value: t})
				}
			}
		}
	}
	if d.Summary == "" && r.Schema.Rows {
		var parts []string
		for _, f := range r.Schema.Shown(nil) {
			if v := r.Value(f); v != nil {
				parts = append(parts, r.Display(v))
			}
		}
		d.Summary = strings.Join(parts, "，")
	}
	return d
}
