package theme

import (
	"fmt"
	"html/template"
	"sync"
	"text/template/parse"

	"gongzhi/generator/compiled"
)

// maxTurns is how many turns of loops and calls of templates may make one page. A hundred thousand names in a list are a
// fraction of that; a template that calls itself for ever, or counts to two thousand million, is stopped within a second or two.
const maxTurns = 1_000_000

// tick is the function that counts them. It stands at the beginning of each template and of the body of each loop.
const tick = "_turn"

// bounded executes the templates of a kind with html/template, which knows no limit but a depth of a hundred thousand. Each
// execution has a copy of its own, since nothing else tells a function that a template calls which page it is for.
type bounded struct {
	set  *template.Template // never executed, so that it can be copied
	pool sync.Pool
}

// counted is a copy with its count.
type counted struct {
	set   *template.Template
	turns int
}

// bound puts the counting into a parsed set, which must not be executed.
func bound(set *template.Template) *bounded {
	for _, t := range set.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			loops(t.Tree.Root)
			t.Tree.Root.Nodes = append([]parse.Node{turn(t.Tree.Root.Pos)}, t.Tree.Root.Nodes...)
		}
	}
	return &bounded{set: set}
}

// get takes a copy that nobody else uses.
func (b *bounded) get() (*counted, error) {
	if c, ok := b.pool.Get().(*counted); ok {
		c.turns = 0
		return c, nil
	}
	set, err := b.set.Clone()
	if err != nil {
		return nil, fmt.Errorf("theme: %w", err)
	}
	c := &counted{set: set}
	set.Funcs(template.FuncMap{tick: func() (bool, error) {
		if c.turns++; c.turns > maxTurns {
			return false, fmt.Errorf("这一页要做的事太多：循环和模板的互相调用超过了 %d 次。是不是模板调用了自己，或循环没有尽头？", maxTurns)
		}
		return false, nil
	}})
	return c, nil
}

// loops puts a turn into the body of every loop below a node.
func loops(n parse.Node) {
	each := func(l *parse.ListNode) {
		if l != nil {
			for _, n := range l.Nodes {
				loops(n)
			}
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		each(n)
	case *parse.IfNode:
		each(n.List)
		each(n.ElseList)
	case *parse.WithNode:
		each(n.List)
		each(n.ElseList)
	case *parse.RangeNode:
		each(n.List)
		each(n.ElseList)
		n.List.Nodes = append([]parse.Node{turn(n.Pos)}, n.List.Nodes...)
	}
}

// turn is {{if _turn}}{{end}}, which writes nothing wherever it stands.
func turn(pos parse.Pos) parse.Node {
	call := parse.NewIdentifier(tick).SetPos(pos)
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{{NodeType: parse.NodeCommand, Pos: pos, Args: []parse.Node{call}}}}
	return &parse.IfNode{BranchNode: parse.BranchNode{NodeType: parse.NodeIf, Pos: pos, Pipe: pipe, List: &parse.ListNode{NodeType: parse.NodeList, Pos: pos}}}
}

// kind is the templates of one kind of page in both forms.
type kind struct {
	fast *compiled.Program
	slow *bounded
}

func newKind(set *template.Template) (kind, error) {
	slow, err := set.Clone()
	if err != nil {
		return kind{}, err
	}
	return kind{compiled.New(set), bound(slow)}, nil
}
