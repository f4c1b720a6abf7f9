package render_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"gongzhi/generator/han"
	"gongzhi/generator/render"
	"gongzhi/generator/search"
)

// TestWritingsAreFound: made-up names, each given an honour in every writing that lists have. Searched in its plain writing
// or in any other, every record of the name is found. GONGZHI_RUNS says how many names; then each
// is asked for in all its writings.
func TestWritingsAreFound(t *testing.T) {
	count, all := 100, false
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		count, all = n, true
	}
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("GONGZHI_SEED=%d, %d names", seed, count)
	rnd := rand.New(rand.NewPCG(seed, 0))
	traditional := strings.NewReplacer("国", "國", "华", "華", "伟", "偉", "丽", "麗", "强", "強", "军", "軍", "艳", "艷", "杰", "傑", "涛", "濤", "刚", "剛", "测", "測", "试", "試", "赵", "趙", "张", "張", "刘", "劉", "陈", "陳", "后", "後")
	chars := []rune("测试甲乙丙丁戊己庚辛壬癸建国志华伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英赵张刘陈后")
	for len(chars) < 2000 {
		if r := rune(0x4e00 + rnd.IntN(0x5000)); han.IsHan(r) && han.Fold(r) == r {
			chars = append(chars, r)
		}
	}
	type writing struct{ id, text, note string }
	names := make([]string, 0, count)
	writings := make([][]writing, count)
	used := map[string]bool{}
	var rows, people strings.Builder
	rows.WriteString("编号,荣誉,获得者,授予时间\n")
	people.WriteString("编号,姓名\n")
	for len(names) < count {
		name := []rune{chars[rnd.IntN(len(chars))], chars[rnd.IntN(len(chars))]}
		for range rnd.IntN(3) {
			name = append(name, chars[rnd.IntN(60)])
		}
		if rnd.IntN(2) == 0 {
			name[rnd.IntN(len(name))] = chars[rnd.IntN(46)]
		}
		dotted := rnd.IntN(4) == 0
		if dotted {
			name = append([]rune{name[0], name[1], '·'}, name[1:]...)
		}
		plain := string(name)
		if used[plain] {
			continue
		}
		used[plain] = true
		n := len(names)
		names = append(names, plain)
		add := func(text, note string) {
			id := fmt.Sprintf("n%d-%d", n, len(writings[n]))
			fmt.Fprintf(&rows, "%s,h,\"%s\",%d-05-%02d\n", id, text, 1920+n%100, 1+len(writings[n]))
			writings[n] = append(writings[n], writing{id, text, note})
		}
		add(plain, "")
		add(" "+plain+"　", "")
		for _, pad := range []string{"　", " ", "  ", "\u00a0", "\u2003"} {
			add(string(name[:1])+pad+string(name[1:]), "")
		}
		add(strings.Join(strings.Split(plain, ""), " "), "")
		add(plain+"（女，回族）", "女，回族")
		add(plain+"(男)", "男")
		add(plain+" [ 满族 ]", "满族")
		add(string(name[:1])+"　"+string(name[1:])+"〔女〕", "女")
		if other := traditional.Replace(plain); other != plain {
			add(other, "")
			r, size := utf8.DecodeRuneInString(other)
			add(string(r)+"　"+other[size:], "")
		}
		if dotted {
			for _, dot := range []string{"•", "・", "．", "‧", ".", " · ", "･"} {
				add(strings.Replace(plain, "·", dot, 1), "")
			}
		}
		if rnd.IntN(3) == 0 { // a profile, whose title is written in one of them
			w := writings[n][rnd.IntN(len(writings[n]))]
			id := fmt.Sprintf("p%d", n)
			fmt.Fprintf(&people, "%s,\"%s\"\n", id, w.text)
			writings[n] = append(writings[n], writing{id, w.text, w.note})
		}
	}
	g := generate(t, fstest.MapFS{
		"site.yaml":                  {Data: []byte("title: 测试\n")},
		"content/honors/h.md":        {Data: []byte("---\ntitle: 奖章\nlevel: 其他\n---\n")},
		"content/people/all.csv":     {Data: []byte(people.String())},
		"content/conferrals/all.csv": {Data: []byte(rows.String())},
	}, render.Options{})
	urls, records := map[string]string{}, 0
	for _, c := range g.Site.Collections {
		for _, r := range c.Records {
			urls[r.ID] = r.URL
			records++
		}
	}
	index, err := search.Open(searchFiles(t, g))
	if err != nil {
		t.Fatal(err)
	}
	lost, asked := 0, 0
	for n, name := range names {
		questions := slices.DeleteFunc(slices.Clone(writings[n]), func(w writing) bool { return w.id[0] == 'p' })
		if !all { // the plain one, and two of the others
			rnd.Shuffle(len(questions)-1, func(i, j int) { questions[i+1], questions[j+1] = questions[j+1], questions[i+1] })
			questions = questions[:3]
		}
		for _, query := range questions {
			got, err := index.Search(query.text, search.Query{Limit: records})
			if err != nil {
				t.Fatal(err)
			}
			asked++
			found := map[string]bool{}
			for _, h := range got.Hits {
				found[h.URL] = true
			}
			for _, w := range writings[n] {
				if urls[w.id] == "" {
					t.Fatalf("the record %s of %q is lost", w.id, w.text)
				}
				// A note is asked for with the name: who has another or none is not meant.
				if query.note != "" && w.note != query.note {
					continue
				}
				if !found[urls[w.id]] {
					if lost++; lost <= 20 {
						t.Errorf("%s: asked for as %q, the record of %q is not among %d", name, query.text, w.text, got.Total)
					}
				}
			}
		}
	}
	t.Logf("%d names, %d records, %d questions, %d answers lost", count, records, asked, lost)
}

// searchFiles reads the files of the index, once.
func searchFiles(t *testing.T, g *render.Generation) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, p := range g.Paths() {
		if name, ok := strings.CutPrefix(p, "search/"); ok {
			b, err := g.File(nil, p)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: b}
		}
	}
	return files
}
