package wire

import (
	"cmp"
	"errors"
	"io/fs"
	"strings"
	"sync"

	"gongzhi/generator/publish"
)

// How many folders are listed, and how many there may be one in another, on a server that says that there is always one more.
const (
	mostFolders = publish.MostListed
	mostNested  = 200
)

// Walk lists a folder and those below it, up to n at once. list gives the folders that are in one. A name that leads elsewhere is left
// out.
func Walk(dir string, n int, list func(dir string) (below []string, err error)) error {
	var mu sync.Mutex
	more := sync.NewCond(&mu)
	queue, busy, all := []string{dir}, 0, 1
	var failed error
	work := func() {
		mu.Lock()
		defer mu.Unlock()
		for {
			for len(queue) == 0 && busy > 0 && failed == nil {
				more.Wait()
			}
			if len(queue) == 0 || failed != nil {
				more.Broadcast()
				return
			}
			d := queue[len(queue)-1] // the last, so that the queue stays short
			queue = queue[:len(queue)-1]
			busy++
			mu.Unlock()
			below, err := list(d)
			mu.Lock()
			busy--
			failed = cmp.Or(failed, err)
			for _, b := range below {
				switch all++; {
				case !fs.ValidPath(b) || b == ".":
					continue
				case all > mostFolders || strings.Count(b, "/") > mostNested:
					failed = cmp.Or(failed, error(&publish.Error{Kind: publish.Refused, Text: "服务器的文件夹一层套一层，没有完：服务器不正常，或者里面有绕回来的链接", Err: errors.New(b)}))
				}
				queue = append(queue, b)
			}
			more.Broadcast()
		}
	}
	var wg sync.WaitGroup
	for range n {
		wg.Go(work)
	}
	wg.Wait()
	return failed
}
