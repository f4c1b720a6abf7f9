// Package compiled executes the templates of html/template faster, with the same result.
package compiled

import (
	"bytes"
	"html/template"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// Most of the time of a build would go into html/template's looking up fields by name and calling its escaping
// functions by reflection. So a kind's templates are compiled, once, for the type of the data they receive, into
// functions that know where each field is. What is compiled are the trees that html/template has put its
// escapers into: what has to be escaped, and how, is decided there and nowhere else.
//
// Only what the templates of a site use is known here. Where a template has anything else, or a value is not what
// its template expects, html/template executes it as ever, and says what is wrong. The two are compared by tests.

// Program is a set of templates, of which "base" is what a page begins with. It is compiled for the type of the data
// that it is executed with first.
type Program struct {
	set  *template.Template
	once sync.Once
	data reflect.Type
	run  step // nil: html/template executes them
}

// New makes a program of a parsed set. Its escapers are put in by the first execution.
func New(set *template.Template) *Program { return &Program{set: set} }

// Execute appends a page to b and returns true; or it appends nothing and returns false, for what is left to
// html/template. Any number of pages may be made at the same time.
func (p *Program) Execute(b *bytes.Buffer, data any) bool {
	v := reflect.ValueOf(data)
	if !v.IsValid() {
		return false
	}
	p.once.Do(func() { p.data, p.run = v.Type(), compile(p.set, v.Type()) })
	if p.run == nil || p.data != v.Type() {
		return false
	}
	before := b.Len()
	if p.run(&output{Buffer: b, before: before}, v, v) {
		return true
	}
	b.Truncate(before)
	return false
}

// Compiled reports whether pages are made by compiled templates. It is known once one has been made.
func (p *Program) Compiled() bool {
	p.once.Do(func() {})
	return p.run != nil
}

// Limits of what a template may do for one page. Beyond them it is left to html/template, which says where.
const (
	maxDepth = 100       // of templates that call each other
	maxWork  = 5_000_000 // turns of loops and calls of templates
	maxBytes = 32 << 20  // of the page
)

// output is where a page is written to, with what has been done for it.
type output struct {
	*bytes.Buffer
	before, depth, work int
}

// turn counts a turn of a loop or the call of a template. It is false beyond a limit.
func (b *output) turn() bool {
	b.work++
	return b.work <= maxWork && b.Len()-b.before <= maxBytes
}

// step writes a part of a page. It returns false for what it leaves to html/template.
type step func(b *output, dot, root reflect.Value) bool

// value computes an operand.
type value func(dot, root reflect.Value) (reflect.Value, bool)

// compiler is used for one template set and thrown away.
type compiler struct {
	set  *template.Template
	done map[call]*step
}

// call is a template with the type of its dot.
type call struct {
	name string
	dot  reflect.Type
}

// compile gives the function for the template "base" of a set and a type of data, or nil if there is something in
// it that is left to html/template.
func compile(set *template.Template, data reflect.Type) step {
	// Executing something that names the template, without executing the template, puts in the escapers. If they can't be
	// put in, html/template says why when it is its turn.
	name, err := set.New("compiled").Parse(`{{if false}}{{template "base" .}}{{end}}`)
	if err == nil {
		err = name.Execute(io.Discard, nil)
	}
	if err != nil {
		return nil
	}
	c := &compiler{set: set, done: map[call]*step{}}
	return c.template(call{"base", data})
}

func (c *compiler) template(k call) step {
	if s, ok := c.done[k]; ok {
		return func(b *output, dot, root reflect.Value) bool { return (*s)(b, dot, root) } // it may call itself
	}
	t := c.set.Lookup(k.name)
	if t == nil || t.Tree == nil || k.dot == nil {
		return nil
	}
	s := new(step)
	c.done[k] = s
	*s = c.list(t.Tree.Root, k.dot, k.dot)
	return *s
}

func (c *compiler) list(n *parse.ListNode, dot, root reflect.Type) step {
	steps := []step{}
	if n != nil {
		for _, n := range n.Nodes {
			s := c.node(n, dot, root)
			if s == nil {
				return nil
			}
			steps = append(steps, s)
		}
	}
	return func(b *output, dot, root reflect.Value) bool {
		for _, s := range steps {
			if !s(b, dot, root) {
				return false
			}
		}
		return true
	}
}

func (c *compiler) node(n parse.Node, dot, root reflect.Type) step {
	switch n := n.(type) {
	case *parse.TextNode:
		text := n.Text
		return func(b *output, _, _ reflect.Value) bool { b.Write(text); return true }
	case *parse.CommentNode:
		return func(*output, reflect.Value, reflect.Value) bool { return true }
	case *parse.ActionNode:
		return c.action(n.Pipe, dot, root)
	case *parse.IfNode:
		return c.branch(&n.BranchNode, dot, root)
	case *parse.WithNode:
		return c.branch(&n.BranchNode, dot, root)
	case *parse.RangeNode:
		return c.loop(&n.BranchNode, dot, root)
	case *parse.TemplateNode:
		v, t := c.pipe(n.Pipe, dot, root)
		if v == nil {
			return nil
		}
		s := c.template(call{n.Name, t})
		if s == nil {
			return nil
		}
		return func(b *output, dot, root reflect.Value) bool {
			x, ok := v(dot, root)
			if b.depth++; !ok || b.depth > maxDepth || !b.turn() || !s(b, x, x) {
				return false
			}
			b.depth--
			return true
		}
	}
	return nil
}

func (c *compiler) branch(n *parse.BranchNode, dot, root reflect.Type) step {
	v, t := c.pipe(n.Pipe, dot, root)
	if v == nil {
		return nil
	}
	with, truth := n.NodeType == parse.NodeWith, truth(t)
	inner := dot
	if with {
		inner = t
	}
	then, otherwise := c.list(n.List, inner, root), c.list(n.ElseList, dot, root)
	if truth == nil || then == nil || otherwise == nil {
		return nil
	}
	return func(b *output, dot, root reflect.Value) bool {
		x, ok := v(dot, root)
		if !ok {
			return false
		}
		if !truth(x) {
			return otherwise(b, dot, root)
		}
		if with {
			dot = x
		}
		return then(b, dot, root)
	}
}

func (c *compiler) loop(n *parse.BranchNode, dot, root reflect.Type) step {
	v, t := c.pipe(n.Pipe, dot, root)
	if v == nil || t.Kind() != reflect.Slice {
		return nil
	}
	each, otherwise := c.list(n.List, t.Elem(), root), c.list(n.ElseList, dot, root)
	if each == nil || otherwise == nil {
		return nil
	}
	return func(b *output, dot, root reflect.Value) bool {
		x, ok := v(dot, root)
		if !ok {
			return false
		}
		n := x.Len()
		if n == 0 {
			return otherwise(b, dot, root)
		}
		for i := range n {
			if !b.turn() || !each(b, x.Index(i), root) {
				return false
			}
		}
		return true
	}
}

// truth tells what counts as true, for the types that have a clear answer.
func truth(t reflect.Type) func(reflect.Value) bool {
	switch t.Kind() {
	case reflect.Bool:
		return reflect.Value.Bool
	case reflect.String, reflect.Slice:
		return func(v reflect.Value) bool { return v.Len() > 0 }
	case reflect.Int:
		return func(v reflect.Value) bool { return v.Int() != 0 }
	case reflect.Pointer:
		return func(v reflect.Value) bool { return !v.IsNil() }
	case reflect.Struct:
		return func(reflect.Value) bool { return true }
	}
	return nil
}

// pipe compiles a pipeline of one command.
func (c *compiler) pipe(n *parse.PipeNode, dot, root reflect.Type) (value, reflect.Type) {
	if n == nil || len(n.Decl) > 0 || len(n.Cmds) != 1 {
		return nil, nil
	}
	return c.command(n.Cmds[0], dot, root)
}

func (c *compiler) command(n *parse.CommandNode, dot, root reflect.Type) (value, reflect.Type) {
	if len(n.Args) == 1 {
		return c.operand(n.Args[0], dot, root)
	}
	name, ok := n.Args[0].(*parse.IdentifierNode)
	if !ok || len(n.Args) > 3 {
		return nil, nil
	}
	var args []value
	var types []reflect.Type
	for _, a := range n.Args[1:] {
		v, t := c.operand(a, dot, root)
		if v == nil {
			return nil, nil
		}
		args, types = append(args, v), append(types, t)
	}
	if len(args) == 1 {
		return function(name.Ident, args[0], types[0])
	}
	return comparison(name.Ident, args[0], args[1], types[0], types[1])
}

func function(name string, arg value, t reflect.Type) (value, reflect.Type) {
	var f func(reflect.Value) reflect.Value
	result := reflect.TypeFor[bool]()
	switch truth := truth(t); {
	case name == "len" && (t.Kind() == reflect.Slice || t.Kind() == reflect.String):
		result = reflect.TypeFor[int]()
		f = func(v reflect.Value) reflect.Value { return reflect.ValueOf(v.Len()) }
	case name == "not" && truth != nil:
		f = func(v reflect.Value) reflect.Value { return reflect.ValueOf(!truth(v)) }
	default:
		return nil, nil
	}
	return func(dot, root reflect.Value) (reflect.Value, bool) {
		v, ok := arg(dot, root)
		if ok {
			v = f(v)
		}
		return v, ok
	}, result
}

func comparison(name string, a, b value, at, bt reflect.Type) (value, reflect.Type) {
	var f func(x, y reflect.Value) bool
	switch {
	case at.Kind() != bt.Kind():
	case at.Kind() == reflect.String && name == "eq":
		f = func(x, y reflect.Value) bool { return x.String() == y.String() }
	case at.Kind() == reflect.String && name == "ne":
		f = func(x, y reflect.Value) bool { return x.String() != y.String() }
	case at.Kind() == reflect.Int && name == "eq":
		f = func(x, y reflect.Value) bool { return x.Int() == y.Int() }
	case at.Kind() == reflect.Int && name == "ne":
		f = func(x, y reflect.Value) bool { return x.Int() != y.Int() }
	case at.Kind() == reflect.Int && name == "gt":
		f = func(x, y reflect.Value) bool { return x.Int() > y.Int() }
	case at.Kind() == reflect.Int && name == "lt":
		f = func(x, y reflect.Value) bool { return x.Int() < y.Int() }
	}
	if f == nil {
		return nil, nil
	}
	yes, no := reflect.ValueOf(true), reflect.ValueOf(false)
	return func(dot, root reflect.Value) (reflect.Value, bool) {
		x, ok1 := a(dot, root)
		y, ok2 := b(dot, root)
		if !ok1 || !ok2 {
			return no, false
		}
		if f(x, y) {
			return yes, true
		}
		return no, true
	}, reflect.TypeFor[bool]()
}

func (c *compiler) operand(n parse.Node, dot, root reflect.Type) (value, reflect.Type) {
	constant := func(x any) (value, reflect.Type) {
		v := reflect.ValueOf(x)
		return func(_, _ reflect.Value) (reflect.Value, bool) { return v, true }, v.Type()
	}
	switch n := n.(type) {
	case *parse.DotNode:
		return func(dot, _ reflect.Value) (reflect.Value, bool) { return dot, true }, dot
	case *parse.FieldNode:
		path, t := fields(dot, n.Ident)
		if t == nil {
			return nil, nil
		}
		return func(dot, _ reflect.Value) (reflect.Value, bool) { return path.of(dot) }, t
	case *parse.VariableNode:
		if n.Ident[0] != "$" {
			return nil, nil
		}
		path, t := fields(root, n.Ident[1:])
		if t == nil {
			return nil, nil
		}
		return func(_, root reflect.Value) (reflect.Value, bool) { return path.of(root) }, t
	case *parse.StringNode:
		return constant(n.Text)
	case *parse.NumberNode:
		if _, err := strconv.Atoi(n.Text); err == nil {
			return constant(int(n.Int64))
		}
	case *parse.PipeNode:
		return c.pipe(n, dot, root)
	}
	return nil, nil
}

// route leads through fields; a -1 in it through a pointer.
type route []int

func fields(t reflect.Type, names []string) (route, reflect.Type) {
	var r route
	for _, name := range names {
		if t.Kind() == reflect.Pointer {
			r, t = append(r, -1), t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return nil, nil
		}
		if _, method := reflect.PointerTo(t).MethodByName(name); method {
			return nil, nil
		}
		f, ok := t.FieldByName(name)
		if !ok || !f.IsExported() {
			return nil, nil
		}
		for _, i := range f.Index[:len(f.Index)-1] {
			if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
				return nil, nil
			}
		}
		r, t = append(r, f.Index...), f.Type
	}
	return r, t
}

func (r route) of(v reflect.Value) (reflect.Value, bool) {
	for _, i := range r {
		if i >= 0 {
			v = v.Field(i)
		} else if v.IsNil() {
			return v, false
		} else {
			v = v.Elem()
		}
	}
	return v, true
}

// action compiles {{…}}: an operand and the escapers that html/template has put behind it.
func (c *compiler) action(n *parse.PipeNode, dot, root reflect.Type) step {
	if len(n.Decl) > 0 || len(n.Cmds) < 2 {
		return nil
	}
	v, t := c.command(n.Cmds[0], dot, root)
	if v == nil {
		return nil
	}
	var escapers []string
	for _, cmd := range n.Cmds[1:] {
		id, ok := cmd.Args[0].(*parse.IdentifierNode)
		if !ok || len(cmd.Args) != 1 {
			return nil
		}
		name, ok := strings.CutPrefix(id.Ident, "_html_template_")
		if !ok {
			return nil
		}
		escapers = append(escapers, name)
	}
	var write func(b *output, s string) bool
	switch html := t == reflect.TypeFor[template.HTML](); {
	case html && slices.Equal(escapers, []string{"htmlescaper"}):
		write = func(b *output, s string) bool { b.WriteString(s); return true }
	case html:
		return nil
	case t == reflect.TypeFor[int]() && !slices.ContainsFunc(escapers, func(e string) bool { return !numberSafe[e] }):
		return func(b *output, dot, root reflect.Value) bool {
			x, ok := v(dot, root)
			if ok {
				b.Write(strconv.AppendInt(b.AvailableBuffer(), x.Int(), 10))
			}
			return ok
		}
	case t != reflect.TypeFor[string]():
		return nil
	default:
		if write = escaper(escapers); write == nil {
			return nil
		}
	}
	return func(b *output, dot, root reflect.Value) bool {
		x, ok := v(dot, root)
		return ok && write(b, x.String())
	}
}

// numberSafe are the escapers that leave digits and a minus as they are.
var numberSafe = map[string]bool{"htmlescaper": true, "rcdataescaper": true, "attrescaper": true, "urlfilter": true, "urlnormalizer": true, "urlescaper": true}

// escaper gives one function for what a sequence of html/template's escapers does to plain text.
func escaper(names []string) func(b *output, s string) bool {
	switch strings.Join(names, " ") {
	case "htmlescaper", "rcdataescaper", "attrescaper":
		return writeHTML
	case "urlfilter urlnormalizer attrescaper":
		return func(b *output, s string) bool { return safeURL(s) && writeURL(b, s, true) }
	case "urlnormalizer attrescaper":
		return func(b *output, s string) bool { return writeURL(b, s, true) }
	case "srcsetescaper attrescaper":
		return writeSrcset
	case "urlescaper attrescaper":
		return func(b *output, s string) bool { return writeURL(b, s, false) }
	}
	return nil
}

// writeHTML escapes text in an element or a quoted attribute.
func writeHTML(b *output, s string) bool {
	from := 0
	for i := range len(s) {
		var with string
		switch s[i] {
		case '"':
			with = "&#34;"
		case '&':
			with = "&amp;"
		case '\'':
			with = "&#39;"
		case '+':
			with = "&#43;"
		case '<':
			with = "&lt;"
		case '>':
			with = "&gt;"
		case 0:
			with = "\uFFFD"
		default:
			continue
		}
		b.WriteString(s[from:i])
		b.WriteString(with)
		from = i + 1
	}
	b.WriteString(s[from:])
	return true
}

// safeURL reports whether a URL is relative or has a protocol that can do no harm. Others are left to
// html/template, which puts a mark in their place.
func safeURL(s string) bool {
	protocol, _, ok := strings.Cut(s, ":")
	return !ok || strings.Contains(protocol, "/") || strings.EqualFold(protocol, "http") || strings.EqualFold(protocol, "https") || strings.EqualFold(protocol, "mailto")
}

// writeURL percent-encodes what can't stand in a URL (whole: it is one, and keeps what has a meaning there; else
// it is a part of one), for a quoted attribute.
func writeURL(b *output, s string, whole bool) bool {
	const hex = "0123456789abcdef"
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~':
			b.WriteByte(c)
		case whole && c == '&':
			b.WriteString("&amp;")
		case whole && c == '+':
			b.WriteString("&#43;")
		case whole && strings.IndexByte("!#$*,/:;=?@[]", c) >= 0 || whole && c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return true
}

// writeSrcset escapes the sources of an image, for a quoted attribute: URLs, each with a width behind it, between commas.
// What has a harmful protocol, or more than letters and digits behind a URL, is left to html/template.
func writeSrcset(b *output, s string) bool {
	const spaces = " \t\n\f\r"
	first := true
	for source := range strings.SplitSeq(s, ",") {
		if !first {
			b.WriteByte(',')
		}
		first = false
		url := strings.TrimLeft(source, spaces)
		b.WriteString(source[:len(source)-len(url)])
		width := ""
		if at := strings.IndexAny(url, spaces); at >= 0 {
			url, width = url[:at], url[at:]
		}
		if !safeURL(url) || strings.ContainsFunc(width, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(spaces, r))
		}) {
			return false
		}
		writeURL(b, url, true)
		b.WriteString(width)
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
