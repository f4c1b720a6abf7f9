package page

import (
	"html/template"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/markdown"
	"gongzhi/generator/picture"
	"gongzhi/generator/site"
)

// How wide pictures stand in the default theme (style.css), as the attribute sizes says it: in the column of a text, in a
// set of several, in a list of photos, at the head of a list or of the home page.
// On the finest screens, which are phones', two thirds of their pixels are as good as all, for half the bytes.
const (
	inText    = "(min-width: 45rem) 40.5rem, (min-resolution: 2.5dppx) calc(70vw - 1.4rem), calc(100vw - 2rem)"
	inGallery = "(min-width: 45rem) 20rem, calc(50vw - 1.5rem)"
	inList    = "(min-width: 60rem) 20rem, (min-width: 37.5rem) 45vw, calc(100vw - 2rem)"
	inLead    = "(min-width: 60rem) 44rem, calc(100vw - 2rem)"
	inThumb   = "9rem"
	inBrief   = "(min-width: 60rem) 16rem, calc(100vw - 2rem)"
)

// sources are the attributes src and srcset of a picture, whose paths are below base.
func sources(s *site.Site, i *site.Image) (src, srcset string) {
	l := i.Candidates()
	src = s.Href(i.Paths[l[len(l)-1]])
	if len(l) < 2 {
		return src, ""
	}
	var b strings.Builder
	for n, k := range l {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.Href(i.Paths[k]) + " " + strconv.Itoa(i.Plan.Sizes[k].Width) + "w")
	}
	return src, b.String()
}

// pictured is a picture of the archive as a figure; nil if it can't be shown.
func pictured(s *site.Site, a content.Asset, alt, sizes string) *Figure {
	i := s.Image(a)
	if i == nil {
		return nil
	}
	f := &Figure{Full: s.Href(i.Path()), Width: i.Size().Width, Height: i.Size().Height, Alt: alt}
	f.URL, f.Sources = sources(s, i)
	if f.Sources != "" {
		f.Sizes = sizes
	}
	if f.Alt == "" {
		f.Full = "" // a link has to say where it leads
	}
	return f
}

// figure is the picture that a value names, with what the record says of it.
func figure(s *site.Site, r *site.Record, v *content.Value, sizes string) *Figure {
	if v.Items != nil {
		if len(v.Items) == 0 {
			return nil
		}
		v = &v.Items[0]
	}
	a, ok := s.FileOf(r, v)
	if !ok || !s.Shows(a) {
		return nil
	}
	f := pictured(s, a, s.AltOf(r), sizes)
	if f != nil {
		if folder, _ := s.ZoomOf(a); folder != "" {
			f.Zoom = s.Href(folder)
		}
		f.Caption = template.HTML(esc(r.Text(content.Caption)))
	}
	return f
}

// depictedOne is who stands where in a picture: the place first, since that is how one looks for somebody.
func depictedOne(s *site.Site, r *site.Record, v *content.Value) string {
	if len(v.Parts) == 0 {
		return value(s, r, v)
	}
	name := value(s, r, &v.Parts[0])
	if len(v.Parts) == 1 {
		return name
	}
	rest := make([]string, 0, len(v.Parts)-1)
	for i := range v.Parts[1:] {
		rest = append(rest, value(s, r, &v.Parts[1+i]))
	}
	return `<span class="place">` + strings.Join(rest, "，") + `</span>` + name
}

// leading is the picture that stands for a record in a list.
// Its title stands beside it, so that it has nothing to say for itself.
func leading(s *site.Site, r *site.Record, sizes string, lazy bool) *Figure {
	a, _, ok := s.Lead(r)
	if !ok {
		return nil
	}
	f := pictured(s, a, "", sizes)
	if f != nil {
		f.Lazy = lazy
	}
	return f
}

// cardOf is the address of the picture that stands for a record elsewhere, with its size; "" for none.
func cardOf(s *site.Site, r *site.Record) (path string, w, h int) {
	a, _, ok := s.Lead(r)
	if !ok {
		return "", 0, 0
	}
	i := s.Published(a)
	switch {
	case i == nil || i.Plan.Extension == picture.SVG.Extension():
		return "", 0, 0
	case i.Card != "":
		return i.Card, picture.CardWidth, picture.CardHeight
	}
	return i.Path(), i.Size().Width, i.Size().Height
}

// firstScreen is how many bytes of HTML before a picture leave it on the first screen of most windows.
const firstScreen = 450

// picture completes what a picture of a text is resolved to.
func inBody(s *site.Site, ref *markdown.Ref, to markdown.Resolved) markdown.Resolved {
	a, ok := s.Set.Asset(to.Picture)
	if !ok {
		return to
	}
	i := s.Image(a)
	if i == nil {
		return to
	}
	to.URL, to.Sources = sources(s, i)
	to.Sizes = inText
	if ref.Among {
		to.Sizes = inGallery
	}
	to.Eager = ref.Offset < firstScreen
	return to
}
