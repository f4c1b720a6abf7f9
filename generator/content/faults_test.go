package content_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
)

// TestFaultsWithoutEnd: a table that is wrong in every row says so ten thousand times and then that it has stopped, at the row where it
// has; one without a fault is read to its end.
func TestFaultsWithoutEnd(t *testing.T) {
	const rows = 25_000
	for name, row := range map[string]string{"values": "s%d,主题,指标,不是数,1990\n", "quotes": "s%d,\"主\"题,指标,1人,1990\n"} {
		var b strings.Builder
		b.WriteString("id,topic,indicator,value,date\n")
		for i := range rows {
			fmt.Fprintf(&b, row, i)
		}
		set, err := content.Load(fstest.MapFS{"content/statistics/a.csv": {Data: []byte(b.String())}}, content.Options{})
		if err != nil {
			t.Fatal(err)
		}
		last := set.Diags[len(set.Diags)-1]
		if n := set.Diags.Errors(); n != 10_001 || last.ID != "csv/faults" || last.Pos.Line != 10_001 || !strings.Contains(last.Text, "10000 处错误") {
			t.Errorf("%s: %d errors, the last: %v", name, n, last)
		}
	}
	var b strings.Builder
	b.WriteString("id,topic,indicator,value,date\n")
	for i := range rows {
		fmt.Fprintf(&b, "s%d,主题,指标,1人,1990\n", i)
	}
	set, err := content.Load(fstest.MapFS{"content/statistics/a.csv": {Data: []byte(b.String())}}, content.Options{})
	if err != nil || len(set.Records) != rows || len(set.Diags) > 0 {
		t.Errorf("%d records, %v, %v", len(set.Records), set.Diags, err)
	}
}
