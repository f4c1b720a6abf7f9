//go:build servers

package real

import (
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/ftp"
	"gongzhi/generator/publish/internal/life"
)

// TestPureFTPd: it can't be installed beside vsftpd, so the two programs of its package stand in a folder of their own.
func TestPureFTPd(t *testing.T) {
	programs := os.Getenv("PUREFTPD")
	for _, security := range []string{"none", "explicit"} {
		t.Run(security, func(t *testing.T) {
			dir := t.TempDir()
			reachable(t, dir)
			root := filepath.Join(dir, "root")
			web := filepath.Join(root, "web")
			for _, d := range []string{root, web} {
				if err := os.MkdirAll(d, 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(d, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			passwd := exec.Command(filepath.Join(programs, "usr/bin/pure-pw"), "useradd", "ceshi", "-f", filepath.Join(dir, "passwd"), "-F", filepath.Join(dir, "db"), "-u", "ftp", "-d", root, "-m", "-C", "1000", "-M", "64000") // the password is one that takes no second to compare
			passwd.Stdin = strings.NewReader("testsecret123\ntestsecret123\n")
			if out, err := passwd.CombinedOutput(); err != nil {
				t.Fatalf("pure-pw: %v\n%s", err, out)
			}
			pool := certificate(t, dir)
			p := port(t)
			start(t, p, filepath.Join(programs, "usr/sbin/pure-ftpd"), "-S", fmt.Sprintf("127.0.0.1,%d", p), "-l", "puredb:"+filepath.Join(dir, "db"), "-E", "-u", "100", "-H",
				"-2", filepath.Join(dir, "cert.pem"), "-Y", map[string]string{"none": "0", "explicit": "3"}[security])
			open := func() (publish.Store, error) {
				return ftp.Open(t.Context(), ftp.Options{Host: "127.0.0.1", Port: p, User: "ceshi", Secret: "testsecret123", Path: "/web/网站", Security: security, TLS: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}})
			}
			life.Run(t, theirs(filepath.Join(web, "网站"), open))
		})
	}
}
