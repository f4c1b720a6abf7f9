package build

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusedOutputs(t *testing.T) {
	dir := scratch(t)
	home := filepath.Join(dir, "home/zhang-ceshi")
	source := filepath.Join(home, "site")
	put(t, source, site{
		"site.yaml": "", "content/people/a.md": "x", "themes/mine/theme.yaml": "x", ".git/HEAD": "x", "public/.gitkeep": "",
	})
	put(t, dir, site{"real/reports/b.md": "x", "free/.gitkeep": ""})
	linked := filepath.Join(dir, "linked") // a site whose content/ is a link, seen through a link
	put(t, linked, site{"site.yaml": ""})
	for from, to := range map[string]string{
		filepath.Join(linked, "content"): filepath.Join(dir, "real"),
		filepath.Join(dir, "alias"):      source,
		filepath.Join(dir, "to-content"): filepath.Join(source, "content"),
		filepath.Join(dir, "dangling"):   filepath.Join(dir, "nowhere"),
	} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Chdir(source)
	before := snapshot(t, dir)
	for _, test := range []struct{ output, source, why string }{
		{"", source, "没有指定"},
		{filepath.VolumeName(dir) + string(filepath.Separator), source, "整个磁盘"},
		{home, source, "个人文件夹"},
		{filepath.Dir(home), source, "个人文件夹"},
		{dir, source, "个人文件夹"},
		{source, source, "源文件"},
		{".", ".", "源文件"},
		{"..", ".", "个人文件夹"},
		{"public/..", ".", "源文件"},
		{"content", ".", "重叠"},
		{"content/people/out", ".", "重叠"},
		{"content/new/deep/out", source, "重叠"},
		{"themes/public", source, "重叠"},
		{"public/content", "public", "重叠"}, // a site that has no content/ yet
		{"public/themes/x", "public", "重叠"},
		{".git", source, "重叠"},
		{"static", source, "重叠"},
		{"static/out", source, "重叠"},
		{".gongzhi/pictures", source, "重叠"},
		{filepath.Join(dir, "alias"), source, "源文件"},
		{filepath.Join(dir, "alias/content/x"), source, "重叠"},
		{filepath.Join(dir, "to-content"), source, "重叠"},
		{source, filepath.Join(dir, "alias"), "源文件"},
		{filepath.Join(dir, "real"), linked, "重叠"},
		{filepath.Join(dir, "real/public"), linked, "重叠"},
		{filepath.Join(dir, "dangling"), source, "不存在"},
		{filepath.Join(dir, "dangling/public"), source, "不存在"},
		{"site.yaml", source, "是一个文件"},
		{"site.yaml/public", source, ""},
	} {
		s := site{"index.html": "x"}
		_, err := writeSite(t.Context(), s.paths(), s.file, Options{Output: test.output, Source: test.source}, quick())
		if err == nil || !strings.Contains(err.Error(), test.why) {
			t.Errorf("output %s of source %s: %v", test.output, test.source, err)
		}
	}
	wantTree(t, dir, before)

	for _, output := range []string{
		"public", "public/deep/er", "./x/../public", filepath.Join(dir, "free"), filepath.Join(dir, "free/new/er"), filepath.Join(source, "contents"),
	} {
		s := site{"index.html": output}
		if _, err := writeSite(t.Context(), s.paths(), s.file, Options{Output: output, Source: source}, quick()); err != nil {
			t.Errorf("output %s: %v", output, err)
		} else if b, err := os.ReadFile(filepath.Join(output, "index.html")); err != nil || string(b) != output {
			t.Errorf("output %s was not written: %v", output, err)
		}
	}
}

// On a file system that ignores case CONTENT is content; on others it is a folder like any other.
func TestCaseOfAFileSystem(t *testing.T) {
	source := scratch(t)
	put(t, source, site{"content/a.md": "x"})
	_, err := os.Stat(filepath.Join(source, "CONTENT"))
	same := err == nil
	_, err = target(filepath.Join(source, "CONTENT/out"), source)
	if same != (err != nil) {
		t.Errorf("one folder: %v; error: %v", same, err)
	}
}

// An output that is a link stays one: the folder it leads to is replaced.
func TestOutputIsALink(t *testing.T) {
	dir := scratch(t)
	put(t, dir, site{"www/html/.gitkeep": ""})
	out := filepath.Join(dir, "public")
	if err := os.Symlink("www/html", out); err != nil {
		t.Fatal(err)
	}
	publish(t, first, out)
	publish(t, second, out)
	if to, err := os.Readlink(out); err != nil || to != "www/html" {
		t.Errorf("the link is gone: %v", err)
	}
	want := site{".gitkeep": ""}
	for p, v := range second {
		want[p] = v
	}
	wantTree(t, filepath.Join(dir, "www/html"), want)
	wantClean(t, filepath.Join(dir, "www/html"))
}
