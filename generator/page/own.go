package page

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/site"
)

// What site.yaml says of a site's own look, put together with what the site has.

// led is where an entry of the navigation leads.
func led(s *site.Site, to string) (l Link, ok bool) {
	for i := range Views {
		if v := &Views[i]; to == v.Name || to == v.Label {
			return Link{Text: v.Label, URL: s.Href("/" + v.Name + "/")}, v.Has(s)
		}
	}
	if to == "search" || to == "检索" {
		return Link{Text: "检索", URL: s.Href("/search/")}, true
	}
	for _, c := range s.Collections {
		if c.Called(to) {
			return Link{Text: c.Label, URL: s.Href(site.ListURL(c.Key, 1)), Count: len(c.Records), Note: c.Unit}, true
		}
	}
	if r := s.RecordAt(to); r != nil {
		return Link{Text: r.Title, URL: s.Href(r.URL)}, true
	}
	return Link{}, false
}

// ownNavigation is the navigation that site.yaml lays out; nil if it lays out none.
func ownNavigation(s *site.Site) []Link {
	if s.Settings.Nav == nil {
		return nil
	}
	l := []Link{}
	for _, item := range s.Settings.Nav {
		x, ok := Link{URL: item.URL}, item.URL != ""
		if !ok {
			if x, ok = led(s, item.To); !ok {
				continue
			}
		}
		if item.Text != "" {
			x.Text = item.Text
		}
		l = append(l, x)
	}
	return l
}

// pages are the records that speak of the site itself, which stand in the footer.
func pages(s *site.Site) []Link {
	var l []Link
	for _, c := range s.Collections {
		if !c.Imprint {
			continue
		}
		for i, r := range c.Records {
			if i == imprintLimit-1 && len(c.Records) > imprintLimit {
				l = append(l, Link{Text: c.Label, URL: s.Href(site.ListURL(c.Key, 1))})
				break
			}
			l = append(l, Link{Text: r.Title, URL: s.Href(r.URL)})
		}
	}
	return l
}

// CheckSettings finds what site.yaml speaks of and the site has not: entries of the navigation, the lead, files of static/.
func CheckSettings(s *site.Site, source fs.FS) (diags diag.List) {
	set := s.Settings
	for _, item := range set.Nav {
		if item.To == "" {
			continue
		}
		if _, ok := led(s, item.To); ok || slices.ContainsFunc(Views, func(v View) bool { return item.To == v.Name || item.To == v.Label }) {
			continue // a view that is empty as yet comes by itself
		}
		if slices.ContainsFunc(s.Set.Schemas, func(x *content.Schema) bool { return x.Called(item.To) }) {
			continue
		}
		names := []string{"search"}
		for i := range Views {
			names = append(names, Views[i].Name, Views[i].Label)
		}
		for _, c := range s.Collections {
			names = append(names, c.Key, c.Label)
		}
		hint := "可以写类目、总览或一条记录，如 people、大事记、pages/about。"
		if near := diag.Nearest(item.To, names); near != "" {
			hint = "是不是“" + near + "”？"
		}
		diags = append(diags, diag.Errorf(item.Pos, "settings/nav", "导航里的“%s”不知道通到哪里。%s", item.To, hint))
	}
	if set.Lead != "" && s.RecordAt(set.Lead) == nil {
		diags = append(diags, diag.Errorf(set.At("lead"), "settings/lead", "没有“%s”这条记录，做不了首页头条。要写类目和编号，如 reports/2018/r1。", set.Lead))
	}
	for _, f := range [][2]string{{"logo", set.Logo}, {"banner", set.Banner.Image}} {
		if f[1] == "" {
			continue
		}
		if i, err := fs.Stat(source, path.Join("static", f[1])); err != nil || !i.Mode().IsRegular() {
			diags = append(diags, diag.Errorf(set.At(f[0]), "settings/file", "没有 static/%s 这个文件。把图片放进 static 文件夹，这里写文件名。", f[1]))
		} else if ext := strings.ToLower(path.Ext(f[1])); !slices.Contains([]string{".svg", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"}, ext) {
			diags = append(diags, diag.Errorf(set.At(f[0]), "settings/file", "static/%s 不是网页能显示的图片。可以用 svg、png、jpg、webp。", f[1]))
		}
	}
	return diags
}
