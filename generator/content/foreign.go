package content

import (
	"fmt"
	"strings"
)

// foreign are the words of other programs (Hugo, Hexo, Jekyll, Obsidian) that this one has not, with what serves for
// them here. Where a word means the same, the schemas have it as another name of a field; where it does not, it is
// named, so that nothing is taken for what it is not.
var foreign = map[string]string{
	"categories": "分类写在 tags（主题词）里；报道的栏目写在 column 里。", "category": "分类写在 tags（主题词）里；报道的栏目写在 column 里。",
	"updated": "修改日期写在 modified（修订日期）里；更正写在 corrections 里。",
	"slug":    "网址由文件名决定：请改文件名。", "permalink": "网址由文件名决定；从前的网址写在 aliases 里。", "url": "网址由文件名决定；从前的网址写在 aliases 里。",
	"abbrlink": "网址由文件名决定；从前的网址写在 aliases 里。", "redirect_from": "从前的网址写在 aliases 里。",
	"published": "不发布的写 draft: true。", "hidden": "不发布的写 draft: true。",
	"top": "置顶写 pin: true。", "sticky": "置顶写 pin: true。", "weight": "次序按日期排；置顶写 pin: true。",
	"cover": "图片放在正文里，或建一条图片记录。", "thumbnail": "图片放在正文里，或建一条图片记录。", "image": "图片放在正文里，或建一条图片记录。", "images": "图片放在正文里，或建一条图片记录。",
	"banner": "图片放在正文里，或建一条图片记录。", "photos": "图片放在正文里，或建一条图片记录。", "featured_image": "图片放在正文里，或建一条图片记录。",
	"layout": "版式由类目决定，这一行请删去。", "type": "类目由文件夹决定，这一行请删去。", "comments": "这里没有评论，这一行请删去。", "toc": "目录自动生成，这一行请删去。",
	"mathjax": "这一行请删去。", "linktitle": "短标题这里没有，这一行请删去。", "cssclass": "这一行请删去。", "cssclasses": "这一行请删去。",
}

// unknownField says what to do about a key that is no field: the field that was meant, what serves for the word of
// another program, or how a field of one's own is made.
func unknownField(key string, near string, s *Schema) string {
	if hint, ok := foreign[strings.ToLower(strings.TrimSpace(key))]; ok {
		return hint
	}
	if near != "" {
		return "是不是“" + near + "”？"
	}
	if s == nil {
		return "可以用的字段见 docs/schema.md。"
	}
	return fmt.Sprintf("可以用的字段见 docs/schema.md；要新设这个字段，在 %s/_schema.yaml 的 fields: 下面加一行 - {key: %s, label: %s, type: text}。", s.Folder(), asKey(key), key)
}

// asKey is a name as the key of a field is written: itself if it is one already.
func asKey(name string) string {
	for _, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return "own_field"
		}
	}
	return name
}
