package site

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
)

// MaxSettings is how large site.yaml may be.
const MaxSettings = 1 << 20

// Settings is what site.yaml says. Every key has a default; an empty file is a valid site.
type Settings struct {
	Title       string
	Subtitle    string
	Description string
	BaseURL     string // with a slash at the end
	Base        string // the path of BaseURL, "/" or "/archive/"
	Addressed   bool   // BaseURL was written or given, and is not the default
	Zone        *time.Location
	ZoneName    string
	Theme       string   // folder below themes/
	PageSize    int      // records on a page of a list
	FeedSize    int      // entries in the feed
	Organizer   string   // 主办单位
	Contact     []string // 电话、地址、邮编
	ICP         string   // 备案号
	Police      string   // 公安备案号
	PoliceURL   string
	SiteID      string // 政府网站标识码, for the SiteIDCode meta element
	Copyright   string
	Pictures    string // LightPictures or FullPictures
	InPlace     bool   // builds write into the output folder file by file, and never put another in its place
	Editor      string // how the preview opens a file: vscode, … or a URL pattern
	Targets     []Target

	Accent     string    // #rrggbb; empty: the theme's
	AccentDark string    // the same on dark paper
	Logo       string    // a file of static/
	Nav        []NavItem // nil: all that is there
	Links      []WebLink // 友情链接
	Banner     Banner
	Lead       string   // the record that leads the front page, as collection/id
	Footer     []string // lines
	Language   string   // of the interface; empty: Chinese

	at map[string]diag.Pos // where each key is written
}

// At is where a key is written in site.yaml.
func (s *Settings) At(key string) diag.Pos {
	if p, ok := s.at[key]; ok {
		return p
	}
	return diag.Pos{Path: "site.yaml"}
}

// How large pictures are published.
const (
	LightPictures = "light" // as wide as pages need them
	FullPictures  = "full"  // as they are, behind those
)

// setting is one key of site.yaml: a row of the table that reader and documentation go by.
type setting struct {
	key     string
	initial string // what holds if it is not written
	help    string
	read    func(r *settingsReader, v *yaml.Node, s *Settings)
}

var settings = []setting{
	{"title", "工志", "网站的名称。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Title) }},
	{"subtitle", "", "名称下面的一行小字。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Subtitle) }},
	{"description", "", "一两句介绍，用于首页和搜索引擎。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Description) }},
	{"baseURL", "http://localhost/", "网站发布后的网址；放在子目录时连同路径写，如 https://example.org/archive/。", (*settingsReader).baseURL},
	{"timezone", "Asia/Shanghai", "没有写时区的时间按哪里算。", (*settingsReader).timezone},
	{"theme", "default", "themes/ 下的主题文件夹。", (*settingsReader).theme},
	{"pageSize", "20", "列表每页多少条。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.number(v, &s.PageSize) }},
	{"feedSize", "30", "订阅源（feed.xml）里放多少条。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.number(v, &s.FeedSize) }},
	{"organizer", "", "主办单位，写在页脚。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Organizer) }},
	{"contact", "", "电话、地址、邮编，一项一行，写在页脚。", func(r *settingsReader, v *yaml.Node, s *Settings) { s.Contact = r.list(v) }},
	{"icp", "", "ICP 备案号，如“赣ICP备…号”，写在页脚并链到工信部备案网站。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.ICP) }},
	{"police", "", "公安联网备案号，写在页脚。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Police) }},
	{"policeURL", "https://beian.mps.gov.cn/", "公安备案号链到哪里。", (*settingsReader).policeURL},
	{"siteID", "", "政府网站标识码；没有就不写。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.SiteID) }},
	{"copyright", "", "版权或许可的说明，写在页脚。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Copyright) }},
	{"logo", "", "网站的标志：static 文件夹里的一个图片文件，如 logo.svg，放在名称前面。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.staticFile(v, &s.Logo) }},
	{"accent", "", "网站的颜色，代替朱红：# 和六位十六进制数，加引号，如 \"#1f4e79\"。和纸色的对比度不够 4.5 是错误；深色界面里自动调亮。", (*settingsReader).accent},
	{"banner", "", "每页最上面的一句话；或 {text: 一句话, url: 通到哪里, image: static 里的图片}。", (*settingsReader).banner},
	{"nav", "", "导航：一个列表，照写的顺序。一项写类目、总览或页面（people、大事记、pages/about），或 {to: people, text: 劳模} 改名，或 {url: https://…, text: 名称} 通到站外。没有列出的照样在，只是不进导航。", (*settingsReader).nav},
	{"lead", "", "首页头条：一条记录，如 reports/2018/r1。不写是最新的一篇报道。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Lead) }},
	{"links", "", "友情链接，列在页脚：一个列表，一项写作 {text: 名称, url: https://…}。", (*settingsReader).links},
	{"footer", "", "页脚另加的话，一项一行。", func(r *settingsReader, v *yaml.Node, s *Settings) { s.Footer = r.list(v) }},
	{"language", "", "界面用哪种文字：主题 labels 文件夹里的一份，如 en（英文）；不写是中文。记录的内容不变。", (*settingsReader).language},
	{"pictures", LightPictures, "图片发布到多大：light 最宽 1920 像素；full 把原大的图（去掉拍摄地点等信息，不重新压缩）放在缩小的图后面，点开可看。", (*settingsReader).pictures},
	{"inPlace", "false", "写 true：生成时在输出文件夹里逐个更新文件，不整个换掉文件夹。输出文件夹挂载给 Docker 容器时要用，见[服务器](servers.md#docker)。", (*settingsReader).inPlace},
	{"editor", "vscode", "预览时“打开源文件”用的编辑器：vscode、vscodium、cursor、zed、sublime、idea，或带 {path} {line} {col} 的网址；none 表示不用。", func(r *settingsReader, v *yaml.Node, s *Settings) { r.text(v, &s.Editor) }},
	{"publish", "", "发布到哪里：一个列表，每个目标一项，见[发布](publish.md)。", func(r *settingsReader, v *yaml.Node, s *Settings) { s.Targets = readTargets(v, r.fail) }},
}

// DescribeSettings is the table of the settings as Markdown, which docs/settings.md has.
func DescribeSettings() string {
	var b strings.Builder
	b.WriteString("| 项 | 不写时 | 说明 |\n|---|---|---|\n")
	for _, x := range settings {
		initial := "（空）"
		if x.initial != "" {
			initial = "`" + x.initial + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", x.key, initial, x.help)
	}
	return b.String()
}

// DefaultSettings is what an empty site.yaml means.
func DefaultSettings() *Settings {
	s := &Settings{Base: "/"}
	r := &settingsReader{}
	for i := range settings {
		if x := &settings[i]; x.initial != "" {
			r.key = x.key
			x.read(r, &yaml.Node{Kind: yaml.ScalarNode, Value: x.initial}, s)
		}
	}
	s.Addressed = false
	return s
}

// settingsReader reads the values of site.yaml and collects what is wrong with them.
type settingsReader struct {
	key   string // the one that is read
	diags diag.List
}

func (r *settingsReader) fail(n *yaml.Node, id, format string, args ...any) {
	r.diags = append(r.diags, diag.Errorf(diag.Pos{Path: "site.yaml", Line: n.Line, Col: n.Column}, id, format, args...))
}

// text reads a text. Nothing written, or nothing but space, is as if the key were not there.
func (r *settingsReader) text(v *yaml.Node, into *string) bool {
	if v.Kind != yaml.ScalarNode {
		r.fail(v, "settings/type", "“%s”应当是一个值，不是列表或对象。", r.key)
		return false
	}
	if strings.TrimSpace(v.Value) == "" || v.Tag == "!!null" {
		return false
	}
	*into = strings.TrimSpace(v.Value)
	return true
}

func (r *settingsReader) number(v *yaml.Node, into *int) {
	n, err := strconv.Atoi(v.Value)
	if err != nil || n < 1 || n > 1000 {
		r.fail(v, "settings/number", "“%s”要写 1 到 1000 的整数；现在是“%s”。", r.key, v.Value)
		return
	}
	*into = n
}

func (r *settingsReader) list(v *yaml.Node) (l []string) {
	switch v.Kind {
	case yaml.ScalarNode:
		return []string{v.Value}
	case yaml.SequenceNode:
		for _, c := range v.Content {
			if c.Kind != yaml.ScalarNode {
				r.fail(c, "settings/type", "%s 的每一项应当是一个值，不是列表或对象。", r.key)
				continue
			}
			l = append(l, c.Value)
		}
	default:
		r.fail(v, "settings/type", "%s 应当是列表，如 [电话：…, 地址：…]。", r.key)
	}
	return l
}

func (r *settingsReader) baseURL(v *yaml.Node, s *Settings) {
	u := s.BaseURL
	if !r.text(v, &u) {
		return
	}
	s.Addressed = true // if wrongly, that is said
	if fault := s.SetBaseURL(u); fault != "" {
		r.fail(v, "settings/base-url", "baseURL 要写完整的网址，如 https://example.org/；现在是“%s”：%s。", u, fault)
	}
}

func (r *settingsReader) timezone(v *yaml.Node, s *Settings) {
	name := s.ZoneName
	if !r.text(v, &name) {
		return
	}
	zone, err := time.LoadLocation(name)
	switch {
	case err == nil && name != "Local":
		s.ZoneName, s.Zone = name, zone
	case s.Zone == nil: // the default, on a machine that knows no zones
		s.ZoneName, s.Zone = name, time.FixedZone(name, 8*3600)
	default:
		r.fail(v, "settings/timezone", "没有“%s”这个时区。中国写 Asia/Shanghai。", name)
	}
}

func (r *settingsReader) theme(v *yaml.Node, s *Settings) {
	name := s.Theme
	r.text(v, &name)
	if name != path.Base(name) || name == "." || name == ".." || strings.Contains(name, "\\") {
		r.fail(v, "settings/theme", "theme 要写 themes/ 下的一个文件夹名。")
		return
	}
	s.Theme = name
}

func (r *settingsReader) language(v *yaml.Node, s *Settings) {
	name := ""
	if !r.text(v, &name) {
		return
	}
	if name != path.Base(name) || strings.HasPrefix(name, ".") || strings.Contains(name, "\\") {
		r.fail(v, "settings/language", "language 要写主题 labels 文件夹里一份文字的名称，如 en。")
		return
	}
	s.Language = name
}

func (r *settingsReader) policeURL(v *yaml.Node, s *Settings) {
	at := s.PoliceURL
	r.text(v, &at)
	if u, err := url.Parse(at); err != nil || u.Scheme != "http" && u.Scheme != "https" {
		r.fail(v, "settings/url", "policeURL 要写 http:// 或 https:// 开头的网址。")
		at = ""
	}
	s.PoliceURL = at
}

func (r *settingsReader) pictures(v *yaml.Node, s *Settings) {
	size := s.Pictures
	if !r.text(v, &size) {
		return
	}
	if size != LightPictures && size != FullPictures {
		r.fail(v, "settings/pictures", "pictures 要写 light（最宽 1920 像素）或 full（原大）；现在是“%s”。", size)
		return
	}
	s.Pictures = size
}

func (r *settingsReader) inPlace(v *yaml.Node, s *Settings) {
	text := ""
	if !r.text(v, &text) {
		return
	}
	if text != "true" && text != "false" {
		r.fail(v, "settings/in-place", "inPlace 要写 true 或 false；现在是“%s”。", text)
		return
	}
	s.InPlace = text == "true"
}

// ReadSettings reads site.yaml. With errors in the list the settings are the defaults for the keys
// that are wrong.
func ReadSettings(src []byte) (*Settings, diag.List) {
	const file = "site.yaml"
	s := DefaultSettings()
	text, diags := content.DecodeText(file, src)
	if text == nil {
		return s, diags
	}
	root, more := content.ParseYAML(file, text, 1)
	diags = append(diags, more...)
	if root == nil {
		return s, diags
	}
	r := &settingsReader{diags: diags}
	if root.Kind != yaml.MappingNode {
		r.fail(root, "settings/type", "site.yaml 要一行一项，写作“名称: 值”，如 title: 工志。")
		return s, r.diags
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		at := slices.IndexFunc(settings, func(x setting) bool {
			return x.key == k.Value || x.key == "baseURL" && strings.EqualFold(x.key, k.Value)
		})
		if at >= 0 {
			r.key = settings[at].key
			if s.at == nil {
				s.at = map[string]diag.Pos{}
			}
			s.at[r.key] = diag.Pos{Path: file, Line: v.Line, Col: v.Column}
			settings[at].read(r, v, s)
			continue
		}
		var keys []string
		for _, x := range settings {
			keys = append(keys, x.key)
		}
		hint := "可以用：" + strings.Join(keys, "、")
		if near := diag.Nearest(k.Value, keys); near != "" {
			hint = "是不是“" + near + "”？"
		}
		r.fail(k, "settings/unknown", "site.yaml 里没有“%s”这一项。%s", k.Value, hint)
	}
	return s, r.diags
}
