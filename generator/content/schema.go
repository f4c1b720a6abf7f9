package content

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"gongzhi/generator/diag"
	"gongzhi/generator/han"
)

//go:embed schemas/*.yaml
var builtin embed.FS

// Field says what one value of a record is and how it is used.
type Field struct {
	Key       string
	Label     string
	Also      []string // other names that a file may use
	Type      Type
	Role      Role   // what it means to the program
	Help      string // for docs/schema.md and the template of `new`
	Required  bool
	Wanted    bool // its absence is counted by `check`, not refused
	Many      bool // a list of values; one value alone may be written without brackets
	Listed    bool // many: list in a schema: brackets are a must
	Values    []string
	To        []string // collections that a reference may lead to
	Open      bool     // a name that is no record's stays text
	Inherit   []*Field // fields that the record referred to fills if they are empty
	Inverse   string   // what the record referred to calls the list of those that refer to it
	Fields    []*Field // of an object
	Facet     bool     // search results can be narrowed by it
	Browse    bool     // its terms (of a date: its years) have pages
	Hide      bool     // not in the record's table
	Lead      bool     // stands in the line under the title
	Names     bool     // holds people's names: goes into the index of names
	Notes     bool     // holds sources: shown as numbered notes
	Search    bool     // its text is searched
	DC        string   // Dublin Core element
	SchemaOrg string   // schema.org property
	Ordinal   int      // where it stands in Schema.Fields, or in the Fields of its object
	Common    bool     // comes from _common.yaml

	byName map[string]*Field
	traits Traits // what a record with a value of it may have
}

// Order is one key of a sort order.
type Order struct {
	Field *Field
	Desc  bool
}

// TitleRule says what titles are in a collection.
type TitleRule struct {
	Name    bool    // they are names of people
	Compose Pattern // for records without one, such as {recipient}获{honor}
}

// Chronicle says how the records of a collection stand in 大事记.
type Chronicle struct {
	Text  Pattern // of one line
	If    *Field  // must not be false; may be nil
	Group *Field  // whose equal values on the same date are put together; may be nil
	Many  Pattern // of a group: {first} {n} and fields

	Undated bool // those without a date stand at its end
}

// Roll names the fields that make the roll of an honour out of the records of a collection. Each may be nil.
type Roll struct{ Group, Date, Who, Unit, Post, Order *Field }

// Series names the fields that make tables and charts out of the records of a collection. Each may be nil.
type Series struct {
	Topic, Indicator, Value, Date, Printed, Scope, Nature *Field
	Computed                                              string // the nature of values that nobody counted
}

// Schema is what a collection's _schema.yaml says. It is never changed after it is read. All that it says of
// fields by their keys is resolved: who has a schema asks for a role or a type, never for a key.
type Schema struct {
	Key       string   // folder below content/
	Label     string   // 人物
	Also      []string // other names that its folder may have
	Folders   []string // below content/, as they are on disk: Key, or another of its names; none if the site has no records of it
	Unit      string   // measure word, 位
	About     string   // a sentence under the heading of its list
	Position  int      // place in the navigation, smaller first
	Rows      bool     // records have no page of their own and stand in the list
	Sort      []Order
	List      string // entries, table, roll or photos
	Columns   []*Field
	Type      string // schema.org type
	Title     TitleRule
	Date      *Field // dates a record; may be nil
	Pinyin    bool   // titles are found by pinyin
	Imprint   bool   // records speak of the site itself: they stand in its footer, not in its navigation
	Find      string // where its records stand among others with the same words: first, last or in between
	Feed      bool   // records stand in the Atom feed
	Chronicle *Chronicle
	Roll      *Roll
	Series    *Series
	Fields    []*Field // the title first, then its own, then those that every record has

	hash   string    // of the bytes it was read from
	diags  diag.List // warnings about it
	byName map[string]*Field
	roles  [roleCount]*Field
}

// Field finds a field by its key, label or another name, as files write them, or gives nil.
func (s *Schema) Field(name string) *Field { return s.byName[fieldName(name)] }

// Role finds the field that has a role, or gives nil.
func (s *Schema) Role(r Role) *Field { return s.roles[r] }

// Field finds a field of an object.
func (f *Field) Field(name string) *Field { return f.byName[fieldName(name)] }

// Shown gives the fields that the collection's tables have as columns, but for one, which may be nil.
func (s *Schema) Shown(without *Field) []*Field {
	return slices.DeleteFunc(slices.Clone(s.Columns), func(f *Field) bool { return f == without })
}

// Part finds the part of an object that has a role, or gives nil.
func (f *Field) Part(r Role) *Field {
	for _, p := range f.Fields {
		if p.Role == r {
			return p
		}
	}
	return nil
}

// Folder is the folder that new records go into, relative to the source.
func (s *Schema) Folder() string {
	if len(s.Folders) == 0 || slices.Contains(s.Folders, s.Key) {
		return "content/" + s.Key
	}
	return "content/" + s.Folders[0]
}

// Called reports whether a collection has a name: its key, its label or another one.
func (s *Schema) Called(name string) bool {
	name = norm.NFC.String(name)
	return name == s.Key || name == s.Label || slices.Contains(s.Also, name)
}

// Names gives all names that a file may use for the fields, keys first, for hints.
func (s *Schema) Names() []string { return names(s.Fields) }

func names(fields []*Field) []string {
	var keys, labels []string
	for _, f := range fields {
		keys = append(keys, f.Key)
		labels = append(append(labels, f.Label), f.Also...)
	}
	return append(keys, labels...)
}

// fieldName is the form in which names are compared: NFC, without spaces, ASCII letters small.
func fieldName(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c == ' ' || c >= 'A' && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	s = strings.TrimRight(strings.Join(strings.Fields(norm.NFC.String(s)), ""), "*＊:：")
	for _, note := range [...]string{"（必填）", "(必填)", "（选填）", "(选填)"} { // as forms have it
		s = strings.TrimSuffix(s, note)
	}
	return han.FoldString(s) // 編號, ＩＤ
}

// Builtin gives the schemas that ship with the program, in the order of the navigation.
func Builtin() []*Schema {
	entries, _ := builtin.ReadDir("schemas")
	var all []*Schema
	for _, e := range entries {
		key := strings.TrimSuffix(e.Name(), ".yaml")
		if key == "_common" {
			continue
		}
		s, _ := builtinSchema(key)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *Schema) int { return a.Position - b.Position })
	return all
}

// FindSchema finds the schema of a collection by its key, Chinese label or another name: one of those given (a site's
// own), else one that ships with the program, else nil.
func FindSchema(own []*Schema, name string) *Schema {
	for _, schemas := range [][]*Schema{own, Builtin()} {
		for _, s := range schemas {
			if s.Key == name {
				return s
			}
		}
		for _, s := range schemas {
			if s.Called(name) {
				return s
			}
		}
	}
	return nil
}

// builtinSchema reads an embedded schema; ok is false if there is none of that name. A fault in
// one is a fault of the program and panics, in a test first.
func builtinSchema(key string) (*Schema, bool) {
	src, ok := BuiltinSource(key)
	if !ok {
		return nil, false
	}
	s, diags := parseSchema(key, "schemas/"+key+".yaml", append([]byte("extends: none\n"), src...))
	if len(diags) > 0 {
		panic(diags[0].String())
	}
	return s, true
}

// BuiltinSource gives the text of an embedded schema, for people who want to start from it.
func BuiltinSource(key string) ([]byte, bool) {
	src, err := builtin.ReadFile("schemas/" + key + ".yaml")
	return src, err == nil && key != "_common"
}

// String names the field for a message.
func (f *Field) String() string { return fmt.Sprintf("“%s”（%s）", f.Label, f.Key) }
