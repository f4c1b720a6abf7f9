package publish

import (
	"bytes"
	"compress/gzip"
	"reflect"
	"strings"
	"testing"
	"time"
)

func pack(t testing.TB, text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return b.Bytes()
}

const controlSample = controlHead + "\nrun a1 1700000000 host\n= 000102030405060708090a0b0c0d0e0f 12 0 a b/页.html\n+ 000102030405060708090a0b0c0d0e0f -1 ff x.html.gz\n- 000102030405060708090a0b0c0d0e0f 3 0 1700000000 old name.css\nend\n"

// FuzzControl: a control file that is taken is written back as the same, and has no path that leads anywhere else. One
// cut anywhere, or with a line of another kind, is not taken.
func FuzzControl(f *testing.F) {
	f.Add(controlSample)
	f.Add(controlHead + "\nrun a 0 h\nend\n")
	for _, p := range []string{"../etc/passwd", "/etc/passwd", ".git/config", "a\\b", ".gongzhi-published", "a//b", "", ".", "a/../b"} {
		f.Add(controlHead + "\nrun a 0 h\n= 000102030405060708090a0b0c0d0e0f 1 0 " + p + "\nend\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := decodeManifest(pack(t, text))
		if err != nil {
			return
		}
		for p := range m.settled {
			check(t, p)
		}
		for p := range m.pending {
			check(t, p)
		}
		for p := range m.gone {
			check(t, p)
		}
		again, err := decodeManifest(m.encode())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m.settled, again.settled) || len(m.pending) != len(again.pending) || !reflect.DeepEqual(m.gone, again.gone) {
			t.Error("not the same after writing")
		}
	})
}

func check(t *testing.T, p string) {
	if p == "" || p[0] == '/' || strings.Contains("/"+p+"/", "/../") || strings.HasPrefix(p, ".gongzhi-") || strings.HasPrefix(p, ".git/") || strings.ContainsAny(p, "\\\n") {
		t.Errorf("path %q", p)
	}
}

func TestControlCutShort(t *testing.T) {
	m, err := decodeManifest(pack(t, controlSample))
	if err != nil || len(m.settled) != 1 || len(m.pending) != 1 || len(m.gone) != 1 || !m.time.Equal(time.Unix(1700000000, 0)) {
		t.Fatalf("%+v, %v", m, err)
	}
	for n := range len(controlSample) - 1 {
		if _, err := decodeManifest(pack(t, controlSample[:n])); err == nil {
			t.Errorf("cut after %d bytes, and taken", n)
		}
	}
	whole := pack(t, controlSample)
	for n := range len(whole) - 1 {
		if _, err := decodeManifest(whole[:n]); err == nil {
			t.Errorf("packed, cut after %d bytes, and taken", n)
		}
	}
}

func TestKinds(t *testing.T) {
	for p, want := range map[string]int{
		"assets/style.b0025841.css": assets, "search/012c7942e1ae.bin": assets, "search/index.json": roots, "search/search.js": roots,
		"search/index.html": lists, "people/a/index.html": leaves, "reports/1990/r1/index.html": leaves, "people/index.html": lists, "people/page/2/index.html": lists,
		"browse/year/1958/index.html": lists, "index.html": fronts, "404.html": fronts, "feed.xml": fronts, "sitemap.xml": fronts, "photos/a.jpg": assets,
		"people/page/index.html": leaves,
	} {
		if got := stage(p); got != want {
			t.Errorf("%s: stage %d, want %d", p, got, want)
		}
	}
	for p, want := range map[string]bool{
		"assets/style.b0025841.css": true, "search/012c7942e1ae.bin": true, "photos/20180501.jpg": false, "photos/1.jpg": false, "photos/facade.jpg": false,
		"search/index.json": false, "a/index.html": false, "a/b0025841.html": false, "assets/style.b0025841.css.gz": true, "photos/a-1f2e3d4c.webp": true,
		"photos/img-20180501.jpg": false, "photos/deadbeef.jpg": false,
	} {
		if got := immutable(p); got != want {
			t.Errorf("%s: immutable %v, want %v", p, got, want)
		}
	}
}
