package han

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name is a name of a person or a unit, read from the way somebody wrote it.
type Name struct {
	Text string // the name alone, for showing: without the spaces that pad two characters to three, with one form of the dot
	Note string // what stood in brackets behind the name of a person: 女，回族
	Key  string // for comparing and sorting into one: Text, folded. Empty if there is no name
}

// String is the name as it is shown, with its note: 甲测（女，回族）.
func (n Name) String() string {
	if n.Note == "" {
		return n.Text
	}
	return n.Text + "（" + n.Note + "）"
}

// ReadName reads a name. Official lists pad 甲测 to 甲　测, Excel and hands write the dot of 甲·乙 in seven forms, brackets are
// wide or narrow, and a note stands behind the name in them. Two writings of one name have the same Key; different names have
// different ones. The brackets of a unit (测试厂（一分厂）) belong to its name.
func ReadName(s string) Name {
	if plainName(s) {
		return Name{Text: s, Key: FoldString(s)}
	}
	var n Name
	n.Text = tidyName(s)
	if base, note, ok := cutNote(n.Text); ok {
		n.Text, n.Note = base, note
	}
	n.Key = FoldString(n.Text)
	return n
}

// plainName reports whether a name is Chinese characters alone.
func plainName(s string) bool {
	for _, r := range s {
		if r < 0x3400 || !IsHan(r) {
			return false
		}
	}
	return true
}

// tidyName takes out what is no part of a name, and writes dots and brackets in one form.
func tidyName(s string) string {
	var out []rune
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u00a0' || r == '\u3164':
			space = true
			continue
		case r == utf8.RuneError || Sight(r) != Visible || unicode.Is(unicode.Cf, r): // of a name no format character is a part
			continue
		}
		switch r {
		case '•', '・', '．', '‧', '∙', '●', '﹒', '･', '⋅', 'ㆍ':
			r = '·'
		case '(', '[', '〔', '［', '【', '﹙', '〈':
			r = '（'
		case ')', ']', '〕', '］', '】', '﹚', '〉':
			r = '）'
		}
		last := rune(0)
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		if space && last != 0 && spaced(last) && spaced(r) {
			out = append(out, ' ')
		}
		space = false
		out = append(out, r)
	}
	for i, r := range out { // 甲.乙, but not J. Smith
		if r == '.' && i > 0 && i+1 < len(out) && IsHan(out[i-1]) && IsHan(out[i+1]) {
			out[i] = '·'
		}
	}
	return string(out)
}

// spaced reports whether a space beside r parts words: beside a letter of an alphabet, not beside a Chinese character, a dot
// or a bracket.
func spaced(r rune) bool {
	return !IsHan(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-' || r == '\'' || r == ',')
}

// cutNote parts the name of a person from a note in brackets at its end. A name of a unit keeps its brackets.
func cutNote(s string) (base, note string, ok bool) {
	rest, ok := strings.CutSuffix(s, "）")
	if !ok {
		return s, "", false
	}
	i := strings.Index(rest, "（")
	if i <= 0 || strings.ContainsAny(rest[i+len("（"):], "（）") {
		return s, "", false
	}
	base, note = rest[:i], rest[i+len("（"):]
	n := utf8.RuneCountInString(base)
	person := strings.Contains(base, "·") || n >= 2 && n <= 4 && plainName(base) && !unitEnd(base)
	if !person && !personal(note) {
		return s, "", false
	}
	return base, note, true
}

// unitEnd reports whether a short name ends as those of units do.
func unitEnd(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("厂队组站所院校店矿局社会部处科班室场段行市县区省公司", r)
}

// personal reports whether a note tells about a person: gender, ethnicity.
func personal(note string) bool {
	for _, w := range strings.FieldsFunc(note, func(r rune) bool { return strings.ContainsRune("，、,；; ", r) }) {
		if w == "女" || w == "男" || strings.HasSuffix(w, "族") && w != "族" {
			return true
		}
	}
	return false
}

// MayBePerson reports whether a text that stands where an author does is written as the name of a person is: two to four characters that begin
// with a surname and do not end as a unit does (工会, 日报社), a name with a dot in it, or words of an alphabet.
func MayBePerson(s string) bool {
	s = ReadName(s).Text
	if strings.Contains(s, "·") {
		return true
	}
	if n := utf8.RuneCountInString(s); !plainName(s) || n < 2 || n > 4 || unitEnd(s) {
		return false
	}
	surname, given := SplitName(s)
	return surname != "" && given != ""
}
