package docx

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
)

// node is an element. Text is kept only where it is shown or names something.
type node struct {
	name string // prefix and local name: w:p, whatever prefix the file uses
	attr []attr
	kids []*node
	text string
}

type attr struct{ name, value string }

// prefixes gives namespaces the prefix that this package knows them by, transitional and strict alike.
var prefixes = map[string]string{
	"http://schemas.openxmlformats.org/wordprocessingml/2006/main":              "w:",
	"http://purl.oclc.org/ooxml/wordprocessingml/main":                          "w:",
	"http://schemas.openxmlformats.org/drawingml/2006/main":                     "a:",
	"http://purl.oclc.org/ooxml/drawingml/main":                                 "a:",
	"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing":    "wp:",
	"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing":                "wp:",
	"http://schemas.openxmlformats.org/drawingml/2006/picture":                  "pic:",
	"http://purl.oclc.org/ooxml/drawingml/picture":                              "pic:",
	"http://schemas.openxmlformats.org/drawingml/2006/chart":                    "c:",
	"http://purl.oclc.org/ooxml/drawingml/chart":                                "c:",
	"http://schemas.microsoft.com/office/drawing/2014/chartex":                  "cx:",
	"http://schemas.openxmlformats.org/drawingml/2006/diagram":                  "dgm:",
	"http://purl.oclc.org/ooxml/drawingml/diagram":                              "dgm:",
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships":       "r:",
	"http://purl.oclc.org/ooxml/officeDocument/relationships":                   "r:",
	"http://schemas.openxmlformats.org/officeDocument/2006/math":                "m:",
	"http://purl.oclc.org/ooxml/officeDocument/math":                            "m:",
	"http://schemas.openxmlformats.org/markup-compatibility/2006":               "mc:",
	"http://schemas.openxmlformats.org/package/2006/relationships":              "rel:",
	"http://schemas.openxmlformats.org/package/2006/content-types":              "ct:",
	"http://schemas.openxmlformats.org/package/2006/metadata/core-properties":   "cp:",
	"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties": "ep:",
	"http://purl.oclc.org/ooxml/officeDocument/extendedProperties":              "ep:",
	"http://purl.org/dc/elements/1.1/":                                          "dc:",
	"http://purl.org/dc/terms/":                                                 "dcterms:",
	"urn:schemas-microsoft-com:vml":                                             "v:",
	"urn:schemas-microsoft-com:office:office":                                   "o:",
	"urn:schemas-microsoft-com:office:word":                                     "w10:",
	"http://schemas.microsoft.com/office/word/2010/wordprocessingShape":         "wps:",
	"http://schemas.microsoft.com/office/word/2010/wordprocessingGroup":         "wpg:",
	"http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas":        "wpc:",
	"http://schemas.microsoft.com/office/word/2010/wordml":                      "w14:",
	"http://www.w3.org/XML/1998/namespace":                                      "xml:",
	"xml":                                                                       "xml:",
	recordNamespace:                                                             "gz:",
}

// idle are elements that say nothing that is needed here; one that holds nothing is not kept.
var idle = map[string]bool{
	"w:rFonts": true, "w:lang": true, "w:szCs": true, "w:bCs": true, "w:iCs": true, "w:color": true, "w:spacing": true, "w:ind": true,
	"w:kern": true, "w:proofErr": true, "w:lastRenderedPageBreak": true, "w:snapToGrid": true, "w:shd": true, "w:noProof": true,
	"w:widowControl": true, "w:kinsoku": true, "w:wordWrap": true, "w:autoSpaceDE": true, "w:autoSpaceDN": true, "w:topLinePunct": true,
	"w:adjustRightInd": true, "w:textAlignment": true, "w:bookmarkEnd": true, "w:highlight": true, "w:tcW": true, "w:top": true, "w:left": true,
	"w:right": true, "w:insideH": true, "w:insideV": true, "w:commentRangeStart": true, "w:commentRangeEnd": true,
	"w:keepNext": true, "w:keepLines": true, "w:pageBreakBefore": true, "w:fitText": true, "w:w": true, "w:position": true, "w:overflowPunct": true,
}

// Limits of one part of a file, far above any manuscript.
const (
	maxPart  = 64 << 20 // bytes, unpacked
	maxToken = 2 << 20  // bytes of one tag or one text, which the decoder holds whole
	maxNodes = 450_000  // elements; what takes more memory than an element counts for more
	maxDepth = 200
)

// errors of parsing.
var (
	errDeep  = fmt.Errorf("里面套了 %d 层以上", maxDepth)
	errLarge = fmt.Errorf("展开后超过 %d MB，或里面的东西太多、太长", maxPart>>20)
	errDTD   = errors.New("里面有 DTD（实体定义），Word 文件不允许有")
)

// tokens hands bytes to a decoder, which reads a token into memory before anybody sees it, and stops at one that is too long.
type tokens struct {
	*bufio.Reader
	left int
}

func (t *tokens) ReadByte() (byte, error) {
	if t.left--; t.left < 0 {
		return 0, errLarge
	}
	return t.Reader.ReadByte()
}

// weight is what an element of that name counts for: one that by itself becomes a piece of a paragraph costs more, and so does
// one within several forms of a drawing, each of which is looked through to its end.
func (t *tree) weight(name string, attrs int) int {
	n := 1 + attrs/4 + t.choices
	switch name {
	case "w:br", "w:cr", "w:tab", "w:ptab", "w:sym", "w:noBreakHyphen", "w:bookmarkStart":
		n++
	}
	return n
}

// keepsText tells whether the characters in an element are wanted.
func keepsText(name string) bool {
	switch name {
	case "w:t", "w:delText", "w:instrText", "w:delInstrText", "a:t", "m:t", "c:v", "c:f", "cx:pt", "cx:v", "gz:record":
		return true
	}
	return strings.HasPrefix(name, "dc:") || strings.HasPrefix(name, "cp:") || strings.HasPrefix(name, "ep:") || strings.HasPrefix(name, "dcterms:")
}

// parse reads a part into a tree, within the limits. budget counts nodes of all parts down.
func parse(r io.Reader, budget *int) (*node, error) {
	counted := &io.LimitedReader{R: r, N: maxPart + 1}
	head := make([]byte, 2)
	n, err := io.ReadFull(counted, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	var in io.Reader = io.MultiReader(bytes.NewReader(head[:n]), counted)
	if string(head) == "\xff\xfe" || string(head) == "\xfe\xff" {
		in = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(in)
	}
	bytewise := &tokens{Reader: bufio.NewReader(in)}
	d := xml.NewDecoder(bytewise)
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf16", "utf-16le", "utf-16be":
			return r, nil // UTF-16 is decoded above
		}
		return nil, fmt.Errorf("编码 %q 不是 UTF-8", label)
	}
	t := tree{stack: []*node{{}}, budget: budget, names: map[xml.Name]string{}, attrs: map[xml.Name]string{}}
	root := t.stack[0]
	for {
		bytewise.left = maxToken
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if counted.N <= 0 || bytewise.left < 0 {
			return nil, errLarge
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			err = t.open(token)
		case xml.EndElement:
			t.close()
		case xml.CharData:
			err = t.text(token)
		case xml.Directive:
			if bytes.HasPrefix(bytes.ToUpper(token), []byte("DOCTYPE")) {
				err = errDTD
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if len(root.kids) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return root.kids[0], nil
}

// A tree grows token by token.
type tree struct {
	stack        []*node // those that are open, the root first
	budget       *int
	choices      int                 // how many of those that are open are mc:AlternateContent
	names, attrs map[xml.Name]string // each name is one string
}

func (t *tree) open(token xml.StartElement) error {
	if len(t.stack) > maxDepth {
		return errDeep
	}
	e := &node{name: nameOf(t.names, token.Name, "?:")}
	if len(token.Attr) > 0 {
		e.attr = make([]attr, 0, min(len(token.Attr), 2)) // most are those of revisions, which are not kept
		for _, a := range token.Attr {
			if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
				continue
			}
			name := nameOf(t.attrs, a.Name, "")
			if strings.HasPrefix(name, "w:rsid") || strings.HasPrefix(name, "w14:") && len(name) > 9 && strings.HasSuffix(name, "Id") {
				continue
			}
			e.attr = append(e.attr, attr{name, a.Value})
		}
	}
	if *t.budget -= t.weight(e.name, len(e.attr)); *t.budget < 0 {
		return errLarge
	}
	if e.name == "mc:AlternateContent" {
		t.choices++
	}
	top := t.stack[len(t.stack)-1]
	top.kids = append(top.kids, e)
	t.stack = append(t.stack, e)
	return nil
}

func (t *tree) close() {
	e := t.stack[len(t.stack)-1]
	t.stack = t.stack[:len(t.stack)-1]
	if e.name == "mc:AlternateContent" {
		t.choices--
	}
	if len(e.kids) == 0 && idle[e.name] {
		top := t.stack[len(t.stack)-1]
		top.kids = top.kids[:len(top.kids)-1]
		*t.budget += t.weight(e.name, len(e.attr))
	}
}

func (t *tree) text(s xml.CharData) error {
	e := t.stack[len(t.stack)-1]
	switch {
	case !keepsText(e.name):
	case e.text == "":
		e.text = string(s)
	default:
		if *t.budget -= 1 + len(e.text)>>10; *t.budget < 0 { // it is copied each time
			return errLarge
		}
		e.text += string(s)
	}
	return nil
}

func nameOf(names map[xml.Name]string, n xml.Name, other string) string {
	s, ok := names[n]
	if !ok {
		p, known := prefixes[n.Space]
		switch {
		case known:
		case n.Space == "":
			p = ""
		case len(n.Space) <= 7 && !strings.Contains(n.Space, ":"):
			p = n.Space + ":" // a prefix that the file does not declare
		default:
			p = other
			if other == "" {
				p = "?:"
			}
		}
		if s = p + n.Local; n.Local == "t" && (p == "?:" || p == "" || p == n.Space+":" && prefixes[n.Space] == "") {
			s = "w:t" // of whatever language it is, it is text
		}
		names[n] = s
	}
	return s
}

// get gives an attribute. Unprefixed ones are found as well, since some programs forget the prefix.
func (n *node) get(name string) string {
	for i := range n.attr {
		if n.attr[i].name == name {
			return n.attr[i].value
		}
	}
	if _, local, ok := strings.Cut(name, ":"); ok {
		for i := range n.attr {
			if n.attr[i].name == local {
				return n.attr[i].value
			}
		}
	}
	return ""
}

// child gives the first child of a name; nil has none.
func (n *node) child(name string) *node {
	if n != nil {
		for _, k := range n.kids {
			if k.name == name {
				return k
			}
		}
	}
	return nil
}

// val is the w:val of a child, or "".
func (n *node) val(name string) string {
	if k := n.child(name); k != nil {
		return k.get("w:val")
	}
	return ""
}

// on reads a switch: absent (set is false), on or off.
func (n *node) on(name string) (value, set bool) {
	k := n.child(name)
	if k == nil {
		return false, false
	}
	switch strings.ToLower(k.get("w:val")) {
	case "0", "false", "off", "none":
		return false, true
	}
	return true, true
}

// has reports whether a descendant of one of the names is there.
func (n *node) has(names ...string) bool {
	for _, k := range n.kids {
		for _, name := range names {
			if k.name == name {
				return true
			}
		}
		if k.has(names...) {
			return true
		}
	}
	return false
}

// speaks reports whether there is text that is seen in an element.
func (n *node) speaks() bool {
	return n.text != "" && slices.Contains(shown, n.name) || slices.ContainsFunc(n.kids, (*node).speaks)
}

// texts collects what stands in elements of some names, in order, one string for each.
func (n *node) texts(names ...string) []string {
	var out []string
	var walk func(*node)
	walk = func(n *node) {
		for _, name := range names {
			if n.name == name && n.text != "" {
				out = append(out, n.text)
			}
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(n)
	return out
}
