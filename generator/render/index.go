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
	"gongzhi/generator/han"
	"gongzhi/generator/search"
	"gongzhi/generator/site"
	"gongzhi/generator/spool"
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

// postingsMemory is how many bytes of postings the index holds in memory while it is made, those of about 1,500
// records. The rest goes to a temporary file.
const postingsMemory = 16 << 20

// makeSearch makes the files below /search/ and holds them. They are one value, made when the first of them is
// asked for: a preview never pays for it on the way to a page.
func (g *Generation) makeSearch() (map[string][]byte, error) {
	var mu sync.Mutex
	files := map[string][]byte{}
	x, err := g.readIndex(nil)
	if err == nil {
		err = x.write(held(func(path string, data []byte) {
			mu.Lock()
			defer mu.Unlock()
			files[path] = bytes.Clone(data)
		}))
	}
	return files, err
}

// index is a search index that has read all it is made from, and is not yet made.
type index struct {
	writer *search.Writer
	same   []search.File // of the earlier output; then there is no writer
}

// write makes the index and gives its files to the sink, from several goroutines. The index is spent then.
func (x *index) write(to Sink) error {
	emit := func(name string, data []byte) error { return to.Put("search/"+name, data) }
	if x.writer != nil {
		return x.writer.Files(emit)
	}
	for _, f := range x.same {
		if err := to.Keep("search/"+f.Name, f.Size); err != nil {
			return err
		}
	}
	return search.Client(emit)
}

// readIndex reads the texts of all records into a search index. If old, which may be nil, is an output with an index of
// the same documents, and it is whole, that will be kept.
func (g *Generation) readIndex(old fs.FS) (*index, error) {
	var all []*site.Record
	for _, c := range g.Site.Collections {
		all = append(all, c.Records...)
	}
	opt := search.Options{Facets: facets(g.Site), Memory: postingsMemory, Full: func(err error) error {
		err = spool.Failed(err)
		if g.full == nil {
			return err
		}
		g.full(err)
		return nil
	}}
	if old != nil {
		if there, err := fs.Sub(old, "search"); err == nil && search.SourceOf(there) != "" {
			src := search.NewSource(opt)
			err := documents(all, func(n int, d search.Document) error { src.Add(n, d); return nil })
			if err != nil {
				return nil, err
			}
			if files := search.Whole(there, src.Sum()); files != nil {
				return &index{same: files}, nil
			}
		}
	}
	w := search.NewWriter(opt)
	if err := documents(all, w.Add); err != nil {
		w.Close()
		return nil, err
	}
	return &index{writer: w}, nil
}

// facets are what results are narrowed by, in the order shown.
func facets(s *site.Site) []search.Field {
	list, has := []search.Field{{Key: "type", Label: "类目"}, {Key: site.YearKey, Label: "年份", Range: true}}, map[string]bool{"type": true, site.YearKey: true}
	add := func(f *content.Field) {
		if f != nil && f.Facet && !has[f.Key] {
			has[f.Key] = true
			list = append(list, search.Field{Key: f.Key, Label: f.Label})
		}
	}
	for _, first := range []func(c *site.Collection) *content.Field{
		func(c *site.Collection) *content.Field { return c.Role(content.Region) },
		func(c *site.Collection) *content.Field { return c.Role(content.Industry) },
		func(c *site.Collection) *content.Field {
			if c.Roll == nil {
				return nil
			}
			return c.Roll.Group
		},
		func(c *site.Collection) *content.Field { return c.Role(content.Tags) },
	} {
		for _, c := range s.Collections {
			add(first(c))
		}
	}
	for _, c := range s.Collections {
		for _, f := range c.Fields {
			add(f)
		}
	}
	return list
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
				err := guard("检索索引", all[n].Path, func() (err error) {
					if html, err = all[n].AppendBody(html[:0]); err != nil {
						return err
					}
					text = all[n].AppendBodyText(text[:0], html)
					return add(n, document(all[n], text))
				})
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
	switch {
	case r.Schema.Find == "first":
		d.Rank = search.Name
	case r.Schema.Find == "last" || r.Schema.Find == "" && r.Schema.Rows:
		d.Rank = search.Row
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
		if f.Search && (f.Role == content.OtherNames || f.Role == content.FormerNames) {
			d.Also = r.Texts(d.Also, v)
		} else if f.Search && f.Ordinal != 0 {
			d.Fields = r.Texts(d.Fields, v)
		}
	}
	// A name is found in its plain writing too, however a list pads it.
	for _, text := range d.Fields {
		d.Fields = append(d.Fields, han.Padded([]byte(text))...)
	}
	for _, name := range han.Padded(body) {
		d.Body = append(append(d.Body, '\n'), name...)
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
