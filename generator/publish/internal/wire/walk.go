package wire

import (
	"cmp"
	"sync"
)

// Walk lists a folder and those below it, up to n at once. list gives the folders that are in one.
func Walk(dir string, n int, list func(dir string) (below []string, err error)) error {
	var mu sync.Mutex
	more := sync.NewCond(&mu)
	queue, busy := []string{dir}, 0
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
			queue = append(queue, below...)
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
