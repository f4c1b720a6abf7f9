package intake

import (
	"gongzhi/generator/docx"
	"gongzhi/generator/plan"
)

func (r *reader) back(d *docx.Document, in *plan.Input, row *plan.Row) {
}
