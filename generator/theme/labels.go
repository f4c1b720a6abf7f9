package theme

import (
	"encoding/json"
	"errors"
	"html"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"gongzhi/generator/diag"
	"gongzhi/generator/folder"
)

// Language says in which language the interface is, by the name of a file labels/NAME.yaml of the theme. The zero value is the language that the
// templates are written in.
type Language struct {
	Name string
	Pos  diag.Pos // where that is written
}

// labels reads the texts of the interface, the default theme's and over them those of the theme of folder name.
func (l Language) labels(base, overlay fs.FS, name string) (map[string]string, diag.List) {
	if l.Name == "" {
		return nil, nil
	}
	var diags diag.List
	texts, found := map[string]string{}, false
	for i, fsys := range []fs.FS{base, overlay} {
		if fsys == nil {
			continue
		}
		file := "labels/" + l.Name + ".yaml"
		where := [...]string{"themes/default/", "themes/" + name + "/"}[i] + file
		src, err := folder.Read(fsys, file, maxTemplate)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			diags = append(diags, diag.Errorf(diag.Pos{Path: where}, "theme/labels", "界面的文字读不出来：%v。要一行一条，写作“原文: 译文”。", reason(err)))
		} else if err := yaml.Unmarshal(src, &texts); err != nil {
			diags = append(diags, malformed(where, "theme/labels", "界面的文字读不出来：%s。要一行一条，写作“原文: 译文”。", src, err))
		}
		found = true
	}
	if !found {
		diags = append(diags, diag.Errorf(l.Pos, "theme/labels", "主题里没有 labels/%s.yaml，不知道界面用什么文字。自带的有 en；别的语言照它写一份，放进 themes/%s/labels/。", l.Name, name))
	}
	return texts, diags
}

var (
	actions = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	spoken  = regexp.MustCompile(`[\x{4E00}-\x{9FFF}，。：、？！“”（）·；]+`)
)

// translated puts labels in the place of the texts of a template, outside of its actions. A text is a run of Chinese characters and
// punctuation; one without a label stays.
func translated(template string, labels map[string]string) string {
	if len(labels) == 0 {
		return template
	}
	var b strings.Builder
	say := func(markup string) {
		b.WriteString(spoken.ReplaceAllStringFunc(markup, func(text string) string {
			if label, ok := labels[text]; ok {
				return strings.ReplaceAll(html.EscapeString(label), "{", "&#123;") // no action begins in a label, nor with its last character
			}
			return text
		}))
	}
	at := 0
	for _, span := range actions.FindAllStringIndex(template, -1) {
		say(template[at:span[0]])
		b.WriteString(template[span[0]:span[1]])
		at = span[1]
	}
	say(template[at:])
	return b.String()
}

// Labelled reports whether the interface is in another language than the templates.
func (t *Theme) Labelled() bool { return len(t.labels) > 0 }

// Label is a text of the interface in its language; one that is not known stays. A label with {} in it is for all texts that have something in those
// places: “按{}浏览: Browse by {}”; what stands there is put through the labels too.
func (t *Theme) Label(text string) string {
	if label, ok := t.labels[text]; ok {
		return label
	}
	for _, s := range t.sentences {
		if said, ok := s.said(t, text); ok {
			return said
		}
	}
	if parts := strings.Split(text, "、"); len(parts) > 1 { // a list of labels
		for i, part := range parts {
			label, ok := t.labels[part]
			if !ok {
				return text
			}
			parts[i] = label
		}
		return strings.Join(parts, ", ")
	}
	return text
}

// sentence is a label with places for values.
type sentence struct {
	parts []string // of the text, around its places
	label []string // the same of what is said instead
}

// sentences are those among labels, the one with the most text first.
func sentences(labels map[string]string) (all []sentence) {
	for _, text := range slices.Sorted(maps.Keys(labels)) {
		s := sentence{strings.Split(text, "{}"), strings.Split(labels[text], "{}")}
		if len(s.parts) > 1 && len(s.parts) == len(s.label) {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b sentence) int { return len(strings.Join(b.parts, "")) - len(strings.Join(a.parts, "")) })
	return all
}

func (s *sentence) said(t *Theme, text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, s.parts[0])
	if !ok {
		return "", false
	}
	said := s.label[0]
	for i, part := range s.parts[1:] {
		at := strings.Index(rest, part)
		if last := i == len(s.parts)-2; last && part == "" {
			at = len(rest)
		} else if last {
			at = len(rest) - len(part)
			ok = strings.HasSuffix(rest, part)
		}
		if !ok || at < 1 { // nothing stands in the place
			return "", false
		}
		said += t.Label(rest[:at]) + s.label[i+1]
		rest = rest[at+len(part):]
	}
	return said, rest == ""
}

// literal is a text of a script.
var literal = regexp.MustCompile(`'([^'\\\n]*)'`)

// Spoken gives the labels of the texts of scripts, and of further texts, as JSON.
func (t *Theme) Spoken(scripts [][]byte, texts []string) ([]byte, error) {
	said := map[string]string{}
	for _, script := range scripts {
		for _, m := range literal.FindAllSubmatch(script, -1) {
			texts = append(texts, string(m[1]))
		}
	}
	for _, text := range texts {
		if label, ok := t.labels[text]; ok {
			said[text] = label
		}
	}
	return json.Marshal(said) // escapes <, >, &
}
