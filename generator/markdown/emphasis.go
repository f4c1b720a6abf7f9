package markdown

import (
	"bytes"
	"strings"
	"unicode/utf8"

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
	if c != '_' && isTimes(block.Source(), segment.Start, n) {
		canOpen, canClose = false, false
	}
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

// isTimes reports that a run of n signs is arithmetic and no emphasis: between digits (3*4, 3~~5), between a bracket and
// a digit, behind a unit and before a digit (30厘米*20厘米), or between two of the words that measures are made of (长*宽*高).
func isTimes(source []byte, at, n int) bool {
	before, _ := utf8.DecodeLastRune(source[max(0, at-4):at])
	after, _ := utf8.DecodeRune(source[at+n:])
	digitAfter := after >= '0' && after <= '9' || after >= '０' && after <= '９'
	switch {
	case before >= '0' && before <= '9' || before >= '０' && before <= '９':
		return digitAfter || n == 1 && (after == '(' || after == '（')
	case n > 1:
		return false
	case before == ')' || before == '）':
		return digitAfter || after == '(' || after == '（'
	case digitAfter:
		return unitBefore(source[max(0, at-24):at])
	}
	return strings.ContainsRune(measures, before) && strings.ContainsRune(measures, after)
}

const measures = "长宽高厚深径"

// unitBefore reports that a text ends in a figure and a unit of length.
func unitBefore(b []byte) bool {
	for _, unit := range [...]string{"厘米", "毫米", "公分", "米", "寸", "尺", "cm", "mm", "m", "CM", "MM", "㎝", "㎜"} {
		if rest, ok := bytes.CutSuffix(b, []byte(unit)); ok && len(rest) > 0 && rest[len(rest)-1] >= '0' && rest[len(rest)-1] <= '9' {
			return true
		}
	}
	return false
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

// Spaced is whether a line break between two characters stands for a space, for other texts that are joined as bodies are.
func Spaced(a, b rune) bool { return spaced(a, b) }

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
