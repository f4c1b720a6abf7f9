package content

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Pattern is a text with places for values, such as {recipient}获{honor}. Nil is none.
type Pattern []Piece

// Piece is a part of a pattern: a text as it stands, the value of a field, or a word that the caller knows.
type Piece struct {
	Text  string
	Field *Field
	Word  string
}

// String is the pattern as its schema writes it.
func (p Pattern) String() string {
	var b strings.Builder
	for _, x := range p {
		switch {
		case x.Field != nil:
			b.WriteString("{" + x.Field.Key + "}")
		case x.Word != "":
			b.WriteString("{" + x.Word + "}")
		default:
			b.WriteString(x.Text)
		}
	}
	return b.String()
}

// pattern reads a pattern. Its fields are known later, its pieces at once.
func (r *schemaReader) pattern(n *yaml.Node, word string, words []string, into *Pattern) {
	*into = nil
	for rest := r.text(n); rest != ""; {
		text, after, open := strings.Cut(rest, "{")
		if text != "" {
			*into = append(*into, Piece{Text: text})
		}
		if !open {
			return
		}
		key, after, closed := strings.Cut(after, "}")
		switch {
		case !closed:
			r.errorf(n, "schema/pattern", "%s 里的“{%s”没有对应的“}”。", word, key)
			return
		case key == "":
			r.errorf(n, "schema/pattern", "%s 里的花括号是空的：写上字段的 key，如 {title}。", word)
		case slices.Contains(words, key):
			*into = append(*into, Piece{Word: key})
		default:
			i := len(*into)
			*into = append(*into, Piece{})
			r.field(n, word, key, false, nil, func(f *Field) { (*into)[i].Field = f })
		}
		rest = after
	}
}
