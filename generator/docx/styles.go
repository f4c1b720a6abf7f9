package docx

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// style is a style with what it is based on worked in.
type style struct {
	id, name  string
	kind      string // paragraph, character, …
	basedOn   string
	outline   int // 1 to 9, 0 for text, -1 if not said
	num       *numRef
	align     Align
	size      int
	bold      *bool
	italic    *bool
	strike    *bool
	vanish    *bool
	dots      *bool
	underline *bool
	vert      string
	role      Role
	level     int
	isTOC     bool
	known     bool // the file defines it
}

type numRef struct {
	id    string
	level int // -1 if not said
}

// headingName reads 标题 1, heading 1 and what other programs' languages make of it.
var headingName = regexp.MustCompile(`^(?:heading|标题|標題|título|titre|überschrift)\s*([1-9])$`)

var tocName = regexp.MustCompile(`^(?:toc|目录|目錄|contents)\s*(?:[1-9]|heading|标题)$`)

// roleOf tells what a style is for by its name.
func roleOf(name string) (role Role, level int, toc bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	name, _, _ = strings.Cut(name, ",") // Word lists other names behind commas
	if m := headingName.FindStringSubmatch(name); m != nil {
		return Heading, int(m[1][0] - '0'), false
	}
	switch name {
	case "title", "标题", "文档标题", "大标题", "公文标题":
		return Title, 0, false
	case "subtitle", "副标题", "副题":
		return Subtitle, 0, false
	case "caption", "题注", "图题", "表题", "图注", "illustration", "figure", "drawing", "table caption":
		return Caption, 0, false
	case "quote", "引用", "intense quote", "明显引用", "quotations", "block text":
		return Quote, 0, false
	case "html preformatted", "html 预设格式", "preformatted text", "source code", "代码", "gongzhi code":
		return Preformatted, 0, false
	case "gongzhi rule", "horizontal line":
		return Rule, 0, false
	}
	return Body, 0, tocName.MatchString(name)
}

func boolOf(n *node, name string) *bool {
	v, set := n.on(name)
	if !set {
		return nil
	}
	return &v
}

// styles are those of styles.xml by id.
type styles struct {
	byID        map[string]*style
	defaultPara string
	wps         bool // the file was written by WPS
}

func readStyles(root *node, wps bool) *styles {
	s := &styles{byID: map[string]*style{}, wps: wps}
	if root == nil {
		return s
	}
	for _, n := range root.kids {
		if n.name != "w:style" {
			continue
		}
		st := &style{id: n.get("w:styleId"), kind: cmp.Or(n.get("w:type"), "paragraph"), name: n.val("w:name"), basedOn: n.val("w:basedOn"), known: true}
		if st.id == "" || s.byID[st.id] != nil {
			continue
		}
		p, r := n.child("w:pPr"), n.child("w:rPr")
		st.outline = outlineOf(p)
		st.num = numOf(p)
		st.align = alignOf(p)
		st.runs(r)
		st.role, st.level, st.isTOC = roleOf(st.name)
		if d := n.get("w:default"); d == "1" || d == "true" || d == "on" {
			if st.kind == "paragraph" {
				s.defaultPara = st.id
			}
		}
		s.byID[st.id] = st
	}
	done := map[*style]bool{}
	for _, st := range s.byID {
		s.inherit(st, done, 0)
	}
	return s
}

func (st *style) runs(r *node) {
	if r == nil {
		return
	}
	st.bold, st.italic, st.strike, st.vanish = boolOf(r, "w:b"), boolOf(r, "w:i"), boolOf(r, "w:strike"), boolOf(r, "w:vanish")
	if d := boolOf(r, "w:dstrike"); d != nil && *d {
		st.strike = d
	}
	st.dots, st.underline = boolOf(r, "w:em"), boolOf(r, "w:u")
	st.vert = r.val("w:vertAlign")
	st.size, _ = strconv.Atoi(r.val("w:sz"))
}

// inherit works in what a style is based on, once for each.
func (s *styles) inherit(st *style, done map[*style]bool, depth int) {
	if done[st] || depth > 50 {
		return
	}
	done[st] = true
	base := s.byID[st.basedOn]
	if base == nil || base == st {
		return
	}
	s.inherit(base, done, depth+1)
	if st.outline < 0 {
		st.outline = base.outline
	}
	if st.num == nil {
		st.num = base.num
	} else if st.num.id == "" && base.num != nil {
		st.num = &numRef{base.num.id, st.num.level}
	}
	st.align = cmp.Or(st.align, base.align)
	st.size = cmp.Or(st.size, base.size)
	st.bold, st.italic, st.strike = cmp.Or(st.bold, base.bold), cmp.Or(st.italic, base.italic), cmp.Or(st.strike, base.strike)
	st.vanish, st.dots, st.underline = cmp.Or(st.vanish, base.vanish), cmp.Or(st.dots, base.dots), cmp.Or(st.underline, base.underline)
	st.vert = cmp.Or(st.vert, base.vert)
	if st.role == Body && base.role != Title { // a style of one's own, based on 标题 1
		st.role, st.level = base.role, base.level
	}
	st.isTOC = st.isTOC || base.isTOC
}

// paragraph gives the style of a paragraph, never nil. Where styles.xml does not say, the ids themselves tell:
// Word in Chinese numbers 标题 1 as 1, WPS numbers 正文 as 1 and 标题 1 as 2.
func (s *styles) paragraph(id string) (st *style, guessed bool) {
	if id == "" {
		id = s.defaultPara
	}
	if st := s.byID[id]; st != nil {
		return st, false
	}
	st = &style{id: id, outline: -1}
	low := strings.ToLower(id)
	if n := strings.TrimPrefix(low, "heading"); len(n) == 1 && n[0] >= '1' && n[0] <= '9' && n != low {
		st.role, st.level = Heading, int(n[0]-'0')
	} else if n, err := strconv.Atoi(id); err == nil {
		if s.wps {
			n--
		}
		if n >= 1 && n <= 9 {
			st.role, st.level, guessed = Heading, n, true
		}
	} else {
		st.role, st.level, st.isTOC = roleOf(low)
	}
	s.byID[id] = st
	return st, guessed
}

func (s *styles) character(id string) *style {
	if id == "" {
		return nil
	}
	return s.byID[id]
}

func outlineOf(p *node) int {
	v := ""
	if p != nil {
		v = p.val("w:outlineLvl")
	}
	if v == "" {
		return -1
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 8 {
		return 0
	}
	return n + 1
}

func alignOf(p *node) Align {
	if p == nil {
		return Unset
	}
	switch p.val("w:jc") {
	case "center":
		return Center
	case "right", "end":
		return End
	case "left", "start":
		return Start
	}
	return Unset
}

func numOf(p *node) *numRef {
	n := p.child("w:numPr")
	if n == nil {
		return nil
	}
	ref := &numRef{id: n.val("w:numId"), level: -1}
	if l, err := strconv.Atoi(n.val("w:ilvl")); err == nil && l >= 0 && l < levels {
		ref.level = l
	}
	return ref
}

// levels is how many levels a list has; maxLevelText is how long what stands around its numbers may be.
const (
	levels       = 9
	maxLevelText = 100
)

// level is one level of a list's definition.
type level struct {
	format, text string
	start        int
	restart      int // level (1-based) whose advance begins it anew; -1: any above it, 0: none
	legal        bool
	style        string // of the paragraphs that it numbers
	picture      bool
}

type abstract struct {
	id       string
	levels   [levels]level
	link     string // numStyleLink
	style    string // styleLink
	n        int
	counters [levels]int
	used     [levels]bool
}

type instance struct {
	abstract *abstract
	over     [levels]*level // whole levels
	start    [levels]int    // startOverride, -1 if none
	begun    [levels]bool
}

// numbering is numbering.xml, with the counters as they stand.
type numbering struct {
	byID map[string]*instance
}

func readNumbering(root *node, s *styles) *numbering {
	n := &numbering{byID: map[string]*instance{}}
	if root == nil {
		return n
	}
	abstracts := map[string]*abstract{}
	linked := map[string][]*abstract{} // by styleLink
	total := 0
	for _, k := range root.kids {
		if k.name != "w:abstractNum" {
			continue
		}
		a := &abstract{id: k.get("w:abstractNumId"), link: k.val("w:numStyleLink"), style: k.val("w:styleLink")}
		for i := range a.levels {
			a.levels[i] = level{format: "decimal", start: 1, restart: -1}
		}
		for _, l := range k.kids {
			if l.name == "w:lvl" {
				if i, err := strconv.Atoi(l.get("w:ilvl")); err == nil && i >= 0 && i < levels {
					a.levels[i] = readLevel(l)
				}
			}
		}
		total++
		a.n = total
		abstracts[a.id] = a
		linked[a.style] = append(linked[a.style], a)
	}
	for _, k := range root.kids {
		if k.name != "w:num" {
			continue
		}
		a := abstracts[k.val("w:abstractNumId")]
		if a == nil {
			continue
		}
		if a.link != "" { // the definition is that of a list style
			for _, b := range linked[a.link] {
				if b != a {
					a = b
					break
				}
			}
		}
		in := &instance{abstract: a}
		for i := range in.start {
			in.start[i] = -1
		}
		for _, o := range k.kids {
			if o.name != "w:lvlOverride" {
				continue
			}
			i, err := strconv.Atoi(o.get("w:ilvl"))
			if err != nil || i < 0 || i >= levels {
				continue
			}
			if v, err := strconv.Atoi(o.val("w:startOverride")); err == nil {
				in.start[i] = v
			}
			if l := o.child("w:lvl"); l != nil {
				lv := readLevel(l)
				in.over[i] = &lv
			}
		}
		n.byID[k.get("w:numId")] = in
	}
	return n
}

func readLevel(l *node) level {
	lv := level{format: cmp.Or(l.val("w:numFmt"), "decimal"), text: clip(l.val("w:lvlText"), maxLevelText), start: 1, restart: -1, style: l.val("w:pStyle")}
	if f := l.child("w:numFmt"); f == nil { // Word 2010's own formats stand in an alternative
		if alt := l.child("mc:AlternateContent"); alt != nil {
			for _, c := range alt.kids {
				if f := c.child("w:numFmt"); f != nil {
					lv.format = f.get("w:val")
					break
				}
			}
		}
	}
	if v, err := strconv.Atoi(l.val("w:start")); err == nil {
		lv.start = v
	} else if l.child("w:start") == nil {
		lv.start = 0
	}
	if v, err := strconv.Atoi(l.val("w:lvlRestart")); err == nil {
		lv.restart = v
	}
	lv.legal, _ = l.on("w:isLgl")
	lv.picture = l.child("w:lvlPicBulletId") != nil
	return lv
}

func (in *instance) level(i int) *level {
	if in.over[i] != nil {
		return in.over[i]
	}
	return &in.abstract.levels[i]
}

// next counts a paragraph and gives its place. nil if it is not numbered.
func (n *numbering) next(ref *numRef, styleID string) *Item {
	if ref == nil || ref.id == "" || ref.id == "0" {
		return nil
	}
	in := n.byID[ref.id]
	if in == nil {
		return nil
	}
	at := ref.level
	if at < 0 {
		at = 0
		for i := range levels {
			if s := in.level(i).style; s != "" && s == styleID {
				at = i
				break
			}
		}
	}
	a, lv := in.abstract, in.level(at)
	switch {
	case in.start[at] >= 0 && !in.begun[at]:
		a.counters[at] = in.start[at]
	case !a.used[at]:
		a.counters[at] = lv.start
	case a.counters[at] < 1<<30:
		a.counters[at]++
	}
	in.begun[at], a.used[at] = true, true
	for i := at + 1; i < levels; i++ {
		if r := in.level(i).restart; r < 0 || r > at {
			a.used[i] = false
			in.begun[i] = in.begun[i] && in.start[i] < 0
		}
	}
	item := &Item{List: a.n, Depth: at, Value: a.counters[at]}
	switch lv.format {
	case "bullet":
		item.Bullet, item.Number = true, lv.text
		return item
	case "none":
		if !strings.Contains(lv.text, "%") && strings.TrimSpace(lv.text) == "" {
			return nil
		}
	}
	if lv.picture {
		item.Bullet, item.Number = true, "•"
		return item
	}
	var b strings.Builder
	for i := 0; i < len(lv.text); i++ {
		if c := lv.text[i]; c == '%' && i+1 < len(lv.text) && lv.text[i+1] >= '1' && lv.text[i+1] <= '9' {
			k := int(lv.text[i+1] - '1')
			v := a.counters[k]
			if !a.used[k] && k != at {
				v = in.level(k).start
			}
			format := in.level(k).format
			if lv.legal && format != "none" {
				format = "decimal"
			}
			b.WriteString(formatNumber(v, format))
			i++
		} else {
			b.WriteByte(c)
		}
	}
	item.Number = strings.TrimSpace(b.String())
	if item.Number == "" {
		return nil
	}
	item.Plain = item.Number == strconv.Itoa(item.Value)+"." && item.Value >= 0 && item.Value <= 999_999_999
	return item
}

const (
	figures    = "〇一二三四五六七八九"
	stems      = "甲乙丙丁戊己庚辛壬癸"
	branches   = "子丑寅卯辰巳午未申酉戌亥"
	legalOnes  = "零壹贰叁肆伍陆柒捌玖"
	legalOld   = "零壹貳參肆伍陸柒捌玖"
	circled0   = '①'
	parens0    = '⑴'
	fullStops0 = '⒈'
)

// formatNumber writes a number as a list of that format prints it: ST_NumberFormat, 17.18.59. One piece: the list of the formats.
func formatNumber(n int, format string) string {
	plain := strconv.Itoa(n)
	if n < 0 {
		return plain
	}
	at := func(s string, i int) string { return string([]rune(s)[i]) }
	switch format {
	case "none":
		return ""
	case "decimalZero":
		if n < 10 {
			return "0" + plain
		}
	case "upperLetter", "lowerLetter":
		if n == 0 || n > 26*40 {
			return plain
		}
		s := strings.Repeat(string(rune('A'+(n-1)%26)), (n-1)/26+1)
		if format == "lowerLetter" {
			s = strings.ToLower(s)
		}
		return s
	case "upperRoman":
		return roman(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand", "japaneseCounting":
		return counting(n, figures, "十", "百", "千", "万", false)
	case "chineseLegalSimplified":
		return counting(n, legalOnes, "拾", "佰", "仟", "万", true)
	case "ideographLegalTraditional", "japaneseLegal":
		return counting(n, legalOld, "拾", "佰", "仟", "萬", true)
	case "ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital", "koreanDigital2":
		return strings.Map(func(r rune) rune { return []rune(figures)[r-'0'] }, plain)
	case "ideographTraditional":
		if n >= 1 && n <= 10 {
			return at(stems, n-1)
		}
	case "ideographZodiac":
		if n >= 1 && n <= 12 {
			return at(branches, n-1)
		}
	case "ideographZodiacTraditional":
		if n >= 1 && n <= 60 {
			return at(stems, (n-1)%10) + at(branches, (n-1)%12)
		}
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		switch {
		case n >= 1 && n <= 20:
			return string(rune(circled0 + n - 1))
		case n >= 21 && n <= 35:
			return string(rune('㉑' + n - 21))
		case n >= 36 && n <= 50:
			return string(rune('㊱' + n - 36))
		}
	case "decimalEnclosedParen":
		if n >= 1 && n <= 20 {
			return string(rune(parens0 + n - 1))
		}
		return "(" + plain + ")"
	case "decimalEnclosedFullstop":
		if n >= 1 && n <= 20 {
			return string(rune(fullStops0 + n - 1))
		}
		return plain + "."
	case "ideographEnclosedCircle":
		if n >= 1 && n <= 10 {
			return string(rune('㊀' + n - 1))
		}
	case "decimalFullWidth", "decimalFullWidth2":
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, plain)
	case "numberInDash":
		return "-" + plain + "-"
	case "ordinal":
		switch {
		case n%100 >= 11 && n%100 <= 13:
			return plain + "th"
		case n%10 == 1:
			return plain + "st"
		case n%10 == 2:
			return plain + "nd"
		case n%10 == 3:
			return plain + "rd"
		}
		return plain + "th"
	case "hex":
		return strings.ToUpper(strconv.FormatInt(int64(n), 16))
	}
	return plain
}

func roman(n int) string {
	if n == 0 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, k := range []struct {
		v int
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= k.v {
			b.WriteString(k.s)
			n -= k.v
		}
	}
	return b.String()
}

// counting writes a number with units: 二十一, 一百零五. legal figures write 壹拾 for ten, others 十.
func counting(n int, digits, ten, hundred, thousand, tenThousand string, legal bool) string {
	if n >= 100_000 {
		return strconv.Itoa(n)
	}
	d := []rune(digits)
	if n == 0 {
		return string(d[0])
	}
	const zero = "零"
	var b strings.Builder
	gap := false
	for _, u := range []struct {
		v    int
		unit string
	}{{10_000, tenThousand}, {1000, thousand}, {100, hundred}, {10, ten}, {1, ""}} {
		q := n / u.v % 10
		if q == 0 {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteString(zero)
			gap = false
		}
		if u.v != 10 || q != 1 || b.Len() > 0 || legal && d[0] == '零' {
			b.WriteRune(d[q])
		}
		b.WriteString(u.unit)
	}
	return b.String()
}
