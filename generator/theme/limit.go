package theme

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"text/template/parse"

	"gongzhi/generator/compiled"
)

// maxTurns is how many turns of loops and calls of templates may make one page. A hundred thousand names in a list are a
// fraction of that; a template that calls itself for ever, or counts to two thousand million, is stopped within a second or two.
// A test has less time.
var maxTurns = 1_000_000

// maxBytes is how much one page may be, and how much its templates may put together for it with print and its like. Looked at
// in each turn: a page that writes a kilobyte a million times would fill the memory as well.
const maxBytes = 32 << 20

const (
	tooMuch = "这一页太大了"
	tooDeep = "模板一层层调用得太深"
)

// tick is the function that counts them. It stands at the beginning of the body of each loop.
const tick = "_turn"

// enter and leave are the functions before and behind each call of a template, which count how deep the calls are. Each loop
// that an error leaves takes it up and passes it on, so that a deep pile of them would cost the square of its height.
const (
	enter    = "_enter"
	leave    = "_leave"
	maxDepth = 200
)

// full is the function that looks at the size of the page. It stands before each value that is written.
const full = "_full"

// bounded executes the templates of a kind with html/template, which knows no limit but a depth of a hundred thousand. Each
// execution has a copy of its own, since nothing else tells a function that a template calls which page it is for.
type bounded struct {
	set  *template.Template // never executed, so that it can be copied
	pool sync.Pool
}

// counted is a copy with its count.
type counted struct {
	set    *template.Template
	turns  int
	depth  int           // of templates that call each other
	made   int           // bytes that its functions have put together
	page   *bytes.Buffer // and where the page is written to
	before int           // what is there already
}

var errTooDeep = fmt.Errorf(tooDeep+"：超过了 %d 层。是不是它调用了自己？", maxDepth)

var errTooMuch = fmt.Errorf(tooMuch+"：超过了 %d MB。是不是循环没有尽头，或一个变量在循环里一再加长？", maxBytes>>20)

// turn counts one, and looks at what has come of them.
func (c *counted) turn() (bool, error) {
	if c.turns++; c.turns > maxTurns {
		return false, fmt.Errorf("这一页要做的事太多：循环和模板的互相调用超过了 %d 次。是不是模板调用了自己，或循环没有尽头？", maxTurns)
	}
	return c.full()
}

func (c *counted) enter() (bool, error) {
	if c.depth++; c.depth > maxDepth {
		return false, errTooDeep
	}
	return c.turn()
}

func (c *counted) leave() bool { c.depth--; return false }

// full looks at how much has been written.
func (c *counted) full() (bool, error) {
	if c.page.Len()-c.before > maxBytes {
		return false, errTooMuch
	}
	return false, nil
}

// room takes from what may be put together what args come to at most, each of them times times.
func (c *counted) room(times int, args []any) error {
	for _, a := range args {
		n := 32 // digits of a number
		if v := reflect.ValueOf(a); v.Kind() == reflect.String {
			n = v.Len()
		}
		if c.made += n * times; c.made > maxBytes {
			return errTooMuch
		}
	}
	return nil
}

// widths are of verbs that may become longer than what they are given.
var widths = regexp.MustCompile(`%[^a-zA-Z%]*([0-9]{3}|\*)`)

// funcs are the functions that lengthen texts, as text/template has them, bounded.
func (c *counted) funcs() template.FuncMap {
	put := func(times int, make func(...any) string) func(...any) (string, error) {
		return func(args ...any) (string, error) {
			if err := c.room(times, args); err != nil {
				return "", err
			}
			return make(args...), nil
		}
	}
	return template.FuncMap{tick: c.turn, enter: c.enter, leave: c.leave, full: c.full, "print": put(1, fmt.Sprint), "println": put(1, fmt.Sprintln),
		"js": put(4, template.JSEscaper), "html": put(4, template.HTMLEscaper), "urlquery": put(3, template.URLQueryEscaper),

		"printf": func(format string, args ...any) (string, error) {
			verbs := strings.Count(format, "%") // any of which may have any of the arguments, and be a million characters wide
			if widths.MatchString(format) {
				c.made += verbs << 20
			}
			if err := c.room(1+verbs, append([]any{format}, args...)); err != nil {
				return "", err
			}
			return fmt.Sprintf(format, args...), nil
		}}
}

// bound puts the counting into a parsed set, which must not be executed.
func bound(set *template.Template) *bounded {
	for _, t := range set.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			loops(t.Tree.Root)
		}
	}
	return &bounded{set: set}
}

// get takes a copy that nobody else uses.
func (b *bounded) get() (*counted, error) {
	if c, ok := b.pool.Get().(*counted); ok {
		c.turns, c.made, c.depth = 0, 0, 0
		return c, nil
	}
	set, err := b.set.Clone()
	if err != nil {
		return nil, fmt.Errorf("theme: %w", err)
	}
	c := &counted{set: set}
	set.Funcs(c.funcs())
	return c, nil
}

// loops puts a turn into the body of every loop below a node, counts about every call, and before every value that is written
// a look at the page.
func loops(n parse.Node) {
	each := func(l *parse.ListNode) {
		if l != nil {
			nodes := make([]parse.Node, 0, 2*len(l.Nodes))
			for _, n := range l.Nodes {
				switch n := n.(type) {
				case *parse.ActionNode:
					if len(n.Pipe.Decl) == 0 {
						nodes = append(nodes, look(full, n.Pos))
					}
				case *parse.TemplateNode:
					nodes = append(nodes, look(enter, n.Pos), n, look(leave, n.Pos))
					continue
				}
				loops(n)
				nodes = append(nodes, n)
			}
			l.Nodes = nodes
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
		n.List.Nodes = append([]parse.Node{look(tick, n.Pos)}, n.List.Nodes...)
	}
}

// look is {{if _turn}}{{end}}, or that of the other, which writes nothing wherever it stands.
func look(name string, pos parse.Pos) parse.Node {
	call := parse.NewIdentifier(name).SetPos(pos)
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
