package markdown

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"gongzhi/generator/han"
)

// syntax is the parser of all texts. It keeps nothing of them, so goroutines share it; what belongs to one
// text is in its state.
var syntax = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(lists{parser.NewListParser()}, 300),
			util.Prioritized(listItems{parser.NewListItemParser()}, 400),
			util.Prioritized(indentedCode{parser.NewCodeBlockParser()}, 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(extension.NewDefinitionListParser(), 850),
			util.Prioritized(extension.NewDefinitionDescriptionParser(), 860),
			util.Prioritized(noteDefinitions{}, 870),
			util.Prioritized(commentBlocks{}, 900),
			util.Prioritized(paragraphs{parser.NewParagraphParser()}, 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
			util.Prioritized(metered{parser.NewCodeSpanParser()}, 100),
			util.Prioritized(noteMarks{}, 110),
			util.Prioritized(wikiLinks{}, 120),
			util.Prioritized(links{parser.NewLinkParser()}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(tags{}, 400),
			util.Prioritized(delimiters{}, 500),
			util.Prioritized(bareURLs{}, 900),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
			util.Prioritized(pipeTables{extension.NewTableParagraphTransformer()}, 200),
			util.Prioritized(tabTables{}, 210),
		),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
		),
	)
})

// maxWork is what a text may cost in steps of goldmark's loops whose cost grows with the square of the
// text: about half a second. Only texts made for the purpose come near.
const maxWork = 30_000_000

// state is what the parsers know of one text.
type state struct {
	source     *source
	fuel       int // what is left of maxWork; below zero, markup is text
	spentAt    int // where it ran out
	delimiters int // in the present block
	notes      map[string]*note
	numbers    map[ast.Node]int  // of list items, as typed
	tabbed     map[ast.Node]bool // rows whose cells tabs divide
	cells      int               // of the tables that they make
	tags       []tagUse          // HTML tags in the text, each name once
	unclosed   bool              // a comment without an end was met
}

var stateKey = parser.NewContextKey()

func stateOf(pc parser.Context) *state { return pc.Get(stateKey).(*state) }

// burn takes work from the fuel and reports whether there is some left.
func (s *state) burn(work, offset int) bool {
	if s.fuel < 0 {
		return false
	}
	if s.fuel -= work; s.fuel < 0 {
		s.spentAt = offset
		return false
	}
	return true
}

// report says what the parsers noticed in the text as a whole.
func (s *state) report() {
	if s.fuel < 0 {
		s.source.errorf(s.spentAt, "too-complex", "到这里为止，方括号、星号之类的标记多得不正常：请检查，或分成几段")
	}
	for _, t := range s.tags {
		if t.count > 1 {
			s.source.warnf(t.at, "html", "不支持 HTML 标签 <%s>，已按文字显示（本文共 %d 处）：请改用 Markdown", t.name, t.count)
		} else {
			s.source.warnf(t.at, "html", "不支持 HTML 标签 <%s>，已按文字显示：请改用 Markdown", t.name)
		}
	}
}

// metered stops a parser that looks for a closing mark as far as the block goes from doing so too often.
type metered struct{ parser.InlineParser }

func (m metered) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	state := stateOf(pc)
	_, segment := block.PeekLine()
	if state.fuel < 0 {
		return nil
	}
	n := m.InlineParser.Parse(parent, block, pc)
	if n == nil || n.Kind() != ast.KindCodeSpan {
		state.burn(rest(parent, segment.Start)/8, segment.Start)
	}
	return n
}

// rest is how many bytes of a block lie behind an offset.
func rest(parent ast.Node, offset int) int {
	for p := parent; p != nil; p = p.Parent() {
		if p.Type() != ast.TypeInline {
			if lines := p.Lines(); lines != nil && lines.Len() > 0 {
				return max(0, lines.At(lines.Len()-1).Stop-offset)
			}
			return 0
		}
	}
	return 0
}

// links is goldmark's parser of links and images with a bound on its work: each ] walks over what stands
// in the block, and one that opens no link may have been searched to the block's end.
type links struct{ parser.InlineParser }

func (l links) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	state := stateOf(pc)
	if state.fuel < 0 {
		return nil
	}
	line, segment := block.PeekLine()
	work := 1
	if line[0] == ']' {
		work += parent.ChildCount()
	}
	open := line[0] == ']' && pc.IsInLinkLabel()
	n := l.InlineParser.Parse(parent, block, pc)
	if n == nil && open && len(line) > 1 {
		if line[1] == '(' || line[1] == '[' {
			work += rest(parent, segment.Start) / 8
		}
		if line[1] == '(' {
			state.source.warnf(segment.Start+1, "not-a-link", "这里像是链接，但没有写对，已按文字显示：圆括号里只写地址，地址有空格时用 < > 括起来")
		} else if bytes.HasPrefix(line[1:], []byte("（")) && isPath(line[1+len("（"):]) {
			state.source.warnf(segment.Start+1, "full-width-link", "这里像是链接，但圆括号是全角的，已按文字显示：请改用半角的 ( )")
		}
	}
	state.burn(work, segment.Start)
	return n
}

// isPath reports that what stands before the next ） looks like the target of a link.
func isPath(line []byte) bool {
	inner, _, ok := bytes.Cut(line[:min(len(line), maxWiki)], []byte("）"))
	if !ok || bytes.ContainsAny(inner, "\n，。") {
		return false
	}
	for _, start := range [...]string{"http", "../", "./", "/", "#"} {
		if bytes.HasPrefix(inner, []byte(start)) {
			return true
		}
	}
	i := bytes.LastIndexByte(inner, '.')
	return i > 0 && len(inner)-i > 2 && len(inner)-i <= 6 && bytes.IndexFunc(inner[i+1:], func(r rune) bool { return r >= utf8.RuneSelf || !isAlnum(byte(r)) }) < 0 &&
		(inner[i+1] < '0' || inner[i+1] > '9')
}

// CloseBlock is part of goldmark's parser.
func (l links) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	l.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

// indentedCode declines lines with Han: four spaces before a Chinese paragraph indent its first line, and
// nobody means code. Several lines of which one has no Han are code with remarks in Chinese.
type indentedCode struct{ parser.BlockParser }

func (c indentedCode) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	if hasHan(line) && !isCode(reader.Source()[segment.Stop:]) {
		return nil, parser.NoChildren
	}
	return c.BlockParser.Open(parent, reader, pc)
}

// isCode reports that among the indented lines that a text begins with is one without Han.
func isCode(rest []byte) bool {
	for n := 0; len(rest) > 0 && n < 50; n++ {
		line, after, _ := bytes.Cut(rest, []byte{'\n'})
		rest = after
		if util.IsBlank(line) {
			continue
		}
		if indent, _ := util.IndentWidth(bytes.TrimLeft(line, ">"), 0); indent < 4 {
			return false
		}
		if !hasHan(line) {
			return true
		}
	}
	return false
}

func hasHan(line []byte) bool {
	for i := 0; i < len(line); i++ {
		if line[i] >= 0xe2 {
			if r, _ := utf8.DecodeRune(line[i:]); han.IsHan(r) {
				return true
			}
		}
	}
	return false
}

// paragraphs takes the indented lines that indentedCode leaves.
type paragraphs struct{ parser.BlockParser }

func (paragraphs) CanAcceptIndentedLine() bool { return true }

// comment is an HTML comment: in the source, not in the page.
type comment struct {
	ast.BaseBlock
	closed bool
}

var kindComment = ast.NewNodeKind("Comment")

func (*comment) Kind() ast.NodeKind              { return kindComment }
func (*comment) IsRaw() bool                     { return true }
func (n *comment) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

var (
	commentOpen  = []byte("<!--")
	commentClose = []byte("-->")
)

// commentCloses reports whether the comment that begins at offset has an end, and says so once if not.
func (s *state) commentCloses(offset int) bool {
	if !s.unclosed && !bytes.Contains(s.source.text[offset:], commentClose) {
		s.unclosed = true
		s.source.errorf(offset, "comment", "注释 <!-- 没有结束：请在末尾加上 -->")
	}
	return !s.unclosed
}

// commentBlocks parses a comment that begins a line. What stands behind its end is text again.
type commentBlocks struct{}

func (commentBlocks) Trigger() []byte { return []byte{'<'} }

func (commentBlocks) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	start := max(pc.BlockOffset(), 0)
	if !bytes.HasPrefix(line[start:], commentOpen) {
		return nil, parser.NoChildren
	}
	n := &comment{}
	if i := bytes.Index(line[start+len(commentOpen):], commentClose); i >= 0 {
		if !util.IsBlank(line[start+len(commentOpen)+i+len(commentClose):]) {
			return nil, parser.NoChildren // text follows: the comment is part of a paragraph
		}
		n.closed = true
	} else if !stateOf(pc).commentCloses(segment.Start + start) {
		return nil, parser.NoChildren
	}
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

func (commentBlocks) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	n := node.(*comment)
	if n.closed {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	i := bytes.Index(line, commentClose)
	if i < 0 {
		reader.AdvanceToEOL()
		return parser.Continue | parser.NoChildren
	}
	n.closed = true
	if end := i + len(commentClose); util.IsBlank(line[end:]) {
		reader.AdvanceToEOL()
		return parser.Continue | parser.NoChildren
	} else {
		reader.Advance(end)
	}
	return parser.Close
}

func (commentBlocks) Close(ast.Node, text.Reader, parser.Context) {}
func (commentBlocks) CanInterruptParagraph() bool                 { return true }
func (commentBlocks) CanAcceptIndentedLine() bool                 { return false }
