package render

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"sync"

	"gongzhi/generator/output"
)

// Sink takes the files of a site, from several goroutines. One that will publish nothing, because of an error of another
// of its calls, may refuse all with output.ErrStopped.
type Sink interface {
	// Files takes the files at paths. source opens one that is published as it stands in the source, however large, and
	// gives nil for all others; content appends the bytes of one to dst, which it may keep no longer than it asks for the
	// next.
	Files(paths []string, source func(path string) (fs.File, error), content func(dst []byte, path string) ([]byte, error)) error
	// Put takes one file, and must not keep its bytes.
	Put(path string, data []byte) error
	// Old is the output of an earlier build, or nil.
	Old() fs.FS
	// Keep takes a file of that output, which has so many bytes, as it is.
	Keep(path string, size int64) error
}

// Write gives every file of the site to a sink: the pages while the search index is being made, so that processor and
// disk have work all the time. A generation with a spool is spent then: the spool goes as soon as its last text is read.
func (g *Generation) Write(to Sink) error {
	var index error
	var making, reading, closing sync.WaitGroup
	ctx, enough := context.WithCancel(context.Background())
	making.Go(func() { g.makeImages(ctx) })
	reading.Add(2) // the index and the pages
	making.Go(func() {
		x, err := g.readIndex(to.Old())
		reading.Done()
		if err == nil {
			err = x.write(to)
		}
		index = err
	})
	closing.Go(func() {
		reading.Wait()
		if g.spool != nil {
			g.spool.Close()
		}
	})
	err := to.Files(g.Pages(), g.Source, g.File)
	enough() // all pictures are made, or none is wanted any more
	reading.Done()
	making.Wait()
	closing.Wait()
	if errors.Is(index, output.ErrStopped) {
		index = nil
	}
	return errors.Join(err, index)
}

// held is a Sink that has the files of an index only.
type held func(path string, data []byte)

func (h held) Files([]string, func(string) (fs.File, error), func([]byte, string) ([]byte, error)) error {
	return nil
}

func (h held) Put(path string, data []byte) error { h(path, data); return nil }

func (h held) Old() fs.FS { return nil }

func (h held) Keep(string, int64) error { return nil }

// guard turns a panic into an error that says what was being made of what.
func guard(what, of string, make func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("为 %s 做%s时程序出错：%v。请把这个文件发给开发者。\n%s", of, what, v, debug.Stack())
		}
	}()
	return make()
}
