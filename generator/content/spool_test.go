package content_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
	"gongzhi/generator/spool"
)

// TestNoTemporaryFolder: where texts can't be put aside, that is said once, not of every record.
func TestNoTemporaryFolder(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, v := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(v, none)
	}
	files := fstest.MapFS{}
	for i := range 40 {
		files[fmt.Sprintf("content/reports/r%d.md", i)] = &fstest.MapFile{Data: []byte("---\ntitle: 甲\ndate: 2018\n---\n" + strings.Repeat("测试的正文。\n\n", 6000))}
	}
	texts := spool.New(0)
	defer texts.Close()
	_, err := content.Load(files, content.Options{Spool: texts, Once: true})
	if err == nil || strings.Count(err.Error(), "临时文件夹") != 1 || !strings.Contains(err.Error(), "TMPDIR") || !strings.Contains(err.Error(), none) {
		t.Errorf("%v", err)
	}
	// A preview goes on with them in memory.
	var told atomic.Int32
	set, err := content.Load(files, content.Options{Spool: texts, Full: func(error) { told.Add(1) }})
	if told.Load() == 0 {
		t.Error("nobody is told that the texts stay in memory")
	}
	if err != nil || len(set.Records) != 40 || set.Diags.Errors() > 0 {
		t.Errorf("%v", err)
	}
}
