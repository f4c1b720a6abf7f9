// Package site joins records into a site: it gives each a URL, resolves its references and shows them
// both ways, sorts the lists and finds the terms, years and names to browse by.
//
// Join is pure and always made anew: nothing in a Site outlives it but the register of ids and titles, and that only where it would be
// made the same, so nothing can be stale. What needs only one record belongs to package content; what needs two belongs here. The views
// that only some pages need (terms, chronicle, rolls, names, series, days) are computed when first asked for.
package site

import (
	"strings"
	"sync"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
	"gongzhi/generator/markdown"
)

// Record is a record in its place on the site. It is immutable once joined.
type Record struct {
	*content.Record
	Collection *Collection
	Title      string // as given, or composed by its schema
	URL        string // path on the site, unescaped: /people/meng-tai/, or /statistics/#s012 for a row
	Day        dates.Date
	Status     Status
	Prev, Next *Record    // in the collection's order
	Inverse    []Relation // who refers to it, by field

	refs    []ref
	targets map[*content.Value]*Record // refs again, of a record that has many
	links   []links
	number  int32 // its place in Set.Records
	ordered bool  // it has its place from the order before
}

// Status tells why a record is not published; only a preview shows such records.
type Status uint8

// What a record's status can be.
const (
	Published Status = iota
	Draft            // draft: true
	Waiting          // its publishDate is not yet reached
	Expired          // its expiryDate has passed
	Withdrawn        // a page that says so stands in its place, in a preview too
)

// String is the status in Chinese.
func (s Status) String() string {
	return [...]string{"", "草稿", "待发布", "已过期", "已撤下"}[s]
}

// ref is a value of a reference field and the record it leads to; nil when it stays text.
type ref struct {
	value  *content.Value
	to     *Record
	hidden *Record // what it would lead to if that were published
}

// links is what the links of a text lead to, in the order of its Refs.
type links struct {
	body *markdown.Body
	to   []markdown.Resolved
}

// Relation is the records that refer to one record through one field.
type Relation struct {
	Label   string
	Field   *content.Field // the reference field, or the part of an object that is one
	Outer   *content.Field // the object's field, or nil
	Schema  *content.Schema
	Records []*Record
}

// Collection is the records of one folder, in the order that its schema asks for.
type Collection struct {
	*content.Schema
	Records []*Record
}

// Site is a joined archive.
type Site struct {
	Settings    *Settings
	Collections []*Collection // those that are not empty, in the order of the navigation
	Set         *content.Set
	Hidden      []*Record // not published at this moment, with their status
	Aliases     []Alias
	Undecided   []Undecided // names of which nobody can tell whose they are
	Diags       diag.List   // what joining found; that of reading is in Set.Diags

	zoomed func() map[string]*Record // by the paths of pictures that are cut into tiles
	leads  func() map[string]bool    // paths of the pictures that stand for records
	shown  map[string]bool           // paths of the files of the archive that are published

	now      time.Time // of Options
	records  []Record  // of all of Set.Records
	register *register
	byName   func() map[string][]*Record // records with a title of their own by all their names, as han.ReadName compares them
	families func() map[*Record][]*Record

	terms     func() []*Browse
	slugs     func() map[string]string
	chronicle func() []Entry
	decades   func() []Decade
	days      func() []YearDay
	rolls     func() []*RollOf
	peers     func() *peers
	coverage  func() []Coverage
	findings  func() []Finding
	doubts    func() []Doubts
	cross     func() []CrossCell
	names     func() []Name
	series    func() []*Topic
	pages     func() map[string]bool // of Options

	facts sync.Map // see Known
}

// Known gives the answer to a question that every page asks and that takes a look at all records: it is looked for once.
func (s *Site) Known(question string, look func() bool) bool {
	if v, ok := s.facts.Load(question); ok {
		return v.(bool)
	}
	v := look()
	s.facts.Store(question, v)
	return v
}

// Alias is an old URL that leads to a record.
type Alias struct {
	From string // path without the slash at the ends
	To   *Record
	Pos  diag.Pos
}

// Options steer Join.
type Options struct {
	Now         time.Time // for publishDate and expiryDate
	Unpublished bool      // show drafts, waiting and expired records, as a preview does
	// Previous is a site of much the same records. It makes sorting faster, and nothing else depends on it.
	Previous *Site
	// Reserved are the names at the top of the site that no old URL can have, and Pages gives the paths, without slashes
	// at their ends, that a link may lead to beside records and lists. Pages may be nil, and is called only if a link
	// leads to what is neither.
	Reserved []string
	Pages    func(s *Site) map[string]bool
}

// Join makes a site of all records.
func Join(set *content.Set, settings *Settings, opt Options) *Site {
	s := &Site{Settings: settings, Set: set, now: opt.Now}
	s.terms = sync.OnceValue(s.makeTerms)
	s.slugs = sync.OnceValue(s.makeSlugs)
	s.chronicle = sync.OnceValue(s.makeChronicle)
	s.decades = sync.OnceValue(s.makeDecades)
	s.days = sync.OnceValue(s.makeDays)
	s.rolls = sync.OnceValue(s.makeRolls)
	s.peers = sync.OnceValue(s.makePeers)
	s.coverage = sync.OnceValue(s.makeCoverage)
	s.findings = sync.OnceValue(s.makeFindings)
	s.doubts = sync.OnceValue(s.makeDoubts)
	s.cross = sync.OnceValue(s.makeCross)
	s.names = sync.OnceValue(s.makeNames)
	s.series = sync.OnceValue(s.makeSeries)
	s.leads = sync.OnceValue(s.makeLeads)
	s.zoomed = sync.OnceValue(s.makeZoomed)
	s.pages = sync.OnceValue(func() map[string]bool {
		if opt.Pages == nil {
			return nil
		}
		return opt.Pages(s)
	})
	j := &joiner{Site: s, hidden: map[string]*Record{}, hiddenTitles: map[string][]*Record{}, suggested: map[string]string{}, people: map[*content.Field]bool{}, mentions: map[string][]*mention{}}
	j.publish(opt)
	j.inherit()
	s.byName = sync.OnceValue(func() map[string][]*Record { return bearers(j.all) })
	s.families = sync.OnceValue(s.makeFamilies)
	j.resolve()
	j.identify()
	j.index()
	j.compose()
	j.order(opt.Previous)
	j.relate()
	j.succeed()
	j.link() // may ask for the pages
	j.files()
	j.looseFiles()
	j.fileNames()
	j.aliases(opt.Reserved)
	return s
}

// RecordAt gives the record of a collection's name and an id, people/meng-tai, that has a page; or nil.
func (s *Site) RecordAt(key string) *Record {
	folder, id, ok := strings.Cut(strings.Trim(key, "/"), "/")
	if !ok {
		return nil
	}
	r := s.keyed(strings.ToLower(s.Set.Key(folder) + "/" + id))
	if r == nil || r.Status != Published || r.Schema.Rows {
		return nil
	}
	return r
}

// At gives the record whose page is at a path of the site, or nil.
func (s *Site) At(url string) *Record {
	if r := s.keyed(strings.ToLower(strings.Trim(url, "/"))); r != nil && r.URL == url {
		return r
	}
	return nil
}

// Find gives the record of a collection/id, or nil.
func (s *Site) Find(key string) *Record { return s.keyed(strings.ToLower(key)) }

// Of gives the place of a record on the site, or nil if it is not shown.
func (s *Site) Of(r *content.Record) *Record {
	if at := s.keyed(r.Key()); at != nil && (at.Record == r || at.Own() == r) {
		return at
	}
	return nil
}

func (s *Site) collection(schema *content.Schema) *Collection {
	for _, c := range s.Collections {
		if c.Schema == schema {
			return c
		}
	}
	return nil
}

// joiner is a Site while it is being made.
type joiner struct {
	*Site
	all    []*Record
	hidden map[string]*Record // collection/id of records that are not published

	hiddenTitles map[string][]*Record
	people       map[*content.Field]bool // what personal said
	mentions     map[string][]*mention   // bare names by their keys
	mentioned    []string                // the keys in the order of the records
	suggested    map[string]string       // what suggest said
	namesOf      map[string]*named       // what suggest compares with
	headings     map[*markdown.Body]map[string]bool
	oldURLs      map[string]*Record   // of byAlias
	byFile       map[string][]*Record // of withFileName
	effort       int                  // names it compared
	beside       [2]struct {          // the files beside records, and of these the images; made when one is missing
		at    map[string]string // path by name
		names []string
	}
}

func (j *joiner) errorf(pos diag.Pos, id, format string, args ...any) {
	j.Diags = append(j.Diags, diag.Errorf(pos, id, format, args...))
}

func (j *joiner) warnf(pos diag.Pos, id, format string, args ...any) {
	j.Diags = append(j.Diags, diag.Warningf(pos, id, format, args...))
}

// publish makes the records of the site, finds collisions and leaves out what is not to be published.
func (j *joiner) publish(opt Options) {
	n := len(j.Set.Records)
	if before := opt.Previous; before != nil && alike(before.Set.Records, j.Set.Records) {
		j.register = before.register
	} else {
		j.register = newRegister(j.Set.Records)
	}
	unique := len(j.register.ids) == n
	j.records = make([]Record, n)
	j.all = make([]*Record, 0, n)
	var c *Collection
	for i, r := range j.Set.Records {
		rec := &j.records[i]
		rec.Record, rec.Title, rec.Day, rec.Status, rec.number = r, r.Title, r.Date(), status(r, opt.Now), int32(i)
		if r.Schema.Title.Name {
			rec.Title = han.ReadName(r.Title).String()
		}
		if seg, _, _ := strings.Cut(r.ID, "/"); strings.EqualFold(seg, "page") {
			j.errorf(r.Pos(), "record/reserved", "编号不能是“page”，也不能以“page/”开头：这个网址用于列表的分页。请改名。")
			continue
		}
		if !unique {
			if first := j.Set.Records[j.register.ids[r.Key()]]; first != r {
				j.errorf(r.Pos(), "record/duplicate", "编号“%s”和 %s:%d 的记录重复（不分大小写），会占用同一个网址。请改一个。", r.ID, first.Path, first.Line)
				continue
			}
		}
		if rec.Status != Published {
			j.Hidden = append(j.Hidden, rec)
			if !opt.Unpublished || rec.Status == Withdrawn {
				j.hidden[r.Key()] = rec
				if r.Title != "" {
					j.hiddenTitles[r.Title] = append(j.hiddenTitles[r.Title], rec)
				}
				continue
			}
		}
		if c == nil || c.Schema != r.Schema {
			c = nil
			for _, d := range j.Collections {
				if d.Schema == r.Schema {
					c = d
				}
			}
			if c == nil {
				c = &Collection{Schema: r.Schema}
				j.Collections = append(j.Collections, c)
			}
		}
		rec.Collection = c
		rec.URL = r.Place()
		c.Records = append(c.Records, rec)
		j.all = append(j.all, rec)
	}
}

func status(r *content.Record, now time.Time) Status {
	switch {
	case r.Draft:
		return Draft
	case r.Withdrawn != nil:
		return Withdrawn
	case r.Publish != nil && now.Before(*r.Publish):
		return Waiting
	case r.Expiry != nil && !now.Before(*r.Expiry):
		return Expired
	}
	return Published
}
