package manuscript

import (
	"errors"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of a page that is read: what its tree holds, and the attributes of one tag or what else there is a list of. An
// article has some thousands of nodes.
const (
	maxNodes = 400_000
	maxAttrs = 1000
)

// errTree says that a page is no article.
var errTree = errors.New("网页的标记太多，或套得太深，没有读：请先把内容粘贴到 Word 里，存成 .docx 再导入；或粘贴到记事本里，只留文字")

// A cost is what the tree of a page will at most hold, counted by its tags. A page of a few kilobytes can make a tree of
// gigabytes: each paragraph opens again whatever bold, font or link was left open before it (HTML, 13.2.4.3).
type cost struct {
	nodes   int
	open    []opened // formatting elements that no tag has ended
	barrier int      // those before it are beyond a table's cell or the like, where an end does not reach them
	blocks  int      // tags of other elements so far
	fresh   bool     // those that are open will be opened again by the next text
	frames  int      // further <html> and <body>, whose attributes are looked up each time
}

type opened struct {
	name atom.Atom
	tag  string
	at   int // blocks before it
}

// affordable tells whether the tree of a page stays within the bounds.
func affordable(src string) bool {
	c := cost{}
	z := html.NewTokenizer(strings.NewReader(src))
	for c.nodes < maxNodes && c.frames < maxAttrs && len(c.open) < maxAttrs {
		switch z.Next() {
		case html.ErrorToken:
			return true
		case html.TextToken:
			c.reopen()
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Raw()
			name, more := z.TagName()
			attrs := 0
			for ; more; attrs++ {
				_, _, more = z.TagAttr()
			}
			if attrs > maxAttrs {
				return false
			}
			c.nodes += attrs / 2
			c.start(atom.Lookup(name), tag)
		case html.EndTagToken:
			name, _ := z.TagName()
			c.nodes++ // </p> makes one
			c.end(atom.Lookup(name))
		}
	}
	return false
}

// reopen counts a node, and with it those that are opened again around it.
func (c *cost) reopen() {
	c.nodes++
	if c.fresh {
		c.nodes += len(c.open)
		c.fresh = false
	}
}

func (c *cost) start(name atom.Atom, tag []byte) {
	switch name {
	case atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S, atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U:
		if name == atom.A || name == atom.Nobr {
			c.end(name)
		}
		c.reopen()
		same := 0
		for _, o := range c.open {
			if o.tag == string(tag) {
				same++
			}
		}
		if same < 3 { // of equal ones three stay
			c.open = append(c.open, opened{name, string(tag), c.blocks})
		}
		return
	case atom.Html, atom.Body, atom.Frameset:
		c.frames++
	case atom.Span, atom.Br, atom.Img:
		c.reopen()
		return
	case atom.Table, atom.Td, atom.Th, atom.Caption, atom.Applet, atom.Marquee, atom.Object, atom.Template, atom.Svg, atom.Math:
		c.barrier = len(c.open)
	}
	c.reopen()
	c.blocks++
	c.fresh = true
}

func (c *cost) end(name atom.Atom) {
	for i := len(c.open) - 1; i >= c.barrier; i-- {
		if o := c.open[i]; o.name == name {
			within := c.blocks - o.at
			if c.nodes += 4 * min(within, 8); within < 8 { // one that ends after more blocks than that stays open in the last
				c.open = append(c.open[:i], c.open[i+1:]...)
			}
			c.fresh = c.fresh || within > 0
			return
		}
	}
	c.fresh = true
}
