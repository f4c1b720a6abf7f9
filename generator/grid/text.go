package grid

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongzhi/generator/han"
)

// FromText reads a text that is UTF-8: a table whose cells are separated by tabs, commas or semicolons, or the lines
// of a notice.
func FromText(text string, opt Options) (*Table, error) {
	lines := strings.Split(text, "\n")
	if len(lines) > MaxRows+1000 {
		return nil, fmt.Errorf("超过 %d 行，太多了。请分成几个文件", MaxRows)
	}
	for i, l := range lines {
		if len(l) > maxText {
			return nil, fmt.Errorf("第 %d 行有 %d 万字，不像名单", i+1, utf8.RuneCountInString(l)/10_000)
		}
	}
	if sep, ok := separator(lines, opt); ok {
		return separated(text, sep, opt)
	}
	if sep, ok := columns(lines); ok {
		return separated(text, sep, opt) // which says that there is no header
	}
	if chronicle(lines) {
		return fromChronicle(lines)
	}
	return FromLines(lines, opt)
}

// separator tells which character separates cells, if the text is a table: most lines have it equally often, and a
// row near the top has words that head columns.
func separator(lines []string, opt Options) (rune, bool) {
	for _, sep := range []rune{'\t', ',', ';', '，', '|'} {
		full, with := 0, 0
		headed, atTop := false, false
		for i, l := range lines {
			if strings.TrimSpace(l) == "" {
				continue
			}
			full++
			if strings.ContainsRune(l, sep) {
				with++
			}
			if full <= headRows && !headed {
				n, cells := 0, 0
				for _, c := range strings.Split(l, string(sep)) {
					if c = Name(strings.Trim(c, "\" ")); c != "" {
						cells++
						if words[c] || opt.knows(c) {
							n++
						}
					}
				}
				headed = n >= 2 && n*2 >= cells
				atTop = headed && full == 1
			}
			if i > 400 && headed {
				break
			}
		}
		quoted := atTop && strings.Contains(strings.Join(lines[:min(len(lines), 2000)], "\n"), "\"") // cells of several lines
		if headed && (with*2 >= full || quoted) {
			return sep, true
		}
	}
	return 0, false
}

// columns tells whether a text is a table without a header: every line has as many commas, or as many tabs and more
// than one, as every other.
func columns(lines []string) (rune, bool) {
	for _, sep := range []string{",", "\t", ";"} {
		n, full, even := 0, 0, true
		for _, l := range lines {
			if strings.TrimSpace(l) == "" {
				continue
			}
			k := strings.Count(l, sep)
			if full++; full == 1 {
				n = k
			} else if k != n {
				even = false
				break
			}
		}
		if even && full > 1 && (n > 1 || n == 1 && sep != "\t") {
			return rune(sep[0]), true
		}
	}
	return 0, false
}

func separated(text string, sep rune, opt Options) (*Table, error) {
	t := &Table{Format: "文本表格"}
	if err := longQuote(text); err != nil && sep != '\t' {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = sep, -1, true
	r.LazyQuotes = sep == '\t' // programs that copy to the clipboard quote only cells with line breaks
	var raw []Row
	sum := 0
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		var pe *csv.ParseError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("第 %d 行的双引号没有配对（从第 %d 行开始）。含逗号、换行、双引号的单元格要整个用双引号括起来，里面的双引号写成两个", pe.Line, pe.StartLine)
		} else if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		row := Row{No: line, Cells: make([]Cell, len(cells))}
		if len(cells) > 2000 {
			return nil, fmt.Errorf("第 %d 行有 %d 格，不像名单", line, len(cells))
		}
		if sum += len(cells); sum > maxCells {
			return nil, errTooManyCells
		}
		for i, c := range cells {
			row.Cells[i].Text = strings.Clone(c)
			if fault[strings.TrimSpace(c)] {
				row.Cells[i].Flags |= Fault
			}
		}
		if raw = append(raw, row); len(raw) > MaxRows {
			return nil, fmt.Errorf("超过 %d 行，太多了。请分成几个文件", MaxRows)
		}
	}
	return t, assemble(t, raw, opt)
}

// longQuote says of text between two double quotes that it is longer than a cell of a list, before anything is made of it.
func longQuote(text string) error {
	for at := 0; ; {
		from := strings.IndexByte(text[at:], '"')
		if from < 0 {
			return nil
		}
		from += at
		length := strings.IndexByte(text[from+1:], '"')
		if length < 0 {
			return nil // which is said where it is read
		}
		if length > maxText {
			return fmt.Errorf("第 %d 行双引号里有 %d 万字，不像名单。请看双引号是不是没有配对", 1+strings.Count(text[:from], "\n"), utf8.RuneCountInString(text[from:from+length])/10_000)
		}
		at = from + length + 2
	}
}

var errTooManyCells = fmt.Errorf("超过 %d 万格，太多了。请删去用不着的列，或分成几个文件", maxCells/10_000)

var fault = map[string]bool{"#REF!": true, "#N/A": true, "#VALUE!": true, "#NAME?": true, "#DIV/0!": true, "#NULL!": true, "#NUM!": true, "#SPILL!": true, "#CALC!": true}

// Columns of a notice's table.
var noticeColumns = []string{"序号", "姓名", "性别", "民族", "单位", "职务", "地区", "名单分组", "名单原文", "附注"}

var (
	numbered  = regexp.MustCompile(`^(\d{1,5})\s*[.．、）)]\s*`)
	outline   = regexp.MustCompile(`^(?:[一二三四五六七八九十百]+、|[（(][一二三四五六七八九十百]+[)）]|第[一二三四五六七八九十百]+[章节部分]+)\s*`)
	bracketed = regexp.MustCompile(`^[（(]([^（()）]{1,30})[)）]`)
	placeLike = regexp.MustCompile(`(市|州|盟|区|县|地区|系统|机关|单位|企业|行业|部队|省直|中央驻赣单位|集团)[:：]?$`)
	dateLine  = regexp.MustCompile(`^[〇○零一二三四五六七八九十\d]{2,4}年.{1,4}月.{1,4}日$`)
	unitEnd   = regexp.MustCompile(`(公司|厂|局|院|校|所|站|社|队|部|矿|店|行|会|村|组|中心|集团|学|段|处|科|库|场|馆|台)$`)
)

// FromLines reads the lines of a notice: headings, which become groups and whose numbers are counted, and one or
// several people a line, as in “甲　测（女，回族）　某测试厂班长，高级工程师”. The printed line is kept whole.
func FromLines(lines []string, opt Options) (*Table, error) {
	t := &Table{Format: "名单"}
	for i, c := range noticeColumns {
		t.Columns = append(t.Columns, Column{Name: c, Letter: letter(i)})
	}
	start, end := listIn(lines)
	if start < 0 {
		return nil, errors.New("既不是有表头的表格，也不是一人一行的名单。表格请在第一行写字段名；名单请一人一行，如“张测试（女）　测试厂工人”")
	}
	left := func(from, to int, kind string) {
		for i, l := range lines[from:to] {
			if s := strings.TrimSpace(clean(l)); s != "" {
				t.Left = append(t.Left, Left{from + i + 1, kind, s})
			}
		}
	}
	left(0, start, "正文")
	n := notice{Table: t}
	n.take(pieces(lines, start, end))
	left(end, len(lines), "落款")
	if n.people == 0 {
		return nil, errors.New("没有找到一个人名。名单请一人一行，如“张测试（女）　测试厂工人”")
	}
	right := 0
	for _, h := range t.Heads {
		switch {
		case h.Declared >= 0 && h.Declared != h.Found:
			t.Notes = append(t.Notes, countNote(h))
		case h.Declared >= 0:
			right++
		}
	}
	if right > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%d 个标题写明的人数和下面的人数相符", right))
	}
	return t, nil
}

// listIn finds the lines of the list among those of a notice: from the first heading with a number, or the first line that is
// surely a person, to the signature. start is -1 if there is no list.
func listIn(lines []string) (start, end int) {
	start = slices.IndexFunc(lines, func(l string) bool {
		s := clean(l)
		return headLine.MatchString(s) && utf8.RuneCountInString(s) <= longestHead
	})
	if start < 0 {
		start = slices.IndexFunc(lines, func(l string) bool {
			s := clean(l)
			p := person(s)
			return len(p) > 0 && (p[0].marks != "" || p[0].rest != "" || len(p) > 2) && !prose(s)
		})
	}
	if start < 0 {
		return -1, 0
	}
	for end = len(lines); end > start; end-- {
		s := strings.TrimSpace(clean(lines[end-1]))
		if s != "" && !dateLine.MatchString(s) && !(strings.HasSuffix(s, "人民政府") || strings.HasSuffix(s, "委员会") || strings.HasSuffix(s, "总工会")) {
			break
		}
	}
	return start, end
}

// longestHead is how many characters a heading with a number may have.
const longestHead = 40

// piece is a line of a notice, with what it is: a heading, prose, people, or something else.
type piece struct {
	line     int
	text     string
	declared int
	people   []someone
	kind     string
}

func pieces(lines []string, start, end int) []piece {
	var l []piece
	for i := start; i < end; i++ {
		trimmed := strings.TrimSpace(clean(lines[i]))
		if trimmed == "" {
			continue
		}
		n := utf8.RuneCountInString(trimmed)
		if m := headLine.FindStringSubmatch(trimmed); m != nil && n <= longestHead && !strings.ContainsRune(strings.TrimSpace(m[1]), '\t') {
			declared, _ := strconv.Atoi(m[2])
			l = append(l, piece{line: i, text: headText(m[1]), declared: declared, kind: "head"})
			continue
		}
		p := person(trimmed)
		switch {
		case outline.MatchString(trimmed) && n <= 30 && !strings.ContainsAny(trimmed, "。；"),
			placeLike.MatchString(trimmed) && n <= 12 && !strings.ContainsAny(trimmed, "　 \t（(，、"):
			l = append(l, piece{line: i, text: headText(trimmed), declared: -1, kind: "head"})
		case prose(trimmed):
			l = append(l, piece{line: i, text: trimmed, kind: "prose"})
		case len(p) > 0:
			l = append(l, piece{line: i, text: strings.TrimRight(lines[i], " \t　"), people: p, kind: "people"})
		default:
			l = append(l, piece{line: i, text: trimmed, kind: "other"})
		}
	}
	return l
}

// notice makes the rows of a table from the pieces of a list.
type notice struct {
	*Table
	path   []int // indexes of the headings above
	people int
}

func (n *notice) take(pieces []piece) {
	for k := 0; k < len(pieces); k++ {
		p := pieces[k]
		switch p.kind {
		case "head":
			run := 1
			for k+run < len(pieces) && pieces[k+run].kind == "head" {
				run++
			}
			n.headings(pieces[k : k+run])
			k += run - 1
		case "prose":
			n.Left = append(n.Left, Left{p.line + 1, "正文", clip(p.text, 200)})
		case "other":
			n.Rows = append(n.Rows, Row{No: p.line + 1, Cells: make([]Cell, len(noticeColumns)), Text: p.text, Bad: "看不出这一行的姓名。请写成“姓名（性别，民族）　单位职务”", Group: groupOf(n.Heads, n.path)})
		case "people":
			n.persons(p)
		}
	}
}

// headings takes a run of headings: a run of two takes the place of two levels.
func (n *notice) headings(run []piece) {
	n.path = n.path[:max(0, len(n.path)-len(run))]
	for _, q := range run {
		var names []string
		for _, at := range n.path {
			names = append(names, n.Heads[at].Text)
		}
		n.Heads = append(n.Heads, Head{No: q.line + 1, Text: q.text, Declared: q.declared, Path: strings.Join(append(names, q.text), "／")})
		n.path = append(n.path, len(n.Heads)-1)
	}
}

func (n *notice) persons(p piece) {
	line, group := strings.TrimSpace(p.text), groupOf(n.Heads, n.path)
	for _, x := range p.people {
		n.people++
		unit, post := SplitUnit(x.rest)
		cells := make([]Cell, len(noticeColumns))
		for i, s := range []string{strconv.Itoa(n.people), x.name, x.gender, x.ethnicity, unit, post, regionOf(n.Heads, n.path), group, line, x.note} {
			cells[i].Text = s
		}
		n.Rows = append(n.Rows, Row{No: p.line + 1, Cells: cells, Text: line, Group: group})
		for _, at := range n.path {
			n.Heads[at].Found++
		}
	}
}

func groupOf(heads []Head, path []int) string {
	if len(path) == 0 {
		return ""
	}
	return heads[path[len(path)-1]].Path
}

var region = regexp.MustCompile(`^[^，、；／]{1,10}(省|市|州|盟|区|县|旗|地区)$`)

// regionOf is the nearest heading that names a region.
func regionOf(heads []Head, path []int) string {
	for i := len(path) - 1; i >= 0; i-- {
		if s := heads[path[i]].Text; region.MatchString(s) {
			return s
		}
	}
	return ""
}

func headText(s string) string {
	s = strings.TrimSpace(s)
	s = outline.ReplaceAllString(s, "")
	return strings.TrimRight(strings.TrimSpace(s), ":：")
}

// clean takes away what nobody sees, joiners as well: a name with one in it looks like the same name without. Blanks of other
// widths, and breaks within a line, become the blank that lists are printed with.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u2002', '\u2003', '\v', '\u0085', '\u2028', '\u2029':
			return '　'
		}
		if han.Sight(r) != han.Visible {
			return -1
		}
		return r
	}, s)
}

// prose tells sentences from names.
func prose(s string) bool {
	return strings.ContainsAny(s, "。；！？") || strings.HasSuffix(s, "：") || strings.HasSuffix(s, ":") || strings.HasPrefix(s, "附件") || strings.HasPrefix(s, "（") && strings.HasSuffix(s, "）")
}

// someone is a person as a notice prints them.
type someone struct {
	name, gender, ethnicity, note string
	marks                         string
	rest                          string
}

// isName: two to four characters, or a longer name with dots.
func isName(s string) bool {
	n, dots := 0, 0
	for _, r := range s {
		switch {
		case r == '·' || r == '•' || r == '・' || r == '．':
			dots++
		case unicode.Is(unicode.Han, r) || r == '〇':
			n++
		default:
			return false
		}
	}
	if dots > 0 {
		return n >= 2 && n <= 24 && !strings.HasPrefix(s, "·") && !strings.HasSuffix(s, "·")
	}
	return n >= 2 && n <= 4
}

// person reads a line: one person with what follows, or several names.
func person(s string) []someone {
	s = strings.TrimSpace(s)
	if m := numbered.FindString(s); m != "" {
		s = s[len(m):]
	}
	var list []someone
	for rest := s; rest != ""; {
		x, after, ok := oneName(rest)
		if !ok {
			if len(list) == 0 {
				return nil
			}
			if len(list) == 1 { // what stands behind the first name is where they work
				list[0].rest = strings.TrimSpace(strings.TrimLeft(rest, "，,:： 　\t"))
				return list
			}
			// Names, then something else: the first is the person, the others were no names.
			x, after, _ := oneName(s)
			x.rest = strings.TrimSpace(strings.TrimLeft(after, "，,:： 　\t"))
			return []someone{x}
		}
		if len(list) == 0 {
			if about, unit := aboutPerson(after); about != "" { // 甲测，女，汉族，1958年5月生，某测试厂工人
				x.mark(about)
				x.rest = strings.TrimSpace(unit)
				return []someone{x}
			}
		}
		list = append(list, x)
		rest = strings.TrimLeft(after, "、，, 　\t")
	}
	if len(list) == 2 && unitEnd.MatchString(list[1].name) && list[1].marks == "" {
		list[0].rest = list[1].name
		return list[:1]
	}
	return list
}

// oneName takes a name off the front: 甲测、甲　测, with its brackets. It must end where the line ends, at a blank or
// at a separator.
func oneName(s string) (x someone, after string, ok bool) {
	first, size := utf8.DecodeRuneInString(s)
	if !unicode.Is(unicode.Han, first) {
		return x, s, false
	}
	name, rest := "", s
	trimmed := strings.TrimLeft(s[size:], " 　")
	if len(trimmed) < len(s)-size { // one character, blanks
		second, n := utf8.DecodeRuneInString(trimmed)
		if unicode.Is(unicode.Han, second) && ends(trimmed[n:]) {
			name, rest = string(first)+string(second), trimmed[n:]
		}
	}
	if name == "" {
		i := strings.IndexFunc(s, func(r rune) bool {
			return !unicode.Is(unicode.Han, r) && r != '·' && r != '•' && r != '・' && r != '〇' && r != '．'
		})
		if i < 0 {
			i = len(s)
		}
		name, rest = s[:i], s[i:]
		if !isName(name) || !ends(rest) {
			return x, s, false
		}
	}
	x.name = name
	for {
		m := bracketed.FindStringSubmatch(strings.TrimLeft(rest, " 　"))
		if m == nil {
			break
		}
		rest = strings.TrimLeft(rest, " 　")[len(m[0]):]
		if x.marks != "" {
			x.marks += "，"
		}
		x.marks += m[1]
	}
	x.mark("")
	return x, rest, true
}

var saysAbout = regexp.MustCompile(`^(?:[男女]|[\p{Han}]{1,5}族|(?:[0-9〇一二三四五六七八九.年月日]{4,14}|[0-9]{1,3}岁)(?:出生|生)?|(?:中共|民主)?党员|群众|(?:大学)?(?:本科|专科)|大专|中专|高中|初中|[\p{Han}]{2,8}人)$`)

// aboutPerson takes what a line says of a person between commas off its front: gender, ethnicity, age. It is nothing unless it begins with a
// gender or an ethnicity.
func aboutPerson(s string) (about, rest string) {
	var found []string
	for rest = s; ; {
		t := strings.TrimLeft(rest, "，,、 　\t")
		if t == rest {
			break
		}
		i := strings.IndexAny(t, "，,、 　\t")
		if i < 0 {
			i = len(t)
		}
		if seg := t[:i]; !saysAbout.MatchString(seg) || len(found) == 0 && seg != "男" && seg != "女" && !strings.HasSuffix(seg, "族") {
			rest = t
			break
		}
		found, rest = append(found, t[:i]), t[i:]
	}
	return strings.Join(found, "，"), rest
}

// mark adds to the marks of a person, and reads gender and ethnicity from all of them.
func (x *someone) mark(more string) {
	x.marks = strings.Trim(x.marks+"，"+more, "，")
	var notes []string
	for _, mark := range strings.FieldsFunc(x.marks, func(r rune) bool { return strings.ContainsRune("，、,; ；　", r) }) {
		switch {
		case mark == "女" || mark == "男":
			x.gender = mark
		case strings.HasSuffix(mark, "族") && utf8.RuneCountInString(mark) >= 2:
			x.ethnicity = mark
		default:
			notes = append(notes, mark)
		}
	}
	x.note = strings.Join(notes, "，")
}

// ends reports whether a name may end before s.
func ends(s string) bool {
	if s == "" {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune(" 　\t（(、，,：:", r)
}

// strong are the ends of names of units. What stands behind the last of them is a post.
var strong = regexp.MustCompile(`(股份有限公司|有限责任公司|有限公司|集团公司|总公司|分公司|公司|集团|总厂|分厂|厂|矿务局|管理局|局|医院|卫生院|学院|大学|中学|小学|学校|幼儿园|研究所|研究院|设计院|科学院|法院|检察院|事务所|派出所|所|总站|站|银行|信用社|合作社|报社|社|支队|大队|中队|总队|部队|矿|委员会|办公室|中心|协会|学会|总工会|工会|管委会|居委会|村委会|村|社区|街道|乡|镇|机务段|工务段|电务段|段|农场|林场|牧场|场|商店|饭店|酒店|店|图书馆|博物馆|文化馆|馆|电视台|电台|人民政府|政府|省委|市委|县委|区委|党校|港务局|水库|粮库|仓库|剧团|船队|车队|部|厅|院|园)`)

// SplitUnit proposes where the unit ends and the post begins: 某测试厂班长，高级工程师. It is a proposal; the printed
// line is kept beside it.
func SplitUnit(s string) (unit, post string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "　\t"); i >= 0 { // set apart by the printer
		return strings.TrimSpace(s[:i]), strings.TrimSpace(strings.TrimLeft(s[i:], "　\t "))
	}
	head, tail := s, ""
	if i := strings.IndexAny(s, "，,、；"); i >= 0 {
		head, tail = s[:i], s[i:]
	}
	cut := -1
	for _, m := range strong.FindAllStringIndex(head, -1) {
		rest := head[m[1]:]
		if m[0] == 0 || utf8.RuneCountInString(rest) == 1 || strings.HasPrefix(rest, "长") || strings.HasPrefix(rest, "门") {
			continue // 厂长, 院长, 部长: the character belongs to the post
		}
		cut = m[1]
	}
	if cut < 0 {
		return s, ""
	}
	post = head[cut:] + tail
	if head[cut:] == "" {
		post = strings.TrimLeft(tail, "，,、；")
	}
	return head[:cut], post
}
