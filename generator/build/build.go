// Package build writes a site, computed on demand, to a folder: all of it or nothing.
//
// # What happens
//
// The files come from several goroutines and each is compared with the file that stands in the
// output folder. What differs is written to a new tree beside the output (".public.gongzhi-new-PID" for
// "public"). If nothing differs and nothing has to go, that was all: no file and no folder is touched.
// Otherwise the files that did not change are hard-linked into the new tree, so that their times stay
// and publishing tools see only what changed; the new tree is flushed to the disk, and the two folders
// change places in one step of the system. Then the old tree is removed.
//
// A build that fails, is killed, or runs into a full or read-only disk or a power cut therefore leaves
// the old site as it was, or, after the one step, the new one complete. What a killed build leaves
// beside the output is removed by the next build, but for a tree with files of others in it that the output
// has not: such a tree is named in Result.Spared, and stays. Comparing is by bytes, never by times, so a
// damaged file is repaired by the next build as well.
//
// # Where folders cannot change places
//
// Linux (renameat2 with RENAME_EXCHANGE) and macOS (renamex_np with RENAME_SWAP) can do it on their
// usual file systems. Elsewhere, on Windows among others, two renames follow each other: the output is
// missing for the moment between them, and if the machine stops just then, the next build puts the old
// folder (".public.gongzhi-old-PID") back before it does anything else. Of several it is the one that was moved away last:
// a folder is marked with the time (".gongzhi-taken") right before that.
//
// An output that is itself a mount point (the volume of a container), stands in a folder that we may
// not write to, or may not be renamed, is updated in place: what changed is first written completely
// to a folder that is not published; a journal of what has to be done is written and flushed; then
// each file is renamed over the old one (assets first, then pages, removals last), so that each file is
// whole at all times, but for that moment (a few milliseconds per thousand files changed) the site is
// a mixture. If the build stops in that moment, the next one finishes what the journal says before it
// does anything else. Options.InPlace asks for this way; it is for a server that holds on to the folder
// itself, as a bind mount of Docker does, and would go on serving the old one after a swap.
//
// # Flushing
//
// Before a new tree takes the place of an old one, it is flushed to the disk, and the parent folder after it. On Linux
// this flushes the file system as a whole (syncfs), which costs a fraction of a flush per file and reports
// late write errors. macOS gets one sync and one F_FULLFSYNC. Windows has no flush of a folder: there a power cut within seconds after a build
// may leave files that were not written out; the next build finds and repairs them. So it is everywhere for a
// first build: it has no old site to lose, and does not wait for the disk.
//
// # Whose file is it
//
// A output.Manifest, ".gongzhi-manifest" in the output, names the files that builds wrote, and nothing else
// about them: a line of version, then a path per line, sorted. It is safe to publish and to delete. Files
// that are named there and no longer belong to the site vanish. All others are kept, linked into
// the new tree, and named in Result.Foreign, apart from those that are usual in such a folder (.git,
// .gitkeep, CNAME, .well-known, .DS_Store and the like), which are kept silently. A file that no build
// wrote is never overwritten: where the site needs its name the build fails and says so, unless the
// bytes are the same, and then the file is ours from now on.
//
// New files have mode 0644 and folders 0755 whatever the umask, since a web server, another user, has to
// read them; the output folder itself keeps the mode it has.
//
// # One at a time
//
// A lock (".public.gongzhi-lock", flock or LockFileEx) is held for the whole build; a second build waits
// and tells who holds it. The system drops the lock with its process, so a stale file means nothing.
// On a file system without locks the lock file stands in the system's folder for temporary files.
package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gongzhi/generator/output"
)

// Options say where the site goes and how.
type Options struct {
	// Output is the folder to replace. It is made if it is missing; a symbolic link is followed.
	Output string
	// Source is the site's source folder. Output may not be it or contain it, nor lie in its content/,
	// themes/ or .git/. Empty means that there is none to protect.
	Source string
	// Workers is how many goroutines Writer.Files uses; 0 means GOMAXPROCS.
	Workers int
	// InPlace replaces file by file instead of swapping folders (see the package comment).
	InPlace bool
	// Progress, if not nil, is told about ten times a second how many files are done, of how many that are
	// known, and once at the end. It is never called by two goroutines at once.
	Progress func(done, total int)
	// Wait, if not nil, is called once when another build holds Output; holder says who, in Chinese.
	Wait func(holder string)
	// LockTimeout is how long to wait for that other build; 0 means two minutes.
	LockTimeout time.Duration
}

// Result counts what was done.
type Result struct {
	Files     int      // files of the site, the manifest not counted
	Bytes     int64    // their total size
	Unchanged int      // files whose bytes were the same as before; their times stay
	Written   int      // files that are new or changed
	Removed   int      // files of an earlier build that the site no longer has
	Foreign   []string // files in Output that no build wrote, kept as they were: slash paths, sorted
	Spared    []string // trees of earlier builds with files of others in them, which nobody but a person removes
	Leftover  string   // the old tree, if it could not be removed altogether; the next build tries again
}

// Rehearse does all of Write that touches no disk: what fill gives is made, and what is wrong with it told.
func Rehearse(ctx context.Context, fill func(*Writer) error) error {
	w := newWriter(ctx, Options{}, disk)
	w.dry = true
	return w.fill(fill)
}

// Write makes Output hold exactly the files that fill gives to the Writer. If fill fails, or ctx ends, nothing is
// published. Errors of the disk are of type *output.Error.
func Write(ctx context.Context, opt Options, fill func(*Writer) error) (Result, error) {
	return write(ctx, opt, fill, disk)
}

func write(ctx context.Context, opt Options, fill func(*Writer) error, sys system) (res Result, err error) {
	w := newWriter(ctx, opt, sys)
	if w.out, err = target(opt.Output, opt.Source); err != nil {
		return res, err
	}
	defer func() {
		var e *output.Error
		if errors.As(err, &e) && !w.touched {
			err = fmt.Errorf("%w；输出文件夹没有改动", err)
		}
	}()
	unlock, err := w.claim()
	if err != nil {
		return res, err
	}
	defer unlock()
	dead, spared, err := w.recover()
	if err != nil {
		return res, err
	}
	defer func() { res.Spared = spared }()
	// What earlier builds left is removed while this one computes.
	cleaned := make(chan struct{})
	go func() {
		defer close(cleaned)
		for _, d := range dead {
			os.RemoveAll(d) // the next build tries again
		}
	}()
	defer func() { <-cleaned }()

	keepStage := false
	defer func() {
		if s := w.stage.Load(); s != nil && !keepStage {
			if e := os.RemoveAll(*s); e != nil {
				res.Leftover = *s
			}
		}
	}()

	var old tree
	var oldErr error
	walked := make(chan struct{})
	go func() {
		defer close(walked)
		old, oldErr = readTree(w.out)
	}()
	err = w.fill(fill)
	<-walked
	if err = errors.Join(err, oldErr); err != nil {
		return res, err
	}
	plan, err := w.plan(old)
	if err != nil {
		return res, err
	}
	res = Result{
		Files: len(w.files), Bytes: w.bytes.Load(), Written: len(plan.changed), Unchanged: len(w.files) - len(plan.changed),
		Removed: len(plan.removed), Foreign: plan.named(),
	}
	if plan.empty() {
		return res, nil
	}
	if w.beside {
		err = w.swap(old, plan, &res)
		if !errors.Is(err, errCannotSwap) {
			return res, err
		}
	}
	keepStage, err = w.inPlace(plan)
	return res, err
}

// interrupted is what a build says that was told to stop.
func interrupted(ctx context.Context) error {
	return fmt.Errorf("生成中断，输出文件夹没有改动：%w", context.Cause(ctx))
}

// native turns a slash path of the site into one below dir.
func native(dir, path string) string {
	return dir + string(filepath.Separator) + filepath.FromSlash(path)
}
