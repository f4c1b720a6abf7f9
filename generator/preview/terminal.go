package preview

import (
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"rsc.io/qr"

	"gongzhi/generator/content"
	"gongzhi/generator/site"
)

// report is the one line that a change gets on the terminal: what changed, how many pages it touches, how
// long it took.
func report(before, after *state, took time.Duration) string {
	ms := fmt.Sprintf("%d 毫秒", took.Milliseconds())
	clock := time.Now().Format("15:04:05")
	if after.err != nil {
		return fmt.Sprintf("%s ✗ %v（%s）", clock, after.err, ms)
	}
	what, pages := "网站", 0
	if before != nil && before.gen != nil {
		what, pages = touched(before, after)
	}
	line := fmt.Sprintf("%s ✓ %s", clock, what)
	if pages > 0 {
		line += fmt.Sprintf("，涉及约 %d 页", pages)
	}
	line += "，" + ms
	if n := after.gen.Diags.Errors(); n > 0 {
		line = strings.Replace(line, "✓", "✗", 1) + fmt.Sprintf("，%d 个错误：", n)
		shown := 0
		for _, m := range after.gen.Diags {
			if m.Severity == 0 && shown < 3 {
				line += "\n  " + m.String()
				shown++
			}
		}
		if n > shown {
			line += fmt.Sprintf("\n  还有 %d 个，见 /_preview/", n-shown)
		}
	}
	return line
}

// touched says what differs between two states and about how many pages show it: those of the records that
// changed, of the records that they refer to, that refer to them and that stand next to them, and the lists
// they are in.
func touched(before, after *state) (what string, pages int) {
	a, b := before.gen, after.gen
	if a.Settings != b.Settings && !sameSettings(*a.Settings, *b.Settings) {
		return "site.yaml", len(b.Set.Records)
	}
	if a.Theme.Digest != b.Theme.Digest {
		return "主题", len(b.Set.Records)
	}
	shown := map[string]bool{}
	note := func(s *site.Site, r *content.Record) {
		at := s.Of(r)
		if at == nil {
			return
		}
		add := func(r *site.Record) {
			if r != nil {
				url, _, _ := strings.Cut(r.URL, "#")
				shown[url] = true
			}
		}
		add(at)
		add(at.Prev)
		add(at.Next)
		for _, rel := range at.Inverse {
			for _, r := range rel.Records {
				add(r)
			}
		}
		for i := range r.Values {
			r.Values[i].Each(func(v *content.Value) { add(at.Target(v)) })
		}
		shown[site.ListURL(r.Schema.Key, 1)] = true
	}
	var names []string
	seen := map[string]bool{}
	name := func(r *content.Record) {
		if p := strings.TrimPrefix(r.Path, "content/"); !seen[p] {
			seen[p] = true
			names = append(names, p)
		}
	}
	gone, fresh := differ(a.Set.Records, b.Set.Records)
	for _, r := range fresh {
		name(r)
		note(b.Site, r)
	}
	for _, r := range gone { // removed, or as it was before
		name(r)
		note(a.Site, r)
	}
	switch n := len(names); {
	case n == 1:
		what = names[0]
	case n > 1:
		what = fmt.Sprintf("%d 个文件", n)
	case len(after.assets) > 0:
		what = after.assets[0]
	case len(after.files) == 1:
		what = strings.TrimPrefix(after.files[0], "content/")
	case len(after.files) > 1:
		what = fmt.Sprintf("%d 个文件", len(after.files))
	default:
		what = "到了一条记录的时间"
	}
	return what, len(shown)
}

// code draws a QR code with half blocks, dark on light whatever the terminal's colours, with the quiet zone
// of four modules that ISO/IEC 18004 asks for.
func code(text string) (string, error) {
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	const margin = 4
	for y := -margin; y < c.Size+margin; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -margin; x < c.Size+margin; x++ {
			switch up, down := c.Black(x, y), c.Black(x, y+1); {
			case up && down:
				b.WriteString("█")
			case up:
				b.WriteString("▀")
			case down:
				b.WriteString("▄")
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// OpenBrowser shows a URL of ours in the reader's browser, if there is a display. What becomes of it is the
// browser's affair: the URL stands on the terminal too.
func OpenBrowser(url string) {
	var cmd *exec.Cmd
	switch runtime.GOOS {
	case "darwin":
		cmd = exec.Command("open", url)
	case "windows":
		cmd = exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return
		}
		cmd = exec.Command("xdg-open", url)
	}
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }() // so that it leaves no zombie
	}
}

// quietLog swallows what net/http says about clients that speak no HTTP or go away.
func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
