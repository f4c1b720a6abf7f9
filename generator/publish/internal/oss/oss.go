// Package oss is a strict object storage for the tests, as the stores of China are: it checks signatures, answers only at
// the address of the bucket, and refuses bodies in chunks, checksums that it does not know, and listings by version 2.
// It serves its bucket to readers as a web site as well.
package oss

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a service with one bucket.
type Server struct {
	Bucket, Region, ID, Secret string
	Host                       string // of the service; the bucket's is Bucket.Host
	PageSize                   int    // of a listing; 0: 1000
	Now                        func() time.Time
	Fault                      func(r *http.Request) int // if not nil: a status to answer with instead, or 0
	PathStyle                  bool                      // the bucket stands in the path
	Light                      bool                      // of objects of more than a megabyte it keeps the sums alone

	mu       sync.Mutex
	objects  map[string]Object
	requests map[string]int
}

// Object is one object with its headers.
type Object struct {
	Data   []byte
	Header http.Header
	body
}

// body is what there is to know of bytes.
type body struct {
	size     int
	md5, sha []byte
}

// read reads a request's bytes, and keeps them unless they are many and it is not to.
func (s *Server) read(from io.Reader) (data []byte, b body, err error) {
	m, h := md5.New(), sha256.New()
	var keep bytes.Buffer
	to := io.MultiWriter(m, h, &keep)
	n, err := io.CopyN(to, from, 1<<20)
	if err == nil {
		if s.Light {
			keep.Reset()
			to = io.MultiWriter(m, h)
		}
		var more int64
		more, err = io.Copy(to, from)
		n += more
	} else if err == io.EOF {
		err = nil
	}
	return keep.Bytes(), body{int(n), m.Sum(nil), h.Sum(nil)}, err
}

// Requests counts the requests since the last call, by method.
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests
	s.requests = nil
	return r
}

// Objects is what the bucket holds.
func (s *Server) Objects() map[string]Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.objects)
}

// Plant puts an object there without a request.
func (s *Server) Plant(key string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = map[string]Object{}
	}
	_, b, _ := s.read(bytes.NewReader(data))
	s.objects[key] = Object{data, http.Header{}, b}
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}

// ServeHTTP is the service.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.requests == nil {
		s.requests = map[string]int{}
	}
	s.requests[r.Method]++
	s.mu.Unlock()
	if s.Fault != nil {
		if status := s.Fault(r); status != 0 {
			w.Header().Set("Retry-After", "1")
			if status < 0 { // cut off
				panic(http.ErrAbortHandler)
			}
			fail(w, status, map[int]string{503: "SlowDown", 500: "InternalError"}[status], "")
			return
		}
	}
	key, ok := s.key(w, r)
	if !ok {
		return
	}
	data, b, err := s.read(r.Body)
	if err != nil {
		return
	}
	if code, message := s.refuse(r, b); code != "" {
		fail(w, map[string]int{"NotImplemented": 501, "InvalidArgument": 400, "MissingContentLength": 411, "BadDigest": 400}[code]+map[bool]int{true: 403}[code == "SignatureDoesNotMatch" ||
			code == "InvalidAccessKeyId" || code == "RequestTimeTooSkewed" || code == "AccessDenied"], code, message)
		return
	}
	s.answer(w, r, key, Object{data, http.Header{}, b})
}

// key gives the object that a request is about. ok is false if it is none of the bucket's, which the client is told.
func (s *Server) key(w http.ResponseWriter, r *http.Request) (key string, ok bool) {
	key = strings.TrimPrefix(r.URL.Path, "/")
	if s.PathStyle {
		if key, ok = strings.CutPrefix(key, s.Bucket+"/"); !ok {
			fail(w, 404, "NoSuchBucket", "")
		}
		return key, ok
	}
	switch host, _, _ := strings.Cut(r.Host, ":"); host {
	case s.Bucket + "." + s.Host:
		return key, true
	case s.Host:
		fail(w, 403, "SecondLevelDomainForbidden", "The bucket you are attempting to access must be addressed using third level domain.")
	default:
		fail(w, 404, "NoSuchBucket", "")
	}
	return "", false
}

// answer does what a request asks, if it may.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, key string, sent Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == "GET" && key == "":
		s.list(w, r.URL.Query())
	case r.Method == "GET" || r.Method == "HEAD":
		o, ok := s.objects[key]
		if !ok {
			fail(w, 404, "NoSuchKey", key)
			return
		}
		maps.Copy(w.Header(), o.Header)
		w.Header().Set("Etag", fmt.Sprintf("\"%X\"", o.md5))
		w.Header().Set("Content-Length", fmt.Sprint(o.size))
		if r.Method == "GET" {
			_, _ = w.Write(o.Data)
		}
	case r.Method == "PUT":
		if len(key) > 1023 || strings.HasPrefix(key, "/") || strings.Contains(key, "//") {
			fail(w, 400, "InvalidObjectName", key)
			return
		}
		for _, h := range []string{"Content-Type", "Cache-Control", "Content-Encoding"} {
			if v := r.Header.Get(h); v != "" {
				sent.Header.Set(h, v)
			}
		}
		if s.objects == nil {
			s.objects = map[string]Object{}
		}
		s.objects[key] = sent
		w.Header().Set("Etag", fmt.Sprintf("\"%X\"", sent.md5))
	case r.Method == "DELETE":
		delete(s.objects, key)
		w.WriteHeader(204)
	default:
		fail(w, 405, "MethodNotAllowed", "")
	}
}

func (s *Server) list(w http.ResponseWriter, q url.Values) {
	if q.Get("encoding-type") != "" || q.Get("list-type") != "" {
		fail(w, 400, "InvalidArgument", "list")
		return
	}
	most := s.PageSize
	if most == 0 {
		most = 1000
	}
	type content struct {
		Key  string
		Size int
		ETag string
	}
	var out struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		IsTruncated bool
		Contents    []content
	}
	for _, k := range slices.Sorted(maps.Keys(s.objects)) {
		if !strings.HasPrefix(k, q.Get("prefix")) || k <= q.Get("marker") {
			continue
		}
		if len(out.Contents) == most {
			out.IsTruncated = true // without NextMarker, as without a delimiter
			break
		}
		o := s.objects[k]
		out.Contents = append(out.Contents, content{k, o.size, fmt.Sprintf("\"%X\"", o.md5)})
	}
	_ = xml.NewEncoder(w).Encode(out)
}

// refuse says what is wrong with a request.
func (s *Server) refuse(r *http.Request, b body) (code, message string) {
	for k := range r.Header {
		if strings.HasPrefix(k, "X-Amz-Checksum") || strings.HasPrefix(k, "X-Amz-Sdk-Checksum") || k == "X-Amz-Trailer" || k == "X-Amz-Decoded-Content-Length" {
			return "NotImplemented", k
		}
	}
	if r.TransferEncoding != nil || strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") || strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING") {
		return "InvalidArgument", "aws-chunked encoding is not supported with the specified x-amz-content-sha256 value."
	}
	if r.Method == "PUT" && r.ContentLength < 0 {
		return "MissingContentLength", ""
	}
	if m := r.Header.Get("Content-Md5"); m != "" {
		if m != base64.StdEncoding.EncodeToString(b.md5) {
			return "BadDigest", ""
		}
	}
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return "AccessDenied", "anonymous"
	}
	f := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		f[k] = v
	}
	scope := strings.Split(f["Credential"], "/")
	if len(scope) != 5 || scope[0] != s.ID {
		return "InvalidAccessKeyId", ""
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	now := time.Now()
	if s.Now != nil {
		now = s.Now()
	}
	if err != nil || at.Sub(now).Abs() > 15*time.Minute {
		return "RequestTimeTooSkewed", ""
	}
	if scope[2] != s.Region {
		return "SignatureDoesNotMatch", "region " + scope[2]
	}
	if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(b.sha) {
		return "BadDigest", ""
	}
	var c bytes.Buffer
	fmt.Fprintln(&c, r.Method)
	uri, _, _ := strings.Cut(r.RequestURI, "?")
	fmt.Fprintln(&c, uri)
	var pairs []string
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if pair != "" {
			pairs = append(pairs, pair)
		}
	}
	slices.Sort(pairs)
	fmt.Fprintln(&c, strings.Join(pairs, "&"))
	for h := range strings.SplitSeq(f["SignedHeaders"], ";") {
		v := strings.TrimSpace(r.Header.Get(h))
		if h == "host" {
			v = r.Host
		}
		fmt.Fprintf(&c, "%s:%s\n", h, v)
	}
	fmt.Fprintf(&c, "\n%s\n%s", f["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256"))
	digest := sha256.Sum256(c.Bytes())
	mac := []byte("AWS4" + s.Secret)
	for _, x := range []string{scope[1], scope[2], scope[3], scope[4], fmt.Sprintf("AWS4-HMAC-SHA256\n%s\n%s\n%x", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), digest)} {
		h := hmac.New(sha256.New, mac)
		h.Write([]byte(x))
		mac = h.Sum(nil)
	}
	if hex.EncodeToString(mac) != f["Signature"] {
		return "SignatureDoesNotMatch", ""
	}
	return "", ""
}
