package content

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gongzhi/generator/diag"
)

// inside checks that messages speak of places that are in the file.
func inside(t *testing.T, file string, src []byte, diags diag.List) {
	t.Helper()
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) || !utf8.Valid(src) {
		return // of such a file only where reading failed is told
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	lines := strings.Split(text, "\n")
	for _, m := range diags {
		if m.Pos.Path != file || m.Pos.Line < 0 || m.Pos.Line > len(lines) {
			t.Fatalf("%s: the file has %d lines", m, len(lines))
		}
		if m.Pos.Line > 0 && m.Pos.Col > utf8.RuneCountInString(lines[m.Pos.Line-1])+1 {
			t.Fatalf("%s: the line is %q", m, lines[m.Pos.Line-1])
		}
		if m.Text == "" || m.ID == "" {
			t.Fatalf("%s: says nothing (%q)", m, m.ID)
		}
	}
}

func FuzzFrontMatter(f *testing.F) {
	for _, s := range []string{
		"---\ntitle: 甲\nbirth: 1958\n---\n正文 [甲](乙.md)\n",
		"\ufeff---\r\ntitle: 甲\r\nnote: |\r\n  一\r\n  [二](javascript:1)\r\n---\r\n正文",
		"---\ntitle: 甲\nnote: \"a\\u4e00 [b](javascript:1)\"\n---\n",
		"---\ntitle: |\n  ---\n ---\n---\n---\n",
		"---\n姓名：甲\n---\n", "---\ntitle: [\n---\n", "---\ntitle: \"\n---\n", "---\n- a\n- b: c\n---", "---\n\ta: b\n---\n",
		"---\ntitle: 甲\nsources: [a, {source: b, for: birth}]\npositions: {position: 厂长}\nunit: 甲、乙\n---\n",
		"---\n? a\n: b\n---\n", "---\n<<: {a: 1}\n---\n", "---\na: !!binary x\n---\n", "---\n%YAML 1.1\n---\n", "---\n{title: 甲\n---\n", "---\ntitle: 'it''s'\nnote: >-\n  a\n\n  [b](javascript:1)\n---",
	} {
		f.Add([]byte(s))
	}
	people, _ := builtinSchema("people")
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return
		}
		const file = "content/people/a.md"
		records, diags := readMarkdown(file, src, people, time.UTC)
		if len(records) != 1 || records[0].ID != "a" {
			t.Fatalf("%d records", len(records))
		}
		inside(t, file, src, diags)
		text, _ := DecodeText(file, src)
		if text == nil {
			return
		}
		block, body, bodyLine, more := splitFrontMatter(file, text)
		wantBlock, wantBody, ok := split(string(text))
		if ok != (more.Errors() == 0) && len(wantBlock) < maxFront {
			t.Fatalf("divided: %v, but %v", ok, more)
		}
		if !ok || more.Errors() > 0 {
			return
		}
		if string(block) != wantBlock || string(body) != wantBody {
			t.Fatalf("divided into %q and %q, want %q and %q", block, body, wantBlock, wantBody)
		}
		if want := 2 + strings.Count(wantBlock, "\n") + 1; bodyLine != want && wantBody != "" {
			t.Fatalf("the body begins at line %d, want %d", bodyLine, want)
		}
	})
}

// split is what dividing a file means: the lines between the first --- and the next.
func split(text string) (block, body string, ok bool) {
	first, rest, _ := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t") != "---" {
		return "", "", false
	}
	for rest != "" {
		line, after, more := strings.Cut(rest, "\n")
		if strings.TrimRight(line, " \t") == "---" {
			return block, after, true
		}
		block, rest = block+line, after
		if more {
			block += "\n"
		}
	}
	return "", "", false
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{
		"编号,姓名,出生\na,测试甲,1958\n",
		"\ufeff编号;姓名;单位\r\na;测试甲;\"甲；乙\"\"丙\r\n\"\r\n",
		"id\tname\n\"a\tb\n", "编号,姓名,备注,正文\na,甲,\"[b](javascript:1)\",\"一\n\"\"[c](javascript:1)\"\n",
		"编号,姓名,出处.史料,出处2.史料,任职.职务,其他名字\na,甲,乙,丙,,\"a;;b\"\"\n;c\"\nb\nc,\"x\"y,,,,\n", "编号,编号,,\n", "\"编号\"\"\",姓\n", ",\n", "a\"b\n\"", "编号,姓名\na,\"测试\nb,甲\n",
	} {
		f.Add([]byte(s))
	}
	people, _ := builtinSchema("people")
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return
		}
		const file = "content/people/a.csv"
		records, diags := readTable(file, src, people, time.UTC)
		inside(t, file, src, diags)
		lines := 1 + bytes.Count(src, []byte("\n"))
		for _, r := range records {
			if r.Line < 2 || r.Line > lines || !r.Row || CheckID(r.ID) != "" {
				t.Fatalf("record %q at line %d", r.ID, r.Line)
			}
			for i := range r.Values {
				r.Values[i].Each(func(v *Value) {
					if int(v.Line) < r.Line || int(v.Line) > lines || v.Col < 1 {
						t.Fatalf("%s of %q at %d:%d", v.Field.Key, r.ID, v.Line, v.Col)
					}
				})
			}
		}
	})
}

func FuzzSchema(f *testing.F) {
	for _, s := range Builtin() {
		src, _ := BuiltinSource(s.Key)
		f.Add(src)
	}
	f.Add([]byte("label: [a]\nfields:\n  - {key: a, fields: [{key: b}]}\n  - {key: a}\nsort: [-]\ncolumns: {a: b}\nchronicle: {text: '{'}\ntitle: {compose: '}{'}\n"))
	f.Add([]byte("date: date\nfields: [{key: date, many: true, type: date}]\nroll: {date: date}\nseries: {}\nroll: {}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		const file = "content/x/_schema.yaml"
		if len(src) > 1<<14 {
			return
		}
		text, diags := DecodeText(file, src)
		if text == nil {
			inside(t, file, src, diags)
			return
		}
		s, more := parseSchema("x", file, text)
		inside(t, file, src, append(diags, more...))
		if more.Errors() > 0 {
			return
		}
		// A schema without fault can be used for whatever comes.
		for _, data := range []string{"---\ntitle: 甲\ndate: 2018\ntags: [a]\n---\n", "---\na: {b: [c]}\ndate: [2018, 2019]\n---\n"} {
			readMarkdown("content/x/a.md", []byte(data), s, time.UTC)
		}
		readTable("content/x/a.csv", []byte("编号,题名,a,b,date\n1,2,3,4,5\n"), s, time.UTC)
		for _, f := range s.Fields {
			if s.Field(f.Key) != f || s.Field(f.Label) == nil {
				t.Fatalf("field %q can't be found by its names", f.Key)
			}
		}
	})
}

// FuzzDocument: whatever the bytes are, they are not changed by being read, nor by an edit that is refused; the
// spans found in them are in order and inside; and an edit that is done can be read back.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{
		"---\ntitle: 甲 # c\ntags: [a, 'b', {c: d}]\nnote: |+\n  x\n\n---\n正文\n", "\ufeff---\r\na: &x b\r\nc: *x\r\n? d\r\n: e\r\n---\r\n", "---\ra: >-\r  b\r---\r",
		"---\n- - a\n  - b: c\n-\n---\n", "---\n{a: [b, c: d, ], e}\n---\n", "---\na: \"b\\\n  c\"\nd: 'e\n\n  f'\ng: h\n  i\n---\n", "---\n!!map {a: !!str b, ? c : d}\n---\n",
		"id,b\n1,\"x\"\"\ny\"\n\n2,\n", "编号;姓名\r\na;\"b\"", "id\tb\n\"", "---\n<<: {a: 1}\n'': b\n---\n", "---\na: |2-\n   b\n c: d\n---\n",
	} {
		f.Add([]byte(s), "乙: 丙", false)
		f.Add([]byte(s), "一\n二", true)
	}
	f.Fuzz(func(t *testing.T, src []byte, text string, table bool) {
		if len(src) > 1<<13 || len(text) > 1<<10 {
			return
		}
		name := "content/people/a.md"
		if table {
			name = "content/people/a.csv"
		}
		original := bytes.Clone(src)
		kept := original
		d := ParseDocument(name, src, nil)
		check := func(what string) {
			if !bytes.Equal(d.Bytes(), kept) || !bytes.Equal(src, original) {
				t.Fatalf("%s: the bytes are %q, were %q; those given %q", what, d.Bytes(), kept, src)
			}
		}
		check("read")
		if d.newline != "\r" {
			inside(t, name, src, d.Faults())
		}
		if len(d.Faults()) > 0 {
			for _, e := range []Edit{SetField{At("a"), text}, SetCell{0, "id", text}} {
				if d.Apply(e) == nil {
					t.Fatalf("%#v of a file with faults", e)
				}
				check("an edit of a file with faults")
			}
			return
		}
		if table {
			for i := range d.Rows() {
				d.Row(i)
				last := 0
				for _, c := range d.table.cells {
					if c.start < last || c.end < c.start || c.end > len(d.text) {
						t.Fatalf("a cell at %d..%d of %q", c.start, c.end, d.text)
					}
					last = c.end
				}
			}
			if d.Rows() > 0 && len(d.Columns()) > 0 {
				err := d.Apply(SetCell{d.Rows() - 1, d.Columns()[0], text}, InsertRow{0, map[string]string{d.Columns()[0]: text}})
				if err != nil {
					check("refused")
				} else if got := d.Row(0)[d.Column(d.Columns()[0])]; got != cellText(text) {
					t.Fatalf("the cell holds %q, want %q", got, text)
				}
			}
			return
		}
		if d.root != nil {
			if s, err := trace(d.root, d.text[d.blockAt:d.blockEnd]); err == nil {
				within(t, s, 0, d.blockEnd-d.blockAt)
			}
		}
		for _, e := range []Edit{SetField{At("a"), "a"}, SetField{At("a"), text}, SetField{At("tags", 0), text}, SetField{At("new", "x", 0), []string{text, ""}}, InsertItem{At("tags", 1), text}, RemoveField{At("a")}, RemoveField{At("tags", 0)}, SetBody{text}} {
			kept = bytes.Clone(d.Bytes())
			if err := d.Apply(e); err != nil {
				check("refused")
			}
		}
		if again := ParseDocument(name, d.Bytes(), nil); len(again.Faults()) > 0 {
			t.Fatalf("%q after the edits: %v", d.Bytes(), again.Faults())
		}
	})
}

// within checks that spans are in order.
func within(t *testing.T, s *spanned, from, to int) {
	t.Helper()
	if s.start < from || s.end < s.start || s.end > to {
		t.Fatalf("%q at %d..%d, which is not in %d..%d", s.node.Value, s.start, s.end, from, to)
	}
	for i := range s.entries {
		e := &s.entries[i]
		if e.key != nil {
			within(t, e.key, from, s.end)
			from = e.key.end
		}
		within(t, e.value, from, s.end)
		from = e.value.end
	}
}

// What breaks a line to YAML only moves no message: editors count the lines of the text.
func TestBreaksOfYAMLAlone(t *testing.T) {
	people, _ := builtinSchema("people")
	const file = "content/people/a.md"
	for _, sign := range []string{"\u0085", "\u2028", "\u2029"} {
		for src, want := range map[string]diag.Pos{
			"---\ntitle: 甲" + sign + "\nbirth: 某年\n---\n":               {Path: file, Line: 3, Col: 8},
			"---\ntitle: \"甲" + sign + "乙\"\nnote: 丙\nbirth: 某年\n---\n": {Path: file, Line: 4, Col: 8},
			"---\ntitle: 甲" + sign + "birth: 某年\n---\n":                 {Path: file, Line: 2, Col: 17},
			"---\ntitle: 甲" + sign + "\nbirth: @1\n---\n":               {Path: file, Line: 3, Col: 8},
		} {
			_, diags := readMarkdown(file, []byte(src), people, time.UTC)
			inside(t, file, []byte(src), diags)
			found := false
			for _, m := range diags {
				found = found || m.Pos == want
			}
			if !found {
				t.Errorf("%q: nothing is said at %d:%d: %v", src, want.Line, want.Col, diags)
			}
		}
	}
}

// TestSyntaxIsChinese: whatever the library's words for a fault are, the message has none of them.
func TestSyntaxIsChinese(t *testing.T) {
	english := regexp.MustCompile(`[a-z]{4}`)
	for _, src := range []string{`a: "\ud800"`, `a: "\xzz"`, `a: "\q"`, "a: |9x\n b", "a: | b", "a: |0\n b", "a: !<x b", "a: !x!y b", "%FOO\n---\na: b", "%YAML 9.9\n---\na: b", "a: 'b\n---\nc'", "? [a]\n? b: ? c", "a: b\n ? c", "a: *", "a: &", "a: [", "{", "a: }", "a:\n- b\n c: d", "- a\nb: c", "a: @b", "a: `", "a:\n\t- b", "a: [b\n\t, c"} {
		_, diags := ParseYAML("a", []byte(src+"\n"), 1)
		for _, m := range diags {
			if english.MatchString(strings.ReplaceAll(m.Text, "title", "")) {
				t.Errorf("%q: %v", src, m)
			}
		}
	}
}
