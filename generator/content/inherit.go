package content

import "slices"

// Inherit gives the record with values of another one in those of its fields that are empty: the fields that by
// names, if both schemas have them with one type. What is inherited stands, for messages, where by stands. The record
// itself is given if there is nothing to inherit.
func (r *Record) Inherit(from *Record, by *Field) *Record {
	at := r.Value(by)
	if at == nil {
		return r
	}
	var more []Value
	for _, f := range by.Inherit {
		if r.Value(f) != nil {
			continue
		}
		theirs := from.Schema.Field(f.Key)
		if theirs == nil {
			continue
		}
		if v := from.Value(theirs); v != nil && v.Field.Type == f.Type && (f.Many || v.Items == nil) {
			more = append(more, v.moved(f, at.Line, at.Col))
		}
	}
	if len(more) == 0 {
		return r
	}
	n := *r
	n.own = r.Own()
	n.Values = slices.Concat(r.Values, more)
	slices.SortStableFunc(n.Values, func(a, b Value) int { return a.Field.Ordinal - b.Field.Ordinal })
	n.finish()
	return &n
}

// Own is the record as its file holds it, without what it inherits.
func (r *Record) Own() *Record {
	if r.own != nil {
		return r.own
	}
	return r
}

// moved is a copy of a value for another field at another place.
func (v *Value) moved(f *Field, line, col int32) Value {
	n := *v
	n.Field, n.Line, n.Col = f, line, col
	if v.Items != nil {
		rare := *v.Rare
		n.Rare = &rare
		n.Items = slices.Clone(v.Items)
		for i := range n.Items {
			n.Items[i].Field, n.Items[i].Line, n.Items[i].Col = f, line, col
		}
	}
	return n
}
