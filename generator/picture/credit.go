package picture

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bep/imagemeta"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Credit is what a picture's metadata says about itself that belongs into its record: it is not published with the
// picture.
type Credit struct {
	Creator   string // who took or made it
	Copyright string
	Caption   string
	Located   bool // it says where it was taken
}

// Credits reads what Exif, IPTC and XMP say. What can't be read says nothing.
func Credits(r io.ReaderAt, i Info) Credit {
	format, ok := map[Format]imagemeta.ImageFormat{JPEG: imagemeta.JPEG, PNG: imagemeta.PNG, WebP: imagemeta.WebP, TIFF: imagemeta.TIFF}[i.Format]
	var c Credit
	if !ok {
		return c
	}
	// In order of trust: what people write by hand stands in IPTC and XMP, what a camera was once told in Exif.
	rank := map[imagemeta.Source]int{imagemeta.XMP: 3, imagemeta.IPTC: 2, imagemeta.EXIF: 1}
	had := map[*string]int{}
	set := func(to *string, source imagemeta.Source, value any) {
		text := strings.TrimSpace(strings.ToValidUTF8(plain(value), ""))
		text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
		if text == "" || had[to] >= rank[source] {
			return
		}
		if runes := []rune(text); len(runes) > 300 {
			text = string(runes[:300]) + "……"
		}
		*to, had[to] = text, rank[source]
	}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: section(r, 0, i.Size), ImageFormat: format, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			switch t.Source {
			case imagemeta.EXIF:
				return strings.HasPrefix(t.Namespace, "IFD0")
			}
			return true
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			switch t.Tag {
			case "Artist", "By-line", "Byline", "creator", "Creator", "Credit":
				set(&c.Creator, t.Source, t.Value)
			case "Copyright", "CopyrightNotice", "rights", "Rights":
				set(&c.Copyright, t.Source, t.Value)
			case "ImageDescription", "Caption-Abstract", "CaptionAbstract", "description", "Description":
				set(&c.Caption, t.Source, t.Value)
			}
			if strings.HasPrefix(t.Tag, "GPSL") {
				c.Located = true
			}
			return nil
		},
	})
	if err != nil {
		return c // what was read before stands
	}
	return c
}

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return chinese(v)
	case []string:
		for i := range v {
			v[i] = chinese(v[i])
		}
		return strings.Join(v, "；")
	}
	return ""
}

// chinese gives a text that was read as Latin letters, which is what IPTC is if it does not say otherwise, in the
// characters that were meant: UTF-8, or GBK as Chinese agencies wrote it.
func chinese(s string) string {
	var b []byte
	for _, r := range s {
		if r > 0xff {
			return s
		}
		b = append(b, byte(r))
	}
	if utf8.Valid(b) {
		return string(b)
	}
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(b)
	if err != nil {
		return s
	}
	for _, r := range string(text) {
		if r >= 0x80 && !unicode.Is(unicode.Han, r) && !strings.ContainsRune("，。、：；（）《》“”·　", r) {
			return s
		}
	}
	return string(text)
}
