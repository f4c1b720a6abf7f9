package picture

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Of SVG only what can be seen is published: shapes, text and paint. Whatever could run, load something, or lead away
// is refused, and what drawing programs write for themselves is left out.

const maxSVG = 8 << 20

var svgElements = map[string]bool{}
var svgAttributes = map[string]bool{}

func init() {
	for _, n := range strings.Fields(`svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath
		linearGradient radialGradient stop pattern clipPath mask marker filter switch style
		feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood
		feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence`) {
		svgElements[n] = true
	}
	for _, n := range strings.Fields(`id class style x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points width height viewBox preserveAspectRatio version transform
		gradientUnits gradientTransform spreadMethod offset patternUnits patternContentUnits patternTransform clipPathUnits maskUnits maskContentUnits
		markerWidth markerHeight markerUnits refX refY orient filterUnits primitiveUnits rotate textLength lengthAdjust startOffset method spacing pathLength
		in in2 result stdDeviation type values mode operator k1 k2 k3 k4 order kernelMatrix divisor bias targetX targetY edgeMode kernelUnitLength preserveAlpha
		surfaceScale diffuseConstant specularConstant specularExponent azimuth elevation pointsAtX pointsAtY pointsAtZ limitingConeAngle scale xChannelSelector
		yChannelSelector tableValues slope intercept amplitude exponent baseFrequency numOctaves seed stitchTiles radius z role aria-label aria-labelledby
		fill fill-opacity fill-rule stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
		opacity color display visibility overflow clip-path clip-rule mask filter marker marker-start marker-mid marker-end stop-color stop-opacity flood-color
		flood-opacity lighting-color font-family font-size font-size-adjust font-stretch font-style font-variant font-weight letter-spacing word-spacing
		text-anchor text-decoration text-rendering dominant-baseline alignment-baseline baseline-shift direction writing-mode shape-rendering image-rendering
		color-interpolation color-interpolation-filters vector-effect paint-order mix-blend-mode isolation`) {
		svgAttributes[n] = true
	}
}

const svgSpace = "http://www.w3.org/2000/svg"

func refusedSVG(why string) error {
	return fault("image/svg", "这个 SVG 里有%s，不能发布。请在绘图程序里另存为“普通 SVG”，去掉它；或另存为 PNG。", why)
}

// cleanSVG copies a drawing, as far as it can only be seen.
func cleanSVG(w io.Writer, r io.Reader) error {
	_, _, err := walkSVG(w, r)
	return err
}

func (i *Info) readSVG(r io.ReaderAt) error {
	if i.Size > maxSVG {
		return fault("image/svg", "这个 SVG 有 %.1f MB，太大了。请另存为 PNG。", float64(i.Size)/(1<<20))
	}
	var err error
	i.Width, i.Height, err = walkSVG(nil, section(r, 0, i.Size))
	i.Alpha = true
	return err
}

// walkSVG reads an SVG and writes to w, if it is not nil, what of it is harmless. What could run or load anything is refused.
func walkSVG(w io.Writer, r io.Reader) (width, height int, err error) {
	dec := xml.NewDecoder(bufio.NewReader(r))
	dec.Strict = true
	dec.Entity = map[string]string{}
	if w == nil {
		w = io.Discard
	}
	s := &svgWalk{out: bufio.NewWriter(w)}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, 0, fault("image/svg", "这个 SVG 不是完好的 XML（%v）。请重新导出。", err)
		}
		switch t := tok.(type) {
		case xml.Directive:
			if strings.Contains(string(t), "ENTITY") || strings.Contains(string(t), "[") {
				err = refusedSVG("自定义的实体（ENTITY）")
			}
		case xml.StartElement:
			err = s.begin(t)
		case xml.EndElement:
			err = s.end()
		case xml.CharData:
			err = s.text(t)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	if s.width <= 0 || s.height <= 0 {
		return 0, 0, fault("image/svg", "这个 SVG 没有写大小（width 和 height，或 viewBox）。请重新导出。")
	}
	return s.width, s.height, s.out.Flush()
}

// svgWalk is a walk through an SVG.
type svgWalk struct {
	out           *bufio.Writer
	width, height int
	open          []string
	skip          int // depth within an element that is left out
	style         strings.Builder
}

func (s *svgWalk) begin(t xml.StartElement) error {
	name := t.Name.Local
	low := strings.ToLower(name)
	if s.skip > 0 {
		s.skip++
		if low == "script" || low == "foreignobject" {
			return refusedSVG("脚本")
		}
		return nil
	}
	switch {
	case low == "script" || low == "handler" || low == "foreignobject" || low == "iframe" || low == "embed" || low == "object":
		return refusedSVG("脚本或网页片段（" + name + "）")
	case low == "a" || low == "image" || low == "feimage":
		return refusedSVG("链接或别处的图片（" + name + "）")
	case low == "animate" || low == "set" || strings.HasPrefix(low, "animate"):
		return refusedSVG("动画（" + name + "）")
	}
	first := len(s.open) == 0
	switch known := (t.Name.Space == svgSpace || t.Name.Space == "") && svgElements[name]; {
	case first && (!known || name != "svg"):
		return fault("image/svg", "这个文件不是 SVG 图。")
	case !known:
		s.skip = 1
		return nil
	case len(s.open) > 500:
		return refusedSVG("五百层以上的嵌套")
	}
	s.out.WriteString("<" + name)
	if first {
		s.width, s.height = sizeSVG(t.Attr)
		s.out.WriteString(` xmlns="` + svgSpace + `"`)
	}
	for _, a := range t.Attr {
		if err := s.attribute(a); err != nil {
			return err
		}
	}
	s.out.WriteString(">")
	s.open = append(s.open, name)
	s.style.Reset()
	return nil
}

func (s *svgWalk) attribute(a xml.Attr) error {
	key := a.Name.Local
	low := strings.ToLower(key)
	switch {
	case strings.HasPrefix(low, "on"):
		return refusedSVG("脚本（" + key + "）")
	case low == "href":
		if !strings.HasPrefix(strings.TrimSpace(a.Value), "#") {
			return refusedSVG("指到图外的链接（" + key + "）")
		}
		writeAttr(s.out, "href", strings.TrimSpace(a.Value))
	case a.Name.Space != "" || !svgAttributes[key]:
	case !harmless(a.Value):
		return refusedSVG("指到图外的引用（" + key + "）")
	default:
		writeAttr(s.out, key, a.Value)
	}
	return nil
}

func (s *svgWalk) end() error {
	if s.skip > 0 {
		s.skip--
		return nil
	}
	name := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	if name == "style" {
		if !harmless(s.style.String()) {
			return refusedSVG("指到图外的样式")
		}
		if err := xml.EscapeText(s.out, []byte(s.style.String())); err != nil {
			return err
		}
	}
	s.out.WriteString("</" + name + ">")
	return nil
}

func (s *svgWalk) text(t xml.CharData) error {
	switch {
	case s.skip > 0 || len(s.open) == 0:
		return nil
	case s.open[len(s.open)-1] == "style":
		s.style.Write(t)
		return nil
	}
	return xml.EscapeText(s.out, t)
}

func writeAttr(out *bufio.Writer, key, value string) {
	out.WriteString(" " + key + `="`)
	// What is written to a bufio.Writer tells its errors when it is flushed.
	_ = xml.EscapeText(out, []byte(value))
	out.WriteString(`"`)
}

// harmless reports whether a value or a style loads nothing from elsewhere.
func harmless(v string) bool {
	v = strings.ToLower(v)
	if strings.ContainsAny(v, "\\@") || strings.Contains(v, "expression") || strings.Contains(v, "javascript:") || strings.Contains(v, "image-set") || strings.Contains(v, "src(") {
		return false
	}
	for {
		_, rest, found := strings.Cut(v, "url(")
		if !found {
			return true
		}
		v = strings.TrimLeft(rest, " \t\r\n\"'")
		if !strings.HasPrefix(v, "#") {
			return false
		}
	}
}

// sizeSVG is the size that a drawing says it has, in CSS pixels.
func sizeSVG(attrs []xml.Attr) (w, h int) {
	var box []string
	length := func(v string) float64 {
		v = strings.TrimSpace(v)
		unit := strings.TrimLeft(v, "0123456789.+-eE ")
		n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(v, unit)), 64)
		if err != nil || n <= 0 || n > 1e6 {
			return 0
		}
		units := []string{"", "px", "pt", "pc", "mm", "cm", "in"}
		factors := []float64{1, 1, 4.0 / 3, 16, 96 / 25.4, 96 / 2.54, 96}
		if k := slices.Index(units, strings.ToLower(strings.TrimSpace(unit))); k >= 0 {
			return n * factors[k]
		}
		return 0
	}
	var fw, fh float64
	for _, a := range attrs {
		switch a.Name.Local {
		case "width":
			fw = length(a.Value)
		case "height":
			fh = length(a.Value)
		case "viewBox":
			box = strings.FieldsFunc(a.Value, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' })
		}
	}
	if len(box) == 4 {
		bw, bh := length(box[2]), length(box[3])
		switch {
		case bw <= 0 || bh <= 0:
		case fw <= 0 && fh <= 0:
			fw, fh = bw, bh
		case fw <= 0:
			fw = fh * bw / bh
		case fh <= 0:
			fh = fw * bh / bw
		}
	}
	return int(fw + 0.5), int(fh + 0.5)
}
