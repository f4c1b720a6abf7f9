package page

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// point is one value of a chart.
type point struct {
	label   string // year
	value   float64
	printed string // the value as the source prints it
}

// chart draws values as horizontal bars: labels and numbers of any length stay legible, on paper and on a
// narrow screen, and no axis has to be read. The table below it holds the same numbers. Colours are the
// style sheet's. No points, no chart.
func chart(id, title string, points []point) string {
	if len(points) == 0 {
		return ""
	}
	top, labels := 0.0, 0
	for _, p := range points {
		top = max(top, p.value)
		labels = max(labels, textWidth(p.label))
	}
	if top <= 0 {
		return ""
	}
	const row, bar, width, size = 28, 14, 480, 15
	left := float64(labels*size)*0.56 + 14
	right := 0
	for _, p := range points {
		right = max(right, textWidth(p.printed))
	}
	room := width - left - float64(right*size)*0.56 - 16
	height := row*len(points) + 8
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="%s-t">`, width, height, width, height, id)
	var says []string
	for _, p := range points {
		says = append(says, p.label+"："+p.printed)
	}
	fmt.Fprintf(&b, `<title id="%s-t">%s。%s</title>`, id, esc(title), esc(strings.Join(says, "；")))
	fmt.Fprintf(&b, `<line class="chart-axis" x1="%.1f" y1="2" x2="%.1f" y2="%d"/>`, left, left, height-2)
	for i, p := range points {
		y := 4 + i*row
		w := max(1, room*max(p.value, 0)/top)
		fmt.Fprintf(&b, `<text class="chart-label" x="%.1f" y="%d" text-anchor="end">%s</text>`, left-8, y+row/2+5, esc(p.label))
		fmt.Fprintf(&b, `<rect class="chart-bar" x="%.1f" y="%d" width="%.1f" height="%d"/>`, left, y+(row-bar)/2, w, bar)
		fmt.Fprintf(&b, `<text class="chart-value" x="%.1f" y="%d">%s</text>`, left+w+7, y+row/2+5, esc(p.printed))
	}
	b.WriteString("</svg>")
	return b.String()
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
