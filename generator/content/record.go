package content

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
	"gongzhi/generator/spool"
)

// CheckID reports what is wrong with a record's identity, which becomes its URL, or gives "".
func CheckID(id string) string {
	if id == "" {
		return "编号是空的。"
	}
	for _, seg := range strings.Split(id, "/") {
		switch {
		case seg == "":
			return "编号里有空的一段（连着两个斜杠，或以斜杠开头、结尾）。"
		case len(seg) > 240:
			return "名称太长：一段最多 80 个汉字。请改短。"
		case seg == "." || seg == ".." || strings.HasPrefix(seg, ".") || strings.HasSuffix(seg, "."):
			return "名称不能以点开头或结尾。"
		case strings.TrimSpace(seg) != seg:
			return "名称的开头或结尾有空格。"
		case strings.ContainsAny(seg, "\\:*?\"<>|#%&'"):
			return "名称里有 \\ : * ? \" < > | # % & ' 之一，不能用作网址。"
		}
		if device(seg) {
			return "“" + seg + "”在 Windows 上是保留的名称，请改名。"
		}
		for _, r := range seg {
			if han.Sight(r) != han.Visible || r == '\t' || r == '\n' || r == utf8.RuneError {
				return "名称里有看不见的字符。"
			}
		}
	}
	return ""
}

// device reports whether Windows takes a name for that of a device, whatever stands behind a dot. Source: Microsoft,
// Naming Files, Paths, and Namespaces; CONIN$ and CONOUT$ of the console are among them.
func device(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToLower(strings.TrimRight(stem, " "))
	switch stem {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	for _, port := range []string{"com", "lpt"} {
		if n, ok := strings.CutPrefix(stem, port); ok && utf8.RuneCountInString(n) == 1 && strings.Contains("0123456789¹²³", n) {
			return true
		}
	}
	return false
}

// below is the path of a file below its collection's folder, whatever that is called.
func below(p string) string {
	_, p, _ = strings.Cut(strings.TrimPrefix(p, "content/"), "/")
	return p
}

// readMarkdown reads a record from a Markdown file.
func readMarkdown(p string, src []byte, schema *Schema, zone *time.Location) (records []*Record, diags diag.List) {
	name := norm.NFC.String(p)
	r := &Record{Schema: schema, Path: name, Line: 1, Body: &markdown.Body{}}
	r.ID = strings.TrimSuffix(below(name), path.Ext(name))
	if folder, ok := strings.CutSuffix(r.ID, "/index"); ok {
		r.ID = folder // a folder of its own for a record and its pictures
	}
	if bad := CheckID(r.ID); bad != "" {
		return nil, diag.List{diag.Errorf(r.Pos(), "record/id", "文件名不能用：%s", bad)}
	}
	// A record whose fields can't be read is still there, so that links to it are no faults of their own.
	r.finish()
	broken := []*Record{r}
	doc := openDocument(name, src)
	if doc.diags.Errors() > 0 {
		return broken, doc.diags
	}
	defer func() { diags = append(diags, personal(name, doc.text, records)...) }()
	doc.divide()
	diags = doc.diags
	if doc.blockAt < 0 {
		return broken, diags
	}
	root, more := ParseYAML(name, doc.block, 2)
	diags = append(diags, more...)
	if root == nil {
		if len(more) > 0 {
			return broken, diags
		}
		root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	}
	d := &decoder{path: name, schema: schema, text: doc.text, zone: zone, prefix: schema.prefix(r.ID)}
	if root.Kind != yaml.MappingNode {
		return broken, append(diags, diag.Errorf(diag.Pos{Path: name, Line: root.Line, Col: root.Column}, "front/type", "开头的字段要一行一个，写作“字段: 值”。"))
	}
	root.Line, root.Column = 1, 1 // a missing field is said of the first line
	r.Values = d.values(root, schema.Label, schema.Field, schema.Fields, true)
	diags = append(diags, d.diags...)
	body, line := withoutTitle(doc.body, doc.bodyLine, r.Values)
	convert := func() (markdown.Body, diag.List) { return markdown.Convert(name, body, line) }
	if schema.Rows {
		convert = func() (markdown.Body, diag.List) {
			return markdown.ConvertPart(d.prefix, body, func(l, c int) diag.Pos { return diag.Pos{Path: name, Line: line + l - 1, Col: c} })
		}
	}
	converted, more := convert()
	r.Body = &converted
	r.finish()
	if r.Text(Summary) != "" {
		r.Body.Excerpt = "" // which would stand for it
	}
	return []*Record{r}, append(diags, more...)
}

// prefix is what begins the ids in the texts of a record that stands in one list with others; "" if it has a page of its own.
func (s *Schema) prefix(id string) string {
	if !s.Rows {
		return ""
	}
	return "r-" + strings.ReplaceAll(id, " ", "\u00a0")
}

// withoutTitle leaves out the first line of a body if it is a heading that says the title again, as other programs want it.
func withoutTitle(body []byte, line int, values []Value) ([]byte, int) {
	at := 0
	for at < len(body) && (body[at] == '\n' || body[at] == ' ') {
		at++
	}
	rest, ok := bytes.CutPrefix(body[at:], []byte("# "))
	if !ok || len(values) == 0 || values[0].Field.Ordinal != 0 {
		return body, line
	}
	heading, after, _ := bytes.Cut(rest, []byte("\n"))
	plain := func(s string) string {
		return han.FoldString(strings.Join(strings.Fields(strings.Trim(s, "# *_")), ""))
	}
	if plain(string(heading)) != plain(values[0].Text) {
		return body, line
	}
	return after, line + bytes.Count(body[:len(body)-len(after)], []byte("\n"))
}

// finish takes out of the values what every stage asks for.
func (r *Record) finish() {
	r.place = "/" + r.Schema.Key + "/" + r.ID + "/"
	r.key = strings.ToLower(r.place[1 : len(r.place)-1]) // shares its bytes where it is in lower case already
	for i := range r.Values {
		v := &r.Values[i]
		if v.Field.Ordinal == 0 {
			r.Title = v.Text
			if r.Schema.Title.Name || slices.ContainsFunc(r.Schema.Sort, func(o Order) bool { return o.Field.Ordinal == 0 }) {
				r.titleKey = han.NameKey(r.Title)
			}
		}
		switch v.Field.Role {
		case DraftFlag:
			r.Draft = v.Bool()
		case PublishOn:
			r.Publish = v.Moment
		case ExpireOn:
			r.Expiry = v.Moment
			if d := v.Date; d != nil && d.Precision() > dates.Minute { // to the end of that day, month or year
				last := d.Upper()
				end := time.Date(int(last/1_00_00), time.Month(last/100%100), int(last%100)+1, 0, 0, 0, 0, v.Moment.Location())
				r.Expiry = &end
			}
		case WithdrawnOn:
			r.Withdrawn = v.Date
		case OldURLs:
			r.traits |= HasAliases
		}
		r.traits |= v.Field.traits
		if v.Field.Role == Portrait { // the name of a file as well
			r.traits |= HasFiles
		}
		if v.Field == r.Schema.Date && v.Date != nil {
			r.date = v.Date
		}
	}
	if len(r.Body.Refs) > 0 {
		r.traits |= HasLinks
	}
}

// putAside moves the HTML of the body out of memory, before anybody else has the record.
func (r *Record) putAside(to *spool.Spool) error {
	if len(r.Body.HTML) == 0 {
		return nil
	}
	at, err := to.Put(r.Body.HTML)
	if err == nil {
		r.Body.HTML, r.aside = nil, &aside{to, at}
	}
	return err
}
