package markdown

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// article is a report of the usual make and length: about 3.3 KB.
var article = func() []byte {
	var b strings.Builder
	for i := range 4 {
		fmt.Fprintf(&b, "## 第%d节 职工技能竞赛\n\n", i+1)
		b.WriteString("全市各级工会坚持**“四季恒温”**，在“两节”期间投入送温暖资金8064万元，惠及困难职工、农民工97641人次。")
		b.WriteString(strings.Repeat("工会干部深入一线，了解职工的生产、生活情况，对苗头性问题早发现、早提醒、早纠正，并把意见带回机关研究办理。", 3))
		b.WriteString("\n\n[[孟泰]]和[他的工友](../people/meng-tai.md)一起完成了1.3万多项革新。\n\n- 第一项，建立台账。\n- 第二项，逐户走访。\n\n")
	}
	return []byte(b.String())
}()

func BenchmarkConvert(b *testing.B) {
	b.SetBytes(int64(len(article)))
	b.ReportAllocs()
	for b.Loop() {
		Convert("content/reports/a.md", article, 10)
	}
}

func BenchmarkConvertParallel(b *testing.B) {
	b.SetBytes(int64(len(article)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			Convert("content/reports/a.md", article, 10)
		}
	})
}

func BenchmarkText(b *testing.B) {
	body, _ := Convert("a.md", bytes.Repeat(article, 10), 1)
	b.SetBytes(int64(len(body.HTML)))
	var buf []byte
	for b.Loop() {
		buf = AppendText(buf[:0], body.HTML)
	}
}
