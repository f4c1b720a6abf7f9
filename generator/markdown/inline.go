package markdown

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"gongzhi/generator/han"
)

// wikiLink is [[target]], [[target|label]] or the image ![[target|alt]].
type wikiLink struct {
	ast.BaseInline
	target, label text.Segment // label is empty if there is none
	image         bool
}

var kindWikiLink = ast.NewNodeKind("WikiLink")

func (*wikiLink) Kind() ast.NodeKind              { return kindWikiLink }
func (n *wikiLink) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// wikiLinks is the inline parser for [[target]]. Between target and label stands |, and in a table, whose
// cells | divides, \|. A ]] followed by ( is left to CommonMark: [[1]](#a) is a link there.
type wikiLinks struct{}

func (wikiLinks) Trigger() []byte { return []byte{'[', '!'} }

// maxWiki is the greatest length of a wiki link in bytes: a title and a label.
const maxWiki = 1000

func (wikiLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	start := 2
	if line[0] == '!' {
		start = 3
	}
	if len(line) < start+3 || line[start-1] != '[' || line[start-2] != '[' {
		return nil
	}
	inner := line[start:min(len(line), start+maxWiki)]
	end := bytes.IndexAny(inner, "[]\n")
	if end < 1 || end+1 >= len(inner) || inner[end] != ']' || inner[end+1] != ']' {
		return nil
	}
	if end+2 < len(inner) && inner[end+2] == '(' {
		return nil
	}
	n := &wikiLink{image: line[0] == '!'}
	at := func(from, to int) text.Segment {
		for from < to && (inner[from] == ' ' || inner[from] == '\t') {
			from++
		}
		for to > from && (inner[to-1] == ' ' || inner[to-1] == '\t') {
			to--
		}
		return text.NewSegment(segment.Start+start+from, segment.Start+start+to)
	}
	n.target = at(0, end)
	if bar := bytes.IndexByte(inner[:end], '|'); bar >= 0 {
		n.label = at(bar+1, end)
		if bar > 0 && inner[bar-1] == '\\' {
			bar--
		}
		n.target = at(0, bar)
	}
	if n.target.Len() == 0 {
		return nil
	}
	block.Advance(start + end + 2)
	return n
}

// tagUse counts an HTML tag that is shown as text.
type tagUse struct {
	name      string
	at, count int
}

// lineBreak is <br>, which Markdown has no other way to write inside a table.
type lineBreak struct{ ast.BaseInline }

var kindLineBreak = ast.NewNodeKind("LineBreak")

func (*lineBreak) Kind() ast.NodeKind              { return kindLineBreak }
func (n *lineBreak) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// inlineComment is an HTML comment within a paragraph: nothing.
type inlineComment struct{ ast.BaseInline }

var kindInlineComment = ast.NewNodeKind("InlineComment")

func (*inlineComment) Kind() ast.NodeKind              { return kindInlineComment }
func (n *inlineComment) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// tags is the inline parser for <: it drops comments, takes <br>, and notes other HTML tags, which stay text.
type tags struct{}

func (tags) Trigger() []byte { return []byte{'<'} }

func (tags) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	state := stateOf(pc)
	if bytes.HasPrefix(line, commentOpen) {
		return state.inlineComment(parent, block, segment.Start)
	}
	name := 1
	if len(line) > 1 && line[1] == '/' {
		name++
	}
	end := name
	for end < len(line) && (isAlnum(line[end]) || line[end] == '-') {
		end++
	}
	if end == name || end >= len(line) || line[name] <= '9' || strings.IndexByte(" \t\n/>", line[end]) < 0 {
		return nil
	}
	word := strings.ToLower(string(line[name:end]))
	if word == "br" && name == 1 {
		if rest := bytes.TrimLeft(line[end:], " \t/"); len(rest) > 0 && rest[0] == '>' {
			block.Advance(len(line) - len(rest) + 1)
			return &lineBreak{}
		}
	}
	if next := bytes.TrimLeft(line[end:min(len(line), end+maxTag)], " \t\n"); len(next) > 0 &&
		(bytes.IndexByte(next, '>') < 0 || !isAlnum(next[0]) && next[0] != '/' && next[0] != '>') {
		return nil // a <b and so on
	}
	if len(word) > 20 {
		word = word[:20]
	}
	for i := range state.tags {
		if state.tags[i].name == word {
			if name == 1 { // an end tag is no second fault
				state.tags[i].count++
			}
			return nil
		}
	}
	if len(state.tags) < maxTagNames {
		state.tags = append(state.tags, tagUse{word, segment.Start, 1})
	}
	return nil
}

const (
	maxTag      = 1000 // bytes searched for the end of a tag
	maxTagNames = 50   // reported in one text
)

// inlineComment consumes a comment that may go over several lines of its block.
func (s *state) inlineComment(parent ast.Node, block text.Reader, offset int) ast.Node {
	if !s.commentCloses(offset) || !s.burn(1, offset) {
		return nil
	}
	for first := true; ; first = false {
		line, _ := block.PeekLine()
		if line == nil { // it ends in another block, so it is none
			s.burn(rest(parent, offset)/8, offset)
			return nil
		}
		from := 0
		if first {
			from = len(commentOpen)
		}
		if i := bytes.Index(line[from:], commentClose); i >= 0 {
			block.Advance(from + i + len(commentClose))
			return &inlineComment{}
		}
		block.AdvanceLine()
	}
}

// bareURLs is the inline parser for http(s) URLs that stand in the text as they are. It is called at the
// colon and takes the scheme back from the text before it. A URL ends at the first character that is not
// ASCII, so that Chinese right behind it is text; a host may have a name in Chinese. Where Chinese characters follow without
// a space, a warning says what was taken, since a path may have been meant to hold them.
type bareURLs struct{}

func (bareURLs) Trigger() []byte { return []byte{':'} }

func (bareURLs) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if len(line) < 4 || line[1] != '/' || line[2] != '/' || pc.IsInLinkLabel() {
		return nil
	}
	host := 3
	if !isAlnum(line[3]) {
		if host += hanHost(line[3:]); host == 3 {
			return nil
		}
	}
	before, ok := parent.LastChild().(*ast.Text)
	if !ok || before.Segment.Stop != segment.Start {
		return nil
	}
	source := block.Source()
	scheme := 0
	for scheme < 6 && segment.Start-scheme > before.Segment.Start && isAlnum(source[segment.Start-scheme-1]) {
		scheme++
	}
	start := segment.Start - scheme
	if word := string(source[start:segment.Start]); !strings.EqualFold(word, "http") && !strings.EqualFold(word, "https") {
		return nil
	}
	end := host
	for end < len(line) && (isAlnum(line[end]) || strings.IndexByte("-._~:/?#@!$&'()*+,;=%", line[end]) >= 0) {
		end++
	}
	if end > host {
		end = host + trimURL(line[host:end])
	}
	if r, _ := utf8.DecodeRune(line[end:]); han.IsHan(r) {
		stateOf(pc).source.warnf(start, "url-han", "网址后面紧跟着汉字，链接只到 %s 为止：汉字是网址的一部分，请写成 <网址>；不是，请加一个空格", shortenURL(string(source[start:segment.Start+end])))
	}
	before.Segment.Stop = start
	if before.Segment.Start >= start {
		parent.RemoveChild(parent, before)
	}
	block.Advance(end)
	n := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, segment.Start+end)))
	n.SetPos(start)
	return n
}

// hanHost is the length of a host's name with Chinese characters at the start of a text; 0 if there is none.
func hanHost(b []byte) int {
	n, dot := 0, 0
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if !han.IsHan(r) && r != '-' && r != '.' && (r >= utf8.RuneSelf || !isAlnum(byte(r))) {
			break
		}
		if r == '.' {
			dot = n
		}
		n += size
	}
	if dot == 0 || dot == n-1 || n > 250 {
		return 0
	}
	return n
}

func shortenURL(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:20]) + "…" + string(r[len(r)-38:])
	}
	return s
}

// trimURL takes from the end of a URL what belongs to the sentence: punctuation, a ) without its (, an entity.
func trimURL(url []byte) int {
	end := len(url)
	unopened := bytes.Count(url, []byte(")")) - bytes.Count(url, []byte("("))
	for end > 0 {
		switch c := url[end-1]; {
		case strings.IndexByte("?!.,:*_~'", c) >= 0:
			end--
		case c == ')' && unopened > 0:
			unopened--
			end--
		case c == ';':
			i := end - 1
			for i > 0 && (isAlnum(url[i-1]) || url[i-1] == '#') {
				i--
			}
			if i > 0 && url[i-1] == '&' {
				i--
			} else {
				i = end - 1
			}
			end = i
		default:
			return end
		}
	}
	return end
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
