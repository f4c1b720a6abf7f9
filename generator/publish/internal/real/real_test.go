//go:build servers

package real

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/folder"
	"gongzhi/generator/publish/ftp"
	"gongzhi/generator/publish/internal/life"
	"gongzhi/generator/publish/look"
	"gongzhi/generator/publish/s3"
	"gongzhi/generator/publish/sftp"
	"gongzhi/generator/publish/webdav"
)

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func port(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs a server until the test is over, and waits until it listens.
func start(t *testing.T, port int, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=testkey", "ROOT_SECRET_KEY=testsecret123")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	died := make(chan error, 1)
	go func() { died <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill(); log.Close() })
	for {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
			return
		}
		select {
		case err := <-died:
			b, _ := os.ReadFile(log.Name())
			t.Fatalf("%s: %v\n%s", name, err, b)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func at(dir string, open func() (publish.Store, error)) life.Place {
	return life.Place{
		Open: func(t *testing.T) publish.Store {
			s, err := open()
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Look:  func(t *testing.T) map[string]string { return life.LookDir(t, dir) },
		Plant: func(t *testing.T, p, text string) { life.PlantDir(t, dir, p, text) },
	}
}

// theirs is at, for a server that is another user: what is planted there it may overwrite.
func theirs(dir string, open func() (publish.Store, error)) life.Place {
	place := at(dir, open)
	plant := place.Plant
	place.Plant = func(t *testing.T, name, text string) {
		plant(t, name, text)
		if err := os.Chmod(filepath.Join(dir, name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return place
}

// reachable lets a server, another user, into a folder of the test.
func reachable(t *testing.T, dir string) {
	t.Helper()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenSSH(t *testing.T) {
	dir := t.TempDir()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "key"), string(pem.EncodeToMemory(block)), 0o600)
	public, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "authorized"), string(ssh.MarshalAuthorizedKey(public)), 0o600)
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	p := port(t)
	write(t, filepath.Join(dir, "conf"), fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %[2]s/key\nAuthorizedKeysFile %[2]s/authorized\nStrictModes no\nPidFile none\nUsePAM no\nSubsystem sftp internal-sftp\n", p, dir), 0o600)
	start(t, p, "/usr/sbin/sshd", "-D", "-e", "-f", filepath.Join(dir, "conf"))
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	open := func(web string) func() (publish.Store, error) {
		return func() (publish.Store, error) {
			return sftp.Open(t.Context(), sftp.Options{Host: "127.0.0.1", Port: p, User: me.Username, Path: web, KeyFile: filepath.Join(dir, "key"), HostKey: ssh.FingerprintSHA256(public)})
		}
	}
	web := filepath.Join(dir, "网站")
	life.Run(t, at(web, open(web)))
	full(t, filepath.Join(dir, "full"), open(filepath.Join(dir, "full", "web")))
}

// full publishes to a disk that is too small, and then to one that is large enough.
func full(t *testing.T, dir string, open func() (publish.Store, error)) {
	t.Helper()
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k,mode=0777", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	site := life.Site(60, 1)
	state := life.State(t)
	v := life.Take(t, state, site)
	place := at(filepath.Join(dir, "web"), open)
	bring := func() error {
		s := place.Open(t)
		defer s.Close()
		_, err := publish.Run(t.Context(), s, state, v, life.Quick("full"))
		return err
	}
	var e *publish.Error
	if err := bring(); !errors.As(err, &e) || e.Kind != publish.Full {
		t.Errorf("a full disk: %v", err)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=8m", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := bring(); err != nil {
		t.Fatal(err)
	}
	life.Same(t, place, site)
}

func TestVsftpd(t *testing.T) {
	for _, security := range []string{"none", "tls", "implicit", "none, GBK"} {
		t.Run(security, func(t *testing.T) {
			security, gbk := strings.CutSuffix(security, ", GBK")
			onDisk := func(name string) string {
				if !gbk {
					return name
				}
				g, err := simplifiedchinese.GBK.NewEncoder().String(name)
				if err != nil {
					t.Fatal(err)
				}
				return g
			}
			dir := t.TempDir()
			reachable(t, dir)
			root := filepath.Join(dir, "root")
			web := filepath.Join(root, "web")
			if err := os.MkdirAll(web, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(web, 0o777); err != nil {
				t.Fatal(err)
			}
			pool := certificate(t, dir)
			p := port(t)
			conf := fmt.Sprintf("listen=YES\nlisten_port=%d\nlisten_address=127.0.0.1\nanonymous_enable=YES\nwrite_enable=YES\nanon_upload_enable=YES\nanon_mkdir_write_enable=YES\nanon_other_write_enable=YES\nanon_umask=022\nanon_world_readable_only=NO\nanon_root=%s\nsecure_chroot_dir=/var/empty\nbackground=NO\nseccomp_sandbox=NO\nutf8_filesystem=YES\n", p, root)
			if security != "none" {
				conf += fmt.Sprintf("ssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_data_ssl=YES\nforce_anon_logins_ssl=YES\nrsa_cert_file=%s/cert.pem\nrequire_ssl_reuse=YES\nssl_ciphers=HIGH\n", dir)
			}
			if security == "implicit" {
				conf += "implicit_ssl=YES\n"
			}
			if err := os.MkdirAll("/var/empty", 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "conf"), conf, 0o600)
			start(t, p, "/usr/sbin/vsftpd", filepath.Join(dir, "conf"))
			open := func(path string) func() (publish.Store, error) {
				return func() (publish.Store, error) {
					return ftp.Open(t.Context(), ftp.Options{Host: "127.0.0.1", Port: p, User: "anonymous", Secret: "x", Path: path, Security: security, GBK: gbk, TLS: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}})
				}
			}
			place := theirs(filepath.Join(web, onDisk("网站")), open("/web/网站"))
			look := place.Look
			place.Look = func(t *testing.T) map[string]string {
				there := look(t)
				if !gbk {
					return there
				}
				named := map[string]string{}
				for name, text := range there {
					u, err := simplifiedchinese.GBK.NewDecoder().String(name)
					if err != nil {
						t.Fatal(err)
					}
					named[u] = text
				}
				return named
			}
			life.Run(t, place)
			if security == "none" && !gbk {
				full(t, filepath.Join(web, "full"), open("/web/full/web"))
			}
		})
	}
}

func certificate(t *testing.T, dir string) *x509.CertPool {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ceshi"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	write(t, filepath.Join(dir, "cert.pem"), string(text), 0o600)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}

func TestVersityGW(t *testing.T) {
	dir := t.TempDir()
	p := port(t)
	program := os.Getenv("VERSITYGW")
	if program == "" {
		program = "versitygw"
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, p, program, "--port", fmt.Sprintf("127.0.0.1:%d", p), "--quiet", "posix", filepath.Join(dir, "data"))
	bucket := filepath.Join(dir, "data", "ceshi")
	if err := os.Mkdir(bucket, 0o755); err != nil {
		t.Fatal(err)
	}
	web := filepath.Join(bucket, "网站")
	place := at(web, func() (publish.Store, error) {
		return s3.Open(s3.Options{Preset: "minio", Endpoint: fmt.Sprintf("http://127.0.0.1:%d", p), Bucket: "ceshi", Prefix: "网站", ID: "testkey", Secret: "testsecret123"})
	})
	life.Run(t, place)
	life.Large(t, func(t *testing.T) publish.Store { return place.Open(t) })
}

// TestMinIO: its folder on the disk is in a form of its own, so what stands there is looked at through the store.
func TestMinIO(t *testing.T) {
	dir := t.TempDir()
	program := os.Getenv("MINIO")
	if program == "" {
		program = "minio"
	}
	if err := os.MkdirAll(filepath.Join(dir, "data", "ceshi"), 0o755); err != nil { // a folder is a bucket
		t.Fatal(err)
	}
	t.Setenv("MINIO_ROOT_USER", "testkey")
	t.Setenv("MINIO_ROOT_PASSWORD", "testsecret123")
	p := port(t)
	address := fmt.Sprintf("http://127.0.0.1:%d", p)
	start(t, p, program, "server", "--quiet", "--address", fmt.Sprintf("127.0.0.1:%d", p), "--console-address", fmt.Sprintf("127.0.0.1:%d", port(t)), filepath.Join(dir, "data"))
	for until := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // it listens before it answers
		if r, err := http.Get(address + "/minio/health/ready"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(until) {
			t.Fatal("it is not ready after a minute")
		}
	}
	place := life.Place{Open: func(t *testing.T) publish.Store {
		s, err := s3.Open(s3.Options{Preset: "minio", Endpoint: address, Bucket: "ceshi", Prefix: "网站", ID: "testkey", Secret: "testsecret123"})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}}
	life.Run(t, place)
	life.Large(t, func(t *testing.T) publish.Store { return place.Open(t) })
}

// TestVersityGWByHost: the bucket stands in the host's name.
func TestVersityGWByHost(t *testing.T) {
	dir := t.TempDir()
	p := port(t)
	program := os.Getenv("VERSITYGW")
	if program == "" {
		program = "versitygw"
	}
	bucket := filepath.Join(dir, "data", "ceshi")
	if err := os.MkdirAll(bucket, 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, p, program, "--port", fmt.Sprintf("127.0.0.1:%d", p), "--quiet", "--region", "cn-ceshi", "--virtual-domain", fmt.Sprintf("s3.example.org:%d", p), "posix", filepath.Join(dir, "data"))
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", p))
	}}}
	open := func(region string) func() (publish.Store, error) {
		return func() (publish.Store, error) {
			return s3.Open(s3.Options{Endpoint: fmt.Sprintf("http://s3.example.org:%d", p), Region: region, Bucket: "ceshi", Prefix: "网站", ID: "testkey", Secret: "testsecret123", Client: client})
		}
	}
	web := filepath.Join(bucket, "网站")
	life.Run(t, at(web, open("cn-ceshi")))
	state := life.State(t)
	var e *publish.Error
	if _, err := publish.Run(t.Context(), at(web, open("cn-other")).Open(t), state, life.Take(t, state, life.Site(1, 1)), life.Quick("a")); !errors.As(err, &e) || e.Kind != publish.Address && e.Kind != publish.Login {
		t.Errorf("another region: %v", err)
	}
}

// guideOf is the configuration of a server that the guide gives.
func guideOf(t *testing.T, server string) string {
	t.Helper()
	doc, err := os.ReadFile("../../../../docs/servers.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), "```"+server+"\n")
	conf, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatalf("docs/servers.md says nothing of %s", server)
	}
	return conf
}

// TestApache: WebDAV of Apache, and the configuration of the guide, which does all that the look asks for.
func TestApache(t *testing.T) {
	access := guideOf(t, "apache")
	dir := t.TempDir()
	reachable(t, dir)
	p, dav := port(t), port(t)
	web := filepath.Join(dir, "web")
	for _, d := range []string{web, filepath.Join(dir, "locks")} {
		if err := os.Mkdir(d, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	var load strings.Builder
	for _, m := range []string{"mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "dav", "dav_fs", "mime", "dir", "headers"} {
		fmt.Fprintf(&load, "LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", m)
	}
	write(t, filepath.Join(dir, "users"), "web:{SHA}"+base64.StdEncoding.EncodeToString(sum("ceshi"))+"\n", 0o644)
	write(t, filepath.Join(dir, "conf"), fmt.Sprintf(`ServerRoot %[1]s
ServerName localhost
PidFile %[1]s/pid
ErrorLog %[1]s/error
TypesConfig /etc/mime.types
DavLockDB %[1]s/locks/db
User www-data
Group www-data
%[2]s
Listen 127.0.0.1:%[3]d
Listen 127.0.0.1:%[4]d
DocumentRoot %[5]s
<VirtualHost 127.0.0.1:%[3]d>
<Directory %[5]s>
AllowOverride All
</Directory>
</VirtualHost>
<VirtualHost 127.0.0.1:%[4]d>
DirectoryIndex disabled
<Directory %[5]s>
AllowOverride None
Dav On
AuthType Basic
AuthName x
AuthUserFile %[1]s/users
Require valid-user
</Directory>
</VirtualHost>
`, dir, load.String(), p, dav, web), 0o644)
	start(t, dav, "/usr/sbin/apache2", "-D", "FOREGROUND", "-f", filepath.Join(dir, "conf"))
	open := func(below string) func() (publish.Store, error) {
		return func() (publish.Store, error) {
			return webdav.Open(webdav.Options{URL: fmt.Sprintf("http://127.0.0.1:%d/%s", dav, below), User: "web", Secret: "ceshi"})
		}
	}
	for _, d := range []string{"网站", "large"} {
		if err := os.Mkdir(filepath.Join(web, d), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(web, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	life.Run(t, theirs(filepath.Join(web, "网站"), open("网站")))
	life.Large(t, at(filepath.Join(web, "large"), open("large")).Open)

	// As readers see it.
	site := life.Site(20, 1)
	site["people/Mixed/index.html"] = "<html>大小写"
	state := life.State(t)
	v := life.Take(t, state, site)
	if _, err := publish.Run(t.Context(), at(web, open("")).Open(t), state, v, life.Quick("a")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(web, ".htaccess"), access, 0o644)
	found, err := look.Look(t.Context(), look.Options{BaseURL: fmt.Sprintf("http://127.0.0.1:%d/", p), Paths: v.Paths(), Same: v.Same})
	if err != nil || len(found) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
	cached(t, fmt.Sprintf("http://127.0.0.1:%d/", p))
}

func sum(s string) []byte { h := sha1.Sum([]byte(s)); return h[:] }

// TestNginx: the configuration of the guide does all that the look asks for.
func TestNginx(t *testing.T) {
	conf := guideOf(t, "nginx")
	dir := t.TempDir()
	reachable(t, dir)
	p := port(t)
	web := filepath.Join(dir, "web")
	conf = strings.ReplaceAll(conf, "listen 443 ssl;", fmt.Sprintf("listen 127.0.0.1:%d;", p))
	conf = strings.ReplaceAll(conf, "/var/www/archive", web)
	write(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf("daemon off;\npid %[1]s/pid;\nerror_log stderr;\nevents {}\nhttp {\ninclude /etc/nginx/mime.types;\naccess_log off;\n%[2]s\n}\n", dir, conf), 0o644)
	site := life.Site(20, 1)
	site["people/Mixed/index.html"] = "<html>大小写"
	state := life.State(t)
	v := life.Take(t, state, site)
	s, err := folder.Open(web)
	if err != nil {
		t.Fatal(err)
	}
	opt := life.Quick("a")
	opt.Packing = publish.Siblings
	if _, err := publish.Run(t.Context(), s, state, v, opt); err != nil {
		t.Fatal(err)
	}
	start(t, p, "/usr/sbin/nginx", "-c", filepath.Join(dir, "nginx.conf"))
	base := fmt.Sprintf("http://127.0.0.1:%d/", p)
	found, err := look.Look(t.Context(), look.Options{BaseURL: base, Paths: v.Paths(), Same: v.Same})
	if err != nil || len(found) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
	cached(t, base)
}

// cached: what is named after its bytes is kept by browsers, what is not is asked for, and what is ours alone is not shown.
func cached(t *testing.T, base string) {
	t.Helper()
	for p, want := range map[string]string{"assets/style.a0000001.css": "immutable", "search/abc000000001.bin": "immutable", "index.html": "no-cache"} {
		res, err := http.Get(base + p)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if !strings.Contains(res.Header.Get("Cache-Control"), want) {
			t.Errorf("%s: %q, want %s", p, res.Header.Get("Cache-Control"), want)
		}
	}
	if res, err := http.Get(base + publish.Control); err != nil || res.StatusCode != 404 && res.StatusCode != 403 {
		t.Errorf("the control file is shown: %v %v", res, err)
	}
}
