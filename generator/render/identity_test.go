package render_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi/generator/render"
)

// somebody is a made-up person of the generator: the truth that the archive must not lose.
type somebody struct {
	id, name string
	born     int
	female   bool
	works    int // number of the unit
	profile  bool
}

// TestNamesakes builds archives of made-up people, many of one name, whose honours are written as lists write them: by a
// bare name in any writing, with a unit in any of its names or none. Nobody ever stands on the page of another;
// whom the data decides is linked. GONGZHI_RUNS says how many archives.
func TestNamesakes(t *testing.T) {
	runs := 3
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = n
	}
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64); err == nil {
		seed = s
	}
	for range runs {
		t.Logf("GONGZHI_SEED=%d", seed)
		namesakes(t, rand.New(rand.NewPCG(seed, 0)))
		seed++
	}
}

func namesakes(t *testing.T, rnd *rand.Rand) {
	pick := func(s string) string { r := []rune(s); return string(r[rnd.IntN(len(r))]) }
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(pick("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"))
		}
		return b.String()
	}
	type unit struct{ title, short, before string }
	units := make([]unit, 300)
	used := map[string]bool{}
	var orgs strings.Builder
	orgs.WriteString("编号,名称,类型,前身,简称\n")
	for i := range units {
		stem := ""
		for stem == "" || used[stem] {
			stem = word(4)
		}
		used[stem] = true
		units[i] = unit{"测试" + stem + "公司", stem + "司", "测试" + stem + "厂"}
		fmt.Fprintf(&orgs, "u%d,%s,企业,u%d-before,%s\nu%d-before,%s,企业,,\n", i, units[i].title, i, units[i].short, i, units[i].before)
	}
	people := make([]*somebody, 900)
	bearers := map[string][]*somebody{}
	var profiles strings.Builder
	profiles.WriteString("编号,姓名,性别,出生,单位\n")
	for i := range people {
		p := &somebody{id: fmt.Sprintf("p%d", i), name: "测" + word(1) + word(rnd.IntN(2)), born: 1890 + rnd.IntN(100), female: rnd.IntN(2) == 0, works: rnd.IntN(len(units)), profile: rnd.IntN(3) > 0}
		for _, o := range bearers[p.name] { // what nothing could tell apart is no task for a program
			for o.works == p.works {
				p.works = rnd.IntN(len(units))
			}
		}
		people[i] = p
		bearers[p.name] = append(bearers[p.name], p)
		if p.profile {
			gender := "男"
			if p.female {
				gender = "女"
			}
			fmt.Fprintf(&profiles, "%s,%s,%s,%d,%s\n", p.id, p.name, gender, p.born, units[p.works].title)
		}
	}
	truth := map[string]*somebody{}
	certain := map[string]bool{} // the data decides
	var rows strings.Builder
	rows.WriteString("编号,荣誉,获得者,授予时间,时任单位\n")
	for _, p := range people {
		alone := true // nobody else of the name has an honour or a profile
		withProfile := 0
		for _, o := range bearers[p.name] {
			alone = alone && o == p
			if o.profile {
				withProfile++
			}
		}
		for k := range 1 + rnd.IntN(3) {
			id := fmt.Sprintf("%s-%d", p.id, k)
			truth[id] = p
			name := p.name
			switch r := []rune(p.name); rnd.IntN(5) {
			case 0:
				name = string(r[0]) + "　" + string(r[1:])
			case 1:
				name += map[bool]string{true: "（女）", false: "（男）"}[p.female]
			case 2:
				name = " " + string(r[0]) + "  " + string(r[1:]) + " "
			}
			u, works := units[p.works], ""
			switch rnd.IntN(5) {
			case 0:
				works = u.title
			case 1:
				works = u.short
			case 2:
				works = u.before + "第一车间"
			case 3:
				works = "江西省" + u.title
			}
			if works == "" && !alone && k == 0 {
				works = u.before // of each at least one record tells, or no one could know that there are two
			}
			if p.profile && (alone || withProfile == 1 && works != "") {
				certain[id] = true
			}
			fmt.Fprintf(&rows, "%s,h,%s,%d,%s\n", id, name, p.born+15+rnd.IntN(50), works)
		}
	}
	files := fstest.MapFS{
		"site.yaml":                     {Data: []byte("title: 测试\n")},
		"content/honors/h.md":           {Data: []byte("---\ntitle: 测试奖章\nlevel: 其他\n---\n")},
		"content/organizations/all.csv": {Data: []byte(orgs.String())},
		"content/people/all.csv":        {Data: []byte(profiles.String())},
		"content/conferrals/all.csv":    {Data: []byte(rows.String())},
	}
	g := generate(t, files, render.Options{})
	if g.Diags.Errors() > 0 {
		t.Fatalf("%d errors, the first: %v", g.Diags.Errors(), g.Diags[0])
	}
	linked, undecided := 0, map[string]string{}
	for _, u := range g.Site.Undecided {
		undecided[u.Record.ID] = u.Reason
	}
	for _, c := range g.Site.Collections {
		if c.Roll == nil {
			continue
		}
		for _, r := range c.Records {
			p, to := truth[r.ID], r.Target(r.Value(c.Roll.Who))
			switch {
			case to != nil && to.ID != p.id:
				t.Errorf("the honour %s of %s %s stands on the page of %s", r.ID, p.id, p.name, to.ID)
			case to != nil:
				linked++
			case certain[r.ID]:
				t.Errorf("the honour %s of %s %s is decided and not linked: %s", r.ID, p.id, p.name, undecided[r.ID])
			case p.profile && undecided[r.ID] == "":
				t.Errorf("nobody is asked whose the honour %s of %s is", r.ID, p.name)
			}
		}
	}
	t.Logf("%d honours, %d linked, %d undecided", len(truth), linked, len(undecided))
	if linked == 0 || len(undecided) == 0 {
		t.Error("the archive has no namesakes, or nobody is linked")
	}
}
