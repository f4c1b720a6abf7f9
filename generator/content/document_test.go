package content_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
)

// edited applies edits to a record file and gives its bytes, or the words of the refusal.
func edited(name, src string, edits ...content.Edit) string {
	d := content.ParseDocument(name, []byte(src), nil)
	if err := d.Apply(edits...); err != nil {
		if string(d.Bytes()) != src {
			return "REFUSED AND CHANGED " + err.Error()
		}
		return err.Error()
	}
	return string(d.Bytes())
}

func set(v any, steps ...any) content.Edit { return content.SetField{Path: steps, Value: v} }
func ins(v any, steps ...any) content.Edit { return content.InsertItem{Path: steps, Value: v} }
func del(steps ...any) content.Edit        { return content.RemoveField{Path: steps} }

// TestFields: what an edit of front matter leaves. The text between the --- lines is given, and what it becomes; a
// case whose outcome begins with ! is refused with these words.
func TestFields(t *testing.T) {
	source := []content.Member{{Key: "source", Value: "c"}, {Key: "page", Value: "0012"}}
	for _, c := range []struct {
		name   string
		before string
		edit   content.Edit
		after  string
	}{
		{"a comment behind stays", "a: 甲 # 说明\nb: 乙\n", set("丙", "a"), "a: 丙 # 说明\nb: 乙\n"},
		{"the way of quoting stays", "a: '甲'\nb: \"乙\"\n", set("it's", "a"), "a: 'it''s'\nb: \"乙\"\n"},
		{"a colon asks for quotes", "a: 甲\n", set("乙: 丙", "a"), "a: \"乙: 丙\"\n"},
		{"a hash asks for quotes", "a: 甲\n", set("乙 #1", "a"), "a: \"乙 #1\"\n"},
		{"wide signs do not", "a: 甲\n", set("【乙】：丙，#1", "a"), "a: 【乙】：丙，#1\n"},
		{"nor a colon inside a word", "a: 甲\n", set("http://x/#y", "a"), "a: http://x/#y\n"},
		{"leading zeros stay text", "a: 甲\n", set("0012", "a"), "a: \"0012\"\n"},
		{"so does a date that is meant as text", "a: 甲\n", set("1958-05-01", "a"), "a: \"1958-05-01\"\n"},
		{"and a word for no", "a: 甲\n", set("No", "a"), "a: \"No\"\n"},
		{"and a time of base 60", "a: 甲\n", set("12:30", "a"), "a: \"12:30\"\n"},
		{"a date that is meant as one has none", "a: 甲\n", set(content.Bare("1958-05-01"), "a"), "a: 1958-05-01\n"},
		{"and one in the place of one", "a: 1958 # 年\n", set("1959", "a"), "a: 1959 # 年\n"},
		{"nothing", "a: 甲 # 说\nb: 乙\n", set(nil, "a"), "a: # 说\nb: 乙\n"},
		{"the empty text", "a: 甲\n", set("", "a"), "a: \"\"\n"},
		{"a value for a key without one", "a:\nb: 乙\n", set("甲", "a"), "a: 甲\nb: 乙\n"},
		{"before its comment", "a:   # 说\n", set("甲", "a"), "a: 甲   # 说\n"},
		{"the same value again", "a: \"甲\"   # 说\n", set("甲", "a"), "a: \"甲\"   # 说\n"},
		{"several lines", "a: 甲\nb: 乙\n", set("一\n二", "a"), "a: |-\n  一\n  二\nb: 乙\n"},
		{"a block stays one", "a: |\n  甲\n\n# 注\nb: 乙\n", set("一\n\n二\n", "a"), "a: |\n  一\n\n  二\n\n# 注\nb: 乙\n"},
		{"a comment behind its sign too", "a: | # 说\n  甲\nb: 乙\n", set("一\n二\n", "a"), "a: | # 说\n  一\n  二\nb: 乙\n"},
		{"a folded one", "a: >\n    甲\n    乙\nb: 乙\n", set("一\n二\n", "a"), "a: >\n  一\n\n  二\nb: 乙\n"},
		{"a plain text of two lines", "a: 甲\n  乙 # 说\nb: 丙\n", set("丁", "a"), "a: 丁 # 说\nb: 丙\n"},
		{"an item of brackets", "a: [甲, '乙', 丙] # 说\n", set("丁,戊", "a", 1), "a: [甲, '丁,戊', 丙] # 说\n"},
		{"an address in brackets", "a: [甲]\n", set("http://x/?y", "a", 0), "a: [\"http://x/?y\"]\n"},
		{"one more", "a: [甲, 乙]\n", set("丙", "a", 2), "a: [甲, 乙, 丙]\n"},
		{"one more behind a comma", "a: [甲, 乙, ]\n", set("丙", "a", 2), "a: [甲, 乙, 丙 ]\n"},
		{"one more on a line of its own", "a: [\n  甲,  # 一\n  乙   # 二\n]\n", set("丙", "a", 2), "a: [\n  甲,  # 一\n  乙,   # 二\n  丙\n]\n"},
		{"into empty brackets", "a: [ ]\n", set("甲", "a", 0), "a: [甲 ]\n"},
		{"one more dash", "a:\n- 甲 # 一\n# 注\nb: 乙\n", set("丙", "a", 1), "a:\n- 甲 # 一\n- 丙\n# 注\nb: 乙\n"},
		{"as far in as its neighbour", "a:\n  -   甲\n", set("丙", "a", 1), "a:\n  -   甲\n  -   丙\n"},
		{"in front", "a:\n  - 甲\n", ins("丙", "a", 0), "a:\n  - 丙\n  - 甲\n"},
		{"in front within brackets", "a: [甲, 乙]\n", ins("丙", "a", 1), "a: [甲, 丙, 乙]\n"},
		{"an object for an object in brackets", "s:\n  - {source: a, quote: 甲}\n", set(source, "s", 1), "s:\n  - {source: a, quote: 甲}\n  - {source: c, page: \"0012\"}\n"},
		{"for one of lines", "s:\n  - source: a\n    page: 1\n", set(source, "s", 1), "s:\n  - source: a\n    page: 1\n  - source: c\n    page: \"0012\"\n"},
		{"a first source", "a: 甲\n", set("c", "s", 0, "source"), "a: 甲\ns:\n  - {source: c}\n"},
		{"a new field of an item", "s:\n  - {source: a}\n  - source: b # 二\n", set("甲, 乙", "s", 1, "quote"), "s:\n  - {source: a}\n  - source: b # 二\n    quote: 甲, 乙\n"},
		{"in brackets", "s: [{source: a}]\n", set("甲, 乙", "s", 0, "quote"), "s: [{source: a, quote: \"甲, 乙\"}]\n"},
		{"a field before the comments at the end", "a: 甲\n\n# 完\n", set("乙", "b"), "a: 甲\nb: 乙\n\n# 完\n"},
		{"one value becomes two", "a: 甲\n", set("乙", "a", 1), "a: [甲, 乙]\n"},
		{"lines become one value", "a: # 说\n  - 甲\n  - 乙\nb: 丙\n", set("丁", "a"), "a: 丁 # 说\nb: 丙\n"},
		{"one value becomes lines", "a: 甲 # 说\nb: 丙\n", set([]string{"甲\n乙", "丙"}, "a"), "a: # 说\n  - |-\n    甲\n    乙\n  - 丙\nb: 丙\n"},
		{"a removed field takes its comment", "a: 甲 # 说\n# 注\nb: 乙\n", del("a"), "# 注\nb: 乙\n"},
		{"and its lines", "# 头\na:\n  - 甲\n\n  - 乙\nb: 乙\n", del("a"), "# 头\nb: 乙\n"},
		{"an item", "a:\n  - 甲 # 一\n  # 注\n  - 乙\n", del("a", 0), "a:\n  # 注\n  - 乙\n"},
		{"the last item", "a:\n  - 甲\nb: 乙\n", del("a", 0), "a: []\nb: 乙\n"},
		{"in brackets, the first", "a: [甲, 乙]\n", del("a", 0), "a: [乙]\n"},
		{"in brackets, the last", "a: [甲, 乙]\n", del("a", 1), "a: [甲]\n"},
		{"in brackets, the only", "a: [甲]\n", del("a", 0), "a: []\n"},
		{"in brackets on lines", "a: [\n  甲,  # 一\n  乙   # 二\n]\n", del("a", 1), "a: [\n  甲  # 一\n]\n"},
		{"the field behind a dash", "s:\n  - source: a\n    page: 1\n", del("s", 0, "source"), "s:\n  - page: 1\n"},
		{"with a comment between", "s:\n  - source: a # 一\n    # 注\n    page: 1\n", del("s", 0, "source"), "s:\n  -\n    # 注\n    page: 1\n"},
		{"the only field", "a: 甲\n", del("a"), ""},
		{"an alias is replaced", "a: &x 甲\nb: *x\n", set("乙", "b"), "a: &x 甲\nb: 乙\n"},
		{"what an alias stands for is not", "a: &x 甲\nb: *x\n", set("乙", "a"), "!锚点 &x"},
		{"nor removed", "a: {k: &x 甲}\nb: *x\n", del("a"), "!锚点 &x"},
		{"an anchor nobody uses stays", "a: &x 甲\n", set("乙", "a"), "a: &x 乙\n"},
		{"beyond an alias", "a: &x {k: 甲}\nb: *x\n", set("乙", "b", "k"), "!别名 *x"},
		{"a key twice", "a: 甲\na: 乙\n", set("丙", "a"), "!写了两次"},
		{"a broken block", "a: [甲\n", set("丙", "a"), "!读不出来"},
		{"an item too far", "a: [甲]\n", set("丙", "a", 3), "!只有 1 项"},
		{"a field of a text", "a: 甲\n", set("丙", "a", "b"), "!不是能放下"},
		{"nothing to remove", "a: 甲\n", del("b"), "!没有 b"},
		{"a key that needs quotes", "a: 甲\n", set("丙", "b: c"), "a: 甲\n\"b: c\": 丙\n"},
		{"an object in one line for the whole", "{a: 甲, b: 乙}\n", set("丙", "c"), "{a: 甲, b: 乙, c: 丙}\n"},
		{"nothing but comments", "# 注\n", set("甲", "a"), "# 注\na: 甲\n"},
		{"an indented ---", "a: |\n  甲\n  ---\n  乙\nb: 丙\n", set("丁", "b"), "a: |\n  甲\n  ---\n  乙\nb: 丁\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := edited("content/people/a.md", "---\n"+c.before+"---\n正文\n", c.edit)
			if words, ok := strings.CutPrefix(c.after, "!"); ok {
				if !strings.HasPrefix(got, "content/people/a.md:") || !strings.Contains(got, words) {
					t.Fatalf("got\n%s\nwant a refusal with %q", got, words)
				}
				return
			}
			if want := "---\n" + c.after + "---\n正文\n"; got != want {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestForms: the form of a file stays.
func TestForms(t *testing.T) {
	const md, csv = "content/people/a.md", "content/people/a.csv"
	for _, c := range []struct {
		name, file, before string
		edits              []content.Edit
		after              string
	}{
		{"CRLF and BOM", md, "\ufeff---\r\na: 甲\r\nb: 乙\r\n---\r\n正文", []content.Edit{set("一\n二", "a"), set("丙", "c")}, "\ufeff---\r\na: |-\r\n  一\r\n  二\r\nb: 乙\r\nc: 丙\r\n---\r\n正文"},
		{"CR", md, "---\ra: 甲\r---\r正文\r", []content.Edit{set("乙", "b")}, "---\ra: 甲\rb: 乙\r---\r正文\r"},
		{"no front matter", md, "\ufeff正文\r\n", []content.Edit{set("甲", "title")}, "\ufeff---\r\ntitle: 甲\r\n---\r\n正文\r\n"},
		{"an empty file", md, "", []content.Edit{set("甲", "title")}, "---\ntitle: 甲\n---\n"},
		{"no line break at the end", md, "---\na: 甲\n---", []content.Edit{set("乙", "b"), content.SetBody{Text: "正文"}}, "---\na: 甲\nb: 乙\n---\n正文"},
		{"the body", md, "---\r\na: 甲 # 说\r\n---\r\n\r\n旧\r\n", []content.Edit{content.SetBody{Text: "新\n文\n"}}, "---\r\na: 甲 # 说\r\n---\r\n新\r\n文\r\n"},
		{"GBK", md, "---\ntitle: \xb2\xe2\xca\xd4\n---\n", []content.Edit{set("乙", "b")}, "!GBK"},
		{"other front matter", md, "+++\ntitle = 1\n+++\n", []content.Edit{set("乙", "b")}, "!只认 YAML"},
		{"a cell of Markdown", md, "---\na: 甲\n---\n", []content.Edit{content.SetCell{Row: 0, Column: "a"}}, "!没有行和列"},
		{"cells", csv, "\ufeff编号;姓名;备注\r\n a ;\"甲\";x\r\nb;乙;\"一\r\n二\"", []content.Edit{content.SetCell{Row: 0, Column: "姓名", Text: "丙\"丁"}, content.SetCell{Row: 1, Column: "姓名", Text: "a;b"}}, "\ufeff编号;姓名;备注\r\n a ;\"丙\"\"丁\";x\r\nb;\"a;b\";\"一\r\n二\""},
		{"the same cell again", csv, "id,b\n\"a\",\"x\"\n", []content.Edit{content.SetCell{Row: 0, Column: "b", Text: "x"}}, "id,b\n\"a\",\"x\"\n"},
		{"rows", csv, "id\tb\n\n1\tx\n2\ty", []content.Edit{content.RemoveRow{Row: 0}, content.InsertRow{Row: 1, Cells: map[string]string{"b": "m\tn", "编号": "0"}}, content.InsertRow{Row: 2, Cells: map[string]string{"id": "3"}}}, "id\tb\n\n0\t\"m\tn\"\n2\ty\n3\t"},
		{"the last row goes", csv, "id,b\n1,x\n2,y", []content.Edit{content.RemoveRow{Row: 1}}, "id,b\n1,x"},
		{"all rows go and one comes", csv, "id,b\n1,x\n2,y\n\n", []content.Edit{content.RemoveRow{Row: 0}, content.RemoveRow{Row: 1}, content.InsertRow{Row: 2, Cells: map[string]string{"id": "3"}}}, "id,b\n3,\n\n"},
		{"one comes, all others go", csv, "id,b\n1,x\n2,y", []content.Edit{content.RemoveRow{Row: 0}, content.InsertRow{Row: 0, Cells: map[string]string{"id": "3"}}, content.RemoveRow{Row: 1}}, "id,b\n3,"},
		{"where everything is quoted", csv, "\"id\",\"b\"\n\"1\",\"x\"\n", []content.Edit{content.InsertRow{Row: 1, Cells: map[string]string{"id": "2"}}}, "\"id\",\"b\"\n\"1\",\"x\"\n\"2\",\"\"\n"},
		{"a column", csv, "id,b,c\n1,x,y\n", []content.Edit{content.RenameColumn{Column: "b", New: "备,注"}, content.SetCell{Row: 0, Column: "b", Text: "z"}}, "id,\"备,注\",c\n1,z,y\n"},
		{"one more column", csv, "id,b\n1,x\n2\n", []content.Edit{content.AddColumn{Column: "c"}, content.SetCell{Row: 1, Column: "c", Text: "z"}}, "id,b,c\n1,x,\n2,,z\n"},
		{"a name that makes it another table", csv, "id;b\n1;x\n", []content.Edit{content.RenameColumn{Column: "b", New: "b,c"}}, "!没有改动"},
		{"no such column", csv, "id,b\n1,x\n", []content.Edit{content.SetCell{Row: 0, Column: "c"}}, "!没有“c”这一列"},
		{"no such row", csv, "id,b\n1,x\n", []content.Edit{content.SetCell{Row: 1, Column: "b"}}, "!没有第 2 行"},
		{"a quote left open", csv, "id,b\n1,\"x\n", []content.Edit{content.SetCell{Row: 0, Column: "b"}}, "!没有配对"},
		{"all or none", csv, "id,b\n1,x\n", []content.Edit{content.SetCell{Row: 0, Column: "b", Text: "y"}, content.SetCell{Row: 0, Column: "c"}}, "!没有“c”"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := edited(c.file, c.before, c.edits...)
			if words, ok := strings.CutPrefix(c.after, "!"); ok {
				if !strings.HasPrefix(got, c.file+":") || !strings.Contains(got, words) {
					t.Fatalf("got\n%q\nwant a refusal with %q", got, words)
				}
			} else if got != c.after {
				t.Fatalf("got\n%q\nwant\n%q", got, c.after)
			}
		})
	}
}

// TestNames: with a schema a field is known by each of its names, and the name in the file stays.
func TestNames(t *testing.T) {
	people := content.FindSchema(nil, "people")
	d := content.ParseDocument("content/people/a.md", []byte("---\n姓名: 测试甲\n出处:\n  - {史料: a}\n---\n"), people)
	if err := d.Apply(set("测试乙", "title"), set("甲", "sources", 0, "source"), set("1958", "birth"), set("0012", "unit")); err != nil {
		t.Fatal(err)
	}
	if got, want := string(d.Bytes()), "---\n姓名: 测试乙\n出处:\n  - {史料: 甲}\nbirth: 1958\nunit: \"0012\"\n---\n"; got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	d = content.ParseDocument("content/people/a.csv", []byte("编号,姓名,出处2.史料\na,测试甲,\n"), people)
	if err := d.Apply(content.SetCell{Row: 0, Column: "title", Text: "测试乙"}, content.SetCell{Row: 0, Column: "sources2.source", Text: "x"}); err != nil {
		t.Fatal(err)
	}
	if got, want := string(d.Bytes()), "编号,姓名,出处2.史料\na,测试乙,x\n"; got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

// TestSave: the file is exchanged whole, with its permissions, unless it is not what was read.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "content", "people", "a.md")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("---\na: 甲\n---\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	d, err := content.OpenDocument(dir, "content/people/a.md", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"乙", "丙"} {
		if err := d.Apply(set(v, "a")); err != nil {
			t.Fatal(err)
		}
		if err := d.Save(); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(file); string(got) != "---\na: "+v+"\n---\n" || d.Changed() {
			t.Fatalf("the file holds %q", got)
		}
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(file, []byte("---\na: 丁\n---\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := d.Apply(set("戊", "a")); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(); !errors.Is(err, content.ErrChanged) || !strings.Contains(err.Error(), "改过") {
		t.Fatalf("written over what somebody else wrote: %v", err)
	}
	entries, _ := os.ReadDir(filepath.Dir(file))
	if got, _ := os.ReadFile(file); string(got) != "---\na: 丁\n---\n" || len(entries) != 1 {
		t.Fatalf("the file holds %q, its folder %v", got, entries)
	}
	if _, err := content.OpenDocument(dir, "content/people/b.md", nil); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("no file, but %v", err)
	}
}

// TestRowsLimit: a table of more rows than a table may have is refused at once, with one message; one of as many is read.
func TestRowsLimit(t *testing.T) {
	const most = 1_000_000
	table := "编号,姓名\n" + strings.Repeat(",\n", most-1) + "a,测试甲\n"
	load := func(table string) *content.Set {
		set, err := content.Load(fstest.MapFS{"content/people/a.csv": {Data: []byte(table)}}, content.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	if set := load(table); len(set.Records) != 1 || len(set.Diags) != 0 || set.Records[0].Line != most+1 {
		t.Fatalf("%d records, %v", len(set.Records), set.Diags)
	}
	if set := load(table + "b,测试乙\n"); len(set.Records) != 0 || len(set.Diags) != 1 || set.Diags[0].ID != "csv/rows" {
		t.Fatalf("%d records, %v", len(set.Records), set.Diags)
	}
}

// TestRowMemory: what stays in memory of a row is its own bytes and some 400 more, whatever else the table has.
func TestRowMemory(t *testing.T) {
	const rows = 20_000
	table := []byte("编号,荣誉,获得者,授予时间\n")
	for i := range rows {
		table = fmt.Appendf(table, "c%d,h,张测试%d,1959\n", i, i)
	}
	source := fstest.MapFS{"content/conferrals/a.csv": {Data: table}}
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := inUse()
	set, err := content.Load(source, content.Options{Once: true})
	if err != nil || len(set.Records) != rows || set.Diags.Errors() != 0 {
		t.Fatalf("%v, %d records, %v", err, len(set.Records), set.Diags)
	}
	if each := (int64(inUse()) - int64(before) - int64(len(table))) / rows; each > 420 {
		t.Errorf("a row takes %d bytes beside its own", each)
	}
	runtime.KeepAlive(set)
}
