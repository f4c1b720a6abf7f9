package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// The comparison of what pictures cost: an archive of reports, each with a photograph of twelve megapixels. Both
// sides scale by the kernel of Catmull and Rom and write JPEG of quality 80. Hugo makes three widths of each. This
// program makes what it always makes: these three, one of 1,920 pixels, and a card for sharing.

const (
	photoW, photoH = 4032, 3024
	margin         = 512 // by which one photograph is a piece of the scene other than the next
	photos         = 40  // if nobody says how many
	photoPairs     = 3
)

// hugoPhotos are Hugo's settings and template for them, written as hugo.txt is.
const hugoPhotos = `-- hugo.toml --
baseURL = "https://example.org/"
title = "测试"
disableKinds = ["taxonomy", "term", "rss", "sitemap"]
assetDir = "ASSETS"
[imaging]
resampleFilter = "CatmullRom"
quality = 80
-- layouts/all.html --
<!DOCTYPE html><html lang="zh"><meta charset="utf-8"><title>{{ .Title }}</title>
{{ with .Params.image }}{{ with resources.Get . }}<img src="{{ (.Resize "1200x").RelPermalink }}" srcset="{{ (.Resize "480x").RelPermalink }} 480w, {{ (.Resize "800x").RelPermalink }} 800w">{{ end }}{{ end }}
`

// comparePhotos prints what a site of n photographs costs this program and Hugo, in pairs, one after the other, and
// what a TIFF of 300 MB costs this program.
func comparePhotos(dir string, n int) error {
	if err := install(dir); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "photos-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	source, ours, peerSource, theirs := filepath.Join(work, "site"), filepath.Join(work, "ours"), filepath.Join(work, "hugo"), filepath.Join(work, "theirs")
	if err := writePhotos(source, n); err != nil {
		return err
	}
	if err := unpack(work, strings.ReplaceAll(hugoPhotos, "ASSETS", filepath.Join(source, "content/reports"))); err != nil {
		return err
	}
	debug.FreeOSMemory() // a program begins with the memory of the one that starts it
	gongzhi := []string{filepath.Join(dir, "bin/gongzhi"), "build", "--source", source, "--output", ours}
	hugo := []string{filepath.Join(dir, "bin/hugo"), "--quiet", "--noBuildLock", "-s", peerSource, "-c", filepath.Join(source, "content"), "-d", theirs}
	var first, again, peer, peerAgain []result
	var ratios []float64
	for range photoPairs {
		for _, d := range []string{ours, theirs, filepath.Join(source, ".gongzhi"), filepath.Join(peerSource, "resources")} {
			if err := os.RemoveAll(d); err != nil {
				return err
			}
		}
		for _, step := range []struct {
			results *[]result
			argv    []string
		}{{&first, gongzhi}, {&peer, hugo}, {&again, gongzhi}, {&peerAgain, hugo}} {
			r, err := measure(step.argv)
			if err != nil {
				return err
			}
			*step.results = append(*step.results, r)
		}
		ratios = append(ratios, first[len(first)-1].processor/peer[len(peer)-1].processor)
	}
	slices.Sort(ratios)
	_, bytes := count(filepath.Join(source, "content"))
	fmt.Printf("%s。%d 张照片，各 %d×%d 像素，平均 %.1f MB。\n", machine(dir), n, photoW, photoH, float64(bytes)/1e6/float64(n))
	fmt.Printf("\n| 程序 | 每张用处理器 | 全部用时 | 内存峰值 |\n|---|--:|--:|--:|\n")
	for _, row := range []struct {
		name    string
		results []result
	}{{"工志，四种宽度和分享图", first}, {"工志，没有改动", again}, {"Hugo，三种宽度", peer}, {"Hugo，没有改动", peerAgain}} {
		r := median(row.results)
		fmt.Printf("| %s | %.3f 秒 | %.1f 秒 | %.0f MB |\n", row.name, r.processor/float64(n), r.seconds, r.megabytes)
	}
	fmt.Printf("\n处理器时间是 Hugo 的 %.2f 倍（%d 对的中位数，%.2f 到 %.2f）；没有改动时是第一次的 %.1f%%。\n", ratios[len(ratios)/2], photoPairs, ratios[0], ratios[len(ratios)-1],
		100*median(again).processor/median(first).processor)
	return scan(dir, work)
}

// scan prints what a scan of 300 MB costs, with the tiles for looking at it closely.
func scan(dir, work string) error {
	source := filepath.Join(work, "scan")
	folder := filepath.Join(source, "content/photos")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := errors.Join(writeTIFF(filepath.Join(folder, "ditu.tif"), 10_000, 10_000), os.WriteFile(filepath.Join(source, "site.yaml"), []byte("baseURL: https://example.org/\n"), 0o644),
		os.WriteFile(filepath.Join(folder, "ditu.md"), []byte("---\ntitle: 测试地图\nfile: ditu.tif\nalt: 测试用的斑纹\n---\n"), 0o644)); err != nil {
		return err
	}
	r, err := measure([]string{filepath.Join(dir, "bin/gongzhi"), "build", "--source", source, "--output", filepath.Join(work, "scanned")})
	if err == nil {
		fmt.Printf("\n300 MB 的 TIFF（10,000×10,000 像素）做成四种宽度、分享图和放大细看的小块：处理器 %.1f 秒，用时 %.1f 秒，内存峰值 %.0f MB。\n", r.processor, r.seconds, r.megabytes)
	}
	return err
}

// writePhotos makes dir a site's source folder with n reports, each with a photograph.
func writePhotos(dir string, n int) error {
	folder := filepath.Join(dir, "content/reports")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	s := newScene(photoW+margin, photoH+margin)
	for k := range n {
		name := fmt.Sprintf("p%04d", k)
		text := fmt.Sprintf("---\ntitle: 测试图样%d\ndate: 2026-05-01\nimage: %s.jpg\nimage_alt: 计算出来的斑纹，第 %d 号\n---\n\n测试。\n", k+1, name, k+1)
		if err := errors.Join(os.WriteFile(filepath.Join(folder, name+".md"), []byte(text), 0o644), s.photo(filepath.Join(folder, name+".jpg"), uint64(k))); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "site.yaml"), []byte("title: 测试\nbaseURL: https://example.org/\n"), 0o644)
}

// A scene has what photographs have: broad light, edges and texture, in colour. It shows nothing, so that nobody takes
// it for a photograph.
type scene struct {
	w, h         int
	light        []byte
	colour, rest []byte // at half the width and height
}

// newScene draws a scene; the same size gives the same one.
func newScene(w, h int) *scene {
	s := &scene{w: w, h: h, light: make([]byte, w*h), colour: make([]byte, w*h/4), rest: make([]byte, w*h/4)}
	rnd := rand.New(rand.NewPCG(14, 1))
	var fields [6][]int32
	for k := range fields {
		fields[k] = make([]int32, 64*64)
		for i := range fields[k] {
			fields[k][i] = int32(rnd.IntN(256) - 128)
		}
	}
	// A field between its points, which are step pixels from one another; -128 to 128.
	at := func(k, x, y, step int) int32 {
		f := fields[k]
		xi, yi := x/step, y/step
		fx, fy := int32(x%step), int32(y%step)
		p := func(x, y int) int32 { return f[y&63<<6|x&63] }
		n := int32(step)
		return ((p(xi, yi)*(n-fx)+p(xi+1, yi)*fx)/n*(n-fy) + (p(xi, yi+1)*(n-fx)+p(xi+1, yi+1)*fx)/n*fy) / n
	}
	for y := range h {
		for x := range w {
			l := 120 + at(0, x, y, 1300)*3/4 + at(1, x, y, 230)/3 + at(2, x, y, 60)/8 + at(3, x, y, 9)/7 + at(4, x, y, 3)/12
			if at(5, x, y, 400) > 12 { // the outline of a thing
				l = 235 - l*3/4
			}
			s.light[y*w+x] = byte(min(max(l, 4), 251))
			if x&1 == 0 && y&1 == 0 {
				s.colour[y/2*(w/2)+x/2] = byte(128 + at(1, x, y, 900)/3)
				s.rest[y/2*(w/2)+x/2] = byte(128 + at(2, x, y, 700)/3)
			}
		}
	}
	return s
}

// photo writes a piece of the scene as a camera would: with grain, as JPEG of quality 92.
func (s *scene) photo(file string, seed uint64) error {
	rnd := rand.New(rand.NewPCG(seed, 2))
	dx, dy := rnd.IntN(margin/2)*2, rnd.IntN(margin/2)*2
	m := image.NewYCbCr(image.Rect(0, 0, photoW, photoH), image.YCbCrSubsampleRatio420)
	grain := make([]int8, 1<<16)
	for i := range grain {
		grain[i] = int8(rnd.NormFloat64() * 3)
	}
	for y := range photoH {
		src, dst := s.light[(y+dy)*s.w+dx:], m.Y[y*m.YStride:]
		noise := rnd.IntN(len(grain) - photoW)
		for x := range photoW {
			dst[x] = byte(min(max(int(src[x])+int(grain[noise+x]), 0), 255))
		}
	}
	for y := range photoH / 2 {
		from := (y+dy/2)*(s.w/2) + dx/2
		copy(m.Cb[y*m.CStride:y*m.CStride+photoW/2], s.colour[from:])
		copy(m.Cr[y*m.CStride:y*m.CStride+photoW/2], s.rest[from:])
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	return errors.Join(jpeg.Encode(w, m, &jpeg.Options{Quality: 92}), w.Flush(), f.Close())
}

// writeTIFF writes a scan of the size in three colours of eight bits, not packed.
func writeTIFF(file string, w, h int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	le := binary.LittleEndian
	const rows = 16 // of a strip
	strips := (h + rows - 1) / rows
	entries := [][3]int{{256, 4, w}, {257, 4, h}, {258, 3, 0}, {259, 3, 1}, {262, 3, 2}, {273, 4, 0}, {277, 3, 3}, {278, 4, rows}, {279, 4, 0}}
	data := 8 + 2 + 12*len(entries) + 4
	bits, offsets := data, data+6
	sizes := offsets + 4*strips
	pixels := sizes + 4*strips
	head := append([]byte("II*\x00\x08\x00\x00\x00"), byte(len(entries)), 0)
	for _, e := range entries {
		n, v := 1, e[2]
		switch e[0] {
		case 258:
			n, v = 3, bits
		case 273:
			n, v = strips, offsets
		case 279:
			n, v = strips, sizes
		}
		head = le.AppendUint16(le.AppendUint16(head, uint16(e[0])), uint16(e[1]))
		head = le.AppendUint32(le.AppendUint32(head, uint32(n)), uint32(v))
	}
	head = append(head, 0, 0, 0, 0, 8, 0, 8, 0, 8, 0)
	for k := range strips {
		head = le.AppendUint32(head, uint32(pixels+k*rows*w*3))
	}
	for k := range strips {
		head = le.AppendUint32(head, uint32(min(rows, h-k*rows)*w*3))
	}
	_, err = out.Write(head)
	rnd := rand.New(rand.NewPCG(3, 3))
	row := make([]byte, 3*w)
	for y := range h {
		tint := byte(y / 40)
		for i := range row {
			row[i] = byte(i/90)/2 + tint + byte(rnd.Uint32()&15)
		}
		if err == nil {
			_, err = out.Write(row)
		}
	}
	return errors.Join(err, out.Flush(), f.Close())
}
