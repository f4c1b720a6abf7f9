package grid

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/dates"
)

// Columns of a chronicle's table.
var chronicleColumns = []string{"时间", "事项", "原文时间", "附注", "原文"}

var (
	entryDate = regexp.MustCompile(`^约?(?:是年|是月|同年|同月|当年|当月|本年|本月|翌年|次年|\d{1,2}月|[一二三四五六七八九十]{1,3}月|正月|春|夏|秋|冬|[上下]半年|年初|年底|年末|岁末)`)
	other     = regexp.MustCompile(`[（〔(\[【]\s*(?:一说|又说|另说|亦说|一作|农历|阴历|具体)[^）〕)\]】]*[）〕)\]】]`)
	vague     = regexp.MustCompile(`[约春夏秋冬旬初末底半前后代国间起]`) // printed dates that say more than a number does
	unknown   = regexp.MustCompile(`^(?:年月不详|时间不详|年代不详|日期不详|不详|待考)[:：]?$`)
)

// yearLine reads a line that is nothing but a year, or an age: 1949年, 1953年前后, 民国三十六年, 六十年代初.
func yearLine(s string) (text string, ok bool) {
	s = strings.TrimSpace(clean(s))
	if s == "" || utf8.RuneCountInString(s) > 14 {
		return "", false
	}
	if unknown.MatchString(s) {
		return "", true
	}
	if !strings.ContainsAny(s, "年") {
		return "", false
	}
	if _, err := dates.Parse(s); err != nil {
		return "", false
	}
	return s, true
}

// chronicle tells whether lines are a page of a chronicle: years that stand alone, entries that begin with a day, a
// month, 是月 or 是年.
func chronicle(lines []string) bool {
	years, entries, rest := 0, 0, 0
	for _, l := range lines {
		s := strings.TrimSpace(clean(l))
		if s == "" {
			continue
		}
		if _, ok := yearLine(s); ok {
			years++
		} else if entryDate.MatchString(s) {
			entries++
		} else {
			rest++
		}
	}
	return years >= 1 && entries >= 1 && years+entries >= rest
}

// fromChronicle reads a page of a chronicle. The date of an entry is that of its line within the year above it; 是月
// is the month of the entry before. What the text says of another opinion (一说) goes into the note, and stays where
// it is too.
func fromChronicle(lines []string) (*Table, error) {
	t := &Table{Format: "大事记"}
	for i, c := range chronicleColumns {
		t.Columns = append(t.Columns, Column{Name: c, Letter: letter(i)})
	}
	year, month, begun := "", "", false
	for i, l := range lines {
		s := strings.TrimSpace(clean(l))
		if s == "" {
			continue
		}
		if y, ok := yearLine(s); ok {
			year, month, begun = y, "", true
			continue
		}
		if !begun {
			t.Left = append(t.Left, Left{i + 1, "标题", clip(s, 200)})
			continue
		}
		printed, text := "", s
		if entryDate.MatchString(s) {
			if at := strings.IndexAny(s, "　\t "); at > 0 && utf8.RuneCountInString(s[:at]) <= 16 {
				printed, text = s[:at], strings.TrimLeft(s[at:], "　\t ")
			}
		}
		date, doubt := "", ""
		what := strings.NewReplacer("同年", "是年", "当年", "是年", "本年", "是年", "同月", "是月", "当月", "是月", "本月", "是月").Replace(printed)
		about := strings.HasPrefix(what, "约")
		what = strings.TrimPrefix(what, "约")
		switch {
		case year == "":
			doubt = ""
		case strings.HasPrefix(what, "翌年"), strings.HasPrefix(what, "次年"):
			doubt = fmt.Sprintf("“%s”是哪一年，请看上文填写", printed)
		case strings.HasPrefix(what, "是月"):
			if month == "" {
				doubt = fmt.Sprintf("“%s”前面没有写明月份", printed)
			} else {
				date = year + month + strings.TrimPrefix(what, "是月")
			}
		default:
			what = strings.TrimPrefix(what, "是年")
			date = year + what
			if m := regexp.MustCompile(`^(\d{1,2}|[一二三四五六七八九十]{1,3}|正)月`).FindString(what); m != "" {
				month = m
			} else if what != "" {
				month = ""
			}
		}
		edtf := ""
		if date != "" && doubt == "" {
			if about {
				date = "约" + date
			}
			if d, err := dates.Parse(date); err == nil {
				edtf = d.String()
			} else if d, err := dates.Parse(year); err == nil {
				edtf = d.String()
				doubt = fmt.Sprintf("“%s”不能写成确定的日期，只能写作 %s", strings.TrimSpace(year+" "+printed), edtf)
			}
		}
		cells := make([]Cell, len(chronicleColumns))
		printedDate := year
		if printed != "" {
			printedDate = strings.TrimSpace(year + " " + printed)
		}
		note := strings.Join(other.FindAllString(text, -1), "")
		if vague.MatchString(printedDate) {
			note = "原文时间作“" + printedDate + "”。" + note
		}
		for k, v := range []string{edtf, text, printedDate, note, s} {
			cells[k].Text = v
		}
		t.Rows = append(t.Rows, Row{No: i + 1, Cells: cells, Text: s, Doubt: doubt})
	}
	return t, nil
}
