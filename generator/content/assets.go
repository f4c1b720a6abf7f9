package content

import (
	"image"
	_ "image/gif"  // to know the size of images
	_ "image/jpeg" // to know the size of images
	_ "image/png"  // to know the size of images
	"io"

	_ "golang.org/x/image/webp" // to know the size of images

	"gongzhi/generator/diag"
)

// isAsset reports whether a file of this name is published as it is.
func isAsset(name string) bool { return KindOf(name) != nil }

// maxImageHead is how far into a file the size of its image may stand. In a JPEG all metadata come first: cameras put megabytes
// of previews there. Readers of other formats stop after a few bytes.
const maxImageHead = 64 << 20

// image reads the size of an image from its first bytes, never the image itself: a few bytes can claim
// gigabytes.
func (l *loader) image(f *file, p string) *file {
	pos := diag.Pos{Path: f.asset.Path}
	if !f.asset.Kind().measured {
		if err := l.examine(f.asset); err != nil {
			f.asset = nil
			f.diags = append(f.diags, diag.Errorf(pos, "file/unreadable", "读不了这个文件：%v", reason(err)))
		}
		return f
	}
	h, err := l.source.Open(p)
	if err != nil {
		f.asset = nil
		f.diags = append(f.diags, diag.Errorf(pos, "file/unreadable", "读不了这个文件：%v", reason(err)))
		return f
	}
	defer h.Close()
	c, _, err := image.DecodeConfig(io.LimitReader(h, maxImageHead))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		f.asset = nil
		f.diags = append(f.diags, diag.Errorf(pos, "image/broken", "这个图片打不开：内容和扩展名不符，或已经损坏。"))
		return f
	}
	if int64(c.Width)*int64(c.Height) > 100_000_000 {
		f.diags = append(f.diags, diag.Errorf(pos, "image/huge", "图片有 %d×%d 像素，太大了。请缩小到一亿像素以内。", c.Width, c.Height))
	}
	f.asset.Width, f.asset.Height = c.Width, c.Height
	return f
}
