package quantity

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// The printed forms are those of the two seed articles and of newspapers.
var quantities = []struct {
	printed   string
	value     float64 // NaN: no figure
	high      float64 // 0: no range
	qualifier string
	unit      string
}{
	{"1.3万多项", 13000, 0, "多", "项"},
	{"254万多名", 2540000, 0, "多", "名"},
	{"198万多件", 1980000, 0, "多", "件"},
	{"约5.4亿元", 540000000, 0, "约", "元"},
	{"90%以上", 90, 0, "以上", "%"},
	{"45%以上", 45, 0, "以上", "%"},
	{"96.5%", 96.5, 0, "", "%"},
	{"９６.５％", 96.5, 0, "", "%"},
	{"3‰", 3, 0, "", "‰"},
	{"12.5万㎡", 125000, 0, "", "㎡"},
	{"200余㎡", 200, 0, "余", "㎡"},
	{"4㎞", 4, 0, "", "㎞"},
	{"7元/㎡", 7, 0, "", "元/㎡"},
	{"6㎏以上", 6, 0, "以上", "㎏"},
	{"10余次", 10, 0, "余", "次"},
	{"65.1万元", 651000, 0, "", "元"},
	{"4193.6万元", 41936000, 0, "", "元"},
	{"近33.9亿元", 3390000000, 0, "近", "元"},
	{"数十项", math.NaN(), 0, "数十", "项"},
	{"上百种", math.NaN(), 0, "上百", "种"},
	{"几千名", math.NaN(), 0, "几千", "名"},
	{"数百万元", math.NaN(), 0, "数百万", "元"},
	{"2-3名", 2, 3, "", "名"},
	{"1~2个", 1, 2, "", "个"},
	{"1～2个", 1, 2, "", "个"},
	{"2—3名", 2, 3, "", "名"},
	{"2至3名", 2, 3, "", "名"},
	{"10%至15%", 10, 15, "", "%"},
	{"10%-15%", 10, 15, "", "%"},
	{"5—6万元", 50000, 60000, "", "元"},
	{"5万—6万元", 50000, 60000, "", "元"},
	{"8千至1万人", 8000, 10000, "", "人"},
	{"2万余平方米", 20000, 0, "余", "平方米"},
	{"各2万余平方米", 20000, 0, "各余", "平方米"},
	{"每人500元", 500, 0, "每人", "元"},
	{"8.8万家", 88000, 0, "", "家"},
	{"23.5万平方米", 235000, 0, "", "平方米"},
	{"150余万人次", 1500000, 0, "余", "人次"},
	{"1600余万元", 16000000, 0, "余", "元"},
	{"54万余人", 540000, 0, "余", "人"},
	{"2.29万余名", 22900, 0, "余", "名"},
	{"2000多户", 2000, 0, "多", "户"},
	{"近2000家", 2000, 0, "近", "家"},
	{"162万", 1620000, 0, "", ""},
	{"871万人", 8710000, 0, "", "人"},
	{"1,234人", 1234, 0, "", "人"},
	{"１２３４人", 1234, 0, "", "人"},
	{"12 345 人", 12345, 0, "", "人"},
	{"第3位", 3, 0, "第", "位"},
	{"4.7倍", 4.7, 0, "", "倍"},
	{"13.5个百分点", 13.5, 0, "", "个百分点"},
	{"100个以上", 100, 0, "以上", "个"},
	{"不足100人", 100, 0, "不足", "人"},
	{"超过100人", 100, 0, "超过", "人"},
	{"100人左右", 100, 0, "左右", "人"},
	{"0", 0, 0, "", ""},
	{"-3.2%", -3.2, 0, "", "%"},
	{"1.2万亿元", 1.2e12, 0, "", "元"},
	{"三百二十人", 320, 0, "", "人"},
	{"十余次", 10, 0, "余", "次"},
	{"二十多名", 20, 0, "多", "名"},
	{"一万二千人", 12000, 0, "", "人"},
	{"两千余户", 2000, 0, "余", "户"},
	{"百余人", 100, 0, "余", "人"},
	{"半数以上", math.NaN(), 0, "半数以上", ""},
	{"1人", 1, 0, "", "人"},
	{"1.3万-1.5万", 13000, 15000, "", ""},
	{"百分之十二", 12, 0, "", "%"},
	{"约百分之五十五点五", 55.5, 0, "约", "%"},
	{"百分之90以上", 90, 0, "以上", "%"},
	{"千分之三", 3, 0, "", "‰"},
	{"三分之一", math.NaN(), 0, "三分之一", ""},
	{"约三分之二职工", math.NaN(), 0, "约三分之二", "职工"},
	{"一半", math.NaN(), 0, "一半", ""},
	{"七八个", math.NaN(), 0, "七八", "个"},
	{"十七八人", math.NaN(), 0, "十七八", "人"},
	{"两三百人", math.NaN(), 0, "两三百", "人"},
	{"二五一", 251, 0, "", ""},
	{"一百五", 150, 0, "", ""},
	{"一百零五", 105, 0, "", ""},
	{"一万二", 12000, 0, "", ""},
	{"三千二百人", 3200, 0, "", "人"},
	{"三千零二人", 3002, 0, "", "人"},
	{"一万二左右", 12000, 0, "左右", ""},
	{"3—5个半月", 3, 5.5, "", "个月"},
	{"一万零二", 10002, 0, "", ""},
	{"2万5", 25000, 0, "", ""},
	{"2万5千3百", 25300, 0, "", ""},
	{"二十一", 21, 0, "", ""},
	{"三点五倍", 3.5, 0, "", "倍"},
	{"一点三万人", 13000, 0, "", "人"},
	{"三点", 3, 0, "", "点"},
	{"3个半", 3.5, 0, "", "个"},
	{"3个半月", 3.5, 0, "", "个月"},
	{"一年半", 1.5, 0, "", "年"},
	{"三成", 3, 0, "", "成"},
	{"八成五", 8.5, 0, "", "成"},
	{"−5℃", -5, 0, "", "℃"},
	{"零下5℃", -5, 0, "", "℃"},
	{"3项负担", 3, 0, "", "项负担"},
	{"廿五人", 25, 0, "", "人"},
	{"100几人", 100, 0, "几", "人"},
}

func TestParse(t *testing.T) {
	for _, c := range quantities {
		q, err := Parse(" " + c.printed + " ")
		if err != nil {
			t.Errorf("%s: %v", c.printed, err)
			continue
		}
		if q.Printed != c.printed {
			t.Errorf("%s: printed form became %q", c.printed, q.Printed)
		}
		high := c.high
		if high == 0 {
			high = math.NaN()
		}
		if !same(q.Value, c.value) || !same(q.High, high) || q.Qualifier != c.qualifier || q.Unit != c.unit || q.HasValue() == math.IsNaN(c.value) {
			t.Errorf("%s: got %v–%v %q %q, want %v–%v %q %q", c.printed, q.Value, q.High, q.Qualifier, q.Unit, c.value, high, c.qualifier, c.unit)
		}
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "项", "不详", "很多", "=HYPERLINK(1)", "1..2", "1.2.3", strings.Repeat("9", 400) + "人", "1-2-3名", "三千二人", "5万3人", "一百五户"} {
		if q, err := Parse(s); err == nil {
			t.Errorf("%.20s: accepted as %v %q %q", s, q.Value, q.Qualifier, q.Unit)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range quantities {
		f.Add(c.printed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if q.Printed != strings.TrimSpace(s) {
			t.Fatalf("%q: printed form is %q", s, q.Printed)
		}
		if err != nil {
			return
		}
		if math.IsInf(q.Value, 0) || math.IsInf(q.High, 0) {
			t.Fatalf("%q: %v–%v", s, q.Value, q.High)
		}
		if utf8.ValidString(s) && !utf8.ValidString(q.Unit+q.Qualifier) {
			t.Fatalf("%q: %q %q", s, q.Qualifier, q.Unit)
		}
		again, err := Parse(q.Printed)
		if err != nil || !same(again.Value, q.Value) || again.Unit != q.Unit || again.Qualifier != q.Qualifier {
			t.Fatalf("%q: read again it is %v %v", s, again, err)
		}
	})
}

func TestParseLong(t *testing.T) {
	for _, s := range []string{"1万", "十", "一百", "约", "1,", "5千", "余"} {
		long := strings.Repeat(s, 100_000)
		if q, err := Parse(long); err == nil && (math.IsInf(q.Value, 0) || len(q.Unit) > len(long)) {
			t.Errorf("%s…: %v", s, q.Value)
		}
	}
}
