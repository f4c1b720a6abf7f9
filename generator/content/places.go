package content

import (
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Each calls f for each single value of a record: items of lists, and the parts of objects behind them.
func (r *Record) Each(f func(v *Value)) {
	for i := range r.Values {
		r.Values[i].Each(func(v *Value) {
			f(v)
			for k := range v.Parts {
				v.Parts[k].Each(f)
			}
		})
	}
}

// PathAt finds the value of front matter that begins at a line and column of the file (1-based, in characters): where
// messages and values of records say that they stand. ok is false if no scalar begins there.
func (d *Document) PathAt(line, col int) (p Path, text string, ok bool) {
	if d.root == nil || len(d.faults) > 0 {
		return nil, "", false
	}
	var find func(n *yaml.Node, at Path) bool
	find = func(n *yaml.Node, at Path) bool {
		switch n.Kind {
		case yaml.ScalarNode:
			if n.Line+1 == line && n.Column == col {
				p, text, ok = append(Path(nil), at...), n.Value, true
			}
		case yaml.SequenceNode:
			for i, k := range n.Content {
				if find(k, append(at, i)) {
					return true
				}
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if find(n.Content[i+1], append(at, n.Content[i].Value)) {
					return true
				}
			}
		}
		return ok
	}
	find(d.root, nil)
	return p, text, ok
}

// CellAt finds the cell of a table in which a line and column of the file stand, and its text.
func (d *Document) CellAt(line, col int) (row int, column, text string, ok bool) {
	if d.table == nil || len(d.faults) > 0 {
		return 0, "", "", false
	}
	s := d.table
	at := newLines(d.text).offset(line, col)
	row = sort.Search(len(s.starts), func(i int) bool { return int(s.starts[i]) > at }) - 1
	if row < 0 {
		return 0, "", "", false
	}
	s.row(row)
	for i, c := range s.cells {
		if at >= c.start && at <= c.end && i < len(s.header) {
			return row, s.header[i], c.text(string(s.text[s.begin:s.end]), s.begin), true
		}
	}
	return 0, "", "", false
}

// ReplaceInBody puts one text in the place of another that stands at a line and column of the file, in the body.
type ReplaceInBody struct {
	Line, Col int
	Old, New  string
}

func (e ReplaceInBody) apply(d *Document) error {
	if err := d.editable(false); err != nil {
		return err
	}
	at := newLines(d.text).offset(e.Line, e.Col)
	if at < d.bodyAt || !strings.HasPrefix(string(d.text[at:min(at+len(e.Old), len(d.text))]), e.Old) {
		return d.refuse(at, "edit/refused", "文件没有改动：这里不是“%s”。", e.Old)
	}
	body := string(d.text[d.bodyAt:at]) + e.New + string(d.text[at+len(e.Old):])
	return d.replace([]splice{{at, at + len(e.Old), e.New}}, d.root, []byte(body), at)
}
