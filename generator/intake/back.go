package intake

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/docx"
	"gongzhi/generator/manuscript"
	"gongzhi/generator/markdown"
	"gongzhi/generator/plan"
)

// Export writes a record as a Word file for review. links are where the links of its body lead, in the order of its
// Refs; nil if that is not known. Notes say what is not in the file.
func Export(source fs.FS, set *content.Set, r *content.Record, links []markdown.Resolved) (file []byte, notes []string, err error) {
	if r.Row {
		return nil, nil, fmt.Errorf("%s 是表格里的一行，没有正文：请导出成 xlsx", r.Key())
	}
	src, err := fs.ReadFile(source, r.Path)
	if err != nil {
		return nil, nil, err
	}
	doc := content.ParseDocument(r.Path, src, r.Schema)
	if len(doc.Faults()) > 0 {
		return nil, nil, fmt.Errorf("%s", doc.Faults()[0].Text)
	}
	body, _ := markdown.Convert(r.Path, []byte(doc.Body()), 1)
	v := manuscript.Review{Title: r.Title, Lead: r.Text(content.LeadTitle), Subtitle: r.Text(content.Subtitle), Body: &body, Link: links, Sources: sources(set, r)}
	for _, f := range []*content.Field{r.Schema.Date, r.Schema.Role(content.Publisher), r.Schema.Role(content.Author)} {
		if f == nil {
			continue
		}
		if x := r.Value(f); x != nil {
			v.Fields = append(v.Fields, f.Label+"："+shownValue(x))
		}
	}
	front := bytes.TrimSuffix(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), []byte(doc.Body()))
	v.Record = append([]byte(r.Schema.Key+"/"+r.ID+"\n"), front...)
	v.Picture = func(target string) ([]byte, error) {
		a, ok := assetAt(set, r.Path, target)
		if !ok {
			return nil, fmt.Errorf("没有这个文件")
		}
		if a.Size > docx.MaxPicture {
			return nil, fmt.Errorf("太大了（%d MB）", a.Size>>20)
		}
		return fs.ReadFile(source, a.File)
	}
	d, said := v.Document()
	for _, m := range said {
		notes = append(notes, m.Text)
	}
	if strings.Contains(doc.Body(), "<!--") {
		notes = append(notes, "正文里的 <!-- 注释 --> 不在文稿里；文稿改过正文再导入，注释会丢")
	}
	var b bytes.Buffer
	if err := docx.Write(&b, d); err != nil {
		return nil, nil, err
	}
	return b.Bytes(), notes, nil
}

func assetAt(set *content.Set, from, target string) (content.Asset, bool) {
	if u, err := url.PathUnescape(target); err == nil {
		if a, ok := set.Asset(path.Join(path.Dir(from), u)); ok {
			return a, true
		}
		target = u
	}
	if strings.HasPrefix(target, "/") {
		return set.Asset("content" + path.Clean(target))
	}
	return set.Asset(path.Join(path.Dir(from), target))
}

func shownValue(v *content.Value) string {
	if len(v.Items) == 0 {
		if v.Date != nil {
			return v.Date.Chinese()
		}
		return v.Text
	}
	var parts []string
	for i := range v.Items {
		parts = append(parts, shownValue(&v.Items[i]))
	}
	return strings.Join(parts, "、")
}

// sources lists what a record's notes say, a line each.
func sources(set *content.Set, r *content.Record) []string {
	var out []string
	for _, f := range r.Schema.Fields {
		v := r.Value(f)
		if !f.Notes || v == nil {
			continue
		}
		items := v.Items
		if len(items) == 0 {
			items = []content.Value{*v}
		}
		for _, item := range items {
			var parts []string
			for i := range item.Parts {
				part := &item.Parts[i]
				text := shownValue(part)
				if part.Field.Type == content.RefType {
					text = titleOf(set, part.Field, text)
				} else if text != "" {
					text = part.Field.Label + "：" + text
				}
				if text != "" {
					parts = append(parts, text)
				}
			}
			out = append(out, strings.Join(parts, "；"))
		}
	}
	return out
}

// titleOf is the title of a record that a value names, or the value.
func titleOf(set *content.Set, f *content.Field, text string) string {
	for _, x := range set.Records {
		for _, to := range f.To {
			if x.Schema.Key == to && (strings.EqualFold(x.ID, text) || strings.EqualFold(x.Key(), text)) {
				return x.Title
			}
		}
	}
	return text
}

// back works a file that Export made into the record that it was made from.
func (r *reader) back(d *docx.Document, in *plan.Input, row *plan.Row) {
	w := r.origin(d, row)
	if w == nil {
		return
	}
	w.in, w.row, w.d = in, row, d
	body := manuscript.Return(d)
	if !w.gone && strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(string(w.old), "\r\n", "\n"), w.doc.Body())) != strings.TrimSpace(w.front) {
		r.note(in, 1, "导出以后，记录的字段又改过：字段照现在的记录，正文照文稿")
	}
	if x := w.record; x != nil {
		w.change(r.schema.Fields[0], oneSpace(x.Title), oneSpace(body.Title))
		w.change(r.schema.Role(content.LeadTitle), oneSpace(x.Text(content.LeadTitle)), oneSpace(body.Lead))
		w.change(r.schema.Role(content.Subtitle), oneSpace(x.Text(content.Subtitle)), oneSpace(body.Subtitle))
	}
	for _, e := range r.fixed {
		w.edits = append(w.edits, e)
		if s, ok := e.(content.SetField); ok {
			row.Changes = append(row.Changes, plan.Change{Field: r.schema.Field(s.Path.String()).Label, New: shownSetting(s.Value)})
		}
	}
	text := w.body(body.Body)
	r.said(d, text.Messages, nil, in)
	if len(w.edits) == 0 && !w.gone {
		row.Action, row.Reason = plan.Unchanged, "和现在的记录一样"
		return
	}
	if err := w.doc.Apply(w.edits...); err != nil {
		row.Action, row.Reason = plan.Refused, err.Error()
		return
	}
	f := plan.File{Path: w.name, After: w.doc.Bytes()}
	row.Action, row.Reason = plan.Create, "原来的记录已经不在，照文稿新建"
	if !w.gone {
		f.Before = plan.Digest(w.old)
		row.Action, row.Reason = plan.Update, "送审的文稿改过"
	}
	r.draft.Files = append(r.draft.Files, f)
	r.checked(w.name, f.After, in)
}

// returning is a record, and the edits that a file which comes back makes to it.
type returning struct {
	r      *reader
	d      *docx.Document
	in     *plan.Input
	row    *plan.Row
	name   string          // of the record's file
	record *content.Record // nil: there is none any more, or it has faults
	old    []byte          // the file; of a record that is gone, its front matter as it was exported
	gone   bool
	front  string // as it was exported
	doc    *content.Document
	edits  []content.Edit
}

// origin finds the record that a file was made from. Where it can't be worked into it, the row says why and nil is given.
func (r *reader) origin(d *docx.Document, row *plan.Row) *returning {
	key, front, _ := strings.Cut(string(d.Record), "\n")
	collection, id, ok := strings.Cut(key, "/")
	if !ok || content.CheckID(id) != "" {
		row.Action, row.Reason = plan.Refused, "这份文稿说是从记录导出的，但读不出是哪一条：请把文字复制到新的文稿再导入"
		return nil
	}
	row.ID = key
	if collection != r.schema.Key {
		row.Action, row.Reason = plan.Refused, fmt.Sprintf("这份文稿是从 %s 导出的，请导入到 %s", key, collection)
		return nil
	}
	w := &returning{r: r, name: r.schema.Folder() + "/" + id + ".md", front: front}
	for _, x := range r.set.Records {
		if strings.EqualFold(x.Key(), key) && !x.Row {
			w.name, w.record = x.Path, x
		}
	}
	old, err := fs.ReadFile(r.source, w.name)
	w.old, w.gone = old, err != nil
	if w.gone {
		w.old = []byte(front)
	}
	w.doc = content.ParseDocument(w.name, w.old, r.schema)
	if len(w.doc.Faults()) > 0 {
		row.Action, row.Reason = plan.Refused, "原来的记录有错误，改不了："+w.doc.Faults()[0].Text
		return nil
	}
	return w
}

// change gives a field what the file says, where that differs.
func (w *returning) change(f *content.Field, was, now string) {
	if f == nil || was == now {
		return
	}
	if now == "" {
		if f.Ordinal == 0 {
			w.r.note(w.in, 1, "文稿里没有标题了，仍用原来的“%s”", was)
			return
		}
		w.edits = append(w.edits, content.RemoveField{Path: content.At(f.Key)})
	} else {
		w.edits = append(w.edits, content.SetField{Path: content.At(f.Key), Value: now})
	}
	w.row.Changes = append(w.row.Changes, plan.Change{Field: f.Label, Old: was, New: now})
}

// body makes the text of the record of that of the file, and where it says something else an edit, with the files of pictures that are new.
func (w *returning) body(blocks []docx.Block) manuscript.Text {
	r, doc := w.r, w.doc
	var added []plan.File
	text := manuscript.Markdown(w.d, blocks, w.pictures(blocks, &added))
	was, _ := markdown.Convert(w.name, []byte(doc.Body()), 1)
	now, _ := markdown.Convert(w.name, []byte(text.Body), 1)
	changed := !manuscript.Same(&was, &now)
	if changed || w.gone {
		w.edits = append(w.edits, content.SetBody{Text: "\n" + text.Body})
		r.draft.Files = append(r.draft.Files, added...)
	}
	if changed {
		w.row.Changes = append(w.row.Changes, plan.Change{Field: "正文", Old: fmt.Sprintf("%d 字", was.Chars), New: fmt.Sprintf("%d 字", now.Chars)})
		if strings.Contains(doc.Body(), "<!--") {
			r.note(w.in, 1, "原来的正文里有 <!-- 注释 -->，改写以后没有了：要留的请补上")
		}
	}
	return text
}

// pictures gives a function that names a picture of the file: as the record does, if it is the same; else it becomes a file beside the record.
func (w *returning) pictures(blocks []docx.Block, added *[]plan.File) func(i int) string {
	r := w.r
	pictures := r.usable(w.d, blocks, w.in)
	targets := map[int]string{}
	note := func(p *docx.Paragraph) {
		for _, s := range p.Spans {
			if s.Kind == docx.PictureOf && targets[s.Index] == "" {
				targets[s.Index] = s.Name
			}
		}
	}
	docx.Walk(blocks, note)
	for _, n := range w.d.Notes {
		docx.Walk(n.Blocks, note)
	}
	names := map[int]string{}
	return func(i int) string {
		if names[i] != "" {
			return names[i]
		}
		if a, ok := assetAt(r.set, w.name, targets[i]); ok && targets[i] != "" {
			if b, err := fs.ReadFile(r.source, a.File); err == nil && bytes.Equal(b, pictures[i].data) {
				names[i] = targets[i]
				return names[i]
			}
		}
		base := strings.TrimSuffix(path.Base(w.name), path.Ext(w.name))
		for n := 1; ; n++ {
			file := fmt.Sprintf("%s-%d%s", base, n, pictures[i].ext)
			full := path.Dir(w.name) + "/" + file
			if _, err := fs.Stat(r.source, full); err == nil || r.taken[full] {
				continue
			}
			r.taken[full] = true
			names[i] = file
			*added = append(*added, plan.File{Path: full, After: pictures[i].data})
			return file
		}
	}
}

// oneSpace brings a title into the form that it has after it was in a word processor.
func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
