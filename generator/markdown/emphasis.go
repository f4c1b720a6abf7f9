package markdown

import (
	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"gongzhi/generator/han"
)

// delimiters is the inline parser for *, _ and ~~.
//
// CommonMark decides by the neighbours of a run whether it may open or close, and takes punctuation for the
// edge of a word. Chinese has no spaces there, so **重点。**后文 stays literal (commonmark-spec#650). Here
// Chinese punctuation counts as a character like any other, and any punctuation is no edge if a Chinese
// character stands on the other side of the run. Text without Chinese is as in CommonMark.
//
// A single ~ is no strikethrough, unlike in GFM: Chinese writes ranges with it, 3~5月.
type delimiters struct{}

func (delimiters) Trigger() []byte { return []byte{'*', '_', '~'} }

func (delimiters) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	state := stateOf(pc)
	line, segment := block.PeekLine()
	c, n := line[0], 1
	for n < len(line) && line[n] == c {
		n++
	}
	before := block.PrecendingCharacter()
	if c == '~' && (n != 2 || before == '~') {
		return nil
	}
	after := rune('\n')
	if n < len(line) {
		after = util.ToRune(line, n)
	}
	run := segment.WithStop(segment.Start + n)
	canOpen, canClose := flanks(c, before, after)
	// Closing looks back over all that is open, so a run costs what is before it in its block.
	state.delimiters++
	if !canOpen && !canClose || !state.burn(state.delimiters, segment.Start) {
		block.Advance(n)
		return ast.NewTextSegment(run)
	}
	var p parser.DelimiterProcessor = emphasis{}
	if c == '~' {
		p = strike{}
	}
	d := parser.NewDelimiter(canOpen, canClose, n, c, p)
	d.Segment = run
	block.Advance(n)
	pc.PushDelimiter(d)
	return d
}

// CloseBlock begins the count anew for the next block of inlines.
func (delimiters) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	stateOf(pc).delimiters = 0
}

// flanks tells whether a run of c between two characters may open and may close.
func flanks(c byte, before, after rune) (canOpen, canClose bool) {
	spaceBefore, spaceAfter := util.IsSpaceRune(before), util.IsSpaceRune(after)
	cjkBefore, cjkAfter := isChinese(before), isChinese(after)
	punctBefore, punctAfter := util.IsPunctRune(before), util.IsPunctRune(after)
	edgeBefore, edgeAfter := punctBefore && !cjkBefore, punctAfter && !cjkAfter

	left := !spaceAfter && (!edgeAfter || spaceBefore || edgeBefore || cjkBefore)
	right := !spaceBefore && (!edgeBefore || spaceAfter || edgeAfter || cjkAfter)
	if c == '_' {
		return left && (!right || punctBefore), right && (!left || punctAfter)
	}
	return left, right
}

// isChinese reports whether r belongs to Chinese text: a character or a mark of punctuation, also those
// that other scripts use as well (“”‘’—…·). Kana and bopomofo count too.
func isChinese(r rune) bool {
	if r < 0x2e80 {
		switch r {
		case '“', '”', '‘', '’', '—', '…', '·', '‧', '―':
			return true
		}
		return false
	}
	return r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r >= 0x3040 && r <= 0x312f ||
		r >= 0xfe30 && r <= 0xfe4f || r >= 0x31a0 && r <= 0x31bf || r >= 0x3200 && r <= 0x33ff || han.IsHan(r)
}

// spaced reports whether a line break between two characters stands for a space: not between Chinese
// characters, and not beside one where the other side is punctuation of both scripts.
func spaced(a, b rune) bool { return !isChinese(a) || !isChinese(b) }

type emphasis struct{}

func (emphasis) IsDelimiter(c byte) bool { return c == '*' || c == '_' }

func (emphasis) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (emphasis) OnMatch(consumes int) ast.Node { return ast.NewEmphasis(consumes) }

type strike struct{}

func (strike) IsDelimiter(c byte) bool { return c == '~' }

func (strike) CanOpenCloser(opener, closer *parser.Delimiter) bool { return opener.Char == closer.Char }

func (strike) OnMatch(consumes int) ast.Node { return east.NewStrikethrough() }
