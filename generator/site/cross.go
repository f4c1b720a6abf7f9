package site

import (
	"fmt"
	"slices"
	"strings"

	"gongzhi/generator/content"
)

// NoRegion is what stands for a region that no record names.
const NoRegion = "未记地区"

// CrossCell is what was given of one honour at one time to one region: a cell of the table honour × year × region.
type CrossCell struct {
	Roll    *RollOf
	Year    string // 1959; 年份未核到
	Region  string // as the record of the conferral has it, the first of several; NoRegion
	Records []*Record
}

// Cross gives the cells that are not empty, by honour in the order of the rolls, then by year, then by region, the one with
// most records of the honour first. What was revoked does not count.
func (s *Site) Cross() []CrossCell { return s.cross() }

func (s *Site) makeCross() []CrossCell {
	var all []CrossCell
	for _, roll := range s.Rolls() {
		regions := map[string]int{}
		from := len(all)
		years := map[string]int{} // in the order of the roll
		for _, y := range roll.Years {
			year := "年份未核到"
			if !y.Day.IsZero() {
				a, z := y.Day.Years()
				if year = fmt.Sprint(a); a != z {
					year = y.Day.Display()
				}
			}
			if _, ok := years[year]; !ok {
				years[year] = len(years)
			}
			for _, r := range y.Records {
				if r.Revoked() != "" {
					continue
				}
				region := NoRegion
				if v := r.Role(content.Region); v != nil {
					region = r.Display(v)
					if len(v.Items) > 0 {
						region = r.Display(&v.Items[0])
					}
				}
				regions[region]++
				i := slices.IndexFunc(all[from:], func(c CrossCell) bool { return c.Year == year && c.Region == region })
				if i < 0 {
					i = len(all) - from
					all = append(all, CrossCell{Roll: roll, Year: year, Region: region})
				}
				all[from+i].Records = append(all[from+i].Records, r)
			}
		}
		slices.SortStableFunc(all[from:], func(a, b CrossCell) int {
			if a.Year != b.Year {
				return years[a.Year] - years[b.Year]
			}
			return byRegion(regions, a.Region, b.Region)
		})
	}
	return all
}

// byRegion compares regions: most records first, NoRegion last.
func byRegion(count map[string]int, a, b string) int {
	if a == b {
		return 0
	}
	if a == NoRegion || b == NoRegion {
		if a == NoRegion {
			return 1
		}
		return -1
	}
	if count[a] != count[b] {
		return count[b] - count[a]
	}
	return strings.Compare(a, b)
}

// CrossRegions gives the regions of some cells in that order.
func CrossRegions(cells []CrossCell) []string {
	count := map[string]int{}
	var l []string
	for _, c := range cells {
		if count[c.Region] == 0 {
			l = append(l, c.Region)
		}
		count[c.Region] += len(c.Records)
	}
	slices.SortFunc(l, func(a, b string) int { return byRegion(count, a, b) })
	return l
}

// CrossTable is the table as rows for other programs: one for each cell that is not empty, below a header.
func (s *Site) CrossTable() [][]string {
	rows := [][]string{{"荣誉", "级别", "年份", "地区", "已著录"}}
	for _, c := range s.Cross() {
		level := ""
		if c.Roll.Honor != nil {
			level = c.Roll.Honor.Text(content.Level)
		}
		rows = append(rows, []string{c.Roll.Title, level, c.Year, c.Region, fmt.Sprint(len(c.Records))})
	}
	return rows
}
