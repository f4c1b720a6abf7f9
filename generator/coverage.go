package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/folder"
	"gongzhi/generator/site"
)

var coverageCommand = &command{
	name: "coverage", args: "[--source 文件夹] [--json]",
	short: "看各批表彰著录了多少",
	long: `
一批一行：公布了多少人，已著录多少；按地区、类别公布过人数的，逐项比较。公布的人数写在批次
（rounds）的“公布人数”里；没有的写“不详”。著录多于公布的，会标出来。

  --source 文件夹   放着 site.yaml 和 content/ 的文件夹
  --json            在标准输出写一个 JSON 对象`,
	answers: true,
	run:     runCoverage,
}

var gapsCommand = &command{
	name: "gaps", args: "--field 字段 或 --undecided [--csv] [--source 文件夹]",
	short: "列出缺某个字段的记录，或没有定是谁的名字",
	long: `
列出一个字段空着的记录，如 gongzhi gaps --field 出处。字段写键或中文名。
--undecided 列出没有定是谁的名字：写在哪里，可能是哪几条记录，为什么没有定。

  --field 字段      哪个字段
  --undecided       没有定的名字
  --csv             写成 CSV（带 BOM，可用 Excel 打开），如 gongzhi gaps --field 出生 --csv > 缺.csv
  --source 文件夹   放着 site.yaml 和 content/ 的文件夹`,
	answers: true,
	run:     runGaps,
}

// joinedSite reads and joins a site; what is wrong with it is not said here.
func joinedSite(dir string) (*site.Site, error) {
	settings, err := siteSettings(dir)
	if err != nil {
		return nil, err
	}
	set, err := content.Load(folder.NewSite(dir), content.Options{Zone: settings.Zone})
	if err != nil {
		return nil, err
	}
	return site.Join(set, settings, site.Options{Now: time.Now()}), nil
}

func runCoverage(c *call) int {
	var src source
	src.flags(c, true)
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	if !src.check(c) {
		return failed
	}
	s, err := joinedSite(src.dir)
	if err != nil {
		return c.fail("%v。", err)
	}
	all := s.Coverage()
	if src.json {
		type part struct {
			Label    string `json:"label"`
			Official int    `json:"official"`
			Recorded int    `json:"recorded"`
		}
		type round struct {
			Honor    string `json:"honor"`
			Round    string `json:"round"` // id, or ""
			Title    string `json:"title"`
			Date     string `json:"date"`
			Official *int   `json:"official"` // null: not known
			Recorded int    `json:"recorded"`
			Parts    []part `json:"parts"`
		}
		list := []round{}
		for _, h := range all {
			for _, r := range h.Rounds {
				x := round{Honor: h.Roll.Title, Title: r.Title, Date: r.Day.String(), Recorded: r.Recorded, Parts: []part{}}
				if r.Round != nil {
					x.Round = r.Round.ID
				}
				if r.Official >= 0 {
					x.Official = &r.Official
				}
				for _, p := range r.Parts {
					x.Parts = append(x.Parts, part{p.Label, p.Official, p.Recorded})
				}
				list = append(list, x)
			}
		}
		e := json.NewEncoder(c.stdout)
		e.SetEscapeHTML(false)
		if err := e.Encode(map[string]any{"rounds": list, "messages": []any{}}); err != nil {
			return c.fail("%v", err)
		}
		return done
	}
	known, recorded, unknown := 0, 0, 0
	for _, h := range all {
		fmt.Fprintf(c.stdout, "%s\n", h.Roll.Title)
		for _, r := range h.Rounds {
			name := r.Title
			if r.Round == nil {
				name = "（未分批）"
			}
			day := "年份未核到"
			if !r.Day.IsZero() {
				day = r.Day.Display()
			}
			fmt.Fprintf(c.stdout, "  %s  %s：%s\n", day, name, coveredText(r.Recorded, r.Official))
			if r.Official >= 0 {
				known, recorded = known+r.Official, recorded+r.Recorded
			} else {
				unknown++
			}
			for _, p := range r.Parts {
				if p.Official != p.Recorded {
					fmt.Fprintf(c.stdout, "      %s：%s\n", p.Label, coveredText(p.Recorded, p.Official))
				}
			}
		}
	}
	fmt.Fprintf(c.stdout, "\n知道公布人数的，共著录 %d / %d；公布人数不详的有 %d 批（年）。\n", recorded, known, unknown)
	return done
}

// coveredText says how many of how many.
func coveredText(recorded, official int) string {
	switch {
	case official < 0:
		return fmt.Sprintf("已著录 %d，公布人数不详", recorded)
	case recorded > official:
		return fmt.Sprintf("已著录 %d / %d，多出 %d", recorded, official, recorded-official)
	case recorded == official:
		return fmt.Sprintf("已著录 %d / %d，齐全", recorded, official)
	}
	return fmt.Sprintf("已著录 %d / %d", recorded, official)
}

func runGaps(c *call) int {
	var src source
	src.flags(c, false)
	field := c.flags.String("field", "", "")
	undecided := c.flags.Bool("undecided", false, "")
	asCSV := c.flags.Bool("csv", false, "")
	if _, code, ok := c.parse(0); !ok {
		return code
	}
	if *undecided && *field != "" {
		return c.wrong("--field 和 --undecided 只能写一个。")
	}
	if !*undecided && strings.TrimSpace(*field) == "" {
		return c.wrong("要写字段，如 gongzhi gaps --field 出处。")
	}
	if !src.check(c) {
		return failed
	}
	s, err := joinedSite(src.dir)
	if err != nil {
		return c.fail("%v。", err)
	}
	if *undecided {
		return c.printUndecided(s, *asCSV)
	}
	records, known := s.Lacking(*field)
	if !known {
		return c.wrong("没有一个类目有“%s”这个字段。字段见 gongzhi schema。", *field)
	}
	if *asCSV {
		rows := [][]string{{"类目", "编号", "题名", "文件", "行"}}
		for _, r := range records {
			rows = append(rows, []string{r.Schema.Label, r.ID, r.Title, r.Path, fmt.Sprint(r.Line)})
		}
		return c.printCSV(rows)
	}
	last := ""
	for _, r := range records {
		if r.Schema.Label != last {
			last = r.Schema.Label
			n := 0
			for _, x := range records {
				if x.Schema == r.Schema {
					n++
				}
			}
			fmt.Fprintf(c.stdout, "%s：%d 条缺“%s”\n", last, n, *field)
		}
		fmt.Fprintf(c.stdout, "  %s:%d  %s\n", r.Path, r.Line, r.Title)
	}
	fmt.Fprintf(c.stdout, "共 %d 条。\n", len(records))
	return done
}

// printUndecided lists the names of which nobody can tell whose they are.
func (c *call) printUndecided(s *site.Site, asCSV bool) int {
	rows := [][]string{{"名字", "写在", "字段", "可能是", "没有定的缘由", "文件", "行", "列"}}
	for _, u := range s.Undecided {
		var candidates []string
		for _, r := range u.Candidates {
			candidates = append(candidates, r.Schema.Key+"/"+r.ID)
		}
		at := u.Record.At(u.Value)
		rows = append(rows, []string{u.Value.Text, u.Record.Schema.Key + "/" + u.Record.ID, u.Value.Field.Label, strings.Join(candidates, "；"), u.Reason, at.Path, fmt.Sprint(at.Line), fmt.Sprint(at.Col)})
	}
	if asCSV {
		return c.printCSV(rows)
	}
	for _, r := range rows[1:] {
		fmt.Fprintf(c.stdout, "%s:%s:%s  %s（%s）：%s。可能是 %s\n", r[5], r[6], r[7], r[0], r[2], r[4], r[3])
	}
	fmt.Fprintf(c.stdout, "没有定的名字共 %d 处。\n", len(rows)-1)
	return done
}

// printCSV writes a table that Excel opens, its cells inert.
func (c *call) printCSV(rows [][]string) int {
	c.stdout.Write([]byte("\ufeff"))
	w := csv.NewWriter(c.stdout)
	for _, r := range rows {
		for i := range r {
			r[i] = dataset.Inert(r[i])
		}
		w.Write(r)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return c.fail("%v", err)
	}
	return done
}
