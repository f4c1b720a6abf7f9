// Package docx reads and writes .docx files as Word, WPS and LibreOffice make them. It knows nothing of sites.
//
// Reading loses nothing: each piece of text in the package (w:t, and what else is shown: a:t of diagrams, m:t of
// formulas, the strings of old word art) stands either in a block of the Document or in its Left list, with
// the reason why it was left out. What could not be carried over otherwise is said in Remarks.
//
// The format is ECMA-376 / ISO/IEC 29500 parts 1 and 4, in the transitional and the strict namespaces.
package docx

import (
	"archive/zip"
	"strings"
)

// Document is the text of a file. It is read only.
type Document struct {
	Blocks     []Block
	Notes      []Note    // footnotes and endnotes, as they are first referred to
	Pictures   []Picture // as they are first shown; each part once
	Properties Properties
	Left       []Left   // text that is in the file and not in the blocks
	Remarks    []Remark // what else a person should know, in Chinese
	// Record is what Write was given with a document: the front matter of the record that it was made from. Nil
	// in a file of another origin.
	Record []byte
	// Paragraphs is how many paragraphs the main text has, empty ones counted as Word counts them.
	Paragraphs int

	files map[string]*zip.File
}

// Block is a *Paragraph, a *Table or a *Group.
type Block interface{ block() }

// Role is what a paragraph is for, by its style.
type Role uint8

// The roles.
const (
	Body     Role = iota
	Title         // 标题 (title)
	Subtitle      // 副标题
	Heading       // with Level
	Caption       // 题注
	Quote         // 引用
	Preformatted
	Rule // an empty paragraph with a line, as Write makes it
)

// Align is how a paragraph's lines are placed.
type Align uint8

// The alignments. Justified lines count as Start, which is the default.
const (
	Unset Align = iota
	Start
	Center
	End
)

// Paragraph is a paragraph with text or pictures.
type Paragraph struct {
	At      int // ordinal in the main text, 1-based; in notes and boxes, that of the paragraph they belong to
	Role    Role
	Level   int    // of a heading, 1 to 9
	Guessed bool   // the heading was recognised by the number of its style alone
	Style   string // name of the style
	Align   Align
	Size    int // of the largest characters, in half points; 0 if the file does not say
	Bold    bool
	Item    *Item // set if it is numbered or has a bullet
	Box     bool  // stood in a text box or shape
	Spans   []Span
}

// Item is a paragraph's place in a list.
type Item struct {
	List   int    // which list; equal for the paragraphs of one
	Depth  int    // from 0
	Bullet bool   // Number is a bullet
	Number string // as printed: 一、 （一） 1. ①
	Value  int    // of the last counter in Number
	Plain  bool   // Number is nothing but Value in Arabic figures and a full stop
	Loose  bool   // Write was told so
	Task   Task
	More   bool // a further paragraph of the same item; Number is empty
}

// Task says that an item is one of a list of tasks.
type Task uint8

// The states of a task.
const (
	NoTask Task = iota
	Open
	Done
)

// Table is a table. Rows may have fewer cells than Columns.
type Table struct {
	At      int
	Rows    []Row
	Columns int
	Merged  int // cells that span several columns or rows
	Box     bool
}

// Row is a row of cells.
type Row struct {
	Header bool
	Cells  []Cell
}

// Cell is one cell of the grid. The places that a merged cell covers beside its first are there, empty and Covered.
type Cell struct {
	Blocks  []Block
	Covered bool
}

// Group is a run of blocks that Write has put together for a purpose, such as a quotation.
type Group struct {
	Kind   string
	Blocks []Block
}

func (*Paragraph) block() {}
func (*Table) block()     {}
func (*Group) block()     {}

// Kind tells what a Span is.
type Kind uint8

// The kinds of spans.
const (
	Text      Kind = iota
	Break          // a line break within the paragraph
	Tab            // a tab stop
	PictureOf      // a picture, Index in Document.Pictures
	NoteMark       // the mark of a note, Index in Document.Notes
	Ruby           // Text with its reading above it in Reading
	Anchor         // a bookmark named Text
)

// Marks are the ways in which characters are set off.
type Marks uint16

// The marks.
const (
	Bold Marks = 1 << iota
	Italic
	Dots // 着重号
	Strike
	Super
	Sub
	Underline
	Code
)

// Span is a piece of a paragraph.
type Span struct {
	Kind    Kind
	Text    string
	Reading string
	Marks   Marks
	Link    string // where it leads: an address, or # and a bookmark
	Tip     string // what is shown of the link when one points at it
	Index   int
	Alt     string // of a picture: what it shows
	Caption string // title of a picture
	Name    string // the picture's file name where the program kept it
}

// Note is a footnote or an endnote.
type Note struct {
	End    bool
	Blocks []Block
}

// Picture is a picture that the file holds.
type Picture struct {
	Part string // its name in the file
	Ext  string // .png .jpg .gif .webp .bmp .tif, by its first bytes
	Size int64

	data []byte // of a document that was not read from a file
}

// Properties are those that the file says of itself.
type Properties struct {
	Title, Subject, Author, Keywords, Company, Application string
	Created, Modified                                      string // as in the file: 2026-05-01T08:00:00Z
}

// Why is a reason for leaving text out.
type Why uint8

// The reasons.
const (
	Deleted     Why = iota // struck out by a tracked change
	Moved                  // the old place of text that was moved
	Hidden                 // formatted as hidden
	Header                 // of the pages
	Footer                 // of the pages
	Comment                // a reviewer's note
	FieldCode              // between the beginning of a field and its result
	Contents               // a table of contents, which pages have of their own
	Placeholder            // what a form shows until it is filled in
	Alternative            // another form of the same drawing, whose words differ
	Chart                  // a chart, which is no text
	NoteNumber             // the number of a note that is referred to again, which is made anew
	Unplaced               // a note that nothing refers to, or the notes' own separators
)

var whys = [...]string{
	"修订中删去的文字", "修订中移走的原文", "隐藏文字", "页眉", "页脚", "批注", "域代码", "目录（网页自己会有）",
	"表单里的提示文字", "同一图形的另一种写法", "图表里的文字", "注释的编号（网页自己会编）", "没有用到的注释或部分",
}

// String is the reason in Chinese.
func (w Why) String() string { return whys[w] }

// Left is text that was left out.
type Left struct {
	Why  Why
	Text string
	At   int // paragraph of the main text, 0 if it is not there
}

// Remark is something to know about a place.
type Remark struct {
	ID   string // stable name: merged, external-picture, …
	At   int    // paragraph, 0 for the whole file
	Text string // a sentence in Chinese
}

// Plain is the text of a paragraph: breaks as newlines, tabs as tabs, a reading in brackets behind its word.
func (p *Paragraph) Plain() string {
	var b strings.Builder
	for i := range p.Spans {
		p.Spans[i].plain(&b)
	}
	return b.String()
}

func (s *Span) plain(b *strings.Builder) {
	switch s.Kind {
	case Text:
		b.WriteString(s.Text)
	case Ruby:
		b.WriteString(s.Text)
		if s.Reading != "" {
			b.WriteString("（" + s.Reading + "）")
		}
	case Break:
		b.WriteByte('\n')
	case Tab:
		b.WriteByte('\t')
	}
}

// Walk calls visit for each paragraph of blocks, those in tables and groups too, in order.
func Walk(blocks []Block, visit func(*Paragraph)) {
	for _, b := range blocks {
		switch b := b.(type) {
		case *Paragraph:
			visit(b)
		case *Group:
			Walk(b.Blocks, visit)
		case *Table:
			for _, r := range b.Rows {
				for _, c := range r.Cells {
					Walk(c.Blocks, visit)
				}
			}
		}
	}
}
