package theme_test

import (
	"bytes"
	"reflect"
	"testing"

	"gongzhi"
	"gongzhi/generator/page"
	"gongzhi/generator/theme"
)

// TestDefaultCompiles: every template of the default theme is one that need not be left to html/template.
func TestDefaultCompiles(t *testing.T) {
	th, diags := theme.Load(gongzhi.DefaultTheme(), nil, "default", theme.Language{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	data := map[string]page.Data{
		"home": &page.HomePage{}, "list": &page.ListPage{}, "record": &page.RecordPage{}, "chronicle": &page.ChroniclePage{}, "rolls": &page.RollsPage{},
		"roll": &page.RollPage{}, "names": &page.NamesPage{}, "browse": &page.BrowsePage{}, "term": &page.TermPage{}, "series": &page.SeriesPage{},
		"days": &page.DaysPage{}, "search": &page.SearchPage{}, "notfound": &page.NotFoundPage{}, "zoom": &page.ZoomPage{},
	}
	for _, kind := range theme.Kinds {
		d := data[kind]
		if d == nil {
			t.Errorf("no data for pages of kind %s", kind)
			continue
		}
		p := d.Common()
		p.Site, p.Kind = &page.SiteInfo{}, kind
		if err := th.Execute(new(bytes.Buffer), kind, "base", d, ""); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if !th.Compiled(kind) {
			t.Errorf("the template of %s is left to html/template for %s", kind, reflect.TypeOf(d))
		}
	}
}
