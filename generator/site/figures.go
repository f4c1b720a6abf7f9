package site

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/diag"
)

// The kinds of findings about figures and times, as a record acknowledges them: 已核: 增长倍数：照录原文.
const (
	aboutGrowth = "增长"
	aboutRate   = "比率"
	aboutSum    = "合计"
	aboutHeads  = "人次"
	aboutPeriod = "时期"
	aboutDeath  = "逝世后"
	aboutFirst  = "首次授予"
	aboutBirth  = "出生前"
	aboutWhom   = "授予对象"
	aboutUndone = "撤销"
)

var findingKinds = []string{aboutGrowth, aboutRate, aboutSum, aboutHeads, aboutPeriod, aboutDeath, aboutFirst, aboutBirth, aboutWhom, aboutUndone}

// Finding is something about a record's figures or times that can't be right as it stands.
type Finding struct {
	Record *Record
	Value  *content.Value
	Kind   string
	Text   string
	Reason string // why it stands all the same, as the record says; empty: it is open
}

// Findings compares the figures of the archive with one another: what is said to have grown with its base, rates with their two
// numbers, totals with their parts, 人 with 人次, periods that only say 近5年 with a time, conferrals with the life of who received
// them and the beginning of the honour. Numbers are compared in the digits in which they are printed.
func (s *Site) Findings() []Finding { return s.findings() }

func (s *Site) makeFindings() []Finding {
	var all []Finding
	for _, c := range s.Collections {
		for _, r := range c.Records {
			note := func(v *content.Value, kind, format string, args ...any) {
				all = append(all, Finding{r, v, kind, fmt.Sprintf(format, args...), r.acknowledged(kind)})
			}
			if c.Series != nil {
				r.figures(note)
			}
			if c.Roll != nil {
				r.times(note)
			}
		}
		if c.Series != nil {
			headsInSeries(c, func(r *Record, v *content.Value, text string) {
				all = append(all, Finding{r, v, aboutHeads, text, r.acknowledged(aboutHeads)})
			})
		}
	}
	return all
}

// acknowledged gives the reason that a record states for findings of a kind to stand, or "".
func (r *Record) acknowledged(kind string) string {
	reason := ""
	if v := r.Role(content.Reviewed); v != nil {
		v.Each(func(v *content.Value) {
			if k, why := parted(v.Text); k == kind && reason == "" {
				reason = why
			}
		})
	}
	return reason
}

// parted cuts “增长：照录原文” into kind and reason.
func parted(s string) (kind, reason string) {
	if i := strings.IndexAny(s, "：:"); i >= 0 {
		return strings.TrimSpace(s[:i]), strings.TrimSpace(strings.TrimLeft(s[i:], "：:"))
	}
	return strings.TrimSpace(s), ""
}

// reviewFigures is Findings as messages of check, and what is wrong with an acknowledgement itself.
func (s *Site) reviewFigures(warn warner) {
	for _, f := range s.Findings() {
		if f.Reason == "" {
			warn(f.Record, f.Value, "review/figures", "%s看过、不用改的，在“已核”（reviewed）里写“%s：缘由”。", f.Text, f.Kind)
		}
	}
	for _, c := range s.Collections {
		if c.Schema.Role(content.Reviewed) == nil {
			continue
		}
		for _, r := range c.Records {
			v := r.Role(content.Reviewed)
			seen := false // somebody looked to whom it was given
			if v != nil {
				v.Each(func(v *content.Value) { seen = seen || strings.HasPrefix(v.Text, aboutWhom) })
			}
			if c.Schema.Roll != nil && !seen {
				r.whom(warn)
			}
			if v == nil {
				continue
			}
			v.Each(func(v *content.Value) {
				switch kind, reason := parted(v.Text); {
				case !slices.Contains(findingKinds, kind):
					hint := "能写的有" + strings.Join(findingKinds, "、") + "。"
					if near := diag.Nearest(kind, findingKinds); near != "" {
						hint = "是不是“" + near + "”？"
					}
					warn(r, v, "review/reviewed", "“已核”的开头要写核的是什么，如“%s：照录原文”；这里是“%s”。%s", aboutGrowth, kind, hint)
				case reason == "":
					warn(r, v, "review/reviewed", "“已核：%s”没有写缘由，请写成“%s：缘由”。", kind, kind)
				}
			})
		}
	}
}

type noter func(v *content.Value, kind, format string, args ...any)

// figures looks at one value of a statistic.
func (r *Record) figures(note noter) {
	rule := r.Schema.Series
	value := r.Value(rule.Value)
	if printed := r.Value(rule.Printed); printed != nil {
		if r.Value(rule.Date) == nil && relative.MatchString(printed.Text) {
			note(printed, aboutPeriod, "“%s”要看写的时候才知道是哪几年，这条却没有写时期。请按材料的日期推算后填写时期，写不准的加 ~。", printed.Text)
		} else if strings.Contains(printed.Text, "每年") && strings.Contains(printed.Text, "累计") {
			note(printed, aboutPeriod, "“%s”又说每年，又说累计，分不清是一年的数还是几年的总数。", printed.Text)
		}
	}
	if value == nil || value.Quantity == nil || !value.Quantity.HasValue() {
		return
	}
	indicator := r.Display(r.Value(rule.Indicator))
	switch unit := value.Quantity.Unit; {
	case strings.HasSuffix(unit, "人次") && strings.HasSuffix(indicator, "人数"):
		note(value, aboutHeads, "指标“%s”说的是人数，单位却是人次：一个人来几次，人次就是几。", indicator)
	case (unit == "人" || unit == "名") && strings.HasSuffix(indicator, "人次"):
		note(value, aboutHeads, "指标“%s”说的是人次，单位却是%s：一个人来几次，人次就是几。", indicator, unit)
	}
	for i := range r.Values {
		v := &r.Values[i]
		v.Each(func(v *content.Value) {
			if base, said := v.Part(content.BaseValue), v.Part(content.Stated); base != nil && said != nil && base.Quantity != nil && base.Quantity.HasValue() {
				grown(value, base, said, note)
			}
			if a, b := r.quantityOf(v.Part(content.RatioPart)), r.quantityOf(v.Part(content.RatioWhole)); a != nil && b != nil && b.Quantity.Value != 0 {
				rate(value, v, a, b, note)
			}
		})
	}
	if parts := r.Role(content.SumOf); parts != nil {
		r.sum(value, parts, note)
	}
}

// quantityOf gives the value of the statistic that a reference leads to, or nil.
func (r *Record) quantityOf(ref *content.Value) *content.Value {
	if ref == nil {
		return nil
	}
	to := r.Target(ref)
	if to == nil || to.Schema.Series == nil {
		return nil
	}
	if v := to.Value(to.Schema.Series.Value); v != nil && v.Quantity != nil && v.Quantity.HasValue() {
		return v
	}
	return nil
}

var (
	relative = regexp.MustCompile(`近[0-9一二两三四五六七八九十]*年|去年|今年|上年|本年|目前|至今|日前|最近|近期`)
	times    = regexp.MustCompile(`(?:增长|增加|上升|提高|扩大|翻)了?(?:约|近)?([0-9]+(?:\.[0-9]+)?)倍`)
	points   = regexp.MustCompile(`(增加|增长|提高|上升|下降|减少|降低)了?(?:约|近)?([0-9]+(?:\.[0-9]+)?)个百分点`)
	percent  = regexp.MustCompile(`(增加|增长|提高|上升|下降|减少|降低)了?(?:约|近)?([0-9]+(?:\.[0-9]+)?)[%％]`)
	amount   = regexp.MustCompile(`(增加|增长|提高|上升|下降|减少|降低)了?(?:约|近)?([0-9]+(?:\.[0-9]+)?)(万|亿)?\p{Han}*$`)
)

// grown compares what a text says of a growth with the two numbers.
func grown(value, base, said *content.Value, note noter) {
	now, then := value.Quantity.Value, base.Quantity.Value
	if then == 0 {
		return
	}
	ratio := now / then
	down := func(word string) float64 {
		if word == "下降" || word == "减少" || word == "降低" {
			return -1
		}
		return 1
	}
	switch {
	case times.MatchString(said.Text):
		m := times.FindStringSubmatch(said.Text)
		n, half := printedNumber(m[1])
		switch {
		case near(ratio-1, n, half):
		case near(ratio, n, half):
			note(said, aboutGrowth, "“%s”：%s÷%s＝%s，是增长到%s倍；增长的倍数要减去 1，是%s倍。", said.Text, value.Text, base.Text, short2(ratio), m[1], short2(ratio-1))
		default:
			note(said, aboutGrowth, "“%s”和两个数不合：%s÷%s＝%s，增长的倍数是%s倍。", said.Text, value.Text, base.Text, short2(ratio), short2(ratio-1))
		}
	case points.MatchString(said.Text):
		m := points.FindStringSubmatch(said.Text)
		n, half := printedNumber(m[2])
		if diff := (now - then) * down(m[1]); !near(diff, n, half) {
			note(said, aboutGrowth, "“%s”和两个数不合：%s减%s是%s个百分点。", said.Text, value.Text, base.Text, short2(now-then))
		}
	case percent.MatchString(said.Text):
		m := percent.FindStringSubmatch(said.Text)
		n, half := printedNumber(m[2])
		if p := (ratio - 1) * 100 * down(m[1]); !near(p, n, half) {
			note(said, aboutGrowth, "“%s”和两个数不合：%s比%s，变化是%s%%。", said.Text, value.Text, base.Text, short2((ratio-1)*100))
		}
	case amount.MatchString(said.Text):
		m := amount.FindStringSubmatch(said.Text)
		n, half := printedNumber(m[2])
		factor := map[string]float64{"": 1, "万": 1e4, "亿": 1e8}[m[3]]
		if diff := (now - then) * down(m[1]); !near(diff, n*factor, half*factor) {
			note(said, aboutGrowth, "“%s”和两个数不合：%s减%s是%s。", said.Text, value.Text, base.Text, short2(now-then))
		}
	}
}

// rate compares a rate with its two numbers.
func rate(value, at, part, whole *content.Value, note noter) {
	if !strings.HasPrefix(value.Quantity.Unit, "%") || value.Quantity.Qualifier != "" {
		return
	}
	n, half := printedNumber(strings.TrimRight(value.Text, "%％ "))
	if p := part.Quantity.Value / whole.Quantity.Value * 100; !near(p, n, half) {
		note(value, aboutRate, "%s和它的两个数不合：%s÷%s＝%s%%。", value.Text, part.Text, whole.Text, short2(p))
	}
}

// sum compares a total with its parts.
func (r *Record) sum(total, parts *content.Value, note noter) {
	sum, slack, known := 0.0, slackOf(total), total.Quantity.Qualifier == ""
	var terms []string
	parts.Each(func(ref *content.Value) {
		v := r.quantityOf(ref)
		if v == nil || v.Quantity.Qualifier != "" {
			known = false
			return
		}
		sum += v.Quantity.Value
		slack += slackOf(v)
		terms = append(terms, v.Text)
	})
	if known && math.Abs(sum-total.Quantity.Value) > slack+1e-9*math.Abs(sum) {
		note(total, aboutSum, "%s和各部分之和不合：%s＝%s。", total.Text, strings.Join(terms, "＋"), short2(sum))
	}
}

// times compares a conferral with the life of its recipient and the beginning of its honour.
func (r *Record) times(note noter) {
	rule := r.Schema.Roll
	date, who := r.Value(rule.Date), r.Value(rule.Who)
	if date == nil || date.Date == nil || date.Date.OpenStart() {
		return
	}
	if honor := r.Value(rule.Group); honor != nil {
		if to := r.Target(honor); to != nil && !to.Day.IsZero() && date.Date.Upper() < to.Day.Lower() {
			note(date, aboutFirst, "%s 授予“%s”，但这种荣誉的首次授予记为 %s（%s）。", date.Date.Display(), to.Title, to.Day.Display(), to.Path)
		}
	}
	if undone := r.Role(content.Revoked); undone != nil {
		for i := range undone.Parts {
			if d := undone.Parts[i].Date; d != nil && !d.IsZero() && !d.OpenStart() && d.Upper() < date.Date.Lower() {
				note(&undone.Parts[i], aboutUndone, "撤销（%s）早于授予（%s）。", d.Display(), date.Date.Display())
			}
		}
	}
	if who == nil {
		return
	}
	to := r.Target(who)
	if to == nil {
		return
	}
	if born := to.Role(content.Born); born != nil && born.Date != nil && !born.Date.IsZero() && !born.Date.OpenStart() && date.Date.Upper() < born.Date.Lower() {
		note(date, aboutBirth, "%s 授予%s，但%s生于%s（%s）：是另一个人，还是写错了时间？", date.Date.Display(), r.Display(who), to.Title, born.Date.Display(), to.Path)
	}
	if died := to.Role(content.Died); died != nil && died.Date != nil && !died.Date.IsZero() && date.Date.Lower() > died.Date.Upper() && !r.posthumous() {
		note(date, aboutDeath, "%s 授予%s，但%s于%s逝世（%s）。追授的，在附注里写明“追授”。", date.Date.Display(), r.Display(who), to.Title, died.Date.Display(), to.Path)
	}
}

// whom compares the recipient with those whom the honour is for: people, or collectives and units.
func (r *Record) whom(warn warner) {
	rule := r.Schema.Roll
	who, honor := r.Value(rule.Who), r.Value(rule.Group)
	if who == nil || honor == nil || r.Target(who) == nil || r.Target(honor) == nil {
		return
	}
	to, given := r.Target(who), r.Target(honor)
	var kinds []string
	if v := given.Role(content.Recipients); v != nil {
		v.Each(func(kind *content.Value) { kinds = append(kinds, kind.Text) })
	}
	person := slices.Contains(kinds, "个人")
	if to.Schema.Title.Name && len(kinds) > 0 && !person || !to.Schema.Title.Name && person && len(kinds) == 1 {
		warn(r, who, "review/whom", "“%s”授予的是%s，而“%s”是%s（%s）。看过、不用改的，在“已核”（reviewed）里写“%s：缘由”。", given.Title, strings.Join(kinds, "、"), to.Title, to.Schema.Label, to.Path, aboutWhom)
	}
}

// posthumous reports whether a record says that it was given after a death.
func (r *Record) posthumous() bool {
	found := false
	r.each(func(v *content.Value) {
		found = found || strings.Contains(v.Text, "追授") || strings.Contains(v.Text, "追认")
	})
	return found
}

// headsInSeries finds values of one indicator and scope of which some count people and others visits.
func headsInSeries(c *Collection, note func(r *Record, v *content.Value, text string)) {
	type first struct {
		r    *Record
		unit string
	}
	seen := map[string]first{}
	for _, r := range c.Records {
		v := r.Value(c.Series.Value)
		if v == nil || v.Quantity == nil {
			continue
		}
		unit := map[string]string{"人": "人", "名": "人", "人次": "人次"}[v.Quantity.Unit]
		if unit == "" {
			continue
		}
		key := r.Display(r.Value(c.Series.Topic)) + "\x00" + r.Display(r.Value(c.Series.Indicator)) + "\x00" + r.Display(r.Value(c.Series.Scope))
		if f, ok := seen[key]; !ok {
			seen[key] = first{r, unit}
		} else if f.unit != unit {
			note(r, v, fmt.Sprintf("同一个指标“%s”，这里的单位是%s，%s:%d 的是%s，两个数不能相比。", r.Display(r.Value(c.Series.Indicator)), v.Quantity.Unit, f.r.Path, f.r.Line, f.unit))
		}
	}
}

// printedNumber reads a number of digits, and half of the unit of its last digit.
func printedNumber(s string) (n, half float64) {
	n, _ = strconv.ParseFloat(s, 64)
	_, decimals, _ := strings.Cut(s, ".")
	return n, 0.5 * math.Pow(10, -float64(len(decimals)))
}

var firstNumber = regexp.MustCompile(`[0-9]+(?:\.([0-9]+))?`)

// slackOf is by how much a printed number may be away from what was counted: 8.8万 is rounded, 464 is not.
func slackOf(v *content.Value) float64 {
	m := firstNumber.FindStringSubmatch(strings.NewReplacer(",", "", "，", "").Replace(v.Text))
	if m == nil {
		return 0
	}
	n, half := printedNumber(m[0])
	if n == 0 || m[1] == "" && math.Abs(v.Quantity.Value-n) < 1e-9 {
		return 0
	}
	return half * v.Quantity.Value / n
}

func near(x, n, half float64) bool { return math.Abs(x-n) <= half+1e-9 }

// short2 writes a number with two decimals at most.
func short2(x float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 2, 64), "0"), ".")
}
