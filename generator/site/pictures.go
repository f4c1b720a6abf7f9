package site

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/markdown"
	"gongzhi/generator/picture"
)

// Only what a published page shows is published: a picture or an attachment of the archive is on the site if a record
// of the site shows it or links to it. This is the one place where that is decided. Records that are not on the site
// (drafts, those that wait or have expired, removed ones) are not joined, so their files stay out as well; a preview that
// shows such records shows their files.

// show takes a file into the site.
func (j *joiner) show(a content.Asset) {
	if j.shown == nil {
		j.shown = map[string]bool{}
	}
	j.shown[a.Path] = true
}

// Shows reports whether a file of the archive is published.
func (s *Site) Shows(a content.Asset) bool { return s.shown[a.Path] }

// Unused are the files of the archive that no published page shows, by path.
func (s *Site) Unused() []content.Asset {
	var l []content.Asset
	for _, a := range s.Set.Assets {
		if !s.shown[a.Path] {
			l = append(l, a)
		}
	}
	return l
}

// Image is how a picture stands on the site.
type Image struct {
	Asset content.Asset
	Plan  picture.Plan
	// Paths are those of the site (with a slash at the beginning, unescaped) for each size of the plan. The last one is
	// the picture's own address.
	Paths []string
	Card  string // path of the card, if there is one
}

// Path is the picture's own address on the site, where it stands at its largest.
func (i *Image) Path() string { return i.Paths[len(i.Paths)-1] }

// Size is the size of what stands at the picture's own address.
func (i *Image) Size() picture.Size { return i.Plan.Sizes[len(i.Plan.Sizes)-1] }

// imageFolder is where the smaller ones of a picture stand; no collection can have that name.
const imageFolder = "/images"

// Image gives how a file of the archive stands on the site, or nil if it is no picture that can be shown.
func (s *Site) Image(a content.Asset) *Image {
	if a.Picture == nil || a.Picture.Fault != nil {
		return nil
	}
	i := &Image{Asset: a, Plan: a.Picture.Plan(s.Settings.Pictures == FullPictures)}
	own := i.Plan.Address(strings.TrimPrefix(a.Path, "content"))
	stem := strings.TrimSuffix(own, path.Ext(own))
	if a.Path != "content"+own {
		stem = strings.TrimPrefix(a.Path, "content") // a.tif and a.jpg have their own
	} else if !strings.EqualFold(path.Ext(own), ".jpg") {
		stem = own
	}
	last := len(i.Plan.Sizes) - 1
	for _, size := range i.Plan.Sizes[:last] {
		i.Paths = append(i.Paths, imageFolder+stem+"-"+strconv.Itoa(size.Width)+i.Plan.Extension)
	}
	i.Paths = append(i.Paths, own)
	return i
}

// Published gives how a picture of the site stands on it, with the card of one that stands for a record. It is known
// once the site is joined.
func (s *Site) Published(a content.Asset) *Image {
	i := s.Image(a)
	if i == nil || !s.leads()[a.Path] || !a.Picture.HasCard() {
		return i
	}
	i.Plan.Card = true
	stem := strings.TrimPrefix(a.Path, "content")
	if strings.EqualFold(path.Ext(stem), ".jpg") {
		stem = strings.TrimSuffix(stem, path.Ext(stem))
	}
	i.Card = imageFolder + stem + "-card.jpg"
	return i
}

// zoomSide is the length of the longer side from which on a picture of a holding can be looked at closely by itself.
const zoomSide = 5000

// zoomed gives the pictures that can be looked at closely, by the path of their file, with the record that shows each: a
// field says so, or says not, or where a collection has such a field, the size does.
func (s *Site) makeZoomed() map[string]*Record {
	m := map[string]*Record{}
	for _, c := range s.Collections {
		if c.Schema.Rows || c.Schema.Role(content.Zoom) == nil {
			continue
		}
		for _, r := range c.Records {
			if !r.Has(content.HasFiles) {
				continue
			}
			wanted := r.Role(content.Zoom)
			r.each(func(v *content.Value) {
				if v.Field.Type != content.Image {
					return
				}
				a, ok := s.FileOf(r, v)
				if !ok || a.Picture == nil || a.Picture.Fault != nil || !a.Picture.CanZoom() {
					return
				}
				if wanted != nil && wanted.Bool() || wanted == nil && max(a.Width, a.Height) >= zoomSide {
					if m[a.Path] == nil {
						m[a.Path] = r
					}
				}
			})
		}
	}
	return m
}

// ZoomOf gives the folder of the tiles of a picture, with slashes at both ends, and the record that it belongs to; "" if
// it is not cut into tiles.
func (s *Site) ZoomOf(a content.Asset) (string, *Record) {
	r := s.zoomed()[a.Path]
	if r == nil {
		return "", nil
	}
	return imageFolder + strings.TrimPrefix(a.Path, "content") + "-zoom/", r
}

// makeLeads finds the pictures that stand for records.
func (s *Site) makeLeads() map[string]bool {
	m := map[string]bool{}
	if len(s.shown) == 0 {
		return m
	}
	for _, c := range s.Collections {
		if c.Schema.Rows {
			continue
		}
		for _, r := range c.Records {
			if a, _, ok := s.Lead(r); ok {
				m[a.Path] = true
			}
		}
	}
	return m
}

// AssetPath is where a file of the archive stands on the site.
func (s *Site) AssetPath(a content.Asset) string {
	if i := s.Image(a); i != nil {
		return i.Path()
	}
	return strings.TrimPrefix(a.Path, "content")
}

// fileAt finds the file of the archive that a record names.
func (s *Site) fileAt(r *Record, target string) (content.Asset, bool) {
	target = norm.NFC.String(target)
	if strings.HasPrefix(target, "/") {
		return s.Set.Asset("content" + path.Clean(target))
	}
	return s.Set.Asset(path.Join(path.Dir(r.Path), target))
}

// FileOf finds the file that a value names; it was checked when the site was joined.
func (s *Site) FileOf(r *Record, v *content.Value) (content.Asset, bool) { return s.fileAt(r, v.Text) }

// FilesOf gives the files of the archive that the page of a record shows or leads to: those that its fields and its texts name,
// and its portrait where that is another record's picture. One may stand among them twice.
func (s *Site) FilesOf(r *Record) []content.Asset {
	var l []content.Asset
	add := func(a content.Asset, ok bool) {
		if ok && s.shown[a.Path] {
			l = append(l, a)
		}
	}
	r.each(func(v *content.Value) {
		if IsFile(v) || v.Field.Type == content.FileType {
			add(s.FileOf(r, v))
		}
	})
	r.bodies(func(b *markdown.Body) {
		if b != nil {
			for i := range b.Refs {
				add(s.fileAt(r, b.Refs[i].Target))
			}
		}
	})
	if v := r.Role(content.Portrait); v != nil {
		if to := r.Target(v); to != nil && to != r {
			a, _, ok := s.Lead(to)
			add(a, ok)
		}
	}
	return l
}

// IsFile reports whether a value names a file: that of an image field does, and that of a portrait may.
func IsFile(v *content.Value) bool {
	return v.Field.Type == content.Image || v.Field.Role == content.Portrait && picture.Known(v.Text)
}

// files checks the fields that name files, and takes the files into the site.
func (j *joiner) files() {
	for _, r := range j.all {
		if !r.Has(content.HasFiles) {
			continue
		}
		r.each(func(v *content.Value) {
			if v.Field.Role == content.Portrait {
				checkImage(j, r, v)
			} else {
				kinds[v.Field.Type].check(j, r, v)
			}
		})
	}
	for _, a := range j.Set.Assets {
		if a.Picture == nil || a.Picture.Fault == nil {
			continue
		}
		f := a.Picture.Fault
		if j.shown[a.Path] {
			j.errorf(a.Pos(), f.ID, "%s", f.Text)
		} else {
			j.warnf(a.Pos(), f.ID, "%s（发布的网页里没有用到它。）", f.Text)
		}
	}
}

// checkImage wants the picture, and that someone who can't see it is told what it shows.
func checkImage(j *joiner, r *Record, v *content.Value) {
	if !IsFile(v) {
		return
	}
	a, ok := j.FileOf(r, v)
	alt := r.Schema.Role(content.Alt)
	switch {
	case !ok:
		j.errorf(r.At(v), "image/missing", "字段%s：找不到图片“%s”。%s", v.Field, v.Text, j.nearFile(v.Text, true))
		return
	case a.Picture == nil:
		j.errorf(r.At(v), "image/kind", "字段%s：“%s”不是图片。", v.Field, v.Text)
		return
	case alt != nil && r.Text(content.Alt) == "" && v.Field.Role != content.Portrait: // a portrait shows whose it is
		j.warnf(r.At(v), "image/alt", "图片没有%s（%s）。请用一句话写出画面上有什么，给看不见图片的读者。", alt.Label, alt.Key)
	}
	j.show(a)
}

// Lead is the picture that stands for a record: that of an image field, its portrait, or the first one of its text.
func (s *Site) Lead(r *Record) (a content.Asset, alt string, ok bool) {
	for i := range r.Values {
		v := &r.Values[i]
		if v.Items != nil {
			if len(v.Items) == 0 {
				continue
			}
			v = &v.Items[0]
		}
		if IsFile(v) {
			if a, ok := s.FileOf(r, v); ok && s.shown[a.Path] {
				return a, s.AltOf(r), true
			}
		}
	}
	if v := r.Role(content.Portrait); v != nil {
		if to := r.Target(v); to != nil && to != r {
			return s.Lead(to)
		}
	}
	for _, l := range r.links {
		if l.body != r.Body {
			continue
		}
		for k := range l.to {
			if l.to[k].Picture == "" {
				continue
			}
			if a, ok := s.Set.Asset(l.to[k].Picture); ok && a.Picture != nil {
				return a, "", true
			}
		}
	}
	return content.Asset{}, "", false
}

// AltOf is what the picture of a record shows, in words: what the record says, or of a portrait whose it is.
func (s *Site) AltOf(r *Record) string {
	if alt := r.Text(content.Alt); alt != "" {
		return alt
	}
	if r.Schema.Role(content.Portrait) != nil && r.Schema.Title.Name {
		return r.Title + "的照片"
	}
	return ""
}

// Images are the pictures of the site, by path.
func (s *Site) Images() []*Image {
	var l []*Image
	for _, a := range s.Set.Assets {
		if s.shown[a.Path] {
			if i := s.Published(a); i != nil {
				l = append(l, i)
			}
		}
	}
	return slices.Clip(l)
}

// Candidates are the sizes of a picture that pages choose from, as positions in Paths, from narrow to wide. Full size is
// none: it stands behind the others.
func (i *Image) Candidates() []int {
	var l []int
	for k, size := range i.Plan.Sizes {
		if k == 0 || size.Width <= picture.Widest {
			l = append(l, k)
		}
	}
	return l
}

// reviewPictures says, for `check`, what looks wrong with pictures without being forbidden.
func (s *Site) reviewPictures() diag.List {
	var l diag.List
	warn := func(pos diag.Pos, id, format string, args ...any) {
		l = append(l, diag.Warningf(pos, id, format, args...))
	}
	bySize := map[int64][]content.Asset{}
	for _, a := range s.Set.Assets {
		pos := a.Pos()
		if a.Picture == nil || a.Picture.Fault != nil {
			continue
		}
		if !a.Picture.Format.Fits(a.Path) {
			warn(pos, "image/extension", "这是 %s 图片，扩展名却是 %s。请把扩展名改成 %s，记录里的文件名也一起改。", a.Picture.Format, path.Ext(a.Path), a.Picture.Format.Extension())
		}
		if !s.shown[a.Path] {
			warn(pos, "image/unused", "发布的网页里没有用到这个图片，它不会发布。不要了就删去；草稿要用的不必管。")
			continue
		}
		if a.Picture.Format != picture.TIFF && a.Size > 40<<20 {
			warn(pos, "image/large", "这个图片有 %d MB。发布的是缩小的，不影响读者；只是网站文件夹会很大。", a.Size>>20)
		}
		if f := a.Picture.Doubt(); f != nil {
			warn(pos, f.ID, "%s", f.Text)
		}
		bySize[a.Size] = append(bySize[a.Size], a)
	}
	for _, same := range bySize {
		if len(same) < 2 {
			continue
		}
		seen := map[picture.Digest]string{}
		for _, a := range same {
			d, err := a.Picture.Digest()
			if err != nil {
				continue
			}
			if first, ok := seen[d]; ok {
				warn(a.Pos(), "image/duplicate", "和 %s 是同一个图片。留一个就够了，两处都用它的路径（以 / 开头）。", first)
			} else {
				seen[d] = a.Pos().Path
			}
		}
	}
	for _, c := range s.Collections {
		for _, r := range c.Records {
			s.reviewBody(r, warn)
			s.reviewFields(r, warn)
		}
	}
	return l
}

// reviewBody says what looks wrong with the pictures of a text.
func (s *Site) reviewBody(r *Record, warn pictureWarner) {
	if r.Body == nil || !slices.ContainsFunc(r.Body.Refs, func(x markdown.Ref) bool { return x.Kind == markdown.Image }) {
		return
	}
	html, err := r.AppendBody(nil)
	for _, x := range r.Body.Refs {
		if x.Kind != markdown.Image || err != nil || x.Offset > len(html) {
			continue
		}
		if a, ok := s.fileAt(r, x.Target); ok {
			tiny(a, x.Pos, warn)
		}
		_, rest, _ := bytes.Cut(html[x.Offset:], []byte(`alt="`))
		alt, _, _ := bytes.Cut(rest, []byte(`"`))
		if markdown.UselessAlt(string(alt)) {
			warn(x.Pos, "image/alt-useless", "替代文字“%s”没有说画面上有什么。请用一句话写给看不见图片的读者。", alt)
		}
	}
}

// reviewFields says what looks wrong with the pictures that fields of a record name.
func (s *Site) reviewFields(r *Record, warn pictureWarner) {
	if !r.Has(content.HasFiles) {
		return
	}
	zoom := r.Role(content.Zoom)
	able := zoom == nil || !zoom.Bool()
	r.each(func(v *content.Value) {
		if !IsFile(v) {
			return
		}
		a, ok := s.FileOf(r, v)
		if !ok || a.Picture == nil || a.Picture.Fault != nil {
			return
		}
		able = able || v.Field.Type == content.Image && a.Picture.CanZoom()
		tiny(a, r.At(v), warn)
		s.creditMissing(r, v, a, warn)
	})
	if !able {
		warn(r.At(zoom), "image/zoom", "这里说可以放大细看，可是没有能切成小块的图片：动图、SVG 和透明的图不能。请换成 JPEG、TIFF 或不透明的 PNG，或删去这一行。")
	}
	if alt := r.Role(content.Alt); alt != nil && markdown.UselessAlt(alt.Text) {
		warn(r.At(alt), "image/alt-useless", "替代文本“%s”没有说画面上有什么。请用一句话写给看不见图片的读者。", alt.Text)
	}
}

type pictureWarner func(pos diag.Pos, id, format string, args ...any)

// tiny warns of a picture that is too small for where it stands.
func tiny(a content.Asset, pos diag.Pos, warn pictureWarner) {
	if a.Picture != nil && a.Picture.Fault == nil && a.Picture.Format != picture.SVG && max(a.Width, a.Height) < 320 {
		warn(pos, "image/tiny", "图片只有 %d×%d 像素，放在页面上看不清。有大些的请换上；不会放大它。", a.Width, a.Height)
	}
}

// creditMissing offers what a picture's metadata say of who made it, since they are not published: for the fields of the
// record that are for it.
func (s *Site) creditMissing(r *Record, v *content.Value, a content.Asset, warn pictureWarner) {
	for _, f := range r.Schema.Fields {
		if f.DC != "creator" && f.DC != "rights" || r.Value(f) != nil {
			continue
		}
		c := a.Picture.Credits()
		said := c.Creator
		if f.DC == "rights" {
			said = c.Copyright
		}
		if said != "" {
			warn(r.At(v), "image/credit", "图片的元数据里写着%s“%s”，发布时会去掉。要留下，请在记录里加一行 %s: %s", f.Label, said, f.Key, strconv.Quote(said))
		}
	}
}
