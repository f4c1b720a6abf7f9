package site

import (
	"path"
	"strings"

	"gongzhi/generator/content"
	"gongzhi/generator/markdown"
)

// The files beside records that their fields name.

// checkFile wants the file, and that it is what its name says.
func checkFile(j *joiner, r *Record, v *content.Value) {
	a, ok := j.FileOf(r, v)
	switch {
	case ok && a.Broken:
		j.errorf(r.At(v), "file/broken", "字段%s：按内容看，“%s”不是它的扩展名所说的“%s”，或已经损坏。请找到原来的文件，或改扩展名。", v.Field, v.Text, a.Kind().Label)
	case !ok && content.KindOf(v.Text) == nil:
		j.errorf(r.At(v), "file/kind", "字段%s：“%s”不能作附件。可以用 PDF、OFD、录音（mp3、m4a、wav、ogg、flac）、录像（mp4、webm）、图片和 Word、Excel、PowerPoint 文件。", v.Field, v.Text)
	case !ok:
		j.errorf(r.At(v), "file/missing", "字段%s：找不到文件“%s”。%s", v.Field, v.Text, j.nearFile(v.Text, false))
	}
	if ok {
		j.show(a)
	}
}

// looseFiles finds files of office programs that no record has: often they hold what ought to be records.
func (j *joiner) looseFiles() {
	var office []*content.Asset
	for i := range j.Set.Assets {
		if a := &j.Set.Assets[i]; a.Kind().Office {
			office = append(office, a)
		}
	}
	if office == nil {
		return
	}
	used := map[string]bool{}
	for _, l := range [][]*Record{j.all, j.Hidden} { // those of a draft wait for it
		for _, r := range l {
			r.each(func(v *content.Value) {
				if a, ok := j.FileOf(r, v); v.Field.Type == content.FileType && ok {
					used[a.Path] = true
				}
			})
			r.bodies(func(b *markdown.Body) {
				for i := range b.Refs {
					if a, ok := j.fileAt(r, b.Refs[i].Target); ok {
						used[a.Path] = true
					}
				}
			})
		}
	}
	for _, a := range office {
		if !used[a.Path] {
			j.errorf(a.Pos(), "file/office", "没有记录用到这个“%s”文件，它不会发布。要作附件，写进一条记录的附件字段；里面的名单、文章要成为记录，用 gongzhi import；先放着不管，在文件名前加下划线。", a.Kind().Label)
		}
	}
}

// nearFile names the file that a missing one was most likely meant to be: of the same name elsewhere, or of a
// name like it. For an image it is one.
func (j *joiner) nearFile(p string, image bool) string {
	x := &j.beside[0]
	if image {
		x = &j.beside[1]
	}
	if x.at == nil {
		x.at = map[string]string{}
		for _, a := range j.Set.Assets {
			if name := path.Base(a.Path); (a.Width > 0 || !image) && x.at[name] == "" {
				x.at[name] = strings.TrimPrefix(a.Path, "content")
				x.names = append(x.names, name)
			}
		}
	}
	near := path.Base(p)
	if x.at[near] == "" {
		near = j.near(near, x.names)
	}
	what := "文件"
	if image {
		what = "图片"
	}
	if at := x.at[near]; at != "" {
		return "是不是“" + at + "”？"
	}
	return "请把" + what + "放进 content 里，路径从这个文件算起。"
}
