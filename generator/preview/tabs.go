package preview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
	"gongzhi/generator/render"
	"gongzhi/generator/site"
)

// A tab that is looked at listens to server-sent events: it says which page it shows and what that page's
// digest is, and is told whether it is still the same. Because it says so itself, a server that was started
// anew can tell as well as the one that sent the page.

// tabLimit bounds the tabs that listen at one time. A tab out of sight does not listen.
const tabLimit = 200

// news is what a tab is told about the page that it shows. The script client.js is its only reader.
type news struct {
	Number   int       `json:"number"`
	Do       string    `json:"do"`    // "", reload, style, move: what the tab is to do first
	To       string    `json:"to"`    // where a page has moved to; the style sheet
	Gone     *place    `json:"gone"`  // the list of a page that is no more
	Path     string    `json:"file"`  // the file that the page shows, relative to the source
	Open     string    `json:"open"`  // link that opens it in the editor
	Status   string    `json:"state"` // 草稿, …, with the day
	Lacks    []string  `json:"lacks"` // what an editor may want to add
	Errors   []message `json:"errors"`
	Warnings []message `json:"warnings"`
	Others   []message `json:"others"` // errors of other pages, the first of them
	Total    int       `json:"total"`  // all errors
	Edited   string    `json:"edited"` // page of the record just edited
	Assets   []string  `json:"assets"` // images and documents that changed
	At       string    `json:"at"`
}

type place struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// message is a message made ready to show.
type message struct {
	Where  string `json:"where"` // path:line:col
	Open   string `json:"open"`
	Before string `json:"before"` // the source line up to the place
	Mark   string `json:"mark"`   // the character at the place
	After  string `json:"after"`
	Text   string `json:"text"`
}

// othersLimit is how many errors of other pages a page lists; the rest are in the overview.
const othersLimit = 20

// events tells a tab what it has to know, now and whenever that changes.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	select {
	case s.tabs <- struct{}{}:
		defer func() { <-s.tabs }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "打开的网页太多了。", http.StatusServiceUnavailable)
		return
	}
	q := r.URL.Query()
	page, style := q.Get("page"), q.Get("style")
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	send := func(text string) bool {
		if err := control.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return false
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	if !send("retry: 500\n\n") {
		return
	}
	alive := time.NewTicker(15 * time.Second)
	defer alive.Stop()
	var last []byte
	var before *state
	st, next := s.maker.fresh(r.Context()), (<-chan struct{})(nil)
	for {
		if st != before {
			n := s.news(r, st, before, q.Get("path"), q.Get("at"), page, style)
			switch n.Do {
			case "style":
				style = n.To
			case "reload", "move":
				page = "" // it is on its way; not to be told twice
			}
			number := n.Number
			n.Number = 0
			b, err := json.Marshal(n)
			if err != nil {
				return
			}
			if !bytes.Equal(b, last) {
				last = b
				n.Number = number
				if b, err = json.Marshal(n); err != nil || !send("data: "+string(b)+"\n\n") {
					return
				}
			}
			before = st
		}
		if st, next = s.maker.wait(); st != before {
			continue
		}
		select {
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		case <-next:
		case <-alive.C:
			if !send(": \n\n") {
				return
			}
		}
	}
}

// news makes what a tab is told: what it shows is at path (as in an address), had the digest page and the style
// sheet style.
func (s *server) news(r *http.Request, st, before *state, at, day, page, style string) news {
	n := news{Number: st.number, At: day}
	if strings.HasPrefix(at, own) {
		if b, err := s.overview(r, st); err == nil && page != "" && digest(b, "") != page {
			n.Do = "reload"
		}
		n.Edited = st.edited
		return n
	}
	all := st.errors()
	if st.err != nil {
		all = append(diag.List{diag.Errorf(diag.Pos{}, "preview/source", "%v", st.err)}, all...)
	}
	n.Total, n.Edited, n.Assets = len(all), st.edited, st.assets
	g, _ := s.generation(st, day, true)
	if g == nil { // it says why in st.err, or the day is none, which the page says

		if page != "" && digest(bare("网站还做不出来", st.err), "") != page {
			n.Do = "reload"
		}
		n.Errors = s.messages(r, st, all)
		return n
	}
	file, to := locate(g, at)
	if to != "" { // it was a page and is a folder now, or the base path changed
		n.Do, n.To = "move", to
		return n
	}
	b, status, err := s.bytes(view{state: st, gen: g}, file)
	if err != nil {
		b = bare("这一页做不出来", err)
		all = append(faults(err), all...)
		n.Total = len(all)
	}
	b = s.mix(b, file, st)
	if page != "" && digest(b, g.Theme.Style) != page {
		n.Do = "reload"
	} else if style != g.Theme.Style {
		n.Do, n.To = "style", g.Site.Href("/"+g.Theme.Style)
		if page == "" {
			n.Do = ""
		}
	}
	if n.Do == "reload" && status == http.StatusOK && err == nil {
		return n // all else is told when it is there again
	}
	rec := g.Record(file)
	if status == http.StatusNotFound {
		if to := moved(before, st, file); to != "" {
			n.Do, n.To = "move", to
			return n
		}
		n.Gone = list(g, file)
	}
	files := sources(g, file, rec)
	var mine, others diag.List
	for _, m := range all {
		if err != nil && m.ID == "theme/template" || m.Pos.Path == "" || files(m.Pos.Path) {
			mine = append(mine, m)
		} else {
			others = append(others, m)
		}
	}
	n.Errors, n.Others = s.messages(r, st, mine), s.messages(r, st, others[:min(len(others), othersLimit)])
	if rec != nil {
		n.Path, n.Open = rec.Path, s.editor(r, st, diag.Pos{Path: rec.Path, Line: rec.Line, Col: 1})
		n.Status = statusText(rec, g)
		n.Lacks = lacks(rec)
		for _, m := range st.check() {
			if m.Severity == diag.Warning && m.Pos.Path == rec.Path {
				n.Warnings = append(n.Warnings, s.message(r, st, m))
			}
		}
	}
	return n
}

// mix adds to the search page what it depends on beyond its own bytes: the index, which is the whole archive.
func (s *server) mix(b []byte, file string, st *state) []byte {
	if file == "search/index.html" {
		return fmt.Appendf(slices.Clone(b), "%s %d", s.run, st.number)
	}
	return b
}

// sources gives a function that tells whether a page has to do with a source file, so that a fault there is
// laid over the page.
func sources(g *render.Generation, file string, rec *site.Record) func(p string) bool {
	url := strings.TrimSuffix(strings.TrimSuffix(file, "index.html"), "/")
	collection, _, _ := strings.Cut(file, "/")
	return func(p string) bool {
		top, rest, _ := strings.Cut(p, "/")
		rest = g.Set.Canonical(rest)
		switch {
		case top != "content":
			return true // site.yaml and the theme make every page
		case rec != nil && p == rec.Path:
			return true
		case strings.TrimSuffix(rest, path.Ext(rest)) == url && isRecord(rest):
			return true // a record that never was without fault has no page yet: this is where it will be
		}
		in, name, _ := strings.Cut(rest, "/")
		if in != collection {
			return false
		}
		ext := strings.ToLower(path.Ext(name))
		isList := rec == nil && (url == collection || strings.HasPrefix(url, collection+"/page/"))
		return name == "_schema.yaml" || name == "" || isList && (ext == ".csv" || ext == ".tsv")
	}
}

func isRecord(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown":
		return true
	}
	return false
}

// moved finds where the page at file went when it was there before: to the one new record that has its title, or,
// of several, its text or its file's name too.
func moved(before, now *state, file string) string {
	if before == nil || before.gen == nil || now.gen == nil {
		return ""
	}
	old := before.gen.Record(file)
	if old == nil {
		return ""
	}
	_, fresh := differ(before.gen.Set.Records, now.gen.Set.Records)
	var found []*content.Record
	for _, r := range fresh {
		if r.Schema.Key == old.Schema.Key && r.Title == old.Record.Title && r.Path != old.Path {
			found = append(found, r)
		}
	}
	for _, alike := range []func(r *content.Record) bool{
		func(r *content.Record) bool { return bytes.Equal(r.Body.HTML, old.Body.HTML) },
		func(r *content.Record) bool { return path.Base(r.ID) == path.Base(old.ID) },
	} {
		if len(found) > 1 {
			found = slices.DeleteFunc(found, func(r *content.Record) bool { return !alike(r) })
		}
	}
	if len(found) != 1 {
		return ""
	}
	if at := now.gen.Site.Of(found[0]); at != nil {
		return now.gen.Site.Href(at.URL)
	}
	return ""
}

// list is where someone may go on from a page that is no more.
func list(g *render.Generation, file string) *place {
	collection, _, _ := strings.Cut(file, "/")
	for _, c := range g.Site.Collections {
		if c.Key == collection {
			return &place{c.Label, g.Site.Href(site.ListURL(c.Key, 1))}
		}
	}
	return &place{"首页", g.Site.Href("/")}
}

// statusText says why a record is not published, and from or until when.
func statusText(r *site.Record, g *render.Generation) string {
	const form = "2006-01-02 15:04"
	switch r.Status {
	case site.Waiting:
		return r.Status.String() + "：" + r.Publish.In(g.Settings.Zone).Format(form)
	case site.Withdrawn:
		return r.Status.String() + "：" + r.Withdrawn.Chinese()
	case site.Expired:
		return r.Status.String() + "：" + r.Expiry.In(g.Settings.Zone).Format(form)
	}
	return r.Status.String()
}

// lacks is what a record could have and has not, in a word each.
func lacks(r *site.Record) (l []string) {
	if f := r.Schema.Role(content.Summary); f != nil && r.Text(content.Summary) == "" && r.Schema.Feed {
		l = append(l, "没有摘要")
	}
	return l
}

func (s *server) messages(r *http.Request, st *state, l diag.List) []message {
	out := make([]message, len(l))
	for i, m := range l {
		out[i] = s.message(r, st, m)
	}
	return out
}

func (s *server) message(r *http.Request, st *state, m diag.Message) message {
	out := message{Text: m.Text}
	if m.Pos.Path != "" {
		out.Where = fmt.Sprintf("%s:%d:%d", m.Pos.Path, max(m.Pos.Line, 1), max(m.Pos.Col, 1))
		out.Open = s.editor(r, st, m.Pos)
	}
	if m.Source != "" {
		// The mark stands one character of the second line behind each of the first.
		line, caret := diag.Excerpt(m.Source, m.Pos.Col)
		at := utf8.RuneCountInString(caret) - 1
		runes := []rune(line)
		at = min(at, len(runes))
		end := min(at+1, len(runes))
		out.Before, out.Mark, out.After = string(runes[:at]), string(runes[at:end]), string(runes[end:])
		if out.Mark == "" {
			out.Mark = " "
		}
	}
	return out
}

// editors are the addresses by which editors open a file at a place.
var editors = map[string]string{
	"vscode":   "vscode://file{path}:{line}:{col}",
	"vscodium": "vscodium://file{path}:{line}:{col}",
	"cursor":   "cursor://file{path}:{line}:{col}",
	"zed":      "zed://file{path}:{line}:{col}",
	"sublime":  "subl://open?url=file://{path}&line={line}&column={col}",
	"idea":     "idea://open?file={path}&line={line}&column={col}",
	"none":     "",
}

// editor is the address that opens a place in the editor that site.yaml names, or "". Only this machine has
// the file, so only its browser is told where it is.
func (s *server) editor(r *http.Request, st *state, pos diag.Pos) string {
	if st.gen == nil || pos.Path == "" || !local(r) {
		return ""
	}
	pattern, ok := editors[st.gen.Settings.Editor]
	if !ok {
		pattern = st.gen.Settings.Editor
	}
	switch scheme, _, _ := strings.Cut(pattern, ":"); strings.ToLower(strings.TrimSpace(scheme)) {
	case "", "javascript", "data", "vbscript":
		return ""
	}
	full := filepath.ToSlash(filepath.Join(s.source, filepath.FromSlash(pos.Path)))
	if !strings.HasPrefix(full, "/") {
		full = "/" + full // C:/…
	}
	return strings.NewReplacer("{path}", (&url.URL{Path: full}).EscapedPath(), "{line}", strconv.Itoa(max(pos.Line, 1)), "{col}", strconv.Itoa(max(pos.Col, 1))).Replace(pattern)
}
