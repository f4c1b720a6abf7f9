package publish

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongzhi/generator/output"
)

// Control is the name of the one file at a target that is not the site's: what stands there.
const Control = output.Own + "published"

// Sum is the first half of the SHA-256 of a file.
type Sum [16]byte

// An entry is one file of a version of the site.
type entry struct {
	path string
	sum  Sum
	size int64 // -1: not known before it is made
	head uint32
}

// manifest is what a target says of itself.
//
// settled are the files of the version that was published completely last. pending are what a publish that has not
// come to its end was about to send; each of them may have arrived or not, and what stands there may as well be what
// settled says, or another pending line of the same path. gone are files that do not belong to the site any longer and
// still stand there, with the time when they left it.
type manifest struct {
	run     string // the run that wrote it
	host    string // the machine
	time    time.Time
	settled map[string]entry
	pending map[string][]entry
	gone    map[string]goneEntry
}

type goneEntry struct {
	entry
	since int64
}

func newManifest() *manifest {
	return &manifest{settled: map[string]entry{}, pending: map[string][]entry{}, gone: map[string]goneEntry{}}
}

const (
	controlHead = "gongzhi published 1"
	controlTail = "end"
)

// encode gives the bytes of the control file: lines, packed by gzip. The same manifest gives the same bytes.
func (m *manifest) encode() []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	w := bufio.NewWriter(z)
	fmt.Fprintf(w, "%s\nrun %s %d %s\n", controlHead, m.run, m.time.Unix(), strings.Join(strings.Fields(m.host), "_"))
	line := func(kind byte, e entry) {
		fmt.Fprintf(w, "%c %s %d %x %s\n", kind, hex.EncodeToString(e.sum[:]), e.size, e.head, e.path)
	}
	for _, e := range sorted(m.settled) {
		line('=', e)
	}
	var pending []entry
	for _, list := range m.pending {
		pending = append(pending, list...)
	}
	slices.SortFunc(pending, compareEntries)
	for _, e := range pending {
		line('+', e)
	}
	var gone []goneEntry
	for _, g := range m.gone {
		gone = append(gone, g)
	}
	slices.SortFunc(gone, func(a, b goneEntry) int { return compareEntries(a.entry, b.entry) })
	for _, g := range gone {
		fmt.Fprintf(w, "- %s %d %x %d %s\n", hex.EncodeToString(g.sum[:]), g.size, g.head, g.since, g.path)
	}
	fmt.Fprintln(w, controlTail)
	w.Flush()
	z.Close()
	return b.Bytes()
}

func compareEntries(a, b entry) int {
	return cmp.Or(strings.Compare(a.path, b.path), bytes.Compare(a.sum[:], b.sum[:]))
}

func sorted(m map[string]entry) []entry {
	list := make([]entry, 0, len(m))
	for _, e := range m {
		list = append(list, e)
	}
	slices.SortFunc(list, compareEntries)
	return list
}

// errDamaged is a control file that nobody of us can have written like this.
var errDamaged = errors.New("damaged")

const mostControl = 256 << 20 // bytes of a control file, unpacked

// decodeManifest reads a control file. Since paths of it are deleted later, nothing but exactly the format is taken.
func decodeManifest(b []byte) (*manifest, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, errDamaged
	}
	lines := bufio.NewReader(io.LimitReader(z, mostControl))
	m := newManifest()
	whole := false
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			break
		}
		if err != nil || whole {
			return nil, errDamaged
		}
		line = line[:len(line)-1]
		switch {
		case n == 1:
			if line != controlHead {
				return nil, errDamaged
			}
		case n == 2:
			f := strings.SplitN(line, " ", 4)
			if len(f) != 4 || f[0] != "run" {
				return nil, errDamaged
			}
			at, err := strconv.ParseInt(f[2], 10, 64)
			if err != nil {
				return nil, errDamaged
			}
			m.run, m.time, m.host = f[1], time.Unix(at, 0), f[3]
		case line == controlTail:
			whole = true
		default:
			if err := m.line(line); err != nil {
				return nil, err
			}
		}
	}
	if !whole {
		return nil, errDamaged
	}
	return m, nil
}

func (m *manifest) line(line string) error {
	f := strings.SplitN(line, " ", 5)
	if len(f) != 5 || len(f[0]) != 1 {
		return errDamaged
	}
	var e entry
	sum, err := hex.DecodeString(f[1])
	size, err2 := strconv.ParseInt(f[2], 10, 64)
	head, err3 := strconv.ParseUint(f[3], 16, 32)
	if err != nil || err2 != nil || err3 != nil || len(sum) != len(e.sum) || size < -1 {
		return errDamaged
	}
	copy(e.sum[:], sum)
	e.size, e.head, e.path = size, uint32(head), strings.Clone(f[4])
	var since int64
	if f[0] == "-" {
		at, p, ok := strings.Cut(e.path, " ")
		if since, err = strconv.ParseInt(at, 10, 64); err != nil || !ok {
			return errDamaged
		}
		e.path = strings.Clone(p)
	}
	if !validPath(e.path) {
		return errDamaged
	}
	switch f[0] {
	case "=":
		m.settled[e.path] = e
	case "+":
		m.pending[e.path] = append(m.pending[e.path], e)
	case "-":
		m.gone[e.path] = goneEntry{e, since}
	default:
		return errDamaged
	}
	return nil
}

// validPath reports whether a path can be one of a site: never the control file itself, nor anything that leads out.
func validPath(p string) bool {
	if !fs.ValidPath(p) || p == "." || strings.HasPrefix(p, output.Own) || p == ".git" || strings.HasPrefix(p, ".git/") {
		return false
	}
	return !strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' })
}
