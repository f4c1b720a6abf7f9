package xmllist

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

const mostElement = 64 << 10

// repeated gives a text again and again.
type repeated struct {
	text string
	at   int
	sent int
}

func (r *repeated) Read(b []byte) (int, error) {
	n := copy(b, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	r.sent += n
	return n, nil
}

// TestRead: a list is read an element at a time, and one that does not end, in whatever way, is left.
func TestRead(t *testing.T) {
	var got []string
	read := func(d *xml.Decoder, e xml.StartElement) error {
		var v struct {
			Key string
		}
		err := d.DecodeElement(&v, &e)
		got = append(got, e.Name.Local+" "+v.Key)
		return err
	}
	if err := Read(strings.NewReader(`<?xml version="1.0"?><l xmlns="x"> <a><Key>甲</Key></a>乙<b><c/></b><a/></l>`), mostElement, read); err != nil || strings.Join(got, "|") != "a 甲|b |a " {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"", " ", "<l>", "<l><a>", "<l><a></b></l>", "nothing", "<!DOCTYPE l [<!ENTITY a \"b\">]><l><a>&a;</a></l>"} {
		if err := Read(strings.NewReader(text), mostElement, read); err == nil {
			t.Errorf("%q is taken for a list", text)
		}
	}
	for _, text := range []string{"<a>", " ", "甲", "a='b' ", "<!-- ", "<a><Key>", "&amp;"} {
		r := &repeated{text: text}
		if err := Read(io.MultiReader(strings.NewReader("<l><a "), r), mostElement, read); err == nil || r.sent > 4*mostElement {
			t.Errorf("%q without end: %v after %d bytes", text, err, r.sent)
		}
		r = &repeated{text: text}
		if err := Read(io.MultiReader(strings.NewReader("<l><a>"), r), mostElement, read); err == nil || r.sent > 4*mostElement {
			t.Errorf("%q without end: %v after %d bytes", text, err, r.sent)
		}
	}
}
