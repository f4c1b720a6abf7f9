package site

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/diag"
)

// What makes a site its own in site.yaml: colour, mark, navigation, links, banner, lead, footer.

// NavItem is an entry of the navigation.
type NavItem struct {
	To   string // a collection, a view, or a record: people, 人物, chronicle, pages/about; empty if it leads out of the site
	URL  string
	Text string // empty: as what it leads to is called
	Pos  diag.Pos
}

// WebLink is a link out of the site.
type WebLink struct{ Text, URL string }

// Banner stands above the masthead of every page.
type Banner struct {
	Text  string
	URL   string // where it leads, or empty
	Image string // a file of static/, or empty
}

// The papers that the theme's colour stands on, and the contrast that text needs on them (WCAG 2.2, 1.4.3).
const (
	lightPaper  = "#f8f5ee"
	darkPaper   = "#171512"
	MinContrast = 4.5
)

var hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

func channels(hex string) (rgb [3]float64) {
	for i := range rgb {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return rgb
		}
		rgb[i] = float64(n)
	}
	return rgb
}

// Contrast is the contrast ratio of two colours written #rrggbb, 1 to 21 (WCAG 2.2, relative luminance).
func Contrast(a, b string) float64 {
	luminance := func(hex string) float64 {
		sum := 0.0
		for i, c := range channels(hex) {
			c /= 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += c * [3]float64{0.2126, 0.7152, 0.0722}[i]
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// onDark gives the colour mixed with as little white as it needs on dark paper.
func onDark(hex string) string {
	rgb := channels(hex)
	for mix := 0.0; mix < 1; mix += 0.02 {
		c := "#"
		for _, x := range rgb {
			c += fmt.Sprintf("%02x", int(x+(255-x)*mix+0.5))
		}
		if Contrast(c, darkPaper) >= MinContrast+0.5 {
			return c
		}
	}
	return "#ffffff"
}

func (r *settingsReader) accent(v *yaml.Node, s *Settings) {
	c := ""
	if !r.text(v, &c) {
		return
	}
	if !hexColor.MatchString(c) {
		r.fail(v, "settings/color", "accent 要写 # 和六位十六进制数的颜色，并加引号，如 accent: \"#1f4e79\"；现在是“%s”。", c)
		return
	}
	if have := Contrast(c, lightPaper); have < MinContrast {
		r.fail(v, "settings/contrast", "accent 的颜色 %s 太浅：和纸色 %s 的对比度是 %.2f，文字要 %.1f 以上。请换深一些的颜色。", c, lightPaper, have, MinContrast)
		return
	}
	s.Accent, s.AccentDark = strings.ToLower(c), onDark(c)
}

// staticFile reads the name of a file below static/.
func (r *settingsReader) staticFile(v *yaml.Node, into *string) {
	name := ""
	if !r.text(v, &name) {
		return
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "/"), "static/")
	if name == "" || strings.Contains(name, "\\") || strings.Contains("/"+name+"/", "/../") || strings.Contains("/"+name+"/", "/./") || strings.Contains(name, "//") {
		r.fail(v, "settings/file", "“%s”要写 static 文件夹里的一个文件，如 logo.svg；现在是“%s”。", r.key, v.Value)
		return
	}
	*into = name
}

// fields reads an object with texts, and says which keys there are if another one is written.
func (r *settingsReader) fields(v *yaml.Node, known map[string]*string, names string) bool {
	if v.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(v.Content); i += 2 {
		k, x := v.Content[i], v.Content[i+1]
		into, ok := known[k.Value]
		if !ok {
			r.fail(k, "settings/unknown", "%s 的一项里没有“%s”。可以用：%s。", r.key, k.Value, names)
			continue
		}
		r.text(x, into)
	}
	return true
}

// web reports whether an address leads out of the site, and says what is wrong if not.
func (r *settingsReader) web(v *yaml.Node, address string) bool {
	u, err := url.Parse(address)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return true
	}
	r.fail(v, "settings/url", "%s 的网址要以 http:// 或 https:// 开头；现在是“%s”。", r.key, address)
	return false
}

func (r *settingsReader) nav(v *yaml.Node, s *Settings) {
	if v.Kind == yaml.ScalarNode && (v.Value == "" || v.Tag == "!!null") {
		return
	}
	if v.Kind != yaml.SequenceNode {
		r.fail(v, "settings/type", "nav 应当是列表，一项一行，如 - people 或 - {to: people, text: 劳模}。")
		return
	}
	s.Nav = []NavItem{}
	for _, x := range v.Content {
		item := NavItem{Pos: diag.Pos{Path: "site.yaml", Line: x.Line, Col: x.Column}}
		if x.Kind == yaml.ScalarNode {
			item.To = strings.Trim(strings.TrimSpace(x.Value), "/")
		} else if !r.fields(x, map[string]*string{"to": &item.To, "url": &item.URL, "text": &item.Text}, "to、url、text") {
			r.fail(x, "settings/type", "nav 的一项写类目或页面的名称，如 people；或 {to: people, text: 劳模}；或 {url: https://…, text: 名称}。")
			continue
		}
		item.To = strings.Trim(item.To, "/")
		switch {
		case item.URL != "" && item.To != "":
			r.fail(x, "settings/nav", "nav 的一项里 to 和 url 只写一个。")
		case item.URL != "" && item.Text == "":
			r.fail(x, "settings/nav", "nav 里写了 url 的，也要写 text（显示的文字）。")
		case item.URL != "" && !r.web(x, item.URL):
		case item.URL == "" && item.To == "":
			r.fail(x, "settings/nav", "nav 的这一项没有写通到哪里。")
		default:
			s.Nav = append(s.Nav, item)
		}
	}
}

func (r *settingsReader) links(v *yaml.Node, s *Settings) {
	if v.Kind == yaml.ScalarNode && (v.Value == "" || v.Tag == "!!null") {
		return
	}
	if v.Kind != yaml.SequenceNode {
		r.fail(v, "settings/type", "links 应当是列表，一项一行，如 - {text: 名称, url: https://…}。")
		return
	}
	for _, x := range v.Content {
		var l WebLink
		if !r.fields(x, map[string]*string{"text": &l.Text, "url": &l.URL}, "text、url") || l.Text == "" {
			r.fail(x, "settings/type", "links 的一项要写作 {text: 名称, url: https://…}。")
			continue
		}
		if r.web(x, l.URL) {
			s.Links = append(s.Links, l)
		}
	}
}

func (r *settingsReader) banner(v *yaml.Node, s *Settings) {
	if v.Kind == yaml.ScalarNode {
		r.text(v, &s.Banner.Text)
		return
	}
	image := ""
	if !r.fields(v, map[string]*string{"text": &s.Banner.Text, "url": &s.Banner.URL, "image": &image}, "text、url、image") {
		r.fail(v, "settings/type", "banner 写一句话，或 {text: 一句话, url: 通到哪里, image: static 里的图片}。")
		return
	}
	if image != "" {
		r.staticFile(&yaml.Node{Kind: yaml.ScalarNode, Value: image, Line: v.Line, Column: v.Column}, &s.Banner.Image)
	}
	if s.Banner.Text == "" {
		r.fail(v, "settings/type", "banner 要写 text：没有图的时候、看不见图的人读它。")
		s.Banner = Banner{}
	}
	if u := s.Banner.URL; u != "" && !strings.HasPrefix(u, "/") && !r.web(v, u) {
		s.Banner.URL = ""
	}
}
