// Package s3 publishes to object storage: Amazon's protocol as the stores of China speak it.
//
// They differ from the model in ways that break usual libraries. Aliyun OSS and newer buckets of Tencent COS answer only
// at an address of the bucket's own; OSS, COS and OBS refuse bodies in signed chunks and the checksums that newer SDKs
// add; listing by version 2 is missing on some; multi-object delete wants other headers on each. So this client sends each
// file as one plain PUT with its length, signs the whole of it, lists by version 1, and deletes one by one.
package s3

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/wire"
	"gongzhi/generator/xmllist"
)

// Options say where to and as whom.
type Options struct {
	Preset   string // whose service; empty: what Endpoint says
	Endpoint string // host or address of the service; empty: by Preset and Region
	Region   string
	Bucket   string
	Prefix   string // a folder in the bucket, or empty
	ID       string // of the access key
	Secret   string
	Parallel int // requests at once; 0: 16
	// Client makes the requests; nil means a usual one.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// preset is what is known of a service.
type preset struct {
	name     string
	endpoint func(region string) string
	region   string   // what the signature says, if the region is not asked for
	path     bool     // the bucket stands in the path, not in the host
	own      []string // hosts of the service end in one of these; another one is an address that belongs to the bucket
	unsure   string   // what the address rests on, where it is not the service's own word
}

// The addresses, where the bucket stands and the region of the signature are those of the services' own pages:
//
//   - aliyun-oss: help.aliyun.com/zh/oss/developer-reference/use-aws-sdks-to-access-oss (s3.oss-REGION, bucket in the host alone; new
//     users write through a domain of their own), …/oss/user-guide/0017-00000804 (aws-chunked is refused)
//   - tencent-cos: cloud.tencent.com/document/practice/436/37421 (cos.REGION, bucket with its number in the host)
//   - huawei-obs: support.huaweicloud.com/devg-obs/obs_06_0007.html (obs.REGION, bucket in the host)
//   - r2: developers.cloudflare.com/r2/api/s3/api/ (ACCOUNT.r2.cloudflarestorage.com, region auto, no access control lists)
//   - minio: source/reference/minio-server/settings/core.rst of github.com/minio/docs (path style unless MINIO_DOMAIN is set), and
//     `versitygw --help` (region us-east-1 and path style unless --region and --virtual-domain are set); both servers were published to
//   - ecloud-eos: the service's own pages could not be read. backend/s3/provider/ChinaMobile.yaml of github.com/rclone/rclone has the
//     addresses (eos-wuxi-1.cmecloud.cn), the regions (wuxi1), path style and listing by version 1; examples of the service's SDK guide
//     that others have copied use the same addresses, without a region. Newer ones read eos.shanghai-3.cmecloud.cn; those have to be
//     given as the endpoint.
//
// None of the services for which one pays was published to; what they are said to refuse, package oss refuses in the tests.
var presets = map[string]preset{
	"aliyun-oss":  {name: "阿里云 OSS", endpoint: func(r string) string { return "s3.oss-" + strings.TrimPrefix(r, "oss-") + ".aliyuncs.com" }, own: []string{".aliyuncs.com"}},
	"tencent-cos": {name: "腾讯云 COS", endpoint: func(r string) string { return "cos." + r + ".myqcloud.com" }, own: []string{".myqcloud.com", ".tencentcos.cn", ".tencentcos.com"}},
	"huawei-obs":  {name: "华为云 OBS", endpoint: func(r string) string { return "obs." + r + ".myhuaweicloud.com" }, own: []string{".myhuaweicloud.com", ".myhuaweicloud.cn", ".myhuaweicloud.eu"}},
	"ecloud-eos": {name: "移动云 EOS", endpoint: func(r string) string { return "eos-" + eosRegion.ReplaceAllString(r, "$1-$2") + ".cmecloud.cn" }, path: true, own: []string{".cmecloud.cn"},
		unsure: "移动云的地址是照别的工具的写法写的，没有在移动云上试过；和控制台里“访问域名（Endpoint）”不同时，把那里的写进 endpoint"},
	"minio": {name: "MinIO", region: "us-east-1", path: true},
	"r2":    {name: "R2", region: "auto", path: true},
	"aws": {name: "Amazon S3", endpoint: func(r string) string {
		if strings.HasPrefix(r, "cn-") {
			return "s3." + r + ".amazonaws.com.cn"
		}
		return "s3." + r + ".amazonaws.com"
	}, own: []string{".amazonaws.com", ".amazonaws.com.cn"}},
	"": {name: "对象存储", region: "us-east-1"},
}

// eosRegion is a region as the service signs it, wuxi1; its address has a hyphen before the number.
var eosRegion = regexp.MustCompile(`^([a-z]+)([0-9]+)$`)

// Store is a folder of a bucket.
type Store struct {
	opt    Options
	name   string
	base   *url.URL // of the bucket, with a slash at the end
	unsure string
}

var _ publish.Store = (*Store)(nil)

// Open finds the address of the bucket; it makes no request.
func Open(opt Options) (*Store, error) {
	p, ok := presets[opt.Preset]
	if !ok {
		return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("不认识“%s”这种对象存储", opt.Preset)}
	}
	if opt.Secret == "" || opt.ID == "" {
		return nil, &publish.Error{Kind: publish.Login, Text: "没有访问密钥：AccessKey ID 写在 user，AccessKey Secret 存入钥匙串"}
	}
	endpoint := opt.Endpoint
	if endpoint == "" {
		if p.endpoint == nil || opt.Region == "" {
			return nil, &publish.Error{Kind: publish.Address, Text: "没有写 endpoint，也不能从 preset 和 region 知道它"}
		}
		endpoint = p.endpoint(opt.Region)
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("endpoint “%s”不对", opt.Endpoint), Err: err}
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/"
	host := u.Hostname()
	switch {
	case p.own != nil && !slices.ContainsFunc(p.own, func(end string) bool { return strings.HasSuffix(host, end) }) && net.ParseIP(host) == nil && host != "localhost" && !strings.HasSuffix(host, ".localhost"):
		// A domain that was bound to the bucket: new buckets of OSS can be written to through such a one alone.
	case strings.HasPrefix(host, opt.Bucket+"."):
	case p.path || opt.Preset == "" && (net.ParseIP(host) != nil || host == "localhost"):
		u.Path += opt.Bucket + "/"
	default:
		u.Host = opt.Bucket + "." + u.Host
	}
	if opt.Region == "" {
		opt.Region = cmp.Or(p.region, regionOf(strings.TrimPrefix(host, opt.Bucket+".")), "us-east-1")
	}
	opt.Region = strings.TrimPrefix(opt.Region, "oss-")
	if opt.Preset == "ecloud-eos" {
		opt.Region = strings.ReplaceAll(opt.Region, "-", "")
	}
	if opt.Parallel == 0 {
		opt.Parallel = 16
	}
	if opt.Client == nil {
		opt.Client = wire.Client(opt.Parallel)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Prefix = strings.Trim(opt.Prefix, "/"); opt.Prefix != "" {
		opt.Prefix += "/"
	}
	return &Store{opt: opt, name: p.name, base: u, unsure: p.unsure}, nil
}

// regionOf reads the region out of a host such as oss-cn-hangzhou.aliyuncs.com or cos.ap-shanghai.myqcloud.com.
func regionOf(host string) string {
	for label := range strings.SplitSeq(host, ".") {
		label = strings.TrimPrefix(strings.TrimPrefix(label, "oss-"), "eos-")
		if strings.Contains(label, "-") {
			return strings.TrimSuffix(label, "-internal")
		}
	}
	return ""
}

// Traits says that a PUT is all or nothing, that headers are kept, and that the entity tag is an MD5.
func (s *Store) Traits() publish.Traits {
	return publish.Traits{Parallel: s.opt.Parallel, Headers: true, Atomic: true, Flat: true}
}

// request makes a signed request. The caller closes the body.
func (s *Store) request(ctx context.Context, method, key string, query url.Values, o *publish.Object, head http.Header) (*http.Response, error) {
	u := *s.base
	u.Path += key
	u.RawPath = escapePath(u.Path)
	u.RawQuery = escapeQuery(query)
	r, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return nil, err
	}
	r.URL.RawPath = u.RawPath
	for k, v := range head {
		r.Header[k] = v
	}
	sum := sha256.Sum256(nil)
	if o != nil {
		// Once for the sums, once to be sent: a file that changes in between fails at the server.
		h, m := sha256.New(), md5.New()
		body, err := o.Open()
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.MultiWriter(h, m), body); err != nil {
			body.Close()
			return nil, err
		}
		body.Close()
		copy(sum[:], h.Sum(nil))
		r.Header.Set("Content-Md5", base64.StdEncoding.EncodeToString(m.Sum(nil)))
		r.ContentLength = o.Size
		if o.Size == 0 {
			r.Body = http.NoBody
		} else {
			if r.Body, err = o.Open(); err != nil {
				return nil, err
			}
			r.GetBody = func() (io.ReadCloser, error) { return o.Open() }
		}
	}
	sign(r, s.opt.ID, s.opt.Secret, s.opt.Region, hex.EncodeToString(sum[:]), s.opt.Now())
	res, err := s.opt.Client.Do(r)
	if err != nil {
		return nil, s.doubt(wire.Known(u.Hostname(), err))
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what can't be read leaves the code
	return nil, s.doubt(s.known(res, b))
}

// doubt adds to an error what may be its cause, where we don't know a service well.
func (s *Store) doubt(err error) error {
	var e *publish.Error
	if s.unsure == "" || !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case publish.Address, publish.Login, publish.Refused, publish.Denied:
		e.Text += "。" + s.unsure
	}
	return err
}

// clocks says that two clocks differ, and which they are.
func (s *Store) clocks(res *http.Response) string {
	const form = "2006-01-02 15:04"
	now := s.opt.Now()
	text := fmt.Sprintf("这台电脑的时间（%s）", now.Format(form))
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		text += fmt.Sprintf("和服务器的（%s）差得太多", at.In(now.Location()).Format(form))
	} else {
		text += "和服务器的差得太多"
	}
	return text + "，服务器因此不接受：请把系统时间调准（打开自动对时）；这台电脑的时间是对的，就请管理员校准服务器"
}

// known puts the codes of the protocol, and those that the Chinese services have of their own, into words.
func (s *Store) known(res *http.Response, body []byte) error {
	var answer struct{ Code, Message, Region string }
	_ = xml.Unmarshal(body, &answer) // an answer that is no XML has a status all the same
	e := wire.Status(res)
	if answer.Code != "" {
		e.Err = fmt.Errorf("%s：%s %s", res.Status, answer.Code, answer.Message)
	}
	switch answer.Code {
	case "NoSuchKey":
		return fs.ErrNotExist
	case "InvalidAccessKeyId", "InvalidAccessKeyID", "InvalidSecurity":
		e.Kind, e.Text = publish.Login, fmt.Sprintf("%s没有 AccessKey ID“%s”：请检查 user", s.name, s.opt.ID)
	case "SignatureDoesNotMatch":
		e.Kind, e.Text = publish.Login, "密钥不对：请检查存入的 AccessKey Secret（前后不要有空格），以及它和 user 是不是一对"
	case "RequestTimeTooSkewed", "RequestExpired":
		e.Kind, e.Text = publish.Clock, s.clocks(res)
	case "AccessDenied", "AllAccessDisabled":
		e.Kind, e.Text = publish.Denied, fmt.Sprintf("这个密钥没有写 %s 的权限：请在%s的控制台给它读、写、删、列举的权限", s.opt.Bucket, s.name)
		if strings.Contains(answer.Message, "expire") || strings.Contains(answer.Message, "skew") {
			e.Kind, e.Text = publish.Clock, s.clocks(res)
		}
	case "NoSuchBucket":
		e.Kind, e.Text = publish.Address, fmt.Sprintf("没有 %s 这个存储空间：请检查 bucket 和 region（腾讯云的名字要带后面的数字）", s.opt.Bucket)
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect", "IncorrectEndpoint", "IllegalLocationConstraintException", "WrongEndpoint":
		e.Kind, e.Text = publish.Address, fmt.Sprintf("%s 不在这个地域：请检查 region 和 endpoint", s.opt.Bucket)
		if answer.Region != "" {
			e.Text += "，服务器说是 " + answer.Region
		}
	case "SecondLevelDomainForbidden", "VirtualHostDomainRequired", "PathStyleDomainForbidden":
		e.Kind, e.Text = publish.Address, "这个服务要求用存储空间自己的域名访问：请写明 preset"
	case "QuotaExceeded", "InsufficientSpace", "NotEnoughSpace", "StorageQuotaExceeded", "XMinioStorageFull", "InsufficientStorage":
		e.Kind, e.Text = publish.Full, "空间满了，或者超出了配额：请先腾出空间，或者提高配额"
	case "UserDisable", "AccountProblem", "Arrearage", "InOverdue", "InArrearOrInsufficientBalance", "UserSuspended":
		e.Kind, e.Text = publish.Denied, fmt.Sprintf("%s账户停用了，可能是欠费：请到控制台看", s.name)
		e.Kind = publish.Login // nothing else will do either
	case "SlowDown", "RequestTimeout", "ServiceUnavailable", "InternalError", "OperationAborted", "ServerBusy", "QpsLimitExceeded", "Throttling":
		e.Kind, e.Text = publish.Temporary, "服务器忙"
	case "EntityTooLarge":
		e.Kind, e.Text = publish.Refused, "文件太大，服务器一次收不下（多数服务一次最多 5 GB）：请压缩或分成几个"
	case "KeyTooLong", "KeyTooLongError", "InvalidObjectName", "InvalidURI":
		e.Kind, e.Text = publish.Refused, fmt.Sprintf("%s不收这个文件名", s.name)
	case "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch":
		e.Kind, e.Text = publish.Temporary, "文件在路上坏了"
	case "":
		if res.StatusCode == http.StatusNotFound {
			return fs.ErrNotExist
		}
	}
	return e
}

// Get reads an object.
func (s *Store) Get(ctx context.Context, p string, w io.Writer) error {
	res, err := s.request(ctx, "GET", s.opt.Prefix+p, nil, nil, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(w, res.Body)
	return wire.Known(s.base.Hostname(), err)
}

// Stat asks for an object's headers. The entity tag of an object that was put in one piece is its MD5, unless the service
// encrypts it; what is not of that form says nothing.
func (s *Store) Stat(ctx context.Context, p string) (publish.Info, error) {
	res, err := s.request(ctx, "HEAD", s.opt.Prefix+p, nil, nil, nil)
	if err != nil {
		return publish.Info{}, err
	}
	res.Body.Close()
	return publish.Info{Path: p, Size: res.ContentLength, MD5: tagMD5(res.Header.Get("Etag"))}, nil
}

func tagMD5(tag string) []byte {
	b, err := hex.DecodeString(strings.Trim(tag, `"`))
	if err != nil || len(b) != md5.Size {
		return nil
	}
	return b
}

// Put sends an object in one piece.
func (s *Store) Put(ctx context.Context, o *publish.Object) error {
	head := http.Header{"Content-Type": {o.Type}, "Cache-Control": {o.Cache}}
	if o.Encoding != "" {
		head.Set("Content-Encoding", o.Encoding)
	}
	res, err := s.request(ctx, "PUT", s.opt.Prefix+o.Path, nil, o, head)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Delete removes an object. One that is not there is no error for the service.
func (s *Store) Delete(ctx context.Context, p string) error {
	res, err := s.request(ctx, "DELETE", s.opt.Prefix+p, nil, nil, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Prune has nothing to do: there are no folders.
func (s *Store) Prune(context.Context, string) error { return nil }

// List lists objects by version 1 of the protocol, which all services have, without URL encoding, which some get wrong.
func (s *Store) List(ctx context.Context, dir string, each func(publish.Info)) error {
	prefix := s.opt.Prefix
	if dir != "." {
		prefix += dir + "/"
	}
	marker := ""
	for {
		query := url.Values{"prefix": {prefix}, "max-keys": {"1000"}}
		if marker != "" {
			query.Set("marker", marker)
		}
		res, err := s.request(ctx, "GET", "", query, nil, nil)
		if err != nil {
			return err
		}
		var page page
		err = page.read(res.Body)
		res.Body.Close()
		if err != nil {
			return &publish.Error{Kind: publish.Temporary, Text: "服务器的文件列表读不懂", Err: err}
		}
		last := marker
		for _, c := range page.Contents {
			last = max(last, c.Key)
			if p := strings.TrimPrefix(c.Key, s.opt.Prefix); p != "" && !strings.HasSuffix(p, "/") {
				each(publish.Info{Path: p, Size: c.Size, MD5: tagMD5(c.ETag)})
			}
		}
		if next := cmp.Or(page.NextMarker, last); !page.IsTruncated || next == marker {
			return nil
		} else {
			marker = next
		}
	}
}

// page is one answer to a question for a list.
type page struct {
	IsTruncated bool
	NextMarker  string
	Contents    []object
}

// mostElement is how many bytes an answer may say of one file.
const mostElement = 64 << 10

type object struct {
	Key  string
	Size int64
	ETag string
}

func (p *page) read(from io.Reader) error {
	return xmllist.Read(from, mostElement, func(d *xml.Decoder, e xml.StartElement) (err error) {
		switch e.Name.Local {
		case "IsTruncated":
			err = d.DecodeElement(&p.IsTruncated, &e)
		case "NextMarker":
			err = d.DecodeElement(&p.NextMarker, &e)
		case "Contents":
			var o object
			if err = d.DecodeElement(&o, &e); len(p.Contents) > 10_000 { // a thousand were asked for
				return errors.New("more than was asked for")
			}
			p.Contents = append(p.Contents, o)
		default:
			err = d.Skip()
		}
		return err
	})
}

// Close lets go of the connections.
func (s *Store) Close() error {
	s.opt.Client.CloseIdleConnections()
	return nil
}
