package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeCorpus writes an archive of n records below dir: three quarters reports (reports/YYYY/rNNNNNN.md, 400 to
// 2,400 Han characters with headings, a table, a list and a quotation), one quarter profiles (people/pNNNNNN.md,
// about 700). The keys of the front matter are those of this program's own collections and of Hugo.
//
// Nothing in it means anything, and its people and places are plainly made up. But its characters and words are as
// unequally frequent as those of Chinese, since the cost of an index depends on that. The same n gives the same
// bytes everywhere.
func writeCorpus(dir string, n int) error {
	c := newCorpus()
	folders := map[string]bool{}
	for i := range n {
		name := fmt.Sprintf("people/p%06d.md", i)
		text := c.person
		if i < n-n/4 {
			name = fmt.Sprintf("reports/%d/r%06d.md", 1950+c.rnd.IntN(76), i)
			text = c.report
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if folder := filepath.Dir(file); !folders[folder] {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
			folders[folder] = true
		}
		if err := os.WriteFile(file, []byte(text()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// corpus is a source of meaningless text.
type corpus struct {
	rnd   *rand.Rand
	words []string
	total []int64 // of the words' weights up to each
	out   strings.Builder
}

func newCorpus() *corpus {
	c := &corpus{rnd: rand.New(rand.NewPCG(1, 2))}
	// Characters by Zipf's law with a bend, about as in Chinese; which character has which rank is chance.
	chars := make([]rune, 3500)
	for i := range chars {
		chars[i] = rune(0x4E00 + i*5)
	}
	c.rnd.Shuffle(len(chars), func(i, j int) { chars[i], chars[j] = chars[j], chars[i] })
	char := func() rune {
		x := c.rnd.IntN(1 << 20)
		return chars[x*x>>20*x>>20*len(chars)>>20]
	}
	seen := map[string]bool{}
	for sum := int64(0); len(c.words) < 40000; {
		w := ""
		for range []int{1, 2, 2, 2, 2, 3, 4}[c.rnd.IntN(7)] {
			w += string(char())
		}
		if !seen[w] {
			seen[w] = true
			sum += 1e12 / int64(len(c.words)+3)
			c.words, c.total = append(c.words, w), append(c.total, sum)
		}
	}
	return c
}

func (c *corpus) pick(list string) string {
	l := strings.Fields(list)
	return l[c.rnd.IntN(len(l))]
}

// phrase is at least size characters of words.
func (c *corpus) phrase(size int) string {
	var b strings.Builder
	for n := 0; n < size; {
		i, _ := slices.BinarySearch(c.total, c.rnd.Int64N(c.total[len(c.total)-1]))
		w := c.words[i]
		b.WriteString(w)
		n += len(w) / 3
	}
	return b.String()
}

func (c *corpus) sentence() string {
	s := c.phrase(4 + c.rnd.IntN(13))
	for range c.rnd.IntN(4) {
		s += "，" + c.phrase(4+c.rnd.IntN(13))
	}
	if c.rnd.IntN(7) == 0 {
		s = fmt.Sprintf("%d年%d月，", 1950+c.rnd.IntN(76), 1+c.rnd.IntN(12)) + s
	}
	if c.rnd.IntN(10) == 0 {
		s = c.name() + "表示，" + s
	}
	return s + c.pick("。 。 。 。 ！ ；")
}

func (c *corpus) paragraph(size int) string {
	var b strings.Builder
	for b.Len() < 3*size {
		b.WriteString(c.sentence())
	}
	return b.String()
}

func (c *corpus) name() string {
	return c.pick("赵 钱 孙 李 周 吴 郑 王 冯 陈 褚 卫 蒋 沈 韩 杨") + "测" + c.pick("甲 乙 丙 丁 戊 己 庚 辛 壬 癸 子 丑 寅 卯 辰 巳")
}

const (
	places = "甲市 乙市 丙市 丁市 戊市 己市 庚市 辛市 壬市 癸市"
	trades = "测试业 样例业 示范业 编造业 填充业 虚拟业 假设业 占位业 模拟业 试验业"
)

func (c *corpus) report() string {
	b := &c.out
	b.Reset()
	place, trade := c.pick(places), c.pick(trades)
	fmt.Fprintf(b, "---\ntitle: \"%s\"\ndate: %d-%02d-%02d\nsource: 测试报\nauthor: %s\nsummary: \"%s\"\nregion: %s\nindustry: %s\ntags: [%s, %s, 测试]\n---\n\n",
		c.phrase(8+c.rnd.IntN(15)), 1950+c.rnd.IntN(76), 1+c.rnd.IntN(12), 1+c.rnd.IntN(28), c.name(), c.sentence(), place, trade, trade, place)
	quarter := []int{100, 200, 200, 300, 300, 600}[c.rnd.IntN(6)]
	fmt.Fprintf(b, "%s\n\n## %s\n\n**%s**%s\n\n- %s\n- %s\n- %s\n\n## %s\n\n%s\n\n> %s\n\n| 年份 | 甲数 | 乙率 |\n|---|---|---|\n", c.paragraph(quarter), c.phrase(6),
		c.phrase(8), c.paragraph(quarter), c.sentence(), c.sentence(), c.sentence(), c.phrase(8), c.paragraph(quarter), c.sentence())
	for k := range 3 {
		fmt.Fprintf(b, "| %d | %d | %d%% |\n", 1990+k, 1000+c.rnd.IntN(89000), 60+c.rnd.IntN(40))
	}
	fmt.Fprintf(b, "\n%s\n", c.paragraph(quarter))
	return b.String()
}

func (c *corpus) person() string {
	b := &c.out
	b.Reset()
	place, trade := c.pick(places), c.pick(trades)
	fmt.Fprintf(b, "---\ntitle: %s\ngender: %s\nbirth: \"%d\"\nregion: %s\nindustry: %s\ntags: [%s, %s]\n---\n\n%s\n\n## %s\n\n%s\n",
		c.name(), c.pick("男 女"), 1915+c.rnd.IntN(80), place, trade, trade, place, c.paragraph(300), c.phrase(4), c.paragraph(400))
	return b.String()
}

// writeSite makes dir a site's source folder with a corpus of n records.
func writeSite(dir string, n int) error {
	if err := writeCorpus(filepath.Join(dir, "content"), n); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "site.yaml"), []byte("title: 测试\nbaseURL: https://example.org/\n"), 0o644)
}
