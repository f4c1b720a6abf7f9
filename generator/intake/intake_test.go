package intake

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/plan"
)

// fixtures gives the Word files of the docx package.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	names, _ := filepath.Glob("../docx/testdata/*.*")
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".txtar" {
			b = pack(txtar.Parse(b))
		}
		out[strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))] = b
	}
	if len(out) < 40 {
		t.Fatalf("only %d fixtures", len(out))
	}
	return out
}

func pack(a *txtar.Archive) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, f := range a.Files {
		w, _ := z.Create(f.Name)
		if strings.HasSuffix(f.Name, ".png") {
			f.Data = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82\n")
		}
		w.Write(bytes.TrimSuffix(f.Data, []byte("\n")))
	}
	z.Close()
	return buf.Bytes()
}

func options() Options {
	return Options{Collection: "reports", Day: "2026-05-01", Slug: func(title string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" /\\?#%:*\"<>|.", r) {
				return '-'
			}
			return r
		}, title)
	}}
}

// site is a small site with the files of a draft put in.
func site(drafts ...plan.Draft) fstest.MapFS {
	m := fstest.MapFS{"site.yaml": {}, "content/reports/.keep": {}, "content/people/ce.md": {Data: []byte("---\ntitle: 张测试\n---\n")}}
	for _, d := range drafts {
		for _, f := range d.Files {
			m[f.Path] = &fstest.MapFile{Data: f.After}
		}
	}
	return m
}

// TestEveryFixture: each becomes one record, with its pictures, that the program reads without an error; and the whole
// text of the file stands in the record or in the notes.
func TestEveryFixture(t *testing.T) {
	for name, file := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			d, err := Manuscripts(site(), []plan.Input{{Name: name + ".docx", Bytes: file}}, options())
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Rows) != 1 || d.Rows[0].Action != plan.Create {
				t.Fatalf("%+v", d.Rows)
			}
			set, err := content.Load(site(d), content.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range set.Diags {
				if m.Severity == diag.Error {
					t.Errorf("%v", m)
				}
			}
			said := strings.Join(d.Notes, "\n")
			for _, f := range d.Files {
				if strings.HasSuffix(f.Path, ".md") {
					said += string(f.After)
				}
			}
			said = strings.NewReplacer("\\", "", "&#123;", "{", "&#61;", "=", "²", "2", "₂", "2").Replace(said)
			for _, piece := range pieces(t, file) {
				for _, r := range piece {
					if !strings.ContainsRune(said, r) {
						t.Errorf("%q of %q stands neither in the record nor in a note", r, piece)
					}
				}
			}
			again, err := Manuscripts(site(), []plan.Input{{Name: name + ".docx", Bytes: file}}, options())
			if err != nil || len(again.Files) != len(d.Files) || !bytes.Equal(again.Files[0].After, d.Files[0].After) {
				t.Errorf("the second time it is different")
			}
		})
	}
}

// pieces are the texts of w:t in a file's main part.
func pieces(t testing.TB, file []byte) []string {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range z.File {
		if f.Name != "word/document.xml" {
			continue
		}
		h, _ := f.Open()
		var b bytes.Buffer
		b.ReadFrom(h)
		h.Close()
		for _, part := range strings.Split(b.String(), "<w:t")[1:] {
			if part[0] != '>' && part[0] != ' ' {
				continue
			}
			_, text, _ := strings.Cut(part, ">")
			text, _, _ = strings.Cut(text, "</w:t>")
			text = strings.NewReplacer("\\", "", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
			if text = strings.Join(strings.Fields(text), ""); text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

// TestProposals: what the head and the end of a manuscript say goes into fields, and the plan says how it is known.
func TestProposals(t *testing.T) {
	all := fixtures(t)
	for _, x := range []struct{ name, field, value string }{
		{"word-plain", "标题", "测试厂开展劳动竞赛"},
		{"word-plain", "作者", "张测试"},
		{"word-plain", "日期", "2026-05-01"},
		{"word-lead-title-sub", "引题", "——测试厂纪念五一"},
		{"word-lead-title-sub", "标题", "把竞赛办到机台旁"},
		{"word-lead-title-sub", "副题", "测试厂一车间竞赛侧记"},
		{"word-lead-title-sub", "来源", "测试报"},
		{"word-lead-title-sub", "作者", "张测试、李测试"},
		{"word-headings", "标题", "竞赛综述"},
		{"wps-headings", "标题", "竞赛综述"},
		{"lo-title-breaks", "日期", "2026-05-01"},
	} {
		d, err := Manuscripts(site(), []plan.Input{{Name: x.name + ".docx", Bytes: all[x.name]}}, options())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, c := range d.Rows[0].Changes {
			if c.Field == x.field {
				got = c.New
			}
		}
		if value, why, ok := strings.Cut(got, "（建议："); value != x.value || !ok || why == "" {
			t.Errorf("%s: %s is %q", x.name, x.field, got)
		}
	}
}

// TestManyAtOnce: the same file twice, one that was imported before, and files that are something else.
func TestManyAtOnce(t *testing.T) {
	all := fixtures(t)
	opt := options()
	opt.Done = func(digest string) ([]string, int) {
		if digest == plan.Digest(all["word-notes"]) {
			return []string{"reports/old"}, 3
		}
		return nil, 0
	}
	inputs := []plan.Input{
		{Name: "甲.docx", Bytes: all["word-plain"]}, {Name: "乙.docx", Bytes: all["word-plain"]}, {Name: "丙.docx", Bytes: all["word-notes"]},
		{Name: "丁.doc", Bytes: []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1......W\x00o\x00r\x00d\x00D\x00o\x00c\x00u\x00m\x00e\x00n\x00t\x00\x00\x00")},
		{Name: "戊.docx", Bytes: []byte("%PDF-1.7")}, {Name: "己.docx", Bytes: nil}, {Name: "庚.docx", Bytes: all["word-plain"][:200]},
		{Name: "辛.docx", Bytes: all["word-headings"]}, {Name: "壬.docx", Bytes: all["wps-headings"]},
	}
	d, err := Manuscripts(site(), inputs, opt)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		action plan.Action
		says   string
	}{{plan.Create, ""}, {plan.Unchanged, "甲.docx"}, {plan.Unchanged, "方案 3"}, {plan.Refused, "另存为"}, {plan.Refused, "PDF"}, {plan.Refused, "空的"}, {plan.Refused, ""}, {plan.Create, ""}, {plan.Create, ""}} {
		if r := d.Rows[i]; r.Action != want.action || !strings.Contains(r.Reason, want.says) {
			t.Errorf("%s: %s %s", r.File, r.Action, r.Reason)
		}
	}
	if a, b := d.Rows[7].ID, d.Rows[8].ID; a == b || a == "" || b == "" {
		t.Errorf("two manuscripts of one title are %s and %s", a, b)
	}
}

// TestOptions: what the command line says comes before what a manuscript seems to say.
func TestOptions(t *testing.T) {
	opt := options()
	opt.Draft, opt.Keep, opt.Set, opt.Mention = true, true, []string{"来源=测试简报", "日期=1958年5月"}, []string{"people/ce"}
	d, err := Manuscripts(site(), []plan.Input{{Name: "甲.docx", Bytes: fixtures(t)["word-plain"]}}, opt)
	if err != nil {
		t.Fatal(err)
	}
	text := string(d.Files[0].After)
	for _, want := range []string{"source: 测试简报", "date: 1958年5月", "draft: true", "people/ce", "attachments", ".docx"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	set, _ := content.Load(site(d), content.Options{})
	for _, m := range set.Diags {
		t.Errorf("%v", m)
	}
	for _, bad := range [][]string{{"没有=1"}, {"来源"}} {
		opt.Set = bad
		if _, err := Manuscripts(site(), nil, opt); err == nil {
			t.Errorf("--set %v is taken", bad)
		}
	}
	if _, err := Manuscripts(site(), nil, Options{Collection: "conferrals"}); err == nil || !strings.Contains(err.Error(), "没有正文") {
		t.Errorf("rows: %v", err)
	}
}

// TestSwell: a small file whose pictures unpack to far more than it has brings those that there is room for, and the others are
// named. Nothing of its text is lost.
func TestSwell(t *testing.T) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	put := func(name, data string) {
		w, _ := z.Create(name)
		w.Write([]byte(data))
	}
	const shape = `<w:p><w:r><w:pict><v:imagedata r:id="a%d"/></w:pict></w:r></w:p>`
	put("word/document.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body><w:p><w:r><w:t>甲测文稿</w:t></w:r></w:p>`+
		strings.ReplaceAll(shape, "%d", "1")+strings.ReplaceAll(shape, "%d", "2")+`<w:p><w:r><w:t>张测试在测试厂说了一句话，末尾的字在这里。</w:t></w:r></w:p></w:body></w:document>`)
	put("word/_rels/document.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a1" Type="http://x/image" Target="media/1.png"/><Relationship Id="a2" Type="http://x/image" Target="media/2.png"/></Relationships>`)
	const head = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
	large := head + strings.Repeat("\x00", maxSwell*3/5)
	put("word/media/1.png", large)
	put("word/media/2.png", large)
	z.Close()
	d, err := Manuscripts(site(), []plan.Input{{Name: "稿.docx", Bytes: buf.Bytes()}}, options())
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, f := range d.Files {
		sum += len(f.After)
	}
	if len(d.Files) != 2 || sum > maxSwell || !strings.Contains(string(d.Files[0].After), "末尾的字在这里") || !strings.Contains(strings.Join(d.Notes, "\n"), "比文稿大得多") {
		t.Errorf("%d files of %d MB, %s", len(d.Files), sum>>20, d.Notes)
	}
}
