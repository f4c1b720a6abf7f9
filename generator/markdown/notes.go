package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Footnotes are those of PHP Markdown Extra: [^label] in the text and [^label]: with the note anywhere,
// further lines of it indented by four spaces. They are numbered as they are first referred to. A note
// that nothing refers to is printed too, behind the others: nothing that an editor wrote is lost.

// note is the block that defines a footnote. It stays where it was written; the writer prints it at the end.
type note struct {
	ast.BaseBlock
	label  []byte
	offset int // of the label
	number int // 0 until the writer meets a reference
	refs   int // references written so far
}

var kindNote = ast.NewNodeKind("Note")

func (*note) Kind() ast.NodeKind              { return kindNote }
func (n *note) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// noteMark is a reference to a note.
type noteMark struct {
	ast.BaseInline
	note *note
}

var kindNoteMark = ast.NewNodeKind("NoteMark")

func (*noteMark) Kind() ast.NodeKind              { return kindNoteMark }
func (n *noteMark) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// maxLabel is CommonMark's bound for the label of a link.
const maxLabel = 999

// noteLabel gives the label of [^label] at the start of line; nil if there is none.
func noteLabel(line []byte) []byte {
	if len(line) < 4 || line[0] != '[' || line[1] != '^' {
		return nil
	}
	line = line[2:min(len(line), 2+maxLabel)]
	i := bytes.IndexByte(line, ']')
	if i < 1 || bytes.IndexByte(line[:i], '[') >= 0 || util.IsBlank(line[:i]) {
		return nil
	}
	return line[:i]
}

// noteDefinitions is the block parser for [^label]: text.
type noteDefinitions struct{}

func (noteDefinitions) Trigger() []byte { return []byte{'['} }

func (noteDefinitions) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	start := pc.BlockOffset()
	if start < 0 {
		return nil, parser.NoChildren
	}
	label := noteLabel(line[start:])
	end := start + len("[^") + len(label) + len("]:")
	if label == nil || len(line) < end || line[end-1] != ':' {
		return nil, parser.NoChildren
	}
	n := &note{label: bytes.Clone(label), offset: segment.Start + start}
	state := stateOf(pc)
	if state.notes == nil {
		state.notes = map[string]*note{}
	}
	if state.notes[string(label)] == nil {
		state.notes[string(label)] = n
	} else {
		state.source.warnf(n.offset, "duplicate-note", "注释 [^%s] 定义了两次：引用指的是第一条", label)
	}
	reader.Advance(end)
	return n, parser.HasChildren
}

func (noteDefinitions) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	line, _ := reader.PeekLine()
	if util.IsBlank(line) {
		return parser.Continue | parser.HasChildren
	}
	pos, padding := util.IndentPosition(line, reader.LineOffset(), 4)
	if pos < 0 {
		return parser.Close
	}
	reader.AdvanceAndSetPadding(pos, padding)
	return parser.Continue | parser.HasChildren
}

func (noteDefinitions) Close(ast.Node, text.Reader, parser.Context) {}
func (noteDefinitions) CanInterruptParagraph() bool                 { return true }
func (noteDefinitions) CanAcceptIndentedLine() bool                 { return false }

// noteMarks is the inline parser for [^label].
type noteMarks struct{}

func (noteMarks) Trigger() []byte { return []byte{'['} }

func (noteMarks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	label := noteLabel(line)
	if label == nil {
		return nil
	}
	state := stateOf(pc)
	n := state.notes[string(label)]
	if n == nil {
		state.source.warnf(segment.Start, "missing-note", "没有注释 [^%s]：请在文末写上 [^%s]: 注释内容", label, label)
		return nil
	}
	block.Advance(len("[^]") + len(label))
	return &noteMark{note: n}
}
