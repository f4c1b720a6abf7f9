package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/tools/txtar"
)

// pack makes a .docx of an archive's files. A part named x.b64… is none: pictures are made by tests.
func pack(a *txtar.Archive) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "want") {
			continue
		}
		w, _ := z.Create(f.Name)
		data := f.Data
		if strings.HasSuffix(f.Name, ".png") {
			data = onePixel
		}
		w.Write(bytes.TrimSuffix(data, []byte("\n")))
	}
	z.Close()
	return b.Bytes()
}

// onePixel is a PNG.
var onePixel = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82")

// fixtures gives the test files by name: those that programs wrote, and those that are kept as text.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	names, _ := filepath.Glob("testdata/*.*")
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		switch filepath.Ext(name) {
		case ".txtar":
			b = pack(txtar.Parse(b))
		case ".docx":
		default:
			continue
		}
		out[filepath.Base(name)] = b
	}
	if len(out) < 40 {
		t.Fatalf("only %d fixtures", len(out))
	}
	return out
}

// tally counts the characters of the file's text without this package's reader: those in w:t of every part with
// text, in a Fallback only where the Choice has not the same words. White space is not counted, since Word itself
// drops some.
func tally(t testing.TB, file []byte) map[rune]int {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	count := map[rune]int{}
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if !holdsText(name) {
			continue
		}
		h, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(h)
		for r, n := range tallyElement(d, "", false) {
			count[r] += n
		}
		h.Close()
	}
	return count
}

// holdsText tells whether a part is one whose w:t a reader sees.
func holdsText(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	for _, kind := range []string{"document", "main", "header", "footer", "footnotes", "endnotes", "comments.", "chart", "data"} {
		if strings.HasPrefix(base, kind) {
			return strings.HasPrefix(name, "word/") && strings.HasSuffix(name, ".xml")
		}
	}
	return false
}

// tallyElement counts what stands in the present element; alternatives give the most that any of them has.
func tallyElement(d *xml.Decoder, name string, in bool) map[rune]int {
	count := map[rune]int{}
	for {
		t, err := d.Token()
		if err != nil {
			return count
		}
		switch t := t.(type) {
		case xml.CharData:
			if name == "t" {
				for _, r := range string(t) {
					if !unicode.IsSpace(r) {
						count[r]++
					}
				}
			}
		case xml.StartElement:
			inner := tallyElement(d, t.Name.Local, false)
			if name == "AlternateContent" {
				for r, n := range inner {
					count[r] = max(count[r], n)
				}
				continue
			}
			for r, n := range inner {
				count[r] += n
			}
		case xml.EndElement:
			return count
		}
	}
}

// kept counts the characters of a document: in its blocks, its notes and its list of what is left out.
func kept(d *Document) map[rune]int {
	count := map[rune]int{}
	add := func(s string) {
		for _, r := range s {
			if !unicode.IsSpace(r) {
				count[r]++
			}
		}
	}
	visit := func(p *Paragraph) {
		for _, s := range p.Spans {
			if s.Kind == Text || s.Kind == Ruby {
				add(s.Text)
				add(s.Reading)
			}
		}
	}
	Walk(d.Blocks, visit)
	for _, n := range d.Notes {
		Walk(n.Blocks, visit)
	}
	for _, l := range d.Left {
		add(l.Text)
	}
	return count
}

// conserved fails unless everything in the file is in the document.
func conserved(t testing.TB, name string, file []byte) *Document {
	t.Helper()
	d, err := Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	have := kept(d)
	for r, n := range tally(t, file) {
		if have[r] < n {
			t.Errorf("%s: %q stands %d times in the file and %d times in what was read", name, r, n, have[r])
		}
	}
	return d
}

func TestConservation(t *testing.T) {
	for name, file := range fixtures(t) {
		t.Run(name, func(t *testing.T) { conserved(t, name, file) })
	}
}

// runs is how many made-up cases a property looks at.
func runs(few int) int {
	if n, err := strconv.Atoi(os.Getenv("GONGZHI_RUNS")); err == nil && n > 0 {
		return n
	}
	return few
}

// TestConservationMutated changes the fixtures' markup: elements are wrapped, doubled, moved, renamed, taken away.
// What can still be read is read without loss, and what can't is refused as a whole.
func TestConservationMutated(t *testing.T) {
	files := fixtures(t)
	names := sortedKeys(files)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 13))
	read := 0
	for i := range runs(80) {
		name := names[rng.IntN(len(names))]
		file := mutate(t, files[name], rng)
		d, err := Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			continue
		}
		read++
		have := kept(d)
		for r, n := range tally(t, file) {
			if have[r] < n {
				t.Fatalf("seed %d, run %d, %s: %q stands %d times in the file and %d times in what was read\n%s", seed, i, name, r, n, have[r], part(file, "word/document.xml"))
			}
		}
	}
	if read == 0 {
		t.Fatal("none of the changed files could be read")
	}
	t.Logf("%d read", read)
}

// part gives a part of a file.
func part(file []byte, name string) []byte {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil
	}
	for _, f := range z.File {
		if f.Name == name {
			h, _ := f.Open()
			b, _ := io.ReadAll(h)
			h.Close()
			return b
		}
	}
	return nil
}

// mutate changes the trees of some parts of a file.
func mutate(t testing.TB, file []byte, rng *rand.Rand) []byte {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		h, _ := f.Open()
		b, _ := io.ReadAll(h)
		h.Close()
		if holdsText(strings.ToLower(f.Name)) && (rng.IntN(3) > 0 || strings.HasSuffix(f.Name, "document.xml")) {
			for range 1 + rng.IntN(4) {
				b = mutateXML(b, rng)
			}
		}
		o, _ := w.Create(f.Name)
		o.Write(b)
	}
	w.Close()
	return out.Bytes()
}

type tag struct{ from, to, end int } // an element's start tag, and its end

func mutateXML(b []byte, rng *rand.Rand) []byte {
	var tags []tag
	var open []int
	for i := 0; i < len(b); i++ {
		if b[i] != '<' {
			continue
		}
		j := bytes.IndexByte(b[i:], '>')
		if j < 0 {
			break
		}
		j += i + 1
		switch {
		case b[i+1] == '?' || b[i+1] == '!':
		case b[i+1] == '/':
			if len(open) > 0 {
				tags[open[len(open)-1]].end = j
				open = open[:len(open)-1]
			}
		case b[j-2] == '/':
			tags = append(tags, tag{i, j, j})
		default:
			open = append(open, len(tags))
			tags = append(tags, tag{i, j, j})
		}
		i = j - 1
	}
	if len(tags) < 3 {
		return b
	}
	pick := func() tag { return tags[1+rng.IntN(len(tags)-1)] }
	x := pick()
	element := string(b[x.from:x.end])
	wrap := func(open, close string) []byte {
		return []byte(string(b[:x.from]) + open + element + close + string(b[x.end:]))
	}
	switch rng.IntN(9) {
	case 0:
		names := []string{"w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:smartTag", "w:sdt", "w:hyperlink", "w:r", "w:p", "w:tbl", "w:tr", "w:tc", "w:pPr", "w:txbxContent", "w:ruby", "w:rt", "w:rubyBase",
			"w:fldSimple", "w:drawing", "w:pict", "w:t", "w:unknown", "w:instrText", "w:customXml", "w:tblPr", "w:trPr", "w:tcPr", "w:sectPr"}
		n := names[rng.IntN(len(names))]
		return wrap("<"+n+">", "</"+n+">")
	case 1:
		return wrap(element, "")
	case 2: // moved into another place
		y := pick()
		if y.from >= x.from && y.from < x.end {
			return b
		}
		rest := append(slices.Clone(b[:x.from]), b[x.end:]...)
		at := y.from
		if y.from >= x.end {
			at -= x.end - x.from
		}
		return append(append(slices.Clone(rest[:at]), element...), rest[at:]...)
	case 3:
		if strings.Contains(element, ":body") {
			return b
		}
		return append(slices.Clone(b[:x.from]), b[x.end:]...)
	case 4:
		return wrap(`<w:r><w:fldChar w:fldCharType="`+[]string{"begin", "separate", "end"}[rng.IntN(3)]+`"/></w:r>`, "")
	case 5:
		return wrap("", `<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>添</w:t></w:r></w:p>`)
	case 6:
		return wrap(`<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>`, "")
	case 7:
		return wrap(`<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>`, `</w:sdtContent></w:sdt>`)
	default:
		return wrap("", fmt.Sprintf(`<w:r><w:t>字%d</w:t></w:r>`, rng.IntN(100)))
	}
}

// FuzzRead: whatever the bytes are, reading ends, and loses nothing of what it takes.
func FuzzRead(f *testing.F) {
	for _, file := range fixtures(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for i := range d.Pictures {
			d.Picture(i)
		}
	})
}

// FuzzText is FuzzRead on the text's markup, which random bytes in a zip hardly reach.
func FuzzText(f *testing.F) {
	for _, file := range fixtures(f) {
		z, _ := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		for _, x := range z.File {
			if x.Name == "word/document.xml" {
				h, _ := x.Open()
				b, _ := io.ReadAll(h)
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := pack(&txtar.Archive{Files: []txtar.File{{Name: "word/document.xml", Data: text}}})
		d, err := Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		have := kept(d)
		for r, n := range tally(t, file) {
			if have[r] < n {
				t.Fatalf("%q stands %d times in the file and %d times in what was read", r, n, have[r])
			}
		}
	})
}
