// Package sftp publishes over SSH. One connection takes many requests at once, so that the way to the server is paid for
// once and not for every file.
package sftp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"

	"gongzhi/generator/publish"
	"gongzhi/generator/publish/internal/wire"
)

// Options say where to and as whom.
type Options struct {
	Host, User, Path string
	Port             int    // 0: 22
	HostKey          string // the fingerprint that the server's key must have, SHA256:…; empty: known_hosts, then Trust
	KeyFile          string // a private key; empty: those in ~/.ssh that have the usual names
	Secret           string // the password, or the passphrase of the key
	Parallel         int    // requests at once; 0: 64
	// Trust is asked whether the key of a server that was never met is the right one.
	Trust func(host, fingerprint string) bool
	// KnownHosts are files in the format of OpenSSH; nil means ~/.ssh/known_hosts.
	KnownHosts []string
	// Dial connects; nil means over TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Store is a folder on a server.
type Store struct {
	opt  Options
	addr string
	root string

	dirs      wire.Folders
	dialing   sync.Mutex // one connects, the others wait for it
	mu        sync.Mutex // guards what follows
	conn      *connection
	agent     net.Conn
	modeKnown bool // whether chmod is right
	chmod     bool // what the server makes can't be read by others
	asked     bool // somebody was asked whether a key is right
}

type connection struct {
	ssh  *ssh.Client
	sftp *sftp.Client
}

var _ publish.Store = (*Store)(nil)

// Open connects to the server.
func Open(ctx context.Context, opt Options) (*Store, error) {
	if opt.Port == 0 {
		opt.Port = 22
	}
	if opt.Parallel == 0 {
		opt.Parallel = 64
	}
	if opt.Dial == nil {
		opt.Dial = (&net.Dialer{Timeout: dialTime}).DialContext
	}
	s := &Store{opt: opt, addr: net.JoinHostPort(opt.Host, strconv.Itoa(opt.Port)), root: path.Clean(opt.Path)}
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	s.conn = c
	return s, nil
}

const dialTime = 20 * time.Second

// inFlight is how many pieces of one file, of 32 KB each, are under way at once. Sixty-four files may be as well, and each piece takes
// memory; with 40 ms there and back one large file alone still gets through at 100 Mbit/s.
const inFlight = 16

// Traits says that a server gets many requests at once.
func (s *Store) Traits() publish.Traits {
	return publish.Traits{Parallel: s.opt.Parallel, Atomic: true, Temp: true}
}

// Close ends the connection.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.agent != nil {
		s.agent.Close()
	}
	if s.conn == nil {
		return nil
	}
	s.conn.sftp.Close()
	err := s.conn.ssh.Close()
	s.conn = nil
	return err
}

// keyKinds are the kinds of host keys, each tried where a server's key has to have a certain fingerprint: which of its
// keys a server shows depends on what it is asked for.
var keyKinds = [][]string{nil, {ssh.KeyAlgoED25519}, {ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521}, {ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}}

func (s *Store) connect(ctx context.Context) (*connection, error) {
	auth, err := s.auth()
	if err != nil {
		return nil, err
	}
	var wrong error
	for _, kind := range keyKinds {
		c, err := s.try(ctx, auth, kind)
		var e *publish.Error
		if err == nil || !errors.As(err, &e) || e.Kind != publish.HostKey || s.asked {
			return c, err // another key would not help
		}
		if wrong == nil || errors.Is(wrong, errOtherKind) && !errors.Is(err, errOtherKind) {
			wrong = err
		}
	}
	return nil, wrong
}

// errOtherKind is a server that shows a key of another kind than those that are known.
var errOtherKind = errors.New("another kind of host key")

func (s *Store) try(ctx context.Context, auth []ssh.AuthMethod, kind []string) (*connection, error) {
	raw, err := s.opt.Dial(ctx, "tcp", s.addr)
	if err != nil {
		return nil, wire.Known(s.opt.Host, err)
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	timer := time.AfterFunc(dialTime, func() { raw.Close() })
	defer timer.Stop()
	var wrong error
	conf := &ssh.ClientConfig{
		User: s.opt.User, Auth: auth, HostKeyAlgorithms: kind, Timeout: dialTime,
		HostKeyCallback: func(host string, addr net.Addr, key ssh.PublicKey) error {
			wrong = s.checkKey(host, addr, key)
			return wrong
		},
	}
	c, chans, reqs, err := ssh.NewClientConn(raw, s.addr, conf)
	if err != nil {
		raw.Close()
		switch {
		case wrong != nil:
			return nil, wrong
		case strings.Contains(err.Error(), "unable to authenticate"):
			return nil, &publish.Error{Kind: publish.Login, Text: fmt.Sprintf("“%s”不接受用户“%s”的登录：请检查名字、密码或密钥（密钥要先由管理员加到服务器上）", s.opt.Host, s.opt.User), Err: err}
		case strings.Contains(err.Error(), "no common algorithm for host key"):
			return nil, &publish.Error{Kind: publish.HostKey, Text: "服务器没有这一种公钥", Err: errOtherKind}
		case strings.Contains(err.Error(), "no common algorithm"):
			return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("“%s”只会用已经不安全的加密方法，没有连接：请管理员升级服务器", s.opt.Host), Err: err}
		}
		return nil, wire.Known(s.opt.Host, err)
	}
	client := ssh.NewClient(c, chans, reqs)
	ftp, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true), sftp.MaxConcurrentRequestsPerFile(inFlight))
	if err != nil {
		client.Close()
		return nil, &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("能登录“%s”，但它没有开 SFTP：请管理员打开", s.opt.Host), Err: err}
	}
	return &connection{client, ftp}, nil
}

// checkKey makes sure that the server is the one that it was.
func (s *Store) checkKey(host string, addr net.Addr, key ssh.PublicKey) error {
	got := ssh.FingerprintSHA256(key)
	changed := func(want string) error {
		return &publish.Error{Kind: publish.HostKey, Text: fmt.Sprintf("“%s”的公钥变了，没有连接：原来是 %s，现在是 %s。可能是服务器重装了，也可能有人冒充。请先向管理员核对，确实换了再改", s.opt.Host, want, got)}
	}
	if s.opt.HostKey != "" {
		if s.opt.HostKey == got {
			return nil
		}
		return changed(s.opt.HostKey + "（site.yaml 的 hostKey）")
	}
	files := s.opt.KnownHosts
	if files == nil {
		if home, err := os.UserHomeDir(); err == nil {
			files = []string{filepath.Join(home, ".ssh", "known_hosts")}
		}
	}
	files = slices.DeleteFunc(slices.Clone(files), func(f string) bool { _, err := os.Stat(f); return err != nil })
	if check, err := knownhosts.New(files...); err == nil && len(files) > 0 {
		var e *knownhosts.KeyError
		err := check(host, addr, key)
		if err == nil {
			return nil
		}
		if errors.As(err, &e) && len(e.Want) > 0 {
			for _, w := range e.Want {
				if w.Key.Type() == key.Type() {
					return changed(ssh.FingerprintSHA256(w.Key) + "（known_hosts）")
				}
			}
			return &publish.Error{Kind: publish.HostKey, Text: "known_hosts 里是另一种公钥", Err: errOtherKind}
		}
	}
	s.mu.Lock()
	s.asked = true
	s.mu.Unlock()
	if s.opt.Trust != nil && s.opt.Trust(s.opt.Host, got) {
		return nil
	}
	return &publish.Error{Kind: publish.HostKey, Text: fmt.Sprintf("第一次连接“%s”，还不能确定它是不是冒充的。它的公钥指纹是 %s。请向管理员核对；对的话，在 site.yaml 的这个目标里加一行“hostKey: %s”", s.opt.Host, got, got)}
}

// auth lists the ways to log in: a key, the agent, the password.
func (s *Store) auth() ([]ssh.AuthMethod, error) {
	var methods []ssh.AuthMethod
	var signers []ssh.Signer
	if s.opt.KeyFile != "" {
		k, err := readKey(s.opt.KeyFile, s.opt.Secret)
		if err != nil {
			return nil, err
		}
		signers = append(signers, k)
	} else if home, err := os.UserHomeDir(); err == nil && s.opt.Secret == "" {
		for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
			if k, err := readKey(filepath.Join(home, ".ssh", name), ""); err == nil {
				signers = append(signers, k)
			}
		}
	}
	s.mu.Lock()
	if s.agent == nil && s.opt.KeyFile == "" {
		s.agent = dialAgent()
	}
	conn := s.agent
	s.mu.Unlock()
	if conn != nil {
		more, err := agent.NewClient(conn).Signers()
		if err == nil {
			signers = append(signers, more...)
		}
	}
	if len(signers) > 0 {
		methods = append(methods, ssh.PublicKeys(signers...))
	}
	if s.opt.Secret != "" {
		methods = append(methods, ssh.Password(s.opt.Secret), ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				answers[i] = s.opt.Secret
			}
			return answers, nil
		}))
	}
	if len(methods) == 0 {
		return nil, &publish.Error{Kind: publish.Login, Text: "没有密码，也没有找到密钥：请存入密码，或者在 site.yaml 的这个目标里用 key 写明私钥文件"}
	}
	return methods, nil
}

func readKey(name, secret string) (ssh.Signer, error) {
	if rest, ok := strings.CutPrefix(filepath.ToSlash(name), "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			name = filepath.Join(home, filepath.FromSlash(rest))
		}
	}
	// A pipe would be waited for, and a device has no end.
	if info, err := os.Stat(name); err == nil && (!info.Mode().IsRegular() || info.Size() > 1<<20) {
		return nil, &publish.Error{Kind: publish.Login, Text: fmt.Sprintf("私钥 %s 用不了：它不是普通文件，或者太大", name)}
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, &publish.Error{Kind: publish.Login, Text: "读不到私钥文件 " + name, Err: err}
	}
	k, err := ssh.ParsePrivateKey(b)
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		if secret == "" {
			return nil, &publish.Error{Kind: publish.Login, Text: fmt.Sprintf("私钥 %s 有口令：请把口令当作这个目标的密码存入", name)}
		}
		k, err = ssh.ParsePrivateKeyWithPassphrase(b, []byte(secret))
	}
	if err != nil {
		return nil, &publish.Error{Kind: publish.Login, Text: fmt.Sprintf("私钥 %s 用不了：口令不对，或者不是 OpenSSH 的私钥", name), Err: err}
	}
	return k, nil
}

// do makes a request. What does not answer in time is cut off, with its connection.
func (s *Store) do(ctx context.Context, f func(c *sftp.Client) error) error {
	c, err := s.connection(ctx)
	if err != nil {
		return err
	}
	over := make(chan error, 1)
	go func() { over <- f(c.sftp) }()
	select {
	case err := <-over:
		if broken(err) {
			s.drop(c)
		}
		return s.known(err)
	case <-ctx.Done():
		s.drop(c)
		<-over
		return ctx.Err()
	}
}

// connection gives the connection, a new one if the last has broken.
func (s *Store) connection(ctx context.Context) (*connection, error) {
	s.dialing.Lock()
	defer s.dialing.Unlock()
	s.mu.Lock()
	c := s.conn
	s.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.conn = c
	s.mu.Unlock()
	return c, nil
}

func (s *Store) drop(c *connection) {
	s.mu.Lock()
	if s.conn == c {
		s.conn = nil
	}
	s.mu.Unlock()
	c.ssh.Close()
}

func broken(err error) bool {
	var op *net.OpError
	return err != nil && (errors.As(err, &op) || errors.Is(err, sftp.ErrSSHFxConnectionLost) || errors.Is(err, sftp.ErrSSHFxNoConnection) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed))
}

// known puts a server's answers into words.
func (s *Store) known(err error) error {
	var status *sftp.StatusError
	var named *publish.Error
	switch {
	case err == nil || errors.Is(err, fs.ErrNotExist) || errors.As(err, &named):
		return err
	case broken(err):
		return &publish.Error{Kind: publish.Temporary, Text: fmt.Sprintf("和“%s”的连接断了", s.opt.Host), Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &publish.Error{Kind: publish.Denied, Text: fmt.Sprintf("用户“%s”没有权限写到 %s：请管理员检查文件夹的所有者和权限", s.opt.User, s.root), Err: err}
	case errors.As(err, &status):
		switch status.Code {
		case 14, 15: // of later drafts of the protocol: no space, over quota
			return &publish.Error{Kind: publish.Full, Text: "服务器的空间满了，或者超出了配额：请先腾出空间", Err: err}
		case uint32(sftp.ErrSSHFxFailure):
			return &publish.Error{Kind: publish.Unknown, Text: "服务器没有做到，也没有说为什么，可能是磁盘满了", Err: err}
		}
	}
	return err
}

func (s *Store) name(p string) string { return path.Join(s.root, p) }

// Get reads a file.
func (s *Store) Get(ctx context.Context, p string, w io.Writer) error {
	return s.do(ctx, func(c *sftp.Client) error {
		f, err := c.Open(s.name(p))
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.WriteTo(w)
		return err
	})
}

// Stat asks for a file.
func (s *Store) Stat(ctx context.Context, p string) (i publish.Info, err error) {
	err = s.do(ctx, func(c *sftp.Client) error {
		info, err := c.Lstat(s.name(p))
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			to, e := c.Stat(s.name(p))
			if e == nil {
				info = to
			} else if broken(e) {
				return e
			}
		}
		if err != nil {
			return err
		}
		i = publish.Info{Path: p, Size: info.Size()}
		if !info.Mode().IsRegular() {
			i.Size = -1
		}
		return nil
	})
	return i, err
}

// Put writes to TempDir and renames.
func (s *Store) Put(ctx context.Context, o *publish.Object) error {
	return s.do(ctx, func(c *sftp.Client) error {
		temp := publish.Temp(o.Path)
		for _, p := range []string{temp, o.Path} {
			if err := s.mkdir(c, path.Dir(p)); err != nil {
				return err
			}
		}
		if err := s.write(c, s.name(temp), o); err != nil {
			return s.room(c, err, o.Size)
		}
		err := s.rename(c, s.name(temp), s.name(o.Path))
		if errors.Is(err, fs.ErrNotExist) { // the server has just got round to what was asked for before the connection broke
			s.dirs.Doubt()
			return &publish.Error{Kind: publish.Temporary, Text: "刚发上去的文件不见了", Err: errors.New(o.Path)}
		}
		return err
	})
}

func (s *Store) write(c *sftp.Client, name string, o *publish.Object) error {
	r, err := o.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if errors.Is(err, fs.ErrNotExist) { // somebody has removed the folder since
		s.dirs.Doubt()
		return &publish.Error{Kind: publish.Temporary, Text: "文件夹不见了", Err: errors.New(name)}
	}
	if err != nil {
		return err
	}
	if err := s.mode(c, f, name); err != nil {
		f.Close()
		return err
	}
	_, err = f.ReadFrom(&io.LimitedReader{R: r, N: o.Size + 1})
	return cmp.Or(err, f.Close())
}

// room finds out whether a file was not taken because the disk is full: this version of the protocol has no word for it.
func (s *Store) room(c *sftp.Client, err error, size int64) error {
	var status *sftp.StatusError
	if !errors.As(err, &status) || status.Code != uint32(sftp.ErrSSHFxFailure) {
		return err
	}
	full := strings.Contains(strings.ToLower(status.Error()), "no space") || strings.Contains(strings.ToLower(status.Error()), "quota")
	if _, can := c.HasExtension("statvfs@openssh.com"); can && !full {
		if disk, e := c.StatVFS(s.root); e == nil {
			full = disk.Frsize*disk.Bavail < uint64(max(size, 1<<16)) || disk.Favail == 0 && disk.Files > 0
		}
	}
	if full {
		return &publish.Error{Kind: publish.Full, Text: "服务器的磁盘满了，或者超出了配额：请先腾出空间", Err: err}
	}
	return err
}

// mode makes sure that the web server, another user, may read what is written. Whether that needs a word is found out once.
func (s *Store) mode(c *sftp.Client, f *sftp.File, name string) error {
	s.mu.Lock()
	asked, must := s.modeKnown, s.chmod
	s.mu.Unlock()
	if !asked {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		must = info.Mode().Perm()&0o444 != 0o444
		s.mu.Lock()
		s.modeKnown, s.chmod = true, must
		s.mu.Unlock()
	}
	if must {
		return c.Chmod(name, 0o644)
	}
	return nil
}

// rename lets a file take the place of another in one step, where the server can.
func (s *Store) rename(c *sftp.Client, from, to string) error {
	if _, ok := c.HasExtension("posix-rename@openssh.com"); ok {
		return c.PosixRename(from, to)
	}
	err := c.Rename(from, to)
	if err == nil || broken(err) {
		return err
	}
	if e := c.Remove(to); e != nil && !errors.Is(e, fs.ErrNotExist) {
		return err
	}
	return c.Rename(from, to)
}

// mkdir makes a folder and those above it, each asked for once.
func (s *Store) mkdir(c *sftp.Client, dir string) error {
	return s.dirs.Make("/"+dir, func() error {
		if dir != "." {
			if err := s.mkdir(c, path.Dir(dir)); err != nil {
				return err
			}
		}
		err := c.Mkdir(s.name(dir))
		if err == nil {
			return nil
		}
		info, e := c.Stat(s.name(dir))
		switch {
		case e == nil && info.IsDir():
			return nil
		case e == nil:
			return &publish.Error{Kind: publish.Refused, Text: fmt.Sprintf("服务器上的 %s 是文件，网站要在那里放文件夹：请先移走它", s.name(dir))}
		case dir == "." && errors.Is(err, fs.ErrNotExist):
			return &publish.Error{Kind: publish.Address, Text: fmt.Sprintf("服务器上没有 %s 这个文件夹：请检查 path", path.Dir(s.root)), Err: err}
		}
		return err
	})
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, p string) error {
	err := s.do(ctx, func(c *sftp.Client) error { return c.Remove(s.name(p)) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Prune removes a folder if it is empty: the protocol removes no other.
func (s *Store) Prune(ctx context.Context, dir string) error {
	s.dirs.Forget("/" + dir)
	return s.do(ctx, func(c *sftp.Client) error { return c.RemoveDirectory(s.name(dir)) })
}

// listedAtOnce is how many folders are listed at once.
const listedAtOnce = 16

// List walks the folder. A link is listed as a file, and not followed.
func (s *Store) List(ctx context.Context, dir string, each func(publish.Info)) error {
	return s.do(ctx, func(c *sftp.Client) error {
		return wire.Walk(dir, listedAtOnce, func(d string) (below []string, err error) {
			list, err := c.ReadDirContext(ctx, s.name(d))
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			for _, e := range list {
				if e.Name() == ".." || strings.Contains(e.Name(), "/") {
					continue
				}
				p := path.Join(d, e.Name())
				if e.IsDir() {
					below = append(below, p)
					continue
				}
				each(publish.Info{Path: p, Size: e.Size()})
			}
			return below, err
		})
	})
}
