package wire

import (
	"encoding/xml"
	"errors"
	"io"
)

// mostElement is how many bytes one element of an answer may have.
const mostElement = 64 << 10

var errElement = errors.New("an element that does not end")

// Elements reads an answer that is a list, however long: each is called for every element below the outermost one, and decodes or skips it.
// Memory is taken for one of them.
func Elements(r io.Reader, each func(d *xml.Decoder, e xml.StartElement) error) error {
	from := &rationed{from: r}
	d := xml.NewDecoder(from)
	inside := false
	for {
		from.left = mostElement
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
		if err != nil && from.left <= 0 {
			return errElement
		} else if err != nil {
			return err
		}
	}
}

// rationed reads no more than what is left.
type rationed struct {
	from io.Reader
	left int
}

func (r *rationed) Read(b []byte) (int, error) {
	if r.left <= 0 {
		return 0, errElement
	}
	n, err := r.from.Read(b[:min(len(b), r.left)])
	r.left -= n
	return n, err
}
