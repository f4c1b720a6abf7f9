package content

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gongzhi/generator/diag"
)

// ErrChanged says that a file is no longer what was read, so that it was not written.
var ErrChanged = errors.New("file changed")

// OpenDocument reads a record file of a site: source is the site's folder on the disk, name the path below it with
// slashes. See ParseDocument for schema. An error says that the file can't be read at all.
func OpenDocument(source, name string, schema *Schema) (*Document, error) {
	file := filepath.Join(source, filepath.FromSlash(name))
	src, err := readRegular(name, file)
	if err != nil {
		return nil, err
	}
	d := ParseDocument(name, src, schema)
	d.file, d.disk = file, src
	return d, nil
}

// readRegular gives the bytes of a plain file of at most the size that a record file may have.
func readRegular(name, file string) ([]byte, error) {
	fail := func(cause error, id, format string, args ...any) error {
		return &EditError{diag.Errorf(diag.Pos{Path: name}, id, format, args...), cause}
	}
	info, err := os.Lstat(file)
	if err != nil {
		return nil, fail(err, "file/unreadable", "读不了这个文件：%v", reason(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fail(nil, "file/special", "这不是普通文件（符号链接也不行），不能改。")
	}
	limit := int64(maxFile)
	if isTable(name) {
		limit = maxCSV
	}
	if info.Size() > limit {
		return nil, fail(nil, "file/size", "文件太大了（最多 %d MB）。", limit>>20)
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fail(err, "file/unreadable", "读不了这个文件：%v", reason(err))
	}
	return src, nil
}

// Changed reports whether the document is no longer what stands on the disk, as far as it was read.
func (d *Document) Changed() bool { return !bytes.Equal(d.src, d.disk) }

// Save writes a document that OpenDocument gave back to its file: into a temporary file beside it, which is
// flushed and then takes the file's name, so that there is always either the old file or the new one, whole. The
// permissions stay. It is refused with ErrChanged if the file is not what it was when it was read or last
// saved; nothing is written if there is nothing to change.
func (d *Document) Save() error {
	if d.file == "" {
		return errors.New("content: a document that is not from a file can't be saved")
	}
	now, err := readRegular(d.name, d.file)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, d.disk) {
		return &EditError{diag.Errorf(diag.Pos{Path: d.name}, "edit/changed", "文件没有写入：读入以后，它被别的程序改过了。请重新运行。"), ErrChanged}
	}
	if !d.Changed() {
		return nil
	}
	info, err := os.Lstat(d.file)
	if err != nil {
		return err
	}
	if err := WriteFile(d.file, d.src, info.Mode().Perm()); err != nil {
		return &EditError{diag.Errorf(diag.Pos{Path: d.name}, "edit/write", "文件没有写入：%v", reason(err)), err}
	}
	d.disk = d.src
	return nil
}

// WriteFile puts data into a file, whole or not at all: it writes and flushes a temporary file beside it, whose
// name no reader takes for a record, and renames that.
func WriteFile(file string, data []byte, mode fs.FileMode) (err error) {
	t, err := os.CreateTemp(filepath.Dir(file), ".gongzhi-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = t.Close()
			_ = os.Remove(t.Name())
		}
	}()
	if _, err = t.Write(data); err != nil {
		return err
	}
	if err = t.Chmod(mode); err != nil {
		return err
	}
	if err = t.Sync(); err != nil {
		return err
	}
	if err = t.Close(); err != nil {
		return err
	}
	if err = os.Rename(t.Name(), file); err != nil {
		return fmt.Errorf("改名：%w", err)
	}
	// The new name is on the disk when the folder is; where a folder can't be flushed the system does it in its time.
	if dir, openErr := os.Open(filepath.Dir(file)); openErr == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
