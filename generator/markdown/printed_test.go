package markdown

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What printed texts are made of: words and numbers, marks that Markdown knows, and line breaks with what people put behind
// them. There are no links, notes or comments, whose targets and names are not printed.
var (
	words = []string{"甲", "工会", "测试", "厂", "年", "月", "万", "元", "长", "宽", "高", "米", "abc", "X", "no"}
	marks = []string{"*", "**", "_", "__", "~", "~~", "`", "\\", "|", "#", "##", "-", "+", ">", ".", "、", "，", "。", "（", "）", "(", ")", ":", "：", "“", "”",
		" ", "  ", "　", "\t", "=", "==", "%", "{", "}", "$", "&", "&emsp;", "<", ">", "!", "?", "·", "—", "…", "/", "~"}
	breaks = []string{"\n", "\n", "\n\n", "\n　　", "\n    ", "\n- ", "\n> ", "\n#. ", "\n一、", "\n（二）", "\n\t", "\n---\n", "\n===\n", "\n# ", "\n|", "\n: ", "  \n", "\\\n"}
)

// wordsOf finds the characters of words and numbers in a text; they are compared one by one, since *no* in abc*no*abc makes
// one word of three.
var wordsOf = regexp.MustCompile(`[\p{Han}A-Za-z0-9]`)

var (
	listItem = regexp.MustCompile(`<(/?ol|/?ul|li)(?: id="[^"]*")?(?: start="(\d+)")?(?: value="(\d+)")?(?: class="task")?>`)
)

var language = regexp.MustCompile(`<code class="language-([^"]*)">`)

// printed is the text of a page with the numbers of its lists, as a browser shows them, and the names of languages, which are
// for programs.
func printed(html string) string {
	var open []int // the next number of each list that is open, or -1
	html = listItem.ReplaceAllStringFunc(html, func(tag string) string {
		m := listItem.FindStringSubmatch(tag)
		switch m[1] {
		case "ol":
			n := 1
			if m[2] != "" {
				n, _ = strconv.Atoi(m[2])
			}
			open = append(open, n)
		case "ul":
			open = append(open, -1)
		case "/ol", "/ul":
			open = open[:len(open)-1]
		case "li":
			if last := len(open) - 1; open[last] >= 0 {
				if m[3] != "" {
					open[last], _ = strconv.Atoi(m[3])
				}
				open[last]++
				return fmt.Sprintf("<li> %d ", open[last]-1)
			}
		}
		return tag
	})
	return string(Text([]byte(language.ReplaceAllString(html, "<code>$1 "))))
}

// plainText makes a text of the three kinds of pieces.
func plainText(pick func(n int) int) string {
	var b strings.Builder
	item := pick(2) // items of the same number are counted, so there are none
	for range 3 + pick(40) {
		switch pick(8) {
		case 0, 1, 2:
			b.WriteString(words[pick(len(words))])
		case 3:
			fmt.Fprint(&b, 1+pick(2030))
		case 4, 5, 6:
			b.WriteString(marks[pick(len(marks))])
		default:
			item += 1 + pick(60)
			b.WriteString(strings.Replace(breaks[pick(len(breaks))], "\n#. ", fmt.Sprintf("\n%d. ", item), 1))
		}
	}
	b.WriteByte('\n')
	text := b.String()
	for strings.Contains(text, "%%") { // what is between two of them is not printed
		text = strings.ReplaceAll(text, "%%", "%")
	}
	return text
}

// checkPrinted is the promise to a reader: every word and number of a text stands on its page, in its order, or a message
// names a place where something is amiss.
func checkPrinted(t *testing.T, src string) {
	t.Helper()
	body, list := Convert("a.md", []byte(src), 1)
	got := wordsOf.FindAllString(printed(string(body.HTML)), -1)
	want := wordsOf.FindAllString(strings.ReplaceAll(src, "&emsp;", " "), -1)
	i := 0
	for _, w := range want {
		for i < len(got) && got[i] != w {
			i++
		}
		if i == len(got) {
			if len(list) == 0 {
				t.Fatalf("%q\nis printed without %s:\n%s", src, w, body.HTML)
			}
			return
		}
		i++
	}
}

func TestPrinted(t *testing.T) {
	runs := 1_500
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = n
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range runs {
		checkPrinted(t, plainText(r.IntN))
	}
}

func FuzzPrinted(f *testing.F) {
	f.Add([]byte("1950. 甲\n1956. 乙"))
	f.Add([]byte{7, 8, 0, 3, 5, 7, 9, 2, 4, 1, 0, 0, 7, 4, 3, 200, 1})
	f.Fuzz(func(t *testing.T, choices []byte) {
		i := 0
		checkPrinted(t, plainText(func(n int) int {
			if i >= len(choices) {
				return 0
			}
			i++
			return int(choices[i-1]) * 7 % n
		}))
	})
}
