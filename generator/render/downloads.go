package render

import (
	"bytes"
	"encoding/csv"

	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/page"
	"gongzhi/generator/site"
)

// routeDownloads lays out the collections as files for other programs, below data/: CSV, JSON, and one description of
// them all.
func (g *Generation) routeDownloads(l *layout) {
	s := g.Site
	any := false
	for _, c := range s.Collections {
		if !page.Downloads(c) {
			continue
		}
		any = true
		l.file("data/"+c.Key+".csv", c.Label+"的数据", func(b *bytes.Buffer) error {
			b.Write(g.dataset(c).CSV())
			return nil
		})
		l.file("data/"+c.Key+".json", c.Label+"的数据", func(b *bytes.Buffer) error {
			out, err := g.dataset(c).JSON()
			b.Write(out)
			return err
		})
	}
	if page.HasCross(s) {
		l.file("data/cross.csv", "交叉表的数据", func(b *bytes.Buffer) error {
			b.WriteString("\ufeff")
			w := csv.NewWriter(b)
			for _, row := range s.CrossTable() {
				for i := range row {
					row[i] = dataset.Inert(row[i])
				}
				w.Write(row) // into memory
			}
			w.Flush()
			return w.Error()
		})
		l.file("data/cross.xlsx", "交叉表的数据", func(b *bytes.Buffer) error {
			out, err := dataset.XLSX("荣誉、年份与地区", s.CrossTable())
			b.Write(out)
			return err
		})
	}
	if !any {
		return
	}
	l.file("data/datapackage.json", "数据的说明", func(b *bytes.Buffer) error {
		var all []dataset.Described
		for _, c := range s.Collections {
			if page.Downloads(c) {
				all = append(all, dataset.Described{Table: g.dataset(c), CSV: c.Key + ".csv", JSON: c.Key + ".json"})
			}
		}
		out, err := dataset.Package("gongzhi-archive", s.Settings.Title, s.Settings.BaseURL, all)
		b.Write(out)
		return err
	})
}

// dataset is a collection as readers may have it: what is published of it, with what records inherit.
func (g *Generation) dataset(c *site.Collection) *dataset.Table {
	records := make([]*content.Record, len(c.Records))
	at := make(map[*content.Record]*site.Record, len(c.Records))
	for i, r := range c.Records {
		records[i] = r.Record
		at[r.Record] = r
	}
	return dataset.New(c.Schema, records, dataset.Options{
		Whole: true,
		Name: func(r *content.Record, v *content.Value) string {
			if to := at[r].Target(v); to != nil {
				return to.Title
			}
			return ""
		},
		Skip: func(f *content.Field) bool {
			switch f.Role {
			case content.DraftFlag, content.PublishOn, content.ExpireOn, content.OldURLs, content.PublicReason:
				return true
			}
			return false
		},
	})
}
