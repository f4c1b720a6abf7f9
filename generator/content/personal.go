package content

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/diag"
)

// Personal is a piece of a text that tells about a private person what must not be published: an identity number,
// a mobile telephone, a bank card, the address of a home.
type Personal struct {
	At, End int    // bytes of the text
	What    string // 身份证号码
}

// digits is a run of decimal digits, ASCII or full-width, with single spaces or hyphens between them.
type digits struct {
	at, end int
	text    []byte // the digits alone; X may be the last of eighteen
	groups  []int  // how many stand together
}

// FindPersonal finds personal data in a text, in its order. An identity number is known by its region, date and
// checksum (GB 11643-1999; those of fifteen digits, which have no checksum, by region and date), a mobile number by
// its eleven digits, a bank card by its check digit (ISO/IEC 7812-1), a home by the words before it and the
// parts of an address behind them. Numbers inside web addresses and amounts are none.
func FindPersonal(text []byte) []Personal {
	var found []Personal
	for i := 0; i < len(text); i++ {
		// Every file goes through here: most bytes must be passed in one or two comparisons.
		switch c := text[i]; {
		case c < '0' || c > '9' && c < 0xe4:
			continue
		case c > 0xe5 && c < 0xef: // a character that nothing begins with
			if i+2 < len(text) && text[i+2] >= 0x80 {
				i += 2
			}
		case c <= '9', c == 0xef:
			if _, n := digitAt(text, i); n == 0 {
				continue
			}
			if end := plainDigits(text, i); end > i { // a year, a day: too few to be anybody's number
				i = end - 1
				continue
			}
			if d, ok := readDigits(text, i); ok {
				if what := d.what(text); what != "" {
					found = append(found, Personal{d.at, d.end, what})
				}
				i = d.end - 1
			}
		case c == 0xe4 || c == 0xe5:
			if i+2 >= len(text) || !(c == 0xe4 && text[i+1] == 0xbd && text[i+2] == 0x8f || c == 0xe5 && text[i+1] == 0xae && text[i+2] == 0xb6) {
				if i+2 < len(text) && text[i+2] >= 0x80 {
					i += 2
				}
				continue // neither 住 (e4 bd 8f) nor 家 (e5 ae b6), with which all homeWords begin
			}
			if end := home(text, i); end > 0 {
				found = append(found, Personal{i, end, "住址"})
				i = end - 1
			}
		}
	}
	return found
}

// digitAt reads one digit, ASCII or full-width.
func digitAt(text []byte, i int) (d byte, size int) {
	if i >= len(text) {
		return 0, 0
	}
	if c := text[i]; c >= '0' && c <= '9' {
		return c, 1
	}
	if i+2 < len(text) && text[i] == 0xef && text[i+1] == 0xbc && text[i+2] >= 0x90 && text[i+2] <= 0x99 {
		return text[i+2] - 0x90 + '0', 3
	}
	return 0, 0
}

// plainDigits passes a run of less than eleven ASCII digits that nothing joins to more of them. If the run at i is another, it
// gives i.
func plainDigits(text []byte, i int) (end int) {
	for end = i; end < len(text) && text[end] >= '0' && text[end] <= '9'; end++ {
	}
	if end-i >= 11 || end < len(text) && (text[end] == ' ' || text[end] == '-' || text[end] == 0xef) {
		return i
	}
	return end
}

// readDigits reads the run of digits that begins at i.
func readDigits(text []byte, i int) (digits, bool) {
	d := digits{at: i, end: i}
	group := 0
	for {
		c, n := digitAt(text, i)
		if n == 0 {
			if group == 0 {
				break
			}
			d.groups, group = append(d.groups, group), 0
			if i < len(text) && (text[i] == ' ' || text[i] == '-') { // 139-0000-0000, 360000 19000101 0000
				if _, n := digitAt(text, i+1); n > 0 {
					i++
					continue
				}
			}
			break
		}
		if len(d.text) < 32 {
			d.text = append(d.text, c)
		}
		i += n
		d.end = i
		group++
	}
	if d.end == d.at {
		return d, false
	}
	if len(d.text) == 17 && i < len(text) {
		if x := text[i]; x == 'X' || x == 'x' {
			d.text, d.end = append(d.text, 'X'), i+1
		} else if i+2 < len(text) && x == 0xef && text[i+1] == 0xbc && text[i+2] == 0xb8 { // Ｘ
			d.text, d.end = append(d.text, 'X'), i+3
		}
	}
	return d, true
}

// what says which kind of personal number the digits are, or "".
func (d digits) what(text []byte) string {
	n := len(d.text)
	if n < 11 || n > 19 {
		return ""
	}
	grouped := len(d.groups) > 1
	switch {
	case n == 18 && (identity18(d.text) || called(text[:d.at], "身份证")):
		return "身份证号码"
	case n == 15 && (!grouped && identity15(d.text) && !joined(text, d) || called(text[:d.at], "身份证")):
		return "身份证号码"
	case n == 11 && d.text[0] == '1' && d.text[1] >= '3' && !joined(text, d) && (!grouped || d.groups[0] == 3):
		return "手机号码"
	case n == 13 && string(d.text[:2]) == "86" && d.text[2] == '1' && d.text[3] >= '3' && !joined(text, d):
		return "手机号码"
	case n >= 16 && string(d.text[:2]) == "62" && luhn(d.text) && !joined(text, d):
		return "银行卡号码"
	}
	return ""
}

// called reports whether a word stands shortly before, so that a number is what it says even if it was mistyped.
func called(before []byte, word string) bool {
	return bytes.Contains(before[max(0, len(before)-8*utf8.UTFMax):], []byte(word))
}

// joined reports whether digits are a part of something longer (an address on the web, the name of a file, a decimal
// number) or are followed by a measure word, as an amount is.
func joined(text []byte, d digits) bool {
	if d.at > 0 {
		if c := text[d.at-1]; c < 0x80 && (c == '/' || c == '=' || c == '_' || c == '&' || c == '.' || c == '%' || unicode.IsLetter(rune(c))) {
			return true
		}
	}
	r, _ := utf8.DecodeRune(text[d.end:])
	return r == '_' || r == '/' || r == '%' || r < 0x80 && unicode.IsLetter(r) || strings.ContainsRune("元人户件家个万亿吨千米度平斤公次名", r) ||
		r == '.' && d.end+1 < len(text) && text[d.end+1] < 0x80 && text[d.end+1] > ' '
}

// region reports whether a number begins as the code of a province does (GB/T 2260).
func region(d []byte) bool {
	switch d[0] {
	case '1':
		return d[1] >= '1' && d[1] <= '5'
	case '2':
		return d[1] >= '1' && d[1] <= '3'
	case '3':
		return d[1] >= '1' && d[1] <= '7'
	case '4':
		return d[1] >= '1' && d[1] <= '6'
	case '5':
		return d[1] >= '0' && d[1] <= '4'
	case '6':
		return d[1] >= '1' && d[1] <= '5'
	case '7':
		return d[1] == '1'
	case '8':
		return d[1] >= '1' && d[1] <= '3'
	}
	return false
}

func monthDay(d []byte) bool {
	m, day := int(d[0]-'0')*10+int(d[1]-'0'), int(d[2]-'0')*10+int(d[3]-'0')
	return m >= 1 && m <= 12 && day >= 1 && day <= 31
}

func identity18(d []byte) bool {
	if !region(d) || d[6] != '1' && d[6] != '2' || !monthDay(d[10:]) {
		return false
	}
	sum := 0
	for i, w := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(d[i]-'0') * w
	}
	return d[17] == "10X98765432"[sum%11]
}

func identity15(d []byte) bool { return region(d) && monthDay(d[8:]) }

// luhn checks the last digit of a card's number.
func luhn(d []byte) bool {
	sum := 0
	for i := range d {
		if d[i] == 'X' {
			return false
		}
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// homeWords stand before the address of a home. Those that are clear need only one part of an address behind them.
var homeWords = []struct {
	word  string
	clear bool
}{
	{"家庭住址", true}, {"家庭地址", true}, {"住址", true}, {"家住", false}, {"住在", false}, {"住", false},
}

// home reports whether the address of a home begins at i, and where it ends: 家住, 住址 or, at the beginning of a clause, 住,
// and behind it a number in a street and one in a house.
func home(text []byte, i int) int {
	for _, w := range homeWords {
		rest, ok := bytes.CutPrefix(text[i:], []byte(w.word))
		if !ok {
			continue
		}
		if w.word == "住" && i > 0 {
			before, _ := utf8.DecodeLastRune(text[:i])
			if !strings.ContainsRune("，。；、,;：:（( \t\n\"　现", before) {
				return 0
			}
		}
		end, number, door := 0, false, false
		var last rune
		for k, r := range string(rest[:min(len(rest), 160)]) {
			if strings.ContainsRune("。；;！？\n|", r) || r == utf8.RuneError {
				break
			}
			digit := last >= '0' && last <= '9' || last >= '０' && last <= '９'
			switch {
			case digit && (r == '号' || r == '弄' || r == '组'):
				number, end = true, k+utf8.RuneLen(r)
			case digit && strings.ContainsRune("栋幢座室户楼", r) || digit && r == '单':
				door, end = true, k+utf8.RuneLen(r)
			}
			last = r
		}
		if number && door || w.clear && (number || door) {
			return i + len(w.word) + end
		}
		return 0
	}
	return 0
}

// personal reports the personal data in a file. That of a record which says why it may be public (the field 公开理由)
// is none; that of a draft is a warning, since it stays here.
func personal(name string, text []byte, records []*Record) diag.List {
	found := FindPersonal(text)
	if found == nil {
		return nil
	}
	front := 0 // bytes of the front matter
	if len(records) == 1 && !records[0].Row {
		if _, body, _, faults := splitFrontMatter(name, text); faults.Errors() == 0 {
			front = len(text) - len(body)
		}
	}
	var out diag.List
	at, line, begin := 0, 1, 0
	of := 0
	for _, f := range found {
		for ; at < f.At; at++ {
			if text[at] == '\n' {
				line, begin = line+1, at+1
			}
		}
		for of+1 < len(records) && records[of+1].Line <= line {
			of++
		}
		if f.At < front && commented(text[begin:f.At]) || f.At >= front && bytes.Count(text[front:f.At], []byte("%%"))%2 == 1 {
			continue // a remark for editors, which is not published
		}
		draft := false
		if of < len(records) && records[of].Line <= line {
			if records[of].Text(PublicReason) != "" {
				continue
			}
			draft = records[of].Draft
		}
		m := diag.Errorf(diag.Pos{Path: name, Line: line, Col: 1 + utf8.RuneCount(text[begin:f.At])}, "privacy/personal", "%s", PersonalText(f.What))
		if draft {
			m.Severity = diag.Warning
		}
		out = append(out, m)
	}
	return out
}

// commented reports whether what follows the beginning of a line of YAML is a comment.
func commented(line []byte) bool {
	for i, c := range line {
		if c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			before := line[:i]
			return bytes.Count(before, []byte{'"'})%2 == 0 && bytes.Count(before, []byte{'\''})%2 == 0
		}
	}
	return false
}

// PersonalText says what is wrong with a piece of personal data.
func PersonalText(what string) string {
	return fmt.Sprintf("这里像是%s，不能公开。请删去；确实可以公开的，在这条记录的“公开理由”（public_reason）里写明为什么。", what)
}
