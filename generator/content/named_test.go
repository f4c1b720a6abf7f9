package content_test

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"gongzhi/generator/content"
)

// A folder of another name that comes, changes and goes while a preview runs leaves the set that a fresh reading gives.
func TestFoldersOfOneCollection(t *testing.T) {
	source := fstest.MapFS{}
	put := func(p, title string) {
		source[p] = &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\ndate: 2024\n---\n"), ModTime: time.Now()}
	}
	var set *content.Set
	step := func(changed ...string) {
		t.Helper()
		opt := content.Options{Zone: time.UTC, Previous: set}
		if set != nil {
			opt.Changed = map[string]bool{}
			for _, p := range changed {
				opt.Changed[p] = true
			}
		}
		var err error
		if set, err = content.Load(source, opt); err != nil {
			t.Fatal(err)
		}
		fresh, err := content.Load(source, content.Options{Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		list := func(s *content.Set) (l []string) {
			for _, r := range s.Records {
				if !slices.Contains(s.Schemas, r.Schema) {
					t.Errorf("%s has a schema that is not the set's", r.Path)
				}
				l = append(l, r.Path+" "+r.Place()+" "+r.Title)
			}
			for _, d := range s.Diags {
				l = append(l, d.String())
			}
			for _, x := range s.Schemas {
				l = append(l, x.Key+" "+x.Folder())
			}
			return l
		}
		if got, want := list(set), list(fresh); !slices.Equal(got, want) {
			t.Errorf("after %v:\n%q\nwant\n%q", changed, got, want)
		}
	}
	put("content/reports/a.md", "甲")
	step()
	put("content/报道/b.md", "乙")
	step("content", "content/报道", "content/报道/b.md")
	if n := len(set.Records); n != 2 || len(set.Schemas) != 1 {
		t.Fatalf("%d records in %d collections", n, len(set.Schemas))
	}
	put("content/报道/b.md", "丙")
	step("content/报道/b.md")
	put("content/歌曲/c.md", "丁")
	step("content", "content/歌曲", "content/歌曲/c.md")
	if set.Diags.Errors() != 1 {
		t.Errorf("no collection has the name: %v", set.Diags)
	}
	source["content/songs/_schema.yaml"] = &fstest.MapFile{Data: []byte("label: 歌曲\nfields: [{key: date, type: date}]\n")}
	step("content", "content/songs", "content/songs/_schema.yaml")
	if set.Diags.Errors() != 0 || len(set.Records) != 3 {
		t.Errorf("%d records, %v", len(set.Records), set.Diags)
	}
	delete(source, "content/reports/a.md")
	step("content", "content/reports", "content/reports/a.md")
	if got := set.Records[0].Place(); got != "/reports/b/" {
		t.Error(got)
	}
}
