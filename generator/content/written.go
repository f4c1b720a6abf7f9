package content

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/han"
)

// Bare is a value that is written as it is, without quotes, as long as the same characters can be read back:
// a number, a date, true.
type Bare string

// Member is one field of an object that is written.
type Member struct {
	Key   string
	Value any
}

// newNode makes of a value (string, Bare, int, bool, nil, a list, []Member) the node that reading its written form
// must give. A node without a tag may have any.
func newNode(v any) (*yaml.Node, error) {
	switch v := v.(type) {
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}, nil
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}, nil
	case Bare:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: string(v)}, nil
	case int:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.Itoa(v)}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(v)}, nil
	case []string:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, s := range v {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s})
		}
		return n, nil
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v {
			c, err := newNode(item)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, c)
		}
		return n, nil
	case []Member:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, m := range v {
			c, err := newNode(m.Value)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: m.Key}, c)
		}
		return n, nil
	}
	return nil, fmt.Errorf("content: no way to write a %T", v)
}

// numeral and yesNo are what YAML 1.1 reads as something else than text and the library does not: numbers of base
// 60 and the many words for yes and no (https://yaml.org/type/).
var (
	numeral = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	yesNo   = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null)$`)
)

// quoted tells how a scalar is written.
type quoting uint8

const (
	asNeeded quoting = iota
	inDouble
	inSingle
	asLiteral
	asFolded
)

// quotingOf gives how a node is written.
func quotingOf(n *yaml.Node) quoting {
	switch {
	case n == nil || n.Kind != yaml.ScalarNode:
		return asNeeded
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return inDouble
	case n.Style&yaml.SingleQuotedStyle != 0:
		return inSingle
	case n.Style&yaml.LiteralStyle != 0:
		return asLiteral
	case n.Style&yaml.FoldedStyle != 0:
		return asFolded
	}
	return asNeeded
}

// printer writes new values.
type printer struct {
	step int  // columns by which a block is further in than what it belongs to
	flat bool // texts of several lines are written on one, between quotes
}

// scalar writes a text that is to be read as n says. flow says that it stands between brackets, key that it is a
// key, indent is the column of the entry it belongs to, like the way that is tried first. Each candidate is given
// to the library to read; the first that holds the text is taken.
func (p *printer) scalar(n *yaml.Node, flow, key bool, indent int, like quoting) string {
	s := n.Value
	if n.Tag == "!!null" {
		return ""
	}
	reads := func(written string) bool {
		text := "k: " + written + "\n"
		switch {
		case key && flow:
			text = "{" + written + ": v}\n"
		case key:
			text = written + ": v\n"
		case flow:
			text = "[{k: " + written + "}, " + written + ", " + written + " ]\n"
		}
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) != 1 || len(doc.Content[0].Content) < 2 {
			return false
		}
		pair := doc.Content[0].Content
		got := pair[1]
		switch {
		case key:
			got = pair[0]
		case flow:
			if len(pair) != 3 || pair[2].Value != s || pair[0].Kind != yaml.MappingNode || len(pair[0].Content) != 2 || pair[0].Content[1].Value != s {
				return false
			}
		}
		return got.Kind == yaml.ScalarNode && got.Value == s && (n.Tag == "" || got.ShortTag() == n.Tag)
	}
	several := strings.Contains(s, "\n")
	var ways []string
	switch like {
	case inDouble:
		ways = append(ways, doubleQuoted(s))
	case inSingle:
		ways = append(ways, singleQuoted(s))
	case asLiteral, asFolded:
		if !flow && !key {
			ways = append(ways, p.block(s, indent, like == asFolded))
		}
	}
	trap := n.Tag != "" && (numeral.MatchString(s) || yesNo.MatchString(s))
	if !several && !trap && s != "" && !unseen(s) && !strings.Contains(s, "# ") { // 甲# 乙 looks like a comment, and is asked about
		ways = append(ways, s)
	}
	if several && !flow && !key {
		ways = append(ways, p.block(s, indent, false))
	}
	if strings.ContainsAny(s, `"\`) {
		ways = append(ways, singleQuoted(s))
	}
	for _, w := range ways {
		if w != "" && reads(w) {
			return w
		}
	}
	return doubleQuoted(s)
}

// unseen reports whether a text has characters that nobody would see, or that are line breaks to YAML.
func unseen(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r != '"' && r != '\\' && escaped(r) != "" })
}

// singleQuoted gives "" for what single quotes can't hold on one line.
func singleQuoted(s string) string {
	if unseen(s) {
		return ""
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if e := escaped(r); e != "" {
			b.WriteString(e)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// escaped is how a character is written between double quotes that can't stand there itself, or ought to be seen.
func escaped(r rune) string {
	switch {
	case r == '"' || r == '\\':
		return `\` + string(r)
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case han.Sight(r) == han.Control && r < 0xa0:
		return fmt.Sprintf(`\x%02x`, r)
	case han.Hidden(r) || r == 0x200c || r >= 0xd800 && r <= 0xdfff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return ""
}

// block writes a text of several lines below | or >; "" if it can't stand there.
func (p *printer) block(s string, indent int, folded bool) string {
	if p.flat {
		return ""
	}
	body := strings.TrimRight(s, "\n")
	first := strings.TrimLeft(body, "\n")
	if body == "" || first[0] == ' ' || first[0] == '\t' || len(first) < len(body) || unseen(strings.NewReplacer("\n", "", "\t", "").Replace(s)) {
		return ""
	}
	head := "|"
	if folded {
		if strings.Contains(body, "\n ") || strings.Contains(body, "\n\t") {
			return ""
		}
		head, body = ">", strings.ReplaceAll(body, "\n", "\n\n")
	}
	after := len(s) - len(strings.TrimRight(s, "\n"))
	switch {
	case after == 0:
		head += "-"
	case after > 1:
		return ""
	}
	pad := "\n" + strings.Repeat(" ", max(indent, 0)+p.step)
	var b strings.Builder
	b.WriteString(head)
	for line := range strings.SplitSeq(body, "\n") {
		if line == "" {
			b.WriteByte('\n')
		} else {
			b.WriteString(pad + line)
		}
	}
	return b.String()
}

// inFlow writes a value as it stands between brackets.
func (p *printer) inFlow(n *yaml.Node) string {
	var parts []string
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			parts = append(parts, p.flowItem(c))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, p.flowMember(n.Content[i], n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return p.scalar(n, true, false, 0, asNeeded)
}

// flowItem writes an item of a list in brackets.
func (p *printer) flowItem(n *yaml.Node) string {
	if s := p.inFlow(n); s != "" {
		return s
	}
	return "null" // between two commas there would be no item
}

// flowMember writes a pair in brackets.
func (p *printer) flowMember(key, value *yaml.Node) string {
	return p.scalar(key, true, true, 0, asNeeded) + ": " + p.flowItem(value)
}

// maxFlow is how many characters an object of a list has at most that is written on one line.
const maxFlow = 160

// short reports whether a value is of scalars of one line, few enough for a line of brackets.
func (p *printer) short(n *yaml.Node) bool {
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode || strings.Contains(c.Value, "\n") {
			return false
		}
	}
	return utf8.RuneCountInString(p.inFlow(n)) <= maxFlow
}

// behind writes a value as it stands behind the colon of a key at column indent, or behind a dash: with the
// blank or line break in front of it. like is the node that stood there, or that stands beside it.
func (p *printer) behind(n *yaml.Node, indent int, dash bool, like *yaml.Node) string {
	flow := like != nil && like.Kind == n.Kind && like.Style&yaml.FlowStyle != 0
	blockStyle := like != nil && like.Kind == n.Kind && like.Style&yaml.FlowStyle == 0
	pad := "\n" + strings.Repeat(" ", max(indent, 0)+p.step)
	var b strings.Builder
	switch {
	case n.Kind == yaml.ScalarNode:
		s := p.scalar(n, false, false, indent, quotingOf(like))
		if s == "" {
			return ""
		}
		return " " + s
	case len(n.Content) == 0 || flow:
		return " " + p.inFlow(n)
	case n.Kind == yaml.SequenceNode:
		if !blockStyle && p.short(n) {
			return " " + p.inFlow(n)
		}
		for _, c := range n.Content {
			b.WriteString(pad + "-" + p.behind(c, max(indent, 0)+p.step, true, nil))
		}
	default:
		if !blockStyle && dash && p.short(n) {
			return " " + p.inFlow(n)
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if dash && i == 0 {
				b.WriteString(" ")
				pad = "\n" + strings.Repeat(" ", indent+2)
			} else {
				b.WriteString(pad)
			}
			b.WriteString(p.member(n.Content[i], n.Content[i+1], len(pad)-1))
		}
	}
	return b.String()
}

// member writes a pair of a block mapping whose keys stand at column indent.
func (p *printer) member(key, value *yaml.Node, indent int) string {
	return p.scalar(key, false, true, 0, asNeeded) + ":" + p.behind(value, indent, false, nil)
}
