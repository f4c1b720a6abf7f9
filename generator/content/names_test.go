package content_test

import (
	"testing"

	"gongzhi/generator/content"
)

// TestDeviceNames: what Windows takes for a device is no name of a file, wherever it stands in a path.
func TestDeviceNames(t *testing.T) {
	for _, bad := range []string{"con", "NUL", "aux.md", "Com5", "lpt9.x", "com¹", "LPT³.tar.gz", "conin$", "CONOUT$", "2020/com7/x", "prn .txt", "com0"} {
		if content.CheckID(bad) == "" {
			t.Errorf("%q is no file on Windows", bad)
		}
	}
	for _, good := range []string{"com", "com10", "lpt", "console", "auxiliary", "com5x", "xcom5", "x.com5", "null"} {
		if why := content.CheckID(good); why != "" {
			t.Errorf("%q: %s", good, why)
		}
	}
}

// TestUTF16Half: a text in UTF-16 that breaks off or is damaged is refused, not read with signs in it that nobody wrote.
func TestUTF16Half(t *testing.T) {
	for _, src := range []string{"\xff\xfea\x00b", "\xff\xfe\x00\xd8a\x00", "\xfe\xff\x00a\xdc"} {
		if text, diags := content.DecodeText("a.md", []byte(src)); text != nil || diags.Errors() != 1 {
			t.Errorf("%q: %q %v", src, text, diags)
		}
	}
	if text, _ := content.DecodeText("a.md", []byte("\xff\xfe2u\r\x00\n\x00")); string(text) != "甲\n" {
		t.Errorf("%q", text)
	}
}
