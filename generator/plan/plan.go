// Package plan keeps changes that people look at before they happen.
//
// A Draft is what somebody wants done: what was read (Inputs), what becomes of each row of it (Rows), and the
// bytes of the files that change (Files). Save puts a draft away as plan N, below SOURCE/.gongzhi/plans/N, and
// touches nothing else. Apply has the draft derived again and refuses if anything differs from what was shown;
// then it writes all files or none, whenever the machine stops. Undo puts the bytes back, and refuses if a file
// was touched since. A plan knows nothing of collections: an import of a list, of a manuscript and a rename are
// all the same to it.
//
// What lies in .gongzhi/ belongs to the desk, not to the site: it is never content, a watcher passes over it, and
// it holds a .gitignore of its own that leaves all of it out. It may be removed when no plan needs to be undone.
//
//	.gongzhi/.gitignore          *
//	.gongzhi/lock                locked by whoever writes
//	.gongzhi/journal.json        there while files are being written; see apply.go
//	.gongzhi/originals/          what was read, by digest: lists from an office, manuscripts, pasted text
//	.gongzhi/kept/               what later plans use again, such as which column is which field
//	.gongzhi/plans/N/plan.json   the plan
//	.gongzhi/plans/N/done.json   what was written and what is needed to undo it, while it is applied
//	.gongzhi/plans/N/before/K    the bytes of the file K before
package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Dir is the folder below the source that holds all of it.
const Dir = ".gongzhi"

// Action is what becomes of a row.
type Action string

// The actions.
const (
	Create    Action = "create"    // a new record
	Update    Action = "update"    // a record changes
	Unchanged Action = "unchanged" // it is there already
	Undecided Action = "undecided" // a person has to say
	Refused   Action = "refused"   // it can't be brought in as it stands
)

// Input is something that was read.
type Input struct {
	Name   string `json:"name"`           // for people: the file's name, or “粘贴的文字”
	Path   string `json:"path,omitempty"` // where it was read, empty if it was pasted
	Digest string `json:"digest"`         // of its bytes

	Bytes []byte `json:"-"` // given to Save, which keeps them
}

// Change is one value of a record, before and after.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Row is one row of the input and what becomes of it.
type Row struct {
	Row     int      `json:"row"`            // its number in the input, 1-based: a line, a row of a sheet
	File    string   `json:"file,omitempty"` // of several inputs, which
	Action  Action   `json:"action"`
	ID      string   `json:"id"` // collection/id of the record; empty if there is none
	Reason  string   `json:"reason"`
	Changes []Change `json:"changes"`

	// Asks are, for a row that is undecided, what a person has to answer.
	Asks []Ask `json:"asks,omitempty"`
	// Place is where it stands, for people: 名单.xlsx 第3行, sheet and all.
	Place string `json:"place,omitempty"`
	// Cells are its own words, under the names of its own columns, for a sheet that goes back to where it came from.
	Cells []Cell `json:"cells,omitempty"`
}

// Ask is a question about a row.
type Ask struct {
	Key     string   `json:"key"` // names the question among all of the plan
	Text    string   `json:"text"`
	Choices []string `json:"choices"` // the first one leaves it open
}

// Cell is one cell of the input as it stood.
type Cell struct {
	Column string `json:"column"`
	Text   string `json:"text"`
}

// File is one file that changes.
type File struct {
	Path   string // relative to the source, slash-separated
	Before string // Digest of the bytes that it was derived from; empty if the file must not be there
	After  []byte // its bytes then
	Delete bool   // it goes; After is nil
}

// Kind is create, replace or delete.
func (f File) Kind() string {
	switch {
	case f.Delete:
		return "delete"
	case f.Before == "":
		return "create"
	}
	return "replace"
}

// Draft is what somebody wants done.
type Draft struct {
	Command string          // the word of the command line: import, rename; shown to people
	Args    json.RawMessage // what the command needs to derive it again; its own business
	Inputs  []Input
	Rows    []Row
	Notes   []string // what people should know of the whole: columns left out, counts that are not right
	Files   []File
}

// Plan is a draft that was saved.
type Plan struct {
	N int
	Draft
	State State
	Files []Entry // what changes, by digest; the Files of Draft are not kept
}

// State says whether a plan was applied.
type State string

// The states.
const (
	Open    State = "open"
	Applied State = "applied"
)

// Entry is a file of a plan.
type Entry struct {
	Path   string `json:"path"`
	Kind   string `json:"kind"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Size   int    `json:"size,omitempty"`
}

// Digest names bytes: SHA-256 in hexadecimal.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Count gives the number of rows with an action.
func (d *Draft) Count(a Action) int {
	n := 0
	for i := range d.Rows {
		if d.Rows[i].Action == a {
			n++
		}
	}
	return n
}

// Report is what --json prints of a plan.
func (p *Plan) Report() any {
	rows := p.Rows
	if rows == nil {
		rows = []Row{}
	}
	for i := range rows {
		if rows[i].Changes == nil {
			rows[i].Changes = []Change{}
		}
	}
	files, notes := p.Files, p.Notes
	if files == nil {
		files = []Entry{}
	}
	if notes == nil {
		notes = []string{}
	}
	return struct {
		Plan      int      `json:"plan"`
		State     State    `json:"state"`
		Create    int      `json:"create"`
		Update    int      `json:"update"`
		Unchanged int      `json:"unchanged"`
		Undecided int      `json:"undecided"`
		Refused   int      `json:"refused"`
		Rows      []Row    `json:"rows"`
		Files     []Entry  `json:"files"`
		Notes     []string `json:"notes"`
	}{p.N, p.State, p.Count(Create), p.Count(Update), p.Count(Unchanged), p.Count(Undecided), p.Count(Refused), rows, files, notes}
}

// entries gives what a plan keeps of a draft's files, in the order of their paths.
func (d *Draft) entries() []Entry {
	list := []Entry{}
	for _, f := range d.Files {
		e := Entry{Path: f.Path, Kind: f.Kind(), Before: f.Before, Size: len(f.After)}
		if !f.Delete {
			e.After = Digest(f.After)
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// check refuses drafts that can't be done.
func (d *Draft) check() error {
	seen := map[string]bool{}
	for _, f := range d.Files {
		switch first, _, _ := strings.Cut(f.Path, "/"); {
		case !filepath.IsLocal(filepath.FromSlash(f.Path)) || path.Clean(f.Path) != f.Path || f.Path == "." || strings.Contains(f.Path, "\\"):
			return fmt.Errorf("方案要写的文件“%s”不在网站的文件夹里", f.Path)
		case first == Dir:
			return fmt.Errorf("方案不能改 %s 里的文件", Dir)
		case seen[f.Path]:
			return fmt.Errorf("方案把文件“%s”写了两次", f.Path)
		case f.Delete && f.Before == "":
			return fmt.Errorf("方案要删去的文件“%s”没有写明原来的内容", f.Path)
		}
		seen[f.Path] = true
	}
	return nil
}

// kept is the form of plan.json, but for its rows, which stand behind the rest, one a line.
type kept struct {
	Version int             `json:"version"`
	Command string          `json:"command"`
	Args    json.RawMessage `json:"args,omitempty"`
	Inputs  []Input         `json:"inputs"`
	Files   []Entry         `json:"files"`
	Notes   []string        `json:"notes"`
}

// shape writes a draft as plan.json holds it: the same bytes for the same draft.
func (d *Draft) shape(w io.Writer) error {
	b, err := json.Marshal(kept{1, d.Command, d.Args, d.Inputs, d.entries(), d.Notes})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s,\n\"rows\":[", b[:len(b)-1]); err != nil {
		return err
	}
	for i := range d.Rows {
		b, err := json.Marshal(&d.Rows[i])
		if err != nil {
			return err
		}
		end := ",\n"
		if i == 0 {
			end = "\n"
		}
		if _, err := io.WriteString(w, end); err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

// Store is the plans of one site.
type Store struct {
	dir  string   // the source folder
	root *os.Root // the same; nothing outside it is ever written
	// step is called before each change of the disk, in tests: the machine may stop there.
	step func(what string)
}

// At opens the plans of a site, first putting right what an interrupted Apply or Undo left (see Recover).
func At(source string) (*Store, error) {
	s, err := open(source)
	if err != nil {
		return nil, err
	}
	if _, err := s.recover(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func open(source string) (*Store, error) {
	root, err := os.OpenRoot(source)
	if err != nil {
		return nil, fmt.Errorf("打不开文件夹“%s”：%w", source, err)
	}
	return &Store{dir: source, root: root, step: func(string) {}}, nil
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

func planDir(n int) string { return Dir + "/plans/" + strconv.Itoa(n) }

// Save puts a draft away under the next number, with its inputs. The tree of the site stays as it is.
func (s *Store) Save(d Draft) (*Plan, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	for i := range d.Inputs {
		in := &d.Inputs[i]
		if in.Bytes == nil {
			continue
		}
		in.Digest = Digest(in.Bytes)
		name := original(*in)
		if old, err := s.root.ReadFile(name); err == nil && Digest(old) == in.Digest {
			continue
		}
		if err := s.put(name, in.Bytes, 0o600); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := d.shape(&b); err != nil {
		return nil, err
	}
	list, err := s.List()
	if err != nil {
		return nil, err
	}
	n := 1
	if len(list) > 0 {
		n = list[len(list)-1] + 1
	}
	if err := s.put(planDir(n)+"/plan.json", b.Bytes(), 0o600); err != nil {
		return nil, err
	}
	p := &Plan{N: n, Draft: d, Files: d.entries(), State: Open}
	p.Draft.Files, p.Inputs = nil, slices.Clone(d.Inputs)
	for i := range p.Inputs {
		p.Inputs[i].Bytes = nil
	}
	return p, nil
}

// original is where the bytes of an input are kept.
func original(in Input) string {
	ext := strings.ToLower(path.Ext(filepath.ToSlash(in.Name)))
	if len(ext) > 8 || strings.ContainsFunc(ext, func(r rune) bool { return r != '.' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		ext = ""
	}
	return Dir + "/originals/" + in.Digest + ext
}

// Input gives the bytes of an input of a plan: those at its path, which must be what they were, else the copy that
// was kept.
func (s *Store) Input(in Input) ([]byte, error) {
	if in.Path != "" {
		b, err := os.ReadFile(in.Path)
		if err == nil {
			if Digest(b) != in.Digest {
				return nil, fmt.Errorf("“%s”在做方案以后改过了。请重新做方案", in.Path)
			}
			return b, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("读不了“%s”：%w", in.Path, err)
		}
	}
	b, err := s.root.ReadFile(original(in))
	if err != nil {
		return nil, fmt.Errorf("“%s”和留下的副本都读不到：%w", in.Name, err)
	}
	if Digest(b) != in.Digest {
		return nil, fmt.Errorf("“%s”留下的副本坏了。请重新做方案", in.Name)
	}
	return b, nil
}

// List gives the numbers of the plans, in their order.
func (s *Store) List() ([]int, error) {
	entries, err := fs.ReadDir(s.root.FS(), Dir+"/plans")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var list []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && n > 0 && strconv.Itoa(n) == e.Name() {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

// Load reads a plan.
func (s *Store) Load(n int) (*Plan, error) {
	var k struct {
		kept
		Rows []Row `json:"rows"`
	}
	p, err := s.load(n, &k, &k.kept)
	if err == nil {
		p.Rows = k.Rows
	}
	return p, err
}

// head reads a plan without its rows, of which there may be many.
func (s *Store) head(n int) (*Plan, error) {
	var k kept
	return s.load(n, &k, &k)
}

func (s *Store) load(n int, into any, k *kept) (*Plan, error) {
	f, err := s.root.Open(planDir(n) + "/plan.json")
	if errors.Is(err, fs.ErrNotExist) {
		list, _ := s.List()
		if len(list) == 0 {
			return nil, fmt.Errorf("没有方案 %d：这里还没有方案", n)
		}
		return nil, fmt.Errorf("没有方案 %d；有的是 %s", n, numbers(list))
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(into); err != nil || k.Version != 1 {
		return nil, fmt.Errorf("方案 %d 的文件读不懂，可能被改过，或是别的版本的程序写的。请重新做方案", n)
	}
	p := &Plan{N: n, Draft: Draft{Command: k.Command, Args: k.Args, Inputs: k.Inputs, Notes: k.Notes}, Files: k.Files, State: Open}
	if _, err := s.root.Stat(planDir(n) + "/done.json"); err == nil {
		p.State = Applied
	}
	return p, nil
}

// numbers lists the last of the plans for a message.
func numbers(list []int) string {
	var b strings.Builder
	if len(list) > 8 {
		b.WriteString("…")
		list = list[len(list)-8:]
	}
	for i, n := range list {
		if i > 0 {
			b.WriteString("、")
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// Attach puts a file beside a plan, such as a workbook for people; Attached reads it.
func (s *Store) Attach(n int, name string, b []byte) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return s.put(planDir(n)+"/"+name, b, 0o600)
}

// Attached reads a file that stands beside a plan; the error is fs.ErrNotExist if there is none.
func (s *Store) Attached(n int, name string) ([]byte, error) {
	return s.root.ReadFile(planDir(n) + "/" + name)
}

// Remember keeps a small thing under a name of letters, digits and hyphens, for later plans; Recall gives it back, or
// the error fs.ErrNotExist.
func (s *Store) Remember(name string, b []byte) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return s.put(Dir+"/kept/"+name+".json", b, 0o600)
}

// Recall gives what Remember kept.
func (s *Store) Recall(name string) ([]byte, error) {
	return s.root.ReadFile(Dir + "/kept/" + name + ".json")
}

// Path is where a file beside a plan stands, for people.
func (s *Store) Path(n int, name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(planDir(n)), name)
}
