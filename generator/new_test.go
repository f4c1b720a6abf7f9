package main

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gongzhi/generator/content"
	"gongzhi/generator/folder"
)

// Whatever title a new record gets, the record passes the check and has that title.
func TestNewTitles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "site.yaml"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	titles := []string{
		strings.Repeat("x", 100), strings.Repeat("x", 80) + "-y", strings.Repeat("长", 300), "null", "~", "1.0", "1958-05-01", "true", "no", "0x1F", "1e3", ".inf", "a: b", "a #b", "#甲", "%a", "@b", "!c", "&d", "*e",
		"[f", "{g", "'h", `"i"`, "`j", "它's \"Q\"", `a\tb`, "a\nb", " 甲 ", "page", "Page", "con", "NUL", "index", "....", "…", "👩\u200d👩\u200d👧", "甲\u200b乙", "甲\u202e乙", "---", "...", "x: |", "? y", "> z", "<b>甲</b>", "甲\x00乙", "甲\xff乙", "=1+1", "[[a]]", "_甲", "_", "__x__", "_a_b_", "a~", "~$a", "#a", "4913", "Thumbs.db", "desktop.ini", "a.bak", "a.tmp", "license", "README", "_index", "_schema", "%%会乙[乙乙😀|", "甲%%%乙%%", "甲# 乙",
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	signs := []rune("ab1 工会:#'\"-?!&*|>%@`[]{},.~\\\t\n\u00ad\u200d😀é\u0301")
	for range 15 {
		s := "甲"
		for range random.IntN(15) {
			s += string(signs[random.IntN(len(signs))])
			if random.IntN(2) == 0 {
				s = strings.TrimPrefix(s, "甲") + "乙"
			}
		}
		titles = append(titles, s)
	}
	want := map[string]int{}
	for _, title := range titles {
		var out, said strings.Builder
		if code := run(context.Background(), []string{"new", "--source", dir, "--", "reports", title}, &out, &said); code != done {
			t.Fatalf("%q: exit code %d, %s", title, code, said.String())
		}
		want[plain(title)]++
	}
	set, err := content.Load(folder.NewSite(dir), content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range set.Diags {
		t.Errorf("%s", m)
	}
	for _, r := range set.Records {
		want[r.Title]--
	}
	for title, n := range want {
		if n != 0 {
			t.Errorf("%d records too few have the title %q", n, title)
		}
	}
	if code := run(context.Background(), []string{"check", "--source", dir}, io.Discard, io.Discard); code != done {
		t.Errorf("the check ends with %d", code)
	}
}
