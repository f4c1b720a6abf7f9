package site

import (
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/dates"
	"gongzhi/generator/diag"
	"gongzhi/generator/han"
)

// Who is meant by a bare name.
//
// people/id is decided, and so is "!name": no profile. A bare name is decided only if a profile is the one bearer of
// it, among the profiles and among all records that write it, and nothing in the record speaks against it: the dates
// of the life, gender, ethnicity, the unit with its former names and short forms. A unit that fits decides too, where
// others of that name are about. All else is undecided: it stays text for readers, and editors are told, with
// the candidates and the reason.

// mention is one place where a bare name stands in a field that may lead to a person.
type mention struct {
	rec    *Record
	value  *content.Value
	ref    int // its place in rec.refs
	named  han.Name
	none   bool // "!name": said to be nobody of the profiles
	others []*Record

	evidence
	against string // why it is not the profile that it is held against
}

// evidence is what a record says about the person it names, or a profile about its own.
type evidence struct {
	when      *dates.Date // of the honour, the event
	honour    bool        // who is dead, or a child, receives none
	born      *dates.Date
	died      *dates.Date
	gender    string
	ethnicity string
	works     string   // the unit as the record has it
	units     []string // all names of the units, short forms, former and later names too
	above     []string // names of what these units belong to
}

// minAge is the age below which nobody is taken to have received an honour.
const minAge = 12

// personal reports whether a field may lead to records whose titles are names of people, with bare names that no
// record has left as text.
func (j *joiner) personal(f *content.Field) bool {
	p, ok := j.people[f]
	if !ok {
		p = f.Open && slices.ContainsFunc(f.To, func(to string) bool {
			return slices.ContainsFunc(j.Collections, func(c *Collection) bool { return c.Key == to && c.Title.Name })
		})
		j.people[f] = p
	}
	return p
}

// named finds the records of the collections in to that bear a name, by their titles and other names, in whatever
// writing.
func (j *joiner) named(key string, to []string) (people, others []*Record) {
	for _, r := range j.byName()[key] {
		switch {
		case !slices.Contains(to, r.Schema.Key):
		case r.Schema.Title.Name:
			people = append(people, r)
		default:
			others = append(others, r)
		}
	}
	return people, others
}

// nameRoles are the fields that hold names of a record beside its title.
var nameRoles = []content.Role{content.OtherNames, content.FormerNames}

// bearers finds records by their names: titles and other names, each in the writing that is compared.
func bearers(all []*Record) map[string][]*Record {
	m := make(map[string][]*Record, len(all)/2)
	add := func(name string, r *Record) {
		key := han.ReadName(name).Key
		if l := m[key]; key != "" && (len(l) == 0 || l[len(l)-1] != r) { // they come record by record
			m[key] = append(l, r)
		}
	}
	for _, r := range all {
		if r.Schema.Rows {
			continue
		}
		if r.Record.Title != "" {
			add(r.Record.Title, r)
		}
		for _, role := range nameRoles {
			if v := r.Role(role); v != nil {
				v.Each(func(v *content.Value) { add(v.Text, r) })
			}
		}
	}
	return m
}

// mention takes down a bare name, to be decided when all of them are known.
func (j *joiner) mention(rec *Record, v *content.Value, text string, none bool) {
	m := &mention{rec: rec, value: v, named: han.ReadName(text), none: none}
	if m.named.Key == "" {
		return
	}
	if !none {
		m.ref = len(rec.refs)
		rec.refs = append(rec.refs, ref{value: v})
	}
	if len(j.mentions[m.named.Key]) == 0 {
		j.mentioned = append(j.mentioned, m.named.Key)
	}
	j.mentions[m.named.Key] = append(j.mentions[m.named.Key], m)
}

// identify decides every bare name.
func (j *joiner) identify() {
	for _, key := range j.mentioned {
		all := j.mentions[key]
		var profiles []*Record
		seen := map[*Record]bool{}
		others := map[*content.Field][]*Record{} // asked once of each field: thousands may bear a name
		for _, m := range all {
			if l, asked := others[m.value.Field]; asked {
				m.others = l
				continue
			}
			people, rest := j.named(key, m.value.Field.To)
			m.others, others[m.value.Field] = rest, rest
			for _, p := range people {
				if !seen[p] {
					seen[p] = true
					profiles = append(profiles, p)
				}
			}
		}
		switch {
		case len(profiles) == 0:
			for _, m := range all {
				if !m.none && len(m.others) > 0 {
					j.chooseUnit(m.rec, m.value, m.ref, m.others)
				}
			}
		default:
			for _, m := range all {
				m.evidence = j.said(m.rec, m.value, m.named)
			}
			j.decide(profiles, all)
		}
	}
	j.mentions, j.mentioned = nil, nil
}

// mostNamesakes is how many people of one name are told apart by what records say; of more, only a number in a record decides.
const mostNamesakes = 500

// decide says of each place where a name stands which of the profiles of that name it is, if any is certain.
func (j *joiner) decide(profiles []*Record, all []*mention) {
	if len(profiles) > mostNamesakes {
		for _, m := range all {
			if !m.none && !j.saidNot(m, profiles) {
				j.undecided(m.rec, m.value, profiles, fmt.Sprintf("有 %d 位人物都叫这个名字", len(profiles)))
			}
		}
		return
	}
	known := make([]evidence, len(profiles))
	for i, p := range profiles {
		known[i] = j.known(p)
	}
	one := len(profiles) == 1
	another := "" // somebody else of the name whom a record tells of
	for _, m := range all {
		if m.none {
			another = where(m) + " 注明没有小传"
		} else if one {
			if m.against = known[0].against(m.evidence); m.against != "" && another == "" {
				another = where(m) + " 的对不上：" + m.against
			}
		}
	}
	if one && another == "" {
		another = contradiction(all)
	}
	for _, m := range all {
		if m.none || j.saidNot(m, profiles) {
			continue
		}
		if len(m.others) > 0 {
			j.undecided(m.rec, m.value, append(slices.Clone(profiles), m.others...), "人和单位都有叫这个名字的")
			continue
		}
		if one {
			switch {
			case m.against != "":
				j.undecided(m.rec, m.value, profiles, m.against)
			case another == "" || known[0].together(m.evidence):
				m.rec.refs[m.ref].to = profiles[0]
			default:
				j.undecided(m.rec, m.value, profiles, "用这个名字的不止一人（"+another+"），这里没有可以分辨的")
			}
			continue
		}
		left, fits := 0, -1
		for i := range profiles {
			if known[i].excluded(m.evidence) == "" {
				left++
				if known[i].together(m.evidence) {
					fits = i
				}
			}
		}
		if left == 1 && fits >= 0 {
			m.rec.refs[m.ref].to = profiles[fits]
			continue
		}
		j.undecided(m.rec, m.value, profiles, fmt.Sprintf("有 %d 位人物都叫这个名字", len(profiles)))
	}
}

// contradiction finds two places whose records can't speak of one person, or gives "".
func contradiction(all []*mention) string {
	for i, a := range all {
		for _, b := range all[:i] {
			if len(a.units) > 0 && len(b.units) > 0 && !a.together(b.evidence) || differ(a.gender, b.gender) || differ(a.ethnicity, b.ethnicity) {
				return where(b) + " 和 " + where(a) + " 说的对不上"
			}
		}
		if i > 200 { // many more bear the name than anybody could tell apart
			break
		}
	}
	return ""
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// where a mention stands, for a message.
func where(m *mention) string { return fmt.Sprintf("%s:%d", m.rec.Path, m.value.Line) }

// saidNot reports whether the record, or one of the profiles, says that they are not the same.
func (j *joiner) saidNot(m *mention, profiles []*Record) bool {
	for _, p := range profiles {
		if !refersTo(p, content.NotSameAs, m.rec) && !refersTo(m.rec, content.NotSameAs, p) {
			return false
		}
	}
	return true
}

// refersTo reports whether a record names another in the field of a role.
func refersTo(r *Record, role content.Role, to *Record) bool {
	f := r.Schema.Role(role)
	return f != nil && slices.ContainsFunc(r.refs, func(x ref) bool { return x.value.Field == f && x.to == to })
}

// said is what a record says about somebody whom it names in a value.
func (s *Site) said(r *Record, v *content.Value, named han.Name) evidence {
	e := evidence{honour: r.Schema.Roll != nil && r.Schema.Roll.Who == v.Field}
	if !r.Day.IsZero() {
		e.when = &r.Day
	}
	e.gender, e.ethnicity = noted(named.Note)
	if !e.honour { // the other fields of the record speak of somebody or something else
		return e
	}
	if v := r.Role(content.Gender); v != nil && e.gender == "" {
		e.gender = v.Text
	}
	if v := r.Role(content.Ethnicity); v != nil && e.ethnicity == "" {
		e.ethnicity = ethnicity(v.Text)
	}
	if v := r.Value(r.Schema.Roll.Unit); v != nil {
		v.Each(func(v *content.Value) { s.unit(&e, r, v) })
	}
	return e
}

// known is what a profile says.
func (s *Site) known(p *Record) evidence {
	e := evidence{gender: p.Text(content.Gender), ethnicity: ethnicity(p.Text(content.Ethnicity)), born: date(p.Role(content.Born)), died: date(p.Role(content.Died))}
	if v := p.Role(content.Unit); v != nil {
		v.Each(func(v *content.Value) { s.unit(&e, p, v) })
	}
	if v := p.Role(content.Posts); v != nil {
		v.Each(func(post *content.Value) {
			for i := range post.Parts {
				if part := &post.Parts[i]; part.Field.Type == content.RefType {
					s.unit(&e, p, part)
				}
			}
		})
	}
	return e
}

// noted reads what stands in brackets behind a name in official lists: 女，回族.
func noted(note string) (gender, people string) {
	for _, w := range strings.FieldsFunc(note, func(r rune) bool { return strings.ContainsRune("，、,;； 　", r) }) {
		switch {
		case w == "女" || w == "男":
			gender = w
		case strings.HasSuffix(w, "族") && w != "族":
			people = ethnicity(w)
		}
	}
	return gender, people
}

// ethnicity is a people's name without 族, which some leave out.
func ethnicity(s string) string { return strings.TrimSuffix(strings.TrimSpace(s), "族") }

// date is the value of a date field, or nil.
func date(v *content.Value) *dates.Date {
	if v == nil || v.Date == nil || v.Date.IsZero() {
		return nil
	}
	return v.Date
}

// against says why a record can't be taken to speak of a person whose profile says known, or "".
func (known evidence) against(m evidence) string {
	if why := known.excluded(m); why != "" {
		return why
	}
	if len(known.units) > 0 && len(m.units) > 0 && !known.together(m) {
		return fmt.Sprintf("单位不同：这里是“%s”，人物的单位是“%s”", m.works, known.works)
	}
	return ""
}

// excluded is against without the unit, which people change.
func (known evidence) excluded(m evidence) string {
	if m.when != nil {
		year := func(lower int32) int { return int(lower / 1_00_00) }
		if known.born != nil && !m.when.OpenEnd() && !known.born.OpenStart() {
			latest, born := year(m.when.Upper()), year(known.born.Lower())
			switch {
			case latest < born:
				return fmt.Sprintf("时间（%s）早于人物的出生（%s）", m.when.Display(), known.born.Display())
			case m.honour && latest < born+minAge:
				return fmt.Sprintf("时间（%s）时人物（%s 生）还不满 %d 岁", m.when.Display(), known.born.Display(), minAge)
			}
		}
		if m.honour && known.died != nil && !m.when.OpenStart() && !known.died.OpenEnd() && m.when.Lower() > known.died.Upper() {
			return fmt.Sprintf("时间（%s）晚于人物的逝世（%s）；追授的请写编号", m.when.Display(), known.died.Display())
		}
	}
	if differ(known.gender, m.gender) {
		return fmt.Sprintf("性别不同：这里是%s，人物是%s", m.gender, known.gender)
	}
	if differ(known.ethnicity, m.ethnicity) {
		return fmt.Sprintf("民族不同：这里是%s族，人物是%s族", m.ethnicity, known.ethnicity)
	}
	return ""
}

// together reports whether one of the units is the same, or a part of the other.
func (known evidence) together(m evidence) bool {
	return anySame(known.units, m.units) || anySame(known.units, m.above) || anySame(known.above, m.units)
}

func anySame(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if sameUnit(x, y) {
				return true
			}
		}
	}
	return false
}

// sameUnit compares two names of units: the same, or one with something before it (江西省…) or behind it (…炼铁厂三车间).
func sameUnit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	const three = 3 * len("厂") // of characters; shorter ones are contained by chance
	return a == b || len(a) >= three && strings.HasPrefix(b, a) || len(a) >= three+len("厂") && strings.HasSuffix(b, a)
}

// unit adds the names of a unit that a record gives: all that its organization bears and ever bore.
func (s *Site) unit(e *evidence, r *Record, v *content.Value) {
	text, _ := content.JustText(v.Text)
	if e.works == "" {
		e.works = r.Name(v)
	}
	var orgs []*Record
	if to := r.Target(v); to != nil {
		orgs = []*Record{to}
	} else {
		orgs = s.unitsIn(han.ReadName(text).Key, v.Field.To)
	}
	add := func(l []string, name string) []string {
		if k := han.ReadName(name).Key; k != "" && !slices.Contains(l, k) {
			return append(l, k)
		}
		return l
	}
	if len(orgs) == 0 || r.Target(v) == nil {
		e.units = add(e.units, text)
	}
	for _, o := range orgs {
		for _, of := range s.family(o) {
			for _, n := range of.names() {
				e.units = add(e.units, n)
			}
			for up, depth := of.parent(), 0; up != nil && depth < 4; up, depth = up.parent(), depth+1 {
				for _, n := range up.names() {
					e.above = add(e.above, n)
				}
			}
		}
	}
}

// unitsIn finds the units whose name a text is, or begins or ends with: 测试厂三车间 and 江西省测试厂 are both of 测试厂. The
// longest name counts.
func (s *Site) unitsIn(text string, to []string) []*Record {
	find := func(key string) (found []*Record) {
		for _, r := range s.byName()[key] {
			if !r.Schema.Title.Name && (to == nil || slices.Contains(to, r.Schema.Key)) {
				found = append(found, r)
			}
		}
		return found
	}
	if found := find(text); found != nil {
		return found
	}
	const least = 4 // characters, as in sameUnit
	runes := []rune(text)
	for n := len(runes) - 1; n >= least; n-- {
		if found := find(string(runes[:n])); found != nil {
			return found
		}
		if found := find(string(runes[len(runes)-n:])); found != nil {
			return found
		}
	}
	return nil
}

// names are all names of a record: its title and its other names.
func (r *Record) names() []string {
	l := []string{r.Title}
	for _, role := range nameRoles {
		if v := r.Role(role); v != nil {
			v.Each(func(v *content.Value) { l = append(l, v.Text) })
		}
	}
	return l
}

// parent is the record above an organization, or nil.
func (r *Record) parent() *Record {
	if v := r.Role(content.Parent); v != nil {
		return r.Target(v)
	}
	return nil
}

// mostFamily is how many units in a row of predecessors count as one that changed its name; longer rows are no unit's history.
const mostFamily = 100

// family is an organization with all that it was before and became, in no order: what predecessors join.
func (s *Site) family(o *Record) []*Record {
	if f := s.families()[o]; f != nil && len(f) <= mostFamily {
		return f
	}
	return []*Record{o}
}

// makeFamilies follows the predecessors of all records, both ways.
func (s *Site) makeFamilies() map[*Record][]*Record {
	next := map[*Record][]*Record{}
	for _, c := range s.Collections {
		f := c.Role(content.Predecessors)
		if f == nil {
			continue
		}
		for _, r := range c.Records {
			if v := r.Value(f); v != nil {
				v.Each(func(v *content.Value) {
					if p := r.Target(v); p != nil {
						next[r], next[p] = append(next[r], p), append(next[p], r)
					}
				})
			}
		}
	}
	of := make(map[*Record][]*Record, len(next))
	for r := range next {
		if of[r] != nil {
			continue
		}
		found := []*Record{r}
		seen := map[*Record]bool{r: true}
		for i := 0; i < len(found); i++ {
			for _, n := range next[found[i]] {
				if !seen[n] {
					seen[n] = true
					found = append(found, n)
				}
			}
		}
		slices.SortFunc(found, func(a, b *Record) int { return strings.Compare(a.URL, b.URL) })
		for _, n := range found {
			of[n] = found
		}
	}
	return of
}

// chooseUnit decides which of the units that bear a name is meant: the one that there is, or the one that was there at the
// time.
func (j *joiner) chooseUnit(rec *Record, v *content.Value, at int, units []*Record) {
	if len(units) > 1 && !rec.Day.IsZero() {
		var then []*Record
		for _, u := range units {
			if existed(u, rec.Day) {
				then = append(then, u)
			}
		}
		if len(then) == 1 {
			units = then
		}
	}
	if len(units) == 1 {
		rec.refs[at].to = units[0]
		return
	}
	j.undecided(rec, v, units, fmt.Sprintf("有 %d 条记录用这个名称", len(units)))
}

// existed reports whether a unit may have been there at a time.
func existed(u *Record, at dates.Date) bool {
	if !u.Day.IsZero() && !at.OpenEnd() && at.Upper() < u.Day.Lower() {
		return false
	}
	end := date(u.Role(content.Ended))
	return end == nil || at.OpenStart() || end.OpenEnd() || at.Lower() <= end.Upper()
}

// Undecided is a bare name of which nobody can tell whose it is.
type Undecided struct {
	Record     *Record
	Value      *content.Value
	Candidates []*Record // the first of them, if there are very many
	Reason     string
}

const mostCandidates = 50

// undecided leaves a name as text and tells the editors.
func (j *joiner) undecided(rec *Record, v *content.Value, candidates []*Record, reason string) {
	j.Undecided = append(j.Undecided, Undecided{rec, v, candidates[:min(len(candidates), mostCandidates)], reason})
	var l []string
	for _, c := range candidates[:min(len(candidates), 5)] {
		s := c.Schema.Key + "/" + c.ID
		if about := about(c); about != "" {
			s += "（" + about + "）"
		}
		l = append(l, s)
	}
	if len(candidates) > 5 {
		l = append(l, fmt.Sprintf("……共 %d 条", len(candidates)))
	}
	j.warnf(rec.At(v), "identity/undecided", "“%s”是哪一个没有定，先只作文字：%s。是 %s，就写编号；都不是，就写 \"!%s\"。", v.Text, reason, strings.Join(l, " 或 "), v.Text)
}

// about tells a record from others of its name, in a few words.
func about(r *Record) string {
	var l []string
	if life := r.Life(); life != "" {
		l = append(l, life)
	}
	if v := r.Role(content.Unit); v != nil {
		if len(v.Items) > 1 {
			l = append(l, r.Display(&v.Items[0])+"等")
		} else {
			l = append(l, r.Display(v))
		}
	}
	if len(l) == 0 {
		if r.Title != "" && !r.Schema.Title.Name {
			l = append(l, r.Title)
		} else if v := r.Role(content.NativePlace); v != nil {
			l = append(l, r.Display(v))
		}
	}
	return strings.Join(l, "，")
}

// Unlinked gives the places where a name stands as text in fields that might lead to a record.
func (s *Site) Unlinked(name string) []diag.Pos {
	key := han.ReadName(name).Key
	if key == "" {
		return nil
	}
	var l []diag.Pos
	for _, c := range s.Collections {
		for _, r := range c.Records {
			r.each(func(v *content.Value) {
				if v.Field.Type != content.RefType || r.Target(v) != nil {
					return
				}
				if text, _ := content.JustText(v.Text); han.ReadName(text).Key == key {
					l = append(l, r.At(v))
				}
			})
		}
	}
	return l
}
