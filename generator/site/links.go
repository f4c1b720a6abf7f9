package site

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
)

// Links gives what the links of one of the record's texts lead to, in the order of the text's Refs. URLs are
// paths on the site, escaped once, without the base path.
func (r *Record) Links(b *markdown.Body) []markdown.Resolved {
	for i := range r.links {
		if r.links[i].body == b {
			return r.links[i].to
		}
	}
	return nil
}

// link checks and resolves every link of every text.
func (j *joiner) link() {
	for _, r := range j.all {
		if !r.Has(content.HasLinks) {
			continue
		}
		r.bodies(func(b *markdown.Body) { j.linkBody(r, b) })
	}
}

// bodies calls f for each text of the record that is marked up.
func (r *Record) bodies(f func(b *markdown.Body)) {
	f(r.Body)
	r.each(func(v *content.Value) {
		if v.Body != nil {
			f(v.Body)
		}
	})
}

func (j *joiner) linkBody(r *Record, b *markdown.Body) {
	if b == nil || len(b.Refs) == 0 {
		return
	}
	to := make([]markdown.Resolved, len(b.Refs))
	for i := range b.Refs {
		to[i] = j.follow(r, b, &b.Refs[i])
	}
	r.links = append(r.links, links{b, to})
}

// follow resolves one link. One that leads nowhere is an error with the nearest place there is.
func (j *joiner) follow(r *Record, b *markdown.Body, ref *markdown.Ref) markdown.Resolved {
	target := ref.Target
	if t, err := url.PathUnescape(target); err == nil && ref.Kind != markdown.Wiki { // a title may hold a per cent sign
		target = t
	}
	target = norm.NFC.String(target)
	if target == "" {
		fragment := j.headingOf(b, ref)
		if ref.Fragment != "" && !j.hasHeading(b, fragment) {
			j.errorf(ref.Pos, "link/fragment", "这一页没有叫“%s”的小标题。%s", ref.Fragment, j.nearHeading(b, ref.Fragment))
		}
		return markdown.Resolved{URL: "#" + escape(fragment)}
	}
	if ref.Kind == markdown.Wiki {
		return j.toRecord(ref, target, true)
	}
	var p string // collection/…, or a path of the site
	if strings.HasPrefix(target, "/") {
		p = j.Set.Canonical(strings.TrimPrefix(path.Clean(target), "/"))
		if asset, ok := j.Set.Asset("content/" + p); ok {
			return j.resolvedAsset(ref, asset)
		}
		if ref.Kind == markdown.Enlarge {
			return markdown.Resolved{} // the image in it is said to be missing
		}
		if ref.Kind == markdown.Image {
			j.errorf(ref.Pos, "link/image", "找不到图片“%s”。%s", ref.Target, j.nearFile(p, true))
			return markdown.Resolved{}
		}
		return j.toPage(ref, p)
	}
	full := path.Join(path.Dir(r.Path), target)
	if asset, ok := j.Set.Asset(full); ok {
		return j.resolvedAsset(ref, asset)
	}
	if ref.Kind == markdown.Enlarge {
		return markdown.Resolved{}
	}
	if ref.Kind == markdown.Image {
		j.errorf(ref.Pos, "link/image", "找不到图片“%s”：%s 不在那里。%s", ref.Target, full, j.nearFile(full, true))
		return markdown.Resolved{}
	}
	p, inside := strings.CutPrefix(full, "content/")
	if !inside {
		j.errorf(ref.Pos, "link/outside", "链接“%s”指到 content 文件夹外面去了。", ref.Target)
		return markdown.Resolved{}
	}
	p = j.Set.Canonical(p)
	switch strings.ToLower(path.Ext(p)) {
	case ".csv", ".tsv":
		collection, _, _ := strings.Cut(p, "/")
		row := *ref
		row.Fragment = ""
		if ref.Fragment == "" {
			j.errorf(ref.Pos, "link/row", "链接到表格里的一行，要写上编号，如 %s#编号。", ref.Target)
			return markdown.Resolved{}
		}
		return j.toRecord(&row, collection+"/"+ref.Fragment, false)
	}
	return j.toPage(ref, p)
}

// toPage resolves a link to a path below content/ or on the site: a view, a row of a list, or a record.
func (j *joiner) toPage(ref *markdown.Ref, p string) markdown.Resolved {
	if j.IsPage(p) {
		if id, ok := strings.CutPrefix(ref.Fragment, "r-"); ok && !strings.Contains(p, "/") {
			// A row: the list may have several pages.
			if r := j.keyed(strings.ToLower(p + "/" + strings.ReplaceAll(id, "\u00a0", " "))); r != nil && r.Schema.Rows {
				return markdown.Resolved{URL: escape(r.URL), Title: r.Title}
			}
			j.errorf(ref.Pos, "link/fragment", "列表里没有编号是“%s”的一行。", id)
		}
		return markdown.Resolved{URL: escapePath("/"+p, path.Ext(p) == "", ref.Fragment)}
	}
	if ext := strings.ToLower(path.Ext(p)); ext == ".md" || ext == ".markdown" {
		p = strings.TrimSuffix(strings.TrimSuffix(p, path.Ext(p)), "/index")
	}
	return j.toRecord(ref, strings.TrimSuffix(p, "/index.html"), false)
}

// resolvedAsset is a file. A place in it stays: scan.pdf#page=3, speech.mp3#t=30.
func (j *joiner) resolvedAsset(ref *markdown.Ref, a content.Asset) markdown.Resolved {
	j.show(a)
	r := markdown.Resolved{URL: escape(j.AssetPath(a))}
	if i := j.Image(a); i != nil {
		r.Width, r.Height = i.Size().Width, i.Size().Height
		if ref.Kind == markdown.Image {
			r.Picture = a.Path
		}
	} else if ref.Kind == markdown.Image && a.Picture == nil {
		j.errorf(ref.Pos, "image/kind", "“%s”不是图片。要给出链接，去掉前面的感叹号。", ref.Target)
	}
	if ref.Fragment != "" && ref.Kind == markdown.Link {
		r.URL += "#" + (&url.URL{Fragment: ref.Fragment}).EscapedFragment()
	}
	return r
}

// toRecord resolves a link to a record by its path, or, for [[…]], its title.
func (j *joiner) toRecord(ref *markdown.Ref, target string, titles bool) markdown.Resolved {
	key := strings.ToLower(strings.Trim(target, "/"))
	if strings.Contains(key, "/") {
		key = strings.ToLower(j.Set.Canonical(strings.Trim(target, "/")))
	}
	to := j.keyed(key)
	if to == nil && titles {
		found := j.titled(target)
		if len(found) == 0 && j.withID(key) == nil {
			found = j.byName()[han.ReadName(target).Key] // 张　测, or a short form
		}
		switch {
		case len(found) == 1:
			to = found[0]
		case len(found) > 1:
			j.errorf(ref.Pos, "link/ambiguous", "有 %d 条记录都叫“%s”，分不清是哪一条。请写路径，如 [[%s/%s]]；可选：%s。", len(found), target, found[0].Schema.Key, found[0].ID, ids(found))
			return markdown.Resolved{Title: target}
		default:
			switch found := j.withID(key); {
			case len(found) == 1:
				to = found[0]
			case len(found) > 1:
				j.errorf(ref.Pos, "link/ambiguous", "有 %d 条记录的编号都是“%s”，分不清是哪一条。请写路径：%s。", len(found), target, ids(found))
				return markdown.Resolved{Title: target}
			default:
				switch found := j.withFileName(key); {
				case len(found) == 1:
					to = found[0]
				case len(found) > 1:
					j.errorf(ref.Pos, "link/ambiguous", "有 %d 个文件都叫“%s”，分不清是哪一个。请写路径：%s。", len(found), target, ids(found))
					return markdown.Resolved{Title: target}
				}
			}
		}
	}
	if to == nil && !titles {
		to = j.byAlias(strings.Trim(target, "/"))
	}
	if to == nil {
		h := j.hidden[key]
		if h == nil && titles {
			h = j.hiddenTitle(target, nil)
		}
		if h != nil {
			j.warnf(ref.Pos, "link/hidden", "链接指向的“%s”现在不发布（%s），页面上只显示文字。", h.Title, h.Status)
			return markdown.Resolved{Title: h.Title}
		}
		what := "页面"
		if titles {
			what = "记录"
		}
		j.errorf(ref.Pos, "link/broken", "链接“%s”找不到对应的%s。%s", target, what, j.suggest(target, nil))
		return markdown.Resolved{Title: target}
	}
	fragment := j.headingOf(to.Body, ref)
	if ref.Fragment != "" && !j.hasHeading(to.Body, fragment) {
		j.errorf(ref.Pos, "link/fragment", "“%s”里没有叫“%s”的小标题。%s", to.Title, ref.Fragment, j.nearHeading(to.Body, ref.Fragment))
	}
	u := to.URL
	if fragment != "" && !strings.Contains(u, "#") {
		u += "#" + fragment
	}
	return markdown.Resolved{URL: escape(u), Title: to.Title}
}

// withID finds the records of any collection that have an id.
func (j *joiner) withID(id string) []*Record {
	var found []*Record
	for _, c := range j.Collections {
		if r := j.keyed(c.Key + "/" + id); r != nil {
			found = append(found, r)
		}
	}
	return found
}

// hasHeading reports whether a body has a heading of an id. The headings of a long body are looked up.
// withFileName finds the records, in whatever folder, whose file has a name.
func (j *joiner) withFileName(name string) []*Record {
	if j.byFile == nil {
		j.byFile = map[string][]*Record{}
		for _, r := range j.all {
			if i := strings.LastIndexByte(r.ID, '/'); i >= 0 {
				base := strings.ToLower(r.ID[i+1:])
				j.byFile[base] = append(j.byFile[base], r)
			}
		}
	}
	return j.byFile[name]
}

// headingOf is the id of the heading that a reference names: by its id or, for [[…#…]], by its text.
func (j *joiner) headingOf(b *markdown.Body, ref *markdown.Ref) string {
	if ref.Kind != markdown.Wiki || ref.Fragment == "" || j.hasHeading(b, ref.Fragment) {
		return ref.Fragment
	}
	for _, h := range b.Headings {
		if h.Text == ref.Fragment {
			return h.ID
		}
	}
	return ref.Fragment
}

func (j *joiner) hasHeading(b *markdown.Body, id string) bool {
	if len(b.Headings) < 30 {
		return slices.ContainsFunc(b.Headings, func(h markdown.Heading) bool { return h.ID == id })
	}
	ids := j.headings[b]
	if ids == nil {
		ids = make(map[string]bool, len(b.Headings))
		for _, h := range b.Headings {
			ids[h.ID] = true
		}
		if j.headings == nil {
			j.headings = map[*markdown.Body]map[string]bool{}
		}
		j.headings[b] = ids
	}
	return ids[id]
}

func (j *joiner) nearHeading(b *markdown.Body, id string) string {
	if len(b.Headings) == 0 {
		return "那里没有小标题。"
	}
	if j.effort > maxEffort {
		return "请看那里的小标题。"
	}
	var all []string
	for _, h := range b.Headings {
		all = append(all, h.ID)
	}
	if near := j.near(id, all); near != "" {
		return "是不是“" + near + "”？"
	}
	return "有：" + strings.Join(all[:min(5, len(all))], "、") + "。"
}

// escape percent-encodes a path with an optional fragment, once.
func escape(p string) string {
	path, fragment, has := strings.Cut(p, "#")
	u := (&url.URL{Path: path}).EscapedPath()
	if has {
		u += "#" + (&url.URL{Fragment: fragment}).EscapedFragment()
	}
	return u
}

func escapePath(p string, folder bool, fragment string) string {
	if folder && !strings.HasSuffix(p, "/") {
		p += "/"
	}
	if fragment != "" {
		p += "#" + fragment
	}
	return escape(p)
}

// Href is a path of the site as it stands in an href: with the base path, escaped once.
func (s *Site) Href(p string) string {
	return s.Settings.Base + strings.TrimPrefix(escape(p), "/")
}

// Absolute is a path of the site as a full address.
func (s *Site) Absolute(p string) string {
	return strings.TrimSuffix(s.Settings.BaseURL, "/") + "/" + strings.TrimPrefix(s.Href(p), s.Settings.Base)
}

// IsPage reports whether a path (without slashes at its ends) is a page that is no record's.
func (s *Site) IsPage(p string) bool {
	if p == "" || p == "." {
		return true
	}
	top, _, deeper := strings.Cut(p, "/")
	if slices.ContainsFunc(s.Collections, func(c *Collection) bool { return c.Key == top }) {
		return !deeper // no view has the name of a collection
	}
	return s.pages()[p]
}

// fileNames finds personal data in the names of files, which become addresses: of records and of what lies beside them.
func (j *joiner) fileNames() {
	check := func(file, name string) {
		for _, f := range content.FindPersonal([]byte(name)) {
			j.errorf(diag.Pos{Path: file}, "privacy/file-name", "文件名“%s”里像是有%s，而文件名会成为网址。请改名。", path.Base(file), f.What)
		}
	}
	for _, r := range j.all {
		check(r.Path, r.ID)
	}
	for _, a := range j.Set.Assets {
		name := path.Base(a.Path)
		check(a.Pos().Path, strings.TrimSuffix(name, path.Ext(name)))
	}
}
