package page

import (
	"html/template"

	"gongzhi/generator/site"
)

// Each kind of page has one struct that embeds Page; all of it is finished: escaped where it is template.HTML, formatted
// where it is text, and with URLs that already carry the base path. Templates fetch nothing and compute nothing.

// Data is one of these structs.
type Data interface {
	Common() *Page // what it has in common with the others
}

// Common gives what every kind of page has.
func (p *Page) Common() *Page { return p }

// Page is what every kind of page has. Site, Header and Footer are filled in by who executes its template.
type Page struct {
	Site    *SiteInfo
	Kind    string        // home list record chronicle rolls roll names browse terms term series days day search notfound zoom
	Title   string        // title of the page; empty on the home page
	Tab     string        // its title for <title>: no other page has the same
	Lede    string        // one or two sentences under the title, or empty
	Head    template.HTML // meta elements, canonical link, JSON-LD: ready for <head>
	Header  template.HTML // template "header", executed once per section and generation
	Footer  template.HTML // template "footer", executed once per generation
	Crumbs  []Link        // from the home page to the parent of this page
	URL     string        // of this page, with the base path
	Section string        // the navigation entry it belongs to
}

// SiteInfo is the same on all pages of a generation.
type SiteInfo struct {
	Title       string
	Subtitle    string
	LongTitle   bool // it is long for what stands beside it: the masthead sets it smaller
	Description string
	Base        string        // base path with a slash at both ends, "/" or "/archive/"
	Home        string        // URL of the home page
	Nav         []Link        // collections that are not empty; with nav in site.yaml, its entries, and then there are no Views
	Views       []Link        // views that are not empty: 大事记, 荣誉名册, 人名索引, 统计, 分类
	Search      string        // URL of the search page
	Style       string        // URL of the style sheet
	Script      string        // URL of the script, a classic one
	Say         template.HTML // what the scripts say in another language than the theme's, or nothing
	Icon        string        // URL of the icon, SVG
	Feed        string
	Organizer   string   // 主办单位
	Contact     []string // 电话、地址、邮编
	ICP         string   // 备案号
	Police      string   // 公安备案号
	PoliceURL   string
	Copyright   string
	Records     int
	Logo        string   // URL of the mark beside the title, or empty
	Banner      Banner   // above the masthead; without text there is none
	Pages       []Link   // about the site, for the footer
	Links       []Link   // 友情链接
	Footer      []string // lines
	Styles      []string // URLs of style sheets beside Style: the site's colour, the theme's extra.css
}

// Banner is what stands above the masthead of every page.
type Banner struct {
	Text, URL string
	Image     string // URL, or empty
}

// Link is a text that leads somewhere.
type Link struct {
	Text    string
	URL     string // empty: not a link
	Count   int    // records behind it; 0 = not shown
	Current bool
	Note    string
	ISO     string // the date that Note shows, if it has a form for it
}

// Date is a date made ready to show.
type Date struct {
	Text string // 1958年5月1日, 约1958年, 20世纪50年代
	ISO  string // for <time datetime>, or empty when HTML has no form for it
}

// Labeled is a label with its value.
type Labeled struct {
	Label string
	HTML  template.HTML
	Marks []int // numbers of the notes that support it
}

// Cell is one cell of a table of records.
type Cell struct {
	Label  string // of its column, for narrow screens
	HTML   template.HTML
	Number bool // align right, tabular figures
}

// Entry is a record in a list.
type Entry struct {
	URL     string
	ID      string // anchor when the record has no page of its own and is shown here
	Title   string
	Person  bool // the title is a person's name
	Type    string
	Date    Date
	Summary string
	Meta    []string // short facts, such as the unit and the trade
	Cells   []Cell   // one per column of the list
	Image   *Figure  // in a list of photos
	Marks   []int    // numbers of notes
	Draft   bool
	Revoked string // since when and why it does not hold any more
}

// Group is part of a list under a heading.
type Group struct {
	Label   string
	ID      string
	URL     string
	Count   int
	Entries []Entry
}

// Pager leads through a list of several pages.
type Pager struct {
	Number, Total int
	Prev, Next    string // URLs, empty at the ends
	Pages         []Link // a window of page numbers; an entry without URL and Current is a gap
}

// Note is one numbered note: where a statement comes from.
type Note struct {
	Number int
	For    string        // label of the field that it supports; empty: the whole record
	HTML   template.HTML // source, page, quotation, confidence
}

// HomePage is /.
type HomePage struct {
	Page
	Lead         *Entry    // the newest report; without reports, another record
	Plate        string    // how its title is set where it has no picture: tall (a few characters, upright), tall two (in columns) or wide; empty with a picture
	Reports      []Entry   // the next ones
	Holdings     []Holding // what the archive holds, in a few figures
	Numbers      []Link    // Text is the label, Count the number, Note the measure word
	Sections     []Group   // the other collections: label, URL, count and a few entries
	Rolls        []Link    // honours with the number of people and collectives on their roll
	Decades      []Link    // chronicle by decade
	Bars         []Bar     // the same, for a chart: in even steps of time, if that is possible
	Undated      *Link     // what of the chronicle has no date
	ChronicleURL string    // empty: there is none
	DaysURL      string    // folder of the pages of days; the script asks for DaysURL + "05/" and shows #d0501
	Days         string    // the days that have something: 0101 0213 …
	Day          *Day      // the day of which most is told, for those without a script
	Person       *Entry    // one of the people, for those without a script
	People       string    // the addresses, below PeopleURL, of those among whom the script chooses one a day
	PeopleURL    string
	Ear          bool      // there is a day or a person
	Doors        []Door    // the ways in, four if there are so many
	Terms        []TermSet // regions, industries, … to browse
}

// Holding is one figure of what the archive holds.
type Holding struct {
	Label  string
	URL    string
	Number int
	Unit   string
	Note   string // what it spans
}

// Bar is one bar of a chart of decades or years.
type Bar struct {
	Text   string // 1950
	Unit   string // 年代
	URL    string // empty: there is nothing
	Count  int
	Height int // of 100
	Top    int // 100 less that
}

// Door is a way into the archive.
type Door struct {
	Title string
	URL   string
	Say   string // in a sentence, what is behind it
	Links []Link // some of it
}

// ListPage is /COLLECTION/ and its further pages.
type ListPage struct {
	Page
	Style   string // entries table roll photos
	Count   int
	Unit    string
	Columns []string
	Groups  []Group // always at least one; a single one without label is a plain list
	Notes   []Note
	Pager   Pager
	Views   []Link // other ways into the same records
	Jump    []Link // of a long list, on its first page: where each year or letter begins
	// ByDecade says that Jump leads to decades, Worded that its labels are words, some of them long.
	ByDecade, Worded bool

	seriesOf *site.Collection // of figures: it is a dataset
}

// RecordPage is one record.
type RecordPage struct {
	Page
	LeadTitle string // 引题
	Subtitle  string // 副题
	Person    bool
	Life      string     // of a person: 1898—1967; else when it was
	Facts     []string   // of a person: where they worked, as what; else where it was
	Compared  []Compared // texts to be read beside each other
	Type      string     // label of the collection
	Honored   bool       // has been given an honour: the one use of red
	Honors    []Link     // honours received, by date: Text the honour, URL its roll, Note the year; stands under the name
	Line      *LifeLine  // the years of it on a line, or nil
	Course    []Step     // what happened in it, by date: of a life, of the history of a unit
	Peers     []Group    // who worked in the same unit, who was honoured at the same time
	Dateline  []Labeled  // 日期 来源 作者 字数
	Image     *Figure
	Body      template.HTML
	Contents  []Heading // headings of the body, when there are three or more
	Fields    []Labeled // 著录: the data table
	Remark    template.HTML
	Relations []Relation
	Notes     []Note
	Prev      *Link
	Next      *Link
	Cite      string // how to cite this page, after GB/T 7714
	Cites     []Cite // the same in forms that programs read
	Draft     bool
}

// Compared is a field with several texts that are to be read beside each other: what a word meant here and there.
type Compared struct {
	Label string
	Cards []Card
	Marks []int
}

// Card is one of them.
type Card struct {
	Head  template.HTML
	Texts []template.HTML
	Facts []template.HTML // where, when, and where that is from
}

// LifeLine is a line of time from one year to another.
type LifeLine struct {
	From, To string
	Open     bool // it is not known to have ended
	Ticks    []Tick
	Says     string // the same in words
}

// Tick is a year on a line of time.
type Tick struct {
	X       int // of 1000
	Text    string
	Honored bool
}

// Step is an entry of a chronology.
type Step struct {
	Date    string // empty: it is not known
	URL     string // of the row that says so, or empty
	ID      string
	HTML    template.HTML
	More    []template.HTML // session, grantor, document; place
	Honored bool
	Revoked string
	Marks   []int
}

// Cite is a citation in a form that programs read.
type Cite struct{ Label, Text string }

// Heading is an entry of a table of contents.
type Heading struct {
	Level int
	ID    string
	Text  string
}

// Figure is an image with what is said of it.
type Figure struct {
	URL           string // empty: no file, 图片待征集
	Sources       string // the attribute srcset; empty if there is one size only
	Sizes         string // the attribute sizes, for the default theme
	Lazy          bool   // it is below the first screen
	Full          string // the picture at its largest; empty: not a link
	Width, Height int
	Alt           string
	Caption       template.HTML
	People        []template.HTML // who is in it, each with where they stand
	Zoom          string          // where it can be looked at closely, or empty
}

// Relation is a list of the records that refer to this one through one field.
type Relation struct {
	Label   string
	Columns []string // empty: a plain list of links
	Entries []Entry
	Years   []RollYear // of an honour: when it was given, without the names
	By      []TermSet  // of an honour: who received it, by region and by heading of the list
	More    *Link      // when the list is cut

	conferred bool // honours that the record was given
}

// ChroniclePage is /chronicle/, and /chronicle/1950s/ where one page would be too long.
type ChroniclePage struct {
	Page
	Index   []Link // decades
	Rail    []Rail // the same, with how much there is of each year
	Kinds   []Link // to the chronicle of one kind of record, and to all
	Decades []Decade
	Pager   Pager
}

// Rail is a decade on the rail of a chronicle.
type Rail struct {
	Link
	Path string // outline of a bar for each year, 100 wide and 24 high
}

// Decade holds the years of one decade of the chronicle.
type Decade struct {
	Label string // 20世纪50年代
	ID    string
	Jump  []Link // to its years
	Years []Year
	More  *Link // to all of it, where only what matters most is shown
}

// Year holds the events of one year, or those that can only be put into the decade.
type Year struct {
	Label string // 1958年; 年份不详 for what only the decade is known of
	ID    string
	Items []Event
}

// Event is one line of the chronicle.
type Event struct {
	Date    Date   // the full date
	Day     string // what hangs in the margin: 5月1日, 9月, 是年, 约是年
	URL     string
	Text    string
	Place   string
	Honored bool
	More    []Link // for a group: the records in it
	Weight  string // big for what matters, small for what is one of many
	Span    *Span  // of a date that is not known to the day, or is several: its place in the year
}

// Span is part of a year.
type Span struct {
	X, Width int // of 366
	About    bool
}

// RollsPage is /rolls/: the honours that have a roll.
type RollsPage struct {
	Page
	Groups []RollGroup
}

// RollGroup is the rolls of one level.
type RollGroup struct {
	Label string
	Rolls []Link // Note: years from and to
}

// RollPage is /rolls/HONOUR/: who received it, by year, in the order of the official list; and a part of it: one year where all
// does not go on one page, one region, one heading of the list.
type RollPage struct {
	Page
	Honor Link
	Part  string // 1959年, 江西; empty: all
	About []Labeled
	Count int
	Jump  []Link    // to the years
	By    []TermSet // to the regions and headings
	Years []RollYear
	Notes []Note
	Pager Pager
	// Orders leads to the same names in other orders: the list's own, pinyin, strokes.
	Orders []Link
}

// RollYear is one conferral of an honour.
type RollYear struct {
	Label   string // 1959年; 年份未核到
	ID      string
	URL     string  // where its names are, if not here
	Covered string  // 已著录 412 / 608; empty if it is not known how many there were
	Share   int     // of 100 that were announced, how many are recorded; -1 if that is not known
	Rounds  []Round // the occasions on which it was given
	Parts   []Part  // the same by region and by class, where numbers of them were announced
	Equal   []Link  // what was given in the same year and counts as the same
	Names   []Entry // Title is the recipient, Meta the unit and the post
	More    *Link   // to all, where only the first names are shown
}

// Part is a region or a class among those who received an honour at one time.
type Part struct {
	Label   string // 江西; 1950年第一批：江西 where there were several rounds
	Covered string // 公布 12，已著录 3
}

// Round is one occasion on which an honour was given.
type Round struct {
	Title string
	URL   string
	Facts []Labeled // session, grantor, document
}

// NamesPage is /names/, and /names/w/ where one page would be too long.
type NamesPage struct {
	Page
	Initials []Link // A to Z
	Groups   []NameGroup
	Count    int
	Orders   []Link // to the same names in other orders
	Pager    Pager
}

// NameGroup is the names of one pinyin initial, or those that begin with one number of strokes.
type NameGroup struct {
	Label string
	ID    string
	Names []Name
	More  *Link // to all of them, where only the first are shown
}

// Name is one name of the index. People who share a name are kept apart: each has their own entry,
// with Note saying who is who.
type Name struct {
	Text string
	URL  string
	Note string // dates and unit, where known
	Refs []Link // where a name without a profile stands
	Same bool   // another person has the same name
}

// TermSet is a field to browse by, with its terms.
type TermSet struct {
	Label string
	URL   string
	Terms []Link
	More  bool // not all terms are in Terms
}

// BrowsePage is /browse/: all the fields to browse by; and /browse/FIELD/: one of them.
type BrowsePage struct {
	Page
	Sets []TermSet
}

// TermPage is /browse/FIELD/TERM/: the records that have a term.
type TermPage struct {
	Page
	Field  Link
	Count  int
	Groups []Group // by collection
	Pager  Pager
}

// SeriesPage is /series/ (Topics only) and /series/TOPIC/: tables and charts of statistics.
type SeriesPage struct {
	Page
	Topics     []Link
	Cards      []TopicCard // the same, with a figure of each
	Indicators []Indicator
	Notes      []Note
	Downloads  []Link // the same as files for other programs
}

// Indicator is one indicator with its values.
type Indicator struct {
	Label   string
	ID      string
	Chart   template.HTML // SVG, or empty
	Charts  []Chart       // the same and those of other scopes
	Columns []string
	Even    bool // the columns are of one kind, and equally wide
	Rows    []Entry
}

// Chart is a series of an indicator, of one scope.
type Chart struct {
	Scope       string
	Value, When string // the last of it
	SVG         template.HTML
}

// TopicCard is a topic of statistics with one figure that speaks for it.
type TopicCard struct {
	Link
	Indicator, Scope, Value, When string
	Chart                         template.HTML
}

// DaysPage is /days/ (Months only) and /days/05/: what happened on each day of a month.
type DaysPage struct {
	Page
	Months []Link
	Days   []Day
}

// Day is one day of the year.
type Day struct {
	Label string // 5月1日
	ID    string // d0501
	Items []Event
}

// SearchPage is /search/.
type SearchPage struct {
	Page
	Browse  []Link // where to look without a script
	Decades []Link // of the chronicle; Note has the years of each, for who types one
}

// ZoomPage is where a large picture can be looked at closely.
type ZoomPage struct {
	Page
	Image         *Figure // for those without a script
	Width, Height int     // of the whole picture
	Tile          int     // side of a tile
	Scales        string  // how many times smaller each size is, from 1
	Manifest      string  // URL of its IIIF manifest
	Scripts       []string
}

// NotFoundPage is /404.html.
type NotFoundPage struct {
	Page
}
