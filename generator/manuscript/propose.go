package manuscript

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/dates"
	"gongzhi/generator/docx"
)

// Guess is what a manuscript seems to say of one thing, and how that is known.
type Guess struct {
	Text string
	Why  string
}

// Proposal is what of a manuscript may go into fields of a record. A person has to confirm it.
type Proposal struct {
	Title, Lead, Subtitle, Date, Source, Editor, Reviewer, Summary Guess
	Authors                                                        []Guess
	Body                                                           []docx.Block // what is left for the body
	Taken                                                          []Message    // lines that stand in fields now, word for word
}

const dateText = `(?:\d{4}|[〇零○一二三四五六七八九]{4})\s*(?:年|[-./])\s*[\d一二三四五六七八九十]{1,3}\s*(?:月|[-./])\s*(?:[\d一二三四五六七八九十廿卅]{1,3}\s*日?)?`

var (
	onlyDate   = regexp.MustCompile(`^[（(]?(` + dateText + `)[）)]?$`)
	besideDate = regexp.MustCompile(`^(?:([^\d，。；：]+?)[\s　|｜/·丨]+(` + dateText + `)|(` + dateText + `)[\s　|｜/·丨]+([^\d，。；：]+))$`)
	office     = regexp.MustCompile(`^[^—－“《].*(?:报|报社|社|网|刊|简报|电视台|广播站|办公室|工会|总工会|委员会|宣传部|编辑部|厂|矿|公司|集团|局)$`)
	label      = regexp.MustCompile(`(发布时间|发布日期|发稿时间|时间|日期|来源|稿源|信息来源|供稿单位|作者|本报记者|特约记者|记者|通讯员|供稿|撰稿|撰文|责任编辑|责编|编辑|审核|审稿)\s*[:：]\s*`)
	byline     = regexp.MustCompile(`^[（(]\s*(本报记者|特约记者|特约通讯员|记者|通讯员|作者|供稿|撰稿|撰文|文\s*/\s*图|图\s*/\s*文|文图|图文|文)\s*[:：]?\s*(.+?)\s*[）)]$`)
	dateline   = regexp.MustCompile(`^(?:本报讯|本刊讯|本网讯|讯)?\s*[（(]\s*((?:本报记者|特约记者|特约通讯员|记者|通讯员)[^（）()]{2,60})[）)]`)
	who        = regexp.MustCompile(`(?:本报记者|特约记者|特约通讯员|记者|通讯员|作者|供稿|撰稿|撰文)\s*[:：]?\s*`)
	summaryOf  = regexp.MustCompile(`^[【\[]?(?:摘\s*要|提\s*要|内容提要|导\s*语|编者按)[】\]]?\s*[:：]?\s*(.+)$`)
	noName     = regexp.MustCompile(`^(?:文/图|图/文|文图|图文|摄影报道|报道|整理|文|图|摄)$`)
)

// maxHead is how many lines a masthead may have.
const maxHead = 8

// Propose looks at the beginning and the end of a manuscript. fileName is for the title of one that has none.
func Propose(d *docx.Document, fileName string) Proposal {
	p := Proposal{Body: d.Blocks}
	p.head(d)
	if p.Title.Text == "" {
		p.noTitle(d, fileName)
	}
	p.tail()
	p.openings()
	if p.Date.Text == "" {
		for _, x := range []struct{ t, why string }{{d.Properties.Modified, "文件属性里的修改日期"}, {d.Properties.Created, "文件属性里的创建日期"}} {
			if len(x.t) >= 10 {
				if e, err := dates.Parse(x.t[:10]); err == nil && !e.IsZero() && e.String() >= "1990" {
					p.Date = Guess{e.String(), x.why}
					break
				}
			}
		}
	}
	return p
}

// text is a paragraph in one line; ok is false if something in it can't stand in a field.
func lineOf(p *docx.Paragraph) (text string, ok bool) {
	for _, s := range p.Spans {
		switch s.Kind {
		case docx.PictureOf, docx.NoteMark:
			return "", false
		}
	}
	text = numbered(p)
	if p.Item != nil && isWide(lastRune(strings.TrimSpace(text))) {
		text = strings.TrimSpace(text)
	}
	for _, part := range strings.FieldsFunc(clean(p.Plain()), func(r rune) bool { return r == '\n' || r == '\t' }) {
		part = strings.TrimFunc(part, isSpace)
		if text != "" && part != "" && !isWide(lastRune(text)) && !isWide(firstRune(part)) {
			text += " "
		}
		text += part
	}
	return strings.TrimFunc(text, isSpace), true
}

type headLine struct {
	p    *docx.Paragraph
	text string
}

// head reads the lines at the top: 引题, 正题, 副题, and the line of date, source and author.
func (p *Proposal) head(d *docx.Document) {
	lines, read := p.headLines()
	if len(lines) == 0 {
		p.restore(d, read)
		return
	}
	best, why := titleOf(lines)
	p.Title = Guess{lines[best].text, why}
	var lead, sub []string
	for k, l := range lines {
		switch {
		case k < best:
			lead = append(lead, l.text)
		case k > best:
			sub = append(sub, strings.TrimLeft(l.text, "—─－-")) // pages put the dash before it
		}
		p.Taken = append(p.Taken, Message{l.p.At, l.text})
	}
	if len(lead) > 0 {
		p.Lead = Guess{strings.Join(lead, "　"), "标题上面的行"}
	}
	if len(sub) > 0 {
		p.Subtitle = Guess{strings.Join(sub, "　"), "标题下面的行"}
	}
	p.Body = p.Body[read:]
}

// headLines gives the lines at the top that look like titles, and how many blocks were read, with the lines among them that say
// date, source and author.
func (p *Proposal) headLines() (lines []headLine, read int) {
	named := false // a style said what the title is
	for ; read < len(p.Body) && read < maxHead; read++ {
		q, ok := p.Body[read].(*docx.Paragraph)
		if !ok || q.Role == docx.Rule || q.Role == docx.Preformatted || q.Role == docx.Quote || q.Role == docx.Caption {
			break
		}
		text, ok := lineOf(q)
		if !ok {
			break
		}
		if p.meta(q, text) {
			continue
		}
		if len(lines) > 0 && p.dated(q, text) {
			continue
		}
		n := utf8.RuneCountInString(text)
		isTitle := q.Role == docx.Title || q.Role == docx.Subtitle || q.Role == docx.Heading && q.Level == 1
		if q.Role == docx.Heading && (q.Level > 1 || named) || n > 80 || !isTitle && endsSentence(text) {
			break
		}
		dashed := strings.HasPrefix(text, "——") || strings.HasPrefix(text, "—")
		if !isTitle && q.Align != docx.Center && !(q.Bold && len(lines) == 0) && !(dashed && len(lines) > 0 && q.Bold) {
			break
		}
		if isTitle && q.Role != docx.Subtitle {
			named = true
		}
		lines = append(lines, headLine{q, text})
	}
	return lines, read
}

// titleOf tells which of the lines at the top is the 正题, and by what: its style, its size, or its place.
func titleOf(lines []headLine) (best int, why string) {
	best = -1
	for k, l := range lines {
		if l.p.Role == docx.Title || l.p.Role == docx.Heading && best < 0 {
			best = k
			if l.p.Role == docx.Title {
				break
			}
		}
	}
	if best >= 0 {
		return best, "有标题样式"
	}
	size, largest := 0, 0
	for k, l := range lines {
		if l.p.Size > size {
			size, best, largest = l.p.Size, k, 1
		} else if l.p.Size == size {
			largest++
		}
	}
	if size > 0 && largest == 1 {
		return best, "开头的居中或加粗行里字最大"
	}
	best = slices.IndexFunc(lines, func(l headLine) bool { return !strings.HasPrefix(l.text, "—") })
	return max(best, 0), "开头居中或加粗的行"
}

// restore puts back what was taken from lines that turned out to stand above no title.
func (p *Proposal) restore(d *docx.Document, read int) {
	if read > 0 {
		p.Body, p.Taken = d.Blocks, nil
	}
}

func endsSentence(s string) bool {
	switch lastRune(s) {
	case '。', '；', '：', '，', '、', '.', ';', ':':
		return true
	}
	return false
}

// meta reads a line of date, source and author, if it is nothing else.
func (p *Proposal) meta(q *docx.Paragraph, text string) bool {
	if text == "" || utf8.RuneCountInString(text) > 120 {
		return false
	}
	for _, s := range q.Spans {
		if s.Link != "" {
			return false
		}
	}
	if m := onlyDate.FindStringSubmatch(text); m != nil {
		if e, ok := dateOf(m[1]); ok {
			p.date(e, "开头的日期行“"+text+"”")
			p.Taken = append(p.Taken, Message{q.At, text})
			return true
		}
	}
	at := label.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 || at[0][0] > 0 && !separators(text[:at[0][0]]) {
		if len(at) == 0 {
			return false
		}
		m := onlyDate.FindStringSubmatch(strings.TrimFunc(text[:at[0][0]], isSeparator))
		if m == nil {
			return false
		}
		if e, ok := dateOf(m[1]); ok {
			p.date(e, "标题下的行“"+text+"”")
		} else {
			return false
		}
	}
	saved := *p
	for k, m := range at {
		end := len(text)
		if k+1 < len(at) {
			end = at[k+1][0]
		}
		value := strings.TrimFunc(text[m[1]:end], isSeparator)
		why := "标题下的行“" + text + "”"
		switch name := text[m[2]:m[3]]; name {
		case "发布时间", "发布日期", "发稿时间", "时间", "日期":
			e, ok := dateOf(value)
			if !ok {
				*p = saved
				return false
			}
			p.date(e, why)
		case "来源", "稿源", "信息来源", "供稿单位":
			p.Source = Guess{value, why}
		case "责任编辑", "责编", "编辑":
			p.Editor = Guess{value, why}
		case "审核", "审稿":
			p.Reviewer = Guess{value, why}
		default:
			p.authors(value, why)
		}
	}
	p.Taken = append(p.Taken, Message{q.At, text})
	return true
}

// dated reads a line below a title that is the name of an office or a paper and a date, in either order, without labels.
// Of any other line with a date at its end it takes the date, and leaves the line.
func (p *Proposal) dated(q *docx.Paragraph, text string) bool {
	m := besideDate.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	name, day := m[1], m[2]
	if day == "" {
		day, name = m[3], m[4]
	}
	e, ok := dateOf(day)
	if !ok {
		return false
	}
	p.date(e, "标题下的行“"+text+"”")
	if name = strings.TrimFunc(name, isSeparator); !office.MatchString(name) || utf8.RuneCountInString(name) > 20 || p.Source.Text != "" {
		return false
	}
	p.Source = Guess{name, "标题下的行“" + text + "”"}
	p.Taken = append(p.Taken, Message{q.At, text})
	return true
}

func isSeparator(r rune) bool {
	return isSpace(r) || r == '|' || r == '｜' || r == '/' || r == '；' || r == '，' || r == '·' || r == '丨'
}

func separators(s string) bool { return strings.TrimFunc(s, isSeparator) == "" }

// dateOf reads a date as people type it.
func dateOf(s string) (string, bool) {
	s = strings.TrimFunc(s, isSpace)
	if i := strings.IndexFunc(s, func(r rune) bool { return r == ' ' || r == 'T' }); i >= 8 { // a time of day follows
		if e, err := dates.Parse(s[:i]); err == nil && !e.IsZero() {
			return e.String(), true
		}
	}
	s = strings.Join(strings.FieldsFunc(s, isSpace), "")
	if e, err := dates.Parse(s); err == nil && !e.IsZero() {
		return e.String(), true
	}
	e, err := dates.Parse(strings.NewReplacer(".", "-", "/", "-").Replace(s))
	return e.String(), err == nil && !e.IsZero()
}

func (p *Proposal) date(edtf, why string) {
	if p.Date.Text == "" {
		p.Date = Guess{edtf, why}
	}
}

// authors takes names out of a text. Two characters padded with a space are one name.
func (p *Proposal) authors(text, why string) {
	text = who.ReplaceAllString(text, "、")
	for _, group := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,；;/|｜\t", r) || r == '\n' }) {
		words := strings.FieldsFunc(group, isSpace)
		for k := 0; k < len(words); k++ {
			name := words[k]
			if utf8.RuneCountInString(name) == 1 && k+1 < len(words) && utf8.RuneCountInString(words[k+1]) == 1 {
				name += words[k+1]
				k++
			}
			if name == "" || noName.MatchString(name) {
				continue
			}
			known := false
			for _, a := range p.Authors {
				known = known || a.Text == name
			}
			if !known && utf8.RuneCountInString(name) <= 30 {
				p.Authors = append(p.Authors, Guess{name, why})
			}
		}
	}
}

// noTitle proposes a title for a manuscript without one.
func (p *Proposal) noTitle(d *docx.Document, fileName string) {
	if len(p.Body) > 1 {
		if q, ok := p.Body[0].(*docx.Paragraph); ok && q.Role == docx.Body && (q.Item == nil || q.Item.Bullet) {
			if text, ok := lineOf(q); ok && utf8.RuneCountInString(text) <= 40 && text != "" && !strings.ContainsAny(text, "。；：，") && byline.FindString(text) == "" {
				p.Title = Guess{text, "开头一行短，没有句号"}
				p.Taken = append(p.Taken, Message{q.At, text})
				p.Body = p.Body[1:]
				return
			}
		}
	}
	base := path.Base(strings.ReplaceAll(fileName, `\`, "/"))
	base = strings.TrimSpace(strings.TrimSuffix(base, path.Ext(base)))
	if t := spaces(d.Properties.Title); t != "" && utf8.RuneCountInString(t) <= 80 && !strings.Contains(strings.ToLower(t), "microsoft word") && t != "无标题" && t != "PowerPoint 演示文稿" {
		p.Title = Guess{t, "文件属性里的标题"}
	} else if base != "" {
		p.Title = Guess{base, "文件名"}
	}
}

// tail reads the last lines: （通讯员 某某）, and the signature with its date.
func (p *Proposal) tail() {
	for range 3 {
		if len(p.Body) < 2 {
			return
		}
		q, ok := p.Body[len(p.Body)-1].(*docx.Paragraph)
		if !ok || q.Item != nil {
			return
		}
		text, ok := lineOf(q)
		if !ok || len(q.Spans) == 0 {
			return
		}
		if m := byline.FindStringSubmatch(text); m != nil {
			p.authors(m[2], "文末的“"+text+"”")
			p.Taken = append(p.Taken, Message{q.At, text})
			p.Body = p.Body[:len(p.Body)-1]
			continue
		}
		if m := label.FindStringIndex(text); m != nil && m[0] == 0 && p.meta(q, text) {
			p.Body = p.Body[:len(p.Body)-1]
			continue
		}
		break
	}
	// A signature stays where it is.
	q, _ := p.Body[len(p.Body)-1].(*docx.Paragraph)
	if q == nil {
		return
	}
	text, ok := lineOf(q)
	if !ok {
		return
	}
	k := len(p.Body) - 1
	if m := onlyDate.FindStringSubmatch(text); m != nil {
		if e, ok := dateOf(m[1]); ok {
			p.date(e, "落款的日期“"+text+"”")
			k--
		}
	}
	if k < 0 {
		return
	}
	if q, _ := p.Body[k].(*docx.Paragraph); q != nil && q.Align == docx.End && len(p.Authors) == 0 {
		if text, ok := lineOf(q); ok && text != "" && utf8.RuneCountInString(text) <= 30 && !strings.ContainsAny(text, "。；：，") && onlyDate.FindString(text) == "" {
			p.Authors = append(p.Authors, Guess{text, "落款“" + text + "”"})
		}
	}
}

// openings reads （记者 某某） at the beginning of the text, and a summary that calls itself so. Both stay in the text, the
// latter unless it is the first.
func (p *Proposal) openings() {
	for i, b := range p.Body {
		if i == 3 {
			return
		}
		q, ok := b.(*docx.Paragraph)
		if !ok || q.Role != docx.Body {
			continue
		}
		text := strings.TrimFunc(clean(q.Plain()), isSpace)
		if m := dateline.FindStringSubmatch(text); m != nil && len(p.Authors) == 0 {
			p.authors(m[1], "开头的“"+clip(m[0], 40)+"”")
		}
		if m := summaryOf.FindStringSubmatch(text); m != nil && p.Summary.Text == "" && !strings.Contains(text, "\n") {
			if line, ok := lineOf(q); ok {
				if m := summaryOf.FindStringSubmatch(line); m != nil {
					p.Summary = Guess{m[1], "写明是摘要的一段"}
				}
			}
		}
	}
}
