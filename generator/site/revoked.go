package site

import (
	"gongzhi/generator/content"
)

// Revoked says that what a record confers does not hold any more, since when and why as far as it is known: 2010年撤销：违纪.
// It is "" for what holds. Whatever shows a conferral shows this; nothing counts it or says to other programs that it
// is held.
func (r *Record) Revoked() string {
	v := r.Role(content.Revoked)
	if v == nil {
		return ""
	}
	when, why := "", ""
	switch v.Field.Type {
	case content.Bool:
		if !v.Bool() {
			return ""
		}
	case content.DateType:
		when = r.Display(v)
	default:
		for i := range v.Parts {
			switch p := &v.Parts[i]; {
			case p.Date != nil && when == "":
				when = r.Display(p)
			case p.Date == nil && why == "":
				why = r.Display(p)
			}
		}
	}
	text := when + "撤销"
	if when == "" {
		text = "已撤销"
	}
	if why != "" {
		text += "：" + why
	}
	return text
}
