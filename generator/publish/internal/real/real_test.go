//go:build servers

// Package real runs the life of a site at the servers that people have: OpenSSH, vsftpd, VersityGW, nginx. `make servers`
// installs them where it can.
package real

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
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

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/folder"
	"gongzhi/generator/publish/ftp"
	"gongzhi/generator/publish/internal/life"
	"gongzhi/generator/publish/look"
	"gongzhi/generator/publish/s3"
	"gongzhi/generator/publish/sftp"
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
	web := filepath.Join(dir, "网站")
	life.Run(t, at(web, func() (publish.Store, error) {
		return sftp.Open(t.Context(), sftp.Options{Host: "127.0.0.1", Port: p, User: me.Username, Path: web, KeyFile: filepath.Join(dir, "key"), HostKey: ssh.FingerprintSHA256(public)})
	}))
}

func TestVsftpd(t *testing.T) {
	for _, security := range []string{"none", "tls", "implicit"} {
		t.Run(security, func(t *testing.T) {
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
			place := at(filepath.Join(web, "网站"), func() (publish.Store, error) {
				return ftp.Open(t.Context(), ftp.Options{Host: "127.0.0.1", Port: p, User: "anonymous", Secret: "x", Path: "/web/网站", Security: security, TLS: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}})
			})
			plant := place.Plant
			place.Plant = func(t *testing.T, name, text string) {
				plant(t, name, text)
				if err := os.Chmod(filepath.Join(web, "网站", name), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			life.Run(t, place)
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
}

// TestNginx: the configuration of the guide does all that the look asks for.
func TestNginx(t *testing.T) {
	doc, err := os.ReadFile("../../../../docs/servers.md")
	if err != nil {
		t.Fatal(err)
	}
	_, conf, _ := strings.Cut(string(doc), "```nginx\n")
	conf, _, _ = strings.Cut(conf, "```")
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
	if res, err := http.Get(base + publish.Control); err != nil || res.StatusCode != 404 {
		t.Errorf("the control file is shown: %v %v", res, err)
	}
}
