package markdown

import (
	"strings"
	"unicode"
)

// UselessAlt reports whether a text says nothing of what a picture shows: a number, the name of a file, or that it is a
// picture. An empty one is another matter.
func UselessAlt(alt string) bool {
	s := strings.ToLower(strings.Trim(strings.TrimSpace(alt), "。.，,（）()[]【】"))
	if s == "" {
		return false
	}
	for _, ext := range []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".svg", ".heic", ".bmp"} {
		if strings.HasSuffix(s, ext) {
			return true
		}
	}
	// IMG_2034, DSC0001, 微信图片_20240501, 图1, 图片 3, 照片
	letters := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	letters = strings.Join(strings.FieldsFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }), "")
	switch letters {
	case "", "图", "图片", "照片", "相片", "插图", "配图", "题图", "图像", "截图", "img", "image", "dsc", "dscn", "photo", "picture", "pic", "screenshot", "mmexport", "微信图片", "qq图片", "微信截图", "未标题", "untitled", "alt", "第张":
		return true
	}
	return false
}
