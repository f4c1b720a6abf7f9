package content

import (
	"io/fs"
	"time"
)

// What is the same as before is taken over, at the earliest point where that is known: a folder nobody has touched
// without reading it, a file nobody has touched without looking at it, one of the same size and time without reading it,
// one of the same bytes without decoding it.

// settle is the age at which a file's times can be trusted: file systems round them, so that a second
// change within the rounding would look like none.
const settle = 3 * time.Second

// folderBefore gives a folder as it was, if nothing was added to it or taken away.
func (l *loader) folderBefore(p string, schema *Schema) *folder {
	if l.opt.Previous == nil || l.opt.Changed == nil || l.opt.Changed[p] {
		return nil
	}
	return l.opt.Previous.folders[p]
}

// filesBefore gives the files of a folder as they were, by their paths.
func (l *loader) filesBefore(p string) map[string]*file {
	if l.opt.Previous == nil || l.opt.Previous.folders[p] == nil {
		return nil
	}
	before := map[string]*file{}
	for _, f := range l.opt.Previous.folders[p].files {
		before[f.path] = f
	}
	return before
}

// reuse does the jobs for files that nobody has touched, and gives the others.
func (l *loader) reuse(jobs []job) []job {
	if l.opt.Changed == nil {
		return jobs
	}
	rest := jobs[:0]
	for _, j := range jobs {
		if j.before != nil && j.before.schema == j.schema.hash && !l.opt.Changed[j.path] {
			j.into.files[j.at] = j.before
		} else {
			rest = append(rest, j)
		}
	}
	return rest
}

// unchanged reports whether a file that may have been touched has not been, going by its size and time.
func (l *loader) unchanged(j job, schema string, info fs.FileInfo) bool {
	p := j.before
	return p != nil && !l.opt.Changed[j.path] && p.schema == schema && p.size == info.Size() && p.mtime.Equal(info.ModTime()) && p.read.Sub(p.mtime) > settle
}

// again gives what a file of the same bytes yielded before, or nil.
func (f *file) again(before *file) *file {
	if before == nil || before.schema != f.schema || before.content != f.content || before.asset != nil {
		return nil
	}
	same := *before
	same.size, same.mtime, same.read = f.size, f.mtime, f.read
	return &same
}
