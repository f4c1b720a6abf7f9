package intake

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
	"gongzhi/generator/docx"
	"gongzhi/generator/manuscript"
	"gongzhi/generator/markdown"
	"gongzhi/generator/plan"
)

func runs(few int) int {
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil && n > 0 {
		return n
	}
	return few
}

// roundTrip exports a record and imports the file; it gives what the plan says.
func roundTrip(t *testing.T, source fstest.MapFS, set *content.Set, r *content.Record) plan.Draft {
	t.Helper()
	file, _, err := Export(source, set, r, nil)
	if err != nil {
		t.Fatalf("%s: %v", r.Path, err)
	}
	opt := options()
	opt.Collection = r.Schema.Key
	d, err := Manuscripts(source, []plan.Input{{Name: "送审.docx", Bytes: file}}, opt)
	if err != nil {
		t.Fatalf("%s: %v", r.Path, err)
	}
	return d
}

// TestSampleRoundTrip: each record of the sample archive that has a page goes into a Word file and comes back as it was: the
// plan has nothing to do. So it is too when its Markdown is thrown away and made anew from the Word file.
func TestSampleRoundTrip(t *testing.T) {
	source := fstest.MapFS{}
	root := os.DirFS("../..")
	set, err := content.Load(root, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range set.Records {
		if r.Row || r.Schema.Key != "reports" && os.Getenv("GONGZHI_RUNS") == "" {
			continue
		}
		src, err := os.ReadFile("../../" + r.Path)
		if err != nil {
			t.Fatal(err)
		}
		source["content/"+r.Schema.Key+"/.keep"] = &fstest.MapFile{}
		source[r.Path] = &fstest.MapFile{Data: src}
		n++
	}
	for _, a := range set.Assets {
		if b, err := os.ReadFile("../../" + a.File); err == nil {
			source[a.File] = &fstest.MapFile{Data: b}
		}
	}
	if n < 10 {
		t.Fatalf("%d records", n)
	}
	small, err := content.Load(source, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range small.Records {
		d := roundTrip(t, source, small, r)
		if row := d.Rows[0]; row.Action != plan.Unchanged {
			t.Errorf("%s: %s %s %+v\n%s", r.Path, row.Action, row.Reason, row.Changes, strings.Join(d.Notes, "\n"))
			for _, f := range d.Files {
				t.Logf("%s", f.After)
			}
		}
	}
}

// TestMadeRoundTrip does it with made-up records.
func TestMadeRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	for i := range runs(25) {
		body := madeBody(rng)
		src := "---\ntitle: 测试报道" + strconv.Itoa(i) + "\nlead_title: 引题 " + strconv.Itoa(i) + "\ndate: 2026-05-01\nauthor: [张测试, 李测试] # 两人\ntags: [甲, \"乙\"]\n---\n" + body
		source := site()
		source["content/reports/2026/ce.md"] = &fstest.MapFile{Data: []byte(src)}
		source["content/reports/2026/tu.png"] = &fstest.MapFile{Data: onePixel()}
		set, err := content.Load(source, content.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var r *content.Record
		for _, x := range set.Records {
			if x.ID == "2026/ce" {
				r = x
			}
		}
		d := roundTrip(t, source, set, r)
		if row := d.Rows[0]; row.Action != plan.Unchanged || len(d.Files) > 0 {
			got := ""
			if len(d.Files) > 0 {
				got = string(d.Files[0].After)
			}
			was, _ := markdown.Convert("", []byte(body), 1)
			now, _ := markdown.Convert("", []byte(content.ParseDocument("x.md", []byte(got), nil).Body()), 1)
			t.Fatalf("seed %d, run %d: %s %s %+v\n%s\n\nbefore\n%s\nafter\n%s\n%s\n%s", seed, i, row.Action, row.Reason, row.Changes, strings.Join(d.Notes, "\n"), body, got, was.HTML, now.HTML)
		}
		// A second generation: what was made from the Word file is made from one again, byte for byte.
		file, _, _ := Export(source, set, r, nil)
		doc, err := docx.Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		text := manuscript.Markdown(doc, manuscript.Return(doc).Body, func(i int) string { return "tu.png" })
		a, _ := markdown.Convert("", []byte(body), 1)
		b, _ := markdown.Convert("", []byte(text.Body), 1)
		if !manuscript.Same(&a, &b) {
			t.Fatalf("seed %d, run %d: it says something else\n%s\nthan\n%s", seed, i, text.Body, body)
		}
	}
}

func onePixel() []byte {
	return []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82")
}

// madeBody writes a text of all that the dialect has.
func madeBody(rng *rand.Rand) string {
	var b strings.Builder
	notes := 0
	inline := func() string {
		pieces := []string{"测试厂开展劳动竞赛，", "一百二十名职工参加。", "**加粗的话**", "*着重*", "***又粗又着重***", "~~删去~~", "`代码 x`", "[测试网](https://www.example.cn/a?b=1)", "[张测试](../../people/ce.md)", "[[张测试]]", "[[people/ce|那个人]]",
			"<https://www.example.cn/>", "30*20*10", `\*星号\*`, "3~5月", "A & B", "1 < 2", "（一）", "——", " ", "Hello world", "“引号”", `a\_b`, "[有题](https://www.example.cn/ \"说明\")", "**[粗链接](https://www.example.cn/b)**", "![小图](tu.png)", "H₂O", "x\u00a0y"}
		var s strings.Builder
		for range 1 + rng.IntN(5) {
			s.WriteString(pieces[rng.IntN(len(pieces))])
		}
		if rng.IntN(6) == 0 {
			notes++
			fmt.Fprintf(&s, "[^n%d]", notes)
		} else if notes > 0 && rng.IntN(12) == 0 {
			fmt.Fprintf(&s, "[^n%d]", 1+rng.IntN(notes))
		}
		return "文" + s.String() + "字"
	}
	level := 2
	for range 2 + rng.IntN(8) {
		switch rng.IntN(13) {
		case 0:
			level = min(2+rng.IntN(3), level+1)
			fmt.Fprintf(&b, "%s 小标题%d\n\n", strings.Repeat("#", level), rng.IntN(9))
		case 1:
			for k := range 1 + rng.IntN(4) {
				fmt.Fprintf(&b, "- %s\n", inline())
				if rng.IntN(3) == 0 {
					fmt.Fprintf(&b, "  - 内%d\n  - 内乙\n", k)
				}
			}
			b.WriteString("\n文。\n\n")
		case 2:
			n := 1 + rng.IntN(3)
			for range 1 + rng.IntN(4) {
				fmt.Fprintf(&b, "%d. %s\n", n, inline())
				n += 1 + rng.IntN(2)*rng.IntN(3)
			}
			b.WriteString("\n文。\n\n")
		case 3:
			for range 2 {
				fmt.Fprintf(&b, "- %s\n\n  又一段。\n\n", inline())
			}
			b.WriteString("文。\n\n")
		case 4:
			b.WriteString("| 序号 | 姓名 | 单位 |\n|---|:-:|--:|\n")
			for k := range 1 + rng.IntN(3) {
				fmt.Fprintf(&b, "| %d | 张测试 | %s |\n", k+1, strings.NewReplacer("|", `\|`).Replace(inline()))
			}
			b.WriteString("\n")
		case 5:
			fmt.Fprintf(&b, "> %s\n>\n> %s\n\n", inline(), inline())
		case 6:
			b.WriteString("```text\n码 一\n\n  缩进\n```\n\n")
		case 7:
			b.WriteString("---\n\n")
		case 8:
			b.WriteString("![车间的机床](tu.png \"图1 一车间\")\n\n")
		case 9:
			fmt.Fprintf(&b, "%s\\\n%s\n\n", inline(), inline())
		case 10:
			b.WriteString("- [x] 完成的\n- [ ] 没有完成的\n\n文。\n\n")
		case 11:
			b.WriteString("> [!NOTE]\n> 提醒的话。\n\n")
		default:
			fmt.Fprintf(&b, "%s\n\n", inline())
		}
	}
	for n := 1; n <= notes; n++ {
		fmt.Fprintf(&b, "[^n%d]: 注的内容%d，见[测试网](https://www.example.cn/n)。\n\n", n, n)
	}
	return b.String()
}

// TestReviewed: what people change in the Word file changes in the record, and nothing else.
func TestReviewed(t *testing.T) {
	source := site()
	src := "---\ntitle: 旧标题\ndate: 2026-05-01\ntags: [甲]   # 留着\n---\n\n第一段。\n\n![图](tu.png)\n\n第二段。\n"
	source["content/reports/2026/ce.md"] = &fstest.MapFile{Data: []byte(src)}
	source["content/reports/2026/tu.png"] = &fstest.MapFile{Data: onePixel()}
	set, err := content.Load(source, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Records {
		if r.ID != "2026/ce" {
			continue
		}
		file, _, err := Export(source, set, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := docx.Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		docx.Walk(d.Blocks, func(p *docx.Paragraph) {
			for i := range p.Spans {
				p.Spans[i].Text = strings.NewReplacer("旧标题", "新标题", "第二段", "改过的第二段").Replace(p.Spans[i].Text)
			}
		})
		var b bytes.Buffer
		if err := docx.Write(&b, d); err != nil {
			t.Fatal(err)
		}
		draft, err := Manuscripts(source, []plan.Input{{Name: "甲.docx", Bytes: b.Bytes()}}, options())
		if err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer("旧标题", "新标题", "第二段", "改过的第二段").Replace(src)
		if row := draft.Rows[0]; row.Action != plan.Update || len(draft.Files) != 1 || string(draft.Files[0].After) != want {
			t.Errorf("%+v\n%q\n%s", row, draft.Notes, draft.Files[0].After)
		}
	}
}
