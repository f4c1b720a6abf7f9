package look

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocs: each finding has its place in the guide.
func TestDocs(t *testing.T) {
	src, err := os.ReadFile("look.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../../docs/servers.md")
	if err != nil {
		t.Fatal(err)
	}
	ids := regexp.MustCompile(`l\.find\("([^"]+)"`).FindAllStringSubmatch(string(src), -1)
	if len(ids) < 15 {
		t.Fatalf("%d findings in the source", len(ids))
	}
	for _, m := range ids {
		if !strings.Contains(string(doc), `<a id="`+m[1]+`"></a>`) {
			t.Errorf("docs/servers.md does not speak of %s", m[1])
		}
	}
}
