package output

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	dir := t.TempDir()
	if _, err := Files(dir); err == nil || !strings.Contains(err.Error(), "gongzhi build") {
		t.Errorf("a folder without a site: %v", err)
	}
	want := []string{"end", "a/index.html", "张测试/index.html", "index.html"}
	list := FormatManifest(want)
	slices.Sort(want)
	file := filepath.Join(dir, Manifest)
	if err := os.WriteFile(file, list, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := Files(dir); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for n := range list { // cut short anywhere it is no list
		if got, ok := ParseManifest(list[:n]); ok {
			t.Errorf("%d bytes of it are taken for a list of %d", n, len(got))
		}
	}
	if err := os.WriteFile(file, list[:len(list)-1], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Files(dir); err == nil || !strings.Contains(err.Error(), "坏了") {
		t.Errorf("a damaged list: %v", err)
	}
}

// TestOrder: what a page needs is there before it, a list after what it names, the front page last.
func TestOrder(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	paths := []string{"index.html", "people/index.html", "people/a/index.html", "assets/style.css", "search/0.bin", "feed.xml"}
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(paths), func(i, k int) { paths[i], paths[k] = paths[k], paths[i] })
	slices.SortStableFunc(paths, Order)
	if got := strings.Join(paths[3:], " "); got != "people/a/index.html people/index.html index.html" {
		t.Errorf("%q", paths)
	}
}

func TestMediaType(t *testing.T) {
	for name, want := range map[string]string{
		"a/index.HTML": "text/html; charset=utf-8", "feed.xml": "application/xml; charset=utf-8", "图.JPG": "image/jpeg", "a.pdf": "application/pdf",
		"search/0.bin": "application/octet-stream", "CNAME": "application/octet-stream", "a.html.exe": "application/octet-stream",
		"art_1.shtml": "text/html; charset=utf-8", "list.PHP": "text/html; charset=utf-8",
	} {
		if got := MediaType(name); got != want {
			t.Errorf("%s is served as %s", name, got)
		}
	}
}
