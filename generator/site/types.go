package site

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
)

// kind is what this package knows of a field type. Its functions are given single values, never lists.
type kind struct {
	// display is a value as text for people.
	display func(r *Record, v *content.Value) string
	// order is what a value sorts by: a number, then a text. One that can't be compared comes last.
	order func(r *Record, v *content.Value) (string, float64)
	alone bool // what it sorts by depends on its record and nothing else
	// texts appends what search finds of a value.
	texts func(texts []string, r *Record, v *content.Value) []string
	// terms gives what a value is browsed by to add.
	terms func(r *Record, v *content.Value, add func(term string))
	years bool // those are years
	// check says what is wrong with a value that is a file.
	check func(j *joiner, r *Record, v *content.Value)
}

// kinds is the table of the types. It is filled in when the program starts, because that of an object comes back to it.
var kinds [content.TypeCount]kind

func init() {
	text := kind{display: itsText, order: byText, alone: true, texts: displayed, terms: itsDisplay, check: noFile}
	with := func(change func(k *kind)) kind {
		k := text
		change(&k)
		return k
	}
	kinds = content.ByType(map[content.Type]kind{
		content.Text:     text,
		content.Term:     text,
		content.URL:      text,
		content.PathType: text,
		content.Enum:     with(func(k *kind) { k.order = byPlace }),
		content.Number:   with(func(k *kind) { k.order = byQuantity }),
		content.Integer:  with(func(k *kind) { k.order = byInteger }),
		content.Bool:     with(func(k *kind) { k.display, k.order = yesOrNo, yesFirst }),
		content.DateType: with(func(k *kind) {
			k.display = func(_ *Record, v *content.Value) string { return v.Date.Display() }
			k.order, k.texts, k.terms, k.years = byDate, years, itsYears, true
		}),
		content.Time:     with(func(k *kind) { k.order, k.texts = byDate, years }),
		content.Markdown: with(func(k *kind) { k.texts = lines }),
		content.RefType:  with(func(k *kind) { k.display, k.alone = (*Record).Name, false }),
		content.Object:   with(func(k *kind) { k.display, k.texts, k.alone = parts, textsOfParts, false }),
		content.Image:    with(func(k *kind) { k.check = checkImage }),
		content.FileType: with(func(k *kind) { k.display, k.check = fileName, checkFile }),
	})
}

func itsText(_ *Record, v *content.Value) string { return v.Text }

// fileName is what a file is called where it is shown, without the folders on the way to it.
func fileName(_ *Record, v *content.Value) string { return path.Base(v.Text) }

func yesOrNo(_ *Record, v *content.Value) string {
	if v.Bool() {
		return "是"
	}
	return "否"
}

func parts(r *Record, v *content.Value) string {
	var l []string
	for i := range v.Parts {
		l = append(l, r.Display(&v.Parts[i]))
	}
	return strings.Join(l, "，")
}

// last sorts behind everything: the number of a value that is missing.
const last = 1e18

func byText(r *Record, v *content.Value) (string, float64) { return han.NameKey(r.Display(v)), 0 }

// byPlace: the order of an enumeration is that of its schema.
func byPlace(_ *Record, v *content.Value) (string, float64) {
	return "", float64(slices.Index(v.Field.Values, v.Text))
}

func byQuantity(_ *Record, v *content.Value) (string, float64) {
	if v.Quantity.HasValue() {
		return "", v.Quantity.Value
	}
	return "", last // 数十
}

func byInteger(_ *Record, v *content.Value) (string, float64) {
	n, _ := strconv.ParseFloat(v.Text, 64) // a whole number, as was checked
	return "", n
}

func yesFirst(_ *Record, v *content.Value) (string, float64) {
	if v.Bool() {
		return "", 0
	}
	return "", last
}

func byDate(_ *Record, v *content.Value) (string, float64) { return "", float64(v.Date.SortKey()) }

func displayed(texts []string, r *Record, v *content.Value) []string {
	return append(texts, r.Display(v))
}

// years are what a date is found by: 年 and 月 stand in every date and would find everything.
func years(texts []string, _ *Record, v *content.Value) []string {
	from, to := YearSpan(*v.Date)
	for y := from; y <= to && y > 0; y++ {
		texts = append(texts, strconv.Itoa(y))
	}
	return texts
}

func lines(texts []string, r *Record, v *content.Value) []string {
	return append(texts, strings.Split(string(markdown.Text(r.titled(v.Body, v.Body.HTML))), "\n")...)
}

func textsOfParts(texts []string, r *Record, v *content.Value) []string {
	for i := range v.Parts {
		if v.Parts[i].Field.Search {
			texts = r.Texts(texts, &v.Parts[i])
		}
	}
	return texts
}

func itsDisplay(r *Record, v *content.Value, add func(string)) { add(r.Display(v)) }

func itsYears(_ *Record, v *content.Value, add func(string)) {
	from, to := YearSpan(*v.Date)
	for y := from; y <= to && y > 0; y++ {
		add(strconv.Itoa(y))
	}
}

func noFile(*joiner, *Record, *content.Value) {}

// Display is a value as text for people: titles of records, dates in Chinese, lists joined by 、.
func (r *Record) Display(v *content.Value) string {
	if v == nil {
		return ""
	}
	if v.Items == nil {
		return kinds[v.Field.Type].display(r, v)
	}
	l := make([]string, len(v.Items))
	for i := range v.Items {
		l[i] = r.Display(&v.Items[i])
	}
	return strings.Join(l, "、")
}

// Texts appends what search finds of a value, each item and part by itself.
func (r *Record) Texts(texts []string, v *content.Value) []string {
	v.Each(func(v *content.Value) { texts = kinds[v.Field.Type].texts(texts, r, v) })
	return texts
}

// each calls f for every single value of the record: items of lists, and parts of objects after their object.
func (r *Record) each(f func(v *content.Value)) { r.Record.Each(f) }
