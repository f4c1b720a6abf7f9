package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// point is one value of a chart.
type point struct {
	label   string  // year
	at      float64 // the same as a number, with its part of the year
	value   float64
	printed string // the value as the source prints it
	when    string // the date as it is shown
}

// The size of a chart, in units of its drawing.
const (
	chartWidth, chartHeight = 480, 172
	chartTop, chartFoot     = 34, 132 // where the highest value ends, and where all stand
	chartSide, chartSize    = 30, 15  // margins, and the height of letters
)

// chart draws values over time: each stands on a line of time at its year, so that what lies far apart is far apart, and is as
// high as it is. Values are written where there is room, the last and the first before others. The table below holds the
// same numbers. Colours are the style sheet's. Fewer than two points, no chart. Without labels it is a small one for lists.
func chart(id, title string, points []point, labels bool) template.HTML {
	if len(points) < 2 {
		return ""
	}
	top, from, to := 0.0, points[0].at, points[0].at
	for _, p := range points {
		top, from, to = max(top, p.value), min(from, p.at), max(to, p.at)
	}
	if top <= 0 || to <= from {
		return ""
	}
	x := func(p point) float64 {
		return chartSide + (chartWidth-2*chartSide)*(p.at-from)/(to-from)
	}
	y := func(p point) float64 { return chartFoot - (chartFoot-chartTop)*max(p.value, 0)/top }
	var b strings.Builder
	says := make([]string, len(points))
	for i, p := range points {
		says[i] = p.label + "：" + p.printed
	}
	head := `role="img" aria-labelledby="` + id + `-t"><title id="` + id + `-t">` + esc(title) + "。" + esc(strings.Join(says, "；")) + "</title>"
	height := chartHeight
	if !labels { // what it shows is said beside it
		head, height = `aria-hidden="true">`, chartFoot+8
	}
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %d %d" %s`, chartWidth, height, head)
	fmt.Fprintf(&b, `<path class="chart-axis" d="M0 %d.5H%d`, chartFoot, chartWidth)
	for year := (int(from)/10 + 1) * 10; year <= int(to) && to-from <= 200; year += 10 {
		fmt.Fprintf(&b, "M%.1f %dv5", x(point{at: float64(year)}), chartFoot)
	}
	b.WriteString(`"/>`)
	if len(points) > 2 {
		b.WriteString(`<polyline class="chart-line" points="`)
		for _, p := range points {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(p), y(p))
		}
		b.WriteString(`"/>`)
	}
	for _, p := range points {
		fmt.Fprintf(&b, `<path class="chart-stem" d="M%.1f %dV%.1f"/><circle class="chart-dot" cx="%.1f" cy="%.1f" r="5"/>`, x(p), chartFoot, y(p), x(p), y(p))
	}
	if labels {
		place := func(text string, p point) (mid, half float64) {
			half = float64(textWidth(text)*chartSize) * 0.28
			return min(max(x(p), half), chartWidth-half), half
		}
		// crossed tells whether the stem of another point goes through a text.
		crossed := func(text string, p point, level float64) bool {
			mid, half := place(text, p)
			return slices.ContainsFunc(points, func(q point) bool { return x(q) != x(p) && math.Abs(x(q)-mid) < half+6 && y(q) < level })
		}
		write := func(class, text string, p point, level float64, taken *[][3]float64) {
			mid, half := place(text, p)
			for _, t := range *taken {
				if mid-half < t[1]+8 && mid+half > t[0]-8 && level < t[2]+chartSize+5 && level > t[2]-chartSize-5 {
					return
				}
			}
			*taken = append(*taken, [3]float64{mid - half, mid + half, level})
			fmt.Fprintf(&b, `<text class="%s" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, class, mid, level, esc(text))
		}
		var values, years [][3]float64
		for _, i := range firstLabels(points) {
			text, level := points[i].printed, y(points[i])-11
			if crossed(text, points[i], level) { // without what is said of the number
				text, _, _ = strings.Cut(text, "（")
			}
			if !crossed(text, points[i], level) {
				write("chart-value", text, points[i], level, &values)
			}
			write("chart-label", points[i].label, points[i], chartFoot+24, &years)
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// firstLabels are the points in the order in which they get labels: the last, the first, the highest, the others.
func firstLabels(points []point) []int {
	high := 0
	for i, p := range points {
		if p.value > points[high].value {
			high = i
		}
	}
	order := []int{len(points) - 1, 0}
	if high != 0 && high != len(points)-1 {
		order = append(order, high)
	}
	for i := 1; i < len(points)-1; i++ {
		if i != high {
			order = append(order, i)
		}
	}
	return order
}

// textWidth is the width of a text in half-width cells.
func textWidth(s string) int {
	n := 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		n++
		if r >= 0x2e80 {
			n++
		}
		s = s[size:]
	}
	return n
}
