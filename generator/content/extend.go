package content

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/diag"
)

// extend lays what a _schema.yaml says over the shipped schema that it changes: that of the folder's own name, or
// the one that its word extends names; none is a schema of its own. A key takes the place of the shipped one; a
// field is found by its key, and only the words that it has are changed; a field of a new key comes last. The
// result is one tree, read like any other; what comes from the shipped schema stands at the beginning of the file,
// should anything be said of it.
func (r *schemaReader) extend(key string, own *yaml.Node) (tree *yaml.Node, extended bool) {
	base := key
	said := pair(own, "extends")
	if said != nil {
		base = r.text(said)
	}
	src, ok := BuiltinSource(base)
	if !ok {
		if said != nil && base != "none" {
			var known []string
			entries, _ := builtin.ReadDir("schemas")
			for _, e := range entries {
				if k := strings.TrimSuffix(e.Name(), ".yaml"); k != "_common" {
					known = append(known, k)
				}
			}
			hint := "可以用：none、" + strings.Join(known, "、")
			if near := diag.Nearest(base, known); near != "" {
				hint = "是不是“" + near + "”？"
			}
			r.errorf(said, "schema/extends", "程序没有自带“%s”这个类目。%s", base, hint)
		}
		return own, false
	}
	shipped, _ := ParseYAML("", src, 1)
	if own.Kind != yaml.MappingNode || shipped == nil {
		return own, false
	}
	unplace(shipped)
	return lay(shipped, own), true
}

// unplace moves a tree to the beginning of a file.
func unplace(n *yaml.Node) {
	n.Line, n.Column = 1, 1
	for _, c := range n.Content {
		unplace(c)
	}
}

// lay gives a mapping with the pairs of base, and those of over in their place or behind them.
func lay(base, over *yaml.Node) *yaml.Node {
	out := *over
	out.Content = slices.Clone(base.Content)
	for i := 0; i+1 < len(over.Content); i += 2 {
		k, v := over.Content[i], over.Content[i+1]
		at := -1
		for j := 0; j+1 < len(base.Content); j += 2 {
			if base.Content[j].Value == k.Value {
				at = j
			}
		}
		switch {
		case at < 0:
			out.Content = append(out.Content, k, v)
		case k.Value == "fields" && v.Kind == yaml.SequenceNode:
			out.Content[at], out.Content[at+1] = k, layFields(base.Content[at+1], v)
		case v.Kind == yaml.MappingNode && base.Content[at+1].Kind == yaml.MappingNode:
			out.Content[at], out.Content[at+1] = k, keepName(base.Content[at+1], lay(base.Content[at+1], v))
		default:
			out.Content[at], out.Content[at+1] = k, v
		}
	}
	return &out
}

// keepName lets a field or a title that gets another label be written under its old one all the same: records have it.
func keepName(base, over *yaml.Node) *yaml.Node {
	old, now := pair(base, "label"), pair(over, "label")
	if old == nil || now == nil || old.Value == now.Value {
		return over
	}
	also := &yaml.Node{Kind: yaml.SequenceNode, Line: 1, Column: 1}
	for i := 0; i+1 < len(over.Content); i += 2 {
		if v := over.Content[i+1]; over.Content[i].Value == "also" && v.Kind == yaml.SequenceNode {
			also.Content = v.Content
			over.Content = slices.Delete(over.Content, i, i+2) // it is a copy of this file's making
			break
		}
	}
	also.Content = append(slices.Clone(also.Content), old)
	over.Content = append(over.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "also", Line: 1, Column: 1}, also)
	return over
}

// layFields is lay for the list of fields, or of the parts of an object.
func layFields(base, over *yaml.Node) *yaml.Node {
	out := *over
	out.Content = slices.Clone(base.Content)
	for _, f := range over.Content {
		i := -1
		if key := pair(f, "key"); key != nil {
			i = slices.IndexFunc(base.Content, func(g *yaml.Node) bool { k := pair(g, "key"); return k != nil && k.Value == key.Value })
		}
		if i < 0 || f.Kind != yaml.MappingNode {
			out.Content = append(out.Content, f)
		} else if out.Content[i] == base.Content[i] {
			out.Content[i] = keepName(base.Content[i], lay(base.Content[i], f))
		} else { // a second field of that key: a fault, as anywhere
			out.Content = append(out.Content, f)
		}
	}
	return &out
}
