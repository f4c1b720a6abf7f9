package content

import "testing"

// TestFindPersonal: numbers that belong to nobody (region codes of no county, days long past), in the ways people write them.
func TestFindPersonal(t *testing.T) {
	id := []byte("36000019000101001")
	sum := 0
	for i, w := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(id[i]-'0') * w
	}
	good := string(id) + string("10X98765432"[sum%11])
	wrong := string(id) + string("X0198765432"[(sum+3)%11])
	for text, want := range map[string]string{
		"身份证号" + good + "，电话13900000000，住测试市某路1号3栋502": "身份证号码 手机号码 住址",
		"360000 19000101 001" + good[17:]:              "身份证号码",
		"身份证号码：" + wrong:                               "身份证号码",
		"号码：" + wrong:                                  "",
		"360000000101001，":                             "身份证号码",
		"360000009901001，":                             "",
		"１３９００００００００":                                  "手机号码",
		"139-0000-0000":                                "手机号码",
		"+86 139 0000 0000":                            "手机号码",
		"8613900000000":                                "手机号码",
		"捐款13900000000元":                               "",
		"https://example.org/a/13900000000.html":       "",
		"https://example.org/?id=13900000000":          "",
		"0791-86700000、400-800-1234":                   "",
		"图书编号 9787500000000，ISSN":                      "",
		"1950-1956、1960":                               "",
		"2018-05-01 08:30:00":                          "",
		"职工住宅1号楼3栋竣工":                                  "",
		"会址在某路1号3栋":                                    "",
		"家住某县某路12号2单元301，退休":                           "住址",
		"家庭住址：某县某村3组":                                  "住址",
		"他住在厂里，每天走3里路。":                                "",
		"卡号6200000000000000003":                        "",
		"卡号6200000000000005":                           "银行卡号码",
		"12345678901234567890123456789012345678901234": "",
		"": "",
	} {
		got := ""
		for _, f := range FindPersonal([]byte(text)) {
			if f.At < 0 || f.End > len(text) || f.At >= f.End {
				t.Fatalf("%q: %v", text, f)
			}
			if got != "" {
				got += " "
			}
			got += f.What
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for i := range 17 { // one digit changed is another number, and the checksum tells
		b := []byte(good)
		b[i] = '0' + (b[i]-'0'+1)%10
		if found := FindPersonal(b); found != nil {
			t.Errorf("%s is taken for a %s", b, found[0].What)
		}
	}
}

func FuzzFindPersonal(f *testing.F) {
	f.Add([]byte("身份证号360000190001010019，电话１39-0000 0000，住测试市某路1号3栋"))
	f.Add([]byte("\xef\xbc住\xe4\xbd"))
	f.Fuzz(func(t *testing.T, text []byte) {
		last := 0
		for _, p := range FindPersonal(text) {
			if p.At < last || p.End <= p.At || p.End > len(text) {
				t.Fatalf("%v after %d in %d", p, last, len(text))
			}
			last = p.End
		}
	})
}
