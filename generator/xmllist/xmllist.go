// Package xmllist reads XML that is a list, of which nobody knows how long it is nor who made it: an element at a time.
package xmllist

import (
	"encoding/xml"
	"errors"
	"io"
)

// ErrElement is an element that has more bytes than it may have.
var ErrElement = errors.New("an element that does not end")

// Read reads a list, however long: each is called for every element below the outermost one, and decodes or skips it. Memory is taken for
// one of them, which may have so many bytes; ErrElement if it has more. Other errors are those of the XML, of r or of each.
func Read(r io.Reader, most int, each func(d *xml.Decoder, e xml.StartElement) error) error {
	from := &Ration{From: r}
	d := xml.NewDecoder(from)
	inside := false
	for {
		from.Left = most
		tok, err := d.Token()
		if err == io.EOF && inside {
			return nil
		} else if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if e, ok := tok.(xml.StartElement); ok && err == nil {
			if !inside {
				inside = true
				continue
			}
			err = each(d, e)
		}
		if err != nil && from.Left <= 0 {
			return ErrElement
		} else if err != nil {
			return err
		}
	}
}

// A Ration reads no more than what is left, and then gives ErrElement. Whoever reads tokens through it sets Left before each, so that
// none fills the memory.
type Ration struct {
	From io.Reader
	Left int // bytes
}

func (r *Ration) Read(b []byte) (int, error) {
	if r.Left <= 0 {
		return 0, ErrElement
	}
	n, err := r.From.Read(b[:min(len(b), r.Left)])
	r.Left -= n
	return n, err
}
