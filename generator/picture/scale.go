package picture

import "math"

// A scaler makes one plane of samples smaller, row by row: whole pictures need not be held. The kernel is that of
// Catmull and Rom (B = 0, C = 1/2 in Mitchell and Netravali, "Reconstruction Filters in Computer Graphics", 1988),
// widened by the ratio, so that every sample of the source counts and edges stay sharp.
type scaler struct {
	channels   int
	dstW, dstH int
	columns    []taps    // of the source, for each column of the result
	rows       [][]share // for each row of the source, the rows of the result that it is part of
	line       []int16   // a row of the source at the width of the result, 64 to a step
	open       []int32   // sums of the rows of the result that are not complete
	slots      int
	last       []int32 // the last row of the source for each row of the result
	y, out     int
	done       []byte
	emit       func(row []byte) // gets the rows of the result, good until it returns
}

type taps struct {
	first   int32
	weights []int32 // 1<<14 together
}

type share struct {
	row    int32
	weight int32
}

const one = 1 << 14

func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// weigh gives the taps for n results out of m samples, of which extent (at most m) are the picture's: a plane of
// colours at half the width of an odd one holds half a sample more.
func weigh(m, n int, extent float64) []taps {
	ratio := extent / float64(n)
	wide := max(ratio, 1)
	all := make([]taps, n)
	for i := range all {
		centre := (float64(i)+0.5)*ratio - 0.5
		from := max(int(math.Ceil(centre-2*wide)), 0)
		to := min(int(math.Floor(centre+2*wide)), m-1)
		from = min(from, to)
		sum := 0.0
		w := make([]float64, to-from+1)
		for k := range w {
			w[k] = catmullRom((float64(from+k) - centre) / wide)
			sum += w[k]
		}
		t := taps{first: int32(from), weights: make([]int32, len(w))}
		rest, most := int32(one), 0
		for k := range w {
			t.weights[k] = int32(math.Round(w[k] / sum * one))
			rest -= t.weights[k]
			if t.weights[k] > t.weights[most] {
				most = k
			}
		}
		t.weights[most] += rest
		// Only of what is made smaller do the taps still come in order without those of no weight.
		for ratio >= 1 && len(t.weights) > 1 && t.weights[len(t.weights)-1] == 0 {
			t.weights = t.weights[:len(t.weights)-1]
		}
		for ratio >= 1 && len(t.weights) > 1 && t.weights[0] == 0 {
			t.weights, t.first = t.weights[1:], t.first+1
		}
		all[i] = t
	}
	return all
}

// newScaler scales a plane of srcW × srcH samples of some channels each; extentW and extentH are how much of it the
// picture covers.
func newScaler(channels, srcW, srcH, dstW, dstH int, extentW, extentH float64, emit func(row []byte)) *scaler {
	s := &scaler{channels: channels, dstW: dstW, dstH: dstH, emit: emit}
	s.columns = weigh(srcW, dstW, extentW)
	s.rows = make([][]share, srcH)
	s.last = make([]int32, dstH)
	first, oldest := 0, 0
	for y, t := range weigh(srcH, dstH, extentH) {
		for k, w := range t.weights {
			at := int(t.first) + k
			s.rows[at] = append(s.rows[at], share{int32(y), w})
		}
		s.last[y] = t.first + int32(len(t.weights)) - 1
		// As many sums are open at once as rows of the result begin before the first of them ends.
		first = int(t.first)
		for int(s.last[oldest]) < first {
			oldest++
		}
		s.slots = max(s.slots, y-oldest+1)
	}
	s.line = make([]int16, dstW*channels)
	s.open = make([]int32, s.slots*dstW*channels)
	s.done = make([]byte, dstW*channels)
	return s
}

// push takes the next row of the source.
func (s *scaler) push(row []byte) {
	if s.y >= len(s.rows) {
		return
	}
	shares := s.rows[s.y]
	if len(shares) > 0 {
		s.across(row)
		n := s.dstW * s.channels
		for _, sh := range shares {
			at := int(sh.row) % s.slots * n
			sums := s.open[at : at+n]
			line := s.line[:n]
			w := sh.weight
			for i, v := range line {
				sums[i] += w * int32(v)
			}
		}
	}
	for s.out < s.dstH && int(s.last[s.out]) <= s.y {
		n := s.dstW * s.channels
		at := s.out % s.slots * n
		sums := s.open[at : at+n]
		for i, v := range sums {
			v = (v + 1<<19) >> 20
			if uint32(v) > 255 {
				v = ^(v >> 31) & 255
			}
			s.done[i] = byte(v)
		}
		clear(sums)
		s.emit(s.done)
		s.out++
	}
	s.y++
}

// across scales a row in its width.
func (s *scaler) across(row []byte) {
	switch s.channels {
	case 1:
		for x := range s.columns {
			t := &s.columns[x]
			w := t.weights
			src := row[t.first:]
			src = src[:len(w)]
			sum := int32(128)
			for k, c := range w {
				sum += c * int32(src[k])
			}
			s.line[x] = int16(sum >> 8)
		}
	case 3:
		for x := range s.columns {
			t := &s.columns[x]
			src := row[int(t.first)*3:]
			r, g, b := int32(128), int32(128), int32(128)
			for _, c := range t.weights {
				p := src[:3:3]
				r += c * int32(p[0])
				g += c * int32(p[1])
				b += c * int32(p[2])
				src = src[3:]
			}
			l := s.line[x*3 : x*3+3 : x*3+3]
			l[0], l[1], l[2] = int16(r>>8), int16(g>>8), int16(b>>8)
		}
	default:
		n := s.channels
		for x := range s.columns {
			t := &s.columns[x]
			for ch := range n {
				sum := int32(128)
				at := int(t.first)*n + ch
				for _, c := range t.weights {
					sum += c * int32(row[at])
					at += n
				}
				s.line[x*n+ch] = int16(sum >> 8)
			}
		}
	}
}

// plane is samples held in memory.
type plane struct {
	w, h, channels int
	stride         int
	pix            []byte
}

func newPlane(w, h, channels int) plane {
	return plane{w, h, channels, w * channels, make([]byte, w*h*channels)}
}

func (p plane) row(y int) []byte { return p.pix[y*p.stride : y*p.stride+p.w*p.channels] }

// scaled makes a plane of another size of a plane, of which the picture covers extentW × extentH.
func (p plane) scaled(w, h int, extentW, extentH float64) plane {
	if w == p.w && h == p.h {
		return p
	}
	q := newPlane(w, h, p.channels)
	at := 0
	s := newScaler(p.channels, p.w, p.h, w, h, extentW, extentH, func(row []byte) {
		at += copy(q.pix[at:], row)
	})
	for y := range p.h {
		s.push(p.row(y))
	}
	return q
}

// turned is the plane put upright: as if orientation (1 to 8, as in Exif) said how it lies.
func (p plane) turned(orientation int) plane {
	if orientation <= 1 || orientation > 8 {
		return p
	}
	w, h := p.w, p.h
	if orientation >= 5 {
		w, h = h, w
	}
	q := newPlane(w, h, p.channels)
	n := p.channels
	for y := range h {
		row := q.row(y)
		for x := range w {
			var sx, sy int
			switch orientation {
			case 2:
				sx, sy = w-1-x, y
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sx, sy = x, h-1-y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			at := sy*p.stride + sx*n
			copy(row[x*n:x*n+n], p.pix[at:at+n])
		}
	}
	return q
}
