// Stroketable writes ../../strokes.txt, the order of characters by their strokes.
//
//	apt-get download unicode-data && dpkg-deb -x unicode-data_*.deb u && bunzip2 u/usr/share/unicode/Unihan_*.bz2
//	npm pack cnchar-order@3.2.6 && tar xzf cnchar-order-3.2.6.tgz
//	go run ./internal/stroketable -unihan u/usr/share/unicode -order package/cnchar.order.min.js > strokes.txt
//
// Sources:
//
//   - Unihan 15.0, kTGH: the number of each character in 《通用规范汉字表》 (2013), whose three levels are each in the order of GF 3003—1999
//     《GB13000.1字符集汉字字序（笔画序）规范》: by the number of strokes, then by their kinds in the order of writing, 横竖撇点折;
//   - Unihan 15.0, kTotalStrokes: how many strokes a character has (both Unicode License v3);
//   - cnchar-order 3.2.6: in which strokes a character is written (MIT). It merges the three levels; within a level the table's own order
//     stands, whatever it says.
//
// What is not in the table of 2013 stands behind the others of its number of strokes, by code point.
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/han"
)

// kinds are the five kinds of strokes by the letters of cnchar-order: 横(提), 竖(竖钩), 撇, 点(捺); all others are 折.
var kinds = map[rune]byte{'j': '1', 'i': '1', 'f': '2', 'g': '2', 's': '3', 'k': '4', 'd': '4', 'l': '4'}

// char is one character of the table of 2013.
type char struct {
	r              rune
	number, level  int
	strokes        int
	order, carried string // its kinds of strokes; the same, made to rise within its level
}

func main() {
	log.SetFlags(0)
	dir := flag.String("unihan", "", "folder of Unihan_*.txt")
	orders := flag.String("order", "", "cnchar.order.min.js")
	flag.Parse()
	total, numbers := map[rune]int{}, map[rune]int{}
	read(filepath.Join(*dir, "Unihan_IRGSources.txt"), "kTotalStrokes", func(r rune, v string) { total[r] = number(strings.Fields(v)[0]) })
	read(filepath.Join(*dir, "Unihan_OtherMappings.txt"), "kTGH", func(r rune, v string) { numbers[r] = number(strings.TrimPrefix(v, "2013:")) })
	js, err := os.ReadFile(*orders)
	if err != nil {
		log.Fatal(err)
	}
	written := map[rune]string{}
	for _, m := range regexp.MustCompile(`"(\p{Han})":"([a-z]+)"`).FindAllStringSubmatch(string(js), -1) {
		r := []rune(m[1])[0]
		if written[r] == "" {
			written[r] = strings.Map(func(l rune) rune {
				if k, ok := kinds[l]; ok {
					return rune(k)
				}
				return '5'
			}, m[2])
		}
	}
	var all []char
	for r, n := range numbers {
		c := char{r: r, number: n, strokes: total[r], order: written[r]}
		for _, last := range []int{3500, 6500} {
			if n > last {
				c.level++
			}
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b char) int { return a.number - b.number })
	rise(all)
	slices.SortStableFunc(all, func(a, b char) int {
		return cmp.Or(a.strokes-b.strokes, strings.Compare(a.carried, b.carried), a.level-b.level, a.number-b.number)
	})
	lines := map[int][]rune{}
	most := 0
	for _, c := range all {
		lines[c.strokes] = append(lines[c.strokes], c.r)
		most = max(most, c.strokes)
	}
	for r := rune(0x4E00); r <= 0x9FFF; r++ {
		if to := han.Fold(r); numbers[r] == 0 && total[r] > 0 && numbers[to] == 0 {
			lines[total[r]] = append(lines[total[r]], r)
			most = max(most, total[r])
		}
	}
	fmt.Print("# Written by internal/stroketable, which names the sources: do not edit.\n# A line is a number of strokes and the characters that have it, in their order.\n# Contains data of the Unicode Character Database (Unicode License v3) and of cnchar-order 3.2.6 (MIT), changed in form.\n")
	for n := 1; n <= most; n++ {
		if len(lines[n]) > 0 {
			fmt.Printf("%d %s\n", n, string(lines[n]))
		}
	}
}

// rise makes numbers of strokes and kinds rise within each level, as the table's order has them: where the sources differ
// from it, it is right. Sources disagree on few; a disagreement is told.
func rise(all []char) {
	for i := range all {
		c := &all[i]
		if i > 0 && all[i-1].level == c.level {
			before := &all[i-1]
			next := c.strokes
			for j := i + 1; j < min(len(all), i+4) && all[j].level == c.level; j++ {
				next = min(next, all[j].strokes)
			}
			if c.strokes < before.strokes || c.strokes > next && next >= before.strokes {
				fixed := max(before.strokes, next)
				log.Printf("%c: %d strokes, its neighbours in the table say %d", c.r, c.strokes, fixed)
				c.strokes = fixed
			}
		}
		if len(c.order) != c.strokes {
			c.order = ""
		}
	}
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].level == all[from].level && all[to].strokes == all[from].strokes {
			to++
		}
		carry(all[from:to])
		from = to
	}
}

// carry makes the kinds of a run of characters rise: the longest part of it that does stays, and the others take those of their
// neighbour before them, or at the beginning behind them.
func carry(run []char) {
	length, before := make([]int, len(run)), make([]int, len(run))
	best := -1
	for i := range run {
		before[i] = -1
		if run[i].order == "" {
			continue
		}
		length[i] = 1
		for j := range i {
			if length[j] >= length[i] && run[j].order != "" && run[j].order <= run[i].order {
				length[i], before[i] = length[j]+1, j
			}
		}
		if best < 0 || length[i] >= length[best] {
			best = i
		}
	}
	keep := map[int]bool{}
	for i := best; i >= 0; i = before[i] {
		keep[i] = true
	}
	last := ""
	for i := len(run) - 1; i >= 0; i-- {
		if keep[i] {
			last = run[i].order
		}
	}
	for i := range run {
		c := &run[i]
		if keep[i] {
			last = c.order
		} else if c.order != "" {
			log.Printf("%c: %s is not where the table has it", c.r, c.order)
		}
		c.carried = last
	}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

// read calls each for the values of a property in a file of Unihan.
func read(name, property string, each func(r rune, value string)) {
	f, err := os.Open(name)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		if parts := strings.Split(s.Text(), "\t"); len(parts) == 3 && parts[1] == property {
			n, err := strconv.ParseInt(strings.TrimPrefix(parts[0], "U+"), 16, 32)
			if err != nil {
				log.Fatal(err)
			}
			each(rune(n), parts[2])
		}
	}
	if err := s.Err(); err != nil {
		log.Fatal(err)
	}
}
