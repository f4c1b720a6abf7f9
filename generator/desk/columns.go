package desk

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gongzhi/generator/content"
	"gongzhi/generator/dataset"
	"gongzhi/generator/diag"
	"gongzhi/generator/grid"
	"gongzhi/generator/plan"
)

// column is what a column of a list is used for.
type column struct {
	use  int
	slot slot
	name string
}

const (
	unknownColumn  = iota
	fieldColumn    // a field, or a part of one
	idColumn       // of the record
	bodyColumn     // the text below the fields
	personalColumn // tells of a private person what must not be published
	labelColumn    // repeats what an id means, for people who read an export
	ignoredColumn  // said to be left out
	ordinalColumn  // numbers the rows of the list and means nothing else
)

// personal are the headers of columns that are never brought in.
var personal = regexp.MustCompile(`身份证|证件号|公民身份|护照号|社保号|电话|手机|联系方式|家庭住址|家庭地址|通讯地址|通信地址|^住址$|银行|账号|帐号|开户|邮箱|电子邮件|微信|^QQ`)

// find settles what a column is, by its header.
func (m *importer) find(header string) column {
	name := grid.Name(header)
	if to, ok := m.opt.Map[name]; ok {
		if to = strings.TrimSpace(to); to == "" || to == "-" {
			return column{use: ignoredColumn, name: name}
		}
		if s, ok := dataset.Find(m.schema, to); ok {
			return column{use: fieldColumn, slot: s, name: name}
		}
		if isID(to) {
			return column{use: idColumn, name: name}
		}
		return column{name: name}
	}
	switch {
	case isID(name):
		return column{use: idColumn, name: name}
	case name == "正文" || name == "body":
		return column{use: bodyColumn, name: name}
	case strings.HasSuffix(name, dataset.NameSuffix):
		return column{use: labelColumn, name: name}
	case personal.MatchString(name):
		return column{use: personalColumn, name: name}
	}
	if s, ok := dataset.Find(m.schema, name); ok {
		return column{use: fieldColumn, slot: s, name: name}
	}
	if base, _, ok := strings.Cut(strings.ReplaceAll(name, "(", "（"), "（"); ok && base != "" { // 时间（年月）
		if s, ok := dataset.Find(m.schema, base); ok {
			return column{use: fieldColumn, slot: s, name: name}
		}
	}
	if name == "序号" || name == "行号" {
		return column{use: ordinalColumn, name: name}
	}
	return column{name: name}
}

func isID(s string) bool { return s == "编号" || strings.EqualFold(s, "id") }

// columnsOf maps a table's columns, and says how, with a value of each.
func (m *importer) columnsOf(t *grid.Table) []column {
	list := make([]column, len(t.Columns))
	seen := map[slot]string{}
	var used, dropped, unknown []string
	for i, c := range t.Columns {
		sample, full, found := "", 0, 0
		for _, r := range t.Rows {
			if s := strings.TrimSpace(r.Cells[i].Text); s != "" {
				full++
				if sample == "" {
					sample = s
				}
				if len(content.FindPersonal([]byte(s))) > 0 {
					found++
				}
			}
		}
		if c.Name == "" {
			if full > 0 {
				unknown = append(unknown, c.Letter+" 列没有表头，有 "+strconv.Itoa(full)+" 格（如“"+clip(sample, 20)+"”）")
			}
			list[i] = column{use: ignoredColumn}
			continue
		}
		list[i] = m.find(c.Name)
		if t.Format == "大事记" && list[i].use == unknownColumn {
			list[i].use = ignoredColumn // the note has what the date does not say
		}
		if x := &list[i]; x.use != personalColumn && x.use != ignoredColumn && found > 0 && found*2 >= full {
			x.use = personalColumn
		}
		switch x := list[i]; x.use {
		case fieldColumn:
			if first, ok := seen[x.slot]; ok {
				unknown = append(unknown, "“"+c.Name+"”和“"+first+"”是同一个字段，只用前一列")
				list[i].use = ignoredColumn
				continue
			}
			seen[x.slot] = c.Name
			if full == 0 {
				continue
			}
			s := "“" + c.Name + "”→" + x.slot.Label()
			if sample != "" {
				s += "（如“" + clip(sample, 20) + "”）"
			}
			if c.Hidden {
				s += "（表里隐藏着这一列）"
			}
			used = append(used, s)
		case personalColumn:
			dropped = append(dropped, "“"+c.Name+"”（"+strconv.Itoa(full)+" 格）")
		case unknownColumn:
			s := "“" + c.Name + "”"
			if sample != "" {
				s += "（" + strconv.Itoa(full) + " 格，如“" + clip(sample, 20) + "”）"
			}
			if near := diag.Nearest(c.Name, m.schema.Names()); near != "" && utf8.RuneCountInString(c.Name) > 2 { // 工号 is no 称号
				s += "，是不是“" + near + "”？"
			}
			if full > 0 {
				unknown = append(unknown, s)
			}
		}
	}
	if len(used) > 0 {
		m.note("%s的列：%s", t.File, strings.Join(used, "；"))
	}
	if len(dropped) > 0 {
		m.note("%s里有个人信息的列没有带入，也不会写进内容：%s", t.File, strings.Join(dropped, "、"))
	}
	if len(unknown) > 0 {
		m.note("%s里没有对应字段的列，没有带入：%s。要带入，用 --map 写明对应的字段", t.File, strings.Join(unknown, "；"))
	}
	return list
}

func clip(s string, n int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n]) + "…"
}

// Look names the look of the headers of lists, so that how their columns are used can be remembered.
func Look(inputs []plan.Input) string {
	var names []string
	for _, in := range inputs {
		if tables, err := grid.ReadAll(in.Name, in.Bytes, grid.Options{}); err == nil {
			for _, t := range tables {
				for _, c := range t.Columns {
					names = append(names, c.Name)
				}
			}
		}
	}
	return plan.Digest([]byte(strings.Join(names, "\x00")))[:16]
}
