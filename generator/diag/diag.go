// Package diag holds what the program says about the editors' files: a position, a severity and a
// sentence in Chinese; lists of them, sorted, and printed with the line of source they speak of.
//
// Every stage collects messages instead of stopping at the first, so that an editor sees all that is
// wrong in one run. A position is carried along from the parser, never recovered from an error text.
package diag

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/han"
)

// Pos is a place in a source file. Line and Col are 1-based, Col counts characters (runes);
// 0 means unknown, and a message about a whole file has Line 0, printed as 1:1.
type Pos struct {
	Path string // slash-separated, relative to the source folder
	Line int
	Col  int
}

// Severity tells whether a message stops a build.
type Severity uint8

const (
	// Error stops a build: nothing is published.
	Error Severity = iota
	// Warning is said and the build goes on.
	Warning
)

// String gives the word that stands in a message: 错误 or 警告.
func (s Severity) String() string {
	if s == Warning {
		return "警告"
	}
	return "错误"
}

// Message is one thing said about one place.
type Message struct {
	Pos      Pos
	Severity Severity
	ID       string // stable name of the rule, such as schema/unknown-field
	Text     string // one sentence in Chinese: what is wrong and what to do
	Source   string // the text of the line, without its line break; empty if unknown
	// Cause, if not empty, is what messages of this rule have in common that are mended at one place: the name of a
	// record that is not there, a key that no schema has. Gather makes one of them.
	Cause string
}

// Because gives the message a cause.
func (m Message) Because(cause string) Message {
	m.Cause = cause
	return m
}

// Errorf makes an error message.
func Errorf(p Pos, id, format string, args ...any) Message {
	return Message{Pos: p, Severity: Error, ID: id, Text: shortened(fmt.Sprintf(format, args...))}
}

// Warningf makes a warning.
func Warningf(p Pos, id, format string, args ...any) Message {
	return Message{Pos: p, Severity: Warning, ID: id, Text: shortened(fmt.Sprintf(format, args...))}
}

// shortened leaves the middle out of a text that nobody would read to its end: it quotes something very long.
func shortened(text string) string {
	const longest, shown = 6000, 1500 // bytes
	if len(text) <= longest {
		return text
	}
	from, to := shown, len(text)-shown
	for range utf8.UTFMax - 1 { // what is not UTF-8 is cut anywhere
		if !utf8.RuneStart(text[from]) {
			from--
		}
		if !utf8.RuneStart(text[to]) {
			to++
		}
	}
	return fmt.Sprintf("%s……（中间略去 %d 字）……%s", text[:from], utf8.RuneCountInString(text[from:to]), text[to:])
}

// List is a collection of messages in no particular order until Sort is called.
type List []Message

// Sort orders by path, line, column, severity, id and text, and drops exact repetitions, so that
// the same faults are always reported the same way.
func (l *List) Sort() {
	slices.SortStableFunc(*l, func(a, b Message) int {
		return cmp.Or(
			strings.Compare(a.Pos.Path, b.Pos.Path),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Severity, b.Severity),
			strings.Compare(a.ID, b.ID),
			strings.Compare(a.Text, b.Text),
		)
	})
	*l = slices.CompactFunc(*l, func(a, b Message) bool {
		return a.Pos == b.Pos && a.Severity == b.Severity && a.ID == b.ID && a.Text == b.Text
	})
}

// Errors counts the messages that stop a build.
func (l List) Errors() int {
	n := 0
	for _, m := range l {
		if m.Severity == Error {
			n++
		}
	}
	return n
}

// Warnings counts the messages that do not.
func (l List) Warnings() int { return len(l) - l.Errors() }

// String is the message's one line: path:line:col: 错误: text.
func (m Message) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s", oneLine(m.Pos.Path), max(m.Pos.Line, 1), max(m.Pos.Col, 1), m.Severity, oneLine(m.Text))
}

// Print writes each message as one line, with the source line and a caret under the place where the
// source is known. Control characters of the source are shown as spaces, so that a file cannot
// play tricks on a terminal.
func (l List) Print(w io.Writer) error {
	var b strings.Builder
	for _, m := range l {
		b.WriteString(m.String())
		b.WriteByte('\n')
		if m.Source != "" {
			line, caret := Excerpt(m.Source, m.Pos.Col)
			fmt.Fprintf(&b, "    %s\n    %s\n", line, caret)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// excerptWidth is how many characters of a long line are shown around the place.
const excerptWidth = 60

// Excerpt cuts a source line to a readable length around column col (1-based, in characters) and
// returns it with a second line that has a ^ below that column. Wide characters are followed by an
// ideographic space in the second line, so that the mark stands where it should in a terminal.
func Excerpt(source string, col int) (line, caret string) {
	runes := []rune(strings.TrimRight(source, "\r\n"))
	at := min(max(col-1, 0), len(runes))
	from, to := 0, len(runes)
	if to > excerptWidth {
		from = max(0, min(at-excerptWidth/2, to-excerptWidth))
		to = from + excerptWidth
	}
	var a, b strings.Builder
	if from > 0 {
		a.WriteRune('…')
		b.WriteByte(' ')
	}
	for i := from; i < to; i++ {
		r := runes[i]
		if r = Harmless(r); r == utf8.RuneError {
			r = ' '
		}
		a.WriteRune(r)
		if i < at {
			if wide(r) {
				b.WriteRune('　')
			} else {
				b.WriteByte(' ')
			}
		}
	}
	if to < len(runes) {
		a.WriteRune('…')
	}
	b.WriteByte('^')
	return a.String(), b.String()
}

// wide reports whether a terminal gives the character two cells. An approximation of Unicode
// Standard Annex 11 that covers what Chinese sources hold.
func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
		r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd)
}

// oneLine keeps a text to one line and from playing tricks on a terminal: names of files can hold anything.
func oneLine(s string) string {
	return strings.Map(Harmless, s)
}

// Harmless is a character that plays no tricks on a terminal: for one that would (a control character of C0 or C1, one that
// turns the direction of the text, or ends a line) a space.
func Harmless(r rune) rune {
	if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || han.Sight(r) == han.Direction {
		return ' '
	}
	return r
}

// longWord is how many bytes Nearest still takes for a word.
const longWord = 600

// Nearest returns the candidate that s was most likely meant to be, or "" if none is near: at most
// a third of the characters may differ (Levenshtein distance, at least one, in a word of two or more). Of equally near ones
// the first wins. A long text is no mistyped word: near it there is nothing.
func Nearest(s string, candidates []string) string { return NearestOf(s, candidates, nil) }

// NearestOf is Nearest among the candidates that fit, all for nil. fits is asked of near ones alone.
func NearestOf(s string, candidates []string, fits func(string) bool) string {
	best, bestDistance := "", 1<<30
	if len(s) > longWord {
		return ""
	}
	a := []rune(strings.ToLower(s))
	for _, c := range candidates {
		b := []rune(strings.ToLower(c))
		limit := max(1, max(len(a), len(b))/3)
		if len(a) < 2 || len(b) < 2 {
			limit = 0 // one character is like any other
		}
		if abs(len(a)-len(b)) > limit {
			continue
		}
		if d := distance(a, b); d <= limit && d < bestDistance && (fits == nil || fits(c)) {
			best, bestDistance = c, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// distance is the optimal string alignment distance: insert, delete, replace and swap of neighbours
// each cost one.
func distance(a, b []rune) int {
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}

// WithSource returns the list with the line of source that each message speaks of. read gives the bytes of
// a file; each is read once, and one that can't be read leaves its messages without.
func (l List) WithSource(read func(path string) ([]byte, error)) List {
	out := make(List, len(l))
	files := map[string][]string{}
	for i, m := range l {
		if m.Source == "" && m.Pos.Line > 0 {
			lines, ok := files[m.Pos.Path]
			if !ok {
				if src, err := read(m.Pos.Path); err == nil && utf8.Valid(src) {
					lines = strings.Split(strings.TrimPrefix(string(src), "\ufeff"), "\n")
				}
				files[m.Pos.Path] = lines
			}
			if m.Pos.Line <= len(lines) {
				m.Source = strings.TrimRight(lines[m.Pos.Line-1], "\r")
			}
		}
		out[i] = m
	}
	return out
}
