package page

import (
	"html/template"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/picture"
	"gongzhi/generator/site"
)

// Zoom makes the page on which a large picture can be looked at closely.
func Zoom(s *site.Site, a content.Asset, scripts []string) *ZoomPage {
	folder, r := s.ZoomOf(a)
	list := s.Href(site.ListURL(r.Collection.Key, 1))
	p := ZoomPage{Page: frame(s, "zoom", r.Title+"（放大细看）", folder, list, Link{Text: r.Collection.Label, URL: list}, Link{Text: r.Title, URL: s.Href(r.URL)})}
	p.Image = pictured(s, a, s.AltOf(r), "100vw")
	p.Image.Caption = template.HTML(esc(r.Text(content.Caption)))
	p.Width, p.Height, p.Tile = a.Width, a.Height, picture.TileSide
	var scales []string
	for k := range a.Picture.Pyramid().Levels {
		scales = append(scales, strconv.Itoa(1<<k))
	}
	p.Scales = strings.Join(scales, " ")
	p.Manifest = s.Href(folder + "manifest.json")
	for _, path := range scripts {
		p.Scripts = append(p.Scripts, s.Href(path))
	}
	var h head
	common(s, &h, p.Title, r.Title, r.URL) // who looks for it or shares it means the record
	p.Head = template.HTML(h.bytes)
	return &p
}

// ImageService describes the tiles of a picture as the IIIF Image API 3.0 does, at compliance level 0.
func ImageService(s *site.Site, a content.Asset) []byte {
	return append([]byte(`{"@context":"http://iiif.io/api/image/3/context.json",`+service(s, a)), "}\n"...)
}

func service(s *site.Site, a content.Asset) string {
	folder, _ := s.ZoomOf(a)
	levels := a.Picture.Pyramid().Levels
	var scales []string
	for k := range levels {
		scales = append(scales, strconv.Itoa(1<<k))
	}
	least := levels[len(levels)-1] // the one size that is whole in one tile
	return `"id":` + quote(s.Absolute(strings.TrimSuffix(folder, "/"))) + `,"type":"ImageService3","protocol":"http://iiif.io/api/image","profile":"level0","width":` + strconv.Itoa(a.Width) + `,"height":` + strconv.Itoa(a.Height) +
		`,"sizes":[{"width":` + strconv.Itoa(least.Width) + `,"height":` + strconv.Itoa(least.Height) + `}]` +
		`,"tiles":[{"width":` + strconv.Itoa(picture.TileSide) + `,"scaleFactors":[` + strings.Join(scales, ",") + `]}]`
}

// Manifest describes a picture as the IIIF Presentation API 3.0 does, so that other viewers can show it.
func Manifest(s *site.Site, a content.Asset) []byte {
	folder, r := s.ZoomOf(a)
	id := s.Absolute(folder + "manifest.json")
	text := func(v string) string { return `{"zh-Hans":[` + quote(v) + `]}` }
	size := `"width":` + strconv.Itoa(a.Width) + `,"height":` + strconv.Itoa(a.Height)
	i := s.Image(a)
	own := `"width":` + strconv.Itoa(i.Size().Width) + `,"height":` + strconv.Itoa(i.Size().Height)
	canvas := strings.TrimSuffix(id, "manifest.json") + "canvas"
	var b strings.Builder
	b.WriteString(`{"@context":"http://iiif.io/api/presentation/3/context.json","id":` + quote(id) + `,"type":"Manifest","label":` + text(r.Title))
	if sum := r.Summary(); sum != "" {
		b.WriteString(`,"summary":` + text(sum))
	}
	b.WriteString(`,"homepage":[{"id":` + quote(s.Absolute(r.URL)) + `,"type":"Text","label":` + text(r.Title) + `,"format":"text/html"}]`)
	b.WriteString(`,"items":[{"id":` + quote(canvas) + `,"type":"Canvas",` + size + `,"items":[{"id":` + quote(canvas+"/page") + `,"type":"AnnotationPage","items":[{"id":` + quote(canvas+"/image") +
		`,"type":"Annotation","motivation":"painting","target":` + quote(canvas) + `,"body":{"id":` + quote(s.Absolute(i.Path())) + `,"type":"Image","format":"` + mediaType(i.Plan.Extension) + `",` + own + `,"service":[{` + service(s, a) + "}]}}]}]}]}\n")
	return []byte(b.String())
}

// mediaType is that of what is made of a picture that has tiles.
func mediaType(extension string) string {
	if extension == picture.JPEG.Extension() {
		return "image/jpeg"
	}
	return "image/" + strings.TrimPrefix(extension, ".")
}
