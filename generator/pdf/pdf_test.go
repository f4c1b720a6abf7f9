package pdf_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"gongzhi/generator/pdf"
)

// plain writes a file with a table as text. Objects are numbered from 1; the first is the catalogue.
func plain(trailer string, objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	offsets := []int{}
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, at)
	return b.String()
}

func deflate(b []byte) string {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.String()
}

// packed writes a file as programs do since PDF 1.5: catalogue and page tree in an object stream, the table in a stream
// of its own, its rows with the Up filter if predict.
func packed(predict bool) string {
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	first := "1 0 2 30 "
	inside := fmt.Sprintf("%-30s%s", "<< /Type /Catalog /Pages 2 0 R", "<< /Type /Pages /Count 4 0 R /Kids [] >>")
	objects := deflate([]byte(first + inside))
	objectsAt := b.Len()
	fmt.Fprintf(&b, "3 0 obj\n<< /Type /ObjStm /N 2 /First %d /Filter /FlateDecode /Length %d >>\nstream\r\n%s\nendstream\nendobj\n", len(first), len(objects), objects)
	countAt := b.Len()
	b.WriteString("4 0 obj 321 endobj\n")
	tableAt := b.Len()
	var rows []byte
	above := make([]byte, 5)
	for _, e := range [][3]int{{0, 0, 0}, {2, 3, 0}, {2, 3, 1}, {1, objectsAt, 0}, {1, countAt, 0}, {1, tableAt, 0}} {
		row := append(binary.BigEndian.AppendUint16([]byte{byte(e[0])}, uint16(e[1])), 0, byte(e[2]))
		if predict {
			rows = append(rows, 2)
			for i := range row {
				rows = append(rows, row[i]-above[i])
			}
		} else {
			rows = append(rows, row...)
		}
		above = row
	}
	parms := ""
	if predict {
		parms = "/DecodeParms << /Predictor 12 /Columns 5 >>"
	}
	table := deflate(rows)
	fmt.Fprintf(&b, "5 0 obj\n<< /Type /XRef /W [1 2 2] /Size 6 /Root 1 0 R /Filter [/FlateDecode] %s /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", parms, len(table), table, tableAt)
	return b.String()
}

func TestPages(t *testing.T) {
	const catalogue = "<< /Type /Catalog /Pages 2 0 R /Title (a \\) (b) 3 0 R) /Hex <3E3E> >> % 4 0 R"
	saved := plain("", catalogue, "<< /Count 3 >>")
	again := saved + fmt.Sprintf("2 0 obj\n<< /Count 5 >>\nendobj\nxref\n2 1\n%010d 00000 n \ntrailer\n<< /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF",
		len(saved), strings.LastIndex(saved, "xref\n0"), len(saved)+len("2 0 obj\n<< /Count 5 >>\nendobj\n"))
	for _, c := range []struct {
		what, file string
		want       int
	}{
		{"a table as text", plain("", catalogue, "<< /Type /Pages /Kids [3 0 R] /Count 12 >>"), 12},
		{"a count of its own", plain("", catalogue, "<</Count 3 0 R>>", "7"), 7},
		{"saved twice", again, 5},
		{"streams", packed(false), 321},
		{"streams with a filter", packed(true), 321},
		{"encrypted", plain("/Encrypt 3 0 R", catalogue, "<< /Count 2 >>"), 2},
		{"no pages", plain("", catalogue, "<< /Count 0 >>"), 0},
		{"negative", plain("", catalogue, "<< /Count -3 >>"), 0},
		{"in circles", plain("", "<< /Pages 2 0 R >>", "2 0 R"), 0},
		{"parents in circles", plain("", "1 0 R"), 0},
		{"no catalogue", plain("", "null"), 0},
		{"a previous table that is itself", strings.Replace(plain("/Prev 9", catalogue, "<< /Count 1 >>"), "/Prev 9", "/Prev 0", 1), 0},
		{"cut short", packed(true)[:300], 0},
		{"empty", "", 0},
		{"no PDF", "<!doctype html>\nstartxref\n0\n", 0},
		{"deep", "startxref\n0\n" + strings.Repeat("[", 1<<16), 0},
	} {
		n, ok := pdf.Pages(strings.NewReader(c.file), int64(len(c.file)))
		if n != c.want && ok || ok != (c.want > 0) {
			t.Errorf("%s: %d pages, %v; want %d", c.what, n, ok, c.want)
		}
	}
}

// FuzzPages: whatever the bytes, counting ends, and a count is one that a book could have.
func FuzzPages(f *testing.F) {
	f.Add([]byte(plain("", "<< /Pages 2 0 R >>", "<< /Count 12 >>")))
	f.Add([]byte(packed(true)))
	f.Add([]byte("startxref 0 xref 0 99999999999 trailer << /Root 1 0 R /Prev 0 >>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, ok := pdf.Pages(bytes.NewReader(b), int64(len(b))); ok && (n < 1 || n > 1<<20) {
			t.Fatalf("%d pages", n)
		}
	})
}
