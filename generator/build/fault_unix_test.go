//go:build unix

package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const errBusy = syscall.EBUSY

// faulty lets calls of one kind fail, from the n-th (0-based) on, as many as times. hits counts those
// that failed.
func faulty(s system, op string, n, times int, errno error, hits *int) system {
	var mu sync.Mutex
	calls := 0
	fail := func(name string) error {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls <= n || calls-1 >= n+times {
			return nil
		}
		*hits++
		return &os.PathError{Op: op, Path: name, Err: errno}
	}
	one := func(f func(string) error) func(string) error {
		return func(a string) error {
			if err := fail(a); err != nil {
				return err
			}
			return f(a)
		}
	}
	two := func(f func(a, b string) error) func(a, b string) error {
		return func(a, b string) error {
			if err := fail(a); err != nil {
				return err
			}
			return f(a, b)
		}
	}
	switch op {
	case "mkdir":
		s.mkdir = one(s.mkdir)
	case "create":
		whole := s.create
		s.create = func(name string, data []byte, mode os.FileMode) error {
			err := fail(name)
			if err != nil {
				data = data[:len(data)/2] // a full disk takes a part
			}
			return errors.Join(err, whole(name, data, mode))
		}
		poured := s.pour
		s.pour = func(name string, from io.Reader, mode os.FileMode) error {
			err := fail(name)
			if err != nil {
				from = io.LimitReader(from, 2)
			}
			return errors.Join(err, poured(name, from, mode))
		}
	case "link":
		s.link = two(s.link)
	case "rename":
		s.rename = two(s.rename)
	case "exchange":
		s.exchange = two(s.exchange)
	case "remove":
		s.remove = one(s.remove)
	case "flush":
		s.flush = one(s.flush)
	case "flushDir":
		s.flushDir = one(s.flushDir)
	}
	return s
}

// Every call that changes the disk is made to fail in turn, once and from then on.
func TestFaults(t *testing.T) {
	ops := []string{"mkdir", "create", "link", "rename", "exchange", "remove", "flush", "flushDir"}
	errnos := map[error]string{syscall.ENOSPC: "磁盘已满", syscall.EIO: "磁盘读写出错", syscall.EMFILE: "ulimit"}
	others := site{"CNAME": "example.org", "others/a.csv": "1", ".git/objects/ab": "x"}
	with := func(s site) site {
		all := site{}
		for _, m := range []site{s, others} {
			for p, v := range m {
				all[p] = v
			}
		}
		return all
	}
	total := 0
	for _, way := range ways {
		for _, op := range ops {
			for errno, advice := range errnos {
				for _, times := range []int{1, 1 << 30} {
					for n := 0; ; n++ {
						if n > 200 {
							t.Fatal("no end")
						}
						name := fmt.Sprintf("%s: %s %d fails %d times with %v", way.name, op, n, times, errno)
						out := filepath.Join(scratch(t), "public")
						publish(t, first, out)
						put(t, out, others)
						hits := 0
						sys := faulty(way.sys(), op, n, times, errno, &hits)
						opt := Options{Output: out, Workers: 1, InPlace: way.inPlace}
						res, err := writeSite(t.Context(), second.paths(), second.file, opt, sys)
						got := site{}
						if _, e := os.Stat(out); e == nil {
							got = snapshot(t, out)
						}
						isOld, isNew := compare(got, with(first)) == "", compare(got, with(second)) == ""
						total += hits
						switch {
						case err == nil && !isNew:
							t.Fatalf("%s: no error, but not the new site:\n%s", name, compare(got, with(second)))
						case err == nil:
						case !strings.Contains(err.Error(), advice) || !strings.Contains(err.Error(), filepath.Dir(out)):
							t.Fatalf("%s: no help: %v", name, err)
						case strings.Contains(err.Error(), "没有改动") && !isOld:
							t.Fatalf("%s: it was changed, and the error says no: %v", name, err)
						case !strings.Contains(err.Error(), "没有改动") && !errors.Is(err, errHalf) && op != "rename" && op != "flushDir":
							t.Fatalf("%s: it does not say that the old site stands: %v", name, err)
						case errors.Is(err, errHalf): // in place only, and it said so
							if !way.inPlace && way.name != "rename refused" {
								t.Fatalf("%s: half a site", name)
							}
						case way.name == "two renames" && op == "rename" && times > 1 && len(got) == 0:
							// the rename back failed as well: the next build has to do it
						case !isOld && !isNew:
							t.Fatalf("%s: neither the old nor the new site:\n%s", name, compare(got, with(first)))
						}
						if err == nil && res.Leftover != "" && hits == 0 {
							t.Fatalf("%s: left %s", name, res.Leftover)
						}
						// The cause is gone: the next build needs no cleaning up.
						opt.InPlace = false
						if _, err := writeSite(t.Context(), second.paths(), second.file, opt, quick()); err != nil {
							t.Fatalf("%s: the next build: %v", name, err)
						}
						if diff := compare(snapshot(t, out), with(second)); diff != "" {
							t.Fatalf("%s: after the next build:\n%s", name, diff)
						}
						wantClean(t, out)
						os.RemoveAll(filepath.Dir(out))
						if hits == 0 {
							break
						}
					}
				}
			}
		}
	}
	t.Logf("%d faults", total)
}

// The other way to learn of a fault is that the process is gone. A child builds over an older site and
// is killed at a random moment, two hundred times.
func TestKilled(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 2))
	publish(t, version(0), out)
	put(t, out, site{".git/HEAD": "x", "others/a.csv": "1"})
	expect := func(k int) site {
		s := version(k)
		s[".git/HEAD"], s["others/a.csv"] = "x", "1"
		return s
	}
	// How long a child takes from its first word on to its end.
	run := func(k int, kill time.Duration) time.Duration {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"=build", raceExit, "OUT="+out, fmt.Sprintf("VERSION=%d", k), "WORKERS=2")
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := pipe.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if kill >= 0 {
			time.Sleep(kill)
			cmd.Process.Kill()
		}
		cmd.Wait()
		return time.Since(start)
	}
	typical := time.Hour
	for k := 1; k <= 5; k++ {
		typical = min(typical, run(k, -1))
		wantTree(t, out, expect(k))
	}
	was, old, renewed := 5, 0, 0
	for range 200 {
		k := was + 1
		run(k, time.Duration(rnd.Int64N(int64(typical))))
		got := snapshot(t, out)
		switch {
		case compare(got, expect(was)) == "":
			old++
		case compare(got, expect(k)) == "":
			renewed++
		default:
			t.Fatalf("killed: neither the old site:\n%s\nnor the new one:\n%s", compare(got, expect(was)), compare(got, expect(k)))
		}
		was = k + 1
		if rnd.IntN(4) == 0 { // now and then the remains of several killed builds come together
			was = k
			if compare(got, expect(k)) != "" {
				was = k - 1
			}
			continue
		}
		publish(t, version(was), out)
		wantTree(t, out, expect(was))
		wantClean(t, out)
	}
	t.Logf("%d times the old site, %d times the new one", old, renewed)
}

// version is a site of which each version changes some files, adds and removes some, and leaves most.
func version(k int) site {
	s := site{}
	for i := range 120 {
		v := fmt.Sprint(i)
		if i%7 == k%7 {
			v = fmt.Sprint(k)
		}
		if i%11 != k%11 {
			s[fmt.Sprintf("reports/%d/r%d/index.html", i%5, i)] = strings.Repeat(v, 50)
		}
	}
	s["index.html"] = fmt.Sprint("version ", k)
	return s
}

const (
	childEnv = "BUILD_TEST_CHILD"
	raceExit = "GORACE=atexit_sleep_ms=0" // a program under the race detector sleeps for a second before it ends
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	var k int
	fmt.Sscan(os.Getenv("VERSION"), &k)
	s := version(k)
	fmt.Print("!")
	// Computing takes a while, so that kills fall into all parts of the work.
	slow := func(dst []byte, p string) ([]byte, error) {
		for start := time.Now(); time.Since(start) < 10*time.Microsecond; {
		}
		return s.file(dst, p)
	}
	opt := Options{Output: os.Getenv("OUT")}
	fmt.Sscan(os.Getenv("WORKERS"), &opt.Workers)
	res, err := Write(context.Background(), opt, fill(s.paths(), slow))
	if err == nil && res.Files != len(s) {
		err = fmt.Errorf("%+v", res)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// With 64 file handles a build with more workers than that succeeds.
func TestFewFileHandles(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	for k := range 2 {
		cmd := exec.Command("/bin/sh", "-c", `ulimit -n 64 && exec "$0"`, os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"=build", raceExit, "OUT="+out, fmt.Sprintf("VERSION=%d", k), "WORKERS=100")
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		wantTree(t, out, version(k))
	}
}

// The umask of the person who builds does not decide who can read the site.
func TestModes(t *testing.T) {
	for _, mask := range []int{0, 0o002, 0o022, 0o077} {
		old := syscall.Umask(mask)
		dir := scratch(t)
		out := filepath.Join(dir, "www/site/public") // what stands above it is made as well
		publish(t, first, out)
		for _, above := range []string{"www", "www/site"} {
			if info, err := os.Stat(filepath.Join(dir, above)); err != nil || info.Mode().Perm() != 0o755 {
				t.Errorf("umask %03o: %s has %v, %v", mask, above, info.Mode(), err)
			}
		}
		if err := os.Chmod(out, 0o775); err != nil {
			t.Fatal(err)
		}
		publish(t, second, out)
		syscall.Umask(old)
		err := filepath.WalkDir(out, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			want := fs.FileMode(0o644)
			if d.IsDir() {
				want = 0o755
			}
			if name == out {
				want = 0o775
			}
			if err == nil && info.Mode().Perm() != want {
				t.Errorf("umask %03o: %s has %03o", mask, name, info.Mode().Perm())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A pipe in the place of a page must not hang the build, which would read it.
func TestPipeInTheWay(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	publish(t, first, out)
	name := filepath.Join(out, "empty.txt")
	os.Remove(name)
	if err := syscall.Mkfifo(name, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := writeSite(t.Context(), first.paths(), first.file, Options{Output: out}, quick())
	if err == nil || !strings.Contains(err.Error(), "\n  empty.txt\n") {
		t.Errorf("%v", err)
	}
}

// Between two renames the output is missing; the next build puts the old one back before anything else, even if
// somebody has made an empty folder there.
func TestStoppedBetweenTwoRenames(t *testing.T) {
	for _, empty := range []bool{false, true} {
		dir := scratch(t)
		out := filepath.Join(dir, "public")
		publish(t, first, out)
		put(t, out, site{"others.csv": "1"})
		if err := os.Rename(out, filepath.Join(dir, ".public.gongzhi-old-1")); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, ".public.gongzhi-new-1"), site{"index.html": "half"})
		if empty {
			os.Mkdir(out, 0o755)
		}
		bad := errors.New("bad page")
		_, err := writeSite(t.Context(), first.paths(), func([]byte, string) ([]byte, error) { return nil, bad }, Options{Output: out}, quick())
		if !errors.Is(err, bad) {
			t.Fatal(err)
		}
		want := site{"others.csv": "1"}
		for p, v := range first {
			want[p] = v
		}
		wantTree(t, out, want)
		wantClean(t, out)
	}
}

// What another program puts into .git or anywhere else between the link and the swap is not lost.
func TestOthersWriteMeanwhile(t *testing.T) {
	out := filepath.Join(scratch(t), "public")
	publish(t, first, out)
	put(t, out, site{".git/index": "old", ".git/HEAD": "x"})
	sys := quick()
	sys.flush = func(string) error {
		put(t, out, site{".git/index.lock": "new", "uploads/a/b.jpg": "JPEG"})
		return os.Rename(filepath.Join(out, ".git/index.lock"), filepath.Join(out, ".git/index"))
	}
	if _, err := writeSite(t.Context(), second.paths(), second.file, Options{Output: out}, sys); err != nil {
		t.Fatal(err)
	}
	want := site{".git/index": "new", ".git/HEAD": "x", "uploads/a/b.jpg": "JPEG"}
	for p, v := range second {
		want[p] = v
	}
	wantTree(t, out, want)
	wantClean(t, out)
}

// An output on a disk of its own: hard links join the two trees, which stand side by side, not the source.
func TestOutputOnAnotherFileSystem(t *testing.T) {
	source, out := t.TempDir(), filepath.Join(scratch(t), "public")
	put(t, source, site{"content/a.md": "x"})
	for _, s := range []site{first, second} {
		if _, err := Write(t.Context(), Options{Output: out, Source: source}, fill(s.paths(), s.file)); err != nil {
			t.Fatal(err)
		}
		wantTree(t, out, s)
	}
	if isMountPoint(out) || !isMountPoint("/dev") {
		t.Error("mount points are not told from folders")
	}
}
