// Package moves gives a record another identity: its file or row is renamed, and every place of the archive that
// speaks of it by its id, be it a value of a field or a link in a text, is changed with it, byte by byte, through
// content.Document. Its old address stays an alias.
//
// What comes of it is a plan.Draft. Before there is one, the archive is read as it would be then: a place that no
// longer leads to the record, or a fault that was not there before, makes the whole be refused. So what can't be
// renamed by itself (a link into a view, for one) is said and not broken.
package moves

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
	"gongzhi/generator/plan"
	"gongzhi/generator/site"
)

// Archive is an archive that was read and joined, records that are not published with it.
type Archive struct {
	Site  *site.Site
	Diags diag.List
}

// Command is the word by which plans of this package are known.
const Command = "rename"

// Args are what Rename needs to be done again.
type Args struct {
	From string `json:"from"` // collection/id
	To   string `json:"to"`   // the new id
}

// change is the work on one archive.
type change struct {
	source fs.FS
	before Archive
	docs   map[string]*content.Document
	olds   map[string][]byte
	rows   []plan.Row
	oldID  string
	newID  string
	key    string // of the collection
	always bool   // links to the record by its name are written with its id, too,
	ids    bool   // and so are values that are its name,
	label  bool   // and a link goes on showing the name that it had
}

// begin reads the archive and finds the record that a change is about.
func begin(source fs.FS, name string, read func(fs.FS) (Archive, error)) (*change, *site.Record, error) {
	before, err := read(source)
	if err != nil {
		return nil, nil, err
	}
	rec, err := find(before.Site, name)
	if err != nil {
		return nil, nil, err
	}
	return &change{source: source, before: before, docs: map[string]*content.Document{}, olds: map[string][]byte{}, oldID: rec.ID, key: rec.Schema.Key}, rec, nil
}

// Rename makes the draft of giving a record another id. read reads an archive; it is called for the source as it is
// and as it would be. An error says in Chinese why it can't be done.
func Rename(source fs.FS, args Args, read func(fs.FS) (Archive, error)) (plan.Draft, error) {
	var none plan.Draft
	c, rec, err := begin(source, args.From, read)
	if err != nil {
		return none, err
	}
	if c.newID, err = c.checkNew(rec, args.To); err != nil {
		return none, err
	}
	pointing := c.before.Site.Pointing(rec)
	if err := c.references(pointing); err != nil {
		return none, err
	}
	moved, err := c.record(rec)
	if err != nil {
		return none, err
	}
	files := c.files(rec, moved)
	if err := c.compare(rec, files, len(pointing), read); err != nil {
		return none, err
	}
	kept, err := json.Marshal(Args{From: c.key + "/" + c.oldID, To: c.newID})
	if err != nil {
		return none, err
	}
	for i := range c.rows {
		c.rows[i].Row = i + 1
	}
	return plan.Draft{Command: Command, Args: kept, Rows: c.rows, Files: files}, nil
}

// find finds the record of collection/id, in any letter case, the collection by its label too.
func find(s *site.Site, name string) (*site.Record, error) {
	collection, id, ok := strings.Cut(norm.NFC.String(strings.Trim(name, "/")), "/")
	if !ok || id == "" {
		return nil, fmt.Errorf("“%s”不是一条记录。要写“类目/编号”，如 people/zhang-san", name)
	}
	schema := content.FindSchema(s.Set.Schemas, collection)
	if schema == nil {
		return nil, fmt.Errorf("没有“%s”这个类目", collection)
	}
	var ids []string
	for _, c := range s.Collections {
		if c.Key != schema.Key {
			continue
		}
		for _, r := range c.Records {
			if strings.EqualFold(r.ID, id) {
				return r, nil
			}
			ids = append(ids, r.ID)
		}
	}
	hint := ""
	if near := diag.NearestOf(id, ids, func(c string) bool { return han.SameKind(id, c) }); near != "" {
		hint = "，是不是“" + schema.Key + "/" + near + "”？"
	}
	return nil, fmt.Errorf("%s里没有编号是“%s”的记录%s", schema.Label, id, hint)
}

// checkNew looks at the new id.
func (c *change) checkNew(rec *site.Record, to string) (string, error) {
	id := norm.NFC.String(strings.TrimSpace(to))
	for _, name := range slices.Concat([]string{rec.Schema.Key, rec.Schema.Label}, rec.Schema.Also, rec.Schema.Folders) {
		id = strings.TrimPrefix(id, name+"/")
	}
	if !rec.Row {
		id = strings.TrimSuffix(id, path.Ext(rec.Path))
	}
	if bad := content.CheckID(id); bad != "" {
		return "", fmt.Errorf("“%s”不能作编号：%s", to, strings.TrimRight(bad, "。"))
	}
	if strings.ContainsFunc(id, func(r rune) bool { return r == '[' || r == ']' || r == '|' || unicode.IsControl(r) }) {
		return "", fmt.Errorf("“%s”不能作编号：有 [ ] | 之一，链接里写不了", to)
	}
	if id == rec.ID {
		return "", fmt.Errorf("编号本来就是“%s”", id)
	}
	for _, other := range c.before.Site.Set.Records {
		if other.Schema == rec.Schema && strings.EqualFold(other.ID, id) && !strings.EqualFold(other.ID, rec.ID) {
			return "", fmt.Errorf("已经有编号是“%s”的记录：%s:%d。请另取一个", other.ID, other.Path, other.Line)
		}
	}
	return id, nil
}

// doc opens a file once.
func (c *change) doc(r *content.Record) (*content.Document, error) {
	if d := c.docs[r.Path]; d != nil {
		return d, nil
	}
	src, err := fs.ReadFile(c.source, r.Path)
	if err != nil {
		return nil, fmt.Errorf("读不了 %s：%w", r.Path, err)
	}
	d := content.ParseDocument(r.Path, src, r.Schema)
	c.docs[r.Path], c.olds[r.Path] = d, src
	return d, nil
}

// swap is one text in the place of another.
type swap struct{ old, new string }

// references changes what leads to the record by its id. What leads to it by its title goes on doing so.
func (c *change) references(pointing []site.Pointer) error {
	fields, bodies := c.swaps(pointing)
	// In a text the last first, so that the places of the others stay.
	slices.SortStableFunc(bodies, func(a, b spot) int {
		if a.line != b.line {
			return b.line - a.line
		}
		return b.col - a.col
	})
	for _, at := range bodies {
		d, err := c.doc(at.record)
		if err != nil {
			return err
		}
		s := at.swaps[0]
		if err := d.Apply(content.ReplaceInBody{Line: at.line, Col: at.col, Old: s.old, New: s.new}); err != nil {
			return err
		}
		c.row(at.record, "正文", s.old, s.new)
	}
	return c.values(fields)
}

// spot is a place where something leads to the record, and what changes there.
type spot struct {
	record    *content.Record
	line, col int
	swaps     []swap
}

// swaps finds the places that change: values of fields and bodies of rows, and links in texts.
func (c *change) swaps(pointing []site.Pointer) (fields, bodies []spot) {
	type place struct {
		record    *content.Record
		line, col int
	}
	fieldAt, bodyAt := map[place]int{}, map[place]int{}
	add := func(list []spot, known map[place]int, at place) ([]spot, *spot) {
		i, ok := known[at]
		if !ok {
			i = len(list)
			known[at] = i
			list = append(list, spot{record: at.record, line: at.line, col: at.col})
		}
		return list, &list[i]
	}
	for _, p := range pointing {
		var s swap
		if p.Ref == nil {
			s = swap{p.Value.Text, c.renamed(p.Value.Text)}
		} else {
			s = c.link(p)
		}
		if s = c.named(p, s); s.old == s.new {
			continue
		}
		at := place{record: p.From}
		if v := p.Value; v != nil {
			at.line, at.col = int(v.Line), int(v.Col)
		} else {
			at.line, at.col = p.Ref.Pos.Line, p.Ref.Pos.Col
		}
		var here *spot
		if p.Value == nil && !p.From.Row {
			bodies, here = add(bodies, bodyAt, at)
			here.swaps = []swap{s}
			continue
		}
		if p.Ref != nil {
			s = swap{linkMark + s.old, s.new}
		}
		if fields, here = add(fields, fieldAt, at); !slices.Contains(here.swaps, s) {
			here.swaps = append(here.swaps, s)
		}
	}
	return fields, bodies
}

// values changes values in front matter, and cells.
func (c *change) values(fields []spot) error {
	type cellKey struct {
		path   string
		row    int
		column string
	}
	cells := map[cellKey]string{}
	var edits []cellKey
	for _, at := range fields {
		d, err := c.doc(at.record)
		if err != nil {
			return err
		}
		if !d.IsTable() {
			p, text, ok := d.PathAt(at.line, at.col)
			if !ok {
				return fmt.Errorf("%s:%d:%d: 这里指到这条记录，可是程序改不了这种写法。请先手工改写", at.record.Path, at.line, at.col)
			}
			after := replaced(text, at.swaps, false)
			if err := d.Apply(content.SetField{Path: p, Value: after}); err != nil {
				return err
			}
			c.row(at.record, p.String(), text, after)
			continue
		}
		row, column, text, ok := d.CellAt(at.line, at.col)
		if !ok {
			return fmt.Errorf("%s:%d:%d: 这里指到这条记录，可是程序找不到这一格。请先手工改写", at.record.Path, at.line, at.col)
		}
		key := cellKey{at.record.Path, row, column}
		if done, ok := cells[key]; ok {
			text = done
		} else {
			edits = append(edits, key)
		}
		after := replaced(text, at.swaps, true)
		if after != text {
			c.row(at.record, column, text, after)
		}
		cells[key] = after
	}
	byPath := map[string][]content.Edit{}
	for _, k := range edits {
		byPath[k.path] = append(byPath[k.path], content.SetCell{Row: k.row, Column: k.column, Text: cells[k]})
	}
	for p, list := range byPath {
		if err := c.docs[p].Apply(list...); err != nil {
			return err
		}
	}
	return nil
}

// linkMark marks a swap inside of a text with links. No text has it.
const linkMark = "\x00"

// replaced does swaps in a value: whole items of it, or the targets of links in it.
func replaced(text string, swaps []swap, cell bool) string {
	for _, s := range swaps {
		if old, ok := strings.CutPrefix(s.old, linkMark); ok {
			for _, around := range [][2]string{{"[[", "]]"}, {"[[", "|"}, {"[[", "#"}, {"](", ")"}, {"](", "#"}, {"](", " "}, {"](<", ">"}, {"](<", "#"}} {
				text = strings.ReplaceAll(text, around[0]+old+around[1], around[0]+s.new+around[1])
			}
			continue
		}
		if !cell {
			if strings.TrimSpace(text) == s.old || norm.NFC.String(strings.TrimSpace(text)) == s.old {
				text = s.new
			}
			continue
		}
		text = items(text, s)
	}
	return text
}

// items exchanges the items of a cell that are a text.
func items(text string, s swap) string {
	var b strings.Builder
	begin := 0
	flush := func(end int) {
		item := text[begin:end]
		if trimmed := strings.TrimSpace(item); norm.NFC.String(trimmed) == s.old {
			at := strings.Index(item, trimmed)
			b.WriteString(item[:at] + s.new + item[at+len(trimmed):])
		} else {
			b.WriteString(item)
		}
	}
	for i, r := range text {
		if strings.ContainsRune("；;\n", r) {
			flush(i)
			b.WriteRune(r)
			begin = i + len(string(r))
		}
	}
	flush(len(text))
	return b.String()
}

// renamed gives a reference as it is then: with its collection if it was written with it.
func (c *change) renamed(text string) string {
	if strings.EqualFold(text, c.oldID) {
		return c.newID
	}
	if head, rest, ok := strings.Cut(text, "/"); ok && strings.EqualFold(head, c.key) && strings.EqualFold(rest, c.oldID) {
		return head + "/" + c.newID
	}
	return text
}

// link gives the target of a link before and then. One that names no id stays.
func (c *change) link(p site.Pointer) swap {
	ref := p.Ref
	old := ref.Target
	if ref.Kind == markdown.Wiki {
		if s := c.renamed(strings.Trim(old, "/")); s != strings.Trim(old, "/") {
			return swap{old, strings.Replace(old, strings.Trim(old, "/"), s, 1)}
		}
		return swap{old, old}
	}
	target := old
	if t, err := url.PathUnescape(old); err == nil {
		target = norm.NFC.String(t)
	}
	// The part of the target that is the id, with what stands before and behind it.
	lower, id := strings.ToLower(target), strings.ToLower(c.oldID)
	trimmed := strings.TrimRight(lower, "/")
	for _, end := range []string{"/index.md", "/index.html", ".md", ".markdown", ""} {
		stem, ok := strings.CutSuffix(trimmed, end)
		if !ok {
			continue
		}
		written, fresh := c.oldID, c.newID
		if !strings.HasSuffix(stem, id) {
			// From within a folder of the collection the last part alone.
			written, fresh = path.Base(c.oldID), path.Base(c.newID)
			if path.Dir(c.oldID) != path.Dir(c.newID) || !strings.HasSuffix(stem, strings.ToLower(written)) {
				continue
			}
		}
		head := target[:len(stem)-len(written)]
		if len(stem) > len(target) || head != "" && !strings.HasSuffix(head, "/") {
			continue
		}
		tail := target[len(stem):]
		if old == target {
			return swap{old, head + fresh + tail}
		}
		return swap{old, (&url.URL{Path: head + fresh + tail}).EscapedPath()}
	}
	return swap{old, old}
}

// row notes a change for people.
func (c *change) row(r *content.Record, field, old, new string) {
	id := r.Schema.Key + "/" + r.ID
	ch := plan.Change{Field: field, Old: old, New: new}
	for i := range c.rows {
		if c.rows[i].ID == id {
			if !slices.Contains(c.rows[i].Changes, ch) {
				c.rows[i].Changes = append(c.rows[i].Changes, ch)
			}
			return
		}
	}
	c.rows = append(c.rows, plan.Row{File: r.Path, Action: plan.Update, ID: id, Reason: "指到改名的记录", Changes: []plan.Change{ch}})
}

// record changes the record itself: its id if it is a row, and its old addresses. It gives where its file goes; the
// same path for a row.
func (c *change) record(rec *site.Record) (string, error) {
	r := rec.Own()
	d, err := c.doc(r)
	if err != nil {
		return "", err
	}
	var olds []string // addresses
	f := r.Schema.Role(content.OldURLs)
	if f != nil {
		for i := range r.Values {
			if v := &r.Values[i]; v.Field == f {
				v.Each(func(v *content.Value) { olds = append(olds, v.Text) })
			}
		}
	}
	address := "/" + c.key + "/" + c.oldID + "/"
	back := slices.IndexFunc(olds, func(s string) bool {
		return strings.EqualFold(strings.Trim(s, "/"), c.key+"/"+c.newID)
	})
	wanted := f != nil && !r.Schema.Rows && !strings.EqualFold(c.oldID, c.newID)
	if r.Row {
		return r.Path, c.ofRow(d, r, f, address, olds, back, wanted)
	}
	base := path.Base(r.Path)
	ext := path.Ext(r.Path)
	moved := strings.Join(strings.SplitN(r.Path, "/", 3)[:2], "/") + "/" + c.newID + ext // the collection's folder may have another name
	if strings.EqualFold(strings.TrimSuffix(base, ext), "index") && !strings.HasSuffix(strings.ToLower(c.oldID), "/index") && !strings.EqualFold(c.oldID, "index") {
		return "", fmt.Errorf("%s 和它的附件放在一个文件夹里。请在文件管理器里给文件夹改名，再把 %s 写进旧网址（aliases）", r.Path, address)
	}
	if path.Dir(moved) != path.Dir(r.Path) {
		if at, ok := relative(r); ok {
			return "", fmt.Errorf("%s:%d:%d: 这条记录用相对路径指到“%s”，换文件夹以后就找不到了。请先把它改成以 / 开头的路径", r.Path, at.Pos.Line, at.Pos.Col, at.Target)
		}
	}
	if _, err := fs.Stat(c.source, moved); err == nil && !strings.EqualFold(moved, r.Path) {
		return "", fmt.Errorf("已经有文件 %s", moved)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	change := plan.Row{File: r.Path, Action: plan.Update, ID: c.key + "/" + c.oldID, Reason: "改名", Changes: []plan.Change{{Field: "编号", Old: c.oldID, New: c.newID}}}
	if back >= 0 {
		p := content.At(f.Key, back)
		if len(olds) == 1 {
			p = content.At(f.Key)
		}
		if err := d.Apply(content.RemoveField{Path: p}); err != nil {
			return "", err
		}
		olds = slices.Delete(olds, back, back+1)
	}
	if wanted {
		v := any([]string{address})
		p := content.At(f.Key)
		if len(olds) > 0 {
			p, v = content.At(f.Key, len(olds)), address
		}
		if err := d.Apply(content.SetField{Path: p, Value: v}); err != nil {
			return "", err
		}
		change.Changes = append(change.Changes, plan.Change{Field: f.Label, New: address})
	}
	c.first(change)
	return moved, nil
}

// first puts the record's own row before the others, with what else changes in it.
func (c *change) first(own plan.Row) {
	rest := c.rows[:0:0]
	for _, r := range c.rows {
		if r.ID == own.ID {
			own.Changes = append(own.Changes, r.Changes...)
		} else {
			rest = append(rest, r)
		}
	}
	c.rows = append([]plan.Row{own}, rest...)
}

// ofRow renames a row of a table.
func (c *change) ofRow(d *content.Document, r *content.Record, f *content.Field, address string, olds []string, back int, wanted bool) error {
	column := d.Column("id")
	if column < 0 {
		return fmt.Errorf("%s: 找不到编号一列", r.Path)
	}
	row, _, _, ok := d.CellAt(r.Line, 1)
	if !ok {
		return fmt.Errorf("%s:%d: 找不到这一行", r.Path, r.Line)
	}
	name := d.Columns()[column]
	edits := []content.Edit{content.SetCell{Row: row, Column: name, Text: c.newID}}
	change := plan.Row{File: r.Path, Action: plan.Update, ID: c.key + "/" + c.oldID, Reason: "改名", Changes: []plan.Change{{Field: name, Old: c.oldID, New: c.newID}}}
	if back >= 0 {
		olds = slices.Delete(olds, back, back+1)
	}
	if wanted {
		olds = append(olds, address)
		change.Changes = append(change.Changes, plan.Change{Field: f.Label, New: address})
	}
	if wanted || back >= 0 {
		to := f.Label
		if name == "id" {
			to = f.Key
		}
		if i := d.Column(f.Key); i >= 0 {
			to = d.Columns()[i]
		} else {
			edits = append(edits, content.AddColumn{Column: to})
		}
		edits = append(edits, content.SetCell{Row: row, Column: to, Text: strings.Join(olds, "；")})
	}
	if err := d.Apply(edits...); err != nil {
		return err
	}
	c.first(change)
	return nil
}

// relative finds a link of a record that is counted from its file.
func relative(r *content.Record) (*markdown.Ref, bool) {
	var found *markdown.Ref
	look := func(b *markdown.Body) {
		for i := range b.Refs {
			if ref := &b.Refs[i]; found == nil && ref.Kind != markdown.Wiki && ref.Target != "" && !strings.HasPrefix(ref.Target, "/") {
				found = ref
			}
		}
	}
	look(r.Body)
	r.Each(func(v *content.Value) {
		if v.Body != nil {
			look(v.Body)
		}
		if (v.Field.Type == content.Image || v.Field.Type == content.FileType) && found == nil && v.Text != "" && !strings.HasPrefix(v.Text, "/") {
			found = &markdown.Ref{Target: v.Text, Pos: r.At(v)}
		}
	})
	return found, found != nil
}

// files are what changes on the disk.
func (c *change) files(rec *site.Record, moved string) []plan.File {
	var files []plan.File
	own := rec.Own().Path
	for p, d := range c.docs {
		before := plan.Digest(c.olds[p])
		switch {
		case p == own && moved != own:
			files = append(files, plan.File{Path: p, Before: before, Delete: true}, plan.File{Path: moved, After: d.Bytes()})
		case string(d.Bytes()) != string(c.olds[p]):
			files = append(files, plan.File{Path: p, Before: before, After: d.Bytes()})
		}
	}
	slices.SortFunc(files, func(a, b plan.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// compare reads the archive as it would be and refuses what would break something.
func (c *change) compare(rec *site.Record, files []plan.File, pointing int, read func(fs.FS) (Archive, error)) error {
	after, err := read(overlay(c.source, files))
	if err != nil {
		return err
	}
	if m, ok := newError(c.before, after, strings.NewReplacer(c.key+"/"+c.oldID, c.key+"/"+c.newID)); ok {
		return fmt.Errorf("改名以后会有新的错误，所以没有做方案。请先改好这里：%s", m)
	}
	to, err := find(after.Site, c.key+"/"+c.newID)
	if err != nil {
		return fmt.Errorf("改名以后读不到这条记录：%w", err)
	}
	if to.Title != rec.Title {
		return fmt.Errorf("改名以后题名会从“%s”变成“%s”，所以没有做方案", rec.Title, to.Title)
	}
	if now := after.Site.Pointing(to); len(now) != pointing {
		return fmt.Errorf("指到这条记录的有 %d 处，改名以后只有 %d 处，所以没有做方案", pointing, len(now))
	}
	return nil
}

// newError finds an error of an archive that was not there before. Messages are compared by what they say, since lines have
// moved; old is the writing of what was renamed.
func newError(before, after Archive, old *strings.Replacer) (diag.Message, bool) {
	count := map[string]int{}
	for _, m := range before.Diags {
		if m.Severity == diag.Error {
			count[m.ID+"\x00"+old.Replace(m.Text)]++
		}
	}
	for _, m := range after.Diags {
		if m.Severity != diag.Error {
			continue
		}
		k := m.ID + "\x00" + old.Replace(m.Text)
		if count[k]--; count[k] < 0 {
			return m, true
		}
	}
	return diag.Message{}, false
}
