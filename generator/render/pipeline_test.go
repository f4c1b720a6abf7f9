package render_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"gongzhi"
	"gongzhi/generator/content"
	"gongzhi/generator/output"
	"gongzhi/generator/render"
)

// excerpt is a part of the sample archive that is made in milliseconds: the settings, articles, lists, and a shelf with a
// schema of its own.
func excerpt(t testing.TB) fstest.MapFS {
	files := fstest.MapFS{
		"content/shelf/_schema.yaml": {Data: []byte("label: 器物\nsort: [-made, title]\nlist: table\ncolumns: [kind, made, size]\nfields:\n  - {key: kind, label: 种类, type: enum, values: [甲, 乙], browse: true, facet: true}\n" +
			"  - {key: made, label: 年代, type: date, browse: true}\n  - {key: size, label: 尺寸, type: quantity}\n  - {key: refs, label: 参见, type: ref, to: [shelf, people], open: true, many: true, inverse: 参见于}\n")},
		"content/shelf/a.md": {Data: []byte("---\ntitle: 测试锤\nkind: 甲\nmade: 1958~/1962\nsize: 12.5厘米\nrefs: [王进喜, 某物]\n---\n见[[people/wang-jinxi|此人]]。[^1]\n\n| 一 | 二 |\n|---|---|\n| 甲 | 乙 |\n\n[^1]: 注。\n")},
	}
	for name, lines := range map[string]int{
		"site.yaml": 0, "content/people/wang-jinxi.md": 0, "content/honors/quanguo-laodong-mofan.md": 0, "content/reports/2018/6123-gongcheng.md": 0,
		"content/conferrals/national.csv": 8, "content/statistics/nanchang-2018.csv": 8, "content/events/national-conferences.csv": 4,
	} {
		b, err := fs.ReadFile(os.DirFS("../.."), name)
		if err != nil {
			t.Fatal(err)
		}
		if lines > 0 {
			b = bytes.Join(bytes.SplitAfterN(b, []byte("\n"), lines+1)[:lines], nil)
		}
		files[name] = &fstest.MapFile{Data: b}
	}
	return files
}

// pieces are what editors and their programs put into a file.
var pieces = []string{
	"---\n", "\n---\n", "\n", "\r\n", "\r", "\t", " ", "　", "\x00", "\xff", "\ufeff", "\u0085", "\u2028", "\u2029", "\u200b", "\u00a0", ",", "，", ";", "；", "：", ": ", "\"", "\"\"", "'", "|", "| ", ">-\n", "- ", "- - ", "? ", "&a ", "*a", "!!binary ", "!", "%", "%%", "@", "`", "```\n", "#", "# ", "## 标题\n",
	"[", "]", "[[", "]]", "[[people/wang-jinxi]]", "[[shelf/a|", "[^1]", "[^1]: ", "![](a.png)", "[甲](../../乙.md)", "](javascript:1)", "(", "（女）", "{", "}", "{{<", "<div>", "<!--", "<script>", "&amp;", "\\", "\\u4e00", "==", "~~", "**", "$", ":::", "*", "~", "..", "/", "1958", "0001/9999", "1958-13-41", "../2018~", "19XX", "〇", "99999999999999999999", "=1+1", "#REF!", "110101199003070003", "13800138000",
	"title: ", "id", "编号", "date: ", "fields:\n", "draft: true\n", "aliases: [/a]\n", "type: ", "many: true", "sort: [-", "compose: '{title}'", "base", "null", "true", "0", strings.Repeat("[", 60), strings.Repeat("> ", 60), strings.Repeat("甲", 300), strings.Repeat("- ", 60), strings.Repeat("{", 60),
}

// damage changes one file in place as a hand, a program or a disk does.
func damage(rnd *rand.Rand, files fstest.MapFS, name string) {
	src := files[name].Data
	spot := func() int { // a border of a character, most times
		i := rnd.IntN(len(src) + 1)
		for rnd.IntN(20) > 0 && i < len(src) && !utf8.RuneStart(src[i]) {
			i++
		}
		return i
	}
	between := func(longest int) (from, to int) {
		from = spot()
		to = min(len(src), from+rnd.IntN(longest))
		for to < len(src) && !utf8.RuneStart(src[to]) {
			to++
		}
		return from, to
	}
	put := func(from, to int, with string) {
		src = slices.Concat(src[:from], []byte(with), src[to:])
	}
	lines := bytes.SplitAfter(src, []byte("\n"))
	line := rnd.IntN(len(lines))
	switch rnd.IntN(9) {
	case 0:
		at := spot()
		put(at, at, pieces[rnd.IntN(len(pieces))])
	case 1:
		from, to := between(4)
		put(from, to, pieces[rnd.IntN(len(pieces))])
	case 2:
		from, to := between(40)
		put(from, to, "")
	case 3:
		src = bytes.Join(slices.Insert(slices.Clone(lines), line, lines[rnd.IntN(len(lines))]), nil)
	case 4:
		src = bytes.Join(slices.Delete(slices.Clone(lines), line, line+1), nil)
	case 5:
		l := slices.Clone(lines)
		k := rnd.IntN(len(l))
		l[line], l[k] = l[k], l[line]
		src = bytes.Join(l, nil)
	case 6: // a piece of another file
		names := slices.Sorted(maps.Keys(files))
		other := files[names[rnd.IntN(len(names))]].Data
		from := rnd.IntN(len(other) + 1)
		at := spot()
		put(at, at, string(other[from:min(len(other), from+rnd.IntN(80))]))
	case 7:
		if len(src) > 0 {
			src = bytes.Clone(src)
			src[rnd.IntN(len(src))] ^= 1 << rnd.IntN(8)
		}
	case 8: // the beginning of a line, where keys and marks stand
		lines = slices.Clone(lines)
		lines[line] = append([]byte(pieces[rnd.IntN(len(pieces))]), lines[line]...)
		src = bytes.Join(lines, nil)
	}
	files[name] = &fstest.MapFile{Data: src}
}

// What a site of this size may become: work is bounded by it, not by a clock.
const (
	mostPages = 2000
	mostBytes = 64 << 20
)

// pipeline makes the whole site of files: what is wrong is said at places that are there, and each page is made, or a fault
// says why nothing is published. If before is a generation, its theme is taken; all else is read anew.
func pipeline(t testing.TB, files fstest.MapFS, before *render.Generation) *render.Generation {
	t.Helper()
	changed := map[string]bool{}
	for name := range files {
		changed[name] = true
	}
	g, err := render.New(render.Options{Source: files, Theme: gongzhi.DefaultTheme(), Now: noon, Previous: before, Changed: changed})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range g.Diags {
		f, ok := files[m.Pos.Path]
		if !ok {
			t.Errorf("%s: there is no such file (%s)", m, m.ID)
			continue
		}
		text, _ := content.DecodeText(m.Pos.Path, f.Data)
		readable := text != nil
		if !readable {
			text = f.Data
		}
		lines := strings.Split(string(text), "\n")
		switch {
		case m.Text == "" || m.ID == "":
			t.Errorf("%s: says nothing (%q)", m, m.ID)
		case m.Pos.Line < 0 || m.Pos.Line > len(lines):
			t.Errorf("%s: the file has %d lines (%s)", m, len(lines), m.ID)
		case m.Pos.Col < 0 || readable && m.Pos.Line > 0 && m.Pos.Col > utf8.RuneCountInString(lines[m.Pos.Line-1])+1:
			t.Errorf("%s: the line is %q (%s)", m, lines[m.Pos.Line-1], m.ID)
		}
	}
	paths := g.Paths()
	if len(paths) > mostPages {
		t.Errorf("%d pages", len(paths))
	}
	size := 0
	var b []byte
	for _, p := range paths {
		b, err = g.File(b[:0], p)
		size += len(b)
		switch {
		case err != nil && (g.Diags.Errors() == 0 || strings.Contains(err.Error(), "程序出错")):
			t.Errorf("%s: %v", p, err)
		case err == nil && len(b) == 0 && strings.HasSuffix(p, ".html"):
			t.Errorf("%s is empty", p)
		case err == nil:
			wellFormed(t, p, b)
		}
	}
	if size > mostBytes {
		t.Errorf("%d bytes", size)
	}
	return g
}

// wellFormed looks at the bytes of a file of the site: elements closed, nothing that runs, no id twice, data that can be read.
func wellFormed(t testing.TB, p string, b []byte) {
	t.Helper()
	switch path.Ext(p) {
	case ".html":
		read(t, p, b)
	case ".xml":
		for d := xml.NewDecoder(bytes.NewReader(b)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%s: %v", p, err)
				break
			}
		}
	case ".json":
		if !json.Valid(b) {
			t.Errorf("%s is no JSON: %.200s", p, b)
		}
	}
	if strings.HasPrefix(output.MediaType(p), "text/") && !utf8.Valid(b) {
		t.Errorf("%s is not in UTF-8", p)
	}
}

// TestPipeline changes files of the sample archive at random, one to four times each site. GONGZHI_RUNS says how many sites.
func TestPipeline(t *testing.T) {
	runs := 15
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		runs = n
	}
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("GONGZHI_SEED=%d, the first of %d", seed, runs)
	whole := excerpt(t)
	names := slices.Sorted(maps.Keys(whole))
	first := pipeline(t, whole, nil)
	for range runs {
		rnd := rand.New(rand.NewPCG(seed, 0))
		files := maps.Clone(whole)
		var changed []string
		for range 1 + rnd.IntN(4) {
			name := names[rnd.IntN(len(names))]
			damage(rnd, files, name)
			changed = append(changed, name)
		}
		before := first
		if rnd.IntN(20) == 0 {
			before = nil
		}
		pipeline(t, files, before)
		if t.Failed() {
			for _, name := range slices.Compact(slices.Sorted(slices.Values(changed))) {
				t.Logf("%s is\n%q", name, files[name].Data)
			}
			t.Fatalf("GONGZHI_SEED=%d GONGZHI_RUNS=1", seed)
		}
		seed++
	}
}

// FuzzPipeline: whatever the bytes of one file of the sample archive are, the site is made or the faults are said.
func FuzzPipeline(f *testing.F) {
	whole := excerpt(f)
	names := slices.Sorted(maps.Keys(whole))
	for i, name := range names {
		f.Add(uint8(i), whole[name].Data)
	}
	for file, seeds := range map[string][]string{
		"site.yaml":                       {"", "a: &a [*a]\n", "title: [\n"},
		"content/people/wang-jinxi.md":    {"", "---\ntitle: 甲\n---\n[[", "\xff\xfea\x00", "---\naliases: [/a, /people/wang-jinxi/]\ntitle: 甲\n"},
		"content/conferrals/national.csv": {"\ufeff", "id,title\na,\"甲\n", "编号;姓名\r\na;\"甲\r\n"},
		"content/shelf/_schema.yaml":      {"", "fields:\n  - {key: a, fields: [{key: b}]}\n", "label: 甲\nlist: roll\nrows: true\n"},
	} {
		for _, s := range seeds {
			f.Add(uint8(slices.Index(names, file)), []byte(s))
		}
	}
	first := pipeline(f, whole, nil)
	f.Fuzz(func(t *testing.T, file uint8, src []byte) {
		if len(src) > 1<<14 {
			return
		}
		files := maps.Clone(whole)
		files[names[int(file)%len(names)]] = &fstest.MapFile{Data: src}
		pipeline(t, files, first)
	})
}

// TestIDsOfNotes: a heading called as the notes of another text or row are is no id twice.
func TestIDsOfNotes(t *testing.T) {
	pipeline(t, fstest.MapFS{
		"content/reports/a.md":       {Data: []byte("---\ntitle: T\ndate: 2026-01-01\nnote: |\n  ## x\n  \n  文[^1]\n  \n  [^1]: 注\n---\n## note-x\n\n正文[^1]\n\n## fn_1\n\n## note:x\n\n[^1]: 注\n")},
		"content/statistics/s.csv":   {Data: []byte("编号,主题,指标,数值,附注\na,主题,指标,12,\"## x\"\na-note-x,主题,指标,13,\n")},
		"content/statistics/more.md": {Data: []byte("---\ntopic: 主题\n---\n## r-a\n")},
	}, nil)
}

// TestGone: a file that is moved away while the site is made is told in Chinese, at the place that it has in the source.
func TestGone(t *testing.T) {
	files := fstest.MapFS{
		"content/reports/a.md":  {Data: []byte("---\ntitle: 甲\ndate: 2026-01-01\n---\n见[扫描件](a.pdf)。\n")},
		"content/reports/a.pdf": {Data: []byte("%PDF-1.4\n")},
	}
	g, err := render.New(render.Options{Source: files, Theme: gongzhi.DefaultTheme(), Now: noon})
	if err != nil || g.Diags.Errors() > 0 {
		t.Fatal(err, g.Diags)
	}
	delete(files, "content/reports/a.pdf")
	_, one := g.File(nil, "reports/a.pdf")
	_, other := g.Source("reports/a.pdf")
	for _, err := range []error{one, other} {
		l := render.Faults(err)
		if len(l) != 1 || l[0].ID != "file/gone" || !strings.HasPrefix(l[0].String(), "content/reports/a.pdf") || !strings.Contains(l[0].Text, "不见了") {
			t.Errorf("%v", err)
		}
	}
}
