package build

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// isBound reports whether a folder, or one in it, is mounted at another place too: a container has it as its own, or a
// service of systemd. Such a mount holds on to the folder itself, whatever its name. The mount tables of all processes are
// looked at, as far as the system shows them; proc is /proc, if not in a test. See proc_pid_mountinfo(5).
func isBound(proc, dir string) bool {
	own, err := os.ReadFile(filepath.Join(proc, "self/mountinfo"))
	if err != nil {
		return false
	}
	device, inside, ok := onDevice(own, dir)
	if !ok {
		return false
	}
	top, err := os.Open(proc)
	if err != nil {
		return false
	}
	defer top.Close()
	names, err := top.Readdirnames(-1)
	if err != nil {
		return false
	}
	slices.Sort(names)
	seen := map[string]bool{} // tables that several processes share: by their namespace, and by the number of their first mount, which no other has
	for _, name := range names {
		if name[0] < '0' || name[0] > '9' {
			continue // no process
		}
		// To make a table costs the system much more than to name its namespace; of processes of others it may tell the table alone.
		if namespace, err := os.Readlink(filepath.Join(proc, name, "ns/mnt")); err == nil {
			if seen[namespace] {
				continue
			}
			seen[namespace] = true
		}
		f, err := os.Open(filepath.Join(proc, name, "mountinfo"))
		if err != nil {
			continue // it has ended, or is not ours to look at
		}
		lines := bufio.NewReader(f)
		first, _ := lines.ReadString('\n')
		number, _, _ := strings.Cut(first, " ")
		var rest []byte
		if !seen[number] {
			rest, _ = io.ReadAll(lines)
		}
		f.Close()
		if seen[number] {
			continue
		}
		seen[number] = true
		for m := range mounts(append([]byte(first), rest...)) {
			if m.device == device && (m.root == inside || strings.HasPrefix(m.root, inside+"/")) {
				return true
			}
		}
	}
	return false
}

// mount is a line of a mount table: what of which file system is mounted where.
type mount struct {
	number       uint64
	device       string
	root, target string
}

// mounts goes through a mount table.
func mounts(table []byte) func(yield func(mount) bool) {
	return func(yield func(mount) bool) {
		for line := range bytes.Lines(table) {
			f := strings.Fields(string(line))
			if len(f) < 5 {
				continue
			}
			n, err := strconv.ParseUint(f[0], 10, 64)
			if err == nil && !yield(mount{n, f[2], unescaped(f[3]), unescaped(f[4])}) {
				return
			}
		}
	}
}

// onDevice tells which file system a folder is on, by a mount table, and its path there.
func onDevice(table []byte, dir string) (device, inside string, ok bool) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	var st unix.Statx_t
	if err == nil {
		err = unix.Statx(unix.AT_FDCWD, dir, 0, unix.STATX_MNT_ID, &st)
	}
	if err != nil || st.Mask&unix.STATX_MNT_ID == 0 { // before Linux 5.8
		return "", "", false
	}
	for m := range mounts(table) {
		if m.number != st.Mnt_id {
			continue
		}
		rel, err := filepath.Rel(m.target, dir)
		if err != nil || strings.HasPrefix(rel, "..") {
			return "", "", false
		}
		return m.device, path.Join(m.root, rel), true
	}
	return "", "", false
}

// unescaped is a path of a mount table as it is: there \040 stands for a space.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
