package content

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

// change is one edit of front matter on its way: where things stand now, and what is to be read afterwards.
type change struct {
	d       *Document
	top     *spanned // nil if there is no front matter, or nothing in it
	copies  map[*yaml.Node]*yaml.Node
	want    *yaml.Node
	splices []splice
	print   printer
}

// newChange traces the front matter.
func newChange(d *Document, flat bool) (*change, error) {
	if err := d.editable(false); err != nil {
		return nil, err
	}
	c := &change{d: d, copies: map[*yaml.Node]*yaml.Node{}, print: printer{step: 2, flat: flat}}
	if d.root == nil {
		return c, nil
	}
	c.want = c.copyOf(d.root)
	top, err := trace(d.root, d.text[d.blockAt:d.blockEnd])
	if err != nil {
		return nil, d.refuse(d.blockAt, "edit/refused", "文件没有改动：开头的字段里有本程序分不清起止的写法，请手工修改。")
	}
	c.top = top
	return c, nil
}

// copyOf copies a tree; an alias stays the name that it is.
func (c *change) copyOf(n *yaml.Node) *yaml.Node {
	m := *n
	m.Alias = nil
	m.Content = make([]*yaml.Node, len(n.Content))
	for i, k := range n.Content {
		m.Content[i] = c.copyOf(k)
	}
	c.copies[n] = &m
	return &m
}

// text is the front matter.
func (c *change) text() []byte { return c.d.text[c.d.blockAt:c.d.blockEnd] }

// put replaces bytes of the front matter.
func (c *change) put(start, end int, text string) {
	c.splices = append(c.splices, splice{c.d.blockAt + start, c.d.blockAt + end, text})
}

// refuse is Document.refuse at a place of the front matter.
func (c *change) refuse(at int, format string, args ...any) error {
	return c.d.refuse(max(c.d.blockAt, 0)+at, "edit/refused", "文件没有改动："+format, args...)
}

// done splices, and compares.
func (c *change) done(at int) error {
	if len(c.splices) == 0 {
		return nil
	}
	return c.d.replace(c.splices, c.want, c.d.body, max(c.d.blockAt, 0)+at)
}

// sameField tells whether a key of the file is the field that a step names: the same word, or another name of the
// same field of the schema. find is nil where no schema is known.
func sameField(find func(string) *Field, written, step string) bool {
	if written == step || norm.NFC.String(written) == norm.NFC.String(step) {
		return true
	}
	if find == nil {
		return false
	}
	f := find(written)
	return f != nil && f == find(step)
}

// finder gives how names of a mapping's fields are known: those of the schema, then those of a field of it.
func (d *Document) finder(p Path) func(string) *Field {
	if d.schema == nil {
		return nil
	}
	find := d.schema.Field
	for _, s := range p {
		name, ok := s.(string)
		if !ok {
			continue
		}
		f := find(name)
		if f == nil || len(f.Fields) == 0 {
			return nil
		}
		find = f.Field
	}
	return find
}

// field gives the field of the schema that a path leads to; nil if none is known.
func (d *Document) field(p Path) *Field {
	find, f := d.finder(nil), (*Field)(nil)
	for _, s := range p {
		name, ok := s.(string)
		if !ok {
			continue
		}
		if find == nil {
			return nil
		}
		if f = find(name); f == nil {
			return nil
		}
		find = f.Field
	}
	return f
}

// loosen lets the values of fields whose type is no text be written without quotes.
func (c *change) loosen(f *Field, v *yaml.Node) {
	if f == nil {
		return
	}
	switch v.Kind {
	case yaml.SequenceNode:
		for _, k := range v.Content {
			c.loosen(f, k)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(v.Content); i += 2 {
			c.loosen(f.Field(v.Content[i].Value), v.Content[i+1])
		}
	default:
		switch f.Type {
		case DateType, Time, Number, Integer, Bool:
			if v.Tag == "!!str" && v.Value != "" {
				v.Tag = ""
			}
		}
	}
}

// member finds the entry of a mapping that a step names; -1 if there is none.
func (c *change) member(m *spanned, p Path, i int) (int, error) {
	name := p[i].(string)
	find := c.d.finder(p[:i])
	found := -1
	seen := map[string]bool{}
	for k := range m.entries {
		key := m.entries[k].key.node
		if seen[key.Value] && key.Kind == yaml.ScalarNode {
			return -1, c.refuse(m.entries[k].at, "“%s”写了两次，不知道要改哪一个。请先删去一个。", key.Value)
		}
		seen[key.Value] = true
		if key.Kind != yaml.ScalarNode || !sameField(find, key.Value, name) {
			continue
		}
		if found >= 0 {
			return -1, c.refuse(m.entries[k].at, "“%s”和“%s”是同一个字段，不知道要改哪一个。请先删去一个。", m.entries[found].key.node.Value, key.Value)
		}
		found = k
	}
	return found, nil
}

// wrap puts the objects and lists around a value that the rest of a path asks for.
func (c *change) wrap(p Path, v *yaml.Node, at int) (*yaml.Node, error) {
	for _, s := range slices.Backward(p) {
		switch s := s.(type) {
		case string:
			v = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}, v}}
		case int:
			if s != 0 {
				return nil, c.refuse(at, "没有 %s 这一项，前面的项也没有。", p)
			}
			v = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{v}}
		}
	}
	return v, nil
}

// check looks at a path itself.
func (c *change) check(p Path) error {
	if len(p) == 0 {
		return c.refuse(0, "没有说要改哪个字段。")
	}
	for i, s := range p {
		switch s := s.(type) {
		case string:
			if s == "" {
				return c.refuse(0, "字段名是空的。")
			}
		case int:
			if s < 0 || i == 0 {
				return c.refuse(0, "%s 不是一个字段的位置。", p)
			}
		default:
			return c.refuse(0, "%s 不是一个字段的位置。", p)
		}
	}
	return nil
}

// walk goes along a path as far as there is something: the value reached, the entry and the collection it stands
// in, and how many steps were gone. A step 0 into what is no list stays there.
func (c *change) walk(p Path) (at *spanned, in *spanned, k int, gone int, err error) {
	at = c.top
	k = -1
	for i, s := range p {
		if at.node.Kind == yaml.AliasNode {
			return nil, nil, 0, 0, c.refuse(at.start, "%s 是别名 *%s，它的内容写在别处。请改那里，或先把别名换成内容。", p[:i], at.node.Value)
		}
		switch s := s.(type) {
		case string:
			if at.node.Kind != yaml.MappingNode {
				return at, in, k, i, nil
			}
			found, err := c.member(at, p, i)
			if err != nil {
				return nil, nil, 0, 0, err
			}
			if found < 0 {
				return at, in, k, i, nil
			}
			in, k, at = at, found, at.entries[found].value
		case int:
			if at.node.Kind != yaml.SequenceNode {
				if s == 0 && !c.empty(at) {
					continue
				}
				return at, in, k, i, nil
			}
			if s >= len(at.entries) {
				return at, in, k, i, nil
			}
			in, k, at = at, s, at.entries[s].value
		}
	}
	return at, in, k, len(p), nil
}

// empty reports whether there is no value at all behind a key or dash.
func (c *change) empty(s *spanned) bool {
	return s.node.Kind == yaml.ScalarNode && s.start == s.end
}

// pinned refuses to take away a node that an alias elsewhere stands for.
func (c *change) pinned(s *spanned) error {
	anchors := map[string]*yaml.Node{}
	var collect func(n *yaml.Node)
	inside := map[*yaml.Node]bool{}
	collect = func(n *yaml.Node) {
		inside[n] = true
		if n.Anchor != "" {
			anchors[n.Anchor] = n
		}
		for _, k := range n.Content {
			collect(k)
		}
	}
	collect(s.node)
	if len(anchors) == 0 {
		return nil
	}
	var user *yaml.Node
	var look func(n *yaml.Node)
	look = func(n *yaml.Node) {
		if inside[n] {
			return
		}
		if n.Kind == yaml.AliasNode && anchors[n.Value] != nil && user == nil {
			user = n
		}
		for _, k := range n.Content {
			look(k)
		}
	}
	look(c.d.root)
	if user != nil {
		return c.refuse(s.start, "这个值有锚点 &%s，第 %d 行的 *%s 也用着它，改了会一起变。请先把别名换成内容。", user.Value, user.Line+1, user.Value)
	}
	return nil
}

// orFlat does an edit, and if it is refused does it again without blocks of text: a comment below such a block that
// is as far in as its lines would be taken for one of them.
func orFlat(do func(flat bool) error) error {
	err := do(false)
	if err != nil && do(true) == nil {
		return nil
	}
	return err
}

// newValue begins a change that gives a path a value.
func newValue(d *Document, flat bool, at Path, value any) (*yaml.Node, *change, error) {
	v, err := newNode(value)
	if err != nil {
		return nil, nil, err
	}
	c, err := newChange(d, flat)
	if err != nil {
		return nil, nil, err
	}
	return v, c, c.check(at)
}

func (e SetField) apply(d *Document) error {
	return orFlat(func(flat bool) error { return e.write(d, flat) })
}

func (e SetField) write(d *Document, flat bool) error {
	v, c, err := newValue(d, flat, e.Path, e.Value)
	if err != nil {
		return err
	}
	c.loosen(d.field(e.Path), v)
	if c.top == nil {
		return c.first(e.Path, v)
	}
	at, in, k, gone, err := c.walk(e.Path)
	if err != nil {
		return err
	}
	if gone == len(e.Path) {
		if old := at.node; v.Tag == "!!str" && quotingOf(old) == asNeeded && old.Kind == yaml.ScalarNode && old.ShortTag() != "!!str" && old.ShortTag() == (&yaml.Node{Kind: yaml.ScalarNode, Value: v.Value}).ShortTag() {
			v.Tag = "" // 1958 becomes 1959, not "1959"
		}
		if err := c.pinned(at); err != nil {
			return err
		}
		if err := c.set(in, k, at, v); err != nil {
			return err
		}
		return c.done(at.start)
	}
	step := e.Path[gone]
	switch n, isItem := step.(int); {
	case c.empty(at) && in != nil: // tags: with nothing behind it
		if v, err = c.wrap(e.Path[gone:], v, at.start); err == nil {
			err = c.set(in, k, at, v)
		}
	case isItem && at.node.Kind == yaml.SequenceNode && n == len(at.entries):
		if v, err = c.wrap(e.Path[gone+1:], v, at.start); err == nil {
			err = c.add(at, nil, v)
		}
	case isItem && at.node.Kind == yaml.ScalarNode && n == 1 && in != nil: // tags: 甲, one value where a list is meant
		if v, err = c.wrap(e.Path[gone+1:], v, at.start); err == nil {
			if err = c.pinned(at); err == nil {
				old := *c.copies[at.node]
				old.Style, old.Anchor = 0, ""
				err = c.set(in, k, at, &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&old, v}})
			}
		}
	case !isItem && at.node.Kind == yaml.MappingNode:
		if v, err = c.wrap(e.Path[gone+1:], v, at.start); err == nil {
			err = c.add(at, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: step.(string)}, v)
		}
	case isItem && at.node.Kind == yaml.SequenceNode:
		err = c.refuse(at.start, "%s 只有 %d 项，没有第 %d 项。", e.Path[:gone], len(at.entries), n+1)
	default:
		err = c.refuse(at.start, "%s 不是能放下 %s 的写法。请先把它写成列表或分项。", e.Path[:gone], e.Path)
	}
	if err != nil {
		return err
	}
	return c.done(at.start)
}

// first writes the first field of a file whose front matter holds nothing or is not there.
func (c *change) first(p Path, v *yaml.Node) error {
	v, err := c.wrap(p[1:], v, 0)
	if err != nil {
		return err
	}
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: p[0].(string)}
	line := c.print.member(key, v, 0) + "\n"
	c.want = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, v}}
	if c.d.blockAt >= 0 {
		c.put(len(c.text()), len(c.text()), line)
		return c.done(0)
	}
	c.splices = append(c.splices, splice{0, 0, "---\n" + line + "---\n"})
	return c.done(0)
}

// set puts a value in the place of another.
func (c *change) set(in *spanned, k int, at *spanned, v *yaml.Node) error {
	e := &in.entries[k]
	if sameTree(v, at.node) {
		return nil
	}
	keep := *v
	text := c.text()
	indent, dash := c.entryColumn(in, k), in.node.Kind == yaml.SequenceNode
	switch {
	case in.flow || c.bracketed(in):
		written := c.print.inFlow(v)
		if v.Kind == yaml.ScalarNode {
			written = c.print.scalar(v, true, false, 0, quotingOf(at.node))
		}
		if e.mark < 0 && !dash {
			return c.refuse(e.at, "“%s”后面没有冒号，请手工写上值。", e.key.node.Value)
		}
		switch {
		case written == "" && dash:
			written = "null"
		case c.empty(at) && !dash:
			written = " " + written
		}
		start := at.start
		if anchored := at.node.Anchor != "" && at.node.Style&yaml.TaggedStyle == 0 && at.inner < at.end; anchored {
			start, keep.Anchor = at.inner, at.node.Anchor
		}
		c.put(start, at.end, written)
	case c.empty(at):
		if e.mark < 0 {
			return c.refuse(e.at, "“%s”后面没有冒号，请手工写上值。", e.key.node.Value)
		}
		written := c.print.behind(v, indent, dash, nil)
		c.put(e.mark+1, e.mark+1, c.fit(e.mark+1, written))
	default:
		start := at.start
		if at.node.Anchor != "" && at.node.Style&yaml.TaggedStyle == 0 && at.inner < at.end && bytes.IndexByte(text[at.start:at.inner], '\n') < 0 {
			start, keep.Anchor = at.inner, at.node.Anchor
		}
		c.overwrite(e, at, start, c.print.behind(v, indent, dash, at.node))
	}
	*c.copies[at.node] = keep
	return nil
}

// fit makes room for a block behind a colon that has a comment on its line: it begins below.
func (c *change) fit(at int, written string) string {
	if strings.HasPrefix(written, "\n") && lineEnd(c.text(), at) > at {
		rest := bytes.TrimLeft(c.text()[at:lineEnd(c.text(), at)], " \t")
		if len(rest) > 0 { // put it below the comment instead
			c.put(lineEnd(c.text(), at), lineEnd(c.text(), at), written)
			return ""
		}
	}
	return written
}

// overwrite replaces a value of a block by written, which has the blank or line break in front of it.
func (c *change) overwrite(e *entry, at *spanned, start int, written string) {
	text := c.text()
	same := lineBegin(text, e.mark) == lineBegin(text, start) // the value begins on the line of its key or dash
	block := strings.HasPrefix(written, "\n")
	// A comment behind | or > stays.
	if q := quotingOf(at.node); q == asLiteral || q == asFolded {
		if head := lineEnd(text, at.inner); head < at.end {
			i := at.inner
			for i < head && !blankAt(text, i) {
				i++
			}
			if rest := text[i:head]; len(bytes.TrimSpace(rest)) > 0 {
				first, more, several := strings.Cut(strings.TrimPrefix(written, " "), "\n")
				c.put(start, i, first)
				if several {
					more = "\n" + more
				}
				c.put(head, at.end, more)
				return
			}
		}
	}
	switch {
	case written == "":
		from := start
		for from > e.mark+1 && blankByte(text[from-1]) {
			from--
		}
		c.put(from, at.end, "")
	case same && block:
		// What stood behind the colon goes, with its blanks; a comment behind it stays there.
		from := start
		for from > e.mark+1 && blankByte(text[from-1]) {
			from--
		}
		if end := lineEnd(text, at.end); len(bytes.TrimSpace(text[at.end:end])) > 0 {
			c.put(from, at.end, "")
			c.put(end, end, written)
			return
		}
		c.put(from, at.end, written)
	case same:
		first, more, several := strings.Cut(strings.TrimPrefix(written, " "), "\n")
		c.put(start, at.end, first)
		if several { // below a comment that stands there
			end := lineEnd(text, at.end)
			c.put(end, end, "\n"+more)
		}
	case block:
		// Below its key already: the lines are exchanged.
		begin := lineBegin(text, start)
		c.put(begin, at.end, strings.TrimPrefix(written, "\n"))
	default:
		// Up to the line of its key, before a comment that stands there.
		c.put(e.mark+1, e.mark+1, written)
		c.put(lineBegin(text, start)-1, at.end, "")
	}
}

// bracketed reports whether a collection is written in brackets.
func (c *change) bracketed(s *spanned) bool {
	t := c.text()
	return s.inner < len(t) && (t[s.inner] == '[' && s.node.Kind == yaml.SequenceNode || t[s.inner] == '{' && s.node.Kind == yaml.MappingNode && s.node.Style&yaml.FlowStyle != 0)
}

// entryColumn is the column at which the entries of a block collection stand.
func (c *change) entryColumn(s *spanned, k int) int {
	t := tracer{text: c.text()}
	return t.column(s.entries[k].at)
}

// add appends to a collection: an item, or a pair if key is not nil.
func (c *change) add(in *spanned, key, v *yaml.Node) error {
	text := c.text()
	want := c.copies[in.node]
	if key != nil {
		want.Content = append(want.Content, key)
	}
	want.Content = append(want.Content, v)
	last := len(in.entries) - 1
	written := func() string {
		if key == nil {
			return c.print.flowItem(v)
		}
		return c.print.flowMember(key, v)
	}
	switch {
	case c.bracketed(in) && last < 0:
		c.put(in.inner+1, in.inner+1, written())
	case c.bracketed(in):
		e := &in.entries[last]
		end := e.end()
		comma := space(text, end)
		has := comma < in.end && text[comma] == ','
		own := lineBegin(text, e.at) > in.inner && len(bytes.TrimSpace(text[lineBegin(text, e.at):e.at])) == 0
		switch {
		case own:
			pad := "\n" + string(text[lineBegin(text, e.at):e.at])
			behind := end
			if has {
				behind = comma + 1
			} else {
				c.put(end, end, ",")
			}
			w := written()
			if has {
				w += ","
			}
			if stop := lineEnd(text, behind); stop < in.end && isComment(text[behind:stop]) {
				behind = stop
			}
			c.put(behind, behind, pad+w)
		case has:
			c.put(comma+1, comma+1, " "+written())
		default:
			c.put(end, end, ", "+written())
		}
	case in.flow:
		return c.refuse(in.start, "方括号里单写的“%s: …”不能再加一项。请先用花括号括起来。", in.entries[0].key.node.Value)
	case last < 0:
		return c.refuse(in.start, "这里分不清怎样写，请手工修改。")
	default:
		column := c.entryColumn(in, last)
		e := &in.entries[last]
		if at := e.at; key != nil && text[at] == '?' && e.key.start > at {
			return c.refuse(at, "“? 键”的写法不能由程序添加，请手工修改。")
		}
		end := lineEnd(text, max(e.end(), e.at+1))
		pad := "\n" + strings.Repeat(" ", column)
		if key != nil {
			c.put(end, end, pad+c.print.member(key, v, column))
			break
		}
		c.put(end, end, pad+"-"+c.gap(e, c.print.behind(v, column, true, e.value.node)))
	}
	return nil
}

// gap keeps the blanks that a neighbour has behind its dash.
func (c *change) gap(e *entry, written string) string {
	text := c.text()
	if !strings.HasPrefix(written, " ") || c.empty(e.value) || strings.Contains(written, "\n") {
		return written
	}
	if blanks := text[e.mark+1 : e.value.start]; len(bytes.Trim(blanks, " ")) == 0 && len(blanks) > 0 {
		return string(blanks) + written[1:]
	}
	return written
}

// isComment reports whether there is nothing but blanks or a comment.
func isComment(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	return len(line) == 0 || line[0] == '#'
}

func (e InsertItem) apply(d *Document) error {
	return orFlat(func(flat bool) error { return e.write(d, flat) })
}

func (e InsertItem) write(d *Document, flat bool) error {
	v, c, err := newValue(d, flat, e.Path, e.Value)
	if err != nil {
		return err
	}
	n, ok := e.Path[len(e.Path)-1].(int)
	if !ok {
		return c.refuse(0, "%s 不是列表里的位置。", e.Path)
	}
	c.loosen(d.field(e.Path), v)
	if c.top != nil {
		list, _, _, gone, err := c.walk(e.Path[:len(e.Path)-1])
		if err != nil {
			return err
		}
		if gone == len(e.Path)-1 && list.node.Kind == yaml.SequenceNode && n < len(list.entries) {
			i := &list.entries[n]
			want := c.copies[list.node]
			want.Content = slices.Insert(want.Content, n, v)
			if c.bracketed(list) {
				sep := ", "
				if text := c.text(); n > 0 && bytes.IndexByte(text[list.entries[n-1].end():i.at], '\n') >= 0 || n == 0 && lineBegin(text, i.at) > list.inner {
					if begin := lineBegin(text, i.at); len(bytes.TrimSpace(text[begin:i.at])) == 0 {
						sep = ",\n" + string(text[begin:i.at])
					}
				}
				c.put(i.at, i.at, c.print.flowItem(v)+sep)
			} else {
				column := c.entryColumn(list, n)
				w := c.print.behind(v, column, true, i.value.node)
				c.put(i.at, i.at, "-"+c.gap(i, w)+"\n"+strings.Repeat(" ", column))
			}
			return c.done(i.at)
		}
		if gone == len(e.Path)-1 && list.node.Kind != yaml.SequenceNode && n == 0 && !c.empty(list) {
			return c.refuse(list.start, "%s 不是列表，不能在前面加一项。请先写成列表。", e.Path[:len(e.Path)-1])
		}
	}
	return SetField(e).write(d, flat)
}

func (e RemoveField) apply(d *Document) error {
	c, err := newChange(d, false)
	if err != nil {
		return err
	}
	if err := c.check(e.Path); err != nil {
		return err
	}
	if c.top == nil {
		return c.refuse(0, "没有 %s，不用删。", e.Path)
	}
	at, in, k, gone, err := c.walk(e.Path)
	if err != nil {
		return err
	}
	if gone < len(e.Path) {
		return c.refuse(at.start, "没有 %s，不用删。", e.Path)
	}
	if n, ok := e.Path[len(e.Path)-1].(int); ok && n == 0 && in.node.Kind != yaml.SequenceNode {
		return c.refuse(at.start, "%s 只有一个值，不是列表；要删就删整个字段。", e.Path[:len(e.Path)-1])
	}
	if err := c.pinned(at); err != nil {
		return err
	}
	if key := in.entries[k].key; key != nil {
		if err := c.pinned(key); err != nil {
			return err
		}
	}
	if err := c.remove(in, k); err != nil {
		return err
	}
	return c.done(at.start)
}

// remove takes out an entry.
func (c *change) remove(in *spanned, k int) error {
	text := c.text()
	e := &in.entries[k]
	want := c.copies[in.node]
	if e.key != nil {
		want.Content = slices.Delete(want.Content, 2*k, 2*k+2)
	} else {
		want.Content = slices.Delete(want.Content, k, k+1)
	}
	if c.bracketed(in) {
		return c.removeInFlow(in, k)
	}
	if in.flow {
		return c.refuse(e.at, "方括号里单写的“%s: …”不能由程序删去，请手工修改。", e.key.node.Value)
	}
	begin, end := lineBegin(text, e.at), lineEnd(text, max(e.end(), e.at+1))
	first := len(bytes.TrimSpace(text[begin:e.at])) == 0 // nothing stands before it in its line
	next := min(end+1, len(text))
	if len(in.entries) == 1 && in != c.top {
		// The collection is left empty, not without a value.
		outer, i := c.outer(c.top, in)
		if outer == nil {
			return c.refuse(e.at, "这里分不清怎样写，请手工修改。")
		}
		written := " []"
		if e.key != nil {
			written = " {}"
		}
		if o := &outer.entries[i]; o.mark >= 0 {
			if lineBegin(text, o.mark) == begin {
				c.put(in.inner, e.end(), written[1:])
			} else {
				c.put(o.mark+1, o.mark+1, written)
				c.put(begin, next, "")
			}
			return nil
		}
		return c.refuse(e.at, "这里分不清怎样写，请手工修改。")
	}
	if first {
		c.put(begin, next, "")
		return nil
	}
	// It is the first and stands behind a dash, or behind brackets' key.
	if k+1 >= len(in.entries) {
		return c.refuse(e.at, "这里分不清怎样写，请手工修改。")
	}
	if following := in.entries[k+1].at; bytes.IndexByte(text[e.end():following], '#') < 0 {
		c.put(e.at, following, "")
		return nil
	}
	from := e.at
	for from > begin && blankByte(text[from-1]) {
		from--
	}
	c.put(from, end, "")
	return nil
}

// outer finds the collection in which another one stands, and where.
func (c *change) outer(s, wanted *spanned) (*spanned, int) {
	for i := range s.entries {
		if s.entries[i].value == wanted {
			return s, i
		}
		if o, j := c.outer(s.entries[i].value, wanted); o != nil {
			return o, j
		}
	}
	return nil, 0
}

// removeInFlow takes out an entry between brackets, with the comma that it needed.
func (c *change) removeInFlow(in *spanned, k int) error {
	text := c.text()
	e := &in.entries[k]
	end := e.end()
	comma := space(text, end)
	has := comma < in.end && text[comma] == ','
	behind := end
	if has {
		behind = comma + 1
	}
	begin := lineBegin(text, e.at)
	stop := lineEnd(text, behind)
	if begin > in.inner && stop < in.end && len(bytes.TrimSpace(text[begin:e.at])) == 0 && isComment(text[behind:stop]) && bytes.IndexByte(text[end:behind], '\n') < 0 {
		// It has lines of its own.
		c.put(begin, stop+1, "")
		if k > 0 && k == len(in.entries)-1 && !has {
			before := in.entries[k-1].end()
			if at := space(text, before); text[at] == ',' {
				c.put(at, at+1, "")
			}
		}
		return nil
	}
	switch {
	case k+1 < len(in.entries):
		following := in.entries[k+1].at
		if bytes.IndexByte(text[end:following], '#') >= 0 {
			return c.refuse(e.at, "这一项和下一项之间有注释，请手工删去。")
		}
		c.put(e.at, following, "")
	case k > 0:
		before := in.entries[k-1].end()
		if bytes.IndexByte(text[before:e.at], '#') >= 0 {
			return c.refuse(e.at, "这一项和上一项之间有注释，请手工删去。")
		}
		c.put(before, end, "")
	default:
		c.put(e.at, behind, "")
	}
	return nil
}

func (e SetBody) apply(d *Document) error {
	if err := d.editable(false); err != nil {
		return err
	}
	text := strings.ReplaceAll(strings.ReplaceAll(e.Text, "\r\n", "\n"), "\r", "\n")
	if text == string(d.body) {
		return nil
	}
	at := d.bodyAt
	if d.blockAt >= 0 && d.bodyAt == len(d.text) && text != "" && d.text[len(d.text)-1] != '\n' {
		return d.replace([]splice{{at, len(d.text), "\n" + text}}, d.root, []byte(text), at)
	}
	return d.replace([]splice{{at, len(d.text), text}}, d.root, []byte(text), at)
}
