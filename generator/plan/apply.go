package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// How files are written so that a machine that stops leaves all of the change or none of it:
//
//  1. The bytes of each file before are put into before/, the bytes after into a hidden file beside it, and
//     journal.json, written before these hidden files, names all of them with their digests. Until here
//     nothing of the site has changed; recovery takes the hidden files away.
//  2. journal.json is replaced by one that says "forward". This is the moment at which it is decided.
//  3. Files that go are removed, the hidden files are renamed to their names. Recovery goes on with that.
//  4. done.json is written (or, of an undo, removed), then journal.json is removed.
//
// Should step 3 fail while the program lives (a file that another program holds, a full disk), journal.json is
// replaced by one that says "back", and the bytes of before/ are restored; recovery goes on with that too. Each
// step is flushed to the disk before the next begins.

const journalName = Dir + "/journal.json"

// journal is what is being done.
type journal struct {
	Phase string   `json:"phase"` // prepare, forward, back
	Plan  int      `json:"plan"`
	Undo  bool     `json:"undo,omitempty"`
	Files []move   `json:"files"`
	Made  []string `json:"made,omitempty"` // folders that did not exist, outermost first
}

// move is one file's way. It is also what done.json keeps.
type move struct {
	Path   string      `json:"path"`
	Before string      `json:"before,omitempty"` // digest; empty: was not there
	After  string      `json:"after,omitempty"`  // digest; empty: goes
	Mode   fs.FileMode `json:"mode,omitempty"`   // of the file before
	Temp   string      `json:"temp,omitempty"`   // the hidden file
	Backup string      `json:"backup,omitempty"` // where the bytes before are
}

// done is the form of done.json.
type done struct {
	Files []move   `json:"files"`
	Made  []string `json:"made,omitempty"`
}

// Differs says that what was derived again is not what was shown.
type Differs struct {
	N    int
	What []string // what differs, the first few
}

func (d *Differs) Error() string {
	return fmt.Sprintf("方案 %d 做好以后情况变了，没有写任何文件：%s。请重新做方案，看过再执行", d.N, strings.Join(d.What, "；"))
}

// Touched says that files are not what an undo, or an apply, expects.
type Touched struct {
	N     int
	Paths []string
}

func (t *Touched) Error() string {
	return fmt.Sprintf("方案 %d 执行以后，这些文件又改过，撤销会丢掉后来的改动，所以没有撤销：%s", t.N, strings.Join(t.Paths, "、"))
}

// Result is what was done.
type Result struct {
	Plan  *Plan
	Files []Entry
}

// Apply does plan n, or nothing. derive makes the draft again from the plan's Args and Inputs; if it is not what
// the plan holds, the error is a *Differs. decide, if not nil, turns it into what is done, by what people answered
// to the rows that were undecided. Drafts whose files are not the ones that the disk holds are refused too.
func (s *Store) Apply(n int, derive func(*Plan) (Draft, error), decide func(*Plan, Draft) (Draft, error)) (*Result, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := s.recoverLocked(); err != nil {
		return nil, err
	}
	p, err := s.head(n)
	if err != nil {
		return nil, err
	}
	if p.State == Applied {
		return nil, fmt.Errorf("方案 %d 已经执行过了", n)
	}
	d, err := derive(p)
	if err != nil {
		return nil, err
	}
	if err := s.same(p, d); err != nil {
		return nil, err
	}
	p.Rows = d.Rows // the same
	if decide != nil {
		if d, err = decide(p, d); err != nil {
			return nil, err
		}
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	var changed []string
	moves := make([]move, len(d.Files))
	bytesOf := make([][]byte, len(d.Files))
	leaving := map[string]bool{} // by small letters: where letter case does not tell files apart, a file may move on itself
	for _, f := range d.Files {
		if f.Delete {
			leaving[strings.ToLower(f.Path)] = true
		}
	}
	for i, f := range d.Files {
		m := move{Path: f.Path, Before: f.Before}
		if !f.Delete {
			m.After, bytesOf[i] = Digest(f.After), f.After
		}
		have, mode, err := s.look(f.Path)
		if err != nil {
			return nil, err
		}
		if have != f.Before && !(f.Before == "" && leaving[strings.ToLower(f.Path)]) {
			changed = append(changed, f.Path+" 已经改过")
		}
		m.Mode = mode
		if f.Before == "" {
			m.Mode = 0
		}
		moves[i] = m
	}
	if len(changed) > 0 {
		return nil, &Differs{n, changed[:min(len(changed), 5)]}
	}
	if err := s.write(journal{Phase: "prepare", Plan: n, Files: moves}, bytesOf, planDir(n)+"/before"); err != nil {
		return nil, err
	}
	p.State = Applied
	return &Result{p, d.entries()}, nil
}

// same compares what was derived again with what was shown.
func (s *Store) same(p *Plan, d Draft) error {
	if err := d.check(); err != nil {
		return err
	}
	for i := range d.Inputs {
		if d.Inputs[i].Bytes != nil {
			d.Inputs[i].Digest = Digest(d.Inputs[i].Bytes)
		}
	}
	now, then := sha256.New(), sha256.New()
	if err := d.shape(now); err != nil {
		return err
	}
	f, err := s.root.Open(planDir(p.N) + "/plan.json")
	if err != nil {
		return err
	}
	_, err = io.Copy(then, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if bytes.Equal(now.Sum(nil), then.Sum(nil)) {
		return nil
	}
	if p, err = s.Load(p.N); err != nil {
		return err
	}
	var what []string
	say := func(format string, args ...any) {
		if len(what) < 5 {
			what = append(what, fmt.Sprintf(format, args...))
		}
	}
	for i, in := range p.Inputs {
		if i >= len(d.Inputs) || d.Inputs[i].Digest != in.Digest {
			say("“%s”改过了", in.Name)
		}
	}
	if len(p.Rows) != len(d.Rows) {
		say("方案有 %d 行，现在有 %d 行", len(p.Rows), len(d.Rows))
	}
	for i := range min(len(p.Rows), len(d.Rows)) {
		a, _ := json.Marshal(p.Rows[i])
		b, _ := json.Marshal(d.Rows[i])
		if !bytes.Equal(a, b) {
			say("第 %d 行的处理和方案不同", p.Rows[i].Row)
		}
	}
	files := map[string]Entry{}
	for _, e := range d.entries() {
		files[e.Path] = e
	}
	for _, e := range p.Files {
		switch now, ok := files[e.Path]; {
		case !ok:
			say("文件 %s 不再要改", e.Path)
		case now.Before != e.Before:
			say("文件 %s 改过了", e.Path)
		case now != e:
			say("文件 %s 会写成别的内容", e.Path)
		}
		delete(files, e.Path)
	}
	for p := range files {
		say("多了一个要改的文件 %s", p)
	}
	if len(what) == 0 {
		say("方案的其他内容不同（也可能是程序换了版本）")
	}
	slices.Sort(what)
	return &Differs{p.N, what}
}

// Undo puts back what plan n wrote. The error is a *Touched if a file is not what the plan made it.
func (s *Store) Undo(n int) (*Result, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := s.recoverLocked(); err != nil {
		return nil, err
	}
	p, err := s.Load(n)
	if err != nil {
		return nil, err
	}
	b, err := s.root.ReadFile(planDir(n) + "/done.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("方案 %d 没有执行过，不用撤销", n)
	} else if err != nil {
		return nil, err
	}
	var d done
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("方案 %d 的撤销记录读不懂，可能被改过。没有撤销", n)
	}
	var touched []string
	moves := make([]move, len(d.Files))
	bytesOf := make([][]byte, len(d.Files))
	var entries []Entry
	leaving := map[string]bool{}
	for _, m := range d.Files {
		if m.Before == "" {
			leaving[strings.ToLower(m.Path)] = true
		}
	}
	for i, m := range d.Files {
		have, _, err := s.look(m.Path)
		if err != nil {
			return nil, err
		}
		if have != m.After && !(m.After == "" && leaving[strings.ToLower(m.Path)]) {
			touched = append(touched, m.Path)
			continue
		}
		moves[i] = move{Path: m.Path, Before: m.After, After: m.Before, Mode: m.Mode}
		e := Entry{Path: m.Path, Kind: "replace", Before: m.After, After: m.Before}
		switch {
		case m.Before == "":
			e.Kind = "delete"
		case m.After == "":
			e.Kind = "create"
		}
		if m.Before != "" {
			if bytesOf[i], err = s.root.ReadFile(m.Backup); err != nil {
				return nil, fmt.Errorf("%s 原来的内容读不到，没有撤销：%w", m.Path, err)
			}
			if Digest(bytesOf[i]) != m.Before {
				return nil, fmt.Errorf("%s 原来的内容（%s）被改过，没有撤销", m.Path, m.Backup)
			}
		}
		e.Size = len(bytesOf[i])
		entries = append(entries, e)
	}
	if len(touched) > 0 {
		return nil, &Touched{n, touched}
	}
	// Folders that the plan made are this undo's to remove.
	if err := s.write(journal{Phase: "prepare", Plan: n, Undo: true, Files: moves, Made: d.Made}, bytesOf, planDir(n)+"/undone"); err != nil {
		return nil, err
	}
	p.State = Open
	return &Result{p, entries}, nil
}

// write makes the moves, all of them or none.
func (s *Store) write(j journal, after [][]byte, backups string) (err error) {
	s.remove(backups) // of a time before
	var need []string
	for i := range j.Files {
		m := &j.Files[i]
		if m.Before != "" {
			m.Backup = fmt.Sprintf("%s/%d", backups, i)
			b, err := s.root.ReadFile(m.Path)
			if err != nil {
				return err
			}
			if Digest(b) != m.Before {
				return &Differs{j.Plan, []string{m.Path + " 已经改过"}}
			}
			if err := s.put(m.Backup, b, 0o600); err != nil {
				return err
			}
		}
		if m.After != "" {
			m.Temp = fmt.Sprintf("%s/.gongzhi-%d-%d.tmp", path.Dir(m.Path), j.Plan, i)
			need = append(need, path.Dir(m.Path))
		}
	}
	var made []string
	for _, dir := range need {
		for d := dir; d != "." && !slices.Contains(made, d); d = path.Dir(d) {
			if _, err := s.root.Stat(d); err == nil {
				break
			}
			made = append(made, d)
		}
	}
	slices.SortFunc(made, func(a, b string) int { return strings.Compare(a, b) })
	if !j.Undo {
		j.Made = made
	}
	if err := s.note(j); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.back(j))
		}
	}()
	for _, d := range made {
		s.step("mkdir " + d)
		if err := s.root.Mkdir(d, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("建不了文件夹 %s：%w", d, err)
		}
		s.flushDir(path.Dir(d))
	}
	if err := s.temps(j, after); err != nil {
		return err
	}
	j.Phase = "forward"
	if err := s.note(j); err != nil {
		return err
	}
	return s.forward(j)
}

// temps writes the hidden files, several at a time, since each waits for the disk.
func (s *Store) temps(j journal, after [][]byte) error {
	errs := make([]error, len(j.Files))
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(2*runtime.GOMAXPROCS(0), 8) {
		wg.Go(func() {
			for i := range next {
				m := j.Files[i]
				errs[i] = s.create(m.Temp, after[i], m.Mode)
			}
		})
	}
	dirs := map[string]bool{}
	func() {
		defer wg.Wait()
		defer close(next)
		for i, m := range j.Files {
			if m.Temp != "" {
				s.step("temp " + m.Path) // here, so that a test that stops does so in its own goroutine
				next <- i
				dirs[path.Dir(m.Temp)] = true
			}
		}
	}()
	for d := range dirs {
		s.flushDir(d)
	}
	return errors.Join(errs...)
}

// forward finishes what was decided. It may be called again, by recovery, whatever was done before.
func (s *Store) forward(j journal) error {
	dirs := map[string]bool{}
	for i, m := range j.Files { // those that go come first: where letter case does not count, a new name may be an old one's
		if m.After != "" {
			continue
		}
		have, _, err := s.look(m.Path)
		if err != nil {
			return err
		}
		if have == "" {
			continue
		}
		if err := s.aside(j, i, have, m.Before); err != nil {
			return err
		}
		s.step("remove " + m.Path)
		if err := retry(func() error { return s.root.Remove(m.Path) }); err != nil {
			return fmt.Errorf("删不了 %s：%w", m.Path, err)
		}
		dirs[path.Dir(m.Path)] = true
	}
	for i, m := range j.Files {
		if m.After == "" {
			continue
		}
		have, _, err := s.look(m.Path)
		if err != nil {
			return err
		}
		if _, err := s.root.Lstat(m.Temp); errors.Is(err, fs.ErrNotExist) {
			continue // renamed already, whatever somebody made of it since
		} else if err != nil {
			return err
		}
		if have != m.Before && have != m.After && have != "" {
			if err := s.aside(j, i, have, m.Before); err != nil {
				return err
			}
		}
		s.step("rename " + m.Path)
		if err := retry(func() error { return s.root.Rename(m.Temp, m.Path) }); err != nil {
			return fmt.Errorf("写不了 %s：%w", m.Path, err)
		}
		dirs[path.Dir(m.Path)] = true
	}
	for d := range dirs {
		s.flushDir(d)
	}
	doneName := planDir(j.Plan) + "/done.json"
	if j.Undo {
		for _, d := range slices.Backward(j.Made) {
			s.step("rmdir " + d)
			s.root.Remove(d) // if it is empty
		}
		s.step("undone")
		if err := s.root.Remove(doneName); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.flushDir(planDir(j.Plan))
	} else {
		d := done{Made: j.Made}
		for _, m := range j.Files {
			m.Temp = ""
			d.Files = append(d.Files, m)
		}
		b, err := json.Marshal(d)
		if err != nil {
			return err
		}
		if err := s.put(doneName, append(b, '\n'), 0o600); err != nil {
			return err
		}
	}
	return s.forget()
}

// aside keeps a file that somebody changed while the program was dead, before it is written over.
func (s *Store) aside(j journal, i int, have, before string) error {
	if have == before {
		return nil
	}
	b, err := s.root.ReadFile(j.Files[i].Path)
	if err != nil {
		return err
	}
	return s.put(fmt.Sprintf("%s/meanwhile/%d-%s", planDir(j.Plan), i, path.Base(j.Files[i].Path)), b, 0o600)
}

// back undoes what was begun. It may be called again.
func (s *Store) back(j journal) error {
	if j.Phase == "forward" {
		j.Phase = "back"
		if err := s.note(j); err != nil {
			return err
		}
	}
	dirs := map[string]bool{}
	for _, m := range j.Files {
		dirs[path.Dir(m.Path)] = true
		if m.Temp != "" {
			s.step("drop " + m.Temp)
			if err := s.root.Remove(m.Temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if j.Phase == "back" && m.Before == "" {
			if have, _, err := s.look(m.Path); err == nil && have == m.After {
				s.step("take back " + m.Path)
				if err := retry(func() error { return s.root.Remove(m.Path) }); err != nil {
					return err
				}
			}
		}
	}
	if j.Phase == "back" {
		for _, m := range j.Files {
			have, _, err := s.look(m.Path)
			if err != nil {
				return err
			}
			if m.Before == "" || have != m.After || have == m.Before {
				continue
			}
			b, err := s.root.ReadFile(m.Backup)
			if err != nil {
				return err
			}
			if err := s.put(m.Path, b, m.Mode); err != nil {
				return err
			}
		}
	}
	for d := range dirs {
		s.flushDir(d)
	}
	if !j.Undo {
		for _, d := range slices.Backward(j.Made) {
			s.root.Remove(d) // if it is empty
		}
	}
	return s.forget()
}

// Recover puts right what an interrupted Apply or Undo left in a site's folder, if anything, and says so in a
// sentence. Every command that reads a site calls it first.
func Recover(source string) (said string, err error) {
	if _, err := os.Stat(filepath.Join(source, filepath.FromSlash(journalName))); err != nil {
		return "", nil // also if it can't be seen: then nothing was begun by us
	}
	s, err := open(source)
	if err != nil {
		return "", err
	}
	defer s.Close()
	return s.recover()
}

func (s *Store) recover() (string, error) {
	if _, err := s.root.Stat(journalName); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	unlock, err := s.lock() // waits for one who is still at work
	if err != nil {
		return "", err
	}
	defer unlock()
	return s.recoverLocked()
}

func (s *Store) recoverLocked() (string, error) {
	b, err := s.root.ReadFile(journalName)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	var j journal
	if err := json.Unmarshal(b, &j); err != nil {
		return "", fmt.Errorf("%s 读不懂，不知道上次写到哪里。请从备份或版本库核对内容，再删去它", journalName)
	}
	what := "执行"
	if j.Undo {
		what = "撤销"
	}
	if j.Phase == "forward" {
		if err := s.forward(j); err != nil {
			return "", fmt.Errorf("上次%s方案 %d 时中断了，接着做没有做成：%w", what, j.Plan, err)
		}
		said := fmt.Sprintf("上次%s方案 %d 时中断了，已经接着做完。", what, j.Plan)
		if _, err := s.root.Stat(planDir(j.Plan) + "/meanwhile"); err == nil {
			said += "中断以后有文件另外改过，改过的样子留在 " + planDir(j.Plan) + "/meanwhile。"
		}
		return said, nil
	}
	if err := s.back(j); err != nil {
		return "", fmt.Errorf("上次%s方案 %d 时中断了，退回没有退成：%w", what, j.Plan, err)
	}
	return fmt.Sprintf("上次%s方案 %d 时中断了，已经退回原样。", what, j.Plan), nil
}

// note writes the journal.
func (s *Store) note(j journal) error {
	b, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return s.put(journalName, append(b, '\n'), 0o600)
}

// forget removes the journal: all is done.
func (s *Store) forget() error {
	s.step("forget")
	if err := s.root.Remove(journalName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.flushDir(Dir)
	return nil
}

// look gives the digest of a file, or "" if there is none, and its mode. What is no regular file is an error.
func (s *Store) look(p string) (string, fs.FileMode, error) {
	info, err := s.root.Lstat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil
	} else if err != nil {
		return "", 0, fmt.Errorf("看不了 %s：%w", p, err)
	}
	if !info.Mode().IsRegular() {
		return "", 0, fmt.Errorf("%s 不是普通文件（符号链接也不行），没有写任何文件", p)
	}
	b, err := s.root.ReadFile(p)
	if err != nil {
		return "", 0, fmt.Errorf("读不了 %s：%w", p, err)
	}
	return Digest(b), info.Mode().Perm(), nil
}

// put writes a file whole, or not at all, and makes the folders that it needs.
func (s *Store) put(name string, b []byte, mode fs.FileMode) error {
	dir := path.Dir(name)
	if err := s.root.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("建不了文件夹 %s：%w", dir, err)
	}
	if strings.HasPrefix(name, Dir+"/") {
		if _, err := s.root.Stat(Dir + "/.gitignore"); errors.Is(err, fs.ErrNotExist) {
			if err := s.root.WriteFile(Dir+"/.gitignore", []byte("*\n"), 0o644); err != nil {
				return err
			}
		}
	}
	temp := dir + "/.gongzhi-" + path.Base(name) + ".tmp"
	if err := s.root.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.step("put " + name)
	if err := s.create(temp, b, mode); err != nil {
		return err
	}
	s.step("name " + name)
	if err := retry(func() error { return s.root.Rename(temp, name) }); err != nil {
		return fmt.Errorf("写不了 %s：%w", name, err)
	}
	s.flushDir(dir)
	return nil
}

// create writes a new file and waits until the disk has it. Mode 0 is what new files have here.
func (s *Store) create(name string, b []byte, mode fs.FileMode) error {
	first := mode
	if first == 0 {
		first = 0o644
	}
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, first)
	if err != nil {
		return fmt.Errorf("写不了 %s：%w", name, err)
	}
	_, err = io.Copy(f, bytes.NewReader(b))
	if err == nil && mode != 0 && f.Chmod(mode) != nil && runtime.GOOS != "windows" {
		err = fmt.Errorf("设不了 %s 的权限", name)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("写不了 %s：%w", name, err)
	}
	return nil
}

// remove takes a folder of ours away, as far as it goes.
func (s *Store) remove(name string) { s.root.RemoveAll(name) }

// flushDir makes the names in a folder safe, where the system can do that.
func (s *Store) flushDir(name string) {
	if f, err := s.root.Open(name); err == nil {
		f.Sync()
		f.Close()
	}
}

// retry tries for a second: on Windows, a virus scanner or an index may hold a file for a moment.
func retry(do func() error) error {
	err := do()
	for wait := 10 * time.Millisecond; err != nil && runtime.GOOS == "windows" && !errors.Is(err, fs.ErrNotExist) && wait < time.Second; wait *= 2 {
		time.Sleep(wait)
		err = do()
	}
	return err
}

// lock waits until nobody else writes here.
func (s *Store) lock() (unlock func(), err error) {
	if err := s.root.MkdirAll(Dir, 0o755); err != nil {
		return nil, fmt.Errorf("建不了文件夹 %s：%w", Dir, err)
	}
	l := flock.New(filepath.Join(s.dir, Dir, "lock"), flock.SetPermissions(0o644))
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("锁不住 %s/lock：%w", Dir, err)
		}
		if ok {
			return func() { l.Unlock() }, nil
		}
		if time.Since(start) > time.Minute {
			return nil, errors.New("另一个命令正在写这个网站的内容，等了一分钟还没有结束。请等它结束再试")
		}
	}
}
