package site_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// findings gives what is found in an archive, as “record kind”; what is acknowledged has an equals sign behind it.
func findings(t *testing.T, source fs.FS) []string {
	t.Helper()
	set, err := content.Load(source, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var l []string
	for _, f := range site.Join(set, site.DefaultSettings(), site.Options{}).Findings() {
		s := f.Record.ID + " " + f.Kind
		if f.Reason != "" {
			s += "="
		}
		l = append(l, s)
	}
	slices.Sort(l)
	return l
}

// TestFiguresOfTheSample: the two articles of 2018 have these faults of arithmetic and of words, and no others; each is
// acknowledged in its record. Without the acknowledgement each is open.
func TestFiguresOfTheSample(t *testing.T) {
	want := []string{"jx-020 人次", "jx-020 时期", "jx-051 增长", "jx-053 增长", "jx-055 比率", "jx-056 比率", "jx-061 增长"}
	source := fstest.MapFS{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, "content", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, p)
		source[p] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := slices.Clone(want)
	for i := range acknowledged {
		acknowledged[i] += "="
	}
	if got := findings(t, source); !slices.Equal(got, acknowledged) {
		t.Errorf("%q\nwant %q", got, acknowledged)
	}
	const file = "content/statistics/jiangxi-2018.csv"
	source[file] = &fstest.MapFile{Data: bytes.ReplaceAll(source[file].Data, []byte("比率.分母,已核"), []byte("比率.分母,档号"))}
	if got := findings(t, source); !slices.Equal(got, want) {
		t.Errorf("not acknowledged: %q\nwant %q", got, want)
	}
}

// TestFigures: each kind, right and wrong, in the digits in which numbers are printed. All of it is made up.
func TestFigures(t *testing.T) {
	rows := []struct{ row, want string }{ // 编号,指标,数值,时期,原文时期,基数,原文说法,分子,分母,各部分
		{"a1,测试数,904万人,2018,,193万,增长4.7倍,,,", "增长"},
		{"a2,测试数,904万人,2018,,193万,增长3.7倍,,,", ""},
		{"a3,测试数,904万人,2018,,193万,增长3.68倍,,,", ""},
		{"a4,测试数,904万人,2018,,193万,增长5倍,,,", "增长"},
		{"a5,测试数,8.8万家,2018,,1.3万家,增长7.5万家,,,", ""},
		{"a6,测试数,8.8万家,2018,,1.3万家,增长7.6万家,,,", "增长"},
		{"a7,测试率,96.5%,2018,,83%,增加13.5个百分点,,,", ""},
		{"a8,测试率,96.5%,2018,,83%,增加12个百分点,,,", "增长"},
		{"a9,测试数,120人,2018,,100人,增长20%,,,", ""},
		{"a10,测试数,80人,2018,,100人,下降20%,,,", ""},
		{"a11,测试数,80人,2018,,100人,下降25%,,,", "增长"},
		{"a12,测试数,120人,2018,,100人,比上年略有增加,,,", ""},
		{"b1,测试率,50%,2018,,,,n1,n2,", ""},
		{"b2,测试率,51%,2018,,,,n1,n2,", "比率"},
		{"b3,测试率,约51%,2018,,,,n1,n2,", ""},
		{"n1,测试甲,100人,2018,,,,,,", ""},
		{"n2,测试乙,200人,2018,,,,,,", ""},
		{"n3,测试丙,约50人,2018,,,,,,", ""},
		{"c1,测试合计,300人,2018,,,,,,n1；n2", ""},
		{"c2,测试合计,301人,2018,,,,,,n1；n2", "合计"},
		{"c3,测试合计,400人,2018,,,,,,n1；n2；n3", ""},
		{"d1,测试参加人数,100人次,2018,,,,,,", "人次"},
		{"d2,测试参加人次,100人次,2018,,,,,,", ""},
		{"d3,测试来访人次,100名,2018,,,,,,", "人次"},
		{"d4,测试慰问职工,100人,2017,,,,,,", ""},
		{"d5,测试慰问职工,100人次,2018,,,,,,", "人次"},
		{"e1,测试戊,100人,,近5年来,,,,,", "时期"},
		{"e2,测试戊,100人,2013~/2018~,近5年来,,,,,", ""},
		{"e3,测试己,100人,2018,近5年来，每年……累计,,,,,", "时期"},
		{"e4,测试庚,100人,,1958年,,,,,", ""},
		{"e5,测试辛,100家,,截至目前,,,,,", "时期"},
	}
	var b strings.Builder
	b.WriteString("编号,主题,指标,数值,时期,原文时期,对比.基数,对比.原文说法,比率.分子,比率.分母,各部分\n")
	var want []string
	for _, r := range rows {
		id, rest, _ := strings.Cut(r.row, ",")
		fmt.Fprintf(&b, "%s,测试,%s\n", id, rest)
		if r.want != "" {
			want = append(want, id+" "+r.want)
		}
	}
	source := fstest.MapFS{
		"content/statistics/s.csv": {Data: []byte(b.String())},
		"content/honors/h.md":      {Data: []byte("---\ntitle: 测试奖章\nlevel: 国家级\nsince: 1950\n---\n")},
		"content/people/p.md":      {Data: []byte("---\ntitle: 张测试\nbirth: 1900\ndeath: 1960-05\n---\n")},
		"content/conferrals/c.csv": {Data: []byte("编号,荣誉,获得者,授予时间,附注,已核\nk1,h,people/p,1959,,\nk2,h,people/p,1960,,\nk3,h,people/p,1961,,\nk4,h,people/p,1961,追授。,\nk5,h,people/p,1949,,\nk6,h,people/p,1949,,首次授予：待查，先照录\n")},
	}
	want = append(want, "k3 逝世后", "k5 首次授予", "k6 首次授予=")
	slices.Sort(want)
	if got := findings(t, source); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}
