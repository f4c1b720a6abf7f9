package docx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// most is what reading any file may add to the heap, in MB.
const most = 300

// cost reads a file and gives by how many MB the heap grew for it, whatever stood there before.
func cost(file []byte) (mb int, err error) {
	debug.FreeOSMemory()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := Read(bytes.NewReader(file), int64(len(file)))
	if err == nil {
		for i := range d.Pictures {
			d.Picture(i)
		}
	}
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(d)
	// What was returned to the system before does not count as free: it is taken anew.
	have := int64(before.HeapSys - before.HeapReleased)
	return int((int64(after.HeapSys-after.HeapReleased) - have) >> 20), err
}

// packed makes a file whose text is written in pieces, so that no test holds it whole.
func packed(t testing.TB, name string, write func(w io.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	write(w)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestMemory: what is made to cost the most that the limits allow stays below the bound, and so does what is beyond them.
func TestMemory(t *testing.T) {
	head, tail, _ := strings.Cut(bare, "%s")
	// filled repeats a piece up to so many bytes or so many times.
	filled := func(before, piece, after string, n int) []byte {
		return packed(t, "word/document.xml", func(w io.Writer) {
			io.WriteString(w, head+before)
			many := strings.Repeat(piece, 1000)
			for range n / 1000 {
				io.WriteString(w, many)
			}
			io.WriteString(w, after+tail)
		})
	}
	const p = `<w:p><w:r><w:t>字</w:t></w:r></w:p>`
	cases := map[string][]byte{
		"runs":                   filled("<w:p>", `<w:r><w:t>字</w:t></w:r>`, "</w:p>", maxNodes/2-2000),
		"breaks with attributes": filled("<w:p>", `<w:r a="" b="" c=""><w:br d="" e="" f=""/></w:r>`, "</w:p>", maxNodes/3-2000),
		"attributes":             filled("<w:p"+strings.Repeat(` a=""`, maxToken/5-2000), ` b=""`, "/>"+p, 1000),
		"attributes beyond":      filled("<w:p", ` a=""`, "/>"+p, maxToken),
		"attributes of all":      filled("", `<w:p a="" b="" c="" d="" e="" f="" g="" h="" i=""/>`, p, maxNodes/3-2000),
		"one text":               filled("<w:p><w:r><w:t>", "字", "</w:t></w:r></w:p>", maxToken/3-2000),
		"one text beyond":        filled("<w:p><w:r><w:t>", "字", "</w:t></w:r></w:p>", maxToken),
		"a picture": file("word/document.xml", fmt.Sprintf(bare, `<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:imagedata r:id="a"/></v:shape></w:pict></w:r></w:p>`), "word/_rels/document.xml.rels",
			`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://x/image" Target="media/a.bin"/></Relationships>`, "word/media/a.bin", "\x89PNG\r\n\x1a\n"+strings.Repeat("x", MaxPicture-20)),
		"table of parts": crowd(400_000),
	}
	for _, name := range sortedKeys(cases) {
		mb, err := cost(cases[name])
		t.Logf("%s: %d MB (%v)", name, mb, err)
		if beyond := strings.HasSuffix(name, "beyond") || name == "table of parts"; beyond != (err != nil) {
			t.Errorf("%s: %v", name, err)
		} else if beyond && !strings.Contains(err.Error(), "Word") {
			t.Errorf("%s: %v does not say what to do", name, err)
		}
		if mb > most {
			t.Errorf("%s: the heap grew by %d MB", name, mb)
		}
		delete(cases, name)
	}
}

// crowd is a package whose table has n entries of one file.
func crowd(n int) []byte {
	b := file("word/document.xml", fmt.Sprintf(bare, `<w:p/>`))
	at := bytes.Index(b, []byte("PK\x01\x02"))
	end := bytes.Index(b, []byte("PK\x05\x06"))
	entry, last := b[at:end], bytes.Clone(b[end:])
	entry = bytes.Clone(entry)
	table := bytes.Repeat(entry, n)
	binary.LittleEndian.PutUint16(last[8:], uint16(n))
	binary.LittleEndian.PutUint16(last[10:], uint16(n))
	binary.LittleEndian.PutUint32(last[12:], uint32(len(table)))
	return append(append(bytes.Clone(b[:at]), table...), last...)
}
