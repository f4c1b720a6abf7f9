package site

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/diag"
)

// A Target is a place that the site is published to: one item of publish in site.yaml.
type Target struct {
	Name        string
	Kind        string // folder, zip, sftp, ftp, webdav, s3
	Path        string // the folder, here or on the server; the zip
	Host        string
	Port        int
	User        string // for s3 the access key's id
	HostKey     string // sftp: the fingerprint of the server's key, SHA256:…
	Key         string // sftp: a file with a private key
	Encoding    string // ftp: gbk or utf-8
	Security    string // ftp: tls, implicit or none
	URL         string // webdav
	Endpoint    string // s3
	Region      string
	Bucket      string
	Prefix      string
	Preset      string // s3: whose
	Gzip        bool   // compressed files too
	Connections int    // at once; 0: what is good for the kind
	MaxDelete   int    // files that may leave without a question; 0: a quarter
	Pos         diag.Pos
}

// targetKeys says which keys each kind of target takes; those with a star it needs.
var targetKeys = map[string]string{
	"folder": "path* gzip connections",
	"zip":    "path*",
	"sftp":   "host* port user* path* hostKey key gzip connections",
	"ftp":    "host* port user* path* encoding security gzip connections",
	"webdav": "url* user gzip connections",
	"s3":     "preset endpoint region bucket* prefix user* gzip connections",
}

// TargetKinds are the kinds of targets.
var TargetKinds = []string{"folder", "zip", "sftp", "ftp", "webdav", "s3"}

// TargetPresets are the object stores whose ways are known.
var TargetPresets = []string{"aliyun-oss", "tencent-cos", "huawei-obs", "ecloud-eos", "minio", "r2", "aws"}

// secretKeys are what people call a secret. None may stand in a file that is copied, mailed and versioned.
var secretKeys = []string{"password", "passwd", "pass", "pwd", "secret", "secretkey", "secretaccesskey", "accesskeysecret", "accesskey", "token", "passphrase", "credentials",
	"privatekey", "密码", "口令", "密钥"}

// SecretVariable is the environment variable that holds the secret of a target.
func SecretVariable(name string) string {
	return "GONGZHI_SECRET_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// readTargets reads the list publish of site.yaml. fail is told of what is wrong.
func readTargets(v *yaml.Node, fail func(n *yaml.Node, id, format string, args ...any)) []Target {
	if v.Tag == "!!null" {
		return nil
	}
	if v.Kind != yaml.SequenceNode {
		fail(v, "publish/type", "publish 应当是列表，每个目标一项，如\n  - name: 官网\n    kind: folder\n    path: D:\\网站")
		return nil
	}
	var list []Target
	for _, item := range v.Content {
		if t, ok := readTarget(item, fail); ok {
			if i := slices.IndexFunc(list, func(o Target) bool { return o.Name == t.Name }); i >= 0 {
				fail(item, "publish/twice", "有两个发布目标都叫“%s”，请改一个名字。", t.Name)
				continue
			}
			list = append(list, t)
		}
	}
	return list
}

func readTarget(item *yaml.Node, fail func(n *yaml.Node, id, format string, args ...any)) (Target, bool) {
	t := Target{Pos: diag.Pos{Path: "site.yaml", Line: item.Line, Col: item.Column}}
	if item.Kind != yaml.MappingNode {
		fail(item, "publish/type", "每个发布目标要写明 name、kind 和它的位置，如 {name: 官网, kind: folder, path: D:\\网站}。")
		return t, false
	}
	in := &targetReader{t: &t, item: item, fail: fail, where: map[string]*yaml.Node{}}
	in.texts = map[string]*string{"name": &t.Name, "kind": &t.Kind, "path": &t.Path, "host": &t.Host, "user": &t.User, "hostKey": &t.HostKey, "key": &t.Key,
		"encoding": &t.Encoding, "security": &t.Security, "url": &t.URL, "endpoint": &t.Endpoint, "region": &t.Region, "bucket": &t.Bucket, "prefix": &t.Prefix, "preset": &t.Preset}
	for i := 0; i+1 < len(item.Content); i += 2 {
		in.key(item.Content[i], item.Content[i+1])
	}
	if t.Name == "" || len(t.Name) > 100 || strings.ContainsAny(t.Name, "/\\") || strings.HasPrefix(t.Name, "-") {
		in.bad(in.at("name"), "publish/name", "每个发布目标要有 name，如 name: 官网；名字里不能有斜线，不能用减号开头。")
	}
	if in.complete() {
		readAddress(&t, in.at, in.bad)
	}
	return t, !in.wrong
}

// A targetReader reads one target.
type targetReader struct {
	t     *Target
	item  *yaml.Node
	texts map[string]*string    // settings that are texts
	where map[string]*yaml.Node // what is given
	fail  func(n *yaml.Node, id, format string, args ...any)
	wrong bool
}

func (in *targetReader) bad(n *yaml.Node, id, format string, args ...any) {
	in.wrong = true
	in.fail(n, id, format, args...)
}

// at is where a setting is given, or the target.
func (in *targetReader) at(key string) *yaml.Node {
	if n := in.where[key]; n != nil {
		return n
	}
	return in.item
}

// key reads one setting.
func (in *targetReader) key(k, v *yaml.Node) {
	plain := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(k.Value))
	if slices.Contains(secretKeys, plain) {
		in.bad(k, "publish/secret", "密码不能写在 site.yaml 里，这个文件会被复制、传阅。请删去这一行，改用 gongzhi publish 目标名 --save-secret 把它存进系统的钥匙串，或者放进环境变量 GONGZHI_SECRET_目标名；已经发给过别人的，请更换密码。")
		return
	}
	if in.where[k.Value] != nil {
		in.bad(k, "publish/twice", "“%s”写了两次。", k.Value)
		return
	}
	in.where[k.Value] = v
	if v.Kind != yaml.ScalarNode {
		in.bad(v, "publish/type", "“%s”应当是一个值，不是列表或对象。", k.Value)
		return
	}
	t, value := in.t, strings.TrimSpace(v.Value)
	switch {
	case in.texts[k.Value] != nil:
		*in.texts[k.Value] = value
	case k.Value == "port" || k.Value == "connections" || k.Value == "maxDelete":
		most := map[string]int{"port": 65535, "connections": 256, "maxDelete": 1 << 30}[k.Value]
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > most {
			in.bad(v, "publish/number", "“%s”要写 1 到 %d 的整数；现在是“%s”。", k.Value, most, value)
			return
		}
		*map[string]*int{"port": &t.Port, "connections": &t.Connections, "maxDelete": &t.MaxDelete}[k.Value] = n
	case k.Value == "gzip":
		b, err := strconv.ParseBool(value)
		if err != nil {
			in.bad(v, "publish/type", "gzip 要写 true 或 false。")
			return
		}
		t.Gzip = b
	default:
		keys := []string{"name", "kind", "maxDelete"}
		for _, s := range targetKeys {
			keys = append(keys, strings.Fields(strings.ReplaceAll(s, "*", ""))...)
		}
		in.bad(k, "publish/unknown", "发布目标里没有“%s”这一项。%s", k.Value, meant(k.Value, keys))
	}
}

// meant asks whether one of the names was meant, if one is near.
func meant(name string, names []string) string {
	if near := diag.Nearest(name, names); near != "" {
		return "是不是“" + near + "”？"
	}
	return ""
}

// complete compares what is given with what a target of its kind takes and needs. It is false if there is no such kind.
func (in *targetReader) complete() bool {
	t := in.t
	keys, known := targetKeys[t.Kind]
	if !known {
		in.bad(in.at("kind"), "publish/kind", "kind 要写 folder（文件夹）、zip、sftp、ftp、webdav、s3（对象存储）之一。%s", meant(t.Kind, TargetKinds))
		return false
	}
	takes := strings.Fields(strings.ReplaceAll(keys, "*", ""))
	for key, n := range in.where {
		if key != "name" && key != "kind" && key != "maxDelete" && !slices.Contains(takes, key) && (in.texts[key] != nil || key == "port" || key == "connections" || key == "gzip") {
			in.bad(n, "publish/unknown", "%s 目标用不着“%s”，它用：%s。", t.Kind, key, strings.Join(takes, "、"))
		}
	}
	for _, key := range strings.Fields(keys) {
		if key, needs := strings.CutSuffix(key, "*"); needs && *in.texts[key] == "" && (in.where[key] == nil || in.where[key].Kind == yaml.ScalarNode) {
			in.bad(in.at(key), "publish/missing", "%s 目标还缺“%s”：%s", t.Kind, key, targetHelp[key])
		}
	}
	return true
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

var targetHelp = map[string]string{
	"path":   "放网站的文件夹（zip 写文件名）。",
	"host":   "服务器的名字或地址，如 sftp.example.org。",
	"user":   "登录用的名字；对象存储写 AccessKey ID。",
	"url":    "WebDAV 的地址，如 https://dav.example.org/site/。",
	"bucket": "存储空间（bucket）的名字。",
}

// readAddress looks at where a target is.
func readAddress(t *Target, at func(key string) *yaml.Node, bad func(n *yaml.Node, id, format string, args ...any)) {
	for key, value := range map[string]string{"url": t.URL, "endpoint": t.Endpoint, "host": t.Host} {
		if value == "" {
			continue
		}
		text := value
		if !strings.Contains(text, "://") {
			text = "x://" + text
		}
		u, err := url.Parse(text)
		_, host, _ := strings.Cut(text, "://")
		host, _, _ = strings.Cut(host, "/")
		user, _, named := cutLast(host, "@") // not by the parser, which refuses some passwords
		switch {
		case named:
			if strings.Contains(user, ":") {
				bad(at(key), "publish/secret", "地址里带着密码。密码不能写在 site.yaml 里：请删去“名字:密码@”，名字写在 user，密码用 gongzhi publish %s --save-secret 存进系统的钥匙串。", t.Name)
			} else {
				bad(at(key), "publish/address", "登录的名字请写在 user，不要写在“%s”里。", key)
			}
		case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
			bad(at(key), "publish/address", "“%s”的地址“%s”不对。%s", key, value, targetHelp[key])
		case key == "host" && (strings.Contains(value, "://") || strings.ContainsAny(value, "/ ") || u.Port() != ""):
			bad(at(key), "publish/address", "host 只写服务器的名字或地址，如 sftp.example.org；端口写在 port，文件夹写在 path。")
		case key == "url" && u.Scheme != "http" && u.Scheme != "https":
			bad(at(key), "publish/address", "url 要用 https:// 或 http:// 开头。")
		case key == "endpoint" && strings.Contains(value, "://") && u.Scheme != "http" && u.Scheme != "https":
			bad(at(key), "publish/address", "endpoint 要用 https:// 或 http:// 开头，或者只写域名。")
		}
	}
	oneOf := func(key, value string, of ...string) {
		if value != "" && !slices.Contains(of, value) {
			bad(at(key), "publish/value", "“%s”要写 %s 之一；现在是“%s”。", key, strings.Join(of, "、"), value)
		}
	}
	oneOf("encoding", t.Encoding, "utf-8", "gbk")
	oneOf("security", t.Security, "tls", "implicit", "none")
	oneOf("preset", t.Preset, TargetPresets...)
	if t.Kind == "s3" && t.Endpoint == "" && (t.Region == "" || t.Preset == "" || t.Preset == "minio" || t.Preset == "r2") {
		bad(at("endpoint"), "publish/missing", "s3 目标还缺 endpoint（服务的域名）；常见的服务写 preset 和 region 就可以，如 preset: aliyun-oss, region: cn-hangzhou。preset 可以是 %s。", strings.Join(TargetPresets, "、"))
	}
	if t.HostKey != "" && !strings.HasPrefix(t.HostKey, "SHA256:") {
		bad(at("hostKey"), "publish/host-key", "hostKey 要写服务器公钥的指纹，用 SHA256: 开头；第一次发布时程序会显示它。")
	}
	if t.Prefix != "" && (strings.HasPrefix(t.Prefix, "/") || strings.Contains(t.Prefix, "..") || strings.Contains(t.Prefix, "//")) {
		bad(at("prefix"), "publish/value", "prefix 写存储空间里的文件夹，如 archive/，不要用斜线开头。")
	}
}

// String names the place, without its secret.
func (t Target) String() string {
	switch t.Kind {
	case "folder", "zip":
		return t.Path
	case "webdav":
		return t.URL
	case "s3":
		return fmt.Sprintf("s3://%s/%s", t.Bucket, t.Prefix)
	}
	return fmt.Sprintf("%s://%s@%s/%s", t.Kind, t.User, t.Host, strings.TrimPrefix(t.Path, "/"))
}
