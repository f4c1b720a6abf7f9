package content

import (
	"strings"
	"testing"
)

// TestByType: a table that lacks a row, or a row that lacks a function, stops the program.
func TestByType(t *testing.T) {
	type row struct {
		name string
		show func() string
	}
	whole := func() map[Type]row {
		m := map[Type]row{}
		for k := range TypeCount {
			m[k] = row{"", func() string { return k.String() }}
		}
		return m
	}
	table := ByType(whole())
	if got := table[Image].show(); got != "image" {
		t.Errorf("the row of an image is that of %s", got)
	}
	for what, spoil := range map[string]func(m map[Type]row){
		"has no row":  func(m map[Type]row) { delete(m, Object) },
		"has no show": func(m map[Type]row) { m[Object] = row{name: "x"} },
	} {
		func() {
			defer func() {
				if p, _ := recover().(string); !strings.Contains(p, what) {
					t.Errorf("a table that %s: %q", what, p)
				}
			}()
			m := whole()
			spoil(m)
			ByType(m)
		}()
	}
}

// TestTables: what a schema can say, and with which roles and types, is told of in full.
func TestTables(t *testing.T) {
	for k := range TypeCount {
		if row := &kinds[k]; row.name == "" || row.label == "" || row.typed == "" || row.control == "" {
			t.Errorf("type %d: %q %q %q %q", k, row.name, row.label, row.typed, row.control)
		}
	}
	for i := range roleCount {
		if row := &roles[i]; i != NoRole && (row.name == "" || row.help == "" || len(row.types) == 0) {
			t.Errorf("role %d: %q %q %v", i, row.name, row.help, row.types)
		}
	}
	told(t, schemaWords)
	told(t, titleWords)
	told(t, chronicleWords)
	told(t, rollWords)
	told(t, seriesWords)
	told(t, fieldWords)
}

func told[T any](t *testing.T, words []word[T]) {
	for _, w := range words {
		if w.key == "" || w.form == "" || w.help == "" || w.read == nil {
			t.Errorf("word %q: %q %q", w.key, w.form, w.help)
		}
	}
}
