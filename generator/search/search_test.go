package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"gongzhi/generator/han"
)

// index builds an index of documents, numbered as they stand.
func index(t testing.TB, options Options, docs ...Document) fstest.MapFS {
	t.Helper()
	w := NewWriter(options)
	for n, d := range docs {
		if err := w.Add(n, d); err != nil {
			t.Fatal(err)
		}
	}
	return files(t, w)
}

func files(t testing.TB, w *Writer) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	var mu sync.Mutex
	if err := w.Files(func(name string, data []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if fsys[name] != nil {
			t.Errorf("%s written twice", name)
		}
		fsys[name] = &fstest.MapFile{Data: slices.Clone(data)}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return fsys
}

func open(t testing.TB, fsys fstest.MapFS) *Index {
	t.Helper()
	x, err := Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func titles(t testing.TB, x *Index, query string, q Query) []string {
	t.Helper()
	result, err := x.Search(query, q)
	if err != nil {
		t.Fatalf("Search(%q): %v", query, err)
	}
	var titles []string
	for _, h := range result.Hits {
		titles = append(titles, h.Title)
	}
	return titles
}

type vectorFile struct {
	Units []struct {
		Text  string     `json:"text"`
		Words [][]uint16 `json:"words"`
	} `json:"units"`
	Spellings []struct {
		Letters string   `json:"letters"`
		Ways    []string `json:"ways"`
	} `json:"spellings"`
	Keys []struct {
		Gram [2]uint16 `json:"gram"`
		Key  uint32    `json:"key"`
	} `json:"keys"`
	Digests []struct {
		Text string `json:"text"`
		Name string `json:"name"`
	} `json:"digests"`
}

// The same vectors are run by client/search.test.mjs.
func TestVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectorFile
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Units {
		got := split(appendUnits(nil, []byte(c.Text)))
		if !slices.EqualFunc(got, c.Words, slices.Equal) {
			t.Errorf("units of %q = %v, want %v", c.Text, got, c.Words)
		}
	}
	for _, c := range v.Spellings {
		var got []string
		for _, way := range spellings(c.Letters) {
			var b strings.Builder
			for i, u := range way {
				if u < syllableRest {
					if i > 0 {
						b.WriteByte(' ')
					}
					b.WriteString(strings.ToUpper(c.Letters[i : i+1]))
				} else {
					b.WriteByte(c.Letters[i])
				}
			}
			got = append(got, b.String())
		}
		if !slices.Equal(got, c.Ways) {
			t.Errorf("spellings of %s = %v, want %v", c.Letters, got, c.Ways)
		}
	}
	for _, c := range v.Keys {
		if got := key(c.Gram[0], c.Gram[1]); got != c.Key {
			t.Errorf("key%v = %d, want %d", c.Gram, got, c.Key)
		}
	}
	for _, c := range v.Digests {
		if got := fmt.Sprintf("%012x", digest([]byte(c.Text))); got != c.Name {
			t.Errorf("digest of %q = %s, want %s", c.Text, got, c.Name)
		}
	}
}

func TestKeyIsABijection(t *testing.T) {
	random := seeded(t)
	for range 100000 {
		a, b := uint16(random.Uint32()), uint16(random.Uint32())
		if x, y := gramOf(key(a, b)); x != a || y != b {
			t.Fatalf("gramOf(key(%d, %d)) = %d, %d", a, b, x, y)
		}
	}
}

func TestBitStreamRoundTrip(t *testing.T) {
	random := seeded(t)
	type number struct {
		kind, k int
		v       uint32
	}
	for range 200 {
		var numbers []number
		var w bitWriter
		for range random.IntN(300) {
			n := number{random.IntN(3), random.IntN(31), random.Uint32() >> random.IntN(32)}
			switch n.kind {
			case 0:
				n.k++
				n.v &= uint32(uint64(1)<<n.k - 1)
				w.bits(n.v, n.k)
			case 1:
				if n.v>>n.k > 5000 {
					n.v &= 1<<n.k - 1
				}
				w.rice(n.v, n.k)
			case 2:
				n.v = max(1, n.v)
				w.gamma(n.v)
			}
			numbers = append(numbers, n)
		}
		var outer bitWriter
		offset := random.IntN(32)
		outer.bits(0, offset)
		outer.stream(&w)
		r := &bitReader{data: outer.bytes()}
		r.bits(offset)
		for i, n := range numbers {
			var got uint32
			switch n.kind {
			case 0:
				got = r.bits(n.k)
			case 1:
				got = r.rice(n.k)
			case 2:
				got = r.gamma()
			}
			if got != n.v || r.bad {
				t.Fatalf("number %d of %d: %+v came back as %d (bad %v)", i, len(numbers), n, got, r.bad)
			}
		}
	}
}

// corpus makes documents whose text means nothing, of few enough characters that grams of every frequency occur, so that all forms of a
// list are met: inline, with a file of its own, with positions apart.
func corpus(rnd *rand.Rand, n int) []Document {
	alphabet := []rune("工会职工劳动模范改革的一是在了人有中大为上个国我以要他时来用们生到作地于出就分对成会可主发年同也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龍勞動１Ａ𠮷")
	text := func(size int) string {
		var b strings.Builder
		for i := 0; i < size; i++ {
			k := int(float64(len(alphabet)) * rnd.Float64() * rnd.Float64() * rnd.Float64())
			b.WriteRune(alphabet[k])
			switch rnd.IntN(14) {
			case 0:
				b.WriteString("，")
			case 1:
				b.WriteString(fmt.Sprint(rnd.IntN(3000)))
			case 2:
				b.WriteString("工会改革")
			}
			if rnd.IntN(60) == 0 {
				b.WriteByte('\n')
			}
		}
		return b.String()
	}
	docs := make([]Document, n)
	for i := range docs {
		docs[i] = Document{
			URL: fmt.Sprintf("/reports/r%d/", i), Title: fmt.Sprintf("%s第%d号", text(6), i), Type: "报道", Date: "1958", Sort: int32(19500000 + rnd.IntN(700000)),
			Summary: text(30), Fields: []string{text(5), text(5)}, Body: []byte(text(200 + rnd.IntN(600))),
			Facets: []Facet{{"type", "报道"}, {"year", fmt.Sprint(1950 + rnd.IntN(5))}},
		}
		if rnd.IntN(10) == 0 {
			docs[i].Sort = 0
		}
	}
	return docs
}

// visible is the folded text of a document, where nothing joins its parts.
func visible(d Document) string {
	return han.FoldString(strings.Join(append([]string{d.Title}, append(d.Fields, string(d.Body))...), "\n"))
}

func TestEverySubstringIsFoundExactly(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	docs := corpus(rnd, 2000)
	x := open(t, index(t, Options{}, docs...))
	text := make([]string, len(docs))
	for i, d := range docs {
		text[i] = visible(d)
	}
	for n := 0; n < 1000; {
		runs := strings.FieldsFunc(text[rnd.IntN(len(text))], func(r rune) bool { return !han.IsHan(r) })
		run := []rune(runs[rnd.IntN(len(runs))])
		k := 1 + rnd.IntN(8)
		if len(run) < k {
			continue
		}
		n++
		at := rnd.IntN(len(run) - k + 1)
		query := string(run[at : at+k])
		want := map[string]bool{}
		for i, s := range text {
			if strings.Contains(s, query) {
				want[docs[i].URL] = true
			}
		}
		result, err := x.Search(query, Query{Limit: 1 + n%10/9*39})
		if err != nil {
			t.Fatal(err)
		}
		if result.Total != len(want) {
			t.Errorf("%s: total %d, want %d", query, result.Total, len(want))
		}
		for _, h := range result.Hits {
			if !want[h.URL] {
				t.Errorf("%s: %s is no hit", query, h.URL)
			}
		}
	}
}

func TestPagingReachesEveryHitOnce(t *testing.T) {
	docs := corpus(rand.New(rand.NewPCG(3, 4)), 500)
	x := open(t, index(t, Options{}, docs...))
	seen := map[string]bool{}
	total := -1
	for offset := 0; ; offset += 70 {
		result, err := x.Search("工会", Query{Offset: offset, Limit: 70})
		if err != nil {
			t.Fatal(err)
		}
		total = result.Total
		if len(result.Hits) == 0 {
			break
		}
		for _, h := range result.Hits {
			if seen[h.URL] {
				t.Errorf("%s twice", h.URL)
			}
			seen[h.URL] = true
		}
	}
	if len(seen) != total || total < 400 {
		t.Errorf("reached %d of %d", len(seen), total)
	}
}

func TestIndexDependsOnDocumentsAlone(t *testing.T) {
	docs := corpus(rand.New(rand.NewPCG(5, 6)), 700)
	want := index(t, Options{Facets: []Field{{Key: "year", Range: true}}}, docs...)
	going := t.TempDir() // it takes a few files and then no more
	for _, options := range []Options{{}, {Memory: 1, TempDir: t.TempDir()}, {Memory: 1, TempDir: going, Full: func(error) error { return nil }}} {
		options.Facets = []Field{{Key: "year", Range: true}}
		w := NewWriter(options)
		var wg sync.WaitGroup
		for g := range 5 {
			wg.Go(func() {
				for i := len(docs) - 1 - g; i >= 0; i -= 5 {
					if options.TempDir == going && i == len(docs)/2 {
						os.Remove(going) // the files are gone from it already, where the system allows that
					}
					if err := w.Add(i, docs[i]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		got := files(t, w)
		if len(got) != len(want) {
			t.Errorf("%d files, want %d", len(got), len(want))
		}
		for name, f := range want {
			if got[name] == nil || string(got[name].Data) != string(f.Data) {
				t.Fatalf("%s differs", name)
			}
		}
	}
}

func small() []Document {
	return []Document{
		{URL: "/people/a/", Title: "孟泰", Type: "人物", Date: "1898", Sort: 18980000, Pinyin: true, Name: true, Body: []byte("鞍钢工人。\n他拾旧料修高炉。"), Facets: []Facet{{"type", "人物"}}},
		{URL: "/people/b/", Title: "孟泰来", Type: "人物", Sort: 0, Pinyin: true, Name: true, Body: []byte("另一个人"), Facets: []Facet{{"type", "人物"}}},
		{URL: "/reports/c/", Title: "学习孟泰精神", Type: "报道", Date: "1959", Sort: 19590000, Body: []byte("各地开展活动。"), Facets: []Facet{{"type", "报道"}, {"year", "1959"}}},
		{URL: "/reports/d/", Title: "会议", Type: "报道", Date: "1960", Sort: 19600000, Fields: []string{"孟泰"}, Facets: []Facet{{"type", "报道"}, {"year", "1960"}}},
		{URL: "/reports/e/", Title: "大会开幕", Type: "报道", Date: "1961", Sort: 19610000, Body: []byte("孟泰发言。\n1205队与6123工程；１２０５"), Facets: []Facet{{"type", "报道"}, {"year", "1961"}}},
		{URL: "/reports/f/", Title: "勞動模範", Type: "报道", Date: "1962", Sort: 19620000, Body: []byte("曾孟泰与<b>人𠮷祥"), Facets: []Facet{{"type", "报道"}, {"year", "1962"}}},
		{URL: "/people/g/", Title: "曾测试", Type: "人物", Pinyin: true, Name: true, Facets: []Facet{{"type", "人物"}}},
		{URL: "/statistics/#s1", Title: "会员数", Type: "统计", Fields: []string{"会员 8.8 万"}, Facets: []Facet{{"type", "统计"}}},
	}
}

var smallFacets = Options{Facets: []Field{{"type", "类型", false}, {"year", "年份", true}}}

func TestRankingAndMatching(t *testing.T) {
	x := open(t, index(t, smallFacets, small()...))
	for _, c := range []struct {
		query string
		q     Query
		want  string
	}{
		{"孟泰", Query{}, "孟泰 孟泰来 学习孟泰精神 会议 勞動模範 大会开幕"},
		{"孟泰", Query{Sort: "-date"}, "勞動模範 大会开幕 会议 学习孟泰精神 孟泰 孟泰来"},
		{"孟泰", Query{Sort: "date"}, "孟泰 学习孟泰精神 会议 大会开幕 勞動模範 孟泰来"},
		{"孟泰", Query{Filters: map[string][]string{"type": {"报道"}}}, "学习孟泰精神 会议 勞動模範 大会开幕"},
		{"孟泰", Query{Filters: map[string][]string{"year": {"1960", "1961"}}}, "会议 大会开幕"},
		{"孟泰", Query{Filters: map[string][]string{"year": {"", "1959"}}}, "学习孟泰精神"},
		{"", Query{Filters: map[string][]string{"type": {"统计"}}}, "会员数"},
		{"劳动模范", Query{}, "勞動模範"},
		{"勞動", Query{}, "勞動模範"},
		{"1205", Query{}, "大会开幕"},
		{"120", Query{}, "大会开幕"},
		{"205", Query{}, ""},
		{"1205队", Query{}, "大会开幕"},
		{"队与6123工程", Query{}, "大会开幕"},
		{"６１２３工", Query{}, "大会开幕"},
		{"𠮷", Query{}, "勞動模範"},
		{"𠮷祥", Query{}, "勞動模範"},
		{"人吉", Query{}, ""},
		{"孟泰 精神", Query{}, "学习孟泰精神"},
		{"孟泰，精神", Query{}, "学习孟泰精神"},
		{"泰精", Query{}, "学习孟泰精神"},
		{"工人他", Query{}, ""},
		{"工人。他", Query{}, "孟泰"},
		{"mengtai", Query{}, "孟泰 孟泰来"},
		{"meng tai", Query{}, "孟泰 孟泰来"},
		{"MengTai", Query{}, "孟泰 孟泰来"},
		{"mt", Query{}, "孟泰 孟泰来"},
		{"mengt", Query{}, "孟泰 孟泰来"},
		{"mtl", Query{}, "孟泰来"},
		{"tailai", Query{}, "孟泰来"},
		{"engtai", Query{}, ""},
		{"zengceshi", Query{}, "曾测试"},
		{"ceng", Query{}, ""},
		{"zcs", Query{}, "曾测试"},
		{"8.8", Query{}, "会员数"},
		{"<b>", Query{}, "勞動模範"},
		{"", Query{}, ""},
		{"。！", Query{}, ""},
	} {
		if got := strings.Join(titles(t, x, c.query, c.q), " "); got != c.want {
			t.Errorf("%q %+v: %s\nwant %s", c.query, c.q, got, c.want)
		}
	}
}

func TestFacetCounts(t *testing.T) {
	x := open(t, index(t, smallFacets, small()...))
	result, err := x.Search("孟泰", Query{Facets: true, Limit: 1, Filters: map[string][]string{"type": {"报道"}}})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(result.Total, result.Facets["type"], result.Facets["year"])
	if want := "4 [{报道 4} {人物 2}] [{1959 1} {1960 1} {1961 1} {1962 1}]"; got != want {
		t.Errorf("facets %s, want %s", got, want)
	}
}

func TestRelatedOnlyWithoutHits(t *testing.T) {
	x := open(t, index(t, smallFacets, small()...))
	result, err := x.Search("孟泰精神病", Query{})
	if err != nil || result.Total != 0 || len(result.Related) == 0 || result.Related[0].Title != "学习孟泰精神" {
		t.Errorf("Search = %+v, %v", result, err)
	}
	if result, _ := x.Search("孟泰", Query{}); len(result.Related) != 0 {
		t.Error("related hits beside exact ones")
	}
}

// A title that has the parts of a phrase, but not the phrase, is no title with the phrase.
func TestPhraseInATitleStandsWhole(t *testing.T) {
	x := open(t, index(t, Options{},
		Document{URL: "/a/", Title: "乡村之行看振兴", Sort: 20200101, Body: []byte("各地推进乡村振兴。一笔带过。")},
		Document{URL: "/b/", Title: "通讯", Sort: 20210101, Body: []byte("乡村振兴，乡村振兴，乡村振兴。")},
		Document{URL: "/c/", Title: "振兴与乡村：谈乡村振兴", Sort: 20190101, Body: []byte("无")},
		Document{URL: "/d/", Title: "乡村振兴", Sort: 20180101, Body: []byte("无")},
		Document{URL: "/e/", Title: "乡村振兴办", Sort: 20170101, Body: []byte("乡村的振兴")},
		Document{URL: "/f/", Title: "杂", Sort: 20160101, Body: []byte("无")},
	))
	result, err := x.Search("乡村振兴", Query{})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, h := range result.Hits {
		got += h.URL + fmt.Sprint(h.Why[0].Class) + " "
	}
	if want := "/d/5 /c/4 /e/4 /b/1 /a/1 "; got != want {
		t.Errorf("hits and classes %s, want %s", got, want)
	}
}

// Without an exact hit, a name with marks inside it is offered before a mention, and its parts are marked.
func TestRelatedBeginWithTitles(t *testing.T) {
	x := open(t, index(t, Options{},
		Document{URL: "/b/", Title: "秋粮丰收", Sort: 20230807, Summary: "秋粮是大头，受台风“杜苏芮”影响。", Body: []byte("秋粮是大头，受台风“杜苏芮”影响。")},
		Document{URL: "/a/", Title: "台风“杜苏芮”登陆", Sort: 20230728, Summary: "今天上午。", Body: []byte("今天上午。")},
	))
	result, err := x.Search("台风杜苏芮", Query{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Total != 0 || len(result.Related) != 2 || result.Related[0].URL != "/a/" {
		t.Fatalf("Search = %+v", result)
	}
	if got := result.Related[1].Excerpt; got != "秋粮是大头，受<mark>台风</mark>“<mark>杜苏芮</mark>”影响。" {
		t.Errorf("excerpt %s", got)
	}
}

// What stands for several characters is marked as a whole.
func TestComposedCharactersAreMarked(t *testing.T) {
	for _, c := range [][3]string{
		{"第Ⅱ期，25㎡", "ii", "第<mark>Ⅱ</mark>期，25㎡"},
		{"第Ⅱ期，25㎡", "m2", "第Ⅱ期，25<mark>㎡</mark>"},
		{"甲①乙", "1", "甲<mark>①</mark>乙"},
		{"甲Ⅲ期", "iii期", "甲<mark>Ⅲ期</mark>"},
	} {
		if got := mark(c[0], []string{c[1]}, "<mark>", "</mark>", html.EscapeString); got != c[2] {
			t.Errorf("%s in %s: %s, want %s", c[1], c[0], got, c[2])
		}
	}
}

func TestLimitsOfAQueryAreSaid(t *testing.T) {
	x := open(t, index(t, smallFacets, small()...))
	many := ""
	for i := range 20 {
		many += fmt.Sprintf("词%d ", i)
	}
	result, err := x.Search(many, Query{})
	if err != nil || len(result.Words) != 16 || len(result.Ignored) != 4 {
		t.Errorf("%d words, ignored %v, %v", len(result.Words), result.Ignored, err)
	}
}

func TestHostileTextIsInert(t *testing.T) {
	evil := `</script><img src=x onerror=alert(1)>`
	fsys := index(t, Options{}, Document{URL: "/r/", Title: evil, Summary: evil + "工会", Fields: []string{evil + "工会"}})
	result, err := open(t, fsys).Search("工会", Query{})
	if err != nil || len(result.Hits) != 1 {
		t.Fatal(result, err)
	}
	if h := result.Hits[0]; h.Title != evil || strings.Contains(strings.NewReplacer("<mark>", "", "</mark>", "").Replace(h.Excerpt), "<") {
		t.Errorf("hit %+v", h)
	}
}

// A damaged or missing file must give an error or, if the query does not need it, the right answer.
func TestDamageIsNoticed(t *testing.T) {
	random := seeded(t)
	docs := corpus(rand.New(rand.NewPCG(7, 8)), 40)
	fsys := index(t, Options{Facets: []Field{{Key: "year"}}}, docs...)
	queries := []string{"工会改革", "工", "年", "第12号", "职工"}
	ask := func(fsys fstest.MapFS) (string, error) {
		x, err := Open(fsys)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		for _, query := range queries {
			r, err := x.Search(query, Query{Facets: true})
			if err != nil {
				return "", err
			}
			fmt.Fprintln(&b, r)
		}
		return b.String(), nil
	}
	want, err := ask(fsys)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for name, f := range fsys {
		if !strings.HasSuffix(name, ".bin") {
			continue
		}
		flipped := slices.Clone(f.Data)
		if len(flipped) > 0 {
			flipped[random.IntN(len(flipped))] ^= 1 << random.IntN(8)
		}
		for _, data := range [][]byte{nil, flipped, f.Data[:len(f.Data)/2]} {
			fsys[name] = &fstest.MapFile{Data: data}
			if data == nil {
				delete(fsys, name)
			}
			if got, err := ask(fsys); err != nil {
				refused++
			} else if got != want {
				t.Errorf("with %s damaged the answer is another one", name)
			}
			fsys[name] = f
		}
	}
	if refused == 0 {
		t.Error("no damage was noticed")
	}
}

// TestClose: an index that is not written after all leaves no temporary file, open or in its folder.
func TestClose(t *testing.T) {
	dir := t.TempDir()
	w := NewWriter(Options{Memory: 1, TempDir: dir})
	for n := range 3 {
		if err := w.Add(n, Document{URL: fmt.Sprintf("/%d/", n), Body: []byte(strings.Repeat("测试工会", 5000))}); err != nil {
			t.Fatal(err)
		}
	}
	if w.spill.size == 0 {
		t.Fatal("nothing has gone to a file")
	}
	var open []*os.File
	for i := range w.spill.files {
		if f := w.spill.files[i].file; f != nil {
			open = append(open, f)
		}
	}
	w.Close()
	for _, f := range open {
		if _, err := f.Stat(); err == nil {
			t.Errorf("%s is still open", f.Name())
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// TestFull: that there is no room for a temporary file is an error, unless whoever wants the index says that it may be held.
func TestFull(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	own := errors.New("in words")
	for _, tt := range []struct {
		full func(error) error
		want error
	}{{nil, fs.ErrNotExist}, {func(error) error { return own }, own}, {func(error) error { return nil }, nil}} {
		w := NewWriter(Options{Memory: 1, TempDir: none, Full: tt.full})
		err := w.Add(0, Document{URL: "/0/", Body: []byte(strings.Repeat("测试工会", 5000))})
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%v, want %v", err, tt.want)
		}
		w.Close()
	}
}

// seeded gives random numbers that can be had again: the seed is printed, and GONGZHI_SEED sets it.
func seeded(t testing.TB) *rand.Rand {
	seed, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("GONGZHI_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
