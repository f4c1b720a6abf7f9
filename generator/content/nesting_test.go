package content_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"gongzhi/generator/content"
)

// TestNesting: brackets nest only where they are no text; too many are an error at the one that is too many.
func TestNesting(t *testing.T) {
	open := strings.Repeat("[", 200) + strings.Repeat("{", 200)
	for value, want := range map[string]string{
		`"` + open + `"`: "",
		`'` + open + `'`: "",
		"甲" + open:       "",
		"|\n  " + open:   "",
		`甲 # ` + open:    "",
		strings.Repeat("[", 60) + strings.Repeat("]", 60): "content/reports/a.md:2:",
	} {
		set, err := content.Load(fstest.MapFS{"content/reports/a.md": {Data: []byte("---\ntitle: " + value + "\ndate: 2026\n---\n")}}, content.Options{})
		if err != nil || len(set.Records) != 1 {
			t.Fatal(err, set)
		}
		said := ""
		if set.Diags.Errors() > 0 {
			said = set.Diags[0].String()
		}
		if (said == "") != (want == "") || !strings.HasPrefix(said, want) {
			t.Errorf("%.40q: %q, want %q", value, said, want)
		}
	}
}
