package picture

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// light is the linear light of a sample in sRGB (IEC 61966-2-1), 0 to 1.
func light(v float64) float64 {
	if v /= 255; v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func unlight(v float64) float64 {
	if v = min(max(v, 0), 1); v <= 0.0031308 {
		return v * 12.92 * 255
	}
	return (1.055*math.Pow(v, 1/2.4) - 0.055) * 255
}

// grid is samples of one channel, 0 to 255.
type grid struct {
	w, h int
	v    []float64
}

func gridOf(m *image.Gray) grid {
	g := grid{m.Rect.Dx(), m.Rect.Dy(), nil}
	for y := range g.h {
		for x := range g.w {
			g.v = append(g.v, float64(m.GrayAt(x, y).Y))
		}
	}
	return g
}

// resampled is the grid at another size by a kernel of some radius, in linear light if so wanted: the reference, in floating
// point and with nothing of the code that is tested.
func (g grid) resampled(w, h int, radius float64, kernel func(float64) float64, linear bool) grid {
	across := func(src []float64, n, m int, at func(i, line int) int, lines int, put func(i, line int, v float64)) {
		ratio := float64(n) / float64(m)
		for i := range m {
			centre := (float64(i)+0.5)*ratio - 0.5
			from, to := max(int(math.Ceil(centre-radius*ratio)), 0), min(int(math.Floor(centre+radius*ratio)), n-1)
			var weights []float64
			sum := 0.0
			for k := from; k <= to; k++ {
				weights = append(weights, kernel((float64(k)-centre)/ratio))
				sum += weights[k-from]
			}
			for line := range lines {
				v := 0.0
				for k, weight := range weights {
					v += weight * src[at(from+k, line)]
				}
				put(i, line, v/sum)
			}
		}
	}
	src := make([]float64, len(g.v))
	for i, v := range g.v {
		if src[i] = v; linear {
			src[i] = light(v)
		}
	}
	half := make([]float64, w*g.h)
	across(src, g.w, w, func(i, y int) int { return y*g.w + i }, g.h, func(i, y int, v float64) { half[y*w+i] = v })
	out := grid{w, h, make([]float64, w*h)}
	across(half, g.h, h, func(i, x int) int { return i*w + x }, w, func(i, x int, v float64) {
		if linear {
			v = unlight(v)
		}
		out.v[i*w+x] = min(max(v, 0), 255)
	})
	return out
}

func lanczos(x float64) float64 {
	if x = math.Abs(x) * math.Pi; x == 0 {
		return 1
	} else if x >= 3*math.Pi {
		return 0
	}
	return 3 * math.Sin(x) * math.Sin(x/3) / (x * x)
}

// ssim is the mean structural similarity of two grids (Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment", 2004), in
// windows of 8 by 8.
func ssim(a, b grid) float64 {
	const side, step, c1, c2 = 8, 4, (0.01 * 255) * (0.01 * 255), (0.03 * 255) * (0.03 * 255)
	all, n := 0.0, 0.0
	for y := 0; y+side <= a.h; y += step {
		for x := 0; x+side <= a.w; x += step {
			var sa, sb, saa, sbb, sab float64
			for dy := range side {
				for dx := range side {
					p, q := a.v[(y+dy)*a.w+x+dx], b.v[(y+dy)*a.w+x+dx]
					sa, sb, saa, sbb, sab = sa+p, sb+q, saa+p*p, sbb+q*q, sab+p*q
				}
			}
			const k = side * side
			ma, mb := sa/k, sb/k
			va, vb, cov := saa/k-ma*ma, sbb/k-mb*mb, sab/k-ma*mb
			all += (2*cov + c2) / (va + vb + c2) * (2*ma*mb + c1) / (ma*ma + mb*mb + c1)
			n++
		}
	}
	return all / n
}

// patterns are what is hard to make smaller: the strokes of print, a photograph's texture and grain, fine lines that fan out.
func patterns(w, h int) map[string]*image.Gray {
	rnd := rand.New(rand.NewPCG(8, 14))
	print, fan := image.NewGray(image.Rect(0, 0, w, h)), image.NewGray(image.Rect(0, 0, w, h))
	for i := range print.Pix {
		print.Pix[i], fan.Pix[i] = 244, 250
	}
	for y := 20; y+30 < h; y += 44 {
		for x := 20; x+28 < w; x += 32 { // a sign of strokes, three pixels wide
			for range 7 {
				at, from, to := rnd.IntN(24), rnd.IntN(12), 14+rnd.IntN(14)
				across := rnd.IntN(2) == 0
				for k := from; k < to; k++ {
					for thick := range 3 {
						if across {
							print.SetGray(x+k, y+at+thick, color.Gray{Y: 24})
						} else {
							print.SetGray(x+at+thick, y+k, color.Gray{Y: 24})
						}
					}
				}
			}
		}
	}
	for y := range h {
		for x := range w {
			angle := math.Atan2(float64(y+40), float64(x+40)) * 60
			fan.SetGray(x, y, color.Gray{Y: byte(135 + 110*math.Tanh(3*math.Sin(angle)))})
		}
	}
	photo := scene(w, h, 7)
	return map[string]*image.Gray{"print": print, "lines": fan, "photo": {Pix: photo.Y, Stride: photo.YStride, Rect: photo.Rect}}
}

// TestSharp: what is made smaller, step by step as Make does it, is as like the reference as a good kernel makes it, and liker than averaging
// makes it, which is what soft pictures come from. The reference is Lanczos's kernel of radius 3; once of the samples as they are, to
// see the sharpness alone, and once in linear light.
//
// The scaler does not go to linear light: that makes dark strokes on white paper thinner and paler, and what an archive shows is for
// the most part print. What it would change is seen in the second figure, and is no more than this.
func TestSharp(t *testing.T) {
	const w, h = 640, 480
	box := func(float64) float64 { return 1 }
	for name, m := range patterns(w, h) {
		src := gridOf(m)
		c := &canvas{kind: gray, planes: []plane{{w: w, h: h, channels: 1, stride: m.Stride, pix: m.Pix}}}
		for _, size := range []Size{{400, 300}, {200, 150}} {
			c = c.scaled(size.Width, size.Height)
			got := gridOf(c.image().(*image.Gray))
			want := src.resampled(size.Width, size.Height, 3, lanczos, false)
			like := ssim(got, want)
			soft := ssim(src.resampled(size.Width, size.Height, 0.5, box, false), want)
			inLight := ssim(got, src.resampled(size.Width, size.Height, 3, lanczos, true))
			if like < 0.995 || like <= soft || inLight < 0.94 {
				t.Errorf("%s %v: %.4f like the reference, averaged %.4f, in linear light %.4f", name, size, like, soft, inLight)
			}
		}
	}
}
