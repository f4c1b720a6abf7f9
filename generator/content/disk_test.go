package content_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi/generator/content"
)

func load(t *testing.T, source fs.FS, opt content.Options) *content.Set {
	t.Helper()
	set, err := content.Load(source, opt)
	if err != nil {
		t.Fatal(err)
	}
	set.Diags.Sort()
	return set
}

// said lists the messages, one line each.
func said(set *content.Set) string {
	var b strings.Builder
	for _, m := range set.Diags {
		b.WriteString(m.String() + "\n")
	}
	return b.String()
}

func expect(t *testing.T, got string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains(got, l) {
			t.Errorf("not said: %s\nsaid:\n%s", l, got)
		}
	}
	if n := strings.Count(got, "\n"); n != len(lines) {
		t.Errorf("%d messages, want %d:\n%s", n, len(lines), got)
	}
}

const good = "---\ntitle: 甲\ndate: 2018\n---\n正文。\n"

// TestLinks: nothing outside content/ is read through a symbolic link, and none is published.
func TestLinks(t *testing.T) {
	top := t.TempDir()
	site := filepath.Join(top, "site")
	for name, data := range map[string]string{
		"secret.md": "---\ntitle: 秘密\ndate: 2018\n---\n", "secret.png": "png", "outside/a.md": good, "schema.yaml": "label: 外面",
		"site/content/reports/a.md": good, "site/content/shelf/a.md": good,
	} {
		p := filepath.Join(top, name)
		must(t, os.MkdirAll(filepath.Dir(p), 0o755))
		must(t, os.WriteFile(p, []byte(data), 0o644))
	}
	for from, to := range map[string]string{
		"content/reports/absolute.md": "/etc/passwd", "content/reports/up.md": "../../../secret.md", "content/reports/loop.md": "loop.md",
		"content/reports/dangling.md": "nowhere.md", "content/reports/dir": "../../../outside", "content/reports/photo.png": "../../../secret.png",
		"content/people": "../../outside", "content/shelf/_schema.yaml": "../../../schema.yaml", "content/reports/inside.md": "a.md",
	} {
		must(t, os.Symlink(to, filepath.Join(site, from)))
	}
	set := load(t, os.DirFS(site), content.Options{})
	expect(t, said(set),
		"content/people:1:1: 警告: 不跟随符号链接",
		"content/reports/absolute.md:1:1: 警告: 不跟随符号链接",
		"content/reports/dangling.md:1:1: 警告: 不跟随符号链接",
		"content/reports/dir:1:1: 警告: 不跟随符号链接",
		"content/reports/inside.md:1:1: 警告: 不跟随符号链接",
		"content/reports/loop.md:1:1: 警告: 不跟随符号链接",
		"content/reports/photo.png:1:1: 警告: 不跟随符号链接",
		"content/reports/up.md:1:1: 警告: 不跟随符号链接",
		"content/shelf/_schema.yaml:1:1: 错误: 这不是普通文件",
	)
	if len(set.Records) != 1 || set.Records[0].ID != "a" || len(set.Assets) != 0 {
		t.Errorf("read: %s", dump(set))
	}

	// A file that becomes a link between two readings is not followed either.
	must(t, os.Remove(filepath.Join(site, "content/reports/a.md")))
	must(t, os.Symlink("../../../secret.md", filepath.Join(site, "content/reports/a.md")))
	again := load(t, os.DirFS(site), content.Options{Previous: set, Changed: map[string]bool{"content/reports/a.md": true}})
	if len(again.Records) != 0 {
		t.Errorf("followed: %s", dump(again))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestKindsOfFiles: what is neither a record nor an attachment is said and passed over; what editors and systems
// leave is passed over silently.
func TestKindsOfFiles(t *testing.T) {
	var picture bytes.Buffer
	must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 7, 5))))
	bomb := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x4e\x20\x00\x00\x4e\x20\x08\x06\x00\x00\x00")
	bomb = binary.BigEndian.AppendUint32(bomb, crc32.ChecksumIEEE(bomb[12:]))
	site := fstest.MapFS{
		"content/reports/a.md":                                   {Data: []byte(good)},
		"content/reports/.a.md.swp":                              {Data: []byte("x")},
		"content/reports/a.md~":                                  {Data: []byte("x")},
		"content/reports/#a.md#":                                 {Data: []byte("x")},
		"content/reports/.#a.md":                                 {Data: []byte("x"), Mode: fs.ModeSymlink},
		"content/reports/4913":                                   {Data: []byte("x")},
		"content/reports/~$表.xlsx":                               {Data: []byte("x")},
		"content/reports/a.crdownload":                           {Data: []byte("x")},
		"content/reports/.DS_Store":                              {Data: []byte("x")},
		"content/reports/Thumbs.db":                              {Data: []byte("x")},
		"content/reports/_draft.md":                              {Data: []byte("x")},
		"content/reports/_x/a.md":                                {Data: []byte("x")},
		"content/reports/表.xlsx":                                 {Data: []byte("x")},
		"content/reports/a.html":                                 {Data: []byte("<script>")},
		"content/reports/a.svg":                                  {Data: []byte("<svg onload=1>")},
		"content/reports/pipe.md":                                {Mode: fs.ModeNamedPipe},
		"content/reports/device.csv":                             {Mode: fs.ModeDevice},
		"content/reports/good.png":                               {Data: picture.Bytes()},
		"content/reports/文件.PDF":                                 {Data: []byte("%PDF")},
		"content/reports/fake.jpg":                               {Data: []byte("<html>")},
		"content/reports/cut.png":                                {Data: picture.Bytes()[:20]},
		"content/reports/bomb.png":                               {Data: bomb},
		"content/reports/empty.gif":                              {},
		"content/reports/a#b.png":                                {Data: picture.Bytes()},
		"content/reports/con.md":                                 {Data: []byte(good)},
		"content/reports/a:b.md":                                 {Data: []byte(good)},
		"content/reports/a\\..\\b.md":                            {Data: []byte(good)},
		"content/reports/%2e%2e%2f.md":                           {Data: []byte(good)},
		"content/reports/尾点..md":                                 {Data: []byte(good)},
		"content/reports/尾空 .md":                                 {Data: []byte(good)},
		"content/reports/〇.md":                                   {Data: []byte(good)},
		"content/reports/中/层/新闻.md":                              {Data: []byte(good)},
		"content/reports/中/层/新闻/一.md":                            {Data: []byte(good)},
		"content/reports/x\u202ey.md":                            {Data: []byte(good)},
		"content/reports/e\u0301.md":                             {Data: []byte(good)},
		"content/reports/x\u200b.md":                             {Data: []byte(good)},
		"content/reports/x\ny.md":                                {Data: []byte(good)},
		"content/reports/long" + strings.Repeat("长", 80) + ".md": {Data: []byte(good)},
		"content/readme.txt":                                     {Data: []byte("x")},
	}
	set := load(t, site, content.Options{})
	expect(t, said(set),
		"content/reports/a.html:1:1: 警告: 不认识的文件",
		"content/reports/pipe.md:1:1: 警告: 不是普通文件",
		"content/reports/device.csv:1:1: 警告: 不是普通文件",
		"content/reports/a#b.png:1:1: 错误: 文件名不能用",
		"content/reports/con.md:1:1: 错误: 文件名不能用：“con”在 Windows 上是保留的名称",
		"content/reports/a:b.md:1:1: 错误: 文件名不能用",
		"content/reports/a\\..\\b.md:1:1: 错误: 文件名不能用",
		"content/reports/%2e%2e%2f.md:1:1: 错误: 文件名不能用",
		"content/reports/尾点..md:1:1: 错误: 文件名不能用：名称不能以点开头或结尾",
		"content/reports/尾空 .md:1:1: 错误: 文件名不能用：名称的开头或结尾有空格",
		"错误: 文件名不能用：名称里有看不见的字符",
		"content/reports/x\u200b.md:1:1: 错误: 文件名不能用：名称里有看不见的字符",
		"content/reports/x y.md:1:1: 错误: 文件名不能用：名称里有看不见的字符",
		"错误: 文件名不能用：名称太长",
	)
	var ids []string
	for _, r := range set.Records {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "a é 〇 中/层/新闻 中/层/新闻/一" {
		t.Errorf("records: %s", got)
	}
	// What is wrong with a picture is for whoever shows it to say.
	for name, id := range map[string]string{"a.svg": "image/svg", "fake.jpg": "image/broken", "cut.png": "image/broken", "empty.gif": "image/broken", "bomb.png": "image/broken"} {
		if a, ok := set.Asset("content/reports/" + name); !ok || a.Picture == nil || a.Picture.Fault == nil || a.Picture.Fault.ID != id || a.Width != 0 {
			t.Errorf("%s: %+v", name, a.Picture)
		}
	}
	if a, ok := set.Asset("content/reports/good.png"); !ok || a.Width != 7 || a.Height != 5 {
		t.Errorf("image: %+v", a)
	}
	if _, ok := set.Asset("content/reports/文件.PDF"); !ok {
		t.Error("no PDF")
	}
}

// broken is a file system of which some paths can't be read.
type broken struct {
	fstest.MapFS
	bad map[string]error
}

func (b broken) Open(name string) (fs.File, error) {
	if err := b.bad[name]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return b.MapFS.Open(name)
}

func (b broken) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := b.bad[name]; err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	return b.MapFS.ReadDir(name)
}

func TestUnreadable(t *testing.T) {
	site := fstest.MapFS{}
	for _, name := range []string{"reports/a.md", "reports/b.md", "reports/c.md", "reports/sub/d.md", "people/e.csv", "shelf/f.md", "shelf/_schema.yaml"} {
		site["content/"+name] = &fstest.MapFile{Data: []byte(good)}
	}
	set := load(t, broken{site, map[string]error{
		"content/reports/b.md": fs.ErrPermission, "content/reports/sub": fs.ErrPermission, "content/people/e.csv": errors.New("input/output error"),
		"content/reports/c.md": fs.ErrNotExist, "content/shelf/_schema.yaml": fs.ErrPermission,
	}}, content.Options{})
	expect(t, said(set),
		"content/people/e.csv:1:1: 错误: 读不了这个文件：input/output error",
		"content/reports/b.md:1:1: 错误: 读不了这个文件：没有权限",
		"content/reports/sub:1:1: 错误: 读不了这个文件夹：没有权限",
		"content/shelf/_schema.yaml:1:1: 错误: 读不了这个文件：没有权限",
	)
	if len(set.Records) != 1 {
		t.Errorf("read: %s", dump(set))
	}
	if _, err := content.Load(broken{site, map[string]error{"content": fs.ErrPermission}}, content.Options{}); err == nil {
		t.Error("a content folder that can't be read is no empty one")
	}
	if set := load(t, fstest.MapFS{}, content.Options{}); len(set.Records)+len(set.Diags) != 0 {
		t.Error("a missing content folder is an empty one")
	}
}

// TestLimits: what is too large gets a message, and none of it takes long or much memory.
func TestLimits(t *testing.T) {
	deep := func(open string, n int) string { return strings.Repeat(open, n) }
	front := func(s string) string { return "---\ntitle: 甲\ndate: 2018\n" + s + "\n---\n" }
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	cases := []struct{ file, data, says string }{
		{"brackets.md", front("tags: " + deep("[", 10_001)), "brackets.md:4:27: 错误: 括号套了超过 20 层"},
		{"braces.md", front("tags: " + deep("{a: ", 10_001)), "braces.md:4:87: 错误: 括号套了超过 20 层"},
		{"dashes.md", front("tags:\n" + deep("- ", 15_000) + "x"), "dashes.md:"},
		{"nested.md", front("tags:\n" + func() string {
			var b strings.Builder
			for i := range 100 {
				b.WriteString(strings.Repeat(" ", i) + "- \n")
			}
			return b.String()
		}()), "nested.md:"},
		{"bomb.md", front(bomb), "bomb.md:4:4: 错误: 不支持 YAML 的锚点"},
		{"merge.md", front("x: &x {a: 1}\ny:\n  <<: *x"), "merge.md:4:4: 错误: 不支持 YAML 的锚点"},
		{"front.md", front("summary: " + strings.Repeat("长", 30_000)), "front.md:1:1: 错误: 开头的字段超过 64 KB"},
		{"scalar.md", front("summary: " + strings.Repeat("长", 10_000_000)), "scalar.md:1:1: 错误: 文件有 28.6 MB"},
		{"unclosed.md", "---\ntitle: " + strings.Repeat("长\n", 250_000), "unclosed.md:1:1: 错误: 开头的字段没有结束"},
		{"keys.md", front(func() string {
			var b strings.Builder
			for i := range 6000 {
				fmt.Fprintf(&b, "k%d: 1\n", i)
			}
			return b.String()
		}()), "keys.md:4:1: 错误: 报道没有“k0”这个字段"},
		{"wide.csv", "编号" + strings.Repeat(",甲", 4000) + "\n", "wide.csv:1:1: 错误: 表头有 4001 格，最多 500 格"},
	}
	for _, c := range cases {
		set := load(t, fstest.MapFS{"content/reports/" + c.file: {Data: []byte(c.data)}}, content.Options{})
		if got := said(set); !strings.Contains(got, "content/reports/"+c.says) {
			t.Errorf("%s: not said: %s\nbut: %.300s", c.file, c.says, got)
		}
	}
	set := load(t, fstest.MapFS{"content/people/many.csv": {Data: []byte("编号,姓名,其他名字\nm,测试甲," + strings.Repeat("名字；", 50_000) + "\n")}}, content.Options{})
	if got := said(set); got != "" || len(set.Records[0].Role(content.OtherNames).Items) != 50_000 {
		t.Errorf("many values in a cell: %s", got)
	}
}

// TestLoadIsDeterministic: neither the order in which a folder names its files nor the number of processors changes what
// comes out.
func TestLoadIsDeterministic(t *testing.T) {
	site := corpus(200)
	want := load(t, site, content.Options{})
	got := load(t, shuffled{site}, content.Options{})
	if dump(got) != dump(want) || said(got) != said(want) {
		t.Error("another order of names gives other records")
	}
}

func corpus(n int) fstest.MapFS {
	site := fstest.MapFS{"content/shelf/_schema.yaml": {Data: []byte("label: 器物\n")}}
	for i := range n {
		dir := []string{"reports", "reports/2018", "shelf", "reports/甲/乙"}[i%4]
		site[fmt.Sprintf("content/%s/r%03d.md", dir, i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "---\ntitle: 甲%d\ndate: 20%02d\n---\n正文 %d。\n", i, i%20, i), ModTime: time.Unix(int64(i), 0)}
	}
	return site
}

// TestReuse makes random edits and compares what is read with the previous set at hand to what is read anew: when all
// files are looked at, and when a watcher says which have changed.
func TestReuse(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	site := corpus(40)
	clock := time.Unix(1_000_000, 0)
	var names []string
	for name := range site {
		names = append(names, name)
	}
	byTimes := load(t, site, content.Options{})
	byEvents := byTimes
	for step := range 30 {
		changed := map[string]bool{}
		for range 1 + rnd.IntN(3) {
			name := names[rnd.IntN(len(names))]
			if rnd.IntN(6) == 0 {
				name = fmt.Sprintf("content/%s/n%d.md", []string{"reports", "people", "new/sub", "reports/deep/er"}[rnd.IntN(4)], step)
				names = append(names, name)
			}
			clock = clock.Add(time.Second)
			switch {
			case strings.HasSuffix(name, ".yaml"):
				site[name] = &fstest.MapFile{Data: []byte([]string{"label: 器物\n", "label: 物\nlist: table\n", "lable: 物\n", "\ufefflabel: 带标记\n"}[rnd.IntN(4)]), ModTime: clock}
			case rnd.IntN(5) == 0:
				delete(site, name)
			case rnd.IntN(5) == 0:
				site[name] = &fstest.MapFile{Data: []byte("---\ntitle: 没有结束\n"), ModTime: clock}
			default:
				site[name] = &fstest.MapFile{Data: fmt.Appendf(nil, "---\ntitle: 改%d\ndate: 2020\n---\n第 %d 次。\n", step, step), ModTime: clock}
			}
			for p := name; p != "."; p = filepath.ToSlash(filepath.Dir(p)) {
				changed[p] = true
			}
		}
		cold := load(t, site, content.Options{})
		byTimes = load(t, site, content.Options{Previous: byTimes})
		byEvents = load(t, site, content.Options{Previous: byEvents, Changed: changed})
		for how, set := range map[string]*content.Set{"times": byTimes, "events": byEvents} {
			if dump(set) != dump(cold) || said(set) != said(cold) {
				t.Fatalf("step %d by %s: got\n%s%s\nwant\n%s%s", step, how, dump(set), said(set), dump(cold), said(cold))
			}
		}
	}
	again := load(t, site, content.Options{Previous: byTimes})
	for i, r := range again.Records {
		if r != byTimes.Records[i] {
			t.Fatalf("%s: read again though nothing changed", r.Path)
		}
	}
}

// TestLongMetadata: the size of a JPEG is found behind megabytes of metadata.
func TestLongMetadata(t *testing.T) {
	var plain bytes.Buffer
	must(t, jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 9, 4)), nil))
	long := bytes.Clone(plain.Bytes()[:2])
	for range 40 {
		long = append(long, 0xff, 0xe2, 0xff, 0xff) // APP2 with 64 KB
		long = append(long, make([]byte, 0xffff-2)...)
	}
	long = append(long, plain.Bytes()[2:]...)
	set := load(t, fstest.MapFS{"content/reports/a.jpg": {Data: long}}, content.Options{})
	if a, ok := set.Asset("content/reports/a.jpg"); !ok || a.Width != 9 || a.Height != 4 {
		t.Errorf("%d bytes: %+v, %v", len(long), a, set.Diags)
	}
}

// TestManyValues: a wrong value is compared with the first 400 that a field may have, so that thousands of wrong ones of
// thousands cost no product of the two; each is told, and none is told at length.
func TestManyValues(t *testing.T) {
	const n, wrongs = 4000, 400 // each tenth is written wrong
	var schema, rows strings.Builder
	schema.WriteString("label: 测试表\nrows: true\nfields:\n  - {key: kind, label: 类别, type: enum, values: [")
	rows.WriteString("编号,题名,类别\n")
	for i := range n {
		fmt.Fprintf(&schema, "kind%04d, ", i)
		if i%10 == 9 {
			fmt.Fprintf(&rows, "r%d,甲%d,kind%04dx\n", i, i, i)
		}
	}
	schema.WriteString("]}\n")
	set := load(t, fstest.MapFS{"content/things/_schema.yaml": {Data: []byte(schema.String())}, "content/things/a.csv": {Data: []byte(rows.String())}}, content.Options{})
	wrong, far, size := 0, 0, 0
	for _, m := range set.Diags {
		if m.ID != "value/enum" {
			t.Fatal(m)
		}
		wrong++
		size += len(m.Text)
		if strings.Contains(m.Text, "没有“kind3999x”") && strings.Contains(m.Text, "kind3999”") {
			far++
		}
	}
	if wrong != wrongs || far != 0 || size > wrongs*1500 {
		t.Errorf("%d wrong values told in %d bytes, %d compared beyond the first", wrong, size, far)
	}
}
