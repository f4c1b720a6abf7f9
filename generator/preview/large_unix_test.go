//go:build unix

package preview

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// TestLargeFile: six readers who seek in a film of two gigabytes get what they ask for, from the file itself.
func TestLargeFile(t *testing.T) {
	const size = 2 << 30
	r := start(t, Options{}, map[string]string{
		"content/reports/v.mp4": "\x00\x00\x00\x18ftypmp42",
		"content/reports/v.md":  "---\ntitle: 片\ndate: 2020\n---\n\n见[录像](v.mp4)。\n",
	})
	p := filepath.Join(r.dir, "content/reports/v.mp4")
	if err := os.Truncate(p, size); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(p, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		if _, err := f.WriteAt(fmt.Appendf(nil, "place %d", i), int64(i)*300<<20+100); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			req, err := http.NewRequest("GET", "http://"+r.addr+"/reports/v.mp4", nil)
			if err != nil {
				t.Error(err)
				return
			}
			from := i*300<<20 + 100
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+6))
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if res.StatusCode != 206 || string(b) != fmt.Sprintf("place %d", i) || err != nil || res.Header.Get("Content-Type") != "video/mp4" {
				t.Errorf("%d %q %v %v", res.StatusCode, b, err, res.Header)
			}
		})
	}
	all.Wait()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("%d MB are allocated", took>>20)
	}
}
