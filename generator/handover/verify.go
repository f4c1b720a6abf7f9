package handover

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gongzhi/generator/folder"
	"gongzhi/generator/xmllist"
)

// Bounds of what is read of a package that anybody may have made.
const (
	mostFaults = 1000    // that are told
	mostEntry  = 1 << 20 // bytes of one entry of the catalogue
)

// Verify checks a package: every file is there with its sum, no other is, and the catalogue names what is there. It gives
// what is wrong, in Chinese, and the number of records. What is no regular file is wrong, and is never opened.
func Verify(dir string) (wrong []string, records int, err error) {
	v, records, err := verify(dir)
	return v.wrong, records, err
}

func verify(dir string) (v *verifier, records int, err error) {
	v = &verifier{dir: dir, there: map[string]bool{}, sums: map[string]string{}}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return v, 0, fmt.Errorf("没有 %s 这个文件夹", dir)
	}
	err = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		p, err := filepath.Rel(dir, name)
		if p = filepath.ToSlash(p); err != nil || e.Type().IsRegular() {
			v.there[p] = true
			return err
		}
		v.say("%s 不是普通文件（是链接、管道或设备），移交的包里不能有", p)
		return nil
	})
	if err != nil {
		return v, 0, err
	}
	manifests := []string{sums}
	if v.there["bagit.txt"] {
		v.data, v.bag = "data/", true
		manifests = []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"}
	}
	for _, m := range manifests {
		v.manifest(m)
	}
	for p := range v.there {
		if v.sums[p] == "" && !slices.Contains(manifests, p) {
			v.say("多了 %s，校验码里没有它", p)
		}
	}
	for _, need := range []string{Readme, Catalog} {
		if !v.there[v.data+need] {
			v.say("缺少 %s", need)
		}
	}
	if v.there[v.data+Catalog] {
		records = v.catalog()
	}
	slices.Sort(v.wrong)
	v.wrong = slices.Compact(v.wrong)
	if v.more {
		v.wrong = append(v.wrong, fmt.Sprintf("不对的地方超过 %d 处，后面的没有再列", mostFaults))
	}
	return v, records, nil
}

// verifier is the state of checking a package.
type verifier struct {
	dir   string
	data  string // what stands before the paths of its files: data/ in a bag
	bag   bool
	there map[string]bool   // regular files
	sums  map[string]string // of the files that a manifest names
	wrong []string
	more  bool // than are told
}

func (v *verifier) say(format string, args ...any) {
	if v.more = v.more || len(v.wrong) >= mostFaults; !v.more {
		v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
	}
}

// manifest compares the files that a manifest names with their sums.
func (v *verifier) manifest(m string) {
	f, err := folder.Beneath(v.dir, m)
	if err != nil {
		v.say("没有 %s，无法核对", m)
		return
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for n := 1; s.Scan() && !v.more; n++ {
		sum, p, ok := strings.Cut(s.Text(), " ")
		p = strings.TrimPrefix(strings.TrimPrefix(p, " "), "*")
		if v.bag {
			p = unescape(p)
		}
		if !ok || len(sum) != 64 || !fs.ValidPath(p) {
			v.say("%s 第 %d 行看不懂", m, n)
			continue
		}
		switch before := v.sums[p]; {
		case before != "" && !strings.EqualFold(before, sum):
			v.say("%s 第 %d 行的 %s 在前面有另一个校验码", m, n, p)
			continue
		case before != "":
			continue
		}
		v.sums[p] = sum
		if !v.there[p] {
			v.say("缺少 %s", p)
			continue
		}
		switch got, err := v.sum(p, func(from io.Reader) error { _, err := io.Copy(io.Discard, from); return err }); {
		case err != nil:
			v.say("读不了 %s：%v", p, err)
		case !strings.EqualFold(got, sum):
			v.say("%s 和校验码不符，内容变了", p)
		}
	}
	if err := s.Err(); err != nil {
		v.say("读不了 %s：%v", m, err)
	}
}

// sum gives the sum of what somebody reads of a file.
func (v *verifier) sum(p string, reads func(from io.Reader) error) (string, error) {
	f, err := folder.Beneath(v.dir, p)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	err = reads(io.TeeReader(f, h))
	return hex.EncodeToString(h.Sum(nil)), err
}

// catalog compares the catalogue with what is there, and gives the number of records that it names. An entry is read at a time.
func (v *verifier) catalog() (n int) {
	f, err := folder.Beneath(v.dir, v.data+Catalog)
	if err != nil {
		v.say("读不了 %s：%v", Catalog, err)
		return 0
	}
	defer f.Close()
	err = xmllist.Read(f, mostEntry, func(d *xml.Decoder, start xml.StartElement) error {
		if start.Name.Local != "文件" {
			return d.Skip()
		}
		var e Entry
		err := d.DecodeElement(&e, &start)
		if err == nil {
			n++
			v.entry(n, e)
		}
		return err
	})
	switch {
	case errors.Is(err, xmllist.ErrElement):
		v.say("%s 里有一处长得不像目录，后面的没有查", Catalog)
	case err != nil:
		v.say("%s 不是正确的 XML：%v", Catalog, err)
	}
	return n
}

// entry compares the entry that stands at place n with what is there.
func (v *verifier) entry(n int, e Entry) {
	if e.Number != n {
		v.say("%s 里第 %d 件的顺序号是 %d", Catalog, n, e.Number)
	}
	if !fs.ValidPath(e.Name) || !strings.HasPrefix(e.Name, Records+"/") {
		v.say("%s 里第 %d 件的名称“%s”不对", Catalog, n, e.Name)
	} else if !v.there[v.data+path.Join(e.Name, "元数据.xml")] {
		v.say("%s 里有“%s”，文件却没有", Catalog, e.Name)
	}
}

// Restore puts the sources of a package into a folder that must be missing or empty. The package is verified first, and each file once
// more while it is copied.
func Restore(dir, to string) (files int, err error) {
	v, _, err := verify(dir)
	if err != nil {
		return 0, err
	}
	if len(v.wrong) > 0 {
		return 0, fmt.Errorf("移交包有 %d 处不对，没有恢复（用 --verify 看全部）：%s", len(v.wrong), v.wrong[0])
	}
	if list, err := os.ReadDir(to); err == nil && len(list) > 0 {
		return 0, fmt.Errorf("%s 不是空的：请恢复到一个新的文件夹", to)
	}
	var paths []string
	for p := range v.there {
		if strings.HasPrefix(p, v.data+Sources+"/") {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	for _, p := range paths {
		name := filepath.Join(to, filepath.FromSlash(strings.TrimPrefix(p, v.data+Sources+"/")))
		sum, err := v.sum(p, func(from io.Reader) error { _, err := create(name, from); return err })
		switch {
		case errors.Is(err, fs.ErrExist):
			return files, fmt.Errorf("%s 已经有了：包里有两个文件，在这台电脑上是同一个名字（只差大小写之类），请换一台电脑或一个磁盘恢复", name)
		case err != nil:
			return files, err
		case !strings.EqualFold(sum, v.sums[p]):
			return files, fmt.Errorf("%s 在检查以后变了，恢复没有做完", p)
		}
		files++
	}
	return files, nil
}
