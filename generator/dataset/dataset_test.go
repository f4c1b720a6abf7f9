package dataset

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
)

func load(t *testing.T) (*content.Schema, []*content.Record) {
	t.Helper()
	set, err := content.Load(fstest.MapFS{
		"content/people/a.md": {Data: []byte("---\ntitle: 张测试\nbirth: 一九五〇年五月\nunit: [甲测厂, 乙测厂]\nsources:\n  - {source: 测试报, page: 一版}\n  - {source: 测试书}\ndraft: false\n---\n正文。\n")},
		"content/people/b.md": {Data: []byte("---\ntitle: 李测试\nnote: \"=1+1\"\ngender: 女\n---\n")},
	}, content.Options{})
	if err != nil || set.Diags.Errors() > 0 {
		t.Fatal(err, set.Diags)
	}
	return set.Schemas[0], set.Records
}

// TestTable: the columns that are filled, in the schema's order; texts that no spreadsheet computes; dates as EDTF.
func TestTable(t *testing.T) {
	schema, records := load(t)
	table := New(schema, records, Options{
		Name: func(_ *content.Record, v *content.Value) string {
			return map[string]string{"测试报": "某测试报"}[v.Text]
		},
		Body: func(r *content.Record) string { return map[string]string{"a": "正文。"}[r.ID] },
		Skip: func(f *content.Field) bool { return f.Role == content.DraftFlag },
	})
	b := table.CSV()
	if !strings.HasPrefix(string(b), "\ufeff编号,") {
		t.Errorf("it begins with %q", b[:12])
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"编号", "姓名", "性别", "出生", "单位", "出处.史料", "出处.史料（名称）", "出处.页码", "出处2.史料", "附注", "正文"},
		{"a", "张测试", "", "1950-05", "甲测厂；乙测厂", "测试报", "某测试报", "一版", "测试书", "", "正文。"},
		{"b", "李测试", "女", "", "", "", "", "", "", "'=1+1", ""},
	}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("the table is\n%q\nwant\n%q", rows, want)
	}
	for _, c := range table.Columns[1:] {
		if c.Slot.Field == nil {
			continue
		}
		if s, ok := Find(schema, c.Name); !ok || s != c.Slot {
			t.Errorf("the column %s is not found again: %v", c.Name, s)
		}
		if s, ok := Find(schema, c.Slot.Key()); !ok || s != c.Slot {
			t.Errorf("the column %s is not found again: %v", c.Slot.Key(), s)
		}
	}
}

func TestInert(t *testing.T) {
	for _, s := range []string{"", "-", "=1", "+1", "-1", "@x", "'x", "''", "\tx", "甲", "1-2"} {
		out := Inert(s)
		if out != "" && out != "-" && strings.ContainsRune("=+-@\t", rune(out[0])) {
			t.Errorf("%q begins a formula", out)
		}
		if back := Active(out); back != s {
			t.Errorf("%q comes back as %q", s, back)
		}
	}
}

// TestPackage: the JSON is JSON, and the description fits the CSV: the same columns, in the same order, and the limits
// that are said hold for every row.
func TestPackage(t *testing.T) {
	schema, records := load(t)
	table := New(schema, records, Options{})
	b, err := table.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(b, &list); err != nil || len(list) != 2 || list[0]["birth"] != "1950-05" {
		t.Fatalf("%v: %s", err, b)
	}
	b, err = Package("x", "测试", "https://example.org/", []Described{{table, "people.csv", "people.json"}})
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Profile   string
		Resources []struct {
			Name, Path, Profile, Encoding string
			Schema                        struct {
				PrimaryKey string
				Fields     []struct {
					Name, Type  string
					Constraints struct {
						Required, Unique bool
						Enum             []string
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b, &p); err != nil || len(p.Resources) != 1 {
		t.Fatalf("%v: %s", err, b)
	}
	r := p.Resources[0]
	if p.Profile != "tabular-data-package" || r.Profile != "tabular-data-resource" || r.Path != "people.csv" || r.Encoding != "utf-8" || r.Schema.PrimaryKey != "编号" {
		t.Errorf("the package is %+v", r)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(table.CSV()), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows[0]) != len(r.Schema.Fields) {
		t.Fatalf("%d columns, %d described", len(rows[0]), len(r.Schema.Fields))
	}
	for i, f := range r.Schema.Fields {
		if rows[0][i] != f.Name {
			t.Errorf("column %d is %s, described as %s", i, rows[0][i], f.Name)
		}
		for _, row := range rows[1:] {
			if f.Constraints.Required && row[i] == "" || row[i] != "" && len(f.Constraints.Enum) > 0 && !slices.Contains(f.Constraints.Enum, row[i]) {
				t.Errorf("%s: %q is not what the description says", f.Name, row[i])
			}
		}
	}
}
