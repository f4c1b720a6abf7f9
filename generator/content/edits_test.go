package content_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/content"
)

// runs is how often a property is tried: GONGZHI_RUNS, or a few times.
func runs(few int) int {
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil {
		return n
	}
	return few
}

// seeded gives numbers at random, and says by which seed; GONGZHI_SEED repeats a run.
func seeded(t *testing.T) *rand.Rand {
	seed, err := strconv.ParseUint(os.Getenv("GONGZHI_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("GONGZHI_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// wild are texts that are hard to write.
var wild = []string{"甲", "测试乙", "甲: 乙", "甲 #乙", "#注", "- 甲", "-", "[甲", "{甲}", "]", "yes", "否", "0012", "1958", "1958-05-01", "1958-05", "12:30:45", "", " 前", "后 ", "一\n二", "一\n\n二\n",
	"\n", "一\n\n\n", "  缩\n进", "一\n  二", "\"引\"", "it's", `a\b`, "*甲", "&甲", "!甲", "|", ">", "%", "@甲", "`甲`", "甲\t乙", "\t甲", "【甲】", "：", "甲：乙", "?", "? 甲", "甲?", "甲:", ":甲", ",", "甲,乙", "甲;乙", "~", "null", "---", "...",
	"一\n---\n二", "\u200b甲", "甲\u2028乙", "甲\x07", "😀", "<<", "=", "1e3", "0x1f", "http://example.invalid/?a=b#c", "甲\ufeff", strings.Repeat("很长的文字，", 60), "“甲”", "'", `"`, "甲,\"乙", "true", "\\", "a'b\"c"}

// ugly are the files that no program would write, each in several forms, and the sample archive.
func ugly(t *testing.T) map[string][]byte {
	files := map[string][]byte{}
	add := func(fsys fs.FS, root string, forms bool) {
		err := fs.WalkDir(fsys, root, func(p string, e fs.DirEntry, err error) error {
			ext := path.Ext(p)
			if err != nil || e.IsDir() || ext != ".md" && ext != ".csv" && ext != ".tsv" {
				return err
			}
			b, err := fs.ReadFile(fsys, p)
			if err != nil {
				return err
			}
			files[p] = b
			if !forms {
				return nil
			}
			stem := strings.TrimSuffix(p, ext)
			files[stem+"~crlf"+ext] = bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
			files[stem+"~cr"+ext] = bytes.ReplaceAll(b, []byte("\n"), []byte("\r"))
			files[stem+"~bom"+ext] = append([]byte("\ufeff"), b...)
			files[stem+"~bom-crlf-cut"+ext] = append([]byte("\ufeff"), bytes.ReplaceAll(bytes.TrimRight(b, "\n"), []byte("\n"), []byte("\r\n"))...)
			files[stem+"~cut"+ext] = bytes.TrimRight(b, "\n")
			files[stem+"~more"+ext] = append(bytes.Clone(b), "\n\n"...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	add(os.DirFS("testdata"), "ugly", true)
	add(os.DirFS("../.."), "content", false)
	if len(files) < 100 {
		t.Fatalf("%d files", len(files))
	}
	return files
}

// TestRandomEdits: each edit changes exactly what it says. What the file holds afterwards is read here by the
// libraries alone and compared with what it must be; its bytes may differ only where the named value stands,
// every comment elsewhere is still there, and line breaks and byte order mark are what they were.
func TestRandomEdits(t *testing.T) {
	rnd, files := seeded(t), ugly(t)
	names := make([]string, 0, len(files))
	var hard []string
	for name := range files {
		if names = append(names, name); strings.HasPrefix(name, "ugly/") {
			hard = append(hard, name)
		}
	}
	slices.Sort(names)
	slices.Sort(hard)
	done, refused, refusedPlain := 0, 0, 0
	reasons := map[string]int{}
	for done < runs(800) {
		name := names[rnd.IntN(len(names))]
		if rnd.IntN(2) == 0 {
			name = hard[rnd.IntN(len(hard))]
		}
		d := content.ParseDocument(name, files[name], nil)
		if len(d.Faults()) > 0 {
			t.Fatalf("%s: %v", name, d.Faults())
		}
		for range 1 + rnd.IntN(4) {
			before := d.Bytes()
			var edits []content.Edit
			var verify func(after []byte) string
			if d.IsTable() {
				edits, verify = randomTableEdits(rnd, name, before)
			} else {
				edits, verify = randomFieldEdit(rnd, before)
			}
			if edits == nil {
				continue
			}
			done++
			what := fmt.Sprintf("%s: %#v\n--- before\n%s", name, edits, before)
			if err := d.Apply(edits...); err != nil {
				if refused++; !strings.HasPrefix(name, "ugly/") {
					refusedPlain++
					t.Errorf("%v: %s", err, what)
				}
				if d.IsTable() {
					t.Errorf("%v: %s", err, what)
				}
				_, reason, _ := strings.Cut(err.Error(), "错误: ")
				reasons[regexp.MustCompile(`“.*?”|\d+|&\S+|\*\S+`).ReplaceAllString(reason, "…")]++
				if !bytes.Equal(d.Bytes(), before) {
					t.Fatalf("refused (%v) and changed: %s\n--- after\n%s", err, what, d.Bytes())
				}
				continue
			}
			if wrong := verify(d.Bytes()); wrong != "" {
				t.Fatalf("%s\n%s\n--- after\n%s", wrong, what, d.Bytes())
			}
			if again := content.ParseDocument(name, d.Bytes(), nil); len(again.Faults()) > 0 {
				t.Fatalf("%v\n%s\n--- after\n%s", again.Faults(), what, d.Bytes())
			}
		}
	}
	t.Logf("%d edits, %d refused, %d of them in the sample archive: %v", done, refused, refusedPlain, reasons)
	if refusedPlain > 0 || refused*10 > done {
		t.Errorf("of %d edits %d were refused, %d of them in plain files", done, refused, refusedPlain)
	}
}

// lf is a text with LF alone and without byte order mark.
func lf(b []byte) string {
	s := strings.TrimPrefix(string(b), "\ufeff")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// sameForm compares line breaks and byte order mark.
func sameForm(before, after []byte) string {
	if bytes.HasPrefix(before, []byte("\ufeff")) != bytes.HasPrefix(after, []byte("\ufeff")) {
		return "the byte order mark is not what it was"
	}
	kinds := func(b []byte) (crlf, cr, lf int) {
		crlf = bytes.Count(b, []byte("\r\n"))
		return crlf, bytes.Count(b, []byte("\r")) - crlf, bytes.Count(b, []byte("\n")) - crlf
	}
	a1, a2, a3 := kinds(before)
	b1, b2, b3 := kinds(after)
	if a1+a2+a3 > 0 && (a1 == 0 && b1 > 0 || a2 == 0 && b2 > 0 || a3 == 0 && b3 > 0) {
		return "a line break of another kind has come"
	}
	return ""
}

// tree is what a YAML node holds.
type tree struct {
	kind  yaml.Kind
	tag   string // "" for any
	value string
	mark  string // anchor
	kids  []*tree
}

func treeOf(n *yaml.Node) *tree {
	t := &tree{kind: n.Kind, tag: n.ShortTag(), value: n.Value, mark: n.Anchor}
	if n.Kind != yaml.ScalarNode {
		t.tag = ""
	}
	for _, k := range n.Content {
		t.kids = append(t.kids, treeOf(k))
	}
	return t
}

func (t *tree) same(o *tree) bool {
	if t.tag == "!!null" {
		return o.tag == "!!null" // null, ~ or nothing
	}
	return t.kind == o.kind && t.value == o.value && (t.mark == o.mark || t.mark == "?") && (t.tag == "" || t.tag == o.tag) && slices.EqualFunc(t.kids, o.kids, (*tree).same)
}

// yamlOf gives the front matter of a text, the offset at which it begins and the body.
func yamlOf(text string) (block string, at int, body string) {
	head, rest, ok := strings.Cut(text, "\n")
	if !ok || head != "---" {
		return "", -1, text
	}
	at = len(head) + 1
	for off := 0; off <= len(rest); {
		line, _, more := strings.Cut(rest[off:], "\n")
		if line == "---" {
			return rest[:off], at, rest[min(off+4, len(rest)):]
		}
		if off += len(line) + 1; !more {
			break
		}
	}
	return "", -1, text
}

var remark = regexp.MustCompile(`# c[0-9]+`)

// leaf is a place where a value without parts begins.
type leaf struct {
	node *yaml.Node
	at   int
}

// randomFieldEdit makes an edit of a Markdown file, and what has to hold afterwards.
func randomFieldEdit(rnd *rand.Rand, before []byte) ([]content.Edit, func([]byte) string) {
	text := lf(before)
	block, blockAt, body := yamlOf(text)
	newText := func() string { return wild[rnd.IntN(len(wild))] }
	if rnd.IntN(12) == 0 {
		s := newText() + "\n" + newText()
		return []content.Edit{content.SetBody{Text: s}}, func(after []byte) string {
			t := lf(after)
			_, at, got := yamlOf(t)
			head := strings.TrimSuffix(text, body)
			if !strings.HasPrefix(t, head) || at != blockAt && blockAt >= 0 {
				return "the front matter is not what it was"
			}
			if blockAt < 0 {
				return sameForm(before, after) // a body that begins with --- may have become front matter; it would be refused
			}
			if got != s {
				return fmt.Sprintf("the body is %q, want %q", got, s)
			}
			return sameForm(before, after)
		}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(block), &doc); err != nil {
		panic(err)
	}
	key := []string{"新", "new", "a: b", "yes", "12", "字 段", "“引”", "- x", "k#v", "#k"}[rnd.IntN(10)]
	value := func() (any, *tree) {
		str := func(s string) *tree { return &tree{kind: yaml.ScalarNode, tag: "!!str", value: s} }
		switch rnd.IntN(10) {
		case 0:
			return nil, &tree{kind: yaml.ScalarNode, tag: "!!null"}
		case 1:
			return content.Bare("1958-05"), &tree{kind: yaml.ScalarNode, value: "1958-05"}
		case 2:
			a, b := newText(), newText()
			return []string{a, b}, &tree{kind: yaml.SequenceNode, kids: []*tree{str(a), str(b)}}
		case 3:
			a, b := newText(), newText()
			return []content.Member{{Key: "source", Value: a}, {Key: "引 文", Value: b}}, &tree{kind: yaml.MappingNode, kids: []*tree{str("source"), str(a), str("引 文"), str(b)}}
		case 4:
			a := newText()
			return []any{[]content.Member{{Key: "source", Value: a}}, []any{}}, &tree{kind: yaml.SequenceNode, kids: []*tree{{kind: yaml.MappingNode, kids: []*tree{str("source"), str(a)}}, {kind: yaml.SequenceNode}}}
		}
		s := newText()
		return s, str(s)
	}
	if len(doc.Content) == 0 {
		v, want := value()
		return []content.Edit{content.SetField{Path: content.At(key), Value: v}}, func(after []byte) string {
			got, _, rest := yamlOf(lf(after))
			if rest != body {
				return "the body is not what it was"
			}
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(got), &doc); err != nil {
				return err.Error()
			}
			if !(&tree{kind: yaml.MappingNode, kids: []*tree{{kind: yaml.ScalarNode, tag: "!!str", value: key}, want}}).same(treeOf(doc.Content[0])) {
				return "not the value"
			}
			if len(remark.FindAllString(got, -1)) != len(remark.FindAllString(block, -1)) {
				return "a comment has gone"
			}
			return sameForm(before, after)
		}
	}
	// Choose a place: go down at random.
	type step struct {
		node *yaml.Node
		i    int // of the child
	}
	root := doc.Content[0]
	var trail []step
	var at content.Path
	n := root
	for {
		var choices []int
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i < len(n.Content); i += 2 {
				if k := n.Content[i]; k.Kind == yaml.ScalarNode && k.Value != "" {
					choices = append(choices, i+1)
				}
			}
		case yaml.SequenceNode:
			for i := range n.Content {
				choices = append(choices, i)
			}
		}
		if len(choices) == 0 || len(trail) > 0 && rnd.IntN(3) == 0 {
			break
		}
		i := choices[rnd.IntN(len(choices))]
		trail = append(trail, step{n, i})
		if n.Kind == yaml.MappingNode {
			at = append(at, n.Content[i-1].Value)
		} else {
			at = append(at, i)
		}
		n = n.Content[i]
	}
	if len(trail) == 0 {
		return nil, nil
	}
	// What must come of it.
	want := treeOf(root)
	goal := want // the tree of the node chosen, and the one around it
	outer := want
	for _, s := range trail {
		outer, goal = goal, goal.kids[s.i]
	}
	parent, child := trail[len(trail)-1].node, trail[len(trail)-1].i
	first, last := parent.Content[child], parent.Content[child] // the nodes between which bytes may differ
	if parent.Kind == yaml.MappingNode {
		first = parent.Content[child-1]
	}
	v, tv := value()
	var edit content.Edit
	gone, comments := false, false // whether comments inside may go, and on the last line too
	switch op := rnd.IntN(8); {
	case op < 3 || op < 5 && n.Kind != yaml.SequenceNode && n.Kind != yaml.MappingNode:
		edit = content.SetField{Path: at, Value: v}
		tv.mark = "?"
		if n.Kind == yaml.ScalarNode && n.Style == 0 && n.ShortTag() != "!!str" && tv.tag == "!!str" {
			tv.tag = "" // a number in the place of a number
		}
		*goal = *tv
		gone = n.Kind == yaml.SequenceNode || n.Kind == yaml.MappingNode
	case op == 3 && n.Kind == yaml.SequenceNode:
		i := rnd.IntN(len(n.Content) + 1)
		edit = content.InsertItem{Path: append(slices.Clone(at), i), Value: v}
		goal.kids = slices.Insert(goal.kids, i, tv)
	case op == 4 && n.Kind == yaml.SequenceNode:
		edit = content.SetField{Path: append(slices.Clone(at), len(n.Content)), Value: v}
		goal.kids = append(goal.kids, tv)
	case op == 5:
		edit = content.SetField{Path: content.At(key), Value: v}
		for i := 0; i < len(root.Content); i += 2 {
			if root.Content[i].Value == key {
				return nil, nil
			}
		}
		first, last = root, root
		want.kids = append(want.kids, &tree{kind: yaml.ScalarNode, tag: "!!str", value: key}, tv)
	case n.Kind == yaml.MappingNode && op < 7:
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return nil, nil
			}
		}
		edit = content.SetField{Path: append(slices.Clone(at), key), Value: v}
		goal.kids = append(goal.kids, &tree{kind: yaml.ScalarNode, tag: "!!str", value: key}, tv)
	default:
		edit = content.RemoveField{Path: at}
		gone, comments = true, true
		if parent.Kind == yaml.MappingNode {
			outer.kids = slices.Delete(outer.kids, child-1, child+1)
		} else {
			outer.kids = slices.Delete(outer.kids, child, child+1)
		}
	}
	// The leaves around: what stands before the first of the chosen ones and behind the last.
	starts := []int{0}
	for i := range len(block) {
		if block[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	var leaves []leaf
	low, high := -1, -1 // the chosen ones
	var visit func(n *yaml.Node, inside bool)
	visit = func(n *yaml.Node, inside bool) {
		inside = inside || n == first || n == last
		if len(n.Content) == 0 {
			off := starts[min(n.Line, len(starts))-1]
			for range n.Column - 1 {
				if off < len(block) {
					off += len(string([]rune(block[off:min(off+4, len(block))])[0]))
				}
			}
			leaves = append(leaves, leaf{n, off})
			if inside {
				if low < 0 {
					low = len(leaves) - 1
				}
				high = len(leaves) - 1
			}
		}
		for _, k := range n.Content {
			visit(k, inside)
		}
	}
	visit(root, false)
	from, to := 0, len(block)
	if low > 0 {
		from = leaves[low-1].at
	}
	if high >= 0 && high+1 < len(leaves) {
		to = leaves[high+1].at
	}
	begin, end := leaves[max(low, 0)].at, leaves[max(high, 0)].at
	if n.Style&yaml.FlowStyle != 0 && len(n.Content) > 0 { // up to its bracket
		end = max(end, strings.LastIndexAny(block[:to], "]}"))
	}
	if comments {
		if parent.Kind == yaml.SequenceNode && parent.Style&yaml.FlowStyle == 0 { // from its dash
			begin = max(strings.LastIndexByte(block[:begin], '-'), 0)
		}
		if i := strings.IndexByte(block[end:], '\n'); i >= 0 {
			end += i
		}
		if low == high || !strings.Contains(block[begin:end], "\n") {
			begin = strings.LastIndexByte(block[:begin], '\n') + 1
		}
	}
	return []content.Edit{edit}, func(after []byte) string {
		got, gotAt, rest := yamlOf(lf(after))
		if gotAt != blockAt || rest != body {
			return "the body is not what it was"
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(got), &doc); err != nil {
			return err.Error()
		}
		if len(doc.Content) == 0 {
			if len(want.kids) > 0 {
				return "everything has gone"
			}
		} else if !want.same(treeOf(doc.Content[0])) {
			return "it does not hold what it must"
		}
		if !strings.HasPrefix(got, block[:from]) || !strings.HasSuffix(got, block[to:]) {
			return fmt.Sprintf("bytes have changed before %q or from %q on", block[from:min(from+20, len(block))], block[to:min(to+20, len(block))])
		}
		var keep []string
		for _, m := range remark.FindAllStringIndex(block, -1) {
			if !gone || m[0] < begin || m[0] > end {
				keep = append(keep, block[m[0]:m[1]])
			}
		}
		have := remark.FindAllString(got, -1)
		for _, c := range keep {
			i := slices.Index(have, c)
			if i < 0 {
				return "the comment " + c + " has gone or stands elsewhere"
			}
			have = have[i+1:]
		}
		return sameForm(before, after)
	}
}

// rawRows divides a table as it stands into rows, and these into cells: a line break or delimiter between quotes is
// none.
func rawRows(s string, comma byte) (rows [][]string) {
	quoted, begin := false, 0
	row := []string{}
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) && (begin < i || len(row) > 0):
			rows = append(rows, append(row, s[begin:i]))
		case i == len(s):
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == comma:
			row, begin = append(row, s[begin:i]), i+1
		case s[i] == '\n':
			if len(row) > 0 || begin < i {
				rows = append(rows, append(row, s[begin:i]))
			} else {
				rows = append(rows, nil) // a blank line
			}
			row, begin = []string{}, i+1
		}
	}
	return rows
}

// randomTableEdits makes a batch of edits of a table, and what has to hold afterwards.
func randomTableEdits(rnd *rand.Rand, name string, before []byte) ([]content.Edit, func([]byte) string) {
	text := lf(before)
	comma := byte(',')
	switch head, _, _ := strings.Cut(text, "\n"); {
	case path.Ext(name) == ".tsv":
		comma = '\t'
	case !strings.Contains(head, ",") && strings.Contains(head, ";"):
		comma = ';'
	}
	read := func(text string) ([][]string, error) {
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord, r.Comma = -1, rune(comma)
		return r.ReadAll()
	}
	old, err := read(text)
	if err != nil {
		panic(err)
	}
	header, rows := old[0], old[1:]
	newText := func() string {
		s := wild[rnd.IntN(len(wild))]
		if strings.Contains(s, "\r") {
			return "甲"
		}
		return s
	}
	type key struct{ row, column int }
	cells := map[key]string{}
	removed := map[int]bool{}
	inserted := map[int][][]string{}
	renamed := -1
	newName := "新列" + strconv.Itoa(rnd.IntN(100))
	named := func() int { // a column that can be named
		for range 20 {
			i := rnd.IntN(len(header))
			if strings.TrimSpace(header[i]) != "" && header[i] == strings.TrimSpace(header[i]) {
				return i
			}
		}
		return 0
	}
	var edits []content.Edit
	for range 1 + rnd.IntN(5) {
		switch op := rnd.IntN(8); {
		case op < 4 && len(rows) > 0:
			r, c := rnd.IntN(len(rows)), named()
			if c < len(rows[r]) && !removed[r] {
				s := newText()
				cells[key{r, c}] = s
				edits = append(edits, content.SetCell{Row: r, Column: header[c], Text: s})
			}
		case op == 4:
			r := rnd.IntN(len(rows) + 1)
			row := make([]string, len(header))
			c := named()
			row[c] = "测试" + newText()
			edits = append(edits, content.InsertRow{Row: r, Cells: map[string]string{header[c]: row[c]}})
			inserted[r] = append(inserted[r], row)
		case op == 5 && len(rows) > 0:
			r := rnd.IntN(len(rows))
			edits = append(edits, content.RemoveRow{Row: r})
			removed[r] = true
		case op == 6 && renamed < 0 && rnd.IntN(4) == 0:
			renamed = named()
			edits = append(edits, content.RenameColumn{Column: header[renamed], New: newName})
		}
	}
	if len(edits) == 0 {
		return nil, nil
	}
	return edits, func(after []byte) string {
		var want [][]string
		head := slices.Clone(header)
		if renamed >= 0 {
			head[renamed] = newName
		}
		want = append(want, head)
		for r := range len(rows) + 1 {
			want = append(want, inserted[r]...)
			if r == len(rows) || removed[r] {
				continue
			}
			row := slices.Clone(rows[r])
			for k, s := range cells {
				if k.row == r {
					row[k.column] = s
				}
			}
			want = append(want, row)
		}
		t := lf(after)
		got, err := read(t)
		if err != nil {
			return err.Error()
		}
		if !slices.EqualFunc(want, got, func(a, b []string) bool { return slices.Equal(a, b) }) {
			return fmt.Sprintf("it holds\n%q\nwant\n%q", got, want)
		}
		// Every other byte: walk both files row by row, blank lines too.
		a, b := rawRows(text, comma), rawRows(t, comma)
		bare := func(rows [][]string) (all [][]string, blanks int) {
			for _, r := range rows {
				if r == nil {
					blanks++
				} else {
					all = append(all, r)
				}
			}
			return all, blanks
		}
		rawOld, blanksOld := bare(a)
		rawNew, blanksNew := bare(b)
		if blanksOld != blanksNew && !removed[len(rows)-1] {
			return fmt.Sprintf("%d blank lines, there were %d", blanksNew, blanksOld)
		}
		k := 1
		for r := range len(rows) {
			k += len(inserted[r])
			if removed[r] {
				continue
			}
			for c, raw := range rawOld[r+1] {
				if s, ok := cells[key{r, c}]; !(ok && s != rows[r][c]) && rawNew[k][c] != raw {
					return fmt.Sprintf("the cell %s of row %d has other bytes", raw, r)
				}
			}
			k++
		}
		for c, raw := range rawOld[0] {
			if c != renamed && rawNew[0][c] != raw {
				return "another name of a column has other bytes"
			}
		}
		if strings.HasSuffix(text, "\n") != strings.HasSuffix(t, "\n") && !(removed[len(rows)-1] || len(inserted[len(rows)]) > 0) {
			return "the end of the file is not what it was"
		}
		return sameForm(before, after)
	}
}
