package s3

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/life"
	"gongzhi/generator/publish/internal/oss"
	"gongzhi/generator/publish/internal/wire"
)

// TestSign: the example of the protocol's own documentation.
func TestSign(t *testing.T) {
	r, err := http.NewRequest("GET", "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Range", "bytes=0-9")
	sign(r, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
	const want = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := r.Header.Get("Authorization"); !strings.HasSuffix(got, "Signature="+want) {
		t.Errorf("%s, want %s", got, want)
	}
}

const host = "s3.oss-cn-hangzhou.aliyuncs.com"

// strict is a service at the address of Aliyun, and options that reach it.
func strict(t testing.TB) (*oss.Server, Options) {
	srv := &oss.Server{Bucket: "ceshi-archive", Region: "cn-hangzhou", Host: host, ID: "LTAItest", Secret: "ceshi"}
	hs := httptest.NewTLSServer(srv)
	t.Cleanup(hs.Close)
	client := wire.Client(16)
	tr := client.Transport.(*http.Transport)
	tr.TLSClientConfig = hs.Client().Transport.(*http.Transport).TLSClientConfig
	tr.TLSClientConfig.ServerName = "example.com" // of the test's certificate
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, hs.Listener.Addr().String())
	}
	return srv, Options{Preset: "aliyun-oss", Region: "oss-cn-hangzhou", Bucket: srv.Bucket, Prefix: "网站/", ID: srv.ID, Secret: srv.Secret, Client: client}
}

func open(t testing.TB, opt Options) *Store {
	t.Helper()
	s, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLife(t *testing.T) {
	srv, opt := strict(t)
	srv.PageSize = 7
	life.Run(t, life.Place{
		Open: func(t *testing.T) publish.Store { return open(t, opt) },
		Look: func(t *testing.T) map[string]string {
			m := map[string]string{}
			for k, o := range srv.Objects() {
				m[strings.TrimPrefix(k, "网站/")] = string(o.Data)
			}
			return m
		},
		Plant: func(t *testing.T, p, text string) { srv.Plant("网站/"+p, []byte(text)) },
	})
	// Each has its headers.
	for k, o := range srv.Objects() {
		want := "no-cache"
		if strings.Contains(k, ".css") || strings.Contains(k, ".bin") {
			want = "public, max-age=31536000, immutable"
		}
		if strings.HasSuffix(k, ".html") && (o.Header.Get("Cache-Control") != want || o.Header.Get("Content-Type") != "text/html; charset=utf-8") || strings.HasSuffix(k, ".css") && o.Header.Get("Cache-Control") != want {
			t.Errorf("%s: %v", k, o.Header)
		}
	}
}

// TestUnchanged: of a site that is the same one request is made, whatever its size.
func TestUnchanged(t *testing.T) {
	srv, opt := strict(t)
	state := life.State(t)
	v := life.Take(t, state, life.Site(300, 1))
	for i := range 2 {
		s := open(t, opt)
		if _, err := publish.Run(t.Context(), s, state, v, life.Quick("a")); err != nil {
			t.Fatal(err)
		}
		got := srv.Requests()
		if i == 1 && (len(got) != 1 || got["GET"] != 1) {
			t.Errorf("%v, want one GET", got)
		}
	}
}

// TestStored: packed bytes have their header, and are sent again only when one of both changes.
func TestStored(t *testing.T) {
	srv, opt := strict(t)
	state := life.State(t)
	v := life.Take(t, state, life.Site(3, 1))
	quick := life.Quick("a")
	for i, packing := range []publish.Packing{publish.Plain, publish.Stored, publish.Stored, publish.Plain} {
		quick.Packing = packing
		rep, err := publish.Run(t.Context(), open(t, opt), state, v, quick)
		if err != nil {
			t.Fatal(err)
		}
		if i == 2 && rep.Uploaded != 0 || i != 2 && rep.Uploaded == 0 {
			t.Errorf("run %d: %d sent", i, rep.Uploaded)
		}
		o := srv.Objects()["网站/people/甲测-1/index.html"]
		packed := strings.HasPrefix(string(o.Data), "\x1f\x8b")
		if packed != (packing == publish.Stored) || packed != (o.Header.Get("Content-Encoding") == "gzip") {
			t.Errorf("run %d: packed %v, %v", i, packed, o.Header)
		}
	}
}

// TestWords: what goes wrong is said in words, and found out at the first request.
func TestWords(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(s *oss.Server, o *Options)
		kind publish.Kind
		want string
	}{
		{"wrong secret", func(s *oss.Server, o *Options) { o.Secret = "x" }, publish.Login, "密钥不对"},
		{"wrong id", func(s *oss.Server, o *Options) { o.ID = "x" }, publish.Login, "AccessKey ID“x”"},
		{"clock", func(s *oss.Server, o *Options) {
			o.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		}, publish.Clock, "和服务器的（20"},
		{"bucket", func(s *oss.Server, o *Options) { o.Bucket = "other" }, publish.Address, "没有 other 这个存储空间"},
		{"path style", func(s *oss.Server, o *Options) { o.Preset, o.Endpoint = "minio", host }, publish.Address, "存储空间自己的域名"},
		{"busy", func(s *oss.Server, o *Options) { s.Fault = func(*http.Request) int { return 503 } }, publish.Temporary, "服务器忙"},
		{"a service that we don't know well", func(s *oss.Server, o *Options) {
			s.PathStyle, o.Preset, o.Region, o.Secret = true, "ecloud-eos", "hangzhou1", "x"
		}, publish.Login, "没有在移动云上试过"},
		{"no key", func(s *oss.Server, o *Options) { o.Secret = "" }, publish.Login, "没有访问密钥"},
	} {
		srv, opt := strict(t)
		tt.set(srv, &opt)
		s, err := Open(opt)
		if err == nil {
			state := life.State(t)
			_, err = publish.Run(t.Context(), s, state, life.Take(t, state, life.Site(1, 1)), life.Quick("a"))
		}
		var e *publish.Error
		if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if len(srv.Objects()) > 0 {
			t.Errorf("%s: something was written", tt.name)
		}
	}
}

// TestFaults: a service that is busy, breaks and cuts off gets the whole site all the same.
func TestFaults(t *testing.T) {
	srv, opt := strict(t)
	n := 0
	srv.Fault = func(r *http.Request) int {
		n++
		switch n % 7 {
		case 2:
			return 503
		case 4:
			return -1
		case 6:
			return 500
		}
		return 0
	}
	opt.Parallel = 1
	state := life.State(t)
	site := life.Site(10, 1)
	if _, err := publish.Run(t.Context(), open(t, opt), state, life.Take(t, state, site), life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	for p, text := range site {
		if got := string(srv.Objects()["网站/"+p].Data); got != text {
			t.Errorf("%s: %.40q", p, got)
		}
	}
}

// TestAddresses: where each preset leads.
func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		opt          Options
		base, region string
	}{
		{Options{Preset: "aliyun-oss", Region: "cn-hangzhou"}, "https://b.s3.oss-cn-hangzhou.aliyuncs.com/", "cn-hangzhou"},
		{Options{Preset: "aliyun-oss", Endpoint: "oss-cn-hangzhou.aliyuncs.com"}, "https://b.oss-cn-hangzhou.aliyuncs.com/", "cn-hangzhou"},
		{Options{Preset: "aliyun-oss", Endpoint: "https://archive.example.org", Region: "cn-hangzhou"}, "https://archive.example.org/", "cn-hangzhou"},
		{Options{Preset: "tencent-cos", Region: "ap-shanghai"}, "https://b.cos.ap-shanghai.myqcloud.com/", "ap-shanghai"},
		{Options{Preset: "huawei-obs", Region: "cn-north-4"}, "https://b.obs.cn-north-4.myhuaweicloud.com/", "cn-north-4"},
		{Options{Preset: "ecloud-eos", Region: "wuxi-1"}, "https://eos-wuxi-1.cmecloud.cn/b/", "wuxi1"},
		{Options{Preset: "ecloud-eos", Region: "wuxi1"}, "https://eos-wuxi-1.cmecloud.cn/b/", "wuxi1"},
		{Options{Preset: "ecloud-eos", Region: "yunnan"}, "https://eos-yunnan.cmecloud.cn/b/", "yunnan"},
		{Options{Preset: "ecloud-eos", Endpoint: "eos.shanghai-3.cmecloud.cn"}, "https://eos.shanghai-3.cmecloud.cn/b/", "shanghai3"},
		{Options{Preset: "ecloud-eos", Endpoint: "b.eos-beijing-1.cmecloud.cn"}, "https://b.eos-beijing-1.cmecloud.cn/", "beijing1"},
		{Options{Preset: "minio", Endpoint: "http://127.0.0.1:9000"}, "http://127.0.0.1:9000/b/", "us-east-1"},
		{Options{Preset: "r2", Endpoint: "https://abc.r2.cloudflarestorage.com"}, "https://abc.r2.cloudflarestorage.com/b/", "auto"},
		{Options{Preset: "aws", Region: "eu-west-1"}, "https://b.s3.eu-west-1.amazonaws.com/", "eu-west-1"},
		{Options{Preset: "tencent-cos", Endpoint: "cos.ap-guangzhou.tencentcos.cn"}, "https://b.cos.ap-guangzhou.tencentcos.cn/", "ap-guangzhou"},
		{Options{Preset: "huawei-obs", Endpoint: "obs.eu-west-101.myhuaweicloud.eu"}, "https://b.obs.eu-west-101.myhuaweicloud.eu/", "eu-west-101"},
		{Options{Preset: "aws", Region: "cn-north-1"}, "https://b.s3.cn-north-1.amazonaws.com.cn/", "cn-north-1"},
		{Options{Preset: "aliyun-oss", Endpoint: "s3.oss-cn-hangzhou-internal.aliyuncs.com"}, "https://b.s3.oss-cn-hangzhou-internal.aliyuncs.com/", "cn-hangzhou"},
		{Options{Preset: "tencent-cos", Bucket: "a-1250000000", Endpoint: "a-1250000000.cos.ap-shanghai.myqcloud.com"}, "https://a-1250000000.cos.ap-shanghai.myqcloud.com/", "ap-shanghai"},
		{Options{Endpoint: "https://s3.example.org"}, "https://b.s3.example.org/", "us-east-1"},
	} {
		tt.opt.Bucket, tt.opt.ID, tt.opt.Secret = cmp.Or(tt.opt.Bucket, "b"), "x", "y"
		s := open(t, tt.opt)
		if s.base.String() != tt.base || s.opt.Region != tt.region {
			t.Errorf("%+v: %s in %s, want %s in %s", tt.opt, s.base, s.opt.Region, tt.base, tt.region)
		}
	}
}

type text struct{ *strings.Reader }

func (text) Close() error { return nil }

// sent is a client that keeps the requests and answers each with success.
type sent []*http.Request

func (s *sent) RoundTrip(r *http.Request) (*http.Response, error) {
	*s = append(*s, r)
	return &http.Response{StatusCode: 200, Status: "200 OK", Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// TestPresetsSend: what each preset sends to put a file: to which host and path, signed for which region, and with these headers alone:
// none of those that the services refuse (aws-chunked bodies, checksums of newer SDKs, access control lists, which R2 does not have).
func TestPresetsSend(t *testing.T) {
	allowed := []string{"Authorization", "Cache-Control", "Content-Encoding", "Content-Md5", "Content-Type", "X-Amz-Content-Sha256", "X-Amz-Date"}
	for _, tt := range []struct {
		opt                Options
		host, path, region string
	}{
		{Options{Preset: "aliyun-oss", Region: "oss-cn-hangzhou"}, "ceshi.s3.oss-cn-hangzhou.aliyuncs.com", "/%E7%AB%99/a%20b.html", "cn-hangzhou"},
		{Options{Preset: "aliyun-oss", Region: "cn-hangzhou", Endpoint: "archive.example.org"}, "archive.example.org", "/%E7%AB%99/a%20b.html", "cn-hangzhou"},
		{Options{Preset: "tencent-cos", Region: "ap-guangzhou"}, "ceshi.cos.ap-guangzhou.myqcloud.com", "/%E7%AB%99/a%20b.html", "ap-guangzhou"},
		{Options{Preset: "huawei-obs", Region: "cn-north-4"}, "ceshi.obs.cn-north-4.myhuaweicloud.com", "/%E7%AB%99/a%20b.html", "cn-north-4"},
		{Options{Preset: "ecloud-eos", Region: "wuxi-1"}, "eos-wuxi-1.cmecloud.cn", "/ceshi/%E7%AB%99/a%20b.html", "wuxi1"},
		{Options{Preset: "r2", Endpoint: "abc.eu.r2.cloudflarestorage.com"}, "abc.eu.r2.cloudflarestorage.com", "/ceshi/%E7%AB%99/a%20b.html", "auto"},
		{Options{Preset: "minio", Endpoint: "http://127.0.0.1:9000"}, "127.0.0.1:9000", "/ceshi/%E7%AB%99/a%20b.html", "us-east-1"},
	} {
		var got sent
		tt.opt.Bucket, tt.opt.Prefix, tt.opt.ID, tt.opt.Secret, tt.opt.Client = "ceshi", "站", "x", "y", &http.Client{Transport: &got}
		o := publish.NewObject("a b.html", 6, func() (io.ReadSeekCloser, error) { return text{strings.NewReader("测试")}, nil })
		o.Type, o.Cache, o.Encoding = "text/html; charset=utf-8", "no-cache", "gzip"
		if err := open(t, tt.opt).Put(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		r := got[0]
		if r.Method != "PUT" || r.URL.Host != tt.host || r.URL.EscapedPath() != tt.path || r.URL.RawQuery != "" {
			t.Errorf("%s: %s %s, want %s%s", tt.opt.Preset, r.Method, r.URL, tt.host, tt.path)
		}
		if r.ContentLength != 6 || len(r.TransferEncoding) > 0 || r.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: a body of %d bytes, %v, %v", tt.opt.Preset, r.ContentLength, r.TransferEncoding, r.Header)
		}
		if a := r.Header.Get("Authorization"); !strings.Contains(a, "/"+tt.region+"/s3/aws4_request") {
			t.Errorf("%s: signed %s, want region %s", tt.opt.Preset, a, tt.region)
		}
		for k := range r.Header {
			if !slices.Contains(allowed, k) {
				t.Errorf("%s: sends %s", tt.opt.Preset, k)
			}
		}
	}
}

func TestLarge(t *testing.T) {
	srv, opt := strict(t)
	srv.Light = true
	life.Large(t, func(t *testing.T) publish.Store { return open(t, opt) })
}
