package feeds_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/feeds"
	"gongzhi/generator/site"
)

// A correction is news, every author is one, and what has no day stays out: a feed would need an invented one.
func TestAtom(t *testing.T) {
	source := fstest.MapFS{
		"content/reports/a.md": {Data: []byte("---\ntitle: 测一\ndate: 2019-03-04\nauthor: [测甲, 测乙]\ncorrections:\n  - {date: 2024-02-03, text: 改一字}\n  - {date: 2023-01-01, text: 改二字}\n---\n文\n")},
		"content/reports/b.md": {Data: []byte("---\ntitle: 测二\ndate: 2020-01-01T17:00:00Z\n---\n文\n")},
		"content/reports/c.md": {Data: []byte("---\ntitle: 测三\ndate: ../1950\n---\n文\n")},
	}
	set, err := content.Load(source, content.Options{Zone: time.FixedZone("", 8*3600)})
	if err != nil || set.Diags.Errors() > 0 {
		t.Fatal(err, set.Diags)
	}
	settings := site.DefaultSettings()
	settings.Zone = time.FixedZone("", 8*3600)
	var b bytes.Buffer
	if err := feeds.Atom(&b, site.Join(set, settings, site.Options{}), nil, func(r *site.Record) ([]byte, error) { return r.AppendBody(nil) }); err != nil {
		t.Fatal(err)
	}
	feed := b.String()
	for _, want := range []string{
		"<author><name>测甲</name></author>\n<author><name>测乙</name></author>",
		"<updated>2024-02-03T00:00:00+08:00</updated>\n<author><name>测甲",
		"<updated>2020-01-02T01:00:00+08:00</updated>",
	} {
		if !strings.Contains(feed, want) {
			t.Errorf("no %s in %s", want, feed)
		}
	}
	if strings.Contains(feed, "测三") || strings.Contains(feed, "1970") {
		t.Errorf("an invented date: %s", feed)
	}
}
