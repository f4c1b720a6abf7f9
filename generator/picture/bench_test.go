package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// scene makes a picture with what photographs have: broad light, edges, texture, grain.
func scene(w, h int, seed uint64) *image.YCbCr {
	rnd := rand.New(rand.NewPCG(seed, 14))
	m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	var grid [9][65 * 65]float64
	for k := range grid {
		for i := range grid[k] {
			grid[k][i] = rnd.Float64() - 0.5
		}
	}
	noise := func(k int, x, y float64) float64 {
		xi, yi := int(x), int(y)
		fx, fy := x-float64(xi), y-float64(yi)
		at := func(x, y int) float64 { return grid[k][(y&63)*65+x&63] }
		return (at(xi, yi)*(1-fx)+at(xi+1, yi)*fx)*(1-fy) + (at(xi, yi+1)*(1-fx)+at(xi+1, yi+1)*fx)*fy
	}
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			l := 0.45 + 0.3*v + 0.9*noise(0, u*3, v*3) + 0.4*noise(1, u*17, v*17) + 0.12*noise(2, u*61, v*61)
			if noise(3, u*7, v*7) > 0.1 {
				l = 0.9 - 0.7*l
			}
			l += 0.05*noise(4, u*400, v*400) + 0.012*(float64(grid[5][(x*31+y*57)%4225]))
			m.Y[y*m.YStride+x] = byte(min(max(l, 0), 1)*219 + 16)
			if x&1 == 0 && y&1 == 0 {
				at := y/2*m.CStride + x/2
				m.Cb[at] = byte(128 + 60*noise(6, u*5, v*5) + 6*math.Sin(u*90))
				m.Cr[at] = byte(128 + 60*noise(7, u*5, v*5))
			}
		}
	}
	return m
}

func sceneJPEG(t testing.TB, w, h, quality int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, scene(w, h, seed), &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// BenchmarkPhoto makes all pictures of one of 12 megapixels.
func BenchmarkPhoto(b *testing.B) {
	src := sceneJPEG(b, 4032, 3024, 92, 1)
	r := bytes.NewReader(src)
	i, err := Inspect(r, r.Size())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		n := 0
		if err := Make(r, i, i.Plan(false), func(_ int, out []byte) error { n += len(out); return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n), "out")
	}
}

func BenchmarkDecode(b *testing.B) {
	src := sceneJPEG(b, 4032, 3024, 92, 1)
	for range b.N {
		if _, err := jpeg.Decode(bytes.NewReader(src)); err != nil {
			b.Fatal(err)
		}
	}
}
