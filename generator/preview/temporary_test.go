package preview

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"gongzhi/generator/spool"
)

// TestNoTemporaryFolder: where what fills the memory can't be put aside, all pages and the search are there, and the terminal says once what
// is wrong.
func TestNoTemporaryFolder(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, v := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(v, none)
	}
	texts := spool.New(0)
	defer texts.Close()
	files := map[string]string{}
	for i := range 12 {
		files["content/reports/long"+string(rune('a'+i))+".md"] = "---\ntitle: 长文\ndate: 1958\n---\n" + strings.Repeat(strings.Repeat("测试厂的很长的正文。", 50)+"\n\n", 500)
	}
	r := start(t, Options{Texts: texts}, files)
	if status, body, _ := r.ask(t, "/reports/longc/"); status != 200 || !strings.Contains(body, "很长的正文") {
		t.Errorf("a page: %d", status)
	}
	status, body, _ := r.ask(t, "/search/index.json")
	var root struct{ Documents int }
	if err := json.Unmarshal([]byte(body), &root); status != 200 || err != nil || root.Documents < 13 {
		t.Errorf("the search: %d, %v, %.200s", status, err, body)
	}
	if said := r.lines(); strings.Count(said, "临时文件夹 "+none) != 1 || strings.Count(said, "内存") != 1 {
		t.Errorf("said:\n%s", said)
	}
}
