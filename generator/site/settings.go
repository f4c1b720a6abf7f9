package site

import (
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
)

// Settings is what site.yaml says. Every key has a default; an empty file is a valid site.
type Settings struct {
	Title       string
	Subtitle    string
	Description string
	BaseURL     string // with a slash at the end
	Base        string // the path of BaseURL, "/" or "/archive/"
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
	Editor      string // how the preview opens a file: vscode, … or a URL pattern
	Targets     []Target
}

// How large pictures are published.
const (
	LightPictures = "light" // as wide as pages need them
	FullPictures  = "full"  // as they are, behind those
)

// Setting names one key of site.yaml, for the documentation.
type Setting struct{ Key, Default, Help string }

// SettingKeys lists the keys of site.yaml with their defaults.
var SettingKeys = []Setting{
	{"title", "工志", "网站的名称。"},
	{"subtitle", "", "名称下面的一行小字。"},
	{"description", "", "一两句介绍，用于首页和搜索引擎。"},
	{"baseURL", "http://localhost/", "网站发布后的网址；放在子目录时连同路径写，如 https://example.org/archive/。"},
	{"timezone", "Asia/Shanghai", "没有写时区的时间按哪里算。"},
	{"theme", "default", "themes/ 下的主题文件夹。"},
	{"pageSize", "20", "列表每页多少条。"},
	{"feedSize", "30", "订阅源（feed.xml）里放多少条。"},
	{"organizer", "", "主办单位，写在页脚。"},
	{"contact", "", "电话、地址、邮编，一项一行，写在页脚。"},
	{"icp", "", "ICP 备案号，如“赣ICP备…号”，写在页脚并链到工信部备案网站。"},
	{"police", "", "公安联网备案号，写在页脚。"},
	{"policeURL", "https://beian.mps.gov.cn/", "公安备案号链到哪里。"},
	{"siteID", "", "政府网站标识码；没有就不写。"},
	{"copyright", "", "版权或许可的说明，写在页脚。"},
	{"pictures", "light", "图片发布到多大：light 最宽 1920 像素；full 把原大的图（去掉拍摄地点等信息，不重新压缩）放在缩小的图后面，点开可看。"},
	{"editor", "vscode", "预览时“打开源文件”用的编辑器：vscode、vscodium、cursor、zed、sublime、idea，或带 {path} {line} {col} 的网址；none 表示不用。"},
	{"publish", "", "发布到哪里：一个列表，每个目标一项，见[发布](publish.md)。"},
}

// DefaultSettings is what an empty site.yaml means.
func DefaultSettings() *Settings {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		zone = time.FixedZone("Asia/Shanghai", 8*3600)
	}
	return &Settings{Title: "工志", BaseURL: "http://localhost/", Base: "/", Zone: zone, ZoneName: "Asia/Shanghai",
		Theme: "default", PageSize: 20, FeedSize: 30, PoliceURL: "https://beian.mps.gov.cn/", Pictures: LightPictures, Editor: "vscode"}
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
	fail := func(n *yaml.Node, id, format string, args ...any) {
		diags = append(diags, diag.Errorf(diag.Pos{Path: file, Line: n.Line, Col: n.Column}, id, format, args...))
	}
	if root.Kind != yaml.MappingNode {
		fail(root, "settings/type", "site.yaml 要一行一项，写作“名称: 值”，如 title: 工志。")
		return s, diags
	}
	var keys []string
	for _, k := range SettingKeys {
		keys = append(keys, k.Key)
	}
	texts := map[string]*string{"title": &s.Title, "subtitle": &s.Subtitle, "description": &s.Description, "baseURL": &s.BaseURL, "timezone": &s.ZoneName,
		"theme": &s.Theme, "organizer": &s.Organizer, "icp": &s.ICP, "police": &s.Police, "policeURL": &s.PoliceURL, "siteID": &s.SiteID, "copyright": &s.Copyright, "pictures": &s.Pictures, "editor": &s.Editor}
	numbers := map[string]*int{"pageSize": &s.PageSize, "feedSize": &s.FeedSize}
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		key := k.Value
		if strings.EqualFold(key, "baseURL") {
			key = "baseURL"
		}
		switch {
		case texts[key] != nil:
			if v.Kind != yaml.ScalarNode {
				fail(v, "settings/type", "“%s”应当是一个值，不是列表或对象。", key)
			} else if v.Value != "" && v.Tag != "!!null" {
				*texts[key] = strings.TrimSpace(v.Value)
			}
			switch key {
			case "pictures":
				if s.Pictures != LightPictures && s.Pictures != FullPictures {
					fail(v, "settings/pictures", "pictures 要写 light（最宽 1920 像素）或 full（原大）；现在是“%s”。", s.Pictures)
					s.Pictures = LightPictures
				}
			case "baseURL":
				if !ValidBaseURL(s.BaseURL) {
					fail(v, "settings/base-url", "baseURL 要写完整的网址，如 https://example.org/；现在是“%s”。", s.BaseURL)
					s.BaseURL = "http://localhost/"
				}
			case "timezone":
				zone, err := time.LoadLocation(s.ZoneName)
				if err != nil || s.ZoneName == "Local" {
					fail(v, "settings/timezone", "没有“%s”这个时区。中国写 Asia/Shanghai。", s.ZoneName)
				} else {
					s.Zone = zone
				}
			case "policeURL":
				if u, err := url.Parse(s.PoliceURL); err != nil || u.Scheme != "http" && u.Scheme != "https" {
					fail(v, "settings/url", "policeURL 要写 http:// 或 https:// 开头的网址。")
					s.PoliceURL = ""
				}
			case "theme":
				if s.Theme != path.Base(s.Theme) || s.Theme == "." || s.Theme == ".." || strings.Contains(s.Theme, "\\") {
					fail(v, "settings/theme", "theme 要写 themes/ 下的一个文件夹名。")
					s.Theme = "default"
				}
			}
		case numbers[key] != nil:
			n, err := strconv.Atoi(v.Value)
			if err != nil || n < 1 || n > 1000 {
				fail(v, "settings/number", "“%s”要写 1 到 1000 的整数；现在是“%s”。", key, v.Value)
			} else {
				*numbers[key] = n
			}
		case key == "publish":
			s.Targets = readTargets(v, fail)
		case key == "contact":
			switch v.Kind {
			case yaml.ScalarNode:
				s.Contact = []string{v.Value}
			case yaml.SequenceNode:
				for _, c := range v.Content {
					if c.Kind != yaml.ScalarNode {
						fail(c, "settings/type", "contact 的每一项应当是一个值，不是列表或对象。")
						continue
					}
					s.Contact = append(s.Contact, c.Value)
				}
			default:
				fail(v, "settings/type", "contact 应当是列表，如 [电话：…, 地址：…]。")
			}
		default:
			hint := "可以用：" + strings.Join(keys, "、")
			if near := diag.Nearest(key, keys); near != "" {
				hint = "是不是“" + near + "”？"
			}
			fail(k, "settings/unknown", "site.yaml 里没有“%s”这一项。%s", k.Value, hint)
		}
	}
	s.SetBaseURL(s.BaseURL)
	return s, diags
}

// ValidBaseURL reports whether a site can be published at an address: an absolute one of the web, without
// query and fragment.
func ValidBaseURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}

// SetBaseURL replaces the base URL; it must be a valid one.
func (s *Settings) SetBaseURL(u string) {
	s.BaseURL = strings.TrimRight(u, "/") + "/"
	s.Base = "/"
	if p, err := url.Parse(s.BaseURL); err == nil && p.EscapedPath() != "" {
		s.BaseURL, s.Base = p.String(), p.EscapedPath()
	}
}
